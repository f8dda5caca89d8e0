r"""What SBPL's drawing commands put on paper: a command's parameters in, a tile out.

>>> print(draw_rule(b"02H0004").text())
####
####
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gateway.drivers.virtual.canvas import Canvas, Tile, from_modules, solid, unpack
from gateway.drivers.virtual.glyphs import scalable
from gateway.drivers.virtual.symbols import code128, datamatrix, linear
from gateway.errors import CodeRefused


class NotUnderstood(Exception):  # an answer between two modules, not an error of the gateway
    """The command is none that can be drawn; its text says which."""


def _match(pattern: bytes, parameters: bytes) -> re.Match[bytes]:
    match = re.fullmatch(pattern, parameters, re.DOTALL)
    if match is None:
        raise NotUnderstood(parameters[:30].decode("latin-1"))
    return match


# --- ink ---------------------------------------------------------------------------------------


def draw_picture(kind: str, blocks: int, dots: bytes) -> Tile:
    """Return the dots of ESC GB (bytes) or GH (hexadecimal), ``blocks`` bytes a row.

    Raises:
        NotUnderstood: a digit is none.
    """
    if kind == "GH":
        if re.fullmatch(rb"[0-9A-Fa-f]*", dots) is None:
            raise NotUnderstood("GH " + dots[:20].decode("latin-1"))
        dots = bytes.fromhex(dots.decode())
    return unpack(dots, blocks)


def draw_rule(parameters: bytes) -> Tile:
    """Return ESC FW: a line across (H) or down (V), or a frame.

    Raises:
        NotUnderstood: a parameter is missing.
    """
    if line := re.fullmatch(rb"(\d\d)([HV])(\d{1,5})", parameters):
        thick, length = int(line[1]), int(line[3])
        if thick and 0 < length < 20_000:
            return solid(length, thick) if line[2] == b"H" else solid(thick, length)
    match = _match(rb"(\d\d)(\d\d)V(\d{1,5})H(\d{1,5})", parameters)
    across, down, high, wide = map(int, match.groups())
    if not (0 < high < 20_000 and 0 < wide < 5_000):
        raise NotUnderstood(parameters[:30].decode("latin-1"))
    sheet = Canvas(wide, high)
    for tile, x, y in (
        (solid(wide, across), 0, 0),
        (solid(wide, across), 0, high - across),
        (solid(down, high), 0, 0),
        (solid(down, high), wide - down, 0),
    ):
        sheet.burn(tile, x, y)
    return sheet.tile()


# --- codes -------------------------------------------------------------------------------------

_STARTS = {">G": "A", ">H": "B", ">I": "C"}
_SHIFTS = {">C": 99, ">D": 100, ">E": 101, ">F": code128.FNC1}
"""Invocation codes (GL4xxe reference, code 128 character table)."""


def draw_code128(parameters: bytes) -> Tile:
    """Return ESC BG.

    Raises:
        NotUnderstood: a parameter is missing.
        CodeRefused: the data do not fit the code sets that they choose.
    """
    match = _match(rb"(\d\d)(\d{3})(.+)", parameters)
    text = match[3].decode("latin-1")
    current = _STARTS.get(text[:2], "B")
    values = [code128.START[current]]
    at = 2 if text[:2] in _STARTS else 0
    while at < len(text):
        if text[at] == ">":
            value = _SHIFTS.get(text[at : at + 2])
            if value is None:
                raise CodeRefused(f"Code 128 has no {text[at : at + 2]!r} here.")
            values.append(value)
            current = {99: "C", 100: "B", 101: "A"}.get(value, current)
            at += 2
        elif current == "C":
            pair = text[at : at + 2]
            if re.fullmatch("[0-9]{2}", pair) is None:
                raise CodeRefused(f"Code set C carries pairs of digits, got {pair!r}.")
            values.append(int(pair))
            at += 2
        else:
            values.append(code128.value_of(text[at], current))
            at += 1
    widths = code128.widths(values, module=max(1, int(match[1])))
    return linear.bars(widths, int(match[2]))


_WIDE: Mapping[str, tuple[int, int]] = {"B": (3, 1), "BD": (5, 2), "D": (2, 1)}
"""Wide to narrow (GL4xxe reference, bar codes)."""


def draw_bars(kind: str, parameters: bytes) -> Tile:
    """Return ESC B, BD or D: a digit for the symbology, narrow, height and data.

    Raises:
        NotUnderstood: a parameter is missing, or the symbology is not drawn here.
        CodeRefused: the code cannot carry the data.
    """
    match = _match(rb"([0-9A-Z])(\d\d)(\d{3})(.+)", parameters)
    draw = _LINEAR.get(match[1])
    module = int(match[2])
    if draw is None or not module:
        raise NotUnderstood(parameters[:30].decode("latin-1"))
    over, under = _WIDE[kind]
    try:
        data = match[4].decode("ascii")
    except UnicodeDecodeError as wrong:
        raise CodeRefused(f"A code carries ASCII, got {match[4]!r}.") from wrong
    return linear.bars(draw(data, module, module * over // under), int(match[3]))


def _code39(data: str, module: int, wide: int) -> list[int]:
    if not (data.startswith("*") and data.endswith("*") and len(data) > 2):
        raise CodeRefused("Code 39 data begin and end with an asterisk.", data=data)
    return linear.code39(data[1:-1], module=module, wide=wide)


_LINEAR: Mapping[bytes, Callable[[str, int, int], list[int]]] = {
    b"1": _code39,
    b"2": lambda data, module, wide: linear.interleaved(data, module=module, wide=wide),
    b"3": lambda data, module, wide: linear.ean13(data[:12], module=module),
    b"4": lambda data, module, wide: linear.ean8(data[:7], module=module),
    b"C": lambda data, module, wide: linear.code93(data, module=module),
}


def draw_2d(setup: tuple[str, bytes], data: bytes) -> Tile:
    """Return a 2D code: its setup (name and parameters) and the data of ESC DN.

    Raises:
        NotUnderstood: a parameter is missing, or the code is not drawn here.
        CodeRefused: the code cannot carry the data.
    """
    name, parameters = setup
    if name == "2D50":
        match = _match(rb",(\d\d),(\d\d),(\d{3}),(\d{3})", parameters)
        wide, high, columns, rows = map(int, match.groups())
        if b"~" in data.replace(b"~~", b""):
            raise CodeRefused("Data Matrix data write ~ twice.", data=data.decode("latin-1"))
        text = data.decode("latin-1").replace("~~", "~")
        modules = datamatrix.draw(datamatrix.encode(text), columns=columns, rows=rows)
        return from_modules(modules).enlarged(max(1, wide), max(1, high))
    if name == "2D30":
        match = _match(rb",([LMQH]),(\d\d),[01],0", parameters)
        import segno  # only who draws a QR symbol waits for it

        try:
            symbol = segno.make_qr(data, error=match[1].decode(), boost_error=False)
        except (segno.DataOverflowError, ValueError) as wrong:
            raise CodeRefused(f"QR cannot carry the data: {wrong}.") from wrong
        size = max(1, int(match[2]))
        return from_modules(symbol.matrix).enlarged(size, size)
    raise NotUnderstood(name)


# --- text --------------------------------------------------------------------------------------

FONTS: Mapping[str, tuple[int, int]] = {
    "U": (5, 9), "S": (8, 15), "M": (13, 20), "WB": (18, 30), "WL": (28, 52),
    "XU": (5, 9), "XS": (17, 17), "XM": (24, 24), "XB": (48, 48), "XL": (48, 48),
    "OA": (15, 22), "OB": (20, 24),
}  # fmt: skip
"""Width and height of a character's cell in dots (GL4xxe reference, fonts)."""


def draw_text(font: str, text: bytes, pitch: int, across: int, down: int) -> Tile:
    """Return text in a resident font; glyphs are a stand-in, each in a cell of the font's size."""
    wide, high = FONTS[font]
    shown = text.decode("latin-1")
    step = (wide + pitch) * across
    sheet = Canvas(max(1, step * len(shown)), high * down)
    for number, character in enumerate(shown[:500]):
        drawn = scalable(high * down, max(1, 2 * wide * across)).set_line(character)
        spare = (wide * across - drawn.ink.width) // 2
        sheet.burn(drawn.ink, number * step + max(0, spare), max(0, high * down // 12))
    return sheet.tile()
