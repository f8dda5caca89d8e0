"""What movements mean to the accounts, event by event, for whoever keeps them.

    events behind a number ──what each piece cost and brought, then──► Adjustment, with its postings

Bookkeeping reads on from the last number it has seen, and marks what it has booked
(``mark_synced``). The worth of a serial is what it was when it moved, landed cost included, and
not what became of it later; of quantities it is what their line says.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.registry.journal import ADJUSTMENTS, POSTINGS, Posting, Value, postings
from gateway.registry.lives import CUSTODY, UNDO
from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.as_of import lives_after
from gateway.store.registry.events import EXAMPLES
from gateway.store.registry.lives import Run

STRETCH = 500
"""Events of one statement."""

MOST_TOLD = 100
"""Serials named in one line; ``quantity`` counts all."""


@dataclass(frozen=True, slots=True)
class Part:
    """What an event did to the stock of one item at one location."""

    sku: str
    location: str | None
    change: int
    """Pieces that came (+) or left (-)."""
    value: Value
    serials: tuple[str, ...]
    postings: tuple[Posting, ...]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """An event that changed what the stock is worth."""

    seq: int
    uid: str
    at: int
    action: str
    undoes: str | None
    """The action that it took back."""
    document_type: str | None
    document: str | None
    party: str | None
    reason: str
    actor: str
    synced_at: int | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events."""

    after: int = 0
    since: int | None = None
    """Microseconds UTC, from there on."""
    until: int | None = None
    """Up to there, without it."""
    corrections: bool = False
    """No purchases, sales and builds."""
    unsynced: bool = False


class _Row(NamedTuple):
    seq: int
    uid: str
    at: int
    action: str
    undone: str | None
    corrects: int | None
    document_type: str | None
    document: str | None
    party: str | None
    reason: str
    operator: str
    actor: str
    synced_at: int | None
    line_cost: int | None
    line_price: int | None
    line_currency: str | None


class _Key(NamedTuple):
    booked: str
    """The row of ``POSTINGS``."""
    item: int
    place: int | None
    currency: str | None
    price_currency: str | None


_EVENTS = (
    "SELECT e.seq, e.uid, e.at, e.action, c.action, e.corrects, d.type, d.number, y.code, "
    "e.reason, e.operator, e.actor, e.synced_at, l.cost, l.price, l.currency FROM event e "
    "LEFT JOIN event c ON c.seq = e.corrects LEFT JOIN document d ON d.id = e.document "
    "LEFT JOIN document_line l ON l.id = e.line LEFT JOIN party y ON y.id = e.party "
    f"WHERE e.seq > ? AND e.chain <> '{EXAMPLES}' "
    "AND coalesce(c.action, e.action) IN ({marks}){more} "
    "ORDER BY e.seq LIMIT ?"
)
_MOVEMENTS = (
    "SELECT m.life, m.item, m.quantity, m.from_state, m.to_state, m.from_place, m.to_place, "
    "m.was, m.n FROM movement m WHERE m.event = ? AND m.n > ? ORDER BY m.n LIMIT 2000"
)
_ITEM = "SELECT sku, account_codes FROM item WHERE id = ?"
_PLACE = "SELECT code FROM place WHERE id = ?"


def adjustments(run: Run, wanted: Wanted, limit: int | None = None) -> Iterator[Adjustment]:
    """Yield the events that changed what the stock is worth, oldest first."""
    actions = sorted(ADJUSTMENTS if wanted.corrections else {*POSTINGS, *_COSTLY})
    more, values = "", list[object]()
    for condition, value in (
        (" AND e.at >= ?", wanted.since), (" AND e.at < ?", wanted.until),
    ):  # fmt: skip
        if value is not None:
            more += condition
            values.append(value)
    if wanted.unsynced:
        more += " AND e.synced_at IS NULL"
    query = _EVENTS.format(marks=", ".join("?" * len(actions)), more=more)
    names = _Names(run)
    after, told = wanted.after, 0
    while True:
        rows = [_Row(*row) for row in run(query, (after, *actions, *values, STRETCH))]
        for row in rows:
            made = _adjustment(run, row, names)
            if made is None:
                continue
            yield made
            told += 1
            if told == limit:
                return
        if len(rows) < STRETCH:
            return
        after = rows[-1].seq


_COSTLY = ("annotate",)
"""Actions that post something only when they changed what a serial cost."""


