"""What the routes are given: stores, desk, drawing, printers' threads. Made by ``gateway.app``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from gateway.accepting import Desk
from gateway.api.backlog import Backlog
from gateway.api.live import Live
from gateway.drawing import Drawing
from gateway.printers import Printer, PrinterStatus
from gateway.relocating import Relocation
from gateway.scanners.scanner import Profile, Scanner, ScannerStatus
from gateway.scanning import Taught, Trial
from gateway.store.assets import AssetStore
from gateway.store.backups import Backups
from gateway.store.drafts import DraftStore
from gateway.store.engine import Database
from gateway.store.jobs import JobStore
from gateway.store.keys import KeyStore
from gateway.store.pools import PoolStore
from gateway.store.printers import PrinterStore
from gateway.store.registry.registry import Registry
from gateway.store.requests import RequestStore
from gateway.store.scanners import ScannerStore
from gateway.store.settings import SettingStore
from gateway.store.space import DiskSpace
from gateway.store.stations import StationStore
from gateway.store.templates import TemplateStore
from gateway.store.webhooks import WebhookStore
from gateway.works import Works

if TYPE_CHECKING:
    from gateway.stations.engine import Stations

T = TypeVar("T")


class Room(Protocol):
    """The printers' threads."""

    def put(self, printer: Printer) -> None:
        """Start a printer's thread, or replace it; waits for the old one."""
        ...

    def remove(self, printer: int) -> None:
        """Stop a printer's thread; waits for it."""
        ...

    def wake(self, target: int) -> None:
        """Tell a printer that there is work. Cheap, from any thread."""
        ...

    def status(self, printer: int) -> PrinterStatus:
        """Return the printer as its thread last saw it."""
        ...


class Listening(Protocol):
    """The scanners' threads."""

    def put(self, scanner: Scanner) -> None:
        """Start a scanner's thread, or replace it; waits for the old one."""
        ...

    def remove(self, scanner: int) -> None:
        """Stop a scanner's thread; waits for it."""
        ...

    def status(self, scanner: int) -> ScannerStatus:
        """Return the scanner as its thread last saw it."""
        ...

    def pass_on(self, scanner: int) -> None:
        """Give what a wedge read to the window it was taken from: nobody here knows it."""
        ...

    def try_out(self, scanner: int, seconds: float) -> Trial:
        """Have a scanner's reads shown and nothing done with them for a while."""
        ...

    def end_trial(self, scanner: int) -> None:
        """Let a scanner's reads be scans again."""
        ...

    def trial(self, scanner: int) -> Trial | None:
        """Return a scanner's trial; None when it is not tried now."""
        ...

    def last_trial(self, scanner: int) -> Trial | None:
        """Return a scanner's trial, also one that is over."""
        ...

    def teach(self, scanners: Mapping[str, Profile], seconds: float) -> Taught:
        """Return which of these scanners, by URL, reads first. Blocks.

        Raises:
            StillRunning: somebody else is holding a scanner to be found right now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sheet:
    """One piece of paper that came out of a virtual printer."""

    number: int
    width: int
    """Dots."""
    height: int
    partial: bool
    """Cut short by an empty roll or a power loss."""
    printed_at: str
    """RFC 3339."""
    codes: Sequence[Mapping[str, object]]
    """What a scanner reads on it: ``format`` and ``text`` each."""
    unknown: Sequence[str]
    """Commands the printer did not understand."""


class Paper(Protocol):
    """A virtual printer, seen from outside."""

    def sheets(self, after: int, limit: int) -> list[Sheet]:
        """Return the newest sheets, newest first, below the number ``after`` (0: from the top)."""
        ...

    def picture(self, number: int) -> bytes | None:
        """Return a sheet as PNG; None when there is none of that number, or it was thrown away."""
        ...

    def state(self) -> Mapping[str, object]:
        """Return what its display would show."""
        ...

    def do(self, fault: str, arguments: Mapping[str, object]) -> None:
        """Do something to it: take the paper, open the head, switch it off.

        Raises:
            InputRefused: there is no such fault.
        """
        ...


class VirtualRoom(Protocol):
    """The virtual printers that this gateway runs."""

    def free_url(self) -> str:
        """Return an address for one that is still to be made."""
        ...

    def fit(self, printer: Printer) -> Printer:
        """Make the machine what the settings say, or end it when they name another device.

        Returns the printer, at another address when its own was taken meanwhile.

        Raises:
            DeviceUnreachable: it does not start.
        """
        ...

    def remove(self, printer: int) -> None:
        """Switch one off and free its port: the printer was deleted."""
        ...


class Seconds:
    """A histogram of durations in seconds, as Prometheus counts them."""

    BOUNDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)

    def __init__(self) -> None:
        self.counts = [0] * (len(self.BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.total += seconds
        for place, bound in enumerate(self.BOUNDS):
            if seconds <= bound:
                self.counts[place] += 1
                return
        self.counts[-1] += 1


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the routes use."""

    database: Database
    jobs: JobStore
    printers: PrinterStore
    pools: PoolStore
    templates: TemplateStore
    drafts: DraftStore
    keys: KeyStore
    settings: SettingStore
    registry: Registry
    stations: Stations
    """Where scans are taken."""
    stations_store: StationStore
    webhooks: WebhookStore
    scanners: ScannerStore
    assets: AssetStore
    requests: RequestStore
    desk: Desk
    drawing: Drawing
    room: Room
    scan_room: Listening
    live: Live
    backlog: Backlog
    space: DiskSpace
    works: Works
    """What takes longer than a page waits."""
    moving: Relocation
    """The gateway's move to another computer, or from one."""
    backups: Backups
    pool: Executor
    """A few threads for drawing: as many as there are processors."""
    paper: Callable[[Printer], Paper | None]
    """The virtual printer behind a printer, if there is one here."""
    virtual: VirtualRoom
    zone: Callable[[], str]
    """The IANA name of the site's time zone."""
    ready: Callable[[], str | None]
    """Why the gateway cannot work, in a sentence; None while it can."""
    settings_changed: Callable[[], None]
    """Called after a setting was changed: brings in line what follows from it."""
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    seconds: Seconds = field(default_factory=Seconds)
    """How long accepting took, for the metrics."""
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while a printer's thread is replaced: that waits for the old one."""

    async def away(self, work: Callable[[], T]) -> T:
        """Do work that takes long on a thread of its own, and return its result."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, work)
