from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
from openpyxl import load_workbook

from gateway.registry.lives import Action
from gateway.registry.tables import read_table
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.events import By
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

WHEN = 1_767_225_600_000_000
"""1 January 2026."""


@pytest.fixture(scope="module")
def sold(shared_daemon: Daemon) -> Daemon:
    """A gateway at which a drill was received, and one with an odd serial was sold."""
    registry = shared_daemon.gateway.parts.registry

    def fill(t: object) -> None:
        execute = t.execute  # type: ignore[attr-defined]
        execute(
            "INSERT INTO item (id, sku, name, tracking, account_codes, created_at, changed_at) "
            """VALUES (1, 'DRILL', 'Drill', 'serial', '{"cogs": "5000"}', 0, 0)"""
        )
        execute("INSERT INTO place (id, code, created_at, changed_at) VALUES (1, 'A', 0, 0)")
        execute(
            "INSERT INTO party (id, code, kind, created_at, changed_at) "
            "VALUES (1, 'Smith', 'customer', 0, 0)"
        )

    registry.database.run(fill)
    for act in (
        Act(Action.RECEIVE, [Target("1"), Target("=2+3")], 1, place=1, cost=500, currency="EUR",
            at=WHEN),
        Act(Action.SHIP, [Target("=2+3")], 1, party=1, price=900, price_currency="EUR", at=WHEN),
    ):  # fmt: skip
        work = partial(registry.perform, act=act, by=By("local"), may=lambda _: True)
        registry.database.run(work)
    return shared_daemon


@pytest.fixture
def web(sold: Daemon) -> Iterator[httpx.Client]:
    with connect(sold) as client:
        yield client


@pytest.mark.seed("E29")
def test_reports_are_found_by_a_word_of_their_name(web: httpx.Client) -> None:
    found = web.get("/v1/reports", params={"name": "Serial"}).json()["items"]
    assert [report["id"] for report in found] == [
        "serials_by_item", "serials_by_customer", "serials_by_location", "serials_by_state",
        "serials_by_field", "serial_movements", "margin_by_serial",
    ]  # fmt: skip
    assert found[3]["parameters"][0] == {
        "name": "state", "description": "status", "type": "choice", "required": True,
        "choices": ["planned", "received", "committed", "picked", "in_transit", "returned",
                    "rejected", "shipped", "consumed", "written_off", "sent_back", "cancelled",
                    "untracked"],
    }  # fmt: skip
    assert web.get("/v1/reports", params={"name": "no such"}).json()["items"] == []


@pytest.mark.seed("E29")
def test_a_report_is_looked_at_before_it_is_fetched(web: httpx.Client) -> None:
    seen = web.get("/v1/reports/serials_by_item/preview", params={"limit": 1}).json()
    assert (len(seen["rows"]), seen["more"], seen["report"]["id"]) == (1, True, "serials_by_item")
    assert dict(zip(seen["report"]["columns"], seen["rows"][0], strict=True)) == {
        "item": "DRILL", "name": "Drill", "serial": "1", "life": 1, "state": "received",
        "held": None, "location": "A", "lot": None, "customer": None,
        "received_at": "2026-01-01T00:00:00Z", "shipped_at": None, "warranty_until": None,
        "memo": "", "fields": "",
    }  # fmt: skip
    margin = web.get("/v1/reports/margin_by_serial/preview").json()["rows"]
    assert margin[0][6:10] == ["9.00", "5.00", "4.00", "EUR"]


