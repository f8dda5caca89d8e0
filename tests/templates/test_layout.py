from __future__ import annotations

import base64
import copy
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from gateway.codes.symbology import SYMBOLOGIES, Options
from gateway.drivers.languages import load_language
from gateway.drivers.models import find_model
from gateway.errors import (
    CodeRefused,
    FieldRefused,
    GatewayError,
    GlyphMissing,
    NotScannable,
    OffTheLabel,
    TemplateRefused,
    TextDoesNotFit,
    UnknownAsset,
)
from gateway.label import Barcode, Box, Label, Picture, Text, Tile, draw, overlay
from gateway.templates.document import parse_template
from gateway.templates.layout import Design, Head, Moment, compile_template
from gateway.templates.text import _line
from gateway.templates.typefaces import fonts_of
from gateway.units import parse_density
from tests.readers import read_others

NOON = Moment(datetime(2026, 11, 22, 12, tzinfo=UTC), UTC)
FIELDS: list[dict[str, Any]] = [{"name": "serial", "required": True}, {"name": "item"}]


def design(
    *elements: dict[str, Any],
    width: int = 60000,
    height: int = 40000,
    density: int | str = 8,
    fields: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Design:
    document = {
        "name": "t",
        "size": {"width": width, "height": height},
        "fields": FIELDS if fields is None else fields,
        "elements": list(elements),
    }
    return compile_template(parse_template(document), Head(parse_density(density), **more))


def text(content: str = "{serial}", **more: Any) -> dict[str, Any]:
    return {"type": "text", "id": "text", "content": content, "x": 1000, "y": 1000,
            "width": 50000, "height": 6000, "size": 4000} | more  # fmt: skip


def code(content: str = "{serial}", **more: Any) -> dict[str, Any]:
    return {"type": "barcode", "id": "code", "symbology": "code128", "content": content,
            "x": 6000, "y": 12000, "width": 48000, "height": 20000} | more  # fmt: skip


def laid(made: Design, **row: object) -> Label:
    return made.lay_out(made.bind({"serial": "SN-000123"} | row, NOON, {}))


def image(tile: Tile) -> Image.Image:
    ink = Image.frombytes("1", (tile.width, tile.height), tile.ink).convert("L")
    return ImageChops.invert(ink)


def read(label: Label) -> list[str]:
    return sorted(str(b.text) for b in zxingcpp.read_barcodes(image(draw(label))))


def refusal(made: Design, **row: object) -> GatewayError:
    """Return what ``check`` refuses a row with, and see that ``lay_out`` says the same."""
    bound = made.bind({"serial": "SN-000123"} | row, NOON, {})
    with pytest.raises(GatewayError) as checked:
        made.check(bound)
    with pytest.raises(GatewayError) as drawn:
        made.lay_out(bound)
    assert (type(drawn.value), drawn.value.detail) == (type(checked.value), checked.value.detail)
    return checked.value


def test_elements_stand_where_the_template_says_in_whole_dots() -> None:
    made = design(code(text="below", text_size=4000), text(), {"type": "box", "id": "frame",
        "x": 0, "y": 0, "width": 60000, "height": 40000, "thickness": 500})  # fmt: skip
    label = laid(made)
    assert (label.width, label.height, label.fixed_key) == (480, 320, made.fixed_key)
    bars, hri, line, frame = label.elements
    assert isinstance(bars, Barcode)
    assert (bars.id, bars.x, bars.y, bars.module, bars.bar_height, bars.fixed) == (
        "code", 48, 96, 3, 118, False
    )  # fmt: skip
    assert (bars.symbology, bars.content, bars.tile.width) == ("code128", "SN-000123", 336)
    assert isinstance(hri, Text)
    assert (hri.id, hri.lines, hri.align, hri.size) == ("code:text", ("SN-000123",), "center", 32)
    assert hri.origin == (bars.x + (336 - hri.measure) // 2, 96 + 118 + 4 + 30)
    assert isinstance(line, Text)
    assert (line.lines, line.size, line.line_height, line.font) == (("SN-000123",), 32, 38, "sans")
    assert (line.origin, line.measure) == ((8, 8 + 30), 400)
    assert isinstance(frame, Box)
    assert (frame.x, frame.y, frame.thickness, frame.fixed) == (0, 0, 4, True)
    assert frame.tile.count() == 480 * 320 - 472 * 312


@pytest.mark.parametrize("density", [6, 8, 12, 24, "180dpi", "300dpi"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_codes_decode_from_the_label_at_every_density_and_turn(
    density: int | str, rotation: int
) -> None:
    linear = code(rotation=rotation, x=8000, y=8000, width=64000, height=64000)
    matrix = {**code(symbology="qr", rotation=rotation), "id": "qr", "x": 80000, "y": 10000,
              "width": 15000, "height": 15000}  # fmt: skip
    made = design(linear, matrix, width=100000, height=80000, density=density)
    label = laid(made, serial="SN-77")
    assert read(label) == ["SN-77", "SN-77"]
    others = read_others(image(draw(label)))
    assert sorted(found.data.decode() for found in others) == ["SN-77", "SN-77"]


GTIN = "(01)09501101530003"


@pytest.mark.parametrize("density", [8, "300dpi"])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("symbology", "content", "scanned"),
    [
        ("code93", "SN-000123", "SN-000123"),
        ("codabar", "000123", "A000123A"),
        ("itf", "000123", "000123"),
        ("aztec", "SN-000123", "SN-000123"),
        ("pdf417", "SN-000123", "SN-000123"),
        ("compact-pdf417", "SN-000123", "SN-000123"),
        ("micropdf417", "SN-000123", "SN-000123"),
        ("micro-qr", "SN-000123", "SN-000123"),
        ("databar-omni", GTIN, "0109501101530003"),
        ("databar-truncated", GTIN, "0109501101530003"),
        ("databar-stacked", GTIN, "0109501101530003"),
        ("databar-stacked-omni", GTIN, "0109501101530003"),
        ("databar-limited", GTIN, "0109501101530003"),
        ("databar-expanded", f"{GTIN}(21)SN-7", "010950110153000321SN-7"),
        ("databar-expanded-stacked", f"{GTIN}(21)SN-7", "010950110153000321SN-7"),
    ],
)
def test_every_later_code_decodes_from_the_label_with_its_line_of_text(
    symbology: str, content: str, scanned: str, rotation: int, density: int | str
) -> None:
    made = design(code(content, symbology=symbology, rotation=rotation, x=10000, y=10000,
                       width=60000, height=60000, text="below"),
                  width=80000, height=80000, density=density)  # fmt: skip
    label = laid(made)
    found = zxingcpp.read_barcodes(image(draw(label)), text_mode=zxingcpp.TextMode.Plain)
    assert {str(code.text) for code in found} == {scanned}
    shown = {"codabar": "A000123A"}.get(symbology, content)
    assert [e.lines for e in label.elements if isinstance(e, Text)] == [(shown,)]


def test_the_options_of_pdf417_reach_the_symbol() -> None:
    made = design(code(symbology="pdf417", columns=4, row_height=5, security_level=3, module=250))
    bars = laid(made).elements[0]
    assert isinstance(bars, Barcode)
    # 17 modules for each of 4 columns and 69 beside them, two dots a module; 6 rows of 5 modules.
    assert (bars.tile.width, bars.tile.height) == (2 * (4 * 17 + 69), 2 * 6 * 5)


@pytest.mark.parametrize(
    ("symbology", "modules"),
    [("databar-omni", 33), ("databar-truncated", 13), ("databar-limited", 10)],
)
def test_databar_bars_are_as_high_as_the_standard_asks(symbology: str, modules: int) -> None:
    # Two dots are the least module, so this place is just high enough, and a dot less is not.
    place = {"symbology": symbology, "width": 50000, "module": None}
    fits = design(code(GTIN, height=modules * 250, **place))
    bars = laid(fits).elements[0]
    assert isinstance(bars, Barcode)
    assert (bars.module, bars.bar_height) == (2, 2 * modules)
    title = SYMBOLOGIES[symbology].title
    high, low = modules * 250 / 1000, (modules * 250 - 125) / 1000
    with pytest.raises(NotScannable) as refused:
        design(code(GTIN, height=modules * 250 - 125, **place))
    assert refused.value.detail == (
        f"In 'code': The bars of the {title} are {low:g} mm high, too low to aim a scanner at: "
        f"expected {high:g} mm or more; make it {high:g} mm high."
    )


def test_codes_whose_size_follows_the_value_are_asked_for_each_row() -> None:
    # GTINs that begin with 9 carry their weight packed, up to 32767 (ISO/IEC 24724, 7.2.5.4.3).
    # The place is wide enough for that, two dots a module, and not for what is packed less.
    made = design(code("(01)90012345678908(3103){serial}", symbology="databar-expanded", x=1000,
                       width=151 * 250))  # fmt: skip
    for weight in ("012233", "032767"):
        row = made.bind({"serial": weight}, NOON, {})
        made.check(row)
        bars = made.lay_out(row).elements[0]
        assert isinstance(bars, Barcode)
        assert (weight, bars.tile.width, bars.module) == (weight, 302, 2)
        for heavier in ("032768", "932767"):
            refused = refusal(made, serial=heavier)
            assert isinstance(refused, NotScannable)
            assert "has 200 modules and 37.75 mm of room" in refused.detail


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_turns_with_its_place(rotation: int) -> None:
    flat = laid(design(text(width=30000, height=8000))).elements[0]
    wide, high = (30000, 8000) if rotation in (0, 180) else (8000, 30000)
    made = design(text(rotation=rotation, x=20000, y=5000, width=wide, height=high))
    turned = laid(made).elements[0]
    back = image(turned.tile).rotate(rotation, expand=True)
    assert back.tobytes() == image(flat.tile).tobytes()
    assert isinstance(turned, Text)
    # 30 dots from the top of the place to the baseline; the place is 240 × 64 dots at 160, 40.
    assert turned.origin == {
        0: (160, 70), 90: (160 + 64 - 30, 40), 180: (160 + 240, 40 + 64 - 30), 270: (190, 40 + 240)
    }[rotation]  # fmt: skip
    left, top = turned.x - 160, turned.y - 40
    assert left >= 0 <= top
    assert left + turned.tile.width <= (240 if rotation in (0, 180) else 64)


def test_moving_an_element_changes_no_dot_of_it() -> None:
    tiles = {
        laid(design(text(x=x, y=y), density="300dpi")).elements[0].tile
        for x, y in ((0, 0), (1, 37), (333, 1009), (4567, 891))
    }
    assert len(tiles) == 1


def test_what_no_row_changes_is_flagged_and_keyed() -> None:
    logo = text("Made here", id="logo", y=33000)
    sometimes = text("Lot", id="lot", y=26000, print_when="item not empty")
    made = design(text(), logo, sometimes)
    label = laid(made, item="x")
    assert [(e.id, e.fixed) for e in label.elements] == [
        ("text", False), ("logo", True), ("lot", False)
    ]  # fmt: skip
    assert [e.id for e in laid(made).elements] == ["text", "logo"]
    again = design(text(), logo, sometimes)
    moved = design(text(), {**logo, "x": 2000}, sometimes)
    other = design(text(), {**logo, "content": "Made there"}, sometimes)
    finer = design(text(), logo, sometimes, density=12)
    assert made.fixed_key == again.fixed_key == laid(made, item="y").fixed_key
    assert len({made.fixed_key, moved.fixed_key, other.fixed_key, finer.fixed_key}) == 4
    assert made.fixed_key == design(text(y=2000), logo, sometimes).fixed_key


def test_a_reversed_text_is_its_place_in_ink_but_for_the_letters() -> None:
    for rotation in (0, 90, 180, 270):
        place: dict[str, Any] = {
            "rotation": rotation,
            "x": 3000,
            "y": 2000,
            "width": 32000,
            "height": 32000,
        }
        black = laid(design(text(reverse=True, **place))).elements[0]
        plain = laid(design(text(**place))).elements[0]
        assert isinstance(black, Text)
        assert isinstance(plain, Text)
        assert (black.x, black.y, black.tile.width, black.tile.height) == (24, 16, 256, 256)
        assert (black.lines, black.origin) == (("SN-000123",), None)
        assert black.tile.count() == 256 * 256 - plain.tile.count()
        both = overlay(480, 320, [black, plain])
        assert both.count() == 256 * 256
    assert laid(design(text("{item}", reverse=True))).elements == ()


def test_the_ground_of_a_reversed_text_stands_in_a_quiet_zone_where_its_letters_would_not() -> None:
    beside = code(x=12000, width=44000, module=375)
    short = text("I", x=4000, y=14000, width=7500, height=6000)
    assert read(laid(design(beside, short))) == ["SN-000123"]
    refused = refusal(design(beside, short | {"content": "{item}", "reverse": True}), item="I")
    assert refused.detail == (
        "The Code 128 'code' needs 3.75 mm free left of it, and 'text' stands there; move one of "
        "them."
    )


def test_an_accent_that_reaches_out_of_its_black_ground_is_refused() -> None:
    # Two accents on a capital stand above the ascent that every line keeps for one.
    stacked = "A\u0302\u0301"
    place: dict[str, Any] = {"height": 4800, "size": 4000}
    assert laid(design(text("{item}", **place)), item=stacked).elements != ()
    refused = refusal(design(text("{item}", reverse=True, **place)), item=stacked)
    assert isinstance(refused, TextDoesNotFit)
    assert "reaches" in refused.detail
    assert "dots out of its place at 32 dots em height" in refused.detail


def test_dates_and_counters_are_those_of_the_acceptance() -> None:
    template = parse_template({"name": "t", "size": {"width": 60000, "height": 20000},
        "counters": [{"name": "n", "width": 3}],
        "elements": [text("{n} {today+1d|date:DD.MM.YY}")]})  # fmt: skip
    made = compile_template(template, Head(parse_density(8)))
    row = made.bind({}, NOON, {"n": 7})
    assert row.values == {"n": "007"}
    assert row.contents == ("007 23.11.26",)
    assert made.lay_out(row) == made.lay_out(made.bind({}, NOON, {"n": 7}))


def test_empty_text_prints_nothing_and_an_empty_code_is_refused() -> None:
    assert laid(design(text("{item}"))).elements == ()
    assert draw(laid(design(text("{item}")))).count() == 0
    refused = refusal(design(code("{item}")))
    assert isinstance(refused, CodeRefused)
    assert refused.detail == (
        "In 'code': There is nothing to put into the Code 128: give the field a value, or let the "
        'element print only when it has one ("print_when").'
    )
    assert laid(design(code("{item}", print_when="item not empty"))).elements == ()


def test_a_code_takes_the_widest_module_that_leaves_its_quiet_zone_free() -> None:
    # 46 modules of "1": eight dots each fit 48 mm, but ten modules must stay free on each side.
    label = laid(design(code(align="center")), serial="1")
    bars = label.elements[0]
    assert isinstance(bars, Barcode)
    assert (bars.tile.width, bars.module) == (46 * 7, 7)
    assert bars.x >= 70 <= 480 - bars.x - bars.tile.width


@pytest.mark.parametrize(
    ("element", "row", "kind", "sentence"),
    [
        (code(width=24000, x=15000), {}, NotScannable,
         "In 'code': The Code 128 has 112 modules and 24 mm of room, which makes a module "
         "1 dot, too narrow to scan: expected 2 dots (0.25 mm) or more; make it 28 mm wide, or "
         "shorten its content."),
        (code(x=0), {"serial": "SN-00012345678"}, NotScannable,
         "The Code 128 'code' has no room for its quiet zone left of it: expected 2.5 mm free to "
         "the label's edge, got 0 mm; move it 2.5 mm away from the edge or make it smaller."),
        (code(module=375, width=40000), {}, NotScannable,
         "In 'code': The Code 128 at 3 dots a module needs 42 mm and has 40 mm; make "
         "its place larger, its module smaller, or shorten its content."),
        (code(module=125, width=40000), {}, NotScannable,
         "In 'code': The Code 128 has 112 modules and 40 mm of room, which makes a module "
         "1 dot as the template asks, too narrow to scan: expected 2 dots (0.25 mm) or more; make "
         "it 28 mm wide, or shorten its content."),
        (code(height=1500), {}, NotScannable,
         "In 'code': The bars of the Code 128 are 1.5 mm high, too low to aim a scanner at: "
         "expected 2 mm or more; make it 2 mm high."),
        (code(symbology="ean13"), {"serial": "6291041500218"}, CodeRefused,
         "In 'code': EAN-13 '6291041500218' has a wrong check digit: expected 3, got 8; check the "
         "number for a typing error, or give '6291041500213' if only the last digit is wrong."),
        (code(), {"serial": "Größe"}, CodeRefused,
         "In 'code': Code 128 cannot carry 'ö' (U+00F6) in 'Größe': it has the 128 ASCII "
         "characters; use a QR code or Data Matrix."),
        (code(symbology="qr", width=5000, height=5000), {}, NotScannable,
         "In 'code': The QR code has 21 × 21 modules and 5 mm × 5 mm of room, which makes a module "
         "1 dot, too narrow to scan: expected 2 dots (0.25 mm) or more; make it 5.25 mm × 5.25 mm, "
         "or shorten its content."),
        (code(symbology="qr", x=500, width=12000), {}, NotScannable,
         "The QR code 'code' has no room for its quiet zone left of it: expected 1 mm free to the "
         "label's edge, got 0.5 mm; move it 0.5 mm away from the edge or make it smaller."),
        (text(), {"serial": "漢"}, GlyphMissing,
         "In 'text': No font of 'sans' has '漢' (U+6F22, CJK UNIFIED IDEOGRAPH-6F22); upload a "
         "font that has it and name it in the template, or change the text."),
        (text(width=5000), {}, TextDoesNotFit,
         "In 'text': 'SN-000123' is 158 dots wide where 40 are free at 32 dots em height, the "
         "smallest allowed; make the place larger, allow a smaller min_size or wrap, or shorten "
         "the text."),
    ],
)  # fmt: skip
def test_what_cannot_be_scanned_or_read_is_refused_with_the_cure(
    element: dict[str, Any], row: dict[str, object], kind: type[GatewayError], sentence: str
) -> None:
    refused = refusal(design(element), **row)
    assert type(refused) is kind
    assert refused.detail == sentence
    assert refused.facts["element"] == element["id"]


def keys(refused: GatewayError) -> dict[str, object]:
    """Return the facts of a refusal that an editor mends it by, lengths in µm."""
    return {
        key: value for key, value in refused.facts.items()
        if key.startswith(("needs_", "fits_")) or key in
        ("other", "side", "needed", "missing", "edge", "over")
    }  # fmt: skip


@pytest.mark.parametrize(
    ("element", "facts"),
    [
        (code(width=24000, x=15000), {"needs_width": 28_000}),
        (code(rotation=90, x=9000, y=5000, width=20000, height=24000), {"needs_height": 28_000}),
        (code(module=375, width=40000), {"needs_width": 42_000, "fits_module": 250}),
        (code(module=125, width=40000), {"needs_module": 250}),
        (code(height=1500), {"needs_height": 2000}),
        (code(height=4000, text="below", text_size=3000), {"needs_height": 6125}),
        (code(symbology="qr", width=5000, height=9000), {"needs_width": 5250}),
        (code(symbology="qr", width=5000, height=5000),
         {"needs_width": 5250, "needs_height": 5250}),
        (code(symbology="qr", height=6000, text="below", text_size=2000), {"needs_height": 8625}),
        (text(width=9000, height=3000, size=2000), {"needs_width": 9875, "fits_size": 1750}),
        (text("{serial} ab cd", width=12000, wrap=True),
         {"needs_width": 30_750, "fits_size": 2375}),
        (text("{serial} ab cd", width=20000, wrap=True),
         {"needs_width": 30_750, "needs_height": 9500, "fits_size": 2500}),
        (text("{serial} ab cd", width=20000, height=9500, wrap=True, max_lines=1),
         {"needs_width": 30_750, "fits_size": 2500}),
        (text("{serial}", height=3000), {"needs_height": 4750, "fits_size": 2500}),
        (text("{serial}", width=2000), {"needs_width": 19_750}),
        (text("{serial}", rotation=270, width=6000, height=9000),
         {"needs_height": 19_750, "fits_size": 1750}),
    ],
)  # fmt: skip
def test_a_refusal_says_what_would_mend_it_and_that_does(
    element: dict[str, Any], facts: dict[str, int]
) -> None:
    assert keys(refusal(design(element))) == facts
    grown = {key.removeprefix("needs_"): um for key, um in facts.items() if "needs_" in key}
    # A text fits with any of them, a code needs all.
    each = [{key: um} for key, um in grown.items()] if element["type"] == "text" else [grown]
    for change in each:
        laid(design(element | change))
        for key, um in change.items():
            with pytest.raises(GatewayError):  # a dot less is not enough
                laid(design(element | change | {key: um - 125}))
    for key, um in facts.items():
        if key.startswith("fits_"):
            laid(design(element | {key.removeprefix("fits_"): um}))
            with pytest.raises(GatewayError):  # a dot more is too much
                laid(design(element | {key.removeprefix("fits_"): um + 125}))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        ["SN-000123", "Blue widget of steel, large", "A\u0302\u0301 b c", "Stück 12\n(neu)"]
    ),
    st.integers(500, 30_000), st.integers(500, 12_000), st.integers(1000, 6000),
    st.integers(0, 100), st.booleans(), st.integers(1, 3), st.sampled_from([0, 90, 180, 270]),
    st.booleans(), st.sampled_from([6, 8, 12, "180dpi", "300dpi"]),
)  # fmt: skip
def test_each_cure_of_a_text_lets_it_print(
    content: str, width: int, height: int, size: int, shrinks: int, wrap: bool, lines: int,
    rotation: int, reverse: bool, density: int | str,
) -> None:  # fmt: skip
    element = text(
        "{item}", x=20_000, y=20_000, width=width, height=height, size=size, wrap=wrap,
        min_size=max(1, size * shrinks // 100), max_lines=lines, rotation=rotation,
        reverse=reverse,
    )  # fmt: skip

    def refuse(element: dict[str, Any]) -> TextDoesNotFit | None:
        try:
            laid(design(element, width=200_000, height=200_000, density=density), item=content)
        except TextDoesNotFit as refused:
            return refused
        return None

    refused = refuse(element)
    cures = keys(refused) if refused is not None else {}
    assert set(cures) <= {"needs_width", "needs_height", "fits_size"}
    if isinstance(smaller := cures.pop("fits_size", None), int):
        assert 1500 <= smaller < element["min_size"]
        assert refuse(element | {"size": smaller, "min_size": 0}) is None
    grown = {key.partition("_")[2]: um for key, um in cures.items()}
    if any(refuse(element | {key: um}) for key, um in grown.items()):
        assert len(grown) == 2
        assert refuse(element | grown) is None


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(["code128", "qr", "datamatrix", "pdf417", "databar-expanded-stacked", "ean13"]),
    st.integers(1000, 30_000), st.integers(1000, 30_000),
    st.none() | st.integers(50, 800), st.sampled_from([0, 90, 180, 270]),
    st.sampled_from(["none", "below", "above"]), st.sampled_from([6, 8, 12, "300dpi"]),
)  # fmt: skip
def test_what_a_code_lacks_can_be_given_step_by_step(
    symbology: str, width: int, height: int, module: int | None, rotation: int, words: str,
    density: int | str,
) -> None:  # fmt: skip
    content = {"ean13": "4006381333931", "databar-expanded-stacked": "(01)09501101530003(21)SN-7"}
    element = code(
        content.get(symbology, "SN-000123"), symbology=symbology, x=60_000, y=60_000, width=width,
        height=height, module=module, rotation=rotation, text=words, text_size=2000,
    )  # fmt: skip

    def lacks() -> dict[str, object]:
        try:
            laid(design(element, width=200_000, height=200_000, density=density))
        except (NotScannable, TextDoesNotFit) as refused:
            lacking = {k.partition("_")[2]: v for k, v in keys(refused).items() if "needs_" in k}
            return lacking or {"sentence": refused.detail}
        return {}

    for _ in range(4):
        lacking = lacks()
        for key, um in lacking.items():
            assert isinstance(um, int), um
            assert element[key] is None or um > element[key]
        element |= lacking
    assert lacks() == {}


def test_a_code_that_must_grow_both_ways_is_told_so_at_once() -> None:
    # In the wider place the line of text has its full size, and is higher than here.
    small = code(symbology="qr", width=4500, height=4500, text="below", text_size=2500)
    refused = keys(refusal(design(small), serial="SN-7"))
    assert refused == {"needs_width": 5250, "needs_height": 9250}
    laid(design(small | {"width": 5250, "height": 9250}), serial="SN-7")


@pytest.mark.parametrize("language", ["zpl", "escpos", "tspl", "epl", "cpcl", "sbpl"])
def test_a_reversed_text_goes_as_ink_where_others_go_as_commands(language: str) -> None:
    model = find_model("", language, parse_density(8))

    def sent(reverse: bool) -> bytes:
        label = laid(design(text(size=3000, reverse=reverse)))
        page = load_language(language).encode(label, "native", model)
        return page.body + b"".join(stored.payload for stored in page.needs)

    assert (b"SN-000123" in sent(False), b"SN-000123" in sent(True)) == (True, False)


def test_what_is_thinner_than_a_dot_says_what_a_dot_is() -> None:
    with pytest.raises(OffTheLabel) as refused:
        design({"type": "box", "id": "b", "x": 0, "y": 0, "width": 50, "height": 3000})
    assert keys(refused.value) == {"needs_width": 125}


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("fixed", [True, False])
@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_quiet_zone_says_on_which_side_how_much_is_missing(
    rotation: int, fixed: bool, side: str
) -> None:
    # 21 modules of 4 dots, so 4 modules are 2 mm free on every side.
    qr = code("{serial}", symbology="qr", module=500, rotation=rotation, x=20_000, y=15_000,
              width=10_500, height=10_500)  # fmt: skip
    x, y = {"left": (17_000, 19_000), "right": (31_000, 19_000), "top": (24_000, 12_000),
            "bottom": (24_000, 26_000)}[side]  # fmt: skip
    # 1.25 mm wide: 0.75 mm from the modules on the left and at the top, 0.5 mm at the others.
    near = {"type": "box", "id": "near", "x": x, "y": y, "width": 2250, "height": 2250,
            "filled": True} if fixed else text(
            "{item}", id="near", x=x, y=y, width=2250, height=2250, size=1500, reverse=True
            )  # fmt: skip
    made = design(qr, near)
    bound = made.bind({"serial": "SN-1", "item": "X"}, NOON, {})
    with pytest.raises(NotScannable) as refused:
        made.check(bound)
    missing = 1250 if side in ("left", "top") else 1500
    assert keys(refused.value) == {
        "other": "near", "side": side, "needed": 2000, "missing": missing
    }  # fmt: skip
    away = {"left": (-1, 0), "right": (1, 0), "top": (0, -1), "bottom": (0, 1)}[side]
    for step, good in ((missing, True), (missing - 125, False)):
        moved = near | {"x": x + away[0] * step, "y": y + away[1] * step}
        if good:
            laid(design(qr, moved), serial="SN-1", item="X")
        else:
            assert isinstance(refusal(design(qr, moved), serial="SN-1", item="X"), NotScannable)


def test_the_edge_of_the_label_in_a_quiet_zone_says_how_far_to_move() -> None:
    near = code(module=250, x=1000, rotation=90, width=20_000, height=30_000, y=9000)
    refused = refusal(design(near | {"y": 1000}))
    assert keys(refused) == {
        "side": "top", "needed": 2500, "missing": 1500, "edge": "top", "over": 1500
    }  # fmt: skip
    laid(design(near | {"y": 2500}))


def test_what_runs_off_the_label_says_how_far() -> None:
    stacked = text("{item}", y=0, height=4800)
    refused = refusal(design(stacked), item="A\u0302\u0301")
    assert isinstance(refused, OffTheLabel)
    over = refused.facts["over"]
    assert isinstance(over, int)
    assert (refused.facts["edge"], over) == ("top", 125 * int(str(refused.facts["dots"])))
    laid(design(stacked | {"y": over}), item="A\u0302\u0301")


def test_the_cure_for_narrow_modules_works() -> None:
    assert read(laid(design(code(width=28000, x=15000)))) == ["SN-000123"]


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        ({"type": "line", "id": "o", "x": 4500, "y": 14000, "width": 200, "height": 9000,
          "direction": "|"}, "left of"),
        ({"type": "line", "id": "o", "x": 500, "y": 14000, "width": 200, "height": 9000,
          "direction": "|"}, ""),
        ({"type": "box", "id": "o", "x": 500, "y": 10000, "width": 59000, "height": 25000}, ""),
        ({"type": "box", "id": "o", "x": 5000, "y": 10000, "width": 50000, "height": 25000},
         "left of"),
        ({"type": "line", "id": "o", "x": 6000, "y": 15000, "width": 40000, "height": 250}, "on"),
        ({"type": "text", "id": "o", "content": "{serial}", "x": 35000, "y": 13000, "width": 24000,
          "height": 5000, "size": 3000}, "right of"),
        ({"type": "text", "id": "o", "content": "{serial}", "x": 35000, "y": 13000, "width": 24500,
          "height": 5000, "size": 1000, "align": "right"}, ""),
    ],
)  # fmt: skip
def test_ink_of_others_may_not_stand_in_a_quiet_zone(other: dict[str, Any], clash: str) -> None:
    made = design(code(module=250), other)
    if not clash:
        assert read(laid(made)) == ["SN-000123"]
        return
    refused = refusal(made)
    assert isinstance(refused, NotScannable)
    assert refused.detail == (
        "'o' stands on the Code 128 'code'; move one of them." if clash == "on" else
        f"The Code 128 'code' needs 2.5 mm free {clash} it, and 'o' stands there; move one of them."
    )  # fmt: skip


