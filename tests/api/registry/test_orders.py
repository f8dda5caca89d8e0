from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.registry.conftest import Warehouse
from tests.api.registry.paperwork import Desk

pytestmark = pytest.mark.both_databases

SMITH = {"party": "SMITH"}


@pytest.fixture
def desk(shared: Warehouse) -> Iterator[Desk]:
    """Whatever a test has done, the record proves it and the counters agree."""
    desk = Desk(shared)
    yield desk
    desk.verify()


def figures(desk: Desk, sku: str) -> dict[str, int]:
    row = desk.web.get("/v1/stock", params={"item": sku}).json()["items"][0]
    return {key: row[key] for key in ("on_hand", "on_order", "committed", "available")}


@pytest.mark.seed("N2")
@pytest.mark.seed("N15")
@pytest.mark.seed("E23")
@pytest.mark.seed("E24")
@pytest.mark.seed("M16")
@pytest.mark.seed("M21")
def test_chosen_serials_are_reserved_picked_and_shipped(desk: Desk) -> None:
    desk.warehouse.receive("S1-S3", cost={"amount": 100, "currency": "EUR"})
    price = {"amount": 250, "currency": "EUR"}
    desk.put("sales_order/SO-1", [{"item": "DRILL", "quantity": 2, "price": price}], **SMITH)
    desk.choose("sales_order/SO-1", "S1 S2")
    assert (desk.state("S1"), desk.line("sales_order/SO-1")["serial_status"]) == (
        "committed", "complete",
    )  # fmt: skip
    desk.do("sales_order/SO-1", "confirm")
    desk.put("sales_order/SO-2", [{"item": "DRILL", "quantity": 1}], party="JONES")
    problem = desk.refused("sales_order/SO-2/lines/1/serials", {"serials": "S1"})
    assert (problem["code"], problem["facts"]["document"]) == (
        "serial_committed_elsewhere", "sales_order SO-1",
    )  # fmt: skip
    picked = desk.do("sales_order/SO-1", "pick")
    assert (picked["document"]["status"], desk.state("S2")) == ("in_progress", "picked")
    shipped = desk.do("sales_order/SO-1", "ship")
    assert shipped["document"]["status"] == "done"
    one = desk.warehouse.one("S1")
    assert (one["state"], one["customer"], one["price"], one["location"]) == (
        "shipped", "SMITH", price, None,
    )  # fmt: skip
    assert desk.line("sales_order/SO-1")["done"] == 2


@pytest.mark.seed("N16")
@pytest.mark.seed("T15")
@pytest.mark.seed("T17")
def test_a_quantity_is_reserved_first_and_its_serials_are_named_later(warehouse: Warehouse) -> None:
    desk = Desk(warehouse)
    warehouse.receive("T1-T5")
    desk.put("sales_order/SO-1", [{"item": "DRILL", "quantity": 3}], **SMITH)
    assert figures(desk, "DRILL") == {
        "on_hand": 5, "on_order": 0, "committed": 0, "available": 5,
    }  # fmt: skip
    desk.do("sales_order/SO-1", "confirm")
    reserved = {"on_hand": 5, "on_order": 0, "committed": 3, "available": 2}
    assert figures(desk, "DRILL") == reserved
    line = desk.line("sales_order/SO-1")
    assert (line["reserved"], line["committed"], line["serial_status"]) == (3, 0, "needed")
    desk.choose("sales_order/SO-1", "T1 T2")
    assert figures(desk, "DRILL") == reserved
    desk.put("sales_order/SO-2", [{"item": "DRILL", "quantity": 3}], party="JONES")
    problem = desk.refused("sales_order/SO-2/lines/1/serials", {"serials": "T3-T5"})
    assert (problem["code"], problem["facts"]["available"]) == ("quantity_unavailable", 2)
    desk.choose("sales_order/SO-2", "T4 T5")
    assert figures(desk, "DRILL")["available"] == 0
    desk.do("sales_order/SO-2", "confirm")
    for verb in ("pick", "ship"):
        given = {"lines": [{"line": 1, "serials": "T3"}]}
        problem = desk.refused(f"sales_order/SO-2/{verb}", given)
        assert (problem["code"], problem["facts"]["promised"]) == ("quantity_unavailable", 1)
    assert desk.state("T3") == "received"
    desk.do("sales_order/SO-1", "pick")
    assert figures(desk, "DRILL") == {
        "on_hand": 3, "on_order": 0, "committed": 3, "available": 0,
    }  # fmt: skip
    desk.do("sales_order/SO-1", "ship")
    assert figures(desk, "DRILL")["on_hand"] == 3


