"""What CPCL's drawing commands put on paper: one line of a label in, a tile and its place out.

>>> x, y, tile = draw_line(b"LINE 4 2 8 2 1")
>>> x, y, tile.text()
(4, 2, '####')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.drivers.virtual.canvas import Tile, from_modules, solid
from gateway.drivers.virtual.glyphs import bitmap
from gateway.drivers.virtual.shapes import box, diagonal
from gateway.drivers.virtual.symbols import code128, linear
from gateway.errors import CodeRefused

Placed = tuple[int, int, Tile]
"""Dots from the left and from the top, and the ink."""

_LARGEST = 4096
"""Dots: no element is larger than the longest of these printers' labels is wide."""


@dataclass(frozen=True, slots=True)
class Magnified:
    """SETMAG: how often each dot of a font is repeated."""

    across: int = 1
    down: int = 1


class NotUnderstood(Exception):  # an answer between two modules, not an error of the gateway
    """The line is none that can be drawn; its text says which."""


# --- text --------------------------------------------------------------------------------------

_TEXT = re.compile(rb"(\S+) +(\S+) +(\d{1,2}) +(\d{1,4}) +(\d{1,5}) (.*)", re.DOTALL)
_TURNS = {b"TEXT": 0, b"T": 0, b"TEXT90": 3, b"T90": 3, b"VTEXT": 3, b"VT": 3,
          b"TEXT180": 2, b"T180": 2, b"TEXT270": 1, b"T270": 1}  # fmt: skip
"""Quarter turns clockwise: CPCL counts degrees the other way round (CPCL manual, TEXT)."""
_FONT_7_BASELINE = 19
"""Dots from the top of font 7's cell of 24 to its baseline."""


def draw_text(line: bytes, magnified: Magnified) -> Placed:
    """Return a text's ink. All fonts are drawn as font 7: characters 12 dots wide.

    Raises:
        NotUnderstood: the line lacks a parameter.
    """
    match = _TEXT.fullmatch(line)
    if match is None:
        raise NotUnderstood(line[:40].decode("latin-1"))
    turn = _TURNS[match[1].upper()]
    # Font D of the other printers has the same pitch of 12 dots; its capitals are 14 high.
    font = bitmap("D", magnified.down, magnified.across)
    drawn = font.set_line(match[6].decode("latin-1"))
    x, y = int(match[4]), int(match[5])
    above = _FONT_7_BASELINE * magnified.down - font.ascent - drawn.above
    tile = drawn.ink.turned(turn)
    if turn == 0:
        return x - drawn.left, y + above, tile
    if turn == 3:
        return x + above, y - tile.height + drawn.left, tile
    if turn == 2:
        return x - tile.width + drawn.left, y - above - tile.height, tile
    return x - above - tile.width, y - drawn.left, tile


# --- codes -------------------------------------------------------------------------------------

_CODE = re.compile(
    rb"(\S+) +(\S+) +(\d{1,2}) +(\d{1,2}) +(\d{1,4}) +(\d{1,4}) +(\d{1,5}) (.*)", re.DOTALL
)
_RATIOS = {0: 1.5, 1: 2.0, 2: 2.5, 3: 3.0, 4: 3.5} | {n: n / 10 for n in range(20, 31)}
"""Wide to narrow (CPCL manual, BARCODE: ratio)."""


def draw_code(line: bytes) -> Placed:
    """Return a linear code's bars.

    Raises:
        NotUnderstood: the line lacks a parameter, or names a code that is not drawn here.
        CodeRefused: the code cannot carry the data.
    """
    match = _CODE.fullmatch(line)
    if match is None:
        raise NotUnderstood(line[:40].decode("latin-1"))
    kind, module, ratio = match[2].upper(), int(match[3]), int(match[4])
    code = _CODES.get(kind)
    if code is None or not module or ratio not in _RATIOS or not int(match[5]):
        raise NotUnderstood(line[:40].decode("latin-1"))
    try:
        data = match[8].decode("ascii")
    except UnicodeDecodeError as wrong:
        raise CodeRefused(f"A code carries ASCII, got {match[8]!r}.") from wrong
    tile = linear.bars(code(data, module, int(module * _RATIOS[ratio])), int(match[5]))
    x, y = int(match[6]), int(match[7])
    if match[1].upper() in (b"BARCODE", b"B"):
        return x, y, tile
    tile = tile.turned(3)  # VBARCODE reads upward from (x, y)
    return x, y - tile.height, tile


