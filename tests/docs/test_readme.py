"""The first screen keeps its word: its job prints the label in its picture."""

from __future__ import annotations

import io
import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import zxingcpp
from PIL import Image, ImageChops

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
