"""The first hour: a printer and a scanner are unpacked in the morning, and by noon they work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.codes.commands import write_command
from tests.console.station import needs_chromium, open_station
from tests.installed import keep_picture

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.console.screen import Screen
    from tests.installed import Running

pytestmark = needs_chromium

SERIALS = [f"SN-{n:05d}" for n in range(1, 13)]

ITEMS = (
    "SKU;Description;Tracking;EAN\nDRILL;Cordless drill;serial;4006381333931\nBIT;Drill bits;;\n"
)


@pytest.mark.seed("M27")
def test_from_the_box_to_twelve_labelled_serials_on_a_shelf(
    running: Running,
    person: Screen,
    chromium: Browser,
    tmp_path: Path,
) -> None:
    web = running.web

    # The first page says what to do first.
    person.go("/").sees("The first hour")
    keep_picture(person, "first-hour-1-today")
    person.click("Begin").at("/start").sees("0 of 8 steps are done.").is_accessible()
    keep_picture(person, "first-hour-2-steps")

    # A printer: found or, without one, a virtual one; its labels; a test; where the ink lies.
    person.click("Find the printer").at("/printers/add")
    keep_picture(person, "first-hour-3-printer")
    person.fill("Which kind", "ZPL (Zebra), any model").click("Add a virtual printer")
    person.sees("Width in mm").fill("Width in mm", "100").fill("Height in mm", "50")
    person.fill("What people call it", "100 × 50 white").click("Keep, and go on")
    person.click("Print the test label").sees("Done", inside="#test")
    keep_picture(person, "first-hour-4-test-label")
    person.click("It is on the paper: next, its alignment").click("It is right: done")
    person.sees("Piece 1")
    printer = person.page.url.rpartition("/")[2]
    assert len(web.get(f"/v1/printers/{printer}/paper").json()["items"]) == 1

    # Where things lie, and what they are: out of the old system's tables.
    person.go("/import").page.get_by_role("radio", name="Locations").check()
    person.fill("Or paste rows here", "code\tkind\tparent\nHALL\tsite\t\nA-01\tbin\tHALL")
    person.click("Go on to the columns").click("Check the rows").sees("2 New")
    person.click("Bring in 2 rows").said("2 rows were new or changed")
    table = tmp_path / "items.csv"
    table.write_text(ITEMS, "utf-8")
    person.go("/import").upload("File", table).click("Go on to the columns")
    person.click("Check the rows").sees("This is what would come of it").sees("2 New")
    keep_picture(person, "first-hour-5-items")
    person.click("Bring in 2 rows").said("2 rows were new or changed")
    drill = web.get("/v1/items/DRILL").json()
    assert (drill["tracking"], drill["gtin"]) == ("serial", "04006381333931")

    # A station, and its scanner: a virtual one, which is a field to type into.
    person.go("/stations").fill("Name", "dock").fill("Title on its screen", "Goods in")
    person.fill("Where it stands", "A-01").fill("Printer of its labels", printer)
    person.click("Make the station").said("dock").is_accessible()
    person.go("/scanners").sees("The gateway listens to no scanner yet.").click("Add a scanner")
    person.is_accessible().fill("Name", "gun", inside="section[aria-labelledby=virtual]")
    person.fill("For the station", "dock", inside="section[aria-labelledby=virtual]")
    person.click("Plug in a virtual scanner").said("Scanner gun is added. Try it now.")
    person.is_accessible().go("/scanners/gun")

    # Twelve drills come in: each is scanned, and each gets its label at once.
    for code in (write_command("MODE", "RECEIVE"), "DRILL", *SERIALS):
        person.fill("Code", code).click("Pull the trigger").sees(code, inside="#scanner-now")
    person.sees(SERIALS[-1], inside="#scanner-now")
    keep_picture(person, "first-hour-6-scanner")
    with open_station(chromium, running.url, "dock") as dock:
        dock.counted(12)
        keep_picture(dock, "first-hour-7-station")
        dock.tap("Done")
        dock.says("12")

    # They are on the shelf, and each has its label on paper, which says who it is.
    person.go("/items/DRILL").sees(SERIALS[0]).sees(SERIALS[-1]).is_accessible()
    keep_picture(person, "first-hour-8-serials")
    found = web.get("/v1/items/DRILL/serials?limit=50").json()["items"]
    assert {one["serial"]: (one["state"], one["location"]) for one in found} == dict.fromkeys(
        SERIALS, ("received", "A-01")
    )
    person.go(f"/printers/{printer}").sees("Ready").sees(SERIALS[-1])
    keep_picture(person, "first-hour-9-labels")
    paper = web.get(f"/v1/printers/{printer}/paper?limit=50").json()["items"]
    read = [code["text"] for sheet in paper for code in sheet["codes"]]
    for serial in SERIALS:
        assert sum(serial in text for text in read) >= 1, (serial, read)
    assert len(paper) == 1 + len(SERIALS)
    person.go("/start").sees("All is set up. Work begins.").is_accessible()
