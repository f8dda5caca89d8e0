r"""Brother QL raster: a label as the lines of dots that a QL label printer burns.

The language has no fonts and no codes, so ``native`` is the same as ``exact``. Each label is a job
of its own, by the raster command reference (QL-820NWB, QL-1110NWB):

    NUL × 400, ESC @            drop what is half received, begin
    ESC i a 1                   raster mode
    ESC i z …                   the roll that must be loaded, and how many lines come
    ESC i M, ESC i A, ESC i K   cut each label
    ESC i d                     margin before and behind
    M 2, g …, Z                 lines from right to left, packed as TIFF packs bits
    Control-Z                   print and feed

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 100, 100, 0, Tile(8, 1, b"\x81"), fixed=False)
>>> label = Label(732, 342, parse_density("300dpi"), (dot,))
>>> model = Model("any", "Any", "brother-ql", label.density)
>>> encode(label, "exact", model).body[400:].split(b"M\2")[0]  # doctest: +ELLIPSIS
b'\x1b@\x1bia\x01\x1biz\xce\x0b>\x1d\x0f\x01\x00\x00\x00\x00\x1biM@\x1biA\x01\x1biK\x08\x1bid...'
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from gateway.drivers.languages.brother_ql_raw import split_raw
from gateway.drivers.languages.brother_ql_rolls import (
    LENGTHS,
    MARGIN,
    NARROW,
    NO_SHORT_LENGTHS,
    ROLLS,
    WIDE,
    WIDE_MORE,
    Roll,
    find_roll,
)
from gateway.drivers.languages.page import Language, Mode, Model, Page, check_density
from gateway.errors import PrinterRefused
from gateway.label import Label, Tile, draw, overlay
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Um, say_length, to_um

INVALIDATE = bytes(400)
"""More than a line of the widest head: whatever is half received is filled up, and the rest is
skipped (NULL, Invalidate: 200 bytes for QL-820NWB, 350 for QL-1110NWB)."""

MOST_NAMED = 3
"""Elements that a refusal names: the ruler of a test label has hundreds."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as raster lines for a QL printer; both modes send ink.

    Raises:
        PrinterRefused: the label was laid out for a head of another density, no roll has its size,
            or it has ink where the roll has its margin.
    """
    check_density(label, model)
    roll = _roll_of(label, model, setup)
    area = _print_area(label, roll)
    pins = _pins(model, roll)
    right = roll.right_pins + (WIDE_MORE if pins == WIDE else 0)
    packed = "no-packbits" not in model.quirks
    rows = [(row << right).to_bytes(pins // 8)[::-1].translate(_REVERSED) for row in _rows_of(area)]
    out = [INVALIDATE, b"\x1b@"]
    if "no-mode-switch" not in model.quirks:
        out.append(b"\x1bia\x01")
    out += (_describe(roll, len(rows)), _finish(setup, model), _margin(roll))
    if packed:
        out.append(b"M\x02")
    out += map(_packed_line if packed else _plain_line, rows)
    out.append(b"\x1a")
    return Page(b"".join(out))


def _roll_of(label: Label, model: Model, setup: Setup) -> Roll:
    roll = find_roll(label.width, label.height, label.density, setup.tracking)
    # To a tenth of a millimetre: whole dots of 300 dpi are no whole micrometres.
    width, height = (round(to_um(n, label.density), -2) for n in (label.width, label.height))
    size = f"{say_length(width)} × {say_length(height)}"
    if roll is None or (roll.dots > NARROW and _is_narrow(model)):
        widths = sorted({one.width_mm for one in ROLLS if one.continuous})
        raise PrinterRefused(
            f"No roll for this printer has labels of {size}; set its media to a DK roll such as "
            f"62 × 100 mm or 29 × 90 mm, or any length on {', '.join(map(str, widths[:-1]))} or "
            f"{widths[-1]} mm.",
            width=label.width,
            height=label.height,
        )
    lengths = NO_SHORT_LENGTHS if "no-short-labels" in model.quirks else LENGTHS
    if roll.continuous and label.height not in lengths:
        raise PrinterRefused(
            f"A label of {size} cannot be cut from a continuous roll; make it "
            f"{say_length(to_um(lengths[0], label.density))} to "
            f"{say_length(to_um(lengths[-1], label.density))} long.",
            height=label.height,
        )
    return roll


def _is_narrow(model: Model) -> bool:
    return model.head_dots is not None and model.head_dots < NARROW + MARGIN


def _pins(model: Model, roll: Roll) -> int:
    if model.head_dots is None:
        return WIDE if roll.dots > NARROW else NARROW
    return NARROW if _is_narrow(model) else WIDE


def _print_area(label: Label, roll: Roll) -> Tile:
    """Return the ink inside the roll's margins, which lie evenly around it.

    Raises:
        PrinterRefused: some ink lies outside.
    """
    lines = roll.lines or label.height - 2 * MARGIN
    left, top = (label.width - roll.dots) // 2, (label.height - lines) // 2
    moved = tuple(replace(one, x=one.x - left, y=one.y - top) for one in label.elements)
    area = overlay(roll.dots, lines, moved)
    if area.count() == draw(label).count():
        return area
    outside = [
        one.id for one in moved if overlay(roll.dots, lines, (one,)).count() != one.tile.count()
    ]
    named = ", ".join(map(repr, outside[:MOST_NAMED]))
    rest = len(outside) - MOST_NAMED
    if rest > 0:
        named += f" and {rest} more"
    raise PrinterRefused(
        f"{named} {'reaches' if len(outside) == 1 else 'reach'} into the margin of the roll, where "
        f"the printer cannot print: keep {say_length(to_um(left, label.density))} free at the "
        f"sides and {say_length(to_um(top, label.density))} at top and bottom.",
        elements=outside[:MOST_NAMED],
    )


def _rows_of(tile: Tile) -> list[int]:
    spare = 8 * tile.stride - tile.width
    return [
        int.from_bytes(tile.ink[at : at + tile.stride], "big") >> spare
        for at in range(0, len(tile.ink), tile.stride)
    ]


_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Bytes with their bits the other way round: pin 0 is the rightmost (2.3.5 Raster line)."""


