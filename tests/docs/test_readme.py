"""The first screen keeps its word: its job prints the label in its picture."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageChops

from gateway.cli.program import run_program
from gateway.cli.terminal import Terminal
from gateway.drivers.transports import check_url
from gateway.drivers.virtual.printer import VirtualPrinter

if TYPE_CHECKING:
    from tests.conftest import Daemon

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PICTURE = ROOT / "docs" / "pictures" / "serial-label.png"


def test_the_job_of_the_readme_prints_the_label_of_the_readme(daemon: Daemon) -> None:
    (line,) = re.findall(r"^curl .*/v1/jobs -H .*$", README, re.M)
    words = shlex.split(line)
    job = json.loads(words[words.index("-d") + 1])
    with httpx.Client(base_url=daemon.url, timeout=60) as http:
        accepted = http.post("/v1/jobs", json=job).json()
        assert accepted["id"] == "J1"
        assert http.get("/v1/jobs/J1?wait=30").json()["state"] == "done"
        (label,) = http.get("/v1/jobs/J1/labels").json()["items"]
        assert (label["state"], label["evidence"]) == ("printed", "odometer")
        printed = http.get("/v1/printers/zebra/paper/1.png").content
    with Image.open(io.BytesIO(printed)) as paper, Image.open(PICTURE) as shown:
        assert [code.text for code in zxingcpp.read_barcodes(paper)] == ["SN-000123"]
        # A rule of a font's hinting may move a dot; a change of the template must show.
        differing = ImageChops.difference(paper.convert("L"), shown.convert("L")).histogram()[255]
    assert differing < 50


def commands(beginning: str) -> list[list[str]]:
    """Return the command lines of the section about a user's own printer, word by word."""
    section = README.partition("## Your own printer")[2].partition("\n## ")[0]
    lines = re.findall(rf"^({re.escape(beginning)} .*?)(?:  +#.*)?$", section, re.M)
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals on Windows")
def test_what_the_readme_tells_owners_of_printers_to_type_prints(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from gateway.drivers.virtual.pty import SerialLine

    for name, value in daemon.environment.items():
        monkeypatch.setenv(name, value)
    adds = {words[2]: words for words in commands("label-gateway printers add")}
    assert {check_url(words[3]).partition(":")[0] for words in adds.values()} == {
        "usb", "tcp", "serial",
    }  # fmt: skip
    with ExitStack() as stack:
        # The same words, with a virtual printer at the place of the device.
        zebra = stack.enter_context(VirtualPrinter("a", speed_mm_s=0, width_mm=100, height_mm=50))
        tsc = stack.enter_context(
            VirtualPrinter("b", language="tspl", speed_mm_s=0, width_mm=100, height_mm=50)
        )
        epson = stack.enter_context(
            VirtualPrinter("c", language="escpos", speed_mm_s=0, width_mm=72, height_mm=40)
        )
        line = stack.enter_context(SerialLine(epson.port, baud=38400, link=tmp_path / "tty"))
        adds["packing"][3], adds["dock"][3] = zebra.url, tsc.url
        place = line.url.partition("?")[0]
        adds["till"][3] = f"{place}?{adds['till'][3].partition('?')[2]}".replace("dsrdtr", "rtscts")
        for name, words in adds.items():
            ran = run_program(words, Terminal(io.StringIO(), io.StringIO(), False))
            assert ran == 0, name
            ran = run_program(
                ["printers", "test", name], Terminal(io.StringIO(), io.StringIO(), False)
            )
            assert ran == 0, name
        for machine in (zebra, tsc, epson):
            assert len(machine.labels()) == 1
        for name in adds:  # let go of them before they are switched off
            run_program(["printers", "remove", name], Terminal(io.StringIO(), io.StringIO(), False))


def test_the_scan_story_of_the_readme_goes_as_told(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in daemon.environment.items():
        monkeypatch.setenv(name, value)

    def run(line: str) -> str:
        said = io.StringIO()
        assert run_program(shlex.split(line, comments=True)[1:], Terminal(said, said, False)) == 0
        return said.getvalue()

    told = README.partition("## Serial numbers")[2].partition("## What it promises")[0]
    lines = re.findall(r"^label-gateway (?:station|scanner|item set|location set) .*$", told, re.M)
    said = [run(line) for line in lines]
    assert [one.strip() for one in said[-4:]] == [
        "done: Receive. Scan the purchase order or receipt, or the item that came.",
        "done: DRILL. Scan the serial of each piece; DONE when that is all.",
        "done: DRILL SN-7001 received at A-01. Its label prints.",
        "done: Taken back: DRILL SN-7001 received at A-01. Throw its label away.",
    ]
    with httpx.Client(base_url=daemon.url, timeout=60) as http:
        assert http.get("/v1/jobs/J1?wait=30").json()["state"] == "done"
        (sheet,) = http.get("/v1/printers/zebra/paper").json()["items"]
        assert [code["text"] for code in sheet["codes"]] == ["SN-7001"]
        assert "Taken back" in http.get("/station/desk").text


def program(number: int) -> str:
    """Return a program of the section for who writes an ERP; of 20 lines or a few more."""
    section = README.partition("## From an ERP")[2].partition("\n## ")[0]
    found = re.findall(r"```python\n(.*?)```", section, re.S)
    assert len(found) == 2
    text = str(found[number])
    assert len(text.splitlines()) <= 24
    return text


class Breaking(threading.Thread):
    """A line to a daemon that breaks before the request has left, and once after it has."""

    def __init__(self, daemon: Daemon) -> None:
        super().__init__(daemon=True)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._to = ("127.0.0.1", int(daemon.url.rpartition(":")[2]))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def run(self) -> None:
        for passes in (0, 1, 2):
            caller, _ = self._server.accept()
            with caller:
                if not passes:
                    continue
                with socket.create_connection(self._to) as wire:
                    request = b""
                    while not request.endswith(b"}]}"):
                        request += caller.recv(65536)
                    wire.sendall(request)
                    answer = wire.recv(65536)
                    if passes == 2:
                        caller.sendall(answer)
        self._server.close()


def test_the_job_that_an_erp_posts_over_a_line_that_breaks_is_accepted_once(
    daemon: Daemon, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)
    line = Breaking(daemon)
    line.start()
    exec(program(0).replace("http://127.0.0.1:8730", line.url), {})
    line.join()
    assert capsys.readouterr().out == "J1\n"
    with httpx.Client(base_url=daemon.url, timeout=60) as http:
        (job,) = http.get("/v1/jobs").json()["items"]
        assert job["labels"] == 1
    wrong = (
        program(0).replace("SN-000123", "SN-000124").replace("http://127.0.0.1:8730", daemon.url)
    )
    with pytest.raises(ValueError, match="was used before for a different request; use a new key"):
        exec(wrong, {})


def test_the_receiver_of_the_readme_hears_scans_and_believes_nobody_else(
    daemon: Daemon,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/"
    with httpx.Client(base_url=daemon.url, timeout=60) as http:
        made = http.put("/v1/webhooks/erp", json={"url": url, "kinds": ["scan"]}).json()
        receiver = subprocess.Popen(
            [sys.executable, "-c", program(1).replace("8000", str(port))],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
            env={**os.environ, "WEBHOOK_SECRET": made["secret"]},
        )  # fmt: skip
        assert receiver.stdout is not None
        try:
            until = time.monotonic() + 60
            while not http.post("/v1/webhooks/erp/test").json()["taken"]:  # it is starting
                assert time.monotonic() < until, "the receiver does not listen"
            assert receiver.stdout.readline() == "webhook.tested None None\n"
            answer = http.post("/v1/scans", json={"code": "NOBODY-KNOWS-THIS"}).json()
            heard = receiver.stdout.readline()
            forged = httpx.post(url, content=b"{}", headers={"webhook-id": "msg_1"})
        finally:
            receiver.kill()
            receiver.wait()
            receiver.stdout.close()
    assert heard == f"scan.{answer['outcome']} NOBODY-KNOWS-THIS {answer['sentence']}\n"
    assert forged.status_code == 400


def test_every_place_the_readme_names_is_there() -> None:
    table = README.partition("## Where do I change")[2].partition("\n## ")[0]
    named = re.findall(r"`((?:gateway|tests)/[A-Za-z0-9_./-]+)`", table)
    assert len(named) > 20
    for place in named:
        assert (ROOT / place).exists(), place
    for name, place in (
        ("SYMBOLOGIES", "gateway/codes/symbology.py"),
        ("LANGUAGES", "gateway/drivers/languages/__init__.py"),
        ("TRANSPORTS", "gateway/drivers/transports/__init__.py"),
        ("TRANSITIONS", "gateway/jobs.py"),
        ("SETTINGS", "gateway/config.py"),
        ("COMMANDS", "gateway/cli/program.py"),
        ("MODES", "gateway/stations/modes/__init__.py"),
        ("VERBS", "gateway/codes/commands.py"),
        ("SOURCES", "gateway/scanners/source.py"),
        ("FEEDBACKS", "gateway/scanners/feedback.py"),
    ):
        assert re.search(rf"^{name}\b", (ROOT / place).read_text("utf-8"), re.M), name


def test_a_new_element_kind_touches_the_files_the_readme_names() -> None:
    """Every module that takes the kinds apart is one of those."""
    (row,) = [line for line in README.splitlines() if "**element kind**" in line]
    knowing = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "gateway").rglob("*.py")
        if "EllipseElement" in path.read_text("utf-8")
    }
    assert knowing
    assert all(Path(path).name in row for path in knowing), knowing
