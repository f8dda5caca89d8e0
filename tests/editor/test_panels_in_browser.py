"""The panels beside the label: what can be added, what fills it, and all about what is selected.

What a page says was changed is looked up in the document that the page sends to be drawn, and codes
are read from the screen by a reader that did not draw them.
"""

from __future__ import annotations

import io
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import expect

from gateway.codes.samples import CARRIES
from gateway.codes.symbology import SYMBOLOGIES, read_ink
from tests.console.screen import Screen, open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

    from tests.conftest import Daemon

pytestmark = needs_chromium

FIELDS = [
    {"name": "serial", "title": "Serial number", "required": True, "example": "SN-000123"},
    {"name": "name", "title": "Item name", "example": "Hand torque wrench 9 Nm"},
]
EMPTY: dict[str, Any] = {
    "about": "serial", "size": {"width": 100_000, "height": 50_000},
    "fields": FIELDS, "elements": [],
}  # fmt: skip


class Desk(Screen):
    """The editor with a label open, and what it sent last."""

    document: dict[str, Any]

    def open(self, name: str) -> Desk:
        """Open a label and wait for its first drawing."""
        self.page.add_init_script(FETCHING)
        self.page.on("request", self._keep)
        with self.page.expect_response("**/v1/editor/tiles"):
            self.go(f"/editor/{name}")
        return self

    def _keep(self, request: Any) -> None:
        if request.url.endswith("/v1/editor/tiles"):
            self.document = json.loads(request.post_data)["document"]

    @property
    def properties(self) -> Locator:
        """The right panel."""
        return self.page.locator(".properties")

    def settled(self) -> Desk:
        """Wait until every answer is there and shown."""
        self.page.wait_for_function("() => !window.fetching")
        return self

    def drawn(self) -> dict[str, Any]:
        """Return the document of the drawing that is under way, once it is there."""
        return self.settled().document

    def element(self, key: str) -> dict[str, Any]:
        """Return the element that is called so inside the label."""
        return next(one for one in self.drawn()["elements"] if one["id"] == key)

    def put(self, title: str) -> Desk:
        """Press one of the buttons on the left."""
        self.page.locator(".things").get_by_role("button", name=title, exact=True).click()
        return self

    def give(self, label: str, text: str) -> Desk:
        """Type into a field of the properties, and leave it."""
        field = self.properties.get_by_label(label, exact=True).first
        field.fill(text)
        field.press("Tab")
        return self

    def choose(self, label: str, title: str) -> Desk:
        """Choose in a list of the properties, by what is read there."""
        self.properties.get_by_label(label, exact=True).first.select_option(label=title)
        return self

    def mark(self, label: str, *, on: bool = True) -> Desk:
        """Tick a box of the properties."""
        self.properties.get_by_label(label, exact=True).first.set_checked(on)
        return self

    def unfold(self, title: str, inside: str = ".properties") -> Desk:
        """Open a fold that is closed."""
        fold = self.page.locator(f"{inside} details").filter(
            has=self.page.locator(f"summary:text-is({json.dumps(title)})")
        ).last  # fmt: skip
        if fold.get_attribute("open") is None:
            fold.locator("summary").first.click()
        return self

    def menu(self, button: str, item: str) -> Desk:
        """Open a menu and choose in it."""
        self.page.get_by_role("button", name=button, exact=True).last.click()
        self.page.get_by_role("menuitem", name=item).first.click()
        return self

    def label(self) -> Image.Image:
        """Return the label as it stands on the screen, with no frames over it."""
        self.page.evaluate("() => document.activeElement && document.activeElement.blur()")
        self.settled()
        self.page.keyboard.down("p")
        self.page.locator(".stage.clean").wait_for()
        shown = self.page.locator("#label").screenshot(animations="disabled", caret="hide")
        self.page.keyboard.up("p")
        return Image.open(io.BytesIO(shown)).convert("L")

    def tab_to(self, name: str, role: str = "") -> Desk:
        """Press Tab until what is called so has the focus."""
        found = ""
        for _ in range(120):
            self.page.keyboard.press("Tab")
            found = self.page.evaluate(FOCUSED)
            if found == name:
                return self
        raise AssertionError(f"Tab never came to {name!r}; it was at {found!r} last")


