"""TSPL: <ESC>!? answers at once, ~!T says the model.

TSC, TSPL/TSPL2 Programming Manual: <ESC>!? answers one byte, in which each bit is a trouble (0 is
ready, 20 hex printing); ~!T answers the model's name and ends with CR. <ESC> commands are heard in
any state, ~ commands when the printer is ready and at the beginning of a line.
"""

from __future__ import annotations

from gateway.drivers.identifying.asking import Talk, Traits, named, show

QUESTION = b"\x1b!?"

PATIENCE = 1.0
"""Seconds for the model's name."""


def recognise(heard: bytes) -> bool:
    """Return whether it is one byte."""
    return len(heard) == 1


def learn(talk: Talk, heard: bytes) -> Traits:
    """Ask for the model, on a line of its own: questions in other languages began this one."""
    words = talk.ask(b"\r\n~!T\r\n", lambda told: told.endswith((b"\r", b"\n", b"\0")), PATIENCE)
    model = show(words.partition(b"\0")[0])
    return Traits("tspl", model=model, said=named(model=model))
