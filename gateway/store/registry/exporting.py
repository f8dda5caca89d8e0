"""What happened, for other systems: our events become EPCIS occurrences, as they were then.

    event, movements, lives as they were ──occurrences──► Occurrence, … ──epcis.export──► JSON-LD

An event of ours is one occurrence for each way its pieces went: from where to where, and into which
assembly. What an undo took back is told once more and declared not to have happened. Plans and
notes stay here; so do costs and prices.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from gateway.errors import CodeRefused
from gateway.registry.epcis import (
    UNIT,
    Amount,
    Names,
    Occurrence,
    Paper,
    Party,
    Place,
    Thing,
    event_uri,
    shape_of,
    withdraw,
)
from gateway.registry.lifecycle import TABLE
from gateway.registry.lives import UNDO, Action
from gateway.registry.public_ids import PublicIds
from gateway.store.registry.as_of import lives_after
from gateway.store.registry.events import EXAMPLES
from gateway.store.registry.lives import Run

STRETCH = 200
"""Events of one statement."""

TOLD = tuple(sorted(action.value for action, rule in TABLE.items() if rule.step is not None))
"""Actions that are other people's business."""

UNITS = {"kg": "KGM", "g": "GRM", "m": "MTR", "cm": "CMT", "mm": "MMT", "l": "LTR", "ml": "MLT"}
"""Our units in UN/CEFACT Recommendation 20's codes; pieces have none."""

FROM_PARTY = frozenset({"receive", "return", "return_to_stock"})
TO_PARTY = frozenset({"ship", "drop_ship", "send_back"})


class _Event(NamedTuple):
    seq: int
    uid: str
    at: int
    recorded_at: int
    action: str
    actor: str
    station: str
    operator: str
    reason: str
    corrects: int | None
    document_type: str | None
    document: str | None
    external: str | None
    party: str | None
    party_gln: str | None


class _Move(NamedTuple):
    life: int | None
    item: int
    lot: int | None
    quantity: int
    from_state: str | None
    to_state: str | None
    from_place: int | None
    to_place: int | None
    was: str | None


class _Way(NamedTuple):
    """Where pieces went, and into which assembly."""

    from_place: int | None
    to_place: int | None
    parent: int | None


