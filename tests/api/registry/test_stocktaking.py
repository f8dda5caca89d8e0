from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.registry.conftest import Warehouse
from tests.api.registry.paperwork import Desk

pytestmark = pytest.mark.both_databases


@pytest.fixture
def desk(warehouse: Warehouse) -> Iterator[Desk]:
    """Whatever a test has done, the record proves it and the counters agree."""
    desk = Desk(warehouse)
    yield desk
    desk.verify()


def decided(desk: Desk, path: str) -> dict[str, tuple[str, str | None]]:
    """Return what each difference is, and what was decided about it."""
    items = desk.get(f"{path}/differences")["items"]
    return {one["difference"]: (one["kind"], one["decision"]) for one in items}


@pytest.mark.seed("E33")
@pytest.mark.seed("M11")
def test_a_count_finds_what_is_missing_moved_unexpected_and_unknown(desk: Desk) -> None:
    desk.warehouse.receive("C1-C4")
    desk.warehouse.receive("C5", location="A-02")
    desk.warehouse.receive("GONE BACK")
    desk.warehouse.act("write_off", "BACK", reason="lost")
    desk.warehouse.act("ship", "GONE", party="SMITH")
    path = "stocktake/ST-1"
    desk.put(path, [{"item": "DRILL", "quantity": 0}], **{"from": "A-01"})
    desk.do(path, "start")
    seen = desk.do(path, "count", counts=[
        {"location": "A-01", "serials": "C1 C2 C5 BACK", "item": "DRILL"},
        {"location": "A-01", "serials": "C1\nNEW 1\n", "item": "DRILL", "scanned": True},
    ])  # fmt: skip
    assert [(one["serial"], one["result"]) for one in seen["results"]] == [
        ("C1", "ok"), ("C2", "ok"), ("C5", "moved"), ("BACK", "unexpected"), ("C1", "again"),
        ("NEW 1", "unknown"),
    ]  # fmt: skip
    assert decided(desk, path) == {
        "DRILL/C3": ("missing", None), "DRILL/C4": ("missing", None),
        "DRILL/C5": ("moved", None), "DRILL/BACK": ("unexpected", None),
        "DRILL/NEW 1": ("unknown", None),
    }  # fmt: skip
    problem = desk.refused(f"{path}/post")
    assert (problem["code"], problem["facts"]["undecided"]) == ("stocktake_unresolved", 5)
    wrong = desk.refused(f"{path}/decide", {"decisions": [{"kind": "moved", "decision": "add"}]})
    assert (wrong["code"], wrong["items"][0]["facts"]["expected"]) == (
        "value_wrong", ["move", "keep"],
    )  # fmt: skip
    desk.do(path, "decide", decisions=[
        {"kind": "missing", "decision": "write_off"},
        {"difference": "DRILL/C4", "decision": "keep"}, {"kind": "moved", "decision": "move"},
        {"kind": "unexpected", "decision": "take_in"}, {"kind": "unknown", "decision": "add"},
    ])  # fmt: skip
    assert decided(desk, path)["DRILL/C4"] == ("missing", "keep")
    done = desk.do(path, "post")
    assert done["document"]["status"] == "done"
    assert {one: desk.state(one) for one in ("C1", "C3", "C4", "BACK", "NEW 1")} == {
        "C1": "received", "C3": "written_off", "C4": "received", "BACK": "received",
        "NEW 1": "received",
    }  # fmt: skip
    back, moved = desk.warehouse.one("BACK"), desk.warehouse.one("C5")
    assert (back["life"], moved["location"]) == (1, "A-01")
    assert desk.stock("DRILL") == {"received": 6}


