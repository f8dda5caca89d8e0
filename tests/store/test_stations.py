"""Stations in the database and in the snapshot beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import InputRefused, NameTaken, Stale, UnknownStation
from gateway.registry.refusals import RegistryRefused
from gateway.stations.station import Options, Station, StationSettings
from gateway.store.engine import Database, Transaction
from gateway.store.feed import entries_after
from gateway.store.keys import KeyStore
from gateway.store.registry.registry import Registry
from gateway.store.settings import SettingStore
from gateway.store.stations import StationStore, settings_of

PLAIN = StationSettings()


def put(
    database: Database, store: StationStore, name: str, settings: StationSettings = PLAIN,
    **options: object,
) -> Station:  # fmt: skip
    made, _ = database.run(lambda t: store.put(t, name, settings, "eve", **options))  # type: ignore[arg-type]
    return made


def told(database: Database) -> list[tuple[str, str]]:
    return [(entry.kind, entry.subject) for entry in entries_after(database, 0)]


def test_a_station_keeps_its_id_whatever_it_is_called(fresh: Database) -> None:
    store = StationStore(fresh)
    number = put(fresh, store, "Dock").id
    renamed = put(fresh, store, "dock", rename="gate")
    assert (renamed.id, renamed.name, renamed.version) == (number, "gate", 2)
    assert store.find("GATE") == store.by_id(number) == renamed
    with pytest.raises(UnknownStation) as unknown:
        store.find("dock")
    assert unknown.value.detail == "There is no station 'dock'; there is gate."
    assert StationStore(fresh).all() == store.all() == [renamed]
    assert told(fresh) == [("station.made", "stations/Dock"), ("station.changed", "stations/gate")]


def test_what_was_set_comes_back_as_it_was(fresh: Database) -> None:
    registry = Registry(fresh, SettingStore(fresh))
    fresh.run(lambda t: registry.places.save(t, {"kind": "site"}, "eve", code="HALL-1"))
    store = StationStore(fresh)
    registry.places.renamed = store.follow_places
    settings = StationSettings(
        "Dock, left", "hall-1", None, "serial-label", ("receive", "lookup"),
        Options(sound=False, require_operator=True, print_on_receive=False),
    )  # fmt: skip
    made = put(fresh, store, "dock", settings)
    again = StationStore(fresh)
    assert again.find("dock") == made
    assert settings_of(made) == replace(settings, location="HALL-1")
    # A location may be called something else: the station stands where it stood.
    fresh.run(lambda t: registry.places.save(t, {"code": "HALL-A"}, "eve", code="HALL-1"))
    assert store.find("dock") == replace(made, place_code="HALL-A")
    with pytest.raises(RegistryRefused, match="There is no location 'NOWHERE'"):
        put(fresh, store, "dock", StationSettings(location="NOWHERE"))


def test_what_is_rolled_back_is_not_shown(fresh: Database) -> None:
    store = StationStore(fresh)

    def work(t: Transaction) -> None:
        store.put(t, "dock", PLAIN, "eve")
        raise InputRefused("no")

    with pytest.raises(InputRefused):
        fresh.run(work)
    assert (store.all(), told(fresh)) == ([], [])


def test_a_name_is_taken_by_a_constraint_also_within_one_transaction(fresh: Database) -> None:
    store = StationStore(fresh)
    put(fresh, store, "dock")
    put(fresh, store, "gate")
    with pytest.raises(NameTaken) as refused:
        put(fresh, store, "gate", rename="DOCK")
    assert refused.value.detail == "Another station is called 'DOCK'; choose another name."


def test_a_version_that_was_not_seen_is_not_overwritten(fresh: Database) -> None:
    store = StationStore(fresh)
    put(fresh, store, "dock", version="new")
    for version in ("new", 2):
        with pytest.raises(Stale):
            put(fresh, store, "dock", version=version)
    with pytest.raises(Stale, match="was deleted meanwhile"):
        put(fresh, store, "gone", version=1)
    with pytest.raises(Stale):
        fresh.run(lambda t: store.delete(t, "dock", "eve", version=2))
    assert store.find("dock").version == 1


def test_a_deleted_station_leaves_its_name_and_its_scans_behind(fresh: Database) -> None:
    store = StationStore(fresh)
    station = put(fresh, store, "dock")

    def work(t: Transaction) -> None:
        t.execute(
            "INSERT INTO scan (at, station, code, raw, outcome, actor) "
            "VALUES (1, ?, 'A1', ?, 'done', 'eve')",
            (station.id, b"A1"),
        )
        t.execute("INSERT INTO station_session VALUES (?, '{}', 1)", (station.id,))

    fresh.run(work)
    fresh.run(lambda t: store.delete(t, "DOCK", "eve"))
    assert (store.all(), store.by_id(station.id), store.by_id(None)) == ([], None, None)
    with pytest.raises(UnknownStation, match="There is no station 'dock'"):
        fresh.run(lambda t: store.delete(t, "dock", "eve"))
    assert fresh.read("SELECT station FROM scan") == [(station.id,)]
    assert fresh.read("SELECT * FROM station_session") == []
    assert put(fresh, store, "dock").id != station.id


def test_a_paired_station_knows_its_key_and_pairing_is_no_edit(fresh: Database) -> None:
    store, keys = StationStore(fresh), KeyStore(fresh)
    station = put(fresh, store, "dock")
    key, _ = fresh.run(lambda t: keys.make(t, "any", ["scan"], "eve"))
    paired = fresh.run(lambda t: store.set_key(t, station.id, key.id, "eve"))
    assert (paired.access_key, paired.version) == (key.id, 1)
    assert StationStore(fresh).find("dock") == store.find("dock") == paired
    put(fresh, store, "dock", StationSettings("Left"))
    assert store.find("dock").access_key == key.id
    fresh.run(lambda t: store.set_key(t, station.id, None, "eve"))
    assert store.find("dock").access_key is None
    assert [kind for kind, _ in told(fresh) if kind.startswith("station.")] == [
        "station.made", "station.paired", "station.changed", "station.unpaired",
    ]  # fmt: skip
    fresh.run(lambda t: store.delete(t, "dock", "eve"))
    with pytest.raises(UnknownStation, match="was deleted a moment ago"):
        fresh.run(lambda t: store.set_key(t, station.id, key.id, "eve"))


def test_what_another_gateway_wrote_is_read_anew(fresh: Database) -> None:
    here, there = StationStore(fresh), StationStore(fresh)
    put(fresh, there, "dock")
    assert here.all() == []
    fresh.run(here.reload)
    assert here.all() == there.all()


def test_where_a_station_stands_is_not_removed_under_it(fresh: Database) -> None:
    registry, store = Registry(fresh, SettingStore(fresh)), StationStore(fresh)
    fresh.run(lambda t: registry.places.save(t, {"kind": "site"}, "eve", code="HALL-1"))
    put(fresh, store, "dock", StationSettings(location="HALL-1"))
    with pytest.raises(RegistryRefused, match="1 stations"):
        fresh.run(lambda t: registry.places.delete(t, "HALL-1", "eve"))
    fresh.run(lambda t: store.delete(t, "dock", "eve"))
    fresh.run(lambda t: registry.places.delete(t, "HALL-1", "eve"))
    assert registry.places.page(None, 10) == []
