"""What reports are made with: a statement that goes on behind a key, days, money in major units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.registry.lives import State
from gateway.registry.tables import Cell
from gateway.store.registry.lives import Run

STRETCH = 1_000
"""Rows of one statement."""

Row = Sequence[Cell]
Given = Mapping[str, str]

DAY = timedelta(days=1)
WARNS = timedelta(days=90)
"""How far ahead warranties are looked at when nobody says."""

ZERO_DIGITS = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
     "VUV", "XAF", "XOF", "XPF")
)  # fmt: skip
THREE_DIGITS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
"""Currencies whose minor unit is not a hundredth (ISO 4217, table A.1)."""


def major(amount: int | None, currency: str | None) -> Decimal | None:
    """Return money in major units.

    >>> major(1050, "EUR"), major(1050, "JPY"), major(-5, "KWD"), major(None, "EUR")
    (Decimal('10.50'), Decimal('1050'), Decimal('-0.005'), None)
    """
    if amount is None:
        return None
    digits = 0 if currency in ZERO_DIGITS else 3 if currency in THREE_DIGITS else 2
    return Decimal(amount).scaleb(-digits)


@dataclass(slots=True)
class Query:
    """A statement that can go on behind a key: columns, tables, conditions."""

    key: tuple[str, ...]
    start: tuple[object, ...]
    columns: str
    tables: str
    before: str = ""
    """A common table expression."""
    before_values: list[object] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def where(self, condition: str, *values: object) -> None:
        self.conditions.append(condition)
        self.values += values

    def rows(self, run: Run) -> Iterator[tuple[Any, ...]]:
        """Yield the rows without their keys."""
        at, wide = self.start, len(self.key)
        while True:
            # SQLite finds "behind this key" in an index only by columns before the row's number,
            # so what is left of the same group is asked for first, and then the next groups.
            rows = self._stretch(run, at, same=True) if wide > 1 else []
            yield from (row[wide:] for row in rows)
            if len(rows) < STRETCH:
                rows = self._stretch(run, at, same=False)
                yield from (row[wide:] for row in rows)
                if len(rows) < STRETCH:
                    return
            at = rows[-1][:wide]

    def _stretch(self, run: Run, at: Sequence[object], *, same: bool) -> list[tuple[Any, ...]]:
        group = self.key[:-1] or self.key
        marks = ", ".join("?" * len(group))
        if same:
            behind = f"({', '.join(group)}) = ({marks}) AND {self.key[-1]} > ?"
            given = tuple(at)
        else:
            behind = f"({', '.join(group)}) > ({marks})"
            given = tuple(at[: len(group)])
        keys = ", ".join(self.key)
        query = (
            f"{self.before}SELECT {keys}, {self.columns} FROM {self.tables} "
            f"WHERE {' AND '.join([behind, *self.conditions])} ORDER BY {keys} LIMIT ?"
        )
        return list(run(query, (*self.before_values, *given, *self.values, STRETCH)))


INSIDE = (
    "WITH RECURSIVE here (id) AS (SELECT id FROM place WHERE id = ? UNION "
    "SELECT p.id FROM place p JOIN here ON p.parent = here.id) "
)


def listed(states: Iterable[State]) -> str:
    """Return states as SQL lists them."""
    return ", ".join(repr(state.value) for state in sorted(states))


def day(text: str) -> date:
    """Return a day written as ISO 8601."""
    return date.fromisoformat(text)


def micros(when: date) -> int:
    """Return a day's beginning in microseconds UTC."""
    return int(datetime(when.year, when.month, when.day, tzinfo=UTC).timestamp()) * 1_000_000


def today() -> date:
    """Return the day it is, UTC."""
    return datetime.now(UTC).date()


def moment(at: int | None) -> str | None:
    """Return microseconds UTC as RFC 3339 writes them, to the second."""
    if at is None:
        return None
    found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
    return found.isoformat(timespec="seconds").replace("+00:00", "Z")


def between(query: Query, given: Given, column: str) -> None:
    """Narrow to the days ``from`` and ``to``, both of them included."""
    if "from" in given:
        query.where(f"{column} >= ?", micros(day(given["from"])))
    if "to" in given:
        query.where(f"{column} < ?", micros(day(given["to"]) + DAY))
