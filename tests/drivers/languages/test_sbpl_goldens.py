"""Whole labels as SBPL, kept as text with ␛ for ESC: ``GOLDENS=write`` rewrites them."""

from __future__ import annotations

import pytest

from gateway.drivers.languages import Mode, Model
from gateway.drivers.languages.sbpl import encode
from gateway.label import Box, Element, Label, Line, Picture, Text
from gateway.printers import AS_IT_IS, Setup
from gateway.units import parse_density
from tests.drivers.languages.goldens import check_golden
from tests.drivers.languages.judging import barcode, dots
from tests.drivers.languages.speaking import speckled

EIGHT = parse_density(8)
HEX = Model("any", "Any", "sbpl", EIGHT, 832)
SIZED = Model(
    "any", "Any", "sbpl", EIGHT, 832, quirks=frozenset({"binary-graphics", "sized-by-label"})
)

WORDS = Text("words", 20, 36, 0, speckled(90, 20, 3), False, ("Box 12",), 20, 26, "left", "sans",
             (20, 60), 300)  # fmt: skip
LOGO = Picture("logo", 16, 8, 0, speckled(24, 12, 7), True)
FRAME = dots(["#" * 60] * 2 + ["##" + "." * 56 + "##"] * 30 + ["#" * 60] * 2)

LABELS: dict[str, tuple[Mode, tuple[Element, ...], Setup]] = {
    "picture": ("exact", (LOGO,), AS_IT_IS),
    "nothing": ("exact", (), AS_IT_IS),
    "low": ("exact", (Picture("low", 8, 195, 0, speckled(16, 5, 7), True),), AS_IT_IS),
    "text": ("native", (WORDS,), AS_IT_IS),
    "line": ("native", (Line("rule", 20, 80, 0, dots(["#" * 300] * 3), True, 3, "-"),), AS_IT_IS),
    "box": ("native", (Box("box", 8, 8, 0, FRAME, True, 2),), AS_IT_IS),
    "code128": ("native", (barcode("code128", "SN-000123", 20, 30, 2, 60),), AS_IT_IS),
    "gs1-128": ("native", (barcode("gs1-128", "(01)09521234543213", 20, 30, 2, 60),), AS_IT_IS),
    "itf14": ("native", (barcode("itf14", "09521234543213", 20, 30, 2, 60),), AS_IT_IS),
    "datamatrix": ("native", (barcode("datamatrix", "SN~12", 20, 30, 3),), AS_IT_IS),
    "qr": ("native", (barcode("qr", "SN-12", 24, 32, 2),), AS_IT_IS),
    "code128-turned": (
        "native", (barcode("code128", "SN-12", 24, 32, 1, 40, 90),), AS_IT_IS,
    ),
    "setup": (
        "exact", (LOGO,), Setup(tracking="mark", darkness=70, speed=100_000, finish="peel"),
    ),
}  # fmt: skip


def readable(payload: bytes) -> bytes:
    """Return the commands one a line."""
    text = payload.replace(b"\x1b", "\n␛".encode()).replace(b"\x02", "␂".encode())
    return text.replace(b"\x03", "␃\n".encode())


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_sent_as_its_golden(name: str) -> None:
    mode, elements, setup = LABELS[name]
    page = encode(Label(400, 200, EIGHT, elements), mode, HEX, setup)
    whole = b"".join(need.payload for need in page.needs) + page.body
    check_golden("sbpl", name, readable(whole), "txt")


def test_a_label_with_its_size_and_bytes_is_sent_as_its_golden() -> None:
    page = encode(Label(400, 200, EIGHT, (LOGO,)), "exact", SIZED)
    check_golden("sbpl", "sized-bytes", page.body)