def test_fixed_elements_that_cannot_be_scanned_refuse_the_template() -> None:
    with pytest.raises(NotScannable, match=r"needs 2\.5 mm free left of it, and 'o' stands there"):
        design(code("SN-1", module=250), {"type": "box", "id": "o", "x": 4000, "y": 9000,
               "width": 50000, "height": 25000})  # fmt: skip


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: design(width=110000), None),
        (lambda: compile_template(parse_template({"name": "t", "size": {"width": 110000,
         "height": 20000}}), Head(parse_density(8), 832)),
         "The template 't' is 110 mm wide (880 dots), wider than the print head, 104 mm (832 "
         "dots); use a template for narrower stock, turn it by 90 degrees, or name the printer's "
         "model if its head is wider."),
        (lambda: design(width=400000, height=400000, density=24),
         "The label of 9600 × 9600 dots is outside what can be drawn: expected 1 to 8 million "
         "dots in all."),
    ],
)  # fmt: skip
def test_a_label_wider_than_the_head_or_too_large_is_refused(
    make: Any, sentence: str | None
) -> None:
    if sentence is None:
        assert make().width == 880
        return
    with pytest.raises(OffTheLabel) as refused:
        make()
    assert refused.value.detail == sentence


@pytest.mark.threat("T9")
@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=18))
def test_a_value_cannot_bring_application_identifiers_of_its_own(value: str) -> None:
    made = design(code("(01)09501101530003(21){serial}", symbology="gs1-datamatrix",
                       width=20000), fields=FIELDS)  # fmt: skip
    bound = made.bind({"serial": value}, NOON, {})
    try:
        label = made.lay_out(bound)
    except CodeRefused:
        assert set(value) & set("#$@[]\\^`{|}~")
        return
    bars = label.elements[0]
    assert isinstance(bars, Barcode)
    assert bars.content == f"010950110153000321{value}"


