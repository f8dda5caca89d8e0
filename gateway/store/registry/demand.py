"""What orders ask of the stock: how much is to come, and how much is promised away.

    open purchase orders ──► on order         open orders, shipments, builds ──► committed

On order is what open purchase orders still wait for. Committed is what is kept for somebody and not
yet picked: of an order's line the larger of what was reserved by quantity and what was chosen by
serial or lot, so that choosing the serials later takes nothing twice. What was picked is no longer
on hand, so it is not committed either; available is on hand less committed, and never below 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.store.registry.lives import Run, chunks

CHUNK = 200
"""Items in one statement."""


class Demand(NamedTuple):
    """What orders ask of one item, in base units."""

    on_order: int = 0
    committed: int = 0


NOTHING = Demand()

_MARKS = ", ".join("?" * CHUNK)
# A draft reserves nothing yet; serials chosen on it are committed all the same.
_KEPT = (
    "CASE WHEN d.status <> 'draft' AND l.reserved - l.picked - l.done > l.committed "
    "THEN l.reserved - l.picked - l.done ELSE l.committed END"
)
_COMING = (
    "CASE WHEN d.type = 'purchase_order' AND d.status <> 'draft' AND l.quantity > l.done "
    "THEN l.quantity - l.done ELSE 0 END"
)
_DEMAND = (
    f"SELECT l.item, sum({_COMING}), sum({_KEPT}) "
    "FROM document_line l JOIN document d ON d.id = l.document "
    "WHERE l.open = 1 AND l.item IN ({marks}) GROUP BY l.item"
)
_OF_MANY, _OF_ONE = _DEMAND.format(marks=_MARKS), _DEMAND.format(marks="?")
_KEPT_FOR = (
    f"SELECT {_KEPT} FROM document_line l JOIN document d ON d.id = l.document WHERE l.id = ?"
)
_FREE = (
    "SELECT coalesce(sum(s.quantity), 0) FROM stock s LEFT JOIN lot l ON l.id = s.lot "
    "WHERE s.item = ? AND s.state IN ('received', 'committed') AND s.held = 0 AND l.held IS NULL"
)


def demand(run: Run, items: Sequence[int]) -> dict[int, Demand]:
    """Return what is on order and committed of each item, in base units; all of them are there."""
    found = dict.fromkeys(items, NOTHING)
    if len(items) == 1:
        rows = list(run(_OF_ONE, items))
    else:
        rows = [row for part in chunks(sorted(set(items)), CHUNK) for row in run(_OF_MANY, part)]
    for item, on_order, committed in rows:
        found[item] = Demand(int(on_order), int(committed))
    return found


def available(run: Run, item: int) -> int:
    """Return how much of an item nobody has been promised, in base units: on hand, not held."""
    return max(_spare(run, item), 0)


def shortfall(run: Run, item: int) -> int:
    """Return how much of an item is promised beyond what is on hand: lost since, or taken."""
    return max(-_spare(run, item), 0)


def _spare(run: Run, item: int) -> int:
    on_hand = next(int(row[0]) for row in run(_FREE, (item,)))
    return on_hand - demand(run, [item])[item].committed


def kept_for(run: Run, line: int) -> int:
    """Return how much is kept for a line and not yet picked, in base units."""
    return next((int(row[0]) for row in run(_KEPT_FOR, (line,))), 0)
