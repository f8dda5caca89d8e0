r"""EPL2: ^ee answers at once, UQ says how it is set.

Zebra, EPL Programming Guide 14245L: ^ee reports errors at once, two digits and CR LF; UQ sends the
settings, in which ``q832 Q1218,24`` are the label's width, its length and the gap in dots. Both are
lines of text, so only a printer that is known to speak EPL is asked: any other would print them.
"""

from __future__ import annotations

import re
from fractions import Fraction

from gateway.drivers.identifying.asking import Talk, Traits, named, show
from gateway.units import Density, to_um

QUESTION = b"\r\n^ee\r\n"

PATIENCE = 1.5
"""Seconds for the settings."""

_DENSITY = Density(Fraction(8))
"""EPL2 printers have 203 dpi; those with 300 dpi say so in their name."""

_ERRORS = re.compile(rb"[0-9]{2}(,[0-9]{2})?\r?\n?")
_SIZE = re.compile(rb"\bq([0-9]{2,4})\s+Q([0-9]{2,5}),([0-9+-]{1,5})")


def recognise(heard: bytes) -> bool:
    """Return whether it is an error report."""
    return _ERRORS.fullmatch(heard.strip(b"\x11\x13")) is not None


def learn(talk: Talk, heard: bytes) -> Traits:
    """Ask how it is set."""
    told = talk.ask(b"UQ\r\n", lambda words: _SIZE.search(words) is not None, PATIENCE)
    size = _SIZE.search(told)
    first = next((line for line in told.splitlines() if line.strip()), b"")
    model = show(first)
    return Traits(
        "epl",
        model=model,
        density=_DENSITY,
        width=to_um(int(size[1]), _DENSITY) if size else None,
        height=to_um(int(size[2]), _DENSITY) if size else None,
        tracking=("continuous" if size[3] == b"0" else "gap") if size else None,
        said=named(model=model, size=show(size[0]) if size else ""),
    )
