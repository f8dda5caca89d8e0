"""The seam between the questions of one language and a wire: what is asked, what comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.drivers.ieee1284 import clean_words
from gateway.drivers.transports.wire import Wire
from gateway.printers import Tracking
from gateway.units import Density, Um

PATIENCE = 0.4
"""Seconds a printer is given for a question that may not be in its language. These answers take
milliseconds; one that comes late is waited for in a second round."""

SENDING = 1.0
"""Seconds a question may wait to be taken."""

MOST_HEARD = 65_536
"""Bytes of one answer. More is noise."""

MOST_SHOWN = 80
"""Characters that are kept of a device's own words."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a printer says of itself, in the words and units of the gateway."""

    language: str
    manufacturer: str = ""
    model: str = ""
    density: Density | None = None
    width: Um | None = None
    """µm of the stock that is loaded, as far as the printer knows."""
    height: Um | None = None
    tracking: Tracking | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    """What it said, for people: name to words, cleaned. Not to be trusted."""


class Probe(Protocol):
    """What a language's module offers."""

    QUESTION: bytes
    """Shows whether it speaks the language; prints nothing on a printer that does not."""

    def recognise(self, heard: bytes) -> bool:
        """Return whether this is the answer to ``QUESTION``, whole."""
        ...

    def learn(self, talk: Talk, heard: bytes) -> Traits:
        """Ask the rest, now that the language is known; ``heard`` answered ``QUESTION``."""
        ...


class Talk:
    """Questions and answers on one wire until a time has come."""

    def __init__(self, wire: Wire, timeout: float) -> None:
        self._wire, self._until = wire, time.monotonic() + timeout
        self.heard_anything = False

    @property
    def left(self) -> float:
        """Seconds that are left; 0 when the time has come."""
        return max(0.0, self._until - time.monotonic())

    def ask(
        self, question: bytes, whole: Callable[[bytes], bool], patience: float = PATIENCE
    ) -> bytes:
        """Return what came back until it was whole or ``patience`` seconds were over."""
        late = 0
        while late < MOST_HEARD and (words := self._wire.read(0)):
            late += len(words)  # about an earlier question; one that never stops is not followed
        if not self.left or not self.tell(question):
            return b""
        heard = bytearray()
        ends = time.monotonic() + min(patience, self.left)
        while (left := ends - time.monotonic()) > 0 and len(heard) < MOST_HEARD:
            heard += self._wire.read(left)
            if heard and whole(bytes(heard)):
                break
        self.heard_anything = self.heard_anything or bool(heard)
        return bytes(heard)

    def tell(self, words: bytes) -> bool:
        """Return whether all bytes were taken."""
        ends = time.monotonic() + min(SENDING, self.left)
        while words and (left := ends - time.monotonic()) > 0:
            words = words[self._wire.write(words, left) :]
        return not words


def show(words: bytes) -> str:
    """Return a device's words as text to show.

    >>> show(b"TTP-244\\x1b[2J Pro\\r\\n")
    'TTP-244 [2J Pro'
    """
    return clean_words(words.decode("latin-1"), MOST_SHOWN)


def named(**words: str) -> dict[str, str]:
    """Return what was said without what was not: names with ``_`` for a space."""
    return {name.replace("_", " "): text for name, text in words.items() if text}
