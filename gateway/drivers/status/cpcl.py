r"""What a CPCL printer says about itself: bytes in, answers out, however the bytes are cut.

    ESC h                 one byte: busy, paper, latch, battery, reset (CPCL manual, section 11)
    ESC v                 model, firmware and serial number, up to a NUL (the same)
    ! U1 getvar "name"    a value in quotes (Link-OS printers)

The answers have no frames, so one question is asked at a time, and its reader takes only what can
be its answer. Nothing a device sends is an error here.

>>> read_states(b"\x06")
[State(busy=False, paper_out=True, latch_open=True, battery_low=False, reset=False)]
>>> reader = AnswerReader("value")
>>> reader.feed(b'\x06"12'), reader.feed(b'3"')
(None, '123')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.reading import clean
from gateway.printers import Problem

MOST_IN_ANSWER = 256
"""Bytes of one answer; more is noise and is left out."""


@dataclass(frozen=True, slots=True)
class State:
    """The byte of ESC h."""

    busy: bool
    paper_out: bool
    latch_open: bool
    battery_low: bool
    reset: bool
    """It was switched on, and nobody has acknowledged that since (ESC N)."""


Wanted = Literal["words", "value"]
"""What was asked: ESC v, or a variable."""

_QUOTE = 0x22


def read_states(received: bytes) -> list[State]:
    """Return the states among the bytes: one is one byte, and text is none.

    Only five bits have a meaning (CPCL manual, section 11).
    """
    return [
        State(*(bool(byte >> bit & 1) for bit in range(5))) for byte in received if byte < 0x20
    ]  # fmt: skip


class AnswerReader:
    """Turns bytes into the one answer that is wanted; keeps what is not whole."""

    def __init__(self, wanted: Wanted) -> None:
        self._ends = 0 if wanted == "words" else _QUOTE
        self._begun = wanted == "words"
        """Inside the quotes of a value, or the words up to a NUL."""
        self._heard = bytearray()
        self._whole = False

    def feed(self, received: bytes) -> str | None:
        """Return the words of the answer once it is whole, and None before and after."""
        for byte in received:
            if self._whole:
                break
            if not self._begun:
                self._begun = byte == _QUOTE
            elif byte == self._ends:
                self._whole = True
                return clean(bytes(self._heard))
            elif len(self._heard) < MOST_IN_ANSWER:
                self._heard.append(byte)
        return None


def troubles(state: State) -> tuple[Problem, ...]:
    """Return what stops or worries the printer, most urgent first."""
    flags = (
        (state.latch_open, "head_open"),
        (state.paper_out, "paper_out"),
        (state.battery_low, "battery_low"),
    )
    return tuple(PROBLEMS[kind] for raised, kind in flags if raised)
