"""What a format puts on paper, read back by a reader or counted in ink."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.preview import DrawnLabel, draw_zpl
from gateway.drivers.virtual.zpl.interpreter import Interpreter


def draw(fields: str | bytes) -> DrawnLabel:
    body = fields.encode() if isinstance(fields, str) else fields
    [label] = draw_zpl(b"^XA^CI28" + body + b"^XZ")
    return label


def read(fields: str | bytes) -> list[tuple[str, str]]:
    label = draw(fields)
    assert label.unknown == ()
    return [(code.format, code.text) for code in label.codes()]


def box(fields: str | bytes) -> tuple[int, int, int, int] | None:
    return draw(fields).tile.ink_box()


# Codes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "format_", "text"),
    [
        ("^BCN,80,Y,N,N^FDSN-000123", "Code 128", "SN-000123"),
        ("^BCN,80,N,N,N,N^FD>;123456>6AB", "Code 128", "123456AB"),
        ("^BCN,80,N,N,N,N^FD>:AB>5123456", "Code 128", "AB123456"),
        ("^BCN,80,N,N,N,N^FD>933343533", "Code 128", "ABCA"),
        ("^BCN,80,N,N,N,N^FD>:A>0B><C>=D", "Code 128", "A>B^C~D"),
        ("^BCN,80,N,N,N,A^FDA>0B1234", "Code 128", "A>B1234"),
        ("^BCN,80,N,N,N,D^FD(01)04006381333931(21)A1", "Code 128", "(01)04006381333931(21)A1"),
        ("^BCN,80,N,N,N,N^FD>;>80104006381333931", "Code 128", "(01)04006381333931"),
        ("^BCN,80,N,N,N,U^FD0012345678901234567", "Code 128", "(00)123456789012345675"),
        ("^B3N,N,80,Y,N^FDCODE-39", "Code 39", "CODE-39"),
        ("^B3N,Y,80,N,N^FDIN", "Code 39", "IN+"),
        ("^B2N,80,Y,N,N^FD12345678", "ITF", "12345678"),
        ("^B2N,80,Y,N,N^FD1234567", "ITF", "01234567"),
        ("^BAN,80,Y,N^FDCode 93", "Code 93", "Code 93"),
        ("^BKN,N,80,Y,N,A,B^FD12-34", "Codabar", "A12-34B"),
        ("^BEN,80,Y,N^FD400638133393", "EAN-13", "4006381333931"),
        ("^B8N,80,Y,N^FD9638507", "EAN-8", "96385074"),
        ("^BUN,80,Y,N,Y^FD03600029145", "EAN-13", "0036000291452"),
        ("^B9N,80,Y,N,Y^FD1230000045", "UPC-E", "0012300000451"),
        ("^BQN,2,5^FDQA,https://example.com/?a=1", "QR Code", "https://example.com/?a=1"),
        ("^BQN,2,5^FDHM,B0005hello", "QR Code", "hello"),
        ("^BQN,2,5^FDMM,N12345", "QR Code", "12345"),
        ("^BQN,2,4^FH_^FDQA,Gr_C3_BC_C3_9Fe", "QR Code", "Grüße"),
        ("^BXN,5,200^FDABC-123", "Data Matrix", "ABC-123"),
        ("^BXN,5,200,,,,_^FD_10104006381333931", "Data Matrix", "(01)04006381333931"),
        ("^BXN,5,200,,,,_^FDa__b_d065", "Data Matrix", "a_bA"),
        ("^BXN,5,200,36,12^FDABC", "Data Matrix", "ABC"),
        ("^B7N,6,3^FDPDF417 says hello 1234567890", "PDF417", "PDF417 says hello 1234567890"),
        ("^B0N,4^FDAztec 42!", "Aztec", "Aztec 42!"),
        ("^BON,4,N,50^FDAztec 42!", "Aztec", "Aztec 42!"),
        ("^BON,3,N,103^FDAztec 42!", "Aztec", "Aztec 42!"),
        ("^B0N,3,N,207^FDAztec 42! with room to spare", "Aztec", "Aztec 42! with room to spare"),
        ("^BRN,1,3^FD0950110153000", "DataBarOmni", "(01)09501101530003"),
        ("^BRN,2,3^FD950110153000", "DataBarOmni", "(01)09501101530003"),
        ("^BRN,3,3^FD(01)09501101530003", "DataBarStacked", "(01)09501101530003"),
        ("^BRN,4,3^FD0950110153000|more", "DataBarStacked", "(01)09501101530003"),
    ],
)
def test_each_symbology_is_read_back(fields: str, format_: str, text: str) -> None:
    [(read_format, read_text)] = read(f"^BY2^FO60,60{fields}^FS")
    assert read_text == text
    assert (
        read_format.replace(" ", "").startswith(format_.replace(" ", "")) or read_format == "UPC-A"
    )


@pytest.mark.parametrize("turn", "NRIB")
@pytest.mark.parametrize(
    "field", ["^BC{},80,Y,N,N^FDSN-1", "^BX{},5,200^FDSN-1", "^B3{},N,60,Y^FDSN-1"]
)
def test_a_code_reads_in_all_four_orientations(turn: str, field: str) -> None:
    assert [text for _, text in read(f"^BY2^FO100,60{field.format(turn)}^FS")] == ["SN-1"]


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("N", (200, 100, 402, 200)),
        ("R", (200, 200, 300, 402)),
        ("I", (None, 200, 200, 300)),
        ("B", (100, None, 200, 200)),
    ],
)
def test_ft_places_the_lower_left_end_of_the_bars(
    turn: str, expected: tuple[int | None, int | None, int, int]
) -> None:
    found = box(f"^LL800^BY2^FT200,200^BC{turn},100,N,N,N^FD123456^FS")
    assert found is not None
    # The bars begin and end with ink, so the box is the symbol: 101 modules of two dots.
    left, top, right, bottom = expected
    clipped = (left if left is not None else 0, top if top is not None else 0, right, bottom)
    assert found == clipped


def test_a_qr_symbol_stands_below_its_origin_by_the_bar_height() -> None:
    found = box("^BY2,3,80^FO50,50^BQN,2,4^FDQA,x^FS")
    assert found is not None
    assert found[:2] == (50, 130)


@pytest.mark.parametrize(
    ("fields", "listed"),
    [
        ("^BCN,80^FDümlaut", "^BC: Code 128 carries ASCII, got b'\\xc3\\xbcmlaut'."),
        ("^BCN,80^FDA>?", "^BC: Code 128 has no invocation code '>?'."),
        ("^BEN,80^FDletters", "^BE: EAN-13 carries digits, got 'letters'."),
        ("^BQN,2,4^FDno prefix", None),
        ("^BRN,6,3^FD0950110153000", "^BR: Of ^BR the types 1 to 4 are drawn, got 6."),
        ("^BRN,1,3^FDletters", "^BR: GS1 DataBar carries 13 digits, got '000000letters'."),
        ("^B0N,4,N,300^FD1", "^B0: Aztec has sizes 101 to 104 and 201 to 232, got 300."),
        ("^B0N,4,Y^FD1", "^B0: Extended channels of Aztec are not drawn."),
        ("^BON,4,N,101^FDtoo much for one compact layer", "^BO: Aztec cannot carry so much data."),
        ("^BXN,4,140^FDA", "^BX: Only Data Matrix quality 200 is drawn, got 140."),
    ],
)
def test_what_a_symbology_refuses_is_listed_and_leaves_no_ink(
    fields: str, listed: str | None
) -> None:
    label = draw(f"^FO50,50{fields}^FS")
    assert label.tile.ink_box() is None
    assert len(label.unknown) == 1
    if listed is not None:
        assert label.unknown == (listed,)


def test_a_symbology_that_is_not_known_is_listed_and_not_drawn_as_text() -> None:
    label = draw("^FO50,50^BDN,4^FDabc^FS")
    assert label.unknown == ("^BDN,4",)
    assert label.tile.ink_box() is None


# Text -------------------------------------------------------------------------------------------


def test_fo_places_the_top_of_the_capitals_and_ft_their_foot() -> None:
    assert box("^FO100,100^A0N,50,50^FDHHH^FS") == (103, 100, 188, 137)
    assert box("^FT100,137^A0N,50,50^FDHHH^FS") == (103, 100, 188, 137)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("N", (103, 100, 188, 137)),
        ("R", (113, 103, 150, 188)),
        ("I", (105, 113, 190, 150)),
        ("B", (100, 105, 137, 190)),
    ],
)
def test_text_turns_inside_its_box(turn: str, expected: tuple[int, int, int, int]) -> None:
    assert box(f"^FO100,100^A0{turn},50,50^FDHHH^FS") == expected
    assert box(f"^FW{turn}^FO100,100^A0,50,50^FDHHH^FS") == expected


@pytest.mark.parametrize(
    ("justify", "left", "right"), [("L", 103, 188), ("C", 256, 341), ("R", 410, 495)]
)
def test_a_block_aligns_its_lines(justify: str, left: int, right: int) -> None:
    found = box(f"^FO100,100^A0N,50,50^FB400,1,0,{justify}^FDHHH^FS")
    assert found is not None
    assert (found[0], found[2]) == (left, right)


def test_a_justified_block_reaches_both_edges_except_in_its_last_line() -> None:
    tile = draw("^FO0,0^A0N,50,50^FB300,2,0,J^FDHHH HHH HHH^FS").tile
    first = [row for row in tile.rows[:50] if row]
    second = [row for row in tile.rows[50:] if row]
    right_of = [
        tile.width - min((row & -row).bit_length() - 1 for row in rows) for rows in (first, second)
    ]
    assert right_of == [295, 88]


def test_a_block_wraps_at_spaces_and_breaks_where_it_is_told() -> None:
    wrapped = draw("^FO0,0^A0N,50,50^FB200,3^FDHHH HHH HHH^FS").tile.ink_box()
    broken = draw("^FO0,0^A0N,50,50^FB700,3^FDHHH\\&HHH\\&HHH^FS").tile.ink_box()
    assert wrapped == (3, 0, 195, 87)
    assert broken == (3, 0, 88, 137)


def test_lines_beyond_the_last_are_printed_over_it() -> None:
    two = draw("^FO0,0^A0N,50,50^FB200,2^FDAAA\\&BBB\\&CCC^FS").tile
    only_b = draw("^FO0,0^A0N,50,50^FB200,2^FDAAA\\&BBB^FS").tile
    assert two.ink_box() is not None
    assert two.height == only_b.height
    assert all(a & b == b for a, b in zip(two.rows, only_b.rows, strict=True))
    assert two.count_ink() > only_b.count_ink()
    assert not any(two.rows[90:])


def test_a_soft_hyphen_shows_only_where_the_line_breaks() -> None:
    together = draw("^FO0,0^A0N,30,30^FB400,2^FDwhole\\-saler^FS").tile
    plain = draw("^FO0,0^A0N,30,30^FB400,2^FDwholesaler^FS").tile
    apart = draw("^FO0,0^A0N,30,30^FB110,2^FDwhole\\-saler^FS").tile
    by_hand = draw("^FO0,0^A0N,30,30^FB110,2^FDwhole-\\&saler^FS").tile
    assert together == plain
    assert apart == by_hand


def test_a_text_block_is_cut_off_below() -> None:
    found = box("^FO0,0^A0N,50,50^TBN,100,100^FDHHH HHH HHH^FS")
    assert found == (3, 0, 88, 87)


def test_hexadecimal_escapes_carry_what_would_be_commands() -> None:
    sent = "^FO50,50^BY2^FH_^BCN,80,N,N,N,A^FDA_5EXZ_7EJA_5FB^FS"
    assert read(sent) == [("Code 128", "A^XZ~JA_B")]


def test_a_custom_escape_character_is_obeyed() -> None:
    assert read("^FO50,50^BY2^FH\\^BCN,80,N,N,N,A^FDA\\42_43^FS") == [("Code 128", "AB_43")]


@pytest.mark.parametrize(
    ("encoding", "written"), [(28, "é".encode()), (27, b"\xe9"), (13, b"\x82"), (0, b"\x82")]
)
def test_code_pages_name_the_same_letter(encoding: int, written: bytes) -> None:
    [label] = draw_zpl(b"^XA^CI%d^FO50,50^A0N,50,50^FD" % encoding + written + b"^FS^XZ")
    [expected] = draw_zpl("^XA^CI28^FO50,50^A0N,50,50^FDé^FS^XZ".encode())
    assert label.tile == expected.tile


def test_a_glyph_that_no_font_has_is_listed() -> None:
    assert draw("^FO50,50^A0N,50,50^FD日^FS").unknown == ("glyph U+65E5",)


def test_bytes_that_are_not_the_code_page_are_listed() -> None:
    label = draw(b"^FO50,50^A0N,50,50^FD\xff\xfe^FS")
    assert "^FD bytes that are not utf-8" in label.unknown


def test_a_default_font_holds_until_it_is_changed() -> None:
    assert box("^CF0,50,50^FO100,100^FDHHH^FS") == (103, 100, 188, 137)
    assert box("^CFD,36^FO100,100^FDHHH^FS") == box("^FO100,100^ADN,36^FDHHH^FS")


# Ink --------------------------------------------------------------------------------------------


def test_reversed_ink_is_white_on_black_and_black_on_white() -> None:
    label = draw("^FO0,0^GB100,100,100^FS^FO50,0^FR^GB100,100,100^FS")
    assert label.tile.count_ink() == 100 * 100
    assert label.tile.ink_box() == (0, 0, 150, 100)
    assert label.tile.rows[0] >> (800 - 100) & 1 == 0


def test_a_reversed_label_reverses_every_field() -> None:
    assert draw("^LRY^FO0,0^GB50,50,50^FS^FO0,0^GB50,50,50^FS").tile.count_ink() == 0


def test_a_white_box_erases() -> None:
    label = draw("^FO0,0^GB100,100,100^FS^FO10,10^GB80,80,80,W^FS")
    assert label.tile.count_ink() == 100 * 100 - 80 * 80


def test_signs_are_drawn_and_unknown_ones_listed() -> None:
    assert draw("^FO50,50^GSN,50,50^FDA^FS").tile.count_ink() > 50
    assert draw("^FO50,50^GSN,50,50^FDE^FS").unknown == ("^GS sign 'E'",)


# The label --------------------------------------------------------------------------------------

_MARK = "^FO10,20^GB30,10,10^FS"


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("", (10, 20, 40, 30)),
        ("^LH5,7", (15, 27, 45, 37)),
        ("^LS4", (6, 20, 36, 30)),
        ("^LT9", (10, 29, 40, 39)),
        ("^POI", (760, 370, 790, 380)),
        ("^PMY", (760, 20, 790, 30)),
        ("^PW400^LL200^POI", (360, 170, 390, 180)),
    ],
)
def test_label_settings_move_the_ink(setting: str, expected: tuple[int, int, int, int]) -> None:
    assert box(setting + _MARK) == expected


def test_width_and_length_are_as_sent_and_no_wider_than_the_head() -> None:
    tile = draw("^PW5000^LL1234" + _MARK).tile
    assert (tile.width, tile.height) == (832, 1234)


def test_ink_beside_the_paper_is_noted() -> None:
    assert draw("^FO790,20^GB30,10,10^FS").notes == ("ink fell beside the paper",)
    assert draw(_MARK).notes == ()


def test_settings_stay_from_label_to_label() -> None:
    labels = draw_zpl(b"^XA^PW400^LL100^LH10,10^FO0,0^GB9,9,9^FS^XZ^XA^FO0,0^GB9,9,9^FS^XZ")
    assert [(x.tile.width, x.tile.height, x.tile.ink_box()) for x in labels] == [
        (400, 100, (10, 10, 19, 19))
    ] * 2


def test_a_format_without_fields_prints_nothing() -> None:
    sent = b"^XA^PW400^XZ^XA^DFR:A.ZPL^FO1,1^FDx^FS^XZ^XA^HWR:*.*^XZ^XA^IDR:A.ZPL^FS^XZ"
    assert draw_zpl(sent) == []


def test_what_is_not_known_is_listed_with_its_label() -> None:
    label = draw("^ZQ1,2^FO10,10^GB9,9,9^FS~ZZ9\r\nloose words^QQ")
    assert label.unknown == ("^ZQ1,2", "~ZZ9", "stray text 'loose words'", "^QQ")


def test_text_between_formats_is_listed_with_the_next_label() -> None:
    labels = draw_zpl(b"garbage^FO9,9\r\n^XA^FO1,1^GB9,9,9^FS^XZ")
    assert labels[0].unknown == ("stray text 'garbage'", "^FO9,9 outside a format")


@pytest.mark.parametrize(
    ("command", "quiet"), [("^MUD", True), ("^MUM", False), ("^JMA", True), ("^JMB", False)]
)
def test_a_default_is_quiet_and_another_value_is_listed(command: str, quiet: bool) -> None:
    assert draw(command + _MARK).unknown == (() if quiet else (command,))


# Stored formats and numbers ---------------------------------------------------------------------


def test_a_stored_format_is_filled_in_by_number() -> None:
    zpl = (
        b"^XA^DFR:L.ZPL^FS^FO50,50^BY2^BCN,80,N,N,N,A^FN1^FS^FO50,200^BXN,5,200^FN2^FS^XZ"
        b"^XA^XFR:L.ZPL^FS^FN1^FDSN-1^FS^FN2^FDTWO^FS^XZ"
        b"^XA^XFR:L.ZPL^FS^FN2^FH_^FD_54HREE^FS^FN1^FDSN-2^FS^XZ"
    )
    labels = draw_zpl(zpl)
    assert [[c.text for c in label.codes()] for label in labels] == [
        ["SN-1", "TWO"],
        ["SN-2", "THREE"],
    ]
    assert [label.unknown for label in labels] == [(), ()]


def test_a_number_used_twice_shows_the_same_twice() -> None:
    [label] = draw_zpl(
        b"^XA^DFR:L.ZPL^FS^FO50,50^BY2^BCN,80,N,N,N,A^FN1^FS^FO50,200^BXN,5,200^FN1^FS^XZ"
        b"^XA^XFR:L.ZPL^FS^FN1^FDSAME^FS^XZ"
    )
    assert [c.text for c in label.codes()] == ["SAME", "SAME"]


@pytest.mark.parametrize("name", [b"\xb5", b"\xdf", b"\xff\xff:.", b":", b"."])
def test_a_name_of_any_bytes_is_only_not_stored(name: bytes) -> None:
    [label] = draw_zpl(b"^XA^IL" + name + b"^FS^XG" + name + b"^FS^FO1,1^GB9,9,9^FS^XZ")
    assert all(what.endswith("is not stored") for what in label.unknown)
    assert len(label.unknown) == 2


@pytest.mark.parametrize(
    "fields",
    [b"^BXN,4,200,,,,_^FD_d\xb2\xb2\xb2", b"^FDA^SFd,\xb2", b"^A0N,\xb2^FDA", b"^BC\xb2,\xb2^FDA"],
)
def test_digits_that_are_not_ascii_are_no_digits(fields: bytes) -> None:
    assert draw(b"^FO9,9" + fields + b"^FS").tile.width == 800


def test_a_format_that_is_not_stored_is_listed() -> None:
    [label] = draw_zpl(b"^XA^XFR:NONE.ZPL^FS^FO1,1^GB9,9,9^FS^XZ")
    assert label.unknown == ("^XFR:NONE.ZPL is not stored",)


def test_a_format_that_recalls_itself_ends() -> None:
    [label] = draw_zpl(b"^XA^DFR:A.ZPL^FO9,9^GB5,5,5^FS^XFR:A.ZPL^FS^XZ^XA^XFR:A.ZPL^FS^XZ")
    assert label.notes == ("R:A.ZPL recalls too many formats inside each other",)


def test_a_stored_graphic_is_enlarged_and_deleted() -> None:
    first, second = draw_zpl(
        b"~DGR:G.GRF,2,1,FFFF^XA^FO8,8^XGR:G.GRF,3,2^FS^XZ"
        b"^XA^IDR:*.GRF^FS^FO9,9^XGR:G.GRF^FS^FO1,1^GB1,1,1^FS^XZ"
    )
    assert first.tile.ink_box() == (8, 8, 32, 12)
    assert second.unknown == ("^XGR:G.GRF is not stored",)


def test_a_saved_image_is_loaded_under_the_next_label() -> None:
    labels = draw_zpl(
        b"^XA^FO10,10^GB20,20,20^FS^ISR:BACK.GRF,N^XZ^XA^ILR:BACK.GRF^FO100,10^GB5,5,5^FS^XZ"
    )
    assert [label.tile.ink_box() for label in labels] == [(10, 10, 105, 30)]


def test_a_png_object_is_downloaded_and_recalled() -> None:
    [source] = draw_zpl(b"^XA^PW64^LL16^FO8,4^GB20,6,2^FS^XZ")
    png = source.tile.to_png()
    sent = b"~DYR:P,B,P,%d,,%s^XA^FO100,50^XGR:P.PNG^FS^XZ" % (len(png), png)
    [label] = draw_zpl(sent)
    assert label.unknown == ()
    assert label.tile.ink_box() == (108, 54, 128, 60)


def read_pieces(zpl: bytes, count: int) -> list[list[str]]:
    paper = Paper()
    machine = Machine(paper, Make(stock_width=800, stock_height=400), pace=Pace(speed_mm_s=0))
    machine.start()
    try:
        Interpreter(machine).feed(zpl)
        assert paper.wait_for(count, timeout=10)
        assert machine.wait_idle(10)
    finally:
        machine.stop()
    return [[code.text for code in paper.codes(piece.number)] for piece in paper.pieces()]


def test_a_quantity_prints_so_many_pieces() -> None:
    zpl = b"^XA^FO50,50^BXN,5,200^FDX^FS^PQ3^XZ"
    assert read_pieces(zpl, 3) == [["X"]] * 3


def test_a_serial_field_counts_from_piece_to_piece() -> None:
    zpl = b"^XA^FO50,50^BY2^BCN,80,N,N,N,A^SNSN-009,1,Y^FS^PQ3^XZ"
    assert read_pieces(zpl, 3) == [["SN-009"], ["SN-010"], ["SN-011"]]


def test_replicates_repeat_each_serial_number() -> None:
    zpl = b"^XA^FO50,50^BXN,5,200^SN9,1,Y^FS^PQ4,0,2^XZ"
    assert read_pieces(zpl, 4) == [["9"], ["9"], ["0"], ["0"]]


def test_a_masked_serial_field_counts_in_letters() -> None:
    zpl = b"^XA^FO50,50^BXN,5,200^FDAZ^SFaa,1^FS^PQ3^XZ"
    assert read_pieces(zpl, 3) == [["AZ"], ["BA"], ["BB"]]


# Hostile input ----------------------------------------------------------------------------------

_COMMANDS = (
    "^XA ^XZ ^FO ^FD ^FS ^A0 ^A@ ^BC ^BQ ^BX ^B7 ^BE ^BY ^FB ^TB ^GB ^GC ^GD ^GE ^GF ^GS ^FN ^XF "
    "^DF ^SN ^SF ^PQ ^PW ^LL ^LH ^CI ^CF ^CW ^FH ^FR ^FW ^IS ^IL ^XG ^ID ^HW ^HV ~DG ~DY ~HS ~HQES "
    "~JX ^CC ~CT ^CD ^FT ^PO ^PM ^LR 32000 999999999 -5 0 , ,, : :Z64: :B64: R:A E:B.ZPL N R I B A "
    "Y QA,x >; >9 >: _41 \\& 12345678 zzF"
)
_NASTY = st.sampled_from([word.encode() for word in _COMMANDS.split()])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(_NASTY, _NASTY, st.binary(max_size=6)), max_size=40))
def test_nothing_that_arrives_makes_the_printer_fail(parts: list[bytes]) -> None:
    for label in draw_zpl(b"^XA" + b"".join(parts) + b"^XZ^XA^FO1,1^GB2,2,2^FS^XZ")[:3]:
        assert label.tile.width > 0
