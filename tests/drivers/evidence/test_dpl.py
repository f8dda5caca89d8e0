"""DPL printers followed by fences, against a virtual one on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.drivers.evidence.conversation import Greeting
from gateway.drivers.evidence.dpl import DplConversation, converse
from gateway.drivers.languages.dpl import encode
from gateway.drivers.models import load_models
from gateway.drivers.transports import open_wire
from gateway.drivers.transports.wire import Wire
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.jobs import Proof
from gateway.label import Label
from gateway.templates.builtin import builtin_templates
from gateway.units import parse_density
from tests.bench import PATIENCE, Bench, look_until
from tests.drivers.languages.judging import barcode

MODEL = load_models()["datamax-i-4212"]
TEMPLATE = builtin_templates()["serial-label"]


def body() -> bytes:
    label = Label(800, 400, parse_density(8), (barcode("code128", "A1", 100, 100),))
    return encode(label, "exact", MODEL).body


@pytest.fixture
def device() -> Iterator[VirtualPrinter]:
    with VirtualPrinter("dpl", language="dpl", speed_mm_s=500, rest_s=0.02) as device:
        yield device


@pytest.fixture
def wire(device: VirtualPrinter) -> Iterator[Wire]:
    wire = open_wire(device.url)
    yield wire
    wire.close()


@pytest.fixture
def bench(tmp_path: Path, device: VirtualPrinter) -> Iterator[Bench]:
    with Bench(tmp_path, device, "dpl", model="datamax-i-4212") as bench:
        yield bench


def send(wire: Wire, payload: bytes) -> None:
    rest = memoryview(payload)
    while rest:
        rest = rest[wire.write(rest, PATIENCE) :]


# --- the conversation --------------------------------------------------------------------------


def test_it_is_greeted_by_its_firmware(wire: Wire) -> None:
    talk = converse(wire)
    talk.clear()
    assert talk.greet() == Greeting(Proof.FENCE, {"firmware": "GW-VIRTUAL V1.0.0Z"})
    report = talk.look(None)
    assert (report.answered, report.counter, report.quiet, report.problems) == (True, 0, True, ())


def test_a_printer_that_answers_nothing_is_not_waited_for(
    device: VirtualPrinter, wire: Wire
) -> None:
    device.mute()
    talk = DplConversation(wire, patience=0.05)
    assert talk.greet() is None
    assert not talk.look(None).answered


def test_a_label_that_is_read_but_not_out_is_not_quiet(device: VirtualPrinter, wire: Wire) -> None:
    talk = converse(wire)
    talk.greet()
    send(wire, talk.seal(body()))
    looks = look_until(talk, lambda report: report.quiet)
    assert [look.counter for look in looks] == [1] * len(looks)
    assert len(looks) > 1
    assert len(device.labels()) == 1


def test_a_label_cancelled_at_a_printer_that_reports_labels_is_not_taken_for_printed(
    device: VirtualPrinter, wire: Wire
) -> None:
    talk = converse(wire)
    talk.greet()
    send(wire, talk.seal(body()))
    # It must have shown that it reports, which may come a moment after it says that it is idle.
    look_until(talk, lambda report: report.quiet and talk._feedback)
    device.pause()
    send(wire, talk.seal(body()))
    # It says that it is paused also before the label is all there.
    report = look_until(talk, lambda _: bool(device.machine.queued()))[-1]
    assert [problem.kind for problem in report.problems] == ["paused"]
    device.machine._waiting.clear()  # CANCEL on its panel
    device.resume()
    report = look_until(talk, lambda report: report.quiet)[-1]
    assert report.counter == 1
    assert len(device.labels()) == 1


def test_a_printer_that_answers_only_later_is_followed_from_then_on(
    device: VirtualPrinter, wire: Wire
) -> None:
    talk = DplConversation(wire, patience=0.2)
    device.mute()
    assert talk.greet() is None
    send(wire, talk.seal(body()))
    assert device.wait_printed(1, timeout=PATIENCE)
    device.mute(False)
    talk = DplConversation(wire)
    send(wire, talk.seal(body()))
    assert talk.greet() is not None
    assert look_until(talk, lambda report: report.quiet)[-1].counter == 0
    send(wire, talk.seal(body()))
    assert look_until(talk, lambda report: report.quiet)[-1].counter == 1


def test_half_a_label_is_dropped_before_the_next(device: VirtualPrinter, wire: Wire) -> None:
    talk = converse(wire)
    for half in (body()[:100], body()[:-40], b"\x02L\rD11\r1e33", b"\x02"):
        send(wire, half)
        talk.clear()
    talk.greet()
    send(wire, talk.seal(body()))
    look_until(talk, lambda report: report.counter == 1)
    assert device.wait_printed(1, timeout=PATIENCE)
    assert [code.text for piece in device.labels() for code in device.codes(piece.number)] == ["A1"]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("paper_out", "paper_out"), ("open_head", "head_open"), ("ribbon_out", "ribbon_out"),
     ("pause", "paused")],
)  # fmt: skip
def test_each_trouble_has_its_words(
    device: VirtualPrinter, wire: Wire, fault: str, kind: str
) -> None:
    talk = converse(wire)
    talk.greet()
    device.do(fault)
    report = talk.look(None)
    assert [problem.kind for problem in report.problems] == [kind]
    assert not report.quiet
    assert not report.empty


# --- the whole way -----------------------------------------------------------------------------


def test_labels_are_printed_behind_fences_and_are_the_previews_dot_for_dot(bench: Bench) -> None:
    job = bench.accept("SN-1", "SN-2", "SN-3")
    bench.until_done(job)
    assert bench.outcomes(job) == [("printed", "fence")] * 3
    assert bench.on_paper() == ["SN-1", "SN-2", "SN-3"]
    assert bench.tiles() == bench.previews(job)
    assert [piece.unknown for piece in bench.device.labels()] == [()] * 3
    # Feedback is all that was ever changed on it.
    assert bench.device.admin_events() == ()


def test_a_printer_without_paper_says_so_and_goes_on_when_it_has_some(bench: Bench) -> None:
    bench.until_ready()
    bench.device.paper_out()
    job = bench.accept("A", "B")
    bench.until_said("Paper is out. Load labels, close the lid, press Feed.")
    bench.device.load_paper()
    bench.until_done(job)
    assert bench.on_paper() == ["A", "B"]


def test_a_power_loss_in_the_middle_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    bench: Bench,
) -> None:
    bench.until_ready()
    bench.device.trip("power_off", labels=2)
    job = bench.accept(*(f"P{n}" for n in range(5)))
    bench.until(lambda: not bench.device.status().powered)
    bench.device.power_on()
    bench.until_settled(job)
    outcomes = bench.outcomes(job)
    printed = [f"P{n}" for n, (state, _) in enumerate(outcomes) if state == "printed"]
    assert set(printed) <= set(bench.on_paper())
    assert len(bench.on_paper()) == len(set(bench.on_paper()))
    assert [state for state, _ in outcomes].count("uncertain") == 1


def test_a_printer_that_falls_silent_is_waited_for(bench: Bench) -> None:
    bench.until_ready()
    bench.device.mute()
    job = bench.accept("M1")
    bench.until_said("The printer does not answer.")
    bench.device.mute(False)
    bench.until_settled(job)
    assert bench.outcomes(job)[0][0] in ("printed", "uncertain")
    assert bench.on_paper() == ["M1"]


def test_a_cancelled_label_in_a_stopped_printer_is_not_called_printed_before_it_is(
    bench: Bench,
) -> None:
    bench.until_ready()
    bench.device.trip("paper_out", at=0.5)
    job = bench.accept("C1", "C2")
    bench.until_said("Paper is out.")
    bench.database.run(lambda t: bench.store.cancel(t, job, "test"))
    bench.thread.wake()
    assert bench.store.job(job).counts.printed == 0
    bench.device.load_paper()
    bench.until_settled(job)
    # The paper ended in it: whether what came out afterwards is whole, only a person can see.
    assert sorted(bench.outcomes(job)) == [("cancelled", None), ("uncertain", None)]
    assert bench.on_paper() == ["C1"]


@pytest.mark.parametrize("octets", [3, 40, 3000, 20_000])
def test_a_connection_that_breaks_in_the_middle_of_a_label_doubles_nothing(
    bench: Bench, octets: int
) -> None:
    bench.until_ready()
    bench.device.reset_connection_at(octets)
    job = bench.accept("R1", "R2", "R3")
    bench.until_settled(job)
    states = [state for state, _ in bench.outcomes(job)]
    printed = [f"R{n}" for n, state in enumerate(states, 1) if state == "printed"]
    assert set(printed) <= set(bench.on_paper())
    assert len(bench.on_paper()) == len(set(bench.on_paper()))
    assert states.count("printed") >= 2
