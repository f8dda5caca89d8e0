"""A DPL printer's answers: whole, cut at every byte, in a heap, and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.dpl import (
    MOST_IN_LINE,
    Answer,
    BatchEnded,
    Causes,
    Flags,
    LabelPrinted,
    Noise,
    StatusReader,
    Version,
    troubles,
)

IDLE = Flags(*[False] * 8)
ALL = (
    b"NNNNNNNN\rNYNYNNNN:NYNYNNNN:YNNNNNNN\r\x1e\x1fVER: I4212 - 08.03 05/21/2009\r\x07"
    b"YNNYYNNN\r\n0004\r"
)
ANSWERS: list[Answer] = [
    IDLE,
    Causes(False, True, False, True, False, False),
    LabelPrinted(),
    BatchEnded(),
    Version("I4212 - 08.03 05/21/2009"),
    Flags(True, False, False, True, True, False, False, False),
    Noise("0004"),
]


@pytest.mark.parametrize(("place", "name"), list(enumerate(Flags.__dataclass_fields__)))
def test_each_flag_stands_in_its_own_place(place: int, name: str) -> None:
    (answer,) = StatusReader().feed(b"N" * place + b"Y" + b"N" * (7 - place) + b"\r")
    raised = {field for field in Flags.__dataclass_fields__ if getattr(answer, field)}
    assert raised == {name}


@pytest.mark.parametrize(("place", "name"), list(enumerate(Causes.__dataclass_fields__)))
def test_each_cause_stands_in_its_own_place(place: int, name: str) -> None:
    second = "N" * place + "Y" + "N" * (7 - place)
    (answer,) = StatusReader().feed(f"NNNNNNNN:{second}:NNNNNNNN\r".encode())
    raised = {field for field in Causes.__dataclass_fields__ if getattr(answer, field)}
    assert raised == {name}


def test_a_stream_cut_at_every_byte_gives_the_same_answers() -> None:
    assert StatusReader().feed(ALL) == ANSWERS
    for cut in range(len(ALL) + 1):
        reader = StatusReader()
        assert reader.feed(ALL[:cut]) + reader.feed(ALL[cut:]) == ANSWERS


def test_a_stream_fed_byte_by_byte_gives_the_same_answers() -> None:
    reader = StatusReader()
    assert [answer for octet in ALL for answer in reader.feed(bytes([octet]))] == ANSWERS


def test_a_report_in_the_middle_of_an_answer_disturbs_neither() -> None:
    assert StatusReader().feed(b"NNNN\x1eNNNN\r") == [LabelPrinted(), IDLE]


def test_a_line_without_end_becomes_noise() -> None:
    (noise,) = StatusReader().feed(b"a" * (MOST_IN_LINE + 1))
    assert noise == Noise("a" * 100)


@given(st.lists(st.binary(max_size=60)))
def test_noise_of_any_kind_is_survived_and_the_next_answer_is_read(chunks: list[bytes]) -> None:
    reader = StatusReader()
    for chunk in chunks:
        reader.feed(chunk)
    assert reader.feed(b"\rNNNNNNNN\r")[-1] == IDLE


@pytest.mark.parametrize(
    ("flags", "causes", "kinds"),
    [
        (IDLE, None, []),
        (Flags(False, True, *[False] * 6), None, ["paper_fault"]),
        (Flags(False, True, *[False] * 6), Causes(*[False] * 6), ["paper_fault"]),
        (
            Flags(*[True] * 8),
            Causes(*[True] * 6),
            ["head_open", "paper_out", "cutter_fault", "mark_not_found", "ribbon_out",
             "rewinder_fault", "paused", "label_waiting", "ribbon_low"],
        ),
    ],
)  # fmt: skip
def test_troubles_are_told_by_their_cause_where_the_printer_knows_it(
    flags: Flags, causes: Causes | None, kinds: list[str]
) -> None:
    found = troubles(flags, causes)
    assert [problem.kind for problem in found] == kinds
    assert all(problem.sentence and problem.cure for problem in found)


def test_nothing_is_empty_while_anything_is_drawn_or_printed() -> None:
    for name in ("interpreter_busy", "printing_batch", "busy_printing"):
        busy = Flags(**{field: field == name for field in Flags.__dataclass_fields__})
        assert not busy.empty
    assert IDLE.empty
    assert Flags(False, True, True, False, False, True, True, True).empty
