"""Tall Emu's page: products become serialised, and not, and batches; orders, counts, reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.scenarios.conftest import Person


@pytest.mark.seed("E1")
@pytest.mark.seed("E4")
@pytest.mark.seed("E5")
@pytest.mark.seed("E6")
def test_a_new_product_ticked_serialised_is_stock_tracked_and_asks_for_its_codes(
    person: Person,
) -> None:
    person.put("/settings/registry.require_account_codes", {"value": True})
    try:
        refused = person.refused("/items/DRONE", {"tracking": "serial"}, method="PUT")
        assert refused["code"] == "account_codes_missing"
        codes = {"income": "4000", "cogs": "5000", "asset": "1400"}
        made = person.put("/items/DRONE", {"tracking": "serial", "account_codes": codes,
                                           "tax_code": "GST"})  # fmt: skip
        assert (made["tracking"], made["stock_tracked"]) == ("serial", True)
    finally:
        person.put("/settings/registry.require_account_codes", {"value": False})
    # From now on there is no piece without a serial.
    person.document("receipt/GR-1", {"item": "DRONE", "quantity": 1}, party="HITECH", to="MAIN")
    assert person.refused("/documents/receipt/GR-1/post")["code"] == "serials_missing"


@pytest.mark.seed("E2")
@pytest.mark.seed("E7")
@pytest.mark.seed("E8")
@pytest.mark.seed("E13")
@pytest.mark.seed("E15")
def test_a_saved_product_with_stock_is_serialised_later_and_its_pieces_get_serials(
    person: Person,
) -> None:
    person.put("/items/TENT", {"name": "Tent"})
    for place, pieces in (("BAY-1", 3), ("SHOP", 2)):
        path = f"adjustment/ADJ-TENT-{place}"
        person.document(path, {"item": "TENT", "quantity": pieces}, to=place, reason="opening")
        person.do(path, "post")
    person.put("/settings/registry.opening", {"value": "at_once"})
    refused = person.refused("/items/TENT/tracking", {"to": "serial", "opening": "T1"})
    assert refused["code"] == "opening_serials_missing"
    assert person.get("/items/TENT")["tracking"] == "none"  # saved whole or not at all
    person.put("/settings/registry.opening", {"value": "later"})
    marked = person.post("/items/TENT/tracking", {"to": "serial"})
    assert (marked["item"]["tracking"], marked["without_serial"]) == ("serial", 5)
    assert person.stock("TENT")["without_serial"] == 5
    person.post("/items/TENT/tracking", {"opening": "T1..T3", "location": "BAY-1"})
    # Those without one are on hand, and do not leave before they have one.
    person.document("shipment/SH-T", {"item": "TENT", "quantity": 4}, party="MILLER")
    refused = person.refused("/documents/shipment/SH-T/ship")
    assert refused["code"] == "serials_missing"
    last = person.post("/items/TENT/tracking", {
        "opening": [{"serial": "T4", "location": "SHOP"}, {"serial": "T5", "location": "SHOP"}],
    })  # fmt: skip
    assert (last["opened"], last["without_serial"]) == (2, 0)
    assert person.serials("TENT", location="SHOP") == ["T4", "T5"]
    person.do("shipment/SH-T", "ship", lines=[{"line": 1, "serials": "T1..T4"}])
    assert person.serials("TENT") == ["T5"]
    refused = person.refused("/items/TENT/tracking", {"opening": "T6"})
    assert refused["status"] == 409


@pytest.mark.seed("E3")
@pytest.mark.seed("E10")
@pytest.mark.seed("E11")
def test_what_the_accounts_know_stays_serialised_until_it_is_unlocked(person: Person) -> None:
    person.put("/items/RIFLE", {"tracking": "serial"})
    person.act("receive", "R1 R2", "RIFLE", location="MAIN")
    person.post("/items/RIFLE/sync-marks", {"system": "MYOB", "external_id": "77"})
    for change in ("none", "lot"):
        refused = person.refused("/items/RIFLE/tracking", {"to": change})
        assert (refused["status"], refused["code"]) == (409, "item_synced")
    person.post("/items/RIFLE/unlock", {"reason": "ticket 4711: wrong product"})
    events = person.get("/registry/events", limit=5)["items"]
    assert "ticket 4711: wrong product" in [one["reason"] for one in events]

    warned = person.refused("/items/RIFLE/tracking", {"to": "none"})
    assert (warned["status"], warned["code"]) == (428, "confirmation_required")
    assert warned["facts"]["consequences"][0].startswith("2 serials of RIFLE end as untracked")
    confirmed = {"to": "none", "confirm": warned["facts"]["token"]}
    done = person.post("/items/RIFLE/tracking", confirmed)
    assert (done["untracked"], done["item"]["tracking"], done["item"]["stock_tracked"]) == (
        2, "none", True,
    )  # fmt: skip
    assert (person.stock("RIFLE")["on_hand"], person.state("R1", "RIFLE")) == (2, "untracked")
    # Stock tracking is another switch, and not while there is stock.
    refused = person.refused("/items/RIFLE/stock-tracking", {"on": False})
    assert refused["code"] == "item_in_use"
    person.document("write_off/WRO-R", {"item": "RIFLE", "quantity": 2}, reason="sold off",
                    **{"from": "MAIN"})  # fmt: skip
    person.do("write_off/WRO-R", "post")
    warned = person.refused("/items/RIFLE/stock-tracking", {"on": False})
    assert warned["code"] == "confirmation_required"
    off = person.post("/items/RIFLE/stock-tracking",
                      {"on": False, "confirm": warned["facts"]["token"]})  # fmt: skip
    assert off["stock_tracked"] is False


@pytest.mark.seed("E12")
def test_a_serialised_product_becomes_batch_tracked(person: Person) -> None:
    person.put("/items/WINE", {"tracking": "serial"})
    person.act("receive", "W1..W4", "WINE", location="BAY-1")
    person.act("receive", "W5 W6", "WINE", location="SHOP")
    warned = person.refused("/items/WINE/tracking", {"to": "lot"})
    assert warned["code"] == "confirmation_required"
    done = person.post("/items/WINE/tracking", {
        "to": "lot", "lots": {"BAY-1": "VINTAGE-24"}, "confirm": warned["facts"]["token"],
    })  # fmt: skip
    assert (done["untracked"], sorted(done["lots"])) == (6, ["BAY-1", "SHOP"])
    assert done["lots"]["BAY-1"] == "VINTAGE-24"
    assert done["lots"]["SHOP"].startswith("CONV-")
    spots = person.get("/stock", item="WINE", by="lot")["items"][0]["lots"]
    assert sorted((one["lot"], one["on_hand"]) for one in spots) == sorted(
        [(done["lots"]["SHOP"], 2), ("VINTAGE-24", 4)]
    )


@pytest.mark.seed("E17")
@pytest.mark.seed("E18")
@pytest.mark.seed("E19")
@pytest.mark.seed("E20")
@pytest.mark.seed("E21")
@pytest.mark.seed("E22")
def test_serials_of_a_purchase_order_are_added_in_bulk_or_singly_while_it_can_be_edited(
    person: Person,
) -> None:
    person.put("/items/RADAR", {"tracking": "serial"})
    order = "purchase_order/PO-R"
    person.document(order, {"item": "RADAR", "quantity": 4}, party="HITECH", to="MAIN")
    person.do(order, "confirm")
    refused = person.refused(f"/documents/{order}/receive")
    assert (refused["status"], refused["code"]) == (409, "serials_missing")
    # In bulk: looked at first, which changes nothing.
    lines = f"/documents/{order}/lines/1/serials"
    preview = person.post(lines, {"serials": "X1\nX2\nX3"}, dry_run=1)
    assert (preview["chosen"], preview["room"], preview["dry_run"]) == (3, 1, True)
    assert person.line(order)["planned"] == 0
    twice = person.refused(lines, {"serials": "X1\nX2\nX1"})
    assert twice["code"] == "duplicate_in_list"
    person.serials_on(order, "X1\nX2\nX3")
    # Singly: a serial and its quantity, which is one.
    refused = person.refused(lines, {"serials": [{"serial": "X4", "quantity": 2}]})
    assert refused["code"] == "serial_quantity_not_one"
    person.serials_on(order, [{"serial": "X4", "quantity": 1}])
    person.ask("DELETE", f"{lines}/X4")
    person.serials_on(order, "X5")
    person.do(order, "receive")
    assert person.serials("RADAR") == ["X1", "X2", "X3", "X5"]
    # Now it is finished: its serials are shown, and not changed any more.
    shown = person.get(lines)["items"]
    assert sorted(one["serial"] for one in shown) == ["X1", "X2", "X3", "X5"]
    refused = person.refused(lines, {"serials": "X6"})
    assert (refused["status"], refused["code"]) == (409, "document_done")
    assert person.refused(f"{lines}/X1", method="DELETE")["code"] == "document_done"
    assert person.serials("RADAR") == ["X1", "X2", "X3", "X5"]


@pytest.mark.seed("E23")
@pytest.mark.seed("E24")
@pytest.mark.seed("E25")
@pytest.mark.seed("E26")
@pytest.mark.seed("E30")
@pytest.mark.seed("E29")
def test_serials_are_complete_before_a_shipment_or_an_invoice_and_reports_find_them(
    person: Person,
) -> None:
    person.put("/items/SONAR", {"name": "Sonar", "tracking": "serial"})
    person.act("receive", "N1..N4", "SONAR", location="MAIN")
    order = "sales_order/SO-S"
    price = {"amount": 9900, "currency": "AUD"}
    person.document(order, {"item": "SONAR", "quantity": 2, "price": price}, party="MILLER")
    person.do(order, "confirm")
    offered = person.get(f"/documents/{order}/lines/1/suggest")["serials"]
    assert offered == ["N1", "N2"]
    source = {"type": "sales_order", "number": "SO-S"}
    person.document("invoice/INV-S", party="MILLER", source=source)
    refused = person.refused("/documents/invoice/INV-S/post")
    assert (refused["status"], refused["code"]) == (409, "serials_missing")
    for what in ("ship", "invoice"):
        assert person.get(f"/documents/{order}/check", **{"for": what})["ok"] is False
    person.serials_on(order, "N1 N2")
    person.ask("DELETE", f"/documents/{order}/lines/1/serials/N2")
    person.serials_on(order, "N4")
    assert person.get(f"/documents/{order}/check", **{"for": "ship"})["ok"] is True
    person.do(order, "ship")
    person.serials_on("invoice/INV-S", "N1 N4")
    person.do("invoice/INV-S", "post")

    titles = [one["title"] for one in person.get("/reports", name="serial")["items"]]
    assert "Serials by item" in titles
    for report, document in (("prior_items_sold", "SO-S"), ("prior_items_invoiced", "INV-S")):
        looked = person.get(f"/reports/{report}/preview", **{"filter.serial_or_batch": "n4"})
        rows = [dict(zip(looked["report"]["columns"], row, strict=True)) for row in looked["rows"]]
        assert [(row["item"], row["customer"]) for row in rows] == [("SONAR", "MILLER")]
        assert document in rows[0]["document"]
        assert "N4" in rows[0]["serial_or_batch"]
        nothing = person.get(f"/reports/{report}/preview", **{"filter.serial_or_batch": "N3"})
        assert nothing["rows"] == []


@pytest.mark.seed("E27")
def test_a_work_order_does_not_start_without_the_serials_of_its_inputs(person: Person) -> None:
    person.put("/items/WHEEL", {"tracking": "serial"})
    person.put("/items/BIKE", {"kind": "assembly", "tracking": "serial",
                               "members": [{"item": "WHEEL", "quantity": 2}]})  # fmt: skip
    person.act("receive", "L1 L2", "WHEEL", location="MAIN")
    work = "work_order/WO-B"
    person.document(work, {"item": "BIKE", "quantity": 1}, to="MAIN", **{"from": "MAIN"})
    refused = person.refused(f"/documents/{work}/start")
    assert (refused["code"], refused["facts"]["lines"]) == ("serials_missing", [2])
    person.serials_on(work, "L1", line=2)
    assert person.refused(f"/documents/{work}/start")["facts"]["given"] == 1
    person.serials_on(work, "L2", line=2)
    assert person.do(work, "start")["document"]["status"] == "in_progress"


@pytest.mark.seed("E9")
@pytest.mark.seed("E31")
@pytest.mark.seed("E32")
@pytest.mark.seed("A4")
def test_a_serial_is_adjusted_by_one_and_the_accounts_fetch_that(person: Person) -> None:
    person.put("/items/CABLE", {"tracking": "serial"})
    newest = person.get("/registry/adjustments", limit=500)["items"]
    cursor = newest[-1]["seq"] if newest else 0
    plus = {"item": "CABLE", "quantity": 1}
    person.document("adjustment/ADJ-1", plus, to="BAY-2", reason="found")
    person.do("adjustment/ADJ-1", "post", lines=[
        {"line": 1, "serials": [{"serial": "C1", "quantity": 1}]}])  # fmt: skip
    assert person.one("C1", "CABLE")["location"] == "BAY-2"
    person.document("adjustment/ADJ-2", {"item": "CABLE", "quantity": -1}, reason="lost")
    refused = person.refused("/documents/adjustment/ADJ-2/post", {
        "lines": [{"line": 1, "serials": [{"serial": "C1", "quantity": -2}]}]})  # fmt: skip
    assert refused["code"] == "serial_quantity_not_one"
    person.do("adjustment/ADJ-2", "post", lines=[
        {"line": 1, "serials": [{"serial": "C1", "quantity": -1}]}])  # fmt: skip
    assert person.state("C1", "CABLE") == "written_off"
    told = person.get("/registry/adjustments", after=cursor, corrections=True)["items"]
    mine = [(part["change"], part["serials"]) for one in told for part in one["lines"]
            if part["item"] == "CABLE"]  # fmt: skip
    assert mine == [(1, ["C1"]), (-1, ["C1"])]
    person.post(f"/registry/adjustments/{told[-1]['seq']}/synced", through=True)
    again = person.get("/registry/adjustments", after=cursor, unsynced=True)["items"]
    assert again == []
    moves = person.get("/items/CABLE/movements")["items"]
    assert [(one["action"], one["serial"], one["to"]["state"]) for one in moves] == [
        ("write_off", "C1", "written_off"), ("adjust_in", "C1", "received"),
    ]  # fmt: skip


@pytest.mark.seed("E33")
def test_a_stocktake_takes_a_file_and_makes_new_serials_and_batches(person: Person) -> None:
    person.put("/items/KAYAK", {"tracking": "serial"})
    person.put("/items/RESIN", {"tracking": "lot"})
    person.act("receive", "Y1..Y3", "KAYAK", location="BAY-2")
    path = "stocktake/ST-1"
    person.document(path, {"item": "KAYAK", "quantity": 0}, {"item": "RESIN", "quantity": 0},
                    **{"from": "BAY-2"})  # fmt: skip
    person.do(path, "start")
    table = "location,item,serial,lot,quantity\nBAY-2,KAYAK,Y1,,\nBAY-2,KAYAK,Y2,,\n" \
            "BAY-2,KAYAK,Y9,,\nBAY-2,RESIN,,BATCH-7,12\n"  # fmt: skip
    counted = person.web.post(f"/v1/documents/{path}/count", content=table.encode(),
                              headers={"Content-Type": "text/csv"})  # fmt: skip
    assert counted.status_code == 200, counted.text
    found = {one["difference"]: one["kind"]
             for one in person.get(f"/documents/{path}/differences")["items"]}  # fmt: skip
    assert found == {
        "KAYAK/Y3": "missing", "KAYAK/Y9": "unknown", "RESIN/BATCH-7@BAY-2": "quantity",
    }  # fmt: skip
    assert person.refused(f"/documents/{path}/post")["code"] == "stocktake_unresolved"
    person.do(path, "decide", decisions=[
        {"kind": "missing", "decision": "write_off"}, {"kind": "unknown", "decision": "add"},
        {"kind": "quantity", "decision": "adjust"},
    ])  # fmt: skip
    person.do(path, "post", reason="yearly count")
    assert person.serials("KAYAK") == ["Y1", "Y2", "Y9"]
    assert (person.state("Y3", "KAYAK"), person.stock("RESIN")["on_hand"]) == ("written_off", 12)


@pytest.mark.seed("E34")
@pytest.mark.seed("E35")
@pytest.mark.seed("N9")
@pytest.mark.seed("N10")
def test_units_currencies_landed_cost_and_products_that_are_not_active(person: Person) -> None:
    person.put("/items/OAR", {"tracking": "serial", "units": {"pair": 2}})
    cost = {"amount": 1000, "currency": "AUD"}
    person.document("receipt/GR-O", {"item": "OAR", "quantity": 1.5, "uom": "pair", "cost": cost},
                    party="HITECH", to="BAY-1")  # fmt: skip
    assert person.line("receipt/GR-O")["pieces"] == 3
    person.do("receipt/GR-O", "post", lines=[{"line": 1, "serials": "O1..O3"}])
    person.do("receipt/GR-O", "landed_cost", amount={"amount": 300, "currency": "AUD"},
              reason="freight")  # fmt: skip
    assert person.one("O1", "OAR")["cost"]["currency"] == "AUD"
    refused = person.refused("/items/OAR", {"units": {"third": 0.5}}, method="PUT")
    assert refused["code"] == "fractional_serial_quantity"
    refused = person.refused("/documents/receipt/GR-P", {
        "lines": [{"item": "OAR", "quantity": 0.4, "uom": "pair"}]}, method="PUT")  # fmt: skip
    assert refused["code"] == "fractional_serial_quantity"
    person.put("/items/OAR", {"active": False})
    refused = person.refused_act("receive", "O4", "OAR", location="MAIN")
    assert (refused["status"], refused["code"]) == (409, "item_inactive")
    sold = person.act("ship", "O1", "OAR", party="MILLER")
    assert sold["serials"][0]["state"] == "shipped"
