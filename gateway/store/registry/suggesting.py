"""What could be chosen for a line: the next new serials, or the oldest on the shelf (FIFO)."""

from __future__ import annotations

from gateway.registry.numbering import take
from gateway.store.engine import Transaction
from gateway.store.registry.acting import item_row
from gateway.store.registry.documents import LineRow
from gateway.store.registry.lives import Run, lives_by_key

MOST = 1000
"""Serials in one suggestion."""


def next_serials(t: Transaction, line: LineRow, count: int) -> list[str]:
    """Return the item's next serials that nobody has; none are taken by asking."""
    row = item_row(t, line.item)
    if row.pattern is None or not count:
        return []
    serials, _ = take(
        row.pattern, min(count, MOST),
        lambda keys: lives_by_key(t.execute, line.item, keys).keys(), row.case,
    )  # fmt: skip
    return list(serials)


def oldest_serials(run: Run, line: LineRow, count: int) -> list[str]:
    """Return the serials that came first and are free."""
    rows = run(
        "SELECT serial FROM life WHERE item = ? AND state = 'received' AND held IS NULL "
        "AND label_state <> 'uncertain' ORDER BY id LIMIT ?",
        (line.item, min(count, MOST)),
    )
    return [str(row[0]) for row in rows]
