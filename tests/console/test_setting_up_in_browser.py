"""The first hour, webhooks, settings, health and backups as a supervisor uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.console.screen import open_screen
from tests.console.station import needs_chromium
from tests.outward.receiver import Receiver

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium


def ask(daemon: Daemon, method: str, path: str, body: object = None) -> httpx.Response:
    """Return the API's answer, which must be no refusal."""
    url = f"{daemon.url}/v1{path}"
    answer = httpx.request(method, url, json=body, trust_env=False, timeout=30)
    assert answer.is_success, answer.text
    return answer


def test_the_first_hour_says_what_is_done_and_the_one_next_act(
    chromium: Browser, daemon: Daemon
) -> None:
    with open_screen(chromium, daemon.url) as screen:
        screen.go("/start").sees("0 of 8 steps are done.").is_accessible()
        assert screen.locator("[aria-current=step]").inner_text().startswith("A printer")
        # What others do meanwhile is seen without a reload.
        media = {"width": 100_000, "height": 50_000, "stock": "Serial 100x50"}
        ask(daemon, "PUT", "/printers/zebra", {"url": "virtual:", "media": media})
        screen.sees("2 of 8 steps are done.").sees("Loaded: Serial 100x50.")
        ask(daemon, "POST", "/printers/zebra/test")
        screen.sees("A label came out.").sees("3 of 8 steps are done.")
        ask(daemon, "PUT", "/scanners/hand", {"url": "virtual://hand"})
        ask(daemon, "PUT", "/stations/desk", {"title": "Desk"})
        ask(daemon, "PUT", "/items/DRILL", {"name": "Drill", "tracking": "serial"})
        screen.sees("Items are there, such as DRILL.").sees("6 of 8 steps are done.")
        ask(daemon, "PUT", "/locations/MAIN", {"name": "Store"})
        ask(
            daemon, "POST", "/serials/actions",
            {"action": "receive", "item": "DRILL", "serials": "SN-1", "location": "MAIN"},
        )  # fmt: skip
        screen.sees("7 of 8 steps are done.")
        step = screen.locator("[aria-current=step]")
        assert step.get_by_role("link").get_attribute("href") == "/serials"
        ask(
            daemon, "POST", "/serials/print",
            {"serials": "SN-1", "printer": "zebra", "item": "DRILL"},
        )  # fmt: skip
        screen.sees("All is set up. Work begins.")
    with open_screen(chromium, daemon.url, width=320, color_scheme="dark") as small:
        small.go("/start").sees("All is set up").is_accessible()


def test_a_dead_letter_is_sent_again_from_the_page_and_taken(
    daemon: Daemon, screen: Screen
) -> None:
    with Receiver() as erp:
        screen.go("/webhooks").sees("No program outside is told").is_accessible()
        screen.fill("Name", "erp").fill("Address", erp.url).fill("Told of", "item")
        screen.click("Make the webhook").sees("shown once and never again").is_accessible()
        assert screen.locator("#secret").inner_text().startswith("whsec_")
        assert screen.go("/webhooks/erp").locator("#secret").count() == 0
        screen.click("Send a test message").said("The receiver took it")

        # The receiver is away for three days: what it missed was given up.
        erp.says = lambda _: 500
        screen.click("Pause").said("Webhook erp is paused.")
        parts = daemon.gateway.parts
        ask(daemon, "PUT", "/items/DRILL", {"name": "Drill"})
        hook = parts.webhooks.find("erp")
        parts.database.run(
            lambda t: t.execute(
                "INSERT INTO webhook_delivery (webhook, entry, state, attempts, status, error, at) "
                "SELECT ?, seq, 'dead', 10, 500, 'The receiver answered 500.', at FROM feed "
                "WHERE kind LIKE 'item.%'",
                (hook.id,),
            )
        )
        screen.go("/webhooks/erp").sees("The receiver answered 500.").is_accessible()
        screen.click("Send a test message").said("500")
        body = {"after": "now", "active": True}
        ask(daemon, "PUT", "/webhooks/erp", body)

        # It is back. The letter is ticked, sent again, and taken.
        erp.says = lambda _: 200
        before = len(erp.got)
        screen.go("/webhooks/erp").locator("input[name=_ids]").first.check()
        screen.click("Send them again").said("1 messages are sent again.")
        screen.sees("Everything was taken")
        (message,) = erp.got[before:]
        assert message.event["type"].startswith("item.")
        assert ask(daemon, "GET", "/webhooks/erp").json()["dead"] == 0

    screen.fill("Name", "books").click("Save").said("Webhook books is changed.").at(
        "/webhooks/books"
    )
    screen.click("Make another secret").click("Yes").sees("shown once and never again")
    screen.go("/webhooks/books").click("Delete the webhook").click("Yes")
    screen.said("Webhook books is deleted.").sees("No program outside is told")


