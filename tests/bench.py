"""A database, a virtual printer of any language on a real socket, and the thread that owns it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from gateway.drawing import Drawing
from gateway.drivers.evidence import conversation_for
from gateway.drivers.evidence.conversation import Conversation, Report
from gateway.drivers.models import load_models
from gateway.drivers.transports import open_wire
from gateway.drivers.transports.wire import Wire
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.label import Tile
from gateway.ledger import Order
from gateway.print_room import PrinterThread
from gateway.printers import AS_IT_IS, Media, Printer, PrinterStatus, Setup
from gateway.printing import Press
from gateway.store.engine import Database
from gateway.store.jobs import JobStore, LabelRow
from gateway.templates.builtin import builtin_templates
from gateway.templates.model import Template
from gateway.units import Um, format_density, parse_density

PATIENCE = 60.0
"""Seconds anything may take on a busy machine; nothing here waits so long when it works."""

LOOK_AGAIN = 0.05
"""Seconds after which what is waited for is looked at though nobody told of a change."""

GAP = Setup(tracking="gap")

Converse = Callable[[Wire], Conversation]


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
        language: str,
        *,
        model: str = "",
        template: Template | None = None,
        setup: Setup = AS_IT_IS,
        converse: Converse | None = None,
    ) -> None:
        self.device = device
        self.template = template or builtin_templates()["serial-label"]
        self.database = Database.open(folder / "gateway.db")
        self.store = JobStore(self.database)
        shelf = Shelf(self.template)
        self.drawing = Drawing(shelf, shelf, self.store.payload)
        self.statuses: list[PrinterStatus] = []
        self._changed = threading.Condition()
        density = load_models()[model].density if model else parse_density(8)
        media = Media(Um(self.template.width), Um(self.template.height))
        self.printer = Printer(
            1, "one", device.url, language, density, media, model=model, setup=setup
        )
        row = (
            device.url, language, model, str(format_density(density)), media.width, media.height,
        )  # fmt: skip
        self.database.run(
            lambda t: (
                t.execute(
                    "INSERT INTO printer (name, url, language, model, density, media_width, "
                    "media_height, created_at, changed_at) VALUES ('one', ?, ?, ?, ?, ?, ?, 0, 0)",
                    row,
                ).rowcount
                + t.execute(
                    "INSERT INTO template_version VALUES (?, ?, 0)",
                    (self.template.version, self.template.document),
                ).rowcount
            )
        )
        self.database.listen(self._notify)
        self.thread = PrinterThread(self.press(converse=converse))
        self.thread.start()

    def press(
        self,
        printer: Printer | None = None,
        report: Callable[[int, PrinterStatus], None] | None = None,
        converse: Converse | None = None,
    ) -> Press:
        """Return a press for the printer, or for another one, on the same ledger."""
        printer = printer or self.printer
        return Press(
            printer,
            self.store,
            open_wire=open_wire,
            converse=converse or conversation_for(printer.language),
            draw=self.drawing.page,
            report=report or self.report,
        )

    def stop(self) -> None:
        """Stop the printer's thread; the ledger stays."""
        self.thread.stop()
        self.thread.join()

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def report(self, _: int, status: PrinterStatus) -> None:
        """Hear a printer's status."""
        with self._changed:
            self.statuses.append(status)
            self._changed.notify_all()

    def accept(self, *serials: str) -> int:
        """Return the number of a new job."""
        order = Order(
            1, "one", "template", tuple(f'{{"serial":"{serial}"}}' for serial in serials),
            template=self.template.name, version=self.template.version,
        )  # fmt: skip
        job = self.database.run(lambda t: self.store.accept(t, order, "test", 0)).job
        self.thread.wake()
        return job

    # ------------------------------------------------------------ waiting

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for something; a commit and a status are noticed at once."""
        ends = time.monotonic() + PATIENCE
        with self._changed:
            while not true():
                assert time.monotonic() < ends, (self.statuses[-3:], self.store.jobs())
                self._changed.wait(LOOK_AGAIN)

    def until_said(self, sentence: str) -> None:
        """Wait until a status begins with or holds the words."""
        self.until(lambda: any(sentence in status.sentence for status in self.statuses))

    def until_ready(self) -> None:
        """Wait until the printer is greeted and has nothing to do."""
        self.until_said("Ready")

    def until_unreachable(self) -> None:
        """Wait until the printer is gone."""
        self.until(lambda: self.statuses[-1].condition == "unreachable")

    def until_done(self, job: int) -> None:
        """Wait until nobody has to do anything about the job."""
        self.until(lambda: self.store.job(job).state == "done")

    def until_settled(self, job: int) -> None:
        """Wait until no label of the job waits or is on its way."""
        self.until(lambda: self.settled(job))

    # ------------------------------------------------------------ what became of it

    def settled(self, job: int) -> bool:
        """Return whether no label of the job waits or is on its way."""
        counts = self.store.job(job).counts
        return not counts.queued and not counts.sending + counts.sent - counts.silent

    def said(self, sentence: str) -> bool:
        """Return whether a status had these words."""
        return any(sentence in status.sentence for status in self.statuses)

    def labels(self, job: int) -> list[LabelRow]:
        """Return the job's labels."""
        return self.store.labels(job, limit=1000)

    def states(self, job: int) -> list[str]:
        """Return the state of each label."""
        return [label.state for label in self.labels(job)]

    def outcomes(self, job: int) -> list[tuple[str, str | None]]:
        """Return state and evidence of each label."""
        return [(label.state, label.evidence) for label in self.labels(job)]

    def on_paper(self) -> list[str]:
        """Return what the codes on the whole labels that came out say, in order."""
        return [
            code.text for piece in self.device.labels() for code in self.device.codes(piece.number)
        ]

    def previews(self, job: int) -> list[Tile]:
        """Return the job's labels as they are drawn."""
        return [
            self.drawing.picture(self.store.piece(row.seq), self.printer)
            for row in self.labels(job)
        ]

    def tiles(self) -> list[Tile]:
        """Return the whole labels that came out, dot by dot."""
        found = []
        for piece in self.device.labels():
            tile = self.device.paper.tile(piece.number)
            assert tile is not None
            found.append(Tile(tile.width, tile.height, tile.to_bytes()))
        return found

    def close(self) -> None:
        """Stop the thread and close the database."""
        self.stop()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@contextmanager
def working(
    folder: Path, language: str, converse: Converse | None = None, **device: Any
) -> Iterator[Bench]:
    """A printer at work with labels of 100 × 50 mm and a gap between them."""
    pace = {"speed_mm_s": 1000.0, "rest_s": 0.02, **device}
    with (
        VirtualPrinter("one", language=language, **pace) as printer,
        Bench(folder, printer, language, setup=GAP, converse=converse) as bench,
    ):
        yield bench
