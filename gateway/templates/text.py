"""Text as dots: direction, shaping, line breaks and fitting into a place.

    text, fonts, place ──fit_text──► TextBlock: size, lines, baselines (nothing drawn)
                       TextBlock ──ink──► a Tile and where it stands in the place
    what did not fit ──find_cures──► the size, or the room, with which it would

Directions follow the Unicode Bidirectional Algorithm (UAX #9), a paragraph at a time, the levels
from python-bidi. Lines break behind spaces and hyphens and between CJK characters, as UAX #14 has
it for these. A character that no font draws is refused by name, never printed as a hollow box.

>>> from gateway.templates.typefaces import fonts_of
>>> fit = Fit(24, 24, wrap=True, max_lines=9, line_spacing=100, align="auto", valign="top")
>>> block = fit_text("Hello world", fonts_of("sans"), fit, width=80, height=70)
>>> block.texts, block.size, block.width
(('Hello', 'world'), 24, 60)
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from gateway.errors import GlyphMissing, TextDoesNotFit
from gateway.label import Tile
from gateway.templates.typefaces import Font, Glyph, Placed

Fonts = tuple[Font, ...]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a text may fill its place; sizes in dots of em height."""

    size: int
    min_size: int
    wrap: bool
    max_lines: int
    line_spacing: int
    """Percent of the font's own."""
    align: Literal["auto", "left", "center", "right"]
    valign: Literal["top", "middle", "bottom"]
    inside: bool = False
    """Whether no dot of a letter may reach above or below the place, as an accent can."""


class _Piece(NamedTuple):
    font: Font
    glyphs: tuple[Placed, ...]


class _Line(NamedTuple):
    """A set line: glyphs with the dots from the line's left end and from its baseline down."""

    glyphs: tuple[tuple[Glyph, int, int], ...]
    width: int
    """Dots, ink that reaches over the ends included."""
    top: int
    """Dots of ink above the baseline."""
    bottom: int
    """Dots of ink below the baseline."""


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A text that fits its place."""

    size: int
    """Em height in dots."""
    line_height: int
    texts: tuple[str, ...]
    """The lines, in logical order."""
    lines: tuple[tuple[_Line, int, int], ...]
    """Each with the dots from the place's left and top edge to its left end and baseline."""
    align: Literal["left", "center", "right"]
    """Of the first paragraph."""
    rtl: bool
    """Whether any paragraph runs from right to left."""
    baseline: int
    """Dots from the place's top edge to the first baseline."""
    width: int
    """Dots of the widest line."""
    extent: tuple[int, int, int, int]
    """Left, top, right, bottom in the place: no ink is outside."""

    def ink(self) -> tuple[int, int, Tile]:
        """Return the drawn text as a tile, no larger than its ink, and where its left top is."""
        placed = [
            (glyph, x + at, baseline + down - glyph.top)
            for line, x, baseline in self.lines
            for glyph, at, down in line.glyphs
            if glyph.rows
        ]
        if not placed:
            return 0, 0, Tile(0, 0, b"")
        left = min(x for _, x, _ in placed)
        top = min(y for _, _, y in placed)
        right = max(x + glyph.width for glyph, x, _ in placed)
        bottom = max(y + len(glyph.rows) for glyph, _, y in placed)
        stride = (right - left + 7) // 8
        end = left + 8 * stride
        rows = [0] * (bottom - top)
        for glyph, x, y in placed:
            shift = end - x - glyph.width
            row = y - top
            for bits in glyph.rows:
                rows[row] |= bits << shift
                row += 1
        return (
            left,
            top,
            Tile(
                right - left, bottom - top, b"".join([row.to_bytes(stride, "big") for row in rows])
            ),
        )


