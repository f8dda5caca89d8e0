"""Arriving: what a transfer has brought is taken in, and what it has not is settled."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.line_given import LineGiven, LotGiven
from gateway.store.registry.posting import StepGiven
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases

SCREW = 3
PAINT = 4


def _sent(desk: Desk, *serials: str, number: str = "TR-1", **head: object) -> None:
    """Send drills from A-01 to B-01 by a transfer."""
    desk.act(Action.RECEIVE, *serials, place=1)
    desk.document(
        "transfer", number, ("DRILL", len(serials)), **({"from": "A-01", "to": "B-01"} | head)
    )
    desk.choose("transfer", number, 1, *serials)
    desk.step("transfer", number, "dispatch")


def test_each_piece_that_came_is_taken_in(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    said = desk.command("MODE", "ARRIVE")
    assert said["sentence"] == "Arrive. Scan the transfer, or a piece that came."
    assert desk.scan("TR-1")["outcome"] == "done"
    assert desk.view()["progress"]["missing"] == ["A1", "A2"]
    assert desk.scan("A1")["sentence"] == "DRILL A1 is at B-01. 1 still on the way."
    assert (desk.state("A1"), desk.place("A1")) == ("received", "B-01")
    assert desk.scan("A2")["sentence"] == "DRILL A2 is at B-01. TR-1 is complete."
    assert desk.view()["progress"]["scanned"] == 2
    said = desk.command("DONE")
    assert (said["outcome"], said["sentence"]) == (
        "done", "2 pieces taken in. TR-1 is complete. Scan the transfer, or a piece that came.",
    )  # fmt: skip
    assert desk.status("transfer", "TR-1") == "done"
    assert desk.shelf(1, "B-01") == 2
    assert desk.sound()


def test_a_piece_opens_the_transfer_it_came_by(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    desk.command("MODE", "ARRIVE")
    assert desk.scan("A2")["sentence"] == "DRILL A2 is at B-01. 1 still on the way."
    assert [one["title"] for one in desk.view()["context"]] == ["TR-1"]
    assert desk.command("UNDO")["outcome"] == "done"
    assert desk.state("A2") == "in_transit"
    assert desk.sound()


def test_a_second_scan_is_only_looked_at(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    desk.command("MODE", "ARRIVE")
    desk.scan("A1")
    said = desk.scan("A1")
    assert (said["outcome"], said["sentence"]) == ("look", "DRILL A1 has arrived already at B-01.")
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.sound()


def test_wrong_pieces_are_told_as_they_are(desk: Desk) -> None:
    _sent(desk, "A1")
    _sent(desk, "C1", number="TR-2")
    desk.act(Action.RECEIVE, "A9", place=1)
    desk.command("MODE", "ARRIVE")
    assert desk.scan("A9")["sentence"] == "DRILL A9 is received at A-01; it cannot be taken in."
    assert desk.scan("SCREW")["sentence"] == "SCREW: scan the transfer first."
    desk.scan("TR-1")
    refused = {code: desk.scan(code) for code in ("A9", "C1", "DRILL")}
    assert {code: (one["outcome"], one["sentence"]) for code, one in refused.items()} == {
        "A9": ("refused", "DRILL A9 was not sent by TR-1: it is received at A-01."),
        "C1": ("refused", "DRILL C1 is on its way by TR-2, not by TR-1."),
        "DRILL": ("refused", "That is the barcode of DRILL. Scan the serial of the piece."),
    }
    assert desk.sound()


def test_it_is_put_where_a_person_says(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    desk.command("MODE", "ARRIVE")
    assert desk.scans("TR-1", "A1", "DOCK", "A2") == ["done"] * 4
    assert (desk.place("A1"), desk.place("A2")) == ("B-01", "DOCK")
    assert desk.view()["progress"]["scanned"] == 2
    assert desk.sound()


def test_what_did_not_come_may_come_later(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    desk.command("MODE", "ARRIVE")
    desk.scan("A1")
    asked = desk.command("DONE")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "1 piece of TR-1 did not come (A2). What became of it?",
    )  # fmt: skip
    assert [one["title"] for one in desk.view()["question"]["choices"]] == [
        "Still on the way", "Lost: write off", "Went back to A-01",
    ]  # fmt: skip
    said = desk.command("CHOOSE", "1")
    assert (said["outcome"], said["sentence"]) == (
        "look",
        "1 piece taken in. TR-1: 1 still on the way. Scan the transfer, or a piece that came.",
    )
    assert (desk.state("A2"), desk.status("transfer", "TR-1")) == ("in_transit", "in_progress")
    assert desk.scan("A2")["sentence"] == "DRILL A2 is at B-01. TR-1 is complete."
    assert desk.sound()


def test_what_was_lost_is_written_off(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    desk.command("MODE", "ARRIVE")
    desk.scan("A1")
    desk.command("DONE")
    desk.may = lambda scope: scope != "registry:write_off"
    said = desk.command("CHOOSE", "2")
    assert (said["outcome"], said["code"]) == ("refused", "permission_denied")
    assert desk.status("transfer", "TR-1") == "in_progress"
    desk.may = lambda _: True
    desk.command("DONE")
    said = desk.command("CHOOSE", "2")
    assert said["sentence"].startswith("1 piece taken in. TR-1 is closed: 1 written off.")
    assert (desk.state("A2"), desk.status("transfer", "TR-1")) == ("written_off", "done")
    row = desk.database.read("SELECT reason FROM event WHERE action = 'write_off'")
    assert row == [("lost on the way",)]
    said = desk.command("UNDO")
    assert said["outcome"] == "done"
    assert (desk.state("A2"), desk.status("transfer", "TR-1")) == ("in_transit", "in_progress")
    assert desk.sound()


def test_what_went_back_is_back(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    desk.command("MODE", "ARRIVE")
    desk.scan("A1")
    desk.command("DONE")
    assert "TR-1 is closed: 1 back at A-01." in desk.command("CHOOSE", "3")["sentence"]
    assert (desk.state("A2"), desk.place("A2")) == ("received", "A-01")
    assert desk.status("transfer", "TR-1") == "done"
    assert desk.sound()


def test_quantities_arrive_by_lot(desk: Desk) -> None:
    desk.put("SCREW", 10, "A-01")
    desk.put("PAINT", 4, "A-01", "L-1")
    desk.put("PAINT", 4, "A-01", "L-2")
    desk.document("transfer", "TR-1", ("SCREW", 10), ("PAINT", 6), **{"from": "A-01", "to": "B-01"})
    lots = (LotGiven(2, "L-1"), LotGiven(4, "L-2"))
    desk.step("transfer", "TR-1", "dispatch", StepGiven((
        LineGiven(1, quantity=10), LineGiven(2, lots=lots),
    )))  # fmt: skip
    desk.command("MODE", "ARRIVE")
    desk.scan("TR-1")
    desk.command("QTY", "7")
    assert desk.scan("SCREW")["sentence"] == "7 × SCREW are here. 9 still on the way."
    desk.command("QTY", "4")
    said = desk.scan("SCREW")
    assert (said["code"], said["sentence"]) == (
        "line_full", "TR-1 takes 3 more SCREW, and 4 were given.",
    )  # fmt: skip
    desk.command("CANCEL")
    desk.command("QTY", "3")
    said = desk.scan("010950110153001010L-2", aim="]C1")
    assert said["sentence"] == "3 × PAINT of lot L-2 are here. 6 still on the way."
    asked = desk.scan("PAINT")
    assert [card["title"] for card in asked["cards"]] == ["L-1", "L-2"]
    assert desk.scan("L-1")["sentence"] == "1 × PAINT of lot L-1 are here. 5 still on the way."
    here = desk.database.read(
        "SELECT i.sku, coalesce(l.code, ''), s.state, s.quantity FROM stock s "
        "JOIN item i ON i.id = s.item LEFT JOIN lot l ON l.id = s.lot JOIN place p "
        "ON p.id = s.place WHERE s.quantity > 0 AND (p.code = 'B-01' OR s.state = 'in_transit') "
        "ORDER BY 1, 2, 3"
    )
    assert here == [
        ("PAINT", "L-1", "in_transit", 1), ("PAINT", "L-1", "received", 1),
        ("PAINT", "L-2", "in_transit", 1), ("PAINT", "L-2", "received", 3),
        ("SCREW", "", "in_transit", 3), ("SCREW", "", "received", 7),
    ]  # fmt: skip
    desk.command("UNDO")
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.shelf(SCREW, "B-01"), desk.shelf(PAINT, "B-01")) == (0, 0)
    assert desk.sound()


def test_a_transfer_that_was_not_sent_has_not_come(desk: Desk) -> None:
    desk.document("transfer", "TR-1", ("DRILL", 1), **{"from": "A-01", "to": "B-01"})
    desk.command("MODE", "ARRIVE")
    said = desk.scan("TR-1")
    assert (said["outcome"], said["sentence"]) == ("refused", "TR-1 has not been sent yet.")


def test_a_restart_changes_nothing(desk: Desk) -> None:
    _sent(desk, "A1", "A2")
    desk.command("MODE", "ARRIVE")
    desk.scans("TR-1", "A1")
    desk.restart()
    assert desk.scan("A1")["outcome"] == "look"
    assert desk.scan("A2")["sentence"] == "DRILL A2 is at B-01. TR-1 is complete."
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.state("A1"), desk.state("A2")) == ("in_transit", "in_transit")
    assert desk.sound()
