"""The calibration codes on paper are those that the scans are compared with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from gateway.console.calibration import MODULE, SQUARE, Shown, shown_codes
from gateway.scanners.calibration import CODES

if TYPE_CHECKING:
    from tests.conftest import Daemon

DOTS = 6
"""Of the picture for each module."""


def picture(shown: Shown) -> Image.Image:
    """Paint what the page's path says, as a browser would."""
    high = 120 if shown.rows == 1 else DOTS
    made = Image.new("L", (DOTS * shown.columns, high * shown.rows), 255)
    ink = ImageDraw.Draw(made)
    drawn = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", shown.path)
    assert sum(len(f"M{x} {y}h{w}v1h-{b}z") for x, y, w, b in drawn) == len(shown.path)
    for x, y, wide, back in drawn:
        assert wide == back
        left, top = DOTS * int(x), high * int(y)
        ink.rectangle((left, top, left + DOTS * int(wide) - 1, top + high - 1), fill=0)
    return made


@pytest.mark.parametrize("number", range(len(CODES)))
def test_a_reader_reads_from_the_page_what_scans_are_compared_with(number: int) -> None:
    shown, code = shown_codes()[number], CODES[number]
    (read,) = zxingcpp.read_barcodes(picture(shown), text_mode=zxingcpp.TextMode.Plain)
    assert read.text == code.sent
    aim = {"qr": "]Q1", "code128": "]C0", "gs1-128": "]C1"}[code.symbology]
    assert read.symbology_identifier == aim


def test_the_codes_fit_the_paper_and_any_scanner() -> None:
    square, *lines = shown_codes()
    assert square.width == pytest.approx(SQUARE * square.columns)
    assert square.width == square.height
    for line in lines:
        assert line.width == pytest.approx(MODULE * line.columns, abs=0.01)
        assert line.width <= 190  # of A4 between its margins


def test_the_page_shows_each_code_and_nothing_inline(shared_daemon: Daemon) -> None:
    page = httpx.get(f"{shared_daemon.url}/calibration", trust_env=False)
    assert page.status_code == 200
    assert page.text.count("<svg") == len(CODES)
    for code in shown_codes():
        assert f'<path d="{code.path}"/>' in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "&lt;=&gt;" in page.text  # the text below a line of bars
