"""Old scans: their answers are emptied when nobody can ask again, and they go in their time."""

from __future__ import annotations

import pytest

from gateway.store import scans
from gateway.store.engine import Database, Transaction

pytestmark = pytest.mark.both_databases

DAY = 24 * 3600 * 1_000_000
NOW = 1_000 * DAY


def fill(database: Database, *ages: float) -> None:
    """Write scans down that are so many days old, with answers."""

    def work(t: Transaction) -> None:
        t.execute("DELETE FROM scan")
        for age in ages:
            t.execute(
                "INSERT INTO scan (at, code, raw, outcome, actor, answer, source, sequence) "
                "VALUES (?, ?, ?, 'done', 'local', '{}', 'page', ?)",
                (NOW - int(age * DAY), f"{age:g}", b"", int(age * 10)),
            )

    database.run(work)


def left(database: Database) -> list[tuple[str, bool]]:
    """Return the scans, oldest first, and whether each still has its answer."""
    rows = database.read("SELECT code, answer FROM scan ORDER BY at")
    return [(code, bool(answer)) for code, answer in rows]


def test_answers_are_emptied_after_a_week_and_scans_deleted_in_their_time(fresh: Database) -> None:
    fill(fresh, 400, 365.1, 364.9, 8, 6.9, 0)
    assert not scans.forget(fresh, NOW, 365)
    assert left(fresh) == [("364.9", False), ("8", False), ("6.9", True), ("0", True)]
    assert fresh.run(lambda t: scans.answered(t, None, "page", 69)) is not None
    again = fresh.run(lambda t: scans.answered(t, None, "page", 80))
    assert again is not None
    assert again[1]["sentence"] == "This was scanned long ago."


def test_none_is_deleted_where_all_are_kept(fresh: Database) -> None:
    fill(fresh, 9_00, 400, 1)
    assert not scans.forget(fresh, NOW, 0)
    assert left(fresh) == [("900", False), ("400", False), ("1", True)]


def test_it_is_done_in_small_batches_the_oldest_first(fresh: Database) -> None:
    fill(fresh, *range(20, 30))
    assert scans.forget(fresh, NOW, 15, limit=4)
    assert left(fresh) == [(str(age), True) for age in range(25, 19, -1)]
    assert scans.forget(fresh, NOW, 15, limit=4)
    assert not scans.forget(fresh, NOW, 15, limit=4)
    assert left(fresh) == []
    before = fresh.read("SELECT count(*) FROM feed")
    assert not scans.forget(fresh, NOW, 15, limit=4)
    assert fresh.read("SELECT count(*) FROM feed") == before, "and nobody is told"
