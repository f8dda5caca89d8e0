"""Rows between a file and a server: a server's backup is a file like any other.

    server ──copy_out──► gateway.db ──copy_in──► server

Both have the same tables, so a copy is their rows and their counters. Triggers rest meanwhile: they
guard steps, and a copy is where many steps have led. A server is read at one moment, beside its
daemons, and written in one transaction, while none is connected.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from gateway.errors import InUse, StoreError
from gateway.store.dialect import Server
from gateway.store.engine import HEAD
from gateway.store.postgres import LOCK, WRITING, Connection, Postgres, connect, errors, psycopg
from gateway.store.schema import creation

AT_ONCE = 5000
"""Rows in one step."""

CLOSED_WITHIN = 2.0
"""Seconds in which the server has ended the sessions that this program has closed."""

_NAMES = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "
    "AND name <> 'alembic_version' ORDER BY rowid"
)
"""In the order they were made, which is the one in which they refer to each other."""


def _tables(file: sqlite3.Connection) -> dict[str, list[str]]:
    """Return the columns of each table."""
    names = [name for (name,) in file.execute(_NAMES).fetchall()]
    return {
        n: [c for _, c, *_ in file.execute(f"PRAGMA table_info({n})").fetchall()] for n in names
    }


def _listed(columns: list[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)


@contextmanager
def _asking(place: Server) -> Iterator[Connection]:
    """A connection whose errors are said in our own words."""
    try:
        with connect(place, "label-gateway copy") as connection:
            yield connection
    except psycopg.Error as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise StoreError(f"The database {place} could not do that: {said}.") from error


def _schema(connection: Connection) -> str | None:
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except errors.UndefinedTable:
        connection.execute("ROLLBACK")
        return None
    return None if row is None else str(row[0])


def rows_on_server(place: Server, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query.

    Raises:
        StoreError: the database cannot be read.
    """
    with _asking(place) as connection:
        return connection.execute(query.encode()).fetchall()


def version_of(place: Server) -> str:
    """Return the server's version, as it says it: ``15.9``.

    Raises:
        StoreError: it cannot be reached.
    """
    with _asking(place) as connection:
        ((version,),) = connection.execute("SHOW server_version").fetchall()
    return str(version).partition(" ")[0]


def is_empty(place: Server) -> bool:
    """Return whether there is nothing of ours to lose.

    Raises:
        StoreError: the database cannot be read.
    """
    with _asking(place) as connection:
        if _schema(connection) is None:
            return True
        ((rows,),) = connection.execute("SELECT count(*) FROM feed").fetchall()
    return not rows


# ---------------------------------------------------------------- out


def copy_out(place: Server, file: Path, progress: Callable[[int, int], None]) -> None:
    """Write what the server has at this moment into an empty file; tell rows done and in all.

    A database of an older version is written as a file of that version.

    Raises:
        StoreError: it cannot be read, has no tables, or those of a newer version.
    """
    with (
        closing(sqlite3.connect(file, isolation_level=None)) as copy,
        _asking(place) as source,
    ):
        source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        schema = _schema(source)
        if schema is None:
            raise StoreError(f"The database {place} has no tables yet; nothing to back up.")
        if schema > HEAD:
            raise StoreError(
                f"The database {place} was written by a newer label-gateway (schema {schema}, "
                f"this one knows {HEAD}); back it up with that version.",
                schema=schema,
            )
        if schema == HEAD:
            copy.executescript(creation())
        else:
            from gateway.store.migrate import migrate  # late: SQLAlchemy and Alembic

            migrate(file, None, schema)
        tables = _tables(copy)
        triggers = copy.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        guards = dict(triggers.fetchall())
        total = sum(source.execute(f"SELECT count(*) FROM {t}").fetchall()[0][0] for t in tables)
        done = 0
        copy.execute("PRAGMA foreign_keys = OFF")  # looked at when all is there
        copy.execute("BEGIN")
        for name in guards:
            copy.execute(f"DROP TRIGGER {name}")
        for table, columns in tables.items():
            marks = ", ".join("?" * len(columns))
            insert = f"INSERT INTO {table} ({_listed(columns)}) VALUES ({marks})"
            with source.cursor("rows") as rows:
                rows.execute(f"SELECT {_listed(columns)} FROM {table}".encode())
                while some := rows.fetchmany(AT_ONCE):
                    copy.executemany(insert, some)
                    done += len(some)
                    progress(done, total)
        for table, sequence in _sequences(source, tables):
            ((last, called),) = source.execute(
                f"SELECT last_value, is_called FROM {sequence}".encode()
            ).fetchall()
            copy.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
            if called:
                copy.execute("INSERT INTO sqlite_sequence VALUES (?, ?)", (table, last))
        for sql in guards.values():
            copy.execute(sql)
        copy.execute("COMMIT")
        source.execute("ROLLBACK")


