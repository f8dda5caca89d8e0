"""Printers on the screen: set up step by step, seen live, replaced, pooled, deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.drivers.virtual.printer import VirtualPrinter
from tests.console.screen import open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium

PAPER_OUT = "Paper is out. Load 100 × 50 mm labels, close the lid, press Feed."


def get(daemon: Daemon, path: str) -> Any:
    answer = httpx.get(daemon.url + path, trust_env=False, timeout=60)
    answer.raise_for_status()
    return answer.json()


def send(daemon: Daemon, method: str, path: str, body: object = None) -> Any:
    answer = httpx.request(method, daemon.url + path, json=body, trust_env=False, timeout=60)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def test_a_virtual_printer_is_added_loaded_tested_and_aligned(
    daemon: Daemon, screen: Screen
) -> None:
    screen.go("/printers/zebra/settings").click("Delete this printer")
    screen.sees("Delete printer zebra?").is_accessible()
    screen.click("Yes, delete it").said("Printer zebra is deleted.")
    screen.sees("There is no printer yet.").is_accessible()
    screen.click("Find printers").at("/printers/add").is_accessible()
    screen.fill("Which kind", "TSPL (TSC), any model").click("Add a virtual printer")
    screen.at("/printers/try/stock?new=1").said("Printer try is there.").is_accessible()

    screen.fill("Width in mm", "60,5").fill("Height in mm", "wide").click("Keep, and go on")
    screen.said("'media.height' must be a number, got 'wide'.")
    assert screen.page.get_by_label("Width in mm").input_value() == "60,5"
    screen.fill("Width in mm", "60").fill("Height in mm", "30")
    screen.fill("What people call it", "freezer labels").click("Keep, and go on")
    screen.at("/printers/try/test?new=1").sees("freezer labels (60 × 30 mm)")
    stock = {"width": 60_000, "height": 30_000, "stock": "freezer labels"}
    assert get(daemon, "/v1/printers/try")["media"] == stock

    screen.sees("No test label was printed lately.").click("Print the test label")
    screen.said("The test label is on its way.").sees("Done", inside="#test").is_accessible()
    (piece,) = get(daemon, "/v1/printers/try/paper")["items"]
    assert (piece["width"], piece["height"], piece["partial"]) == (480, 240, False)
    drawn = screen.locator("#test img.picture")
    assert drawn.evaluate("one => [one.naturalWidth, one.naturalHeight]") == [480, 240]

    screen.click("It is on the paper: next, its alignment")
    screen.sees("It belongs 30 mm from the left and 15 mm from the top.").is_accessible()
    screen.fill("From the left, in mm", "31,5").fill("From the top, in mm", "14").click(
        "Move the ink"
    )
    screen.said("The ink is moved.").sees("All ink is moved -1.5 mm to the right and 1 mm down.")
    assert get(daemon, "/v1/printers/try")["setup"]["offset"] == {"x": -1_500, "y": 1_000}
    screen.click("It is right: done").at("/printers/try").sees("Piece 1").is_accessible()


def test_what_befalls_a_printer_is_seen_without_loading_the_page_anew(
    chromium: Browser, daemon: Daemon, screen: Screen
) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    body = {
        "printer": "zebra", "template": "serial-label", "title": hostile,
        "labels": [{"serial": "SN-1"}],
    }  # fmt: skip
    screen.go("/printers/zebra").sees("No label has come out yet.").sees("Ready")
    screen.page.evaluate("() => { window.stays = true; }")
    job = send(daemon, "POST", "/v1/jobs", body)["id"]
    screen.sees("Piece 1", inside="#paper").sees("SN-1", inside="#paper figcaption")
    screen.sees(hostile, inside="#jobs").sees("1 of 1", inside="#jobs").sees("Done")
    assert get(daemon, f"/v1/jobs/{job}")["counts"] == {"printed": 1}
    screen.click("Take the paper out")
    screen.sees("Load paper", inside="#machine").sees(PAPER_OUT, inside="#status")
    assert get(daemon, "/v1/printers/zebra/virtual")["paper_out"] is True
    with open_screen(chromium, daemon.url, width=320, height=700, color_scheme="dark") as small:
        small.go("/printers").sees(PAPER_OUT, inside="#printer-zebra").is_accessible()
        picture = small.page.get_by_alt_text("The last label of zebra")
        picture.scroll_into_view_if_needed()
        small.page.wait_for_function("() => document.querySelector('.last').naturalWidth === 800")
        small.page.evaluate("() => { window.stays = true; }")
        send(daemon, "POST", "/v1/printers/zebra/virtual", {"do": "load_paper"})
        small.does_not_see("Paper is out").sees("Ready", inside="#printer-zebra")
        small.page.get_by_role("button", name="Pause printer zebra").focus()
        send(daemon, "POST", "/v1/printers/zebra/pause")
        small.sees("Paused", inside="#printer-zebra")
        # Whoever works by the keyboard is still at the button.
        small.page.keyboard.press("Enter")
        small.said("Printer zebra goes on.").sees("Ready", inside="#printer-zebra")
        assert small.page.evaluate("() => window.stays") is True
        small.go("/printers/zebra").sees("Piece 1").is_accessible()
    screen.sees("Take the paper out", inside="#machine").sees("Ready", inside="#status")
    assert screen.page.evaluate("() => window.stays") is True
    assert get(daemon, "/v1/printers/zebra")["paused"] is False
    assert screen.locator("#jobs img").count() == 0


def test_another_device_takes_the_name_and_printers_are_pooled_renamed_and_deleted(
    daemon: Daemon, screen: Screen
) -> None:
    lost = {"url": "tcp://127.0.0.1:9", "media": {"width": 100_000, "height": 50_000}}
    send(daemon, "PUT", "/v1/printers/dock", lost)
    screen.go("/printers").sees("It cannot be reached. Check its power and cable.")
    with VirtualPrinter(width_mm=100, height_mm=50, rest_s=0) as device:
        screen.go("/printers/dock/replace").is_accessible()
        screen.fill("Address of the printer", device.url.removeprefix("tcp://"))
        screen.click("Ask this device").sees("GW-VIRTUAL").is_accessible()
        screen.click("Put it in the place of dock").said("Printer dock is another device now.")
        now = get(daemon, "/v1/printers/dock")
        assert (now["url"], now["model"], now["language"]) == (device.url, "virtual", "zpl")
        screen.go("/printers/dock/test").click("Print the test label").sees("Done", inside="#test")
        assert len(device.labels()) == 1

        screen.go("/printers").click("Pools of printers").sees("There is no pool yet.")
        screen.fill("Name", "hall").fill("Printer 1", "zebra").fill("Printer 2", "dock")
        screen.is_accessible().click("Make the pool").said("Pool hall is there.")
        members = [one["printer"] for one in get(daemon, "/v1/pools/hall")["members"]]
        assert members == ["zebra", "dock"]
        screen.fill("Name", "hall-2").fill("Printer 1", "dock").fill("Printer 2", "None")
        screen.is_accessible().click("Keep").said("Pool hall-2 is kept.").at("/pools/hall-2")
        members = [one["printer"] for one in get(daemon, "/v1/pools/hall-2")["members"]]
        assert members == ["dock"]

        screen.go("/printers/dock/settings").is_accessible()
        screen.fill("Name", "dock-1").click("Rename").said("The printer is called dock-1 now.")
        screen.at("/printers/dock-1/settings").fill("Darkness in percent", "60")
        screen.fill("What it does with a label that is out", "Tear off")
        screen.click("Keep").said("The settings are kept.")
        setup = get(daemon, "/v1/printers/dock-1")["setup"]
        assert (setup["darkness"], setup["speed"], setup["finish"]) == (60, None, "tear_off")

        screen.click("Delete this printer").click("Yes, delete it")
        screen.said("Printer 'dock-1' is in pool hall-2; take it out of there first.")
        screen.go("/pools/hall-2").click("Delete this pool").click("Yes, delete it")
        screen.said("Pool hall-2 is deleted.").sees("There is no pool yet.")
        screen.go("/printers/dock-1/delete").click("Yes, delete it").at("/printers")
        assert [one["name"] for one in get(daemon, "/v1/printers")["items"]] == ["zebra"]


@pytest.mark.threat("T11")
def test_a_found_printer_is_set_up_without_script_and_its_words_stay_text(
    chromium: Browser, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gateway.api import finding
    from gateway.drivers.finding import Found, Search, Trouble

    words = "Zebra <script>alert(1)</script>"
    with (
        VirtualPrinter(width_mm=80, height_mm=40, rest_s=0) as device,
        open_screen(chromium, daemon.url, java_script_enabled=False) as screen,
    ):
        found = Search(
            (
                Found(device.url, "network", words, model=words, serial="D6J1"),
                Found("", "network", "HP 4", problem="It announces IPP only."),
            ),
            (Trouble("serial", "No ports can be listed."),),
        )
        monkeypatch.setattr(finding, "find_printers", lambda *asked, **more: found)
        screen.go("/printers").click("Add a printer").click("Find printers")
        screen.sees(words).sees("It announces IPP only.").sees("Look again")
        screen.click(f"Take {words}").sees("GW-VIRTUAL")
        screen.fill("Name", "two words").click("Add the printer").said("cannot be a printer's name")
        assert screen.page.get_by_label("Name", exact=True).input_value() == "two words"
        screen.fill("Name", "zebra").click("Add the printer").said(
            "There is a printer 'zebra' already."
        )
        screen.fill("Name", "dock").click("Add the printer").at("/printers/dock/stock?new=1")
        made = get(daemon, "/v1/printers/dock")
        assert (made["url"], made["model"], made["media"]["width"]) == (
            device.url, "virtual", 80_000,
        )  # fmt: skip
        screen.click("Keep, and go on").click("Print the test label").sees("The last test label")
        assert get(daemon, "/v1/jobs/J1?wait=30")["state"] == "done"
        screen.go("/printers/dock").click("Pause printer dock").said(
            "Printer dock is paused."
        ).sees("Paused")
        assert len(device.labels()) == 1
        screen.go("/printers/add/found").sees("It is set up already: dock")
        send(daemon, "DELETE", "/v1/printers/dock")
