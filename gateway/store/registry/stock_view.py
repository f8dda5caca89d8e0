"""What there is of each item, from the counters: on hand, on order, committed, free, and where.

    Wanted (items, a place with all inside it, only those to be reordered) ──levels──► Level, …

Nothing is counted here: ``stock`` is kept with every movement, and ``demand`` reads open lines. On
hand is what was received and not yet picked; what is picked, on its way, returned or rejected is
told beside it. Free is what can still be promised: on hand, not held, not committed, never below 0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.registry.lives import ON_HAND, State
from gateway.store.registry.demand import demand
from gateway.store.registry.lives import Run, chunks

By = Literal["", "location", "lot"]

ASIDE = (State.PICKED, State.IN_TRANSIT, State.RETURNED, State.REJECTED)
"""Here and not on hand."""

MARKS_AT_ONCE = 200
"""Items in one statement: a page of the list."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Quantities in base units, by what they are doing."""

    on_hand: int = 0
    held: int = 0
    """Of those on hand, the ones that may not move."""
    committed: int = 0
    """Of those on hand, the pieces chosen for an order."""
    without_serial: int = 0
    """Of those on hand, the ones that have no serial."""
    aside: dict[str, int] = field(default_factory=dict)
    """State -> how many."""

    @property
    def free(self) -> int:
        return max(self.on_hand - self.held - self.committed, 0)


@dataclass(frozen=True, slots=True)
class Spot:
    """What there is of an item at a location, or of one of its lots."""

    name: str | None
    """The location's or the lot's code; None: at no location, of no lot."""
    counted: Counted
    reorder_point: int | None = None
    expires_on: str | None = None
    lot_held: str | None = None

    @property
    def below(self) -> bool:
        return self.reorder_point is not None and self.counted.on_hand <= self.reorder_point


