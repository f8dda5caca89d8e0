"""What is chosen for a document's line before the step: serials announced, reserved or named.

    list, numbers, "generate" ──► targets ──choose──► planned │ committed │ wanted

Purchase orders, receipts and what a work order makes *plan* serials; orders, shipments and what a
work order takes *commit* them; everything else only names them (``wanted``), and nothing moves. A
serial that is still to come may be named for an order, too, and is committed when it arrives. A
shipment's line that fulfils an order's line keeps its serials on the order's line, and names those
that go with it, so that no piece is reserved twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.registry.documents import KINDS, DocumentType
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import Action, Life, State
from gateway.registry.numbering import take
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.registry.serial_text import key_of, normalise
from gateway.store.registry.acting import Act, Target, item_row
from gateway.store.registry.demand import available, kept_for
from gateway.store.registry.document_lines import lots_on, unwant, want
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.line_given import Doing, LineGiven, needs_lot, portions_of, targets_of
from gateway.store.registry.lives import lives_by_id, lives_by_key
from gateway.store.registry.lots import ensure
from gateway.store.registry.quantities import Portion, Quantities, write_links


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a line."""

    lives: Sequence[int] = ()
    quantity: int = 0


def chosen_how(row: DocumentRow, line: LineRow) -> str:
    """Return what serials chosen for a line become: planned, committed or wanted."""
    if row.type is DocumentType.WORK_ORDER and line.kit_line is None:
        return "planned"
    return KINDS[row.type].chosen


def choose(doing: Doing, row: DocumentRow, line: LineRow, given: LineGiven) -> Choice:
    """Choose serials or quantities for a line.

    Raises:
        RegistryRefused: for every offender its cause; nothing was chosen.
    """
    if row.status in ("done", "cancelled"):
        raise RegistryRefused(
            "document_done", f"{row.number} is {row.status}; nothing can be chosen for it.",
            document=row.number, status=row.status,
        )  # fmt: skip
    if not line.moves:
        raise RegistryRefused(
            "item_not_trackable", f"{line.sku} is a {line.kind.replace('_', ' ')}; nothing of it "
            "is in stock.", item=line.sku, kind=line.kind,
        )  # fmt: skip
    how = chosen_how(row, line)
    if line.serialised:
        targets = targets_of(doing, line, given, line.quantity - line.chosen)
        if not targets:
            raise RegistryRefused("serials_missing", "The request names no serial.")
        if how == "planned":
            return Choice(_plan(doing, row, line, targets, given))
        if how == "committed":
            return Choice(_commit(doing, row, line, targets))
        return Choice(_name(doing, row, line, targets))
    quantity = given.quantity if given.quantity is not None else line.quantity - line.chosen
    made_for = row.id if how == "planned" else None
    portions = portions_of(doing, line, given, quantity, line.place, made_for=made_for)
    total = sum(one.quantity for one in portions)
    if total > line.quantity - line.chosen:
        raise _full(row, line, total, line.quantity - line.chosen)
    if how == "committed":
        if line.tracking == "lot" and any(not one.lot for one in portions):
            raise needs_lot(line)
        target = _order_line(row, line)
        _refuse_promised(line, _unpromised(doing, line, target), total)
        doing.move(Quantities(
            Action.COMMIT, line.item, portions, row.id, target, row.status, at=doing.at,
            party=row.party,
        ))  # fmt: skip
    if how != "committed" or _order_line(row, line) != line.id:
        role = "planned" if how == "planned" else "wanted"
        write_links(
            doing.t,
            {(line.id, one.lot, one.place or 0, role): one.quantity for one in portions},
        )
    return Choice((), total)


def _full(row: DocumentRow, line: LineRow, given: int, room: int) -> RegistryRefused:
    return RegistryRefused(
        "line_full",
        f"Line {line.rank} of {row.number} takes {max(room, 0)} more, and {given} were given.",
        document=row.number, line=line.rank, room=max(room, 0), given=given,
    )  # fmt: skip


def _order_line(row: DocumentRow, line: LineRow) -> int:
    """Return the line on which serials for this one are reserved: the order's, for a shipment."""
    if row.type is DocumentType.SHIPMENT and line.source_line is not None:
        return line.source_line
    return line.id


