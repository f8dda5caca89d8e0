"""Opening stock: a table of what is where becomes events, and the same table again changes nothing.

    serial ──► opening (of a piece that was there without one) or adjust_in
    quantity ──► adjust_in of what is missing to it

A row says what *is* there. Less than that is for a stocktake, which asks somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gateway.registry.fields import Field
from gateway.registry.given import Given
from gateway.registry.imports import Outcome, Report, Step, no_step
from gateway.registry.items import Item, in_base_units
from gateway.registry.lives import CUSTODY, Action, Life, Rules
from gateway.registry.refusals import RegistryRefused, refuse_all
from gateway.registry.serial_text import key_of, normalise
from gateway.registry.tables import Row
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Acting, Target, fields_of
from gateway.store.registry.custom import from_cells
from gateway.store.registry.events import By
from gateway.store.registry.importing import refusal
from gateway.store.registry.item_rows import ITEMS, items_of
from gateway.store.registry.lives import lives_by_key
from gateway.store.registry.lots import ensure
from gateway.store.registry.names import place_id
from gateway.store.registry.quantities import Portion, Quantities, move
from gateway.store.registry.records import known

REASON = "opening stock"

AT_ONCE = 2000
"""Serials of one event: whoever waits sees some progress, and can stop it."""

_HAVE = (
    "SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ? AND place = ? AND lot = ? "
    "AND serials = 0"
)
_LOOSE = f"{_HAVE} AND state = 'received' AND held = 0"


@dataclass(frozen=True, slots=True)
class Line:
    """A row, read."""

    row: int
    item: Item
    place: int
    location: str
    serial: str = ""
    lot: str | None = None
    expires_on: str | None = None
    quantity: int = 1
    cost: int | None = None
    currency: str | None = None
    memo: str | None = None
    fields: Mapping[str, object] | None = None

    @property
    def subject(self) -> str:
        """What the row is about, for people."""
        return self.serial or self.item.sku


class OpeningStock:
    """Takes tables of what is where."""

    def __init__(self, acting: Acting, rules: Callable[[], Rules]) -> None:
        self._acting, self._rules = acting, rules

    def take(
        self,
        t: Transaction,
        rows: Sequence[Row],
        by: By,
        may: Callable[[str], bool],
        step: Step = no_step,
    ) -> Report:
        """Make of each row what is missing to it, and tell what came of it."""
        outcomes: list[Outcome] = []
        serials: dict[tuple[int, str | None, str | None], list[Line]] = {}
        fields = fields_of(t, "serial")
        items: dict[str, Item] = {}
        seen: set[tuple[int, int, str | None]] = set()
        named: set[tuple[int, str]] = set()
        for row in rows:
            subject = row.values.get("serial") or row.values.get("item") or f"row {row.number}"
            try:
                line = _read(t, row, items, fields)
                if line.serial:
                    key = key_of(normalise(line.serial), line.item.case)
                    if (line.item.id, key) in named:
                        outcomes.append(
                            Outcome(line.row, line.subject, "refused",
                                    f"Serial {line.serial[:64]!r} of {line.item.sku} stands twice "
                                    "in the table.", "duplicate_in_list")
                        )  # fmt: skip
                        continue
                    named.add((line.item.id, key))
                    serials.setdefault((line.item.id, line.lot, line.currency), []).append(line)
                    step(0)
                    continue
                step(1)
                where = (line.item.id, line.place, line.lot)
                if where in seen:
                    outcomes.append(
                        Outcome(line.row, line.subject, "refused",
                                f"{line.item.sku} at {line.location} stands twice in the table; a "
                                "row says all that is there.", "duplicate_in_list")
                    )  # fmt: skip
                    continue
                seen.add(where)
                outcomes.append(self._quantity(t, line, by, may))
            except RegistryRefused as refused:
                outcomes.append(refusal(row.number, subject, refused))
        for lines in serials.values():
            for start in range(0, len(lines), AT_ONCE):
                part = lines[start : start + AT_ONCE]
                outcomes += self._serials(t, part, by, may)
                step(len(part))
        return Report(sorted(outcomes, key=lambda one: one.row))

    # ------------------------------------------------------------ quantities

    def _quantity(self, t: Transaction, line: Line, by: By, may: Callable[[str], bool]) -> Outcome:
        item = line.item
        if item.tracking == "serial":
            raise RegistryRefused(
                "serials_missing", f"Item {item.sku} has serials; give a row for each."
            )
        if item.tracking == "lot" and line.lot is None:
            raise RegistryRefused("item_needs_lot", f"Item {item.sku} is tracked by lot; name it.")
        if item.tracking != "lot" and line.lot is not None:
            raise RegistryRefused("item_not_lotted", f"Item {item.sku} is not tracked by lot.")
        lot = 0
        if line.lot is not None:
            lot = ensure(t, item.id, line.lot, actor=by.actor, expires_on=line.expires_on)
        have = int(t.execute(_HAVE, (item.id, line.place, lot)).fetchone()[0])
        if have > line.quantity:
            raise RegistryRefused(
                "quantity_unavailable",
                f"{have} {item.unit} of {item.sku} are at {line.location}, more than "
                f"{line.quantity}; take pieces away by a stocktake or a write-off.",
                available=have, given=line.quantity,
            )  # fmt: skip
        if have == line.quantity:
            return Outcome(line.row, line.subject, "same")
        asked = Quantities(
            Action.ADJUST_IN, item.id, [Portion(line.quantity - have, lot)], to=line.place,
            reason=REASON,
        )  # fmt: skip
        move(t, asked, by, may, self._rules())
        return Outcome(line.row, line.subject, "changed" if have else "new")

    # ------------------------------------------------------------ serials

    def _serials(
        self, t: Transaction, lines: Sequence[Line], by: By, may: Callable[[str], bool]
    ) -> list[Outcome]:
        """Take the rows of one item and lot, which differ in where the pieces are."""
        item = lines[0].item
        outcomes: list[Outcome] = []
        keys = [key_of(normalise(line.serial), item.case) for line in lines]
        lives = lives_by_key(t.execute, item.id, keys)
        todo: list[Line] = []
        for line, key in zip(lines, keys, strict=True):
            here = _in_custody(lives.get(key, []))
            if here is not None and here.place == line.place:
                outcomes.append(Outcome(line.row, line.subject, "same"))
            else:
                todo.append(line)
        if not todo:
            return outcomes
        lot = None
        if lines[0].lot is not None:
            lot = ensure(t, item.id, lines[0].lot, actor=by.actor, expires_on=lines[0].expires_on)
        left: Counter[int] = Counter()
        for place in {line.place for line in todo}:
            row = t.execute(_LOOSE, (item.id, place, lot or 0)).fetchone()
            left[place] = int(row[0])
        named: dict[Action, list[Line]] = {}
        for line in todo:
            loose = left[line.place] > 0
            left[line.place] -= loose
            action = Action.OPENING if loose else Action.ADJUST_IN
            named.setdefault(action, []).append(line)
        for action, group in named.items():
            outcomes += self._perform(t, action, group, lot, by, may)
        return outcomes

    def _perform(
        self, t: Transaction, action: Action, lines: Sequence[Line], lot: int | None, by: By,
        may: Callable[[str], bool],
    ) -> list[Outcome]:  # fmt: skip
        act = Act(
            action,
            [
                Target(line.serial, attrs=line.fields, memo=line.memo, cost=line.cost,
                       place=line.place)
                for line in lines
            ],
            lines[0].item.id, lot=lot, reason=REASON, currency=lines[0].currency,
        )  # fmt: skip
        try:
            self._acting.perform(t, act, by, may)
        except RegistryRefused as refused:
            return _blamed(lines, refused)
        return [Outcome(line.row, line.subject, "new") for line in lines]


def _in_custody(lives: Sequence[Life]) -> Life | None:
    return next((life for life in lives if life.state in CUSTODY), None)


def _blamed(lines: Sequence[Line], refused: RegistryRefused) -> list[Outcome]:
    """Return what came of rows that were taken together: those that are to blame, and the rest."""
    wrong: dict[str, list[str]] = {}
    codes: dict[str, str] = {}
    for one in refused.items:
        wrong.setdefault(normalise(one.subject), []).append(one.detail)
        codes.setdefault(normalise(one.subject), one.code)
    outcomes: list[Outcome] = []
    for line in lines:
        name = normalise(line.serial)
        if name in wrong:
            outcomes.append(
                Outcome(line.row, line.subject, "refused", " ".join(wrong[name]), codes[name])
            )
        elif wrong:
            outcomes.append(Outcome(line.row, line.subject, "new"))
        else:
            outcomes.append(
                Outcome(line.row, line.subject, "refused", refused.detail, refused.code)
            )
    return outcomes


def _read(t: Transaction, row: Row, items: dict[str, Item], fields: Sequence[Field]) -> Line:
    values = from_cells(row.values, fields)
    given = Given(values, f"row {row.number}", text=True)
    sku, location = given.text("item", "", least=1), given.text("location", "", least=1)
    serial, lot = given.serial("serial"), given.optional("lot", None, 64)
    cost = given.maybe_whole("cost", None, 0, 10**15)
    currency = given.optional("currency", None, 3)
    expires_on = given.day("expires_on", None)
    memo = given.optional("memo", None, 1000)
    for key, value in (("item", sku), ("location", location)):
        if not value and not any(one.facts.get("key") == key for one in given.offences):
            given.refuse("value_wrong", f"The row has no {key}.", key=key)
    if given.offences:
        raise refuse_all(given.offences, len(given.offences), "values")
    if sku.lower() not in items:
        items[sku.lower()] = items_of(t.execute, [known(t.execute, ITEMS, sku)])[0]
    item = items[sku.lower()]
    place = place_id(t.execute, location)
    quantity = _quantity_of(given, item) if given.has("quantity") else 1
    if serial and quantity != 1:
        raise RegistryRefused(
            "serial_quantity_not_one", f"Serial {serial[:64]!r} is one piece, not {quantity}."
        )
    if not serial and not given.has("quantity"):
        raise RegistryRefused("value_wrong", "The row has neither serial nor quantity.")
    custom = values.get("fields")
    return Line(
        row.number, item, place, location, serial, lot, expires_on, quantity, cost,
        None if currency is None else currency.upper(), memo,
        custom if isinstance(custom, dict) else None,
    )  # fmt: skip


def _quantity_of(given: Given, item: Item) -> int:
    text = str(given.values["quantity"]).strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(-1)
    if not (number.is_finite() and 0 <= number <= 10**12):
        raise RegistryRefused(
            "value_wrong", f"The quantity must be a number, got {text[:40]!r}.", key="quantity"
        )
    return in_base_units(item, number, given.text("unit", ""))
