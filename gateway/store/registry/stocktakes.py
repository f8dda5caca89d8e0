"""Stocktakes: what is seen, beside what should be there; the differences; what was decided; posted.

    start ──► count (serials scanned, quantities) ──► differences ──► decide ──► post

A scan in a count is never refused: it comes out as ``ok``, ``moved`` (it should be elsewhere),
``unexpected`` (it should not be here at all), ``unknown``, or ``again``. Serials that were seen are
linked to the count by an event each; quantities and unknown serials are kept with the count until
it is posted. A stocktake has one line for each item; those it has when it starts are its scope,
and with none it covers all. Its place, with all that is inside, is its scope, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gateway.registry.documents import Verb
from gateway.registry.lives import Action, State
from gateway.registry.refusals import Offence, RegistryRefused
from gateway.registry.serial_list import parse_list
from gateway.registry.serial_text import Case, key_of
from gateway.store.engine import Transaction
from gateway.store.registry.acting import Act, Target, item_row
from gateway.store.registry.documents import DocumentRow, document_by_id
from gateway.store.registry.lives import LIFE, Run, life_of, lives_by_id, lives_by_key
from gateway.store.registry.lots import ensure
from gateway.store.registry.names import item_id, lot_id, place_id
from gateway.store.registry.posting import Counted, Posting
from gateway.store.registry.quantities import Portion, Quantities
from gateway.store.registry.searching import places_inside

DECISIONS: Mapping[str, tuple[str, ...]] = {
    "missing": ("write_off", "keep"),
    "moved": ("move", "keep"),
    "unexpected": ("take_in", "ignore"),
    "unknown": ("add", "ignore"),
    "quantity": ("adjust", "keep"),
}
"""Kind of difference -> what may be decided about it."""

MOST_PLACES = 20_000
"""Places of a count that one statement names; with more of them all serials are read."""

COUNTED_STATES = "'received', 'committed', 'picked', 'returned', 'rejected'"


class Difference(NamedTuple):
    """One thing that is not as it should be."""

    kind: str
    subject: str
    """``SKU/serial``, or ``SKU/lot@location`` of a quantity."""
    item: int
    sku: str
    serial: str = ""
    life: int | None = None
    place: int | None = None
    """Where it was seen; of a missing one, where it should be."""
    location: str = ""
    expected: int = 0
    counted: int = 0
    lot: int = 0
    state: str | None = None
    decision: str | None = None


class _Notes(NamedTuple):
    """What a stocktake keeps beside links: in its document's own values."""

    scope: list[int]
    """Items; empty: all."""
    counts: list[dict[str, Any]]
    unknown: list[dict[str, Any]]
    decisions: dict[str, str]


NOTES = "stocktake"
"""The key of a stocktake's notes among the document's values; custom fields have other keys."""


def notes_of(attrs: str) -> _Notes:
    """Return what a stocktake's document keeps of its count."""
    kept = json.loads(attrs).get(NOTES, {})
    return _Notes(
        kept.get("scope", []), kept.get("counts", []), kept.get("unknown", []),
        kept.get("decisions", {}),
    )  # fmt: skip


def _keep(t: Transaction, document: int, notes: _Notes) -> None:
    attrs = t.execute("SELECT attrs FROM document WHERE id = ?", (document,)).fetchone()[0]
    values = json.loads(attrs) | {NOTES: notes._asdict()}
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    t.execute("UPDATE document SET attrs = ? WHERE id = ?", (text, document))


def forget_serial(t: Transaction, document: int, serial: str, item: int | None) -> None:
    """Forget that a serial was seen in a count that is unknown, or should not be here."""
    notes = notes_of(document_by_id(t.execute, document).attrs)
    same = (serial.casefold(), item)
    notes.unknown[:] = [o for o in notes.unknown if (o["serial"].casefold(), o["item"]) != same]
    _keep(t, document, notes)


