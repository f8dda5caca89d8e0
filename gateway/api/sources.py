"""What fills many labels: records of the registry, a table somebody sent, or rows in the request.

    {"about": "serial", "filter": {…}}      ──read_source──► Source ──rows──► number, title, fields
    {"table": id, "columns": {field: column}, "values": {field: text}}
    {"rows": [{field: value}, …]}

A source is read anew each time it is gone through, a page at a time.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gateway.api.parts import Parts
from gateway.api.reading import refuse_unknown, say
from gateway.api.records import Records
from gateway.api.registry.kept_tables import KeptTables
from gateway.api.registry.switch import must_be_on
from gateway.errors import InputRefused, TooLarge
from gateway.registry.label_values import ABOUTS, FILLED, About

if TYPE_CHECKING:
    from gateway.templates.model import Template

MOST_GIVEN = 1_000
"""Rows that stand in the request itself."""

MOST_RECORDS = 1_000_000
"""Records of the registry that one source has."""

_PAGE = 200

SOURCE_KEYS = ("about", "filter", "table", "columns", "values", "rows")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """What fills one label."""

    number: int
    """A table's row as a person finds it there; else its place in the source, from 1."""
    title: str
    """What people call it; empty where nothing says."""
    fields: Mapping[str, object]
    """Those of the template only."""
    cells: Sequence[object]
    """What the source says of it, under the source's header."""
    said: Mapping[str, object]
    """Everything the source says of it, by the names in the source's ``names``."""
    life: int | None = None
    """The serial that the label will be of."""


@dataclass(frozen=True, slots=True)
class Source:
    """Many labels' values."""

    said: str
    """What it is, for people: the file's name, ``serials`` …"""
    header: tuple[str, ...]
    """What its cells are called."""
    count: Callable[[], int]
    """How many rows it has. Reads from the database: not for the event loop."""
    rows: Callable[[], Iterator[SourceRow]]
    """Its rows, in their order. Reads from the database."""
    names: tuple[str, ...]
    """What it can say: columns of a table, fields of a record."""
    about: About | None = None

    def spent(self) -> Source:
        """Return it without its rows, which need not be kept for what is only told of it."""
        return replace(self, count=lambda: 0, rows=lambda: iter(()))


_SAID: Mapping[About, str] = {
    "serial": "serials", "item": "items", "lot": "lots", "location": "locations",
    "party": "customers and suppliers",
}  # fmt: skip


def read_source(parts: Parts, tables: KeptTables, given: object, template: Template) -> Source:
    """Return what a request's ``source`` is.

    Raises:
        InputRefused: it is none of the three, or names what the template or the table lacks.
        Unknown: the table is not kept any more.
        RegistryRefused: there is no registry.
    """
    if not isinstance(given, dict):
        raise InputRefused(
            "'source' must be an object with one of about, table and rows, got "
            f"{say(given)}.", key="source",
        )  # fmt: skip
    refuse_unknown(given, SOURCE_KEYS, "A source")
    named = [key for key in ("about", "table", "rows") if given.get(key) is not None]
    if len(named) != 1:
        raise InputRefused(
            f"'source' must have one of about, table and rows; got "
            f"{' and '.join(named) or 'none of them'}.", key="source",
        )  # fmt: skip
    match named[0]:
        case "about":
            _only(given, ("about", "filter"))
            return _registry(parts, given, template)
        case "table":
            _only(given, ("table", "columns", "values"))
            return _table(tables, given, template)
        case _:
            _only(given, ("rows",))
            return _given(given["rows"])


def _only(given: Mapping[str, Any], keys: Sequence[str]) -> None:
    for key in given:
        if key not in keys:
            raise InputRefused(f"A source with {keys[0]!r} takes no {key!r}.", key=key)


# ---------------------------------------------------------------------- the registry


