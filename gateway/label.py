"""A label, laid out in dots: the one value every printer language and preview reads.

Every element carries its own 1-bit tile; the label is the union of the tiles at whole-dot
offsets. Editor, preview, PDF, exact print and virtual printer show the same tiles, so they cannot
disagree. Position is no part of a tile: moving an element cannot change a dot.

>>> dot = Tile(3, 2, b"\\xa0\\x40")
>>> print(dot.art())
#.#
.#.
>>> label = Label(8, 2, Density(Fraction(8)), (Picture("logo", 1, 0, 0, dot, fixed=True),))
>>> print(draw(label).art())
.#.#....
..#.....
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from gateway.errors import OffTheLabel, PrinterRefused
from gateway.units import Density, say_length, to_dots, to_um

__all__ = [
    "Barcode", "Box", "Commands", "Density", "Element", "Ellipse", "Fraction", "Label", "Line",
    "Picture", "Rotation", "Text", "Tile", "draw", "move", "on_stock", "overlay", "shift",
    "side_by_side",
]  # fmt: skip

Rotation = Literal[0, 90, 180, 270]
"""Degrees clockwise, as every label language counts them."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A 1-bit picture: rows of ``stride`` bytes, leftmost dot in the top bit, 1 = ink.

    Bits right of ``width`` in the last byte of a row are 0.
    """

    width: int
    height: int
    ink: bytes

    @property
    def stride(self) -> int:
        """Bytes a row."""
        return (self.width + 7) // 8

    def count(self) -> int:
        """Return how many dots are ink."""
        return int.from_bytes(self.ink, "big").bit_count()

    def art(self) -> str:
        """Return the dots as text, one line a row, for people and tests."""
        rows = (self.ink[y * self.stride : (y + 1) * self.stride] for y in range(self.height))
        return "\n".join(
            "".join(".#"[row[x >> 3] >> (7 - (x & 7)) & 1] for x in range(self.width))
            for row in rows
        )


@dataclass(frozen=True, slots=True)
class _Placed:
    id: str
    """The template element this came from."""
    x: int
    """Dots from the label's left edge to the tile's left edge."""
    y: int
    """Dots from the label's top edge to the tile's top edge."""
    rotation: Rotation
    tile: Tile
    """The ink, already rotated."""
    fixed: bool
    """True when no field, counter or date can change it: the same on every label of the job."""


@dataclass(frozen=True, slots=True)
class Text(_Placed):
    lines: tuple[str, ...] = ()
    """Lines as wrapped, in logical order."""
    size: int = 0
    """Font size in dots (the em height the tile was drawn with)."""
    line_height: int = 0
    """Dots from baseline to baseline."""
    align: Literal["left", "center", "right"] = "left"
    font: str = ""
    origin: tuple[int, int] | None = None
    """Dots from the label's top left corner to where the first line's baseline starts: the left
    end of the place the template gives the text, turned with it. A printer's own font starts
    here; None when the text can only be sent as ink."""
    measure: int = 0
    """Dots along the baseline that the place gives each line; 0 when it is as wide as its ink."""


@dataclass(frozen=True, slots=True)
class Barcode(_Placed):
    """A symbol without its human-readable line, which is a Text of its own."""

    symbology: str = ""
    """A name in ``gateway.codes.symbology.SYMBOLOGIES``."""
    content: str = ""
    """What a scanner reads; FNC1 is U+001D where GS1 asks for a separator."""
    module: int = 0
    """Dots of the narrowest bar or of a 2D module."""
    bar_height: int = 0
    """Dots; 0 for 2D codes."""


@dataclass(frozen=True, slots=True)
class Picture(_Placed):
    pass


@dataclass(frozen=True, slots=True)
class Box(_Placed):
    thickness: int = 0
    """Dots of the border; at least half the shorter side means filled."""
    radius: int = 0
    """Dots of the corner radius; 0 is square."""


@dataclass(frozen=True, slots=True)
class Line(_Placed):
    thickness: int = 0
    direction: Literal["-", "|", "/", "\\"] = "-"


@dataclass(frozen=True, slots=True)
class Ellipse(_Placed):
    thickness: int = 0


@dataclass(frozen=True, slots=True)
class Commands(_Placed):
    """Commands of one printer language, sent as they are; what they draw is not known here."""

    language: str = ""
    commands: str = ""
    home: tuple[int, int] = (0, 0)
    """Dots from the label's top left corner to the point that the commands count from."""


