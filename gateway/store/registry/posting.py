"""Steps of documents: confirm, receive, pick, ship, return, transfer, write off, close, cancel.

    (document, verb, what is given) ──STEPS──► gate ──► actions on serials and quantities
        ──► lines counted, status derived: one transaction, or nothing

Each line's action is an event of its own, so each can be undone. Without ``lines`` a step takes
all that was chosen for them. Work orders are in ``work_orders``, stocktakes in ``stocktakes``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.registry.documents import (
    DocumentType,
    Need,
    Step,
    Verb,
    refuse_needs,
    step_of,
)
from gateway.registry.lifecycle import Action
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.registry.serial_text import key_of, normalise
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import Act, Target, count_on_lines, item_row
from gateway.store.registry.costing import add_landed_cost
from gateway.store.registry.document_lines import (
    Doing,
    LineGiven,
    lives_on,
    lots_on,
    needs_lot,
    portions_of,
    targets_of,
    unchoose,
    unchoose_lots,
    want,
)
from gateway.store.registry.documents import (
    DocumentRow,
    LineRow,
    document_by_id,
    line_at,
    lines_of,
    refresh,
    reserve_line,
    set_status,
)
from gateway.store.registry.lives import Run, lives_by_id
from gateway.store.registry.lots import ensure
from gateway.store.registry.names import party_id, place_id
from gateway.store.registry.quantities import Portion, Quantities, write_links


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


def post(doing: Doing, row: DocumentRow, verb: str, given: StepGiven) -> Posted:
    """Take a step of a document, whole.

    Raises:
        RegistryRefused: the gate or an action refuses; nothing was done.
    """
    from gateway.store.registry.stocktakes import STOCKTAKE_STEPS
    from gateway.store.registry.work_orders import WORK_STEPS

    step = step_of(row.type, row.status, verb, row.number)
    posting = Posting(doing, row, step, given)
    kind, what = row.type, Verb(verb)
    special = WORK_STEPS if kind is DocumentType.WORK_ORDER else STOCKTAKE_STEPS
    do = special.get(what) if kind in (DocumentType.WORK_ORDER, DocumentType.STOCKTAKE) else None
    if do is None:
        do = _STEPS[what]
    do(posting)
    t = doing.t
    if step.to == "derived":
        if row.status == "draft":
            set_status(t, row.id, "open")
        refresh(t, row.id)
    elif step.to and step.to != row.status:
        set_status(t, row.id, step.to)
    if row.source is not None:
        refresh(t, row.source)
    for other in sorted(posting.touched):
        refresh(t, other)
    after = document_by_id(t.execute, row.id)
    past = _PAST.get(what, f"{what}ed")
    tell(
        t, now(), f"document.{past}", f"documents/{row.type}/{row.number}", doing.by.actor,
        {"type": row.type, "number": row.number, "status": after.status, "events": doing.events},
    )  # fmt: skip
    return Posted(after, doing.events, doing.warnings, posting.results)


_PAST: Mapping[Verb, str] = {
    Verb.RECEIVE: "received", Verb.DROP_SHIP: "drop_shipped", Verb.UNPICK: "unpicked",
    Verb.SHIP: "shipped", Verb.CONSUME: "consumed", Verb.PRODUCE: "produced",
    Verb.FINISH: "finished", Verb.UNBUILD: "unbuilt", Verb.ARRIVE: "arrived",
    Verb.DISPATCH: "dispatched", Verb.CLOSE: "closed", Verb.CANCEL: "cancelled",
    Verb.DECIDE: "decided", Verb.COUNT: "counted", Verb.LANDED_COST: "costed",
}  # fmt: skip


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


# ---------------------------------------------------------------------- gates


def needs_of(
    posting: Posting, *, roles: Sequence[str] = ("wanted", "planned", "committed", "picked")
) -> list[Need]:
    """Return every line of a document that lacks serials or quantities for a whole step."""
    found: list[Need] = []
    for line in posting.leaves():
        if not line.moves:
            continue
        expected = line.quantity - line.done
        if line.serialised:
            have = len(_chosen_for_shipping(posting, line, roles))
        elif line.tracking == "lot":
            have = sum(
                one[3] for one in lots_on(posting.t.execute, line.id, *roles)
            )  # fmt: skip
        else:
            continue
        if have != expected:
            found.append(Need(line.rank, line.sku, expected, have, line.serialised))
    return found


def _chosen_for_shipping(posting: Posting, line: LineRow, roles: Sequence[str]) -> list[Target]:
    """Return a line's own serials; a shipment that names none takes what its order has ready."""
    own = posting.chosen(line, *roles)
    if own or line.source_line is None or posting.row.type is not DocumentType.SHIPMENT:
        return own
    run = posting.t.execute
    named = {
        row[0]
        for row in run(
            "SELECT r.life FROM line_life r JOIN document_line l ON l.id = r.line "
            "WHERE l.source_line = ? AND l.open = 1 AND r.role = 'wanted'",
            (line.source_line,),
        )
    }
    ready = [
        *lives_on(run, line.source_line, "picked"), *lives_on(run, line.source_line, "committed")
    ]  # fmt: skip
    free = [life for life in ready if life not in named]
    return [Target("", life, line.item) for life in free[: line.quantity - line.done]]