@pytest.mark.seed("E29")
@pytest.mark.threat("T13")
def test_a_report_is_a_file_of_each_kind_and_no_formula(web: httpx.Client) -> None:
    path = "/v1/reports/serials_by_item"
    answer = web.get(path, params={"state": "shipped"})
    assert answer.headers["content-disposition"] == 'attachment; filename="serials_by_item.csv"'
    row = next(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (row["serial"], row["customer"]) == ("'=2+3", "Smith")
    assert [one.values["serial"] for one in read_table(answer.content).rows] == ["=2+3"]
    book = web.get(path, params={"format": "xlsx"})
    sheet = load_workbook(io.BytesIO(book.content)).worksheets[0]
    cells = {(cell.value, cell.data_type) for cell in sheet["C"][1:]}
    assert cells == {("1", "s"), ("=2+3", "s")}
    objects = web.get(path, params={"format": "json", "filter.customer": "smi"}).json()
    assert [one["serial"] for one in objects] == ["=2+3"]


def test_what_a_report_cannot_take_is_refused_before_anything_is_sent(web: httpx.Client) -> None:
    for path, status in (
        ("serials_by_item?item=SAW", 404), ("serials_by_state", 422), ("nothing", 404),
        ("serials_by_item?colour=red", 422), ("serials_by_item?filter.colour=red", 422),
        ("serials_by_item?item=DRILL&item=SAW", 422), ("serials_by_item?format=pdf", 422),
    ):  # fmt: skip
        refused = web.get(f"/v1/reports/{path}")
        assert (path, refused.status_code) == (path, status)
        assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.seed("A4")
@pytest.mark.seed("E28")
def test_all_movements_of_an_item_are_listed_newest_first(web: httpx.Client) -> None:
    page = web.get("/v1/items/drill/movements", params={"limit": 2}).json()
    assert [(one["action"], one["serial"]) for one in page["items"]] == [
        ("ship", "=2+3"), ("receive", "=2+3"),
    ]  # fmt: skip
    more = web.get("/v1/items/DRILL/movements", params={"after": page["next"]}).json()
    (first,) = more["items"]
    assert more["next"] is None
    public = first.pop("id")
    assert public.startswith("S")
    assert first == {
        "event": 1, "at": "2026-01-01T00:00:00.000000Z", "action": "receive", "document": None,
        "serial": "1", "lot": None, "quantity": 1,
        "from": {"state": None, "location": None}, "to": {"state": "received", "location": "A"},
        "actor": "local", "station": "", "operator": "", "reason": "", "corrects": None,
        "links": {"event": "/v1/registry/events/1"},
    }  # fmt: skip
    assert web.get("/v1/items/DRILL/movements", params={"after": "2"}).status_code == 422
    assert web.get("/v1/items/SAW/movements").status_code == 404


@pytest.mark.seed("E32")
@pytest.mark.seed("T13")
def test_the_accounts_read_on_and_mark_what_they_have(sold: Daemon, web: httpx.Client) -> None:
    page = web.get("/v1/registry/adjustments", params={"limit": 1}).json()
    assert page["next"] == "1"
    (ship,) = web.get("/v1/registry/adjustments", params={"after": 1}).json()["items"]
    assert ship["lines"] == [
        {
            "item": "DRILL", "location": "A", "change": -1, "serials": ["=2+3"], "quantity": 1,
            "cost": {"amount": 500, "currency": "EUR"},
            "price": {"amount": 900, "currency": "EUR"},
            "postings": [
                {"role": role, "account": account, "debit": debit, "credit": credit,
                 "currency": "EUR"}
                for role, account, debit, credit in (
                    ("cogs", "5000", 500, 0), ("asset", "", 0, 500), ("receivable", "", 900, 0),
                    ("income", "", 0, 900),
                )
            ],
        }
    ]  # fmt: skip
    assert (ship["party"], ship["synced_at"], ship["undoes"]) == ("Smith", None, None)
    with connect(sold, make_key(sold, "reads", "read")) as reading:
        assert reading.post("/v1/registry/adjustments/2/synced").status_code == 403
    with connect(sold, make_key(sold, "books", "read", "registry:adjustment")) as books:
        marked = books.post("/v1/registry/adjustments/2/synced", params={"through": 1})
        assert marked.json() == {"synced": [1, 2]}
    left = web.get("/v1/registry/adjustments", params={"unsynced": 1}).json()
    assert left == {"items": [], "next": None}
    assert web.post("/v1/registry/verify").json()["whole"] is True