def _unpromised(doing: Doing, line: LineRow, target: int) -> int:
    """Return how many pieces a line may take: reserved for it, or promised to nobody."""
    run = doing.t.execute
    committed = next(
        int(row[0]) for row in run("SELECT committed FROM document_line WHERE id = ?", (target,))
    )
    return max(kept_for(run, target) - committed, 0) + available(run, line.item)


def _refuse_promised(line: LineRow, unpromised: int, more: int) -> None:
    """Check that what is taken was promised to nobody else."""
    if more > unpromised:
        raise RegistryRefused(
            "quantity_unavailable",
            f"{unpromised} of {line.sku} are free for this line, and {more} were given; the rest "
            "is promised to other orders.",
            item=line.sku, available=unpromised, asked=more,
        )  # fmt: skip


def _lives(doing: Doing, line: LineRow, targets: Sequence[Target]) -> list[tuple[Target, Life]]:
    """Return the newest life of each serial named, or refuse those that have none."""
    t = doing.t
    case = item_row(t, line.item).case
    named = [one for one in targets if one.life is None]
    keys = [key_of(normalise(one.serial), case) for one in named]
    by_key = lives_by_key(t.execute, line.item, keys) if keys else {}
    ids = [one.life for one in targets if one.life is not None]
    by_id = lives_by_id(t.execute, ids) if ids else {}
    found: list[tuple[Target, Life]] = []
    offences: list[Offence] = []
    position = dict(zip(map(id, named), keys, strict=True))
    for one in targets:
        if one.life is not None:
            life = by_id.get(one.life)
        else:
            had = by_key.get(position[id(one)], [])
            here = [life for life in had if life.in_custody]
            life = (here or had or [None])[-1]  # type: ignore[list-item]
        name = one.serial or str(one.life)
        if life is None:
            offences.append(
                Offence(name, "serial_unknown", f"There is no serial {name} of {line.sku}.",
                        {"serial": name, "item": line.sku})
            )  # fmt: skip
        elif life.item != line.item:
            offences.append(
                Offence(name, "line_item_mismatch",
                        f"Serial {life.serial} is not of {line.sku}, which line {line.rank} is "
                        "for.", {"serial": life.serial, "line": line.rank})
            )  # fmt: skip
        else:
            found.append((one, life))
    seen: set[int] = set()
    for one, life in found:
        if life.id in seen:
            offences.append(
                Offence(one.serial or life.serial, "duplicate_in_list",
                        f"Serial {life.serial} stands twice in the list.",
                        {"serial": life.serial})
            )  # fmt: skip
        seen.add(life.id)
    if offences:
        raise refuse_all(offences, len(targets))
    return found


def _plan(
    doing: Doing, row: DocumentRow, line: LineRow, targets: Sequence[Target], given: LineGiven
) -> list[int]:
    t = doing.t
    room = line.quantity - line.chosen
    if len(targets) > room:
        raise _full(row, line, len(targets), room)
    item = item_row(t, line.item)
    keys = {key_of(normalise(one.serial), item.case): one for one in targets}
    had = lives_by_key(t.execute, line.item, list(keys))
    source = line.source_line
    announced: list[int] = []
    fresh: list[Target] = []
    offences: list[Offence] = []
    already: list[Offence] = []
    for key, one in keys.items():
        lives = had.get(key, [])
        mine = [life for life in lives if life.state is State.PLANNED and life.line == source]
        here = [life for life in lives if life.in_custody]
        twice = [life for life in lives if life.state is State.PLANNED and life.line == line.id]
        if twice:
            already.append(
                Offence(one.serial, "serial_already_on_line",
                        f"Serial {twice[0].serial} is on this line of {row.number} already.",
                        {"serial": twice[0].serial, "document": row.number})
            )  # fmt: skip
        elif source is not None and mine:
            announced.append(mine[-1].id)
        elif here:
            offences.append(_here(doing, line, one, here[-1]))
        else:
            fresh.append(one)
    if already or (offences and row.type is not DocumentType.PURCHASE_ORDER):
        raise refuse_all(already + offences, len(targets))
    if offences:  # it may have left until the delivery comes
        doing.warnings += offences
        fresh += [keys[key] for key, lives in had.items() if any(o.in_custody for o in lives)]
    if len(keys) < len(targets):
        fresh = list(targets)  # the same serial twice: the action names it
    want(t, line.id, announced)
    if not fresh:
        return announced
    lot = None
    if "lots" in doing.rules.features and row.type is not DocumentType.WORK_ORDER:
        made_by = row.source if row.source is not None else row.id
        lot = ensure(t, line.item, given.lot, document=made_by, actor=doing.by.actor)
    done = doing.perform(Act(
        Action.PLAN, fresh, line.item, line.id, row.id, party=row.party, lot=lot, cost=line.cost,
        currency=line.currency or row.currency or given.currency, at=doing.at,
    ))  # fmt: skip
    return announced + done.lives


