"""Stations, people and scans from the browser: set up, badges on paper, and what was scanned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from gateway.codes.commands import write_command
from tests.console.screen import Screen, open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

    from tests.conftest import Daemon

pytestmark = needs_chromium


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=60) as web:
        printer = {"url": "virtual:", "media": {"width": 100_000, "height": 50_000}}
        for path, body in (
            ("/v1/printers/zebra", printer),
            ("/v1/locations/A-01", {"kind": "bin"}),
            ("/v1/items/DRILL", {"tracking": "serial"}),
        ):
            web.put(path, json=body).raise_for_status()
        yield web


@pytest.fixture
def office(chromium: Browser, shared_daemon: Daemon) -> Iterator[Screen]:
    with open_screen(chromium, shared_daemon.url) as opened:
        yield opened


def on_paper(web: httpx.Client) -> list[str]:
    """Return what a scanner reads on the labels, the oldest first."""
    sheets = web.get("/v1/printers/zebra/paper?limit=100").json()["items"]
    return [code["text"] for sheet in reversed(sheets) for code in sheet["codes"]]


def printed(web: httpx.Client) -> None:
    """Wait until the newest job is done."""
    job = web.get("/v1/jobs?limit=1").json()["items"][0]["id"]
    assert web.get(f"/v1/jobs/{job}?wait=60").json()["state"] == "done"


def test_a_station_is_made_set_up_given_scanners_paired_and_deleted(
    web: httpx.Client, office: Screen, chromium: Browser, shared_daemon: Daemon
) -> None:
    web.put("/v1/scanners/ring", json={"url": "virtual:"}).raise_for_status()
    web.put("/v1/scanners/hand", json={"url": "virtual:"}).raise_for_status()
    office.go("/stations").sees("There is no station yet.").sees("Scanners of no station")
    office.is_accessible().fill("Name", "dock").fill("Title on its screen", "Dock 1")
    office.fill("Where it stands", "NOWHERE").click("Make the station")
    office.said("NOWHERE")
    assert office.page.get_by_label("Title on its screen").input_value() == "Dock 1"
    office.fill("Where it stands", "A-01").click("Make the station")
    office.said("Station dock is made.").at("/stations/dock").is_accessible()
    made = web.get("/v1/stations/dock").json()
    assert (made["title"], made["location"], made["printer"]) == ("Dock 1", "A-01", "zebra")

    office.tick("Receive").tick("Count").tick("Its page makes sounds", on=False)
    office.fill("Labels of serials", "serial").click("Save").said("Station dock is changed.")
    made = web.get("/v1/stations/dock").json()
    assert (made["modes"], made["sound"], made["template"], made["print_on_receive"]) == (
        ["receive", "count"], False, "serial", True,
    )  # fmt: skip
    # Somebody else has changed it meanwhile: nothing of theirs is overwritten unseen.
    web.put("/v1/stations/dock", json={"title": "Dock one"}).raise_for_status()
    office.fill("Title on its screen", "Mine").click("Save")
    assert web.get("/v1/stations/dock").json()["title"] == "Dock one"
    assert office.page.get_by_label("Title on its screen").input_value() == "Mine"
    office.locator("#said .refused").wait_for()

    office.go("/stations/dock")
    office.page.get_by_label("ring", exact=False).check()
    office.click("Choose these").said("The scanners of dock are chosen.")
    whose = {one["name"]: one["station"] for one in web.get("/v1/scanners").json()["items"]}
    assert whose == {"ring": "dock", "hand": None}
    office.click("Command barcodes as labels").said("labels with command barcodes are printing")
    (job,) = web.get("/v1/jobs?limit=1").json()["items"]
    assert (job["title"], job["printer"]) == ("Command barcodes of dock", "zebra")
    web.post(f"/v1/jobs/{job['id']}/cancel", json={}).raise_for_status()

    # The other screen types the digits; this one hears of it by itself.
    office.click("Pair a screen").sees("No screen is paired").is_accessible()
    digits = office.locator("#pair-code").inner_text()
    assert office.locator("#pair-qr").evaluate("one => one.decode().then(() => one.naturalWidth)")
    with open_screen(chromium, shared_daemon.url, width=390, height=844) as dock:
        dock.go("/pair")
        dock.page.keyboard.type(digits.replace(" ", ""))
        dock.page.wait_for_url("**/station/dock")
    office.sees("A screen is paired").click("All stations").sees("a screen is paired")
    office.click("Lock its screen out").click("Yes").said("The screen of dock is locked out.")
    assert web.get("/v1/stations/dock").json()["paired"] is False
    with open_screen(
        chromium, shared_daemon.url, width=320, height=640, color_scheme="dark"
    ) as small:
        for path in ("/stations", "/stations/dock", "/stations/dock/pair"):
            small.go(path).is_accessible()
    office.click("Change it").click("Delete the station").click("Yes")
    office.said("Station dock is deleted.").sees("There is no station yet.")
    assert web.get("/v1/stations").json()["items"] == []


@pytest.mark.seed("M27")
def test_somebody_gets_a_badge_with_a_pin_from_the_printer_and_signs_in_with_it(
    web: httpx.Client, office: Screen, chromium: Browser, shared_daemon: Daemon
) -> None:
    web.put("/v1/stations/desk", json={"location": "A-01"}).raise_for_status()
    office.go("/people").sees("Nobody has a badge yet.").is_accessible()
    badge = office.page.get_by_label("Badge", exact=True).input_value()
    office.fill("Name", "Ann Example").fill("PIN", "12").click("Add").said("PIN")
    assert office.page.get_by_label("Name", exact=True).input_value() == "Ann Example"
    assert office.page.get_by_label("Badge", exact=True).input_value() == badge
    office.fill("PIN", "4711").click("Add").said(f"Ann Example works here with the badge {badge}.")
    office.is_accessible().click("Print the badge").said("The badge is printing on zebra.")
    printed(web)
    assert on_paper(web)[-1] == badge

    def scan(code: str) -> dict[str, Any]:
        said = web.post("/v1/scans", json={"code": code, "station": "desk"})
        assert said.status_code == 200, said.text
        found: dict[str, Any] = said.json()
        return found

    assert scan(badge)["sentence"] == "Ann Example: type your PIN."
    assert scan("4711")["sentence"] == "Ann Example works here now."

    # What she may is narrowed: she counts, and receives no more.
    office.tick("Count").fill("Name", "Ann E.").click("Save").said("Ann E. is changed.")
    made = web.get(f"/v1/operators/{badge}").json()
    assert (made["name"], made["roles"], made["has_pin"]) == (
        "Ann E.", ["registry:stocktake"], True,
    )  # fmt: skip
    scan(write_command("MODE", "RECEIVE"))
    scan("DRILL")
    assert scan("SN-1")["outcome"] == "refused"
    office.click("Take the PIN away").said("The badge alone signs in.")
    assert web.get(f"/v1/operators/{badge}").json()["has_pin"] is False

    # All of them on paper, and ticked ones on labels.
    web.put("/v1/operators/B-2", json={"name": "Bo"}).raise_for_status()
    office.go("/people").sees("Bo").tick("Tick Bo").tick("Tick Ann E.").click("Print their badges")
    office.said("2 badges are printing on zebra.")
    printed(web)
    assert sorted(on_paper(web)[-2:]) == sorted([badge, "B-2"])
    office.go("/people/sheet")
    assert office.locator("li h2").all_inner_texts() == ["Ann E.", "Bo"]
    with open_screen(
        chromium, shared_daemon.url, width=320, height=640, color_scheme="dark"
    ) as small:
        small.go("/people").is_accessible().go("/people/B-2").is_accessible()
    office.go("/people").tick("Tick Bo").click("Remove them").click("Yes")
    office.said("1 people are removed.").does_not_see("Bo")
    assert [one["badge"] for one in web.get("/v1/operators").json()["items"]] == [badge]


def test_what_happens_while_a_page_is_opened_is_seen_on_it(
    web: httpx.Client, office: Screen
) -> None:
    web.put("/v1/scanners/late", json={"url": "virtual:"}).raise_for_status()

    def release(route: Route) -> None:
        """Something happens behind the page's back: it was written, and does not listen yet."""
        web.post("/v1/scanners/late/release").raise_for_status()
        route.continue_()

    office.page.route("**/v1/events?*", release, times=1)
    office.go("/scanners/late").sees("Released")
    # The next page is shown without a reload; it hears what happened meanwhile, too.
    office.page.route(
        "**/scanners/late/test",
        lambda route: (
            route.fulfill(response=route.fetch()),
            web.post("/v1/scanners/late/grab").raise_for_status(),
        ),
        times=1,
    )
    office.click("Test it").sees("Listening")
    web.delete("/v1/scanners/late").raise_for_status()


