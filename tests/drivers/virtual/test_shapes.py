"""Boxes, ellipses and slanted lines."""

from __future__ import annotations

import pytest
from PIL import Image, ImageDraw

from gateway.drivers.virtual.shapes import box, diagonal, ellipse


def test_a_box_has_the_ink_of_its_border_and_no_more() -> None:
    drawn = box(300, 200, 12)
    assert drawn.ink_box() == (0, 0, 300, 200)
    assert drawn.count_ink() == 300 * 200 - 276 * 176


def test_a_border_thicker_than_the_box_makes_it_as_large_as_the_border() -> None:
    assert box(80, 150, 120).ink_box() == (0, 0, 120, 150)


def test_a_rounded_box_loses_its_corners_only() -> None:
    sharp, rounded = box(100, 60, 60), box(100, 60, 60, 4)
    assert rounded.ink_box() == sharp.ink_box()
    radius = 4 / 8 * 60 / 2
    lost = sharp.count_ink() - rounded.count_ink()
    assert lost == pytest.approx((4 - 3.14159) * radius * radius, rel=0.1)


@pytest.mark.parametrize(("width", "height", "border"), [(100, 100, 3), (150, 60, 5), (61, 33, 40)])
def test_an_ellipse_agrees_with_another_librarys_within_one_dot_of_edge(
    width: int, height: int, border: int
) -> None:
    drawn = ellipse(width, height, border)
    picture = Image.new("1", (width, height))
    ImageDraw.Draw(picture).ellipse((0, 0, width - 1, height - 1), fill=1)
    inner = (border, border, width - 1 - border, height - 1 - border)
    if inner[2] > inner[0] and inner[3] > inner[1]:
        ImageDraw.Draw(picture).ellipse(inner, fill=0)
    expected = sum(bool(picture.getpixel((x, y))) for x in range(width) for y in range(height))
    assert drawn.ink_box() == (0, 0, width, height)
    assert drawn.count_ink() == pytest.approx(expected, abs=2 * (width + height))


@pytest.mark.parametrize(("leans_right", "first"), [(True, "right"), (False, "left")])
def test_a_slanted_line_leans_as_told(leans_right: bool, first: str) -> None:
    drawn = diagonal(50, 50, 4, leans_right=leans_right)
    top = drawn.text().splitlines()[0]
    assert (top.index("#") > 25) is (first == "right")
    assert all(line.count("#") == 4 for line in drawn.text().splitlines())
