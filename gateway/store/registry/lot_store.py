"""Lots in the database: listed with what their pieces do, changed, held, and their serials edited.

Lots are made by ``gateway.store.registry.lots.ensure``, wherever pieces come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.registry.given import Given
from gateway.registry.lives import Action
from gateway.registry.lots import Lot, states_of
from gateway.registry.public_ids import PublicIds
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.registry.serial_text import key_of, normalise
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import MOST_SERIALS, Act, Acting, Target, fields_of
from gateway.store.registry.custom import fields_given
from gateway.store.registry.events import By
from gateway.store.registry.lives import CHUNK, Run, chunks
from gateway.store.registry.lots import ensure
from gateway.store.registry.names import item_id
from gateway.store.registry.records import Saved, Status, Version

_MARKS = ", ".join("?" * CHUNK)
_SELECT = (
    "SELECT l.id, i.sku, l.code, l.made_on, l.expires_on, l.held, d.type || ' ' || d.number, "
    "l.memo, l.attrs, l.version, l.created_at, l.changed_at FROM lot l "
    "JOIN item i ON i.id = l.item LEFT JOIN document d ON d.id = l.document "
    f"WHERE l.id IN ({_MARKS})"
)
_LIVES = (
    "SELECT lot, state, count(*), min(id), max(id) FROM life "
    f"WHERE lot IN ({_MARKS}) GROUP BY lot, state"
)
_NAMED = f"SELECT id, serial FROM life WHERE id IN ({_MARKS})"
# Of quantities, each movement says from where and to where.
_QUANTITIES = (
    "SELECT lot, state, sum(quantity) FROM ("
    "SELECT lot, to_state AS state, quantity FROM movement "
    f"WHERE life IS NULL AND to_state IS NOT NULL AND lot IN ({_MARKS}) UNION ALL "
    "SELECT lot, from_state, -quantity FROM movement "
    f"WHERE life IS NULL AND from_state IS NOT NULL AND lot IN ({_MARKS})"
    ") moved GROUP BY lot, state"
)
# Pieces that gained or lost a serial are of a lot on both sides of that.
_CONVERTED = (
    "SELECT m.lot, CASE WHEN e.action = 'opening' THEN -1 ELSE 1 END * count(*) FROM movement m "
    "JOIN event e ON e.seq = m.event WHERE m.life IS NOT NULL "
    f"AND e.action IN ('opening', 'untrack') AND m.lot IN ({_MARKS}) GROUP BY m.lot, e.action"
)
_UPDATE = (
    "UPDATE lot SET code = ?, made_on = ?, expires_on = ?, memo = ?, attrs = ?, changed_at = ?, "
    "version = version + 1 WHERE id = ?"
)
_HOLD = "UPDATE lot SET held = ?, changed_at = ?, version = version + 1 WHERE id = ?"
_HOLDABLE = (
    "SELECT id FROM life WHERE lot = ? AND state IN "
    "('received', 'committed', 'picked', 'in_transit', 'returned', 'rejected') "
    "AND held {} ORDER BY id"
)

_IN_LOT = f"SELECT serial_key FROM life WHERE item = ? AND lot = ? AND serial_key IN ({_MARKS})"

KEYS = ("code", "made_on", "expires_on", "memo", "fields")
"""What a request can say of a lot."""


def lots_of(run: Run, numbers: Sequence[int]) -> list[Lot]:
    """Return lots by their numbers, in that order; those that there are not are left out."""
    rows: dict[int, Any] = {}
    pieces: dict[int, dict[str, int]] = {}
    spans: dict[int, tuple[int, int, int]] = {}
    for part in chunks(numbers):
        rows |= {row[0]: row for row in run(_SELECT, part)}
        for lot, state, count, first, last in run(_LIVES, part):
            _add(pieces, lot, state, count)
            had = spans.get(lot, (0, first, last))
            spans[lot] = (had[0] + count, min(had[1], first), max(had[2], last))
        for lot, state, quantity in run(_QUANTITIES, (*part, *part)):
            _add(pieces, lot, state, int(quantity))
        for lot, quantity in run(_CONVERTED, part):
            _add(pieces, lot, "received", int(quantity))
    ends = sorted({life for _, first, last in spans.values() for life in (first, last)})
    named = {row[0]: row[1] for part in chunks(ends) for row in run(_NAMED, part)}
    return [
        _lot(rows[n], pieces.get(n, {}), spans.get(n, (0, 0, 0)), named)
        for n in numbers
        if n in rows
    ]


def _add(pieces: dict[int, dict[str, int]], lot: int, state: str, count: int) -> None:
    counted = pieces.setdefault(lot, {})
    counted[state] = counted.get(state, 0) + count


def _lot(
    row: Sequence[Any],
    pieces: dict[str, int],
    span: tuple[int, int, int],
    named: Mapping[int, str],
) -> Lot:
    count, first, last = span
    return Lot(
        row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], json.loads(row[8]), count,
        named.get(first), named.get(last),
        {state: n for state, n in sorted(pieces.items()) if n > 0}, row[9], row[10], row[11],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person changes of the serials in a lot."""

    add: Sequence[str] = ()
    place: int | None = None
    """Where the added ones are; None: they are still to come."""
    rename: Mapping[str, str] = field(default_factory=dict)
    remove: Sequence[str] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """What came of it."""

    added: int = 0
    renamed: int = 0
    removed: int = 0
    events: Sequence[int] = ()


