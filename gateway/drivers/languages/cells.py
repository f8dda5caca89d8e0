"""Text in a printer's fixed-pitch fonts: which font and magnification comes nearest to the preview.

>>> from gateway.label import Tile
>>> words = Text("t", 10, 20, 0, Tile(50, 20, bytes(140)), False, ("SN-1",), 20, 30, "left", "sans",
...              (10, 40), 100)
>>> fonts = (Cell("1", 8, 12), Cell("2", 12, 20), Cell("3", 16, 24))
>>> set_text(words, fonts, across=10, down=10)
(Placed(font='2', across=1, down=1, x=10, y=24, line='SN-1'),)
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.label import Text

_BASELINE = 0.8
"""Where the baseline lies in a cell, from its top; vendors show it and give no number."""

_FARTHEST = 0.3
"""How far a cell may be from the wanted height, as part of it; else ink is nearer."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A fixed-pitch font: its name in commands, and one character's cell in dots."""

    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Placed:
    """One line of text: its font, how often each dot is repeated, and its box's first corner.

    The corner is the text's own top left: it turns with the text.
    """

    font: str
    across: int
    down: int
    x: int
    y: int
    line: str


def set_text(
    text: Text, fonts: tuple[Cell, ...], *, across: int, down: int
) -> tuple[Placed, ...] | None:
    """Return the lines in the nearest font that stays in the text's place; None when none does.

    ``across`` and ``down`` are the largest magnifications. Only printable ASCII can be set.
    """
    if text.origin is None or not text.size:
        return None
    if any(not (" " <= sign <= "~") for line in text.lines for sign in line):
        return None
    longest = max(map(len, text.lines), default=0)
    if not longest:
        return ()
    upright = text.rotation in (0, 180)
    extent = text.tile.width if upright else text.tile.height
    room = max(text.measure, extent)
    best: tuple[float, Cell, int, int] | None = None
    for cell in fonts:
        for tall in range(1, down + 1):
            off = abs(cell.height * tall - text.size) / text.size
            if off > _FARTHEST:
                continue
            for wide in range(1, across + 1):
                reach = longest * cell.width * wide
                if reach > room:
                    break
                # Height counts for more: a line that is a little narrow still reads alike.
                miss = 2 * off + abs(reach - extent) / max(1, extent)
                miss += 0.01 * (wide + tall)  # of two alike, the one with the finer dots
                if best is None or miss < best[0]:
                    best = (miss, cell, wide, tall)
    if best is None:
        return None
    _, cell, wide, tall = best
    return _place(text, cell, wide, tall)


def _place(text: Text, cell: Cell, wide: int, tall: int) -> tuple[Placed, ...] | None:
    assert text.origin is not None
    along = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[text.rotation]
    below = {0: (0, 1), 90: (-1, 0), 180: (0, -1), 270: (1, 0)}[text.rotation]
    rise = int(_BASELINE * cell.height * tall)
    lines = []
    for number, line in enumerate(text.lines):
        spare = max(0, text.measure - len(line) * cell.width * wide)
        shift = {"left": 0, "center": spare // 2, "right": spare}[text.align]
        sink = number * text.line_height - rise
        x = text.origin[0] + shift * along[0] + sink * below[0]
        y = text.origin[1] + shift * along[1] + sink * below[1]
        if x < 0 or y < 0:
            return None
        if line.strip():
            lines.append(Placed(cell.name, wide, tall, x, y, line))
    return tuple(lines)
