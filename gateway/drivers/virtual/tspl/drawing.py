"""What the drawing commands of TSPL leave on the label: a row of ``DRAWING`` for each.

Coordinates are dots from the reference point (REFERENCE), right and down.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from textwrap import wrap

from gateway.drivers.virtual import shapes
from gateway.drivers.virtual.canvas import Canvas, Ink, Tile, solid, unpack
from gateway.drivers.virtual.fixed_pitch import place_turned, set_cells
from gateway.drivers.virtual.lines import Command
from gateway.drivers.virtual.symbols.named import (
    draw_aztec,
    draw_data_matrix,
    draw_linear,
    draw_pdf417,
    draw_qr,
)

_FARTHEST = 32_000
"""Dots beyond which nothing is drawn: far beside every paper."""

# TSPL/TSPL2 Programming Manual, TEXT: cells of the fonts at 203 and 300 dpi alike.
_CELLS = {
    "1": (8, 12),
    "2": (12, 20),
    "3": (16, 24),
    "4": (24, 32),
    "5": (32, 48),
    "6": (14, 19),
    "7": (21, 27),
    "8": (14, 25),
}


class Wrong(Exception):
    """A command whose parameters mean nothing."""


@dataclass(slots=True)
class Sheet:
    """The image buffer, and what to say of it."""

    canvas: Canvas
    reference: tuple[int, int] = (0, 0)
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    """Files in the printer's memory."""
    unknown: list[str] = field(default_factory=list)

    def list_unknown(self, what: str) -> None:
        """Record something not understood, once."""
        if what not in self.unknown and len(self.unknown) < 200:
            self.unknown.append(what)

    def burn(self, tile: Tile, x: int, y: int, ink: Ink = Ink.BLACK) -> None:
        """Put a tile at (x, y) from the reference point."""
        if abs(x) < _FARTHEST and abs(y) < _FARTHEST:
            self.canvas.burn(tile, self.reference[0] + x, self.reference[1] + y, ink)


def _number(command: Command, index: int, default: int | None = None) -> int:
    written = command.values[index].strip() if index < len(command.values) else ""
    if match := re.fullmatch(r"([+-]?[0-9]{1,6})(?:\.[0-9]+)?", written):
        return int(match[1])
    if default is None:
        raise Wrong
    return default


def _size(command: Command, index: int) -> int:
    return max(0, min(_FARTHEST, _number(command, index)))


def _bar(sheet: Sheet, command: Command) -> None:
    tile = solid(_size(command, 2), _size(command, 3))
    sheet.burn(tile, _number(command, 0), _number(command, 1))


def _erase(sheet: Sheet, command: Command) -> None:
    tile = solid(_size(command, 2), _size(command, 3))
    sheet.burn(tile, _number(command, 0), _number(command, 1), Ink.WHITE)


def _reverse(sheet: Sheet, command: Command) -> None:
    tile = solid(_size(command, 2), _size(command, 3))
    sheet.burn(tile, _number(command, 0), _number(command, 1), Ink.XOR)


def _box(sheet: Sheet, command: Command) -> None:
    left, top, right, bottom, border = (_number(command, index) for index in range(5))
    wide, high = min(_FARTHEST, right - left), min(_FARTHEST, bottom - top)
    if wide <= 0 or high <= 0 or border <= 0:
        raise Wrong
    if _number(command, 5, 0):
        sheet.list_unknown("the radius of BOX")
    sheet.burn(shapes.box(wide, high, border), left, top)


def _circle(sheet: Sheet, command: Command) -> None:
    side, border = _size(command, 2), _size(command, 3)
    if side and border:
        sheet.burn(
            shapes.ellipse(side, side, border), _number(command, 0), _number(command, 1)
        )  # fmt: skip


def _ellipse(sheet: Sheet, command: Command) -> None:
    wide, high, border = (_size(command, index) for index in (2, 3, 4))
    if wide and high and border:
        sheet.burn(
            shapes.ellipse(wide, high, border), _number(command, 0), _number(command, 1)
        )  # fmt: skip


def _diagonal(sheet: Sheet, command: Command) -> None:
    x, y, to_x, to_y, border = (_number(command, index) for index in range(5))
    wide, high = abs(to_x - x), abs(to_y - y) + 1
    if max(wide, high) > _FARTHEST or not 0 < border <= _FARTHEST:
        raise Wrong
    falls = (to_x - x) * (to_y - y) >= 0
    tile = shapes.diagonal(wide, high, border, leans_right=not falls)
    sheet.burn(tile, min(x, to_x), min(y, to_y))


