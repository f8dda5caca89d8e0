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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from gateway.registry.refusals import Offence


class State(StrEnum):
    """Where a serial's life is. A serial without a life is ``None`` in this module."""

    PLANNED = "planned"
    RECEIVED = "received"
    COMMITTED = "committed"
    PICKED = "picked"
    IN_TRANSIT = "in_transit"
    RETURNED = "returned"
    REJECTED = "rejected"
    SHIPPED = "shipped"
    CONSUMED = "consumed"
    WRITTEN_OFF = "written_off"
    SENT_BACK = "sent_back"
    CANCELLED = "cancelled"
    UNTRACKED = "untracked"

    # Enum's own is Python's code, and states of a hundred thousand lives are looked up in sets.
    __hash__ = str.__hash__


CUSTODY = frozenset(
    {State.RECEIVED, State.COMMITTED, State.PICKED, State.IN_TRANSIT, State.RETURNED,
     State.REJECTED}
)  # fmt: skip
"""Here, whatever it may be doing: at most one life of a serial of an item."""

ON_HAND = frozenset({State.RECEIVED, State.COMMITTED})
"""Counted as stock: received and not yet picked."""

ENDED = frozenset(
    {State.SHIPPED, State.CONSUMED, State.WRITTEN_OFF, State.SENT_BACK, State.CANCELLED,
     State.UNTRACKED}
)  # fmt: skip


class Action(StrEnum):
    """What people and programs do with serials."""

    PLAN = "plan"
    CANCEL_PLAN = "cancel_plan"
    RECEIVE = "receive"
    PRODUCE = "produce"
    ADJUST_IN = "adjust_in"
    OPENING = "opening"
    COMMIT = "commit"
    RELEASE = "release"
    PICK = "pick"
    UNPICK = "unpick"
    SHIP = "ship"
    DROP_SHIP = "drop_ship"
    RETURN = "return"
    RETURN_TO_STOCK = "return_to_stock"
    ACCEPT = "accept"
    REJECT = "reject"
    SEND_BACK = "send_back"
    WRITE_OFF = "write_off"
    REINSTATE = "reinstate"
    TRANSFER = "transfer"
    DISPATCH = "dispatch"
    ARRIVE = "arrive"
    CONSUME = "consume"
    UNBUILD = "unbuild"
    UNTRACK = "untrack"
    COUNT = "count"
    HOLD = "hold"
    UNHOLD = "unhold"
    RENAME = "rename"
    ANNOTATE = "annotate"
    PRINT_LABEL = "print_label"


T = TypeVar("T")

UNDO = "undo"
"""The one correction: no action of a serial, but an event of its own."""

Role = Literal["wanted", "planned", "committed", "picked", "done", "counted", "rejected"]
"""What a line of a document has with a serial."""

RESERVING: tuple[Role, ...] = ("planned", "committed", "picked")
"""A serial is so on one line at most."""


# ---------------------------------------------------------------------- what guards look at


@dataclass(frozen=True, slots=True)
class ItemRules:
    """Of an item, what decides about its serials."""

    id: int
    sku: str
    tracking: Literal["none", "lot", "serial"] = "serial"
    active: bool = True
    warranty_in: int | None = None
    """Months of the supplier's warranty, from the receipt on."""
    warranty_out: int | None = None
    """Months of our warranty, from the shipment on."""
    service_every: int | None = None
    """Months between two services."""


@dataclass(frozen=True, slots=True)
class Place:
    """Of a location, what decides whether a serial may go there."""

    id: int
    code: str
    kind: str = "site"
    active: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """Of a document's line, what decides whether a serial fits it."""

    id: int
    document: int
    type: str
    number: str
    status: str
    item: int
    room: int = 0
    """Pieces it still takes."""
    party: int | None = None
    source: int | None = None
    """The order's line that it fulfils."""

    @property
    def open(self) -> bool:
        return self.status in ("draft", "open", "in_progress")


