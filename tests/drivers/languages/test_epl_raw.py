"""Documents that are EPL2 already: what passes, what is refused, and what a printer counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages.epl_raw import split_raw
from gateway.drivers.languages.raw import MOST_PIECES
from gateway.errors import RawRefused
from tests.drivers.languages.speaking import speaking

BOX = b'\nN\nq600\nQ300,24\nA9,9,0,3,1,1,N,"Box"\n'

DOCUMENTS = [
    pytest.param(BOX + b"P1\n", 1, id="one"),
    pytest.param(BOX + b"P3,2\n", 6, id="sets and copies"),
    pytest.param(BOX + b"P\n", None, id="no number"),
    pytest.param(BOX + b"P1\nLO9,60,80,4\nP1\n", 2, id="the image stays"),
    pytest.param(b"N\nLO9,9,80,4\nq500\nLO9,60,80,4\nP1\n", 1, id="a width clears the image"),
    pytest.param(BOX + b"P1\r\nN\r\nLO9,9,80,4\r\nP2\r\n", 3, id="carriage returns"),
    pytest.param(b"N\nGW0,0,2,3,\nP9\nN\nP1\n", 1, id="a picture of commands"),
    pytest.param(b'N\nA9,9,0,3,1,1,N,"a \\"P9\\" b"\nP1', 1, id="quoted"),
    pytest.param(
        b'EPL2\nZB\nOD\nI8,0,001\nrN\nq795\nQ400,24\nS3\nD8\nJF\nN\n; a comment\nLO9,9,80,4\n'
        b'B50,50,0,1,2,2,90,B,"SN-1"\nb9,200,Q,s4,"SN-1"\nX9,9,3,200,180\nP1\n',
        1, id="what carriers send",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("document", "labels"), DOCUMENTS)
def test_the_pieces_are_the_labels_a_printer_prints_of_the_whole(
    document: bytes, labels: int | None
) -> None:
    if labels is None:
        with pytest.raises(RawRefused):
            split_raw(document)
        return
    pieces = split_raw(document)
    assert all(piece.counted for piece in pieces)
    with speaking("epl", 8, 832, 400) as printer:
        printer.feed(document + b"\r\n")
        whole = printer.pieces()
        printer.feed(b"".join(piece.payload for piece in pieces))
        cut = printer.pieces(len(whole))
    assert len(pieces) == len(whole) == len(cut) == labels
    assert [piece.tile for piece in cut] == [piece.tile for piece in whole]
    assert all(piece.unknown == () for piece in whole + cut)


def test_each_piece_is_the_same_label_alone() -> None:
    document = BOX + b"P1\nLO9,60,80,4\nP2\n"
    with speaking("epl", 8, 832, 400) as printer:
        printer.feed(document)
        whole = [piece.tile for piece in printer.pieces()]
    for piece, tile in zip(split_raw(document), whole, strict=True):
        with speaking("epl", 8, 832, 400) as printer:
            printer.feed(b"q500\nN\nLO0,0,300,300\nA9,9" + piece.payload)
            assert [one.tile for one in printer.pieces()] == [tile]


REFUSED = [
    (b"^@\n", "Command ^@ at byte 0 resets the printer; "),
    (b'GM"LOGO"9\n', "Command GM at byte 0 writes to the printer's memory, or prints what is in "),
    (b'FK"*"\n', "Command FK at byte 0 writes to the printer's memory, or prints what is in it; "),
    (b"U\n", "Command U at byte 0 asks the printer something, or changes what it reports; only "),
    (b"UN\n", "Command UN at byte 0 asks the printer something, or changes what it reports; only "),
    (b"\n^ee\n", "Command ^ee at byte 1 asks the printer something, and only the gateway may do "),
    (b"eR$,2\n", "Command eR at byte 0 changes what the printer reports, and the gateway relies "),
    (b"C\n", "Command C at byte 0 cuts the paper, or has the printer count by itself; "),
    (b"PA\n", "Command PA at byte 0 prints a form by itself; "),
    (b"PF\n", "Command PF at byte 0 moves the paper; "),
    (b"Y19,N\n", "Command Y at byte 0 changes the printer's configuration; "),
    (b"xa\n", "Command xa at byte 0 moves the paper to measure it; "),
    (b"hello\n", "Command hello at byte 0 is not one that draws a label; "),
    (b'! U1 setvar "a" "b"\n', "Command ! U1 s at byte 0 changes the printer's configuration; "),
    (b'A1,1,0,3,1,1,N,"\nP1\n', "Command A at byte 0 has a quotation mark without its end on "),
    (b"GW0,0,9,9,abc", "The picture GW at byte 0 is cut off; send it whole."),
    (b"N\nP0\n", "The P at byte 2 asks for no number of labels from 1; "),
    (b"N\nPx\n", "The P at byte 2 asks for no number of labels from 1; "),
    (b"q400\nN\n", "The document prints nothing: it has no P."),
    (b"", "The document prints nothing: it has no P."),
    (b"N\nP10001\n", "The document prints more than 10000 labels; send it in parts."),
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


def test_labels_of_a_form_pass_only_when_asked_for() -> None:
    document = b'FR"BOX"\n?\nSN-1\nP1\n'
    with pytest.raises(RawRefused) as caught:
        split_raw(b'FR"BOX"\nP1\n')
    assert caught.value.detail.startswith(
        "The FR at byte 0 uses a form that the printer keeps, so the labels cannot be counted; "
    )
    with pytest.raises(RawRefused) as caught:
        split_raw(b"N\n?\x80\nP1\n")
    assert caught.value.detail.startswith(r"The ?\x80 at byte 2 uses a form that the printer keeps")
    with pytest.raises(RawRefused, match="is not one that draws a label"):
        split_raw(document, True)
    (piece,) = split_raw(b'FR"BOX"\nP1\n', True)
    assert (piece.payload, piece.counted) == (b'FR"BOX"\nP1\n', False)


def test_a_document_may_print_as_many_labels_as_one_job_may_have() -> None:
    assert len(split_raw(b"N\nP%d\n" % MOST_PIECES)) == MOST_PIECES


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_cut_or_refused(document: bytes, uncounted: bool) -> None:
    try:
        pieces = split_raw(b"N\n" + document + b"\nP1\n", uncounted)
    except RawRefused:
        return
    assert pieces