_COLUMNS = (
    "SELECT e.seq, e.uid, e.at, e.recorded_at, e.action, e.actor, e.station, e.operator, "
    "e.reason, e.corrects, d.type, d.number, d.external_ref, y.code, y.gln FROM event e "
    "LEFT JOIN document d ON d.id = e.document "
    "LEFT JOIN party y ON y.id = coalesce(e.party, d.party) "
)
_ONE = f"{_COLUMNS}WHERE e.seq = ?"
_EVENTS = (
    f"{_COLUMNS}WHERE e.seq > ? AND e.chain <> '{EXAMPLES}' "
    f"AND e.action IN ({', '.join('?' * (len(TOLD) + 1))}){{more}} "
    "ORDER BY e.seq LIMIT ?"
)
_MOVEMENTS = (
    "SELECT life, item, lot, quantity, from_state, to_state, from_place, to_place, was "
    "FROM movement WHERE event = ? ORDER BY n"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events."""

    since: int | None = None
    """Microseconds UTC, from there on."""
    until: int | None = None
    """Up to there, without it."""
    item: int | None = None
    """Only events that moved this item."""


class Exporting:
    """Tells one database's events."""

    def __init__(self, run: Run, names: Names, public_ids: PublicIds, zone: tzinfo) -> None:
        self._run, self._names, self._public, self._zone = run, names, public_ids, zone
        self._items: dict[int, tuple[str, str | None, str]] = {}
        self._lots: dict[int, str] = {}
        self._places: dict[int, Place] = {}

    def occurrences(self, wanted: Wanted) -> Iterator[Occurrence]:
        """Yield what happened, oldest first."""
        more, values = "", list[object]()
        for condition, value in (
            (" AND e.at >= ?", wanted.since), (" AND e.at < ?", wanted.until),
            (" AND e.seq IN (SELECT x.event FROM event_item x WHERE x.item = ?)", wanted.item),
        ):  # fmt: skip
            if value is not None:
                more += condition
                values.append(value)
        query = _EVENTS.format(more=more)
        after = 0
        while True:
            rows = list(self._run(query, (after, *TOLD, UNDO, *values, STRETCH)))
            for row in rows:
                yield from self._told(_Event(*row))
            if len(rows) < STRETCH:
                return
            after = rows[-1][0]

    def _told(self, event: _Event) -> Iterator[Occurrence]:
        if event.corrects is None:
            yield from self._of(event)
            return
        for row in self._run(_ONE, (event.corrects,)):
            undone = _Event(*row)
            if undone.action not in TOLD:
                return
            for occurrence in self._of(undone):
                yield withdraw(occurrence, at=event.recorded_at, by=event_uri(event.uid))

    def _of(self, event: _Event) -> Iterator[Occurrence]:
        moves = [_Move(*row) for row in self._run(_MOVEMENTS, (event.seq,))]
        lives = lives_after(
            self._run, event.seq, [move.life for move in moves if move.life is not None]
        )
        ways: dict[_Way, _Load] = {}
        inputs: dict[str, Thing] = {}
        parents: set[int] = set()
        for move in moves:
            thing = None
            parent = None
            if move.life is not None:
                life = lives[move.life]
                thing = self._thing(life.id, life.serial, move.item, move.lot)
                if event.action == Action.PRODUCE and move.from_state == "consumed":
                    inputs[thing.uri] = thing
                    continue
                if event.action == Action.CONSUME:
                    parent = life.parent
                elif event.action == Action.UNBUILD and move.was:
                    parent = json.loads(move.was).get("parent")
            if parent is not None:
                parents.add(parent)
            way = _Way(move.from_place, move.to_place, parent)
            ways.setdefault(way, _Load()).add(move, thing)
        assemblies = self._assemblies(event.seq, parents)
        for n, (way, load) in enumerate(ways.items()):
            # What one event of ours says in several of EPCIS needs a name for each.
            uid = event_uri(event.uid, str(n) if n else "")
            amounts = tuple(
                self._amount(item, lot, quantity) for (item, lot), quantity in load.amounts.items()
            )
            yield self._occurrence(
                event, uid, way, tuple(load.things.values()), amounts, tuple(inputs.values()),
                assemblies.get(way.parent or 0),
            )  # fmt: skip

    def _occurrence(
        self,
        event: _Event,
        uid: str,
        way: _Way,
        things: tuple[Thing, ...],
        amounts: tuple[Amount, ...],
        inputs: tuple[Thing, ...],
        parent: Thing | None,
    ) -> Occurrence:
        shape = shape_of(
            event.action, parent=parent is not None, inputs=bool(inputs), reason=event.reason
        )
        assert shape is not None
        parts: dict[str, Any] = {"things": things, "amounts": amounts}
        if shape.kind == "transformation":
            if event.action == Action.CONSUME:
                parts = {"inputs": things, "input_amounts": amounts}
                parts["process"] = self._names.own(
                    "process", f"{event.document_type} {event.document}" if event.document
                    else event.uid,
                )  # fmt: skip
            else:
                parts["inputs"] = inputs
        parties = self._party(event)
        papers: tuple[Paper, ...] = ()
        if event.document is not None:
            papers = (
                self._names.paper(str(event.document_type), event.document, event.external or None),
            )
        return Occurrence(
            uid, event.at, shape.kind, self._offset(event.at), shape.change, shape.step,
            shape.disposition, parent=parent, read_point=self._read_point(event, way),
            place=None if way.to_place is None else self._place(way.to_place), papers=papers,
            sources=parties if event.action in FROM_PARTY else (),
            destinations=parties if event.action in TO_PARTY else (),
            recorded_at=event.recorded_at, action=event.action, reason=event.reason or None,
            actor=event.operator or event.actor or None, **parts,
        )  # fmt: skip

    # ------------------------------------------------------------ names

    def _thing(self, life: int, serial: str, item: int, lot: int | None) -> Thing:
        sku, gtin, _ = self._item(item)
        return self._names.serial(
            self._public.write("serial", life), serial, sku, gtin, self._lot(lot)
        )

    def _assemblies(self, event: int, parents: set[int]) -> dict[int, Thing]:
        lives = lives_after(self._run, event, sorted(parents))
        return {
            life.id: self._thing(life.id, life.serial, life.item, life.lot)
            for life in lives.values()
        }

    def _amount(self, item: int, lot: int | None, quantity: int) -> Amount:
        sku, gtin, unit = self._item(item)
        code = UNITS.get(unit.lower(), unit if UNIT.fullmatch(unit) else None)
        return self._names.amount(quantity, sku, self._lot(lot), gtin, code)

    def _item(self, number: int) -> tuple[str, str | None, str]:
        if number not in self._items:
            for row in self._run("SELECT sku, gtin, base_uom FROM item WHERE id = ?", (number,)):
                self._items[number] = row[0], row[1], row[2]
        return self._items[number]

    def _lot(self, number: int | None) -> str | None:
        if number is None:
            return None
        if number not in self._lots:
            for (code,) in self._run("SELECT code FROM lot WHERE id = ?", (number,)):
                self._lots[number] = code
        return self._lots[number]

    def _place(self, number: int) -> Place:
        if number not in self._places:
            for code, gln in self._run("SELECT code, gln FROM place WHERE id = ?", (number,)):
                self._places[number] = place_named(self._names, code, gln)
        return self._places[number]

    def _read_point(self, event: _Event, way: _Way) -> Place | None:
        if event.station:
            return Place(self._names.own("station", event.station), code=event.station)
        return None if way.from_place is None else self._place(way.from_place)

    def _party(self, event: _Event) -> tuple[Party, ...]:
        if event.party is None:
            return ()
        return (party_named(self._names, event.party, event.party_gln or ""),)

    def _offset(self, at: int) -> int:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)
        offset = moment.astimezone(self._zone).utcoffset() or timedelta()
        return round(offset.total_seconds() / 60)


