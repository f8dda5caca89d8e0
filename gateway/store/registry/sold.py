"""What was sold and invoiced before, line by line, with the serials or batches that it was.

A line of a sales order has what was chosen on it and what its shipments sent; a line of an invoice
has what was chosen on it, or else what the line has that it invoices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.store.registry.lives import Run, chunks

STRETCH = 200
"""Lines of one statement."""


class Sold(NamedTuple):
    """One serial or batch on a line, or what of a line has none."""

    at: int
    """When the document was made, in microseconds UTC."""
    document: str
    status: str
    customer: str | None
    sku: str
    name: str
    quantity: int
    serial_or_batch: str | None
    price: int | None
    currency: str | None


class _Line(NamedTuple):
    id: int
    source: int | None
    at: int
    document: str
    status: str
    customer: str | None
    sku: str
    name: str
    quantity: int
    price: int | None
    currency: str | None


_LINES = (
    "SELECT l.id, l.source_line, d.created_at, d.number, d.status, c.code, i.sku, i.name, "
    "l.quantity, l.price, nullif(l.currency, '') FROM document_line l "
    "JOIN document d ON d.id = l.document JOIN item i ON i.id = l.item "
    "LEFT JOIN party c ON c.id = d.party WHERE l.id > ? AND d.type = ? AND d.status <> 'cancelled' "
    # A kit is sold as its members, which have lines of their own.
    "AND NOT EXISTS (SELECT 1 FROM document_line k WHERE k.kit_line = l.id AND k.id <> l.id){more} "
    "ORDER BY l.id LIMIT ?"
)
_MARKS = ", ".join("?" * STRETCH)
_SENT = (
    "SELECT l.id, l.source_line FROM document_line l JOIN document d ON d.id = l.document "
    f"WHERE l.source_line IN ({_MARKS}) AND d.type = 'shipment'"
)
_SERIALS = (
    "SELECT DISTINCT r.line, u.id, u.serial FROM line_life r JOIN life u ON u.id = r.life "
    f"WHERE r.line IN ({_MARKS}) AND r.role IN ('wanted', 'committed', 'picked', 'done') "
    "ORDER BY r.line, u.id"
)
_LOTS = (
    "SELECT q.line, o.code, sum(q.quantity) FROM line_lot q LEFT JOIN lot o ON o.id = q.lot "
    f"WHERE q.line IN ({_MARKS}) AND q.role IN ('wanted', 'committed', 'picked', 'done') "
    "GROUP BY q.line, o.code ORDER BY q.line, o.code"
)


def sold(
    run: Run,
    kind: str,
    customer: int | None = None,
    item: int | None = None,
    since: int | None = None,
    until: int | None = None,
) -> Iterator[Sold]:
    """Yield what stands on the documents of a kind: ``sales_order`` or ``invoice``."""
    more, values = "", list[object]()
    for condition, value in (
        (" AND d.party = ?", customer), (" AND l.item = ?", item),
        (" AND d.created_at >= ?", since), (" AND d.created_at < ?", until),
    ):  # fmt: skip
        if value is not None:
            more += condition
            values.append(value)
    query = _LINES.format(more=more)
    after = 0
    while True:
        lines = [_Line(*row) for row in run(query, (after, kind, *values, STRETCH))]
        chosen = _chosen(run, [line.id for line in lines], shipments=kind == "sales_order")
        bare = [line for line in lines if not chosen.get(line.id) and line.source is not None]
        invoiced = _chosen(run, [line.source for line in bare if line.source], shipments=True)
        for line in lines:
            found = chosen.get(line.id) or invoiced.get(line.source or 0) or {}
            yield from _told(line, found)
        if len(lines) < STRETCH:
            return
        after = lines[-1].id


def _told(line: _Line, found: dict[str, int]) -> Iterator[Sold]:
    left = line.quantity
    for text, quantity in found.items():
        left -= quantity
        yield Sold(*line[2:8], quantity, text, *line[9:])
    if left > 0 or not found:
        yield Sold(*line[2:8], max(left, 0), None, *line[9:])


def _chosen(run: Run, lines: Sequence[int], *, shipments: bool) -> dict[int, dict[str, int]]:
    """Return, for each line, its serials and batches and how much of each."""
    whose = {line: line for line in lines}
    if shipments:
        for part in chunks(list(lines), STRETCH):
            whose |= dict(run(_SENT, part))
    found: dict[int, dict[str, int]] = {}
    seen: set[tuple[int, int]] = set()
    for part in chunks(sorted(whose), STRETCH):
        for line, life, serial in run(_SERIALS, part):
            if (whose[line], life) not in seen:
                seen.add((whose[line], life))
                heap = found.setdefault(whose[line], {})
                heap[serial] = heap.get(serial, 0) + 1
        for line, lot, quantity in run(_LOTS, part):
            if lot is not None:
                heap = found.setdefault(whose[line], {})
                heap[lot] = heap.get(lot, 0) + int(quantity)
    return found
