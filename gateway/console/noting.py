"""What a page says once: that something was done, or why it was not, and what had been typed.

    a form's answer ── put ──► id in a cookie ──► the next page ── take ──► shown, and forgotten

Kept in memory and only briefly: after a restart of the gateway a sentence is missing, nothing else.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

COOKIE = "gw_note"

LASTS = 60
"""Seconds a browser keeps the cookie: the next page comes at once."""

MOST_NOTES = 300
"""Notes that wait to be shown; the oldest is forgotten first."""

Tone = Literal["done", "look", "refused"]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a note leads."""

    title: str
    to: str


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence for the head of the next page."""

    sentence: str
    tone: Tone = "done"
    items: Sequence[Mapping[str, Any]] = ()
    """Offenders, each with a ``detail`` of its own."""
    form: str = ""
    """The form that was refused; its fields show again what was typed."""
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Sequence[Link] = ()


class Notes:
    """Notes that wait for the next page.

    >>> notes = Notes()
    >>> key = notes.put(Note("Printer zebra is paused."))
    >>> notes.take(key).sentence, notes.take(key)
    ('Printer zebra is paused.', None)
    """

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Note] = OrderedDict()

    def put(self, note: Note) -> str:
        """Keep a note and return by what it is taken."""
        key = secrets.token_urlsafe(9)
        self._waiting[key] = note
        while len(self._waiting) > MOST_NOTES:
            self._waiting.popitem(last=False)
        return key

    def take(self, key: str | None) -> Note | None:
        """Return a note, once."""
        return None if key is None else self._waiting.pop(key, None)
