"""A day in the warehouse, and what is told of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.registry.conftest import Warehouse
from tests.api.registry.paperwork import Desk

pytestmark = pytest.mark.both_databases

EUR = {"currency": "EUR"}


@pytest.fixture
def desk(warehouse: Warehouse) -> Desk:
    return Desk(warehouse)


def rows(desk: Desk, report: str, **parameters: str) -> list[list[object]]:
    answer = desk.web.get(f"/v1/reports/{report}/preview", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[list[object]] = answer.json()["rows"]
    return found


@pytest.mark.seed("T13")
@pytest.mark.seed("T14")
@pytest.mark.seed("E34")
def test_a_day_leaves_a_whole_record_and_true_figures(desk: Desk) -> None:
    cost, price = {"amount": 1000, **EUR}, {"amount": 2500, **EUR}
    desk.put(
        "receipt/GR-1",
        [{"item": "DRILL", "quantity": 3, "cost": cost}, {"item": "SCREW", "quantity": 40},
         {"item": "PAINT", "quantity": 6}],
        party="ACME", to="A-01",
    )  # fmt: skip
    desk.do("receipt/GR-1", "post", lines=[
        {"line": 1, "serials": "D1-D3"}, {"line": 2}, {"line": 3, "lots": [
            {"lot": "B1", "quantity": 6}]}])  # fmt: skip
    desk.do("receipt/GR-1", "landed_cost", amount={"amount": 90, **EUR}, reason="freight")
    desk.put("sales_order/SO-1", [{"item": "DRILL", "quantity": 2, "price": price},
                                  {"item": "SCREW", "quantity": 10}], party="SMITH")  # fmt: skip
    desk.choose("sales_order/SO-1", "D1 D2")
    desk.do("sales_order/SO-1", "confirm")
    desk.do("sales_order/SO-1", "pick")
    shipped = desk.do("sales_order/SO-1", "ship")
    desk.put("customer_return/RMA-1", [{"item": "DRILL", "quantity": 1}], party="SMITH", to="Q")
    desk.do("customer_return/RMA-1", "receive", lines=[{"line": 1, "serials": "D2"}],
            reason="not wanted")  # fmt: skip
    assert desk.web.post("/v1/registry/verify").json()["troubles"] == []

    assert rows(desk, "margin_by_item") == [
        ["DRILL", "Bench drill", "EUR", 1, "25.00", "10.30", "14.70", 0]
    ]
    books = [
        (one["action"], part["item"], posting["role"], posting["debit"] - posting["credit"])
        for one in desk.web.get("/v1/registry/adjustments").json()["items"]
        for part in one["lines"]
        for posting in part["postings"]
    ]
    assert books == [
        ("receive", "DRILL", "asset", 3000), ("receive", "DRILL", "received", -3000),
        ("annotate", "DRILL", "asset", 90), ("annotate", "DRILL", "received", -90),
        ("ship", "DRILL", "cogs", 2060), ("ship", "DRILL", "asset", -2060),
        ("ship", "DRILL", "receivable", 5000), ("ship", "DRILL", "income", -5000),
        ("return", "DRILL", "asset", 1030), ("return", "DRILL", "cogs", -1030),
        ("return", "DRILL", "income", 2500), ("return", "DRILL", "receivable", -2500),
    ]  # fmt: skip
    assert [[row[5], row[6], row[7]] for row in rows(desk, "prior_items_sold")] == [
        ["Bench drill", 1, "D1"], ["Bench drill", 1, "D2"], ["Screw", 10, None],
    ]  # fmt: skip
    assert sorted((row[0], row[1], row[4]) for row in rows(desk, "stock_by_location")) == [
        ("A-01", "DRILL", 1), ("A-01", "PAINT", 6), ("A-01", "SCREW", 30), ("Q", "DRILL", 0),
    ]  # fmt: skip
    told = desk.web.get("/v1/registry/epcis").json()["epcisBody"]["eventList"]
    assert [one["bizStep"] for one in told].count("shipping") == len(shipped["events"])
    # EPCIS has the serials and quantities that the record has, and no money.
    assert not {1030, 1000, 2500, "1030", "1000", "2500", "EUR"} & set(leaves(told))


def leaves(value: Any) -> Iterator[Any]:
    """Yield what stands in JSON at the ends of its branches."""
    if isinstance(value, dict | list):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from leaves(inside)
    else:
        yield value


@pytest.mark.seed("E33")
def test_what_a_stocktake_finds_is_told_before_and_after_it_is_posted(desk: Desk) -> None:
    desk.warehouse.receive("C1-C3")
    desk.fill("SCREW", 100)
    path = "stocktake/ST-1"
    desk.put(path, [{"item": "DRILL", "quantity": 0}, {"item": "SCREW", "quantity": 0}],
             **{"from": "A-01"})  # fmt: skip
    desk.do(path, "start")
    desk.do(path, "count", counts=[
        {"location": "A-01", "serials": "C1 C2\nNEW", "item": "DRILL"},
        {"location": "A-01", "item": "SCREW", "quantity": 90},
    ])  # fmt: skip
    found = rows(desk, "stocktake_differences", stocktake="ST-1")
    assert found == [
        ["ST-1", "A-01", "DRILL", "C3", None, 1, 0, -1, "missing", None],
        ["ST-1", "A-01", "DRILL", "NEW", None, 0, 1, 1, "unknown", None],
        ["ST-1", "A-01", "SCREW", None, None, 100, 90, -10, "quantity", None],
    ]
    desk.do(path, "decide", decisions=[
        {"kind": "missing", "decision": "write_off"}, {"kind": "unknown", "decision": "add"},
        {"kind": "quantity", "decision": "adjust"},
    ])  # fmt: skip
    desk.do(path, "post")
    after = rows(desk, "stocktake_differences", stocktake="ST-1")
    assert sorted(row[2:9] for row in after) == [
        ["DRILL", "C3", None, 1, 0, -1, "missing"], ["DRILL", "NEW", None, 0, 1, 1, "found"],
        ["SCREW", None, None, 10, 0, -10, "missing"],
    ]  # fmt: skip
    assert desk.web.post("/v1/registry/verify").json()["troubles"] == []


@pytest.mark.seed("T20")
def test_stock_that_comes_down_to_its_point_is_told_once_whatever_it_is(desk: Desk) -> None:
    parts = desk.warehouse.daemon.gateway.parts
    parts.database.run(
        lambda t: t.executemany(
            "INSERT INTO reorder (item, place, point) VALUES (?, 0, 10)", [(104,), (201,)]
        )
    )

    def told() -> list[tuple[object, ...]]:
        return parts.database.read(
            "SELECT subject, body FROM feed WHERE kind = 'stock.reorder_point_reached' ORDER BY seq"
        )

    desk.fill("SCREW", 30)
    desk.fill("PAINT", 12, lot="B1")
    desk.put("sales_order/SO-1", [{"item": "SCREW", "quantity": 20}], party="SMITH")
    desk.do("sales_order/SO-1", "confirm")
    assert told() == [], "what is only promised is still on hand"
    desk.do("sales_order/SO-1", "pick")
    screws = ("items/SCREW", '{"item":"SCREW","on_hand":10,"reorder_point":10}')
    assert told() == [screws]
    assert [row[0] for row in rows(desk, "reorder")] == ["SCREW"]
    desk.put("write_off/W-1", [{"item": "SCREW", "quantity": 3}, {"item": "PAINT", "quantity": 4}],
             reason="rust", **{"from": "A-01"})  # fmt: skip
    desk.do("write_off/W-1", "post", lines=[
        {"line": 1}, {"line": 2, "lots": [{"lot": "B1", "quantity": 4}]}])  # fmt: skip
    paint = ("items/PAINT", '{"item":"PAINT","on_hand":8,"reorder_point":10}')
    assert told() == [screws, paint]
    desk.fill("SCREW", 50)
    assert told() == [screws, paint]
    assert [row[0] for row in rows(desk, "reorder")] == ["PAINT"]