def fit_text(text: str, fonts: Fonts, fit: Fit, width: int, height: int) -> TextBlock:
    """Return the text set in a place of width × height dots, at the largest size that fits.

    Raises:
        GlyphMissing: no font has a character, or it is a control character.
        TextDoesNotFit: even the smallest size is too wide, too high or has too many lines.
    """
    paragraphs = _paragraphs(text, fonts)
    block = _set(paragraphs, fonts, fit, fit.size, width, height)
    if isinstance(block, TextBlock):
        return block
    if fit.min_size < fit.size:
        smallest = _set(paragraphs, fonts, fit, fit.min_size, width, height)
        if isinstance(smallest, TextBlock):
            low, high, best = fit.min_size, fit.size, smallest
            while high - low > 1:
                middle = (low + high) // 2
                tried = _set(paragraphs, fonts, fit, middle, width, height)
                if isinstance(tried, TextBlock):
                    low, best = middle, tried
                else:
                    high = middle
            return best
        block = smallest
    size = fit.min_size
    shown = text if len(text) <= 60 else f"{text[:57]}..."
    raise TextDoesNotFit(
        f"{shown!r} {block} at {size} dots em height, the smallest allowed; make the place larger, "
        "allow a smaller min_size or wrap, or shorten the text.",
        text=shown,
        size=size,
        width=width,
        height=height,
    )


@dataclass(frozen=True, slots=True)
class Cures:
    """What would let a refused text fit, each by itself; None where it would not. In dots.

    Where neither more width nor more height is enough, both together are.
    """

    size: int | None
    """The largest em height below the least allowed."""
    width: int | None
    """Of the place, with its height and the least size as they are."""
    height: int | None


