"""Documents on the command line: made, chosen for, taken through their steps, counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.registry.conftest import furnish
from tests.api.registry.paperwork import furnish_more

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.conftest import Daemon


@pytest.fixture(scope="module")
def warehouse(shared_daemon: Daemon) -> Daemon:
    shared_daemon.gateway.parts.database.run(furnish)
    shared_daemon.gateway.parts.database.run(furnish_more)
    return shared_daemon


@pytest.fixture
def doc(warehouse: Daemon, at_daemon: Run) -> Run:
    """Runs ``label-gateway doc …`` beside the warehouse's daemon."""

    def run(*arguments: object) -> object:
        return at_daemon("doc", *arguments)

    return run  # type: ignore[return-value]


def test_an_order_is_received_and_sold(doc: Run) -> None:
    made = doc("new", "purchase_order/PO-1", "--party", "ACME", "--to", "A-01",
               "--line", "DRILL=2", "--line", "SCREW=10")  # fmt: skip
    assert made.out == "purchase_order/PO-1 is made, with 2 lines.\n", made.err
    looked = doc("add", "PO-1", "1", "d1..d2", "--dry-run")
    assert looked.out == "2 would be chosen (d1 to d2); the line takes 0 more.\n", looked.err
    chosen = doc("add", "PO-1", "1", "d1..d2")
    assert chosen.out == "2 are chosen (d1 to d2); the line takes 0 more.\n"
    assert doc("confirm", "PO-1").out == "purchase_order/PO-1 is open.\n"
    received = doc("receive", "PO-1")
    assert received.out.startswith("purchase_order/PO-1 is done, event "), received.err
    doc("new", "sales_order/SO-1", "--party", "SMITH", "--line", "DRILL=1")
    assert doc("check", "SO-1", "--for", "invoice").out == (
        "Line 1 (DRILL) needs 1 serial and has none.\n"
    )
    assert doc("suggest", "SO-1", "1").out == "d1\n"
    doc("confirm", "SO-1")
    shipped = doc("ship", "SO-1", "--line", "1", "--serials", "d2")
    assert shipped.out.startswith("sales_order/SO-1 is done, event "), shipped.err
    shown = doc("show", "SO-1")
    assert shown.out.splitlines()[-1].split() == ["1", "DRILL", "1", "0", "0", "1", "complete"]
    listed = doc("list", "sales_order", "--status", "done")
    assert listed.out.splitlines()[-1].split() == ["sales_order/SO-1", "done", "SMITH"]


def test_the_only_line_needs_no_naming(doc: Run) -> None:
    made = doc("new", "receipt/GR-3", "--party", "ACME", "--to", "A-01", "--line", "LASER=2")
    assert made.out == "receipt/GR-3 is made, with 1 line.\n"
    posted = doc("post", "GR-3", "--serials", "z1", "z2")
    assert posted.out.startswith("receipt/GR-3 is done, event "), posted.err


def test_what_is_missing_is_said_and_nothing_done(doc: Run) -> None:
    doc("new", "receipt/GR-1", "--party", "ACME", "--to", "A-01", "--line", "LASER=2")
    refused = doc("post", "GR-1")
    assert (refused.code, refused.err) == (1, "Line 1 (LASER) needs 2 serials and has none.\n")
    assert doc("check", "GR-1", "--for", "receive").code == 1
    none = doc("show", "NOPE")
    assert (none.code, none.err) == (2, "label-gateway: there is no document NOPE\n")
    doc("new", "receipt/GR-2", "--party", "ACME", "--line", "LASER=2", "--line", "SCREW=1")
    loose = doc("post", "GR-2", "--serials", "x1")
    assert (loose.code, loose.err) == (2, "label-gateway: say by --line for which line that is\n")
    doc("add", "GR-1", "1", "x1")
    assert doc("take-off", "GR-1", "1", "x1").out == "x1 is off line 1.\n"
    changed = doc("set", "GR-1", "--line", "LASER=1", "--memo", "one less")
    assert changed.out.splitlines()[-1].split()[:3] == ["1", "LASER", "1"]
    assert doc("delete", "receipt/GR-1").out == "receipt/GR-1 is deleted.\n"


def test_a_count_is_taken_from_a_file(doc: Run, tmp_path: Path) -> None:
    doc("new", "adjustment/ADJ-1", "--to", "A-02", "--reason", "begin", "--line", "PAINT=5")
    filled = doc("post", "ADJ-1", "--line", "1", "--lot", "B1=5")
    assert filled.code == 0, filled.err
    doc("new", "stocktake/ST-1", "--from", "A-02")
    doc("start", "ST-1")
    file = tmp_path / "counts.csv"
    file.write_text("location;item;serial;lot;quantity\nA-02;PAINT;;B1;4\n", "utf-8")
    counted = doc("count", "ST-1", "--file", file)
    assert counted.out.splitlines()[-1].split() == ["4", "A-02", "counted", "PAINT"], counted.err
    found = doc("differences", "ST-1")
    assert found.out.splitlines()[-1].split() == ["PAINT/B1@A-02", "quantity", "A-02", "5", "4"]
    assert doc("decide", "ST-1", "quantity=adjust").out == "1 decisions are noted.\n"
    assert doc("post", "ST-1").out.startswith("stocktake/ST-1 is done, event ")