def check(doing: Doing, row: DocumentRow, what: str) -> list[Need]:
    """Return what a document lacks before a step; empty when the step may be taken.

    ``what`` is ship, invoice, receive, start or finish.
    """
    step = Step((), "", None, True, "")
    posting = Posting(doing, row, step, StepGiven())
    if row.type is DocumentType.WORK_ORDER:
        from gateway.store.registry.work_orders import lacking

        return lacking(posting, what)
    if what == "invoice":
        return _invoice_needs(posting)
    return needs_of(posting)


# ---------------------------------------------------------------------- coming


def _receive(posting: Posting) -> None:
    row, t = posting.row, posting.t
    whole = posting.step.whole
    action = posting.step.action
    assert action is not None
    needs: list[Need] = []
    work: list[Callable[[], object]] = []
    for line, given in posting.asked():
        expected = line.quantity - line.done
        if not line.moves:
            amount = given.quantity if given.quantity is not None else expected
            work.append(lambda line=line, amount=amount: posting.count_done(line, amount))  # type: ignore[misc]
            continue
        place = posting.place_for(line, row.to_place)
        if line.serialised:
            targets = targets_of(posting.doing, line, given, expected)
            if not targets:
                targets = posting.chosen(line, "wanted", "planned")
            if len(targets) > expected or (whole and len(targets) < expected):
                needs.append(Need(line.rank, line.sku, expected, len(targets)))
            if not targets:
                continue
            work.append(
                lambda line=line, given=given, targets=targets, place=place: _receive_serials(  # type: ignore[misc]
                    posting, action, line, given, targets, place
                )
            )
            continue
        amount = given.quantity if given.quantity is not None else expected
        planned = [] if given.lots or given.lot else posting.chosen_lots(line, "planned")
        portions = planned or portions_of(
            posting.doing, line, given, amount, place,
            made_for=row.id if row.source is None else row.source,
        )  # fmt: skip
        total = sum(one.quantity for one in portions)
        if total > expected or (whole and total < expected):
            needs.append(Need(line.rank, line.sku, expected, total, serialised=False))
        if portions:
            work.append(
                lambda line=line, portions=portions, place=place: _receive_quantity(  # type: ignore[misc]
                    posting, action, line, portions, place
                )
            )
    if needs:
        raise refuse_needs(needs, row.number)
    if not work:
        raise posting.nothing("receive")
    for do in work:
        do()
    if row.type is DocumentType.CUSTOMER_RETURN and row.party is None:
        _learn_customer(t, posting)


def _receive_serials(
    posting: Posting,
    action: Action,
    line: LineRow,
    given: LineGiven,
    targets: Sequence[Target],
    place: int | None,
) -> None:
    row, t, doing = posting.row, posting.t, posting.doing
    lot = None
    if given.lot is not None or (action is not Action.RETURN and "lots" in doing.rules.features):
        made_by = row.id if row.source is None else row.source
        lot = ensure(t, line.item, given.lot, document=made_by, actor=doing.by.actor)
    manifest = None
    if action in (Action.RECEIVE, Action.DROP_SHIP):
        announced = _announced(t, line.id if line.source_line is None else line.source_line)
        manifest = announced or None
    cost = given.cost if given.cost is not None else line.cost
    body: dict[str, object] = {}
    if posting.given.condition:
        body["condition"] = posting.given.condition
    posting.serials(
        action, line, targets, place=place, lot=lot, cost=cost,
        manifest=manifest if row.type in _ORDERED else None, body=body,
    )  # fmt: skip


