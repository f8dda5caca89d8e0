"""Labels as Brother QL raster, judged by a virtual printer that knows the rolls by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Model, load_language
from gateway.drivers.languages.brother_ql import encode, pack_bits
from gateway.drivers.languages.brother_ql_raw import split_raw
from gateway.drivers.languages.brother_ql_rolls import ROLLS, Roll, find_roll
from gateway.drivers.models import find_model, load_models
from gateway.drivers.virtual.brother_ql.interpreter import Interpreter
from gateway.errors import PrinterRefused, RawRefused
from gateway.label import Element, Label, Picture, Tile, draw
from gateway.printers import Setup, Tracking
from gateway.units import parse_density, to_dots
from tests.drivers.languages.judging import barcode
from tests.drivers.languages.speaking import (
    BUILTIN,
    builtin_label,
    loaded_with,
    speaking,
    speckled,
)

DPI = parse_density("300dpi")
NARROW = load_models()["brother-ql-820nwb"]
WIDE = load_models()["brother-ql-1110nwb"]
PLAIN = load_models()["brother-ql-700"]
ANY = find_model("", "brother-ql", DPI)
"""A printer of which only the language is known: the roll tells how wide its head must be."""


def on_roll(width_mm: int, length_mm: int, *elements: Element) -> Label:
    across, along = to_dots(width_mm * 1000, DPI), to_dots(length_mm * 1000, DPI)
    return Label(across, along, DPI, elements)


def picture(name: str, x: int, y: int, tile: Tile) -> Picture:
    return Picture(name, x, y, 0, tile, False)


def moved_onto(label: Label, width_mm: int, length_mm: int) -> Label:
    """Return the label in the middle of a larger one."""
    larger = on_roll(width_mm, length_mm)
    right, down = (larger.width - label.width) // 2, (larger.height - label.height) // 2
    moved = tuple(replace(one, x=one.x + right, y=one.y + down) for one in label.elements)
    return replace(larger, elements=moved)


@pytest.mark.parametrize("name", BUILTIN)
def test_a_built_in_template_comes_out_dot_for_dot_and_its_codes_read(name: str) -> None:
    label = moved_onto(builtin_label(name, DPI), 104, 164)
    with loaded_with(label, WIDE) as printer:
        (piece,) = printer.print_pages([encode(label, "exact", WIDE)])
    assert piece.tile == draw(label)
    assert (piece.unknown, piece.notes) == ((), ())
    assert len(piece.codes) == sum(hasattr(one, "symbology") for one in label.elements)


@pytest.mark.parametrize("roll", ROLLS, ids=str)
@pytest.mark.parametrize("head", [NARROW, PLAIN, WIDE, ANY], ids=lambda model: model.title)
def test_the_whole_print_area_of_every_roll_comes_out(roll: Roll, head: Model) -> None:
    length = roll.length_mm or 40
    label = on_roll(roll.width_mm, length)
    lines = roll.lines or label.height - 70
    tile = speckled(roll.dots, lines, roll.width_mm)
    area = picture("area", (label.width - roll.dots) // 2, (label.height - lines) // 2, tile)
    label = replace(label, elements=(area,))
    tracking: Tracking = "gap" if roll.length_mm else "continuous"
    if roll.dots > 720 and head in (NARROW, PLAIN):
        with pytest.raises(PrinterRefused, match="No roll for this printer"):
            encode(label, "exact", head, Setup(tracking=tracking))
        return
    with loaded_with(label, head) as printer:
        page = encode(label, "exact", head, Setup(tracking=tracking))
        (piece,) = printer.print_pages([page])
    assert piece.tile == draw(label)
    assert (piece.unknown, piece.notes) == ((), ())


def test_native_is_exact() -> None:
    label = on_roll(62, 100, picture("p", 100, 100, speckled(300, 200, 1)))
    assert encode(label, "native", NARROW) == encode(label, "exact", NARROW)


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(40, 400), st.integers(40, 200), st.integers(1, 200), st.integers(1, 60)
        ),
        max_size=5,
    )
)
def test_any_arrangement_of_ink_comes_out_dot_for_dot(
    places: list[tuple[int, int, int, int]],
) -> None:
    tiles = [
        picture(f"p{n}", x, y, speckled(wide, high, n))
        for n, (x, y, wide, high) in enumerate(places)
    ]
    label = on_roll(62, 29, *tiles)
    label = replace(label, elements=tuple(one for one in tiles if one.y + one.tile.height < 300))
    with loaded_with(label, NARROW) as printer:
        (piece,) = printer.print_pages([encode(label, "exact", NARROW)])
    assert piece.tile == draw(label)


def test_hostile_data_is_ink_like_any_other() -> None:
    hostile = '^XA~JR\x1b@\x1biS\x1a\x0c"\r\n'
    label = on_roll(
        62, 100, barcode("code128", "A1", 100, 100), barcode("qr", hostile, 100, 300, 4)
    )
    with loaded_with(label, NARROW) as printer:
        (piece,) = printer.print_pages([encode(label, "exact", NARROW)])
        assert printer.machine.admin_events() == ()
        assert bytes(printer.answers).count(b"\x80\x20") == 3  # begun, completed, waiting
    assert [code.octets for code in piece.codes] == [b"A1", hostile.encode()]
    assert piece.unknown == ()


def test_a_label_of_no_roll_is_refused_with_what_there_is() -> None:
    with pytest.raises(PrinterRefused) as refused:
        encode(on_roll(80, 50), "exact", NARROW)
    assert refused.value.detail == (
        "No roll for this printer has labels of 80 mm × 50 mm; set its media to a DK roll such as "
        "62 × 100 mm or 29 × 90 mm, or any length on 12, 29, 38, 50, 54, 62, 102 or 104 mm."
    )


def test_ink_in_the_margin_is_refused_and_named() -> None:
    inside = picture("name", 100, 100, speckled(50, 50, 1))
    label = on_roll(62, 100, inside, picture("frame", 4, 100, speckled(50, 50, 1)))
    with pytest.raises(PrinterRefused) as refused:
        encode(label, "exact", NARROW)
    assert refused.value.detail == (
        "'frame' reaches into the margin of the roll, where the printer cannot print: keep "
        "1.524 mm free at the sides and 3.048 mm at top and bottom."
    )


def test_only_the_first_of_many_elements_in_the_margin_are_named() -> None:
    ticks = [picture(f"tick-{n}", 4, 100 + 60 * n, speckled(50, 50, 1)) for n in range(5)]
    with pytest.raises(PrinterRefused) as refused:
        encode(on_roll(62, 100, *ticks), "exact", NARROW)
    assert refused.value.detail.startswith(
        "'tick-0', 'tick-1', 'tick-2' and 2 more reach into the margin of the roll, "
    )


def test_a_label_of_another_density_is_refused() -> None:
    with pytest.raises(PrinterRefused, match="laid out for 8 dots per mm"):
        encode(Label(496, 800, parse_density(8), ()), "exact", NARROW)


def test_a_label_longer_than_a_metre_is_refused() -> None:
    with pytest.raises(PrinterRefused, match=r"make it 12\.7 mm to 999\.998 mm long"):
        encode(on_roll(62, 1100), "exact", NARROW)


def test_old_printers_cut_no_short_labels() -> None:
    short = on_roll(62, 20)
    assert encode(short, "exact", NARROW).body
    with pytest.raises(PrinterRefused, match=r"make it 24\.977 mm to 999\.998 mm long"):
        encode(short, "exact", load_models()["brother-ql-500"])


def test_stock_that_could_be_either_is_die_cut_unless_the_printer_is_set_to_continuous() -> None:
    across, along = to_dots(62_000, DPI), to_dots(29_000, DPI)
    assert find_roll(across, along, DPI) == Roll(62, 29, 696, 271, 12)
    assert find_roll(across, along, DPI, "continuous") == Roll(62, 0, 696, 0, 12)
    assert find_roll(across, along + 200, DPI, "gap") is None


@pytest.mark.parametrize(
    ("finish", "says"),
    [
        (None, b"\x1biM\x40\x1biA\x01\x1biK\x08"),
        ("cut", b"\x1biM\x40\x1biA\x01\x1biK\x08"),
        ("tear_off", b"\x1biM\x00\x1biK\x00"),
    ],
)
def test_labels_are_cut_unless_they_are_torn_off(finish: object, says: bytes) -> None:
    body = encode(on_roll(62, 100), "exact", NARROW, Setup(finish=finish)).body  # type: ignore[arg-type]
    assert says in body


def test_a_printer_without_a_cutter_is_told_nothing_of_cutting() -> None:
    body = encode(on_roll(62, 100), "exact", load_models()["brother-ql-500"]).body
    commands = body[400:].split(b"g\x00", 1)[0]
    assert [command[:2] for command in commands.split(b"\x1b")[1:]] == [b"@", b"iz", b"id"]


def test_printers_that_pack_nothing_get_whole_lines() -> None:
    label = on_roll(62, 29, picture("p", 100, 100, speckled(10, 10, 1)))
    plain, packed = encode(label, "exact", PLAIN).body, encode(label, "exact", NARROW).body
    assert len(plain) > 271 * 93
    assert b"M\x02" not in plain
    assert len(packed) < 1200
    assert b"M\x02" in packed


@given(st.binary(max_size=400))
def test_packed_bits_unpack_to_what_they_were(row: bytes) -> None:
    packed, out, at = pack_bits(row), bytearray(), 0
    while at < len(packed):  # TIFF 6.0, section 9
        n = packed[at]
        if n < 128:
            out += packed[at + 1 : at + 2 + n]
            at += 2 + n
        else:
            assert n != 128
            out += packed[at + 1 : at + 2] * (257 - n)
            at += 2
    assert bytes(out) == row


def test_a_printer_with_another_roll_in_it_prints_nothing_and_says_so() -> None:
    label = on_roll(62, 100, picture("p", 100, 100, speckled(50, 50, 1)))
    with speaking("brother-ql", DPI, to_dots(29_000, DPI), to_dots(90_000, DPI)) as printer:
        assert printer.print_pages([encode(label, "exact", NARROW)]) == []
        assert bytes(printer.answers)[8:10] == b"\x00\x01"
        assert bytes(printer.answers)[18] == 0x02


# --- raw ---------------------------------------------------------------------------------------


def test_raw_pages_are_counted_as_the_printer_prints_them() -> None:
    labels = [on_roll(62, 29, picture("p", 100, 50, speckled(90, 50, n))) for n in range(3)]
    first, *rest = [encode(label, "exact", NARROW).body for label in labels]
    document = first[:-1] + b"\x0c" + b"".join(body[402:] for body in rest)
    pieces = split_raw(document)
    assert [piece.counted for piece in pieces] == [True] * 3
    with loaded_with(labels[0], NARROW) as printer:
        for piece in pieces:
            printer.feed(piece.payload)
        assert [one.tile for one in printer.pieces()] == [draw(label) for label in labels]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"\x1biS", "Command ESC i S at byte 0 asks the printer something, and only the gateway "
                    "may do that; remove it from the document."),
        (b"\0\x1bia\x00", "Command ESC i a 0 at byte 1 leaves the raster mode; remove it from the "
                          "document."),
        (b"\x1bi!\x01", "Command ESC i ! 1 at byte 0 stops the reports by which the gateway knows "
                        "that a label is printed; remove it from the document."),
        (b"\x1biUw\x01", "Command ESC i U at byte 0 changes the printer's settings; remove it from "
                         "the document."),
        (b"\x1bP", "Command ESC P at byte 0 is not one that prints a label; remove it from the "
                   "document."),
        (b"^XA", "Byte 0 of the document, 5Eh, begins no raster command; send what the printer's "
                 "own driver prints to a file."),
        (b"g\x00\x05\xff", "The document ends in the middle of the command at byte 0; send it "
                           "whole."),
        (b"Z\x1aZ", "The label that begins at byte 2 is not ended; end it with Control-Z (1Ah)."),
        (b"\x1b@", "The document prints nothing: it has no page that ends with Control-Z."),
    ],
)  # fmt: skip
def test_raw_documents_that_do_more_than_print_are_refused(document: bytes, sentence: str) -> None:
    with pytest.raises(RawRefused) as refused:
        split_raw(document)
    assert refused.value.detail == sentence


@given(st.binary(max_size=300))
def test_no_document_breaks_the_splitter_or_the_printer(document: bytes) -> None:
    try:
        pieces = split_raw(document)
    except RawRefused:
        pieces = ()
    assert b"".join(piece.payload for piece in pieces) == document[: sum(map(_size, pieces))]
    with speaking("brother-ql", DPI, 732, 342) as printer:
        printer.feed(document)
        assert isinstance(printer.language, Interpreter)


def _size(piece: object) -> int:
    return len(piece.payload)  # type: ignore[attr-defined]


def test_the_language_is_found_by_its_name() -> None:
    assert load_language("brother-ql").encode is encode
