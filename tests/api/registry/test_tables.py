"""Tables brought in step by step: kept, columns guessed and named, checked, taken, mended."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from gateway.api.access import LOCAL
from gateway.api.registry.doing import Doer
from gateway.api.registry.importing import taking
from gateway.api.registry.kept_tables import KEPT_FOR, KeptTables
from gateway.errors import Unknown
from gateway.registry.imports import What, read_rows
from gateway.registry.tables import read_table
from gateway.store.registry.events import By
from gateway.works import Stopped
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse

SOON = 20.0

ITEMS = """Artikel-Nr.;Bezeichnung;Serialnummernpflicht;Farbe;Lieferant
BIT;Bit set;serial;red;Acme
BAD;Wrong;often;;Acme
CASE;Case;none;blue;Acme
"""


def keep(warehouse: Warehouse, table: str, name: str = "artikel.csv") -> dict[str, Any]:
    answer = warehouse.web.post("/v1/tables", params={"name": name}, content=table.encode())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def bring_in(warehouse: Warehouse, table: dict[str, Any], **body: Any) -> dict[str, Any]:
    """Return the table once the import has ended."""
    link = table["links"]["self"]
    answer = warehouse.web.post(f"{link}/import", json=body)
    assert answer.status_code == 202, answer.text
    warehouse.daemon.gateway.parts.works.wait(int(answer.json()["id"]), SOON)
    return dict(warehouse.web.get(link).json())


@pytest.mark.seed("E34")
def test_a_foreign_table_is_mapped_checked_taken_and_what_was_refused_is_mended(
    warehouse: Warehouse,
) -> None:
    web = warehouse.web
    web.put("/v1/fields/item/colour", json={"label": "Farbe"})
    table = keep(warehouse, ITEMS)
    assert table["header"] == [
        "Artikel-Nr.",
        "Bezeichnung",
        "Serialnummernpflicht",
        "Farbe",
        "Lieferant",
    ]
    assert table["sample"][0] == {"row": 2, "cells": ["BIT", "Bit set", "serial", "red", "Acme"]}
    guessed = table["guesses"]["items"]
    assert guessed == {
        "sku": "Artikel-Nr.", "name": "Bezeichnung", "tracking": "Serialnummernpflicht",
        "fields.colour": "Farbe",
    }  # fmt: skip

    checked = bring_in(warehouse, table, what="items", columns=guessed, dry_run=True)["import"]
    assert checked["counts"] == {"new": 2, "changed": 0, "same": 0, "refused": 1}
    assert (checked["applied"], checked["work"]["sentence"]) == (
        False, "3 rows are checked; 1 would be refused.",
    )  # fmt: skip
    rows = web.get(f"{table['links']['self']}/rows").json()["items"]
    assert [(one["row"], one["subject"], one["status"]) for one in rows] == [
        (2, "BIT", "new"), (3, "BAD", "refused"), (4, "CASE", "new"),
    ]  # fmt: skip
    assert web.get("/v1/items/BIT").status_code == 404

    whole = bring_in(warehouse, table, what="items", columns=guessed)["import"]
    assert (whole["work"]["state"], whole["applied"]) == ("refused", False)
    assert whole["work"]["sentence"].startswith("Row 3 was refused: 'tracking' must be one of")
    assert web.get("/v1/items/BIT").status_code == 404

    part = bring_in(warehouse, table, what="items", columns=guessed, partial=True)["import"]
    assert (part["applied"], part["counts"]["new"], part["work"]["sentence"]) == (
        True, 2, "2 rows are in; 1 were refused and left out.",
    )  # fmt: skip
    assert web.get("/v1/items/BIT").json()["fields"] == {"colour": "red"}

    refused = web.get(f"{table['links']['self']}/refused").content.decode("utf-8-sig")
    header, line = refused.splitlines()
    assert header == "row,cause,Artikel-Nr.,Bezeichnung,Serialnummernpflicht,Farbe,Lieferant"
    assert line.startswith("3,\"'tracking' must be one of")
    assert line.endswith(",BAD,Wrong,often,,Acme")
    mended = keep(warehouse, refused.replace("often", "none"), "refused.csv")
    done = bring_in(warehouse, mended, what="items", columns=guessed)["import"]
    assert (done["applied"], done["counts"]["new"]) == (True, 1)
    assert web.get("/v1/items/BAD").json()["tracking"] == "none"


def test_what_a_row_does_not_say_is_the_same_for_all(warehouse: Warehouse) -> None:
    table = keep(warehouse, "Artikel,Seriennummer,Platz\nDRILL,S-1,\nDRILL,S-2,A-02\n")
    done = bring_in(
        warehouse, table, what="stock",
        columns={"item": "Artikel", "serial": "Seriennummer", "location": "Platz"},
        values={"location": "A-01"},
    )["import"]  # fmt: skip
    assert done["counts"]["new"] == 2, done
    assert [warehouse.one(serial)["location"] for serial in ("S-1", "S-2")] == ["A-01", "A-02"]


def test_a_serial_that_stands_twice_is_refused_the_second_time(warehouse: Warehouse) -> None:
    table = keep(warehouse, "item,serial,location\nDRILL,S-1,A-01\nDRILL,s-1,A-02\n")
    checked = bring_in(warehouse, table, what="stock", dry_run=True)
    rows = warehouse.web.get(f"{checked['links']['self']}/rows").json()["items"]
    assert [(one["row"], one["status"], one.get("code")) for one in rows] == [
        (2, "new", None), (3, "refused", "duplicate_in_list"),
    ]  # fmt: skip


def test_a_stopped_import_has_changed_nothing(warehouse: Warehouse) -> None:
    parts = warehouse.daemon.gateway.parts
    lines = "".join(f"SKU-{n:04},Item {n}\n" for n in range(3000))
    table = keep(warehouse, f"sku,name\n{lines}")
    go = threading.Event()
    held = parts.database.submit(lambda t: go.wait(SOON))  # the writer is busy meanwhile
    answer = warehouse.web.post(f"{table['links']['self']}/import", json={"what": "items"})
    work = answer.json()["id"]
    again = warehouse.web.post(f"{table['links']['self']}/import", json={"what": "items"})
    assert (again.status_code, again.json()["detail"]) == (
        409, "This table is being worked on; wait for its end, or stop it.",
    )  # fmt: skip
    assert warehouse.web.post(f"/v1/works/{work}/stop").json()["stopping"]
    go.set()
    held.result(SOON)
    ended = parts.works.wait(int(work), SOON)
    assert (ended.state, ended.sentence) == ("stopped", "It was stopped; nothing was changed.")
    assert warehouse.web.get("/v1/items/SKU-0000").status_code == 404
    assert warehouse.web.get(f"{table['links']['self']}/rows").status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"what": "shoes"}, 422, "'what' must be one of items, locations, parties, stock, orders"),
        ({"what": "items", "columns": {"sku": "Nr"}}, 422, "The table has no column 'Nr'"),
        ({"what": "items", "columns": {"skuu": "sku"}}, 422, "did you mean 'sku'?"),
        ({"what": "stock", "columns": {"item": "sku"}}, 422, "needs a column 'location'"),
        ({"what": "items", "columns": []}, 422, "'columns' must be an object of texts"),
        ({"what": "items", "dry_run": "yes"}, 422, "'dry_run' must be true or false"),
    ],
)
def test_an_import_that_cannot_be_is_refused_before_it_begins(
    shared: Warehouse, body: dict[str, Any], status: int, detail: str
) -> None:
    table = keep(shared, "sku\nA\n")
    answer = shared.web.post(f"{table['links']['self']}/import", json=body)
    assert (answer.status_code, detail in answer.json()["detail"]) == (status, True), answer.text


def test_who_may_not_bring_items_in_cannot_start(shared: Warehouse) -> None:
    table = keep(shared, "sku\nA\n")
    with connect(shared.daemon, make_key(shared.daemon, "looker", "read")) as looker:
        refused = looker.post(f"{table['links']['self']}/import", json={"what": "items"})
    assert refused.status_code == 403


def test_tables_are_forgotten_when_nobody_comes_back_for_them() -> None:
    at = 0.0
    tables = KeptTables(lambda: at)
    table = read_table(b"sku;name\nA;B\n")
    first = tables.keep(table, "a.csv", "local")
    assert tables.get(first.id).table() == table
    at = KEPT_FOR
    second = tables.keep(table, "b.csv", "local")
    assert tables.get(first.id).name == "a.csv"
    at = KEPT_FOR + 1
    assert tables.get(second.id).name == "b.csv"
    at = 2 * KEPT_FOR + 0.5
    with pytest.raises(Unknown, match="choose its file once more"):
        tables.get(first.id)
    assert tables.get(second.id).name == "b.csv"


@pytest.mark.parametrize(
    ("what", "table", "looked"),
    [
        ("items", "sku\nA\nB\nC\n", "SELECT count(*) FROM item WHERE sku IN ('A', 'B')"),
        ("locations", "code\nX\nY\nZ\n", "SELECT count(*) FROM place WHERE code IN ('X', 'Y')"),
        ("parties", "code,kind\nP,both\nQ,both\nR,both\n",
         "SELECT count(*) FROM party WHERE code IN ('P', 'Q')"),
        ("stock", "item,location,quantity\nSCREW,A-01,5\nSCREW,A-02,5\nSCREW,HALL,5\n",
         "SELECT coalesce(sum(quantity), 0) FROM stock"),
        ("orders", "type,number,party,item\nsales_order,S1,SMITH,SCREW\n"
         "sales_order,S2,SMITH,SCREW\nsales_order,S3,SMITH,SCREW\n",
         "SELECT count(*) FROM document"),
    ],
)  # fmt: skip
def test_a_stop_between_two_rows_takes_back_those_before(
    warehouse: Warehouse, what: What, table: str, looked: str
) -> None:
    parts = warehouse.daemon.gateway.parts
    counted = []

    def step(rows: int) -> None:
        counted.append(rows)
        if sum(counted) > 1:
            raise Stopped

    take = taking(parts, what, Doer(By("local"), LOCAL), step)
    rows = read_rows(what, read_table(table.encode()))
    before = parts.database.read(looked)
    with pytest.raises(Stopped):
        parts.database.run(lambda t: take(t, rows))
    assert counted == [1, 1]
    assert parts.database.read(looked) == before
    # Without a stop the same rows would have come in.
    report = parts.database.run(lambda t: taking(parts, what, Doer(By("local"), LOCAL))(t, rows))
    assert report.counts["new"] == 3, report
