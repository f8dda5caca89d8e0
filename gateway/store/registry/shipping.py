"""What goes to customers: taken from the shelf, put back, sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from gateway.registry.documents import DocumentType, Need, refuse_needs
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.demand import shortfall
from gateway.store.registry.document_lines import lives_on, lots_on, want
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.gates import chosen_for_shipping, needs_of
from gateway.store.registry.line_given import LineGiven, needs_lot, portions_of, targets_of
from gateway.store.registry.lives import Run
from gateway.store.registry.posting import Posting
from gateway.store.registry.quantities import Portion, write_links


@contextmanager
def _promises_kept(posting: Posting) -> Iterator[None]:
    """Check that what is taken for one order was not promised to another."""
    run = posting.t.execute
    items = {line.item: line for line in posting.leaves() if line.moves}
    before = {item: shortfall(run, item) for item in items}
    yield
    for item, line in items.items():
        more = shortfall(run, item) - before[item]
        if more > 0:
            raise RegistryRefused(
                "quantity_unavailable",
                f"{more} of {line.sku} for line {line.rank} of {posting.row.number} are promised "
                "to other orders; lower those first.",
                item=line.sku, line=line.rank, promised=more,
            )  # fmt: skip


def pick(posting: Posting) -> None:
    """Take pieces from the shelf for an order or a shipment."""
    with _promises_kept(posting):
        _pick(posting)


def ship(posting: Posting) -> None:
    """Send pieces to the customer."""
    with _promises_kept(posting):
        _ship(posting)


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
            portions = no_more(portions, line.quantity - line.done)
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


def no_more(portions: Iterable[Portion], most: int) -> list[Portion]:
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


def unpick(posting: Posting) -> None:
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
                portions = no_more(portions, given.quantity)
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
                targets = chosen_for_shipping(posting, line, roles)
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
