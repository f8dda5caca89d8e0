"""Labels as ZPL, judged by a virtual printer that shares no drawing code with the encoder."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.drivers.languages import Graphics, Mode, Page
from gateway.drivers.languages.zpl import encode, native_form
from gateway.drivers.languages.zpl_fields import code128_data, escape
from gateway.errors import FieldRefused, PrinterRefused
from gateway.label import Box, Element, Ellipse, Label, Line, Picture, Rotation, Text, Tile, draw
from gateway.units import parse_density
from tests.drivers.languages.judging import Judge, MakeJudge, barcode, dots, model, turn

EIGHT = parse_density(8)


def label(*elements: Element, width: int = 400, height: int = 200, key: str = "") -> Label:
    return Label(width, height, EIGHT, elements, key)


def picture(name: str, x: int, y: int, tile: Tile, *, fixed: bool = False) -> Picture:
    return Picture(name, x, y, 0, tile, fixed)


def frame(width: int, height: int, border: int) -> Tile:
    inner = width - 2 * border
    middle = "#" * border + "." * inner + "#" * border
    rows = ["#" * width] * border + [middle] * (height - 2 * border) + ["#" * width] * border
    return dots(rows)


def speckled(width: int, height: int, seed: int) -> Tile:
    """Ink that no compression likes: a linear congruential generator's top bits."""
    rows, state = [], seed
    for _ in range(height):
        row = ""
        for _ in range(width):
            state = (state * 1103515245 + 12345) & 0x7FFFFFFF
            row += ".#"[state >> 30 & 1]
        rows.append(row)
    return dots(rows)


def serial_label(serial: str, *, key: str = "") -> Label:
    """A label like a warehouse prints: heading, frame, rule, text, and the serial as Code 128."""
    heading = Text(
        "heading", 40, 30, 0, speckled(200, 32, 5), True, ("Serial number",), 44, 50, "left",
        "sans", (40, 62), 400,
    )  # fmt: skip
    shown = Text(
        "shown", 40, 96, 0, speckled(18 * len(serial), 26, hash(serial) & 255), False, (serial,),
        36, 44, "center", "sans", (40, 122), 720,
    )  # fmt: skip
    return label(
        Box("frame", 8, 8, 0, frame(784, 384, 3), True, 3),
        heading,
        Line("rule", 20, 80, 0, dots(["#" * 760] * 2), True, 2, "-"),
        Text("maker", 600, 30, 0, speckled(150, 32, 9), True, ("Acme",), 44, 50, "left", "sans",
             (600, 62), 180),
        shown,
        barcode("code128", serial, 120, 180, 3, 150),
        width=800,
        height=400,
        key=key,
    )  # fmt: skip


def differing(one: Tile, other: Tile) -> int:
    assert (one.width, one.height) == (other.width, other.height)
    return (int.from_bytes(one.ink) ^ int.from_bytes(other.ink)).bit_count()


# --- exact -------------------------------------------------------------------------------------


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("graphics", ["z64", "rle", "hex"])
def test_an_exact_label_comes_out_dot_for_dot(
    judge: Judge, graphics: Graphics, keeps: bool
) -> None:
    labels = [serial_label(f"SN-{number:06}") for number in range(3)]
    pages = [encode(one, "exact", model(graphics, keeps=keeps)) for one in labels]
    printed = judge.print_pages(pages)
    assert [piece.tile for piece in printed] == [draw(one) for one in labels]
    assert [piece.unknown for piece in printed] == [()] * 3
    assert [[code.octets for code in piece.codes] for piece in printed] == [
        [b"SN-000000"], [b"SN-000001"], [b"SN-000002"],
    ]  # fmt: skip


