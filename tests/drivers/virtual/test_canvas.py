"""Dots on paper, checked against pictures that another library draws and reads."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.drivers.virtual.canvas import Canvas, Ink, Tile, from_modules, solid, unpack


@st.composite
def tiles(draw: st.DrawFn, longest: int = 24) -> Tile:
    width = draw(st.integers(1, longest))
    height = draw(st.integers(1, longest))
    rows = draw(st.lists(st.integers(0, 2**width - 1), min_size=height, max_size=height))
    return Tile(width, height, tuple(rows))


def to_picture(tile: Tile) -> Image.Image:
    with Image.open(BytesIO(tile.to_png())) as opened:
        return opened.convert("L")


def dark(picture: Image.Image) -> list[list[int]]:
    return [
        [int(picture.getpixel((x, y)) == 0) for x in range(picture.width)]
        for y in range(picture.height)
    ]


def dots(tile: Tile) -> list[list[int]]:
    return [[int(c == "#") for c in line] for line in tile.text().splitlines()]


@given(tiles())
def test_a_png_read_by_another_library_has_the_dots_of_the_tile(tile: Tile) -> None:
    assert dark(to_picture(tile)) == dots(tile)


@given(tiles(), st.integers(0, 3))
def test_a_turned_tile_is_what_another_library_turns_clockwise(tile: Tile, quarters: int) -> None:
    picture = to_picture(tile)
    for _ in range(quarters):
        picture = picture.transpose(Image.Transpose.ROTATE_270)
    assert dots(tile.turned(quarters)) == dark(picture)


@given(tiles())
def test_a_mirrored_tile_is_what_another_library_mirrors(tile: Tile) -> None:
    flipped = to_picture(tile).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert dots(tile.mirrored()) == dark(flipped)


@given(tiles(), st.integers(1, 4), st.integers(1, 4))
def test_an_enlarged_tile_repeats_every_dot(tile: Tile, across: int, down: int) -> None:
    grown = to_picture(tile).resize(
        (tile.width * across, tile.height * down), Image.Resampling.NEAREST
    )
    assert dots(tile.enlarged(across, down)) == dark(grown)


@given(tiles())
def test_packed_rows_unpack_to_the_same_ink(tile: Tile) -> None:
    stride = (tile.width + 7) // 8
    unpacked = unpack(tile.to_bytes(), stride)
    assert unpacked.ink_box() == tile.ink_box()
    assert unpacked.count_ink() == tile.count_ink()


@given(tiles(), tiles(), st.integers(-30, 30), st.integers(-30, 30), st.sampled_from(Ink))
def test_burning_a_tile_changes_only_the_dots_under_it(
    paper: Tile, tile: Tile, x: int, y: int, ink: Ink
) -> None:
    canvas = Canvas(paper.width, paper.height)
    canvas.burn(paper, 0, 0)
    canvas.burn(tile, x, y, ink)
    before, over = dots(paper), dots(tile)
    for row in range(paper.height):
        for column in range(paper.width):
            inside = 0 <= row - y < tile.height and 0 <= column - x < tile.width
            burnt = over[row - y][column - x] if inside else 0
            expected = {
                Ink.BLACK: before[row][column] | burnt,
                Ink.WHITE: before[row][column] & (1 - burnt),
                Ink.XOR: before[row][column] ^ burnt,
            }[ink]
            assert int(canvas.tile().text().splitlines()[row][column] == "#") == expected


@pytest.mark.parametrize(
    ("x", "y", "clipped"),
    [(0, 0, False), (5, 5, False), (6, 0, True), (0, 6, True), (-1, 0, True), (0, -1, True)],
)
def test_ink_beside_the_paper_is_noticed(x: int, y: int, clipped: bool) -> None:
    canvas = Canvas(10, 10)
    canvas.burn(solid(5, 5), x, y)
    assert canvas.clipped is clipped


def test_white_beside_the_paper_is_no_loss() -> None:
    canvas = Canvas(10, 10)
    canvas.burn(Tile(20, 20, (1 << 15,) + (0,) * 19), 0, 0)
    assert not canvas.clipped


def test_an_empty_tile_has_no_ink_box() -> None:
    assert Tile(8, 2, (0, 0)).ink_box() is None


def test_modules_become_one_dot_each() -> None:
    assert from_modules([[1, 0, 1], [0, 1, 0]]).text() == "#.#\n.#."


def test_what_left_the_head_is_the_top_of_the_label() -> None:
    assert Tile(2, 3, (1, 2, 3)).crop_top(2) == Tile(2, 2, (1, 2))
