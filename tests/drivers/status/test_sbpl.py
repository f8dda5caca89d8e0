"""What SATO's printers say, whole, cut at every byte, and with noise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.drivers.status.sbpl import Acknowledged, Status, StatusReader, troubles


@pytest.mark.parametrize(
    ("said", "answers"),
    [
        (b"\x02  A000000\x03", [Status("", "A", 0, None)]),
        (b"\x0207G000012\x03", [Status("07", "G", 12, None)]),
        (b"\x0207c000001SATO            \x03", [Status("07", "c", 1, "SATO")]),
        (b"\0\0\0\x1c\x05\x0207G000001" + b"GW01".ljust(16, b"\0") + b"\x03",
         [Status("07", "G", 1, "GW01")]),
        (b"\x06\x15", [Acknowledged(True), Acknowledged(False)]),
        (b"\0\0\0\x01\x06\0\0\0\x0b\x02  A000000\x03",
         [Acknowledged(True), Status("", "A", 0, None)]),
        (b"noise\x02half\x0207A      \x03", [Status("07", "A", 0, None)]),
        (b"\x02" + b"x" * 99 + b"\x03\x02  A000000\x03", [Status("", "A", 0, None)]),
    ],
)  # fmt: skip
def test_an_answer_is_the_same_however_it_is_cut(said: bytes, answers: list[object]) -> None:
    assert StatusReader().feed(said) == answers
    for cut in range(len(said) + 1):
        reader = StatusReader()
        assert reader.feed(said[:cut]) + reader.feed(said[cut:]) == answers
    reader = StatusReader()
    assert [one for byte in said for one in reader.feed(bytes([byte]))] == answers


@pytest.mark.parametrize(
    ("letter", "doing", "kinds"),
    [
        ("0", "offline", ["paused"]), ("1", "offline", ["paused", "ribbon_near_end"]),
        ("4", "offline", ["paused"]), ("A", "waiting", []), ("B", "waiting", ["ribbon_near_end"]),
        ("C", "waiting", []), ("D", "waiting", ["ribbon_near_end"]), ("E", "waiting", ["paused"]),
        ("F", "waiting", ["battery_low"]), ("G", "printing", []), ("K", "printing", ["paused"]),
        ("M", "dispensing", ["label_waiting"]), ("S", "editing", []),
        ("a", "error", ["memory_full"]), ("b", "error", ["head_open"]),
        ("c", "error", ["paper_out"]), ("d", "error", ["ribbon_out"]),
        ("e", "error", ["mark_not_found"]), ("h", "error", ["head_open"]),
        ("j", "error", ["cutter_fault"]), ("k", "error", ["printer_error"]),
    ],
)  # fmt: skip
def test_each_letter_has_its_meaning(letter: str, doing: str, kinds: list[str]) -> None:
    status = Status("", letter, 0, None)
    assert (status.doing, [problem.kind for problem in troubles(status)]) == (doing, kinds)


def test_a_printer_is_idle_when_it_waits_on_line_with_nothing_left() -> None:
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijk"
    idle = [letter for letter in letters if Status("", letter, 0, None).idle]
    assert idle == ["A", "B", "C", "D", "F"]
    assert not Status("07", "A", 1, None).idle


@given(st.lists(st.binary(max_size=60)))
def test_whatever_comes_is_an_answer_or_nothing(said: list[bytes]) -> None:
    reader = StatusReader()
    for part in said:
        for answer in reader.feed(part):
            assert isinstance(answer, Status | Acknowledged)
