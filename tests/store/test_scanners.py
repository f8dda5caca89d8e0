"""Scanners in the database and in the snapshot beside it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.errors import InputRefused, InUse, NameTaken, Stale, UnknownScanner
from gateway.scanners.scanner import Profile, Scanner
from gateway.stations.station import StationSettings
from gateway.store.daemons import Membership
from gateway.store.engine import Database, Transaction
from gateway.store.feed import entries_after
from gateway.store.scanners import ScannerSettings, ScannerStore, settings_of
from gateway.store.stations import StationStore

PORT = ScannerSettings("serial:///dev/ttyACM0?baud=9600")


def stores(database: Database) -> tuple[StationStore, ScannerStore]:
    stations = StationStore(database)
    return stations, ScannerStore(database, stations)


def put(
    database: Database, store: ScannerStore, name: str, settings: ScannerSettings = PORT,
    **options: object,
) -> Scanner:  # fmt: skip
    made, _ = database.run(lambda t: store.put(t, name, settings, "eve", **options))  # type: ignore[arg-type]
    return made


def make_station(database: Database, stations: StationStore, name: str) -> int:
    made, _ = database.run(lambda t: stations.put(t, name, StationSettings(), "eve"))
    return made.id


def told(database: Database) -> list[tuple[str, str, object]]:
    return [
        (entry.kind, entry.subject, json.loads(entry.body))
        for entry in entries_after(database, 0)
        if entry.kind.startswith("scanner.")
    ]


def test_a_scanner_keeps_its_id_whatever_it_is_called(fresh: Database) -> None:
    _, store = stores(fresh)
    number = put(fresh, store, "Gun").id
    renamed = put(fresh, store, "gun", rename="left")
    assert (renamed.id, renamed.name, renamed.version) == (number, "left", 2)
    assert store.find("LEFT") == store.by_id(number) == renamed
    with pytest.raises(UnknownScanner) as unknown:
        store.find("gun")
    assert unknown.value.detail == "There is no scanner 'gun'; there is left."
    assert stores(fresh)[1].all() == store.all() == [renamed]
    assert told(fresh) == [
        ("scanner.made", "scanners/Gun", {"scanner": "Gun", "station": "", "version": 1}),
        (
            "scanner.changed", "scanners/left",
            {"scanner": "left", "station": "", "version": 2, "was": "Gun"},
        ),
    ]  # fmt: skip


def test_what_was_set_comes_back_as_it_was(fresh: Database) -> None:
    stations, store = stores(fresh)
    dock = make_station(fresh, stations, "dock")
    settings = ScannerSettings(
        "tcp://10.0.0.9:2001", Profile(suffix="tab", gs="|", aim=True, feedback="bel"), dock
    )
    made = put(fresh, store, "gun", settings)
    again = stores(fresh)[1].find("gun")
    assert (again, settings_of(again)) == (made, settings)
    assert store.at(dock) == [made]
    assert store.at(dock + 1) == []


def test_a_device_is_one_scanner(fresh: Database) -> None:
    _, store = stores(fresh)
    put(fresh, store, "gun")
    put(fresh, store, "gun", rename="left")
    with pytest.raises(InUse) as used:
        put(fresh, store, "other")
    assert used.value.detail == (
        "serial:///dev/ttyACM0?baud=9600 is scanner 'left' already; use that one, or remove it "
        "first."
    )
    put(fresh, store, "other", replace(PORT, url="serial:///dev/ttyACM1"))
    with pytest.raises(InUse):
        put(fresh, store, "other")
    assert store.find("other").url == "serial:///dev/ttyACM1"


def test_the_same_port_of_another_computer_is_another_scanner(fresh: Database) -> None:
    stations = StationStore(fresh)

    def add(t: Transaction) -> None:
        for number, name in ((1, "east"), (2, "west")):
            t.execute(
                "INSERT INTO daemon (id, uid, name, made_at) VALUES (?, ?, ?, 1)",
                (number, name, name),
            )

    fresh.run(add)
    east = ScannerStore(fresh, stations, Membership(1))
    ours = put(fresh, east, "east-gun")
    west = ScannerStore(fresh, stations, Membership(2))
    theirs = west.find("east-gun")
    assert (west.ours(theirs), west.gateway_of(theirs)) == (False, "east")
    mine = put(fresh, west, "west-gun")
    assert (west.ours(mine), west.gateway_of(mine)) == (True, "west")
    put(fresh, west, "desk", ScannerSettings("tcp://10.0.0.9:2001"))
    with pytest.raises(InUse):  # one device, wherever it is called from
        put(fresh, east, "desk-too", ScannerSettings("tcp://10.0.0.9:2001"))
    # A change from elsewhere leaves it where it is.
    assert put(fresh, west, "east-gun", rename="gate-gun").daemon == ours.daemon == 1
    assert east.all() == [ours]
    fresh.run(east.reload)
    assert east.all() == west.all()
    assert (east.gateway_of(mine), stores(fresh)[1].gateway_of(mine)) == ("west", None)


def test_what_is_rolled_back_is_not_shown(fresh: Database) -> None:
    _, store = stores(fresh)

    def work(t: Transaction) -> None:
        store.put(t, "gun", PORT, "eve")
        raise InputRefused("no")

    with pytest.raises(InputRefused):
        fresh.run(work)
    assert (store.all(), told(fresh)) == ([], [])


def test_a_name_is_taken_by_a_constraint_also_within_one_transaction(fresh: Database) -> None:
    _, store = stores(fresh)
    put(fresh, store, "gun")
    put(fresh, store, "left", ScannerSettings("virtual:left"))
    with pytest.raises(NameTaken) as refused:
        put(fresh, store, "left", ScannerSettings("virtual:left"), rename="GUN")
    assert refused.value.detail == "Another scanner is called 'GUN'; choose another name."


def test_a_version_that_was_not_seen_is_not_overwritten(fresh: Database) -> None:
    _, store = stores(fresh)
    put(fresh, store, "gun", version="new")
    for version in ("new", 2):
        with pytest.raises(Stale):
            put(fresh, store, "gun", version=version)
    with pytest.raises(Stale, match="was deleted meanwhile"):
        put(fresh, store, "gone", version=1)
    with pytest.raises(Stale):
        fresh.run(lambda t: store.delete(t, "gun", "eve", version=2))
    assert store.find("gun").version == 1


def test_pausing_twice_is_told_once_and_is_no_edit(fresh: Database) -> None:
    _, store = stores(fresh)
    put(fresh, store, "gun")
    for _ in range(2):
        fresh.run(lambda t: store.set_paused(t, "gun", True, "eve"))
    assert (store.find("gun").paused, store.find("gun").version) == (True, 1)
    put(fresh, store, "gun", rename="left")
    assert store.find("left").paused
    fresh.run(lambda t: store.set_paused(t, "left", False, "eve"))
    assert [body.get("paused") for _, _, body in told(fresh)] == [None, True, None, False]  # type: ignore[attr-defined]
    assert not stores(fresh)[1].find("left").paused


def test_a_scanner_goes_to_the_station_whose_barcode_it_reads(fresh: Database) -> None:
    stations, store = stores(fresh)
    dock, gate = (make_station(fresh, stations, name) for name in ("dock", "gate"))
    gun = put(fresh, store, "gun", replace(PORT, station=dock))
    moved, again = (
        fresh.run(lambda t: store.set_station(t, gun.id, gate, "operator:Ann")) for _ in range(2)
    )
    assert moved == again
    assert (store.find("gun"), store.at(dock), store.at(gate)) == (moved, [], [moved])
    assert [body for kind, _, body in told(fresh) if kind == "scanner.changed"] == [
        {"scanner": "gun", "station": "gate"}
    ]
    assert fresh.run(lambda t: store.set_station(t, 99, gate, "operator:Ann")) is None


def test_a_station_that_goes_frees_its_scanners(fresh: Database) -> None:
    stations, store = stores(fresh)
    dock = make_station(fresh, stations, "dock")
    put(fresh, store, "gun", replace(PORT, station=dock))
    put(fresh, store, "left", ScannerSettings("virtual:left", station=dock))
    put(fresh, store, "free", ScannerSettings("virtual:free"))

    def work(t: Transaction) -> list[Scanner]:
        stations.delete(t, "dock", "eve")
        return store.free(t, dock, "eve")

    freed = fresh.run(work)
    assert [scanner.name for scanner in freed] == ["gun", "left"]
    assert [scanner.station for scanner in store.all()] == [None] * 3
    assert stores(fresh)[1].all() == store.all()


def test_a_deleted_scanner_leaves_name_and_device_behind(fresh: Database) -> None:
    _, store = stores(fresh)
    gun = put(fresh, store, "gun")
    fresh.run(lambda t: store.delete(t, "GUN", "eve"))
    assert (store.all(), store.by_id(gun.id)) == ([], None)
    with pytest.raises(UnknownScanner, match="There is no scanner 'gun'"):
        fresh.run(lambda t: store.delete(t, "gun", "eve"))
    with pytest.raises(UnknownScanner):
        fresh.run(lambda t: store.set_paused(t, "gun", True, "eve"))
    assert put(fresh, store, "gun").id != gun.id
