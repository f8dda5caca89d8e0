"""The label editor from outside: the installed product, a person's window, and other witnesses.

What the screen shows is read by readers that did not draw it and compared with the bytes that went
to printers. The numbers are those of the list of what an editor must stand.
"""

from __future__ import annotations

import io
import json
import re
import socket
import time
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageChops, ImageFont
from PIL import ImageDraw as Draw
from playwright.sync_api import expect

from gateway.drivers.virtual.printer import VirtualPrinter
from tests.console.station import WITHIN, needs_chromium
from tests.editor.desk import Desk, codes_of, ink, open_desk, picture
from tests.editor.wire import Tap, read_escpos, read_zpl
from tests.installed import ROOT, Running, install, keep_picture
from tests.readers import read_datamatrix, read_others

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

pytestmark = needs_chromium

MEDIA = {"width": 100_000, "height": 50_000}

ITEMS = {
    "IT-000": "A hand torque wrench of nine newton metres with its case and a certificate",
    "IT-001": "مفتاح عزم يدوي",
    "IT-002": "手动扭矩扳手",
    "IT-003": "",
    **{f"IT-{n:03}": f"Part {n}" for n in range(4, 340)},
}
"""340 items: the longest, an Arabic and a Chinese one, and one without a name."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the wheel."""
    return install(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def fresh(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway that was just installed where there is no Node, nor anything else."""
    folder = tmp_path_factory.mktemp("fresh")
    (folder / "nothing").mkdir()
    yield from running(Running(program, folder, PATH=str(folder / "nothing")))


@pytest.fixture(scope="module")
def shop(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A gateway with a virtual printer and 340 items, of each of which there is a piece."""
    gateway = Running(program, tmp_path_factory.mktemp("shop"))
    for daemon in running(gateway):
        web = daemon.web
        put(web, "/v1/printers/zebra", {"url": "virtual:", "media": MEDIA})
        rows = [f"{sku},{name},serial" for sku, name in ITEMS.items()]
        stock = [f"{sku},A-01,SN-{sku[3:]}" for sku in ITEMS]
        for what, table in (
            ("items", ["sku,name,tracking", *rows]),
            ("locations", ["code,kind", "A-01,bin"]),
            ("stock", ["item,location,serial", *stock]),
        ):
            answer = web.post(
                f"/v1/imports/{what}", content="\n".join(table).encode(),
                headers={"content-type": "text/csv"},
            )  # fmt: skip
            assert answer.is_success, answer.text
        yield daemon


def running(daemon: Running) -> Iterator[Running]:
    """Run a daemon for a while."""
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.close()


@pytest.fixture
def desk(chromium: Browser, shop: Running) -> Iterator[Desk]:
    """A window of the size that people have."""
    with open_desk(chromium, shop.url) as opened:
        yield opened


def put(web: httpx.Client, path: str, body: object, **headers: str) -> Any:
    """Send it, and return the answer."""
    answer = web.put(path, json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


def label(name: str, *elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a label of 100 by 50 mm."""
    return {"name": name, "size": MEDIA, **more, "elements": list(elements)}


def settled(web: httpx.Client, job: str) -> dict[str, Any]:
    """Return the job when it is over."""
    with web.stream("GET", f"/v1/jobs/{job}?wait=30"):
        pass
    found: dict[str, Any] = web.get(f"/v1/jobs/{job}").json()
    return found


SERIAL = {"name": "serial", "title": "Serial number", "required": True, "example": "SN-000123"}
NAME = {"name": "name", "title": "Item name", "example": "Hand torque wrench 9 Nm"}


# ---------------------------------------------------------------- 1 to 4: it opens


def test_the_editor_opens_from_the_wheel_without_node_and_asks_nobody_else(
    chromium: Browser, fresh: Running
) -> None:
    """Check 1."""
    least = float("inf")
    with open_desk(chromium, fresh.url) as desk:
        # It is the best of a few: other programs want the processor as well.
        for _ in range(8):
            desk.go("/editor")
            desk.page.wait_for_selector("[role=option] image")
            least = min(least, desk.page.evaluate("() => performance.now()"))
            if least < 1000:
                break
        served = {line.partition("?")[0] for line in desk.asked if "/editor" in line}
    assert least < 1000
    assert {"GET /editor/files/editor.js", "GET /editor/files/editor.css"} <= served


@pytest.mark.seed("M24")
def test_a_serial_label_is_there_at_first_and_prints_once_within_three_clicks(
    chromium: Browser, fresh: Running
) -> None:
    """Check 2."""
    (printer,) = fresh.web.get("/v1/printers").json()["items"]
    with open_desk(chromium, fresh.url) as desk:
        desk.go("/editor").at("/editor/serial-label")
        desk.sees("Try it: scan or type a serial number", inside="body")
        assert codes_of(desk.picture_of_label()) == ["SN-000123"]
        desk.press("Print", ".bar")
        desk.press("Print", "dialog").sees("Printed on", inside="#became")
    (job,) = fresh.web.get("/v1/jobs").json()["items"]
    (sheet,) = fresh.web.get(f"/v1/printers/{printer['name']}/paper").json()["items"]
    assert (job["labels"], job["state"]) == (1, "done")
    assert [code["text"] for code in sheet["codes"]] == ["SN-000123"]


def test_a_new_label_takes_three_clicks_and_carries_a_real_serial_number(
    shop: Running, desk: Desk
) -> None:
    """Check 3."""
    desk.go("/templates/new").click("For zebra").click("100 × 50 mm").click("Serial number label")
    desk.page.wait_for_url("**/editor/serial-100x50?*")
    desk.page.wait_for_selector("[role=option] image")
    shown = desk.locator("#shown").inner_text()
    assert shown in {f"SN-{sku[3:]}" for sku in ITEMS}
    assert codes_of(desk.picture_of_label()) == [shown]
    kept = shop.web.get("/v1/templates/serial-100x50/draft").json()["document"]
    assert kept == desk.document


def test_every_object_is_found_by_what_it_says_where_it_is_and_how_large(
    shop: Running, desk: Desk
) -> None:
    """Check 4."""
    put(shop.web, "/v1/templates/named/draft", label(
        "named",
        {"type": "text", "id": "a", "content": "{serial}", "size": 4000, "x": 5000, "y": 2500,
         "width": 40_000, "height": 5000},
        {"type": "barcode", "id": "b", "symbology": "code128", "content": "{serial}", "x": 10_000,
         "y": 10_000, "width": 70_000, "height": 20_000},
        {"type": "box", "id": "c", "title": "Frame", "x": 1000, "y": 1000, "width": 98_000,
         "height": 48_000},
        fields=[SERIAL],
    ))  # fmt: skip
    desk.open("named")
    assert desk.things() == [
        "Text SN-000, 5 mm from left, 2.5 mm from top, 40 by 5 mm",
        "Barcode SN-000, 10 mm from left, 10 mm from top, 70 by 20 mm",
        "Box Frame, 1 mm from left, 1 mm from top, 98 by 48 mm",
    ]
    desk.show("SN-017")
    assert desk.page.get_by_role("option", name="Barcode SN-017, 10 mm").count() == 1
    assert desk.page.get_by_role("listbox", name="Label 100 by 50 mm").count() == 1


# ---------------------------------------------------------------- 5 to 9: with the mouse

TEXT = {
    "type": "text", "id": "text", "content": "Hello", "size": 4000, "x": 10_000, "y": 11_000,
    "width": 20_000, "height": 6000,
}  # fmt: skip
CODE = {
    "type": "barcode", "id": "code", "symbology": "code128", "content": "SN-000123", "x": 15_000,
    "y": 22_000, "width": 42_000, "height": 15_000,
}  # fmt: skip
RULE = {
    "type": "line", "id": "rule", "title": "Rule", "x": 80_000, "y": 22_000, "width": 500,
    "height": 15_000, "thickness": 500, "direction": "|",
}  # fmt: skip

MODULES = 9 * 11 + 13
"""Of SN-000123 in Code 128: start, S, N, -, the change to digits, 00, 01, 23, check, and stop."""


@pytest.fixture
def wide(chromium: Browser, shop: Running) -> Iterator[Desk]:
    """A window in which a label of 100 by 50 mm has a pixel for each dot."""
    with open_desk(chromium, shop.url, width=1600, height=900) as opened:
        yield opened


def begin(shop: Running, desk: Desk, name: str, *elements: dict[str, Any], **more: Any) -> Desk:
    """Open a label with these elements, a pixel a dot."""
    path = f"/v1/templates/{name}/draft"
    put(shop.web, path, label(name, *elements, **more))
    desk.open(name).page.keyboard.press("Control+2")
    return desk


def test_a_drag_ends_on_a_millimetre_with_alt_on_a_dot_and_asks_nothing(
    shop: Running, wide: Desk
) -> None:
    """Checks 5 and 6."""
    desk = begin(shop, wide, "dragged", TEXT)
    page, mouse = desk.page, desk.page.mouse
    for hold, ends in (("", 23_000), ("Alt", 23_375)):
        x, y = desk.kept().middle("text")
        asked = len(desk.asked)
        mouse.move(x, y)
        mouse.down()
        if hold:
            page.keyboard.down(hold)
        mouse.move(x + 106.96, y, steps=25)  # 13.37 mm
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        # What printers tell of themselves has nothing to do with it.
        meanwhile = [one for one in desk.asked[asked:] if "/v1/printers" not in one]
        mouse.up()
        if hold:
            page.keyboard.up(hold)
        assert meanwhile == []
        assert (desk.element("text")["x"], desk.element("text")["y"]) == (ends, 11_000)
        page.keyboard.press("Control+z")
        assert desk.element("text")["x"] == 10_000


def test_a_code_that_is_resized_has_whole_modules_and_says_how_wide_its_bars_are(
    shop: Running, wide: Desk
) -> None:
    """Check 7."""
    desk = begin(shop, wide, "resized", CODE)
    mouse = desk.page.mouse
    desk.thing("code").click()
    grip = desk.locator('[data-handle="1 0"] .handle').bounding_box()
    assert grip is not None
    x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
    mouse.move(x, y)
    mouse.down()
    said = set()
    for further in range(-250, 200, 45):
        mouse.move(x + further, y, steps=2)
        said.add(desk.locator("#readout").text_content())
    mouse.up()
    assert {"1 dot per bar, 0.125 mm, too thin", "3 dots per bar, 0.375 mm, good"} <= said
    assert all(
        re.fullmatch(r"[1-5] dots? per bar, 0\.\d+ mm, (good|too thin)", one or "") for one in said
    )
    width = desk.element("code")["width"]
    assert width == MODULES * 4 * 125
    across = [n for n, column in enumerate(columns(desk.picture_of_label())) if column]
    assert across[-1] + 1 - across[0] == MODULES * 4


def columns(of: Image.Image) -> list[bool]:
    """Return of each column whether there is ink in it."""
    small = ImageChops.invert(of).reduce((1, of.height))
    return [level > 0 for level in small.tobytes()]


def test_bars_that_are_too_thin_are_said_and_mended_by_one_touch(shop: Running, wide: Desk) -> None:
    """Check 8."""
    desk = begin(shop, wide, "thin", CODE).has_problems("No problems")
    desk.thing("code").click()
    desk.give("Width", "20").has_problems("1 problem")
    fix = desk.locator("#problems li button.primary")
    expect(fix).to_contain_text("mm wide")
    fix.click()
    desk.has_problems("No problems")
    assert desk.element("code")["width"] >= MODULES * 2 * 125
    assert codes_of(desk.picture_of_label()) == ["SN-000123"]


def test_a_line_dragged_too_near_a_code_is_named_with_it_until_it_is_dragged_away(
    shop: Running, wide: Desk
) -> None:
    """Check 9."""
    desk = begin(shop, wide, "near", CODE | {"module": 375}, RULE).has_problems("No problems")
    desk.drag("rule", -164, 0)  # to 59.5 mm; the code ends at 57 mm and wants 3.75 mm
    desk.has_problems("1 problem")
    which = desk.locator("#problems li .which")
    expect(which).to_have_text("Barcode “SN-000123”, Straight line “Rule”")
    desk.drag("rule", 120, 0)
    desk.has_problems("No problems")


# ---------------------------------------------------------------- 10 and 11: screen is paper

GOLDEN = {8: (58_000, 60_000), 12: (131_000, 136_000), 24: (549_000, 571_000)}
"""Black dots of the serial label, at dots per mm: bars, letters and a line, and no black box."""


@pytest.mark.parametrize("language", ["zpl", "escpos"])
@pytest.mark.parametrize("density", [8, 12, 24])
def test_what_the_screen_shows_is_what_the_printer_was_sent_dot_for_dot(
    chromium: Browser, shop: Running, language: str, density: int
) -> None:
    """Checks 10 and 11."""
    web, name = shop.web, f"{language}-{density}"
    with ExitStack() as stack:
        tap = stack.enter_context(Tap(language, density, 100, 50))
        put(web, f"/v1/printers/{name}", {
            "url": tap.url, "language": language, "density": density, "media": MEDIA,
        })  # fmt: skip
        desk = stack.enter_context(open_desk(chromium, shop.url))
        desk.open("serial-label").show("SN-017").draw_for(name)
        screen = desk.picture_of_label()
        desk.press("Print", ".bar").press("Print", "dialog")
        desk.sees(f"Printed on {name}.", inside="#became")
        sent, paper = bytes(tap.sent), tap.paper()
        web.delete(f"/v1/printers/{name}?force=1")
    parsed = read_zpl(sent) if language == "zpl" else read_escpos(sent, *paper.size)
    fields = {"serial": "SN-017", "item": "IT-017", "name": "Part 17"}
    body = {"template": "serial-label", "fields": fields, "density": density}
    preview = picture(web.post("/v1/preview", json=body).content)
    assert screen.size == (100 * density, 50 * density)
    assert screen.tobytes() == preview.tobytes()
    assert screen.tobytes() == paper.tobytes()
    assert screen.tobytes() == parsed.tobytes()
    # Equal pictures may share a fault: these two do not come from where the others do.
    least, most = GOLDEN[density]
    assert least < ink(screen) < most
    assert codes_of(screen) == ["SN-017"]
    assert [one.data for one in read_others(screen)] == [b"SN-017"]


# ---------------------------------------------------------------- 12: every kind of code

G = "010950110153000321SN-7"

CODES = {
    "code128": ("Code 128", "SN-000123"),
    "gs1-128": ("Code 128", G),
    "code39": ("Code 39", "SN-000123"),
    "code93": ("Code 93", "SN-000123"),
    "codabar": ("Codabar", "B12345C"),
    "itf": ("ITF", "00012345"),
    "itf14": ("ITF", "09501101530003"),
    "ean13": ("EAN-13", "9501101530003"),
    "ean8": ("EAN-8", "96385074"),
    "upca": ("EAN-13", "0036000291452"),
    "upce": ("UPC-E", "0012345000065"),  # 01234565 without what it leaves out
    "qr": ("QR Code", "https://example.com/s/1"),
    "gs1-qr": ("QR Code", G),
    "datamatrix": ("Data Matrix", "SN-000123"),
    "gs1-datamatrix": ("Data Matrix", G),
    "micro-qr": ("Micro QR Code", "SN-123"),
    "aztec": ("Aztec", "SN-000123"),
    "pdf417": ("PDF417", "SN-000123"),
    "compact-pdf417": ("PDF417", "SN-000123"),
    "micropdf417": ("MicroPDF417", "SN-000123"),
    "databar-omni": ("DataBar Omni", "0109501101530003"),
    "databar-truncated": ("DataBar Omni", "0109501101530003"),
    "databar-stacked": ("DataBar Stacked", "0109501101530003"),
    "databar-stacked-omni": ("DataBar Stacked", "0109501101530003"),
    "databar-limited": ("DataBar Limited", "0109501101530003"),
    "databar-expanded": ("DataBar Expanded", G),
    "databar-expanded-stacked": ("DataBar Expanded", G),
}
"""What a reader says of each kind's sample: the kind, and the text without what separates parts."""

BY_ZBAR = {
    "code128": "SN-000123", "code39": "SN-000123", "code93": "SN-000123", "codabar": "B12345C",
    "itf": "00012345", "ean13": "9501101530003", "qr": "https://example.com/s/1",
}  # fmt: skip
BY_LIBDMTX = {"datamatrix": "SN-000123"}


def test_every_kind_of_code_is_read_from_the_screen_by_who_did_not_draw_it(
    chromium: Browser, shop: Running
) -> None:
    """Check 12."""
    offered = [one["name"] for one in shop.web.get("/v1/symbologies").json()["items"]]
    assert sorted(offered) == sorted(CODES)
    put(shop.web, "/v1/templates/codes/draft", label("codes"))
    read: dict[str, tuple[str, str]] = {}
    others: dict[str, str] = {}
    with open_desk(chromium, shop.url, width=1600, height=900) as desk:
        desk.open("codes").press("Barcode", ".things")
        for name in CODES:
            desk.properties.get_by_label("Kind of code").select_option(value=name)
            shown = desk.picture_of_label()
            found = zxingcpp.read_barcodes(shown, text_mode=zxingcpp.TextMode.Plain)
            said = [(str(one.format), one.text.replace("\x1d", "")) for one in found]
            read[name] = said[0] if len(said) == 1 else ("", "")
            if name in BY_ZBAR:
                others[name] = "".join(one.data.decode() for one in read_others(shown))
            if name in BY_LIBDMTX:
                others[name] = "".join(one.data.decode() for one in read_datamatrix(shown))
            # Nothing is selected after a picture.
            desk.locator("#label [role=option]").focus()
    assert read == CODES
    assert others == BY_ZBAR | BY_LIBDMTX


# ---------------------------------------------------------------- 13: back and forth


PUT_IN = ("Text", "Barcode", "Straight line", "Box", "Ellipse", "Date", "Counter", "QR code")
KEYS = (
    "Control+d", "r", "Control+l", "Control+l", "Alt+l", "Alt+t", "ArrowRight",
    "Shift+ArrowDown", "Control+ArrowRight",
)  # fmt: skip
TYPED = {"From left": "7", "From top": "9", "Width": "22", "Height": "18"}
ALL_KEYS = ("Control+g", "ArrowUp", "Control+g", "Delete")


def test_fifty_mixed_edits_and_fifty_undos_give_the_very_same_label(
    shop: Running, desk: Desk
) -> None:
    """Check 13."""
    desk.open("serial-label")
    page, before, shown = desk.page, desk.sent[-1], desk.picture_of_label()
    undo = page.get_by_role("button", name="Undo", exact=True)
    redo = page.get_by_role("button", name="Redo", exact=True)
    for n in range(3):
        for what in PUT_IN:
            desk.press(what, ".things")
            page.keyboard.press("Escape")
        desk.locator("#label [role=option]").last.focus()
        for key in KEYS:
            page.keyboard.press(key)
        for field, text in TYPED.items():
            desk.give(field, text)
        desk.locator("#label [role=option]").last.focus()
        page.keyboard.press("Control+a")
        for key in ALL_KEYS:
            page.keyboard.press(key)
        if n < 2:
            page.keyboard.press("Control+z")  # what was deleted is there again
    last = desk.rested().sent[-1]
    desk.press("All steps")
    steps = desk.locator(".steps-list li").all_inner_texts()
    page.keyboard.press("Escape")
    assert len(steps) >= 50
    assert len(set(steps)) >= 10
    while undo.is_enabled():
        undo.click()
    expect(undo).to_be_disabled()
    assert desk.rested().sent[-1] == before
    assert desk.picture_of_label().tobytes() == shown.tobytes()
    desk.stands("Published v1")
    for _ in steps[1:]:
        page.keyboard.press("Control+y")
    expect(redo).to_be_disabled()
    assert desk.rested().sent[-1] == last
    for _ in steps[1:]:
        page.keyboard.press("Control+z")
    expect(undo).to_be_disabled()
    assert desk.rested().sent[-1] == before
    desk.stands("Published v1")
    assert shop.web.get("/v1/templates/serial-label/draft").status_code == 404


# ---------------------------------------------------------------- 14 to 18: hands


def test_a_word_that_was_typed_goes_with_one_undo(shop: Running, wide: Desk) -> None:
    """Check 14."""
    desk = begin(shop, wide, "typed", TEXT)
    page = desk.page
    page.mouse.dblclick(*desk.middle("text"))
    expect(page.locator("textarea.written")).to_be_focused()
    page.keyboard.type("ABC", delay=40)
    page.keyboard.press("Enter")
    assert desk.element("text")["content"] == "ABC"
    page.keyboard.press("Control+z")
    assert desk.element("text")["content"] == "Hello"


def test_a_label_is_made_published_and_printed_by_keys_alone(shop: Running, desk: Desk) -> None:
    """Check 15."""
    put(shop.web, "/v1/templates/keys/draft", label("keys", fields=[SERIAL], about="serial"))
    page = desk.open("keys").page
    page.keyboard.press("b")
    desk.page.wait_for_selector("[role=option] image")
    desk.tab_to("Insert a field")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Serial number")).to_be_focused()
    page.keyboard.press("Enter")
    for field, text in (("From left", "5"), ("From top", "18"), ("Width", "70")):
        desk.tab_to(field)
        page.keyboard.press("Control+a")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    code = desk.element("code")
    assert (code["content"], code["x"], code["y"], code["width"]) == (
        "{serial}", 5000, 18_000, 70_000,
    )  # fmt: skip
    desk.tab_to("Publish")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.type("made by keys")
    desk.tab_to("Publish")
    page.keyboard.press("Enter")
    desk.stands("Published v1")
    page.keyboard.press("Control+p")
    expect(page.locator("#proof")).to_be_visible(timeout=WITHIN)
    desk.tab_to("Print")
    page.keyboard.press("Enter")
    desk.sees("Printed on zebra.", inside="#became")
    (version,) = shop.web.get("/v1/templates/keys/versions").json()["items"]
    assert version["note"] == "made by keys"
    sheet = shop.web.get("/v1/printers/zebra/paper?limit=1").json()["items"][0]
    assert [one["text"] for one in sheet["codes"]] == ["SN-000"]


def test_a_scan_over_the_label_shows_its_record_and_changes_nothing(
    shop: Running, wide: Desk
) -> None:
    """Check 16."""
    desk = begin(shop, wide, "scanned", TEXT, CODE | {"content": "{serial}"}, fields=[SERIAL])
    before = desk.rested().sent[-1]
    desk.thing("text").click()
    desk.page.keyboard.type("SN-023", delay=5)
    desk.page.keyboard.press("Enter")
    expect(desk.locator("#shown")).to_have_text("SN-023", timeout=WITHIN)
    assert codes_of(desk.picture_of_label()) == ["SN-023"]
    assert desk.sent[-1] == before
    expect(desk.page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()


def test_fingers_drag_resize_and_spread_and_find_what_they_touch(
    chromium: Browser, shop: Running
) -> None:
    """Check 17."""
    put(shop.web, "/v1/templates/touched/draft", label("touched", TEXT, CODE))
    with open_desk(chromium, shop.url, width=1024, height=768, has_touch=True) as desk:
        page = desk.open("touched").page
        line = page.context.new_cdp_session(page)

        def touch(kind: str, *points: tuple[float, float]) -> None:
            at = [{"x": x, "y": y, "id": n} for n, (x, y) in enumerate(points)]
            line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": at})

        def stroke(start: tuple[float, float], dx: float, dy: float) -> None:
            touch("touchStart", start)
            for n in range(1, 11):
                touch("touchMove", (start[0] + dx * n / 10, start[1] + dy * n / 10))
            touch("touchEnd")

        def scale() -> float:
            box = page.locator("#label").bounding_box()
            assert box is not None
            return box["width"] / 100  # pixels a millimetre

        stroke(desk.middle("text"), 10 * scale(), 0)
        assert desk.element("text")["x"] == 20_000
        grip = page.locator('[data-handle="1 0"] .handle').bounding_box()
        assert grip is not None
        middle = (grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2)
        stroke(middle, 5 * scale(), 0)
        assert desk.element("text")["width"] == 25_000
        before = scale()
        x, y = desk.middle("code")
        touch("touchStart", (x - 30, y), (x + 30, y))
        for n in range(1, 11):
            touch("touchMove", (x - 30 - 5 * n, y), (x + 30 + 5 * n, y))
        touch("touchEnd")
        assert scale() > 1.5 * before
        small = page.evaluate(TOO_SMALL)
    assert small == []


TARGETS = "button, a.button, select, input, summary, .grip"

TOO_SMALL = f"""() => [...document.querySelectorAll("{TARGETS}")]
  .map(one => [one, one.type === "checkbox" ? one.closest("label") || one : one])
  .map(([one, target]) => [one, target.getBoundingClientRect()])
  .filter(([one, box]) => box.width && (box.height < 43.5 || box.width < 43.5))
  .map(([one, box]) => one.outerHTML.slice(0, 80) + " " + box.width + " × " + box.height)"""


def test_three_things_are_aligned_and_spaced_to_the_micrometre(shop: Running, wide: Desk) -> None:
    """Check 18."""
    boxes = [
        {"type": "box", "id": f"box{n}", "x": x, "y": y, "width": 10_000, "height": 8000}
        for n, (x, y) in enumerate(((12_300, 1000), (31_000, 17_777), (57_000, 40_000)))
    ]
    desk = begin(shop, wide, "aligned", *boxes)
    for n in range(3):
        desk.thing(f"box{n}").click(position={"x": 2, "y": 2}, modifiers=["Shift"] if n else [])
    desk.page.keyboard.press("Alt+l")
    assert [one["x"] for one in desk.document["elements"]] == [12_300] * 3
    desk.press("Equal gaps down")
    assert [one["y"] for one in desk.document["elements"]] == [1000, 20_500, 40_000]
    desk.page.keyboard.press("Control+z")
    assert [one["y"] for one in desk.document["elements"]] == [1000, 17_777, 40_000]
    desk.page.keyboard.press("Control+z")
    assert desk.document["elements"] == boxes


# ---------------------------------------------------------------- 19 to 21: words


def rows(of: Image.Image) -> list[tuple[int, int]]:
    """Return where the lines of ink begin and end, from the top."""
    turned = of.transpose(Image.Transpose.ROTATE_90)
    inked = [False, *columns(turned), False]
    edges = [y for y, (above, here) in enumerate(pairwise(inked)) if above != here]
    return list(zip(edges[::2], edges[1::2], strict=True))


FITTED = {
    "type": "text", "id": "name", "content": "{name}", "size": 6000, "min_size": 2500, "wrap": True,
    "max_lines": 2, "align": "right", "x": 10_000, "y": 5000, "width": 60_000, "height": 14_000,
}  # fmt: skip
ITEM = {"name": "item", "title": "Item number", "required": True, "example": "HT-9000"}


def test_a_long_text_shrinks_and_wraps_within_its_limits_and_says_for_how_many_it_does_not(
    shop: Running, wide: Desk
) -> None:
    """Check 19."""
    desk = begin(shop, wide, "fitted", FITTED, fields=[ITEM, NAME], about="item")
    desk.press("Longest").rested()
    expect(desk.locator("#shown")).to_contain_text("IT-000", timeout=WITHIN)
    shown = desk.picture_of_label()
    assert len(rows(shown)) == 2
    # Each line has letters of 2.5 mm at least: their capitals are 0.72 of it.
    assert all(end - start >= 0.7 * 2.5 * 8 for start, end in rows(shown))
    ends = max(x for x, inked in enumerate(columns(shown)) if inked)
    assert 70 * 8 - 6 <= ends < 70 * 8
    desk.thing("name").focus()
    desk.page.keyboard.press("Escape")
    desk.locator("#count").click()
    desk.press("Check all records")
    # The one in Chinese has no letters in the font.
    desk.sees("It would not print for 1 of 340 records.", inside="#problems")
    desk.thing("name").focus()
    desk.give("Width", "15")
    desk.press("Check all records")
    desk.sees("It would not print for 2 of 340 records.", inside="#problems")


def test_what_stands_below_an_empty_text_moves_up(shop: Running, wide: Desk) -> None:
    """Check 20."""
    below = TEXT | {"id": "below", "y": 20_000, "width": 60_000}
    above = TEXT | {"id": "name", "content": "{name}", "collapse": True, "width": 60_000}
    desk = begin(shop, wide, "collapsed", above, below, fields=[ITEM, NAME], about="item")
    desk.show("IT-004")
    filled = rows(desk.picture_of_label())
    desk.show("IT-003")
    empty = rows(desk.picture_of_label())
    assert (len(filled), len(empty)) == (2, 1)
    assert filled[1][0] - filled[1][1] == empty[0][0] - empty[0][1]
    # It is as far from the top as the text that is not there would be, and a dot of rounding.
    assert abs(empty[0][0] - (filled[1][0] - 9 * 8)) <= 1


FONTS = Path("/usr/share/fonts/truetype/droid")
DEJAVU = ROOT / "gateway/templates/fonts/DejaVuSansCondensed.ttf"

# As a reader sees them from left to right, in the forms that letters have between their neighbours.
SALAM = "\ufee1\ufefc\ufeb3"  # meem alone; lam with alef, joined; seen at the beginning
SHALOM = "\u05dd\u05d5\u05dc\u05e9"


def likeness(shown: Image.Image, font: Path, text: str, size: int) -> float:
    """Return how much ink of the only text is where another program has it, 0 to 1."""
    ours = ImageChops.invert(shown)
    ours = ours.crop(ours.getbbox())
    drawn = Image.new("L", (shown.width, shown.height))
    face = ImageFont.truetype(font, size, layout_engine=ImageFont.Layout.BASIC)
    Draw.Draw(drawn).text((50, 50), text, 255, face)
    theirs = drawn.point(lambda level: 255 if level > 127 else 0)
    theirs = theirs.crop(theirs.getbbox())
    wide, high = max(ours.width, theirs.width), max(ours.height, theirs.height)
    assert wide - min(ours.width, theirs.width) <= 3
    assert high - min(ours.height, theirs.height) <= 3
    one, other = (Image.new("1", (wide, high)) for _ in range(2))
    one.paste(1, mask=ours.convert("1").crop((0, 0, wide, high)))
    other.paste(1, mask=theirs.convert("1").crop((0, 0, wide, high)))
    both = ImageChops.logical_and(one, other).histogram()[255]
    either = ImageChops.logical_or(one, other).histogram()[255]
    return both / either


def test_arabic_and_hebrew_are_written_as_they_are_read(shop: Running, wide: Desk) -> None:
    """Check 21, with the fonts that are built in."""
    large = TEXT | {"size": 20_000, "width": 80_000, "height": 25_000}
    for name, text, seen in (("arabic", "سلام", SALAM), ("hebrew", "שלום", SHALOM)):
        desk = begin(shop, wide, name, large | {"content": text}).has_problems("No problems")
        assert likeness(desk.picture_of_label(), DEJAVU, seen, 160) > 0.85
    # Were the letters not in the font, it would be said.
    desk = begin(shop, wide, "chinese-without", large | {"content": "序列号"})
    desk.has_problems("1 problem")
    assert ImageChops.invert(desk.picture_of_label()).getbbox() is None


@pytest.mark.skipif(not FONTS.is_dir(), reason="Debian's fonts-droid-fallback is not installed")
def test_chinese_and_japanese_are_written_with_a_font_that_was_brought_in(
    shop: Running, wide: Desk
) -> None:
    """Check 21, with a font of the house's own."""
    font = next(FONTS.glob("DroidSansFallback*.ttf"))
    asset = shop.web.post(
        "/v1/assets?name=droid", content=font.read_bytes(), headers={"content-type": "font/ttf"}
    ).json()
    large = TEXT | {"size": 20_000, "width": 80_000, "height": 30_000, "font": asset["ref"]}
    for name, text in (("chinese", "序列号"), ("japanese", "シリアル")):
        desk = begin(shop, wide, name, large | {"content": text})
        desk.has_problems("No problems")
        assert likeness(desk.picture_of_label(), font, text, 160) > 0.85


# ---------------------------------------------------------------- 22 and 23: nothing is lost


def test_a_gateway_that_dies_and_another_person_cost_nobody_a_change(
    chromium: Browser, fresh: Running
) -> None:
    """Check 22."""
    web = fresh.web
    put(web, "/v1/templates/shared", label("shared", TEXT))
    with open_desk(chromium, fresh.url) as desk:
        desk.open("shared").thing("text").focus()
        fresh.kill()
        desk.properties.get_by_label("What it says", exact=True).fill("Meanwhile")
        expect(desk.locator(".line.away")).to_have_text(
            "Not connected. Your changes are kept on this PC.", timeout=WITHIN
        )
        desk.kept("Kept on this PC")
        desk.page.goto("about:blank")
        fresh.start()
        desk.open("shared").kept("Saved")
        kept = web.get("/v1/templates/shared/draft").json()["document"]
        assert kept["elements"][0]["content"] == "Meanwhile"

        with open_desk(chromium, fresh.url) as other:
            other.open("shared")
            other.context.set_offline(True)
            other.thing("text").focus()
            other.give("What it says", "Mine").kept("Kept on this PC")
            desk.thing("text").focus()
            desk.give("What it says", "Theirs").kept("Saved")
            other.context.set_offline(False)
            expect(other.locator(".line.look")).to_contain_text(
                "Two people have changed this label.", timeout=WITHIN
            )
            other.press("Choose").sees("Nothing is lost whichever you choose", inside="dialog")
            other.press("Keep mine", "dialog").kept("Saved")
            kept = web.get("/v1/templates/shared/draft").json()["document"]
            assert kept["elements"][0]["content"] == "Mine"
            other.press("Undo", ".bar").kept("Saved")
            kept = web.get("/v1/templates/shared/draft").json()["document"]
            assert kept["elements"][0]["content"] == "Theirs"


def test_an_old_version_that_is_gone_back_to_prints_its_very_bytes(
    shop: Running, desk: Desk
) -> None:
    """Check 23."""
    web = shop.web
    put(web, "/v1/templates/again", label("again", TEXT, CODE))
    with Tap("zpl", 8, 100, 50) as tap:
        put(web, "/v1/printers/again", {"url": tap.url, "language": "zpl", "media": MEDIA})
        sent: list[bytes] = []

        def printed() -> bytes:
            before = len(sent)
            body = {"printer": "again", "template": "again", "labels": [{}]}
            job = web.post("/v1/jobs", json=body).raise_for_status().json()["id"]
            until(lambda: web.get(f"/v1/jobs/{job}").json()["state"] == "done")
            sent[:] = re.findall(rb"\^XA\^MUD(?:(?!\^XZ).)*\^XZ", tap.sent, re.DOTALL)
            assert len(sent) == before + 1
            return sent[-1]

        first = printed()
        desk.open("again").thing("text").focus()
        desk.give("What it says", "Good bye").press("Publish", ".bar")
        desk.press("Publish", "dialog").stands("Published v2")
        second = printed()
        desk.go("/templates/again/versions").click("Go back to version 1").click("Yes")
        desk.said("that is version 3 now")
        third = printed()
        paper = [tap.printer.paper.tile(piece.number) for piece in tap.printer.pieces()]
        web.delete("/v1/printers/again?force=1")
    assert first == third
    assert first != second
    assert paper[0] == paper[2] != paper[1]
    compared = web.get("/v1/templates/again/compare.png?from=1&to=2").content
    red, green, _ = Image.open(io.BytesIO(compared)).convert("RGB").split()
    box = ImageChops.subtract(red, green).getbbox()
    assert box is not None
    # Two pixels a dot: inside the place of the text that was changed, and nowhere else.
    assert box[0] >= 2 * 8 * 10 - 2
    assert box[1] >= 2 * 8 * 11 - 2
    assert box[2] <= 2 * 8 * 31
    assert box[3] <= 2 * 8 * 17 + 2


def until(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + WITHIN / 1000
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


# ---------------------------------------------------------------- 24 and 25


FOREIGN = """^XA^PW800^LL400
^FO50,40^A0N,40,40^FDRack 7^FS
^FO50,120^BY3^BCN,100,N,N,N^FDABC123^FS
^FO600,60^GB120,120,6^FS
^FO50,300^XGR:LOGO.GRF,1,1^FS
^XZ"""


def test_zpl_of_another_program_comes_in_and_goes_out_with_nothing_dropped(
    shop: Running, wide: Desk
) -> None:
    """Check 24."""
    desk = begin(shop, wide, "foreign").press("More").press("Import ZPL or a file")
    desk.page.get_by_label("or paste it here").fill(FOREIGN)
    desk.press("Read it", "dialog").sees("3 objects were understood.", inside="dialog")
    desk.sees("^XGR:LOGO.GRF", inside="dialog")
    desk.press("Take it", "dialog").rested()
    said = json.dumps(desk.document)
    assert all(part in said for part in ("Rack 7", "ABC123", "LOGO.GRF"))
    shown = desk.picture_of_label()
    assert codes_of(shown) == ["ABC123"]
    with VirtualPrinter("a", speed_mm_s=0) as one, VirtualPrinter("b", speed_mm_s=0) as other:
        body = {"document": desk.document, "mode": "native", "density": 8}
        out = shop.web.post("/v1/templates/export/zpl", json=body).raise_for_status().content
        assert b"LOGO.GRF" in out
        printed = [drawn(one, FOREIGN.encode()), drawn(other, out)]
    # The code and the box have the same dots in all three; letters are each one's own.
    for place in ((40, 110, 560, 230), (590, 50, 730, 190)):
        of = [each.crop(place).tobytes() for each in (shown, *printed)]
        assert of[0] == of[1] == of[2]


def drawn(printer: VirtualPrinter, commands: bytes) -> Image.Image:
    """Return what a printer makes of commands: black is 0."""
    with socket.create_connection(("127.0.0.1", printer.port)) as line:
        line.sendall(commands)
    assert printer.wait_printed(1, timeout=30)
    tile = printer.paper.tile(1)
    assert tile is not None
    inked = Image.frombytes("1", (tile.width, tile.height), tile.to_bytes())
    return ImageChops.invert(inked.convert("L"))


@pytest.mark.parametrize(
    "window",
    [
        {"width": 1366, "height": 768},
        {"width": 683, "height": 384},  # what 200 % leaves of it
        {"width": 1366, "height": 768, "color_scheme": "dark"},
    ],
    ids=["at 1366 by 768", "at 200 %", "dark"],
)
def test_whoever_reads_the_screen_by_other_means_finds_nothing_in_the_way(
    chromium: Browser, shop: Running, window: dict[str, Any]
) -> None:
    """Check 25."""
    name = f"means-{window['width']}-{window.get('color_scheme', 'light')}"
    put(shop.web, f"/v1/templates/{name}", label(name, TEXT, CODE, fields=[SERIAL]))
    # Only colours differ in the dark.
    rules = ("color-contrast",) if "color_scheme" in window else ()
    with open_desk(chromium, shop.url, **window) as desk:
        page = desk.open(name).page
        desk.is_accessible(*rules)
        desk.thing("text").focus()
        page.keyboard.press("ArrowRight")
        expect(desk.locator("#heard")).to_have_text("Text moved to 11 mm, 11 mm")
        desk.is_accessible(*rules)
        for keys in ("Control+p", "Control+Enter", "?"):
            page.keyboard.press(keys)
            page.wait_for_selector("dialog[open]")
            desk.rested().is_accessible(*rules)
            page.keyboard.press("Escape")
            expect(page.locator("dialog[open]")).to_have_count(0)
        desk.press("Publish", ".bar")
        page.wait_for_selector("dialog[open]")
        desk.rested().is_accessible(*rules)
        page.keyboard.press("Escape")
        for item in ("Import ZPL or a file", "Save as a file", "Save under another name", "Delete"):
            desk.press("More").press(item, ".choices")
            page.wait_for_selector("dialog[open]")
            desk.rested().is_accessible(*rules)
            page.keyboard.press("Escape")
        for path in ("/templates", "/templates/new", f"/templates/{name}/versions",
                     f"/templates/{name}/print"):  # fmt: skip
            desk.go(path).is_accessible(*rules)


def test_the_picture_of_the_documents_is_the_editor_as_it_is(
    fresh: Running, chromium: Browser
) -> None:
    """The serial label is open, its code is selected, and nothing is wrong with it."""
    with open_desk(chromium, fresh.url) as desk:
        desk.open("serial-label").has_problems("No problems")
        code = desk.page.get_by_role("option", name="Barcode SN-000123").first
        code.focus()
        expect(code).to_have_attribute("aria-selected", "true")
        expect(desk.properties.locator("h2")).to_have_text("Barcode")
        desk.rested()
        keep_picture(desk, "editor")
