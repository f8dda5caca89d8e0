"""Quantities at a station: of which lot, how many, and from which place they are taken.

    QTY-5, a barcode of an item or of a lot ──amount_of──► Amount ──taken_from──► the place

What the code does not say is asked: the lot by its barcode or by number, the place where there is
more than one. A place that was answered stands in the context, where a person sees it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gateway.registry.refusals import RegistryRefused
from gateway.stations.answers import Card
from gateway.stations.meaning import Found
from gateway.stations.sessions import MOST_CHOICES, Choice, Context
from gateway.stations.turn import Turn
from gateway.store.registry.lives import Run

FREE = ("received",)
"""The states of what nobody has a claim on."""


@dataclass(frozen=True, slots=True)
class Amount:
    """How much of what was scanned."""

    item: int
    sku: str
    count: int
    lot: int | None = None
    """Of items that are kept in lots."""
    lot_code: str | None = None

    @property
    def said(self) -> str:
        """As a sentence names it: ``5 × PAINT of lot L-1``."""
        return f"{self.count} × {self.sku}" + (f" of lot {self.lot_code}" if self.lot_code else "")


def tracking_of(run: Run, item: int) -> str:
    """Return how an item is told apart: ``serial``, ``lot`` or ``none``."""
    return str(next(iter(run("SELECT tracking FROM item WHERE id = ?", (item,))))[0])


def amount_of(turn: Turn, found: Found, lots: Collection[str] = ()) -> Amount:
    """Return how much of what the scan of an item or a lot means; ``lots`` are those offered.

    Raises:
        RegistryRefused: the item's pieces have serials, or there is no such lot.
        Asked: its lot must be said first.
    """
    assert found.item is not None
    sku = found.sku or found.name
    tracking = tracking_of(turn.run, found.item)
    if tracking == "serial":
        raise RegistryRefused(
            "code_unexpected",
            f"That is the barcode of {sku}. Scan the serial of the piece.", kind="item",
        )  # fmt: skip
    lot, code = None, None
    if found.kind == "lot":
        lot, code = found.number, found.name
    elif tracking == "lot":
        text = turn.reading.lot or _ask_lot(turn, found.item, sku, lots)
        lot, code = _lot(turn.run, found.item, sku, text)
    return Amount(found.item, sku, turn.quantity() or 1, lot, code)


def _ask_lot(turn: Turn, item: int, sku: str, lots: Collection[str]) -> str:
    shown = sorted(lots)[:MOST_CHOICES]
    return turn.ask(
        f"lot:{item}", f"Which lot of {sku}? Scan the lot.",
        [Choice(code, f"Lot {code}", Card("lot", code, sku).shown()) for code in shown], text=True,
    )  # fmt: skip


def _lot(run: Run, item: int, sku: str, text: str) -> tuple[int, str]:
    rows = list(
        run("SELECT id, code FROM lot WHERE item = ? AND lower(code) = lower(?)", (item, text))
    )
    if not rows:
        raise RegistryRefused(
            "lot_unknown", f"There is no lot {text[:60]} of {sku}.", lot=text[:60], item=sku
        )
    return int(rows[0][0]), str(rows[0][1])


def shelves_of(
    run: Run, item: int, lot: int | None, states: Sequence[str] = FREE
) -> list[tuple[int, str, int]]:
    """Return where something of an item, or of its lot, lies: place, its code, how much."""
    rows = run(
        "SELECT s.place, p.code, sum(s.quantity) FROM stock s JOIN place p ON p.id = s.place "
        f"WHERE s.item = ? AND (? = 0 OR s.lot = ?) AND s.state IN ({', '.join('?' * len(states))})"
        " AND s.serials = 0 AND s.held = 0 AND s.quantity > 0 GROUP BY s.place, p.code "
        "ORDER BY p.code",
        (item, lot or 0, lot or 0, *states),
    )
    return [(place, code, int(count)) for place, code, count in rows]


def _with(
    run: Run, shelves: Sequence[tuple[int, str, int]], own: Collection[tuple[int, int]]
) -> list[tuple[int, str, int]]:
    """Return shelves with what is reserved on them counted in."""
    found = {code: (place, count) for place, code, count in shelves}
    for place, count in own:
        code = str(next(iter(run("SELECT code FROM place WHERE id = ?", (place,))))[0])
        found[code] = (place, found.get(code, (place, 0))[1] + count)
    return [(place, code, count) for code, (place, count) in sorted(found.items())]


def lots_here(run: Run, item: int, places: Collection[int] | None = None) -> list[str]:
    """Return the lots of an item of which something lies free, in some places or in any."""
    rows = run(
        "SELECT l.code, s.place FROM stock s JOIN lot l ON l.id = s.lot WHERE s.item = ? "
        "AND s.state = 'received' AND s.serials = 0 AND s.held = 0 AND s.quantity > 0 "
        "ORDER BY l.expires_on, l.code",
        (item,),
    )
    return list(dict.fromkeys(
        code for code, place in rows if places is None or place in places
    ))  # fmt: skip


def taken_from(
    turn: Turn,
    amount: Amount,
    slot: str,
    *,
    avoid: int | None = None,
    inside: Collection[int] | None = None,
    states: Sequence[str] = FREE,
    own: Collection[tuple[int, int]] = (),
) -> int:
    """Return the place that an amount is taken from: the context's, the only one, or as answered.

    ``avoid`` is a place it is not taken from, ``inside`` those it may be taken from, ``own`` what
    is reserved for it beside what is free: place, how much. The answer stands in the context's
    ``slot`` for what comes next.

    Raises:
        RegistryRefused: there is not so much anywhere.
        Asked: it lies in several places.
    """
    shelves = [
        one for one in _with(turn.run, shelves_of(turn.run, amount.item, amount.lot, states), own)
        if one[0] != avoid and (inside is None or one[0] in inside)
    ]  # fmt: skip
    what = amount.sku + (f" of lot {amount.lot_code}" if amount.lot_code else "")
    chosen = turn.context(slot)
    if chosen is not None and slot == "location":  # scanned for this; it must be there
        shelves = [one for one in shelves if one[0] == chosen.number]
        if not shelves:
            raise RegistryRefused(
                "quantity_unavailable", f"There is no {what} at {chosen.title}.",
                item=amount.sku, location=chosen.title, available=0, asked=amount.count,
            )  # fmt: skip
    enough = [one for one in shelves if one[2] >= amount.count]
    if not enough:
        there = "; ".join(f"{code} has {count}" for _, code, count in shelves[:5])
        raise RegistryRefused(
            "quantity_unavailable",
            f"No place has {amount.count} × {what}: {there}." if there
            else f"There is no {what} to take.",
            item=amount.sku, available=max((one[2] for one in shelves), default=0),
            asked=amount.count,
        )  # fmt: skip
    known = [one for one in enough if chosen is not None and one[0] == chosen.number]
    if len(enough) == 1 or known:
        return (known or enough)[0][0]
    value = turn.ask(
        f"from:{amount.item}:{amount.lot or 0}",
        f"{amount.said}: taken from where?",
        [
            Choice(str(place), code, Card("location", code, f"{count} × {what}").shown())
            for place, code, count in enough
        ],
    )  # fmt: skip
    place = next(one for one in enough if str(one[0]) == value)
    turn.session.context[slot] = Context("location", place[0], place[1], "taken from here")
    return place[0]