@pytest.mark.seed("E35")
def test_what_is_not_there_is_a_backorder_and_is_reserved_when_it_comes(desk: Desk) -> None:
    desk.fill("SEAL", 10)
    desk.put("sales_order/SO-3", [{"item": "SEAL", "quantity": 14}], **SMITH)
    problem = desk.refused("sales_order/SO-3/confirm", {"backorder": False})
    assert (problem["code"], problem["facts"]["available"]) == ("quantity_unavailable", 10)
    assert desk.get("sales_order/SO-3")["status"] == "draft"
    done = desk.do("sales_order/SO-3", "confirm")
    assert done["warnings"][0]["facts"]["backorder"] == 4
    assert desk.line("sales_order/SO-3")["backorder"] == 4
    desk.do("sales_order/SO-3", "ship")
    line = desk.line("sales_order/SO-3")
    assert (line["done"], line["backorder"], desk.get("sales_order/SO-3")["status"]) == (
        10, 4, "in_progress",
    )  # fmt: skip
    desk.fill("SEAL", 6)
    again = desk.do("sales_order/SO-3", "confirm")
    assert (again["document"]["status"], desk.line("sales_order/SO-3")["backorder"]) == (
        "in_progress", 0,
    )  # fmt: skip
    desk.do("sales_order/SO-3", "ship")
    assert (desk.get("sales_order/SO-3")["status"], desk.stock("SEAL")) == ("done", {"received": 2})


@pytest.mark.seed("N15")
def test_a_serial_still_to_come_is_wanted_and_commits_when_it_arrives(desk: Desk) -> None:
    desk.put("purchase_order/PO-9", [{"item": "LASER", "quantity": 2}], party="ACME", to="A-01")
    desk.choose("purchase_order/PO-9", "W1 W2")
    desk.do("purchase_order/PO-9", "confirm")
    desk.put("sales_order/SO-4", [{"item": "LASER", "quantity": 1}], **SMITH)
    desk.choose("sales_order/SO-4", "W1")
    line = desk.line("sales_order/SO-4")
    assert (desk.state("W1", "LASER"), line["wanted"], line["committed"]) == ("planned", 1, 0)
    desk.do("purchase_order/PO-9", "receive")
    line = desk.line("sales_order/SO-4")
    assert (desk.state("W1", "LASER"), line["wanted"], line["committed"]) == ("committed", 0, 1)
    assert desk.state("W2", "LASER") == "received"
    desk.do("sales_order/SO-4", "confirm")
    desk.put("shipment/SH-9", source={"type": "sales_order", "number": "SO-4"})
    desk.do("shipment/SH-9", "ship")
    line = desk.line("sales_order/SO-4")
    assert (line["done"], line["wanted"]) == (1, 0)


@pytest.mark.seed("A21")
@pytest.mark.seed("E25")
@pytest.mark.seed("E26")
def test_a_shipment_is_saved_at_will_and_leaves_only_whole(desk: Desk) -> None:
    desk.warehouse.receive("V1-V4")
    desk.put("sales_order/SO-5", [{"item": "DRILL", "quantity": 3}], **SMITH)
    desk.do("sales_order/SO-5", "confirm")
    source = {"type": "sales_order", "number": "SO-5"}
    desk.put("shipment/SH-1", source=source, external_ref="UPS 1Z")
    problem = desk.refused("shipment/SH-1/ship")
    assert (problem["code"], problem["facts"]["lines"]) == ("serials_missing", [1])
    for what in ("ship", "invoice"):
        check = desk.web.get("/v1/documents/shipment/SH-1/check", params={"for": what}).json()
        assert (check["ok"], check["missing"][0]["facts"]["expected"]) == (False, 3)
    desk.choose("shipment/SH-1", "V1 V2")
    desk.put("shipment/SH-1", memo="two of three")
    assert desk.refused("shipment/SH-1/ship")["facts"]["given"] == 2
    assert (desk.line("sales_order/SO-5")["committed"], desk.state("V1")) == (2, "committed")
    desk.choose("shipment/SH-1", "V3")
    gone = desk.web.delete("/v1/documents/shipment/SH-1/lines/1/serials/V2")
    assert (gone.status_code, desk.state("V2")) == (204, "received")
    desk.choose("shipment/SH-1", "V4")
    check = desk.get("shipment/SH-1/check?for=ship")
    assert check == {"for": "ship", "ok": True, "missing": []}
    desk.do("shipment/SH-1", "ship")
    assert [desk.state(one) for one in ("V1", "V2", "V3", "V4")] == [
        "shipped", "received", "shipped", "shipped",
    ]  # fmt: skip
    assert (desk.get("shipment/SH-1")["status"], desk.get("sales_order/SO-5")["status"]) == (
        "done", "done",
    )  # fmt: skip
    listed = desk.web.get("/v1/serials", params={"document": "shipment/SH-1"}).json()["items"]
    assert {one["serial"] for one in listed} == {"V1", "V3", "V4"}