def test_a_whole_element_string_may_come_from_one_field() -> None:
    made = design(code("{serial}", symbology="gs1-128"))
    label = laid(made, serial="(10)AB(21)7")
    assert isinstance(label.elements[0], Barcode)
    assert label.elements[0].content == "10AB\x1d217"


def test_check_sees_every_digit_that_matters() -> None:
    # The memory of good rows blots digits out; check digits and dates must still be looked at.
    made = design(code("(00){serial}", symbology="gs1-128"))
    made.check(made.bind({"serial": "376104250021234569"}, NOON, {}))
    assert "expected 9, got 8" in refusal(made, serial="376104250021234568").detail
    ean = design(code(symbology="ean8", width=40000))
    ean.check(ean.bind({"serial": "96385074"}, NOON, {}))
    assert "expected 4, got 5" in refusal(ean, serial="96385075").detail
    free = design(code("{serial}", symbology="gs1-128"))
    laid(free, serial="(10)12(21)7")
    # (11) asks for a date where (10) did not.
    assert isinstance(refusal(free, serial="(11)12(21)7"), CodeRefused)
    # (20) needs no separator behind it, so the same digits behind (10) make a wider code.
    narrow = design(code("{serial}", symbology="gs1-128", width=25250, x=10000))
    assert read(laid(narrow, serial="(20)12(21)7")) == ["(20)12(21)7"]
    assert isinstance(refusal(narrow, serial="(10)12(21)7"), NotScannable)


