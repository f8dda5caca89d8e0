"""Commands that draw shapes and pictures, and those that store, recall and delete them."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from PIL import Image, UnidentifiedImageError

from gateway.drivers.virtual.canvas import Ink, Tile, unpack
from gateway.drivers.virtual.shapes import box, diagonal, ellipse
from gateway.drivers.virtual.zpl.describing import sized
from gateway.drivers.virtual.zpl.fields import Drawn
from gateway.drivers.virtual.zpl.graphics import decode_text
from gateway.drivers.virtual.zpl.memory import Stored, name_object
from gateway.drivers.virtual.zpl.page import Place, Placed
from gateway.drivers.virtual.zpl.parameters import colour, number, octets, size, turn_of
from gateway.drivers.virtual.zpl.parser import Command
from gateway.drivers.virtual.zpl.state import ENCODINGS
from gateway.errors import DocumentRefused

if TYPE_CHECKING:
    from gateway.drivers.virtual.zpl.interpreter import Interpreter


Act = Callable[["Interpreter", Command], None]

_MOST_DOTS = 64_000_000
"""Dots of the largest picture: as many as a printer's 8 MB of memory."""
_LARGEST_ROUND = 4095
"""Dots of the largest circle or ellipse (ZPL II guide, ^GC and ^GE)."""
_LONGEST_LINE = 8192
"""Dots of a slanted line across or down that are drawn: more than any paper shows."""


def _draw_now(zpl: Interpreter, tile: Tile, ink: Ink = Ink.BLACK) -> None:
    draft = zpl.open_format.draft
    draft.graphic = Drawn(tile, 0, 0, tile.width, tile.height, (0, tile.height))
    draft.ink = ink


