r"""What a CPCL printer draws itself: codes, straight lines, and text in its font 7.

Data are the rest of a line, and CPCL has no way to quote them. So only plain printable ASCII goes
as data; whatever else there is, the caller sends as ink.

>>> rule = Line("rule", 8, 40, 0, Tile(16, 2, b"\xff\xff" * 2), True, 2, "-")
>>> draw_native(rule).commands
(b'LINE 8 40 24 40 2',)
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import assert_never

from gateway.drivers.languages.bars import bar_widths, is_code93, two_widths
from gateway.drivers.languages.cells import Cell, set_text
from gateway.drivers.languages.native import Native
from gateway.label import Barcode, Box, Commands, Element, Ellipse, Line, Picture, Text, Tile

_PLAIN = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""Printable ASCII that neither begins nor ends with a space: one space parts data from command."""

_SPEAKS = re.compile(r"[\\^~<>\"]")
"""Signs that mean something to some printer: ``\\`` stands for data in a stored format, ``^`` and
``~`` begin ZPL on printers that take both languages, ``<`` names a file."""

_FONT_7 = (Cell("7", 12, 24),)
"""The resident font of one width that every CPCL printer has (CPCL manual, resident fonts)."""

_MOST_TIMES = 16
"""SETMAG enlarges 1 to 16 times (CPCL manual, SETMAG)."""


def draw_native(element: Element) -> Native | None:
    """Return the element as the printer's own commands, or None when only ink shows it rightly."""
    if element.x < 0 or element.y < 0:
        return None
    match element:
        case Text():
            return _draw_text(element)
        case Barcode():
            return _draw_code(element)
        case Line(direction="-" | "|"):
            return _draw_line(element)
        case Line() | Box() | Ellipse() | Picture() | Commands():
            # The manual does not say which dots a box's or a slanted line's corners are.
            return None
        case _:
            assert_never(element)


def _carries(text: str) -> bool:
    """Return whether text can be the rest of a line and nothing but text."""
    return _PLAIN.fullmatch(text) is not None and _SPEAKS.search(text) is None


def _draw_line(line: Line) -> Native | None:
    """LINE: from the top left corner to the top right or bottom left one, and its thickness."""
    wide, high = line.tile.width, line.tile.height
    if line.tile.count() != wide * high:
        return None
    x, y = line.x, line.y
    if wide >= high:
        command = b"LINE %d %d %d %d %d" % (x, y, x + wide, y, high)
    else:
        command = b"LINE %d %d %d %d %d" % (x, y, x, y + high, wide)
    # Whether the last dot belongs to it differs between firmwares.
    return Native((command,), approximate=True)


def _draw_code(code: Barcode) -> Native | None:
    """Return a linear code that the printer draws alike.

    BARCODE reads from left to right, VBARCODE from below upward, from its lower end. The printer
    chooses the code sets of Code 128: where there is a choice, the code may come out longer.
    """
    if not _carries(code.content):
        return None
    command, y = b"BARCODE", code.y
    upright: Barcode | None = code
    if code.rotation == 270:
        command, y = b"VBARCODE", code.y + code.tile.height
        upright = _laid_down(code)
    if upright is None:
        return None
    approximate = False
    match code.symbology:
        case "code128" if bar_widths(upright):
            kind, ratio = b"128", 1
            pairs = re.fullmatch("([0-9]{2})+", code.content) is not None
            approximate = not pairs and re.search("[0-9]{4}", code.content) is not None
        case "code93" if is_code93(upright):
            kind, ratio = b"93", 1
        case "code39" | "itf" | "itf14" if widths := two_widths(upright):
            kind = b"39" if code.symbology == "code39" else b"I2OF5"
            # 20 to 30 are the ratio of wide to narrow in tenths (CPCL manual, BARCODE).
            ratio, rest = divmod(10 * widths[1], widths[0])
            if rest or not 20 <= ratio <= 30:
                return None
        case _:
            return None
    line = b"%b %b %d %d %d %d %d %b" % (
        command, kind, code.module, ratio, code.bar_height, code.x, y, code.content.encode(),
    )  # fmt: skip
    return Native((b"BARCODE-TEXT OFF", line), approximate)


def _laid_down(code: Barcode) -> Barcode | None:
    """Return a code of bars that reads upward as one that reads to the right."""
    tile, stride = code.tile, code.tile.stride
    black = ((1 << 8 * stride) - (1 << 8 * stride - tile.width)).to_bytes(stride)
    rows = [tile.ink[at : at + stride] for at in range(0, len(tile.ink), stride)]
    if not set(rows) <= {black, bytes(stride)}:
        return None
    wide = (tile.height + 7) // 8
    dots = "".join("1" if row == black else "0" for row in reversed(rows))
    row = (int(dots, 2) << 8 * wide - tile.height).to_bytes(wide)
    return replace(code, rotation=0, tile=Tile(tile.height, tile.width, row * tile.width))


def _draw_text(text: Text) -> Native | None:
    """Return upright text in font 7, where its steps of size come near to the preview."""
    if text.rotation != 0:
        return None
    placed = set_text(text, _FONT_7, across=_MOST_TIMES, down=_MOST_TIMES)
    if not placed or not all(_carries(one.line) for one in placed):
        return None
    first = placed[0]
    texts = (b"TEXT 7 0 %d %d %b" % (one.x, one.y, one.line.encode()) for one in placed)
    lines = (b"SETMAG %d %d" % (first.across, first.down), *texts, b"SETMAG 0 0")
    return Native(lines, approximate=True)
