"""Many labels from a table, rows or the registry: checked, accepted once, the refused listed."""

from __future__ import annotations

import io
import itertools
import threading
from typing import TYPE_CHECKING, Any

import pytest

from gateway.accepting import Desk
from gateway.api import batches as module
from gateway.api.records import Record, Records
from gateway.api.registry.labelling import take_order
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse

SOON = 30.0

TABLE = """Seriennummer;Bezeichnung;Menge
A1;Wrench;2
A2;Drill;1
;Nobody;1
A3;Saw;0
A4;Hammer;some
"""


def keep(warehouse: Warehouse, content: str = TABLE, name: str = "orders.csv") -> Any:
    answer = warehouse.web.post("/v1/tables", params={"name": name}, content=content.encode())
    assert answer.status_code == 201, answer.text
    return answer.json()


def start(
    warehouse: Warehouse, body: dict[str, Any], template: str = "serial", key: str = "",
    dry: bool = False,
) -> Any:  # fmt: skip
    return warehouse.web.post(
        f"/v1/templates/{template}/batch", params={"dry_run": 1} if dry else {},
        json={"printer": "zebra", **body}, headers={"idempotency-key": key} if key else {},
    )  # fmt: skip


def ended(warehouse: Warehouse, answer: Any) -> Any:
    """Return a batch once its work has ended."""
    assert answer.status_code == 202, answer.text
    batch = answer.json()
    warehouse.daemon.gateway.parts.works.wait(int(batch["work"]["id"]), SOON)
    return warehouse.web.get(batch["links"]["self"]).json()


def ended_of(warehouse: Warehouse, id: str) -> Any:
    """Return a batch that somebody else began, once its work has ended."""
    found = warehouse.web.get(f"/v1/batches/{id}").json()
    warehouse.daemon.gateway.parts.works.wait(int(found["work"]["id"]), SOON)
    return warehouse.web.get(f"/v1/batches/{id}").json()


def batch(warehouse: Warehouse, body: dict[str, Any], **more: Any) -> Any:
    return ended(warehouse, start(warehouse, body, **more))


def printed(warehouse: Warehouse, done: Any) -> list[str]:
    """Return the serials on the labels of a batch's jobs, in their order."""
    found: list[str] = []
    for job in done["jobs"]:
        items = warehouse.web.get(job["links"]["labels"]).json()["items"]
        found += [one["data"]["serial"] for one in items]
    return found


def jobs(warehouse: Warehouse) -> int:
    return len(warehouse.web.get("/v1/jobs").json()["items"])