def count_less(t: Transaction, document: int, item: int, place: int, lot: int, less: int) -> None:
    """Take so much off what was counted of an item at a place; nothing left is not counted."""
    notes = notes_of(document_by_id(t.execute, document).attrs)
    key = {"item": item, "place": place, "lot": lot}
    for one in [one for one in notes.counts if {name: one[name] for name in key} == key]:
        one["quantity"] -= less
        if one["quantity"] <= 0:
            notes.counts.remove(one)
    _keep(t, document, notes)


# ---------------------------------------------------------------------- counting


def _start(posting: Posting) -> None:
    scope = sorted({line.item for line in posting.lines})
    _keep(posting.t, posting.row.id, _Notes(scope, [], [], {}))


def _count(posting: Posting) -> None:
    row = posting.t.execute("SELECT attrs FROM document WHERE id = ?", (posting.row.id,)).fetchone()
    notes = notes_of(row[0])
    if not posting.given.counts:
        raise RegistryRefused("serials_missing", "Say what was seen: give 'counts'.")
    for seen in posting.given.counts:
        place = place_id(posting.t.execute, seen.location)
        if seen.quantity is not None:
            _count_quantity(posting, notes, seen, place)
        if seen.text.strip():
            _count_serials(posting, notes, seen, place)
    _keep(posting.t, posting.row.id, notes)


def _count_quantity(posting: Posting, notes: _Notes, seen: Counted, place: int) -> None:
    run = posting.t.execute
    if seen.item is None:
        raise RegistryRefused("item_unknown", "Say of which item the quantity is.", item="")
    item = item_id(run, seen.item)
    sku, tracking = run("SELECT sku, tracking FROM item WHERE id = ?", (item,)).fetchone()
    if tracking == "serial":
        raise RegistryRefused(
            "serials_missing", f"{sku} has serials; count them, not how many there are.", item=sku
        )
    lot = 0
    if tracking == "lot":
        if seen.lot is None:
            raise RegistryRefused("item_needs_lot", f"Say of which lot of {sku} it is.", item=sku)
        try:
            lot = lot_id(run, item, seen.lot)
        except RegistryRefused:  # a lot that nobody knew of is made by the count (E33)
            lot = ensure(
                posting.t, item, seen.lot, document=posting.row.id, actor=posting.doing.by.actor
            )
    assert seen.quantity is not None
    key = {"item": item, "place": place, "lot": lot}
    notes.counts[:] = [one for one in notes.counts if {k: one[k] for k in key} != key]
    notes.counts.append({**key, "quantity": seen.quantity})
    posting.results.append(
        {"item": sku, "lot": seen.lot, "location": seen.location, "quantity": seen.quantity,
         "result": "counted"}
    )  # fmt: skip


