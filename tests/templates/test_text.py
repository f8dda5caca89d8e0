from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from bidi import get_display
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import GlyphMissing, TextDoesNotFit
from gateway.label import Tile
from gateway.templates.text import Fit, _levels, _line, _runs_from_right, _shaped, fit_text
from gateway.templates.typefaces import FAMILIES, Font, fonts_of

SANS = fonts_of("sans")


def fit(size: int = 24, **choices: Any) -> Fit:
    given: dict[str, Any] = {
        "size": size, "min_size": size, "wrap": False, "max_lines": 9, "line_spacing": 100,
        "align": "auto", "valign": "top",
    }  # fmt: skip
    return Fit(**(given | choices))


def drawn(text: str, size: int = 24, family: str = "sans") -> Tile:
    return fit_text(text, fonts_of(family), fit(size), 2000, 400).ink()[2]


def pieces(tile: Tile) -> int:
    """Count the inked areas that touch nowhere, corners included."""
    ink = {(x, y) for y, row in enumerate(tile.art().split("\n")) for x, c in enumerate(row)
           if c == "#"}  # fmt: skip
    count = 0
    while ink:
        count += 1
        waiting = [ink.pop()]
        while waiting:
            x, y = waiting.pop()
            near = {(x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)} & ink
            ink -= near
            waiting += near
    return count


def test_letters_come_out_as_the_font_draws_them() -> None:
    assert drawn("Hi!", 12).art().split("\n") == [
        "#....#..#...#",
        "#....#......#",
        "#....#..#...#",
        "#....#..#...#",
        "######..#...#",
        "#....#..#...#",
        "#....#..#....",
        "#....#..#....",
        "#....#..#...#",
    ]


@pytest.mark.parametrize("family", FAMILIES)
def test_any_digit_takes_the_room_of_another_in_every_bundled_font(family: str) -> None:
    # What the memory of ``Design.check`` rests on.
    fonts = fonts_of(family)
    for size in (10, 16, 24, 37, 64):
        for template in ("SN-{}", "{}{}", "A{}j", "{}/{}", "({}%)", "T{}.{},", "é{}ع{}"):
            widths = {
                _line(template.format(*[d] * 4), fonts, size, False).width for d in "0123456789"
            }
            assert len(widths) == 1, (template, size)


@pytest.mark.parametrize("family", FAMILIES)
def test_no_printable_ascii_pair_with_a_digit_is_kerned(family: str) -> None:
    font = fonts_of(family)[0]
    for code in range(32, 127):
        for pair in (f"{chr(code)}7", f"7{chr(code)}"):
            assert font.shaped(pair, rtl=False)[0].kern == 0, pair


@pytest.mark.parametrize(
    ("script", "text"),
    [
        ("Latin", "Größe Łódź ẞ"),
        ("Greek", "Ελληνικά"),
        ("Cyrillic", "Привет Київ"),
        ("Hebrew", "שלום"),
        ("Arabic", "سلام"),
        ("Persian", "گچپژ"),
    ],
)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_prints_the_bundled_scripts(family: str, script: str, text: str) -> None:
    assert drawn(text, 24, family).count() > 60


def test_arabic_letters_are_joined() -> None:
    # beh-yeh-teh drawn apart have a body each; joined they are one body and their dots.
    apart = sum(pieces(drawn(letter, 48)) for letter in "سلم")
    assert apart == 3
    assert pieces(drawn("سلم", 48)) == 1
    shaped = [glyph.number for glyph in SANS[0].shaped("سلم", rtl=True)]
    alone = [SANS[0].shaped(letter, rtl=True)[0].number for letter in "ملس"]
    assert len(shaped) == 3
    assert set(shaped).isdisjoint(alone)


def test_arabic_beside_hebrew_is_still_joined() -> None:
    joined = [glyph.number for glyph in SANS[0].shaped("سلم", rtl=True)]
    pieces = _shaped("אسلم", SANS, True)
    assert [[glyph.number for glyph in piece.glyphs] for piece in pieces] == [
        joined,
        [SANS[0].shaped("א", rtl=True)[0].number],
    ]


