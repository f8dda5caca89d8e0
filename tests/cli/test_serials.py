"""Serials on the command line: received, moved, shown, printed, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.api.registry.conftest import furnish

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run
    from tests.conftest import Daemon


@pytest.fixture(scope="module")
def warehouse(shared_daemon: Daemon) -> Daemon:
    shared_daemon.gateway.parts.database.run(furnish)
    return shared_daemon


@pytest.fixture
def serial(warehouse: Daemon, at_daemon: Run) -> Run:
    """Runs ``label-gateway serial …`` beside the warehouse's daemon."""

    def run(*arguments: object) -> object:
        return at_daemon("serial", *arguments)

    return run  # type: ignore[return-value]


def test_serials_are_received_moved_and_listed(serial: Run) -> None:
    received = serial("receive", "--item", "DRILL", "--location", "A-01", "--party", "ACME",
                      "--cost", "1250:EUR", "a1..a3")  # fmt: skip
    assert received.code == 0, received.err
    assert received.out.startswith("receive: 3 done (a1 to a3), event ")
    assert serial("move", "--location", "A-02", "a2").code == 0
    listed = serial("list", "--item", "DRILL", "--prefix", "a")
    assert [line.split()[:5] for line in listed.out.splitlines()[2:]] == [
        ["a1", "DRILL", "received", "A-01", "none"], ["a2", "DRILL", "received", "A-02", "none"],
        ["a3", "DRILL", "received", "A-01", "none"],
    ]  # fmt: skip
    few = serial("list", "--item", "DRILL", "--prefix", "a", "--limit", "2")
    assert few.out.splitlines()[-1] == "The first 2; see more with --limit."
    assert serial("list", "--prefix", "nothing").out == "There are no such serials.\n"


def test_a_serial_and_its_history_are_shown(serial: Run) -> None:
    serial("receive", "--item", "LASER", "--location", "A-01", "s1")
    noted = serial("note", "s1", "--memo", "dented", "--field", "grade=B")
    assert noted.out == "s1 is noted.\n"
    held = serial("hold", "--reason", "theft", "s1")
    assert held.code == 0, held.err
    shown = serial("show", "S1")
    lines = dict(line.split(None, 1) for line in shown.out.splitlines())
    assert (lines["serial"], lines["state"], lines["memo"], lines["grade"]) == (
        "s1", "received (held: theft)", "dented", "B",
    )  # fmt: skip
    history = serial("history", "s1", "--json").answer
    assert [step["action"] for step in history] == ["hold", "annotate", "receive"]
    told = serial("history", "s1").out.splitlines()
    assert told[0].split() == ["event", "when", "what", "from", "to", "by", "why", "changed"]
    assert len(told) == 5


def test_what_is_refused_names_every_serial(serial: Run) -> None:
    serial("receive", "--item", "DRILL", "--location", "A-01", "x1", "x2")
    refused = serial("receive", "--item", "DRILL", "--location", "A-01", "x1", "x2", "x3")
    assert refused.code == 1
    assert refused.err.splitlines() == [
        "2 of 3 serials were refused; the first: Serial x1 of DRILL is on hand at A-01.",
        "  Serial x2 of DRILL is on hand at A-01.",
    ]
    looked = serial("receive", "--item", "DRILL", "--location", "A-01", "x3", "--dry-run")
    assert looked.out == "receive: 1 would be done (x3).\n"
    assert serial("show", "x3").err == "Nothing here is called 'x3'.\n"
    nothing = serial("move", "--location", "A-02")
    assert nothing.err == "label-gateway: name the serials, or give --file\n"


def test_a_list_comes_from_a_file_and_a_step_is_undone(serial: Run, tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("\ufefff1\tf2\r\nf3-f4\n", "utf-8")
    done = serial("receive", "--item", "DRILL", "--location", "A-01", "--file", file, "--json")
    assert (done.answer["count"], done.answer["last"]) == (4, "f4")
    undone = serial("undo", done.answer["event"], "--reason", "wrong list")
    assert undone.out == f"Event {done.answer['event']} is undone for 4 serials.\n"
    assert serial("show", "f1", "--json").answer["state"] == "cancelled"


def test_a_wrong_serial_is_corrected_and_both_names_find_it(serial: Run) -> None:
    serial("receive", "--item", "DRILL", "--location", "A-01", "w-0O0")
    renamed = serial("rename", "w-0O0", "w-000", "--reason", "misread")
    assert renamed.out == "w-0O0 of DRILL is w-000 now; both find it.\n"
    assert serial("show", "w-0o0", "--json").answer["serial"] == "w-000"


def test_labels_are_printed_and_waited_for(serial: Run) -> None:
    serial("receive", "--item", "LASER", "--location", "A-01", "p1..p2")
    printed = serial("print", "--printer", "zebra", "--item", "LASER", "p1..p2", "--wait")
    assert printed.code == 0, printed.err
    assert serial("show", "p2", "--json").answer["label"] == "printed"


def test_a_code_is_looked_up_and_a_lot_followed(serial: Run) -> None:
    serial("receive", "--item", "LASER", "--location", "A-01", "--lot", "K1", "k1..k2")
    serial("ship", "--item", "LASER", "--party", "SMITH", "k2")
    found = serial("find", "K1")
    assert found.out.splitlines()[2].split() == [
        "serial", "k1", "LASER", "received", "A-01", "serial",
    ]  # fmt: skip
    unknown = serial("find", "k21")
    assert (unknown.code, unknown.err.startswith("Nothing here is called 'k21'")) == (1, True)
    followed = serial("recall", "LASER", "K1")
    assert [line.split()[0] for line in followed.out.splitlines()[2:]] == ["k1", "k2"]