_ORDERED = (DocumentType.PURCHASE_ORDER, DocumentType.RECEIPT)


def _receive_quantity(
    posting: Posting,
    action: Action,
    line: LineRow,
    portions: Sequence[Portion],
    place: int | None,
) -> None:
    source = line.source_line if line.source_line is not None else line.id
    body: dict[str, object] = {}
    if posting.given.condition:
        body["condition"] = posting.given.condition
    by_place: dict[int | None, list[Portion]] = {}
    for one in portions:
        by_place.setdefault(one.place or place, []).append(one)
    for to, some in by_place.items():
        posting.quantity(action, line, some, to=to, body=body)
    write_links(posting.t, {
        (on, lot, at, role): -min(quantity, sum(one.quantity for one in portions if one.lot == lot))
        for on in {line.id, source}
        for lot, at, role, quantity in lots_on(posting.t.execute, on, "planned", "wanted")
        if any(one.lot == lot for one in portions)
    })  # fmt: skip


def _announced(t: Transaction, line: int) -> frozenset[str]:
    return frozenset(
        row[0]
        for row in t.execute(
            "SELECT u.serial_key FROM line_life r JOIN life u ON u.id = r.life "
            "WHERE r.line = ? AND r.role = 'planned'",
            (line,),
        )
    )


def _learn_customer(t: Transaction, posting: Posting) -> None:
    """A return whose customer nobody named is of whom its serials were shipped to."""
    customers = {
        row[0]
        for row in t.execute(
            "SELECT DISTINCT u.customer FROM line_life r JOIN life u ON u.id = r.life "
            "JOIN document_line l ON l.id = r.line WHERE l.document = ? AND r.role = 'done'",
            (posting.row.id,),
        )
    }
    if len(customers) == 1 and (customer := customers.pop()) is not None:
        t.execute("UPDATE document SET party = ? WHERE id = ?", (customer, posting.row.id))


def _return(posting: Posting) -> None:
    if not posting.reason:
        raise RegistryRefused(
            "reason_required", f"Say why the pieces of {posting.row.number} come back: give a "
            "reason.", document=posting.row.number,
        )  # fmt: skip
    _receive(posting)


def _receive_or_return(posting: Posting) -> None:
    if posting.row.type is DocumentType.CUSTOMER_RETURN:
        _return(posting)
    else:
        _receive(posting)


def _drop_ship(posting: Posting) -> None:
    if posting.given.party is None:
        raise RegistryRefused(
            "customer_required", "Say to which customer the supplier sends it: give a party.",
            document=posting.row.number,
        )  # fmt: skip
    _receive(posting)


# ---------------------------------------------------------------------- going


def _pick(posting: Posting) -> None:
    did = 0
    for line, given in posting.asked():
        if not line.moves:
            continue
        on = line.source_line if _keeps_on_order(posting.row, line) else line.id
        assert on is not None
        if line.serialised:
            targets = targets_of(posting.doing, line, given, line.room)
            if not targets:
                ready = [*lives_on(posting.t.execute, on, "committed")]
                if on != line.id:
                    mine = set(lives_on(posting.t.execute, line.id, "wanted"))
                    ready = [life for life in ready if life in mine]
                targets = [Target("", life, line.item) for life in ready]
            if not targets:
                continue
            lives = posting.serials(Action.PICK, line, targets, on=on)
            if on != line.id:
                want(posting.t, line.id, lives)
            did += len(lives)
        else:
            did += _take_quantity(posting, Action.PICK, line, given, on)
        _touch(posting, line)
    if not did:
        raise posting.nothing("pick")


def _touch(posting: Posting, line: LineRow) -> None:
    if line.source_line is None:
        return
    row = posting.t.execute(
        "SELECT document FROM document_line WHERE id = ?", (line.source_line,)
    ).fetchone()
    posting.touched.add(row[0])


def _keeps_on_order(row: DocumentRow, line: LineRow) -> bool:
    return row.type is DocumentType.SHIPMENT and line.source_line is not None


