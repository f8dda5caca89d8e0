"""Everything that moved of one item, newest first."""

from __future__ import annotations

from typing import NamedTuple

from gateway.store.registry.lives import Run


class Move(NamedTuple):
    """One serial, or a quantity, moved by one event."""

    seq: int
    n: int
    at: int
    """Microseconds UTC."""
    action: str
    document_type: str | None
    document: str | None
    life: int | None
    serial: str | None
    lot: str | None
    quantity: int
    from_state: str | None
    to_state: str | None
    from_place: str | None
    to_place: str | None
    actor: str
    station: str
    operator: str
    reason: str
    corrects: int | None


_OF_ITEM = (
    "SELECT m.event, m.n, e.at, e.action, d.type, d.number, m.life, u.serial, o.code, m.quantity, "
    "m.from_state, m.to_state, f.code, g.code, e.actor, e.station, e.operator, e.reason, "
    "e.corrects FROM event_item x JOIN movement m ON m.event = x.event AND m.item = x.item "
    "JOIN event e ON e.seq = m.event LEFT JOIN document d ON d.id = e.document "
    "LEFT JOIN life u ON u.id = m.life LEFT JOIN lot o ON o.id = m.lot "
    "LEFT JOIN place f ON f.id = m.from_place LEFT JOIN place g ON g.id = m.to_place "
    "WHERE x.item = ? AND x.event <= ? AND (m.event, m.n) < (?, ?) "
    "ORDER BY x.event DESC, m.n DESC LIMIT ?"
)
LATEST = (2**62, 2**31)
"""Behind every movement: the newest is the first of the list."""


def movements_of(
    run: Run, item: int, before: tuple[int, int] = LATEST, limit: int = 100
) -> list[Move]:
    """Return an item's movements before an event's number and a row's in it, newest first."""
    event, n = before
    return [Move(*row) for row in run(_OF_ITEM, (item, event, event, n, limit))]
