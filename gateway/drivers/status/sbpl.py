r"""What a SATO printer says about itself: bytes in, answers out, however the bytes are cut.

    ENQ  ──►  STX, job (2), status (1), labels left (6), name (16, Status 4 only), ETX

and ACK or NAK, on serial lines for each item, anywhere for CAN. Printers on a network may put four
bytes of length before an answer, and ENQ before STX. Source: SATO, CL4NX/CL6NX Programming
Reference, return status of Status 3 and Status 4; E series reference, status bytes. Nothing a
device sends is an error here.

>>> StatusReader().feed(b"\0\0\0\x1c\x05\x0207G000001somebody        \x03")
[Status(job='07', letter='G', remaining=1, name='somebody')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.reading import clean
from gateway.printers import Problem

_STX, _ETX, _ACK, _NAK = 2, 3, 6, 0x15
_LONGEST = 32
"""Bytes between STX and ETX: 25 at most are documented. More is noise."""
_BODY = re.compile(rb"([ -~]{2})([ -~])([0-9 ]{6})([ -~\0\x80-\xff]{16})?")

Doing = Literal["offline", "waiting", "printing", "dispensing", "editing", "error"]
_DOING: tuple[tuple[str, Doing], ...] = (
    ("0123456789", "offline"),
    ("ABCDEF", "waiting"),
    ("GHIJKL", "printing"),
    ("MNOPQR", "dispensing"),
    ("STUVWX", "editing"),
)
_WORRIES = ("", "ribbon", "buffer", "ribbon and buffer", "stopped", "battery")
"""What the letters of a group add, in order: no error, ribbon or labels near their end, buffer near
full, both, print stop, battery near its end."""

_ERRORS = {
    "a": "memory_full",
    "b": "head_open",
    "c": "paper_out",
    "d": "ribbon_out",
    "e": "mark_not_found",  # media error
    "f": "mark_not_found",  # sensor error
    "h": "head_open",  # cover open
    "j": "cutter_fault",
}
"""Letters of errors; whatever else comes is an error of its own."""


@dataclass(frozen=True, slots=True)
class Status:
    """The answer to ENQ."""

    job: str
    """Number of the item that is printed, without spaces; empty when none is."""
    letter: str
    remaining: int
    name: str | None
    """Name of that item; None when the printer does not say names (Status 3)."""

    @property
    def doing(self) -> Doing:
        """Return what the letter says that it does."""
        return next((doing for letters, doing in _DOING if self.letter in letters), "error")

    @property
    def idle(self) -> bool:
        """True when it is on-line and waits, with nothing left to print."""
        return self.doing == "waiting" and not self.remaining and self.worry != "stopped"

    @property
    def worry(self) -> str:
        """Return what the letter adds; empty when nothing."""
        letters = next((letters for letters, _ in _DOING if self.letter in letters), "")
        place = letters.find(self.letter) if letters else 0
        return _WORRIES[place] if place < len(_WORRIES) else ""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """ACK, or NAK: taken, but something is wrong with the printer."""

    well: bool


class StatusReader:
    """Turns what a printer says into answers; keeps only what is not yet whole."""

    def __init__(self) -> None:
        self._frame: bytearray | None = None

    def feed(self, received: bytes) -> list[Status | Acknowledged]:
        """Return the answers that are whole now."""
        answers: list[Status | Acknowledged] = []
        for byte in received:
            if byte == _STX:
                self._frame = bytearray()
            elif self._frame is None:
                if byte in (_ACK, _NAK):
                    answers.append(Acknowledged(byte == _ACK))
            elif byte == _ETX:
                if found := _BODY.fullmatch(self._frame):
                    answers.append(_status(found))
                self._frame = None
            elif len(self._frame) < _LONGEST:
                self._frame.append(byte)
            else:
                self._frame = None
        return answers


def _status(found: re.Match[bytes]) -> Status:
    job, letter, remaining, name = found.groups()
    digits = remaining.replace(b" ", b"")
    return Status(
        job.decode().strip(),
        letter.decode(),
        int(digits or b"0"),
        None if name is None else clean(name),
    )


def troubles(status: Status) -> tuple[Problem, ...]:
    """Return what stops or worries the printer, most urgent first.

    >>> [problem.sentence for problem in troubles(Status("", "H", 1, None))]
    ['The ribbon is nearly out.']
    """
    kinds: list[str] = []
    match status.doing:
        case "error":
            kinds.append(_ERRORS.get(status.letter, "printer_error"))
        case "offline":
            kinds.append("paused")
        case "dispensing":
            kinds.append("label_waiting")
        case "waiting" | "printing" | "editing":
            pass
    worry = status.worry
    if worry == "stopped" and "paused" not in kinds:
        kinds.append("paused")
    if "ribbon" in worry:
        kinds.append("ribbon_near_end")
    if worry == "battery":
        kinds.append("battery_low")
    return tuple(PROBLEMS[kind] for kind in kinds)
