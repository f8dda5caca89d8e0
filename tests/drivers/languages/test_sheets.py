"""Sheets of labels, rendered by a library that did not write them."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps

from gateway.drivers.languages.pdf import pdf_sheets
from gateway.drivers.languages.sheets import A4, LETTER, SHEETS, parse_sheet
from gateway.errors import InputRefused, OffTheLabel
from gateway.label import Label, Picture, Tile
from gateway.units import parse_density, to_dots
from tests.drivers.languages.judging import barcode

FINE = 16
"""Pixels a millimetre that sheets are rendered with: 62.5 µm each."""


def rendered(document: bytes) -> list[Image.Image]:
    pages = []
    opened = pypdfium2.PdfDocument(document)  # type: ignore[no-untyped-call]
    try:
        for page in opened:
            bitmap = page.render(scale=FINE * 25.4 / 72, may_draw_forms=False)
            pages.append(bitmap.to_pil().convert("L"))
            page.close()
    finally:
        opened.close()  # type: ignore[no-untyped-call]
    return pages


def full(width: int, height: int, density: int | str = 8) -> Label:
    """Return a label that is ink from edge to edge; lengths in µm."""
    dots = parse_density(density)
    wide, high = to_dots(width, dots), to_dots(height, dots)
    stride = (wide + 7) // 8
    row = ((1 << 8 * stride) - (1 << 8 * stride - wide)).to_bytes(stride)
    return Label(wide, high, dots, (Picture("all", 0, 0, 0, Tile(wide, high, row * high), True),))


def ink(page: Image.Image) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of the page's ink in µm."""
    box = ImageOps.invert(page).point(lambda level: 255 if level > 127 else 0).getbbox()
    assert box is not None
    left, top, right, bottom = (edge * 1000 / FINE for edge in box)
    return left, top, right, bottom


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_each_label_lies_in_its_place_on_each_known_sheet(name: str) -> None:
    sheet = SHEETS[name]
    label = full(sheet.label_width, sheet.label_height, "300dpi")
    for number in {1, sheet.columns, sheet.columns + 1, sheet.count}:
        (page,) = rendered(pdf_sheets([label], sheet, start=number))
        assert page.size == pytest.approx(
            (sheet.width * FINE / 1000, sheet.height * FINE / 1000), abs=1
        )
        column, row = (number - 1) % sheet.columns, (number - 1) // sheet.columns
        left, top = sheet.left + column * sheet.pitch_x, sheet.top + row * sheet.pitch_y
        place = (left, top, left + sheet.label_width, top + sheet.label_height)
        # Half a dot of the head and a pixel and a half of the rendering.
        assert ink(page) == pytest.approx(place, abs=130), number


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_known_sheets_have_their_labels_in_the_middle_of_their_paper(name: str) -> None:
    sheet = SHEETS[name]
    assert (sheet.width, sheet.height) in (A4, LETTER)
    across = (sheet.columns - 1) * sheet.pitch_x + sheet.label_width
    down = (sheet.rows - 1) * sheet.pitch_y + sheet.label_height
    assert sheet.width - across - sheet.left == pytest.approx(sheet.left, abs=20)
    assert sheet.height - down - sheet.top == pytest.approx(sheet.top, abs=20)
    assert parse_sheet(name.upper()) is sheet
    assert sheet.title.startswith(f"Avery {name.removeprefix('avery-').upper()}: {sheet.count} of ")


