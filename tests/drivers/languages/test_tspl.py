"""Labels as TSPL, judged by a virtual printer that shares no drawing code with the encoder."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Mode, Model
from gateway.drivers.languages.tspl import MOST_BYTES, encode
from gateway.drivers.languages.tspl_fields import AT_ONCE, code128_data, quote
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
ANY = Model("any", "Any", "tspl", EIGHT, 832)
FORGETS = replace(ANY, keeps=False)


def label(*elements: Element, width: int = 400, height: int = 200) -> Label:
    return Label(width, height, EIGHT, elements)


def picture(name: str, x: int, y: int, tile: Tile, *, fixed: bool = False) -> Picture:
    return Picture(name, x, y, 0, tile, fixed)


def lines(body: bytes) -> list[bytes]:
    return body.split(b"\r\n")


# --- exact -------------------------------------------------------------------------------------


@pytest.mark.parametrize("density", [8, "300dpi"])
@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_template_comes_out_dot_for_dot_and_its_codes_read(
    name: str, density: object
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
            fixed=draw_one(st.booleans()),
        )
        for number in range(draw_one(st.integers(0, 4)))
    ]
    return label(*elements, width=draw_one(st.integers(20, 130)), height=100)


@settings(deadline=None)
@given(any_label(), st.sampled_from([ANY, FORGETS]), st.sampled_from(["exact", "native"]))
@example(label(width=50, height=20), ANY, "exact")
def test_any_arrangement_of_ink_comes_out_dot_for_dot(one: Label, model: Model, mode: Mode) -> None:
    with loaded_with(one, model) as printer:
        (piece,) = printer.print_pages([encode(one, mode, model)])
    assert piece.tile == draw(one)
    assert (piece.unknown, piece.notes) == ((), ())


def test_fixed_ink_is_kept_once_and_recalled() -> None:
    logo = picture("logo", 13, 20, speckled(200, 60, 5), fixed=True)
    serials = [picture("serial", 60, 40, speckled(90, 60, seed)) for seed in (1, 2)]
    labels = [label(logo, serial) for serial in serials]
    pages = [encode(one, "exact", ANY) for one in labels]
    (kept,) = pages[0].needs
    assert pages[1].needs == (kept,)
    assert re.fullmatch(r"GW[A-Z2-7]{6}\.BMP", kept.name)
    assert kept.payload.startswith(b'DOWNLOAD "' + kept.name.encode() + b'",')
    assert kept.forget == b'KILL "' + kept.name.encode() + b'"\r\n'
    with loaded_with(labels[0], ANY) as printer:
        pieces = printer.print_pages(pages)
        assert [piece.tile for piece in pieces] == [draw(one) for one in labels]
        assert printer.machine.admin_events() == ()
        printer.feed(kept.forget)
        (lost,) = printer.print_pages([pages[0]])
    assert lost.unknown == (f"PUTBMP of {kept.name}, which is not stored",)


def test_little_fixed_ink_and_printers_that_keep_nothing_get_it_with_each_label() -> None:
    small = label(picture("logo", 0, 0, speckled(40, 20, 5), fixed=True))
    large = label(picture("logo", 0, 0, speckled(200, 60, 5), fixed=True))
    assert encode(small, "exact", ANY).needs == ()
    assert encode(large, "exact", FORGETS).needs == ()
    assert encode(large, "exact", replace(ANY, name="")).needs == ()
    assert encode(large, "exact", ANY).needs != ()


def test_a_picture_is_sent_in_parts_that_a_broken_connection_can_be_cleared_of() -> None:
    large = label(picture("own", 0, 0, speckled(400, 200, 1)))
    fixed = label(picture("logo", 0, 0, speckled(400, 200, 1), fixed=True))
    body = encode(large, "exact", ANY).body
    sizes = [int(a) * int(b) for a, b in re.findall(rb"BITMAP \d+,\d+,(\d+),(\d+),1,", body)]
    assert sum(sizes) == 50 * 200
    assert max(sizes) <= MOST_BYTES
    needs = encode(fixed, "exact", ANY).needs
    assert len(needs) == 6
    assert all(len(stored.payload) <= MOST_BYTES + 40 for stored in needs)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(b"\xe4\xde\x00\x00" * 3, id="inside a row"),
        pytest.param(b"\x00\x00\x00\xe4\xde\x00\x00\x01", id="over the end of a row"),
        pytest.param(b"\x81\xde\x00\xe4" * 2, id="~!"),
        pytest.param(b"\xe4\xde\xe4\xde" * 4, id="often"),
    ],
)
def test_no_ink_reads_as_a_command_that_acts_at_once(rows: bytes) -> None:
    """Sent as paper, E4 DE is ESC !, and 81 DE is ~!."""
    one = label(picture("p", 0, 0, Tile(32, len(rows) // 4, rows)), width=32, height=40)
    page = encode(one, "exact", FORGETS)
    assert AT_ONCE.search(rows.translate(bytes(byte ^ 0xFF for byte in range(256))))
    assert not AT_ONCE.search(page.body)
    with loaded_with(one, FORGETS) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


def test_a_label_without_ink_is_still_one_piece_of_paper() -> None:
    for mode in ("exact", "native"):
        with speaking("tspl", 8, 832, 832) as printer:
            (piece,) = printer.print_pages([encode(label(height=64), mode, ANY)])
        assert (piece.tile.width, piece.tile.height, piece.tile.count()) == (400, 64, 0)


def test_settings_that_another_program_left_behind_do_not_matter() -> None:
    one = label(picture("p", 8, 8, speckled(90, 40, 2)))
    with speaking("tspl", 8, 832, 832) as printer:
        printer.feed(b"SIZE 3,2\r\nDIRECTION 1,1\r\nREFERENCE 30,40\r\nCLS\r\nBAR 0,0,99,99\r\n")
        (piece,) = printer.print_pages([encode(one, "exact", ANY)])
    assert piece.tile == draw(one)


def test_nothing_is_sent_beyond_the_head() -> None:
    wide = label(picture("p", 0, 0, speckled(400, 20, 2)), width=400, height=40)
    body = encode(wide, "exact", replace(ANY, head_dots=200)).body
    assert lines(body)[0] == b"SIZE 25 mm,5 mm"
    assert re.findall(rb"BITMAP (\d+),\d+,(\d+),", body) == [(b"0", b"25")]


def test_a_label_for_another_head_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        encode(label(), "exact", replace(ANY, density=parse_density("300dpi")))
    assert caught.value.detail == (
        "The label is laid out for 8 dots per mm and model 'any' prints 300dpi; lay it out for "
        "this printer."
    )


# --- setting up --------------------------------------------------------------------------------


def test_a_printer_that_nobody_set_up_is_told_the_size_and_nothing_else() -> None:
    assert lines(encode(label(), "exact", ANY).body) == [
        b"SIZE 50 mm,25 mm", b"DIRECTION 0,0", b"REFERENCE 0,0", b"CLS", b"PRINT 1,1", b"",
    ]  # fmt: skip


def test_a_printer_is_set_up_with_each_label() -> None:
    setup = Setup("mark", Um(3500), darkness=50, speed=101_600, finish="cut")
    page = encode(label(), "exact", ANY, setup)
    assert lines(page.body)[:6] == [
        b"SIZE 50 mm,25 mm", b"BLINE 3.5 mm,0 mm", b"DENSITY 8", b"SPEED 4", b"SET PEEL OFF",
        b"SET CUTTER 1",
    ]  # fmt: skip
    with loaded_with(label(), ANY) as printer:
        (piece,) = printer.print_pages([page])
        assert printer.machine.admin_events() == ()
        assert printer.language.settings == {  # type: ignore[attr-defined]
            "BLINE": "3.5 mm,0 mm", "DENSITY": "8", "SPEED": "4", "SET PEEL": "OFF",
            "SET CUTTER": "1",
        }  # fmt: skip
    assert piece.unknown == ()


@pytest.mark.parametrize(
    ("tracking", "line"),
    [("gap", b"GAP 2 mm,0 mm"), ("mark", b"BLINE 2 mm,0 mm"), ("continuous", b"GAP 0 mm,0 mm")],
)
def test_each_stock_has_its_command(tracking: Tracking, line: bytes) -> None:
    assert lines(encode(label(), "exact", ANY, Setup(tracking, Um(2000))).body)[1] == line


@pytest.mark.parametrize("finish", ["tear_off", "peel", "cut", "rewind"])
def test_each_finish_is_understood(finish: Finish) -> None:
    with loaded_with(label(), ANY) as printer:
        (piece,) = printer.print_pages([encode(label(), "exact", ANY, Setup(finish=finish))])
        assert printer.machine.admin_events() == ()
    assert piece.unknown == ()


@pytest.mark.parametrize(("percent", "level"), [(0, 0), (50, 8), (100, 15)])
def test_darkness_reaches_from_lightest_to_darkest(percent: int, level: int) -> None:
    body = encode(label(), "exact", ANY, Setup(darkness=percent)).body
    assert b"\r\nDENSITY %d\r\n" % level in body


@pytest.mark.parametrize(("speed", "level"), [(1, 1), (38_099, 1), (38_100, 2), (900_000, 14)])
def test_speed_is_rounded_to_inches_and_stays_in_its_range(speed: int, level: int) -> None:
    assert b"\r\nSPEED %d\r\n" % level in encode(label(), "exact", ANY, Setup(speed=speed)).body


# --- native ------------------------------------------------------------------------------------

CODES = [
    ("code128", "SN-000123"),
    ("code128", "12345678901"),
    ("code128", "a>b^c~d_e"),
    ("code128", "SN 12/a\\b"),
    ("gs1-128", "(01)09521234543213(21)A>1_2(10)77"),
    ("code39", "SN-1 .X"),
    ("code93", "SN-1 /+%"),
    ("itf14", "09521234543213"),
    ("itf", "123456"),
    ("datamatrix", "SN-000123~_@#|$"),
    ("datamatrix", 'say "yes", [x]'),
    ("gs1-datamatrix", "(01)09521234543213(21)ABC-1"),
]


@pytest.mark.parametrize(("symbology", "content"), CODES)
def test_a_code_the_printer_draws_is_the_previewed_code(symbology: str, content: str) -> None:
    code = barcode(symbology, content, 30, 40, 3, 90)
    side = max(code.tile.width, code.tile.height) + 100
    one = label(code, width=side, height=side)
    model = replace(ANY, head_dots=side)
    page = encode(one, "native", model)
    assert b"BITMAP" not in page.body
    assert page.approximate == ((code.id,) if "matrix" in symbology else ())
    with loaded_with(one, model) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.unknown == ()
    assert [found.octets for found in piece.codes] == [code.content.encode()]
    assert differing(piece.tile, draw(one)) == 0


@pytest.mark.parametrize(
    ("symbology", "content", "rotation"),
    [
        ("code128", "SN-12", 90),
        ("code128", "tab\there", 0),
        ("code128", "wow!", 0),
        ("code128", '12"', 0),
        ("code39", "A$B", 0),
        ("ean13", "629104150021", 0),
        ("codabar", "A123B", 0),
        ("qr", "SN-12", 0),
        ("aztec", "SN-12", 0),
        ("datamatrix", "tab\there", 0),
    ],
)
def test_a_code_that_cannot_be_said_rightly_is_sent_as_ink(
    symbology: str, content: str, rotation: Rotation
) -> None:
    one = label(barcode(symbology, content, 30, 40, 3, 90, rotation), width=800, height=800)
    page = encode(one, "native", ANY)
    assert b"BARCODE" not in page.body
    assert b"DMATRIX" not in page.body
    assert page.approximate == ()
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("symbology", ["ean13", "code128", "codabar"])
def test_a_code_without_a_command_of_its_own_goes_as_bars(
    symbology: str, rotation: Rotation
) -> None:
    content = {"ean13": "629104150021", "code128": "wow!", "codabar": "A123B"}[symbology]
    one = label(barcode(symbology, content, 30, 40, 3, 90, rotation), width=400, height=400)
    page = encode(one, "native", ANY)
    assert b"\r\nBAR " in page.body
    assert b"BITMAP" not in page.body
    assert page.approximate == ()
    assert len(page.body) < 900
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


def test_a_code_whose_dots_are_not_what_a_printer_would_draw_is_sent_as_ink() -> None:
    code = barcode("code128", "SN-000123", 30, 40)
    for odd in (
        replace(code, module=1),
        replace(code, bar_height=79),
        replace(code, content="SN-0001234"),
        replace(code, x=-1),
        replace(code, tile=replace(code.tile, ink=code.tile.ink[:-1] + b"\xff")),
    ):
        assert b"BARCODE" not in encode(label(odd), "native", ANY).body


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
    assert b"BITMAP" not in page.body
    assert page.approximate == ()
    with loaded_with(label(), ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(label(shape))


def test_rounded_boxes_are_sent_as_ink() -> None:
    rounded = Box("round", 5, 6, 0, frame(100, 60, 3), False, 3, radius=10)
    assert b"BITMAP" in encode(label(rounded), "native", ANY).body


def test_ellipses_and_slanted_lines_are_commands_and_only_nearly_as_previewed() -> None:
    ring = Ellipse("ring", 20, 20, 0, frame(90, 50, 4), False, 4)
    slash = Line("slash", 150, 20, 0, speckled(60, 70, 3), False, 5, "/")
    page = encode(label(ring, slash), "native", ANY)
    assert lines(page.body)[4:6] == [b"ELLIPSE 20,20,90,50,4", b"DIAGONAL 150,89,205,20,5"]
    assert page.approximate == ("ring", "slash")
    with loaded_with(label(), ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert (piece.unknown, piece.notes) == ((), ())


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
    page = encode(label(words('SN-1\n12" x')), "native", ANY)
    assert lines(page.body)[4:6] == [
        b'TEXT 40,84,"2",0,1,1,"SN-1"', b'TEXT 40,114,"2",0,1,1,"12\\["] x"',
    ]  # fmt: skip
    assert page.approximate == ("words",)


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


@pytest.mark.parametrize("text", ["漢字", "Ωmega", "é", "a\\[b", "a\\", "~!T"])
def test_text_that_cannot_be_set_rightly_is_sent_as_ink(text: str) -> None:
    one = label(words(text), width=800)
    page = encode(one, "native", ANY)
    assert page.approximate == ()
    with loaded_with(one, ANY) as printer:
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(one)


def test_text_squeezed_narrower_than_any_font_is_sent_as_ink() -> None:
    narrow = replace(words("WWWWWWWW"), tile=speckled(50, 24, 1), measure=50)
    assert b"BITMAP" in encode(label(narrow), "native", ANY).body


# --- data is never a command -------------------------------------------------------------------

HOSTILE = [
    '"\r\nINITIALPRINTER\r\n',
    "\x1b!R",
    "~!T",
    '\\["]\\[R]\\[L]',
    '",9,9\r\nPRINT 99',
    'A";@LABEL=0',
    "!105!102",
    "CLS",
]


@pytest.mark.threat("T9")
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_data_prints_one_label_and_commands_nothing(hostile: str) -> None:
    shown = "".join(sign for sign in hostile if " " <= sign <= "~")
    one = label(
        words(hostile.replace("\n", " ")), barcode("code128", hostile, 20, 120),
        barcode("datamatrix", shown, 20, 250), width=1500, height=400,
    )  # fmt: skip
    model = replace(ANY, head_dots=1500)
    with loaded_with(one, model) as printer:
        pieces = printer.print_pages([encode(one, "native", model)])
        assert printer.machine.admin_events() == ()
        assert printer.language.files == {}  # type: ignore[attr-defined]
        assert bytes(printer.answers) == b""
    assert len(pieces) == 1
    assert pieces[0].unknown == ()
    assert {code.octets for code in pieces[0].codes} == {hostile.encode(), shown.encode()}


@pytest.mark.threat("T9")
@given(st.text(st.characters(exclude_categories=["Cs"])))
@example('"')
@example("\\[")
def test_whatever_the_text_is_it_reads_back_the_same_or_is_not_sent_as_text(text: str) -> None:
    from gateway.drivers.virtual.tspl.stream import CommandStream

    quoted = quote(text)
    if quoted is None:
        return
    stream = CommandStream()
    stream.feed(b'TEXT 1,2,"3",0,1,1,' + quoted + b"\r\n")
    (command,) = stream
    assert command.values[-1] == text


def test_what_sets_b_and_c_cannot_carry_is_left_to_ink() -> None:
    assert code128_data("") is None
    assert code128_data("a\tb") is None
    assert code128_data("é") is None
    assert code128_data("a!b") is None
