"""Feedback: the bytes whole, and four outcomes that nobody can mistake."""

from __future__ import annotations

from typing import get_args

import pytest

from gateway.scanners.feedback import FEEDBACKS, signal
from gateway.scanners.outcomes import Outcome
from gateway.scanners.scanner import FeedbackName

BYTES: dict[str, dict[Outcome, bytes]] = {
    "none": dict.fromkeys(Outcome, b""),
    "bel": {
        Outcome.DONE: b"\x07",
        Outcome.LOOK: b"\x07\x07",
        Outcome.REFUSED: b"\x07\x07\x07\x07",
        Outcome.ASKED: b"\x07\x07\x07",
    },
    "honeywell_esc": {
        Outcome.DONE: b"\x1b7,",
        Outcome.LOOK: b"\x1b6,\x1b6,",
        Outcome.REFUSED: b"\x1b8,\x1b8,",
        Outcome.ASKED: b"\x1b4,\x1b5,\x1b6,",
    },
    "ssi": {
        Outcome.DONE: bytes.fromhex("05E60400 00 FF11"),
        Outcome.LOOK: bytes.fromhex("05E60400 01 FF10"),
        Outcome.REFUSED: bytes.fromhex("05E60400 0F FF02"),
        Outcome.ASKED: bytes.fromhex("05E60400 14 FEFD"),
    },
    "datalogic": {
        Outcome.DONE: b"\x01",
        Outcome.LOOK: b"\x01\x01",
        Outcome.REFUSED: b"FE",
        Outcome.ASKED: b"\x01\x01\x01",
    },
}


def test_each_family_has_a_row() -> None:
    assert set(FEEDBACKS) == set(get_args(FeedbackName)) == set(BYTES)


@pytest.mark.parametrize("name", get_args(FeedbackName))
@pytest.mark.parametrize("outcome", Outcome)
def test_the_bytes_are_those_of_the_manual(name: FeedbackName, outcome: Outcome) -> None:
    assert signal(name, outcome) == BYTES[name][outcome]


@pytest.mark.parametrize("name", [name for name in get_args(FeedbackName) if name != "none"])
def test_the_four_outcomes_are_four_signals(name: FeedbackName) -> None:
    signals = [signal(name, outcome) for outcome in Outcome]
    assert len(set(signals)) == 4
    assert all(signals)
    assert FEEDBACKS[name].setting
