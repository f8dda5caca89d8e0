"""The life of a serial: its states, the actions that move it, and what each asks for and changes.

    Life, Ask ──decide──► Life as it will be, or an Offence

One row of ``TABLE`` is one action: from which states, to which, under which guards. Buttons, the
refusal's ``allowed``, the database's legal moves, the docs' diagram and the EPCIS export all read
it; nothing else moves a serial. Everything here is a function of values: ``store.registry.acting``
fetches the lives of a whole list, lets this module decide, and writes what it decided.

>>> TABLE[Action.SHIP].to, [state.value for state in TABLE[Action.SHIP].sources if state]
(<State.SHIPPED: 'shipped'>, ['picked', 'committed', 'received'])
>>> [action.value for action in allowed(State.WRITTEN_OFF)]
['reinstate', 'annotate', 'print_label']
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, Literal, TypeVar

from gateway.registry.guards import (
    Guard,
    committed_to_this_line,
    customer_given,
    customer_matches_or_confirmed,
    document_started,
    expected_on_manifest,
    here_already,
    is_held,
    item_active,
    item_is_serialised,
    item_matches_line,
    line_given,
    line_open,
    location_active,
    location_differs,
    location_fits,
    location_for_rejects,
    location_for_returns,
    location_for_stock,
    location_given,
    new_serial_given,
    no_planned_twin,
    not_counted_yet,
    not_held,
    not_held_unless_recall,
    not_in_custody,
    parent_in_custody,
    parent_is_another,
    permission,
    picked_if_required,
    qc_or_rma_enabled,
    reason_given,
    refuse,
    reuse_allowed,
    rma_enabled,
    supplier_given,
    work_orders_enabled,
)
from gateway.registry.lives import CUSTODY, ENDED, Action, Ask, Life, Role, State, Subject, party_of
from gateway.registry.refusals import Offence

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rule:
    """One action: a row of the table."""

    sources: tuple[State | None, ...]
    """States it leaves; None is a serial whose life begins."""
    to: State | None
    """The state it leads to; None leaves it as it is."""
    guards: tuple[Guard, ...]
    says: str
    """What it does, for people."""
    step: str | None
    """CBV 2.0 business step; None keeps it out of EPCIS."""
    disposition: str | None = None
    """CBV 2.0 disposition; None leaves the object's as it was."""
    epcis: Literal["ADD", "OBSERVE", "DELETE"] = "OBSERVE"
    link: Role | Literal["drop", ""] = ""
    """What the document's line has with the serial afterwards; ``drop`` ends what it had."""
    otherwise: State | None = None
    """The state it leads to instead when its line is no longer open."""


_NEW: tuple[State | None, ...] = (None,)
_HERE = (State.RECEIVED, State.COMMITTED, State.PICKED, State.IN_TRANSIT, State.RETURNED,
         State.REJECTED)  # fmt: skip
_ANY = tuple(State)

