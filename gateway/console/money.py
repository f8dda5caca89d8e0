"""Money as people write it, from and to the API's minor units.

>>> written({"amount": 1250, "currency": "EUR"}), written({"amount": 1250, "currency": "JPY"})
('12.50 EUR', '1250 JPY')
>>> read_money("12,5", "EUR"), read_money("", "EUR")
({'amount': 1250, 'currency': 'EUR'}, None)
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from gateway.errors import InputRefused

_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS = {
    **dict.fromkeys(_WHOLE.split(), 0),
    **dict.fromkeys(_THOUSANDTHS.split(), 3),
    **{"CLF": 4, "UYW": 4},
}
"""Decimal places of the minor unit (ISO 4217, list one); all others have two."""

MOST = 10**13
"""Far more than anything costs, and its minor units still fit an API's amount."""


def decimals(currency: str) -> int:
    """Return how many decimal places a currency's amounts have."""
    return _DECIMALS.get(currency.upper(), 2)


def amount_of(money: Mapping[str, Any] | None) -> str:
    """Return an amount without its currency, as a field holds it."""
    if money is None:
        return ""
    places = decimals(money["currency"])
    return f"{Decimal(money['amount']).scaleb(-places):.{places}f}"


def written(money: Mapping[str, Any] | None) -> str:
    """Return an amount with its currency; nothing for an amount that is not known."""
    return "" if money is None else f"{amount_of(money)} {money['currency']}".strip()


def read_money(text: str, currency: str) -> dict[str, Any] | None:
    """Return an amount as the API takes it; None for an empty text.

    Raises:
        InputRefused: it is no amount of the currency, or there is no currency.
    """
    text = text.strip().replace(",", ".")
    if not text:
        return None
    if not currency.strip():
        raise InputRefused(f"{text[:20]} of which currency? Write it beside it, such as EUR.")
    try:
        minor = Decimal(text).scaleb(decimals(currency))
    except InvalidOperation:
        minor = Decimal("NaN")
    if not minor.is_finite() or abs(minor) > MOST or minor != minor.to_integral_value():
        raise InputRefused(
            f"{text[:20]!r} is no amount of {currency}; write it such as "
            f"{Decimal(1250).scaleb(-decimals(currency))}."
        )
    return {"amount": int(minor), "currency": currency.strip().upper()}
