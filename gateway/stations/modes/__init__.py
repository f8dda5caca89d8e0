"""The modes of a station, one module each."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.stations.modes.arrive import Arrive
from gateway.stations.modes.build import Build
from gateway.stations.modes.count import Count
from gateway.stations.modes.dispatch import Dispatch
from gateway.stations.modes.hold import Hold
from gateway.stations.modes.inspect import Inspect
from gateway.stations.modes.lookup import Lookup
from gateway.stations.modes.mode import Mode
from gateway.stations.modes.move import Move
from gateway.stations.modes.pick import Pick
from gateway.stations.modes.receive import Receive
from gateway.stations.modes.reprint import Reprint
from gateway.stations.modes.return_ import Return
from gateway.stations.modes.ship import Ship
from gateway.stations.modes.writeoff import WriteOff

MODES: Mapping[str, Mode] = {
    mode.name: mode
    for mode in (
        Lookup(),
        Receive(),
        Move(),
        Dispatch(),
        Arrive(),
        Pick(),
        Ship(),
        Return(),
        Inspect(),
        Count(),
        WriteOff(),
        Build(),
        Reprint(),
        Hold(),
    )
}
"""Name -> mode."""
