"""What was done in each quarter of an hour: labels by printer, scans by station, trouble by cause.

    a label proved, a scan written down ──count──► one row of ``figure`` ──figures──► a plot

The row is written in the transaction of what it counts, so the figures are never behind, and a
month of them is some thousand rows however many labels there were.

>>> plain("The printer counted 3 labels where 5 were sent: somebody else printed on it.")
'The printer counted … labels where … were sent: somebody else printed on it.'
>>> quarter(1_700_000_000_123_456)
1699999200000000
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

from gateway.store.engine import Database, Transaction

What = Literal["label", "uncertain", "failed", "scan"]
"""Labels on paper (or handed to a printer that answers nothing), labels that became uncertain,
labels that could not be drawn, scans (``cause``: why it was refused, empty for the others)."""

QUARTER = 15 * 60 * 1_000_000
"""Microseconds: every time zone of today is whole quarters of an hour from UTC."""

LONGEST_CAUSE = 160

NOBODY = 0
"""Whose a scan at no station is."""

_COUNT = (
    "INSERT INTO figure (what, at, whose, cause, n) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (what, at, whose, cause) DO UPDATE SET n = figure.n + excluded.n"
)
_FIGURES = (
    "SELECT (at - ?) / ?, whose, cause, sum(n) FROM figure "
    "WHERE what = ? AND at >= ? AND at < ?{caused} GROUP BY 1, 2, 3"
)


class Figure(NamedTuple):
    """How often something happened in a step of time."""

    step: int
    """Which of the steps that were asked for, from 0."""
    whose: int
    """The printer's or the station's id; ``NOBODY`` for a scan at none."""
    cause: str
    n: int


def quarter(at: int) -> int:
    """Return when the quarter of an hour began that a moment lies in."""
    return at - at % QUARTER


def plain(cause: str) -> str:
    """Return a cause without the numbers and names of one case, so that like is counted as like."""
    text = re.sub(r"'[^']*'|\"[^\"]*\"|“[^”]*”|\b[0-9][0-9.,]*\b", "…", cause)
    return text if len(text) <= LONGEST_CAUSE else text[: LONGEST_CAUSE - 1] + "…"


def count(t: Transaction, what: What, at: int, whose: int, cause: str = "", n: int = 1) -> None:
    """Count something that happens in this transaction."""
    t.execute(_COUNT, (what, quarter(at), whose, plain(cause), n))


def figures(
    database: Database, what: What, edges: Sequence[int], *, caused: bool = False
) -> list[Figure]:
    """Return what was counted in each step; with ``caused`` only what has a cause.

    Args:
        database: Read only.
        what: What is counted.
        edges: When each step begins, and when the last one ends: microseconds UTC, at quarters.
        caused: Leave out what has no cause.
    """
    query = _FIGURES.format(caused=" AND cause <> ''" if caused else "")
    found = []
    for first, count, length in alike(edges):
        since = edges[first]
        values = (since, length, what, since, since + count * length)
        found += [
            Figure(first + step, whose, cause, n)
            for step, whose, cause, n in database.read(query, values)
        ]
    return found


def alike(edges: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Yield runs of steps that are as long as each other: the first, how many, and how long.

    Where the clocks change a day is longer or shorter than its neighbours.

    >>> list(alike([0, 24, 48, 71, 95, 119]))
    [(0, 2, 24), (2, 1, 23), (3, 2, 24)]
    """
    lengths = [later - sooner for sooner, later in pairwise(edges)]
    first = 0
    for length, run in groupby(lengths):
        count = sum(1 for _ in run)
        yield first, count, length
        first += count
