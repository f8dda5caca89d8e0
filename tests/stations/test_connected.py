"""Scanners of this computer: what they read goes to their station, what becomes of them is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import ScannerStatus
from gateway.stations.connected import ConnectedScanners
from gateway.stations.engine import Stations
from gateway.stations.station import StationSettings
from gateway.store.engine import Database
from gateway.store.feed import entries_after
from gateway.store.scanners import ScannerSettings, ScannerStore
from gateway.store.stations import StationStore
from tests.stations.desk import Desk

Condition = Literal["starting", "listening", "unreachable", "paused"]


def nobody() -> Stations:
    raise AssertionError("nobody scans here")


def test_a_scanner_that_comes_or_goes_is_told_once(tmp_path: Path) -> None:
    with Database.open(tmp_path / "gateway.db") as database:
        stations = StationStore(database)
        scanners = ScannerStore(database, stations)
        dock, _ = database.run(lambda t: stations.put(t, "dock", StationSettings(), "eve"))
        settings = ScannerSettings("virtual:gun", station=dock.id)
        gun, _ = database.run(lambda t: scanners.put(t, "gun", settings, "eve"))
        news = ConnectedScanners(database, scanners, stations, nobody, lambda _: None)
        steps: tuple[tuple[Condition, str], ...] = (
            ("unreachable", "It is not there."), ("unreachable", "It is still not there."),
            ("listening", "It is there."), ("paused", "It is let go."),
            ("listening", "It is there."), ("unreachable", "It is gone."),
        )  # fmt: skip
        for condition, sentence in steps:
            news.tell(gun, ScannerStatus(condition, sentence))
        told = [
            (entry.kind, entry.actor, json.loads(entry.body))
            for entry in entries_after(database, 0)
            if entry.kind in ("scanner.connected", "scanner.lost")
        ]
    body = {"scanner": "gun", "station": "dock"}
    there = body | {"condition": "listening", "sentence": "It is there."}
    assert told == [
        ("scanner.lost", "scanner:gun",
         body | {"condition": "unreachable", "sentence": "It is not there."}),
        ("scanner.connected", "scanner:gun", there),
        ("scanner.connected", "scanner:gun", there),
        ("scanner.lost", "scanner:gun",
         body | {"condition": "unreachable", "sentence": "It is gone."}),
    ]  # fmt: skip


def test_what_nobody_here_knows_is_passed_on_and_nothing_else(desk: Desk) -> None:
    passed: list[int] = []
    stations = StationStore(desk.database)
    scanners = ScannerStore(desk.database, stations)
    settings = ScannerSettings("virtual:gun", station=1)
    gun, _ = desk.database.run(lambda t: scanners.put(t, "gun", settings, "eve"))
    connected = ConnectedScanners(
        desk.database, scanners, stations, lambda: desk.stations, passed.append
    )

    def scan(text: str) -> Outcome:
        return connected.take(gun, Read(text.encode(), text))

    assert scan("DRILL") is Outcome.DONE
    assert passed == []
    assert scan("NOBODY") is Outcome.REFUSED
    assert passed == [gun.id]
    assert scan("GWC-DONE-X") is Outcome.REFUSED, "known, and refused"
    assert passed == [gun.id]


def test_where_no_separator_comes_none_was_printed_once_one_has_come(desk: Desk) -> None:
    stations = StationStore(desk.database)
    scanners = ScannerStore(desk.database, stations)
    settings = ScannerSettings("virtual:gun", station=1)
    gun, _ = desk.database.run(lambda t: scanners.put(t, "gun", settings, "eve"))
    connected = ConnectedScanners(
        desk.database, scanners, stations, lambda: desk.stations, lambda _: None
    )
    desk.command("MODE", "RECEIVE")
    desk.scan("DRILL")

    def scan(behind: str) -> tuple[Outcome, str]:
        text = f"0109501101530003{behind}"
        outcome = connected.take(gun, Read(text.encode(), text, "]C1"))
        return outcome, desk.view()["last"]["sentence"]

    received = "DRILL {} received at DOCK. Its label prints."
    assert scan("21SN-110B") == (
        Outcome.LOOK,
        received.format("SN-110B") + " No separator (GS) was sent, so (21)SN-110B could as well be "
        "(21)SN-1(10)B; set the scanner to send GS for FNC1.",
    )
    assert scan("21SN-2\x1d3001") == (Outcome.DONE, received.format("SN-2"))
    assert scan("21SN-310B") == (Outcome.DONE, received.format("SN-310B"))
