r"""What a DPL printer says about itself: bytes in, answers out, however they are cut.

    wire ──bytes──► StatusReader ──► Flags (SOH A), Causes (SOH a), Version (STX v),
                                     LabelPrinted and BatchEnded (STX a), Noise

Layouts: Class Series II Programmer's Manual, SOH A, SOH a, STX v, STX a. A device's words are
cleaned, cut and never trusted; nothing it sends is an error here.

>>> reader = StatusReader()
>>> flags, report = reader.feed(b"NYNYNNNN\r\x1eVER: I4212 - 08.0")
>>> flags.paper_fault, flags.printing_batch, flags.empty, report
(True, True, False, LabelPrinted())
>>> reader.feed(b"3 05/21/2009\r")
[Version(text='I4212 - 08.03 05/21/2009')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.reading import clean
from gateway.printers import Problem

MOST_IN_LINE = 1_024
"""Bytes of an answer. More is noise."""
MOST_SHOWN = 100
"""Characters that are kept of a device's own words."""


@dataclass(frozen=True, slots=True)
class Flags:
    """The eight letters of SOH A."""

    interpreter_busy: bool
    """A format is being received or drawn."""
    paper_fault: bool
    ribbon_fault: bool
    printing_batch: bool
    busy_printing: bool
    paused: bool
    label_presented: bool
    """A label waits at the present sensor."""
    rewinder_fault: bool

    @property
    def empty(self) -> bool:
        """True when nothing is being drawn or printed, whatever else is wrong."""
        return not (self.interpreter_busy or self.printing_batch or self.busy_printing)


@dataclass(frozen=True, slots=True)
class Causes:
    """SOH a, second group: why it stands still."""

    cutter_fault: bool
    paper_out: bool
    ribbon_saver_fault: bool
    head_open: bool
    mark_not_found: bool
    """The top of the next label was not found."""
    ribbon_low: bool


@dataclass(frozen=True, slots=True)
class Version:
    """STX v: the firmware's name, answered in turn with the formats before it."""

    text: str


@dataclass(frozen=True, slots=True)
class LabelPrinted:
    """Feedback character RS."""


@dataclass(frozen=True, slots=True)
class BatchEnded:
    """Feedback character US."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that is none of the answers."""

    text: str


Answer = Flags | Causes | Version | LabelPrinted | BatchEnded | Noise

_FLAGS = re.compile(rb"[YN]{8}")
_CAUSES = re.compile(rb"[YN]{8}:([YN]{6,}):[YN:]*")
_VERSION = re.compile(rb"VER(?:SION)?:?\s*(.*)", re.DOTALL)
_SIGNS: dict[int, Answer | None] = {
    0x1E: LabelPrinted(),
    0x1F: BatchEnded(),
    0x07: None,
    0x11: None,
}
"""Feedback characters, and XON, which may come between any two bytes (SOH B)."""


class StatusReader:
    """Turns what a printer says into answers; keeps only what is not yet whole."""

    def __init__(self) -> None:
        self._line = bytearray()

    def feed(self, heard: bytes) -> list[Answer]:
        """Return the answers that these bytes made whole."""
        found: list[Answer] = []
        for octet in heard:
            if octet in _SIGNS:
                if (sign := _SIGNS[octet]) is not None:
                    found.append(sign)
            elif octet == 0x0D or len(self._line) >= MOST_IN_LINE:
                if line := bytes(self._line).strip(b"\n\0"):
                    found.append(_read(line))
                self._line.clear()
            else:
                self._line.append(octet)
        return found


def _read(line: bytes) -> Answer:
    if _FLAGS.fullmatch(line):
        return Flags(*(letter == 0x59 for letter in line))
    if match := _CAUSES.fullmatch(line):
        return Causes(*(letter == 0x59 for letter in match[1][:6]))
    if match := _VERSION.fullmatch(line):
        return Version(clean(match[1], MOST_SHOWN))
    return Noise(clean(line, MOST_SHOWN))


_OWN: dict[str, Problem] = {
    problem.kind: problem
    for problem in (
        Problem(
            "paper_fault", "Paper is out, stuck, or the lid is open.",
            "Look at the printer: load labels, close the lid, press Feed.",
        ),
        Problem("ribbon_low", "The ribbon is nearly out.", "Have a new ribbon ready.", stops=False),
        Problem("rewinder_fault", "The rewinder is full or stuck.", "Empty the rewinder."),
    )
}  # fmt: skip
"""Troubles that only these printers tell so."""


def troubles(flags: Flags, causes: Causes | None = None) -> tuple[Problem, ...]:
    """Return what stops or worries the printer; ``causes`` say more where the model has them.

    >>> open_ = Causes(False, False, False, True, False, False)
    >>> flags = Flags(False, True, False, False, False, False, False, False)
    >>> [problem.kind for problem in troubles(flags, open_)], troubles(flags)[0].kind
    (['head_open'], 'paper_fault')
    """
    kinds = []
    if causes is not None:
        told = (
            (causes.head_open, "head_open"),
            (causes.paper_out, "paper_out"),
            (causes.cutter_fault, "cutter_fault"),
            (causes.mark_not_found, "mark_not_found"),
        )
        kinds += [kind for raised, kind in told if raised]
    if flags.paper_fault and not kinds:
        kinds.append("paper_fault")
    others = (
        (flags.ribbon_fault, "ribbon_out"),
        (flags.rewinder_fault, "rewinder_fault"),
        (flags.paused, "paused"),
        (flags.label_presented, "label_waiting"),
        (causes is not None and causes.ribbon_low, "ribbon_low"),
    )
    kinds += [kind for raised, kind in others if raised]
    return tuple(_OWN.get(kind) or PROBLEMS[kind] for kind in kinds)
