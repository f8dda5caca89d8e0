"""What makes a custom field: its key, its type, and where it is needed.

>>> given = Given({"type": "choice", "choices": ["A", "B"], "searchable": True}, "qc_grade")
>>> read_field("serial", "qc_grade", None, given)
Field(scope='serial', key='qc_grade', label='', type='choice', choices=('A', 'B'), \
required_at=(), searchable=True, rank=0)
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

from gateway.errors import InputRefused
from gateway.registry.fields import Field, FieldType, Scope
from gateway.registry.given import Given
from gateway.registry.lifecycle import TABLE

SCOPES: tuple[Scope, ...] = get_args(Scope)
TYPES: tuple[FieldType, ...] = get_args(FieldType)

KEYS = ("label", "type", "choices", "required_at", "searchable", "rank")
"""What a request can say of a custom field."""

SAVE = "save"
"""The step at which a field of an item, a lot, a location or a party may be needed."""

_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


def check_scope(scope: str) -> Scope:
    """Return what a custom field is of.

    Raises:
        InputRefused: nothing has fields of that scope.
    """
    for known in SCOPES:
        if scope == known:
            return known
    raise InputRefused(
        f"Nothing called {scope[:40]!r} has custom fields; choose from {', '.join(SCOPES)}.",
        key="scope",
    )


def check_key(key: str) -> str:
    """Return the key of a custom field.

    Raises:
        InputRefused: it is not a small letter and up to 39 small letters, digits and ``_``.
    """
    if _KEY.fullmatch(key):
        return key
    raise InputRefused(
        f"{key[:80]!r} cannot be a custom field's key; use a small letter and up to 39 small "
        "letters, digits and '_'.",
        key="key",
    )


def steps_of(scope: Scope) -> tuple[str, ...]:
    """Return the steps at which a field of a scope can be needed."""
    if scope == "serial":
        return tuple(action.value for action in TABLE)
    # A draft of a document may leave out anything, so nothing is needed to save one.
    return () if scope == "document" else (SAVE,)


def read_field(scope: Scope, key: str, was: Field | None, given: Given) -> Field:
    """Return a custom field with what was given set in; ``given.offences`` are what cannot be."""
    given.only(KEYS, "A custom field")
    base = was or Field(scope, key)
    field = replace(
        base,
        label=given.text("label", base.label, most=80),
        type=given.one_of("type", base.type, TYPES),
        choices=given.list_of_text("choices", base.choices, 500),
        required_at=given.list_of_text("required_at", base.required_at),
        searchable=given.yes_no("searchable", base.searchable),
        rank=given.whole("rank", base.rank, 0, 10_000),
    )
    if (field.type == "choice") != bool(field.choices):
        given.refuse(
            "value_wrong",
            "A field of type 'choice' needs its 'choices', and no other type has any.",
            key="choices",
        )  # fmt: skip
    steps = steps_of(scope)
    for step in field.required_at:
        if step not in steps:
            given.refuse(
                "value_wrong",
                f"A field of scope {scope} cannot be needed at {step[:40]!r}; it can be at "
                f"{', '.join(steps) or 'no step'}.",
                key="required_at", step=step[:40],
            )  # fmt: skip
    if field.searchable and scope != "serial":
        given.refuse(
            "value_wrong", f"Only fields of serials are searched by; {key} is of scope {scope}.",
            key="searchable",
        )  # fmt: skip
    return field
