"""Templates and previews over HTTP."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

pytestmark = pytest.mark.both_databases

BIN = {
    "name": "bin",
    "title": "Bin",
    "size": {"width": 50_000, "height": 25_000},
    "fields": [{"name": "bin", "required": True, "example": "A-01-02"}],
    "elements": [
        {
            "type": "barcode", "id": "code", "symbology": "code128", "content": "{bin}",
            "x": 5000, "y": 3000, "width": 40000, "height": 15000,
        }
    ],
}  # fmt: skip


def test_the_built_in_templates_are_there(web: httpx.Client) -> None:
    items = web.get("/v1/templates").json()["items"]
    assert [(item["name"], item["number"]) for item in items if item["actor"] == "gateway"] == [
        ("asset-tag", 1),
        ("badge", 1),
        ("command", 1),
        ("item-label", 1),
        ("location-label", 1),
        ("scanner-calibration", 1),
        ("serial", 1),
        ("serial-label", 1),
        ("shipping-label", 1),
    ]
    serial = next(item for item in items if item["name"] == "serial-label")
    assert serial["size"] == {"width": 100_000, "height": 50_000}
    field = {"name": "serial", "title": "Serial number", "required": True}
    assert field in serial["fields"]


def test_a_template_has_versions_by_content_and_numbers_for_people(web: httpx.Client) -> None:
    first = web.put("/v1/templates/bin?note=first", json=BIN)
    version = first.json()["version"]
    assert (first.status_code, first.headers["etag"]) == (201, f'"{version}"')
    same = web.put("/v1/templates/bin", json=BIN)
    assert (same.status_code, same.json()["number"]) == (200, 1)
    other = web.put("/v1/templates/bin", json=BIN | {"title": "Shelf"}).json()
    assert other["number"] == 2
    back = web.put("/v1/templates/bin", json=BIN).json()
    assert (back["number"], back["version"]) == (3, version)
    history = web.get("/v1/templates/bin/versions").json()["items"]
    assert [(item["number"], item["note"]) for item in history] == [(3, ""), (2, ""), (1, "first")]
    assert web.get("/v1/templates/bin/versions/2").json()["document"]["title"] == "Shelf"
    assert web.get(f"/v1/templates/bin/versions/{version}").json()["number"] == 3
    assert web.get("/v1/templates/bin/versions/9").status_code == 404
    job = {"printer": "dock", "template": "bin", "version": 2, "labels": [{"bin": "A"}]}
    made = web.post("/v1/jobs", json=job).json()["id"]
    assert web.get(f"/v1/jobs/{made}").json()["version"] == other["version"]
    # A job keeps its version although the template is deleted.
    assert web.delete("/v1/templates/bin").status_code == 204
    assert web.get("/v1/templates/bin").status_code == 404
    assert web.get(f"/v1/jobs/{made}/labels/1.png").status_code == 200
    assert web.put("/v1/templates/bin", json=BIN).json()["number"] == 4


def test_only_who_has_read_the_newest_version_may_save(web: httpx.Client) -> None:
    tag = web.put("/v1/templates/edited", json=BIN | {"name": "edited"}).headers["etag"]
    changed = BIN | {"name": "edited", "title": "New"}
    saved = web.put("/v1/templates/edited", json=changed, headers={"If-Match": tag})
    assert saved.status_code == 200
    changed["title"] = "Newer"
    stale = web.put("/v1/templates/edited", json=changed, headers={"If-Match": tag})
    assert (stale.status_code, stale.json()["type"]) == (412, "/problems/stale")
    fresh = web.put("/v1/templates/edited", json=changed, headers={"If-None-Match": "*"})
    assert fresh.status_code == 412


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"nme": "bin"}, "nme is not known there; did you mean 'name'?"),
        ({"name": "other"},
         "The document is of template 'other' and was sent to 'bin2'; make them the same."),
    ],
)  # fmt: skip
def test_a_wrong_document_is_refused_with_its_place(
    web: httpx.Client, change: dict[str, Any], detail: str
) -> None:
    answer = web.put("/v1/templates/bin2", json=BIN | {"name": "bin2"} | change)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/template-refused")
    assert answer.json()["detail"] == detail


def test_the_schema_is_published_under_both_names(web: httpx.Client) -> None:
    schema = web.get("/v1/schema/template.json").json()
    assert schema == web.get("/v1/templates/schema").json()
    assert schema["title"] == "Label template"


# ---------------------------------------------------------------- previews


def _codes(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]


def test_a_preview_is_a_picture_a_page_or_a_drawing(web: httpx.Client) -> None:
    body = {"template": "serial-label", "fields": {"serial": "SN-77"}, "density": 12}
    png = web.post("/v1/preview", json=body)
    assert png.headers["content-type"] == "image/png"
    with Image.open(BytesIO(png.content)) as picture:
        assert picture.size == (1200, 600)
        assert _codes(picture) == ["SN-77"]
    pdf = web.post("/v1/preview?format=pdf", json=body)
    assert pdf.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(pdf.content)  # type: ignore[no-untyped-call]
    page = document[0]
    width, height = page.get_size()
    assert (round(width / 72 * 25.4), round(height / 72 * 25.4)) == (100, 50)
    page.close()
    document.close()  # type: ignore[no-untyped-call]
    svg = web.post("/v1/preview", json=body, headers={"Accept": "image/svg+xml"})
    assert svg.headers["content-type"] == "image/svg+xml"
    assert re.search(r'width="100(\.0+)?mm"', svg.text)


def test_a_preview_without_fields_shows_the_examples(web: httpx.Client) -> None:
    answer = web.post("/v1/preview", json={"document": BIN})
    with Image.open(BytesIO(answer.content)) as picture:
        assert _codes(picture) == ["A-01-02"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({}, "A preview needs either 'template', the name of a stored one, or 'document', a whole "
         "one."),
        ({"template": "serial-label", "feilds": {}},
         "A preview has no 'feilds'; did you mean 'fields'?"),
        ({"template": "serial-label", "fields": []}, "'fields' must be an object, got a list."),
        ({"template": "serial-label", "printer": "dock", "density": 8},
         "'density' is the printer's own; leave it out."),
        ({"template": "serial-label", "density": 0},
         "0 is not a density; give dots per millimetre as a whole number such as 8 or 12, or dots "
         'per inch as "180dpi".'),
    ],
)  # fmt: skip
def test_a_wrong_preview_is_refused(
    web: httpx.Client, body: dict[str, object], detail: str
) -> None:
    answer = web.post("/v1/preview", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)


def test_an_unknown_format_is_refused(web: httpx.Client) -> None:
    answer = web.post("/v1/preview?format=gif", json={"template": "serial-label"})
    assert answer.json()["detail"] == "?format must be png, pdf, svg, got 'gif'."


@pytest.mark.threat("T13")
@pytest.mark.parametrize("text", ["{{7*7}}", "{0.__class__}", "%(a)s", "${x}"])
def test_template_language_in_data_is_printed_as_it_is(web: httpx.Client, text: str) -> None:
    body = {"document": BIN | {"size": {"width": 120_000, "height": 25_000}}}
    body["document"]["elements"] = [BIN["elements"][0] | {"width": 110_000}]  # type: ignore[index]
    answer = web.post("/v1/preview", json=body | {"fields": {"bin": text}})
    with Image.open(BytesIO(answer.content)) as picture:
        assert _codes(picture) == [text]
