"""TSPL: <ESC>!? answers at once, ~!T says the model.

TSC, TSPL/TSPL2 Programming Manual: <ESC>!? answers one byte, in which each bit is a trouble (0 is
ready, 20 hex printing); ~!T answers the model's name and ends with CR. <ESC> commands are heard in
any state, ~ commands when the printer is ready and at the beginning of a line. TSPL2 also answers
OUT GETSETTING$("SYSTEM","INFORMATION","DPI"); others take it for a wrong command and ignore it.
"""

from __future__ import annotations

import re
from fractions import Fraction

from gateway.drivers.identifying.asking import Talk, Traits, named, show
from gateway.units import Density

QUESTION = b"\x1b!?"

PATIENCE = 1.0
"""Seconds for the model's name."""


_RESOLUTION = b'OUT GETSETTING$("SYSTEM","INFORMATION","DPI")\r\n'

_DENSITIES = {b"203": 8, b"300": 12, b"600": 24}
"""dpi to dots per mm, as the manual counts: 203 dpi are 8, 300 dpi are 12."""

_DPI = re.compile(rb"\b(203|300|600)\b")


def recognise(heard: bytes) -> bool:
    """Return whether it is one byte."""
    return len(heard) == 1


def learn(talk: Talk, heard: bytes) -> Traits:
    """Ask for the model, on a line of its own: questions in other languages began this one."""
    words = talk.ask(b"\r\n~!T\r\n", lambda told: told.endswith((b"\r", b"\n", b"\0")), PATIENCE)
    model = show(words.partition(b"\0")[0])
    found = _DPI.search(talk.ask(_RESOLUTION, lambda told: _DPI.search(told) is not None))
    density = Density(Fraction(_DENSITIES[found[1]])) if found else None
    return Traits(
        "tspl",
        model=model,
        density=density,
        said=named(model=model, dpi=show(found[1]) if found else ""),
    )
