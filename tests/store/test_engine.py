"""Opening the database: made, checked or refused, as the last daemon left it."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import DiskFull, StoreError
from gateway.printers import AS_IT_IS
from gateway.store.engine import Database, Transaction
from gateway.store.migrate import migrate
from gateway.store.printers import PrinterStore

# ---------------------------------------------------------------- how it was left


def closed(path: Path) -> None:
    Database.open(path).close()


def killed(path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from gateway.store.engine import Database\n"
        "database = Database.open(pathlib.Path(sys.argv[1]))\n"
        "database.run(lambda t: t.execute(\"INSERT INTO setting VALUES ('a', '1')\").rowcount)\n"
        "os._exit(9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == 9


def killed_after_a_good_end(path: Path) -> None:
    closed(path)
    killed(path)


def copied_beside_a_running_daemon(path: Path) -> None:
    running = path.with_name("running")
    closed(running / "gateway.db")
    with Database.open(running / "gateway.db"):
        shutil.copy(running / "gateway.db", path)


def closed_after_a_failed_write(path: Path) -> None:
    def fill(t: Transaction) -> int:
        t.execute("PRAGMA max_page_count = 1")  # as full as it is
        return t.execute("INSERT INTO setting VALUES ('a', ?)", ("x" * 100_000,)).rowcount

    with Database.open(path) as database:
        with pytest.raises(DiskFull, match="is full; free some space and send the request again"):
            database.run(fill)
        assert database.fault == f"The disk of {path.parent} is full."


def killed_then_closed(path: Path) -> None:
    killed(path)
    closed(path)


def damage(path: Path) -> None:
    """Overwrite a page that a start has no reason to read."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'asset'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize(
    "leave",
    [killed, killed_after_a_good_end, copied_beside_a_running_daemon, closed_after_a_failed_write],
)
def test_a_database_that_was_not_closed_well_is_checked(
    tmp_path: Path, leave: Callable[[Path], None]
) -> None:
    path = tmp_path / "gateway.db"
    leave(path)
    whole = tmp_path / "whole"
    whole.mkdir()
    shutil.copy(path, whole)
    Database.open(whole / "gateway.db").close()  # what is whole is opened

    damage(path)
    for _ in range(2):  # the next start looks again
        with pytest.raises(StoreError) as refused:
            Database.open(path)
        assert refused.value.detail.startswith(f"The database {path} is damaged (")
        assert refused.value.detail.endswith(
            "); restore the newest backup with label-gateway restore. Nothing was changed."
        )


@pytest.mark.goal("P9")
@pytest.mark.parametrize("leave", [closed, killed_then_closed])
def test_a_database_that_was_closed_well_is_not_read_to_its_end(
    tmp_path: Path, leave: Callable[[Path], None]
) -> None:
    path = tmp_path / "gateway.db"
    leave(path)
    damage(path)
    with Database.open(path) as database:
        assert database.read("SELECT count(*) FROM job") == [(0,)]
        with pytest.raises(sqlite3.DatabaseError, match="malformed"):
            database.read("SELECT * FROM asset")


# ---------------------------------------------------------------- made, or refused


@pytest.mark.goal("P9")
def test_neither_a_new_nor_a_kept_database_needs_alembic(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "from gateway.store.engine import Database\n"
        "for _ in range(2):\n"
        "    Database.open(pathlib.Path(sys.argv[1])).close()\n"
        "print(sorted({'alembic', 'sqlalchemy', 'psycopg'} & set(sys.modules)))\n"
    )
    path = tmp_path / "gateway.db"
    said = subprocess.run(
        [sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True
    )
    assert said.stdout == "[]\n"


def test_what_could_not_be_made_is_made_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gateway.db"
    twice = "BEGIN IMMEDIATE;\nCREATE TABLE job (seq);\nCREATE TABLE job (seq);\nCOMMIT;\n"
    with monkeypatch.context() as patched:
        patched.setattr("gateway.store.schema.creation", lambda: twice)
        with pytest.raises(StoreError) as refused:
            Database.open(path)
    assert refused.value.detail == (
        f"The database {path} cannot be made (table job already exists); see that its disk has "
        "room and may be written, and start again."
    )
    with Database.open(path) as database:
        assert database.read("SELECT count(*) FROM job") == [(0,)]


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE job (name TEXT)", "CREATE TABLE alembic_version (version_num TEXT)"],
)
def test_the_database_of_another_program_is_left_alone(tmp_path: Path, statement: str) -> None:
    path = tmp_path / "gateway.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
    before = path.read_bytes()
    with pytest.raises(StoreError) as refused:
        Database.open(path)
    assert refused.value.detail == (
        f"{path} is a database of another program; move it away, or give label-gateway another "
        "data directory. Nothing was changed."
    )
    assert path.read_bytes() == before


@pytest.mark.promise("R13")
def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    with Database.open(path) as database:
        database.run(lambda t: t.execute("UPDATE alembic_version SET version_num = '9'").rowcount)
    with pytest.raises(StoreError, match=r"was written by a newer label-gateway \(schema 9\)"):
        Database.open(path)


@pytest.mark.promise("R13")
def test_an_older_database_is_backed_up_before_it_is_migrated(tmp_path: Path) -> None:
    path = tmp_path / "gateway.db"
    migrate(path, None, "0001")
    with closing(sqlite3.connect(path)) as older:
        older.execute("INSERT INTO setting VALUES ('a', '1')")
        older.execute(
            "INSERT INTO printer (name, url, language, model, density, media_width, media_height, "
            "created_at, changed_at) VALUES ('dock', 'tcp://10.0.0.7:9100', 'zpl', '', '8', "
            "100000, 50000, 1, 1)"
        )
        older.commit()
    with Database.open(path) as database:
        assert database.read("SELECT * FROM setting") == [("a", "1")]
        [printer] = PrinterStore(database).all()
        assert (printer.name, printer.media.stock, printer.setup) == ("dock", "", AS_IT_IS)
    with closing(sqlite3.connect(tmp_path / "gateway.before-0001.db")) as backup:
        assert backup.execute("SELECT * FROM setting").fetchall() == [("a", "1")]
        assert backup.execute("SELECT * FROM alembic_version").fetchall() == [("0001",)]