@dataclass(frozen=True, slots=True)
class Level:
    """What there is of an item."""

    item: int
    sku: str
    name: str
    tracking: str
    unit: str
    counted: Counted
    on_order: int | None
    """None where the question was for one location: an order is for none."""
    committed: int
    """Promised to orders and not yet picked, with or without a piece chosen for it."""
    reorder_point: int | None
    spots: tuple[Spot, ...] = ()

    @property
    def available(self) -> int:
        """What can still be promised."""
        return max(self.counted.on_hand - self.counted.held - self.committed, 0)

    @property
    def below(self) -> bool:
        """Whether it has come down to its reorder point."""
        return self.reorder_point is not None and self.counted.on_hand <= self.reorder_point


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items, and in what detail."""

    skus: tuple[str, ...] = ()
    begins: str = ""
    """What their SKU or name begins with."""
    place: int | None = None
    """Only what is at this location."""
    inside: bool = True
    """And at those inside it."""
    below: bool = False
    """Only what has come down to its reorder point."""
    by: By = ""
    after: str = ""
    """SKU behind which the page begins."""
    limit: int = 100


_INSIDE = (
    "WITH RECURSIVE here (id) AS (SELECT id FROM place WHERE id = ? UNION "
    "SELECT p.id FROM place p JOIN here ON p.parent = here.id) "
)
_MARKS = ", ".join("?" * MARKS_AT_ONCE)
_ONE = "WITH here (id) AS (SELECT id FROM place WHERE id = ?) "
_ON_HAND = f"({', '.join(repr(state.value) for state in sorted(ON_HAND))})"
_POINT = (
    "coalesce((SELECT r.point FROM reorder r WHERE r.item = i.id AND r.place = 0), i.reorder_point)"
)
_BELOW = (
    "(SELECT coalesce(sum(s.quantity), 0) FROM stock s WHERE s.item = i.id "
    f"AND s.state IN {_ON_HAND}) <= {_POINT}"
)
_BELOW_HERE = (
    "EXISTS (SELECT 1 FROM reorder r WHERE r.item = i.id AND r.place IN (SELECT id FROM here) "
    "AND (SELECT coalesce(sum(s.quantity), 0) FROM stock s WHERE s.item = i.id "
    f"AND s.place = r.place AND s.state IN {_ON_HAND}) <= r.point)"
)


def levels(run: Run, wanted: Wanted) -> list[Level]:
    """Return the items that are wanted, by SKU, each with what there is of it.

    Kits and what is not stock-tracked have no stock, so they are not listed.
    """
    here, here_values = _here(wanted)
    rows = list(_items(run, wanted, here, here_values))
    if not rows:
        return []
    ids = [row[0] for row in rows]
    counted, spots = _counted(run, wanted, ids, here, here_values)
    asked = {} if here else demand(run, ids)
    found = []
    for item, sku, name, tracking, unit, point in rows:
        have = counted.get(item, Counted())
        found.append(
            Level(
                item, sku, name, tracking, unit, have,
                None if here else asked[item].on_order,
                have.committed if here else asked[item].committed,
                None if here else point, tuple(spots.get(item, ())),
            )
        )  # fmt: skip
    return found


def _here(wanted: Wanted) -> tuple[str, list[object]]:
    if wanted.place is None:
        return "", []
    return (_INSIDE if wanted.inside else _ONE), [wanted.place]


def _items(run: Run, wanted: Wanted, here: str, here_values: list[object]) -> list[tuple[Any, ...]]:
    conditions = ["i.stock_tracked = 1", "i.kind IN ('stock', 'assembly')"]
    values: list[object] = list(here_values)
    if wanted.after:
        conditions.append("lower(i.sku) > lower(?)")
        values.append(wanted.after)
    if wanted.skus:
        conditions.append(f"lower(i.sku) IN ({', '.join(['lower(?)'] * len(wanted.skus))})")
        values += wanted.skus
    if wanted.begins:
        begins = re.sub(r"([!%_])", r"!\1", wanted.begins) + "%"
        conditions.append(
            "(lower(i.sku) LIKE lower(?) ESCAPE '!' OR lower(i.name) LIKE lower(?) ESCAPE '!')"
        )
        values += [begins, begins]
    if wanted.below:
        conditions.append(_BELOW_HERE if here else _BELOW)
    elif here:
        conditions.append(
            "i.id IN (SELECT s.item FROM stock s WHERE s.quantity > 0 "
            "AND s.place IN (SELECT id FROM here))"
        )
    query = (
        f"{here}SELECT i.id, i.sku, i.name, i.tracking, i.base_uom, {_POINT} FROM item i "
        f"WHERE {' AND '.join(conditions)} ORDER BY lower(i.sku) LIMIT ?"
    )
    return list(run(query, [*values, wanted.limit]))


def _counted(
    run: Run, wanted: Wanted, ids: Sequence[int], here: str, here_values: list[object]
) -> tuple[dict[int, Counted], dict[int, list[Spot]]]:
    only = " AND s.place IN (SELECT id FROM here)" if here else ""
    if not wanted.by:
        return _totals(run, ids, here, only, here_values), {}
    spot = "s.place" if wanted.by == "location" else "s.lot"
    query = (
        f"{here}SELECT s.item, {spot}, s.state, s.held, s.serials, sum(s.quantity) FROM stock s "
        f"WHERE s.item IN ({_MARKS}) AND s.quantity > 0{only} GROUP BY 1, 2, 3, 4, 5"
    )
    heaps: dict[int, dict[int, list[tuple[str, int, int, int]]]] = {}
    for part in chunks(ids, MARKS_AT_ONCE):
        for item, at, *row in run(query, [*here_values, *part]):
            state, held, serials, quantity = row
            heap = heaps.setdefault(item, {}).setdefault(at, [])
            heap.append((state, held, serials, int(quantity)))
    totals = {
        item: _sum([row for rows in by_spot.values() for row in rows])
        for item, by_spot in heaps.items()
    }
    spots = _spots(run, wanted.by, heaps)
    return totals, spots


_SUMS = (
    f"sum(CASE WHEN s.state IN {_ON_HAND} THEN s.quantity ELSE 0 END), "
    f"sum(CASE WHEN s.held = 1 AND s.state IN {_ON_HAND} THEN s.quantity ELSE 0 END), "
    "sum(CASE WHEN s.held = 0 AND s.state = 'committed' THEN s.quantity ELSE 0 END), "
    f"sum(CASE WHEN s.serials = 0 AND s.state IN {_ON_HAND} THEN s.quantity ELSE 0 END), "
    + ", ".join(
        f"sum(CASE WHEN s.state = '{state.value}' THEN s.quantity ELSE 0 END)" for state in ASIDE
    )
)


def _totals(
    run: Run, ids: Sequence[int], here: str, only: str, here_values: list[object]
) -> dict[int, Counted]:
    """Return what there is of items in all, added up by the database."""
    query = (
        f"{here}SELECT s.item, {_SUMS} FROM stock s WHERE s.item IN ({_MARKS}) "
        f"AND s.quantity > 0{only} GROUP BY s.item"
    )
    found = {}
    for part in chunks(ids, MARKS_AT_ONCE):
        for item, on_hand, held, committed, bare, *aside in run(query, [*here_values, *part]):
            states = {
                state.value: int(count) for state, count in zip(ASIDE, aside, strict=True) if count
            }
            found[item] = Counted(int(on_hand), int(held), int(committed), int(bare), states)
    return found


def _sum(rows: Sequence[tuple[str, int, int, int]]) -> Counted:
    on_hand = held = committed = bare = 0
    aside: dict[str, int] = {}
    for state, is_held, serials, quantity in rows:
        if state not in ON_HAND:
            aside[state] = aside.get(state, 0) + quantity
            continue
        on_hand += quantity
        if is_held:
            held += quantity
        elif state == State.COMMITTED:
            committed += quantity
        if not serials:
            bare += quantity
    return Counted(on_hand, held, committed, bare, aside)


_PLACES = "SELECT id, code FROM place WHERE id IN ({marks})"
_LOTS = "SELECT id, code, expires_on, held FROM lot WHERE id IN ({marks})"
_POINTS = "SELECT item, place, point FROM reorder WHERE place > 0 AND item IN ({marks})"


def _spots(
    run: Run, by: By, heaps: dict[int, dict[int, list[tuple[str, int, int, int]]]]
) -> dict[int, list[Spot]]:
    ids = sorted({at for by_spot in heaps.values() for at in by_spot if at})
    named = {row[0]: row[1:] for row in _in(run, _PLACES if by == "location" else _LOTS, ids)}
    points: dict[tuple[int, int], int] = {}
    if by == "location":
        points = {(row[0], row[1]): row[2] for row in _in(run, _POINTS, sorted(heaps))}
    spots: dict[int, list[Spot]] = {}
    for item, by_spot in heaps.items():
        for at, rows in by_spot.items():
            words = named.get(at, (None,))
            more = words[1:] if by == "lot" and at else (None, None)
            spots.setdefault(item, []).append(
                Spot(words[0], _sum(rows), points.get((item, at)), *more)
            )
        spots[item].sort(key=lambda one: (one.name is None, (one.name or "").lower()))
    return spots


def _in(run: Run, query: str, ids: Sequence[int]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    marked = query.format(marks=", ".join("?" * MARKS_AT_ONCE))
    return [row for part in chunks(ids, MARKS_AT_ONCE) for row in run(marked, part)]