TABLE: Mapping[Action, Rule] = {
    Action.PLAN: Rule(
        _NEW, State.PLANNED, (item_is_serialised, item_active, no_planned_twin),
        "announces a serial that is to come", None, link="planned"),
    Action.CANCEL_PLAN: Rule(
        (State.PLANNED,), State.CANCELLED, (), "takes the announcement back", None, link="drop"),
    Action.RECEIVE: Rule(
        (None, State.PLANNED), State.RECEIVED,
        (item_is_serialised, item_active, not_in_custody, reuse_allowed, location_given,
         location_active, location_for_stock, expected_on_manifest),
        "takes it in from a supplier", "receiving", "in_progress", link="done"),
    Action.PRODUCE: Rule(
        (None, State.PLANNED), State.RECEIVED,
        (work_orders_enabled, item_is_serialised, item_active, not_in_custody, reuse_allowed,
         document_started, location_given, location_active, location_for_stock),
        "takes it in from production", "commissioning", "active", "ADD", "done"),
    Action.ADJUST_IN: Rule(
        _NEW, State.RECEIVED,
        (item_is_serialised, item_active, not_in_custody, reuse_allowed, reason_given,
         location_given, location_active, location_for_stock),
        "adds it to stock by a correction", "commissioning", "active", "ADD", "done"),
    Action.OPENING: Rule(
        _NEW, State.RECEIVED,
        (item_is_serialised, not_in_custody, location_given, location_active,
         location_for_stock),
        "names a piece that was on hand without a serial", "commissioning", "active", "ADD"),
    Action.COMMIT: Rule(
        (State.RECEIVED,), State.COMMITTED,
        (line_given, item_active, not_held, line_open, item_matches_line),
        "reserves it for an order", "reserving", "reserved", link="committed"),
    Action.RELEASE: Rule(
        (State.COMMITTED,), State.RECEIVED, (), "gives it back from an order", "reserving",
        "available", link="drop"),
    Action.PICK: Rule(
        (State.RECEIVED, State.COMMITTED), State.PICKED,
        (line_given, not_held, committed_to_this_line, line_open, item_matches_line),
        "takes it from the shelf for an order", "picking", "in_progress", link="picked"),
    Action.UNPICK: Rule(
        (State.PICKED,), State.COMMITTED, (location_active,),
        "puts it back on the shelf", "stocking", "available", link="committed",
        otherwise=State.RECEIVED),
    Action.SHIP: Rule(
        (State.PICKED, State.COMMITTED, State.RECEIVED), State.SHIPPED,
        (not_held, picked_if_required, committed_to_this_line, item_matches_line, customer_given),
        "sends it to a customer", "shipping", "in_transit", link="done"),
    Action.DROP_SHIP: Rule(
        (None, State.PLANNED), State.SHIPPED,
        (item_is_serialised, not_in_custody, reuse_allowed, customer_given),
        "goes from the supplier to the customer", "shipping", "in_transit", link="done"),
    Action.RETURN: Rule(
        (State.SHIPPED,), State.RETURNED,
        (rma_enabled, not_in_custody, customer_matches_or_confirmed, location_given,
         location_active, location_for_returns),
        "takes it back from a customer, to be looked at", "receiving", "returned", link="done"),
    Action.RETURN_TO_STOCK: Rule(
        (State.SHIPPED,), State.RECEIVED,
        (not_in_custody, customer_matches_or_confirmed, location_given, location_active,
         location_for_stock),
        "takes it back from a customer into stock", "receiving", "available", link="done"),
    Action.ACCEPT: Rule(
        (State.RETURNED, State.REJECTED), State.RECEIVED,
        (permission("inspect"), location_active, location_for_stock),
        "finds it good", "accepting", "available"),
    Action.REJECT: Rule(
        (State.RECEIVED, State.RETURNED), State.REJECTED,
        (qc_or_rma_enabled, permission("inspect"), reason_given, location_active,
         location_for_rejects),
        "finds it bad", "inspecting", "non_conformant", link="rejected"),
    Action.SEND_BACK: Rule(
        (State.RECEIVED, State.REJECTED, State.RETURNED), State.SENT_BACK,
        (supplier_given, not_held_unless_recall),
        "sends it back to the supplier", "shipping", "returned", link="done"),
    Action.WRITE_OFF: Rule(
        (State.RECEIVED, State.RETURNED, State.REJECTED, State.IN_TRANSIT), State.WRITTEN_OFF,
        (permission("write_off"), reason_given), "takes it out of stock for good",
        "decommissioning", "inactive", "DELETE", "done"),
    Action.REINSTATE: Rule(
        (State.WRITTEN_OFF,), State.RECEIVED,
        (not_in_custody, reason_given, location_given, location_active, location_for_stock),
        "takes a write-off back", "commissioning", "active", "ADD"),
    Action.TRANSFER: Rule(
        (State.RECEIVED, State.COMMITTED, State.PICKED, State.RETURNED, State.REJECTED), None,
        (location_given, location_active, location_differs, location_fits),
        "moves it to another place", "storing", link=""),
    Action.DISPATCH: Rule(
        (State.RECEIVED,), State.IN_TRANSIT, (not_held, line_open),
        "sends it to another place", "departing", "in_transit", link="picked"),
    Action.ARRIVE: Rule(
        (State.IN_TRANSIT,), State.RECEIVED,
        (location_given, location_active, location_for_stock), "arrives at another place",
        "arriving", "available", link="done"),
    Action.CONSUME: Rule(
        (State.RECEIVED, State.COMMITTED, State.PICKED), State.CONSUMED,
        (work_orders_enabled, not_held, document_started, item_matches_line,
         committed_to_this_line, parent_is_another),
        "goes into an assembly", "installing", "active", link="done"),
    Action.UNBUILD: Rule(
        (State.CONSUMED,), State.RECEIVED,
        (work_orders_enabled, parent_in_custody, not_in_custody, location_given, location_active,
         location_for_stock),
        "comes out of an assembly", "disassembling", "available"),
    Action.UNTRACK: Rule(
        (State.RECEIVED, State.RETURNED, State.REJECTED), State.UNTRACKED, (),
        "stays in stock without its serial", "decommissioning", "inactive", "DELETE"),
    Action.COUNT: Rule(
        _HERE, None, (not_counted_yet,), "is seen in a stocktake", "cycle_counting",
        link="counted"),
    Action.HOLD: Rule(
        _HERE, None, (reason_given,), "may not move until it is let go", "holding",
        "non_sellable_other"),
    Action.UNHOLD: Rule(
        _HERE, None, (permission("hold"), is_held), "may move again", "holding", "available"),
    Action.RENAME: Rule(
        (State.PLANNED, *_HERE), None, (permission("rename"), new_serial_given, reason_given),
        "corrects a serial that was entered wrongly; the old one still finds it", "encoding"),
    Action.ANNOTATE: Rule(_ANY, None, (), "changes custom fields or the memo", None),
    Action.PRINT_LABEL: Rule(_ANY, None, (), "prints its label", "encoding"),
}  # fmt: skip