def _draw_box(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    border = size(number(parts, 2), 1)
    _draw_now(
        zpl,
        box(
            min(_LONGEST_LINE, size(number(parts, 0), border)),
            size(number(parts, 1), border),
            border,
            max(0, min(number(parts, 4) or 0, 8)),
        ),
        colour(parts, 3),
    )


def _draw_circle(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    diameter = min(_LARGEST_ROUND, size(number(parts, 0), 3))
    _draw_now(zpl, ellipse(diameter, diameter, size(number(parts, 1), 1)), colour(parts, 2))


def _draw_ellipse(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    border = size(number(parts, 2), 1)
    _draw_now(
        zpl,
        ellipse(
            min(_LARGEST_ROUND, size(number(parts, 0), 3)),
            min(_LARGEST_ROUND, size(number(parts, 1), 3)),
            border,
        ),
        colour(parts, 3),
    )


def _draw_diagonal(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    border = size(number(parts, 2), 1)
    leans = parts[4].strip().upper()[:1] if len(parts) > 4 else "R"
    _draw_now(
        zpl,
        diagonal(
            min(_LONGEST_LINE, size(number(parts, 0), border)),
            min(_LONGEST_LINE, size(number(parts, 1), border)),
            border,
            leans_right=leans not in ("L", "\\"),
        ),
        colour(parts, 3),
    )


def _draw_sign(zpl: Interpreter, command: Command) -> None:
    """^GS: the field's content A, B or C is ®, © or ™ in the size given."""
    parts = command.text().split(",")
    draft = zpl.open_format.draft
    draft.turn = turn_of(parts[0], zpl.settings.turn)
    draft.font = sized(zpl, "0", number(parts, 1), number(parts, 2))
    page = zpl.open_format.page
    draft.stands = True

    def chosen(content: bytes, copy: int) -> bytes:
        sign = {b"A": "®", b"B": "©", b"C": "™"}.get(content.strip().upper())
        if sign is None:
            page.list_unknown(f"^GS sign {content.decode('latin-1')!r}")
            return b""
        return sign.encode(ENCODINGS.get(encoding, "cp850"), "replace")

    encoding = zpl.settings.encoding
    draft.serial = chosen


def _draw_graphic(zpl: Interpreter, command: Command) -> None:
    parts = command.parameters.split(b",", 4)
    if len(parts) < 5:
        zpl.list_command(command)
        return
    kind = parts[0].strip().upper() or b"A"
    total, stride = octets(parts[2]), octets(parts[3])
    tile = _decode(zpl, command, kind, parts[4], total, stride)
    if tile is not None:
        _draw_now(zpl, tile)


def _decode(
    zpl: Interpreter, command: Command, kind: bytes, body: bytes, total: int, stride: int
) -> Tile | None:
    """Return a picture, or None after listing why not."""
    if not stride or not total or total > _MOST_DOTS // 8 or stride > 4096:
        zpl.list_unknown(f"{command.name} of no or too large size")
        return None
    if kind == b"C":
        # The vendor's binary compression is not published.
        zpl.list_unknown(f"{command.name} with compression C")
        return None
    try:
        if kind == b"A" or body[:5] in (b":B64:", b":Z64:"):
            packed = decode_text(body, stride=stride, rows=-(-total // stride))
        else:
            packed = body
    except DocumentRefused as refused:
        zpl.list_unknown(f"{command.name}: {refused}")
        return None
    if len(packed) < total:
        zpl.note(f"{command.name} announced {total} bytes and brought {len(packed)}")
    return unpack(packed[:total], stride)


def _recall_graphic(zpl: Interpreter, command: Command) -> None:
    parts = command.text().split(",")
    name = name_object(parts[0], "GRF")
    stored = zpl.memory.find(name)
    if stored is None or stored.tile is None:
        zpl.list_unknown(f"{command.name}{name} is not stored")
        return
    across = max(1, min(number(parts, 1) or 1, 10))
    down = max(1, min(number(parts, 2) or 1, 10))
    if stored.tile.width * stored.tile.height * across * down > _MOST_DOTS:
        zpl.list_unknown(f"{command.name} larger than the printer's memory")
        return
    _draw_now(zpl, stored.tile.enlarged(across, down))


def _load_image(zpl: Interpreter, command: Command) -> None:
    name = name_object(command.text(), "GRF")
    stored = zpl.memory.find(name)
    if stored is None or stored.tile is None:
        zpl.list_unknown(f"{command.name}{name} is not stored")
        return
    tile = stored.tile
    drawn = Drawn(tile, 0, 0, tile.width, tile.height, (0, tile.height))
    zpl.open_format.page.fields.append(Placed(Place(0, 0), lambda copy: drawn))


def _save_image(zpl: Interpreter, command: Command) -> None:
    """^IS: keep the label as it is so far; with N it is not printed."""
    zpl.close_field(command)
    parts = command.text().split(",")
    sheet = replace(zpl.sheet(), inverted=False, mirrored=False)
    burnt = zpl.open_format.page.burn(sheet, 0)
    stride = (burnt.width + 7) // 8
    zpl.keep(
        Stored(
            name_object(parts[0], "GRF"),
            stride * burnt.height,
            tile=unpack(burnt.to_bytes(), stride),
        )
    )
    if len(parts) > 1 and parts[1].strip().upper()[:1] == "N":
        zpl.open_format.page.fields.clear()


def _download_graphic(zpl: Interpreter, command: Command) -> None:
    parts = command.parameters.split(b",", 3)
    if len(parts) < 4:
        zpl.list_command(command)
        return
    name = name_object(parts[0].decode("latin-1"), "GRF")
    total, stride = octets(parts[1]), octets(parts[2])
    tile = _decode(zpl, command, b"A", parts[3], total, stride)
    if tile is not None:
        zpl.keep(Stored(name, total, tile=tile))


def _download_object(zpl: Interpreter, command: Command) -> None:
    parts = command.parameters.split(b",", 5)
    if len(parts) < 6:
        zpl.list_command(command)
        return
    encoding, kind = parts[1].strip().upper(), parts[2].strip().upper()
    total, stride = octets(parts[3]), octets(parts[4])
    name = parts[0].decode("latin-1")
    tile: Tile | None = None
    if kind == b"G":
        tile = _decode(
            zpl, command, b"A" if encoding == b"A" else encoding, parts[5], total, stride
        )
        name = name_object(name, "GRF")
    elif kind == b"P":
        tile = _read_png(zpl, command, parts[5], total)
        name = name_object(name, "PNG")
    else:
        zpl.list_unknown(f"{command.name} of kind {kind.decode('latin-1')}")
        return
    if tile is not None:
        zpl.keep(Stored(name, total, tile=tile))


def _read_png(zpl: Interpreter, command: Command, body: bytes, total: int) -> Tile | None:
    try:
        packed = body
        if body[:4] != b"\x89PNG":
            packed = decode_text(body, stride=total, rows=1)[:total]
        with Image.open(io.BytesIO(packed)) as opened:
            too_large = opened.width * opened.height > _MOST_DOTS
            picture = Image.new("L", (1, 1)) if too_large else opened.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, DocumentRefused) as wrong:
        zpl.list_unknown(f"{command.name}: {wrong}")
        return None
    if too_large:
        zpl.list_unknown(f"{command.name}: the picture has too many dots")
        return None
    stride = (picture.width + 7) // 8
    canvas = Image.new("1", (stride * 8, picture.height), 0)
    canvas.paste(picture.point(lambda level: 255 if level < 128 else 0), (0, 0))
    return unpack(canvas.tobytes(), stride)


def _delete(zpl: Interpreter, command: Command) -> None:
    pattern = command.text().strip().upper() or "R:UNKNOWN.GRF"
    if ":" not in pattern:
        pattern = "R:" + pattern
    zpl.machine.note_admin(f"^ID{pattern}")
    gone = zpl.memory.forget(pattern)
    if any(name[0] != "R" for name in gone):
        zpl.on_flash(zpl.memory)


def _erase_graphics(zpl: Interpreter, command: Command) -> None:
    zpl.machine.note_admin(command.name)
    zpl.memory.forget("R:*.GRF")


PICTURES: Mapping[str, Act] = {
    "^EG": _erase_graphics,
    "^GB": _draw_box,
    "^GC": _draw_circle,
    "^GD": _draw_diagonal,
    "^GE": _draw_ellipse,
    "^GF": _draw_graphic,
    "^GS": _draw_sign,
    "^ID": _delete,
    "^IL": _load_image,
    "^IM": _recall_graphic,
    "^IS": _save_image,
    "^XG": _recall_graphic,
}
"""Format commands by name."""
PICTURES_AT_ONCE: Mapping[str, Act] = {
    "~DG": _download_graphic,
    "~DY": _download_object,
    "~EG": _erase_graphics,
}
"""Control commands by name."""
