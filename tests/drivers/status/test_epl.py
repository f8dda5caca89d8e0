"""An EPL2 printer's answers: whole, cut at every byte, in a heap, and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.epl import (
    MOST_IN_LINE,
    Answer,
    Configuration,
    Noise,
    Printed,
    Refusal,
    Report,
    StatusReader,
    troubles,
)
from gateway.drivers.status.problems import PROBLEMS

# As an LP 2844 answers UQ.
SETTINGS = (
    b"UKQ1935HLU     V4.29\r\nS/N: 42A000000000\r\nSerial port:96,N,8,1\r\n"
    b"Image buffer size:0245K\r\nFmem:000.0K,060.9K avl\r\nGmem:000K,0037K avl\r\n"
    b"I8,A,001 rY JF WY\r\nS4 D08 R112,000 ZB US\r\nq600 Q208,25\r\nOption:D,Ff\r\n06 10 14\r\n"
)
HEAP = b"\x06" + SETTINGS + b"\x0600\r\n\x1507P003L00120\r\n11,07\r\n\x1511\x1350\r\n\x11\x06"
READ: list[Answer] = [
    Printed(), Configuration("UKQ1935HLU", "V4.29", "42A000000000", True), Printed(),
    Report((0,)), Refusal(7), Report((11, 7)), Refusal(11), Report((50,)), Printed(),
]  # fmt: skip


def test_a_heap_of_answers_is_read_in_order() -> None:
    assert StatusReader().feed(HEAP) == READ


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_answers_are_read_however_they_are_cut(size: int) -> None:
    reader = StatusReader()
    answers = [one for at in range(0, len(HEAP), size) for one in reader.feed(HEAP[at : at + size])]
    assert answers == READ


@pytest.mark.parametrize(("letter", "acknowledges"), [(b"N", False), (b"S", True), (b"T", False)])
def test_the_settings_say_whether_labels_are_acknowledged(
    letter: bytes, acknowledges: bool
) -> None:
    said = b"TLP2844 V4.45\r\nS4 D08 R112,000 ZT U" + letter + b"\r\n"
    assert StatusReader().feed(said) == [Configuration("TLP2844", "V4.45", "", acknowledges)]


@pytest.mark.parametrize(
    ("code", "kind", "stops"),
    [
        (1, "not_understood", False), (4, "memory_full", True), (7, "paper_out", True),
        (11, "head_open", True), (12, "paused", True), (13, "head_too_hot", True),
        (14, "motor_too_hot", True), (16, "battery_low", False), (81, "cutter_fault", True),
        (82, "mark_not_found", True), (84, "paper_feed", True), (93, "not_understood", False),
    ],
)  # fmt: skip
def test_each_code_means_what_the_guide_says(code: int, kind: str, stops: bool) -> None:
    (problem,) = troubles((code,))
    assert problem is PROBLEMS[kind]
    assert problem.stops is stops


def test_nothing_wrong_and_being_at_work_are_no_trouble() -> None:
    assert troubles((0,)) == ()
    assert troubles((50,)) == ()


def test_what_nobody_asked_for_is_noise() -> None:
    assert StatusReader().feed(b"\x15xy\r\nhello\r\n") == [Noise("?"), Noise("xy"), Noise("hello")]


@given(st.binary(max_size=300))
def test_nothing_a_device_sends_is_an_error_and_an_answer_behind_it_is_read(junk: bytes) -> None:
    reader = StatusReader()
    reader.feed(junk)
    assert reader.feed(b"\r\n\r\n11\r\n")[-1:] == [Report((11,))]


def test_a_device_that_never_ends_is_not_kept_in_memory() -> None:
    reader = StatusReader()
    answers = [one for _ in range(3) for one in reader.feed(b"x" * MOST_IN_LINE)]
    assert [type(one) for one in answers] == [Noise] * 3
