from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.stock_view import Counted, Spot, Wanted, levels
from tests.store.registry.conftest import World


def look(world: World, **wanted: object) -> dict[str, tuple[int, int | None, int, int]]:
    """Return on hand, on order, committed and available of each item that is wanted."""
    found = levels(world.registry.database.reader().execute, Wanted(**wanted))  # type: ignore[arg-type]
    return {
        one.sku: (one.counted.on_hand, one.on_order, one.committed, one.available) for one in found
    }


def order(world: World, kind: str, number: str, quantity: int, **line: int) -> int:
    """Return the line of a new order for drills."""

    def make(t: object) -> int:
        execute, allot = t.execute, t.allot  # type: ignore[attr-defined]
        document, row = allot("document", 1)[0], allot("document_line", 1)[0]
        execute(
            "INSERT INTO document (id, type, number, status, party, created_at, changed_at) "
            "VALUES (?, ?, ?, 'open', ?, 0, 0)",
            (document, kind, number, 1 if kind == "purchase_order" else 2),
        )
        names = ["id", "document", "rank", "item", "uom_quantity", "quantity", *line]
        marks = ", ".join("?" * len(names))
        execute(
            f"INSERT INTO document_line ({', '.join(names)}) VALUES ({marks})",
            (row, document, 1, 1, quantity, quantity, *line.values()),
        )
        return int(row)

    return world.run(make)


@pytest.mark.seed("T15")
@pytest.mark.seed("T17")
def test_on_hand_is_what_was_received_and_not_yet_picked(world: World) -> None:
    world.act(Action.RECEIVE, "1", "2", "3", "4", place=1)
    line = order(world, "sales_order", "SO-1", 3)
    world.act(Action.COMMIT, "1", "2", line=line)
    assert look(world)["DRILL"] == (4, 0, 2, 2)
    world.act(Action.PICK, "1", line=line)
    assert look(world)["DRILL"] == (3, 0, 1, 2)
    world.act(Action.SHIP, "1", party=2, line=line)
    assert look(world)["DRILL"] == (3, 0, 1, 2)


@pytest.mark.seed("T16")
def test_on_order_is_what_purchase_orders_still_wait_for(world: World) -> None:
    order(world, "purchase_order", "PO-1", 10, done=4)
    order(world, "purchase_order", "PO-2", 5)
    assert look(world)["DRILL"] == (0, 11, 0, 0)


@pytest.mark.seed("T17")
def test_more_promised_than_there_is_leaves_nothing_and_not_less(world: World) -> None:
    world.act(Action.RECEIVE, "1", "2", place=1)
    line = order(world, "sales_order", "SO-1", 5, reserved=5)
    assert look(world)["DRILL"] == (2, 0, 5, 0)
    world.act(Action.COMMIT, "1", line=line)  # chosen out of what was reserved: nothing more
    assert look(world)["DRILL"] == (2, 0, 5, 0)


def test_what_is_held_is_on_hand_and_cannot_be_promised(world: World) -> None:
    world.act(Action.RECEIVE, "1", "2", place=1)
    world.act(Action.HOLD, "2", reason="recall")
    found = levels(world.registry.database.reader().execute, Wanted(("drill",)))
    assert [(one.counted, one.available) for one in found] == [(Counted(2, 1), 1)]


@pytest.mark.seed("N17")
def test_a_location_tells_what_is_in_it_and_inside_it(world: World) -> None:
    world.run(lambda t: t.execute("UPDATE place SET parent = 1 WHERE id = 2"))
    world.act(Action.RECEIVE, "1", place=1)
    world.act(Action.RECEIVE, "2", "3", place=2)
    world.act(Action.RECEIVE, "9", place=2, item=2)
    assert look(world, place=1) == {"DRILL": (3, None, 0, 3), "LASER": (1, None, 0, 1)}
    assert look(world, place=1, inside=False) == {"DRILL": (1, None, 0, 1)}
    assert look(world, place=2) == {"DRILL": (2, None, 0, 2), "LASER": (1, None, 0, 1)}


def test_an_item_is_told_by_its_locations_and_by_its_lots(world: World) -> None:
    world.run(
        lambda t: t.execute(
            "INSERT INTO lot (id, item, code, expires_on, created_at, changed_at) "
            "VALUES (1, 1, 'L1', '2027-01-31', 0, 0)"
        )
    )
    world.act(Action.RECEIVE, "1", "2", place=1, lot=1)
    world.act(Action.RECEIVE, "3", place=2)
    world.act(Action.REJECT, "2", reason="scratched", place=3)
    run = world.registry.database.reader().execute
    (drill,) = levels(run, Wanted(("DRILL",), by="location"))
    assert drill.spots == (
        Spot("A-01", Counted(1)), Spot("B-01", Counted(1)),
        Spot("Q", Counted(aside={"rejected": 1})),
    )  # fmt: skip
    (drill,) = levels(run, Wanted(("DRILL",), by="lot"))
    assert drill.spots == (
        Spot("L1", Counted(1, aside={"rejected": 1}), None, "2027-01-31"),
        Spot(None, Counted(1)),
    )


@pytest.mark.seed("T18")
@pytest.mark.seed("T20")
def test_coming_down_to_the_reorder_point_is_told_once_for_each_crossing(world: World) -> None:
    world.run(
        lambda t: t.executemany(
            "INSERT INTO reorder (item, place, point) VALUES (?, ?, ?)", [(1, 0, 1), (1, 2, 1)]
        )
    )
    world.act(Action.RECEIVE, "1", "2", "3", "4", place=2)

    def told() -> list[tuple[object, ...]]:
        return world.registry.database.read(
            "SELECT body FROM feed WHERE kind = 'stock.reorder_point_reached' ORDER BY seq"
        )

    world.act(Action.SHIP, "1", "2", party=2)
    assert (told(), look(world, below=True)) == ([], {})
    world.act(Action.SHIP, "3", party=2)
    everywhere = '{"item":"DRILL","on_hand":1,"reorder_point":1}'
    there = '{"item":"DRILL","on_hand":1,"reorder_point":1,"location":"B-01"}'
    assert told() == [(everywhere,), (there,)]
    world.act(Action.TRANSFER, "4", place=1)
    world.act(Action.SHIP, "4", party=2)
    assert told() == [(everywhere,), (there,)], "it was below already"
    assert list(look(world, below=True)) == ["DRILL"]
    assert list(look(world, below=True, place=2)) == ["DRILL"]
    assert list(look(world, below=True, place=1)) == []
    world.act(Action.RECEIVE, "5", "6", place=1)
    world.act(Action.SHIP, "5", party=2)
    assert told() == [(everywhere,), (there,), (everywhere,)], "it was above in between"


def test_the_list_goes_on_behind_an_item(world: World) -> None:
    assert list(look(world, limit=2)) == ["DRILL", "LASER"]
    assert list(look(world, limit=2, after="laser")) == ["PAINT", "SCREW"]
    assert list(look(world, skus=("screw", "Paint"))) == ["PAINT", "SCREW"]
