"""A screen as a person uses it: links and buttons by their words, fields by their labels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.console.station import AXE, WITHIN

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Locator, Page

SERIOUS = ("serious", "critical")
"""Impacts of axe-core that no page may have."""


@contextmanager
def open_screen(
    browser: Browser, url: str, *, width: int = 1280, height: int = 900, **context: Any
) -> Iterator[Screen]:
    """Open a browser window until the end of the block; its scripts must not have failed."""
    made = browser.new_context(viewport={"width": width, "height": height}, **context)
    try:
        screen = Screen(made, url)
        yield screen
        assert screen.trouble == [], screen.trouble
        assert screen.elsewhere == []
    finally:
        made.close()


class Screen:
    """One window. Whatever is looked for is waited for."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.url, self.context = url, context
        context.add_init_script(UNDER_WAY)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(WITHIN)
        self.trouble: list[str] = []
        """What the page's scripts failed at, and what the content security policy stopped."""
        self.elsewhere: list[str] = []
        """Requests to any other origin."""
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("request", lambda request: self._asked(request.url))

    def _hear(self, kind: str, text: str) -> None:
        # A refused form answers 4xx, which the browser mentions; that is no trouble.
        if kind == "error" and "Failed to load resource" not in text:
            self.trouble.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:", "about:")):
            self.elsewhere.append(url)

    def go(self, path: str) -> Screen:
        """Open a page by its address."""
        self.page.goto(self.url + path)
        return self

    def settled(self) -> Screen:
        """Wait until no answer is under way that would replace what is on the page."""
        self.page.wait_for_function("() => !window.underWay")
        return self

    def click(self, title: str, *, inside: str = "body") -> Screen:
        """Press the button, or follow the link, that is called so; return when it has answered."""
        self.settled()
        scope = self.page.locator(inside)
        button = scope.get_by_role("button", name=title, exact=True)
        link = scope.get_by_role("link", name=title, exact=True)
        summary = scope.locator(f"summary:text-is({json.dumps(title, ensure_ascii=False)})")
        button.or_(link).or_(summary).first.click()
        return self.settled()

    def fill(self, label: str, text: str, *, inside: str = "body") -> Screen:
        """Type into the field with this label, or choose in it."""
        self.settled()
        field = self.page.locator(inside).get_by_label(label, exact=True).first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(text)
        else:
            field.fill(text)
        return self

    def tick(self, label: str, *, on: bool = True) -> Screen:
        """Tick a box."""
        self.settled()
        self.page.get_by_label(label, exact=True).first.set_checked(on)
        return self

    def upload(self, label: str, path: Path) -> Screen:
        """Choose a file."""
        self.settled()
        self.page.get_by_label(label, exact=True).first.set_input_files(path)
        return self

    def sees(self, words: str, *, inside: str = "main") -> Screen:
        """Wait until the words can be read."""
        expect(self.page.locator(inside).first).to_contain_text(
            words, timeout=WITHIN, use_inner_text=True
        )
        return self

    def does_not_see(self, words: str, *, inside: str = "main") -> Screen:
        """Wait until the words cannot be read (any more)."""
        expect(self.page.locator(inside).first).not_to_contain_text(
            words, timeout=WITHIN, use_inner_text=True
        )
        return self

    def said(self, words: str) -> Screen:
        """Wait until the head of the page says this about what was done."""
        return self.sees(words, inside="#said")

    def at(self, path: str) -> Screen:
        """Wait until the page has this address."""
        self.page.wait_for_url(self.url + path)
        return self

    def scan(self, text: str, *, end: str = "Enter") -> Screen:
        """Type as a scanner does, into whatever has the keys."""
        self.page.keyboard.type(text, delay=1)
        self.page.keyboard.press(end)
        return self

    def locator(self, selector: str) -> Locator:
        """Return what a selector finds."""
        return self.page.locator(selector)

    def picture(self, path: Path) -> None:
        """Keep what is seen as a picture."""
        self.page.screenshot(path=path, full_page=True, caret="initial")

    def is_accessible(self, *rules: str) -> Screen:
        """Check that axe-core finds nothing serious, and that nothing is wider than the window.

        With ``rules`` only these are asked for: they depend on the window's size and colours.
        """
        self.page.evaluate(AXE)
        found = self.page.evaluate(AXE_RUN, [list(SERIOUS), list(rules)])
        assert found == [], json.dumps(found, indent=1)[:3000]
        wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 1, f"{self.page.url} is {wide} px wider than its window"
        return self


# A person waits for the answer before the next key, and so do the tests: on a busy computer what is
# typed meanwhile would go into a page that is about to be replaced. A download leaves the page as
# it is, hence the end of the wait.
UNDER_WAY = """(() => {
  if (window.top !== window) return;
  let asked = 0, leaving = false;
  Object.defineProperty(window, "underWay", {get: () => leaving || asked > 0});
  const send = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function (...body) {
    asked += 1;
    this.addEventListener("loadend", () => { asked -= 1; });
    return send.apply(this, body);
  };
  const leave = () => { leaving = true; setTimeout(() => { leaving = false; }, 5000); };
  window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented && event.target.getAttribute("method") !== "dialog") leave();
  });
  window.addEventListener("beforeunload", leave);
})();"""


AXE_RUN = """async ([impacts, rules]) => {
  const asked = {resultTypes: ["violations"]};
  if (rules.length) asked.runOnly = rules;
  const found = await window.axe.run(document, asked);
  return found.violations.filter(one => impacts.includes(one.impact)).map(one => ({
    rule: one.id, help: one.help, where: one.nodes.slice(0, 5).map(node => node.html.slice(0, 200)),
  }));
}"""
