"""Brother QL printers followed by their own reports, against a virtual one on a real socket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.drivers.evidence import brother_ql
from gateway.drivers.evidence.brother_ql import BrotherConversation, converse
from gateway.drivers.evidence.conversation import Greeting
from gateway.drivers.languages.brother_ql import encode
from gateway.drivers.models import load_models
from gateway.drivers.transports import open_wire
from gateway.drivers.transports.wire import Wire
from gateway.drivers.virtual.brother_ql.interpreter import Interpreter
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.jobs import Proof
from gateway.label import Label
from gateway.printers import Setup
from gateway.templates.document import parse_template
from gateway.units import parse_density, to_dots
from tests.bench import PATIENCE, Bench, Converse, look_until
from tests.drivers.languages.judging import barcode

DPI = parse_density("300dpi")
MODEL = load_models()["brother-ql-820nwb"]
TEMPLATE = parse_template(
    {
        "name": "roll",
        "size": {"width": 62_000, "height": 40_000},
        "fields": [{"name": "serial", "required": True}],
        "elements": [
            {"type": "barcode", "id": "code", "symbology": "code128", "content": "{serial}",
             "x": 4000, "y": 6000, "width": 54_000, "height": 12_000},
            {"type": "text", "id": "shown", "content": "{serial}",
             "x": 6000, "y": 22_000, "width": 50_000, "height": 10_000, "size": 6000},
        ],
    }
)  # fmt: skip


def body() -> bytes:
    label = Label(
        to_dots(62_000, DPI), to_dots(40_000, DPI), DPI, (barcode("code128", "A1", 100, 100),)
    )
    return encode(label, "exact", MODEL, Setup(tracking="continuous")).body


@pytest.fixture
def device() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(
        "ql", language="brother-ql", density=DPI, width_mm=62, height_mm=40, head_mm=62,
        speed_mm_s=400, rest_s=0.02,
    ) as device:  # fmt: skip
        yield device


@pytest.fixture
def wire(device: VirtualPrinter) -> Iterator[Wire]:
    wire = open_wire(device.url)
    yield wire
    wire.close()


def roll_bench(folder: Path, device: VirtualPrinter, converse: Converse | None = None) -> Bench:
    return Bench(
        folder, device, "brother-ql", model="brother-ql-820nwb", template=TEMPLATE,
        setup=Setup(tracking="continuous"), converse=converse,
    )  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path, device: VirtualPrinter) -> Iterator[Bench]:
    with roll_bench(tmp_path, device) as bench:
        yield bench


def send(wire: Wire, talk: BrotherConversation, payload: bytes) -> None:
    rest = memoryview(talk.seal(payload))
    while rest:
        rest = rest[wire.write(rest, PATIENCE) :]


def interpreter(device: VirtualPrinter) -> Interpreter:
    language = device._language
    assert isinstance(language, Interpreter)
    return language


# --- the conversation --------------------------------------------------------------------------


def test_it_is_greeted_by_its_model_and_its_roll(wire: Wire) -> None:
    talk = converse(wire)
    talk.clear()
    assert talk.greet() == Greeting(Proof.FENCE, {"model": "QL-820NWB", "roll": "62 mm"})
    report = talk.look(None)
    assert (report.answered, report.counter, report.quiet, report.problems) == (True, 0, True, ())


def test_a_printer_that_answers_nothing_is_not_waited_for(
    device: VirtualPrinter, wire: Wire
) -> None:
    device.mute()
    assert BrotherConversation(wire, patience=0.05).greet() is None


def test_a_printer_that_answers_nothing_is_not_asked_while_it_may_print(
    device: VirtualPrinter, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = BrotherConversation(wire, patience=0.2)
    device.mute()
    assert talk.greet() is None
    send(wire, talk, body())
    device.mute(False)
    assert talk.greet() is None
    assert device.wait_printed(1, timeout=PATIENCE)
    assert interpreter(device).asked_while_printing == 0
    monkeypatch.setattr(brother_ql, "ASK_AGAIN", 0.0)
    assert talk.greet() is not None
    send(wire, talk, body())
    assert look_until(talk, lambda report: report.quiet)[-1].counter == 1


def test_a_label_is_reported_once_and_nothing_is_asked_while_it_prints(
    device: VirtualPrinter, wire: Wire
) -> None:
    talk = converse(wire)
    talk.greet()
    send(wire, talk, body())
    looks = look_until(talk, lambda report: report.quiet)
    assert looks[0].counter == 0
    assert not looks[0].quiet
    assert looks[-1].counter == 1
    assert interpreter(device).asked_while_printing == 0


def test_the_open_lid_is_told_by_itself(device: VirtualPrinter, wire: Wire) -> None:
    talk = converse(wire)
    talk.greet()
    device.trip("open_head", at=0.5)
    send(wire, talk, body())
    *before, report = look_until(talk, lambda report: bool(report.problems))
    assert not any(look.quiet for look in before)
    assert [problem.kind for problem in report.problems] == ["head_open"]
    assert report.counter == 0
    device.close_head()
    report = look_until(talk, lambda report: report.quiet)[-1]
    assert (report.counter, report.problems) == (1, ())


def test_a_label_that_is_never_reported_is_told_only_after_a_while(
    device: VirtualPrinter, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brother_ql, "ASK_AGAIN", 0.1)
    monkeypatch.setattr(brother_ql, "SETTLED", 0.3)
    talk = converse(wire)
    talk.greet()
    talk.seal(b"")  # lost on the way
    looks = look_until(talk, lambda report: report.quiet)
    assert len(looks) > 2
    assert {report.counter for report in looks} == {0}


# --- the whole way -----------------------------------------------------------------------------


def test_labels_are_printed_by_their_reports_and_are_the_previews_dot_for_dot(bench: Bench) -> None:
    job = bench.accept("SN-1", "SN-2", "SN-3")
    bench.until_done(job)
    assert bench.outcomes(job) == [("printed", "fence")] * 3
    assert bench.on_paper() == ["SN-1", "SN-2", "SN-3"]
    assert bench.tiles() == bench.previews(job)
    assert interpreter(bench.device).asked_while_printing == 0
    assert all(piece.unknown == () for piece in bench.device.labels())


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


def test_on_a_network_that_answers_nothing_labels_end_at_sent(
    tmp_path: Path, device: VirtualPrinter
) -> None:
    device.mute()
    with roll_bench(tmp_path, device) as bench:
        job = bench.accept("N1", "N2")
        bench.until_done(job)
        assert bench.outcomes(job) == [("sent", "none")] * 2
        assert device.wait_printed(2, timeout=PATIENCE)
        assert bench.on_paper() == ["N1", "N2"]


def test_another_roll_than_the_printer_is_set_to_is_told_and_the_label_is_asked_about(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brother_ql, "SETTLED", 0.3)
    bench.until_ready()
    bench.device.load(DPI, 29, 90)
    job = bench.accept("W1")
    bench.until_said("Another roll is loaded than the label is made for.")
    assert bench.outcomes(job)[0][0] in ("sending", "sent")
    bench.device.load(DPI, 62, 40)
    bench.until_settled(job)
    assert [state for state, _ in bench.outcomes(job)] == ["uncertain"]
    assert bench.on_paper() == []


@pytest.mark.parametrize("octets", [300, 900, 1500])
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