def test_a_table_is_guessed_checked_and_printed_and_the_refused_rows_come_back(
    warehouse: Warehouse,
) -> None:
    web = warehouse.web
    table = keep(warehouse)
    asks = web.get("/v1/templates/serial/batch", params={"table": table["id"]}).json()
    assert asks["columns"] == {"serial": "Seriennummer", "name": "Bezeichnung"}
    assert (asks["copies_from"], asks["abouts"]) == ("Menge", ["serial"])
    assert asks["table"]["sample"][0] == {"row": 2, "cells": ["A1", "Wrench", "2"]}
    source = {"table": table["id"], "columns": asks["columns"], "values": {"lot": "L-1"}}
    body = {"source": source, "copies_from": "Menge"}

    looked = batch(warehouse, body, dry=True)
    assert (looked["state"], looked["rows"], looked["labels"], looked["skipped"]) == (
        "done", 5, 3, 1,
    )  # fmt: skip
    assert looked["sentence"] == "3 labels would be printed; 2 of 5 rows would be refused."
    assert looked["first"] == {
        "title": "A1", "fields": {"serial": "A1", "name": "Wrench", "lot": "L-1"},
    }  # fmt: skip
    assert jobs(warehouse) == 0
    rows = web.get(f"{looked['links']['self']}/rows").json()["items"]
    assert [(one["row"], one["values"]) for one in rows] == [
        (4, ["", "Nobody", "1"]), (6, ["A4", "Hammer", "some"]),
    ]  # fmt: skip
    assert rows[0]["cause"].startswith("Field 'serial' of template 'serial' is missing")
    assert rows[1]["cause"] == (
        "'Menge' says how many labels, and has 'some'; expected a whole number from 0 to 10,000."
    )
    for which in ("first", "longest"):
        picture = web.get(f"{looked['links']['self']}/picture.png", params={"which": which})
        assert picture.content.startswith(b"\x89PNG")

    whole = batch(warehouse, body)
    assert (whole["state"], whole["jobs"], jobs(warehouse)) == ("refused", [], 0)
    assert whole["sentence"].startswith("2 of 5 rows were refused, so nothing was printed; the fi")

    part = batch(warehouse, {**body, "partial": True, "title": "Monday"})
    assert (part["state"], part["labels"], part["refused"]) == ("done", 3, 2)
    assert part["sentence"] == (
        f"3 labels are accepted ({part['jobs'][0]['id']}); 2 rows were refused and left out."
    )
    assert printed(warehouse, part) == ["A1", "A1", "A2"]
    assert web.get(part["jobs"][0]["links"]["self"]).json()["title"] == "Monday"

    refused = web.get(f"{part['links']['self']}/refused")
    header, *lines = refused.content.decode("utf-8-sig").splitlines()
    assert header == "row,cause,Seriennummer,Bezeichnung,Menge"
    assert lines[1].startswith("6,")
    assert lines[1].endswith(",A4,Hammer,some")
    mended = refused.content.decode("utf-8-sig").replace("some", "1").replace(",,Nobody", ",A9,No")
    again = keep(warehouse, mended, "refused.csv")
    body["source"] = {**source, "table": again["id"]}
    assert printed(warehouse, batch(warehouse, body)) == ["A9", "A4"]


def test_a_name_with_signs_that_no_file_has_is_cleaned(warehouse: Warehouse) -> None:
    table = keep(warehouse, "serial\nA1\n", "a\0b\x1b .csv")
    assert table["name"] == "a b .csv"
    columns = {"serial": "serial"}
    done = batch(warehouse, {"source": {"table": table["id"], "columns": columns}})
    assert (done["state"], done["source"]) == ("done", "a b .csv")


def test_a_workbook_is_a_source_like_any_table(warehouse: Warehouse) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["serial", "name"], ["X-1", "Wrench"], [77, None]):
        sheet.append(row)
    written = io.BytesIO()
    book.save(written)
    book.close()
    table = warehouse.web.post("/v1/tables", content=written.getvalue()).json()
    source = {"table": table["id"], "columns": {"serial": "serial", "name": "name"}}
    done = batch(warehouse, {"source": source, "copies": 2})
    assert printed(warehouse, done) == ["X-1", "X-1", "77", "77"]


@pytest.mark.both_databases
def test_serials_of_the_registry_are_marked_as_with_their_own_print(
    warehouse: Warehouse,
) -> None:
    web = warehouse.web
    warehouse.receive("m1..m3", "LASER")
    warehouse.receive("d1", "DRILL")
    source = {"about": "serial", "filter": {"item": "LASER"}}
    done = batch(warehouse, {"source": source, "fields": {"qr": "yes"}})
    assert (done["state"], done["rows"], done["labels"]) == ("done", 3, 3)
    job = done["jobs"][0]["id"]
    assert web.get(f"/v1/jobs/{job}?wait=30").json()["counts"] == {"printed": 3}
    assert [warehouse.one(one, "LASER")["label"] for one in ("m1", "m2", "m3")] == ["printed"] * 3
    assert warehouse.one("d1")["label"] == "none"
    history = web.get(f"/v1/serials/{warehouse.one('m2', 'LASER')['id']}/history").json()["items"]
    assert (history[0]["action"], history[0]["details"]["job"]) == ("print_label", job)
    places = batch(warehouse, {"source": {"about": "location", "filter": {"kind": "bin"}}},
                   template="location-label")  # fmt: skip
    assert places["labels"] == 3
    sheet = web.get("/v1/printers/zebra/paper").json()["items"][0]
    assert [one["text"] for one in sheet["codes"]] != []


