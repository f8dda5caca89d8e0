"""What pieces cost: freight and duty that come later, and what goes into a product.

landed cost of a receipt ──shared out──► the cost of each of its serials, one event
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.registry.lives import Action, Life
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.events import By, Event, Movement, write_event
from gateway.store.registry.lives import lives_by_id
from gateway.store.registry.writing import what_changed, write_lives


def shares(amount: int, over: int) -> list[int]:
    """Return an amount in equal parts, what cannot be parted on the first ones.

    >>> shares(1000, 3), shares(-2, 3)
    ([334, 333, 333], [-1, -1, 0])
    """
    each, rest = divmod(abs(amount), over)
    sign = -1 if amount < 0 else 1
    return [sign * (each + (n < rest)) for n in range(over)]


def add_landed_cost(
    t: Transaction,
    lives: Sequence[int],
    amount: int,
    currency: str,
    by: By,
    *,
    document: int | None = None,
    reason: str = "",
    at: int | None = None,
) -> int:
    """Add an amount in minor units to what serials cost, shared out equally; return the event.

    Raises:
        RegistryRefused: there are no serials, or one was paid in other money.
    """
    if not lives:
        raise RegistryRefused("serials_missing", "There are no serials to share the cost among.")
    found = lives_by_id(t.execute, lives)
    before = [found[number] for number in lives]
    other = [life for life in before if life.currency not in (None, currency)]
    if other:
        raise refuse_all(
            [Offence(life.serial, "currency_differs",
                     f"Serial {life.serial} cost {life.currency}, and the amount is in "
                     f"{currency}.", {"serial": life.serial, "currency": life.currency})
             for life in other],
            len(before),
        )  # fmt: skip
    at = now() if at is None else at
    seq = t.allot("event", 1)[0]
    after = [
        life._replace(cost=(life.cost or 0) + share, currency=currency, event=seq)
        for life, share in zip(before, shares(amount, len(before)), strict=True)
    ]
    movements = [_costed(was, life) for was, life in zip(before, after, strict=True)]
    body = {"landed_cost": amount, "currency": currency}
    write_event(
        t, Event(Action.ANNOTATE.value, at, now(), by, document, None, None, reason, body),
        movements, seq,
    )  # fmt: skip
    write_lives(t, before, after)
    told: dict[str, object] = {**body, "event": seq, "count": len(after)}
    tell(t, at, "serial.costed", f"registry/events/{seq}", by.actor, told)
    return seq


def _costed(was: Life, life: Life) -> Movement:
    return Movement(
        life.id, life.item, life.lot, 1, str(was.state), str(life.state), was.place, life.place,
        what_changed(was, life, links=True),
    )  # fmt: skip


def cost_of(lives: Iterable[Life]) -> tuple[int | None, str | None]:
    """Return what pieces cost together and in which money; None where that cannot be said.

    Pieces without a cost count nothing; with two currencies there is no sum.
    """
    costs = [(life.cost, life.currency) for life in lives if life.cost is not None]
    currencies = {currency for _, currency in costs}
    if len(currencies) != 1:
        return None, None
    return sum(cost for cost, _ in costs if cost is not None), currencies.pop()
