"""Both receive the same serials, and a peer that does not run is said to be so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks import registry_peers
from benchmarks.measuring import Plan
from benchmarks.processes import CannotRun


def test_both_receive_as_many_serials_and_the_first_call_is_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[int]] = []

    def theirs(python: Path, folder: Path, counts: list[int]) -> list[float]:
        asked.append(counts)
        return [99.0, *(float(count) for count in counts[1:])]

    monkeypatch.setattr(registry_peers, "environment", lambda folder: Path(sys.executable))
    monkeypatch.setattr(registry_peers, "tryton", theirs)
    (line,) = registry_peers.measure(Plan(tmp_path, 3, "quick"))
    assert asked == [[10, 5], [10, 5]]
    assert (line.what, line.peer, line.theirs) == (
        "5 serials received in one call", "Tryton", 5.0,
    )  # fmt: skip
    assert line.ours is not None
    assert 0 < line.ours < 5
    assert "frappe/erpnext#42522" in line.note


def test_a_peer_that_does_not_run_cannot_be_measured(tmp_path: Path) -> None:
    with pytest.raises(CannotRun, match=r"Tryton failed: .*No module named 'trytond'"):
        registry_peers.tryton(Path(sys.executable), tmp_path, [1])
