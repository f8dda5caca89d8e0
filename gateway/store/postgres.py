"""PostgreSQL: a server that several daemons may share; one transaction writes at a time.

Every transaction takes one lock of the database before it does anything, and has it until its
commit. So what holds in SQLite holds here, for every statement of the stores: work may look and
then write, numbers are given out and feed entries appear in the order of commits, and no deadlock
or serialisation failure is possible between daemons. A commit of many pieces costs the server one
flush, as it costs the disk one, which is what the speed of a warehouse hangs on.

A connection that breaks before the commit has kept nothing: the work is run again on a new one.
When it breaks in the commit, the server is asked what became of the transaction's number.

What others wrote is heard by LISTEN on a connection of its own. A pooler between daemon and server
must keep sessions whole (PgBouncer: ``pool_mode = session``).

>>> marked("SELECT 1 FROM item WHERE lower(sku) = lower(?)")
'SELECT 1 FROM item WHERE lower(sku) = lower(%s COLLATE "C")'
>>> marked("SELECT '?%', a FROM job WHERE seq = ? -- really?")
"SELECT '?%%', a FROM job WHERE seq = %s -- really?"
"""

from __future__ import annotations

import contextlib
import logging
import queue
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self, TypeVar

from gateway.errors import DiskFull, GatewayError, InputRefused, SettingsRefused, StoreError
from gateway.store.constraints import RuleBroken
from gateway.store.dialect import OutcomeUnknown, Passing, Rows, Server, Values, too_large
from gateway.store.engine import HEAD, MOST_TRIES

try:
    import psycopg
    from psycopg import errors
    from psycopg.adapt import AdaptersMap, Loader
    from psycopg.types.numeric import Int8Dumper
except ImportError as missing:  # no psycopg, or no libpq for it
    raise SettingsRefused(
        f"The database is PostgreSQL's, and its driver does not load ({missing}); install it: "
        "pip install 'label-gateway[postgres]'"
    ) from missing

__all__ = ["LOCK", "WRITING", "Connection", "Postgres", "connect", "errors", "marked", "psycopg"]

log = logging.getLogger(__name__)

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]

OLDEST = 13
"""The first version with ``pg_current_xact_id`` (PostgreSQL 13 manual, table 9.76)."""

CHANNEL = "label_gateway"
"""Of NOTIFY; a channel is heard in its own database only."""

LOCK = 0x6C676174
"""First half of the keys of our advisory locks ("lgat"); the second half says which."""
WRITING, MAKING = 0, 1
DAEMONS = LOCK + 1
"""First half of the locks by which a daemon is the only one of its number."""

CONNECT_WITHIN = 5
"""Seconds for a new connection; a request waits for it."""

RESOLVE_WITHIN = 8.0
"""Seconds a commit whose end was not seen is asked about before its asker is told so."""

QUICK = 0.5
"""Seconds within which a refused connection may be tried again while somebody waits."""

AWAY_FOR = 10.0
"""Seconds for which readers do not look again for a server that did not answer: who asks is told so
at once. The writer's thread looks, and nobody waits for that."""

MOST_READERS = 8
"""Connections for reading: a server gives 100 to everybody together (``max_connections``)."""

PATIENCE = "30s"
"""For which one gateway waits while others write."""

_SESSION = (
    "SET TIME ZONE 'UTC'; SET standard_conforming_strings = on; SET synchronous_commit = on; "
    # A daemon whose computer lost power in a transaction must not keep the others waiting.
    "SET idle_in_transaction_session_timeout = '60s'; "
    f"SET lock_timeout = '{PATIENCE}'; "
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)
_READS_ONLY = "; SET default_transaction_read_only = on"

_BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({LOCK}, {WRITING}), pg_current_xact_id()::text"

_OF_THE_MOMENT = (
    errors.SerializationFailure,  # 40001
    errors.DeadlockDetected,  # 40P01: with somebody who is no daemon
)

