r"""TSPL and TSPL2: a label as the bytes a TSC printer, or one of its many likes, prints.

A label is lines of commands: its size, CLS, what is on it, PRINT. ``exact`` sends ink as ``BITMAP``
rectangles, ink that no field can change as a picture kept in memory (``PUTBMP``). ``native`` sends
commands: the printer draws codes, lines and text itself, text in its fixed-pitch fonts.

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 8, 2, 0, Tile(8, 1, b"\x81"), fixed=False)
>>> label = Label(80, 40, parse_density(8), (dot,))
>>> model = Model("any", "Any", "tspl", label.density, head_dots=832)
>>> for line in encode(label, "exact", model).body.split(b"\r\n"):
...     print(line)
b'SIZE 10 mm,5 mm'
b'DIRECTION 0,0'
b'REFERENCE 0,0'
b'CLS'
b'BITMAP 8,2,1,1,1,~'
b'PRINT 1,1'
b''

Commands and their parameters: TSC, TSPL/TSPL2 Programming Manual.
"""

from __future__ import annotations

import struct
from base64 import b32encode
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import assert_never

from gateway.drivers.languages.native import Native, draw_natives, sides_of
from gateway.drivers.languages.page import Language, Mode, Model, Page, Stored, check_density
from gateway.drivers.languages.patches import patches
from gateway.drivers.languages.tspl_fields import AT_ONCE, write_bars, write_code, write_text
from gateway.drivers.languages.tspl_raw import split_raw
from gateway.label import (
    Barcode,
    Box,
    Commands,
    Element,
    Ellipse,
    Label,
    Line,
    Picture,
    Text,
    Tile,
    overlay,
)
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Density

MOST_BYTES = 2_048
"""Bytes of dots in one command: so much must be sent at most until a printer that lost the rest of
a picture listens to commands again."""

_PATCH = 36
"""Bytes one more BITMAP costs, roughly."""

_KEEP_FROM = 512
"""Fixed ink of fewer bytes is sent with each label: keeping it would save nothing."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as TSPL for a printer of that model, set up so.

    Raises:
        PrinterRefused: the label was laid out for a head of another density.
    """
    check_density(label, model)
    width = min(label.width, model.head_dots or label.width)
    opening = _opening(width, label.height, label.density, setup)
    if mode == "native":
        commands, ink, approximate = draw_natives(label.elements, _draw)
        drawn = overlay(width, label.height, ink)
        return Page(_page(opening, _bitmaps(drawn, drawn) + b"".join(commands)), (), approximate)
    # Of a printer nobody named, only what all of them do alike is asked.
    kept = _keep(label, width) if model.keeps and model.name else _NOTHING_KEPT
    whole = overlay(width, label.height, label.elements)
    wanted = whole
    if kept.needs:
        wanted = overlay(width, label.height, (one for one in label.elements if not one.fixed))
    return Page(_page(opening, kept.recall + _bitmaps(wanted, whole)), kept.needs)


def _page(opening: bytes, content: bytes) -> bytes:
    return b"%bCLS\r\n%bPRINT 1,1\r\n" % (opening, content)


# --- settings ----------------------------------------------------------------------------------

_FINISH = {
    "tear_off": b"SET PEEL OFF\r\nSET CUTTER OFF\r\nSET TEAR ON\r\n",
    "peel": b"SET CUTTER OFF\r\nSET PEEL ON\r\n",
    "cut": b"SET PEEL OFF\r\nSET CUTTER 1\r\n",
    "rewind": b"SET PEEL OFF\r\nSET CUTTER OFF\r\nSET TEAR OFF\r\n",
}
"""SET PEEL, SET CUTTER (1: after each label) and SET TEAR (OFF: no label stops at the edge)."""

_SPEEDS = range(1, 15)
"""Inches a second (SPEED)."""


