"""The desk round the label: kept as a draft, shown with a record, mended, published, printed."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.conftest import STARTS_WITHIN
from tests.console.screen import Screen, open_screen
from tests.console.station import WITHIN, needs_chromium

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium

MEDIA = {"width": 100_000, "height": 50_000}
EDITOR = "/editor/serial-label"


@pytest.fixture
def web(daemon: Daemon) -> Iterator[httpx.Client]:
    """The API of a gateway with one virtual printer."""
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=30) as client:
        client.put("/v1/printers/zebra", json={"url": "virtual:", "media": MEDIA})
        yield client


@pytest.fixture
def screen(chromium: Browser, web: httpx.Client, daemon: Daemon) -> Iterator[Screen]:
    """A window of the size that people have."""
    del web  # the printer comes first
    with open_screen(chromium, daemon.url, width=1366, height=768) as opened:
        yield opened


def standing(screen: Screen, words: str) -> None:
    """Wait until the bar says how the label stands."""
    expect(screen.locator("#standing")).to_have_text(words, timeout=WITHIN)


def kept(screen: Screen, words: str) -> None:
    """Wait until the bar says where the label is kept."""
    expect(screen.locator("#kept")).to_have_text(words, timeout=WITHIN)


def press(screen: Screen, title: str, inside: str = "body") -> None:
    """Press the button that is called so."""
    screen.locator(inside).get_by_role("button", name=title, exact=True).first.click()


def rename(screen: Screen, title: str) -> None:
    """Call the label something else: the shortest change there is."""
    screen.locator(".bar h1 button").click()
    screen.locator(".bar h1 input").fill(title)
    screen.page.keyboard.press("Enter")
    expect(screen.locator(".bar h1")).to_have_text(title, timeout=WITHIN)


def undo(screen: Screen) -> None:
    """Take a step back, and wait until the gateway has it."""
    with screen.page.expect_response(lambda one: one.request.method == "PUT"):
        press(screen, "Undo", ".bar")
    expect(screen.locator("#kept[data-state=saved]")).to_have_count(1, timeout=WITHIN)


def print_it(screen: Screen) -> str:
    """Print one label from the bar, and return what the proof said it would be: its picture."""
    press(screen, "Print", ".bar")
    source = screen.locator("#proof").get_attribute("src", timeout=WITHIN)
    press(screen, "Print", "dialog")
    expect(screen.locator("#became")).to_contain_text("Printed on zebra.", timeout=WITHIN)
    press(screen, "Close", "dialog")
    return source or ""


def papers(web: httpx.Client) -> list[bytes]:
    """Return what the virtual printer has printed, oldest first, as the dots of each label."""
    found = sorted(
        web.get("/v1/printers/zebra/paper").json()["items"], key=lambda one: one["number"]
    )
    pictures = [web.get(f"/v1/printers/zebra/paper/{one['number']}.png").content for one in found]
    return [Image.open(io.BytesIO(one)).convert("1").tobytes() for one in pictures]


def decoded(png: bytes) -> list[str]:
    """Return what a reader that did not draw them finds in the codes of a picture."""
    return [one.text for one in zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))]


def draft(web: httpx.Client, name: str = "serial-label") -> dict[str, Any]:
    """Return the draft of a label as the gateway has it."""
    found: dict[str, Any] = web.get(f"/v1/templates/{name}/draft").raise_for_status().json()
    return found


# Check 2: a serial label is there, and Print sends exactly one job within three clicks.
@pytest.mark.seed("M24")
def test_a_fresh_gateway_has_a_serial_label_that_prints_with_two_clicks(
    web: httpx.Client, screen: Screen
) -> None:
    screen.go("/editor").at(EDITOR)
    expect(screen.locator(".line.try")).to_have_text("Try it: scan or type a serial number")
    standing(screen, "Published v1")
    screen.is_accessible()
    screen.locator("input[name=record]").fill("SN-004711")
    screen.page.keyboard.press("Enter")
    expect(screen.locator("#shown")).to_have_text("SN-004711", timeout=WITHIN)
    expect(screen.locator(".line.try")).to_have_count(0)
    screen.page.wait_for_function(
        "() => [...document.querySelectorAll('[role=option]')]"
        ".some(one => one.getAttribute('aria-label').includes('SN-004711'))"
    )
    press(screen, "Print", ".bar")
    expect(screen.locator("#proof")).to_be_visible(timeout=WITHIN)
    screen.is_accessible()
    press(screen, "Print", "dialog")
    expect(screen.locator("#became")).to_contain_text("Printed on zebra.", timeout=WITHIN)
    (job,) = web.get("/v1/jobs").json()["items"]
    assert (job["template"], job["labels"], job["state"]) == ("serial-label", 1, "done")
    (sheet,) = web.get("/v1/printers/zebra/paper").json()["items"]
    paper = web.get(f"/v1/printers/zebra/paper/{sheet['number']}.png").content
    assert decoded(paper) == ["SN-004711"]


# Check 23: publish, change, publish, go back: the printed dots are those of the first version.
def test_going_back_to_a_version_prints_its_very_dots(web: httpx.Client, screen: Screen) -> None:
    whole = web.get("/v1/templates/serial-label").json()["document"]
    screen.go(EDITOR)
    standing(screen, "Published v1")
    print_it(screen)
    for one in whole["elements"]:
        one["x"] += 1000
        one["width"] -= 2000
    begun = {"if-none-match": "*"}
    web.put("/v1/templates/serial-label/draft", json=whole, headers=begun).raise_for_status()
    standing(screen, "Draft of version 2")  # by itself: the window hears of it
    press(screen, "Publish", ".bar")
    screen.page.get_by_label("What did you change?").fill("room at the edges")
    screen.is_accessible()
    press(screen, "Publish", "dialog")
    standing(screen, "Published v2")
    print_it(screen)
    web.post("/v1/templates/serial-label/back", json={"number": 1, "note": "as it was"})
    standing(screen, "Published v3")
    print_it(screen)
    first, second, third = papers(web)
    assert first == third
    assert first != second
    versions = web.get("/v1/templates/serial-label/versions").json()["items"]
    assert [one["note"] for one in versions[:2]] == ["as it was", "room at the edges"]


# Check 8: the bars are too thin; the fix mends it as one step, and the result decodes.
def test_a_problem_is_said_and_mended_by_one_touch(web: httpx.Client, screen: Screen) -> None:
    narrow = {
        "name": "bin", "title": "Bin", "size": {"height": 30_000, "width": 80_000},
        "fields": [{"name": "bin", "example": "A-04-12-B"}],
        "elements": [
            {"type": "barcode", "id": "code", "symbology": "code128", "content": "{bin}",
             "x": 5_000, "y": 5_000, "width": 12_000, "height": 15_000},
        ],
    }  # fmt: skip
    web.put("/v1/templates/bin/draft", json=narrow, headers={"if-none-match": "*"})
    screen.go("/editor").at("/editor/bin")  # a draft counts as what was worked on last
    standing(screen, "Draft")
    expect(screen.locator("#count")).to_have_text("1 problem", timeout=WITHIN)
    screen.is_accessible()
    fix = screen.locator("#problems li button.primary")
    expect(fix).to_contain_text("mm wide")
    fix.click()
    expect(screen.locator("#count")).to_have_text("No problems", timeout=WITHIN)
    kept(screen, "Saved")
    mended = draft(web, "bin")["document"]
    assert mended["elements"][0]["width"] > 12_000
    screen.page.keyboard.press("Escape")  # nothing selected
    screen.page.keyboard.press("Control+2")  # a dot is a point of the screen
    expect(screen.locator("#label")).to_have_attribute("width", "640")
    picture = screen.locator("#label").screenshot()
    assert decoded(picture) == ["A-04-12-B"]
    undo(screen)
    expect(screen.locator("#count")).to_have_text("1 problem", timeout=WITHIN)
    assert draft(web, "bin")["document"] == narrow


# Check 22, second half: two windows at one label; whoever saves second is asked, nothing is lost.
def test_two_people_at_one_label_get_a_choice_and_lose_nothing(
    chromium: Browser, daemon: Daemon, web: httpx.Client, screen: Screen
) -> None:
    with open_screen(chromium, daemon.url, width=1366, height=768) as other:
        for one in (screen, other):
            one.go(EDITOR)
            standing(one, "Published v1")

        def both_change(mine: str, theirs: str) -> None:
            other.context.set_offline(True)
            rename(other, mine)
            kept(other, "Kept on this PC")
            expect(other.locator(".line.away")).to_contain_text("Your changes are kept on this PC.")
            rename(screen, theirs)
            kept(screen, "Saved")
            other.context.set_offline(False)
            expect(other.locator(".line.look")).to_contain_text(
                "Two people have changed this label.", timeout=WITHIN
            )
            press(other, "Choose")

        both_change("Mine", "Theirs")
        other.sees("Nothing is lost whichever you choose", inside="dialog").is_accessible()
        assert draft(web)["document"]["title"] == "Theirs"
        press(other, "Keep mine", "dialog")
        kept(other, "Saved")
        assert draft(web)["document"]["title"] == "Mine"
        undo(other)
        expect(other.locator(".bar h1")).to_have_text("Theirs")
        rename(other, "Agreed")
        # Whoever has nothing unsaved gets what the other one has saved, by and by.
        expect(screen.locator(".bar h1")).to_have_text("Agreed", timeout=WITHIN)

        both_change("Mine again", "Theirs again")
        press(other, "Take theirs", "dialog")
        expect(other.locator(".bar h1")).to_have_text("Theirs again")
        assert draft(web)["document"]["title"] == "Theirs again"
        undo(other)
        expect(screen.locator(".bar h1")).to_have_text("Mine again", timeout=WITHIN)

        both_change("Mine at last", "Theirs at last")
        press(other, "Keep mine under another name", "dialog")
        other.page.get_by_label("Name, as programs say it").fill("serial-mine")
        press(other, "Save", "dialog")
        other.page.wait_for_url("**/editor/serial-mine")
        standing(other, "Draft")
        assert draft(web)["document"]["title"] == "Theirs at last"
        assert draft(web, "serial-mine")["document"]["title"] == "Mine at last"


@contextmanager
def at_port(daemon: Daemon, port: int, folder: Path) -> Iterator[int]:
    """Run a gateway at a port that was free, 0 for any; its data outlives it."""
    from gateway.app import Gateway, listen_on, server_for
    from gateway.config import Listen

    settings = replace(
        daemon.settings, data_dir=folder, database=folder / "gateway.db",
        listen=Listen("127.0.0.1", port),
    )  # fmt: skip
    with listen_on(settings.listen) as listening, Gateway(settings) as gateway:
        answers = threading.Event()
        server = server_for(gateway, answers.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert answers.wait(STARTS_WITHIN), "the gateway did not start"
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


# Check 22, first half: the gateway stops in the middle; what is done meanwhile is kept and saved.
def test_what_is_changed_while_the_gateway_is_away_is_kept_and_saved(
    chromium: Browser, daemon: Daemon, tmp_path: Path
) -> None:
    folder = tmp_path / "again"
    with at_port(daemon, 0, folder) as port:
        url = f"http://127.0.0.1:{port}"
        opening = open_screen(chromium, url, width=1366, height=768)
        screen = opening.__enter__()
        screen.go(EDITOR)
        standing(screen, "Published v1")
        rename(screen, "Before")
        kept(screen, "Saved")
    rename(screen, "Meanwhile")
    expect(screen.locator(".line.away")).to_have_text(
        "Not connected. Your changes are kept on this PC.", timeout=WITHIN
    )
    kept(screen, "Kept on this PC")
    with at_port(daemon, port, folder), httpx.Client(base_url=url, trust_env=False) as web:
        kept(screen, "Saved")
        expect(screen.locator(".line.away")).to_have_count(0)
        assert draft(web)["document"]["title"] == "Meanwhile"
        # The named steps outlive a reload of the page.
        screen.page.reload()
        standing(screen, "Draft of version 2")
        press(screen, "All steps")
        steps = screen.locator(".steps-list li")
        expect(steps).to_have_text(["Opened", "Rename", "Rename"])
        steps.get_by_role("button").first.click()
        expect(screen.locator(".bar h1")).to_have_text("Serial number")
        standing(screen, "Published v1")
        assert web.get("/v1/templates/serial-label/draft").status_code == 404
    # Closed and opened again while nothing of it was saved.
    rename(screen, "At last")
    kept(screen, "Kept on this PC")
    screen.page.goto("about:blank")
    with at_port(daemon, port, folder), httpx.Client(base_url=url, trust_env=False) as web:
        screen.go(EDITOR)
        expect(screen.locator(".bar h1")).to_have_text("At last")
        kept(screen, "Saved")
        assert draft(web)["document"]["title"] == "At last"
        opening.__exit__(None, None, None)


def test_a_name_without_a_label_offers_to_make_it(web: httpx.Client, screen: Screen) -> None:
    screen.go("/editor/shelf").sees("There is no label called shelf.").is_accessible()
    press(screen, "Make this label")
    standing(screen, "Draft")
    kept(screen, "Saved")
    assert draft(web, "shelf")["document"] == {
        "name": "shelf", "size": {"width": 100_000, "height": 50_000}, "elements": [],
    }  # fmt: skip
    press(screen, "More")
    press(screen, "Delete")
    press(screen, "Delete", "dialog")
    screen.at("/templates")
    assert web.get("/v1/templates/shelf/draft").status_code == 404


def with_code(line: int) -> dict[str, Any]:
    """Return a label with a barcode, and a line that stands so many µm from the left."""
    return {
        "name": "near", "title": "Near", "size": {"height": 30_000, "width": 80_000},
        "elements": [
            {"type": "barcode", "id": "code", "symbology": "code128", "content": "A-04-12",
             "x": 15_000, "y": 5_000, "width": 40_000, "height": 15_000, "module": 250},
            {"type": "line", "id": "rule", "title": "Rule", "x": line, "y": 5_000, "width": 500,
             "height": 15_000, "thickness": 500, "direction": "|"},
        ],
    }  # fmt: skip


# Check 9: a line in the quiet zone is said with both objects; moving it away clears that.
def test_what_stands_too_near_a_code_is_named_and_moved_away(
    web: httpx.Client, screen: Screen
) -> None:
    web.put("/v1/templates/near/draft", json=with_code(13_500), headers={"if-none-match": "*"})
    screen.go("/editor/near")
    expect(screen.locator("#count")).to_have_text("1 problem", timeout=WITHIN)
    row = screen.locator("#problems li")
    expect(row.locator(".which")).to_have_text("Barcode “A-04-12”, Straight line “Rule”")
    expect(row.locator(".why")).to_contain_text(
        "Straight line “Rule” is too near: a scanner needs 2.5 mm free"
    )
    row.locator(".which").click()
    chosen = screen.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_count(2)
    row.locator("button.primary").click()
    expect(screen.locator("#count")).to_have_text("No problems", timeout=WITHIN)
    kept(screen, "Saved")
    mended = draft(web, "near")["document"]
    assert mended["elements"][1]["x"] < 13_500
    assert mended["elements"][0] == with_code(0)["elements"][0]


# Check 19, its last words: too long for 3 of 40 records, the longest is shown, one touch mends it.
def test_all_records_are_tried_and_the_longest_is_shown(web: httpx.Client, screen: Screen) -> None:
    for n in range(40):
        name = f"Bracket {n:02} for a shelf of very great length and depth" if n < 3 else f"Nut {n}"
        web.put(f"/v1/items/IT-{n:02}", json={"name": name}).raise_for_status()
    label = {
        "name": "item", "about": "item", "size": {"height": 20_000, "width": 50_000},
        "fields": [{"name": "item", "required": True, "example": "IT-1"}, {"name": "name"}],
        "elements": [
            {"type": "text", "id": "name", "content": "{name}", "size": 4_000, "min_size": 3_500,
             "x": 2_000, "y": 2_000, "width": 40_000, "height": 6_000},
        ],
    }  # fmt: skip
    web.put("/v1/templates/item/draft", json=label, headers={"if-none-match": "*"})
    screen.go("/editor/item")
    press(screen, "Longest")
    expect(screen.locator("#count")).to_have_text("1 problem", timeout=WITHIN)
    press(screen, "First")
    expect(screen.locator("#count")).to_have_text("1 problem", timeout=WITHIN)
    screen.locator("input[name=record]").fill("IT-20")
    screen.page.keyboard.press("Enter")
    expect(screen.locator("#count")).to_have_text("No problems", timeout=WITHIN)
    screen.page.keyboard.press("Escape")
    screen.locator("#count").click()
    press(screen, "Check all records")
    screen.sees("It would not print for 3 of 40 records.", inside="#problems")
    screen.sees("For 3 of 40 records:", inside="#problems").is_accessible()
    press(screen, "Show longest", "#problems")
    expect(screen.locator("#count")).to_have_text("1 problem", timeout=WITHIN)
    fix = screen.locator("#problems .checking li button").last
    expect(fix).to_contain_text("shrink")
    fix.click()
    expect(screen.locator("#count")).to_have_text("No problems", timeout=WITHIN)
    press(screen, "Check all records")
    screen.sees("The label fits all 40 records.", inside="#problems")


ZPL = """^XA^PW800^LL400^FO50,50^A0N,40,40^FDHello^FS
^FO50,120^BY3^BCN,100,Y,N,N^FDABC123^FS^XZ"""


def test_a_label_in_zpl_is_brought_in_as_one_step_and_given_out_as_a_file(
    web: httpx.Client, screen: Screen
) -> None:
    screen.go(EDITOR)
    standing(screen, "Published v1")
    press(screen, "More")
    press(screen, "Import ZPL or a file")
    screen.is_accessible()
    screen.page.get_by_label("or paste it here").fill(ZPL)
    press(screen, "Read it", "dialog")
    screen.sees("2 objects were understood.", inside="dialog")
    press(screen, "Take it", "dialog")
    kept(screen, "Saved")
    assert [one["type"] for one in draft(web)["document"]["elements"]] == ["text", "barcode"]
    assert draft(web)["document"]["name"] == "serial-label"
    press(screen, "More")
    press(screen, "Save as a file")
    with screen.page.expect_download() as waiting:
        press(screen, "PNG, a picture", "dialog")
    assert waiting.value.suggested_filename == "serial-label.png"
    assert decoded(waiting.value.path().read_bytes()) == ["ABC123"]
    press(screen, "Close", "dialog")
    undo(screen)
    standing(screen, "Published v1")


# Ctrl+Enter prints what the screen shows, published or not, and no other label for it.
def test_a_test_print_is_the_draft_dot_for_dot(web: httpx.Client, screen: Screen) -> None:
    screen.go(EDITOR)
    standing(screen, "Published v1")
    whole = web.get("/v1/templates/serial-label").json()["document"]
    whole["elements"] = [one for one in whole["elements"] if one["id"] != "rule"]
    begun = {"if-none-match": "*"}
    web.put("/v1/templates/serial-label/draft", json=whole, headers=begun).raise_for_status()
    standing(screen, "Draft of version 2")
    screen.page.keyboard.press("Control+p")
    screen.sees("This prints version 1, without your changes.", inside="dialog")
    screen.page.keyboard.press("Escape")
    screen.page.keyboard.press("Control+Enter")
    expect(screen.locator("dialog button.big")).to_be_focused(timeout=WITHIN)
    screen.page.keyboard.press("Enter")
    expect(screen.locator("#became")).to_contain_text("Printed on zebra.", timeout=WITHIN)
    wanted = web.post("/v1/preview", json={"document": whole, "printer": "zebra"}).content
    assert papers(web) == [Image.open(io.BytesIO(wanted)).convert("1").tobytes()]
    (job,) = web.get("/v1/jobs").json()["items"]
    assert job["title"] == "Test print: Serial number"


def test_who_may_only_read_may_look_and_change_nothing(
    chromium: Browser, daemon: Daemon, web: httpx.Client
) -> None:
    key = web.post("/v1/keys", json={"name": "guest", "scopes": ["read"]}).json()["key"]
    bearer = {"Authorization": f"Bearer {key}"}
    with open_screen(chromium, daemon.url, width=1024, extra_http_headers=bearer) as guest:
        guest.go(EDITOR)
        standing(guest, "Published v1")
        guest.sees("You may look at this label, not change it.", inside=".lines").is_accessible()
        assert guest.page.get_by_role("button", name="Publish", exact=True).count() == 0
        assert guest.page.get_by_role("button", name="Undo", exact=True).count() == 0
        press(guest, "Print", ".bar")
        guest.sees("You may not print here.", inside="dialog")


def test_where_a_second_person_must_agree_publishing_asks_for_it(
    web: httpx.Client, screen: Screen
) -> None:
    web.put("/v1/settings/labels.approval", json={"value": True}).raise_for_status()
    key = web.post("/v1/keys", json={"name": "anna", "scopes": ["read", "templates"]}).json()["key"]
    screen.go(EDITOR)
    rename(screen, "Serial of ours")
    kept(screen, "Saved")
    press(screen, "Publish", ".bar")
    screen.sees("Somebody else has to agree first.", inside="dialog")
    press(screen, "Ask for approval", "dialog")
    screen.sees("A version of this label waits for a second person.", inside=".lines")
    standing(screen, "Draft of version 2")
    assert web.get("/v1/templates/serial-label").json()["number"] == 1
    anna = {"Authorization": f"Bearer {key}"}
    agreed = web.post("/v1/templates/serial-label/approve", headers=anna)
    agreed.raise_for_status()
    standing(screen, "Published v2")
    screen.does_not_see("waits for a second person", inside=".lines").is_accessible()


@pytest.mark.seed("M24")
def test_the_label_of_a_serial_that_is_known_is_printed_as_that_serials(
    web: httpx.Client, screen: Screen
) -> None:
    web.put("/v1/locations/A-01", json={})
    web.put("/v1/items/DRILL", json={"name": "Cordless drill", "tracking": "serial"})
    body = {"action": "receive", "item": "DRILL", "location": "A-01", "serials": "SN-1..SN-3"}
    web.post("/v1/serials/actions", json=body).raise_for_status()
    screen.go(EDITOR)
    expect(screen.locator("#shown")).to_have_text("SN-1", timeout=WITHIN)  # the first there is
    screen.page.keyboard.press("PageDown")
    expect(screen.locator("#shown")).to_have_text("SN-2", timeout=WITHIN)
    expect(screen.locator("[role=option][aria-label*='Cordless drill']")).to_have_count(1)
    screen.locator("input[name=record]").fill("SN-3")
    screen.page.keyboard.press("Enter")
    expect(screen.locator("#shown")).to_have_text("SN-3", timeout=WITHIN)
    print_it(screen)
    (sheet,) = web.get("/v1/printers/zebra/paper").json()["items"]
    paper = web.get(f"/v1/printers/zebra/paper/{sheet['number']}.png").content
    assert decoded(paper) == ["SN-3"]
    (serial,) = web.get("/v1/serials", params={"q": "SN-3"}).json()["items"]
    (label,) = web.get(f"/v1/serials/{serial['id']}/labels").json()["items"]
    assert label["state"] == "printed"


def test_two_windows_of_one_browser_keep_a_history_each(screen: Screen) -> None:
    screen.go(EDITOR)
    standing(screen, "Published v1")
    rename(screen, "First")
    rename(screen, "Second")
    kept(screen, "Saved")
    first = screen.page
    screen.page = screen.context.new_page()
    screen.go(EDITOR)
    expect(screen.locator(".bar h1")).to_have_text("Second")
    assert screen.page.get_by_role("button", name="Undo", exact=True).is_disabled()
    rename(screen, "Third")
    kept(screen, "Saved")
    screen.page.reload()
    expect(screen.locator(".bar h1")).to_have_text("Third")
    press(screen, "All steps")
    expect(screen.locator(".steps-list li")).to_have_text(["Opened", "Rename"])
    screen.page = first
    expect(screen.locator(".bar h1")).to_have_text("Third", timeout=WITHIN)
    screen.page.reload()
    expect(screen.locator(".bar h1")).to_have_text("Third")
    press(screen, "All steps")
    expect(screen.locator(".steps-list li")).to_have_text(
        ["Opened", "Rename", "Rename", "Changed in another window"]
    )


def scan(screen: Screen, text: str) -> None:
    """Type as a scanner does: 5 ms from key to key, by the keys' own clock."""
    page = screen.page
    keys = page.context.new_cdp_session(page)
    began = time.time()
    for n, key in enumerate((*text, "Enter")):
        one = {"key": key, "text": "\r" if key == "Enter" else key, "timestamp": began + n * 0.005}
        code = 13 if key == "Enter" else ord(key)
        for kind in ("keyDown", "keyUp"):
            keys.send(
                "Input.dispatchKeyEvent", {"type": kind, "windowsVirtualKeyCode": code, **one}
            )


# Check 16: what a scanner sends to the label is the record it is shown with, and nothing else.
def test_a_scan_becomes_the_record_and_sets_off_no_key(web: httpx.Client, screen: Screen) -> None:
    screen.go(EDITOR)
    standing(screen, "Published v1")
    screen.locator("[role=option]").nth(1).focus()
    scan(screen, "000123-SN-TBQLX")
    expect(screen.locator("#shown")).to_have_text("000123-SN-TBQLX", timeout=WITHIN)
    expect(screen.locator("[role=option][aria-label*='000123-SN-TBQLX']")).to_have_count(1)
    standing(screen, "Published v1")
    assert screen.page.get_by_role("button", name="Undo", exact=True).is_disabled()
    assert web.get("/v1/templates/serial-label/draft").status_code == 404
    screen.locator("[role=option]").nth(1).focus()
    screen.page.keyboard.press("?")
    screen.sees("Save now; it is saved by itself, too", inside="dialog").is_accessible()
