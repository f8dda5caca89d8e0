"""The printers' threads: one for each printer, started, woken, replaced and stopped together.

accepted job ──wake──► PrinterThread ──turn──► Press        status ──► whoever asks
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Sequence

from gateway.drivers.transports import manners_of
from gateway.printers import Printer, PrinterStatus, same_device
from gateway.printing import LAST_RETRY, Press

log = logging.getLogger(__name__)


class PrinterThread(threading.Thread):
    """The only code that touches this printer."""

    def __init__(self, press: Press) -> None:
        super().__init__(name=f"printer-{press.printer.name}", daemon=True)
        self.press = press
        self._wake = threading.Event()
        self._stopping = False

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def run(self) -> None:
        try:
            while not self._stopping:
                try:
                    pause = self.press.turn()
                except Exception:
                    log.exception("a printer's turn failed", extra={"printer": self.name})
                    pause = LAST_RETRY
                if pause != 0.0:
                    self._wake.wait(pause)
                self._wake.clear()
        finally:
            self.press.close()


class PrintRoom:
    """All printers' threads: started, woken, replaced and stopped together."""

    def __init__(
        self,
        press_for: Callable[[Printer, Callable[[int, PrinterStatus], None]], Press],
        report: Callable[[Printer, PrinterStatus, PrinterStatus | None], None],
        members: Callable[[int], Sequence[Printer]] = lambda target: (),
        ours: Callable[[Printer], bool] = lambda printer: True,
    ) -> None:
        """``members`` names the printers that may print what is sent to a pool.

        A printer that is not ``ours`` has no thread here: another gateway drives it.
        """
        self._press_for, self._report, self._members = press_for, report, members
        self._ours = ours
        self._threads: dict[int, PrinterThread] = {}
        self._printers: dict[int, Printer] = {}
        self._statuses: dict[int, PrinterStatus] = {}

    def start(self, printers: Iterable[Printer]) -> None:
        for printer in printers:
            self.put(printer)

    def put(self, printer: Printer) -> None:
        """Start a printer's thread, or replace it because its settings changed.

        A pause, other stock or another name change nothing about the connection: the thread keeps
        it, and with it all it knows of the labels on their way.
        """
        if not self._ours(printer):
            return
        thread, before = self._threads.get(printer.id), self._printers.get(printer.id)
        if thread is not None and before is not None and same_device(before, printer):
            self._printers[printer.id] = thread.press.printer = printer
            thread.wake()
            return
        self.remove(printer.id)
        self._printers[printer.id] = printer
        thread = PrinterThread(self._press_for(printer, self._hear))
        self._threads[printer.id] = thread
        thread.start()

    def remove(self, printer: int) -> None:
        """Stop a printer's thread and let go of the device."""
        thread = self._threads.pop(printer, None)
        if thread is not None:
            thread.stop()
            thread.join()
        self._printers.pop(printer, None)
        self._statuses.pop(printer, None)

    def wake(self, target: int) -> None:
        """Tell a printer, or a pool's printers, that there is work. Cheap, from any thread."""
        thread = self._threads.get(target)
        if thread is not None:
            thread.wake()
            return
        for printer in self._members(target):
            thread = self._threads.get(printer.id)
            if thread is not None:
                thread.wake()

    def cable_moved(self) -> None:
        """Have each printer that can be plugged in looked for now, not when its time comes."""
        for printer in list(self._printers.values()):
            if manners_of(printer.url).plugged:
                self.wake(printer.id)

    def tell(self, printer: int, status: PrinterStatus) -> None:
        """Take what is known of a printer that has no thread here."""
        self._statuses[printer] = status

    def status(self, printer: int) -> PrinterStatus:
        """Return the printer's status as last seen."""
        return self._statuses.get(printer) or PrinterStatus("starting", "Not asked yet.")

    def stop(self) -> None:
        """Stop all threads; labels on the way are settled at the next start."""
        threads = list(self._threads.values())
        for thread in threads:
            thread.stop()
        for thread in threads:
            thread.join()
        self._threads.clear()

    def _hear(self, printer: int, status: PrinterStatus) -> None:
        before = self._statuses.get(printer)
        self._statuses[printer] = status
        settings = self._printers.get(printer)
        if settings is not None:
            self._report(settings, status, before)
