"""A browser that the tests of one module share, and a test's own label open in its editor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.screen import Screen, open_screen
from tests.console.station import open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Request

    from tests.conftest import Daemon

Document = dict[str, Any]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with open_browser() as browser:
        yield browser


@pytest.fixture
def screen(chromium: Browser, daemon: Daemon) -> Iterator[Screen]:
    """A window on a gateway of the test's own."""
    with open_screen(chromium, daemon.url) as opened:
        yield opened


class Desk:
    """A label that is open in the editor."""

    def __init__(self, screen: Screen) -> None:
        self.screen, self.page = screen, screen.page
        self.drawn: Document = {}
        """The document whose ink was asked for last."""
        self.asked: list[str] = []
        self.page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        self.asked.append(request.url)
        if request.url.endswith("/v1/editor/tiles"):
            self.drawn = json.loads(request.post_data or "{}")["document"]

    def open(self, name: str) -> Desk:
        """Open a label, and see it at one dot a pixel."""
        self.screen.go(f"/editor/{name}")
        self.page.locator("#label image").first.wait_for(state="attached")
        self.page.keyboard.press("Control+2")
        self.page.wait_for_function(
            "() => { const l = document.getElementById('label');"
            " return l.getBoundingClientRect().width === l.viewBox.baseVal.width; }"
        )
        return self

    def one(self, identity: str) -> Locator:
        """Return an element of the label."""
        return self.page.locator(f'#label [data-id="{identity}"]')

    def at(self, identity: str) -> tuple[float, float]:
        """Return the middle of an element, in pixels of the window."""
        box = self.one(identity).locator(".hit").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def pull(
        self, start: tuple[float, float], dx: float, dy: float, *, hold: str = "", drop: bool = True
    ) -> Desk:
        """Press, move so many pixels, and let go."""
        mouse, keyboard = self.page.mouse, self.page.keyboard
        mouse.move(*start)
        if hold:
            keyboard.down(hold)
        mouse.down()
        mouse.move(start[0] + dx / 2, start[1] + dy / 2, steps=4)
        mouse.move(start[0] + dx, start[1] + dy, steps=4)
        if drop:
            mouse.up()
        if hold:
            keyboard.up(hold)
        return self

    def handle(self, across: int, down: int) -> tuple[float, float]:
        """Return where a handle of the selected element is."""
        box = self.page.locator(f'[data-handle="{across} {down}"] .handle').bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def heard(self, words: str) -> Desk:
        """Wait until the live region says so."""
        self.page.wait_for_function(
            "words => document.getElementById('heard').textContent === words", arg=words
        )
        return self

    def press(self, *keys: str) -> Desk:
        """Press keys one after the other, each as a hand does."""
        for key in keys:
            self.page.keyboard.press(key)
            if len(key) == 1:
                # Longer than any scanner takes from one character to the next.
                self.page.wait_for_timeout(90)
        return self

    def document(self) -> Document:
        """Return the document as it is now, once its ink was asked for."""
        self.page.wait_for_function("() => new Promise(done => setTimeout(() => done(true), 60))")
        return self.drawn

    def element(self, identity: str) -> Document:
        """Return an element of the document as it is now."""
        found: Document = next(one for one in self.document()["elements"] if one["id"] == identity)
        return found


Opening = Callable[..., AbstractContextManager[Desk]]


@pytest.fixture
def editing(chromium: Browser, daemon: Daemon) -> Opening:
    """Keep a document as a label and open it in the editor: ``with editing(document) as desk``."""

    @contextmanager
    def opened(document: Document, **context: Any) -> Iterator[Desk]:
        with httpx.Client(base_url=daemon.url, trust_env=False) as web:
            web.put(f"/v1/templates/{document['name']}", json=document).raise_for_status()
        size = {"width": 1366, "height": 768} | context
        with open_screen(chromium, daemon.url, **size) as screen:
            yield Desk(screen).open(document["name"])

    return opened
