from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from tests.api.conftest import connect, make_key
from tests.api.registry.conftest import Warehouse

pytestmark = pytest.mark.both_databases


@pytest.mark.seed("N1")
@pytest.mark.seed("M1")
@pytest.mark.seed("M3")
@pytest.mark.seed("N5")
@pytest.mark.seed("M5")
@pytest.mark.seed("A1")
def test_a_serial_has_a_page_of_its_own_with_all_that_is_known_of_it(shared: Warehouse) -> None:
    shared.receive(
        [{"serial": "one-1", "memo": "scratched", "fields": {"grade": "B"}}], party="ACME",
        cost={"amount": 1250, "currency": "EUR"}, at="2026-01-31T10:00:00Z",
    )  # fmt: skip
    shared.act("ship", "one-1", party="SMITH", price={"amount": 1990, "currency": "EUR"},
               at="2026-02-28T10:00:00Z")  # fmt: skip
    one = shared.one("ONE-1")
    public = one["id"]
    assert re.fullmatch("S[0-9A-Z]{11}", public)
    read = shared.web.get(f"/v1/serials/GW-{public}")
    assert read.headers["etag"] == '"2"'
    assert read.json() == {
        "id": public, "serial": "one-1", "item": "DRILL", "life": 1, "state": "shipped",
        "held": None, "label": "none", "location": None, "lot": None, "customer": "SMITH",
        "supplier": "ACME", "parent": None, "cost": {"amount": 1250, "currency": "EUR"},
        "price": {"amount": 1990, "currency": "EUR"},
        "warranty": {"in": None, "out": "2028-02-28"}, "service_due": None, "memo": "scratched",
        "fields": {"grade": "B"}, "document": None, "received_at": "2026-01-31T10:00:00.000000Z",
        "shipped_at": "2026-02-28T10:00:00.000000Z", "last_seen": None, "version": 2,
        "allowed": ["return", "return_to_stock", "annotate", "print_label"],
        "links": {"self": f"/v1/serials/{public}", "history": f"/v1/serials/{public}/history",
                  "code": f"GW-{public}"},
        "also_called": [], "lives": [],
    }  # fmt: skip
    wrong = shared.web.get(f"/v1/serials/{public[:-1]}{'A' if public[-1] != 'A' else 'B'}")
    assert (wrong.status_code, wrong.json()["code"]) == (404, "serial_unknown")


@pytest.mark.seed("T2")
@pytest.mark.seed("T3")
@pytest.mark.seed("T4")
@pytest.mark.seed("T1")
def test_an_items_page_shows_what_is_on_hand_and_on_request_all_that_ever_was(
    warehouse: Warehouse,
) -> None:
    warehouse.receive("h1 h2 h3 h4")
    warehouse.act("ship", "h2", party="SMITH")
    warehouse.act("reject", "h3", location="Q", reason="bent")
    path = "/v1/items/drill/serials"
    assert warehouse.names(path) == ["h1", "h4"]
    assert warehouse.names(path, show="all") == ["h1", "h2", "h3", "h4"]
    assert warehouse.names(path, state="shipped,rejected") == ["h2", "h3"]
    run = warehouse.daemon.gateway.parts.database.run
    warehouse.act("transfer", "h4", location="A-02")
    run(lambda t: t.execute("UPDATE place SET active = 0 WHERE code = 'A-02'").rowcount)
    assert warehouse.names(path) == ["h1"]
    assert warehouse.names(path, locations="all") == ["h1", "h4"]
    assert warehouse.names(path, location="A-02", locations="all") == ["h4"]
    assert warehouse.names(path, locations="a-02") == ["h4"]
    both = warehouse.web.get(path, params={"locations": "A-02", "location": "A-01"})
    assert (both.status_code, both.json()["facts"]["key"]) == (422, "locations")
    unknown = warehouse.web.get(path, params={"locations": "A-99"}).json()
    assert unknown["code"] == "location_unknown"


@pytest.mark.seed("N8")
@pytest.mark.seed("M6")
@pytest.mark.seed("M16")
def test_a_customers_page_shows_what_they_have_and_a_suppliers_what_came(shared: Warehouse) -> None:
    shared.receive("p1 p2 p3", party="ACME")
    shared.act("ship", "p2 p3", party="SMITH")
    assert shared.names("/v1/parties/smith/serials", prefix="p") == ["p2", "p3"]
    assert shared.names("/v1/parties/ACME/serials", prefix="p") == ["p1", "p2", "p3"]
    shared.act("return", "p3", location="Q")
    assert shared.names("/v1/parties/SMITH/serials", state="shipped", prefix="p") == ["p2"]


