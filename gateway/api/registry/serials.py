"""Serials: lists of them, one of them, what happened to it, what is in it, what a code means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject, Once, acting_once, answered
from gateway.api.etags import IfMatch, etag, seen, version_of
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown
from gateway.api.registry.doing import Asking, doer
from gateway.api.registry.given import fields_given, text_given
from gateway.api.registry.showing import show_candidate, show_serial, show_step
from gateway.api.registry.wanting import (
    read_limit,
    read_place,
    read_serial_id,
    read_wanted,
    write_place,
)
from gateway.api.showing import Json, answer, listed
from gateway.registry.lives import Action
from gateway.registry.refusals import Offence, RegistryRefused
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.advising import similar
from gateway.store.registry.history import event, history_of
from gateway.store.registry.lives import lives_by_id
from gateway.store.registry.names import item_id, party_id, place_id
from gateway.store.registry.recall import Piece, assemblies_of, parts_of
from gateway.store.registry.resolving import Candidate, Kind, resolve_exact
from gateway.store.registry.searching import find_serials
from gateway.store.registry.serials import (
    SerialRow,
    aliases_of,
    other_lives,
    serial_by_id,
    serials_by_id,
)

FILTERS = """Filters, all of which must hold: `item`, `state` (several with commas), `location`
(with `inside=1` also what is inside it), `customer`, `supplier`, `lot` (with `item`, or its id),
`document` (`sales_order/SO-17` or its number), `parent`, `held` (1, 0 or a reason), `label`,
`received_from`, `received_to`, `shipped_from`, `shipped_to` (days of the site, or moments),
`warranty_before`, `serial` (exactly), `prefix`, `field.<key>` (a searchable custom field),
`show=on_hand|all`, `locations=active|all` or the code of one, active or not.
`order=oldest|newest`: serials that are asked for by `serial` or `prefix` come A to Z in any case. A
page may hold fewer than `limit` and still have a `next`: then few of many fit."""


def serial_routes(parts: Parts) -> APIRouter:
    """Return the routes that read serials, and the one that edits what people write about them."""
    router = APIRouter(tags=["serials"])
    names = parts.registry.public_ids

    def shown(row: SerialRow) -> Json:
        return show_serial(row, names, parts.registry.rules())

    async def page(
        query: Mapping[str, str], given: Mapping[str, int] | None = None, *, on_hand: bool = False
    ) -> Response:
        def look() -> Json:
            run = parts.database.reader().execute
            wanted = read_wanted(parts, run, query, given, on_hand=on_hand)
            limit = read_limit(query)
            found = find_serials(run, wanted, read_place(query.get("after")), limit)
            rows = serials_by_id(run, found.lives) if found.lives else []
            return listed([shown(row) for row in rows], write_place(found.next))

        return answer(await parts.away(look))

    @router.get(
        "/v1/serials", dependencies=[needs("read")], description=FILTERS,
        summary="List serials",
    )  # fmt: skip
    async def list_serials(request: Request) -> Response:
        return await page(request.query_params)

    @router.get(
        "/v1/items/{sku}/serials", dependencies=[needs("read")], description=FILTERS,
        summary="An item's serials: on hand, unless asked otherwise",
    )  # fmt: skip
    async def list_serials_of_item(sku: str, request: Request) -> Response:
        item = item_id(parts.database.reader().execute, sku)
        return await page(request.query_params, {"item": item}, on_hand=True)

    @router.get(
        "/v1/parties/{code}/serials", dependencies=[needs("read")], description=FILTERS,
        summary="Serials a customer has, or that came from a supplier",
    )  # fmt: skip
    async def list_serials_of_party(code: str, request: Request) -> Response:
        """Of a party that is both, those it bought; `?as=supplier` for those it delivered."""
        query = dict(request.query_params)
        run = parts.database.reader().execute
        party = party_id(run, code)
        kind = parts.database.read("SELECT kind FROM party WHERE id = ?", (party,))[0][0]
        standard = "supplier" if kind == "supplier" else "customer"
        side = "supplier" if query.pop("as", standard) == "supplier" else "customer"
        return await page(query, {side: party})

    @router.get(
        "/v1/locations/{code}/serials", dependencies=[needs("read")], description=FILTERS,
        summary="Serials at a location",
    )  # fmt: skip
    async def list_serials_at_location(code: str, request: Request) -> Response:
        place = place_id(parts.database.reader().execute, code)
        return await page(request.query_params, {"place": place})

    @router.get("/v1/serials/{id}", dependencies=[needs("read")], summary="One serial")
    async def get_serial(id: str) -> Response:
        """`id` is its public id, with or without `GW-`. Another life of the same serial has
        another id; `lives` names them."""
        run = parts.database.reader().execute
        row = serial_by_id(run, read_serial_id(parts, id), id)
        lives = [
            {"id": names.write("serial", one.id), "life": one.number, "state": one.state}
            for one in other_lives(run, row)
        ]
        more = {"also_called": aliases_of(run, row.id), "lives": lives}
        return answer({**shown(row), **more}, headers={"etag": etag(row.version)})

    @router.patch(
        "/v1/serials/{id}", dependencies=[needs("registry:serial")],
        summary="Change a serial's memo and custom fields",
    )  # fmt: skip
    async def patch_serial(
        id: str, body: JsonObject, asked: Asking, once: Once, if_match: IfMatch = None
    ) -> Response:
        """`memo`, and `fields` with the values to change; null takes a value away. What was there
        stays in the history."""
        if (known := answered(parts, once)) is not None:
            return known
        refuse_unknown(body, ("memo", "fields"), "A serial's change")
        life = read_serial_id(parts, id)
        version = version_of(f"Serial {id!r}", seen(if_match, None))
        who = doer(parts, asked)
        memo = text_given(body, "memo", most=2000, lines=True) if "memo" in body else None
        target = Target(life=life, attrs=fields_given(body), memo=memo)

        def work(t: Transaction) -> Json:
            row = serial_by_id(t.execute, life, id)
            if version is not None and version != row.version:
                last = event(t.execute, row.event)
                raise RegistryRefused(
                    "stale_version",
                    f"{last.operator or last.actor} changed serial {row.serial} meanwhile: it is "
                    f"version {row.version} by now, not {version}.",
                    serial=row.serial, version=row.version, by=last.operator or last.actor,
                )  # fmt: skip
            parts.registry.perform(t, Act(Action.ANNOTATE, [target]), who.by, who.may)
            return shown(serial_by_id(t.execute, life, id))

        reply = await parts.database.write(acting_once(parts, once, work))
        return reply.response()

    @router.get("/v1/serials/{id}/history", dependencies=[needs("read")],
                summary="What happened to a serial, newest first")  # fmt: skip
    async def get_history(
        id: str,
        after: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        run = parts.database.reader().execute
        life = lives_by_id(run, [read_serial_id(parts, id)])
        if not life:
            raise RegistryRefused("serial_unknown", f"There is no serial {id!r}.", serial=id)
        steps = [
            step for step in history_of(run, next(iter(life.values())))
            if after is None or step.event.seq < after
        ]  # fmt: skip
        more = steps[limit - 1].event.seq if len(steps) > limit else None
        return answer(listed([show_step(step, names) for step in steps[:limit]], more))

    def tree(pieces: list[Piece]) -> Response:
        rows = {row.id: row for row in serials_by_id(
            parts.database.reader().execute, [piece.life for piece in pieces]
        )} if pieces else {}  # fmt: skip
        items = [
            {"depth": piece.depth, **shown(rows[piece.life])}
            for piece in pieces
            if piece.life in rows
        ]
        return answer(listed(items))

    @router.get("/v1/serials/{id}/parts", dependencies=[needs("read")],
                summary="What went into an assembly, and into that")  # fmt: skip
    async def get_parts(id: str) -> Response:
        """Nearest first; `depth` 1 went into this one itself, `parent` says into which."""
        run = parts.database.reader().execute
        row = serial_by_id(run, read_serial_id(parts, id), id)
        return tree(parts_of(run, row.id))

    @router.get("/v1/serials/{id}/assembly", dependencies=[needs("read")],
                summary="What a serial went into, up to the product that left")  # fmt: skip
    async def get_assembly(id: str) -> Response:
        run = parts.database.reader().execute
        row = serial_by_id(run, read_serial_id(parts, id), id)
        return tree(assemblies_of(run, row.id))

    @router.get("/v1/resolve", dependencies=[needs("read")], summary="What a code means")
    async def resolve(
        code: Annotated[str, Query(min_length=1, max_length=500)],
        item: str | None = None,
        kind: Kind | None = None,
        all: Annotated[bool, Query(description="List everything it may mean.")] = False,
    ) -> Response:
        """A serial, an earlier name of one, a code of ours (`GW-…`), an SKU, a GTIN or another
        barcode, a document, a location, a customer: exactly, and never by a part of it. Several
        are refused as `code_ambiguous` with all of them; `item` says of which item it is, `kind`
        what it is."""
        run = parts.database.reader().execute
        found = resolve_exact(run, names, code)
        if item is not None:
            found = [one for one in found if (one.sku or "").lower() == item.lower()]
        if kind is not None:
            found = [one for one in found if one.kind == kind]
        if all:
            return answer(listed([show_candidate(one, names) for one in found]))
        return answer(show_candidate(_only(code, found, lambda: similar(run, code)), names))

    return router


def _only(code: str, found: list[Candidate], near: Callable[[], list[str]]) -> Candidate:
    """Return the one thing that a code means.

    Raises:
        RegistryRefused: it means nothing, or several things.
    """
    said = repr(code[:80])
    if not found:
        alike = near()
        hint = f"; did you mean {' or '.join(alike)}?" if alike else "."
        raise RegistryRefused(
            "code_unknown", f"Nothing here is called {said}{hint}", asked=code[:80], similar=alike
        )
    if len(found) == 1:
        return found[0]
    several = [
        Offence(
            one.name, "code_ambiguous",
            f"{one.kind.capitalize()} {one.name}" + (f" of {one.sku}" if one.sku else ""),
            {"kind": one.kind, "item": one.sku, "state": one.state, "location": one.location},
        )
        for one in found
    ]  # fmt: skip
    named = ", ".join(one.detail for one in several[:4])
    raise RegistryRefused(
        "code_ambiguous", f"{said} means {len(found)} things: {named}.", several,
        asked=code[:80], candidates=len(found),
    )  # fmt: skip
