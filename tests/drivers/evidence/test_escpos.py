"""What ESC/POS printers of three kinds are taken to prove, asked over a wire of the test's own."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gateway.drivers.evidence.conversation import Greeting
from gateway.drivers.evidence.escpos import CLEARS, EscposConversation
from gateway.drivers.virtual.escpos.interpreter import Interpreter
from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from gateway.errors import DeviceUnreachable
from gateway.jobs import Proof

SOON = 0.02
"""Seconds that are waited for an answer that does not come."""

LABEL = b"\x1b@Label\n\x1dVB\0"


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
    """A printer that answers what a test lets it answer, and keeps what it was asked."""

    def __init__(self, *, status: bytes = b"\x12", ids: bool = False, turn: bool = False) -> None:
        self.status, self.ids, self.turn = status, ids, turn
        self.kept: list[bytes] = []
        self.keeps = False

    def __call__(self, sent: bytes) -> bytes:
        out = b""
        for question in re.findall(rb"\x10\x04[\x01-\x04]|\x1d\(H\x06\x0000....|\x1dr\x01", sent):
            if question.startswith(b"\x10"):
                out += self.status
            elif self.keeps:
                self.kept.append(question)
            else:
                out += self.reply(question)
        return out

    def reply(self, question: bytes) -> bytes:
        if question.startswith(b"\x1d("):
            return b"\x37\x22" + question[-4:] + b"\0" if self.ids else b""
        return b"\0" if self.turn else b""

    def release(self, count: int) -> bytes:
        """Answer so many of the questions that were kept."""
        told, self.kept = self.kept[:count], self.kept[count:]
        return b"".join(map(self.reply, told))


def talk_to(device: Simple, salt: int = 7) -> tuple[EscposConversation, Line]:
    line = Line(device)
    return EscposConversation(line, patience=SOON, salt=salt), line


@contextmanager
def virtual() -> Iterator[tuple[EscposConversation, Line, Machine]]:
    machine = Machine(Paper(), Make(model="TM-V"), pace=Pace(speed_mm_s=0))
    machine.start()
    line = Line(lambda sent: b"")
    printer = Interpreter(machine)

    def device(sent: bytes) -> bytes:
        printer.feed(sent)
        machine.wait_idle(30)
        return b""

    line.device = device
    printer.answer = line.heard.extend
    try:
        yield EscposConversation(line, patience=1, salt=7), line, machine
    finally:
        machine.stop()


def test_who_repeats_a_process_id_reports_each_label() -> None:
    with virtual() as (talk, _, machine):
        assert talk.greet() == Greeting(
            Proof.PRINT_END, {"maker": "GATEWAY", "model": "TM-V", "serial": "GWV000000001"}
        )
        assert talk.look(None).quiet
        assert machine.paper.count == 0


def test_who_answers_gs_r_only_is_a_fence_and_who_answers_neither_proves_nothing() -> None:
    assert talk_to(Simple(turn=True))[0].greet() == Greeting(Proof.FENCE)
    assert talk_to(Simple())[0].greet() == Greeting(Proof.NOTHING)
    assert talk_to(Simple(status=b""))[0].greet() is None


def test_a_greeting_ends_with_what_makes_a_clone_forget_it() -> None:
    talk, line = talk_to(Simple())
    talk.greet()
    assert line.sent.endswith(b"\x1b@")
    assert b"\n" not in line.sent
    assert b"\x0c" not in line.sent


def test_a_printer_in_trouble_is_not_judged_by_what_it_cannot_answer_now() -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        talk_to(Simple(status=b"\x36"))[0].greet()
    assert caught.value.detail == "The lid is open. Close the lid until it clicks."


def test_a_report_of_a_later_label_stands_for_the_earlier_ones() -> None:
    """A printer that could not speak sends its latest process ID only (GS ( H, notes)."""
    device = Simple(ids=True)
    talk, line = talk_to(device)
    talk.greet()
    device.keeps = True
    for _ in range(3):
        line.write(talk.seal(LABEL), 1)
    assert talk.look(None).counter == 0
    line.heard += device.reply(device.kept[1])
    assert talk.look(None).counter == 2
    line.heard += device.reply(device.kept[0])
    assert talk.look(None).counter == 2
    line.heard += device.reply(device.kept[2])
    assert talk.look(None).counter == 3


def test_reports_of_another_connection_and_echoes_count_for_nothing() -> None:
    device = Simple(ids=True)
    talk, line = talk_to(device)
    talk.greet()
    device.keeps = True
    sealed = talk.seal(LABEL)
    other, _ = talk_to(Simple(ids=True), salt=5000)
    other.greet()
    line.heard += b"\x37\x22" + other.seal(LABEL)[-4:] + b"\0" + sealed
    assert talk.look(None).counter == 0


def test_no_two_labels_of_a_session_have_one_process_id() -> None:
    talk, _ = talk_to(Simple(ids=True), salt=94**4 - 3)
    talk.greet()
    ids = {talk.seal(LABEL)[-4:] for _ in range(300)}
    assert len(ids) == 300
    assert all(0x21 <= octet <= 0x7E for one in ids for octet in one)


def test_quiet_is_a_printer_that_answered_behind_all_labels() -> None:
    device = Simple(ids=True)
    talk, line = talk_to(device)
    talk.greet()
    assert talk.look(None).quiet
    device.keeps = True
    line.write(talk.seal(LABEL), 1)
    first = talk.look(None)
    assert (first.answered, first.counter, first.quiet, first.empty) == (True, 0, False, False)
    line.heard += device.release(1)  # the label's own report
    second = talk.look(None)
    assert (second.counter, second.quiet) == (1, False)
    line.heard += device.release(1)  # the question that the first look put behind it
    third = talk.look(None)
    assert (third.counter, third.quiet, third.empty) == (1, True, True)


def test_each_look_needs_an_answer_of_its_own() -> None:
    device = Simple(ids=True)
    talk, _ = talk_to(device)
    talk.greet()
    assert talk.look(None).quiet
    device.keeps = True  # somebody else's labels came
    assert not talk.look(None).quiet


def test_a_stopped_printer_is_never_quiet() -> None:
    device = Simple(ids=True)
    talk, _ = talk_to(device)
    talk.greet()
    device.status = b"\x1a"
    report = talk.look(None)
    assert (report.answered, report.quiet) == (True, False)
    assert [problem.stops for problem in report.problems] == [True] * len(report.problems)


def test_a_fence_is_believed_when_a_second_question_came_back_too() -> None:
    device = Simple(turn=True)
    talk, line = talk_to(device)
    talk.greet()
    device.keeps = True
    assert talk.seal(LABEL) == LABEL + b"\x1dr\x01"
    line.write(LABEL + b"\x1dr\x01", 1)
    assert talk.look(None).counter == 0
    line.heard += device.release(1)
    report = talk.look(None)
    assert (report.counter, report.quiet) == (1, False)
    line.heard += device.release(1)
    report = talk.look(None)
    assert (report.counter, report.quiet) == (1, True)


def test_after_an_unanswered_look_no_fence_speaks_for_a_label_sent_before() -> None:
    """It may have been switched off meanwhile, and the answer be to a newer question."""
    device = Simple(turn=True)
    talk, line = talk_to(device)
    talk.greet()
    device.keeps = True
    line.write(talk.seal(LABEL), 1)
    device.status = b""
    assert not talk.look(None).answered
    device.status, device.keeps = b"\x12", False
    device.kept.clear()
    reports = [talk.look(None) for _ in range(3)]
    assert [report.counter for report in reports] == [0, 0, 0]
    assert reports[-1].quiet


def test_a_silent_printer_gets_its_label_without_a_question() -> None:
    talk, _ = talk_to(Simple())
    talk.greet()
    assert talk.seal(LABEL) == LABEL


def test_what_a_broken_connection_left_is_filled_up_and_prints_nothing_more() -> None:
    with virtual() as (talk, line, machine):
        line.write(b"\x1b@\x1dv0\0\x40\0\x40\0" + bytes(100), 1)
        talk.clear()
        greeting = talk.greet()
        assert greeting is not None
        assert greeting.proof is Proof.PRINT_END
        line.write(talk.seal(LABEL), 1)
        assert machine.wait_idle(30)
        assert talk.look(None).counter == 1
        heights = [piece.height for piece in machine.paper.pieces()]
        assert len(heights) == 2
        assert heights[0] == 64


def test_an_idle_printer_is_cleared_without_a_mark_on_the_paper() -> None:
    with virtual() as (talk, line, machine):
        line.write(CLEARS, 1)
        assert talk.greet() is not None
        assert machine.paper.count == 0


class Slow(Line):
    """A wire that takes a little at a time."""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        return super().write(payload[:7], timeout)


def test_a_slow_line_takes_all_that_clears_before_the_greeting() -> None:
    line = Slow(lambda sent: b"")
    talk = EscposConversation(line, patience=SOON)
    talk.clear()
    assert bytes(line.sent) == CLEARS
    assert talk.greet() is None


def test_withdrawn_labels_are_dropped_by_who_can_and_by_nobody_else() -> None:
    device = Simple(ids=True)
    talk, line = talk_to(device)
    talk.greet()
    device.keeps = True
    line.write(talk.seal(LABEL), 1)
    talk.flush()
    assert line.sent.endswith(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08")
    line.heard += b"\x37\x25\0"
    assert talk.look(None).empty
    talk.seal(LABEL)
    assert not talk.look(None).empty
    plain, wire = talk_to(Simple(turn=True))
    plain.greet()
    before = bytes(wire.sent)
    plain.flush()
    assert wire.sent == before
