r"""What an EPL2 printer says about itself: bytes in, answers out, however the bytes are cut.

    wire ──bytes──► StatusReader ──► Printed (ACK after a P, with US), Refusal (NAK and a code),
                                     Report (^ee), Configuration (UQ), Noise (whatever else)

Layouts: Zebra, EPL Programming Guide 14245L-003, US, UT, ^ee and U. How UQ answers is as LP 2844 of
several firmwares were seen to. Nothing a device sends is an error here.

>>> reader = StatusReader()
>>> reader.feed(b"\x06\x1507P003\r\n5")
[Printed(), Refusal(code=7)]
>>> reader.feed(b"0\r\n")
[Report(codes=(50,))]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.reading import clean, take_whole
from gateway.printers import Problem

MOST_IN_LINE = 4_096
"""Bytes of one line. More is noise."""

BUSY = 50
"""The code of ^ee for a printer that works on a label."""


@dataclass(frozen=True, slots=True)
class Printed:
    """ACK: a label is printed, or was taken where a sensor waits for that."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """NAK: what went wrong with a label."""

    code: int


@dataclass(frozen=True, slots=True)
class Report:
    """^ee: all that is wrong, or what the printer is at; 0 for nothing."""

    codes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Configuration:
    """UQ: who it is, and whether it acknowledges labels."""

    model: str
    firmware: str
    serial: str
    acknowledges: bool
    """US is in force."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that is none of the answers."""

    text: str


Answer = Printed | Refusal | Report | Configuration | Noise

_KINDS = {
    4: "memory_full",
    5: "memory_full",
    7: "paper_out",
    11: "head_open",
    12: "paused",
    13: "head_too_hot",
    14: "motor_too_hot",
    15: "battery_low",
    16: "battery_low",
    81: "cutter_fault",
    82: "mark_not_found",
    84: "paper_feed",
}
"""Codes that need a hand (EPL Programming Guide, ^ee, table of codes). 7 is paper or ribbon: the
printer does not tell which."""
_NO_TROUBLE = frozenset({0, BUSY})

_ACK, _NAK = 0x06, 0x15
_FLOW = frozenset({0x11, 0x13})
"""XON and XOFF end an error report where the line has no other flow control."""
_STOPS = re.compile(rb"[\r\n\x06\x15\x11\x13]")
_REPORT = re.compile(rb"\d\d(,\d\d)*(P\d{1,5})?(L\d{1,5})?")
_REST = re.compile(rb"P\d{1,5}(L\d{1,5})?")
_SETTINGS = re.compile(rb"S\d+ D\d+ R-?\d+,-?\d+ Z[BT] U([A-Z])\b.*")
_SERIAL = re.compile(rb"S/N: ?(\S{1,40})")


class StatusReader:
    """Turns what a printer says into answers; keeps only what is not yet whole."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._first = b""
        """The line that began a configuration, as far as anybody can tell."""
        self._serial = ""

    def feed(self, heard: bytes) -> list[Answer]:
        """Return the answers that these bytes complete, in order."""
        self._heard += heard
        return take_whole(self._heard, self._take)

    def _take(self, answers: list[Answer]) -> int:
        """Read what stands first; return its bytes, or 0 when it is not whole yet."""
        heard = self._heard
        if heard[0] == _ACK:
            answers.append(Printed())
            return 1
        if heard[0] == _NAK:
            if len(heard) < 3:
                return 0
            digits = bytes(heard[1:3])
            answers.append(Refusal(int(digits)) if digits.isdigit() else Noise("?"))
            return 3 if digits.isdigit() else 1
        if heard[0] in b"\r\n\0 " or heard[0] in _FLOW:
            return 1
        end = _STOPS.search(heard)
        if end is None:
            if len(heard) < MOST_IN_LINE:
                return 0
            answers.append(Noise(clean(bytes(heard))))
            return len(heard)
        self._read_line(bytes(heard[: end.start()]).rstrip(), answers)
        return end.start()

    def _read_line(self, line: bytes, answers: list[Answer]) -> None:
        if _REPORT.fullmatch(line):
            codes = re.match(rb"[\d,]+", line)
            assert codes is not None
            answers.append(Report(tuple(int(code) for code in codes[0].split(b","))))
        elif _REST.fullmatch(line):
            return  # how many labels wait: the end of an error report
        elif found := _SERIAL.fullmatch(line):
            self._serial = clean(found[1])
        elif found := _SETTINGS.fullmatch(line):
            model, _, firmware = clean(self._first).rpartition(" ")
            answers.append(
                Configuration(model.strip(), firmware, self._serial, found[1] == b"S")
            )  # fmt: skip
            self._first, self._serial = b"", ""
        else:
            # A configuration begins with the model; the rest of its lines is of no use here.
            self._first = self._first or line
            if not self._looks_like_configuration(line):
                answers.append(Noise(clean(line)))

    def _looks_like_configuration(self, line: bytes) -> bool:
        return bool(re.search(rb" V?\d+\.\d+|[:=]|Page Mode|^I\d|^q\d|^o[A-Z]|^\d\d \d\d", line))


def troubles(codes: tuple[int, ...]) -> tuple[Problem, ...]:
    """Return what stops or worries the printer, most urgent first.

    >>> [problem.sentence for problem in troubles((11, 1))]
    ['The lid is open.', 'The printer did not understand a command.']
    """
    kinds = [_KINDS.get(code, "not_understood") for code in codes if code not in _NO_TROUBLE]
    return tuple(PROBLEMS[kind] for kind in dict.fromkeys(sorted(kinds, key=_mildest)))


def _mildest(kind: str) -> bool:
    return not PROBLEMS[kind].stops
