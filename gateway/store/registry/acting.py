"""The one way in which serials move: ``perform`` an action on one of them or a hundred thousand.

    Act ──resolve──► lives, with all they have been ──decide (lifecycle)──► lives as they will be
        ──► one event, its movements, lives, lines, stock, feed: one transaction, or nothing

Whatever is refused is refused for every offender at once, with its own cause, and nothing is
applied. What two processes try at the same moment, the database decides: its constraints carry the
refusals' names, so the loser hears the same as if it had come later.
"""

from __future__ import annotations

import gc
import hmac
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from gateway.registry.fields import Field, check_fields
from gateway.registry.lifecycle import TABLE, decide_all, moves, written
from gateway.registry.lives import (
    CUSTODY,
    RESERVING,
    UNDO,
    Action,
    Ask,
    ItemRules,
    Life,
    Line,
    Place,
    Rules,
    State,
    Subject,
)
from gateway.registry.numbering import Pattern, after_typed
from gateway.registry.refusals import CAUSES, Offence, RegistryRefused, refuse_all
from gateway.registry.serial_mask import read_mask
from gateway.registry.serial_text import Case, check_serial, key_of, normalise
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.advising import advised
from gateway.store.registry.events import By, Event, write_event
from gateway.store.registry.lives import LIFE, life_of, lives_by_id, lives_by_key
from gateway.store.registry.stock import Shelf, change_stock, moved
from gateway.store.registry.writing import movement_of, write_lives

MOST_SERIALS = 100_000
"""In one call."""

COMING = frozenset({Action.RECEIVE, Action.PRODUCE, Action.ARRIVE})
"""Actions that bring a serial which an order may be waiting for."""

MANY = 2000
"""Serials from which on a call is a bulk one."""

TOLD_SERIALS = 20
"""Named in a feed entry; the event has them all."""

PAST: Mapping[str, str] = {
    "plan": "planned", "cancel_plan": "cancelled", "receive": "received", "produce": "produced",
    "adjust_in": "adjusted_in", "opening": "opened", "commit": "committed", "release": "released",
    "pick": "picked", "unpick": "unpicked", "ship": "shipped", "drop_ship": "drop_shipped",
    "return": "returned", "return_to_stock": "returned_to_stock", "accept": "accepted",
    "reject": "rejected", "send_back": "sent_back", "write_off": "written_off",
    "reinstate": "reinstated", "transfer": "transferred", "dispatch": "dispatched",
    "arrive": "arrived", "consume": "consumed", "unbuild": "unbuilt", "untrack": "untracked",
    "count": "counted", "hold": "held", "unhold": "released_from_hold", "rename": "renamed",
    "annotate": "annotated", "print_label": "label_printed", "undo": "undone",
}  # fmt: skip
"""Action -> how the feed says that it happened: ``serial.received``."""


@dataclass(frozen=True, slots=True)
class Target:
    """One serial of a request: by its text, or by the number of its life."""

    serial: str = ""
    life: int | None = None
    item: int | None = None
    """Of which item, when not of the request's."""
    attrs: Mapping[str, object] | None = None
    memo: str | None = None
    cost: int | None = None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """A request: which action, on which serials, with what it needs."""

    action: Action
    targets: Sequence[Target]
    item: int | None = None
    line: int | None = None
    document: int | None = None
    place: int | None = None
    party: int | None = None
    parent: int | None = None
    """The life of the assembly."""
    components: Sequence[int] = ()
    """Lives that went into the one that is produced."""
    lot: int | None = None
    reason: str = ""
    cost: int | None = None
    currency: str | None = None
    price: int | None = None
    price_currency: str | None = None
    attrs: Mapping[str, object] | None = None
    """For every target that has none of its own."""
    memo: str | None = None
    rename_to: str = ""
    at: int | None = None
    """When it happened; None is now."""
    confirm: str = ""
    """The token of a refusal that asked for a confirmation."""
    manifest: frozenset[str] | None = None
    body: Mapping[str, object] = field(default_factory=dict)
    """What else the event says."""
    uid: str = ""
    """What another system calls the event; empty: it gets a name of its own."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done."""

    event: int
    before: Sequence[Life]
    after: Sequence[Life]
    """The lives as they are now, in the order of the request."""
    warnings: Sequence[Offence] = ()

    @property
    def lives(self) -> list[int]:
        return [life.id for life in self.after]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """Of an item, what actions on its serials need."""

    rules: ItemRules
    case: Case
    mask: str
    pattern: Pattern | None
    gtin: str | None


