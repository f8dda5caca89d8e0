"""The pages of stations as the server writes them: whole without a script, and nothing inline."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from gateway.codes.commands import write_command
from gateway.console.station import bars
from gateway.console.stations import qr_svg
from gateway.stations.command_sheet import command_sheet
from gateway.stations.modes import MODES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Daemon

FOLDER = files("gateway.console") / "static"
OLD = ("keys.js", "station.js", "pair.js", "typed.js")
"""Scripts that browsers of 2014 must understand."""

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "{{ 7 * 7 }}{% raw %}",
    "</title></head><body>",
    "&lt;already&gt;",
]


class Page(HTMLParser):
    """A page's elements, and its text without markup."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def values(self) -> list[str | None]:
        """Return what the page's buttons send."""
        return [attrs.get("value") for tag, attrs in self.elements if tag == "button"]


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=30) as web:
        web.put("/v1/stations/dock", json={"title": "Dock 1", "printer": "zebra"})
        yield web


def scan(web: httpx.Client, code: str) -> None:
    assert web.post("/v1/scans", json={"code": code, "station": "dock"}).status_code == 200


# ---------------------------------------------------------------- the station


def test_everything_stands_on_the_page_before_any_script_runs(web: httpx.Client) -> None:
    scan(web, write_command("MODE", "LOOKUP"))
    scan(web, "NOBODY-KNOWS-THIS")
    answer = web.get("/station/dock")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    page = Page(answer.text)
    for words in (
        "Dock 1", "Look up", "Printer zebra: Ready.", "Refused",
        "Nothing here is called NOBODY-KNOWS-THIS.",
        "Scan it again; look at what the label says.", "Scan anything.",
        "Nobody signed in: scan your badge",
    ):  # fmt: skip
        assert words in page.text, words
    for verb in ("DONE", "UNDO", "CANCEL"):
        assert write_command(verb) in page.values()
    for mode in MODES:
        assert write_command("MODE", mode.upper()) in page.values()
    assert ("form", {"id": "form", "method": "post", "action": "/station/dock/scan",
                     "autocomplete": "off"}) in page.elements  # fmt: skip


def test_a_form_that_is_sent_twice_is_one_scan(web: httpx.Client) -> None:
    form = {"source": "form-1", "sequence": "1", "typed": " TWICE "}
    for _ in range(2):
        answer = web.post("/station/dock/scan", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, "/station/dock")
    scans = web.get("/v1/scans?station=dock").json()["items"]
    assert [one["code"] for one in scans].count("TWICE") == 1


@pytest.mark.threat("T11")
def test_a_hostile_code_is_text_and_adds_no_element(web: httpx.Client) -> None:
    for _ in range(10):
        scan(web, "HARMLESS")
    before = Page(web.get("/station/dock").text)
    for code in HOSTILE:
        scan(web, code)
        after = Page(web.get("/station/dock").text)
        assert [tag for tag, _ in after.elements] == [tag for tag, _ in before.elements]
        assert {name for _, attrs in after.elements for name in attrs} == {
            name for _, attrs in before.elements for name in attrs
        }
        assert re.sub(r"\s+", " ", code) in after.text


@pytest.mark.threat("T20")
@pytest.mark.parametrize(
    "path", ["/station/dock", "/station/dock/sheet", "/stations", "/pair", "/station/nowhere"]
)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(web: httpx.Client, path: str) -> None:
    text = web.get(path).text
    page = Page(text)
    for tag, attrs in page.elements:
        assert tag != "style"
        assert not any(name == "style" or name.startswith("on") for name in attrs)
        if tag == "script":
            assert re.fullmatch(r"/static/[a-z]+\.js(\?v=[0-9a-f]+)?", attrs["src"] or "")
    assert not re.search(r"https?://", text)


def test_an_unknown_station_is_told_to_a_person(web: httpx.Client) -> None:
    answer = web.get("/station/nowhere")
    assert answer.status_code == 404
    assert "There is no station &#39;nowhere&#39;; there is dock." in answer.text


# ---------------------------------------------------------------- scripts for old browsers

_STRINGS = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|(?<=[(,=:!&|?{};\n])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+/[gimuy]*",
    re.DOTALL,
)
_NEWER = {
    "arrow function": r"=>",
    "template string": r"`",
    "let, const or class": r"\b(?:let|const|class)\b",
    "async": r"\b(?:async|await|yield)\b",
    "module": r"\b(?:import|export)\b",
    "spread": r"\.\.\.",
    "optional chaining": r"\?\.(?!\d)|\?\?",
    "power": r"\*\*",
    "for of": r"\bfor\s*\([^;)]*\bof\b",
    "default value": r"function[^(]*\([^)]*=",
    "method without function": r"[{,]\s*(?!(?:if|for|while|switch|catch|function)\b)\w+\s*"
    r"\([^()]*\)\s*\{",
    "destructuring": r"\bvar\s*[\[{]|\(\s*\{[^}:]*\}\s*\)\s*\{",
    "comma behind the last argument": r",\s*\)",
    "newer library": r"\bfetch\s*\(|\.(?:includes|startsWith|endsWith|padStart|closest|append|"
    r"replaceWith|matches|find|assign|entries|from|repeat|remove|prepend)\s*\(|"
    r"\b(?:Map|Set|Symbol|Promise|URLSearchParams|AbortController)\b",
}


def newer(script: str) -> list[str]:
    """Return what of a script browsers of 2014 do not understand."""
    bare = _STRINGS.sub('""', script)
    return [what for what, pattern in _NEWER.items() if re.search(pattern, bare)]


