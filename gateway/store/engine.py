"""The database: one writer thread that groups commits, and readers beside it.

Work for the writer is a function of a ``Transaction``. All work that waits is run in one
transaction and committed with one fsync, so a hundred callers pay for one. If any of it fails, the
transaction is rolled back and each piece runs again in one of its own: a refusal touches nobody
else (a savepoint for each was measured at twice the statements of a short job).

SQLite before 3.51.3 can corrupt a WAL that two connections write or checkpoint at once; there is
exactly one read-write connection here, it does all checkpoints, and a lock file keeps a second
daemon out.

A new database is made from ``schema.sql`` in one transaction; Alembic is imported only to bring an
older one up to date. Reading every page to see that none is damaged takes longer the more labels
are kept, so it is done only when the last daemon did not close the database itself.

>>> import tempfile, pathlib
>>> folder = tempfile.TemporaryDirectory()
>>> database = Database.open(pathlib.Path(folder.name) / "gateway.db")
>>> database.run(lambda t: t.execute("SELECT 1 + 1").fetchone()[0])
2
>>> database.close(); folder.cleanup()
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from gateway.errors import DiskFull, GatewayError, InUse, StoreError
from gateway.store.constraints import RuleBroken, constraint_name
from gateway.store.lock import FileLock

log = logging.getLogger(__name__)

T = TypeVar("T")

HEAD = "0003"
"""The newest migration: what ``schema.sql`` makes, and older databases are brought to."""

CLOSED_WELL = 1
"""The database's ``user_version`` while no daemon has it open, 0 from its opening on. It is in the
file itself, so a copy taken beside a running daemon is checked when it is opened."""

LARGEST_GROUP = 256
"""Pieces of work in one commit, at most: keeps the wait of the first short."""

CHECKPOINT_PAGES = 4000
"""WAL pages (4 kB) after which the writer moves them into the database file."""

FREE_FLOOR = 200 * 1024 * 1024
"""Bytes that must stay free on the disk for a promise to be made."""


class Transaction:
    """What a piece of work sees: statements, and what shall happen after the commit."""

    __slots__ = ("_after", "_connection", "_instead", "touched")

    def __init__(
        self,
        connection: sqlite3.Connection,
        after: list[Callable[[], None]],
        instead: list[Callable[[], None]],
    ) -> None:
        self._connection = connection
        self._after, self._instead = after, instead
        self.touched = False
        """True once a feed entry was written: listeners are told after the commit."""

    def execute(self, query: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        """Run one statement, ``?`` for each value; return its rows.

        Raises:
            RuleBroken: a constraint or trigger refused it.
        """
        try:
            return self._connection.execute(query, values)
        except sqlite3.IntegrityError as error:
            raise RuleBroken(constraint_name(error), str(error)) from error

    def executemany(self, query: str, rows: Iterable[Sequence[object]]) -> sqlite3.Cursor:
        """Run one statement for each row of values.

        Raises:
            RuleBroken: a constraint or trigger refused one.
        """
        try:
            return self._connection.executemany(query, rows)
        except sqlite3.IntegrityError as error:
            raise RuleBroken(constraint_name(error), str(error)) from error

    def allot(self, table: str, count: int) -> range:
        """Return that many new consecutive numbers for rows of a table that numbers its rows.

        They are this transaction's; rows inserted without a number never get one of them. What is
        rolled back may leave a gap.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with Database.open(Path(folder) / "gateway.db") as database:
        ...         database.run(lambda t: (t.allot("job", 3), t.allot("job", 1)))
        (range(1, 4), range(4, 5))
        """
        moved = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq"
        rows = self._connection.execute(moved, (count, table)).fetchall()
        if not rows:  # the first of all
            numbers = self._connection.execute(
                "SELECT 1 FROM sqlite_master WHERE name = ? AND sql LIKE '%AUTOINCREMENT%'",
                (table,),
            ).fetchall()
            if not numbers:
                raise LookupError(table)
            begin = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"
            self._connection.execute(begin, (table, count))
            rows = [(count,)]
        last = int(rows[0][0])
        return range(last - count + 1, last + 1)

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Insert many rows in the fastest way the database has; return how many.

        Raises:
            RuleBroken: a constraint or trigger refused one.
        """
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        return self.executemany(insert, rows).rowcount

    def after(self, call: Callable[[], None]) -> None:
        """Run ``call`` once the transaction is durable, on the writer's thread. Keep it short."""
        self._after.append(call)

    def instead(self, call: Callable[[], None]) -> None:
        """Run ``call`` when the transaction is rolled back: the work may then run once more."""
        self._instead.append(call)