def _adjustment(run: Run, row: _Row, names: _Names) -> Adjustment | None:
    action = row.undone or row.action
    # What an undo takes back is worth what it was worth when it was done.
    seq = row.seq if row.corrects is None else row.corrects
    heaps: dict[_Key, _Heap] = {}
    last = -1
    while True:
        stretch = list(run(_MOVEMENTS, (seq, last)))
        if not stretch:
            break
        last = stretch[-1][-1]
        lives = lives_after(run, seq, [one[0] for one in stretch if one[0] is not None])
        for life, item, quantity, from_state, to_state, from_place, to_place, was, _ in stretch:
            change = quantity * ((to_state in CUSTODY) - (from_state in CUSTODY))
            if life is None:
                cost, price = row.line_cost, row.line_price
                currency = price_currency = row.line_currency or None
                serial = None
            else:
                one = lives[life]
                cost, currency, serial = one.cost, one.currency, one.serial
                price, price_currency = one.price, one.price_currency
            booked = action
            if action in _COSTLY:
                booked = "revalue" if to_state in CUSTODY else "revalue_gone"
                before = json.loads(was).get("cost", cost) if was else cost
                if before == cost:
                    continue
                cost = (cost or 0) - (before or 0)
                change = 0
            elif not _matters(action, from_state, to_state):
                continue
            place = to_place if change > 0 else from_place
            heap = heaps.setdefault(_Key(booked, item, place, currency, price_currency), _Heap())
            heap.add(change, quantity, cost, price, serial)
    if not heaps:
        return None
    back = row.corrects is not None
    parts = [_part(back, names, key, heap) for key, heap in heaps.items()]
    return Adjustment(
        row.seq, row.uid, row.at, row.action, row.undone, row.document_type, row.document,
        row.party, row.reason, row.operator or row.actor, row.synced_at, tuple(parts),
    )  # fmt: skip


def _matters(action: str, from_state: str | None, to_state: str | None) -> bool:
    """Leave out what moves only in passing: parts named again by the product they went into."""
    return action in ("drop_ship",) or (from_state in CUSTODY) is not (to_state in CUSTODY)


class _Heap:
    """Pieces of one item at one place, added up."""

    def __init__(self) -> None:
        self.change = self.quantity = 0
        self.cost: int | None = None
        self.price: int | None = None
        self.serials: list[str] = []

    def add(
        self, change: int, quantity: int, cost: int | None, price: int | None, serial: str | None
    ) -> None:
        self.change += change
        self.quantity += quantity
        if cost is not None:
            self.cost = (self.cost or 0) + cost * quantity
        if price is not None:
            self.price = (self.price or 0) + price * quantity
        if serial is not None and len(self.serials) < MOST_TOLD:
            self.serials.append(serial)


def _part(back: bool, names: _Names, key: _Key, heap: _Heap) -> Part:
    sku, accounts = names.item(key.item)
    sells = any(of == "price" for _, _, of in POSTINGS.get(key.booked, ()))
    value = Value(
        heap.quantity, heap.cost, key.currency if heap.cost is not None else None,
        heap.price if sells else None, key.price_currency if sells and heap.price else None,
    )  # fmt: skip
    return Part(
        sku, names.place(key.place), -heap.change if back else heap.change, value,
        tuple(heap.serials), postings(key.booked, value, accounts, back=back),
    )  # fmt: skip


class _Names:
    """SKUs, account codes and places' codes, each looked up once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._items: dict[int, tuple[str, dict[str, str]]] = {}
        self._places: dict[int, str] = {}

    def item(self, number: int) -> tuple[str, dict[str, str]]:
        if number not in self._items:
            for sku, codes in self._run(_ITEM, (number,)):
                self._items[number] = sku, json.loads(codes)
        return self._items[number]

    def place(self, number: int | None) -> str | None:
        if number is None:
            return None
        if number not in self._places:
            for (code,) in self._run(_PLACE, (number,)):
                self._places[number] = code
        return self._places.get(number)


def mark_synced(t: Transaction, seq: int, actor: str, *, through: bool = False) -> Sequence[int]:
    """Note that bookkeeping has an event, with ``through`` also all before it; return the new ones.

    Raises:
        RegistryRefused: there is no such event.
    """
    if t.execute("SELECT 1 FROM event WHERE seq = ?", (seq,)).fetchone() is None:
        raise RegistryRefused("event_unknown", f"There is no event number {seq}.", event=seq)
    actions = sorted({*POSTINGS, *_COSTLY, UNDO})
    which = "seq <= ?" if through else "seq = ?"
    marks = ", ".join("?" * len(actions))
    at = now()
    marked = t.execute(
        f"UPDATE event SET synced_at = ? WHERE {which} AND synced_at IS NULL "
        f"AND action IN ({marks}) RETURNING seq",
        (at, seq, *actions),
    ).fetchall()
    found = sorted(row[0] for row in marked)
    if found:
        body = {"events": len(found), "first": found[0], "last": found[-1]}
        tell(t, at, "adjustment.synced", f"registry/adjustments/{found[-1]}", actor, body)
    return found
