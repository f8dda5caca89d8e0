from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.registry.conftest import Warehouse
from tests.api.registry.paperwork import Desk

pytestmark = pytest.mark.both_databases


@pytest.fixture
def desk(shared: Warehouse) -> Iterator[Desk]:
    """Whatever a test has done, the record proves it and the counters agree."""
    desk = Desk(shared)
    yield desk
    desk.verify()


def order(desk: Desk, number: str, quantity: int) -> str:
    """Make a work order for so many pumps; return its path."""
    path = f"work_order/{number}"
    made = desk.put(path, [{"item": "PUMP", "quantity": quantity}], to="A-01", **{"from": "A-01"})
    assert [(one["item"], one["pieces"], one["part_of"]) for one in made["lines"]] == [
        ("PUMP", quantity, None), ("MOTOR", quantity, 1), ("SEAL", 2 * quantity, 1),
    ]  # fmt: skip
    return path


@pytest.mark.seed("E27")
@pytest.mark.seed("N7")
@pytest.mark.seed("M10")
@pytest.mark.seed("M15")
def test_a_work_order_starts_with_its_serials_and_ends_with_its_products(
    warehouse: Warehouse,
) -> None:
    desk = Desk(warehouse)
    desk.warehouse.receive("M1 M2", "MOTOR", cost={"amount": 300, "currency": "EUR"})
    desk.fill("SEAL", 10)
    path = order(desk, "WO-1", 2)
    desk.do(path, "confirm")
    problem = desk.refused(f"{path}/start")
    assert (problem["code"], problem["facts"]["lines"]) == ("serials_missing", [2])
    assert desk.get(f"{path}/check?for=start")["ok"] is False
    desk.choose(path, "M1 M2", line=2)
    desk.do(path, "start")
    assert desk.refused(f"{path}/finish")["code"] == "components_incomplete"
    desk.do(path, "consume")
    assert (desk.state("M1", "MOTOR"), desk.stock("SEAL")) == ("consumed", {"received": 6})
    work = {"amount": 50, "currency": "EUR"}
    serials = [
        {"serial": "PU1", "components": ["M2"]},
        {"serial": "PU2", "components": ["M1"], "cost": work},
    ]
    desk.do(path, "produce", lines=[{"line": 1, "serials": serials}])
    first, second = desk.warehouse.one("PU1", "PUMP"), desk.warehouse.one("PU2", "PUMP")
    assert (first["state"], first["cost"], second["cost"]) == (
        "received", {"amount": 300, "currency": "EUR"}, {"amount": 350, "currency": "EUR"},
    )  # fmt: skip
    assert desk.warehouse.one("M2", "MOTOR")["parent"] == first["id"]
    done = desk.do(path, "finish")
    assert done["document"]["status"] == "done"
    desk.verify()
    unbuilt = desk.do(path, "unbuild", parent="PU1", location="A-02")
    motor = desk.warehouse.one("M2", "MOTOR")
    assert (motor["state"], motor["parent"], motor["location"]) == ("received", None, "A-02")
    assert len(unbuilt["events"]) == 1


@pytest.mark.seed("M10")
def test_components_go_into_products_in_the_order_they_were_consumed(desk: Desk) -> None:
    desk.warehouse.receive("Q1-Q3", "MOTOR")
    desk.fill("SEAL", 12)
    path = order(desk, "WO-2", 3)
    desk.choose(path, "Q1-Q3", line=2)
    desk.choose(path, "PX1-PX3")
    assert desk.state("PX1", "PUMP") == "planned"
    desk.do(path, "start")
    desk.do(path, "consume")
    desk.do(path, "produce")
    parents = [desk.warehouse.one(one, "MOTOR")["parent"] for one in ("Q1", "Q2", "Q3")]
    products = [desk.warehouse.one(one, "PUMP")["id"] for one in ("PX1", "PX2", "PX3")]
    assert (parents, desk.get(path)["lines"][0]["done"]) == (products, 3)
    desk.do(path, "finish")


def test_nothing_is_consumed_twice_or_before_the_start(desk: Desk) -> None:
    desk.warehouse.receive("Z1 Z2", "MOTOR")
    desk.fill("SEAL", 4)
    path = order(desk, "WO-3", 1)
    desk.choose(path, "Z1", line=2)
    assert desk.refused(f"{path}/consume")["code"] == "document_not_editable"
    desk.do(path, "start")
    given = {"lines": [{"line": 2, "serials": "Z1 Z2"}]}
    problem = desk.refused(f"{path}/consume", given)
    assert (problem["code"], problem["facts"]["room"]) == ("line_full", 1)
    consumed = desk.do(path, "consume", lines=[{"line": 2}])
    desk.undo(consumed["events"][0])
    assert (desk.state("Z1", "MOTOR"), desk.line(path, 2)["committed"]) == ("committed", 1)
    desk.do(path, "cancel")
    assert desk.state("Z1", "MOTOR") == "received"


@pytest.mark.seed("N4")
def test_without_the_feature_there_are_no_work_orders(warehouse: Warehouse) -> None:
    desk = Desk(warehouse)
    desk.web.put("/v1/settings/registry.features", json={"value": ["lots"]}).raise_for_status()
    problem = desk.refused_put("work_order/WO-1", lines=[{"item": "PUMP", "quantity": 1}])
    assert (problem["code"], problem["status"]) == ("feature_disabled", 403)
    problem = desk.refused_put("sales_order/SO-1", lines=[{"item": "SET", "quantity": 1}])
    assert (problem["code"], problem["facts"]["feature"]) == ("feature_disabled", "kits")
