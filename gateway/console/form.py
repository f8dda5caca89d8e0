"""What a form sends becomes the JSON that a route takes.

    name=value pairs ──read_form──► {"_call": …}, {"media.width:um": …}
                     ──body_of────► {"media": {"width": 100000}}

A field's name says where its value goes and what it is: ``path.to.it:kind`` and then ``?`` (left
out when it is empty) or ``!`` (null when it is empty). Whole numbers in a path are places in a
list. Kinds: text as it is, ``int``, ``num``, ``um`` (millimetres become micrometres), ``bool`` (a
check box, with a hidden empty field of the same name before it), ``list`` (a line each, or parted
by commas), ``many`` (every value of the field), ``json``.

>>> body_of({"media.width:um": ["100"], "title?": [""], "paused:bool": ["", "on"]})
{'media': {'width': 100000}, 'paused': True}
>>> body_of({"lines.0.item": ["DRILL"], "lines.0.quantity:int": ["3"]})
{'lines': [{'item': 'DRILL', 'quantity': 3}]}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qs

from gateway.errors import InputRefused, Unreadable

Form = dict[str, list[str]]

MOST_FIELDS = 5000
"""Fields of one form: a stocktake's page of decisions has some hundreds."""

MOST_IN_LIST = 2000
"""Places of a list that a form may name."""

_FIELD = re.compile(r"(?P<path>[^:?!]+)(?::(?P<kind>[a-z]+))?(?P<empty>[?!])?")


def read_form(body: bytes) -> Form:
    """Return a form's fields (``application/x-www-form-urlencoded``), each with its values.

    Raises:
        Unreadable: it is no such form.
    """
    try:
        return parse_qs(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS,
            errors="strict",
        )  # fmt: skip
    except ValueError:
        raise Unreadable("The form could not be read; load the page anew and try again.") from None


def one(form: Mapping[str, Sequence[str]], name: str) -> str:
    """Return a field's last value, empty without one."""
    return next(reversed(form.get(name, ())), "")


def body_of(form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the JSON object a form's fields make; fields that begin with ``_`` are not part of it.

    Raises:
        InputRefused: a value is not of its kind, or two fields want the same place.
    """
    whole: dict[str, Any] = {}
    for name, values in form.items():
        if name.startswith("_"):
            continue
        match = _FIELD.fullmatch(name)
        if match is None:
            raise InputRefused(f"{name[:80]!r} is not the name of a field.", key=name[:80])
        path, kind, empty = match["path"], match["kind"] or "text", match["empty"]
        if kind != "many" and not one(form, name).strip() and empty:
            if empty == "!":
                _put(whole, path, None)
            continue
        if kind not in KINDS:
            raise InputRefused(f"{kind!r} is not a kind of field.", key=name[:80])
        _put(whole, path, KINDS[kind](path, values))
    return {key: _lists(inner) for key, inner in whole.items()}


def only_changed(body: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, Any]:
    """Return of a body what differs from the thing as the form showed it.

    So two people who save at once each change what they changed, and nothing else.

    >>> only_changed({"name": "Saw", "gtin": None, "units": {"box": 6}},
    ...              {"name": "Saw", "gtin": None, "units": {"box": 12}, "version": 3})
    {'units': {'box': 6}}
    >>> only_changed({"fields": {"grade": None, "note": "x"}}, {"fields": {}})
    {'fields': {'note': 'x'}}
    """
    kept: dict[str, Any] = {}
    for key, value in body.items():
        had = seen.get(key)
        if key == "fields" and isinstance(value, dict) and isinstance(had, dict):
            if others := {name: one for name, one in value.items() if one != had.get(name)}:
                kept[key] = others
        elif key not in seen or value != had:
            kept[key] = value
    return kept


def seen_of(form: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the thing as the form showed it; empty where the form does not carry it.

    Raises:
        InputRefused: it is no JSON object.
    """
    text = one(form, "_seen")
    try:
        seen = json.loads(text) if text else {}
    except ValueError:
        seen = None
    if not isinstance(seen, dict):
        raise InputRefused("The form does not say what it showed; load the page anew.")
    return seen


def fields_for(form: Mapping[str, Sequence[str]], keys: Collection[str]) -> Form:
    """Return of a form what is about some keys of its body, and what is no part of it.

    >>> fields_for({"_form": ["item"], "units.0.name": ["box"], "name": ["Saw"]}, ["units"])
    {'_form': ['item'], 'units.0.name': ['box']}
    """
    return {
        name: list(values)
        for name, values in form.items()
        if name.startswith("_") or re.split(r"[.:?!]", name)[0] in keys
    }


def _put(whole: dict[str, Any], path: str, value: object) -> None:
    *way, last = path.split(".")
    inner = whole
    for step in way:
        inner = inner.setdefault(step, {})
        if not isinstance(inner, dict):
            raise InputRefused(f"Two fields want the place {path!r}.", key=path)
    if last in inner:
        raise InputRefused(f"Two fields want the place {path!r}.", key=path)
    inner[last] = value


def _lists(value: Any) -> Any:
    """Return it with lists where every key is a place."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isascii() and key.isdecimal() for key in value):
        if len(value) > MOST_IN_LIST:
            raise InputRefused(f"At most {MOST_IN_LIST} rows at once, got {len(value)}.")
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(inner) for key, inner in value.items()}


# ---------------------------------------------------------------- kinds


def _last(values: Sequence[str]) -> str:
    return values[-1]


def _text(_: str, values: Sequence[str]) -> str:
    return _last(values).replace("\r\n", "\n")


def _whole(path: str, values: Sequence[str]) -> int:
    text = _last(values).strip()
    if not re.fullmatch(r"[+-]?[0-9]{1,15}", text):
        raise InputRefused(f"{path!r} must be a whole number, got {text[:40]!r}.", key=path)
    return int(text)


def _decimal(path: str, text: str) -> Decimal:
    # A comma is how most of the world writes it.
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 10**12:
        raise InputRefused(f"{path!r} must be a number, got {text[:40]!r}.", key=path)
    return value


def _number(path: str, values: Sequence[str]) -> int | float:
    value = _decimal(path, _last(values))
    return int(value) if value == value.to_integral_value() else float(value)


def _micrometres(path: str, values: Sequence[str]) -> int:
    return int((_decimal(path, _last(values)) * 1000).to_integral_value())


def _switch(_: str, values: Sequence[str]) -> bool:
    return _last(values) not in ("", "0", "false", "no")


def _list(_: str, values: Sequence[str]) -> list[str]:
    return [part.strip() for part in re.split(r"[\n,;]", _last(values)) if part.strip()]


def _many(_: str, values: Sequence[str]) -> list[str]:
    return [value for value in values if value]


def _json(path: str, values: Sequence[str]) -> Any:
    try:
        return json.loads(_last(values))
    except ValueError as why:
        raise InputRefused(f"{path!r} is not JSON: {why}.", key=path) from None


KINDS: Mapping[str, Callable[[str, Sequence[str]], Any]] = {
    "text": _text,
    "int": _whole,
    "num": _number,
    "um": _micrometres,
    "bool": _switch,
    "list": _list,
    "many": _many,
    "json": _json,
}
"""Kind of a field -> how its values are read."""
