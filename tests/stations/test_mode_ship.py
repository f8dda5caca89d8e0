"""Packing and shipping: what was packed is shipped, and what was picked is not forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.line_given import LineGiven, LotGiven
from gateway.store.registry.posting import StepGiven
from tests.stations.desk import Desk

if TYPE_CHECKING:
    from gateway.store.engine import Transaction

pytestmark = pytest.mark.both_databases

SCREW = 3
PAINT = 4


def _order(desk: Desk, *lines: tuple[str, int], number: str = "SO-1") -> None:
    desk.document("sales_order", number, *lines, party="Smith")
    desk.step("sales_order", number, "confirm")


def _pick(desk: Desk, *serials: str, number: str = "SO-1", kind: str = "sales_order") -> None:
    desk.step(kind, number, "pick", StepGiven((LineGiven(1, "\n".join(serials)),)))


def _open(desk: Desk, number: str = "SO-1") -> None:
    desk.command("MODE", "SHIP")
    assert desk.scan(number)["outcome"] == "done"


def _states(desk: Desk, *serials: str) -> list[str | None]:
    return [desk.state(serial) for serial in serials]


def _customer(desk: Desk, serial: str) -> str | None:
    rows = desk.database.read(
        "SELECT p.code FROM life u LEFT JOIN party p ON p.id = u.customer WHERE u.serial = ?",
        (serial,),
    )
    return rows[0][0]  # type: ignore[no-any-return]


def test_what_was_picked_is_packed_and_shipped(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _pick(desk, "A1", "A2")
    said = desk.command("MODE", "SHIP")
    assert said["sentence"] == "Ship. Scan the shipment or sales order."
    said = desk.scan("SO-1")
    assert said["sentence"] == (
        "Sales order SO-1 for Smith. Scan each piece that goes into the parcel; DONE ships them."
    )
    assert desk.view()["progress"]["missing"] == ["A1", "A2"]
    assert desk.scan("A1")["sentence"] == "DRILL A1 packed for SO-1: 1 of 2."
    assert _states(desk, "A1", "A2") == ["picked", "picked"]
    assert desk.scan("A2")["sentence"] == "DRILL A2 packed for SO-1: 2 of 2."
    said = desk.command("DONE")
    assert (said["outcome"], said["sentence"]) == (
        "done", "SO-1 is shipped to Smith: 2 pieces. Scan the shipment or sales order.",
    )  # fmt: skip
    assert _states(desk, "A1", "A2") == ["shipped", "shipped"]
    assert (_customer(desk, "A1"), desk.status("sales_order", "SO-1")) == ("Smith", "done")
    assert desk.sound()


def test_a_second_scan_packs_nothing(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _pick(desk, "A1", "A2")
    _open(desk)
    desk.scan("A1")
    said = desk.scan("A1")
    assert (said["outcome"], said["sentence"]) == ("look", "DRILL A1 was packed already.")
    assert desk.view()["progress"]["scanned"] == 1
    assert desk.sound()


def test_what_was_picked_and_not_packed_is_asked_about(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    _order(desk, ("DRILL", 3))
    _pick(desk, "A1", "A2")
    _open(desk)
    said = desk.command("DONE")
    assert (said["code"], said["sentence"]) == (
        "serials_missing", "Nothing of SO-1 was packed yet.",
    )  # fmt: skip
    desk.scan("A1")
    asked = desk.command("DONE")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "1 piece picked for SO-1 is not packed (A2). Ship without?",
    )  # fmt: skip
    assert desk.command("NO")["outcome"] == "look"
    assert _states(desk, "A1", "A2") == ["picked", "picked"]
    desk.command("DONE")
    said = desk.command("YES")
    assert (said["outcome"], said["sentence"]) == (
        "look",
        "1 piece of SO-1 shipped to Smith; 2 to come. Scan the shipment or sales order.",
    )
    assert _states(desk, "A1", "A2", "A3") == ["shipped", "picked", "received"]
    assert desk.status("sales_order", "SO-1") == "in_progress"
    desk.scan("SO-1")
    progress = desk.view()["progress"]
    assert (progress["expected"], progress["scanned"], progress["missing"]) == (3, 1, ["A2"])
    assert desk.sound()


def test_wrong_pieces_are_told_as_they_are(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", "A4", place=1)
    desk.act(Action.RECEIVE, "L1", item=2, place=1)
    _order(desk, ("DRILL", 1), number="SO-9")
    _pick(desk, "A4", number="SO-9")
    desk.act(Action.HOLD, "A3", reason="recall")
    _order(desk, ("DRILL", 1))
    _pick(desk, "A1")
    _open(desk)
    refused = {code: desk.scan(code) for code in ("A2", "A3", "A4", "L1", "DRILL")}
    assert {code: (one["outcome"], one["sentence"]) for code, one in refused.items()} == {
        "A2": ("refused", "DRILL A2 is not the one: SO-1 has A1."),
        "A3": ("refused", "DRILL A3 is held: recall."),
        "A4": ("refused", "DRILL A4 is picked for SO-9; it cannot be packed."),
        "L1": ("refused", "LASER L1 is not on SO-1."),
        "DRILL": ("refused", "That is the barcode of DRILL. Scan the serial of the piece."),
    }
    desk.scan("A1")
    said = desk.scan("A2")
    assert (said["code"], said["sentence"]) == (
        "line_full", "All DRILL of SO-1 are packed.",
    )  # fmt: skip
    assert desk.sound()


def test_what_is_packed_without_having_been_picked_is_picked_by_that(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _open(desk)
    assert desk.scan("A1")["sentence"] == "DRILL A1 packed for SO-1: 1 of 2."
    assert desk.state("A1") == "picked"
    desk.command("UNDO")
    assert (desk.state("A1"), desk.view()["progress"]["scanned"]) == ("received", 0)
    desk.scans("A1", "A2")
    desk.command("DONE")
    assert _states(desk, "A1", "A2") == ["shipped", "shipped"]
    assert desk.sound()


def test_while_other_pieces_wait_an_unpicked_one_is_asked_about(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _pick(desk, "A1")
    _open(desk)
    asked = desk.scan("A2")
    assert (asked["outcome"], asked["sentence"]) == (
        "asked", "DRILL A2 was not picked for SO-1. Pack it all the same?",
    )  # fmt: skip
    assert desk.command("NO")["sentence"] == "DRILL A2 was not packed."
    assert desk.state("A2") == "received"
    desk.scan("A2")
    assert desk.command("YES")["outcome"] == "done"
    assert desk.state("A2") == "picked"
    assert desk.sound()


def test_where_picking_is_required_nothing_is_packed_without(desk: Desk) -> None:
    desk.database.run(
        lambda t: desk.registry.settings.put(t, "registry.require_pick", True, "local")
    )
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.put("SCREW", 5, "A-01")
    _order(desk, ("DRILL", 1), ("SCREW", 5))
    _open(desk)
    said = desk.scan("A1")
    assert (said["code"], said["sentence"]) == (
        "serials_missing", "DRILL A1 was not picked for SO-1. Pick it first.",
    )  # fmt: skip
    desk.command("QTY", "5")
    assert desk.scan("SCREW")["sentence"] == "5 × SCREW was not picked for SO-1. Pick it first."
    assert (desk.state("A1"), desk.shelf(SCREW, "A-01")) == ("received", 5)
    assert desk.sound()


def test_quantities_and_lots_are_packed_too(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.put("SCREW", 30, "A-01")
    desk.put("PAINT", 5, "A-01", "L-1")
    desk.put("PAINT", 5, "A-01", "L-2")
    _order(desk, ("DRILL", 1), ("SCREW", 20), ("PAINT", 4))
    _pick(desk, "A1")
    desk.step("sales_order", "SO-1", "pick", StepGiven((
        LineGiven(2, quantity=20),
        LineGiven(3, lots=(LotGiven(3, "L-2"), LotGiven(1, "L-1"))),
    )))  # fmt: skip
    _open(desk)
    desk.command("QTY", "25")
    assert desk.scan("SCREW")["sentence"] == "SO-1 takes 20 more SCREW, and 25 were given."
    desk.command("CANCEL")
    desk.command("QTY", "20")
    assert desk.scan("SCREW")["sentence"] == "20 × SCREW packed for SO-1: 20 of 25."
    assert desk.scan("SCREW")["sentence"] == "All SCREW of SO-1 is packed."
    desk.command("QTY", "2")
    said = desk.scan("010950110153001010L-1", aim="]C1")
    assert (said["code"], said["sentence"]) == (
        "quantity_unavailable", "1 more PAINT of lot L-1 are picked for SO-1, and 2 were given.",
    )  # fmt: skip
    desk.command("CANCEL")
    asked = desk.scan("PAINT")
    assert [card["title"] for card in asked["cards"]] == ["L-1", "L-2"]
    assert desk.scan(asked["cards"][0]["choose"])["outcome"] == "done"
    desk.command("QTY", "3")
    desk.scan("010950110153001010L-2", aim="]C1")
    asked = desk.command("DONE")
    assert asked["sentence"] == "1 piece picked for SO-1 is not packed (A1). Ship without?"
    desk.command("NO")
    desk.scan("A1")
    said = desk.command("DONE")
    assert said["sentence"].startswith("SO-1 is shipped to Smith: 25 pieces.")
    assert desk.status("sales_order", "SO-1") == "done"
    left = desk.database.read(
        "SELECT i.sku, sum(s.quantity) FROM stock s JOIN item i ON i.id = s.item "
        "GROUP BY i.sku ORDER BY i.sku"
    )
    assert [(sku, int(count)) for sku, count in left] == [("DRILL", 0), ("PAINT", 6), ("SCREW", 10)]
    assert desk.sound()
    desk.command("UNDO")
    assert (desk.state("A1"), desk.status("sales_order", "SO-1")) == ("picked", "in_progress")
    assert desk.shelf(SCREW, "A-01", "picked") == 20
    assert desk.sound()


def test_a_quantity_that_was_not_picked_is_picked_by_packing(desk: Desk) -> None:
    desk.put("SCREW", 30, "A-01")
    _order(desk, ("SCREW", 20))
    _open(desk)
    desk.command("QTY", "12")
    assert desk.scan("SCREW")["sentence"] == "12 × SCREW packed for SO-1: 12 of 20."
    assert desk.shelf(SCREW, "A-01", "picked") == 12
    desk.command("UNDO")
    assert (desk.shelf(SCREW, "A-01", "picked"), desk.view()["progress"]["scanned"]) == (0, 0)
    desk.command("QTY", "12")
    desk.scan("SCREW")
    assert desk.command("DONE")["sentence"].startswith(
        "12 pieces of SO-1 shipped to Smith; 8 to come."
    )
    assert desk.shelf(SCREW, "A-01") == 18
    assert desk.sound()


def test_a_shipment_ships_its_pieces_of_the_order(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", "A3", place=1)
    _order(desk, ("DRILL", 3))
    _pick(desk, "A1", "A2", "A3")
    for number, serials in (("SH-1", ("A1", "A2")), ("SH-2", ("A3",))):
        desk.document("shipment", number, ("DRILL", len(serials)), source=("sales_order", "SO-1"))
        desk.choose("shipment", number, 1, *serials)
    _open(desk, "SH-1")
    assert desk.view()["progress"]["missing"] == ["A1", "A2"]
    said = desk.scan("A3")
    assert (said["outcome"], said["sentence"]) == (
        "refused", "DRILL A3 is picked for SO-1; it cannot be packed.",
    )  # fmt: skip
    desk.scans("A1", "A2")
    assert desk.command("DONE")["sentence"].startswith("SH-1 is shipped to Smith: 2 pieces.")
    assert _states(desk, "A1", "A2", "A3") == ["shipped", "shipped", "picked"]
    assert (desk.status("shipment", "SH-1"), desk.status("sales_order", "SO-1")) == (
        "done", "in_progress",
    )  # fmt: skip
    assert desk.sound()


def test_a_shipment_that_names_no_pieces_takes_what_its_order_has(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _pick(desk, "A1", "A2")
    desk.document("shipment", "SH-1", ("DRILL", 1), source=("sales_order", "SO-1"))
    _open(desk, "SH-1")
    assert desk.scan("A2")["sentence"] == "DRILL A2 packed for SH-1: 1 of 1."
    assert desk.scan("A1")["code"] == "line_full"
    said = desk.command("DONE")
    assert said["sentence"].startswith("SH-1 is shipped to Smith: 1 piece.")
    assert _states(desk, "A1", "A2") == ["picked", "shipped"]
    assert desk.sound()


def test_kits_and_services_go_with_the_last_piece(desk: Desk) -> None:
    def furnish(t: Transaction) -> None:
        for number, sku, kind in ((5, "SET", "kit"), (6, "ADVICE", "non_stock")):
            t.execute(
                "INSERT INTO item (id, sku, kind, tracking, stock_tracked, created_at, changed_at) "
                "VALUES (?, ?, ?, 'none', 0, 0, 0)",
                (number, sku, kind),
            )
        t.execute("INSERT INTO item_member (item, member, quantity) VALUES (5, 1, 1)")
        t.execute("INSERT INTO item_member (item, member, quantity) VALUES (5, 3, 8)")

    desk.database.run(furnish)
    desk.act(Action.RECEIVE, "A1", place=1)
    desk.put("SCREW", 10, "A-01")
    _order(desk, ("SET", 1), ("ADVICE", 2))
    _open(desk)
    assert [(row["title"], row["expected"]) for row in desk.view()["progress"]["rows"]] == [
        ("DRILL", 1), ("SCREW", 8),
    ]  # fmt: skip
    desk.scan("A1")
    desk.command("QTY", "8")
    desk.scan("SCREW")
    said = desk.command("DONE")
    assert said["sentence"].startswith("SO-1 is shipped to Smith: 9 pieces.")
    done = desk.database.read(
        "SELECT i.sku, l.done FROM document_line l JOIN item i ON i.id = l.item "
        "JOIN document d ON d.id = l.document WHERE d.number = 'SO-1' ORDER BY i.sku"
    )
    assert done == [("ADVICE", 2), ("DRILL", 1), ("SCREW", 8), ("SET", 1)]
    assert desk.sound()


def test_an_order_without_a_customer_is_not_opened(desk: Desk) -> None:
    desk.document("sales_order", "SO-1", ("DRILL", 1))
    desk.step("sales_order", "SO-1", "confirm")
    desk.command("MODE", "SHIP")
    said = desk.scan("SO-1")
    assert (said["code"], said["sentence"]) == (
        "customer_required",
        "SO-1 does not say for whom it is; whoever made it must say that first.",
    )


def test_undo_takes_back_each_step_the_shipping_too(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _pick(desk, "A1", "A2")
    _open(desk)
    desk.scans("A1", "A2")
    desk.command("UNDO")
    assert desk.view()["progress"]["missing"] == ["A2"]
    desk.scan("A2")
    desk.command("DONE")
    said = desk.command("UNDO")
    assert said["sentence"].startswith("Taken back: SO-1 is shipped to Smith: 2 pieces.")
    assert _states(desk, "A1", "A2") == ["picked", "picked"]
    assert (_customer(desk, "A1"), desk.status("sales_order", "SO-1")) == (None, "in_progress")
    assert desk.sound()


def test_what_was_packed_is_there_after_a_restart(desk: Desk) -> None:
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    _order(desk, ("DRILL", 2))
    _pick(desk, "A1", "A2")
    _open(desk)
    desk.scan("A1")
    desk.restart()
    assert desk.scan("A1")["outcome"] == "look"
    desk.scan("A2")
    assert desk.command("DONE")["outcome"] == "done"
    assert _states(desk, "A1", "A2") == ["shipped", "shipped"]
    assert desk.sound()