_ITEM = (
    "SELECT id, sku, tracking, active, warranty_in, warranty_out, service_every, serial_case, "
    "serial_mask, serial_prefix, serial_next, serial_width, serial_suffix, gtin "
    "FROM item WHERE id = ?"
)
_PLACE = (
    "SELECT id, code, kind, active, "
    "EXISTS (SELECT 1 FROM place i WHERE i.parent = p.id AND i.active = 1) "
    "FROM place p WHERE id = ?"
)
_LINE = (
    "SELECT l.id, d.id, d.type, d.number, d.status, l.item, "
    "l.quantity - l.done - l.picked - l.committed, d.party, l.source_line "
    "FROM document_line l JOIN document d ON d.id = l.document WHERE l.id = ?"
)
_DOCUMENT = "SELECT id, type, number, status, party FROM document WHERE id = ?"
_FIELDS = (
    "SELECT scope, key, label, type, choices, required_at, searchable, rank FROM field_def "
    "WHERE scope = ? ORDER BY rank, key"
)


# ---------------------------------------------------------------------- what guards need


def fields_of(t: Transaction, scope: str) -> list[Field]:
    """Return the custom fields of a scope, in their order."""
    return [
        Field(row[0], row[1], row[2], row[3], tuple(json.loads(row[4])),
              tuple(json.loads(row[5])), bool(row[6]), row[7])
        for row in t.execute(_FIELDS, (scope,))
    ]  # fmt: skip


def item_row(t: Transaction, item: int) -> ItemRow:
    """Return an item as actions see it.

    Raises:
        RegistryRefused: there is none.
    """
    row = t.execute(_ITEM, (item,)).fetchone()
    if row is None:
        raise RegistryRefused("item_unknown", f"There is no item number {item}.", item=item)
    return ItemRow(
        ItemRules(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6]),
        row[7], row[8], Pattern(row[9], row[10], row[11], row[12]), row[13],
    )  # fmt: skip


def place_of(t: Transaction, place: int) -> Place:
    """Return a place as guards see it.

    Raises:
        RegistryRefused: there is none.
    """
    row = t.execute(_PLACE, (place,)).fetchone()
    if row is None:
        raise RegistryRefused(
            "location_unknown", f"There is no location number {place}.", location=place
        )
    return Place(row[0], row[1], row[2], bool(row[3]), bool(row[4]))


def line_of(t: Transaction, line: int) -> Line:
    """Return a document's line as guards see it.

    Raises:
        RegistryRefused: there is none.
    """
    row = t.execute(_LINE, (line,)).fetchone()
    if row is None:
        raise RegistryRefused("line_unknown", f"There is no line number {line}.", line=line)
    return Line(*row)


def document_of(t: Transaction, document: int) -> Line:
    """Return a document without a line, as guards see it.

    Raises:
        RegistryRefused: there is none.
    """
    row = t.execute(_DOCUMENT, (document,)).fetchone()
    if row is None:
        raise RegistryRefused(
            "document_unknown", f"There is no document number {document}.", document=document
        )
    return Line(0, row[0], row[1], row[2], row[3], 0, 0, row[4])


# ---------------------------------------------------------------------- acting


