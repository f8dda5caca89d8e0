from __future__ import annotations

import threading

import pytest

from tests.api.registry.conftest import Warehouse

pytestmark = pytest.mark.both_databases


@pytest.mark.seed("A14")
@pytest.mark.seed("A15")
@pytest.mark.seed("E20")
@pytest.mark.seed("N12")
def test_a_list_as_people_write_it_is_received_in_one_step(shared: Warehouse) -> None:
    done = shared.receive('r1; r2,\n"r 3" \t r10-r12', expected=6)
    assert (done["count"], done["first"], done["last"]) == (6, "r1", "r12")
    assert [one["serial"] for one in done["serials"]] == ["r1", "r2", "r 3", "r10", "r11", "r12"]
    assert {(one["was"], one["state"]) for one in done["serials"]} == {(None, "received")}
    event = shared.web.get(done["links"]["event"]).json()
    assert (event["action"], event["movements"]) == ("receive", 6)
    assert [row["serial"] for row in event["moved"]] == ["r1", "r2", "r 3", "r10", "r11", "r12"]


@pytest.mark.seed("A9")
@pytest.mark.seed("A10")
@pytest.mark.seed("A8")
def test_new_serials_are_taken_from_the_items_next_number(warehouse: Warehouse) -> None:
    assert [one["serial"] for one in warehouse.receive({"generate": 3})["serials"]] == [
        "SN00001", "SN00002", "SN00003",
    ]  # fmt: skip
    warehouse.receive("SN00007")
    looked = warehouse.web.post(
        "/v1/serials/actions", params={"dry_run": 1},
        json={"action": "receive", "item": "DRILL", "serials": "next*2, X1", "location": "A-01"},
    ).json()  # fmt: skip
    assert (looked["dry_run"], looked["event"], looked["count"]) == (True, None, 3)
    assert [one["serial"] for one in looked["serials"]] == ["SN00008", "SN00009", "X1"]
    done = warehouse.receive("next*2, X1")
    assert [one["serial"] for one in done["serials"]] == ["SN00008", "SN00009", "X1"]
    refused = warehouse.refused("receive", {"generate": 2}, None, location="A-01")
    assert refused.json()["detail"] == "New serials are an item's: send 'item' too."


@pytest.mark.seed("A16")
@pytest.mark.seed("A17")
@pytest.mark.seed("E21")
def test_a_list_is_looked_at_before_anything_is_done(shared: Warehouse) -> None:
    shared.receive("L-1")
    read = shared.web.post(
        "/v1/serial-lists",
        json={"text": "\ufeffl2\tl3\r\nl5-l7, 9-5, l2", "item": "DRILL", "expected": 9},
    ).json()  # fmt: skip
    assert (read["count"], read["first"], read["last"], read["expected"]) == (5, "l2", "l7", 9)
    assert [(one["serial"], one["origin"]) for one in read["serials"]] == [
        ("l2", "literal"), ("l3", "literal"), ("l5", "range"), ("l6", "range"), ("l7", "range"),
    ]  # fmt: skip
    assert [(one["subject"], one["code"]) for one in read["problems"]] == [
        ("9-5", "range_descending"), ("l2", "duplicate_in_list"),
    ]  # fmt: skip
    scanned = shared.web.post(
        "/v1/serial-lists", json={"text": "l2\nl3-4\nl2\n", "scanned": True}
    ).json()
    assert (scanned["count"], scanned["problems"]) == (2, [])
    assert [one["subject"] for one in scanned["repeats"]] == ["l2"]
    # A serial that the item has is one, though it looks like a range.
    known = shared.web.post("/v1/serial-lists", json={"text": "L-1", "item": "DRILL"}).json()
    assert [one["serial"] for one in known["serials"]] == ["L-1"]
    assert shared.names(prefix="l5") == []


