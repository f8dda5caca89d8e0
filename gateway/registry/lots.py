"""Lots: pieces that came or were made together; what a lot's pieces do tells what it is doing.

    pieces by state ──status_of──► planned, received, consumed, shipped, written_off, …

>>> status_of({"received": 3, "shipped": 7})
'received'
>>> status_of({"shipped": 2, "consumed": 1}), status_of({})
('shipped', 'planned')
>>> status_of({"returned": 1, "shipped": 9}), status_of({"rejected": 2})
('returned', 'rejected')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.registry.fields import Value

Status = Literal[
    "planned", "received", "returned", "rejected", "shipped", "consumed", "sent_back",
    "written_off", "untracked", "cancelled",
]  # fmt: skip
"""``returned`` is what people call "RMA returned"."""

_ORDER: tuple[tuple[str, Status], ...] = (
    ("received", "received"), ("committed", "received"), ("picked", "received"),
    ("in_transit", "received"), ("returned", "returned"), ("rejected", "rejected"),
    ("planned", "planned"), ("shipped", "shipped"), ("consumed", "consumed"),
    ("sent_back", "sent_back"), ("written_off", "written_off"), ("untracked", "untracked"),
    ("cancelled", "cancelled"),
)  # fmt: skip
"""The first state in which there is any piece decides: what is here before what is gone."""

STATUSES: tuple[Status, ...] = tuple(dict.fromkeys(status for _, status in _ORDER))

LABELS: Mapping[Status, str] = {
    "planned": "Planned", "received": "Received", "returned": "RMA returned",
    "rejected": "Rejected", "shipped": "Shipped", "consumed": "Consumed",
    "sent_back": "Sent back", "written_off": "Written off", "untracked": "Untracked",
    "cancelled": "Cancelled",
}  # fmt: skip
"""As people read it."""


def status_of(pieces: Mapping[str, int]) -> Status:
    """Return what a lot is doing; ``pieces`` counts its pieces by state."""
    return next((status for state, status in _ORDER if pieces.get(state, 0) > 0), "planned")


def states_of(status: str) -> tuple[str, ...]:
    """Return the states of which a lot of this status has a piece; none where it may have others.

    >>> states_of("rejected"), states_of("planned"), states_of("received")
    (('rejected',), (), ())
    """
    # A lot without pieces is planned; what lost its serials is received without having come so.
    if status in ("planned", "received"):
        return ()
    return tuple(state for state, of in _ORDER if of == status)


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot with what its pieces are doing."""

    id: int
    item: str
    code: str
    made_on: str | None = None
    """ISO date."""
    expires_on: str | None = None
    held: str | None = None
    """Why its pieces may not move; None when they may."""
    document: str | None = None
    """What it came by, as people name it."""
    memo: str = ""
    fields: Mapping[str, Value] = field(default_factory=dict)
    serials: int = 0
    """Serials that are or were in it."""
    first: str | None = None
    last: str | None = None
    """Its first serial and its last, as they came."""
    pieces: Mapping[str, int] = field(default_factory=dict)
    """Pieces by state, those with serials and the others."""
    version: int = 1
    created_at: int = 0
    changed_at: int = 0

    @property
    def status(self) -> Status:
        """What the lot is doing."""
        return status_of(self.pieces)

    @property
    def here(self) -> int:
        """Pieces that have not left."""
        states = ("received", "committed", "picked", "in_transit", "returned", "rejected")
        return sum(self.pieces.get(state, 0) for state in states)
