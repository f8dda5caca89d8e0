"""Scanners set up and tried from the browser: by one scan, byte by byte, and where they type."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from gateway.scanners.browser_keys import PLACES
from gateway.scanners.calibration import CODES
from gateway.scanners.finding import FoundScanner
from gateway.scanners.keys import type_text
from gateway.scanners.layouts import layout_of
from gateway.scanners.virtual import virtual_scanner
from tests.console.screen import Screen, open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium

NAMES = {code: name for name, code in PLACES.items()}
"""Key codes as a browser's keyboard takes them."""


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=60) as web:
        yield web
        for one in web.get("/v1/scanners").json()["items"]:
            web.delete(f"/v1/scanners/{one['name']}").raise_for_status()


@pytest.fixture
def office(chromium: Browser, shared_daemon: Daemon) -> Iterator[Screen]:
    with open_screen(chromium, shared_daemon.url) as opened:
        yield opened


def codes_scanned(web: httpx.Client) -> list[str]:
    return [one["code"] for one in web.get("/v1/scans").json()["items"]]


@pytest.mark.seed("A23")
@pytest.mark.seed("M27")
def test_a_scanner_is_set_up_by_one_scan_tried_byte_by_byte_renamed_and_deleted(
    web: httpx.Client, office: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.put("/v1/stations/dock", json={"title": "Dock 1"}).raise_for_status()
    gun = virtual_scanner("gun-that-is-there")
    there = [
        FoundScanner("virtual:gun-that-is-there", "serial", "Honeywell Xenon", "S1", True),
        FoundScanner("virtual:shut", "hid", "Zebra DS2208", "", True, problem="Not for you."),
    ]
    monkeypatch.setattr("gateway.scanners.finding.find_scanners", lambda: there)

    office.go("/scanners").sees("The gateway listens to no scanner yet.").is_accessible()
    office.click("Add a scanner").sees("Scan with the one to add").is_accessible()
    office.click("Only show what is plugged in").sees("Honeywell Xenon").sees("Not for you.")

    # The scanner puts STX before a code and Tab behind it, and writes GS as a bar.
    sent = ("\x02" + CODES[0].sent.replace("\x1d", "|") + "\t").encode()

    def pull() -> None:
        assert gun.wait_listened(60)
        gun.put(sent)

    hand = threading.Thread(target=pull)
    hand.start()
    office.click("Scan with the one to add").sees("Worked out from the code")
    hand.join()
    office.sees("Behind a code\nTab").sees("Before a code\n<STX>").sees("comes as\n|")
    office.does_not_see("Zebra DS2208").is_accessible()
    office.fill("Name", "left", inside="#found-1").fill("For the station", "", inside="#found-1")
    office.click("Add it").said("Scanner left is added. Try it now.").at("/scanners/left/test")
    assert web.get("/v1/scanners/left").json()["options"] == {
        "prefix": "\x02", "suffix": "tab", "gs": "|",
    }  # fmt: skip

    # Tried, every byte is seen as it comes, and nothing is done.
    office.sees("Listening").click("Start the test").sees("nothing is done with it")
    gun.scan("21A1\x1d10B")
    office.sees("21A1<GS>10B").is_accessible()
    chips = office.locator(".reads > li").first.locator(".bytes li")
    assert chips.all_inner_texts() == [
        "STX\n02", "2\n32", "1\n31", "A\n41", "1\n31", "|\n7C", "1\n31", "0\n30", "B\n42",
        "TAB\n09",
    ]  # fmt: skip
    office.sees("Nothing here is called 21A1")
    gun.put(b"half\t")
    office.sees("Only a part of the code came.")
    assert codes_scanned(web) == []
    office.click("End the test").said("What it reads counts again.")
    gun.scan("COUNTS")
    office.click("Its settings").sees("Nothing here is called COUNTS.")
    assert codes_scanned(web) == ["COUNTS"]

    # Set up anew, let go, taken again, deleted.
    office.fill("Name", "ring").fill("For the station", "dock").fill("Before a code", "")
    office.click("Rarely needed").fill("Longest code in characters", "no").click("Save")
    office.said("must be a whole number, got 'no'")
    assert office.page.get_by_label("Name", exact=True).input_value() == "ring"
    office.click("Rarely needed").fill("Longest code in characters", "80").click("Save")
    office.said("Scanner ring is changed.").at("/scanners/ring").is_accessible()
    made = web.get("/v1/scanners/ring").json()
    assert (made["options"], made["station"]) == (
        {"suffix": "tab", "gs": "|", "longest": 80}, "dock",
    )  # fmt: skip
    office.click("Release ring").said("Scanner ring is released.").sees("Released")
    assert web.get("/v1/scanners/ring").json()["paused"] is True
    office.click("Listen to ring again").sees("It is there, and listened to.")
    office.go("/scanners").sees("dock").tick("Tick ring").click("Delete them").click("Yes")
    office.said("1 scanners are deleted.").sees("The gateway listens to no scanner yet.")
    assert web.get("/v1/scanners").json()["items"] == []


@pytest.mark.seed("E16")
def test_a_virtual_scanner_is_plugged_in_and_a_burst_of_keys_finds_the_field(
    web: httpx.Client, office: Screen
) -> None:
    office.go("/scanners/add").fill("Name", "try-me", inside="section:has(#virtual)")
    office.fill("For the station", "", inside="section:has(#virtual)")
    office.click("Plug in a virtual scanner").at("/scanners/try-me/test")
    office.sees("Listening").fill("Code", "1<GS>2").fill("Kind of barcode", "]C1")
    office.click("Pull the trigger").said("Nothing here is called")
    assert codes_scanned(web)[0] == "1\x1d2"

    # Nothing has the focus: what a scanner types lands where this page takes codes.
    office.click("Its settings").sees("Scan with it")
    office.page.evaluate("document.activeElement.blur()")
    office.scan("SN-4711").said("Nothing here is called SN-4711.")
    assert codes_scanned(web)[0] == "SN-4711"
    # Slowly typed keys are a person's, and stay where they are.
    office.page.evaluate("document.activeElement.blur()")
    for key in "abcd":
        office.page.keyboard.press(key, delay=150)
    assert office.page.get_by_label("Code", exact=True).input_value() == ""
    # On a page without such a field it is looked for.
    office.go("/people").sees("People")
    office.page.evaluate("document.activeElement.blur()")
    office.scan("SN-4711").at("/find?q=SN-4711")
    assert codes_scanned(web)[0] == "SN-4711"


def type_keys(screen: Screen, text: str, layout: str) -> None:
    """Press the keys by which a scanner writes a text that imitates a country's keyboard."""
    wire = screen.context.new_cdp_session(screen.page)
    for code, value in type_text(text, layout_of(layout)):
        name = NAMES[code]
        if name == "IntlBackslash":  # the only one that American keyboards do not have
            kind = "keyDown" if value else "keyUp"
            wire.send("Input.dispatchKeyEvent", {"type": kind, "code": name, "key": "Process"})
        elif value:
            screen.page.keyboard.down(name)
        else:
            screen.page.keyboard.up(name)


@pytest.mark.seed("A23")
@pytest.mark.seed("E16")
def test_a_scanner_that_types_into_the_browser_shows_its_keyboard_and_what_it_read(
    web: httpx.Client, office: Screen
) -> None:
    web.put("/v1/items/DRILL", json={"tracking": "serial"}).raise_for_status()
    before = codes_scanned(web)
    code = CODES[0].sent.replace("\x1d", "|") + "\r"
    office.go("/scanners").click("Try one in this browser").sees("Scan this code").is_accessible()
    type_keys(office, code, "us")
    office.sees("Good").sees("English (United States)").sees("comes as\n|").sees("code\nEnter")
    office.is_accessible()
    type_keys(office, code, "de")
    office.sees("Wrong keyboard").sees("It types on the keyboard German")
    type_keys(office, CODES[0].sent.replace("\x1d", "") + "\r", "us")
    office.sees("Good").sees("The separator of GS1 codes is lost")

    # On the page where scanners are added it is the same, with nothing focused before.
    office.go("/scanners/add").sees("Scan the square code here")
    type_keys(office, code, "fr")
    office.sees("Wrong keyboard").sees("It types on the keyboard French")

    # Any other code is shown with its keys and its meaning; Tab behind a burst ends one, too.
    office.scan("DRILL").sees("taken for the item DRILL", inside="section:has(#read)")
    assert office.locator("#keys-seen .bytes li").all_inner_texts()[:3] == [
        "D ↓\n20", "D ↑\n20", "R ↓\n13",
    ]  # fmt: skip
    office.scan("NOPE", end="Tab").sees("Nothing here is called NOPE.")
    assert codes_scanned(web) == before


def test_without_scripts_the_text_alone_is_looked_at(
    web: httpx.Client, chromium: Browser, shared_daemon: Daemon
) -> None:
    with open_screen(chromium, shared_daemon.url, java_script_enabled=False) as plain:
        plain.go("/scanners/test").fill("Scan here", "NOPE")
        plain.page.keyboard.press("Enter")
        plain.sees("Nothing here is called NOPE.")
        plain.fill("Scan here", CODES[0].sent.replace("\x1d", ""))
        plain.click("Show").sees("Good").sees("lost")


def test_the_pages_of_scanners_fit_a_handheld_at_night(
    web: httpx.Client, chromium: Browser, shared_daemon: Daemon
) -> None:
    web.put("/v1/scanners/ring", json={"url": "virtual:"}).raise_for_status()
    url = shared_daemon.url
    with open_screen(chromium, url, width=320, height=640, color_scheme="dark") as small:
        for path in ("", "/add", "/ring", "/ring/test", "/test"):
            small.go(f"/scanners{path}").is_accessible()
        small.go("/scanners/sheet").is_accessible()
        expect(small.locator("caption").first).to_have_text(re.compile("Honeywell"))
