"""Recall: where the pieces of a bad lot are now, and inside of what.

?item=&lot=, ?supplier=, ?received_from= … ──GET /v1/recall──► how many where, whose, each
"""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked, Declined
from gateway.console.frame import Frame
from gateway.console.listing import PAGE, Cell, Column, Filter, Row, Shown
from gateway.console.serials import BULK, SERIALS
from gateway.console.state_words import STATES
from gateway.registry.lives import CUSTODY, State

HERE = ",".join(state.value for state in State if state in CUSTODY)
"""States of pieces that can be held: they are here."""

PART_WORDS = ("holds one of them",)


def _part(row: Row) -> Cell:
    return Cell("" if row["found"] else PART_WORDS[0], kind="word")


RECALL = replace(
    SERIALS,
    name="recall",
    title="Recall",
    path="/recall",
    api="/v1/recall",
    columns=(*SERIALS.columns, Column("Why", _part, spare=True)),
    filters=(
        Filter("item", "Item", kind="item"),
        Filter("lot", "Lot"),
        Filter("supplier", "Supplier", kind="party"),
        Filter("received_from", "Received from", kind="date"),
        Filter("received_to", "Received until", kind="date"),
        Filter("serial", "Exactly this serial"),
        Filter("document", "Document"),
    ),
    orders=(),
    bulk=tuple(one for one in BULK if one.name in ("hold", "unhold", "write_off")),
    empty="Which pieces are bad? Name the item and its lot, or the supplier and the days on which "
    "they came: you see where each is now, who has it, and what it was built into.",
    next_act=(),
    further=None,
)  # fmt: skip


def recall_pages(frame: Frame) -> APIRouter:
    """Return the route of the page."""
    router = frame.router()
    frame.listings[RECALL.name] = RECALL

    @router.get("/recall", dependencies=[needs("read")])
    async def get_recall(request: Request, api: Asked) -> Response:
        """Everything that fits the filters, and every assembly that holds one of them."""
        query = request.query_params
        asked = {one.name: query.get(one.name, "").strip() for one in RECALL.filters}
        given = {name: value for name, value in asked.items() if value}
        found = None
        refusal = ""
        if given:
            try:
                found = await api.get(
                    "/v1/recall", given, after=query.get("after", ""), limit=PAGE
                )  # fmt: skip
            except Declined as declined:
                if declined.status not in (404, 422):
                    raise
                refusal = declined.sentence
        bulk = tuple(one for one in RECALL.bulk if api.may(one.scope))
        shown = Shown(
            replace(RECALL, bulk=bulk), [] if found is None else found["items"],
            "" if found is None else found["next"] or "", asked=asked, refusal=refusal,
            choices={one.name: () for one in RECALL.filters}
            | {f"{bulk.name}.{ask.name}": () for bulk in RECALL.bulk for ask in bulk.asks},
        )  # fmt: skip
        return frame.page(
            request, "recall.html", shown=shown, which=given, states=STATES, those_here=HERE,
            summary=None if found is None else found["summary"],
        )  # fmt: skip

    return router
