"""Returns: the piece says whose it was and whether it is expected; a person says its condition."""

from __future__ import annotations

import json

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.line_given import LineGiven, LotGiven
from gateway.store.registry.posting import StepGiven
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases

SCREW = 3
PAINT = 4


def _sold(desk: Desk, *serials: str, party: int = 2) -> None:
    """Ship drills to a customer, Smith if not said otherwise."""
    desk.act(Action.RECEIVE, *serials, place=1)
    desk.act(Action.SHIP, *serials, party=party)


def _rma(desk: Desk, *lines: tuple[str, int], **head: object) -> None:
    desk.document("customer_return", "RMA-1", *lines, **({"party": "Smith"} | head))


def _last(desk: Desk) -> tuple[str, str, dict[str, object]]:
    """Return the last event: its action, reason and body."""
    row = desk.database.read("SELECT action, reason, body FROM event ORDER BY seq DESC LIMIT 1")[0]
    return row[0], row[1], json.loads(row[2])


def test_a_piece_comes_back_without_any_document(desk: Desk) -> None:
    _sold(desk, "A1", "A2")
    said = desk.command("MODE", "RETURN")
    assert said["sentence"] == (
        "Return. Scan a piece that came back, the return (RMA), or the customer."
    )
    asked = desk.scan("A1")
    assert (asked["outcome"], asked["sentence"]) == ("asked", "DRILL A1: in what condition?")
    assert [one["title"] for one in desk.view()["question"]["choices"]] == [
        "as new", "used", "damaged",
    ]  # fmt: skip
    assert desk.state("A1") == "shipped"
    said = desk.command("CHOOSE", "3")
    assert (said["outcome"], said["sentence"]) == (
        "done", "DRILL A1 is back from Smith, damaged. It lies at DOCK.",
    )  # fmt: skip
    assert (desk.state("A1"), desk.place("A1")) == ("returned", "DOCK")
    action, reason, body = _last(desk)
    assert (action, reason, body["condition"]) == ("return", "damaged", "damaged")
    assert desk.scan("A2")["sentence"] == "DRILL A2 is back from Smith, damaged. It lies at DOCK."
    assert desk.view()["progress"]["scanned"] == 2
    assert desk.command("DONE")["sentence"].startswith("Done: 2 pieces.")
    assert desk.view()["context"] == []
    assert desk.sound()


def test_a_second_scan_is_only_looked_at(desk: Desk) -> None:
    _sold(desk, "A1")
    desk.command("MODE", "RETURN")
    desk.scan("A1")
    desk.command("CHOOSE", "1")
    said = desk.scan("A1")
    assert (said["outcome"], said["sentence"]) == ("look", "DRILL A1 has come back already.")
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.sound()


def test_where_returns_go_into_stock_they_do(desk: Desk) -> None:
    desk.database.run(lambda t: desk.registry.settings.put(t, "registry.features", [], "local"))
    _sold(desk, "A1")
    desk.command("MODE", "RETURN")
    desk.scan("A1")
    desk.command("CHOOSE", "1")
    assert (desk.state("A1"), desk.place("A1")) == ("received", "DOCK")
    assert desk.scan("A1")["outcome"] == "look"
    assert desk.sound()


def test_the_conditions_are_those_of_the_site(desk: Desk) -> None:
    desk.database.run(
        lambda t: desk.registry.settings.put(t, "registry.conditions", ["whole", "broken"], "local")
    )
    _sold(desk, "A1")
    desk.command("MODE", "RETURN")
    desk.scan("A1")
    assert [one["title"] for one in desk.view()["question"]["choices"]] == ["whole", "broken"]


def test_a_piece_comes_back_by_the_return_that_expects_it(desk: Desk) -> None:
    _sold(desk, "A1", "A2")
    _rma(desk, ("DRILL", 2), reason="does not start", to="Q")
    desk.choose("customer_return", "RMA-1", 1, "A1")
    desk.command("MODE", "RETURN")
    desk.scan("A1")
    said = desk.command("CHOOSE", "2")
    assert said["sentence"] == "DRILL A1 is back from Smith by RMA-1, used. It lies at Q."
    assert desk.status("customer_return", "RMA-1") == "in_progress"
    action, reason, body = _last(desk)
    assert (action, reason, body["condition"]) == ("return", "does not start", "used")
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.scan("A2")["sentence"] == "DRILL A2 is back from Smith, used. It lies at DOCK."
    assert desk.sound()


