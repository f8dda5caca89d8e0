"""Picking: an order is taken from the shelves bin by bin, and nobody else's pieces with it."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.line_given import LotGiven
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases

SCREW = 3
PAINT = 4


def _order(desk: Desk, *lines: tuple[str, int], number: str = "SO-1", **head: object) -> None:
    desk.document("sales_order", number, *lines, party="Smith", **head)
    desk.step("sales_order", number, "confirm")


def _open(desk: Desk, number: str = "SO-1") -> None:
    desk.command("MODE", "PICK")
    assert desk.scan(number)["outcome"] == "done"


def _picked(desk: Desk, number: str = "SO-1") -> list[tuple[str, int, int, int]]:
    """Return of each line: the item, how much is asked for, reserved by name, picked."""
    return desk.database.read(
        "SELECT i.sku, l.quantity, l.committed, l.picked FROM document_line l "
        "JOIN item i ON i.id = l.item JOIN document d ON d.id = l.document "
        f"WHERE d.number = '{number}' ORDER BY l.rank"
    )


def test_an_order_is_picked_bin_by_bin(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=2)
    desk.act(Action.RECEIVE, "A2", "A3", place=1)
    _order(desk, ("DRILL", 3))
    assert desk.command("MODE", "PICK")["sentence"] == "Pick. Scan the sales order or shipment."
    said = desk.scan("SO-1")
    assert said["sentence"] == "Sales order SO-1 for Smith. Go to A-01: 2 × DRILL."
    assert desk.view()["progress"]["next"] == {"title": "A-01", "detail": "2 × DRILL"}
    said = desk.scan("A2")
    assert said["sentence"] == "DRILL A2 picked for SO-1. Next: A-01, 1 × DRILL."
    assert (desk.state("A2"), desk.status("sales_order", "SO-1")) == ("picked", "in_progress")
    assert desk.scan("A3")["sentence"] == "DRILL A3 picked for SO-1. Next: B-01, 1 × DRILL."
    said = desk.scan("A1")
    assert said["sentence"] == "DRILL A1 picked for SO-1. That is all: scan DONE."
    assert desk.view()["progress"]["next"] is None
    assert desk.view()["mode"]["asks"] == "Scan DONE."
    said = desk.command("DONE")
    assert (said["outcome"], said["sentence"]) == (
        "done", "3 pieces picked. SO-1 is picked. Scan the sales order or shipment.",
    )  # fmt: skip
    assert _picked(desk) == [("DRILL", 3, 0, 3)]
    assert desk.on_hand() == 0
    assert desk.sound()


def test_a_second_scan_picks_nothing(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _open(desk)
    desk.scan("A1")
    said = desk.scan("A1")
    assert (said["outcome"], said["sentence"]) == (
        "look", "DRILL A1 was picked for SO-1 already.",
    )  # fmt: skip
    assert desk.view()["progress"]["scanned"] == 1
    assert _picked(desk) == [("DRILL", 2, 0, 1)]
    assert desk.sound()


def test_wrong_pieces_are_told_as_they_are(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", "A4", "A5", place=1)
    desk.act(Action.RECEIVE, "L1", item=2, place=1)
    desk.act(Action.SHIP, "A1", party=2)
    desk.act(Action.HOLD, "A2", reason="recall")
    _order(desk, ("DRILL", 1), number="SO-9")
    desk.choose("sales_order", "SO-9", 1, "A3")
    _order(desk, ("DRILL", 1))
    _open(desk)
    refused = {code: desk.scan(code) for code in ("A1", "A2", "A3", "L1", "X9")}
    assert {code: (one["outcome"], one["sentence"]) for code, one in refused.items()} == {
        "A1": ("refused", "DRILL A1 is not here: it was shipped to Smith."),
        "A2": ("refused", "DRILL A2 is held: recall."),
        "A3": ("refused", "DRILL A3 is reserved for SO-9; it cannot be picked."),
        "L1": ("refused", "LASER L1 is not on SO-1."),
        "X9": ("refused", "Nothing here is called X9."),
    }
    desk.scan("A4")
    said = desk.scan("A5")
    assert (said["code"], said["sentence"]) == (
        "line_full", "All DRILL of SO-1 are picked.",
    )  # fmt: skip
    assert desk.state("A3") == "committed"
    assert desk.sound()


def test_a_piece_takes_the_place_of_a_reserved_one_when_a_person_says_so(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=2)
    desk.act(Action.RECEIVE, "A2", place=1)
    _order(desk, ("DRILL", 1))
    desk.choose("sales_order", "SO-1", 1, "A1")
    _open(desk)
    assert desk.view()["progress"]["next"] == {"title": "B-01", "detail": "1 × DRILL"}
    assert desk.view()["progress"]["missing"] == ["A1"]
    asked = desk.scan("A2")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "SO-1 has A1 reserved. Take DRILL A2 in place of A1?",
    )  # fmt: skip
    said = desk.command("NO")
    assert (said["outcome"], said["sentence"]) == (
        "look", "DRILL A2 was not picked. Put it back.",
    )  # fmt: skip
    desk.scan("A2")
    assert desk.command("YES")["sentence"] == ("DRILL A2 picked for SO-1. That is all: scan DONE.")
    assert (desk.state("A1"), desk.state("A2")) == ("received", "picked")
    assert _picked(desk) == [("DRILL", 1, 0, 1)]
    assert desk.sound()
    desk.command("UNDO")
    assert (desk.state("A1"), desk.state("A2")) == ("committed", "received")
    assert _picked(desk) == [("DRILL", 1, 1, 0)]
    assert desk.sound()


def test_quantities_and_lots_are_picked_where_they_lie(desk: Desk) -> None:
    desk.put("SCREW", 5, "A-01")
    desk.put("SCREW", 20, "B-01")
    desk.put("PAINT", 5, "A-01", "L-1")
    _order(desk, ("SCREW", 8), ("PAINT", 2))
    _open(desk)
    assert desk.view()["progress"]["next"] == {
        "title": "A-01", "detail": "2 × PAINT of lot L-1, 5 × SCREW",
    }  # fmt: skip
    desk.command("QTY", "6")
    assert desk.scan("SCREW")["sentence"] == (
        "6 × SCREW picked for SO-1. Next: A-01, 2 × PAINT of lot L-1, 2 × SCREW."
    )
    assert desk.shelf(SCREW, "B-01") == 14, "the only place that has six"
    asked = desk.scan("SCREW")
    assert [card["title"] for card in asked["cards"]] == ["A-01", "B-01"]
    assert desk.scan(asked["cards"][0]["choose"])["outcome"] == "done"
    assert (desk.shelf(SCREW, "A-01"), desk.shelf(SCREW, "B-01")) == (4, 14)
    desk.command("QTY", "2")
    said = desk.scan("SCREW")
    assert (said["code"], said["sentence"]) == (
        "line_full", "SO-1 takes 1 more SCREW, and 2 were given.",
    )  # fmt: skip
    desk.command("CANCEL")
    desk.command("QTY", "2")
    desk.scan("010950110153001010L-1", aim="]C1")
    assert _picked(desk) == [("SCREW", 8, 0, 7), ("PAINT", 2, 0, 2)]
    for _ in range(3):
        desk.command("UNDO")
    assert _picked(desk) == [("SCREW", 8, 0, 0), ("PAINT", 2, 0, 0)]
    assert (desk.shelf(SCREW, "A-01"), desk.shelf(PAINT, "A-01")) == (5, 5)
    assert desk.sound()


def test_a_scanned_bin_is_where_a_quantity_is_taken_from(desk: Desk) -> None:
    desk.put("SCREW", 5, "A-01")
    desk.put("SCREW", 20, "B-01")
    _order(desk, ("SCREW", 8))
    _open(desk)
    assert desk.scan("B-01")["outcome"] == "done"
    desk.command("QTY", "3")
    assert desk.scan("SCREW")["outcome"] == "done"
    assert (desk.shelf(SCREW, "A-01"), desk.shelf(SCREW, "B-01")) == (5, 17)
    desk.scan("Q")
    said = desk.scan("SCREW")
    assert (said["code"], said["sentence"]) == (
        "quantity_unavailable", "There is no SCREW at Q.",
    )  # fmt: skip
    assert desk.view()["progress"]["scanned"] == 3
    assert desk.sound()


def test_a_lot_reserved_by_name_is_offered_and_taken(desk: Desk) -> None:
    desk.put("PAINT", 3, "A-01", "L-1")
    desk.put("PAINT", 3, "A-01", "L-2")
    _order(desk, ("PAINT", 3))
    desk.choose_lot("sales_order", "SO-1", 1, LotGiven(3, "L-2"))
    _open(desk)
    assert desk.view()["progress"]["next"] == {
        "title": "A-01", "detail": "3 × PAINT of lot L-2",
    }  # fmt: skip
    desk.command("QTY", "3")
    asked = desk.scan("PAINT")
    assert [card["title"] for card in asked["cards"]] == ["L-2"]
    assert desk.scan(asked["cards"][0]["choose"])["sentence"] == (
        "3 × PAINT of lot L-2 picked for SO-1. That is all: scan DONE."
    )
    assert _picked(desk) == [("PAINT", 3, 0, 3)]
    assert desk.sound()


def test_what_is_not_there_is_said_and_left(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    _order(desk, ("DRILL", 3))
    _open(desk)
    assert desk.scan("A1")["sentence"] == "DRILL A1 picked for SO-1. 2 more are not in stock."
    said = desk.command("DONE")
    assert (said["outcome"], said["sentence"]) == (
        "look",
        "1 piece picked. SO-1: 2 still to pick. Scan the sales order or shipment.",
    )
    assert _picked(desk) == [("DRILL", 3, 0, 1)]
    assert desk.sound()


def test_a_shipment_of_an_order_picks_what_is_on_it(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    _order(desk, ("DRILL", 3))
    desk.choose("sales_order", "SO-1", 1, "A1")
    desk.document("shipment", "SH-1", ("DRILL", 2), source=("sales_order", "SO-1"))
    _open(desk, "SH-1")
    assert desk.scan("A1")["sentence"] == "DRILL A1 picked for SH-1. Next: A-01, 1 × DRILL."
    assert desk.scan("A1")["outcome"] == "look"
    assert desk.scan("A2")["sentence"] == "DRILL A2 picked for SH-1. That is all: scan DONE."
    assert desk.scan("A3")["code"] == "line_full"
    assert _picked(desk) == [("DRILL", 3, 0, 2)]
    assert desk.sound()
    desk.command("UNDO")
    assert (desk.state("A2"), desk.view()["progress"]["scanned"]) == ("received", 1)
    desk.command("UNDO")
    assert desk.state("A1") == "committed"
    assert desk.sound()


def test_an_order_may_have_more_reserved_than_its_shipment_takes(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    _order(desk, ("DRILL", 3))
    desk.choose("sales_order", "SO-1", 1, "A1", "A2", "A3")
    desk.document("shipment", "SH-1", ("DRILL", 1), source=("sales_order", "SO-1"))
    _open(desk, "SH-1")
    assert desk.view()["progress"]["next"] == {"title": "A-01", "detail": "1 × DRILL"}
    assert desk.scan("A2")["sentence"] == "DRILL A2 picked for SH-1. That is all: scan DONE."
    assert _picked(desk) == [("DRILL", 3, 2, 1)]
    assert desk.sound()


def test_a_place_that_was_answered_binds_nothing_that_lies_elsewhere(desk: Desk) -> None:
    desk.put("SCREW", 5, "A-01")
    desk.put("SCREW", 5, "B-01")
    desk.put("PAINT", 5, "DOCK", "L-1")
    _order(desk, ("SCREW", 3), ("PAINT", 2))
    _open(desk)
    asked = desk.scan("SCREW")
    assert desk.scan(asked["cards"][1]["choose"])["outcome"] == "done"
    desk.command("QTY", "2")
    assert desk.scan("SCREW")["outcome"] == "done", "it is not asked again"
    assert (desk.shelf(SCREW, "A-01"), desk.shelf(SCREW, "B-01")) == (5, 2)
    desk.command("QTY", "2")
    assert desk.scan("010950110153001010L-1", aim="]C1")["sentence"] == (
        "2 × PAINT of lot L-1 picked for SO-1. That is all: scan DONE."
    )
    assert desk.sound()


def test_a_draft_and_a_finished_order_are_not_picked(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.document("sales_order", "SO-1", ("DRILL", 1), party="Smith")
    desk.command("MODE", "PICK")
    assert desk.scan("SO-1")["sentence"] == "SO-1 is a draft; it must be confirmed first."
    desk.step("sales_order", "SO-1", "confirm")
    desk.choose("sales_order", "SO-1", 1, "A1")
    desk.step("sales_order", "SO-1", "ship")
    said = desk.scan("SO-1")
    assert (said["code"], said["sentence"]) == (
        "document_done", "SO-1 is done; nothing can be picked by it now.",
    )  # fmt: skip


def test_a_serial_of_two_items_is_the_one_the_order_is_for(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.act(Action.RECEIVE, "A1", item=2, place=1)
    _order(desk, ("LASER", 1))
    _open(desk)
    assert desk.scan("A1")["sentence"] == "LASER A1 picked for SO-1. That is all: scan DONE."
    assert (desk.state("A1"), desk.state("A1", 2)) == ("received", "picked")
    assert desk.sound()


def test_a_restart_changes_nothing(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _open(desk)
    desk.scan("A1")
    desk.restart()
    assert desk.scan("A1")["outcome"] == "look"
    assert desk.scan("A2")["outcome"] == "done"
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.state("A1"), desk.state("A2")) == ("received", "received")
    assert desk.sound()
