"""Receiving: by an order, by a receipt, without either; serials, lots and quantities in one go."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from tests.stations.desk import Desk


@pytest.fixture
def order(desk: Desk) -> Desk:
    """A station in the middle of receiving PO-1: two drills, twenty screws, six paints."""
    desk.document("purchase_order", "PO-1", ("DRILL", 2), ("SCREW", 20), ("PAINT", 6), party="ACME")
    desk.step("purchase_order", "PO-1", "confirm")
    desk.command("MODE", "RECEIVE")
    said = desk.scan("PO-1")
    assert said["sentence"] == (
        "Purchase order PO-1. Scan the barcode of an item, or a serial that was announced."
    )
    return desk


def test_a_mixed_delivery_is_received_in_one_go(order: Desk) -> None:
    order.scan("DRILL")
    assert order.scans("A1", "A2") == ["done", "done"]
    order.command("QTY", "20")
    assert order.scan("SCREW")["sentence"] == "20 × SCREW received."
    # A GS1 code carries its lot, its expiry and how many are in the box.
    said = order.scan("0109501101530010" + "17301231" + "3706\x1d" + "10L7", aim="]C1")
    assert said["sentence"] == "6 × PAINT of lot L7 received."
    said = order.command("DONE")
    assert (said["outcome"], said["sentence"][:42]) == (
        "done", "28 received. PO-1 is complete. Scan the pu",
    )  # fmt: skip
    assert order.status("purchase_order", "PO-1") == "done"
    assert [order.on_hand(item) for item in (1, 3, 4)] == [2, 20, 6]
    assert order.place("A2") == "DOCK"
    lots = order.database.read("SELECT code, expires_on FROM lot WHERE item = 4")
    assert lots == [("L7", "2030-12-31")]
    assert len(order.printed.lives) == 2, "what has a serial gets a label"
    assert order.sound()


def test_each_step_of_a_mixed_delivery_is_taken_back(order: Desk) -> None:
    order.scan("DRILL")
    order.scan("A1")
    order.command("QTY", "5")
    order.scan("SCREW")
    order.scan("PAINT")
    assert order.view()["question"]["sentence"] == "Scan the lot of PAINT."
    order.scan("L9")
    assert [order.on_hand(item) for item in (1, 3, 4)] == [1, 5, 1]
    for left in ([1, 5, 0], [1, 0, 0], [0, 0, 0]):
        assert order.command("UNDO")["outcome"] == "done"
        assert [order.on_hand(item) for item in (1, 3, 4)] == left
    assert order.view()["progress"]["scanned"] == 0
    assert order.sound()


def test_more_than_was_ordered_is_refused(order: Desk) -> None:
    order.scan("DRILL")
    order.scans("A1", "A2")
    said = order.scan("A3")
    assert (said["outcome"], said["code"]) == ("refused", "serial_count_mismatch")
    assert said["cure"] == "Put it aside: there are more than were ordered."
    assert said["sentence"] == "All 2 DRILL of PO-1 are here already."
    said = order.scan("LASER")
    assert said["sentence"] == "LASER is not on PO-1. Put it aside and ask."


def test_the_wrong_code_on_the_box_is_refused_for_what_it_is(order: Desk) -> None:
    assert order.scan("A1")["code"] == "code_unknown", "no item is chosen yet"
    order.scan("DRILL")
    said = order.scan("9501101530003", aim="]E0")
    assert said["sentence"] == "That is the barcode of DRILL. Scan the serial of the piece."
    said = order.scan("4006381333931", aim="]E0")
    assert said["sentence"].startswith("4006381333931 is the number of an article (EAN)")
    assert order.scan("Smith")["code"] == "code_unexpected"
    assert order.on_hand() == 0


def test_pieces_without_serials_get_the_next_ones(desk: Desk) -> None:
    desk.database.run(lambda t: t.execute(
        "UPDATE item SET serial_prefix = 'SN', serial_next = 7, serial_width = 4 WHERE id = 1"
    ))  # fmt: skip
    desk.document("purchase_order", "PO-2", ("DRILL", 3), party="ACME")
    desk.step("purchase_order", "PO-2", "confirm")
    desk.command("MODE", "RECEIVE")
    desk.scan("PO-2")
    desk.command("QTY", "3")
    said = desk.scan("DRILL")
    assert said["sentence"] == "DRILL SN0007 to SN0009 received. 3 labels print."
    assert len(desk.printed.lives) == 3
    assert desk.command("UNDO")["sentence"] == (
        "Taken back: DRILL SN0007 to SN0009 received. Throw its 3 labels away."
    )
    assert desk.on_hand() == 0
    assert desk.sound()


def test_a_serial_of_another_item_may_be_one_of_this_item_too(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", item=2, place=1)
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    assert desk.scan("A1")["sentence"].startswith("DRILL A1 received at DOCK.")
    assert desk.on_hand() == 1


@pytest.fixture
def receipt(desk: Desk) -> Desk:
    desk.document("receipt", "GR-1", ("DRILL", 3), ("SCREW", 4), party="ACME")
    desk.choose("receipt", "GR-1", 1, "A1", "A2")
    desk.command("MODE", "RECEIVE")
    desk.scan("GR-1")
    return desk


def test_a_receipt_is_ticked_and_posted(receipt: Desk) -> None:
    assert receipt.view()["progress"]["missing"] == ["A1", "A2"]
    assert receipt.scans("A1", "A2", "A1") == ["done", "done", "look"]
    receipt.scan("DRILL")
    assert receipt.scan("A3")["outcome"] == "done"
    receipt.command("QTY", "4")
    receipt.scan("SCREW")
    progress = receipt.view()["progress"]
    assert (progress["expected"], progress["scanned"], progress["missing"]) == (7, 7, [])
    assert receipt.state("A1") == "planned"
    said = receipt.command("DONE")
    assert said["sentence"].startswith("GR-1 is posted: 7 received.")
    assert receipt.status("receipt", "GR-1") == "done"
    assert [receipt.on_hand(item) for item in (1, 3)] == [3, 4]
    assert receipt.sound()


def test_what_was_announced_and_did_not_come_is_asked_about(receipt: Desk) -> None:
    assert receipt.command("DONE")["sentence"] == "Nothing of GR-1 was scanned yet."
    receipt.scan("A1")
    asked = receipt.command("DONE")
    assert asked["sentence"] == "6 did not come (A2). Post what is here?"
    assert receipt.command("NO")["sentence"].startswith("Not posted.")
    receipt.command("DONE")
    assert receipt.command("YES")["sentence"].startswith("GR-1 is posted: 1 received.")
    assert [receipt.state(serial) for serial in ("A1", "A2")] == ["received", "cancelled"]
    assert receipt.on_hand(3) == 0
    assert receipt.sound()


def test_a_tick_is_taken_back(receipt: Desk) -> None:
    receipt.scan("A1")
    receipt.scan("DRILL")
    receipt.scan("A9")
    receipt.command("UNDO")
    assert receipt.state("A9") == "cancelled"
    receipt.command("UNDO")
    assert receipt.view()["progress"]["missing"] == ["A1", "A2"]
    assert receipt.sound()


def test_a_label_that_cannot_print_stops_nothing(order: Desk) -> None:
    order.printed.trouble = "The template 'gone' does not exist."
    order.scan("DRILL")
    said = order.scan("A1")
    assert (said["outcome"], said["sentence"]) == (
        "look", "DRILL A1 received at DOCK. No label: The template 'gone' does not exist.",
    )  # fmt: skip
    assert order.on_hand() == 1


def test_after_ten_alike_serials_a_mask_is_offered(desk: Desk) -> None:
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    for number in range(9):
        assert desk.scan(f"SN{number:05}")["outcome"] == "done"
    assert desk.scan("4711")["outcome"] == "done", "one that is unlike makes no offer"
    for number in range(10, 19):
        assert desk.scan(f"SN{number:05}")["outcome"] == "done"
    said = desk.scan("SN00019")
    assert (said["outcome"], said["sentence"]) == (
        "look",
        "DRILL SN00019 received at DOCK. Its label prints. The last 10 serials of DRILL look "
        "alike. YES refuses others from now on.",
    )
    offer = said["cards"][-1]
    assert (offer["title"], [one["title"] for one in offer["buttons"]]) == (
        "SN[0-9]{5}", ["Refuse others", "Do not ask again"],
    )  # fmt: skip
    assert desk.scan("SN00020")["outcome"] == "done", "who goes on scanning is not held up"
    said = desk.scan(offer["buttons"][0]["code"])
    assert said["sentence"] == "Serials of DRILL must look like SN[0-9]{5} from now on."
    mask = "SELECT serial_mask FROM item WHERE id = 1"
    assert desk.database.read(mask) == [("SN[0-9]{5}",)]
    said = desk.scan("4712")
    assert (said["outcome"], said["code"]) == ("refused", "serial_mask_mismatch")
    assert desk.scan("SN00021")["outcome"] == "done"
    assert desk.command("YES")["code"] == "nothing_asked"
    assert desk.on_hand() == 22
    assert desk.sound()


def test_an_offer_ends_with_a_serial_that_is_unlike(desk: Desk) -> None:
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    for number in range(10):
        desk.scan(f"SN{number:05}")
    desk.scan("4711")
    assert desk.command("YES")["code"] == "nothing_asked"
    assert desk.database.read("SELECT serial_mask FROM item WHERE id = 1") == [("",)]


def test_a_mask_that_is_not_wanted_is_not_offered_again(desk: Desk) -> None:
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")
    desk.may = lambda scope: scope != "registry:item"
    for number in range(11):
        assert desk.scan(f"SN{number:05}")["outcome"] == "done", "nor to those who may not set it"
    desk.may = lambda _: True
    assert desk.scan("SN00011")["outcome"] == "look"
    assert desk.command("NO")["sentence"].startswith("It is not offered again.")
    assert desk.scan("SN00012")["outcome"] == "done"
    desk.command("DONE")
    desk.scan("DRILL")
    for number in range(20, 32):
        assert desk.scan(f"SN{number:05}")["outcome"] == "done"
    assert desk.database.read("SELECT serial_mask FROM item WHERE id = 1") == [("",)]
    assert desk.sound()


def test_a_place_scanned_amid_the_pieces_is_seen(order: Desk) -> None:
    assert order.scan("A-01")["outcome"] == "done"
    order.scan("DRILL")
    order.scan("A1")
    said = order.scan("B-01")
    assert (said["outcome"], said["sentence"][-29:]) == ("look", "What comes next goes to B-01.")
    order.scan("A2")
    assert [order.place("A1"), order.place("A2")] == ["A-01", "B-01"]
    assert order.view()["progress"]["scanned"] == 2