def _here(doing: Doing, line: LineRow, one: Target, life: Life) -> Offence:
    """Return the refusal of a serial that is here already, with one that is not (T12)."""
    item = item_row(doing.t, line.item)
    free: str | None = None
    if item.pattern is not None:
        serials, _ = take(
            item.pattern, 1,
            lambda keys: lives_by_key(doing.t.execute, line.item, keys).keys(),
            item.case,
        )  # fmt: skip
        free = serials[0]
    on_hand = life.state in (State.RECEIVED, State.COMMITTED)
    where = f" at {life.place_code}" if life.place_code else ""
    return Offence(
        one.serial, "serial_on_hand" if on_hand else "serial_in_custody",
        f"Serial {life.serial} of {line.sku} is "
        f"{'on hand' if on_hand else str(life.state).replace('_', ' ')}{where}; enter another.",
        {"serial": life.serial, "item": line.sku, "state": life.state, "life": life.number,
         "location": life.place_code, "suggestion": free},
    )  # fmt: skip


def _commit(doing: Doing, row: DocumentRow, line: LineRow, targets: Sequence[Target]) -> list[int]:
    t = doing.t
    room = line.quantity - line.chosen
    if len(targets) > room:
        raise _full(row, line, len(targets), room)
    target = _order_line(row, line)
    coming: list[int] = []
    there: list[int] = []
    free: list[Target] = []
    for one, life in _lives(doing, line, targets):
        if life.state in (State.PLANNED, State.IN_TRANSIT):
            coming.append(life.id)
        elif target != line.id and life.line == target:
            there.append(life.id)
        else:
            free.append(Target(one.serial, life.id, life.item))
    if free:
        unpromised = _unpromised(doing, line, target)
        # First what is wrong with a serial itself: that another order has it says more than that
        # there is none left.
        done = doing.perform(Act(
            Action.COMMIT, free, line.item, target, row.id, party=row.party, at=doing.at,
        ))  # fmt: skip
        _refuse_promised(line, unpromised, len(free))
        there += done.lives
    want(t, target, coming)
    if target != line.id:
        want(t, line.id, coming + there)
    return coming + there


SUITS: Mapping[DocumentType, Action | None] = {
    DocumentType.CUSTOMER_RETURN: Action.RETURN,
    DocumentType.SUPPLIER_RETURN: Action.SEND_BACK,
    DocumentType.TRANSFER: Action.TRANSFER,
    DocumentType.WRITE_OFF: Action.WRITE_OFF,
    DocumentType.ADJUSTMENT: Action.WRITE_OFF,
}
"""The action that a serial named on a document will go through."""


def _name(doing: Doing, row: DocumentRow, line: LineRow, targets: Sequence[Target]) -> list[int]:
    lives = [life for _, life in _lives(doing, line, targets)]
    room = line.quantity - line.chosen
    if len(lives) > room and row.type is not DocumentType.CASE:
        raise _full(row, line, len(lives), room)
    action = SUITS.get(row.type)
    if action is not None:
        offences = [
            Offence(life.serial, "transition_not_allowed",
                    f"Serial {life.serial} is {str(life.state).replace('_', ' ')}; it cannot "
                    f"{action.replace('_', ' ')}.",
                    {"serial": life.serial, "state": life.state, "action": action})
            for life in lives if life.state not in TABLE[action].sources
        ]  # fmt: skip
        if offences:
            raise refuse_all(offences, len(lives))
    want(doing.t, line.id, [life.id for life in lives])
    if row.type is DocumentType.CASE and lives:
        _note(doing, row, lives, "added_to_case")
    return [life.id for life in lives]


