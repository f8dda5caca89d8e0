r"""What an ESC/POS printer can draw by itself, and the rows of the label that this takes.

In standard mode a line, a code or a picture takes the whole width: only what has its rows to
itself can be the printer's own, all else is ink. Data are counted or printable, so that nothing in
them is a command; where they would read as a real-time command, they go as ink.

>>> code128_bytes("SN-000123")
(b'{BSN-{C\x00\x01\x17', 9)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.codes import qr
from gateway.codes.code128 import FNC1, codewords
from gateway.drivers.languages.escpos_safe import REAL_TIME, motion_unit
from gateway.drivers.languages.page import Model
from gateway.label import Barcode, Element, Label, Text, Tile

_SEPARATOR = "\x1d"
"""FNC1 inside a GS1 element string, as scanners send it (GS1 General Specifications 7.8)."""

TALLEST_BARS = 255
"""Dots of GS h."""
MODULES = range(2, 7)
"""Dots of a module that GS w takes."""
QR_MODULES = range(1, 17)
"""Dots of a module that GS ( k function 167 takes."""


@dataclass(frozen=True, slots=True)
class Native:
    """An element as the printer's own commands, and the rows that they take."""

    element: Element
    top: int
    bottom: int
    command: bytes
    approximate: bool
    """Whether it may differ from the preview."""


def native_rows(label: Label, model: Model) -> tuple[Native, ...]:
    """Return what the printer draws by itself, from the top down; no rows are taken twice."""
    drawn: list[tuple[Element, Native | None]] = [
        (element, _draw(element, label, model)) for element in label.elements
    ]
    spans = [
        (native.top, native.bottom) if native is not None else (element.y, _ink_end(element))
        for element, native in drawn
    ]
    alone = [
        native
        for _, native in drawn
        if native is not None
        and sum(max(top, native.top) < min(bottom, native.bottom) for top, bottom in spans) == 1
    ]
    return tuple(sorted(alone, key=lambda native: native.top))


def _ink_end(element: Element) -> int:
    """Return the row after the element's last; its first when it has no ink."""
    return element.y + (element.tile.height if element.tile.count() else 0)


def _draw(element: Element, label: Label, model: Model) -> Native | None:
    """Return the element as commands; None where only ink shows it rightly."""
    if element.rotation != 0 or element.x < 0:
        return None
    native = None
    if isinstance(element, Barcode):
        native = _draw_code(element, model)
    elif isinstance(element, Text):
        native = _draw_text(element, model)
    if native is None or native.top < 0 or native.bottom > label.height:
        return None
    return None if REAL_TIME.search(native.command) else native


def _at(x: int, command: bytes) -> bytes:
    """Return the command with the left margin at ``x``: GS L, in dots by default."""
    return b"\x1dL%b%b\x1dL\0\0" % (x.to_bytes(2, "little"), command)


# --- codes -------------------------------------------------------------------------------------


def _draw_code(code: Barcode, model: Model) -> Native | None:
    if code.symbology in ("code128", "gs1-128") and "no-code128" not in model.quirks:
        return _draw_code128(code)
    if code.symbology == "qr" and "no-qr" not in model.quirks:
        return _draw_qr(code)
    return None


def _draw_code128(code: Barcode) -> Native | None:
    tile, stride = code.tile, code.tile.stride
    if code.module not in MODULES or tile.height != code.bar_height > 0:
        return None
    if tile.height > TALLEST_BARS or tile.ink != tile.ink[:stride] * tile.height:
        return None
    written = code128_bytes(code.content, code.symbology == "gs1-128")
    # 11 modules a character, 13 for the stop (ISO/IEC 15417, 4.2).
    if written is None or tile.width != code.module * (11 * written[1] + 13):
        return None
    # GS h height, GS w module, GS H no line of text, GS k 73.
    bars = b"\x1dh%c\x1dw%c\x1dH\0\x1dkI%c%b" % (
        tile.height, code.module, len(written[0]), written[0],
    )  # fmt: skip
    return Native(code, code.y, code.y + tile.height, _at(code.x, bars), False)


_SETS = {103: b"{A", 104: b"{B", 105: b"{C"}
_SWITCHES = {101: b"{A", 100: b"{B", 99: b"{C", 98: b"{S", 102: b"{1"}
"""Symbol characters to what stands for them in GS k 73 (Epson ESC/POS Command Reference, GS k)."""


def code128_bytes(content: str, gs1: bool = False) -> tuple[bytes, int] | None:
    """Return (data of GS k 73, symbol characters) of the previewed code; None when it has none.

    The characters count start and check, not the stop. In set C a byte is a pair's value.
    """
    if not content or not content.isascii():
        return None
    sample = FNC1 + content.replace(_SEPARATOR, FNC1) if gs1 else content
    words = codewords(sample)
    out, current, shifted = [_SETS[words[0]]], words[0], False
    for word in words[1:]:
        active = {103: 104, 104: 103}.get(current, current) if shifted else current
        data = word < (100 if active == 105 else 96)
        if not data and word not in _SWITCHES:
            return None
        if not data:
            out.append(_SWITCHES[word])
            shifted = word == 98
            if word in (99, 100, 101):
                current = {99: 105, 100: 104, 101: 103}[word]
            continue
        shifted = False
        if active == 105:
            out.append(bytes([word]))
            continue
        sign = word + 32 if active == 104 or word < 64 else word - 64
        out.append(b"{{" if sign == 0x7B else bytes([sign]))
    data_bytes = b"".join(out)
    return (data_bytes, len(words) + 1) if len(data_bytes) <= 255 else None


_LEVELS: dict[int, qr.Level] = {0b01: "L", 0b00: "M", 0b11: "Q", 0b10: "H"}
"""ISO/IEC 18004, table 12."""
_LEVEL_BYTES = {"L": 48, "M": 49, "Q": 50, "H": 51}
"""GS ( k function 169."""


def _draw_qr(code: Barcode) -> Native | None:
    tile, module = code.tile, code.module
    if module not in QR_MODULES or tile.width != tile.height or tile.width % module:
        return None
    side = tile.width // module
    content = code.content
    if (side - 17) % 4 or not 21 <= side <= 177 or not content or not content.isascii():
        return None
    level = _level(tile, module)
    # A printer that packs letters or digits less tightly must come to the same size, or the label
    # would grow: bytes are the loosest way there is.
    if 4 * qr.version("a" * len(content), level) + 17 != side:
        return None
    data = content.encode("ascii")
    size = (len(data) + 3).to_bytes(2, "little")
    # GS ( k, 49: functions 165 model 2, 167 module, 169 level, 180 store, 181 print.
    command = (
        b"\x1d(k\x04\x001A2\0\x1d(k\x03\x001C%c\x1d(k\x03\x001E%c\x1d(k%b1P0%b\x1d(k\x03\x001Q0"
        % (module, _LEVEL_BYTES[level], size, data)
    )
    # The printer chooses the mask, so its modules may differ.
    return Native(code, code.y, code.y + tile.height, _at(code.x, command), True)


def _level(tile: Tile, module: int) -> qr.Level:
    """Return the error correction that the symbol's format information names."""
    row = 8 * module * tile.stride

    def dark(column: int) -> int:
        x = column * module
        return tile.ink[row + (x >> 3)] >> (7 - (x & 7)) & 1

    # The two highest bits, under the mask 101… (ISO/IEC 18004, 7.9.1).
    return _LEVELS[(dark(0) << 1 | dark(1)) ^ 0b10]


# --- text --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Font:
    number: int
    width: int
    height: int
    cap: int
    """Dots of the capitals."""
    ascent: int
    """Dots from the cell's top to the baseline."""


FONT_A = _Font(0, 12, 24, 17, 21)
FONT_B = _Font(1, 9, 17, 12, 15)
"""The cells of ESC M 0 and 1; where capitals stand in them is measured on prints, and differs by a
dot or two between models."""

_CAP_TO_EM = 73
"""Percent of the em that capitals of the previewed faces are high."""


def _draw_text(text: Text, model: Model) -> Native | None:
    unit = motion_unit(model)
    if text.origin is None or not text.size or not text.lines or unit is None:
        return None
    encoded = _in_one_page("".join(text.lines), model)
    if encoded is None:
        return None
    page, codec = encoded
    for font, times in _sizes(text.size):
        placed = _place(text, font, times)
        if placed is None:
            continue
        top, bottom, places = placed
        feed = font.height * times
        out = [unit, b"\x1bt%c" % page if page is not None else b""]
        out.append(b"\x1bM%c\x1d!%c\x1b3%c" % (font.number, (times - 1) * 17, feed))
        at = top
        for line, (x, y) in zip(text.lines, places, strict=True):
            if y > at:
                out.append(b"\x1bJ%c" % (y - at) if y - at <= 255 else b"")
            out.append(_at(x, line.encode(codec) + b"\n"))
            at = y + feed
        out.append(b"\x1d!\0\x1bM\0\x1b2\x1dP\0\0")
        return Native(text, top, bottom, b"".join(out), True)
    return None


def _sizes(size: int) -> Iterator[tuple[_Font, int]]:
    """Yield fonts and magnifications, the nearest to the size first; of two alike font A."""
    wanted = size * _CAP_TO_EM / 100
    all_sizes = [(font, times) for font in (FONT_A, FONT_B) for times in range(1, 9)]
    fitting = [one for one in all_sizes if 0.6 * wanted <= one[0].cap * one[1] <= 1.2 * wanted]
    yield from sorted(fitting, key=lambda one: abs(one[0].cap * one[1] - wanted) // 3)


def _place(
    text: Text, font: _Font, times: int
) -> tuple[int, int, tuple[tuple[int, int], ...]] | None:
    """Return first and last row and each line's left top corner; None when it does not fit."""
    assert text.origin is not None
    left, baseline = text.origin
    room = text.measure or text.tile.width
    feed = font.height * times
    if len(text.lines) > 1 and not feed <= text.line_height <= feed + 255:
        return None
    places = []
    for number, line in enumerate(text.lines):
        spare = room - len(line) * font.width * times
        if spare < 0:
            return None
        x = left + {"left": 0, "center": spare // 2, "right": spare}[text.align]
        places.append((x, baseline + number * text.line_height - font.ascent * times))
    return places[0][1], places[-1][1] + feed, tuple(places)


def _in_one_page(text: str, model: Model) -> tuple[int | None, str] | None:
    """Return (number, codec) of a code page that has all characters; no number for plain ASCII."""
    if all(" " <= sign <= "~" for sign in text):
        return None, "ascii"
    if not text.isprintable():
        return None
    for codec, number in model.code_pages.items():
        try:
            octets = text.encode(codec)
        except UnicodeEncodeError:
            continue
        if len(octets) == len(text) and all(octet >= 0x20 for octet in octets):
            return number, codec
    return None
