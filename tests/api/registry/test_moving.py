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


@pytest.mark.seed("M20")
@pytest.mark.seed("E34")
@pytest.mark.seed("N17")
def test_a_transfer_in_one_step_moves_serials_lots_and_pieces(desk: Desk) -> None:
    desk.warehouse.receive("T1 T2")
    desk.fill("PAINT", 6, lot="B1")
    desk.fill("SCREW", 50)
    desk.put(
        "transfer/TR-1",
        [{"item": "DRILL", "quantity": 2}, {"item": "PAINT", "quantity": 4},
         {"item": "SCREW", "quantity": 20}],
        to="A-02", **{"from": "A-01"},
    )  # fmt: skip
    desk.choose("transfer/TR-1", "T1 T2")
    desk.lots("transfer/TR-1", [{"lot": "B1", "quantity": 4}], line=2)
    done = desk.do("transfer/TR-1", "post")
    assert (done["document"]["status"], desk.warehouse.one("T1")["location"]) == ("done", "A-02")
    assert desk.stock("PAINT", location="A-02") == {"received": 4}
    assert desk.stock("SCREW", location="A-01") == {"received": 30}
    for event in done["events"]:
        desk.undo(event)
    again = desk.get("transfer/TR-1")
    assert (again["status"], [one["done"] for one in again["lines"]]) == ("open", [0, 0, 0])
    assert (desk.warehouse.one("T1")["location"], desk.stock("PAINT", location="A-02")) == (
        "A-01", {},
    )  # fmt: skip
    chosen = desk.get("transfer/TR-1/lines/2/serials")["lots"]
    assert [(one["lot"], one["role"], one["quantity"]) for one in chosen] == [("B1", "wanted", 4)]
    desk.do("transfer/TR-1", "post")
    assert desk.stock("PAINT", location="A-02") == {"received": 4}
    assert desk.stock("SCREW", location="A-02") == {"received": 20}


@pytest.mark.seed("M20")
def test_what_did_not_arrive_is_decided(desk: Desk) -> None:
    desk.warehouse.receive("W1-W4")
    desk.fill("SEAL", 10)
    desk.put(
        "transfer/TR-2", [{"item": "DRILL", "quantity": 4}, {"item": "SEAL", "quantity": 10}],
        to="YARD", **{"from": "A-01"},
    )  # fmt: skip
    desk.choose("transfer/TR-2", "W1-W4")
    desk.do("transfer/TR-2", "dispatch")
    assert (desk.state("W1"), desk.stock("SEAL")) == ("in_transit", {"in_transit": 10})
    given = [{"line": 1, "serials": "W1 W2"}, {"line": 2, "quantity": 7}]
    done = desk.do("transfer/TR-2", "arrive", lines=given)
    assert (done["document"]["status"], desk.warehouse.one("W1")["location"]) == (
        "in_progress", "YARD",
    )  # fmt: skip
    problem = desk.refused("transfer/TR-2/close")
    assert (problem["code"], [one["facts"]["missing"] for one in problem["items"]]) == (
        "transfer_incomplete", [2, 3],
    )  # fmt: skip
    closed = desk.do("transfer/TR-2", "close", shortages="lost", reason="fell off the lorry")
    assert (closed["document"]["status"], desk.state("W3"), desk.stock("SEAL")) == (
        "done", "written_off", {"received": 7},
    )  # fmt: skip


