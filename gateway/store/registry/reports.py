"""The rows of reports, fetched a stretch at a time: ten million need no more memory than ten.

    Report, parameters ──rows_of──► rows of cells, as they come ──► CSV, XLSX, JSON (tables.py)

Each stretch is a statement of its own that goes on behind the last row's key, so nothing is locked
and nobody waits while somebody reads. Money is in major units, with its currency in a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gateway.registry.lives import ON_HAND
from gateway.registry.reports import Report
from gateway.store.registry.adjustments import Wanted as WantedAdjustments
from gateway.store.registry.adjustments import adjustments
from gateway.store.registry.documents import read_document
from gateway.store.registry.lives import Run
from gateway.store.registry.lot_genealogy import genealogy
from gateway.store.registry.names import item_id, lot_id, party_id, place_id
from gateway.store.registry.report_rows import (
    DAY,
    INSIDE,
    Given,
    Query,
    Row,
    between,
    day,
    listed,
    major,
    micros,
    moment,
)
from gateway.store.registry.report_serials import (
    SERIALS,
    by_customer,
    by_field,
    by_item,
    by_location,
    by_state,
    movements,
    services,
    warranties,
)
from gateway.store.registry.sold import sold
from gateway.store.registry.stock_view import Level, Wanted, levels
from gateway.store.registry.stocktakes import differences


def rows_of(
    run: Run, report: Report, given: Given, filters: Mapping[int, str] | None = None
) -> Iterator[Row]:
    """Yield a report's rows; ``filters`` are the texts that columns must contain, folded.

    Raises:
        RegistryRefused: a parameter names what is not there.
    """
    rows = QUERIES[report.id](run, given)
    if not filters:
        return rows
    return (
        row
        for row in rows
        if all(
            wanted in ("" if row[at] is None else str(row[at]).casefold())
            for at, wanted in filters.items()
        )
    )


# ------------------------------------------------------------------------------- money


def _margins_query(run: Run, given: Given, columns: str) -> Query:
    query = Query(("u.item", "u.state", "u.id"), (0, "", 0), columns, SERIALS)
    query.where("u.state = 'shipped'")
    query.where("u.price IS NOT NULL")
    if "item" in given:
        query.where("u.item = ?", item_id(run, given["item"]))
    if "customer" in given:
        query.where("u.customer = ?", party_id(run, given["customer"]))
    if "currency" in given:
        query.where("u.price_currency = ?", given["currency"].upper())
    between(query, given, "u.shipped_at")
    return query


_MARGIN = (
    "i.sku, i.name, u.serial, u.number, c.code, u.shipped_at, u.price, u.price_currency, u.cost, "
    "u.currency"
)


def _margins(run: Run, given: Given) -> Iterator[Row]:
    for row in _margins_query(run, given, _MARGIN).rows(run):
        *head, shipped, price, currency, cost, cost_currency = row
        note, margin = "", None
        if cost is None:
            note = "its cost is not known"
        elif cost_currency != currency:
            note = f"it cost {major(cost, cost_currency)} {cost_currency or ''}".rstrip()
            cost = None
        else:
            margin = price - cost
        yield (
            *head, moment(shipped), major(price, currency), major(cost, currency),
            major(margin, currency), currency, note,
        )  # fmt: skip


def _margins_of_items(run: Run, given: Given) -> Iterator[Row]:
    sums: dict[tuple[str, str], list[int]] = {}
    names: dict[str, str] = {}
    for row in _margins_query(run, given, _MARGIN).rows(run):
        sku, name, *_, price, currency, cost, cost_currency = row
        names[sku] = name
        heap = sums.setdefault((sku, currency or ""), [0, 0, 0, 0, 0])
        heap[0] += 1
        heap[1] += price
        if cost is None or cost_currency != currency:
            heap[4] += 1
        else:
            heap[2] += cost
            heap[3] += price - cost
    for (sku, currency), (count, price, cost, margin, bare) in sums.items():
        yield (
            sku, names[sku], currency, count, major(price, currency), major(cost, currency),
            major(margin, currency), bare,
        )  # fmt: skip


def _adjustments(run: Run, given: Given) -> Iterator[Row]:
    wanted = WantedAdjustments(
        int(given.get("after", "0")),
        micros(day(given["from"])) if "from" in given else None,
        micros(day(given["to"]) + DAY) if "to" in given else None,
        given.get("kind") == "corrections",
        given.get("unsynced") in ("1", "true"),
    )
    for one in adjustments(run, wanted):
        document = f"{one.document_type} {one.document}" if one.document else None
        action = f"undo of {one.undoes}" if one.undoes else one.action
        for part in one.parts:
            for posting in part.postings or (None,):
                posted: Row = (None,) * 5
                if posting is not None:
                    debit, credit = (
                        major(side or None, posting.currency)
                        for side in (posting.debit, posting.credit)
                    )
                    posted = (posting.role, posting.account, debit, credit, posting.currency)
                yield (
                    one.seq, moment(one.at), action, document, one.party, part.sku, part.change,
                    *posted, one.reason, moment(one.synced_at),
                )  # fmt: skip


# ------------------------------------------------------------------------------- stock


def _all_levels(run: Run, given: Given, *, below: bool = False) -> Iterator[Level]:
    skus = (given["item"],) if "item" in given else ()
    if skus:
        item_id(run, skus[0])
    after = ""
    while True:
        found = levels(run, Wanted(skus, below=below, after=after, limit=200))
        yield from found
        if len(found) < 200:
            return
        after = found[-1].sku


def _stock(run: Run, given: Given) -> Iterator[Row]:
    for one in _all_levels(run, given):
        yield (
            one.sku, one.name, one.unit, one.counted.on_hand, one.on_order, one.committed,
            one.available, one.counted.held, one.reorder_point,
        )  # fmt: skip


_BELOW_AT = (
    "SELECT i.sku, i.name, p.code, r.point, (SELECT coalesce(sum(s.quantity), 0) FROM stock s "
    f"WHERE s.item = r.item AND s.place = r.place AND s.state IN ({listed(ON_HAND)})) "
    "FROM reorder r JOIN item i ON i.id = r.item JOIN place p ON p.id = r.place WHERE r.place > 0 "
    "ORDER BY lower(i.sku), lower(p.code)"
)


def _reorder(run: Run, given: Given) -> Iterator[Row]:
    for one in _all_levels(run, given, below=True):
        yield (
            one.sku, one.name, None, one.counted.on_hand, one.reorder_point, one.on_order,
            one.available,
        )  # fmt: skip
    for sku, name, place, point, on_hand in run(_BELOW_AT, ()):
        if on_hand <= point and given.get("item", sku).lower() == sku.lower():
            yield sku, name, place, on_hand, point, None, None


def _stock_by_location(run: Run, given: Given) -> Iterator[Row]:
    query = Query(
        ("s.place", "s.item", "s.lot", "s.state", "s.held", "s.serials"),
        (-1, 0, -1, "", -1, -1),
        "p.code, i.sku, i.name, o.code, s.state, s.held, s.quantity",
        "stock s JOIN item i ON i.id = s.item LEFT JOIN place p ON p.id = s.place "
        "LEFT JOIN lot o ON o.id = s.lot",
    )
    query.where("s.quantity > 0")
    if "location" in given:
        query.before, query.before_values = INSIDE, [place_id(run, given["location"])]
        query.where("s.place IN (SELECT id FROM here)")
    if "item" in given:
        query.where("s.item = ?", item_id(run, given["item"]))
    spot: tuple[Any, ...] | None = None
    counts: dict[str, int] = {}

    def told() -> Row:
        assert spot is not None
        return (*spot, *(counts.get(name, 0) for name in (
            "on_hand", "held", "committed", "picked", "in_transit", "returned", "rejected",
        )))  # fmt: skip

    for *here, state, held, quantity in query.rows(run):
        if spot is not None and tuple(here) != spot:
            yield told()
            counts = {}
        spot = tuple(here)
        names = [state] if state != "received" else []
        if state in ON_HAND:
            names += ["on_hand", "held"] if held else ["on_hand"]
        for name in names:
            counts[name] = counts.get(name, 0) + quantity
    if spot is not None:
        yield told()


# ------------------------------------------------------------------------------- documents


def _sold(kind: str) -> Callable[[Run, Given], Iterator[Row]]:
    def rows(run: Run, given: Given) -> Iterator[Row]:
        customer = party_id(run, given["customer"]) if "customer" in given else None
        item = item_id(run, given["item"]) if "item" in given else None
        since = micros(day(given["from"])) if "from" in given else None
        until = micros(day(given["to"]) + DAY) if "to" in given else None
        for one in sold(run, kind, customer, item, since, until):
            yield (
                moment(one.at), one.document, one.status, one.customer, one.sku, one.name,
                one.quantity, one.serial_or_batch, major(one.price, one.currency), one.currency,
            )  # fmt: skip

    return rows


def _genealogy(run: Run, given: Given) -> Iterator[Row]:
    lot = lot_id(run, item_id(run, given["item"]), given["lot"])
    for one in genealogy(run, lot):
        yield (
            one.direction, one.level, one.sku, one.serial, one.lot, one.quantity, one.state,
            one.location, one.customer, one.document,
        )  # fmt: skip


_COUNTED = (
    "p.code, i.sku, u.serial, o.code, e.action, m.quantity FROM event e "
    "JOIN movement m ON m.event = e.seq JOIN item i ON i.id = m.item "
    "LEFT JOIN life u ON u.id = m.life LEFT JOIN lot o ON o.id = m.lot "
    "LEFT JOIN place p ON p.id = coalesce(m.to_place, m.from_place) "
    "WHERE e.document = ? AND e.action IN ('write_off', 'adjust_in', 'transfer', 'reinstate') "
    "AND NOT EXISTS (SELECT 1 FROM event c WHERE c.corrects + 0 = e.seq) ORDER BY e.seq, m.n"
)
_FOUND = {
    "write_off": (1, 0, "missing", "write_off"),
    "adjust_in": (0, 1, "found", "add"),
    "transfer": (1, 1, "moved", "move"),
    "reinstate": (0, 1, "unexpected", "take_in"),
}
"""What a posted stocktake did: how much of it was expected and counted, and why it did so."""


def _stocktake(run: Run, given: Given) -> Iterator[Row]:
    row = read_document(run, "stocktake", given["stocktake"])
    if row.status == "done":
        for place, sku, serial, lot, action, quantity in run(f"SELECT {_COUNTED}", (row.id,)):
            expected, counted, finding, decision = _FOUND[action]
            expected, counted = expected * quantity, counted * quantity
            yield (
                row.number, place, sku, serial, lot, expected, counted, counted - expected,
                finding, decision,
            )  # fmt: skip
        return
    lots: dict[int, str] = {}
    for one in differences(run, row):
        if one.lot and one.lot not in lots:
            lots |= dict(run("SELECT id, code FROM lot WHERE id = ?", (one.lot,)))
        yield (
            row.number, one.location or None, one.sku, one.serial or None, lots.get(one.lot),
            one.expected, one.counted, one.counted - one.expected, one.kind, one.decision,
        )  # fmt: skip


QUERIES: Mapping[str, Callable[[Run, Given], Iterator[Row]]] = {
    "serials_by_item": by_item,
    "serials_by_customer": by_customer,
    "serials_by_location": by_location,
    "serials_by_state": by_state,
    "serials_by_field": by_field,
    "serial_movements": movements,
    "prior_items_sold": _sold("sales_order"),
    "prior_items_invoiced": _sold("invoice"),
    "warranty_expiring": warranties,
    "service_due": services,
    "margin_by_serial": _margins,
    "margin_by_item": _margins_of_items,
    "stock_levels": _stock,
    "stock_by_location": _stock_by_location,
    "reorder": _reorder,
    "adjustments": _adjustments,
    "lot_genealogy": _genealogy,
    "stocktake_differences": _stocktake,
}
"""Report -> what fetches its rows."""
