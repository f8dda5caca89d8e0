"""A printer's thread before a virtual EPL2 printer: labels acknowledged one by one."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from gateway.drivers.evidence.epl import EplConversation
from gateway.drivers.virtual.printer import VirtualPrinter
from tests.bench import GAP, PATIENCE, Bench, working

SOON = partial(EplConversation, patience=1.0)
"""For a printer that leaves questions unanswered, and answers others."""

IN_VAIN = partial(EplConversation, patience=0.1)
"""For one that answers none."""


def test_labels_are_printed_by_their_acknowledgement_dot_for_dot(tmp_path: Path) -> None:
    with working(tmp_path, "epl") as bench:
        job = bench.accept(*(f"SN-{n}" for n in range(4)))
        bench.until_done(job)
        assert bench.outcomes(job) == [("printed", "fence")] * 4
        assert bench.on_paper() == [f"SN-{n}" for n in range(4)]
        assert bench.tiles() == bench.previews(job)
        assert not any(piece.unknown for piece in bench.device.labels())
        assert bench.device.admin_events() == ()
        assert bench.statuses[-1].proof == "fence"


def test_a_printer_without_paper_doubts_that_label_and_goes_on_when_it_has_some(
    tmp_path: Path,
) -> None:
    with working(tmp_path, "epl") as bench:
        bench.until_ready()
        bench.device.trip("paper_out", labels=1)
        job = bench.accept("A", "B", "C")
        bench.until_said("Paper is out. Load labels, close the lid, press Feed.")
        bench.device.load_paper()
        bench.until_settled(job)
        assert bench.states(job) == ["printed", "uncertain", "printed"]
        assert bench.on_paper() == ["A", "B", "C"]


def test_a_printer_that_is_first_asked_with_its_lid_open_is_asked_again(tmp_path: Path) -> None:
    with working(tmp_path, "epl", SOON) as bench:
        bench.until_ready()
        bench.device.open_head()
        bench.device.drop_connection()
        job = bench.accept("A")
        bench.until_said("The lid is open.")
        bench.device.close_head()
        bench.until_done(job)
        assert [row.evidence for row in bench.labels(job)] == ["fence"]


@pytest.mark.parametrize("at", [0.0, 0.5])
def test_a_power_loss_calls_nothing_printed_that_is_not_and_prints_nothing_twice(
    tmp_path: Path, at: float
) -> None:
    with working(tmp_path, "epl") as bench:
        bench.until_ready()
        bench.device.trip("power_off", labels=2, at=at)
        job = bench.accept(*(f"P{n}" for n in range(4)))
        bench.until_unreachable()
        bench.device.power_on()
        bench.until_settled(job)
        states = bench.states(job)
        assert states == ["printed", "printed", "uncertain", "printed"]
        assert bench.on_paper() == ["P0", "P1", "P3"]


@pytest.mark.parametrize("octets", [700, 5000])
def test_a_connection_that_breaks_inside_a_picture_is_asked_about_and_doubles_nothing(
    tmp_path: Path, octets: int
) -> None:
    with working(tmp_path, "epl") as bench:
        bench.until_ready()
        bench.device.reset_connection_at(octets)
        job = bench.accept("R1", "R2")
        bench.until_settled(job)
        assert bench.states(job) == ["uncertain", "printed"]
        assert bench.on_paper() == ["R2"]
        assert bench.tiles() == bench.previews(job)[1:]


def test_a_printer_that_answers_nothing_ends_its_labels_at_sent(tmp_path: Path) -> None:
    with VirtualPrinter("one", language="epl", speed_mm_s=1000, rest_s=0.02) as device:
        device.mute()
        with Bench(tmp_path, device, "epl", setup=GAP, converse=IN_VAIN) as bench:
            job = bench.accept("S1", "S2")
            bench.until_settled(job)
            assert device.wait_printed(2, timeout=PATIENCE)
            assert bench.on_paper() == ["S1", "S2"]
            assert bench.states(job) == ["sent", "sent"]