def test_two_shipments_share_what_an_order_has_reserved(desk: Desk) -> None:
    desk.warehouse.receive("Z1-Z3")
    desk.put("sales_order/SO-6", [{"item": "DRILL", "quantity": 3}], **SMITH)
    desk.choose("sales_order/SO-6", "Z1-Z3")
    desk.do("sales_order/SO-6", "confirm")
    source = {"type": "sales_order", "number": "SO-6"}
    desk.put("shipment/SH-2", [{"item": "DRILL", "quantity": 1, "source_line": 1}], source=source)
    desk.choose("shipment/SH-2", "Z2")
    desk.do("shipment/SH-2", "pick")
    assert (desk.state("Z2"), desk.line("sales_order/SO-6")["picked"]) == ("picked", 1)
    desk.do("shipment/SH-2", "ship")
    line = desk.line("sales_order/SO-6")
    assert (line["done"], line["committed"], line["picked"]) == (1, 2, 0)
    rest = desk.put("shipment/SH-3", source=source)
    assert [one["pieces"] for one in rest["lines"]] == [2]
    desk.do("shipment/SH-3", "ship")
    assert [desk.state(one) for one in ("Z1", "Z2", "Z3")] == ["shipped"] * 3
    assert desk.get("sales_order/SO-6")["status"] == "done"


def test_a_shipment_without_an_order_takes_from_a_whole_hall(warehouse: Warehouse) -> None:
    desk = Desk(warehouse)
    desk.warehouse.receive("HS1")
    desk.fill("SEAL", 5, "A-02")
    desk.fill("PAINT", 4, "A-01", lot="HB")
    desk.fill("SEAL", 5, "YARD")
    desk.put(
        "shipment/SH-4",
        [{"item": "DRILL", "quantity": 1}, {"item": "SEAL", "quantity": 4},
         {"item": "PAINT", "quantity": 3}, {"item": "ADVICE", "quantity": 1}],
        party="SMITH", **{"from": "HALL"},
    )  # fmt: skip
    problem = desk.refused("shipment/SH-4/ship")
    assert [(one["subject"], one["code"]) for one in problem["items"]] == [
        ("line 1", "serials_missing"), ("line 3", "quantity_missing"),
    ]  # fmt: skip
    desk.choose("shipment/SH-4", "HS1")
    twice = desk.refused("shipment/SH-4/lines/1/serials", {"serials": "HS1"})
    assert twice["code"] == "line_full"
    desk.lots("shipment/SH-4", [{"lot": "HB", "quantity": 3}], line=3)
    desk.do("shipment/SH-4", "pick")
    assert (desk.stock("SEAL", location="A-02"), desk.state("HS1")) == (
        {"picked": 4, "received": 1}, "picked",
    )  # fmt: skip
    unpicked = desk.do("shipment/SH-4", "unpick", lines=[{"line": 2}])
    assert unpicked["document"]["status"] == "in_progress"
    shipped = desk.do("shipment/SH-4", "ship")
    assert (shipped["document"]["status"], desk.stock("PAINT")["received"]) == ("done", 1)
    assert (desk.stock("SEAL", location="A-02"), desk.stock("SEAL", location="YARD")) == (
        {"received": 1}, {"received": 5},
    )  # fmt: skip


