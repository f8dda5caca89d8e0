"""A serial and its label: printed, in doubt, answered for; on paper what the registry says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.stations.serial_labels import label_fields
from gateway.store.registry.serials import serials_by_id
from tests.api.conftest import DOCK
from tests.api.registry.conftest import Warehouse


def print_serials(warehouse: Warehouse, status: int = 201, **body: Any) -> Any:
    answer = warehouse.web.post("/v1/serials/print", json={"printer": "zebra", **body})
    assert answer.status_code == status, answer.text
    return answer.json()


def ended(warehouse: Warehouse, job: str) -> Any:
    """Return a job that has ended or asks a person."""
    return warehouse.web.get(f"/v1/jobs/{job}?wait=30").json()


def codes(warehouse: Warehouse, printer: str = "zebra") -> list[list[str]]:
    """Return what a scanner reads on each sheet that came out, oldest first."""
    items = warehouse.web.get(f"/v1/printers/{printer}/paper").json()["items"]
    return [sorted(code["text"] for code in sheet["codes"]) for sheet in reversed(items)]


def label_states(warehouse: Warehouse, serials: Sequence[str]) -> list[str]:
    return [warehouse.one(serial)["label"] for serial in serials]


def held(warehouse: Warehouse, item: int = 101) -> int:
    """Return how many pieces on hand the stock's counters say are held."""
    rows = warehouse.daemon.gateway.parts.database.read(
        "SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ? AND held = 1", (item,)
    )
    return int(rows[0][0])


@pytest.mark.seed("M8")
@pytest.mark.seed("M23")
@pytest.mark.seed("M25")
@pytest.mark.both_databases
def test_a_selection_is_printed_and_its_labels_carry_the_serials(warehouse: Warehouse) -> None:
    warehouse.receive("m1 m2", "LASER")
    warehouse.receive("g1", "DRILL")
    ids = [warehouse.one("m1", "LASER")["id"], warehouse.one("m2", "LASER")["id"]]
    looked = warehouse.web.post(
        "/v1/serials/print", params={"dry_run": 1},
        json={"printer": "zebra", "ids": ids, "copies": 2},
    ).json()  # fmt: skip
    assert (looked["dry_run"], looked["serials"], looked["labels"]) == (True, 2, 4)
    assert (looked["fields"]["serial"], looked["fields"]["item"]) == ("m1", "LASER")
    made = print_serials(warehouse, ids=ids, fields={"qr": "yes"})
    assert (made["serials"], made["labels"]) == (2, 2)
    assert ended(warehouse, made["id"])["counts"] == {"printed": 2}
    assert codes(warehouse) == [sorted([f"GW-{one}", s]) for one, s in zip(ids, ("m1", "m2"),
                                                                       strict=True)]  # fmt: skip
    assert warehouse.one("m1", "LASER")["label"] == "printed"
    history = warehouse.web.get(f"/v1/serials/{ids[0]}/history").json()["items"]
    assert [(one["action"], one["details"]) for one in history] == [
        ("print_label", {"copies": 1, "job": made["id"], "printer": "zebra", "template": "serial"}),
        ("receive", {}),
    ]  # fmt: skip
    gs1 = print_serials(warehouse, serials="g1", item="DRILL")
    assert ended(warehouse, gs1["id"])["counts"] == {"printed": 1}
    assert codes(warehouse)[-1] == ["(01)04012345678901(21)g1"]


@pytest.mark.parametrize(
    ("selector", "printed"),
    [
        ({"serials": "L1..L3", "item": "LASER"}, ["L1", "L2", "L3"]),
        ({"serials": ["L2"]}, ["L2"]),
        ({"lot": "LOT-7", "item": "LASER"}, ["L1", "L2", "L3"]),
        ({"document": "work_order/WO-1"}, ["L3"]),
        ({"filter": {"item": "LASER", "prefix": "l", "state": "received"}}, ["L1", "L2", "L3"]),
    ],
)  # fmt: skip
def test_serials_a_lot_a_document_or_a_filter_say_what_is_printed(
    shared: Warehouse, selector: dict[str, Any], printed: list[str]
) -> None:
    if not shared.names(serial="L1", item="LASER"):
        shared.receive("L1..L3", "LASER", lot="LOT-7")

        def order(t: Any) -> None:
            t.execute("INSERT INTO document (id, type, number, created_at, changed_at) "
                      "VALUES (71, 'work_order', 'WO-1', 0, 0)")  # fmt: skip
            t.execute("INSERT INTO document_line (id, document, rank, item, uom_quantity, "
                      "quantity) VALUES (71, 71, 1, 102, 1, 1)")  # fmt: skip
            t.execute("INSERT INTO line_life (line, life, role) SELECT 71, id, 'done' FROM life "
                      "WHERE serial = 'L3'")  # fmt: skip

        shared.daemon.gateway.parts.database.run(order)
    made = print_serials(shared, hold=True, **selector)
    labels = shared.web.get(f"/v1/jobs/{made['id']}/labels").json()["items"]
    assert [label["data"]["serial"] for label in labels] == printed
    named = [shared.web.get(f"/v1/serials/{label['serial']}").json()["serial"] for label in labels]
    assert named == printed
    assert shared.one("L3", "LASER")["label"] == ("pending" if "L3" in printed else "none")
    shared.web.post(f"/v1/jobs/{made['id']}/cancel")
    assert shared.one("L3", "LASER")["label"] == "none"


