"""SBPL: ENQ answers at once.

SATO, programming references, "Status response": ENQ answers STX, job id, status, labels left, on
newer printers the job's name, ETX. SATO's printers do not say their model in their language; SNMP
and USB do.
"""

from __future__ import annotations

import re

from gateway.drivers.identifying.asking import Talk, Traits, named, show

QUESTION = b"\x05"

# Older printers on a network put the answer's length, and ENQ, before it.
_STATUS = re.compile(rb"(?:[\0-\xff]{4}\x05?)?\x02[ 0-9]{2}([ -~])[ 0-9]{6}(?:[\0 -~]{16})?\x03")


def recognise(heard: bytes) -> bool:
    """Return whether it is a status."""
    return _STATUS.fullmatch(heard) is not None


def learn(talk: Talk, heard: bytes) -> Traits:
    """Return what the status says."""
    found = _STATUS.fullmatch(heard)
    return Traits("sbpl", said=named(status=show(found[1]) if found else ""))
