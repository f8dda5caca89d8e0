"""Fonts as dots: shaped by HarfBuzz, hinted to 1-bit by FreeType, every glyph kept once drawn.

    family name ──fonts_of──► the fonts to try, in order
    Font.shaped(text, rtl) ──► glyphs with kerning and joining, in font units
    Font.glyph(size, number) ──► a Glyph: rows of dots, where it stands, how far the pen moves

Both libraries come inside their wheels, so the dots are the same on every machine. Advances are
FreeType's hinted ones, whole dots, so a letter looks the same wherever it stands in a line.

>>> sans = fonts_of("sans")[0]
>>> sans.metrics(24)
Metrics(ascent=23, descent=6, height=29)
>>> number = sans.shaped("L", rtl=False)[0].number
>>> glyph = sans.glyph(9, number)
>>> print("\\n".join(format(row, f"0{glyph.width}b") for row in glyph.rows))
100
100
100
100
100
100
111
"""

from __future__ import annotations

import ctypes
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple, Protocol

from gateway.errors import TemplateRefused


class Resources(Protocol):
    """Where uploaded fonts and pictures come from, by the hash of their bytes."""

    def font(self, ref: str) -> bytes:
        """Return the font file.

        Raises:
            UnknownAsset: nothing is kept under that hash.
        """
        ...

    def picture(self, ref: str) -> bytes:
        """Return the picture file.

        Raises:
            UnknownAsset: nothing is kept under that hash.
        """
        ...


class Metrics(NamedTuple):
    """Dots above and below the baseline, and from one baseline to the next."""

    ascent: int
    descent: int
    height: int


class Glyph(NamedTuple):
    """A drawn glyph: its ink only, relative to the pen on the baseline."""

    width: int
    rows: tuple[int, ...]
    """One integer a row, leftmost dot in the highest of ``width`` bits."""
    left: int
    """Dots from the pen to the leftmost ink."""
    top: int
    """Dots from the baseline up to the top of the ink."""
    advance: int


class Placed(NamedTuple):
    """A glyph as HarfBuzz places it, in font units."""

    number: int
    kern: int
    """What the pen moves beyond the glyph's own advance."""
    mark: bool
    """It stands on the glyph before it and does not move the pen."""
    x: int
    y: int
    """Upwards."""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    file: str
    fallbacks: tuple[str, ...]


_BUNDLED: Final = {
    row.name: row
    for row in (
        _File("sans", "DejaVuSansCondensed.ttf", ()),
        _File("sans-bold", "DejaVuSansCondensed-Bold.ttf", ("sans",)),
        _File("mono", "DejaVuSansMono.ttf", ("sans",)),
    )
}

FAMILIES: Final = tuple(_BUNDLED)
"""Names of the bundled fonts."""

# FT_LOAD_RENDER | FT_LOAD_MONOCHROME | FT_LOAD_TARGET_MONO (freetype.h, "FT_LOAD_XXX").
_LOAD_MONO: Final = (1 << 2) | (1 << 12) | (2 << 16)
_LARGEST: Final = 4000
"""Dots of em height; beyond, a single letter is larger than the largest label."""
# Ligatures join letters that people compare one by one. What Arabic needs is `rlig`, which stays.
_FEATURES: Final = {"liga": False, "clig": False}


def _harfbuzz() -> Any:
    # Its compiled half has no types.
    import uharfbuzz

    return uharfbuzz


class Font:
    """One font file."""

    __slots__ = (
        "__weakref__",
        "_cmap",
        "_faces",
        "_font",
        "_glyphs",
        "_metrics",
        "bundled",
        "data",
        "name",
        "upem",
    )

    def __init__(self, name: str, data: bytes, *, bundled: bool) -> None:
        harfbuzz = _harfbuzz()
        self.name = name
        self.data = data
        self.bundled = bundled
        """True for ours, of which tests prove that all digits are alike in width and kerning."""
        face = harfbuzz.Face(data)
        self.upem: int = face.upem
        self._font: Any = harfbuzz.Font(face)
        self._cmap: dict[int, bool] = {}
        self._faces: deque[_Face] = deque()
        self._glyphs: dict[int, dict[int, Glyph]] = {}
        self._metrics: dict[int, Metrics] = {}
        face_here = self._open()
        self._faces.append(face_here)

    def _open(self) -> _Face:
        return _Face(self.name, self.data)

    def has(self, character: str) -> bool:
        """Return whether the font draws the character."""
        code = ord(character)
        known = self._cmap.get(code)
        if known is None:
            known = self._cmap[code] = bool(self._font.get_nominal_glyph(code))
        return known

    def shaped(self, text: str, *, rtl: bool) -> tuple[Placed, ...]:
        """Return the glyphs of a text of one script and direction, from left to right."""
        harfbuzz = _harfbuzz()
        buffer = harfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if rtl else "ltr"
        harfbuzz.shape(self._font, buffer, _FEATURES)
        advance_of = self._font.get_glyph_h_advance
        placed = []
        for glyph, at in zip(buffer.glyph_infos, buffer.glyph_positions, strict=True):
            mark = at.x_advance == 0
            kern = 0 if mark else at.x_advance - advance_of(glyph.codepoint)
            placed.append(Placed(glyph.codepoint, kern, mark, at.x_offset, at.y_offset))
        return tuple(placed)

    def dots(self, units: int, size: int) -> int:
        """Return font units as dots at an em height of ``size`` dots, half up."""
        return (2 * units * size + self.upem) // (2 * self.upem)

    def metrics(self, size: int) -> Metrics:
        """Return the line metrics at an em height of ``size`` dots."""
        known = self._metrics.get(size)
        if known is None:
            face = self._borrow()
            try:
                known = self._metrics[size] = face.metrics(size)
            finally:
                self._faces.append(face)
        return known

    def glyph(self, size: int, number: int) -> Glyph:
        """Return the drawn glyph at an em height of ``size`` dots."""
        of_size = self._glyphs.get(size)
        if of_size is None:
            if len(self._glyphs) >= 128:  # sizes; a label uses a few, an editor's slider many
                self._glyphs.clear()
            of_size = self._glyphs[size] = {}
        glyph = of_size.get(number)
        if glyph is None:
            if len(of_size) >= 4096:
                of_size.clear()
            face = self._borrow()
            try:
                glyph = of_size[number] = face.draw(size, number)
            finally:
                self._faces.append(face)
        return glyph

    def _borrow(self) -> _Face:
        # A FreeType face serves one thread at a time, and FreeType runs outside the GIL. Taking
        # from a deque is atomic, so a face is never in two hands; a new one is opened when all
        # are out, which is as often as threads draw at once.
        try:
            return self._faces.pop()
        except IndexError:
            return self._open()


