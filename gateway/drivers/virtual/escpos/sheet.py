r"""Where ink goes: a line of text and pictures, the strip of paper, and the page of page mode.

>>> from gateway.drivers.virtual.canvas import solid
>>> strip = Strip(8)
>>> strip.feed(2); strip.add(solid(4, 1), 2); strip.feed(3)
>>> piece = strip.cut()
>>> piece.height, piece.ink_box()
(3, (2, 2, 6, 3))
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from gateway.drivers.virtual.canvas import Canvas, Tile

LONGEST = 200_000
"""Rows of one piece: a roll of paper."""
MOST_AREAS = 64
"""Areas and directions of one page that are drawn."""


@dataclass(slots=True)
class Strip:
    """The paper since the last cut. What is fed behind the last ink only moves it to the cutter."""

    width: int
    rows: list[int] = field(default_factory=list)
    fed: int = 0
    clipped: bool = False

    @property
    def printed(self) -> bool:
        """Whether a line or a picture stands on it, be it blank."""
        return bool(self.rows)

    def feed(self, rows: int) -> None:
        """Move the paper; a negative number moves it back over blank paper at most."""
        self.fed = max(0, min(self.fed + rows, LONGEST))

    def add(self, tile: Tile, x: int) -> None:
        """Print a tile, as high as the paper then moves."""
        canvas = Canvas(self.width, tile.height)
        canvas.burn(tile, x, 0)
        self.clipped = self.clipped or canvas.clipped
        self.rows += [0] * self.fed
        self.fed = 0
        self.rows += canvas.rows
        del self.rows[LONGEST:]

    def cut(self, least: int = 0) -> Tile:
        """Return the piece, at least so many rows long, and begin the next."""
        rows, self.rows, self.fed, self.clipped = self.rows, [], 0, False
        rows += [0] * (least - len(rows))
        return Tile(self.width, len(rows), tuple(rows))


@dataclass(slots=True)
class Line:
    """What waits in the print buffer: tiles side by side on one baseline."""

    tiles: list[tuple[Tile, int, int]] = field(default_factory=list)
    """Tile, its left edge, and how many of its rows stand above the baseline."""
    pen: int = 0

    def put(self, tile: Tile, above: int) -> None:
        """Put a tile at the pen, and move the pen behind it."""
        self.tiles.append((tile, self.pen, above))
        self.pen += tile.width

    def take(self) -> Tile:
        """Return the whole line and empty it."""
        above = max(above for _, _, above in self.tiles)
        below = max(tile.height - above for tile, _, above in self.tiles)
        width = max(x + tile.width for tile, x, _ in self.tiles)
        canvas = Canvas(max(1, width), above + max(0, below))
        for tile, x, own in self.tiles:
            canvas.burn(tile, x, above - own)
        self.tiles.clear()
        self.pen = 0
        return canvas.tile()


_QUARTERS = {0: 0, 1: 3, 2: 2, 3: 1}
"""ESC T: the direction of print as quarter turns clockwise: from the left, from the bottom, from
the right, from the top."""


@dataclass(slots=True)
class PageArea:
    """Page mode: an area, a direction, and where the next ink goes in it (ESC W, ESC T)."""

    width: int
    height: int
    area: tuple[int, int, int, int]
    direction: int = 0
    x: int = 0
    y: int = 0
    sheets: dict[tuple[tuple[int, int, int, int], int], Canvas] = field(default_factory=dict)

    @property
    def across(self) -> int:
        """Dots along a line of text."""
        return self.area[3] if self.direction in (1, 3) else self.area[2]

    @property
    def down(self) -> int:
        """Dots across the lines."""
        return self.area[2] if self.direction in (1, 3) else self.area[3]

    def put(self, tile: Tile, above: int) -> None:
        """Put a tile on the baseline at the pen, and move the pen behind it."""
        key = (self.area, self.direction)
        if key not in self.sheets:
            if len(self.sheets) >= MOST_AREAS:
                return
            self.sheets[key] = Canvas(self.across, self.down)
        self.sheets[key].burn(tile, self.x, self.y - above)
        self.x += tile.width

    def take(self) -> Tile:
        """Return the page down to the end of its lowest area, and empty it."""
        bottom = max((area[1] + area[3] for area, _ in self.sheets), default=0)
        page = Canvas(self.width, min(bottom, LONGEST))
        for (area, direction), sheet in self.sheets.items():
            page.burn(sheet.tile().turned(_QUARTERS[direction]), area[0], area[1])
        self.clear()
        return page.tile()

    def clear(self) -> None:
        """Forget what was put on the page."""
        self.sheets.clear()


def to_dots(units: int, per_inch: int, density: Fraction | int, default: Fraction) -> int:
    """Return motion units as whole dots; ``per_inch`` 0 means the printer's own unit."""
    if not per_inch:
        return int(units * default)
    return int(units * density * Fraction(254, 10) / per_inch + Fraction(1, 2))
