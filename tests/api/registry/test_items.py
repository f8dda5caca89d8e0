"""Items, locations, parties, operators and custom fields over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse


@pytest.mark.seed("E34")
def test_an_item_is_made_read_changed_and_removed(shared: Warehouse) -> None:
    web = shared.web
    made = web.put("/v1/items/HT-1", json={"name": "Hammer", "gtin": "4006381333931"})
    assert (made.status_code, made.headers["location"], made.headers["etag"]) == (
        201, "/v1/items/HT-1", '"1"',
    )  # fmt: skip
    shown = web.get("/v1/items/ht-1").json()
    assert shown == made.json()
    assert (shown["gtin"], shown["pattern"]) == (
        "04006381333931",
        {"prefix": "", "next": "1", "width": 5, "suffix": "", "example": "00001"},
    )
    same = web.put("/v1/items/HT-1", json=shown_without(shown, "links", "synced", "stock_tracked",
                   "version", "created_at", "changed_at"))  # fmt: skip
    assert (same.status_code, same.json()) == (200, shown)  # what is read can be sent back
    stale = web.put("/v1/items/HT-1", json={"name": "x"}, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    there = web.put("/v1/items/HT-1", json={}, headers={"If-None-Match": "*"})
    assert there.status_code == 412
    off = web.put("/v1/items/HT-1", json={"active": False}, headers={"If-Match": '"1"'})
    assert (off.json()["active"], off.json()["version"]) == (False, 2)
    assert web.delete("/v1/items/HT-1").status_code == 204
    assert web.get("/v1/items/HT-1").json()["code"] == "item_unknown"


def shown_without(shown: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if key not in keys}


def test_a_preview_changes_nothing(shared: Warehouse) -> None:
    preview = shared.web.put("/v1/items/GHOST?dry_run=1", json={"name": "Boo"})
    assert (preview.json()["status"], preview.json()["dry_run"]) == ("new", True)
    assert shared.web.get("/v1/items/GHOST").status_code == 404
    entries = shared.daemon.gateway.parts.database.read(
        "SELECT count(*) FROM feed WHERE subject = 'items/GHOST'"
    )
    assert entries == [(0,)]


def test_many_items_are_saved_once_whole_or_not_at_all(shared: Warehouse) -> None:
    web, rows = shared.web, [{"sku": "B-2", "variant_of": "B-1"}, {"sku": "B-1"}]
    bad = web.put("/v1/items", json=[*rows, {"sku": "B-3", "variant_of": "B-0"}])
    assert (bad.status_code, [one["subject"] for one in bad.json()["items"]]) == (404, ["B-3"])
    assert web.get("/v1/items/B-1").status_code == 404
    headers = {"Idempotency-Key": "bulk-1"}
    saved = web.put("/v1/items", json={"items": rows}, headers=headers)
    assert (saved.status_code, saved.json()["counts"]) == (200, {"new": 2, "changed": 0, "same": 0})
    again = web.put("/v1/items", json={"items": rows}, headers=headers)
    assert again.json() == saved.json()
    without = web.put("/v1/items", json=rows)
    assert without.json()["counts"] == {"new": 0, "changed": 0, "same": 2}
    preview = web.put("/v1/items?dry_run=1", json=[{"sku": "B-3"}]).json()
    assert preview["counts"]["new"] == 1
    page = web.get("/v1/items", params={"q": "b-", "limit": 1}).json()
    assert ([one["sku"] for one in page["items"]], page["next"]) == (["B-1"], "B-1")
    rest = web.get("/v1/items", params={"q": "b-", "after": page["next"]}).json()
    assert ([one["sku"] for one in rest["items"]], rest["next"]) == (["B-2"], None)
    assert web.put("/v1/items", json="B-4").status_code == 422


def test_another_system_names_items_by_its_own_ids(shared: Warehouse) -> None:
    web = shared.web
    first = web.put("/v1/items/by-external-id/erp%2F9", json={"sku": "E-9", "name": "Nine"})
    assert (first.status_code, first.json()["external_id"]) == (201, "erp/9")
    renamed = web.put("/v1/items/by-external-id/erp%2F9", json={"sku": "E-9b"})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Nine")
    assert web.get("/v1/items/by-external-id/erp%2F9").json()["sku"] == "E-9b"
    assert web.get("/v1/items/E-9").status_code == 404


@pytest.mark.parametrize(
    "path", ["items/%07", "items/...", "locations/a%5Cb", f"parties/{'x' * 65}"]
)
def test_what_a_path_calls_a_thing_is_checked_like_what_a_body_does(
    shared: Warehouse, path: str
) -> None:
    refused = shared.web.put(f"/v1/{path}", json={"kind": "customer"} if path[0] == "p" else {})
    assert (refused.status_code, refused.json()["code"]) == (422, "value_wrong")
    long = shared.web.put(f"/v1/items/by-external-id/{'x' * 201}", json={"sku": "LONG"})
    assert long.json()["facts"]["key"] == "external_id"


def test_only_a_key_with_the_right_changes_items(shared: Warehouse) -> None:
    with connect(shared.daemon, make_key(shared.daemon, "reader", "read")) as reader:
        assert reader.get("/v1/items/DRILL").status_code == 200
        assert reader.put("/v1/items/DRILL", json={"name": "x"}).status_code == 403
    with connect(shared.daemon, make_key(shared.daemon, "erp", "read", "registry:item")) as erp:
        assert erp.put("/v1/items/DRILL", json={"tax_code": "V"}).status_code == 200
        assert erp.post("/v1/items/DRILL/unlock", json={"reason": "x"}).status_code == 403
        assert erp.put("/v1/locations/A-01", json={}).status_code == 403


@pytest.mark.seed("A9")
def test_the_next_serials_can_be_looked_at(shared: Warehouse) -> None:
    shared.web.put("/v1/items/NEXT", json={"tracking": "serial", "next_serial": "N00009"})
    found = shared.web.get("/v1/items/NEXT/serials/next", params={"count": 2})
    assert found.json() == {"items": ["N00009", "N00010"]}
    assert shared.web.get("/v1/items/SCREW/serials/next").json()["code"] == "item_not_serialised"


@pytest.mark.seed("E11")
@pytest.mark.seed("E12")
def test_a_change_of_tracking_asks_first(warehouse: Warehouse) -> None:
    web = warehouse.web
    warehouse.receive("A1..A3")
    asked = web.put("/v1/items/DRILL", json={"tracking": "none"})
    assert (asked.status_code, asked.json()["code"]) == (428, "confirmation_required")
    asked = web.post("/v1/items/DRILL/tracking", json={"to": "lot"})
    assert asked.json()["facts"]["consequences"] == [
        "3 serials of DRILL end as untracked; their history stays.",
        "The 3 pc stay in stock where they are.", "They go into one lot for each location.",
    ]  # fmt: skip
    body = {"to": "lot", "lots": {"A-01": "B-7"}, "confirm": asked.json()["facts"]["token"]}
    preview = web.post("/v1/items/DRILL/tracking?dry_run=1", json=body).json()
    assert (preview["dry_run"], preview["untracked"]) == (True, 3)
    assert web.get("/v1/items/DRILL").json()["tracking"] == "serial"
    done = web.post("/v1/items/DRILL/tracking", json=body).json()
    assert (done["item"]["tracking"], done["untracked"], done["lots"]) == (
        "lot", 3, {"A-01": "B-7"},
    )  # fmt: skip
    lot = web.get("/v1/lots", params={"item": "DRILL"}).json()["items"][0]
    assert (lot["code"], lot["status"], lot["pieces"]) == (
        "B-7", "received", {"received": 3, "untracked": 3},
    )  # fmt: skip
    body = {"to": "serial", "opening": "A1, A2", "lot": "B-7"}
    once = {"Idempotency-Key": "open-1"}
    opened = web.post("/v1/items/DRILL/tracking", json=body, headers=once).json()
    assert web.post("/v1/items/DRILL/tracking", json=body, headers=once).json() == opened
    assert (opened["opened"], opened["without_serial"]) == (2, 1)
    more = web.post("/v1/items/DRILL/tracking", json={"opening": [{"serial": "A3"}]}).json()
    assert (more["opened"], more["without_serial"]) == (1, 0)
    assert web.post("/v1/items/DRILL/tracking", json={"opening": "A4"}).status_code == 409
    verdict = web.post("/v1/registry/verify").json()
    assert verdict["whole"] is True, verdict


@pytest.mark.seed("E3")
def test_an_item_the_accounts_know_is_unlocked_by_an_administrator(shared: Warehouse) -> None:
    web = shared.web
    web.put("/v1/items/SYNC", json={"tracking": "serial"})
    mark = {"system": "xero", "external_id": "X1"}
    assert web.post("/v1/items/SYNC/sync-marks", json=mark).json()["synced"][0]["system"] == "xero"
    locked = web.put("/v1/items/SYNC", json={"tracking": "none"})
    assert (locked.status_code, locked.json()["code"]) == (409, "item_synced")
    assert web.post("/v1/items/SYNC/unlock", json={}).json()["code"] == "reason_required"
    assert web.post("/v1/items/SYNC/unlock", json={"reason": "wrong"}).json()["synced"] == []
    off = web.post("/v1/items/SYNC/stock-tracking", json={"on": False})
    assert off.json()["code"] == "item_in_use"


# ---------------------------------------------------------------- locations


@pytest.mark.seed("E34")
def test_locations_are_a_tree(shared: Warehouse) -> None:
    web = shared.web
    rows = [
        {"code": "L-BIN", "kind": "bin", "parent": "L-ZONE"},
        {"code": "L-ZONE", "kind": "zone", "parent": "L-SITE"},
        {"code": "L-SITE", "gln": "4012345000009", "barcode": "site-1"},
    ]
    assert web.put("/v1/locations", json=rows).json()["counts"]["new"] == 3
    assert web.get("/v1/locations/L-BIN").json()["path"] == ["L-SITE", "L-ZONE", "L-BIN"]
    inside = web.get("/v1/locations", params={"parent": "L-SITE"}).json()["items"]
    assert [one["code"] for one in inside] == ["L-ZONE"]
    loop = web.put("/v1/locations/L-SITE", json={"kind": "zone", "parent": "L-ZONE"})
    assert (loop.status_code, loop.json()["code"]) == (422, "location_loop")
    wrong = web.put("/v1/locations/L-ZONE", json={"parent": "L-BIN"})
    assert "location_wrong_kind" in {one["code"] for one in wrong.json()["items"]}
    bad = web.put("/v1/locations/L-SITE", json={"gln": "4012345000008"})
    assert "expected 9, got 8" in bad.json()["detail"]
    assert web.delete("/v1/locations/L-ZONE").json()["facts"]["used"]["locations"] == 1
    assert web.delete("/v1/locations/L-BIN").status_code == 204
    twin = web.put("/v1/locations/L-ZONE", json={"code": "l-site"})
    assert (twin.status_code, twin.json()["code"]) == (409, "code_taken")


@pytest.mark.seed("T4")
def test_a_location_with_goods_stays_open(warehouse: Warehouse) -> None:
    web = warehouse.web
    warehouse.receive("A1", location="A-01")
    shut = web.put("/v1/locations/A-01", json={"active": False})
    assert (shut.status_code, shut.json()["detail"]) == (
        409, "1 pieces are at A-01; move them first.",
    )  # fmt: skip
    hall = web.put("/v1/locations/HALL", json={"active": False})
    assert {one["code"] for one in hall.json()["items"]} == {"location_in_use"}
    warehouse.act("transfer", "A1", location="A-02")
    assert web.put("/v1/locations/A-01", json={"active": False}).status_code == 200
    listed = web.get("/v1/locations", params={"active": False}).json()["items"]
    assert [one["code"] for one in listed] == ["A-01", "OLD"]
    assert warehouse.refused("transfer", "A1", location="A-01").json()["code"] == (
        "location_inactive"
    )
    used = web.delete("/v1/locations/A-01").json()
    assert (used["code"], used["facts"]["used"]["movements"]) == ("location_in_use", 2)


@pytest.mark.seed("N4")
def test_locations_obey_the_features(warehouse: Warehouse) -> None:
    web = warehouse.web
    web.put("/v1/settings/registry.features", json={"value": ["rma"]})
    refused = web.put("/v1/locations/NEW", json={"kind": "bin", "parent": "HALL"})
    assert (refused.status_code, refused.json()["facts"]["feature"]) == (403, "bins")
    second = web.put("/v1/locations/SECOND", json={"kind": "site"})
    assert second.json()["facts"]["feature"] == "multi_location"
    assert web.get("/v1/lots").json()["facts"]["feature"] == "lots"
    web.put("/v1/settings/registry.enabled", json={"value": False})
    assert web.get("/v1/items").json()["code"] == "feature_disabled"


# ---------------------------------------------------------------- parties and operators


def test_parties_are_customers_suppliers_or_both(shared: Warehouse) -> None:
    web = shared.web
    assert web.put("/v1/parties/P-1", json={"name": "One"}).json()["facts"]["key"] == "kind"
    made = web.put("/v1/parties/P-1", json={"name": "One", "kind": "both"})
    assert (made.status_code, made.json()["kind"]) == (201, "both")
    for kind in ("customer", "supplier"):
        found = web.get("/v1/parties", params={"kind": kind, "q": "P-"}).json()["items"]
        assert [one["code"] for one in found] == ["P-1"]
    assert web.get("/v1/parties", params={"kind": "friend"}).status_code == 422
    told = web.put("/v1/parties/by-external-id/77", json={"code": "P-1"})
    assert (told.status_code, told.json()["external_id"]) == (200, "77")
    assert web.delete("/v1/parties/P-1").status_code == 204


@pytest.mark.parametrize("path", ["/v1/locations/HALL-9", "/v1/parties/SAME"])
def test_the_same_thing_again_changes_nothing(shared: Warehouse, path: str) -> None:
    web = shared.web
    noun, code = path.split("/")[2:]
    kind = "supplier" if noun == "parties" else "site"
    body = {"kind": kind, "name": "N", "external_id": f"ERP/{code}"}
    made = web.put(path, json=body)
    assert (made.status_code, made.headers["location"]) == (201, path)
    again = web.put(path, json=body)
    assert (again.status_code, again.json()) == (200, made.json())
    moved = web.put(f"/v1/{noun}/by-external-id/ERP/{code}", json={"code": f"{code}-2"})
    assert (moved.json()["code"], moved.json()["version"]) == (f"{code}-2", 2)
    looked = web.put(f"{path}-2", params={"dry_run": 1}, json={"name": "M"}).json()
    assert (looked["dry_run"], looked["name"]) == (True, "M")
    assert web.get(f"{path}-2").json()["name"] == "N"


def test_a_party_that_something_names_stays(warehouse: Warehouse) -> None:
    warehouse.receive("A1", party="ACME")
    used = warehouse.web.delete("/v1/parties/ACME").json()
    assert (used["code"], used["facts"]["used"]) == (
        "party_in_use", {"documents": 0, "serials": 1, "events": 1},
    )  # fmt: skip


@pytest.mark.seed("N21")
def test_an_operator_has_a_badge_a_pin_and_rights(shared: Warehouse) -> None:
    web = shared.web
    body = {"name": "Eve", "pin": "1234", "roles": ["registry:serial"]}
    made = web.put("/v1/operators/B-7", json=body)
    assert (made.status_code, made.json()["has_pin"], "pin" in made.json()) == (201, True, False)
    told = shared.daemon.gateway.parts.database.read(
        "SELECT body FROM feed WHERE kind = 'operator.saved' ORDER BY seq DESC LIMIT 1"
    )
    assert json.loads(told[0][0]) == {
        "operator": "Eve", "badge": "B-7", "roles": ["registry:serial"], "active": True,
    }  # fmt: skip
    badge = {"X-Operator": "B-7", "X-Operator-Pin": "1234"}
    wrong = web.put("/v1/parties/P", json={}, headers=badge | {"X-Operator-Pin": "9"})
    assert wrong.json()["code"] == "operator_refused"
    narrow = web.put("/v1/parties/P", json={"kind": "customer"}, headers=badge)
    assert (narrow.status_code, narrow.json()["facts"]["needs"]) == (403, "registry:party")
    again = web.put("/v1/operators/B-7", json={"badge": "B-8"})
    assert again.json()["facts"]["key"] == "pin"
    web.put("/v1/operators/B-7", json={"badge": "B-8", "pin": "4321", "roles": []})
    badge = {"X-Operator": "b-8", "X-Operator-Pin": "4321"}
    assert web.put("/v1/parties/P", json={"kind": "carrier"}, headers=badge).status_code == 201
    assert web.put("/v1/operators/X", json={"name": "X", "pin": "12"}).status_code == 422
    refused = web.put("/v1/operators/X", json={"name": "X", "pin": 98765, "roles": ["root"]})
    assert "98765" not in refused.text
    assert {one["facts"]["key"] for one in refused.json()["items"]} == {"pin", "roles"}
    with connect(shared.daemon, make_key(shared.daemon, "nosy", "read")) as reader:
        assert reader.get("/v1/operators").status_code == 403
    assert [one["badge"] for one in web.get("/v1/operators").json()["items"]] == ["B-8"]
    assert web.delete("/v1/operators/B-8").status_code == 204


# ---------------------------------------------------------------- custom fields


@pytest.mark.seed("N22")
def test_every_noun_takes_fields_of_its_own(shared: Warehouse) -> None:
    web = shared.web
    for scope in ("item", "location", "party"):
        made = web.put(f"/v1/fields/{scope}/colour", json={"type": "choice", "choices": ["red"]})
        assert made.status_code == 201
    for path, more in (("items/F-1", {}), ("locations/F-1", {}), ("parties/F-1",
                        {"kind": "customer"})):  # fmt: skip
        wrong = web.put(f"/v1/{path}", json={"fields": {"colour": "blue"}, **more})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "field_wrong")
        right = web.put(f"/v1/{path}", json={"fields": {"colour": "red"}, **more})
        assert right.json()["fields"] == {"colour": "red"}
    web.put("/v1/fields/item/origin", json={"required_at": ["save"]})
    assert web.put("/v1/items/F-2", json={}).json()["code"] == "field_required"
    assert web.put("/v1/items/F-2", json={"fields": {"origin": "DE"}}).status_code == 201
    used = web.delete("/v1/fields/item/origin")
    assert (used.status_code, used.json()["detail"]) == (
        409, "origin has 1 value; take them away first.",
    )  # fmt: skip
    narrowed = web.put("/v1/fields/item/colour", json={"choices": ["green"]})
    assert (narrowed.status_code, narrowed.json()["code"]) == (409, "field_in_use")
    assert web.put("/v1/fields/party/colour", json={"searchable": True}).status_code == 422
    web.put("/v1/items/F-2", json={"fields": {"origin": None}})  # needed, so it stays
    web.put("/v1/fields/item/origin", json={"required_at": []})
    web.put("/v1/items/F-2", json={"fields": {"origin": None}})
    assert web.delete("/v1/fields/item/origin").status_code == 204
    assert web.get("/v1/fields/item/origin").status_code == 404
    assert web.get("/v1/fields/shed").status_code == 422
    for scope, step in (("document", "save"), ("serial", "save"), ("item", "receive")):
        wrong = web.put(f"/v1/fields/{scope}/late", json={"required_at": [step]})
        assert wrong.json()["facts"]["key"] == "required_at"
    assert {one["scope"] for one in web.get("/v1/fields").json()["items"]} >= {"item", "party"}


@pytest.mark.seed("N24")
def test_serials_are_found_by_a_field_that_became_searchable_later(warehouse: Warehouse) -> None:
    web = warehouse.web
    web.put("/v1/fields/serial/qc_grade", json={"type": "choice", "choices": ["A", "B"]})
    warehouse.receive([{"serial": "S1", "fields": {"qc_grade": "A"}},
                       {"serial": "S2", "fields": {"qc_grade": "B"}}])  # fmt: skip
    web.put("/v1/fields/serial/qc_grade", json={"searchable": True})
    assert warehouse.names(**{"field.qc_grade": "A"}) == ["S1"]
    warehouse.act("annotate", "S2", fields={"qc_grade": "A"})
    assert sorted(warehouse.names(**{"field.qc_grade": "a"})) == ["S1", "S2"]
    web.put("/v1/fields/serial/qc_grade", json={"searchable": False})
    rows = warehouse.daemon.gateway.parts.database.read(
        "SELECT count(*) FROM life_value WHERE key = 'qc_grade'"
    )
    assert rows == [(0,)]


@pytest.mark.seed("E34")
def test_an_item_out_of_use_takes_nothing_in_and_lets_everything_out(warehouse: Warehouse) -> None:
    web = warehouse.web
    warehouse.receive("A1, A2, A3")
    order = {"party": "SMITH", "lines": [{"item": "DRILL", "quantity": 2}]}
    web.put("/v1/documents/sales_order/SO-1", json=order)
    web.post("/v1/documents/sales_order/SO-1/confirm", json={})
    line = "/v1/documents/sales_order/SO-1/lines/1/serials"
    assert web.post(line, json={"serials": "A1"}).status_code == 200
    web.put("/v1/items/DRILL", json={"active": False})
    late = web.post(line, json={"serials": "A2"})
    assert (late.status_code, late.json()["code"]) == (409, "item_inactive")
    assert warehouse.refused("receive", "A4", location="A-01").json()["code"] == "item_inactive"
    warehouse.act("ship", "A3", party="SMITH")
    warehouse.act("return", "A3", party="SMITH", location="Q")
    assert warehouse.one("A3")["state"] == "returned"


def test_items_are_listed_from_a_to_z_and_from_z_to_a(warehouse: Warehouse) -> None:
    def page(**query: str) -> tuple[list[str], str | None]:
        found = warehouse.web.get("/v1/items", params={"limit": 3, **query}).json()
        return [one["sku"] for one in found["items"]], found["next"]

    assert page() == (["DRILL", "LASER", "ROBOT"], "ROBOT")
    assert page(order="-sku") == (["SCREW", "ROBOT", "LASER"], "LASER")
    assert page(order="-sku", after="LASER") == (["DRILL"], None)
    assert warehouse.web.get("/v1/items", params={"order": "name"}).status_code == 422
