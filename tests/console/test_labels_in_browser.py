"""Labels on the screen: found by a scan, made in three taps, printed as they were shown."""

from __future__ import annotations

import hashlib
import io
import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image, ImageOps

from gateway.templates.beginning import begin
from gateway.units import parse_density
from tests.console.screen import open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Route

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium


def quiet(asked: Route) -> None:
    """Answer the editor's script with one that does nothing."""
    asked.fulfill(body="", content_type="text/javascript")


def send(daemon: Daemon, method: str, path: str, body: object = None) -> Any:
    answer = httpx.request(method, daemon.url + path, json=body, trust_env=False, timeout=60)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def stocked(shared_daemon: Daemon) -> Daemon:
    """A gateway with the examples of the registry."""
    send(shared_daemon, "POST", "/v1/examples", {})
    return shared_daemon


@pytest.fixture
def screen(chromium: Browser, stocked: Daemon) -> Iterator[Screen]:
    with open_screen(chromium, stocked.url) as opened:
        # The editor has tests of its own: here it is only where things lead.
        opened.page.route(re.compile("/editor/files/editor.js"), quiet)
        yield opened


def ink(screen: Screen, picture: str) -> list[int]:
    """Return width and height of a picture, and how many of its dots are dark."""
    found: list[int] = screen.locator(picture).evaluate(
        """async one => {
            await one.decode();
            const page = document.createElement("canvas");
            [page.width, page.height] = [one.naturalWidth, one.naturalHeight];
            const on = page.getContext("2d");
            on.drawImage(one, 0, 0);
            const dots = on.getImageData(0, 0, page.width, page.height).data;
            let dark = 0;
            for (let i = 0; i < dots.length; i += 4) if (dots[i] < 128) dark++;
            return [page.width, page.height, dark];
        }"""
    )
    return found


@pytest.mark.seed("M24")
def test_a_new_label_takes_three_taps_and_is_filled_with_a_real_record(
    stocked: Daemon, screen: Screen
) -> None:
    screen.go("/").click("Labels", inside="nav.side").at("/templates").is_accessible()
    screen.sees("Published v1", inside="#label-serial-label")
    screen.click("New label").sees("Which printer is it for?").is_accessible()
    screen.click("For zebra").sees("Which labels are in zebra?").is_accessible()
    screen.click("57 × 32 mm").sees("There are other labels in zebra now: 100 × 50 mm labels.")
    screen.is_accessible()
    width, height, dark = ink(screen, "#for-serial img")
    assert (width, height) == (456, 256)
    assert dark > 5_000
    screen.click("Serial number label").at("/editor/serial-57x32?printer=zebra")

    draft = send(stocked, "GET", "/v1/templates/serial-57x32/draft")
    laid_out = begin("serial", 57_000, 32_000, parse_density(8), "serial-57x32")
    assert draft["document"] == laid_out | {"title": "Serial number 57 × 32 mm"}
    screen.go("/templates").sees("Never published", inside="#label-serial-57x32")
    screen.sees("Draft by", inside="#label-serial-57x32")
    screen.sees("No printer has stock for it", inside="#label-shipping-label")
    assert ink(screen, "#label-serial-57x32 img")[:2] == [456, 256]

    screen.go("/templates/new?printer=zebra&stock=loaded").click("Serial number label")
    screen.at("/editor/serial-100x50?printer=zebra").go("/templates/new?printer=zebra&stock=loaded")
    screen.click("Serial number label").at("/editor/serial-100x50-2?printer=zebra")
    screen.go("/templates").click("Discard the draft of Serial number 100 × 50 mm (2)")
    screen.click("Yes").said("The draft of Serial number 100 × 50 mm (2) is discarded.")
    assert [one["name"] for one in send(stocked, "GET", "/v1/drafts")["items"]] == [
        "serial-100x50", "serial-57x32",
    ]  # fmt: skip


def test_stock_is_found_by_its_number_cut_to_length_or_measured_and_kept(
    stocked: Daemon, screen: Screen
) -> None:
    screen.go("/templates/new").click("Decide later")
    screen.fill("Part number or size, as on the roll or its box", "DK-22205").click("Look")
    screen.does_not_see("DK-11201").locator(
        "a.stock",
    ).filter(has_text="DK-22205").click()
    screen.sees("This roll is 62 mm wide and is cut where the label ends.").is_accessible()
    screen.fill("How long is the label, in mm?", "40").click("Go on")
    screen.sees("62 × 40 mm · Brother DK-22205")
    assert ink(screen, "#for-item img")[:2] == [496, 320]

    screen.go("/templates/new?printer=-").fill("Width in mm", "0,5").fill("Height in mm", "40")
    screen.click("Go on", inside="#measure")
    screen.said("'width' must be 2000 to 2000000 micrometres of stock, got 500.")
    screen.fill("Width in mm", "60").fill("Keep it under the name", "Freezer labels")
    screen.click("Go on", inside="#measure").said("Stock Freezer labels is kept.")
    screen.sees("60 × 40 mm · Freezer labels")
    kept = send(stocked, "GET", "/v1/label-stocks/freezer-labels")
    assert (kept["width"], kept["height"], kept["own"]) == (60_000, 40_000, True)
    screen.go("/templates/new?printer=-")
    screen.locator("a.stock").filter(has_text="Freezer labels").click()
    screen.click("Blank").at("/editor/blank-60x40")
    document = send(stocked, "GET", "/v1/templates/blank-60x40/draft")["document"]
    assert document["elements"] == []


