"""Scanners from the command line, as on a computer that has none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from gateway.scanners.finding import FoundScanner
from gateway.scanners.virtual import virtual_scanner
from tests.api.test_scanners import pull
from tests.cli.conftest import Run

if TYPE_CHECKING:
    from tests.conftest import Daemon


@pytest.fixture
def demo(at_daemon: Run) -> Iterator[Run]:
    """A command line beside a daemon that listens to the virtual scanner ``demo``."""
    at_daemon("station", "add", "dock")
    added = at_daemon("scanner", "add", "demo", "virtual", "--station", "dock")
    assert (added.code, added.out) == (
        0,
        "demo is at virtual:demo; its scans are station dock's.\n"
        "Try it with: label-gateway scanner scan demo SN-000123\n",
    )
    yield at_daemon
    at_daemon("scanner", "remove", "demo")
    at_daemon("station", "remove", "dock")


def test_there_is_none_at_first(at_daemon: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert at_daemon("scanner", "list").out == (
        "There is no scanner yet; look for one with: label-gateway scanner find\n"
    )
    monkeypatch.setattr("gateway.scanners.finding.find_scanners", list)
    found = at_daemon("scanner", "find")
    assert (found.code, found.out) == (
        1,
        "No scanner was found. Plug it in, or name its address; without one try: label-gateway "
        "scanner add demo virtual\n",
    )


def test_what_is_found_is_offered_and_a_scan_says_which_it_is(
    at_daemon: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = [
        FoundScanner("virtual:left", "wedge", "Honeywell Xenon", "S1", True, note="It types."),
        FoundScanner("virtual:desk", "wedge", "USB Keyboard", "", False, problem="Not for you."),
    ]
    monkeypatch.setattr("gateway.scanners.finding.find_scanners", lambda: there)
    assert at_daemon("scanner", "find").out.splitlines() == [
        "what             how    a scanner  scanner  address",
        "---------------  -----  ---------  -------  ------------",
        "Honeywell Xenon  wedge  yes                 virtual:left",
        "USB Keyboard     wedge  perhaps             virtual:desk",
        "Honeywell Xenon: It types.",
        "USB Keyboard: Not for you.",
        "",
        'Add one with: label-gateway scanner add NAME "ADDRESS" --station STATION',
    ]
    with ThreadPoolExecutor(1) as hand:
        pulled = hand.submit(pull, virtual_scanner("left"), "ANYTHING")
        taught = at_daemon("scanner", "teach")
        pulled.result()
    assert (taught.code, taught.out.splitlines()) == (
        0,
        [
            "It is Honeywell Xenon, and has read ANYTHING",
            "It types.",
            'Add it with: label-gateway scanner add honeywell-xenon "virtual:left" --station '
            "STATION",
        ],
    )
    silent = at_daemon("scanner", "teach", "--timeout", "1")
    assert (silent.code, silent.out) == (1, "No scanner has read anything.\n")


def test_a_scan_of_a_virtual_scanner_is_answered_on_the_command_line(demo: Run) -> None:
    demo("item", "set", "DRILL", "name=Bench drill")
    seen = demo("scanner", "scan", "demo", "DRILL")
    assert (seen.code, seen.out.split(":")[0]) == (0, "done"), seen.out
    unknown = demo("scanner", "scan", "demo", "NOBODY-KNOWS")
    assert (unknown.code, unknown.out.splitlines()[0]) == (
        1, "refused: Nothing here is called NOBODY-KNOWS.",
    )  # fmt: skip
    answer = demo("scanner", "scan", "demo", "21SN-7{GS}", "--aim", "]C1", "--json").answer
    assert answer["scan"]["scanner"] == "demo"
    listed = demo("scanner", "list").out.splitlines()[2].split()
    assert (listed[:3], listed[-1]) == (["demo", "dock", "listening"], "virtual:demo")
    shown = demo("scanner", "show", "demo")
    assert shown.code == 0
    assert shown.out.startswith("demo: ")
    assert "reads      3" in shown.out


def test_options_are_set_one_by_one_and_taken_back(demo: Run) -> None:
    demo("scanner", "add", "demo", "--set", "suffix=tab", "--set", "aim=yes", "--set", "longest=99")
    changed = demo("scanner", "add", "demo", "--set", "suffix=", "--station", "", "--json").answer
    assert (changed["options"], changed["station"]) == ({"aim": True, "longest": 99}, None)
    assert demo("scanner", "add", "demo", "--set", "aim").code == 2
    refused = demo("scanner", "add", "demo", "--set", "gsm=x")
    assert (refused.code, refused.err.startswith("A scanner has no option 'gsm'")) == (1, True)
    renamed = demo("scanner", "add", "demo", "--rename", "trial", "--set", "longest=", "--json")
    assert renamed.answer["name"] == "trial"
    demo("scanner", "add", "trial", "--rename", "demo")


def test_it_is_let_go_and_taken_again(demo: Run) -> None:
    assert demo("scanner", "release", "demo").out == (
        "demo is released: what it reads goes where it would without the gateway.\n"
    )
    silent = demo("scanner", "scan", "demo", "A1")
    assert (silent.code, "No gateway listens to the virtual scanner 'demo'" in silent.err) == (
        1, True,
    )  # fmt: skip
    assert demo("scanner", "show", "demo", "--json").answer["paused"] is True
    assert demo("scanner", "resume", "demo").out == "demo is listened to.\n"


def test_one_that_is_unplugged_is_shown_as_such(demo: Run, shared_daemon: Daemon) -> None:
    from gateway.client import Gateway

    demo("scanner", "scan", "demo", "IT-IS-HEARD")
    virtual_scanner("demo").unplug()
    try:
        with Gateway(shared_daemon.url) as gateway:
            lost = next(iter(gateway.events(after=0, kinds=["scanner.lost"])))
        assert lost.body["scanner"] == "demo"
        assert demo("scanner", "show", "demo").code == 1
        found = demo("doctor", "--json").answer["findings"]
        scanners = [(one["well"], one["sentence"]) for one in found if one["about"] == "scanner"]
        assert [(well, said.partition(":")[0]) for well, said in scanners] == [
            (False, "Scanner demo")
        ]
    finally:
        virtual_scanner("demo").plug()
