"""A printer's thread before a virtual ESC/POS printer: labels it reports, labels it answers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from gateway.drivers.evidence import escpos
from gateway.drivers.evidence.escpos import EscposConversation
from gateway.drivers.virtual.escpos.interpreter import Interpreter
from gateway.drivers.virtual.printer import VirtualPrinter
from tests.bench import GAP, PATIENCE, Bench, working

SOON = partial(EscposConversation, patience=1.0)
"""For a printer that leaves questions unanswered, and answers others."""

SOONER = partial(EscposConversation, patience=0.2)
"""For one that does not answer while labels wait in it: it is given longer then."""

IN_VAIN = partial(EscposConversation, patience=0.1)
"""For one that answers none."""


def test_labels_are_printed_when_the_printer_reports_them_dot_for_dot(tmp_path: Path) -> None:
    with working(tmp_path, "escpos", SOON) as bench:
        job = bench.accept(*(f"SN-{n}" for n in range(6)))
        bench.until_done(job)
        assert bench.outcomes(job) == [("printed", "print_end")] * 6
        assert bench.on_paper() == [f"SN-{n}" for n in range(6)]
        assert bench.tiles() == bench.previews(job)
        assert not any(piece.unknown for piece in bench.device.labels())
        assert bench.device.admin_events() == ()
        assert bench.statuses[-1].proof == "print_end"
        assert bench.statuses[-1].identity["model"] == "GW-VIRTUAL"


def test_a_printer_that_answers_in_its_turn_only_prints_one_label_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Interpreter, "reports", False)
    with working(tmp_path, "escpos", SOON) as bench:
        job = bench.accept("A", "B", "C")
        bench.until_done(job)
        assert bench.outcomes(job) == [("printed", "fence")] * 3
        assert bench.on_paper() == ["A", "B", "C"]
        # The question about process IDs, which it takes for text, is nowhere on the paper.
        assert bench.tiles() == bench.previews(job)


def test_a_printer_that_answers_in_real_time_only_ends_its_labels_at_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Interpreter, "reports", False)
    monkeypatch.setattr(Interpreter, "answers_in_turn", False)
    with working(tmp_path, "escpos", SOON) as bench:
        job = bench.accept("A", "B")
        bench.until_done(job)
        assert bench.outcomes(job) == [("sent", "none")] * 2
        assert bench.device.wait_printed(2, timeout=PATIENCE)
        assert bench.on_paper() == ["A", "B"]


def test_a_printer_that_answers_nothing_ends_its_labels_at_sent(tmp_path: Path) -> None:
    with VirtualPrinter("one", language="escpos", speed_mm_s=1000) as device:
        device.mute()
        with Bench(tmp_path, device, "escpos", setup=GAP, converse=IN_VAIN) as bench:
            job = bench.accept("A", "B")
            bench.until_settled(job)
            assert bench.outcomes(job) == [("sent", "none")] * 2
            assert device.wait_printed(2, timeout=PATIENCE)
            assert bench.on_paper() == ["A", "B"]


@pytest.mark.parametrize("reports", [True, False])
def test_a_printer_without_paper_says_so_and_goes_on_when_it_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reports: bool
) -> None:
    monkeypatch.setattr(Interpreter, "reports", reports)
    with working(tmp_path, "escpos", SOON) as bench:
        bench.until_ready()
        bench.device.paper_out()
        job = bench.accept("A", "B")
        bench.until_said("Paper is out. Load labels, close the lid, press Feed.")
        bench.device.load_paper()
        bench.until_done(job)
        assert bench.on_paper() == ["A", "B"]


def test_a_label_in_which_the_cover_opened_is_a_persons_to_judge(tmp_path: Path) -> None:
    """A receipt printer goes on with the rest of it and reports it as printed."""
    with working(tmp_path, "escpos", SOON) as bench:
        bench.until_ready()
        bench.device.trip("open_head", labels=2)
        job = bench.accept(*(f"H{n}" for n in range(5)))
        bench.until_said("The lid is open. Close the lid until it clicks.")
        bench.device.close_head()
        bench.until_settled(job)
        states = bench.states(job)
        assert states == ["printed", "printed", "uncertain", "printed", "printed"]
        assert bench.on_paper() == [f"H{n}" for n in range(5)]


def test_a_printer_that_is_first_asked_with_its_cover_open_is_asked_again(tmp_path: Path) -> None:
    with working(tmp_path, "escpos", SOON) as bench:
        bench.until_ready()
        bench.device.open_head()
        bench.device.drop_connection()
        job = bench.accept("A")
        bench.until_said("The lid is open.")
        bench.device.close_head()
        bench.until_done(job)
        assert [row.evidence for row in bench.labels(job)] == ["print_end"]


@pytest.mark.parametrize("reports", [True, False])
def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reports: bool
) -> None:
    monkeypatch.setattr(Interpreter, "reports", reports)
    monkeypatch.setattr(escpos, "AGAIN", 0.5)
    with working(tmp_path, "escpos", SOON) as bench:
        bench.until_ready()
        bench.device.trip("power_off", labels=2)
        job = bench.accept(*(f"P{n}" for n in range(9)))
        bench.until_unreachable()
        bench.device.power_on()
        bench.until_settled(job)
        states = bench.states(job)
        printed = [f"P{n}" for n, state in enumerate(states) if state == "printed"]
        paper = bench.on_paper()
        assert set(printed) <= set(paper)
        assert len(paper) == len(set(paper))
        assert set(states) == {"printed", "uncertain"}


@pytest.mark.parametrize("octets", [700, 45_000])
def test_a_connection_that_breaks_inside_a_picture_spoils_that_label_alone(
    tmp_path: Path, octets: int
) -> None:
    with working(tmp_path, "escpos", SOON) as bench:
        bench.until_ready()
        bench.device.reset_connection_at(octets)
        serials = [f"R{n}" for n in range(12)]
        job = bench.accept(*serials)
        bench.until_settled(job)
        states = bench.states(job)
        assert set(states) == {"printed", "uncertain"}
        whole = dict(zip(bench.previews(job), serials, strict=True))
        tiles = bench.tiles()
        perfect = [whole[tile] for tile in tiles if tile in whole]
        printed = [s for s, state in zip(serials, states, strict=True) if state == "printed"]
        assert set(printed) <= set(perfect)
        assert len(perfect) == len(set(perfect))
        assert len(tiles) <= len(perfect) + 1


def test_a_printer_that_falls_silent_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escpos, "AGAIN", 0.5)
    with working(tmp_path, "escpos", SOONER) as bench:
        bench.until_ready()
        bench.device.mute()
        job = bench.accept("M1")
        bench.until_said("The printer does not answer.")
        bench.device.mute(False)
        bench.until_settled(job)
        assert bench.on_paper() == ["M1"]
        # Its report may have been among what it did not say.
        assert set(bench.states(job)) <= {"printed", "uncertain"}


def test_labels_that_a_printer_forgot_are_a_persons_to_judge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escpos, "AGAIN", 0.5)
    with working(tmp_path, "escpos", SOONER) as bench:
        bench.until_ready()
        bench.device.trip("pause", labels=0, at=0.0)
        job = bench.accept("A", "B", "C")
        bench.until_said("The printer is off line.")
        bench.device._language.feed(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", 0)
        bench.device.resume()
        bench.until_settled(job)
        assert bench.states(job)[1:] == ["uncertain", "uncertain"]
        assert bench.on_paper() == ["A"]


def test_labels_withdrawn_from_a_stopped_printer_are_dropped_in_it(tmp_path: Path) -> None:
    with working(tmp_path, "escpos", SOON) as bench:
        bench.until_ready()
        bench.device.trip("paper_out", labels=1, at=0.5)
        job = bench.accept("A", "B", "C")
        bench.until_said("Paper is out.")
        bench.database.run(lambda t: bench.store.cancel(t, job, "test"))
        bench.thread.wake()
        bench.until_settled(job)
        bench.device.load_paper()
        assert [event.what for event in bench.device.admin_events()] == [
            "DLE 14 08 01 03 14 01 06 02 08"
        ]
        assert bench.states(job) == ["printed", "uncertain", "uncertain"]
        assert bench.on_paper()[:1] == ["A"]
        assert "C" not in bench.on_paper()
