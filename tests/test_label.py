from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image, ImageChops

from gateway.errors import OffTheLabel, PrinterRefused
from gateway.label import Label, Picture, Text, Tile, draw, move, side_by_side
from gateway.units import Density, parse_density
from tests.drivers.languages.judging import barcode

EIGHT = parse_density(8)


def coded(text: str, density: Density = EIGHT, key: str = "") -> Label:
    return Label(240, 160, density, (barcode("code128", text, 30, 20, 2, 80),), key)


def test_labels_beside_each_other_keep_their_dots_and_their_places() -> None:
    labels = [coded(text) for text in ("A-1", "B-2", "C-3")]
    # 30 mm wide with gaps of 2 mm.
    row = side_by_side(labels, 32_000)
    assert (row.width, row.height) == (2 * 256 + 240, 160)
    assert [element.x for element in row.elements] == [30, 286, 542]
    whole = draw(row).art().split("\n")
    for number, label in enumerate(labels):
        left = number * 256
        assert "\n".join(line[left : left + 240] for line in whole) == draw(label).art()
    ink = Image.frombytes("1", (row.width, row.height), draw(row).ink).convert("L")
    found = zxingcpp.read_barcodes(ImageChops.invert(ink))
    assert sorted((code.position.top_left.x // 256, code.text) for code in found) == [
        (0, "A-1"), (1, "B-2"), (2, "C-3"),
    ]  # fmt: skip


def test_rounding_does_not_add_up_across_the_roll() -> None:
    # 21.3 mm are 251.57 dots at 300 dpi: each place is rounded by itself.
    density = parse_density("300dpi")
    dot = Tile(1, 1, b"\x80")
    labels = [Label(250, 8, density, (Picture("p", 0, 0, 0, dot, True),))] * 5
    assert [e.x for e in side_by_side(labels, 21_300).elements] == [0, 252, 503, 755, 1006]


def test_text_moves_with_where_a_printers_font_starts() -> None:
    word = Text("t", 8, 8, 0, Tile(1, 1, b"\x80"), False, ("A",), 10, 12, origin=(8, 18))
    row = side_by_side([Label(80, 40, EIGHT, (word,))] * 2, 12_000)
    assert [(e.x, e.origin) for e in row.elements if isinstance(e, Text)] == [
        (8, (8, 18)), (104, (104, 18)),
    ]  # fmt: skip


def test_what_is_fixed_is_named_by_all_labels_and_their_pitch() -> None:
    one, two = coded("A", key="one"), coded("A", key="two")
    keys = [
        side_by_side(labels, pitch).fixed_key
        for labels, pitch in (
            ([one, one], 30_000), ([one, one], 31_000), ([one, one, one], 30_000),
            ([one, two], 30_000), ([one], 30_000),
        )
    ]  # fmt: skip
    assert len(set(keys)) == 5
    assert keys[-1] == "one"
    assert side_by_side([one, coded("A")], 30_000).fixed_key == ""
    assert side_by_side([one], 30_000) == one


def test_labels_that_would_overlap_or_differ_in_density_are_refused() -> None:
    with pytest.raises(OffTheLabel) as narrow:
        side_by_side([coded("A"), coded("B")], 29_000)
    assert narrow.value.detail == (
        "Labels of 30 mm do not stand beside each other every 29 mm; expected a pitch of at least "
        "their width."
    )
    with pytest.raises(PrinterRefused) as mixed:
        side_by_side([coded("A"), coded("B", parse_density(12))], 32_000)
    assert mixed.value.detail == (
        "Labels beside each other come from one print head, got 2 densities; lay all of them out "
        "for the same printer."
    )
    with pytest.raises(PrinterRefused, match="got 0 densities"):
        side_by_side([], 32_000)


def test_a_label_that_moves_keeps_its_ink_and_is_cut_at_the_edge() -> None:
    label = coded("A-1", key="layout-7")
    moved = move(label, 12, -8)
    assert (moved.width, moved.height, moved.fixed_key) == (240, 160, "layout-7 moved 12,-8")
    before, after = draw(label).art().split("\n"), draw(moved).art().split("\n")
    assert after[: 160 - 8] == ["." * 12 + row[: 240 - 12] for row in before[8:]]
    assert set("".join(after[160 - 8 :])) == {"."}
    assert move(label, 0, 0) is label


def test_a_text_that_moves_takes_its_baseline_along() -> None:
    tile = Tile(8, 1, b"\xff")
    text = Text("t", 3, 4, 0, tile, fixed=True, origin=(3, 11))
    [moved] = move(Label(80, 40, EIGHT, (text,)), 5, 6).elements
    assert isinstance(moved, Text)
    assert (moved.x, moved.y, moved.origin) == (8, 10, (8, 17))
