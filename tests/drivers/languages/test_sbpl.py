"""Labels as SBPL, judged by a virtual printer that shares no drawing code with the encoder."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Mode, Model
from gateway.drivers.languages.sbpl import MOST_IN_PICTURE, encode
from gateway.errors import PrinterRefused
from gateway.label import Box, Element, Label, Line, Picture, Rotation, Text, Tile, draw
from gateway.printers import Setup
from gateway.units import parse_density
from tests.drivers.languages.judging import barcode, dots
from tests.drivers.languages.speaking import (
    BUILTIN,
    builtin_label,
    differing,
    loaded_with,
    speaking,
    speckled,
)

EIGHT = parse_density(8)
HEX = Model("any", "Any", "sbpl", EIGHT, 832)
BINARY = replace(HEX, quirks=frozenset({"binary-graphics"}))
SIZED = replace(HEX, quirks=frozenset({"binary-graphics", "sized-by-label"}))


def label(*elements: Element, width: int = 400, height: int = 200) -> Label:
    return Label(width, height, EIGHT, elements)


def picture(name: str, x: int, y: int, tile: Tile) -> Picture:
    return Picture(name, x, y, 0, tile, False)


def words(line: str, *, size: int = 20, measure: int = 360, wide: int = 9) -> Text:
    tile = speckled(wide * len(line), size, 3)
    return Text("words", 20, 60 - size, 0, tile, False, (line,), size, size + 6, "left", "sans",
                (20, 60), measure)  # fmt: skip


def frame(width: int, height: int, border: int) -> Tile:
    middle = "#" * border + "." * (width - 2 * border) + "#" * border
    rows = ["#" * width] * border + [middle] * (height - 2 * border) + ["#" * width] * border
    return dots(rows)


# --- exact -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "density"),
    [*((name, density) for name in BUILTIN for density in (8, 12)), ("serial-label", 24)],
)
def test_a_built_in_template_comes_out_dot_for_dot_and_its_codes_read(
    name: str, density: int
) -> None:
    head = parse_density(density)
    one = builtin_label(name, head)
    model = replace(BINARY if density > 8 else HEX, density=head, head_dots=104 * density)
    with loaded_with(one, model) as printer:
        (piece,) = printer.print_pages([encode(one, "exact", model)])
    assert piece.tile == draw(one)
    assert (piece.unknown, piece.notes) == ((), ())
    assert len(piece.codes) == sum(hasattr(element, "symbology") for element in one.elements)


@st.composite
def any_label(draw_one: st.DrawFn) -> Label:
    elements = [
        picture(
            f"p{number}",
            draw_one(st.integers(-20, 120)),
            draw_one(st.integers(-20, 90)),
            speckled(
                draw_one(st.integers(1, 70)),
                draw_one(st.integers(1, 40)),
                draw_one(st.integers(0, 99)),
            ),
        )
        for number in range(draw_one(st.integers(0, 4)))
    ]
    high = draw_one(st.integers(1, 100))
    return label(*elements, width=draw_one(st.integers(1, 130)), height=high)


@settings(deadline=None)
@given(any_label(), st.sampled_from([HEX, BINARY, SIZED]), st.sampled_from(["exact", "native"]))
def test_any_arrangement_of_ink_comes_out_dot_for_dot(one: Label, model: Model, mode: Mode) -> None:
    with loaded_with(one, model) as printer:
        (piece,) = printer.print_pages([encode(one, mode, model)])
    assert piece.tile == draw(one)
    assert piece.unknown == ()


def test_a_picture_is_sent_in_parts_that_a_broken_connection_can_be_cleared_of() -> None:
    one = label(picture("large", 0, 0, speckled(400, 200, 1)))
    body = encode(one, "exact", HEX).body
    sizes = [8 * int(a) * int(b) for a, b in re.findall(rb"\x1bGH(\d{3})(\d{3})", body)]
    assert sum(sizes) == 50 * 200
    assert max(sizes) <= MOST_IN_PICTURE


@pytest.mark.parametrize("name", BUILTIN)
def test_pictures_are_never_more_than_the_whole_label(name: str) -> None:
    one = builtin_label(name, EIGHT)
    body = encode(one, "exact", HEX).body
    sizes = [8 * int(a) * int(b) for a, b in re.findall(rb"\x1bGH(\d{3})(\d{3})", body)]
    assert sum(sizes) <= draw(one).stride * (one.height + 7)


def test_a_label_that_does_not_end_with_a_block_of_eight_rows_does_not_hang_over() -> None:
    one = label(picture("low", 0, 190, speckled(80, 11, 1)), height=201)
    with loaded_with(one, HEX) as printer:
        (piece,) = printer.print_pages([encode(one, "exact", HEX)])
    assert (piece.tile, piece.notes) == (draw(one), ())
    assert b"\x1bV0194" in encode(one, "exact", HEX).body


def test_a_label_without_ink_is_still_one_piece_of_paper() -> None:
    empty = label(height=64)
    with loaded_with(empty, HEX) as printer:
        (piece,) = printer.print_pages([encode(empty, "exact", HEX)])
    assert (piece.tile.width, piece.tile.height, piece.tile.count()) == (400, 64, 0)


def test_a_label_for_another_head_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        encode(label(), "exact", replace(HEX, density=parse_density(12)))
    assert caught.value.detail == (
        "The label is laid out for 8 dots per mm and model 'any' prints 12; lay it out for this "
        "printer."
    )


def test_a_label_longer_than_four_digits_can_say_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        encode(label(height=10_000), "exact", HEX)
    assert caught.value.detail == (
        "The label is 400 × 10000 dots and SBPL can say 9999; make it shorter."
    )


# --- setting up --------------------------------------------------------------------------------


def test_a_printer_is_set_up_by_items_that_print_nothing() -> None:
    setup = Setup(tracking="gap", darkness=75, speed=101_600, finish="cut")
    (need,) = encode(label(), "exact", HEX, setup).needs
    assert need.payload == b"\x02\x1bA\x1bCS4\x1bIG1\x1bPM2\x1bZ\x03\x02\x1bA\x1b#E4\x1bZ\x03"
    with loaded_with(label(), HEX) as printer:
        printer.feed(need.payload)
        assert (printer.pieces(), printer.machine.admin_events()) == ([], ())


def test_a_printer_as_it_is_needs_nothing() -> None:
    assert encode(label(), "exact", HEX).needs == ()


@pytest.mark.parametrize(("percent", "level"), [(0, 1), (50, 3), (100, 5)])
def test_darkness_reaches_from_lightest_to_darkest(percent: int, level: int) -> None:
    (need,) = encode(label(), "exact", HEX, Setup(darkness=percent)).needs
    assert need.payload == b"\x02\x1bA\x1b#E%d\x1bZ\x03" % level


@pytest.mark.parametrize(("speed", "inches"), [(1, 2), (63_500, 3), (900_000, 14)])
def test_speed_stays_in_its_range(speed: int, inches: int) -> None:
    (need,) = encode(label(), "exact", HEX, Setup(speed=speed)).needs
    assert need.payload == b"\x02\x1bA\x1bCS%d\x1bZ\x03" % inches


def test_a_printer_that_is_told_the_size_prints_labels_of_two_sizes_one_after_another() -> None:
    one, two = label(width=400, height=200), label(width=320, height=240)
    with speaking("sbpl", 8, 800, 600) as printer:
        pieces = printer.print_pages(encode(each, "exact", SIZED) for each in (one, two, one))
    sizes = [(piece.tile.width, piece.tile.height) for piece in pieces]
    assert sizes == [(400, 200), (320, 240), (400, 200)]


# --- native ------------------------------------------------------------------------------------

CODES = [
    ("code128", "SN-000123", False),
    ("code128", "1234567890", False),
    ("code128", "99", False),
    ("gs1-128", "(01)09521234543213", False),
    ("itf14", "09521234543213", False),
    ("datamatrix", "SN-000123~_@", True),
]


@pytest.mark.parametrize(("symbology", "content", "approximate"), CODES)
def test_a_code_the_printer_draws_is_the_previewed_code(
    symbology: str, content: str, approximate: bool
) -> None:
    code = barcode(symbology, content, 30, 40, 2, 90)
    side = max(code.tile.width, code.tile.height) + 100
    one = label(code, width=side, height=side)
    page = encode(one, "native", HEX)
    assert b"\x1bG" not in page.body
    assert page.approximate == ((code.id,) if approximate else ())
    with loaded_with(one, HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.unknown == ()
    assert [found.octets for found in piece.codes] == [code.content.encode()]
    assert differing(piece.tile, draw(one)) == 0


@pytest.mark.parametrize(
    ("symbology", "content", "rotation"),
    [
        ("code128", "SN-12", 90),
        ("code128", "a>b", 0),
        ("code128", "123456ab", 0),  # from set C back to B
        ("code128", "12345678901", 0),
        ("code128", "tab\there", 0),
        ("code39", "SN-12", 0),
        ("ean13", "629104150021", 0),
        ("qr", "SN-12", 0),
        ("gs1-datamatrix", "(01)09521234543213(21)ABC-1", 0),
    ],
)
def test_a_code_that_cannot_be_said_rightly_is_sent_as_ink(
    symbology: str, content: str, rotation: Rotation
) -> None:
    one = label(barcode(symbology, content, 30, 40, 3, 90, rotation), width=800, height=800)
    with loaded_with(one, HEX) as printer:
        (piece,) = printer.print_pages([encode(one, "native", HEX)])
    assert piece.tile == draw(one)
    assert b"\x1bBG" not in encode(one, "native", HEX).body


def test_text_near_a_resident_font_is_sent_as_text_and_named_as_approximate() -> None:
    page = encode(label(words("Serial number", wide=14)), "native", HEX)
    assert b"\x1bPR\x1bV0045\x1bH0021\x1bP02\x1bL0101\x1bMSerial number" in page.body
    assert page.approximate == ("words",)
    with loaded_with(label(), HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.unknown == ()
    assert piece.tile.count() > 300


@pytest.mark.parametrize(
    "one",
    [words("too long for its place", measure=60), words("Grüße"), words("a\x1bQ9"),
     replace(words("turned"), rotation=180)],
)  # fmt: skip
def test_text_that_no_resident_font_can_show_is_sent_as_ink(one: Text) -> None:
    page = encode(label(one), "native", HEX)
    assert page.approximate == ()
    with loaded_with(label(one), HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(label(one))


def test_rules_and_frames_are_drawn_by_the_printer_dot_for_dot() -> None:
    one = label(
        Line("rule", 20, 180, 0, dots(["#" * 300] * 3), True, 3, "-"),
        Line("post", 20, 90, 0, dots(["##"] * 60), True, 2, "|"),
        Box("frame", 60, 30, 0, frame(200, 120, 5), True, 5),
        Box("filled", 300, 40, 0, dots(["#" * 40] * 30), True, 20),
    )
    page = encode(one, "native", HEX)
    assert page.body.count(b"\x1bFW") == 6
    with loaded_with(one, HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert (piece.unknown, differing(piece.tile, draw(one))) == ((), 0)


HOSTILE = (
    "\x1bQ9\x1bZ", "\x02\x1bA", "\x05\x18", 'a"b,c\\d', "\r\n", "{}^@!~", "\x1bA\x1bPC26,1\x1bZ",
    "ESC Z", "\x01MG", "~",
)  # fmt: skip


@pytest.mark.threat("T2")
@pytest.mark.parametrize("content", HOSTILE)
def test_data_never_become_commands(content: str) -> None:
    line = words(content, measure=2000)
    code = barcode("code128", content, 20, 80, 1, 60)
    square = barcode("datamatrix", content, 600, 80, 3)
    one = label(line, code, square, width=1600)
    with loaded_with(one, replace(HEX, head_dots=1600)) as printer:
        (piece,) = printer.print_pages([encode(one, "native", HEX)])
        assert printer.machine.admin_events() == ()
        assert printer.answers == b""
    assert (piece.tile.height, piece.unknown) == (200, ())
    assert [found.octets for found in piece.codes] == [content.encode()] * 2


@pytest.mark.threat("T2")
@settings(deadline=None)
@given(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=20),
    st.text(st.characters(max_codepoint=127), min_size=1, max_size=12),
)
def test_whatever_a_field_says_is_one_label_and_no_command(said: str, coded: str) -> None:
    one = label(words(said, measure=1200), barcode("code128", coded, 20, 80, 1, 60), width=1600)
    with loaded_with(one, replace(HEX, head_dots=1600)) as printer:
        (piece,) = printer.print_pages([encode(one, "native", HEX)])
        assert printer.machine.admin_events() == ()
        assert printer.answers == b""
    assert (piece.tile.height, piece.unknown) == (200, ())
