"""The installed product, and a supervisor before it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.console.screen import Screen, open_screen
from tests.console.station import open_browser
from tests.installed import Running, install

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command, from a wheel of this tree."""
    return install(tmp_path_factory.getbasetemp())


@pytest.fixture
def running(program: Path, tmp_path: Path) -> Iterator[Running]:
    """A daemon that was just installed: no settings, nothing in its data directory."""
    daemon = Running(program, tmp_path)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    with open_browser() as browser:
        yield browser


@pytest.fixture
def person(chromium: Browser, running: Running) -> Iterator[Screen]:
    """A supervisor's window."""
    with open_screen(chromium, running.url) as screen:
        yield screen
