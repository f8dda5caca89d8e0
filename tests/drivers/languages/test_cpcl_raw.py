"""Documents that are CPCL already: what passes, and how many labels they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.cpcl import encode
from gateway.drivers.languages.cpcl_raw import split_raw
from gateway.drivers.languages.page import Model
from gateway.drivers.languages.raw import MOST_PIECES
from gateway.errors import RawRefused
from gateway.label import Label, Picture
from gateway.units import parse_density
from tests.drivers.languages.speaking import speaking, speckled

BOX = b"! 0 200 200 210 %b\r\nTEXT 7 0 30 40 Box\r\nFORM\r\nPRINT\r\n"


def pieces(document: bytes) -> list[bytes]:
    return [piece.payload for piece in split_raw(document)]


def refusal(document: bytes) -> str:
    with pytest.raises(RawRefused) as caught:
        split_raw(document)
    return caught.value.detail


DOCUMENTS = [
    BOX % b"1",
    BOX % b"3",
    (BOX % b"1") + (BOX % b"2"),
    b"! UTILITIES\r\nIN-DOTS\r\nPRINT\r\n" + BOX % b"2",
    b"! 0 200 200 210 2\nCG 1 2 8 8 \x1b!\nPRINT\n",
    b"! 0 200 200 210 1\r\nCG 3 1 8 8 \r\n\xff\r\nPRINT\r\n",
    b"! 0 200 200 210 1\r\nEG 2 2 8 8 F0F0\r\n0F0F\r\nPRINT\r\n",
    b"! 0 200 200 210 1\r\n; a comment\r\nBARCODE QR 9 9 M 2 U 4\r\nMA,PRINT\r\nENDQR\r\nPRINT\r\n",
]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_as_many_pieces_as_the_printer_prints_labels(document: bytes) -> None:
    with speaking("cpcl", 8, 400, 300) as printer:
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
    quirks = frozenset({"binary-graphics"})
    body = encode(label, "exact", Model("m", "m", "cpcl", label.density, quirks=quirks)).body
    assert pieces(body) == [body]


def test_settings_before_a_label_go_with_its_first_piece() -> None:
    settings = b"! UTILITIES\r\nIN-MILLIMETERS\r\nPRINT\r\n"
    assert pieces(settings + BOX % b"2") == [settings + BOX % b"1", BOX % b"1"]


@pytest.mark.threat("T2")
@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b'! U1 setvar "ip.addr" "10.0.0.1"', "! U1"),
        (b'! U1 do "device.reset" ""', "! U1"),
        (b"!DF LOGO.LBL", "!DF LOGO.LBL"),
        (b"! UF LOGO.LBL", "! UF"),
        (b"\x1bN", "?N"),
        (b"Box \x1bh", "Box ?h"),
    ],
)
def test_what_sets_or_asks_the_printer_is_refused(line: bytes, shown: str) -> None:
    assert refusal(line + b"\r\n" + BOX % b"1") == (
        f"Line 1 sets or asks the printer something ({shown}); remove it from the document."
    )


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            b"! 0 200 200 210 1\r\nSET-TOF 9\r\nTEXT 7 0 9 9 x\r\nPRINT\r\n",
            "Command SET-TOF in line 2 is not one that draws a label; remove it from the document.",
        ),
        (
            b"! 0 200 200 210 1\r\nTEXT 7 0 9 9 x\r\n",
            "The label that begins in line 1 is not ended; add PRINT.",
        ),
        (
            b"! 0 200 200 210 1\r\nTEXT 7 0 9 9 x\r\n! 0 200 200 210 1\r\nPRINT\r\n",
            "Line 3 begins a label inside the one that begins in line 1; end each label with "
            "PRINT.",
        ),
        (
            b"! 0 200 200 210 1\r\nFORM\r\nPRINT\r\n",
            "The label that begins in line 1 draws nothing; remove it.",
        ),
        (
            b"! 0 200 200 210 0\r\nTEXT 7 0 9 9 x\r\nPRINT\r\n",
            "The label that begins in line 1 is wanted 0 times; say how many labels are wanted.",
        ),
        (
            b"! 0 200 200 210 1\r\nCG 9 9 0 0 abc\r\nPRINT\r\n",
            "The picture in line 2 is cut off; send it whole.",
        ),
        (
            b"! 0 200 200 210 1\r\nEG 2 2 0 0 F0F0\r\nPRINT\r\n",
            "The picture in line 2 has fewer than 8 hexadecimal digits, which its width and "
            "height ask for; send it whole.",
        ),
        (
            b"\r\n\r\n",
            "The document prints nothing: it has no label that begins with ! 0 200 200 and ends "
            "with PRINT.",
        ),
        (BOX % b"20000", f"The document prints more than {MOST_PIECES} labels; send it in parts."),
    ],
)
def test_what_is_no_label_is_refused_in_a_sentence(document: bytes, sentence: str) -> None:
    assert refusal(document) == sentence


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (
            b"! 0 200 200 210 3\r\nTEXT 7 0 9 9 001\r\nCOUNT 1\r\nPRINT\r\n",
            "COUNT in line 3 has the printer count by itself",
        ),
        (
            b"! 0 200 200 210 3\r\nPACE\r\nTEXT 7 0 9 9 001\r\nPRINT\r\n",
            "PACE in line 2 waits for a key after each label",
        ),
        (b"Box\r\n" + BOX % b"1", "Line 1 is text outside a label, which is printed as it comes"),
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
