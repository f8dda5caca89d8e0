"""Lists of serials, a page in a few milliseconds whatever is asked and however many there are.

    Wanted ──_way──► the index that serves best ──windows──► numbers of lives, and where to go on

One filter chooses an index, and the serials are read in the index's order from where the page
before ended. The other filters are looked at on the way. Where they let too few pass, the page ends
after ``MOST_LOOKED_AT`` serials with fewer items than asked for, and says where to go on: no
question can keep the database busy for long.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from gateway.registry.lives import State
from gateway.registry.serial_text import key_of, normalise
from gateway.store.registry.acting import value_key
from gateway.store.registry.lives import Run

WINDOW = 1000
"""Serials looked at by one statement, at most: the first looks at as many as the page has."""

MOST_LOOKED_AT = 4 * WINDOW
"""Serials looked at for one page."""

MOST_BRANCHES = 500
"""Places or lines that are read side by side; behind that all serials are read and looked at."""

FEWEST = 8
"""Rows that one statement asks of one branch of many."""

ON_HAND = ("received", "committed")
_EVERY_STATE = tuple(state.value for state in State)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which serials a list shows: all that is not None or empty must hold."""

    item: int | None = None
    states: tuple[str, ...] = ()
    place: int | None = None
    inside: bool = False
    """Also in the places inside that place."""
    customer: int | None = None
    supplier: int | None = None
    lot: int | None = None
    document: int | None = None
    parent: int | None = None
    held: bool | None = None
    held_because: str = ""
    label: str = ""
    received_from: int | None = None
    received_to: int | None = None
    """Microseconds UTC, not included."""
    shipped_from: int | None = None
    shipped_to: int | None = None
    warranty_before: str = ""
    """ISO date: our warranty ends before it."""
    serial: str = ""
    prefix: str = ""
    fields: Mapping[str, object] = field(default_factory=dict)
    """Searchable custom fields."""
    active_places: bool = False
    newest: bool = False
    """The other way round: the newest first. What is asked for by its serial stays A to Z."""


class Way(NamedTuple):
    """A way through the serials: an index, read in its order from side to side."""

    serves: frozenset[str]
    """The filters that it makes true."""
    order: tuple[str, ...]
    branches: Sequence[tuple[str, tuple[object, ...]]]
    """Conditions that the index serves, read side by side."""
    source: str = "life u"
    backwards: bool = False


class Page(NamedTuple):
    """Numbers of lives, and the place in the order behind which the next page begins."""

    lives: list[int]
    next: tuple[object, ...] | None


def find_serials(run: Run, wanted: Wanted, after: Sequence[object] | None, limit: int) -> Page:
    """Return one page; ``after`` is where the page before ended."""
    way = way_of(run, wanted)
    rest = [
        (sql, values) for name, sql, values in _conditions(wanted) if name not in way.serves
    ]  # fmt: skip
    window = limit + 1
    found: list[int] = []
    looked_at, last = 0, 0
    while True:
        rows = _window(run, way, rest, after, window)
        for *key, life, fits in rows:
            if fits and life != last:  # it may stand on a line in several roles
                if len(found) == limit:
                    return Page(found, None if after is None else tuple(after))
                found.append(life)
                last = life
            after = key
        looked_at += len(rows)
        if len(rows) < window:
            return Page(found, None)
        # Where many fit a small window is enough; where few do, larger ones are cheaper.
        window = min(4 * window, max(WINDOW, window))
        if looked_at >= MOST_LOOKED_AT:
            return Page(found, None if after is None else tuple(after))


def way_of(run: Run, wanted: Wanted) -> Way:
    """Return the way that looks at the fewest serials, as far as the question tells."""
    way = next(_ways(run, wanted))
    return way._replace(backwards=wanted.newest and way.order != _BY_SERIAL)


