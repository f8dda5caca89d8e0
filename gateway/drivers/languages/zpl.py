"""ZPL II: a label as the bytes a Zebra printer, or one that speaks its language, prints.

``exact`` sends ink: what no field can change is stored in the printer's memory once and recalled,
the rest goes as ``^GF`` pictures. ``native`` sends commands: the printer draws codes and boxes
itself, and text with its own font, which only resembles the preview.

>>> from gateway.label import Picture, Tile
>>> from gateway.units import parse_density
>>> dot = Picture("dot", 4, 2, 0, Tile(8, 1, b"\\x81"), fixed=False)
>>> label = Label(16, 8, parse_density(8), (dot,))
>>> model = Model("any", "Any", "zpl", label.density, head_dots=832)
>>> encode(label, "exact", model).body.partition(b"^CI28")[2]
b'^PW16^LL8^FO4,2^GFA,1,1,1,81^FS^XZ'
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from typing import assert_never

from gateway.drivers.languages.graphics import cut_rows, write_graphic
from gateway.drivers.languages.page import (
    Graphics,
    Language,
    Mode,
    Model,
    Page,
    Stored,
    check_density,
)
from gateway.drivers.languages.zpl_fields import TURNED, WRITE, Kind, Slot, code_slot
from gateway.drivers.languages.zpl_raw import split_raw
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
from gateway.zpl.font0 import reach

_OPENING = b"^XA^MUD^JMA^PON^PMN^LRN^FWN,0^LH0,0^LS0^CI28"
"""What another program may have left behind and what would move, mirror, scale or invert a label:
units in dots, full density, upright, not mirrored, no reversal, fields upright and from the left,
home and shift 0, UTF-8. Darkness, speed, media and label top (^LT) are the printer's own business;
nothing is saved (no ^JU)."""

_BLANK = b"^FO0,0^A0N,10,10^FD ^FS"
"""A format without a field moves no paper (a label without ink is still one label)."""

_INLINE = 128
"""Fixed ink of at most so many bytes is sent with each label: storing it would save nothing."""


def encode(label: Label, mode: Mode, model: Model, setup: Setup = AS_IT_IS) -> Page:
    """Return the label as ZPL for a printer of that model, set up so.

    Raises:
        PrinterRefused: the label was laid out for a head of another density.
        FieldRefused: a text holds half a surrogate pair.
    """
    check_density(label, model)
    fixed, varying = _parted(label, model)
    given = [element for element in label.elements if isinstance(element, Commands)]
    rest = b"".join(map(_write_commands, given))
    unseen = tuple(element.id for element in given)
    if mode == "native":
        page = _encode_native(fixed, varying, rest)
        return replace(
            page,
            needs=(*_set_up(setup), *page.needs),
            approximate=(*page.approximate, *unseen),
        )
    kept = _keep_ink(fixed, _INLINE)
    fields = kept.recall + _write_ink(fixed.frame, varying) + rest or _BLANK
    needs = (*_set_up(setup), *kept.needs)
    return Page(b"%b%b^XZ" % (fixed.frame.opening, fields), needs, unseen)


_AFRESH = b"^LH%d,%d^LRN^FWN,0^CI28^BY2,3,10^CFA,9,5"
"""As a printer begins: what other commands of a template may have left behind. ^BY and ^CF have
these values when the printer is switched on (ZPL II guide, ^BY and ^CF)."""


def _write_commands(element: Commands) -> bytes:
    """Return a template's own commands as they are, the last field ended.

    They count from where the label begins; left of it and above it there is no home (^LH).
    """
    commands = element.commands.encode()
    ends = b"" if commands.rstrip().upper().endswith(b"^FS") else b"^FS"
    home = max(0, element.home[0]), max(0, element.home[1])
    return _AFRESH % home + commands + ends


_TRACKING = {"gap": b"^MNY", "mark": b"^MNM", "continuous": b"^MNN"}
_FINISH = {"tear_off": b"^MMT", "peel": b"^MMP", "cut": b"^MMC", "rewind": b"^MMR"}
_SPEEDS = range(1, 15)
"""Inches a second that ^PR takes (ZPL II Programming Guide, ^PR)."""


@lru_cache(maxsize=64)
def _set_up(setup: Setup) -> tuple[Stored, ...]:
    """Return the commands that set the printer up; it keeps them until it loses power (no ^JU).

    ~SD is absolute, 0 to 30; ^MD would add to what an operator has chosen at the printer.
    """
    formats = [
        _TRACKING.get(setup.tracking or "", b""),
        _FINISH.get(setup.finish or "", b""),
    ]
    if setup.speed is not None:
        inches = (2 * setup.speed + 25_400) // 50_800
        formats.append(b"^PR%d" % min(max(inches, _SPEEDS[0]), _SPEEDS[-1]))
    out = b"~SD%02d" % ((60 * setup.darkness + 100) // 200) if setup.darkness is not None else b""
    if chosen := b"".join(formats):
        out += b"^XA%b^XZ" % chosen
    return (Stored(f"setup {out.decode()}", out, b""),) if out else ()


def _parted(label: Label, model: Model) -> tuple[_Fixed, list[Element]]:
    """Return what is the same on every label, and what is this one's own."""
    drawn: list[Element] = [one for one in label.elements if not isinstance(one, Commands)]
    fixed = tuple(element for element in drawn if element.fixed)
    varying = [element for element in drawn if not element.fixed]
    key = label.fixed_key or tuple((one.id, one.x, one.y, one.tile) for one in fixed)
    frame = _Frame(label.width, label.height, model.graphics, model.keeps)
    return _Fixed(key, frame, fixed), varying


