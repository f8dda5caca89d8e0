"""Documents that are TSPL already: what passes, what is refused, and what a printer counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.raw import MOST_PIECES
from gateway.drivers.languages.tspl_raw import split_raw
from gateway.errors import RawRefused
from tests.drivers.languages.speaking import speaking

HEAD = b"SIZE 50 mm,25 mm\r\nGAP 3 mm,0 mm\r\nDIRECTION 1\r\n"
BOX = HEAD + b'CLS\r\nTEXT 9,9,"3",0,1,1,"Box"\r\n'

DOCUMENTS = [
    pytest.param(BOX + b"PRINT 1\r\n", 1, id="one"),
    pytest.param(BOX + b"PRINT 3,2\r\n", 6, id="sets and copies"),
    pytest.param(BOX + b"PRINT 1\r\nBAR 9,60,80,4\r\nPRINT 1\r\n", 2, id="the image stays"),
    pytest.param(BOX + b"PRINT 1,1\nCLS\nBAR 9,9,80,4\nPRINT 2\n", 3, id="line feeds"),
    pytest.param(b"CLS\r\nBITMAP 0,0,2,3,1,\r\nPR\r\nPRINT 1\r\n", 1, id="a picture of commands"),
    pytest.param(b'bar 9,9,80,4\r\nprint 1,1', 1, id="small letters"),
    pytest.param(
        b"SIZE 4,2\r\nSET TEAR ON\r\nSET PEEL OFF\r\nSPEED 4\r\nDENSITY 8\r\nCODEPAGE 1252\r\n"
        b'CLS\r\nBARCODE 50,50,"128",90,1,0,2,2,"SN-1"\r\n'
        b'QRCODE 9,200,M,4,A,0,M2,S7,"SN-1"\r\nPRINT 1\r\n',
        1, id="what drivers send",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("document", "labels"), DOCUMENTS)
def test_the_pieces_are_the_labels_a_printer_prints_of_the_whole(
    document: bytes, labels: int
) -> None:
    pieces = split_raw(document)
    assert all(piece.counted for piece in pieces)
    with speaking("tspl", 8, 832, 400) as printer:
        printer.feed(document + b"\r\n")
        whole = printer.pieces()
        printer.feed(b"".join(piece.payload for piece in pieces))
        cut = printer.pieces(len(whole))
    assert len(pieces) == len(whole) == len(cut) == labels
    assert [piece.tile for piece in cut] == [piece.tile for piece in whole]
    assert all(piece.unknown == () for piece in whole + cut)


def test_each_piece_is_the_same_label_alone() -> None:
    document = BOX + b"PRINT 1\r\nBAR 9,60,80,4\r\nPRINT 2\r\n"
    with speaking("tspl", 8, 832, 400) as printer:
        printer.feed(document)
        whole = [piece.tile for piece in printer.pieces()]
    for piece, tile in zip(split_raw(document), whole, strict=True):
        with speaking("tspl", 8, 832, 400) as printer:
            printer.feed(b"CLS\r\nBAR 0,0,300,300\r\n" + piece.payload)
            assert [one.tile for one in printer.pieces()] == [tile]


REFUSED = [
    (b"INITIALPRINTER\r\n", "Command INITIALPRINTER at byte 0 loads the factory settings; "),
    (
        b'DOWNLOAD F,"A.PCX",3,abc\r\n',
        "Command DOWNLOAD at byte 0 writes to the printer's memory; ",
    ),
    (b"SELFTEST\r\n", "Command SELFTEST at byte 0 prints the printer's own settings; "),
    (b"FORMFEED\r\n", "Command FORMFEED at byte 0 moves the paper; "),
    (b"OUT @LABEL\r\n", "Command OUT at byte 0 asks the printer something, and only the gateway "),
    (b"@LABEL=0\r\n", "Command @LABEL at byte 0 changes one of the printer's variables; "),
    (b"SET COM1 96,N,8,1\r\n", "Command SET COM1 at byte 0 changes the printer's configuration; "),
    (b'WLAN SSID "x"\r\n', "Command WLAN at byte 0 changes the network settings; "),
    (b'KILL "*.*"\r\n', "Command KILL at byte 0 deletes from the printer's memory; "),
    (b"FOR A=1 TO 9\r\n", "Command FOR at byte 0 belongs to a program; "),
    (b"GOLDEN\r\n", "Command GOLDEN at byte 0 is not one that draws a label; "),
    (b"\x1b!R", "The command at byte 0 asks or tells the printer something at once, and only the "),
    (b"CLS\r\n~!T", "The command at byte 5 asks or tells the printer something at once, and only "),
    (b'TEXT 1,1,"3",0,1,1,"\x1b!R"\r\n', "Command TEXT at byte 0 holds ESC and !, which begin a "),
    (b"BITMAP 0,0,9,9,1,abc", "The picture BITMAP at byte 0 is cut off; send it whole."),
    (b"CLS\r\nPRINT 0\r\n", "The PRINT at byte 5 asks for no number of labels from 1; "),
    (b"CLS\r\nPRINT A\r\n", "The PRINT at byte 5 asks for no number of labels from 1; "),
    (b"SIZE 4,2\r\nCLS\r\n", "The document prints nothing: it has no PRINT."),
    (b"", "The document prints nothing: it has no PRINT."),
    (b"CLS\r\nPRINT 10001\r\n", "The document prints more than 10000 labels; send it in parts."),
]


@pytest.mark.threat("T9")
@pytest.mark.parametrize(("document", "sentence"), REFUSED)
@pytest.mark.parametrize("uncounted", [False, True])
def test_what_is_not_for_printing_a_label_is_refused(
    document: bytes, sentence: str, uncounted: bool
) -> None:
    with pytest.raises(RawRefused) as caught:
        split_raw(document, uncounted)
    assert caught.value.detail.startswith(sentence)


UNCOUNTABLE = [
    (b'SET COUNTER @1 1\r\n@1="001"\r\nCLS\r\nTEXT 9,9,"3",0,1,1,@1\r\nPRINT 9\r\n',
     "The @1 at byte 18 has the printer count by itself"),
    (b"SET CUTTER BATCH\r\nCLS\r\nPRINT 9\r\n", "The SET at byte 0 cuts between labels"),
    (b"CLS\r\nPDF417 9,9,400,200,0,P0,L4,SN-1\r\nPRINT 1\r\n",
     "The PDF417 at byte 5 says how long its data are"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "sentence"), UNCOUNTABLE)
def test_labels_nobody_can_count_pass_only_when_asked_for(document: bytes, sentence: str) -> None:
    with pytest.raises(RawRefused) as caught:
        split_raw(document)
    assert caught.value.detail.startswith(sentence + ", so the labels cannot be counted; ")
    (piece,) = split_raw(document, True)
    assert (piece.payload, piece.counted) == (document, False)


def test_a_document_may_print_as_many_labels_as_one_job_may_have() -> None:
    assert len(split_raw(b"CLS\r\nPRINT %d\r\n" % MOST_PIECES)) == MOST_PIECES


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_cut_or_refused(document: bytes, uncounted: bool) -> None:
    try:
        pieces = split_raw(b"CLS\r\n" + document + b"\r\nPRINT 1\r\n", uncounted)
    except RawRefused:
        return
    assert pieces
