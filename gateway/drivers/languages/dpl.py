r"""DPL: a label as the bytes that Datamax-O'Neil and Honeywell printers print.

A label format is lines of fixed columns between ``STX L`` and ``E``. Positions are tenths of a
millimetre from the lower left corner, which no head's dots divide evenly; so ink is sent as images
that all begin in that corner, where every rounding is 0, and so comes out dot for dot:

    STX x D G name, STX I D A F name   a picture into RAM (7-bit records, the bottom row first)
    STX L, D11, A2, 1Y11…name, Q0001, E   one label: dots not multiplied, pictures united, one piece

``exact`` sends nothing but images: what no field can change is stored once and recalled.
``native`` lets the printer draw what it can draw rightly (``dpl_fields``). Commands: Class Series
II Programmer's Manual, 88-2341-01.

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 4, 2, 0, Tile(8, 1, b"\x81"), fixed=False)
>>> label = Label(16, 8, parse_density(8), (dot,))
>>> model = Model("any", "Any", "dpl", label.density, head_dots=832)
>>> body = encode(label, "exact", model).body
>>> body.split(b"\x02L\r")[0]
b'\x02xDGGWGJQZZF\r\x02IDAFGWGJQZZF\r80020000\r0000FF04\r80020810\rFFFF\r'
>>> body.split(b"\x02L\r")[1]
b'm\rD11\rA2\rR0000\rC0000\r1Y1100000000000GWGJQZZF\rQ0001\rE\r\x02xDGGWGJQZZF\r\x02zD\r'
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import groupby

from gateway.drivers.languages.dpl_fields import draw_native
from gateway.drivers.languages.dpl_raw import split_raw
from gateway.drivers.languages.native import draw_natives
from gateway.drivers.languages.page import Language, Mode, Model, Page, Stored, check_density
from gateway.errors import PrinterRefused
from gateway.label import Element, Label, Tile, overlay
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Density

_OPENING = b"\x02L\rm\rD11\rA2\rR0000\rC0000\r"
"""Tenths of a millimetre (m), dots not multiplied (D), overlapping ink united and not inverted (A;
the default differs between firmwares), no offset (R, C). All of it ends with the format (manual,
chapter 6)."""

_MOST_OCTETS = 255
"""Bytes of a row: two hexadecimal digits say how many (manual, Image Loading)."""

_INLINE = 256
"""Fixed ink of at most so many bytes is sent with each label: storing it would save nothing."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as DPL for a printer of that model, set up so.

    Raises:
        PrinterRefused: the label was laid out for a head of another density, or is too wide.
    """
    check_density(label, model)
    if label.width > 8 * _MOST_OCTETS:
        raise PrinterRefused(
            f"A DPL image is at most {8 * _MOST_OCTETS} dots wide, and the label is "
            f"{label.width}; use narrower stock.",
            width=label.width,
        )
    records, ink, approximate = draw_natives(
        label.elements,
        lambda element: draw_native(element, label, model) if mode == "native" else None,
    )
    module = b"A" if "memory-a" in model.quirks else b"D"
    kept, own = _images(label, ink, module, keeps=model.keeps)
    images = kept + own
    body = b"".join(
        (
            _set_up(setup, label),
            *(image.store for image in own),
            _OPENING,
            _set_format(setup),
            *(image.recall for image in images),
            *records,
            b"Q0001\rE\r",
            *(image.forget for image in own),
            b"\x02z%b\r" % module if own else b"",
        )
    )
    needs = tuple(Stored(image.name, image.store, image.forget) for image in kept)
    return Page(body, needs, approximate)


# --- ink ---------------------------------------------------------------------------------------


class _Image:
    """A picture that begins in the label's lower left corner, in a module of the printer's RAM."""

    def __init__(self, tile: Tile, module: bytes) -> None:
        self.written = write_image(tile)
        digest = blake2b(self.written, digest_size=5).digest()
        self.name = "GW" + b32encode(digest).decode()[:6]
        name = self.name.encode()
        self.forget = b"\x02x%bG%b\r" % (module, name)
        # What has that name has that content; but a printer may refuse a name it knows.
        self.store = b"%b\x02I%bAF%b\r%b" % (self.forget, module, name, self.written)
        self.recall = b"1Y1100000000000%b\r" % name


def _images(
    label: Label, ink: Sequence[Element], module: bytes, *, keeps: bool
) -> tuple[tuple[_Image, ...], tuple[_Image, ...]]:
    """Return the pictures the printer keeps, and those that go with this label alone."""
    fixed = tuple(one for one in ink if one.fixed) if keeps else ()
    key = tuple((one.x, one.y, one.tile) for one in fixed)
    kept = _keep_ink(label.width, label.height, module, key, _Elements(fixed)) if fixed else None
    if kept is None:
        varying: Sequence[Element] = ink
    else:
        varying = [one for one in ink if not one.fixed]
    own = _draw_ink(label.width, label.height, module, varying)
    return (kept,) if kept else (), (own,) if own else ()


class _Elements(tuple[Element, ...]):
    """Elements that a cache does not compare: its key names their ink."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Elements)

    def __hash__(self) -> int:
        return 0