def _count_serials(posting: Posting, notes: _Notes, seen: Counted, place: int) -> None:
    run = posting.t.execute
    item = None if seen.item is None else item_id(run, seen.item)
    case: Case = "fold"
    split, mask = True, None
    if item is not None:
        row = item_row(posting.t, item)
        case, mask = row.case, row.mask or None
        split = bool(run("SELECT split_space FROM item WHERE id = ?", (item,)).fetchone()[0])
    listing = parse_list(
        seen.text, case=case, split_space=split, scanned=seen.scanned,
        mask=mask if not seen.scanned else None,
    )  # fmt: skip
    if listing.problems:
        from gateway.registry.refusals import refuse_all

        raise refuse_all([one.offence for one in listing.problems], listing.count, "tokens")
    counted = set(_counted(run, posting.row.id))
    found: list[int] = []
    for entry in listing.serials:
        lives = _lives_of(run, item, entry.serial)
        here = [life for life in lives if life.in_custody]
        result: dict[str, object] = {"serial": entry.serial, "location": seen.location}
        if len({life.item for life in here}) > 1:
            result |= {"result": "ambiguous", "detail": "Several items have it; name the item."}
        elif here and here[-1].id in counted:
            result |= {"result": "again", "detail": f"{entry.serial} was counted already."}
        elif here:
            life = here[-1]
            ok = life.place == place
            result |= {"result": "ok" if ok else "moved", "item": _sku(run, life.item),
                       "expected_at": life.place_code}  # fmt: skip
            found.append(life.id)
            counted.add(life.id)
        else:
            life_or = lives[-1] if lives else None
            known = item if life_or is None else life_or.item
            word = "unknown" if life_or is None else "unexpected"
            result |= {"result": word, "state": None if life_or is None else life_or.state,
                       "item": None if known is None else _sku(run, known)}  # fmt: skip
            noted = {"serial": entry.serial, "item": known, "place": place, "kind": word,
                     "life": None if life_or is None else life_or.id}  # fmt: skip
            same = [
                one for one in notes.unknown
                if one["serial"].casefold() == entry.serial.casefold()
            ]  # fmt: skip
            if not any(known is None or one["item"] == known for one in same):
                for one in same:
                    if one["item"] is None:  # now somebody has said of which item it is
                        notes.unknown.remove(one)
                notes.unknown.append(noted)
        posting.results.append(result)
    by_item: dict[int, list[int]] = {}
    for number, life in (lives_by_id(run, found) if found else {}).items():
        by_item.setdefault(life.item, []).append(number)
    for of, numbers in by_item.items():
        posting.doing.perform(Act(
            Action.COUNT, [Target("", number, of) for number in numbers], of,
            _line_for(posting, of), posting.row.id, place, at=posting.doing.at,
        ))  # fmt: skip


def _line_for(posting: Posting, item: int) -> int:
    """Return the count's line for an item, made when it is the first of it that is seen."""
    t = posting.t
    row = t.execute(
        "SELECT id FROM document_line WHERE document = ? AND item = ?", (posting.row.id, item)
    ).fetchone()
    if row is not None:
        return int(row[0])
    rank = t.execute(
        "SELECT coalesce(max(rank), 0) + 1 FROM document_line WHERE document = ?",
        (posting.row.id,),
    ).fetchone()[0]
    number = t.allot("document_line", 1)[0]
    t.execute(
        "INSERT INTO document_line (id, document, rank, item, uom_quantity, quantity) "
        "VALUES (?, ?, ?, ?, 0, 0)",
        (number, posting.row.id, rank, item),
    )
    return number


def _counted(run: Run, document: int) -> list[int]:
    return [
        int(row[0])
        for row in run(
            "SELECT r.life FROM document_line l JOIN line_life r ON r.line = l.id "
            "WHERE l.document = ? AND r.role = 'counted'",
            (document,),
        )
    ]


def _lives_of(run: Run, item: int | None, serial: str) -> list[Any]:
    if item is not None:
        keys = [key_of(serial, "fold"), key_of(serial, "exact")]
        found = lives_by_key(run, item, sorted(set(keys)))
        return [life for key in keys[:1] for life in found.get(key, [])] or [
            life for lives in found.values() for life in lives
        ]
    keys = sorted({key_of(serial, "fold"), key_of(serial, "exact")})
    marks = ", ".join("?" * len(keys))
    query = f"{LIFE} WHERE u.serial_key IN ({marks}) ORDER BY u.item, u.number"
    return [life_of(row) for row in run(query, keys)]


def _sku(run: Run, item: int) -> str:
    return str(next(row[0] for row in run("SELECT sku FROM item WHERE id = ?", (item,))))


# ---------------------------------------------------------------------- differences


def _places(run: Run, row: DocumentRow) -> set[int] | None:
    place = row.from_place if row.from_place is not None else row.to_place
    if place is None:
        return None
    return set(places_inside(run, place))


def differences(run: Run, row: DocumentRow) -> list[Difference]:
    """Return all that is not as it should be, in the order of items and serials."""
    attrs = next(iter(run("SELECT attrs FROM document WHERE id = ?", (row.id,))))[0]
    notes, places = notes_of(attrs), _places(run, row)
    codes = {int(one[0]): str(one[1]) for one in run("SELECT id, code FROM place", ())}
    found = [
        *_serial_differences(run, row, notes, places, codes),
        *_unknown(run, notes, codes),
        *_quantity_differences(run, notes, places, codes),
    ]
    decided = [
        one._replace(decision=notes.decisions.get(one.subject) or notes.decisions.get(one.kind))
        for one in found
    ]
    return sorted(decided, key=lambda one: (one.sku, one.kind, one.subject))


