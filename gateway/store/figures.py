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
    "SELECT at, whose, cause, n FROM figure WHERE what = ? AND at >= ? AND at < ? ORDER BY at"
)


class Figure(NamedTuple):
    """How often something happened in a quarter of an hour."""

    at: int
    """When the quarter began, microseconds UTC."""
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


def figures(database: Database, what: What, since: int, until: int) -> list[Figure]:
    """Return what was counted from ``since`` to before ``until``, quarters oldest first."""
    return [Figure(*row) for row in database.read(_FIGURES, (what, quarter(since), until))]
