"""Lots over HTTP: what they are doing, their serials, holding them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse


def make(warehouse: Warehouse, **values: Any) -> Any:
    answer = warehouse.web.post("/v1/lots", json={"item": "DRILL", **values})
    assert answer.status_code == 201, answer.text
    return answer.json()


def lot(warehouse: Warehouse, made: Any) -> Any:
    return warehouse.web.get(made["links"]["self"]).json()


@pytest.mark.seed("M13")
@pytest.mark.seed("M11")
def test_a_lot_is_planned_until_a_piece_comes_and_follows_its_pieces(warehouse: Warehouse) -> None:
    web, made = warehouse.web, make(warehouse, code="L-1", expires_on="2027-01-31")
    assert (made["status"], made["status_text"], made["code"]) == ("planned", "Planned", "L-1")
    serials = made["links"]["serials"]
    edited = web.post(serials, json={"add": "S1..S4"}).json()
    assert (edited["added"], edited["lot"]["status"]) == (4, "planned")
    assert edited["lot"]["serials"] == {"count": 4, "first": "S1", "last": "S4"}
    gone = web.post(serials, json={"remove": ["S4"]}).json()
    assert (gone["removed"], gone["lot"]["pieces"]) == (1, {"cancelled": 1, "planned": 3})
    renamed = web.post(serials, json={"rename": {"S3": "S33"}, "reason": "mistyped"}).json()
    assert (renamed["renamed"], warehouse.one("S33")["lot"]) == (1, "L-1")
    warehouse.receive("S1, S2")
    assert lot(warehouse, made)["status"] == "received"
    warehouse.act("ship", "S1, S2", party="SMITH")
    assert lot(warehouse, made)["status"] == "planned"  # S33 is still to come
    web.post(serials, json={"remove": "S33"})
    assert lot(warehouse, made)["status"] == "shipped"
    warehouse.act("return", "S1", party="SMITH", location="Q")
    assert lot(warehouse, made)["status_text"] == "RMA returned"
    warehouse.act("reject", "S1", reason="dented")
    assert lot(warehouse, made)["status"] == "rejected"
    warehouse.act("write_off", "S1", reason="dented")
    assert lot(warehouse, made)["status"] == "shipped"


@pytest.mark.seed("M11")
def test_serials_are_added_to_a_lot_by_hand_on_hand(warehouse: Warehouse) -> None:
    web, made = warehouse.web, make(warehouse)
    assert made["code"].startswith("L0000")
    serials = made["links"]["serials"]
    body = {"add": ["A1", "A2"], "location": "A-01", "reason": "found on the shelf"}
    preview = web.post(f"{serials}?dry_run=1", json=body).json()
    assert (preview["dry_run"], preview["lot"]["pieces"]) == (True, {"received": 2})
    assert lot(warehouse, made)["pieces"] == {}
    headers = {"Idempotency-Key": "add-1"}
    first = web.post(serials, json=body, headers=headers).json()
    assert first == web.post(serials, json=body, headers=headers).json()
    assert lot(warehouse, made)["pieces"] == {"received": 2}
    refused = web.post(serials, json={"add": ["A2", "A3"], "location": "A-01", "reason": "x"})
    assert [one["code"] for one in refused.json()["items"]] == ["serial_on_hand"]
    warehouse.receive("B1")
    other = web.post(serials, json={"rename": {"B1": "B2"}, "remove": ["C1"], "reason": "x"})
    assert {one["subject"] for one in other.json()["items"]} == {"B1", "C1"}
    assert web.post(serials, json={}).json()["code"] == "serials_missing"
    assert web.delete(made["links"]["self"]).json()["code"] == "lot_in_use"


@pytest.mark.seed("A19")
def test_lots_are_found_by_their_serials(warehouse: Warehouse) -> None:
    web = warehouse.web
    warehouse.receive("A1", lot="X-1")
    warehouse.receive("A2..A9", lot="X-2")
    found = web.get("/v1/lots", params={"serial": "a5"}).json()["items"]
    assert [(one["code"], one["serials"]) for one in found] == [
        ("X-2", {"count": 8, "first": "A2", "last": "A9"})
    ]
    assert web.get("/v1/lots", params={"serial": "A"}).json()["items"] == []
    listed = web.get("/v1/lots", params={"item": "DRILL", "q": "x-", "limit": 1}).json()
    assert [one["code"] for one in listed["items"]] == ["X-2"]
    rest = web.get("/v1/lots", params={"q": "x-", "after": listed["next"]}).json()
    assert ([one["code"] for one in rest["items"]], rest["next"]) == (["X-1"], None)
    warehouse.act("write_off", "A1", reason="lost")
    for status, codes in (("written_off", ["X-1"]), ("received", ["X-2"]), ("planned", [])):
        found = web.get("/v1/lots", params={"status": status}).json()["items"]
        assert [one["code"] for one in found] == codes
    assert web.get("/v1/lots", params={"status": "lost"}).status_code == 422
    assert web.get("/v1/lots/TWRONG").json()["code"] == "lot_unknown"


@pytest.mark.seed("A20")
def test_a_lot_tells_which_serials_are_for_whom(warehouse: Warehouse) -> None:
    web = warehouse.web
    warehouse.receive("A1..A4", lot="X-1")
    made = web.get("/v1/lots", params={"q": "X-1"}).json()["items"][0]
    order = {"party": "SMITH", "lines": [{"item": "DRILL", "quantity": 2}]}
    web.put("/v1/documents/sales_order/SO-17", json=order)
    web.post("/v1/documents/sales_order/SO-17/confirm", json={})
    chosen = web.post("/v1/documents/sales_order/SO-17/lines/1/serials", json={"serials": "A2"})
    assert chosen.status_code == 200, chosen.text
    warehouse.act("write_off", "A4", reason="lost")
    whole = web.get(made["links"]["serials"]).json()
    assert [(one["serial"], one["group"], one["document"]) for one in whole["items"]] == [
        ("A1", "remaining", None),
        ("A2", "allocated", {"type": "sales_order", "number": "SO-17"}),
        ("A3", "remaining", None),
        ("A4", "gone", None),
    ]
    assert whole["counts"] == {"allocated": 1, "remaining": 2, "planned": 0, "gone": 1}
    some = web.get(made["links"]["serials"], params={"group": "remaining", "limit": 1}).json()
    assert [one["serial"] for one in some["items"]] == ["A1"]
    next_ = {"group": "remaining", "after": some["next"]}
    rest = web.get(made["links"]["serials"], params=next_).json()
    assert ([one["serial"] for one in rest["items"]], rest["next"]) == (["A3"], None)
    assert web.get(made["links"]["serials"], params={"group": "lost"}).status_code == 422


def test_a_held_lot_holds_all_its_pieces_and_no_others(warehouse: Warehouse) -> None:
    web = warehouse.web
    warehouse.receive("A1..A3", lot="X-1")
    warehouse.receive("B1", lot="X-2")
    warehouse.act("hold", "A3", reason="scratched")
    path = web.get("/v1/lots", params={"q": "X-1"}).json()["items"][0]["links"]["self"]
    assert web.post(f"{path}/hold", json={}).json()["code"] == "reason_required"
    assert web.post(f"{path}/hold", json={"reason": "recall"}).json()["held"] == "recall"
    assert [warehouse.one(serial)["held"] for serial in ("A1", "A3", "B1")] == [
        "recall", "scratched", None,
    ]  # fmt: skip
    assert warehouse.refused("ship", "A1", party="SMITH").json()["code"] == "serial_held"
    assert [one["code"] for one in web.get("/v1/lots?held=true").json()["items"]] == ["X-1"]
    assert web.post(f"{path}/unhold").json()["held"] is None
    assert [warehouse.one(serial)["held"] for serial in ("A1", "A3")] == [None, "scratched"]
    assert web.post("/v1/registry/verify").json()["whole"] is True


def test_a_lot_is_changed_under_its_version(warehouse: Warehouse) -> None:
    web, made = warehouse.web, make(warehouse, code="L-1", made_on="2026-02-01")
    make(warehouse, code="L-2")
    path = made["links"]["self"]
    web.put("/v1/fields/lot/origin", json={})
    body = {"expires_on": "2027-02-28", "memo": "cool", "fields": {"origin": "DE"}}
    changed = web.put(path, json=body, headers={"If-Match": web.get(path).headers["etag"]})
    assert (changed.json()["expires_on"], changed.json()["fields"]) == (
        "2027-02-28", {"origin": "DE"},
    )  # fmt: skip
    stale = web.put(path, json={"memo": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    for wrong in ({"expires_on": "2026-01-31"}, {"made_on": "yesterday"}, {"colour": "red"}):
        assert web.put(path, json=wrong).json()["code"] == "value_wrong"
    assert web.put(path, json={"code": "l-2"}).json()["code"] == "code_taken"
    twin = web.post("/v1/lots", json={"item": "DRILL", "code": "L-1"})
    assert (twin.status_code, twin.json()["code"]) == (409, "code_taken")
    found = web.get("/v1/lots", params={"expires_before": "2027-03-01"}).json()["items"]
    assert [one["code"] for one in found] == ["L-1"]
    assert web.delete(path).status_code == 204
    assert web.get(path).status_code == 404


def test_a_lots_span_is_from_the_first_that_came_to_the_last(warehouse: Warehouse) -> None:
    warehouse.receive("S1..S12", lot="X-9")
    (found,) = warehouse.web.get("/v1/lots", params={"q": "X-9"}).json()["items"]
    assert found["serials"] == {"count": 12, "first": "S1", "last": "S12"}


def test_what_an_order_consumed_is_its_own_and_what_was_just_consumed_is_gone(
    warehouse: Warehouse,
) -> None:
    warehouse.receive("A1, A2", lot="X-8")
    warehouse.receive("R1", item="ROBOT")
    robot = warehouse.one("R1", "ROBOT")["id"]
    warehouse.act("consume", "A1", parent=robot)
    (lot,) = warehouse.web.get("/v1/lots", params={"status": "received"}).json()["items"]
    assert lot["code"] == "X-8"
    whole = warehouse.web.get(lot["links"]["serials"]).json()
    assert whole["counts"] == {"allocated": 0, "remaining": 1, "planned": 0, "gone": 1}
    gone = warehouse.web.get(lot["links"]["serials"], params={"group": "gone"}).json()
    assert [one["serial"] for one in gone["items"]] == ["A1"]
    assert warehouse.web.get("/v1/lots", params={"status": "consumed"}).json()["items"] == []