def _serial_differences(
    run: Run, row: DocumentRow, notes: _Notes, places: set[int] | None, codes: Mapping[int, str]
) -> Iterable[Difference]:
    counted = set(_counted(run, row.id))
    query = (
        "SELECT u.id, u.item, i.sku, u.serial, u.place, u.state, u.seen_place FROM life u "
        f"JOIN item i ON i.id = u.item WHERE u.state IN ({COUNTED_STATES})"
    )
    values: tuple[object, ...] = ()
    if notes.scope:
        query += f" AND u.item IN ({', '.join('?' * len(notes.scope))})"
        values = tuple(notes.scope)
    elif places is not None and len(places) <= MOST_PLACES:
        # A count of one bin must not read the whole warehouse: what is there, and what was seen.
        query += (
            f" AND (u.place IN ({', '.join('?' * len(places))}) OR u.id IN (SELECT r.life FROM "
            "line_life r JOIN document_line l ON l.id = r.line WHERE l.document = ? "
            "AND r.role = 'counted'))"
        )
        values = (*sorted(places), row.id)
    for number, item, sku, serial, place, state, seen in run(query, values):
        subject = f"{sku}/{serial}"
        if number in counted:
            if seen is not None and seen != place:
                yield Difference("moved", subject, item, sku, serial, number, seen,
                                 codes.get(seen, ""), 1, 1, state=state)  # fmt: skip
        elif places is None or place in places:
            yield Difference("missing", subject, item, sku, serial, number, place,
                             codes.get(place, ""), 1, 0, state=state)  # fmt: skip


def _unknown(run: Run, notes: _Notes, codes: Mapping[int, str]) -> Iterable[Difference]:
    for one in notes.unknown:
        sku = "" if one["item"] is None else _sku(run, one["item"])
        yield Difference(
            one["kind"], f"{sku}/{one['serial']}", one["item"] or 0, sku, one["serial"],
            one["life"], one["place"], codes.get(one["place"], ""), 0, 1,
        )  # fmt: skip


def _quantity_differences(
    run: Run, notes: _Notes, places: set[int] | None, codes: Mapping[int, str]
) -> Iterable[Difference]:
    have: dict[tuple[int, int, int], int] = {}
    items = set(notes.scope) or {one["item"] for one in notes.counts}
    for item, place, lot, quantity in run(
        "SELECT item, place, lot, sum(quantity) FROM stock WHERE serials = 0 "
        "AND state IN ('received', 'committed', 'picked', 'returned', 'rejected') "
        "AND quantity > 0 GROUP BY item, place, lot",
        (),
    ):
        if item in items and (places is None or place in places):
            have[item, place, lot] = int(quantity)
    counts = {(one["item"], one["place"], one["lot"]): one["quantity"] for one in notes.counts}
    lots = {}
    for key in sorted(have.keys() | counts.keys()):
        expected, counted = have.get(key, 0), counts.get(key, 0)
        if expected == counted:
            continue
        item, place, lot = key
        if lot and lot not in lots:
            lots[lot] = next(row[0] for row in run("SELECT code FROM lot WHERE id = ?", (lot,)))
        sku, code = _sku(run, item), codes.get(place, "")
        yield Difference(
            "quantity", f"{sku}/{lots.get(lot, '')}@{code}", item, sku, place=place, location=code,
            expected=expected, counted=counted, lot=lot,
        )  # fmt: skip


class DifferencesPage(NamedTuple):
    """Some of a stocktake's differences, and how many there are."""

    found: list[Difference]
    next: int | None
    """What the next page of missing serials begins after."""
    counts: dict[str, int]
    """Kind -> how many."""
    undecided: int


