"""Format records: lines of fixed columns in, ink and its place out (manual, chapter 8).

A record's row and column are those of its field's lower left corner, counted from the label's
lower left corner, in hundredths of an inch or tenths of a millimetre; a turned field turns
clockwise about that corner.

>>> drawn = draw_record("1X1100000100005l00500020", Sheet(Fraction(8), True), {})
>>> drawn.tile.width, drawn.tile.height, drawn.left, drawn.bottom
(40, 16, 4, 8)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from gateway.drivers.virtual.canvas import Tile, from_modules, solid
from gateway.drivers.virtual.glyphs import choose, scalable
from gateway.drivers.virtual.shapes import box
from gateway.drivers.virtual.symbols import code128, datamatrix, linear
from gateway.errors import CodeRefused


class Unknown(Exception):
    """A record that is not understood, in words."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """How the numbers of a format are meant."""

    density: Fraction
    """Dots per millimetre."""
    metric: bool
    dot_width: int = 1
    dot_height: int = 1

    def dots(self, units: int) -> int:
        """Return the nearest whole dots of a length in units."""
        exact = self.density * units * (Fraction(1, 10) if self.metric else Fraction(254, 1000))
        return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


@dataclass(frozen=True, slots=True)
class Inked:
    """Ink and where its lower left dot lies, in dots from the label's lower left corner."""

    tile: Tile
    left: int
    bottom: int


_WIDTHS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RECORD = re.compile(
    r"(?P<turn>[1-4])(?P<kind>W[1-9]?[A-Za-z]|[0-9A-Za-z])(?P<wide>[0-9A-Za-z])(?P<high>[0-9A-Za-z])"
    r"(?P<size>[0-9A-Za-z]{3})(?P<row>[0-9]{4})(?P<column>[0-9]{4})(?P<data>.*)",
    re.DOTALL,
)
_BITMAPS = {
    "0": "A",
    "1": "B",
    "2": "D",
    "3": "E",
    "4": "F",
    "5": "G",
    "6": "H",
    "7": "E",
    "8": "E",
}
"""Resident bitmap fonts are drawn with the nearest ones there are."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line, taken apart."""

    turn: int
    kind: str
    wide: int
    high: int
    size: str
    row: int
    column: int
    data: str


def read_record(line: str) -> Record:
    """Return a line's columns.

    Raises:
        Unknown: it has not the columns of a record.
    """
    match = _RECORD.fullmatch(line)
    if match is None:
        raise Unknown(f"record {line[:40]!r}")
    return Record(
        int(match["turn"]) - 1,
        match["kind"],
        _WIDTHS.index(match["wide"]),
        _WIDTHS.index(match["high"]),
        match["size"],
        int(match["row"]),
        int(match["column"]),
        match["data"],
    )


def draw_record(line: str, sheet: Sheet, pictures: Mapping[str, Tile]) -> Inked:
    """Return what a record puts on the label.

    Raises:
        Unknown: it is not understood.
    """
    record = read_record(line)
    tile, below = _draw_upright(record, sheet, pictures)
    tile = tile.enlarged(sheet.dot_width, sheet.dot_height)
    left, bottom = _turn(record.turn, tile, below * sheet.dot_height)
    return Inked(
        tile.turned(record.turn),
        sheet.dots(record.column) + left,
        sheet.dots(record.row) + bottom,
    )


def _turn(turn: int, tile: Tile, below: int) -> tuple[int, int]:
    """Return where the turned tile's lower left corner lies from the corner it is turned about."""
    return (
        (0, -below),
        (-below, -tile.width),
        (-tile.width, below - tile.height),
        (below - tile.height, 0),
    )[turn]


def _draw_upright(record: Record, sheet: Sheet, pictures: Mapping[str, Tile]) -> tuple[Tile, int]:
    """Return the upright ink and how many of its rows lie below the record's corner."""
    match record.kind:
        case "Y":
            picture = pictures.get(record.data.strip())
            if picture is None:
                raise Unknown(f"picture {record.data!r} is not stored")
            return picture.enlarged(max(1, record.wide), max(1, record.high)), 0
        case "X":
            return _draw_graphic(record, sheet), 0
        case "9":
            return _draw_font(record)
        case kind if kind in _BITMAPS:
            font = choose(_BITMAPS[kind], 0, 0)
            assert font is not None
            line = font.set_line(record.data)
            grown = line.ink.enlarged(max(1, record.wide), max(1, record.high))
            return grown, 0
        case kind:
            draw = _CODES.get(kind)
            if draw is None:
                raise Unknown(f"record of kind {kind}")
            try:
                return draw(record, sheet), 0
            except CodeRefused as refused:
                raise Unknown(f"code {kind}: {refused}") from refused


