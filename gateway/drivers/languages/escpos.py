r"""ESC/POS: a label as the bytes of a receipt or label printer of Epson, or of the many alike.

``exact`` sends ink as raster pictures from the top down, so that what prints is the preview, dot
for dot. ``native`` lets the printer draw Code 128, QR codes and text wherever nothing else stands
beside them, and sends the rest as ink. Standard mode is used for both: page mode could place codes
side by side, but clones lack it, and where a picture's edge lies in it differs between models.

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 0, 1, 0, Tile(8, 1, b"\x81"), fixed=False)
>>> label = Label(16, 3, parse_density("203dpi"), (dot,))
>>> model = Model("any", "Any", "escpos", label.density, 576, quirks=frozenset({"legacy-raster"}))
>>> encode(label, "exact", model, Setup(finish="cut")).body
b'\x1b@\x1dv0\x00\x01\x00\x03\x00\x00\x81\x00\x1dVB\x00'
"""

from __future__ import annotations

from gateway.drivers.languages.escpos_native import native_rows
from gateway.drivers.languages.escpos_raw import split_raw
from gateway.drivers.languages.escpos_safe import REAL_TIME, motion_unit
from gateway.drivers.languages.page import Language, Mode, Model, Page, check_density
from gateway.errors import FieldRefused
from gateway.label import Label, Tile, overlay
from gateway.printers import AS_IT_IS, Setup

_BEGIN = b"\x1b@"
"""ESC @: every setting as at power on, standard mode. It clears no receive buffer (Epson ESC/POS
Command Reference, ESC @)."""

_MOST_ROWS = 256
"""Rows in one picture: small printers hold no more."""

MOST_OCTETS = 4096
"""Bytes of dots in one picture. A connection that breaks inside one leaves the printer waiting for
the rest, and so many blank bytes end that wait."""

_LEAST_BLANK = 24
"""Blank rows that are worth a picture of their own, one dot wide."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as ESC/POS for a printer of that model, set up so.

    Raises:
        PrinterRefused: the label was laid out for a head of another density.
        FieldRefused: a picture's dots are a command, and no way around it exists.
    """
    check_density(label, model)
    # Ink beyond the head would be lost, or begin a line of its own.
    width = min(label.width, model.head_dots or label.width)
    natives = native_rows(label, model) if mode == "native" and width == label.width else ()
    out = [_BEGIN, _set_up(setup, model)]
    taken = {id(native.element) for native in natives}
    ink = overlay(width, label.height, (one for one in label.elements if id(one) not in taken))
    at = 0
    for native in natives:
        out.append(_raster(ink, at, native.top, model))
        out.append(native.command)
        at = native.bottom
    out.append(_raster(ink, at, label.height, model))
    out.append(_finish(setup, model))
    body = b"".join(out)
    return Page(body, approximate=tuple(n.element.id for n in natives if n.approximate))


# --- ink ---------------------------------------------------------------------------------------


def _raster(ink: Tile, top: int, bottom: int, model: Model) -> bytes:
    """Return the rows from ``top`` to ``bottom`` as pictures; the paper moves just so far."""
    out = []
    while top < bottom:
        command, top = _picture_from(ink, top, bottom, model)
        out.append(command)
    return b"".join(out)


def _band_end(ink: Tile, top: int, bottom: int) -> int:
    """Return where the rows from ``top`` stop being alike: blank ones, or ones with ink."""
    stride = ink.stride
    blank = bytes(stride)
    row = top
    while row < bottom:
        end = row
        while end < bottom and ink.ink[end * stride : (end + 1) * stride] == blank:
            end += 1
        if row == top and (end == bottom or end - top >= _LEAST_BLANK):
            return end
        if end - row >= _LEAST_BLANK:
            return row
        row = end + 1
    return bottom


