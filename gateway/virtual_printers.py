"""The virtual printers that come with the gateway: made on the first start, kept after it.

Each is a real printer to everything else: a name, a URL, bytes over TCP. Here they are started and
stopped, and their paper is handed to whoever wants to see it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gateway.api.parts import Sheet
from gateway.api.showing import rfc3339
from gateway.errors import GatewayError
from gateway.printers import Media, Printer
from gateway.store.engine import Database
from gateway.store.printers import PrinterSettings, PrinterStore, settings_of
from gateway.units import Density, Um, parse_density

if TYPE_CHECKING:
    from gateway.drivers.virtual.printer import VirtualPrinter

log = logging.getLogger(__name__)

OPTION = "virtual"
"""The printer's option that says: this gateway runs it."""

FIRST_MEDIA = Media(Um(100_000), Um(50_000))
"""100 × 50 mm: the stock of the built-in serial label."""


class Tray:
    """A virtual printer as the API shows it."""

    def __init__(self, printer: VirtualPrinter, remove: Callable[[], None]) -> None:
        self._printer, self._remove = printer, remove

    def sheets(self, after: int, limit: int) -> list[Sheet]:
        """Return sheets, newest first, below the number ``after`` (0: from the top)."""
        pieces = self._printer.pieces(max(0, (after or self._printer.paper.count + 1) - 1 - limit))
        newest = sorted(
            (piece for piece in pieces if not after or piece.number < after),
            key=lambda piece: -piece.number,
        )
        return [
            Sheet(
                number=piece.number,
                width=piece.width,
                height=piece.height,
                partial=piece.partial,
                printed_at=rfc3339(int(piece.at * 1_000_000)),
                codes=[
                    {"format": code.format, "text": code.text}
                    for code in self._printer.codes(piece.number)
                ],
                unknown=[*piece.unknown, *piece.notes],
            )
            for piece in newest[:limit]
        ]

    def picture(self, number: int) -> bytes | None:
        """Return a sheet as PNG."""
        return self._printer.png(number)

    def state(self) -> Mapping[str, object]:
        """Return what its display would show."""
        return asdict(self._printer.status())

    def do(self, fault: str, arguments: Mapping[str, object]) -> None:
        """Do something to it.

        Raises:
            InputRefused: there is no such fault.
        """
        self._printer.do(fault, **arguments)

    def load(self, printer: Printer) -> None:
        """Put the labels and the head in that the printer's settings name."""
        self._printer.load(*_size(printer))

    def remove(self) -> None:
        """Switch it off and free its port."""
        self._remove()


def _size(printer: Printer) -> tuple[Density, float, float]:
    """Return dots per mm, and the width and height of a label in mm."""
    media = printer.media
    return printer.density, media.width / 1000, media.height / 1000


class VirtualPrinters:
    """All virtual printers of this gateway."""

    def __init__(self, database: Database, printers: PrinterStore, folder: Path) -> None:
        self._database, self._printers, self._folder = database, printers, folder
        self._running: dict[int, VirtualPrinter] = {}

    def add(self, names: Iterable[str]) -> None:
        """Make the printers of these names in the database, those that never were."""
        for name in names:
            if self._printers.was_there(name):
                continue
            # The port is known when it has started.
            self._save(
                name,
                PrinterSettings(
                    "tcp://127.0.0.1:0",
                    "zpl",
                    parse_density(8),
                    FIRST_MEDIA,
                    options={OPTION: True},
                ),
            )

    def _save(self, name: str, settings: PrinterSettings) -> None:
        self._database.run(lambda t: self._printers.put(t, name, settings, "gateway"))

    def start(self) -> None:
        """Start every virtual printer there is, on the port it had before when that is free."""
        for printer in self._printers.all():
            if printer.options.get(OPTION) is True:
                try:
                    self._start(printer)
                except (OSError, GatewayError) as error:
                    log.error(  # noqa: TRY400 - one printer less, and the sentence says why
                        "a virtual printer did not start",
                        extra={"printer": printer.name, "reason": str(error)},
                    )

    def _start(self, printer: Printer) -> None:
        from gateway.drivers.virtual.printer import VirtualPrinter

        density, width_mm, height_mm = _size(printer)
        machine = VirtualPrinter(
            printer.name,
            language=printer.language,
            density=density,
            width_mm=width_mm,
            height_mm=height_mm,
            # The name may change; the id does not.
            state_dir=self._folder / str(printer.id),
        )
        try:
            machine.start(urlsplit(printer.url).port or 0)
        except OSError:
            machine.start(0)
        self._running[printer.id] = machine
        if machine.url != printer.url:
            self._save(
                printer.name,
                replace(settings_of(printer), url=machine.url),
            )

    def tray(self, printer: Printer) -> Tray | None:
        """Return a printer's paper; None when it is no virtual printer of this gateway."""
        machine = self._running.get(printer.id)
        return None if machine is None else Tray(machine, lambda: self._remove(printer.id))

    def _remove(self, number: int) -> None:
        machine = self._running.pop(number, None)
        if machine is not None:
            machine.stop()

    def stop(self) -> None:
        """Stop them all; their paper is kept."""
        for machine in self._running.values():
            machine.stop()
        self._running.clear()