@cache
def allowed(state: State | None) -> tuple[Action, ...]:
    """Return the actions that the table knows from a state."""
    return tuple(action for action, rule in TABLE.items() if state in rule.sources)


def moves() -> Iterator[tuple[Action, State | None, State]]:
    """Yield every move the table allows: the action, from which state (None: new), to which."""
    for action, rule in TABLE.items():
        for source in rule.sources:
            if (to := rule.to or source) is not None:
                yield action, source, to
            if rule.otherwise is not None:
                yield action, source, rule.otherwise


# ---------------------------------------------------------------------- deciding


def decide(subject: Subject, ask: Ask) -> Life | Offence:
    """Return the life as the action leaves it, or why it may not."""
    rule = TABLE[ask.action]
    if subject.life.state not in rule.sources:
        return _not_from_here(subject, ask)
    for guard in rule.guards:
        offence = guard(subject, ask)
        if offence is not None:
            return offence
    return _changed(subject, ask, rule)


_NUMBER, _BEHIND = Life._fields.index("number"), Life._fields.index("event")


def decide_all(subjects: Sequence[Subject], ask: Ask) -> tuple[list[Life], list[Offence]]:
    """Return the lives as the action leaves them, and why it may not for the others.

    Those that are alike are decided once: in a delivery of a hundred thousand, most differ by their
    number and serial alone. No guard but that of a rename looks at the serial, and none but that of
    an assembly at the number.
    """
    after: list[Life] = []
    offences: list[Offence] = []
    by_itself = (
        len(subjects) == 1 or ask.rename_to is not None or ask.parent is not None
        or ask.manifest is not None
    )  # fmt: skip
    decisions: dict[tuple[object, ...], tuple[Any, ...]] = {}
    for subject in subjects:
        life = subject.life
        alike = None
        if not (by_itself or subject.others):
            place = None if subject.place is None else subject.place.id
            alike = (
                life.item, life[_NUMBER:_BEHIND], place, subject.attrs, subject.memo, subject.cost
            )  # fmt: skip
            if (rest := decisions.get(alike)) is not None:
                after.append(Life._make((*life[:_NUMBER], *rest, *life[_BEHIND:])))
                continue
        decided = decide(subject, ask)
        if isinstance(decided, Offence):
            offences.append(decided)
            continue
        after.append(decided)
        if alike is not None:
            decisions[alike] = decided[_NUMBER:_BEHIND]
    return after, offences


def written(life: Life, number: int, event: int) -> Life:
    """Return a life under its number in the database, with the event that touched it."""
    return Life._make((number, *life[1:_BEHIND], event, *life[_BEHIND + 1 :]))