class Acting:
    """Performs actions on serials, by the registry's settings."""

    def __init__(self, rules: Callable[[], Rules], secret: bytes) -> None:
        self._rules, self._secret = rules, secret
        self.came: Callable[[Transaction, Acting, int, By, Callable[[str], bool]], object] = (
            lambda *_: None
        )
        """Told of each event by which serials came or arrived."""

    def perform(
        self, t: Transaction, act: Act, by: By, may: Callable[[str], bool], *, dry: bool = False
    ) -> Done:
        """Do it, whole; return what was done. With ``dry`` only check it: the event is 0.

        Raises:
            RegistryRefused: for every offending serial its cause; nothing was done.
        """
        with collector_off(len(act.targets)):
            return self._perform(t, act, by, may, dry)

    def _perform(
        self, t: Transaction, act: Act, by: By, may: Callable[[str], bool], dry: bool
    ) -> Done:
        rules = self._rules()
        if act.action is Action.RETURN and "rma" not in rules.features:
            act = replace(act, action=Action.RETURN_TO_STOCK)
        if not act.targets:
            raise RegistryRefused("serials_missing", "The request names no serial.")
        if len(act.targets) > MOST_SERIALS:
            raise RegistryRefused(
                "range_too_large",
                f"{len(act.targets)} serials are too many for one call; send at most "
                f"{MOST_SERIALS}.",
                most=MOST_SERIALS, given=len(act.targets),
            )  # fmt: skip
        resolving = _Resolving(t, act)
        subjects, offences = resolving.subjects()
        ask = resolving.ask(rules, may)
        after, refused = decide_all(subjects, ask)
        asked = [one for one in refused if CAUSES[one.code].kind == "confirm"]
        warnings: list[Offence] = []
        if asked and len(asked) == len(refused) and not offences:
            token = self._token(act, asked)
            if not hmac.compare_digest(act.confirm, token):
                refusal = refuse_all(refused, len(act.targets))
                refusal.facts |= {"token": token}
                raise refusal
            after, refused = decide_all(subjects, replace(ask, confirmed=True))
            warnings += asked
        offences += refused
        offences += _too_many_for_line(subjects, ask)
        if offences:
            raise refuse_all(resolving.advise(offences), len(act.targets))
        warnings += _worth_a_word(subjects, ask)
        if dry:
            return Done(0, [s.life for s in subjects], after, warnings)
        try:
            done = self._write(t, act, ask, subjects, after, by, resolving)
        except RuleBroken as broken:
            raise _lost_race(broken, act) from broken
        if act.action in COMING:
            self.came(t, self, done.event, by, may)
        return replace(done, warnings=tuple(warnings))

    def _token(self, act: Act, asked: Sequence[Offence]) -> str:
        """Return what confirms just this: the same request, for the same reasons."""
        said = json.dumps(
            [act.action, act.item, act.line, act.party, act.reason,
             sorted((offence.code, offence.subject) for offence in asked)],
            default=str,
        )  # fmt: skip
        return hmac.new(self._secret, said.encode(), sha256).hexdigest()[:24]

    def _write(
        self,
        t: Transaction,
        act: Act,
        ask: Ask,
        subjects: Sequence[Subject],
        after: list[Life],
        by: By,
        resolving: _Resolving,
    ) -> Done:
        rule = TABLE[act.action]
        fresh = [n for n, life in enumerate(after) if life.id == 0]
        ids = iter(t.allot("life", len(fresh)) if fresh else ())
        before = [subject.life for subject in subjects]
        seq = t.allot("event", 1)[0]
        after = [written(life, life.id or next(ids), seq) for life in after]
        movements = [movement_of(was, life) for was, life in zip(before, after, strict=True)]
        for adopted in resolving.components:
            parent = adopted._replace(parent=after[0].id, event=seq)
            movements.append(movement_of(adopted, parent))
        line = ask.line or ask.document
        write_event(
            t,
            Event(
                act.action.value, ask.at, now(), by, None if line is None else line.document,
                None if ask.line is None else ask.line.id, ask.party, act.reason, act.body,
                uid=act.uid,
            ),
            movements, seq,
        )  # fmt: skip
        write_lives(t, before, after)
        for adopted in resolving.components:
            t.execute(
                "UPDATE life SET parent = ?, event = ?, version = version + 1 WHERE id = ?",
                (after[0].id, seq, adopted.id),
            )
        _write_links(t, rule.link, before, after, ask)
        change = moved(zip(before, after, strict=True))
        _count_untracked(act.action, before, after, change)
        change_stock(t, change)
        if act.action is Action.RENAME:
            t.executemany(
                "INSERT INTO serial_alias (serial_key, life, serial, reason) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (serial_key, life) DO NOTHING",
                [(was.key, was.id, was.serial, act.reason) for was in before],
            )
        _write_values(t, resolving.searchable, before, after)
        resolving.advance_numbers(after)
        cross_reorder_points(t, change, by.actor)
        self._tell(t, act, ask, seq, after, by)
        return Done(seq, before, after)

    @staticmethod
    def _tell(t: Transaction, act: Act, ask: Ask, seq: int, after: Sequence[Life], by: By) -> None:
        kind = f"serial.{PAST[act.action]}"
        body: dict[str, object] = {
            "event": seq, "count": len(after),
            "serials": [life.serial for life in after[:TOLD_SERIALS]],
            "items": sorted({ask.items[life.item].sku for life in after}),
        }  # fmt: skip
        if ask.place is not None:
            body["location"] = ask.place.code
        if (line := ask.line or ask.document) is not None:
            body["document"] = f"{line.type} {line.number}"
        if by.station:
            body["station"] = by.station
        if by.operator:
            body["operator"] = by.operator
        if act.reason:
            body["reason"] = act.reason
        tell(t, ask.at, kind, f"registry/events/{seq}", by.actor, body)