def differences_page(
    run: Run, row: DocumentRow, kind: str | None = None, after: int = 0, limit: int = 100
) -> DifferencesPage:
    """Return a page of differences, however much is missing: of one kind, or first the others.

    What was seen and is not as it should be is little and comes whole; missing serials come by
    pages. How many those are is known from the counters.
    """
    attrs = next(iter(run("SELECT attrs FROM document WHERE id = ?", (row.id,))))[0]
    notes, places = notes_of(attrs), _places(run, row)
    codes = {int(one[0]): str(one[1]) for one in run("SELECT id, code FROM place", ())}
    seen = [
        *_moved(run, row, notes, codes), *_unknown(run, notes, codes),
        *_quantity_differences(run, notes, places, codes),
    ]  # fmt: skip
    counts = dict.fromkeys(DECISIONS, 0)
    for one in seen:
        counts[one.kind] += 1
    found = [] if after else [one for one in seen if kind in (None, one.kind)]
    more = None
    if kind in (None, "missing"):
        missing = list(_missing(run, row, notes, places, codes, after, limit + 1))
        more = missing[limit - 1].life if len(missing) > limit else None
        counts["missing"] = len(missing)
        if more is not None or after:
            should = sum(one.expected for one in progress(run, row))
            there = _counted_where_it_should_be(run, row, notes, places)
            counts["missing"] = max(should - there, len(missing))
        found += missing[:limit]
    else:
        should = sum(one.expected for one in progress(run, row))
        counts["missing"] = max(should - _counted_where_it_should_be(run, row, notes, places), 0)

    def decided(one: Difference) -> str | None:
        return notes.decisions.get(one.subject) or notes.decisions.get(one.kind)

    undecided = sum(1 for one in seen if decided(one) is None)
    if "missing" not in notes.decisions:
        others = {one.subject for one in seen}
        single = sum(
            1 for name, what in notes.decisions.items()
            if what in DECISIONS["missing"] and name not in others and name not in DECISIONS
        )  # fmt: skip
        undecided += max(counts["missing"] - single, 0)
    found = [one._replace(decision=decided(one)) for one in found]
    return DifferencesPage(found, more, {name: n for name, n in counts.items() if n}, undecided)


_COUNTED_HERE = (
    "FROM line_life r JOIN document_line l ON l.id = r.line WHERE r.role = 'counted' "
    "AND l.document = ?"
)


def _moved(
    run: Run, row: DocumentRow, notes: _Notes, codes: Mapping[int, str]
) -> Iterable[Difference]:
    for number, item, sku, serial, state, seen in run(
        "SELECT u.id, u.item, i.sku, u.serial, u.state, u.seen_place FROM life u "
        f"JOIN item i ON i.id = u.item WHERE u.id IN (SELECT r.life {_COUNTED_HERE}) "
        f"AND u.state IN ({COUNTED_STATES}) AND u.seen_place IS NOT NULL "
        "AND u.seen_place <> coalesce(u.place, 0) ORDER BY i.sku, u.serial",
        (row.id,),
    ):
        if not notes.scope or item in notes.scope:
            yield Difference("moved", f"{sku}/{serial}", item, sku, serial, number, seen,
                             codes.get(seen, ""), 1, 1, state=state)  # fmt: skip


def _missing(
    run: Run, row: DocumentRow, notes: _Notes, places: set[int] | None, codes: Mapping[int, str],
    after: int, limit: int,
) -> Iterable[Difference]:  # fmt: skip
    where, values = "", list[object]()
    if notes.scope:
        where += f" AND u.item IN ({', '.join('?' * len(notes.scope))})"
        values += notes.scope
    if places is not None and len(places) <= MOST_PLACES:
        where += f" AND u.place IN ({', '.join('?' * len(places))})"
        values += sorted(places)
    found = 0
    while found < limit:
        rows = list(run(
            "SELECT u.id, u.item, i.sku, u.serial, u.place, u.state FROM life u "
            f"JOIN item i ON i.id = u.item WHERE u.id > ? AND u.state IN ({COUNTED_STATES}){where} "
            "AND NOT EXISTS (SELECT 1 FROM line_life r JOIN document_line l ON l.id = r.line "
            "WHERE r.life = u.id AND r.role = 'counted' AND l.document = ?) "
            "ORDER BY u.id LIMIT ?",
            (after, *values, row.id, limit),
        ))  # fmt: skip
        for number, item, sku, serial, place, state in rows:
            after = number
            if found < limit and (places is None or place in places):
                found += 1
                yield Difference("missing", f"{sku}/{serial}", item, sku, serial, number, place,
                                 codes.get(place, ""), 1, 0, state=state)  # fmt: skip
        if len(rows) < limit:
            return


