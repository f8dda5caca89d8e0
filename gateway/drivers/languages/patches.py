r"""The ink of a label as few small rectangles, for languages that send dots as they are.

A printer without compressed pictures is sent a rectangle of dots byte for byte, so paper that is
left out is time saved: a frame goes as its four sides, two codes far apart as two pictures.

>>> from gateway.label import Tile
>>> sides = Tile(24, 3, b"\x80\x00\x01" * 3)
>>> [(x, y, patch.width, patch.height) for x, y, patch in patches(sides, sides, 0)]
[(0, 0, 8, 3), (16, 0, 8, 3)]
>>> len(patches(sides, sides, 100))
1
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby

from gateway.label import Tile

_MOST_TO_MERGE = 64
"""Rectangles that are compared with each other; of more, each is sent as it was found."""


def patches(wanted: Tile, whole: Tile, overhead: int) -> list[tuple[int, int, Tile]]:
    """Return (x, y, patch) for rectangles that hold all ink of ``wanted``, top to bottom.

    Sides are whole bytes: x and the width are multiples of eight dots, so a patch may reach up to
    seven dots over the right edge, without ink. Each patch is cut out of ``whole``, a picture of
    the same size: where a printer lets a picture cover what lies below, nothing is lost.
    ``overhead`` is what one more rectangle costs, in bytes.
    """
    found = _find(wanted, overhead)
    if len(found) <= _MOST_TO_MERGE:
        found = _merge(found, overhead)
    stride = whole.stride
    out = []
    for left, right, top, bottom in sorted(found, key=lambda one: (one[2], one[0])):
        rows = (
            whole.ink[at + left : at + right]
            for at in range(top * stride, bottom * stride, stride)
        )  # fmt: skip
        patch = Tile(8 * (right - left), bottom - top, b"".join(rows))
        out.append((8 * left, top, patch))
    return out


_Rectangle = tuple[int, int, int, int]
"""Left and right in bytes, top and bottom in rows; right and bottom are outside."""


def _find(wanted: Tile, overhead: int) -> list[_Rectangle]:
    """Sweep down the rows: a run of ink joins the rectangle above it where that is cheapest."""
    done: list[_Rectangle] = []
    growing: list[_Rectangle] = []
    for top, bottom, row in _alike(wanted):
        still = [one for one in growing if (top - one[3]) * (one[1] - one[0]) <= overhead]
        done += [one for one in growing if one not in still]
        growing = still
        for run in _runs(overhead).finditer(row):
            left, right = run.span()
            best, least = -1, overhead + (right - left) * (bottom - top)
            for index, one in enumerate(growing):
                wide = max(one[1], right) - min(one[0], left)
                more = wide * (bottom - one[2]) - (one[1] - one[0]) * (one[3] - one[2])
                if more <= least:
                    best, least = index, more
            if best < 0:
                growing.append((left, right, top, bottom))
            else:
                one = growing[best]
                growing[best] = (min(one[0], left), max(one[1], right), one[2], bottom)
    return done + growing


def _alike(tile: Tile) -> Iterator[tuple[int, int, bytes]]:
    """Yield (first row, row after the last, the row) for rows that follow each other unchanged."""
    stride = tile.stride or 1
    rows = (tile.ink[at : at + stride] for at in range(0, len(tile.ink), stride))
    top = 0
    for row, same in groupby(rows):
        bottom = top + sum(1 for _ in same)
        if any(row):
            yield top, bottom, row
        top = bottom


@cache
def _runs(overhead: int) -> re.Pattern[bytes]:
    """Return the pattern of a run of ink: gaps no rectangle would be spared for belong to it."""
    gap = overhead // 8
    return re.compile(rb"[^\0]+(?:\0{1,%d}[^\0]+)*" % gap if gap else rb"[^\0]+")


def _merge(found: list[_Rectangle], overhead: int) -> list[_Rectangle]:
    """Join rectangles as long as one costs less than two."""
    merged = True
    while merged:
        merged = False
        for first, one in enumerate(found):
            for second in range(first + 1, len(found)):
                other = found[second]
                both = (
                    min(one[0], other[0]), max(one[1], other[1]),
                    min(one[2], other[2]), max(one[3], other[3]),
                )  # fmt: skip
                if _area(both) <= _area(one) + _area(other) + overhead:
                    found[first] = both
                    del found[second]
                    merged = True
                    break
            if merged:
                break
    return found


def _area(one: _Rectangle) -> int:
    return (one[1] - one[0]) * (one[3] - one[2])
