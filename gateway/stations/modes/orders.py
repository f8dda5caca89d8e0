"""What an order or a shipment still asks for, and what was picked for it.

A shipment of an order has its pieces on the order's line: reserved and picked there, and named on
its own.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.registry.documents import DocumentType
from gateway.store.registry.document_lines import lives_on, lots_on
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.lives import Run

_NAMED_ELSEWHERE = (
    "SELECT r.life FROM line_life r JOIN document_line l ON l.id = r.line "
    "WHERE l.source_line = ? AND l.id <> ? AND l.open = 1 AND r.role = 'wanted'"
)


class Wanted(NamedTuple):
    """What a line of an order or a shipment still asks for."""

    line: LineRow
    on: int
    """The line that its pieces are reserved on: the order's, for a shipment of an order."""
    rest: int
    """How much is still to pick."""
    reserved: tuple[int, ...]
    """Lives that are reserved for it by name and not yet picked."""
    picked: tuple[int, ...]
    """Lives that were picked for it."""
    lots: tuple[tuple[int, int], ...]
    """Quantities that were picked for it: lot, how much."""


def wanted(run: Run, row: DocumentRow, line: LineRow) -> Wanted:
    """Return what a line still asks for."""
    of_order = row.type is DocumentType.SHIPMENT and line.source_line is not None
    on = line.source_line if of_order and line.source_line is not None else line.id
    left = line.quantity - line.done
    if not line.serialised:
        lots = tuple((lot, number) for lot, _, _, number in lots_on(run, on, "picked"))
        return Wanted(line, on, left - sum(number for _, number in lots), (), (), lots)
    picked, reserved = lives_on(run, on, "picked"), lives_on(run, on, "committed")
    if of_order:
        mine = set(lives_on(run, line.id, "wanted"))
        others = {row[0] for row in run(_NAMED_ELSEWHERE, (on, line.id))}
        # Those that it names; and where it names none, those that no other shipment names.
        picked = [one for one in picked if one in mine or not (mine or one in others)]
        reserved = [one for one in reserved if one in mine or not (mine or one in others)]
    return Wanted(line, on, left - min(len(picked), left), tuple(reserved), tuple(picked), ())
