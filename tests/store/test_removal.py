"""Sealed, fenced, packed, taken in: each step holds at whatever moment the power goes."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import InUse, Moved, StoreError
from gateway.registry.lives import Action
from gateway.store import removal
from gateway.store.copies import back_up
from gateway.store.engine import Database
from gateway.store.fence import FILE, Fence, lift_fence, raise_fence, read_fence
from gateway.store.printers import PrinterStore
from gateway.store.registry.registry import Registry
from gateway.store.removal import (
    ARRIVED,
    CAME,
    FOLDER,
    Mark,
    bring_in,
    check_arrived,
    check_fresh,
    mark_of,
    noted,
    pack,
    packed,
)
from gateway.store.settings import SettingStore
from gateway.works import Stopped
from tests.store.conftest import SETTINGS
from tests.store.registry.conftest import World

FENCE = Fence("0a1b2c", 1_800_000_000_000_000, "local")


def silent(done: int, of: int) -> None:
    """Tell nobody."""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A data directory with a printer and a serial."""
    folder = tmp_path / "old"
    with Database.open(folder / "gateway.db") as opened:
        printers = PrinterStore(opened)
        opened.run(lambda t: printers.put(t, "dock", SETTINGS, "test"))
        World(Registry(opened, SettingStore(opened))).act(Action.RECEIVE, "A1", place=1)
    return folder


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """A data directory of a gateway that was just installed."""
    folder = tmp_path / "new"
    Database.open(folder / "gateway.db").close()
    (folder / FOLDER).mkdir()
    return folder


def arrive(old: Path, new: Path) -> None:
    """Put the old one's file where the new one looks for it at its start."""
    pack(old / "gateway.db", old, FENCE, silent).rename(new / FOLDER / ARRIVED)


def serials(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "gateway.db")) as opened:
        return [row[0] for row in opened.execute("SELECT serial FROM life")]


# ---------------------------------------------------------------- the seal


def test_what_waits_when_a_database_is_sealed_is_kept_and_what_comes_later_is_refused(
    fresh: Database,
) -> None:
    def write(value: str) -> None:
        fresh.run(lambda t: t.execute("INSERT INTO setting VALUES (?, '1')", (value,)).rowcount)

    with fresh.paused():
        waits = fresh.submit(lambda t: t.execute("INSERT INTO setting VALUES ('a', '1')").rowcount)
    fresh.seal("It was moved.")
    assert waits.result() == 1
    for name in ("b", "c"):
        with pytest.raises(Moved, match=r"^It was moved\.$"):
            write(name)
    assert fresh.fault is None
    assert fresh.read("SELECT name FROM setting") == [("a",)], "it is read as ever"
    fresh.unseal()
    write("d")
    assert fresh.read("SELECT name FROM setting ORDER BY 1") == [("a",), ("d",)]


# ---------------------------------------------------------------- the fence


@pytest.mark.parametrize("content", [b"", b"{", b'{"token": "a"}', b"[]", b'{"at": "x"}'])
def test_a_fence_that_cannot_be_read_is_a_fence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    fence = read_fence(tmp_path)
    assert fence is not None
    assert fence.sentence("Europe/Athens").startswith("This gateway was moved to another computer")


