"""A browser that the tests of one module share, and a window of it on a gateway of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.console.screen import Screen, open_screen
from tests.console.station import open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon


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
