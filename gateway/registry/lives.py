"""What is known of a serial's life, and what a request about it says: values, and nothing more.

A life is one row of the table ``life``: one piece, from the day its serial was announced or came to
the day it left. ``lifecycle`` decides by these values, ``store.registry`` fetches them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import itemgetter
from typing import Literal, NamedTuple, get_args


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


UNDO = "undo"
"""The one correction: no action of a serial, but an event of its own."""

Role = Literal["wanted", "planned", "committed", "picked", "done", "counted", "rejected"]
"""What a line of a document has with a serial."""

RESERVING: tuple[Role, ...] = ("planned", "committed", "picked")
"""A serial is so on one line at most."""


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
    parted: bool = False
    """There are other locations inside it."""


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
    innermost: bool = False
    """Goods lie in bins only, not in the sites and zones around them."""
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


def party_of(ask: Ask) -> int | None:
    """Return whose it is or shall be: as the request says, or its document."""
    if ask.party is not None:
        return ask.party
    line = ask.line or ask.document
    return None if line is None else line.party
