"""A station's page as a person uses it: scans typed by a wedge, buttons touched, words read."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]
"""Marks of a module whose tests open pages."""

WITHIN = 30_000.0
"""ms a busy machine may need until something is seen."""

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Run Debian's Chromium until the end of the block."""
    assert CHROMIUM is not None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_station(
    browser: Browser, url: str, station: str, *, width: int = 1024, height: int = 768
) -> Iterator[StationPage]:
    """Open a station's page on a touch screen of its own until the end of the block."""
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True)
    try:
        page = StationPage(context, url, station)
        page.open()
        yield page
        assert page.trouble == []
    finally:
        context.close()


class StationPage:
    """One screen. Whatever is asked of it waits until it is so."""

    def __init__(self, context: BrowserContext, url: str, station: str) -> None:
        self.url, self.station = url, station
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WITHIN)
        self.trouble: list[str] = []
        """What the page's script failed at."""
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))

    def open(self) -> None:
        """Load the page, or load it anew."""
        self.page.goto(f"{self.url}/station/{self.station}")
        # Scans count from now on: the script listens, and hears what happens elsewhere.
        self.page.wait_for_selector("body[data-live]")

    def scan(self, text: str, *, end: str = "Enter", delay: float = 1) -> None:
        """Type a code as a wedge does, ``delay`` ms a key, into whatever has the focus."""
        self.page.keyboard.type(text, delay=delay)
        self.page.keyboard.press(end)

    def scanned(self, text: str) -> str:
        """Scan a code and return the outcome of that very scan."""
        before = self.newest()
        self.scan(text)
        self.page.wait_for_function(
            "before => Number(document.getElementById('part-outcome')"
            ".getAttribute('data-scan')) > before && document.body.getAttribute('data-idle')",
            arg=before,
        )
        return self.outcome()

    def tap(self, title: str) -> None:
        """Touch the button that begins with these words."""
        self.button(title).tap()

    def button(self, title: str) -> Locator:
        """Return the button that can be seen and begins with these words."""
        return self.page.locator(f"button:visible:text-matches('^\\\\s*{title}', 'i')").first

    def newest(self) -> int:
        """Return the number of the newest scan on the screen, 0 while there is none."""
        return int(self.page.locator("#part-outcome").get_attribute("data-scan") or 0)

    def outcome(self) -> str:
        """Return the word under the symbol: Ready, Done, Look, Refused, Question."""
        return self.page.locator("#part-outcome .word").inner_text().capitalize()

    def sentence(self) -> str:
        """Return the sentence that fills the screen."""
        return self.page.locator("#part-outcome .sentence").inner_text()

    def says(self, words: str) -> None:
        """Wait until the large sentence holds these words."""
        expect(self.page.locator("#part-outcome .sentence")).to_contain_text(words, timeout=WITHIN)

    def asks(self) -> str:
        """Return what is to be scanned next."""
        return self.page.locator("#part-asks p").first.inner_text().removeprefix("Next:").strip()

    def mode(self) -> str:
        """Return what the station is doing, as its head says it."""
        return self.page.locator("#part-top .doing").inner_text()

    def counts(self) -> tuple[int, int | None]:
        """Return how many are scanned, and how many are expected."""
        scanned = int(self.page.locator("#part-progress .scanned").inner_text())
        expected = self.page.locator("#part-progress .of")
        return scanned, int(expected.inner_text().split()[-1]) if expected.count() else None

    def counted(self, scanned: int, expected: int | None = None) -> None:
        """Wait until so many are scanned, of so many."""
        words = str(scanned) if expected is None else f"{scanned} of {expected}"
        expect(self.page.locator("#part-progress .count")).to_have_text(
            words, timeout=WITHIN, use_inner_text=True
        )

    def recent(self) -> list[tuple[str, str]]:
        """Return the last scans, newest first: outcome and code of each."""
        rows = self.page.locator("#part-recent li")
        return [
            (
                (row.get_attribute("class") or "").split()[0],
                row.locator(".code").inner_text(),
            )
            for row in rows.all()
        ]

    def kept(self) -> list[str]:
        """Return the codes that are kept and not yet checked, oldest first."""
        return self.page.locator("#kept-list .code").all_inner_texts()

    def serious(self) -> list[str]:
        """Return what axe-core finds serious or critical: rule and place of each."""
        self.page.evaluate(AXE)
        found = self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{one['id']}: {node['html']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]
