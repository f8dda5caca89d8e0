"""Undo: the one correction. It goes back the way the last event of some serials came.

The event that was wrong stays; a new one says that it did not happen (EPCIS ``did_not_occur``),
and serials, lines and stock are again what they were before.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import RESERVING, UNDO, Action, Life, State
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import (
    TOLD_SERIALS,
    count_on_lines,
    cross_reorder_points,
)
from gateway.store.registry.document_status import refresh
from gateway.store.registry.events import By, Event, Movement, write_event
from gateway.store.registry.lives import CHUNK, chunks, lives_by_id
from gateway.store.registry.stock import change_stock, moved
from gateway.store.registry.undoing_quantities import take_back
from gateway.store.registry.writing import what_changed, write_lives

WINDOW = 24 * 3600 * 1_000_000
"""Microseconds in which anybody may undo a step of theirs."""

_EVENT = "SELECT seq, action, recorded_at, document, line, party, corrects FROM event WHERE seq = ?"
_MOVEMENTS = (
    "SELECT life, item, lot, quantity, from_state, to_state, from_place, to_place, was "
    "FROM movement WHERE event = ? ORDER BY n"
)
_SINCE = (
    f"SELECT m.life, max(m.event) FROM movement m JOIN event e ON e.seq = m.event "
    f"WHERE m.life IN ({', '.join('?' * CHUNK)}) AND m.event > ? AND e.corrects IS NULL "
    "AND e.action <> 'print_label' "  # it moved nothing that would have to be moved back first
    "AND NOT EXISTS (SELECT 1 FROM event c WHERE c.corrects + 0 = e.seq) GROUP BY m.life"
)
_CORRECTED = "SELECT seq FROM event WHERE corrects + 0 = ?"

NOT_UNDONE = frozenset({Action.OPENING.value, Action.UNTRACK.value, Action.PRINT_LABEL.value, UNDO})
"""Steps that are part of something larger, or happened on paper."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What was undone."""

    event: int
    corrects: int
    after: list[Life]


def undo(
    t: Transaction,
    event: int,
    by: By,
    may: Callable[[str], bool],
    *,
    window: int = WINDOW,
    reason: str = "",
) -> Undone:
    """Take an event back, whole.

    Raises:
        RegistryRefused: there is none, something happened since, it is too long ago, or it is of a
            kind that cannot be undone.
    """
    row = t.execute(_EVENT, (event,)).fetchone()
    if row is None:
        raise RegistryRefused("event_unknown", f"There is no event number {event}.", event=event)
    seq, action, recorded_at, document, line, party, _ = row
    again = t.execute(_CORRECTED, (seq,)).fetchone()
    if again is not None:
        raise RegistryRefused(
            "undo_impossible", f"Event {seq} was undone already, by event {again[0]}.",
            event=seq, by=again[0],
        )  # fmt: skip
    if action in NOT_UNDONE or action not in TABLE:
        raise RegistryRefused(
            "undo_impossible",
            f"{action.replace('_', ' ').capitalize()!r} cannot be undone; correct it by a step of "
            "its own.",
            event=seq, action=action,
        )  # fmt: skip
    at = now()
    if at - recorded_at > window and not may("registry:undo"):
        raise RegistryRefused(
            "undo_expired",
            f"Event {seq} is older than {window // 60_000_000} minutes; somebody with the right "
            "'registry:undo' can still undo it.",
            event=seq, needs="registry:undo",
        )  # fmt: skip
    movements = [Movement(*one) for one in t.execute(_MOVEMENTS, (seq,)).fetchall()]
    undone = Event(UNDO, at, at, by, document, line, party, reason, {"undoes": action}, seq)
    if any(movement.life is None for movement in movements):
        number = take_back(t, undone, movements, by)
        _refresh_documents(t, document, line)
        return Undone(number, seq, [])
    lives = lives_by_id(t.execute, [m.life for m in movements if m.life is not None])
    later = _moved_since(t, seq, lives)
    if later:
        raise refuse_all(
            [Offence(life.serial, "undo_not_latest",
                     f"Something happened to {life.serial} since (event {since}).",
                     {"serial": life.serial, "event": since}) for life, since in later],
            len(movements),
        )  # fmt: skip
    number = t.allot("event", 1)[0]
    before = [lives[m.life] for m in movements if m.life is not None]
    after = [
        _restored(life, movement, number) for life, movement in zip(before, movements, strict=True)
    ]
    back = [
        Movement(life.id, life.item, life.lot, 1, str(was.state), str(life.state), was.place,
                 life.place, what_changed(was, life))
        for was, life in zip(before, after, strict=True)
    ]  # fmt: skip
    write_event(t, undone, back, number)
    write_lives(t, before, after)
    _restore_links(t, action, line, before, movements)
    change = moved(zip(before, after, strict=True))
    change_stock(t, change)
    cross_reorder_points(t, change, by.actor)
    body: dict[str, object] = {
        "event": number, "corrects": seq, "action": action, "count": len(after),
        "serials": [life.serial for life in after[:TOLD_SERIALS]],
    }  # fmt: skip
    tell(t, at, "serial.undone", f"registry/events/{number}", by.actor, body)
    _refresh_documents(t, document, line)
    return Undone(number, seq, after)


