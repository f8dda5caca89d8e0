"""What TSPL printers of three kinds are taken to prove, asked over a wire of the test's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.evidence.conversation import Greeting
from gateway.drivers.evidence.tspl import TsplConversation
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.drivers.virtual.tspl.interpreter import Interpreter
from gateway.errors import DeviceUnreachable
from gateway.jobs import Proof

SOON = 0.02
"""Seconds that are waited for an answer that does not come."""


class Line:
    """A wire to something that answers what it is sent at once. Implements ``Wire``."""

    def __init__(self, device: Callable[[bytes], bytes]) -> None:
        self.device = device
        self.sent = bytearray()
        self.heard = bytearray()

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        self.sent += payload
        self.heard += self.device(bytes(payload))
        return len(payload)

    def read(self, timeout: float) -> bytes:
        heard = bytes(self.heard)
        self.heard.clear()
        return heard

    def close(self) -> None:
        pass


class Simple:
    """A printer that answers what a test lets it answer."""

    def __init__(self, *, status: bytes = b"", short: bytes = b"", says: bool = False) -> None:
        self.status, self.short, self.says = status, short, says

    def __call__(self, sent: bytes) -> bytes:
        out = b""
        for question in re.findall(rb'\x1b!S|\x1b!\?|OUT "[^"]*"', sent):
            if question == b"\x1b!S":
                out += self.status
            elif question == b"\x1b!?":
                out += self.short
            elif self.says:
                out += question[5:-1]
        return out


RESTS = b"\x02@@@@\x03\r\n"
PRINTS = b"\x02P@@@\x03\r\n"


def test_a_printer_that_answers_nothing_is_not_there() -> None:
    assert TsplConversation(Line(Simple()), SOON).greet() is None


@pytest.mark.parametrize("printer", [Simple(status=RESTS), Simple(short=b"\x00")])
def test_a_status_alone_proves_nothing(printer: Simple) -> None:
    assert TsplConversation(Line(printer), SOON).greet() == Greeting(Proof.NOTHING)


@pytest.mark.parametrize(
    "printer", [Simple(status=RESTS, says=True), Simple(short=b"\x00", says=True)]
)
def test_a_printer_that_says_what_it_is_told_to_is_fenced(printer: Simple) -> None:
    line = Line(printer)
    talk = TsplConversation(line, SOON, rests_for=0.0)
    assert talk.greet() == Greeting(Proof.FENCE)
    assert talk.seal(b"A\r\n") == b'A\r\nOUT "GWS1["\r\nOUT "]"\r\n'
    assert talk.seal(b"B\r\n") == b'B\r\nOUT "GWS2["\r\nOUT "]"\r\n'
    talk.look(None)
    report = talk.look(None)
    assert (report.answered, report.counter, report.quiet) == (True, 0, True)
    line.heard += b"GWS2[]"
    assert talk.look(None).counter == 0
    line.heard += b"GWS1[]"
    assert talk.look(None).counter == 2


def test_a_count_without_a_memory_that_shows_a_power_loss_is_not_relied_on() -> None:
    def count_only(sent: bytes) -> bytes:
        out = RESTS if b"\x1b!S" in sent else b""
        for line in sent.split(b"\r\n"):
            out += b"7" if line == b"OUT @LABEL" else b""
            out += line[5:-1] if line.startswith(b'OUT "') else b""
        return out

    assert TsplConversation(Line(count_only), SOON).greet() == Greeting(Proof.FENCE)


def test_a_printer_is_quiet_only_when_all_before_was_worked_through_and_it_rests() -> None:
    printer = Simple(status=RESTS, says=True)
    talk = TsplConversation(Line(printer), SOON, rests_for=0.0)
    talk.greet()
    talk.seal(b"A\r\n")
    assert not talk.look(None).quiet
    assert talk.look(None).quiet
    printer.status = PRINTS
    assert not talk.look(None).quiet
    printer.status, printer.says = RESTS, False
    assert not talk.look(None).quiet


def test_a_fenced_printer_is_quiet_only_when_it_has_rested_for_a_while() -> None:
    talk = TsplConversation(Line(Simple(status=RESTS, says=True)), SOON, rests_for=3600.0)
    talk.greet()
    assert [talk.look(None).quiet for _ in range(3)] == [False] * 3


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_a_device_that_answers_anything_is_an_error_of_nobody(heap: list[bytes]) -> None:
    answers = iter(heap)
    talk = TsplConversation(Line(lambda sent: next(answers, b"")), 0.0)
    with suppress(DeviceUnreachable):
        talk.greet()
    report = talk.look("GW00AA11")
    assert report.counter is None or report.counter >= 0


@pytest.mark.parametrize("says", [False, True])
def test_a_printer_in_trouble_is_asked_again_before_anything_is_concluded(says: bool) -> None:
    line = Line(Simple(status=b"\x02E@@A\x03\r\n", says=says))
    talk = TsplConversation(line, SOON)
    if says:
        assert talk.greet() == Greeting(Proof.FENCE)
        return
    with pytest.raises(DeviceUnreachable) as caught:
        talk.greet()
    assert caught.value.detail == "Paper is out. Load labels, close the lid, press Feed."


def test_what_a_printer_without_answer_says_is_no_look() -> None:
    printer = Simple(status=RESTS, says=True)
    talk = TsplConversation(Line(printer), SOON)
    talk.greet()
    printer.status = b""
    assert not talk.look(None).answered


class Counting:
    """A virtual printer at the other end, its engine under the test's hand."""

    def __init__(self) -> None:
        self.machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
        self.interpreter = Interpreter(self.machine)

    def __call__(self, sent: bytes) -> bytes:
        out = bytearray()
        self.interpreter.answer = out.extend
        self.interpreter.feed(sent)
        return bytes(out)


