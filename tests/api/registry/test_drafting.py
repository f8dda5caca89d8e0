from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

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


def test_numbers_are_drawn_for_each_type_and_pass_over_those_that_are_taken(
    warehouse: Warehouse,
) -> None:
    desk = Desk(warehouse)
    desk.put("sales_order/SO-00002", [])
    numbers = [
        desk.web.post("/v1/documents/sales_order", json={"lines": []}).json()["number"]
        for _ in range(2)
    ]
    other = desk.web.post("/v1/documents/receipt", json={}).json()["number"]
    assert (numbers, other) == (["SO-00001", "SO-00003"], "GR-00001")
    taken = desk.web.post("/v1/documents/sales_order", json={"number": "so-00001"})
    assert (taken.status_code, taken.json()["code"]) == (409, "document_number_taken")


def test_whoever_saves_over_a_newer_version_is_told(desk: Desk) -> None:
    url = "/v1/documents/sales_order/SO-V"
    made = desk.web.put(url, json={"memo": "one"}, headers={"If-None-Match": "*"})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    assert desk.web.put(url, json={}, headers={"If-None-Match": "*"}).status_code == 412
    changed = desk.web.put(url, json={"memo": "two"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    stale = desk.web.put(url, json={"memo": "three"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, desk.get("sales_order/SO-V")["memo"]) == (412, "two")


def test_a_draft_is_deleted_and_what_has_begun_is_not(desk: Desk) -> None:
    desk.put("sales_order/SO-D1", [{"item": "DRILL", "quantity": 1}])
    assert desk.web.delete("/v1/documents/sales_order/SO-D1").status_code == 204
    assert desk.web.get("/v1/documents/sales_order/SO-D1").status_code == 404
    desk.put("sales_order/SO-D2", [{"item": "DRILL", "quantity": 1}], party="SMITH")
    desk.do("sales_order/SO-D2", "confirm")
    refused = desk.web.delete("/v1/documents/sales_order/SO-D2")
    assert (refused.status_code, refused.json()["code"]) == (409, "document_not_editable")


def test_a_change_after_a_partial_receipt_goes_by_rule(desk: Desk) -> None:
    lines = [{"item": "DRILL", "quantity": 5}, {"item": "SCREW", "quantity": 10}]
    desk.put("purchase_order/PO-COST", lines, party="ACME", to="A-01")
    desk.do("purchase_order/PO-COST", "confirm")
    desk.do("purchase_order/PO-COST", "receive", lines=[{"line": 1, "serials": "PC1-PC3"}])
    lines = [
        {"line": 1, "item": "DRILL", "quantity": 2}, {"line": 2, "item": "LASER", "quantity": 1}
    ]  # fmt: skip
    problem = desk.refused_put("purchase_order/PO-COST", lines=lines)
    assert (problem["code"], problem["facts"]["done"], problem["facts"]["asked"]) == (
        "line_below_done", 3, 2,
    )  # fmt: skip
    problem = desk.refused_put(
        "purchase_order/PO-COST", lines=[{"line": 1, "item": "LASER", "quantity": 5}]
    )
    assert problem["code"] == "document_not_editable"
    problem = desk.refused_put(
        "purchase_order/PO-COST", lines=[{"line": 2, "item": "SCREW", "quantity": 10}]
    )
    assert (problem["code"], problem["facts"]["line"]) == ("line_below_done", 1)
    problem = desk.refused_put("purchase_order/PO-COST", party="JONES")
    assert problem["code"] == "document_not_editable"
    unchanged = desk.get("purchase_order/PO-COST")
    assert [(one["item"], one["pieces"]) for one in unchanged["lines"]] == [
        ("DRILL", 5), ("SCREW", 10),
    ]  # fmt: skip
    changed = desk.put("purchase_order/PO-COST", [{"line": 1, "item": "DRILL", "quantity": 3}])
    assert ([one["pieces"] for one in changed["lines"]], changed["status"]) == ([3], "done")


def test_an_order_after_a_partial_pick_asks_for_more_and_never_for_less(desk: Desk) -> None:
    desk.warehouse.receive("PP1-PP6")
    desk.put("sales_order/SO-C", [{"item": "DRILL", "quantity": 4}], party="SMITH")
    desk.do("sales_order/SO-C", "confirm")
    desk.do("sales_order/SO-C", "pick", lines=[{"line": 1, "serials": "PP1 PP2"}])
    problem = desk.refused_put("sales_order/SO-C", lines=[{"item": "DRILL", "quantity": 1}])
    assert (problem["code"], problem["facts"]["done"]) == ("line_below_done", 2)
    more = desk.put("sales_order/SO-C", [{"item": "DRILL", "quantity": 5}])["lines"][0]
    assert (more["pieces"], more["reserved"], more["picked"]) == (5, 5, 2)
    less = desk.put("sales_order/SO-C", [{"item": "DRILL", "quantity": 3}])["lines"][0]
    assert (less["pieces"], less["reserved"]) == (3, 3)


def test_another_system_saves_its_documents_again_and_again(desk: Desk) -> None:
    url = "/v1/documents/sales_order/by-external-id/erp-4711"
    body = {"party": "SMITH", "lines": [
        {"item": "DRILL", "quantity": 1, "external_id": "10"},
        {"item": "DRILL", "quantity": 2, "external_id": "20"}]}  # fmt: skip
    first, again = desk.web.put(url, json=body), desk.web.put(url, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    taken = desk.refused_put("sales_order/SO-T", external_id="ERP-4711")
    assert (taken["code"], taken["status"]) == ("code_taken", 409)
    assert [one["line"] for one in again.json()["lines"]] == [1, 2]
    body["lines"] = [{"item": "DRILL", "quantity": 7, "external_id": "20"}]
    changed = desk.web.put(url, json=body).json()
    assert [(one["line"], one["pieces"]) for one in changed["lines"]] == [(2, 7)]


def test_many_are_saved_whole_or_not_at_all(desk: Desk) -> None:
    def bulk(*items: Mapping[str, object]) -> tuple[int, str]:
        answer = desk.web.put("/v1/documents/sales_order", json={"items": list(items)})
        return answer.status_code, answer.json().get("code", "")

    good = {"number": "SO-B1", "lines": [{"item": "DRILL", "quantity": 1}]}
    assert bulk(good, {"number": "SO-B2", "lines": [{"item": "NOPE"}]}) == (404, "item_unknown")
    assert desk.web.get("/v1/documents/sales_order/SO-B1").status_code == 404
    assert bulk(good, {"number": "SO-B2", "lines": [{"item": "SCREW"}]}) == (200, "")
    assert desk.get("sales_order/SO-B2")["lines"][0]["pieces"] == 1


def test_lists_go_from_the_newest_on_by_filter_and_page(desk: Desk) -> None:
    for number in ("SO-L1", "SO-L2", "SO-L3"):
        desk.put(f"sales_order/{number}", [{"item": "ROBOT", "quantity": 1}], party="JONES")
    found: list[str] = []
    after = None
    while True:
        query: dict[str, Any] = {"item": "ROBOT", "status": "draft", "limit": 2}
        page = desk.web.get(
            "/v1/documents/sales_order", params=query | ({"after": after} if after else {})
        ).json()
        found += [one["number"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == ["SO-L3", "SO-L2", "SO-L1"]
    assert desk.web.get("/v1/documents", params={"party": "SMITH", "item": "ROBOT"}).json() == {
        "items": [], "next": None,
    }  # fmt: skip


def test_what_is_not_understood_is_named(desk: Desk) -> None:
    assert desk.web.get("/v1/documents/order/1").json()["code"] == "document_unknown"
    assert desk.refused_put("sales_order/SO-X", party="ACME")["code"] == "party_wrong_kind"
    desk.put("sales_order/SO-X", [])
    problem = desk.refused("sales_order/SO-X/receive")
    assert (problem["code"], problem["facts"]["allowed"]) == (
        "document_wrong_type", ["confirm", "cancel"],
    )  # fmt: skip
    problem = desk.refused("sales_order/SO-X/ship")
    assert (problem["code"], problem["detail"]) == (
        "document_not_editable", "SO-X is draft; it cannot be told to ship now.",
    )  # fmt: skip
    assert desk.refused("sales_order/SO-X/lines/9/serials", {"serials": "A"})["code"] == (
        "line_unknown"
    )  # fmt: skip
    assert desk.refused_put("sales_order/SO-X", lins=[])["detail"] == (
        "A document has no 'lins'; did you mean 'lines'?"
    )  # fmt: skip


def test_a_list_of_all_types_is_asked_for_one_and_oldest_first(desk: Desk) -> None:
    for path in ("case/T-1", "write_off/T-2", "case/T-3"):
        desk.put(path, [], party="SMITH" if path.startswith("case") else None)

    def numbers(query: str) -> list[str]:
        items = desk.web.get(f"/v1/documents?limit=500&{query}").json()["items"]
        return [one["number"] for one in items if one["number"].startswith("T-")]

    assert numbers("type=case") == ["T-3", "T-1"]
    assert numbers("type=case&order=oldest") == ["T-1", "T-3"]
    assert numbers("order=oldest") == ["T-1", "T-2", "T-3"]
    one = desk.web.get("/v1/documents?order=oldest&limit=1").json()
    rest = desk.web.get(f"/v1/documents?order=oldest&limit=500&after={one['next']}").json()
    assert one["items"][0]["number"] not in [row["number"] for row in rest["items"]]
    assert {"T-1", "T-2", "T-3"} <= {row["number"] for row in rest["items"] + one["items"]}
    assert desk.web.get("/v1/documents?order=price").json()["facts"] == {"key": "order"}
    assert desk.web.get("/v1/documents?type=wish").json()["code"] == "document_unknown"


def test_what_a_serial_costs_is_in_the_currency_that_was_said(desk: Desk) -> None:
    desk.put("purchase_order/PO-USD", [{"item": "DRILL", "quantity": 1}])
    cost = {"amount": 900, "currency": "USD"}
    desk.choose("purchase_order/PO-USD", [{"serial": "COST-1", "cost": cost}])
    assert desk.warehouse.one("COST-1")["cost"] == cost
