from __future__ import annotations

import io
import struct
import zlib
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.errors import DocumentRefused
from gateway.label import Tile
from gateway.templates.shapes import (
    Dither,
    bayer,
    box,
    ellipse,
    from_rows,
    line,
    picture,
    place_turned,
    reversed_out,
    turned,
)

sides = st.integers(1, 40)


def dots(tile: Tile) -> set[tuple[int, int]]:
    return {(x, y) for y, row in enumerate(tile.art().split("\n")) for x, c in enumerate(row)
            if c == "#"}  # fmt: skip


@given(sides, sides, st.integers(1, 12))
def test_a_square_box_is_its_border_and_nothing_else(w: int, h: int, t: int) -> None:
    border = {(x, y) for x in range(w) for y in range(h)
              if min(x, y, w - 1 - x, h - 1 - y) < t}  # fmt: skip
    assert dots(box(w, h, thickness=t)) == border


@given(sides, sides, st.integers(1, 12), st.integers(0, 30))
def test_a_round_box_is_symmetrical_and_inside_the_square_one(
    w: int, h: int, t: int, r: int
) -> None:
    ink = dots(box(w, h, thickness=t, radius=r))
    assert ink <= dots(box(w, h, thickness=max(w, h)))
    assert ink == {(w - 1 - x, y) for x, y in ink} == {(x, h - 1 - y) for x, y in ink}
    assert {x for x, _ in ink} == set(range(w))
    assert {y for _, y in ink} == set(range(h))


@given(sides, sides)
def test_a_filled_ellipse_holds_the_dots_whose_centres_are_in_it(w: int, h: int) -> None:
    inside = {
        (x, y)
        for x in range(w)
        for y in range(h)
        if (2 * x + 1 - w) ** 2 * h * h + (2 * y + 1 - h) ** 2 * w * w <= w * w * h * h
    }
    assert dots(ellipse(w, h, thickness=max(w, h))) == inside


@given(st.integers(8, 40), st.integers(8, 40), st.integers(1, 3))
def test_an_outline_is_the_large_ellipse_without_the_small(w: int, h: int, t: int) -> None:
    hole = {(x + t, y + t) for x, y in dots(ellipse(w - 2 * t, h - 2 * t, thickness=99))}
    assert dots(ellipse(w, h, thickness=t)) == dots(ellipse(w, h, thickness=99)) - hole


@pytest.mark.parametrize(
    ("direction", "art"),
    [
        ("-", "......\n######\n######\n......"),
        ("|", "..##..\n..##..\n..##..\n..##.."),
        ("\\", "##....\n####..\n..####\n....##"),
        ("/", "....##\n..####\n####..\n##...."),
    ],
)
def test_lines_stand_in_the_middle_or_go_from_corner_to_corner(direction: Any, art: str) -> None:
    assert line(6, 4, thickness=2, direction=direction).art() == art


def test_a_steep_line_is_as_thick_in_every_row_and_a_shallow_one_in_every_column() -> None:
    steep, shallow = (line(w, h, thickness=3, direction="/") for w, h in ((40, 400), (400, 40)))
    assert [row.count("#") for row in steep.art().split()] == [3] * 400
    columns = list(zip(*shallow.art().split(), strict=True))
    assert [column.count("#") for column in columns] == [3] * 400
    assert columns[0][-3:] == columns[-1][:3] == ("#", "#", "#")


def test_a_shallow_line_does_not_fall_apart_into_dashes() -> None:
    rows = line(320, 32, thickness=4, direction="\\").art().split()
    ends = [(row.index("#"), row.rindex("#") + 1) for row in rows]
    assert all(
        row.strip(".") == "#" * (end - start) for row, (start, end) in zip(rows, ends, strict=True)
    )
    assert all(later[0] < earlier[1] for earlier, later in pairwise(ends))


@given(sides, sides, st.data())
def test_turning_moves_every_dot_where_its_place_says(w: int, h: int, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, (1 << w) - 1), min_size=h, max_size=h))
    tile = from_rows(w, rows)
    for rotation in (0, 90, 180, 270):
        moved = {place_turned(x, y, 1, 1, (w, h), rotation) for x, y in dots(tile)}
        after = turned(tile, rotation)
        assert dots(after) == moved
        assert len(after.ink) == after.stride * after.height
        assert after.count() == tile.count()


def png(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def test_a_picture_of_the_right_size_keeps_its_dots() -> None:
    image = Image.new("L", (11, 3), 255)
    image.putpixel((0, 0), 0)
    image.putpixel((10, 2), 100)
    image.putpixel((5, 1), 128)
    tile = picture(png(image), 11, 3, dither="threshold", threshold=128)
    assert tile.art() == "#..........\n...........\n..........#"


def test_pictures_keep_their_shape_and_transparency_is_white() -> None:
    image = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 10, 10))
    tile = picture(png(image), 40, 40, dither="threshold", threshold=128)
    assert (tile.width, tile.height) == (40, 20)
    assert {x for x, _ in dots(tile)} == set(range(20))


@pytest.mark.parametrize("grey", [0, 64, 128, 192, 255])
def test_dithering_keeps_the_share_of_ink(grey: int) -> None:
    tile = picture(png(Image.new("L", (64, 64), grey)), 64, 64, dither="floyd-steinberg",
                   threshold=128)  # fmt: skip
    assert abs(tile.count() / 4096 - (255 - grey) / 255) < 0.02


