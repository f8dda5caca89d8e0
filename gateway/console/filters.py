"""How pages write what is no plain text: words of a language, moments, numbers, addresses.

{{ _("Paused") }}   {{ _n("%(n)s label", "%(n)s labels", 3) }}   {{ job.accepted_at|moment }}
{{ "/items/{}"|at(item.sku) }}   {{ 1234567|number }}   {{ 100000|millimetres }}
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import pass_context
from markupsafe import Markup

from gateway.console.asking import at
from gateway.console.words import translate

if TYPE_CHECKING:
    from jinja2.runtime import Context


def _filled(text: str, facts: Mapping[str, object]) -> str:
    return text % facts if facts else text


@pass_context
def word(context: Context, text: str, /, **facts: object) -> str:
    """Return a text of the screens in the page's language; ``%(name)s`` in it becomes a fact."""
    return _filled(translate(text, context.get("lang", "en")), facts)


@pass_context
def words(context: Context, single: str, several: str, n: int, /, **facts: object) -> str:
    """Return the text for one or for several; ``%(n)s`` becomes the number."""
    text = translate(single if n == 1 else several, context.get("lang", "en"))
    return _filled(text, {"n": number(context, n), **facts})


@pass_context
def number(context: Context, value: float | str | None) -> str:
    """Return a number with its thousands parted as the language does."""
    if value is None or isinstance(value, str):
        return value or ""
    text = f"{value:,}"
    if context.get("lang", "en") == "en":
        return text
    return text.replace(",", " ").replace(".", ",").replace(" ", ".")


@pass_context
def moment(context: Context, text: str | None) -> str:
    """Return an RFC 3339 time of the API as the site's clock shows it: today without its day."""
    if not text:
        return ""
    zone = context["zone"]
    then = datetime.fromisoformat(text).astimezone(zone)
    today = datetime.now(UTC).astimezone(zone).date()
    clock = then.strftime("%H:%M:%S" if then.date() == today else "%Y-%m-%d %H:%M")
    exact = then.strftime("%Y-%m-%d %H:%M:%S %Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(text, exact, clock)


@pass_context
def day(context: Context, text: str | None) -> str:
    """Return the day of an RFC 3339 time, or a day as it is."""
    if not text:
        return ""
    if len(text) == 10:
        return text
    return datetime.fromisoformat(text).astimezone(context["zone"]).date().isoformat()


def millimetres(value: float | None) -> str:
    """Return micrometres as millimetres.

    >>> millimetres(100_000), millimetres(25_400)
    ('100', '25.4')
    """
    return "" if value is None else f"{value / 1000:g}"


def opened(text: str) -> str:
    """Return what programs read as a sentence for people: with a capital, without backticks.

    >>> opened("what `customers` were sent")
    'What customers were sent'
    """
    plain = text.replace("`", "").replace("_", " ")
    return plain[:1].upper() + plain[1:]


def as_json(value: object) -> str:
    """Return a value of the API as JSON, for a form to carry."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def with_query(path: str, query: Mapping[str, Any], **changed: object) -> str:
    """Return an address with the query of now, some of it changed; what is empty is left out.

    >>> with_query("/jobs", {"state": "done", "after": "J7"}, after="")
    '/jobs?state=done'
    """
    kept = {key: value for key, value in {**query, **changed}.items() if value not in ("", None)}
    return f"{path}?{urlencode(kept)}" if kept else path


FILTERS: Mapping[str, Callable[..., Any]] = {
    "at": at,
    "number": number,
    "moment": moment,
    "day": day,
    "millimetres": millimetres,
    "opened": opened,
    "json": as_json,
    "with_query": with_query,
}

WORDS: Mapping[str, Callable[..., Any]] = {"_": word, "_n": words}
