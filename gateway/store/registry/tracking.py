"""An item's tracking changes: its pieces gain serials, lose them, or go into lots and out of them.

    none, lot ──► serial    at once; pieces on hand may get their serials now or later
    serial ──► none, lot    confirmed; serials end as untracked, quantities stay where they are
    none ◄──► lot           quantities change lots; nothing moves

History stays whatever happens: a serial's life ends and is not removed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.registry.items import Item, Tracking, refuse_change
from gateway.registry.lives import Action
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import MOST_SERIALS, Act, Acting, Target, place_of
from gateway.store.registry.confirming import Confirming
from gateway.store.registry.events import By, Event, Movement, write_event
from gateway.store.registry.item_rows import items_of
from gateway.store.registry.items import note_event, uses_of
from gateway.store.registry.lots import ensure
from gateway.store.registry.names import lot_id, place_id
from gateway.store.registry.stock import Shelf, change_stock

_LOOSE = (
    "SELECT place, lot, sum(quantity) FROM stock WHERE item = ? AND serials = 0 "
    "AND state = 'received' AND held = 0 AND quantity > 0 GROUP BY place, lot ORDER BY place, lot"
)
"""Pieces on hand without a serial."""

_BUSY = (
    "SELECT state, held, sum(quantity) FROM stock WHERE item = ? AND serials = ? "
    "AND (state <> 'received' OR held = 1) AND quantity > 0 GROUP BY state, held "
    "ORDER BY state, held"
)
_PLANNED = "SELECT count(*) FROM life WHERE item = ? AND state = 'planned'"
_SERIALS = "SELECT place, id FROM life WHERE item = ? AND state = 'received' ORDER BY place, id"


def _loose(t: Transaction, item: Item) -> dict[tuple[int, int], int]:
    """Return how many pieces without a serial are on hand, by place and lot (0: none)."""
    rows = t.execute(_LOOSE, (item.id,)).fetchall()
    return {(place, lot): int(quantity) for place, lot, quantity in rows}


@dataclass(frozen=True, slots=True)
class Opening:
    """A serial for a piece that is on hand without one."""

    serial: str
    location: str | None = None
    """Its code; None where all pieces without a serial are at one."""
    lot: str | None = None
    cost: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A request to change an item's tracking."""

    to: Tracking
    opening: Sequence[Opening] = ()
    lots: Mapping[str, str] = field(default_factory=dict)
    """Location -> code of the lot that its pieces go into; others get ``CONV-<date>``."""
    currency: str | None = None
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """An item after its tracking changed."""

    item: Item
    opened: int = 0
    """Pieces that got a serial."""
    loose: int = 0
    """Pieces on hand that have none, of an item with serials."""
    untracked: int = 0
    """Serials that ended."""
    lots: Mapping[str, str] = field(default_factory=dict)
    """Location -> lot that its pieces are in now."""


