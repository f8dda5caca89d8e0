"""Whole labels in DPL, byte for byte. Lines end with CR on the wire and with LF in the files."""

from __future__ import annotations

import pytest

from gateway.drivers.languages import Mode
from gateway.drivers.languages.dpl import encode
from gateway.drivers.models import load_models
from gateway.label import Box, Element, Label, Line, Picture, Text, Tile
from gateway.printers import AS_IT_IS, Setup
from gateway.units import parse_density
from tests.drivers.languages.goldens import check_golden
from tests.drivers.languages.judging import barcode, dots
from tests.drivers.languages.speaking import speckled

MODEL = load_models()["datamax-i-4212"]


def label(*elements: Element) -> Label:
    return Label(400, 200, parse_density(8), elements)


def words(rotation: int = 0, align: str = "left") -> Text:
    wide, high = (160, 32) if rotation in (0, 180) else (32, 160)
    return Text(
        "words", 40, 16, rotation, speckled(wide, high, 3), False, ("Serial", "SN-1"),  # type: ignore[arg-type]
        32, 36, align, "sans", (200, 100), 160,  # type: ignore[arg-type]
    )  # fmt: skip


FRAME = Tile(80, 40, b"\xff" * 40 + (b"\xf0" + bytes(8) + b"\x0f") * 32 + b"\xff" * 40)
LOGO = Picture("logo", 8, 8, 0, speckled(64, 40, 1), True)
CODES = {
    "code128": "SN-000123",
    "gs1-128": "(01)09501101530003(21)7",
    "code39": "ABC-12",
    "code93": "ABC-12",
    "codabar": "A123B",
    "itf": "123456",
    "datamatrix": "SN-000123",
    "qr": "SN-000123",
}
LABELS: dict[str, tuple[Label, Mode, Setup]] = {
    "exact": (label(LOGO, barcode("code128", "SN-1", 8, 80, 2, 80)), "exact", AS_IT_IS),
    "exact-qr": (label(barcode("qr", "SN-1", 8, 80, 3)), "exact", AS_IT_IS),
    "exact-empty": (label(), "exact", AS_IT_IS),
    **{
        f"native-{name}": (label(barcode(name, content, 8, 40, 2, 40)), "native", AS_IT_IS)
        for name, content in CODES.items()
    },
    **{
        f"native-turned-{turn}": (
            label(words(turn), barcode("code128", "1234", 8, 8, 2, 40, turn)), "native", AS_IT_IS
        )
        for turn in (0, 90, 180, 270)
    },
    "native-centred": (label(words(align="center")), "native", AS_IT_IS),
    "native-shapes": (
        label(
            Box("frame", 8, 8, 0, FRAME, True, 4),
            Line("rule", 8, 60, 0, dots(["#" * 200] * 4), True, 4, "-"),
            Box("odd", 201, 8, 0, dots(["#" * 9] * 9), True, 5),
        ),
        "native",
        AS_IT_IS,
    ),
    "setup-gap-cut": (
        label(), "exact", Setup(tracking="gap", finish="cut", darkness=60, speed=101_600)
    ),
    "setup-continuous-peel": (label(), "exact", Setup(tracking="continuous", finish="peel")),
}  # fmt: skip


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_sent_as_ever(name: str) -> None:
    one, mode, setup = LABELS[name]
    page = encode(one, mode, MODEL, setup)
    payload = b"".join(stored.payload for stored in page.needs) + page.body
    check_golden("dpl", name, payload.replace(b"\r", b"\n"), "txt")
