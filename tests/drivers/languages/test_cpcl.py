"""Labels as CPCL, judged by a virtual printer that shares no drawing code with the encoder."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Model
from gateway.drivers.languages.cpcl import MOST_IN_PICTURE, encode
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
    speckled,
)

EIGHT = parse_density(8)
HEX = Model("any", "Any", "cpcl", EIGHT, 832)
BINARY = replace(HEX, quirks=frozenset({"binary-graphics"}))


def label(*elements: Element, width: int = 400, height: int = 200) -> Label:
    return Label(width, height, EIGHT, elements)


def picture(name: str, x: int, y: int, tile: Tile) -> Picture:
    return Picture(name, x, y, 0, tile, False)


def words(line: str, *, size: int = 24, x: int = 20, y: int = 60, measure: int = 360) -> Text:
    tile = speckled(9 * len(line), size, 3)
    return Text("words", x, y - size, 0, tile, False, (line,), size, size + 6, "left", "sans",
                (x, y), measure)  # fmt: skip


# --- exact -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [HEX, BINARY], ids=["hexadecimal", "bytes"])
@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_template_comes_out_dot_for_dot_and_its_codes_read(
    name: str, model: Model
) -> None:
    one = builtin_label(name, EIGHT)
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
    return label(*elements, width=draw_one(st.integers(20, 130)), height=100)


@settings(deadline=None)
@given(any_label(), st.sampled_from([HEX, BINARY]), st.sampled_from(["exact", "native"]))
def test_any_arrangement_of_ink_comes_out_dot_for_dot(
    one: Label, model: Model, mode: object
) -> None:
    with loaded_with(one, model) as printer:
        (piece,) = printer.print_pages([encode(one, mode, model)])  # type: ignore[arg-type]
    assert piece.tile == draw(one)
    assert piece.unknown == ()


def test_a_picture_is_sent_in_parts_that_a_broken_connection_can_be_cleared_of() -> None:
    one = label(picture("large", 0, 0, speckled(400, 200, 1)))
    body = encode(one, "exact", BINARY).body
    sizes = [int(a) * int(b) for a, b in re.findall(rb"^CG (\d+) (\d+) ", body, re.MULTILINE)]
    assert sum(sizes) == 50 * 200
    assert max(sizes) <= MOST_IN_PICTURE


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


# --- setting up --------------------------------------------------------------------------------


def test_what_a_printer_is_set_to_stands_in_the_label_and_how_it_finds_labels_before_it() -> None:
    page = encode(label(), "exact", HEX, Setup(tracking="mark", darkness=50, speed=76_200))
    assert page.body.split(b"\r\n")[:5] == [
        b"! 0 200 200 200 1", b"IN-DOTS", b"PAGE-WIDTH 400", b"TONE 51", b"SPEED 3",
    ]  # fmt: skip
    (sense,) = page.needs
    assert sense.payload == b"! UTILITIES\r\nBAR-SENSE\r\nPRINT\r\n"
    assert page.body.endswith(b"FORM\r\nPRINT\r\n")
    with loaded_with(label(), HEX) as printer:
        (piece,) = printer.print_pages([page])
        assert printer.machine.admin_events() == ()
    assert piece.unknown == ()


@pytest.mark.parametrize(("percent", "tone"), [(0, -99), (100, 200)])
def test_darkness_reaches_from_lightest_to_darkest(percent: int, tone: int) -> None:
    assert b"\r\nTONE %d\r\n" % tone in encode(label(), "exact", HEX, Setup(darkness=percent)).body


@pytest.mark.parametrize(("speed", "level"), [(1, 0), (25_400, 1), (900_000, 5)])
def test_speed_stays_in_its_range(speed: int, level: int) -> None:
    assert b"\r\nSPEED %d\r\n" % level in encode(label(), "exact", HEX, Setup(speed=speed)).body


def test_continuous_stock_is_not_fed_to_a_next_label() -> None:
    page = encode(label(), "exact", HEX, Setup(tracking="continuous"))
    assert (page.needs, b"FORM" in page.body) == ((), False)


# --- native ------------------------------------------------------------------------------------

CODES = [
    ("code128", "SN-000123", True),
    ("code128", "SN-12", False),
    ("code128", "12345678", False),
    ("code39", "SN-1 /+%", False),
    ("code93", "SN-1 /+%", False),
    ("itf14", "09521234543213", False),
]


@pytest.mark.parametrize("rotation", [0, 270])
@pytest.mark.parametrize(("symbology", "content", "approximate"), CODES)
def test_a_code_the_printer_draws_is_the_previewed_code(
    symbology: str, content: str, approximate: bool, rotation: Rotation
) -> None:
    code = barcode(symbology, content, 30, 40, 3, 90, rotation)
    side = max(code.tile.width, code.tile.height) + 100
    one = label(code, width=side, height=side)
    page = encode(one, "native", HEX)
    assert b"EG " not in page.body
    assert page.approximate == ((code.id,) if approximate else ())
    with loaded_with(one, replace(HEX, head_dots=side)) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.unknown == ()
    assert [found.octets for found in piece.codes] == [code.content.encode()]
    assert differing(piece.tile, draw(one)) == 0


@pytest.mark.parametrize(
    ("symbology", "content", "rotation"),
    [
        ("code128", "SN-12", 90),
        ("code128", "SN-12", 180),
        ("code128", "a^b", 0),
        ("code128", "a\\b", 0),
        ("code128", " SN-12", 0),
        ("gs1-128", "(01)09521234543213", 0),
        ("ean13", "629104150021", 0),
        ("qr", "SN-12", 0),
        ("datamatrix", "SN-12", 0),
    ],
)
def test_a_code_that_cannot_be_said_rightly_is_sent_as_ink(
    symbology: str, content: str, rotation: Rotation
) -> None:
    one = label(barcode(symbology, content, 30, 40, 3, 90, rotation), width=800, height=800)
    page = encode(one, "native", HEX)
    assert b"BARCODE" not in page.body
    with loaded_with(one, HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


def test_text_near_font_7_is_sent_as_text_and_named_as_approximate() -> None:
    page = encode(label(words("Serial number")), "native", HEX)
    assert b"SETMAG 1 1\r\nTEXT 7 0 20 41 Serial number\r\nSETMAG 0 0\r\n" in page.body
    assert page.approximate == ("words",)
    with loaded_with(label(), HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.unknown == ()
    assert piece.tile.count() > 300


@pytest.mark.parametrize(
    "one",
    [
        words("size", size=36),
        words("too long for its place", measure=100),
        words("Grüße"),
        words("a\\b"),
        words(" leading"),
        replace(words("turned"), rotation=180),
    ],
)
def test_text_that_font_7_cannot_show_is_sent_as_ink(one: Text) -> None:
    page = encode(label(one), "native", HEX)
    assert (b"TEXT" in page.body, page.approximate) == (False, ())
    with loaded_with(label(one), HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(label(one))


def test_straight_lines_are_lines_and_frames_are_ink() -> None:
    frame = dots(["####", "#..#", "####"])
    one = label(
        Line("rule", 20, 80, 0, dots(["#" * 300] * 3), True, 3, "-"),
        Line("post", 20, 90, 0, dots(["##"] * 60), True, 2, "|"),
        Box("frame", 60, 100, 0, frame, True, 1),
    )
    page = encode(one, "native", HEX)
    assert b"\r\nLINE 20 80 320 80 3\r\nLINE 20 90 20 150 2\r\n" in page.body
    with loaded_with(one, HEX) as printer:
        (piece,) = printer.print_pages([page])
    assert differing(piece.tile, draw(one)) == 0


HOSTILE = (
    "PRINT", "x\r\nPRINT\r\n! 0 200 200 10 9\r\nPRINT", "\x1bN\x1bh", 'a" ! U1 do "device.reset" "',
    "^XA^XZ~JR", "\\", "ABORT\nFORM", "! UTILITIES", "\x00\x18", "<FILE", "; *",
)  # fmt: skip


@pytest.mark.threat("T2")
@pytest.mark.parametrize("content", HOSTILE)
def test_data_never_become_commands(content: str) -> None:
    line = words(content, measure=2000)
    code = barcode("code128", content, 20, 80, 1, 60)
    one = label(line, code, width=1600)
    with loaded_with(one, replace(HEX, head_dots=1600)) as printer:
        (piece,) = printer.print_pages([encode(one, "native", HEX)])
        assert printer.machine.admin_events() == ()
        assert printer.answers == b""
    assert (piece.tile.height, piece.unknown) == (200, ())
    assert [found.octets for found in piece.codes] == [content.encode()]


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