def test_a_scanned_return_takes_its_pieces_and_says_what_is_missing(desk: Desk) -> None:
    _sold(desk, "A1", "A2", "A3")
    _rma(desk, ("DRILL", 2))
    desk.choose("customer_return", "RMA-1", 1, "A1", "A2")
    desk.command("MODE", "RETURN")
    said = desk.scan("RMA-1")
    assert said["sentence"] == (
        "Customer return RMA-1 for Smith. Scan each piece that came back; CANCEL for another "
        "condition."
    )
    assert desk.view()["progress"]["missing"] == ["A1", "A2"]
    desk.scan("A1")
    assert desk.command("CHOOSE", "1")["outcome"] == "done"
    asked = desk.scan("A3")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "RMA-1 names A2. Take DRILL A3 back by it all the same?",
    )  # fmt: skip
    assert desk.command("NO")["sentence"] == "DRILL A3 was not taken back."
    assert desk.state("A3") == "shipped"
    said = desk.command("DONE")
    assert (said["outcome"], said["sentence"].partition(" Scan")[0]) == (
        "look", "1 piece taken back. RMA-1: 1 still to come.",
    )  # fmt: skip
    desk.scan("RMA-1")
    desk.scan("A3")
    desk.command("YES")
    assert desk.command("CHOOSE", "1")["sentence"] == (
        "DRILL A3 is back from Smith by RMA-1, as new. It lies at DOCK."
    )
    assert desk.status("customer_return", "RMA-1") == "done"
    said = desk.scan("A2")
    assert (said["code"], said["sentence"]) == (
        "line_full", "RMA-1 expects no more DRILL.",
    )  # fmt: skip
    assert desk.sound()


def test_a_piece_of_another_customer_is_asked_about(desk: Desk) -> None:
    _sold(desk, "A1", party=3)
    desk.command("MODE", "RETURN")
    assert desk.scan("ACME")["sentence"] == "ACME is no customer, but a supplier."
    assert desk.scan("Smith")["outcome"] == "done"
    desk.scan("A1")
    asked = desk.command("CHOOSE", "1")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "Serial A1 was shipped to Jones. Do it all the same?",
    )  # fmt: skip
    assert desk.command("NO")["sentence"] == "Nothing was done."
    assert desk.state("A1") == "shipped"
    desk.scan("A1")
    desk.command("CHOOSE", "1")
    said = desk.command("YES")
    assert (said["outcome"], desk.state("A1")) == ("look", "returned")
    assert desk.sound()


def test_wrong_pieces_are_told_as_they_are(desk: Desk) -> None:
    _sold(desk, "A1")
    desk.act(Action.RECEIVE, "A2", "A3", place=1)
    desk.act(Action.WRITE_OFF, "A3", reason="lost")
    desk.act(Action.PLAN, "A4")
    desk.act(Action.RECEIVE, "L1", item=2, place=1)
    desk.act(Action.SHIP, "L1", item=2, party=2)
    desk.command("MODE", "RETURN")
    assert desk.scan("SCREW")["sentence"] == ("SCREW has no serials: scan the return (RMA) first.")
    _rma(desk, ("DRILL", 1))
    desk.scan("RMA-1")
    refused = {code: desk.scan(code) for code in ("A2", "A3", "A4", "L1", "X9", "DRILL")}
    assert {code: (one["outcome"], one["sentence"]) for code, one in refused.items()} == {
        "A2": ("refused", "DRILL A2 is with no customer: it is received at A-01."),
        "A3": ("refused", "DRILL A3 is with no customer: it was written off."),
        "A4": ("refused", "DRILL A4 has not been received yet; it cannot be taken back."),
        "L1": ("refused", "LASER L1 is not on RMA-1."),
        "X9": ("refused", "Nothing here is called X9."),
        "DRILL": ("refused", "That is the barcode of DRILL. Scan the serial of the piece."),
    }
    assert desk.sound()


