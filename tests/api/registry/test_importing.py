"""Tables in and out over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gateway.registry.tables import write_xlsx
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.api.registry.conftest import Warehouse


def send(warehouse: Warehouse, what: str, table: str | bytes, **query: object) -> Any:
    """Send a table; return the answer."""
    return warehouse.web.post(
        f"/v1/imports/{what}",
        content=table if isinstance(table, bytes) else table.encode(),
        headers={"Content-Type": "text/csv"},
        params={key: str(value) for key, value in query.items()},
    )


def statuses(answer: Any) -> list[tuple[int, str]]:
    return [(row["row"], row["status"]) for row in answer.json()["rows"]]


ITEMS = """SKU;Name;Tracking;Units;Next serial;Account codes;Active;fields.colour
BIT;Bit set;serial;box=12;B0001;income=4000;yes;red
CASE;Case;;;;;no;
BIT-L;Long bit;lot;;;;;
"""


@pytest.mark.seed("E34")
def test_a_table_of_items_is_taken_and_again_changes_nothing(warehouse: Warehouse) -> None:
    web = warehouse.web
    web.put("/v1/fields/item/colour", json={"type": "choice", "choices": ["red"]})
    preview = send(warehouse, "items", ITEMS, dry_run=1)
    assert (preview.json()["applied"], statuses(preview)) == (
        False, [(2, "new"), (3, "new"), (4, "new")],
    )  # fmt: skip
    assert web.get("/v1/items/BIT").status_code == 404
    done = send(warehouse, "items", ITEMS)
    assert (done.status_code, done.json()["counts"]["new"]) == (200, 3)
    item = web.get("/v1/items/BIT").json()
    assert (item["units"], item["pattern"]["example"], item["account_codes"], item["fields"]) == (
        {"box": 12}, "B00001", {"income": "4000"}, {"colour": "red"},
    )  # fmt: skip
    assert web.get("/v1/items/CASE").json()["active"] is False
    again = send(warehouse, "items", ITEMS)
    assert again.json()["counts"] == {"new": 0, "changed": 0, "same": 3, "refused": 0}


def test_a_refused_row_stops_the_table_unless_it_may_be_left_out(warehouse: Warehouse) -> None:
    web = warehouse.web
    table = "sku,kind,gtin\nGOOD,stock,\nBAD,shed,1\nSERVICE,service,\n"
    refused = send(warehouse, "items", table)
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")
    assert [(one["subject"], one["facts"]["row"]) for one in refused.json()["items"]] == [
        ("BAD", 3), ("SERVICE", 4),
    ]  # fmt: skip
    assert "must be one of" in refused.json()["items"][0]["detail"]
    assert "is no GTIN" in refused.json()["items"][0]["detail"]
    assert web.get("/v1/items/GOOD").status_code == 404
    assert statuses(send(warehouse, "items", table, dry_run=1)) == [
        (2, "new"), (3, "refused"), (4, "refused"),
    ]  # fmt: skip
    part = send(warehouse, "items", table, partial=1)
    assert (part.status_code, part.json()["counts"]) == (
        200, {"new": 1, "changed": 0, "same": 0, "refused": 2},
    )  # fmt: skip
    assert web.get("/v1/items/GOOD").status_code == 200


@pytest.mark.parametrize(
    ("what", "table", "detail"),
    [
        ("items", "sku;colour\nA;red\n", "A table of items has no column 'colour'"),
        ("items", "sku,tracknig\nA,lot\n", "did you mean 'tracking'?"),
        ("items", "name\nA\n", "A table of items needs a column 'sku' or 'external_id'."),
        ("locations", "code,Code\nA,B\n", "The column 'code' stands twice."),
        ("stock", "item,location\nDRILL,A-01\n", "needs a column 'serial' or 'quantity'"),
    ],
)
def test_a_table_with_a_wrong_heading_is_not_read(
    shared: Warehouse, what: str, table: str, detail: str
) -> None:
    answer = send(shared, what, table)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]


def test_a_workbook_of_locations_builds_the_tree_in_any_order(warehouse: Warehouse) -> None:
    rows = [("Z-1-1", "bin", "Z-1"), ("Z-1", "zone", "Z"), ("Z", "site", "")]
    book = b"".join(write_xlsx(("Code", "Kind", "Parent"), rows))
    done = send(warehouse, "locations", book)
    assert done.json()["counts"]["new"] == 3, done.text
    assert warehouse.web.get("/v1/locations/Z-1-1").json()["path"] == ["Z", "Z-1", "Z-1-1"]


@pytest.mark.seed("E34")
def test_what_is_exported_is_imported_as_the_same(warehouse: Warehouse) -> None:
    web = warehouse.web
    web.put("/v1/fields/item/fragile", json={"type": "yes_no"})
    web.put("/v1/items/SET 1", json={
        "kind": "kit", "members": [{"item": "DRILL", "quantity": 2}], "units": {"box": 6},
        "barcodes": ["123", "456"], "fields": {"fragile": True}, "reorder_points": {"A-01": 3},
        "pattern": {"prefix": "S", "next": 7, "width": 3, "suffix": "-X2"},
        "account_codes": {"income": "4 000"}, "name": "=1+1",
    })  # fmt: skip
    for what, count in (("items", 5), ("locations", 6), ("parties", 3)):
        for form in ("csv", "xlsx"):
            table = web.get(f"/v1/exports/{what}", params={"format": form})
            assert table.headers["content-disposition"] == f'attachment; filename="{what}.{form}"'
            back = send(warehouse, what, table.content)
            assert back.json().get("counts") == {
                "new": 0, "changed": 0, "same": count, "refused": 0,
            }, back.text  # fmt: skip
    assert len(web.get("/v1/exports/parties", params={"format": "json"}).json()) == 3


STOCK = """item,serial,lot,location,quantity,cost,currency,expires_on
DRILL,S1,,A-01,,1250,EUR,
DRILL,S2,X-1,A-02,1,,,2027-01-31
SCREW,,,A-01,500,,,
PAINT,,P-7,A-02,20,,,2026-12-31
"""


@pytest.mark.seed("E33")
@pytest.mark.seed("E13")
def test_opening_stock_says_what_is_there_and_only_adds_what_is_missing(
    warehouse: Warehouse,
) -> None:
    web = warehouse.web
    web.put("/v1/items/PAINT", json={"tracking": "lot"})
    done = send(warehouse, "stock", STOCK)
    assert (done.status_code, done.json()["counts"]["new"]) == (200, 4), done.text
    assert warehouse.one("S1")["cost"] == {"amount": 1250, "currency": "EUR"}
    second = warehouse.one("S2")
    assert (second["location"], second["lot"]) == ("A-02", "X-1")
    lots = {one["code"]: one for one in web.get("/v1/lots").json()["items"]}
    assert (lots["P-7"]["pieces"], lots["P-7"]["expires_on"]) == ({"received": 20}, "2026-12-31")
    again = send(warehouse, "stock", STOCK)
    assert again.json()["counts"] == {"new": 0, "changed": 0, "same": 4, "refused": 0}
    more = send(warehouse, "stock", "item,location,quantity\nSCREW,A-01,510\n")
    assert more.json()["counts"]["changed"] == 1
    assert web.get("/v1/stock", params={"item": "SCREW"}).json()["items"][0]["on_hand"] == 510
    less = send(warehouse, "stock", "item,location,quantity\nSCREW,A-01,1\n")
    assert less.json()["items"][0]["code"] == "quantity_unavailable"
    assert web.post("/v1/registry/verify").json()["whole"] is True


@pytest.mark.seed("E7")
def test_a_serial_of_the_table_names_a_piece_that_was_there_without_one(
    warehouse: Warehouse,
) -> None:
    web = warehouse.web
    send(warehouse, "stock", "item,location,quantity\nSCREW,A-01,2\n")
    web.put("/v1/items/SCREW", json={"tracking": "serial"})
    table = "item,location,serial\nSCREW,A-01,1\nSCREW,A-01,2\nSCREW,A-01,3\n"
    assert send(warehouse, "stock", table).json()["counts"]["new"] == 3
    level = web.get("/v1/stock", params={"item": "SCREW"}).json()["items"][0]
    assert (level["on_hand"], level["without_serial"]) == (3, 0)
    assert web.post("/v1/registry/verify").json()["whole"] is True


def test_each_row_of_stock_that_cannot_be_is_named(warehouse: Warehouse) -> None:
    warehouse.receive("S9", location="A-02")
    table = (
        "item,location,serial,quantity,lot\n"
        "DRILL,A-01,S1,,\nDRILL,A-01,S9,,\nDRILL,A-01,S2,2,\nDRILL,A-01,,5,\n"
        "NOPE,A-01,S3,,\nDRILL,MOON,S4,,\nSCREW,A-01,,1.5,\nSCREW,A-01,,x,\n"
        "SCREW,A-01,,1,L\nDRILL,A-01,s1,,\nSCREW,A-01,,3,\nSCREW,A-01,,4,\n,A-01,S5,,\n"
    )
    rows = send(warehouse, "stock", table, dry_run=1).json()["rows"]
    assert [row.get("code", row["status"]) for row in rows] == [
        "new", "serial_on_hand", "serial_quantity_not_one", "serials_missing", "item_unknown",
        "location_unknown", "value_wrong", "value_wrong", "item_not_lotted", "duplicate_in_list",
        "new", "duplicate_in_list", "value_wrong",
    ]  # fmt: skip
    done = send(warehouse, "stock", table, partial=1)
    assert done.json()["counts"] == {"new": 2, "changed": 0, "same": 0, "refused": 11}
    assert warehouse.names(item="DRILL") == ["S9", "S1"]


ORDERS = """type,number,party,item,quantity,price,currency,due_on
purchase_order,PO-1,ACME,DRILL,5,,,2026-12-01
purchase_order,PO-1,ACME,SCREW,100,,,2026-12-01
sales_order,SO-1,SMITH,DRILL,1,9900,EUR,
"""


def test_open_orders_come_as_a_table_of_lines(warehouse: Warehouse) -> None:
    web = warehouse.web
    done = send(warehouse, "orders", ORDERS)
    assert (done.status_code, done.json()["counts"]["new"]) == (200, 3), done.text
    order = web.get("/v1/documents/purchase_order/PO-1").json()
    assert [(line["item"], line["quantity"]) for line in order["lines"]] == [
        ("DRILL", 5), ("SCREW", 100),
    ]  # fmt: skip
    assert (order["status"], order["due_on"]) == ("open", "2026-12-01")
    again = send(warehouse, "orders", ORDERS)
    assert again.json()["counts"]["same"] == 3, again.text
    wrong = "type,number,item,price\nreceipt,R-1,DRILL,\npurchase_order,PO-2,DRILL,1.50\n"
    refused = send(warehouse, "orders", wrong, dry_run=1).json()["rows"]
    assert [row["status"] for row in refused] == ["refused", "refused"]
    assert "minor units" in refused[1]["detail"]


def test_a_table_needs_the_right_for_what_is_in_it(shared: Warehouse) -> None:
    with connect(shared.daemon, make_key(shared.daemon, "tables", "read", "registry:item")) as key:
        items = key.post("/v1/imports/items?dry_run=1", content=b"sku\nX\n")
        assert items.status_code == 200
        assert key.post("/v1/imports/stock", content=b"x").status_code == 403
        orders = key.post("/v1/imports/orders?dry_run=1", content=ORDERS.encode()).json()
        assert "does not have the scope" in orders["rows"][0]["detail"]
    form = shared.web.post("/v1/imports/items", files={"file": b"sku\nX\n"})
    assert form.status_code == 400
    assert shared.web.post("/v1/imports/cars", content=b"x").status_code == 422