def test_labels_go_on_in_reading_order_and_begin_where_the_sheet_is_still_full() -> None:
    sheet = parse_sheet("avery-l7160")
    labels = [
        Label(508, 305, parse_density(8), (barcode("code128", f"SN-{n:03}", 60, 60, 3, 80),))
        for n in range(30)
    ]
    pages = rendered(pdf_sheets(labels, sheet, start=20))
    assert len(pages) == 3
    read: list[list[tuple[str, int, int]]] = []
    for page in pages:
        found = []
        for code in zxingcpp.read_barcodes(page):
            x = (code.position.top_left.x + code.position.top_right.x) / 2 * 1000 / FINE
            y = (code.position.top_left.y + code.position.bottom_left.y) / 2 * 1000 / FINE
            column = int((x - sheet.left) // sheet.pitch_x)
            row = int((y - sheet.top) // sheet.pitch_y)
            found.append((code.text, column, row))
        read.append(sorted(found))
    numbers = [[(f"SN-{n:03}", (n + 19) % 21 % 3, (n + 19) % 21 // 3) for n in part]
               for part in (range(2), range(2, 23), range(23, 30))]  # fmt: skip
    assert read == numbers


def test_a_smaller_label_lies_in_the_middle_of_its_place() -> None:
    sheet = parse_sheet("avery-l7163")
    (page,) = rendered(pdf_sheets([full(50_000, 20_000)], sheet))
    left, top = sheet.left + (99_100 - 50_000) / 2, sheet.top + (38_100 - 20_000) / 2
    assert ink(page) == pytest.approx((left, top, left + 50_000, top + 20_000), abs=80)


def test_equal_labels_share_one_picture_on_all_sheets() -> None:
    document = pdf_sheets([full(38_100, 21_200)] * 130, SHEETS["avery-l7651"])
    assert document.count(b"/Subtype/Image") == 1
    assert len(rendered(document)) == 2


def test_cut_marks_stand_in_the_margins_at_each_edge() -> None:
    sheet = parse_sheet({"label": {"width": 80_000, "height": 40_000}, "columns": 2, "rows": 3,
                         "left": 20_000, "top": 30_000, "pitch_x": 90_000})  # fmt: skip
    empty = Label(8, 8, parse_density(8), ())
    (plain,) = rendered(pdf_sheets([empty], sheet))
    assert ImageOps.invert(plain).getbbox() is None
    (page,) = rendered(pdf_sheets([empty], sheet, marks=True))
    # Four millimetres around the labels, and nothing on them.
    assert ink(page) == pytest.approx((16_000, 26_000, 194_000, 154_000), abs=130)
    for column in range(2):
        for row in range(3):
            x, y = 20 + 90 * column, 30 + 40 * row
            inside = page.crop((x * FINE, y * FINE, (x + 80) * FINE, (y + 40) * FINE))
            assert ImageOps.invert(inside).getbbox() is None
    above = page.crop((0, 27 * FINE, 210 * FINE, 28 * FINE))
    dark = [x for x in range(above.width) if int(above.getpixel((x, 5)) or 0) < 160]  # type: ignore[arg-type]
    edges = sorted({round(x / FINE) for x in dark})
    assert edges == [20, 100, 110, 190]


@pytest.mark.parametrize(
    ("description", "sentence"),
    [
        ("avery-l7161", "There is no sheet 'avery-l7161'; there are avery-l7159, avery-l7160, "
         "avery-l7162, avery-l7163, avery-l7165, avery-l7651, avery-5160, avery-5163, avery-5164, "
         "avery-5167; did you mean 'avery-l7651'?"),
        (7, "A sheet is the name of one, such as 'avery-l7160', or an object with label, columns "
         "and rows."),
        ({"colums": 2}, "A sheet has no 'colums'; did you mean 'columns'?"),
        ({}, "'label' of a sheet must be an object with width and height in micrometres, got "
         "nothing."),
        ({"label": {"width": 1, "height": 50_000}}, "'label.width' of a sheet must be a whole "
         "number from 1000 to 2000000, got 1."),
        ({"label": {"width": 50_000, "height": 50_000}, "columns": 2}, "'rows' of a sheet must be "
         "a whole number from 1 to 100, got nothing."),
        ({"label": {"width": 50_000, "height": 50_000}, "columns": True, "rows": 1}, "'columns' of "
         "a sheet must be a whole number from 1 to 100, got True."),
        ({"label": {"width": 50_000, "height": 50_000}, "columns": 2, "rows": 2,
          "pitch_x": 40_000}, "'pitch_x' of a sheet must be a whole number from 50000 to 2000000, "
         "got 40000."),
        ({"label": {"width": 50_000, "height": 50_000}, "columns": 5, "rows": 2}, "The sheet's "
         "labels end 250 mm from the left and 198.5 mm from the top, outside the paper of 210 mm × "
         "297 mm; lessen columns, rows, margins or pitch."),
        ({"paper": "A3", "label": {"width": 50_000, "height": 50_000}, "columns": 1, "rows": 1},
         "'paper' must be A4 or Letter, or an object with width and height in micrometres, got "
         "'A3'."),
    ],
)  # fmt: skip
def test_a_wrong_description_is_refused_in_a_sentence(description: object, sentence: str) -> None:
    with pytest.raises(InputRefused) as refused:
        parse_sheet(description)
    assert refused.value.detail == sentence


def test_what_does_not_fit_the_sheet_is_refused_in_a_sentence() -> None:
    sheet = SHEETS["avery-l7160"]
    with pytest.raises(OffTheLabel) as large:
        pdf_sheets([full(63_500, 38_100), full(64_000, 38_100)], sheet)
    assert large.value.detail == (
        "The label is 64 mm × 38.125 mm and the sheet's labels are 63.5 mm × 38.1 mm; use a "
        "smaller template or another sheet."
    )
    with pytest.raises(InputRefused) as place:
        pdf_sheets([full(63_500, 38_100)], sheet, start=22)
    assert place.value.detail == (
        "The sheet has 21 labels, so its first free place is a number from 1 to 21, got 22."
    )
    with pytest.raises(InputRefused) as none:
        pdf_sheets([], sheet, start=3)
    assert none.value.detail == "There is no label to put on a sheet; give one row or more."


sides = st.integers(1_000, 60_000)
few = st.integers(1, 4)
room = st.integers(0, 30_000)


@given(
    st.fixed_dictionaries(
        {
            "label": st.fixed_dictionaries({"width": sides, "height": sides}),
            "columns": few,
            "rows": few,
        },
        optional={
            "left": room, "top": room, "pitch_x": sides, "pitch_y": sides,
            "paper": st.sampled_from(["A4", "letter"]),
        },
    )
)  # fmt: skip
def test_every_place_of_a_described_sheet_is_on_its_paper(description: dict[str, Any]) -> None:
    try:
        sheet = parse_sheet(description)
    except InputRefused:
        return
    places = [sheet.place(number) for number in range(1, sheet.count + 1)]
    assert len(set(places)) == description["columns"] * description["rows"]
    for page, left, top in places:
        assert page == 0
        assert 0 <= left <= sheet.width - description["label"]["width"]
        assert 0 <= top <= sheet.height - description["label"]["height"]
    assert sheet.place(sheet.count + 1) == (1, *places[0][1:])


odd = st.none() | st.floats() | st.text(max_size=5) | st.lists(st.none())


@given(st.dictionaries(st.sampled_from(["label", "columns", "left", "paper", "x"]), odd))
def test_nothing_of_another_type_is_a_sheet(description: dict[str, Any]) -> None:
    with pytest.raises(InputRefused, match=r"\.$|\?$"):
        parse_sheet(description)
