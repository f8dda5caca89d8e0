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


@pytest.mark.seed("E17")
@pytest.mark.seed("A12")
@pytest.mark.seed("A18")
@pytest.mark.seed("N13")
@pytest.mark.seed("N19")
@pytest.mark.seed("N20")
def test_a_receipt_waits_until_each_piece_has_its_serial(desk: Desk) -> None:
    desk.put("receipt/GR-1", [{"item": "DRILL", "quantity": 3}], party="ACME", to="A-01")
    assert desk.line("receipt/GR-1")["serial_status"] == "needed"
    problem = desk.refused("receipt/GR-1/post")
    assert (problem["code"], problem["status"]) == ("serials_missing", 409)
    assert problem["detail"] == "Line 1 (DRILL) needs 3 serials and has none."
    desk.choose("receipt/GR-1", "R1, R2")
    line = desk.line("receipt/GR-1")
    assert (line["serial_status"], line["needed"], line["planned"]) == ("partial", True, 2)
    problem = desk.refused("receipt/GR-1/post")
    assert problem["facts"] == {"document": "GR-1", "lines": [1], "expected": 3, "given": 2}
    desk.choose("receipt/GR-1", "R3")
    line = desk.line("receipt/GR-1")
    assert (line["serial_status"], line["needed"]) == ("complete", False)
    done = desk.do("receipt/GR-1", "post")
    assert done["document"]["status"] == "done"
    assert [desk.state(one) for one in ("R1", "R2", "R3")] == ["received"] * 3
    assert desk.line("receipt/GR-1")["done"] == 3


@pytest.mark.seed("M9")
@pytest.mark.seed("M13")
@pytest.mark.seed("E21")
@pytest.mark.seed("E18")
@pytest.mark.seed("T16")
def test_serials_are_planned_on_a_purchase_order_and_received_in_parts(desk: Desk) -> None:
    desk.put("purchase_order/PO-1", [{"item": "LASER", "quantity": 4}], party="ACME", to="A-01")
    looked = desk.web.post(
        "/v1/documents/purchase_order/PO-1/lines/1/serials", params={"dry_run": 1},
        json={"serials": "P1-P4"},
    ).json()  # fmt: skip
    assert (looked["dry_run"], looked["chosen"], looked["first"], looked["last"]) == (
        True, 4, "P1", "P4",
    )  # fmt: skip
    assert desk.line("purchase_order/PO-1")["planned"] == 0
    chosen = desk.choose("purchase_order/PO-1", "P1-P4")
    assert [(one["serial"], one["state"], one["lot"] is not None) for one in chosen["serials"]] == [
        ("P1", "planned", True), ("P2", "planned", True), ("P3", "planned", True),
        ("P4", "planned", True),
    ]  # fmt: skip
    desk.do("purchase_order/PO-1", "confirm")
    assert desk.stock("LASER") == {}
    given = [{"line": 1, "serials": "P1 P2"}]
    done = desk.do("purchase_order/PO-1", "receive", lines=given)
    assert done["document"]["status"] == "in_progress"
    line = desk.line("purchase_order/PO-1")
    assert (line["done"], line["planned"], line["serial_status"]) == (2, 2, "complete")
    stock = desk.web.get("/v1/stock", params={"item": "LASER"}).json()["items"][0]
    assert (stock["on_hand"], stock["on_order"]) == (2, 2)
    done = desk.do("purchase_order/PO-1", "receive")
    assert done["document"]["status"] == "done"
    assert desk.stock("LASER") == {"received": 4}
    assert {one["state"] for one in desk.get("purchase_order/PO-1/lines/1/serials")["items"]} == {
        "received"
    }  # fmt: skip


