"""What proofs of the record share: reading in stretches, and how a row that disagrees is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.store.registry.lives import Run

STRETCH = 2_000
"""Rows of one statement."""


class Stopped(Exception):
    """Who asked has left."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A row that disagrees with what happened."""

    kind: str
    """``chain``, ``serials``, ``stock`` or ``lines``."""
    row: str
    """Which row, as ``event 7``."""
    detail: str
    facts: Mapping[str, object] = field(default_factory=dict)


class Reading:
    """Runs queries a stretch at a time."""

    def __init__(self, run: Run, going: Callable[[], bool]) -> None:
        self.run, self._going = run, going

    def rows(
        self, query: str, start: Sequence[object], key: Callable[[Any], Sequence[object]]
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query that goes on behind a key; its last value is how many."""
        values = start
        while True:
            if not self._going():
                raise Stopped
            rows = list(self.run(query, (*values, STRETCH)))
            yield from rows
            if len(rows) < STRETCH:
                return
            values = key(rows[-1])