class _Face:
    """An open FreeType face with a FreeType library of its own."""

    __slots__ = ("_close", "_data", "_face", "_library", "_size", "name")

    def __init__(self, name: str, data: bytes) -> None:
        from freetype import raw

        self.name = name
        self._data = data  # FreeType reads from it as long as the face is open
        self._size = 0
        self._library: Any = raw.FT_Library()
        self._close: Any = raw.FT_Done_FreeType
        if raw.FT_Init_FreeType(ctypes.byref(self._library)):
            raise MemoryError("FreeType could not be started")
        self._face: Any = raw.FT_Face()
        refused = raw.FT_New_Memory_Face(
            self._library, data, len(data), 0, ctypes.byref(self._face)
        )
        if refused or not self._face.contents.face_flags & 1:  # FT_FACE_FLAG_SCALABLE
            raise TemplateRefused(
                f"The font {name!r} is no TrueType or OpenType font with outlines; upload a .ttf "
                "or .otf file.",
                font=name,
            )

    def __del__(self) -> None:
        # Done_FreeType closes the library's faces too. At the interpreter's end ctypes may be gone.
        library = getattr(self, "_library", None)
        if library and self._close is not None:
            self._close(library)

    def _use(self, size: int) -> None:
        from freetype import raw

        if size != self._size:
            if not 1 <= size <= _LARGEST or raw.FT_Set_Pixel_Sizes(self._face, 0, size):
                raise TemplateRefused(
                    f"The font {self.name!r} cannot be drawn {size} dots high; expected 1 to "
                    f"{_LARGEST}.",
                    font=self.name,
                    size=size,
                )
            self._size = size

    def metrics(self, size: int) -> Metrics:
        self._use(size)
        scaled = self._face.contents.size.contents.metrics
        # 26.6 fixed point, already rounded outwards to whole dots.
        ascent, descent = scaled.ascender + 63 >> 6, -scaled.descender + 63 >> 6
        return Metrics(ascent, descent, max(scaled.height + 63 >> 6, ascent + descent))

    def draw(self, size: int, number: int) -> Glyph:
        from freetype import raw

        self._use(size)
        if raw.FT_Load_Glyph(self._face, number, _LOAD_MONO):
            raise TemplateRefused(
                f"The font {self.name!r} has a damaged glyph (number {number}); use another font.",
                font=self.name,
                glyph=number,
            )
        slot = self._face.contents.glyph.contents
        bitmap = slot.bitmap
        width, height, pitch = bitmap.width, bitmap.rows, bitmap.pitch
        spare = 8 * pitch - width
        ink = ctypes.string_at(bitmap.buffer, height * pitch) if height else b""
        rows = tuple(
            int.from_bytes(ink[at : at + pitch], "big") >> spare
            for at in range(0, height * pitch, pitch or 1)
        )
        top = slot.bitmap_top
        left = slot.bitmap_left
        # Hinting may leave empty rows and columns; the ink alone decides where a line ends.
        while rows and not rows[0]:
            rows, top = rows[1:], top - 1
        while rows and not rows[-1]:
            rows = rows[:-1]
        seen = 0
        for row in rows:
            seen |= row
        if seen:
            empty_right = (seen & -seen).bit_length() - 1
            empty_left = width - seen.bit_length()
            rows = tuple(row >> empty_right for row in rows)
            left, width = left + empty_left, width - empty_left - empty_right
        return Glyph(width, rows, left, top, slot.advance.x + 32 >> 6)


@lru_cache(maxsize=8)
def _bundled(name: str) -> Font:
    row = _BUNDLED[name]
    return Font(name, (files("gateway.templates.fonts") / row.file).read_bytes(), bundled=True)


@lru_cache(maxsize=16)
def _uploaded(name: str, data: bytes) -> Font:
    return Font(name, data, bundled=False)


def fonts_of(family: str, resources: Resources | None = None) -> tuple[Font, ...]:
    """Return the fonts a text in ``sans``, ``sans-bold``, ``mono`` or ``asset:<hash>`` is drawn
    with, the first that has a character before the others.

    Raises:
        TemplateRefused: the uploaded file is no font.
        UnknownAsset: there is no such upload.
    """
    if family in _BUNDLED:
        return tuple(_bundled(name) for name in (family, *_BUNDLED[family].fallbacks))
    if resources is None:
        raise TemplateRefused(
            f"There is no font {family!r}; expected one of {', '.join(FAMILIES)}.", font=family
        )
    data = resources.font(family.removeprefix("asset:"))
    return _uploaded(family, data), _bundled("sans")
