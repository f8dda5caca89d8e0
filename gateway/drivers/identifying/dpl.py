"""DPL: SOH A answers at once, STX v says the firmware.

Datamax-O'Neil, DPL Programmer's Manual: SOH A answers eight letters Y or N and CR; STX v answers
the firmware's version and ends with CR.
"""

from __future__ import annotations

import re

from gateway.drivers.identifying.asking import Talk, Traits, named, show

QUESTION = b"\x01A"

PATIENCE = 1.0
"""Seconds for the version."""

_STATUS = re.compile(rb"[YN]{8}\r\n?")


def recognise(heard: bytes) -> bool:
    """Return whether it is a status string."""
    return _STATUS.fullmatch(heard) is not None


def learn(talk: Talk, heard: bytes) -> Traits:
    """Ask for the firmware's version, which begins with the model on most printers."""
    version = show(talk.ask(b"\x02v", lambda told: b"\r" in told, PATIENCE).partition(b"\r")[0])
    return Traits("dpl", model=version, said=named(firmware=version))
