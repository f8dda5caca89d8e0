"""SQLite: one file, one connection that writes, a read-only one for each thread that reads.

SQLite before 3.51.3 can corrupt a WAL that two connections write or checkpoint at once; there is
exactly one read-write connection here, it does all checkpoints, and a lock file keeps a second
daemon out.

Reading every page to see that none is damaged takes longer the more labels are kept, so it is done
only when the last daemon did not close the database itself.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Self

from gateway.errors import DiskFull, GatewayError, StoreError
from gateway.store.constraints import RuleBroken, constraint_name
from gateway.store.dialect import Values, too_large
from gateway.store.engine import HEAD

log = logging.getLogger(__name__)

CLOSED_WELL = 1
"""The database's ``user_version`` while no daemon has it open, 0 from its opening on. It is in the
file itself, so a copy taken beside a running daemon is checked when it is opened."""

CHECKPOINT_PAGES = 4000
"""WAL pages (4 kB) after which the writer moves them into the database file."""

CACHE = 8_000
"""kB of pages that the writer keeps."""

BULK_CACHE = 64_000
"""kB while many rows are written: 100,000 serials into a million took a third less time."""

BULK_VALUES = 4_000
"""Values in one statement of many rows; SQLite takes 32,766 (limits, SQLITE_MAX_VARIABLE_NUMBER).
"""

MANY_ROWS = 2_000
"""Rows from which on a bulk is worth a larger cache."""


class _Reader(sqlite3.Connection):
    """A connection that refuses numbers it has no room for as input."""

    def execute(self, query: str, values: Any = (), /) -> sqlite3.Cursor:
        try:
            return super().execute(query, values)
        except OverflowError as error:
            raise too_large() from error


class Sqlite:
    """A database in a file. Implements ``gateway.store.dialect.Dialect``."""

    gone = False
    """A file does not go away."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._pages = self._changes = 0
        self._roomy = False
        self._writer = self._connect()

    # ------------------------------------------------------------ opening

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the file, make or migrate it.

        Raises:
            StoreError: the file is damaged, or newer than this program.
        """
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Keys and labels are nobody else's: T19.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        opened = cls(path)
        try:
            opened._prepare()
        except BaseException:
            opened._writer.close()
            raise
        return opened

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        connection.execute("PRAGMA busy_timeout = 5000")
        return connection

    def _prepare(self) -> None:
        try:
            version = self._version()
            if version is not None and not self._closed_well():
                self._check_pages()
            if version not in (None, HEAD):
                self._writer.close()
                from gateway.store.migrate import migrate  # late: SQLAlchemy and Alembic

                migrate(self.path, version)
                self._writer = self._connect()
            run = self._writer.execute
            run("PRAGMA journal_mode = WAL")
            run("PRAGMA synchronous = FULL")
            run("PRAGMA foreign_keys = ON")
            run("PRAGMA wal_autocheckpoint = 0")
            run(f"PRAGMA cache_size = -{CACHE}")
            run("PRAGMA temp_store = MEMORY")
            if version is None:
                self._create()
            elif self._closed_well():
                run("PRAGMA user_version = 0")
            # Into the file, where a copy of it alone is told from one of a closed database.
            run("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"The database {self.path} cannot be read ({error}); restore the newest backup "
                "with label-gateway restore. Nothing was changed.",
                file=str(self.path),
            ) from error

    def _version(self) -> str | None:
        """Return the database's schema; None when it is empty."""
        names = {name for (name,) in self._writer.execute("SELECT name FROM sqlite_master")}
        if not names:
            return None
        if "alembic_version" in names:
            row = self._writer.execute("SELECT version_num FROM alembic_version").fetchone()
            if row is not None:
                return str(row[0])
        raise StoreError(
            f"{self.path} is a database of another program; move it away, or give label-gateway "
            "another data directory. Nothing was changed.",
            file=str(self.path),
        )

    def _closed_well(self) -> bool:
        return bool(self._writer.execute("PRAGMA user_version").fetchone()[0] == CLOSED_WELL)

    def _check_pages(self) -> None:
        report = self._writer.execute("PRAGMA quick_check(1)").fetchone()[0]
        if report != "ok":
            raise StoreError(
                f"The database {self.path} is damaged ({report}); restore the newest backup with "
                "label-gateway restore. Nothing was changed.",
                file=str(self.path),
            )

    def _create(self) -> None:
        from gateway.store.schema import creation

        try:
            self._writer.executescript(creation())
        except sqlite3.OperationalError as error:  # nothing is lost: there was nothing
            raise StoreError(
                f"The database {self.path} cannot be made ({error}); see that its disk has room "
                "and may be written, and start again.",
                file=str(self.path),
            ) from error

    # ------------------------------------------------------------ statements

    def execute(self, query: str, values: Values = (), /) -> sqlite3.Cursor:
        try:
            return self._writer.execute(query, values)
        except sqlite3.IntegrityError as error:
            raise RuleBroken(constraint_name(error), str(error)) from error
        except OverflowError as error:
            raise too_large() from error

    def executemany(self, query: str, rows: Iterable[Values], /) -> sqlite3.Cursor:
        try:
            return self._writer.executemany(query, rows)
        except sqlite3.IntegrityError as error:
            raise RuleBroken(constraint_name(error), str(error)) from error
        except OverflowError as error:
            raise too_large() from error

    def allot(self, table: str, count: int) -> range:
        moved = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq"
        rows = self._writer.execute(moved, (count, table)).fetchall()
        if not rows:  # the first of all
            numbers = self._writer.execute(
                "SELECT 1 FROM sqlite_master WHERE name = ? AND sql LIKE '%AUTOINCREMENT%'",
                (table,),
            ).fetchall()
            if not numbers:
                raise LookupError(table)
            begin = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"
            self._writer.execute(begin, (table, count))
            rows = [(count,)]
        last = int(rows[0][0])
        return range(last - count + 1, last + 1)

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> int:
        # Many rows in one statement: a table with triggers has a journal opened for each statement,
        # and every page that it changes copied there.
        one = f"({', '.join('?' * len(columns))})"
        into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "
        at_once = max(1, BULK_VALUES // len(columns))
        many = into + ", ".join([one] * at_once)
        left, written = iter(rows), 0
        while len(part := list(islice(left, at_once))) == at_once:
            self.execute(many, list(chain.from_iterable(part)))
            written += at_once
            if written > MANY_ROWS and not self._roomy:
                self._writer.execute(f"PRAGMA cache_size = -{BULK_CACHE}")
                self._roomy = True
        if part:
            self.executemany(into + one, part)
        return written + len(part)

    # ------------------------------------------------------------ transactions

    def begin(self) -> None:
        self._writer.execute("BEGIN IMMEDIATE")

    def commit(self, *, told: bool) -> None:
        del told  # this process is all who could listen
        self._writer.execute("COMMIT")

    def rollback(self) -> None:
        if not self._writer.in_transaction:
            return
        try:
            self._writer.execute("ROLLBACK")
        except sqlite3.Error:
            log.exception("rollback failed")

    def outcome(self) -> bool:
        raise AssertionError("a file's commit ends before the eyes of who asked for it")

    def passing(self, error: BaseException) -> bool:
        del error  # one writer has the file, and no other comes between
        return False

    def recovered(self) -> bool:
        return False  # the next commit will say so

    def failure(self, error: BaseException) -> tuple[GatewayError, str] | None:
        if not isinstance(error, sqlite3.OperationalError):
            return None
        text = str(error)
        if "full" in text:
            return DiskFull(
                f"The disk of {self.path.parent} is full; free some space and send the request "
                "again.",
                folder=str(self.path.parent),
            ), f"The disk of {self.path.parent} is full."
        log.error("the database cannot write", extra={"reason": text})
        return StoreError(
            f"The database cannot write ({text}); check the disk and send the request again.",
            reason=text,
        ), f"The database cannot write ({text})."

    # ------------------------------------------------------------ reading

    def reader(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=128,
                factory=_Reader,
            )
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute("PRAGMA cache_size = -2000")
            self._local.connection = connection
            with self._readers_lock:
                self._readers.append(connection)
        return connection

    def claim(self, number: int) -> bool:
        del number
        return True  # the lock of the data directory says so

    def listen(self, changed: Callable[[], None]) -> None:
        """Nobody else writes to the file."""

    # ------------------------------------------------------------ resting and closing

    def rest(self, pieces: int, *, idle: bool) -> None:
        # A guess: some four rows to a page of the WAL, indexes counted; at least one a piece.
        if self._roomy:
            self._writer.execute(f"PRAGMA cache_size = -{CACHE}")
            self._roomy = False
        changes = self._writer.total_changes
        self._pages += max(pieces, (changes - self._changes) // 4)
        self._changes = changes
        if self._pages < (CHECKPOINT_PAGES // 4 if idle else CHECKPOINT_PAGES):
            return
        self._pages = 0
        try:
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            log.warning("checkpoint failed", extra={"reason": str(error)})

    def close(self, *, well: bool) -> None:
        with self._readers_lock:
            for reader in self._readers:
                reader.close()
        try:
            self._writer.execute("PRAGMA optimize")
            if well:
                self._writer.execute(f"PRAGMA user_version = {CLOSED_WELL}")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            log.warning("the database was not closed well", extra={"reason": str(error)})
        self._writer.close()
