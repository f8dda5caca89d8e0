"""Holding: why is asked once, a held one is asked about, a lot with all its pieces."""

from __future__ import annotations

import pytest

from gateway.registry.lives import Action
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases


def held(desk: Desk, serial: str) -> str | None:
    """Return why a drill is held, as its own row says."""
    rows = desk.database.read("SELECT held FROM life WHERE item = 1 AND serial = ?", (serial,))
    return rows[0][0]  # type: ignore[no-any-return]


@pytest.fixture
def holding(desk: Desk) -> Desk:
    """A station that holds, and three drills here."""
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    assert desk.command("MODE", "HOLD")["outcome"] == "done"
    return desk


def test_why_is_asked_once_and_holds_for_the_rest(holding: Desk) -> None:
    asked = holding.scan("A1")
    assert (asked["outcome"], asked["sentence"]) == ("asked", "Why is DRILL A1 held?")
    titles = [one["title"] for one in holding.view()["question"]["choices"]]
    assert titles == ["damaged", "lost", "expired", "wrong item", "customer's wish"]
    said = holding.command("CHOOSE", "4")
    assert (said["outcome"], said["sentence"]) == ("done", "DRILL A1 is held at A-01: wrong item.")
    assert holding.scan("A2")["sentence"] == "DRILL A2 is held at A-01: wrong item."
    assert [held(holding, one) for one in ("A1", "A2", "A3")] == ["wrong item"] * 2 + [None]
    assert holding.view()["context"] == [
        {"slot": "reason", "kind": "reason", "title": "wrong item", "detail": ""}
    ]
    assert holding.command("DONE")["sentence"].startswith("Done: 2 pieces.")
    assert holding.scan("A3")["outcome"] == "asked", "the next time why is asked again"
    assert holding.sound()


def test_a_held_one_is_asked_about_and_let_go(holding: Desk) -> None:
    holding.scan("A1")
    holding.command("CHOOSE", "1")
    asked = holding.scan("A1")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "DRILL A1 is held: damaged. Let it go?",
    )  # fmt: skip
    assert holding.command("NO")["sentence"] == "DRILL A1 stays held."
    assert held(holding, "A1") == "damaged"
    holding.scan("A1")
    holding.may = lambda scope: scope != "registry:hold"
    said = holding.command("YES")
    assert (said["code"], said["sentence"]) == (
        "permission_denied", "Only somebody with the right to may let DRILL A1 go.",
    )  # fmt: skip
    holding.may = lambda _: True
    holding.scan("A1")
    assert holding.command("YES")["sentence"] == "DRILL A1 may move again."
    assert held(holding, "A1") is None
    assert holding.sound()


def test_each_step_is_taken_back(holding: Desk) -> None:
    holding.scan("A1")
    holding.command("CHOOSE", "1")
    holding.scan("A1")
    holding.command("YES")
    holding.command("UNDO")
    assert held(holding, "A1") == "damaged"
    holding.command("UNDO")
    assert held(holding, "A1") is None
    assert holding.view()["progress"] is None
    assert holding.sound()


def test_what_is_not_here_is_not_held(holding: Desk) -> None:
    holding.act(Action.SHIP, "A1", party=2)
    said = holding.scan("A1")
    assert (said["outcome"], said["code"], said["sentence"]) == (
        "refused", "serial_not_in_custody", "DRILL A1 is not here: it was shipped to Smith.",
    )  # fmt: skip
    said = holding.scan("A-01")
    assert (said["code"], said["sentence"]) == (
        "code_unexpected", "That is the location A-01. Scan what to hold, or a held one to let it "
        "go; CANCEL for another reason.",
    )  # fmt: skip


def test_a_lot_is_held_with_its_pieces_and_taken_back(desk: Desk) -> None:
    desk.document("purchase_order", "PO-1", ("PAINT", 6), party="ACME")
    desk.step("purchase_order", "PO-1", "confirm")
    desk.command("MODE", "RECEIVE")
    desk.scan("PO-1")
    desk.scan("0109501101530010" + "3706\x1d" + "10L7", aim="]C1")
    desk.command("MODE", "HOLD")
    desk.scan("0109501101530010" + "10L7", aim="]C1")
    said = desk.command("CHOOSE", "3")
    assert said["sentence"] == "Lot L7 of PAINT is held with all its pieces: expired."
    why = "SELECT held FROM lot"
    assert desk.database.read(why) == [("expired",)]
    desk.command("UNDO")
    assert desk.database.read(why) == [(None,)]
    desk.scan("0109501101530010" + "10L7", aim="]C1")
    desk.scan("0109501101530010" + "10L7", aim="]C1")
    assert desk.command("YES")["sentence"] == "Lot L7 of PAINT may move again."
    assert desk.database.read(why) == [(None,)]
    desk.command("UNDO")
    assert desk.database.read(why) == [("expired",)]
    assert desk.sound()


def test_the_reasons_are_those_of_the_site(holding: Desk) -> None:
    settings = holding.registry.settings
    holding.database.run(lambda t: settings.put(t, "registry.reasons", ["dusty"], "local"))
    holding.scan("A1")
    assert holding.command("CHOOSE", "2")["outcome"] == "asked"
    assert holding.command("CHOOSE", "1")["sentence"] == "DRILL A1 is held at A-01: dusty."
