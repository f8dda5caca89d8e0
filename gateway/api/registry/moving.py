"""A request to do something with serials becomes an ``Act``, and what was done becomes JSON.

{"action": "receive", "item": "DRILL", "serials": "A1..A9", "location": "A-01"} ──read_act──► Act
Done ──show_done──► how many, the first, the last, and each with its id
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.registry.given import (
    fields_given,
    flag_given,
    moment_given,
    money_given,
    serial_given,
    text_given,
    whole_given,
)
from gateway.api.registry.showing import show_offences
from gateway.api.registry.wanting import read_serial_id, select
from gateway.api.showing import Json
from gateway.errors import InputRefused
from gateway.registry.lives import Action, State
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.registry.serial_text import check_serial, normalise
from gateway.store.engine import Transaction, now
from gateway.store.registry.acting import MOST_SERIALS, Act, Done, Target
from gateway.store.registry.listing import next_serials, read_list
from gateway.store.registry.lives import Run, lives_by_id
from gateway.store.registry.lots import check_lot_code, ensure
from gateway.store.registry.names import item_id, lot_id, party_id, place_id
from gateway.store.registry.resolving import resolve_exact

DIRECT: tuple[Action, ...] = (
    Action.RECEIVE, Action.ADJUST_IN, Action.CANCEL_PLAN, Action.RELEASE, Action.UNPICK,
    Action.SHIP, Action.DROP_SHIP, Action.RETURN, Action.RETURN_TO_STOCK, Action.ACCEPT,
    Action.REJECT, Action.SEND_BACK, Action.WRITE_OFF, Action.REINSTATE, Action.TRANSFER,
    Action.CONSUME, Action.UNBUILD, Action.COUNT, Action.HOLD, Action.UNHOLD, Action.RENAME,
    Action.ANNOTATE,
)  # fmt: skip
"""What can be done with serials without a document."""

KEYS = (
    "action", "serials", "ids", "filter", "item", "location", "party", "parent", "lot", "reason",
    "cost", "price", "fields", "memo", "to", "at", "confirm", "expected", "scanned",
)  # fmt: skip
NAMING = ("action", "serials", "ids", "filter", "item")
"""What a path that names the serial says instead."""

SERIAL_KEYS = ("serial", "id", "item", "fields", "memo", "cost", "location", "quantity")
"""Of one serial in a list. A quantity may be said, and is one."""

EARLY = 300_000_000
"""µs by which the clock of who asks may be ahead."""

MOST_SHOWN = 1000
"""Serials named in an answer; the event has them all."""

LONGEST_LIST = 9_000_000
"""Characters of a list as text."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a request asks for, read as far as it can be outside its transaction."""

    act: Act
    text: str | None = None
    """A list that takes the item's next numbers, so that it must be read in the transaction."""
    generate: int = 0
    lot: str | None = None
    """A lot's code, made when there is none."""
    expected: int | None = None
    scanned: bool = False
    repeats: tuple[Offence, ...] = ()


def read_action(name: str) -> Action:
    """Return an action that needs no document.

    Raises:
        InputRefused: there is none of that name, or it needs a document.
    """
    name = name.replace("-", "_")
    named = {action.value: action for action in DIRECT}
    if name in named:
        return named[name]
    if name in {action.value for action in Action}:
        raise InputRefused(
            f"{name!r} is done through a document or its own route; with serials alone go "
            f"{', '.join(named)}.",
            key="action",
        )
    raise InputRefused(
        f"There is no action {say(name)}; there are {', '.join(named)}.", key="action"
    )


def read_act(
    parts: Parts, run: Run, body: Mapping[str, Any], action: Action, life: int | None = None
) -> Reading:
    """Return what a body asks for; ``life`` is the one serial that the path names.

    Raises:
        InputRefused: a key is unknown, missing, or of the wrong type.
        RegistryRefused: what it names does not exist, or the list has problems.
    """
    keys = KEYS if life is None else tuple(key for key in KEYS if key not in NAMING)
    refuse_unknown(body, keys, "An action on serials")
    cost, currency = money_given(body, "cost")
    price, price_currency = money_given(body, "price")
    item = item_id(run, text_given(body, "item")) if body.get("item") is not None else None
    named = {
        key: text_given(body, key) for key in ("location", "party", "parent", "lot")
    }  # fmt: skip
    at = moment_given(body, "at")
    if at is not None and at > now() + EARLY:
        raise InputRefused("'at' lies in the future; say when it happened.", key="at")
    parent = _parent(parts, run, named["parent"]) if named["parent"] else None
    if action is Action.CONSUME and parent is None:
        raise RegistryRefused("parent_required", "Say what they go into: give 'parent'.")
    act = Act(
        action, (), item,
        place=place_id(run, named["location"]) if named["location"] else None,
        party=party_id(run, named["party"]) if named["party"] else None,
        parent=parent, reason=text_given(body, "reason"), cost=cost, currency=currency,
        price=price, price_currency=price_currency, attrs=fields_given(body),
        memo=text_given(body, "memo", most=2000, lines=True) if "memo" in body else None,
        rename_to=serial_given(body, "to"), at=moment_given(body, "at"),
        confirm=text_given(body, "confirm"),
    )  # fmt: skip
    begins = action in (Action.RECEIVE, Action.ADJUST_IN)
    if named["lot"] and "lots" not in parts.registry.rules().features:
        raise RegistryRefused(
            "feature_disabled", "Lots are switched off; leave 'lot' out.", feature="lots"
        )
    if named["lot"] and not begins:
        if item is None:
            raise InputRefused("A lot belongs to an item: send 'item' too.", key="lot")
        act = replace(act, lot=lot_id(run, item, named["lot"]))
    reading = Reading(
        act,
        lot=check_lot_code(named["lot"]) if named["lot"] and begins else None,
        expected=whole_given(body, "expected", 1, MOST_SERIALS),
        scanned=flag_given(body, "scanned"),
    )
    if life is not None:
        reading = replace(reading, act=replace(act, targets=[Target(life=life)]))
    else:
        reading = _with_targets(parts, run, body, reading)
    if action is Action.RENAME and len(reading.act.targets) != 1:
        raise InputRefused("'rename' takes one serial and its new one as 'to'.", key="to")
    return reading


