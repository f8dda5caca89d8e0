"""What moves within or leaves for good: inspections, transfers, write-offs, adjustments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.registry.documents import Need, refuse_needs
from gateway.registry.lives import Action
from gateway.registry.refusals import Offence, RegistryRefused
from gateway.registry.serial_text import key_of, normalise
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Target, count_on_lines, item_row
from gateway.store.registry.document_lines import lives_on, lots_on
from gateway.store.registry.documents import LineRow
from gateway.store.registry.line_given import (
    LineGiven,
    LotGiven,
    needs_lot,
    portions_of,
    targets_of,
)
from gateway.store.registry.lives import lives_by_id
from gateway.store.registry.names import lot_id
from gateway.store.registry.posting import Posting
from gateway.store.registry.quantities import Portion, write_links
from gateway.store.registry.shipping import no_more


def inspect(posting: Posting) -> None:
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
                if (key := key_of(normalise(one.serial), case)) in by_key
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


def write_off(posting: Posting) -> None:
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


def send_back(posting: Posting) -> None:
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


def transfer(posting: Posting) -> None:
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


def arrive(posting: Posting) -> None:
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
            if given.lots:
                portions = _of_lots(posting.t, line, portions, given.lots)
            elif given.quantity is not None:
                portions = no_more(portions, given.quantity)
            did += posting.quantity(Action.ARRIVE, line, portions, to=to)
    if not did:
        raise posting.nothing("arrive")


def _of_lots(
    t: Transaction, line: LineRow, portions: Sequence[Portion], lots: Sequence[LotGiven]
) -> list[Portion]:
    """Return of what is on its way the lots that are named, as much as there is of each."""
    found: list[Portion] = []
    for one in lots:
        lot = 0 if one.lot is None else lot_id(t.execute, line.item, one.lot)
        found += no_more([had for had in portions if lot in (0, had.lot)], one.quantity)
    return found


def decide_shortages(posting: Posting) -> None:
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


def adjust(posting: Posting) -> None:
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
