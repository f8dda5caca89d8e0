"""What happened: to one serial, newest first, and to all of them, event by event.

movements of a life ──history_of──► Step: who, when, why, from and to, and each field that changed
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gateway.registry.lives import CHANGING, Life
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.lives import Run

_NAMED = {"lot": "lot", "supplier": "party", "customer": "party", "seen_place": "place"}
"""Fields of a life that hold the number of a row, and of which table."""

UNSEEN = frozenset({"key", "line", "role", "label_state"})
"""Of what a movement keeps, what people are not shown: it follows from the rest."""

_UNTOLD = UNSEEN | {"serial"}
_NOTHING = (None, "", "{}")
"""What a field holds that nobody has filled in."""


class Event(NamedTuple):
    """One event, with names."""

    seq: int
    uid: str
    at: int
    recorded_at: int
    action: str
    actor: str
    station: str
    operator: str
    reason: str
    document_type: str | None
    document_number: str | None
    party: str | None
    body: str
    """JSON."""
    movements: int
    corrects: int | None
    corrected_by: int | None
    hash: bytes


class Step(NamedTuple):
    """What an event did to one serial."""

    event: Event
    from_state: str | None
    to_state: str | None
    from_place: str | None
    to_place: str | None
    changed: Mapping[str, tuple[object, object]]
    """Field -> (what it was, what it became)."""


class Moved(NamedTuple):
    """One row of an event: a serial, or a quantity."""

    n: int
    life: int | None
    serial: str | None
    sku: str
    lot: str | None
    quantity: int
    from_state: str | None
    to_state: str | None
    from_place: str | None
    to_place: str | None


_EVENT = (
    "SELECT e.seq, e.uid, e.at, e.recorded_at, e.action, e.actor, e.station, e.operator, "
    "e.reason, d.type, d.number, y.code, e.body, e.movements, e.corrects, k.seq, e.hash"
)
_JOINS = (
    "LEFT JOIN document d ON d.id = e.document LEFT JOIN party y ON y.id = e.party "
    "LEFT JOIN event k ON k.corrects + 0 = e.seq"
)
_WIDTH = len(Event._fields)
_OF_LIFE = (
    f"{_EVENT}, m.from_state, m.to_state, f.code, g.code, m.was FROM movement m "
    f"JOIN event e ON e.seq = m.event {_JOINS} LEFT JOIN place f ON f.id = m.from_place "
    "LEFT JOIN place g ON g.id = m.to_place WHERE m.life = ? ORDER BY m.event DESC"
)
_MOVED = (
    "SELECT m.n, m.life, u.serial, i.sku, o.code, m.quantity, m.from_state, m.to_state, f.code, "
    "g.code FROM movement m JOIN item i ON i.id = m.item LEFT JOIN life u ON u.id = m.life "
    "LEFT JOIN lot o ON o.id = m.lot LEFT JOIN place f ON f.id = m.from_place "
    "LEFT JOIN place g ON g.id = m.to_place WHERE m.event = ? AND m.n > ? ORDER BY m.n LIMIT ?"
)


def history_of(run: Run, life: Life) -> list[Step]:
    """Return all that happened to a life, newest first.

    What a field became is what it was before the next change of it, and at last what it is now.
    """
    now: dict[str, object] = {name: getattr(life, name) for name in CHANGING}
    steps: list[Step] = []
    names = _Names(run)
    for row in run(_OF_LIFE, (life.id,)):
        was: dict[str, Any] = json.loads(row[_WIDTH + 4]) if row[_WIDTH + 4] else {}
        changed: dict[str, tuple[object, object]] = {}
        for name, value in was.items():
            if name in now and name not in UNSEEN:
                changed[name] = (names.of(name, value), names.of(name, now[name]))
            now[name] = value
        if row[_WIDTH] is None:  # here it began, with all that it had
            changed = {
                name: (None, names.of(name, value))
                for name, value in now.items()
                if name not in _UNTOLD and value not in _NOTHING
            }
        states = row[_WIDTH], row[_WIDTH + 1]
        places = row[_WIDTH + 2], row[_WIDTH + 3]
        steps.append(Step(Event._make(row[:_WIDTH]), *states, *places, changed))
    return steps


class _Names:
    """Says numbers of rows by their codes."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: dict[tuple[str, object], object] = {}

    def of(self, name: str, value: object) -> object:
        if name == "attrs":
            return json.loads(str(value))
        if value is None or name not in _NAMED:
            return value
        table = _NAMED[name]
        if (table, value) not in self._known:
            rows = list(self._run(f"SELECT code FROM {table} WHERE id = ?", (value,)))
            self._known[table, value] = rows[0][0] if rows else None
        return self._known[table, value]


def events(
    run: Run,
    *,
    before: int | None = None,
    limit: int = 50,
    action: str = "",
    document: int | None = None,
    item: int | None = None,
    life: int | None = None,
) -> list[Event]:
    """Return events, newest first, below the number ``before``."""
    source, where, values = "event e", list[str](), list[object]()
    column = "e.seq"
    # The narrowest question chooses the index that is read in its order.
    if life is not None:
        source, column = "movement m JOIN event e ON e.seq = m.event", "m.event"
        where.append("m.life = ?")
        values.append(life)
    elif item is not None:
        source, column = "event_item x JOIN event e ON e.seq = x.event", "x.event"
        where.append("x.item = ?")
        values.append(item)
    if document is not None:
        where.append("e.document = ?")
        values.append(document)
    if action:
        where.append("e.action = ?")
        values.append(action)
    if before is not None:
        where.append(f"{column} < ?")
        values.append(before)
    condition = f"WHERE {' AND '.join(where)}" if where else ""
    rows = run(
        f"{_EVENT} FROM {source} {_JOINS} {condition} ORDER BY {column} DESC LIMIT ?",
        (*values, limit),
    )
    return [Event._make(row) for row in rows]


def event(run: Run, seq: int) -> Event:
    """Return one event.

    Raises:
        RegistryRefused: there is none of that number.
    """
    for row in run(f"{_EVENT} FROM event e {_JOINS} WHERE e.seq = ?", (seq,)):
        return Event._make(row)
    raise RegistryRefused("event_unknown", f"There is no event number {seq}.", event=seq)


def moved_by(run: Run, seq: int, after: int, limit: int) -> Sequence[Moved]:
    """Return what an event moved, in its order, behind the row ``after`` (-1: from the first)."""
    return [Moved._make(row) for row in run(_MOVED, (seq, after, limit))]
