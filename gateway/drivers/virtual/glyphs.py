"""Resident fonts: characters in, ink in dots out.

Font 0 is scalable. Its glyph shapes come from a free font, but each is stretched to the advance and
ink box measured for Zebra's font 0, so that a line is as wide here as on paper. Fonts A to H are
bitmaps on a fixed cell, magnified by whole numbers; theirs come from a free monospaced font.

>>> line = scalable(50, 50).set_line("AAA")
>>> line.ink.ink_box(), line.advance
((1, 0, 82, 37), 84)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from io import BytesIO
from typing import Protocol

from PIL import Image, ImageFont

from gateway.drivers.virtual.canvas import Canvas, Tile

_NOWHERE = "\U0010ffff"
"""A code point no font has: what is drawn for it is the font's picture of a missing glyph."""

_FARTHEST = 8192
"""Dots beyond which no glyph is drawn: far beside every paper (the widest head has 4096 dots)."""
_TALLEST = 3000
"""Dots of the largest glyph drawn: larger text would not fit any paper."""

_MASTER = 256
"""Pixels per em of the outlines that are scaled down: four times the largest usual text."""


@dataclass(frozen=True, slots=True)
class Line:
    """One set line: ``ink`` has its origin at the pen, ``above`` rows over the capitals' top."""

    ink: Tile
    left: int
    """Dots the ink reaches left of the pen."""
    above: int
    """Dots the ink reaches above the top of the capitals."""
    advance: int
    """Dots the pen moved."""
    missing: tuple[str, ...] = ()
    """Characters the font does not have: nothing was drawn for them."""


class Font(Protocol):
    """A font at one size."""

    @property
    def height(self) -> int:
        """Height of its cell in dots: the pitch of lines."""

    @property
    def ascent(self) -> int:
        """Dots from the top of the capitals to the baseline."""

    def measure(self, text: str) -> float:
        """Return how far the pen moves in dots."""

    def set_line(self, text: str) -> Line:
        """Return the text as one line of ink."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """A glyph's coverage at master size, cropped to its ink, and where it sits."""

    coverage: Image.Image | None
    left: float
    top: float
    width: float
    height: float
    advance: float


class _Typeface:
    """A bundled TrueType font, measured in capital heights from the top of the capitals."""

    def __init__(self, file: str) -> None:
        packed = (resources.files("gateway.drivers.virtual") / "fonts" / file).read_bytes()
        self._font = ImageFont.truetype(
            BytesIO(packed), _MASTER, layout_engine=ImageFont.Layout.BASIC
        )
        self._absent = self._draw(_NOWHERE)
        self._cap = self._bounds("H")
        self._shapes: dict[str, _Shape | None] = {}

    def shape(self, character: str) -> _Shape | None:
        """Return the glyph, or None where the font has none."""
        if character not in self._shapes:
            self._shapes[character] = self._measure(character)
        return self._shapes[character]

    def _bounds(self, character: str) -> tuple[float, float, float, float]:
        return self._font.getbbox(character, anchor="ls")

    def _draw(self, character: str) -> bytes:
        return bytes(self._font.getmask(character, mode="L"))

    def _measure(self, character: str) -> _Shape | None:
        if character != _NOWHERE and self._draw(character) == self._absent:
            return None
        unit = -self._cap[1]
        left, top, right, bottom = self._bounds(character)
        advance = self._font.getlength(character) / unit
        if right <= left or bottom <= top:
            return _Shape(None, 0, 0, 0, 0, advance)
        mask = self._font.getmask(character, mode="L", anchor="ls")
        picture = Image.frombytes("L", mask.size, bytes(mask))
        box = picture.getbbox()
        if box is None:
            return _Shape(None, 0, 0, 0, 0, advance)
        picture = picture.crop(box)
        return _Shape(
            picture,
            left / unit,
            (top + unit) / unit,
            (right - left) / unit,
            (bottom - top) / unit,
            advance,
        )


@cache
def _typeface(file: str) -> _Typeface:
    return _Typeface(file)


_CONDENSED = "RobotoCondensed-Bold.ttf"
_MONOSPACED = "DejaVuSansMono.ttf"


def _fitted(file: str, character: str, width: int, height: int) -> Tile | None:
    """Return a glyph's ink stretched to ``width`` × ``height`` dots; usual sizes are remembered."""
    draw = _remembered if width * height <= 65536 else _stretched
    return draw(file, character, width, height)


def _stretched(file: str, character: str, width: int, height: int) -> Tile | None:
    shape = _typeface(file).shape(character)
    if shape is None or shape.coverage is None:
        return None
    width, height = min(width, _TALLEST), min(height, _TALLEST)
    small = shape.coverage.resize((width, height), Image.Resampling.BOX)
    # Half-covered dots burn; a little less, so that thin strokes of small text do not break.
    burnt = small.point(lambda level: 255 if level >= 112 else 0).convert(
        "1", dither=Image.Dither.NONE
    )
    packed, stride = burnt.tobytes(), (width + 7) // 8
    pad = stride * 8 - width
    rows = tuple(
        int.from_bytes(packed[at : at + stride], "big") >> pad
        for at in range(0, len(packed), stride)
    )
    return Tile(width, height, rows)