@contextmanager
def collector_off(size: int) -> Iterator[None]:
    """Keep the cycle collector from walking a long list's values over and over.

    Measured on 100,000 serials: it took a third to half of the time, and found nothing.
    """
    if size < MANY or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # What there is now counts as old: else all of it would be walked through right away.
        gc.freeze()
        gc.unfreeze()
        gc.enable()


class _Resolving:
    """Finds which lives a request means, and what its guards look at."""

    def __init__(self, t: Transaction, act: Act) -> None:
        self._t, self._act = t, act
        self._items: dict[int, ItemRow] = {}
        self._fields = fields_of(t, "serial")
        self._asks_fields = any(act.action.value in f.required_at for f in self._fields)
        self.searchable = frozenset(f.key for f in self._fields if f.searchable)
        self._places: dict[int, Place] = {}
        self.components = self._components()

    def _components(self) -> list[Life]:
        found = lives_by_id(self._t.execute, list(self._act.components))
        return [found[n] for n in self._act.components if n in found]

    def advise(self, offences: Sequence[Offence]) -> list[Offence]:
        """Return the offences with what may help."""
        numbering = {
            row.rules.sku: (item, row.pattern, row.case) for item, row in self._items.items()
        }
        given = [target.serial for target in self._act.targets]
        return advised(self._t.execute, offences, numbering, given)

    def _item(self, item: int) -> ItemRow:
        if item not in self._items:
            self._items[item] = item_row(self._t, item)
        return self._items[item]

    def _place(self, place: int) -> Place:
        if place not in self._places:
            self._places[place] = place_of(self._t, place)
        return self._places[place]

    def ask(self, rules: Rules, may: Callable[[str], bool]) -> Ask:
        """Return the request as guards see it."""
        act, t = self._act, self._t
        parent = None
        if act.parent is not None:
            parent = lives_by_id(t.execute, [act.parent]).get(act.parent)
        rename = None
        if act.rename_to:
            new = normalise(act.rename_to)
            only = next(iter(self._items.values()))
            rename = (new, key_of(new, only.case))
        return Ask(
            act.action,
            now() if act.at is None else act.at,
            {n: row.rules for n, row in self._items.items()},
            None if act.place is None else self._place(act.place),
            None if act.line is None else line_of(t, act.line),
            None if act.document is None else document_of(t, act.document),
            act.party,
            parent,
            act.lot,
            act.reason,
            act.cost,
            act.currency,
            act.price,
            act.price_currency,
            act.memo,
            rename,
            rules,
            may,
            manifest=act.manifest,
        )

    def subjects(self) -> tuple[list[Subject], list[Offence]]:
        """Return the serials that are meant, and what is wrong with how they are named."""
        act = self._act
        offences: list[Offence] = []
        by_id = lives_by_id(
            self._t.execute, [one.life for one in act.targets if one.life is not None]
        )
        named: dict[int, list[tuple[int, str, str]]] = {}
        cases: dict[int, Case] = {}
        standard = self._standard_item()
        for n, target in enumerate(act.targets):
            if target.life is not None:
                continue
            item = standard if target.item is None else target.item
            if item is None:
                item = self._only_item(target.serial)
            if item not in named:
                named[item], cases[item] = [], self._item(item).case
            serial = normalise(target.serial)
            named[item].append((n, serial, key_of(serial, cases[item])))
        chosen: dict[int, tuple[Life, list[Life]]] = {}
        for item, entries in named.items():
            self._choose_named(item, entries, chosen, offences)
        for n, target in enumerate(act.targets):
            if target.life is None:
                continue
            life = by_id.get(target.life)
            if life is None:
                offences.append(
                    Offence(target.serial or str(target.life), "serial_unknown",
                            f"There is no serial with the number {target.life}.")
                )  # fmt: skip
                continue
            row = self._item(life.item)
            if act.item is not None and act.item != life.item and act.line is None:
                offences.append(
                    Offence(life.serial, "serial_wrong_item",
                            f"Serial {life.serial} is of item {row.rules.sku}.",
                            {"serial": life.serial, "item": row.rules.sku})
                )  # fmt: skip
            chosen[n] = (life, [])
        self._fetch_others(chosen)
        subjects = [self._subject(act.targets[n], *chosen[n], offences) for n in sorted(chosen)]
        offences += _repeated(subjects)
        if act.rename_to and self._items:
            row = next(iter(self._items.values()))
            mask = read_mask(row.mask) if row.mask else None
            offences += check_serial(normalise(act.rename_to), mask)
        return subjects, offences

    def _standard_item(self) -> int | None:
        """Return the item of targets that name none; None where each must be looked for."""
        if self._act.item is None and self._act.line is not None:
            return line_of(self._t, self._act.line).item
        return self._act.item

    def _only_item(self, asked: str) -> int:
        """Return the one item that has the serial, when the request names none."""
        serial = normalise(asked)
        keys = sorted({key_of(serial, "fold"), key_of(serial, "exact")})
        marks = ", ".join("?" * len(keys))
        lives = [life_of(row) for row in self._t.execute(
            f"{LIFE} WHERE u.serial_key IN ({marks}) ORDER BY u.item, u.number", keys
        )]  # fmt: skip
        able = [life for life in lives if life.state in TABLE[self._act.action].sources]
        items = sorted({life.item for life in able or lives})
        if len(items) == 1:
            return items[0]
        if not items:
            raise RegistryRefused(
                "serial_unknown", f"There is no serial {asked[:80]!r}.", serial=asked[:80]
            )
        skus = [self._item(item).rules.sku for item in items]
        raise RegistryRefused(
            "code_ambiguous",
            f"Serial {asked[:80]!r} is one of several items ({', '.join(skus)}); name the item.",
            [Offence(sku, "code_ambiguous", f"{asked[:80]} of {sku}", {"item": sku})
             for sku in skus],
            serial=asked[:80], candidates=skus,
        )  # fmt: skip

    def _choose_named(
        self,
        item: int,
        entries: Sequence[tuple[int, str, str]],
        chosen: dict[int, tuple[Life, list[Life]]],
        offences: list[Offence],
    ) -> None:
        rule, row = TABLE[self._act.action], self._items[item]
        mask = read_mask(row.mask) if row.mask else None
        begins = None in rule.sources
        lives = lives_by_key(self._t.execute, item, [key for _, _, key in entries])
        for n, serial, key in entries:
            had = lives.get(key)
            if not had:
                if begins and (wrong := check_serial(serial, mask)):
                    offences += wrong
                else:
                    chosen[n] = (Life(0, item, serial, key), [])
                continue
            able = [life for life in had if life.state in rule.sources]
            here = [life for life in had if life.in_custody]
            if able:
                life = able[-1]
            elif begins and not here:
                wrong = check_serial(serial, mask)
                if wrong:
                    offences += wrong
                    continue
                life = Life(0, item, serial, key, had[-1].number + 1)
            else:
                life = (here or had)[-1]
            chosen[n] = (life, [other for other in had if other is not life])

    def _fetch_others(self, chosen: dict[int, tuple[Life, list[Life]]]) -> None:
        """Fetch the other lives of those that were named by number, where a guard asks for them."""
        wanted: dict[int, list[tuple[int, Life]]] = {}
        for n, (life, _) in chosen.items():
            if self._act.targets[n].life is not None and life.state not in CUSTODY:
                wanted.setdefault(life.item, []).append((n, life))
        for item, entries in wanted.items():
            lives = lives_by_key(self._t.execute, item, [life.key for _, life in entries])
            for n, life in entries:
                chosen[n] = (life, [one for one in lives[life.key] if one.id != life.id])

    def _subject(
        self, target: Target, life: Life, others: list[Life], offences: list[Offence]
    ) -> Subject:
        act = self._act
        given = target.attrs if target.attrs is not None else act.attrs
        attrs = None
        if given or self._asks_fields:
            values, wrong = check_fields(
                self._fields, json.loads(life.attrs), given or {}, act.action.value, life.serial
            )
            offences += wrong
            attrs = json.dumps(values, ensure_ascii=False, sort_keys=True)
        return Subject(
            target.serial or life.serial, life, others, attrs, target.memo, target.cost,
            None if target.place is None else self._place(target.place),
        )  # fmt: skip

    def advance_numbers(self, after: Sequence[Life]) -> None:
        """Let typed serials that fit an item's pattern move its next one on."""
        if None not in TABLE[self._act.action].sources:
            return
        by_item: dict[int, list[str]] = {}
        for life in after:
            by_item.setdefault(life.item, []).append(life.serial)
        for item, serials in by_item.items():
            row = self._items[item]
            if row.pattern is None:
                continue
            pattern = after_typed(row.pattern, serials, row.case)
            if pattern.next != row.pattern.next:
                self._t.execute(
                    "UPDATE item SET serial_next = ? WHERE id = ?", (pattern.next, item)
                )


