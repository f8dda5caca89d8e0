"""Benchmarks do not rot: each row that needs no other process runs once, with tiny counts.

No figure is judged here, only that there is one.
"""

from __future__ import annotations

import socket
from math import isfinite
from pathlib import Path

import pytest

from benchmarks import disk
from benchmarks.__main__ import ROWS, Row, choose
from benchmarks.measuring import Plan
from benchmarks.native import FORGETS, KEEPS, batch, design, lay_out, merge_by_zpl
from gateway.drivers.virtual.printer import VirtualPrinter


@pytest.mark.parametrize("row", [row for row in ROWS if row.alone], ids=lambda row: row.name)
def test_a_row_without_other_processes_gives_figures_for_each_of_its_goals(
    row: Row, tmp_path: Path
) -> None:
    lines = row.measure(Plan(tmp_path, 1, "quick"))
    assert {line.goal for line in lines} - {""} == set(row.goals)
    for line in lines:
        assert line.what
        assert line.ours is not None
        assert isfinite(line.ours)
        assert line.ours > 0
        assert (line.theirs is None) == (line.peer == "")
        assert (line.reached is None) == (line.wanted == "")


def test_every_goal_is_measured_by_one_row_only() -> None:
    goals = [goal for row in ROWS for goal in row.goals]
    assert len(goals) == len(set(goals))
    wanted = "P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 R1 R2 R3 T1 W1 S1 S2 S3 S4 S5 S6 C1 C2 C3 C4 C5 C6 "
    wanted += "U1 U2 U3 U4 L1 L2 L3 L4 L5 "
    assert set(goals) == set(wanted.split())


def test_rows_are_chosen_by_name_or_goal_and_unknown_ones_are_named() -> None:
    assert [row.name for row in choose(["p9", "drawing"])] == ["restart", "drawing"]
    assert len(choose([])) == len(ROWS)
    with pytest.raises(SystemExit, match="There is no row 'P77'"):
        choose(["P77"])


def test_the_disk_commits_at_some_rate(tmp_path: Path) -> None:
    rates = [way(tmp_path, 3) for way in (disk.appended, disk.overwritten, disk.inserted)]
    assert all(rate > 0 for rate in rates)


def test_all_ways_to_say_the_serial_label_print_the_same_serials() -> None:
    made = design()
    labels = [lay_out(made, n) for n in (7, 8)]
    documents = [
        batch(labels, "native", KEEPS),
        batch(labels, "native", FORGETS),
        batch(labels, "exact", KEEPS),
        merge_by_zpl(7) + merge_by_zpl(8),
    ]
    for document in documents:
        with VirtualPrinter(speed_mm_s=0) as printer:
            with socket.create_connection(("127.0.0.1", printer.port)) as host:
                host.sendall(document)
            assert printer.wait_printed(2, timeout=20)
            read = [[code.text for code in printer.codes(number)] for number in (1, 2)]
        assert read == [["SN-000007"], ["SN-000008"]]
