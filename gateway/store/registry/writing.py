"""Lives, written as an action left them, and what their movements say was before.

lives before and after ──movement_of──► movements
                       ──write_lives──► new rows in bulk; of the others only the columns that
                                        changed, those that change alike by one statement
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import compress
from operator import itemgetter, ne
from typing import Final

from gateway.registry.lives import CHANGING, Life, State, changing
from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction
from gateway.store.registry.events import Movement
from gateway.store.registry.lives import CHUNK, chunks

_COLUMNS: Final = (
    "id", "item", "serial", "serial_key", "number", "state", "held", "label_state", "place",
    "lot", "parent", "supplier", "customer", "cost", "currency", "price", "price_currency",
    "warranty_in", "warranty_out", "service_due", "received_at", "shipped_at", "seen_at",
    "seen_place", "memo", "attrs", "event",
)  # fmt: skip
_STATE: Final = Life._fields.index("state")
_KEPT: Final = 26
"""The first fields of a life, which are columns in that order; ``event`` follows them."""

_MOVING: Final = ("state", "place", *CHANGING)
_moving = itemgetter(*(Life._fields.index(name) for name in _MOVING))
_SET: Final = tuple("serial_key = ?" if name == "key" else f"{name} = ?" for name in _MOVING)

ALIKE: Final = CHUNK // 10
"""Lives that change alike from which on one statement writes them all."""


def movement_of(was: Life, life: Life) -> Movement:
    """Return what happened to a life."""
    state = str(life.state)
    if was.state is None:
        return Movement(life.id, life.item, life.lot, 1, None, state, None, life.place, None)
    return Movement(
        life.id, life.item, life.lot, 1, str(was.state), state, was.place, life.place,
        what_changed(was, life, links=True),
    )  # fmt: skip


def what_changed(was: Life, life: Life, *, links: bool = False) -> str | None:
    """Return JSON of the fields that changed beside state and place, as they were; None for none.

    With ``links`` the line that had it is named too, for an undo.
    """
    changed: dict[str, object] = {}
    before, after = changing(was), changing(life)
    if before != after:
        changed = {
            name: value
            for name, value, now in zip(CHANGING, before, after, strict=True)
            if value != now
        }
    if links and was.line is not None:
        changed |= {"line": was.line, "role": was.role}
    return json.dumps(changed, ensure_ascii=False, sort_keys=True) if changed else None


def write_lives(t: Transaction, before: Sequence[Life], after: Sequence[Life]) -> None:
    """Write lives as they are now: new ones, and those that changed.

    Raises:
        RegistryRefused: somebody else moved one meanwhile.
        RuleBroken: the database holds a rule against it.
    """
    new: list[tuple[object, ...]] = []
    # Which columns change, to what, and the event that touched the life before -> which lives.
    changes: dict[tuple[tuple[str, ...], tuple[object, ...], int], list[int]] = {}
    for was, life in zip(before, after, strict=True):
        if was.state is None:
            new.append((*life[:_STATE], str(life.state), *life[_STATE + 1 : _KEPT], life.event))
            continue
        old, now = _moving(was), _moving(life)
        differs = tuple(map(ne, old, now))
        columns = tuple(compress(_SET, differs))
        values = (*compress(now, differs), life.event)
        changes.setdefault((columns, values, was.event), []).append(life.id)
    if new:
        t.bulk("life", _COLUMNS, new)
    few: dict[tuple[str, ...], list[Sequence[object]]] = {}
    written, expected = 0, len(after) - len(new)
    for (columns, given, event), lives in changes.items():
        as_text = [str(one) if isinstance(one, State) else one for one in given]
        if len(lives) < ALIKE:
            rows = few.setdefault(columns, [])
            rows += [(*as_text, event, life) for life in lives]
            continue
        statement = _update(columns, f"IN ({', '.join('?' * CHUNK)})")
        for part in chunks(sorted(lives)):
            written += t.execute(statement, (*as_text, event, *part)).rowcount
    for columns, rows in few.items():
        written += t.executemany(_update(columns, "= ?"), rows).rowcount
    if written != expected:
        raise RegistryRefused(
            "registry_busy",
            "Somebody else moved one of these serials at the same moment; send it again.",
        )


def _update(columns: Sequence[str], which: str) -> str:
    """Return the statement that sets columns; few of them are few indexes to look at."""
    changed = "".join(f"{column}, " for column in columns)
    return (
        f"UPDATE life SET {changed}event = ?, version = version + 1 WHERE event = ? AND id {which}"
    )
