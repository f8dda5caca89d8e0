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


def sell(desk: Desk, serials: str, party: str = "SMITH") -> None:
    desk.warehouse.receive(serials)
    desk.warehouse.act("ship", serials, party=party)


@pytest.mark.seed("A22")
@pytest.mark.seed("M19")
@pytest.mark.seed("M22")
def test_a_return_says_why_and_is_looked_at(desk: Desk) -> None:
    sell(desk, "R1-R3")
    desk.put("customer_return/RMA-1", [{"item": "DRILL", "quantity": 3}], party="SMITH", to="Q")
    desk.choose("customer_return/RMA-1", "R1-R3")
    assert desk.refused("customer_return/RMA-1/receive")["code"] == "reason_required"
    done = desk.do("customer_return/RMA-1", "receive", reason="does not start", condition="dirty")
    assert (done["document"]["status"], desk.state("R1")) == ("done", "returned")
    event = desk.web.get(f"/v1/registry/events/{done['events'][0]}").json()
    assert (event["reason"], event["details"]["condition"]) == ("does not start", "dirty")
    assert desk.stock("DRILL", location="Q") == {"returned": 3}
    desk.do("customer_return/RMA-1", "inspect", accept="R1 R2", location="A-01")
    problem = desk.refused("customer_return/RMA-1/inspect", {"reject": "R3"})
    assert problem["code"] == "reason_required"
    desk.do("customer_return/RMA-1", "inspect", reject="R3", reason="burnt", location="Q")
    assert [desk.state(one) for one in ("R1", "R2", "R3")] == ["received", "received", "rejected"]


@pytest.mark.seed("T10")
def test_a_return_is_refused_while_the_serial_is_on_hand_again(desk: Desk) -> None:
    sell(desk, "T1")
    desk.warehouse.receive("T1")
    life = desk.web.get("/v1/serials", params={"serial": "T1", "show": "all"}).json()["items"]
    first = next(one for one in life if one["life"] == 1)
    desk.put("customer_return/RMA-2", [{"item": "DRILL", "quantity": 1}], to="Q", reason="broken")
    problem = desk.refused(
        "customer_return/RMA-2/receive", {"lines": [{"line": 1, "ids": [first["id"]]}]}
    )
    assert (problem["code"], problem["facts"]["location"]) == ("serial_on_hand", "A-01")


def test_a_return_learns_its_customer_from_its_serials(desk: Desk) -> None:
    sell(desk, "L1", "JONES")
    desk.put("customer_return/RMA-3", [{"item": "DRILL", "quantity": 1}], to="Q", reason="broken")
    desk.do("customer_return/RMA-3", "receive", lines=[{"line": 1, "serials": "L1"}])
    assert desk.get("customer_return/RMA-3")["party"] == "JONES"


def test_a_return_of_another_customers_serial_needs_a_confirmation(desk: Desk) -> None:
    sell(desk, "O1", "JONES")
    desk.put(
        "customer_return/RMA-4", [{"item": "DRILL", "quantity": 1}], party="SMITH", to="Q",
        reason="broken",
    )  # fmt: skip
    given = {"lines": [{"line": 1, "serials": "O1"}]}
    problem = desk.refused("customer_return/RMA-4/receive", given)
    assert (problem["code"], problem["status"]) == ("serial_not_sold_to_customer", 428)
    desk.do("customer_return/RMA-4", "receive", **given, confirm=problem["facts"]["token"])
    assert desk.state("O1") == "returned"


@pytest.mark.seed("M19")
def test_without_returns_to_inspect_a_return_goes_into_stock(warehouse: Warehouse) -> None:
    desk = Desk(warehouse)
    features = [one for one in desk.web.get("/v1/settings").json()["registry.features"]
                if one != "rma"]  # fmt: skip
    desk.web.put("/v1/settings/registry.features", json={"value": features}).raise_for_status()
    sell(desk, "F1")
    desk.put("customer_return/RMA-1", [{"item": "DRILL", "quantity": 1}], to="A-02", reason="size")
    desk.do("customer_return/RMA-1", "receive", lines=[{"line": 1, "serials": "F1"}])
    assert desk.state("F1") == "received"


def test_lots_come_back_and_are_accepted(desk: Desk) -> None:
    desk.fill("PAINT", 5, lot="B1")
    desk.put("sales_order/SO-1", [{"item": "PAINT", "quantity": 5}], party="SMITH")
    desk.do("sales_order/SO-1", "confirm")
    desk.do("sales_order/SO-1", "ship", lines=[{"line": 1, "lots": [{"lot": "B1", "quantity": 5}]}])
    desk.put("customer_return/RMA-5", [{"item": "PAINT", "quantity": 2}], party="SMITH", to="Q")
    lots = [{"line": 1, "lots": [{"lot": "B1", "quantity": 2}]}]
    desk.do("customer_return/RMA-5", "receive", lines=lots, reason="too much")
    assert desk.stock("PAINT") == {"returned": 2}
    desk.do(
        "customer_return/RMA-5", "inspect", location="A-01",
        lines=[{"line": 1, "quantity": 2, "lot": "B1"}],
    )  # fmt: skip
    assert desk.stock("PAINT") == {"received": 2}


def test_pieces_are_sent_back_to_the_supplier(desk: Desk) -> None:
    desk.warehouse.receive("B1 B2", party="ACME")
    desk.fill("SCREW", 10)
    desk.put(
        "supplier_return/SR-1",
        [{"item": "DRILL", "quantity": 2}, {"item": "SCREW", "quantity": 4}],
        party="ACME", **{"from": "A-01"},
    )  # fmt: skip
    desk.choose("supplier_return/SR-1", "B1")
    assert desk.refused("supplier_return/SR-1/ship")["code"] == "serials_missing"
    assert (desk.state("B1"), desk.stock("SCREW")) == ("received", {"received": 10})
    desk.choose("supplier_return/SR-1", "B2")
    done = desk.do("supplier_return/SR-1", "ship")
    assert (done["document"]["status"], desk.state("B1"), desk.stock("SCREW")) == (
        "done", "sent_back", {"received": 6},
    )  # fmt: skip


@pytest.mark.seed("N8")
def test_a_serial_is_taken_off_a_case_and_stays_as_it_is(desk: Desk) -> None:
    sell(desk, "CA1 CA2")
    before = desk.warehouse.one("CA1")
    desk.put("case/CASE-1", [{"item": "DRILL", "quantity": 1}], party="SMITH", memo="noise")
    added = desk.choose("case/CASE-1", "CA1 CA2")
    assert [one["roles"] for one in added["serials"]] == [["wanted"], ["wanted"]]
    desk.do("case/CASE-1", "close")
    gone = desk.web.delete("/v1/documents/case/CASE-1/lines/1/serials/CA1")
    assert gone.status_code == 204, gone.text
    listed = desk.get("case/CASE-1/lines/1/serials")["items"]
    assert [one["serial"] for one in listed] == ["CA2"]
    after = desk.warehouse.one("CA1")
    for key in ("state", "customer", "location", "memo", "fields", "shipped_at"):
        assert after[key] == before[key]
    history = desk.web.get(f"/v1/serials/{after['id']}/history").json()["items"]
    told = [step["details"] for step in history if step["document"] is not None]
    assert {"removed_from_case": "CASE-1"} in told
    assert {"added_to_case": "CASE-1"} in told
    bought = desk.web.get("/v1/parties/SMITH/serials").json()["items"]
    assert {"CA1", "CA2"} <= {one["serial"] for one in bought}
