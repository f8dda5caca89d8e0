"""A printer's thread before a virtual EPL2 printer: labels acknowledged one by one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.drivers.virtual.printer import VirtualPrinter
from tests.pressing import Pressing, pressing


def test_labels_are_printed_by_their_acknowledgement_dot_for_dot(tmp_path: Path) -> None:
    with pressing(tmp_path, "epl") as at_work:
        job = at_work.accept(*(f"SN-{n}" for n in range(4)))
        at_work.until(lambda: at_work.done(job))
        labels = at_work.labels(job)
        assert [(row.state, row.evidence) for row in labels] == [("printed", "fence")] * 4
        assert at_work.paper() == [f"SN-{n}" for n in range(4)]
        for row, piece in zip(labels, at_work.device.labels(), strict=True):
            tile = at_work.device.machine.paper.tile(piece.number)
            assert tile is not None
            assert tile.to_bytes() == at_work.drawn(row).ink
            assert piece.unknown == ()
        assert at_work.device.admin_events() == ()
        assert at_work.statuses[-1].proof == "fence"


def test_a_printer_without_paper_doubts_that_label_and_goes_on_when_it_has_some(
    tmp_path: Path,
) -> None:
    with pressing(tmp_path, "epl") as at_work:
        at_work.ready()
        at_work.device.trip("paper_out", labels=1)
        job = at_work.accept("A", "B", "C")
        at_work.until(lambda: at_work.said("Paper is out. Load labels, close the lid, press Feed."))
        at_work.device.load_paper()
        at_work.until(lambda: at_work.settled(job))
        assert at_work.states(job) == ["printed", "uncertain", "printed"]
        assert at_work.paper() == ["A", "B", "C"]


def test_a_printer_that_is_first_asked_with_its_lid_open_is_asked_again(tmp_path: Path) -> None:
    with pressing(tmp_path, "epl") as at_work:
        at_work.ready()
        at_work.device.open_head()
        at_work.device.drop_connection()
        job = at_work.accept("A")
        at_work.until(lambda: at_work.said("The lid is open."))
        at_work.device.close_head()
        at_work.until(lambda: at_work.done(job))
        assert [row.evidence for row in at_work.labels(job)] == ["fence"]


@pytest.mark.parametrize("at", [0.0, 0.5])
def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    tmp_path: Path, at: float
) -> None:
    with pressing(tmp_path, "epl") as at_work:
        at_work.ready()
        at_work.device.trip("power_off", labels=2, at=at)
        job = at_work.accept(*(f"P{n}" for n in range(4)))
        at_work.until(lambda: at_work.statuses[-1].condition == "unreachable")
        at_work.device.power_on()
        at_work.until(lambda: at_work.settled(job))
        states = at_work.states(job)
        assert states == ["printed", "printed", "uncertain", "printed"]
        assert at_work.paper() == ["P0", "P1", "P3"]


@pytest.mark.parametrize("octets", [700, 5000])
def test_a_connection_that_breaks_inside_a_picture_is_asked_about_and_doubles_nothing(
    tmp_path: Path, octets: int
) -> None:
    with pressing(tmp_path, "epl") as at_work:
        at_work.ready()
        at_work.device.reset_connection_at(octets)
        job = at_work.accept("R1", "R2")
        at_work.until(lambda: at_work.settled(job))
        assert at_work.states(job) == ["uncertain", "printed"]
        assert at_work.paper() == ["R2"]
        (piece,) = at_work.device.labels()
        tile = at_work.device.machine.paper.tile(piece.number)
        assert tile is not None
        assert tile.to_bytes() == at_work.drawn(at_work.labels(job)[1]).ink


def test_a_printer_that_answers_nothing_ends_its_labels_at_sent(tmp_path: Path) -> None:
    with VirtualPrinter("one", language="epl", speed_mm_s=1000) as device:
        device.mute()
        at_work = Pressing(tmp_path, device, "epl")
        try:
            job = at_work.accept("S1", "S2")
            at_work.until(lambda: at_work.settled(job))
            assert device.wait_printed(2, timeout=60)
            assert at_work.paper() == ["S1", "S2"]
            assert at_work.states(job) == ["sent", "sent"]
        finally:
            at_work.close()
