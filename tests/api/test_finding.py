"""Printers are offered over HTTP: found, asked, never added, never disturbed."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.api import finding
from gateway.drivers.finding import Found, Search, Trouble
from gateway.drivers.virtual.printer import VirtualPrinter
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

ZEBRA = Found(
    url="usb://0a5f:0187/D6J1",
    via="usb",
    what="Zebra Technologies ZTC ZD421-203dpi ZPL",
    manufacturer="Zebra Technologies",
    model="ZTC ZD421-203dpi ZPL",
    serial="D6J1",
    language="zpl",
    row="zd421-203",
)
OFFICE = Found(url="", via="network", what="HP 4", model="HP 4", problem="It announces IPP only.")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[tuple[float, str | None, frozenset[str]]]:
    """What the search was told; it finds a USB Zebra, the dock and an office printer."""
    asked: list[tuple[float, str | None, frozenset[str]]] = []

    def look(timeout: float, address: str | None, held: frozenset[str]) -> Search:
        asked.append((timeout, address, held))
        dock = Found("tcp://127.0.0.1:9101", "network", "a", others=("tcp://127.0.0.1:9100",))
        return Search((ZEBRA, dock, OFFICE), (Trouble("serial", "No ports can be listed."),))

    monkeypatch.setattr(finding, "find_printers", look)
    return asked


def test_what_is_found_is_offered_with_the_printer_that_it_already_is(
    web: httpx.Client, found: list[tuple[float, str | None, frozenset[str]]]
) -> None:
    before = [printer["name"] for printer in web.get("/v1/printers").json()["items"]]
    answer = web.post("/v1/printers/find", json={"timeout": 2, "address": "10.0.0.7"})
    assert answer.status_code == 200
    nobody = {"manufacturer": "", "model": "", "serial": ""}
    assert answer.json() == {
        "items": [
            {
                "url": "usb://0a5f:0187/D6J1",
                "via": "usb",
                "what": "Zebra Technologies ZTC ZD421-203dpi ZPL",
                "says": {
                    "manufacturer": "Zebra Technologies",
                    "model": "ZTC ZD421-203dpi ZPL",
                    "serial": "D6J1",
                },
                "language": "zpl",
                "model": "zd421-203",
                "problem": None,
                "printer": None,
            },
            {
                "url": "tcp://127.0.0.1:9101",
                "via": "network",
                "what": "a",
                "says": nobody,
                "language": None,
                "model": None,
                "problem": None,
                "printer": "dock",
            },
            {
                "url": None,
                "via": "network",
                "what": "HP 4",
                "says": nobody | {"model": "HP 4"},
                "language": None,
                "model": None,
                "problem": "It announces IPP only.",
                "printer": None,
            },
        ],
        "next": None,
        "troubles": [{"finder": "serial", "sentence": "No ports can be listed."}],
    }
    ((timeout, address, held),) = found
    assert (timeout, address) == (2.0, "10.0.0.7")
    assert "tcp://127.0.0.1:9100" in held
    assert [printer["name"] for printer in web.get("/v1/printers").json()["items"]] == before


def test_a_device_is_asked_and_its_settings_are_ready_to_be_put(web: httpx.Client) -> None:
    with VirtualPrinter(width_mm=60, height_mm=30) as printer:
        answer = web.post("/v1/printers/identify", json={"url": printer.url})
        assert answer.status_code == 200
        proposal = answer.json()
        assert proposal["settings"] == {
            "url": printer.url,
            "language": "zpl",
            "density": 8,
            "model": "virtual",
            "media": {"width": 60_000, "height": 30_000},
        }
        assert (proposal["missing"], proposal["sure"], proposal["printer"]) == ([], "sure", None)
        assert printer.pieces() == []
        made = web.put("/v1/printers/asked", json=proposal["settings"])
        assert made.status_code == 201
        again = web.post("/v1/printers/identify", json={"url": printer.url}).json()
        assert (again["printer"], again["settings"]) == ("asked", proposal["settings"])
        assert again["sentence"].startswith("This is printer 'asked', which is set up and has an")
        assert web.delete("/v1/printers/asked").status_code == 204


def test_a_printer_that_is_set_up_gets_no_second_connection(web: httpx.Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as port:
        url = f"tcp://127.0.0.1:{port.getsockname()[1]}"
        body = {"url": url, "media": {"width": 100_000, "height": 50_000}, "evidence": "none"}
        web.put("/v1/printers/owned", json=body)
        answer = web.post("/v1/printers/identify", json={"url": url.upper()})
        assert answer.json()["printer"] == "owned"
        found = web.post("/v1/printers/find", json={"timeout": 0.5, "address": url}).json()
        assert {item["printer"] for item in found["items"] if item["url"] == url} == {"owned"}
        # Its owner has nothing to print and asks nothing, so any connection would be ours.
        port.settimeout(0)
        with pytest.raises(BlockingIOError):
            port.accept()
        assert web.delete("/v1/printers/owned").status_code == 204


def test_what_is_not_known_is_named_as_missing(web: httpx.Client) -> None:
    with socket.socket() as deaf:  # it keeps the port, so that nobody else listens there
        deaf.bind(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        answer = web.post("/v1/printers/identify", json={"url": url})
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/device-unreachable")
    silent = web.post("/v1/printers/identify", json={"url": "file:///nowhere/labels.zpl"}).json()
    assert silent["settings"] == {"url": "file:///nowhere/labels.zpl"}
    assert silent["missing"] == ["language", "density", "media"]


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    ("path", "body", "kind", "detail"),
    [
        ("find", {"address": "169.254.169.254"}, "printer-refused",
         "169.254.169.254 is a link-local address, and no printer can be there; give the printer a "
         "fixed address in your network and use that."),
        ("find", {"address": "10.0.0.7:22"}, "printer-refused",
         "Port 22 is not one where printers listen; use 9100 to 9109, 515 or 6101."),
        ("find", {"address": ""}, "input-refused",
         "'address' must be a text of 1 to 300 characters, got ''."),
        ("find", {"timeout": 1000}, "input-refused",
         "'timeout' must be a number of seconds from 0.5 to 30, got 1000."),
        ("find", {"timeout": True}, "input-refused",
         "'timeout' must be a number of seconds from 0.5 to 30, got true."),
        ("find", {"host": "10.0.0.7"}, "input-refused",
         "A search has no 'host'; it can have timeout, address."),
        ("identify", {}, "printer-refused",
         "Say which device is meant: 'url' is missing, such as tcp://10.0.0.7:9100."),
        ("identify", {"url": "http://10.0.0.7/"}, "printer-refused", None),
        ("identify", {"url": "tcp://[::ffff:169.254.169.254]"}, "printer-refused", None),
        ("identify", {"url": "tcp://127.0.0.1:1", "language": "klingon"}, "printer-refused",
         "There is no question in 'klingon'; a printer can be asked in sbpl, escpos, cpcl, tspl, "
         "dpl, zpl, epl, brother-ql."),
        ("identify", {"url": 7}, "input-refused",
         "'url' must be a text of 1 to 300 characters, got 7."),
    ],
)  # fmt: skip
def test_nobody_is_asked_where_no_printer_can_be(
    web: httpx.Client, path: str, body: dict[str, object], kind: str, detail: str | None
) -> None:
    answer = web.post(f"/v1/printers/{path}", json=body)
    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{kind}")
    if detail is not None:
        assert answer.json()["detail"] == detail


@pytest.mark.threat("T6")
@pytest.mark.parametrize("path", ["find", "identify"])
def test_only_an_administrator_may_look_around(shared_daemon: Daemon, path: str) -> None:
    key = make_key(shared_daemon, f"printer-{path}", "read", "print")
    with connect(shared_daemon, key) as client:
        answer = client.post(f"/v1/printers/{path}", json={"url": "tcp://10.0.0.7"})
    assert answer.status_code == 403


def test_one_search_at_a_time_is_enough(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go = threading.Event(), threading.Event()

    def slow(*_: object, **__: object) -> Search:
        begun.set()
        go.wait()
        return Search((), ())

    monkeypatch.setattr(finding, "find_printers", slow)
    first = threading.Thread(target=lambda: web.post("/v1/printers/find", json={}))
    first.start()
    assert begun.wait(30)
    second = web.post("/v1/printers/find", json={})
    go.set()
    first.join()
    assert (second.status_code, second.headers["retry-after"]) == (429, "5")
    assert second.json()["detail"] == (
        "Another search for printers is running; try again in 5 seconds."
    )


def test_a_printer_may_be_called_find(web: httpx.Client) -> None:
    body = {"url": "memory://x", "media": {"width": 100_000, "height": 50_000}}
    assert web.put("/v1/printers/find", json=body).status_code == 201
    assert web.get("/v1/printers/find").json()["name"] == "find"
    assert web.delete("/v1/printers/find").status_code == 204