_PLACE = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|(?:lower|upper)\(\?\)|\?|%", re.DOTALL
)

_MADE_UP = re.compile(r".*_(?:pkey|fkey)\d*", re.DOTALL)
"""Names the server gives to what we gave none."""


@lru_cache(maxsize=1024)
def marked(query: str) -> str:
    """Return a statement with ``%s`` for each ``?``, and what psycopg would misread doubled."""

    def mark(found: re.Match[str]) -> str:
        text = found[0]
        if text == "?":
            return "%s"
        if text.endswith("(?)"):  # a value alone would be folded by the server's language
            return f'{text[:5]}(%s COLLATE "C")'
        return text.replace("%", "%%")

    return _PLACE.sub(mark, query)


# ---------------------------------------------------------------- values


class _Flag(Int8Dumper):
    """True and False are 1 and 0, as in every table."""

    def dump(self, obj: Any) -> Any:
        return super().dump(int(obj))


class _Flags(Loader):
    """A comparison's outcome is 1 or 0."""

    def load(self, data: Any) -> int:
        return int(bytes(data) == b"t")


class _Sum(Loader):
    """Sums of big integers come as ``numeric``, and are integers."""

    def load(self, data: Any) -> int | float:
        text = bytes(data)
        return float(text) if b"." in text or b"N" in text else int(text)


def _adapters() -> AdaptersMap:
    # One type for all integers: a statement is prepared once for each combination of types.
    adapters = AdaptersMap(psycopg.adapters)
    adapters.register_dumper(int, Int8Dumper)
    adapters.register_dumper(bool, _Flag)
    adapters.register_loader("bool", _Flags)
    adapters.register_loader("numeric", _Sum)
    return adapters


class _Types:
    """What ``psycopg.connect`` takes adapters from."""

    connection = None

    def __init__(self, adapters: AdaptersMap) -> None:
        self.adapters = adapters


def connect(place: Server, name: str = "label-gateway", *, reads: bool = False) -> Connection:
    """Return a connection in our own way: typed, timed and with statements prepared.

    Raises:
        psycopg.OperationalError: the server does not answer, or refuses.
    """
    connection: Connection = psycopg.connect(
        place.url,
        autocommit=True,
        context=_Types(_adapters()),
        application_name=name,
        client_encoding="utf8",
        connect_timeout=CONNECT_WITHIN,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=15_000,
    )
    try:
        connection.prepare_threshold = 3
        connection.prepared_max = 512
        connection.add_notice_handler(_note)
        connection.execute(_SESSION + (_READS_ONLY if reads else ""))
    except BaseException:
        connection.close()
        raise
    return connection


def _note(notice: psycopg.errors.Diagnostic) -> None:
    log.debug("the server says", extra={"reason": notice.message_primary})


