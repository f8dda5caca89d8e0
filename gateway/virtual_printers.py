"""The virtual printers that this gateway runs: one brought along, and those that are asked for.

Each is a real printer to everything else: a name, a URL, bytes over TCP. Here they are started,
changed and stopped as their settings say, and their paper is handed to whoever wants to see it.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.api.parts import Sheet
from gateway.api.showing import rfc3339
from gateway.api.virtual import OPTION, is_virtual, port_of
from gateway.drawing import model_of
from gateway.errors import DeviceUnreachable, GatewayError
from gateway.printers import Media, Printer
from gateway.store.engine import Database
from gateway.store.printers import PrinterSettings, PrinterStore, settings_of
from gateway.units import Density, Um, parse_density

if TYPE_CHECKING:
    from gateway.drivers.virtual.printer import VirtualPrinter

log = logging.getLogger(__name__)

FIRST_MEDIA = Media(Um(100_000), Um(50_000))
"""100 × 50 mm: the stock of the built-in serial label."""


class Tray:
    """A virtual printer as the API shows it."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer = printer

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


def _size(printer: Printer) -> tuple[Density, float, float, int]:
    """Return dots per mm, a label's width and height in mm, and the head's dots (0: any)."""
    media = printer.media
    head = model_of(printer).head_dots or 0
    return printer.density, media.width / 1000, media.height / 1000, head


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

    def _save(self, name: str, settings: PrinterSettings) -> Printer:
        return self._database.run(lambda t: self._printers.put(t, name, settings, "gateway"))[0]

    def start(self) -> None:
        """Start every virtual printer there is, on the port it had before when that is free."""
        for printer in self._printers.all():
            if is_virtual(printer) and self._printers.ours(printer):
                try:
                    self._start(printer)
                except (OSError, GatewayError) as error:
                    log.error(  # noqa: TRY400 - one printer less, and the sentence says why
                        "a virtual printer did not start",
                        extra={"printer": printer.name, "reason": str(error)},
                    )

    def free_url(self) -> str:
        """Return an address at which nobody listens, so that it can be written down before."""
        with socket.create_server(("127.0.0.1", 0)) as found:
            return f"tcp://127.0.0.1:{found.getsockname()[1]}"

    def fit(self, printer: Printer) -> Printer:
        """Make a printer's machine what its settings say, or end it when they say there is none.

        Other labels and another head are put into the machine as it runs; another language is
        another machine. Returns the printer, at another address when its own was taken meanwhile.

        Raises:
            DeviceUnreachable: it does not start.
        """
        machine = self._running.get(printer.id)
        if not self._printers.ours(printer):
            return printer
        if not is_virtual(printer):
            self.remove(printer.id)
            return printer
        if machine is not None and (machine.language, machine.url) == (
            printer.language,
            printer.url,
        ):
            machine.load(*_size(printer))
            return printer
        self.remove(printer.id)
        try:
            return self._start(printer)
        except OSError as error:
            raise DeviceUnreachable(
                f"The virtual printer {printer.name!r} does not start ({error}); make room in the "
                f"folder {self._folder}, and change the printer again.",
                printer=printer.name,
            ) from error

    def _start(self, printer: Printer) -> Printer:
        from gateway.drivers.virtual.printer import VirtualPrinter

        density, width_mm, height_mm, head_dots = _size(printer)
        # The name may change; the id does not. A machine of another language has never seen what
        # this one has printed.
        own = str(printer.id) + ("" if printer.language == "zpl" else f"-{printer.language}")
        machine = VirtualPrinter(
            printer.name,
            language=printer.language,
            density=density,
            width_mm=width_mm,
            height_mm=height_mm,
            head_dots=head_dots,
            state_dir=self._folder / own,
        )
        try:
            machine.start(port_of(printer.url))
        except OSError:
            machine.start(0)
        self._running[printer.id] = machine
        if machine.url == printer.url:
            return printer
        return self._save(printer.name, replace(settings_of(printer), url=machine.url))

    def tray(self, printer: Printer) -> Tray | None:
        """Return a printer's paper; None when it is no virtual printer of this gateway."""
        machine = self._running.get(printer.id)
        return None if machine is None else Tray(machine)

    def remove(self, printer: int) -> None:
        """Switch a printer's machine off and free its port."""
        machine = self._running.pop(printer, None)
        if machine is not None:
            machine.stop()

    def stop(self) -> None:
        """Stop them all; their paper is kept."""
        for machine in self._running.values():
            machine.stop()
        self._running.clear()