_remembered = lru_cache(maxsize=8192)(_stretched)


@dataclass(frozen=True, slots=True)
class _Placed:
    """A glyph's measures in dots at the font's size, before rounding."""

    advance: float
    left: float
    top: float
    width: float
    height: float


def _round(value: float) -> int:
    return int(value + 0.5) if value >= 0 else -int(0.5 - value)


class _Outlined:
    """Setting of lines, shared by both kinds of font: glyph measures in, ink out."""

    def __init__(self, file: str, height: int, ascent: int) -> None:
        self._file = file
        self._height = height
        self._ascent = ascent
        self._known: dict[str, _Placed | None] = {}

    @property
    def height(self) -> int:
        return self._height

    @property
    def ascent(self) -> int:
        return self._ascent

    def measure(self, text: str) -> float:
        return sum(g.advance for c in text if (g := self._glyph(c)) is not None)

    def set_line(self, text: str) -> Line:
        pen = 0.0
        tiles: list[tuple[Tile, int, int]] = []
        missing: list[str] = []
        for character in text:
            glyph = self._glyph(character)
            if glyph is None:
                missing.append(character)
                continue
            if glyph.width > 0 and pen < _FARTHEST:
                width, height = max(1, _round(glyph.width)), max(1, _round(glyph.height))
                tile = _fitted(self._file, self._drawn_as(character), width, height)
                if tile is not None:
                    tiles.append((tile, _round(pen + glyph.left), _round(glyph.top)))
            pen += glyph.advance
        left = max(0, -min((x for _, x, _ in tiles), default=0))
        above = max(0, -min((y for _, _, y in tiles), default=0))
        right = max((x + t.width for t, x, _ in tiles), default=0)
        pen_x = min(_round(pen), _FARTHEST)
        bottom = max((y + t.height for t, _, y in tiles), default=0)
        sheet = Canvas(max(1, left + max(right, pen_x)), max(1, above + max(bottom, self._ascent)))
        for tile, x, y in tiles:
            sheet.burn(tile, left + x, above + y)
        return Line(sheet.tile(), left, above, _round(pen), tuple(missing))

    def _glyph(self, character: str) -> _Placed | None:
        if character not in self._known:
            self._known[character] = self._place(character)
        return self._known[character]

    def _drawn_as(self, character: str) -> str:
        return character

    def _place(self, character: str) -> _Placed | None:
        raise LookupError(character)


@cache
def _font0_measures() -> dict[str, tuple[int, int, int, int, int]]:
    """Return advance, left, top, ink width and ink height of font 0's glyphs at 50 dots."""
    written = resources.files("gateway.drivers.virtual") / "fonts" / "font0.json"
    return {
        character: (advance, left, top, width, height)
        for character, (advance, left, top, width, height) in json.loads(
            written.read_text(encoding="utf-8")
        ).items()
    }


_SPACE_AT_50 = 13.5  # measured between words; the space has no ink and is not in the table
_CAP_AT_50 = 37.0  # measured: capitals of font 0 are 37 dots high at 50
_CONDENSING = 0.896  # measured: mean width of font 0 against Roboto Condensed Bold, same capitals


class _Scalable(_Outlined):
    """Font 0 at one height and width."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__(_CONDENSED, height, _round(_CAP_AT_50 * height / 50))
        self._across = width / 50
        self._down = height / 50

    def _place(self, character: str) -> _Placed | None:
        across, down = self._across, self._down
        if character in (" ", "\u00a0"):
            return _Placed(_SPACE_AT_50 * across, 0, 0, 0, 0)
        if (measured := _font0_measures().get(character)) is not None:
            advance, left, top, width, height = measured
            return _Placed(
                advance * across, left * across, top * down, width * across, height * down
            )
        shape = _typeface(_CONDENSED).shape(character)
        if shape is None:
            return None
        # Not measured: the free font's own proportions, brought to font 0's capital height.
        unit_across, unit_down = _CAP_AT_50 * across * _CONDENSING, _CAP_AT_50 * down
        return _Placed(
            shape.advance * unit_across,
            shape.left * unit_across,
            shape.top * unit_down,
            shape.width * unit_across,
            shape.height * unit_down,
        )


@dataclass(frozen=True, slots=True)
class _Cell:
    """A bitmap font's cell in dots, and where its ink sits (measured on corpus labels)."""

    height: int
    width: int
    gap: int
    cap: float
    """Height of the capitals."""
    top: float
    """Blank rows above the capitals."""
    left: float
    """Where the widest capital begins."""
    ink: float
    """Width of the widest capital."""
    slim: float = 1.0
    """How wide digits and small letters are against the same in the free font."""