@st.composite
def any_label(draw_one: st.DrawFn) -> Label:
    elements: list[Element] = []
    for number in range(draw_one(st.integers(0, 5))):
        tile = speckled(
            draw_one(st.integers(1, 70)), draw_one(st.integers(1, 40)), draw_one(st.integers(0, 99))
        )
        elements.append(
            picture(
                f"p{number}",
                draw_one(st.integers(-20, 120)),
                draw_one(st.integers(-20, 90)),
                tile,
                fixed=draw_one(st.booleans()),
            )
        )
    return label(*elements, width=draw_one(st.integers(20, 130)), height=100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(any_label(), st.sampled_from(["z64", "rle", "hex"]), st.sampled_from(["exact", "native"]))
@example(label(width=50, height=20), "z64", "exact")
def test_any_arrangement_of_ink_comes_out_dot_for_dot(
    judge: Judge, one: Label, graphics: Graphics, mode: Mode
) -> None:
    (piece,) = judge.print_pages([encode(one, mode, model(graphics))])
    assert piece.tile == draw(one)
    assert piece.unknown == ()


def test_a_label_without_ink_is_still_one_piece_of_paper(judge: Judge) -> None:
    empty = label(picture("none", 5, 5, dots(["...."]), fixed=True))
    for mode in ("exact", "native"):
        (piece,) = judge.print_pages([encode(empty, mode, model())])
        assert piece.tile.count() == 0


def test_fixed_ink_is_kept_once_under_a_name_made_of_its_dots() -> None:
    pages = [encode(serial_label(f"SN-{number}"), "exact", model()) for number in (100, 101)]
    (kept,) = pages[0].needs
    assert pages[1].needs == (kept,)
    assert re.fullmatch(r"R:GW[A-Z2-7]{6}\.GRF", kept.name)
    assert kept.payload.startswith(b"~DG" + kept.name.encode() + b",")
    assert kept.forget == b"^XA^ID" + kept.name.encode() + b"^FS^XZ"
    assert all(page.body.count(b"^XG" + kept.name.encode() + b",1,1^FS") == 1 for page in pages)
    assert pages[0].body != pages[1].body


def test_other_fixed_ink_has_another_name() -> None:
    one = label(picture("logo", 0, 0, speckled(80, 60, 1), fixed=True))
    other = label(picture("logo", 0, 0, speckled(80, 60, 2), fixed=True))
    names = {encode(each, "exact", model()).needs[0].name for each in (one, other)}
    assert len(names) == 2


def test_a_fixed_key_stands_for_the_fixed_ink() -> None:
    """Whoever lays out says when fixed ink is equal; the encoder believes it and skips the ink."""
    keyed = [serial_label(f"SN-{number}", key="design-1") for number in (1, 2)]
    plain = [serial_label(f"SN-{number}") for number in (1, 2)]
    for with_key, without in zip(keyed, plain, strict=True):
        assert encode(with_key, "exact", model()) == encode(without, "exact", model())


def test_what_is_kept_can_be_forgotten_and_kept_again(judge: Judge) -> None:
    one = serial_label("SN-1")
    page = encode(one, "exact", model())
    judge.print_pages([page])
    assert [kept.name for kept in judge.memory.matching("R:*")] == [page.needs[0].name]
    judge.feed(page.needs[0].forget)
    assert judge.memory.matching("R:*") == []
    judge.stored.clear()
    (piece,) = judge.print_pages([page])
    assert piece.tile == draw(one)


def test_a_printer_that_keeps_nothing_gets_everything_each_time() -> None:
    page = encode(serial_label("SN-1"), "exact", model(keeps=False))
    assert page.needs == ()
    assert b"^XG" not in page.body


def test_little_fixed_ink_is_not_worth_keeping() -> None:
    page = encode(label(picture("dot", 9, 9, dots(["##", "##"]), fixed=True)), "exact", model())
    assert page.needs == ()


@pytest.mark.promise("exact")
def test_a_serial_label_takes_at_most_1200_bytes_on_the_wire() -> None:
    page = encode(serial_label("SN-000123"), "exact", model("z64"))
    assert len(page.body) <= 1200


def test_neighbours_go_as_one_rectangle_and_distant_ink_apart() -> None:
    left, right = speckled(40, 30, 1), speckled(40, 30, 2)
    near = label(picture("left", 10, 10, left), picture("right", 50, 10, right))
    far = label(picture("left", 10, 10, left), picture("right", 350, 160, right))
    assert encode(near, "exact", model("z64")).body.count(b"^GF") == 1
    assert encode(far, "exact", model("z64")).body.count(b"^GF") == 2


def test_ink_too_big_for_one_command_is_cut_and_comes_out_whole(new_judge: MakeJudge) -> None:
    big = Label(
        2400, 900, parse_density(24),
        (picture("fixed", 0, 0, dots(["#." * 1200, ".#" * 1200] * 400), fixed=True),
         picture("own", 10, 100, dots(["##.." * 590] * 790))),
    )  # fmt: skip
    page = encode(big, "exact", model("rle", density=24))
    assert len(page.needs) == 3
    counts = [int(found) for found in re.findall(rb"\^GFA,(\d+),", page.body)]
    assert len(counts) == 3
    assert max(counts) <= 99_999
    (piece,) = new_judge(24).print_pages([page])
    assert piece.tile == draw(big)


OPENING = b"^XA^MUD^JMA^PON^PMN^LRN^FWN,0^LH0,0^LS0^CI28^PW400^LL200"


@pytest.mark.parametrize("mode", ["exact", "native"])
def test_a_page_sets_all_it_relies_on_and_saves_nothing(mode: Mode) -> None:
    page = encode(label(picture("p", 1, 2, dots(["#"]))), mode, model())
    assert page == Page(OPENING + b"^FO1,2^GFA,1,1,1,8,^FS^XZ")


def test_settings_that_another_program_left_behind_do_not_matter(judge: Judge) -> None:
    judge.feed(b"^XA^PW90^LL90^LH33,44^LS7^POI^PMY^LRY^CI27^FWB,1^BY9,2.5,7^XZ")
    one = serial_label("SN-1")
    pieces = judge.print_pages(encode(one, mode, model()) for mode in ("exact", "native"))
    assert pieces[0].tile == draw(one)
    assert [code.octets for code in pieces[1].codes] == [b"SN-1"]


def test_a_label_for_another_head_is_refused() -> None:
    with pytest.raises(PrinterRefused) as caught:
        encode(label(), "exact", model(density="300dpi"))
    assert caught.value.detail == (
        "The label is laid out for 8 dots per mm and model 'judge' prints 300dpi; lay it out for "
        "this printer."
    )


# --- native ------------------------------------------------------------------------------------

CODES = [
    ("code128", "SN-000123"),
    ("code128", "12345678901"),
    ("code128", "a>b^c~d_e\\f"),
    ("code128", "99>"),
    ("gs1-128", "(01)09521234543213(21)A>1_2(10)77"),
    ("code39", "SN-1 /+%"),
    ("itf14", "09521234543213"),
    ("itf", "0123456789"),
    ("code93", "SN-1 /+%"),
    ("codabar", "B0123-$:/.+D"),
    ("datamatrix", "SN-000123^~_@#|$"),
    ("gs1-datamatrix", "(01)09521234543213(21)ABC-1"),
]


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize(("symbology", "content"), CODES)
def test_a_code_the_printer_draws_is_the_previewed_code(
    judge: Judge, symbology: str, content: str, rotation: Rotation
) -> None:
    code = barcode(symbology, content, 30, 40, 3, 90, rotation)
    side = max(code.tile.width, code.tile.height) + 100
    one = label(code, width=side, height=side)
    page = encode(one, "native", model())
    assert b"^GF" not in page.body
    (piece,) = judge.print_pages([page])
    assert piece.unknown == ()
    assert [code.octets for code in piece.codes] == [code.content.encode()]
    assert differing(piece.tile, draw(one)) == 0


def test_codabar_takes_its_letters_as_parameters_and_the_rest_as_data() -> None:
    code = barcode("codabar", "B0123-$:/.+D", 30, 40, 3, 90)
    body = encode(label(code), "native", model()).body
    assert b"^BY3,3.0^BKN,N,90,N,N,B,D^F" in body
    assert b"^FD0123-$:/.+^FS" in body


@pytest.mark.parametrize(
    ("symbology", "content"),
    [
        ("code128", "tab\there"),  # set A
        ("ean13", "629104150021"),
        ("ean8", "9638507"),
        ("upca", "01234567890"),
        ("upce", "01234565"),
        ("qr", "https://example.com/SN-000123"),
        ("gs1-qr", "(01)09521234543213(21)ABC"),
        ("code93", "lower"),  # by pairs that ^BA writes with signs of its own
        ("micro-qr", "SN-1"),
        ("aztec", "SN-1"),
        ("pdf417", "SN-1"),
        ("micropdf417", "SN-1"),
        ("databar-omni", "(01)09521234543213"),
        ("databar-stacked", "(01)09521234543213"),
        ("databar-limited", "(01)09521234543213"),
        ("databar-expanded", "(01)09521234543213(21)A"),
    ],
)
def test_a_code_that_firmwares_draw_differently_is_sent_as_a_picture(
    judge: Judge, symbology: str, content: str
) -> None:
    one = label(barcode(symbology, content, 30, 40))
    page = encode(one, "native", model())
    assert b"^GF" in page.body
    assert page.approximate == ()
    (piece,) = judge.print_pages([page])
    assert piece.tile == draw(one)


def test_a_code_whose_dots_are_not_what_a_printer_would_draw_is_sent_as_a_picture() -> None:
    code = barcode("code128", "SN-000123", 30, 40)
    for odd in (
        replace(code, module=1),
        replace(code, module=11),
        replace(code, bar_height=79),
        replace(code, content="SN-0001234"),
        replace(code, tile=replace(code.tile, ink=code.tile.ink[:-1] + b"\xff")),
    ):
        assert b"^BC" not in encode(label(odd), "native", model()).body


SHAPES: list[Element] = [
    Box("frame", 5, 6, 0, frame(100, 60, 3), False, 3),
    Box("filled", 5, 6, 0, dots(["#" * 40] * 30), False, 20),
    Line("across", 5, 6, 0, dots(["#" * 90] * 4), False, 4, "-"),
    Line("down", 5, 6, 0, dots(["#" * 4] * 90), False, 4, "|"),
]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape.id))
def test_boxes_and_lines_are_commands_and_come_out_dot_for_dot(
    judge: Judge, shape: Element
) -> None:
    page = encode(label(shape), "native", model())
    assert b"^GB" in page.body
    assert b"^GF" not in page.body
    assert page.approximate == ()
    (piece,) = judge.print_pages([page])
    assert piece.tile == draw(label(shape))


