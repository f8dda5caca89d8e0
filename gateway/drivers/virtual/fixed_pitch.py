"""Text in a printer's fixed-pitch fonts: each character in a cell of its own.

>>> tile, missing = set_cells("AB", 8, 12, 2, 1)
>>> (tile.width, tile.height, missing)
(32, 12, ())
"""

from __future__ import annotations

from gateway.drivers.virtual.canvas import Canvas, Tile
from gateway.drivers.virtual.glyphs import scalable

_WIDEST = 45
"""What the widest capital of font 0 advances at 50 dots: it must stay in its cell."""
_MARGIN = 0.06
"""Part of a cell above the capitals."""
_MOST = 2000
"""Characters that are set: more are far beside every paper."""


def set_cells(
    text: str, width: int, height: int, across: int, down: int
) -> tuple[Tile, tuple[str, ...]]:
    """Return the text's box and the characters that have no glyph.

    ``width`` and ``height`` are a cell's dots, ``across`` and ``down`` how often each is repeated.
    """
    text = text[:_MOST]
    font = scalable(max(1, round(height * 0.97)), max(1, width * 50 // _WIDEST))
    sheet = Canvas(max(1, len(text) * width), height)
    missing: list[str] = []
    for place, character in enumerate(text):
        line = font.set_line(character)
        missing += line.missing
        x = place * width + max(0, (width - line.advance) // 2) - line.left
        sheet.burn(line.ink, x, round(height * _MARGIN) - line.above)
    return sheet.tile().enlarged(across, down), tuple(missing)


def place_turned(tile: Tile, x: int, y: int, degrees: int) -> tuple[Tile, int, int]:
    """Return (tile, x, y) of a box turned clockwise around its own top left corner at (x, y).

    >>> place_turned(Tile(4, 2, (0, 0)), 10, 10, 90)[1:]
    (8, 10)
    """
    turned = tile.turned(degrees // 90)
    left = {90: tile.height, 180: tile.width}.get(degrees, 0)
    above = {180: tile.height, 270: tile.width}.get(degrees, 0)
    return turned, x - left, y - above
