"""CPCL printers followed by their counter or by ESC h, against a virtual one on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from gateway.drivers.evidence.conversation import Greeting
from gateway.drivers.evidence.cpcl import COUNTER, STATE, CpclConversation, converse
from gateway.drivers.languages.cpcl import encode
from gateway.drivers.languages.page import Model
from gateway.drivers.transports import open_wire
from gateway.drivers.transports.wire import Wire
from gateway.drivers.virtual.cpcl.interpreter import Interpreter
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.jobs import Proof
from gateway.label import Label
from gateway.units import parse_density
from tests.bench import GAP, PATIENCE, Bench, look_until
from tests.drivers.languages.judging import barcode

MODEL = Model("", "Any", "cpcl", parse_density(8))


SHORT = {"patience": 0.02, "next_patience": 0.02}
"""Seconds, where nobody answers."""


def body(height: int = 400) -> bytes:
    label = Label(800, height, parse_density(8), (barcode("code128", "A1", 100, 100),))
    return encode(label, "exact", MODEL).body


@pytest.fixture
def device() -> Iterator[VirtualPrinter]:
    with VirtualPrinter("cpcl", language="cpcl", speed_mm_s=500, rest_s=0.02) as device:
        yield device


@pytest.fixture
def older(device: VirtualPrinter) -> VirtualPrinter:
    """The same printer without Link-OS: it knows no variables."""
    assert isinstance(device._language, Interpreter)
    device._language.knows_variables = False
    return device


@pytest.fixture
def wire(device: VirtualPrinter) -> Iterator[Wire]:
    wire = open_wire(device.url)
    yield wire
    wire.close()


def send(wire: Wire, payload: bytes) -> None:
    rest = memoryview(payload)
    while rest:
        rest = rest[wire.write(rest, PATIENCE) :]


# --- the conversation --------------------------------------------------------------------------


def test_a_printer_with_an_odometer_is_followed_by_it(device: VirtualPrinter, wire: Wire) -> None:
    talk = converse(wire)
    model = "GW-VIRTUAL V1.0.0Z GWV000000001"
    assert talk.greet() == Greeting(Proof.COUNTER, {"model": model})
    send(wire, talk.seal(body()) + talk.seal(body()))
    looks = look_until(talk, lambda look: look.counter == 2)
    assert (looks[-1].quiet, looks[-1].empty, device.odometer) == (True, True, 2)


@pytest.mark.usefixtures("older")
def test_a_printer_without_one_is_followed_label_by_label(wire: Wire) -> None:
    talk = converse(wire)
    greeting = talk.greet()
    assert greeting is not None
    assert greeting.proof is Proof.FENCE
    talk.plant("GW1")
    assert talk.look("GW1").counter == 0
    send(wire, talk.seal(body()))
    looks = look_until(talk, lambda look: look.counter == 1)
    assert looks[-1].quiet
    assert all(look.counter == 0 for look in looks[:-1])


def test_nothing_is_printed_and_nothing_changed_by_a_conversation(
    device: VirtualPrinter, wire: Wire
) -> None:
    talk = converse(wire)
    talk.clear()
    talk.greet()
    talk.plant("GW1")
    talk.look("GW1")
    talk.flush()
    assert (device.pieces(), device.admin_events()) == ([], ())


def test_trouble_is_said_in_words(device: VirtualPrinter, wire: Wire) -> None:
    talk = converse(wire)
    talk.greet()
    device.paper_out()
    report = talk.look(None)
    assert [problem.kind for problem in report.problems] == ["paper_out"]
    assert (report.answered, report.quiet) == (True, False)
    device.open_head()
    assert [problem.kind for problem in talk.look(None).problems] == ["head_open", "paper_out"]


def test_a_mute_printer_is_not_waited_for_for_ever(device: VirtualPrinter, wire: Wire) -> None:
    device.mute()
    talk = CpclConversation(wire, patience=0.1)
    assert talk.greet() is None
    assert not talk.look(None).answered
    device.mute(False)
    assert look_until(talk, lambda look: look.answered)[-1].quiet


def test_the_flag_of_being_switched_on_shows_a_power_loss(
    device: VirtualPrinter, wire: Wire
) -> None:
    talk = converse(wire)
    talk.greet()
    assert talk.look("GW1").marker is False
    talk.plant("GW1")
    assert talk.look("GW1").marker is True
    assert talk.look(None).marker is None
    device.power_off()
    device.power_on()
    again = open_wire(device.url)
    try:
        talk = converse(again)
        talk.greet()
        assert talk.look("GW1").marker is False
    finally:
        again.close()


class Line:
    """A wire of a test: what the printer says is put there, what it is told is kept."""

    def __init__(self, *says: bytes) -> None:
        self.says = list(says)
        self.told = b""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        self.told += bytes(payload)
        return len(payload)

    def read(self, timeout: float) -> bytes:
        return self.says.pop(0) if self.says and timeout else b""

    def close(self) -> None:
        pass


def test_a_late_answer_is_not_taken_for_the_next_labels() -> None:
    """ESC h asked before a label, answered after it was sent: it says nothing of that label."""
    line = Line(b"\0")
    talk = CpclConversation(line, **SHORT)
    assert talk.greet() is not None  # no counter: labels are followed one by one
    assert not talk.look(None).answered
    talk.seal(body())
    line.says = [b"\0", b"\x01"]
    assert talk.look(None).counter == 0
    line.says = [b"\0"]
    assert talk.look(None).counter == 1


def test_a_printer_that_was_switched_on_anew_reports_no_label() -> None:
    line = Line(b"\x10")
    talk = CpclConversation(line, **SHORT)
    talk.greet()
    talk.plant("GW1")
    talk.seal(body())
    line.says = [b"\x10"]
    report = talk.look("GW1")
    assert (report.counter, report.quiet, report.marker) == (0, True, False)
    line.says = [b"\0"]
    assert talk.look(None).counter == 0


def test_only_a_printer_that_answers_is_asked_with_letters() -> None:
    line = Line()
    CpclConversation(line, **SHORT).greet()
    assert line.told == STATE
    line = Line(b"\0")
    CpclConversation(line, **SHORT).greet()
    assert line.told.endswith(COUNTER)


@pytest.mark.parametrize("cut", range(0, 2000, 223))
def test_a_half_label_swallows_nothing_that_follows(
    device: VirtualPrinter, wire: Wire, cut: int
) -> None:
    whole = body()
    send(wire, whole[:cut])
    talk = CpclConversation(wire, patience=0.5, next_patience=0.2)
    talk.clear()
    assert talk.greet() is not None
    send(wire, whole)
    assert device.wait_printed(1, timeout=PATIENCE)
    (piece,) = device.labels()
    assert [code.text for code in device.codes(piece.number)] == ["A1"]
    assert (piece.unknown, device.admin_events()) == ((), ())


@pytest.mark.parametrize("cut", [60, 1500])
def test_where_abort_is_not_known_a_half_label_comes_out_and_the_next_is_whole(
    device: VirtualPrinter, wire: Wire, cut: int
) -> None:
    assert isinstance(device._language, Interpreter)
    device._language.knows_abort = False
    send(wire, body()[:cut])
    talk = CpclConversation(wire, patience=0.5, next_patience=0.2)
    talk.clear()
    assert talk.greet() is not None
    send(wire, body())
    assert device.wait_printed(2, timeout=PATIENCE)
    _, piece = device.labels()
    assert [code.text for code in device.codes(piece.number)] == ["A1"]
    assert piece.unknown == ()


def test_a_printer_that_answers_nothing_is_cleared_without_a_mark_on_paper(
    device: VirtualPrinter, wire: Wire
) -> None:
    device.mute()
    CpclConversation(wire, **SHORT).clear()
    send(wire, body())
    assert device.wait_printed(1, timeout=PATIENCE)
    (piece,) = device.labels()
    assert (piece.height, piece.unknown, device.admin_events()) == (400, (), ())


# --- the press ---------------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path, device: VirtualPrinter) -> Iterator[Bench]:
    # Behind a label that cannot be printed nothing is answered, and what it was asked is not lost.
    sooner = partial(CpclConversation, patience=1.0)
    with Bench(tmp_path, device, "cpcl", setup=GAP, converse=sooner) as bench:
        yield bench


def test_labels_are_printed_by_the_counter_dot_for_dot(bench: Bench) -> None:
    job = bench.accept(*(f"SN-{n}" for n in range(5)))
    bench.until_done(job)
    assert bench.outcomes(job) == [("printed", "odometer")] * 5
    assert bench.on_paper() == [f"SN-{n}" for n in range(5)]
    assert bench.tiles() == bench.previews(job)
    assert not any(piece.unknown for piece in bench.device.labels())
    assert bench.device.admin_events() == ()


def test_labels_are_printed_by_the_fence_of_an_older_printer(
    tmp_path: Path, older: VirtualPrinter
) -> None:
    with Bench(tmp_path, older, "cpcl", setup=GAP) as bench:
        job = bench.accept("A", "B", "C")
        bench.until_done(job)
        assert [row.evidence for row in bench.labels(job)] == ["fence"] * 3
        assert bench.on_paper() == ["A", "B", "C"]


def test_paper_out_and_an_open_head_lose_and_double_nothing(bench: Bench) -> None:
    bench.until_ready()
    bench.device.trip("paper_out", labels=1)
    bench.device.trip("open_head", labels=3)
    job = bench.accept(*(f"H{n}" for n in range(5)))
    bench.until_said("Paper is out. Load labels, close the lid, press Feed.")
    bench.device.load_paper()
    bench.until_said("The lid is open. Close the lid until it clicks.")
    bench.device.close_head()
    bench.until_done(job)
    assert bench.on_paper() == [f"H{n}" for n in range(5)]


def lost_power(bench: Bench) -> None:
    bench.until_ready()
    bench.device.trip("power_off", labels=2)
    job = bench.accept(*(f"P{n}" for n in range(6)))
    bench.until_unreachable()
    bench.device.power_on()
    bench.until_settled(job)
    states = bench.states(job)
    printed = [f"P{n}" for n, state in enumerate(states) if state == "printed"]
    paper = bench.on_paper()
    assert set(printed) <= set(paper)
    assert len(paper) == len(set(paper))
    assert "uncertain" in states


def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    bench: Bench,
) -> None:
    lost_power(bench)


def test_a_power_loss_of_an_older_printer_does_neither(
    tmp_path: Path, older: VirtualPrinter
) -> None:
    with Bench(tmp_path, older, "cpcl", setup=GAP) as bench:
        lost_power(bench)


def test_a_connection_that_breaks_inside_a_label_loses_and_doubles_nothing(
    bench: Bench,
) -> None:
    bench.until_ready()
    bench.device.reset_connection_at(3000)
    job = bench.accept("R1", "R2", "R3", "R4")
    bench.until_done(job)
    assert bench.on_paper() == ["R1", "R2", "R3", "R4"]
