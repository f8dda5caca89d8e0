"""What EPL2 printers are taken to prove, asked over a wire of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.evidence.conversation import Greeting
from gateway.drivers.evidence.epl import EplConversation
from gateway.drivers.virtual.epl.interpreter import Interpreter
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.errors import DeviceUnreachable
from gateway.jobs import Proof

SOON = 0.02
"""Seconds that are waited for an answer that does not come."""


class Line:
    """A wire to something that answers what it is sent at once. Implements ``Wire``."""

    def __init__(self, device: Callable[[bytes], bytes]) -> None:
        self.device = device
        self.heard = bytearray()

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
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

    def __init__(self, report: bytes = b"", settings: bytes = b"", us: bytes = b"") -> None:
        self.report, self.settings, self.us = report, settings, us

    def __call__(self, sent: bytes) -> bytes:
        out = b""
        for line in sent.split(b"\r\n"):
            out += {b"US": self.us, b"^ee": self.report, b"UQ": self.settings}.get(line, b"")
        return out


SETTINGS = b"UKQ1935HLU V4.29\r\nS4 D08 R112,000 ZB US\r\n"
WHO = {"model": "UKQ1935HLU", "firmware": "V4.29"}


def test_a_printer_that_answers_nothing_is_not_there() -> None:
    assert EplConversation(Line(Simple()), SOON).greet() is None


@pytest.mark.parametrize(
    ("printer", "greeting"),
    [
        (Simple(b"00\r\n"), Greeting(Proof.NOTHING)),
        (Simple(b"", SETTINGS), Greeting(Proof.NOTHING, WHO)),
        (Simple(b"00\r\n", SETTINGS.replace(b"US", b"UN")), Greeting(Proof.NOTHING, WHO)),
        (Simple(b"00\r\n", SETTINGS), Greeting(Proof.FENCE, WHO)),
    ],
)
def test_only_a_printer_that_says_it_acknowledges_is_fenced(
    printer: Simple, greeting: Greeting
) -> None:
    assert EplConversation(Line(printer), SOON).greet() == greeting


def test_the_acknowledgement_of_us_is_nobodys_label() -> None:
    line = Line(Simple(b"00\r\n", SETTINGS, us=b"\x06"))
    talk = EplConversation(line, SOON)
    talk.greet()
    assert talk.look(None).counter == 0
    line.heard += b"\x06"
    assert talk.look(None).counter == 1


def test_a_printer_in_trouble_is_asked_again_before_anything_is_concluded() -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        EplConversation(Line(Simple(b"07\r\n")), SOON).greet()
    assert caught.value.detail == "Paper is out. Load labels, close the lid, press Feed."


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=6))
def test_a_device_that_answers_anything_is_an_error_of_nobody(heap: list[bytes]) -> None:
    answers = iter(heap)
    talk = EplConversation(Line(lambda sent: next(answers, b"")), 0.0)
    with suppress(DeviceUnreachable):
        talk.greet()
    report = talk.look("GW00AA11")
    assert report.counter is None or report.counter >= 0


@pytest.mark.parametrize(
    ("report", "quiet"), [(b"00\r\n", True), (b"50\r\n", False), (b"11\r\n", False)]
)
def test_a_printer_is_quiet_when_it_is_at_nothing_and_nothing_stops_it(
    report: bytes, quiet: bool
) -> None:
    printer = Simple(b"00\r\n", SETTINGS)
    talk = EplConversation(Line(printer), SOON)
    talk.greet()
    printer.report = report
    look = talk.look("GW00AA11")
    assert (look.answered, look.quiet, look.marker) == (True, quiet, None)
    printer.report = b""
    assert not talk.look(None).answered


class Virtual:
    """A virtual printer at the other end, its engine under the test's hand."""

    def __init__(self) -> None:
        self.machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0))
        self.interpreter = Interpreter(self.machine)
        self.out = bytearray()

    def __call__(self, sent: bytes) -> bytes:
        self.interpreter.answer = self.out.extend
        self.interpreter.feed(sent)
        said = bytes(self.out)
        self.out.clear()
        return said


def test_a_label_is_acknowledged_when_it_is_out() -> None:
    printer = Virtual()
    talk = EplConversation(Line(printer), SOON)
    greeting = talk.greet()
    assert greeting is not None
    assert greeting.proof is Proof.FENCE
    assert greeting.identity["serial"] == "GWV000000001"
    printer(talk.seal(b"\r\nN\r\nP1\r\n"))
    look = talk.look(None)
    assert (look.counter, look.quiet) == (0, False)
    printer.machine.start()
    try:
        assert printer.machine.wait_idle(30)
    finally:
        printer.machine.stop()
    talk.look(None)
    look = talk.look(None)
    assert (look.counter, look.quiet) == (1, True)


def test_a_picture_that_was_cut_off_ends_with_what_clears_the_printer() -> None:
    printer = Virtual()
    talk = EplConversation(Line(printer), SOON)
    printer(b"N\r\nGW0,0,32,64,\x00\x00")
    talk.clear()
    greeting = talk.greet()
    assert greeting is not None
    assert greeting.proof is Proof.FENCE
    assert printer.machine.queued() == ()