def _counted_where_it_should_be(
    run: Run, row: DocumentRow, notes: _Notes, places: set[int] | None
) -> int:
    """Return how many of the serials that should be in the count's scope were seen anywhere."""
    return sum(
        1
        for item, place in run(
            f"SELECT u.item, u.place FROM life u WHERE u.id IN (SELECT r.life {_COUNTED_HERE}) "
            f"AND u.state IN ({COUNTED_STATES})",
            (row.id,),
        )
        if (not notes.scope or item in notes.scope) and (places is None or place in places)
    )


class Progress(NamedTuple):
    """How many serials of an item should be there, and how many were seen."""

    sku: str
    expected: int
    counted: int


def progress(run: Run, row: DocumentRow) -> list[Progress]:
    """Return how far a count is, item by item: from counters, however many serials there are."""
    attrs = next(iter(run("SELECT attrs FROM document WHERE id = ?", (row.id,))))[0]
    scope, places = set(notes_of(attrs).scope), _places(run, row)
    expected: dict[int, int] = {}
    for item, place, quantity in run(
        "SELECT item, place, sum(quantity) FROM stock WHERE serials = 1 "
        f"AND state IN ({COUNTED_STATES}) AND quantity > 0 GROUP BY item, place",
        (),
    ):
        if (not scope or item in scope) and (places is None or place in places):
            expected[item] = expected.get(item, 0) + int(quantity)
    counted = {
        int(item): int(count)
        for item, count in run(
            "SELECT l.item, count(*) FROM document_line l JOIN line_life r ON r.line = l.id "
            "WHERE l.document = ? AND r.role = 'counted' GROUP BY l.item",
            (row.id,),
        )
    }
    found = [
        Progress(_sku(run, item), expected.get(item, 0), counted.get(item, 0))
        for item in expected.keys() | counted.keys()
    ]
    return sorted(found)


# ---------------------------------------------------------------------- deciding and posting


def _decide(posting: Posting) -> None:
    run = posting.t.execute
    attrs = run("SELECT attrs FROM document WHERE id = ?", (posting.row.id,)).fetchone()[0]
    notes = notes_of(attrs)
    there: dict[str, str] = {}
    if any(one.subject is not None for one in posting.given.decisions):
        there = {one.subject: one.kind for one in differences(run, posting.row)}
    offences: list[Offence] = []
    for one in posting.given.decisions:
        kind = one.kind if one.subject is None else there.get(one.subject)
        name = one.subject or one.kind or ""
        if kind is None or kind not in DECISIONS:
            known = sorted(there) if one.subject else sorted(DECISIONS)
            offences.append(
                Offence(name, "value_wrong", f"There is no difference {name[:80]!r}.",
                        {"known": known[:20]})
            )  # fmt: skip
        elif one.decision not in DECISIONS[kind]:
            offences.append(
                Offence(name, "value_wrong",
                        f"About what is {kind} can be decided: {', '.join(DECISIONS[kind])}; got "
                        f"{one.decision[:40]!r}.", {"expected": list(DECISIONS[kind])})
            )  # fmt: skip
        else:
            notes.decisions[name] = one.decision
    if offences:
        from gateway.registry.refusals import refuse_all

        raise refuse_all(offences, len(posting.given.decisions), "decisions")
    _keep(posting.t, posting.row.id, notes)