Element = Text | Barcode | Picture | Box | Line | Ellipse | Commands


@dataclass(frozen=True, slots=True)
class Label:
    """A whole label for one print head."""

    width: int
    """Dots across the head."""
    height: int
    """Dots along the feed."""
    density: Density
    elements: tuple[Element, ...]
    fixed_key: str = ""
    """Names the fixed elements: equal keys mean equal fixed ink. Empty when unknown."""


def overlay(width: int, height: int, elements: Iterable[Element]) -> Tile:
    """Return the union of the elements' tiles on a tile of width × height dots.

    Ink outside the tile is cut off; ``lay_out`` has refused such labels before.
    """
    stride = (width + 7) // 8
    whole = stride * 8
    keep = (1 << whole) - (1 << (whole - width))
    rows = [0] * height
    for element in elements:
        tile, x = element.tile, element.x
        span = tile.stride
        shift = whole - 8 * span - x
        top = max(0, -element.y)
        for y in range(top, min(tile.height, height - element.y)):
            row = int.from_bytes(tile.ink[y * span : (y + 1) * span], "big")
            if row:
                rows[element.y + y] |= (row << shift if shift >= 0 else row >> -shift) & keep
    return Tile(width, height, b"".join(row.to_bytes(stride, "big") for row in rows))


def shift(element: Element, right: int, down: int) -> Element:
    """Return an element moved by so many dots."""
    at = replace(element, x=element.x + right, y=element.y + down)
    if isinstance(at, Text) and at.origin is not None:
        at = replace(at, origin=(at.origin[0] + right, at.origin[1] + down))
    if isinstance(at, Commands):
        at = replace(at, home=(at.home[0] + right, at.home[1] + down))
    return at


def move(label: Label, right: int, down: int) -> Label:
    """Return the label with all its ink moved by so many dots; its size stays.

    What moves over an edge is cut off there by whoever draws it.
    """
    if not right and not down:
        return label
    moved = tuple(shift(element, right, down) for element in label.elements)
    # The key names fixed ink where the layout put it.
    key = f"{label.fixed_key} moved {right},{down}" if label.fixed_key else ""
    return replace(label, elements=moved, fixed_key=key)


def side_by_side(labels: Sequence[Label], pitch: int) -> Label:
    """Return one label as wide as the roll: these beside each other, from left to right.

    ``pitch`` is the µm from a label's left edge to its neighbour's. Each is placed by its own
    distance from the edge of the roll, so that rounding to dots does not add up; none changes.

    Raises:
        OffTheLabel: they would overlap.
        PrinterRefused: they are laid out for different heads, or there are none.
    """
    densities = {label.density for label in labels}
    if len(densities) != 1:
        raise PrinterRefused(
            f"Labels beside each other come from one print head, got {len(densities)} densities; "
            "lay all of them out for the same printer.",
            densities=len(densities),
        )
    density = labels[0].density
    placed: list[Element] = []
    free = 0
    for number, label in enumerate(labels):
        left = to_dots(number * pitch, density)
        if left < free:
            wide = to_um(labels[number - 1].width, density)
            raise OffTheLabel(
                f"Labels of {say_length(wide)} do not stand beside each other every "
                f"{say_length(pitch)}; expected a pitch of at least their width.",
                pitch=pitch,
                width=wide,
            )
        placed += move(label, left, 0).elements
        free = left + label.width
    keys = [label.fixed_key for label in labels]
    key = f"{' | '.join(keys)} every {pitch}" if all(keys) and len(keys) > 1 else keys[0]
    return Label(
        free,
        max(label.height for label in labels),
        density,
        tuple(placed),
        key if all(keys) else "",
    )


def on_stock(label: Label, width: int, height: int) -> Label:
    """Return the label at the top left of stock of so many dots; larger ones stay as they are."""
    size = max(label.width, width), max(label.height, height)
    return (
        label
        if size == (label.width, label.height)
        else replace(label, width=size[0], height=size[1])
    )


def draw(label: Label) -> Tile:
    """Return the whole label's ink: the union of its elements' tiles."""
    return overlay(label.width, label.height, label.elements)
