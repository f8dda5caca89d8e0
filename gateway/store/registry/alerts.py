"""Items that have come down to their reorder point, and whether they are so still.

Each point says whether the stock is at or below it; whoever changes stock keeps that true.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.registry.lives import ON_HAND
from gateway.store.registry.lives import Run

_ON_HAND = f"({', '.join(repr(state.value) for state in sorted(ON_HAND))})"
_LOW = (
    "SELECT r.item, r.place, i.sku, i.name, p.code, r.point, "
    "(SELECT coalesce(sum(s.quantity), 0) FROM stock s WHERE s.item = r.item "
    f"AND s.state IN {_ON_HAND} AND (r.place = 0 OR s.place = r.place)) "
    "FROM reorder r JOIN item i ON i.id = r.item LEFT JOIN place p ON p.id = r.place "
    "WHERE r.below = 1 AND i.active = 1 AND (r.item > ? OR (r.item = ? AND r.place > ?)) "
    "ORDER BY r.item, r.place LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Alert:
    """An item at or below its reorder point."""

    item: int
    place: int
    """0: of all locations together."""
    sku: str
    name: str
    location: str | None
    point: int
    on_hand: int


def low_stock(run: Run, after: tuple[int, int] = (0, -1), limit: int = 100) -> list[Alert]:
    """Return what is to be reordered now, in the order in which the items were made."""
    item, place = after
    return [Alert(*row) for row in run(_LOW, (item, item, place, limit))]
