"""Labels as ESC/POS, judged by a virtual printer that shares no drawing code with the encoder."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Mode, Model, Page
from gateway.drivers.languages.escpos import MOST_OCTETS, encode
from gateway.drivers.languages.escpos_native import code128_bytes
from gateway.drivers.languages.escpos_safe import REAL_TIME
from gateway.errors import FieldRefused, PrinterRefused
from gateway.label import Box, Element, Label, Picture, Rotation, Text, Tile, draw
from gateway.printers import Finish, Setup, Tracking
from gateway.units import parse_density
from tests.drivers.languages.goldens import check_golden
from tests.drivers.languages.judging import Printed, barcode, dots
from tests.drivers.languages.speaking import (
    BUILTIN,
    builtin_label,
    differing,
    loaded_with,
    speaking,
    speckled,
)

EIGHT = parse_density(8)
DPI_180 = parse_density("180dpi")
EPSON = Model("any", "Any", "escpos", EIGHT, 832, code_pages={"cp437": 0, "cp850": 2, "cp1252": 16})
CLONE = replace(EPSON, quirks=frozenset({"legacy-raster", "no-process-id", "no-qr"}))
CUT = Setup(finish="cut")


def label(*elements: Element, width: int = 400, height: int = 200) -> Label:
    return Label(width, height, EIGHT, elements)


def picture(name: str, x: int, y: int, tile: Tile) -> Picture:
    return Picture(name, x, y, 0, tile, False)


def words(
    text: str, *, size: int = 30, x: int = 20, y: int = 60, measure: int = 360, align: str = "left"
) -> Text:
    lines = tuple(text.split("\n"))
    tile = speckled(max(8, 15 * max(map(len, lines))), size, 3)
    return Text("words", x, y - size, 0, tile, False, lines, size, size + 12,
                align,  # type: ignore[arg-type]
                "sans", (x, y), measure)  # fmt: skip


def printed(one: Label, mode: Mode, model: Model, setup: Setup = CUT) -> Printed:
    """Return the only piece of paper that a label makes."""
    with loaded_with(one, model) as printer:
        (piece,) = printer.print_pages([encode(one, mode, model, setup)])
        assert printer.machine.admin_events() == ()
        assert printer.answers == b""
    return piece


# --- exact -------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [EPSON, CLONE], ids=["epson", "clone"])
@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_template_comes_out_dot_for_dot_and_its_codes_read(
    name: str, model: Model
) -> None:
    one = builtin_label(name, EIGHT)
    piece = printed(one, "exact", model)
    assert piece.tile == draw(one)
    assert (piece.unknown, piece.notes) == ((), ())
    assert len(piece.codes) == sum(hasattr(element, "symbology") for element in one.elements)


def test_a_head_of_180_dpi_prints_every_dot() -> None:
    model = replace(EPSON, density=DPI_180, head_dots=512)
    one = Label(500, 150, DPI_180, (picture("p", 7, 3, speckled(490, 140, 5)),))
    assert printed(one, "exact", model).tile == draw(one)


@st.composite
def any_label(draw_one: st.DrawFn) -> Label:
    elements: list[Element] = []
    for number in range(draw_one(st.integers(0, 4))):
        tile = speckled(
            draw_one(st.integers(1, 90)), draw_one(st.integers(1, 60)), draw_one(st.integers(0, 99))
        )
        x, y = draw_one(st.integers(-20, 120)), draw_one(st.integers(-20, 290))
        elements.append(picture(f"p{number}", x, y, tile))
    return label(*elements, width=draw_one(st.integers(20, 130)), height=300)


@settings(deadline=None, max_examples=40)
@given(any_label(), st.sampled_from([EPSON, CLONE]), st.sampled_from(get_args(Mode)))
@example(label(width=50, height=20), EPSON, "exact")
def test_any_arrangement_of_ink_comes_out_dot_for_dot(one: Label, model: Model, mode: Mode) -> None:
    piece = printed(one, mode, model)
    assert piece.tile == draw(one)
    assert piece.unknown == ()


def test_a_label_without_ink_is_still_one_piece_of_paper_of_its_length() -> None:
    empty = label(picture("none", 5, 5, dots(["...."])))
    for mode in get_args(Mode):
        piece = printed(empty, mode, EPSON)
        assert (piece.tile.count(), piece.tile.height) == (0, 200)


def test_pictures_are_small_enough_for_small_buffers_and_blank_rows_cost_a_byte_each() -> None:
    tall = label(picture("p", 0, 700, speckled(400, 300, 1)), width=400, height=1200)
    body = encode(tall, "exact", CLONE, CUT).body
    sizes = []
    at = body.index(b"\x1dv0")
    while body[at : at + 3] == b"\x1dv0":
        across, rows = body[at + 4] + 256 * body[at + 5], body[at + 6] + 256 * body[at + 7]
        sizes.append((across, rows))
        at += 8 + across * rows
    assert all(across * rows <= MOST_OCTETS and rows <= 256 for across, rows in sizes)
    assert sum(rows for _, rows in sizes) == 1200
    assert [one for one in sizes if one[0] == 1] == [(1, 256), (1, 256), (1, 188), (1, 200)]
    assert len(body) < 900 + 300 * 50 + 100
    assert printed(tall, "exact", CLONE).tile == draw(tall)


def test_a_label_for_another_head_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        encode(label(), "exact", replace(EPSON, density=DPI_180))
    assert caught.value.detail == (
        "The label is laid out for 8 dots per mm and model 'any' prints 180dpi; lay it out for "
        "this printer."
    )


def test_nothing_is_sent_beyond_the_head() -> None:
    wide = label(picture("p", 0, 0, speckled(400, 40, 1)), barcode("code128", "SN-1", 9, 60))
    narrow = replace(EPSON, head_dots=100)
    for mode in get_args(Mode):
        body = encode(wide, mode, narrow, CUT).body
        assert b"\x1dk" not in body
        kept = label(picture("p", 0, 0, draw(wide)), width=100)
        assert body == encode(kept, mode, narrow, CUT).body


# --- dots that read as commands ----------------------------------------------------------------

AT_ONCE = [
    b"\x10\x04\x01", b"\x10\x05\x02", b"\x10\x14\x01\x00\x01", b"\x10\x14\x02\x01\x08",
    b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08",
]  # fmt: skip


def row_of(octets: bytes, rows: int = 1, stride: int = 40) -> Tile:
    return Tile(8 * stride, rows, octets.ljust(rows * stride, b"\0"))


@pytest.mark.threat("T9")
@pytest.mark.parametrize("model", [EPSON, CLONE], ids=["epson", "clone"])
@pytest.mark.parametrize("octets", AT_ONCE)
@pytest.mark.parametrize("place", ["inside a row", "at the left edge", "across two rows", "last"])
def test_ink_that_reads_as_a_command_is_sent_otherwise_and_prints_the_same(
    octets: bytes, place: str, model: Model
) -> None:
    """They would open the drawer, switch off or drop what waits, wherever they stand."""
    match place:
        case "inside a row":
            tile = row_of(bytes(7) + octets, 30)
        case "at the left edge":
            tile = row_of(b"\x90" + bytes(39) + octets + bytes(20) + b"\xff", 60)
        case "across two rows":
            tile = row_of(bytes(38) + b"\xff" + octets, 40)
        case _:
            tile = row_of(bytes(40 * 29 + 9) + octets, 30)
    one = label(picture("p", 0, 0, tile), width=320, height=90)
    body = encode(one, "exact", model, CUT).body
    assert not REAL_TIME.search(body)
    assert (b"\x1dL" in body) == (place != "across two rows")  # moved by a margin
    assert b"\x1b*" not in body
    assert printed(one, "exact", model).tile == draw(one)


def test_ink_that_reads_as_a_command_whichever_way_it_is_sent_is_refused() -> None:
    row = b"\x10\x04\x01" + bytes(37)
    one = label(picture("p", 0, 0, Tile(320, 5, b"\x80" + bytes(159))), width=320, height=5)
    encode(one, "exact", EPSON)
    hostile = label(picture("p", 0, 0, Tile(320, 1, b"\x80" + row[:39])), width=320, height=1)
    with pytest.raises(FieldRefused) as caught:
        encode(hostile, "exact", EPSON)
    assert caught.value.detail == (
        "The ink from row 0 on reads as a command to the printer, whichever way it is sent; move "
        "what stands at the label's left edge by a dot."
    )


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([*AT_ONCE, b"\0", b"\xff", b"\x10", b"\x04\x01"]), max_size=120),
    st.sampled_from([EPSON, CLONE]),
)
def test_nothing_that_is_sent_holds_a_command_by_chance(parts: list[bytes], model: Model) -> None:
    ink = b"".join(parts).ljust(6 * 60, b"\0")[: 6 * 60]
    one = label(picture("p", 0, 0, Tile(48, 60, ink)), width=48, height=60)
    try:
        body = encode(one, "exact", model, CUT).body
    except FieldRefused:
        return
    assert not REAL_TIME.search(body)
    assert printed(one, "exact", model).tile == draw(one)


@pytest.mark.parametrize("model", [EPSON, CLONE], ids=["epson", "clone"])
def test_such_a_row_with_ink_at_its_edge_goes_as_columns_a_command_each(model: Model) -> None:
    row = b"\x80\x00\x10\x04\x01".ljust(40, b"\x55")
    tile = Tile(320, 60, bytes(40 * 10) + row + speckled(320, 49, 2).ink)
    one = label(picture("p", 0, 0, tile), width=320, height=60)
    body = encode(one, "exact", model, CUT).body
    assert body.count(b"\x1b*\x21\x01\0") == 320
    assert not REAL_TIME.search(body)
    assert printed(one, "exact", model).tile == draw(one)


# --- native ------------------------------------------------------------------------------------

CODES = [
    ("code128", "SN-000123"),
    ("code128", "12345678901"),
    ("code128", "a{b}{{{1{C"),
    ("code128", "tab\there\x01\x10"),
    ("code128", "Aa\tBb\r\n12"),
    ("gs1-128", "(01)09521234543213(21)A+1_2(10)77"),
]


@pytest.mark.parametrize("model", [EPSON, CLONE], ids=["epson", "clone"])
@pytest.mark.parametrize(("symbology", "content"), CODES)
def test_a_code_the_printer_draws_is_the_previewed_code(
    symbology: str, content: str, model: Model
) -> None:
    code = barcode(symbology, content, 30, 40, 2, 90)
    one = label(code, picture("above", 3, 2, speckled(300, 38, 1)),
                picture("below", 9, 130, speckled(200, 69, 2)),
                width=code.tile.width + 60)  # fmt: skip
    page = encode(one, "native", model, CUT)
    assert page.body.count(b"\x1dkI") == 1
    assert page.approximate == ()
    piece = printed(one, "native", model)
    assert piece.unknown == ()
    assert [code.octets for code in piece.codes] == [code.content.encode()]
    assert differing(piece.tile, draw(one)) == 0


@pytest.mark.parametrize("content", ["SN-000123", "1" * 30, "HTTPS://EXAMPLE.COM/?q={1}"])
def test_a_qr_code_of_the_printer_has_the_previewed_size_and_content(content: str) -> None:
    code = barcode("qr", content, 24, 30, 4)
    one = label(code, width=300)
    page = encode(one, "native", EPSON, CUT)
    piece = printed(one, "native", EPSON)
    assert [code.octets for code in piece.codes] == [content.encode()]
    assert piece.unknown == ()
    drawn = b"\x1d(k" in page.body
    assert page.approximate == (("qr-24-30",) if drawn else ())
    assert drawn == (content != "1" * 30)  # as bytes these digits need a larger symbol
    box = ink_box(piece.tile)
    assert box == ink_box(draw(one))


def ink_box(tile: Tile) -> tuple[int, int, int, int]:
    ink = [
        (x, y)
        for y, row in enumerate(tile.art().split("\n"))
        for x, dot in enumerate(row)
        if dot == "#"
    ]
    xs, ys = [x for x, _ in ink], [y for _, y in ink]
    return min(xs), min(ys), max(xs), max(ys)


def test_a_clone_that_draws_no_qr_codes_gets_a_picture() -> None:
    one = label(barcode("qr", "SN-000123", 24, 30, 4))
    assert b"\x1d(k" not in encode(one, "native", CLONE).body
    assert printed(one, "native", CLONE).tile == draw(one)


@pytest.mark.parametrize(
    ("symbology", "content", "rotation"),
    [
        ("ean13", "629104150021", 0), ("code39", "SN-1", 0), ("itf14", "09521234543213", 0),
        ("datamatrix", "SN-1", 0), ("gs1-qr", "(01)09521234543213", 0), ("code128", "SN-1", 90),
        ("qr", "SN-1", 180),
    ],
)  # fmt: skip
def test_a_code_that_printers_draw_differently_is_a_picture(
    symbology: str, content: str, rotation: Rotation
) -> None:
    one = label(barcode(symbology, content, 30, 40, 2, 80, rotation), height=400)
    assert printed(one, "native", EPSON).tile == draw(one)
    assert encode(one, "native", EPSON).approximate == ()


def test_a_code_whose_dots_are_not_what_a_printer_would_draw_is_a_picture() -> None:
    code = barcode("code128", "SN-000123", 30, 40)
    for odd in (
        replace(code, module=1),
        replace(code, module=7),
        replace(code, bar_height=79),
        replace(code, content="SN-0001234"),
        replace(code, x=-1),
        replace(code, y=150),
        replace(code, tile=replace(code.tile, ink=code.tile.ink[:-1] + b"\xff")),
    ):
        assert b"\x1dk" not in encode(label(odd), "native", EPSON).body


def test_what_shares_its_rows_with_something_else_is_a_picture() -> None:
    code, beside = barcode("code128", "SN-1", 30, 40), picture("p", 300, 119, speckled(40, 30, 1))
    assert b"\x1dk" not in encode(label(code, beside), "native", EPSON).body
    below = replace(beside, y=120)
    assert b"\x1dk" in encode(label(code, below), "native", EPSON).body
    blank = replace(beside, tile=dots(["...."]))
    assert b"\x1dk" in encode(label(code, blank), "native", EPSON).body
    for one in (label(code, beside), label(code, below)):
        assert printed(one, "native", EPSON).tile == draw(one)


def test_text_is_the_printers_own_in_its_place_and_approximate() -> None:
    one = label(words("SN-1 {x}", size=48, y=90), Box("rule", 0, 120, 0, dots(["#" * 400] * 3),
                                                     False, 3))  # fmt: skip
    page = encode(one, "native", EPSON, CUT)
    assert page.approximate == ("words",)
    assert b"SN-1 {x}\n" in page.body
    piece = printed(one, "native", EPSON)
    assert (piece.unknown, piece.tile.height) == ((), 200)
    art = piece.tile.art().split("\n")
    assert art[120] == "#" * 400
    left, top, right, bottom = ink_box(Tile(400, 110, piece.tile.ink[: 50 * 110]))
    assert 20 <= left <= 26
    assert 20 + 7 * 24 < right < 20 + 8 * 24
    assert 48 <= top <= 62
    assert 86 <= bottom <= 100


@pytest.mark.parametrize(("align", "left"), [("left", 20), ("center", 164), ("right", 308)])
def test_text_is_aligned_in_its_measure(align: str, left: int) -> None:
    piece = printed(label(words("HMH\nHHH", size=48, align=align, measure=360)), "native", EPSON)
    box = ink_box(piece.tile)
    assert 0 <= box[0] - left <= 4
    assert box[2] <= left + 72
    assert box[3] - box[1] >= 42


@pytest.mark.parametrize(
    ("text", "sent"),
    [("café", b"\x1bt\0"), ("Ø¾", b"\x1bt\x02"), ("plain", b""), ("€", b"\x1bt\x10")],
)
def test_text_goes_in_a_code_page_that_has_all_of_it(text: str, sent: bytes) -> None:
    body = encode(label(words(text)), "native", EPSON).body
    assert sent in body
    assert (b"\x1bt" in body) == bool(sent)


@pytest.mark.parametrize("text", ["漢字", "שלום", "tab\u0301", "a\x1b@b", "W" * 60])
def test_text_that_no_code_page_has_or_no_font_fits_is_a_picture(text: str) -> None:
    one = label(words(text), width=1000)
    assert encode(one, "native", EPSON).approximate == ()
    assert printed(one, "native", replace(EPSON, head_dots=1000)).tile == draw(one)


def test_a_text_without_baseline_is_a_picture() -> None:
    one = label(replace(words("SN-1"), origin=None))
    assert printed(one, "native", EPSON).tile == draw(one)


HOSTILE = [
    "\x1b@\x1bp\0<x", "\x10\x14\x01\0\x01", "{A{B{C{1", "\n\x1dVB\0", "\x1d(A\x02\0\0\x02",
    "'\"\\\r\n", "\x00\x00", "{", "160401", "16040120041020",
]  # fmt: skip


@pytest.mark.threat("T9")
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_data_prints_one_label_and_commands_nothing(hostile: str) -> None:
    shown = "".join(sign for sign in hostile if " " <= sign <= "~")
    code = barcode("code128", hostile, 20, 60, 2)
    one = label(words(shown, y=40), code, barcode("qr", hostile, 20, 200, 3), width=code.tile.width
                + 60, height=400)  # fmt: skip
    assert not REAL_TIME.search(encode(one, "native", EPSON, CUT).body)
    piece = printed(one, "native", EPSON)
    assert piece.unknown == ()
    assert [code.octets for code in piece.codes] == [hostile.encode()] * 2


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(max_codepoint=127), min_size=1, max_size=30))
def test_code_128_of_any_ascii_reads_back(content: str) -> None:
    code = barcode("code128", content, 20, 10, 2, 60)
    one = label(code, width=code.tile.width + 60, height=80)
    piece = printed(one, "native", replace(EPSON, head_dots=2000))
    assert piece.tile == draw(one)


def test_what_is_no_ascii_is_not_for_the_printers_code_128() -> None:
    assert code128_bytes("") is None
    assert code128_bytes("é") is None
    assert code128_bytes("a" * 254) is None


# --- setup -------------------------------------------------------------------------------------

ONE = label(picture("p", 8, 8, speckled(300, 100, 4)))


def around(setup: Setup, model: Model = EPSON) -> tuple[bytes, bytes]:
    """Return what is sent before and behind the ink."""
    body = encode(ONE, "exact", model, setup).body
    plain = encode(ONE, "exact", model, Setup(finish="rewind")).body
    ink = plain.removeprefix(b"\x1b@")
    begin, found, end = body.partition(ink)
    assert found
    return begin, end


@pytest.mark.parametrize(
    ("finish", "tracking", "quirks", "begin", "end"),
    [
        (None, None, "", b"", b"\x1bd\x04"),
        ("tear_off", "continuous", "", b"", b"\x1bd\x04"),
        ("cut", None, "", b"", b"\x1dVB\0"),
        ("cut", None, "no-cutter", b"", b"\x1bd\x04"),
        ("cut", "gap", "", b"\x1c(L\x02\0C2", b"\x1c(L\x02\0B0\x1dV\x01"),
        ("peel", "gap", "", b"\x1c(L\x02\0C2", b"\x1c(L\x02\0A0"),
        ("tear_off", "mark", "", b"\x1c(L\x02\0C2", b"\x1c(L\x02\0C0"),
        ("cut", "mark", "black-mark", b"", b"\x1d\x0c\x1dV\x01"),
        (None, "gap", "black-mark", b"", b"\x1d\x0c"),
        ("rewind", None, "", b"", b""),
    ],
)
def test_a_label_is_brought_out_as_the_printer_is_set(
    finish: Finish | None, tracking: Tracking | None, quirks: str, begin: bytes, end: bytes
) -> None:
    model = replace(EPSON, quirks=frozenset(quirks.split()))
    setup = Setup(tracking=tracking, finish=finish)
    assert around(setup, model) == (b"\x1b@" + begin, end)
    with speaking("escpos", 8, 400, 200) as printer:
        pieces = printer.print_pages([encode(ONE, "exact", model, setup)] * 3 + [Page(b"\x1b@")])
    assert [piece.tile for piece in pieces] == [draw(ONE)] * 3
    assert [piece.unknown for piece in pieces] == [()] * 3


@pytest.mark.parametrize(
    ("darkness", "density"), [(0, 250), (50, 0), (100, 6), (25, 253), (54, 0), (55, 1), (46, 0)]
)
def test_darkness_is_print_density_from_70_to_130_percent(darkness: int, density: int) -> None:
    begin, _ = around(Setup(darkness=darkness))
    assert begin == b"\x1b@\x1d(K\x02\x001" + bytes([density])


# --- goldens -----------------------------------------------------------------------------------


GOLDEN: dict[str, tuple[Label, Mode, Model, Setup]] = {
    "ink": (ONE, "exact", EPSON, CUT),
    "ink-clone": (ONE, "exact", CLONE, Setup()),
    "serial-label": (builtin_label("serial-label", EIGHT), "exact", EPSON, CUT),
    "serial-label-native": (builtin_label("serial-label", EIGHT), "native", EPSON, CUT),
    "code128-native": (label(barcode("code128", "SN-000123", 30, 40)), "native", EPSON, CUT),
    "gs1-128-native": (
        label(barcode("gs1-128", "(01)09521234543213(21)A1", 30, 40, 1, 80)), "native", EPSON, CUT,
    ),
    "qr-native": (label(barcode("qr", "SN-000123", 30, 40, 3)), "native", EPSON, CUT),
    "text-native": (label(words("SN-1\ncafé", align="center")), "native", EPSON, CUT),
    "turned": (label(barcode("code128", "SN-1", 30, 10, 2, 80, 90)), "native", EPSON, CUT),
    "gap-dark": (ONE, "exact", EPSON, Setup(tracking="gap", darkness=80, finish="peel")),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_whole_labels_are_sent_as_kept(name: str) -> None:
    one, mode, model, setup = GOLDEN[name]
    check_golden("escpos", name, encode(one, mode, model, setup).body)
