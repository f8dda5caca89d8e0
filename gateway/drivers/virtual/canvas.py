"""One-bit paper: rows of dots in, PNG bytes out.

A row is one whole number, its most significant bit the leftmost dot, 1 = ink. Python's big
integers shift and combine 800 dots in one instruction, so no image library takes part.

>>> paper = Canvas(8, 2)
>>> paper.burn(solid(3, 1), 2, 0)
>>> paper.tile().text()
'..###...\\n........'
>>> paper.burn(solid(8, 1), 0, 0, Ink.XOR)
>>> paper.tile().text()
'##...###\\n........'
"""

from __future__ import annotations

import enum
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass


class Ink(enum.Enum):
    """How a tile meets the paper."""

    BLACK = "black"
    WHITE = "white"
    XOR = "xor"


@dataclass(frozen=True, slots=True)
class Tile:
    """A rectangle of dots: ``rows[0]`` is the top row, bit ``width - 1`` its leftmost dot."""

    width: int
    height: int
    rows: tuple[int, ...]

    def ink_box(self) -> tuple[int, int, int, int] | None:
        """Return (left, top, right, bottom) of the ink in dots, right and bottom exclusive."""
        inked = [y for y, row in enumerate(self.rows) if row]
        if not inked:
            return None
        union = 0
        for y in inked:
            union |= self.rows[y]
        left = self.width - union.bit_length()
        right = self.width - ((union & -union).bit_length() - 1)
        return left, inked[0], right, inked[-1] + 1

    def count_ink(self) -> int:
        """Return how many dots are black."""
        return sum(row.bit_count() for row in self.rows)

    def text(self) -> str:
        """Return the tile drawn with ``#`` and ``.``, for people and tests."""
        return "\n".join(
            "".join("#" if row >> (self.width - 1 - x) & 1 else "." for x in range(self.width))
            for row in self.rows
        )

    def crop_top(self, rows: int) -> Tile:
        """Return the first so many rows: what had left the head when the paper stopped."""
        kept = self.rows[:rows]
        return Tile(self.width, len(kept), kept)

    def turned(self, quarters: int) -> Tile:
        """Return the tile turned clockwise by so many quarter turns.

        >>> print(Tile(3, 2, (0b110, 0b000)).turned(1).text())
        .#
        .#
        ..
        """
        quarters %= 4
        if quarters == 0:
            return self
        if quarters == 2:
            return Tile(self.width, self.height, tuple(self._reversed(r) for r in self.rows[::-1]))
        lines = [self._digits(row) for row in self.rows]
        if quarters == 1:
            turned = ["".join(column) for column in zip(*lines[::-1], strict=True)]
        else:
            turned = ["".join(column) for column in zip(*lines, strict=True)][::-1]
        return Tile(self.height, self.width, tuple(int(line, 2) for line in turned))

    def mirrored(self) -> Tile:
        """Return the tile with left and right exchanged."""
        return Tile(self.width, self.height, tuple(self._reversed(row) for row in self.rows))

    def enlarged(self, across: int, down: int) -> Tile:
        """Return the tile with each dot repeated ``across`` × ``down`` times."""
        if across == 1 and down == 1:
            return self
        rows: list[int] = []
        for row in self.rows:
            wide = int("".join([digit * across for digit in self._digits(row)]) or "0", 2)
            rows.extend([wide] * down)
        return Tile(self.width * across, self.height * down, tuple(rows))

    def to_bytes(self) -> bytes:
        """Return the rows packed eight dots to a byte, 1 = ink, each row padded to a byte."""
        stride = (self.width + 7) // 8
        pad = stride * 8 - self.width
        return b"".join((row << pad).to_bytes(stride, "big") for row in self.rows)

    def to_png(self) -> bytes:
        """Return a one-bit grey PNG, ink black."""
        stride = (self.width + 7) // 8
        pad = stride * 8 - self.width
        white = (1 << self.width) - 1
        raw = b"".join(b"\0" + ((white ^ row) << pad).to_bytes(stride, "big") for row in self.rows)
        header = struct.pack(">IIBBBBB", self.width, self.height, 1, 0, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", header)
            + _chunk(b"IDAT", zlib.compress(raw, 1))
            + _chunk(b"IEND", b"")
        )

    def _digits(self, row: int) -> str:
        return format(row, f"0{self.width}b") if self.width else ""

    def _reversed(self, row: int) -> int:
        return int(self._digits(row)[::-1] or "0", 2)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def unpack(packed: bytes, stride: int) -> Tile:
    """Return the tile of rows packed ``stride`` bytes each; white fills a short last row."""
    if stride <= 0:
        return Tile(0, 0, ())
    if short := len(packed) % stride:
        packed += bytes(stride - short)
    rows = tuple(
        int.from_bytes(packed[at : at + stride], "big") for at in range(0, len(packed), stride)
    )
    return Tile(stride * 8, len(rows), rows)


def from_modules(modules: Sequence[Sequence[int]]) -> Tile:
    """Return one dot per module, truthy = ink."""
    width = len(modules[0]) if modules else 0
    rows = tuple(int("".join("1" if m else "0" for m in line) or "0", 2) for line in modules)
    return Tile(width, len(rows), rows)


def solid(width: int, height: int) -> Tile:
    """Return a black rectangle."""
    return Tile(width, height, ((1 << width) - 1,) * height)


class Canvas:
    """Paper under the head: ``width`` × ``height`` dots, burnt tile by tile."""

    __slots__ = ("clipped", "height", "rows", "width")

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.rows = [0] * height
        self.clipped = False
        """Whether any ink fell beside the paper."""

    def burn(self, tile: Tile, x: int, y: int, ink: Ink = Ink.BLACK) -> None:
        """Put a tile with its top left dot at (x, y); what falls beside the paper is clipped."""
        if not tile.rows or not tile.width:
            return
        shift = self.width - x - tile.width
        full = (1 << self.width) - 1
        first, last = max(0, -y), min(tile.height, self.height - y)
        inside = y >= 0 and y + tile.height <= self.height and x >= 0 and shift >= 0
        if not inside and not self.clipped:
            self.clipped = self._falls_beside(tile, x, y)
        rows = self.rows
        for source in range(first, last):
            row = tile.rows[source]
            if not row:
                continue
            row = row << shift if shift >= 0 else row >> -shift
            row &= full
            if ink is Ink.BLACK:
                rows[y + source] |= row
            elif ink is Ink.XOR:
                rows[y + source] ^= row
            else:
                rows[y + source] &= ~row

    def tile(self) -> Tile:
        """Return what is on the paper now."""
        return Tile(self.width, self.height, tuple(self.rows))

    def _falls_beside(self, tile: Tile, x: int, y: int) -> bool:
        box = tile.ink_box()
        if box is None:
            return False
        left, top, right, bottom = box
        return x + left < 0 or y + top < 0 or x + right > self.width or y + bottom > self.height