def _note(doing: Doing, row: DocumentRow, lives: Sequence[Life], what: str) -> None:
    """Write down that serials were linked or unlinked; they stay as they are."""
    doing.perform(Act(
        Action.ANNOTATE, [Target(life.serial, life.id, life.item) for life in lives], None, None,
        row.id, at=doing.at, body={what: row.number},
    ))  # fmt: skip


def refuse_finished(row: DocumentRow) -> None:
    """Check that a document's serials may still be taken off its lines.

    Raises:
        RegistryRefused: it is finished.
    """
    if row.status in ("done", "cancelled") and row.type is not DocumentType.CASE:
        raise RegistryRefused(
            "document_done", f"{row.number} is {row.status}; its serials stay.",
            document=row.number, status=row.status,
        )  # fmt: skip


def unchoose(doing: Doing, row: DocumentRow, line: LineRow, lives: Sequence[int]) -> None:
    """Take serials off a line again: announced ones are cancelled, reserved ones given free.

    Raises:
        RegistryRefused: one is not on the line, or was picked.
    """
    refuse_finished(row)
    t = doing.t
    target = _order_line(row, line)
    by_role: dict[str, list[Life]] = {}
    offences: list[Offence] = []
    found = lives_by_id(t.execute, lives)
    for number in lives:
        life = found[number]
        if life.role == "picked" and life.line in (line.id, target):
            offences.append(
                Offence(life.serial, "transition_not_allowed",
                        f"Serial {life.serial} was picked for {row.number}; unpick it first.",
                        {"serial": life.serial, "state": life.state, "action": "unpick"})
            )  # fmt: skip
        elif life.role in ("planned", "committed") and life.line in (line.id, target):
            by_role.setdefault(str(life.role), []).append(life)
            unwant(t, line.id, [number])
        elif unwant(t, line.id, [number]):
            by_role.setdefault("wanted", []).append(life)
        else:
            offences.append(
                Offence(life.serial, "serial_unknown",
                        f"Serial {life.serial} is not on line {line.rank} of {row.number}.",
                        {"serial": life.serial, "line": line.rank})
            )  # fmt: skip
    if offences:
        raise refuse_all(offences, len(lives))
    for role, action in (("planned", Action.CANCEL_PLAN), ("committed", Action.RELEASE)):
        gone = by_role.get(role, [])
        # A receipt that names what its order announced does not take the announcement back.
        if role == "planned":
            gone = [life for life in gone if life.line == line.id]
        if gone:
            doing.perform(Act(
                action, [Target(life.serial, life.id, life.item) for life in gone], None, None,
                row.id, at=doing.at,
            ))  # fmt: skip
        if gone and action is Action.CANCEL_PLAN:  # nobody waits for it any more
            t.executemany(
                "DELETE FROM line_life WHERE life = ? AND role = 'wanted'",
                [(life.id,) for life in gone],
            )
    if row.type is DocumentType.CASE and by_role.get("wanted"):
        _note(doing, row, by_role["wanted"], "removed_from_case")


def unchoose_lots(doing: Doing, row: DocumentRow, line: LineRow) -> None:
    """Give all quantities that were chosen for a line free again."""
    t = doing.t
    for lot, place, role, quantity in lots_on(t.execute, line.id, "committed"):
        doing.move(Quantities(
            Action.RELEASE, line.item, [Portion(quantity, lot, place or None)], row.id, line.id,
            row.status, at=doing.at,
        ))  # fmt: skip
        assert role == "committed"
    write_links(
        t,
        {
            (line.id, lot, place, role): -quantity
            for lot, place, role, quantity in lots_on(t.execute, line.id, "wanted", "planned")
        },
    )
