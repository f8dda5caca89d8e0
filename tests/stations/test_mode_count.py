"""Counting: what is seen beside what should be there, and a decision about each difference."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.documents import read_document
from gateway.store.registry.stocktakes import differences, notes_of
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases


@pytest.fixture
def shelf(desk: Desk) -> Desk:
    """A station that counts A-01 by ST-1: three drills there, one at B-01, one sold."""
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    desk.act(Action.RECEIVE, "B1", "S1", place=2)
    desk.act(Action.SHIP, "S1", party=2)
    desk.document("stocktake", "ST-1", **{"from": "A-01"})
    desk.command("MODE", "COUNT")
    said = desk.scan("ST-1")
    assert said["sentence"] == (
        "Stocktake ST-1. Scan each piece that lies here; another location; DONE when all is "
        "counted."
    )
    assert [chip["title"] for chip in desk.view()["context"]] == ["ST-1", "A-01"]
    return desk


def differing(desk: Desk, number: str = "ST-1") -> list[tuple[str, str]]:
    """Return what differs, as the registry says."""
    run = desk.database.reader().execute
    row = read_document(run, "stocktake", number)
    return [(one.kind, one.subject) for one in differences(run, row)]


def test_all_that_is_there_is_counted_and_posted(shelf: Desk) -> None:
    assert shelf.status("stocktake", "ST-1") == "in_progress"
    progress = shelf.view()["progress"]
    assert (progress["expected"], progress["scanned"]) == (3, 0)
    assert progress["missing"] == ["DRILL A1", "DRILL A2", "DRILL A3"]
    assert shelf.scan("A1")["sentence"] == "DRILL A1 is counted."
    again = shelf.scan("A1")
    assert (again["outcome"], again["sentence"]) == ("look", "DRILL A1 was counted already.")
    shelf.scan("A2")
    # A label that cannot be read is ticked by touch: its button sends the serial's own code.
    (tick,) = shelf.view()["progress"]["ticks"]
    assert tick["title"] == "DRILL A3"
    assert tick["code"].startswith("GW-S")
    assert shelf.scan(tick["code"])["sentence"] == "DRILL A3 is counted."
    progress = shelf.view()["progress"]
    assert (progress["expected"], progress["scanned"], progress["missing"]) == (3, 3, [])
    assert differing(shelf) == []
    said = shelf.command("DONE")
    assert said["sentence"] == "ST-1 is posted. All is as it should be."
    assert shelf.status("stocktake", "ST-1") == "done"
    assert shelf.command("UNDO")["sentence"] == "There is nothing to take back."
    assert shelf.sound()


def test_what_differs_is_decided_kind_by_kind_and_posted(shelf: Desk) -> None:
    shelf.scan("A1")
    said = shelf.scan("B1")
    assert (said["outcome"], said["sentence"]) == (
        "look", "DRILL B1 should be at B-01; it is counted here.",
    )  # fmt: skip
    said = shelf.scan("S1")
    assert (said["outcome"], said["sentence"]) == (
        "look", "DRILL S1 should not be here: it was shipped to Smith. It is noted.",
    )  # fmt: skip
    assert shelf.scan("S1")["sentence"] == "DRILL S1 was noted already."
    said = shelf.scan("X9")
    assert (said["outcome"], said["sentence"]) == (
        "look", "X9 is not known. It is noted; to add it, scan the barcode of its item, then it "
        "once more.",
    )  # fmt: skip
    shelf.scan("DRILL")
    assert shelf.scan("X9")["sentence"] == (
        "DRILL X9 is not known. It is noted, and DONE asks about it."
    )
    assert differing(shelf) == [
        ("missing", "DRILL/A2"), ("missing", "DRILL/A3"), ("moved", "DRILL/B1"),
        ("unexpected", "DRILL/S1"), ("unknown", "DRILL/X9"),
    ]  # fmt: skip
    progress = shelf.view()["progress"]
    assert [(row["title"], row["expected"], row["scanned"]) for row in progress["rows"]] == [
        ("DRILL", 3, 1), ("Others", None, 3),
    ]  # fmt: skip
    assert (progress["expected"], progress["scanned"]) == (3, 1), "others make up for none"
    asked = shelf.command("DONE")
    assert asked["sentence"] == "2 are missing: DRILL A2, DRILL A3. What becomes of them?"
    assert [card["title"] for card in asked["cards"]] == ["DRILL A2", "DRILL A3"]
    titles = [one["title"] for one in shelf.view()["question"]["choices"]]
    assert titles == ["Write off", "Keep: it is somewhere", "One by one"]
    assert shelf.command("CHOOSE", "3")["sentence"] == (
        "DRILL A2 is missing at A-01. What becomes of it?"
    )
    assert shelf.command("CHOOSE", "1")["sentence"] == (
        "DRILL A3 is missing at A-01. What becomes of it?"
    )
    assert shelf.command("CHOOSE", "2")["sentence"] == (
        "DRILL B1 lies at A-01 and is booked elsewhere. What becomes of it?"
    )
    assert shelf.command("CHOOSE", "1")["sentence"] == (
        "DRILL S1 was seen at A-01 and should not be here. What becomes of it?"
    )
    assert shelf.command("CHOOSE", "2")["sentence"] == (
        "DRILL X9 was seen at A-01 and is not known. What becomes of it?"
    )
    asked = shelf.command("CHOOSE", "1")
    assert asked["sentence"] == (
        "Post ST-1? 1 missing, written off; 1 missing, kept; 1 not where it should be, moved; "
        "1 not supposed to be here, ignored; 1 unknown, added."
    )
    assert asked["cards"][0]["rows"] == [["Location", "A-01"], ["Will be", "written off"]]
    assert shelf.state("A2") == "received"
    said = shelf.command("YES")
    assert said["outcome"] == "done"
    assert shelf.status("stocktake", "ST-1") == "done"
    assert [shelf.state(one) for one in ("A1", "A2", "A3", "S1", "X9")] == [
        "received", "written_off", "received", "shipped", "received",
    ]  # fmt: skip
    assert [shelf.place("B1"), shelf.place("X9")] == ["A-01", "A-01"]
    assert shelf.sound()


def test_no_posts_nothing_and_the_count_goes_on(shelf: Desk) -> None:
    shelf.scan("A1")
    shelf.command("DONE")
    shelf.command("CHOOSE", "1")
    assert shelf.command("NO")["sentence"].startswith("ST-1 is not posted. Scan each piece")
    assert shelf.status("stocktake", "ST-1") == "in_progress"
    shelf.scans("A2", "A3")
    assert shelf.command("DONE")["outcome"] == "done"
    assert [shelf.state(one) for one in ("A2", "A3")] == ["received", "received"]
    assert shelf.sound()


def test_each_count_is_taken_back(shelf: Desk) -> None:
    shelf.scan("A1")
    shelf.scan("X9")
    shelf.scan("S1")
    for left in (
        [("missing", "DRILL/A2"), ("missing", "DRILL/A3"), ("unknown", "/X9")],
        [("missing", "DRILL/A2"), ("missing", "DRILL/A3")],
        [("missing", f"DRILL/A{n}") for n in (1, 2, 3)],
    ):
        assert shelf.command("UNDO")["outcome"] == "done"
        assert sorted(differing(shelf)) == sorted(left)
    assert shelf.view()["progress"]["scanned"] == 0
    assert shelf.scan("A1")["sentence"] == "DRILL A1 is counted."
    assert shelf.sound()


def test_an_unknown_one_of_no_known_item_is_ignored_or_scanned_again(shelf: Desk) -> None:
    shelf.scans("A1", "A2", "A3")
    shelf.scan("X9")
    asked = shelf.command("DONE")
    assert asked["sentence"] == (
        "X9 was seen at A-01 and is not known. Its item is not known; CANCEL to scan it. What "
        "becomes of it?"
    )
    assert [one["title"] for one in shelf.view()["question"]["choices"]] == ["Ignore"]
    shelf.command("CHOOSE", "1")
    shelf.command("YES")
    assert shelf.status("stocktake", "ST-1") == "done"
    assert shelf.state("X9") is None
    assert shelf.sound()


def test_quantities_and_lots_are_counted_and_corrected(desk: Desk) -> None:
    desk.put("SCREW", 20, "A-01")
    desk.put("PAINT", 6, "A-01", "L7")
    desk.document("stocktake", "ST-2", ("SCREW", 1), ("PAINT", 1))
    desk.command("MODE", "COUNT")
    desk.scan("ST-2")
    assert desk.view()["mode"]["asks"] == "Scan the location that is counted."
    desk.scan("A-01")
    progress = desk.view()["progress"]
    assert [(row["title"], row["expected"], row["scanned"]) for row in progress["rows"]] == [
        ("PAINT", 6, 0), ("SCREW", 20, 0),
    ]  # fmt: skip
    desk.command("QTY", "12")
    assert desk.scan("SCREW")["sentence"] == "12 × SCREW counted."
    desk.command("QTY", "7")
    assert desk.scan("SCREW")["sentence"] == "7 × SCREW counted, 19 in all."
    desk.scan("SCREW")
    desk.command("UNDO")
    asked = desk.scan("PAINT")
    assert asked["sentence"] == "Which lot of PAINT? Scan the lot."
    assert desk.scan("L7")["sentence"] == "1 × PAINT of lot L7 counted."
    desk.command("UNDO")
    desk.command("QTY", "6")
    desk.scan("0109501101530010" + "10L7", aim="]C1")
    desk.command("QTY", "2")
    assert desk.scan("0109501101530010" + "10L8", aim="]C1")["sentence"] == (
        "2 × PAINT of lot L8 counted."
    )
    assert differing(desk, "ST-2") == [("quantity", "PAINT/L8@A-01"), ("quantity", "SCREW/@A-01")]
    asked = desk.command("DONE")
    assert asked["sentence"] == (
        "2 are counted otherwise than booked: PAINT, SCREW. What becomes of them?"
    )
    desk.command("CHOOSE", "1")
    desk.command("YES")
    assert [desk.shelf(3, "A-01"), desk.shelf(4, "A-01")] == [19, 8]
    assert desk.sound()


def test_a_location_begins_a_count_and_another_one_goes_on(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.act(Action.RECEIVE, "B1", place=2)
    desk.command("MODE", "COUNT")
    assert desk.scan("A1")["sentence"] == (
        "That is the serial A1 of DRILL. First: Scan the stocktake, or a location to begin one."
    )
    asked = desk.scan("A-01")
    assert asked["sentence"] == "No stocktake was scanned. Begin to count A-01?"
    desk.command("NO")
    assert desk.database.read("SELECT count(*) FROM document") == [(0,)]
    desk.scan("A-01")
    desk.command("YES")
    assert desk.status("stocktake", "ST-00001") == "in_progress"
    assert desk.scan("B-01")["sentence"] == (
        "ST-00001 counts A-01, and B-01 is not in it. Scan another location."
    )
    desk.restart()
    assert desk.scan("A1")["outcome"] == "done"
    said = desk.command("MODE", "LOOKUP")
    assert said["sentence"].endswith("ST-00001 is not posted; scan it to go on.")
    desk.command("MODE", "COUNT")
    desk.scan("ST-00001")
    assert desk.scan("A1")["outcome"] == "look"
    desk.command("DONE")
    assert desk.status("stocktake", "ST-00001") == "done"

    desk.document("stocktake", "ST-9")
    desk.scan("ST-9")
    desk.scan("A-01")
    desk.scan("A1")
    desk.scan("B-01")
    said = desk.scan("A1")
    assert said["sentence"] == "DRILL A1 was counted already, at A-01."
    desk.scan("B1")
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.command("DONE")["sentence"] == "ST-9 is posted. All is as it should be."
    assert desk.scan("ST-9")["sentence"] == "ST-9 is done; nothing can be counted by it now."
    assert desk.sound()


def test_the_wrong_code_is_not_noted_as_a_serial(shelf: Desk) -> None:
    said = shelf.scan("4006381333931")
    assert (said["code"], said["sentence"]) == (
        "code_unexpected", "4006381333931 is the number of an article (EAN) that is not known "
        "here. Scan the serial of the piece.",
    )  # fmt: skip
    shelf.command("QTY", "3")
    assert shelf.scan("A1")["sentence"] == "Serial A1 is one piece. Scan it again."
    assert shelf.view()["quantity"] is None, "so that it can be scanned again"
    run = shelf.database.reader().execute
    assert notes_of(read_document(run, "stocktake", "ST-1").attrs).unknown == []
    shelf.may = lambda scope: scope != "registry:stocktake"
    assert shelf.scan("A1")["code"] == "permission_denied"