def _said(error: BaseException) -> str:
    """Return the first line of what the server or the driver said, for one sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _broken(error: errors.IntegrityError) -> RuleBroken:
    name = error.diag.constraint_name
    return RuleBroken(None if name is None or _MADE_UP.fullmatch(name) else name, _said(error))


def _unfit(error: psycopg.Error) -> InputRefused | None:
    """Return the refusal of a value that cannot be kept; None for any other error."""
    if isinstance(error, errors.NumericValueOutOfRange):
        return too_large()
    if not isinstance(error, errors.DataError) or "NUL" not in str(error):
        return None
    return InputRefused(
        "A text has the character NUL (U+0000) in it, which a PostgreSQL database cannot keep; "
        "send it without."
    )


# ---------------------------------------------------------------- the database


class Postgres:
    """A database on a server. Implements ``gateway.store.dialect.Dialect``."""

    def __init__(self, place: Server) -> None:
        self._place = place
        self._name = f"label-gateway {secrets.token_hex(6)}"
        """What tells this daemon's sessions from others' in pg_stat_activity."""
        self._writer: Connection | None = None
        self._transaction = ""
        """The number of the transaction under way, or of the one whose end was not seen."""
        self._session = 0
        """The writer's process on the server, or that of the last one."""
        self._number: int | None = None
        """This daemon's, which no other may have while the writer lives."""
        self._rule: RuleBroken | None = None
        """What a statement of the transaction under way has broken."""
        self._numbers: dict[str, str] = {}
        self._readers = Readers(place, self._name)
        self._ear: Ear | None = None

    # ------------------------------------------------------------ opening

    @classmethod
    def open(cls, place: Server, folder: Path | None = None) -> Self:
        """Connect, make the tables or bring them up to date.

        What is brought up to date is backed up into ``folder`` first.

        Raises:
            StoreError: the server cannot be reached, is too old, or the database is another
                program's or of a newer one.
        """
        opened = cls(place)
        try:
            opened._prepare(opened._connected(), folder)
        except psycopg.Error as error:
            opened.close(well=False)
            if isinstance(error, psycopg.ProgrammingError) and not error.sqlstate:
                raise StoreError(  # what the driver says of it may quote the password
                    f"The URL of the database {place} is not understood; write it as "
                    "postgresql://user:password@host:5432/database, with %40 for an @ in the "
                    "password.",
                    database=str(place),
                ) from None
            raise StoreError(
                f"The database {place} cannot be opened ({_said(error)}); check GATEWAY_DATABASE, "
                "and that the server runs and lets this user in.",
                database=str(place),
            ) from error
        except BaseException:
            opened.close(well=False)
            raise
        return opened

    def _connected(self) -> Connection:
        """Return the writer's connection, a new one when the last broke."""
        connection = self._writer
        if connection is not None and not connection.broken and not connection.closed:
            return connection
        self._leave()
        connection = connect(self._place, self._name)
        try:
            self._end_last(connection)
            self._be_again(connection)
        except BaseException:
            connection.close()
            raise
        self._writer, self._session = connection, connection.info.backend_pid
        self._readers.back()
        return connection

    def _end_last(self, connection: Connection) -> None:
        """End the writer's last session, which may not have noticed that nobody is there."""
        if not self._session:
            return
        for _ in range(50):
            still = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid = %s AND application_name = %s AND pid <> pg_backend_pid()",
                (self._session, self._name),
            ).fetchall()
            if not still:
                return
            time.sleep(0.1)  # it ends at its next look

    def _be_again(self, connection: Connection) -> None:
        if self._number is not None and not self._be(connection, self._number):
            raise StoreError(
                f"Another label-gateway with this one's id is connected to {self._place}; stop it.",
                database=str(self._place),
            )

    @staticmethod
    def _be(connection: Connection, number: int) -> bool:
        row = connection.execute(
            "SELECT pg_try_advisory_lock(%s::integer, %s::integer)", (DAEMONS, number)
        ).fetchone()
        return bool(row is not None and row[0])

    def claim(self, number: int) -> bool:
        if not self._be(self._connected(), number):
            return False
        self._number = number
        return True

    def _leave(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @property
    def gone(self) -> bool:
        writer = self._writer
        return writer is None or writer.broken or writer.closed

    def _prepare(self, connection: Connection, folder: Path | None) -> None:
        version = connection.info.server_version // 10_000
        if version < OLDEST:
            raise StoreError(
                f"The server of {self._place} is PostgreSQL {version}; label-gateway needs "
                f"{OLDEST} or newer.",
                version=version,
            )
        ((encoding,),) = connection.execute("SHOW server_encoding").fetchall()
        if encoding != "UTF8":
            raise StoreError(
                f"The database {self._place} keeps text as {encoding}; make one with "
                "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
                encoding=encoding,
            )
        # Of two daemons that start at once, one makes the tables and the other finds them.
        connection.execute(f"SELECT pg_advisory_lock({LOCK}, {MAKING})")
        try:
            schema = self._schema(connection)
            if schema != HEAD:
                from gateway.store.migrate import migrate  # late: SQLAlchemy and Alembic

                keep = None if folder is None else folder / f"gateway.before-{schema}.db"
                migrate(self._place, schema, keep=keep)
        finally:
            if not connection.broken:
                connection.execute(f"SELECT pg_advisory_unlock({LOCK}, {MAKING})")

    def _schema(self, connection: Connection) -> str | None:
        """Return the database's schema; None when it is empty."""
        names = {
            name
            for (name,) in connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            )
        }
        if not names:
            return None
        if "alembic_version" in names:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if row is not None:
                return str(row[0])
        raise StoreError(
            f"{self._place} is a database of another program; give label-gateway one of its own. "
            "Nothing was changed.",
            database=str(self._place),
        )

    # ------------------------------------------------------------ statements

    def execute(self, query: str, values: Values = (), /) -> Rows:
        assert self._writer is not None
        try:
            return self._writer.execute(marked(query), values)
        except psycopg.Error as error:
            raise self._refused(error) from error

    def executemany(self, query: str, rows: Iterable[Values], /) -> Rows:
        assert self._writer is not None
        cursor = self._writer.cursor()
        try:
            cursor.executemany(marked(query), rows)
        except psycopg.Error as error:
            raise self._refused(error) from error
        return cursor

    def _refused(self, error: psycopg.Error) -> Exception:
        """Return what a statement's error is to the work that ran it."""
        if isinstance(error, errors.IntegrityError):
            self._rule = _broken(error)
            return self._rule
        if isinstance(error, errors.InFailedSqlTransaction) and self._rule is not None:
            return self._rule  # the work went on behind a refusal, as it never may
        return _unfit(error) or error

    def allot(self, table: str, count: int) -> range:
        # Nobody else takes a number meanwhile: whoever does has the lock.
        sequence = self._numbers.get(table) or self._sequence(table)
        query = "SELECT setval(%s::regclass, nextval(%s::regclass) + %s - 1)"
        assert self._writer is not None
        ((last,),) = self._writer.execute(query, (sequence, sequence, count)).fetchall()
        return range(last - count + 1, last + 1)

    def _sequence(self, table: str) -> str:
        assert self._writer is not None
        row = self._writer.execute(
            "SELECT pg_get_serial_sequence(quote_ident(%s), a.attname) FROM pg_attribute a "
            "JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary "
            "AND a.attnum = ANY (i.indkey) WHERE a.attrelid = to_regclass(quote_ident(%s))",
            (table, table),
        ).fetchone()
        if row is None or row[0] is None:
            raise LookupError(table)
        self._numbers[table] = str(row[0])
        return str(row[0])

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> int:
        assert self._writer is not None
        cursor = self._writer.cursor()
        try:
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()) as copy:
                for row in rows:
                    copy.write_row(row)
        except psycopg.Error as error:
            raise self._refused(error) from error
        return cursor.rowcount

    # ------------------------------------------------------------ transactions

    def begin(self) -> None:
        was_there = not self.gone
        connection = self._connected()
        try:
            cursor = connection.execute(_BEGIN)
        except psycopg.OperationalError as error:
            if was_there and connection.broken:  # it broke while nothing was to be done
                raise Passing from error
            raise
        while cursor.nextset():
            pass
        row = cursor.fetchone()
        assert row is not None
        self._transaction, self._rule = str(row[1]), None

    def commit(self, *, told: bool) -> None:
        connection = self._writer
        assert connection is not None
        notify = f"SELECT pg_notify('{CHANNEL}', '{self._name}'); " if told else ""
        try:
            cursor = connection.execute(f"{notify}COMMIT".encode())
        except errors.IntegrityError as error:  # of a constraint that is looked at in the end
            raise _broken(error) from error
        except psycopg.OperationalError as error:
            if not connection.broken:
                raise
            if self._resolved(error):
                return
            raise Passing from error
        while cursor.nextset():
            pass
        if cursor.statusmessage != "COMMIT":
            # The server rolls a transaction back whose last statement failed, and calls it done.
            raise StoreError("Nothing was kept: a statement of the work had failed.")

    def _resolved(self, error: psycopg.OperationalError) -> bool:
        """Return whether the commit that broke was kept.

        Raises:
            OutcomeUnknown: the server did not say so in time.
        """
        until = time.monotonic() + RESOLVE_WITHIN
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                kept = self.outcome()
                if kept is not None:
                    return kept
            if time.monotonic() > until:
                raise OutcomeUnknown from error
            time.sleep(0.2)  # the server is coming back

    def outcome(self) -> bool | None:
        connection = self._connected()  # with the last session ended: nothing is under way
        query = "SELECT pg_xact_status(%s::xid8)"
        try:
            row = connection.execute(query, (self._transaction,)).fetchone()
        except errors.InvalidParameterValue:  # of the future: the server was put back since
            return False
        said = None if row is None else row[0]
        return {"committed": True, "aborted": False}.get(str(said))

    def rollback(self) -> None:
        connection = self._writer
        if connection is None or connection.broken or connection.closed:
            return
        try:
            connection.execute("ROLLBACK")
        except psycopg.Error as error:
            log.debug("rollback failed", extra={"reason": _said(error)})
            self._leave()  # which ends it too

    def passing(self, error: BaseException) -> bool:
        if isinstance(error, (Passing, *_OF_THE_MOMENT)):
            return True
        if not isinstance(error, psycopg.Error) or not self.gone:
            return False
        try:  # nothing was kept: the commit was not yet asked for
            self._connected()
        except psycopg.Error:
            return False
        return True

    def recovered(self) -> bool:
        self._connected().execute("SELECT 1")
        return True

    def failure(self, error: BaseException) -> tuple[GatewayError, str] | None:
        if isinstance(error, OutcomeUnknown):
            said = f"The server of {self._place} went away in the middle of a commit"
            return StoreError(
                f"{said}, and it is not known whether the request was kept; send it again with "
                "the same Idempotency-Key, or look before you do.",
                database=str(self._place), outcome="unknown",
            ), f"{said}."  # fmt: skip
        if isinstance(error, errors.LockNotAvailable):
            said = f"Others have been writing to {self._place} for {PATIENCE}"
            return StoreError(
                f"{said}; nothing of the request was kept: send it again.",
                database=str(self._place),
            ), f"{said}."
        if isinstance(error, errors.DiskFull):
            full = f"The disk of the server of {self._place} is full"
            return DiskFull(
                f"{full}; free some space there and send the request again.",
                database=str(self._place),
            ), f"{full}."
        if not isinstance(error, (psycopg.OperationalError, psycopg.InternalError, Passing)):
            return None
        text = _said(error.__cause__ or error)
        log.error("the database cannot write", extra={"reason": text})
        return StoreError(
            f"The database {self._place} cannot be written ({text}); nothing of the request was "
            "kept: look at the server, and send it again.",
            database=str(self._place), reason=text,
        ), f"The database {self._place} cannot be written ({text})."  # fmt: skip

    # ------------------------------------------------------------ reading

    def reader(self) -> Readers:
        return self._readers

    def listen(self, changed: Callable[[], None]) -> None:
        if self._ear is None:
            self._ear = Ear(self._place, self._name, changed)
            self._ear.start()

    # ------------------------------------------------------------ resting and closing

    def rest(self, pieces: int, *, idle: bool) -> None:
        """The server does so itself."""

    def close(self, *, well: bool) -> None:
        del well  # the server knows
        if self._ear is not None:
            self._ear.stop()
        self._readers.close()
        self._leave()


