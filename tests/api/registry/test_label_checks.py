"""A label checked with all its records: serials of the registry, a table, rows; and how long."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse

SOON = 30.0

NARROW: dict[str, Any] = {
    "name": "narrow",
    "size": {"width": 40_000, "height": 25_000},
    "fields": [
        {"name": "serial", "required": True},
        {"name": "name"},
        {"name": "gtin"},
    ],
    "elements": [
        {"type": "text", "id": "what", "title": "Item name", "content": "{name}", "size": 4000,
         "x": 1000, "y": 1000, "width": 20_000, "height": 5000},
        {"type": "barcode", "id": "code", "symbology": "code128", "content": "{serial}",
         "x": 3000, "y": 8000, "width": 34_000, "height": 8000},
    ],
}  # fmt: skip


def checked(warehouse: Warehouse, status: int = 202, **body: Any) -> Any:
    """Return the check once its work has ended."""
    answer = warehouse.web.post("/v1/editor/checks", json=body)
    assert answer.status_code == status, answer.text
    if status != 202:
        return answer.json()
    warehouse.daemon.gateway.parts.works.wait(int(answer.json()["id"]), SOON)
    return warehouse.web.get(answer.headers["location"]).json()


@pytest.mark.both_databases
def test_all_serials_are_looked_at_and_each_element_says_for_how_many(
    warehouse: Warehouse,
) -> None:
    warehouse.receive("SN1..SN300", "ROBOT")
    warehouse.receive("L1..L30", "DRILL")
    warehouse.receive("ONE-VERY-LONG-SERIAL-NUMBER-12345", "LASER")
    warehouse.web.put("/v1/items/DRILL", json={"name": "Bench drill, large"})
    found = checked(warehouse, document=NARROW, density=8, source={"about": "serial"})
    assert (found["records"], found["refused"], found["source"]) == (331, 31, "serials")
    assert found["work"]["state"] == "done"
    assert found["work"]["sentence"] == "31 of 331 records would be refused."
    what, code = found["findings"]
    assert (what["element"], what["title"], what["code"]) == (
        "what", "Item name", "text-does-not-fit",
    )  # fmt: skip
    assert (what["count"], what["of"], len(what["offenders"])) == (30, 331, 20)
    assert what["longest"]["value"] == "Bench drill, large"
    assert (code["element"], code["code"], code["count"]) == ("code", "not-scannable", 1)
    assert code["offenders"][0]["title"] == "ONE-VERY-LONG-SERIAL-NUMBER-12345"
    wide = {**NARROW, "elements": [dict(one) for one in NARROW["elements"]]}
    assert what["fixes"], "the longest value says what would mend it"
    for element, keys in what["fixes"][0]["set"].items():
        next(one for one in wide["elements"] if one["id"] == element).update(keys)
    again = checked(warehouse, document=wide, source={"about": "serial", "filter": {
        "item": "DRILL"}})  # fmt: skip
    assert (again["records"], again["findings"]) == (30, [])
    assert again["work"]["sentence"] == "The label fits all 30 records."


def test_a_table_and_rows_are_looked_at_by_their_own_numbers(warehouse: Warehouse) -> None:
    web = warehouse.web
    table = web.post("/v1/tables", params={"name": "orders.csv"}, content=(
        b"Nummer;Name\nA1;Short\nA2;Much too long a name for it\n;Nobody\n"
    )).json()  # fmt: skip
    columns = {"serial": "Nummer", "name": "Name"}
    found = checked(warehouse, document=NARROW, source={"table": table["id"], "columns": columns})
    assert [(one["element"], one["offenders"][0]["row"]) for one in found["findings"]] == [
        (None, 4), ("what", 3),
    ]  # fmt: skip
    assert found["findings"][0]["code"] == "field-refused"
    rows = [{"serial": "A1"}, {"serial": "A2", "name": "⚙️🧿"}]
    glyphs = checked(warehouse, document=NARROW, source={"rows": rows})
    assert [(one["code"], one["count"]) for one in glyphs["findings"]] == [("glyph-missing", 1)]
    wrong = checked(warehouse, 422, document=NARROW, source={
        "table": table["id"], "columns": {"serail": "Nummer"}})  # fmt: skip
    assert wrong["detail"].endswith("did you mean 'serial'?")
    assert checked(warehouse, 422, document=NARROW, source={"rows": rows, "about": "item"})
    assert checked(warehouse, 404, document=NARROW, source={"table": "gone"})


def test_a_stored_template_is_checked_for_a_printer_with_what_fills_all_labels(
    warehouse: Warehouse,
) -> None:
    warehouse.receive("S1 S2", "DRILL")
    source = {"about": "serial"}
    good = checked(warehouse, template="serial", printer="zebra", source=source,
                   fields={"qr": "yes"})  # fmt: skip
    assert (good["printer"], good["density"], good["records"]) == ("zebra", 8, 2)
    assert good["findings"] == []
    refused = checked(warehouse, 422, template="serial", source=source, fields={"qrr": "yes"})
    assert refused["detail"].startswith("'qrr' is no field of template 'serial'")
    warehouse.web.put("/v1/settings/registry.enabled", json={"value": False})
    assert checked(warehouse, 403, template="serial", source=source)["code"] == "feature_disabled"


def test_commands_of_another_language_are_told_for_all_records(warehouse: Warehouse) -> None:
    media = {"width": 100_000, "height": 50_000}
    dock = {"url": "tcp://127.0.0.1:9100", "media": media, "language": "tspl", "density": 8}
    made = warehouse.web.put("/v1/printers/dock", json=dock)
    assert made.status_code == 201, made.text
    raw = {"type": "raw", "id": "box", "language": "zpl", "commands": "^FO10,10^GB50,50,3^FS",
           "x": 0, "y": 20_000, "width": 5000, "height": 5000}  # fmt: skip
    document = {**NARROW, "elements": [*NARROW["elements"], raw]}
    rows = {"rows": [{"serial": "A1"}, {"serial": "A2"}]}
    found = checked(warehouse, document=document, source=rows, printer="dock")
    assert [(one["element"], one["code"], one["always"], one["count"], one["of"])
            for one in found["findings"]] == [("box", "raw-refused", True, 2, 2)]  # fmt: skip
    assert found["refused"] == 2
    assert checked(warehouse, document=document, source=rows, printer="zebra")["findings"] == []


def test_a_check_is_stopped_and_keeps_what_it_found(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.templates.checking import Checker

    going, go_on = threading.Event(), threading.Event()
    whole = Checker.look

    def slow(self: Checker, number: int, title: str, fields: Any) -> bool:
        if number == 3:
            going.set()
            assert go_on.wait(SOON)
        return whole(self, number, title, fields)

    monkeypatch.setattr(Checker, "look", slow)
    rows = [{"serial": f"S{n}", "name": "Much too long a name for it"} for n in range(10)]
    body = {"document": NARROW, "source": {"rows": rows}}
    started = warehouse.web.post("/v1/editor/checks", json=body).json()
    assert going.wait(SOON)
    warehouse.web.post(f"/v1/works/{started['id']}/stop")
    go_on.set()
    warehouse.daemon.gateway.parts.works.wait(int(started["id"]), SOON)
    found = warehouse.web.get(started["links"]["self"]).json()
    assert (found["work"]["state"], found["records"]) == ("stopped", 3)
    assert found["work"]["sentence"] == "It was stopped when 3 of 10 records were looked at."
    assert found["findings"][0]["count"] == 3
