"""Scans on the command line: sent, explained, listed."""

from __future__ import annotations

import pytest

from gateway.codes.commands import write_command
from tests.cli.conftest import Ran, Run


@pytest.fixture
def scan(at_daemon: Run) -> Run:
    """Runs ``label-gateway scan …`` beside a daemon with a station and an item."""
    for words in (
        ("location", "set", "SCAN-1", "kind=bin"),
        ("item", "set", "SCAN-IT", "tracking=serial", "gtin=09501101530003"),
        ("station", "add", "scan-desk", "--location", "SCAN-1", "--print-on-receive", "no"),
    ):
        assert at_daemon(*words).code == 0, words

    def run(*arguments: object) -> Ran:
        return at_daemon("scan", *arguments)

    return run


def test_a_piece_is_received_by_scans_and_they_are_listed(scan: Run) -> None:
    def send(code: str, *more: object) -> Ran:
        return scan("send", "--station", "scan-desk", code, *more)

    assert send(write_command("MODE", "RECEIVE")).code == 0
    assert send("SCAN-IT").out.splitlines()[-1].startswith("Receive: Scan the serial")
    received = send("010950110153000321SC-1{GS}", "--aim", "]C1", "--json").answer
    assert (received["outcome"], received["sentence"], received["replayed"]) == (
        "done", "SCAN-IT SC-1 received at SCAN-1.", False,
    )  # fmt: skip
    refused = send("GWC-DONE-X")
    assert refused.code == 1
    assert refused.out.splitlines()[0] == (
        "refused: 'GWC-DONE-X' is no command: its check character should be L and is X; scan it "
        "again, or print the sheet of commands anew."
    )
    listed = scan("list", "--station", "scan-desk", "--limit", "2").out.splitlines()
    assert listed[0].split() == ["id", "when", "station", "code", "outcome", "refusal", "by"]
    assert [line.split()[4:-1] for line in listed[2:4]] == [
        ["GWC-DONE-X", "refused", "command_wrong"],
        ["010950110153000321SC-1\\x1d", "done"],
    ]
    assert listed[4] == "The first 2; see more with --limit."


def test_a_code_is_explained_and_nothing_is_written_down(scan: Run) -> None:
    before = scan("list", "--json").answer
    explained = scan("resolve", "(01)09501101530003(10)L7(21)SC-9")
    assert explained.code == 0
    assert explained.out.splitlines() == [
        "code     (01)09501101530003(10)L7(21)SC-9",
        "form     gs1",
        "GTIN     09501101530003",
        "serial   SC-9",
        "lot      L7",
        "outcome  done",
        "",
        "1. Application identifiers stand in parentheses: GS1 element strings.",
        "2. AI (01): GTIN 09501101530003.",
        "   - item SCAN-IT (by gtin)",
        "3. Its serial is SC-9.",
        "   - new SC-9, of SCAN-IT (by gs1)",
        "4. In the mode 'Look up' it is taken for the serial SC-9 of SCAN-IT.",
        "   - new SC-9, of SCAN-IT (by gs1)",
    ]
    assert scan("list", "--json").answer == before


def test_what_is_wrong_with_a_code_is_shown(scan: Run) -> None:
    explained = scan("resolve", "--aim", "]d2", "010950110153000421SC-9{GS}400PO-7{GS}90X")
    said = [tuple(line.split("  ", 1)) for line in explained.out.split("\n\n")[0].splitlines()]
    assert [(name, value.strip()) for name, value in said] == [
        ("code", "010950110153000421SC-9\\x1d400PO-7\\x1d90X"),
        ("symbology", "]d2"),
        ("form", "gs1"),
        ("serial", "SC-9"),
        ("order", "PO-7"),
        ("(01) GTIN", "09501101530004"),
        ("(90) INTERNAL", "X"),
        (
            "warning",
            "(01) GTIN '09501101530004' has a wrong check digit: expected 3, got 4; the label is "
            "misprinted or was misread.",
        ),
        ("outcome", "refused"),
    ]


def test_bare_identifiers_are_explained_where_they_are_asked_for(scan: Run) -> None:
    reading = scan("resolve", "--identifiers", "--json", "1PMAKER-1").answer["reading"]
    assert (reading["form"], reading["supplier_part"]) == ("identifier", "MAKER-1")
    assert scan("resolve", "--json", "1PMAKER-1").answer["reading"]["form"] == "plain"


def test_an_unknown_code_and_an_unknown_station_are_said(scan: Run) -> None:
    unknown = scan("resolve", "NOTHING-LIKE-IT")
    assert unknown.out.splitlines()[-1] == "Nothing here is called NOTHING-LIKE-IT."
    assert scan("send", "--station", "nowhere", "A1").code == 1
