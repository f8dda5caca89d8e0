"""Rectangles that hold a label's ink, and little else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.patches import patches
from gateway.label import Picture, Tile, overlay
from tests.drivers.languages.judging import dots
from tests.drivers.languages.speaking import speckled


def rebuilt(found: list[tuple[int, int, Tile]], like: Tile) -> Tile:
    return overlay(
        like.width, like.height, [Picture("", x, y, 0, tile, False) for x, y, tile in found]
    )


@st.composite
def any_ink(draw: st.DrawFn) -> Tile:
    width, height = draw(st.integers(1, 90)), draw(st.integers(1, 60))
    placed = []
    for _ in range(draw(st.integers(0, 6))):
        tile = speckled(draw(st.integers(1, 40)), draw(st.integers(1, 30)), draw(st.integers(0, 9)))
        at = draw(st.integers(-9, 90)), draw(st.integers(-9, 60))
        placed.append(Picture("", *at, 0, tile, False))
    return overlay(width, height, placed)


@given(any_ink(), st.integers(0, 60))
def test_whatever_the_ink_is_the_rectangles_hold_all_of_it_and_nothing_else(
    ink: Tile, overhead: int
) -> None:
    found = patches(ink, ink, overhead)
    assert rebuilt(found, ink) == ink
    assert all(x % 8 == 0 and patch.width % 8 == 0 for x, _, patch in found)
    assert all(y >= 0 and y + patch.height <= ink.height for _, y, patch in found)


@given(any_ink())
def test_a_rectangle_carries_what_lies_below_it_too(ink: Tile) -> None:
    black = dots(["#" * ink.width] * ink.height)
    for x, y, patch in patches(ink, black, 20):
        assert patch.count() == min(patch.width, ink.width - x) * patch.height
        assert y + patch.height <= ink.height


def test_a_frame_is_its_four_sides() -> None:
    rows = ["#" * 400] * 3 + ["###" + "." * 394 + "###"] * 194 + ["#" * 400] * 3
    found = patches(dots(rows), dots(rows), 30)
    assert len(found) == 4
    assert sum(len(patch.ink) for _, _, patch in found) < 1000


def test_codes_far_apart_go_apart_and_neighbours_together() -> None:
    code = speckled(80, 40, 3)
    far = [Picture("", 0, 0, 0, code, False), Picture("", 700, 350, 0, code, False)]
    near = [Picture("", 0, 0, 0, code, False), Picture("", 88, 0, 0, code, False)]
    for placed, count in ((far, 2), (near, 1)):
        ink = overlay(800, 400, placed)
        assert len(patches(ink, ink, 30)) == count


def test_paper_without_ink_needs_no_rectangle() -> None:
    empty = dots(["....."] * 4)
    assert patches(empty, empty, 30) == []
