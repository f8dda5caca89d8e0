"""A label under construction: fields in the order they were closed, then the whole picture.

Most fields never change and are burnt once. A field with a serial number is drawn anew for each
piece, which is why a page keeps its fields and not only their ink.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.drivers.virtual.canvas import Canvas, Ink, Tile
from gateway.drivers.virtual.zpl.fields import Drawn


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field goes, in dots from the label's top left."""

    x: int
    y: int
    typeset: bool = False
    """^FT: (x, y) is the baseline's left end, not the box's corner."""
    align_right: bool = False
    """(x, y) is the right end (third parameter of ^FO and ^FT)."""
    quarters: int = 0
    ink: Ink = Ink.BLACK


@dataclass(slots=True)
class Placed:
    """A field on the page: drawn once, or anew for each piece."""

    place: Place
    draw: Callable[[int], Drawn | None]
    """The upright field of the n-th piece."""
    serial: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """The label's own settings when it was closed."""

    width: int
    height: int
    shift_left: int = 0
    shift_down: int = 0
    inverted: bool = False
    mirrored: bool = False


@dataclass(slots=True)
class Page:
    """The fields of one format."""

    fields: list[Placed] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def is_serial(self) -> bool:
        """Return whether pieces differ from each other."""
        return any(placed.serial for placed in self.fields)

    def list_unknown(self, what: str) -> None:
        """Record something not understood, once."""
        if what not in self.unknown and len(self.unknown) < 200:
            self.unknown.append(what)

    def burn(self, sheet: Sheet, copy: int) -> Tile:
        """Return the picture of the n-th piece."""
        canvas = Canvas(sheet.width, sheet.height)
        for placed in self.fields:
            drawn = placed.draw(copy)
            if drawn is None:
                continue
            self._burn_field(canvas, sheet, placed.place, drawn)
            if drawn.missing:
                for character in drawn.missing:
                    self.list_unknown(f"glyph U+{ord(character):04X}")
        if canvas.clipped and "ink fell beside the paper" not in self.notes:
            self.notes.append("ink fell beside the paper")
        tile = canvas.tile()
        if sheet.inverted:
            tile = tile.turned(2)
        return tile.mirrored() if sheet.mirrored else tile

    @staticmethod
    def _burn_field(canvas: Canvas, sheet: Sheet, place: Place, drawn: Drawn) -> None:
        turned = drawn.turned(place.quarters)
        x, y = place.x - sheet.shift_left, place.y + sheet.shift_down
        if place.typeset:
            x, y = x - turned.base[0], y - turned.base[1]
        if place.align_right:
            x -= turned.width
        canvas.burn(turned.tile, x + turned.x, y + turned.y, place.ink)