@pytest.mark.seed("T12")
@pytest.mark.seed("E20")
def test_a_serial_that_is_here_is_refused_with_another_and_the_draft_stays(desk: Desk) -> None:
    desk.warehouse.receive("H1")
    desk.put("receipt/GR-2", [{"item": "DRILL", "quantity": 2}], party="ACME", to="A-01")
    desk.choose("receipt/GR-2", "H2")
    problem = desk.refused("receipt/GR-2/lines/1/serials", {"serials": "H1"})
    assert (problem["code"], problem["detail"]) == (
        "serial_on_hand", "Serial H1 of DRILL is on hand at A-01; enter another.",
    )  # fmt: skip
    suggestion = problem["items"][0]["facts"]["suggestion"]
    assert suggestion.startswith("SN0")
    assert desk.line("receipt/GR-2")["planned"] == 1
    desk.choose("receipt/GR-2", suggestion)
    desk.do("receipt/GR-2", "post")
    assert (desk.state("H2"), desk.state(suggestion)) == ("received", "received")


@pytest.mark.seed("N2")
@pytest.mark.seed("N18")
@pytest.mark.seed("A13")
def test_serials_are_put_on_a_line_and_taken_off_again(desk: Desk) -> None:
    desk.put("receipt/GR-3", [{"item": "DRILL", "quantity": 2}], party="ACME", to="A-01")
    desk.choose("receipt/GR-3", ["L1", "L 2"])
    listed = desk.get("receipt/GR-3/lines/1/serials")["items"]
    assert [(one["serial"], one["roles"]) for one in listed] == [
        ("L1", ["planned"]), ("L 2", ["planned"]),
    ]  # fmt: skip
    problem = desk.refused("receipt/GR-3/lines/1/serials", {"serials": "L3"})
    assert (problem["code"], problem["facts"]["room"]) == ("line_full", 0)
    gone = desk.web.delete("/v1/documents/receipt/GR-3/lines/1/serials/L%202")
    assert gone.status_code == 204, gone.text
    assert desk.state("L 2") == "cancelled"
    twice = desk.refused("receipt/GR-3/lines/1/serials", {"serials": "L1"})
    assert twice["code"] == "serial_already_on_line"
    desk.put("receipt/GR-3", [{"item": "DRILL", "quantity": 1}])
    desk.do("receipt/GR-3", "post")
    assert desk.state("L1") == "received"


@pytest.mark.seed("A14")
@pytest.mark.seed("A15")
@pytest.mark.seed("A16")
@pytest.mark.seed("A17")
def test_a_line_is_filled_by_list_by_paste_and_scan_by_scan(desk: Desk) -> None:
    desk.put("receipt/GR-10", [{"item": "DRILL", "quantity": 8}], party="ACME", to="A-01")
    desk.choose("receipt/GR-10", "Y1; Y2,\nY5-Y7")
    desk.choose("receipt/GR-10", '\ufeffY8\t"Y 9"\r\n')
    scanned = desk.choose("receipt/GR-10", "Y10\nY10\n", scanned=True)
    assert (scanned["chosen"], scanned["room"]) == (1, 0)
    listed = desk.get("receipt/GR-10/lines/1/serials")["items"]
    assert [one["serial"] for one in listed] == ["Y1", "Y2", "Y5", "Y6", "Y7", "Y8", "Y 9", "Y10"]
    first = desk.get("receipt/GR-10/lines/1/serials?limit=5")
    rest = desk.get(f"receipt/GR-10/lines/1/serials?limit=5&after={first['next']}")
    assert [one["serial"] for one in first["items"]] == ["Y1", "Y2", "Y5", "Y6", "Y7"]
    assert ([one["serial"] for one in rest["items"]], rest["next"]) == (["Y8", "Y 9", "Y10"], None)
    wrong = desk.refused("receipt/GR-10/lines/1/serials", {"serials": "9-5, Z1, Z1"})
    assert [(one["subject"], one["code"]) for one in wrong["items"]] == [
        ("9-5", "range_descending"), ("Z1", "duplicate_in_list"),
    ]  # fmt: skip
    desk.do("receipt/GR-10", "post")
    assert desk.state("Y 9") == "received"


@pytest.mark.seed("E22")
def test_a_serial_is_one_piece(desk: Desk) -> None:
    desk.put("receipt/GR-4", [{"item": "DRILL", "quantity": 2}], party="ACME", to="A-01")
    problem = desk.refused(
        "receipt/GR-4/lines/1/serials", {"serials": [{"serial": "Q1", "quantity": 2}]}
    )
    assert (problem["code"], problem["status"]) == ("serial_quantity_not_one", 422)
    desk.choose("receipt/GR-4", [{"serial": "Q1", "quantity": 1}])
    assert desk.line("receipt/GR-4")["planned"] == 1