@dataclass(frozen=True, slots=True)
class _Frame:
    """What surrounds the ink: the label's size in dots, and how this printer takes pictures."""

    width: int
    height: int
    graphics: Graphics
    keeps: bool

    @property
    def opening(self) -> bytes:
        return b"%b^PW%d^LL%d" % (_OPENING, self.width, self.height)


@dataclass(frozen=True, slots=True)
class _Fixed:
    """A label's fixed elements, compared by what names their ink."""

    key: object
    frame: _Frame
    elements: tuple[Element, ...] = field(compare=False)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the printer must keep, and the bytes that put it on a label."""

    needs: tuple[Stored, ...]
    recall: bytes


# --- ink ---------------------------------------------------------------------------------------


def _unite(frame: _Frame, elements: Iterable[Element]) -> tuple[int, int, Tile] | None:
    """Return (x, y, tile) of the smallest rectangle with all the elements, cut at the label."""
    placed = list(elements)
    left = max(0, min((one.x for one in placed), default=0))
    top = max(0, min((one.y for one in placed), default=0))
    right = min(frame.width, max((one.x + one.tile.width for one in placed), default=0))
    bottom = min(frame.height, max((one.y + one.tile.height for one in placed), default=0))
    if right <= left or bottom <= top:
        return None
    if len(placed) == 1 and placed[0].tile.width == right - left:
        only = placed[0]
        if only.tile.height == bottom - top:
            return left, top, only.tile
    moved = [replace(one, x=one.x - left, y=one.y - top) for one in placed]
    return left, top, overlay(right - left, bottom - top, moved)


@lru_cache(maxsize=256)
def _remember(tile: Tile, graphics: Graphics) -> bytes:
    return write_graphic(tile, graphics)


def _graphic(x: int, y: int, tile: Tile, graphics: Graphics) -> bytes:
    """Return the tile as ^GF fields at (x, y)."""
    out = []
    for row, band in cut_rows(tile):
        # Small tiles come back (copies, a name that many labels share); big ones are not kept.
        write = _remember if len(band.ink) <= 16_384 else write_graphic
        size = len(band.ink)
        picture = write(band, graphics)
        out.append(b"^FO%d,%d^GFA,%d,%d,%d,%b^FS" % (x, y + row, size, size, band.stride, picture))
    return b"".join(out)


def _write_ink(frame: _Frame, elements: list[Element]) -> bytes:
    """Return the elements' ink apart or as one rectangle, whichever is fewer bytes."""
    apart, dots = [], 0
    elements = [element for element in elements if element.tile.count()]
    for element in elements:
        if (piece := _unite(frame, (element,))) is not None:
            apart.append(_graphic(*piece, frame.graphics))
            dots += piece[2].width * piece[2].height
    bytes_apart = b"".join(apart)
    if len(apart) < 2:
        return bytes_apart
    united = _unite(frame, elements)
    # Far apart, one rectangle is mostly paper and never wins; drawing it would be the dear part.
    if united is None or united[2].width * united[2].height > 3 * dots:
        return bytes_apart
    together = _graphic(*united, frame.graphics)
    return together if len(together) < len(bytes_apart) else bytes_apart


