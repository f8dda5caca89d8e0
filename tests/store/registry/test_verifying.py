from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.registry.lives import Action
from gateway.store.dialect import Place
from gateway.store.registry.counting import rebuild
from gateway.store.registry.proving import Stopped, Trouble
from gateway.store.registry.verifying import Anchor, head_of, verify
from tests.store.registry.conftest import BY, World
from tests.store.registry.test_stock_view import order

Tamper = Callable[..., None]


@pytest.fixture
def lived(world: World) -> World:
    """A registry in which much has happened; serial 1 was shipped, 2 picked, 3 committed."""
    world.act(Action.RECEIVE, "1", "2", "3", "4", place=1, party=1, cost=500, currency="EUR")
    line = order(world, "sales_order", "SO-1", 3)
    world.act(Action.COMMIT, "1", "2", "3", line=line)
    world.act(Action.PICK, "1", "2", line=line)
    world.act(Action.SHIP, "1", line=line, party=2)
    moved = world.act(Action.TRANSFER, "4", place=2)
    world.run(lambda t: world.registry.undo(t, moved.event, BY, world.may))
    world.act(Action.HOLD, "4", reason="recall")
    world.act(Action.RECEIVE, "9", place=1, item=2)
    mistaken = world.act(Action.RECEIVE, "10", place=1)
    world.run(lambda t: world.registry.undo(t, mistaken.event, BY, world.may))
    world.run(
        lambda t: t.execute(
            "INSERT INTO stock (item, place, lot, state, held, serials, quantity) "
            "VALUES (1, 2, 0, 'received', 0, 0, 0)"
        )
    )
    return world


@pytest.fixture
def tamper(lived: World, place: Place) -> Tamper:
    """Changes a row as somebody who owns the database file can: past its triggers."""

    def change(table: str, statement: str) -> None:
        def work(t: object) -> None:
            execute = t.execute  # type: ignore[attr-defined]
            if isinstance(place, Path):
                found = execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?",
                    (table,),
                )
                for (name,) in found.fetchall():
                    execute(f"DROP TRIGGER {name}")
            else:
                execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            assert execute(statement).rowcount == 1

        lived.run(work)

    return change


def troubles(world: World, anchor: Anchor | None = None) -> list[Trouble]:
    return verify(world.registry.database.reader().execute, anchor=anchor).troubles


def test_what_happened_is_what_there_is(lived: World) -> None:
    verdict = verify(lived.registry.database.reader().execute)
    assert (verdict.whole, verdict.troubles) == (True, [])
    assert (verdict.events, verdict.movements, verdict.serials) == (10, 16, 6)
    (row,) = lived.registry.database.read(
        "SELECT seq, hash, at FROM event ORDER BY seq DESC LIMIT 1"
    )
    assert verdict.head == Anchor(row[0], bytes(row[1]), row[2])


def test_a_registry_in_which_nothing_happened_is_whole(world: World) -> None:
    verdict = verify(world.registry.database.reader().execute)
    assert (verdict.whole, verdict.head, verdict.events) == (True, None, 0)


