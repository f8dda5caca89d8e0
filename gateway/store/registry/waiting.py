"""Orders that wait for serials still to come: committed to them when they are there."""

from __future__ import annotations

from collections.abc import Callable

from gateway.registry.lives import Action, State
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Acting, Target
from gateway.store.registry.events import By
from gateway.store.registry.lives import CHUNK, chunks, lives_by_id

_WAITED = (
    "SELECT w.line, w.life FROM movement m JOIN line_life w ON w.life = m.life "
    "JOIN document_line l ON l.id = w.line JOIN document d ON d.id = l.document "
    "WHERE m.event = ? AND w.role = 'wanted' AND l.open = 1 "
    "AND d.type IN ('sales_order', 'work_order', 'shipment') AND l.source_line IS NULL "
    "ORDER BY w.line, w.life"
)


def commit_waiting(
    t: Transaction, acting: Acting, event: int, by: By, may: Callable[[str], bool]
) -> list[int]:
    """Commit serials that have come to the orders that named them before; return the events.

    Called after each event by which serials come. What an order has no room for any more, or what
    is held, stays free.
    """
    lines: dict[int, list[int]] = {}
    taken: set[int] = set()
    for line, life in t.execute(_WAITED, (event,)).fetchall():
        if life not in taken:
            lines.setdefault(line, []).append(life)
            taken.add(life)
    events: list[int] = []
    for line, lives in lines.items():
        room, item = t.execute(
            "SELECT quantity - done - picked - committed, item FROM document_line WHERE id = ?",
            (line,),
        ).fetchone()
        found = lives_by_id(t.execute, lives)
        able = [
            life for life in lives
            if found[life].state is State.RECEIVED and found[life].held is None
            and found[life].label_state != "uncertain"
        ][: max(room, 0)]  # fmt: skip
        if not able:
            continue
        act = Act(
            Action.COMMIT,
            [Target(found[life].serial, life) for life in able],
            item,
            line,
            body={"waited_for": True},
        )
        events.append(acting.perform(t, act, by, may).event)
        for part in chunks(able, CHUNK):
            marks = ", ".join("?" * len(part))
            t.execute(
                f"DELETE FROM line_life WHERE line = ? AND role = 'wanted' AND life IN ({marks})",
                (line, *part),
            )
    return events
