r"""What an ESC/POS printer says about itself: bytes in, answers out, however the bytes are cut.

    wire ──bytes──► StatusReader ──► RealTime (DLE EOT), Automatic (GS a), ProcessId (GS ( H),
                                     InTurn (GS r), Identity (GS I), Cleared (DLE DC4 8), Noise

The answers have no frame of their own, and fixed bits tell them apart (Epson ESC/POS Command
Reference, "Transmission status identification"): DLE EOT ``0**1**10``, the first byte of an
automatic status ``0**1**00``, its other three and GS r ``0**0****``; blocks begin with 37h or 5Fh
and end with NUL. XON and XOFF may stand anywhere. Nothing a device sends is an error here.

>>> reader = StatusReader()
>>> reader.feed(b"\x16\x37\x22!!")
[RealTime(bits=22)]
>>> reader.feed(b'!"\0\x11\x00_TM-T88V\0')
[ProcessId(text='!!!"'), InTurn(bits=0), Identity(text='TM-T88V')]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.drivers.status.problems import PROBLEMS
from gateway.drivers.status.reading import clean
from gateway.printers import Problem

MOST_IN_BLOCK = 512
"""Bytes of a block that are waited for; more without its end is noise."""
MOST_SHOWN = 80
"""Characters that are kept of a device's own words."""

_XON, _XOFF = 0x11, 0x13
_BLOCK, _IDENTITY = 0x37, 0x5F


@dataclass(frozen=True, slots=True)
class RealTime:
    """One answer to DLE EOT; which question it answers follows from their order."""

    bits: int


@dataclass(frozen=True, slots=True)
class Automatic:
    """The four bytes that a printer sends by itself when its state changes."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class ProcessId:
    """What came before GS ( H with this text is done."""

    text: str


@dataclass(frozen=True, slots=True)
class InTurn:
    """One answer to GS r, given when what came before is worked through."""

    bits: int


@dataclass(frozen=True, slots=True)
class Identity:
    """A text of GS I: maker, model, firmware, serial number."""

    text: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """DLE DC4 8 was obeyed: nothing that was received and not printed is left."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Something that is none of the answers."""

    octets: bytes


Answer = RealTime | Automatic | ProcessId | InTurn | Identity | Cleared | Noise


class StatusReader:
    """Turns what a printer says into answers; keeps only what is not yet whole."""

    def __init__(self) -> None:
        self._block = bytearray()
        self._automatic = bytearray()

    def feed(self, heard: bytes) -> list[Answer]:
        """Return the answers that these bytes complete, in order."""
        answers: list[Answer] = []
        for octet in heard:
            if octet in (_XON, _XOFF):
                continue
            if self._block:
                self._in_block(octet, answers)
            elif octet & 0x93 == 0x12:
                answers.append(RealTime(octet))
            elif self._automatic:
                self._in_automatic(octet, answers)
            elif octet in (_BLOCK, _IDENTITY):
                self._block.append(octet)
            elif octet & 0x93 == 0x10:
                self._automatic.append(octet)
            elif octet & 0x90 == 0:
                answers.append(InTurn(octet))
            else:
                answers.append(Noise(bytes([octet])))
        return answers

    def _in_block(self, octet: int, answers: list[Answer]) -> None:
        if 0 < octet < 0x20 and octet & 0x93 == 0x12:
            answers.append(RealTime(octet))  # no block holds control characters
            return
        self._block.append(octet)
        if octet and len(self._block) < MOST_IN_BLOCK:
            return
        block = bytes(self._block)
        self._block.clear()
        if block[0] == _IDENTITY and block[-1] == 0:
            answers.append(Identity(clean(block[1:-1], MOST_SHOWN)))
        elif block[1:2] == b"\x22" and len(block) == 7:
            answers.append(ProcessId(block[2:6].decode("latin-1")))
        elif block == b"\x37\x25\0":
            answers.append(Cleared())
        else:
            answers.append(Noise(block))

    def _in_automatic(self, octet: int, answers: list[Answer]) -> None:
        if octet & 0x90:
            answers.append(Noise(bytes(self._automatic)))
            self._automatic.clear()
            answers += self.feed(bytes([octet]))
            return
        self._automatic.append(octet)
        if len(self._automatic) == 4:
            answers.append(Automatic(bytes(self._automatic)))
            self._automatic.clear()


OFFLINE = Problem(
    "offline", "The printer is off line.", "Look at what it shows, and press its Feed button."
)


def troubles(answers: Sequence[RealTime]) -> tuple[Problem, ...]:
    """Return what stops or worries the printer, of its answers to DLE EOT 1, 2, 3 and 4.

    (Epson ESC/POS Command Reference, DLE EOT.)

    >>> [problem.kind for problem in troubles([RealTime(n) for n in (0x1A, 0x16, 0x12, 0x1E)])]
    ['head_open', 'paper_near_end']
    """
    printer, cause, error, paper = (answer.bits for answer in answers)
    flags = (
        (cause & 0x04, "head_open"),
        (cause & 0x20 or paper & 0x60 == 0x60, "paper_out"),
        (error & 0x08, "cutter_fault"),
        (error & 0x40, "head_too_hot"),
        (error & 0x20, "printer_error"),
    )
    found = [PROBLEMS[kind] for raised, kind in flags if raised]
    if cause & 0x40 and not found:
        found.append(PROBLEMS["printer_error"])
    if printer & 0x08 and not found:
        found.append(OFFLINE)
    if paper & 0x0C == 0x0C and not paper & 0x60:
        found.append(PROBLEMS["paper_near_end"])
    return tuple(found)
