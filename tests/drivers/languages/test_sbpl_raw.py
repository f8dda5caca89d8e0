"""Documents that are SBPL already: what passes, and how many labels they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.page import Model
from gateway.drivers.languages.raw import MOST_PIECES
from gateway.drivers.languages.sbpl import encode
from gateway.drivers.languages.sbpl_raw import split_raw
from gateway.errors import RawRefused
from gateway.label import Label, Picture
from gateway.units import parse_density
from tests.drivers.languages.speaking import speaking, speckled

BOX = b"\x02\x1bA\x1bV0100\x1bH0100\x1bXMBox\x1bQ%b\x1bZ\x03"


def pieces(document: bytes) -> list[bytes]:
    return [piece.payload for piece in split_raw(document)]


def refusal(document: bytes) -> str:
    with pytest.raises(RawRefused) as caught:
        split_raw(document)
    return caught.value.detail


DOCUMENTS = [
    BOX % b"1",
    BOX % b"000003",
    (BOX % b"1") + b"\r\n" + (BOX % b"2"),
    b"\x1bA\x1bCS4\x1bZ" + BOX % b"2",
    b"\x1bA\r\n\x1bV1\r\n\x1bH1\r\n\x1bGB001001\x1bZ\x1bA\x18\x05\x02\x03\r\n\x1bQ1\r\n\x1bZ",
    b"\x1bA\x1bV9\x1bH9\x1b2D50,03,03,000,000\x1bDN0004,\x41\x42\x43\x44\x1bQ2\x1bZ",
    b"\x1bA\x1bID07\x1bWKsomebody\x1bV9\x1bH9\x1bFW02H0040\x1bQ2\x1bZ",
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_as_many_pieces_as_the_printer_prints_labels(document: bytes) -> None:
    with speaking("sbpl", 8, 400, 300) as printer:
        printer.feed(document)
        whole = printer.pieces()
        for piece in split_raw(document):
            assert piece.counted
            printer.feed(piece.payload)
        apart = printer.pieces(after=len(whole))
        assert printer.machine.admin_events() == ()
    assert [piece.tile for piece in apart] == [piece.tile for piece in whole]
    assert {piece.unknown for piece in apart} == {()}


def test_a_label_of_our_own_passes_as_it_is() -> None:
    ink = Picture("ink", 8, 8, 0, speckled(64, 64, 1), False)
    label = Label(400, 200, parse_density(8), (ink,))
    quirks = frozenset({"binary-graphics", "sized-by-label"})
    body = encode(label, "exact", Model("m", "m", "sbpl", label.density, quirks=quirks)).body
    assert pieces(body) == [body]


def test_numbers_and_names_of_jobs_are_the_gateways_own_matter() -> None:
    (piece,) = pieces(b"\x1bA\x1bID07\x1bWKsomebody\x1bV9\x1bH9\x1bXMBox\x1bQ1\x1bZ")
    assert piece == b"\x02\x1bA\x1bV9\x1bH9\x1bXMBox\x1bQ1\x1bZ\x03"


def test_settings_before_a_label_go_with_its_first_piece() -> None:
    settings = b"\x02\x1bA\x1bCS4\x1bZ\x03"
    assert pieces(settings + BOX % b"2") == [settings + BOX % b"1", BOX % b"1"]


@pytest.mark.threat("T2")
@pytest.mark.parametrize(
    ("command", "name", "why"),
    [
        (b"PC26,1", "PC", "saves or changes the printer's settings"),
        (b"PG", "PG", "saves or changes the printer's settings"),
        (b"LD,{,},%,#,&,*,~,0,0,D5", "LD", "changes the signs that begin commands"),
        (b"@,1", "@", "stops the printer"),
        (b"*R", "*", "deletes from the printer's memory"),
        (b"FM", "FM", "formats the printer's memory"),
        (b"DL", "DL", "loads another program into the printer"),
        (b"&S,01", "&", "keeps a form in the printer's memory"),
    ],
)
def test_what_changes_the_printer_is_refused(command: bytes, name: str, why: str) -> None:
    assert refusal(b"\x1bA\x1b" + command + b"\x1bZ" + BOX % b"1") == (
        f"Command {name} at byte 2 {why}; remove it from the document."
    )


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            b"\x1bA\x1b\x07\x07\x07\x1bQ1\x1bZ",
            "Command ??? at byte 2 is not one that draws a label; remove it from the document.",
        ),
        (
            b"\x05" + BOX % b"1",
            "Byte 0 stands outside a label and is no SBPL; begin each label with ESC A and end it "
            "with ESC Z.",
        ),
        (
            b"\x1bV0100" + BOX % b"1",
            "Command V at byte 0 stands outside a label; begin each label with ESC A.",
        ),
        (
            b"\x1bA\x1bXMBox\x1bQ1",
            "The label that begins at byte 0 is not ended; add ESC Z.",
        ),
        (
            b"\x1bA\x1bXMBox\x1bA\x1bQ1\x1bZ",
            "The ESC A at byte 8 begins a label inside the one that begins at byte 0; end each "
            "label with ESC Z.",
        ),
        (b"\x1bA\x1bGB009009\xff", "The data at byte 2 are cut off; send them whole."),
        (
            b"\x1bA\x1bCS4\x1bZ",
            "The document prints nothing: it has no label (ESC A to ESC Z) that draws something.",
        ),
        (
            BOX % b"0",
            "The quantity '0' of the ESC Q at byte 21 is not a number from 1; say how many labels "
            "are wanted.",
        ),
        (BOX % b"20000", f"The document prints more than {MOST_PIECES} labels; send it in parts."),
    ],
)
def test_what_is_no_label_is_refused_in_a_sentence(document: bytes, sentence: str) -> None:
    assert refusal(document) == sentence


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (b"\x1bA\x1bXMBox\x1bZ", "The label at byte 0 does not say how many (ESC Q)"),
        (
            b"\x1bA\x1bF001+001\x1bXM001\x1bQ3\x1bZ",
            "The ESC F at byte 2 has the printer count by itself",
        ),
    ],
)
def test_what_cannot_be_counted_needs_a_word(document: bytes, why: str) -> None:
    assert refusal(document) == (
        f"{why}, so the labels cannot be counted; change that, or send the document with "
        "uncounted: true and check the paper yourself."
    )
    (piece,) = split_raw(document, uncounted=True)
    assert (piece.payload, piece.counted) == (document, False)


@given(st.binary(max_size=200) | st.sampled_from(DOCUMENTS).flatmap(
    lambda whole: st.integers(0, len(whole)).map(lambda cut: whole[:cut])
))  # fmt: skip
def test_whatever_comes_is_split_or_refused(document: bytes) -> None:
    try:
        found = split_raw(document)
    except RawRefused:
        return
    assert b"".join(piece.payload for piece in found)