class Readers:
    """Connections for reading, shared by all threads. Implements ``Reader``."""

    def __init__(self, place: Server, name: str) -> None:
        self._place, self._name = place, name
        self._free: queue.LifoQueue[Connection | None] = queue.LifoQueue()
        for _ in range(MOST_READERS):
            self._free.put(None)
        self._away_until, self._why = 0.0, ""

    def execute(self, query: str, values: Values = (), /) -> Rows:
        """Run one query; its rows are all here when it returns.

        Raises:
            StoreError: the server cannot be reached.
        """
        query = marked(query)
        for left in reversed(range(MOST_TRIES)):
            connection = self._free.get()
            if connection is not None and left < MOST_TRIES - 1:
                connection.close()  # whatever ended the last one may have ended them all
                connection = None
            try:
                connection = connection or self._new()
                return connection.execute(query, values)
            except psycopg.OperationalError as error:
                if left and connection is not None and connection.broken:
                    continue  # to read twice does no harm
                raise StoreError(
                    f"The database {self._place} cannot be read ({_said(error)}); look at the "
                    "server, and ask again.",
                    database=str(self._place),
                ) from error
            except errors.DataError as error:
                raise _unfit(error) or error from error
            finally:
                if connection is not None and connection.broken:
                    connection.close()
                    connection = None
                self._free.put(connection)
        raise AssertionError("the last try is answered")

    def _new(self) -> Connection:
        if time.monotonic() < self._away_until:
            raise psycopg.OperationalError(self._why)
        for left in reversed(range(MOST_TRIES)):
            began = time.monotonic()
            try:
                return connect(self._place, self._name, reads=True)
            except psycopg.OperationalError as error:
                if left and time.monotonic() - began < QUICK:
                    time.sleep(QUICK / 10)
                    continue
                self._away_until, self._why = time.monotonic() + AWAY_FOR, _said(error)
                raise
        raise AssertionError("the last try is answered")

    def back(self) -> None:
        """Take it that the server can be reached again."""
        self._away_until = 0.0

    def close(self) -> None:
        with contextlib.suppress(queue.Empty):
            while True:
                connection = self._free.get_nowait()
                if connection is not None:
                    connection.close()