@pytest.mark.seed("A9")
def test_a_receiving_line_opens_with_the_next_serials(desk: Desk) -> None:
    desk.put("receipt/GR-5", [{"item": "MOTOR", "quantity": 3}], party="ACME", to="A-01")
    suggested = desk.get("receipt/GR-5/lines/1/suggest")
    assert suggested["room"] == 3
    done = desk.do("receipt/GR-5", "post", lines=[{"line": 1, "serials": {"generate": 3}}])
    assert done["document"]["status"] == "done"
    listed = desk.get("receipt/GR-5/lines/1/serials")["items"]
    assert [one["serial"] for one in listed] == suggested["serials"]


@pytest.mark.seed("N23")
def test_memo_and_fields_are_given_per_serial_and_changed_on_posted_receipts(desk: Desk) -> None:
    desk.put("receipt/GR-6", [{"item": "DRILL", "quantity": 2}], party="ACME", to="A-01")
    serials = [{"serial": "N1", "memo": "scratched", "fields": {"grade": "B"}}, {"serial": "N2"}]
    desk.do("receipt/GR-6", "post", lines=[{"line": 1, "serials": serials, "memo": "crate 7"}])
    first, second = desk.warehouse.one("N1"), desk.warehouse.one("N2")
    assert (first["memo"], first["fields"], second["memo"]) == (
        "scratched", {"grade": "B"}, "crate 7",
    )  # fmt: skip
    changed = desk.put("receipt/GR-6", memo="counted twice", fields={"dock": "3"})
    assert (changed["memo"], changed["fields"], changed["status"]) == (
        "counted twice", {"dock": "3"}, "done",
    )  # fmt: skip
    problem = desk.refused_put("receipt/GR-6", lines=[{"item": "DRILL", "quantity": 5}])
    assert problem["code"] == "document_done"


@pytest.mark.seed("N6")
@pytest.mark.seed("N15")
@pytest.mark.seed("M14")
def test_a_delivery_of_serials_lots_and_plain_pieces_is_received_in_one_go(desk: Desk) -> None:
    desk.put(
        "purchase_order/PO-2",
        [{"item": "ROBOT", "quantity": 2}, {"item": "PAINT", "quantity": 30},
         {"item": "SCREW", "quantity": 500}, {"item": "ADVICE", "quantity": 1}],
        party="ACME", to="A-01",
    )  # fmt: skip
    desk.do("purchase_order/PO-2", "confirm")
    made = desk.put("receipt/GR-7", source={"type": "purchase_order", "number": "PO-2"})
    assert [(one["item"], one["pieces"]) for one in made["lines"]] == [
        ("ROBOT", 2), ("PAINT", 30), ("SCREW", 500), ("ADVICE", 1),
    ]  # fmt: skip
    assert (made["party"], made["to"]) == ("ACME", "A-01")
    lots = [{"lot": "B7", "quantity": 10, "expires_on": "2099-01-31"},
            {"lot": "B8", "quantity": 20, "location": "A-02"}]  # fmt: skip
    lines = [{"line": 1, "serials": "RB1, RB2"}, {"line": 2, "lots": lots}, {"line": 3},
             {"line": 4}]  # fmt: skip
    short = [{"line": 1, "serials": "RB1"}, {"line": 2, "lots": lots[:1]}, {"line": 3}]
    problem = desk.refused("receipt/GR-7/post", {"lines": short})
    assert [(one["subject"], one["code"]) for one in problem["items"]] == [
        ("line 1", "serials_missing"), ("line 2", "quantity_missing"),
    ]  # fmt: skip
    assert desk.stock("ROBOT") == {}
    done = desk.do("receipt/GR-7", "post", lines=lines)
    assert (done["document"]["status"], len(done["events"])) == ("done", 4)
    assert desk.get("purchase_order/PO-2")["status"] == "done"
    assert (desk.stock("ROBOT"), desk.stock("SCREW")) == ({"received": 2}, {"received": 500})
    assert (desk.stock("PAINT", location="A-01"), desk.stock("PAINT", location="A-02")) == (
        {"received": 10}, {"received": 20},
    )  # fmt: skip