def test_a_printer_that_counts_is_believed_when_it_rests() -> None:
    printer = Counting()
    talk = TsplConversation(Line(printer), SOON)
    assert talk.greet() == Greeting(
        Proof.COUNTER, {"model": "GW-VIRTUAL", "serial": "GWV000000001"}
    )
    report = talk.look(None)
    assert (report.counter, report.quiet, report.marker) == (0, True, None)
    printer.machine.start()
    try:
        printer(talk.seal(b"CLS\r\nPRINT 3\r\n"))
        assert printer.machine.wait_idle(30)
    finally:
        printer.machine.stop()
    assert talk.look(None).counter == 2  # it may be counted and still under the head
    assert talk.look(None).counter == 3


def test_a_marker_is_there_until_the_power_goes() -> None:
    printer = Counting()
    talk = TsplConversation(Line(printer), SOON)
    talk.greet()
    assert talk.look("GW00AA11").marker is False
    talk.plant("GW00AA11")
    assert talk.look("GW00AA11").marker is True
    printer.interpreter.lose_power()
    assert talk.look("GW00AA11").marker is False


def test_a_picture_that_was_cut_off_ends_with_what_clears_the_printer() -> None:
    printer = Counting()
    talk = TsplConversation(Line(printer), SOON)
    printer(b"CLS\r\nBITMAP 0,0,32,64,1,\x00\x00")
    talk.clear()
    greeting = talk.greet()
    assert greeting is not None
    assert greeting.proof is Proof.COUNTER
    assert talk.look(None).quiet
    assert printer.machine.queued() == ()


def test_what_waits_is_dropped_and_then_nothing_waits() -> None:
    printer = Counting()
    talk = TsplConversation(Line(printer), SOON)
    talk.greet()
    printer(talk.seal(b"CLS\r\nPRINT 3\r\n"))
    printer.machine.paper_out()
    assert not talk.look(None).empty
    talk.flush()
    assert printer.machine.queued() == ()
    assert talk.look(None).empty