@pytest.mark.seed("M2")
@pytest.mark.seed("N24")
@pytest.mark.seed("N25")
def test_every_filter_finds_its_serials_and_they_join(warehouse: Warehouse) -> None:
    for serial, grade in (("f1", "A"), ("f2", "B"), ("f3", "A")):
        warehouse.receive([{"serial": serial, "fields": {"grade": grade}}], party="ACME", lot="L1",
                          at=f"2026-03-0{serial[1]}T12:00:00Z")  # fmt: skip
    warehouse.receive("F9", "LASER", location="YARD", at="2026-03-09T12:00:00Z")
    warehouse.act("ship", "f3", party="SMITH", at="2026-04-01T00:00:00Z")
    warehouse.act("hold", "f2", reason="recall")
    names = warehouse.names
    asked: list[tuple[dict[str, str], list[str]]] = [
        ({}, ["f1", "f2", "f3", "F9"]),
        ({"item": "LASER"}, ["F9"]),
        ({"state": "received"}, ["f1", "f2", "F9"]),
        ({"state": "received", "item": "drill"}, ["f1", "f2"]),
        ({"location": "a-01"}, ["f1", "f2"]),
        ({"location": "HALL"}, []),
        ({"location": "HALL", "inside": "1"}, ["f1", "f2"]),
        ({"customer": "SMITH"}, ["f3"]),
        ({"supplier": "ACME"}, ["f1", "f2", "f3"]),
        ({"lot": "l1", "item": "DRILL"}, ["f1", "f2", "f3"]),
        ({"held": "1"}, ["f2"]),
        ({"held": "0", "item": "DRILL"}, ["f1", "f3"]),
        ({"held": "recall"}, ["f2"]),
        ({"held": "theft"}, []),
        ({"label": "none"}, ["f1", "f2", "f3", "F9"]),
        ({"label": "uncertain"}, []),
        ({"received_from": "2026-03-02", "received_to": "2026-03-02"}, ["f2"]),
        ({"received_from": "2026-03-03T00:00:00Z"}, ["f3", "F9"]),
        ({"shipped_to": "2026-12-31"}, ["f3"]),
        ({"warranty_before": "2028-04-02"}, ["f3"]),
        ({"warranty_before": "2028-04-01"}, []),
        ({"serial": "f9"}, ["F9"]),
        ({"prefix": "F"}, ["f1", "f2", "f3", "F9"]),
        ({"q": "f1"}, ["f1"]),
        ({"field.grade": "a"}, ["f1", "f3"]),
        ({"field.grade": "A", "state": "received"}, ["f1"]),
        ({"prefix": "f", "supplier": "ACME", "held": "0", "state": "shipped"}, ["f3"]),
        ({"show": "on_hand"}, ["f1", "f2", "F9"]),
    ]
    assert [(query, names(**query)) for query, _ in asked] == asked
    assert [(query, names(**query, limit=1)) for query, _ in asked] == asked


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ({"stat": "received"}, 422, "A list of serials has no 'stat'; did you mean 'state'?"),
        ({"held": "1", "limit": "0"}, 422, "?limit must be 1 to 500, got '0'."),
        ({"field.note": "x"}, 422,
         "The custom field 'note' is not searchable; an administrator can make it so."),
        ({"after": "!"}, 422, "?after= must be what `next` of the page before said, got '!'."),
        ({"received_from": "soon"}, 422,
         "?received_from must be a day such as 2026-11-22 or a moment such as "
         "2026-11-22T08:00:00Z, got 'soon'."),
        ({"item": "SAW"}, 404, "There is no item 'SAW'."),
        ({"lot": "L1"}, 422, "A lot's code belongs to an item: send ?item= too, or the lot's id."),
    ],
)  # fmt: skip
def test_a_wrong_filter_is_refused_and_says_what_there_is(
    shared: Warehouse, query: dict[str, str], status: int, detail: str
) -> None:
    refused = shared.web.get("/v1/serials", params=query)
    assert (refused.status_code, refused.json()["detail"]) == (status, detail)


