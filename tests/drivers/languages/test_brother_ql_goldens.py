"""Whole labels as Brother QL raster, byte for byte."""

from __future__ import annotations

import pytest

from gateway.drivers.languages.brother_ql import encode
from gateway.drivers.models import load_models
from gateway.label import Label, Picture
from gateway.printers import AS_IT_IS, Setup
from gateway.units import parse_density, to_dots
from tests.drivers.languages.goldens import check_golden
from tests.drivers.languages.judging import barcode
from tests.drivers.languages.speaking import speckled

DPI = parse_density("300dpi")
LABELS = {
    "packed-62x29": ("brother-ql-820nwb", 62, 29, AS_IT_IS),
    "plain-62x29": ("brother-ql-700", 62, 29, AS_IT_IS),
    "ql-800-17x54": ("brother-ql-800", 17, 54, AS_IT_IS),
    "continuous-29x30-torn-off": (
        "brother-ql-820nwb", 29, 30, Setup(tracking="continuous", finish="tear_off"),
    ),
    "wide-104x164": ("brother-ql-1110nwb", 104, 164, Setup(finish="cut")),
    "wide-29x90": ("brother-ql-1110nwb", 29, 90, AS_IT_IS),
}  # fmt: skip


@pytest.mark.parametrize("name", LABELS)
def test_a_label_is_sent_as_ever(name: str) -> None:
    model, width, height, setup = LABELS[name]
    across, along = to_dots(width * 1000, DPI), to_dots(height * 1000, DPI)
    ink = Picture("ink", 60, 70, 0, speckled(32, 16, 1), False)
    one = Label(across, along, DPI, (ink, barcode("datamatrix", "SN-1", 100, 100, 4)))
    page = encode(one, "exact", load_models()[model], setup)
    assert page.needs == ()
    check_golden("brother-ql", name, page.body)
