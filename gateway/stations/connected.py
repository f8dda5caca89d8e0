"""Scanners that are connected to this gateway: their reads go to stations, their coming and going
to the feed.

    ScanRoom ──(Scanner, Read)──► take ──Heard──► Stations ──► Outcome, back to the scanner's beeper
    ScanRoom ──(Scanner, ScannerStatus)──► tell ──► scanner.connected, scanner.lost
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from gateway.codes.clean import GS
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Scanner, ScannerStatus
from gateway.stations.heard import Heard
from gateway.store.engine import Database, now
from gateway.store.feed import tell
from gateway.store.keys import STATION_SCOPES
from gateway.store.scanners import ScannerStore
from gateway.store.stations import StationStore

if TYPE_CHECKING:
    from gateway.stations.engine import Stations

_KINDS: Mapping[str, str] = {"listening": "scanner.connected", "unreachable": "scanner.lost"}
"""A scanner's condition -> the entry that tells of it. Of a pause is told by who asks for it."""


class ConnectedScanners:
    """What the scanners' threads call."""

    def __init__(
        self,
        database: Database,
        scanners: ScannerStore,
        stations: StationStore,
        taking: Callable[[], Stations],
        pass_on: Callable[[int], None],
    ) -> None:
        """``taking`` returns who takes scans, once there is somebody; ``pass_on`` gives a scanner's
        newest read to the window that it was taken from."""
        self._database, self._scanners, self._stations = database, scanners, stations
        self._taking, self._pass_on = taking, pass_on
        self._separating: set[int] = set()
        """Scanners that have sent a GS: where none comes from them, none was printed."""
        self._told: dict[int, str] = {}

    def take(self, scanner: Scanner, read: Read) -> Outcome:
        """Take a read for the station that the scanner belongs to now; return how it ended.

        Raises:
            GatewayError: nothing was done, and nothing written down.
        """
        scanner = self._scanners.by_id(scanner.id) or scanner
        if GS in read.text:
            self._separating.add(scanner.id)
        heard = Heard(
            read.text, read.aim, read.whole, read.fault, scanner.station, scanner.id,
            actor=f"scanner:{scanner.name}", may=_may, identifiers=scanner.profile.identifiers,
            separators=scanner.id in self._separating,
        )  # fmt: skip
        taken = self._taking().take(heard)
        if taken.answer["code"] == "code_unknown":
            self._pass_on(scanner.id)
        return taken.outcome

    def tell(self, scanner: Scanner, status: ScannerStatus) -> None:
        """Write an entry, if the scanner has come or gone since the last one. Blocks."""
        kind = _KINDS.get(status.condition, "")
        if kind == self._told.get(scanner.id, "") or not self._scanners.ours(scanner):
            return  # another gateway has told of its own
        self._told[scanner.id] = kind
        if not kind:
            return
        scanner = self._scanners.by_id(scanner.id) or scanner
        station = self._stations.by_id(scanner.station)
        body = {
            "scanner": scanner.name,
            "station": "" if station is None else station.name,
            "condition": status.condition,
            "sentence": status.sentence,
        }
        actor = f"scanner:{scanner.name}"
        self._database.run(lambda t: tell(t, now(), kind, f"scanners/{scanner.name}", actor, body))


def _may(scope: str) -> bool:
    """Return whether a scanner of this computer may do what needs a scope: as its station may."""
    return scope in STATION_SCOPES or scope.startswith("registry:")
