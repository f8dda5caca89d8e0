"""Quantities of lots and of items without tracking, moved as serials are: by the lifecycle's table.

    Portion ──from the line's own, then the shelf──► event, movements without a life, stock, lines

A movement says how much of which lot went from which state and place to which; the counters
(``stock``) and the lines' quantities (``line_lot``) move in the same transaction. Nothing goes
below zero: a shelf that has not so much refuses with what there is (``quantity_unavailable``).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from gateway.registry.guards import BAD_PLACES, GOOD_PLACES
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import CUSTODY, Action, Place, Rules, State
from gateway.registry.refusals import RegistryRefused
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import PAST, count_on_lines, cross_reorder_points, place_of
from gateway.store.registry.events import By, Event, Movement, write_event
from gateway.store.registry.lives import Run
from gateway.store.registry.lots import refuse_held
from gateway.store.registry.searching import places_inside
from gateway.store.registry.stock import Shelf, change_stock


class Portion(NamedTuple):
    """Some of an item: of a lot, or without one (0), at a place."""

    quantity: int
    lot: int = 0
    place: int | None = None
    """From where it is taken, or where it is put when it comes; None: wherever it is."""
    state: str | None = None
    """The state it is taken from, where that is not the first the action has."""


@dataclass(frozen=True, slots=True)
class Quantities:
    """A request: which action, on how much of one item, with what it needs."""

    action: Action
    item: int
    portions: Sequence[Portion]
    document: int | None = None
    line: int | None = None
    status: str = "open"
    """The document's."""
    source_line: int | None = None
    to: int | None = None
    """The place it goes to."""
    party: int | None = None
    reason: str = ""
    at: int | None = None
    body: Mapping[str, object] = field(default_factory=dict)
    uid: str = ""
    """What another system calls the event; empty: it gets a name of its own."""


class Drawn(NamedTuple):
    """A part of a portion, and which shelf and line it comes from."""

    quantity: int
    lot: int
    state: str | None
    place: int | None
    line: int | None
    role: str | None


_SOURCES: Mapping[Action, tuple[str, ...]] = {
    Action.COMMIT: ("received",),
    Action.RELEASE: ("committed",),
    Action.PICK: ("committed", "received"),
    Action.UNPICK: ("picked",),
    Action.SHIP: ("picked", "committed", "received"),
    Action.CONSUME: ("picked", "committed", "received"),
    Action.SEND_BACK: ("received", "rejected", "returned"),
    Action.WRITE_OFF: ("received", "rejected", "returned", "in_transit"),
    Action.TRANSFER: ("received",),
    Action.DISPATCH: ("received",),
    Action.ARRIVE: ("in_transit",),
    Action.ACCEPT: ("returned", "rejected"),
    Action.REJECT: ("returned", "received"),
}
"""From which states an action takes a quantity, the first before the next."""

BEGINS: frozenset[Action] = frozenset(
    {Action.RECEIVE, Action.PRODUCE, Action.ADJUST_IN, Action.RETURN, Action.RETURN_TO_STOCK,
     Action.DROP_SHIP, Action.UNBUILD}
)  # fmt: skip
"""Actions by which a quantity comes from outside what is counted here."""

LEAVING = frozenset({Action.COMMIT, Action.PICK, Action.SHIP, Action.CONSUME})
"""Actions that an expired lot does not take part in."""

_RIGHTS = {Action.WRITE_OFF: "write_off", Action.ACCEPT: "inspect", Action.REJECT: "inspect"}
_REASONED = frozenset({Action.WRITE_OFF, Action.ADJUST_IN, Action.REJECT})
_ON_LINE = (
    "SELECT line, lot, place, role, quantity FROM line_lot WHERE line IN (?, ?) "
    "AND role IN ('committed', 'picked') ORDER BY role DESC, line, lot, place"
)
_SHELVES = (
    "SELECT s.lot, s.place, s.quantity, p.kind, l.held, l.expires_on FROM stock s "
    "JOIN place p ON p.id = s.place LEFT JOIN lot l ON l.id = s.lot WHERE s.item = ? "
    "AND s.state = ? AND s.serials = 0 AND s.held = 0 AND s.quantity > 0 "
    "ORDER BY CASE WHEN l.expires_on IS NULL THEN 1 ELSE 0 END, l.expires_on, s.lot, s.place"
)


