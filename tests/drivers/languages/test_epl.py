"""Labels as EPL2, judged by a virtual printer that shares no drawing code with the encoder."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Mode, Model
from gateway.drivers.languages.epl import MOST_BYTES, encode
from gateway.drivers.languages.epl_fields import quote
from gateway.drivers.virtual.epl.stream import CommandStream
from gateway.errors import PrinterRefused
from gateway.label import Box, Element, Ellipse, Label, Line, Picture, Rotation, Text, Tile, draw
from gateway.printers import Finish, Setup, Tracking
from gateway.units import Um, parse_density
from tests.drivers.languages.judging import barcode, dots, turn
from tests.drivers.languages.speaking import (
    BUILTIN,
    builtin_label,
    differing,
    loaded_with,
    speaking,
    speckled,
)

EIGHT = parse_density(8)
ANY = Model("any", "Any", "epl", EIGHT, 832)


def label(*elements: Element, width: int = 400, height: int = 200) -> Label:
    return Label(width, height, EIGHT, elements)


def picture(name: str, x: int, y: int, tile: Tile) -> Picture:
    return Picture(name, x, y, 0, tile, False)


def lines(body: bytes) -> list[bytes]:
    return body.split(b"\r\n")


# --- exact -------------------------------------------------------------------------------------


@pytest.mark.parametrize("density", [8, 12])
@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_template_comes_out_dot_for_dot_and_its_codes_read(
    name: str, density: int
) -> None:
    one = builtin_label(name, parse_density(density))
    model = replace(ANY, density=one.density, head_dots=one.width)
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
@given(any_label(), st.sampled_from(["exact", "native"]))
@example(label(width=50, height=20), "exact")
def test_any_arrangement_of_ink_comes_out_dot_for_dot(one: Label, mode: Mode) -> None:
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([encode(one, mode, ANY)])
    assert piece.tile == draw(one)
    assert (piece.unknown, piece.notes) == ((), ())


def test_nothing_is_kept_in_a_memory_that_wears() -> None:
    fixed = replace(picture("logo", 0, 0, speckled(200, 60, 5)), fixed=True)
    page = encode(label(fixed), "exact", ANY)
    assert page.needs == ()
    assert b"GM" not in page.body.replace(b"GW", b"")[:40]


def test_a_picture_is_sent_in_parts_that_a_broken_connection_can_be_cleared_of() -> None:
    large = label(picture("own", 0, 0, speckled(400, 200, 1)))
    body = encode(large, "exact", ANY).body
    sizes = [int(a) * int(b) for a, b in re.findall(rb"\r\nGW\d+,\d+,(\d+),(\d+),", body)]
    assert sum(sizes) == 50 * 200
    assert max(sizes) <= MOST_BYTES


def test_a_label_without_ink_is_still_one_piece_of_paper() -> None:
    empty = label(height=64)
    for mode in ("exact", "native"):
        with loaded_with(empty, ANY) as printer:
            (piece,) = printer.print_pages([encode(empty, mode, ANY)])
        assert (piece.tile.width, piece.tile.height, piece.tile.count()) == (400, 64, 0)


def test_settings_that_another_program_left_behind_do_not_matter() -> None:
    one = label(picture("p", 8, 8, speckled(90, 40, 2)))
    with speaking("epl", 8, 832, 200) as printer:
        printer.feed(b"q300\nR30,40\nZT\nN\nLO0,0,99,99\nA9,9")
        (piece,) = printer.print_pages([encode(one, "exact", ANY)])
    assert piece.tile == draw(one)


def test_nothing_is_sent_beyond_the_head() -> None:
    wide = label(picture("p", 0, 0, speckled(400, 20, 2)), width=400, height=40)
    body = encode(wide, "exact", replace(ANY, head_dots=200)).body
    assert lines(body)[1] == b"q200"
    assert re.findall(rb"\r\nGW(\d+),\d+,(\d+),", body) == [(b"0", b"25")]


def test_a_label_for_another_head_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        encode(label(), "exact", replace(ANY, density=parse_density(12)))
    assert caught.value.detail == (
        "The label is laid out for 8 dots per mm and model 'any' prints 12; lay it out for this "
        "printer."
    )


# --- setting up --------------------------------------------------------------------------------


def test_a_printer_that_nobody_set_up_is_told_the_width_and_nothing_else() -> None:
    page = encode(label(), "exact", ANY)
    assert lines(page.body) == [b"", b"q400", b"ZB", b"N", b"P1", b""]
    assert page.needs == ()


def test_a_printer_is_set_up_with_each_label_and_its_options_once() -> None:
    setup = Setup("mark", Um(3500), darkness=50, speed=101_600, finish="cut")
    page = encode(label(), "exact", ANY, setup)
    assert lines(page.body)[:5] == [b"", b"q400", b"Q200,B28+0", b"D8", b"S4"]
    (options,) = page.needs
    assert (options.name, options.payload) == ("setup OC", b"\r\nOC\r\n")
    with speaking("epl", 8, 832, 832) as printer:
        (piece,) = printer.print_pages([page])
        assert printer.machine.admin_events() == ()
        assert printer.language.settings == {  # type: ignore[attr-defined]
            "O": "C", "Q": "B28+0", "D": "8", "S": "4",
        }  # fmt: skip
    assert piece.unknown == ()
    assert (piece.tile.width, piece.tile.height) == (400, 200)


@pytest.mark.parametrize(
    ("tracking", "gap", "line"),
    [
        ("gap", 3000, b"Q200,24"), ("gap", 500, b"Q200,16"), ("gap", 90_000, b"Q200,240"),
        ("mark", 3000, b"Q200,B24+0"), ("continuous", 3000, b"Q200,0"),
    ],
)  # fmt: skip
def test_each_stock_has_its_command(tracking: Tracking, gap: int, line: bytes) -> None:
    assert lines(encode(label(), "exact", ANY, Setup(tracking, Um(gap))).body)[2] == line


@pytest.mark.parametrize(
    ("finish", "options"),
    [("tear_off", b"\r\nO\r\n"), ("peel", b"\r\nOP\r\n"), ("cut", b"\r\nOC\r\n")],
)
def test_each_finish_is_an_option(finish: Finish, options: bytes) -> None:
    (needed,) = encode(label(), "exact", ANY, Setup(finish=finish)).needs
    assert needed.payload == options


@pytest.mark.parametrize(("percent", "level"), [(0, 0), (50, 8), (100, 15)])
def test_darkness_reaches_from_lightest_to_darkest(percent: int, level: int) -> None:
    assert b"\r\nD%d\r\n" % level in encode(label(), "exact", ANY, Setup(darkness=percent)).body


@pytest.mark.parametrize(("speed", "level"), [(1, 1), (38_099, 1), (38_100, 2), (900_000, 6)])
def test_speed_is_rounded_to_inches_and_stays_in_its_range(speed: int, level: int) -> None:
    assert b"\r\nS%d\r\n" % level in encode(label(), "exact", ANY, Setup(speed=speed)).body


# --- native ------------------------------------------------------------------------------------

CODES = [
    ("code128", "SN-AB"),
    ("code128", '12" \\x'),
    ("code128", "12345678"),
    ("code39", "SN-1 .$/+%"),
    ("code93", "SN-1 /+%"),
    ("itf14", "09521234543213"),
    ("itf", "123456"),
]


@pytest.mark.parametrize(("symbology", "content"), CODES)
def test_a_code_the_printer_draws_is_the_previewed_code(symbology: str, content: str) -> None:
    code = barcode(symbology, content, 30, 40, 3, 90)
    side = max(code.tile.width, code.tile.height) + 100
    one = label(code, width=side, height=side)
    model = replace(ANY, head_dots=side)
    page = encode(one, "native", model)
    assert b"GW" not in page.body
    assert page.approximate == ()
    with loaded_with(one, model) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.unknown == ()
    assert [found.octets for found in piece.codes] == [code.content.encode()]
    assert differing(piece.tile, draw(one)) == 0


@pytest.mark.parametrize(
    ("symbology", "content", "rotation"),
    [
        ("code128", "SN-AB", 90),
        ("code128", "SN-000123", 0),
        ("code128", "tab\there", 0),
        ("gs1-128", "(01)09521234543213", 0),
        ("ean13", "629104150021", 0),
        ("codabar", "A123B", 0),
        ("qr", "SN-12", 0),
        ("datamatrix", "SN-12", 0),
    ],
)
def test_a_code_that_cannot_be_said_rightly_is_sent_as_ink(
    symbology: str, content: str, rotation: Rotation
) -> None:
    one = label(barcode(symbology, content, 30, 40, 3, 90, rotation), width=800, height=800)
    page = encode(one, "native", ANY)
    assert re.search(rb"\r\n[Bb]\d", page.body) is None
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("symbology", ["ean13", "code128", "codabar"])
def test_a_code_without_a_command_of_its_own_goes_as_lines(
    symbology: str, rotation: Rotation
) -> None:
    content = {"ean13": "629104150021", "code128": "SN-000123", "codabar": "A123B"}[symbology]
    one = label(barcode(symbology, content, 30, 40, 3, 90, rotation), width=460, height=460)
    page = encode(one, "native", ANY)
    assert b"\r\nLO" in page.body
    assert b"GW" not in page.body
    assert page.approximate == ()
    assert len(page.body) < 900
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


def test_a_code_whose_dots_are_not_what_a_printer_would_draw_is_sent_as_ink() -> None:
    code = barcode("code128", "SN-AB", 30, 40)
    assert b"\r\nB30,40,0,1B," in encode(label(code), "native", ANY).body
    for odd in (
        replace(code, module=1),
        replace(code, bar_height=79),
        replace(code, content="SN-ABC"),
        replace(code, x=-1),
        replace(code, tile=replace(code.tile, ink=code.tile.ink[:-1] + b"\xff")),
    ):
        assert b"\r\nB" not in encode(label(odd), "native", ANY).body


def frame(width: int, height: int, border: int) -> Tile:
    middle = "#" * border + "." * (width - 2 * border) + "#" * border
    rows = ["#" * width] * border + [middle] * (height - 2 * border) + ["#" * width] * border
    return dots(rows)


SHAPES: list[Element] = [
    Box("frame", 5, 6, 0, frame(100, 60, 3), False, 3),
    Box("filled", 5, 6, 0, dots(["#" * 40] * 30), False, 20),
    Line("across", 5, 6, 0, dots(["#" * 90] * 4), False, 4, "-"),
    Line("down", 5, 6, 0, dots(["#" * 4] * 90), False, 4, "|"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape.id))
def test_boxes_and_lines_are_commands_and_come_out_dot_for_dot(shape: Element) -> None:
    page = encode(label(shape), "native", ANY)
    assert b"GW" not in page.body
    with loaded_with(label(), ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(label(shape))


@pytest.mark.parametrize(
    "shape",
    [
        Box("round", 5, 6, 0, frame(100, 60, 3), False, 3, radius=10),
        Ellipse("ring", 20, 20, 0, frame(90, 50, 4), False, 4),
        Line("slash", 150, 20, 0, speckled(60, 70, 3), False, 5, "/"),
    ],
    ids=lambda shape: str(shape.id),
)
def test_curved_and_slanted_shapes_are_sent_as_ink(shape: Element) -> None:
    with loaded_with(label(), ANY) as printer:
        (piece,) = printer.print_pages([encode(label(shape), "native", ANY)])
    assert piece.tile == draw(label(shape))


def words(text: str, rotation: Rotation = 0, *, align: str = "left", size: int = 24) -> Text:
    shown = tuple(text.split("\n"))
    origin: dict[int, tuple[int, int]] = {
        0: (40, 100), 90: (100, 40), 180: (360, 100), 270: (100, 360),
    }  # fmt: skip
    tile = turn(speckled(max(1, 12 * max(map(len, shown))), 30, 3), rotation)
    return Text(
        "words", 40, 70, rotation, tile, False, shown, size, 30,
        align,  # type: ignore[arg-type]
        "sans", origin[rotation], 320,
    )  # fmt: skip


def test_native_text_is_a_fixed_pitch_font_and_approximate() -> None:
    page = encode(label(words('SN-1\n12" \\')), "native", ANY)
    assert lines(page.body)[4:6] == [
        b'A40,81,0,4,1,1,N,"SN-1"', b'A40,111,0,4,1,1,N,"12\\" \\\\"',
    ]  # fmt: skip
    assert page.approximate == ("words",)


def test_fine_heads_have_other_cells() -> None:
    one = Label(400, 200, parse_density(12), (words("SN-1", size=36),))
    page = encode(one, "native", replace(ANY, density=parse_density(12)))
    assert lines(page.body)[4] == b'A40,68,0,1,1,2,N,"SN-1"'


@pytest.mark.parametrize("align", ["left", "center", "right"])
@pytest.mark.parametrize(
    ("rotation", "box"),
    [(0, (40, 76, 360, 110)), (90, (90, 40, 124, 360)),
     (180, (40, 90, 360, 124)), (270, (76, 40, 110, 360))],
)  # fmt: skip
def test_native_text_stays_in_its_place_at_every_rotation(
    rotation: Rotation, box: tuple[int, int, int, int], align: str
) -> None:
    one = label(words("Hxxgp SN-12", rotation, align=align), width=400, height=400)
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([encode(one, "native", ANY)])
    ink = [
        (x, y)
        for y, row in enumerate(piece.tile.art().split("\n"))
        for x, dot in enumerate(row)
        if dot == "#"
    ]
    assert piece.unknown == ()
    assert min(x for x, _ in ink) >= box[0]
    assert max(x for x, _ in ink) < box[2]
    assert min(y for _, y in ink) >= box[1]
    assert max(y for _, y in ink) < box[3]


@pytest.mark.parametrize("text", ["漢字", "Ωmega", "é", "tab\there"])
def test_text_that_cannot_be_set_rightly_is_sent_as_ink(text: str) -> None:
    one = label(words(text), width=800)
    page = encode(one, "native", ANY)
    assert page.approximate == ()
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


# --- data is never a command -------------------------------------------------------------------

HOSTILE = [
    '"\r\n^@\r\n',
    '\\"\nP99\n',
    "^ee\r\n",
    "\\",
    '",9\nUN\n',
    "FK*",
    "N",
]


@pytest.mark.threat("T9")
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_data_prints_one_label_and_commands_nothing(hostile: str) -> None:
    shown = "".join(sign for sign in hostile if " " <= sign <= "~")
    one = label(
        words(hostile.replace("\n", " ").replace("\r", " ")),
        barcode("code128", hostile, 20, 120),
        barcode("code128", shown, 20, 250),
        width=1500,
        height=400,
    )
    model = replace(ANY, head_dots=1500)
    with loaded_with(one, model) as printer:
        pieces = printer.print_pages([encode(one, "native", model)])
        assert printer.machine.admin_events() == ()
        assert bytes(printer.answers) == b""
    assert len(pieces) == 1
    assert pieces[0].unknown == ()
    assert {code.octets for code in pieces[0].codes} == {hostile.encode(), shown.encode()}


@pytest.mark.threat("T9")
@given(st.text(st.characters(exclude_categories=["Cs"])))
@example('"')
@example("\\")
def test_whatever_the_text_is_it_reads_back_the_same_or_is_not_sent_as_text(text: str) -> None:
    quoted = quote(text)
    if quoted is None:
        return
    stream = CommandStream()
    stream.feed(b"A1,2,0,3,1,1,N," + quoted + b"\r\n")
    (command,) = stream
    assert command.values[-1] == text