def _repeated(subjects: Sequence[Subject]) -> list[Offence]:
    if len({(one.life.item, one.life.key) for one in subjects}) == len(subjects):
        return []
    seen: set[tuple[int, str]] = set()
    repeated: list[Offence] = []
    for subject in subjects:
        identity = (subject.life.item, subject.life.key)
        if identity in seen:
            repeated.append(
                Offence(subject.asked, "duplicate_in_list",
                        f"Serial {subject.life.serial} stands twice in the list.",
                        {"serial": subject.life.serial})
            )  # fmt: skip
        seen.add(identity)
    return repeated


def _too_many_for_line(subjects: Sequence[Subject], ask: Ask) -> list[Offence]:
    """Return a refusal when a line would be given more than it asks for."""
    line = ask.line
    if line is None or ask.action not in (Action.COMMIT, Action.PICK):
        return []
    new = sum(1 for subject in subjects if subject.life.line != line.id)
    if new <= line.room:
        return []
    return [
        Offence(line.number, "line_full",
                f"The line of {line.number} takes {max(line.room, 0)} more, and {new} were given.",
                {"document": line.number, "room": line.room, "given": new})
    ]  # fmt: skip


def _worth_a_word(subjects: Sequence[Subject], ask: Ask) -> list[Offence]:
    """Return what is allowed and unusual: a reused serial, one that was not announced."""
    said: list[Offence] = []
    begins = None in TABLE[ask.action].sources
    for subject in subjects:
        life = subject.life
        if begins and life.state is None and subject.others:
            last = subject.others[-1]
            if last.state in (State.SHIPPED, State.CONSUMED, State.PLANNED):
                said.append(
                    Offence(subject.asked, "serial_reused",
                            f"Serial {life.serial} was {str(last.state).replace('_', ' ')} "
                            f"before; this is its life number {life.number}.",
                            {"serial": life.serial, "life": last.number, "state": last.state})
                )  # fmt: skip
        if (
            ask.manifest is not None and ask.rules.verify == "warn"
            and ask.action is Action.RECEIVE and life.key not in ask.manifest
        ):  # fmt: skip
            said.append(
                Offence(subject.asked, "serial_not_on_manifest",
                        f"Serial {life.serial} was not announced.", {"serial": life.serial})
            )  # fmt: skip
    return said