@dataclass(slots=True)
class _OnShelf:
    """A lot at a place; less of it as parts are drawn."""

    lot: int
    place: int
    left: int
    kind: str
    held: str | None
    expires_on: str | None

    def good(self, today: str) -> bool:
        """Whether it is taken without being named: not held, not expired."""
        return self.held is None and (self.expires_on is None or self.expires_on >= today)


def suggest(run: Run, item: int, quantity: int, place: int | None = None) -> list[Portion]:
    """Return where to take a quantity from: what expires first, then what came first (FEFO).

    Held and expired lots are left out, and quarantine. It may be less than was asked for.
    """
    found: list[Portion] = []
    inside = None if place is None else frozenset(places_inside(run, place))
    today = _today()
    for row in run(_SHELVES, (item, "received")):
        shelf = _OnShelf(*row)
        if quantity <= 0:
            break
        if (
            shelf.good(today)
            and shelf.kind != "quarantine"
            and (not inside or shelf.place in inside)
        ):
            found.append(Portion(min(shelf.left, quantity), shelf.lot, shelf.place))
            quantity -= shelf.left
    return found


def move(
    t: Transaction, asked: Quantities, by: By, may: Callable[[str], bool], rules: Rules
) -> int:
    """Do it, whole; return the event's number.

    Raises:
        RegistryRefused: there is not so much, or a guard forbids it; nothing was done.
    """
    action, rule = asked.action, TABLE[asked.action]
    if action is Action.RETURN and "rma" not in rules.features:
        action, rule = Action.RETURN_TO_STOCK, TABLE[Action.RETURN_TO_STOCK]
    sku, active = t.execute("SELECT sku, active FROM item WHERE id = ?", (asked.item,)).fetchone()
    _check(t, asked, action, sku, bool(active), may, rules)
    drawn = _draw(t, asked, action, sku)
    open_line = asked.status in ("draft", "open", "in_progress")
    movements: list[Movement] = []
    change: Counter[Shelf] = Counter()
    links: Counter[tuple[int, int, int, str]] = Counter()
    counts: dict[int, Counter[str]] = {}
    for part in drawn:
        to_state = rule.to.value if rule.to is not None else part.state
        role = rule.link
        if rule.otherwise is not None and not (open_line and part.line):
            to_state, role = rule.otherwise.value, "drop"
        assert to_state is not None
        to_place = asked.to if asked.to is not None else part.place
        if State(to_state) not in CUSTODY:
            to_place = None
        was = None
        if part.line is not None:
            was = json.dumps({"line": part.line, "role": part.role}, sort_keys=True)
            links[part.line, part.lot, part.place or 0, str(part.role)] -= part.quantity
            counts.setdefault(part.line, Counter())[str(part.role)] -= part.quantity
        movement = Movement(
            None, asked.item, part.lot or None, part.quantity, part.state, to_state, part.place,
            to_place, was,
        )  # fmt: skip
        movements.append(movement)
        count_shelves(change, movement, 1)
        line = part.line if role == "committed" and part.line else asked.line
        if role and role != "drop" and line is not None:
            links[line, part.lot, link_place(movement), role] += part.quantity
            counts.setdefault(line, Counter())[role] += part.quantity
    at = now() if asked.at is None else asked.at
    seq = write_event(
        t,
        Event(
            action.value, at, now(), by, asked.document, asked.line, asked.party, asked.reason,
            {**asked.body, "quantity": sum(one.quantity for one in drawn)}, uid=asked.uid,
        ),
        movements,
    )  # fmt: skip
    change_stock(t, change)
    write_links(t, links)
    count_on_lines(t, counts)
    cross_reorder_points(t, change, by.actor)
    body: dict[str, object] = {
        "event": seq, "item": sku, "quantity": sum(one.quantity for one in drawn),
        "lots": lot_codes(t.execute, [one.lot for one in drawn if one.lot]),
    }  # fmt: skip
    if asked.reason:
        body["reason"] = asked.reason
    tell(t, at, f"stock.{PAST[action]}", f"registry/events/{seq}", by.actor, body)
    return seq


def count_shelves(change: Counter[Shelf], movement: Movement, sign: int) -> None:
    """Count a movement of a quantity on the shelves it leaves and comes to; -1: backwards."""
    lot = movement.lot or 0
    for state, place, way in (
        (movement.from_state, movement.from_place, -sign),
        (movement.to_state, movement.to_place, sign),
    ):
        if state is not None and State(state) in CUSTODY:
            shelf = Shelf(movement.item, place or 0, lot, state, 0, 0)
            change[shelf] += way * movement.quantity


