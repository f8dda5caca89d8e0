"""Two labels over each other: the dots that came and went are those that were changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway.errors import OffTheLabel
from gateway.label import Tile
from gateway.templates.comparing import (
    BOTH,
    GONE,
    NEW,
    NO_PAPER,
    PAPER,
    SCALE,
    compare,
    over_each_other,
)

Dots = set[tuple[int, int]]
Colour = tuple[int, ...]


def tile(width: int, height: int, ink: Dots) -> Tile:
    """Return a tile with these dots."""
    stride = (width + 7) // 8
    rows = bytearray(stride * height)
    for x, y in ink:
        rows[y * stride + x // 8] |= 0x80 >> x % 8
    return Tile(width, height, bytes(rows))


def dot(png: bytes, x: int, y: int) -> list[Colour]:
    """Return the four pixels of a dot: top left, top right, bottom left, bottom right."""
    with Image.open(BytesIO(png)) as picture:
        whole = picture.convert("RGB")
    corners = ((0, 0), (1, 0), (0, 1), (1, 1))
    found = [whole.getpixel((x * SCALE + right, y * SCALE + down)) for right, down in corners]
    return [one for one in found if isinstance(one, tuple)]


@st.composite
def drawings(draw: st.DrawFn) -> tuple[int, int, Dots]:
    width, height = draw(st.integers(1, 20)), draw(st.integers(1, 6))
    places = st.tuples(st.integers(0, width - 1), st.integers(0, height - 1))
    return width, height, draw(st.sets(places, max_size=20))


@given(drawings(), drawings())
def test_each_dot_is_shown_as_what_became_of_it(
    before: tuple[int, int, Dots], after: tuple[int, int, Dots]
) -> None:
    old, new = before[2], after[2]
    found = compare(tile(*before), tile(*after))
    assert (found.gone, found.new) == (len(old - new), len(new - old))
    assert found.same_size == (before[:2] == after[:2])
    assert (found.width, found.height) == (max(before[0], after[0]), max(before[1], after[1]))
    changed = old ^ new
    if changed:
        across, down = sorted(x for x, _ in changed), sorted(y for _, y in changed)
        assert found.rectangle == (
            across[0], down[0], across[-1] - across[0] + 1, down[-1] - down[0] + 1,
        )  # fmt: skip
    else:
        assert found.rectangle is None
    with Image.open(BytesIO(over_each_other(tile(*before), tile(*after)))) as picture:
        whole = picture.convert("RGB")
    assert whole.size == (found.width * SCALE, found.height * SCALE)
    colours = Counter({colour: count for count, colour in whole.getcolors() or ()})
    four = SCALE * SCALE
    assert colours[BOTH] == four * len(old & new)
    assert colours[NEW] == four * len(new - old)
    assert colours[GONE] == four // 2 * len(old - new)
    shared = min(before[0], after[0]) * min(before[1], after[1])
    outside = found.width * found.height - shared
    drawn_outside = {
        (x, y) for x, y in old | new
        if x >= min(before[0], after[0]) or y >= min(before[1], after[1])
    }  # fmt: skip
    assert colours[NO_PAPER] == four * (outside - len(drawn_outside))


@pytest.mark.parametrize("look", [compare, over_each_other])
def test_a_wide_label_and_a_long_one_are_not_laid_over_each_other(
    look: Callable[[Tile, Tile], object],
) -> None:
    wide, long = tile(16_000, 16, set()), tile(16, 16_000, set())
    with pytest.raises(OffTheLabel, match="together they are 16000 × 16000"):
        look(wide, long)


def test_what_came_is_solid_and_what_went_is_hatched() -> None:
    png = over_each_other(tile(4, 2, {(0, 0), (1, 1)}), tile(4, 2, {(1, 1), (3, 1)}))
    assert dot(png, 1, 1) == [BOTH] * 4
    assert dot(png, 3, 1) == [NEW] * 4
    assert dot(png, 0, 0) == [GONE, PAPER, PAPER, GONE]
    assert dot(png, 2, 0) == [PAPER] * 4


def test_the_two_reds_differ_in_a_grey_picture_too() -> None:
    def grey(colour: Colour) -> float:
        # Rec. 709 luma: what an eye that sees no colours sees.
        return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]

    assert grey(BOTH) < grey(NEW) < 50 < 110 < grey(GONE) < 160 < grey(NO_PAPER) < grey(PAPER)
