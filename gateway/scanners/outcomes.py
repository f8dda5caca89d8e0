"""How a scan ended, as a person hears and sees it: four outcomes that nobody can mistake."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a scan."""

    DONE = "done"
    """It did what was meant; go on without looking."""
    LOOK = "look"
    """It counted, and there is something to see: a repeat, a warning, the last of a list."""
    REFUSED = "refused"
    """Nothing was done, and the screen says why."""
    ASKED = "asked"
    """It waits for an answer: which of several, yes or no."""
