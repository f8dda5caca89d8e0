r"""Text and codes a TSPL printer draws itself, quoted so that data can never become a command.

A command is a line; its data stand between quotation marks, and a quotation mark inside is written
``\["]`` (TSPL/TSPL2 Programming Manual, TEXT). What a line cannot carry is sent as ink: control
characters, and the two bytes that begin a command at any time, ``ESC !`` and ``~!``.

>>> quote('12" disk')
b'"12\\["] disk"'
>>> quote("~!T") is None
True
>>> code128_data("SN-0001")
(b'!104SN-!0990001', 8)
"""

from __future__ import annotations

import re

from gateway.codes.code128 import FNC1, START_A, START_B, START_C, codewords
from gateway.drivers.languages.bars import (
    SEPARATOR,
    bar_widths,
    is_code93,
    rectangles,
    square_side,
    two_widths,
)
from gateway.drivers.languages.cells import Cell, set_text
from gateway.label import Barcode, Text

AT_ONCE = re.compile(rb"[\x1b~]!")
"""What acts at any time, wherever it stands (TSPL/TSPL2 Programming Manual, <ESC>!? to ~!F)."""

FONTS = (Cell("1", 8, 12), Cell("2", 12, 20), Cell("3", 16, 24), Cell("4", 24, 32))
"""Fixed-pitch fonts that every TSPL printer has (TSPL/TSPL2 Programming Manual, TEXT)."""


def quote(text: str) -> bytes | None:
    """Return the text between quotation marks; None when no line can carry it as data."""
    if not all(" " <= sign <= "~" for sign in text):
        return None
    # A backslash before a bracket begins an escape, and nothing says how to write it as itself. One
    # before the closing mark may be taken for another.
    if "\\[" in text or text.endswith("\\") or AT_ONCE.search(text.encode()):
        return None
    return b'"%b"' % text.replace('"', '\\["]').encode()


def write_text(text: Text) -> bytes | None:
    """Return TEXT commands for the lines, or None when only ink shows them rightly."""
    lines = set_text(text, FONTS, across=10, down=10)
    if lines is None:
        return None
    out = []
    for one in lines:
        data = quote(one.line)
        if data is None:
            return None
        out.append(
            b'TEXT %d,%d,"%b",%d,%d,%d,%b\r\n'
            % (one.x, one.y, one.font.encode(), text.rotation, one.across, one.down, data)
        )
    return b"".join(out)


def write_code(code: Barcode) -> bytes | None:
    """Return the command with which the printer draws the previewed code, or None.

    None for turned codes (no manual says around which corner a code turns), EAN and UPC (how far
    guard bars reach differs), and QR, Aztec, PDF417 and DataBar, whose dots depend on how a
    firmware packs the content: they go as bars or ink.
    """
    if code.rotation != 0 or code.x < 0 or code.y < 0:
        return None
    if code.symbology in ("datamatrix", "gs1-datamatrix"):
        return _data_matrix(code)
    match code.symbology:
        case "code128" | "gs1-128":
            written = code128_data(code.content, code.symbology == "gs1-128")
            # 11 modules a character, 13 for the stop (ISO/IEC 15417, 4.2).
            if written is None or sum(bar_widths(code)) != code.module * (11 * written[1] + 13):
                return None
            return _barcode(code, b"128M", code.module, code.module, b'"%b"' % written[0])
        case "code39" if re.search("[$/+%]", code.content) is None:
            # "39" is full ASCII on TSPL2 printers and writes these four signs as pairs.
            return _of_two_widths(code, b"39")
        case "itf" | "itf14":
            return _of_two_widths(code, b"25")
        case "code93" if is_code93(code) and (data := quote(code.content)):
            return _barcode(code, b"93", code.module, code.module, data)
        case _:
            return None


def write_bars(code: Barcode) -> bytes | None:
    """Return the code as BAR commands, dot for dot, or None where ink is less to send."""
    bars = b"".join(
        b"BAR %d,%d,%d,%d\r\n" % (code.x + x, code.y + y, wide, high)
        for x, y, wide, high in rectangles(code.tile)
    )
    return bars if bars and len(bars) < len(code.tile.ink) else None


def _of_two_widths(code: Barcode, kind: bytes) -> bytes | None:
    widths = two_widths(code)
    data = quote(code.content)
    if widths is None or data is None:
        return None
    narrow, wide = widths
    # The manual's table of narrow to wide: 1:2, 2:5 and 1:3.
    if 2 * wide not in (4 * narrow, 5 * narrow, 6 * narrow):
        return None
    return _barcode(code, kind, narrow, wide, data)


def _barcode(code: Barcode, kind: bytes, narrow: int, wide: int, data: bytes) -> bytes:
    # 0: without the printer's own line of text, 0: not turned.
    return b'BARCODE %d,%d,"%b",%d,0,0,%d,%d,%b\r\n' % (
        code.x, code.y, kind, code.bar_height, narrow, wide, data,
    )  # fmt: skip


_SHIFT, _FNC1 = 98, 102
_SWITCH = {99: "C", 100: "B", 101: "A"}
"""Symbol characters (ISO/IEC 15417, table 1)."""


def code128_data(content: str, gs1: bool = False) -> tuple[bytes, int] | None:
    """Return (data of BARCODE "128M", symbol characters) of the previewed code.

    ``!`` and three digits stand for start, switch and FNC1 (TSPL/TSPL2 Programming Manual,
    BARCODE, table of control codes). The characters count start and check, not the stop. None when
    a line cannot carry it, or when it holds the sign ``!`` itself.
    """
    sample = FNC1 + content.replace(SEPARATOR, FNC1) if gs1 else content
    plain = sample.replace(FNC1, "")
    if "!" in plain or quote(plain) is None or '"' in plain or not sample:
        return None
    words = codewords(sample)
    current = {START_A: "A", START_B: "B", START_C: "C"}[words[0]]
    out = [f"!{words[0]}"]
    for word in words[1:]:
        if word == _FNC1:
            out.append("!102")
        elif current == "C" and word < 100:
            out.append(f"{word:02}")
        elif current != "C" and word < 96:
            if current == "A" and word >= 64:
                return None
            out.append(chr(word + 32))
        elif word in _SWITCH and _SWITCH[word] != current:
            current = _SWITCH[word]
            out.append(f"!{word:03}")
        else:
            return None
    return "".join(out).encode(), len(words) + 1


_ESCAPES = "~@#|$%*&^"
"""One that the content does not hold announces FNC1 (DMATRIX, parameter c)."""


def _data_matrix(code: Barcode) -> bytes | None:
    side = square_side(code)
    if side is None or code.module > 40:
        return None
    content = code.content
    sign = next((sign for sign in _ESCAPES if sign not in content), None)
    if sign is None:
        return None
    if code.symbology == "gs1-datamatrix":
        content = f"{sign}1" + content.replace(SEPARATOR, f"{sign}1")
    data = quote(content)
    if data is None:
        return None
    return b"DMATRIX %d,%d,%d,%d,c%d,x%d,%d,%d,%b\r\n" % (
        code.x, code.y, code.tile.width, code.tile.height, ord(sign), code.module, side, side, data,
    )  # fmt: skip
