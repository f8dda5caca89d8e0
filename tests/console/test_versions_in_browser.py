"""The history of a label: versions over each other, the way back, and the second person."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image

from tests.api.conftest import connect, make_key
from tests.console.screen import open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium

PATH = "/v1/templates/bin"
PAGE = "/templates/bin/versions"


def label(x: int, height: int = 25_000) -> dict[str, Any]:
    """Return a label with a black box, so far from the left."""
    box = {
        "type": "box", "id": "box", "x": x, "y": 5000, "width": 10_000, "height": 10_000,
        "thickness": 10_000, "filled": True,
    }  # fmt: skip
    return {
        "name": "bin", "title": "Bin label", "size": {"width": 50_000, "height": height},
        "elements": [box],
    }  # fmt: skip


@pytest.fixture
def web(daemon: Daemon) -> Iterator[httpx.Client]:
    with connect(daemon) as client:
        client.put(f"{PATH}?note=first", json=label(5000)).raise_for_status()
        client.put(f"{PATH}?note=to+the+right", json=label(20_000)).raise_for_status()
        client.put(f"{PATH}?note=taller", json=label(20_000, 30_000)).raise_for_status()
        yield client


def black(screen: Screen, x: int, y: int) -> bool:
    """Return whether the wiped picture is black there, in thousandths of it."""
    box = screen.locator(".wipe-papers").first.bounding_box()
    assert box is not None
    left, top = box["x"] + box["width"] * x / 1000, box["y"] + box["height"] * y / 1000
    shot = screen.page.screenshot(
        clip={"x": left, "y": top, "width": 1, "height": 1}, caret="initial"
    )
    with Image.open(BytesIO(shot)) as picture:
        return picture.convert("L").getpixel((0, 0)) == 0


def slide(screen: Screen, to: int) -> None:
    slider = screen.locator(".wipe input").first
    slider.evaluate(
        "(one, to) => { one.value = to; one.dispatchEvent(new Event('input')); }", str(to)
    )


def test_two_versions_lie_over_each_other_and_an_old_one_comes_back(
    web: httpx.Client, screen: Screen
) -> None:
    screen.go(PAGE).sees("Version 3").sees("Prints now").sees("“to the right”").is_accessible()
    before = web.get(f"{PATH}/picture.png?version=1").content
    screen.click("What changed in version 2").at(f"{PAGE}?from=1&to=2#compared")
    # 10 × 10 mm of 8 × 8 dots a mm², 5 mm from the left, went; as many came 20 mm from the left.
    screen.sees("6,400 dots went and 6,400 came, in a place of 25 × 10 mm that begins 5 mm from")
    screen.locator(".wipe").wait_for(state="visible")
    screen.locator(".wipe-papers").scroll_into_view_if_needed()
    slide(screen, 0)
    assert (black(screen, 200, 400), black(screen, 500, 400)) == (True, False)
    slide(screen, 100)
    assert (black(screen, 200, 400), black(screen, 500, 400)) == (False, True)
    slide(screen, 40)  # the new one left of it has nothing there, nor the old one right of it
    assert (black(screen, 200, 400), black(screen, 700, 400)) == (False, False)
    screen.is_accessible()
    screen.fill("Older version", "2").fill("Newer version", "3").click("Compare").sees("two sizes")
    screen.go(PAGE).click("Go back to version 1").sees("nothing is lost", inside="dialog[open]")
    screen.click("Yes").said("prints as version 1 did: that is version 4 now.")
    now = web.get(PATH).json()
    assert (now["number"], now["document"]["elements"][0]["x"]) == (4, 5000)
    assert web.get(f"{PATH}/picture.png").content == before
    screen.sees("“Back to version 1”")


def test_a_second_person_looks_and_agrees_or_says_why_not(
    daemon: Daemon, web: httpx.Client, screen: Screen, chromium: Browser
) -> None:
    web.put("/v1/settings/labels.approval", json={"value": True}).raise_for_status()
    with connect(daemon, make_key(daemon, "anna", "read", "templates")) as anna:
        screen.go(PAGE).does_not_see("Waits for a second person")
        anna.put(f"{PATH}/draft", json=label(25_000, 30_000)).raise_for_status()
        asked = anna.post(f"{PATH}/publish", json={"note": "in the middle"})
        assert asked.status_code == 202
        # The page that is open hears of it.
        screen.sees("anna asks that this version be printed").sees("“in the middle”")
        screen.sees("Version 3 prints until then.").sees("3,200 dots went and 3,200 came")
        screen.is_accessible()
        with open_screen(
            chromium, daemon.url, width=320, height=700, color_scheme="dark"
        ) as narrow:
            narrow.go(PAGE).sees("Waits for a second person").is_accessible()
        screen.fill("Why not", "the logo is too small").click("Do not approve")
        screen.said("anna is told why it was not approved.")
        screen.sees("did not approve the last change: the logo is too small")
        screen.sees("anna is changing this label.").click("What the draft changes")
        screen.sees("3,200 dots went and 3,200 came").sees("only in The draft")
        screen.go("/").does_not_see("waits for a second person")
        assert anna.post(f"{PATH}/publish", json={}).status_code == 202
        screen.sees("Label bin waits for a second person").is_accessible()
        screen.click("Look and decide: Label bin waits for a second person").at(PAGE)
        screen.click("Approve").said("Version 4 of Bin label is approved and prints")
        screen.sees("approved by somebody at the gateway's computer")
        assert web.get(PATH).json()["actor"] == "key:anna"
        assert web.get(f"{PATH}/draft").status_code == 404
    assert web.put(PATH, json=label(0)).status_code == 202
    screen.go(PAGE).sees("You asked for it, so somebody else must approve it").click("Take it back")
    screen.said("It was taken back").does_not_see("Waits for a second person")
    assert web.get(PATH).json()["number"] == 4


def test_a_label_that_was_never_published_has_a_page_too(daemon: Daemon, chromium: Browser) -> None:
    with connect(daemon) as web:
        web.put("/v1/templates/half/draft", json={"elements": []}).raise_for_status()
        with open_screen(chromium, daemon.url, java_script_enabled=False) as plain:
            plain.go("/templates/half/versions").sees("never published").sees(
                "Go on with the draft"
            )
            web.put(PATH, json=label(5000)).raise_for_status()
            web.put(PATH, json=label(20_000)).raise_for_status()
            plain.go(f"{PAGE}?from=1&to=2").sees("6,400 dots went")
            assert not plain.locator(".wipe").is_visible()
            assert plain.locator(".comparing img").count() == 3
        missing = web.get("/templates/nothing-like-it/versions")
        assert missing.status_code == 404