def test_a_code_that_reads_back_differently_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = SYMBOLOGIES["code128"]

    def draw_another(content: str, options: Options) -> tuple[int, tuple[int, ...]]:
        return honest.draw(content.replace("3", "4"), options)

    monkeypatch.setitem(SYMBOLOGIES, "code128", replace(honest, draw=draw_another))
    assert refusal(design(code())).detail == (
        "In 'code': The Code 128 of 'SN-000123' reads back as 'SN-000124'; use another symbology "
        "for this content."
    )


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.text("0123456789SNsn-/ é漢\x01", min_size=1, max_size=30), min_size=1, max_size=6),
    st.sampled_from(
        [
            "code128",
            "code39",
            "code93",
            "codabar",
            "itf",
            "qr",
            "micro-qr",
            "datamatrix",
            "aztec",
            "pdf417",
        ]
    ),
)
def test_check_refuses_exactly_what_lay_out_refuses(serials: list[str], symbology: str) -> None:
    warm = design(text(size=5000, min_size=3000), code(symbology=symbology, text="below"))
    for serial in serials:
        fresh = design(text(size=5000, min_size=3000), code(symbology=symbology, text="below"))
        row = warm.bind({"serial": serial}, NOON, {})
        said: list[str] = []
        for act in (warm.check, fresh.lay_out):
            try:
                act(row)
            except GatewayError as refused:
                said.append(refused.detail)
        assert len(set(said)) == len(said) // 2, said
        if not said:
            assert warm.lay_out(row) == fresh.lay_out(row)