def test_hebrew_runs_from_right_to_left() -> None:
    # Alef and lamed: the first letter of the text stands on the right.
    both = drawn("אל", 32)
    alef, lamed = drawn("א", 32), drawn("ל", 32)
    assert both.width > alef.width + lamed.width - 3
    right = "\n".join(row[-alef.width :] for row in both.art().split("\n") if "#" in row)
    lines = [row for row in right.split("\n") if "#" in row]
    assert "\n".join(lines[-alef.height :]) == alef.art()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("abc", 0, None), ("שלום", None, 300), ("123 שלום", None, 300), ("123", 0, None)],
)
def test_a_paragraph_stands_where_its_script_begins(
    text: str, start: int | None, end: int | None
) -> None:
    left, _, right, _ = fit_text(text, SANS, fit(), 300, 60).extent
    if start is not None:
        assert left == start
    if end is not None:
        assert right == end


def visual(text: str) -> str:
    """Return the text in the order of our levels, as python-bidi's other implementation (in Rust,
    with paired brackets) gives it; neither mirrors brackets, which is the shaper's work."""
    rtl = _runs_from_right(text)
    levels = _levels(text, rtl)
    places = list(range(len(text)))
    for level in range(max(levels, default=0), 0, -1):
        at = 0
        while at < len(places):
            end = at
            while end < len(places) and levels[places[end]] >= level:
                end += 1
            places[at:end] = reversed(places[at:end])
            at = max(end, at + 1)
    return "".join(text[i] for i in places)


@pytest.mark.parametrize(
    "text",
    ["abc", "שלום", "abc שלום def", "שלום abc (DEF) 12", "שלום (abc)", "Milk (حليب) 1 L",
     "حليب 12 (1 لتر) abc", "SN-000123 שלום", "שלום SN-000123", "(שלום)", "[abc] שלום [def] (12)",
     "a (ב) c", "ב (a) ג", "12 ב 34-56 ג", "שלום, 50% abc."],
)  # fmt: skip
def test_order_agrees_with_a_second_implementation_of_the_bidi_algorithm(text: str) -> None:
    assert visual(text) == get_display(text)


@settings(max_examples=300)
@given(st.text("abאבسل12 ()[].,-", min_size=1, max_size=14).filter(lambda t: t.strip() == t))
def test_order_agrees_for_any_mixture(text: str) -> None:
    assert visual(text) == get_display(text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three", ("one two", "three")),
        ("one\ntwo", ("one", "two")),
        ("one\r\n\r\ntwo", ("one", "", "two")),
        ("Werkzeug-Schrank", ("Werkzeug-", "Schrank")),
        ("ab SN-000123", ("ab", "SN-000123")),
        ("  indented", ("  indented",)),
        ("aa\u00a0bb ccc\u00a0dddd", ("aa\u00a0bb", "ccc\u00a0dddd")),
        ("ab\u200bcdefghijk", ("ab\u200b", "cdefghijk")),
    ],
)
def test_lines_break_where_readers_expect(text: str, lines: tuple[str, ...]) -> None:
    assert fit_text(text, SANS, fit(wrap=True), 125, 400).texts == lines


def test_lines_stand_one_line_height_apart_and_align() -> None:
    block = fit_text("aaa\nb", SANS, fit(align="right", line_spacing=150), 200, 200)
    (_, x1, y1), (_, x2, y2) = block.lines
    assert (y1, y2 - y1, block.line_height) == (23, 44, 44)
    assert x1 < x2 < 200
    centred = fit_text("b", SANS, fit(align="center"), 201, 100)
    assert abs(centred.extent[0] - (201 - centred.extent[2])) <= 1
    for valign, top in (("top", 0), ("middle", 35), ("bottom", 71)):
        assert fit_text("b", SANS, fit(valign=valign), 100, 100).baseline == top + 23


