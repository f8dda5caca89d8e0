"""Who goods go to and come from, where they are, and what a site notes of them: as people do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.console.screen import open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium


def furnish(web: httpx.Client) -> None:
    """Make an item and a site."""
    web.put("/v1/locations/MAIN", json={"kind": "site", "name": "Main warehouse"})
    web.put("/v1/items/DRILL", json={"name": "Drill", "tracking": "serial"})


@pytest.mark.seed("N8")
@pytest.mark.seed("M27")
@pytest.mark.seed("E34")
def test_a_customer_is_made_reached_and_lists_every_serial_they_have(
    daemon: Daemon, screen: Screen
) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as web:
        furnish(web)
        screen.go("/parties").sees("Nobody is here yet.").is_accessible()
        screen.fill("Number", "C-1").fill("Name", "Smith Ltd").click("Make it")
        screen.said("Smith Ltd is made.").at("/parties/C-1").is_accessible()
        screen.click("Add contact, phone, e-mail and address").said("can be noted now")
        screen.fill("Phone", "+49 30 1234").click("Save").said("Saved.")
        party = web.get("/v1/parties/C-1").json()
        assert (party["name"], party["kind"], party["fields"]) == (
            "Smith Ltd", "customer", {"phone": "+49 30 1234"},
        )  # fmt: skip

        lines = [{"item": "DRILL", "quantity": 2}]
        stock = "item,location,serial\nDRILL,MAIN,S-1\nDRILL,MAIN,S-2\nDRILL,MAIN,S-3\n"
        web.post("/v1/imports/stock", content=stock).raise_for_status()
        web.put(
            "/v1/documents/sales_order/SO-1", json={"party": "C-1", "lines": lines}
        ).raise_for_status()
        web.post("/v1/documents/sales_order/SO-1/confirm", json={}).raise_for_status()
        shipped = {"action": "ship", "item": "DRILL", "serials": "S-1, S-2", "party": "C-1"}
        web.post("/v1/serials/actions", json=shipped).raise_for_status()
        screen.go("/parties").click("C-1").click("Serials", inside=".tabs").sees("S-1").sees("S-2")
        screen.does_not_see("S-3").is_accessible()
        screen.click("Documents", inside=".tabs").sees("SO-1").is_accessible()

        # Whoever is named cannot be deleted; inactive they are still listed.
        screen.click("About").click("Delete").click("Yes").said("is in use")
        screen.click("Make inactive").said("Smith Ltd is inactive now.")
        assert web.get("/v1/parties/C-1").json()["active"] is False
        screen.go("/parties").sees("Inactive").fill("Number or name begins with", "Nobody")
        screen.click("Show").sees("Nothing fits these filters.")

        # A colleague was faster: what was typed stays, and the page says so.
        screen.go("/parties/C-1").fill("Name", "Smith & Sons")
        web.put("/v1/parties/C-1", json={"name": "Smyth"})
        screen.click("Save").said("changed or removed meanwhile")
        assert screen.page.get_by_label("Name", exact=True).input_value() == "Smith & Sons"


@pytest.mark.seed("N17")
@pytest.mark.seed("E34")
def test_a_warehouse_is_laid_out_bin_by_bin_labelled_and_a_full_bin_is_not_closed(
    daemon: Daemon, screen: Screen
) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as web:
        furnish(web)
        screen.go("/locations").sees("Main warehouse").is_accessible()
        screen.fill("Code", "A").fill("Kind", "zone", inside="#make")
        screen.fill("Inside", "MAIN", inside="#make").click("Make the location")
        screen.said("Location A is made.").is_accessible()
        screen.click("Make locations inside it")
        screen.fill("First code", "A-01-01").fill("Last code", "A-02-20").click("See them first")
        screen.sees("40 locations would be made").sees("A-02-20").is_accessible()
        screen.click("Make 40 locations").said("40 locations are made.").at("/locations/A")
        inside = web.get("/v1/locations?parent=A&limit=500").json()["items"]
        assert [inside[0]["code"], inside[-1]["code"], len(inside)] == ["A-01-01", "A-02-20", 40]
        screen.go("/location-series?first=A-02-19&last=A-02-22&kind=bin&parent=A")
        screen.sees("2 locations would be made").sees("2 of them are there already")
        screen.go("/locations").sees("40 inside").is_accessible()

        # Their labels, on the virtual printer: what a scanner reads there is the bin.
        screen.fill("Code or name begins with", "A-01-0").click("Show")
        screen.tick("Tick A-01-01").tick("Tick A-01-02").click("Print labels…")
        screen.locator("details.asks[open]").get_by_role("button", name="Print labels").click()
        screen.said("Labels of 2 locations are being printed.")
        job = web.get("/v1/jobs").json()["items"][0]
        labels = web.get(f"/v1/jobs/{job['id']}/labels").json()["items"]
        assert [one["data"]["location"] for one in labels] == ["A-01-01", "A-01-02"]

        # Goods are in a bin; it is not closed before they are gone.
        stock = "item,location,serial\nDRILL,A-01-03,S-1\n"
        web.post("/v1/imports/stock", content=stock).raise_for_status()
        screen.go("/locations/A-01-03").click("Make inactive").said("1 pieces are at A-01-03")
        screen.click("Serials", inside=".tabs").sees("S-1").is_accessible()
        screen.click("Stock", inside=".tabs").sees("DRILL").is_accessible()
        screen.go("/locations/A-01-04").click("Make inactive").said("is inactive now")
        assert web.get("/v1/locations/A-01-04").json()["active"] is False


@pytest.mark.seed("N22")
def test_fields_of_ones_own_are_added_needed_and_filled_in(daemon: Daemon, screen: Screen) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as web:
        furnish(web)
        screen.go("/fields").sees("There is no field of your own here yet.").is_accessible()
        screen.fill("Name", "QC grade").fill("Type", "choice")
        screen.click("Add the field").said("needs its 'choices'")
        assert screen.page.get_by_label("Name", exact=True).input_value() == "QC grade"
        screen.fill("The list, for “One of a list”", "A\nB").tick("Serials are searched by it")
        screen.tick("Receive").click("Add the field").said("The field QC grade is there.")
        assert web.get("/v1/fields/serial/qc_grade").json() == {
            "scope": "serial", "key": "qc_grade", "label": "QC grade", "type": "choice",
            "choices": ["A", "B"], "required_at": ["receive"], "searchable": True, "rank": 1,
            "links": {"self": "/v1/fields/serial/qc_grade"},
        }  # fmt: skip
        refused = web.post(
            "/v1/serials/actions",
            json={"action": "receive", "item": "DRILL", "serials": "S-1", "location": "MAIN"},
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "field_required")
        screen.click("QC grade").is_accessible().tick("Receive", on=False).click("Save").said(
            "Saved."
        )
        assert web.get("/v1/fields/serial/qc_grade").json()["required_at"] == []
        web.post(
            "/v1/serials/actions",
            json={
                "action": "receive", "item": "DRILL", "serials": "S-1", "location": "MAIN",
                "fields": {"qc_grade": "B"},
            },
        ).raise_for_status()  # fmt: skip
        screen.click("QC grade").click("Delete the field").click("Yes").said("has 1 value")
        screen.go("/fields/lot").fill("Name", "Prüfdatum").fill("Type", "date")
        screen.click("Add the field").said("The field Prüfdatum is there.")
        assert web.get("/v1/fields/lot/prufdatum").json()["type"] == "date"
        screen.click("Prüfdatum").click("Delete the field").click("Yes").said("is deleted")
        assert web.get("/v1/fields/lot").json()["items"] == []


def test_the_pages_fit_a_handheld_in_the_dark(chromium: Browser, shared_daemon: Daemon) -> None:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=60) as web:
        web.post("/v1/examples").raise_for_status()
        web.put("/v1/fields/serial/grade", json={"type": "choice", "choices": ["A", "B"]})
        table = "Artikelnummer;Bezeichnung;EAN\nA;Eins;\nB;Zwei;12\n"
        kept = web.post("/v1/tables", params={"name": "artikel.csv"}, content=table).json()["id"]
        body = {"what": "items", "dry_run": True}
        work = web.post(f"/v1/tables/{kept}/import", json=body).json()["id"]
        shared_daemon.gateway.parts.works.wait(int(work), 60)
        with open_screen(
            chromium, shared_daemon.url, width=320, height=640, color_scheme="dark"
        ) as screen:
            for path, words in (
                ("/import", "Bring in data"),
                (f"/import/{kept}?status=refused", "Refused"),
                ("/works", "Check artikel.csv"),
                (f"/works/{work}", "2 rows are checked"),
                ("/examples", "EX-DRILL"),
                ("/parties", "Example customer"),
                ("/parties/EX-CUSTOMER/documents", "EX-SO-1"),
                ("/locations", "EX-A-01"),
                ("/locations/EX-A-01/stock", "EX-SCREW"),
                ("/location-series?first=A-01&last=A-99&kind=bin&parent=EX-SITE", "99 locations"),
                ("/fields", "grade"),
                ("/fields/serial/grade", "One in each line."),
            ):
                screen.go(path).sees(words).is_accessible()