def find_cures(text: str, fonts: Fonts, fit: Fit, width: int, height: int, least: int) -> Cures:
    """Return what would let a text fit that ``fit_text`` refused, sizes from ``least`` dots on.

    >>> from gateway.templates.typefaces import fonts_of
    >>> fit = Fit(32, 24, wrap=False, max_lines=1, line_spacing=100, align="left", valign="top")
    >>> find_cures("Hello world", fonts_of("sans"), fit, width=80, height=70, least=12)
    Cures(size=15, width=121, height=None)

    Raises:
        GlyphMissing: no font has a character.
    """
    paragraphs = _paragraphs(text, fonts)

    def fits(size: int, width: int, height: int) -> bool:
        return isinstance(_set(paragraphs, fonts, fit, size, width, height), TextBlock)

    def search(low: int, high: int, good: Callable[[int], bool]) -> int:
        """Return the least good number above ``low``, which is not; ``high`` is."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if good(middle) else (middle, high)
        return high

    size = None
    if least < fit.min_size and fits(least, width, height):
        size = -search(-fit.min_size, -least, lambda n: fits(-n, width, height))
    widest = max(
        _line(piece, fonts, fit.min_size, _runs_from_right(piece)).width for piece in paragraphs
    )
    wide = None
    if widest > width and fits(fit.min_size, widest, height):
        wide = widest
        if fit.wrap:
            wide = search(width, widest, lambda n: fits(fit.min_size, n, height))
    high = None
    metrics = fonts[0].metrics(fit.min_size)
    lines = len(paragraphs)
    if fit.wrap:
        lines = sum(
            len(list(_wrapped(piece, fonts, fit.min_size, width, _runs_from_right(piece))))
            for piece in paragraphs
        )
    line_height = max(1, (metrics.height * fit.line_spacing + 50) // 100)
    block = metrics.ascent + metrics.descent
    needed = (lines - 1) * line_height + block
    if needed > height and fits(fit.min_size, width, needed):
        high = needed
    if wide is None and high is None:
        needed = max(height, (len(paragraphs) - 1) * line_height + block)
        if fits(fit.min_size, max(width, widest), needed):
            wide, high = max(width, widest), needed
    return Cures(size, wide, high)


def _paragraphs(text: str, fonts: Fonts) -> tuple[str, ...]:
    lines = text.replace("\r\n", "\n").split("\n")
    for line in lines:
        if not (line.isascii() and line.isprintable() and fonts[0].bundled):
            _check_characters(line, fonts)
    return tuple(lines)


_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u200e\u200f\u061c\u2060")
"""Zero-width space and joiners, marks of direction: wanted inside words, no ink of their own."""


def _check_characters(line: str, fonts: Fonts) -> None:
    for character in line:
        if character in _INVISIBLE:
            continue
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Cs", "Co", "Cn"):
            raise GlyphMissing(
                f"A label cannot print the control character U+{ord(character):04X} in "
                f"{_excerpt(line, character)!r}; remove it from the text.",
                character=f"U+{ord(character):04X}",
            )
        if not any(font.has(character) for font in fonts):
            name = unicodedata.name(character, "no name")
            raise GlyphMissing(
                f"No font of {fonts[0].name!r} has {character!r} (U+{ord(character):04X}, {name}); "
                "upload a font that has it and name it in the template, or change the text.",
                character=f"U+{ord(character):04X}",
                fonts=[font.name for font in fonts],
            )


def _excerpt(line: str, character: str) -> str:
    at = line.index(character)
    return line[max(0, at - 10) : at + 10]


def _set(
    paragraphs: tuple[str, ...], fonts: Fonts, fit: Fit, size: int, width: int, height: int
) -> TextBlock | str:
    """Return the block, or the half sentence that says why it does not fit."""
    metrics = fonts[0].metrics(size)
    line_height = max(1, (metrics.height * fit.line_spacing + 50) // 100)
    most = max(0, height - metrics.ascent - metrics.descent) // line_height + 1
    if metrics.ascent + metrics.descent > height:
        return f"is {metrics.ascent + metrics.descent} dots high where {height} are free"
    most = min(most, fit.max_lines)
    chosen: list[tuple[str, _Line, bool]] = []
    for paragraph in paragraphs:
        rtl = _runs_from_right(paragraph)
        pieces = _wrapped(paragraph, fonts, size, width, rtl) if fit.wrap else [paragraph]
        for piece in pieces:
            line = _line(piece, fonts, size, rtl)
            if line.width > width:
                return f"is {line.width} dots wide where {width} are free"
            chosen.append((piece, line, rtl))
            if len(chosen) > most:
                return f"needs more than the {most} line{'s' if most > 1 else ''} there is room for"
    block = (len(chosen) - 1) * line_height + metrics.ascent + metrics.descent
    spare = height - block
    above = 0 if fit.valign == "top" else spare if fit.valign == "bottom" else spare // 2
    lines = []
    baseline = above + metrics.ascent
    left, right = width, 0
    top, bottom = above, above + block
    for i, (_, line, rtl) in enumerate(chosen):
        x = _start(_aligned(fit.align, rtl), width - line.width)
        at = baseline + i * line_height
        lines.append((line, x, at))
        left, right = min(left, x), max(right, x + line.width)
        top, bottom = min(top, at - line.top), max(bottom, at + line.bottom)
    if fit.inside and (top < 0 or bottom > height):
        return f"reaches {max(-top, bottom - height)} dots out of its place"
    return TextBlock(
        size=size,
        line_height=line_height,
        texts=tuple(text for text, _, _ in chosen),
        lines=tuple(lines),
        align=_aligned(fit.align, chosen[0][2]),
        rtl=any(rtl for _, _, rtl in chosen),
        baseline=baseline,
        width=max(line.width for _, line, _ in chosen),
        extent=(left, top, right, bottom),
    )


def _aligned(
    align: Literal["auto", "left", "center", "right"], rtl: bool
) -> Literal["left", "center", "right"]:
    if align == "auto":
        return "right" if rtl else "left"
    return align


def _start(align: Literal["left", "center", "right"], spare: int) -> int:
    return 0 if align == "left" else spare if align == "right" else spare // 2


# Lines


@lru_cache(maxsize=4096)
def _line(text: str, fonts: Fonts, size: int, rtl: bool) -> _Line:
    """Return one line set at a size, its leftmost dot or pen position at 0."""
    glyphs: list[tuple[Glyph, int, int]] = []
    pen = left = right = top = bottom = 0
    for font, shaped in _shaped(text, fonts, rtl):
        for number, kern, mark, x, y in shaped:
            glyph = font.glyph(size, number)
            at = pen + (font.dots(x, size) if x else 0)
            down = -font.dots(y, size) if y else 0
            if glyph.rows:
                glyphs.append((glyph, at + glyph.left, down))
                left = min(left, at + glyph.left)
                right = max(right, at + glyph.left + glyph.width)
                top = max(top, glyph.top - down)
                bottom = max(bottom, len(glyph.rows) - glyph.top + down)
            if not mark:
                pen += glyph.advance + (font.dots(kern, size) if kern else 0)
    right = max(right, pen)
    if left:
        glyphs = [(glyph, x - left, down) for glyph, x, down in glyphs]
    return _Line(tuple(glyphs), right - left, top, bottom)


@lru_cache(maxsize=4096)
def _shaped(text: str, fonts: Fonts, rtl: bool) -> tuple[_Piece, ...]:
    """Return the line's runs from left to right, each shaped in its font and direction."""
    if text.isascii() and not rtl and fonts[0].bundled:
        return (_Piece(fonts[0], fonts[0].shaped(text, rtl=False)),) if text else ()
    return tuple(
        _Piece(font, font.shaped(run, rtl=bool(level & 1)))
        for run, font, level in _visual(_runs(text, fonts, rtl))
    )


