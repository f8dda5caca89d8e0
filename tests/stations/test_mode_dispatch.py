"""Dispatching a transfer: what was scanned goes, and nothing else."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases

SCREW = 3
PAINT = 4


def _transfer(desk: Desk, *lines: tuple[str, int], **head: object) -> None:
    desk.document("transfer", "TR-1", *lines, **({"from": "A-01", "to": "B-01"} | head))


def _open(desk: Desk) -> None:
    desk.command("MODE", "DISPATCH")
    assert desk.scan("TR-1")["outcome"] == "done"


def _lines(desk: Desk) -> list[tuple[str, int, int, int]]:
    """Return of each line: the item, how much is asked for, on its way, arrived."""
    return desk.database.read(
        "SELECT i.sku, l.quantity, l.picked, l.done FROM document_line l "
        "JOIN item i ON i.id = l.item JOIN document d ON d.id = l.document "
        "WHERE d.number = 'TR-1' ORDER BY l.rank"
    )


def test_what_was_scanned_is_on_its_way(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    _transfer(desk, ("DRILL", 2))
    assert desk.command("MODE", "DISPATCH")["sentence"] == "Dispatch. Scan the transfer."
    said = desk.scan("TR-1")
    assert said["sentence"] == "Transfer TR-1. Scan each piece that goes; DONE sends them."
    assert desk.scan("A1")["sentence"] == "DRILL A1 goes by TR-1: 1 of 2."
    assert (desk.state("A1"), desk.status("transfer", "TR-1")) == ("received", "draft")
    assert desk.scan("A3")["sentence"] == "DRILL A3 goes by TR-1: 2 of 2."
    progress = desk.view()["progress"]
    assert (progress["expected"], progress["scanned"], progress["missing"]) == (2, 2, [])
    assert progress["rows"] == [{"title": "DRILL", "detail": "", "expected": 2, "scanned": 2}]
    said = desk.command("DONE")
    assert (said["outcome"], said["sentence"]) == (
        "done", "TR-1 is on its way to B-01: 2 pieces. Scan the transfer.",
    )  # fmt: skip
    assert [desk.state(one) for one in ("A1", "A2", "A3")] == [
        "in_transit", "received", "in_transit",
    ]  # fmt: skip
    assert desk.status("transfer", "TR-1") == "in_progress"
    assert _lines(desk) == [("DRILL", 2, 2, 0)]
    assert desk.view()["context"] == []
    assert desk.sound()


def test_a_second_scan_counts_nothing(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _transfer(desk, ("DRILL", 2))
    _open(desk)
    desk.scan("A1")
    said = desk.scan("A1")
    assert (said["outcome"], said["sentence"]) == ("look", "DRILL A1 was scanned already.")
    assert desk.scan("TR-1")["sentence"].startswith("TR-1 is chosen already.")
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.sound()


def test_a_piece_that_the_transfer_names_is_ticked_and_another_refused(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    _transfer(desk, ("DRILL", 2))
    desk.choose("transfer", "TR-1", 1, "A1", "A2")
    _open(desk)
    assert desk.view()["progress"]["missing"] == ["A1", "A2"]
    assert desk.scan("A1")["outcome"] == "done"
    said = desk.scan("A3")
    assert (said["outcome"], said["sentence"], said["cure"]) == (
        "refused",
        "DRILL A3 is not the one: TR-1 names A2.",
        "Put it back, and take one of those.",
    )
    assert desk.scan("A2")["outcome"] == "done"
    assert desk.scan("A3")["sentence"] == "All DRILL of TR-1 are scanned."
    desk.command("DONE")
    assert [desk.state(one) for one in ("A1", "A2", "A3")] == [
        "in_transit", "in_transit", "received",
    ]  # fmt: skip
    assert desk.sound()


def test_wrong_pieces_are_told_as_they_are(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    desk.act(Action.RECEIVE, "L1", item=2, place=1)
    desk.act(Action.SHIP, "A1", party=2)
    desk.act(Action.HOLD, "A2", reason="recall")
    desk.document("sales_order", "SO-1", ("DRILL", 1), party="Smith")
    desk.choose("sales_order", "SO-1", 1, "A3")
    _transfer(desk, ("DRILL", 2))
    _open(desk)
    refused = {code: desk.scan(code) for code in ("A1", "A2", "A3", "L1", "B-01", "DRILL")}
    assert {code: (one["outcome"], one["sentence"]) for code, one in refused.items()} == {
        "A1": ("refused", "DRILL A1 is not here: it was shipped to Smith."),
        "A2": ("refused", "DRILL A2 is held: recall."),
        "A3": ("refused", "DRILL A3 is reserved for SO-1; it cannot be sent."),
        "L1": ("refused", "LASER L1 is not on TR-1."),
        "B-01": ("refused", "That is the location B-01. Scan each piece that goes; DONE sends "
                            "them."),
        "DRILL": ("refused", "That is the barcode of DRILL. Scan the serial of the piece."),
    }  # fmt: skip
    said = desk.command("DONE")
    assert (said["outcome"], said["sentence"]) == (
        "refused", "Nothing of TR-1 was scanned yet.",
    )  # fmt: skip
    assert desk.sound()


def test_a_piece_that_should_be_elsewhere_is_asked_about(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=2)
    _transfer(desk, ("DRILL", 1), to="DOCK")
    _open(desk)
    asked = desk.scan("A1")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "DRILL A1 should be at B-01, not at A-01. Send it all the same?",
    )  # fmt: skip
    assert desk.command("NO")["sentence"] == "DRILL A1 stays here."
    assert desk.view()["progress"]["scanned"] == 0
    desk.scan("A1")
    assert desk.command("YES")["sentence"] == "DRILL A1 goes by TR-1: 1 of 1."
    assert desk.command("DONE")["outcome"] == "done"
    assert desk.state("A1") == "in_transit"
    assert desk.sound()


def test_what_was_not_scanned_is_asked_about_and_stays(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    desk.act(Action.RECEIVE, "L1", item=2, place=1)
    _transfer(desk, ("DRILL", 3), ("LASER", 1))
    desk.choose("transfer", "TR-1", 1, "A1", "A2")
    _open(desk)
    desk.scan("A1")
    asked = desk.command("DONE")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "3 pieces of TR-1 were not scanned (A2). Send it without?",
    )  # fmt: skip
    said = desk.command("NO")
    assert (said["outcome"], said["sentence"]) == (
        "look", "Not sent. Scan each piece that goes; DONE sends them.",
    )  # fmt: skip
    assert desk.status("transfer", "TR-1") == "draft"
    desk.command("DONE")
    assert desk.command("YES")["outcome"] == "done"
    assert [desk.state(one) for one in ("A1", "A2", "A3")] == [
        "in_transit", "received", "received",
    ]  # fmt: skip
    assert desk.state("L1", 2) == "received"
    assert _lines(desk) == [("DRILL", 1, 1, 0)]
    assert desk.sound()


def test_quantities_and_lots_go_with_serials(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.put("SCREW", 30, "A-01")
    desk.put("SCREW", 30, "DOCK")
    desk.put("PAINT", 5, "A-01", "L-1")
    desk.put("PAINT", 5, "A-01", "L-2")
    _transfer(desk, ("DRILL", 1), ("SCREW", 40), ("PAINT", 4))
    _open(desk)
    desk.command("QTY", "20")
    assert desk.scan("SCREW")["sentence"] == "20 × SCREW go by TR-1: 20 of 45."
    desk.command("QTY", "15")
    said = desk.scan("SCREW")
    assert (said["code"], said["sentence"]) == (
        "quantity_unavailable", "There are 10 more SCREW at A-01, and 15 were given.",
    )  # fmt: skip
    desk.command("QTY", "25")
    said = desk.scan("SCREW")
    assert said["sentence"] == "TR-1 takes 20 more SCREW, and 25 were given."
    desk.command("CANCEL")
    desk.command("QTY", "3")
    said = desk.scan("010950110153001010L-2", aim="]C1")
    assert said["sentence"] == "3 × PAINT of lot L-2 go by TR-1: 23 of 45."
    asked = desk.scan("PAINT")
    assert [card["title"] for card in asked["cards"]] == ["L-1", "L-2"]
    assert desk.scan(asked["cards"][0]["choose"])["sentence"] == (
        "1 × PAINT of lot L-1 go by TR-1: 24 of 45."
    )
    desk.scan("A1")
    assert desk.command("DONE")["sentence"] == (
        "20 pieces of TR-1 were not scanned. Send it without?"
    )
    assert desk.command("YES")["sentence"].startswith("TR-1 is on its way to B-01: 25 pieces.")
    assert _lines(desk) == [("DRILL", 1, 1, 0), ("SCREW", 20, 20, 0), ("PAINT", 4, 4, 0)]
    assert (desk.shelf(SCREW, "A-01"), desk.shelf(SCREW, "DOCK")) == (10, 30)
    lots = desk.database.read(
        "SELECT l.code, s.quantity FROM stock s JOIN lot l ON l.id = s.lot "
        "WHERE s.state = 'in_transit' ORDER BY l.code"
    )
    assert lots == [("L-1", 1), ("L-2", 3)]
    assert desk.sound()


def test_undo_takes_back_each_step_the_sending_too(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    desk.put("SCREW", 30, "A-01")
    _transfer(desk, ("DRILL", 2), ("SCREW", 5))
    _open(desk)
    desk.scans("A1", "A2")
    desk.command("QTY", "5")
    desk.scan("SCREW")
    assert desk.command("UNDO")["sentence"] == "Taken back: 5 × SCREW go by TR-1: 7 of 7."
    assert desk.view()["progress"]["scanned"] == 2
    desk.command("UNDO")
    assert desk.view()["progress"]["rows"][0]["scanned"] == 1
    named = desk.database.read("SELECT count(*) FROM line_life WHERE role = 'wanted'")
    assert named == [(1,)], "what was taken back is named no longer"
    desk.scan("A2")
    desk.command("QTY", "5")
    desk.scan("SCREW")
    assert desk.command("DONE")["outcome"] == "done"
    said = desk.command("UNDO")
    assert said["sentence"].startswith("Taken back: TR-1 is on its way to B-01: 7 pieces.")
    assert (desk.state("A1"), desk.state("A2")) == ("received", "received")
    assert desk.shelf(SCREW, "A-01") == 30
    assert desk.status("transfer", "TR-1") == "open"
    assert desk.sound()


def test_a_transfer_that_cannot_be_sent_is_not_opened(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    _transfer(desk, ("DRILL", 1), to=None)
    desk.command("MODE", "DISPATCH")
    said = desk.scan("TR-1")
    assert (said["code"], said["sentence"]) == (
        "location_required",
        "TR-1 does not say where it goes; whoever made it must say that first.",
    )
    desk.document("transfer", "TR-2", ("DRILL", 1), **{"from": "A-01", "to": "B-01"})
    desk.choose("transfer", "TR-2", 1, "A1")
    desk.step("transfer", "TR-2", "dispatch")
    said = desk.scan("TR-2")
    assert (said["outcome"], said["sentence"]) == ("refused", "TR-2 is on its way already.")
    desk.document("purchase_order", "PO-9", ("DRILL", 1), party="ACME")
    assert desk.scan("PO-9")["code"] == "code_unexpected"


def test_what_was_ticked_is_there_after_a_restart(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _transfer(desk, ("DRILL", 2))
    _open(desk)
    desk.scan("A1")
    desk.restart()
    assert desk.scan("A1")["outcome"] == "look"
    assert desk.scan("A2")["sentence"] == "DRILL A2 goes by TR-1: 2 of 2."
    assert desk.command("DONE")["outcome"] == "done"
    assert (desk.state("A1"), desk.state("A2")) == ("in_transit", "in_transit")
    assert desk.sound()


def test_another_transfer_lets_go_of_what_was_ticked_and_says_so(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    _transfer(desk, ("DRILL", 1))
    desk.document("transfer", "TR-2", ("DRILL", 1), **{"from": "A-01", "to": "B-01"})
    _open(desk)
    desk.scan("A1")
    said = desk.scan("TR-2")
    assert said["outcome"] == "look"
    assert said["sentence"].endswith("1 ticked and not posted by TR-1: they were let go.")
    assert desk.view()["progress"]["scanned"] == 0
    assert desk.state("A1") == "received"
    assert desk.sound()
