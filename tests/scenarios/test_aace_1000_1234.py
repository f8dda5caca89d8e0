"""aACE's example: 235 serials typed as a span, numbered on, pasted, scanned, and shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.scenarios.conftest import Person


@pytest.mark.seed("A8")
@pytest.mark.seed("A9")
@pytest.mark.seed("A10")
@pytest.mark.seed("A11")
def test_a_receipt_is_filled_with_the_next_serials_and_the_next_moves_on(person: Person) -> None:
    person.put("/items/PHONE", {"tracking": "serial", "next_serial": "7"})
    order = "purchase_order/PO-1"
    person.document(order, {"item": "PHONE", "quantity": 3}, party="HITECH", to="MAIN")
    person.do(order, "confirm")
    source = {"type": "purchase_order", "number": "PO-1"}
    person.document("receipt/GR-1", party="HITECH", to="MAIN", source=source)
    # The popup opens with the numbers already in it; nothing is taken by looking.
    for _ in range(2):
        filled = person.get("/documents/receipt/GR-1/lines/1/suggest")["serials"]
        assert filled == ["00007", "00008", "00009"]
    person.do("receipt/GR-1", "post", lines=[{"line": 1, "serials": {"generate": 3}}])
    assert person.serials("PHONE") == ["00007", "00008", "00009"]
    assert person.get("/items/PHONE")["pattern"]["example"] == "00010"
    # A typed number of the pattern moves it too, and used ones are passed over.
    person.act("receive", "00012", "PHONE", location="MAIN")
    assert person.get("/items/PHONE")["pattern"]["example"] == "00013"
    assert person.get("/documents/purchase_order/PO-1")["status"] == "done"
    person.put("/items/PHONE", {"next_serial": "00011"})
    person.act("receive", {"generate": 2}, "PHONE", location="MAIN")
    assert person.serials("PHONE") == ["00007", "00008", "00009", "00011", "00012", "00013"]
    # Longer numbers are never cut.
    person.put("/items/PHONE", {"next_serial": "1234567"})
    person.act("receive", "next*2", "PHONE", location="MAIN")
    assert person.serials("PHONE")[-2:] == ["1234567", "1234568"]


@pytest.mark.seed("A12")
@pytest.mark.seed("A14")
@pytest.mark.seed("A15")
@pytest.mark.seed("A18")
@pytest.mark.seed("N12")
def test_a_span_of_235_serials_is_received_whole(person: Person) -> None:
    person.put("/items/RADIO", {"tracking": "serial"})
    person.document("receipt/GR-2", {"item": "RADIO", "quantity": 235}, party="HITECH", to="MAIN")
    assert person.line("receipt/GR-2")["serial_status"] == "needed"
    assert person.refused("/documents/receipt/GR-2/post")["code"] == "serials_missing"
    looked = person.post("/serial-lists", {"text": "1000-1234", "item": "RADIO", "expected": 235})
    assert (looked["count"], looked["first"], looked["last"]) == (235, "1000", "1234")
    named = person.serials_on("receipt/GR-2", "1000-1234")
    assert (named["chosen"], named["first"], named["last"], named["room"]) == (
        235, "1000", "1234", 0,
    )  # fmt: skip
    assert person.line("receipt/GR-2")["serial_status"] == "complete"
    posted = person.do("receipt/GR-2", "post")
    assert posted["document"]["status"] == "done"
    assert person.serials("RADIO") == [str(number) for number in range(1000, 1235)]
    assert person.stock("RADIO")["on_hand"] == 235
    # The whole receipt was a mistake: it is taken back as one, and none is on hand.
    for event in reversed(posted["events"]):
        person.undo(event)
    assert person.stock("RADIO")["on_hand"] == 0


@pytest.mark.seed("A14")
@pytest.mark.seed("A16")
@pytest.mark.seed("A17")
def test_serials_are_typed_pasted_from_a_spreadsheet_and_scanned_one_by_one(
    person: Person,
) -> None:
    person.put("/items/LAMP", {"tracking": "serial"})
    person.document("receipt/GR-3", {"item": "LAMP", "quantity": 11}, party="HITECH", to="MAIN")
    person.serials_on("receipt/GR-3", "T1, T2; T3\r\nT4")
    person.serials_on("receipt/GR-3", '\ufeffP1\t"P 2"\r\nP3\u00a0\t\r\n"P""4"\r\n')
    for scan in ("S1-9", "S2", "S3"):
        assert person.serials_on("receipt/GR-3", scan, scanned=True)["last"] == scan
        twice = person.refused("/documents/receipt/GR-3/lines/1/serials",
                               {"serials": scan, "scanned": True})  # fmt: skip
        full = scan == "S3"
        assert twice["code"] == ("line_full" if full else "serial_already_on_line")
    line = person.line("receipt/GR-3")
    assert (line["planned"], line["serial_status"]) == (11, "complete")
    person.do("receipt/GR-3", "post")
    assert person.serials("LAMP") == sorted(
        ["T1", "T2", "T3", "T4", "P1", "P 2", "P3", 'P"4', "S1-9", "S2", "S3"]
    )


@pytest.mark.seed("A5")
def test_a_mistyped_serial_is_answered_with_what_looks_like_it(person: Person) -> None:
    person.put("/items/TYPO", {"tracking": "serial"})
    person.act("receive", "111, 4711", "TYPO", location="MAIN")
    refused = person.refused_act("ship", "1l1, 4171", "TYPO", party="MILLER")
    assert refused["code"] == "serial_unknown"
    similar = {one["subject"]: one["facts"]["similar"] for one in refused["items"]}
    assert similar == {"1l1": ["111"], "4171": ["4711"]}
    assert person.serials("TYPO") == ["111", "4711"]


@pytest.mark.seed("A6")
@pytest.mark.seed("A7")
@pytest.mark.seed("A2")
def test_with_the_strict_rule_serialised_is_marked_before_use_and_not_after(
    person: Person,
) -> None:
    person.put("/settings/registry.serialise_rule", {"value": "before_use"})
    person.put("/items/DESK", {"name": "Desk"})
    person.put("/items/CHAIR", {"name": "Chair"})
    person.document("sales_order/SO-9", {"item": "CHAIR", "quantity": 1}, party="MILLER")
    assert person.put("/items/DESK", {"tracking": "serial"})["tracking"] == "serial"
    refused = person.refused("/items/CHAIR", {"tracking": "serial"}, method="PUT")
    assert (refused["status"], refused["code"]) == (409, "item_in_use")
    refused = person.refused("/items/ADVICE", {"kind": "service", "tracking": "serial"}, "PUT")
    assert refused["code"] == "item_not_trackable"
    refused = person.refused("/items/BUNDLE", {"kind": "kit", "tracking": "serial"}, "PUT")
    assert refused["code"] == "item_not_trackable"
    assert person.put("/items/PC", {"kind": "assembly", "tracking": "serial"})["stock_tracked"]
    person.put("/settings/registry.serialise_rule", {"value": "before_sync"})
    assert person.put("/items/CHAIR", {"tracking": "serial"})["tracking"] == "serial"


@pytest.mark.seed("A21")
@pytest.mark.seed("A19")
@pytest.mark.seed("A20")
def test_a_shipment_is_saved_without_serials_and_its_lot_shows_what_is_left(
    person: Person,
) -> None:
    person.put("/items/PUMP", {"tracking": "serial"})
    person.document("receipt/GR-5", {"item": "PUMP", "quantity": 5}, party="HITECH", to="MAIN")
    person.serials_on("receipt/GR-5", "2001-2005")
    person.do("receipt/GR-5", "post")
    person.document("shipment/SH-5", {"item": "PUMP", "quantity": 2}, party="MILLER",
                    memo="fragile")  # fmt: skip
    refused = person.refused("/documents/shipment/SH-5/ship")
    assert (refused["status"], refused["code"]) == (409, "serials_missing")
    person.document("shipment/SH-5", memo="fragile, this side up")
    person.serials_on("shipment/SH-5", "2002 2004")

    (lot,) = person.get("/lots", serial="2003")["items"]
    assert (lot["item"], lot["status"]) == ("PUMP", "received")
    assert lot["serials"] == {"count": 5, "first": "2001", "last": "2005"}
    popup = person.get(f"/lots/{lot['id']}/serials", group="allocated,remaining")
    groups = [(one["serial"], one["group"], (one["document"] or {}).get("number"))
              for one in popup["items"]]  # fmt: skip
    assert sorted(groups) == [
        ("2001", "remaining", None), ("2002", "allocated", "SH-5"), ("2003", "remaining", None),
        ("2004", "allocated", "SH-5"), ("2005", "remaining", None),
    ]  # fmt: skip
    person.do("shipment/SH-5", "ship")
    assert person.serials("PUMP", customer="MILLER", show="all") == ["2002", "2004"]
    assert person.serials("PUMP") == ["2001", "2003", "2005"]


@pytest.mark.seed("A22")
@pytest.mark.seed("A1")
def test_a_return_and_an_adjustment_say_why_and_by_whom(person: Person) -> None:
    person.put("/items/SAW", {"tracking": "serial"})
    person.put("/operators/B-17", {"name": "Ann"})
    person.act("receive", "W1 W2", "SAW", location="MAIN")
    person.act("ship", "W1", "SAW", party="MILLER")
    person.document("customer_return/RMA-1", {"item": "SAW", "quantity": 1}, party="MILLER",
                    to="QUARANTINE")  # fmt: skip
    person.serials_on("customer_return/RMA-1", "W1")
    refused = person.refused("/documents/customer_return/RMA-1/receive")
    assert refused["code"] == "reason_required"
    person.web.headers["X-Operator"] = "B-17"
    person.web.headers["X-Station"] = "Desk 2"
    person.do("customer_return/RMA-1", "receive", reason="does not start", condition="dusty")
    assert person.refused_act("write_off", "W2", "SAW")["code"] == "reason_required"
    person.act("write_off", "W2", "SAW", reason="fell down")
    history = person.get(f"/serials/{person.one('W1', 'SAW')['id']}/history")["items"]
    assert [one["action"] for one in history] == ["return", "ship", "receive"]
    assert (history[0]["operator"], history[0]["station"], history[0]["reason"]) == (
        "Ann", "Desk 2", "does not start",
    )  # fmt: skip
