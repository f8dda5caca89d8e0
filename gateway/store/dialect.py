"""What the writer thread asks of a database, and nothing more: SQLite and PostgreSQL answer it.

    engine.Database ──begin, statements, commit──► Dialect ──► sqlite.py (one file)
                                                          └──► postgres.py (a server)

The SQL of the stores is the same for both: ``?`` for values, big integers, text and bytes, booleans
as 0 and 1. On both, one transaction writes at a time, so work may look and then write, numbers are
given out in the order of commits, and nothing has to be tried again because of another writer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from gateway.errors import GatewayError, InputRefused

Values = Sequence[object]


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a PostgreSQL server. Nobody is shown its password.

    >>> str(Server("postgresql://eve:secret@db.example.com:5433/labels?sslmode=require"))
    'postgresql://eve@db.example.com:5433/labels'
    >>> str(Server("postgresql:///labels?host=/run/postgresql"))
    'postgresql:///labels'
    """

    url: str = field(repr=False)

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        user = parts.netloc.rpartition("@")[0].partition(":")[0]
        host = parts.netloc.rpartition("@")[2]
        return f"postgresql://{user + '@' if user else ''}{host}{parts.path}"


Place = Path | Server
"""Where a database is: a file of SQLite's, or a server's."""


def folder_of(place: Place, folder: Path | None) -> Path:
    """Return the data directory: the one that is given, or a file's own folder.

    >>> folder_of(Path("/srv/labels/gateway.db"), None).as_posix()
    '/srv/labels'

    Raises:
        ValueError: a server's was not given.
    """
    if folder is not None:
        return folder
    if isinstance(place, Server):
        raise ValueError(f"The data directory of the daemon on {place} must be given.")  # noqa: TRY004
    return place.parent


def too_large() -> InputRefused:
    """Return the refusal of a number that no column has room for."""
    return InputRefused(f"A number is beyond what can be kept ({-(2**63)} to {2**63 - 1}).")


class Rows(Protocol):
    """The rows of one statement, plain tuples."""

    @property
    def rowcount(self) -> int:
        """Rows changed by a statement that changes some."""
        ...

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Reader(Protocol):
    """A connection that cannot write; each statement sees what is committed before it."""

    def execute(self, query: str, values: Values = (), /) -> Rows: ...


class Passing(Exception):
    """Nothing of the transaction was kept, and the reason has passed: run the work again."""


class OutcomeUnknown(Exception):
    """The connection broke in the commit; ``Dialect.outcome`` says later what came of it."""


class Statements(Protocol):
    """What a piece of work can ask the database inside its transaction."""

    def execute(self, query: str, values: Values = (), /) -> Rows:
        """Run one statement, ``?`` for each value; return its rows.

        Raises:
            RuleBroken: a constraint or trigger refused it.
            InputRefused: a value is none that the database can keep.
        """
        ...

    def executemany(self, query: str, rows: Iterable[Values], /) -> Rows:
        """Run one statement for each row of values.

        Raises:
            RuleBroken: a constraint or trigger refused one.
        """
        ...

    def allot(self, table: str, count: int) -> range:
        """Return that many new consecutive numbers for rows of a table that numbers its rows.

        They are this transaction's; rows inserted without a number never get one of them. What is
        rolled back may leave a gap.

        Raises:
            LookupError: the table's rows are not numbered by the database.
        """
        ...

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> int:
        """Insert many rows in the fastest way the database has; return how many.

        Raises:
            RuleBroken: a constraint or trigger refused one.
        """
        ...


class ReadOnly:
    """Statements of a reader, for work that only looks. Implements ``Statements``."""

    def __init__(self, reader: Reader) -> None:
        self.execute = reader.execute

    def executemany(self, query: str, rows: Iterable[Values], /) -> Rows:
        raise AssertionError(f"who only looks writes nothing: {query}")

    def allot(self, table: str, count: int) -> range:
        raise AssertionError(f"who only looks needs no numbers: {table}")

    def bulk(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> int:
        raise AssertionError(f"who only looks writes nothing: {table}")


class Dialect(Statements, Protocol):
    """One database, opened: the writer's connection and the readers'."""

    @property
    def gone(self) -> bool:
        """Whether it cannot be reached now, so that no work can be done."""
        ...

    def begin(self) -> None:
        """Begin a transaction that no other can write beside.

        Raises:
            Passing: the connection was lost, and there is a new one.
        """
        ...

    def commit(self, *, told: bool) -> None:
        """Make it durable; ``told``: the feed has a new entry, which others listen for.

        Raises:
            Passing: nothing was kept, and trying again will help.
            OutcomeUnknown: it may have been kept.
        """
        ...

    def rollback(self) -> None:
        """End a transaction without keeping anything; also when there is none any more."""
        ...

    def outcome(self) -> bool | None:
        """Return whether the commit whose end was not seen was kept; None: not known yet."""
        ...

    def failure(self, error: BaseException) -> tuple[GatewayError, str] | None:
        """Return what to tell askers of an error of the database, and the fault in a sentence.

        None for what is no fault of the database.
        """
        ...

    def passing(self, error: BaseException) -> bool:
        """Return whether the error was of the moment, and running the work again will help."""
        ...

    def recovered(self) -> bool:
        """Look whether a database that failed works again."""
        ...

    def reader(self) -> Reader:
        """Return a connection for this thread's reading."""
        ...

    def rest(self, pieces: int, *, idle: bool) -> None:
        """Do what a database needs between commits; ``pieces`` were in the last one."""
        ...

    def claim(self, number: int) -> bool:
        """Be the daemon of that number for as long as the writer lives; False: another one is."""
        ...

    def listen(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` after another daemon's commit that wrote to the feed."""
        ...

    def close(self, *, well: bool) -> None:
        """Close every connection; ``well``: no write has failed since the last good one."""
        ...