def _name(first: str, content: bytes) -> str:
    """Return a name of eight characters made from the content (ZPL names are 8.3)."""
    return first + b32encode(blake2b(content, digest_size=5).digest()).decode()[:6]


@lru_cache(maxsize=64)
def _keep_ink(fixed: _Fixed, inline: int) -> _Kept:
    """Return the fixed ink kept in the printer, or inline when it is at most ``inline`` bytes."""
    frame = fixed.frame
    united = _unite(frame, fixed.elements)
    if united is None or not united[2].count():
        return _Kept((), b"")
    x, y, tile = united
    written = _write_ink(frame, list(fixed.elements))
    if not frame.keeps or len(written) <= inline:
        return _Kept((), written)
    needs, recalls = [], []
    for row, band in cut_rows(tile):
        name = f"R:{_name('GW', b'%d,%d,%b' % (band.width, band.height, band.ink))}.GRF".encode()
        picture = write_graphic(band, frame.graphics)
        payload = b"~DG%b,%d,%d,%b" % (name, len(band.ink), band.stride, picture)
        needs.append(Stored(name.decode(), payload, b"^XA^ID%b^FS^XZ" % name))
        recalls.append(b"^FO%d,%d^XG%b,1,1^FS" % (x, y + row, name))
    return _Kept(tuple(needs), b"".join(recalls))


