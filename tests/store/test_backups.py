"""Backups are listed, tried and removed by names that the folder itself has."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import DiskFull, Unknown
from gateway.registry.lives import Action
from gateway.store.backups import Backups
from gateway.store.dialect import Place
from gateway.store.engine import Database
from gateway.store.migrate import migrate
from gateway.store.registry.registry import Registry
from gateway.store.settings import SettingStore
from gateway.works import Stopped
from tests.store.registry.conftest import World


def silent(done: int, of: int, sentence: str) -> None:
    """Tell nobody."""


@pytest.fixture
def backups(fresh: Database, place: Place, tmp_path: Path) -> Backups:
    world = World(Registry(fresh, SettingStore(fresh)))
    world.act(Action.RECEIVE, "A1", place=1)
    return Backups(fresh, place, tmp_path / "backups")


@pytest.mark.promise("R14")
def test_one_that_is_tried_is_put_back_and_proved(backups: Backups, fresh: Database) -> None:
    assert backups.all() == []
    made = backups.make("mary", silent)
    assert (made.by_itself, made.tried) == (False, None)
    steps: list[tuple[int, int]] = []
    tried = backups.try_out(made.name, "mary", lambda done, of, _: steps.append((done, of)))
    assert (tried.whole, tried.serials, tried.events, tried.jobs) == (True, 1, 1, 0)
    assert sorted(set(steps)) == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert backups.find(made.name).tried == tried
    told = fresh.read("SELECT kind, actor FROM feed WHERE subject = 'backups' ORDER BY seq")
    assert told == [("backup.made", "mary"), ("backup.tried", "mary")]
    assert sorted(file.name for file in backups.folder.iterdir()) == [made.name, "tried.json"]


def test_what_was_found_is_not_said_of_a_file_that_was_written_anew(backups: Backups) -> None:
    made = backups.make("mary", silent)
    backups.try_out(made.name, "mary", silent)
    file = backups.folder / made.name
    later = file.stat().st_mtime + 3600
    os.utime(file, (later, later))
    assert backups.find(made.name).tried is None


@pytest.mark.promise("R14")
def test_a_record_that_was_changed_behind_our_back_is_found(
    backups: Backups, place: Place, tmp_path: Path
) -> None:
    made = backups.make("mary", silent)
    with closing(sqlite3.connect(backups.folder / made.name)) as opened, opened:
        for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            opened.execute(f"DROP TRIGGER {name}")
        opened.execute("UPDATE event SET reason = 'something else'")
    tried = backups.try_out(made.name, "mary", silent)
    assert (tried.whole, tried.sentence) == (
        False,
        "It cannot be put back: Event 1 does not say what it said when it was written.",
    )


def test_an_older_one_is_brought_up_to_date_on_trial_and_stays_as_it_is(
    backups: Backups, tmp_path: Path
) -> None:
    migrate(tmp_path / "old.db", None, "0001")
    backups.folder.mkdir(exist_ok=True)
    shutil.copyfile(tmp_path / "old.db", backups.folder / "auto-old.db")
    before = (backups.folder / "auto-old.db").read_bytes()
    tried = backups.try_out("auto-old.db", "mary", silent)
    assert (tried.whole, tried.serials) == (True, 0), tried
    assert (backups.folder / "auto-old.db").read_bytes() == before
    assert backups.find("auto-old.db").by_itself


def test_a_trial_that_is_stopped_leaves_nothing(backups: Backups) -> None:
    made = backups.make("mary", silent)

    def stop(done: int, of: int, sentence: str) -> None:
        if done == 2:
            raise Stopped

    with pytest.raises(Stopped):
        backups.try_out(made.name, "mary", stop)
    assert [file.name for file in backups.folder.iterdir()] == [made.name]


@pytest.mark.threat("T9")
@pytest.mark.parametrize(
    "name",
    ["../gateway.db", "..", "", ".db", "tried.json", "/etc/passwd", "a/b.db", "no.db", "x.db\n"],
)
def test_a_name_that_the_folder_does_not_list_reaches_no_file(backups: Backups, name: str) -> None:
    made = backups.make("mary", silent)
    (backups.folder / "tried.json").write_text("{}")
    for ask in (backups.find, backups.file, lambda one: backups.remove(one, "mary")):
        with pytest.raises(Unknown):
            ask(name)
    assert [one.name for one in backups.all()] == [made.name]


def test_a_disk_without_room_gets_none(backups: Backups, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(backups.folder.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=100 << 20))
    with pytest.raises(DiskFull, match="100 MB left"):
        backups.make("mary", silent)