def test_it_is_put_where_a_person_says(desk: Desk) -> None:
    from dataclasses import replace

    _sold(desk, "A1", "A2")
    desk.station = replace(desk.station, place=None)
    desk.command("MODE", "RETURN")
    said = desk.scan("A1")
    assert (said["code"], said["sentence"]) == (
        "location_required", "DRILL A1: scan the location where it is put first.",
    )  # fmt: skip
    desk.scan("Q")
    desk.scan("A1")
    desk.command("CHOOSE", "1")
    assert desk.scans("B-01", "A2") == ["done", "done"]
    assert (desk.place("A1"), desk.place("A2")) == ("Q", "B-01")
    assert desk.view()["progress"]["scanned"] == 2
    assert desk.sound()


def test_quantities_and_lots_come_back_by_a_return(desk: Desk) -> None:
    desk.put("SCREW", 10, "A-01")
    desk.put("PAINT", 4, "A-01", "L-1")
    desk.document("sales_order", "SO-1", ("SCREW", 10), ("PAINT", 4), party="Smith")
    desk.step("sales_order", "SO-1", "confirm")
    desk.step("sales_order", "SO-1", "ship", StepGiven((
        LineGiven(1, quantity=10), LineGiven(2, lots=(LotGiven(4, "L-1"),)),
    )))  # fmt: skip
    _rma(desk, ("SCREW", 6), ("PAINT", 2))
    desk.command("MODE", "RETURN")
    desk.scan("RMA-1")
    desk.command("QTY", "6")
    assert desk.scan("SCREW")["sentence"] == "6 × SCREW: in what condition?"
    assert desk.command("CHOOSE", "1")["sentence"] == "6 × SCREW back by RMA-1, as new."
    assert desk.scan("SCREW")["sentence"] == "All SCREW of RMA-1 is back."
    desk.command("QTY", "2")
    said = desk.scan("010950110153001010L-1", aim="]C1")
    assert said["sentence"] == "2 × PAINT of lot L-1 back by RMA-1, as new."
    assert (desk.shelf(SCREW, "DOCK", "returned"), desk.shelf(PAINT, "DOCK", "returned")) == (6, 2)
    assert desk.command("DONE")["sentence"].startswith("8 pieces taken back. RMA-1 is complete.")
    assert desk.status("customer_return", "RMA-1") == "done"
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.shelf(SCREW, "DOCK", "returned"), desk.shelf(PAINT, "DOCK", "returned")) == (0, 0)
    assert desk.status("customer_return", "RMA-1") == "open"
    assert desk.sound()


def test_undo_sends_it_back_to_the_customer(desk: Desk) -> None:
    _sold(desk, "A1")
    _rma(desk, ("DRILL", 1))
    desk.command("MODE", "RETURN")
    desk.scan("RMA-1")
    desk.scan("A1")
    desk.command("CHOOSE", "1")
    assert desk.status("customer_return", "RMA-1") == "done"
    said = desk.command("UNDO")
    assert said["sentence"].startswith("Taken back: DRILL A1 is back from Smith by RMA-1")
    assert (desk.state("A1"), desk.status("customer_return", "RMA-1")) == ("shipped", "open")
    assert desk.view()["progress"]["scanned"] == 0
    assert desk.sound()


def test_another_return_asks_for_the_condition_again(desk: Desk) -> None:
    _sold(desk, "A1", "A2")
    desk.command("MODE", "RETURN")
    desk.scan("Smith")
    desk.scan("A1")
    desk.command("CHOOSE", "1")
    desk.scan("Smith")
    assert [one["slot"] for one in desk.view()["context"]] == ["party", "condition"]
    _rma(desk, ("DRILL", 1))
    desk.scan("RMA-1")
    assert [one["slot"] for one in desk.view()["context"]] == ["document"]
    assert desk.scan("A2")["outcome"] == "asked"


def test_a_restart_changes_nothing(desk: Desk) -> None:
    _sold(desk, "A1", "A2")
    desk.command("MODE", "RETURN")
    desk.scan("A1")
    desk.restart()
    assert desk.command("CHOOSE", "2")["sentence"] == (
        "DRILL A1 is back from Smith, used. It lies at DOCK."
    )
    desk.restart()
    assert desk.scan("A2")["outcome"] == "done"
    desk.command("UNDO")
    desk.command("UNDO")
    assert (desk.state("A1"), desk.state("A2")) == ("shipped", "shipped")
    assert desk.sound()
