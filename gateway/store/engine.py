"""The database: one writer thread that groups commits, and readers beside it.

Work for the writer is a function of a ``Transaction``. All work that waits is run in one
transaction and committed with one fsync, so a hundred callers pay for one. If any of it fails, the
transaction is rolled back and each piece runs again in one of its own: a refusal touches nobody
else (a savepoint for each was measured at twice the statements of a short job).

What kind of database it is says ``gateway.store.dialect``: a file of SQLite's, or one on a
PostgreSQL server. A commit whose end was not seen, because the server went away in it, is neither
promised nor called lost: whoever asked is told that it is not known, and nothing else is written
before the server has said what came of it.

A new database is made from ``schema.sql`` in one transaction; Alembic is imported only to bring an
older one up to date, or to make one on a server.

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
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from gateway.errors import InUse, Moved, StoreError
from gateway.store.dialect import (
    Dialect,
    OutcomeUnknown,
    Place,
    Reader,
    Server,
    Statements,
    folder_of,
)
from gateway.store.lock import FileLock

log = logging.getLogger(__name__)

T = TypeVar("T")

HEAD = "0008"
"""The newest migration: what ``schema.sql`` makes, and older databases are brought to."""

LARGEST_GROUP = 256
"""Pieces of work in one commit, at most: keeps the wait of the first short."""

MOST_TRIES = 3
"""Times a transaction is run when a server's connection breaks, or it asks to try again."""

PROBE_EVERY = 1.0
"""Seconds between two looks at a database that failed while nobody asks for anything."""

FREE_FLOOR = 200 * 1024 * 1024
"""Bytes that must stay free on the disk for a promise to be made."""


