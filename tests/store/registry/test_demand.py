"""What orders ask of the stock, line by line."""

from __future__ import annotations

import pytest

from gateway.store.registry.demand import Demand, available, demand, kept_for, shortfall
from tests.store.registry.conftest import World


def add_line(world: World, kind: str, status: str, **line: int) -> int:
    """Write an order with one line for the screws; return the line."""

    def work(t: object) -> int:
        execute, allot = t.execute, t.allot  # type: ignore[attr-defined]
        document, number = allot("document", 1)[0], allot("document_line", 1)[0]
        execute(
            "INSERT INTO document (id, type, number, status, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, 0, 0)",
            (document, kind, f"N-{document}", status),
        )
        values = {"quantity": 0, "reserved": 0, "committed": 0, "picked": 0, "done": 0} | line
        execute(
            "INSERT INTO document_line (id, document, rank, item, uom_quantity, quantity, "
            "reserved, committed, picked, done, open) VALUES (?, ?, 1, 3, 0, ?, ?, ?, ?, ?, ?)",
            (number, document, *values.values(), int(status not in ("done", "cancelled"))),
        )
        return int(number)

    return world.run(work)


@pytest.mark.seed("T16")
@pytest.mark.seed("T17")
@pytest.mark.parametrize(
    ("kind", "status", "line", "expected"),
    [
        ("purchase_order", "draft", {"quantity": 5}, (0, 0)),
        ("purchase_order", "open", {"quantity": 5}, (5, 0)),
        ("purchase_order", "in_progress", {"quantity": 5, "done": 2}, (3, 0)),
        ("purchase_order", "in_progress", {"quantity": 5, "done": 6}, (0, 0)),
        ("purchase_order", "done", {"quantity": 5}, (0, 0)),
        ("sales_order", "draft", {"quantity": 5, "reserved": 5}, (0, 0)),
        ("sales_order", "draft", {"quantity": 5, "committed": 2}, (0, 2)),
        ("sales_order", "open", {"quantity": 5, "reserved": 5, "committed": 2}, (0, 5)),
        ("sales_order", "open", {"quantity": 5, "reserved": 1, "committed": 3}, (0, 3)),
        ("sales_order", "in_progress",
         {"quantity": 5, "reserved": 3, "picked": 2, "done": 1, "committed": 2}, (0, 2)),
        ("sales_order", "in_progress", {"quantity": 5, "reserved": 5, "picked": 2}, (0, 3)),
        ("sales_order", "cancelled", {"quantity": 5, "reserved": 5}, (0, 0)),
    ],
)  # fmt: skip
def test_what_a_line_asks_for_follows_from_how_far_it_is(
    world: World, kind: str, status: str, line: dict[str, int], expected: tuple[int, int]
) -> None:
    number = add_line(world, kind, status, **line)
    read = world.registry.database.reader().execute
    assert demand(read, [3]) == {3: Demand(*expected)}
    assert demand(read, [1, 3]) == {1: Demand(), 3: Demand(*expected)}
    if status not in ("done", "cancelled"):
        assert kept_for(read, number) == expected[1]


@pytest.mark.seed("T17")
def test_what_is_promised_beyond_the_stock_is_a_shortfall_and_never_less_than_nothing(
    world: World,
) -> None:
    def fill(t: object) -> None:
        for held, quantity in ((0, 4), (1, 9)):
            t.execute(  # type: ignore[attr-defined]
                "INSERT INTO stock (item, place, lot, state, held, serials, quantity) "
                "VALUES (3, 1, 0, 'received', ?, 0, ?)",
                (held, quantity),
            )

    world.run(fill)
    read = world.registry.database.reader().execute
    assert (available(read, 3), shortfall(read, 3)) == (4, 0)
    add_line(world, "sales_order", "open", quantity=3, reserved=3)
    assert (available(read, 3), shortfall(read, 3)) == (1, 0)
    add_line(world, "work_order", "open", quantity=3, reserved=3)
    assert (available(read, 3), shortfall(read, 3)) == (0, 2)