def test_every_offender_is_named_and_nothing_is_done(shared: Warehouse) -> None:
    shared.receive("o1 o2")
    refused = shared.refused("receive", "o1 o2 o3", location="A-01")
    assert (refused.status_code, refused.headers["content-type"]) == (
        409, "application/problem+json",
    )  # fmt: skip
    problem = refused.json()
    assert (problem["code"], problem["type"], problem["detail"]) == (
        "serial_on_hand", "/problems/serial-on-hand",
        "2 of 3 serials were refused; the first: Serial o1 of DRILL is on hand at A-01.",
    )  # fmt: skip
    assert [(one["subject"], one["facts"]["location"]) for one in problem["items"]] == [
        ("o1", "A-01"), ("o2", "A-01"),
    ]  # fmt: skip
    assert shared.names(serial="o3") == []
    listed = shared.refused("receive", "o4, 9-5, o4", location="A-01")
    assert (listed.status_code, [one["code"] for one in listed.json()["items"]]) == (
        422, ["range_descending", "duplicate_in_list"],
    )  # fmt: skip
    mismatch = shared.refused("receive", "o5 o6", location="A-01", expected=3)
    assert (mismatch.json()["code"], mismatch.json()["facts"]) == (
        "serial_count_mismatch", {"expected": 3, "given": 2},
    )  # fmt: skip


@pytest.mark.seed("E22")
def test_each_serial_of_a_list_may_have_memo_fields_cost_and_place_of_its_own(
    shared: Warehouse,
) -> None:
    shared.receive(
        [
            {"serial": "e1", "memo": "first", "fields": {"grade": "A"}, "location": "A-02"},
            {"serial": "e2", "cost": {"amount": 700, "currency": "EUR"}},
        ],
        cost={"amount": 500, "currency": "EUR"},
    )  # fmt: skip
    said = [
        (one["memo"], one["fields"], one["location"], one["cost"]["amount"])
        for one in (shared.one("e1"), shared.one("e2"))
    ]
    assert said == [("first", {"grade": "A"}, "A-02", 500), ("", {}, "A-01", 700)]
    wrong = shared.refused(
        "receive", [{"serial": "e3", "fields": {"grade": "Z"}}], location="A-01"
    )  # fmt: skip
    assert (wrong.status_code, wrong.json()["detail"]) == (
        422, "grade must be one of A, B, got 'Z'.",
    )  # fmt: skip
    twice = shared.refused("receive", [{"serial": "e3", "quantity": 2}], location="A-01")
    assert (twice.status_code, twice.json()["code"], twice.json()["detail"]) == (
        422, "serial_quantity_not_one", "Serial 1 has the quantity 2; a serial is one piece.",
    )  # fmt: skip
    assert shared.receive([{"serial": "e3", "quantity": 1}])["count"] == 1


@pytest.mark.seed("M12")
@pytest.mark.seed("M18")
def test_a_state_comes_of_what_is_done_and_of_nothing_else(shared: Warehouse) -> None:
    shared.receive("s1")
    public = shared.one("s1")["id"]
    refused = shared.web.patch(f"/v1/serials/{public}", json={"state": "shipped"})
    assert refused.json()["detail"] == "A serial's change has no 'state'; it can have memo, fields."
    one = shared.web.post(
        f"/v1/serials/{public}/reject", json={"reason": "bent", "location": "Q"}
    ).json()
    assert (one["count"], one["serials"][0]["was"], one["serials"][0]["state"]) == (
        1, "received", "rejected",
    )  # fmt: skip
    assert shared.web.post(f"/v1/serials/{public}/accept", json={"location": "A-01"}).json()[
        "serials"
    ][0]["state"] == "received"  # fmt: skip
    not_here = shared.web.post(f"/v1/serials/{public}/return", json={"location": "Q"})
    assert (not_here.status_code, not_here.json()["code"]) == (409, "transition_not_allowed")
    assert "ship" in not_here.json()["facts"]["allowed"]
    through_order = shared.web.post(f"/v1/serials/{public}/commit", json={})
    assert through_order.json()["detail"].startswith(
        "'commit' is done through a document or its own route; with serials alone go receive, "
    )


@pytest.mark.seed("T12")
def test_a_confirmation_is_asked_for_and_its_token_does_just_that(warehouse: Warehouse) -> None:
    warehouse.receive("c1")
    warehouse.act("ship", "c1", party="SMITH")
    asked = warehouse.refused("return", "c1", location="Q", party="JONES")
    assert (asked.status_code, asked.json()["code"]) == (428, "serial_not_sold_to_customer")
    token = asked.json()["facts"]["token"]
    other = warehouse.refused("return", "c1", location="Q", party="ACME", confirm=token)
    assert other.status_code == 428
    done = warehouse.act("return", "c1", location="Q", party="JONES", confirm=token)
    assert done["serials"][0]["state"] == "returned"