def _registry(parts: Parts, given: Mapping[str, Any], template: Template) -> Source:
    must_be_on(parts)
    about = next((one for one in ABOUTS if one == given["about"]), None)
    if about is None:
        raise InputRefused(
            f"'about' must be one of {', '.join(ABOUTS)}, got {say(given['about'])}.", key="about"
        )
    records, query = Records(parts), given.get("filter") or {}
    known = [field.name for field in template.fields]
    names = dict.fromkeys(
        [one.name for one in FILLED[about]] + [one.key for one in parts.registry.fields.all(about)]
    )
    header = ("title", *(name for name in known if name in names))
    chosen: list[int] | None = None

    def numbers() -> list[int]:
        nonlocal chosen
        if chosen is None:
            chosen = records.select(about, query, MOST_RECORDS)
        return chosen

    def rows() -> Iterator[SourceRow]:
        found = numbers()
        for start in range(0, len(found), _PAGE):
            page = found[start : start + _PAGE]
            # What has gone meanwhile leaves the places of the others as they were.
            places = {number: place for place, number in enumerate(page, start + 1)}
            for one in records.read(about, page):
                place = places[one.number]
                fields = {name: one.fields[name] for name in known if name in one.fields}
                cells = (one.title, *(one.fields.get(name, "") for name in header[1:]))
                yield SourceRow(place, one.title, fields, cells, one.fields, one.life)

    return Source(_SAID[about], header, lambda: len(numbers()), rows, tuple(names), about)


# ---------------------------------------------------------------------- a table


def _table(tables: KeptTables, given: Mapping[str, Any], template: Template) -> Source:
    if not isinstance(given["table"], str):
        raise InputRefused(
            f"'table' must be the id of a kept table, got {say(given['table'])}.", key="table"
        )
    kept = tables.get(given["table"])
    columns, values = _texts(given, "columns"), _texts(given, "values")
    known = [field.name for field in template.fields]
    for name in (*columns, *values):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}."
            raise InputRefused(
                f"{name[:60]!r} is no field of template {template.name!r}; {hint}", key="columns"
            )
    for name, column in columns.items():
        if column not in kept.header:
            raise InputRefused(
                f"The table has no column {column[:80]!r}; it has "
                f"{', '.join(map(repr, kept.header[:20]))}.",
                key=name,
            )
    named = next((column for column in columns.values()), kept.header[0])

    def rows() -> Iterator[SourceRow]:
        for row in kept.table().rows:
            fields: dict[str, object] = {
                name: cell for name, column in columns.items() if (cell := row.values[column])
            }
            for name, value in values.items():
                fields.setdefault(name, value)
            cells = [row.values[one] for one in kept.header]
            title = row.values[named] or next(filter(None, cells), "")
            yield SourceRow(row.number, title, fields, cells, row.values)

    return Source(kept.name, kept.header, lambda: kept.rows, rows, kept.header)


def _texts(given: Mapping[str, Any], key: str) -> dict[str, str]:
    texts = given.get(key) or {}
    if not isinstance(texts, dict) or not all(isinstance(one, str) for one in texts.values()):
        raise InputRefused(f"{key!r} must be an object of texts, got {say(texts)}.", key=key)
    return {name: text for name, text in texts.items() if text.strip()}


# ---------------------------------------------------------------------- rows as they stand


def _given(rows: object) -> Source:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise InputRefused(
            "'rows' must be a list with one object of fields for each label, such as "
            f'[{{"serial": "SN-000123"}}], got {say(rows)}.',
            key="rows",
        )
    if len(rows) > MOST_GIVEN:
        raise TooLarge(
            f"'rows' has {len(rows):,} rows, and {MOST_GIVEN:,} may stand in a request; send them "
            "as a table first.",
            rows=MOST_GIVEN,
        )
    header = tuple(dict.fromkeys(name for row in rows for name in row))

    def each() -> Iterator[SourceRow]:
        for number, row in enumerate(rows, 1):
            first = next((str(one) for one in row.values() if one not in (None, "")), "")
            yield SourceRow(number, first, row, [row.get(name) for name in header], row)

    return Source("rows", header, lambda: len(rows), each, header)
