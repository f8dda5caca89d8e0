"""Whole labels as CPCL, kept as text: ``GOLDENS=write`` rewrites them, and a person reads them."""

from __future__ import annotations

import pytest

from gateway.drivers.languages import Mode, Model
from gateway.drivers.languages.cpcl import encode
from gateway.label import Box, Element, Label, Line, Picture, Rotation, Text
from gateway.printers import AS_IT_IS, Setup
from gateway.units import parse_density
from tests.drivers.languages.goldens import check_golden
from tests.drivers.languages.judging import barcode, dots
from tests.drivers.languages.speaking import speckled

EIGHT = parse_density(8)
HEX = Model("any", "Any", "cpcl", EIGHT, 832)
BINARY = Model("any", "Any", "cpcl", EIGHT, 832, quirks=frozenset({"binary-graphics"}))

WORDS = Text("words", 20, 36, 0, speckled(90, 20, 3), False, ("Box 12",), 24, 30, "left", "sans",
             (20, 60), 300)  # fmt: skip
RIGHT = Text("right", 20, 36, 0, speckled(26, 20, 3), False, ("A", "BC"), 24, 30, "right", "sans",
             (20, 60), 300)  # fmt: skip
LOGO = Picture("logo", 16, 8, 0, speckled(24, 12, 7), True)
TURNED: Rotation = 270

LABELS: dict[str, tuple[Mode, tuple[Element, ...], Setup]] = {
    "picture": ("exact", (LOGO,), AS_IT_IS),
    "nothing": ("exact", (), AS_IT_IS),
    "text": ("native", (WORDS,), AS_IT_IS),
    "text-right": ("native", (RIGHT,), AS_IT_IS),
    "line": ("native", (Line("rule", 20, 80, 0, dots(["#" * 300] * 3), True, 3, "-"),), AS_IT_IS),
    "box": ("native", (Box("box", 8, 8, 0, dots(["####", "#..#", "####"]), True, 1),), AS_IT_IS),
    "code128": ("native", (barcode("code128", "SN-000123", 20, 30, 2, 60),), AS_IT_IS),
    "code128-turned": (
        "native", (barcode("code128", "SN-12", 20, 30, 1, 60, TURNED),), AS_IT_IS,
    ),
    "code39": ("native", (barcode("code39", "SN-12", 20, 30, 2, 60),), AS_IT_IS),
    "code93": ("native", (barcode("code93", "SN-12", 20, 30, 2, 60),), AS_IT_IS),
    "itf14": ("native", (barcode("itf14", "09521234543213", 20, 30, 2, 60),), AS_IT_IS),
    "qr": ("native", (barcode("qr", "SN-12", 24, 32, 2),), AS_IT_IS),
    "setup": ("exact", (LOGO,), Setup(tracking="mark", darkness=70, speed=100_000)),
    "continuous": ("exact", (LOGO,), Setup(tracking="continuous")),
}  # fmt: skip


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_sent_as_its_golden(name: str) -> None:
    mode, elements, setup = LABELS[name]
    page = encode(Label(400, 200, EIGHT, elements), mode, HEX, setup)
    whole = b"".join(need.payload for need in page.needs) + page.body
    check_golden("cpcl", name, whole.replace(b"\r\n", b"\n"), "txt")


def test_a_picture_in_bytes_is_sent_as_its_golden() -> None:
    page = encode(Label(400, 200, EIGHT, (LOGO,)), "exact", BINARY)
    check_golden("cpcl", "picture-bytes", page.body)