def test_rounded_boxes_are_sent_as_pictures() -> None:
    rounded = Box("round", 5, 6, 0, frame(100, 60, 3), False, 3, radius=10)
    assert b"^GF" in encode(label(rounded), "native", model()).body


def test_ellipses_and_slanted_lines_are_commands_and_only_nearly_as_previewed(
    judge: Judge,
) -> None:
    ring = Ellipse("ring", 20, 20, 0, frame(90, 50, 4), False, 4)
    slash = Line("slash", 150, 20, 0, speckled(60, 70, 3), False, 5, "/")
    page = encode(label(ring, slash), "native", model())
    assert page.body == (OPENING + b"^FO20,20^GE90,50,4^FS^FO150,20^GD60,70,5,B,R^FS^XZ")
    assert page.approximate == ("ring", "slash")
    (piece,) = judge.print_pages([page])
    assert piece.unknown == ()


def words(text: str, rotation: Rotation = 0, *, align: str = "left", fixed: bool = False) -> Text:
    lines = tuple(text.split("\n"))
    origin: dict[int, tuple[int, int]] = {
        0: (40, 100), 90: (100, 40), 180: (360, 100), 270: (100, 360),
    }  # fmt: skip
    tile = turn(speckled(max(1, 19 * max(map(len, lines))), 30, 3), rotation)
    return Text(
        "words", 40, 70, rotation, tile, fixed, lines, 40, 48,
        align,  # type: ignore[arg-type]
        "sans", origin[rotation], 320,
    )  # fmt: skip


