r"""Text and codes an EPL2 printer draws itself, quoted so that data can never become a command.

A command is a line; its data stand between quotation marks, and a backslash before a quotation mark
or a backslash makes it data (Zebra, EPL Programming Guide 14245L-003, Basic Command Syntax).

>>> quote('12" \\ disk')
b'"12\\" \\\\ disk"'
>>> quote("tab\there") is None
True
"""

from __future__ import annotations

from gateway.codes.code128 import START_B, START_C, codewords
from gateway.drivers.languages.bars import bar_widths, is_code93, rectangles, two_widths
from gateway.drivers.languages.cells import Cell, set_text
from gateway.label import Barcode, Text
from gateway.units import Density

_FONTS = (Cell("1", 8, 12), Cell("2", 10, 16), Cell("3", 12, 20), Cell("4", 14, 24))
_FINE_FONTS = (Cell("1", 12, 20), Cell("2", 16, 28), Cell("3", 20, 36), Cell("4", 24, 44))
"""Resident fonts of printers with 203 and with 300 dots an inch (EPL Programming Guide, A). Font 5
has no small letters."""

_FINE = 10
"""Dots per mm between the two."""

_QUARTERS = {0: 0, 90: 1, 180: 2, 270: 3}


def quote(text: str) -> bytes | None:
    """Return the text between quotation marks; None when no line can carry it as data.

    Printable ASCII is the same in every character set that the I command can choose for 8 bits.
    """
    if not all(" " <= sign <= "~" for sign in text):
        return None
    return b'"%b"' % text.replace("\\", "\\\\").replace('"', '\\"').encode()


def write_text(text: Text, density: Density) -> bytes | None:
    """Return A commands for the lines, or None when only ink shows them rightly."""
    fonts = _FINE_FONTS if density > _FINE else _FONTS
    # 1 to 6 across (8 is allowed, 7 is not) and 1 to 9 down.
    lines = set_text(text, fonts, across=6, down=9)
    if lines is None:
        return None
    out = []
    for one in lines:
        data = quote(one.line)
        if data is None:
            return None
        out.append(
            b"A%d,%d,%d,%b,%d,%d,N,%b\r\n"
            % (
                one.x, one.y, _QUARTERS[text.rotation], one.font.encode(), one.across, one.down,
                data,
            )
        )  # fmt: skip
    return b"".join(out)


def write_code(code: Barcode) -> bytes | None:
    """Return the command with which the printer draws the previewed code, or None.

    None for turned codes and Data Matrix (how far they stand from the point that is named, the
    guide does not say), EAN and UPC, GS1-128, Codabar, QR (Japanese models only) and what else a
    firmware packs as it likes: they go as lines or ink. So does a Code 128 that is neither all in
    set B nor all in set C: nothing says how the automatic mode chooses.
    """
    if code.rotation != 0 or code.x < 0 or code.y < 0 or code.module > 10:
        return None
    match code.symbology:
        case "code128":
            return _code128(code)
        case "code39":
            return _of_two_widths(code, b"3")
        case "itf" | "itf14":
            return _of_two_widths(code, b"2")
        case "code93" if is_code93(code):
            return _bar(code, b"9", code.module, code.module)
        case _:
            return None


def write_bars(code: Barcode) -> bytes | None:
    """Return the code as LO commands, dot for dot, or None where ink is less to send."""
    if code.x < 0 or code.y < 0:
        return None
    bars = b"".join(
        b"LO%d,%d,%d,%d\r\n" % (code.x + x, code.y + y, wide, high)
        for x, y, wide, high in rectangles(code.tile)
    )
    return bars if bars and len(bars) < len(code.tile.ink) else None


def _of_two_widths(code: Barcode, kind: bytes) -> bytes | None:
    widths = two_widths(code)
    return None if widths is None or widths[1] > 30 else _bar(code, kind, *widths)


def _code128(code: Barcode) -> bytes | None:
    if quote(code.content) is None or not code.content:
        return None
    words = codewords(code.content)
    # 11 modules a character with check character, 13 for the stop (ISO/IEC 15417, 4.2).
    if sum(bar_widths(code)) != code.module * (11 * (len(words) + 1) + 13):
        return None
    if words[0] == START_B and all(word < 96 for word in words[1:]):
        return _bar(code, b"1B", code.module, code.module)
    if words[0] == START_C and all(word < 100 for word in words[1:]):
        return _bar(code, b"1C", code.module, code.module)
    return None


def _bar(code: Barcode, kind: bytes, narrow: int, wide: int) -> bytes | None:
    data = quote(code.content)
    if data is None:
        return None
    # 0: not turned, N: without the printer's own line of text.
    return b"B%d,%d,0,%b,%d,%d,%d,N,%b\r\n" % (
        code.x, code.y, kind, narrow, wide, code.bar_height, data,
    )  # fmt: skip