class Life(NamedTuple):
    """One life of one serial of one item. A tuple: there may be a hundred thousand at once."""

    id: int
    item: int
    serial: str
    key: str
    """What is compared: the serial, case-folded unless the item says otherwise."""
    number: int = 1
    """First life, second life, …"""
    state: State | None = None
    held: str | None = None
    """Why it may not move; None when it may."""
    label_state: str = "none"
    place: int | None = None
    lot: int | None = None
    parent: int | None = None
    """The life of the assembly it went into."""
    supplier: int | None = None
    customer: int | None = None
    cost: int | None = None
    """Minor units of ``currency``, landed cost included."""
    currency: str | None = None
    price: int | None = None
    price_currency: str | None = None
    warranty_in: str | None = None
    """ISO date on which it ends."""
    warranty_out: str | None = None
    service_due: str | None = None
    received_at: int | None = None
    shipped_at: int | None = None
    seen_at: int | None = None
    seen_place: int | None = None
    memo: str = ""
    attrs: str = "{}"
    """Custom fields as JSON, already checked."""
    line: int | None = None
    """The line it is planned, committed or picked on."""
    role: str | None = None
    document: str | None = None
    """That line's document, as people name it: ``sales_order SO-17``."""
    place_code: str | None = None
    customer_name: str | None = None
    event: int = 0
    """The last event that touched it."""
    version: int = 1

    @property
    def in_custody(self) -> bool:
        return self.state in CUSTODY


CHANGING = (
    "serial", "key", "held", "label_state", "lot", "parent", "supplier", "customer", "cost",
    "currency", "price", "price_currency", "warranty_in", "warranty_out", "service_due",
    "received_at", "shipped_at", "seen_at", "seen_place", "memo", "attrs",
)  # fmt: skip
"""Fields of a life that actions change beside its state and place; a movement keeps what was."""

changing = itemgetter(*(Life._fields.index(name) for name in CHANGING))
"""Return those fields' values."""


Feature = Literal["lots", "bins", "rma", "qc", "kits", "work_orders", "multi_location", "barcodes"]
"""Parts of the registry that can be off."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The registry's settings, as guards see them."""

    reuse: Literal["allow", "ask", "forbid"] = "allow"
    verify: Literal["strict", "warn", "off"] = "warn"
    """What a serial is that the order did not announce."""
    require_pick: bool = False
    features: frozenset[str] = frozenset(get_args(Feature))


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what shall be done, with everything its guards look at beside the lives."""

    action: Action
    at: int
    """When it happened, in microseconds UTC."""
    items: Mapping[int, ItemRules] = field(default_factory=dict)
    place: Place | None = None
    line: Line | None = None
    document: Line | None = None
    """The document without a line (a shipment as a whole, a stocktake)."""
    party: int | None = None
    parent: Life | None = None
    lot: int | None = None
    reason: str = ""
    cost: int | None = None
    currency: str | None = None
    price: int | None = None
    price_currency: str | None = None
    memo: str | None = None
    rename_to: tuple[str, str] | None = None
    """The new serial and its key."""
    rules: Rules = field(default_factory=Rules)
    may: Callable[[str], bool] = lambda _: True
    """Whether who asks has a scope, as ``registry:write_off``."""
    confirmed: bool = False
    """What would otherwise be asked about was confirmed."""
    manifest: frozenset[str] | None = None
    """Keys of the serials the order announced; None when it announced none."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One serial of a request, and what is known of it."""

    asked: str
    """As given."""
    life: Life
    """The life that is meant; with ``state`` None when it is still to begin."""
    others: Sequence[Life] = ()
    """Its other lives, oldest first."""
    attrs: str | None = None
    """Custom fields to set, merged and checked; None to leave them."""
    memo: str | None = None
    cost: int | None = None
    place: Place | None = None
    """Where this one goes, when not to the request's place."""


Guard = Callable[[Subject, Ask], Offence | None]


# ---------------------------------------------------------------------- guards


def _no(subject: Subject, code: str, detail: str, **facts: object) -> Offence:
    return Offence(subject.asked, code, detail, facts)


def _where(life: Life) -> str:
    return f" at {life.place_code}" if life.place_code else ""


def item_is_serialised(s: Subject, ask: Ask) -> Offence | None:
    item = ask.items[s.life.item]
    if item.tracking == "serial":
        return None
    return _no(
        s, "item_not_serialised",
        f"Item {item.sku} has no serials (its tracking is {item.tracking!r}).",
        item=item.sku, tracking=item.tracking,
    )  # fmt: skip


def item_active(s: Subject, ask: Ask) -> Offence | None:
    item = ask.items[s.life.item]
    if item.active:
        return None
    return _no(s, "item_inactive", f"Item {item.sku} is not active.", item=item.sku)


def not_in_custody(s: Subject, ask: Ask) -> Offence | None:
    for other in s.others:
        if other.in_custody:
            return _here_already(s, other, ask)
    return None


