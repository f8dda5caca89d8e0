"""NetSuite's example: the computer A1234 is bought, refused, sold, and bought again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.scenarios.conftest import Person


def buy(person: Person, item: str, serial: str, number: str) -> None:
    """Order one piece of an item, and take it in."""
    order = f"purchase_order/{number}"
    person.document(order, {"item": item, "quantity": 1}, party="HITECH", to="MAIN")
    person.do(order, "confirm")
    person.do(order, "receive", lines=[{"line": 1, "serials": serial}])


def sell(person: Person, item: str, serial: str, number: str, customer: str = "MILLER") -> None:
    order = f"sales_order/{number}"
    person.document(order, {"item": item, "quantity": 1}, party=customer)
    person.serials_on(order, serial)
    person.do(order, "confirm")
    person.do(order, "ship")


@pytest.mark.seed("T5")
@pytest.mark.seed("T6")
@pytest.mark.seed("T7")
@pytest.mark.seed("T9")
@pytest.mark.seed("T12")
@pytest.mark.seed("N6")
def test_a1234_is_bought_again_only_after_it_was_sold_or_adjusted_out(person: Person) -> None:
    numbers = {"prefix": "A", "next": "1235", "width": 4}
    person.put("/items/HT-9000", {"name": "Hi-Tech 9000 2Ghz Computer", "tracking": "serial",
                                  "pattern": numbers})  # fmt: skip
    buy(person, "HT-9000", "A1234", "PO-1")
    assert person.serials("HT-9000") == ["A1234"]

    # Bought again while it is on hand: warned, with the place of the one that is there and another
    # serial that is free; the rest of the list stays, and with the new one the receipt is saved.
    person.document("receipt/GR-2", {"item": "HT-9000", "quantity": 3}, party="HITECH", to="MAIN")
    person.serials_on("receipt/GR-2", "B1, B2")
    refused = person.refused("/documents/receipt/GR-2/post",
                             {"lines": [{"line": 1, "serials": "B1, B2, A1234"}]})  # fmt: skip
    assert (refused["status"], refused["code"]) == (409, "serial_on_hand")
    assert [(one["subject"], one["code"]) for one in refused["items"]] == [
        ("A1234", "serial_on_hand")
    ]
    facts = refused["items"][0]["facts"]
    assert (facts["location"], facts["suggestion"]) == ("MAIN", "A1235")
    line = person.line("receipt/GR-2")
    assert (line["planned"], line["serial_status"], line["done"]) == (2, "partial", 0)
    person.serials_on("receipt/GR-2", facts["suggestion"])
    person.do("receipt/GR-2", "post")
    assert person.serials("HT-9000") == ["A1234", "A1235", "B1", "B2"]

    # Sold: it may be bought again, as another life of the same serial.
    sell(person, "HT-9000", "A1234", "SO-1")
    assert person.serials("HT-9000") == ["A1235", "B1", "B2"]
    buy(person, "HT-9000", "A1234", "PO-3")
    assert [(one["life"], one["state"]) for one in person.get(
        "/serials", serial="A1234", item="HT-9000", show="all")["items"]] == [
            (1, "shipped"), (2, "received")]  # fmt: skip

    # Adjusted out: it may be adjusted in, and bought, again.
    refused = person.refused_act("adjust_in", "A1234", "HT-9000", location="MAIN", reason="found")
    assert refused["code"] == "serial_on_hand"
    person.act("write_off", "A1234", "HT-9000", reason="lost")
    adjusted = person.act("adjust_in", "A1234", "HT-9000", location="MAIN", reason="found")
    assert adjusted["serials"][0]["life"] == 3
    # Taken back, the adjustment leaves the serial free for the purchase that it should have been.
    person.undo(adjusted["event"])
    buy(person, "HT-9000", "A1234", "PO-4")
    assert person.one("A1234", "HT-9000")["supplier"] == "HITECH"


@pytest.mark.seed("T10")
def test_a_customers_return_is_refused_while_that_serial_is_on_hand(person: Person) -> None:
    person.put("/items/HT-RMA", {"tracking": "serial"})
    buy(person, "HT-RMA", "A1234", "PO-10")
    sell(person, "HT-RMA", "A1234", "SO-10")
    sold = person.one("A1234", "HT-RMA")
    buy(person, "HT-RMA", "A1234", "PO-11")
    back = {"party": "MILLER", "location": "QUARANTINE", "reason": "broken"}
    refused = person.refused(f"/serials/{sold['id']}/return", back)
    assert (refused["status"], refused["code"]) == (409, "serial_on_hand")
    person.act("write_off", "A1234", "HT-RMA", reason="lost")
    returned = person.post(f"/serials/{sold['id']}/return", back)
    assert returned["serials"][0]["state"] == "returned"


@pytest.mark.seed("T8")
@pytest.mark.seed("T11")
def test_a_serial_is_unique_over_all_locations_but_not_over_items(person: Person) -> None:
    person.put("/items/HT-1", {"name": "Hi-Tech", "tracking": "serial"})
    person.put("/items/TK-100", {"name": "Tek-Know 100 3Ghz Computer", "tracking": "serial"})
    person.act("receive", "A1234", "HT-1", location="MAIN")
    refused = person.refused_act("receive", "A1234", "HT-1", location="SHOP")
    assert (refused["code"], refused["items"][0]["facts"]["location"]) == ("serial_on_hand", "MAIN")
    person.act("receive", "A1234", "TK-100", location="SHOP")
    assert (person.serials("HT-1"), person.serials("TK-100")) == (["A1234"], ["A1234"])
    asked = person.refused("/resolve", method="GET", code="A1234")
    assert asked["code"] == "code_ambiguous"
    assert {"HT-1", "TK-100"} <= {one["facts"]["item"] for one in asked["items"]}
    assert person.get("/resolve", code="A1234", item="TK-100")["item"] == "TK-100"


@pytest.mark.seed("T1")
@pytest.mark.seed("T2")
@pytest.mark.seed("T3")
@pytest.mark.seed("T4")
def test_the_serials_of_an_item_are_filtered_by_stock_and_by_location(person: Person) -> None:
    person.put("/items/HT-2", {"tracking": "serial"})
    person.act("receive", "1..3", "HT-2", location="MAIN")
    person.act("receive", "4..6", "HT-2", location="SHOP")
    person.act("ship", "3", "HT-2", party="MILLER")
    assert person.serials("HT-2") == ["1", "2", "4", "5", "6"]
    assert person.serials("HT-2", show="all") == ["1", "2", "3", "4", "5", "6"]
    assert person.serials("HT-2", location="SHOP") == ["4", "5", "6"]
    assert person.serials("HT-2", location="MAIN") == ["1", "2"]


@pytest.mark.seed("T4")
def test_what_is_at_a_closed_location_is_seen_when_inactive_ones_are_asked_for(
    person: Person,
) -> None:
    person.put("/items/HT-5", {"tracking": "serial"})
    person.put("/locations/DEPOT", {"kind": "site"})
    person.act("receive", "D1", "HT-5", location="DEPOT")
    person.act("receive", "M1", "HT-5", location="MAIN")
    refused = person.refused("/locations/DEPOT", {"active": False}, method="PUT")
    assert refused["code"] == "location_in_use"
    sold = person.act("ship", "D1", "HT-5", party="MILLER")
    person.put("/locations/DEPOT", {"active": False})
    assert person.serials("HT-5") == ["M1"]
    # It was not sold after all, so it is where it was.
    person.undo(sold["event"])
    assert person.serials("HT-5") == ["M1"]
    assert person.serials("HT-5", locations="all") == ["D1", "M1"]
    assert person.serials("HT-5", location="DEPOT", locations="all") == ["D1"]
    person.act("transfer", "D1", "HT-5", location="MAIN")
    assert person.serials("HT-5") == ["D1", "M1"]


@pytest.mark.seed("T15")
@pytest.mark.seed("T16")
@pytest.mark.seed("T17")
@pytest.mark.seed("T18")
@pytest.mark.seed("T19")
@pytest.mark.seed("T20")
def test_the_stock_view_has_four_quantities_and_a_word_at_the_reorder_point(
    person: Person,
) -> None:
    person.put("/items/HT-3", {"tracking": "serial", "reorder_point": 2})

    def reached() -> int:
        rows = person.daemon.gateway.parts.database.read(
            "SELECT count(*) FROM feed WHERE kind = 'stock.reorder_point_reached' "
            "AND subject = 'items/HT-3'"
        )
        return int(rows[0][0])

    def view(on_hand: int, on_order: int, committed: int) -> None:
        assert person.figures("HT-3") == {
            "on_hand": on_hand, "on_order": on_order, "committed": committed, "reorder_point": 2,
        }  # fmt: skip

    person.document("purchase_order/PO-20", {"item": "HT-3", "quantity": 6}, party="HITECH",
                    to="MAIN")  # fmt: skip
    person.do("purchase_order/PO-20", "confirm")
    view(0, 6, 0)
    before = reached()
    person.do("purchase_order/PO-20", "receive", lines=[{"line": 1, "serials": "S1..S4"}])
    view(4, 2, 0)
    person.document("sales_order/SO-20", {"item": "HT-3", "quantity": 3}, party="MILLER")
    person.do("sales_order/SO-20", "confirm")
    view(4, 2, 3)
    assert reached() == before  # promised is not gone
    person.do("sales_order/SO-20", "pick", lines=[{"line": 1, "serials": "S1"}])
    view(3, 2, 2)
    assert reached() == before
    person.do("sales_order/SO-20", "pick", lines=[{"line": 1, "serials": "S2"}])
    view(2, 2, 1)
    assert reached() == before + 1
    picked = person.do("sales_order/SO-20", "pick", lines=[{"line": 1, "serials": "S3"}])
    view(1, 2, 0)
    assert reached() == before + 1  # once for a crossing
    assert [one["item"] for one in person.get("/stock", below=True)["items"]] == ["HT-3"]
    for event in picked["events"]:
        person.undo(event)
    view(2, 2, 1)
    person.do("purchase_order/PO-20", "receive", lines=[{"line": 1, "serials": "S5 S6"}])
    person.do("sales_order/SO-20", "ship", lines=[{"line": 1, "serials": "S1 S2"}])
    view(4, 0, 1)
    person.act("write_off", "S5 S6", "HT-3", reason="flood")
    view(2, 0, 1)
    assert reached() == before + 2


@pytest.mark.seed("N15")
@pytest.mark.seed("N16")
@pytest.mark.seed("N18")
@pytest.mark.seed("N14")
def test_an_order_reserves_a_quantity_and_its_serials_are_chosen_later(person: Person) -> None:
    person.put("/items/HT-4", {"tracking": "serial"})
    person.act("receive", "C1..C4", "HT-4", location="MAIN")
    for number in ("SO-30", "SO-31"):
        person.document(f"sales_order/{number}", {"item": "HT-4", "quantity": 2}, party="BAKER")
        person.do(f"sales_order/{number}", "confirm")
    assert (person.stock("HT-4")["committed"], person.stock("HT-4")["available"]) == (4, 0)
    offered = person.get("/items/HT-4/serials", state="received")["items"]
    assert [one["serial"] for one in offered] == ["C1", "C2", "C3", "C4"]
    person.serials_on("sales_order/SO-30", "C1 C2")
    refused = person.refused("/documents/sales_order/SO-31/lines/1/serials", {"serials": "C2"})
    assert (refused["code"], refused["detail"]) == (
        "serial_committed_elsewhere", refused["items"][0]["detail"],
    )  # fmt: skip
    assert "SO-30" in refused["detail"]
    # One is taken off again, and another put in its place; then fewer are wanted.
    person.ask("DELETE", "/documents/sales_order/SO-30/lines/1/serials/C2")
    person.serials_on("sales_order/SO-30", "C3")
    person.ask("DELETE", "/documents/sales_order/SO-30/lines/1/serials/C3")
    person.document("sales_order/SO-30", {"line": 1, "item": "HT-4", "quantity": 1}, party="BAKER")
    assert person.line("sales_order/SO-30")["serial_status"] == "complete"
    assert person.stock("HT-4")["available"] == 1
