"""A PostgreSQL server of the tests' own: made once, stopped at the end, a new database for each.

Debian's package is enough; no cluster of its own need run. The server listens on a Unix socket
only, in a folder of its own, and writes nothing through to the disk unless a test asks for that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from gateway.store.dialect import Server

TEMPLATE = "gateway_template"
"""The database that has the tables; copying it is quicker than making them."""

_END_SESSIONS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

_SHAPE = """
SELECT version_num::text FROM alembic_version
UNION ALL SELECT relname::text || relkind::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT tgname::text || tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT relname::text || '.' || attname FROM pg_attribute
    JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
ORDER BY 1
"""
"""What tests may change of a database and must not leave behind."""

_EMPTY = """
DO $$ DECLARE one record; filled boolean; names text := ''; BEGIN
    FOR one IN SELECT tablename FROM pg_tables
            WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', one.tablename) INTO filled;
        IF filled THEN names := names || format(', %I', one.tablename); END IF;
    END LOOP;
    IF names <> '' THEN EXECUTE 'TRUNCATE ' || substr(names, 3) || ' CASCADE'; END IF;
    PERFORM setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences
        WHERE last_value IS NOT NULL;
END $$
"""
"""Makes a database what the template is."""

PROGRAMS = Path("/usr/lib/postgresql")
"""Where Debian puts each version's programs; they are not in the path."""

PATIENCE = 60.0
"""Seconds for a server to begin or to end, on a busy machine."""

_ENDS_WITH_US = '"$@" & server=$!; read -r _; kill -QUIT $server 2>/dev/null; wait $server'
"""Whoever started the server may be killed: then its end of the line closes, and the server goes.
QUIT is an immediate shutdown (PostgreSQL manual, 19.5)."""

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "max_wal_size": "256MB",
}
"""Of a server whose data nobody wants back. 60: a suite that leaks connections is found out."""


def programs() -> Path | None:
    """Return the folder of the newest server's programs; None when there is none."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    path = shutil.which("initdb")
    return Path(path).parent if path else None


def _name(place: Server) -> str:
    return place.url.partition("?")[0].rpartition("/")[2]


def _other_user() -> str | None:
    """Return whom the server shall run as; None: as this one. It refuses to run as root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
        except KeyError:
            continue
        return name
    return None


@dataclass
class PostgresServer:
    """A server with its folder."""

    folder: Path
    programs: Path
    settings: dict[str, str] = field(default_factory=lambda: dict(FAST))

    def __post_init__(self) -> None:
        self._user = _other_user()
        self._numbers = count(1)
        self._spare: list[Server] = []
        self._shape: list[tuple[Any, ...]] = []
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            shutil.chown(self.folder, self._user)
        self._run(
            "initdb", "--pgdata", self._cluster, "--auth=trust", "--username=gateway",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
        )  # fmt: skip

    @property
    def _cluster(self) -> str:
        return str(self.folder / "cluster")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments],
            user=self._user, cwd=self.folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start the server, and return once it answers."""
        chosen = [f"-c{name}={value}" for name, value in self.settings.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", _ENDS_WITH_US, "sh", self.programs / "postgres", "-D", self._cluster,
                 "-clisten_addresses=", f"-cunix_socket_directories={self.folder}", *chosen],
                stdin=subprocess.PIPE, stdout=log, stderr=log, user=self._user, cwd=self.folder,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while True:
            try:
                with self.connect():
                    return
            except psycopg.OperationalError:
                assert time.monotonic() < end, (self.folder / "log").read_text(errors="replace")
                time.sleep(0.02)

    def stop(self, mode: str = "immediate") -> None:
        """Stop it: ``immediate`` is what a crash leaves behind."""
        self._run("pg_ctl", "stop", "--wait", f"--mode={mode}", "--pgdata", self._cluster)
        assert self._process is not None
        self._process.communicate(timeout=PATIENCE)

    def url(self, database: str) -> str:
        return f"postgresql://gateway@/{database}?host={self.folder}"

    @contextmanager
    def connect(self, database: str = "postgres") -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """A connection of a person beside the daemon."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            yield connection

    def create(self, template: str = "template0", name: str | None = None) -> Server:
        """Make a database; return where it is."""
        name = name or f"gateway_{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return Server(self.url(name))

    def borrow(self) -> Server:
        """Return a database that has our tables, and nothing in them."""
        if self._spare:
            return self._spare.pop()
        made = self.create(TEMPLATE)
        if not self._shape:
            with self.connect(_name(made)) as connection:
                self._shape = connection.execute(_SHAPE).fetchall()
        return made

    def give_back(self, place: Server) -> None:
        """Take a borrowed one back: emptied, which is quicker than another copy.

        One whose tables or triggers a test has changed is dropped.
        """
        with self.connect(_name(place)) as connection:
            connection.execute(_END_SESSIONS)
            as_it_was = connection.execute(_SHAPE).fetchall() == self._shape
            if as_it_was:
                connection.execute(_EMPTY)
        if as_it_was:
            self._spare.append(place)
        else:
            self.drop(place)

    def drop(self, place: Server) -> None:
        """Remove a database, whoever is still connected."""
        with self.connect() as connection:
            name = _name(place)
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)".encode())


@contextmanager
def run_server(
    settings: dict[str, str] | None = None, skip: Callable[[str], object] | None = None
) -> Iterator[PostgresServer]:
    """Run a server until the end of the block; ``skip`` is called where there can be none."""
    found = programs()
    if found is None:
        assert skip is not None
        skip("PostgreSQL is not installed; on Debian: apt-get install postgresql")
        return
    # Not pytest's folder: a socket's path has at most 107 bytes, and another user must reach it.
    with tempfile.TemporaryDirectory(prefix="gw-pg-") as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder), found, {**FAST, **(settings or {})})
        server.start()
        try:
            yield server
        finally:
            server.stop()