def _write_links(
    t: Transaction, link: str, before: Sequence[Life], after: Sequence[Life], ask: Ask
) -> None:
    """Write what lines have with the serials now, and count it on them."""
    counts: dict[int, Counter[str]] = {}
    gone: list[tuple[object, ...]] = []
    made: list[tuple[object, ...]] = []
    for was, life in zip(before, after, strict=True):
        role = link
        if link == "committed" and life.state is not State.COMMITTED:  # unpicked, its order closed
            role = "drop"
        line = was.line if role in ("committed",) and ask.line is None else None
        line = line if line is not None else (ask.line.id if ask.line else None)
        if line is None and role in ("done", "picked", "rejected"):
            line = was.line
        leaves = role in ("drop", "done", *RESERVING) or life.state not in (
            *CUSTODY, State.PLANNED
        )  # fmt: skip
        if was.line is not None and leaves:
            gone.append((was.line, life.id, was.role))
            counts.setdefault(was.line, Counter())[str(was.role)] -= 1
        if role and role != "drop" and line is not None:
            made.append((line, life.id, role))
            counts.setdefault(line, Counter())[role] += 1
    if gone:
        t.executemany("DELETE FROM line_life WHERE line = ? AND life = ? AND role = ?", gone)
    if made:
        t.executemany(
            "INSERT INTO line_life (line, life, role) VALUES (?, ?, ?) "
            "ON CONFLICT (line, life, role) DO NOTHING",
            made,
        )
    count_on_lines(t, counts)


