"""A printer's thread before a virtual TSPL printer: labels counted by @LABEL."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.drivers.virtual.tspl import interpreter
from tests.pressing import Pressing, pressing


def test_labels_are_printed_by_the_count_of_the_printer_dot_for_dot(tmp_path: Path) -> None:
    with pressing(tmp_path, "tspl") as at_work:
        job = at_work.accept(*(f"SN-{n}" for n in range(6)))
        at_work.until(lambda: at_work.done(job))
        labels = at_work.labels(job)
        assert [(row.state, row.evidence) for row in labels] == [("printed", "odometer")] * 6
        assert at_work.paper() == [f"SN-{n}" for n in range(6)]
        for row, piece in zip(labels, at_work.device.labels(), strict=True):
            tile = at_work.device.machine.paper.tile(piece.number)
            assert tile is not None
            assert tile.to_bytes() == at_work.drawn(row).ink
            assert piece.unknown == ()
        assert at_work.device.admin_events() == ()
        assert at_work.statuses[-1].proof == "odometer"


def test_a_printer_without_paper_says_so_and_goes_on_when_it_has_some(tmp_path: Path) -> None:
    with pressing(tmp_path, "tspl") as at_work:
        at_work.ready()
        at_work.device.paper_out()
        job = at_work.accept("A", "B")
        at_work.until(lambda: at_work.said("Paper is out. Load labels, close the lid, press Feed."))
        at_work.device.load_paper()
        at_work.until(lambda: at_work.done(job))
        assert at_work.paper() == ["A", "B"]


def test_a_printer_that_is_first_asked_without_paper_is_asked_again(tmp_path: Path) -> None:
    with pressing(tmp_path, "tspl") as at_work:
        at_work.ready()
        at_work.device.open_head()
        at_work.device.drop_connection()
        job = at_work.accept("A")
        at_work.until(lambda: at_work.said("The lid is open."))
        at_work.device.close_head()
        at_work.until(lambda: at_work.done(job))
        assert [row.evidence for row in at_work.labels(job)] == ["odometer"]


def test_a_head_that_opens_on_the_way_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with pressing(tmp_path, "tspl") as at_work:
        at_work.ready()
        at_work.device.trip("open_head", labels=2)
        job = at_work.accept(*(f"H{n}" for n in range(5)))
        at_work.until(lambda: at_work.said("The lid is open. Close the lid until it clicks."))
        at_work.device.close_head()
        at_work.until(lambda: at_work.done(job))
        assert at_work.paper() == [f"H{n}" for n in range(5)]


@pytest.mark.parametrize("lag", [0, 1])
def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    tmp_path: Path, lag: int
) -> None:
    with pressing(tmp_path, "tspl", odometer_lag=lag) as at_work:
        at_work.ready()
        at_work.device.trip("power_off", labels=2)
        job = at_work.accept(*(f"P{n}" for n in range(9)))
        at_work.until(lambda: not at_work.device.status().powered or at_work.said("broke"))
        at_work.until(lambda: at_work.statuses[-1].condition == "unreachable")
        at_work.device.power_on()
        at_work.until(lambda: at_work.settled(job))
        states = at_work.states(job)
        printed = [f"P{n}" for n, state in enumerate(states) if state == "printed"]
        paper = at_work.paper()
        assert set(printed) <= set(paper)
        assert len(paper) == len(set(paper))
        assert set(states) == {"printed", "uncertain"}


@pytest.mark.parametrize("octets", [700, 5000, 21_000])
def test_a_connection_that_breaks_inside_a_picture_loses_and_doubles_nothing(
    tmp_path: Path, octets: int
) -> None:
    with pressing(tmp_path, "tspl") as at_work:
        at_work.ready()
        at_work.device.reset_connection_at(octets)
        job = at_work.accept("R1", "R2", "R3", "R4")
        at_work.until(lambda: at_work.done(job))
        assert at_work.paper() == ["R1", "R2", "R3", "R4"]
        labels = at_work.labels(job)
        for row, piece in zip(labels, at_work.device.labels(), strict=True):
            tile = at_work.device.machine.paper.tile(piece.number)
            assert tile is not None
            assert tile.to_bytes() == at_work.drawn(row).ink


def test_a_printer_that_falls_silent_is_waited_for(tmp_path: Path) -> None:
    with pressing(tmp_path, "tspl") as at_work:
        at_work.ready()
        at_work.device.mute()
        job = at_work.accept("M1")
        at_work.until(lambda: at_work.said("The printer does not answer."))
        at_work.device.mute(False)
        at_work.until(lambda: at_work.done(job))
        assert at_work.paper() == ["M1"]


def test_a_count_that_somebody_else_changed_proves_nothing(tmp_path: Path) -> None:
    with pressing(tmp_path, "tspl") as at_work:
        at_work.ready()
        at_work.device.trip("pause", labels=1, at=0.0)
        job = at_work.accept("A", "B", "C")
        at_work.until(lambda: at_work.said("The printer is paused."))
        at_work.device._language.feed(b"@LABEL=900\r\n", 0)
        at_work.device.resume()
        at_work.until(lambda: at_work.settled(job))
        assert at_work.states(job) == ["uncertain"] * 3


def test_a_printer_that_answers_nothing_ends_its_labels_at_sent(tmp_path: Path) -> None:
    with VirtualPrinter("one", language="tspl", speed_mm_s=1000) as device:
        device.mute()
        at_work = Pressing(tmp_path, device, "tspl")
        try:
            job = at_work.accept("S1", "S2")
            at_work.until(lambda: at_work.settled(job))
            assert device.wait_printed(2, timeout=60)
            assert at_work.paper() == ["S1", "S2"]
            assert at_work.states(job) == ["sent", "sent"]
        finally:
            at_work.close()


def test_a_printer_whose_memory_cannot_be_looked_into_is_fenced_label_by_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(interpreter.ACTS, "~!F", lambda tspl, command: None)
    with pressing(tmp_path, "tspl") as at_work:
        job = at_work.accept("F1", "F2")
        at_work.until(lambda: at_work.done(job))
        assert [row.evidence for row in at_work.labels(job)] == ["fence", "fence"]
        assert at_work.paper() == ["F1", "F2"]
        at_work.device.trip("power_off", at=0.5)
        lost = at_work.accept("F3", "F4")
        at_work.until(lambda: at_work.statuses[-1].condition == "unreachable")
        at_work.device.power_on()
        at_work.until(lambda: at_work.settled(lost))
        assert at_work.states(lost) == ["uncertain", "printed"]
        assert at_work.paper() == ["F1", "F2", "F4"]