def _here_already(s: Subject, other: Life, ask: Ask) -> Offence:
    on_hand = other.state in ON_HAND
    serial, item = s.life.serial, ask.items[s.life.item].sku
    return _no(
        s, "serial_on_hand" if on_hand else "serial_in_custody",
        f"Serial {serial} of {item} is "
        f"{'on hand' if on_hand else str(other.state).replace('_', ' ')}{_where(other)}.",
        serial=serial, item=item, state=other.state, location=other.place_code, life=other.number,
    )  # fmt: skip


def no_planned_twin(s: Subject, ask: Ask) -> Offence | None:
    for other in s.others:
        if other.state is State.PLANNED:
            return _no(
                s, "serial_planned_elsewhere",
                f"Serial {s.life.serial} is planned on {other.document or 'another document'}.",
                serial=s.life.serial, document=other.document, life=other.number,
            )  # fmt: skip
    return None


REUSE_ASKS = frozenset({State.SHIPPED, State.CONSUMED})
"""A life that ended so may come back as itself, so a second one is worth a word."""


def reuse_allowed(s: Subject, ask: Ask) -> Offence | None:
    if s.life.state is not None or not s.others:
        return None
    last = s.others[-1]
    if last.state not in ENDED or last.state in (State.CANCELLED, State.UNTRACKED):
        return None
    who = f" to {last.customer_name}" if last.customer_name else ""
    said = f"Serial {s.life.serial} was {str(last.state).replace('_', ' ')}{who} before"
    facts = {"serial": s.life.serial, "state": last.state, "life": last.number,
             "customer": last.customer_name}  # fmt: skip
    if ask.rules.reuse == "forbid":
        return _no(s, "serial_reuse_forbidden", f"{said}; a second life is not allowed.", **facts)
    if ask.rules.reuse == "ask" and not ask.confirmed and last.state in REUSE_ASKS:
        back = "unbuild" if last.state is State.CONSUMED else "return"
        return _no(
            s, "serial_reused", f"{said}; confirm a new life, or use {back!r}.",
            **facts, offers=[back, "new_life"],
        )  # fmt: skip
    return None


def expected_on_manifest(s: Subject, ask: Ask) -> Offence | None:
    if ask.manifest is None or ask.rules.verify != "strict" or s.life.key in ask.manifest:
        return None
    number = ask.line.number if ask.line else "the order"
    return _no(
        s, "serial_not_on_manifest", f"Serial {s.life.serial} was not announced on {number}.",
        serial=s.life.serial, document=number,
    )  # fmt: skip


def location_given(s: Subject, ask: Ask) -> Offence | None:
    if (s.place or ask.place) is not None:
        return None
    return _no(s, "location_required", f"Say where serial {s.life.serial} is put: give a location.")


def location_active(s: Subject, ask: Ask) -> Offence | None:
    place = s.place or ask.place
    if place is None or place.active:
        return None
    return _no(s, "location_inactive", f"Location {place.code} is not active.", location=place.code)


GOOD_PLACES = frozenset({"site", "zone", "bin", "staging"})
BAD_PLACES = frozenset({"site", "zone", "bin", "staging", "quarantine"})


def location_allows_state(s: Subject, ask: Ask) -> Offence | None:
    place = s.place or ask.place
    if place is None:
        return None
    to = TABLE[ask.action].to or s.life.state
    fits = BAD_PLACES if to in (State.RETURNED, State.REJECTED) else GOOD_PLACES
    if place.kind in fits:
        return None
    return _no(
        s, "location_wrong_kind",
        f"Location {place.code} is of kind {place.kind}; a serial that is {to} goes to "
        f"{', '.join(sorted(fits))}.",
        location=place.code, kind=place.kind, expected=sorted(fits),
    )  # fmt: skip


def location_differs(s: Subject, ask: Ask) -> Offence | None:
    place = s.place or ask.place
    if place is None or place.id != s.life.place:
        return None
    return _no(
        s, "location_same", f"Serial {s.life.serial} is at {place.code} already.",
        serial=s.life.serial, location=place.code,
    )  # fmt: skip


def reason_given(s: Subject, ask: Ask) -> Offence | None:
    if ask.reason:
        return None
    name = ask.action.value.replace("_", " ")
    return _no(s, "reason_required", f"Say why: {name!r} needs a reason.")