Work = Callable[[Transaction], T]


class _Item(Generic[T]):
    """Work that waits, and how to answer it."""

    __slots__ = ("error", "loop", "result", "waiter", "work")

    def __init__(
        self,
        work: Work[T],
        waiter: Future[T] | asyncio.Future[T],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        self.work, self.waiter, self.loop = work, waiter, loop
        self.result: T | None = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        if self.waiter.done():  # the asker has left
            return
        if self.error is not None:
            self.waiter.set_exception(self.error)
        else:
            self.waiter.set_result(self.result)  # type: ignore[arg-type]


def _settle_all(items: Iterable[_Item[Any]]) -> None:
    for item in items:
        item.settle()


class Database:
    """One SQLite file, one writer thread, a read-only connection for each reading thread."""

    def __init__(self, path: Path, lock: FileLock) -> None:
        self.path = path
        self._lock = lock
        self._queue: queue.SimpleQueue[_Item[Any] | None] = queue.SimpleQueue()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._writer = self._connect()
        self._closed = False
        self._fault: str | None = None
        self._thread = threading.Thread(target=self._serve, name="store", daemon=True)

    # ------------------------------------------------------------ opening

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open the database, make or migrate it, and start its writer.

        Raises:
            InUse: another daemon has this data directory.
            StoreError: the file is damaged, or newer than this program.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(path.with_name("gateway.lock"))
        if not lock.acquire():
            raise InUse(
                f"Another label-gateway already runs on {path.parent}; stop it, or give this one "
                "its own GATEWAY_DATA_DIR.",
                folder=str(path.parent),
            )
        try:
            if not path.exists():
                # Keys and labels are nobody else's: T19.
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            database = cls(path, lock)
            try:
                database._prepare()
            except BaseException:
                database._writer.close()
                raise
        except BaseException:
            lock.release()
            raise
        database._thread.start()
        return database

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
            run("PRAGMA cache_size = -8000")
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

    # ------------------------------------------------------------ asking

    def run(self, work: Work[T]) -> T:
        """Do the work and return its result once it is durable. Blocks this thread.

        Raises:
            GatewayError: whatever the work refuses; nothing of it is kept.
            StoreError, DiskFull: the disk or the database failed.
        """
        return self.submit(work).result()

    def submit(self, work: Work[T]) -> Future[T]:
        """Put the work in line and return at once; the result is there once it is durable."""
        waiter: Future[T] = Future()
        self._put(_Item(work, waiter, None))
        return waiter

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hold the writer back inside the block, so that what is submitted shares one commit."""
        go = threading.Event()
        began = self.submit(lambda _: go.wait())
        try:
            yield
        finally:
            go.set()
            began.result()

    async def write(self, work: Work[T]) -> T:
        """The same, awaited on the event loop."""
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[T] = loop.create_future()
        self._put(_Item(work, waiter, loop))
        return await waiter

    def _put(self, item: _Item[Any]) -> None:
        if self._closed:
            raise StoreError("The gateway is stopping; send the request again to the next one.")
        self._queue.put(item)

    def reader(self) -> sqlite3.Connection:
        """Return this thread's read-only connection; rows are plain tuples."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=128,
            )
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA busy_timeout = 5000")
            connection.execute("PRAGMA cache_size = -2000")
            self._local.connection = connection
            with self._readers_lock:
                self._readers.append(connection)
        return connection

    def read(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of one query."""
        return self.reader().execute(query, values).fetchall()

    def listen(self, call: Callable[[], None]) -> None:
        """Call ``call`` after each commit that wrote to the feed, on the writer's thread."""
        self._listeners.append(call)

    def unlisten(self, call: Callable[[], None]) -> None:
        self._listeners.remove(call)

    @property
    def fault(self) -> str | None:
        """Why the last commit failed, in a sentence; None while all is well."""
        return self._fault

    # ------------------------------------------------------------ the writer

    def _serve(self) -> None:
        pages = 0
        while True:
            item = self._queue.get()
            if item is None:
                return
            group = [item]
            stopping = False
            while len(group) < LARGEST_GROUP:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    stopping = True
                    break
                group.append(item)
            before = self._writer.total_changes
            self._commit(group)
            self._answer(group)
            # A guess: some four rows to a page of the WAL, indexes counted; at least one a piece.
            pages += max(len(group), (self._writer.total_changes - before) // 4)
            idle = self._queue.empty()
            if pages >= (CHECKPOINT_PAGES // 4 if idle else CHECKPOINT_PAGES):
                pages = 0
                self._checkpoint()
            if stopping:
                return

    def _commit(self, group: list[_Item[Any]]) -> None:
        if self._attempt(group) or len(group) == 1:
            return
        for item in group:
            item.error = item.result = None
            self._attempt([item])

    def _attempt(self, group: list[_Item[Any]]) -> bool:
        """Run the group in one transaction; False when it was rolled back."""
        after: list[Callable[[], None]] = []
        instead: list[Callable[[], None]] = []
        transaction = Transaction(self._writer, after, instead)
        execute = self._writer.execute
        try:
            execute("BEGIN IMMEDIATE")
            for item in group:
                item.result = item.work(transaction)
            execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 - the asker gets it, whatever it is
            if self._writer.in_transaction:
                try:
                    execute("ROLLBACK")
                except sqlite3.Error:
                    log.exception("rollback failed")
            for call in instead:
                call()
            translated = self._translate(error)
            for item in group:
                item.error = translated
            return False
        self._fault = None
        for call in after:
            try:
                call()
            except Exception:
                log.exception("a call after the commit failed")
        if transaction.touched:
            for listener in tuple(self._listeners):
                listener()
        return True

    def _translate(self, error: BaseException) -> BaseException:
        if isinstance(error, GatewayError):
            return error
        if isinstance(error, sqlite3.OperationalError):
            text = str(error)
            if "full" in text:
                self._fault = f"The disk of {self.path.parent} is full."
                full = DiskFull(
                    f"The disk of {self.path.parent} is full; free some space and send the "
                    "request again.",
                    folder=str(self.path.parent),
                )
                full.__cause__ = error
                return full
            self._fault = f"The database cannot write ({text})."
            log.error("the database cannot write", extra={"reason": text})
            broken = StoreError(
                f"The database cannot write ({text}); check the disk and send the request again.",
                reason=text,
            )
            broken.__cause__ = error
            return broken
        return error

    @staticmethod
    def _answer(group: list[_Item[Any]]) -> None:
        loops: dict[asyncio.AbstractEventLoop, list[_Item[Any]]] = {}
        for item in group:
            if item.loop is None:
                item.settle()
            else:
                loops.setdefault(item.loop, []).append(item)
        for loop, items in loops.items():
            try:
                loop.call_soon_threadsafe(_settle_all, items)  # one wake-up for the whole group
            except RuntimeError:  # the loop has been closed: nobody waits any more
                log.debug("an event loop closed before its answer")

    def _checkpoint(self) -> None:
        try:
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            log.warning("checkpoint failed", extra={"reason": str(error)})

    # ------------------------------------------------------------ closing

    def close(self) -> None:
        """Finish what waits, move the WAL into the file, and give the lock back."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()
        with self._readers_lock:
            for reader in self._readers:
                reader.close()
        try:
            self._writer.execute("PRAGMA optimize")
            if self._fault is None:  # after a failed write the next start had better look
                self._writer.execute(f"PRAGMA user_version = {CLOSED_WELL}")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except sqlite3.Error as error:
            log.warning("the database was not closed well", extra={"reason": str(error)})
        self._writer.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def now() -> int:
    """Return the wall clock in microseconds UTC: for display and expiry, never for order."""
    return time.time_ns() // 1000