@pytest.mark.seed("M24")
def test_a_template_of_ones_own_takes_what_it_has_fields_for(shared: Warehouse) -> None:
    names = ("serial", "item", "name", "gtin", "lot", "location", "customer", "supplier",
             "received", "memo", "grade", "code")  # fmt: skip
    template = {
        "name": "mine", "title": "Mine", "size": {"width": 100_000, "height": 50_000},
        "fields": [{"name": name, "title": name, "max_length": 80} for name in names],
        "elements": [{"type": "text", "id": "all", "content": "{serial} {grade}", "x": 2_000,
                      "y": 2_000, "width": 90_000, "height": 20_000, "size": 4_000}],
    }  # fmt: skip
    assert shared.web.put("/v1/templates/mine", json=template).status_code == 201
    shared.receive(
        [{"serial": "own-1", "memo": "for show", "fields": {"grade": "A"}}], lot="L9",
        party="ACME", at="2026-05-31T23:30:00Z",
    )  # fmt: skip
    made = print_serials(shared, serials=["own-1"], template="mine", hold=True)
    (label,) = shared.web.get(f"/v1/jobs/{made['id']}/labels").json()["items"]
    assert label["data"] == {
        "serial": "own-1", "item": "DRILL", "name": "Bench drill", "gtin": "04012345678901",
        "lot": "L9", "location": "A-01", "customer": "", "supplier": "ACME",
        "received": "2026-05-31", "memo": "for show", "grade": "A",
        "code": f"GW-{shared.one('own-1')['id']}",
    }  # fmt: skip
    shared.web.post(f"/v1/jobs/{made['id']}/cancel")


@pytest.mark.seed("N4")
def test_without_the_feature_barcodes_there_is_none(warehouse: Warehouse) -> None:
    warehouse.web.put("/v1/settings/registry.features", json={"value": ["rma"]})
    refused = warehouse.refused("receive", "plain-1", location="A-01", lot="L1")
    assert (refused.status_code, refused.json()["facts"]) == (403, {"feature": "lots"})
    warehouse.receive("plain-1")
    made = print_serials(warehouse, serials="plain-1", item="DRILL")
    assert ended(warehouse, made["id"])["counts"] == {"printed": 1}
    assert codes(warehouse) == [[]]


def test_every_serial_that_cannot_be_printed_is_named(shared: Warehouse) -> None:
    shared.receive("b1")
    shared.receive("b1 b2", "LASER")
    refused = print_serials(shared, 404, serials=["b9", "b1", "b2", "b8"])
    assert [(one["subject"], one["code"]) for one in refused["items"]] == [
        ("b9", "serial_unknown"), ("b1", "code_ambiguous"), ("b8", "serial_unknown"),
    ]  # fmt: skip
    assert print_serials(shared, 422, serials=["b2"], lot="x")["detail"] == (
        "Say which serials by one of ids, serials, filter, lot, document; got serials and lot."
    )
    assert print_serials(shared, 422, printer="", serials=["b2"])["detail"] == (
        "'printer' is missing: say where to print."
    )
    assert shared.one("b2", "LASER")["label"] == "none"


@pytest.mark.promise("R8")
@pytest.mark.both_databases
def test_a_serial_whose_label_is_in_doubt_is_held_until_somebody_answers(
    warehouse: Warehouse,
) -> None:
    warehouse.receive("d1..d3", "LASER")
    do: Callable[..., Any] = lambda **fault: warehouse.web.post(  # noqa: E731
        "/v1/printers/zebra/virtual", json=fault
    ).raise_for_status()
    do(do="trip", fault="power_off", labels=1, at=0.5)
    made = print_serials(warehouse, serials="d1..d3", item="LASER")
    while warehouse.web.get("/v1/printers/zebra/virtual").json()["powered"]:
        warehouse.web.get(f"/v1/jobs/{made['id']}?wait=0.1")
    do(do="power_on")
    assert ended(warehouse, made["id"])["state"] == "needs_attention"
    doubted = warehouse.names(label="uncertain")
    assert doubted
    assert set(doubted) <= {"d1", "d2", "d3"}
    assert held(warehouse, 102) == len(doubted)
    refused = warehouse.refused("ship", doubted[0], "LASER", party="SMITH")
    assert (refused.status_code, refused.json()["code"], refused.json()["facts"]["reason"]) == (
        409, "serial_held", "label_uncertain",
    )  # fmt: skip
    assert "ship" not in warehouse.one(doubted[0], "LASER")["allowed"]
    told = {"last_printed": None, "rest": "reprint"}
    answer = warehouse.web.post("/v1/printers/zebra/answer", json=told)
    assert answer.status_code == 200, answer.text
    assert warehouse.names(label="uncertain") == []
    assert held(warehouse, 102) == 0
    (again,) = answer.json()["jobs"]
    assert ended(warehouse, again["id"])["state"] == "done"
    assert [warehouse.one(one, "LASER")["label"] for one in doubted] == ["printed"] * len(doubted)
    assert warehouse.act("ship", doubted[0], "LASER", party="SMITH")["count"] == 1


