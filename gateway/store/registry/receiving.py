"""What comes: receipts of orders, returns of customers, and what a supplier sends past us."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.registry.documents import DocumentType, Need, refuse_needs
from gateway.registry.lives import Action
from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Target
from gateway.store.registry.document_lines import lots_on
from gateway.store.registry.documents import LineRow
from gateway.store.registry.line_given import LineGiven, portions_of, targets_of
from gateway.store.registry.lots import ensure
from gateway.store.registry.posting import Posting
from gateway.store.registry.quantities import Portion, write_links


def receive(posting: Posting) -> None:
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
    receive(posting)


def receive_or_return(posting: Posting) -> None:
    if posting.row.type is DocumentType.CUSTOMER_RETURN:
        _return(posting)
    else:
        receive(posting)


def drop_ship(posting: Posting) -> None:
    if posting.given.party is None:
        raise RegistryRefused(
            "customer_required", "Say to which customer the supplier sends it: give a party.",
            document=posting.row.number,
        )  # fmt: skip
    receive(posting)
