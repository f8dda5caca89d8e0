"""How much of each item is where, and doing what: counters that move with every event.

``verify`` derives them from the movements again, and nothing but these functions writes them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple

from gateway.registry.lives import CUSTODY, Life, State
from gateway.store.engine import Transaction


class Shelf(NamedTuple):
    """A row of the table ``stock``."""

    item: int
    place: int
    """0: nowhere."""
    lot: int
    """0: none."""
    state: str
    held: int
    serials: int
    """1: pieces with a serial each; 0: a quantity."""


_CHANGE = (
    "INSERT INTO stock (item, place, lot, state, held, serials, quantity) "
    "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (item, place, lot, state, held, serials) "
    "DO UPDATE SET quantity = stock.quantity + excluded.quantity"
)
_TAKE = (
    "UPDATE stock SET quantity = quantity - ? WHERE item = ? AND place = ? AND lot = ? "
    "AND state = ? AND held = ? AND serials = ? AND quantity >= ?"
)


_COUNTING = ("item", "state", "place", "lot", "held", "label_state")
_counting = itemgetter(*(Life._fields.index(name) for name in _COUNTING))


def _shelf(
    item: int, state: State | None, place: int | None, lot: int | None, held: str | None, label: str
) -> Shelf | None:
    """Return where such a life counts; None when it is not in custody."""
    if state not in CUSTODY:
        return None
    stays = int(held is not None or label == "uncertain")
    return Shelf(item, place or 0, lot or 0, str(state), stays, 1)


def moved(pairs: Iterable[tuple[Life, Life]]) -> Counter[Shelf]:
    """Return by how much each shelf changes when lives go from what they were to what they are."""
    change: Counter[Shelf] = Counter()
    steps = Counter((_counting(was), _counting(now)) for was, now in pairs)
    for (was, now), count in steps.items():
        before, after = _shelf(*was), _shelf(*now)
        if before == after:
            continue
        if before is not None:
            change[before] -= count
        if after is not None:
            change[after] += count
    return change


def take(t: Transaction, shelf: Shelf, quantity: int) -> bool:
    """Take a quantity from a shelf; False when there is not so much on it."""
    return t.execute(_TAKE, (quantity, *shelf, quantity)).rowcount == 1


def change_stock(t: Transaction, change: Counter[Shelf]) -> None:
    """Write the changes.

    Raises:
        RuleBroken: ``quantity_unavailable``: a shelf would hold less than nothing.
    """
    # What is taken goes by an update: the CHECK of an inserted row would see the difference.
    for shelf, by in sorted(change.items()):
        if by < 0 and not take(t, shelf, -by):
            from gateway.store.constraints import RuleBroken

            raise RuleBroken("quantity_unavailable", f"{shelf} has no {-by}")
    t.executemany(_CHANGE, [(*shelf, by) for shelf, by in sorted(change.items()) if by > 0])
