"""A supervisor moves the gateway to a new computer with nothing but a browser and a stick."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.screen import open_screen
from tests.console.station import needs_chromium
from tests.sites import MEDIA, Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = needs_chromium


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Site]:
    """The computer that has worked until now, with two labels that wait."""
    site = Site(tmp_path / "old")
    site.daemon.start()
    site.ask("PUT", "/printers/dock", {"url": "tcp://127.0.0.1:9", "media": MEDIA})
    site.ask("POST", "/printers/dock/pause")
    # On a cable of the old computer, which nobody has plugged into the new one yet.
    site.ask("PUT", "/printers/bench", {"url": "usb://0a5f:0164/XX1", "media": MEDIA})
    rows = [{"serial": "SN-1"}, {"serial": "SN-2"}]
    order = {"printer": "dock", "template": "serial-label", "labels": rows}
    site.ask("POST", "/jobs", order)
    yield site
    site.close()


@pytest.fixture
def new(tmp_path: Path) -> Iterator[Site]:
    """The computer that was just bought."""
    site = Site(tmp_path / "new")
    site.daemon.start()
    yield site
    site.close()


def test_one_file_goes_out_and_comes_in_and_the_old_gateway_says_so_on_every_page(
    chromium: Browser, old: Site, new: Site, tmp_path: Path
) -> None:
    with open_screen(chromium, old.daemon.url) as here:
        here.go("/backups").is_accessible().click("Move to another computer")
        here.sees("this gateway prints nothing and takes nothing").is_accessible()
        here.click("Yes, do it").sees("This gateway is fenced off now.")
        here.go("/printers").sees("This gateway was moved to another computer")
        here.click("Backups and moving", inside="#moved").sees("Save this file on a stick")
        here.is_accessible()
        with here.page.expect_download() as waiting:
            here.locator("a:has-text('Save the file')").click()
        file = tmp_path / "stick.db"
        waiting.value.save_as(file)

        with open_screen(chromium, new.daemon.url, width=390, color_scheme="dark") as there:
            there.go("/backups").sees("Take over from another computer").is_accessible()
            there.upload("The file", file).click("Take it in").sees(
                "goes on where that one stopped"
            )
            new.wait("its start", lambda: new.ask("GET", "/moving")["came"] is not None)
            there.go("/backups").sees("This gateway came from").sees("1 job came with it.")
            there.sees("Printers that are not here yet", inside="#missing").sees("bench")
            there.sees("This gateway is in use", inside="#arriving").is_accessible()
        assert new.labels("J1") == {"queued": 2}, "they wait as they did, and are not on hold"

        # What is done here is refused, with the sentence and without a loss.
        here.go("/printers/dock").click("Resume printer dock").said(
            "This gateway was moved to another computer"
        )
        here.go("/backups").click("The move did not happen").sees("nothing can stop a computer")
        here.click("Yes, do it").said("2 labels that waited are on hold, 0 are asked about.")
        old.wait("its start", lambda: not old.ask("GET", "/moving")["fenced"])
        here.go("/printers").does_not_see("This gateway was moved to another computer")
        assert old.labels("J1") == {"held": 2}
