"""Documents that are ZPL already: what passes, how many labels they are, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.languages import RawPiece
from gateway.drivers.languages.raw import MOST_PIECES
from gateway.drivers.languages.zpl_raw import split_raw
from gateway.errors import RawRefused
from tests.drivers.languages.judging import MakeJudge

LABEL = b"^XA^FO20,20^A0N,30^FDBox^FS^XZ"


def payloads(document: bytes) -> list[bytes]:
    pieces = split_raw(document, False)
    assert all(piece.counted for piece in pieces)
    return [piece.payload for piece in pieces]


def refusal(document: bytes, *, uncounted: bool = False) -> str:
    with pytest.raises(RawRefused) as caught:
        split_raw(document, uncounted)
    return caught.value.detail


def test_each_format_that_draws_is_a_piece() -> None:
    assert payloads(LABEL + b"\r\n" + LABEL) == [LABEL, LABEL]


def test_a_quantity_becomes_so_many_pieces_of_one() -> None:
    document = b"^XA^PQ3,0,1,Y^FO20,20^A0N,30^FDBox^FS^XZ"
    assert payloads(document) == [b"^XA^FO20,20^A0N,30^FDBox^FS^PQ1^XZ"] * 3


def test_a_quantity_of_one_stays_as_it_was_written() -> None:
    document = b"^XA^FDx^FS^PQ1,0,1,Y^XZ"
    assert payloads(document) == [document]


def test_the_last_quantity_counts() -> None:
    assert len(payloads(b"^XA^PQ9^FDx^FS^PQ2^XZ")) == 2
    assert len(payloads(b"^XA^PQ9^FDx^FS^PQ^XZ")) == 1


def test_settings_ride_with_the_next_label_and_once() -> None:
    settings = b"~SD15^XA^MNW^PR4^XZ"
    assert payloads(settings + LABEL + LABEL) == [settings + LABEL, LABEL]
    assert payloads(LABEL + settings) == [LABEL + settings]


def test_a_stored_format_rides_with_every_label_that_recalls_it() -> None:
    stored = b"^XA^DFR:BOX^FS^FO9,9^A0N,30^FN1^FS^XZ"
    one, two = b"^XA^XFR:BOX^FS^FN1^FDA^FS^XZ", b"^XA^XFBOX.ZPL^FN1^FDB^FS^XZ"
    assert payloads(stored + one + two) == [stored + one, stored + two]


def test_stx_and_etx_begin_and_end_a_format() -> None:
    assert payloads(b"\x02^FDx^FS\x03\x02^FDy^FS^PQ2\x03") == [
        b"\x02^FDx^FS\x03", b"\x02^FDy^FS^PQ1\x03", b"\x02^FDy^FS^PQ1\x03",
    ]  # fmt: skip


def test_commands_in_lower_case_are_the_same_commands() -> None:
    assert len(payloads(b"^xa^fdx^fs^pq2^xz")) == 2
    assert "^JU" in refusal(b"^xa^jus^xz")


def test_what_drivers_write_before_a_label_passes_when_it_changes_nothing() -> None:
    preamble = (
        b"CT~~CD,~CC^~CT~\n^XA~TA000~JSN^LT0^MNW^MTT^PON^PMN^LH0,0^JMA^PR5,5~SD15^LRN^CI0^XZ\n"
    )
    (piece,) = payloads(preamble + LABEL)
    assert piece.endswith(LABEL)
    assert b"~JSN" in piece


def test_binary_pictures_may_hold_any_byte() -> None:
    document = b"^XA^FO0,0^GFB,6,6,1,^XZ~JA^FS^XZ"
    assert payloads(document) == [document]


def test_a_binary_picture_that_is_cut_off_is_refused() -> None:
    assert refusal(b"^XA^GFB,60,60,1,abc^FS^XZ") == (
        "The binary picture ^GF at byte 3 does not say how long it is, or is cut off; send it "
        "whole, or as hexadecimal (^GFA)."
    )


DANGEROUS = """
    ~JR ~JA ~JX ~JC ~JP ~DYR:A,B,G,1,1,x ~DGR:A.GRF,1,1,00 ~DN ~DBR:F ~DT ~WC ~WQES ~HS ~HI ~HQES
    ~PP ~PS ~KB ~NC ~NT ~RO1 ~EG ~PH ^DFE:BOX.ZPL^FS ^DFB:BOX^FS ^DFR:GWABC.ZPL ^DFGFABC ^IDR:*.*
    ^JUS ^JUF ^JBE ^JZY ^JJ0 ^JT ^JS ^KPx ^KNx ^KL1 ^NSa ^NI1 ^ND1 ^WDE:*.* ^WPx ^WT ^SZ2 ^ST01
    ^SXO ^SP1 ^SS ^SR1 ^SL ^SO1 ^MUM ^MCN ^HH ^HVx ^HWR:*.* ^HG ^HZa ^ISR:A ^TOR:A,B ^CMB,E ^RF
    ^RS8 ^PH ^PP ^FL ^EG ^ZZ ^CC! ^CT! ^CD; ~CC! ~CT! ~CD;
