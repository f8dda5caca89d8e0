"""Scanners in the database, and the snapshot of them that each read is judged by without SQL.

A scanner has a permanent id and a name that may change. It belongs to a station, or to none; its
settings have a version, which is the ``ETag`` of whoever edits them. Pausing is no edit, and
neither is a scan that brings it to another station.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from gateway.errors import InUse, NameTaken, NotNow, Stale, UnknownScanner
from gateway.scanners.scanner import USUAL, Profile, Scanner, profile_options, read_profile
from gateway.store.constraints import RuleBroken
from gateway.store.daemons import ALONE, Membership
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import check_name, similar
from gateway.store.stations import StationStore

_ALL = (
    "SELECT id, name, url, options, station, paused, version, created_at, changed_at, daemon "
    "FROM scanner"
)
_GATEWAYS = "SELECT id, name FROM daemon"


@dataclass(frozen=True, slots=True)
class ScannerSettings:
    """What a person sets of a scanner, checked."""

    url: str
    profile: Profile = USUAL
    station: int | None = None


def settings_of(scanner: Scanner) -> ScannerSettings:
    """Return what a scanner was set to."""
    return ScannerSettings(scanner.url, scanner.profile, scanner.station)


def _scanner(row: tuple[Any, ...]) -> Scanner:
    return Scanner(
        id=row[0], name=row[1], url=row[2], profile=read_profile(json.loads(row[3])),
        station=row[4], paused=bool(row[5]), version=row[6], created_at=row[7], changed_at=row[8],
        daemon=row[9],
    )  # fmt: skip


def _anywhere(url: str) -> bool:
    """Return whether the same URL is the same device from every computer."""
    return url.startswith("tcp://") and "://127." not in url and "://localhost" not in url


class ScannerStore:
    """All SQL about scanners."""

    def __init__(
        self, database: Database, stations: StationStore, here: Membership = ALONE
    ) -> None:
        self._stations, self._here = stations, here
        self._gateways: Mapping[int, str] = dict(database.read(_GATEWAYS))
        self._show_all([_scanner(row) for row in database.read(f"{_ALL} ORDER BY id")])

    def reload(self, t: Transaction) -> None:
        """Show what is there now: another daemon has written."""
        self._gateways = dict(t.execute(_GATEWAYS).fetchall())
        self._show_all([_scanner(row) for row in t.execute(f"{_ALL} ORDER BY id")])

    # ------------------------------------------------------------ reading, without SQL

    def all(self) -> list[Scanner]:
        """Return every scanner, by name."""
        return [scanner for _, scanner in sorted(self._by_name.items())]

    def find(self, name: str) -> Scanner:
        """Return the scanner of that name; upper and lower case are the same.

        Raises:
            UnknownScanner: there is none.
        """
        scanner = self._by_name.get(name.lower())
        if scanner is None:
            raise self._unknown(name)
        return scanner

    def by_id(self, number: int) -> Scanner | None:
        """Return the scanner with that id, None when it was deleted."""
        return self._by_id.get(number)

    def at(self, station: int) -> list[Scanner]:
        """Return the scanners of a station, by name."""
        return [scanner for scanner in self.all() if scanner.station == station]

    def ours(self, scanner: Scanner) -> bool:
        """Return whether this daemon listens to the scanner."""
        return self._here.drives(scanner.daemon)

    def gateway_of(self, scanner: Scanner) -> str | None:
        """Return the computer whose gateway listens to it; None where there is only one."""
        if self._here.number is None:
            return None
        return self._gateways.get(scanner.daemon or 0, "another computer")

    def must_be_ours(self, scanner: Scanner, wish: str) -> None:
        """Check that this daemon listens to the scanner; ``wish`` is what only such a one can do.

        Raises:
            NotNow: another one does.
        """
        if not self.ours(scanner):
            where = self.gateway_of(scanner)
            raise NotNow(
                f"Scanner {scanner.name!r} is plugged into the gateway on {where}, which alone can "
                f"{wish}; ask that one.",
                scanner=scanner.name,
                gateway=where,
            )

    # ------------------------------------------------------------ writing

    def put(
        self,
        t: Transaction,
        name: str,
        settings: ScannerSettings,
        actor: str,
        *,
        version: int | Literal["new"] | None = None,
        rename: str | None = None,
    ) -> tuple[Scanner, bool]:
        """Make the scanner, or change it; return it and whether it is new.

        ``version`` is the one the caller has seen: ``"new"`` when it must not exist yet, None when
        it does not matter.

        Raises:
            Stale: the scanner has another version by now.
            NameTaken: another scanner has the name.
            InputRefused: it cannot be a name.
            InUse: another scanner has the device.
        """
        at = now()
        row = t.execute(f"{_ALL} WHERE lower(name) = ?", (name.lower(),)).fetchone()
        was = None if row is None else _scanner(row)
        _check_version(name, was, version)
        shown = check_name(rename or (was.name if was else name), "scanner")
        daemon = self._here.number if was is None else was.daemon
        self._must_be_free(t, settings.url, was, daemon)
        values = (
            shown, settings.url, json.dumps(profile_options(settings.profile), ensure_ascii=False),
            settings.station, at,
        )  # fmt: skip
        try:
            if was is None:
                number = t.execute(
                    "INSERT INTO scanner (name, url, options, station, changed_at, created_at, "
                    "daemon) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                    (*values, at, daemon),
                ).fetchone()[0]
            else:
                number = was.id
                t.execute(
                    "UPDATE scanner SET name = ?, url = ?, options = ?, station = ?, "
                    "changed_at = ?, version = version + 1 WHERE id = ?",
                    (*values, number),
                )
        except RuleBroken as error:
            if error.rule == "scanner_name_taken":
                raise NameTaken(
                    f"Another scanner is called {shown!r}; choose another name.", name=shown
                ) from error
            raise
        scanner = _scanner(t.execute(f"{_ALL} WHERE id = ?", (number,)).fetchone())
        more: dict[str, object] = {"version": scanner.version}
        if was is not None and was.name != scanner.name:
            more["was"] = was.name
        self._tell(t, "scanner.made" if was is None else "scanner.changed", scanner, actor, more)
        t.after(lambda: self._show(scanner))
        return scanner, was is None

    def set_paused(self, t: Transaction, name: str, paused: bool, actor: str) -> Scanner:
        """Let a scanner go, or listen to it again; return it. Doing it twice changes nothing.

        Raises:
            UnknownScanner: there is none of that name.
        """
        was = self._row(t, name)
        if was.paused is paused:
            return was
        t.execute("UPDATE scanner SET paused = ? WHERE id = ?", (int(paused), was.id))
        scanner = replace(was, paused=paused)
        self._tell(t, "scanner.changed", scanner, actor, {"paused": paused})
        t.after(lambda: self._show(scanner))
        return scanner

    def set_station(
        self, t: Transaction, number: int, station: int | None, actor: str
    ) -> Scanner | None:
        """Bring a scanner to a station, as the station's own barcode does; return it.

        None when the scanner was deleted a moment ago.
        """
        row = t.execute(f"{_ALL} WHERE id = ?", (number,)).fetchone()
        if row is None:
            return None
        was = _scanner(row)
        if was.station == station:
            return was
        t.execute("UPDATE scanner SET station = ? WHERE id = ?", (station, number))
        scanner = replace(was, station=station)
        self._tell(t, "scanner.changed", scanner, actor, {})
        t.after(lambda: self._show(scanner))
        return scanner

    def free(self, t: Transaction, station: int, actor: str) -> list[Scanner]:
        """Take all scanners away from a station that is deleted; return them as they are now."""
        rows = t.execute(f"{_ALL} WHERE station = ? ORDER BY id", (station,)).fetchall()
        freed = [self.set_station(t, row[0], None, actor) for row in rows]
        return [scanner for scanner in freed if scanner is not None]

    def delete(
        self, t: Transaction, name: str, actor: str, *, version: int | None = None
    ) -> Scanner:
        """Delete a scanner; its scans are kept. Return what it was.

        Raises:
            UnknownScanner: there is none of that name.
            Stale: the scanner has another version by now.
        """
        scanner = self._row(t, name)
        _check_version(name, scanner, version)
        t.execute("DELETE FROM scanner WHERE id = ?", (scanner.id,))
        self._tell(t, "scanner.deleted", scanner, actor, {})
        t.after(lambda: self._forget(scanner))
        return scanner

    # ------------------------------------------------------------ what the writing shares

    def _must_be_free(
        self, t: Transaction, url: str, but: Scanner | None, daemon: int | None
    ) -> None:
        number = 0 if but is None else but.id
        for name, driver in t.execute(
            "SELECT name, daemon FROM scanner WHERE url = ? AND id <> ?", (url, number)
        ):
            if driver == daemon or _anywhere(url):
                raise InUse(
                    f"{url} is scanner {name!r} already; use that one, or remove it first.",
                    scanner=name,
                    url=url,
                )

    def _tell(
        self, t: Transaction, kind: str, scanner: Scanner, actor: str, more: Mapping[str, object]
    ) -> None:
        station = self._stations.by_id(scanner.station)
        body = {"scanner": scanner.name, "station": station.name if station else "", **more}
        tell(t, now(), kind, f"scanners/{scanner.name}", actor, body)

    def _row(self, t: Transaction, name: str) -> Scanner:
        row = t.execute(f"{_ALL} WHERE lower(name) = ?", (name.lower(),)).fetchone()
        if row is None:
            raise self._unknown(name)
        return _scanner(row)

    def _unknown(self, name: str) -> UnknownScanner:
        names = [scanner.name for scanner in self.all()]
        return UnknownScanner(
            f"There is no scanner {name[:80]!r}{similar(name[:80], names)}", scanner=name[:80]
        )

    # ------------------------------------------------------------ the snapshot

    def _show_all(self, found: list[Scanner]) -> None:
        # Replaced whole after a commit, never changed: readers on any thread need no lock.
        self._by_id = {scanner.id: scanner for scanner in found}
        self._by_name = {scanner.name.lower(): scanner for scanner in found}

    def _show(self, scanner: Scanner) -> None:
        self._show_all([*(s for s in self._by_id.values() if s.id != scanner.id), scanner])

    def _forget(self, scanner: Scanner) -> None:
        self._show_all([s for s in self._by_id.values() if s.id != scanner.id])


def _check_version(name: str, was: Scanner | None, version: int | Literal["new"] | None) -> None:
    if version == "new" and was is not None:
        raise Stale(f"There is a scanner {was.name!r} already.", scanner=was.name)
    if isinstance(version, int) and (was is None or was.version != version):
        raise Stale(
            f"Scanner {name!r} was changed meanwhile (version {was.version}, not {version}); "
            "read it again and repeat the change."
            if was
            else f"Scanner {name!r} was deleted meanwhile.",
            scanner=name,
        )
