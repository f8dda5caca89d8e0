"""A row of data meets the fields of a template: every value checked, none interpreted.

    {"serial": "SN-000123"} ──Binder──► {"serial": "SN-000123", "item": "", "number": "0042"}

What a value holds is kept as it is: braces, brackets and commands in it are characters like any
other.

>>> from gateway.templates.document import parse_template
>>> template = parse_template({"name": "t", "size": {"width": 50000, "height": 25000},
...     "fields": [{"name": "serial", "required": True}, {"name": "made", "type": "date"}]})
>>> bind = Binder(template)
>>> bind({"serial": "{0.__class__}", "made": "2026-11-22"}, {})
{'serial': '{0.__class__}', 'made': '2026-11-22'}
>>> bind({"seriel": "1"}, {})
Traceback (most recent call last):
...
gateway.errors.FieldRefused: 'seriel' is no field of template 't'; did you mean 'serial'?
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from gateway.errors import FieldRefused
from gateway.templates.model import Counter, Field, Template

__all__ = ["Binder", "Moment", "Row", "ZoneInfo", "read_value", "spoken"]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a job was accepted, on the clock of the site: what dates on its labels show."""

    at: datetime
    """With time zone."""
    zone: tzinfo
    """The site's."""

    @property
    def local(self) -> datetime:
        """The site's clock at that moment."""
        return self.at.astimezone(self.zone)


@dataclass(frozen=True, slots=True)
class Row:
    """One label's values, checked and written out; it prints the same whenever it is drawn."""

    values: Mapping[str, str]
    """Of every field and counter, as text."""
    contents: tuple[str | None, ...]
    """What each element of the template says, in order; None where ``print_when`` says no, and
    an empty text for elements that say nothing."""


_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?")
_ISO_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Binder:
    """Checks rows for one template."""

    __slots__ = ("_counters", "_defaults", "_readers", "_required", "_template")

    def __init__(self, template: Template) -> None:
        self._template = template
        self._readers: dict[str, Callable[[object], str]] = {
            field.name: _reader(field) for field in template.fields
        }
        self._required = tuple(field.name for field in template.fields if field.required)
        self._defaults = {
            field.name: read_value(field, field.default) if field.default else ""
            for field in template.fields
        }
        self._counters = template.counters

    def __call__(self, row: Mapping[str, object], counters: Mapping[str, int]) -> dict[str, str]:
        """Return the text of every field and counter.

        Raises:
            FieldRefused: a field is missing, unknown, or has a value it may not have; or a
                counter was not given its count.
        """
        values = self._defaults.copy()
        readers = self._readers
        for name, value in row.items():
            reader = readers.get(name)
            if reader is None:
                raise self._unknown(name)
            if value is not None:
                values[name] = reader(value)
        for name in self._required:
            if not values[name]:
                raise FieldRefused(
                    f"Field {name!r} of template {self._template.name!r} is "
                    f"{'empty' if row.get(name) is not None else 'missing'}; give it a value"
                    f"{self._such_as(name)}.",
                    field=name,
                )
        for counter in self._counters:
            values[counter.name] = _count(counter, counters)
        return values

    def _unknown(self, name: object) -> FieldRefused:
        template = self._template
        near = difflib.get_close_matches(str(name), self._readers, 1)
        if near:
            hint = f"did you mean {near[0]!r}?"
        elif self._readers:
            hint = f"it has {', '.join(self._readers)}."
        else:
            hint = "it has none; leave the row empty."
        return FieldRefused(
            f"{str(name)[:60]!r} is no field of template {template.name!r}; {hint}",
            field=spoken(str(name)[:60]),
        )

    def _such_as(self, name: str) -> str:
        field = self._template.field(name)
        return f" such as {field.example!r}" if field is not None and field.example else ""