def test_a_fence_that_cannot_be_written_is_said_and_nothing_stands(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    with pytest.raises(StoreError, match="The fence could not be written"):
        raise_fence(gone, FENCE)
    raise_fence(tmp_path, FENCE)
    assert read_fence(tmp_path) == FENCE
    lift_fence(tmp_path)
    assert read_fence(tmp_path) is None


# ---------------------------------------------------------------- out


def test_the_file_has_everything_and_a_mark_and_is_the_same_each_time(old: Path) -> None:
    first = pack(old / "gateway.db", old, FENCE, silent)
    again = pack(old / "gateway.db", old, FENCE, silent)
    assert first == again == packed(old)
    mark = check_arrived(again)
    assert mark is not None
    assert (mark.token, mark.at, mark.by, bool(mark.host)) == (FENCE.token, FENCE.at, "local", True)
    with closing(sqlite3.connect(old / "gateway.db")) as own:
        assert own.execute("SELECT 1 FROM setting WHERE name LIKE 'move.%'").fetchall() == []


def test_a_stopped_copy_leaves_no_file(old: Path) -> None:
    def stop(done: int, of: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        pack(old / "gateway.db", old, FENCE, stop)
    assert list((old / FOLDER).iterdir()) == []


# ---------------------------------------------------------------- in


def test_nothing_came_and_nothing_is_done(new: Path) -> None:
    assert bring_in(new / "gateway.db", new) is None
    assert serials(new) == []


def test_the_file_becomes_the_database_and_its_mark_where_it_came_from(
    old: Path, new: Path
) -> None:
    arrive(old, new)
    (new / "virtual" / "1").mkdir(parents=True)
    restored = bring_in(new / "gateway.db", new)
    assert restored is not None
    assert (restored.jobs, restored.labels_on_hold) == (0, 0)
    assert serials(new) == ["A1"]
    assert mark_of(new / "gateway.db") is None
    with Database.open(new / "gateway.db") as opened:
        came = noted(opened, CAME)
    assert (came["moved"], came["token"], came["at"]) == (True, FENCE.token, FENCE.at)
    assert not (new / "virtual").exists(), "no paper of other machines is taken for proof"
    assert len(list(new.glob("virtual.before-*"))) == 1
    assert list((new / FOLDER).iterdir()) == []


@pytest.mark.parametrize("step", ["restore", "_settle_in"])
def test_a_start_that_is_broken_off_is_done_again_by_the_next(
    old: Path, new: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(old, new)
    real = getattr(removal, step)

    def broken(*given: object, **more: object) -> object:
        real(*given, **more)
        raise KeyboardInterrupt  # as a power cut: nothing behind it is done

    with monkeypatch.context() as patch:
        patch.setattr(removal, step, broken)
        with pytest.raises(KeyboardInterrupt):
            bring_in(new / "gateway.db", new)
    assert (new / FOLDER / ARRIVED).exists()
    assert bring_in(new / "gateway.db", new) is not None
    assert serials(new) == ["A1"]
    with Database.open(new / "gateway.db") as opened:
        assert noted(opened, CAME)["moved"] is True


def test_a_file_that_cannot_be_put_in_is_set_aside_and_the_gateway_starts_as_it_was(
    new: Path,
) -> None:
    (new / FOLDER / ARRIVED).write_bytes(b"no database" * 1000)
    assert bring_in(new / "gateway.db", new) is None
    assert [file.name for file in (new / FOLDER).iterdir()] == ["refused.db"]
    assert serials(new) == []


def test_a_mark_that_is_not_as_we_write_it_is_refused(old: Path, tmp_path: Path) -> None:
    back_up(old / "gateway.db", tmp_path / "copy.db")
    assert check_arrived(tmp_path / "copy.db") is None
    for mark in ("{}", "not json", json.dumps({"token": "a"})):
        with closing(sqlite3.connect(tmp_path / "copy.db")) as copy, copy:
            copy.execute("INSERT OR REPLACE INTO setting VALUES ('move.mark', ?)", (mark,))
        with pytest.raises(StoreError, match="cannot be read"):
            check_arrived(tmp_path / "copy.db")
    good = json.dumps({"token": "a", "at": 1, "by": "local", "host": "desk"})
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy, copy:
        copy.execute("INSERT OR REPLACE INTO setting VALUES ('move.mark', ?)", (good,))
    assert check_arrived(tmp_path / "copy.db") == Mark("a", 1, "local", "desk")


def test_a_file_of_a_newer_program_is_refused(old: Path) -> None:
    file = pack(old / "gateway.db", old, FENCE, silent)
    with closing(sqlite3.connect(file)) as opened, opened:
        opened.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="made by a newer label-gateway"):
        check_arrived(file)


def test_only_a_fresh_gateway_takes_a_file_in(old: Path, new: Path) -> None:
    with Database.open(new / "gateway.db") as opened:
        check_fresh(opened)
    with Database.open(old / "gateway.db") as opened, pytest.raises(InUse) as refused:
        check_fresh(opened)
    assert refused.value.facts["has"] == ["items", "recorded events", "the printer dock"]