@pytest.mark.seed("M17")
@pytest.mark.seed("T7")
@pytest.mark.seed("E9")
def test_a_write_off_needs_a_reason_and_a_later_purchase_is_a_new_life(desk: Desk) -> None:
    desk.warehouse.receive("X1 X2")
    desk.put("write_off/WRO-1", [{"item": "DRILL", "quantity": 1}])
    desk.choose("write_off/WRO-1", "X1")
    assert desk.refused("write_off/WRO-1/post")["code"] == "reason_required"
    done = desk.do("write_off/WRO-1", "post", reason="water")
    assert (done["document"]["status"], desk.state("X1")) == ("done", "written_off")
    listed = desk.web.get("/v1/documents/write_off").json()["items"]
    assert "WRO-1" in [one["number"] for one in listed]
    desk.put("receipt/GR-1", [{"item": "DRILL", "quantity": 1}], party="ACME", to="A-01")
    desk.do("receipt/GR-1", "post", lines=[{"line": 1, "serials": "X1"}])
    assert (desk.warehouse.one("X1")["life"], desk.state("X1")) == (2, "received")
    desk.put("adjustment/ADJ-1", [{"item": "DRILL", "quantity": 1}], to="A-01", reason="found")
    problem = desk.refused("adjustment/ADJ-1/post", {"lines": [{"line": 1, "serials": "X2"}]})
    assert problem["code"] == "serial_on_hand"


@pytest.mark.seed("E8")
@pytest.mark.seed("E9")
@pytest.mark.seed("E13")
@pytest.mark.seed("E31")
def test_an_adjustment_adds_or_takes_one_piece_for_each_serial(desk: Desk) -> None:
    desk.put("adjustment/ADJ-2", [{"item": "DRILL", "quantity": 2}], reason="found", to="A-01")
    serials = [{"serial": "A1", "quantity": 1}, {"serial": "A2", "location": "A-02"}]
    desk.do("adjustment/ADJ-2", "post", lines=[{"line": 1, "serials": serials}])
    assert (desk.warehouse.one("A1")["location"], desk.warehouse.one("A2")["location"]) == (
        "A-01", "A-02",
    )  # fmt: skip
    desk.put("adjustment/ADJ-3", [{"item": "DRILL", "quantity": -1}], reason="lost")
    problem = desk.refused(
        "adjustment/ADJ-3/post",
        {"lines": [{"line": 1, "serials": [{"serial": "A1", "quantity": -2}]}]},
    )
    assert problem["code"] == "serial_quantity_not_one"
    given = [{"line": 1, "serials": [{"serial": "A1", "quantity": -1}]}]
    desk.do("adjustment/ADJ-3", "post", lines=given)
    assert (desk.state("A1"), desk.state("A2")) == ("written_off", "received")


def test_no_shelf_goes_below_nothing(desk: Desk) -> None:
    desk.fill("SCREW", 3, "YARD")
    desk.put("write_off/WRO-2", [{"item": "SCREW", "quantity": 4}], reason="rust",
             **{"from": "YARD"})  # fmt: skip
    problem = desk.refused("write_off/WRO-2/post")
    assert (problem["code"], problem["facts"]) == (
        "quantity_unavailable", {"item": "SCREW", "available": 3, "asked": 4},
    )  # fmt: skip
    assert problem["detail"] == "There are 3 of SCREW at YARD to write off; 4 are asked for."
    assert desk.stock("SCREW", location="YARD") == {"received": 3}


def test_a_quantity_that_has_moved_on_cannot_be_undone_first(desk: Desk) -> None:
    desk.put("adjustment/ADJ-4", [{"item": "PAINT", "quantity": 8}], reason="found", to="A-01")
    given = [{"line": 1, "lots": [{"lot": "MOVES", "quantity": 8}]}]
    first = desk.do("adjustment/ADJ-4", "post", lines=given)
    desk.put("transfer/TR-3", [{"item": "PAINT", "quantity": 5}], to="A-02", **{"from": "A-01"})
    given = [{"line": 1, "lots": [{"lot": "MOVES", "quantity": 5}]}]
    second = desk.do("transfer/TR-3", "post", lines=given)
    answer = desk.web.post(f"/v1/registry/events/{first['events'][0]}/undo", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "undo_not_latest")
    desk.undo(second["events"][0])
    desk.undo(first["events"][0])
    assert desk.get("adjustment/ADJ-4")["status"] == "open"