class LotStore:
    """All SQL about lots."""

    def __init__(self, database: Database, acting: Acting, names: PublicIds) -> None:
        self._database, self._acting, self._names = database, acting, names

    # ------------------------------------------------------------ reading

    def number(self, name: str) -> int:
        """Return a lot's number by its public id.

        Raises:
            RegistryRefused: no lot has it.
        """
        found = self._names.read(name)
        if found is None or found[0] != "lot":
            raise _unknown(name)
        return found[1]

    def get(self, name: str, run: Run | None = None) -> Lot:
        """Return a lot by its public id.

        Raises:
            RegistryRefused: there is none.
        """
        for lot in lots_of(run or self._database.read, [self.number(name)]):
            return lot
        raise _unknown(name)

    def page(
        self,
        after: str | None,
        limit: int,
        *,
        item: str | None = None,
        serial: str | None = None,
        status: str | None = None,
        q: str | None = None,
        held: bool | None = None,
        expires_before: str | None = None,
    ) -> list[Lot]:
        """Return a page of lots and one more, newest first; ``after`` is a lot's public id.

        ``serial`` is one that is or was in the lot; ``q`` is what a code begins with.
        """
        where: list[str] = []
        values: list[object] = []
        if item is not None:
            where.append("item = ?")
            values.append(item_id(self._database.read, item))
        if serial is not None:
            text = normalise(serial)
            where.append(
                "id IN (SELECT lot FROM life WHERE serial_key IN (?, ?) AND lot IS NOT NULL)"
            )
            values += [key_of(text, "fold"), key_of(text, "exact")]
        if q is not None:
            where.append("lower(code) LIKE lower(?) ESCAPE '!'")
            values.append(q.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%")
        if held is not None:
            where.append(f"held IS {'NOT ' if held else ''}NULL")
        if expires_before is not None:
            where.append("expires_on < ?")
            values.append(expires_before)
        if status is not None and (states := states_of(status)):
            marks = ", ".join("?" * len(states))
            where.append(
                f"(EXISTS (SELECT 1 FROM life WHERE lot = lot.id AND state IN ({marks})) OR EXISTS "
                "(SELECT 1 FROM movement WHERE lot = lot.id AND life IS NULL "
                f"AND to_state IN ({marks})))"
            )
            values += [*states, *states]
        below = None if after is None else self.number(after)
        found: list[Lot] = []
        # What a lot is doing follows from its pieces, so it is asked for page by page.
        while len(found) <= limit:
            here = [*where, *(["id < ?"] if below is not None else [])]
            clause = f" WHERE {' AND '.join(here)}" if here else ""
            rows = self._database.read(
                f"SELECT id FROM lot{clause} ORDER BY id DESC LIMIT ?",
                (*values, *([below] if below is not None else []), limit + 1),
            )
            lots = lots_of(self._database.read, [row[0] for row in rows])
            found += [lot for lot in lots if status in (None, lot.status)]
            if len(rows) <= limit:
                break
            below = rows[-1][0]
        return found[: limit + 1]

    # ------------------------------------------------------------ writing

    def make(
        self, t: Transaction, item: str, values: Mapping[str, object], actor: str
    ) -> Saved[Lot]:
        """Make a lot of an item by hand.

        Raises:
            RegistryRefused: there is no such item, the code is taken, or a value is wrong.
        """
        number = item_id(t.execute, item)
        code = values.get("code")
        if code is not None and not isinstance(code, str):
            raise RegistryRefused("value_wrong", "A lot's 'code' must be a text.", key="code")
        if code is not None:
            row = t.execute(
                "SELECT id FROM lot WHERE item = ? AND lower(code) = lower(?)",
                (number, code.strip()),
            ).fetchone()
            if row is not None:
                raise RegistryRefused(
                    "code_taken", f"Item {item} has a lot {code.strip()!r} already.", lot=code
                )
        lot = ensure(t, number, code, actor=actor)
        return Saved(self._change(t, lots_of(t.execute, [lot])[0], values, actor), "new")

    def save(
        self,
        t: Transaction,
        name: str,
        values: Mapping[str, object],
        actor: str,
        version: Version = None,
    ) -> Saved[Lot]:
        """Change a lot; what is not given stays as it was.

        Raises:
            RegistryRefused: there is none, or with everything that is wrong.
        """
        was = self.get(name, t.execute)
        if version is not None and version != was.version:
            raise RegistryRefused(
                "stale_version", f"Lot {was.code} was changed meanwhile.", version=was.version,
                seen=version,
            )  # fmt: skip
        lot = self._change(t, was, values, actor)
        status: Status = "same" if lot == was else "changed"
        return Saved(lot, status)

    def _change(self, t: Transaction, was: Lot, values: Mapping[str, object], actor: str) -> Lot:
        given = Given(values, was.code)
        given.only(KEYS, "A lot")
        fields = fields_given(was.fields, given, fields_of(t, "lot"))
        new = (
            given.code("code", was.code), given.day("made_on", was.made_on),
            given.day("expires_on", was.expires_on), given.text("memo", was.memo, most=1000),
        )  # fmt: skip
        item = item_id(t.execute, was.item)
        row = t.execute(
            "SELECT id FROM lot WHERE item = ? AND lower(code) = lower(?)", (item, new[0])
        ).fetchone()
        if row is not None and row[0] != was.id:
            given.refuse("code_taken", f"Item {was.item} has a lot {new[0]!r} already.",
                         lot=new[0])  # fmt: skip
        if new[1] and new[2] and new[2] < new[1]:
            given.refuse("value_wrong", f"Lot {was.code} cannot expire before it was made.",
                         key="expires_on")  # fmt: skip
        if given.offences:
            raise refuse_all(given.offences, len(given.offences), "values")
        if new == (was.code, was.made_on, was.expires_on, was.memo) and fields == was.fields:
            return was
        attrs = json.dumps(fields, ensure_ascii=False, sort_keys=True)
        t.execute(_UPDATE, (*new, attrs, now(), was.id))
        tell(t, now(), "lot.saved", f"items/{was.item}/lots/{new[0]}", actor,
             {"item": was.item, "lot": new[0]})  # fmt: skip
        return lots_of(t.execute, [was.id])[0]

    def delete(self, t: Transaction, name: str, actor: str) -> None:
        """Remove a lot in which nothing ever was.

        Raises:
            RegistryRefused: there is none, or ``lot_in_use``.
        """
        lot = self.get(name, t.execute)
        used = t.execute(
            "SELECT (SELECT count(*) FROM life WHERE lot = ?) + "
            "(SELECT count(*) FROM line_lot WHERE lot = ?) + "
            "(SELECT count(*) FROM movement WHERE lot = ?)",
            (lot.id, lot.id, lot.id),
        ).fetchone()[0]
        if used:
            raise RegistryRefused(
                "lot_in_use", f"Lot {lot.code} of {lot.item} has pieces, or had some.",
                lot=lot.code, used=used,
            )  # fmt: skip
        t.execute("DELETE FROM lot WHERE id = ?", (lot.id,))
        tell(t, now(), "lot.deleted", f"items/{lot.item}/lots/{lot.code}", actor,
             {"item": lot.item, "lot": lot.code})  # fmt: skip

    def hold(
        self, t: Transaction, name: str, reason: str | None, by: By, may: Callable[[str], bool]
    ) -> Lot:
        """Hold a lot with all its pieces, for a reason; with None, let it go.

        Raises:
            RegistryRefused: there is none, there is no reason, or the right is missing.
        """
        lot = self.get(name, t.execute)
        if reason is None and not may("registry:hold"):
            raise RegistryRefused(
                "permission_denied", "Letting a lot go needs the right 'registry:hold'.",
                needs="registry:hold",
            )  # fmt: skip
        if reason is not None and not reason.strip():
            raise RegistryRefused("reason_required", f"Say why lot {lot.code} is held.")
        if reason is None and lot.held is None:
            return lot
        held = None if reason is None else reason.strip()
        t.execute(_HOLD, (held, now(), lot.id))
        # What was held for a reason of its own stays held.
        if held is not None:
            rows = t.execute(_HOLDABLE.format("IS NULL"), (lot.id,)).fetchall()
        else:
            rows = t.execute(_HOLDABLE.format("= ?"), (lot.id, lot.held)).fetchall()
        lives = [row[0] for row in rows]
        action = Action.HOLD if held else Action.UNHOLD
        for start in range(0, len(lives), MOST_SERIALS):
            targets = [Target(life=life) for life in lives[start : start + MOST_SERIALS]]
            act = Act(action, targets, reason=held or "the lot is let go", body={"lot": lot.code})
            self._acting.perform(t, act, by, may)
        body = {"item": lot.item, "lot": lot.code, "reason": held, "serials": len(lives)}
        kind = "lot.held" if held else "lot.let_go"
        tell(t, now(), kind, f"items/{lot.item}/lots/{lot.code}", by.actor, body)
        return lots_of(t.execute, [lot.id])[0]

    def edit(
        self, t: Transaction, name: str, edit: Edit, by: By, may: Callable[[str], bool]
    ) -> Edited:
        """Add serials to a lot, rename some, take planned ones out.

        Those that are added are on hand where a place is given, and planned where none is.

        Raises:
            RegistryRefused: for every offender its cause; nothing was done.
        """
        lot = self.get(name, t.execute)
        item = item_id(t.execute, lot.item)
        offences: list[Offence] = []
        events: list[int] = []

        def perform(act: Act) -> None:
            try:
                events.append(self._acting.perform(t, act, by, may).event)
            except RegistryRefused as refused:
                offences.extend(
                    refused.items
                    or [Offence(lot.code, refused.code, refused.detail, refused.facts)]
                )

        offences += _not_in_lot(t, item, lot, [*edit.rename, *edit.remove])
        if edit.remove and not offences:
            perform(Act(Action.CANCEL_PLAN, [Target(one) for one in edit.remove], item,
                        reason=edit.reason))  # fmt: skip
        if not offences:
            for old, new in edit.rename.items():
                perform(Act(Action.RENAME, [Target(old)], item, reason=edit.reason,
                            rename_to=new))  # fmt: skip
        if edit.add:
            action = Action.PLAN if edit.place is None else Action.ADJUST_IN
            targets = [Target(one) for one in edit.add]
            perform(Act(action, targets, item, place=edit.place, lot=lot.id, reason=edit.reason))
        if offences:
            raise refuse_all(offences, len(edit.add) + len(edit.rename) + len(edit.remove))
        return Edited(len(edit.add), len(edit.rename), len(edit.remove), events)


def _not_in_lot(t: Transaction, item: int, lot: Lot, serials: Sequence[str]) -> list[Offence]:
    """Return those serials that are not of the lot: its editor changes no other."""
    case = t.execute("SELECT serial_case FROM item WHERE id = ?", (item,)).fetchone()[0]
    keys = {key_of(normalise(one), case): one for one in serials}
    found: set[str] = set()
    for part in chunks(sorted(keys)):
        query = (
            f"SELECT serial_key FROM life WHERE item = ? AND lot = ? AND serial_key IN ({_MARKS})"
        )
        found |= {row[0] for row in t.execute(query, (item, lot.id, *part)).fetchall()}
    return [
        Offence(one, "serial_unknown", f"There is no serial {one[:80]!r} in lot {lot.code}.",
                {"serial": one[:80], "lot": lot.code})
        for key, one in keys.items() if key not in found
    ]  # fmt: skip


def _unknown(name: str) -> RegistryRefused:
    return RegistryRefused("lot_unknown", f"There is no lot {name[:80]!r}.", lot=name[:80])