def test_a_scan_finds_the_labels_that_can_be_printed_for_it(
    stocked: Daemon, chromium: Browser
) -> None:
    with open_screen(chromium, stocked.url, width=320, height=800, color_scheme="dark") as screen:
        screen.go("/templates").scan("EX-0001").sees("Serial EX-0001 · EX-DRILL")
        screen.is_accessible()
        assert screen.locator("#scanned h2 a").all_inner_texts() == [
            "Serial number", "Serial of the registry",
        ]  # fmt: skip
        screen.go("/templates?q=ship").sees("shipping-label").does_not_see("serial-label")
        screen.go("/templates?q=zzz")
        screen.sees("No label is called “zzz”, and nothing here has that barcode.").is_accessible()


def test_a_scan_fills_the_label_enter_prints_it_and_what_is_on_paper_is_what_was_shown(
    stocked: Daemon, screen: Screen
) -> None:
    screen.go("/templates/serial-label/print").sees("An example.").is_accessible()
    screen.scan("EX-0001").sees("dot for dot as it comes out of zebra").is_accessible()
    size = screen.locator("svg.proof").evaluate("one => one.getAttribute('width')")
    assert size == "100.0mm"
    shown = screen.locator("svg.proof image").get_attribute("href")
    screen.settled().page.keyboard.press("Enter")
    screen.said("Labels on their way to zebra: 1.").click("See the job").sees("Done")
    job = screen.page.url.rpartition("/")[2]
    (piece,) = send(stocked, "GET", "/v1/printers/zebra/paper")["items"]
    printed = httpx.get(stocked.url + piece["links"]["picture"], trust_env=False).content
    paper, proof = picture(printed), picture(b64decode(str(shown).partition(",")[2]))
    assert paper.size == proof.size == (800, 400)
    assert paper.tobytes() == proof.tobytes()
    kept = send(stocked, "GET", f"/v1/jobs/{job}")["proof"]
    bitmap = b"P4\n800 400\n" + ImageOps.invert(proof.convert("L")).convert("1").tobytes()
    assert kept == hashlib.sha256(bitmap).hexdigest()
    serial = send(stocked, "GET", "/v1/serials?prefix=EX-0001")["items"][0]
    assert serial["label"] in ("printed", "sent", "queued")

    screen.go("/templates/serial-label/print").sees(job, inside="#last")
    screen.click(f"Print the labels of {job} again")
    screen.said(f"Labels of {job} print again, as they were.")
    again = send(stocked, "GET", "/v1/jobs?template=serial-label")["items"][0]
    assert (again["id"] != job, again["proof"]) == (True, kept)

    # Typed by hand: the picture follows, and prints with what was typed last.
    screen.fill("Serial number", "SN-1").fill("How many labels", "2")
    screen.page.keyboard.press("Tab")
    screen.sees("dot for dot")
    screen.fill("Item number", "X" * 41).page.keyboard.press("Tab")
    screen.sees("'item'", inside="#proof").fill("Item number", "HT-1").click("Print")
    screen.said("Labels on their way to zebra: 2.")
    last = send(stocked, "GET", "/v1/jobs?template=serial-label&limit=1")["items"][0]
    labels = send(stocked, "GET", f"/v1/jobs/{last['id']}/labels")["items"]
    assert [one["data"] for one in labels] == [{"serial": "SN-1", "item": "HT-1"}] * 2


def test_what_could_be_several_is_chosen_and_a_changed_label_is_shown_anew(
    stocked: Daemon, chromium: Browser
) -> None:
    with open_screen(chromium, stocked.url, width=320, height=900) as screen:
        screen.go("/templates/item-label/print?record=EX").sees("Which one do you mean?")
        screen.is_accessible().locator("#choices a").filter(has_text="EX-SCREW").click()
        screen.sees("70 × 40 mm · dot for dot").is_accessible()
        document = send(stocked, "GET", "/v1/templates/item-label")["document"]
        shown = document | {"elements": document["elements"][1:]}
        send(stocked, "PUT", "/v1/templates/item-label", shown)
        before = screen.locator("svg.proof image").get_attribute("href")
        screen.click("Print").said("The label would not come out as it was shown")
        assert screen.locator("svg.proof image").get_attribute("href") != before
        assert send(stocked, "GET", "/v1/jobs?template=item-label")["items"] == []
        screen.click("Print").said("Labels on their way to zebra: 1.")
        screen.go("/templates/item-label/print?record=nothing-like-it")
        screen.sees("Nothing here is called “nothing-like-it”. The label says it as it was scanned")


def picture(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("1")
