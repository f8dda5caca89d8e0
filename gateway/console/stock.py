"""Stock: of each item what is on hand, on order, committed and available, and what runs low."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from fastapi import APIRouter, Request, Response

from gateway.api.access import needs
from gateway.console.asking import Asked, at
from gateway.console.frame import Frame
from gateway.console.listing import Cell, Column, Filter, Listing, Row, show

FEW = 8
"""Items that have run low, named above the list; the rest is one touch away."""


def _spots(row: Row, by: str) -> Cell:
    """Return where it is, or in which lots, with how many."""
    parts = [
        f"{spot[by] or '–'}: {spot['on_hand']}" for spot in row.get(f"{by}s", ()) if spot["on_hand"]
    ]
    return Cell(" · ".join(parts))


def _point(row: Row) -> Cell:
    if row["reorder_point"] is None:
        return Cell("")
    if row["below"]:
        return Cell("Reorder", tone="look", kind="word", detail=f"≤ {row['reorder_point']}")
    return Cell(str(row["reorder_point"]))


STOCK = Listing(
    name="stock",
    title="Stock",
    path="/stock",
    api="/v1/stock",
    key=lambda row: str(row["item"]),
    columns=(
        Column(
            "Item",
            lambda row: Cell(
                row["item"], to=at("/items/{}/stock", row["item"]), detail=row["name"]
            ),
        ),
        Column("On hand", lambda row: row["on_hand"], figure=True),
        Column("On order", lambda row: row["on_order"], figure=True),
        Column("Committed", lambda row: row["committed"], figure=True),
        Column("Available", lambda row: row["available"], figure=True),
        Column("Held", lambda row: row["held"] or "", figure=True),
        Column("Unit", lambda row: row["unit"]),
        Column("Reorder point", _point),
    ),
    filters=(
        Filter("q", "SKU or name begins with"),
        Filter("location", "At the location, and inside it"),
        Filter("by", "Tell apart by", (("location", "Location"), ("lot", "Lot"))),
        Filter("below", "Only what is to be reordered", kind="flag"),
    ),
    empty="No item's stock is counted yet. Make an item first.",
    next_act=(("Make an item", "/items#make"), ("Bring in a list", "/import")),
)

STOCK_BY = {
    by: replace(
        STOCK,
        name=f"stock-by-{by}",
        columns=(
            *STOCK.columns,
            Column(title, partial(_spots, by=by)),
        ),
    )
    for by, title in (("location", "Where"), ("lot", "In which lots"))
}
"""The same list with another column; its filters stand in the same addresses."""


def stock_pages(frame: Frame) -> APIRouter:
    """Return the routes of the page."""
    router = frame.router()
    for listing in (STOCK, *STOCK_BY.values()):
        frame.listings[listing.name] = listing

    @router.get("/stock", dependencies=[needs("read")])
    async def get_stock(request: Request, api: Asked) -> Response:
        query = request.query_params
        listing = STOCK_BY.get(query.get("by", ""), STOCK)
        shown = await show(api, listing, query)
        low: list[Row] = []
        if not query.get("after"):
            low = (await api.get("/v1/stock/alerts", limit=FEW + 1))["items"]
        return frame.page(request, "stock.html", shown=shown, low=low, few=FEW)

    return router
