"""Printing labels again: by which template, how many, and what happens where none comes out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.registry.lives import Action
from tests.stations.desk import Desk

pytestmark = pytest.mark.both_databases


@pytest.fixture
def printing(desk: Desk) -> Desk:
    """A station that reprints, and two drills: one here, one sold."""
    desk.act(Action.RECEIVE, "A1", "A2", place=1)
    desk.act(Action.SHIP, "A2", party=2)
    desk.command("MODE", "REPRINT")
    return desk


def life(desk: Desk, serial: str) -> int:
    rows = desk.database.read("SELECT id FROM life WHERE item = 1 AND serial = ?", (serial,))
    return int(rows[0][0])


def test_each_scan_prints_one_label(printing: Desk) -> None:
    said = printing.scan("A1")
    assert (said["outcome"], said["sentence"], said["job"]) == (
        "done", "DRILL A1: Its label prints.", "J1",
    )  # fmt: skip
    assert printing.scan("A1")["job"] == "J2", "a label may be wanted twice"
    assert printing.scan("A2")["outcome"] == "done", "one that is sold may come for a label, too"
    drills = [life(printing, serial) for serial in ("A1", "A1", "A2")]
    assert printing.printed.lives == drills
    assert printing.printed.templates == [""] * 3
    assert printing.view()["progress"]["scanned"] == 3
    assert printing.command("UNDO")["sentence"] == "There is nothing to take back."
    assert printing.state("A2") == "shipped"
    assert printing.sound()


def test_a_template_and_a_quantity_are_scanned_first(printing: Desk) -> None:
    said = printing.scan("shelf")
    assert said["sentence"] == "Template shelf. Scan each piece whose label is to be printed."
    printing.command("QTY", "3")
    assert printing.scan("A1")["sentence"] == "DRILL A1: 3 labels print."
    printing.scan("A1")
    assert printing.printed.templates == ["shelf", "shelf"]
    assert printing.printed.lives == [life(printing, "A1")] * 4
    printing.command("QTY", "101")
    said = printing.scan("A1")
    assert (said["code"], said["sentence"]) == (
        "value_wrong", "101 labels of DRILL A1 are too many at once; print at most 100.",
    )  # fmt: skip
    printing.command("CANCEL")
    printing.command("CANCEL")
    printing.scan("A1")
    assert printing.printed.templates[-1] == "", "begun anew it is the station's own label"


def test_what_does_not_print_is_refused_and_said(printing: Desk) -> None:
    printing.printed.trouble = "Printer zebra is paused."
    said = printing.scan("A1")
    assert (said["outcome"], said["code"], said["sentence"]) == (
        "refused", "label_not_printed", "DRILL A1: No label: Printer zebra is paused.",
    )  # fmt: skip
    printing.station = replace(printing.station, printer=None)
    said = printing.scan("A1")
    assert said["sentence"] == "DRILL A1: No label: this station has no printer."
    assert printing.view()["progress"] is None


def test_what_is_no_serial_and_no_template_is_unknown(printing: Desk) -> None:
    assert printing.scan("A11")["code"] == "code_unknown"
    assert printing.scan("A-01")["code"] == "code_unexpected"
