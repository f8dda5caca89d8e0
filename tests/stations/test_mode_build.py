"""Building: components in, products out with their labels, the order ended by DONE."""

from __future__ import annotations

from fractions import Fraction

import pytest

from gateway.registry.documents import DocumentType
from gateway.registry.lives import Action
from gateway.store.registry.draft_lines import DraftLine
from gateway.store.registry.drafts import Draft, save
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases

LASER = 2


def work_order(desk: Desk, number: str, quantity: int, *components: tuple[str, int]) -> None:
    """Make an order for lasers of components."""
    draft = Draft(
        DocumentType.WORK_ORDER, number, {},
        [DraftLine("LASER", Fraction(quantity), components=components)],
    )  # fmt: skip
    desk.database.run(lambda t: save(t, draft, desk.registry.rules(), "local"))
    desk.step("work_order", number, "confirm")


def inside(desk: Desk, product: str) -> list[str]:
    """Return which serials are in a product, as the lives themselves say."""
    rows = desk.database.read(
        "SELECT c.serial FROM life c JOIN life p ON p.id = c.parent WHERE p.serial = ? "
        "ORDER BY c.serial",
        (product,),
    )
    return [row[0] for row in rows]


@pytest.fixture
def bench(desk: Desk) -> Desk:
    """A station that builds; WO-1 makes two lasers of a drill and four screws each."""
    desk.act(Action.RECEIVE, "D1", "D2", "D3", place=1)
    desk.put("SCREW", 20, "A-01")
    work_order(desk, "WO-1", 2, ("DRILL", 2), ("SCREW", 8))
    desk.command("MODE", "BUILD")
    said = desk.scan("WO-1")
    assert said["sentence"] == "Work order WO-1. First the serials that go in: 2 × DRILL."
    return desk


def test_an_order_is_built_from_its_first_piece_to_its_end(bench: Desk) -> None:
    assert bench.scan("SCREW")["sentence"] == "First the serials that go in: 2 × DRILL."
    said = bench.scan("D1")
    assert said["sentence"] == "DRILL D1 is chosen. First the serials that go in: 1 × DRILL."
    again = bench.scan("D1")
    assert (again["outcome"], again["sentence"]) == (
        "look", "DRILL D1 is chosen for WO-1 already. First the serials that go in: 1 × DRILL.",
    )  # fmt: skip
    assert bench.status("work_order", "WO-1") == "open"
    said = bench.scan("D2")
    assert said["sentence"] == (
        "DRILL D2 is the last one: WO-1 has begun, and all are built in. Now the serial of the "
        "LASER."
    )
    assert said["cards"][0]["rows"][0] == ["State", "consumed"]
    assert bench.status("work_order", "WO-1") == "in_progress"
    assert [bench.state("D1"), bench.state("D2")] == ["consumed", "consumed"]
    said = bench.scan("D1")
    assert (said["outcome"], said["sentence"]) == ("look", "DRILL D1 was built in already.")
    said = bench.scan("L1")
    assert (said["outcome"], said["sentence"]) == (
        "done", "LASER L1 made at DOCK. Its label prints.",
    )  # fmt: skip
    assert bench.scan("L1")["sentence"] == "LASER L1 was made already."
    bench.command("QTY", "5")
    assert bench.scan("SCREW")["sentence"] == "5 × SCREW built in. Now the serial of the LASER."
    bench.command("QTY", "5")
    said = bench.scan("SCREW")
    assert (said["code"], said["sentence"]) == (
        "line_full", "WO-1 takes 3 more SCREW, and 5 were given.",
    )  # fmt: skip
    bench.command("CANCEL")
    said = bench.command("DONE")
    assert said["sentence"] == "Not scanned: 3 × SCREW. Built in, too?"
    said = bench.command("YES")
    assert (said["code"], said["sentence"]) == (
        "components_incomplete",
        "WO-1 is not finished: 1 of 2 LASER. Scan the rest, or CANCEL to leave it for later.",
    )  # fmt: skip
    assert bench.on_hand(3) == 15, "what is refused has done nothing"
    progress = bench.view()["progress"]
    assert [(row["title"], row["detail"], row["expected"], row["scanned"])
            for row in progress["rows"]] == [
        ("DRILL", "goes in", 2, 2), ("SCREW", "goes in", 8, 5), ("LASER", "is made", 2, 1),
    ]  # fmt: skip
    assert bench.scan("L2")["sentence"].startswith("LASER L2 made at DOCK.")
    bench.command("DONE")
    said = bench.command("YES")
    assert said["sentence"] == "WO-1 is finished: 2 × LASER made. Scan the work order."
    assert bench.status("work_order", "WO-1") == "done"
    assert [inside(bench, "L1"), inside(bench, "L2")] == [["D1"], ["D2"]]
    assert [bench.on_hand(LASER), bench.on_hand(3)] == [2, 12]
    assert len(bench.printed.lives) == 2
    assert bench.scan("WO-1")["code"] == "document_done"
    assert bench.sound()


def test_each_step_is_taken_back(bench: Desk) -> None:
    bench.scans("D1", "D2", "L1")
    bench.command("QTY", "4")
    bench.scan("SCREW")
    bench.command("UNDO")
    assert bench.on_hand(3) == 20
    bench.command("UNDO")
    assert (bench.state("L1", LASER), bench.on_hand(LASER)) == ("cancelled", 0)
    assert inside(bench, "L1") == []
    bench.command("UNDO")
    assert [bench.state("D1"), bench.state("D2")] == ["committed", "received"]
    bench.command("UNDO")
    assert [bench.state("D1"), bench.state("D2")] == ["received", "received"]
    # It has begun, so components go straight in.
    assert bench.scan("D3")["sentence"] == "DRILL D3 is built in. Now the serial of the LASER."
    assert bench.scan("L1")["outcome"] == "done"
    assert inside(bench, "L1") == ["D3"]
    assert bench.sound()