def not_held(s: Subject, ask: Ask) -> Offence | None:
    if s.life.label_state == "uncertain":
        return _no(
            s, "serial_held",
            f"Serial {s.life.serial} is held: nobody has said yet whether its label was printed.",
            serial=s.life.serial, reason="label_uncertain",
        )  # fmt: skip
    if s.life.held is None:
        return None
    return _no(
        s, "serial_held", f"Serial {s.life.serial} is held: {s.life.held}.",
        serial=s.life.serial, reason=s.life.held,
    )  # fmt: skip


def not_held_unless_recall(s: Subject, ask: Ask) -> Offence | None:
    return None if s.life.held == "recall" else not_held(s, ask)


def is_held(s: Subject, ask: Ask) -> Offence | None:
    if s.life.held is not None:
        return None
    return _no(
        s, "transition_not_allowed", f"Serial {s.life.serial} is not held.", serial=s.life.serial,
        state=s.life.state, action=ask.action,
    )  # fmt: skip


def line_given(s: Subject, ask: Ask) -> Offence | None:
    if ask.line is not None:
        return None
    return _no(s, "line_unknown", f"Say for which line of a document: {ask.action} needs one.")


def line_open(s: Subject, ask: Ask) -> Offence | None:
    line = ask.line or ask.document
    if line is None or line.open:
        return None
    return _no(
        s, "document_done", f"{line.number} is {line.status}.", document=line.number,
        status=line.status,
    )  # fmt: skip


def item_matches_line(s: Subject, ask: Ask) -> Offence | None:
    if ask.line is None or ask.line.item == s.life.item:
        return None
    item = ask.items[s.life.item].sku
    return _no(
        s, "line_item_mismatch",
        f"Serial {s.life.serial} is of item {item}, and the line of {ask.line.number} is for "
        "another.",
        serial=s.life.serial, item=item, document=ask.line.number,
    )  # fmt: skip


def committed_to_this_line(s: Subject, ask: Ask) -> Offence | None:
    if s.life.line is None or s.life.role not in ("committed", "picked"):
        return None
    mine = ask.line is not None and s.life.line in (ask.line.id, ask.line.source)
    if mine or (ask.line is None and ask.document is not None and ask.action is Action.SHIP):
        return None
    return _no(
        s, "serial_committed_elsewhere",
        f"Serial {s.life.serial} is {s.life.role} for {s.life.document}.",
        serial=s.life.serial, document=s.life.document,
    )  # fmt: skip


def picked_if_required(s: Subject, ask: Ask) -> Offence | None:
    if not ask.rules.require_pick or s.life.state is State.PICKED:
        return None
    return _no(
        s, "serials_missing", f"Serial {s.life.serial} has not been picked yet.",
        serial=s.life.serial, state=s.life.state,
    )  # fmt: skip


def customer_given(s: Subject, ask: Ask) -> Offence | None:
    if _party(ask) is not None:
        return None
    return _no(s, "customer_required", f"Say to whom serial {s.life.serial} goes.")


def supplier_given(s: Subject, ask: Ask) -> Offence | None:
    if _party(ask) is not None or s.life.supplier is not None:
        return None
    return _no(s, "supplier_required", f"Say to whom serial {s.life.serial} goes back.")


def customer_matches_or_confirmed(s: Subject, ask: Ask) -> Offence | None:
    party = _party(ask)
    if party is None or s.life.customer in (None, party) or ask.confirmed:
        return None
    return _no(
        s, "serial_not_sold_to_customer",
        f"Serial {s.life.serial} was shipped to {s.life.customer_name or 'another customer'}.",
        serial=s.life.serial, customer=s.life.customer_name,
    )  # fmt: skip


def _feature(s: Subject, ask: Ask, *names: str) -> Offence | None:
    if any(name in ask.rules.features for name in names):
        return None
    return _no(
        s, "feature_disabled",
        f"{ask.action.value.replace('_', ' ').capitalize()} needs the feature "
        f"{' or '.join(names)}, which is off.",
        feature=names[0],
    )  # fmt: skip


def rma_enabled(s: Subject, ask: Ask) -> Offence | None:
    return _feature(s, ask, "rma")


def qc_or_rma_enabled(s: Subject, ask: Ask) -> Offence | None:
    return _feature(s, ask, "qc", "rma")


def work_orders_enabled(s: Subject, ask: Ask) -> Offence | None:
    return _feature(s, ask, "work_orders")


