"""Custom fields in the database: what they are, and what changes when one does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.registry.field_rules import check_key, check_scope, read_field
from gateway.registry.fields import Field, Scope, check_fields
from gateway.registry.given import Given
from gateway.registry.refusals import RegistryRefused, refuse_all
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import fields_of, value_key
from gateway.store.registry.lives import Run
from gateway.store.registry.records import Saved, Status

_TABLES: Mapping[Scope, str] = {
    "serial": "life", "item": "item", "lot": "lot", "document": "document", "location": "place",
    "party": "party",
}  # fmt: skip
"""Where values of a scope are."""

_PUT = (
    "INSERT INTO field_def (scope, key, label, type, choices, required_at, searchable, rank) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET "
    "label = excluded.label, type = excluded.type, choices = excluded.choices, "
    "required_at = excluded.required_at, searchable = excluded.searchable, rank = excluded.rank"
)


class FieldStore:
    """All SQL about custom fields."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, scope: str) -> list[Field]:
        """Return the fields of a scope, in their order.

        Raises:
            InputRefused: there is no such scope.
        """
        return self._database_fields(check_scope(scope))

    def _database_fields(self, scope: Scope) -> list[Field]:
        return [
            Field(scope, row[0], row[1], row[2], tuple(json.loads(row[3])),
                  tuple(json.loads(row[4])), bool(row[5]), row[6])
            for row in self._database.read(
                "SELECT key, label, type, choices, required_at, searchable, rank FROM field_def "
                "WHERE scope = ? ORDER BY rank, key",
                (scope,),
            )
        ]  # fmt: skip

    def get(self, scope: str, key: str) -> Field:
        """Return a field.

        Raises:
            InputRefused: there is no such scope.
            RegistryRefused: there is no such field.
        """
        for field in self.all(scope):
            if field.key == key:
                return field
        raise _unknown(scope, key)

    def save(
        self, t: Transaction, scope: str, key: str, values: Mapping[str, object], actor: str
    ) -> Saved[Field]:
        """Make a field, or change one; what is not given stays as it was.

        Raises:
            InputRefused: there is no such scope, or the key cannot be one.
            RegistryRefused: with everything that is wrong, or values there are do not fit.
        """
        named, key = check_scope(scope), check_key(key)
        was = next((one for one in fields_of(t, named) if one.key == key), None)
        given = Given(values, f"{scope} {key}")
        field = read_field(named, key, was, given)
        if given.offences:
            raise refuse_all(given.offences, len(given.offences), "values")
        status: Status = "new" if was is None else ("same" if field == was else "changed")
        if status == "same":
            return Saved(field, status)
        if was is not None and (was.type, was.choices) != (field.type, field.choices):
            _check_values(t, field)
        t.execute(
            _PUT,
            (named, key, field.label, field.type, json.dumps(field.choices, ensure_ascii=False),
             json.dumps(field.required_at), int(field.searchable), field.rank),
        )  # fmt: skip
        if named == "serial" and (was is not None or field.searchable):
            _index(t, field)
        body: dict[str, object] = {"scope": named, "field": key, "type": field.type,
                                   "searchable": field.searchable}  # fmt: skip
        tell(t, now(), "field.saved", f"fields/{named}/{key}", actor, body)
        return Saved(field, status)

    def delete(self, t: Transaction, scope: str, key: str, actor: str) -> None:
        """Remove a field that nothing has a value of.

        Raises:
            InputRefused: there is no such scope.
            RegistryRefused: there is no such field, or ``field_in_use``.
        """
        named = check_scope(scope)
        if all(one.key != key for one in fields_of(t, named)):
            raise _unknown(scope, key)
        used = sum(1 for _ in _values(t.execute, named, key))
        if used:
            raise RegistryRefused(
                "field_in_use",
                f"{key} has {used} value{'' if used == 1 else 's'}; take them away first.",
                field=key, used=used,
            )  # fmt: skip
        t.execute("DELETE FROM field_def WHERE scope = ? AND key = ?", (named, key))
        tell(t, now(), "field.deleted", f"fields/{named}/{key}", actor,
             {"scope": named, "field": key})  # fmt: skip


def _unknown(scope: str, key: str) -> RegistryRefused:
    return RegistryRefused(
        "field_not_there",
        f"There is no custom field {key[:80]!r} of scope {scope[:20]}.",
        field=key[:80],
    )


def _values(run: Run, scope: Scope, key: str) -> Iterator[tuple[int, Any]]:
    """Yield who has a value of a field, and the value."""
    query = f"SELECT id, attrs FROM {_TABLES[scope]} WHERE attrs LIKE ? ESCAPE '!' ORDER BY id"
    like = f'%"{key.replace("_", "!_")}":%'
    for number, attrs in run(query, (like,)):
        values = json.loads(attrs)
        if key in values:
            yield number, values[key]


def _check_values(t: Transaction, field: Field) -> None:
    """Refuse a type or choices that values there are do not fit."""
    unfit = [
        value for _, value in _values(t.execute, field.scope, field.key)
        if check_fields([field], {}, {field.key: value})[1]
    ]  # fmt: skip
    if unfit:
        shown = ", ".join(repr(value)[:40] for value in unfit[:3])
        raise RegistryRefused(
            "field_in_use",
            f"{len(unfit)} value{'' if len(unfit) == 1 else 's'} of {field.key} would no longer "
            f"fit, such as {shown}.",
            field=field.key, used=len(unfit),
        )  # fmt: skip


def _index(t: Transaction, field: Field) -> None:
    """Put the values there are where a search finds them, or take them from there."""
    t.execute("DELETE FROM life_value WHERE key = ?", (field.key,))
    if not field.searchable:
        return
    rows = [
        (field.key, value_key(value), life)
        for life, value in _values(t.execute, "serial", field.key)
    ]
    t.bulk("life_value", ("key", "value", "life"), rows)
