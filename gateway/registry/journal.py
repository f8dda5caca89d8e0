"""What movements mean to the accounts: which of an item's accounts gains and which loses.

    an action, pieces, what they cost and brought ──postings──► Posting, …, debit as much as credit

Nothing is booked here. Account codes are whatever the accounts call them: an item keeps one for
each of the roles below, and a posting whose item has none names the role alone.

>>> for one in postings("ship", Value(2, 1000, "EUR", 1800, "EUR"), {"cogs": "5000"}):
...     print(one.role, one.account, one.debit, one.credit, one.currency)
cogs 5000 1000 0 EUR
asset  0 1000 EUR
receivable  1800 0 EUR
income  0 1800 EUR
>>> [(one.role, one.debit, one.credit) for one in postings("write_off", Value(1, 500, "EUR"), {},
...     back=True)]
[('asset', 500, 0), ('adjustment', 0, 500)]
>>> postings("transfer", Value(1, 500, "EUR"), {})
()
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["asset", "received", "production", "adjustment", "cogs", "income", "receivable"]
"""What an account is for. ``received``: goods that came and are not invoiced yet."""

ROLES: tuple[Role, ...] = get_args(Role)

POSTINGS: Mapping[str, tuple[tuple[Role, Role, Literal["cost", "price"]], ...]] = {
    "receive": (("asset", "received", "cost"),),
    "produce": (("asset", "production", "cost"),),
    "adjust_in": (("asset", "adjustment", "cost"),),
    "ship": (("cogs", "asset", "cost"), ("receivable", "income", "price")),
    "drop_ship": (("cogs", "received", "cost"), ("receivable", "income", "price")),
    "return": (("asset", "cogs", "cost"), ("income", "receivable", "price")),
    "return_to_stock": (("asset", "cogs", "cost"), ("income", "receivable", "price")),
    "send_back": (("received", "asset", "cost"),),
    "write_off": (("adjustment", "asset", "cost"),),
    "reinstate": (("asset", "adjustment", "cost"),),
    "consume": (("production", "asset", "cost"),),
    "unbuild": (("asset", "production", "cost"),),
    # Landed cost: it is what the pieces that are still here are worth, or else what they cost us.
    "revalue": (("asset", "received", "cost"),),
    "revalue_gone": (("cogs", "received", "cost"),),
}
"""Action -> which account is debited, which credited, and with what. An action that is not here
leaves what there is worth as it was."""

ADJUSTMENTS = frozenset({"adjust_in", "write_off", "reinstate"})
"""Those that correct stock, without a purchase, a sale or a build."""


@dataclass(frozen=True, slots=True)
class Value:
    """Pieces and what they are worth in all, in minor units of a currency; None: not known."""

    quantity: int
    cost: int | None = None
    currency: str | None = None
    price: int | None = None
    price_currency: str | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a journal, in minor units."""

    role: Role
    account: str
    debit: int
    credit: int
    currency: str


def postings(
    action: str, value: Value, accounts: Mapping[str, str], *, back: bool = False
) -> tuple[Posting, ...]:
    """Return what an action posts; with ``back``, what takes it back. What is worth nothing, or
    what nobody knows the worth of, posts nothing."""
    found: list[Posting] = []
    for debit, credit, of in POSTINGS.get(action, ()):
        amount = value.cost if of == "cost" else value.price
        currency = value.currency if of == "cost" else value.price_currency
        if not amount:
            continue
        gains, loses = (credit, debit) if back is (amount > 0) else (debit, credit)
        for role, side in ((gains, (abs(amount), 0)), (loses, (0, abs(amount)))):
            found.append(Posting(role, accounts.get(role, ""), *side, currency or ""))
    return tuple(found)