def test_the_same_request_again_gets_the_same_answer_and_acts_once(shared: Warehouse) -> None:
    body = {"action": "receive", "item": "DRILL", "serials": {"generate": 2}, "location": "A-01"}
    headers = {"Idempotency-Key": "a receipt"}
    answers = [
        shared.web.post("/v1/serials/actions", json=body, headers=headers) for _ in range(2)
    ]  # fmt: skip
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["count"] == 2
    differs = shared.web.post(
        "/v1/serials/actions", json=body | {"serials": "other"}, headers=headers
    )
    assert differs.status_code == 422


def test_a_step_is_undone_over_http(shared: Warehouse) -> None:
    shared.receive("u1 u2")
    shipped = shared.act("ship", "u1 u2", party="SMITH")
    undone = shared.web.post(
        f"/v1/registry/events/{shipped['event']}/undo", json={"reason": "wrong pallet"}
    ).json()
    assert (undone["corrects"], undone["count"]) == (shipped["event"], 2)
    assert [shared.one(one)["state"] for one in ("u1", "u2")] == ["received", "received"]
    events = shared.web.get("/v1/registry/events", params={"limit": 2}).json()["items"]
    assert [(one["action"], one["corrects"], one["corrected_by"], one["reason"])
            for one in events] == [
        ("undo", shipped["event"], None, "wrong pallet"),
        ("ship", None, undone["event"], ""),
    ]  # fmt: skip
    again = shared.web.post(f"/v1/registry/events/{shipped['event']}/undo")
    assert (again.status_code, again.json()["code"]) == (409, "undo_impossible")


def test_events_are_listed_by_what_they_did_and_to_what(shared: Warehouse) -> None:
    shared.receive("ev1", "LASER")
    shared.act("hold", "ev1", "LASER", reason="theft")
    public = shared.one("ev1", "LASER")["id"]

    def actions(**query: str) -> list[str]:
        items = shared.web.get("/v1/registry/events", params=query).json()["items"]
        return [one["action"] for one in items]

    assert actions(serial=public) == ["hold", "receive"]
    assert actions(item="LASER")[:2] == ["hold", "receive"]
    assert set(actions(action="hold")) == {"hold"}
    refused = shared.web.get("/v1/registry/events", params={"action": "steal"})
    assert refused.status_code == 422
    assert shared.web.get("/v1/registry/events/999999").json()["code"] == "event_unknown"


