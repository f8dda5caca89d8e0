"""EPCIS 2.0 out and in: what happened here for other systems, and what happened there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import needs
from gateway.api.changes import Once, Reply, answered
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type
from gateway.api.registry.doing import Asking, doer
from gateway.api.registry.streaming import stream
from gateway.api.showing import Json, answer, dumps
from gateway.errors import InputRefused
from gateway.registry.epcis import Occurrence, export
from gateway.registry.epcis_reading import Reading, read_document
from gateway.store.engine import Transaction, now
from gateway.store.registry.epcis_in import Applying, Asked, Outcome, Preview, apply_all, counted
from gateway.store.registry.exporting import Exporting, Wanted
from gateway.store.registry.names import item_id, place_id

MEDIA = "application/ld+json"
EXPORT = "registry.epcis.jsonld"

MOST_TOLD = 1000
"""Outcomes listed in one answer; ``counts`` counts all."""


def exchange_routes(parts: Parts) -> APIRouter:
    """Return the routes of EPCIS."""
    router = APIRouter(prefix="/v1/registry/epcis", tags=["registry"])
    registry = parts.registry

    @router.get("", dependencies=[needs("read")], summary="What happened, as EPCIS 2.0")
    async def export_events(
        since: Annotated[
            str | None, Query(alias="from", description="First moment or day, as RFC 3339.")
        ] = None,
        until: Annotated[
            str | None, Query(alias="to", description="Last day, or the moment after the last.")
        ] = None,
        item: Annotated[str | None, Query(description="Only events that moved this SKU.")] = None,
    ) -> Response:
        """JSON-LD, sent as it is made. Costs, prices, plans and notes are not in it; what was
        undone comes again with an errorDeclaration."""
        run = parts.database.reader
        wanted = Wanted(
            _moment(since, "from"), _moment(until, "to", end=True),
            None if item is None else item_id(run().execute, item),
        )  # fmt: skip

        def occurrences() -> Iterator[Occurrence]:
            exporting = Exporting(
                lambda query, values: run().execute(query, values), registry.names,
                registry.public_ids, ZoneInfo(parts.zone()),
            )  # fmt: skip
            return exporting.occurrences(wanted)

        return await stream(parts, export(occurrences(), at=now()), MEDIA, EXPORT)

    @router.post("", dependencies=[needs("read")], summary="Take events of another system")
    async def import_events(
        request: Request,
        asking: Asking,
        once: Once,
        dry_run: bool = False,
        partial_: Annotated[
            bool, Query(alias="partial", description="Do what can be done; leave out the rest.")
        ] = False,
        location: Annotated[
            str | None, Query(description="Where things are put that come to no known place.")
        ] = None,
    ) -> Response:
        """An EPCIS 2.0 document as JSON-LD; needs the scope `registry:serial`. Receipts,
        commissionings, shipments, moves, counts, holds and write-offs of known items become events
        here, by our own rules; the answer says of each what became of it. When one is refused
        nothing is done, but with `partial`. Events that were read before are known, not done
        again."""
        known = answered(parts, once)
        if known is not None:
            return known
        who = doer(parts, asking)
        who.must("registry:serial")
        check_json_type(dict(request.scope["headers"]).get(b"content-type"))
        body = await request.body()
        reading = await parts.away(lambda: read_document(body))
        asked = Asked(
            who.by, who.may, registry.rules(),
            None if location is None
            else place_id(parts.database.reader().execute, location),
        )  # fmt: skip
        if dry_run:
            outcomes = await _previewed(parts, reading, asked)
        elif partial_:
            outcomes = await _one_by_one(parts, reading, asked)
        else:

            def whole(t: Transaction) -> Reply:
                if once is not None and (replayed := parts.requests.replay(t, once)) is not None:
                    return Reply(*replayed)
                done = apply_all(t, registry.acting, registry.names, reading.occurrences, asked)
                reply = Reply(200, dumps(_show(reading, done, applied=True)))
                if once is not None:
                    parts.requests.remember(t, once, reply.status, reply.body, now())
                return reply

            return (await parts.database.write(whole)).response()
        return answer(_show(reading, outcomes, applied=not dry_run))

    return router


async def _previewed(parts: Parts, reading: Reading, asked: Asked) -> list[Outcome]:
    registry = parts.registry
    try:
        return await parts.database.write(
            lambda t: apply_all(
                t, registry.acting, registry.names, reading.occurrences, asked, dry=True
            )
        )
    except Preview as preview:  # how a dry run ends: nothing was kept
        return preview.outcomes


async def _one_by_one(parts: Parts, reading: Reading, asked: Asked) -> list[Outcome]:
    registry = parts.registry

    def one(t: Transaction, index: int, occurrence: Occurrence) -> Outcome:
        return Applying(t, registry.acting, registry.names, asked).apply(index, occurrence)

    return [
        await parts.database.write(partial(one, index=index, occurrence=occurrence))
        for index, occurrence in enumerate(reading.occurrences)
    ]


def _show(reading: Reading, outcomes: Sequence[Outcome], *, applied: bool) -> Json:
    return {
        "applied": applied,
        "counts": {**counted(outcomes), "unreadable": len(reading.problems)},
        "items": [_show_outcome(outcome) for outcome in outcomes[:MOST_TOLD]],
        "problems": [
            {"pointer": problem.pointer, "detail": problem.detail}
            for problem in reading.problems[:MOST_TOLD]
        ],
    }


def _show_outcome(outcome: Outcome) -> Json:
    return {
        "index": outcome.index,
        "uid": outcome.uid,
        "status": outcome.status,
        "action": outcome.action,
        "count": outcome.count,
        "events": [f"/v1/registry/events/{seq}" for seq in outcome.events if seq],
        "detail": outcome.detail,
        "items": [
            {"subject": one.subject, "code": one.code, "detail": one.detail}
            for one in outcome.items
        ],
    }


def _moment(text: str | None, key: str, *, end: bool = False) -> int | None:
    """Return a moment in microseconds UTC; of a day its beginning, or its end."""
    if text is None:
        return None
    found: datetime | None = None
    with contextlib.suppress(ValueError, OverflowError):  # refused below
        if len(text) == 10:
            day = date.fromisoformat(text) + timedelta(days=int(end))
            found = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            found = datetime.fromisoformat(text)
    if found is None or found.tzinfo is None:
        raise InputRefused(
            f"{key!r} must be a day, or a moment with its zone, such as 2026-11-22T00:00:00Z; got "
            f"{text[:80]!r}.",
            key=key,
        )
    return (found - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
