"""Stations in the database, and the snapshot of them that each scan reads without SQL.

A station has a permanent id and a name that may change; its scans keep pointing to it when it was
deleted. Its browser's key is one of ``gateway.store.keys``, named ``station:<name>``.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal

from gateway.errors import NameTaken, Stale, UnknownStation
from gateway.stations.station import Options, Station, StationSettings, written
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import check_name, similar
from gateway.store.registry.names import place_id

_LIVING = (
    "SELECT s.id, s.name, s.title, s.place, p.code, s.printer, s.template, s.modes, s.options, "
    "s.access_key, s.version, s.created_at, s.changed_at FROM station s "
    "LEFT JOIN place p ON p.id = s.place WHERE s.deleted_at IS NULL"
)


def _station(row: tuple[Any, ...]) -> Station:
    return Station(
        row[0], row[1], row[2], row[3], row[4] or "", row[5], row[6], tuple(json.loads(row[7])),
        Options(**json.loads(row[8])), *row[9:],
    )  # fmt: skip


def settings_of(station: Station) -> StationSettings:
    """Return what a station was set to."""
    return StationSettings(
        station.title, station.place_code or None, station.printer, station.template,
        station.modes, station.options,
    )  # fmt: skip


class StationStore:
    """All SQL about stations, but for their sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._show_all([_station(row) for row in database.read(f"{_LIVING} ORDER BY s.id")])

    def reload(self, t: Transaction) -> None:
        """Show what is there now: another daemon has written."""
        self._show_all([_station(row) for row in t.execute(f"{_LIVING} ORDER BY s.id")])

    def follow_places(self, t: Transaction) -> None:
        """Call locations what they are called from now on: one got another code."""
        found = [_station(row) for row in t.execute(f"{_LIVING} ORDER BY s.id")]
        t.after(lambda: self._show_all(found))

    # ------------------------------------------------------------ reading, mostly without SQL

    def all(self) -> list[Station]:
        """Return every station, by name."""
        return [station for _, station in sorted(self._by_name.items())]

    def name_of(self, number: int) -> str:
        """Return a station's name, also of one that was deleted: its scans are kept."""
        rows = self._database.read("SELECT name FROM station WHERE id = ?", (number,))
        return str(rows[0][0]) if rows else ""

    def find(self, name: str) -> Station:
        """Return the station of that name; upper and lower case are the same.

        Raises:
            UnknownStation: there is none.
        """
        station = self._by_name.get(name.lower())
        if station is None:
            raise self._unknown(name)
        return station

    def by_id(self, number: int | None) -> Station | None:
        """Return the station with that id, None when there is none (any more)."""
        return None if number is None else self._by_id.get(number)

    # ------------------------------------------------------------ writing

    def put(
        self,
        t: Transaction,
        name: str,
        settings: StationSettings,
        actor: str,
        *,
        version: int | Literal["new"] | None = None,
        rename: str | None = None,
    ) -> tuple[Station, bool]:
        """Make the station, or change it; return it and whether it is new.

        ``version`` is the one the caller has seen: ``"new"`` when it must not exist yet, None when
        it does not matter.

        Raises:
            Stale: the station has another version by now.
            NameTaken: another station has the name.
            InputRefused: it cannot be a name.
            RegistryRefused: there is no such location.
        """
        at = now()
        row = t.execute(f"{_LIVING} AND lower(s.name) = ?", (name.lower(),)).fetchone()
        was = None if row is None else _station(row)
        _check_version(name, was, version)
        shown = check_name(rename or (was.name if was else name), "station")
        place = None
        if settings.location is not None:
            place = place_id(t.execute, settings.location)
        values = (
            shown, settings.title, place, settings.printer, settings.template,
            json.dumps(settings.modes), json.dumps(written(settings.options)), at,
        )  # fmt: skip
        try:
            if was is None:
                number = t.execute(
                    "INSERT INTO station (name, title, place, printer, template, modes, options, "
                    "changed_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    (*values, at),
                ).fetchone()[0]
            else:
                number = was.id
                t.execute(
                    "UPDATE station SET name = ?, title = ?, place = ?, printer = ?, template = ?, "
                    "modes = ?, options = ?, changed_at = ?, version = version + 1 WHERE id = ?",
                    (*values, number),
                )
        except RuleBroken as error:
            if error.rule == "station_name_taken":
                raise NameTaken(
                    f"Another station is called {shown!r}; choose another name.", name=shown
                ) from error
            raise
        station = _station(t.execute(f"{_LIVING} AND s.id = ?", (number,)).fetchone())
        body: dict[str, object] = {"station": station.name, "version": station.version}
        if was is not None and was.name != station.name:
            body["was"] = was.name
        kind = "station.made" if was is None else "station.changed"
        tell(t, at, kind, f"stations/{station.name}", actor, body)
        t.after(lambda: self._show(station))
        return station, was is None

    def set_key(self, t: Transaction, number: int, key: str | None, actor: str) -> Station:
        """Say which key opens a station, None for none; no edit of its settings. Return it.

        Raises:
            UnknownStation: it was deleted a moment ago.
        """
        row = t.execute(f"{_LIVING} AND s.id = ?", (number,)).fetchone()
        if row is None:
            raise UnknownStation("The station was deleted a moment ago.")
        station = replace(_station(row), access_key=key)
        t.execute("UPDATE station SET access_key = ? WHERE id = ?", (key, number))
        kind = "station.unpaired" if key is None else "station.paired"
        body = {"station": station.name}
        tell(t, now(), kind, f"stations/{station.name}", actor, body)
        t.after(lambda: self._show(station))
        return station

    def delete(
        self, t: Transaction, name: str, actor: str, *, version: int | None = None
    ) -> Station:
        """Delete a station with its session; its scans are kept. Return what it was.

        Raises:
            UnknownStation: there is none of that name.
            Stale: the station has another version by now.
        """
        row = t.execute(f"{_LIVING} AND lower(s.name) = ?", (name.lower(),)).fetchone()
        if row is None:
            raise self._unknown(name)
        station = _station(row)
        _check_version(name, station, version)
        at = now()
        t.execute("DELETE FROM station_session WHERE station = ?", (station.id,))
        t.execute(
            # Nothing is kept where it stood: the location may go, too.
            "UPDATE station SET deleted_at = ?, access_key = NULL, place = NULL WHERE id = ?",
            (at, station.id),
        )
        body = {"station": station.name}
        tell(t, at, "station.deleted", f"stations/{station.name}", actor, body)
        t.after(lambda: self._forget(station))
        return station

    def _unknown(self, name: str) -> UnknownStation:
        names = [station.name for station in self.all()]
        return UnknownStation(
            f"There is no station {name[:80]!r}{similar(name[:80], names)}", station=name[:80]
        )

    # ------------------------------------------------------------ the snapshot

    def _show_all(self, found: list[Station]) -> None:
        # Replaced whole after a commit, never changed: readers on any thread need no lock.
        self._by_id = {station.id: station for station in found}
        self._by_name = {station.name.lower(): station for station in found}

    def _show(self, station: Station) -> None:
        self._show_all([*(s for s in self._by_id.values() if s.id != station.id), station])

    def _forget(self, station: Station) -> None:
        self._show_all([s for s in self._by_id.values() if s.id != station.id])


def _check_version(name: str, was: Station | None, version: int | Literal["new"] | None) -> None:
    if version == "new" and was is not None:
        raise Stale(f"There is a station {was.name!r} already.", station=was.name)
    if isinstance(version, int) and (was is None or was.version != version):
        raise Stale(
            f"Station {name!r} was changed meanwhile (version {was.version}, not {version}); "
            "read it again and repeat the change."
            if was
            else f"Station {name!r} was deleted meanwhile.",
            station=name,
        )
