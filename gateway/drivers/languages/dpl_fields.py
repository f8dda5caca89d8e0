r"""What a DPL printer draws by itself: its codes, boxes, lines and font, as lines of fixed columns.

    a b c d eee ffff gggg data CR

``a`` is the rotation, ``b`` the kind, ``c`` and ``d`` widths in dots, ``eee`` a height, ``ffff``
and ``gggg`` row and column of the field's lower left corner before it is turned. Heights and
positions are tenths of a millimetre, so that an element lies up to half a dot beside the preview;
it is told as approximate then. QR codes are not here: their modules are tenths of a millimetre,
too, and would differ from one another.

Data ends with CR, and only printable ASCII is sent, so that none can end a line or begin a command.
What cannot be carried so goes as ink. Records: Class Series II Programmer's Manual, chapter 8 and
appendix G.

>>> code128_data("SN-000123")
b'BSN-&D000123'
>>> code128_data("A&B") is None
True
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from gateway.codes.code128 import FNC1, START_B, START_C, codewords
from gateway.drivers.languages.bars import SEPARATOR, bar_widths, is_code93, square_side, two_widths
from gateway.drivers.languages.native import Native
from gateway.drivers.languages.page import Model
from gateway.label import Barcode, Box, Element, Label, Line, Text, Tile
from gateway.zpl.font0 import reach

_MOST_DATA = 255
"""Characters of a record (manual, chapter 8, jj…j)."""

_TWO_WIDTHS = {"code39": b"a", "codabar": b"i", "itf": b"d", "itf14": b"d"}
"""Codes of narrow and wide bars, without their human readable line (appendix F)."""

_SCALE = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""Widths c and d: 1 to 9, A to Z, a to z are 1 to 61 dots."""

_TURNED = {0: b"1", 90: b"2", 180: b"3", 270: b"4"}
"""Degrees clockwise to rotation a."""

_CODE_C, _CODE_B, _FNC1 = 99, 100, 102
"""Symbol characters that switch sets, and FNC1 (ISO/IEC 15417, table 1)."""

_FORBIDDEN = frozenset("\\^~|")
"""Printable, but a command where a printer is set to alternate control codes (chapter 2), or the
beginning of a font attribute (F)."""


def draw_native(element: Element, label: Label, model: Model) -> Native | None:
    """Return the element as records, or None when only ink shows it rightly."""
    match element:
        case Barcode():
            return _draw_code(element, label)
        case Text():
            return _draw_text(element, label, model)
        case Box():
            inside = max(1, min(element.tile.width, element.tile.height))
            if element.radius or element.thickness < 1:
                return None
            return _draw_box(element, label, min(element.thickness, inside))
        case Line(direction="-" | "|"):
            return _draw_box(element, label, min(element.tile.width, element.tile.height))
        case _:
            return None


# --- places ------------------------------------------------------------------------------------


def _tenths(dots: int, label: Label) -> tuple[int, bool]:
    """Return dots as tenths of a millimetre, half up, and whether that is exact."""
    exact = Fraction(10 * dots) / label.density
    whole = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return whole, whole == exact


def _place(element: Element, label: Label) -> tuple[bytes, bool] | None:
    """Return row and column of a field's lower left corner before it is turned; None beside it."""
    left, right = element.x, element.x + element.tile.width
    below = label.height - element.y - element.tile.height
    above = label.height - element.y
    # Turned clockwise about the corner, the field lies below, left of, and above it.
    column = left if element.rotation in (0, 90) else right
    row = below if element.rotation in (0, 270) else above
    return _write_place(row, column, label)


def _write_place(row: int, column: int, label: Label) -> tuple[bytes, bool] | None:
    if row < 0 or column < 0:
        return None
    down, down_exact = _tenths(row, label)
    across, across_exact = _tenths(column, label)
    if max(down, across) > 9999:
        return None
    return b"%04d%04d" % (down, across), down_exact and across_exact


# --- codes -------------------------------------------------------------------------------------