def _count(counter: Counter, counters: Mapping[str, int]) -> str:
    value = counters.get(counter.name)
    if value is None:
        raise FieldRefused(
            f"Counter {counter.name!r} has no count for this label; it starts at {counter.start}.",
            counter=counter.name,
        )
    if value < 0:
        raise FieldRefused(
            f"Counter {counter.name!r} is {value}; expected 0 or more, so start it higher or let "
            "it count upwards.",
            counter=counter.name,
            value=value,
        )
    text = str(value)
    if len(text) > counter.width > 1:
        raise FieldRefused(
            f"Counter {counter.name!r} is {value}, more than its {counter.width} digits; give it "
            "a greater width or start again.",
            counter=counter.name,
            value=value,
        )
    return text.zfill(counter.width)


def read_value(field: Field, value: object) -> str:
    """Return a field's value as text.

    Raises:
        FieldRefused: the wrong type, too long, or not of the field's pattern or choices.
    """
    return _reader(field)(value)


def _reader(field: Field) -> Callable[[object], str]:
    to_text = _to_text(field)
    longest, pattern = field.max_length, field.pattern

    def read(value: object) -> str:
        text = to_text(value)
        if not text.isascii() and (shown := spoken(text)) != text:
            raise FieldRefused(
                f"Field {field.name!r} is '{shown[:60]}', which holds a lone surrogate; expected "
                "Unicode text.",
                field=field.name,
                value=shown[:200],
            )
        if len(text) > longest:
            raise FieldRefused(
                f"Field {field.name!r} has {len(text)} characters, expected at most {longest}; "
                "shorten it.",
                field=field.name,
                length=len(text),
                most=longest,
            )
        if pattern is not None and text and pattern.fullmatch(text) is None:
            example = f", such as {field.example!r}" if field.example else ""
            raise FieldRefused(
                f"Field {field.name!r} is {_shown(text)}; expected {pattern.pattern}{example}.",
                field=field.name,
                value=text,
                pattern=pattern.pattern,
            )
        return text

    return read


def _to_text(field: Field) -> Callable[[object], str]:
    def refuse(value: object, expected: str) -> FieldRefused:
        return FieldRefused(
            f"Field {field.name!r} is {_shown(value)}; expected {expected}.",
            field=field.name,
            value=spoken(str(value)[:200]),
        )

    def as_text(value: object) -> str:
        if type(value) is str:
            return value
        # A whole number has one way to be written; 1.10 and true have several.
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise refuse(value, "text, in quotes")

    def as_integer(value: object) -> str:
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            return str(value)
        if isinstance(value, str) and (not value or _INTEGER.fullmatch(value)):
            return value
        raise refuse(value, "a whole number of at most 18 digits")

    def as_decimal(value: object) -> str:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = repr(value)
        if isinstance(value, str) and (not value or _DECIMAL.fullmatch(value)):
            return value
        raise refuse(value, "a number such as 12.50, with a point")

    def as_date(value: object) -> str:
        if isinstance(value, str):
            if not value:
                return value
            if _ISO_DATE.fullmatch(value):
                try:
                    return date.fromisoformat(value).isoformat()
                except ValueError:
                    pass
        raise refuse(value, "a date as YYYY-MM-DD, such as 2026-01-31")

    def as_choice(value: object) -> str:
        if isinstance(value, str) and (value in field.choices or not value):
            return value
        raise refuse(value, f"one of {', '.join(map(repr, field.choices))}")

    match field.type:
        case "text":
            return as_text
        case "integer":
            return as_integer
        case "decimal":
            return as_decimal
        case "date":
            return as_date
        case "choice":
            return as_choice
        case _:
            assert_never(field.type)


def spoken(text: str) -> str:
    r"""Return text that can be written as UTF-8: lone surrogates become ``\udxxx``."""
    return text.encode("utf-8", "backslashreplace").decode()


def _shown(value: object) -> str:
    if isinstance(value, str):
        return repr(value) if len(value) <= 60 else f"{value[:57]!r}..."
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, Mapping):
        return "an object"
    return f"the number {str(value)[:60]}"
