"""The machine itself: engine, counters, interruptions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.drivers.virtual.canvas import Tile, solid
from gateway.drivers.virtual.machine import TRIPS, Machine, Make, Pace, Run
from gateway.drivers.virtual.paper import Paper
from gateway.errors import InputRefused

FAR = 30.0
"""Seconds a test waits at most for what should come at once."""


def draw(copy: int) -> Tile:
    return solid(80, 100)


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine(Paper(), Make(stock_width=80, stock_height=100), pace=Pace(speed_mm_s=0))
    made.start()
    yield made
    made.stop()


@pytest.fixture
def slow() -> Iterator[Machine]:
    """A machine that needs ten seconds for a label: what happens, happens under the head."""
    made = Machine(Paper(), Make(), pace=Pace(speed_mm_s=1.25, rest_s=0))
    made.start()
    yield made
    made.stop()


def partials(machine: Machine) -> list[bool]:
    return [piece.partial for piece in machine.paper.pieces()]


def test_a_run_prints_its_quantity_and_the_odometer_counts_it(machine: Machine) -> None:
    machine.submit(Run(draw, quantity=3))
    assert machine.wait_idle(FAR)
    assert partials(machine) == [False] * 3
    assert machine.state().odometer == 3


def test_without_room_for_its_paper_it_waits_and_then_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paper = Paper(tmp_path / "paper")
    (tmp_path / "paper").rename(tmp_path / "away")
    machine = Machine(paper, Make(name="dock"), pace=Pace(speed_mm_s=0))
    machine.start()
    machine.submit(Run(draw, quantity=3))
    assert not machine.wait_idle(0.1)
    assert (machine.odometer, paper.count) == (0, 0)
    (tmp_path / "away").rename(tmp_path / "paper")
    assert machine.wait_idle(FAR)
    machine.stop()
    assert (machine.odometer, Paper(tmp_path / "paper").printed) == (3, 3)
    assert [record.message for record in caplog.records] == [
        "a virtual printer waits until there is room for its paper"
    ]


def test_without_room_for_its_paper_it_can_be_stopped(tmp_path: Path) -> None:
    paper = Paper(tmp_path / "paper")
    (tmp_path / "paper").rmdir()
    machine = Machine(paper, Make(), pace=Pace(speed_mm_s=0))
    machine.start()
    machine.submit(Run(draw))
    assert not machine.wait_idle(0.1)
    machine.stop()
    assert (machine.odometer, paper.count) == (0, 0)


def test_a_counter_that_cannot_be_written_goes_on_in_memory(tmp_path: Path) -> None:
    machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0), state_dir=tmp_path)
    (tmp_path / "counters.json.new").mkdir()
    machine.start()
    machine.submit(Run(draw))
    assert machine.wait_idle(FAR)
    (tmp_path / "counters.json.new").rmdir()
    machine.submit(Run(draw))
    assert machine.wait_idle(FAR)
    machine.stop()
    assert Machine(Paper(), Make(), state_dir=tmp_path).odometer == 2


def test_the_pace_is_length_over_speed_plus_the_rest() -> None:
    assert Pace().seconds(400, 8) == pytest.approx(50 / 152.4 + 0.04)
    assert Pace(speed_mm_s=0).seconds(400, 8) == 0


def print_twenty(drawing_s: float, label_s: float) -> float:
    """Return the seconds that twenty labels took."""

    def slowly(copy: int) -> Tile:
        threading.Event().wait(drawing_s)
        return solid(8, 80)

    machine = Machine(Paper(), Make(density=8), pace=Pace(speed_mm_s=10 / label_s, rest_s=0))
    machine.start()
    begun = time.monotonic()
    machine.submit(Run(slowly, quantity=20))
    assert machine.wait_idle(FAR)
    took = time.monotonic() - begun
    machine.stop()
    assert machine.paper.printed == 20
    return took


def test_drawing_does_not_slow_the_paper() -> None:
    # Drawn between the labels, 20 labels of 25 ms with 20 ms of drawing would take 900 ms. A busy
    # computer may be slow once, but not ten times in a row.
    took = [print_twenty(0.020, 0.025)]
    while min(took) > 0.8 and len(took) < 10:
        took.append(print_twenty(0.020, 0.025))
    assert 20 * 0.025 <= min(took) <= 0.8


@pytest.mark.parametrize(
    ("stop", "go_on"),
    [
        ("paper_out", "load_paper"),
        ("ribbon_out", "load_ribbon"),
        ("open_head", "close_head"),
        ("pause", "resume"),
    ],
)
def test_nothing_prints_while_it_is_stopped(machine: Machine, stop: str, go_on: str) -> None:
    getattr(machine, stop)()
    machine.submit(Run(draw))
    assert not machine.wait_idle(0.05)
    assert machine.state().formats_waiting == 1
    getattr(machine, go_on)()
    assert machine.wait_idle(FAR)
    assert partials(machine) == [False]


@pytest.mark.parametrize("fault", ["paper_out", "ribbon_out", "open_head"])
def test_a_label_spoiled_on_its_way_is_a_partial_piece_and_comes_again(
    machine: Machine, fault: str
) -> None:
    machine.trip(fault, labels=1, at=0.5)
    machine.submit(Run(draw, quantity=3))
    assert machine.paper.wait_for(1, FAR)
    with_fault = {"paper_out": "load_paper", "ribbon_out": "load_ribbon", "open_head": "close_head"}
    while len(machine.paper.pieces()) < 2:
        threading.Event().wait(0.001)
    getattr(machine, with_fault[fault])()
    assert machine.wait_idle(FAR)
    assert partials(machine) == [False, True, False, False]
    assert [piece.height for piece in machine.paper.pieces()] == [100, 50, 100, 100]
    assert machine.odometer == 3


def test_a_label_that_is_not_to_be_reprinted_stays_spoiled(machine: Machine) -> None:
    machine.trip("paper_out", labels=0, at=0.25)
    machine.submit(Run(draw, quantity=2, reprint=False))
    while not machine.paper.pieces():
        threading.Event().wait(0.001)
    machine.load_paper()
    assert machine.wait_idle(FAR)
    assert partials(machine) == [True, False]
    assert machine.odometer == 1


def test_paper_that_runs_out_in_the_middle_of_a_label_leaves_what_was_printed(
    slow: Machine,
) -> None:
    slow.submit(Run(draw))
    assert slow.wait_printing(FAR)
    threading.Event().wait(0.3)
    slow.paper_out()
    while not slow.paper.pieces():
        threading.Event().wait(0.001)
    [piece] = slow.paper.pieces()
    assert piece.partial
    assert 1 <= piece.height < 100
    assert slow.state().labels_remaining == 1


def test_power_off_forgets_what_waits_and_leaves_the_label_under_the_head(machine: Machine) -> None:
    machine.trip("power_off", labels=2, at=0.5)
    machine.submit(Run(draw, quantity=5))
    machine.submit(Run(draw, quantity=5))
    while len(machine.paper.pieces()) < 3:
        threading.Event().wait(0.001)
    state = machine.state()
    assert (state.powered, state.formats_waiting, state.labels_remaining) == (False, 0, 0)
    assert partials(machine) == [False, False, True]
    machine.submit(Run(draw))
    machine.power_on()
    assert machine.wait_idle(FAR)
    assert partials(machine) == [False, False, True]
    assert machine.odometer == 2


def test_power_off_while_halted_forgets_the_spoiled_label(machine: Machine) -> None:
    machine.trip("paper_out", labels=0, at=0.5)
    machine.submit(Run(draw))
    while not machine.paper.pieces():
        threading.Event().wait(0.001)
    machine.power_off()
    machine.power_on()
    machine.load_paper()
    assert machine.wait_idle(FAR)
    assert partials(machine) == [True]


def test_a_format_of_an_old_session_is_not_taken(machine: Machine) -> None:
    session = machine.session
    machine.power_off()
    machine.power_on()
    machine.submit(Run(draw), session)
    assert machine.wait_idle(FAR)
    assert machine.paper.count == 0


@pytest.mark.parametrize(("lag", "expected"), [(0, 4), (3, 1), (9, 0)])
def test_a_lagging_odometer_forgets_its_last_labels_with_the_power(lag: int, expected: int) -> None:
    machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0), odometer_lag=lag)
    machine.start()
    machine.submit(Run(draw, quantity=4))
    assert machine.wait_idle(FAR)
    assert machine.odometer == 4
    machine.power_off()
    machine.power_on()
    machine.stop()
    assert machine.odometer == expected


def test_the_odometer_survives_the_process(tmp_path: Path) -> None:
    for expected in (2, 4):
        machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0), state_dir=tmp_path)
        machine.start()
        machine.submit(Run(draw, quantity=2))
        assert machine.wait_idle(FAR)
        machine.stop()
        assert machine.odometer == expected


def test_cancelling_ends_after_the_label_under_the_head(slow: Machine) -> None:
    slow.submit(Run(draw, quantity=5))
    slow.submit(Run(draw, quantity=5))
    assert slow.wait_printing(FAR)
    slow.cancel_all()
    state = slow.state()
    assert (state.formats_waiting, state.labels_remaining) == (0, 1)


def test_it_pauses_after_every_so_many_labels(machine: Machine) -> None:
    machine.submit(Run(draw, quantity=4, pause_every=2))
    assert machine.paper.wait_for(2, FAR)
    assert not machine.wait_idle(0.05)
    assert machine.state().paused
    machine.resume()
    assert machine.wait_idle(FAR)
    assert machine.paper.printed == 4
    assert not machine.state().paused


def test_a_lying_printer_counts_what_it_did_not_print_and_prints_what_it_did_not_count(
    machine: Machine,
) -> None:
    machine.lose(1)
    machine.submit(Run(draw, quantity=2))
    assert machine.wait_idle(FAR)
    assert (machine.paper.printed, machine.odometer) == (1, 2)
    machine.twice(1)
    machine.submit(Run(draw, quantity=2))
    assert machine.wait_idle(FAR)
    assert (machine.paper.printed, machine.odometer) == (4, 4)


def test_a_full_buffer_says_so_until_there_is_room() -> None:
    machine = Machine(Paper(), Make(), pace=Pace(speed_mm_s=0), buffer_octets=100, buffer_formats=3)
    machine.submit(Run(draw, octets=60))
    assert machine.has_room()
    machine.submit(Run(draw, octets=60))
    assert not machine.has_room()
    assert machine.state().buffer_full
    machine.start()
    assert machine.wait_idle(FAR)
    assert machine.has_room()
    machine.stop()


def test_only_known_faults_can_be_told_to_happen_later(machine: Machine) -> None:
    with pytest.raises(InputRefused) as refused:
        machine.trip("fire")
    assert str(refused.value) == (
        f"'fire' cannot be told to happen later; one of {', '.join(TRIPS)} can."
    )
