"""Feedback: bytes that make a scanner itself say how its scan ended, for those who do not look.

    Outcome ──signal(name, outcome)──► bytes to the scanner

A row for each family of scanners. The four outcomes are four different signals in each row: a
person tells them apart with the back to the screen. A scanner in keyboard or HID mode takes none.

>>> signal("honeywell_esc", Outcome.REFUSED)
b'\\x1b8,\\x1b8,'
>>> signal("none", Outcome.DONE)
b''
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.scanners.outcomes import Outcome
from gateway.scanners.scanner import FeedbackName
from gateway.scanners.ssi import BEEP, packet


@dataclass(frozen=True, slots=True)
class Feedback:
    """The commands of a family of scanners."""

    title: str
    signals: Mapping[Outcome, bytes]
    setting: str
    """What must be set on the scanner for it to listen."""
    source: str
    """Where the maker documents it."""


def _esc(*numbers: int) -> bytes:
    """Return Honeywell's escape commands; the comma behind each is required."""
    return b"".join(b"\x1b%d," % number for number in numbers)


def _beep(code: int) -> bytes:
    return packet(BEEP, bytes([code]))


FEEDBACKS: Mapping[FeedbackName, Feedback] = {
    "none": Feedback("Nothing is sent", {}, "", "what a keyboard or HID scanner takes"),
    "bel": Feedback(
        "BEL: one, two, four or three beeps",
        {
            Outcome.DONE: b"\x07",
            Outcome.LOOK: b"\x07" * 2,
            Outcome.REFUSED: b"\x07" * 4,
            Outcome.ASKED: b"\x07" * 3,
        },
        "Beep on BEL",
        "Motorola DS9208 Product Reference Guide, RS-232 host parameters: Beep on <BEL>",
    ),
    "honeywell_esc": Feedback(
        "Honeywell's Host ACK commands",
        {
            Outcome.DONE: _esc(7),  # as a good read
            Outcome.LOOK: _esc(6, 6),  # two high beeps
            Outcome.REFUSED: _esc(8, 8),  # the razz, twice: the guide's own "not on file"
            Outcome.ASKED: _esc(4, 5, 6),  # low, medium, high: like a question
        },
        "Host ACK On; until it hears one of these it reads nothing, for 10 s at most",
        "Honeywell Xenon/Granit User's Guide, Host ACK, pages 111 and 112",
    ),
    "ssi": Feedback(
        "Zebra's Simple Serial Interface",
        {
            Outcome.DONE: _beep(0x00),  # one short high
            Outcome.LOOK: _beep(0x01),  # two short high
            Outcome.REFUSED: _beep(0x0F),  # one long low
            Outcome.ASKED: _beep(0x14),  # high, low, high, low, fast
        },
        "Host type SSI, with decode data as packets",
        "MK1000 Product Reference Guide, Table 5-8; beep codes of the Zebra Scanner SDK",
    ),
    "datalogic": Feedback(
        "Datalogic's RS-232 host commands",
        {
            Outcome.DONE: b"\x01",  # good read tone, whatever the beeper is set to
            Outcome.LOOK: b"\x01" * 2,
            # Some models read nothing after F until they hear E (Magellan 800i, Appendix F).
            Outcome.REFUSED: b"FE",
            Outcome.ASKED: b"\x01" * 3,
        },
        "RS-232 or USB-COM host commands",
        "Datalogic Magellan 9800i Product Reference Guide, Appendix E",
    ),
}
"""Families of scanners, by the name that a profile's ``feedback`` has."""


def signal(name: FeedbackName, outcome: Outcome) -> bytes:
    """Return what is sent to a scanner of that family; empty when it takes nothing."""
    return FEEDBACKS[name].signals.get(outcome, b"")
