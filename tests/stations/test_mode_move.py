"""Moving: where it goes, then each piece; serials, lots and plain quantities."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases

PAINT = 4
SCREW = 3


def test_each_scan_moves_a_piece(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=4)
    said = desk.command("MODE", "MOVE")
    assert said["sentence"] == "Move. Scan the location where it goes."
    said = desk.scan("A1")
    assert (said["outcome"], said["code"]) == ("refused", "code_unexpected")
    assert desk.scan("A-01")["sentence"] == (
        "Location A-01. Scan each piece that goes there, another location, or DONE."
    )
    said = desk.scan("A1")
    assert (said["outcome"], said["sentence"]) == ("done", "DRILL A1 moved from DOCK to A-01.")
    assert desk.scan("A2")["outcome"] == "done"
    assert (desk.place("A1"), desk.place("A2")) == ("A-01", "A-01")
    assert (desk.shelf(1, "A-01"), desk.shelf(1, "DOCK")) == (2, 0)
    assert desk.view()["progress"]["scanned"] == 2
    said = desk.command("DONE")
    assert said["sentence"] == "Done: 2 pieces. Scan the location where it goes."
    assert desk.view()["context"] == []
    assert desk.sound()


def test_a_piece_that_is_there_already_is_only_looked_at(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=4)
    desk.command("MODE", "MOVE")
    desk.scans("A-01", "A1")
    said = desk.scan("A1")
    assert (said["outcome"], said["sentence"]) == ("look", "DRILL A1 is at A-01 already.")
    assert desk.view()["progress"]["scanned"] == 1
    assert len(desk.database.read("SELECT 1 FROM event WHERE action = 'transfer'")) == 1
    assert desk.scan("A-01")["outcome"] == "look", "the same location again changes nothing"
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.sound()


def test_another_location_is_the_target_from_then_on(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=4)
    desk.command("MODE", "MOVE")
    assert desk.scans("A-01", "A1", "B-01", "A2") == ["done"] * 4
    assert (desk.place("A1"), desk.place("A2")) == ("A-01", "B-01")
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.place("A1"), desk.place("A2")) == ("DOCK", "DOCK")
    assert desk.command("UNDO")["outcome"] == "refused"
    assert desk.view()["progress"] is None, "what was counted for A-01 is not taken from B-01"
    assert desk.sound()


def test_a_scan_of_the_place_before_is_not_counted_back_here(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=4)
    desk.command("MODE", "MOVE")
    desk.scans("A-01", "A1", "B-01", "A2", "A3")
    first = next(one for one in desk.view()["recent"] if one["code"] == "A1")
    assert desk.scan(first["undo"])["sentence"] == "Taken back: DRILL A1 moved from DOCK to A-01."
    assert desk.place("A1") == "DOCK"
    assert desk.view()["progress"]["scanned"] == 2
    assert desk.sound()


def test_what_cannot_be_moved_is_told_as_it_is(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", "A4", place=1)
    desk.act(Action.SHIP, "A1", party=2)
    desk.act(Action.DISPATCH, "A2")
    desk.act(Action.PLAN, "A5")
    desk.act(Action.REJECT, "A3", reason="broken")
    desk.command("MODE", "MOVE")
    desk.scan("B-01")
    refused = {code: desk.scan(code) for code in ("A1", "A2", "A5", "DRILL", "X9")}
    assert {code: (one["outcome"], one["sentence"]) for code, one in refused.items()} == {
        "A1": ("refused", "DRILL A1 is not here: it was shipped to Smith."),
        "A2": ("refused", "DRILL A2 is on its way; it must be taken in before it is moved."),
        "A5": ("refused", "DRILL A5 has not been received yet; it cannot be moved."),
        "DRILL": ("refused", "That is the barcode of DRILL. Scan the serial of the piece."),
        "X9": ("refused", "Nothing here is called X9."),
    }  # fmt: skip
    desk.scan("Q")
    assert desk.scan("A3")["outcome"] == "done"
    said = desk.scan("A4")
    assert (said["code"], said["sentence"]) == (
        "location_wrong_kind",
        "Q is a place for quarantine, and DRILL A4 is received. Scan another location.",
    )
    assert (desk.place("A3"), desk.place("A4")) == ("Q", "A-01")
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.sound()


def test_a_location_that_is_not_in_use_takes_nothing(desk: Desk) -> None:
    desk.database.run(lambda t: t.execute("UPDATE place SET active = 0 WHERE code = 'B-01'"))
    desk.command("MODE", "MOVE")
    said = desk.scan("B-01")
    assert (said["code"], said["sentence"]) == (
        "location_inactive", "Location B-01 is not in use any more.",
    )  # fmt: skip
    assert desk.view()["context"] == []


def test_a_reserved_piece_moves_and_stays_reserved(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=4)
    desk.document("sales_order", "SO-1", ("DRILL", 1), party="Smith")
    desk.choose("sales_order", "SO-1", 1, "A1")
    desk.command("MODE", "MOVE")
    assert desk.scans("A-01", "A1") == ["done", "done"]
    assert (desk.state("A1"), desk.place("A1")) == ("committed", "A-01")
    desk.command("UNDO")
    assert (desk.state("A1"), desk.place("A1")) == ("committed", "DOCK")
    assert desk.sound()


def test_a_quantity_moves_from_the_only_place_there_is(desk: Desk) -> None:
    desk.put("SCREW", 50, "DOCK")
    desk.command("MODE", "MOVE")
    desk.scan("A-01")
    assert desk.command("QTY", "30")["outcome"] == "done"
    said = desk.scan("SCREW")
    assert (said["outcome"], said["sentence"]) == ("done", "30 × SCREW moved from DOCK to A-01.")
    assert (desk.shelf(SCREW, "A-01"), desk.shelf(SCREW, "DOCK")) == (30, 20)
    assert desk.view()["progress"]["scanned"] == 30
    assert desk.scan("SCREW")["sentence"] == "1 × SCREW moved from DOCK to A-01."
    desk.command("QTY", "30")
    said = desk.scan("SCREW")
    assert (said["code"], said["sentence"]) == (
        "quantity_unavailable", "No place has 30 × SCREW: DOCK has 19.",
    )  # fmt: skip
    desk.command("CANCEL")
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.shelf(SCREW, "A-01"), desk.shelf(SCREW, "DOCK")) == (0, 50)
    assert desk.sound()


def test_of_several_places_a_person_says_from_which(desk: Desk) -> None:
    desk.put("SCREW", 50, "DOCK")
    desk.put("SCREW", 5, "B-01")
    desk.command("MODE", "MOVE")
    desk.scan("A-01")
    asked = desk.scan("SCREW")
    assert (asked["outcome"], asked["sentence"]) == ("asked", "1 × SCREW: taken from where?")
    assert [(card["title"], card["subtitle"]) for card in asked["cards"]] == [
        ("B-01", "5 × SCREW"), ("DOCK", "50 × SCREW"),
    ]  # fmt: skip
    said = desk.scan(asked["cards"][0]["choose"])
    assert said["sentence"] == "1 × SCREW moved from B-01 to A-01."
    assert ["from", "B-01"] in [[one["slot"], one["title"]] for one in desk.view()["context"]]
    assert desk.scan("SCREW")["sentence"] == "1 × SCREW moved from B-01 to A-01."
    desk.command("QTY", "10")
    assert desk.scan("SCREW")["sentence"] == "10 × SCREW moved from DOCK to A-01."
    assert desk.shelf(SCREW, "A-01") == 12
    assert desk.sound()


def test_a_lot_moves_by_its_code_or_is_asked(desk: Desk) -> None:
    desk.put("PAINT", 6, "DOCK", "L-1")
    desk.put("PAINT", 4, "DOCK", "L-2")
    desk.command("MODE", "MOVE")
    desk.scan("A-01")
    desk.command("QTY", "2")
    said = desk.scan("010950110153001010L-2", aim="]C1")
    assert said["sentence"] == "2 × PAINT of lot L-2 moved from DOCK to A-01."
    asked = desk.scan("PAINT")
    assert (asked["outcome"], asked["sentence"]) == ("asked", "Which lot of PAINT? Scan the lot.")
    assert desk.scan("l-1")["sentence"] == "1 × PAINT of lot L-1 moved from DOCK to A-01."
    desk.scan("PAINT")
    assert desk.scan("L-7")["sentence"] == "There is no lot L-7 of PAINT."
    desk.scan("PAINT")
    said = desk.scan("010950110153001010L-1", aim="]C1")
    assert said["sentence"] == "1 × PAINT of lot L-1 moved from DOCK to A-01."
    lots = desk.database.read(
        "SELECT l.code, s.quantity FROM stock s JOIN lot l ON l.id = s.lot JOIN place p "
        "ON p.id = s.place WHERE p.code = 'A-01' ORDER BY l.code"
    )
    assert lots == [("L-1", 2), ("L-2", 2)]
    assert desk.sound()


def test_a_restart_changes_nothing(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=4)
    desk.command("MODE", "MOVE")
    desk.scans("A-01", "A1")
    desk.restart()
    assert desk.scan("A2")["sentence"] == "DRILL A2 moved from DOCK to A-01."
    assert desk.view()["progress"]["scanned"] == 2
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.place("A1"), desk.place("A2")) == ("DOCK", "DOCK")
    assert desk.sound()


def test_moving_needs_the_right_to(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=4)
    desk.put("SCREW", 5, "DOCK")
    desk.command("MODE", "MOVE")
    desk.scan("A-01")
    desk.may = lambda scope: scope != "registry:serial"
    assert desk.scan("A1")["code"] == "permission_denied"
    assert desk.scan("SCREW")["code"] == "permission_denied"
    assert (desk.place("A1"), desk.shelf(SCREW, "DOCK")) == ("DOCK", 5)
    assert desk.sound()


def test_a_lot_goes_by_the_label_that_we_print_of_it(desk: Desk) -> None:
    desk.put("PAINT", 5, "A-01", "L-1")
    (lot,) = desk.database.read("SELECT id FROM lot")[0]
    desk.command("MODE", "MOVE")
    desk.scan("B-01")
    desk.command("QTY", "2")
    said = desk.scan(f"GW-{desk.registry.public_ids.write('lot', lot)}")
    assert said["sentence"] == "2 × PAINT of lot L-1 moved from A-01 to B-01."
    assert (desk.shelf(PAINT, "A-01"), desk.shelf(PAINT, "B-01")) == (3, 2)
    assert desk.sound()