def link_place(movement: Movement) -> int:
    """Return under which place a line keeps what a movement brought it."""
    return movement.to_place or movement.from_place or 0


def write_links(t: Transaction, links: Mapping[tuple[int, int, int, str], int]) -> None:
    """Write how much of which lot at which place lines have now, in which role.

    Raises:
        RegistryRefused: a line has less of it than shall go.
    """
    for (line, lot, place, role), by in sorted(links.items()):
        if by < 0:
            key = (line, lot, place, role)
            row = t.execute(
                "SELECT quantity FROM line_lot WHERE line = ? AND lot = ? AND place = ? "
                "AND role = ?",
                key,
            ).fetchone()
            left = (0 if row is None else row[0]) + by
            if left < 0:
                raise RegistryRefused(
                    "quantity_unavailable", "The line has not so much of it.",
                    available=left - by, asked=-by,
                )  # fmt: skip
            if left:
                t.execute(
                    "UPDATE line_lot SET quantity = ? WHERE line = ? AND lot = ? AND place = ? "
                    "AND role = ?",
                    (left, *key),
                )
            else:
                t.execute(
                    "DELETE FROM line_lot WHERE line = ? AND lot = ? AND place = ? AND role = ?",
                    key,
                )
        elif by > 0:
            t.execute(
                "INSERT INTO line_lot (line, lot, place, role, quantity) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (line, lot, place, role) "
                "DO UPDATE SET quantity = line_lot.quantity + excluded.quantity",
                (line, lot, place, role, by),
            )


def lot_codes(run: Run, lots: Iterable[int]) -> list[str]:
    """Return lots' codes."""
    found: list[str] = []
    for lot in sorted(set(lots)):
        found += [row[0] for row in run("SELECT code FROM lot WHERE id = ?", (lot,))]
    return found


# ---------------------------------------------------------------------- what is taken


def _draw(t: Transaction, asked: Quantities, action: Action, sku: str) -> list[Drawn]:
    if action in BEGINS:
        came = "shipped" if action in (Action.RETURN, Action.RETURN_TO_STOCK) else None
        came = "consumed" if action is Action.UNBUILD else came
        return [Drawn(one.quantity, one.lot, came, None, None, None) for one in asked.portions]
    mine: list[_OnLine] = []
    if asked.line is not None:
        rows = t.execute(_ON_LINE, (asked.line, asked.source_line or asked.line))
        mine = [_OnLine(*row) for row in rows]
    shelves = _Shelves(t, asked.item)
    drawn: list[Drawn] = []
    for portion in asked.portions:
        left = portion.quantity
        inside = None
        if portion.place is not None:
            inside = frozenset(places_inside(t.execute, portion.place))
        states = (portion.state,) if portion.state else _SOURCES[action]
        for state in states:
            left = _from_line(mine, portion, inside, state, left, drawn)
            # What is committed, picked or on its way for others is theirs.
            if state not in ("committed", "picked", "in_transit"):
                left = shelves.draw(portion, inside, state, left, drawn)
        if left:
            raise RegistryRefused(
                "quantity_unavailable",
                f"There are {portion.quantity - left} of {sku}"
                + (f" in lot {lot_codes(t.execute, [portion.lot])[0]}" if portion.lot else "")
                + (f" at {place_of(t, portion.place).code}" if portion.place else "")
                + f" to {action.replace('_', ' ')}; {portion.quantity} are asked for.",
                item=sku, available=portion.quantity - left, asked=portion.quantity,
            )  # fmt: skip
    return drawn


@dataclass(slots=True)
class _OnLine:
    """What a line has of a lot at a place; less of it as parts are drawn."""

    line: int
    lot: int
    place: int
    role: str
    left: int


def _from_line(
    mine: Sequence[_OnLine],
    portion: Portion,
    inside: frozenset[int] | None,
    state: str,
    left: int,
    drawn: list[Drawn],
) -> int:
    role = "picked" if state == "in_transit" else state
    for had in mine:
        if not left or not had.left or had.role != role:
            continue
        if portion.lot not in (0, had.lot) or not (inside is None or had.place in inside):
            continue
        part = min(left, had.left)
        had.left -= part
        left -= part
        drawn.append(Drawn(part, had.lot, state, had.place or None, had.line, role))
    return left