def _picture_from(ink: Tile, top: int, bottom: int, model: Model) -> tuple[bytes, int]:
    """Return the first picture of the rows, and the row after it.

    It is small enough, and no bytes of it are a command that acts at once.
    """
    end = _band_end(ink, top, bottom)
    used = _width(ink, top, end)
    end = min(end, top + max(1, min(_MOST_ROWS, MOST_OCTETS // used)))
    command = _picture(ink, top, end, used, 0, model)
    while end - top > 1 and (found := REAL_TIME.search(command)):
        # The rows above the one where it begins can go; what a picture's head begins ends there.
        whole = (found.start() - command.index(_rows(ink, top, end, used, 0))) // used
        end = top + max(1, min(whole, end - top - 1))
        command = _picture(ink, top, end, used, 0, model)
    if not REAL_TIME.search(command):
        return command, end
    if moved := _moved(ink, top, used, model):
        return moved, end
    return _columns(ink, top, bottom, used, model), top + _COLUMN


def _width(ink: Tile, top: int, bottom: int) -> int:
    """Return the bytes from the left edge to the last ink of the rows, at least 1."""
    stride, widest = ink.stride, 1
    for row in range(top, bottom):
        dots = ink.ink[row * stride : (row + 1) * stride].rstrip(b"\0")
        widest = max(widest, len(dots))
    return widest


def _rows(ink: Tile, top: int, bottom: int, used: int, left: int) -> bytes:
    """Return rows of ``used`` bytes, moved ``left`` dots to the left."""
    stride, dots = ink.stride, []
    for row in range(top, bottom):
        line = ink.ink[row * stride : row * stride + used]
        if left:
            line = (int.from_bytes(line, "big") << left).to_bytes(used, "big")
        dots.append(line)
    return b"".join(dots)


def _picture(ink: Tile, top: int, bottom: int, used: int, left: int, model: Model) -> bytes:
    return raster_command(used, bottom - top, _rows(ink, top, bottom, used, left), model)


def raster_command(across: int, rows: int, dots: bytes, model: Model) -> bytes:
    """Return the picture in the model's manner: rows of ``across`` bytes, 1 = ink.

    GS v 0 is obsolete in Epson's manual and all that clones have; Epson's printers get GS ( L
    function 112, which stores the picture, and function 50, which prints it and feeds its height.
    """
    down = rows.to_bytes(2, "little")
    if "legacy-raster" in model.quirks:
        return b"\x1dv0\0%b%b%b" % (across.to_bytes(2, "little"), down, dots)
    size = (10 + len(dots)).to_bytes(2, "little")
    wide = (8 * across).to_bytes(2, "little")
    return b"\x1d(L%b0p0\x01\x011%b%b%b\x1d(L\x02\x0002" % (size, wide, down, dots)


def _moved(ink: Tile, row: int, used: int, model: Model) -> bytes | None:
    """Return one row whose bytes would be a command, moved by dots that its left margin gives back.

    GS L sets where a picture begins (Epson ESC/POS Command Reference, GS L). None when the ink
    begins at the left edge, or no place helps.
    """
    first = int.from_bytes(_rows(ink, row, row + 1, used, 0), "big")
    blank = 8 * used - first.bit_length()
    for left in range(1, min(blank, _COLUMN) + 1):
        picture = _picture(ink, row, row + 1, used, left, model)
        command = b"\x1dL%c\0%b\x1dL\0\0" % (left, picture)
        if not REAL_TIME.search(command):
            return command
    return None


_COLUMN = 24
"""Dots of a column in the manner of ESC * 33."""


def _columns(ink: Tile, top: int, bottom: int, used: int, model: Model) -> bytes:
    """Return 24 rows as columns, a command for each, so that bytes of two columns never meet.

    ESC * 33 takes columns of 24 dots at the full density, and ESC J feeds by the unit that GS P
    sets: a dot (Epson ESC/POS Command Reference, ESC *, ESC J, GS P).

    Raises:
        FieldRefused: a column's own bytes are a command, or less than 24 rows are left.
    """
    used = max(used, _width(ink, top, min(bottom, top + _COLUMN)))
    rows = [_rows(ink, row, row + 1, used, 0) for row in range(top, min(bottom, top + _COLUMN))]
    values = [int.from_bytes(row, "big") for row in rows]
    unit = motion_unit(model)
    out = [unit or b""]
    for x in range(8 * used - 1, -1, -1):
        column = 0
        for value in values:
            column = column << 1 | (value >> x & 1)
        out.append(b"\x1b*\x21\x01\0" + column.to_bytes(3, "big"))
    command = b"".join([*out, b"\x1bJ\x18\x1dP\0\0"])
    if unit is None or len(rows) < _COLUMN or REAL_TIME.search(command):
        raise FieldRefused(
            f"The ink from row {top} on reads as a command to the printer, whichever way it is "
            "sent; move what stands at the label's left edge by a dot.",
            row=top,
        )
    return command


# --- around the ink ----------------------------------------------------------------------------


def _set_up(setup: Setup, model: Model) -> bytes:
    """Return the darkness, and where the label begins. ESC @ forgets both, so each label says them.

    GS ( K function 49 takes 70 % to 130 % of the standard density in steps of 5 (TM-L90
    specification). Speed has no unit in ESC/POS, only levels that differ by model: it stays.
    """
    out = b""
    if setup.darkness is not None:
        step = (2 * 12 * setup.darkness + 100) // 200
        out += b"\x1d(K\x02\x001%c" % ((250 + step) % 256)
    if setup.tracking in ("gap", "mark") and "black-mark" not in model.quirks:
        # FS ( L function 67, m = 50: to where this label begins, if a cut moved it away.
        out += b"\x1c(L\x02\x00C2"
    return out


def _finish(setup: Setup, model: Model) -> bytes:
    """Return what brings the label out: to the next one, to the tear bar, or cut off."""
    cuts = setup.finish == "cut" and "no-cutter" not in model.quirks
    if setup.tracking in ("gap", "mark"):
        if "black-mark" in model.quirks:
            return b"\x1d\x0c" + (b"\x1dV\x01" if cuts else b"")  # GS FF, GS V 1
        # FS ( L: 65 feeds to the peeler, 66 to the cutter, 67 to the next label.
        if cuts:
            return b"\x1c(L\x02\x00B0\x1dV\x01"
        return b"\x1c(L\x02\x00%b0" % (b"A" if setup.finish == "peel" else b"C")
    if cuts:
        return b"\x1dVB\0"  # GS V 66 0: feeds to the cutter and cuts, all but one point
    if setup.finish == "rewind":
        return b""
    return b"\x1bd\x04"  # ESC d 4: two thirds of an inch, from the head to beyond the tear bar


ESCPOS = Language("escpos", "ESC/POS", "application/vnd.escpos", encode, split_raw)
"""The language of Epson's receipt and label printers, and of many others."""
