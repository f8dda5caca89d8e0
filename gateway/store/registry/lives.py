"""Lives of serials, fetched: one by one or a hundred thousand at once, as guards see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from gateway.registry.lifecycle import Life, State

T = TypeVar("T")

Run = Callable[[str, Sequence[object]], Iterable[tuple[Any, ...]]]
"""How a query is run: in a transaction, or by a reader."""

CHUNK = 400
"""Values in one statement. The last, shorter one is filled up, so that the statement is the same
and stays prepared."""

LIFE = (
    "SELECT u.id, u.item, u.serial, u.serial_key, u.number, u.state, u.held, u.label_state, "
    "u.place, u.lot, u.parent, u.supplier, u.customer, u.cost, u.currency, u.price, "
    "u.price_currency, u.warranty_in, u.warranty_out, u.service_due, u.received_at, "
    "u.shipped_at, u.seen_at, u.seen_place, u.memo, u.attrs, r.line, r.role, "
    "d.type || ' ' || d.number, p.code, coalesce(nullif(c.name, ''), c.code), u.event, u.version "
    "FROM life u "
    "LEFT JOIN line_life r ON r.life = u.id AND r.role IN ('planned', 'committed', 'picked') "
    "LEFT JOIN document_line l ON l.id = r.line LEFT JOIN document d ON d.id = l.document "
    "LEFT JOIN place p ON p.id = u.place LEFT JOIN party c ON c.id = u.customer "
)
_STATES = {state.value: state for state in State}
_MARKS = ", ".join("?" * CHUNK)
_BY_ID = f"{LIFE} WHERE u.id IN ({_MARKS})"
_ONE_BY_ID = f"{LIFE} WHERE u.id = ?"
_BY_KEY = f"{LIFE} WHERE u.item = ? AND u.serial_key IN ({_MARKS}) ORDER BY u.serial_key, u.number"
_ONE_BY_KEY = f"{LIFE} WHERE u.item = ? AND u.serial_key = ? ORDER BY u.number"


def life_of(row: Sequence[Any]) -> Life:
    """Return a row of ``LIFE`` as a value."""
    values = list(row)
    values[5] = _STATES[values[5]]
    return Life._make(values)


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[list[T]]:
    """Yield the values in lists of exactly ``size``: the last is filled with its own last value.

    >>> list(chunks([1, 2, 3], 2))
    [[1, 2], [3, 3]]
    """
    for start in range(0, len(values), size):
        part = list(values[start : start + size])
        yield part + [part[-1]] * (size - len(part))


def lives_by_id(run: Run, ids: Sequence[int]) -> dict[int, Life]:
    """Return lives by their number; those that there are not are left out."""
    if len(ids) == 1:
        return {row[0]: life_of(row) for row in run(_ONE_BY_ID, ids)}
    found: dict[int, Life] = {}
    for part in chunks(sorted(set(ids))):
        found |= {row[0]: life_of(row) for row in run(_BY_ID, part)}
    return found


def lives_by_key(run: Run, item: int, keys: Sequence[str]) -> dict[str, list[Life]]:
    """Return all lives of the serials of an item, oldest first, by their keys."""
    found: dict[str, list[Life]] = {}
    if len(keys) == 1:
        parts, query = [[keys[0]]], _ONE_BY_KEY
    else:
        # In the index's order, so that its pages are read once each.
        parts, query = list(chunks(sorted(set(keys)))), _BY_KEY
    for part in parts:
        for row in run(query, (item, *part)):
            found.setdefault(row[3], []).append(life_of(row))
    return found
