"""A TSPL printer's answers: whole, cut at every byte, in a heap, and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.tspl import (
    MOST_WAITING,
    Answer,
    Files,
    Noise,
    Said,
    Status,
    StatusReader,
    read_short,
    troubles,
)
from gateway.drivers.virtual.machine import MachineState
from gateway.drivers.virtual.tspl.answers import long_status, short_status

HEAP = (
    b"\x02@@@@\x03\r\n"
    b"GWL12[\r\n340\r\n]\r\n"
    b"\x02P@@A\x03\r\n"
    b"GWS7[]\r\n"
    b"LOGO.BMP\rGW12AB34.TXT\r\x1a"
    b"GWM[TE210]"
)
READ: list[Answer] = [
    Status(False, False, ()),
    Said("GWL12", "340"),
    Status(True, False, ("paper_out",)),
    Said("GWS7", ""),
    Files(("LOGO.BMP", "GW12AB34.TXT")),
    Said("GWM", "TE210"),
]


def test_a_heap_of_answers_is_read_in_order() -> None:
    assert StatusReader().feed(HEAP) == READ


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_answers_are_read_however_they_are_cut(size: int) -> None:
    reader = StatusReader()
    answers = [one for at in range(0, len(HEAP), size) for one in reader.feed(HEAP[at : at + size])]
    assert answers == READ


def test_a_status_in_the_middle_of_what_is_being_said_cuts_nothing() -> None:
    said = b"GWL12[\r\n34\x02P@@@\x03\r\n0\r\n]"
    for cut in range(len(said)):
        reader = StatusReader()
        answers = reader.feed(said[:cut]) + reader.feed(said[cut:])
        assert answers == [Status(True, False, ()), Said("GWL12", "340")]


# Bits of the table under <ESC>!S, TSPL/TSPL2 Programming Manual.
LETTERS = [
    (b"@@@@", Status(False, False, ())),
    (b"`@@@", Status(False, True, ("paused",))),
    (b"B@@@", Status(True, False, ())),
    (b"C@@@", Status(True, False, ())),
    (b"E@@@", Status(False, True, ("printer_error",))),
    (b"F@@@", Status(True, False, ())),
    (b"K@@@", Status(False, True, ("paused",))),
    (b"L@@@", Status(False, True, ("label_waiting",))),
    (b"P@@@", Status(True, False, ())),
    (b"W@@@", Status(True, False, ())),
    (b"@AAA", Status(False, False, ("paper_out", "head_too_hot", "paper_near_end"))),
    (b"E@B`", Status(False, True, ("head_open", "motor_too_hot"))),
    (b"E@HB", Status(False, True, ("paper_jam", "cutter_fault"))),
    (b"E@PD", Status(False, True, ("ribbon_out", "memory_full"))),
    (b"E@@H", Status(False, True, ("ribbon_jam",))),
]


@pytest.mark.parametrize(("letters", "status"), LETTERS)
def test_each_letter_means_what_the_manual_says(letters: bytes, status: Status) -> None:
    assert StatusReader().feed(b"\x02" + letters + b"\x03\r\n") == [status]
    assert status.rests == (letters == b"@@@@")


@pytest.mark.parametrize(
    ("answer", "kinds"),
    [
        (0x00, ()), (0x01, ("head_open",)), (0x02, ("paper_jam",)), (0x04, ("paper_out",)),
        (0x08, ("ribbon_out",)), (0x0D, ("head_open", "paper_out", "ribbon_out")),
        (0x10, ("paused",)), (0x20, ()), (0x80, ("printer_error",)),
    ],
)  # fmt: skip
def test_the_short_status_means_what_the_manual_says(answer: int, kinds: tuple[str, ...]) -> None:
    status = read_short(answer)
    assert status.kinds == kinds
    assert status.busy == (answer == 0x20)
    assert status.rests == (answer == 0)


def state(**flags: bool | int) -> MachineState:
    usual = {
        "powered": True, "paused": False, "paper_out": False, "ribbon_out": False,
        "head_open": False, "formats_waiting": 0, "labels_remaining": 0, "odometer": 0,
        "buffer_full": False, "label_length": 400,
    }  # fmt: skip
    return MachineState(**{**usual, **flags})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "busy", "kinds"),
    [
        ({}, False, ()),
        ({"labels_remaining": 1}, True, ()),
        ({"paused": True}, False, ("paused",)),
        ({"paper_out": True}, False, ("paper_out",)),
        ({"head_open": True, "ribbon_out": True}, False, ("head_open", "ribbon_out")),
    ],
)
def test_the_virtual_printer_says_it_in_the_same_letters(
    flags: dict[str, bool], busy: bool, kinds: tuple[str, ...]
) -> None:
    (long,) = StatusReader().feed(long_status(state(**flags)))
    assert isinstance(long, Status)
    short = read_short(short_status(state(**flags))[0])
    assert (long.busy, set(long.kinds)) == (busy, set(kinds))
    assert (short.busy, set(short.kinds)) == (busy, set(kinds))


def test_every_kind_of_trouble_has_its_words() -> None:
    worst = StatusReader().feed(b"\x02`\x7f\x7f\x7f\x03\r\n")[0]
    assert isinstance(worst, Status)
    assert all(problem in PROBLEMS.values() for problem in troubles(worst))
    assert len(troubles(worst)) == 13


def test_what_nobody_asked_for_is_noise() -> None:
    reader = StatusReader()
    assert reader.feed(b"\x02bogus!") == [Noise("?")]
    assert reader.feed(b"]") == [Noise("bogus!]")]
    assert reader.feed(b"hello GWX1[<\xff>]") == [Said("GWX1", "<?>")]


@given(st.binary(max_size=300))
def test_nothing_a_device_sends_is_an_error_and_an_answer_behind_it_is_read(junk: bytes) -> None:
    reader = StatusReader()
    reader.feed(junk)
    answers = reader.feed(b"\x03]\x1a\r\n" + b"]" * 8 + b"GWL1[5]")
    assert answers[-1] == Said("GWL1", "5")


def test_a_device_that_never_ends_is_not_kept_in_memory() -> None:
    reader = StatusReader()
    answers = [one for _ in range(3) for one in reader.feed(b"x" * MOST_WAITING)]
    assert [type(one) for one in answers] == [Noise] * 3
