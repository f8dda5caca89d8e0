"""Inspecting: the verdict piece by piece or for all, its reason, where pieces go."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.documents import lines_of, read_document
from gateway.store.registry.line_given import LineGiven
from gateway.store.registry.posting import StepGiven
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases


@pytest.fixture
def back(desk: Desk) -> Desk:
    """A station that inspects: A1 and A2 came back by RMA-1, A3 is in stock, B1 is sold."""
    desk.act(Action.RECEIVE, "A1", "A2", "A3", "B1", place=1)
    desk.act(Action.SHIP, "A1", "A2", "B1", party=2)
    desk.document("customer_return", "RMA-1", ("DRILL", 2), party="Smith", reason="noisy")
    given = LineGiven(1, "A1, A2")
    desk.step("customer_return", "RMA-1", "receive", StepGiven((given,), location="DOCK"))
    assert [desk.state("A1"), desk.state("A2")] == ["returned", "returned"]
    desk.command("MODE", "INSPECT")
    return desk


def test_the_verdict_is_asked_for_each_piece(back: Desk) -> None:
    asked = back.scan("A1")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "DRILL A1 came back from Smith. Is it good?",
    )  # fmt: skip
    assert [card["title"] for card in asked["cards"]] == ["A1"]
    assert back.command("YES")["sentence"] == "DRILL A1 is good. It lies at DOCK."
    assert back.scan("A2")["outcome"] == "asked"
    asked = back.command("NO")
    assert (asked["outcome"], asked["sentence"]) == ("asked", "Why is DRILL A2 rejected?")
    assert back.state("A2") == "returned", "nothing is done before it is said"
    said = back.command("CHOOSE", "1")
    assert said["sentence"] == "DRILL A2 is rejected, damaged. It lies at DOCK."
    assert [back.state("A1"), back.state("A2")] == ["received", "rejected"]
    run = back.database.reader().execute
    line = lines_of(run, read_document(run, "customer_return", "RMA-1").id)[0]
    (bad,) = back.database.read("SELECT id FROM life WHERE serial = 'A2'")
    assert lives_on(run, line.id, "rejected") == [bad[0]], "its return says so, too"
    assert back.scan("A3")["sentence"] == "DRILL A3 is in stock. Is it good?"
    assert back.command("YES")["sentence"] == "DRILL A3 is good and in stock already."
    assert back.command("DONE")["sentence"].startswith("Done: 2 pieces.")
    assert back.sound()


def test_one_verdict_and_one_reason_hold_for_all_that_follow(back: Desk) -> None:
    said = back.command("NO")
    assert said["sentence"] == "All that follow are bad. Scan each piece that is bad."
    assert back.scan("Q")["sentence"] == "What is bad goes to Q. Scan each piece that is bad."
    assert back.scan("A1")["sentence"] == "Why is DRILL A1 rejected?"
    said = back.command("CHOOSE", "2")
    assert said["sentence"] == "DRILL A1 is rejected, lost. It lies at Q."
    assert back.scan("A3")["sentence"] == "DRILL A3 is rejected, lost. It lies at Q."
    assert back.scan("A3")["outcome"] == "look", "and it is no error to scan it twice"
    assert back.view()["progress"]["scanned"] == 2
    back.command("YES")
    back.scan("A-01")
    assert back.scan("A1")["sentence"] == "DRILL A1 is good. It lies at A-01."
    assert [chip["title"] for chip in back.view()["context"]] == ["good", "Q", "A-01"]
    assert [back.place("A1"), back.place("A3")] == ["A-01", "Q"]
    assert back.sound()


def test_each_verdict_is_taken_back(back: Desk) -> None:
    back.command("NO")
    back.scan("A1")
    back.command("CHOOSE", "1")
    back.command("YES")
    back.scan("A2")
    assert [back.state("A1"), back.state("A2")] == ["rejected", "received"]
    back.command("UNDO")
    assert [back.state("A1"), back.state("A2")] == ["rejected", "returned"]
    back.command("UNDO")
    assert [back.state("A1"), back.state("A2")] == ["returned", "returned"]
    run = back.database.reader().execute
    line = lines_of(run, read_document(run, "customer_return", "RMA-1").id)[0]
    assert lives_on(run, line.id, "rejected") == []
    assert back.sound()


def test_what_cannot_be_inspected_says_why(back: Desk) -> None:
    said = back.scan("B1")
    assert (said["code"], said["sentence"]) == (
        "serial_not_in_custody", "DRILL B1 is not here: it was shipped to Smith.",
    )  # fmt: skip
    back.may = lambda scope: scope != "registry:inspect"
    back.scan("A1")
    assert back.command("YES")["code"] == "permission_denied"
    assert back.state("A1") == "returned"
    assert back.view()["question"] is None


def test_quantities_that_came_back_are_inspected(desk: Desk) -> None:
    desk.document("purchase_order", "PO-1", ("SCREW", 20), party="ACME")
    desk.step("purchase_order", "PO-1", "confirm")
    desk.step("purchase_order", "PO-1", "receive", StepGiven(location="A-01"))
    desk.document("customer_return", "RMA-2", ("SCREW", 5), party="Smith", reason="too long")
    given = StepGiven((LineGiven(1, quantity=5),), location="DOCK")
    desk.step("customer_return", "RMA-2", "receive", given)
    desk.command("MODE", "INSPECT")
    desk.command("QTY", "6")
    said = desk.scan("SCREW")
    assert said["sentence"] == "Only 5 × SCREW came back and wait to be inspected."
    desk.command("CANCEL")
    desk.command("QTY", "3")
    assert desk.scan("SCREW")["sentence"] == "3 × SCREW came back. Good?"
    assert desk.command("YES")["sentence"] == "3 × SCREW: good."
    desk.command("NO")
    desk.command("QTY", "2")
    desk.scan("SCREW")
    assert desk.command("CHOOSE", "1")["sentence"] == "2 × SCREW: rejected, damaged."
    stock = "SELECT state, sum(quantity) FROM stock WHERE item = 3 GROUP BY state"
    assert {state: int(count) for state, count in desk.database.read(stock) if count} == {
        "received": 23, "rejected": 2,
    }  # fmt: skip
    desk.command("UNDO")
    desk.command("UNDO")
    assert {state: int(count) for state, count in desk.database.read(stock) if count} == {
        "received": 20, "returned": 5,
    }  # fmt: skip
    assert desk.sound()