def test_text_shrinks_to_the_largest_size_that_fits_and_no_further() -> None:
    block = fit_text("SN-000123", SANS, fit(40, min_size=12), 100, 60)
    assert 12 <= block.size < 40
    assert block.width <= 100
    with pytest.raises(TextDoesNotFit):
        fit_text("SN-000123", SANS, fit(block.size + 1), 100, 60)
    wrapped = fit_text("one two three four", SANS, fit(40, min_size=8, wrap=True), 90, 60)
    assert len(wrapped.texts) > 1
    with pytest.raises(TextDoesNotFit) as refused:
        fit_text("SN-000123", SANS, fit(40, min_size=30), 100, 60)
    assert refused.value.detail == (
        "'SN-000123' is 149 dots wide where 100 are free at 30 dots em height, the smallest "
        "allowed; make the place larger, allow a smaller min_size or wrap, or shorten the text."
    )


@pytest.mark.parametrize(
    ("text", "choices", "reason"),
    [
        ("a", {"size": 60}, "is 71 dots high where 40 are free"),
        ("a\nb", {}, "needs more than the 1 line there is room for"),
        ("a\nb\nc", {"size": 8, "max_lines": 2}, "needs more than the 2 lines there is room for"),
    ],
)
def test_what_does_not_fit_says_why(text: str, choices: dict[str, int], reason: str) -> None:
    with pytest.raises(TextDoesNotFit) as refused:
        fit_text(text, SANS, fit(**choices), 300, 40)
    assert reason in refused.value.detail


def test_a_character_no_font_has_is_named() -> None:
    with pytest.raises(GlyphMissing) as refused:
        fit_text("Tisch 漢", SANS, fit(), 300, 40)
    assert refused.value.detail == (
        "No font of 'sans' has '漢' (U+6F22, CJK UNIFIED IDEOGRAPH-6F22); upload a font that has "
        "it and name it in the template, or change the text."
    )


@pytest.mark.parametrize("character", ["\x00", "\x07", "\t", "\x1b", "\x7f", "\u202e", "\u2066",
                                       "\ufeff", "\ue000", "\ud800", "\U0010ffff"])  # fmt: skip
def test_control_characters_are_refused_by_number(character: str) -> None:
    with pytest.raises(GlyphMissing) as refused:
        fit_text(f"ab{character}cd", SANS, fit(), 300, 40)
    assert f"U+{ord(character):04X}" in refused.value.detail


@settings(deadline=None, max_examples=150)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=0x2100), max_size=12),
       st.sampled_from(FAMILIES), st.integers(8, 40))  # fmt: skip
def test_ink_stays_inside_what_the_block_promises(text: str, family: str, size: int) -> None:
    try:
        block = fit_text(text, fonts_of(family), fit(size, align="center"), 900, 300)
    except GlyphMissing:
        assert any(
            unicodedata.category(c)[0] == "C" or not any(f.has(c) for f in fonts_of(family))
            for c in text
        )
        return
    x, y, tile = block.ink()
    left, top, right, bottom = block.extent
    if tile.count():
        assert left <= x <= x + tile.width <= right
        assert top <= y <= y + tile.height <= bottom
        art = tile.art().split("\n")
        assert ["#" in edge for edge in (art[0], art[-1])] == [True, True]
        assert [any(row[at] == "#" for row in art) for at in (0, -1)] == [True, True]


def test_letters_missing_in_a_font_come_from_the_next() -> None:
    mono, _sans = fonts_of("mono")[:2]
    assert not mono.has("ש")
    assert drawn("ש", 24, "mono") == drawn("ש", 24, "sans")
    assert drawn("a", 24, "mono") != drawn("a", 24, "sans")


def test_an_uploaded_font_draws_first() -> None:
    class Kept:
        def font(self, ref: str) -> bytes:
            assert ref == "f" * 64
            return fonts_of("mono")[0].data

        def picture(self, ref: str) -> bytes:
            raise AssertionError(ref)

    fonts = fonts_of("asset:" + "f" * 64, Kept())
    assert (
        fit_text("SN-1", fonts, fit(), 200, 60).ink()
        == fit_text("SN-1", fonts_of("mono"), fit(), 200, 60).ink()
    )
    assert [font.bundled for font in fonts] == [False, True]


def test_what_is_no_font_is_refused() -> None:
    from gateway.errors import TemplateRefused

    with pytest.raises(TemplateRefused) as refused:
        Font("asset:x", b"not a font", bundled=False)
    assert refused.value.detail == (
        "The font 'asset:x' is no TrueType or OpenType font with outlines; upload a .ttf or .otf "
        "file."
    )