def test_two_callers_cannot_both_receive_a_serial(shared: Warehouse) -> None:
    answers: list[int] = []
    body = {"action": "receive", "item": "DRILL", "serials": "race", "location": "A-01"}

    def receive() -> None:
        answers.append(shared.web.post("/v1/serials/actions", json=body).status_code)

    threads = [threading.Thread(target=receive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, *(409,) * 7]


@pytest.mark.seed("T8")
def test_a_serial_is_unique_over_all_locations(shared: Warehouse) -> None:
    shared.receive("everywhere", location="A-01")
    refused = shared.refused("receive", "everywhere", location="YARD")
    assert refused.json()["detail"] == "Serial everywhere of DRILL is on hand at A-01."


@pytest.mark.seed("A18")
@pytest.mark.seed("A2")
def test_only_items_with_serials_take_them(shared: Warehouse) -> None:
    refused = shared.refused("receive", "n1", "SCREW", location="A-01")
    assert (refused.status_code, refused.json()["detail"]) == (
        409, "Item SCREW has no serials (its tracking is 'none').",
    )  # fmt: skip


def test_thousands_are_received_and_shipped_in_one_call(shared: Warehouse) -> None:
    done = shared.receive("bulk00001..bulk03000")
    assert (done["count"], len(done["serials"]), done["last"]) == (3000, 1000, "bulk03000")
    again = shared.refused("receive", "bulk00001..bulk03000", location="A-01").json()
    assert [one["subject"] for one in again["items"]][-1:] == ["bulk03000"]
    assert len(again["items"]) == again["facts"]["refused"] == 3000
    assert shared.act("ship", "bulk00001..bulk03000", party="SMITH")["count"] == 3000
    assert len(shared.names(prefix="bulk", state="shipped", limit=500)) == 3000
    too_many = shared.refused("receive", "bulk1..bulk100001", location="A-01")
    assert (too_many.status_code, too_many.json()["code"]) == (422, "range_too_large")


HOSTILE = {
    "serial_bad_character": ["a\x00b", "a\x1bb", "a\u202eb", "a\u2028b", "\x7f"],
    "serial_too_long": ["x" * 65, "y" * 10_000],
}
ODD = [
    "'; DROP TABLE life; --", '"quoted"', "Ünïcödé-ß", "序列号-7", "😀", "%_*", "../../etc", "a/b",
    "null", "0", "-1", "1e309", "{serial}", "^XA^FDx^FS", "\u05d0\u05d1", "=1+1",
]  # fmt: skip


def test_hostile_serials_are_refused_each_and_odd_ones_kept_as_they_are(shared: Warehouse) -> None:
    bad = [one for ones in HOSTILE.values() for one in ones]
    refused = shared.refused("receive", [*ODD, *bad], location="A-01")
    assert [one["code"] for one in refused.json()["items"]] == [
        code for code, ones in HOSTILE.items() for _ in ones
    ]  # fmt: skip
    done = shared.receive(ODD)
    assert [one["serial"] for one in done["serials"]] == ODD
    for serial in ODD:
        found = shared.web.get("/v1/serials", params={"serial": serial}).json()["items"]
        assert [one["serial"] for one in found] == [serial]
        code = shared.web.get("/v1/resolve", params={"code": serial, "kind": "serial"})
        assert code.json()["id"] == found[0]["id"]
    assert shared.act("write_off", ODD, reason="=cmd|' /C calc'!A0")["count"] == len(ODD)


def test_half_a_character_is_no_json(shared: Warehouse) -> None:
    body = b'{"action": "receive", "item": "DRILL", "serials": ["\\ud800"], "location": "A-01"}'
    answer = shared.web.post(
        "/v1/serials/actions", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/unreadable")


def test_what_a_body_may_not_hold_is_refused_with_what_it_may(shared: Warehouse) -> None:
    asked: list[tuple[dict[str, object], str]] = [
        ({"serials": "q1", "ids": []}, "Send one of 'serials' (a list as text, a list of serials, "
         'or {"generate": 5}), \'ids\' (their public ids) and \'filter\' (as for a list of '
         "serials)."),
        ({"serials": "q1", "cost": 12.5}, "'cost' must be an amount in minor units with its "
         'currency, such as {"amount": 1250, "currency": "EUR"}, got 12.5.'),
        ({"serials": "q1", "at": "noon"},
         "'at' must be a moment such as 2026-11-22T08:00:00Z, got 'noon'."),
        ({"serials": "q1", "at": "2999-01-01T00:00:00Z"},
         "'at' lies in the future; say when it happened."),
        ({"serials": [7]}, "Serial 1 must be a text or an object, got 7."),
        ({"serials": "q1", "colour": "red"}, "An action on serials has no 'colour'; it can have "
         "action, serials, ids, filter, item, location, party, parent, lot, reason, cost, price, "
         "fields, memo, to, at, confirm, expected, scanned."),
        ({"serials": {"generate": 0}},
         "'generate' must be a whole number from 1 to 100000, got 0."),
    ]  # fmt: skip
    for body, detail in asked:
        refused = shared.web.post(
            "/v1/serials/actions",
            json={"action": "receive", "item": "DRILL", "location": "A-01", **body},
        )
        assert (refused.status_code, refused.json()["detail"]) == (422, detail)


def test_a_character_that_no_database_keeps_finds_nothing(shared: Warehouse) -> None:
    held = shared.refused("hold", ["a\x00b"], None, reason="x")
    assert (held.status_code, held.json()["code"]) == (422, "serial_bad_character")
    for query in ({"serial": "a\x00"}, {"prefix": "\x00"}, {"item": "\x00"}, {"held": "\x00"}):
        listed = shared.web.get("/v1/serials", params=query)
        assert (listed.status_code, listed.json()["detail"]) == (
            422, f"?{next(iter(query))} holds U+0000, which no text here has.",
        )  # fmt: skip
    assert shared.web.get("/v1/resolve", params={"code": "\x00"}).status_code == 404
    listing = shared.web.post("/v1/serial-lists", json={"text": "a\x00-b\x00", "item": "DRILL"})
    assert [one["code"] for one in listing.json()["problems"]] == ["serial_bad_character"]
