"""What a printer that draws codes itself must be told, read off the previewed code.

A command names symbology, narrow and wide; these functions say whether that would give the bars of
the preview. Where it would not, the code is sent as ink.

>>> from gateway.label import Tile
>>> two = Barcode("c", 0, 0, 0, Tile(8, 2, b"\\xe7\\xe7"), True, "code39", "A", 2, 2)
>>> bar_widths(two)
(3, 2, 3)
"""

from __future__ import annotations

import re
from itertools import groupby

from gateway.label import Barcode, Tile

SEPARATOR = "\x1d"
"""FNC1 inside a GS1 element string, as scanners send it (GS1 General Specifications 7.8)."""

_HOLDS = {
    10: 3, 12: 5, 14: 8, 16: 12, 18: 18, 20: 22, 22: 30, 24: 36, 26: 44, 32: 62, 36: 86, 40: 114,
    44: 144, 48: 174, 52: 204,
}  # fmt: skip
"""Data code words of the square sizes (ISO/IEC 16022, table 7)."""


def bar_widths(code: Barcode) -> tuple[int, ...]:
    """Return the bars and spaces in dots, left to right; empty unless it is upright bars alone."""
    tile, stride = code.tile, code.tile.stride
    if code.rotation != 0 or tile.height != code.bar_height or not tile.width or code.module < 1:
        return ()
    if tile.ink != tile.ink[:stride] * tile.height:
        return ()
    dots = f"{int.from_bytes(tile.ink[:stride]):0{8 * stride}b}"[: tile.width]
    if dots[0] != "1" or dots[-1] != "1":
        return ()
    return tuple(len(list(run)) for _, run in groupby(dots))


def two_widths(code: Barcode) -> tuple[int, int] | None:
    """Return (narrow, wide) of a Code 39, Codabar or ITF, when its content has just these bars.

    None when the bars have other widths, or are not what the content says.
    """
    bars = bar_widths(code)
    if not bars:
        return None
    narrow, wide = min(bars), max(bars)
    if narrow != code.module or set(bars) != {narrow, wide}:
        return None
    content = code.content
    if code.symbology == "code39" and re.fullmatch("[0-9A-Z .$/+%-]+", content):
        # Start, stop and each character: 6 narrow and 3 wide, a narrow gap between (ISO/IEC 16388).
        signs = len(content) + 2
        narrows, wides = 7 * signs - 1, 3 * signs
    elif code.symbology == "codabar" and re.fullmatch("[A-D][0-9$:/.+-]+[A-D]", content):
        # Seven elements, two of them wide in 0-9, - and $, three in the others (EN 798, 4.3).
        wides = sum(2 if sign in "0123456789-$" else 3 for sign in content)
        narrows = 8 * len(content) - 1 - wides
    elif code.symbology in ("itf", "itf14") and re.fullmatch("([0-9]{2})+", content):
        # Start 4 narrow, a pair 6 narrow and 4 wide, stop 2 narrow and 1 wide (ISO/IEC 16390).
        narrows, wides = 6 + 3 * len(content), 1 + 2 * len(content)
    else:
        return None
    return (narrow, wide) if narrows * narrow + wides * wide == sum(bars) else None


def is_code93(code: Barcode) -> bool:
    """Return whether it is a Code 93 of the 43 characters that need no shift."""
    if re.fullmatch("[0-9A-Z .$/+%-]+", code.content) is None:
        return False
    # Nine modules for start, each character, two check characters and stop, and one bar
    # (ANSI/AIM BC5, 2.6).
    return sum(bar_widths(code)) == code.module * (9 * (len(code.content) + 4) + 1)


def square_side(code: Barcode) -> int | None:
    """Return the modules of a Data Matrix's side when any printer packs its content into that.

    Ours may be packed tighter than in ASCII, which every firmware can do; a printer told a size
    that its own packing exceeds prints no code at all. None as well for other ASCII than printable.
    """
    side, rest = divmod(code.tile.width, max(1, code.module))
    if code.rotation != 0 or rest or code.tile.width != code.tile.height:
        return None
    gs1 = code.symbology == "gs1-datamatrix"
    plain = code.content.replace(SEPARATOR, "") if gs1 else code.content
    if not plain or not all(" " <= sign <= "~" for sign in plain):
        return None
    words = len(re.sub("[0-9]{2}", "2", code.content)) + gs1
    return side if words <= _HOLDS.get(side, 0) else None


_MOST_RECTANGLES = 240
"""Of more, ink is quicker to draw, whatever its bytes."""


def rectangles(tile: Tile) -> tuple[tuple[int, int, int, int], ...]:
    """Return (x, y, width, height) of black rectangles that are the tile; empty when too many.

    The bars of a linear code, upright, turned or with long guard bars, are few.

    >>> rectangles(Tile(8, 3, b"\\xc6\\xc6\\xc0"))
    ((0, 0, 2, 3), (5, 0, 2, 2))
    """
    stride = tile.stride or 1
    rows = (tile.ink[at : at + stride] for at in range(0, len(tile.ink), stride))
    done: list[tuple[int, int, int, int]] = []
    growing: dict[tuple[int, int], int] = {}
    """Left and width of a rectangle to its first row."""
    top = 0
    for row, same in groupby(rows):
        dots = f"{int.from_bytes(row):0{8 * stride}b}"
        runs = {(run.start(), len(run[0])) for run in re.finditer("1+", dots)}
        for left, width in [run for run in growing if run not in runs]:
            first = growing.pop((left, width))
            done.append((left, first, width, top - first))
        for run in runs - growing.keys():
            growing[run] = top
        if len(done) + len(growing) > _MOST_RECTANGLES:
            return ()
        top += sum(1 for _ in same)
    done += [(left, first, width, top - first) for (left, width), first in growing.items()]
    return tuple(sorted(done, key=lambda one: (one[1], one[0])))
