"""A new database is what the migrations make, and is there whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.store import schema
from gateway.store.engine import HEAD, Database
from gateway.store.migrate import migrate

Row = tuple[object, ...]


def content(path: Path) -> tuple[list[Row], list[Row]]:
    """Return every row that says what a database is.

    Not the page a table begins on: SQLite moves the list of tables when an ALTER makes it longer.
    """
    with closing(sqlite3.connect(path)) as connection:
        return (
            connection.execute(
                "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY rowid"
            ).fetchall(),
            connection.execute("SELECT * FROM alembic_version").fetchall(),
        )


def test_a_new_database_is_what_the_migrations_make(tmp_path: Path) -> None:
    migrate(tmp_path / "migrated.db", None)
    Database.open(tmp_path / "new.db").close()
    assert content(tmp_path / "new.db") == content(tmp_path / "migrated.db")
    assert content(tmp_path / "new.db")[1] == [(HEAD,)]


def test_the_file_is_what_its_writer_writes() -> None:
    assert schema.FILE.read_text("utf-8") == schema.from_migrations(), (
        "run: python -m gateway.store.schema"
    )


def test_a_stale_file_is_found_and_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = schema.FILE.read_text("utf-8")
    monkeypatch.setattr(schema, "FILE", tmp_path / "schema.sql")
    schema.FILE.write_text(shipped.replace("url TEXT", "address TEXT"), "utf-8")
    assert schema.main(["--check"]) == 1
    assert capsys.readouterr().err == "schema.sql is stale; run python -m gateway.store.schema.\n"
    assert schema.main([]) == 0
    assert schema.main(["--check"]) == 0
    assert schema.FILE.read_text("utf-8") == shipped


@pytest.mark.promise("R13")
@pytest.mark.parametrize("journal", ["wal", "delete"])
def test_a_stop_at_any_statement_leaves_no_half_made_database(tmp_path: Path, journal: str) -> None:
    folder = tmp_path / "first"
    folder.mkdir()
    left: list[Path] = []

    def keep(_: str) -> None:
        """Keep the files as a power failure before this statement would leave them."""
        left.append(tmp_path / f"left-{len(left)}")
        left[-1].mkdir()
        for file in folder.iterdir():
            if not file.name.endswith("-shm"):  # is not on the disk, and made anew
                shutil.copy(file, left[-1])

    with closing(sqlite3.connect(folder / "gateway.db", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()
        connection.execute("PRAGMA cache_size = 1")  # pages go to the disk before the commit
        connection.set_trace_callback(keep)
        connection.executescript(schema.creation())
        connection.set_trace_callback(None)
        keep("the end")
    whole = content(folder / "gateway.db")
    assert len(left) == schema.creation().count(";\n") + 1
    sizes = [sum(file.stat().st_size for file in place.iterdir()) for place in left]
    assert sizes[-3] > 4 * sizes[0] + 4096, "nothing was written before the commit"

    found = []
    for number, place in enumerate(left):
        with closing(sqlite3.connect(place / "gateway.db")) as connection:
            found.append(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
        # Each was found empty or whole; that the next start makes it whole, a tenth of them show.
        if number % 10 == 0 or number > len(left) - 3:
            Database.open(place / "gateway.db").close()
            assert content(place / "gateway.db") == whole
    assert found == [0] * (len(left) - 1) + [len(whole[0])]
