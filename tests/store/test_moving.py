"""Between a file and a server: every row, every number, and nothing that was not there."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.program import run_program
from gateway.cli.terminal import Terminal
from gateway.errors import InUse, StoreError
from gateway.ledger import Order
from gateway.printers import Printer
from gateway.store.copies import back_up, printer_addresses, restore, troubles
from gateway.store.dialect import Place, Server
from gateway.store.engine import Database, Transaction
from gateway.store.jobs import JobStore
from gateway.store.printers import PrinterStore
from tests.postgres import PostgresServer
from tests.store.conftest import SETTINGS

EVENT = (
    "INSERT INTO event (uid, at, recorded_at, action, actor, movements, digest, prev_hash, hash) "
    "VALUES (?, 1, 1, ?, 'eve', 1, ?, ?, ?)"
)


def fill(database: Database) -> None:
    """Write what a gateway writes, and a serial that has come a long way."""
    printers, jobs = PrinterStore(database), JobStore(database)

    def work(t: Transaction) -> None:
        printer: Printer = printers.put(t, "dock", SETTINGS, "eve")[0]
        order = Order(printer.id, "dock", "raw", (None, None), payload=bytes(range(256)))
        jobs.accept(t, order, "eve", 1)
        t.allot("job", 40)  # numbers nobody may have again
        t.execute("INSERT INTO item (sku, created_at, changed_at) VALUES ('T\t\"x\"\\N', 0, 0)")
        for step in ("plan", "receive"):
            t.execute(
                "INSERT INTO transition VALUES (?, ?, ?)",
                (step, *{"plan": ("", "planned"), "receive": ("planned", "received")}[step]),
            )
        t.execute(EVENT, ("u1", "plan", b"d", b"", b"\x00one"))
        t.execute(
            "INSERT INTO life (item, serial, serial_key, state, event) "
            "VALUES (1, 'ä-1', 'ä-1', 'planned', 1)"
        )
        t.execute(EVENT, ("u2", "receive", b"d", b"\x00one", b"two"))
        t.execute("UPDATE life SET state = 'received', event = 2 WHERE id = 1")

    database.run(work)


def content(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, and the numbers that were given out."""
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_stat1'"
        ).fetchall()
        return {t: sorted(connection.execute(f"SELECT * FROM {t}"), key=repr) for (t,) in tables}


def made(file: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' "
            "ORDER BY type, name"
        ).fetchall()


@pytest.fixture
def filled(place: Place, tmp_path: Path) -> Place:
    with Database.open(place, tmp_path) as database:
        fill(database)
    return place


@pytest.fixture
def target(postgres: PostgresServer) -> Iterator[Server]:
    """Another database, on the server, without tables."""
    made = postgres.create()
    yield made
    postgres.drop(made)


@pytest.mark.promise("R14")
def test_what_goes_to_a_server_and_back_is_the_same(
    filled: Place, target: Server, tmp_path: Path
) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    steps: list[tuple[int, int]] = []
    back_up(filled, first, lambda done, total: steps.append((done, total)))
    assert steps[-1][0] == steps[-1][1] > 0
    restored = restore(first, target, tmp_path)
    assert (restored.aside, restored.jobs, restored.labels_on_hold) == (None, 1, 2)
    back_up(target, second)
    assert made(second) == made(first)
    held, was = content(second), content(first)
    assert [row[6] for row in was["label"]] == ["queued"] * 2
    assert [row[6] for row in held["label"]] == ["held"] * 2
    for changed in ("label", "job", "feed"):  # by what was put on hold
        del held[changed], was[changed]
    held["sqlite_sequence"].remove(("feed", 3))
    was["sqlite_sequence"].remove(("feed", 2))
    assert held == was
    assert dict(was["sqlite_sequence"])["job"] == 41
    with Database.open(target, tmp_path) as database:
        assert database.run(lambda t: t.allot("job", 1)) == range(42, 43)
        assert database.run(lambda t: t.allot("lot", 1)) == range(1, 2)  # never used


@pytest.mark.promise("R14")
def test_a_restore_keeps_what_the_server_had(filled: Place, target: Server, tmp_path: Path) -> None:
    empty, copy = tmp_path / "empty.db", tmp_path / "copy.db"
    back_up(filled, copy)
    Database.open(empty).close()
    restore(copy, target, tmp_path)
    aside = restore(empty, target, tmp_path).aside
    assert aside is not None
    assert aside.parent == tmp_path
    assert content(aside)["life"] == content(copy)["life"]
    with Database.open(target, tmp_path) as database:
        assert database.read("SELECT count(*) FROM life") == [(0,)]


def test_guards_rest_for_a_copy_and_not_longer(filled: Place, tmp_path: Path) -> None:
    with Database.open(filled, tmp_path) as database, pytest.raises(Exception, match="append_only"):
        database.run(lambda t: t.execute("DELETE FROM life"))
    copy = tmp_path / "copy.db"
    back_up(filled, copy)
    with (
        closing(sqlite3.connect(copy)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="record_append_only"),
    ):
        connection.execute("DELETE FROM life")


def test_nothing_is_put_back_under_a_daemon_elsewhere(target: Server, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    Database.open(empty).close()
    with (
        Database.open(target, tmp_path / "elsewhere"),
        pytest.raises(InUse, match="A label-gateway on this computer is connected to postgresql:"),
    ):
        restore(empty, target, tmp_path)


def test_what_is_wrong_is_found_in_both(filled: Place, tmp_path: Path) -> None:
    assert troubles(filled, thorough=True) == []
    assert printer_addresses(filled) == [("dock", "tcp://127.0.0.1:9100")]
    with Database.open(filled, tmp_path) as database:
        database.run(lambda t: t.execute("UPDATE label SET state = 'held' WHERE number = 2"))
    assert troubles(filled) == ["Job J1 counts 2 labels by state and has 2 that differ."]


def test_a_server_without_our_tables_is_said_to_have_none(target: Server, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="has no tables of label-gateway"):
        troubles(target)
    with pytest.raises(StoreError, match="has no tables yet"):
        back_up(target, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_the_command_line_keeps_a_server_safe(
    target: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE", target.url)
    monkeypatch.setenv("GATEWAY_LISTEN", "127.0.0.1:0")
    with Database.open(target, tmp_path) as database:
        fill(database)

    def said(*arguments: object) -> tuple[int, str]:
        out = io.StringIO()
        words = [*map(str, arguments), "--data-dir", str(tmp_path)]
        return run_program(words, Terminal(out, out, False)), out.getvalue()

    copy = tmp_path / "copy.db"
    code, text = said("backup", copy)
    assert (code, text.startswith(f"{target} is backed up as {copy} (")) == (0, True)
    assert said("verify") == (0, f"{target} is whole, and every label is counted.\n")
    code, text = said("restore", copy)
    assert (code, text.startswith(f"{target} is what {copy} held: 1 jobs.\n")) == (0, True)
    assert f"ok     {target} answers (PostgreSQL " in said("doctor")[1]
    monkeypatch.setenv("GATEWAY_DATABASE", f"{target.url}&port=1")
    code, text = said("verify")
    assert (code, text.startswith(f"The database {target} could not do that: ")) == (1, True)
    assert f"WRONG  The database {target} could not do that: " in said("doctor")[1]
