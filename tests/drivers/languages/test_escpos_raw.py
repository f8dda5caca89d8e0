"""Raw ESC/POS: what is refused, how it is cut into pieces, and that the virtual printer agrees."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.drivers.languages.escpos_raw import split_raw
from gateway.drivers.languages.raw import MOST_PIECES
from gateway.drivers.virtual.preview import draw_commands
from gateway.errors import RawRefused
from tests.drivers.languages.speaking import speaking

CORPUS = Path(__file__).parents[2] / "corpus" / "escpos" / "escpos-php"


def printed(document: bytes) -> list[int]:
    """Return how much ink each piece has that comes out."""
    with speaking("escpos", 8, 576, 400) as printer:
        printer.feed(document)
        printer.feed(b"\x1b@")  # whoever begins the next one has torn off what is left
        return [piece.tile.count() for piece in printer.pieces()]


CUTS = [
    (b"\x1b@One\n\x1dVB\0Two\n\x1dV\x01", 2),
    (b"Hello\n", 1),
    (b"One\n\x1bd\x05still one\n\x1bi", 1),
    (b"\x1b@\x1ba\x01One\n\x1c(L\x02\0B0\x1dV\x01Two\n\x1d\x0c", 2),
    (b"\x1dV\x00One\n\x1dV\x00\x1dV\x00", 1),
    (b"\x1dv0\0\x01\0\x02\0\x1b@\x1bm", 1),
    (b"\x1d(L\x0b\0\x300p0\x01\x011\x08\0\x01\0\xff"[:5] + b"0p0\x01\x011\x08\0\x01\0\xff"
     b"\x1d(L\x02\x0002\x1dVB\0", 1),
    (b"\x1d(k\x04\x001P0A\x1d(k\x03\x001Q0\x1dVB\0\x1dkI\x04{B12\x1dVB\0", 2),
    (b"\x1b*\x21\x01\0abc\n\x1bi\x1bd\x02X\n\x0c", 2),
    (b"One\n\x1c(L\x02\0C1Two\n", 2),
    (b"\x1bLpage\x1d(k\x04\0001P0A\x1d(k\x03\0001Q0\x0cTwo\n\x1bi", 1),
    (b"\x1bL\x0cTwo\n\x1bi\x1bLx\x1b\x0c\x1bi\x0c\x1bi", 2),
]  # fmt: skip


@pytest.mark.parametrize(("document", "count"), CUTS)
def test_pieces_are_what_comes_out(document: bytes, count: int) -> None:
    pieces = split_raw(document, False)
    assert [piece.counted for piece in pieces] == [True] * count
    assert len(printed(document)) == count
    one_by_one = [printed(piece.payload) for piece in pieces]
    assert [ink for inks in one_by_one for ink in inks] == printed(document)


@pytest.mark.parametrize("name", ["barcode", "bit-image", "character-encodings", "demo"])
def test_documents_of_another_program_are_cut_as_they_print(name: str) -> None:
    document = (CORPUS / f"{name}.bin").read_bytes()
    pieces = split_raw(document, False)
    whole = draw_commands("escpos", document, width_mm=72, height_mm=50)
    assert len(pieces) == len(whole)
    for piece, label in zip(pieces, whole, strict=True):
        (alone,) = draw_commands("escpos", piece.payload, width_mm=72, height_mm=50)
        assert alone.tile == label.tile


def test_each_piece_takes_along_the_settings_before_it_and_no_ink() -> None:
    document = b"\x1b@\x1b!\x30\x1ba\x01One\n\x1dVB\0\x1b!\0Two\n\x1dVB\0\x1b@Three\n\x1dVB\0"
    assert [piece.payload for piece in split_raw(document, False)] == [
        b"\x1b@\x1b!\x30\x1ba\x01One\n\x1dVB\0",
        b"\x1b@\x1b!\x30\x1ba\x01\x1b!\0Two\n\x1dVB\0",
        b"\x1b@\x1b!\x30\x1ba\x01\x1b!\0\x1b@Three\n\x1dVB\0",
    ]


REFUSED = [
    (b"Hi\n\x10\x14\x01\0\x01", "Command DLE at byte 3 acts at once, before what was sent earlier, "
     "and only the gateway may do that; remove it from the document."),
    (b"\x1b=\0", "Command ESC = at byte 0 switches the printer off for what follows; remove it "
     "from the document."),
    (b"\x1d(E\x03\0\x01IN", "Command GS (E at byte 0 changes the printer's configuration; remove "
     "it from the document."),
    (b"\x1da\xff", "Command GS a at byte 0 has the printer report by itself, and only the gateway "
     "may ask it; remove it from the document."),
    (b"\x1d(L\x05\0\x30AABC", "Command GS (L at byte 0 deletes the printer's permanent memory; "
     "remove it from the document."),
    (b"\x1c(L\x02\0\x300", "Command FS (L at byte 0 changes or asks for the paper layout; remove "
     "it from the document."),
    (b"A\x1d~", "Command GS ~ at byte 1 is not one that prints; remove it from the document."),
    (b"A\x01", "Command 01 at byte 1 is not one that prints; remove it from the document."),
    (b"Hi\n\x1dv0\0\x10\0\x10\0abc", "The command at byte 3 is cut off at the end of the document; "
     "send it whole."),
    (b"Hi\x1b", "The command at byte 2 is cut off at the end of the document; send it whole."),
    (b"\x1b@\x1ba\x01", "The document prints nothing: it has no text, code or picture."),
    (b"", "The document prints nothing: it has no text, code or picture."),
    (b"A\n\x1bi" * (MOST_PIECES + 1), f"The document prints more than {MOST_PIECES} pieces; send "
     "it in parts."),
]  # fmt: skip


@pytest.mark.threat("T9")
@pytest.mark.parametrize(("document", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_what_could_do_more_than_print_is_refused(document: bytes, sentence: str) -> None:
    for uncounted in (False, True):
        with pytest.raises(RawRefused) as caught:
            split_raw(document, uncounted)
        assert caught.value.detail == sentence


def test_a_drawer_opens_and_a_buzzer_sounds_only_when_a_raw_document_says_so() -> None:
    with speaking("escpos", 8, 576, 400) as printer:
        (piece,) = split_raw(b"\x1bp\0\x19\xfaPaid\n\x1dVB\0", False)
        printer.feed(piece.payload)
        assert [event.what for event in printer.machine.admin_events()] == ["ESC p 00 19 fa"]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_pieces_or_a_refusal(document: bytes) -> None:
    try:
        pieces = split_raw(document, False)
    except RawRefused:
        return
    whole = b"".join(piece.payload for piece in pieces)
    assert len(printed(whole)) == len(pieces)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [b"A", b"\n", b"\x1bL", b"\x1bS", b"\x0c", b"\x1b\x0c", b"\x18", b"\x1b@", b"\x1bi",
             b"\x1dVB\0", b"\x1c(L\x02\0C0", b"\x1dv0\0\x01\0\x01\0\xff", b"\x1bd\x03",
             b"\x1b*\x21\x01\0abc", b"\x1bJ\x09", b"\x1d\x0c"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_whatever_is_printed_page_by_page_is_counted(parts: list[bytes]) -> None:
    try:
        pieces = split_raw(b"".join(parts), False)
    except RawRefused as refused:
        assert refused.detail.startswith("The document prints nothing")  # noqa: PT017
        assert printed(b"".join(parts)) == []
        return
    alone = [printed(piece.payload) for piece in pieces]
    assert [len(inks) for inks in alone] == [1] * len(pieces)


def test_a_last_line_without_its_end_gets_one() -> None:
    assert [piece.payload for piece in split_raw(b"Hello", False)] == [b"Hello\n"]
