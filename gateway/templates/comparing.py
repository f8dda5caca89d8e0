"""Two drawings of a label over each other: which dots came, which went, and where.

    before, after: Tile ──compare──► Comparison: counts, and the rectangle round them
                        ──over_each_other──► one picture of both

In the picture each dot is a square of ``SCALE`` × ``SCALE`` pixels, so that it can have a pattern:
what both print is black, what only the new one prints is solid dark red, and what only the old one
printed is lighter red and hatched, half of each dot left white. So the two are told apart without
seeing colours, on a grey screen and on paper. Where only one of the labels has paper, it is grey.

>>> from gateway.label import Tile
>>> before, after = Tile(3, 1, bytes([0b11000000])), Tile(3, 1, bytes([0b01100000]))
>>> compared = compare(before, after)
>>> compared.gone, compared.new, compared.rectangle
(1, 1, (0, 0, 3, 1))
>>> over_each_other(before, after)[:4]
b'\\x89PNG'
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Final

from gateway.errors import OffTheLabel
from gateway.label import Tile
from gateway.templates.layout import LARGEST_LABEL

if TYPE_CHECKING:
    from PIL.Image import Image

SCALE: Final = 2
"""Pixels a dot, across and down: the fewest that a hatch can be seen in."""

PAPER: Final = (255, 255, 255)
BOTH: Final = (0, 0, 0)
NEW: Final = (155, 0, 25)
"""Dots only the new label prints: solid."""
GONE: Final = (255, 90, 90)
"""Dots only the old label printed: one diagonal of each."""
NO_PAPER: Final = (208, 208, 208)
"""Where only one of the two labels is."""

_COLOURS: Final = (PAPER, BOTH, NEW, GONE, NO_PAPER)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two drawings, in dots."""

    width: int
    """Of both together."""
    height: int
    same_size: bool
    gone: int
    """Dots only the old one prints."""
    new: int
    """Dots only the new one prints."""
    rectangle: tuple[int, int, int, int] | None
    """x, y, width and height of the smallest rectangle round all of them; None without any."""


def compare(before: Tile, after: Tile) -> Comparison:
    """Return what differs between two drawings that lie with their top left corners together.

    Raises:
        OffTheLabel: together they are larger than any label.
    """
    from PIL import ImageChops  # late: few ask for it

    old, new = _masks(before, after)
    differs = ImageChops.logical_xor(old, new)
    box = differs.getbbox()
    return Comparison(
        old.width,
        old.height,
        (before.width, before.height) == (after.width, after.height),
        _count(ImageChops.logical_and(differs, old)),
        _count(ImageChops.logical_and(differs, new)),
        None if box is None else (box[0], box[1], box[2] - box[0], box[3] - box[1]),
    )


def over_each_other(before: Tile, after: Tile) -> bytes:
    """Return the picture of two drawings over each other, as a PNG file.

    Raises:
        OffTheLabel: together they are larger than any label.
    """
    from PIL import Image, ImageChops  # late: few ask for it

    old, new = (_large(mask) for mask in _masks(before, after))
    differs = ImageChops.logical_xor(old, new)
    gone = ImageChops.logical_and(differs, old)
    picture = Image.new("P", old.size, 4)
    picture.putpalette([level for colour in _COLOURS for level in colour])
    shared = min(before.width, after.width) * SCALE, min(before.height, after.height) * SCALE
    picture.paste(0, (0, 0, *shared))
    picture.paste(1, mask=ImageChops.logical_and(old, new))
    picture.paste(2, mask=ImageChops.logical_and(differs, new))
    picture.paste(0, mask=gone)
    picture.paste(3, mask=ImageChops.logical_and(gone, _diagonals(old.size)))
    written = BytesIO()
    picture.save(written, "PNG", bits=4, compress_level=3)
    return written.getvalue()


def _masks(before: Tile, after: Tile) -> tuple[Image, Image]:
    """Return both as masks of one size.

    Raises:
        OffTheLabel: a wide one and a long one need more paper together than any label.
    """
    size = max(before.width, after.width), max(before.height, after.height)
    if size[0] * size[1] > LARGEST_LABEL:
        raise OffTheLabel(
            f"Labels of {before.width} × {before.height} and {after.width} × {after.height} dots "
            f"cannot be laid over each other: together they are {size[0]} × {size[1]}, expected at "
            f"most {LARGEST_LABEL // 1_000_000} million dots in all.",
            width=size[0],
            height=size[1],
        )
    return _ink(before, size), _ink(after, size)


def _ink(tile: Tile, size: tuple[int, int]) -> Image:
    """Return a tile as a mask of that size: ink is set."""
    from PIL import Image

    mask = Image.new("1", size, 0)
    if tile.width and tile.height:
        mask.paste(Image.frombytes("1", (tile.width, tile.height), tile.ink), (0, 0))
    return mask


def _large(mask: Image) -> Image:
    """Return a mask with ``SCALE`` × ``SCALE`` pixels a dot."""
    from PIL.Image import Resampling

    size = mask.width * SCALE, mask.height * SCALE
    return mask.resize(size, Resampling.NEAREST)


def _diagonals(size: tuple[int, int]) -> Image:
    """Return a mask with one diagonal of each dot."""
    from PIL import Image

    # Even rows 10101010, odd rows 01010101: of a dot's four pixels top left and bottom right.
    stride = (size[0] + 7) // 8
    pair = b"\xaa" * stride + b"\x55" * stride
    return Image.frombytes("1", size, pair * (size[1] // 2))


def _count(mask: Image) -> int:
    return mask.histogram()[255]
