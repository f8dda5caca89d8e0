r"""CPCL: a label as the bytes that Zebra's mobile printers, and many others, print.

    ! 0 200 200 400 1     offset, dots an inch, dots an inch, height of the label, how many
    PAGE-WIDTH 384
    CG 6 40 8 16 …        six bytes a row, forty rows, at (8, 16)
    FORM                  feed to the next label
    PRINT

``exact`` sends ink: pictures of at most ``MOST_IN_PICTURE`` bytes, so that little is lost when a
connection breaks inside one. ``native`` sends commands: the printer draws codes and lines itself,
and text in its font 7 where that comes near to the preview.

Nothing is kept in the printer: what CPCL stores (DEFINE-FORMAT, PCX files) is written to flash.
Source of all commands: Zebra, Mobile Printing Systems CPCL Programming Manual.

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 8, 2, 0, Tile(8, 1, b"\x81"), fixed=False)
>>> label = Label(16, 8, parse_density(8), (dot,))
>>> model = Model("any", "Any", "cpcl", label.density, head_dots=384)
>>> encode(label, "exact", model).body
b'! 0 200 200 8 1\r\nIN-DOTS\r\nPAGE-WIDTH 16\r\nEG 1 1 8 2 81\r\nFORM\r\nPRINT\r\n'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.drivers.languages.cpcl_fields import draw_native
from gateway.drivers.languages.cpcl_raw import split_raw
from gateway.drivers.languages.native import draw_natives
from gateway.drivers.languages.page import Language, Mode, Model, Page, Stored, check_density
from gateway.drivers.languages.patches import patches
from gateway.label import Label, Tile, draw
from gateway.printers import AS_IT_IS, Setup

MOST_IN_PICTURE = 2_048
"""Bytes of dots in one picture, more or less a row: how far a printer may be from the next command
when a connection breaks (see ``CpclConversation.clear``)."""

_OVERHEAD = 24
"""Bytes that a picture costs besides its dots."""

_SENSING = {"gap": b"GAP-SENSE", "mark": b"BAR-SENSE"}
_TONES = range(-99, 201)
"""Darkness, lightest to darkest (CPCL manual, TONE)."""
_SPEEDS = range(6)
"""Slowest to fastest (CPCL manual, SPEED)."""
_FASTEST = 127_000
"""µm a second: 5 inches, what the fastest of these printers do; SPEED 5 is a printer's fastest."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as CPCL for a printer of that model, set up so.

    Raises:
        PrinterRefused: the label was laid out for a head of another density.
    """
    check_density(label, model)
    lines = [
        b"! 0 200 200 %d 1" % label.height,
        b"IN-DOTS",  # another program may have left inches behind
        b"PAGE-WIDTH %d" % label.width,
        *_burn(setup),
    ]
    approximate: tuple[str, ...] = ()
    ink = label
    if mode == "native":
        commands, rest, approximate = draw_natives(label.elements, draw_native)
        lines += commands
        ink = replace(label, elements=tuple(rest))
    lines += _pictures(draw(ink), "binary-graphics" in model.quirks)
    if setup.tracking != "continuous":
        lines.append(b"FORM")
    lines.append(b"PRINT")
    return Page(b"\r\n".join((*lines, b"")), _sensing(setup), approximate)


def _burn(setup: Setup) -> Iterator[bytes]:
    """Yield the commands for darkness and speed, each a line of the label's own."""
    if setup.darkness is not None:
        steps = len(_TONES) - 1
        yield b"TONE %d" % (_TONES[0] + (2 * steps * setup.darkness + 100) // 200)
    if setup.speed is not None:
        level = (2 * setup.speed * _SPEEDS[-1] + _FASTEST) // (2 * _FASTEST)
        yield b"SPEED %d" % min(max(level, _SPEEDS[0]), _SPEEDS[-1])


def _sensing(setup: Setup) -> tuple[Stored, ...]:
    """Return how the printer is told to find the next label; it keeps that until it is told anew.

    Cutting, peeling and rewinding are the printer's own settings, outside CPCL.
    """
    sense = _SENSING.get(setup.tracking or "")
    if sense is None:
        return ()
    return (Stored(f"setup {sense.decode()}", b"! UTILITIES\r\n%b\r\nPRINT\r\n" % sense, b""),)


def _pictures(ink: Tile, binary: bool) -> Iterator[bytes]:
    """Yield the ink as commands, each a line: CG with bytes, EG with hexadecimal digits.

    Bytes are half as many, but not every line carries them all (XON/XOFF).
    """
    for x, y, patch in patches(ink, ink, _OVERHEAD):
        rows = max(1, MOST_IN_PICTURE // patch.stride)
        for top in range(0, patch.height, rows):
            dots = patch.ink[top * patch.stride : (top + rows) * patch.stride]
            high = len(dots) // patch.stride
            if binary:
                yield b"CG %d %d %d %d " % (patch.stride, high, x, y + top) + dots
            else:
                text = dots.hex().upper().encode()
                yield b"EG %d %d %d %d %b" % (patch.stride, high, x, y + top, text)


CPCL = Language("cpcl", "CPCL", "application/x-cpcl", encode, split_raw)
"""The language of Zebra's mobile printers, and of many others."""
