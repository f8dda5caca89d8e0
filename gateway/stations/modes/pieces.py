"""What a person is told about a piece that a mode cannot take, and about places and documents.

Life, what the mode would do ──why_not──► RegistryRefused: one sentence, the thing first
"""

from __future__ import annotations

from collections.abc import Iterable

from gateway.registry.lives import ENDED, Life, State
from gateway.registry.refusals import RegistryRefused
from gateway.stations.cards import say_state
from gateway.store.registry.lives import Run
from gateway.store.registry.searching import places_inside


def number_of(life: Life) -> str:
    """Return the number of the document that a life is on, or ``another document``.

    >>> number_of(Life(1, 1, "A1", "a1", document="sales_order SO-17"))
    'SO-17'
    """
    return (life.document or "").partition(" ")[2] or "another document"


def why_not(life: Life, sku: str, doing: str) -> RegistryRefused:
    """Return why a piece in its state cannot be what the mode would do: moved, picked, sent …

    >>> why_not(Life(1, 1, "A1", "a1", state=State.PLANNED), "DRILL", "moved").detail
    'DRILL A1 has not been received yet; it cannot be moved.'
    """
    name, state = f"{sku} {life.serial}", life.state
    facts: dict[str, object] = {"serial": life.serial, "state": state}
    if state in ENDED:
        whose = f" to {life.customer_name}" if life.customer_name else ""
        said = f"{name} is not here: it was {say_state(state)}{whose}."
        return RegistryRefused("serial_not_in_custody", said, **facts)
    if state in (State.COMMITTED, State.PICKED):
        word = "reserved" if state is State.COMMITTED else "picked"
        said = f"{name} is {word} for {number_of(life)}; it cannot be {doing}."
        return RegistryRefused("serial_committed_elsewhere", said, **facts, document=life.document)
    if life.held is not None:
        return RegistryRefused("serial_held", f"{name} is held: {life.held}.", **facts)
    match state:
        case State.PLANNED:
            why = "has not been received yet"
        case State.IN_TRANSIT:
            why = f"is on its way by {number_of(life)}; take it in first, before it"
            return RegistryRefused("transition_not_allowed", f"{name} {why} is {doing}.", **facts)
        case State.RETURNED:
            why = "came back and has not been inspected yet"
        case State.REJECTED:
            why = "was rejected"
        case _:
            where = f" at {life.place_code}" if life.place_code else ""
            why = f"is {say_state(state)}{where}"
    return RegistryRefused(
        "transition_not_allowed", f"{name} {why}; it cannot be {doing}.", **facts
    )


def check_active(run: Run, place: int) -> None:
    """Check that a location is in use.

    Raises:
        RegistryRefused: it is not.
    """
    code, active = next(iter(run("SELECT code, active FROM place WHERE id = ?", (place,))))
    if not active:
        raise RegistryRefused(
            "location_inactive", f"Location {code} is not in use any more.", location=code
        )


def lies_in(run: Run, life: Life, place: int | None) -> bool:
    """Return whether a piece is at a place or inside it; anywhere will do where none is given."""
    return place is None or life.place in places_inside(run, place)


def pieces(count: int) -> str:
    """Return how many, as people say it.

    >>> pieces(1), pieces(3)
    ('1 piece', '3 pieces')
    """
    return f"{count} piece" + ("" if count == 1 else "s")


def named(titles: Iterable[str], most: int = 5) -> str:
    """Return the first few names of a list, and how many more there are.

    >>> named(["A1", "A2", "A3"], 2), named(["A1"])
    ('A1, A2 and 1 more', 'A1')
    """
    every = list(titles)
    first = ", ".join(every[:most])
    return first if len(every) <= most else f"{first} and {len(every) - most} more"
