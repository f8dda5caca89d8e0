"""NetSuite's page of serialised items: kits, assemblies, cases, permissions, custom information."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.scenarios.conftest import Person


@pytest.mark.seed("N3")
@pytest.mark.seed("T13")
@pytest.mark.seed("T14")
@pytest.mark.seed("A3")
def test_a_serials_history_has_its_cost_its_price_and_its_warranty(person: Person) -> None:
    person.put("/items/LATHE", {"tracking": "serial", "warranty_in": 12, "warranty_out": 24,
                                "account_codes": {"income": "4000", "cogs": "5000",
                                                  "asset": "1400"}})  # fmt: skip
    cost, price = ({"amount": amount, "currency": "USD"} for amount in (70_000, 99_900))
    person.act("receive", "L1", "LATHE", location="MAIN", cost=cost, party="HITECH",
               at="2026-01-31T12:00:00Z")  # fmt: skip
    person.document("sales_order/SO-1", {"item": "LATHE", "quantity": 1, "price": price},
                    party="MILLER")  # fmt: skip
    person.serials_on("sales_order/SO-1", "L1")
    person.do("sales_order/SO-1", "confirm")
    person.do("sales_order/SO-1", "ship", at="2026-02-28T12:00:00Z")
    lathe = person.one("L1", "LATHE")
    assert (lathe["cost"], lathe["price"], lathe["supplier"], lathe["customer"]) == (
        cost, price, "HITECH", "MILLER",
    )  # fmt: skip
    assert lathe["warranty"] == {"in": "2027-01-31", "out": "2028-02-28"}
    steps = person.get(f"/serials/{lathe['id']}/history")["items"]
    assert [(one["action"], one["at"][:10]) for one in steps if one["action"] != "commit"] == [
        ("ship", "2026-02-28"), ("receive", "2026-01-31"),
    ]  # fmt: skip
    margin = person.get("/reports/margin_by_serial/preview", item="LATHE")
    row = dict(zip(margin["report"]["columns"], margin["rows"][0], strict=True))
    assert (row["serial"], row["price"], row["cost"], row["margin"], row["currency"]) == (
        "L1", "999.00", "700.00", "299.00", "USD",
    )  # fmt: skip
    expiring = person.get("/reports/warranty_expiring/preview", item="LATHE", whose="customer",
                          **{"from": "2028-02-28", "before": "2028-02-28"})  # fmt: skip
    assert len(expiring["rows"]) == 1


@pytest.mark.seed("N7")
def test_an_assembly_with_a_serial_has_serialised_parts_that_come_out_again(
    person: Person,
) -> None:
    person.put("/items/BLADE", {"tracking": "serial"})
    person.put("/items/MIXER", {"kind": "assembly", "tracking": "serial",
                                "members": [{"item": "BLADE", "quantity": 2}]})  # fmt: skip
    cost = {"amount": 250, "currency": "EUR"}
    person.act("receive", "BL1 BL2", "BLADE", location="MAIN", cost=cost)
    work = "work_order/WO-1"
    person.document(work, {"item": "MIXER", "quantity": 1}, to="MAIN", **{"from": "MAIN"})
    person.serials_on(work, "BL1 BL2", line=2)
    person.do(work, "start")
    person.do(work, "consume")
    person.do(work, "produce", lines=[{"line": 1, "serials": "MX1"}])
    person.do(work, "finish")
    mixer = person.one("MX1", "MIXER")
    assert mixer["cost"] == {"amount": 500, "currency": "EUR"}
    parts = person.get(f"/serials/{mixer['id']}/parts")["items"]
    assert [(one["serial"], one["depth"]) for one in parts] == [("BL1", 1), ("BL2", 1)]
    up = person.get(f"/serials/{person.one('BL2', 'BLADE')['id']}/assembly")["items"]
    assert [one["serial"] for one in up] == ["MX1"]
    person.act("ship", "MX1", "MIXER", party="BAKER")
    assert person.refused_act("unbuild", "BL1", "BLADE", location="MAIN")["status"] == 409
    person.act("return", "MX1", "MIXER", party="BAKER", location="QUARANTINE", reason="jammed")
    person.act("accept", "MX1", "MIXER", location="MAIN")
    person.act("unbuild", "BL1", "BLADE", location="BAY-1")
    assert person.serials("BLADE") == ["BL1"]


@pytest.mark.seed("N11")
def test_a_kit_asks_for_the_serials_and_lots_of_its_members(person: Person) -> None:
    person.put("/items/CAM", {"tracking": "serial"})
    person.put("/items/FILM", {"tracking": "lot"})
    person.put("/items/STRAP", {})
    person.put("/items/SETBOX", {"kind": "kit", "members": [
        {"item": "CAM", "quantity": 1}, {"item": "FILM", "quantity": 3},
        {"item": "STRAP", "quantity": 1}]})  # fmt: skip
    person.document("receipt/GR-K", {"item": "CAM", "quantity": 2}, {"item": "FILM", "quantity": 9},
                    {"item": "STRAP", "quantity": 2}, party="HITECH", to="MAIN")  # fmt: skip
    person.do("receipt/GR-K", "post", lines=[
        {"line": 1, "serials": "CM1 CM2"}, {"line": 2, "lots": [{"lot": "F26", "quantity": 9}]},
        {"line": 3}])  # fmt: skip
    order = "sales_order/SO-K"
    made = person.document(order, {"item": "SETBOX", "quantity": 2}, party="MILLER")
    assert [(one["item"], one["pieces"], one["part_of"]) for one in made["lines"]] == [
        ("SETBOX", 2, None), ("CAM", 2, 1), ("FILM", 6, 1), ("STRAP", 2, 1),
    ]  # fmt: skip
    person.do(order, "confirm")
    assert person.get(f"/documents/{order}/check", **{"for": "ship"})["ok"] is False
    person.serials_on(order, "CM1 CM2", line=2)
    shipped = person.do(order, "ship", lines=[
        {"line": 2}, {"line": 3, "lots": [{"lot": "F26", "quantity": 6}]}, {"line": 4},
    ])  # fmt: skip
    assert shipped["document"]["status"] == "done"
    assert [person.stock(sku)["on_hand"] for sku in ("CAM", "FILM", "STRAP")] == [0, 3, 0]


@pytest.mark.seed("N8")
def test_a_customers_serials_are_listed_and_one_is_taken_off_a_case(person: Person) -> None:
    person.put("/items/HEATER", {"tracking": "serial"})
    person.act("receive", "HE1 HE2", "HEATER", location="MAIN")
    person.act("ship", "HE1 HE2", "HEATER", party="BAKER")
    bought = person.get("/parties/BAKER/serials", item="HEATER")["items"]
    assert [one["serial"] for one in bought] == ["HE1", "HE2"]
    case = "case/CASE-1"
    person.document(case, {"item": "HEATER", "quantity": 1}, party="BAKER", memo="smells")
    person.serials_on(case, "HE1 HE2")
    person.ask("DELETE", f"/documents/{case}/lines/1/serials/HE2")
    linked = person.get(f"/documents/{case}/lines/1/serials")["items"]
    assert [one["serial"] for one in linked] == ["HE1"]
    assert person.state("HE2", "HEATER") == "shipped"  # untouched
    # From the case to the return of what it is about.
    back = "customer_return/RMA-C"
    person.document(back, {"item": "HEATER", "quantity": 1}, party="BAKER", to="QUARANTINE",
                    source={"type": "case", "number": "CASE-1"}, reason="smells")  # fmt: skip
    person.do(back, "receive", lines=[{"line": 1, "serials": "HE1"}])
    assert person.state("HE1", "HEATER") == "returned"


@pytest.mark.seed("N21")
def test_who_may_change_a_document_may_choose_its_serials_and_nobody_else(person: Person) -> None:
    person.put("/items/RADIUM", {"tracking": "serial"})
    person.act("receive", "RA1 RA2", "RADIUM", location="MAIN")
    order = "/v1/documents/sales_order/SO-P"
    body = {"party": "MILLER", "lines": [{"item": "RADIUM", "quantity": 1}]}
    chosen = {"serials": "RA1"}
    daemon = person.daemon
    with connect(daemon, make_key(daemon, "sales", "read", "registry:sales_order")) as sales:
        assert sales.put(order, json=body).status_code == 201
        assert sales.post(f"{order}/lines/1/serials", json=chosen).status_code == 200
        assert sales.delete(f"{order}/lines/1/serials/RA1").status_code == 204
    with connect(daemon, make_key(daemon, "buys", "read", "registry:purchase_order")) as buyer:
        assert buyer.get(order).status_code == 200
        refused = buyer.post(f"{order}/lines/1/serials", json=chosen)
        assert refused.status_code == 403
        assert "registry:sales_order" in refused.json()["detail"]
        assert buyer.post("/v1/serials/actions", json={
            "action": "ship", "item": "RADIUM", "serials": "RA1", "party": "MILLER",
        }).status_code == 403  # fmt: skip
    assert person.state("RA1", "RADIUM") == "received"


@pytest.mark.seed("N22")
@pytest.mark.seed("N23")
@pytest.mark.seed("N24")
def test_information_of_each_serial_is_entered_at_the_receipt_and_found_when_selling(
    person: Person,
) -> None:
    person.put("/fields/serial/grade", {"type": "choice", "choices": ["A", "B"],
                                        "searchable": True})  # fmt: skip
    person.put("/items/OPAL", {"tracking": "serial"})
    person.document("receipt/GR-F", {"item": "OPAL", "quantity": 3}, party="HITECH", to="MAIN")
    person.do("receipt/GR-F", "post", lines=[{"line": 1, "serials": [
        {"serial": "OP1", "fields": {"grade": "A"}, "memo": "chipped"},
        {"serial": "OP2", "fields": {"grade": "B"}}, "OP3"]}])  # fmt: skip
    # Viewed again later, the posted receipt leads to each serial, which takes more.
    later = person.get("/serials", document="receipt/GR-F")["items"]
    third = next(one for one in later if one["serial"] == "OP3")
    person.ask("PATCH", f"/serials/{third['id']}", {"fields": {"grade": "A"}, "memo": "late"})
    graded = person.get("/serials", item="OPAL", **{"field.grade": "A", "state": "received"})
    assert [(one["serial"], one["memo"]) for one in graded["items"]] == [
        ("OP1", "chipped"), ("OP3", "late"),
    ]  # fmt: skip
    person.document("sales_order/SO-F", {"item": "OPAL", "quantity": 2}, party="MILLER")
    named = person.post("/documents/sales_order/SO-F/lines/1/serials",
                        {"ids": [one["id"] for one in graded["items"]]})  # fmt: skip
    assert (named["chosen"], named["room"]) == (2, 0)


@pytest.mark.seed("N26")
def test_a_drop_shipment_never_comes_to_us_and_a_service_has_no_serials(person: Person) -> None:
    person.put("/items/SAFE", {"tracking": "serial"})
    order = "purchase_order/PO-D"
    person.document(order, {"item": "SAFE", "quantity": 1}, party="HITECH", to="MAIN")
    person.do(order, "confirm")
    person.do(order, "drop_ship", party="MILLER", lines=[{"line": 1, "serials": "SF1"}])
    safe = person.one("SF1", "SAFE")
    assert (safe["state"], safe["customer"], safe["supplier"], safe["location"]) == (
        "shipped", "MILLER", "HITECH", None,
    )  # fmt: skip
    assert (person.stock("SAFE")["on_hand"], person.stock("SAFE")["on_order"]) == (0, 0)
    for kind in ("service", "discount", "subtotal", "download", "gift certificate"):
        refused = person.refused("/items/X", {"kind": kind}, method="PUT")
        assert refused["code"] == "item_not_trackable", kind