def _bitmap(sheet: Sheet, command: Command) -> None:
    stride, rows, mode = (_number(command, index) for index in (2, 3, 4))
    if not stride or not rows:
        return
    x, y = _number(command, 0), _number(command, 1)
    ink = unpack(bytes(byte ^ 0xFF for byte in command.octets), stride)
    if mode == 0:
        beside = sheet.canvas.clipped
        sheet.burn(solid(ink.width, ink.height), x, y, Ink.WHITE)
        sheet.canvas.clipped = beside  # white beside the paper is nothing
    sheet.burn(ink, x, y, Ink.XOR if mode == 2 else Ink.BLACK)


def _put_bmp(sheet: Sheet, command: Command) -> None:
    name = command.values[2] if len(command.values) > 2 else ""
    stored = sheet.pictures.get(name.upper())
    if stored is None:
        sheet.list_unknown(f"PUTBMP of {name[:20]}, which is not stored")
        return
    sheet.burn(_read_bmp(stored), _number(command, 0), _number(command, 1))


def _read_bmp(picture: bytes) -> Tile:
    """Return a 1-bit Windows bitmap as ink; what its palette calls dark is ink."""
    if picture[:2] != b"BM" or len(picture) < 62:
        raise Wrong
    start = int.from_bytes(picture[10:14], "little")
    width = int.from_bytes(picture[18:22], "little", signed=True)
    height = int.from_bytes(picture[22:26], "little", signed=True)
    bits = int.from_bytes(picture[28:30], "little")
    if bits != 1 or not 0 < width <= _FARTHEST or not 0 < height <= _FARTHEST:
        raise Wrong
    dark = int(sum(picture[54:57]) > sum(picture[58:61]))
    stride = (width + 31) // 32 * 4
    rows = []
    for y in range(height - 1, -1, -1):
        row = picture[start + y * stride : start + (y + 1) * stride].ljust(stride, b"\xff")
        value = int.from_bytes(row, "big") >> 8 * stride - width
        rows.append(value if dark else value ^ (1 << width) - 1)
    return Tile(width, height, tuple(rows))


def _degrees(command: Command, index: int) -> int:
    degrees = _number(command, index)
    if degrees not in (0, 90, 180, 270):
        raise Wrong
    return degrees