@pytest.mark.seed("N11")
def test_a_kit_asks_for_the_serials_and_pieces_of_its_members(desk: Desk) -> None:
    desk.warehouse.receive("K1-K4")
    desk.fill("SCREW", 20)
    made = desk.put("sales_order/SO-7", [{"item": "SET", "quantity": 2}], **SMITH)
    assert [(one["item"], one["pieces"], one["part_of"]) for one in made["lines"]] == [
        ("SET", 2, None), ("DRILL", 4, 1), ("SCREW", 16, 1),
    ]  # fmt: skip
    desk.do("sales_order/SO-7", "confirm")
    desk.choose("sales_order/SO-7", "K1-K3", line=2)
    desk.do("sales_order/SO-7", "ship", lines=[{"line": 2, "serials": "K1 K2"}, {"line": 3}])
    kit = desk.line("sales_order/SO-7", 1)
    assert (kit["done"], desk.get("sales_order/SO-7")["status"]) == (1, "in_progress")
    desk.do("sales_order/SO-7", "ship", lines=[{"line": 2, "serials": "K3 K4"}])
    assert (desk.line("sales_order/SO-7", 1)["done"], desk.get("sales_order/SO-7")["status"]) == (
        2, "done",
    )  # fmt: skip
    assert desk.stock("SCREW") == {"received": 4}
    changed = desk.refused_put("sales_order/SO-7", lines=[{"item": "SET", "quantity": 1}])
    assert changed["code"] == "document_done"


@pytest.mark.seed("N9")
@pytest.mark.seed("N10")
def test_units_of_measure_come_to_whole_pieces(desk: Desk) -> None:
    made = desk.put("sales_order/SO-8", [{"item": "DRILL", "quantity": 2, "uom": "BOX"}])
    assert (made["lines"][0]["quantity"], made["lines"][0]["pieces"]) == (2, 24)
    made = desk.put("sales_order/SO-8", [{"item": "DRILL", "quantity": 0.5, "uom": "box"}])
    assert made["lines"][0]["pieces"] == 6
    problem = desk.refused_put("sales_order/SO-8", lines=[{"item": "DRILL", "quantity": 1.5}])
    assert (problem["code"], problem["status"]) == ("fractional_serial_quantity", 422)
    problem = desk.refused_put(
        "sales_order/SO-8", lines=[{"item": "DRILL", "quantity": 1, "uom": "PALLET"}]
    )
    assert problem["detail"] == (
        "DRILL is not counted in 'PALLET'; its units are pc, BOX."
    )  # fmt: skip


