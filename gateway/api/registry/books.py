"""What the accounts are told: every change of stock with its postings; a mark once they have it."""

from __future__ import annotations

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.changes import Once, act, answered
from gateway.api.parts import Parts
from gateway.api.registry.doing import Asking, doer
from gateway.api.showing import Json, answer, listed, rfc3339
from gateway.registry.journal import Value
from gateway.store.registry.adjustments import (
    Adjustment,
    Part,
    Wanted,
    adjustments,
    mark_synced,
)


def book_routes(parts: Parts) -> APIRouter:
    """Return the routes of what the accounts are told."""
    router = APIRouter(prefix="/v1/registry/adjustments", tags=["registry"])

    @router.get("", dependencies=[needs("read")], summary="What movements mean to the accounts")
    async def list_adjustments(
        after: Annotated[int, Query(ge=0, description="The last number seen: the cursor.")] = 0,
        corrections: Annotated[
            bool, Query(description="Only adjustments and write-offs: no purchases, sales, builds.")
        ] = False,
        unsynced: Annotated[bool, Query(description="Only what nobody has marked.")] = False,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Oldest first. Each has what every item's stock changed by and is worth, in minor units,
        and the postings to its account codes; an undo posts the opposite. Nothing is booked here.
        The report `adjustments` has the same as a table."""
        wanted = Wanted(after, corrections=corrections, unsynced=unsynced)
        run = parts.database.reader
        found = await parts.away(
            lambda: list(islice(adjustments(lambda q, v: run().execute(q, v), wanted), limit + 1))
        )
        more = found[limit - 1].seq if len(found) > limit else None
        return answer(listed([show_adjustment(one) for one in found[:limit]], more))

    @router.post(
        "/{seq}/synced", dependencies=[needs("read")], summary="The accounts have an adjustment"
    )
    async def mark(
        seq: int,
        asked: Asking,
        once: Once,
        through: Annotated[bool, Query(description="And all before it.")] = False,
    ) -> Response:
        """Needs the scope `registry:adjustment`. Marking again changes nothing."""
        known = answered(parts, once)
        if known is not None:
            return known
        who = doer(parts, asked)
        who.must("registry:adjustment")
        return await act(
            parts, once,
            lambda t: {"synced": list(mark_synced(t, seq, who.by.actor, through=through))},
        )  # fmt: skip

    return router


def show_adjustment(one: Adjustment) -> Json:
    """Return what an event means to the accounts."""
    document = None
    if one.document is not None:
        document = {"type": one.document_type, "number": one.document}
    return {
        "seq": one.seq,
        "uid": one.uid,
        "at": rfc3339(one.at),
        "action": one.action,
        "undoes": one.undoes,
        "document": document,
        "party": one.party,
        "reason": one.reason,
        "actor": one.actor,
        "synced_at": None if one.synced_at is None else rfc3339(one.synced_at),
        "lines": [_show_part(part) for part in one.parts],
        "links": {
            "event": f"/v1/registry/events/{one.seq}",
            "synced": f"/v1/registry/adjustments/{one.seq}/synced",
        },
    }


def _show_part(part: Part) -> Json:
    return {
        "item": part.sku,
        "location": part.location,
        "change": part.change,
        "serials": list(part.serials),
        "quantity": part.value.quantity,
        **_show_value(part.value),
        "postings": [
            {
                "role": posting.role,
                "account": posting.account,
                "debit": posting.debit,
                "credit": posting.credit,
                "currency": posting.currency,
            }
            for posting in part.postings
        ],
    }


def _show_value(value: Value) -> Json:
    return {
        name: None if amount is None else {"amount": amount, "currency": currency or ""}
        for name, amount, currency in (
            ("cost", value.cost, value.currency),
            ("price", value.price, value.price_currency),
        )
    }
