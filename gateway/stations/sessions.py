"""What a station is in the middle of: its mode, context, question, counts and last ten scans.

A session is a row of the database, changed in the transaction of the scan that changed it. So a
page that is loaded anew, a second screen and a restarted daemon all see the same.

>>> session = Session(mode="receive")
>>> session.context["document"] = Context("document", 7, "purchase order PO-1")
>>> Session.read(session.written()) == session
True
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from gateway.stations.station import Station

MOST_RECENT = 10
MOST_CHOICES = 9
"""Choices with a number: there are as many keys. Others are picked by scanning their item."""
MOST_DECLINED = 200
MOST_TICKED = 10_000
"""Pieces of one session that are ticked and not yet posted."""


def _members(value: Any) -> dict[str, Any]:
    # Not ``asdict``: it copies everything there is, which took longer than all the rest of a scan.
    return {name: getattr(value, name) for name in value.__slots__}


@dataclass(slots=True)
class Context:
    """Something scanned first, which what comes after refers to."""

    kind: str
    number: int
    """Of its row; 0 where it is a text alone."""
    title: str
    detail: str = ""
    text: str = ""
    """Of a reason or a template: what it is."""


@dataclass(slots=True)
class Recent:
    """One of the last scans, and what takes it back."""

    id: int
    at: int
    code: str
    outcome: str
    sentence: str
    events: list[int] = field(default_factory=list)
    """Of the registry, oldest first."""
    ticks: list[int] = field(default_factory=list)
    """Lives that were ticked by it."""
    chosen: list[list[int]] = field(default_factory=list)
    """``[document, line, life]`` that was chosen by it."""
    notes: list[str] = field(default_factory=list)
    """Keys of ``Session.notes`` that it wrote."""
    counted: list[list[Any]] = field(default_factory=list)
    """``[key of Session.notes, count]`` that it added there."""
    pieces: int = 0
    """How many it counted for."""
    labels: int = 0
    """How many labels it had printed."""
    about_labels: str = ""
    """What its sentence says of them."""
    mode: str = ""
    undone: bool = False

    @property
    def undoable(self) -> bool:
        made = self.events or self.ticks or self.chosen or self.notes or self.counted
        return not self.undone and bool(made)


@dataclass(slots=True)
class Choice:
    """One way to answer a question."""

    value: str
    title: str
    card: dict[str, Any] | None = None
    item: int | None = None
    """The item whose barcode picks it, too."""
    yes: bool | None = None
    """Whether YES or NO picks it."""


@dataclass(slots=True)
class Question:
    """What the station waits for, and the scan that goes on with the answer."""

    key: str
    sentence: str
    choices: list[Choice]
    code: str
    """The scan that asked; it is handled again with the answer."""
    aim: str = ""
    identifiers: bool = False
    separators: bool = False
    """How that scan is read: ``Heard``."""
    said: dict[str, str] = field(default_factory=dict)
    """Answers that were given before, by the questions' keys."""
    text: bool = False
    """Whether any text answers it."""
    secret: bool = False
    cards: list[dict[str, Any]] = field(default_factory=list)
    """What it is about, to be looked at; choices have cards of their own."""

    def numbered(self) -> list[tuple[int, Choice]]:
        """Return the choices that have a number to choose them by."""
        return list(enumerate(self.choices[:MOST_CHOICES], 1))


@dataclass(slots=True)
class Session:
    """See the module."""

    mode: str = "lookup"
    context: dict[str, Context] = field(default_factory=dict)
    badge: str = ""
    operator: str = ""
    quantity: int | None = None
    question: Question | None = None
    ticked: list[int] = field(default_factory=list)
    """Lives that were scanned and are posted by DONE."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What a mode keeps for itself."""
    scanned: int = 0
    """Pieces that count, since the context was chosen."""
    recent: list[Recent] = field(default_factory=list)
    """Newest first."""
    last: dict[str, Any] | None = None
    """The last answer."""
    declined: list[str] = field(default_factory=list)
    """What was offered here and not wanted; it is not offered again."""
    revision: int = 0

    @classmethod
    def at(cls, station: Station, text: str) -> Session:
        """Return what a station is in the middle of: as it was written, empty before its first
        scan. A mode that is no longer allowed there is left."""
        session = cls.read(text) if text else cls()
        if not station.allows(session.mode):
            session.begin(station.modes[0])
        return session

    def begin(self, mode: str) -> None:
        """Leave everything behind and begin a mode. Who works here stays."""
        self.mode, self.context, self.question, self.quantity = mode, {}, None, None
        self.forget()

    def forget(self) -> None:
        """Begin to count anew: another context was chosen.

        UNDO still takes back what earlier scans did, and counts nothing back that counts no more.
        """
        self.ticked, self.notes, self.scanned = [], {}, 0
        for one in self.recent:
            one.ticks, one.notes, one.counted, one.pieces = [], [], [], 0

    def remember(self, one: Recent) -> None:
        """Put a scan on top of the last ten."""
        self.recent = [one, *self.recent][:MOST_RECENT]

    def decline(self, offer: str) -> None:
        """Note that an offer was not wanted."""
        self.declined = [*self.declined, offer][-MOST_DECLINED:]

    def undoable(self) -> Recent | None:
        """Return the newest scan that can be taken back."""
        return next((one for one in self.recent if one.undoable), None)

    def written(self) -> str:
        """Return it as the database keeps it."""
        return json.dumps(self, ensure_ascii=False, separators=(",", ":"), default=_members)

    @classmethod
    def read(cls, text: str) -> Session:
        """Return a session that was written."""
        values = json.loads(text)
        values["context"] = {slot: Context(**one) for slot, one in values["context"].items()}
        values["recent"] = [Recent(**one) for one in values["recent"]]
        if (asked := values["question"]) is not None:
            asked["choices"] = [Choice(**one) for one in asked["choices"]]
            values["question"] = Question(**asked)
        return cls(**values)
