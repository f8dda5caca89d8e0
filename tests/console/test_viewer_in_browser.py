"""The viewer in a browser: what a warehouse person sees."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Daemon

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]


def see(url: str, profile: Path) -> tuple[str, str]:
    """Return the page's text as it stands after some seconds, and what the console said."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            f"--user-data-dir={profile}", "--virtual-time-budget=6000", "--dump-dom", url,
        ],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    said = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", done.stdout)), said


@pytest.mark.threat("T11")
def test_a_label_is_seen_and_hostile_data_stays_text(daemon: Daemon, tmp_path: Path) -> None:
    empty, said = see(daemon.url, tmp_path / "profile")
    assert "zebra Ready." in empty
    assert "No label has come out yet." in empty
    assert '"serial":"SN-000123"' in empty.replace("&quot;", '"')
    assert said == ""
    hostile = "<img src=x onerror=alert(1)>"
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=30) as web:
        body = {
            "printer": "zebra",
            "template": "serial-label",
            "labels": [{"serial": "SN-1"}],
            "title": hostile,
        }
        job = web.post("/v1/jobs", json=body).json()["id"]
        assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
    full, said = see(daemon.url, tmp_path / "profile")
    assert "SN-1 Code 128" in full
    assert "1 printed" in full
    assert "&lt;img src=x onerror=alert(1)&gt;" in full
    assert said == ""


def test_it_is_seen_which_printer_is_which_and_why_a_label_waits(
    daemon: Daemon, tmp_path: Path
) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=30) as web:
        small = {"width": 72_000, "height": 40_000}
        made: dict[str, dict[str, object]] = {
            "receipts": {"language": "escpos", "density": "180dpi", "media": small},
            "tsc": {"model": "generic-tspl-300"},
            "unused": {"language": "epl", "media": {"width": 50_000, "height": 25_000}},
        }
        for name, settings in made.items():
            answer = web.put(f"/v1/printers/{name}", json={"url": "virtual:", **settings})
            assert answer.status_code == 201
        web.put("/v1/printers/tsc", json={"media": {"width": 70_000, "height": 40_000}})
        tag = {"template": "asset-tag", "labels": [{"asset": "A-1001"}]}
        for name in ("receipts", "tsc"):
            job = web.post("/v1/jobs", json={"printer": name, **tag}).json()["id"]
            assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
        large = {"printer": "receipts", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
        assert web.post("/v1/jobs", json=large).json()["state"] == "held"
    seen, said = see(daemon.url, tmp_path / "profile")
    assert said == ""
    places = [seen.index(words) for words in (
        "Virtual printer · ESC/POS · 180 dpi · 72 × 40 mm",
        "The label is 100 mm by 50 mm, and the stock in printer 'receipts' is 72 mm by 40 mm;",
        "What came out of receipts", "A-1001 Data Matrix",
        "Virtual printer · TSPL · generic-tspl-300 · 300 dpi · 70 × 40 mm",
        "What came out of tsc",
        "Virtual printer · EPL2 · 8 dots per mm · 50 × 25 mm", "Print the test label",
        "Virtual printer · ZPL · 8 dots per mm · 100 × 50 mm", '"template":"serial-label"',
    )]  # fmt: skip
    assert places == sorted(places)
    assert seen.count("A-1001 Data Matrix") == 2


class Page:
    """A page that stays open, driven through Chromium's debugging pipe: JSON, each ended by NUL."""

    def __init__(self, read: int, write: int, url: str) -> None:
        self._read, self._write, self._heard, self._asked = read, write, b"", 0
        target = self._call("Target.createTarget", {"url": url})["targetId"]
        opened = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = opened["sessionId"]

    def _call(self, method: str, params: dict[str, Any], session: str = "") -> Any:
        self._asked += 1
        said = {"id": self._asked, "method": method, "params": params}
        os.write(
            self._write, json.dumps(said | ({"sessionId": session} if session else {})).encode()
        )
        os.write(self._write, b"\0")
        while True:
            while b"\0" not in self._heard:
                more = os.read(self._read, 65536)
                assert more, "the browser has ended"
                self._heard += more
            one, _, self._heard = self._heard.partition(b"\0")
            answer = json.loads(one)
            if answer.get("id") == self._asked:
                return answer["result"]

    def text_with(self, words: str) -> str:
        """Return the page's text once the words stand in it."""
        look = """new Promise((done) => {
            const end = Date.now() + 30000;
            const look = () => Date.now() > end || document.body?.innerText.includes(WORDS)
                ? done(document.body.innerText) : setTimeout(look, 20);
            look();
        })""".replace("WORDS", json.dumps(words))
        wanted = {"expression": look, "awaitPromise": True}
        text = str(self._call("Runtime.evaluate", wanted, self._session)["result"]["value"])
        assert words in text
        return text


ON_3_AND_4 = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.dup2(int(sys.argv[2]), 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
"""Chromium takes commands from its third descriptor and answers on its fourth."""


@contextmanager
def opened(url: str, profile: Path) -> Iterator[Page]:
    assert CHROMIUM is not None
    commands, write = os.pipe()
    read, answers = os.pipe()
    with subprocess.Popen(
        [
            sys.executable, "-c", ON_3_AND_4, str(commands), str(answers),
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe",
            f"--user-data-dir={profile}",
        ],
        pass_fds=(commands, answers), stderr=subprocess.DEVNULL,
    ) as browser:  # fmt: skip
        os.close(commands)
        os.close(answers)
        try:
            yield Page(read, write, url)
        finally:
            browser.kill()
            os.close(read)
            os.close(write)


def test_another_machine_has_another_paper(daemon: Daemon, tmp_path: Path) -> None:
    def print_item(item: str) -> None:
        body = {"printer": "zebra", "template": "item-label", "labels": [{"item": item}]}
        job = web.post("/v1/jobs", json=body).json()["id"]
        assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"

    with (
        httpx.Client(base_url=daemon.url, trust_env=False, timeout=30) as web,
        opened(daemon.url, tmp_path / "profile") as page,
    ):
        print_item("HT-1")
        print_item("HT-2")
        before = page.text_with("HT-2 Code 128")
        assert "HT-1 Code 128" in page.text_with("Piece 1 ")
        assert "Virtual printer · ZPL" in before
        web.put("/v1/printers/zebra", json={"language": "tspl"}).raise_for_status()
        assert "Code 128" not in page.text_with("Virtual printer · TSPL")
        print_item("HT-3")
        after = page.text_with("HT-3 Code 128")
        assert ("Piece 1 " in after, "Piece 2 " in after, "HT-2 Code 128" in after) == (
            True,
            False,
            False,
        )
