"""From a field's commands to ink: where it stands, how it turns, how its text is set.

A field is drawn upright in a box of its own; ``Drawn.turned`` turns box, ink and the point that
^FT names together, so that each kind of field is drawn once and works in all four orientations.

>>> drawn = set_text("AB", scalable(50, 50))
>>> drawn.width, drawn.height, drawn.base
(55, 50, (0, 37))
>>> turned = drawn.turned(1)
>>> turned.width, turned.height, turned.base
(50, 55, (13, 0))
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.drivers.virtual.canvas import Canvas, Tile
from gateway.drivers.virtual.glyphs import Font, Line, scalable

__all__ = ["Block", "Drawn", "scalable", "set_block", "set_text"]

QUARTERS = {"N": 0, "R": 1, "I": 2, "B": 3}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A field's ink inside its box, in dots."""

    tile: Tile
    x: int
    """Where the ink's tile begins, right of the box's left edge (may be negative)."""
    y: int
    width: int
    height: int
    base: tuple[int, int]
    """The point of the box that ^FT places: left end of the baseline, or of a code's bars."""
    missing: tuple[str, ...] = ()
    """Characters the font could not draw."""

    def turned(self, quarters: int) -> Drawn:
        """Return the field turned clockwise by quarter turns, box and base with it."""
        quarters %= 4
        if quarters == 0:
            return self
        across, down = self.base
        far_x = self.width - self.x - self.tile.width
        far_y = self.height - self.y - self.tile.height
        x, y, base = {
            1: (far_y, self.x, (self.height - down, across)),
            2: (far_x, far_y, (self.width - across, self.height - down)),
            3: (self.y, far_x, (down, self.width - across)),
        }[quarters]
        width, height = (self.width, self.height) if quarters == 2 else (self.height, self.width)
        return Drawn(self.tile.turned(quarters), x, y, width, height, base, self.missing)


@dataclass(frozen=True, slots=True)
class Block:
    """A text block (^FB): width in dots, lines, extra pitch, justification, hanging indent."""

    width: int
    lines: int = 1
    spacing: int = 0
    justify: str = "L"
    indent: int = 0


def set_text(text: str, font: Font) -> Drawn:
    """Return one line of text; its box is as high as the font's cell."""
    line = font.set_line(text)
    return Drawn(
        line.ink,
        -line.left,
        -line.above,
        max(1, line.advance),
        font.height,
        (0, font.ascent),
        line.missing,
    )


_FARTHEST = 32000
"""Dots beyond which no line is set: the longest label (ZPL II guide, ^LL)."""

_ESCAPE = re.compile(r"\\([&\-\\])")
_BREAK, _HYPHEN = "\n", "\u00ad"


def set_block(text: str, font: Font, block: Block) -> Drawn:
    """Return text wrapped and justified in a block (ZPL II guide, ^FB).

    ``\\&`` breaks a line, ``\\-`` allows a hyphen, ``\\\\`` is a backslash. Lines beyond the last
    one allowed are printed over it.
    """
    text = _ESCAPE.sub(lambda m: {"&": _BREAK, "-": _HYPHEN, "\\": "\\"}[m[1]], text)
    lines = [
        (wrapped, last)
        for paragraph in text.split(_BREAK)
        for wrapped, last in _wrap(paragraph, font, block)
    ]
    pitch = font.height + block.spacing
    set_lines: list[tuple[Line, int, int]] = []
    for index, (written, ends) in enumerate(lines):
        indent = block.indent if index else 0
        row = min(index, block.lines - 1) * pitch
        room = block.width - indent
        if block.justify == "J" and not ends:
            set_lines += [(line, indent + x, row) for line, x in _spread(written, font, room)]
            continue
        line = font.set_line(written)
        slack = max(0, room - line.advance)
        shift = {"C": slack // 2, "R": slack}.get(block.justify, 0)
        set_lines.append((line, indent + shift, row))
    used = min(len(lines), block.lines)
    return _assemble(
        set_lines,
        block.width,
        font.height + (block.lines - 1) * pitch,
        # ^FT places the baseline of the last line.
        (0, font.ascent + max(0, used - 1) * pitch),
    )


def set_area(text: str, font: Font, width: int, height: int) -> Drawn:
    """Return text wrapped in an area and cut off below it (ZPL II guide, ^TB)."""
    lines = list(_wrap(text, font, Block(width)))
    fitting = max(1, height // max(1, font.height))
    set_lines = [
        (font.set_line(written), 0, index * font.height)
        for index, (written, _) in enumerate(lines[:fitting])
    ]
    return _assemble(set_lines, width, height, (0, font.ascent))


def _assemble(
    lines: Sequence[tuple[Line, int, int]], width: int, height: int, base: tuple[int, int]
) -> Drawn:
    lines = [entry for entry in lines if -_FARTHEST < entry[2] < _FARTHEST]
    left = max([0] + [line.left - x for line, x, _ in lines])
    above = max([0] + [line.above - y for line, _, y in lines])
    right = max([1] + [x - line.left + line.ink.width for line, x, _ in lines])
    bottom = max([1] + [y - line.above + line.ink.height for line, _, y in lines])
    sheet = Canvas(left + right, above + bottom)
    for line, x, y in lines:
        sheet.burn(line.ink, left + x - line.left, above + y - line.above)
    missing = tuple(c for line, _, _ in lines for c in line.missing)
    return Drawn(sheet.tile(), -left, -above, width, height, base, missing)


def _wrap(paragraph: str, font: Font, block: Block) -> list[tuple[str, bool]]:
    """Return the lines of a paragraph, each with whether it is the paragraph's last."""
    lines: list[str] = []
    current = ""
    for word in paragraph.split(" "):
        candidate = f"{current} {word}" if current else word
        room = block.width - (block.indent if lines else 0)
        if font.measure(candidate.replace(_HYPHEN, "")) <= room:
            current = candidate
            continue
        head, rest = _hyphenate(current, word, font, room)
        if head:
            lines.append(head)
            current = rest
        else:
            if current:
                lines.append(current)
            current = word
        while font.measure(current.replace(_HYPHEN, "")) > (room := block.width - block.indent):
            cut = _longest_fit(current, font, room)
            lines.append(current[:cut])
            current = current[cut:]
    lines.append(current)
    return [(line.replace(_HYPHEN, ""), i == len(lines) - 1) for i, line in enumerate(lines)]


def _hyphenate(current: str, word: str, font: Font, room: int) -> tuple[str, str]:
    """Return the line up to the last soft hyphen that fits, and what follows it."""
    parts = word.split(_HYPHEN)
    for cut in range(len(parts) - 1, 0, -1):
        start = f"{current} " if current else ""
        head = start + "".join(parts[:cut]) + "-"
        if font.measure(head.replace(_HYPHEN, "")) <= room:
            return head, _HYPHEN.join(parts[cut:])
    return "", ""


def _longest_fit(text: str, font: Font, room: int) -> int:
    cut = 1
    while cut < len(text) and font.measure(text[: cut + 1].replace(_HYPHEN, "")) <= room:
        cut += 1
    return cut


def _spread(text: str, font: Font, room: int) -> list[tuple[Line, int]]:
    """Return the words of a line spread over the whole width."""
    words = [font.set_line(word) for word in text.split(" ")]
    slack = room - sum(word.advance for word in words)
    gaps = max(1, len(words) - 1)
    placed, x = [], 0.0
    for word in words:
        placed.append((word, int(x + 0.5)))
        x += word.advance + slack / gaps
    return placed
