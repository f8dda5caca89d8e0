"""Pictures of stored labels over HTTP: what prints, and what differs between two versions."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from typing import Any

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageChops

from gateway.templates.comparing import BOTH, GONE, NEW


def box(x: int, width: int = 4000) -> dict[str, Any]:
    return {
        "type": "box", "id": "box", "x": x, "y": 20_000, "width": width, "height": 3000,
        "thickness": 3000, "filled": True,
    }  # fmt: skip


def label(name: str, *elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a label with a code, and more elements."""
    code = {
        "type": "barcode", "id": "code", "symbology": "code128", "content": "{bin}",
        "x": 5000, "y": 3000, "width": 40000, "height": 15000,
    }  # fmt: skip
    return {
        "name": name,
        "title": "Bin",
        "size": {"width": 50_000, "height": 25_000},
        "fields": [{"name": "bin", "required": True, "example": "A-01-02"}],
        "elements": [code, *elements],
        **more,
    }


def opened(answer: httpx.Response) -> Image.Image:
    assert answer.status_code == 200, answer.text
    with Image.open(BytesIO(answer.content)) as picture:
        picture.load()
        return picture.copy()


def codes(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def test_a_version_is_drawn_as_it_prints_and_may_be_kept_for_ever(web: httpx.Client) -> None:
    path = "/v1/templates/pictured"
    first = web.put(path, json=label("pictured")).json()
    second = web.put(path, json=label("pictured", box(2000))).json()
    answer = web.get(f"{path}/picture.png?version={first['version']}")
    assert answer.headers["cache-control"] == "private, max-age=86400"
    preview = web.post("/v1/preview", json={"template": "pictured", "version": 1})
    assert answer.content == preview.content  # what draws the print draws this
    assert opened(answer).mode == "1"
    assert codes(opened(answer)) == ["A-01-02"]
    now = web.get(f"{path}/picture.png")
    assert now.headers["cache-control"] == "no-cache"
    assert now.content == web.get(f"{path}/picture.png?version={second['version']}").content
    assert now.content == web.get(f"{path}/picture.png?version=2").content
    same = web.get(f"{path}/picture.png", headers={"If-None-Match": now.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    old = web.get(f"{path}/picture.png", headers={"If-None-Match": answer.headers["etag"]})
    assert old.status_code == 200
    assert opened(web.get(f"{path}/picture.png?density=12")).size == (600, 300)
    assert opened(web.get(f"{path}/picture.png?printer=dock")).size == (400, 200)
    filled = web.get(f"{path}/picture.png", params={"fields": '{"bin": "B-77"}'})
    assert codes(opened(filled)) == ["B-77"]
    assert filled.headers["cache-control"] == "no-store"


def test_a_half_done_draft_is_drawn_as_far_as_it_can_be(web: httpx.Client) -> None:
    path = "/v1/templates/half"
    half = label("half", {"type": "teapot", "id": "tea"})
    del half["fields"][0]["example"]
    web.put(f"{path}/draft", json=half)
    drawn = web.get(f"{path}/picture.png?draft=1")
    assert codes(opened(drawn)) == ["bin"]
    assert web.get(f"{path}/picture.png").status_code == 404
    tag = drawn.headers["etag"]
    assert web.get(f"{path}/picture.png?draft=1", headers={"If-None-Match": tag}).status_code == 304
    web.put(f"{path}/draft", json=label("half"))
    again = web.get(f"{path}/picture.png?draft=1", headers={"If-None-Match": tag})
    assert codes(opened(again)) == ["A-01-02"]
    web.put(f"{path}/draft", json={"elements": []})
    refused = web.get(f"{path}/picture.png?draft=1")
    assert (refused.status_code, refused.json()["type"]) == (422, "/problems/template-refused")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("version=9", 404), ("version=1&draft=1", 422), ("printer=nobody", 404),
        ("printer=dock&density=8", 422), ("density=700", 422), ("fields=[]", 422),
        ("fields={", 400),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(web: httpx.Client, query: str, status: int) -> None:
    answer = web.get(f"/v1/templates/serial-label/picture.png?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (
        status, "application/problem+json",
    )  # fmt: skip


def test_a_comparison_marks_only_what_was_changed(web: httpx.Client) -> None:
    path = "/v1/templates/compared"
    web.put(path, json=label("compared", box(2000)))
    web.put(path, json=label("compared", box(4000)))
    # A box of 4 × 3 mm, moved by 2 mm at 8 dots a mm: 16 columns of 24 dots go, as many come.
    moved = 16 * 24
    found = web.get(f"{path}/compare?from=1&to=2").json()
    assert (found["gone"], found["new"], found["differing"]) == (moved, moved, 2 * moved)
    assert found["rectangle"] == {"x": 16, "y": 160, "width": 48, "height": 24}
    assert (found["width"], found["height"], found["same_size"]) == (400, 200, True)
    assert (found["from"]["number"], found["to"]["number"], found["density"]) == (1, 2, 8)
    picture = opened(web.get(f"{path}/compare.png?from=1&to=2")).convert("RGB")
    colours = Counter({colour: count for count, colour in picture.getcolors() or ()})
    assert (colours[NEW], colours[GONE]) == (4 * moved, 2 * moved)
    before, after = (opened(web.get(f"{path}/picture.png?version={n}")) for n in (1, 2))
    both = ImageChops.logical_or(before, after)  # ink is 0: what is ink in both stays
    assert colours[BOTH] == 4 * both.histogram()[0]
    # Nothing outside of the rectangle has a colour.
    picture.paste((255, 255, 255), (32, 320, 128, 368))
    assert {colour for _, colour in picture.getcolors() or ()} == {BOTH, (255, 255, 255)}
    back = web.get(f"{path}/compare?from=1&to=1").json()
    assert (back["differing"], back["rectangle"]) == (0, None)


def test_labels_of_two_sizes_and_drafts_are_compared(web: httpx.Client) -> None:
    path = "/v1/templates/resized"
    web.put(path, json=label("resized", box(2000)))
    larger = label("resized", box(2000), size={"width": 60_000, "height": 20_000})
    larger["elements"][1]["y"] = 16_900
    web.put(f"{path}/draft", json=larger)
    found = web.get(f"{path}/compare?from=1&to=draft&density=12").json()
    assert (found["width"], found["height"], found["same_size"]) == (720, 300, False)
    assert found["to"] == {"version": None, "number": None, "draft": True}
    assert opened(web.get(f"{path}/compare.png?from=1&to=draft&density=12")).size == (1440, 600)
    assert web.get(f"{path}/compare?from=1&to=7").status_code == 404
    assert web.get(f"{path}/compare?from=1").status_code == 422


def test_both_are_drawn_with_the_same_values(web: httpx.Client) -> None:
    path = "/v1/templates/valued"
    web.put(path, json=label("valued"))
    other = label("valued")
    other["fields"][0]["example"] = "Z-99-98"
    web.put(path, json=other)
    assert web.get(f"{path}/compare?from=1&to=2").json()["differing"] == 0


def test_what_waits_for_a_second_person_can_be_looked_at(web: httpx.Client) -> None:
    path = "/v1/templates/asked"
    web.put(path, json=label("asked"))
    web.put("/v1/settings/labels.approval", json={"value": True})
    try:
        waits = web.put(path, json=label("asked", box(2000))).json()["version"]
        assert web.get(f"{path}/picture.png?version={waits}").status_code == 200
        found = web.get(f"{path}/compare?from=1&to={waits}").json()
        assert (found["gone"], found["new"]) == (0, 32 * 24)
        web.delete(f"{path}/request")
        assert web.get(f"{path}/picture.png?version={waits}").status_code == 404
    finally:
        web.put("/v1/settings/labels.approval", json={"value": False})
