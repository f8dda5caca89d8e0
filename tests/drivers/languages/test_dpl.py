"""Labels as DPL, judged by a virtual printer that shares no drawing code with the encoder."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Model
from gateway.drivers.languages.dpl import encode, write_image
from gateway.drivers.languages.dpl_fields import code128_data
from gateway.drivers.models import load_models
from gateway.errors import PrinterRefused
from gateway.label import Barcode, Box, Element, Label, Line, Picture, Rotation, Text, Tile, draw
from gateway.printers import AS_IT_IS, Finish, Setup, Tracking
from gateway.units import parse_density
from tests.drivers.languages.judging import Printed, barcode, dots
from tests.drivers.languages.speaking import BUILTIN, builtin_label, loaded_with, speckled

EIGHT = parse_density(8)
DPI = parse_density("300dpi")
MODEL = load_models()["datamax-i-4212"]
FINE = load_models()["datamax-i-4308"]
PLAIN = load_models()["datamax-e-4204"]
"""The first kind: RAM is module A, and there is no scalable font."""


def label(*elements: Element, width: int = 800, height: int = 400) -> Label:
    return Label(width, height, EIGHT, elements)


def picture(name: str, x: int, y: int, tile: Tile, *, fixed: bool = False) -> Picture:
    return Picture(name, x, y, 0, tile, fixed)


def printed(one: Label, mode: str = "exact", model: Model = MODEL) -> Printed:
    with loaded_with(one, model) as printer:
        page = encode(one, mode, model)  # type: ignore[arg-type]
        (piece,) = printer.print_pages([page])
        assert printer.machine.admin_events() == ()
    assert (piece.unknown, piece.notes) == ((), ())
    return piece


# --- exact -------------------------------------------------------------------------------------


@pytest.mark.parametrize("density", [EIGHT, DPI], ids=["8", "300dpi"])
@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_template_comes_out_dot_for_dot_and_its_codes_read(
    name: str, density: object
) -> None:
    one = builtin_label(name, density)  # type: ignore[arg-type]
    piece = printed(one, model=FINE if density == DPI else MODEL)
    assert piece.tile == draw(one)
    codes = [element.content for element in one.elements if isinstance(element, Barcode)]
    assert [code.octets.decode() for code in piece.codes] == codes


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(-20, 120),
            st.integers(-20, 90),
            st.integers(1, 70),
            st.integers(1, 40),
            st.booleans(),
        ),
        max_size=5,
    ),
    st.integers(20, 130),
    st.sampled_from(["exact", "native"]),
)
def test_any_arrangement_of_ink_comes_out_dot_for_dot(
    places: list[tuple[int, int, int, int, bool]], width: int, mode: str
) -> None:
    elements = [
        picture(f"p{n}", x, y, speckled(wide, high, n), fixed=fixed)
        for n, (x, y, wide, high, fixed) in enumerate(places)
    ]
    one = label(*elements, width=width, height=100)
    assert printed(one, mode).tile == draw(one)


def test_fixed_ink_is_stored_once_and_recalled_on_each_label() -> None:
    logo = picture("logo", 30, 20, speckled(200, 100, 1), fixed=True)
    labels = [label(logo, barcode("code128", f"SN-{n:06}", 40, 200, 3)) for n in range(3)]
    pages = [encode(one, "exact", MODEL) for one in labels]
    (kept,) = pages[0].needs
    assert [page.needs for page in pages] == [(kept,)] * 3
    assert all(page.body.count(kept.name.encode()) == 1 for page in pages)
    assert all(len(page.body) < 1200 for page in pages)
    with loaded_with(labels[0], MODEL) as printer:
        pieces = printer.print_pages(pages)
        assert [piece.tile for piece in pieces] == [draw(one) for one in labels]
        # What went with one label alone is gone again; what is kept is still there.
        assert list(printer.language.pictures) == [kept.name]  # type: ignore[attr-defined]
        printer.feed(kept.forget)
        assert printer.language.pictures == {}  # type: ignore[attr-defined]


def test_the_first_printers_keep_pictures_in_module_a() -> None:
    logo = picture("logo", 30, 20, speckled(200, 100, 1), fixed=True)
    one = label(logo, picture("own", 300, 20, speckled(20, 20, 2)))
    page = encode(one, "exact", PLAIN)
    assert page.needs[0].payload.startswith(b"\x02xAGGW")
    assert page.body.count(b"\x02IAAFGW") == 1
    assert page.body.endswith(b"\x02zA\r")
    assert printed(one, model=PLAIN).tile == draw(one)


def test_a_printer_that_keeps_nothing_gets_everything_each_time() -> None:
    one = label(picture("logo", 30, 20, speckled(200, 100, 1), fixed=True))
    assert encode(one, "exact", replace(MODEL, keeps=False)).needs == ()
    assert encode(one, "exact", MODEL).needs != ()


def test_a_label_without_ink_is_still_one_piece_of_paper() -> None:
    assert printed(label()).tile.count() == 0


def test_rows_repeat_in_runs_of_at_most_255() -> None:
    written = write_image(dots(["#......."] * 600))
    assert written == b"800180\r0000FFFF\r0000FFFF\r0000FF59\rFFFF\r"


def test_a_label_of_another_density_is_refused() -> None:
    with pytest.raises(PrinterRefused, match="laid out for 8 dots per mm"):
        encode(label(), "exact", FINE)


def test_a_label_wider_than_an_image_can_be_is_refused() -> None:
    with pytest.raises(PrinterRefused, match="at most 2040 dots wide, and the label is 2400"):
        encode(label(width=2400), "exact", MODEL)


# --- setup -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setup", "before", "inside"),
    [
        (AS_IT_IS, b"", b""),
        (Setup(tracking="gap"), b"\x02c0000\r\x02e\r", b""),
        (Setup(tracking="mark"), b"\x02c0000\r\x02r\r", b""),
        (Setup(tracking="continuous"), b"\x02m\r\x02c0500\r", b""),
        (Setup(darkness=50), b"", b"H15\r"),
        (Setup(darkness=100), b"", b"H30\r"),
        (Setup(speed=101_600), b"", b"PG\r"),
        (Setup(speed=1), b"", b"PA\r"),
        (Setup(speed=500_000), b"", b"PW\r"),
        (Setup(finish="cut"), b"\x02V1\r", b":0001\r"),
        (Setup(finish="peel"), b"\x02V4\r", b""),
        (Setup(finish="tear_off"), b"\x02V0\r", b""),
    ],
)
def test_each_setting_is_said_as_the_manual_says(
    setup: Setup, before: bytes, inside: bytes
) -> None:
    body = encode(label(), "exact", MODEL, setup).body
    opening = b"\x02L\rm\rD11\rA2\rR0000\rC0000\r"
    assert body == before + opening + inside + b"Q0001\rE\r"


@pytest.mark.parametrize("tracking", ["gap", "mark", "continuous"])
@pytest.mark.parametrize("finish", ["tear_off", "peel", "cut", "rewind"])
def test_the_label_is_the_same_however_the_printer_is_set_up(
    tracking: Tracking, finish: Finish
) -> None:
    one = label(barcode("code128", "SN-1", 40, 200, 3))
    setup = Setup(tracking=tracking, finish=finish, darkness=40, speed=150_000)
    with loaded_with(one, MODEL) as printer:
        (piece,) = printer.print_pages([encode(one, "exact", MODEL, setup)])
    assert piece.tile == draw(one)
    assert piece.unknown == ()


# --- native ------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(
    ("symbology", "content"),
    [
        ("code128", "SN-000123"),
        ("code128", "123456"),
        ("code128", "aB12345678z"),
        ("gs1-128", "(01)09501101530003(10)AB-12(21)7"),
        ("code39", "ABC-123 $"),
        ("code93", "ABC-123 $"),
        ("codabar", "A12-34B"),
        ("itf", "1234567890"),
        ("datamatrix", "SN-000123456"),
    ],
)
def test_a_code_of_the_printers_own_has_the_bars_of_the_preview(
    symbology: str, content: str, rotation: Rotation
) -> None:
    # Multiples of 4 dots are whole tenths of a millimetre.
    one = label(barcode(symbology, content, 120, 100, 4, 80, rotation), width=1600, height=1600)
    page = encode(one, "native", MODEL)
    assert page.body.count(b"1Y11") == 0
    piece = printed(one, "native")
    (element,) = one.elements
    assert isinstance(element, Barcode)
    if symbology != "datamatrix":
        assert page.approximate == ()
        assert piece.tile == draw(one)
        return
    # The same square, packed in other code words.
    assert page.approximate == (element.id,)
    assert [code.octets.decode() for code in piece.codes] == [content]
    assert piece.tile.art().split("\n")[99].count("#") == 0
    assert "#" in piece.tile.art().split("\n")[100][120 : 120 + element.tile.width]


def test_a_code_on_whole_tenths_comes_out_dot_for_dot() -> None:
    one = label(barcode("code128", "SN-000123", 120, 120, 3, 80))
    page = encode(one, "native", MODEL)
    assert page.approximate == ()
    assert b"1e3310002500150BSN-&D000123\r" in page.body
    assert printed(one, "native").tile == draw(one)


def test_a_code_between_tenths_lies_within_a_dot_and_is_called_approximate() -> None:
    one = label(barcode("code128", "SN-000123", 121, 123, 3, 81))
    page = encode(one, "native", MODEL)
    assert page.approximate == ("code128-121-123",)
    assert printed(one, "native").codes[0].octets == b"SN-000123"


@pytest.mark.parametrize(
    ("symbology", "content"),
    [
        ("code128", "A&B"),
        ("code128", "a^b"),
        ("code128", "a~b\\"),
        ("code128", "A\r\x02L"),
        ("qr", "\x02L\rE\r^XA"),
        ("datamatrix", "a\rE\r\x01#"),
        ("ean13", "6291041500213"),
        ("code93", "abc"),
    ],
)
def test_what_cannot_be_said_is_ink_and_triggers_nothing(symbology: str, content: str) -> None:
    one = label(barcode(symbology, content, 120, 120, 3, 80))
    page = encode(one, "native", MODEL)
    assert page.body.count(b"1Y11") == 1
    piece = printed(one, "native")
    assert piece.tile == draw(one)
    assert [code.octets for code in piece.codes] == [content.encode()]


def test_boxes_and_lines_are_the_printers_own_and_dot_for_dot_where_they_fall_on_tenths() -> None:
    def frame(width: int, height: int, border: int) -> Tile:
        inner = "#" * border + "." * (width - 2 * border) + "#" * border
        return dots(
            ["#" * width] * border + [inner] * (height - 2 * border) + ["#" * width] * border
        )

    one = label(
        Box("frame", 8, 8, 0, frame(400, 200, 4), True, 4),
        Box("full", 440, 8, 0, dots(["#" * 80] * 40), True, 40),
        Line("rule", 20, 240, 0, dots(["#" * 760] * 4), True, 4, "-"),
        Line("side", 20, 260, 0, dots(["####"] * 100), True, 4, "|"),
        width=880,
    )
    page = encode(one, "native", MODEL)
    assert page.body.count(b"\r1X11000") == 4
    assert page.approximate == ()
    assert printed(one, "native").tile == draw(one)
    odd = label(Box("odd", 41, 81, 0, frame(401, 200, 3), True, 3))
    page = encode(odd, "native", MODEL)
    assert page.body.count(b"1X11000") == 1
    assert page.approximate == ("odd",)
    assert printed(odd, "native").tile.count() == draw(odd).count()
    leaning = Line("leaning", 20, 20, 0, speckled(40, 40, 1), True, 4, "/")
    assert printed(label(leaning), "native").tile == draw(label(leaning))


def text(*lines: str, x: int = 40, y: int = 60, rotation: Rotation = 0) -> Text:
    wide = 20 * max(map(len, lines))
    tile = speckled(wide, 40, 1) if rotation in (0, 180) else speckled(40, wide, 1)
    return Text(
        "text", x, y, rotation, tile, False, lines, 40, 48, "left", "sans", (x, y + 40), wide
    )


def test_text_is_the_printers_own_font_where_it_has_one() -> None:
    one = label(text("Serial number", "Second line"))
    page = encode(one, "native", MODEL)
    assert page.approximate == ("text",)
    assert b"1911S0003750050" in page.body
    assert b"Serial number\r" in page.body
    box = printed(one, "native").tile
    assert 2000 < box.count() < 20_000
    for model in (PLAIN, replace(MODEL, name="")):
        assert printed(one, "native", model).tile == draw(one)


@pytest.mark.parametrize("words", ["Größe", "C:\\dir", "a~b", "a^b", "two\rE\r", "\x02L", "日本"])
def test_text_that_the_font_cannot_say_is_ink(words: str) -> None:
    one = label(text(words))
    assert encode(one, "native", MODEL).approximate == ()
    assert printed(one, "native").tile == draw(one)


@pytest.mark.parametrize("name", BUILTIN)
def test_the_codes_of_a_native_template_read(name: str) -> None:
    one = builtin_label(name, EIGHT)
    codes = [element.content for element in one.elements if isinstance(element, Barcode)]
    assert [code.octets.decode() for code in printed(one, "native").codes] == codes


@settings(max_examples=200)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20))
def test_code_128_data_says_what_the_code_says(content: str) -> None:
    data = code128_data(content)
    if data is None:
        assert set(content) & set("&^~|\\")
        return
    words = data.decode()[1:].replace("&D", "").replace("&E", "")
    assert words == content


def test_a_label_of_native_codes_is_short_enough_for_a_slow_line() -> None:
    one = label(
        text("SN-000123", x=40, y=40),
        barcode("code128", "SN-000123", 40, 120, 3, 80),
    )
    assert len(encode(one, "native", MODEL).body) <= 260