@lru_cache(maxsize=64)
def _keep_ink(
    width: int, height: int, module: bytes, key: object, fixed: _Elements
) -> _Image | None:
    """Return the fixed ink as a picture worth keeping, None when it is too small for that."""
    image = _draw_ink(width, height, module, fixed)
    return image if image is not None and len(image.written) > _INLINE else None


def _draw_ink(width: int, height: int, module: bytes, elements: Sequence[Element]) -> _Image | None:
    """Return the ink from the lower left corner to its own upper right one; None for none."""
    boxes = [(one.x + one.tile.width, max(0, one.y)) for one in elements if one.tile.count()]
    if not boxes:
        return None
    wide = min(width, max(right for right, _ in boxes))
    tile = overlay(wide, height, elements) if wide > 0 else None
    if tile is None or not tile.count():
        return None
    blank = min(top for _, top in boxes) * tile.stride
    return _Image(Tile(wide, height - blank // tile.stride, tile.ink[blank:]), module)


def write_image(tile: Tile) -> bytes:
    r"""Return a tile in Datamax's 7-bit format: the bottom row first, as it leaves the printer.

    ``80`` and the bytes of a row, then the row; ``0000FF`` and how often it comes again; ``FFFF``
    (manual, Image Loading). It has no control characters, so none can be taken for a command.

    >>> write_image(Tile(8, 4, b"\xff\x00\x00\x81"))
    b'800181\r800100\r0000FF01\r8001FF\rFFFF\r'
    """
    stride = tile.stride
    rows = [tile.ink[at : at + stride] for at in range(0, len(tile.ink), stride)]
    out = []
    for row, same in groupby(reversed(rows)):
        out.append(b"80%02X%b\r" % (stride, row.hex().upper().encode()))
        more = sum(1 for _ in same) - 1
        while more:
            again = min(more, 255)
            out.append(b"0000FF%02X\r" % again)
            more -= again
    out.append(b"FFFF\r")
    return b"".join(out)


# --- setup -------------------------------------------------------------------------------------

_SENSORS = {"gap": b"\x02c0000\r\x02e\r", "mark": b"\x02c0000\r\x02r\r"}
"""STX e: the gap lets light through. STX r: a mark reflects. Both need STX c 0000 first."""

_OPTIONS = {"tear_off": b"\x02V0\r", "rewind": b"\x02V0\r", "cut": b"\x02V1\r", "peel": b"\x02V4\r"}
"""STX V: bit 0 the cutter, bit 2 the present sensor; until the printer is switched off."""

_SPEEDS = "ABCDEFGHIJKLMNOPQRSTUVW"
"""Print speeds of P: A is 1 inch a second, and each letter half an inch more, up to W, 12 inches
(manual, Speed Ranges). A printer takes the nearest it has."""


def _set_up(setup: Setup, label: Label) -> bytes:
    """Return the system commands that go before the format."""
    out = _OPTIONS.get(setup.finish or "", b"")
    if setup.tracking == "continuous":
        # The length is said in the unit that is set: STX m, a tenth of a millimetre.
        out += b"\x02m\r\x02c%04d\r" % min(9999, _tenths(label.height, label.density))
    elif setup.tracking is not None:
        out += _SENSORS[setup.tracking]
    return out


def _tenths(dots: int, density: Density) -> int:
    """Return the length in tenths of a millimetre, up: ink that is cut off is lost."""
    return -(-dots * 10 * density.denominator // density.numerator)


def _set_format(setup: Setup) -> bytes:
    """Return the commands inside the format: heat H 00 to 30, speed P, and where it is cut (:)."""
    out = []
    if setup.darkness is not None:
        out.append(b"H%02d\r" % ((60 * setup.darkness + 100) // 200))
    if setup.speed is not None:
        halves = (2 * setup.speed + 12_700) // 25_400  # half inches a second, half up
        out.append(b"P%b\r" % _SPEEDS[min(max(halves - 2, 0), len(_SPEEDS) - 1)].encode())
    if setup.finish == "cut":
        out.append(b":0001\r")
    return b"".join(out)


DPL = Language("dpl", "DPL", "application/vnd.datamax-dpl", encode, split_raw)
"""The language of Datamax-O'Neil's printers, and of Honeywell's that speak it."""