def test_native_text_is_font_0_from_the_baseline_and_approximate() -> None:
    page = encode(label(words("SN-1\nx_^~")), "native", model(keeps=False))
    assert page.body.removeprefix(OPENING) == (
        b"^FT40,100^A0N,39,46^FDSN-1^FS^FT40,148^A0N,39,46^FH_^FDx_5F_5E_7E^FS^XZ"
    )
    assert page.approximate == ("words",)


@pytest.mark.parametrize(
    ("rotation", "box"),
    [(0, (36, 60, 366, 112)), (90, (88, 36, 140, 366)),
     (180, (36, 88, 366, 140)), (270, (60, 36, 112, 366))],
)  # fmt: skip
@pytest.mark.parametrize("align", ["left", "center", "right"])
def test_native_text_stays_in_its_place_at_every_rotation(
    judge: Judge, rotation: Rotation, box: tuple[int, int, int, int], align: str
) -> None:
    one = label(words("Hxxgp SN-12", rotation, align=align), width=400, height=400)
    (piece,) = judge.print_pages([encode(one, "native", model())])
    ink = [
        (x, y)
        for y, row in enumerate(piece.tile.art().split("\n"))
        for x, dot in enumerate(row)
        if dot == "#"
    ]
    assert piece.unknown == ()
    assert min(x for x, _ in ink) >= box[0]
    assert max(x for x, _ in ink) <= box[2]
    assert min(y for _, y in ink) >= box[1]
    assert max(y for _, y in ink) <= box[3]