def test_a_custom_field_says_how_many_and_places_come_in_the_order_of_their_codes(
    warehouse: Warehouse,
) -> None:
    web = warehouse.web
    web.put("/v1/fields/location/signs", json={"type": "number"})
    for code, signs in (("A-02", 2), ("A-01", 1), ("Q", 0)):
        web.put(f"/v1/locations/{code}", json={"fields": {"signs": signs}})
    body = {"source": {"about": "location"}, "copies_from": "signs", "partial": True}
    done = batch(warehouse, body, template="location-label")
    assert (done["labels"], done["skipped"], done["refused"]) == (3, 1, 3)
    labels = web.get(done["jobs"][0]["links"]["labels"]).json()["items"]
    assert [one["data"]["location"] for one in labels] == ["A-01", "A-02", "A-02"]
    rows = web.get(f"{done['links']['self']}/rows").json()["items"]
    assert [one["title"] for one in rows] == ["HALL", "OLD", "YARD"]
    assert rows[0]["cause"].startswith("'signs' says how many labels, and has nothing; expected")


def test_what_has_gone_since_it_was_checked_leaves_the_other_rows_as_they_were(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = warehouse.web
    web.put("/v1/fields/location/signs", json={"type": "number"})
    for code, signs in (("A-01", 1), ("A-02", 2), ("Q", 1)):
        web.put(f"/v1/locations/{code}", json={"fields": {"signs": signs}})
    whole, times = Records.read, itertools.count()

    def gone(self: Records, about: Any, numbers: Any) -> list[Record]:
        later = next(times) > 0
        return [one for one in whole(self, about, numbers) if not (later and one.title == "A-01")]

    monkeypatch.setattr(Records, "read", gone)
    body = {"source": {"about": "location"}, "copies_from": "signs", "partial": True}
    done = batch(warehouse, body, template="location-label")
    labels = web.get(done["jobs"][0]["links"]["labels"]).json()["items"]
    assert [one["data"]["location"] for one in labels] == ["A-02", "A-02", "Q"]
    assert (done["state"], done["labels"], done["refused"]) == ("done", 3, 3)


def test_a_number_of_copies_longer_than_any_number_is_refused_with_its_row(
    warehouse: Warehouse,
) -> None:
    rows = [{"serial": "S1", "qty": "9" * 5000}, {"serial": "S2", "qty": "1"}]
    done = batch(warehouse, {"source": {"rows": rows}, "copies_from": "qty"}, dry=True)
    assert (done["state"], done["labels"], done["refused"]) == ("done", 1, 1)


def test_what_was_seen_is_printed_whatever_was_published_since(warehouse: Warehouse) -> None:
    web = warehouse.web
    document = web.get("/v1/templates/serial").json()["document"]
    web.put("/v1/templates/bin", json=document | {"name": "bin"})
    seen = batch(warehouse, {"source": {"rows": [{"serial": "S1"}]}}, template="bin", dry=True)
    web.put("/v1/templates/bin", json=document | {"name": "bin", "title": "Another"})
    assert web.get("/v1/templates/bin").json()["version"] != seen["version"]
    went = web.post(f"/templates/bin/batch/{seen['id']}/print", follow_redirects=False)
    assert went.status_code == 303, went.text
    made = went.headers["location"].rpartition("/")[2]
    done = ended_of(warehouse, made)
    assert (done["state"], done["version"]) == ("done", seen["version"])
    assert web.get(done["jobs"][0]["links"]["self"]).json()["version"] == seen["version"]


def test_no_more_is_printed_than_was_looked_at(warehouse: Warehouse) -> None:
    warehouse.receive("m1..m3", "LASER")
    source = {"about": "serial", "filter": {"item": "LASER"}}
    seen = batch(warehouse, {"source": source}, dry=True)
    assert seen["labels"] == 3
    warehouse.receive("m4", "LASER")
    went = warehouse.web.post(f"/templates/serial/batch/{seen['id']}/print", follow_redirects=False)
    refused = ended_of(warehouse, went.headers["location"].rpartition("/")[2])
    assert (refused["state"], refused["jobs"], jobs(warehouse)) == ("refused", [], 0)
    assert refused["sentence"] == (
        "By now it is 4 labels, and 3 were looked at, so nothing was printed; check it again."
    )
    right = batch(warehouse, {"source": source, "labels": 4})
    assert (right["state"], right["labels"]) == ("done", 4)


def test_what_was_refused_before_its_first_job_is_tried_again(warehouse: Warehouse) -> None:
    body = {"source": {"rows": [{"serial": "S1"}]}, "labels": 2}
    first = ended(warehouse, start(warehouse, body, key="k7"))
    again = ended(warehouse, start(warehouse, body, key="k7"))
    assert (first["state"], again["state"], jobs(warehouse)) == ("refused", "refused", 0)
    assert again["id"] != first["id"]
    right = ended(warehouse, start(warehouse, {**body, "labels": 1}, key="k7"))
    assert (right["state"], right["labels"], jobs(warehouse)) == ("done", 1, 1)


def test_the_same_request_prints_once_while_it_runs_and_after(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    going, go_on = threading.Event(), threading.Event()
    whole = Desk.order

    def slow(self: Desk, request: Any, at: int) -> Any:
        going.set()
        assert go_on.wait(SOON)
        return whole(self, request, at)

    monkeypatch.setattr(Desk, "order", slow)
    body = {"source": {"rows": [{"serial": "S1"}, {"serial": "S2"}]}}
    first = start(warehouse, body, key="k1")
    assert going.wait(SOON)
    second = start(warehouse, body, key="k1")
    assert second.json()["id"] == first.json()["id"]
    other = start(warehouse, {"source": {"rows": [{"serial": "S3"}]}}, key="k1")
    assert (other.status_code, other.json()["type"].rpartition("/")[2]) == (422, "replay-differs")
    go_on.set()
    done = ended(warehouse, first)
    assert (done["state"], done["labels"], jobs(warehouse)) == ("done", 2, 1)
    assert start(warehouse, body, key="k1").json()["jobs"] == done["jobs"]
    with pytest.MonkeyPatch.context() as gone:  # as after a restart: only the database knows
        gone.setattr(module, "MOST_KEPT", 0)
        batch(warehouse, {"source": {"rows": [{"serial": "S9"}]}}, dry=True)
        start(warehouse, {"source": {"rows": [{"serial": "S9"}]}}, dry=True)
    kept = start(warehouse, body, key="k1").json()
    assert (kept["state"], kept["jobs"], kept["sentence"]) == (
        "done", done["jobs"], done["sentence"],
    )  # fmt: skip
    assert jobs(warehouse) == 1


def test_a_large_batch_is_several_jobs_and_a_stop_leaves_those_that_were_accepted(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    web, parts = warehouse.web, warehouse.daemon.gateway.parts
    monkeypatch.setattr(module, "MOST_LABELS", 4)
    rows = [{"serial": f"S{n}"} for n in range(6)]
    done = batch(warehouse, {"source": {"rows": rows}, "copies": 2})
    assert [job["labels"] for job in done["jobs"]] == [4, 4, 4]
    assert printed(warehouse, done) == [f"S{n}" for n in range(6) for _ in range(2)]

    took, go_on = threading.Event(), threading.Event()
    whole = take_order

    def slow(*given: Any) -> Any:
        accepted = whole(*given)
        if not took.is_set():
            took.set()
            return accepted
        assert go_on.wait(SOON)
        return accepted

    monkeypatch.setattr(module, "take_order", slow)
    answer = start(warehouse, {"source": {"rows": rows}, "copies": 2}, key="k2")
    assert took.wait(SOON)
    web.post(f"/v1/works/{answer.json()['work']['id']}/stop")
    go_on.set()
    stopped = ended(warehouse, answer)
    assert stopped["state"] == stopped["work"]["state"] == "stopped"
    accepted = stopped["jobs"]
    assert 1 <= len(accepted) <= 2
    assert stopped["sentence"].startswith(
        f"It was stopped. Accepted, and printing: {accepted[0]['id']} (4 labels)"
    )
    assert stopped["sentence"].endswith("; the rest was not.")
    assert stopped["labels"] == 4 * len(accepted)
    before = jobs(warehouse)
    again = start(warehouse, {"source": {"rows": rows}, "copies": 2}, key="k2").json()
    assert (again["state"], again["jobs"], jobs(warehouse)) == ("stopped", accepted, before)
    assert parts.works.get(int(stopped["work"]["id"])).ended


def test_a_batch_that_is_stopped_before_its_turn_has_ended(warehouse: Warehouse) -> None:
    works, go_on = warehouse.daemon.gateway.parts.works, threading.Event()

    def wait(progress: object) -> str:
        assert go_on.wait(SOON)
        return "It has waited."

    for _ in range(3):  # as many as run at once
        works.start("Wait", "local", wait)
    answer = start(warehouse, {"source": {"rows": [{"serial": "S1"}]}}, key="k5")
    warehouse.web.post(f"/v1/works/{answer.json()['work']['id']}/stop")
    stopped = warehouse.web.get(answer.json()["links"]["self"]).json()
    go_on.set()
    assert (stopped["state"], stopped["sentence"]) == (
        "stopped", "It was stopped before it began.",
    )  # fmt: skip
    assert jobs(warehouse) == 0


def test_what_a_gateway_had_accepted_before_it_ended_is_told_and_not_printed_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LABELS", 2)
    body = {"source": {"rows": [{"serial": f"S{n}"} for n in range(4)]}}
    done = batch(warehouse, body, key="k3")
    parts = warehouse.daemon.gateway.parts
    kept = parts.database.read("SELECT answer FROM request WHERE key = 'k3'")
    assert b'"state":"done"' in bytes(kept[0][0])

    def fail(*given: Any) -> Any:
        if jobs_taken:
            raise MemoryError  # the process ends here, for all that is written
        jobs_taken.append(1)
        return whole(*given)

    jobs_taken: list[int] = []
    whole = take_order
    monkeypatch.setattr(module, "take_order", fail)
    answer = start(warehouse, body, key="k4")
    parts.works.wait(int(answer.json()["work"]["id"]), SOON)
    failed = warehouse.web.get(answer.json()["links"]["self"]).json()
    assert (failed["state"], len(failed["jobs"])) == ("refused", 1)
    assert failed["sentence"].startswith("Something went wrong on the gateway's side")
    (row,) = parts.database.read("SELECT answer FROM request WHERE key = 'k4'")
    assert b'"state":"interrupted"' in bytes(row[0])
    assert b"(2 labels); the rest was not." in bytes(row[0])
    assert jobs(warehouse) == len(done["jobs"]) + 1


def test_it_needs_the_right_to_print_and_no_registry_for_a_table(warehouse: Warehouse) -> None:
    table = keep(warehouse, "serial\nA1\n")
    body = {"printer": "zebra", "source": {"table": table["id"], "columns": {"serial": "serial"}}}
    with connect(warehouse.daemon, make_key(warehouse.daemon, "looker", "read")) as looker:
        refused = looker.post("/v1/templates/serial/batch", json=body)
        assert refused.status_code == 403
    warehouse.web.put("/v1/settings/registry.enabled", json={"value": False})
    assert printed(warehouse, batch(warehouse, body)) == ["A1"]
    fresh = keep(warehouse, "serial\nA2\n")
    taken = warehouse.web.post(f"/v1/tables/{fresh['id']}/import", json={"what": "items"})
    assert taken.json()["code"] == "feature_disabled"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"source": {"rows": []}}, "'rows' must be a list"),
        ({"source": {}}, "'source' must have one of about, table and rows; got none of them."),
        ({"source": {"rows": [{"serial": "1"}]}, "copies": 2, "copies_from": "n"}, "both say how"),
        ({"source": {"rows": [{"serial": "1"}]}, "copies_from": "n"}, "There is no 'n' to take"),
        ({"source": {"about": "shelf"}}, "'about' must be one of serial"),
        ({"source": {"rows": [{"serial": "1"}]}, "copy": 2}, "has no 'copy'"),
        ({"source": {"about": "item", "rows": [{}]}}, "got about and rows"),
    ],
)
def test_what_is_no_batch_is_refused_before_anything_begins(
    shared: Warehouse, body: dict[str, Any], said: str
) -> None:
    refused = start(shared, body)
    assert refused.status_code == 422
    assert said in refused.json()["detail"]