FETCHING = """(() => {
  window.fetching = 0;
  const plain = window.fetch;
  window.fetch = async (...asked) => {
    window.fetching += 1;
    // What came is read, and then shown with the next frame but one.
    const done = () => requestAnimationFrame(() => requestAnimationFrame(() => { window.fetching -= 1; }));
    try {
      const said = await plain(...asked);
      void said.clone().text().finally(() => setTimeout(done));
      return said;
    } catch (error) { done(); throw error; }
  };
})();"""  # noqa: E501 - a script in another language

FOCUSED = """() => {
  const one = document.activeElement;
  return one.getAttribute("aria-label") || (one.labels && one.labels[0] && one.labels[0].textContent.trim()) || one.textContent.trim();
}"""  # noqa: E501 - a script in another language


@pytest.fixture(scope="module")
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    """The module's gateway."""
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=30) as client:
        yield client


@contextmanager
def window(chromium: Browser, web: httpx.Client, name: str) -> Iterator[Desk]:
    """Open an empty label that nobody else works on."""
    web.put(f"/v1/templates/{name}", json={"name": name, **EMPTY}).raise_for_status()
    url = str(web.base_url).rstrip("/")
    with open_screen(chromium, url, width=1600, height=900) as opened:
        opened.__class__ = Desk
        assert isinstance(opened, Desk)
        yield opened.open(name)


