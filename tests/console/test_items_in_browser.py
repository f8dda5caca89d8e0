"""Items on screen: made, serialised, counted, converted, labelled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import connect
from tests.console.screen import Screen, open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium

PLACES = (("HALL", "site", None), ("BAY-1", "bin", "HALL"), ("BAY-2", "bin", "HALL"))


@pytest.fixture(scope="module")
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    """The API of a gateway with a hall, two bays in it and a printer."""
    with connect(shared_daemon) as client:
        for code, kind, parent in PLACES:
            body = {"kind": kind, "parent": parent} if parent else {"kind": kind}
            assert client.put(f"/v1/locations/{code}", json=body).status_code == 201
        printer = {"url": "memory://dock", "language": "zpl", "density": 8,
                   "media": {"width": 100_000, "height": 50_000}}  # fmt: skip
        assert client.put("/v1/printers/dock", json=printer).status_code == 201
        yield client


@pytest.fixture
def screen(chromium: Browser, shared_daemon: Daemon, web: httpx.Client) -> Iterator[Screen]:
    with open_screen(chromium, shared_daemon.url) as opened:
        yield opened


def serials(web: httpx.Client, sku: str, **query: str) -> dict[str, Any]:
    """Return the serials of an item that a list shows: state and location by serial."""
    found = web.get(f"/v1/items/{sku}/serials", params=query).json()["items"]
    return {one["serial"]: (one["state"], one["location"]) for one in found}


@pytest.mark.seed("T1")
@pytest.mark.seed("T2")
@pytest.mark.seed("T3")
@pytest.mark.seed("T4")
@pytest.mark.seed("A8")
@pytest.mark.seed("A9")
@pytest.mark.seed("A10")
@pytest.mark.seed("E8")
@pytest.mark.seed("E9")
@pytest.mark.seed("E13")
@pytest.mark.seed("E15")
@pytest.mark.seed("E31")
def test_an_item_is_made_and_its_serials_come_go_and_are_listed(
    screen: Screen, web: httpx.Client, shared_daemon: Daemon
) -> None:
    screen.go("/items").sees("There is no item yet.").is_accessible()
    make = "#make"
    screen.fill("SKU", "DRILL", inside=make).fill("Name", "Bench drill", inside=make)
    screen.fill("Tracked by", "serial", inside=make)
    screen.fill("Next serial", "D00001", inside=make).click("Make the item")
    screen.said("Item DRILL is made.").sees("No serial is on hand.").sees("D00001")

    # Three more as they come next, into a bay: looked at first, then added.
    add = "#add"
    screen.fill("Serials", "next*3", inside=add).fill("Reason", "found", inside=add)
    screen.fill("Location (site, zone or bay)", "BAY-1", inside=add).click("Look first")
    screen.said("Read: 3, from D00001 to D00003. Nothing is stored yet.")
    assert serials(web, "DRILL") == {}
    screen.click("Add the serials").said("Serials added to stock: 3.")
    screen.sees("D00003", inside="#list-serials-of-item").sees("D00004", inside="#serials-now")
    here = ("received", "BAY-1")
    assert serials(web, "DRILL") == {"D00001": here, "D00002": here, "D00003": here}

    # One of two cannot be: none is added, the cause stands beside it, what was typed stays.
    screen.fill("Serials", "E1, D00003", inside=add).fill("Reason", "found", inside=add)
    screen.fill("Location (site, zone or bay)", "BAY-1", inside=add).click("Add the serials")
    screen.said("D00003").is_accessible()
    typed = screen.page.locator(add).get_by_label("Serials", exact=True).input_value()
    assert (typed, len(serials(web, "DRILL", show="all"))) == ("E1, D00003", 3)

    # An adjustment of one piece each, on the tab of movements.
    screen.click("Movements", inside=".tabs").sees("Added by a correction").is_accessible()
    screen.fill("Adjustment", "write_off", inside="#adjust").fill("Serials", "D00002")
    screen.fill("Reason", "lost").click("Adjust").said("Serials taken out of stock: 1.")
    screen.sees("Written off").fill("Adjustment", "adjust_in", inside="#adjust")
    screen.fill("Serials", "D00002, D00003").fill("Location", "BAY-2").fill("Reason", "found")
    screen.click("Adjust").said("D00003")  # it is on hand: it cannot be added once more
    assert "D00002" not in serials(web, "DRILL")
    screen.fill("Adjustment", "transfer", inside="#adjust").fill("Serials", "D00003")
    screen.fill("Location", "BAY-2").fill("Reason", "").click("Adjust")
    screen.said("Serials moved: 1.")
    assert serials(web, "DRILL") == {"D00001": here, "D00003": ("received", "BAY-2")}

    # On hand unless all are asked for; active locations, unless others are.
    shared_daemon.gateway.parts.database.run(
        lambda t: t.execute("UPDATE place SET active = 0 WHERE code = 'BAY-2'")
    )
    rows = "#list-serials-of-item tbody"
    screen.click("Serials", inside=".tabs").sees("D00001", inside=rows)
    screen.does_not_see("D00003", inside=rows).does_not_see("D00002", inside=rows)
    screen.fill("Location", "all", inside=".filters").click("Show").sees("D00003", inside=rows)
    screen.does_not_see("D00002", inside=rows)
    screen.fill("Location", "BAY-2", inside=".filters").click("Show")
    screen.does_not_see("D00001", inside=rows).sees("D00003", inside=rows)
    screen.fill("Location", "all", inside=".filters").fill("Filter by", "all").click("Show")
    screen.sees("D00002", inside=rows).sees("Written off", inside=rows).is_accessible()
    shared_daemon.gateway.parts.database.run(
        lambda t: t.execute("UPDATE place SET active = 1 WHERE code = 'BAY-2'")
    )

    screen.fill("Next serial", "D00100", inside="#next").click("Change the next serial")
    screen.said("The next serial is changed.").sees("D00100", inside="#serials-now")
    assert web.get("/v1/items/DRILL/serials/next").json()["items"] == ["D00100"]


@pytest.mark.seed("E7")
@pytest.mark.seed("E10")
@pytest.mark.seed("E11")
@pytest.mark.seed("E12")
@pytest.mark.seed("E14")
@pytest.mark.seed("E28")
def test_an_item_is_serialised_and_converted_with_warnings_and_tabs_say_why_they_are_missing(
    screen: Screen, web: httpx.Client
) -> None:
    web.put("/v1/items/TENT", json={"name": "Tent"})
    screen.go("/items/TENT/serials").sees("TENT has no serials, because it is not serialised.")
    screen.is_accessible().click("Movements", inside=".tabs")
    screen.fill("More or less, in pc", "3").fill("Location", "BAY-1").fill("Reason", "opening")
    screen.click("Adjust").said("is posted.").sees("Added by a correction")
    assert web.get("/v1/stock?item=TENT").json()["items"][0]["on_hand"] == 3

    # Serials for two of the three pieces on hand; the third gets its own later.
    screen.click("Change how it is tracked").is_accessible()
    screen.fill("Serials of the 3 pieces on hand", "T1..T2").click("Mark As Serialised")
    screen.said("Pieces on hand without a serial: 1.").sees("T2").sees("Give a piece on hand")
    screen.fill("Serials of these pieces", "T3").click("Give them their serials")
    screen.said("Pieces that got their serials: 1.").does_not_see("Give a piece on hand")

    # Into lots: asked first, and nothing happens until yes is said.
    screen.click("Details", inside=".tabs").click("How it is tracked")
    screen.fill("Lot for the 3 at BAY-1", "B-1").click("Convert To Batch Tracked")
    screen.sees("Is that meant?").sees("3 serials of TENT end as untracked").is_accessible()
    screen.click("No, leave it as it is").sees("How it is tracked")
    assert web.get("/v1/items/TENT").json()["tracking"] == "serial"
    screen.fill("Lot for the 3 at BAY-1", "B-1").click("Convert To Batch Tracked")
    screen.click("Yes, do it").said("TENT is tracked by lots now. Serials that ended: 3.")
    by_lot = web.get("/v1/stock?item=TENT&by=lot").json()["items"][0]["lots"]
    assert [(one["lot"], one["on_hand"]) for one in by_lot] == [("B-1", 3)]

    # Without serials, and then without stock: two steps, each with its warning.
    web.put("/v1/items/RIFLE", json={"tracking": "serial"})
    act = {"action": "receive", "item": "RIFLE", "serials": "R1 R2", "location": "BAY-1"}
    assert web.post("/v1/serials/actions", json=act).status_code == 200
    screen.go("/items/RIFLE/tracking").click("Mark As Not Serialised")
    screen.sees("2 serials of RIFLE end as untracked").click("Yes, do it").said("Ended: 2.")
    screen.sees("2 pc", inside="#stock-on_hand")
    screen.click("Change how it is tracked").click("Mark As Not Stock Tracked").said("RIFLE")
    assert web.get("/v1/items/RIFLE").json()["stock_tracked"] is True
    screen.go("/items/RIFLE/movements").fill("More or less, in pc", "-2")
    screen.fill("Location", "BAY-1").fill("Reason", "sold").click("Adjust").said("is posted.")
    screen.go("/items/RIFLE/tracking").click("Mark As Not Stock Tracked")
    screen.click("Yes, do it").said("not counted any more")
    assert web.get("/v1/items/RIFLE").json()["stock_tracked"] is False

    # What the accounts know stays as it is: the choices are not there, the cause is.
    web.put("/v1/items/BOW", json={"tracking": "serial"})
    web.post("/v1/items/BOW/sync-marks", json={"system": "MYOB"})
    screen.go("/items/BOW/tracking").sees("MYOB knows this item").does_not_see("Mark As")

    # A tab can be hidden in a browser; its address says so and brings it back.
    screen.go("/items/BOW").click("Tabs shown here")
    for tab in ("Serials", "Movements"):
        screen.locator("#layout").get_by_label(tab, exact=True).set_checked(False)
    screen.click("Keep this choice")
    screen.does_not_see("Movements", inside=".tabs")
    screen.sees("The tab Serials is hidden in this browser")
    screen.go("/items/BOW/movements").sees("This tab is hidden in this browser.").is_accessible()
    screen.click("Show the tab").sees("Movements", inside=".tabs")
    screen.does_not_see("Serials", inside=".tabs")
    screen.go("/items/BOW/serials").sees("This tab is hidden in this browser.")
    screen.click("Show the tab").sees("Serials", inside=".tabs")


@pytest.mark.seed("N9")
@pytest.mark.seed("N10")
@pytest.mark.seed("N11")
@pytest.mark.seed("E15")
def test_an_item_is_saved_whole_or_not_and_two_people_at_once_lose_nothing(
    screen: Screen, web: httpx.Client
) -> None:
    web.put("/v1/items/SAW", json={"name": "Saw", "tracking": "serial", "units": {"box": 12}})
    web.put("/v1/items/BLADE", json={"name": "Blade"})
    web.put("/v1/items/SET", json={"name": "Saw set", "kind": "kit"})
    screen.go("/items/SAW/details").is_accessible()

    # Half a piece is none: nothing of the form is saved, and all of it is still there.
    unit = screen.locator("[aria-label='Unit 2']")
    unit.get_by_label("Unit", exact=True).fill("half")
    unit.get_by_label("So many pc each").fill("0.5")
    screen.fill("Name", "Chain saw").fill("Our warranty, months", "24").click("Save")
    screen.said("whole number of base units")
    assert unit.get_by_label("Unit", exact=True).input_value() == "half"
    assert web.get("/v1/items/SAW").json()["name"] == "Saw"
    unit.get_by_label("Unit", exact=True).fill("pallet")
    unit.get_by_label("So many pc each").fill("144")
    point = screen.locator("[aria-label='Location 1']")
    point.get_by_label("At location").fill("BAY-1")
    point.get_by_label("Reorder at").fill("3")
    screen.click("Save").said("Item SAW is saved.")
    saved = web.get("/v1/items/SAW").json()
    assert (saved["name"], saved["warranty_out"], saved["units"], saved["reorder_points"]) == (
        "Chain saw", 24, {"box": 12, "pallet": 144}, {"BAY-1": 3},
    )  # fmt: skip

    # Somebody else saves meanwhile: neither's words are lost.
    screen.fill("Name", "My saw")
    web.put("/v1/items/SAW", json={"tax_code": "T1"})
    screen.click("Save").said("SAW")
    now = web.get("/v1/items/SAW").json()
    assert (now["name"], now["tax_code"]) == ("Chain saw", "T1")
    name = screen.page.get_by_label("Name", exact=True).first
    assert name.input_value() == "My saw"
    screen.click("Save").said("Item SAW is saved.")
    now = web.get("/v1/items/SAW").json()
    assert (now["name"], now["tax_code"]) == ("My saw", "T1")

    # What a kit consists of.
    screen.go("/items/SET").sees("A kit has no stock of its own").click("Say what is in it")
    for row, (sku, quantity) in enumerate((("SAW", "1"), ("BLADE", "6")), 1):
        member = screen.locator(f"[aria-label='Member {row}']")
        member.get_by_label("Item (SKU)").fill(sku)
        member.get_by_label("How many").fill(quantity)
    screen.click("Save").said("Item SET is saved.")
    assert web.get("/v1/items/SET").json()["members"] == [
        {"item": "BLADE", "quantity": 6}, {"item": "SAW", "quantity": 1},
    ]  # fmt: skip
    act = {"action": "receive", "item": "SAW", "serials": "S1 S2", "location": "BAY-1"}
    assert web.post("/v1/serials/actions", json=act).status_code == 200
    screen.click("Stock", inside=".tabs").sees("What is available makes 0 kits.")
    many = {"lines": [{"item": "BLADE", "quantity": 13}], "to": "BAY-1", "reason": "found"}
    made = web.post("/v1/documents/adjustment", json=many).json()["number"]
    assert web.post(f"/v1/documents/adjustment/{made}/post", json={}).status_code == 200
    screen.go("/items/SET/stock").sees("What is available makes 2 kits.").is_accessible()


def test_labels_of_next_serials_and_of_the_item_are_seen_before_they_are_printed(
    screen: Screen, web: httpx.Client, shared_daemon: Daemon
) -> None:
    pump = {"name": "Pump", "tracking": "serial", "next_serial": "P00041"}
    web.put("/v1/items/PUMP", json=pump)
    screen.go("/items/PUMP/labels").sees("The next one is P00041.").is_accessible()
    shown = screen.locator("#of-next img").evaluate("one => one.decode().then(() => one.width)")
    assert shown > 100
    screen.fill("How many", "3", inside="#of-next").click("Print the next serials")
    screen.said("3 labels are on their way.").sees("The next one is P00044.")
    job = web.get("/v1/jobs").json()["items"][0]
    assert (job["title"], job["labels"]) == ("PUMP P00041–P00043", 3)
    screen.fill("How many", "2", inside="#of-item").click("Print item labels")
    screen.said("2 labels are on their way.")
    newest = web.get("/v1/jobs").json()["items"][0]
    assert (newest["template"], newest["labels"]) == ("item-label", 2)


def test_items_are_made_inactive_together_and_pages_fit_a_handheld_and_the_dark(
    chromium: Browser, shared_daemon: Daemon, web: httpx.Client
) -> None:
    for sku in ("OLD-1", "OLD-2", "NEW-1"):
        web.put(f"/v1/items/{sku}", json={"name": f"Thing {sku}", "tracking": "serial"})
    act = {"action": "receive", "item": "NEW-1", "serials": "N1..N3", "location": "BAY-1",
           "lot": "LN-1"}  # fmt: skip
    assert web.post("/v1/serials/actions", json=act).status_code == 200
    lot = web.get("/v1/lots", params={"item": "NEW-1"}).json()["items"][0]["id"]
    with open_screen(chromium, shared_daemon.url, width=320, height=640) as small:
        small.go("/items?q=old").tick("Tick OLD-1").tick("Tick OLD-2")
        small.click("Print labels…").click("Print labels")
        small.said("Labels on their way: 2.")
        job = web.get("/v1/jobs").json()["items"][0]
        assert (job["template"], job["labels"]) == ("item-label", 2)
        small.go("/items?q=old").tick("Tick OLD-1").tick("Tick OLD-2")
        small.click("Make them inactive").click("Yes")
        small.said("Items that are inactive now: 2.").is_accessible()
        active = web.get("/v1/items", params={"active": 1, "q": "OLD"}).json()["items"]
        assert active == []
        for path in ("/items/NEW-1", "/items/NEW-1/stock", "/items/NEW-1/details",
                     f"/lots/{lot}", "/reports/serials_by_item"):  # fmt: skip
            small.go(path).is_accessible()
    with open_screen(chromium, shared_daemon.url, color_scheme="dark") as dark:
        for path in ("/items/NEW-1", f"/lots/{lot}", "/stock", "/reports/serials_by_item"):
            dark.go(path).is_accessible()
