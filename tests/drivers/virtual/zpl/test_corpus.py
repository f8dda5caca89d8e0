"""The printer's ink against pictures that an independent emulator drew of the same labels."""

from __future__ import annotations

import hashlib
import json

import pytest

from docs.virtual_printer import CORPUS, Agreement, compare_corpus
from gateway.drivers.virtual.paper import read_codes
from gateway.drivers.virtual.preview import draw_zpl

# What holds today. Raise these when the ink gets better; they never go down.
FLOORS = {1: 109, 3: 110, 10: 110}


def test_the_corpus_is_whole() -> None:
    manifest = json.loads((CORPUS / "manifest.json").read_text("utf-8"))
    assert len(manifest["labels"]) == 110
    for entry in manifest["labels"]:
        sent = (CORPUS / entry["file"]).read_bytes()
        assert hashlib.sha256(sent).hexdigest() == entry["sha256"], entry["file"]


@pytest.mark.parametrize("dots", FLOORS)
def test_so_many_ink_boxes_agree_within_so_many_dots(dots: int) -> None:
    apart = [(a.apart, a.file) for a in compare_corpus() if a.apart > dots]
    assert len(compare_corpus()) - len(apart) >= FLOORS[dots], sorted(apart)


@pytest.mark.parametrize("label", compare_corpus(), ids=lambda label: label.file.split("/")[-1])
def test_every_label_of_the_corpus_is_understood(label: Agreement) -> None:
    assert label.unknown == ()


# The emulator smooths a slanted line, which takes half a dot from each side; and two encoders of
# PDF417 may choose other codewords for the same text.
LOOSER = {"shape_line_diag_slash_45.zpl": 0.8, "barcode_pdf417_auto_long90_sec2.zpl": 0.8}


@pytest.mark.parametrize(
    "label",
    [a for a in compare_corpus() if a.family in ("barcodes", "boxes and lines")],
    ids=lambda label: label.file.split("/")[-1],
)
def test_bars_modules_and_boxes_agree_dot_by_dot(label: Agreement) -> None:
    assert label.overlap >= LOOSER.get(label.file.split("/")[-1], 1.0), label


def test_both_pictures_of_a_pdf417_say_the_same() -> None:
    file = CORPUS / "ZPLab" / "labelary_images" / "barcode_pdf417_auto_long90_sec2.zpl"
    [ours] = draw_zpl(file.read_bytes(), width_mm=101.6, height_mm=101.6)
    theirs = read_codes(file.with_suffix(".expected.png").read_bytes())
    assert [code.text for code in ours.codes()] == [code.text for code in theirs]
    assert len(theirs) == 1