def test_text_wider_than_its_place_is_squeezed_on_its_own_label_only(judge: Judge) -> None:
    long = words("W" * 14)
    page = encode(label(long, barcode("code128", "SN-1", 20, 120)), "native", model())
    assert b"^A0N,39,23" in page.body
    assert b"WWW" not in b"".join(stored.payload for stored in page.needs)
    assert encode(label(words("W" * 15)), "native", model()).needs == ()
    (piece,) = judge.print_pages([encode(label(long), "native", model())])
    rows = piece.tile.art().split("\n")
    assert max(row.rfind("#") for row in rows) <= 40 + 320


@pytest.mark.parametrize("text", ["漢字", "Ωmega", "שלום", "tab\u0301"])
def test_text_that_font_0_lacks_is_sent_as_a_picture(judge: Judge, text: str) -> None:
    one = label(words(text))
    page = encode(one, "native", model())
    assert page.approximate == ()
    (piece,) = judge.print_pages([page])
    assert piece.tile == draw(one)


def test_aligned_text_with_a_backslash_is_sent_as_a_picture() -> None:
    """^FB reads \\& as a new line, and whether hexadecimal protects it nobody documents."""
    assert b"^GF" in encode(label(words("a\\&b", align="center")), "native", model()).body
    assert b"a\\&b" in encode(label(words("a\\&b")), "native", model()).body


def test_text_whose_baseline_is_unknown_is_sent_as_a_picture() -> None:
    page = encode(label(replace(words("SN-1"), origin=None)), "native", model())
    assert b"^GF" in page.body


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(FieldRefused) as caught:
        escape_field("ab\ud800")
    assert caught.value.detail == (
        "Character 3 of 'ab\\ud800' is U+D800, half of a surrogate pair and no character; send "
        "text as proper UTF-8."
    )


def escape_field(text: str) -> bytes:
    from gateway.drivers.languages.zpl_fields import field

    return field(text)


def test_a_native_batch_keeps_its_form_and_recalls_it(judge: Judge) -> None:
    pages = [encode(serial_label(f"SN-{number:06}"), "native", model()) for number in range(3)]
    (form,) = pages[0].needs
    assert all(page.needs == (form,) for page in pages)
    assert re.fullmatch(r"R:GF[A-Z2-7]{6}\.ZPL", form.name)
    assert pages[1].body == (
        b"^XA^CI28^XF" + form.name.encode() + b"^FS^FN1^FDSN-000001^FS^FN2^FD>:SN->5000001^FS^XZ"
    )
    printed = judge.print_pages(pages)
    assert [[code.octets for code in piece.codes] for piece in printed] == [
        [b"SN-000000"], [b"SN-000001"], [b"SN-000002"],
    ]  # fmt: skip
    assert all(piece.unknown == () for piece in printed)
    whole = [encode(serial_label(f"SN-{n:06}"), "native", model(keeps=False)) for n in range(3)]
    assert [piece.tile for piece in printed] == [piece.tile for piece in judge.print_pages(whole)]


