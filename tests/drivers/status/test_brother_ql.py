"""A Brother QL printer's 32 bytes: whole, cut at every byte, in a heap, and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.brother_ql import Status, StatusReader, troubles


def octets(**at: int) -> bytes:
    """An answer of a QL-820NWB with 62 × 100 mm labels; ``b9=0x10`` sets byte 9."""
    plain = bytearray.fromhex("8020423441300000 00003e0b00003f00 0064000000000000 0000000000000000")
    for name, value in at.items():
        plain[int(name[1:])] = value
    return bytes(plain)


READ = Status("QL-820NWB", (), 62, "die_cut", 100, "reply", False)
COMPLETED, PRINTING = octets(b18=1), octets(b18=6, b19=1)
OPEN = octets(b9=0x10, b18=2)
COOLING = octets(b18=5, b22=3)
ALL = octets() + b"noise\x80 " + PRINTING + COMPLETED + OPEN + COOLING
ANSWERS = ["reply", "phase", "completed", "error", "notification"]


def test_every_field_is_read() -> None:
    assert StatusReader().feed(octets()) == [READ]
    (roll,) = StatusReader().feed(octets(b4=0x44, b11=0x4A, b17=0))
    assert (roll.model, roll.media, roll.media_length) == ("QL-1110NWB", "continuous", 0)
    (strange,) = StatusReader().feed(octets(b4=0x7A, b11=0x11))
    assert (strange.model, strange.media) == ("QL, code 7A30h", "other")
    (empty,) = StatusReader().feed(octets(b11=0))
    assert empty.media == "none"


@pytest.mark.parametrize(
    ("octet", "bit", "kind", "stops"),
    [
        (8, 0x01, "paper_out", True),
        (8, 0x02, "paper_out", True),
        (8, 0x04, "cutter_fault", True),
        (8, 0x08, "battery_low", False),
        (8, 0x10, "in_use", True),
        (8, 0x80, "fan_fault", True),
        (9, 0x01, "wrong_roll", True),
        (9, 0x02, "buffer_full", True),
        (9, 0x04, "communication", True),
        (9, 0x10, "head_open", True),
        (9, 0x20, "cancelled", True),
        (9, 0x40, "paper_feed", True),
        (9, 0x80, "system_error", True),
    ],
)
def test_each_bit_is_a_trouble_with_a_sentence_and_a_cure(
    octet: int, bit: int, kind: str, stops: bool
) -> None:
    (status,) = StatusReader().feed(octets(**{f"b{octet}": bit}))
    (problem,) = troubles(status)
    assert (problem.kind, problem.stops) == (kind, stops)
    assert problem.sentence.endswith(".")
    assert problem.cure.endswith(".")


def test_cooling_begins_and_ends() -> None:
    reader = StatusReader()
    begun, ended = reader.feed(COOLING + octets(b18=5, b22=4))
    assert [problem.kind for problem in troubles(begun)] == ["head_too_hot"]
    assert troubles(ended) == ()
    assert (begun.cooling, ended.cooling) == (True, False)


def test_a_stream_cut_at_every_byte_gives_the_same_answers() -> None:
    whole = StatusReader().feed(ALL)
    assert [status.kind for status in whole] == ANSWERS
    for cut in range(len(ALL) + 1):
        reader = StatusReader()
        assert reader.feed(ALL[:cut]) + reader.feed(ALL[cut:]) == whole


def test_a_stream_fed_byte_by_byte_gives_the_same_answers() -> None:
    reader = StatusReader()
    fed = [status for octet in ALL for status in reader.feed(bytes([octet]))]
    assert fed == StatusReader().feed(ALL)


@given(st.lists(st.binary(max_size=60)))
def test_noise_of_any_kind_is_survived_and_the_next_answer_is_read(chunks: list[bytes]) -> None:
    reader = StatusReader()
    for chunk in chunks:
        reader.feed(chunk)
    reader.feed(bytes(32))  # whatever was half begun is over
    assert reader.feed(octets())[-1:] == [READ]
