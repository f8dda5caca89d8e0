"""Items, locations and parties from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run


def test_an_item_is_set_shown_listed_and_removed(at_daemon: Run) -> None:
    made = at_daemon(
        "item", "set", "CLI-1", "name=Bench drill", "gtin=4006381333931", "reorder_point=5",
        "units=box=12", "barcodes=111,222", "split_space=no",
    )  # fmt: skip
    assert (made.code, made.out) == (0, "CLI-1 is saved (version 1).\n"), made.err
    shown = at_daemon("item", "show", "cli-1", "--json").answer
    assert (shown["gtin"], shown["units"], shown["barcodes"], shown["split_space"]) == (
        "04006381333931", {"box": 12}, ["111", "222"], False,
    )  # fmt: skip
    assert "reorder_point  5" in at_daemon("item", "show", "CLI-1").out
    preview = at_daemon("item", "set", "CLI-1", "reorder_point=", "--dry-run")
    assert preview.out == "CLI-1 would be changed.\n"
    assert at_daemon("item", "show", "CLI-1", "--json").answer["reorder_point"] == 5
    at_daemon("item", "set", "CLI-1", "reorder_point=")
    assert at_daemon("item", "show", "CLI-1", "--json").answer["reorder_point"] is None
    listed = at_daemon("item", "list", "CLI-")
    assert listed.out.splitlines()[2].split() == [
        "CLI-1", "Bench", "drill", "stock", "none", "pc", "04006381333931", "yes",
    ]  # fmt: skip
    assert at_daemon("item", "list", "--code", "222", "--json").answer[0]["sku"] == "CLI-1"
    assert at_daemon("item", "remove", "CLI-1").out == "CLI-1 is removed.\n"
    gone = at_daemon("item", "show", "CLI-1")
    assert (gone.code, gone.err.strip()) == (1, "There is no item 'CLI-1'.")


@pytest.mark.parametrize("pair", ["name", "=x", "reorder_point=many", "active=maybe"])
def test_a_value_that_is_none_is_a_wrong_usage(at_daemon: Run, pair: str) -> None:
    assert at_daemon("item", "set", "X", pair).code == 2


@pytest.mark.seed("E11")
def test_a_change_of_tracking_says_first_what_would_happen(at_daemon: Run, tmp_path: Path) -> None:
    at_daemon("location", "set", "CLI-BIN", "kind=bin")
    at_daemon("item", "set", "CLI-2", "next_serial=C00001")
    table = tmp_path / "stock.csv"
    table.write_text("item,location,quantity\nCLI-2,CLI-BIN,3\n")
    assert at_daemon("item", "stock", table).out == "Done: 1 new, 0 changed, 0 same, 0 refused.\n"
    serials = tmp_path / "serials.txt"
    serials.write_text("C1..C2")
    tracked = at_daemon("item", "track", "CLI-2", "serial", "--serials", serials)
    assert tracked.out.splitlines() == [
        "CLI-2 is tracked by serial.", "2 pieces have a serial now.",
        "1 pieces are without a serial.",
    ]  # fmt: skip
    assert at_daemon("item", "next", "CLI-2", "2").out == "C00001\nC00002\n"
    asked = at_daemon("item", "track", "CLI-2", "none")
    assert asked.code == 1
    assert "2 serials of CLI-2 end as untracked; their history stays." in asked.err
    done = at_daemon("item", "track", "CLI-2", "none", "--yes")
    assert done.out.splitlines() == ["CLI-2 is tracked by none.", "2 serials have ended."]
    unlocked = at_daemon("item", "unlock", "CLI-2", "--reason", "a test")
    assert unlocked.out == "The tracking of CLI-2 can change again.\n"


def test_tables_are_taken_and_written(at_daemon: Run, tmp_path: Path) -> None:
    table = tmp_path / "racks.csv"
    table.write_text("code,kind,parent\nR-1-1,bin,R-1\nR-1,zone,\nR-2,shed,\n")
    preview = at_daemon("location", "import", table, "--dry-run")
    assert preview.code == 1
    assert preview.err.startswith("row 4, R-2: 'kind' must be one of site, zone")
    assert preview.out == "Nothing was changed; it would be: 2 new, 0 changed, 0 same, 1 refused.\n"
    refused = at_daemon("location", "import", table)
    assert (refused.code, "Row 4 was refused" in refused.err) == (1, True)
    part = at_daemon("location", "import", table, "--partial", "--json")
    assert (part.code, part.answer["counts"]["new"]) == (0, 2)
    written = tmp_path / "all.xlsx"
    assert at_daemon("location", "export", written).code == 0
    back = at_daemon("location", "import", written, "--json").answer
    assert (back["counts"]["same"], back["counts"]["new"]) == (len(back["rows"]), 0)
    assert at_daemon("location", "export", "-").out.startswith("code,name,kind,parent")
    assert at_daemon("location", "export", tmp_path / "all.pdf").code == 2


def test_parties_are_listed_by_kind(at_daemon: Run) -> None:
    at_daemon("party", "set", "CLI-ACME", "kind=supplier", "name=Acme")
    assert at_daemon("party", "list", "--kind", "customer").out == (
        "There is no party like that.\n"
    )
    both = at_daemon("party", "set", "CLI-ACME", "kind=both")
    assert both.out == "CLI-ACME is saved (version 2).\n"
    found = at_daemon("party", "list", "--kind", "customer", "--json").answer
    assert [one["code"] for one in found] == ["CLI-ACME"]
