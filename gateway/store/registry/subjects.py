"""What labels can be about, looked for by whoever makes one: the first, the longest, the emptiest.

    about ──ends──► some numbers of rows among which the longest is, whatever the template shows

All is bounded: of a table only its oldest and its newest rows are measured, and for serials those
of the items with the longest names besides, because a name is longer than most that a serial has
of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.registry.label_values import About
from gateway.store.registry.lives import Run

MEASURED = 5_000
"""Rows that are measured from each end of a table."""

CANDIDATES = 40
"""Rows of each end that are read whole, and compared by what a template shows of them."""

OF_ITEM = 3
"""Serials looked at of each item with a long name."""

_TABLES: Mapping[About, str] = {
    "serial": "life", "item": "item", "lot": "lot", "location": "place", "party": "party",
}  # fmt: skip

_LENGTHS: Mapping[About, str] = {
    "serial": "length(serial) + length(memo) + length(attrs) + "
    "CASE WHEN lot IS NULL THEN 0 ELSE 6 END + CASE WHEN place IS NULL THEN 0 ELSE 6 END + "
    "CASE WHEN customer IS NULL THEN 0 ELSE 6 END + "
    "CASE WHEN warranty_out IS NULL THEN 0 ELSE 10 END",
    "item": "length(sku) + length(name) + length(attrs) + length(coalesce(gtin, ''))",
    "lot": "length(code) + length(memo) + length(attrs) + length(coalesce(expires_on, ''))",
    "location": "length(code) + length(name) + length(attrs) + length(gln)",
    "party": "length(code) + length(name) + length(attrs) + length(gln)",
}
"""Characters of what a label may show, without looking into another table."""


def first(run: Run, about: About) -> int | None:
    """Return the number of the oldest there is."""
    rows = run(f"SELECT id FROM {_TABLES[about]} ORDER BY id LIMIT 1", ())
    return next((int(row[0]) for row in rows), None)


def beside(run: Run, about: About, number: int, *, before: bool) -> int | None:
    """Return the number of the next one, or of the one before; None behind the last."""
    compared, order = ("<", "id DESC") if before else (">", "id")
    query = f"SELECT id FROM {_TABLES[about]} WHERE id {compared} ? ORDER BY {order} LIMIT 1"
    return next((int(row[0]) for row in run(query, (number,))), None)


def ends(run: Run, about: About, *, longest: bool) -> list[int]:
    """Return numbers of rows that have much to show, or little."""
    found: dict[int, None] = {}
    for direction in ("", " DESC"):
        query = (
            f"SELECT id FROM (SELECT id, {_LENGTHS[about]} AS size FROM {_TABLES[about]} "
            f"ORDER BY id{direction} LIMIT ?) AS measured "
            f"ORDER BY size{' DESC' if longest else ''}, id LIMIT ?"
        )
        found |= dict.fromkeys(int(row[0]) for row in run(query, (MEASURED, CANDIDATES)))
    if about == "serial":
        for item in ends(run, "item", longest=longest):
            query = "SELECT id FROM life WHERE item = ? ORDER BY state, id LIMIT ?"
            found |= dict.fromkeys(int(row[0]) for row in run(query, (item, OF_ITEM)))
    return list(found)


def lots_beginning(run: Run, text: str, limit: int) -> list[int]:
    """Return the numbers of lots whose codes begin so."""
    escaped = text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    query = "SELECT id FROM lot WHERE lower(code) LIKE lower(?) ESCAPE '!' ORDER BY id DESC LIMIT ?"
    return [int(row[0]) for row in run(query, (escaped + "%", limit))]


def lots_called(run: Run, code: str, limit: int) -> list[int]:
    """Return the numbers of lots with exactly that code, of whatever item; the newest first."""
    query = "SELECT id FROM lot WHERE lower(code) = lower(?) ORDER BY id DESC LIMIT ?"
    return [int(row[0]) for row in run(query, (code, limit))]


def lots_of_item(run: Run, item: int, limit: int) -> list[int]:
    """Return the numbers of an item's lots, the newest first."""
    query = "SELECT id FROM lot WHERE item = ? ORDER BY id DESC LIMIT ?"
    return [int(row[0]) for row in run(query, (item, limit))]


def serials_inside(run: Run, kind: str, number: int, limit: int) -> list[int]:
    """Return the numbers of serials of an item, in a lot, or at a location: the oldest."""
    column = {"item": "item", "lot": "lot", "location": "place"}[kind]
    query = f"SELECT id FROM life WHERE {column} = ? ORDER BY id LIMIT ?"
    if kind == "item":  # by the index that has the state before the number
        query = "SELECT id FROM life WHERE item = ? ORDER BY state, id LIMIT ?"
    return [int(row[0]) for row in run(query, (number, limit))]