def test_an_unknown_text_is_no_product_before_its_components_are_in(bench: Desk) -> None:
    bench.scans("D1", "D2", "L1", "L2")
    assert bench.on_hand(LASER) == 2
    said = bench.scan("L3")
    assert (said["outcome"], said["code"]) == ("refused", "code_unknown")
    for _ in range(3):
        bench.command("UNDO")
    # D1 is chosen again, and in is nothing yet.
    said = bench.scan("D9")
    assert (said["code"], said["sentence"]) == (
        "code_unknown", "Nothing here is called D9. If it is a new LASER: first goes in 1 × DRILL.",
    )  # fmt: skip
    assert bench.on_hand(LASER) == 0
    assert bench.sound()


def test_a_product_that_was_announced_may_be_taken_in_as_it_is(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "D1", "D2", place=1)
    work_order(desk, "WO-2", 2, ("DRILL", 2))
    desk.choose("work_order", "WO-2", 1, "P1", "P2")
    desk.choose("work_order", "WO-2", 2, "D1", "D2")
    desk.command("MODE", "BUILD")
    assert desk.scan("WO-2")["sentence"].startswith("Work order WO-2. Scan what goes in")
    assert desk.view()["progress"]["missing"] == [
        "LASER P1", "LASER P2", "DRILL D1", "DRILL D2"
    ]  # fmt: skip
    asked = desk.scan("P1")
    assert asked["sentence"] == "LASER P1 lacks 1 × DRILL. Take it in as it is?"
    assert desk.command("NO")["sentence"] == ("LASER P1 is not taken in: first goes in 1 × DRILL.")
    said = desk.scan("D1")
    assert said["sentence"] == "DRILL D1 is built in. Now the serial of the LASER."
    desk.scan("B-01")
    assert desk.scan("P1")["sentence"].startswith("LASER P1 made at B-01.")
    desk.scan("P2")
    assert desk.command("YES")["sentence"].startswith("LASER P2 made at B-01.")
    assert (desk.state("P1", LASER), desk.place("P1", LASER)) == ("received", "B-01")
    assert desk.command("DONE")["sentence"].startswith("WO-2 is not finished: 1 of 2 DRILL.")
    desk.restart()
    desk.scan("D2")
    assert desk.command("DONE")["sentence"].startswith("WO-2 is finished")
    assert desk.sound()


def test_serials_are_given_out_for_what_is_made(bench: Desk) -> None:
    bench.scans("D1", "D2")
    assert bench.scan("LASER")["sentence"] == (
        "LASER. Scan the serial of each; a quantity before its barcode gives out its next ones."
    )
    bench.command("QTY", "3")
    assert bench.scan("LASER")["sentence"] == "WO-1 takes 2 more LASER, and 3 were given."
    bench.command("CANCEL")
    bench.command("QTY", "2")
    said = bench.scan("LASER")
    assert said["sentence"] == "LASER 00001 to 00002 made at DOCK. 2 labels print."
    assert len(bench.printed.lives) == 2
    assert [inside(bench, "00001"), inside(bench, "00002")] == [["D1"], ["D2"]]
    assert bench.scan("SCREW")["sentence"] == "1 × SCREW built in. All is made: DONE ends it."
    assert bench.sound()


def test_lots_go_in_by_their_code(desk: Desk) -> None:
    desk.put("PAINT", 6, "A-01", "L7")
    work_order(desk, "WO-3", 1, ("PAINT", 2))
    desk.command("MODE", "BUILD")
    desk.scan("WO-3")
    asked = desk.scan("PAINT")
    assert asked["sentence"] == "Which lot of PAINT? Scan the lot."
    assert desk.scan("L9")["sentence"] == "There is no lot L9 of PAINT."
    desk.command("QTY", "2")
    said = desk.scan("0109501101530010" + "10L7", aim="]C1")
    assert said["sentence"] == "2 × PAINT of lot L7 built in. Now the serial of the LASER."
    assert desk.on_hand(4) == 4
    desk.scan("L1")
    assert desk.command("DONE")["sentence"].startswith("WO-3 is finished")
    assert desk.sound()


def test_what_does_not_belong_says_why(bench: Desk) -> None:
    bench.act(Action.HOLD, "D1", reason="crack")
    assert bench.scan("D1")["sentence"] == "Serial D1 is held: crack."
    bench.act(Action.RECEIVE, "D4", place=1)
    bench.document("sales_order", "SO-1", ("DRILL", 1), party="Smith")
    bench.step("sales_order", "SO-1", "confirm")
    bench.choose("sales_order", "SO-1", 1, "D4")
    assert bench.scan("D4")["sentence"] == "DRILL D4 is reserved for SO-1; it cannot be built in."
    said = bench.scan("0109501101530010" + "10L7", aim="]C1")
    assert said["sentence"] == "Item PAINT is not on WO-1. Put it aside."
    assert bench.scan("010950110153000321D7", aim="]C1")["sentence"] == (
        "DRILL D7 is not known here; receive it first."
    )
    assert bench.scan("DRILL")["sentence"] == (
        "That is the barcode of DRILL. Scan the serial of the piece."
    )
    assert bench.command("DONE")["sentence"] == (
        "WO-1 has not begun. First the serials that go in: 2 × DRILL."
    )
    bench.may = lambda scope: scope != "registry:work_order"
    assert bench.scan("D3")["code"] == "permission_denied"
    assert bench.sound()
