"""Tables that somebody is bringing in: kept while their columns are chosen and their rows checked.

    file ──keep──► id ──► columns chosen ──► checked (nothing is changed) ──► taken ──► report

Kept in memory and packed, for an hour or two: what is taken is durable by itself, and after a
restart of the gateway the file is chosen once more.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.errors import Unknown
from gateway.registry.imports import Outcome, Report, What
from gateway.registry.tables import Row, Table

KEPT_FOR = 2 * 3600.0
"""Seconds after it was last looked at."""

MOST_TABLES = 20
MOST_ROWS = 500_000
"""Rows of all tables that are kept: some 50 MB packed. The oldest is forgotten first."""

SAMPLE = 5
"""Rows that are shown while the columns are chosen."""

MOST_GOOD = 1_000
"""Rows of a report that are shown of those that were not refused; all are counted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a table is to be taken."""

    what: What
    columns: Mapping[str, str]
    """Our column -> the table's."""
    values: Mapping[str, str]
    """Our column -> what it is where the table says nothing."""
    dry: bool
    partial: bool


@dataclass(slots=True)
class Import:
    """A table being checked or taken, and what came of it."""

    asked: Asked
    work: int = 0
    counts: Mapping[str, int] | None = None
    """How many rows came to what; None before it has ended."""
    applied: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    """Every row that was refused, and the first of the others."""

    def end(self, report: Report, *, applied: bool) -> None:
        """Keep what came of it."""
        good = 0
        kept = []
        for one in report.outcomes:
            if one.status != "refused":
                good += 1
                if good > MOST_GOOD:
                    continue
            kept.append(one)
        self.outcomes, self.applied, self.counts = kept, applied, report.counts


@dataclass(slots=True)
class KeptTable:
    """A table that was read."""

    id: str
    name: str
    """The file's."""
    actor: str
    header: tuple[str, ...]
    form: Literal["csv", "xlsx"]
    notes: tuple[str, ...]
    rows: int
    sample: tuple[Row, ...]
    packed: bytes
    seen_at: float
    last: Import | None = None

    def table(self) -> Table:
        """Return it with all its rows."""
        cells = json.loads(zlib.decompress(self.packed))
        rows = tuple(
            Row(number, dict(zip(self.header, row, strict=True))) for number, *row in cells
        )
        return Table(self.header, rows, self.form, self.notes)


class KeptTables:
    """All tables that are being brought in. Used from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._tables: OrderedDict[str, KeptTable] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, table: Table, name: str, actor: str) -> KeptTable:
        """Keep a table, and forget the oldest where there are too many."""
        cells = [[row.number, *row.values.values()] for row in table.rows]
        packed = zlib.compress(json.dumps(cells, ensure_ascii=False).encode(), 1)
        kept = KeptTable(
            secrets.token_urlsafe(9), name, actor, table.header, table.form, table.notes,
            len(table.rows), table.rows[:SAMPLE], packed, self._clock(),
        )  # fmt: skip
        with self._lock:
            self._tables[kept.id] = kept
            self._forget()
        return kept

    def get(self, id: str) -> KeptTable:
        """Return a table.

        Raises:
            Unknown: it was never there, or is no more.
        """
        with self._lock:
            self._forget()
            kept = self._tables.get(id)
            if kept is None:
                raise Unknown(
                    "This table is not kept any more; choose its file once more.", table=id[:40]
                )
            kept.seen_at = self._clock()
            self._tables.move_to_end(id)
        return kept

    def drop(self, id: str) -> None:
        """Forget a table."""
        with self._lock:
            self._tables.pop(id, None)

    def _forget(self) -> None:
        before = self._clock() - KEPT_FOR
        while self._tables:
            oldest = next(iter(self._tables.values()))
            rows = sum(one.rows for one in self._tables.values())
            full = len(self._tables) > MOST_TABLES or rows > MOST_ROWS
            if not (oldest.seen_at < before or (full and len(self._tables) > 1)):
                return
            del self._tables[oldest.id]