def _code128(data: str, module: int, wide: int) -> list[int]:
    return code128.widths(code128.choose_values(data), module=module)


_CODES: Mapping[bytes, Callable[[str, int, int], list[int]]] = {
    b"128": _code128,
    b"39": lambda data, module, wide: linear.code39(data, module=module, wide=wide),
    b"I2OF5": lambda data, module, wide: linear.interleaved(data, module=module, wide=wide),
    b"93": lambda data, module, wide: linear.code93(data, module=module),
    b"EAN13": lambda data, module, wide: linear.ean13(data[:12], module=module),
    b"EAN8": lambda data, module, wide: linear.ean8(data[:7], module=module),
    b"UPCA": lambda data, module, wide: linear.upca(data[:11], module=module),
}

_QR = re.compile(rb"(\S+) +QR +(\d{1,4}) +(\d{1,5})((?: +[MU] +\d{1,2})*) *", re.IGNORECASE)


def draw_qr(line: bytes, data: bytes) -> Placed:
    """Return a QR symbol: ``BARCODE QR x y M 2 U 6`` and a line ``MA,data``.

    Raises:
        NotUnderstood: the line lacks a parameter.
        CodeRefused: QR cannot carry the data.
    """
    match = _QR.fullmatch(line)
    level, _, content = data.partition(b",")
    if match is None or level[:1] not in b"LMQH" or not content or not level:
        raise NotUnderstood(line[:40].decode("latin-1"))
    options = match[4].upper().split()
    sizes = dict(zip(options[::2], options[1::2], strict=True))
    import segno  # only who draws a QR symbol waits for it

    try:
        symbol = segno.make_qr(content, error=level[:1].decode(), boost_error=False)
    except (segno.DataOverflowError, ValueError) as wrong:
        raise CodeRefused(f"QR cannot carry the data: {wrong}.") from wrong
    module = min(32, max(1, int(sizes.get(b"U", b"6"))))
    tile = from_modules(symbol.matrix).enlarged(module, module)
    return int(match[2]), int(match[3]), tile


# --- lines and pictures ------------------------------------------------------------------------

_CORNERS = re.compile(rb"\S+ +(\d{1,5}) +(\d{1,5}) +(\d{1,5}) +(\d{1,5}) +(\d{1,4}) *")


def draw_line(line: bytes) -> Placed:
    """Return a LINE's ink: its second corner's dot does not belong to it.

    Raises:
        NotUnderstood: the line lacks a parameter.
    """
    x0, y0, x1, y1, thick = _corners(line)
    if y0 == y1:
        return min(x0, x1), y0, solid(max(1, abs(x1 - x0)), max(1, thick))
    if x0 == x1:
        return x0, min(y0, y1), solid(max(1, thick), max(1, abs(y1 - y0)))
    rises = (x1 - x0) * (y1 - y0) < 0
    tile = diagonal(abs(x1 - x0), abs(y1 - y0), max(1, thick), leans_right=rises)
    return min(x0, x1), min(y0, y1), tile


def draw_box(line: bytes) -> Placed:
    """Return a BOX's frame.

    Raises:
        NotUnderstood: the line lacks a parameter.
    """
    x0, y0, x1, y1, thick = _corners(line)
    return min(x0, x1), min(y0, y1), box(abs(x1 - x0), abs(y1 - y0), max(1, thick))


def _corners(line: bytes) -> tuple[int, int, int, int, int]:
    match = _CORNERS.fullmatch(line)
    if match is None or any(int(number) > _LARGEST for number in match.groups()):
        raise NotUnderstood(line[:40].decode("latin-1"))
    x0, y0, x1, y1, thick = map(int, match.groups())
    return x0, y0, x1, y1, thick
