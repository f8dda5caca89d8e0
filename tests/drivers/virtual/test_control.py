"""The control page and the printer as a process of its own."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.drivers.virtual.control import ControlServer
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.drivers.virtual.process import run_virtual_printer

FAR = 30.0
LABEL = b"^XA^FO40,40^BY2^BCN,80,N,N,N,A^FDSN-1^FS^ZZ^XZ"


class Page:
    def __init__(self, port: int) -> None:
        self.port = port

    def fetch(
        self, method: str, path: str, body: object = None, host: str | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=FAR)
        try:
            sent = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers = {} if host is None else {"Host": host}
            connection.request(method, path, sent if body is not None else None, headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def state(self) -> dict[str, Any]:
        status, body = self.fetch("GET", "/state")
        assert status == 200
        found: dict[str, Any] = json.loads(body)
        return found


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(speed_mm_s=0) as made:
        yield made


@pytest.fixture
def page(printer: VirtualPrinter) -> Iterator[Page]:
    control = ControlServer(printer)
    yield Page(control.start())
    control.stop()


def test_pieces_and_pictures_are_shown(printer: VirtualPrinter, page: Page) -> None:
    with socket.create_connection(("127.0.0.1", printer.port), timeout=FAR) as host:
        host.sendall(LABEL + LABEL)
        assert printer.wait_printed(2, timeout=FAR)
    status, body = page.fetch("GET", "/pieces?after=1")
    assert status == 200
    [piece] = json.loads(body)["items"]
    del piece["at"]
    assert piece == {
        "number": 2,
        "width": 800,
        "height": 400,
        "partial": False,
        "unknown": ["^ZZ"],
        "notes": [],
        "codes": [{"format": "Code 128", "text": "SN-1", "octets": b"SN-1".hex()}],
        "png": None,
    }
    status, body = page.fetch("GET", "/pieces/2.png")
    assert (status, body) == (200, printer.png(2))
    assert page.state()["printed"] == 2


def test_faults_are_switched(printer: VirtualPrinter, page: Page) -> None:
    status, body = page.fetch("POST", "/faults", {"do": "paper_out"})
    assert (status, json.loads(body)["paper_out"]) == (200, True)
    assert printer.status().paper_out
    page.fetch("POST", "/faults", {"do": "power_off"})
    assert page.state()["powered"] is False


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("GET", "/pieces/7.png", None, 404),
        ("GET", "/pieces?after=x", None, 400),
        ("POST", "/nowhere", {}, 404),
        ("POST", "/faults", b"not json", 400),
        ("POST", "/faults", b"x" * 70000, 400),
        ("POST", "/faults", {"do": "fire"}, 422),
        ("POST", "/faults", ["do"], 422),
        ("POST", "/faults", {"do": "trip", "bad": 1}, 422),
    ],
)
def test_what_it_does_not_take_is_refused_in_a_sentence(
    page: Page, method: str, path: str, body: object, status: int
) -> None:
    answered, reply = page.fetch(method, path, body)
    assert answered == status
    assert json.loads(reply)["detail"].endswith(".")


@pytest.mark.threat("T5")
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", ""])
def test_a_name_that_is_not_loopback_is_not_answered(
    printer: VirtualPrinter, page: Page, host: str
) -> None:
    assert page.fetch("GET", "/state", host=host)[0] == 421
    assert page.fetch("POST", "/faults", {"do": "paper_out"}, host=host)[0] == 421
    assert not printer.status().paper_out


def test_a_printer_runs_until_it_is_told_to_end(tmp_path: Path) -> None:
    said: list[str] = []
    ready, ended = threading.Event(), threading.Event()

    def say(line: str) -> None:
        said.append(line)
        ready.set()

    thread = threading.Thread(
        target=run_virtual_printer,
        kwargs={"control_port": 0, "directory": tmp_path, "until": ended, "say": say},
    )
    thread.start()
    assert ready.wait(FAR)
    [line] = said
    ports = json.loads(line)
    assert Page(ports["control"]).state()["port"] == ports["port"]
    ended.set()
    thread.join(FAR)
    assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", ports["port"]), timeout=FAR)


def test_paper_outlives_a_killed_process(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; import sys;"
        "from gateway.drivers.virtual.process import run_virtual_printer;"
        "run_virtual_printer(directory=Path(sys.argv[1]), control_port=0, speed_mm_s=0)"
    )
    for expected in (1, 2):
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                assert process.stdout is not None
                ports = json.loads(process.stdout.readline())
                with socket.create_connection(("127.0.0.1", ports["port"]), timeout=FAR) as host:
                    host.sendall(LABEL)
                    page = Page(ports["control"])
                    while page.state()["printed"] < expected:
                        threading.Event().wait(0.01)
                assert page.state()["odometer"] == expected
            finally:
                process.kill()
    assert len(list((tmp_path / "paper").glob("*.png"))) == 2
