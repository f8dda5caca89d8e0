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
    code, why = "transition_not_allowed", f"it cannot be {doing}"
    whose = f" to {life.customer_name}" if life.customer_name else ""
    where = f" at {life.place_code}" if life.place_code else ""
    if state in ENDED:
        code, said = "serial_not_in_custody", f"is not here: it was {say_state(state)}{whose}"
    elif state in (State.COMMITTED, State.PICKED):
        word = "reserved" if state is State.COMMITTED else "picked"
        code, said = "serial_committed_elsewhere", f"is {word} for {number_of(life)}; {why}"
    elif state is State.IN_TRANSIT:
        by = f" by {number_of(life)}" if life.document else ""
        said = f"is on its way{by}; it must be taken in before it is {doing}"
    elif life.held is not None:
        code, said = "serial_held", f"is held: {life.held}"
    elif life.label_state == "uncertain":
        code, said = "serial_held", "is held: nobody has said yet whether its label was printed"
    elif state is State.PLANNED:
        said = f"has not been received yet; {why}"
    elif state is State.RETURNED:
        said = f"came back and has not been inspected yet; {why}"
    elif state is State.REJECTED:
        said = f"was rejected; {why}"
    else:
        said = f"is {say_state(state)}{where}; {why}"
    return RegistryRefused(
        code, f"{name} {said}.", serial=life.serial, state=state, document=life.document
    )


def check_free(life: Life, sku: str, doing: str) -> None:
    """Check that a piece may move: not held, and no question about its label open.

    Raises:
        RegistryRefused: it may not.
    """
    if life.held is not None or life.label_state == "uncertain":
        raise why_not(life, sku, doing)


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
