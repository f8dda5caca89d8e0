"""What is read off a previewed code: its widths, its rectangles, the size it packs into."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.bars import (
    bar_widths,
    is_code93,
    rectangles,
    square_side,
    two_widths,
)
from gateway.label import Picture, Tile, overlay
from tests.drivers.languages.judging import barcode, dots
from tests.drivers.languages.speaking import speckled


@given(st.integers(1, 20), st.integers(1, 12), st.integers(0, 99))
def test_rectangles_are_all_of_the_ink_and_nothing_twice(
    width: int, height: int, seed: int
) -> None:
    tile = speckled(width, height, seed)
    found = rectangles(tile)
    black = [Picture("", x, y, 0, dots(["#" * w] * h), False) for x, y, w, h in found]
    assert overlay(width, height, black) == tile
    assert sum(w * h for _, _, w, h in found) == tile.count()


def test_a_picture_of_too_many_rectangles_has_none() -> None:
    assert rectangles(speckled(200, 100, 1)) == ()


@pytest.mark.parametrize(
    ("symbology", "content", "widths"),
    [
        ("code39", "ABC-1 $", (3, 9)), ("itf", "123456", (3, 9)),
        ("itf14", "09521234543213", (3, 9)), ("codabar", "A123B", (3, 9)),
        ("ean8", "9638507", None),
    ],
)  # fmt: skip
def test_codes_of_two_widths_say_them(
    symbology: str, content: str, widths: tuple[int, int] | None
) -> None:
    code = barcode(symbology, content, 0, 0, 3, 60)
    assert two_widths(code) == widths
    assert two_widths(replace(code, content=f"{code.content}00")) is None
    assert two_widths(replace(code, rotation=90)) is None
    assert two_widths(replace(code, bar_height=61)) is None


def test_only_the_plain_characters_of_code_93_are_plain() -> None:
    assert is_code93(barcode("code93", "ABC-1", 0, 0, 2, 60))
    assert not is_code93(barcode("code93", "abc", 0, 0, 2, 60))
    assert not is_code93(replace(barcode("code93", "ABC-1", 0, 0, 2, 60), content="ABC-12"))


def test_a_code_beside_the_edge_of_its_tile_has_no_widths() -> None:
    code = barcode("code39", "A", 0, 0, 2, 60)
    assert sum(bar_widths(code)) == code.tile.width
    assert bar_widths(replace(code, tile=dots([".##"] * 60))) == ()
    assert bar_widths(replace(code, tile=Tile(0, 60, b""))) == ()


@pytest.mark.parametrize(
    ("symbology", "content", "side"),
    [
        ("datamatrix", "SN-000123", 14), ("gs1-datamatrix", "(01)09501101530003", 16),
        ("datamatrix", "tab\there", None), ("datamatrix", "é", None),
    ],
)  # fmt: skip
def test_a_data_matrix_has_a_side_when_any_printer_packs_it_so(
    symbology: str, content: str, side: int | None
) -> None:
    assert square_side(barcode(symbology, content, 0, 0, 4)) == side


def test_a_data_matrix_packed_tighter_than_every_printer_can_has_none() -> None:
    code = barcode("datamatrix", "A" * 40, 0, 0, 4)
    assert square_side(code) is None
    assert square_side(replace(code, content="A" * 20)) == code.tile.width // 4