def _text(sheet: Sheet, command: Command) -> None:
    values = command.values
    if len(values) not in (7, 8):
        raise Wrong
    font, content = values[2].upper(), values[-1]
    across, down = (max(1, min(10, _number(command, index))) for index in (4, 5))
    if font not in _CELLS:
        sheet.list_unknown(f"font {font[:12]} drawn as font 3")
    wide, high = _CELLS.get(font, _CELLS["3"])
    shown = content.translate(dict.fromkeys(range(32)))
    tile, missing = set_cells(shown, wide, high, across, down)
    for character in missing:
        sheet.list_unknown(f"glyph U+{ord(character):04X}")
    x, y = _number(command, 0), _number(command, 1)
    if len(values) == 8:
        # The text ends (3) or has its middle (2) where it would begin.
        tile_x = x - {"2": tile.width // 2, "3": tile.width}.get(values[6].strip(), 0)
        sheet.burn(*place_turned(tile, tile_x, y, _degrees(command, 3)))
        return
    sheet.burn(*place_turned(tile, x, y, _degrees(command, 3)))


def _barcode(sheet: Sheet, command: Command) -> None:
    values = command.values
    if len(values) not in (9, 10):
        raise Wrong
    kind, content = values[2], values[-1]
    tile = draw_linear(
        kind, content, _number(command, 3), _number(command, 6), _number(command, 7)
    )  # fmt: skip
    shown, degrees = _number(command, 4), _degrees(command, 5)
    if shown:
        line, _ = set_cells(re.sub("![0-9]{3}", "", content), 8, 12, 1, 1)
        beside = {1: 0, 3: tile.width - line.width}.get(shown, (tile.width - line.width) // 2)
        whole = Canvas(max(tile.width, line.width), tile.height + 2 + line.height)
        whole.burn(tile, 0, 0)
        whole.burn(line, max(0, beside), tile.height + 2)
        tile = whole.tile()
    sheet.burn(*place_turned(tile, _number(command, 0), _number(command, 1), degrees))


def _options(values: tuple[str, ...]) -> dict[str, int]:
    """Return options that begin with a letter, and the bare numbers in order as ``1``, ``2`` …"""
    options: dict[str, int] = {}
    bare = 0
    for value in values:
        if match := re.fullmatch("([A-Za-z])([0-9]{1,5})", value.strip()):
            options[match[1].lower()] = int(match[2])
        elif re.fullmatch("[0-9]{1,5}", value.strip()):
            bare += 1
            options[str(bare)] = int(value)
        elif value.strip():
            raise Wrong
    return options


def _data_matrix(sheet: Sheet, command: Command) -> None:
    values = command.values
    if len(values) < 5:
        raise Wrong
    options = _options(values[4:-1])
    tile = draw_data_matrix(
        values[-1],
        module=options.get("x", 4),
        rows=options.get("1", 0),
        columns=options.get("2", 0),
        escape=chr(options["c"]) if 32 < options.get("c", 0) < 127 else "",
        rectangular=bool(options.get("a", 0)),
    )
    degrees = options.get("r", 0)
    sheet.burn(*place_turned(tile, _number(command, 0), _number(command, 1), degrees // 90 * 90))


def _qr(sheet: Sheet, command: Command) -> None:
    values = command.values
    if len(values) < 7 or values[2].strip().upper() not in ("L", "M", "Q", "H"):
        raise Wrong
    options = _options(values[6:-1])
    mask = options.get("s", 7)
    tile = draw_qr(
        values[-1],
        level=values[2].strip().upper(),
        module=_number(command, 3),
        manual=values[4].strip().upper() == "M",
        mask=mask if mask < 8 else None,
    )
    degrees = _degrees(command, 5)
    sheet.burn(*place_turned(tile, _number(command, 0), _number(command, 1), degrees))


def _aztec(sheet: Sheet, command: Command) -> None:
    # x, y, turn, module, size, escapes, menu, symbols, inverse, length of the data
    values = command.values
    if len(values) < 4:
        raise Wrong
    module, size = (
        _number(command, index, 0) if index < len(values) - 1 else 0 for index in (3, 4)
    )
    for index, what in ((5, "escapes"), (6, "menu"), (8, "inverse"), (9, "length")):
        if index < len(values) - 1 and _number(command, index, 0):
            sheet.list_unknown(f"the {what} of AZTEC")
    tile = draw_aztec(values[-1], module=module or 6, size=size)
    degrees = _degrees(command, 2)
    sheet.burn(*place_turned(tile, _number(command, 0), _number(command, 1), degrees))


def _pdf417(sheet: Sheet, command: Command) -> None:
    # x, y, expected width and height, turn, options
    values = command.values
    if len(values) < 6:
        raise Wrong
    options = _options(values[5:-1])
    module, wide = options.get("w", 2), _size(command, 2)
    # Start, stop and the row indicators take 69 modules, a data column 17.
    columns = options.get("c") or max(1, (wide // max(1, module) - 69) // 17)
    tile = draw_pdf417(
        values[-1], columns=columns, level=options.get("e", 2), module=module,
        row_height=options.get("h", 3 * module),
    )  # fmt: skip
    degrees = _degrees(command, 4)
    sheet.burn(*place_turned(tile, _number(command, 0), _number(command, 1), degrees))


def _block(sheet: Sheet, command: Command) -> None:
    # x, y, width, height, font, turn, across, down, [space, [align,]] content
    values = command.values
    if not 9 <= len(values) <= 11 or values[4].upper() not in _CELLS:
        raise Wrong
    wide, high = _CELLS[values[4].upper()]
    across, down = (max(1, min(10, _number(command, index))) for index in (6, 7))
    space = _number(command, 8) if len(values) > 9 else 0
    align = _number(command, 9) if len(values) > 10 else 0
    room = max(1, _size(command, 2) // (wide * across))
    area = Canvas(max(1, _size(command, 2)), max(1, _size(command, 3)))
    top = 0
    for line in wrap(values[-1], room) or [""]:
        tile, missing = set_cells(line, wide, high, across, down)
        for character in missing:
            sheet.list_unknown(f"glyph U+{ord(character):04X}")
        spare = area.width - len(line) * wide * across
        if top + tile.height <= area.height:
            area.burn(tile, {2: spare // 2, 3: spare}.get(align, 0), top)
        top += tile.height + space
    degrees = _degrees(command, 5)
    sheet.burn(*place_turned(area.tile(), _number(command, 0), _number(command, 1), degrees))


Draw = Callable[[Sheet, Command], None]

DRAWING: Mapping[str, Draw] = {
    "AZTEC": _aztec,
    "BAR": _bar,
    "BARCODE": _barcode,
    "BITMAP": _bitmap,
    "BLOCK": _block,
    "BOX": _box,
    "CIRCLE": _circle,
    "DIAGONAL": _diagonal,
    "DMATRIX": _data_matrix,
    "ELLIPSE": _ellipse,
    "ERASE": _erase,
    "PDF417": _pdf417,
    "PUTBMP": _put_bmp,
    "QRCODE": _qr,
    "REVERSE": _reverse,
    "TEXT": _text,
}
"""What draws; a command without a row is listed with its label."""
