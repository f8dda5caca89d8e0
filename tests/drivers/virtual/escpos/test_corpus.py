"""Documents of another program, understood whole: what is not is what no printer prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.drivers.virtual.preview import DrawnLabel, draw_commands

CORPUS = Path(__file__).parents[3] / "corpus" / "escpos" / "escpos-php"

NOT_PRINTED = {
    # Out of the range of GS w, and numbers that no UPC-E can shrink: Epson's manual refuses both.
    "barcode": [
        "GS w 7",
        "GS w 8",
        "GS k: UPC-E cannot be made of '01234567890'.",
        "GS k: UPC-E cannot be made of '012345678901'.",
    ],
    # A page that no printer of Epson's has.
    "character-tables": [],
}


def drawn(name: str) -> list[DrawnLabel]:
    commands = (CORPUS / f"{name}.bin").read_bytes()
    return draw_commands("escpos", commands, width_mm=72, height_mm=50)


@pytest.mark.parametrize(
    ("name", "pieces"),
    [
        ("barcode", 1), ("bit-image", 1), ("character-encodings", 1), ("character-tables", 1),
        ("demo", 14),
    ],
)  # fmt: skip
def test_every_command_is_understood_and_every_cut_is_a_piece(name: str, pieces: int) -> None:
    labels = drawn(name)
    assert len(labels) == pieces
    assert [what for label in labels for what in label.unknown] == NOT_PRINTED.get(name, [])
    assert all(label.tile.count_ink() > 400 for label in labels)


def test_all_its_bar_codes_read() -> None:
    (label,) = drawn("barcode")
    found = {(code.format, code.text) for code in label.codes()}
    assert found == {
        ("Code 39", "ABC"), ("EAN-13", "0123456789012"), ("EAN-13", "0012345678905"),
        ("UPC-E", "0012345000065"), ("EAN-8", "01234565"), ("Code 39", "ABC 012"),
        ("Code 39", "$%+-./"), ("Code 39", "TEXT"), ("ITF", "0123456789"), ("Codabar", "A012345A"),
        ("Codabar", "A012$+-./:A"), ("Code 93", "012abcd"), ("Code 128", "012ABCD"),
        ("Code 128", "012ABCDabcd"), ("Code 128", "213243"),
    }  # fmt: skip


def test_its_pictures_are_the_same_by_the_old_command_and_the_new() -> None:
    """The demonstration prints one picture in four sizes, by GS ( L and by GS v 0."""
    new, old = drawn("demo")[11:13]
    assert new.tile == old.tile
    codes = {(code.format, code.text) for code in drawn("demo")[13].codes()}
    assert codes == {("QR Code", "Testing 123"), ("Micro QR Code", "Testing 123")}
