r"""What a SATO printer draws itself: codes, rules and frames, and text in its fonts of one width.

A command's data end at the next ESC, so only printable ASCII goes as data; whatever else there is,
the caller sends as ink.

>>> from gateway.label import Tile
>>> rule = Line("rule", 8, 40, 0, Tile(16, 2, b"\xff\xff" * 2), True, 2, "-")
>>> draw_native(rule).commands
(b'\x1bV0041\x1bH0009\x1bFW02H0016',)
"""

from __future__ import annotations

import re
from typing import assert_never

from gateway.codes.code128 import FNC1, START_B, START_C, codewords
from gateway.drivers.languages.bars import SEPARATOR, bar_widths, square_side, two_widths
from gateway.drivers.languages.cells import Cell, set_text
from gateway.drivers.languages.native import Native
from gateway.label import Barcode, Box, Commands, Element, Ellipse, Line, Picture, Text

_FONTS = (Cell("S", 10, 15), Cell("M", 15, 20), Cell("WB", 20, 30), Cell("WL", 30, 52))
"""Resident fonts of one width, with the two dots between characters that ESC P02 sets (GL4xxe
reference, fonts: 8 × 15, 13 × 20, 18 × 30, 28 × 52)."""

_MOST_TIMES = 12
"""ESC L enlarges 1 to 12 times (GL4xxe reference, character expansion)."""

_TO_C, _FNC1 = 99, 102
"""Symbol characters (ISO/IEC 15417, table 1)."""


def at(x: int, y: int) -> bytes:
    """Return the commands for a place in dots from the label's top left, which SBPL counts 1, 1."""
    return b"\x1bV%04d\x1bH%04d" % (y + 1, x + 1)


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
            wide, high = element.tile.width, element.tile.height
            whole = element.tile.count() == wide * high
            return _rules([(element.x, element.y, wide, high)]) if whole else None
        case Box():
            return _draw_box(element)
        case Line() | Ellipse() | Picture() | Commands():
            return None
        case _:
            assert_never(element)


def _rules(sides: list[tuple[int, int, int, int]]) -> Native | None:
    """FW: thickness 1 to 99 dots, across or down, and length (GL4xxe reference, lines)."""
    out = b""
    for x, y, wide, high in sides:
        if not 0 < min(wide, high) < 100 or max(wide, high) > 9_999:
            return None
        way = b"H" if wide >= high else b"V"
        out += at(x, y) + b"\x1bFW%02d%b%04d" % (min(wide, high), way, max(wide, high))
    return Native((out,))


def _draw_box(box: Box) -> Native | None:
    """Return the four sides: the manuals do not say whether FW's frame counts from its outside."""
    wide, high, thick = box.tile.width, box.tile.height, box.thickness
    inner = max(0, wide - 2 * thick) * max(0, high - 2 * thick)
    if box.radius or not inner or box.tile.count() != wide * high - inner:
        return None
    x, y = box.x, box.y
    return _rules(
        [
            (x, y, wide, thick),
            (x, y + high - thick, wide, thick),
            (x, y, thick, high),
            (x + wide - thick, y, thick, high),
        ]
    )


# --- codes -------------------------------------------------------------------------------------


def _draw_code(code: Barcode) -> Native | None:
    """Return Code 128, GS1-128, ITF and Data Matrix; the others go as ink.

    EAN and UPC come with guard bars of the printer's own length, the gaps of Code 39 and Codabar
    depend on a character pitch, and QR may be masked otherwise.
    """
    place = at(code.x, code.y)
    match code.symbology:
        case "code128" | "gs1-128":
            data = _code128_data(code)
            if data is None or not 1 <= code.module <= 12 or code.bar_height > 999:
                return None
            return Native((place + b"\x1bBG%02d%03d%b" % (code.module, code.bar_height, data),))
        case "itf" | "itf14":
            widths = two_widths(code)
            if widths is None or code.module > 12 or code.bar_height > 999:
                return None
            # B, BD and D have wide bars of 3, 2.5 and 2 times the narrow ones.
            ratio = {30: b"B", 25: b"BD", 20: b"D"}.get(10 * widths[1] // widths[0])
            if ratio is None or 10 * widths[1] % widths[0]:
                return None
            size = b"2%02d%03d" % (code.module, code.bar_height)
            return Native((place + b"\x1b" + ratio + size + code.content.encode(),))
        case "datamatrix" if square_side(code) and code.module <= 16:
            # ~ is written twice (WS4 reference, ESC+2D50); the count is of what is written.
            data = code.content.replace("~", "~~").encode()
            size = b"\x1b2D50,%02d,%02d,000,000" % (code.module, code.module)
            # The printer may pack it in other code words: other dots, or a smaller square.
            return Native((place + size + b"\x1bDN%04d,%b" % (len(data), data),), approximate=True)
        case _:
            return None


def _code128_data(code: Barcode) -> bytes | None:
    """Return the data of ESC BG with the code sets of the preview.

    ``>H`` and ``>I`` start in sets B and C, ``>C`` changes to C, ``>F`` is FNC1 (GL4xxe reference,
    code 128). How to change back from C the manuals write in two ways, and none says how to write
    ``>`` itself: such a code goes as ink.
    """
    bars = bar_widths(code)
    sample = code.content
    if code.symbology == "gs1-128":
        sample = FNC1 + sample.replace(SEPARATOR, FNC1)
    if not bars or not sample or re.fullmatch(f"[ -=?-~{FNC1}]+", sample) is None:
        return None
    words = codewords(sample)
    # 11 modules a character, 13 for the stop, one character for the check (ISO/IEC 15417, 4.2).
    if sum(bars) != code.module * (11 * (len(words) + 1) + 13):
        return None
    pairs = words[0] == START_C
    out = [">I" if pairs else ">H"]
    if words[0] not in (START_B, START_C):
        return None
    for word in words[1:]:
        if word == _FNC1:
            out.append(">F")
        elif pairs and word < 100:
            out.append(f"{word:02d}")
        elif not pairs and word < 95:
            out.append(chr(word + 32))
        elif not pairs and word == _TO_C:
            out.append(">C")
            pairs = True
        else:
            return None
    return "".join(out).encode()


# --- text --------------------------------------------------------------------------------------


def _draw_text(text: Text) -> Native | None:
    """Return upright text in a resident font, where its steps of size come near to the preview."""
    if text.rotation != 0:
        return None
    placed = set_text(text, _FONTS, across=_MOST_TIMES, down=_MOST_TIMES)
    if not placed:
        return None
    # PR: every character as wide as the others; P02: two dots between them.
    out = b"\x1bPR"
    for one in placed:
        size = b"\x1bP02\x1bL%02d%02d" % (one.across, one.down)
        out += at(one.x, one.y) + size + b"\x1b" + one.font.encode() + one.line.encode()
    return Native((out + b"\x1bL0101",), approximate=True)
