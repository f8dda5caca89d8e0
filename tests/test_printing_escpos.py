"""A printer's thread before a virtual ESC/POS printer: labels it reports, labels it answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.drivers.virtual.escpos.interpreter import Interpreter
from tests.pressing import pressing


def test_labels_are_printed_when_the_printer_reports_them_dot_for_dot(tmp_path: Path) -> None:
    with pressing(tmp_path, "escpos") as at_work:
        job = at_work.accept(*(f"SN-{n}" for n in range(6)))
        at_work.until(lambda: at_work.done(job))
        labels = at_work.labels(job)
        assert [(row.state, row.evidence) for row in labels] == [("printed", "print_end")] * 6
        assert at_work.paper() == [f"SN-{n}" for n in range(6)]
        for row, piece in zip(labels, at_work.device.labels(), strict=True):
            tile = at_work.device.machine.paper.tile(piece.number)
            assert tile is not None
            assert tile.to_bytes() == at_work.drawn(row).ink
            assert piece.unknown == ()
        assert at_work.device.admin_events() == ()
        assert at_work.statuses[-1].proof == "print_end"
        assert at_work.statuses[-1].identity["model"] == "GW-VIRTUAL"


def test_a_printer_that_answers_in_its_turn_only_prints_one_label_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Interpreter, "reports", False)
    with pressing(tmp_path, "escpos") as at_work:
        job = at_work.accept("A", "B", "C")
        at_work.until(lambda: at_work.done(job))
        labels = at_work.labels(job)
        assert [(row.state, row.evidence) for row in labels] == [("printed", "fence")] * 3
        assert at_work.paper() == ["A", "B", "C"]
        # The question about process IDs, which it takes for text, is nowhere on the paper.
        for row, piece in zip(labels, at_work.device.labels(), strict=True):
            tile = at_work.device.machine.paper.tile(piece.number)
            assert tile is not None
            assert tile.to_bytes() == at_work.drawn(row).ink


def test_a_printer_that_answers_in_real_time_only_ends_its_labels_at_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Interpreter, "reports", False)
    monkeypatch.setattr(Interpreter, "answers_in_turn", False)
    with pressing(tmp_path, "escpos") as at_work:
        job = at_work.accept("A", "B")
        at_work.until(lambda: at_work.done(job))
        assert [(r.state, r.evidence) for r in at_work.labels(job)] == [("sent", "none")] * 2
        assert at_work.device.wait_printed(2, timeout=30)
        assert at_work.paper() == ["A", "B"]


def test_a_printer_that_answers_nothing_ends_its_labels_at_sent(tmp_path: Path) -> None:
    with pressing(tmp_path, "escpos") as at_work:
        at_work.device.mute()
        at_work.device.drop_connection()
        job = at_work.accept("A", "B")
        at_work.until(lambda: at_work.settled(job) or at_work.said("does not answer"))
        at_work.device.mute(False)
        at_work.until(lambda: at_work.settled(job))
        assert set(at_work.states(job)) <= {"printed", "sent"}


@pytest.mark.parametrize("reports", [True, False])
def test_a_printer_without_paper_says_so_and_goes_on_when_it_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reports: bool
) -> None:
    monkeypatch.setattr(Interpreter, "reports", reports)
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.paper_out()
        job = at_work.accept("A", "B")
        at_work.until(lambda: at_work.said("Paper is out. Load labels, close the lid, press Feed."))
        at_work.device.load_paper()
        at_work.until(lambda: at_work.done(job))
        assert at_work.paper() == ["A", "B"]


def test_a_label_in_which_the_cover_opened_is_a_persons_to_judge(tmp_path: Path) -> None:
    """A receipt printer goes on with the rest of it and reports it as printed."""
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.trip("open_head", labels=2)
        job = at_work.accept(*(f"H{n}" for n in range(5)))
        at_work.until(lambda: at_work.said("The lid is open. Close the lid until it clicks."))
        at_work.device.close_head()
        at_work.until(lambda: at_work.settled(job))
        states = at_work.states(job)
        assert states == ["printed", "printed", "uncertain", "printed", "printed"]
        assert at_work.paper() == [f"H{n}" for n in range(5)]


def test_a_printer_that_is_first_asked_with_its_cover_open_is_asked_again(tmp_path: Path) -> None:
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.open_head()
        at_work.device.drop_connection()
        job = at_work.accept("A")
        at_work.until(lambda: at_work.said("The lid is open."))
        at_work.device.close_head()
        at_work.until(lambda: at_work.done(job))
        assert [row.evidence for row in at_work.labels(job)] == ["print_end"]


@pytest.mark.parametrize("reports", [True, False])
def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reports: bool
) -> None:
    monkeypatch.setattr(Interpreter, "reports", reports)
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.trip("power_off", labels=2)
        job = at_work.accept(*(f"P{n}" for n in range(9)))
        at_work.until(lambda: at_work.statuses[-1].condition == "unreachable")
        at_work.device.power_on()
        at_work.until(lambda: at_work.settled(job))
        states = at_work.states(job)
        printed = [f"P{n}" for n, state in enumerate(states) if state == "printed"]
        paper = at_work.paper()
        assert set(printed) <= set(paper)
        assert len(paper) == len(set(paper))
        assert set(states) == {"printed", "uncertain"}


@pytest.mark.parametrize("octets", [700, 45_000])
def test_a_connection_that_breaks_inside_a_picture_spoils_that_label_alone(
    tmp_path: Path, octets: int
) -> None:
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.reset_connection_at(octets)
        serials = [f"R{n}" for n in range(12)]
        job = at_work.accept(*serials)
        at_work.until(lambda: at_work.settled(job))
        states = at_work.states(job)
        assert set(states) == {"printed", "uncertain"}
        whole = {
            at_work.drawn(row).ink: serial
            for row, serial in zip(at_work.labels(job), serials, strict=True)
        }
        tiles = [at_work.device.machine.paper.tile(p.number) for p in at_work.device.labels()]
        perfect = [whole[t.to_bytes()] for t in tiles if t is not None and t.to_bytes() in whole]
        printed = [s for s, state in zip(serials, states, strict=True) if state == "printed"]
        assert set(printed) <= set(perfect)
        assert len(perfect) == len(set(perfect))
        assert len(tiles) <= len(perfect) + 1


def test_a_printer_that_falls_silent_is_waited_for(tmp_path: Path) -> None:
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.mute()
        job = at_work.accept("M1")
        at_work.until(lambda: at_work.said("The printer does not answer."))
        at_work.device.mute(False)
        at_work.until(lambda: at_work.settled(job))
        assert at_work.paper() == ["M1"]
        # Its report may have been among what it did not say.
        assert set(at_work.states(job)) <= {"printed", "uncertain"}


def test_labels_that_a_printer_forgot_are_a_persons_to_judge(tmp_path: Path) -> None:
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.trip("pause", labels=0, at=0.0)
        job = at_work.accept("A", "B", "C")
        at_work.until(lambda: at_work.said("The printer is off line."))
        at_work.device._language.feed(b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08", 0)
        at_work.device.resume()
        at_work.until(lambda: at_work.settled(job))
        assert at_work.states(job)[1:] == ["uncertain", "uncertain"]
        assert at_work.paper() == ["A"]


def test_labels_withdrawn_from_a_stopped_printer_are_dropped_in_it(tmp_path: Path) -> None:
    with pressing(tmp_path, "escpos") as at_work:
        at_work.ready()
        at_work.device.trip("paper_out", labels=1, at=0.5)
        job = at_work.accept("A", "B", "C")
        at_work.until(lambda: at_work.said("Paper is out."))
        at_work.database.run(lambda t: at_work.store.cancel(t, job, "test"))
        at_work.thread.wake()
        at_work.until(lambda: at_work.settled(job))
        at_work.device.load_paper()
        assert [event.what for event in at_work.device.admin_events()] == [
            "DLE 14 08 01 03 14 01 06 02 08"
        ]
        assert at_work.states(job) == ["printed", "uncertain", "uncertain"]
        assert at_work.paper()[:1] == ["A"]
        assert "C" not in at_work.paper()
