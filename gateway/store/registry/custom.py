"""Custom fields of items, locations, parties and lots: set with everything else of the thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from gateway.registry.fields import Field, Value, check_fields
from gateway.registry.given import Given
from gateway.registry.items import Item
from gateway.registry.parties import Party
from gateway.registry.places import Location

T = TypeVar("T", Item, Location, Party)

SAVE = "save"
"""The step at which a field of such a thing may be required."""

CELL = "fields."
"""What the heading of a table's column with a custom field begins with."""


def set_fields(thing: T, given: Given, fields: Sequence[Field]) -> T:
    """Return a thing with its custom fields, checked; ``given.offences`` are what cannot be."""
    from dataclasses import replace

    return replace(thing, fields=fields_given(thing.fields, given, fields))


def fields_given(
    had: Mapping[str, Value], given: Given, fields: Sequence[Field]
) -> Mapping[str, Value]:
    """Return custom fields with those that were given set in."""
    if not given.has("fields") and not any(SAVE in one.required_at for one in fields):
        return had
    value: Any = given.values.get("fields", {})
    if not isinstance(value, dict):
        given.wrong("fields", "an object of custom fields")
        return had
    values, wrong = check_fields(fields, had, value, SAVE, given.subject)
    given.offences += wrong
    return values


def from_cells(row: Mapping[str, str], fields: Sequence[Field]) -> dict[str, object]:
    """Return a row of a table with its columns ``fields.…`` as custom fields of their types.

    An empty cell says nothing.
    """
    types = {one.key: one.type for one in fields}
    values: dict[str, object] = {}
    custom: dict[str, object] = {}
    for name, cell in row.items():
        if not name.startswith(CELL):
            values[name] = cell
        elif cell != "":
            key = name.removeprefix(CELL)
            custom[key] = _typed(cell, types.get(key, "text"))
    if custom:
        values["fields"] = custom
    return values


def _typed(cell: str, kind: str) -> object:
    """Return what a cell means to a field of a type; the cell itself where it cannot be that."""
    if kind == "number":
        for read in (int, float):
            try:
                return read(cell)
            except ValueError:
                continue
    if kind == "yes_no":
        return {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}.get(
            cell.strip().lower(), cell
        )
    return cell