@pytest.mark.parametrize(
    ("table", "statement", "row", "detail"),
    [
        (
            "life", "UPDATE life SET state = 'received', place = 1 WHERE serial = '1'",
            "serial 1",
            "Serial 1 has the state received, and by its last event (4) it is shipped.",
        ),
        (
            "life", "UPDATE life SET place = 2 WHERE serial = '9'",
            "serial 9", "Serial 9 has the location 2, and by its last event (8) it is 1.",
        ),
        (
            "life", "UPDATE life SET event = 1 WHERE serial = '9'",
            "serial 9", "Serial 9 has the last event 1, and by its last event (8) it is 8.",
        ),
        (
            "stock", "UPDATE stock SET quantity = 3 WHERE item = 1 AND state = 'committed'",
            "stock of DRILL at A-01 (committed)",
            "The counter of DRILL at A-01 (committed) says 3, and by the movements it is 1.",
        ),
        (
            "stock", "UPDATE stock SET quantity = 7 WHERE serials = 0",
            "stock of DRILL at B-01 (received, without serial)",
            "The counter of DRILL at B-01 (received, without serial) says 7, and by the "
            "movements it is 0.",
        ),
        (
            "document_line", "UPDATE document_line SET picked = 9",
            "line 1 of sales order SO-1", "Line 1 of sales order SO-1 counts 9 picked, and 1 are.",
        ),
        (
            "document_line", "UPDATE document_line SET done = 0",
            "line 1 of sales order SO-1", "Line 1 of sales order SO-1 counts 0 done, and 1 are.",
        ),
        (
            "line_life", "UPDATE line_life SET role = 'planned' WHERE role = 'picked'",
            "line 1 of sales order SO-1", "Line 1 of sales order SO-1 counts 1 picked, and 0 are.",
        ),
        (
            "event", "UPDATE event SET actor = 'somebody' WHERE seq = 3", "event 3",
            "Event 3 does not say what it said when it was written.",
        ),
        (
            "event", "UPDATE event SET reason = 'lost' WHERE seq = 7", "event 7",
            "Event 7 does not say what it said when it was written.",
        ),
        (
            "movement", "UPDATE movement SET to_place = 2 WHERE event = 8", "event 8",
            "A movement of event 8 was changed.",
        ),
        (
            "movement", "UPDATE movement SET was = '{}' WHERE event = 4", "event 4",
            "A movement of event 4 was changed.",
        ),
        (
            "movement", "DELETE FROM movement WHERE event = 1 AND n = 2", "event 1",
            "Event 1 had 4 movements and has 3.",
        ),
        (
            "event", "DELETE FROM event WHERE seq = 8", "event 9",
            "Event 9 does not follow the event before it: one was removed, put between or "
            "changed.",
        ),
        (
            "event", "DELETE FROM event WHERE seq = 10", "event 10",
            "Event 10 is gone, and its movements are still there.",
        ),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_named(
    lived: World, tamper: Tamper, table: str, statement: str, row: str, detail: str
) -> None:
    tamper(table, statement)
    found = troubles(lived)
    assert (found[0].row, found[0].detail) == (row, detail)


def test_an_event_put_between_breaks_the_chain(lived: World, tamper: Tamper) -> None:
    columns = "uid, chain, at, recorded_at, action, actor, movements, digest, prev_hash, hash"
    tamper("event", f"INSERT INTO event (seq, {columns}) SELECT 99, 'made up', chain, at, "
           "recorded_at, action, actor, movements, digest, prev_hash, hash FROM event "
           "WHERE seq = 2")  # fmt: skip
    assert {trouble.row for trouble in troubles(lived)} == {"event 99"}


def test_a_serial_that_was_taken_away_is_missed(lived: World, tamper: Tamper) -> None:
    tamper("life", "DELETE FROM life WHERE serial = '9'")
    assert [trouble.kind for trouble in troubles(lived)] == ["serials", "stock"]
    assert troubles(lived)[0].detail.startswith("Event 8 moved a serial that is gone")


def test_a_record_cut_off_is_found_by_the_head_that_was_kept(lived: World, tamper: Tamper) -> None:
    head = head_of(lived.registry.database.reader().execute)
    assert head is not None
    lived.act(Action.RECEIVE, "11", place=1)
    assert troubles(lived, head) == []
    (gone,) = troubles(lived, Anchor(head.seq, b"another"))
    assert (gone.kind, gone.row) == ("chain", f"event {head.seq}")
    assert [trouble.row for trouble in troubles(lived, Anchor(99, b""))] == ["event 99"]


def test_rebuilding_makes_the_counters_right_again(lived: World, tamper: Tamper) -> None:
    def stock() -> list[tuple[object, ...]]:
        return lived.registry.database.read(
            "SELECT item, place, lot, state, held, serials, quantity FROM stock "
            "WHERE quantity > 0 ORDER BY 1, 2, 3, 4, 5, 6"
        )

    before = stock()
    tamper("stock", "DELETE FROM stock WHERE state = 'committed'")
    tamper("document_line", "UPDATE document_line SET committed = 5, picked = 0, done = 0")
    assert stock() != before
    lived.run(lambda t: rebuild(t, "local"))
    assert (stock(), troubles(lived)) == (before, [])


def test_it_stops_when_nobody_waits_any_more(lived: World) -> None:
    with pytest.raises(Stopped):
        verify(lived.registry.database.reader().execute, going=lambda: False)


def test_stretches_of_one_row_find_the_same(
    lived: World, tamper: Tamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("verifying", "proving"):
        monkeypatch.setattr(f"gateway.store.registry.{module}.STRETCH", 1)
    assert troubles(lived) == []
    tamper("movement", "UPDATE movement SET to_place = 2 WHERE event = 8")
    assert [trouble.row for trouble in troubles(lived)] == ["event 8", "serial 9"]


def test_people_can_work_meanwhile(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("verifying", "proving"):
        monkeypatch.setattr(f"gateway.store.registry.{module}.STRETCH", 1)
    came: list[str] = []

    def going() -> bool:
        if len(came) < 60:
            came.append(f"M{len(came)}")
            lived.act(Action.RECEIVE, came[-1], place=1)
        return True

    verdict = verify(lived.registry.database.reader().execute, going=going)
    assert (verdict.troubles, verdict.events, len(came)) == ([], 10, 60)
