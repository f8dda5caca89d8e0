"""Values of a body, taken out one by one, each refused with what it takes.

>>> text_given({"reason": "torn"}, "reason"), text_given({}, "reason"), money_given({}, "cost")
('torn', '', (None, None))
>>> money_given({"cost": {"amount": 1250, "currency": "EUR"}}, "cost")
(1250, 'EUR')
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from gateway.api.reading import refuse_unknown, say
from gateway.errors import InputRefused
from gateway.registry.serial_text import normalise

LARGEST_AMOUNT = 10**15
"""Minor units: ten million millions of euros."""


def text_given(
    body: Mapping[str, object], key: str, *, most: int = 500, lines: bool = False
) -> str:
    """Return a text, empty when it is not given; with ``lines`` it may have several.

    Raises:
        InputRefused: it is none, too long, or holds control characters.
    """
    value = body.get(key)
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= most:
        plain = value.replace("\n", "").replace("\t", "") if lines else value
        if plain.isprintable():
            return value.strip()
    raise InputRefused(
        f"{key!r} must be a text of at most {most} characters"
        f"{'' if lines else ' on one line'}, got {say(value)}.",
        key=key,
    )


def serial_given(body: Mapping[str, object], key: str) -> str:
    """Return a serial as serials are read; whether it can be one, its item decides later.

    >>> serial_given({"to": "A\\u00a01\\u200b"}, "to"), serial_given({}, "to")
    ('A 1', '')

    Raises:
        InputRefused: it is no text.
    """
    value = body.get(key)
    if value is None or isinstance(value, str):
        return normalise(value or "")
    raise InputRefused(f"{key!r} must be a serial, got {say(value)}.", key=key)


def flag_given(body: Mapping[str, object], key: str) -> bool:
    """Return true or false; false when it is not given.

    Raises:
        InputRefused: it is neither.
    """
    value = body.get(key, False)
    if isinstance(value, bool):
        return value
    raise InputRefused(f"{key!r} must be true or false, got {say(value)}.", key=key)


def whole_given(body: Mapping[str, object], key: str, least: int, most: int) -> int | None:
    """Return a whole number, None when it is not given.

    Raises:
        InputRefused: it is none, or out of range.
    """
    value = body.get(key)
    if value is None:
        return None
    if type(value) is int and least <= value <= most:
        return value
    raise InputRefused(
        f"{key!r} must be a whole number from {least} to {most}, got {say(value)}.", key=key
    )


def fields_given(body: Mapping[str, object]) -> Mapping[str, object] | None:
    """Return the values of custom fields, None when none are given.

    Raises:
        InputRefused: they are no object.
    """
    value = body.get("fields")
    if value is None:
        return None
    if isinstance(value, dict):
        return value
    raise InputRefused(
        f"'fields' must be an object of custom fields, got {say(value)}.", key="fields"
    )


def money_given(body: Mapping[str, object], key: str) -> tuple[int | None, str | None]:
    """Return an amount in minor units and its currency (ISO 4217); None twice when not given.

    Raises:
        InputRefused: it is not ``{"amount": 1250, "currency": "EUR"}``.
    """
    value = body.get(key)
    if value is None:
        return None, None
    if isinstance(value, dict):
        refuse_unknown(value, ("amount", "currency"), f"{key!r}")
        amount, currency = value.get("amount"), value.get("currency")
        if (
            type(amount) is int and abs(amount) <= LARGEST_AMOUNT
            and isinstance(currency, str) and len(currency) == 3
            and currency.isascii() and currency.isalpha()
        ):  # fmt: skip
            return amount, currency.upper()
    raise InputRefused(
        f"{key!r} must be an amount in minor units with its currency, such as "
        f'{{"amount": 1250, "currency": "EUR"}}, got {say(value)}.',
        key=key,
    )


def moment_given(body: Mapping[str, object], key: str) -> int | None:
    """Return a moment in microseconds UTC, None when it is not given.

    Raises:
        InputRefused: it is none as RFC 3339 writes it, with its offset.
    """
    value = body.get(key)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InputRefused(
            f"{key!r} must be a moment such as 2026-11-22T08:00:00Z, got {say(value)}.", key=key
        )
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
