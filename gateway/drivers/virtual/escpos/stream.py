r"""ESC/POS as a stream: bytes in as they arrive, commands out as soon as each is whole.

>>> stream = CommandStream()
>>> stream.feed(b"\x1b@Hi\n\x1dV")
>>> [(command.name, command.body) for command in stream]
[('ESC @', b''), ('', b'Hi'), ('LF', b'')]
>>> stream.feed(b"B\0")
>>> [(command.name, command.body) for command in stream]
[('GS V', b'B\x00')]

How long a command is stands in its own bytes or in the table of its kind (Epson ESC/POS Command
Reference, "Format" of each command). Commands that act in real time are found by another reader,
since they act before the stream reaches them: here they are only passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

TEXT = ""
"""Name of the command that stands for characters to print."""

_ESC, _FS, _GS, _DLE = 0x1B, 0x1C, 0x1D, 0x10
_LEADS = {_ESC: "ESC", _FS: "FS", _GS: "GS"}
_SINGLE = {0x09: "HT", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR", 0x18: "CAN"}

_LONGEST = 8 * 1024 * 1024
"""Bytes one command may have: more than a printer's whole memory. What claims more is cut."""

_SECONDS = {0x0C: "FF", 0x20: "SP"}
"""Second bytes that Epson's manual writes as a name."""


def _fixed(lead: str, written: str) -> dict[str, int]:
    rows = (row.split(":") for row in written.split())
    return {f"{lead} {_SECONDS_BY_NAME.get(name, name)}": int(count) for name, count in rows}


_SECONDS_BY_NAME = {"colon": ":"}

_COUNTS: Mapping[str, int] = {
    **_fixed("ESC", "FF:0 SP:1 !:1 $:2 %:1 -:1 2:0 3:1 <:0 =:1 ?:1 @:0 E:1 G:1 J:1 K:1 L:0 M:1"),
    **_fixed("ESC", "R:1 S:0 T:1 U:1 V:1 W:8 \\:2 a:1 c:2 d:1 e:1 i:0 m:0 p:3 r:1 t:1 u:1 v:0 {:1"),
    **_fixed("FS", "!:1 &:0 -:1 .:0 2:74 ?:2 C:1 S:2 W:1 p:2"),
    **_fixed("GS", "!:1 $:2 /:1 colon:0 B:1 E:1 FF:0 H:1 I:1 L:2 P:2 T:1 W:2 \\:2 ^:3 a:1 b:1 c:0"),
    **_fixed("GS", "f:1 g:4 h:1 j:1 r:1 w:1 x:1 z:3"),
}
"""Bytes that follow a command of fixed length."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command as it was sent: ``ESC @``, ``GS ( L`` …, or text when the name is empty."""

    name: str
    body: bytes = b""
    octets: int = 0

    def __str__(self) -> str:
        shown = self.body[:8].hex(" ")
        return f"{self.name} {shown}{'…' if len(self.body) > 8 else ''}".strip()


