"""The table says what was measured, and a document keeps the rest of its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import DOCUMENT
from benchmarks.measuring import Line, faster, interleave, percentile
from benchmarks.report import BEGIN, END, page, put, row, save


def test_a_ratio_is_the_median_of_paired_rounds_and_not_of_medians() -> None:
    line = faster("R1", "draw", "ms", [1.0, 2.0, 10.0], "other", [10.0, 4.0, 30.0], wanted=3)
    assert (line.ours, line.theirs, line.ratio, line.reached) == (2.0, 10.0, 3.0, True)
    rate = faster("P3", "jobs", "/s", [90.0], "other", [30.0], wanted=4, more_is_better=True)
    assert (rate.ratio, rate.wanted, rate.reached) == (3.0, "4 ×", False)


def test_each_round_begins_with_another_competitor() -> None:
    seen: list[str] = []

    def competitor(name: str) -> float:
        seen.append(name)
        return float(len(seen))

    figures = interleave(2, {name: lambda name=name: competitor(name) for name in "ab"})  # type: ignore[misc]
    assert seen == ["a", "b", "b", "a"]
    assert figures == {"a": [1.0, 4.0], "b": [2.0, 3.0]}


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = list(range(1, 101))
    assert [percentile(values, percent) for percent in (1, 50, 99, 100)] == [1, 50, 99, 100]


def test_a_line_without_a_peer_leaves_its_cells_empty() -> None:
    line = Line("P9", "start", 0.41, "s", wanted="0.5 s", reached=True)
    assert row(line) == "| P9 | start | 0.410 s |  |  | 0.5 s | yes |"


def test_what_was_measured_replaces_what_was_there_and_nothing_else() -> None:
    document = f"above\n{BEGIN}\n\nold | figures\n\n{END}\nbelow\n"
    assert put(document, "new") == f"above\n{BEGIN}\n\nnew\n\n{END}\nbelow\n"
    with pytest.raises(ValueError, match="needs the lines"):
        put("no marks here", "new")


def test_the_document_has_its_marks() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text.count(BEGIN) == text.count(END) == 1
    assert put(text, "x") != text


def test_a_page_counts_what_was_reached() -> None:
    lines = [Line("P1", "a", 1.0, wanted="1", reached=True), Line("P2", "b", 2.0)]
    text = page({"One": lines, "Two": [Line("P3", "c", 1.0, wanted="2", reached=False)]}, 5, {})
    assert "5 rounds" in text
    assert "1 of 2 wanted figures were reached" in text
    assert text.index("### One") < text.index("### Two")


def test_a_run_is_saved_with_its_rounds(tmp_path: Path) -> None:
    line = Line("P1", "a", 1.0, "ms", rounds={"ours": [1.0, 2.0]})
    save(tmp_path / "new" / "run.json", {"One": [line]}, 2, "quick", {"one": 1.5})
    read = json.loads((tmp_path / "new" / "run.json").read_text("utf-8"))
    assert (read["rounds"], read["size"], read["seconds"]) == (2, "quick", {"one": 1.5})
    assert read["sections"]["One"][0]["rounds"] == {"ours": [1.0, 2.0]}