def test_a_form_is_made_once_and_filled_for_each_label() -> None:
    form, values = native_form(serial_label("SN-000001"), model())
    assert values == ("SN-000001", "SN-000001")
    assert native_form(serial_label("SN-000002"), model())[0] is form
    whole = encode(serial_label("SN-000002"), "native", model())
    assert form.fill(("SN-000002", "SN-000002")) == whole.body
    with pytest.raises(ValueError, match="zip"):
        form.fill(("SN-000002",))


@pytest.mark.goal("W1")
def test_a_native_batch_takes_at_most_four_tenths_of_the_bytes_of_full_zpl() -> None:
    labels = [serial_label(f"SN-{number:06}") for number in range(1000)]
    pages = [encode(one, "native", model()) for one in labels]
    kept = {stored.name: stored.payload for page in pages for stored in page.needs}
    stored = sum(map(len, kept.values())) + sum(len(page.body) for page in pages)
    full = sum(len(encode(one, "native", model(keeps=False)).body) for one in labels)
    assert stored <= 0.4 * full


def test_fixed_pictures_of_a_native_label_are_kept_beside_its_form(judge: Judge) -> None:
    logo = picture("logo", 200, 100, speckled(120, 80, 4), fixed=True)
    one = label(logo, Box("frame", 5, 6, 0, frame(100, 60, 3), True, 3), words("SN-1"))
    page = encode(one, "native", model())
    assert [stored.name[:4] for stored in page.needs] == ["R:GW", "R:GF"]
    (piece,) = judge.print_pages([page])
    whole = encode(one, "native", model(keeps=False))
    assert piece.tile == judge.print_pages([whole])[0].tile


# --- data is never a command -------------------------------------------------------------------


def read_field(zpl: bytes) -> bytes:
    """Read the data of the only field, as the guide says ^FH_ is read, and data without it."""
    told, begin, data = zpl.partition(b"^FD")
    assert begin
    assert told in (b"", b"^FH_")
    data, end, _ = data.partition(b"^FS")
    assert end
    assert not set(data) & set(b"^~\x02\x03\x00\r\n")
    out, at = bytearray(), 0
    while at < len(data):
        if told and data[at : at + 1] == b"_":
            out.append(int(data[at + 1 : at + 3], 16))
            at += 3
        else:
            out.append(data[at])
            at += 1
    return bytes(out)


HOSTILE = [
    "^FS^XZ~JA^XA",
    "~JR",
    "\x03\x02^XA^IDR:*.*^XZ",
    "^CC!^CT!",
    "_5E_7E",
    '! U1 setvar "device.reset" ""\r\n',
    "\x10\x05\x1b@\x00",
    "^PQ9999",
    "\\&\\(*)",
    "^FDFREE",
]


@pytest.mark.threat("T9")
@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("^~_\x00\x1f\x7f")
def test_whatever_the_text_is_its_field_reads_back_the_same(text: str) -> None:
    assert read_field(escape_field(text)).decode() == text


@pytest.mark.threat("T9")
@given(st.binary())
def test_whatever_the_bytes_are_they_read_back_the_same(data: bytes) -> None:
    assert read_field(b"^FH_^FD" + escape(data) + b"^FS") == data


@pytest.mark.threat("T9")
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_data_prints_one_label_and_commands_nothing(judge: Judge, hostile: str) -> None:
    shown = "".join(sign for sign in hostile if " " <= sign <= "~")
    one = label(
        words(shown), barcode("code128", shown, 20, 20), barcode("datamatrix", shown, 20, 150),
        width=1500, height=300,
    )  # fmt: skip
    page = encode(one, "native", model())
    pieces = judge.print_pages([page])
    assert len(pieces) == 1
    assert pieces[0].unknown == ()
    assert {code.octets for code in pieces[0].codes} == {shown.encode()}
    assert judge.machine.admin_events() == ()
    assert [kept.name for kept in judge.memory.matching("*")] == [s.name for s in page.needs]


# --- Code 128 ----------------------------------------------------------------------------------


def test_what_sets_b_and_c_cannot_carry_is_left_to_pictures() -> None:
    assert code128_data("") is None
    assert code128_data("a\tb") is None
    assert code128_data("é") is None
    assert code128_data("a\x1db") is None
