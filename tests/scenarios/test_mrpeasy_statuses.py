"""MRPeasy's page of serial numbers: seven statuses that follow by themselves, fields, labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.scenarios.conftest import Person


def lot_of(person: Person, serial: str, item: str) -> Any:
    (lot,) = person.get("/lots", item=item, serial=serial)["items"]
    return lot


def receive_one(person: Person, item: str, serial: str) -> None:
    """Receive a piece on a receipt of its own, so that its lot is its own."""
    path = f"receipt/GR-{item}-{serial}"
    person.document(path, {"item": item, "quantity": 1}, party="HITECH", to="MAIN")
    person.do(path, "post", lines=[{"line": 1, "serials": serial}])


@pytest.mark.seed("M9")
@pytest.mark.seed("M10")
@pytest.mark.seed("M12")
@pytest.mark.seed("M13")
@pytest.mark.seed("M14")
@pytest.mark.seed("M15")
@pytest.mark.seed("M16")
@pytest.mark.seed("M17")
@pytest.mark.seed("M18")
@pytest.mark.seed("M19")
@pytest.mark.seed("M21")
@pytest.mark.seed("M22")
def test_the_seven_statuses_follow_from_how_things_are_handled(person: Person) -> None:
    person.put("/items/SENSOR", {"tracking": "serial"})
    person.put("/items/GADGET", {"kind": "assembly", "tracking": "serial",
                                 "members": [{"item": "SENSOR", "quantity": 1}]})  # fmt: skip
    order = "purchase_order/PO-1"
    person.document(order, {"item": "SENSOR", "quantity": 1}, party="HITECH", to="MAIN")
    person.serials_on(order, "S1")
    assert (person.state("S1", "SENSOR"), lot_of(person, "S1", "SENSOR")["status_text"]) == (
        "planned", "Planned",
    )  # fmt: skip
    for serial in ("S2", "S3", "S4", "S5", "S6", "S7"):
        receive_one(person, "SENSOR", serial)

    work = "work_order/WO-1"
    person.document(work, {"item": "GADGET", "quantity": 1}, to="MAIN", **{"from": "MAIN"})
    person.serials_on(work, "S3", line=2)
    person.do(work, "start")
    person.do(work, "consume")
    person.do(work, "produce", lines=[{"line": 1, "serials": "G1"}])
    person.do(work, "finish")

    person.document("shipment/SH-1", {"item": "SENSOR", "quantity": 2}, party="MILLER")
    person.serials_on("shipment/SH-1", "S4 S7")
    person.do("shipment/SH-1", "ship")

    person.document("write_off/WRO-1", {"item": "SENSOR", "quantity": 1}, reason="dropped",
                    **{"from": "MAIN"})  # fmt: skip
    person.do("write_off/WRO-1", "post", lines=[{"line": 1, "serials": "S5"}])

    person.act("reject", "S6", "SENSOR", reason="out of range", location="QUARANTINE")

    person.document("customer_return/RMA-1", {"item": "SENSOR", "quantity": 1}, party="MILLER",
                    to="QUARANTINE", reason="too noisy")  # fmt: skip
    person.do("customer_return/RMA-1", "receive", lines=[{"line": 1, "serials": "S7"}])

    statuses = {
        serial: (person.state(serial, "SENSOR"), lot_of(person, serial, "SENSOR")["status_text"])
        for serial in ("S1", "S2", "S3", "S4", "S5", "S6", "S7")
    }
    assert statuses == {
        "S1": ("planned", "Planned"),
        "S2": ("received", "Received"),
        "S3": ("consumed", "Consumed"),
        "S4": ("shipped", "Shipped"),
        "S5": ("written_off", "Written off"),
        "S6": ("rejected", "Rejected"),
        "S7": ("returned", "RMA returned"),
    }
    shipped = person.one("S4", "SENSOR")
    assert (shipped["customer"], shipped["location"]) == ("MILLER", None)
    assert person.serials("SENSOR", document="shipment/SH-1", show="all") == ["S4", "S7"]
    gadget = person.one("G1", "GADGET")
    assert person.one("S3", "SENSOR")["parent"] == gadget["id"]
    assert lot_of(person, "G1", "GADGET")["status_text"] == "Received"

    # No way leads to a status but what is done.
    patched = person.refused(f"/serials/{shipped['id']}", {"state": "received"}, method="PATCH")
    assert patched["status"] == 422
    put = person.refused(f"/serials/{shipped['id']}", {"state": "received"}, method="PUT")
    assert put["status"] == 405
    assert person.state("S4", "SENSOR") == "shipped"

    # What was a mistake is taken back, and its status with it.
    events = person.get("/registry/events", document="write_off/WRO-1")["items"]
    person.undo(events[0]["seq"])
    assert (person.state("S5", "SENSOR"), lot_of(person, "S5", "SENSOR")["status_text"]) == (
        "received", "Received",
    )  # fmt: skip


@pytest.mark.seed("M18")
@pytest.mark.seed("M19")
@pytest.mark.seed("N4")
def test_without_inspection_and_returns_there_is_no_rejected_and_no_returned(
    person: Person,
) -> None:
    person.put("/items/VALVE", {"tracking": "serial"})
    person.act("receive", "V1 V2", "VALVE", location="MAIN")
    person.act("ship", "V1", "VALVE", party="MILLER")
    features = person.get("/settings")["registry.features"]
    fewer = [one for one in features if one not in ("qc", "rma")]
    person.put("/settings/registry.features", {"value": fewer})
    try:
        refused = person.refused_act("reject", "V2", "VALVE", reason="leaks", location="QUARANTINE")
        assert (refused["status"], refused["code"]) == (403, "feature_disabled")
        back = person.act("return", "V1", "VALVE", party="MILLER", location="MAIN", reason="size")
        assert back["serials"][0]["state"] == "received"
        assert "reject" not in person.one("V2", "VALVE")["allowed"]
    finally:
        person.put("/settings/registry.features", {"value": features})


@pytest.mark.seed("M1")
@pytest.mark.seed("M2")
@pytest.mark.seed("M3")
@pytest.mark.seed("M4")
@pytest.mark.seed("M5")
@pytest.mark.seed("M6")
@pytest.mark.seed("M7")
@pytest.mark.seed("N22")
@pytest.mark.seed("N24")
def test_one_list_of_all_serials_is_searched_and_its_custom_fields_edited(person: Person) -> None:
    person.put("/fields/serial/firmware", {"type": "text", "searchable": True})
    person.put("/fields/serial/qc", {"type": "choice", "choices": ["A", "B"], "searchable": True})
    for sku in ("CAMERA", "LENS"):
        person.put(f"/items/{sku}", {"tracking": "serial"})
    person.act("receive", [{"serial": "K1", "fields": {"qc": "A"}, "memo": "scratch"}, "K2"],
               "CAMERA", location="MAIN")  # fmt: skip
    person.act("receive", "K3", "LENS", location="SHOP")
    person.act("ship", "K2", "CAMERA", party="BAKER")
    everything = person.get("/serials", prefix="K")["items"]
    assert [(one["item"], one["serial"], one["state"], one["customer"]) for one in everything] == [
        ("CAMERA", "K1", "received", None), ("CAMERA", "K2", "shipped", "BAKER"),
        ("LENS", "K3", "received", None),
    ]  # fmt: skip
    assert [one["serial"] for one in person.get("/parties/BAKER/serials")["items"]] == ["K2"]
    found = person.get("/serials", **{"field.qc": "A"})["items"]
    assert [(one["serial"], one["memo"]) for one in found] == [("K1", "scratch")]
    first = person.one("K1", "CAMERA")["id"]
    person.ask("PATCH", f"/serials/{first}", {"fields": {"firmware": "2.0", "qc": "B"}})
    assert person.get(f"/serials/{first}")["fields"] == {"firmware": "2.0", "qc": "B"}
    assert person.get("/serials", **{"field.qc": "A"})["items"] == []
    wrong = person.refused(f"/serials/{first}", {"fields": {"qc": "C"}}, method="PATCH")
    assert wrong["code"] == "field_wrong"
    history = person.get(f"/serials/{first}/history")["items"]
    assert [one["action"] for one in history] == ["annotate", "receive"]


@pytest.mark.seed("M11")
def test_serials_of_a_lot_are_entered_and_edited_by_hand(person: Person) -> None:
    person.put("/items/BOARD", {"tracking": "serial"})
    lot = person.post("/lots", {"item": "BOARD", "code": "B-2026"})
    path = f"/lots/{lot['id']}/serials"
    person.post(path, {"add": "100..103"})
    assert person.get(f"/lots/{lot['id']}")["status"] == "planned"
    person.post(path, {"remove": "103", "reason": "one too many"})
    person.post(path, {"add": "200, 201", "location": "BAY-1", "reason": "found in the cellar"})
    person.post(path, {"rename": {"201": "202"}, "reason": "misread"})
    shown = person.get(f"/lots/{lot['id']}")
    assert (shown["status"], shown["pieces"]) == (
        "received", {"cancelled": 1, "planned": 3, "received": 2},
    )  # fmt: skip
    assert person.serials("BOARD") == ["200", "202"]
    assert person.get("/resolve", code="201")["name"] == "202"  # the old one still finds it


@pytest.mark.seed("M20")
@pytest.mark.seed("N17")
def test_serials_move_to_another_warehouse_in_one_step_or_by_a_journey(person: Person) -> None:
    person.put("/items/SCALE", {"tracking": "serial"})
    person.act("receive", "W1 W2", "SCALE", location="BAY-1")
    person.document("transfer/TR-1", {"item": "SCALE", "quantity": 1}, to="SHOP",
                    **{"from": "BAY-1"})  # fmt: skip
    person.do("transfer/TR-1", "post", lines=[{"line": 1, "serials": "W1"}])
    assert person.one("W1", "SCALE")["location"] == "SHOP"
    person.document("transfer/TR-2", {"item": "SCALE", "quantity": 1}, to="SHOP",
                    **{"from": "BAY-1"})  # fmt: skip
    gone = person.do("transfer/TR-2", "dispatch", lines=[{"line": 1, "serials": "W2"}])
    assert (person.state("W2", "SCALE"), person.stock("SCALE")["on_hand"]) == ("in_transit", 1)
    person.undo(gone["events"][0])
    assert (person.state("W2", "SCALE"), person.one("W2", "SCALE")["location"]) == (
        "received", "BAY-1",
    )  # fmt: skip
    person.do("transfer/TR-2", "dispatch", lines=[{"line": 1, "serials": "W2"}])
    arrived = person.do("transfer/TR-2", "arrive")
    assert arrived["document"]["status"] == "done"
    assert person.serials("SCALE", location="SHOP") == ["W1", "W2"]


@pytest.mark.seed("M8")
@pytest.mark.seed("M23")
@pytest.mark.seed("M25")
@pytest.mark.seed("M26")
def test_labels_of_a_list_a_lot_and_a_work_order_are_read_off_the_paper(person: Person) -> None:
    person.put("/items/CELL", {"tracking": "serial"})
    person.put("/items/PACK", {"kind": "assembly", "tracking": "serial",
                               "members": [{"item": "CELL", "quantity": 2}]})  # fmt: skip
    person.document("receipt/GR-L", {"item": "CELL", "quantity": 3}, party="HITECH", to="MAIN")
    person.do("receipt/GR-L", "post", lines=[{"line": 1, "serials": "CE1..CE3"}])
    work = "work_order/WO-L"
    person.document(work, {"item": "PACK", "quantity": 1}, to="MAIN", **{"from": "MAIN"})
    person.serials_on(work, "CE1 CE2", line=2)
    person.do(work, "start")
    person.do(work, "consume")
    person.do(work, "produce", lines=[{"line": 1, "serials": "PA1"}])
    person.do(work, "finish")

    def printed(**selection: Any) -> list[str]:
        """Print, and return what a scanner reads on the new sheets, first first."""
        before = len(person.get("/printers/zebra/paper")["items"])
        job = person.post("/serials/print", {"printer": "zebra", **selection})
        assert person.get(f"/jobs/{job['id']}", wait=30)["counts"] == {"printed": job["labels"]}
        sheets = person.get("/printers/zebra/paper")["items"]  # newest first
        fresh = sheets[: len(sheets) - before][::-1]
        return [code["text"] for sheet in fresh for code in sheet["codes"]]

    lot = lot_of(person, "CE3", "CELL")
    ids = [person.one(serial, item)["id"] for serial, item in (("CE3", "CELL"), ("PA1", "PACK"))]
    assert printed(ids=ids) == ["CE3", "PA1"]
    assert printed(lot=lot["code"], item="CELL") == ["CE1", "CE2", "CE3"]
    assert "PA1" in printed(document="work_order/WO-L")
    assert person.one("PA1", "PACK")["label"] == "printed"
    # What stands on the label is what opens the serial when it is scanned.
    (code,) = printed(serials="PA1", item="PACK")
    assert person.get("/resolve", code=code)["id"] == person.one("PA1", "PACK")["id"]
