"""Keys: what is kept of them, and which of them open anything."""

from __future__ import annotations

import re

import pytest

from gateway.errors import InputRefused, NameTaken, NotAuthenticated
from gateway.store.engine import Database, now
from gateway.store.keys import USED_EVERY, Key, KeyStore


def make(database: Database, store: KeyStore, expires_at: int | None = None) -> tuple[Key, str]:
    return database.run(lambda t: store.make(t, "erp", ["read"], "eve", expires_at=expires_at))


@pytest.mark.threat("T7")
def test_only_a_hash_of_a_key_is_kept(fresh: Database) -> None:
    key, text = make(fresh, KeyStore(fresh))
    assert re.fullmatch(r"gw_[0-9a-f]{8}_[A-Za-z0-9_-]{43}", text)
    rows = fresh.read("SELECT * FROM access_key") + fresh.read("SELECT * FROM feed")
    assert text[12:] not in repr(rows)
    assert KeyStore(fresh).check(text, now()) == key


@pytest.mark.threat("T7")
def test_a_key_ends_when_it_expires_is_revoked_or_is_wrong(fresh: Database) -> None:
    store = KeyStore(fresh)
    _, text = make(fresh, store, expires_at=1000)
    assert store.check(text, 999).name == "erp"
    for wrong in (
        text[:-1] + ("a" if text[-1] != "a" else "b"),
        "gw_00000000" + text[11:],
        "",
        "x",
    ):
        with pytest.raises(NotAuthenticated, match="not one of this gateway's"):
            store.check(wrong, 999)
    with pytest.raises(NotAuthenticated, match="has expired"):
        store.check(text, 1000)
    fresh.run(lambda t: store.revoke(t, "erp", "eve"))
    with pytest.raises(NotAuthenticated, match="was revoked"):
        store.check(text, 999)
    assert KeyStore(fresh).all() == []


def test_the_last_use_is_noted_once_a_minute(fresh: Database) -> None:
    store = KeyStore(fresh)
    _, text = make(fresh, store)
    store.check(text, USED_EVERY)
    store.check(text, USED_EVERY + 1)
    assert store.note_used() == 1
    assert store.get("erp").used_at == USED_EVERY
    store.check(text, 2 * USED_EVERY - 1)
    assert store.note_used() == 0
    store.check(text, 2 * USED_EVERY)
    assert store.note_used() == 1
    assert KeyStore(fresh).get("erp").used_at == 2 * USED_EVERY


def test_a_stations_key_is_one_that_nobody_else_can_have(fresh: Database) -> None:
    store = KeyStore(fresh)
    with pytest.raises(InputRefused, match="cannot be a key's name"):
        fresh.run(lambda t: store.make(t, "station:dock", ["read"], "eve"))
    key, text = fresh.run(lambda t: store.make_for_station(t, "dock", "eve"))
    assert (key.name, key.holder, key.scopes) == (
        "station:dock", "station:dock", frozenset({"read", "print", "scan", "registry:*"}),
    )  # fmt: skip
    assert KeyStore(fresh).check(text, now()) == key
    with pytest.raises(NameTaken):
        fresh.run(lambda t: store.make_for_station(t, "DOCK", "eve"))
    assert make(fresh, store)[0].holder == "key:erp"


def test_a_stations_key_is_called_what_the_station_is_called(fresh: Database) -> None:
    store = KeyStore(fresh)
    key, text = fresh.run(lambda t: store.make_for_station(t, "dock", "eve"))
    for name in ("gate", "gate"):  # the second time changes nothing
        fresh.run(lambda t: store.rename_for_station(t, key.id, name, "eve"))  # noqa: B023
    assert (store.check(text, now()).holder, KeyStore(fresh).get("station:gate").id) == (
        "station:gate", key.id,
    )  # fmt: skip
    kinds = [kind for (kind,) in fresh.read("SELECT kind FROM feed ORDER BY seq")]
    assert kinds == ["key.made", "key.renamed"]
    fresh.run(lambda t: store.revoke(t, key.id, "eve"))
    fresh.run(lambda t: store.rename_for_station(t, key.id, "dock", "eve"))
    with pytest.raises(NotAuthenticated, match="'station:gate' was revoked"):
        store.check(text, now())
