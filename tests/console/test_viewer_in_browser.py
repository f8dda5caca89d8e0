"""The viewer in a browser: what a warehouse person sees."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

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
