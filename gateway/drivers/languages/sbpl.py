r"""SBPL: a label as the bytes that SATO's printers print.

    STX ESC A                       begin
    ESC V0033 ESC H0017             dots down and across, counted from 1
    ESC GH003005 …                  ink: three bytes a row, five times eight rows
    ESC Q1 ESC Z ETX                one of it, end

``exact`` sends ink. ``native`` sends commands: codes with their code sets spelled out, rules, and
text in the resident fonts of one width where they come near to the preview.

Nothing is kept in the printer: its volatile memory holds one form only (ESC &), and the others are
in flash. Sources: SATO, SBPL Programming Reference (GL4xxe; WS4; CL4NX/CL6NX), and what SATO's own
driver sends to a CT4-LX.

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 8, 8, 0, Tile(8, 1, b"\x81"), fixed=False)
>>> label = Label(16, 16, parse_density(8), (dot,))
>>> model = Model("any", "Any", "sbpl", label.density, head_dots=832)
>>> encode(label, "exact", model).body
b'\x02\x1bA\x1b%0\x1bV0009\x1bH0009\x1bGH0010018100000000000000\x1bQ1\x1bZ\x03'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.drivers.languages.native import draw_natives
from gateway.drivers.languages.page import Language, Mode, Model, Page, Stored, check_density
from gateway.drivers.languages.patches import patches
from gateway.drivers.languages.sbpl_fields import at, draw_native
from gateway.drivers.languages.sbpl_raw import split_raw
from gateway.errors import PrinterRefused
from gateway.label import Label, Tile, draw
from gateway.printers import AS_IT_IS, Setup

_MOST_DOWN = 9_999
"""Dots that V and H can say in four digits (GL4xxe reference, print position)."""

MOST_IN_PICTURE = 2_048
"""Bytes of dots in one picture, at least eight rows: how far a printer may be from the next command
when a connection breaks (see ``SbplConversation.clear``)."""

_OVERHEAD = 24
"""Bytes that a picture costs besides its dots."""

_BLANK = b"\x1bV0001\x1bH0001\x1bGH001001" + b"00" * 8
"""A label without ink is still one label."""

_SENSORS = {"mark": 0, "gap": 1, "continuous": 2}
"""ESC IG (WS4 and CL4NX references, sensor type)."""
_MODES = {"rewind": 0, "tear_off": 1, "cut": 2, "peel": 7}
"""ESC PM: continuous, tear-off, cut and dispense with backfeed after print (CT400 reference)."""
_SPEEDS = range(2, 15)
"""Inches a second that ESC CS takes on one model or another."""
_DARKEST = 5
"""ESC #E: 1 is lightest, 5 darkest (GL4xxe and WS4 references, print darkness)."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as SBPL for a printer of that model, set up so.

    Raises:
        PrinterRefused: the label was laid out for a head of another density, or is longer than
            SBPL can say.
    """
    check_density(label, model)
    if max(label.width, label.height) > _MOST_DOWN:
        raise PrinterRefused(
            f"The label is {label.width} × {label.height} dots and SBPL can say {_MOST_DOWN}; "
            "make it shorter.",
            width=label.width,
            height=label.height,
        )
    parts: list[bytes] = []
    approximate: tuple[str, ...] = ()
    ink = label
    if mode == "native":
        commands, rest, approximate = draw_natives(label.elements, draw_native)
        parts += commands
        ink = replace(label, elements=tuple(rest))
    parts += _pictures(draw(ink), "binary-graphics" in model.quirks)
    # %0: upright, whatever stood in an earlier label.
    body = _item(b"\x1b%%0%b\x1bQ1" % (b"".join(parts) or _BLANK))
    if "sized-by-label" in model.quirks:
        # As SATO's own driver: origin and size in an item of their own, before each label.
        body = _item(b"\x1bA3V+00000H+0000\x1bA1V%05dH%04d" % (label.height, label.width)) + body
    return Page(body, _set_up(setup), approximate)


def _item(commands: bytes) -> bytes:
    return b"\x02\x1bA%b\x1bZ\x03" % commands


def _set_up(setup: Setup) -> tuple[Stored, ...]:
    """Return the items that set the printer up; some models remember them without power.

    Darkness must stand in an item of its own (GL4xxe reference, print darkness).
    """
    chosen = b""
    if setup.speed is not None:
        inches = (2 * setup.speed + 25_400) // 50_800
        chosen += b"\x1bCS%d" % min(max(inches, _SPEEDS[0]), _SPEEDS[-1])
    if setup.tracking is not None:
        chosen += b"\x1bIG%d" % _SENSORS[setup.tracking]
    if setup.finish is not None:
        chosen += b"\x1bPM%d" % _MODES[setup.finish]
    out = _item(chosen) if chosen else b""
    if setup.darkness is not None:
        level = 1 + (2 * (_DARKEST - 1) * setup.darkness + 100) // 200
        out += _item(b"\x1b#E%d" % level)
    return (Stored(f"setup {out.decode()}", out, b""),) if out else ()


def _pictures(ink: Tile, binary: bool) -> Iterator[bytes]:
    """Yield the ink as ESC G commands at their places: bytes, or hexadecimal digits."""
    for x, y, patch in patches(_by_eight(ink), ink, _OVERHEAD):
        for top, rows in _blocks(patch, y, ink.height):
            kind, dots = b"GB", rows
            if not binary:
                kind, dots = b"GH", rows.hex().upper().encode()
            size = (patch.stride, len(rows) // patch.stride // 8)
            yield at(x, top) + b"\x1b%b%03d%03d" % (kind, *size) + dots


def _by_eight(ink: Tile) -> Tile:
    """Return a picture with ink in all eight rows of a block where one of them has ink.

    ESC G counts eight rows at a time: so rectangles begin and end where its blocks do.
    """
    stride, wanted = ink.stride, bytearray()
    for start in range(0, len(ink.ink), 8 * stride or 1):
        block = ink.ink[start : start + 8 * stride]
        union = 0
        for row in range(0, len(block), stride):
            union |= int.from_bytes(block[row : row + stride])
        wanted += union.to_bytes(stride) * (len(block) // stride)
    return Tile(ink.width, ink.height, bytes(wanted))


def _blocks(patch: Tile, y: int, height: int) -> Iterator[tuple[int, bytes]]:
    """Yield (y, rows) in whole blocks of eight rows that stay on a label of so many rows.

    A last block that would hang over the label's end begins higher: it repeats no ink, since what
    is above it is left blank in it.
    """
    stride = patch.stride
    step = max(8, MOST_IN_PICTURE // stride // 8 * 8)
    for top in range(0, patch.height, step):
        rows = patch.ink[top * stride : (top + step) * stride]
        count = len(rows) // stride
        missing = -count % 8
        if y + top + count + missing <= height or y + top + count < 8:
            yield y + top, rows + bytes(missing * stride)
            continue
        whole = count - count % 8
        if whole:
            yield y + top, rows[: whole * stride]
        last = rows[whole * stride :]
        yield y + top + count - 8, bytes(missing * stride) + last


SBPL = Language("sbpl", "SBPL", "application/x-sbpl", encode, split_raw)
"""The language of SATO's printers."""
