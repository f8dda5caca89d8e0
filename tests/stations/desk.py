"""A station whose scans are taken by the engine itself, on every database."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import count
from typing import Any

from gateway.codes.commands import Signing, write_command
from gateway.errors import InputRefused
from gateway.registry.documents import DocumentType
from gateway.registry.lives import Action
from gateway.stations.engine import Stations
from gateway.stations.heard import Heard
from gateway.stations.station import Options, Station
from gateway.stations.turn import Tools
from gateway.stations.views import view
from gateway.store.engine import Database, Transaction
from gateway.store.registry.acting import Act, Done, Target
from gateway.store.registry.choosing import choose
from gateway.store.registry.documents import DocumentRow, lines_of, read_document
from gateway.store.registry.draft_lines import DraftLine
from gateway.store.registry.drafts import Draft, save
from gateway.store.registry.events import By
from gateway.store.registry.line_given import Doing, LineGiven, LotGiven
from gateway.store.registry.posting import Posted, StepGiven
from gateway.store.registry.registry import Registry
from gateway.store.registry.steps import post
from gateway.store.registry.verifying import verify
from gateway.store.settings import SettingStore

BY = By("local")

ITEMS = ((1, "DRILL", "serial", "09501101530003"), (2, "LASER", "serial", None),
         (3, "SCREW", "none", None), (4, "PAINT", "lot", "09501101530010"))  # fmt: skip
PLACES = ((1, "A-01", "bin"), (2, "B-01", "bin"), (3, "Q", "quarantine"), (4, "DOCK", "staging"))
PARTIES = ((1, "ACME", "supplier"), (2, "Smith", "customer"), (3, "Jones", "customer"))


class Printed:
    """What was asked to be printed; ``trouble`` refuses it."""

    def __init__(self) -> None:
        self.lives: list[int] = []
        self.templates: list[str] = []
        self.trouble = ""

    def knows(self, template: str) -> bool:
        return template in ("serial", "shelf")

    def __call__(
        self, t: Transaction, lives: Sequence[int], station: Station, by: By,
        may: Callable[[str], bool], *, template: str = "",
    ) -> str:  # fmt: skip
        if self.trouble:
            raise InputRefused(self.trouble)
        self.lives += lives
        self.templates.append(template)
        return f"J{len(self.templates)}"


class Desk:
    """A station at which things are scanned, and the registry beside it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.registry = Registry(database, SettingStore(database))
        self.printed = Printed()
        self.tools = Tools(self.registry, self.printed)
        self.may: Callable[[str], bool] = lambda _: True
        self._numbers = count(1)
        database.run(self._fill)
        self.station = Station(1, "desk", place=4, printer=1)
        self.signing = Signing(b"secret of a database")
        self.stations = Stations(
            database, self.tools, lambda number: self.station if number == 1 else None,
            self.signing.check, self._assign,
        )  # fmt: skip

    def _assign(self, t: Transaction, scanner: int, station: int, actor: str) -> str:
        t.execute("UPDATE scanner SET station = ? WHERE id = ?", (station, scanner))
        row = t.execute("SELECT name FROM station WHERE id = ?", (station,)).fetchone()
        return str(row[0])

    def _fill(self, t: Transaction) -> None:
        for table, rows in (("item", ITEMS), ("place", PLACES), ("party", PARTIES)):
            t.allot(table, len(rows))
        for item, sku, tracking, gtin in ITEMS:
            t.execute(
                "INSERT INTO item (id, sku, tracking, gtin, created_at, changed_at) "
                "VALUES (?, ?, ?, ?, 0, 0)",
                (item, sku, tracking, gtin),
            )
        for place, code, kind in PLACES:
            t.execute(
                "INSERT INTO place (id, code, kind, created_at, changed_at) VALUES (?, ?, ?, 0, 0)",
                (place, code, kind),
            )
        for party, code, kind in PARTIES:
            t.execute(
                "INSERT INTO party (id, code, kind, created_at, changed_at) VALUES (?, ?, ?, 0, 0)",
                (party, code, kind),
            )
        t.allot("station", 1)
        t.execute(
            "INSERT INTO station (id, name, place, created_at, changed_at) "
            "VALUES (1, 'desk', 4, 0, 0)"
        )

    # ------------------------------------------------------------ at the station

    def scan(self, code: str, **more: Any) -> dict[str, Any]:
        """Scan something; return the answer as JSON."""
        heard = Heard(code, station=1, actor="station:desk", may=self.may, **more)
        return self.stations.take(heard).answer

    def command(self, verb: str, arg: str = "") -> dict[str, Any]:
        """Scan a command barcode: ``command("MODE", "RECEIVE")``."""
        return self.scan(write_command(verb, arg))

    def scans(self, *codes: str) -> list[str]:
        """Scan several; return their outcomes."""
        return [self.scan(code)["outcome"] for code in codes]

    def view(self) -> dict[str, Any]:
        """Return the station as its screen shows it."""
        return view(self.database.reader(), self.tools, self.station, "zebra")

    def options(self, **options: bool) -> None:
        """Set up the station otherwise."""
        self.station = replace(self.station, options=Options(**options))

    # ------------------------------------------------------------ the registry beside it

    def act(self, action: Action, *serials: str, item: int = 1, **more: Any) -> Done:
        """Do something with serials at the registry."""
        act = Act(action, [Target(serial) for serial in serials], item, **more)
        return self.database.run(lambda t: self.registry.perform(t, act, BY, lambda _: True))

    def document(
        self, kind: str, number: str, *lines: tuple[str, int], **head: object
    ) -> DocumentRow:
        """Make a document with lines ``(sku, quantity)``."""
        drafts = [DraftLine(sku, Fraction(quantity)) for sku, quantity in lines]
        draft = Draft(DocumentType(kind), number, head, drafts)
        return self.database.run(lambda t: save(t, draft, self.registry.rules(), "local")[0])

    def put(self, sku: str, quantity: int, location: str, lot: str | None = None) -> None:
        """Put a quantity of a plain item, or of a lot, on a shelf."""
        row = self.document("purchase_order", "", (sku, quantity), party="ACME")
        self.step("purchase_order", row.number, "confirm")
        lots = () if lot is None else (LotGiven(quantity, lot),)
        given = LineGiven(1, lots=lots, quantity=None if lot else quantity)
        self.step("purchase_order", row.number, "receive", StepGiven((given,), location=location))

    def choose(self, kind: str, number: str, line: int, *serials: str) -> None:
        """Choose serials for a line of a document."""
        self._choose(kind, number, LineGiven(line, "\n".join(serials)))

    def choose_lot(self, kind: str, number: str, line: int, lot: LotGiven) -> None:
        """Choose a quantity of a lot for a line of a document."""
        self._choose(kind, number, LineGiven(line, lots=(lot,)))

    def _choose(self, kind: str, number: str, given: LineGiven) -> None:
        def work(t: Transaction) -> None:
            row = read_document(t.execute, kind, number)
            of = lines_of(t.execute, row.id)[given.line - 1]
            choose(self._doing(t), row, of, given)

        self.database.run(work)

    def step(self, kind: str, number: str, verb: str, given: StepGiven | None = None) -> Posted:
        """Take a step of a document."""

        def work(t: Transaction) -> Posted:
            row = read_document(t.execute, kind, number)
            return post(self._doing(t), row, verb, given or StepGiven())

        return self.database.run(work)

    def _doing(self, t: Transaction) -> Doing:
        return Doing(t, self.registry.acting, self.registry.rules(), BY, lambda _: True)

    def status(self, kind: str, number: str) -> str:
        """Return a document's status."""
        return read_document(self.database.reader().execute, kind, number).status

    def state(self, serial: str, item: int = 1) -> str | None:
        """Return the state of a serial's newest life."""
        rows = self.database.read(
            "SELECT state FROM life WHERE item = ? AND serial = ? ORDER BY number DESC LIMIT 1",
            (item, serial),
        )
        return str(rows[0][0]) if rows else None

    def place(self, serial: str, item: int = 1) -> str | None:
        """Return the code of the location where a serial is."""
        rows = self.database.read(
            "SELECT p.code FROM life u LEFT JOIN place p ON p.id = u.place "
            "WHERE u.item = ? AND u.serial = ? ORDER BY u.number DESC LIMIT 1",
            (item, serial),
        )
        return rows[0][0] if rows else None

    def on_hand(self, item: int = 1) -> int:
        """Return how many pieces of an item the counters say are on hand."""
        return int(self.database.read(
            "SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ? "
            "AND state IN ('received', 'committed')", (item,),
        )[0][0])  # fmt: skip

    def shelf(self, item: int, location: str, state: str = "received") -> int:
        """Return how much of an item the counters say is at a location in a state."""
        return int(self.database.read(
            "SELECT coalesce(sum(s.quantity), 0) FROM stock s JOIN place p ON p.id = s.place "
            "WHERE s.item = ? AND p.code = ? AND s.state = ?", (item, location, state),
        )[0][0])  # fmt: skip

    def restart(self) -> None:
        """Let the engine be another one, as after a restart: all it knows is in the database."""
        self.registry = Registry(self.database, SettingStore(self.database))
        self.tools = Tools(self.registry, self.printed)
        self.stations = Stations(
            self.database, self.tools, lambda number: self.station if number == 1 else None,
            self.signing.check, self._assign,
        )  # fmt: skip

    def fed(self) -> list[tuple[str, dict[str, Any]]]:
        """Return the feed: kinds and bodies."""
        rows = self.database.read("SELECT kind, body FROM feed ORDER BY seq")
        return [(kind, json.loads(body)) for kind, body in rows]

    def sound(self) -> bool:
        """Return whether the registry's record, counters and states agree."""
        return verify(self.database.reader().execute).whole