Run = tuple[str, Font, int]


def _runs(text: str, fonts: Fonts, rtl: bool) -> list[Run]:
    """Return the text cut where font, script or direction changes, in logical order."""
    levels = _levels(text, rtl)
    runs: list[Run] = []
    start = 0
    font, script = _font_of(text, 0, fonts), ""
    for i, character in enumerate(text):
        here = _script(character) or script
        # A combining mark stays with what it stands on, whatever it would be by itself.
        joined = unicodedata.combining(character) or character in _INVISIBLE
        now = font if joined and i else _font_of(text, i, fonts)
        if (
            i > start
            and not joined
            and (now is not font or levels[i] != levels[start] or (script and here != script))
        ):
            runs.append((text[start:i], font, levels[start]))
            start, script = i, ""
        font = now
        script = _script(character) or script
    if start < len(text):
        runs.append((text[start:], font, levels[start]))
    return runs


def _font_of(text: str, at: int, fonts: Fonts) -> Font:
    """Return the first font that has the character and the marks on it."""
    end = at + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    cluster = [c for c in text[at:end] if c not in _INVISIBLE]
    for font in fonts:
        if all(font.has(c) for c in cluster):
            return font
    return next((font for font in fonts if cluster and font.has(cluster[0])), fonts[0])


@lru_cache(maxsize=4096)
def _script(character: str) -> str:
    """Return a letter's script, empty for what all scripts share. The first word of a letter's
    name is its script in all that HarfBuzz shapes differently (Unicode 15.1, 4.8)."""
    if not character.isalpha():
        return ""
    return unicodedata.name(character, "").partition(" ")[0]


def _visual(runs: list[Run]) -> list[Run]:
    """Return runs in the order they stand on the line (UAX #9, L2)."""
    if not runs:
        return runs
    for level in range(max(level for _, _, level in runs), 0, -1):
        i = 0
        while i < len(runs):
            j = i
            while j < len(runs) and runs[j][2] >= level:
                j += 1
            if j > i:
                runs[i:j] = reversed(runs[i:j])
            i = max(j, i + 1)
    return runs


# Direction

_RIGHT: Final = ("R", "AL", "AN", "RLE", "RLO", "RLI")


def _runs_from_right(paragraph: str) -> bool:
    """Return whether the first letter with a direction has right to left (UAX #9, P2 and P3)."""
    if paragraph.isascii():
        return False
    for character in paragraph:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _levels(text: str, rtl: bool) -> list[int]:
    """Return the embedding level of each character of a line."""
    if not rtl and not any(unicodedata.bidirectional(c) in _RIGHT for c in text):
        return [0] * len(text)
    from bidi import algorithm

    bidi: Any = algorithm
    storage = bidi.get_empty_storage()
    storage["base_level"] = int(rtl)
    storage["base_dir"] = "R" if rtl else "L"
    bidi.get_embedding_levels(text, storage)
    bidi.explicit_embed_and_overrides(storage)
    bidi.resolve_weak_types(storage)
    _resolve_brackets(storage["chars"], "R" if rtl else "L")
    bidi.resolve_neutral_types(storage, debug=False)
    bidi.resolve_implicit_levels(storage, debug=False)
    levels = [int(c["level"]) for c in storage["chars"]]
    # Boundary neutrals are left out by rule X9; they follow their neighbour.
    if len(levels) != len(text):
        kept = iter(levels)
        levels = []
        for character in text:
            out = unicodedata.bidirectional(character) == "BN"
            levels.append((levels[-1] if levels else int(rtl)) if out else next(kept))
    # Spaces at the end of a line keep the paragraph's direction (L1).
    for i in range(len(text) - 1, -1, -1):
        if not text[i].isspace():
            break
        levels[i] = int(rtl)
    return levels