@pytest.mark.seed("A17")
def test_scans_are_seen_as_they_come_filtered_and_looked_into(
    web: httpx.Client, office: Screen, chromium: Browser, shared_daemon: Daemon
) -> None:
    web.put("/v1/stations/bench", json={"location": "A-01"}).raise_for_status()
    web.put("/v1/stations/other", json={}).raise_for_status()
    web.put("/v1/scanners/gun", json={"url": "virtual:", "station": "bench"}).raise_for_status()

    def pull(code: str) -> None:
        assert web.post("/v1/scanners/gun/scan", json={"code": code}).json()["scan"]

    office.go("/scans?station=bench").sees("Nothing fits these filters.").is_accessible()
    # The page hears of each by itself.
    pull(write_command("MODE", "RECEIVE"))
    office.sees("GWC-MODE-RECEIVE-S")
    pull("DRILL")
    pull("SN-100")
    pull("SN-101")
    office.sees("DRILL SN-101 received at A-01.").is_accessible()
    web.post("/v1/scans", json={"code": "ELSEWHERE", "station": "other"}).raise_for_status()
    office.fill("Station", "").fill("Outcome", "refused").click("Show").sees("ELSEWHERE")
    office.does_not_see("SN-101").click("Show all").sees("SN-101").sees("ELSEWHERE")
    office.fill("Day", "2020-01-01").click("Show").sees("Nothing fits these filters.")
    office.click("Show all").click("SN-101").sees("Bytes that came")
    office.sees("DRILL SN-101 received at A-01.")
    assert office.locator(".bytes li").all_inner_texts() == [
        "S\n53", "N\n4E", "-\n2D", "1\n31", "0\n30", "1\n31", "CR\n0D",
    ]  # fmt: skip
    office.sees("What it changed").sees("Received").sees("What the code means now")
    office.is_accessible()
    with open_screen(
        chromium, shared_daemon.url, width=320, height=640, color_scheme="dark"
    ) as small:
        small.go("/scans").is_accessible().go(office.page.url[len(shared_daemon.url) :])
        small.is_accessible()
    (serial,) = web.get("/v1/serials?serial=SN-101").json()["items"]
    office.click("Open what it was about").at(f"/serials/{serial['id']}")
    expect(office.locator("h1")).to_contain_text("SN-101")
