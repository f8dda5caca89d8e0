"""Stocktakes: counted by scan, by tick, by file; the differences decided; the stock as counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.screen import open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{shared_daemon.url}/v1", trust_env=False) as web:
        for code in ("A-01", "A-02"):
            web.put(f"/locations/{code}", json={"kind": "bin"}).raise_for_status()
        yield web


def receive(web: httpx.Client, item: str, serials: str, location: str) -> None:
    body = {"action": "receive", "serials": serials, "item": item, "location": location}
    web.post("/serials/actions", json=body).raise_for_status()


def where(web: httpx.Client, item: str) -> dict[str, tuple[str, str | None]]:
    """Return of each serial its state and its location."""
    found: list[dict[str, Any]] = web.get(f"/items/{item}/serials?show=all").json()["items"]
    return {one["serial"]: (one["state"], one["location"]) for one in found}


@pytest.mark.seed("E33")
def test_a_bin_is_counted_by_scan_and_tick_and_its_differences_are_decided(
    web: httpx.Client, chromium: Browser, shared_daemon: Daemon
) -> None:
    web.put("/items/DRILL", json={"tracking": "serial"}).raise_for_status()
    receive(web, "DRILL", "C1..C4", "A-01")
    receive(web, "DRILL", "C5", "A-02")
    with open_screen(chromium, shared_daemon.url) as window:
        window.go("/stocktakes").sees("Nothing was counted yet.").is_accessible()
        window.click("New stocktake").fill("Location", "A-01").fill("Items", "DRILL")
        window.is_accessible().click("Begin to count").said("has begun: count.")
        number = window.page.url.rpartition("/")[2]
        window.sees("0 counted; 4 should be there.", inside="#progress").is_accessible()
        window.page.get_by_label("Scan a serial", exact=True).focus()
        for code in ("C1", "C2", "C1", "C5", "NEW-1"):
            window.scan(code)
        window.sees("NEW-1 is not known yet.", inside=".scanned")
        for words in ("C1 is where it should be.", "C1 was counted already.",
                      "C5 should be at A-02."):  # fmt: skip
            window.sees(words, inside=".scanned")
        window.sees("3 counted; 4 should be there.", inside="#progress")
        # C3 is there, but its label cannot be read.
        window.click("Labels that cannot be read").click("Show what was not counted yet")
        window.sees("C4", inside="#by-tick").tick("C3 DRILL, A-01").click("Count the ticked")
        window.said("C3 is where it should be.").sees("4 counted; 4 should be there.")
        # Somebody has to say of which item the unknown one is.
        window.click("Differences").sees("3 differences").is_accessible()
        window.fill("Item of NEW-1", "DRILL")
        window.click("It is the item of NEW-1").said("NEW-1 is not known yet.")
        window.sees("3 differences").is_accessible()
        assert window.locator("#differences tbody tr").count() == 3
        assert window.page.get_by_role("button", name="Post the count").is_disabled()
        window.click("Elsewhere: move it here").said("It is decided.")
        window.fill("What becomes of DRILL/C4", "write_off")
        window.fill("What becomes of DRILL/NEW-1", "add").click("Decide").said("It is decided.")
        assert where(web, "DRILL")["C4"] == ("received", "A-01")
        window.click("Post the count").click("Yes").said(f"{number} is posted").sees("Done")
        window.sees("Written off", inside="#events").sees("Moved", inside="#events")
        window.is_accessible()
    assert where(web, "DRILL") == {
        "C1": ("received", "A-01"), "C2": ("received", "A-01"), "C3": ("received", "A-01"),
        "C4": ("written_off", None), "C5": ("received", "A-01"), "NEW-1": ("received", "A-01"),
    }  # fmt: skip


@pytest.mark.seed("E33")
def test_counts_come_from_a_file_and_make_new_batches_and_serials(
    web: httpx.Client, chromium: Browser, shared_daemon: Daemon, tmp_path: Path
) -> None:
    web.put("/items/PAINT", json={"tracking": "lot"}).raise_for_status()
    web.put("/items/SAW", json={"tracking": "serial"}).raise_for_status()
    table = tmp_path / "count.csv"
    table.write_text(
        "location,item,serial,lot,quantity\nA-02,SAW,S1,,\nA-02,SAW,S2,,\nA-02,PAINT,,B-9,12\n",
        encoding="utf-8",
    )
    body = {"from": "A-02", "lines": [{"item": sku, "quantity": 0} for sku in ("PAINT", "SAW")]}
    web.put("/documents/stocktake/ST-F", json=body).raise_for_status()
    with open_screen(
        chromium, shared_daemon.url, width=320, height=800, color_scheme="dark"
    ) as window:
        window.go("/documents/stocktake/ST-F").click("Begin to count").said("has begun")
        window.click("A file").upload("CSV or XLSX", table).is_accessible()
        window.click("Count what it says").said("3 counted; 2 of them to look at.")
        window.click("Differences").sees("3 differences").is_accessible()
        window.click("Not known: make it new").said("It is decided.")
        window.click("Other quantity: correct the quantity").said("It is decided.")
        window.click("Post the count").click("Yes").said("ST-F is posted")
    assert where(web, "SAW") == {"S1": ("received", "A-02"), "S2": ("received", "A-02")}
    stock = web.get("/stock?item=PAINT").json()["items"]
    assert [row["on_hand"] for row in stock] == [12]


def test_a_new_stocktake_that_names_no_item_that_there_is_says_so_and_keeps_what_was_typed(
    chromium: Browser, shared_daemon: Daemon, web: httpx.Client
) -> None:
    with open_screen(chromium, shared_daemon.url) as window:
        window.go("/stocktakes/new").fill("Location", "A-01").fill("Items", "NOTHING")
        window.click("Begin to count").said("NOTHING")
        assert window.page.get_by_label("Items", exact=True).input_value() == "NOTHING"
