from __future__ import annotations

from datetime import UTC, datetime

import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from gateway.label import Barcode, Label, draw
from gateway.templates.beginning import PURPOSES, Purpose, begin
from gateway.templates.document import parse_template
from gateway.templates.layout import LARGEST_LABEL, Head, Moment, compile_template
from gateway.templates.model import Template
from gateway.templates.stocks import load_stocks
from gateway.units import parse_density, to_dots

NOON = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)

CODED = tuple(purpose for purpose in PURPOSES if purpose != "blank")


def drawn(template: Template, density: int, *, bare: bool) -> Label:
    """Return the label of its example, or with what it cannot do without only."""
    made = compile_template(template, Head(parse_density(density)))
    row = template.example()
    if bare:
        row = {f.name: row[f.name] for f in template.fields if f.required}
    bound = made.bind(row, NOON, {})
    made.check(bound)
    return made.lay_out(bound)


def decoded(label: Label) -> list[str]:
    tile = draw(label)
    ink = Image.frombytes("1", (tile.width, tile.height), tile.ink).convert("L")
    page = Image.new("L", (tile.width + 80, tile.height + 80), 255)
    page.paste(ImageChops.invert(ink), (40, 40))
    found = zxingcpp.read_barcodes(page, text_mode=zxingcpp.TextMode.Plain)
    return sorted(str(code.text) for code in found)


def check(purpose: Purpose, width: int, height: int, density: int) -> None:
    """Draw it full and bare, and read its code by a library that did not draw it."""
    template = parse_template(begin(purpose, width, height, parse_density(density)))
    for bare in (False, True):
        label = drawn(template, density, bare=bare)
        codes = [e for e in label.elements if isinstance(e, Barcode)]
        assert len(codes) == 1
        assert codes[0].module >= 2
        assert decoded(label) == [codes[0].content]


def room(width: int, height: int, density: int) -> bool:
    dots = to_dots(width, parse_density(density)) * to_dots(height, parse_density(density))
    return dots <= LARGEST_LABEL


sides = st.tuples(
    st.integers(15_000, 150_000), st.integers(15_000, 210_000)
).filter(lambda size: max(size) >= 25_000)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.sampled_from(CODED), sides, st.sampled_from((8, 12, 24)))
def test_whatever_the_stock_the_label_prints_and_its_code_decodes(
    purpose: Purpose, size: tuple[int, int], density: int
) -> None:
    if room(*size, density):
        check(purpose, *size, density)


@pytest.mark.parametrize("purpose", CODED)
@pytest.mark.parametrize(
    ("width", "height"), [(25_000, 15_000), (57_000, 32_000), (29_000, 90_000), (101_600, 152_400)]
)
def test_the_sizes_people_have_are_laid_out(purpose: Purpose, width: int, height: int) -> None:
    check(purpose, width, height, 8)


def test_every_stock_that_is_sold_takes_a_serial_label() -> None:
    for stock in load_stocks().values():
        width, height = stock.width, stock.height or stock.width * 2 // 3
        if max(width, height) >= 25_000 and min(width, height) >= 15_000:
            check("serial", width, height, 8)


def test_bars_stand_below_the_text_where_they_come_out_wide_enough_to_scan() -> None:
    for width, symbology in ((100_000, "code128"), (42_000, "code128"), (38_000, "qr")):
        document = begin("serial", width, 25_000, parse_density(8))
        codes = [e for e in document["elements"] if e["type"] == "barcode"]
        assert [code["symbology"] for code in codes] == [symbology]


def test_what_is_narrow_across_the_head_is_read_along_its_length() -> None:
    along = begin("item", 29_000, 90_000, parse_density(12))
    lying = begin("item", 90_000, 29_000, parse_density(12))
    assert {element["rotation"] for element in along["elements"]} == {90}
    upright = drawn(parse_template(along), 12, bare=False)
    flat = draw(drawn(parse_template(lying), 12, bare=False))
    image = Image.frombytes("1", (flat.width, flat.height), flat.ink)
    tile = draw(upright)
    turned = Image.frombytes("1", (tile.width, tile.height), tile.ink)
    assert image.rotate(-90, expand=True).tobytes() == turned.tobytes()


def test_a_blank_label_has_its_size_and_nothing_else() -> None:
    template = parse_template(begin("blank", 60_000, 40_000, parse_density(8), "mine", "Mine"))
    assert (template.name, template.title, template.elements) == ("mine", "Mine", ())
    assert draw(drawn(template, 8, bare=False)).count() == 0


def test_a_label_says_what_in_the_registry_fills_it() -> None:
    about = {
        purpose: parse_template(begin(purpose, 100_000, 50_000, parse_density(8))).about
        for purpose in PURPOSES
    }
    assert about == {
        "serial": "serial", "item": "item", "location": "location", "lot": "lot",
        "shipping": "", "blank": "",
    }  # fmt: skip