def document_started(s: Subject, ask: Ask) -> Offence | None:
    line = ask.line or ask.document
    if line is None or line.status == "in_progress":
        return None
    return _no(
        s, "document_not_editable", f"{line.number} is {line.status}; start it first.",
        document=line.number, status=line.status,
    )  # fmt: skip


def parent_in_custody(s: Subject, ask: Ask) -> Offence | None:
    if ask.parent is None or ask.parent.in_custody:
        return None
    return _no(
        s, "serial_not_in_custody",
        f"The assembly {ask.parent.serial} that {s.life.serial} went into is {ask.parent.state}.",
        serial=ask.parent.serial, state=ask.parent.state, customer=ask.parent.customer_name,
    )  # fmt: skip


def parent_is_another(s: Subject, ask: Ask) -> Offence | None:
    if ask.parent is None or ask.parent.id != s.life.id:
        return None
    return _no(
        s, "parent_required", f"Serial {s.life.serial} cannot go into itself.",
        serial=s.life.serial,
    )  # fmt: skip


def not_counted_yet(s: Subject, ask: Ask) -> Offence | None:
    line = ask.line or ask.document
    if line is None or s.life.seen_at is None or s.life.role != "counted":
        return None
    return _no(
        s, "serial_already_counted", f"Serial {s.life.serial} was counted already.",
        serial=s.life.serial, document=line.number,
    )  # fmt: skip


def new_serial_given(s: Subject, ask: Ask) -> Offence | None:
    if ask.rename_to is not None and ask.rename_to[0] != s.life.serial:
        return None
    return _no(
        s, "transition_not_allowed", f"Serial {s.life.serial} is called that already.",
        serial=s.life.serial, action=ask.action, state=s.life.state,
    )  # fmt: skip


def _right(right: str) -> Guard:
    def permitted(s: Subject, ask: Ask) -> Offence | None:
        if ask.may(f"registry:{right}"):
            return None
        return _no(
            s, "permission_denied",
            f"{ask.action.value.replace('_', ' ').capitalize()} needs the right "
            f"'registry:{right}'.",
            needs=f"registry:{right}",
        )  # fmt: skip

    permitted.__name__ = f"permission_{right}"
    return permitted