def test_bound_rows_are_refused_before_anything_is_drawn() -> None:
    with pytest.raises(FieldRefused, match="'serail' is no field"):
        design(text()).bind({"serail": "1"}, NOON, {})


class Kept:
    """Assets held in a dict."""

    def __init__(self, **pictures: bytes) -> None:
        self.pictures = pictures

    def font(self, ref: str) -> bytes:
        raise UnknownAsset(f"There is no font {ref}.")

    def picture(self, ref: str) -> bytes:
        try:
            return self.pictures[ref]
        except KeyError:
            raise UnknownAsset(f"There is no picture {ref}.") from None


def test_pictures_come_from_the_template_or_from_assets() -> None:
    kept = io.BytesIO()
    Image.new("L", (10, 10), 0).save(kept, "PNG")
    inline = "data:image/png;base64," + base64.b64encode(kept.getvalue()).decode()
    element = {"type": "image", "id": "logo", "picture": inline, "x": 1000, "y": 1000,
               "width": 8000, "height": 4000}  # fmt: skip
    logo = laid(design(element)).elements[0]
    assert isinstance(logo, Picture)
    assert (logo.x, logo.y, logo.tile.width, logo.tile.height) == (8 + 16, 8, 32, 32)
    assert (logo.tile.count(), logo.fixed) == (32 * 32, True)
    name = "a" * 64
    template = parse_template({"name": "t", "size": {"width": 60000, "height": 40000},
                               "elements": [{**element, "picture": f"asset:{name}"}]})  # fmt: skip
    assert template.assets() == (name,)
    head = Head(parse_density(8))
    made = compile_template(template, head, Kept(**{name: kept.getvalue()}))
    assert made.lay_out(made.bind({}, NOON, {})).elements == (logo,)
    with pytest.raises(UnknownAsset):
        compile_template(template, head, Kept())
    with pytest.raises(TemplateRefused, match="is an asset, and there are none here"):
        compile_template(template, head)


