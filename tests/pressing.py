"""A printer's thread before a virtual printer of any language, on a real socket."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.drawing import Drawing
from gateway.drivers.evidence import conversation_for
from gateway.drivers.evidence.conversation import Conversation
from gateway.drivers.transports import open_wire
from gateway.drivers.transports.wire import Wire
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.label import Tile
from gateway.ledger import Order
from gateway.print_room import PrinterThread
from gateway.printers import Media, Printer, PrinterStatus, Setup
from gateway.printing import Press
from gateway.store.engine import Database
from gateway.store.jobs import JobStore, LabelRow
from gateway.templates.builtin import builtin_templates
from gateway.templates.model import Template
from gateway.units import Um, parse_density

PATIENCE = 60.0
"""Seconds anything may take on a busy machine; nothing here waits so long when it works."""


class Shelf:
    """One built-in template."""

    def __init__(self) -> None:
        self.template = builtin_templates()["serial-label"]

    def by_version(self, version: str) -> Template:
        assert version == self.template.version
        return self.template

    def font(self, ref: str) -> bytes:
        raise AssertionError(ref)

    picture = font


class Pressing:
    """A database, a virtual printer and its thread."""

    def __init__(
        self,
        folder: Path,
        device: VirtualPrinter,
        language: str,
        converse: Callable[[Wire], Conversation] | None = None,
    ) -> None:
        self.device = device
        self.database = Database.open(folder / "gateway.db")
        self.store = JobStore(self.database)
        self.shelf = Shelf()
        self.drawing = Drawing(self.shelf, self.shelf, self.store.payload)
        self.statuses: list[PrinterStatus] = []
        self._changed = threading.Condition()
        self.printer = Printer(
            1, "one", device.url, language, parse_density(8), Media(Um(100_000), Um(50_000)),
            setup=Setup(tracking="gap"),
        )  # fmt: skip
        version, document = self.shelf.template.version, self.shelf.template.document
        self.database.run(
            lambda t: (
                t.execute(
                    "INSERT INTO printer (name, url, language, model, density, media_width, "
                    "media_height, created_at, changed_at) "
                    "VALUES ('one', ?, ?, '', '8', 100000, 50000, 0, 0)",
                    (device.url, language),
                ).rowcount
                + t.execute(
                    "INSERT INTO template_version VALUES (?, ?, 0)", (version, document)
                ).rowcount
            )
        )
        self.database.listen(self._notify)
        self.thread = PrinterThread(
            Press(
                self.printer,
                self.store,
                open_wire=open_wire,
                converse=converse or conversation_for(language),
                draw=self.drawing.page,
                report=self._report,
            )
        )
        self.thread.start()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _report(self, _: int, status: PrinterStatus) -> None:
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()

    def accept(self, *serials: str) -> int:
        order = Order(
            1, "one", "template", tuple(f'{{"serial":"{serial}"}}' for serial in serials),
            template="serial-label", version=self.shelf.template.version,
        )  # fmt: skip
        job = self.database.run(lambda t: self.store.accept(t, order, "test", 0)).job
        self.thread.wake()
        return job

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that a commit or a status brings about."""
        with self._changed:
            assert self._changed.wait_for(true, PATIENCE), (self.statuses[-3:], self.store.jobs())

    def done(self, job: int) -> bool:
        return self.store.job(job).state == "done"

    def settled(self, job: int) -> bool:
        """Whether no label of the job waits or is on its way."""
        counts = self.store.job(job).counts
        return not counts.queued and not counts.sending + counts.sent - counts.silent

    def labels(self, job: int) -> list[LabelRow]:
        return self.store.labels(job, limit=1000)

    def states(self, job: int) -> list[str]:
        return [label.state for label in self.labels(job)]

    def said(self, sentence: str) -> bool:
        return any(sentence in status.sentence for status in self.statuses)

    def paper(self) -> list[str]:
        """What the codes on the whole labels say."""
        return [
            code.text for piece in self.device.labels() for code in self.device.codes(piece.number)
        ]

    def drawn(self, label: LabelRow) -> Tile:
        return self.drawing.picture(self.store.piece(label.seq), self.printer)

    def ready(self) -> None:
        self.until(lambda: self.said("Ready"))

    def close(self) -> None:
        self.thread.stop()
        self.thread.join()
        self.database.close()


@contextmanager
def pressing(folder: Path, language: str, **device: float) -> Iterator[Pressing]:
    """A printer at work with labels of 100 × 50 mm in it."""
    pace = {"speed_mm_s": 1000.0, "rest_s": 0.02, **device}
    with VirtualPrinter("one", language=language, **pace) as printer:  # type: ignore[arg-type]
        at_work = Pressing(folder, printer, language)
        try:
            yield at_work
        finally:
            at_work.close()