class Transaction:
    """What a piece of work sees: statements, and what shall happen after the commit.

    ``execute``, ``executemany``, ``allot`` and ``bulk`` are those of
    ``gateway.store.dialect.Statements``.
    """

    __slots__ = ("_after", "_instead", "allot", "bulk", "execute", "executemany", "touched")

    def __init__(self, statements: Statements) -> None:
        self.execute = statements.execute
        self.executemany = statements.executemany
        self.allot = statements.allot
        self.bulk = statements.bulk
        self._after: list[Callable[[], None]] = []
        self._instead: list[Callable[[], None]] = []
        self.touched = False
        """True once a feed entry was written: listeners are told after the commit."""

    def after(self, call: Callable[[], None]) -> None:
        """Run ``call`` once the transaction is durable, on the writer's thread. Keep it short."""
        self._after.append(call)

    def instead(self, call: Callable[[], None]) -> None:
        """Run ``call`` when the transaction is rolled back: the work may then run once more."""
        self._instead.append(call)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Do what is inside whole or not at all; when it fails, what came before it stays."""
        after, instead = len(self._after), len(self._instead)
        touched = self.touched
        self.execute("SAVEPOINT attempt")
        try:
            yield
        except BaseException:
            self.execute("ROLLBACK TO SAVEPOINT attempt")
            self.execute("RELEASE SAVEPOINT attempt")
            del self._after[after:]
            for call in self._instead[instead:]:
                call()
            del self._instead[instead:]
            self.touched = touched
            raise
        self.execute("RELEASE SAVEPOINT attempt")

    def kept(self) -> None:
        """Do what was asked for after the commit; the writer calls it."""
        for call in self._after:
            try:
                call()
            except Exception:
                log.exception("a call after the commit failed")

    def undone(self) -> None:
        """Do what was asked for in its place; the writer calls it."""
        for call in self._instead:
            call()


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
    """One database, one writer thread, readers beside it."""

    def __init__(self, dialect: Dialect, lock: FileLock) -> None:
        self._dialect, self._lock = dialect, lock
        self._queue: queue.SimpleQueue[_Item[Any] | None] = queue.SimpleQueue()
        self._listeners: list[Callable[[], None]] = []
        self._overhearing: list[Callable[[], None]] = []
        self._closed = False
        self._fault: str | None = None
        self._sealed: str | None = None
        self._unseen: Transaction | None = None
        """The one whose commit's end was not seen."""
        self._thread = threading.Thread(target=self._serve, name="store", daemon=True)

    # ------------------------------------------------------------ opening

    @classmethod
    def open(cls, place: Place, folder: Path | None = None) -> Self:
        """Open the database, make or migrate it, and start its writer.

        ``folder`` is the data directory, which one daemon has. A file has one of its own.

        Raises:
            InUse: another daemon has this data directory.
            StoreError: the database is damaged, newer than this program, or cannot be reached.
        """
        folder = folder_of(place, folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(folder / "gateway.lock")
        if not lock.acquire():
            raise InUse(
                f"Another label-gateway already runs on {folder}; stop it, or give this one "
                "its own GATEWAY_DATA_DIR.",
                folder=str(folder),
            )
        try:
            database = cls(_open(place, folder), lock)
        except BaseException:
            lock.release()
            raise
        database._thread.start()
        return database

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

    def reader(self) -> Reader:
        """Return this thread's connection for reading; rows are plain tuples.

        Raises:
            StoreError: it is not known what came of a commit, so what is read might change.
        """
        if self._unseen is not None:
            raise StoreError(
                "It is not known yet what came of the last commit, for the server went away in "
                "it; ask again in a moment."
            )
        return self._dialect.reader()

    def read(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of one query.

        Raises:
            InputRefused: a number is larger than any that is kept.
            StoreError: it is not known what came of a commit, or the database cannot be read.
        """
        return self.reader().execute(query, values).fetchall()

    def listen(self, call: Callable[[], None]) -> None:
        """Call ``call`` after each commit that wrote to the feed, on a thread of the store.

        Also after those of other daemons that share the database.
        """
        self._listeners.append(call)
        self._dialect.listen(self._others_wrote)

    def unlisten(self, call: Callable[[], None]) -> None:
        self._listeners.remove(call)

    def claim(self, number: int) -> bool:
        """Be the daemon of that number until the end; False when another one is."""
        return self.run(lambda _: self._dialect.claim(number))

    def overhear(self, call: Callable[[], None]) -> None:
        """Call ``call`` after other daemons' commits that wrote to the feed, and only theirs."""
        self._overhearing.append(call)
        self._dialect.listen(self._others_wrote)

    def _others_wrote(self) -> None:
        for call in (*self._overhearing, *self._listeners):
            try:
                call()
            except Exception:  # a thread's edge: the next entry will be heard
                log.exception("what another daemon wrote was not heard")

    def seal(self, sentence: str) -> None:
        """Let nothing change any more: whatever comes after what waits is refused so (``Moved``).

        Raises:
            StoreError, DiskFull: the disk or the database failed.
        """

        if self._sealed is not None:
            return

        def close() -> None:
            self._sealed = sentence

        # By the writer itself, so that no work can be between the question and its commit.
        self.run(lambda t: t.after(close))

    def unseal(self) -> None:
        """Let things change again."""
        self._sealed = None

    @property
    def fault(self) -> str | None:
        """Why the last commit failed, in a sentence; None while all is well."""
        return self._fault

    # ------------------------------------------------------------ the writer

    def _serve(self) -> None:
        while True:
            item = self._wait()
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
            self._commit(group)
            self._answer(group)
            self._dialect.rest(len(group), idle=self._queue.empty())
            if stopping:
                return

    def _wait(self) -> _Item[Any] | None:
        """Return the next piece of work; look meanwhile whether what failed works again."""
        while self._fault is not None:
            try:
                return self._queue.get(timeout=PROBE_EVERY)
            except queue.Empty:
                try:
                    self._see_last()
                    if self._dialect.recovered():
                        self._fault = None
                except Exception as error:  # noqa: BLE001 - it is looked at again soon
                    log.debug("the database is still away", extra={"reason": str(error)})
        return self._queue.get()

    def _commit(self, group: list[_Item[Any]]) -> None:
        if self._attempt(group) or len(group) == 1:
            return
        for item in group:
            item.error = item.result = None
            self._attempt([item])

    def _attempt(self, group: list[_Item[Any]]) -> bool:
        """Run the group in one transaction; False when each shall be run alone."""
        if self._sealed is not None:
            for item in group:
                item.error = Moved(self._sealed)
            return True
        for left in reversed(range(MOST_TRIES)):
            transaction = Transaction(self._dialect)
            try:
                self._see_last()
                self._dialect.begin()
                for item in group:
                    item.result = item.work(transaction)
                self._dialect.commit(told=transaction.touched)
            except OutcomeUnknown as unknown:
                self._unseen = transaction
                self._fail(group, unknown)
                return True
            except BaseException as error:  # noqa: BLE001 - the asker gets it, whatever it is
                self._dialect.rollback()
                transaction.undone()
                if left and self._dialect.passing(error):
                    continue
                return self._fail(group, error)
            self._fault = None
            self._keep(transaction)
            return True
        raise AssertionError("the last try is answered")

    def _keep(self, transaction: Transaction) -> None:
        transaction.kept()
        if transaction.touched:
            for listener in tuple(self._listeners):
                listener()

    def _see_last(self) -> None:
        """Learn what came of a commit whose end was not seen, and do what depends on it.

        Raises:
            StoreError: the server has not said so yet.
        """
        transaction = self._unseen
        if transaction is None:
            return
        kept = self._dialect.outcome()
        if kept is None:
            raise StoreError(
                "It is not known yet what came of the last commit, for the server went away in "
                "it; send the request again in a moment."
            )
        self._unseen = None
        if kept:
            self._keep(transaction)
        else:
            transaction.undone()

    def _fail(self, group: list[_Item[Any]], error: BaseException) -> bool:
        """Answer with an error; True when running each piece alone would not help."""
        failure = self._dialect.failure(error)
        if failure is not None:
            shown, self._fault = failure
            shown.__cause__ = error
            error = shown
        for item in group:
            item.error = error
        return self._dialect.gone

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

    # ------------------------------------------------------------ closing

    def close(self) -> None:
        """Finish what waits, close the database well, and give the lock back."""
        if self._closed:
            return
        self._closed = True
        self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()
        self._turn_away()
        # After a failed write the next start had better look.
        self._dialect.close(well=self._fault is None)
        self._lock.release()

    def _turn_away(self) -> None:
        """Answer what came behind the end."""
        while not self._queue.empty():
            item = self._queue.get()
            if item is not None:
                item.error = StoreError("The gateway is stopping; send the request again.")
                self._answer([item])

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


def _open(place: Place, folder: Path) -> Dialect:
    if isinstance(place, Server):
        from gateway.store.postgres import Postgres  # late: a driver that few need

        return Postgres.open(place, folder)
    from gateway.store.sqlite import Sqlite

    return Sqlite.open(place)