@lru_cache(maxsize=64)
def _opening(width: int, height: int, density: Density, setup: Setup) -> bytes:
    """Return what precedes CLS: the label's size and, where a person chose, the printer's settings.

    Another program may have left the image turned (DIRECTION) or moved (REFERENCE). How labels are
    found, darkness and speed are the printer's own business unless the setup names them.
    """
    out = [b"SIZE %b mm,%b mm\r\n" % (_mm(width, density), _mm(height, density))]
    gap = f"{setup.gap / 1000:.2f}".rstrip("0").rstrip(".").encode()
    match setup.tracking:
        case "gap":
            out.append(b"GAP %b mm,0 mm\r\n" % gap)
        case "mark":
            out.append(b"BLINE %b mm,0 mm\r\n" % gap)
        case "continuous":
            out.append(b"GAP 0 mm,0 mm\r\n")
        case None:
            pass
    if setup.darkness is not None:
        out.append(b"DENSITY %d\r\n" % min((30 * setup.darkness + 100) // 200, 15))
    if setup.speed is not None:
        inches = (2 * setup.speed + 25_400) // 50_800
        out.append(b"SPEED %d\r\n" % min(max(inches, _SPEEDS[0]), _SPEEDS[-1]))
    if setup.finish is not None:
        out.append(_FINISH[setup.finish])
    out.append(b"DIRECTION 0,0\r\nREFERENCE 0,0\r\n")
    return b"".join(out)


def _mm(dots: int, density: Density) -> bytes:
    """Return a length in millimetres to a hundredth: a tenth of a dot of the finest head."""
    return f"{float(dots / density):.2f}".rstrip("0").rstrip(".").encode()


# --- ink ---------------------------------------------------------------------------------------

_PAPER = bytes(byte ^ 0xFF for byte in range(256))
"""0 is black in a BITMAP and in a picture."""


def _bitmaps(wanted: Tile, whole: Tile) -> bytes:
    """Return the ink of ``wanted`` as BITMAP commands.

    Mode 1 (OR) leaves what lies below a rectangle; each rectangle holds it as well.
    """
    out: list[bytes] = []
    for x, y, patch in patches(wanted, whole, _PATCH):
        rows = max(1, MOST_BYTES // patch.stride)
        span = rows * patch.stride
        for start in range(0, len(patch.ink), span):
            ink = patch.ink[start : start + span].translate(_PAPER)
            _write(out, x, y + start // patch.stride, patch.stride, ink)
    return b"".join(out)


def _write(out: list[bytes], x: int, y: int, stride: int, ink: bytes) -> None:
    """Add a rectangle, cut wherever its bytes would read as a command that acts at once."""
    found = AT_ONCE.search(ink)
    if found is None:
        if ink.count(0xFF) < len(ink):
            rows = len(ink) // stride
            out.append(b"BITMAP %d,%d,%d,%d,1,%b\r\n" % (x, y, stride, rows, ink))
        return
    row, column = divmod(found.start(), stride)
    if column == stride - 1:
        # The pair reaches into the next row.
        cut = (row + 1) * stride
        _write(out, x, y, stride, ink[:cut])
        _write(out, x, y + row + 1, stride, ink[cut:])
        return
    lines = [ink[at : at + stride] for at in range(0, len(ink), stride)]
    left = column + 1
    _write(out, x, y, left, b"".join(line[:left] for line in lines))
    _write(out, x + 8 * left, y, stride - left, b"".join(line[left:] for line in lines))


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the printer must keep, and the bytes that put it on a label."""

    needs: tuple[Stored, ...]
    recall: bytes


_NOTHING_KEPT = _Kept((), b"")


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A label's fixed elements, compared by what names their ink."""

    key: object
    width: int
    height: int
    elements: tuple[Element, ...] = field(compare=False)


def _keep(label: Label, width: int) -> _Kept:
    fixed = tuple(element for element in label.elements if element.fixed)
    key = label.fixed_key or tuple((one.id, one.x, one.y, one.tile) for one in fixed)
    return _keep_ink(_Fixed(key, width, label.height, fixed))


@lru_cache(maxsize=64)
def _keep_ink(fixed: _Fixed) -> _Kept:
    """Return the fixed ink as pictures in the printer's memory (DRAM, which forgets without power).

    DOWNLOAD without F or E before the name writes to DRAM. A picture whose bytes would read as a
    command that acts at once is not kept.
    """
    drawn = overlay(fixed.width, fixed.height, fixed.elements)
    needs: list[Stored] = []
    recall: list[bytes] = []
    saved = 0
    for x, y, patch in patches(drawn, drawn, _PATCH):
        rows = max(1, (MOST_BYTES - _BMP_HEADER) // (patch.stride + -patch.stride % 4))
        span = rows * patch.stride
        for start in range(0, len(patch.ink), span):
            ink = patch.ink[start : start + span]
            band = Tile(patch.width, len(ink) // patch.stride, ink)
            picture = _bmp(band)
            if AT_ONCE.search(picture):
                return _NOTHING_KEPT
            digest = blake2b(b"%d,%b" % (band.width, ink), digest_size=5).digest()
            name = b"GW%b.BMP" % b32encode(digest)[:6]
            payload = b'DOWNLOAD "%b",%d,%b\r\n' % (name, len(picture), picture)
            needs.append(Stored(name.decode(), payload, b'KILL "%b"\r\n' % name))
            recall.append(b'PUTBMP %d,%d,"%b"\r\n' % (x, y + start // patch.stride, name))
            saved += len(ink)
    if saved < _KEEP_FROM:
        return _NOTHING_KEPT
    return _Kept(tuple(needs), b"".join(recall))


_BMP_HEADER = 62


def _bmp(tile: Tile) -> bytes:
    """Return the tile as a Windows bitmap of one bit a dot: 0 black, 1 white, bottom row first."""
    pad = b"\xff" * (-tile.stride % 4)
    ink = tile.ink.translate(_PAPER)
    rows = [
        ink[at : at + tile.stride] + pad
        for at in range(len(ink) - tile.stride, -1, -tile.stride)
    ]  # fmt: skip
    dots = b"".join(rows)
    head = struct.pack("<2sIHHI", b"BM", _BMP_HEADER + len(dots), 0, 0, _BMP_HEADER)
    size = struct.pack(
        "<IiiHHIIiiII", 40, tile.width, tile.height, 1, 1, 0, len(dots), 2835, 2835, 2, 2
    )
    return head + size + b"\0\0\0\0\xff\xff\xff\0" + dots


# --- native ------------------------------------------------------------------------------------


def _draw(element: Element) -> Native | None:
    """Return the element as commands, or None when only ink shows it rightly."""
    wide, high = element.tile.width, element.tile.height
    if element.x < 0 or element.y < 0:
        return None
    at = b"%d,%d" % (element.x, element.y)
    match element:
        case Text():
            text = write_text(element)
            return None if text is None else Native((text,), approximate=bool(text))
        case Barcode():
            if code := write_code(element):
                return Native((code,), approximate=element.symbology.endswith("datamatrix"))
            bars = write_bars(element)
            return None if bars is None else Native((bars,))
        case Box():
            if element.radius or not element.thickness:
                return None
            return Native(tuple(b"BAR %d,%d,%d,%d\r\n" % side for side in sides_of(element)))
        case Line(direction="-" | "|"):
            return Native((b"BAR %b,%d,%d\r\n" % (at, wide, high),))
        case Line():
            if wide <= element.thickness:
                return None
            begin, end = element.y, element.y + high - 1
            if element.direction == "/":
                begin, end = end, begin
            # DIAGONAL names the ends of the line; ours is as wide as its thickness at both.
            reach = element.x + wide - element.thickness
            ends = (element.x, begin, reach, end, element.thickness)
            return Native((b"DIAGONAL %d,%d,%d,%d,%d\r\n" % ends,), approximate=True)
        case Ellipse():
            ring = min(element.thickness, wide, high)
            if not ring:
                return None
            ellipse = b"ELLIPSE %b,%d,%d,%d\r\n" % (at, wide, high, ring)
            return Native((ellipse,), approximate=True)
        case Picture() | Commands():
            return None
        case _:
            assert_never(element)


TSPL = Language("tspl", "TSPL", "application/tspl", encode, split_raw)
"""The language of TSC's printers, and of many others."""