def test_what_was_not_announced_is_refused_where_that_is_the_rule(warehouse: Warehouse) -> None:
    desk = Desk(warehouse)
    desk.web.put("/v1/settings/registry.verify", json={"value": "strict"}).raise_for_status()
    desk.put("purchase_order/PO-1", [{"item": "DRILL", "quantity": 2}], party="ACME", to="A-01")
    desk.choose("purchase_order/PO-1", "X1 X2")
    desk.do("purchase_order/PO-1", "confirm")
    desk.put("receipt/GR-1", source={"type": "purchase_order", "number": "PO-1"})
    given = {"lines": [{"line": 1, "serials": "X1 X9"}]}
    problem = desk.refused("receipt/GR-1/post", given)
    assert (problem["code"], problem["items"][0]["subject"]) == ("serial_not_on_manifest", "X9")
    desk.web.put("/v1/settings/registry.verify", json={"value": "warn"}).raise_for_status()
    done = desk.do("receipt/GR-1", "post", **given)
    assert [one["code"] for one in done["warnings"]] == ["serial_not_on_manifest"]
    assert desk.state("X2") == "planned"


@pytest.mark.seed("E34")
def test_landed_cost_is_shared_out_over_the_pieces_of_a_receipt(desk: Desk) -> None:
    cost = {"amount": 1000, "currency": "EUR"}
    desk.put(
        "receipt/GR-8", [{"item": "DRILL", "quantity": 3, "cost": cost}], party="ACME", to="A-01"
    )
    desk.do("receipt/GR-8", "post", lines=[{"line": 1, "serials": "C1-C3"}])
    freight = {"amount": 100, "currency": "EUR"}
    done = desk.do("receipt/GR-8", "landed_cost", amount=freight, reason="freight")
    costs = [desk.warehouse.one(one)["cost"]["amount"] for one in ("C1", "C2", "C3")]
    assert costs == [1034, 1033, 1033]
    problem = desk.refused("receipt/GR-8/landed_cost", {"amount": {"amount": 1, "currency": "USD"}})
    assert problem["code"] == "currency_differs"
    desk.undo(done["events"][0])
    assert desk.warehouse.one("C1")["cost"] == cost


def test_a_receipt_that_is_undone_can_be_posted_again(desk: Desk) -> None:
    desk.put(
        "receipt/GR-9", [{"item": "DRILL", "quantity": 1}, {"item": "SEAL", "quantity": 9}],
        party="ACME", to="A-01",
    )  # fmt: skip
    given = [{"line": 1, "serials": "U1"}, {"line": 2}]
    done = desk.do("receipt/GR-9", "post", lines=given)
    for event in done["events"]:
        desk.undo(event)
    again = desk.get("receipt/GR-9")
    assert (again["status"], [one["done"] for one in again["lines"]]) == ("open", [0, 0])
    assert (desk.state("U1"), desk.stock("SEAL")) == ("cancelled", {})
    desk.do("receipt/GR-9", "post", lines=given)
    assert (desk.state("U1"), desk.stock("SEAL")) == ("received", {"received": 9})


@pytest.mark.seed("N26")
def test_a_drop_shipment_goes_to_the_customer_and_never_comes_here(desk: Desk) -> None:
    desk.put(
        "purchase_order/PO-3", [{"item": "DRILL", "quantity": 1}, {"item": "SCREW", "quantity": 5}],
        party="ACME",
    )  # fmt: skip
    desk.do("purchase_order/PO-3", "confirm")
    before = desk.stock("SCREW")
    given = [{"line": 1, "serials": "DS1"}, {"line": 2}]
    assert desk.refused("purchase_order/PO-3/drop_ship", {"lines": given})["code"] == (
        "customer_required"
    )  # fmt: skip
    done = desk.do("purchase_order/PO-3", "drop_ship", lines=given, party="SMITH")
    assert done["document"]["status"] == "done"
    one = desk.warehouse.one("DS1")
    assert (one["state"], one["customer"], desk.stock("SCREW")) == ("shipped", "SMITH", before)
