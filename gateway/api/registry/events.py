"""The registry's events: what happened, newest first, each with what it moved; and its undoing."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.changes import Once, acting_once, answered
from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown
from gateway.api.registry.actions import MaybeObject
from gateway.api.registry.doing import Asking, doer
from gateway.api.registry.given import text_given
from gateway.api.registry.showing import show_event, show_moved
from gateway.api.registry.wanting import find_document, read_serial_id
from gateway.api.showing import Json, answer, listed, page_of
from gateway.errors import InputRefused
from gateway.registry.lives import UNDO, Action
from gateway.store.engine import Transaction
from gateway.store.registry.history import event, events, moved_by
from gateway.store.registry.names import item_id

Limit = Annotated[int, Query(ge=1, le=500)]
MOST_ROWS = 1000
"""Movements that one answer names; the rest are paged."""


def event_routes(parts: Parts) -> APIRouter:
    """Return the routes of the registry's events."""
    router = APIRouter(prefix="/v1/registry/events", tags=["registry"])
    names = parts.registry.public_ids
    actions = {action.value for action in Action} | {UNDO}

    @router.get("", dependencies=[needs("read")], summary="List what happened, newest first")
    async def list_events(
        action: str = "",
        document: Annotated[str, Query(description="`sales_order/SO-17`, or its number.")] = "",
        item: Annotated[str, Query(description="SKU.")] = "",
        serial: Annotated[str, Query(description="A serial's public id.")] = "",
        after: Annotated[int | None, Query(ge=1)] = None,
        limit: Limit = 50,
    ) -> Response:
        if action and action not in actions:
            raise InputRefused(
                f"There is no action {action[:40]!r}; there are {', '.join(sorted(actions))}.",
                key="action",
            )
        run = parts.database.reader().execute
        found = events(
            run, before=after, limit=limit + 1, action=action,
            document=find_document(run, document) if document else None,
            item=item_id(run, item) if item else None,
            life=read_serial_id(parts, serial) if serial else None,
        )  # fmt: skip
        return answer(page_of(found, limit, show_event, lambda one: one.seq))

    @router.get("/{seq}", dependencies=[needs("read")], summary="One event and what it moved")
    async def get_event(
        seq: int,
        after: Annotated[int | None, Query(ge=0)] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_ROWS)] = 100,
    ) -> Response:
        """`moved` is paged: `next` goes on with it."""
        run = parts.database.reader().execute
        found = event(run, seq)
        rows = moved_by(run, seq, -1 if after is None else after, limit + 1)
        more = rows[limit - 1].n if len(rows) > limit else None
        page = listed([show_moved(row, names) for row in rows[:limit]], more)
        return answer({**show_event(found), "moved": page["items"], "next": page["next"]})

    @router.post("/{seq}/undo", dependencies=[needs("registry:serial")],
                 summary="Take an event back, whole")  # fmt: skip
    async def undo_event(seq: int, body: MaybeObject, asked: Asking, once: Once) -> Response:
        """Only the last step of every serial in it, and for a day (`registry.undo_minutes`); later
        with the right `registry:undo`. The wrong event stays in the record, with a new one that
        says it did not happen."""
        if (known := answered(parts, once)) is not None:
            return known
        refuse_unknown(body, ("reason",), "An undo")
        reason = text_given(body, "reason")
        who = doer(parts, asked)

        def work(t: Transaction) -> Json:
            undone = parts.registry.undo(t, seq, who.by, who.may, reason)
            return {
                "event": undone.event,
                "corrects": undone.corrects,
                "count": len(undone.after),
                "serials": [
                    {"id": names.write("serial", life.id), "serial": life.serial,
                     "state": str(life.state)}
                    for life in undone.after[:MOST_ROWS]
                ],
                "links": {"event": f"/v1/registry/events/{undone.event}"},
            }  # fmt: skip

        return (await parts.database.write(acting_once(parts, once, work))).response()

    return router
