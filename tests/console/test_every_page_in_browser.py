"""Every kind of page in a browser: for everybody's eyes and hands, from a phone to a wall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from tests.console.screen import open_screen
from tests.console.station import needs_chromium
from tests.console.warehouse import Warehouse, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium

WALL = (
    "/",
    "/printers",
    "/items",
    "/serials",
    "/documents",
    "/plots",
    "/settings",
    "/station/dock",
)


@pytest.fixture(scope="module")
def house(shared_daemon: Daemon) -> Iterator[Warehouse]:
    yield from opened(shared_daemon)


SEEN = ("color-contrast", "target-size", "scrollable-region-focusable")
"""Rules of axe-core that a window's size and colours decide; the others hold in each or in none."""


@pytest.mark.parametrize(
    ("window", "rules"),
    [
        ({"width": 1280, "height": 900}, ()),
        ({"width": 320, "height": 640, "color_scheme": "dark"}, SEEN),
        ({"width": 3840, "height": 2160}, SEEN),
    ],
    ids=["desk", "phone", "wall"],
)
def test_every_page_is_for_everybody(
    chromium: Browser,
    shared_daemon: Daemon,
    house: Warehouse,
    window: dict[str, Any],
    rules: Sequence[str],
) -> None:
    wrong: dict[str, str] = {}
    with open_screen(chromium, shared_daemon.url, **window) as screen:
        for address in WALL if window["width"] > 3000 else house.kinds():
            try:
                screen.go(address).is_accessible(*rules)
            except AssertionError as found:
                wrong[address] = str(found)[:1500]
    assert wrong == {}
