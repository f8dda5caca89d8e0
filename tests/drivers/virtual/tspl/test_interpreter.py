"""What a virtual TSPL printer makes of documents, good and bad."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.tspl.interpreter import Interpreter
from gateway.drivers.virtual.tspl.stream import CommandStream
from tests.drivers.languages.speaking import Spoken, speaking

HEAD = b"SIZE 50 mm,25 mm\r\nCLS\r\n"


def printed(printer: Spoken, document: bytes) -> tuple[str, tuple[str, ...]]:
    printer.feed(document)
    (piece,) = printer.pieces(len(printer.pieces()) - 1)
    return piece.tile.art(), piece.unknown


@pytest.mark.parametrize(
    ("size", "dots"),
    [
        (b"SIZE 50 mm,25 mm", (400, 200)),
        (b"SIZE 50 mm, 25 mm", (400, 200)),
        (b"SIZE 2,1", (406, 203)),
        (b"SIZE 300 dot,100 dot", (300, 100)),
        (b"SIZE 50.05 mm,25 mm", (400, 200)),
        (b"size 50 mm,25 mm", (400, 200)),
    ],
)
def test_a_label_is_as_large_as_it_is_said_to_be(size: bytes, dots: tuple[int, int]) -> None:
    with speaking("tspl", 8, 832, 400) as printer:
        printer.feed(size + b"\r\nCLS\r\nPRINT 1\r\n")
        (piece,) = printer.pieces()
    assert (piece.tile.width, piece.tile.height) == dots
    assert piece.unknown == ()


def test_a_printer_nobody_told_a_size_prints_on_its_stock() -> None:
    with speaking("tspl", 8, 320, 160) as printer:
        printer.feed(b"CLS\r\nPRINT 1\r\n")
        (piece,) = printer.pieces()
    assert (piece.tile.width, piece.tile.height) == (320, 160)


def test_bitmaps_are_black_where_they_are_0_and_join_cover_or_invert() -> None:
    with speaking("tspl", 8, 16, 2) as printer:
        begin = b"CLS\r\nBAR 0,0,8,2\r\n"
        expected = {0: "####....", 1: "########", 2: "....####"}
        for mode, row in expected.items():
            art, unknown = printed(printer, begin + b"BITMAP 0,0,1,1,%d,\x0f\r\nPRINT 1\r\n" % mode)
            assert art.split("\n") == [row + "........", "########........"]
            assert unknown == ()


def test_the_image_can_be_turned_mirrored_and_moved() -> None:
    begin = b"CLS\r\nBAR 0,0,3,1\r\nPRINT 1\r\n"
    with speaking("tspl", 8, 8, 2) as printer:
        assert printed(printer, b"DIRECTION 0,0\r\n" + begin)[0] == "###.....\n........"
        assert printed(printer, b"DIRECTION 1,0\r\n" + begin)[0] == "........\n.....###"
        assert printed(printer, b"DIRECTION 0,1\r\n" + begin)[0] == ".....###\n........"
        assert printed(printer, b"DIRECTION 0\r\nREFERENCE 2,1\r\n" + begin)[0] == (
            "........\n..###..."
        )


def test_bars_boxes_and_what_removes_them() -> None:
    with speaking("tspl", 8, 8, 4) as printer:
        art, unknown = printed(printer, b"CLS\r\nBOX 0,0,8,4,1\r\nPRINT 1\r\n")
        assert art == "########\n#......#\n#......#\n########"
        art, _ = printed(printer, b"CLS\r\nBAR 0,0,8,4\r\nERASE 1,1,6,2\r\nPRINT 1\r\n")
        assert art == "########\n#......#\n#......#\n########"
        art, _ = printed(printer, b"CLS\r\nBAR 0,0,4,4\r\nREVERSE 0,0,8,4\r\nPRINT 1\r\n")
        assert art == "\n".join(["....####"] * 4)
    assert unknown == ()


CODES = [
    ('BARCODE 40,20,"128",80,1,0,2,2,"SN-1"', "SN-1"),
    ('BARCODE 40,20,"128M",80,0,0,2,2,"!104SN-!099123456"', "SN-123456"),
    ('BARCODE 40,20,"128M",80,0,0,2,2,"plain"', "plain"),
    ('BARCODE 40,20,"EAN128",80,0,0,2,2,"(01)09501101530003"', "(01)09501101530003"),
    ('BARCODE 40,20,"39",80,0,0,2,5,"ABC-1"', "ABC-1"),
    ('BARCODE 40,20,"39C",80,0,0,2,6,"ABC"', "ABCX"),
    ('BARCODE 40,20,"25",80,0,0,2,5,"12345"', "012345"),
    ('BARCODE 40,20,"93",80,0,0,2,2,"ABC-1"', "ABC-1"),
    ('BARCODE 40,20,"EAN13",80,0,0,2,2,"400638133393"', "4006381333931"),
    ('BARCODE 40,20,"EAN8",80,0,0,2,2,"9638507"', "96385074"),
    ('BARCODE 340,20,"128",80,0,90,2,2,"SN-1"', "SN-1"),
    ('BARCODE 340,180,"128",80,0,180,2,2,"SN-1"', "SN-1"),
    ('BARCODE 40,360,"128",80,0,270,2,2,"SN-1"', "SN-1"),
    ('QRCODE 40,20,M,5,A,0,M2,S7,"https://example.com/1"', "https://example.com/1"),
    ('QRCODE 40,20,H,5,M,0,"N123456"', "123456"),
    ('QRCODE 40,20,L,5,M,0,"B0004ab,c"', "ab,c"),
    ('AZTEC 40,20,0,6,0,0,0,1,0,"SN-1"', "SN-1"),
    ('AZTEC 240,20,90,5,102,"SN-1"', "SN-1"),
    ('AZTEC 40,20,0,"SN-1"', "SN-1"),
    ('PDF417 40,20,400,200,0,"SN-000123"', "SN-000123"),
    ('PDF417 40,20,400,200,0,P0,E3,W2,H8,C3,"SN-000123"', "SN-000123"),
    ('DMATRIX 40,20,200,200,"SN-1"', "SN-1"),
    ('DMATRIX 40,20,200,200,x6,18,18,"SN-1"', "SN-1"),
    ('DMATRIX 340,20,200,200,c126,x6,r90,"~1010950110153000321~d065"', "(01)09501101530003(21)A"),
]


@pytest.mark.parametrize(("command", "content"), CODES)
def test_codes_read_as_what_they_were_told(command: str, content: str) -> None:
    with speaking("tspl", 8, 500, 400) as printer:
        printer.feed(b"CLS\r\n" + command.encode() + b"\r\nPRINT 1\r\n")
        (piece,) = printer.pieces()
    assert piece.unknown == ()
    assert [code.text for code in piece.codes] == [content]


UNKNOWN = [
    ('BARCODE 9,9,"POST",80,1,0,2,2,"123"', "BARCODE: The code type 'POST' is not drawn here."),
    ('BARCODE 9,9,"EAN13",80,1,0,2,2,"12a"', "BARCODE: "),
    ('BARCODE 9,9,"128"', 'BARCODE 9,9,"128"'),
    ('TEXT 9,9,"TSS24.BF2",0,1,1,"a"', "font TSS24.BF2 drawn as font 3"),
    ('TEXT 9,9,"3",45,1,1,"a"', 'TEXT 9,9,"3",45,1,1,"a"'),
    ("BAR 9,9", "BAR 9,9"),
    ('AZTEC 9,9,0,6,0,1,0,1,0,"SN-1"', "the escapes of AZTEC"),
    ('AZTEC 9,9,0,6,300,"SN-1"', "AZTEC: Aztec size 300 is not drawn here."),
    ('BLOCK 9,9,90,90,"ROMAN.TTF",0,1,1,"a"', 'BLOCK 9,9,90,90,"ROMAN.TTF",0,1,1,"a"'),
    ('PUTBMP 9,9,"LOGO.BMP"', "PUTBMP of LOGO.BMP, which is not stored"),
    ('PUTPCX 9,9,"LOGO.PCX"', 'PUTPCX 9,9,"LOGO.PCX"'),
    ("HELLO", "HELLO"),
    ("SIZE big", "SIZE big"),
]


@pytest.mark.parametrize(("command", "listed"), UNKNOWN)
def test_what_is_not_understood_is_listed_with_its_label(command: str, listed: str) -> None:
    with speaking("tspl", 8, 500, 400) as printer:
        _, unknown = printed(printer, b"CLS\r\n" + command.encode() + b"\r\nPRINT 1\r\n")
        assert len(unknown) == 1
        assert unknown[0].startswith(listed)
        assert printed(printer, b"CLS\r\nPRINT 1\r\n")[1] == ()


def test_a_block_is_wrapped_aligned_and_cut_off_below() -> None:
    with speaking("tspl", 8, 100, 60) as printer:
        art, unknown = printed(
            printer, b'CLS\r\nBLOCK 0,0,64,24,"1",0,1,1,0,3,"HHHH HH H HHH"\r\nPRINT 1\r\n'
        )
    rows = art.split("\n")
    assert unknown == ()
    assert any("#" in row[:16] for row in rows[:12])
    assert not any("#" in row[:24] for row in rows[12:])
    assert any("#" in row[24:64] for row in rows[12:24])
    assert not any("#" in row for row in rows[24:])


def test_ink_beside_the_paper_is_noted() -> None:
    with speaking("tspl", 8, 100, 100) as printer:
        printer.feed(b"CLS\r\nBAR 90,90,50,50\r\nPRINT 1\r\n")
        assert printer.pieces()[0].notes == ("ink fell beside the paper",)


@pytest.mark.parametrize(
    "command",
    [
        b"\x1b!R", b"\x1b!P", b"\x1b!F", b"SELFTEST\r\n", b"FORMFEED\r\n", b"SET COM1 96,N,8,1\r\n",
        b'DOWNLOAD F,"A.BMP",3,abc\r\n', b"@LABEL=5\r\n", b"INITIALPRINTER\r\n",
        b'DOWNLOAD "A.BAS"\r\nSELFTEST\r\nEOP\r\n', b'KILL F,"*.*"\r\n',
    ],
)  # fmt: skip
def test_what_changes_the_printer_is_remembered(command: bytes) -> None:
    with speaking("tspl", 8, 100, 100) as printer:
        printer.feed(command)
        assert len(printer.machine.admin_events()) == 1


def test_a_command_that_acts_at_once_acts_in_the_middle_of_a_line_but_not_of_a_picture() -> None:
    with speaking("tspl", 8, 100, 100) as printer:
        printer.feed(b'TEXT 1,1,"3",0,\x1b!?1,1,"a"\r\n')
        assert bytes(printer.answers) == b"\x00"
        printer.feed(b"BITMAP 0,0,3,1,1,\x1b!R\r\nPRINT 1\r\n")
        assert printer.machine.admin_events() == ()
        assert printer.pieces()[0].unknown == ()


def test_answers_in_turn_wait_for_the_labels_before_them_and_for_a_printer_that_is_ready() -> None:
    machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
    tspl = Interpreter(machine)
    said = bytearray()
    tspl.answer = said.extend
    tspl.feed(b'CLS\r\nPRINT 2\r\nOUT "one ";@LABEL\r\n~!F')
    assert said == b""
    machine.paper_out()
    machine.start()
    try:
        tspl.feed(b"\x1b!S")
        assert said == b"\x02E@@A\x03\r\n"
        machine.load_paper()
        assert machine.wait_idle(30)
    finally:
        machine.stop()
    tspl.feed(b"\r\n")
    assert said[8:].startswith(b"one ")
    assert said.endswith(b"\x1a")


def test_what_waits_can_be_cancelled() -> None:
    machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
    tspl = Interpreter(machine)
    tspl.feed(b"CLS\r\nPRINT 9\r\n\x1b!.")
    assert machine.queued() == ()


def test_without_power_nothing_but_its_settings_from_the_factory_is_left() -> None:
    with speaking("tspl", 8, 400, 300) as printer:
        printer.feed(HEAD + b'DOWNLOAD "A.TXT",2,ab\r\nDIRECTION 1\r\nBITMAP 0,0,9,9,1,abc')
        printer.language.lose_power()
        printer.feed(b"~!F\r\nPRINT 1\r\n")
        (piece,) = printer.pieces()
    assert bytes(printer.answers) == b"\x1a"
    assert (piece.tile.width, piece.tile.height, piece.tile.count()) == (400, 300, 0)


def test_commands_are_the_same_however_they_are_cut() -> None:
    document = (
        b'SIZE 4,2\r\nTEXT 1,1,"3",0,1,1,"a,\\["]b"\r\nBITMAP 0,0,2,2,1,\r\n\r\n\x1b!S'
        b'DOWNLOAD "A.TXT",4,\r\nab~!TDOWNLOAD "B.BAS"\r\nCLS\r\nEOP\r\nPRINT 1,2\r\n'
    )
    whole = CommandStream()
    whole.feed(document)
    expected = list(whole)
    assert [one.name for one in expected] == [
        "SIZE", "TEXT", "BITMAP", "ESC!S", "DOWNLOAD", "~!T", "PROGRAM", "PRINT",
    ]  # fmt: skip
    for size in (1, 2, 3, 11):
        stream = CommandStream()
        found = []
        for at in range(0, len(document), size):
            stream.feed(document[at : at + size])
            found += list(stream)
        assert found == expected


WORDS = (
    b'SIZE |CLS\r\n|TEXT |"3"|BARCODE |BITMAP |DMATRIX |QRCODE |AZTEC |PDF417 |,'
    b"|BLOCK |PUTBMP |BOX |DIAGONAL |ELLIPSE "
    b'|DOWNLOAD |PRINT |\r\n|\x1b!|9|-9|99999999|mm|OUT |~!|"|\\[|M|A|\x00|\xff|"128"|"39"'
    b"|REFERENCE |DIRECTION 1|@LABEL|SET |BM"
).split(b"|")


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=30))
def test_nothing_that_is_sent_breaks_the_printer(words: list[bytes]) -> None:
    machine = Machine(Paper(), Make(stock_width=200, stock_height=100, head_width=200))
    tspl = Interpreter(machine)
    tspl.feed(b"".join(words))
    tspl.feed(b"\r\n" * 4)
    for run in machine.queued():
        run.draw(0)