"""


@pytest.mark.threat("T9")
@pytest.mark.parametrize("command", DANGEROUS.split())
@pytest.mark.parametrize("uncounted", [False, True])
def test_what_is_not_for_printing_is_refused_by_name(command: str, uncounted: bool) -> None:
    detail = refusal(b"^XA^FDx^FS" + command.encode() + b"^XZ", uncounted=uncounted)
    assert detail.startswith(f"Command {command[:3]} at byte 10 ")
    assert "; " in detail
    assert refusal(command.encode() + LABEL, uncounted=uncounted).startswith(
        f"Command {command[:3]} at byte 0 "
    )


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    ("document", "place"),
    [
        (b'! U1 setvar "device.reset" ""\r\n' + LABEL, 0),
        (LABEL + b'\r\n! U1 do "device.reset" ""\r\n', 32),
        (LABEL + b"\r\n!  utilities\r\n" + LABEL, 32),
    ],
)
def test_setting_commands_outside_labels_are_refused(document: bytes, place: int) -> None:
    assert refusal(document) == (
        f"The document holds a printer setting command (! U) at byte {place}; remove it from the "
        "document."
    )


def test_the_words_of_a_setting_command_may_be_printed() -> None:
    assert len(payloads(b"^XA^FDHurry! U1 is late^FS^XZ")) == 1


@pytest.mark.threat("T9")
def test_a_command_broken_by_a_line_end_is_refused() -> None:
    assert refusal(b"^XA^J\r\nUS^FDx^FS^XZ") == (
        "Command ^J\\r at byte 3 changes the printer's configuration; remove it from the document."
    )


@pytest.mark.threat("T9")
def test_a_command_after_a_doubled_sign_is_seen() -> None:
    assert refusal(b"^XA^FDx^FS~~JA^XZ").startswith("Command ~JA at byte 11 ")
    assert refusal(b"^XA^FDx^FS^~JR^XZ").startswith("Command ~JR at byte 11 ")


@pytest.mark.parametrize(
    ("document", "beginning"),
    [
        (b"^XA^FO1,1^FS^XZ", "The format at byte 0 places a field and draws nothing"),
        (b"^XA^FDx^FS^PQ4,0,2^XZ", "The ^PQ at byte 10 asks for replicates"),
        (b"^XA^FDx^FS^PQ4,2^XZ", "The ^PQ at byte 10 pauses or cuts between labels"),
        (b"^XA^SN001,1,Y^FS^PQ4^XZ", "The ^SN at byte 3 has the printer count by itself"),
        (b"^XA^XFE:BOX.ZPL^FS^XZ",
         "The format at byte 0 recalls E:BOX.ZPL, which the document does not define"),
        (b"^XA^DFR:B^FS^PQ3^FDx^FS^XZ^XA^XFR:B^XZ", "The stored format at byte 0 holds ^PQ"),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_refused_unless_it_may_stay_uncounted(
    document: bytes, beginning: str
) -> None:
    assert refusal(document) == (
        f"{beginning}, so the labels cannot be counted; change that, or send the document with "
        "uncounted: true and check the paper yourself."
    )
    assert split_raw(document, True) == (RawPiece(document, counted=False),)


def test_what_can_be_counted_is_counted_even_when_it_need_not() -> None:
    assert split_raw(LABEL, True) == (RawPiece(LABEL, counted=True),)


@pytest.mark.parametrize(
    ("document", "detail"),
    [
        (b"", "The document prints nothing: it has no format (^XA to ^XZ) with a field that "
         "draws."),
        (b"hello", "The document prints nothing: it has no format (^XA to ^XZ) with a field that "
         "draws."),
        (b"^XA^MNW^XZ", "The document prints nothing: it has no format (^XA to ^XZ) with a field "
         "that draws."),
        (b"^XA^FDx^FS", "The format that begins at byte 0 is not ended; add ^XZ."),
        (b"^XA^FDx^XA^FDy^XZ", "The ^XA at byte 7 begins a format inside the one that begins at "
         "byte 0; end each label with ^XZ."),
        (LABEL + b"^XZ", "The ^XZ at byte 30 ends a format that was never begun; begin each label "
         "with ^XA."),
        (b"^XA^FDx^FS^PQ0^XZ", "The quantity '0' of the ^PQ at byte 10 is not a number from 1; say "
         "how many labels are wanted."),
        (b"^XA^FDx^FS^PQ-5^XZ", "The quantity '-5' of the ^PQ at byte 10 is not a number from 1; "
         "say how many labels are wanted."),
        (b"^XA^FDx^FS^PQ99999999^XZ", "The document prints more than 10000 labels; send it in "
         "parts."),
        (LABEL * (MOST_PIECES + 1), "The document prints more than 10000 labels; send it in "
         "parts."),
    ],
)  # fmt: skip
def test_a_document_that_is_no_set_of_labels_is_refused(document: bytes, detail: str) -> None:
    assert refusal(document) == detail
    assert refusal(document, uncounted=True) == detail


@pytest.mark.threat("T17")
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=8),
            st.sampled_from(
                [b"^XA", b"^XZ", b"^FDx^FS", b"^PQ2", b"^GFB,2,2,1,", b"~JA", b"^DFR:A", b"^XFA"]
            ),
        ),
        max_size=12,
    ).map(b"".join)
)
def test_any_bytes_are_cut_into_pieces_or_refused(document: bytes) -> None:
    for uncounted in (False, True):
        try:
            pieces = split_raw(document, uncounted)
        except RawRefused as refused:
            said = refused.detail
        else:
            said = f"{len(pieces)} pieces."
        assert said[-1] == "."
        assert said != "0 pieces."


@pytest.mark.parametrize(
    "document",
    [
        LABEL * 3,
        b"^XA^PQ3,0,1,Y^FO20,20^A0N,30^FDBox^FS^XZ",
        b"^XA^MNW^XZ" + LABEL + b"^XA^PW400^XZ",
        b"^XA^DFR:BOX^FS^FO9,9^A0N,30^FN1^FS^XZ^XA^XFR:BOX^FS^FN1^FDA^FS^PQ2^XZ",
        b"^XA^FO0,0^GFB,6,6,1,^XZ~JA^FS^XZ",
        b"\x02^FO9,9^FDx^FS\x03",
    ],
)
def test_a_printer_prints_as_many_labels_as_were_counted_and_the_same_ones(
    new_judge: MakeJudge, document: bytes
) -> None:
    one, other = new_judge(), new_judge()
    one.feed(document)
    pieces = split_raw(document, False)
    for number, piece in enumerate(pieces, 1):
        other.feed(piece.payload)
        assert other.machine.paper.count == number
    assert [piece.tile for piece in other.pieces()] == [piece.tile for piece in one.pieces()]
    assert len(pieces) == one.machine.paper.count
