"""Where a lot went, and what went into it: the question of every recall.

    the lot ──up──► what it was built into ──up──► …      down: what it was built of

A serial knows the assembly it went into. Quantities do not; for them everything that a work order
made counts as made of everything that it took, so a recall warns of one piece too many and never of
one too few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from gateway.store.registry.lives import CHUNK, Run, chunks

DEEPEST = 50
"""Assemblies inside assemblies: a machine has some ten."""


class Relative(NamedTuple):
    """A serial or a lot that the lot has to do with."""

    direction: str
    """``itself``, ``up``: it went into this; ``down``: this went into it."""
    level: int
    sku: str
    serial: str | None
    lot: str | None
    quantity: int
    state: str | None
    location: str | None
    customer: str | None
    document: str | None


class _Found(NamedTuple):
    lives: set[int]
    lots: set[int]


_MARKS = ", ".join("?" * CHUNK)
_STANDS = "AND NOT EXISTS (SELECT 1 FROM event c WHERE c.corrects + 0 = e.seq)"
_MEMBERS = "SELECT id FROM life WHERE lot = ? AND state <> 'cancelled' ORDER BY id"
_PARENTS = f"SELECT DISTINCT parent FROM life WHERE id IN ({_MARKS}) AND parent IS NOT NULL"
_CHILDREN = f"SELECT id FROM life WHERE parent IN ({_MARKS})"


def _documents(action: str, column: str) -> str:
    quantity = " AND m.life IS NULL" if column == "lot" else ""
    return (
        "SELECT DISTINCT e.document FROM movement m JOIN event e ON e.seq = m.event "
        f"WHERE m.{column} IN ({_MARKS}){quantity} AND e.action = '{action}' "
        f"AND e.document IS NOT NULL {_STANDS}"
    )


def _moved_by(action: str) -> str:
    return (
        "SELECT DISTINCT m.life, m.lot FROM event e JOIN movement m ON m.event = e.seq "
        f"WHERE e.document IN ({_MARKS}) AND e.action = '{action}' "
        f"AND m.from_state IS NULL {_STANDS}"
        if action == "produce"
        else "SELECT DISTINCT m.life, m.lot FROM event e JOIN movement m ON m.event = e.seq "
        f"WHERE e.document IN ({_MARKS}) AND e.action = '{action}' AND m.life IS NULL {_STANDS}"
    )


_CONSUMED_WITHOUT_PARENT = (
    "SELECT DISTINCT u.id FROM event e JOIN movement m ON m.event = e.seq "
    f"JOIN life u ON u.id = m.life WHERE e.document IN ({_MARKS}) AND e.action = 'consume' "
    f"AND u.parent IS NULL AND u.state = 'consumed' {_STANDS}"
)
_LIVES = (
    "SELECT u.id, i.sku, u.serial, o.code, u.state, p.code, c.code FROM life u "
    "JOIN item i ON i.id = u.item LEFT JOIN lot o ON o.id = u.lot "
    "LEFT JOIN place p ON p.id = u.place LEFT JOIN party c ON c.id = u.customer "
    f"WHERE u.id IN ({_MARKS}) ORDER BY u.id"
)
_STOCK = (
    "SELECT i.sku, o.code, s.state, p.code, s.quantity FROM stock s JOIN lot o ON o.id = s.lot "
    "JOIN item i ON i.id = s.item LEFT JOIN place p ON p.id = s.place "
    "WHERE s.lot = ? AND s.serials = 0 AND s.quantity > 0 ORDER BY s.state, p.code"
)
_GONE = (
    "SELECT i.sku, o.code, m.to_state, c.code, d.type || ' ' || d.number, sum(m.quantity) "
    "FROM movement m JOIN event e ON e.seq = m.event JOIN lot o ON o.id = m.lot "
    "JOIN item i ON i.id = m.item LEFT JOIN document d ON d.id = e.document "
    "LEFT JOIN party c ON c.id = e.party WHERE m.life IS NULL AND m.lot = ? "
    f"AND m.to_state IN ('shipped', 'consumed', 'written_off', 'sent_back') {_STANDS} "
    "AND e.corrects IS NULL GROUP BY i.sku, o.code, m.to_state, c.code, d.type, d.number "
    "ORDER BY m.to_state, d.type, d.number"
)


def genealogy(run: Run, lot: int) -> Iterator[Relative]:
    """Yield the lot's own pieces, then what they went into, then what they were made of."""
    own = _Found({row[0] for row in run(_MEMBERS, (lot,))}, {lot})
    yield from _told(run, "itself", 0, own)
    for direction, step in (("up", _up), ("down", _down)):
        yield from _walk(run, direction, step, own)


def _walk(
    run: Run, direction: str, step: Callable[[Run, _Found], _Found], start: _Found
) -> Iterator[Relative]:
    seen, level, here = _Found(set(start.lives), set(start.lots)), 0, start
    while (here.lives or here.lots) and level < DEEPEST:
        level += 1
        found = step(run, here)
        here = _Found(found.lives - seen.lives, found.lots - seen.lots)
        seen.lives.update(here.lives)
        seen.lots.update(here.lots)
        yield from _told(run, direction, level, here)


def _up(run: Run, here: _Found) -> _Found:
    lives = {row[0] for row in _in(run, _PARENTS, here.lives)}
    documents = {row[0] for row in _in(run, _documents("consume", "lot"), here.lots)}
    return _with_moved(lives, _in(run, _moved_by("produce"), documents))


def _down(run: Run, here: _Found) -> _Found:
    lives = {row[0] for row in _in(run, _CHILDREN, here.lives)}
    made = {row[0] for row in _in(run, _documents("produce", "lot"), here.lots)}
    lives |= {row[0] for row in _in(run, _CONSUMED_WITHOUT_PARENT, made)}
    made |= {row[0] for row in _in(run, _documents("produce", "life"), here.lives)}
    return _with_moved(lives, _in(run, _moved_by("consume"), made))


def _with_moved(lives: set[int], moved: Iterable[Sequence[Any]]) -> _Found:
    found = _Found(lives, set())
    for life, lot in moved:
        if life is not None:
            found.lives.add(life)
        elif lot is not None:
            found.lots.add(lot)
    return found


def _told(run: Run, direction: str, level: int, found: _Found) -> Iterator[Relative]:
    for _, sku, serial, code, state, place, customer in _in(run, _LIVES, found.lives):
        yield Relative(direction, level, sku, serial, code, 1, state, place, customer, None)
    for lot in sorted(found.lots):
        for sku, code, state, place, quantity in run(_STOCK, (lot,)):
            yield Relative(direction, level, sku, None, code, quantity, state, place, None, None)
        for sku, code, state, customer, document, quantity in run(_GONE, (lot,)):
            yield Relative(
                direction, level, sku, None, code, int(quantity), state, None, customer, document
            )


def _in(run: Run, query: str, ids: set[int]) -> Iterator[tuple[Any, ...]]:
    for part in chunks(sorted(ids)):
        yield from run(query, part)
