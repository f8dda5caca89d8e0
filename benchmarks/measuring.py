"""Rounds, medians and ratios.

What is compared runs in the same round, one after the other, since a machine's speed drifts; a
ratio is the median of the rounds' own ratios.

>>> percentile([5, 1, 4, 2, 3], 50), percentile([1, 2], 99)
(3, 2)
>>> ratio([10.0, 12.0, 11.0], [5.0, 4.0, 5.0])
2.2
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import median
from typing import Literal, TypeVar

N = TypeVar("N", int, float)

Size = Literal["quick", "normal", "full"]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and where files may be made."""

    folder: Path
    """An empty folder on the disk whose durability is measured."""
    rounds: int = 5
    size: Size = "normal"

    def count(self, normal: int, *, quick: int, full: int | None = None) -> int:
        """Return how many of something this run takes."""
        if self.size == "quick":
            return quick
        return full if self.size == "full" and full is not None else normal

    def place(self, name: str) -> Path:
        """Return a new empty folder; the name may come again."""
        number = sum(1 for _ in self.folder.iterdir())
        place = self.folder / f"{number}-{name}"
        place.mkdir()
        return place


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a figure of ours, perhaps beside another's."""

    goal: str
    """A row of the goals, such as ``P1``; empty for a figure without one."""
    what: str
    ours: float | None = None
    unit: str = ""
    peer: str = ""
    theirs: float | None = None
    ratio: float | None = None
    """How many times better ours is."""
    wanted: str = ""
    reached: bool | None = None
    note: str = ""
    """Why there is no figure, or what else must be known to read it."""
    rounds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """The rounds' own figures, by whose they are."""


def percentile(values: Sequence[N], percent: float) -> N:
    """Return the smallest value that so many percent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def ratio(upper: Sequence[float], lower: Sequence[float]) -> float:
    """Return the median of the rounds' ratios."""
    return median(a / b for a, b in zip(upper, lower, strict=True))


def time_call(call: Callable[[int], object], times: int) -> float:
    """Return the milliseconds of one call; ``call`` is given 0 to ``times - 1``."""
    began = time.perf_counter()
    for n in range(times):
        call(n)
    return (time.perf_counter() - began) * 1000 / times


def interleave(
    rounds: int, competitors: Mapping[str, Callable[[], float]]
) -> dict[str, list[float]]:
    """Run all competitors in each round, starting with another one each time."""
    names = list(competitors)
    figures: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            figures[name].append(competitors[name]())
    return figures


def faster(
    goal: str,
    what: str,
    unit: str,
    ours: Sequence[float],
    peer: str,
    theirs: Sequence[float],
    *,
    wanted: float | None = None,
    more_is_better: bool = False,
    note: str = "",
) -> Line:
    """Return the line that compares ours with a peer's; ``wanted`` is the ratio to reach."""
    won = ratio(ours, theirs) if more_is_better else ratio(theirs, ours)
    return Line(
        goal,
        what,
        median(ours),
        unit,
        peer,
        median(theirs),
        won,
        f"{wanted:g} ×" if wanted else "",
        None if wanted is None else won >= wanted,
        note,
        {"ours": list(ours), peer: list(theirs)},
    )
