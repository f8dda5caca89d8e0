"""The generated pages are what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import generate
from gateway.jobs import TRANSITIONS, Event, JobState, State


@pytest.mark.parametrize("page", generate.PAGES)
def test_the_page_is_what_the_code_says(page: str) -> None:
    written = (generate.FOLDER / page).read_text("utf-8")
    assert written == generate.PAGES[page](), "run: make docs"


def test_a_stale_page_is_found_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "FOLDER", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "label-states.md").write_text("something else")
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "Not up to date: label-states.md; run make docs.\n"


def test_every_state_event_and_step_stands_on_the_page() -> None:
    page = generate.label_states()
    for state in (*State, *JobState):
        assert f"| `{state.value}` |" in page
    rows = [line for line in page.splitlines() if line.startswith("    ") and "-->" in line]
    assert len(rows) == len(TRANSITIONS) + 2
    assert all(generate.comments_of(State)[state.name] for state in State)
    assert {event for _, event in TRANSITIONS} == set(Event)
