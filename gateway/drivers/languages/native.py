"""What a printer draws by itself: elements as its own commands, the rest left as ink.

>>> from gateway.label import Picture, Tile
>>> dot = Picture("dot", 0, 0, 0, Tile(8, 1, b"\\x80"), fixed=False)
>>> draw_natives([dot], lambda element: Native((b"DOT",), approximate=True))
([b'DOT'], [], ('dot',))
>>> draw_natives([dot], lambda element: None) == ([], [dot], ())
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gateway.label import Box, Element


@dataclass(frozen=True, slots=True)
class Native:
    """An element as a printer's own commands."""

    commands: tuple[bytes, ...]
    approximate: bool = False
    """They only resemble the preview."""


def draw_natives(
    elements: Iterable[Element], draw: Callable[[Element], Native | None]
) -> tuple[list[bytes], list[Element], tuple[str, ...]]:
    """Return commands, the elements that are left as ink, and the ids that only resemble theirs.

    ``draw`` returns None for an element that only ink shows rightly.
    """
    commands: list[bytes] = []
    ink: list[Element] = []
    approximate: list[str] = []
    for element in elements:
        drawn = draw(element)
        if drawn is None:
            ink.append(element)
            continue
        commands += drawn.commands
        if drawn.approximate:
            approximate.append(element.id)
    return commands, ink, tuple(approximate)


def sides_of(box: Box) -> tuple[tuple[int, int, int, int], ...]:
    """Return (x, y, width, height) in dots of the bars that make up a box, none over another.

    Bars, where no manual says whether the far corner of the printer's own box is inside it.
    """
    wide, high, border = box.tile.width, box.tile.height, box.thickness
    x, y = box.x, box.y
    if 2 * border >= min(wide, high):
        return ((x, y, wide, high),)
    return (
        (x, y, wide, border),
        (x, y + high - border, wide, border),
        (x, y + border, border, high - 2 * border),
        (x + wide - border, y + border, border, high - 2 * border),
    )
