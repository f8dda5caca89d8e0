"""Documents that are DPL already: what passes is counted as a virtual printer prints it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.dpl import encode
from gateway.drivers.languages.dpl_raw import split_raw
from gateway.drivers.models import load_models
from gateway.errors import RawRefused
from gateway.label import Label, Picture, draw
from gateway.units import parse_density
from tests.drivers.languages.speaking import speaking, speckled

LABEL = b"\x02L\rD11\r1e3300001000100BSN-1\r"
IMAGE = b"\x02IDAFLOGO\r8002FF00\r0000FF09\rFFFF\r"


def pieces_on_paper(document: bytes) -> int:
    with speaking("dpl", 8, 800, 400) as printer:
        printer.feed(document)
        assert printer.machine.admin_events() == ()
        pieces = printer.pieces()
        assert all(piece.unknown == () for piece in pieces)
        return len(pieces)


@pytest.mark.parametrize(
    ("document", "pieces"),
    [
        (LABEL + b"E\r", 1),
        (LABEL + b"E", 1),
        (LABEL + b"Q0003\rE\r", 3),
        (LABEL + b"Q0003\rQ0002\rE\r", 2),
        (b"\x02m\r\x02c0000\x02e" + LABEL + b"E\r" + LABEL + b"Q0002\rE\r", 3),
        (IMAGE + b"\x02L\r1Y1100000000000LOGO\rQ0002\rE\r\x02xDGLOGO\r\x02zD", 2),
        (IMAGE + b"\x02L\r1Y1100000000000LOGO\rE\r\x02xDGLOGO\r" + IMAGE + LABEL + b"E\r", 2),
        (LABEL + b"+01\rQ0001\rE\r", 1),
    ],
)
def test_a_document_has_as_many_pieces_as_the_printer_prints(document: bytes, pieces: int) -> None:
    found = split_raw(document)
    assert [piece.counted for piece in found] == [True] * pieces
    if b"+01" not in document:
        assert pieces_on_paper(document) == pieces
        assert pieces_on_paper(b"".join(piece.payload for piece in found)) == pieces
        assert [pieces_on_paper(piece.payload) for piece in found] == [1] * pieces


def test_what_the_encoder_writes_passes_but_for_the_gateways_own_names() -> None:
    tile = speckled(80, 40, 1)
    one = Label(800, 400, parse_density(8), (Picture("p", 9, 9, 0, tile, False),))
    body = encode(one, "exact", load_models()["datamax-i-4212"]).body
    with pytest.raises(RawRefused, match="keeps its own under names that begin with GW"):
        split_raw(body)
    (piece,) = split_raw(
        body.replace(b"DGGW", b"DGMY").replace(b"FGW", b"FMY").replace(b"0GW", b"0MY")
    )
    with speaking("dpl", 8, 800, 400) as printer:
        printer.feed(piece.payload)
        assert [one.tile for one in printer.pieces()] == [draw(one)]


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (b"\x01#" + LABEL + b"E", "Command SOH # at byte 0 asks or stops the printer, and only "
         "the gateway may do that; remove it from the document."),
        (b"\x02L\r121100000100010A\x01C\rE", "Command SOH C at byte 19 asks or stops the printer, "
         "and only the gateway may do that; remove it from the document."),
        (b"\x02KcSTY\r", "Command STX K at byte 0 changes or asks the printer's configuration; "
         "remove it from the document."),
        (b"\x02a", "Command STX a at byte 0 changes what the printer reports, and the gateway "
         "relies on that; remove it from the document."),
        (b"\x02G", "Command STX G at byte 0 prints a label that the document does not hold; "
         "remove it from the document."),
        (b"\x02qD", "Command STX q at byte 0 deletes everything in the printer's memory; remove "
         "it from the document."),
        (b"\x02ICAFX\r8001FF\rFFFF\r", "The command at byte 0 writes to memory module C, which "
         "may be permanent; use module D."),
        (b"\x02IDpX\rabc", "The picture at byte 0 is cut off or not in 7-bit records; send it as "
         "STX I D A F with lines of 80… and FFFF at the end."),
        (LABEL + b"sDNAME\r", "The label format that begins at byte 0 is not ended, or holds a "
         "control character; end each line with CR and the format with E."),
        (LABEL + b"sDNAME\rE", "The line at byte 28 stores the format in the printer's memory; "
         "remove it from the document."),
        (LABEL + b"Q0\rE", "The quantity '0' at byte 28 is not a number of four digits from 0001; "
         "say how many labels are wanted."),
        (b"^XA", "Byte 0 of the document, 5Eh, stands outside a command; begin each command with "
         "STX (02h), and each label with STX L."),
        (b"\x02m", "The document prints nothing: it has no label format (STX L to E)."),
        (LABEL + b"Q9998\rE\r" + LABEL + b"Q9998\rE", "The document prints more than 10000 labels; "
         "send it in parts."),
    ],
)  # fmt: skip
def test_documents_that_do_more_than_print_are_refused(document: bytes, sentence: str) -> None:
    for uncounted in (False, True):
        with pytest.raises(RawRefused) as refused:
            split_raw(document, uncounted)
        assert refused.value.detail == sentence


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (LABEL + b"+01\rQ0003\rE", "The line at byte 28 has the printer count by itself"),
        (LABEL + b"rNAME\rE", "The line at byte 28 recalls a stored format"),
        (LABEL + b"X", "The format at byte 0 ends with X and prints nothing by itself"),
        (LABEL + b"Q9999\rE", "The format at byte 0 prints for ever (Q9999)"),
        (b"\x02L\r1W1C44000001000100029200000000AB\rE", "The record at byte 3 may hold any bytes"),
        (LABEL + b"T00\r121100000100010A\rE", "The record at byte 28 may hold any bytes"),
    ],
)
def test_labels_that_cannot_be_counted_pass_only_when_asked_for(document: bytes, why: str) -> None:
    with pytest.raises(RawRefused) as refused:
        split_raw(document)
    assert refused.value.detail == (
        f"{why}, so the labels cannot be counted; change that, or send the document with "
        "uncounted: true and check the paper yourself."
    )
    (piece,) = split_raw(document, True)
    assert (piece.payload, piece.counted) == (document, False)


@given(st.binary(max_size=200) | st.text("\x01\x02\rLEXQIDAF0123459 ", max_size=80).map(str.encode))
def test_no_document_breaks_the_splitter_or_the_printer(document: bytes) -> None:
    try:
        pieces = split_raw(document)
    except RawRefused:
        pieces = ()
    with speaking("dpl", 8, 400, 200) as printer:
        printer.feed(document)
        if pieces:
            assert len(printer.pieces()) == len(pieces)
