"""SATO printers followed by the answers to ENQ, against a virtual one on a real socket."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from gateway.drivers.evidence.conversation import Greeting
from gateway.drivers.evidence.sbpl import (
    CANCEL,
    ENQUIRE,
    UNSEEN,
    WATCH,
    WATCH_EVERY,
    SbplConversation,
    converse,
)
from gateway.drivers.languages.page import Model
from gateway.drivers.languages.sbpl import encode
from gateway.drivers.transports import open_wire
from gateway.drivers.transports.wire import Wire
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.drivers.virtual.sbpl.interpreter import Interpreter
from gateway.jobs import Proof
from gateway.label import Label
from gateway.units import parse_density
from tests.bench import GAP, PATIENCE, Bench, look_until
from tests.drivers.languages.judging import barcode

QUIRKS = frozenset({"sized-by-label", "binary-graphics"})
MODEL = Model("", "Any", "sbpl", parse_density(8), quirks=QUIRKS)


def body(model: Model = MODEL) -> bytes:
    label = Label(800, 400, parse_density(8), (barcode("code128", "A1", 100, 100),))
    return encode(label, "exact", model).body


@pytest.fixture
def device() -> Iterator[VirtualPrinter]:
    with VirtualPrinter("sbpl", language="sbpl", speed_mm_s=250, rest_s=0.02) as device:
        yield device


@pytest.fixture
def wire(device: VirtualPrinter) -> Iterator[Wire]:
    wire = open_wire(device.url)
    yield wire
    wire.close()


def interpreter(device: VirtualPrinter) -> Interpreter:
    assert isinstance(device._language, Interpreter)
    return device._language


def send(wire: Wire, payload: bytes) -> None:
    rest = memoryview(payload)
    while rest:
        rest = rest[wire.write(rest, PATIENCE) :]


# --- the conversation --------------------------------------------------------------------------


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("protocol", [3, 4])
def test_a_label_is_done_when_the_printer_waits_again(
    device: VirtualPrinter, wire: Wire, protocol: int, legacy: bool
) -> None:
    spoken = interpreter(device)
    spoken.protocol, spoken.legacy = protocol, legacy
    talk = converse(wire)
    assert talk.greet() == Greeting(Proof.FENCE, {"protocol": f"Status {protocol}"})
    for number in range(2):
        send(wire, talk.seal(body()))
        looks = look_until(talk, lambda look, n=number: look.counter == n + 1)  # type: ignore[misc]
        assert looks[-1].quiet
        assert not any(look.quiet for look in looks[:-1])
        assert len(device.labels()) == number + 1
    assert device.admin_events() == ()


@pytest.mark.parametrize(
    "page",
    [
        body(),
        body(Model("", "Any", "sbpl", parse_density(8))),
        b"\x02\x1bA\x1bCS4\x1bZ\x03\x02\x1bA\x1bV9\x1bH9\x1bXMBox\x1bQ1\x1bZ\x03",
        b"\x02\x1bA\x1bV9\x1bH9\x1bGB001002\x1bZ\x03\x02\x1bA.." + b"\0" * 8 + b"\x1bQ1\x1bZ\x03",
    ],
)
def test_number_and_name_stand_at_the_beginning_of_the_item_that_prints(page: bytes) -> None:
    talk = SbplConversation(Line())
    sealed = talk.seal(page)
    mark = re.search(rb"\x1bID\d\d\x1bWKGW[0-9A-F]{10}", sealed)
    assert mark is not None
    assert sealed[: mark.start()] + sealed[mark.end() :] == page
    last = page.rindex(b"\x1bV" if b"XM" in page or b"GB001002" in page else b"\x1b%0")
    assert mark.start() <= last
    assert sealed[: mark.start()].endswith(b"\x02\x1bA")


def test_each_label_has_another_number_and_name() -> None:
    talk = SbplConversation(Line())
    marks = {
        re.findall(rb"\x1bID(\d\d)\x1bWK(\w+)", talk.seal(body()))[0] for _ in range(90)
    }  # fmt: skip
    assert len({number for number, _ in marks}) == len({name for _, name in marks}) == 90


def test_nothing_is_printed_and_nothing_changed_by_a_conversation(
    device: VirtualPrinter, wire: Wire
) -> None:
    talk = converse(wire)
    talk.clear()
    talk.greet()
    talk.plant("GW1")
    talk.look("GW1")
    talk.flush()
    talk.look(None)
    assert (device.pieces(), device.admin_events()) == ([], ())


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("paper_out", "paper_out"), ("open_head", "head_open"), ("ribbon_out", "ribbon_out"),
     ("pause", "paused")],
)  # fmt: skip
def test_trouble_is_said_in_words(
    device: VirtualPrinter, wire: Wire, fault: str, kind: str
) -> None:
    talk = converse(wire)
    device.do(fault)
    report = talk.look(None)
    assert [problem.kind for problem in report.problems] == [kind]
    assert (report.answered, report.quiet, report.empty) == (True, False, True)


def test_a_mute_printer_is_not_waited_for_for_ever(device: VirtualPrinter, wire: Wire) -> None:
    device.mute()
    talk = SbplConversation(wire, patience=0.1)
    assert talk.greet() is None
    assert not talk.look(None).answered
    device.mute(False)
    assert look_until(talk, lambda look: look.answered)[-1].quiet


class Line:
    """A wire of a test, and its clock: reading what nobody says takes its time."""

    def __init__(self, *says: bytes, always: bytes = b"") -> None:
        self.says = list(says)
        self.always = always
        """What it says whenever it is asked."""
        self.told = b""
        self.now = 0.0

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        self.told += bytes(payload)
        if self.always:
            self.says.append(self.always)
        return len(payload)

    def read(self, timeout: float) -> bytes:
        if self.says and timeout:
            return self.says.pop(0)
        self.now += timeout
        return b""

    def close(self) -> None:
        pass

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """A line whose clock is the conversation's."""
    line = Line()
    monkeypatch.setattr("gateway.drivers.evidence.sbpl.time", line)
    monkeypatch.setattr("gateway.drivers.evidence.asking.time", line)
    return line