# --- native ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """A label for the printer's own commands, all but its values.

    >>> Form(b"^XA", (b"^FO9,9^A0N,30", b"^FO9,50^BCN,80"), ("text", "code128")).fill(("a^b", "12"))
    b'^XA^FO9,9^A0N,30^FH_^FDa_5Eb^FS^FO9,50^BCN,80^FD>;12^FS^XZ'
    """

    opening: bytes
    commands: tuple[bytes, ...]
    """What stands before each value."""
    kinds: tuple[Kind, ...]
    needs: tuple[Stored, ...] = ()
    approximate: tuple[str, ...] = ()

    def fill(self, values: Sequence[str], rest: bytes = b"") -> bytes:
        """Return the label with its values in the order of the form, and ``rest`` before its end.

        Raises:
            FieldRefused: a value holds half a surrogate pair.
        """
        parts = [self.opening]
        for command, kind, value in zip(self.commands, self.kinds, values, strict=True):
            parts += (command, WRITE[kind](value))
        parts += (rest, b"^XZ")
        return b"".join(parts)


def native_form(label: Label, model: Model) -> tuple[Form, tuple[str, ...]]:
    """Return the form of a label and the values it has on this one.

    Labels of one design have equal forms as long as what varies stands in the same place. What a
    form cannot hold (pictures, text squeezed into its place) is not in it.
    """
    fixed, varying = _parted(label, model)
    parts = _draw_varying(varying)
    return _make_form(fixed, tuple(parts.slots)), tuple(parts.values)


@dataclass(slots=True)
class _Varying:
    """The varying elements of one label, sorted by how they are sent."""

    slots: list[Slot] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    own: list[bytes] = field(default_factory=list)
    """Whole fields that no form can hold."""
    ink: list[Element] = field(default_factory=list)
    approximate: list[str] = field(default_factory=list)


def _draw_varying(varying: list[Element]) -> _Varying:
    parts = _Varying()
    for element in varying:
        drawn = _draw_native(element)
        if drawn is None:
            parts.ink.append(element)
            continue
        if drawn.approximate:
            parts.approximate.append(element.id)
        if drawn.steady:
            parts.slots += drawn.slots
            parts.values += drawn.values
        else:
            parts.own += map(_whole, drawn.slots, drawn.values)
    return parts


def _whole(slot: Slot, value: str) -> bytes:
    return slot.command + (WRITE[slot.kind](value) if value else b"^FS")


def _encode_native(fixed: _Fixed, varying: list[Element], commands: bytes) -> Page:
    parts = _draw_varying(varying)
    form = _make_form(fixed, tuple(parts.slots))
    rest = b"".join((*parts.own, _write_ink(fixed.frame, parts.ink), commands))
    if not rest and form.opening == fixed.frame.opening and not form.commands:
        rest = _BLANK
    return Page(form.fill(parts.values, rest), form.needs, (*form.approximate, *parts.approximate))


_WORTH_KEEPING = 64
"""Bytes that a kept format must save on each label."""


@lru_cache(maxsize=64)
def _make_form(fixed: _Fixed, slots: tuple[Slot, ...]) -> Form:
    """Return the label's fixed part and where its values go, kept in the printer if worth it."""
    frame = fixed.frame
    drawn = [(element, _draw_native(element)) for element in fixed.elements]
    commands = b"".join(
        _whole(slot, value)
        for _, one in drawn
        if one is not None
        for slot, value in zip(one.slots, one.values, strict=True)
    )
    approximate = tuple(element.id for element, one in drawn if one is not None and one.approximate)
    ink = tuple(element for element, one in drawn if one is None and element.tile.count())
    kinds = tuple(slot.kind for slot in slots)
    written = _write_ink(frame, list(ink))
    whole = Form(
        frame.opening + written + commands,
        tuple(slot.command for slot in slots),
        kinds,
        approximate=approximate,
    )
    if not frame.keeps or not (written or commands or slots):
        return whole
    # A format keeps commands, not pictures: its own ink is kept beside it.
    kept = _keep_ink(_Fixed((fixed.key, "ink of a format"), frame, ink), 0)
    numbered = b"".join(
        b"%b^FN%d^FS" % (slot.command, number) for number, slot in enumerate(slots, 1)
    )
    rest = b"^FS" + frame.opening[3:] + kept.recall + commands + numbered + b"^XZ"
    name = f"R:{_name('GF', rest)}.ZPL".encode()
    stored = Stored(name.decode(), b"^XA^DF%b%b" % (name, rest), b"^XA^ID%b^FS^XZ" % name)
    recalling = Form(
        b"^XA^CI28^XF%b^FS" % name,
        tuple(b"^FN%d" % number for number in range(1, len(slots) + 1)),
        kinds,
        (*kept.needs, stored),
        approximate,
    )
    saved = len(whole.opening) + sum(map(len, whole.commands))
    saved -= len(recalling.opening) + sum(map(len, recalling.commands))
    return recalling if saved >= _WORTH_KEEPING else whole


@dataclass(frozen=True, slots=True)
class _Drawn:
    """An element as the printer's own commands: slots and their values; no value, no ^FD."""

    slots: tuple[Slot, ...]
    values: tuple[str, ...]
    approximate: bool = False
    steady: bool = False
    """True when the commands stay the same from label to label, so that a form can hold them."""


def _shape(command: bytes, *, approximate: bool = False) -> _Drawn:
    return _Drawn((Slot(command),), ("",), approximate)


