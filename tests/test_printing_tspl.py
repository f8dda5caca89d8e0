"""A printer's thread before a virtual TSPL printer: labels counted by @LABEL."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from gateway.drivers.evidence.tspl import TsplConversation
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.drivers.virtual.tspl import interpreter
from tests.bench import GAP, PATIENCE, Bench, working

SOON = partial(TsplConversation, patience=1.0)
"""For a printer that leaves questions unanswered, and answers others."""

IN_VAIN = partial(TsplConversation, patience=0.1)
"""For one that answers none."""


def test_labels_are_printed_by_the_count_of_the_printer_dot_for_dot(tmp_path: Path) -> None:
    with working(tmp_path, "tspl") as bench:
        job = bench.accept(*(f"SN-{n}" for n in range(6)))
        bench.until_done(job)
        assert bench.outcomes(job) == [("printed", "odometer")] * 6
        assert bench.on_paper() == [f"SN-{n}" for n in range(6)]
        assert bench.tiles() == bench.previews(job)
        assert not any(piece.unknown for piece in bench.device.labels())
        assert bench.device.admin_events() == ()
        assert bench.statuses[-1].proof == "odometer"


def test_a_printer_without_paper_says_so_and_goes_on_when_it_has_some(tmp_path: Path) -> None:
    with working(tmp_path, "tspl") as bench:
        bench.until_ready()
        bench.device.paper_out()
        job = bench.accept("A", "B")
        bench.until_said("Paper is out. Load labels, close the lid, press Feed.")
        bench.device.load_paper()
        bench.until_done(job)
        assert bench.on_paper() == ["A", "B"]


def test_a_printer_that_is_first_asked_without_paper_is_asked_again(tmp_path: Path) -> None:
    with working(tmp_path, "tspl") as bench:
        bench.until_ready()
        bench.device.open_head()
        bench.device.drop_connection()
        job = bench.accept("A")
        bench.until_said("The lid is open.")
        bench.device.close_head()
        bench.until_done(job)
        assert [row.evidence for row in bench.labels(job)] == ["odometer"]


def test_a_head_that_opens_on_the_way_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with working(tmp_path, "tspl") as bench:
        bench.until_ready()
        bench.device.trip("open_head", labels=2)
        job = bench.accept(*(f"H{n}" for n in range(5)))
        bench.until_said("The lid is open. Close the lid until it clicks.")
        bench.device.close_head()
        bench.until_done(job)
        assert bench.on_paper() == [f"H{n}" for n in range(5)]


@pytest.mark.parametrize("lag", [0, 1])
def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    tmp_path: Path, lag: int
) -> None:
    with working(tmp_path, "tspl", odometer_lag=lag) as bench:
        bench.until_ready()
        bench.device.trip("power_off", labels=2)
        job = bench.accept(*(f"P{n}" for n in range(9)))
        bench.until(lambda: not bench.device.status().powered or bench.said("broke"))
        bench.until_unreachable()
        bench.device.power_on()
        bench.until_settled(job)
        states = bench.states(job)
        printed = [f"P{n}" for n, state in enumerate(states) if state == "printed"]
        paper = bench.on_paper()
        assert set(printed) <= set(paper)
        assert len(paper) == len(set(paper))
        assert set(states) == {"printed", "uncertain"}


@pytest.mark.parametrize("octets", [700, 5000, 21_000])
def test_a_connection_that_breaks_inside_a_picture_loses_and_doubles_nothing(
    tmp_path: Path, octets: int
) -> None:
    with working(tmp_path, "tspl") as bench:
        bench.until_ready()
        bench.device.reset_connection_at(octets)
        job = bench.accept("R1", "R2", "R3", "R4")
        bench.until_done(job)
        assert bench.on_paper() == ["R1", "R2", "R3", "R4"]
        assert bench.tiles() == bench.previews(job)


def test_a_printer_that_falls_silent_is_waited_for(tmp_path: Path) -> None:
    with working(tmp_path, "tspl", SOON) as bench:
        bench.until_ready()
        bench.device.mute()
        job = bench.accept("M1")
        bench.until_said("The printer does not answer.")
        bench.device.mute(False)
        bench.until_done(job)
        assert bench.on_paper() == ["M1"]


def test_a_count_that_somebody_else_changed_proves_nothing(tmp_path: Path) -> None:
    with working(tmp_path, "tspl") as bench:
        bench.until_ready()
        bench.device.trip("pause", labels=1, at=0.0)
        job = bench.accept("A", "B", "C")
        bench.until_said("The printer is paused.")
        bench.device._language.feed(b"@LABEL=900\r\n", 0)
        bench.device.resume()
        bench.until_settled(job)
        assert bench.states(job) == ["uncertain"] * 3


def test_a_printer_that_answers_nothing_ends_its_labels_at_sent(tmp_path: Path) -> None:
    with VirtualPrinter("one", language="tspl", speed_mm_s=1000, rest_s=0.02) as device:
        device.mute()
        with Bench(tmp_path, device, "tspl", setup=GAP, converse=IN_VAIN) as bench:
            job = bench.accept("S1", "S2")
            bench.until_settled(job)
            assert device.wait_printed(2, timeout=PATIENCE)
            assert bench.on_paper() == ["S1", "S2"]
            assert bench.states(job) == ["sent", "sent"]


def test_a_printer_whose_memory_cannot_be_looked_into_is_fenced_label_by_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(interpreter.ACTS, "~!F", lambda tspl, command: None)
    with working(tmp_path, "tspl", SOON) as bench:
        job = bench.accept("F1", "F2")
        bench.until_done(job)
        assert [row.evidence for row in bench.labels(job)] == ["fence", "fence"]
        assert bench.on_paper() == ["F1", "F2"]
        bench.device.trip("power_off", at=0.5)
        lost = bench.accept("F3", "F4")
        bench.until_unreachable()
        bench.device.power_on()
        bench.until_settled(lost)
        assert bench.states(lost) == ["uncertain", "printed"]
        assert bench.on_paper() == ["F1", "F2", "F4"]