class Trackings:
    """Changes items' tracking, by the registry's settings."""

    def __init__(
        self, settings: Callable[[], Mapping[str, Any]], acting: Acting, confirming: Confirming
    ) -> None:
        self._settings, self._acting, self._confirming = settings, acting, confirming

    def change(
        self, t: Transaction, item: Item, change: Change, by: By, may: Callable[[str], bool]
    ) -> Changed:
        """Change it, whole.

        Raises:
            RegistryRefused: a guard forbids it, or it wants to be confirmed.
        """
        if change.to == item.tracking:
            if change.opening and change.to == "serial":
                return self.open(t, item, change, by, may)
            return Changed(item)
        self._guard(t, item, change)
        if item.tracking == "serial":
            self._ask(t, item, change)
        before = item
        t.execute(
            "UPDATE item SET tracking = ?, stock_tracked = CASE WHEN ? = 'none' "
            "THEN stock_tracked ELSE 1 END, changed_at = ?, version = version + 1 WHERE id = ?",
            (change.to, change.to, now(), item.id),
        )
        event = note_event(
            t, item, "change_tracking", by, {"from": before.tracking, "to": change.to}
        )
        done = Changed(item)
        if change.to == "serial":
            done = self.open(t, item, change, by, may)
        elif before.tracking == "serial":
            done = self._untrack(t, item, change, by, may)
        if change.to != "serial":
            lots = self._settle_lots(t, item, change, by, done.lots)
            done = Changed(item, done.opened, done.loose, done.untracked, lots)
        body: dict[str, object] = {
            "item": item.sku, "from": before.tracking, "to": change.to, "event": event,
            "opened": done.opened, "untracked": done.untracked,
        }  # fmt: skip
        tell(t, now(), "item.tracking_changed", f"items/{item.sku}", by.actor, body)
        after = items_of(t.execute, [item.id])[0]
        return Changed(after, done.opened, done.loose, done.untracked, done.lots)

    # ------------------------------------------------------------ guards

    def _guard(self, t: Transaction, item: Item, change: Change) -> None:
        settings = self._settings()
        used = None
        if change.to != "none" and settings["registry.serialise_rule"] == "before_use":
            used = uses_of(t, item.id)
        refuse_change(
            item, change.to, features=frozenset(settings["registry.features"]),
            require_accounts=settings["registry.require_account_codes"], used=used,
        )  # fmt: skip
        if item.tracking == "serial":
            _refuse_busy(t, item, serials=1)
        if change.to != "serial" and item.tracking != "serial":
            _refuse_busy(t, item, serials=0)
        loose = sum(_loose(t, item).values())
        at_once = settings["registry.opening"] == "at_once"
        if change.to == "serial" and at_once and len(change.opening) != loose:
            raise RegistryRefused(
                "opening_serials_missing",
                f"{loose} {item.unit} of {item.sku} are on hand without a serial, and "
                f"{len(change.opening)} serials were given.",
                item=item.sku, expected=loose, given=len(change.opening),
            )  # fmt: skip

    def _ask(self, t: Transaction, item: Item, change: Change) -> None:
        pieces = len(t.execute(_SERIALS, (item.id,)).fetchall())
        consequences = [
            f"{pieces} serial{'' if pieces == 1 else 's'} of {item.sku} end as untracked; their "
            "history stays.",
            f"The {pieces} {item.unit} stay in stock where they are.",
        ]
        if change.to == "lot":
            consequences.append("They go into one lot for each location.")
            question = f"Item {item.sku} would be tracked by lot instead of by serial."
        else:
            consequences.append("Stock stays counted; switching that off is a step of its own.")
            question = f"Item {item.sku} would have no serials any more."
        self._confirming.check(
            change.confirm, ("tracking", item.id, item.version, change.to, pieces), question,
            consequences,
        )  # fmt: skip

    # ------------------------------------------------------------ steps

    def open(
        self, t: Transaction, item: Item, change: Change, by: By, may: Callable[[str], bool]
    ) -> Changed:
        """Name pieces that are on hand without a serial.

        Raises:
            RegistryRefused: there are not so many at a location, or a serial cannot be one.
        """
        left = _loose(t, item)
        groups, offences = _shelve(t, item, change.opening, left)
        for lot, targets in groups.items():
            act = Act(Action.OPENING, targets, item.id, lot=lot or None, currency=change.currency)
            try:
                self._acting.perform(t, act, by, may)
            except RegistryRefused as refused:
                offences += refused.items or (
                    Offence(item.sku, refused.code, refused.detail, refused.facts),
                )
        if offences:
            raise refuse_all(offences, len(change.opening))
        loose = sum(left.values())
        return Changed(items_of(t.execute, [item.id])[0], len(change.opening), loose)

    def _untrack(
        self, t: Transaction, item: Item, change: Change, by: By, may: Callable[[str], bool]
    ) -> Changed:
        at_place: dict[int, list[int]] = {}
        for place, life in t.execute(_SERIALS, (item.id,)).fetchall():
            at_place.setdefault(place, []).append(life)
        named = {place_id(t.execute, code): lot for code, lot in change.lots.items()}
        lots: dict[str, str] = {}
        count = 0
        for place, lives in at_place.items():
            lot = None
            if change.to == "lot":
                code = named.get(place) or _conversion_code(t, place)
                lot = ensure(t, item.id, code, actor=by.actor)
                lots[place_of(t, place).code] = code
            for start in range(0, len(lives), MOST_SERIALS):
                part = [Target(life=life) for life in lives[start : start + MOST_SERIALS]]
                self._acting.perform(
                    t, Act(Action.UNTRACK, part, item.id, lot=lot, reason="conversion"), by, may
                )
            count += len(lives)
        return Changed(item, untracked=count, lots=lots)

    @staticmethod
    def _settle_lots(
        t: Transaction, item: Item, change: Change, by: By, lots: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Bring quantities into a lot for each location, or out of all lots."""
        named = {place_id(t.execute, code): lot for code, lot in change.lots.items()}
        made = dict(lots)
        movements: list[Movement] = []
        for (place, lot), quantity in _loose(t, item).items():
            if (lot != 0) == (change.to == "lot"):
                continue
            target = None
            if change.to == "lot":
                code = named.get(place) or _conversion_code(t, place)
                target = ensure(t, item.id, code, actor=by.actor)
                made[place_of(t, place).code if place else ""] = code
            movements += [
                Movement(None, item.id, lot or None, quantity, "received", None, place, None, None),
                Movement(None, item.id, target, quantity, None, "received", None, place, None),
            ]
        if movements:
            at = now()
            write_event(
                t, Event("change_lots", at, at, by, body={"item": item.sku, "to": change.to}),
                movements,
            )  # fmt: skip
            counts: Counter[Shelf] = Counter()
            for one in movements:
                come = one.to_state is not None
                place = (one.to_place if come else one.from_place) or 0
                counts[Shelf(item.id, place, one.lot or 0, "received", 0, 0)] += (
                    one.quantity if come else -one.quantity
                )
            change_stock(t, counts)
        return made


def _refuse_busy(t: Transaction, item: Item, *, serials: int) -> None:
    """Refuse while pieces are promised, on their way, held or not judged: a change of tracking
    must neither lose a promise nor make a bad piece good."""
    used: dict[str, int] = {}
    for state, held, quantity in t.execute(_BUSY, (item.id, serials)).fetchall():
        used["held" if held else state] = used.get("held" if held else state, 0) + int(quantity)
    planned = int(t.execute(_PLANNED, (item.id,)).fetchone()[0]) if serials else 0
    if planned:
        used["planned"] = planned
    if used:
        counted = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in used.items())
        raise RegistryRefused(
            "item_in_use",
            f"Pieces of {item.sku} are {counted}; bring them back to stock, or out of it, first.",
            item=item.sku, used=used,
        )  # fmt: skip


def _conversion_code(t: Transaction, place: int) -> str:
    today = datetime.now(UTC).strftime("%Y%m%d")
    return f"CONV-{today}-{place_of(t, place).code}" if place else f"CONV-{today}"


def _shelve(
    t: Transaction,
    item: Item,
    opening: Sequence[Opening],
    left: dict[tuple[int, int], int],
) -> tuple[dict[int, list[Target]], list[Offence]]:
    """Return serials by the lot of the pieces they name, and those for which there is no piece.

    ``left`` are the pieces at each location in each lot; less of them as serials take them.
    """
    groups: dict[int, list[Target]] = {}
    offences: list[Offence] = []
    places: dict[str | None, int] = {}
    only = {place for place, _ in left}
    for one in opening:
        if one.location not in places:
            if not left:
                offences.append(_no_piece(item, one))
                continue
            if one.location is not None:
                places[one.location] = place_id(t.execute, one.location)
            elif len(only) == 1:
                places[None] = next(iter(only))
            else:
                offences.append(
                    Offence(one.serial, "location_required",
                            f"Say where the piece {one.serial} is: pieces of {item.sku} without a "
                            f"serial are at {len(only)} locations.")
                )  # fmt: skip
                continue
        place = places[one.location]
        wanted = None if one.lot is None else lot_id(t.execute, item.id, one.lot)
        key = next(
            ((at, lot) for (at, lot), count in left.items()
             if at == place and count > 0 and wanted in (None, lot)),
            None,
        )  # fmt: skip
        if key is None:
            offences.append(_no_piece(item, one, one.location or place_of(t, place).code))
            continue
        left[key] -= 1
        groups.setdefault(key[1], []).append(Target(one.serial, place=place or None, cost=one.cost))
    return groups, offences


def _no_piece(item: Item, one: Opening, at: str = "") -> Offence:
    where = f" left at {at}" if at else ""
    return Offence(
        one.serial, "quantity_unavailable",
        f"There is no piece of {item.sku} without a serial{where} for {one.serial}.",
        {"serial": one.serial, "location": at or None, "item": item.sku},
    )  # fmt: skip


def switch_stock(
    t: Transaction, item: Item, on: bool, confirm: str, confirming: Confirming, by: By
) -> Item:
    """Switch the counting of an item's stock on or off.

    Raises:
        RegistryRefused: it has serials or lots, or pieces are here, or it wants to be confirmed.
    """
    if on == item.stock_tracked:
        return item
    if not on:
        if item.tracking != "none":
            raise RegistryRefused(
                "item_in_use",
                f"Item {item.sku} is tracked by {item.tracking}, so its stock is counted; switch "
                "its tracking to 'none' first.",
                item=item.sku, tracking=item.tracking,
            )  # fmt: skip
        row = t.execute("SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ?", (item.id,))
        here = int(row.fetchone()[0])
        if here:
            raise RegistryRefused(
                "item_in_use",
                f"{here} {item.unit} of {item.sku} are here; bring the stock to nothing first.",
                item=item.sku, pieces=here,
            )  # fmt: skip
        confirming.check(
            confirm, ("stock", item.id, item.version), f"The stock of {item.sku} would no longer "
            "be counted.", ["Receipts and shipments of it no longer change any quantity."],
        )  # fmt: skip
    at = now()
    t.execute(
        "UPDATE item SET stock_tracked = ?, changed_at = ?, version = version + 1 WHERE id = ?",
        (int(on), at, item.id),
    )
    tell(t, at, "item.stock_tracking_changed", f"items/{item.sku}", by.actor,
         {"item": item.sku, "on": on})  # fmt: skip
    return items_of(t.execute, [item.id])[0]