@pytest.fixture
def desk(chromium: Browser, web: httpx.Client, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A window with a label of the test's own."""
    name = request.node.originalname.removeprefix("test_")[:30]
    with window(chromium, web, name) as opened:
        yield opened


@pytest.fixture(scope="module")
def bench(chromium: Browser, web: httpx.Client) -> Iterator[Desk]:
    """One window for all kinds of code."""
    with window(chromium, web, "codes") as opened:
        yield opened


@pytest.mark.parametrize("name", SYMBOLOGIES)
def test_every_kind_of_code_is_put_in_with_a_sample_that_scans_from_the_screen(
    bench: Desk, name: str
) -> None:
    kind = SYMBOLOGIES[name]
    bench.put("Barcode")
    try:
        bench.properties.get_by_label("Kind of code").select_option(value=name)
        element = bench.drawn()["elements"][-1]
        assert (element["symbology"], element["content"]) == (name, CARRIES[name][1])
        expect(bench.properties.locator(".note.look")).to_have_count(0)
        shown = bench.label()
        wanted = kind.encode(CARRIES[name][1]).content
        assert read_ink(shown.tobytes(), shown.width, name, wanted) == wanted
    finally:
        bench.page.get_by_role("button", name="Delete", exact=True).click()
        assert bench.drawn()["elements"] == []


@pytest.mark.seed("M24")
def test_a_barcode_is_added_bound_and_placed_without_a_mouse(desk: Desk) -> None:
    page = desk.page
    desk.tab_to("Barcode")
    page.keyboard.press("Enter")
    desk.tab_to("Insert a field")
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Serial number")).to_be_focused()
    page.keyboard.press("i")
    expect(page.get_by_role("menuitem", name="Item name")).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    expect(desk.properties.get_by_label("What it says")).to_have_value("{serial}")
    expect(desk.properties.locator("output")).to_have_text("SN-000123")
    for label, typed in (("From left", "5"), ("From top", "1,8 cm"), ("Width", "70 mm")):
        desk.tab_to(label)
        page.keyboard.press("Control+a")
        page.keyboard.type(typed)
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    element = desk.element("code")
    assert element == {
        "id": "code", "type": "barcode", "symbology": "code128", "content": "{serial}",
        "text": "below", "x": 5000, "y": 18_000, "width": 71_000, "height": element["height"],
    }  # fmt: skip
    named = "Barcode SN-000123, 5 mm from left, 18 mm from top, 71 by"
    assert page.get_by_role("option", name=named).count() == 1
    shown = desk.label()
    assert read_ink(shown.tobytes(), shown.width, "code128", "SN-000123") == "SN-000123"
    # There would be room for five, but not for the white that a reader needs on the left.
    expect(desk.properties.locator(".bars")).to_have_text("4 dots per bar, 0.5 mm, good")
    desk.is_accessible()


def test_whatever_is_added_goes_where_there_is_free_paper(desk: Desk) -> None:
    added = ("Text", "Barcode", "QR code", "Date", "Counter", "Straight line", "Box", "Ellipse")
    for what in added:
        desk.put(what).settled()
    places = [
        (one["x"], one["y"], one["x"] + one["width"], one["y"] + one["height"])
        for one in desk.drawn()["elements"]
    ]
    assert len(places) == len(added)
    for n, (left, top, right, bottom) in enumerate(places):
        assert left >= 1000
        assert top >= 1000
        assert right <= 99_000
        assert bottom <= 49_000
        for x, y, to_x, to_y in places[:n]:
            assert right <= x or to_x <= left or bottom <= y or to_y <= top
    # Also the white beside the codes is free.
    desk.sees("No problems", inside=".strip")


@pytest.mark.seed("M24")
def test_data_fields_are_dragged_on_and_fields_of_ones_own_are_made(desk: Desk) -> None:
    page = desk.page
    field = page.get_by_role("button", name="Put Lot on the label")
    expect(field).to_be_visible()
    paper = page.locator("#label").bounding_box()
    grip = field.bounding_box()
    assert paper is not None
    assert grip is not None
    page.mouse.move(grip["x"] + 30, grip["y"] + 20)
    page.mouse.down()
    page.mouse.move(paper["x"] + 100, paper["y"] + 50, steps=4)
    expect(page.locator(".ghost")).to_have_text("Lot")
    page.mouse.move(paper["x"] + paper["width"] / 2, paper["y"] + paper["height"] / 2, steps=4)
    page.mouse.up()
    page.get_by_role("menuitem", name="QR code").click()
    code = desk.element("code")
    middle = (code["x"] + code["width"] / 2, code["y"] + code["height"] / 2)
    assert middle == (pytest.approx(50_000, abs=150), pytest.approx(25_000, abs=150))
    assert (code["symbology"], code["content"]) == ("qr", "{lot}")
    assert desk.document["fields"] == [*FIELDS, {"name": "lot", "title": "Lot", "example": "L2611"}]
    shown = desk.label()
    assert read_ink(shown.tobytes(), shown.width, "qr", "L2611") == "L2611"

    left = page.locator(".add")
    left.get_by_role("button", name="New field").click()
    left.get_by_label("What it is called").fill("Größe (cm)")
    left.get_by_label("What it holds").select_option(label="One of a list")
    left.get_by_role("button", name="Add the field").click()
    expect(left.get_by_role("alert")).to_have_text("Write down what can be chosen.")
    left.get_by_label("What can be chosen, one a line").fill("10\n20\n")
    left.get_by_label("Example").fill("30")
    left.get_by_role("button", name="Add the field").click()
    expect(left.get_by_role("alert")).to_have_text(
        "The example must be a value that the field takes."
    )
    left.get_by_label("Example").fill("20")
    left.get_by_label("Must always be given").check()
    left.get_by_role("button", name="Add the field").click()
    assert desk.drawn()["fields"][-1] == {
        "name": "gro_e_cm", "title": "Größe (cm)", "type": "choice", "required": True,
        "choices": ["10", "20"], "example": "20",
    }  # fmt: skip
    page.get_by_role("button", name="Put Größe (cm) on the label").click()
    page.keyboard.press("Enter")
    assert desk.element("text")["content"] == "{gro_e_cm}"
    expect(desk.properties.locator("output")).to_have_text("20")

    # A field that is used can be changed, not deleted.
    desk.unfold("Change a field", ".add")
    left.locator(".fold").get_by_role("button", name="Lot", exact=True).click()
    expect(left.get_by_role("button", name="Delete", exact=True)).to_be_disabled()
    left.get_by_label("Example").fill("L9")
    left.get_by_role("button", name="Save").click()
    assert desk.drawn()["fields"][2]["example"] == "L9"


def test_what_stands_in_a_text_is_formed_by_choices(desk: Desk) -> None:
    desk.put("Date")
    assert desk.element("text")["content"] == "{today|date:YYYY-MM-DD}"
    desk.properties.get_by_label("How the date is written").select_option(value="DD.MM.YY")
    desk.give("Later by", "18").choose("Counted in", "months")
    assert desk.element("text")["content"] == "{today+18m|date:DD.MM.YY}"

    desk.put("Counter")
    assert desk.element("text2")["content"] == "{counter}"
    desk.give("Begins with", "100").give("From label to label", "5").give("Digits at least", "6")
    assert desk.drawn()["counters"] == [
        {"name": "counter", "title": "Counter", "start": 100, "step": 5, "width": 6}
    ]
    expect(desk.properties.locator("output")).to_have_text("000100")

    desk.put("Text").menu("Insert a field", "Serial number")
    desk.unfold("Form of Serial number").choose("Letters", "small").choose("Fill up", "In front")
    desk.give("To how many characters", "12").give("With the character", "*")
    desk.choose("Which part", "The last characters")
    expect(desk.properties.locator("output")).to_have_text("********0123")
    assert desk.element("text3")["content"] == "{serial|right:4|lower|pad:12:*}"
    desk.give("When it is empty, print", "-")
    assert desk.element("text3")["content"] == "{serial|right:4|lower|pad:12:*|default:-}"


def test_text_that_is_too_long_or_empty_is_fitted_as_chosen(desk: Desk) -> None:
    desk.put("Text").menu("Insert a field", "Item name")
    desk.unfold("Appearance").mark("Make the letters smaller").mark("Go on in the next line")
    desk.give("But not smaller than", "6").give("Lines at most", "2").give("Line spacing", "110")
    desk.page.get_by_role("button", name="Right", exact=True).click()
    desk.mark("When it is empty, move up what stands below").mark("Bold").mark("White on black")
    desk.give("Height of letters", "4 mm")
    element = desk.element("text")
    fit = {key: element[key] for key in element if key not in ("x", "y", "width", "height")}
    assert fit == {
        "id": "text", "type": "text", "content": "{name}", "size": 5487, "min_size": 2117,
        "wrap": True, "max_lines": 2, "line_spacing": 110, "align": "right", "collapse": True,
        "font": "sans-bold", "reverse": True,
    }  # fmt: skip
    expect(desk.properties.get_by_label("Letter size")).to_have_value("15.55")
    # Put back to what is so by itself, nothing is left of it.
    for label in ("Make the letters smaller", "Go on in the next line", "White on black", "Bold",
                  "When it is empty, move up what stands below"):  # fmt: skip
        desk.mark(label, on=False)
    left = desk.element("text")
    assert {"min_size", "wrap", "reverse", "font", "collapse"} & set(left) == set()

    desk.page.get_by_role("button", name="Add a condition").click()
    desk.choose("Field", "Item name").choose("Test", "contains").give("Value", "wrench")
    desk.page.get_by_role("button", name="And another").click()
    desk.properties.locator(".tests li").nth(1).get_by_label("Field").select_option("lot")
    desk.choose("Print it when", "one of these is true")
    assert desk.element("text")["print_when"] == "name contains 'wrench' or lot not empty"
    assert [one["name"] for one in desk.document["fields"]] == ["serial", "name", "lot"]
    desk.unfold("As it is written").give("Condition to print", "not (name empty)")
    expect(desk.properties.locator(".when")).to_contain_text("longer than what can be put together")
    assert desk.element("text")["print_when"] == "not (name empty)"
    desk.is_accessible()
    desk.page.emulate_media(color_scheme="dark")
    desk.is_accessible("color-contrast")


def test_a_gs1_code_is_put_together_from_parts_and_its_check_digit_is_guessed(desk: Desk) -> None:
    page = desk.page
    desk.put("Barcode")
    desk.properties.get_by_label("Kind of code").select_option(value="gs1-datamatrix")
    desk.give("Item (GTIN)", "09501101530004")
    page.get_by_role("button", name="Did you mean 09501101530003?").click()
    desk.menu("Fill Serial number from a field", "Serial number")
    desk.menu("Add a part", "Use by")
    desk.menu("Add a part", "Lot")
    desk.give("Lot", "A(1)")
    assert desk.element("code")["content"] == (
        r"(01)09501101530003(21){serial}(17)261231(10)A\(1\)"
    )
    page.get_by_role("button", name="Take out Use by").click()
    desk.drawn()
    shown = desk.label()
    scanned = "010950110153000321SN-000123\x1d10A(1)"
    assert read_ink(shown.tobytes(), shown.width, "gs1-datamatrix", scanned) == scanned

    desk.properties.get_by_label("Kind of code").select_option(value="ean13")
    desk.give("What it says", "6291041500218")
    page.get_by_role("button", name="Did you mean 6291041500213?").click()
    assert desk.element("code")["content"] == "6291041500213"
    expect(desk.properties.locator(".note.look")).to_have_count(0)


def test_several_things_are_arranged_and_share_what_they_have(desk: Desk) -> None:
    page = desk.page
    for what in ("Text", "Text", "Box"):
        desk.put(what)
    desk.unfold("On the label", ".add")
    layers = page.locator(".layers")
    layers.get_by_role("button", name="Text", exact=True).first.click()
    layers.get_by_role("button", name="Text", exact=True).last.click(modifiers=["Control"])
    expect(desk.properties.locator("h2")).to_have_text("2 things selected")
    # What is typed and left by a press on something else is still of what was selected.
    desk.properties.get_by_label("From top").fill("30")
    page.locator('#label [data-id="box"]').click(force=True, position={"x": 4, "y": 4})
    expect(desk.properties.locator("h2")).to_have_text("Box")
    places = {one["id"]: one["y"] for one in desk.drawn()["elements"]}
    assert (places["text"], places["text2"]) == (30_000, 30_000)
    assert places["box"] < 20_000
    page.keyboard.press("Control+a")
    expect(desk.properties.locator("h2")).to_have_text("3 things selected")
    desk.give("From left", "7.5")
    assert {one["x"] for one in desk.drawn()["elements"]} == {7500}
    page.get_by_role("toolbar").get_by_role("button", name="Same width").click()
    assert len({one["width"] for one in desk.drawn()["elements"]}) == 1
    page.get_by_role("toolbar").get_by_role("button", name="Group", exact=True).click()
    assert {one["group"] for one in desk.drawn()["elements"]} == {"group1"}
    before = [one["id"] for one in desk.document["elements"]]
    layers.get_by_role("button", name="Lock Box").click()
    layers.get_by_role("button", name="Box", exact=True).dblclick()
    layers.get_by_role("textbox").fill("Frame")
    page.keyboard.press("Enter")
    box = desk.element("box")
    assert (box["title"], box["locked"]) == ("Frame", True)
    page.get_by_role("button", name="Further to the back").click()
    assert [one["id"] for one in desk.drawn()["elements"]] != before
    desk.is_accessible()
    page.set_viewport_size({"width": 683, "height": 384})  # 1366 × 768 at 200 %
    desk.is_accessible("target-size", "color-contrast")


@pytest.mark.seed("M24")
def test_a_picture_is_dithered_as_chosen_and_a_label_gets_another_stock(
    desk: Desk, tmp_path: Path
) -> None:
    page = desk.page
    grey = tmp_path / "grey.png"
    Image.linear_gradient("L").save(grey)
    with page.expect_file_chooser() as chooser:
        desk.put("Picture")
    chooser.value.set_files(grey)
    page.get_by_role("option", name="Picture").wait_for()
    element = desk.element("picture")
    assert element["picture"].startswith("data:image/png;base64,")
    assert (element["width"], element["height"]) == (25_000, 25_000)

    def ink() -> tuple[int, int]:
        shown = desk.label().crop((0, 0, 800, 400))
        rows = [shown.crop((0, y, 800, y + 1)).histogram()[0] for y in range(400)]
        return sum(rows), len({count for count in rows if count})

    whole, kinds = ink()
    assert kinds == 1  # black above, white below
    desk.choose("Greys become", "Fine dots, for photographs")
    dots, shades = ink()
    assert shades > 20
    assert dots == pytest.approx(whole, rel=0.1)
    desk.choose("Greys become", "Black or white, for logos and drawings")
    desk.give("Black up to", "64")
    assert ink()[0] == pytest.approx(whole / 2, rel=0.05)
    assert desk.element("picture")["threshold"] == 64

    page.get_by_role("toolbar").get_by_role("button", name="To the right edge").click()
    assert desk.element("picture")["x"] == 75_000
    layers = desk.unfold("On the label", ".add").locator(".layers")
    layers.get_by_role("button", name="Picture", exact=True).click(modifiers=["Control"])
    desk.sees("Click something on the label to change it.", inside=".properties")
    desk.choose("Label stock", "50 × 25 mm").choose("Measured in", "Inches")
    expect(desk.properties.get_by_label("Width")).to_have_value("1.969")
    desk.give("Height", '3/4"').choose("Sent to the printer", "As the printer's own commands")
    document = desk.drawn()
    assert document["size"] == {"width": 50_000, "height": 19_050}
    assert document["mode"] == "native"
    picture = document["elements"][0]
    assert {key: picture[key] for key in ("x", "y", "width", "height")} == {
        "x": 25_000, "y": 0, "width": 25_000, "height": 19_050,
    }  # fmt: skip
    desk.is_accessible()