def count_on_lines(t: Transaction, counts: Mapping[int, Mapping[str, int]]) -> None:
    """Count what happened on lines, and what is done on the order's lines they fulfil, too.

    A delivery and a shipment fulfil an order; what comes back, or is built for it, does not.
    """
    for line, count in counts.items():
        t.execute(
            "UPDATE document_line SET committed = committed + ?, picked = picked + ?, "
            "done = done + ? WHERE id = ?",
            (count.get("committed", 0), count.get("picked", 0), count.get("done", 0), line),
        )
        if count.get("done"):
            t.execute(
                "UPDATE document_line SET done = done + ? WHERE id = "
                "(SELECT l.source_line FROM document_line l JOIN document d ON d.id = l.document "
                "WHERE l.id = ? AND d.type IN ('receipt', 'shipment'))",
                (count["done"], line),
            )


def _count_untracked(
    action: Action, before: Sequence[Life], after: Sequence[Life], change: Counter[Shelf]
) -> None:
    """Pieces that gain a serial were a quantity before; those that lose it are one again."""
    if action is Action.OPENING:
        for life in after:
            change[Shelf(life.item, life.place or 0, life.lot or 0, "received", 0, 0)] -= 1
    elif action is Action.UNTRACK:
        for was, life in zip(before, after, strict=True):
            change[Shelf(was.item, was.place or 0, life.lot or 0, "received", 0, 0)] += 1


