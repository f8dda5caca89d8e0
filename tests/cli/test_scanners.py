"""Scanners from the command line, as on a computer that has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from gateway.scanners.virtual import virtual_scanner
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


def test_there_is_none_at_first(at_daemon: Run) -> None:
    assert at_daemon("scanner", "list").out == (
        "There is no scanner yet; try one that is a program: label-gateway scanner add demo "
        "virtual\n"
    )


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

    virtual_scanner("demo").unplug()
    try:
        with Gateway(shared_daemon.url) as gateway:
            lost = next(iter(gateway.events(after=0, kinds=["scanner.lost"])))
        assert lost.body["scanner"] == "demo"
        assert demo("scanner", "show", "demo").code == 1
    finally:
        virtual_scanner("demo").plug()