class _Load:
    """What went one way."""

    def __init__(self) -> None:
        self.things: dict[str, Thing] = {}
        self.amounts: dict[tuple[int, int | None], int] = {}

    def add(self, move: _Move, thing: Thing | None) -> None:
        if thing is not None:
            self.things.setdefault(thing.uri, thing)
            return
        key = (move.item, move.lot)
        self.amounts[key] = self.amounts.get(key, 0) + move.quantity


_GLN = re.compile(r"\d{13}", re.ASCII)


def place_named(names: Names, code: str, gln: str) -> Place:
    """Return a place by its GLN where it has one that is right, else by its code."""
    try:
        return names.place(code, gln if _GLN.fullmatch(gln or "") else None)
    except CodeRefused:
        return names.place(code)


def party_named(names: Names, code: str, gln: str) -> Party:
    """Return a party by its GLN where it has one that is right, else by its code."""
    try:
        return names.party(code, "owning_party", gln if _GLN.fullmatch(gln or "") else None)
    except CodeRefused:
        return names.party(code, "owning_party")


def places_by_uri(run: Run, names: Names) -> dict[str, int]:
    """Return the locations by the URIs that an export names them with."""
    rows: Sequence[Any] = list(run("SELECT id, code, gln FROM place ORDER BY id DESC", ()))
    return {place_named(names, code, gln).uri: number for number, code, gln in rows}


def parties_by_uri(run: Run, names: Names) -> dict[str, int]:
    """Return the parties by the URIs that an export names them with."""
    rows: Sequence[Any] = list(run("SELECT id, code, gln FROM party ORDER BY id DESC", ()))
    return {party_named(names, code, gln).uri: number for number, code, gln in rows}