@pytest.mark.seed("N4")
def test_settings_are_saved_one_by_one_and_what_is_off_vanishes(
    chromium: Browser, daemon: Daemon
) -> None:
    with open_screen(chromium, daemon.url) as screen:
        screen.go("/settings").is_accessible()
        screen.fill("Days for which scans are listed", "3")
        screen.click("Save: Days for which scans are listed")
        screen.said("Scans are kept for 7 days at least")
        field = screen.page.get_by_label("Days for which scans are listed", exact=True)
        assert field.input_value() == "3", "what was typed is still there"
        screen.sees("Scans are kept for 7 days at least", inside="#setting-scan_days")
        screen.fill("Days for which scans are listed", "30")
        screen.click("Save: Days for which scans are listed")
        screen.said("Saved: Days for which scans are listed.")

        screen.sees("Lots", inside="nav.side").tick("Lots", on=False)
        screen.tick("Returns", on=False).click("Save: What is used here")
        screen.said("Saved: What is used here.").does_not_see("Lots", inside="nav.side")
        screen.fill("Reasons", "torn\nlost").click("Save: Reasons").said("Saved: Reasons.")
        screen.tick("Pick before shipping").click("Save: Pick before shipping")
        screen.said("Saved: Pick before shipping.")
        screen.fill("A serial that left comes again", "ask")
        screen.click("Save: A serial that left comes again").said("Saved:")
        found = ask(daemon, "GET", "/settings").json()
        assert found["scan_days"] == 30
        assert found["registry.features"] == [
            "barcodes", "bins", "kits", "multi_location", "qc", "work_orders",
        ]  # fmt: skip
        assert found["registry.reasons"] == ["torn", "lost"]
        assert (found["registry.require_pick"], found["registry.reuse"]) == (True, "ask")

        # Nobody is locked out: without a key the door cannot be closed here.
        screen.sees("make a key with the right “admin” first", inside="#setting-local_access")
        screen.tick("Keep serials and stock", on=False).click("Save: Keep serials and stock")
        screen.click("Yes").said("Saved: Keep serials and stock.")
        screen.does_not_see("Items", inside="nav.side")
    with open_screen(chromium, daemon.url, width=320, color_scheme="dark") as small:
        small.go("/settings").is_accessible()


def test_health_says_what_is_wrong_and_its_cure_and_the_record_is_proved(
    chromium: Browser, daemon: Daemon
) -> None:
    with open_screen(chromium, daemon.url) as screen:
        screen.go("/health").sees("Everything is well.").is_accessible()
        ask(daemon, "POST", "/printers/zebra/virtual", {"do": "paper_out"})
        screen.sees("1 thing needs somebody.").sees("zebra: Paper is out").is_accessible()
        ask(daemon, "POST", "/printers/zebra/virtual", {"do": "load_paper"})
        screen.sees("Everything is well.").sees("It was never proved yet.")
        screen.click("Prove the record now").sees("The record is whole: 0 events and 0 serials")
        screen.go("/health").sees("The record is whole").does_not_see("It was never proved yet.")
    with open_screen(chromium, daemon.url, width=320, color_scheme="dark") as small:
        small.go("/health").is_accessible()


def test_a_backup_is_made_tried_saved_and_removed(chromium: Browser, daemon: Daemon) -> None:
    with open_screen(chromium, daemon.url) as screen:
        screen.go("/backups").sees("No backup was made yet.").is_accessible()
        screen.click("Make a backup now").sees("is made (")
        screen.go("/backups").sees("Not tried").click("Try the newest").sees("It can be put back:")
        screen.go("/backups").sees("Can be put back").is_accessible()
        (backup,) = ask(daemon, "GET", "/backups").json()["items"]
        screen.click(backup["name"]).sees("It can be put back:").is_accessible()
        with screen.page.expect_download() as waiting:
            screen.click("Save the file")
        assert (
            waiting.value.path().read_bytes()
            == (daemon.data_dir / "backups" / backup["name"]).read_bytes()
        )

        # A copy that has gone bad is found by trying it.
        file = daemon.data_dir / "backups" / backup["name"]
        content = bytearray(file.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 4096] = b"\xff" * 4096
        file.write_bytes(content)
        screen.click("Try it").sees("It cannot be put back:")
        screen.go("/backups").sees("Damaged")
        screen.go(f"/backups/{backup['name']}").sees("It cannot be put back:").is_accessible()
        screen.click("Remove it").click("Yes").said("is removed").sees("No backup was made yet.")
        assert [one.name for one in file.parent.glob("*.db")] == []
    with open_screen(chromium, daemon.url, width=320, color_scheme="dark") as small:
        small.go("/backups").is_accessible()