def test_shapes_are_drawn_whole_and_turned() -> None:
    shapes: list[dict[str, Any]] = [
        {"type": "ellipse", "id": "e", "x": 0, "y": 0, "width": 5000, "height": 3000,
         "filled": True},
        {"type": "line", "id": "l", "x": 10000, "y": 0, "width": 250, "height": 10000,
         "rotation": 90, "thickness": 250},
        {"type": "box", "id": "b", "x": 20000, "y": 0, "width": 5000, "height": 3000,
         "filled": True, "radius": 1000},
    ]  # fmt: skip
    ellipse, upright, box = laid(design(*shapes)).elements
    assert (ellipse.tile.width, ellipse.tile.height) == (40, 24)
    # A level line in a place turned by 90 degrees stands upright.
    assert (upright.tile.width, upright.tile.height, upright.tile.count()) == (2, 80, 160)
    assert isinstance(box, Box)
    assert (box.thickness, box.radius) == (12, 8)
    assert 40 * 24 * 0.9 < box.tile.count() < 40 * 24


def test_two_documents_that_differ_in_writing_only_print_the_same() -> None:
    one: dict[str, Any] = {"name": "t", "size": {"width": 60000, "height": 40000}, "fields": FIELDS,
           "elements": [text(), code(text="above")]}  # fmt: skip
    two = copy.deepcopy(one)
    two["elements"][0]["wrap"] = False
    labels = []
    for document in (one, two):
        made = compile_template(parse_template(document), Head(parse_density(8)))
        labels.append(laid(made))
    assert labels[0] == labels[1]
    bars, line = labels[0].elements[1:]
    assert line.y + line.tile.height < bars.y


def test_threads_draw_what_one_draws() -> None:
    # Fresh sizes each time, so that all threads draw glyphs nobody has drawn yet.
    def drawn(size: int) -> list[Tile]:
        made = design(text(size=size, height=20000, width=58000), height=30000)
        return [laid(made, serial=f"Ag{number}ß").elements[0].tile for number in range(8)]

    sizes = range(2001, 6001, 250)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(drawn, sizes))
    for font in fonts_of("sans"):
        font._glyphs.clear()
    _line.cache_clear()
    assert together == [drawn(size) for size in sizes]