def _ways(run: Run, w: Wanted) -> Iterator[Way]:
    by_id = ("u.id",)
    if w.serial:
        item = () if w.item is None else (w.item,)
        also = "" if w.item is None else " AND u.item = ?"
        yield Way(
            frozenset({"serial", "item"} if item else {"serial"}), _BY_SERIAL,
            [(f"u.serial_key = ?{also}", (key, *item)) for key in keys_of(w.serial)],
        )  # fmt: skip
    if w.parent is not None:
        yield Way(frozenset({"parent"}), by_id, [("u.parent = ?", (w.parent,))])
    if w.lot is not None:
        yield Way(frozenset({"lot"}), by_id, [("u.lot = ?", (w.lot,))])
    if w.document is not None:
        lines = [row[0] for row in run("SELECT id FROM document_line WHERE document = ?",
                                       (w.document,))]  # fmt: skip
        if not lines:
            yield Way(frozenset({"document"}), by_id, [])
        if len(lines) <= MOST_BRANCHES:
            yield Way(
                frozenset({"document"}), ("r.life",), [("r.line = ?", (line,)) for line in lines],
                "line_life r CROSS JOIN life u",
            )  # fmt: skip
    for key, value in w.fields.items():
        yield Way(
            frozenset({f"field.{key}"}), ("v.life",),
            [("v.key = ? AND v.value = ?", (key, value_key(value)))],
            "life_value v CROSS JOIN life u",
        )  # fmt: skip
    if w.prefix:
        yield Way(
            frozenset({"prefix"}), _BY_SERIAL,
            [("u.serial_key >= ? AND u.serial_key < ?", (key, key + _LAST))
             for key in keys_of(w.prefix)],
        )  # fmt: skip
    if w.customer is not None:
        yield Way(frozenset({"customer"}), by_id, [("u.customer = ?", (w.customer,))])
    if w.held_because:
        yield Way(frozenset({"held_because"}), by_id, [("u.held = ?", (w.held_because,))])
    if w.held:
        yield Way(frozenset({"held"}), ("u.held", "u.id"), [("u.held IS NOT NULL", ())])
    if w.label in ("pending", "uncertain"):
        yield Way(
            frozenset({"label"}), by_id,
            [(f"u.label_state = '{w.label}' AND u.label_state IN ('pending', 'uncertain')", ())],
        )  # fmt: skip
    if w.place is not None:
        places = places_inside(run, w.place) if w.inside else [w.place]
        if len(places) <= MOST_BRANCHES:
            yield Way(frozenset({"place"}), by_id, [("u.place = ?", (one,)) for one in places])
    if w.supplier is not None:
        yield Way(frozenset({"supplier"}), by_id, [("u.supplier = ?", (w.supplier,))])
    if w.item is not None:
        yield Way(
            frozenset({"item", "states"}), by_id,
            [("u.item = ? AND u.state = ?", (w.item, state)) for state in w.states or _EVERY_STATE],
        )  # fmt: skip
    yield from _time_ways(w)
    if w.states:
        yield Way(frozenset({"states"}), by_id, [("u.state = ?", (s,)) for s in w.states])
    yield Way(frozenset(), by_id, [("1 = 1", ())])


def _time_ways(w: Wanted) -> Iterator[Way]:
    for name, begin, end in (
        ("received", w.received_from, w.received_to), ("shipped", w.shipped_from, w.shipped_to)
    ):  # fmt: skip
        if begin is not None or end is not None:
            condition = f"u.{name}_at >= ? AND u.{name}_at < ?"
            values = (begin or 0, _FOR_EVER if end is None else end)
            yield Way(frozenset({name}), (f"u.{name}_at", "u.id"), [(condition, values)])
    if w.warranty_before:
        yield Way(
            frozenset({"warranty"}), ("u.warranty_out", "u.id"),
            [("u.warranty_out < ?", (w.warranty_before,))],
        )  # fmt: skip


_BY_SERIAL = ("u.serial_key", "u.item", "u.number")
_LAST = "\U0010ffff"
"""Behind every character that a serial can have: keys are compared by their code points."""
_FOR_EVER = 2**62


