"""What goes back to the host, byte for byte."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.zpl.interpreter import Interpreter

Ask = Callable[[bytes], bytes]


class Desk:
    """An interpreter on a machine whose engine stands still."""

    def __init__(self) -> None:
        self.machine = Machine(
            Paper(), Make(stock_width=800, stock_height=400), pace=Pace(speed_mm_s=0)
        )
        self.zpl = Interpreter(self.machine)
        self.replies: list[bytes] = []
        self.zpl.answer = self.replies.append

    def ask(self, sent: bytes) -> bytes:
        self.replies.clear()
        self.zpl.feed(sent)
        return b"".join(self.replies)


@pytest.fixture
def desk() -> Desk:
    return Desk()


IDLE = (
    b"\x02030,0,0,0400,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02000,0,0,0,0,2,4,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)
LABEL = b"^XA^FO10,10^GB9,9,9^FS^XZ"


def test_an_idle_printer_answers_three_frames(desk: Desk) -> None:
    assert desk.ask(b"~HS") == IDLE


def test_waiting_formats_are_counted_where_the_question_stands_in_the_stream(desk: Desk) -> None:
    assert desk.ask(b"~HS" + LABEL + b"~HS" + LABEL + b"~HS") == (
        IDLE + IDLE.replace(b"0400,000,", b"0400,001,") + IDLE.replace(b"0400,000,", b"0400,002,")
    )


def test_an_open_format_shows_as_partial_until_it_is_cancelled(desk: Desk) -> None:
    assert desk.ask(b"^XA^FO10,10^FDhal~HS") == IDLE.replace(b"000,0,0,0,000", b"000,0,0,1,000", 1)
    assert desk.ask(b"~JX~HS") == IDLE
    assert desk.ask(LABEL + b"~HS") == IDLE.replace(b"0400,000,", b"0400,001,")


@pytest.mark.parametrize(
    ("fault", "first", "second", "errors"),
    [
        ("paper_out", b"030,1,0,", b"000,0,0,0,", b"1 00000000 00000001"),
        ("ribbon_out", b"030,0,0,", b"000,0,0,1,", b"1 00000000 00000002"),
        ("open_head", b"030,0,0,", b"000,0,1,0,", b"1 00000000 00000004"),
        ("pause", b"030,0,1,", b"000,0,0,0,", b"1 00000000 00010000"),
    ],
)
def test_trouble_shows_in_its_own_place(
    desk: Desk, fault: str, first: bytes, second: bytes, errors: bytes
) -> None:
    getattr(desk.machine, fault)()
    frames = desk.ask(b"~HS").split(b"\x02")
    assert frames[1].startswith(first)
    assert frames[2].startswith(second)
    assert b"ERRORS:         " + errors in desk.ask(b"~HQES")


def test_a_printer_that_keeps_silent_in_trouble_still_answers_hqes(desk: Desk) -> None:
    desk.zpl.silent_on_error = True
    desk.machine.paper_out()
    assert desk.ask(b"~HS") == b""
    assert b"1 00000000 00000001" in desk.ask(b"~HQES")
    desk.machine.load_paper()
    assert desk.ask(b"~HS") == IDLE


def test_the_error_status_is_laid_out_as_documented(desk: Desk) -> None:
    assert desk.ask(b"~HQES") == (
        b"\x02\r\n\r\n"
        b"  PRINTER STATUS                            \r\n"
        b"   ERRORS:         0 00000000 00000000      \r\n"
        b"   WARNINGS:       0 00000000 00000000      \r\n"
        b"\x03\r\n"
    )


def test_other_queries_name_the_printer(desk: Desk) -> None:
    assert desk.ask(b"~HI") == b"\x02GW-VIRTUAL,V1.0.0Z,8,8192KB,X\x03\r\n"
    assert b"GWV000000001" in desk.ask(b"~HQSN")
    assert b"TOTAL NONRESETTABLE:" in desk.ask(b"~HQOD")
    assert desk.ask(b"~HM") == b"8192,8192,8192\r\n"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("odometer.total_label_count", b'"0"'),
        ("device.product_name", b'"GW-VIRTUAL"'),
        ("appl.name", b'"V1.0.0Z"'),
        ("device.unique_id", b'"GWV000000001"'),
        ("no.such.variable", b'"?"'),
    ],
)
def test_variables_come_in_quotes_without_a_line_end(desk: Desk, name: str, answer: bytes) -> None:
    assert desk.ask(b'! U1 getvar "%s"\r\n' % name.encode()) == answer


def test_a_directory_lists_what_is_stored(desk: Desk) -> None:
    desk.ask(b"^XA^DFR:GW123456.ZPL^FO1,1^FDx^FS^XZ~DGR:LOGO.GRF,2,1,FFFF^XA^FS^XZ")
    assert desk.ask(b"^XA^HWR:GW123456.ZPL^XZ") == (
        b"\x02\r\n- DIR R:GW123456.ZPL \r\n"
        b"* R:GW123456.ZPL        13          \r\n"
        b"\r\n-   8388593 bytes free R: RAM \r\n\x03"
    )
    listing = desk.ask(b"^XA^HWR:*.*^XZ")
    assert [line.split()[1] for line in listing.splitlines() if line.startswith(b"* ")] == [
        b"R:GW123456.ZPL",
        b"R:LOGO.GRF",
    ]


def test_an_empty_marker_is_listed_and_power_off_takes_it(desk: Desk) -> None:
    marker = b"^XA^DFR:GWABCDEF.ZPL^FS^XZ"
    assert b"* R:GWABCDEF.ZPL" in desk.ask(marker + b"^XA^HWR:GWABCDEF.ZPL^XZ")
    desk.zpl.lose_power()
    assert b"GWABCDEF.ZPL " not in desk.ask(b"^XA^HWR:GWABCDEF.ZPL^XZ").split(b"\r\n", 2)[2]


def test_a_format_gives_back_the_value_of_its_field(desk: Desk) -> None:
    sent = b"^XA^FN1^FDjob-7^FS^FH_^HV1,16,DONE:,_0D_0A,F^FS^FO1,1^GB9,9,9^FS^XZ"
    assert desk.ask(sent) == b"DONE:job-7\r\n"


def test_the_counter_of_stored_graphics_is_in_the_second_frame(desk: Desk) -> None:
    desk.ask(b"~DGR:LOGO.GRF,2,1,FFFF^XA^FS^XZ")
    assert desk.ask(b"~HS").split(b"\r\n")[1] == b"\x02000,0,0,0,0,2,4,0,00000000,1,001\x03"


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    ("sent", "event"),
    [
        (b"~JA", "~JA"),
        (b"~JR", "~JR"),
        (b"~PP", "~PP"),
        (b"^XA^FDx~JAy^FS^XZ", "~JA"),
        (b"^XA^IDE:*.*^FS^XZ", "^IDE:*.*"),
        (b"^XA^DFE:EVIL.ZPL^FDx^FS^XZ", "stored E:EVIL.ZPL"),
        (b"^XA^CC+", "^CC+"),
        (b"^XA^JUS^XZ", "^JUS"),
        (b'! U1 setvar "device.pause" "on"\r\n', '! U1 setvar "device.pause" "on"'),
    ],
)
def test_what_changes_the_printer_is_recorded(desk: Desk, sent: bytes, event: str) -> None:
    desk.ask(sent)
    assert [e.what for e in desk.machine.admin_events()] == [event]


def test_what_follows_a_reset_in_the_same_bytes_is_lost_with_it(desk: Desk) -> None:
    assert desk.ask(b"~HI~JR~HS" + LABEL) == b"\x02GW-VIRTUAL,V1.0.0Z,8,8192KB,X\x03\r\n"
    assert desk.machine.queued() == ()


def test_printing_changes_nothing(desk: Desk) -> None:
    desk.ask(b"~HS~HQES" + LABEL + b"^XA^DFR:A.ZPL^FS^XZ~JX~HI")
    assert desk.machine.admin_events() == ()