# ZPL II guide, "Font matrices": height × width and intercharacter gap of fonts A to H at 8 dots/mm.
_CELLS = {
    "A": _Cell(9, 5, 1, 7, 0, 0, 5),
    "B": _Cell(11, 7, 2, 11, 0, 0, 8, 0.875),
    "C": _Cell(18, 10, 2, 14, 0, 0, 10, 0.87),
    "D": _Cell(18, 10, 2, 14, 0, 0, 10, 0.87),
    "E": _Cell(28, 15, 5, 21, 2, 0.5, 13),
    "F": _Cell(26, 13, 3, 21, 0, 0, 13),
    "G": _Cell(60, 40, 8, 48, 0, 3, 34, 0.87),
    "H": _Cell(21, 13, 6, 21, 0, 0, 13.3),
}
_CAPITALS_ONLY = "BH"  # ZPL II guide: fonts B and H have type "U"


class _Bitmap(_Outlined):
    """One of the fonts A to H, magnified."""

    def __init__(self, name: str, down: int, across: int) -> None:
        cell = _CELLS[name]
        super().__init__(_MONOSPACED, cell.height * down, _round((cell.top + cell.cap) * down))
        self._name = name
        self._cell = cell
        self._down = down
        self._across = across

    def _drawn_as(self, character: str) -> str:
        return character.upper() if self._name == "B" else character

    def _place(self, character: str) -> _Placed | None:
        cell, across, down = self._cell, self._across, self._down
        advance = float((cell.width + cell.gap) * across)
        if character in (" ", "\u00a0") or (self._name == "H" and character.islower()):
            return _Placed(advance, 0, 0, 0, 0)
        typeface = _typeface(_MONOSPACED)
        shape, widest = typeface.shape(self._drawn_as(character)), typeface.shape("M")
        if shape is None or widest is None:
            return None
        unit = cell.ink / widest.width * across
        slim = 1.0 if self._drawn_as(character).isupper() else cell.slim
        width = shape.width * unit
        return _Placed(
            advance,
            cell.left * across + (shape.left - widest.left) * unit + width * (1 - slim) / 2,
            (cell.top + shape.top * cell.cap) * down,
            width * slim,
            shape.height * cell.cap * down,
        )


@lru_cache(maxsize=256)
def scalable(height: int, width: int) -> Font:
    """Return font 0, ``height`` × ``width`` dots (ZPL II guide, ^A)."""
    return _Scalable(height, width)


@lru_cache(maxsize=256)
def bitmap(name: str, down: int, across: int) -> Font:
    """Return one of the fonts A to H magnified ``down`` × ``across`` times."""
    return _Bitmap(name, down, across)


def choose(name: str, height: int, width: int) -> Font | None:
    """Return the resident font of that letter at that size in dots, 0 = not given; None if unknown.

    Bitmap fonts snap to the nearest whole magnification, 1 to 10 (ZPL II guide, ^A).
    """
    if name == "0":
        height, width = height or width or 15, width or height or 12
        return scalable(height, width)
    cell = _CELLS.get(name)
    if cell is None:
        return None
    down = _magnification(height, cell.height)
    across = _magnification(width, cell.width)
    return bitmap(name, down or across or 1, across or down or 1)


def _magnification(wanted: int, cell: int) -> int:
    return 0 if wanted <= 0 else min(10, max(1, _round(wanted / cell)))


class _FixedPitch(_Outlined):
    """A monospaced font in a cell of any size: what other languages' built-in fonts look like."""

    def __init__(self, width: int, height: int, cap: float, down: int, across: int) -> None:
        super().__init__(_MONOSPACED, height * down, _round(cap * down))
        self._cell = width
        self._cap = cap
        self._down = down
        self._across = across

    def _place(self, character: str) -> _Placed | None:
        advance = float(self._cell * self._across)
        if character in (" ", "\u00a0"):
            return _Placed(advance, 0, 0, 0, 0)
        typeface = _typeface(_MONOSPACED)
        shape, widest = typeface.shape(character), typeface.shape("M")
        if shape is None or widest is None:
            return None
        across = self._cell * self._across / widest.advance
        down = self._cap * self._down
        return _Placed(
            advance, shape.left * across, shape.top * down, shape.width * across,
            shape.height * down,
        )  # fmt: skip


@lru_cache(maxsize=256)
def fixed_pitch(width: int, height: int, cap: float, down: int = 1, across: int = 1) -> Font:
    """Return a monospaced font: a cell of dots and its capitals' height, magnified so often.

    >>> fixed_pitch(12, 24, 17).measure("abc")
    36.0
    """
    return _FixedPitch(width, height, cap, down, across)