def _sequences(connection: Connection, tables: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    """Yield each table whose rows the server numbers, with the sequence that does."""
    for table, columns in tables.items():
        query = "SELECT pg_get_serial_sequence(%s, %s)"
        ((sequence,),) = connection.execute(query, (table, columns[0])).fetchall()
        if sequence is not None:
            yield table, str(sequence)


# ---------------------------------------------------------------- in


def copy_in(file: Path, place: Server) -> None:
    """Put what a file of the newest schema has in the place of all that the server has.

    Raises:
        InUse: a daemon is connected.
        StoreError: the server refuses.
    """
    Postgres.open(place).close(well=True)  # makes the tables, or brings them up to date
    with closing(sqlite3.connect(file)) as source, _asking(place) as target:
        tables = _tables(source)
        target.execute(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK}, {WRITING})")
        if others := _connected(target):
            raise InUse(
                f"A label-gateway on {', '.join(others)} is connected to {place}; stop it first. "
                "Nothing was changed.",
                hosts=others,
            )
        names = ", ".join(tables)
        target.execute(f"TRUNCATE {names}".encode())
        for table in tables:
            target.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        for table, columns in tables.items():
            into = f"COPY {table} ({_listed(columns)}) FROM STDIN".encode()
            with target.cursor() as cursor, cursor.copy(into) as copy:
                for row in source.execute(f"SELECT {_listed(columns)} FROM {table}"):
                    copy.write_row(row)
        numbers = dict(source.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        for table, sequence in _sequences(target, tables):
            last = numbers.get(table, 0)
            target.execute(
                "SELECT setval(%s::regclass, %s, %s::bigint = 1)",
                (sequence, max(1, last), int(last > 0)),
            )
        for table in tables:
            target.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
        target.execute("COMMIT")


def _connected(connection: Connection) -> list[str]:
    """Return where gateways are connected from; sessions that were just closed end meanwhile."""
    until = time.monotonic() + CLOSED_WITHIN
    while True:
        connection.execute("SELECT pg_stat_clear_snapshot()")
        rows = connection.execute(
            "SELECT DISTINCT coalesce(host(client_addr), 'this computer') FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name LIKE 'label-gateway%%' "
            "AND pid <> pg_backend_pid() ORDER BY 1",
            (),
        ).fetchall()
        if not rows or time.monotonic() > until:
            return [str(host) for (host,) in rows]
        time.sleep(0.05)


# ---------------------------------------------------------------- proving


def troubles_on_server(
    place: Server, miscounted: str, *, thorough: bool
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Return what is wrong on a server, and the rows of the query of miscounted jobs.

    ``thorough`` reads every row: a server with checksums says which page is damaged.

    Raises:
        StoreError: it cannot be read at all.
    """
    found: list[str] = []
    with _asking(place) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        schema = _schema(connection)
        if schema is None:
            raise StoreError(f"The database {place} has no tables of label-gateway.")
        if schema != HEAD:
            found.append(f"The database {place} has schema {schema}; this program knows {HEAD}.")
        if thorough:
            names = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
            ).fetchall()
            for (table,) in names:
                connection.execute("SAVEPOINT look")
                try:
                    # The text of a row needs every column, also those kept beside the table.
                    read = f'SELECT sum(length(t::text)) FROM "{table}" t'
                    connection.execute(read.encode()).fetchall()
                except (errors.DataCorrupted, errors.InternalError_) as error:
                    found.append(f"The server says of {table}: {error}.")
                connection.execute("ROLLBACK TO look")
        rows = connection.execute(miscounted.encode()).fetchall()
        connection.execute("ROLLBACK")
    return found, rows
