"""A ZPL printer's answers: whole, cut at every byte, in a heap, and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.zpl import (
    MOST_IN_FRAME,
    MOST_IN_LINE,
    Answer,
    HostErrors,
    HostIdentity,
    HostStatus,
    Listing,
    Noise,
    SerialNumber,
    StatusReader,
    Variable,
    troubles,
)

# ~HS as the ZPL II guide shows it, with other values in each place.
STATUS = (
    b"\x02030,0,0,0400,003,0,0,1,000,0,0,0\x03\r\n"
    b"\x02001,0,0,0,1,2,6,0,00000017,1,002\x03\r\n"
    b"\x021234,0\x03\r\n"
)
READ = HostStatus(
    communication=30,
    paper_out=False,
    paused=False,
    label_length=400,
    formats_in_buffer=3,
    buffer_full=False,
    diagnostics=False,
    partial_format=True,
    corrupt_ram=False,
    under_temperature=False,
    over_temperature=False,
    functions=1,
    head_open=False,
    ribbon_out=False,
    thermal_transfer=True,
    print_mode="2",
    width_mode="6",
    label_waiting=False,
    labels_remaining=17,
    format_while_printing=True,
    stored_graphics=2,
    static_ram=False,
)
ERRORS = (
    b"\x02\r\n  PRINTER STATUS                           \r\n"
    b"   ERRORS:         1 00000000 00010005 \r\n"
    b"   WARNINGS:       1 00000000 00000002 \r\n\x03"
)
# A real printer's answer to ^HWR:*.*
LISTING = (
    b"\x02\r\n- DIR R:*.* \r\n* R:LBL.ZPL       214          \r\n"
    b"* R:GWABCDEF.GRF     49924          \r\n\r\n-   7467008 bytes free R: RAM \r\n\x03"
)
ALL = STATUS + b'"4711"' + ERRORS + b"\x02ZT410-203dpi,V75.20.14Z,8,16384KB\x03\r\n" + LISTING
ANSWERS: list[Answer] = [
    READ,
    Variable("4711"),
    HostErrors(("paper_out", "head_open", "paused"), ("clean_head",)),
    HostIdentity("ZT410-203dpi", "V75.20.14Z", 8, 16384, ""),
    Listing("R:", ("R:LBL.ZPL", "R:GWABCDEF.GRF"), 7467008),
]


def test_every_field_of_the_three_status_lines_is_read() -> None:
    assert StatusReader().feed(STATUS) == [READ]


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("030,1,0,0400,003,0,0,1,000,0,0,0", "paper_out"),
        ("030,0,1,0400,003,0,0,1,000,0,0,0", "paused"),
        ("030,0,0,0400,003,1,0,1,000,0,0,0", "buffer_full"),
        ("030,0,0,0400,003,0,1,1,000,0,0,0", "diagnostics"),
        ("030,0,0,0400,003,0,0,1,000,1,0,0", "corrupt_ram"),
        ("030,0,0,0400,003,0,0,1,000,0,1,0", "under_temperature"),
        ("030,0,0,0400,003,0,0,1,000,0,0,1", "over_temperature"),
        ("001,0,1,0,1,2,6,0,00000017,1,002", "head_open"),
        ("001,0,0,1,1,2,6,0,00000017,1,002", "ribbon_out"),
        ("001,0,0,0,1,2,6,1,00000017,1,002", "label_waiting"),
    ],
)
def test_each_flag_stands_in_its_own_place(place: str, name: str) -> None:
    first, second, third = STATUS.split(b"\r\n")[:3]
    lines = [first, second, third]
    lines[place.count(",") != 11] = b"\x02" + place.encode() + b"\x03"
    (answer,) = StatusReader().feed(b"\r\n".join(lines))
    changed = {
        field: getattr(answer, field)
        for field in HostStatus.__dataclass_fields__
        if getattr(answer, field) != getattr(READ, field)
    }
    assert changed == {name: True}


def test_a_stream_cut_at_every_byte_gives_the_same_answers() -> None:
    assert StatusReader().feed(ALL) == ANSWERS
    for cut in range(len(ALL) + 1):
        reader = StatusReader()
        assert reader.feed(ALL[:cut]) + reader.feed(ALL[cut:]) == ANSWERS


def test_a_stream_fed_byte_by_byte_gives_the_same_answers() -> None:
    reader = StatusReader()
    assert [answer for byte in ALL for answer in reader.feed(bytes([byte]))] == ANSWERS


def test_nothing_is_said_before_an_answer_is_whole() -> None:
    reader = StatusReader()
    assert reader.feed(STATUS[:-3]) == []
    assert reader.feed(b"\x03") == [READ]


def test_errors_without_a_frame_are_read_too() -> None:
    lines = ERRORS[1:-1]
    assert StatusReader().feed(lines) == [
        HostErrors(("paper_out", "head_open", "paused"), ("clean_head",))
    ]


def test_a_frame_that_never_ended_does_not_swallow_the_next() -> None:
    assert StatusReader().feed(b"\x02030,0,0" + STATUS) == [Noise("?030,0,0"), READ]


def test_a_value_that_never_ended_does_not_swallow_a_frame() -> None:
    assert StatusReader().feed(b'"47' + STATUS) == [Noise('"47'), READ]


def test_a_serial_number_is_read() -> None:
    frame = b"\x02\r\n  SERIAL NUMBER                            \r\n   41A06440023     \r\n\x03"
    assert StatusReader().feed(frame) == [SerialNumber("41A06440023")]


def test_an_unknown_variable_answers_with_a_question_mark() -> None:
    assert StatusReader().feed(b'"?"') == [Variable("?")]


@pytest.mark.threat("T6")
def test_hostile_words_of_a_device_are_cleaned_and_cut() -> None:
    hostile = b"\x02ZD\x1b[2J<b>\xff" + b"x" * 190 + b",V1\x00\r\n,8,1KB,\x07\x03"
    (answer,) = StatusReader().feed(hostile)
    assert answer == HostIdentity("ZD?[2J<b>?" + "x" * 190, "V1", 8, 1, "?")


@pytest.mark.threat("T6")
def test_an_endless_frame_becomes_noise_and_is_forgotten() -> None:
    reader = StatusReader()
    answers = reader.feed(b"\x02" + b"y" * MOST_IN_FRAME)
    assert answers == [Noise("?" + "y" * 255)]
    assert reader.feed(b"\n" + STATUS) == [Noise("y"), READ]


@pytest.mark.threat("T6")
def test_an_endless_value_becomes_noise_and_is_forgotten() -> None:
    reader = StatusReader()
    assert reader.feed(b'"' + b"z" * MOST_IN_LINE) == [Noise('"' + "z" * 255)]
    assert reader.feed(b"\r\n" + STATUS) == [Noise("z"), READ]


@pytest.mark.threat("T6")
@given(
    st.lists(st.one_of(st.binary(max_size=40), st.sampled_from([STATUS, ERRORS, LISTING, b'"'])))
)
def test_whatever_a_device_sends_answers_do_not_depend_on_the_cuts(parts: list[bytes]) -> None:
    whole = StatusReader().feed(b"".join(parts))
    reader = StatusReader()
    assert [answer for part in parts for answer in reader.feed(part)] == whole


def test_troubles_are_named_with_their_cure() -> None:
    (status,) = StatusReader().feed(
        STATUS.replace(b"030,0,0", b"030,1,1").replace(b"001,0,0", b"001,0,1")
    )
    assert isinstance(status, HostStatus)
    assert [(p.kind, p.sentence, p.cure) for p in troubles(status)] == [
        ("head_open", "The lid is open.", "Close the lid until it clicks."),
        ("paper_out", "Paper is out.", "Load labels, close the lid, press Feed."),
        ("paused", "The printer is paused.", "Press Pause on the printer."),
    ]
    assert troubles(READ) == ()


def test_every_bit_of_the_error_line_has_words() -> None:
    reader = StatusReader()
    (answer,) = reader.feed(
        ERRORS.replace(b"00010005", b"FFFFFFFF").replace(b"00000002", b"FFFFFFFF")
    )
    assert isinstance(answer, HostErrors)
    assert len(answer.errors) == 18
    assert len(answer.warnings) == 4
    assert len(troubles(answer)) == 22
    for problem in PROBLEMS.values():
        assert problem.sentence.endswith(".")
        assert problem.cure.endswith(".")
