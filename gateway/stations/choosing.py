"""Which of several things a code means: by what the session expects, and never by memory.

The best rank (``Mode.rank``) wins; several of that rank are shown, and a person says which. What
was answered is not remembered for the next scan.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.registry.refusals import RegistryRefused
from gateway.stations.meaning import Found
from gateway.stations.modes.mode import Mode
from gateway.stations.turn import Turn


def pick(turn: Turn, mode: Mode, found: Sequence[Found]) -> Found:
    """Return the one that is meant.

    Raises:
        RegistryRefused: none of them is anything that is wanted now, or what was chosen has gone.
        Asked: several are; a person has to say.
    """
    if (chosen := turn.chosen(found)) is not None:
        return chosen
    ranked = [(rank, one) for one in found if (rank := mode.rank(turn, one)) is not None]
    if not ranked:
        raise RegistryRefused(
            "code_unexpected", f"That is the {found[0].said}. {mode.prompt(turn)}",
            kind=found[0].kind,
        )  # fmt: skip
    least = min(rank for rank, _ in ranked)
    best = [one for rank, one in ranked if rank == least]
    if len(best) > 1:
        turn.ask_which(best)
    return best[0]
