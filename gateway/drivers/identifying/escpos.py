"""ESC/POS: DLE EOT answers at once, GS I says maker and model.

Epson, ESC/POS Command Reference: DLE EOT n = 4 answers one byte, roll paper sensors, in which bits
1 and 4 are 1, 0 and 7 are 0; n = 4 is asked because 1, 2 and 3 are SOH, STX and ETX to others. GS I
n = 65 to 68 answers ``_``, the words, NUL: firmware, maker, model, serial number.
"""

from __future__ import annotations

import re

from gateway.drivers.identifying.asking import Talk, Traits, named, show

QUESTION = b"\x10\x04\x04"

_FIXED, _AS = 0b1001_0011, 0b0001_0010
"""Bits of the answer that are always the same, and how."""

_WORDS = re.compile(rb"_([^\0]{0,80})\0")


def recognise(heard: bytes) -> bool:
    """Return whether it is one byte with the bits that every such answer has."""
    return len(heard) == 1 and heard[0] & _FIXED == _AS


def learn(talk: Talk, heard: bytes) -> Traits:
    """Ask for maker, model, firmware and serial number; many clones know none of them."""
    maker = _ask(talk, 66)
    model = _ask(talk, 67)
    return Traits(
        "escpos",
        manufacturer=maker,
        model=model,
        # What prints from a roll has no labels unless somebody says so.
        said=named(
            manufacturer=maker, model=model, firmware=_ask(talk, 65), serial=_ask(talk, 68)
        ),
    )  # fmt: skip


def _ask(talk: Talk, number: int) -> str:
    found = _WORDS.search(talk.ask(b"\x1dI" + bytes((number,)), _is_whole))
    return show(found[1]) if found else ""


def _is_whole(heard: bytes) -> bool:
    return _WORDS.search(heard) is not None
