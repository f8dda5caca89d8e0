"""Pages of printers as the server writes them: many of them, other gateways' ones, rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.console.printers import MOST_CARDS
from gateway.store.printers import PrinterStore
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

SMALL = {"width": 60_000, "height": 30_000}


@pytest.fixture
def web(daemon: Daemon) -> Iterator[httpx.Client]:
    with connect(daemon) as client:
        yield client


def text_of(answer: httpx.Response) -> str:
    """Return what can be read on a page."""
    assert answer.status_code == 200, answer.text[:500]
    body = answer.text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_many_printers_are_a_list_that_is_searched_and_exported(web: httpx.Client) -> None:
    names = [f"line-{n:02}" for n in range(MOST_CARDS)]
    for port, name in enumerate(names, 1):
        queue = {"url": f"tcp://127.0.0.1:{port}", "evidence": "none", "media": SMALL}
        web.put(f"/v1/printers/{name}", json=queue).raise_for_status()
    page = web.get("/printers")
    assert "What to do" in text_of(page)
    assert [name for name in names if f'href="/printers/{name}"' in page.text] == names
    found = text_of(web.get("/printers?q=line-07"))
    assert ("line-07" in found, "line-08" in found) == (True, False)
    rows = web.get("/lists/printers.csv?q=line-07").content.decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["Name", "line-07"]
    assert "60 × 30 mm labels" in rows[1]


def test_a_printer_of_another_gateway_is_taken_over(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "Take it over" not in text_of(web.get("/printers/zebra"))
    monkeypatch.setattr(PrinterStore, "ours", lambda store, printer: False)
    monkeypatch.setattr(PrinterStore, "gateway_of", lambda store, printer: "packing-pc")
    page = web.get("/printers/zebra")
    assert "Driven by packing-pc" in text_of(page)
    assert 'value="POST /v1/printers/zebra/take"' in page.text
    assert "The gateway on packing-pc drives this printer." in text_of(
        web.get("/printers/zebra/replace")
    )


def test_who_may_only_look_sees_no_buttons_and_is_told_of_no_way_to_change(daemon: Daemon) -> None:
    reader = make_key(daemon, "reader", "read")
    with connect(daemon, reader) as web:
        page = web.get("/printers/zebra")
        assert text_of(page)
        called = re.findall(r'name="_call" value="([^"]*)"', page.text)
        assert called == []
        assert re.findall(r'href="/printers/zebra/(\w+)"', page.text) == []
        assert "/printers/add" not in web.get("/printers").text
        for path in ("stock", "test", "align", "settings", "replace", "delete"):
            assert web.get(f"/printers/zebra/{path}").status_code == 403
    printing = make_key(daemon, "printing", "read", "print")
    with connect(daemon, printing) as web:
        called = re.findall(r'name="_call" value="([^"]*)"', web.get("/printers/zebra").text)
        assert called == ["POST /v1/printers/zebra/pause", "POST /v1/printers/zebra/test"]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(web: httpx.Client) -> None:
    page = web.get("/printers/zebra/stock").text
    etag = re.search(r'name="_etag" value="([^"]*)"', page)
    assert etag is not None
    web.put("/v1/printers/zebra", json={"media": SMALL}).raise_for_status()
    body = {
        "_call": "PUT /v1/printers/zebra", "_etag": unescape(etag[1]), "_form": "stock",
        "media.width:um": "80", "media.height:um": "40",
    }  # fmt: skip
    referer = {"referer": f"{web.base_url}/printers/zebra/stock"}
    back = web.post("/do", data=body, headers=referer)
    assert (back.status_code, back.headers["location"]) == (303, "/printers/zebra/stock")
    again = web.get("/printers/zebra/stock")
    assert "was changed meanwhile" in text_of(again)
    assert 'name="media.width:um" type="text" inputmode="decimal" value="80"' in again.text
    body = {
        "_etag": unescape(etag[1]), "_form": "device", "model": "", "language": "tspl",
        "density": "8",
    }  # fmt: skip
    referer = {"referer": f"{web.base_url}/printers/zebra/settings"}
    web.post("/printers/zebra/device", data=body, headers=referer)
    assert "was changed meanwhile" in text_of(web.get("/printers/zebra/settings"))
    now = web.get("/v1/printers/zebra").json()
    assert (now["media"]["width"], now["language"]) == (60_000, "zpl")


def test_what_was_on_its_way_to_the_old_device_is_asked_about(web: httpx.Client) -> None:
    off = {"do": "trip", "fault": "power_off", "labels": 1}
    web.post("/v1/printers/zebra/virtual", json=off).raise_for_status()
    rows = [{"serial": f"SN-{n}"} for n in range(4)]
    order = {"printer": "zebra", "template": "serial-label", "labels": rows}
    job = web.post("/v1/jobs", json=order).json()["id"]
    for _ in range(300):
        if not web.get("/v1/printers/zebra/virtual").json()["powered"]:
            break
        web.get(f"/v1/jobs/{job}?wait=0.1")
    back = web.post("/printers/zebra/replace", data={"_kind": "language:tspl"})
    assert web.get("/v1/printers/zebra").json()["language"] == "tspl"
    assert back.headers["location"] == "/printers/zebra"
    page = web.get("/printers/zebra")
    assert "Printer zebra is another device now." in text_of(page)
    assert 'href="/questions?printer=zebra">Say what became' in page.text
    uncertain = web.get("/v1/printers/zebra/status").json()["uncertain"]
    assert uncertain > 0
    words = "1 label is" if uncertain == 1 else f"{uncertain} labels are"
    assert f"{words} in doubt: answer" in text_of(web.get("/printers"))


def test_a_device_that_says_nothing_is_described_by_a_person(web: httpx.Client) -> None:
    path = "/printers/add/device?url=127.0.0.1:1"
    page = web.get(path)
    assert "refuses the connection" in text_of(page)
    assert 'name="url" type="text" value="tcp://127.0.0.1:1"' in page.text
    assert 'value="" selected>Please choose' in page.text
    form = {
        "_form": "device", "_name": "dock", "url": "tcp://127.0.0.1:1", "model": "",
        "language": "", "density": "", "media.width:um": "76,2", "media.height:um": "50.8",
    }  # fmt: skip
    referer = {"referer": f"{web.base_url}{path}"}
    back = web.post("/printers/add/device", data=form, headers=referer)
    assert back.headers["location"] == path
    again = web.get(path)
    assert "Choose the printer's model, or what it understands" in text_of(again)
    assert 'name="media.width:um" type="text" inputmode="decimal" value="76,2"' in again.text
    assert web.get("/v1/printers/dock").status_code == 404
    made = web.post(
        "/printers/add/device", data=form | {"model": "generic-tspl-300"}, headers=referer
    )
    assert made.headers["location"] == "/printers/dock/stock?new=1"
    dock = web.get("/v1/printers/dock").json()
    assert (dock["language"], dock["density"], dock["media"]["width"]) == (
        "tspl", "300dpi", 76_200,
    )  # fmt: skip