def _describe(roll: Roll, lines: int) -> bytes:
    """Return ESC i z: what is named must be loaded, or the printer refuses to print.

    Flags: recovery always on 80h, print quality first 40h, media type 02h, width 04h, length 08h.
    """
    length, kind, flags = roll.length_mm, 0x0B, 0xCE
    if roll.continuous:
        kind, flags = 0x0A, 0xC6
    return (
        b"\x1biz"
        + bytes((flags, kind, roll.width_mm, length))
        + lines.to_bytes(4, "little")
        + b"\0\0"
    )


def _finish(setup: Setup, model: Model) -> bytes:
    """Return how the label leaves: cut, unless it is to be torn off. No QL peels or rewinds.

    ESC @ has put cutting back, so it is said for each label: ESC i M bit 6 cuts, ESC i A after
    each one, ESC i K bit 3 also after the last. A QL-500 has neither a cutter nor these commands.
    """
    if "no-cutter" in model.quirks:
        return b""
    if setup.finish in (None, "cut"):
        return b"\x1biM\x40\x1biA\x01\x1biK\x08"
    return b"\x1biM\x00\x1biK\x00"


def _margin(roll: Roll) -> bytes:
    """Return ESC i d: dots of margin; 0 on die-cut labels, which have their own."""
    return b"\x1bid" + (MARGIN if roll.continuous else 0).to_bytes(2, "little")


def _plain_line(row: bytes) -> bytes:
    return b"g\x00%c%b" % (len(row), row)


@lru_cache(maxsize=4096)
def _packed_line(row: bytes) -> bytes:
    if not any(row):
        return b"Z"
    packed = pack_bits(row)
    return b"g\x00%c%b" % (len(packed), packed)


_RUN = re.compile(rb"(.)\1{2,127}", re.DOTALL)


def pack_bits(row: bytes) -> bytes:
    r"""Return the row packed as TIFF 6.0 does (section 9, PackBits).

    >>> pack_bits(b"\x22\x22\x23\xba\xbf\xa2\x22\x2b" + bytes(8)).hex()
    '07222223babfa2222bf900'
    """
    out, at = [], 0
    for run in _RUN.finditer(row):
        out += _literal(row[at : run.start()])
        out.append(bytes((257 - len(run[0]), run[0][0])))
        at = run.end()
    out += _literal(row[at:])
    return b"".join(out)


def _literal(octets: bytes) -> list[bytes]:
    return [
        bytes((len(octets[at : at + 128]) - 1,)) + octets[at : at + 128]
        for at in range(0, len(octets), 128)
    ]


BROTHER_QL = Language(
    "brother-ql",
    "Brother QL raster",
    "application/vnd.brother-ql",
    encode,
    split_raw,
    fills_stock=True,
    margins=(Um(1_600), Um(3_100)),  # 19 of 732 dots on a 62 mm roll, and MARGIN dots
)
"""The language of Brother's QL label printers."""