class Ear(threading.Thread):
    """Hears what other daemons write."""

    AGAIN_AFTER = 1.0
    """Seconds after which a lost connection is made anew, and the longest wait for its end."""

    def __init__(self, place: Server, name: str, changed: Callable[[], None]) -> None:
        super().__init__(name="store-ear", daemon=True)
        self._place, self._name, self._changed = place, name, changed
        self._stopping = threading.Event()
        self._listening = threading.Event()

    def start(self) -> None:
        """Start, and return once what is written is heard, or the server cannot be reached."""
        super().start()
        self._listening.wait(CONNECT_WITHIN)

    def run(self) -> None:
        first = True
        while not self._stopping.is_set():
            try:
                with connect(self._place, self._name) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    if not first:  # something may have been said meanwhile
                        self._changed()
                    first = False
                    self._hear(connection)
            except psycopg.Error as error:
                log.warning("other daemons are not heard", extra={"reason": _said(error)})
                self._listening.set()
                first = False
                self._stopping.wait(self.AGAIN_AFTER)

    def _hear(self, connection: Connection) -> None:
        while not self._stopping.is_set():
            heard = list(_notes(connection, self.AGAIN_AFTER))
            if any(name != self._name for name in heard):
                self._changed()

    def stop(self) -> None:
        self._stopping.set()
        # Its own connection waits in the server's hands: one word wakes it.
        with contextlib.suppress(psycopg.Error), connect(self._place) as connection:
            connection.execute(f"SELECT pg_notify('{CHANNEL}', '{self._name}')")
        self.join(2 * CONNECT_WITHIN)


def _notes(connection: Connection, seconds: float) -> Iterator[str]:
    """Return who has written, after the first has or the time is up."""
    for note in connection.notifies(timeout=seconds, stop_after=1):
        yield note.payload
