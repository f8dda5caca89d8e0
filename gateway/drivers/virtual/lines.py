"""Commands that are lines, as EPL2 and TSPL have them: bytes in, commands out once they are whole.

>>> str(Command("A", ("9",), line="A9"))
'A9'
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

BLANK = re.compile(rb"[\r\n\t \0]+")
"""What may stand between two commands."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: ``name``, its parameters as text, and counted bytes."""

    name: str
    values: tuple[str, ...] = ()
    octets: bytes = b""
    line: str = ""
    """As it was written."""

    def __str__(self) -> str:
        shown = self.line or self.name
        return shown[:60] + ("…" if len(shown) > 60 else "")


class CommandLines(ABC):
    """Cuts a byte stream into commands; iterate after each ``feed`` for those that are whole."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything, as a printer does when it is switched on."""
        self._buffer = bytearray()

    def feed(self, received: bytes) -> None:
        """Take bytes as they came from the wire."""
        self._buffer += received

    def __iter__(self) -> Iterator[Command]:
        while (command := self._take()) is not None:
            yield command

    @abstractmethod
    def _take(self) -> Command | None:
        """Return what stands first in the buffer and take its bytes away; None when not whole."""