class CommandStream:
    """Cuts a byte stream into commands; iterate after each ``feed`` for those that are whole."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def reset(self) -> None:
        """Forget everything, as a printer does when it is switched off."""
        self._buffer.clear()

    def feed(self, received: bytes) -> None:
        """Take bytes as they came from the wire."""
        self._buffer += received

    @property
    def holds_part(self) -> bool:
        """Whether bytes of a command that is not whole yet are waiting."""
        return bool(self._buffer)

    def __iter__(self) -> Iterator[Command]:
        while (command := self._take()) is not None:
            yield command

    def _take(self) -> Command | None:
        buffer = self._buffer
        if not buffer:
            return None
        first = buffer[0]
        if first >= 0x20:
            end = next((at for at, byte in enumerate(buffer) if byte < 0x20), len(buffer))
            return self._cut(TEXT, 0, end)
        if (lead := _LEADS.get(first)) is None:
            return self._take_single(first)
        if len(buffer) < 2:
            return None
        second = _SECONDS.get(buffer[1]) or chr(buffer[1])
        name = f"{lead} {second}"
        if second == "(" or name == "GS 8":
            return self._take_counted(name)
        if measure := _MEASURES.get(name):
            length = measure(buffer)
            return None if length is None else self._whole(name, 2, length)
        return self._whole(name, 2, 2 + _COUNTS.get(name, 0))

    def _take_single(self, first: int) -> Command | None:
        if first != _DLE:
            return self._cut(_SINGLE.get(first, f"{first:02X}"), 0, 1, keep=False)
        if len(self._buffer) < 3:
            return None
        second, third = self._buffer[1:3]
        # DLE EOT n [a], DLE ENQ n, DLE DC4 fn …
        more = {0x04: 4 if third in (7, 8, 18) else 3, 0x05: 3}.get(second, 1)
        if second == 0x14:
            more = {1: 5, 2: 5, 7: 4, 8: 10}.get(third, 3)
        return self._whole("DLE", 1, more)

    def _take_counted(self, name: str) -> Command | None:
        """GS ( X pL pH … and GS 8 L p1 p2 p3 p4 …"""
        buffer = self._buffer
        if len(buffer) < 3:
            return None
        name = f"{name} {chr(buffer[2])}"
        digits = 4 if name.startswith("GS 8") else 2
        if len(buffer) < 3 + digits:
            return None
        size = int.from_bytes(buffer[3 : 3 + digits], "little")
        return self._whole(name, 3 + digits, 3 + digits + size)

    def _whole(self, name: str, start: int, length: int) -> Command | None:
        length = min(length, _LONGEST)
        return self._cut(name, start, length) if len(self._buffer) >= length else None

    def _cut(self, name: str, start: int, end: int, *, keep: bool = True) -> Command:
        body = bytes(self._buffer[start:end]) if keep else b""
        del self._buffer[:end]
        return Command(name, body, end)


def _number(buffer: bytearray, at: int) -> int:
    return buffer[at] | buffer[at + 1] << 8


def _columns(buffer: bytearray) -> int | None:
    """ESC * m nL nH d…: one byte a column, three in the modes of 24 dots."""
    if len(buffer) < 5:
        return None
    return 5 + _number(buffer, 3) * (3 if buffer[2] in (32, 33) else 1)


def _user_characters(buffer: bytearray) -> int | None:
    """ESC & y c1 c2 [x d…]…: each character says how many columns of y bytes it has."""
    if len(buffer) < 5:
        return None
    at = 5
    for _ in range(max(0, buffer[4] - buffer[3] + 1)):
        if len(buffer) <= at:
            return None
        at += 1 + buffer[at] * buffer[2]
    return at


def _to_nul(start: int) -> Callable[[bytearray], int | None]:
    def measure(buffer: bytearray) -> int | None:
        end = buffer.find(0, start, start + 256)
        if end >= 0:
            return end + 1
        return start + 256 if len(buffer) >= start + 256 else None

    return measure


def _raster(buffer: bytearray) -> int | None:
    """GS v 0 m xL xH yL yH d…"""
    if len(buffer) < 3:
        return None
    if buffer[2] != 0x30:
        return 3
    return 8 + _number(buffer, 4) * _number(buffer, 6) if len(buffer) >= 8 else None


def _variable(buffer: bytearray) -> int | None:
    """GS Q 0 m xL xH yL yH d…"""
    return 8 + _number(buffer, 4) * _number(buffer, 6) if len(buffer) >= 8 else None


def _download(buffer: bytearray) -> int | None:
    """GS * x y d…"""
    return 4 + buffer[2] * buffer[3] * 8 if len(buffer) >= 4 else None


def _barcode(buffer: bytearray) -> int | None:
    """GS k m d… NUL, or GS k m n d…"""
    if len(buffer) < 4:
        return None
    return _to_nul(3)(buffer) if buffer[2] <= 6 else 4 + buffer[3]


def _cut(buffer: bytearray) -> int | None:
    """GS V m, or GS V m n"""
    if len(buffer) < 3:
        return None
    return 3 if buffer[2] in (0, 1, 48, 49) else 4


def _flash_pictures(buffer: bytearray) -> int | None:
    """FS q n [xL xH yL yH d…]…"""
    if len(buffer) < 3:
        return None
    at = 3
    for _ in range(buffer[2]):
        if len(buffer) < at + 4:
            return None
        at += 4 + _number(buffer, at) * _number(buffer, at + 2) * 8
    return at


def _counter(buffer: bytearray) -> int | None:
    """GS C 0 n m, GS C 1 aL aH bL bH n r, GS C 2 nL nH"""
    if len(buffer) < 3:
        return None
    return {0x30: 5, 0x31: 9, 0x32: 5}.get(buffer[2], 3)


_MEASURES: Mapping[str, Callable[[bytearray], int | None]] = {
    "ESC *": _columns,
    "ESC &": _user_characters,
    "ESC D": _to_nul(2),
    "FS q": _flash_pictures,
    "GS *": _download,
    "GS C": _counter,
    "GS Q": _variable,
    "GS V": _cut,
    "GS k": _barcode,
    "GS v": _raster,
}
"""How long a command is whose own bytes say so; None: not known yet."""