@pytest.mark.parametrize("name", OLD)
def test_scripts_are_of_2014(name: str) -> None:
    assert newer((FOLDER / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "script",
    [
        "var f = x => x;", "var f = `a`;", "let a = 1;", "const a = 1;", "f(...a);", "a?.b;",
        "a ?? b;", "for (var a of b) {}", "function f(a = 1) {}", "var o = {f() { }};",
        "var {a} = b;", "f(a, );", 'fetch("/")', "a.includes(b)", "class A {}", "2 ** 3",
        "var m = new Map();", "async function f() {}",
    ],
)  # fmt: skip
def test_a_script_of_later_is_found_out(script: str) -> None:
    assert newer(script)


@pytest.mark.threat("T11")
@pytest.mark.parametrize("name", OLD)
def test_what_comes_from_outside_is_never_markup(name: str) -> None:
    script = (FOLDER / name).read_text("utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)


# ---------------------------------------------------------------- sheets, pairing


def drawn(path: str, columns: int, rows: int, scale: int) -> Image.Image:
    """Return an SVG path of rectangles as a browser fills it."""
    picture = Image.new("L", (columns * scale, max(rows * scale, 60)), 255)
    ink = ImageDraw.Draw(picture)
    high = scale if rows > 1 else picture.height
    for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        left, top = int(x) * scale, int(y) * scale
        ink.rectangle((left, top, left + int(wide) * scale - 1, top + high - 1), fill=0)
    return picture


def test_every_barcode_of_the_sheet_is_read_by_another_library() -> None:
    codes = [
        code
        for group in command_sheet((mode.name, mode.title) for mode in MODES.values())
        for _, code in group.rows
    ]
    for code in codes:
        made = bars(code)
        found = zxingcpp.read_barcodes(drawn(made.path, made.columns, 1, 3))
        assert [(one.text, one.format) for one in found] == [(code, zxingcpp.BarcodeFormat.Code128)]
    assert {code.split("-")[1] for code in codes} == {
        "DONE", "UNDO", "CANCEL", "PRINT", "YES", "NO", "QTY", "MODE", "CHOOSE", "OUT",
    }  # fmt: skip


def test_the_page_of_the_sheet_has_each_command_once_with_its_words(web: httpx.Client) -> None:
    web.put("/v1/stations/desk", json={"modes": ["lookup"]})
    page = Page(web.get("/station/desk/sheet").text)
    labels = [str(attrs["aria-label"]) for tag, attrs in page.elements if tag == "svg"]
    expected = [
        f"Barcode {code}"
        for group in command_sheet([("lookup", "Look up")])
        for _, code in group.rows
    ]
    assert labels[:-1] == expected
    assert labels[-1].startswith("Barcode GWC-STATION-"), "what gives a scanner to the station"
    assert "100 of the next" in page.text


def test_the_command_barcodes_come_out_of_the_stations_printer(web: httpx.Client) -> None:
    web.put("/v1/stations/few", json={"modes": ["lookup"], "printer": "zebra"})
    key = {"Idempotency-Key": "sheet-1"}
    answers = [web.post("/v1/stations/few/print-sheet", json={}, headers=key) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    job = answers[0].json()
    assert answers[1].json() == job
    commands = [code for group in command_sheet([("lookup", "Look up")]) for _, code in group.rows]
    assert (job["printer"], job["labels"]) == ("zebra", len(commands) + 1)
    assert web.get(f"/v1/jobs/{job['id']}?wait=60").json()["state"] == "done"
    paper = web.get("/v1/printers/zebra/paper?limit=100").json()["items"]
    read = [one["text"] for sheet in reversed(paper) for one in sheet["codes"]]
    assert read[:-1] == commands
    assert read[-1].startswith("GWC-STATION-")


def test_a_station_without_a_printer_is_told_what_to_do(web: httpx.Client) -> None:
    web.put("/v1/stations/bare", json={})
    answer = web.post("/v1/stations/bare/print-sheet", json={})
    assert (answer.status_code, answer.json()["detail"]) == (
        422,
        "Station 'bare' has no printer; name one in 'printer', or print the page "
        "/station/bare/sheet on paper.",
    )


def test_the_qr_code_of_pairing_is_read_by_another_library() -> None:
    address = "http://10.0.0.7:8730/pair#12345678"
    svg = qr_svg(address)
    side = int(re.findall(r'viewBox="0 0 (\d+) ', svg)[0])
    found = zxingcpp.read_barcodes(drawn(svg.rpartition("<path")[2], side, side, 4))
    assert [one.text for one in found] == [address]


def test_an_address_that_is_none_gets_no_qr_code(web: httpx.Client) -> None:
    answer = web.get("/stations/pair.svg", params={"url": "javascript:alert(1)"})
    assert answer.status_code == 422


def test_all_stations_stand_on_one_page_with_their_scanners(web: httpx.Client) -> None:
    web.put("/v1/scanners/ring", json={"url": "virtual:", "station": "dock"})
    web.put("/v1/scanners/spare", json={"url": "virtual:"})
    page = Page(web.get("/stations").text)
    assert "Dock 1 Name dock Location none Printer zebra" in page.text
    assert page.text.index("ring") < page.text.index("Scanners of no station")
    assert page.text.index("Scanners of no station") < page.text.index("spare")
    assert any((tag, attrs.get("href")) == ("a", "/station/dock") for tag, attrs in page.elements)
    assert [
        attrs["value"] for tag, attrs in page.elements
        if tag == "input" and attrs.get("name") == "_call"
    ].count("POST /v1/scanners/ring/release") == 1  # fmt: skip