def test_an_answer_that_it_is_on_paper_lets_the_serial_go(warehouse: Warehouse) -> None:
    from gateway.jobs import Event
    from gateway.ledger import Step

    warehouse.web.put("/v1/printers/dock", json=DOCK)
    warehouse.web.post("/v1/printers/dock/pause")
    warehouse.receive("c1 c2")
    made = print_serials(warehouse, printer="dock", serials="c1 c2", item="DRILL")
    assert label_states(warehouse, ("c1", "c2")) == ["pending", "pending"]
    parts = warehouse.daemon.gateway.parts
    dock = parts.printers.find("dock").id
    keys = [row[0] for row in parts.database.read("SELECT seq FROM label ORDER BY seq")]
    parts.jobs.record(dock, [Step(key, Event.CLAIM, marker="M", counter_before=7) for key in keys])
    parts.jobs.record(dock, [Step(key, Event.HAND_OVER) for key in keys])
    assert label_states(warehouse, ("c1", "c2")) == ["sent", "sent"]
    assert held(warehouse) == 0
    parts.jobs.record(dock, [Step(key, Event.DOUBT, because="no power") for key in keys])
    assert label_states(warehouse, ("c1", "c2")) == ["uncertain", "uncertain"]
    assert (held(warehouse), ended(warehouse, made["id"])["state"]) == (2, "needs_attention")
    body = {"last_printed": f"L{keys[0]}", "rest": "drop"}
    assert warehouse.web.post("/v1/printers/dock/answer", json=body).status_code == 200
    assert label_states(warehouse, ("c1", "c2")) == ["printed", "none"]
    assert held(warehouse) == 0
    kinds = [
        row[0] for row in parts.database.read(
            "SELECT kind FROM feed WHERE kind LIKE 'serial.label%' ORDER BY seq")
    ]  # fmt: skip
    assert kinds == [
        "serial.label_printed", "serial.label_uncertain", "serial.label_settled",
        "serial.label_settled",
    ]  # fmt: skip


def test_a_printed_label_is_in_nobodys_way(warehouse: Warehouse) -> None:
    received = warehouse.receive("w1")
    made = print_serials(warehouse, serials="w1", item="DRILL")
    assert ended(warehouse, made["id"])["state"] == "done"
    again = warehouse.web.post(f"/v1/jobs/{made['id']}/reprint", json={"reason": "torn"}).json()
    assert ended(warehouse, again["id"])["state"] == "done"
    assert warehouse.one("w1")["label"] == "printed"
    labels = warehouse.web.get(f"/v1/serials/{warehouse.one('w1')['id']}/labels").json()["items"]
    assert [(one["job"], one["state"], one["data"]["serial"]) for one in labels] == [
        (again["id"], "printed", "w1"), (made["id"], "printed", "w1"),
    ]  # fmt: skip
    undone = warehouse.web.post(f"/v1/registry/events/{received['event']}/undo")
    assert undone.status_code == 200, undone.text
    assert warehouse.one("w1")["state"] == "cancelled"


def test_the_same_print_again_prints_once(shared: Warehouse) -> None:
    shared.receive("once-1")
    body = {"printer": "zebra", "serials": ["once-1"], "hold": True}
    answers = [
        shared.web.post("/v1/serials/print", json=body, headers={"Idempotency-Key": "print"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].headers["location"] == f"/v1/jobs/{answers[0].json()['id']}"
    shared.web.post(f"/v1/jobs/{answers[0].json()['id']}/cancel")


def test_the_page_names_every_field_a_template_can_show(shared: Warehouse) -> None:
    shared.receive("page-1")
    parts = shared.daemon.gateway.parts
    run = parts.database.reader().execute
    (row,) = serials_by_id(run, [row[0] for row in run("SELECT id FROM life WHERE serial_key = ?",
                                                       ("page-1",))])  # fmt: skip
    fields = label_fields(row, parts.registry.public_ids, ZoneInfo("UTC"), frozenset())
    text = (Path(__file__).parents[3] / "docs" / "serial-labels.md").read_text("utf-8")
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert set(re.findall("`([a-z0-9_]+)`", " ".join(cells))) == set(fields)
