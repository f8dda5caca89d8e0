"""Work orders: components go in, products come out, and each product knows what is in it.

    line 1: 2 × PUMP          what is made (its own serials are planned, then produced)
      line 2: 4 × SEAL        what goes in, from the bill of material or as given
      line 3: 2 × MOTOR

Components that were consumed belong to the product that is then produced: as the request says for
each, else all to the only one, else in the order they were consumed, as many for each as the lines
say. A product's cost is that of its components and of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gateway.registry.documents import Need, Verb, refuse_needs
from gateway.registry.lives import Action, State
from gateway.registry.refusals import RegistryRefused
from gateway.registry.serial_text import key_of, normalise
from gateway.store.registry.acting import Act, Target, item_row
from gateway.store.registry.costing import cost_of
from gateway.store.registry.document_lines import lives_on, lots_on
from gateway.store.registry.documents import LineRow
from gateway.store.registry.line_given import portions_of, targets_of
from gateway.store.registry.lives import lives_by_id, lives_by_key
from gateway.store.registry.lots import ensure
from gateway.store.registry.posting import Posting
from gateway.store.registry.quantities import Portion


def inputs(posting: Posting) -> list[LineRow]:
    """Return the lines of what goes in."""
    return [line for line in posting.lines if line.kit_line is not None and line.moves]


def outputs(posting: Posting) -> list[LineRow]:
    """Return the lines of what is made."""
    return [line for line in posting.lines if line.kit_line is None]


def lacking(posting: Posting, what: str) -> list[Need]:
    """Return what is missing before the work begins (``start``) or ends (``finish``)."""
    found: list[Need] = []
    if what == "finish":
        for line in (*inputs(posting), *outputs(posting)):
            if line.moves and line.done != line.quantity:
                found.append(Need(line.rank, line.sku, line.quantity, line.done, line.serialised))
        return found
    for line in inputs(posting):
        have = line.committed + line.picked + line.done
        if line.serialised and have != line.quantity:
            found.append(Need(line.rank, line.sku, line.quantity, have))
    return found


def _start(posting: Posting) -> None:
    needs = lacking(posting, "start")
    if needs:
        raise refuse_needs(needs, posting.row.number)


def _finish(posting: Posting) -> None:
    needs = lacking(posting, "finish")
    if needs:
        refusal = refuse_needs(needs, posting.row.number)
        raise RegistryRefused(
            "components_incomplete",
            f"{posting.row.number} is not finished: {refusal.detail}",
            refusal.items, document=posting.row.number, lines=[need.line for need in needs],
        )  # fmt: skip


def _consume(posting: Posting) -> None:
    did = 0
    mine = {line.id for line in inputs(posting)}
    parent = _parent(posting)
    for line, given in posting.asked():
        if line.id not in mine:
            if posting.given.lines is not None:
                raise RegistryRefused(
                    "line_item_mismatch",
                    f"Line {line.rank} of {posting.row.number} is what is made; components are "
                    "consumed.", line=line.rank, item=line.sku,
                )  # fmt: skip
            continue
        if line.serialised:
            targets = targets_of(posting.doing, line, given, line.quantity - line.done)
            targets = targets or posting.chosen(line, "picked", "committed")
            if not targets:
                continue
            _refuse_more(posting, line, len(targets))
            done = posting.doing.perform(Act(
                Action.CONSUME, targets, line.item, line.id, posting.row.id, parent=parent,
                reason=posting.reason, at=posting.doing.at,
            ))  # fmt: skip
            did += len(done.lives)
        else:
            place = posting.place_for(line, posting.row.from_place)
            if given.lots or given.lot or given.quantity is not None:
                amount = given.quantity if given.quantity is not None else line.quantity - line.done
                portions = portions_of(posting.doing, line, given, amount, place)
            else:
                portions = [
                    Portion(quantity, lot, at or None)
                    for lot, at, _, quantity in lots_on(posting.t.execute, line.id, "committed")
                ]
                rest = line.quantity - line.done - sum(one.quantity for one in portions)
                if rest > 0 and line.tracking != "lot":
                    portions.append(Portion(rest, 0, place))
            _refuse_more(posting, line, sum(one.quantity for one in portions))
            did += posting.quantity(Action.CONSUME, line, portions)
    if not did:
        raise posting.nothing("consume")


def _refuse_more(posting: Posting, line: LineRow, given: int) -> None:
    room = line.quantity - line.done
    if given > room:
        raise RegistryRefused(
            "line_full",
            f"Line {line.rank} of {posting.row.number} takes {room} more of {line.sku}, and "
            f"{given} were given.",
            document=posting.row.number, line=line.rank, room=room, given=given,
        )  # fmt: skip


def _parent(posting: Posting) -> int | None:
    """Return the life of the assembly that the request names."""
    if not posting.given.parent:
        return None
    for line in outputs(posting):
        case = item_row(posting.t, line.item).case
        key = key_of(normalise(posting.given.parent), case)
        for life in reversed(lives_by_key(posting.t.execute, line.item, [key]).get(key, [])):
            if life.in_custody:
                return life.id
    raise RegistryRefused(
        "serial_unknown", f"{posting.given.parent!r} is no product of {posting.row.number} that is "
        "here.", serial=posting.given.parent,
    )  # fmt: skip


def _free_components(posting: Posting) -> list[int]:
    """Return what was consumed and is in no product yet, in the order it was consumed."""
    found: list[int] = []
    for line in inputs(posting):
        ids = lives_on(posting.t.execute, line.id, "done")
        lives = lives_by_id(posting.t.execute, ids) if ids else {}
        found += [
            number for number in ids
            if lives[number].parent is None and lives[number].state is State.CONSUMED
        ]  # fmt: skip
    return found


def _produce(posting: Posting) -> None:
    did = 0
    made = {line.id for line in outputs(posting)}
    for line, given in posting.asked():
        if line.id not in made:
            continue
        if not line.moves:
            posting.count_done(line, given.quantity or line.quantity - line.done)
            continue
        place = posting.place_for(line, posting.row.to_place)
        if line.serialised:
            targets = targets_of(posting.doing, line, given, line.quantity - line.done)
            targets = targets or posting.chosen(line, "planned")
            if not targets:
                continue
            _refuse_more(posting, line, len(targets))
            wanted = {
                one.serial: one.components for one in given.serials if one.components
            }  # fmt: skip
            _make(posting, line, targets, wanted, place, given.cost, given.lot)
            did += len(targets)
        else:
            amount = given.quantity if given.quantity is not None else line.quantity - line.done
            _refuse_more(posting, line, amount)
            portions = portions_of(
                posting.doing, line, given, amount, place, made_for=posting.row.id
            )
            did += posting.quantity(Action.PRODUCE, line, portions, to=place)
    if not did:
        raise posting.nothing("produce")


def _make(
    posting: Posting,
    line: LineRow,
    targets: Sequence[Target],
    named: Mapping[str, Sequence[str]],
    place: int | None,
    cost: int | None,
    lot_code: str | None,
) -> None:
    t, doing = posting.t, posting.doing
    free = _free_components(posting)
    lot = None
    if "lots" in doing.rules.features or lot_code is not None:
        lot = ensure(t, line.item, lot_code, document=posting.row.id, actor=doing.by.actor)
    extra = cost if cost is not None else line.cost
    groups = _shared_out(posting, line, targets, named, free)
    alone = [n for n, parts in enumerate(groups) if not parts]
    for n, parts in enumerate(groups):
        if not parts:
            continue
        lives = lives_by_id(t.execute, parts)
        together, currency = cost_of(lives.values())
        own = (targets[n].cost if targets[n].cost is not None else extra) or 0
        whole = None if together is None and not own else (together or 0) + own
        target = replace(targets[n], cost=None)
        doing.perform(Act(
            Action.PRODUCE, [target], line.item, line.id, posting.row.id, place,
            components=parts, lot=lot, reason=posting.reason, cost=whole,
            currency=currency or line.currency or posting.row.currency or None, at=doing.at,
        ))  # fmt: skip
    if alone:
        doing.perform(Act(
            Action.PRODUCE, [targets[n] for n in alone], line.item, line.id, posting.row.id,
            place, lot=lot, reason=posting.reason, cost=extra,
            currency=(line.currency or posting.row.currency or None) if extra else None,
            at=doing.at,
        ))  # fmt: skip


def _shared_out(
    posting: Posting,
    line: LineRow,
    targets: Sequence[Target],
    named: Mapping[str, Sequence[str]],
    free: list[int],
) -> list[list[int]]:
    """Return which components go into which product."""
    if named:
        return [_named(posting, named.get(one.serial, ()), free) for one in targets]
    if len(targets) == 1 and line.quantity - line.done == 1:
        return [free]
    # As many of each component for each product as the lines say.
    groups: list[list[int]] = [[] for _ in targets]
    taken = set(free)
    for part in inputs(posting):
        if part.kit_line != line.id or not part.serialised or not line.quantity:
            continue
        each = part.quantity // line.quantity
        ready = [life for life in lives_on(posting.t.execute, part.id, "done") if life in taken]
        for n in range(len(targets)):
            groups[n] += ready[n * each : (n + 1) * each]
    return groups


def _named(posting: Posting, serials: Sequence[str], free: Sequence[int]) -> list[int]:
    lives = lives_by_id(posting.t.execute, free) if free else {}
    by_serial = {life.serial.lower(): number for number, life in lives.items()}
    unknown = [serial for serial in serials if serial.lower() not in by_serial]
    if unknown:
        raise RegistryRefused(
            "serial_unknown",
            f"{unknown[0]!r} was not consumed by {posting.row.number}, or is in another product.",
            serial=unknown[0],
        )  # fmt: skip
    return [by_serial[serial.lower()] for serial in serials]


def _unbuild(posting: Posting) -> None:
    parent = _parent(posting)
    place = posting.place or posting.row.to_place or posting.row.from_place
    did = 0
    for line, given in posting.asked():
        if line.kit_line is None or not line.serialised:
            continue
        targets = targets_of(posting.doing, line, given)
        if not targets and parent is not None:
            rows = posting.t.execute(
                "SELECT id FROM life WHERE parent = ? AND item = ? AND state = 'consumed' "
                "ORDER BY id",
                (parent, line.item),
            ).fetchall()
            targets = [Target("", row[0], line.item) for row in rows]
        if targets:
            done = posting.doing.perform(Act(
                Action.UNBUILD, targets, line.item, None, posting.row.id, place, parent=parent,
                reason=posting.reason, at=posting.doing.at,
            ))  # fmt: skip
            did += len(done.lives)
    if not did:
        raise posting.nothing("unbuild")


WORK_STEPS: Mapping[Verb, Callable[[Posting], None]] = {
    Verb.START: _start,
    Verb.CONSUME: _consume,
    Verb.PRODUCE: _produce,
    Verb.FINISH: _finish,
    Verb.UNBUILD: _unbuild,
}
