"""Other gateways on the same database: what they change is seen here, and what is ours is done.

    another daemon's commit ─► NOTIFY ─► the feed's new entries ─┬─► stores read themselves anew
                                                                 ├─► our printers' threads
                                                                 └─► work for them: they wake

Each gateway drives its own printers and scanners and nobody else's; of theirs it knows what the
feed tells.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

from gateway.errors import GatewayError, UnknownPrinter, UnknownScanner
from gateway.printers import Printer, PrinterStatus, Problem
from gateway.scanners.scanner import Scanner, ScannerStatus
from gateway.store.engine import Database, Transaction
from gateway.store.feed import Entry, entries_after
from gateway.store.jobs import JobStore, parse_number
from gateway.store.pools import PoolStore
from gateway.store.printers import PrinterStore
from gateway.store.scanners import ScannerStore

log = logging.getLogger(__name__)

PAGE = 500
"""Entries read at once."""


class Reloads(Protocol):
    """A store that keeps in memory what others may change."""

    def reload(self, t: Transaction) -> None: ...


class Room(Protocol):
    """The printers' threads."""

    def put(self, printer: Printer) -> None: ...

    def remove(self, printer: int) -> None: ...

    def wake(self, target: int) -> None: ...

    def tell(self, printer: int, status: PrinterStatus) -> None: ...


class Listening(Protocol):
    """The scanners' threads."""

    def put(self, scanner: Scanner) -> None: ...

    def remove(self, scanner: int) -> None: ...

    def tell(self, scanner: Scanner, status: ScannerStatus) -> None: ...


class Machines(Protocol):
    """The virtual printers of this gateway."""

    def fit(self, printer: Printer) -> Printer: ...

    def remove(self, printer: int) -> None: ...


class Neighbours:
    """Hears what other gateways write."""

    def __init__(
        self,
        database: Database,
        printers: PrinterStore,
        pools: PoolStore,
        jobs: JobStore,
        room: Room,
        machines: Machines,
        others: dict[str, Reloads],
        settings_changed: Callable[[], None],
        since: int,
        scanners: ScannerStore,
        scan_room: Listening,
    ) -> None:
        """``others``: the stores to be read anew, by the first word of the entries' kinds.

        ``since`` is the feed's last entry from before the stores were read.
        """
        self._database, self._printers, self._pools, self._jobs = database, printers, pools, jobs
        self._room, self._machines, self._others = room, machines, others
        self._scanners, self._scan_room = scanners, scan_room
        self._settings_changed = settings_changed
        self._last = since
        self._hearing = threading.Lock()  # the end waits for what is being taken in
        self._ended = False

    def start(self) -> None:
        """Begin to hear them."""
        for printer in self._printers.all():
            if not self._printers.ours(printer):
                self._room.tell(printer.id, self._unheard(printer))
        for scanner in self._scanners.all():
            if not self._scanners.ours(scanner):
                self._scan_room.tell(scanner, self._unheard_scanner(scanner))
        self._database.overhear(self.hear)
        self.hear()  # what came while this gateway started

    def stop(self) -> None:
        """Start no printer's thread any more."""
        with self._hearing:
            self._ended = True

    def hear(self) -> None:
        """Take in the entries that are new; called after another gateway's commit."""
        with self._hearing:
            if not self._ended:
                self._hear()

    def _hear(self) -> None:
        entries = entries_after(self._database, self._last, PAGE)
        if not entries:  # a label waits again, which is no news of its job's
            for printer in self._printers.all():
                self._room.wake(printer.id)
        while entries:
            self._take_in(entries)
            self._last = entries[-1].seq
            entries = entries_after(self._database, self._last, PAGE)

    def _take_in(self, entries: list[Entry]) -> None:
        nouns = {entry.kind.partition(".")[0] for entry in entries}
        stale: list[Reloads] = [store for noun, store in self._others.items() if noun in nouns]
        if nouns & {"printer", "pool"}:
            stale += [self._printers, self._pools]
        before = {printer.id: printer for printer in self._printers.all()}
        scanners = {scanner.id: scanner for scanner in self._scanners.all()}
        if stale:

            def reload(t: Transaction) -> None:
                # On the writer's thread, between commits: nothing newer can be overwritten.
                for store in stale:
                    store.reload(t)

            self._database.run(reload)
        if "printer" in nouns:
            self._follow_printers(before)
        if "scanner" in nouns:
            self._follow_scanners(scanners)
        if "setting" in nouns:
            self._settings_changed()
        subjects = {entry.subject for entry in entries if entry.kind.startswith("job.")}
        targets = {self._jobs.job(parse_number(s.partition("/")[2], "J")).target for s in subjects}
        for target in targets:
            self._room.wake(target)
        for entry in entries:
            if entry.kind in ("printer.stopped", "printer.ready"):
                self._show_status(entry)
            elif entry.kind in ("scanner.connected", "scanner.lost"):
                self._show_scanner(entry)

    def _follow_printers(self, before: dict[int, Printer]) -> None:
        now = {printer.id: printer for printer in self._printers.all()}
        for number in before.keys() - now.keys():
            self._room.remove(number)
            self._machines.remove(number)
        for number, printer in now.items():
            was = before.get(number)
            if printer == was:
                continue
            if self._printers.ours(printer):
                try:
                    printer = self._machines.fit(printer)  # noqa: PLW2901 - at another address
                except GatewayError as error:  # its thread says it for as long as it is so
                    log.warning("a virtual printer does not start", extra={"reason": error.detail})
                self._room.put(printer)
            elif was is None or self._printers.ours(was):  # theirs now
                self._room.remove(number)
                self._machines.remove(number)
                self._room.tell(number, self._unheard(printer))

    def _follow_scanners(self, before: dict[int, Scanner]) -> None:
        now = {scanner.id: scanner for scanner in self._scanners.all()}
        for number in before.keys() - now.keys():
            self._scan_room.remove(number)
        for number, scanner in now.items():
            if self._scanners.ours(scanner):
                if scanner != before.get(number):
                    self._scan_room.put(scanner)
            elif number not in before:
                self._scan_room.tell(scanner, self._unheard_scanner(scanner))

    def _show_scanner(self, entry: Entry) -> None:
        body: dict[str, Any] = json.loads(entry.body)
        with suppress(UnknownScanner):  # it has another name by now
            scanner = self._scanners.find(body["scanner"])
            if not self._scanners.ours(scanner):
                status = ScannerStatus(body["condition"], body["sentence"])
                self._scan_room.tell(scanner, status)

    def _show_status(self, entry: Entry) -> None:
        body: dict[str, Any] = json.loads(entry.body)
        with suppress(UnknownPrinter):  # it has another name by now
            printer = self._printers.find(body["printer"])
            if not self._printers.ours(printer):
                self._room.tell(printer.id, _status(entry, body))

    def _unheard(self, printer: Printer) -> PrinterStatus:
        where = self._printers.gateway_of(printer)
        return PrinterStatus("starting", f"It is driven by the gateway on {where}.")

    def _unheard_scanner(self, scanner: Scanner) -> ScannerStatus:
        where = self._scanners.gateway_of(scanner)
        return ScannerStatus("starting", f"The gateway on {where} listens to it.")


def _status(entry: Entry, body: dict[str, Any]) -> PrinterStatus:
    """Return what another gateway told of its printer."""
    problems = tuple(
        Problem(kind, body["sentence"], "", stops=body["condition"] == "stopped")
        for kind in body["problems"]
    )
    return PrinterStatus(body["condition"], body["sentence"], problems, since=entry.at)
