"""The virtual CPCL printer by itself: what it draws, answers, forgets, and survives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.virtual.cpcl.interpreter import Interpreter
from tests.drivers.languages.speaking import Spoken, speaking

LABEL = (
    b"! 0 200 200 160 1\r\nPAGE-WIDTH 240\r\nTEXT 7 0 10 10 Box\r\nTEXT90 7 0 200 150 Up\r\n"
    b"BARCODE 128 1 1 30 20 60 A1\r\nBOX 4 4 236 156 2\r\nLINE 10 140 230 140 3\r\n"
    b"EG 2 2 8 120 F0F00F0F\r\nCG 1 2 40 120 \x1b!\r\nSETMAG 2 2\r\nFORM\r\nPRINT\r\n"
)


def art(printer: Spoken) -> list[str]:
    return [piece.tile.art() for piece in printer.pieces()]


def printed(document: bytes, width: int = 240, height: int = 160) -> list[str]:
    with speaking("cpcl", 8, width, height, head=width) as printer:
        printer.feed(document)
        return art(printer)


def test_a_label_is_the_same_however_its_bytes_are_cut() -> None:
    (whole,) = printed(LABEL)
    with speaking("cpcl", 8, 240, 160, head=240) as printer:
        for byte in LABEL:
            printer.feed(bytes([byte]))
        assert art(printer) == [whole]
        assert printer.pieces()[0].unknown == ()


def test_ink_lies_where_the_command_says() -> None:
    (drawn,) = printed(b"! 0 200 200 4 1\r\nPW 12\r\nCG 1 2 2 1 \xff\x81\r\nPRINT\r\n", 12, 4)
    assert drawn.split("\n") == ["............", "..########..", "..#......#..", "............"]
    (moved,) = printed(b"! 2 200 200 4 1\r\nPW 12\r\nCG 1 2 2 1 \xff\x81\r\nPRINT\r\n", 12, 4)
    assert moved.split("\n")[1] == "....########"


def test_a_code_that_reads_upward_begins_at_its_lower_end() -> None:
    with speaking("cpcl", 8, 240, 400) as printer:
        printer.feed(b"! 0 200 200 400 1\r\nVBARCODE 128 2 1 60 40 300 SN-1\r\nPRINT\r\n")
        (piece,) = printer.pieces()
    (code,) = piece.codes
    assert (code.text, code.box[3] <= 301, code.box[0] >= 39) == ("SN-1", True, True)


def test_a_qr_code_takes_its_data_from_the_lines_that_follow() -> None:
    with speaking("cpcl", 8, 240, 240) as printer:
        printer.feed(
            b"! 0 200 200 240 1\r\nB QR 30 30 M 2 U 5\r\nMA,PRINT\r\nENDQR\r\nPRINT\r\n"
        )  # fmt: skip
        (piece,) = printer.pieces()
    assert ([code.text for code in piece.codes], piece.unknown) == (["PRINT"], ())


@pytest.mark.parametrize(
    ("line", "listed"),
    [
        (b"TEXT 7 0 10", ["TEXT 7 0 10"]),
        (b"BARCODE MSI 1 1 30 20 60 1", ["BARCODE MSI 1 1 30 20 60 1"]),
        (b"BARCODE 39 1 1 30 20 60 a", ["Code 39 cannot carry 'a'."]),
        (b"LINE 1 2 3", ["LINE 1 2 3"]),
        (b"NONSENSE 1", ["NONSENSE 1"]),
        (b"EG 2 2 0 0 XYZ", ["EG 2 2 0 0 ", "XYZ"]),
    ],
)
def test_what_is_not_understood_is_listed_with_its_label(line: bytes, listed: list[str]) -> None:
    with speaking("cpcl", 8, 240, 160) as printer:
        printer.feed(b"! 0 200 200 160 1\r\n" + line + b"\r\nPRINT\r\n")
        (piece,) = printer.pieces()
    assert list(piece.unknown) == listed


def test_an_aborted_label_is_not_printed() -> None:
    assert printed(b"! 0 200 200 160 1\r\nTEXT 7 0 9 9 x\r\nABORT\r\n") == []


def test_what_would_change_the_printer_is_noted() -> None:
    with speaking("cpcl", 8, 240, 160) as printer:
        printer.feed(
            b'! U1 setvar "a" "b"\r\nplain text\r\n\x1bp! UTILITIES\r\nSET-TOF 9\r\nPRINT\r\n'
        )
        noted = [event.what for event in printer.machine.admin_events()]
    assert noted == [
        '! U1 setvar "a" "b"',
        "text outside a label: plain text",
        "ESC p",
        "SET-TOF 9",
    ]


def test_questions_are_answered_by_the_documented_bytes() -> None:
    with speaking("cpcl", 8, 240, 160) as printer:
        printer.feed(b"\x1bh\x1bN\x1bh")
        printer.machine.paper_out()
        printer.machine.open_head()
        printer.feed(b"\x1bh")
        printer.feed(b'! U1 getvar "odometer.total_label_count"\r\n! U1 getvar "other"\r\n')
        assert printer.answers == b'\x10\x00\x06"0""?"'
        printer.language.lose_power()
        printer.feed(b"\x1bh")
        assert printer.answers.endswith(b"\x16")


def test_a_question_in_a_label_is_no_question() -> None:
    with speaking("cpcl", 8, 240, 160) as printer:
        printer.feed(b"! 0 200 200 160 1\r\n\x1bh\r\nPRINT\r\n")
        assert printer.answers == b""


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.binary(max_size=60)
        | st.sampled_from(LABEL.split(b"\r\n")).map(lambda line: line + b"\r\n")
        | st.sampled_from([b"! 0 200 200 99 2\r\n", b"PRINT\r\n", b"CG 9 9 0 0 ", b"EG 9 9 0 0 F"]),
        max_size=12,
    )
)  # fmt: skip
def test_malformed_bytes_never_break_it(parts: list[bytes]) -> None:
    with speaking("cpcl", 8, 240, 160) as printer:
        assert isinstance(printer.language, Interpreter)
        for part in parts:
            printer.feed(part)
        printer.language.lose_power()
        before = len(printer.pieces())
        printer.feed(LABEL)
        assert len(printer.pieces()) == before + 1
