"""Whole labels in TSPL, byte for byte. Text ends its lines with LF in the files."""

from __future__ import annotations

import pytest

from gateway.drivers.languages import Mode, Model
from gateway.drivers.languages.tspl import encode
from gateway.label import Box, Element, Ellipse, Label, Line, Picture, Text, Tile
from gateway.printers import AS_IT_IS, Setup
from gateway.units import Um, parse_density
from tests.drivers.languages.goldens import check_golden
from tests.drivers.languages.judging import barcode, dots
from tests.drivers.languages.speaking import speckled

MODEL = Model("any", "Any", "tspl", parse_density(8), 832)


def label(*elements: Element) -> Label:
    return Label(400, 200, parse_density(8), elements)


def words(rotation: int = 0, align: str = "left") -> Text:
    wide, high = (160, 32) if rotation in (0, 180) else (32, 160)
    return Text(
        "words", 40, 16, rotation, speckled(wide, high, 3), False, ("Serial", 'a "b" c'),  # type: ignore[arg-type]
        24, 30, align, "sans", (200, 100), 160,  # type: ignore[arg-type]
    )  # fmt: skip


FRAME = Tile(80, 40, b"\xff" * 40 + (b"\xf0" + bytes(8) + b"\x0f") * 32 + b"\xff" * 40)
LOGO = Picture("logo", 8, 8, 0, speckled(128, 40, 1), True)
CODES = {
    "code128": "SN-000123",
    "gs1-128": "(01)09501101530003(21)7",
    "code39": "ABC-12",
    "code93": "ABC-12",
    "itf": "123456",
    "datamatrix": "SN-000123",
}
EXACT: dict[str, tuple[Label, Setup]] = {
    "exact": (label(LOGO, barcode("code128", "SN-1", 8, 80, 2, 80)), AS_IT_IS),
    "exact-qr": (label(barcode("qr", "SN-1", 8, 80, 3)), AS_IT_IS),
    "exact-frame": (label(Box("frame", 8, 8, 0, FRAME, False, 4)), AS_IT_IS),
}
TEXT: dict[str, tuple[Label, Mode, Setup]] = {
    "exact-empty": (label(), "exact", AS_IT_IS),
    **{
        f"native-{name}": (label(barcode(name, content, 8, 40, 2, 40)), "native", AS_IT_IS)
        for name, content in CODES.items()
    },
    **{
        f"native-turned-{turn}": (label(words(turn)), "native", AS_IT_IS)
        for turn in (0, 90, 180, 270)
    },
    "native-centred": (label(words(align="center")), "native", AS_IT_IS),
    "native-shapes": (
        label(
            Box("frame", 8, 8, 0, FRAME, True, 4),
            Line("rule", 8, 60, 0, dots(["#" * 200] * 4), True, 4, "-"),
            Box("odd", 201, 8, 0, dots(["#" * 9] * 9), True, 5),
            Ellipse("ring", 8, 80, 0, FRAME, True, 4),
            Line("slash", 100, 80, 0, speckled(60, 70, 3), True, 5, "/"),
        ),
        "native",
        AS_IT_IS,
    ),
    "setup-gap-cut": (
        label(), "exact", Setup("gap", darkness=60, speed=101_600, finish="cut"),
    ),
    "setup-mark-tear-off": (label(), "exact", Setup("mark", Um(5000), finish="tear_off")),
    "setup-continuous-peel": (label(), "exact", Setup("continuous", finish="peel")),
}  # fmt: skip


def whole(one: Label, mode: Mode, setup: Setup) -> bytes:
    page = encode(one, mode, MODEL, setup)
    return b"".join(stored.payload for stored in page.needs) + page.body


@pytest.mark.parametrize("name", EXACT)
def test_ink_is_sent_as_ever(name: str) -> None:
    one, setup = EXACT[name]
    check_golden("tspl", name, whole(one, "exact", setup))


@pytest.mark.parametrize("name", TEXT)
def test_commands_are_sent_as_ever(name: str) -> None:
    payload = whole(*TEXT[name])
    ink = b"BITMAP" in payload or b"GW" in payload
    kind = "bin" if ink else "txt"
    check_golden("tspl", name, payload if ink else payload.replace(b"\r\n", b"\n"), kind)