def code128_data(content: str, gs1: bool = False) -> bytes | None:
    """Return the data of a Code 128 with the sets of the previewed one; None if it cannot be said.

    The first letter is the set to begin with; ``&D`` and ``&E`` switch to C and B, ``&G`` is FNC1
    (appendix G, E: Code 128). Set A is left out, and so is a content with ``&``.

    >>> code128_data("0112345678901231", gs1=True)
    b'C&G0112345678901231'
    """
    plan = content
    if gs1:
        plan = FNC1 + content.replace(SEPARATOR, FNC1)
    if (
        not plan
        or "&" in plan
        or any(not (" " <= sign <= "~" or sign == FNC1) or sign in _FORBIDDEN for sign in plan)
    ):
        return None
    words = codewords(plan)
    if words[0] not in (START_B, START_C):
        return None
    pairs = words[0] == START_C
    out = ["C" if pairs else "B"]
    at = 0
    for word in words[1:]:
        if word == _FNC1:
            out.append("&G")
            at += 1
        elif (pairs and word < 100) or (not pairs and word < 95):
            width = 2 if pairs else 1
            out.append(plan[at : at + width])
            at += width
        elif word == (_CODE_B if pairs else _CODE_C):
            pairs = not pairs
            out.append("&D" if pairs else "&E")
        else:
            return None
    return "".join(out).encode()


def _draw_code(code: Barcode, label: Label) -> Native | None:
    if not 1 <= code.module < len(_SCALE):
        return None
    place = _place(code, label)
    if place is None:
        return None
    where, exact = place
    turned = _TURNED[code.rotation]
    if code.symbology == "datamatrix":
        record = _data_matrix(code, turned, where)
        return None if record is None else Native((record,), approximate=True)
    upright = _upright(code)
    bars = bar_widths(upright) if upright is not None else ()
    height, height_exact = _tenths(code.bar_height, label)
    if upright is None or not bars or not 1 <= height <= 999:
        return None
    match code.symbology:
        case "code128" | "gs1-128":
            kind, wide = b"e", code.module
            data = code128_data(code.content, code.symbology == "gs1-128")
            if data is None or min(bars) != code.module:
                return None
        case "code93":
            kind, wide, data = b"o", code.module, code.content.encode()
            if not is_code93(upright):
                return None
        case "code39" | "codabar" | "itf" | "itf14":
            kind, data = _TWO_WIDTHS[code.symbology], code.content.encode()
            widths = two_widths(upright)
            if widths is None or not 2 * widths[0] <= widths[1] <= 3 * widths[0]:
                return None
            wide = widths[1]
        case _:
            return None
    if len(data) > _MOST_DATA or wide >= len(_SCALE):
        return None
    sizes = f"{_SCALE[wide]}{_SCALE[code.module]}{height:03}".encode()
    record = b"%b%b%b%b%b\r" % (turned, kind, sizes, where, data)
    return Native((record,), approximate=not (exact and height_exact))


def _upright(code: Barcode) -> Barcode | None:
    """Return a linear code turned back, or on its head; None when it is not plain bars."""
    tile, stride = code.tile, code.tile.stride
    if code.rotation in (0, 180):
        return replace(code, rotation=0)
    black = ((1 << 8 * stride) - (1 << 8 * stride - tile.width)).to_bytes(stride, "big")
    rows = [tile.ink[at : at + stride] for at in range(0, len(tile.ink), stride)]
    if not {*rows} <= {black, bytes(stride)}:
        return None
    dots = int("".join("01"[row == black] for row in rows), 2)
    across = (tile.height + 7) // 8
    row = (dots << 8 * across - tile.height).to_bytes(across, "big")
    return replace(code, rotation=0, tile=Tile(tile.height, tile.width, row * tile.width))