def test_lots_are_chosen_by_what_expires_first_and_held_or_expired_ones_stay(desk: Desk) -> None:
    for lot, expires in (("LATE", "2099-12-31"), ("SOON", "2099-01-31"), ("OLD", "2001-01-31")):
        number = f"ADJ-{lot}"
        desk.put(f"adjustment/{number}", [{"item": "PAINT", "quantity": 5}], reason="x", to="A-01")
        lots = [{"lot": lot, "quantity": 5, "expires_on": expires}]
        desk.do(f"adjustment/{number}", "post", lines=[{"line": 1, "lots": lots}])
    desk.put("sales_order/SO-9", [{"item": "PAINT", "quantity": 7}], **SMITH)
    suggested = desk.get("sales_order/SO-9/lines/1/suggest")["lots"]
    assert suggested == [
        {"lot": "SOON", "location": "A-01", "quantity": 5},
        {"lot": "LATE", "location": "A-01", "quantity": 2},
    ]
    desk.do("sales_order/SO-9", "confirm")
    assert desk.refused("sales_order/SO-9/ship")["code"] == "serials_missing"
    refused = desk.refused(
        "sales_order/SO-9/lines/1/lots", {"lots": [{"lot": "OLD", "quantity": 1}]}
    )
    assert (refused["code"], refused["detail"]) == (
        "lot_expired", "Lot OLD has expired on 2001-01-31.",
    )  # fmt: skip
    held = next(
        one for one in desk.web.get("/v1/lots", params={"item": "PAINT"}).json()["items"]
        if one["code"] == "LATE"
    )  # fmt: skip
    desk.web.post(f"/v1/lots/{held['id']}/hold", json={"reason": "recall"}).raise_for_status()
    problem = desk.refused(
        "sales_order/SO-9/lines/1/lots", {"lots": [{"lot": "LATE", "quantity": 1}]}
    )
    assert (problem["code"], problem["facts"]["reason"]) == ("lot_held", "recall")
    assert [one["lot"] for one in desk.get("sales_order/SO-9/lines/1/suggest")["lots"]] == ["SOON"]
    desk.web.post(f"/v1/lots/{held['id']}/unhold", json={}).raise_for_status()
    problem = desk.refused(
        "sales_order/SO-9/lines/1/lots", {"lots": [{"lot": "SOON", "quantity": 6}]}
    )
    assert (problem["code"], problem["facts"]["available"]) == ("quantity_unavailable", 5)
    desk.lots("sales_order/SO-9", suggested)
    line = desk.line("sales_order/SO-9")
    assert (line["committed"], desk.stock("PAINT")) == (7, {"committed": 7, "received": 8})
    desk.do("sales_order/SO-9", "pick")
    assert desk.stock("PAINT") == {"picked": 7, "received": 8}
    desk.do("sales_order/SO-9", "unpick")
    assert desk.stock("PAINT") == {"committed": 7, "received": 8}
    shipped = desk.do("sales_order/SO-9", "ship")
    assert (shipped["document"]["status"], desk.stock("PAINT")) == ("done", {"received": 8})
    desk.undo(shipped["events"][0])
    line = desk.line("sales_order/SO-9")
    assert (line["committed"], line["done"], desk.stock("PAINT")) == (
        7, 0, {"committed": 7, "received": 8},
    )  # fmt: skip
    assert desk.get("sales_order/SO-9")["status"] == "open"


def test_a_cancelled_order_gives_all_of_it_free_again(desk: Desk) -> None:
    desk.warehouse.receive("C1 C2")
    desk.put("sales_order/SO-10", [{"item": "DRILL", "quantity": 2}], **SMITH)
    desk.choose("sales_order/SO-10", "C1 C2")
    desk.do("sales_order/SO-10", "confirm")
    desk.do("sales_order/SO-10", "pick", lines=[{"line": 1, "serials": "C1"}])
    assert desk.refused("sales_order/SO-10/cancel")["code"] == "document_not_editable"
    desk.do("sales_order/SO-10", "unpick", release=True)
    desk.do("sales_order/SO-10", "cancel")
    assert (desk.state("C1"), desk.state("C2")) == ("received", "received")
    assert desk.get("sales_order/SO-10")["status"] == "cancelled"
    assert desk.refused("sales_order/SO-10/ship")["code"] == "document_done"


@pytest.mark.seed("E23")
@pytest.mark.seed("E25")
def test_an_invoice_names_the_serials_it_is_for(desk: Desk) -> None:
    desk.warehouse.receive("I1-I3")
    desk.put("sales_order/SO-11", [{"item": "DRILL", "quantity": 2}], **SMITH)
    desk.do("sales_order/SO-11", "confirm")
    source = {"type": "sales_order", "number": "SO-11"}
    desk.put("invoice/INV-1", source=source)
    problem = desk.refused("invoice/INV-1/post")
    assert (problem["code"], problem["facts"]["expected"]) == ("serials_missing", 2)
    desk.choose("sales_order/SO-11", "I1 I2")
    desk.do("invoice/INV-1", "post")
    listed = desk.get("invoice/INV-1/lines/1/serials")["items"]
    assert [(one["serial"], one["roles"], one["state"]) for one in listed] == [
        ("I1", ["done"], "committed"), ("I2", ["done"], "committed"),
    ]  # fmt: skip
    assert desk.line("sales_order/SO-11")["done"] == 0
    desk.put("invoice/INV-2", [{"item": "DRILL", "quantity": 1}], **SMITH)
    desk.choose("invoice/INV-2", "I3")
    desk.do("invoice/INV-2", "post")
    assert desk.state("I3") == "received"


