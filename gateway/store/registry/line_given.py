"""What a request gives for a line: serials as lists, numbers or "the next 5"; quantities by lot."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.registry.lives import Rules
from gateway.registry.numbering import take
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.registry.serial_list import parse_list
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Acting, Done, Target, item_row
from gateway.store.registry.documents import LineRow
from gateway.store.registry.events import By
from gateway.store.registry.lives import lives_by_key
from gateway.store.registry.lots import ensure
from gateway.store.registry.names import lot_id, place_id
from gateway.store.registry.quantities import Portion, Quantities, move


class SerialGiven(NamedTuple):
    """One serial of a request, with what is said about it alone."""

    serial: str = ""
    life: int | None = None
    fields: Mapping[str, object] | None = None
    memo: str | None = None
    cost: int | None = None
    location: str | None = None
    components: Sequence[str] = ()
    """Of a product: the serials that are in it."""


class LotGiven(NamedTuple):
    """A quantity of a lot in a request, in base units."""

    quantity: int
    lot: str | None = None
    location: str | None = None
    expires_on: str | None = None


@dataclass(frozen=True, slots=True)
class LineGiven:
    """What a request says for one line."""

    line: int
    text: str = ""
    """A list of serials as people type it."""
    scanned: bool = False
    """Each line of the text is one serial just as it stands."""
    serials: Sequence[SerialGiven] = ()
    generate: int = 0
    """How many of the item's next serials."""
    lots: Sequence[LotGiven] = ()
    quantity: int | None = None
    lot: str | None = None
    """Of all the serials."""
    location: str | None = None
    cost: int | None = None
    memo: str | None = None
    fields: Mapping[str, object] | None = None
    currency: str | None = None
    """Of what is said to cost something; None: the line's, or the document's."""

    @property
    def names_serials(self) -> bool:
        return bool(self.text.strip() or self.serials or self.generate)


@dataclass(slots=True)
class Doing:
    """One step on one document: who does it, and what came of it so far."""

    t: Transaction
    acting: Acting
    rules: Rules
    by: By
    may: Callable[[str], bool]
    confirm: frozenset[str] = frozenset()
    """Tokens of refusals that asked for a confirmation."""
    at: int | None = None
    events: list[int] = field(default_factory=list)
    warnings: list[Offence] = field(default_factory=list)

    def perform(self, act: Act) -> Done:
        """Do an action on serials; with the token that it asks for, if that was given.

        Raises:
            RegistryRefused: nothing was done.
        """
        try:
            done = self.acting.perform(self.t, act, self.by, self.may)
        except RegistryRefused as refused:
            token = refused.facts.get("token")
            if not isinstance(token, str) or token not in self.confirm:
                raise
            from dataclasses import replace

            done = self.acting.perform(self.t, replace(act, confirm=token), self.by, self.may)
        self.events.append(done.event)
        self.warnings += done.warnings
        return done

    def move(self, asked: Quantities) -> int:
        """Move a quantity.

        Raises:
            RegistryRefused: nothing was done.
        """
        event = move(self.t, asked, self.by, self.may, self.rules)
        self.events.append(event)
        return event


def targets_of(
    doing: Doing, line: LineRow, given: LineGiven, expected: int | None = None
) -> list[Target]:
    """Return the serials a request names for a line.

    ``expected`` is how many the line waits for: it decides what a hyphen means.

    Raises:
        RegistryRefused: something in the list cannot be taken; every such token is named.
    """
    t = doing.t
    row = item_row(t, line.item)
    if not line.serialised:
        raise RegistryRefused(
            "item_not_serialised",
            f"Item {line.sku} of line {line.rank} has no serials; give a quantity.",
            item=line.sku, line=line.rank,
        )  # fmt: skip
    place = None if given.location is None else place_id(t.execute, given.location)
    case = row.case
    targets = [
        Target(
            one.serial, one.life, line.item, one.fields or given.fields, one.memo or given.memo,
            given.cost if one.cost is None else one.cost,
            place if one.location is None else place_id(t.execute, one.location),
        )
        for one in given.serials
    ]  # fmt: skip

    def known(keys: Sequence[str]) -> Collection[str]:
        return lives_by_key(t.execute, line.item, keys).keys()

    found: list[str] = []
    if given.text.strip():
        split = t.execute("SELECT split_space FROM item WHERE id = ?", (line.item,)).fetchone()[0]
        listing = parse_list(
            given.text, known=known, mask=row.mask or None, expected=expected,
            split_space=bool(split), case=case, pattern=row.pattern,
            scanned=given.scanned,
        )  # fmt: skip
        if listing.problems:
            raise refuse_all(
                [problem.offence for problem in listing.problems],
                listing.count + len(listing.problems), "tokens",
            )  # fmt: skip
        found += [entry.serial for entry in listing.serials]
    if given.generate:
        assert row.pattern is not None
        serials, _ = take(row.pattern, given.generate, known, case)
        found += serials
    targets += [
        Target(serial, None, line.item, given.fields, given.memo, given.cost, place)
        for serial in found
    ]
    return targets


def portions_of(
    doing: Doing,
    line: LineRow,
    given: LineGiven,
    quantity: int,
    place: int | None,
    *,
    made_for: int | None = None,
) -> list[Portion]:
    """Return the quantities a request names for a line: by lot, or of the whole.

    ``made_for`` is the document whose lots are made where there are none yet; None only finds them.

    Raises:
        RegistryRefused: a lot is missing or unknown, or the lots are no whole.
    """
    t, run = doing.t, doing.t.execute
    lotted = line.tracking == "lot"
    if given.location is not None:
        place = place_id(run, given.location)
    if not given.lots:
        lot = 0
        if given.lot is not None:
            lot = (
                lot_id(run, line.item, given.lot)
                if made_for is None
                else ensure(t, line.item, given.lot, document=made_for, actor=doing.by.actor)
            )
        elif lotted and made_for is not None:
            lot = ensure(t, line.item, document=made_for, actor=doing.by.actor)
        return [Portion(quantity, lot, place)] if quantity else []
    found: list[Portion] = []
    for one in given.lots:
        lot = 0
        if one.lot is not None and not lotted:
            raise RegistryRefused(
                "item_not_lotted", f"Item {line.sku} has no lots; leave the lot out.",
                item=line.sku,
            )  # fmt: skip
        if lotted and made_for is not None:
            lot = ensure(
                t, line.item, one.lot, document=made_for, actor=doing.by.actor,
                expires_on=one.expires_on,
            )  # fmt: skip
        elif lotted:
            if one.lot is None:
                raise needs_lot(line)
            lot = lot_id(run, line.item, one.lot)
        at = place if one.location is None else place_id(run, one.location)
        found.append(Portion(one.quantity, lot, at))
    return found


def needs_lot(line: LineRow) -> RegistryRefused:
    """Return the refusal of a quantity that does not say of which lot."""
    return RegistryRefused(
        "item_needs_lot", f"Item {line.sku} is tracked by lot; say of which lot line {line.rank} "
        "is.", item=line.sku, line=line.rank,
    )  # fmt: skip
