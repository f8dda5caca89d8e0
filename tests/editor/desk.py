"""The label editor as a person has it before them, and what it sends to be drawn."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from tests.console.screen import Screen
from tests.console.station import WITHIN

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Request

    Document = dict[str, Any]


@contextmanager
def open_desk(
    browser: Browser, url: str, *, width: int = 1366, height: int = 768, **context: Any
) -> Iterator[Desk]:
    """Open a window until the end of the block; its scripts must not have failed."""
    made = browser.new_context(viewport={"width": width, "height": height}, **context)
    try:
        desk = Desk(made, url)
        yield desk
        assert desk.trouble == [], desk.trouble
        assert desk.elsewhere == []
    finally:
        made.close()


class Desk(Screen):
    """A window with the editor in it."""

    def __init__(self, context: Any, url: str) -> None:
        super().__init__(context, url)
        context.add_init_script(FETCHING)
        self.sent: list[str] = []
        """Documents that were sent to be drawn, as they were written."""
        self.asked: list[str] = []
        """All requests."""
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.asked.append(f"{request.method} {request.url.removeprefix(self.url)}")
        if request.url.endswith("/v1/editor/tiles"):
            body = json.loads(request.post_data or "{}")
            self.sent.append(json.dumps(body["document"], ensure_ascii=False))

    def open(self, name: str, query: str = "") -> Desk:
        """Open a label, and wait until it is drawn."""
        with self.page.expect_response("**/v1/editor/tiles"):
            self.go(f"/editor/{name}{query}")
        return self.rested()

    def rested(self) -> Desk:
        """Wait until every answer is there and shown."""
        self.page.wait_for_function("() => window.fetching === 0")
        return self

    @property
    def document(self) -> Document:
        """The label as it was drawn last."""
        self.rested()
        found: Document = json.loads(self.sent[-1])
        return found

    def element(self, key: str) -> Document:
        """Return one element of it."""
        return next(one for one in self.document["elements"] if one["id"] == key)

    def things(self) -> list[str]:
        """Return what the objects of the label are called."""
        self.rested()
        found = self.page.get_by_role("listbox", name="Label").get_by_role("option").all()
        return [one.get_attribute("aria-label") or "" for one in found]

    def thing(self, key: str) -> Locator:
        """Return the object with this id."""
        return self.page.locator(f'[role=option][data-id="{key}"]')

    def middle(self, key: str) -> tuple[float, float]:
        """Return where the middle of an object is in the window."""
        box = self.thing(key).locator(".hit").bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, key: str, dx: float, dy: float) -> Desk:
        """Drag an object by so many pixels."""
        x, y = self.middle(key)
        mouse = self.page.mouse
        mouse.move(x, y)
        mouse.down()
        mouse.move(x + dx, y + dy, steps=8)
        mouse.up()
        return self.rested()

    def tab_to(self, name: str) -> Desk:
        """Press Tab until what is called so has the focus."""
        found = ""
        for _ in range(120):
            self.page.keyboard.press("Tab")
            found = self.page.evaluate(FOCUSED)
            if found == name:
                return self
        raise AssertionError(f"Tab never came to {name!r}; it was at {found!r} last")

    @property
    def properties(self) -> Locator:
        """The panel of what is selected."""
        return self.page.locator(".properties")

    def press(self, title: str, inside: str = "body") -> Desk:
        """Press the button that is called so."""
        self.page.locator(inside).get_by_role("button", name=title, exact=True).first.click()
        return self

    def give(self, label: str, text: str) -> Desk:
        """Type into a field of the properties, and leave it."""
        field = self.properties.get_by_label(label, exact=True).first
        field.fill(text)
        field.press("Tab")
        return self

    def show(self, record: str) -> Desk:
        """Scan or type which record is shown."""
        self.page.locator("input[name=record]").fill(record)
        self.page.keyboard.press("Enter")
        return self.rested()

    def draw_for(self, head: str) -> Desk:
        """Choose for which printer, or for how many dots, the label is drawn."""
        self.page.get_by_label("Drawn for").select_option(value=head)
        return self.rested()

    def has_problems(self, words: str) -> Desk:
        """Wait until the strip says how many problems there are."""
        expect(self.page.locator("#count")).to_have_text(words, timeout=WITHIN)
        return self

    def stands(self, words: str) -> Desk:
        """Wait until the bar says how the label stands."""
        expect(self.page.locator("#standing")).to_have_text(words, timeout=WITHIN)
        return self

    def kept(self, words: str = "Saved") -> Desk:
        """Wait until the bar says where the label is kept."""
        expect(self.page.locator("#kept")).to_have_text(words, timeout=WITHIN)
        return self

    def picture_of_label(self) -> Image.Image:
        """Return the label as it stands on the screen, a pixel a dot, and nothing but its ink."""
        page, before = self.page, self.page.viewport_size
        self.rested()
        page.evaluate("() => document.activeElement && document.activeElement.blur()")
        page.keyboard.press("Escape")
        page.keyboard.press("Control+2")
        label = page.locator("#label")
        _, _, width, height = map(int, (label.get_attribute("viewBox") or "").split())
        assert before is not None
        least = {"width": width + 760, "height": height + 480}
        if before["width"] < least["width"] or before["height"] < least["height"]:
            page.set_viewport_size(least)  # type: ignore[arg-type]
        page.keyboard.down("p")
        expect(page.locator("main.stage.clean")).to_have_count(1)
        place = label.bounding_box()
        assert place is not None
        clip = {"x": round(place["x"]), "y": round(place["y"]), "width": width, "height": height}
        shot = page.screenshot(clip=clip, animations="disabled", caret="initial")  # type: ignore[arg-type]
        page.keyboard.up("p")
        if page.viewport_size != before:
            page.set_viewport_size(before)
        page.keyboard.press("Control+0")
        return picture(shot)


def codes_of(picture: Image.Image) -> list[str]:
    """Return what a reader that did not draw them finds in the codes of a picture."""
    return [one.text for one in zxingcpp.read_barcodes(picture)]


def picture(png: bytes) -> Image.Image:
    """Return a PNG's picture: black is 0."""
    return Image.open(io.BytesIO(png)).convert("L")


def ink(of: Image.Image) -> int:
    """Return how many dots are black; none may be grey."""
    found = of.histogram()
    assert sum(found[1:255]) == 0
    return found[0]


# What came is read, and then shown with the next frame but one.
FETCHING = """(() => {
  window.fetching = 0;
  const plain = window.fetch;
  window.fetch = async (...asked) => {
    window.fetching += 1;
    const frames = n => n ? requestAnimationFrame(() => frames(n - 1)) : (window.fetching -= 1);
    try {
      const said = await plain(...asked);
      void said.clone().text().finally(() => setTimeout(() => frames(2)));
      return said;
    } catch (error) { frames(2); throw error; }
  };
})();"""

FOCUSED = """() => {
  const one = document.activeElement, label = one.labels && one.labels[0];
  return one.getAttribute("aria-label") || (label && label.textContent.trim()) || one.textContent.trim();
}"""  # noqa: E501 - a script in another language
