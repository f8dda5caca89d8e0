"""Examples to try: made in one touch, tried, and removed so that nothing of them is left."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from gateway.store.engine import Transaction
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases

TABLES = (
    "item", "place", "party", "document", "document_line", "life", "life_value", "lot", "stock",
    "event", "movement", "event_item", "line_life", "line_lot", "barcode", "reorder", "item_uom",
)  # fmt: skip


@pytest.fixture
def web(daemon: Daemon) -> Any:
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=30) as client:
        yield client


def counted(daemon: Daemon) -> dict[str, int]:
    database = daemon.gateway.parts.database
    return {name: database.read(f"SELECT count(*) FROM {name}")[0][0] for name in TABLES}


def _send(t: Transaction, query: str, number: int) -> None:
    t.execute(query, (number,))


def act(web: httpx.Client, action: str, serials: str, **more: Any) -> None:
    body = {"action": action, "serials": serials, "item": "EX-DRILL", **more}
    answer = web.post("/v1/serials/actions", json=body)
    assert answer.status_code == 200, answer.text


def real_work(web: httpx.Client) -> None:
    """Items, a location, a customer and serials that are no examples."""
    web.put("/v1/locations/HALL", json={"kind": "site"}).raise_for_status()
    web.put("/v1/items/SAW", json={"tracking": "serial"}).raise_for_status()
    web.put("/v1/parties/SMITH", json={"kind": "customer"}).raise_for_status()
    stock = "item,location,serial\nSAW,HALL,R-1\nSAW,HALL,R-2\n"
    web.post("/v1/imports/stock", content=stock).raise_for_status()


def test_nothing_is_left_of_examples_and_of_what_was_tried_with_them(
    daemon: Daemon, web: httpx.Client
) -> None:
    real_work(web)
    before = counted(daemon)
    made = web.post("/v1/examples")
    assert (made.status_code, made.json()) == (
        201,
        {
            "there": True, "items": ["EX-DRILL", "EX-PAINT", "EX-SCREW"],
            "locations": ["EX-A-01", "EX-SITE"], "parties": ["EX-CUSTOMER", "EX-SUPPLIER"],
            "documents": ["EX-PO-1", "EX-SO-1"],
        },
    )  # fmt: skip
    assert web.get("/v1/examples").json() == made.json()
    assert len(web.get("/v1/items/EX-DRILL/serials").json()["items"]) == 5
    assert web.get("/v1/documents/sales_order/EX-SO-1").json()["status"] == "open"
    again = counted(daemon)
    assert web.post("/v1/examples").status_code == 201
    assert counted(daemon) == again

    # What people try: receive, sell, take back, write off, undo; a paper of their own.
    act(web, "receive", "EX-0006, EX-0007", location="EX-A-01")
    act(web, "ship", "EX-0001 EX-0002", party="EX-CUSTOMER")
    act(web, "return", "EX-0001", location="EX-A-01", reason="broken")
    act(web, "write_off", "EX-0003", reason="lost")
    lines = [{"item": "EX-PAINT", "quantity": 1}]
    mine = {"lines": lines, "party": "EX-CUSTOMER"}
    web.put("/v1/documents/sales_order/MY-1", json=mine).raise_for_status()
    web.post("/v1/documents/sales_order/MY-1/confirm", json={}).raise_for_status()
    # And real work goes on meanwhile.
    moved = {"action": "ship", "serials": "R-1", "item": "SAW", "party": "SMITH"}
    web.post("/v1/serials/actions", json=moved).raise_for_status()

    # Bookkeeping and other systems hear of the real alone.
    booked = web.get("/v1/registry/adjustments").json()["items"]
    assert [line["item"] for one in booked for line in one["lines"]] == ["SAW"] * 2
    told = web.get("/v1/registry/epcis").text
    assert ("R-1" in told, "EX-0001" in told) == (True, False)

    removed = web.delete("/v1/examples")
    assert (removed.status_code, removed.json()["documents"]) == (
        200, ["EX-PO-1", "EX-SO-1", "MY-1"],
    )  # fmt: skip
    one_event = {"event": 1, "movement": 1, "event_item": 1}
    assert counted(daemon) == {
        name: count + one_event.get(name, 0) for name, count in before.items()
    } | {"stock": counted(daemon)["stock"]}
    assert web.get("/v1/examples").json()["there"] is False
    assert web.get("/v1/serials?serial=EX-0001").json()["items"] == []
    assert [one["item"] for one in web.get("/v1/stock").json()["items"]] == ["SAW"]
    verdict = web.post("/v1/registry/verify").json()
    assert (verdict["whole"], verdict["events"]) == (True, before["event"] + 1), verdict


def test_a_touch_that_would_remove_real_work_names_it_and_removes_nothing(
    daemon: Daemon, web: httpx.Client
) -> None:
    real_work(web)
    web.post("/v1/examples").raise_for_status()
    body = {
        "party": "SMITH",
        "lines": [{"item": "EX-SCREW", "quantity": 1}, {"item": "SAW", "quantity": 1}],
    }
    web.put("/v1/documents/sales_order/SO-77", json=body).raise_for_status()
    web.put("/v1/locations/MINE", json={"kind": "bin", "parent": "EX-SITE"}).raise_for_status()
    act(web, "ship", "EX-0001", party="EX-CUSTOMER")
    sold = {"action": "ship", "serials": "R-2", "item": "SAW", "party": "EX-CUSTOMER"}
    web.post("/v1/serials/actions", json=sold).raise_for_status()
    before = counted(daemon)
    refused = web.delete("/v1/examples")
    assert (refused.status_code, refused.json()["code"]) == (409, "item_in_use"), refused.text
    named = {one["subject"]: one["detail"] for one in refused.json()["items"]}
    assert set(named) == {"SO-77", "EX-SITE", "EX-CUSTOMER"}
    assert named["SO-77"] == "This sales order holds examples beside items that are none."
    assert named["EX-SITE"] == "MINE is inside this location."
    assert counted(daemon) == before


def test_what_happened_to_real_things_can_still_not_be_deleted(
    daemon: Daemon, web: httpx.Client
) -> None:
    real_work(web)
    web.post("/v1/examples").raise_for_status()
    database = daemon.gateway.parts.database
    chains = dict(database.read("SELECT chain, count(*) FROM event GROUP BY chain"))
    assert set(chains) == {"main", "example"}
    ((number,),) = database.read("SELECT min(seq) FROM event WHERE chain = 'main'")
    for table, key in (("event", "seq"), ("movement", "event"), ("life", "event")):
        query = f"DELETE FROM {table} WHERE {key} = ?"
        with pytest.raises(Exception, match=r"append|rewritten"):
            database.run(partial(_send, query=query, number=number))


def test_examples_take_what_the_site_has_where_there_is_one_site_without_bins(
    daemon: Daemon, web: httpx.Client
) -> None:
    web.put("/v1/settings/registry.features", json={"value": []}).raise_for_status()
    web.put("/v1/locations/HALL", json={"kind": "site"}).raise_for_status()
    made = web.post("/v1/examples").json()
    assert made["locations"] == ["EX-A-01"]
    shelf = web.get("/v1/locations/EX-A-01").json()
    assert (shelf["kind"], shelf["parent"]) == ("staging", "HALL")
    web.delete("/v1/examples").raise_for_status()
    assert [one["code"] for one in web.get("/v1/locations").json()["items"]] == ["HALL"]
