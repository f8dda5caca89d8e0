"""The label on the screen: held with mouse, finger and keys, and always the print's dots."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zxingcpp
from PIL import Image

from gateway.codes.symbology import SYMBOLOGIES, Options
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from tests.conftest import Daemon
    from tests.editor.conftest import Opening

pytestmark = [*needs_chromium, pytest.mark.seed("M24")]


def box(identity: str, x: int, y: int, width: int = 10_000, height: int = 6_000) -> dict[str, Any]:
    return {
        "type": "box", "id": identity, "x": x, "y": y, "width": width, "height": height,
        "filled": True,
    }  # fmt: skip


def label(*elements: dict[str, Any], width: int = 90_000, height: int = 50_000) -> dict[str, Any]:
    return {"name": "try", "size": {"width": width, "height": height}, "elements": list(elements)}


CODE = {
    "type": "barcode", "id": "code", "symbology": "code128", "content": "SN-000123",
    "x": 10_000, "y": 20_000, "width": 60_000, "height": 15_000,
}  # fmt: skip
WORD = {
    "type": "text", "id": "word", "content": "Wrench", "size": 5_000, "x": 10_000, "y": 4_000,
    "width": 40_000, "height": 8_000,
}  # fmt: skip


def test_the_screen_shows_the_dots_of_the_print_and_its_code_decodes(
    editing: Opening, daemon: Daemon
) -> None:
    document = label(CODE, WORD, box("mark", 75_000, 5_000))
    with editing(document) as desk:
        seen = Image.open(io.BytesIO(desk.page.locator("#label").screenshot())).convert("L")
        answer = httpx.post(
            f"{daemon.url}/v1/preview", json={"document": document}, trust_env=False
        )
        print_ = Image.open(io.BytesIO(answer.content)).convert("L")
        assert seen.size == print_.size == (720, 400)
        assert seen.tobytes() == print_.tobytes()
        assert [one.text for one in zxingcpp.read_barcodes(seen)] == ["SN-000123"]
        # Check 4: each thing has a name with what it says, where it is and how large.
        desk.page.get_by_role(
            "option",
            name="Barcode SN-000123, 10 mm from left, 20 mm from top, 60 by 15 mm",
            exact=True,
        ).wait_for()
        # The very same dots where the element was moved to, and still nothing beside them.
        desk.pull(desk.at("mark"), -64, 160).press("Escape").document()
        seen = Image.open(io.BytesIO(desk.page.locator("#label").screenshot())).convert("L")
        answer = httpx.post(
            f"{daemon.url}/v1/preview", json={"document": desk.drawn}, trust_env=False
        )
        assert seen.tobytes() == Image.open(io.BytesIO(answer.content)).convert("L").tobytes()


def test_a_drag_ends_on_the_grid_or_with_alt_on_the_nearest_dot(editing: Opening) -> None:
    with editing(label(box("mark", 0, 20_000))) as desk:
        start = desk.at("mark")
        before = len(desk.asked)
        # 13.37 mm are 107 dots, each a pixel.
        desk.pull(start, 107, 0, drop=False)
        assert desk.asked[before:] == []  # check 6: nobody is asked while it lasts
        desk.page.mouse.up()
        desk.heard("Box moved to 13 mm, 20 mm")
        assert desk.element("mark")["x"] == 13_000
        desk.press("Control+z")
        desk.pull(start, 107, 0, hold="Alt").heard("Box moved to 13.38 mm, 20 mm")
        assert desk.element("mark")["x"] == 13_375
        # Shift keeps the other axis still, Ctrl takes a copy and leaves the first where it is.
        desk.pull(desk.at("mark"), 80, 30, hold="Shift").document()
        assert desk.element("mark")["y"] == 20_000
        desk.pull(desk.at("mark"), 0, 100, hold="Control")
        both = desk.document()["elements"]
        assert [one["id"] for one in both] == ["mark", "mark2"]
        assert both[0]["y"] == 20_000
        assert both[1]["y"] > 30_000


def test_a_code_is_resized_by_whole_modules_and_says_how_thick_its_bars_are(
    editing: Opening,
) -> None:
    with editing(label(CODE)) as desk:
        desk.page.mouse.click(*desk.at("code"))
        desk.page.locator("#readout", has_text="4 dots per bar, 0.5 mm, good").wait_for()
        desk.pull(desk.handle(1, 0), -160, 0, drop=False)
        desk.page.locator("#readout", has_text="3 dots per bar, 0.375 mm, good").wait_for()
        desk.page.mouse.up()
        width = desk.element("code")["width"]
        columns = SYMBOLOGIES["code128"].size("SN-000123", Options())[0]
        assert width == columns * 3 * 125
        desk.pull(desk.handle(1, 0), -230, 0, drop=False)
        desk.page.locator("#readout.bad", has_text="1 dot per bar, 0.125 mm, too thin").wait_for()
        desk.page.keyboard.press("Escape")
        desk.page.mouse.up()
        assert desk.element("code")["width"] == width


def test_fifty_edits_are_fifty_undos_to_the_very_same_document(editing: Opening) -> None:
    with editing(label(CODE, WORD, box("mark", 60_000, 5_000))) as desk:
        first = json.dumps(desk.document())
        desk.page.mouse.click(*desk.at("mark"))
        keys = ("ArrowLeft", "Control+ArrowRight", "Alt+ArrowLeft", "Alt+r", "Control+d")
        for _ in range(10):
            for key in keys:
                desk.page.keyboard.press(key)
        last = json.dumps(desk.document())
        assert len(json.loads(last)["elements"]) == 13
        steps = 0
        undo = desk.page.get_by_role("button", name="Undo").first
        while undo.is_enabled():
            desk.page.keyboard.press("Control+z")
            steps += 1
        assert steps == 50
        assert json.dumps(desk.document()) == first
        for _ in range(steps):
            desk.page.keyboard.press("Control+Shift+Z")
        assert json.dumps(desk.document()) == last


def test_a_word_typed_on_the_label_is_one_step_back(editing: Opening) -> None:
    with editing(label(WORD)) as desk:
        desk.page.mouse.dblclick(*desk.at("word"))
        field = desk.page.get_by_label("Text of this element")
        field.wait_for()
        desk.page.keyboard.press("End")
        desk.page.keyboard.type("ABC", delay=40)
        desk.page.keyboard.press("Enter")
        assert desk.element("word")["content"] == "WrenchABC"
        desk.press("Control+z")
        assert desk.element("word")["content"] == "Wrench"


def test_a_scan_sets_off_no_key_but_a_hand_does(editing: Opening) -> None:
    with editing(label(WORD, box("mark", 60_000, 5_000))) as desk:
        desk.page.mouse.click(*desk.at("mark"))
        before = json.dumps(desk.document())
        # T, X, B, R, L and Q would each change the label, Enter would edit a text.
        desk.page.keyboard.type("SN-TXBRLQ000123\n", delay=5)
        desk.page.wait_for_timeout(150)
        assert json.dumps(desk.document()) == before
        desk.press("x")
        assert [one["id"] for one in desk.document()["elements"]] == ["word", "mark", "box"]


def test_three_things_align_and_share_their_gaps_in_one_step_each(editing: Opening) -> None:
    three = (
        box("a", 3_000, 2_000), box("b", 21_000, 13_001, 12_000, 5_000),
        box("c", 40_000, 40_000, 20_000, 4_000),
    )  # fmt: skip
    with editing(label(*three)) as desk:
        for name in ("a", "b", "c"):
            desk.page.keyboard.down("Shift")
            desk.page.mouse.click(*desk.at(name))
            desk.page.keyboard.up("Shift")
        desk.press("Alt+l").heard("Aligned left")
        assert [one["x"] for one in desk.document()["elements"]] == [3_000] * 3
        desk.press("Control+z")
        assert [one["x"] for one in desk.document()["elements"]] == [3_000, 21_000, 40_000]
        # Grouped they are one thing: a click takes all, and they move together.
        desk.press("Control+a", "Control+g", "Escape")
        desk.page.mouse.click(*desk.at("b"))
        desk.press("Shift+ArrowRight").heard("3 things moved to 13 mm, 2 mm")
        assert [one["x"] for one in desk.document()["elements"]] == [13_000, 31_000, 50_000]
        # Locked they stay.
        desk.press("Control+l", "ArrowRight", "Delete")
        assert [one["x"] for one in desk.document()["elements"]] == [13_000, 31_000, 50_000]


def test_tab_goes_from_thing_to_thing_and_a_rubber_band_takes_what_it_meets(
    editing: Opening,
) -> None:
    with editing(label(box("a", 3_000, 5_000), box("b", 30_000, 5_000), CODE)) as desk:
        desk.page.locator("#label").focus()
        chosen = desk.page.locator('#label [aria-selected="true"]')
        for name in ("a", "b", "code"):
            desk.press("Tab")
            assert [one.get_attribute("data-id") for one in chosen.all()] == [name]
        desk.press("Escape")
        corner = desk.page.locator("#label").bounding_box()
        assert corner is not None
        desk.pull((corner["x"] + 4, corner["y"] + 4), 300, 100)
        desk.heard("2 things selected")
        assert [one.get_attribute("data-id") for one in chosen.all()] == ["a", "b"]


def test_a_thing_is_copied_to_another_label_with_the_field_it_shows(editing: Opening) -> None:
    field = {"name": "lot", "title": "Lot", "example": "L-7"}
    here = label(WORD | {"content": "{lot}"}) | {"fields": [field]}
    with editing(here) as desk:
        desk.page.mouse.click(*desk.at("word"))
        desk.press("Control+c")
        httpx.put(
            f"{desk.screen.url}/v1/templates/other",
            json=label(box("mark", 0, 0)) | {"name": "other"}, trust_env=False,
        ).raise_for_status()  # fmt: skip
        desk.open("other").press("Control+v").heard("Text put in")
        there = desk.document()
        assert there["fields"] == [field]
        assert [one["id"] for one in there["elements"]] == ["mark", "word"]
        assert there["elements"][1]["content"] == "{lot}"


def test_fingers_move_resize_and_spread_the_label(editing: Opening) -> None:
    touch = {"width": 1024, "height": 768, "has_touch": True}
    with editing(label(box("mark", 10_000, 10_000, 20_000, 20_000)), **touch) as desk:
        cdp = desk.page.context.new_cdp_session(desk.page)

        def fingers(kind: str, *points: tuple[float, float]) -> None:
            where = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})

        x, y = desk.at("mark")
        fingers("touchStart", (x, y))
        for way in (20, 40, 80):
            fingers("touchMove", (x + way, y))
        fingers("touchEnd")
        desk.heard("Box moved to 20 mm, 10 mm")
        for grip in desk.page.locator(".grip").all():
            size = grip.bounding_box()
            assert size is not None
            assert size["width"] >= 44
            assert size["height"] >= 44
        hx, hy = desk.handle(1, 0)
        fingers("touchStart", (hx, hy))
        for way in (20, 40, 80):
            fingers("touchMove", (hx + way, hy))
        fingers("touchEnd")
        assert desk.element("mark")["width"] == 30_000
        before = json.dumps(desk.document())
        fingers("touchStart", (400, 400), (500, 400))
        for apart in (20, 40, 50):
            fingers("touchMove", (400 - apart, 400), (500 + apart, 400))
        fingers("touchEnd")
        seen = desk.page.locator("#label").bounding_box()
        assert seen is not None
        assert 1.9 < seen["width"] / 720 < 2.1
        assert json.dumps(desk.document()) == before


def test_all_keys_are_listed_and_nothing_serious_is_wrong_for_who_cannot_see(
    editing: Opening,
) -> None:
    with editing(label(CODE, WORD)) as desk:
        desk.screen.is_accessible()
        desk.press("?")
        listed = desk.page.get_by_role("dialog")
        listed.wait_for()
        assert "Move by one dot" in listed.inner_text()
        desk.screen.is_accessible()
        desk.page.get_by_role("button", name="Close").click()
        listed.wait_for(state="detached")