def _not_from_here(s: Subject, ask: Ask) -> Offence:
    """Say why, as exactly as the state tells: not "not allowed" where it is simply not here."""
    life = s.life
    word = ask.action.value.replace("_", " ")
    if life.state is None:
        return refuse(
            s, "serial_unknown",
            f"There is no serial {s.asked} of {ask.items[life.item].sku} to {word}.",
            serial=s.asked, item=ask.items[life.item].sku,
        )  # fmt: skip
    if life.in_custody and None in TABLE[ask.action].sources:
        return here_already(s, life, ask)
    facts: dict[str, object] = {
        "serial": life.serial, "state": life.state, "action": ask.action,
        "allowed": [action.value for action in allowed(life.state)],
        "location": life.place_code, "customer": life.customer_name, "life": life.number,
    }  # fmt: skip
    if ask.action is Action.COMMIT and life.state in (State.COMMITTED, State.PICKED):
        if ask.line is not None and life.line == ask.line.id:
            return refuse(
                s, "serial_already_on_line",
                f"Serial {life.serial} is on this line of {ask.line.number} already.",
                **facts, document=life.document,
            )  # fmt: skip
        return refuse(
            s, "serial_committed_elsewhere",
            f"Serial {life.serial} is {life.state} for {life.document}.",
            **facts, document=life.document,
        )  # fmt: skip
    if life.state in ENDED and CUSTODY & set(TABLE[ask.action].sources):
        to = f" to {life.customer_name}" if life.customer_name else ""
        return refuse(
            s, "serial_not_in_custody",
            f"Serial {life.serial} is not here: it was {life.state.replace('_', ' ')}{to}.",
            **facts,
        )  # fmt: skip
    return refuse(
        s, "transition_not_allowed",
        f"Serial {life.serial} is {life.state.replace('_', ' ')}; it cannot {word}.", **facts,
    )  # fmt: skip


def _changed(s: Subject, ask: Ask, rule: Rule) -> Life:
    was, item = s.life, ask.items[s.life.item]
    place = s.place or ask.place
    to = rule.to or was.state
    if rule.otherwise is not None and (ask.line is None or not ask.line.open):
        to = rule.otherwise
    new: dict[str, Any] = {"state": to}
    if s.attrs is not None:
        new["attrs"] = s.attrs
    memo = s.memo if s.memo is not None else ask.memo
    if memo is not None:
        new["memo"] = memo
    if place is not None:
        new["place"] = place.id
    if ask.lot is not None:
        new["lot"] = ask.lot
    match ask.action:
        case Action.RECEIVE | Action.PRODUCE | Action.ADJUST_IN | Action.OPENING:
            new |= _costs(s, ask)
            new["received_at"] = ask.at
            new["service_due"] = _or(_months_on(ask.at, item.service_every), was.service_due)
            if ask.action is Action.RECEIVE:
                new["supplier"] = party_of(ask) or was.supplier
                new["warranty_in"] = _or(_months_on(ask.at, item.warranty_in), was.warranty_in)
        case Action.PLAN:
            new |= _costs(s, ask)
            new |= {"supplier": party_of(ask) or was.supplier, "place": None}
        case Action.SHIP | Action.DROP_SHIP:
            new |= _costs(s, ask)
            new |= {
                "place": None, "customer": party_of(ask), "shipped_at": ask.at, "price": ask.price,
                "price_currency": ask.price_currency,
                "warranty_out": _months_on(ask.at, item.warranty_out),
            }  # fmt: skip
            if ask.action is Action.DROP_SHIP:
                # The document is the supplier's, and the party the customer.
                new["supplier"] = (ask.line.party if ask.line else None) or was.supplier
        case Action.SEND_BACK:
            new |= {"place": None, "supplier": party_of(ask) or was.supplier}
        case Action.WRITE_OFF | Action.UNTRACK | Action.CANCEL_PLAN:
            new["place"] = None
        case Action.CONSUME:
            new |= {"place": None, "parent": None if ask.parent is None else ask.parent.id}
        case Action.UNBUILD:
            new["parent"] = None
        case Action.COUNT:
            seen = was.place if place is None else place.id
            new |= {"place": was.place, "seen_at": ask.at, "seen_place": seen}
        case Action.HOLD:
            new["held"] = ask.reason
        case Action.UNHOLD:
            new["held"] = None
        case Action.RENAME:
            assert ask.rename_to is not None
            new["serial"], new["key"] = ask.rename_to
        case _:
            pass
    return was._replace(**new)


def _costs(s: Subject, ask: Ask) -> dict[str, object]:
    cost = ask.cost if s.cost is None else s.cost
    return {
        "cost": _or(cost, s.life.cost), "currency": ask.currency or s.life.currency,
    }  # fmt: skip


def _or(new: T | None, old: T | None) -> T | None:
    return old if new is None else new


@lru_cache(maxsize=64)
def _months_on(at: int, months: int | None) -> str | None:
    """Return the date so many months after a moment; the month's last day where it is shorter.

    >>> _months_on(1_706_659_200_000_000, 1)  # 31 January 2024
    '2024-02-29'
    """
    if months is None:
        return None
    day = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).date()
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1])).isoformat()