class _Shelves:
    """What is on the shelves, taken from as parts are drawn."""

    def __init__(self, t: Transaction, item: int) -> None:
        self._t, self._item = t, item
        self._rows: dict[str, list[_OnShelf]] = {}
        self._today = _today()

    def draw(
        self,
        portion: Portion,
        inside: frozenset[int] | None,
        state: str,
        left: int,
        drawn: list[Drawn],
    ) -> int:
        """Take as much as there is; return how much is still missing.

        Without a lot named, none that is held or expired is taken; without a place, no quarantine.
        """
        if state not in self._rows:
            rows = self._t.execute(_SHELVES, (self._item, state))
            self._rows[state] = [_OnShelf(*row) for row in rows]
        for shelf in self._rows[state]:
            if not left or not shelf.left:
                continue
            if portion.lot != shelf.lot if portion.lot else not shelf.good(self._today):
                continue
            if shelf.place not in inside if inside is not None else (
                state == "received" and shelf.kind == "quarantine"
            ):  # fmt: skip
                continue
            part = min(left, shelf.left)
            shelf.left -= part
            left -= part
            drawn.append(Drawn(part, shelf.lot, state, shelf.place, None, None))
        return left


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


# ---------------------------------------------------------------------- guards


def _check(
    t: Transaction,
    asked: Quantities,
    action: Action,
    sku: str,
    active: bool,
    may: Callable[[str], bool],
    rules: Rules,
) -> None:
    word = action.value.replace("_", " ")
    if any(one.quantity <= 0 for one in asked.portions) or not asked.portions:
        raise RegistryRefused(
            "quantity_missing", f"Say how much of {sku} to {word}: a quantity above 0.", item=sku
        )
    right = _RIGHTS.get(action)
    if right and not may(f"registry:{right}"):
        raise RegistryRefused(
            "permission_denied",
            f"{word.capitalize()} needs the right 'registry:{right}'.",
            needs=f"registry:{right}",
        )
    if action in _REASONED and not asked.reason:
        raise RegistryRefused("reason_required", f"Say why: {word!r} needs a reason.")
    features = {
        Action.RETURN: ("rma",), Action.REJECT: ("qc", "rma"), Action.CONSUME: ("work_orders",),
        Action.PRODUCE: ("work_orders",), Action.UNBUILD: ("work_orders",),
    }.get(action, ())  # fmt: skip
    if features and not rules.features.intersection(features):
        raise RegistryRefused(
            "feature_disabled",
            f"{word.capitalize()} needs the feature {' or '.join(features)}, which is off.",
            feature=features[0],
        )
    if not active and action in (Action.RECEIVE, Action.PRODUCE, Action.ADJUST_IN, Action.COMMIT):
        raise RegistryRefused("item_inactive", f"Item {sku} is not active.", item=sku)
    if action in (Action.SHIP, Action.DROP_SHIP) and asked.party is None:
        raise RegistryRefused("customer_required", f"Say to whom {sku} goes.", item=sku)
    if action is Action.SEND_BACK and asked.party is None:
        raise RegistryRefused("supplier_required", f"Say to whom {sku} goes back.", item=sku)
    _check_place(t, asked, action, sku)
    for lot in {one.lot for one in asked.portions if one.lot}:
        if action in LEAVING:
            refuse_held(t, lot)
            _refuse_expired(t, lot)


def _check_place(t: Transaction, asked: Quantities, action: Action, sku: str) -> None:
    comes = action in BEGINS - {Action.DROP_SHIP} or action in (Action.TRANSFER, Action.ARRIVE)
    if asked.to is None:
        if comes:
            raise RegistryRefused(
                "location_required", f"Say where {sku} is put: give a location.", item=sku
            )
        return
    place: Place = place_of(t, asked.to)
    if not place.active:
        raise RegistryRefused(
            "location_inactive", f"Location {place.code} is not active.", location=place.code
        )
    to = TABLE[action].to
    fits = BAD_PLACES if to in (State.RETURNED, State.REJECTED) else GOOD_PLACES
    if place.kind not in fits and (comes or to in (State.RECEIVED, State.REJECTED)):
        raise RegistryRefused(
            "location_wrong_kind",
            f"Location {place.code} is of kind {place.kind}; {sku} goes to "
            f"{', '.join(sorted(fits))}.",
            location=place.code, kind=place.kind, expected=sorted(fits),
        )  # fmt: skip


def _refuse_expired(t: Transaction, lot: int) -> None:
    code, expires = t.execute("SELECT code, expires_on FROM lot WHERE id = ?", (lot,)).fetchone()
    if expires is not None and expires < _today():
        raise RegistryRefused(
            "lot_expired", f"Lot {code} has expired on {expires}.", lot=code, expires_on=expires
        )
