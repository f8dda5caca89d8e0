"""A printer that only remembers: for demonstrations, and for tests of what stands before a wire.

>>> wire = open_wire("memory://doctest")
>>> wire.write(b"^XA^XZ", 1.0)
6
>>> bytes(sent("doctest"))
b'^XA^XZ'
"""

from __future__ import annotations

import re

from gateway.drivers.transports.wire import Manners
from gateway.errors import PrinterRefused

MANNERS = Manners(answers=False)
"""A memory is never asked."""

_NAME = re.compile(r"memory://([A-Za-z0-9._-]{1,64})/?", re.IGNORECASE)

_SENT: dict[str, bytearray] = {}


def check_url(url: str) -> str:
    """Return the URL as ``memory://name``.

    Raises:
        PrinterRefused: the name is empty or not made of letters, digits, dot, dash and underscore.
    """
    return f"memory://{_name(url)}"


def _name(url: str) -> str:
    match = _NAME.fullmatch(url)
    if match is None:
        raise PrinterRefused(
            f"{url[:100]!r} is not a printer in memory; write it as memory://demo.", url=url
        )
    return match[1]


def sent(name: str) -> bytearray:
    """Return what was sent to that printer since the process started; clear it to begin anew."""
    return _SENT.setdefault(name, bytearray())


def open_wire(url: str) -> MemoryWire:
    """Return a wire to the printer of that name, which exists from now on."""
    return MemoryWire(sent(_name(url)))


class MemoryWire:
    """Appends to what a name remembers."""

    def __init__(self, kept: bytearray) -> None:
        self._kept = kept

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many bytes were kept: all."""
        self._kept += payload
        return len(payload)

    def read(self, timeout: float) -> bytes:
        """Return nothing: a memory never answers."""
        return b""

    def close(self) -> None:
        """Keep what was sent."""