IDLE, PRINTING = b"\x02  A000000\x03", b"\x02%bG000001\x03"
PAPER_OUT, OFF_LINE = b"\x02%bc000001\x03", b"\x02%b0000001\x03"


def job_of(sealed: bytes) -> bytes:
    found = re.search(rb"\x1bID(\d\d)", sealed)
    assert found is not None
    return found[1]


def followed(line: Line, *answers: bytes | None) -> list[tuple[int | None, bool]]:
    """Return counter and quiet after each answer about one label; None: it is not answered.

    ``%b`` in an answer stands for the label's own number.
    """
    talk = SbplConversation(line)
    job = job_of(talk.seal(body()))
    looks = []
    for answer in answers:
        line.always = b"" if answer is None else answer.replace(b"%b", job)
        report = talk.look(None)
        assert report.answered == (answer is not None)
        looks.append((report.counter, report.quiet))
    return looks


def test_a_label_seen_and_then_gone_is_done(line: Line) -> None:
    assert followed(line, PRINTING, IDLE) == [(0, False), (1, True)]


def test_a_label_never_seen_is_done_after_a_while_of_waiting(line: Line) -> None:
    line.always = IDLE
    talk = SbplConversation(line)
    talk.seal(body())
    for at, done in ((1.0, 0), (1.0 + UNSEEN - 0.01, 0), (1.0 + UNSEEN, 1)):
        line.now = at
        report = talk.look(None)
        assert (report.counter, report.quiet) == (done, bool(done))


def test_a_silence_on_the_way_may_have_been_a_power_loss(line: Line) -> None:
    looks = followed(line, PRINTING, None, IDLE, IDLE)
    assert looks == [(0, False), (None, False), (0, True), (0, True)]


def test_a_label_seen_after_a_silence_was_not_lost(line: Line) -> None:
    assert followed(line, PRINTING, None, PRINTING, IDLE)[-1] == (1, True)


def test_a_label_that_goes_from_a_printer_off_line_may_have_been_cancelled(line: Line) -> None:
    assert followed(line, PRINTING, OFF_LINE, IDLE, IDLE)[-1] == (0, True)


@pytest.mark.parametrize("trouble", [PAPER_OUT, OFF_LINE])
def test_a_label_that_is_printed_after_the_trouble_is_done(line: Line, trouble: bytes) -> None:
    assert followed(line, PRINTING, trouble, PRINTING, IDLE)[-1] == (1, True)


def test_paper_that_was_out_cancels_nothing(line: Line) -> None:
    assert followed(line, PRINTING, PAPER_OUT, IDLE) == [(0, False), (0, False), (1, True)]


def test_a_printer_off_line_is_watched_for_a_while_and_no_longer(line: Line) -> None:
    assert followed(line, OFF_LINE) == [(0, False)]
    assert WATCH <= line.now <= WATCH + WATCH_EVERY