_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "«": "»", "‹": "›"} | {
    "\u2329": "\u232a", "\u2045": "\u2046", "\u207d": "\u207e",
}  # fmt: skip
"""Pairs of BidiBrackets.txt that labels meet."""


def _resolve_brackets(characters: list[dict[str, Any]], base: str) -> None:
    """Give both brackets of a pair one direction (UAX #9, N0), which python-bidi leaves out."""

    def strong(kind: str) -> str:
        return "R" if kind in ("R", "AL", "EN", "AN") else "L" if kind == "L" else ""

    waiting: list[tuple[int, str]] = []
    pairs: list[tuple[int, int]] = []
    for i, entry in enumerate(characters):
        if entry["type"] != "ON":
            continue
        if entry["ch"] in _BRACKETS:
            waiting.append((i, _BRACKETS[entry["ch"]]))
        else:
            for depth in range(len(waiting) - 1, -1, -1):
                if waiting[depth][1] == entry["ch"]:
                    pairs.append((waiting[depth][0], i))
                    del waiting[depth:]
                    break
    for opened, closed in sorted(pairs):
        inside = {strong(c["type"]) for c in characters[opened + 1 : closed]} - {""}
        if not inside:
            continue
        direction = base
        if base not in inside:
            before = next(
                (s for c in reversed(characters[:opened]) if (s := strong(c["type"]))), base
            )
            direction = before if before in inside else base
        characters[opened]["type"] = characters[closed]["type"] = direction


# Line breaks


def _wrapped(paragraph: str, fonts: Fonts, size: int, width: int, rtl: bool) -> Iterator[str]:
    """Yield the paragraph's lines, as much on each as fits; one that has no break may not fit."""
    start = 0
    last = 0
    for end in (*_breaks(paragraph), len(paragraph)):
        candidate = paragraph[start:end].rstrip(" ")
        if last > start and _line(candidate, fonts, size, rtl).width > width:
            yield paragraph[start:last].rstrip(" ")
            start = last
        last = end
    yield paragraph[start:].rstrip(" ")


_WIDE_OPEN: Final = frozenset("「『（［｛〈《【〔“‘")
_WIDE_CLOSE: Final = frozenset(
    "」』）］｝〉》】〕”’、。，．：；！？ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
)
"""Characters that may not end, and not begin, a line of CJK text (JIS X 4051, 4.3)."""


_HYPHENS: Final = "-\u2010\u2013\u2014"


@lru_cache(maxsize=1024)
def _breaks(text: str) -> tuple[int, ...]:
    """Return the places where a line may end, in ascending order."""
    places = []
    for i in range(1, len(text)):
        before, after = text[i - 1], text[i]
        if after != " " and (
            before in " \u200b"
            or _breaks_behind_hyphen(text, i)
            or (
                (_is_wide(before) or _is_wide(after))
                and not (
                    before in _WIDE_OPEN or after in _WIDE_CLOSE or unicodedata.combining(after)
                )
            )
        ):
            places.append(i)
    return tuple(places)


def _breaks_behind_hyphen(text: str, i: int) -> bool:
    # Not before a digit: "SN-000123" and "-5" stay whole (UAX #14, LB25).
    return text[i - 1] in _HYPHENS and text[i].isalpha() and i > 1 and text[i - 2].isalnum()


def _is_wide(character: str) -> bool:
    return character >= "\u2e80" and unicodedata.east_asian_width(character) in ("W", "F")
