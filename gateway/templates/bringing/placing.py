"""Where a field stands: printers place its box or its baseline, turned; templates its rectangle.

>>> spot = Spot(100, 50, typeset=False, from_right=False, quarters=1)
>>> place_on(spot, (80, 20), (0, 15), Box(0, 0, 80, 20))
Box(x=100, y=50, width=20, height=80)
>>> Spot(100, 50, typeset=True, from_right=False, quarters=0).corner(80, 20, (0, 15))
(100, 35)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

from gateway.label import Barcode, Text
from gateway.templates.document import parse_template
from gateway.templates.layout import UTC, Head, Moment, compile_template, datetime
from gateway.units import Density, to_um

_NOON: Final = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)
_FREE: Final = 20_000
"""µm of empty paper round an element that is measured: more than any quiet zone."""
ALONE: Final = "it"
"""What an element is called while it is measured."""
_LARGE: Final = (2400, 1200)
"""Dots of a place that any code of a label fits into."""


class Box(NamedTuple):
    """A rectangle in dots."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def holds(self, other: Box) -> bool:
        """Return whether the other lies inside."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def meets(self, other: Box) -> bool:
        """Return whether both have a dot in common."""
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )

    def within(self, size: tuple[int, int]) -> Box:
        """Return the part of it that lies on a label of that size."""
        left, top = max(0, self.x), max(0, self.y)
        return Box(left, top, min(self.right, size[0]) - left, min(self.bottom, size[1]) - top)

    def sides(self, thick: int) -> tuple[Box, Box, Box, Box]:
        """Return the bars of a frame along its edges."""
        return (
            Box(self.x, self.y, self.width, thick),
            Box(self.x, self.bottom - thick, self.width, thick),
            Box(self.x, self.y, thick, self.height),
            Box(self.right - thick, self.y, thick, self.height),
        )

    def turned_round(self, size: tuple[int, int]) -> Box:
        """Return it on a label turned by 180 degrees."""
        return Box(size[0] - self.right, size[1] - self.bottom, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Spot:
    """The point a field is placed by."""

    x: int
    y: int
    typeset: bool
    """It is the left end of the baseline (^FT), not the box's top left corner (^FO)."""
    from_right: bool
    """It is the right end (third parameter of ^FO and ^FT)."""
    quarters: int
    """Turns clockwise."""

    def corner(self, width: int, height: int, base: tuple[int, int]) -> tuple[int, int]:
        """Return the top left corner, on the label, of a box of that size before turning."""
        across, down = base
        turned = {
            0: (across, down), 1: (height - down, across),
            2: (width - across, height - down), 3: (down, width - across),
        }[self.quarters]  # fmt: skip
        x, y = self.x, self.y
        if self.typeset:
            x, y = x - turned[0], y - turned[1]
        if self.from_right:
            x -= height if self.quarters in (1, 3) else width
        return x, y

    def grown(self, box: Box, size: tuple[int, int]) -> tuple[Box, Literal["left", "right"]]:
        """Return the place of a field whose content may be longer, to the label's edge, and the
        side of it that stays where it is."""
        across, down = size
        match self.quarters:
            case 0 if self.from_right:
                return Box(0, box.y, max(1, box.right), box.height), "right"
            case 0:
                return replace_width(box, across - box.x), "left"
            case 1:
                return box._replace(height=max(box.height, down - box.y)), "left"
            case 2 if self.typeset:
                return Box(0, box.y, max(1, box.right), box.height), "left"
            case 2:
                return replace_width(box, across - box.x), "right"
            case _ if self.typeset:
                return Box(box.x, 0, box.width, max(1, box.bottom)), "left"
            case _:
                return box._replace(height=max(box.height, down - box.y)), "right"

    def raised(self, box: Box, size: tuple[int, int]) -> tuple[Box, Literal["top", "bottom"]]:
        """Return the place, upright, of a code that may be as high as it may be wide, and the side
        of it that stays where it is."""
        if self.typeset:
            high = max(box.height, min(box.bottom, box.width))
            return Box(box.x, box.bottom - high, box.width, high), "bottom"
        return box._replace(height=max(box.height, min(size[1] - box.y, box.width))), "top"


def replace_width(box: Box, width: int) -> Box:
    """Return the box at least so wide."""
    return box._replace(width=max(box.width, width))


def place_on(spot: Spot, size: tuple[int, int], base: tuple[int, int], local: Box) -> Box:
    """Return where a rectangle of a field's box lies on the label.

    Args:
        spot: What the field is placed by.
        size: Width and height of the field's box before turning.
        base: The point of the box that ^FT places.
        local: The rectangle, from the box's top left corner.
    """
    width, height = size
    x, y = spot.corner(width, height, base)
    left, top, wide, high = local
    match spot.quarters:
        case 0:
            return Box(x + left, y + top, wide, high)
        case 1:
            return Box(x + height - top - high, y + left, high, wide)
        case 2:
            return Box(x + width - left - wide, y + height - top - high, wide, high)
        case _:
            return Box(x + top, y + width - left - wide, high, wide)


@dataclass(frozen=True, slots=True)
class Alone:
    """An element laid out by itself, in dots."""

    box: Box
    """All of its ink, from 0, 0."""
    ink: Box
    """The bars or modules of a code, or the ink of whatever else, in that box."""
    bar_height: int
    size: int = 0
    """The em height of a text."""


def measure(
    element: dict[str, Any],
    high: int,
    density: Density,
    fields: list[dict[str, Any]],
    counters: list[dict[str, Any]],
    place: Box | None = None,
) -> Alone:
    """Return how large an element comes out with its example, upright on empty paper.

    Args:
        element: Without a place.
        high: Dots of its place; 0 for as many as it may need.
        density: Dots/mm.
        fields: The fields it takes values from, each with an example.
        counters: The counters in it.
        place: The place it has on the label, when it must fit there.

    Raises:
        GatewayError: it cannot be laid out.
    """
    wide = _LARGE[0]
    if place is not None:
        turned = element.get("rotation") in (90, 270)
        wide, high = (place.height, place.width) if turned else (place.width, place.height)
    width, height = to_um(wide, density), to_um(high or _LARGE[1], density)
    free = {"x": _FREE, "y": _FREE, "width": width, "height": height}
    upright = {**element, **free, "id": ALONE, "rotation": 0}
    template = parse_template(
        {
            "name": "alone",
            "size": {"width": width + 2 * _FREE, "height": height + 2 * _FREE},
            "fields": fields,
            "counters": counters,
            "elements": [upright],
        }
    )
    design = compile_template(template, Head(density))
    counts = {counter.name: counter.start for counter in template.counters}
    label = design.lay_out(design.bind(template.example(), _NOON, counts))
    drawn = [one for one in label.elements if one.tile.width and one.tile.height]
    if not drawn:
        return Alone(Box(0, 0, 1, 1), Box(0, 0, 1, 1), 0)
    main = next((one for one in drawn if isinstance(one, Barcode)), drawn[0])
    left, top = min(one.x for one in drawn), min(one.y for one in drawn)
    right = max(one.x + one.tile.width for one in drawn)
    bottom = max(one.y + one.tile.height for one in drawn)
    if high and isinstance(main, Barcode):
        # The place is as high as was asked: the line of text has its own room in it.
        origin = int(_FREE * density / 1000 + 0.5)
        top, bottom = origin, origin + high
    ink = Box(main.x - left, main.y - top, main.tile.width, main.tile.height)
    bars = main.tile.height if isinstance(main, Barcode) else 0
    size = main.size if isinstance(main, Text) else 0
    return Alone(Box(0, 0, right - left, bottom - top), ink, bars, size)
