"""Stations and operators from the command line."""

from __future__ import annotations

import io
import re

import pytest

from tests.cli.conftest import Run


def test_a_station_is_added_shown_listed_changed_and_removed(at_daemon: Run) -> None:
    empty = at_daemon("station", "list")
    assert (empty.code, empty.out) == (
        0, "There is no station yet; add one with: label-gateway station add NAME\n",
    )  # fmt: skip
    at_daemon("location", "set", "CLI-HALL", "kind=site")
    added = at_daemon(
        "station", "add", "dock", "--title", "Dock, left", "--location", "cli-hall",
        "--printer", "zebra", "--modes", "receive, lookup", "--require-operator", "yes",
    )  # fmt: skip
    assert added.code == 0, added.err
    assert re.fullmatch(
        r"dock is a station; its page is http://127\.0\.0\.1:\d+/station/dock\n", added.out
    )
    listed = at_daemon("station", "list")
    assert listed.out.splitlines()[2].split() == [
        "dock", "Dock,", "left", "CLI-HALL", "zebra", "no",
    ]  # fmt: skip
    changed = at_daemon(
        "station", "add", "dock", "--printer", "", "--modes", "", "--rename", "gate", "--json"
    )
    answer = changed.answer
    assert (answer["name"], answer["printer"], answer["modes"], answer["location"]) == (
        "gate", None, [], "CLI-HALL",
    )  # fmt: skip
    shown = at_daemon("station", "show", "gate").out
    assert "needs a badge          yes" in shown
    assert "modes                  all" in shown
    removed = at_daemon("station", "remove", "gate")
    assert (removed.code, removed.out) == (0, "gate is removed; its scans are kept.\n")
    gone = at_daemon("station", "show", "gate")
    assert (gone.code, gone.err) == (1, "There is no station 'gate'.\n")


def test_a_pairing_code_stands_alone_on_its_line(at_daemon: Run) -> None:
    at_daemon("station", "add", "desk")
    offered = at_daemon("station", "pair", "desk")
    assert re.fullmatch(r"\d{4} \d{4}\n", offered.out)
    assert re.fullmatch(
        r"Open http://127\.0\.0\.1:\d+/pair on the screen that is to be desk, and type before "
        r"\d\d:\d\d:\d\d:\n",
        offered.err,
    )
    unpaired = at_daemon("station", "unpair", "desk")
    assert unpaired.out == "desk has no paired browser any more.\n"
    at_daemon("station", "remove", "desk")


def test_an_operator_is_added_listed_changed_and_removed(
    at_daemon: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert at_daemon("operator", "list").out == (
        "There is no operator yet; add one with: label-gateway operator add BADGE NAME\n"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("2468\n"))
    added = at_daemon(
        "operator", "add", "B-0017", "Ann Field", "--pin", "--rights", "write_off,read"
    )
    assert (added.code, added.out) == (0, "Ann Field signs in with the badge B-0017.\n"), added.err
    at_daemon("operator", "add", "B-0018", "Bo Hill")
    rows = [line.split("  ") for line in at_daemon("operator", "list").out.splitlines()[2:]]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["B-0017", "Ann Field", "yes", "read, write_off", "yes"],
        ["B-0018", "Bo Hill", "no", "everything", "yes"],
    ]
    changed = at_daemon(
        "operator", "add", "b-0017", "--no-pin", "--rights", "", "--active", "no", "--json"
    )
    answer = changed.answer
    assert (answer["name"], answer["has_pin"], answer["roles"], answer["active"]) == (
        "Ann Field", False, [], False,
    )  # fmt: skip
    removed = at_daemon("operator", "remove", "B-0017", "B-0018")
    assert removed.out == "B-0017 is removed.\nB-0018 is removed.\n"


def test_a_pin_that_is_none_is_refused_and_not_repeated(
    at_daemon: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("12a4\n"))
    refused = at_daemon("operator", "add", "B-1", "Ann", "--pin")
    assert (refused.code, refused.err) == (1, "A PIN has 4 to 12 digits.\n")
    nameless = at_daemon("operator", "add", "B-1")
    assert (nameless.code, nameless.err) == (1, "An operator needs a 'name'.\n")
