"""What CPCL printers say, whole, cut at every byte, and with noise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.cpcl import AnswerReader, State, Wanted, read_states, troubles

READY = State(busy=False, paper_out=False, latch_open=False, battery_low=False, reset=False)


@pytest.mark.parametrize(
    ("byte", "state", "kinds"),
    [
        (0x00, READY, []),
        (0x01, State(True, False, False, False, False), []),
        (0x02, State(False, True, False, False, False), ["paper_out"]),
        (0x04, State(False, False, True, False, False), ["head_open"]),
        (0x08, State(False, False, False, True, False), ["battery_low"]),
        (0x10, State(False, False, False, False, True), []),
        (0x1F, State(True, True, True, True, True), ["head_open", "paper_out", "battery_low"]),
    ],
)
def test_each_bit_of_the_state_has_its_meaning(byte: int, state: State, kinds: list[str]) -> None:
    (found,) = read_states(bytes([byte]))
    assert found == state
    assert [problem.kind for problem in troubles(found)] == kinds


def test_text_is_no_state() -> None:
    assert read_states(b'"1234"ZQ520\x02') == [State(False, True, False, False, False)]


@pytest.mark.parametrize(
    ("wanted", "said", "answer"),
    [
        ("value", b'"1234"', "1234"),
        ("value", b'\x00noise"?"\r\n', "?"),
        ("value", b'""', ""),
        ("words", b"ZQ520 V85.20 XXZ\0", "ZQ520 V85.20 XXZ"),
        ("words", b" a\x07b\xe9 \0", "a?b?"),
    ],
)
def test_an_answer_is_the_same_however_it_is_cut(wanted: Wanted, said: bytes, answer: str) -> None:
    assert AnswerReader(wanted).feed(said) == answer
    for cut in range(len(said) + 1):
        reader = AnswerReader(wanted)
        heard = [reader.feed(said[:cut]), reader.feed(said[cut:])]
        assert [one for one in heard if one is not None] == [answer]


@given(st.lists(st.binary(max_size=40)), st.sampled_from(["words", "value"]))
def test_whatever_comes_is_at_most_one_answer_of_bounded_length(
    said: list[bytes], wanted: Wanted
) -> None:
    reader = AnswerReader(wanted)
    answers = [one for part in said if (one := reader.feed(part)) is not None]
    assert len(answers) <= 1
    assert all(len(one) <= 256 and one.isprintable() for one in answers)