def _with_targets(parts: Parts, run: Run, body: Mapping[str, Any], reading: Reading) -> Reading:
    serials, ids = body.get("serials"), body.get("ids")
    if sum(body.get(key) is not None for key in ("serials", "ids", "filter")) != 1:
        raise InputRefused(
            "Send one of 'serials' (a list as text, a list of serials, or {\"generate\": 5}), "
            "'ids' (their public ids) and 'filter' (as for a list of serials).",
            key="serials",
        )
    if body.get("filter") is not None:
        lives = select(parts, run, body["filter"], MOST_SERIALS)
        return _given(reading, [Target(life=life) for life in lives])
    if ids is not None:
        if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
            raise InputRefused(f"'ids' must be a list of public ids, got {say(ids)}.", key="ids")
        targets = [Target(life=read_serial_id(parts, one)) for one in ids]
        return _given(reading, targets)
    if isinstance(serials, str):
        return _from_text(run, serials, reading)
    if isinstance(serials, dict):
        refuse_unknown(serials, ("generate",), "'serials'")
        count = whole_given(serials, "generate", 1, MOST_SERIALS)
        return _needs_item(replace(reading, generate=count or 0))
    if isinstance(serials, list):
        return _given(reading, _listed(parts, run, serials, reading.act))
    raise InputRefused(
        f"'serials' must be a text, a list, or {{\"generate\": 5}}, got {say(serials)}.",
        key="serials",
    )


def _from_text(run: Run, text: str, reading: Reading) -> Reading:
    if len(text) > LONGEST_LIST:
        raise InputRefused(
            f"The list has {len(text)} characters; send at most {LONGEST_LIST} at once.",
            key="serials",
        )
    if "next" in text.lower() and not reading.scanned and reading.act.item is not None:
        return replace(reading, text=text)
    return _read_text(run, text, reading)


def _read_text(run: Run, text: str, reading: Reading) -> Reading:
    act = reading.act
    listing = read_list(
        run, text, act.item, action=act.action, expected=reading.expected, scanned=reading.scanned
    )
    if listing.problems:
        of = listing.count + len(listing.problems)
        raise refuse_all([problem.offence for problem in listing.problems], of, "entries")
    repeats = tuple(repeat.offence for repeat in listing.repeats)
    targets = [Target(entry.serial) for entry in listing.serials]
    return _given(replace(reading, text=None, repeats=repeats), targets)


def _needs_item(reading: Reading) -> Reading:
    if reading.act.item is None:
        raise InputRefused("New serials are an item's: send 'item' too.", key="item")
    if None not in _sources(reading.act.action):
        raise InputRefused(
            f"{reading.act.action.value!r} takes serials that there are; only 'receive' and "
            "'adjust_in' make new ones.",
            key="serials",
        )
    return reading


def _sources(action: Action) -> tuple[State | None, ...]:
    from gateway.registry.lifecycle import TABLE

    return TABLE[action].sources


def _given(reading: Reading, targets: Sequence[Target]) -> Reading:
    if any("\0" in target.serial for target in targets):  # no database can be asked for that
        wrong = [fault for one in targets for fault in check_serial(normalise(one.serial))]
        raise refuse_all(wrong, len(targets))
    if reading.expected is not None and len(targets) != reading.expected:
        raise RegistryRefused(
            "serial_count_mismatch",
            f"{reading.expected} serials were expected, and {len(targets)} were given.",
            expected=reading.expected, given=len(targets),
        )  # fmt: skip
    return replace(reading, act=replace(reading.act, targets=targets))


