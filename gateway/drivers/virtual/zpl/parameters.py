"""Parameters of ZPL commands: as lenient as printers are, a missing or odd one is its default.

>>> number("10,+20,x".split(","), 1), number("10,+20,x".split(","), 2)
(20, None)
>>> unescape(b"A_42_zz", ord("_"))
b'AB_zz'
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.drivers.virtual.canvas import Ink
from gateway.drivers.virtual.zpl.fields import QUARTERS
from gateway.drivers.virtual.zpl.parser import Command
from gateway.drivers.virtual.zpl.state import LONGEST_LABEL


def unescape(content: bytes, escape: int) -> bytes:
    """Return field data with ``_hh`` replaced by the byte (ZPL II guide, ^FH)."""
    pattern = re.compile(re.escape(bytes([escape])) + rb"([0-9A-Fa-f]{2})")
    return pattern.sub(lambda match: bytes([int(match[1], 16)]), content)


def number(parts: Sequence[str], index: int) -> int | None:
    """Return a parameter as a whole number, None when absent or not one."""
    if index >= len(parts):
        return None
    match = re.match(r"\s*([+-]?[0-9]{1,9})", parts[index])
    return int(match[1]) if match else None


def numbers(command: Command, count: int) -> list[int | None]:
    """Return the first so many parameters as whole numbers."""
    parts = command.text().split(",")
    return [number(parts, index) for index in range(count)]


def octets(written: bytes) -> int:
    """Return a count of bytes, 0 when it is none."""
    written = written.strip()
    return int(written) if written.isdigit() and len(written) < 10 else 0


def size(value: int | None, default: int) -> int:
    """Return a size in dots, at least 1 and no longer than a label."""
    return max(1, min(LONGEST_LABEL, value if value else default))


def letter(command: Command) -> str:
    """Return the first parameter's first letter, in capitals."""
    return command.text().strip().upper()[:1]


def colour(parts: Sequence[str], index: int) -> Ink:
    """Return the ink of a B/W parameter."""
    white = index < len(parts) and parts[index].strip().upper()[:1] == "W"
    return Ink.WHITE if white else Ink.BLACK


def turn_of(written: str, otherwise: str) -> str:
    """Return the orientation letter a parameter begins with, or the one in force."""
    turn = written.strip()[:1].upper()
    return turn if turn in QUARTERS else otherwise