def _write_values(
    t: Transaction, searchable: frozenset[str], before: Sequence[Life], after: Sequence[Life]
) -> None:
    """Keep the values that are searched by where an index finds them."""
    if not searchable:
        return
    gone: list[tuple[object, ...]] = []
    made: list[tuple[object, ...]] = []
    for was, life in zip(before, after, strict=True):
        if was.attrs == life.attrs and was.state is not None:
            continue
        if was.state is not None:
            gone.append((life.id,))
        values: dict[str, Any] = json.loads(life.attrs)
        made += [
            (key, value_key(value), life.id) for key, value in values.items() if key in searchable
        ]
    t.executemany("DELETE FROM life_value WHERE life = ?", gone)
    t.executemany("INSERT INTO life_value (key, value, life) VALUES (?, ?, ?)", made)


def value_key(value: object) -> str:
    """Return a custom field's value as it is searched for.

    >>> value_key("Grade A"), value_key(True), value_key(7)
    ('grade a', 'true', '7')
    """
    return json.dumps(value) if isinstance(value, bool) else str(value).casefold()


def cross_reorder_points(t: Transaction, change: Mapping[Shelf, int], actor: str) -> None:
    """Tell, once for each crossing, that an item's stock came down to its reorder point."""
    for item in sorted({shelf.item for shelf, by in change.items() if by}):
        for place, point, below in t.execute(
            "SELECT place, point, below FROM reorder WHERE item = ?", (item,)
        ).fetchall():
            where, values = ("", []) if place == 0 else (" AND place = ?", [place])
            have = t.execute(
                "SELECT coalesce(sum(quantity), 0) FROM stock WHERE item = ? "
                f"AND state IN ('received', 'committed'){where}",
                (item, *values),
            ).fetchone()[0]
            is_below = int(have <= point)
            if is_below == below:
                continue
            t.execute(
                "UPDATE reorder SET below = ? WHERE item = ? AND place = ?",
                (is_below, item, place),
            )
            if is_below:
                row = t.execute("SELECT sku FROM item WHERE id = ?", (item,)).fetchone()
                body = {"item": row[0], "on_hand": have, "reorder_point": point}
                if place:
                    body["location"] = place_of(t, place).code
                tell(t, now(), "stock.reorder_point_reached", f"items/{row[0]}", actor, body)


def _lost_race(broken: RuleBroken, act: Act) -> RegistryRefused:
    """Say what the database refused as the check before it would have, a moment later."""
    rule = str(broken.rule) if broken.rule in CAUSES else "registry_busy"
    if rule == "quantity_unavailable":
        return RegistryRefused(rule, "There is not so much of it on hand there.")
    return RegistryRefused(
        rule, "Somebody else was faster with one of these serials; read them again.",
        action=act.action,
    )  # fmt: skip


def write_transitions(t: Transaction) -> None:
    """Let the database know the lifecycle's table; written only where it differs."""
    have = {tuple(row) for row in t.execute("SELECT action, from_state, to_state FROM transition")}
    want = {
        (action.value, "" if source is None else source.value, to.value)
        for action, source, to in moves()
    }
    t.executemany(
        "DELETE FROM transition WHERE action = ? AND from_state = ? AND to_state = ?",
        sorted(have - want),
    )
    t.executemany(
        "INSERT INTO transition (action, from_state, to_state) VALUES (?, ?, ?)",
        sorted(want - have),
    )


assert UNDO not in {action.value for action in Action}
