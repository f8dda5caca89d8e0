"""A database, a virtual printer of any language on a real socket, and the thread that owns it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from gateway.drawing import Drawing
from gateway.drivers.evidence import conversation_for
from gateway.drivers.evidence.conversation import Conversation, Report
from gateway.drivers.models import load_models
from gateway.drivers.transports import open_wire
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.label import Tile
from gateway.ledger import Order
from gateway.print_room import PrinterThread
from gateway.printers import AS_IT_IS, Media, Printer, PrinterStatus, Setup
from gateway.printing import Press
from gateway.store.engine import Database
from gateway.store.jobs import JobStore, LabelRow
from gateway.templates.model import Template
from gateway.units import Um, format_density

PATIENCE = 60.0
"""Seconds anything may take on a busy machine; nothing here waits so long when it works."""


def look_until(talk: Conversation, true: Callable[[Report], bool]) -> list[Report]:
    """Look again and again until a look shows it; return all looks."""
    looks = [talk.look(None)]
    end = time.monotonic() + PATIENCE
    while not true(looks[-1]):
        assert time.monotonic() < end, looks[-1]
        looks.append(talk.look(None))
    return looks


class Shelf:
    """One template."""

    def __init__(self, template: Template) -> None:
        self.template = template

    def by_version(self, version: str) -> Template:
        assert version == self.template.version
        return self.template

    def font(self, ref: str) -> bytes:
        raise AssertionError(ref)

    picture = font


class Bench:
    """Prints one template's labels on one printer, and tells what became of them."""

    def __init__(
        self,
        folder: Path,
        device: VirtualPrinter,
        template: Template,
        model: str,
        setup: Setup = AS_IT_IS,
    ) -> None:
        self.device, self.template = device, template
        self.database = Database.open(folder / "gateway.db")
        self.store = JobStore(self.database)
        shelf = Shelf(template)
        self.drawing = Drawing(shelf, shelf, self.store.payload)
        self.statuses: list[PrinterStatus] = []
        self._changed = threading.Condition()
        row = load_models()[model]
        media = Media(Um(template.width), Um(template.height))
        self.printer = Printer(
            1, "device", device.url, row.language, row.density, media, model=model, setup=setup
        )
        density = str(format_density(row.density))
        self.database.run(
            lambda t: (
                t.execute(
                    "INSERT INTO printer (name, url, language, model, density, media_width, "
                    "media_height, created_at, changed_at) VALUES ('device', ?, ?, ?, ?, ?, ?, 0, "
                    "0)",
                    (device.url, row.language, model, density, template.width, template.height),
                ).rowcount
            )
        )
        self.database.run(
            lambda t: (
                t.execute(
                    "INSERT INTO template_version VALUES (?, ?, 0)",
                    (template.version, template.document),
                ).rowcount
            )
        )
        self.database.listen(self._notify)
        self.thread = self._start()

    def _start(self) -> PrinterThread:
        thread = PrinterThread(
            Press(
                self.printer,
                self.store,
                open_wire=open_wire,
                converse=conversation_for(self.printer.language),
                draw=self.drawing.page,
                report=self._report,
            )
        )
        thread.start()
        return thread

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _report(self, _: int, status: PrinterStatus) -> None:
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()

    def accept(self, *serials: str) -> int:
        order = Order(
            1, "device", "template", tuple(f'{{"serial":"{serial}"}}' for serial in serials),
            template=self.template.name, version=self.template.version,
        )  # fmt: skip
        job = self.database.run(lambda t: self.store.accept(t, order, "test", 0)).job
        self.thread.wake()
        return job

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that a commit or a status brings about."""
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE), (self.statuses[-3:], self.store.jobs())

    def done(self, job: int) -> None:
        """Wait until every label of a job is printed."""
        self.until(lambda: self.store.job(job).state == "done")

    def settled(self, job: int) -> None:
        """Wait until nothing waits or is on its way."""
        self.until(
            lambda: (
                not (
                    (counts := self.store.job(job).counts).queued
                    + counts.sending
                    + counts.sent
                    - counts.silent
                )
            )
        )

    def labels(self, job: int) -> list[LabelRow]:
        return self.store.labels(job, limit=1000)

    def outcomes(self, job: int) -> list[tuple[str, str | None]]:
        """State and evidence of each label."""
        return [(label.state, label.evidence) for label in self.labels(job)]

    def said(self, sentence: str) -> bool:
        return any(sentence in status.sentence for status in self.statuses)

    def ready(self) -> None:
        self.until(lambda: self.said("Ready."))

    def on_paper(self) -> list[str]:
        """The codes on the whole labels that came out, in order."""
        return [
            code.text for piece in self.device.labels() for code in self.device.codes(piece.number)
        ]

    def previews(self, job: int) -> list[Tile]:
        return [
            self.drawing.picture(self.store.piece(row.seq), self.printer)
            for row in self.labels(job)
        ]

    def tiles(self) -> list[Tile]:
        """The whole labels that came out, dot by dot."""
        found = []
        for piece in self.device.labels():
            tile = self.device.paper.tile(piece.number)
            assert tile is not None
            found.append(Tile(tile.width, tile.height, tile.to_bytes()))
        return found

    def close(self) -> None:
        self.thread.stop()
        self.thread.join()
        self.database.close()