def _take_quantity(
    posting: Posting, action: Action, line: LineRow, given: LineGiven, on: int
) -> int:
    """Pick or ship a quantity: as given, else as chosen, else what the order has reserved."""
    run = posting.t.execute
    place = posting.place_for(line, posting.row.from_place)
    whole = posting.step.whole
    if given.lots or given.lot or given.quantity is not None:
        amount = given.quantity if given.quantity is not None else line.quantity - line.done
        portions = portions_of(posting.doing, line, given, amount, place)
        if (
            line.tracking == "lot"
            and any(not one.lot for one in portions)
            and not _ready(run, on, sum(one.quantity for one in portions))
        ):
            raise needs_lot(line)
    else:
        roles = ("committed",) if action is Action.PICK else ("picked", "committed")
        chosen = lots_on(run, line.id, "wanted") + lots_on(run, on, *roles)
        if action is Action.SHIP and not whole and any(one[2] == "picked" for one in chosen):
            chosen = [one for one in chosen if one[2] == "picked"]
        portions = [Portion(q, lot, at or None) for lot, at, _, q in chosen]
        if whole:
            portions = _no_more(portions, line.quantity - line.done)
        if line.tracking != "lot":
            have = sum(one.quantity for one in portions)
            rest = _rest(posting, line, action, have)
            if rest > 0:
                portions.append(Portion(rest, 0, place))
    moved = posting.quantity(
        action, line, portions,
        on=on if action is Action.PICK else line.id,
    )  # fmt: skip
    if moved:
        gone: dict[tuple[int, int, int, str], int] = {}
        for lot, at, role, quantity in lots_on(run, line.id, "wanted"):
            used = sum(one.quantity for one in portions if one.lot == lot)
            if used and action is Action.SHIP:
                gone[line.id, lot, at, role] = -min(used, quantity)
        write_links(posting.t, gone)
    return moved


def _ready(run: Run, line: int, quantity: int) -> bool:
    have = sum(one[3] for one in lots_on(run, line, "picked", "committed"))
    return have >= quantity


def _no_more(portions: Iterable[Portion], most: int) -> list[Portion]:
    found: list[Portion] = []
    for one in portions:
        part = min(one.quantity, most)
        if part > 0:
            found.append(one._replace(quantity=part))
            most -= part
    return found


def _rest(posting: Posting, line: LineRow, action: Action, have: int) -> int:
    """Return how much of a plain item a step takes beside what was chosen."""
    if posting.step.whole:
        return line.quantity - line.done - have
    if posting.row.type is DocumentType.SHIPMENT:
        on = _order_of(posting.row, line)
        picked = sum(one[3] for one in lots_on(posting.t.execute, on, "picked"))
        return line.quantity - line.done - picked - have
    if action is Action.SHIP and line.picked:
        return 0
    return min(line.quantity, line.reserved) - line.done - line.picked - have


def _unpick(posting: Posting) -> None:
    did = 0
    for line, given in posting.asked():
        on = line.source_line if _keeps_on_order(posting.row, line) else line.id
        assert on is not None
        if line.serialised:
            targets = targets_of(posting.doing, line, given)
            if not targets:
                mine = lives_on(posting.t.execute, on, "picked")
                if on != line.id:
                    named = set(lives_on(posting.t.execute, line.id, "wanted"))
                    mine = [life for life in mine if life in named]
                targets = [Target("", life, line.item) for life in mine]
            if targets:
                place = posting.place
                lives = posting.serials(Action.UNPICK, line, targets, on=on, place=place)
                did += len(lives)
                if posting.given.release:
                    again = [Target("", life, line.item) for life in lives]
                    posting.doing.perform(
                        Act(Action.RELEASE, again, line.item, None, posting.row.id)
                    )
        elif line.moves:
            chosen = lots_on(posting.t.execute, on, "picked")
            portions = [Portion(q, lot, at or None) for lot, at, _, q in chosen]
            if given.quantity is not None:
                portions = _no_more(portions, given.quantity)
            did += posting.quantity(Action.UNPICK, line, portions, on=on)
            if portions and posting.given.release:
                posting.quantity(Action.RELEASE, line, portions, on=on)
        _touch(posting, line)
    if not did:
        raise posting.nothing("unpick")


