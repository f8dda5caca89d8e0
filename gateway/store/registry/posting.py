"""One step of one document while it is taken: what is asked, on which lines, and what it does.

    StepGiven ──Posting──► actions on serials and quantities, counted on the document's lines

The steps themselves are in ``ordering``, ``receiving``, ``shipping``, ``moving``, ``invoicing``,
``work_orders`` and ``stocktakes``; ``steps`` knows which is which.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.registry.documents import DocumentType, Step
from gateway.registry.lives import Action
from gateway.registry.refusals import Offence, RegistryRefused
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Target, count_on_lines
from gateway.store.registry.document_lines import lives_on, lots_on
from gateway.store.registry.documents import DocumentRow, LineRow, line_at, lines_of
from gateway.store.registry.line_given import Doing, LineGiven
from gateway.store.registry.names import party_id, place_id
from gateway.store.registry.quantities import Portion, Quantities


class Counted(NamedTuple):
    """Something seen in a stocktake: serials at a place, or how much of an item is there."""

    location: str
    item: str | None = None
    text: str = ""
    """Serials, as people type or scan them."""
    scanned: bool = False
    lot: str | None = None
    quantity: int | None = None


class Decided(NamedTuple):
    """What becomes of differences of a stocktake: of a kind, or of one of them."""

    decision: str
    kind: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class StepGiven:
    """What a request says for a step."""

    lines: Sequence[LineGiven] | None = None
    """None: all lines, with what was chosen for each."""
    location: str | None = None
    party: str | None = None
    reason: str = ""
    condition: str = ""
    """Of what comes back: as people see it."""
    backorder: bool = True
    """Whether an order may be confirmed without everything being there."""
    release: bool = False
    """Whether what is put back on the shelf is given free for others, too."""
    accept: str = ""
    """Serials that were found good, as a list."""
    reject: str = ""
    shortages: str = ""
    """What becomes of what did not arrive: ``lost`` or ``back``."""
    amount: int | None = None
    """Landed cost in minor units, over all pieces."""
    currency: str | None = None
    parent: str = ""
    """The serial of the assembly."""
    counts: Sequence[Counted] = ()
    """What was seen in a stocktake."""
    decisions: Sequence[Decided] = ()


@dataclass(frozen=True, slots=True)
class Posted:
    """What a step came to."""

    document: DocumentRow
    events: Sequence[int]
    warnings: Sequence[Offence]
    results: Sequence[Mapping[str, object]] = ()
    """Of a count: what each serial turned out to be."""


class Posting:
    """One step of one document while it is taken."""

    def __init__(self, doing: Doing, row: DocumentRow, step: Step, given: StepGiven) -> None:
        self.doing, self.row, self.step, self.given = doing, row, step, given
        self.t: Transaction = doing.t
        self.lines = lines_of(self.t.execute, row.id)
        # A kit is its members; what a work order makes of its components is more than those.
        kits = row.type is not DocumentType.WORK_ORDER
        self.kits = {line.kit_line for line in self.lines if line.kit_line is not None and kits}
        self.reason = given.reason or row.reason
        self.party = row.party
        if given.party is not None:
            self.party = party_id(self.t.execute, given.party)
        self.place = None if given.location is None else place_id(self.t.execute, given.location)
        self.touched: set[int] = set()
        """Other documents whose lines this step counted on."""
        self.results: list[Mapping[str, object]] = []

    # ------------------------------------------------------------ lines

    def leaves(self) -> list[LineRow]:
        """Return the lines that are something themselves: no kits."""
        return [line for line in self.lines if line.id not in self.kits]

    def asked(self) -> list[tuple[LineRow, LineGiven]]:
        """Return the lines the step is for, with what is given for each."""
        if self.given.lines is None:
            return [(line, LineGiven(line.rank)) for line in self.leaves()]
        return [
            (line_at(self.leaves(), one.line, self.row.number), one) for one in self.given.lines
        ]

    def place_for(self, line: LineRow, standard: int | None) -> int | None:
        """Return where a line's pieces go: as the step says, else the line, else the document."""
        return self.place or line.place or standard

    # ------------------------------------------------------------ acting

    def serials(
        self,
        action: Action,
        line: LineRow,
        targets: Sequence[Target],
        *,
        on: int | None = None,
        place: int | None = None,
        lot: int | None = None,
        cost: int | None = None,
        price: bool = False,
        manifest: frozenset[str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> list[int]:
        """Do the action on a line's serials; return their lives."""
        done = self.doing.perform(Act(
            action, targets, line.item, line.id if on is None else on, self.row.id, place,
            self.party, lot=lot, reason=self.reason, cost=cost,
            currency=(line.currency or self.row.currency or None) if cost is not None else None,
            price=line.price if price else None,
            price_currency=(line.currency or self.row.currency or None)
            if price and line.price is not None else None,
            at=self.doing.at, manifest=manifest, body=body or {},
        ))  # fmt: skip
        return done.lives

    def quantity(
        self,
        action: Action,
        line: LineRow,
        portions: Sequence[Portion],
        *,
        on: int | None = None,
        to: int | None = None,
        body: Mapping[str, object] | None = None,
    ) -> int:
        """Move a line's quantities; return how much."""
        if not portions:
            return 0
        self.doing.move(Quantities(
            action, line.item, portions, self.row.id, line.id if on is None else on,
            self.row.status, line.source_line, to, self.party, self.reason, self.doing.at,
            body or {},
        ))  # fmt: skip
        return sum(one.quantity for one in portions)

    def count_done(self, line: LineRow, quantity: int) -> None:
        """Count what leaves no trace in stock (services, kits that hold nothing) as done."""
        if quantity > 0:
            count_on_lines(self.t, {line.id: {"done": quantity}})

    def chosen(self, line: LineRow, *roles: str) -> list[Target]:
        """Return the serials chosen for a line."""
        return [Target("", life, line.item) for life in lives_on(self.t.execute, line.id, *roles)]

    def chosen_lots(self, line: LineRow, *roles: str) -> list[Portion]:
        """Return the quantities chosen for a line."""
        return [
            Portion(quantity, lot, place or None)
            for lot, place, _, quantity in lots_on(self.t.execute, line.id, *roles)
        ]

    def nothing(self, verb: str) -> RegistryRefused:
        """Return the refusal of a step that has nothing to do."""
        return RegistryRefused(
            "serials_missing",
            f"There is nothing of {self.row.number} to {verb}: choose serials or quantities "
            "first.",
            document=self.row.number,
            lines=[line.rank for line in self.leaves() if line.room > 0],
        )  # fmt: skip
