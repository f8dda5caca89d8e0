r"""What a TSPL printer says about itself: bytes in, answers out, however the bytes are cut.

    wire ──bytes──► StatusReader ──► Status (<ESC>!S), Said (OUT, between our brackets),
                                     Files (~!F), Noise (whatever else)

Layouts: TSC, TSPL/TSPL2 Programming Manual, <ESC>!S, <ESC>!?, OUT, ~!F. ``OUT`` has no frame of its
own, so the gateway has the printer say a name and brackets around what it asks for. A device's
words are cleaned, cut and never trusted; nothing a device sends is an error here.

>>> reader = StatusReader()
>>> reader.feed(b"\x02P@@@\x03\r\nGWL7[12")
[Status(busy=True, waits=False, kinds=())]
>>> reader.feed(b"3\r\n]")
[Said(tag='GWL7', text='123')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.reading import clean, take_whole
from gateway.printers import Problem

MOST_WAITING = 65_536
"""Bytes that are kept while their end is missing: a list of some 3,000 files. More is noise."""


@dataclass(frozen=True, slots=True)
class Status:
    """<ESC>!S or <ESC>!?."""

    busy: bool
    """It prints, cuts, feeds or draws a label."""
    waits: bool
    """It needs a hand: paused, a label at the peeler, a key to press, an error."""
    kinds: tuple[str, ...]
    """What is wrong with it, as kinds of ``PROBLEMS``."""

    @property
    def rests(self) -> bool:
        """True when it does nothing and nothing stops it."""
        return not (self.busy or self.waits or any(PROBLEMS[kind].stops for kind in self.kinds))


@dataclass(frozen=True, slots=True)
class Said:
    """What OUT said between our brackets."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Files:
    """~!F: the names of the files in the printer's memory, in capitals."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that is none of the answers."""

    text: str


Answer = Status | Said | Files | Noise

_BUSY = frozenset(b"BCFPW")
"""Backing a label, cutting, form feed, printing a batch, imaging (message byte of <ESC>!S)."""
_WAITS = {ord("`"): "paused", ord("L"): "label_waiting", ord("K"): "paused"}
"""Paused, waiting for the label to be taken, waiting for the print key."""
_WARNINGS = ((0x01, "paper_near_end"), (0x02, "ribbon_near_end"))
"""Named by Brother's edition of the manual (FBPL Command Reference, <ESC>!S); TSC reserves them."""
_FIRST_ERRORS = (
    (0x01, "head_too_hot"),
    (0x02, "motor_too_hot"),
    (0x04, "head_element_bad"),
    (0x08, "cutter_fault"),
    (0x10, "memory_full"),
)
_SECOND_ERRORS = (
    (0x01, "paper_out"),
    (0x02, "paper_jam"),
    (0x04, "ribbon_out"),
    (0x08, "ribbon_jam"),
    (0x20, "head_open"),
)
_SHORT_ERRORS = (
    (0x01, "head_open"),
    (0x02, "paper_jam"),
    (0x04, "paper_out"),
    (0x08, "ribbon_out"),
    (0x10, "paused"),
    (0x80, "printer_error"),
)
_PRINTING = 0x20
"""Bits of <ESC>!?."""

_TAGGED = re.compile(rb"(GW[A-Z][0-9]{0,9})\[([^\[\]]{0,256})\]\Z")
_ENDS = re.compile(rb"[\x02\x1a\]]")


class StatusReader:
    """Turns what a printer says into answers; keeps only what is not yet whole."""

    def __init__(self) -> None:
        self._heard = bytearray()

    def feed(self, heard: bytes) -> list[Answer]:
        """Return the answers that these bytes complete, in order."""
        self._heard += heard
        return take_whole(self._heard, self._take)

    def _take(self, answers: list[Answer]) -> int:
        """Read what stands first; return its bytes, or 0 when it is not whole yet."""
        heard = self._heard
        if heard[0] in b"\r\n":
            return 1
        if heard[0] == 2:
            if len(heard) < 6:
                return 0
            if heard[5] == 3 and all(0x40 <= byte < 0x80 for byte in heard[1:5]):
                answers.append(_read_long(bytes(heard[1:5])))
                return 6
            answers.append(Noise("?"))
            return 1
        end = _ENDS.search(heard)
        if end is None:
            if len(heard) < MOST_WAITING:
                return 0
            answers.append(Noise(clean(bytes(heard))))
            return len(heard)
        if end[0] == b"\x02":
            # Nothing that we ask for is cut by a status: ~! and OUT answer whole.
            return self._keep_open(end.start(), answers)
        if end[0] == b"\x1a":
            names = re.split(rb"[\r\n]+", bytes(heard[: end.start()]))
            answers.append(Files(tuple(clean(name).upper() for name in names if name.strip())))
            return end.end()
        body = bytes(heard[: end.end()])
        tagged = _TAGGED.search(body)
        if tagged is None:
            answers.append(Noise(clean(body)))
        else:
            # Lines end where each OUT ends, and where a status came in between.
            text = clean(re.sub(rb"[\r\n]+", b"", tagged[2]))
            answers.append(Said(tagged[1].decode(), text))
        return end.end()

    def _keep_open(self, start: int, answers: list[Answer]) -> int:
        """Take a status out of the middle of what OUT is still saying; it answers at any time."""
        heard = self._heard
        if len(heard) < start + 6:
            return 0
        frame = bytes(heard[start : start + 6])
        if frame[5] == 3:
            answers.append(_read_long(frame[1:5]))
            del heard[start : start + 6]
            if heard[start : start + 2] == b"\r\n":
                del heard[start : start + 2]
            return self._take(answers) if heard else 0
        answers.append(Noise(clean(bytes(heard[: start + 1]))))
        return start + 1


def _read_long(letters: bytes) -> Status:
    message, warning, first, second = letters
    kinds = [kind for bit, kind in _SECOND_ERRORS if second & bit]
    kinds += [kind for bit, kind in _FIRST_ERRORS if first & bit]
    if message == ord("E") and not kinds:
        kinds.append("printer_error")
    if message in _WAITS:
        kinds.append(_WAITS[message])
    kinds += [kind for bit, kind in _WARNINGS if warning & bit]
    return Status(message in _BUSY, message in _WAITS or message == ord("E"), tuple(kinds))


def read_short(answer: int) -> Status:
    """Return what the one byte of <ESC>!? says.

    >>> read_short(0x24)
    Status(busy=True, waits=False, kinds=('paper_out',))
    """
    kinds = tuple(kind for bit, kind in _SHORT_ERRORS if answer & bit)
    return Status(bool(answer & _PRINTING), False, kinds)


def troubles(status: Status) -> tuple[Problem, ...]:
    """Return what stops or worries the printer, most urgent first.

    >>> [problem.sentence for problem in troubles(read_short(0x05))]
    ['The lid is open.', 'Paper is out.']
    """
    return tuple(PROBLEMS[kind] for kind in dict.fromkeys(status.kinds))
