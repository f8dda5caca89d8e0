r"""EPL2: a label as the bytes an Eltron or older Zebra printer prints in page mode.

A label is lines of commands: its width, N, what is on it, P. ``exact`` sends ink as ``GW``
rectangles. ``native`` sends commands: the printer draws lines, some codes and text itself, text in
its fixed-pitch fonts. Nothing is kept in the printer: what EPL2 stores (GM, FS) is written to flash
memory, which wears.

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 8, 2, 0, Tile(8, 1, b"\x81"), fixed=False)
>>> label = Label(80, 40, parse_density(8), (dot,))
>>> model = Model("any", "Any", "epl", label.density, head_dots=832)
>>> encode(label, "exact", model).body
b'\r\nq80\r\nZB\r\nN\r\nGW8,2,1,1,~\r\nP1\r\n'

Commands and their parameters: Zebra, EPL Programming Guide 14245L-003.
"""

from __future__ import annotations

from functools import lru_cache
from typing import assert_never

from gateway.drivers.languages.epl_fields import write_bars, write_code, write_text
from gateway.drivers.languages.epl_raw import split_raw
from gateway.drivers.languages.native import Native, draw_natives, sides_of
from gateway.drivers.languages.page import Language, Mode, Model, Page, Stored, check_density
from gateway.drivers.languages.patches import patches
from gateway.label import (
    Barcode,
    Box,
    Commands,
    Element,
    Ellipse,
    Label,
    Line,
    Picture,
    Text,
    Tile,
    overlay,
)
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Density, to_dots

MOST_BYTES = 2_048
"""Bytes of dots in one command: so much must be sent at most until a printer that lost the rest of
a picture listens to commands again."""

_PATCH = 24
"""Bytes one more GW costs, roughly."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as EPL2 for a printer of that model, set up so.

    Raises:
        PrinterRefused: the label was laid out for a head of another density.
    """
    check_density(label, model)
    width = min(label.width, model.head_dots or label.width)
    commands, ink = list[bytes](), list(label.elements)
    approximate: tuple[str, ...] = ()
    if mode == "native":
        commands, ink, approximate = draw_natives(
            label.elements, lambda element: _draw(element, label.density)
        )
    drawn = overlay(width, label.height, ink)
    opening = _opening(width, label.height, label.density, setup)
    body = b"%bN\r\n%b%bP1\r\n" % (opening, _graphics(drawn), b"".join(commands))
    return Page(body, _finish(setup), approximate)


# --- settings ----------------------------------------------------------------------------------

_SPEEDS = range(1, 7)
"""S, about inches a second: each model has a table of its own."""
_GAPS = range(16, 241)
_FINE_GAPS = range(18, 241)
"""Dots of a gap or black line (Q, parameter p2), at 203 and at 300 dots an inch."""
_FINISH = {"tear_off": b"O\r\n", "peel": b"OP\r\n", "cut": b"OC\r\n"}
"""O sets all hardware options at once, and the printer writes them to flash when they differ."""


def _finish(setup: Setup) -> tuple[Stored, ...]:
    out = _FINISH.get(setup.finish or "")
    return (Stored(f"setup {out.decode().strip()}", b"\r\n" + out, b""),) if out else ()


@lru_cache(maxsize=64)
def _opening(width: int, height: int, density: Density, setup: Setup) -> bytes:
    """Return what precedes N: the label's width and, where a person chose, the printer's settings.

    The first line break ends what a broken connection may have left. q moves the reference point
    back to where the label's stock lies, ZB turns the image back. How labels are found, darkness
    and speed are the printer's own business unless the setup names them. q and Q clear the image.
    """
    out = [b"\r\nq%d\r\n" % width]
    gaps = _FINE_GAPS if density > 10 else _GAPS
    gap = min(max(to_dots(setup.gap, density), gaps[0]), gaps[-1])
    match setup.tracking:
        case "gap":
            out.append(b"Q%d,%d\r\n" % (height, gap))
        case "mark":
            out.append(b"Q%d,B%d+0\r\n" % (height, gap))
        case "continuous":
            out.append(b"Q%d,0\r\n" % height)
        case None:
            pass
    if setup.darkness is not None:
        out.append(b"D%d\r\n" % min((30 * setup.darkness + 100) // 200, 15))
    if setup.speed is not None:
        inches = (2 * setup.speed + 25_400) // 50_800
        out.append(b"S%d\r\n" % min(max(inches, _SPEEDS[0]), _SPEEDS[-1]))
    out.append(b"ZB\r\n")
    return b"".join(out)


# --- ink ---------------------------------------------------------------------------------------

_PAPER = bytes(byte ^ 0xFF for byte in range(256))
"""0 is black in a GW."""


def _graphics(ink: Tile) -> bytes:
    """Return the ink as GW commands; what one holds is the whole ink of its rectangle."""
    out: list[bytes] = []
    for x, y, patch in patches(ink, ink, _PATCH):
        rows = max(1, MOST_BYTES // patch.stride)
        span = rows * patch.stride
        for start in range(0, len(patch.ink), span):
            dots = patch.ink[start : start + span].translate(_PAPER)
            top = y + start // patch.stride
            out.append(
                b"GW%d,%d,%d,%d,%b\r\n" % (x, top, patch.stride, len(dots) // patch.stride, dots)
            )
    return b"".join(out)


# --- native ------------------------------------------------------------------------------------


def _draw(element: Element, density: Density) -> Native | None:
    """Return the element as commands, or None when only ink shows it rightly."""
    if element.x < 0 or element.y < 0:
        return None
    match element:
        case Text():
            text = write_text(element, density)
            return None if text is None else Native((text,), approximate=bool(text))
        case Barcode():
            code = write_code(element) or write_bars(element)
            return None if code is None else Native((code,))
        case Box():
            if element.radius or not element.thickness:
                return None
            return Native(tuple(b"LO%d,%d,%d,%d\r\n" % side for side in sides_of(element)))
        case Line(direction="-" | "|"):
            tile = element.tile
            line = b"LO%d,%d,%d,%d\r\n" % (element.x, element.y, tile.width, tile.height)
            return Native((line,))
        case Line() | Ellipse() | Picture() | Commands():
            return None
        case _:
            assert_never(element)


EPL = Language("epl", "EPL2", "application/epl", encode, split_raw)
"""The language of Eltron's printers and Zebra's after them, in page mode."""
