"""Bring a database to the newest schema: a backup first, then all steps in one transaction."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from gateway.errors import StoreError

log = logging.getLogger(__name__)


def migrate(path: Path, version: str | None, to: str = "head") -> None:
    """Migrate the database at ``path`` from ``version`` (None: empty) to the newest, or ``to``.

    A kill at any statement leaves the old schema or the new one, never one between: SQLite's DDL
    is transactional, and everything runs in one transaction.

    Raises:
        StoreError: a newer program has written this database.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    if version is not None:
        known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
        if version not in known:
            raise StoreError(
                f"The database {path} was written by a newer label-gateway (schema {version}); "
                "start that version, or restore the backup made before its migration "
                f"({path.with_suffix('.before-*.db').name}).",
                file=str(path),
                schema=version,
            )
        backup = path.with_suffix(f".before-{version}.db")
        backup.unlink(missing_ok=True)
        with sqlite3.connect(path) as source:
            source.execute("VACUUM INTO ?", (str(backup),))
        source.close()
        log.info("database backed up before its migration", extra={"backup": str(backup)})
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "connect")
    def _no_driver_transactions(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver would commit before DDL

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
    engine.dispose()