def ramp(width: int, height: int) -> Image.Image:
    """Black on the left to white on the right."""
    row = bytes(x * 255 // (width - 1) for x in range(width))
    return Image.frombytes("L", (width, height), row * height)


@pytest.mark.parametrize(("dither", "loss"), [("ordered", 0.01), ("atkinson", 0.1)])
def test_a_ramp_of_greys_gets_less_ink_from_step_to_step(dither: Dither, loss: float) -> None:
    ink = dots(picture(png(ramp(512, 64)), 512, 64, dither=dither, threshold=128))
    # Eight strips from black to white, each 64 × 64 dots.
    shares = [sum(x // 64 == strip for x, _ in ink) / 4096 for strip in range(8)]
    assert shares == sorted(shares, reverse=True)
    assert shares == pytest.approx([(15 - 2 * strip) / 16 for strip in range(8)], abs=loss)


def test_the_order_of_dots_is_bayers() -> None:
    # As printed in Bayer's paper of 1973 for n = 3.
    assert bayer(8) == [
        [0, 32, 8, 40, 2, 34, 10, 42],
        [48, 16, 56, 24, 50, 18, 58, 26],
        [12, 44, 4, 36, 14, 46, 6, 38],
        [60, 28, 52, 20, 62, 30, 54, 22],
        [3, 35, 11, 43, 1, 33, 9, 41],
        [51, 19, 59, 27, 49, 17, 57, 25],
        [15, 47, 7, 39, 13, 45, 5, 37],
        [63, 31, 55, 23, 61, 29, 53, 21],
    ]


@given(st.integers(0, 255), st.integers(1, 20), st.integers(1, 20))
def test_an_ordered_grey_is_ink_where_its_threshold_is_lighter(grey: int, w: int, h: int) -> None:
    tile = picture(png(Image.new("L", (w, h), grey)), w, h, dither="ordered", threshold=128)
    assert dots(tile) == {
        (x, y) for x in range(w) for y in range(h) if 4 * bayer(8)[y % 8][x % 8] + 2 > grey
    }


@given(st.integers(1, 17), st.integers(1, 12), st.randoms(use_true_random=False))
def test_atkinson_hands_an_eighth_to_each_of_six_neighbours(w: int, h: int, dice: Random) -> None:
    greys = bytes(dice.randrange(256) for _ in range(w * h))
    tile = picture(png(Image.frombytes("L", (w, h), greys)), w, h, dither="atkinson", threshold=128)
    # As it is usually told: a dot is decided, then its error is spread over what is still to come.
    value = {(i % w, i // w): 64 * grey for i, grey in enumerate(greys)}
    ink = set()
    for y in range(h):
        for x in range(w):
            dark = value[x, y] < 64 * 128
            if dark:
                ink.add((x, y))
            error = (value[x, y] - (0 if dark else 64 * 255)) >> 3
            for right, down in ((1, 0), (2, 0), (-1, 1), (0, 1), (1, 1), (0, 2)):
                if (x + right, y + down) in value:
                    value[x + right, y + down] += error
    assert dots(tile) == ink


@pytest.mark.parametrize("dither", ["floyd-steinberg", "ordered", "atkinson"])
def test_the_threshold_says_which_grey_comes_out_half_ink(dither: Dither) -> None:
    tile = picture(png(Image.new("L", (64, 64), 200)), 64, 64, dither=dither, threshold=200)
    assert tile.count() / 4096 == pytest.approx(0.5, abs=0.03)
    for grey, ink in ((0, 4096), (255, 0)):
        flat = picture(png(Image.new("L", (64, 64), grey)), 64, 64, dither=dither, threshold=128)
        assert flat.count() == ink


@given(sides, sides, st.integers(-9, 45), st.integers(-9, 45))
def test_what_is_reversed_out_is_all_but_the_letters(w: int, h: int, x: int, y: int) -> None:
    letters = ellipse(12, 9, thickness=2)
    free = {(x + right, y + down) for right, down in dots(letters)}
    every = {(right, down) for right in range(w) for down in range(h)}
    assert dots(reversed_out(w, h, letters, (x, y))) == every - free


def chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def claims(width: int, height: int) -> bytes:
    """A PNG whose header claims a size and whose pixels are few."""
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head)
            + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b""))  # fmt: skip


@pytest.mark.threat("T14")
@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (claims(5000, 4001), "The picture has 5000 × 4001 pixels, expected at most 20 million; "
         "make it smaller."),
        (claims(12_000, 12_000), "The picture has 12000 × 12000 pixels, expected at most 20 "
         "million; make it smaller."),
        (claims(100_000, 100_000), "The picture has 100000 × 100000 pixels, expected at most 20 "
         "million; make it smaller."),
        (b"<svg/>", "The picture of 6 bytes is none of PNG, JPEG, BMP, GIF, WEBP; save it as "
         "PNG."),
        (b"SIMPLE  =                    T", "The picture of 30 bytes is none of PNG, JPEG, BMP, "
         "GIF, WEBP; save it as PNG."),
        (b"", "The picture of 0 bytes is none of PNG, JPEG, BMP, GIF, WEBP; save it as PNG."),
    ],
)  # fmt: skip
def test_what_is_no_picture_or_a_bomb_is_refused(source: bytes, sentence: str) -> None:
    with pytest.raises(DocumentRefused) as refused:
        picture(source, 100, 100, dither="threshold", threshold=128)
    assert refused.value.detail == sentence


@pytest.mark.threat("T14")
def test_a_picture_cut_anywhere_is_refused_or_whole() -> None:
    whole = png(Image.effect_noise((40, 40), 90))
    want = picture(whole, 40, 40, dither="threshold", threshold=128)
    for length in range(len(whole)):
        try:
            got = picture(whole[:length], 40, 40, dither="threshold", threshold=128)
        except DocumentRefused:
            got = None
        assert got is None or got == want