def test_a_late_answer_is_not_taken_for_the_next_labels(line: Line) -> None:
    talk = SbplConversation(line)
    assert not talk.look(None).answered
    job = job_of(talk.seal(body()))
    line.says = [IDLE, PRINTING.replace(b"%b", job)]
    assert not talk.look(None).quiet
    line.says = [IDLE]
    assert talk.look(None).counter == 1


def test_what_is_whole_in_the_printer_is_not_cancelled(line: Line) -> None:
    line.always = b"\x0242c000001\x03"
    SbplConversation(line).clear()
    assert line.told == ENQUIRE
    line.always, line.told = IDLE, b""
    SbplConversation(line).clear()
    assert line.told == ENQUIRE + CANCEL


@pytest.mark.parametrize("cut", range(0, 2400, 293))
def test_a_half_label_swallows_nothing_that_follows(
    device: VirtualPrinter, wire: Wire, cut: int
) -> None:
    whole = body()
    send(wire, whole[:cut])
    talk = SbplConversation(wire, patience=0.5, clear_patience=0.2)
    talk.clear()
    assert talk.greet() is not None
    send(wire, whole)
    assert device.wait_printed(1, timeout=PATIENCE)
    (piece,) = device.labels()
    assert [code.text for code in device.codes(piece.number)] == ["A1"]
    assert (piece.unknown, device.odometer) == ((), 1)


# --- the press ---------------------------------------------------------------------------------


@pytest.fixture
def bench(tmp_path: Path, device: VirtualPrinter) -> Iterator[Bench]:
    with Bench(tmp_path, device, "sbpl", setup=GAP) as bench:
        yield bench


def test_labels_are_printed_by_the_fence_dot_for_dot(bench: Bench) -> None:
    job = bench.accept(*(f"SN-{n}" for n in range(4)))
    bench.until_done(job)
    assert bench.outcomes(job) == [("printed", "fence")] * 4
    assert bench.on_paper() == [f"SN-{n}" for n in range(4)]
    assert bench.tiles() == bench.previews(job)
    assert not any(piece.unknown for piece in bench.device.labels())
    assert bench.device.admin_events() == ()


def test_paper_out_and_an_open_head_double_nothing_and_ask_about_the_label_under_the_head(
    bench: Bench,
) -> None:
    bench.until_ready()
    bench.device.trip("paper_out", labels=1)
    bench.device.trip("open_head", labels=2)
    job = bench.accept(*(f"H{n}" for n in range(4)))
    bench.until_said("Paper is out. Load labels, close the lid, press Feed.")
    bench.device.load_paper()
    bench.until_said("The lid is open. Close the lid until it clicks.")
    bench.device.close_head()
    bench.until_settled(job)
    assert bench.states(job) == ["printed", "uncertain", "uncertain", "printed"]
    assert bench.on_paper() == [f"H{n}" for n in range(4)]


def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    bench: Bench,
) -> None:
    bench.until_ready()
    bench.device.trip("power_off", labels=2)
    job = bench.accept(*(f"P{n}" for n in range(5)))
    bench.until_unreachable()
    bench.device.power_on()
    bench.until_settled(job)
    states = bench.states(job)
    printed = [f"P{n}" for n, state in enumerate(states) if state == "printed"]
    paper = bench.on_paper()
    assert set(printed) <= set(paper)
    assert len(paper) == len(set(paper))
    assert states.count("uncertain") == 1


def test_a_connection_that_breaks_inside_a_label_prints_nothing_twice(bench: Bench) -> None:
    bench.until_ready()
    bench.device.reset_connection_at(3000)
    job = bench.accept("R1", "R2", "R3")
    bench.until_settled(job)
    paper = bench.on_paper()
    states = bench.states(job)
    assert len(paper) == len(set(paper))
    assert set(states) == {"printed", "uncertain"}
    printed = [f"R{n + 1}" for n, state in enumerate(states) if state == "printed"]
    assert set(printed) <= set(paper)


def test_a_printer_that_answers_no_enquiry_ends_its_labels_at_sent(
    tmp_path: Path, device: VirtualPrinter
) -> None:
    device.mute()
    short = partial(SbplConversation, patience=0.02, clear_patience=0.02)
    with Bench(tmp_path, device, "sbpl", setup=GAP, converse=short) as bench:
        job = bench.accept("S1")
        bench.until_settled(job)
        assert bench.states(job) == ["sent"]
        assert device.wait_printed(1, timeout=PATIENCE)