@pytest.mark.seed("N3")
@pytest.mark.seed("M4")
@pytest.mark.seed("N22")
@pytest.mark.seed("M7")
def test_a_serials_history_says_who_did_what_and_what_it_changed(shared: Warehouse) -> None:
    shared.receive("hist-1", cost={"amount": 500, "currency": "EUR"}, party="ACME",
                   at="2026-01-01T00:00:00Z")  # fmt: skip
    public = shared.one("hist-1")["id"]
    changed = shared.web.patch(
        f"/v1/serials/{public}", json={"memo": "dented", "fields": {"grade": "A"}},
        headers={"If-Match": '"1"', "X-Station": "desk 3"},
    )  # fmt: skip
    assert (changed.json()["memo"], changed.json()["fields"]) == ("dented", {"grade": "A"})
    shared.act("transfer", "hist-1", location="A-02", reason="tidying up")
    items = shared.web.get(f"/v1/serials/{public}/history").json()["items"]
    assert [
        (one["action"], one["station"], one["reason"], one["from"], one["to"], one["changed"])
        for one in items
    ] == [
        (
            "transfer", "", "tidying up", {"state": "received", "location": "A-01"},
            {"state": "received", "location": "A-02"}, {},
        ),
        (
            "annotate", "desk 3", "", {"state": "received", "location": "A-01"},
            {"state": "received", "location": "A-01"},
            {"memo": {"from": "", "to": "dented"}, "fields": {"from": {}, "to": {"grade": "A"}}},
        ),
        (
            "receive", "", "", {"state": None, "location": None},
            {"state": "received", "location": "A-01"},
            {
                "cost": {"from": None, "to": 500}, "currency": {"from": None, "to": "EUR"},
                "supplier": {"from": None, "to": "ACME"},
                "received_at": {"from": None, "to": "2026-01-01T00:00:00.000000Z"},
            },
        ),
    ]  # fmt: skip
    assert {one["actor"] for one in items} == {"local"}
    first = shared.web.get(f"/v1/serials/{public}/history", params={"limit": 1}).json()
    rest = shared.web.get(f"/v1/serials/{public}/history", params={"after": first["next"]}).json()
    assert [*first["items"], *rest["items"]] == items


def test_a_change_to_what_was_changed_meanwhile_is_refused(shared: Warehouse) -> None:
    shared.receive("stale-1")
    public = shared.one("stale-1")["id"]
    shared.act("hold", "stale-1", reason="look")
    refused = shared.web.patch(
        f"/v1/serials/{public}", json={"memo": "x"}, headers={"If-Match": '"1"'}
    )
    assert (refused.status_code, refused.json()["detail"]) == (
        412, "local changed serial stale-1 meanwhile: it is version 2 by now, not 1.",
    )  # fmt: skip
    assert shared.one("stale-1")["memo"] == ""


@pytest.mark.seed("T6")
def test_every_life_of_a_serial_names_the_others(shared: Warehouse) -> None:
    shared.receive("twice")
    shared.act("ship", "twice", party="SMITH")
    again = shared.receive("twice")
    assert [(one["code"], one["subject"]) for one in again["warnings"]] == [
        ("serial_reused", "twice")
    ]
    lives = shared.web.get("/v1/serials", params={"serial": "twice"}).json()["items"]
    assert [(one["life"], one["state"], one["customer"]) for one in lives] == [
        (1, "shipped", "SMITH"), (2, "received", None),
    ]  # fmt: skip
    second = shared.web.get(f"/v1/serials/{lives[1]['id']}").json()
    assert second["lives"] == [{"id": lives[0]["id"], "life": 1, "state": "shipped"}]


@pytest.mark.seed("N7")
def test_a_product_names_its_parts_and_a_part_its_product(shared: Warehouse) -> None:
    shared.receive("robot", "ROBOT")
    shared.receive("arm", "LASER")
    shared.receive("motor", "DRILL")
    robot, arm = shared.one("robot", "ROBOT")["id"], shared.one("arm", "LASER")["id"]
    motor = shared.one("motor")["id"]
    shared.act("consume", "motor", parent=arm)
    shared.act("consume", "arm", "LASER", parent="robot")

    def tree(public: str, which: str) -> list[tuple[int, str, str | None]]:
        items = shared.web.get(f"/v1/serials/{public}/{which}").json()["items"]
        return [(one["depth"], one["serial"], one["parent"]) for one in items]

    assert tree(robot, "parts") == [(1, "arm", robot), (2, "motor", arm)]
    assert tree(motor, "assembly") == [(1, "arm", robot), (2, "robot", None)]
    assert tree(motor, "parts") == []
    shared.act("unbuild", "arm", "LASER", location="A-01")
    assert tree(robot, "parts") == []
    assert tree(motor, "assembly") == [(1, "arm", None)]


