"""The editor's tiles: laid over each other they are the print, and one mistake blanks nothing."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image, ImageChops

if TYPE_CHECKING:
    import httpx

DOCUMENT: dict[str, Any] = {
    "name": "part",
    "size": {"width": 60000, "height": 30000},
    "fields": [{"name": "serial", "required": True, "example": "SN-1"}, {"name": "note"}],
    "elements": [
        {"type": "box", "id": "frame", "x": 500, "y": 500, "width": 59000, "height": 29000},
        {"type": "text", "id": "name", "content": "Part {serial}", "size": 4000,
         "x": 3000, "y": 2300, "width": 54000, "height": 5100},
        {"type": "barcode", "id": "code", "symbology": "code128", "content": "{serial}",
         "text": "below", "x": 8030, "y": 9990, "width": 44000, "height": 15000},
        {"type": "text", "id": "note", "content": "{note}", "size": 2000, "rotation": 90,
         "print_when": "note not empty", "x": 54000, "y": 8000, "width": 3000, "height": 20000},
    ],
}  # fmt: skip


def lay(made: dict[str, Any], have: dict[str, str] | None = None) -> Image.Image:
    """Return the label as a screen puts it together: tiles with clear paper, at their dots."""
    paper = Image.new("L", (made["width"], made["height"]), 255)
    for one in made["elements"]:
        for part in one["parts"]:
            ink = base64.b64decode({**(have or {}), **made["tiles"]}[part["tile"]])
            tile = Image.open(io.BytesIO(ink)).convert("RGBA")
            assert tile.size == (part["width"], part["height"])
            at = (one["x"] + part["dx"], one["y"] + part["dy"])
            paper.paste(0, (*at, at[0] + tile.width, at[1] + tile.height), tile.getchannel("A"))
    return paper


@pytest.mark.parametrize("density", [8, 12, 24, "180dpi"])
def test_the_tiles_laid_over_each_other_are_the_picture_dot_for_dot(
    web: httpx.Client, density: int | str
) -> None:
    fields = {"serial": "SN-000123", "note": "fragile"}
    asked = {"document": DOCUMENT, "fields": fields, "density": density}
    made = web.post("/v1/editor/tiles", json=asked).json()
    assert (made["problems"], made["prints"]) == ([], True)
    proof = web.post("/v1/preview", json=asked).content
    wanted = Image.open(io.BytesIO(proof)).convert("L")
    got = lay(made)
    assert got.size == wanted.size
    assert got.histogram()[0] > 2000
    assert ImageChops.difference(got, wanted).getbbox() is None


def test_only_ink_that_is_new_is_sent(web: httpx.Client) -> None:
    first = web.post("/v1/editor/tiles", json={"document": DOCUMENT}).json()
    moved = {**DOCUMENT, "elements": [dict(one) for one in DOCUMENT["elements"]]}
    moved["elements"][1]["content"] = "Piece {serial}"
    again = web.post(
        "/v1/editor/tiles", json={"document": moved, "have": list(first["tiles"])}
    ).json()
    assert len(first["tiles"]) == 4  # frame, name, bars, the line under them
    assert len(again["tiles"]) == 1
    proof = web.post("/v1/preview", json={"document": moved}).content
    wanted = Image.open(io.BytesIO(proof)).convert("L")
    assert ImageChops.difference(lay(again, first["tiles"]), wanted).getbbox() is None


def test_one_mistake_is_said_and_the_others_are_drawn(web: httpx.Client) -> None:
    wrong = {**DOCUMENT, "elements": [*DOCUMENT["elements"],
        {"type": "text", "id": "broken", "content": "{serail}", "size": 3000,
         "x": 3000, "y": 26000, "width": 20000, "height": 3000},
        {"type": "text", "id": "long", "content": "far too many letters", "size": 3000,
         "x": 40000, "y": 26000, "width": 9000, "height": 3000},
        {"type": "text", "id": "above", "content": "x", "size": 3000,
         "x": 20000, "y": 12000, "width": 9000, "height": 3800},
    ]}  # fmt: skip
    made = web.post("/v1/editor/tiles", json={"document": wrong}).json()
    assert made["prints"] is False
    said = {one["element"]: (one["code"], one["sentence"]) for one in made["problems"]}
    assert said["broken"][0] == "expression-refused"
    assert "did you mean 'serial'" in said["broken"][1]
    assert said["long"][0] == "text-does-not-fit"
    assert said["code"][0] == "not-scannable"
    assert "'above' stands on the Code 128" in said["code"][1]
    drawn = {one["id"]: len(one["parts"]) for one in made["elements"]}
    assert drawn == {"frame": 1, "name": 1, "code": 2, "note": 0, "long": 0, "above": 1}
    refused = web.post("/v1/preview", json={"document": wrong})
    assert refused.status_code == 422


def test_what_is_typed_for_a_field_may_be_wrong_and_the_label_is_still_shown(
    web: httpx.Client,
) -> None:
    numbered = {**DOCUMENT, "fields": [
        {"name": "serial", "required": True, "pattern": "SN-[0-9]+", "example": "SN-1"},
        {"name": "note"}, {"name": "made", "type": "date", "required": True},
    ]}  # fmt: skip
    made = web.post(
        "/v1/editor/tiles",
        json={"document": numbered, "fields": {"serial": "4711", "unknown": "x", "note": ""}},
    ).json()
    assert [(one["element"], one["code"]) for one in made["problems"]] == [(None, "field-refused")]
    assert "4711" in made["problems"][0]["sentence"]
    assert made["values"] == {"serial": "SN-1", "note": "", "made": "2000-01-01"}
    assert {one["id"]: one["says"] for one in made["elements"]}["name"] == "Part SN-1"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"document": 7}, "'document' must be a template's document, got 7."),
        ({"document": DOCUMENT, "have": "all"}, "'have' must be a list"),
        ({"document": DOCUMENT, "fields": []}, "'fields' must be an object, got a list."),
        ({"document": {**DOCUMENT, "size": 3}}, "size is 3; expected an object."),
        ({"document": DOCUMENT, "density": 99}, "is not a density"),
    ],
)
def test_what_cannot_be_drawn_at_all_is_refused_in_a_sentence(
    web: httpx.Client, body: dict[str, Any], words: str
) -> None:
    said = web.post("/v1/editor/tiles", json=body)
    assert said.status_code == 422
    assert words in said.json()["detail"]