def _listed(parts: Parts, run: Run, serials: list[Any], act: Act) -> list[Target]:
    items: dict[str, int] = {}
    places: dict[str, int] = {}
    targets: list[Target] = []
    for n, one in enumerate(serials):
        if isinstance(one, str):
            targets.append(Target(one))
            continue
        if not isinstance(one, dict):
            raise InputRefused(
                f"Serial {n + 1} must be a text or an object, got {say(one)}.",
                pointer=f"/serials/{n}",
            )
        refuse_unknown(one, SERIAL_KEYS, f"Serial {n + 1}")
        if one.get("quantity", 1) != 1:
            raise RegistryRefused(
                "serial_quantity_not_one",
                f"Serial {n + 1} has the quantity {say(one['quantity'])}; a serial is one piece.",
                pointer=f"/serials/{n}/quantity",
            )
        cost, currency = money_given(one, "cost")
        if currency not in (None, act.currency):
            raise InputRefused(
                f"Serial {n + 1} costs {currency}; send one request for each currency, with the "
                "'cost' of the request in it.",
                pointer=f"/serials/{n}/cost",
            )
        life = one.get("id")
        item, place = text_given(one, "item"), text_given(one, "location")
        if item and item not in items:
            items[item] = item_id(run, item)
        if place and place not in places:
            places[place] = place_id(run, place)
        memo = text_given(one, "memo", most=2000, lines=True) if "memo" in one else None
        targets.append(
            Target(
                serial_given(one, "serial"),
                read_serial_id(parts, life) if isinstance(life, str) else None,
                items.get(item), fields_given(one), memo, cost, places.get(place),
            )
        )  # fmt: skip
    return targets


def _parent(parts: Parts, run: Run, text: str) -> int:
    read = parts.registry.public_ids.read(text)
    if read is not None and read[0] == "serial":
        return read[1]
    found = [
        one for one in resolve_exact(run, parts.registry.public_ids, text) if one.kind == "serial"
    ]  # fmt: skip
    if len(found) == 1:
        return found[0].number
    if not found:
        raise RegistryRefused("serial_unknown", f"There is no serial {say(text)}.", serial=text)
    raise RegistryRefused(
        "code_ambiguous", f"{say(text)} is a serial of several items; name it by its id.",
        serial=text,
    )  # fmt: skip


def complete(t: Transaction, reading: Reading, actor: str) -> Reading:
    """Return the request with what only its transaction can say: new numbers, a new lot.

    Raises:
        RegistryRefused: the list has problems.
        InputRefused: the item has no such many numbers left.
    """
    act = reading.act
    if reading.lot is not None:
        if act.item is None:
            raise InputRefused("A lot belongs to an item: send 'item' too.", key="lot")
        reading = replace(
            reading, act=replace(act, lot=ensure(t, act.item, reading.lot, actor=actor))
        )  # fmt: skip
    return number(t.execute, reading)


def number(run: Run, reading: Reading) -> Reading:
    """Return the request with the item's next numbers in it, and the assembly they come out of."""
    if reading.text is not None:
        reading = _read_text(run, reading.text, reading)
    elif reading.generate:
        assert reading.act.item is not None
        serials = next_serials(run, reading.act.item, reading.generate)
        reading = _given(reading, [Target(serial) for serial in serials])
    if reading.act.action is Action.UNBUILD and reading.act.parent is None:
        reading = replace(reading, act=replace(reading.act, parent=_assembly(run, reading.act)))
    return reading


def _assembly(run: Run, act: Act) -> int | None:
    """Return the assembly that serials come out of.

    Raises:
        InputRefused: they come out of several.
    """
    from gateway.store.registry.searching import Wanted, find_serials

    ids: list[int] = []
    for target in act.targets:
        if target.life is not None:
            ids.append(target.life)
        else:
            wanted = Wanted(serial=target.serial, item=target.item or act.item,
                            states=(State.CONSUMED.value,))  # fmt: skip
            ids += find_serials(run, wanted, None, 2).lives
    parents = {life.parent for life in lives_by_id(run, ids).values() if life.parent is not None}
    if len(parents) > 1:
        raise InputRefused("They come out of several assemblies; send one request for each.")
    return parents.pop() if parents else None


def show_done(parts: Parts, run: Run, done: Done, reading: Reading, *, dry: bool) -> Json:
    """Return what was done, or what would be."""
    names, after = parts.registry.public_ids, done.after
    skus: dict[int, str] = {}
    for life in after[:MOST_SHOWN]:
        if life.item not in skus:
            for row in run("SELECT sku FROM item WHERE id = ?", (life.item,)):
                skus[life.item] = row[0]
    warnings = [*done.warnings, *reading.repeats]
    shown: Json = {
        "action": reading.act.action.value,
        "event": done.event or None,
        "count": len(after),
        "first": after[0].serial if after else None,
        "last": after[-1].serial if after else None,
        "serials": [
            {
                "id": names.write("serial", life.id) if life.id else None,
                "serial": life.serial,
                "item": skus[life.item],
                "life": life.number,
                "state": str(life.state),
                "was": None if was.state is None else str(was.state),
            }
            for was, life in zip(done.before[:MOST_SHOWN], after[:MOST_SHOWN], strict=True)
        ],
        "warnings": show_offences(warnings[:MOST_SHOWN]),
        "warned": len(warnings),
    }
    if dry:
        return {"dry_run": True, **shown}
    return {**shown, "links": {"event": f"/v1/registry/events/{done.event}"}}
