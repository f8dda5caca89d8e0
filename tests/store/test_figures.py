"""Figures by the quarter of an hour, and lists that stay fast in a database that has grown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.jobs import JobState
from gateway.store import figures
from gateway.store.engine import Database
from gateway.store.feed import latest, newest, tell
from gateway.store.figures import QUARTER, Figure
from gateway.store.jobs import JobStore

HOUR = 4 * QUARTER


@pytest.mark.both_databases
def test_what_happens_is_added_up_in_its_quarter(fresh: Database) -> None:
    def work(t: Any) -> None:
        for at, whose, n in ((5 * HOUR, 1, 2), (5 * HOUR + QUARTER - 1, 1, 1),
                             (5 * HOUR + QUARTER, 1, 4), (6 * HOUR, 2, 8)):  # fmt: skip
            figures.count(t, "label", at, whose, n=n)
        figures.count(t, "scan", 5 * HOUR, 1, "code_unknown")
        figures.count(t, "scan", 5 * HOUR, 1)

    fresh.run(work)
    rows = fresh.read("SELECT at, whose, n FROM figure WHERE what = 'label' ORDER BY at, whose")
    assert rows == [(5 * HOUR, 1, 3), (5 * HOUR + QUARTER, 1, 4), (6 * HOUR, 2, 8)]
    edges = [4 * HOUR, 5 * HOUR, 6 * HOUR, 7 * HOUR]
    counted = [Figure(1, 1, "", 7), Figure(2, 2, "", 8)]
    assert sorted(figures.figures(fresh, "label", edges)) == counted
    # The middle one is longer: clocks were put back.
    edges = [4 * HOUR, 5 * HOUR, 7 * HOUR, 8 * HOUR]
    counted = [Figure(1, 1, "", 7), Figure(1, 2, "", 8)]
    assert sorted(figures.figures(fresh, "label", edges)) == counted
    assert figures.figures(fresh, "scan", edges, caused=True) == [Figure(1, 1, "code_unknown", 1)]


def test_what_was_done_before_there_were_figures_is_counted_when_the_tables_are_brought_up_to_date(
    tmp_path: Path,
) -> None:
    import sqlite3
    from contextlib import closing

    from gateway.store.migrate import migrate

    file = tmp_path / "gateway.db"
    migrate(file, None, to="0005")
    with closing(sqlite3.connect(file)) as old:
        old.execute(
            "INSERT INTO printer (id, name, url, language, model, density, media_width, "
            "media_height, created_at, changed_at) VALUES (1, 'z', 'u', 'zpl', '', '8', 1, 1, 0, 0)"
        )
        old.execute(
            "INSERT INTO job (seq, target, kind, mode, accepted_at, actor, state, labels, "
            "first_label, printed, queued) "
            "VALUES (1, 1, 'raw', 'exact', 0, 'a', 'printing', 3, 1, 2, 1)"
        )
        labels = ((1, "printed", QUARTER), (2, "printed", 2 * QUARTER - 1), (3, "queued", None))
        for seq, state, at in labels:
            old.execute(
                "INSERT INTO label (seq, job, target, rank, number, copy, state, evidence, "
                "printer, settled_at) VALUES (?, 1, 1, 0, ?, 1, ?, 'odometer', 1, ?)",
                (seq, seq, state, at),
            )
        old.execute(
            "INSERT INTO scan (at, code, raw, outcome, refusal, actor) "
            "VALUES (?, 'X', x'', 'refused', 'code_unknown', 'a')", (QUARTER,),
        )  # fmt: skip
        old.commit()
    migrate(file, "0005", to="0006")
    with closing(sqlite3.connect(file)) as new:
        rows = new.execute("SELECT what, at, whose, cause, n FROM figure ORDER BY what").fetchall()
    assert rows == [("label", QUARTER, 1, "", 2), ("scan", QUARTER, 0, "code_unknown", 1)]


def plans(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that gets the plan of every query that is read from now on."""
    found: list[str] = []
    read = database.read

    def explained(query: str, values: Any = ()) -> Any:
        found.extend(row[3] for row in read(f"EXPLAIN QUERY PLAN {query}", values))
        return read(query, values)

    monkeypatch.setattr(database, "read", explained)
    return found


def test_lists_are_walked_by_an_index_whatever_was_learned_of_the_tables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Database.open(tmp_path / "gateway.db") as database:
        store = JobStore(database)
        for _ in range(20):
            database.run(lambda t: tell(t, 1, "backup.made", "backups", "test", {}))
        # Learned on the first day, of a dozen jobs; the database has grown a thousandfold since.
        database.run(lambda t: t.execute("ANALYZE").rowcount)
        database.run(
            lambda t: t.executemany(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)",
                [("job", "job_of_target", "12 6 1"), ("job", "job_open", "4 1")],
            )
        )
    with Database.open(tmp_path / "gateway.db") as database:
        store = JobStore(database)
        seen = plans(database, monkeypatch)
        for states in ((), (JobState.DONE,), (JobState.FAILED,), (JobState.HELD,)):
            for target in (None, 1):
                store.jobs(states=states, target=target)
        newest(database, ["backup", "job"])
        newest(database)
        latest(database, "backup.made", 3)
        figures.figures(database, "label", [0, HOUR])
    assert len(seen) > 10
    assert [plan for plan in seen if plan.startswith("SCAN job") or "ORDER BY" in plan] == []
    assert [plan for plan in seen if plan.startswith("SCAN f")] == []
