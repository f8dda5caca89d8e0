"""Barcode commands of ZPL: parameters and field data in, an upright symbol out.

``SYMBOLS`` has one row per command; a new symbology is one function and one row. What a printer
would refuse raises ``CodeRefused``, and the page lists it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.drivers.virtual.canvas import Canvas, Tile, from_modules
from gateway.drivers.virtual.glyphs import Font, bitmap
from gateway.drivers.virtual.symbols import aztec, code128, databar, datamatrix, linear
from gateway.drivers.virtual.zpl.fields import Drawn
from gateway.errors import CodeRefused

# Measured on an emulator's picture of EAN-13 at two dots a module: guard bars are 13 dots longer.
_GUARD_MODULES = 6.5
_LARGEST_MODULE = 100
"""Dots: ZPL II guide, ^BQ and ^BX, allow no larger."""


@dataclass(frozen=True, slots=True)
class Barcode:
    """What a barcode field asks for. ``parameters`` are those after the orientation."""

    command: str
    parameters: tuple[str, ...]
    module: int
    """Width of the narrow element in dots (^BY)."""
    ratio: float
    """Wide to narrow (^BY)."""
    height: int
    """Default height of bars in dots (^BY)."""
    font: Font | None = None
    """Font of the interpretation line when the field names one (^A before the code)."""

    def flag(self, index: int, default: str) -> bool:
        """Return whether a Y/N parameter is Y."""
        return (self.text(index) or default).upper()[:1] == "Y"

    def text(self, index: int) -> str:
        """Return a parameter as text, empty when it is not given."""
        return self.parameters[index].strip() if index < len(self.parameters) else ""

    def number(self, index: int, default: int) -> int:
        """Return a parameter as a whole number of at least 0."""
        written = self.text(index)
        return int(written) if re.fullmatch(r"[0-9]{1,6}", written) else default

    def tall(self, index: int) -> int:
        """Return the height of the bars in dots."""
        return max(1, min(self.number(index, self.height) or self.height, 32000))

    @property
    def wide(self) -> int:
        """Width of the wide element in dots."""
        return int(self.module * self.ratio)


Draw = Callable[[Barcode, bytes], Drawn]


def draw_barcode(barcode: Barcode, content: bytes) -> Drawn:
    """Return the symbol of a field's content.

    Raises:
        CodeRefused: the symbology cannot carry the content.
    """
    return SYMBOLS[barcode.command](barcode, content)


def _with_line(
    barcode: Barcode, widths: list[int], height: int, shown: str, *, below: bool, above: bool
) -> Drawn:
    """Return bars with their interpretation line centred below or above."""
    symbol = linear.bars(widths, height)
    if not shown or not (below or above):
        return _plain(symbol)
    font = barcode.font or bitmap("A", min(10, barcode.module), min(10, barcode.module))
    line = font.set_line(shown)
    gap = 2 * barcode.module
    text_x = (symbol.width - line.advance) // 2 - line.left
    text_y = -gap - font.height if above else symbol.height + gap
    text_y -= line.above
    left, top = min(0, text_x), min(0, text_y)
    sheet = Canvas(
        max(symbol.width, text_x + line.ink.width) - left,
        max(symbol.height, text_y + line.ink.height) - top,
    )
    sheet.burn(symbol, -left, -top)
    sheet.burn(line.ink, text_x - left, text_y - top)
    return Drawn(
        sheet.tile(), left, top, symbol.width, symbol.height, (0, symbol.height), line.missing
    )


def _plain(symbol: Tile) -> Drawn:
    return Drawn(symbol, 0, 0, symbol.width, symbol.height, (0, symbol.height))


def _ascii(content: bytes, symbology: str) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as wrong:
        raise CodeRefused(f"{symbology} carries ASCII, got {content!r}.") from wrong


# ^BC: Code 128 ---------------------------------------------------------------------------------

# ZPL II guide 45541L-004, table 6: invocation codes by the character after ``>``.
_INVOKED = {
    "<": 62,
    "0": 30,
    "=": 94,
    "1": 95,
    "2": code128.FNC3,
    "3": code128.FNC2,
    "4": code128.SHIFT,
    "5": 99,
    "6": 100,
    "7": 101,
    "8": code128.FNC1,
}
_STARTS = {"9": "A", ":": "B", ";": "C"}


def _code128(barcode: Barcode, content: bytes) -> Drawn:
    # Parameters after the orientation: height, line, line above, UCC check digit, mode.
    text = _ascii(content, "Code 128")
    mode = barcode.text(4).upper()[:1] or "N"
    if mode == "N":
        values, shown = _invoked_values(text)
    elif mode == "U":
        digits = (text + "0" * 19)[:19]
        if not digits.isdigit():
            raise CodeRefused(f"UCC case mode carries 19 digits, got {text!r}.", value=text)
        shown = digits + str(linear.check_digit(digits))
        values = code128.choose_values(code128.FNC1_MARK + shown)
    elif mode == "D":
        plain, shown = _gs1_text(text)
        values = code128.choose_values(plain)
    else:
        plain = _unescaped(text)
        shown = plain.replace(code128.FNC1_MARK, "")
        values = code128.choose_values(plain)
    widths = code128.widths(values, module=barcode.module)
    below, above = barcode.flag(1, "Y"), barcode.flag(2, "N")
    return _with_line(
        barcode, widths, barcode.tall(0), shown, below=below and not above, above=below and above
    )


def _invoked_values(text: str) -> tuple[list[int], str]:
    """Return symbol values of mode N: set B unless codes after ``>`` choose, and the shown text.

    In sets A and C the data are pairs of digits, each one symbol value. As documented, a character
    that is no digit is skipped where a pair begins and spoils the pair where it ends.
    """
    current, values, shown, at = "B", [code128.START["B"]], "", 0
    if text[:1] == ">" and text[1:2] in _STARTS:
        current = _STARTS[text[1]]
        values, at = [code128.START[current]], 2
    shifted = ""
    while at < len(text):
        character = text[at]
        if character == ">":
            invoked = text[at + 1 : at + 2]
            at += 2
            if invoked in _STARTS:
                # A start code inside the data changes the set.
                invoked = {"9": "7", ":": "6", ";": "5"}[invoked]
            if invoked not in _INVOKED:
                raise CodeRefused(f"Code 128 has no invocation code '>{invoked}'.", code=invoked)
            value = _INVOKED[invoked]
            values.append(value)
            current = _set_after(value, current)
            if value < 95 and current != "C":
                shown += chr(value + 32)
            if value == code128.SHIFT:
                shifted = "A" if current == "B" else "B"
            continue
        active, shifted = shifted or current, ""
        if active == "B":
            values.append(code128.value_of(character, "B"))
            shown += character
            at += 1
            continue
        if not character.isdigit():
            at += 1
            continue
        second = text[at + 1 : at + 2]
        at += 2 if second != ">" else 1
        if not second.isdigit():
            continue
        value = int(character + second)
        values.append(value)
        if active == "C":
            shown += character + second
        elif value < 64:
            shown += chr(value + 32)
    return values, shown


def _set_after(value: int, current: str) -> str:
    """Return the code set in force after a symbol value (ISO/IEC 15417 table 1)."""
    if value == 99 and current in "AB":
        return "C"
    if value == 100 and current in "AC":
        return "B"
    if value == 101 and current in "BC":
        return "A"
    return current


def _unescaped(text: str) -> str:
    """Return the data of mode A: ``>`` still begins an invocation code (seen on firmware)."""
    out, at = "", 0
    while at < len(text):
        if text[at] != ">":
            out += text[at]
            at += 1
            continue
        invoked = text[at + 1 : at + 2]
        if invoked == "8":
            out += code128.FNC1_MARK
        elif invoked in ("0", "<", "="):
            out += chr(_INVOKED[invoked] + 32)
        elif invoked == "1":
            out += "\x7f"
        elif invoked not in _STARTS and invoked not in ("5", "6", "7"):
            raise CodeRefused(f"Code 128 has no invocation code '>{invoked}' here.", code=invoked)
        at += 2
    return out


def _gs1_text(text: str) -> tuple[str, str]:
    """Return the data of mode D with FNC1 first; parentheses and spaces are only shown."""
    text = text.replace(">8", code128.FNC1_MARK)
    shown = text.replace(code128.FNC1_MARK, "")
    plain = text.replace("(", "").replace(")", "").replace(" ", "")
    if not plain.startswith(code128.FNC1_MARK):
        plain = code128.FNC1_MARK + plain
    plain = plain.replace(">0", ">")
    return plain, shown.replace(">0", ">")


# The other linear symbologies ------------------------------------------------------------------


def _code39(barcode: Barcode, content: bytes) -> Drawn:
    # check digit, height, line, line above
    text = _ascii(content, "Code 39").upper()
    check = barcode.flag(0, "N")
    widths = linear.code39(text, module=barcode.module, wide=barcode.wide, check=check)
    return _ordinary(barcode, widths, f"*{text}*", height_at=1)


def _ordinary(
    barcode: Barcode, widths: list[int], shown: str, *, height_at: int, line: str = "Y"
) -> Drawn:
    """Return bars whose parameters are …, height, line, line above, …"""
    printed, above = barcode.flag(height_at + 1, line), barcode.flag(height_at + 2, "N")
    return _with_line(
        barcode,
        widths,
        barcode.tall(height_at),
        shown,
        below=printed and not above,
        above=printed and above,
    )


def _interleaved(barcode: Barcode, content: bytes) -> Drawn:
    # height, line, line above, check digit
    digits = _ascii(content, "Interleaved 2 of 5")
    checked = barcode.flag(3, "N")
    if len(digits) % 2 != int(checked):
        digits = "0" + digits
    if checked and digits.isdigit():
        digits += str(linear.check_digit(digits))
    widths = linear.interleaved(digits, module=barcode.module, wide=barcode.wide)
    return _ordinary(barcode, widths, digits, height_at=0)


def _standard25(barcode: Barcode, content: bytes) -> Drawn:
    return _two_of_five(barcode, content, industrial=False)


def _industrial25(barcode: Barcode, content: bytes) -> Drawn:
    return _two_of_five(barcode, content, industrial=True)


def _two_of_five(barcode: Barcode, content: bytes, *, industrial: bool) -> Drawn:
    digits = _ascii(content, "2 of 5")
    widths = linear.two_of_five(
        digits, module=barcode.module, wide=barcode.wide, industrial=industrial
    )
    return _ordinary(barcode, widths, digits, height_at=0)


def _code93(barcode: Barcode, content: bytes) -> Drawn:
    text = _ascii(content, "Code 93")
    return _ordinary(barcode, linear.code93(text, module=barcode.module), text, height_at=0)


def _codabar(barcode: Barcode, content: bytes) -> Drawn:
    # check digit, height, line, line above, start, stop
    text = _ascii(content, "Codabar").upper()
    start, stop = barcode.text(4).upper()[:1] or "A", barcode.text(5).upper()[:1] or "A"
    if len(text) > 2 and text[0] in "ABCD" and text[-1] in "ABCD":
        # Field data with letters around it brings its own start and stop.
        start, text, stop = text[0], text[1:-1], text[-1]
    widths = linear.codabar(text, module=barcode.module, wide=barcode.wide, start=start, stop=stop)
    return _ordinary(barcode, widths, f"{start}{text}{stop}", height_at=1)


def _msi(barcode: Barcode, content: bytes) -> Drawn:
    # check digits (A none, B 1 mod 10, C 2 mod 10, D mod 11 and mod 10), height, line, above, e2
    digits = _ascii(content, "MSI")
    if not digits.isdigit():
        raise CodeRefused(f"MSI carries digits, got {digits!r}.", value=digits)
    kind = barcode.text(0).upper()[:1] or "B"
    shown = digits
    if kind == "D":
        digits += linear.msi_check_11(digits)
    if kind in "BCD":
        digits += linear.msi_check_10(digits)
    if kind == "C":
        digits += linear.msi_check_10(digits)
    if barcode.flag(4, "N"):
        shown = digits
    widths = linear.msi(digits, module=barcode.module, wide=barcode.wide)
    return _ordinary(barcode, widths, shown, height_at=1)


def _guarded(barcode: Barcode, widths: list[int], digits: str) -> Drawn:
    """Return an EAN/UPC symbol: its guard bars reach below the others."""
    height, module = barcode.tall(0), barcode.module
    reach = int(_GUARD_MODULES * module)
    symbol = linear.bars(widths, height)
    guards = linear.bars(widths, reach)
    keep = 0
    total = guards.width // module
    for index in range(total):
        middle = abs(index - total // 2) <= 2 and total > 60
        if index < 3 or index >= total - 3 or middle:
            keep |= ((1 << module) - 1) << (guards.width - (index + 1) * module)
    sheet = Canvas(symbol.width, height + reach)
    sheet.burn(symbol, 0, 0)
    sheet.burn(Tile(guards.width, reach, tuple(row & keep for row in guards.rows)), 0, height)
    drawn = sheet.tile()
    if barcode.flag(1, "Y"):
        font = barcode.font or bitmap("A", min(10, module), min(10, module))
        line = font.set_line(digits)
        above = barcode.flag(2, "N")
        text_y = -font.height - 2 * module if above else drawn.height
        return _beside(drawn, line.ink, (symbol.width - line.advance) // 2 - line.left, text_y)
    return Drawn(drawn, 0, 0, drawn.width, drawn.height, (0, height))


def _beside(symbol: Tile, ink: Tile, x: int, y: int) -> Drawn:
    left, top = min(0, x), min(0, y)
    sheet = Canvas(
        max(symbol.width, x + ink.width) - left, max(symbol.height, y + ink.height) - top
    )
    sheet.burn(symbol, -left, -top)
    sheet.burn(ink, x - left, y - top)
    return Drawn(sheet.tile(), left, top, symbol.width, symbol.height, (0, symbol.height))


def _padded(content: bytes, symbology: str, count: int) -> str:
    """Return exactly ``count`` digits: zeros in front or the left-most ones (ZPL II guide, ^BE)."""
    digits = _ascii(content, symbology)
    if not digits.isdigit():
        raise CodeRefused(f"{symbology} carries digits, got {digits!r}.", value=digits)
    return digits.rjust(count, "0")[:count]


def _ean13(barcode: Barcode, content: bytes) -> Drawn:
    digits = _padded(content, "EAN-13", 12)
    shown = digits + str(linear.check_digit(digits))
    return _guarded(barcode, linear.ean13(digits, module=barcode.module), shown)


def _ean8(barcode: Barcode, content: bytes) -> Drawn:
    digits = _padded(content, "EAN-8", 7)
    shown = digits + str(linear.check_digit(digits))
    return _guarded(barcode, linear.ean8(digits, module=barcode.module), shown)


def _upca(barcode: Barcode, content: bytes) -> Drawn:
    digits = _padded(content, "UPC-A", 11)
    shown = digits + (str(linear.check_digit(digits)) if barcode.flag(3, "Y") else "")
    return _guarded(barcode, linear.upca(digits, module=barcode.module), shown)


def _upce(barcode: Barcode, content: bytes) -> Drawn:
    # ZPL II guide, ^B9: ten digits are a UPC-A number without number system, to be shrunk.
    digits = _ascii(content, "UPC-E")
    if not digits.isdigit():
        raise CodeRefused(f"UPC-E carries digits, got {digits!r}.", value=digits)
    if len(digits) in (6, 7):
        short: str | None = digits.rjust(7, "0")
    else:
        short = linear.shrink_upce(_padded(content, "UPC-E", 10).rjust(11, "0"))
    if short is None:
        raise CodeRefused(f"{digits} has too few zeros to be shrunk to UPC-E.", value=digits)
    shown = short + (
        str(linear.check_digit(linear.expand_upce(short))) if barcode.flag(3, "Y") else ""
    )
    return _guarded(barcode, linear.upce(short, module=barcode.module), shown)


def _addon(barcode: Barcode, content: bytes) -> Drawn:
    digits = _ascii(content, "A UPC/EAN add-on")
    widths = linear.addon(digits, module=barcode.module)
    printed, above = barcode.flag(1, "Y"), barcode.flag(2, "Y")
    return _with_line(
        barcode,
        widths,
        barcode.tall(0),
        digits,
        below=printed and not above,
        above=printed and above,
    )


# Two-dimensional symbologies -------------------------------------------------------------------


def _qr(barcode: Barcode, content: bytes) -> Drawn:
    # model, magnification, error correction, mask
    magnification = min(_LARGEST_MODULE, max(1, barcode.number(1, 2)))
    level = barcode.text(2).upper()[:1] or "Q"
    mask = barcode.number(3, 7)
    head, comma, body = content.partition(b",")
    switches = head.decode("latin-1").upper()
    if not comma or not 1 <= len(switches) <= 2:
        raise CodeRefused(
            "QR data begins with an error correction letter, an input mode and a comma, "
            f"got {content[:8]!r}."
        )
    if switches[0] in "HQML":
        level = switches[0]
    if switches[1:] == "M":
        body = _manual_input(body)
    if not body:
        raise CodeRefused("QR data is empty.")
    import segno  # only who draws a QR symbol waits for it

    try:
        symbol = segno.make_qr(
            _qr_content(body),
            error=level if level in "HQML" else "M",
            mask=mask & 7,
            boost_error=False,
        )
    except (segno.DataOverflowError, ValueError) as wrong:
        raise CodeRefused(f"QR cannot carry the data: {wrong}.") from wrong
    drawn = from_modules(symbol.matrix).enlarged(magnification, magnification)
    # Emulators and a ZD621 put the symbol below the origin by the bar height of ^BY.
    return Drawn(
        drawn,
        0,
        barcode.height,
        drawn.width,
        drawn.height + barcode.height,
        (0, drawn.height + barcode.height),
    )


def _qr_content(body: bytes) -> str | bytes:
    """Return text where it is ASCII (so that digits pack tightly), bytes otherwise."""
    return body.decode("ascii") if body.isascii() else body


def _manual_input(body: bytes) -> bytes:
    """Return the data of manual mode: ``N…`` digits, ``A…`` letters, ``Bnnnn…`` counted bytes."""
    kind, rest = body[:1].upper(), body[1:]
    if kind == b"B":
        count = rest[:4]
        if not count.isdigit():
            raise CodeRefused(f"QR byte mode needs four digits of length, got {count!r}.")
        return rest[4 : 4 + int(count)]
    if kind in (b"N", b"A"):
        return rest
    raise CodeRefused(f"QR manual input knows N, A and B, got {kind!r}.")


def _datamatrix(barcode: Barcode, content: bytes) -> Drawn:
    # module height, quality, columns, rows, format, escape character, aspect ratio
    module = min(_LARGEST_MODULE, barcode.number(0, barcode.module) or barcode.module)
    quality = barcode.number(1, 0)
    if quality != 200:
        raise CodeRefused(f"Only Data Matrix quality 200 is drawn, got {quality}.", quality=quality)
    escape = barcode.text(5)[:1] or "~"
    text = _escaped_text(content.decode("latin-1"), escape)
    modules = datamatrix.draw(
        datamatrix.encode(text),
        columns=barcode.number(2, 0),
        rows=barcode.number(3, 0),
        rectangular=barcode.text(6) == "2",
    )
    return _plain(from_modules(modules).enlarged(module, module))


def _escaped_text(text: str, escape: str) -> str:
    """Return Data Matrix field data with its escapes resolved (ZPL II guide, ^BX parameter g)."""
    out, at = "", 0
    while at < len(text):
        if text[at] != escape:
            out += text[at]
            at += 1
            continue
        kind = text[at + 1 : at + 2]
        if kind == escape:
            out += escape
            at += 2
        elif kind == "1":
            out += datamatrix.FNC1_MARK
            at += 2
        elif kind == "d" and re.fullmatch(r"[0-9]{3}", text[at + 2 : at + 5]):
            out += chr(int(text[at + 2 : at + 5]) % 256)
            at += 5
        elif kind and "@" <= kind <= "_":
            out += chr(ord(kind) - 64)
            at += 2
        else:
            raise CodeRefused(f"Data Matrix has no escape '{escape}{kind}'.", escape=kind)
    return out


def _pdf417(barcode: Barcode, content: bytes) -> Drawn:
    # row height, security level, columns, rows, truncate
    level = min(8, barcode.number(1, 0))
    columns, rows = barcode.number(2, 0), barcode.number(3, 0)
    row_height = min(1000, barcode.number(0, 0))
    try:
        if columns:
            codes = _encode_pdf417(content, min(30, columns), level)
        else:
            codes = _fit_pdf417(content, level, rows)
    except ValueError as wrong:
        raise CodeRefused(f"PDF417 cannot carry the data: {wrong}.") from wrong
    if not row_height:
        row_height = max(1, barcode.height // len(codes))
    lines = tuple(int("".join(format(code, "b") for code in line), 2) for line in codes)
    width = 17 * (len(codes[0]) - 1) + 18  # the stop pattern has 18 modules
    return _plain(Tile(width, len(lines), lines).enlarged(barcode.module, row_height))


def _encode_pdf417(content: bytes, columns: int, level: int) -> list[list[int]]:
    """Return rows of module patterns, each pattern a number of 17 bits (the last of 18)."""
    from pdf417gen import encoding  # only who draws PDF417 waits for it

    encode: Callable[[bytes, int, int], list[list[int]]] = encoding.encode
    return [list(row) for row in encode(content, columns, level)]


def _fit_pdf417(content: bytes, level: int, rows: int) -> list[list[int]]:
    """Return the symbol with rows twice the columns at least (ZPL II guide, ^B7, default 1:2)."""
    for columns in range(1, 31):
        try:
            codes = _encode_pdf417(content, columns, level)
        except ValueError:
            continue
        if len(codes) <= (rows or _most_rows(columns)):
            return codes
    raise CodeRefused("PDF417 cannot carry so much data.", octets=len(content))


def _aztec(barcode: Barcode, content: bytes) -> Drawn:
    # magnification, extended channels, size or error correction, menu, symbols, id
    dots = min(10, barcode.number(0, 2) or 2)
    asked = barcode.number(2, 0)
    if barcode.flag(1, "N"):
        raise CodeRefused("Extended channels of Aztec are not drawn.")
    # ZPL II guide, ^B0: a share of check words, or so many layers, compact or full; 300 is a rune.
    size = None
    if 101 <= asked <= 104:
        size = aztec.Size(asked - 100, compact=True)
    elif 201 <= asked <= 232:
        size = aztec.Size(asked - 200, compact=False)
    elif asked > 99:
        raise CodeRefused(f"Aztec has sizes 101 to 104 and 201 to 232, got {asked}.", size=asked)
    modules = aztec.encode(content, percent=asked or 23, size=size)
    return _plain(from_modules(modules).enlarged(dots, dots))


# ZPL II guide, ^BR: types of symbol; 5 to 12 are GS1 DataBar Limited and Expanded, UPC, EAN and
# composites. The guide gives the height of bars to types 11 and 12 only.
_OMNIDIRECTIONAL, _TRUNCATED, _STACKED, _STACKED_OMNIDIRECTIONAL = 1, 2, 3, 4


def _databar(barcode: Barcode, content: bytes) -> Drawn:
    # type, magnification, separator height, bar height, segments
    kind = barcode.number(0, _OMNIDIRECTIONAL)
    dots = min(10, barcode.number(1, 2) or 2)
    # What stands behind the bar is for a composite symbol, which these types may be without.
    digits = _ascii(content, "GS1 DataBar").partition("|")[0].removeprefix("(01)")
    digits = digits[:13].rjust(13, "0")
    if kind == _OMNIDIRECTIONAL:
        rows = [(databar.omnidirectional(digits), 33)]
    elif kind == _TRUNCATED:
        rows = [(databar.omnidirectional(digits), 13)]
    elif kind == _STACKED:
        rows = databar.stacked(digits)
    elif kind == _STACKED_OMNIDIRECTIONAL:
        rows = databar.stacked_omnidirectional(digits)
    else:
        raise CodeRefused(f"Of ^BR the types 1 to 4 are drawn, got {kind}.", kind=kind)
    lines = tuple(int(row, 2) for row, high in rows for _ in range(high))
    return _plain(Tile(len(rows[0][0]), len(lines), lines).enlarged(dots, dots))


def _most_rows(columns: int) -> int:
    """Return how many rows so many columns may have before the symbol grows wider."""
    return min(90, 8 * columns)


SYMBOLS: Mapping[str, Draw] = {
    "^B0": _aztec,
    "^B2": _interleaved,
    "^B3": _code39,
    "^B7": _pdf417,
    "^B8": _ean8,
    "^B9": _upce,
    "^BA": _code93,
    "^BC": _code128,
    "^BE": _ean13,
    "^BI": _industrial25,
    "^BJ": _standard25,
    "^BK": _codabar,
    "^BM": _msi,
    "^BO": _aztec,
    "^BQ": _qr,
    "^BR": _databar,
    "^BS": _addon,
    "^BU": _upca,
    "^BX": _datamatrix,
}