def _ship(posting: Posting) -> None:
    row = posting.row
    action = posting.step.action
    assert action is not None
    whole = posting.step.whole and posting.given.lines is None
    if row.type is DocumentType.SHIPMENT and posting.given.lines is None:
        needs = needs_of(posting)
        if needs:
            raise refuse_needs(needs, row.number)
    did = 0
    for line, given in posting.asked():
        if not line.moves:
            amount = line.quantity - line.done if given.quantity is None else given.quantity
            posting.count_done(line, amount)
            continue
        if line.serialised:
            targets = targets_of(posting.doing, line, given, line.quantity - line.done)
            if not targets and row.type is DocumentType.SALES_ORDER:
                targets = posting.chosen(line, "picked") or posting.chosen(line, "committed")
            elif not targets:
                roles = ("wanted", "committed", "picked")
                targets = _chosen_for_shipping(posting, line, roles)
            most = line.quantity - line.done
            if len(targets) > most or (whole and len(targets) < most):
                raise refuse_needs([Need(line.rank, line.sku, most, len(targets))], row.number)
            if targets:
                price = action is Action.SHIP
                did += len(posting.serials(action, line, targets, price=price))
        else:
            did += _take_quantity(posting, action, line, given, _order_of(row, line))
        _touch(posting, line)
    if not did and any(line.moves for line in posting.leaves()):
        raise posting.nothing("ship")


def _order_of(row: DocumentRow, line: LineRow) -> int:
    if _keeps_on_order(row, line):
        assert line.source_line is not None
        return line.source_line
    return line.id


# ---------------------------------------------------------------------- orders


def _confirm(posting: Posting) -> None:
    row, t = posting.row, posting.t
    short: list[Offence] = []
    for line in posting.leaves():
        if row.type not in (DocumentType.SALES_ORDER, DocumentType.WORK_ORDER) or not line.moves:
            continue
        kept = reserve_line(t, row, line.id)
        if kept < line.quantity and not (
            row.type is DocumentType.WORK_ORDER and line.kit_line is None
        ):
            short.append(
                Offence(f"line {line.rank}", "quantity_unavailable",
                        f"{kept} of {line.quantity} of {line.sku} are available for line "
                        f"{line.rank} of {row.number}.",
                        {"line": line.rank, "item": line.sku, "available": kept,
                         "asked": line.quantity, "backorder": line.quantity - kept})
            )  # fmt: skip
    if short and not posting.given.backorder:
        raise refuse_all(short, len(posting.leaves()), "lines")
    posting.doing.warnings += short


def _cancel(posting: Posting) -> None:
    moved = [line for line in posting.leaves() if line.done or line.picked]
    if moved:
        line = moved[0]
        raise RegistryRefused(
            "document_not_editable",
            f"Line {line.rank} of {posting.row.number} has {line.done} done and {line.picked} "
            "picked; unpick them, and close the document instead of cancelling it.",
            document=posting.row.number, line=line.rank, done=line.done, picked=line.picked,
        )  # fmt: skip
    _let_go(posting)


def _let_go(posting: Posting) -> None:
    """Give free, or cancel, all that was chosen for a document's lines."""
    t = posting.t
    for line in posting.leaves():
        lives = lives_on(t.execute, line.id, "planned", "committed", "wanted")
        if lives and posting.row.type is not DocumentType.CASE:
            unchoose(posting.doing, posting.row, line, lives)
        unchoose_lots(posting.doing, posting.row, line)
    t.execute("UPDATE document_line SET reserved = done WHERE document = ?", (posting.row.id,))


def _close(posting: Posting) -> None:
    row = posting.row
    if row.type is DocumentType.TRANSFER:
        _decide_shortages(posting)
        return
    picked = [line for line in posting.leaves() if line.picked]
    if picked:
        raise RegistryRefused(
            "document_not_editable",
            f"{picked[0].picked} of line {picked[0].rank} of {row.number} are picked; ship or "
            "unpick them first.",
            document=row.number, line=picked[0].rank, picked=picked[0].picked,
        )  # fmt: skip
    if row.type is not DocumentType.CASE:
        _let_go(posting)


# ---------------------------------------------------------------------- returns


