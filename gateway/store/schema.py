"""The tables of a new database, from ``schema.sql``: what all migrations make, said at once.

    migrations ──python -m gateway.store.schema──► schema.sql ──creation──► a new database

A first start would otherwise import Alembic and SQLAlchemy, which costs more than all the rest of
it. The file is written from the migrations and never by hand; ``--check`` says whether it is stale.

>>> import sqlite3
>>> from contextlib import closing
>>> with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
...     _ = connection.executescript(creation())
...     connection.execute("SELECT version_num FROM alembic_version").fetchone()
('0008',)
"""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

FILE = Path(__file__).with_name("schema.sql")

_HEADER = "-- Written by `python -m gateway.store.schema`; write a migration, not this file.\n"


def creation() -> str:
    """Return the SQL that makes an empty database a new one, as one transaction."""
    return f"BEGIN IMMEDIATE;\n{FILE.read_text('utf-8')}COMMIT;\n"


def from_migrations() -> str:
    """Return what must be in ``schema.sql``: all migrations are run on a database of their own."""
    from gateway.store.migrate import migrate

    with TemporaryDirectory() as folder:
        path = Path(folder) / "gateway.db"
        migrate(path, None)
        with closing(sqlite3.connect(path)) as connection:
            # In the order they were made; SQLite makes the indexes without SQL itself.
            tables = connection.execute(
                "SELECT sql FROM sqlite_master "
                "WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY rowid"
            ).fetchall()
            ((version,),) = connection.execute("SELECT version_num FROM alembic_version")
    insert = f"INSERT INTO alembic_version VALUES ('{version}')"
    return _HEADER + "".join(f"\n{sql};\n" for sql in (*(sql for (sql,) in tables), insert))


def main(arguments: list[str]) -> int:
    """Write the file, or with ``--check`` only say whether it is stale (exit 1)."""
    if arguments == ["--check"]:
        if FILE.read_text("utf-8") != from_migrations():
            sys.stderr.write(f"{FILE.name} is stale; run python -m gateway.store.schema.\n")
            return 1
        return 0
    FILE.write_text(from_migrations(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