# ---------------------------------------------------------------------- the table


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
         location_active, location_allows_state, expected_on_manifest),
        "takes it in from a supplier", "receiving", "in_progress", link="done"),
    Action.PRODUCE: Rule(
        (None, State.PLANNED), State.RECEIVED,
        (work_orders_enabled, item_is_serialised, item_active, not_in_custody, reuse_allowed,
         document_started, location_given, location_active, location_allows_state),
        "takes it in from production", "commissioning", "active", "ADD", "done"),
    Action.ADJUST_IN: Rule(
        _NEW, State.RECEIVED,
        (item_is_serialised, item_active, not_in_custody, reuse_allowed, reason_given,
         location_given, location_active, location_allows_state),
        "adds it to stock by a correction", "commissioning", "active", "ADD", "done"),
    Action.OPENING: Rule(
        _NEW, State.RECEIVED,
        (item_is_serialised, not_in_custody, location_given, location_active,
         location_allows_state),
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
         location_active, location_allows_state),
        "takes it back from a customer, to be looked at", "receiving", "returned", link="done"),
    Action.RETURN_TO_STOCK: Rule(
        (State.SHIPPED,), State.RECEIVED,
        (not_in_custody, customer_matches_or_confirmed, location_given, location_active,
         location_allows_state),
        "takes it back from a customer into stock", "receiving", "available", link="done"),
    Action.ACCEPT: Rule(
        (State.RETURNED, State.REJECTED), State.RECEIVED,
        (_right("inspect"), location_active, location_allows_state),
        "finds it good", "accepting", "available"),
    Action.REJECT: Rule(
        (State.RECEIVED, State.RETURNED), State.REJECTED,
        (qc_or_rma_enabled, _right("inspect"), reason_given, location_active,
         location_allows_state),
        "finds it bad", "inspecting", "non_conformant", link="rejected"),
    Action.SEND_BACK: Rule(
        (State.RECEIVED, State.REJECTED, State.RETURNED), State.SENT_BACK,
        (supplier_given, not_held_unless_recall),
        "sends it back to the supplier", "shipping", "returned", link="done"),
    Action.WRITE_OFF: Rule(
        (State.RECEIVED, State.RETURNED, State.REJECTED, State.IN_TRANSIT), State.WRITTEN_OFF,
        (_right("write_off"), reason_given), "takes it out of stock for good", "decommissioning",
        "inactive", "DELETE", "done"),
    Action.REINSTATE: Rule(
        (State.WRITTEN_OFF,), State.RECEIVED,
        (not_in_custody, reason_given, location_given, location_active, location_allows_state),
        "takes a write-off back", "commissioning", "active", "ADD"),
    Action.TRANSFER: Rule(
        (State.RECEIVED, State.COMMITTED, State.PICKED, State.RETURNED, State.REJECTED), None,
        (location_given, location_active, location_differs, location_allows_state),
        "moves it to another place", "storing", link=""),
    Action.DISPATCH: Rule(
        (State.RECEIVED,), State.IN_TRANSIT, (not_held, line_open),
        "sends it to another place", "departing", "in_transit", link="picked"),
    Action.ARRIVE: Rule(
        (State.IN_TRANSIT,), State.RECEIVED,
        (location_given, location_active, location_allows_state), "arrives at another place",
        "arriving", "available", link="done"),
    Action.CONSUME: Rule(
        (State.RECEIVED, State.COMMITTED, State.PICKED), State.CONSUMED,
        (work_orders_enabled, not_held, document_started, item_matches_line,
         committed_to_this_line, parent_is_another),
        "goes into an assembly", "installing", "active", link="done"),
    Action.UNBUILD: Rule(
        (State.CONSUMED,), State.RECEIVED,
        (work_orders_enabled, parent_in_custody, not_in_custody, location_given, location_active,
         location_allows_state),
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
        _HERE, None, (_right("hold"), is_held), "may move again", "holding", "available"),
    Action.RENAME: Rule(
        (State.PLANNED, *_HERE), None, (_right("rename"), new_serial_given, reason_given),
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
        return _no(
            s, "serial_unknown",
            f"There is no serial {s.asked} of {ask.items[life.item].sku} to {word}.",
            serial=s.asked, item=ask.items[life.item].sku,
        )  # fmt: skip
    if life.in_custody and None in TABLE[ask.action].sources:
        return _here_already(s, life, ask)
    facts: dict[str, object] = {
        "serial": life.serial, "state": life.state, "action": ask.action,
        "allowed": [action.value for action in allowed(life.state)],
        "location": life.place_code, "customer": life.customer_name, "life": life.number,
    }  # fmt: skip
    if ask.action is Action.COMMIT and life.state in (State.COMMITTED, State.PICKED):
        if ask.line is not None and life.line == ask.line.id:
            return _no(
                s, "serial_already_on_line",
                f"Serial {life.serial} is on this line of {ask.line.number} already.",
                **facts, document=life.document,
            )  # fmt: skip
        return _no(
            s, "serial_committed_elsewhere",
            f"Serial {life.serial} is {life.state} for {life.document}.",
            **facts, document=life.document,
        )  # fmt: skip
    if life.state in ENDED and CUSTODY & set(TABLE[ask.action].sources):
        to = f" to {life.customer_name}" if life.customer_name else ""
        return _no(
            s, "serial_not_in_custody",
            f"Serial {life.serial} is not here: it was {life.state.replace('_', ' ')}{to}.",
            **facts,
        )  # fmt: skip
    return _no(
        s, "transition_not_allowed",
        f"Serial {life.serial} is {life.state.replace('_', ' ')}; it cannot {word}.", **facts,
    )  # fmt: skip


def _party(ask: Ask) -> int | None:
    if ask.party is not None:
        return ask.party
    line = ask.line or ask.document
    return None if line is None else line.party


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
                new["supplier"] = _party(ask) or was.supplier
                new["warranty_in"] = _or(_months_on(ask.at, item.warranty_in), was.warranty_in)
        case Action.PLAN:
            new |= _costs(s, ask)
            new |= {"supplier": _party(ask) or was.supplier, "place": None}
        case Action.SHIP | Action.DROP_SHIP:
            new |= _costs(s, ask)
            new |= {
                "place": None, "customer": _party(ask), "shipped_at": ask.at, "price": ask.price,
                "price_currency": ask.price_currency,
                "warranty_out": _months_on(ask.at, item.warranty_out),
            }  # fmt: skip
            if ask.action is Action.DROP_SHIP:
                # The document is the supplier's, and the party the customer.
                new["supplier"] = (ask.line.party if ask.line else None) or was.supplier
        case Action.SEND_BACK:
            new |= {"place": None, "supplier": _party(ask) or was.supplier}
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