def _post(posting: Posting) -> None:
    row = posting.row
    found = differences(posting.t.execute, row)
    open_ = [one for one in found if one.decision is None]
    if open_:
        raise RegistryRefused(
            "stocktake_unresolved",
            f"{len(open_)} differences of {row.number} are not decided; the first: "
            f"{open_[0].subject} is {open_[0].kind}.",
            [Offence(one.subject, "stocktake_unresolved", _said(one),
                     {"kind": one.kind, "expected": one.expected, "counted": one.counted,
                      "may": list(DECISIONS[one.kind])}) for one in open_],
            document=row.number, undecided=len(open_),
        )  # fmt: skip
    posting.reason = posting.reason or f"stocktake {row.number}"
    groups: dict[tuple[str, int, int | None], list[Difference]] = {}
    for one in found:
        if one.kind == "quantity" and one.decision == "adjust":
            _adjust(posting, one)
        elif one.kind != "quantity":
            where = one.place if one.kind != "missing" else None
            groups.setdefault((f"{one.kind}/{one.decision}", one.item, where), []).append(one)
    for (step, item, place), some in groups.items():
        action = _ACTIONS.get(step)
        if action is None:
            continue
        known = [Target(one.serial, one.life, item) for one in some if one.life is not None]
        new = [Target(one.serial, None, item) for one in some]
        if action is Action.ADJUST_IN:
            known = new
        if not item:
            raise RegistryRefused(
                "item_unknown", f"Of which item {some[0].serial} is, nobody has said; count it "
                "again with the item, or ignore it.", serial=some[0].serial,
            )  # fmt: skip
        back = [one for one in some if one.life and step == "unexpected/take_in"]
        _take(posting, action, item, place, known, back)


_ACTIONS: Mapping[str, Action] = {
    "missing/write_off": Action.WRITE_OFF,
    "moved/move": Action.TRANSFER,
    "unexpected/take_in": Action.ADJUST_IN,
    "unknown/add": Action.ADJUST_IN,
}


def _take(
    posting: Posting,
    action: Action,
    item: int,
    place: int | None,
    targets: Sequence[Target],
    back: Sequence[Difference],
) -> None:
    """Do what was decided; what was written off and is here after all is taken back as itself."""
    if back:
        ids = [one.life for one in back if one.life is not None]
        lives = lives_by_id(posting.t.execute, ids)
        again = [life.id for life in lives.values() if life.state is State.WRITTEN_OFF]
        if again:
            _perform(posting, Action.REINSTATE, item, place,
                     [Target("", life, item) for life in again])  # fmt: skip
        names = {lives[number].serial for number in again}
        targets = [one for one in targets if one.serial not in names]
    if targets:
        _perform(posting, action, item, place, targets)


def _perform(
    posting: Posting, action: Action, item: int, place: int | None, targets: Sequence[Target]
) -> None:
    posting.doing.perform(Act(
        action, targets, item, None, posting.row.id, place, reason=posting.reason,
        at=posting.doing.at,
    ))  # fmt: skip


def _adjust(posting: Posting, one: Difference) -> None:
    more = one.counted - one.expected
    action = Action.ADJUST_IN if more > 0 else Action.WRITE_OFF
    posting.doing.move(Quantities(
        action, one.item, [Portion(abs(more), one.lot, one.place)], posting.row.id, None,
        posting.row.status, to=one.place if more > 0 else None, reason=posting.reason,
        at=posting.doing.at,
    ))  # fmt: skip


def _said(one: Difference) -> str:
    if one.kind == "quantity":
        return f"{one.expected} of {one.subject} should be there, and {one.counted} were counted."
    return f"{one.subject} is {one.kind}" + (f" ({one.location})." if one.location else ".")


STOCKTAKE_STEPS: Mapping[Verb, Callable[[Posting], None]] = {
    Verb.START: _start,
    Verb.COUNT: _count,
    Verb.DECIDE: _decide,
    Verb.POST: _post,
}