def _draw_graphic(record: Record, sheet: Sheet) -> Tile:
    data = record.data
    for pattern in (r"L(\d{3})(\d{3})", r"l(\d{4})(\d{4})"):
        if match := re.fullmatch(pattern, data):
            wide, high = (sheet.dots(int(number)) for number in match.groups())
            return solid(wide, high)
    for pattern in (r"B(\d{3})(\d{3})(\d{3})(\d{3})", r"b(\d{4})(\d{4})(\d{4})(\d{4})"):
        if match := re.fullmatch(pattern, data):
            wide, high, flat, upright = (sheet.dots(int(number)) for number in match.groups())
            if flat == upright:
                return box(wide, high, flat)
    raise Unknown(f"graphic {data[:20]!r}")


def _draw_font(record: Record) -> tuple[Tile, int]:
    """S00 and S01: the scalable font, its height and width in dots or points before the data."""
    match = re.fullmatch(r"([0-9P]\d{3})([0-9P]\d{3})(.*)", record.data, re.DOTALL)
    if match is None or record.size not in ("S00", "S01"):
        raise Unknown(f"font 9 {record.size}")
    if "P" in match[1] + match[2]:
        raise Unknown("font sizes in points")
    font = scalable(int(match[1]), int(match[2]))
    line = font.set_line(match[3])
    if line.missing:
        raise Unknown(f"glyphs {''.join(line.missing)!r}")
    ink = line.ink
    grown = ink.enlarged(max(1, record.wide), max(1, record.high))
    return grown, (ink.height - line.above - font.ascent) * max(1, record.high)


# --- codes -------------------------------------------------------------------------------------


def _bars(record: Record, sheet: Sheet, widths: list[int]) -> Tile:
    if not record.size.isdecimal():
        raise Unknown(f"height {record.size}")
    return linear.bars(widths, max(1, sheet.dots(int(record.size))))


def _code39(record: Record, sheet: Sheet) -> Tile:
    return _bars(record, sheet, linear.code39(record.data, module=record.high, wide=record.wide))


def _interleaved(record: Record, sheet: Sheet) -> Tile:
    return _bars(
        record, sheet, linear.interleaved(record.data, module=record.high, wide=record.wide)
    )


def _codabar(record: Record, sheet: Sheet) -> Tile:
    text = record.data
    if len(text) < 3 or text[0] not in "ABCD" or text[-1] not in "ABCD":
        raise Unknown(f"Codabar {text!r} without start and stop letters")
    widths = linear.codabar(
        text[1:-1], module=record.high, wide=record.wide, start=text[0], stop=text[-1]
    )
    return _bars(record, sheet, widths)


def _code93(record: Record, sheet: Sheet) -> Tile:
    return _bars(record, sheet, linear.code93(record.data, module=record.high))


_SPECIAL = {"A": 96, "B": 97, "C": 98, "D": 99, "E": 100, "F": 101, "G": 102}
"""``&`` and a letter stand for the symbol characters from 96 (appendix G, Code 128)."""
_SWITCHES = {"A": {99: "C", 100: "B"}, "B": {99: "C", 101: "A"}, "C": {100: "B", 101: "A"}}


def _code128(record: Record, sheet: Sheet) -> Tile:
    text = record.data
    chosen = text[:1] if text[:1] in ("A", "B", "C") else "B"
    if text[:1] in ("A", "B", "C"):
        text = text[1:]
    values = [code128.START[chosen]]
    at = 0
    while at < len(text):
        if text[at] == "&" and text[at + 1 : at + 2] in _SPECIAL:
            value = _SPECIAL[text[at + 1]]
            values.append(value)
            chosen = _SWITCHES[chosen].get(value, chosen)
            at += 2
        elif chosen == "C":
            pair = text[at : at + 2]
            if not pair.isdecimal() or len(pair) < 2:
                # An odd digit: the printer switches to B by itself.
                values += [100, code128.value_of(text[at], "B")]
                chosen, at = "B", at + 1
                continue
            values.append(int(pair))
            at += 2
        else:
            values.append(code128.value_of(text[at], chosen))
            at += 1
    return _bars(record, sheet, code128.widths(values, module=record.high))


def _data_matrix(record: Record, sheet: Sheet) -> Tile:
    """W1c: 200, 0, rows and columns as three digits each, then the data (appendix G)."""
    match = re.fullmatch(r"2000(\d{3})(\d{3})(.*)", record.data, re.DOTALL)
    if match is None or record.wide != record.high or not record.wide:
        raise Unknown(f"Data Matrix {record.data[:12]!r}")
    rows, columns = int(match[1]), int(match[2])
    modules = datamatrix.draw(datamatrix.encode(match[3]), columns=columns, rows=rows)
    return from_modules(modules).enlarged(record.wide, record.wide)


_CODES: Mapping[str, Callable[[Record, Sheet], Tile]] = {
    "a": _code39,
    "d": _interleaved,
    "e": _code128,
    "i": _codabar,
    "o": _code93,
    "Wc": _data_matrix,
    "W1c": _data_matrix,
}
"""Codes without their human readable line, by letter (appendix G)."""
