"""Labels as files over HTTP: brought in from ZPL or another gateway, given out in any language."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import httpx
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from gateway.drivers.languages import LANGUAGES
from gateway.drivers.virtual.preview import draw_commands
from tests.api.conftest import connect, make_key
from tests.conftest import Daemon

ZPL = (
    "^XA^PW400^LL200^MMT^FO16,16^A0N,40^FDBin A^FS"
    '^FO40,80^BY2^BCN,60,N^FN1"bin"^FDA-01-02^FS^FO260,80^BMN,B,60,N^FD12345^FS^XZ'
)
BIN = {
    "name": "shelf",
    "size": {"width": 50_000, "height": 25_000},
    "fields": [{"name": "bin", "required": True, "example": "A-01-02"}],
    "elements": [
        {
            "type": "barcode", "id": "code", "symbology": "code128", "content": "{bin}",
            "x": 5000, "y": 3000, "width": 40000, "height": 15000,
        }
    ],
}  # fmt: skip


def bring(web: httpx.Client, body: Any, kind: str = "text/plain", **query: Any) -> httpx.Response:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return web.post(
        "/v1/templates/import",
        content=content, params=query, headers={"content-type": kind},
    )  # fmt: skip


@pytest.fixture
def shelf(web: httpx.Client) -> None:
    web.put("/v1/templates/shelf", json=BIN)


def test_zpl_becomes_a_template_and_what_could_not_be_said_is_listed(web: httpx.Client) -> None:
    answer = bring(web, ZPL, name="bin-a")
    assert answer.status_code == 200, answer.text
    brought = answer.json()
    assert brought["document"]["name"] == "bin-a"
    assert brought["document"]["size"] == {"width": 50_000, "height": 25_000}
    kinds = [(one["type"], one.get("content")) for one in brought["document"]["elements"]]
    assert kinds == [("text", "Bin A"), ("barcode", "{bin}"), ("raw", None)]
    assert brought["document"]["fields"] == [
        {"name": "bin", "required": True, "example": "A-01-02"}
    ]
    assert brought["kept"] == [
        {
            "commands": "^MMT",
            "why": "It sets the printer up, and that is chosen for the printer here, not in a "
            "label.",
            "element": None,
        },
        {
            "commands": "^FO260,80^BMN,B,60,N^FD12345^FS",
            "why": "MSI is no code of this gateway.",
            "element": "raw1",
        },
    ]
    assert (brought["taken"], brought["free_name"]) == (False, "bin-a")
    # What comes out can be stored and printed as it is.
    assert web.get("/v1/templates/bin-a").status_code == 404
    assert web.put("/v1/templates/bin-a", json=brought["document"]).status_code == 201
    web.delete("/v1/templates/bin-a")


def test_zpl_comes_as_json_too_with_its_density_and_size(web: httpx.Client) -> None:
    body = {"zpl": "^XA^FO24,24^GB240,120,12^FS^XZ", "density": 12, "name": "frame"}
    brought = bring(web, body | {"width": 40_000, "height": 20_000}, "application/json").json()
    assert brought["document"]["size"] == {"width": 40_000, "height": 20_000}
    assert brought["document"]["elements"] == [
        {
            "type": "box", "id": "box1", "x": 2000, "y": 2000, "width": 20_000, "height": 10_000,
            "thickness": 1000,
        }
    ]  # fmt: skip


def test_another_gateways_template_is_read_and_a_name_that_clashes_is_told(
    web: httpx.Client, shelf: None
) -> None:
    given = web.get("/v1/templates/shelf").json()
    brought = bring(web, given, "application/json").json()
    assert brought["document"] == {key: BIN[key] for key in brought["document"]}
    assert (brought["taken"], brought["free_name"]) == (True, "shelf-2")
    file = web.get("/v1/templates/shelf/export/json").content
    again = bring(web, file, "application/json", name="shelf-2").json()
    assert again["document"] == brought["document"] | {"name": "shelf-2"}
    assert (again["taken"], again["free_name"]) == (False, "shelf-2")
    image = {
        "type": "image", "id": "logo", "picture": f"asset:{'0' * 64}",
        "x": 0, "y": 0, "width": 9000, "height": 9000,
    }  # fmt: skip
    strange = bring(web, BIN | {"elements": [image]}, "application/json").json()
    assert strange["notes"] == [
        f"The font or picture asset:{'0' * 64} is not here; upload it, or choose another."
    ]


@pytest.mark.parametrize(
    ("body", "kind", "sentence"),
    [
        (
            "Hello", "text/plain",
            "There is no label in it: expected ZPL from ^XA to ^XZ with a field that draws.",
        ),
        (
            "^XA^CC!!FO9,9!FDx!FS!XZ", "text/plain",
            "Command ^CC at byte 3 changes the sign that begins commands; write the label with ^, "
            "~ and comma.",
        ),
        (
            "<x/>", "text/xml",
            "An import is ZPL (text/plain) or JSON (application/json), got 'text/xml'.",
        ),
        (
            {"zpl": "^XA^XZ", "document": BIN}, "application/json",
            "An import needs either 'zpl' or 'document', and not both.",
        ),
        ({"zpl": 7}, "application/json", "'zpl' must be text, got 7."),
        (
            {"zpl": ZPL, "width": 9000}, "application/json",
            "'width' and 'height' belong together; give both.",
        ),
        (
            {"name": "x"}, "application/json",
            "size is missing; the template cannot do without it.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_label_is_refused_in_a_sentence(
    web: httpx.Client, body: Any, kind: str, sentence: str
) -> None:
    refused = bring(web, body, kind)
    assert (refused.status_code, refused.json()["detail"]) == (422, sentence)


@pytest.mark.parametrize(
    # Brother's printers print on stock of their own sizes alone.
    "language",
    [name for name in LANGUAGES if name not in ("png", "pdf", "brother-ql")],
)
def test_a_template_is_given_out_in_every_language(
    web: httpx.Client, shelf: None, language: str
) -> None:
    answer = web.get(f"/v1/templates/shelf/export/{language}")
    assert answer.status_code == 200, answer.text
    ending = {"escpos": "bin"}.get(language, language)
    number = web.get("/v1/templates/shelf").json()["number"]
    name = f'attachment; filename="shelf-v{number}.{ending}"'
    assert answer.headers["content-disposition"] == name
    if language == "svg":
        assert answer.headers["content-type"] == "image/svg+xml"
        return
    # The paper that a printer of the language makes of the file says what it should.
    [paper] = draw_commands(language, answer.content, width_mm=50, height_mm=25)
    assert [code.text for code in paper.codes()] == ["A-01-02"]
    posted = web.post(f"/v1/templates/export/{language}", json={"document": BIN})
    assert posted.content == answer.content
    assert posted.headers["content-disposition"] == f'attachment; filename="shelf.{ending}"'


def test_pictures_and_pdf_have_the_dots_of_the_print(web: httpx.Client, shelf: None) -> None:
    asked: dict[str, str | int] = {"density": 12, "fields": json.dumps({"bin": "B-7"})}
    png = web.get("/v1/templates/shelf/export/png", params=asked)
    assert png.headers["content-type"] == "image/png"
    picture = Image.open(BytesIO(png.content)).convert("L")
    assert picture.size == (600, 300)
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["B-7"]
    pdf = web.get("/v1/templates/shelf/export/pdf", params=asked)
    # 50 × 25 mm in points of 1/72 inch.
    document = pypdfium2.PdfDocument(pdf.content)  # type: ignore[no-untyped-call]
    assert [round(side) for side in document[0].get_size()] == [142, 71]
    document.close()  # type: ignore[no-untyped-call]


def test_the_mode_and_the_printer_of_a_file_are_chosen(web: httpx.Client, shelf: None) -> None:
    exact = web.get("/v1/templates/shelf/export/zpl").content
    native = web.get("/v1/templates/shelf/export/zpl?mode=native").content
    assert b"^GF" in exact
    assert b"^BC" not in exact
    assert b"^BCN,120" in native
    assert b"^DF" not in native + exact
    assert web.get("/v1/templates/shelf/export/zpl?printer=dock").content == exact
    refused = web.get("/v1/templates/shelf/export/escpos?printer=dock")
    assert refused.json()["detail"] == (
        "Printer 'dock' speaks ZPL II, and the file is to be ESC/POS; leave the printer out, or "
        "export zpl."
    )
    refused = web.get("/v1/templates/shelf/export/docx")
    assert refused.json()["detail"].startswith("A label is exported as zpl, escpos, tspl,")
    refused = web.get("/v1/templates/shelf/export/zpl?mode=fast")
    assert refused.json()["detail"] == "'mode' must be exact or native, got 'fast'."


def test_commands_kept_in_a_template_leave_it_as_they_came(web: httpx.Client) -> None:
    document = bring(web, ZPL).json()["document"]
    for mode in ("exact", "native"):
        body = {"document": document, "mode": mode}
        zpl = web.post("/v1/templates/export/zpl", json=body).text
        assert zpl.endswith("^FO260,80^BMN,B,60,N^FD12345^FS^XZ")
    refused = web.post("/v1/templates/export/escpos", json={"document": document})
    assert refused.json()["detail"].startswith("'raw1' holds printer commands of ZPL II, and")
    refused = web.post("/v1/templates/export/zpl", json={"document": document, "density": 12})
    assert refused.json()["detail"].startswith("'raw1' holds printer commands for 8 dots per mm")
    # The preview shows the rest.
    assert web.post("/v1/preview", json={"document": document}).status_code == 200


def test_the_editor_is_told_what_it_cannot_show(web: httpx.Client) -> None:
    document = bring(web, ZPL).json()["document"]
    sketch = web.post("/v1/editor/tiles", json={"document": document}).json()
    raw = next(one for one in sketch["elements"] if one["id"] == "raw1")
    assert (raw["x"], raw["y"], raw["parts"]) == (260, 80, [])
    assert sketch["problems"] == [
        {
            "element": "raw1",
            "code": "not_shown",
            "sentence": "'raw1' holds printer commands, which no picture shows: only a printer "
            "that speaks ZPL II prints them.",
            "facts": {"language": "zpl"},
            "fixes": [],
        }
    ]
    # It is no reason not to print.
    assert sketch["prints"] is True


def test_a_job_for_a_printer_that_does_not_speak_the_commands_is_refused(web: httpx.Client) -> None:
    document = bring(web, ZPL, name="msi").json()["document"]
    web.put("/v1/templates/msi", json=document)
    till = {"url": "tcp://127.0.0.1:9102", "language": "escpos"}
    media = {"width": 100_000, "height": 50_000}
    assert web.put("/v1/printers/till", json=till | {"media": media}).status_code == 201
    web.post("/v1/printers/till/pause")
    order = {"template": "msi", "labels": [{"bin": "A-1"}]}
    refused = web.post("/v1/jobs", json=order | {"printer": "till"})
    assert refused.status_code == 422
    assert refused.json()["detail"] == (
        "'raw1' holds printer commands of ZPL II, and printer 'till' speaks ESC/POS; print on one "
        "that understands them, or replace the element by one that every printer prints."
    )
    taken = web.post("/v1/jobs", json=order | {"printer": "dock"})
    assert taken.status_code == 201
    web.delete("/v1/printers/till")
    web.delete("/v1/templates/msi")


@pytest.mark.threat("T9")
def test_who_may_send_no_commands_publishes_none_in_a_label(shared_daemon: Daemon) -> None:
    document = {
        "name": "smuggled", "size": {"width": 50000, "height": 25000},
        "elements": [{"type": "raw", "id": "extra", "language": "zpl", "density": 8, "x": 0, "y": 0,
                      "width": 10000, "height": 5000, "commands": "^FO10,10^GB50,50,3^FS"}],
    }  # fmt: skip
    key = make_key(shared_daemon, "designer", "read", "templates")
    able = make_key(shared_daemon, "engineer", "read", "templates", "raw")
    with connect(shared_daemon, key) as designer, connect(shared_daemon, able) as engineer:
        refused = designer.put("/v1/templates/smuggled", json=document)
        assert (refused.status_code, refused.json()["facts"]) == (
            403, {"scope": "raw", "element": "extra"},
        )  # fmt: skip
        assert designer.put("/v1/templates/smuggled/draft", json=document).status_code == 201
        assert designer.post("/v1/templates/smuggled/publish", json={}).status_code == 403
        assert designer.get("/v1/templates/smuggled").status_code == 404
        assert engineer.post("/v1/templates/smuggled/publish", json={}).status_code == 201
        plain = document | {"elements": []}
        assert designer.put("/v1/templates/smuggled", json=plain).status_code == 200
        back = {"number": 1}
        assert designer.post("/v1/templates/smuggled/back", json=back).status_code == 403
        assert engineer.post("/v1/templates/smuggled/back", json=back).status_code == 201