@pytest.mark.seed("E33")
def test_quantities_are_counted_by_lot_and_come_from_a_file(desk: Desk) -> None:
    desk.fill("PAINT", 10, lot="B1")
    desk.fill("SCREW", 100)
    desk.warehouse.receive("F1")
    path = "stocktake/ST-2"
    desk.put(path, None, **{"from": "A-01"})
    desk.do(path, "start")
    table = (
        "location;item;serial;lot;quantity\r\nA-01;PAINT;;B1;8\r\nA-01;PAINT;;B9;3\r\n"
        "A-01;SCREW;;;120\r\nA-01;DRILL;F1;;\r\n"
    )
    answer = desk.web.post(
        f"/v1/documents/{path}/count", content=table.encode(),
        headers={"Content-Type": "text/csv"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert [one["result"] for one in answer.json()["results"]] == [
        "counted", "counted", "counted", "ok",
    ]  # fmt: skip
    items = desk.get(f"{path}/differences")["items"]
    assert [(one["difference"], one["expected"], one["counted"]) for one in items] == [
        ("PAINT/B1@A-01", 10, 8), ("PAINT/B9@A-01", 0, 3), ("SCREW/@A-01", 100, 120),
    ]  # fmt: skip
    desk.do(path, "decide", decisions=[{"kind": "quantity", "decision": "adjust"}])
    desk.do(path, "post", reason="yearly count")
    assert (desk.stock("PAINT"), desk.stock("SCREW")) == ({"received": 11}, {"received": 120})
    bad = desk.web.post(
        f"/v1/documents/{path}/count", content=b"location;item\nA-01;DRILL\n",
        headers={"Content-Type": "text/csv"},
    )  # fmt: skip
    assert (bad.status_code, bad.json()["detail"]) == (
        422, "Row 2 needs a location, and a serial or a quantity.",
    )  # fmt: skip


def test_counting_to_nothing_is_a_difference_too(desk: Desk) -> None:
    desk.fill("SCREW", 7)
    path = "stocktake/ST-3"
    desk.put(path, [{"item": "SCREW", "quantity": 0}], **{"from": "A-01"})
    desk.do(path, "start")
    desk.do(path, "count", counts=[{"location": "A-01", "item": "SCREW", "quantity": 0}])
    desk.do(path, "decide", decisions=[{"kind": "quantity", "decision": "adjust"}])
    desk.do(path, "post")
    assert desk.stock("SCREW") == {}


def test_a_count_says_how_far_it_is_and_what_may_be_decided(desk: Desk) -> None:
    desk.warehouse.receive("P1-P3")
    desk.warehouse.receive("P4", location="A-02")
    desk.warehouse.receive("L1", "LASER")
    path = "stocktake/ST-P"
    desk.put(path, None, **{"from": "A-01"})
    desk.do(path, "start")
    desk.do(path, "count", counts=[{"location": "A-01", "serials": "P1 P2 P4"}])
    assert desk.get(f"{path}/progress")["items"] == [
        {"item": "DRILL", "expected": 3, "counted": 3},
        {"item": "LASER", "expected": 1, "counted": 0},
    ]
    found = desk.get(f"{path}/differences")["items"]
    assert {one["difference"]: (one["kind"], one["may"]) for one in found} == {
        "DRILL/P3": ("missing", ["write_off", "keep"]),
        "DRILL/P4": ("moved", ["move", "keep"]),
        "LASER/L1": ("missing", ["write_off", "keep"]),
    }
    desk.put("write_off/WO-1", [{"item": "DRILL"}])
    answer = desk.web.get("/v1/documents/write_off/WO-1/progress")
    assert answer.json()["code"] == "document_wrong_type"


def test_differences_come_by_pages_and_say_how_many_there_are(desk: Desk) -> None:
    desk.warehouse.receive("G1..G7")
    desk.warehouse.receive("G8", location="A-02")
    path = "stocktake/ST-G"
    desk.put(path, None, **{"from": "HALL"})
    desk.do(path, "start")
    desk.do(path, "count", counts=[{"location": "A-01", "serials": "G1 G8 WHO", "item": "DRILL"}])
    first = desk.get(f"{path}/differences?limit=4")
    assert [one["difference"] for one in first["items"]] == [
        "DRILL/G8", "DRILL/WHO", "DRILL/G2", "DRILL/G3", "DRILL/G4", "DRILL/G5",
    ]  # fmt: skip
    assert (first["counts"], first["undecided"]) == (
        {"missing": 6, "moved": 1, "unknown": 1}, 8,
    )  # fmt: skip
    rest = desk.get(f"{path}/differences?kind=missing&limit=4&after={first['next']}")
    assert [one["serial"] for one in rest["items"]] == ["G6", "G7"]
    assert (rest["next"], rest["counts"]["missing"]) == (None, 6)
    whole = desk.get(f"{path}/differences")
    assert (whole["counts"], whole["undecided"]) == (first["counts"], 8)
    assert {one["difference"]: one for one in whole["items"]} == {
        one["difference"]: one for one in first["items"] + rest["items"]
    }  # fmt: skip
    desk.do(
        path,
        "decide",
        decisions=[
            {"kind": "moved", "decision": "move"},
            {"difference": "DRILL/G2", "decision": "keep"},
        ],
    )
    assert desk.get(f"{path}/differences?kind=moved")["undecided"] == 6
    assert desk.get(f"{path}/differences")["undecided"] == 6
    desk.do(path, "decide", decisions=[{"kind": "missing", "decision": "keep"}])
    assert desk.get(f"{path}/differences?limit=1")["undecided"] == 1
    answer = desk.web.get(f"/v1/documents/{path}/differences?kind=strange")
    assert answer.json()["facts"] == {"key": "kind"}