def _draw_native(element: Element) -> _Drawn | None:
    """Return the element as commands, or None when only ink shows it rightly."""
    at = b"^FO%d,%d" % (element.x, element.y)
    wide, high = element.tile.width, element.tile.height
    if element.x < 0 or element.y < 0:
        return None
    match element:
        case Text():
            return _draw_text(element)
        case Barcode():
            code = code_slot(element)
            if code is None:
                return None
            # The printer may pack a Data Matrix in other code words: same size, other dots.
            approximate = element.symbology.endswith("datamatrix")
            return _Drawn((code[0],), (code[1],), approximate, steady=not element.fixed)
        case Box():
            if element.radius or not element.thickness:
                return None
            return _shape(at + b"^GB%d,%d,%d" % (wide, high, min(element.thickness, wide, high)))
        case Line(direction="-" | "|"):
            return _shape(at + b"^GB%d,%d,%d" % (wide, high, min(wide, high)))
        case Line():
            lean = b"R" if element.direction == "/" else b"L"
            # ^GD: 3 to 32,000 dots, its thickness counted along the row. A line wider than high
            # would come out in dashes.
            if min(wide, high) < 3 or wide > high:
                return None
            line = b"^GD%d,%d,%d,B,%b" % (wide, high, element.thickness, lean)
            return _shape(at + line, approximate=True)
        case Ellipse():
            if not (min(wide, high) >= 3 and max(wide, high) <= 4095 and element.thickness >= 2):
                return None  # ^GE: 3 to 4,095 dots, border 2 to 4,095
            ring = b"^GE%d,%d,%d" % (wide, high, min(element.thickness, wide, high))
            return _shape(at + ring, approximate=True)
        case Picture() | Commands():
            return None
        case _:
            assert_never(element)


def _draw_text(text: Text) -> _Drawn | None:
    """Return the text in font 0, one field a line, or None when font 0 lacks a character."""
    if text.origin is None or not text.size or min(text.origin) < 0:
        return None
    if any(
        not (" " <= sign <= "~" or "\xa1" <= sign <= "\xff") for line in text.lines for sign in line
    ):
        return None
    # ^FB reads \& as a new line, whether or not the backslash was written as hexadecimal.
    if text.align != "left" and any("\\" in line for line in text.lines):
        return None
    # Capitals are 0.75 of ^A0's height and 0.73 of the em in the sans faces that lay_out uses.
    high = max(10, round(text.size * 0.97))
    longest = max((reach(line) for line in text.lines), default=0)
    if not longest:
        return _Drawn((), ())
    extent = text.tile.width if text.rotation in (0, 180) else text.tile.height
    fits = extent * 50 / longest
    steady = not text.fixed and text.measure > 0
    if steady:
        # One width for whatever the field says: font 0 runs a sixth narrower than those faces.
        wide = high * 119 // 100
        if longest * wide > 50 * text.measure:
            wide, steady = int(fits), False
    else:
        wide = round(fits)
    wide = min(max(10, wide), 3 * high)
    turned = TURNED[text.rotation]
    run = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[text.rotation]
    measure = text.measure or extent
    block = b""
    if text.align != "left":
        block = b"^FB%d,1,0,%b" % (measure, b"C" if text.align == "center" else b"R")
    slots = []
    for number in range(len(text.lines)):
        # Down the lines is a quarter turn clockwise from along the line.
        x = text.origin[0] - run[1] * number * text.line_height
        y = text.origin[1] + run[0] * number * text.line_height
        if x < 0 or y < 0:
            return None
        slots.append(Slot(b"^FT%d,%d^A0%b,%d,%d%b" % (x, y, turned, high, wide, block)))
    return _Drawn(tuple(slots), text.lines, approximate=True, steady=steady)


ZPL = Language("zpl", "ZPL II", "application/zpl", encode, split_raw)
"""The language of Zebra's printers, and of many others."""
