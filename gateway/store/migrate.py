"""Bring a database to the newest schema: a backup first, then all steps in one transaction."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.compiler import compiles

from gateway.errors import StoreError
from gateway.store.dialect import Place, Server

log = logging.getLogger(__name__)


def migrate(place: Place, version: str | None, to: str = "head", keep: Path | None = None) -> None:
    """Migrate the database from ``version`` (None: empty) to the newest, or ``to``.

    What was there is first written to the file ``keep``; beside the database, when it is a file.

    A kill at any statement leaves the old schema or the new one, never one between: DDL is
    transactional in both databases, and everything runs in one transaction.

    Raises:
        StoreError: a newer program has written this database.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if version is not None:
        known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
        if version not in known:
            stem = place.stem if isinstance(place, Path) else "gateway"
            raise StoreError(
                f"The database {place} was written by a newer label-gateway (schema {version}); "
                "start that version, or restore the backup made before its migration "
                f"({stem}.before-*.db).",
                file=str(place),
                schema=version,
            )
        if isinstance(place, Path):
            keep = _keep_file(place, version)
        elif keep is not None:
            _keep_server(place, keep)
        log.info("database backed up before its migration", extra={"backup": str(keep)})
    engine = _file_engine(place) if isinstance(place, Path) else _server_engine(place)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, to)
    except sa.exc.DBAPIError as error:
        said = (str(error.orig).strip().splitlines() or ["no reason"])[0].rstrip(".")
        raise StoreError(
            f"The tables of {place} cannot be made ({said}); nothing was changed: see that there "
            "is room, and that this user may make tables there.",
            database=str(place),
        ) from error
    finally:
        engine.dispose()


def _keep_file(path: Path, version: str) -> Path:
    backup = path.with_suffix(f".before-{version}.db")
    backup.unlink(missing_ok=True)
    with sqlite3.connect(path) as source:
        source.execute("VACUUM INTO ?", (str(backup),))
    source.close()
    return backup


def _keep_server(place: Server, backup: Path) -> None:
    from gateway.store.copies import back_up  # late: it opens databases, and so migrates them

    backup.unlink(missing_ok=True)
    back_up(place, backup)


def _file_engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "connect")
    def _no_driver_transactions(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver would commit before DDL

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _server_engine(place: Server) -> sa.Engine:
    import psycopg

    return sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(place.url, application_name="label-gateway migration"),
        poolclass=sa.NullPool,
    )


@compiles(sa.Text, "postgresql")
def _text(*_: object, **__: object) -> str:
    """Return the type of every text: compared byte by byte, as SQLite does, wherever it stands.

    The server's own collation would sort keys by a language's rules, which differ between
    servers and change with their libraries.
    """
    return 'TEXT COLLATE "C"'