def _moved_since(t: Transaction, event: int, lives: Mapping[int, Life]) -> list[tuple[Life, int]]:
    """Return the lives with a later event that still stands: neither an undo nor undone itself."""
    others = [number for number, life in lives.items() if life.event != event]
    found: dict[int, int] = {}
    for part in chunks(others):
        found |= dict(t.execute(_SINCE, (*part, event)))
    return [(lives[number], found[number]) for number in others if number in found]


def _restored(life: Life, movement: Movement, event: int) -> Life:
    was: dict[str, Any] = json.loads(movement.was) if movement.was else {}
    was.pop("line", None)
    was.pop("role", None)
    # A life that had not begun never was: it ends as one that did not come.
    state = State(movement.from_state) if movement.from_state else State.CANCELLED
    return life._replace(state=state, place=movement.from_place, event=event, **was)


def _restore_links(
    t: Transaction,
    action: str,
    line: int | None,
    before: list[Life],
    movements: list[Movement],
) -> None:
    # A document's transfer counts its serials as done and leaves their reservations alone.
    link = "done" if action == Action.TRANSFER else TABLE[Action(action)].link
    counts: dict[int, Counter[str]] = {}
    for life, movement in zip(before, movements, strict=True):
        was = json.loads(movement.was) if movement.was else {}
        gone = line if line is not None else was.get("line")
        role = str(life.role) if link in RESERVING and life.role else link
        if role and role != "drop" and gone is not None:
            removed = t.execute(
                "DELETE FROM line_life WHERE line = ? AND life = ? AND role = ?",
                (gone, life.id, role),
            ).rowcount
            if removed:
                counts.setdefault(gone, Counter())[role] -= 1
        if was.get("line") is not None and was.get("role") is not None:
            # What moved and kept its reservation has it still, and is not counted for it twice.
            again = t.execute(
                "INSERT INTO line_life (line, life, role) VALUES (?, ?, ?) "
                "ON CONFLICT (line, life, role) DO NOTHING",
                (was["line"], life.id, was["role"]),
            ).rowcount
            if again:
                counts.setdefault(was["line"], Counter())[was["role"]] += 1
    count_on_lines(t, counts)


def _refresh_documents(t: Transaction, document: int | None, line: int | None) -> None:
    """Let the documents of a step that was undone say again what is left to do."""
    documents = {document} - {None}
    for row in t.execute(
        "SELECT l.document, s.document FROM document_line l LEFT JOIN document_line s "
        "ON s.id = l.source_line WHERE l.id = ? OR l.document = ?",
        (line, document),
    ).fetchall():
        documents |= set(row) - {None}
    for one in sorted(number for number in documents if number is not None):
        refresh(t, one)
