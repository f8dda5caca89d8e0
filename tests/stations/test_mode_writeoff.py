"""Writing off: on a document that is made or was prepared, serials, lots and quantities."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A station that writes off; three drills, 20 screws in two bins, 6 paints of a lot."""
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    desk.put("SCREW", 15, "A-01")
    desk.put("SCREW", 5, "B-01")
    desk.put("PAINT", 6, "A-01", "L7")
    desk.command("MODE", "WRITEOFF")
    return desk


def test_pieces_are_collected_and_done_takes_them_out_of_stock(full: Desk) -> None:
    assert full.scan("A1")["sentence"] == "Why is DRILL A1 written off?"
    assert full.database.read("SELECT count(*) FROM document WHERE type = 'write_off'") == [(0,)]
    said = full.command("CHOOSE", "1")
    assert (said["outcome"], said["sentence"]) == (
        "done", "DRILL A1 goes on WRO-00001, damaged. DONE writes it off.",
    )  # fmt: skip
    full.scan("A2")
    full.command("QTY", "4")
    asked = full.scan("SCREW")
    assert asked["sentence"] == "4 × SCREW: taken from where?"
    assert [card["title"] for card in asked["cards"]] == ["A-01", "B-01"]
    assert full.command("CHOOSE", "2")["outcome"] == "done"
    full.command("QTY", "2")
    said = full.scan("0109501101530010" + "10L7", aim="]C1")
    assert said["sentence"] == "2 × PAINT of lot L7 goes on WRO-00001, damaged. DONE writes it off."
    assert [full.state("A1"), full.on_hand(3)] == ["received", 20], "nothing leaves before DONE"
    rows = full.view()["progress"]["rows"]
    assert [(row["title"], row["expected"], row["scanned"]) for row in rows] == [
        ("DRILL", None, 2), ("SCREW", None, 4), ("PAINT", None, 2),
    ]  # fmt: skip
    said = full.command("DONE")
    assert said["sentence"] == (
        "WRO-00001 is posted: 8 pieces written off, damaged. Scan each piece to be written off; "
        "DONE when that is all."
    )
    assert full.status("write_off", "WRO-00001") == "done"
    assert [full.state(one) for one in ("A1", "A2", "A3")] == ["written_off"] * 2 + ["received"]
    assert [full.shelf(3, "A-01"), full.shelf(3, "B-01"), full.on_hand(4)] == [15, 1, 4]
    assert full.view()["context"] == []
    reasons = full.database.read("SELECT DISTINCT reason FROM event WHERE action = 'write_off'")
    assert reasons == [("damaged",)]
    assert full.sound()


def test_each_step_is_taken_back_until_no_document_is_left(full: Desk) -> None:
    full.scan("A1")
    full.command("CHOOSE", "1")
    full.scan("A2")
    full.scan("B-01")
    full.command("QTY", "3")
    full.scan("SCREW")
    lines = "SELECT item, quantity FROM document_line l JOIN document d ON d.id = l.document " \
        "WHERE d.type = 'write_off' ORDER BY item"  # fmt: skip
    assert full.database.read(lines) == [(1, 2), (3, 3)]
    full.command("UNDO")
    assert full.database.read(lines) == [(1, 2)]
    full.command("UNDO")
    assert full.database.read(lines) == [(1, 1)]
    assert full.view()["progress"]["scanned"] == 1
    full.command("UNDO")
    assert full.database.read("SELECT count(*) FROM document WHERE type = 'write_off'") == [(0,)]
    assert full.scan("A3")["outcome"] == "done", "and the next piece makes another"
    full.command("DONE")
    assert full.state("A3") == "written_off"
    full.command("UNDO")
    assert full.state("A3") == "received", "DONE, too, is taken back"
    assert full.sound()


