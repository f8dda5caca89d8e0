"""Lives of serials, fetched: one by one or a hundred thousand at once, as guards see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from gateway.registry.lives import Life, State

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
# Of many lives, the names of what they point to are fetched beside them, each only once.
_PLAIN = (
    "SELECT u.id, u.item, u.serial, u.serial_key, u.number, u.state, u.held, u.label_state, "
    "u.place, u.lot, u.parent, u.supplier, u.customer, u.cost, u.currency, u.price, "
    "u.price_currency, u.warranty_in, u.warranty_out, u.service_due, u.received_at, "
    "u.shipped_at, u.seen_at, u.seen_place, u.memo, u.attrs, r.line, r.role, u.event, u.version "
    "FROM life u "
    "LEFT JOIN line_life r ON r.life = u.id AND r.role IN ('planned', 'committed', 'picked') "
)
_STATES = {state.value: state for state in State}
_MARKS = ", ".join("?" * CHUNK)
_BY_ID = f"{_PLAIN} WHERE u.id IN ({_MARKS})"
_ONE_BY_ID = f"{LIFE} WHERE u.id = ?"
_BY_KEY = (
    f"{_PLAIN} WHERE u.item = ? AND u.serial_key IN ({_MARKS}) ORDER BY u.serial_key, u.number"
)
_ONE_BY_KEY = f"{LIFE} WHERE u.item = ? AND u.serial_key = ? ORDER BY u.number"


_DOCUMENTS = (
    "SELECT l.id, d.type || ' ' || d.number FROM document_line l "
    f"JOIN document d ON d.id = l.document WHERE l.id IN ({_MARKS})"
)
_PLACES = f"SELECT id, code FROM place WHERE id IN ({_MARKS})"
_CUSTOMERS = f"SELECT id, coalesce(nullif(name, ''), code) FROM party WHERE id IN ({_MARKS})"


def life_of(row: Sequence[Any]) -> Life:
    """Return a row of ``LIFE`` as a value."""
    return Life._make((*row[:5], _STATES[row[5]], *row[6:]))


class _Names:
    """Of lives that are fetched together, what the things they point to are called."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._known: dict[str, dict[int | None, str | None]] = {
            query: {None: None} for query in (_DOCUMENTS, _PLACES, _CUSTOMERS)
        }

    def lives(self, rows: Sequence[tuple[Any, ...]]) -> list[Life]:
        """Return rows of ``_PLAIN`` as values, with those names."""
        documents = self._of(_DOCUMENTS, {row[26] for row in rows})
        places = self._of(_PLACES, {row[8] for row in rows})
        customers = self._of(_CUSTOMERS, {row[12] for row in rows})
        make, states = Life._make, _STATES
        return [
            make(
                (*row[:5], states[row[5]], *row[6:28], documents[row[26]], places[row[8]],
                 customers[row[12]], *row[28:])
            )
            for row in rows
        ]  # fmt: skip

    def _of(self, query: str, wanted: set[int | None]) -> dict[int | None, str | None]:
        known = self._known[query]
        for part in chunks([one for one in wanted if one not in known]):
            known.update(self._run(query, part))
        return known


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
    names = _Names(run)
    for part in chunks(sorted(set(ids))):
        found.update((life.id, life) for life in names.lives(list(run(_BY_ID, part))))
    return found


def lives_by_key(run: Run, item: int, keys: Sequence[str]) -> dict[str, list[Life]]:
    """Return all lives of the serials of an item, oldest first, by their keys."""
    found: dict[str, list[Life]] = {}
    if len(keys) == 1:
        for row in run(_ONE_BY_KEY, (item, keys[0])):
            found.setdefault(row[3], []).append(life_of(row))
        return found
    names = _Names(run)
    # In the index's order, so that its pages are read once each.
    for part in chunks(sorted(set(keys))):
        for life in names.lives(list(run(_BY_KEY, (item, *part)))):
            found.setdefault(life.key, []).append(life)
    return found