def _data_matrix(code: Barcode, turned: bytes, where: bytes) -> bytes | None:
    """Return W1c: module size in dots, 200 for ECC 200, and rows and columns as previewed.

    The printer may pack the data in other code words: same size, other dots.
    """
    side = square_side(replace(code, rotation=0))
    content = code.content
    if side is None or len(content) > _MOST_DATA or not _FORBIDDEN.isdisjoint(content):
        return None
    module = _SCALE[code.module].encode() * 2
    return b"%bW1c%b000%b2000%03d%03d%b\r" % (turned, module, where, side, side, content.encode())


# --- boxes and lines ---------------------------------------------------------------------------


def _draw_box(shape: Box | Line, label: Label, thickness: int) -> Native | None:
    """Return X…l or X…b; None when it is not plain, or its border would vanish in rounding."""
    place = _write_place(label.height - shape.y - shape.tile.height, shape.x, label)
    if place is None:
        return None
    numbers = [_tenths(dots, label) for dots in (shape.tile.width, shape.tile.height, thickness)]
    wide, high, border = (number for number, _ in numbers)
    if max(wide, high) > 9999 or not border:
        return None
    exact = place[1] and all(exactly for _, exactly in numbers)
    opening = b"1X11000%b" % place[0]
    if 2 * thickness >= min(shape.tile.width, shape.tile.height):
        if shape.tile.count() != shape.tile.width * shape.tile.height:
            return None
        return Native((b"%bl%04d%04d\r" % (opening, wide, high),), not exact)
    if shape.tile != _frame(shape.tile.width, shape.tile.height, thickness):
        return None
    return Native((b"%bb%04d%04d%04d%04d\r" % (opening, wide, high, border, border),), not exact)


def _frame(width: int, height: int, border: int) -> Tile:
    stride = (width + 7) // 8
    spare = 8 * stride - width
    full = (1 << width) - 1
    inner = full ^ ((1 << width - 2 * border) - 1) << border
    edge = (full << spare).to_bytes(stride, "big")
    side = (inner << spare).to_bytes(stride, "big")
    return Tile(width, height, edge * border + side * (height - 2 * border) + edge * border)


# --- text --------------------------------------------------------------------------------------

_LEAST_TEXT = 16
"""Dots of the smallest scalable font (chapter 8, 3: Scalable Fonts)."""


def _draw_text(text: Text, label: Label, model: Model) -> Native | None:
    """Return the text in the scalable font S00, one record a line; None when it lacks something."""
    if not model.name or "no-scalable-font" in model.quirks:
        return None
    if text.origin is None or not text.size or not text.lines:
        return None
    signs = {sign for line in text.lines for sign in line}
    if any(not " " <= sign <= "~" or sign in _FORBIDDEN for sign in signs):
        return None
    if max(map(len, text.lines)) > _MOST_DATA:
        return None
    reaches = [reach(line) for line in text.lines]
    if not max(reaches):
        return Native(())
    extent = text.tile.width if text.rotation in (0, 180) else text.tile.height
    # Capitals are 0.75 of the height here and 0.73 of the em in the faces that lay_out uses.
    high = round(text.size * 0.97)
    wide = min(round(extent * 50 / max(reaches)), 3 * high)
    if min(high, wide) < _LEAST_TEXT:
        return None
    along = {0: (1, 0), 90: (0, 1), 180: (-1, 0), 270: (0, -1)}[text.rotation]
    measure = text.measure or extent
    records = []
    for number, (line, length) in enumerate(zip(text.lines, reaches, strict=True)):
        if not line:
            continue
        rest = max(0, measure - length * wide // 50)
        start = {"left": 0, "center": rest // 2, "right": rest}[text.align]
        # Down the lines is a quarter turn clockwise from along the line.
        x = text.origin[0] + along[0] * start - along[1] * number * text.line_height
        y = text.origin[1] + along[1] * start + along[0] * number * text.line_height
        place = _write_place(label.height - y, x, label)
        if place is None:
            return None
        records.append(
            b"%b911S00%b%04d%04d%b\r"
            % (_TURNED[text.rotation], place[0], high, wide, line.encode())
        )
    return Native(tuple(records), approximate=True)
