"""Backups are made when they are due, found whole, and only the newest are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.registry.lives import Action
from gateway.store.copies import troubles
from gateway.store.dialect import Place
from gateway.store.engine import Database
from gateway.store.registry.registry import Registry
from gateway.store.safekeeping import HOUR, Safekeeping
from gateway.store.settings import SettingStore
from tests.store.registry.conftest import World

BEGAN = 1_800_000_000_000_000


class Kept:
    """Backups of a database with one event in its record."""

    def __init__(self, database: Database, place: Place, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.settings: dict[str, Any] = {"backup_hours": 24, "backups_kept": 2}
        self.free = 1 << 40
        self.keeping = Safekeeping(
            database, place, lambda: self.settings, folder, free=lambda _: self.free
        )

    def after(self, hours: float) -> str | None:
        """Look so many hours after the beginning; return the file's name."""
        made = self.keeping.look(BEGAN + round(hours * HOUR))
        return None if made is None else made.name

    def files(self) -> list[str]:
        return sorted(file.name for file in self.folder.iterdir())

    def told(self) -> list[tuple[str, dict[str, Any]]]:
        rows = self.database.read("SELECT kind, body FROM feed WHERE subject = 'backups'")
        return [(kind, json.loads(body)) for kind, body in rows]


@pytest.fixture
def kept(fresh: Database, place: Place, tmp_path: Path) -> Kept:
    world = World(Registry(fresh, SettingStore(fresh)))
    world.act(Action.RECEIVE, "A1", place=1)
    folder = tmp_path / "backups"
    return Kept(fresh, place, folder)


def test_one_a_day_is_made_and_the_newest_stay(kept: Kept) -> None:
    assert kept.after(0) is None, "the first is due a day after the first start"
    assert kept.after(23.9) is None
    assert kept.after(24) == "auto-20270116T080000Z.db"
    assert kept.after(25) is None
    (kept.folder / "mine.db").write_bytes(b"somebody's own")
    assert kept.after(49) == "auto-20270117T090000Z.db"
    assert kept.after(80) == "auto-20270118T160000Z.db"
    assert kept.files() == ["auto-20270117T090000Z.db", "auto-20270118T160000Z.db", "mine.db"]
    assert troubles(kept.folder / kept.files()[1], thorough=True) == []


def test_the_feed_has_the_head_of_the_record_as_an_anchor(kept: Kept) -> None:
    kept.after(0)
    kept.after(24)
    ((kind, body),) = kept.told()
    ((seq, own),) = kept.database.read("SELECT seq, hash FROM event")
    assert (kind, body["chain"]) == ("backup.made", {"seq": seq, "hash": bytes(own).hex()})
    assert body["bytes"] == (kept.folder / body["file"]).stat().st_size


def test_a_full_disk_gets_no_copy_and_is_told_of_once_a_day(kept: Kept) -> None:
    kept.after(0)
    kept.free = 100 << 20
    assert kept.after(24) is None
    assert kept.after(25) is None
    ((kind, body),) = kept.told()
    assert kind == "backup.failed"
    assert " has 100 MB left; a backup of " in body["why"]
    assert list(kept.folder.iterdir()) == []


def test_somebody_who_keeps_backups_elsewhere_switches_them_off(kept: Kept) -> None:
    kept.settings["backup_hours"] = 0
    kept.after(0)
    assert kept.after(1000) is None
    assert kept.told() == []