def _inspect(posting: Posting) -> None:
    did = 0
    for line in posting.leaves():
        for text, action in (
            (posting.given.accept, Action.ACCEPT),
            (posting.given.reject, Action.REJECT),
        ):
            if not text or not line.serialised:
                continue
            on_line = set(lives_on(posting.t.execute, line.id, "done", "rejected"))
            targets = targets_of(posting.doing, line, LineGiven(line.rank, text))
            keyed = lives_by_id(posting.t.execute, sorted(on_line))
            case = item_row(posting.t, line.item).case
            by_key = {life.key: life for life in keyed.values()}
            mine = [
                Target(one.serial, by_key[key].id, line.item)
                for one in targets
                if (key := key_of(normalise(one.serial), case)) in by_key  # type: ignore[arg-type]
            ]
            if mine:
                on = line.id if action is Action.REJECT else None
                posting.doing.perform(Act(
                    action, mine, line.item, on, posting.row.id, posting.place,
                    reason=posting.reason, at=posting.doing.at,
                ))  # fmt: skip
                did += len(mine)
    for line, given in posting.asked() if posting.given.lines is not None else ():
        action = Action.REJECT if posting.given.condition == "bad" else Action.ACCEPT
        if line.moves and not line.serialised and given.quantity:
            portions = portions_of(posting.doing, line, given, given.quantity, None)
            to = posting.place
            did += posting.quantity(action, line, portions, to=to)
    if not did:
        raise RegistryRefused(
            "serials_missing",
            f"None of these serials came back by {posting.row.number}; name them in accept or "
            "reject.",
            document=posting.row.number,
        )


# ---------------------------------------------------------------------- moving, writing off


def _given_or_wanted(posting: Posting, line: LineRow, given: LineGiven) -> list[Target]:
    targets = targets_of(posting.doing, line, given, line.quantity - line.done)
    return targets or posting.chosen(line, "wanted")


def _wanted_portions(
    posting: Posting, line: LineRow, given: LineGiven, place: int | None
) -> list[Portion]:
    expected = line.quantity - line.done
    if not (given.lots or given.lot or given.quantity is not None):
        wanted = posting.chosen_lots(line, "wanted")
        if wanted:
            return [one._replace(place=one.place or place) for one in wanted]
        if line.tracking == "lot":
            raise needs_lot(line)
    amount = given.quantity if given.quantity is not None else expected
    return portions_of(posting.doing, line, given, amount, place)


def _each_line(posting: Posting, do: Callable[[LineRow, LineGiven], int]) -> None:
    """Do something with each line, when all are complete."""
    row = posting.row
    did = 0
    for line, given in posting.asked():
        if not line.moves:
            posting.count_done(line, line.quantity - line.done)
            continue
        expected = line.quantity - line.done
        amount = do(line, given)
        if amount != expected:
            raise refuse_needs(
                [Need(line.rank, line.sku, expected, amount, line.serialised)], row.number
            )
        did += amount
    if not did:
        raise posting.nothing(str(posting.step.action))


def _write_off(posting: Posting) -> None:
    def do(line: LineRow, given: LineGiven) -> int:
        place = posting.place_for(line, posting.row.from_place)
        if line.serialised:
            targets = _given_or_wanted(posting, line, given)
            if len(targets) == line.quantity - line.done:
                posting.serials(Action.WRITE_OFF, line, targets)
            return len(targets)
        portions = _wanted_portions(posting, line, given, place)
        posting.quantity(Action.WRITE_OFF, line, portions)
        return sum(one.quantity for one in portions)

    _each_line(posting, do)


def _send_back(posting: Posting) -> None:
    def do(line: LineRow, given: LineGiven) -> int:
        place = posting.place_for(line, posting.row.from_place)
        if line.serialised:
            targets = _given_or_wanted(posting, line, given)
            if len(targets) == line.quantity - line.done:
                posting.serials(Action.SEND_BACK, line, targets)
            return len(targets)
        portions = _wanted_portions(posting, line, given, place)
        posting.quantity(Action.SEND_BACK, line, portions)
        return sum(one.quantity for one in portions)

    _each_line(posting, do)