def _conditions(w: Wanted) -> Iterator[tuple[str, str, tuple[object, ...]]]:
    """Yield every filter as a condition on one life ``u``."""

    def marks(values: Sequence[object]) -> str:
        return ", ".join("?" * len(values))

    if w.serial:
        keys = keys_of(w.serial)
        yield "serial", f"u.serial_key IN ({marks(keys)})", tuple(keys)
    if w.prefix:
        starts = [("u.serial_key >= ? AND u.serial_key < ?", key) for key in keys_of(w.prefix)]
        yield (
            "prefix",
            f"({' OR '.join(sql for sql, _ in starts)})",
            tuple(value for _, key in starts for value in (key, key + _LAST)),
        )
    for name, column, value in (
        ("item", "item", w.item), ("customer", "customer", w.customer), ("lot", "lot", w.lot),
        ("supplier", "supplier", w.supplier), ("parent", "parent", w.parent),
        ("held_because", "held", w.held_because or None),
        ("label", "label_state", w.label or None),
    ):  # fmt: skip
        if value is not None:
            yield name, f"u.{column} = ?", (value,)
    if w.states:
        yield "states", f"u.state IN ({marks(w.states)})", w.states
    if w.held is not None:
        yield "held", f"u.held IS {'NOT ' if w.held else ''}NULL", ()
    if w.place is not None:
        inside = f"u.place IN ({_INSIDE})" if w.inside else "u.place = ?"
        yield "place", inside, (w.place,)
    if w.active_places:
        yield (
            "active",
            "(u.place IS NULL OR u.place IN (SELECT id FROM place WHERE active = 1))",
            (),
        )
    for name, begin, end in (
        ("received", w.received_from, w.received_to), ("shipped", w.shipped_from, w.shipped_to)
    ):  # fmt: skip
        if begin is not None or end is not None:
            values = (begin or 0, _FOR_EVER if end is None else end)
            yield name, f"u.{name}_at >= ? AND u.{name}_at < ?", values
    if w.warranty_before:
        yield "warranty", "u.warranty_out < ?", (w.warranty_before,)
    if w.document is not None:
        yield "document", _ON_DOCUMENT, (w.document,)
    for key, wanted in w.fields.items():
        yield f"field.{key}", _HAS_VALUE, (key, value_key(wanted))


_INSIDE = (
    "WITH RECURSIVE inside(id) AS (SELECT id FROM place WHERE id = ? "
    "UNION SELECT p.id FROM place p JOIN inside i ON p.parent = i.id) SELECT id FROM inside"
)
_ON_DOCUMENT = (
    "EXISTS (SELECT 1 FROM line_life x JOIN document_line y ON y.id = x.line "
    "WHERE x.life = u.id AND y.document = ?)"
)
_HAS_VALUE = "EXISTS (SELECT 1 FROM life_value x WHERE x.key = ? AND x.value = ? AND x.life = u.id)"


def places_inside(run: Run, place: int) -> list[int]:
    """Return a place and all places inside it."""
    return [row[0] for row in run(_INSIDE, (place,))]


def keys_of(serial: str) -> list[str]:
    """Return the keys a serial may stand under: folded, and as it is.

    >>> keys_of("Ab1"), keys_of("ab1")
    (['ab1', 'Ab1'], ['ab1'])
    """
    text = normalise(serial)
    return list(dict.fromkeys((key_of(text, "fold"), key_of(text, "exact"))))


def statement(
    way: Way, branch: int, rest: Sequence[tuple[str, tuple[object, ...]]], after: bool
) -> str:
    """Return the statement that reads a window of one branch.

    The filters that are left stand in the answer and not in the condition, so that no database
    thinks of another index for them.
    """
    columns = ", ".join(way.order)
    life = "u.id" if way.source.startswith("life u") else way.order[0]
    fits = f"CASE WHEN {' AND '.join(sql for sql, _ in rest)} THEN 1 ELSE 0 END" if rest else "1"
    where = way.branches[branch][0]
    if way.source.endswith("CROSS JOIN life u"):
        where += f" AND u.id = {life}"
    if after:
        marks = ", ".join("?" * len(way.order))
        behind = "<" if way.backwards else ">"
        several = len(way.order) > 1
        where += f" AND ({columns}) {behind} ({marks})" if several else f" AND {columns} {behind} ?"
    order = ", ".join(f"{one} DESC" for one in way.order) if way.backwards else columns
    return (
        f"SELECT {columns}, {life}, {fits} FROM {way.source} WHERE {where} ORDER BY {order} LIMIT ?"
    )


def _window(
    run: Run,
    way: Way,
    rest: Sequence[tuple[str, tuple[object, ...]]],
    after: Sequence[object] | None,
    limit: int,
) -> list[tuple[Any, ...]]:
    """Return the next rows of all branches, in their order."""
    looked_for = [value for _, values in rest for value in values]

    def rows(branch: int, at_once: int) -> Iterator[tuple[Any, ...]]:
        behind = after
        while True:
            query = statement(way, branch, rest, behind is not None)
            values = (*looked_for, *way.branches[branch][1], *(behind or ()), at_once)
            found = list(run(query, values))
            yield from found
            if len(found) < at_once:
                return
            behind = found[-1][: len(way.order)]

    if len(way.branches) == 1:
        return list(islice(rows(0, limit), limit))
    # Of many branches each gives a few rows; a branch that gives more is asked again.
    at_once = max(FEWEST, 2 * limit // max(1, len(way.branches)))
    branches = (rows(n, at_once) for n in range(len(way.branches)))
    return list(islice(heapq.merge(*branches, reverse=way.backwards), limit))