@pytest.mark.seed("M26")
@pytest.mark.seed("T11")
@pytest.mark.seed("A5")
def test_a_code_means_exactly_what_is_called_so(shared: Warehouse) -> None:
    def resolve(code: str, **more: Any) -> httpx.Response:
        return shared.web.get("/v1/resolve", params={"code": code, **more})

    shared.receive("Res-100")
    found = resolve("res-100").json()
    one = shared.one("Res-100")
    assert found == {
        "kind": "serial", "name": "Res-100", "by": "serial", "id": one["id"], "item": "DRILL",
        "state": "received", "location": "A-01", "customer": None, "life": 1,
        "links": {"self": f"/v1/serials/{one['id']}"},
    }  # fmt: skip
    assert resolve(f"GW-{one['id']}").json()["name"] == "Res-100"
    assert resolve("4012345678901").json() == {
        "kind": "item", "name": "DRILL", "by": "gtin", "links": {"self": "/v1/items/DRILL"},
    }  # fmt: skip
    assert resolve("a-02").json()["links"] == {"self": "/v1/locations/A-02"}
    unknown = resolve("Res-010")
    assert (unknown.status_code, unknown.json()["detail"], unknown.json()["facts"]) == (
        404, "Nothing here is called 'Res-010'; did you mean Res-100?",
        {"asked": "Res-010", "similar": ["Res-100"]},
    )  # fmt: skip
    assert resolve("Res").status_code == 404
    shared.receive("Res-100", "LASER")
    several = resolve("Res-100")
    assert (several.status_code, several.json()["code"]) == (409, "code_ambiguous")
    assert [one["detail"] for one in several.json()["items"]] == [
        "Serial Res-100 of DRILL", "Serial Res-100 of LASER",
    ]  # fmt: skip
    assert resolve("Res-100", item="laser").json()["item"] == "LASER"
    assert len(resolve("Res-100", all=True).json()["items"]) == 2


def test_an_earlier_name_still_finds_its_serial(shared: Warehouse) -> None:
    shared.receive("typo-l1l")
    shared.act("rename", "typo-l1l", to="typo-111", reason="misread")
    found = shared.web.get("/v1/resolve", params={"code": "TYPO-L1L"}).json()
    assert (found["name"], found["by"]) == ("typo-111", "alias")
    public = found["id"]
    assert shared.web.get(f"/v1/serials/{public}").json()["also_called"] == ["typo-l1l"]


@pytest.mark.seed("N4")
def test_without_a_registry_its_routes_say_so(warehouse: Warehouse) -> None:
    warehouse.web.put("/v1/settings/registry.enabled", json={"value": False})
    for path in ("/v1/serials", "/v1/resolve?code=1", "/v1/registry/events"):
        refused = warehouse.web.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "feature_disabled")


def test_reading_needs_read_and_acting_the_right_to_act(shared: Warehouse) -> None:
    key = make_key(shared.daemon, "reader", "read")
    with connect(shared.daemon, key) as client:
        assert client.get("/v1/serials").status_code == 200
        refused = client.post("/v1/serials/actions", json={"action": "hold", "serials": "x"})
        assert (refused.status_code, refused.json()["facts"]["scope"]) == (403, "registry:serial")


@pytest.mark.seed("N22")
def test_a_bad_lot_is_followed_into_what_it_went_and_to_whom(shared: Warehouse) -> None:
    shared.receive("bad1 bad2 bad3", "LASER", lot="BAD")
    shared.receive("bot", "ROBOT")
    shared.act("consume", "bad1", "LASER", parent=shared.one("bot", "ROBOT")["id"])
    shared.act("ship", "bot", "ROBOT", party="SMITH")
    shared.act("ship", "bad2", "LASER", party="JONES")
    told = shared.web.get("/v1/recall", params={"item": "LASER", "lot": "BAD"}).json()
    assert told["summary"] == {
        "serials": 4, "by_state": {"shipped": 2, "consumed": 1, "received": 1},
        "by_customer": {"JONES": 1, "SMITH": 1},
    }  # fmt: skip
    assert [(one["serial"], one["found"]) for one in told["items"]] == [
        ("bad1", True), ("bad2", True), ("bad3", True), ("bot", False),
    ]  # fmt: skip
    query = {"item": "LASER", "lot": "BAD", "limit": "3"}
    first = shared.web.get("/v1/recall", params=query).json()
    rest = shared.web.get("/v1/recall", params=query | {"after": first["next"]}).json()
    assert [one["serial"] for one in first["items"] + rest["items"]] == [
        "bad1", "bad2", "bad3", "bot",
    ]  # fmt: skip
    held = shared.web.post(
        "/v1/serials/actions",
        json={"action": "hold", "reason": "recall",
              "filter": {"item": "LASER", "lot": "BAD", "show": "on_hand"}},
    )  # fmt: skip
    assert [one["serial"] for one in held.json()["serials"]] == ["bad3"]
    assert shared.web.get("/v1/recall").status_code == 422