def _transfer(posting: Posting) -> None:
    action = posting.step.action
    assert action is not None
    to = posting.place or posting.row.to_place
    if to is None:
        raise RegistryRefused(
            "location_required", f"Say where {posting.row.number} goes: give a location.",
            document=posting.row.number,
        )  # fmt: skip

    def do(line: LineRow, given: LineGiven) -> int:
        start = line.place or posting.row.from_place
        if line.serialised:
            targets = _given_or_wanted(posting, line, given)
            if len(targets) != line.quantity - line.done:
                return len(targets)
            if action is Action.TRANSFER:
                lives = posting.serials(action, line, targets, place=to)
                link_done(posting.t, line.id, lives)
            else:
                posting.serials(action, line, targets)
            return len(targets)
        portions = _wanted_portions(posting, line, given, start)
        moved = posting.quantity(
            action, line, portions, to=to if action is Action.TRANSFER else None
        )
        if action is Action.TRANSFER:
            write_links(posting.t, {
                (line.id, one.lot, to, "done"): one.quantity for one in portions
            })  # fmt: skip
            count_on_lines(posting.t, {line.id: {"done": moved}})
        return moved

    _each_line(posting, do)


def link_done(t: Transaction, line: int, lives: Sequence[int]) -> None:
    """Write down that serials went through a line that does not move their reservations."""
    t.executemany(
        "INSERT INTO line_life (line, life, role) VALUES (?, ?, 'done') "
        "ON CONFLICT (line, life, role) DO NOTHING",
        [(line, life) for life in lives],
    )
    count_on_lines(t, {line: {"done": len(lives)}})


def _arrive(posting: Posting) -> None:
    to = posting.place or posting.row.to_place
    did = 0
    for line, given in posting.asked():
        if line.serialised:
            targets = targets_of(posting.doing, line, given) or posting.chosen(line, "picked")
            if targets:
                did += len(posting.serials(Action.ARRIVE, line, targets, place=to))
        elif line.moves and line.picked:
            portions = [
                Portion(quantity, lot, at or None)
                for lot, at, _, quantity in lots_on(posting.t.execute, line.id, "picked")
            ]
            if given.quantity is not None:
                portions = _no_more(portions, given.quantity)
            did += posting.quantity(Action.ARRIVE, line, portions, to=to)
    if not did:
        raise posting.nothing("arrive")


def _decide_shortages(posting: Posting) -> None:
    row = posting.row
    short = [line for line in posting.leaves() if line.picked]
    decision = posting.given.shortages
    if short and decision not in ("lost", "back"):
        raise RegistryRefused(
            "transfer_incomplete",
            f"{sum(line.picked for line in short)} pieces of {row.number} have not arrived; say "
            "by 'shortages' whether they are 'lost' or came 'back'.",
            [Offence(f"line {line.rank}", "transfer_incomplete",
                     f"{line.picked} of line {line.rank} ({line.sku}) are on their way.",
                     {"line": line.rank, "item": line.sku, "missing": line.picked})
             for line in short],
            document=row.number,
        )  # fmt: skip
    for line in short:
        action = Action.WRITE_OFF if decision == "lost" else Action.ARRIVE
        to = None if decision == "lost" else posting.place or row.from_place
        if line.serialised:
            posting.serials(action, line, posting.chosen(line, "picked"), place=to)
        else:
            portions = [
                Portion(q, lot, at or None, "in_transit")
                for lot, at, _, q in lots_on(posting.t.execute, line.id, "picked")
            ]
            posting.quantity(action, line, portions, to=to)


def _adjust(posting: Posting) -> None:
    def do(line: LineRow, given: LineGiven) -> int:
        less = line.uom_quantity < 0
        place = posting.place_for(line, posting.row.to_place or posting.row.from_place)
        if line.serialised:
            targets = _given_or_wanted(posting, line, given)
            if len(targets) != line.quantity - line.done:
                return len(targets)
            if less:
                posting.serials(Action.WRITE_OFF, line, targets)
            else:
                cost = given.cost if given.cost is not None else line.cost
                posting.serials(Action.ADJUST_IN, line, targets, place=place, cost=cost)
            return len(targets)
        if less:
            portions = _wanted_portions(posting, line, given, place)
            posting.quantity(Action.WRITE_OFF, line, portions)
        else:
            amount = given.quantity if given.quantity is not None else line.quantity
            portions = portions_of(
                posting.doing, line, given, amount, place, made_for=posting.row.id
            )
            posting.quantity(Action.ADJUST_IN, line, portions, to=place)
        return sum(one.quantity for one in portions)

    _each_line(posting, do)


