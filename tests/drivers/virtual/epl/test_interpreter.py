"""What a virtual EPL2 printer makes of documents, good and bad."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.epl.interpreter import Interpreter
from gateway.drivers.virtual.epl.stream import CommandStream
from gateway.drivers.virtual.machine import Machine, Make
from gateway.drivers.virtual.paper import Paper
from tests.drivers.languages.speaking import Spoken, speaking


def printed(printer: Spoken, document: bytes) -> tuple[str, tuple[str, ...]]:
    printer.feed(document)
    (piece,) = printer.pieces(len(printer.pieces()) - 1)
    return piece.tile.art(), piece.unknown


def test_a_label_is_as_large_as_it_is_said_to_be() -> None:
    with speaking("epl", 8, 832, 400) as printer:
        printer.feed(b"q600\nQ300,24\nN\nP1\n")
        (piece,) = printer.pieces()
    assert (piece.tile.width, piece.tile.height) == (600, 300)


def test_a_printer_nobody_told_a_size_prints_on_its_stock() -> None:
    with speaking("epl", 8, 320, 160) as printer:
        printer.feed(b"N\nP1\n")
        (piece,) = printer.pieces()
    assert (piece.tile.width, piece.tile.height) == (320, 160)


def test_graphics_are_black_where_they_are_0_after_a_comma_or_a_line_break() -> None:
    with speaking("epl", 8, 16, 2) as printer:
        for between in (b",", b"\n", b"\r\n"):
            art, unknown = printed(printer, b"N\nGW8,1,1,1" + between + b"\x0f\nP1\n")
            assert art == "................\n........####...."
            assert unknown == ()


def test_the_image_can_be_turned_and_moved_and_a_new_width_moves_it_back() -> None:
    begin = b"N\nLO0,0,3,1\nP1\n"
    with speaking("epl", 8, 8, 2) as printer:
        assert printed(printer, b"ZB\n" + begin)[0] == "###.....\n........"
        assert printed(printer, b"ZT\n" + begin)[0] == "........\n.....###"
        assert printed(printer, b"ZB\nR2,1\n" + begin)[0] == "........\n..###..."
        assert printed(printer, b"q8\n" + begin)[0] == "###.....\n........"


def test_lines_black_white_and_inverting_and_boxes() -> None:
    with speaking("epl", 8, 8, 4) as printer:
        frame = "########\n#......#\n#......#\n########"
        assert printed(printer, b"N\nX0,0,1,8,4\nP1\n")[0] == frame
        assert printed(printer, b"N\nLO0,0,8,4\nLW1,1,6,2\nP1\n")[0] == frame
        art, unknown = printed(printer, b"N\nLO0,0,4,4\nLE0,0,8,4\nP1\n")
        assert art == "\n".join(["....####"] * 4)
    assert unknown == ()


def test_reversed_text_is_white_on_black() -> None:
    with speaking("epl", 8, 80, 24) as printer:
        plain, _ = printed(printer, b'N\nA0,0,0,3,1,1,N,"AB"\nP1\n')
        turned, _ = printed(printer, b'N\nA0,0,0,3,1,1,R,"AB"\nP1\n')
    assert plain.count("#") + turned.count("#") == 2 * 12 * 20


CODES = [
    ('B40,20,0,1,2,2,80,B,"SN-1"', "SN-1"),
    ('B40,20,0,1A,2,2,80,N,"SN-1"', "SN-1"),
    ('B40,20,0,1B,2,2,80,N,"sn-1"', "sn-1"),
    ('B40,20,0,1C,2,2,80,N,"123456"', "123456"),
    ('B40,20,0,1E,2,2,80,N,"0109501101530003"', "(01)09501101530003"),
    ('B40,20,0,3,2,6,80,N,"ABC-1"', "ABC-1"),
    ('B40,20,0,9,2,2,80,N,"ABC-1"', "ABC-1"),
    ('B40,20,0,2,2,5,80,N,"123456"', "123456"),
    ('B40,20,0,E30,2,2,80,N,"400638133393"', "4006381333931"),
    ('B340,20,1,1,2,2,80,N,"SN-1"', "SN-1"),
    ('B340,180,2,1,2,2,80,N,"SN-1"', "SN-1"),
    ('B40,360,3,1,2,2,80,N,"SN-1"', "SN-1"),
    ('b40,20,D,c18,r18,h6,"SN-1"', "SN-1"),
    ('b40,20,A,d6,e0,"SN-1"', "SN-1"),
    ('b40,20,Q,m2,s5,eM,iA,"SN-1"', "SN-1"),
]


@pytest.mark.parametrize(("command", "content"), CODES)
def test_codes_read_as_what_they_were_told(command: str, content: str) -> None:
    with speaking("epl", 8, 500, 400) as printer:
        printer.feed(b"N\n" + command.encode() + b"\nP1\n")
        (piece,) = printer.pieces()
    assert piece.unknown == ()
    assert [code.text for code in piece.codes] == [content]


UNKNOWN = [
    ('B9,9,0,PL,2,2,80,N,"123"', "B: The bar code type 'PL' is not drawn here."),
    ('B9,9,0,1C,2,2,80,N,"12a"', "B: "),
    ("B9,9,0,1", "B9,9,0,1"),
    ('b9,9,M,"a"', "b: The code 'M' is not drawn here."),
    ('A9,9,0,Z,1,1,N,"a"', "font Z drawn as font 3"),
    ('A9,9,0,3,1,1,X,"a"', 'A9,9,0,3,1,1,X,"a"'),
    ("LO9,9", "LO9,9"),
    ('GG9,9,"LOGO"', 'GG9,9,"LOGO"'),
    ("hello", "hello"),
]


@pytest.mark.parametrize(("command", "listed"), UNKNOWN)
def test_what_is_not_understood_is_listed_with_its_label(command: str, listed: str) -> None:
    with speaking("epl", 8, 500, 400) as printer:
        _, unknown = printed(printer, b"N\n" + command.encode() + b"\nP1\n")
        assert len(unknown) == 1
        assert unknown[0].startswith(listed)
        assert printed(printer, b"N\nP1\n")[1] == ()


@pytest.mark.parametrize(
    "command", [b"^@\n", b"U\n", b"M3,3,3\n", b"xa\n", b'FK"*"\n', b'GM"LOGO"3\nabc\n', b"oM\n"]
)
def test_what_changes_the_printer_is_remembered(command: bytes) -> None:
    with speaking("epl", 8, 100, 100) as printer:
        printer.feed(command)
        assert len(printer.machine.admin_events()) == 1


def test_labels_are_acknowledged_only_when_asked_for() -> None:
    with speaking("epl", 8, 100, 100) as printer:
        printer.feed(b"N\nP2\n")
        assert bytes(printer.answers) == b""
        printer.feed(b"US\nN\nP2\n")
        assert bytes(printer.answers) == b"\x06\x06"
        printer.feed(b"UN\nN\nP2\n")
        assert bytes(printer.answers) == b"\x06\x06"


def test_the_status_says_what_stops_it() -> None:
    with speaking("epl", 8, 100, 100) as printer:
        printer.feed(b"^ee\n")
        printer.machine.open_head()
        printer.feed(b"^ee\n")
        printer.machine.paper_out()
        printer.feed(b"^ee\r\n")
        printer.language.silent_on_error = True
        printer.feed(b"^ee\n")
    assert bytes(printer.answers) == b"00\r\n11\r\n07,11\r\n"


def test_without_power_everything_is_forgotten() -> None:
    with speaking("epl", 8, 400, 300) as printer:
        printer.feed(b"US\nq200\nZT\nN\nLO0,0,9,9\nGW0,0,9,9,abc")
        printer.language.lose_power()
        printer.feed(b"P1\n")
        (piece,) = printer.pieces()
    assert bytes(printer.answers) == b""
    assert (piece.tile.width, piece.tile.height, piece.tile.count()) == (400, 300, 0)


def test_commands_are_the_same_however_they_are_cut() -> None:
    document = b'\nN\nA1,1,0,3,1,1,N,"a,\\"b"\r\nGW0,0,2,2,\r\n\r\n^ee\r\nGM"A"4\n\r\nabP1,2\n'
    whole = CommandStream()
    whole.feed(document)
    expected = list(whole)
    assert [one.name for one in expected] == ["N", "A", "GW", "^ee", "GM", "P"]
    for size in (1, 2, 3, 11):
        stream = CommandStream()
        found = []
        for at in range(0, len(document), size):
            stream.feed(document[at : at + size])
            found += list(stream)
        assert found == expected


WORDS = (
    b'N\n|A|B|b|GW|GM|LO|LS|X|P|q|Q|R|\n|,|9|-9|99999|"|\\|U|US\n|^ee\n|Z|D|\x00|\xff|"SN-1"|1B|E30'
    b"|h|c|I8,0|O"
).split(b"|")


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(WORDS) | st.binary(max_size=8), max_size=30))
def test_nothing_that_is_sent_breaks_the_printer(words: list[bytes]) -> None:
    machine = Machine(Paper(), Make(stock_width=200, stock_height=100, head_width=200))
    epl = Interpreter(machine)
    epl.feed(b"".join(words))
    epl.feed(b"\r\n" * 4)
    for run in machine.queued():
        run.draw(0)