@pytest.mark.seed("N14")
@pytest.mark.seed("E24")
def test_what_is_free_is_offered_oldest_first_and_the_rest_is_not(warehouse: Warehouse) -> None:
    desk = Desk(warehouse)
    warehouse.receive("F1 F2 F3 F4")
    warehouse.act("hold", "F2", reason="recall")
    desk.put("sales_order/SO-1", [{"item": "DRILL", "quantity": 4}], **SMITH)
    desk.choose("sales_order/SO-1", "F1")
    offered = desk.get("sales_order/SO-1/lines/1/suggest")
    assert (offered["room"], offered["serials"]) == (3, ["F3", "F4"])
    problem = desk.refused("sales_order/SO-1/lines/1/serials", {"serials": "F2 F3"})
    assert [(one["subject"], one["code"]) for one in problem["items"]] == [("F2", "serial_held")]
    assert desk.state("F3") == "received"
    chosen = desk.get("sales_order/SO-1/lines/1/serials")["items"]
    assert [one["serial"] for one in chosen] == ["F1"]


@pytest.mark.seed("E19")
def test_what_is_finished_takes_no_more_serials(desk: Desk) -> None:
    desk.warehouse.receive("E1 E2")
    made = desk.put("sales_order/SO-14", [{"item": "DRILL", "quantity": 1}], **SMITH)
    assert (made["lines"][0]["needed"], "ship" in made["allowed"]) == (True, False)
    desk.choose("sales_order/SO-14", "E1")
    desk.do("sales_order/SO-14", "confirm")
    desk.do("sales_order/SO-14", "ship")
    line = desk.line("sales_order/SO-14")
    assert (line["serial_status"], line["needed"]) == ("complete", False)
    problem = desk.refused("sales_order/SO-14/lines/1/serials", {"serials": "E2"})
    assert (problem["code"], desk.state("E2")) == ("document_done", "received")
    gone = desk.web.delete("/v1/documents/sales_order/SO-14/lines/1/serials/E1")
    assert (gone.status_code, desk.state("E1")) == (409, "shipped")


def test_a_dry_run_says_what_would_be_and_does_nothing(desk: Desk) -> None:
    desk.warehouse.receive("D1")
    desk.put("sales_order/SO-12", [{"item": "DRILL", "quantity": 1}], **SMITH)
    desk.choose("sales_order/SO-12", "D1")
    desk.do("sales_order/SO-12", "confirm")
    looked = desk.web.post(
        "/v1/documents/sales_order/SO-12/ship", params={"dry_run": 1}, json={}
    ).json()
    assert (looked["dry_run"], looked["document"]["status"], desk.state("D1")) == (
        True, "done", "committed",
    )  # fmt: skip


def test_a_step_sent_twice_with_one_key_is_taken_once(desk: Desk) -> None:
    desk.warehouse.receive("O1 O2")
    desk.put("sales_order/SO-13", [{"item": "DRILL", "quantity": 2}], **SMITH)
    desk.choose("sales_order/SO-13", "O1 O2")
    desk.do("sales_order/SO-13", "confirm")
    body = {"lines": [{"line": 1, "serials": "O1"}]}
    answers = [
        desk.web.post(
            "/v1/documents/sales_order/SO-13/ship", json=body,
            headers={"Idempotency-Key": "ship-once"},
        ) for _ in range(2)
    ]  # fmt: skip
    assert answers[0].json() == answers[1].json()
    assert (desk.state("O1"), desk.state("O2")) == ("shipped", "committed")


@pytest.mark.seed("N21")
def test_the_right_is_that_of_the_document(desk: Desk) -> None:
    from tests.api.conftest import connect, make_key

    daemon = desk.warehouse.daemon
    key = make_key(daemon, "buyer", "read", "registry:purchase_order")
    with connect(daemon, key) as buyer:
        lines = {"lines": [{"item": "DRILL", "quantity": 1}]}
        made = buyer.put("/v1/documents/purchase_order/PO-N21", json=lines)
        assert made.status_code == 201, made.text
        refused = buyer.put("/v1/documents/sales_order/SO-N21", json=lines)
        assert (refused.status_code, refused.json()["facts"]["scope"]) == (
            403, "registry:sales_order",
        )  # fmt: skip
        path = "/v1/documents/purchase_order/PO-N21/lines/1/serials"
        assert buyer.post(path, json={"serials": "N21"}).status_code == 200
