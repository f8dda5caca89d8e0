"""Questions on a wire that is slow, full, late or never quiet."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from gateway.drivers.evidence import asking
from gateway.drivers.evidence.asking import Asker, Enquiry, raise_what_stops
from gateway.drivers.evidence.brother_ql import BrotherConversation
from gateway.drivers.evidence.conversation import Conversation
from gateway.drivers.evidence.cpcl import CpclConversation
from gateway.drivers.evidence.dpl import DplConversation
from gateway.drivers.evidence.epl import EplConversation
from gateway.drivers.evidence.escpos import EscposConversation
from gateway.drivers.evidence.sbpl import SbplConversation
from gateway.drivers.evidence.tspl import TsplConversation
from gateway.drivers.evidence.zpl import ZplConversation
from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.transports.wire import Wire
from gateway.errors import DeviceUnreachable


class ScriptedWire:
    """Says what stands in its script, and takes so many bytes a call; its clock moves by itself."""

    def __init__(self, *says: bytes, takes: int = 1_000_000, step: float = 0.0) -> None:
        self.says, self.takes, self.step = list(says), takes, step
        self.now = 0.0
        self.written = b""
        self.full = False

    def monotonic(self) -> float:
        return self.now

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        if self.full:
            self.now += timeout
            return 0
        self.now += self.step
        taken = bytes(payload[: self.takes])
        self.written += taken
        return len(taken)

    def read(self, timeout: float) -> bytes:
        if self.says:
            return self.says.pop(0)
        self.now += timeout
        return b""

    def close(self) -> None:
        pass


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> ScriptedWire:
    wire = ScriptedWire()
    monkeypatch.setattr(asking, "time", SimpleNamespace(monotonic=wire.monotonic))
    return wire


def test_a_slow_line_is_waited_for_as_long_as_it_takes_bytes(wire: ScriptedWire) -> None:
    wire.takes, wire.step = 100, 1.5
    assert Asker(wire).send(b"x" * 1_000)
    assert (wire.written, wire.now) == (b"x" * 1_000, 15.0)


def test_a_line_that_trickles_for_ever_is_not_waited_for(wire: ScriptedWire) -> None:
    wire.takes, wire.step = 1, 1.5
    assert not Asker(wire).send(b"x" * 1_000)
    assert wire.now == asking.MOST_SENDING


def test_a_question_is_never_put_behind_one_that_waits(wire: ScriptedWire) -> None:
    asker = Asker(wire)
    wire.full = True
    assert not asker.put(b"first ")
    assert not asker.put(b"second ")
    wire.full = False
    assert asker.put(b"third")
    assert wire.written == b"first third"


def test_what_is_late_is_heard_before_a_question_and_answers_nothing(wire: ScriptedWire) -> None:
    wire.says = [b"la", b"te", b"", b"now"]
    asker, late = Asker(wire), list[bytes]()
    assert asker.put(b"?", late.append)
    assert (late, asker.listen(1), wire.written) == ([b"la", b"te"], b"now", b"?")


def test_the_last_answer_of_each_kind_is_the_answer(wire: ScriptedWire) -> None:
    wire.says = [b"1 2", b"3 a", b"never read"]

    def read(heard: bytes) -> list[int | str]:
        return [int(word) if word.isdigit() else word.decode() for word in heard.split()]

    assert Asker(wire).collect((int, str), read, 5.0) == {int: 3, str: "a"}
    assert wire.says == [b"never read"]


def test_answers_that_do_not_come_are_waited_for_once(wire: ScriptedWire) -> None:
    wire.says = [b"1"]
    found = Asker(wire).collect((int, str), lambda heard: [int(heard)] if heard else [], 5.0)
    assert (found, wire.now) == ({int: 1}, 5.0)


def test_an_answer_owed_from_before_is_not_the_answer(wire: ScriptedWire) -> None:
    enquiry = Enquiry(Asker(wire), b"?", lambda heard: heard.split())
    assert enquiry.ask(1.0) is None
    wire.says = [b"", b"old", b"new"]
    assert enquiry.ask(1.0) == b"new"
    wire.says = [b"", b"one"]
    assert enquiry.ask(1.0) == b"one"
    assert wire.says == []


def test_a_pause_is_waited_for_and_not_for_ever(wire: ScriptedWire) -> None:
    wire.says = [b"old", b"old"]
    assert Asker(wire).falls_silent(0.3, 2.0)
    assert wire.now == 0.3
    babbler = Babbler()
    assert not Asker(babbler).falls_silent(0.3, 0.0)


def test_what_stops_a_printer_is_said_with_its_cure() -> None:
    raise_what_stops([PROBLEMS["clean_head"]])
    with pytest.raises(DeviceUnreachable) as caught:
        raise_what_stops([PROBLEMS["clean_head"], PROBLEMS["head_open"]])
    assert caught.value.detail == f"The lid is open. {PROBLEMS['head_open'].cure}"
    assert caught.value.facts == {"trouble": "head_open"}


class Babbler:
    """A device that never stops talking: something else than a printer, or a broken one."""

    def __init__(self) -> None:
        self.said = 0
        self.written = b""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        self.written += bytes(payload)
        return len(payload)

    def read(self, timeout: float) -> bytes:
        self.said += 1
        # Far more than is listened to: who listens on is caught here instead of hanging.
        assert self.said < 1_000
        return b"\xff\x7f" * 2_048

    def close(self) -> None:
        pass


def conversations(wire: Wire) -> list[Conversation]:
    return [
        ZplConversation(wire),
        EscposConversation(wire),
        BrotherConversation(wire),
        CpclConversation(wire),
        SbplConversation(wire),
        DplConversation(wire),
        TsplConversation(wire),
        EplConversation(wire),
    ]


@pytest.mark.parametrize("number", range(8))
def test_a_device_that_never_stops_talking_holds_nobody(number: int) -> None:
    wire = Babbler()
    talk = conversations(wire)[number]
    assert talk.greet() is None
    assert not talk.look(None).answered
    assert wire.written == b""
