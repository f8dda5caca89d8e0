"""Resident fonts against what was measured on real output."""

from __future__ import annotations

import pytest

from gateway.drivers.virtual.glyphs import choose, scalable


@pytest.mark.parametrize(
    ("text", "box"),
    [
        ("AAA", (1, 0, 82, 37)),
        ("555", (2, 0, 71, 38)),
        ("---", (8, 19, 127, 25)),
        ("nnn", (3, 8, 72, 37)),
    ],
)
def test_font_0_at_50_dots_has_the_measured_ink_boxes(
    text: str, box: tuple[int, int, int, int]
) -> None:
    line = scalable(50, 50).set_line(text)
    assert line.above == 0
    assert line.ink.ink_box() == box


def test_font_0_scales_width_and_height_apart() -> None:
    wide = scalable(50, 100).set_line("000")
    assert wide.advance == 3 * 24 * 2
    box = wide.ink.ink_box()
    assert box is not None
    assert box[3] - box[1] == 39


def test_accents_reach_above_the_capitals() -> None:
    assert scalable(50, 50).set_line("Á").above == 11


@pytest.mark.parametrize("text", ["Ελλάδα", "Москва", "Łódź", "Ćevapčići"])
def test_greek_cyrillic_and_latin_have_glyphs(text: str) -> None:
    line = scalable(30, 30).set_line(text)
    assert line.missing == ()
    assert line.ink.count_ink() > 100


def test_a_character_without_a_glyph_is_named_and_leaves_no_ink() -> None:
    line = scalable(30, 30).set_line("日")
    assert line.missing == ("日",)
    assert line.ink.count_ink() == 0


@pytest.mark.parametrize(
    ("name", "height", "width", "cell"),
    [
        ("A", 9, 5, (9, 6)),
        ("A", 18, 0, (18, 12)),
        ("D", 0, 20, (36, 24)),
        ("G", 84, 0, (60, 48)),
        ("H", 63, 0, (63, 57)),
        ("E", 0, 0, (28, 20)),
        ("F", 999, 0, (260, 160)),
    ],
)
def test_bitmap_fonts_snap_to_whole_magnifications(
    name: str, height: int, width: int, cell: tuple[int, int]
) -> None:
    font = choose(name, height, width)
    assert font is not None
    assert (font.height, font.measure("M")) == cell


def test_font_b_has_capitals_only_and_font_h_no_small_letters() -> None:
    capitals = choose("B", 11, 7)
    ocr = choose("H", 21, 13)
    assert capitals is not None
    assert ocr is not None
    assert capitals.set_line("abc").ink == capitals.set_line("ABC").ink
    assert ocr.set_line("abc").ink.count_ink() == 0
    assert ocr.set_line("ABC").ink.count_ink() > 0


def test_an_unknown_font_letter_is_no_font() -> None:
    assert choose("P", 20, 18) is None
