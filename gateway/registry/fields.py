"""Custom fields: what an administrator adds to serials, items, lots, documents, places, parties.

>>> grade = Field("serial", "qc_grade", "QC grade", "choice", ("A", "B"), required_at=("receive",))
>>> check_fields([grade], {}, {"qc_grade": "C"}, "receive")[1][0].detail
"QC grade must be one of A, B, got 'C'."
>>> check_fields([grade], {}, {}, "receive")[1][0].code
'field_required'
>>> check_fields([grade], {"qc_grade": "B"}, {"qc_grade": "A"}, "annotate")
({'qc_grade': 'A'}, ())
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from gateway.registry.refusals import Offence

Scope = Literal["serial", "item", "lot", "document", "location", "party"]
FieldType = Literal["text", "number", "date", "yes_no", "choice"]
Value = str | int | float | bool

LONGEST_VALUE = 1000
"""Characters of one value."""


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field."""

    scope: Scope
    key: str
    label: str = ""
    type: FieldType = "text"
    choices: tuple[str, ...] = ()
    required_at: tuple[str, ...] = ()
    """Actions (``receive``) or document steps that need it."""
    searchable: bool = False
    rank: int = 0

    @property
    def named(self) -> str:
        """What people call it."""
        return self.label or self.key


def check_fields(
    fields: Iterable[Field],
    had: Mapping[str, Value],
    given: Mapping[str, object],
    step: str = "",
    subject: str = "",
) -> tuple[dict[str, Value], Sequence[Offence]]:
    """Return the values with the new ones set in, and everything that is wrong with them.

    A value of None takes a field away. ``step`` is the action for which fields may be required.
    """
    known = {field.key: field for field in fields}
    values, wrong = dict(had), list[Offence]()
    for key, value in given.items():
        field = known.get(key)
        if field is None:
            wrong.append(
                Offence(subject, "field_unknown", f"There is no custom field {key[:40]!r}.",
                        {"field": key[:40], "fields": sorted(known)})
            )  # fmt: skip
        elif value is None or value == "":
            values.pop(key, None)
        else:
            expected = _expected(field, value)
            if expected:
                wrong.append(
                    Offence(subject, "field_wrong",
                            f"{field.named} must be {expected}, got {str(value)[:40]!r}.",
                            {"field": key, "expected": expected})
                )  # fmt: skip
            else:
                values[key] = value  # type: ignore[assignment]
    for field in known.values():
        if step and step in field.required_at and field.key not in values:
            wrong.append(
                Offence(subject, "field_required",
                        f"{field.named} must be filled in to {step.replace('_', ' ')}.",
                        {"field": field.key})
            )  # fmt: skip
    return values, tuple(wrong)


def _expected(field: Field, value: object) -> str:
    """Return what the field takes, empty when the value is that."""
    match field.type:
        case "text":
            fits = isinstance(value, str) and len(value) <= LONGEST_VALUE
            return "" if fits else f"a text of at most {LONGEST_VALUE} characters"
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
            return "" if fits else "a number"
        case "date":
            return "" if _is_date(value) else "a date such as 2026-11-22"
        case "yes_no":
            return "" if isinstance(value, bool) else "true or false"
        case "choice":
            return "" if value in field.choices else f"one of {', '.join(field.choices)}"


def _is_date(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 10:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
