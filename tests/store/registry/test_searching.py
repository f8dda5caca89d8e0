"""Lists of serials: what they find, in which order, and that an index serves each question."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from gateway.registry.lives import Action
from gateway.store.engine import Database
from gateway.store.registry import searching
from gateway.store.registry.searching import ON_HAND, Wanted, find_serials, statement, way_of
from tests.store.registry.conftest import World

QUESTIONS: Sequence[tuple[str, Wanted]] = (
    ("life_serial", Wanted(serial="A1")),
    ("life_serial", Wanted(serial="A1", item=1)),
    ("life_in_parent", Wanted(parent=7, item=1)),
    ("life_in_lot", Wanted(lot=7, states=("received",))),
    ("life_serial", Wanted(prefix="A", item=2)),
    ("life_of_customer", Wanted(customer=2, item=1)),
    ("life_held", Wanted(held=True)),
    ("life_held", Wanted(held_because="recall")),
    ("life_label", Wanted(label="uncertain")),
    ("life_label", Wanted(label="pending", item=1)),
    ("life_at_place", Wanted(place=1, states=ON_HAND)),
    ("life_at_place", Wanted(place=1, inside=True)),
    ("life_of_supplier", Wanted(supplier=1)),
    ("life_of_item", Wanted(item=1)),
    ("life_of_item", Wanted(item=1, states=ON_HAND, active_places=True)),
    ("life_received", Wanted(received_from=1)),
    ("life_shipped", Wanted(shipped_to=9)),
    ("life_warranty", Wanted(warranty_before="2030-01-01")),
    ("life_in_state", Wanted(states=("shipped",))),
    ("life_of_item", Wanted(item=1, newest=True)),
    ("life_received", Wanted(received_from=1, newest=True)),
    ("life_held", Wanted(held=True, newest=True)),
)


@pytest.mark.seed("N25")
@pytest.mark.parametrize(("index", "wanted"), QUESTIONS, ids=map(str, range(len(QUESTIONS))))
def test_every_filter_reads_an_index_in_its_order(world: World, index: str, wanted: Wanted) -> None:
    database = world.registry.database
    way = way_of(database.reader().execute, wanted)
    for n, (_, values) in enumerate(way.branches):
        for after in (False, True):
            query = statement(way, n, (), after)
            cursor = tuple("x" if name in _TEXTS else 5 for name in way.order) if after else ()
            plan = explain(database, query, (*values, *cursor, 10))
            if is_sqlite(database):
                assert index in plan
                assert "TEMP B-TREE" not in plan
            else:  # of several that serve, which one depends on what is in the tables
                assert "Index" in plan
                assert "Sort" not in plan
                assert "Seq Scan" not in plan


_TEXTS = ("u.serial_key", "u.held", "u.warranty_out")


def explain(database: Database, query: str, values: Sequence[object]) -> str:
    """Return the plan; PostgreSQL's without scans, which it prefers where there is next to nothing.

    A plan of an empty table says nothing on PostgreSQL unless whole scans and sorts are the last
    thing it may do.
    """
    if not is_sqlite(database):
        shown: list[str] = []

        def plan(t: object) -> None:
            execute = t.execute  # type: ignore[attr-defined]
            for setting in ("seqscan", "bitmapscan", "sort"):
                execute(f"SET LOCAL enable_{setting} = off")
            shown.extend(row[0] for row in execute(f"EXPLAIN {query}", values))

        database.run(plan)
        return "\n".join(shown)
    return "\n".join(row[3] for row in database.read(f"EXPLAIN QUERY PLAN {query}", values))


def is_sqlite(database: Database) -> bool:
    return type(database._dialect).__name__ == "Sqlite"


def test_documents_and_custom_fields_are_read_in_the_order_of_their_own_table(
    world: World,
) -> None:
    world.run(_one_line)
    for wanted, index, searched in (
        (Wanted(document=9), "line_life", "r USING PRIMARY KEY (line=? AND life>?)"),
        (Wanted(fields={"grade": "A"}), "life_value",
         "v USING PRIMARY KEY (key=? AND value=? AND life>?)"),
    ):  # fmt: skip
        way = way_of(world.registry.database.reader().execute, wanted)
        ((_, values),) = way.branches
        plan = explain(world.registry.database, statement(way, 0, (), True), (*values, 5, 10))
        assert (searched if is_sqlite(world.registry.database) else index) in plan, plan
        assert "TEMP B-TREE" not in plan


def _one_line(t: object) -> None:
    execute = t.execute  # type: ignore[attr-defined]
    execute("INSERT INTO document (id, type, number, created_at, changed_at) "
            "VALUES (9, 'shipment', 'SH-9', 0, 0)")  # fmt: skip
    execute("INSERT INTO document_line (id, document, rank, item, uom_quantity, quantity) "
            "VALUES (9, 9, 1, 1, 1, 1)")  # fmt: skip


@pytest.mark.seed("M2")
def test_pages_of_any_size_hold_the_same_as_a_plain_look_at_every_serial(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "WINDOW", 7)
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 20)
    chance = random.Random(4)
    world.run(_one_line)
    for item in (1, 2):
        world.act(Action.RECEIVE, *(f"{'aAb'[n % 3]}{n:03}" for n in range(60)), item=item,
                  place=1, party=1)  # fmt: skip
    for serial in chance.sample(range(60), 20):
        world.act(Action.TRANSFER, f"{'aAb'[serial % 3]}{serial:03}", item=1, place=2)
    for serial in chance.sample(range(60), 15):
        world.act(Action.SHIP, f"{'aAb'[serial % 3]}{serial:03}", item=2, party=2)
    for serial in chance.sample(range(60), 9):
        world.act(Action.HOLD, f"{'aAb'[serial % 3]}{serial:03}", item=1, reason="recall")
    run = world.registry.database.reader().execute
    asked = [
        Wanted(
            item=chance.choice([None, 1, 2]),
            states=chance.choice([(), ("received",), ("shipped", "received")]),
            place=chance.choice([None, 1, 2]),
            customer=chance.choice([None, None, 2]),
            held=chance.choice([None, True, False]),
            prefix=chance.choice(["", "a", "A0", "b01"]),
            supplier=chance.choice([None, 1]),
            newest=chance.choice([False, True]),
        )
        for _ in range(40)
    ]
    asked += [
        Wanted(item=2, states=("shipped", "received")), Wanted(item=1),
        Wanted(states=("shipped", "received")), Wanted(prefix="a"), Wanted(held=True),
        Wanted(item=2, states=("shipped", "received"), newest=True), Wanted(newest=True),
    ]  # fmt: skip
    for wanted in asked:
        plain = [
            row[0] for row in run(
                "SELECT id, item, state, place, customer, held, serial_key, supplier FROM life "
                "ORDER BY id", ())
            if (wanted.item in (None, row[1])) and (not wanted.states or row[2] in wanted.states)
            and wanted.place in (None, row[3]) and wanted.customer in (None, row[4])
            and (wanted.held is None or wanted.held == (row[5] is not None))
            and row[6].startswith(wanted.prefix.lower()) and wanted.supplier in (None, row[7])
        ]  # fmt: skip
        for limit in (1, 4, 500):
            found: list[int] = []
            after: Sequence[object] | None = None
            while True:
                page = find_serials(run, wanted, after, limit)
                assert len(page.lives) <= limit
                found += page.lives
                after = page.next
                if after is None:
                    break
            assert (wanted, sorted(found), len(found)) == (wanted, plain, len(plain))


def test_a_page_ends_where_nothing_fits_for_long(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "WINDOW", 10)
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 40)
    world.act(Action.RECEIVE, *(f"n{n:02}" for n in range(99)), place=1)
    run = world.registry.database.reader().execute
    pages = [find_serials(run, Wanted(label="printed"), None, 5)]
    while pages[-1].next is not None:
        pages.append(find_serials(run, Wanted(label="printed"), pages[-1].next, 5))
    assert [page.lives for page in pages] == [[]] * 3


def test_the_newest_come_first_when_that_is_asked_for_but_serials_stay_a_to_z(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "WINDOW", 3)
    world.act(Action.RECEIVE, *(f"k{n}" for n in range(9)), place=1)
    world.act(Action.SHIP, *(f"k{n}" for n in range(0, 9, 2)), party=2)
    run = world.registry.database.reader().execute

    def serials(wanted: Wanted) -> str:
        found: list[int] = []
        after: Sequence[object] | None = None
        while True:
            page = find_serials(run, wanted, after, 2)
            found += page.lives
            if (after := page.next) is None:
                break
        named = dict(run("SELECT id, serial FROM life", ()))
        return " ".join(named[life] for life in found)

    assert serials(Wanted(newest=True)) == "k8 k7 k6 k5 k4 k3 k2 k1 k0"
    assert serials(Wanted(item=1, states=ON_HAND, newest=True)) == "k7 k5 k3 k1"
    assert serials(Wanted(item=1, newest=True)) == "k8 k7 k6 k5 k4 k3 k2 k1 k0"
    assert serials(Wanted(customer=2, newest=True)) == "k8 k6 k4 k2 k0"
    assert serials(Wanted(prefix="k", newest=True)) == "k0 k1 k2 k3 k4 k5 k6 k7 k8"
