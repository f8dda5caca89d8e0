"""Sheets of labels over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pypdfium2
import pytest
import zxingcpp

from gateway.api.schemas import SheetsBody
from gateway.api.sheets import KEYS
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

SHELF = {
    "name": "shelf",
    "size": {"width": 63_500, "height": 38_100},
    "fields": [{"name": "bin", "required": True}],
    "elements": [
        {
            "type": "barcode", "id": "code", "symbology": "code128", "content": "{bin}",
            "x": 6000, "y": 6000, "width": 50_000, "height": 20_000,
        }
    ],
}  # fmt: skip


@pytest.fixture
def shelf(web: httpx.Client) -> httpx.Client:
    web.put("/v1/templates/shelf", json=SHELF)
    return web


def codes(document: bytes) -> list[list[str]]:
    """Return what is read on each page, in reading order."""
    opened = pypdfium2.PdfDocument(document)  # type: ignore[no-untyped-call]
    try:
        pages = []
        for page in opened:
            picture = page.render(scale=300 / 72, may_draw_forms=False).to_pil()
            found = zxingcpp.read_barcodes(picture)
            found.sort(key=lambda c: (c.position.top_left.y // 100, c.position.top_left.x))
            pages.append([code.text for code in found])
            page.close()
        return pages
    finally:
        opened.close()  # type: ignore[no-untyped-call]


def test_rows_become_sheets_that_begin_where_labels_are_left(shelf: httpx.Client) -> None:
    bins = [f"A-{n:02}" for n in range(12)]
    body = {"sheet": "avery-l7160", "labels": [{"bin": b} for b in bins], "start": 14, "copies": 2}
    answer = shelf.post("/v1/templates/shelf/sheets", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    each = [b for b in bins for _ in range(2)]
    assert codes(answer.content) == [each[:8], each[8:]]


def test_a_sheet_can_be_described(shelf: httpx.Client) -> None:
    sheet = {"paper": "Letter", "label": {"width": 70_000, "height": 40_000}, "columns": 2,
             "rows": 3, "pitch_y": 50_000}  # fmt: skip
    body = {"sheet": sheet, "labels": [{"bin": f"B-{n}"} for n in range(7)], "marks": True}
    answer = shelf.post("/v1/templates/shelf/sheets", json=body)
    assert codes(answer.content) == [[f"B-{n}" for n in range(6)], ["B-6"]]


def test_the_known_sheets_are_listed_as_they_can_be_described(shelf: httpx.Client) -> None:
    items = shelf.get("/v1/sheets").json()["items"]
    assert [item["labels"] for item in items if item["name"] == "avery-l7160"] == [21]
    rows = [{"bin": "C-1"}]
    for item in items:
        said = {key: item[key] for key in item if key not in ("name", "title", "labels")}
        answers = [
            shelf.post("/v1/templates/shelf/sheets", json={"sheet": sheet, "labels": rows}).content
            for sheet in (item["name"], said)
        ]
        assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"labels": [{"bin": "A"}]}, "A sheet is the name of one, such as 'avery-l7160', or an "
         "object with label, columns and rows."),
        ({"sheet": "avery-l7160"}, "'labels' must be a list with one object of fields for each "
         'label, such as [{"serial": "SN-000123"}], got null.'),
        ({"sheet": "avery-l7160", "labels": [{"bin": "A"}], "start": "2"}, "'start' must be a "
         "whole number, got '2'."),
        ({"sheet": "avery-l7160", "labels": [{"bin": "A"}], "start": 22}, "The sheet has 21 labels,"
         " so its first free place is a number from 1 to 21, got 22."),
        ({"sheet": "avery-l7160", "labels": [{"bin": "A"}], "marks": 1}, "'marks' must be true or "
         "false, got 1."),
        ({"sheet": "avery-l7160", "labels": [{"bin": "A"}], "copies": 5001}, "The request has 5001 "
         "labels; expected 1 to 5000. Send it as several, each with the 'start' that the one "
         "before left."),
        ({"sheet": "avery-l7651", "labels": [{"bin": "A"}]}, "The label is 63.5 mm × 38.083 mm and "
         "the sheet's labels are 38.1 mm × 21.2 mm; use a smaller template or another sheet."),
        ({"sheet": "avery-l7160", "labels": [{"bin": "A"}], "star": 2}, "A request for sheets has "
         "no 'star'; did you mean 'start'?"),
        ({"sheet": "avery-l7160", "labels": [{"bin": "é"}]}, "In 'code': Code 128 cannot carry 'é' "
         "(U+00E9) in 'é': it has the 128 ASCII characters; use a QR code or Data Matrix."),
        ({"sheet": "avery-l7160", "labels": [{"bin": "A"}, {"bin": "é"}, {}]}, "2 of 3 labels were "
         "refused; the first, label 2: In 'code': Code 128 cannot carry 'é' (U+00E9) in 'é': it "
         "has the 128 ASCII characters; use a QR code or Data Matrix."),
    ],
)  # fmt: skip
def test_a_wrong_request_is_refused_in_a_sentence(
    shelf: httpx.Client, body: dict[str, Any], detail: str
) -> None:
    answer = shelf.post("/v1/templates/shelf/sheets", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (422, detail)


def test_a_template_that_counts_needs_a_job(web: httpx.Client) -> None:
    web.put("/v1/templates/counted", json=SHELF | {"name": "counted", "counters": [{"name": "n"}]})
    body = {"sheet": "avery-l7160", "labels": [{"bin": "A"}]}
    answer = web.post("/v1/templates/counted/sheets", json=body)
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "The template 'counted' counts its labels in 'n', and only a job keeps the count; use a "
        "field for the number, or print a job.",
    )
    assert web.post("/v1/templates/none/sheets", json=body).status_code == 404


def test_writing_sheets_needs_the_scope_to_print(
    shelf: httpx.Client, shared_daemon: Daemon
) -> None:
    body = {"sheet": "avery-l7160", "labels": [{"bin": "A"}]}
    with connect(shared_daemon, make_key(shared_daemon, "looks", "read")) as client:
        assert client.get("/v1/sheets").status_code == 200
        assert client.post("/v1/templates/shelf/sheets", json=body).status_code == 403


def test_the_description_has_the_keys_that_are_taken() -> None:
    assert set(SheetsBody.model_fields) == set(KEYS)
