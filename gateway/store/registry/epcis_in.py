"""What other systems say happened: EPCIS occurrences become events of ours, where they can.

    Occurrence ──business step──► action ──perform──► event      what cannot be: why, one by one

Nothing is believed that our own rules refuse: a serial that is here cannot be received again, by
whomever it is told. An event keeps the name it came with, so the same document read twice does
everything once. What only a document of ours can say (reserved, picked, built) is not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.errors import InputRefused
from gateway.registry.epcis import Amount, Names, Occurrence, Thing
from gateway.registry.lives import Action, Rules
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Acting, Target
from gateway.store.registry.events import By
from gateway.store.registry.exporting import parties_by_uri, places_by_uri
from gateway.store.registry.lots import ensure
from gateway.store.registry.quantities import Portion, Quantities, move

Status = Literal["applied", "known", "skipped", "refused"]

STEPS: Mapping[str, Action] = {
    "commissioning": Action.ADJUST_IN,
    "receiving": Action.RECEIVE,
    "shipping": Action.SHIP,
    "retail_selling": Action.SHIP,
    "storing": Action.TRANSFER,
    "stocking": Action.TRANSFER,
    "accepting": Action.ACCEPT,
    "arriving": Action.ARRIVE,
    "decommissioning": Action.WRITE_OFF,
    "destroying": Action.WRITE_OFF,
    "cycle_counting": Action.COUNT,
    "stock_taking": Action.COUNT,
    "holding": Action.HOLD,
    "inspecting": Action.REJECT,
}
"""CBV 2.0, 7.1: business step -> what it is here; the disposition narrows some of them."""

OURS = frozenset({*STEPS.values(), Action.RETURN, Action.SEND_BACK, Action.UNHOLD,
                  Action.REINSTATE})  # fmt: skip
"""Actions that are taken as they stand from an export of another gateway."""

FREE_AGAIN = frozenset({"available", "active", "sellable_accessible", "sellable_not_accessible"})

QUANTITIES = frozenset({Action.RECEIVE, Action.ADJUST_IN, Action.SHIP, Action.WRITE_OFF,
                        Action.TRANSFER})  # fmt: skip
"""Actions on quantities of lots and of items without serials that are taken."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one occurrence."""

    index: int
    uid: str
    status: Status
    action: str | None = None
    count: int = 0
    """Serials, or pieces of a quantity."""
    events: tuple[int, ...] = ()
    detail: str = ""
    items: tuple[Offence, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Who imports, and what is understood where a document does not say it."""

    by: By
    may: Callable[[str], bool]
    rules: Rules
    place: int | None = None
    """Where things are put that come to no place we know."""
    reason: str = "EPCIS import"


class Preview(Exception):
    """Ends the transaction of a dry run; carries what would have been done."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__()
        self.outcomes = outcomes


def action_of(occurrence: Occurrence) -> Action | None:
    """Return what an occurrence is here; None when it is nothing we can do."""
    if occurrence.kind != "object" or occurrence.erratum is not None:
        return None
    if occurrence.action is not None:
        try:
            own = Action(occurrence.action)
        except ValueError:
            return None
        own = Action.RETURN if own is Action.RETURN_TO_STOCK else own
        return own if own in OURS else None
    action = STEPS.get(occurrence.step or "")
    match action, occurrence.disposition:
        case Action.RECEIVE, "returned":
            return Action.RETURN
        case Action.SHIP, "returned":
            return Action.SEND_BACK
        case Action.HOLD, disposition if disposition in FREE_AGAIN:
            return Action.UNHOLD
        case Action.REJECT, disposition if disposition != "non_conformant":
            return None
        case Action.ADJUST_IN, _ if occurrence.change != "ADD":
            return None
        case _:
            return action


def apply_all(
    t: Transaction,
    acting: Acting,
    names: Names,
    occurrences: Sequence[Occurrence],
    asked: Asked,
    *,
    dry: bool = False,
) -> list[Outcome]:
    """Do everything that can be done in one transaction; return what became of each.

    Raises:
        RegistryRefused: something that should be done cannot be; nothing was done.
        Preview: with ``dry``, with what would have been done.
    """
    applying = Applying(t, acting, names, asked)
    outcomes = [applying.apply(index, one) for index, one in enumerate(occurrences)]
    if dry:
        raise Preview(outcomes)
    offences = [
        Offence(
            outcome.uid, offence.code, offence.detail, {"index": outcome.index, **offence.facts}
        )
        for outcome in outcomes
        for offence in outcome.items
    ]
    if offences:
        raise refuse_all(offences, len(occurrences), "events")
    return outcomes


class Applying:
    """Applies occurrences inside one transaction."""

    def __init__(self, t: Transaction, acting: Acting, names: Names, asked: Asked) -> None:
        self._t, self._acting, self._names, self._asked = t, acting, names, asked
        self._places: dict[str, int] | None = None
        self._parties: dict[str, int] | None = None

    def apply(self, index: int, occurrence: Occurrence) -> Outcome:
        """Do what one says, or say why not.

        Raises:
            RegistryRefused: another process was faster: the transaction cannot go on.
        """
        uid = occurrence.uid
        known = self._known(uid)
        if known is not None:
            return Outcome(index, uid, "known", events=(known,), detail="It was read before.")
        action = action_of(occurrence)
        if action is None:
            return Outcome(index, uid, "skipped", detail=_why_not(occurrence))
        try:
            events, count = self._do(action, occurrence)
        except RegistryRefused as refused:
            if isinstance(refused.__cause__, RuleBroken):
                raise
            items = refused.items or (Offence(uid, refused.code, refused.detail, refused.facts),)
            return Outcome(index, uid, "refused", action.value, detail=refused.detail, items=items)
        except InputRefused as refused:
            offence = Offence(uid, "value_wrong", refused.detail, refused.facts)
            return Outcome(
                index, uid, "refused", action.value, detail=refused.detail, items=(offence,)
            )
        return Outcome(index, uid, "applied", action.value, count, tuple(events))

    def _do(self, action: Action, occurrence: Occurrence) -> tuple[list[int], int]:
        offences: list[Offence] = []
        targets = [self._target(thing, offences) for thing in occurrence.things]
        portions = [self._portion(action, amount, offences) for amount in occurrence.amounts]
        if offences:
            raise refuse_all(offences, len(targets) + len(portions), "things")
        place = self._place(occurrence)
        party = self._party(occurrence)
        reason = occurrence.reason or self._asked.reason
        body = {"epcis": occurrence.uid}
        uid = _own_uid(occurrence.uid)
        events: list[int] = []
        if targets:
            act = Act(
                action, targets, place=place, party=party, reason=reason, at=occurrence.at,
                body=body, uid=uid,
            )  # fmt: skip
            done = self._acting.perform(self._t, act, self._asked.by, self._asked.may)
            events.append(done.event)
        for item, portion in portions:
            asked = Quantities(
                action, item, [portion], to=place, party=party, reason=reason, at=occurrence.at,
                body=body, uid="" if events else uid,
            )  # fmt: skip
            events.append(move(self._t, asked, self._asked.by, self._asked.may, self._asked.rules))
        return events, len(targets) + sum(portion.quantity for _, portion in portions)

    def _target(self, thing: Thing, offences: list[Offence]) -> Target:
        name = thing.serial or thing.uri
        item = self._item(thing.gtin, thing.item)
        if item is None or thing.serial is None:
            lacks = "item that is known here" if item is None else "serial"
            offences.append(
                Offence(name, "item_unknown", f"{thing.uri} names no {lacks}.",
                        {"uri": thing.uri, "gtin": thing.gtin, "item": thing.item})
            )  # fmt: skip
            return Target()
        return Target(thing.serial, item=item[0])

    def _portion(
        self, action: Action, amount: Amount, offences: list[Offence]
    ) -> tuple[int, Portion]:
        item = self._item(amount.gtin, amount.item)
        quantity = amount.quantity
        if item is None:
            offences.append(
                Offence(amount.uri, "item_unknown", f"{amount.uri} names no item that is known "
                        "here.", {"uri": amount.uri, "gtin": amount.gtin, "item": amount.item})
            )  # fmt: skip
            return 0, Portion(0)
        if item[1] == "serial":
            offences.append(
                Offence(amount.uri, "serials_missing", "The item has serials; an event about "
                        "a quantity of it does not say which.", {"item": amount.item})
            )  # fmt: skip
            return 0, Portion(0)
        if action not in QUANTITIES or quantity is None or quantity != int(quantity):
            offences.append(
                Offence(amount.uri, "quantity_missing", "Only whole quantities that are received, "
                        "added, moved, shipped or written off can be taken.",
                        {"quantity": quantity, "action": action.value})
            )  # fmt: skip
            return 0, Portion(0)
        lot = 0
        if amount.lot is not None:
            lot = ensure(self._t, item[0], amount.lot, actor=self._asked.by.actor)
        return item[0], Portion(int(quantity), lot)

    def _item(self, gtin: str | None, sku: str | None) -> tuple[int, str] | None:
        for column, value in (("gtin", gtin), ("sku", sku)):
            if value is None:
                continue
            query = f"SELECT id, tracking FROM item WHERE lower({column}) = lower(?)"
            for number, tracking in self._t.execute(query, (value,)):
                return int(number), str(tracking)
        return None

    def _place(self, occurrence: Occurrence) -> int | None:
        if self._places is None:
            self._places = places_by_uri(self._t.execute, self._names)
        place = occurrence.place
        found = None if place is None else self._places.get(place.uri)
        if found is None and place is not None and place.gln is not None:
            found = self._places.get(f"https://id.gs1.org/414/{place.gln}")
        return found if found is not None else self._asked.place

    def _party(self, occurrence: Occurrence) -> int | None:
        if self._parties is None:
            self._parties = parties_by_uri(self._t.execute, self._names)
        for party in (*occurrence.destinations, *occurrence.sources):
            if party.role not in ("owning_party", "possessing_party"):
                continue
            for uri in (party.uri, f"https://id.gs1.org/417/{party.gln}"):
                if uri in self._parties:
                    return self._parties[uri]
        return None

    def _known(self, uid: str) -> int | None:
        query = "SELECT seq FROM event WHERE lower(uid) = lower(?)"
        for (seq,) in self._t.execute(query, (_own_uid(uid),)):
            return int(seq)
        return None


def _own_uid(uid: str) -> str:
    """Return an event's name as our own events have theirs: a UUID without its scheme."""
    return uid.removeprefix("urn:uuid:")


def _why_not(occurrence: Occurrence) -> str:
    if occurrence.erratum is not None:
        return "It is declared not to have happened; undo here what came of it."
    if occurrence.kind != "object":
        return f"Events of kind {occurrence.kind} are not taken: the pieces' own events are."
    if occurrence.step is None:
        return "It names no business step."
    return f"What it does ({occurrence.step}) only a document here can do."


def counted(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """Return how many came to which end."""
    counts = dict.fromkeys(("applied", "known", "skipped", "refused"), 0)
    for outcome in outcomes:
        counts[outcome.status] += 1
    return counts