# ---------------------------------------------------------------------- invoices, costs


def _invoice_needs(posting: Posting) -> list[Need]:
    """Return the lines whose serials are not known yet: own, or those its order has shipped."""
    found: list[Need] = []
    for line in posting.leaves():
        if not line.serialised:
            continue
        have = set(lives_on(posting.t.execute, line.id, "wanted", "committed", "picked", "done"))
        if posting.row.type is DocumentType.INVOICE and not have:
            have = set(_invoiced(posting, line))
        if len(have) != line.quantity:
            found.append(Need(line.rank, line.sku, line.quantity, len(have)))
    return found


def _invoiced(posting: Posting, line: LineRow) -> list[int]:
    """Return the serials that an invoice's source has for the line, and no other invoice names."""
    if line.source_line is None:
        return []
    run = posting.t.execute
    rows = run(
        "SELECT DISTINCT r.life FROM line_life r JOIN document_line l ON l.id = r.line "
        "JOIN document d ON d.id = l.document WHERE (l.id = ? OR l.source_line = ?) "
        "AND d.type IN ('sales_order', 'shipment') AND r.role IN ('done', 'picked', 'committed') "
        "AND NOT EXISTS (SELECT 1 FROM line_life o JOIN document_line ol ON ol.id = o.line "
        "JOIN document od ON od.id = ol.document WHERE o.life = r.life AND o.role = 'done' "
        "AND od.type = 'invoice') ORDER BY r.life",
        (line.source_line, line.source_line),
    )
    return [int(row[0]) for row in rows][: line.quantity]


def _post_invoice(posting: Posting) -> None:
    needs = _invoice_needs(posting)
    if needs:
        raise refuse_needs(needs, posting.row.number)
    t = posting.t
    for line in posting.leaves():
        lives = lives_on(t.execute, line.id, "wanted") or _invoiced(posting, line)
        if line.serialised:
            t.executemany(
                "INSERT INTO line_life (line, life, role) VALUES (?, ?, 'done') "
                "ON CONFLICT (line, life, role) DO NOTHING",
                [(line.id, life) for life in lives],
            )
        # On the invoice alone: invoicing ships nothing, so its order is not counted on.
        t.execute("UPDATE document_line SET done = quantity WHERE id = ?", (line.id,))


def _landed_cost(posting: Posting) -> None:
    given = posting.given
    if given.amount is None or not given.currency:
        raise RegistryRefused(
            "value_wrong", "Say how much in which money: give 'amount' (minor units) and "
            "'currency'.", key="amount",
        )  # fmt: skip
    lives = [
        life
        for line in posting.leaves()
        for life in lives_on(posting.t.execute, line.id, "done")
    ]  # fmt: skip
    event = add_landed_cost(
        posting.t, lives, given.amount, given.currency, posting.doing.by, document=posting.row.id,
        reason=posting.reason, at=posting.doing.at,
    )  # fmt: skip
    posting.doing.events.append(event)


def _post_by_type(posting: Posting) -> None:
    {
        DocumentType.RECEIPT: _receive,
        DocumentType.INVOICE: _post_invoice,
        DocumentType.TRANSFER: _transfer,
        DocumentType.WRITE_OFF: _write_off,
        DocumentType.ADJUSTMENT: _adjust,
    }[posting.row.type](posting)


def _ship_by_type(posting: Posting) -> None:
    (_send_back if posting.row.type is DocumentType.SUPPLIER_RETURN else _ship)(posting)


_STEPS: Mapping[Verb, Callable[[Posting], None]] = {
    Verb.CONFIRM: _confirm,
    Verb.POST: _post_by_type,
    Verb.RECEIVE: _receive_or_return,
    Verb.DROP_SHIP: _drop_ship,
    Verb.PICK: _pick,
    Verb.UNPICK: _unpick,
    Verb.SHIP: _ship_by_type,
    Verb.INSPECT: _inspect,
    Verb.DISPATCH: _transfer,
    Verb.ARRIVE: _arrive,
    Verb.LANDED_COST: _landed_cost,
    Verb.CLOSE: _close,
    Verb.CANCEL: _cancel,
}