def test_what_was_not_posted_stays_as_a_draft_and_goes_on(full: Desk) -> None:
    full.scan("A1")
    full.command("CHOOSE", "2")
    said = full.command("MODE", "LOOKUP")
    assert (said["outcome"], said["sentence"]) == (
        "look", "Look up. Scan anything. WRO-00001 stays a draft with 1 piece; scan it to go on.",
    )  # fmt: skip
    full.restart()
    full.command("MODE", "WRITEOFF")
    said = full.scan("WRO-00001")
    assert said["sentence"].startswith("Write off WRO-00001.")
    assert [chip["title"] for chip in full.view()["context"]] == ["WRO-00001", "lost"]
    assert full.scan("A1")["sentence"] == "DRILL A1 was scanned already."
    assert full.scan("A2")["code"] == "line_full", "it was made for one"
    full.command("DONE")
    assert full.status("write_off", "WRO-00001") == "done"
    assert full.state("A1") == "written_off"
    assert full.sound()


def test_a_document_that_was_prepared_says_what_belongs_on_it(full: Desk) -> None:
    full.document("write_off", "WRO-7", ("DRILL", 2), ("SCREW", 5), reason="flood")
    full.scan("WRO-7")
    assert full.scan("A1")["sentence"] == "DRILL A1 goes on WRO-7, flood. DONE writes it off."
    again = full.scan("A1")
    assert (again["outcome"], again["sentence"]) == ("look", "DRILL A1 was scanned already.")
    said = full.scan("0109501101530010" + "10L7", aim="]C1")
    assert (said["code"], said["sentence"]) == (
        "line_unknown", "PAINT is not on WRO-7. Put it aside and ask.",
    )  # fmt: skip
    full.scan("B-01")
    full.command("QTY", "6")
    said = full.scan("SCREW")
    assert said["sentence"] == "No place has 6 × SCREW: B-01 has 5."
    full.command("CANCEL")
    full.command("QTY", "5")
    full.scan("SCREW")
    progress = full.view()["progress"]
    assert (progress["expected"], progress["scanned"]) == (7, 6)
    asked = full.command("DONE")
    assert asked["sentence"] == (
        "1 × DRILL of WRO-7 was not scanned. Write off the 6 pieces that were?"
    )
    assert full.command("NO")["outcome"] == "look"
    assert full.status("write_off", "WRO-7") == "draft"
    full.command("DONE")
    full.command("YES")
    assert full.status("write_off", "WRO-7") == "done"
    assert [full.state("A1"), full.state("A2"), full.on_hand(3)] == ["written_off", "received", 15]
    assert full.scan("WRO-7")["sentence"] == "WRO-7 is done; nothing can be posted by it now."
    assert full.sound()


def test_what_cannot_be_written_off_says_why(full: Desk) -> None:
    full.document("sales_order", "SO-1", ("DRILL", 1), party="Smith")
    full.step("sales_order", "SO-1", "confirm")
    full.choose("sales_order", "SO-1", 1, "A1")
    full.act(Action.SHIP, "A2", party=3)
    said = full.scan("A1")
    assert (said["code"], said["sentence"]) == (
        "serial_committed_elsewhere", "DRILL A1 is reserved for SO-1; it cannot be written off.",
    )  # fmt: skip
    assert full.scan("A2")["sentence"] == "DRILL A2 is not here: it was shipped to Jones."
    assert full.scan("DRILL")["sentence"] == (
        "That is the barcode of DRILL. Scan the serial of the piece."
    )
    full.may = lambda scope: scope != "registry:write_off"
    assert full.scan("A3")["code"] == "permission_denied"
    full.may = lambda _: True
    assert full.command("DONE")["sentence"].startswith("Done: 0 pieces.")
    assert full.sound()


def test_what_has_gone_meanwhile_stops_done_and_nothing_is_posted(full: Desk) -> None:
    full.scan("A1")
    full.command("CHOOSE", "1")
    full.scan("A2")
    full.act(Action.SHIP, "A2", party=2)
    said = full.command("DONE")
    assert (said["outcome"], said["sentence"]) == (
        "refused", "Serial A2 is not here: it was shipped to Smith.",
    )  # fmt: skip
    assert full.state("A1") == "received"
    full.command("UNDO")
    full.command("DONE")
    assert full.state("A1") == "written_off"
    assert full.sound()
