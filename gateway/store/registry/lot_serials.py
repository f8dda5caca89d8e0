"""The serials of a lot, in groups: allocated to orders, remaining, still to come, gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple, get_args

from gateway.registry.lives import CUSTODY, State
from gateway.store.registry.lives import Run

Group = Literal["allocated", "remaining", "planned", "gone"]
GROUPS: tuple[Group, ...] = get_args(Group)


class LotSerial(NamedTuple):
    """A serial of a lot, and the order it is for."""

    life: int
    serial: str
    state: str
    location: str | None
    group: Group
    document_type: str | None
    document_number: str | None


# A shipment's line names the order's line that it fulfils: people ask for the order.
_SERIALS = (
    "SELECT u.id, u.serial, u.state, p.code, coalesce(o.type, d.type), "
    "coalesce(o.number, d.number) FROM life u "
    "LEFT JOIN place p ON p.id = u.place LEFT JOIN document_line l ON l.id = ("
    "SELECT max(x.line) FROM line_life x JOIN document_line y ON y.id = x.line "
    "JOIN document z ON z.id = y.document WHERE x.life = u.id "
    "AND x.role IN ('committed', 'picked', 'done') "
    "AND z.type IN ('sales_order', 'shipment', 'work_order')) "
    "LEFT JOIN document d ON d.id = l.document "
    "LEFT JOIN document_line s ON s.id = l.source_line LEFT JOIN document o ON o.id = s.document "
    "WHERE u.lot = ? ORDER BY u.id"
)


def serials_of_lot(
    run: Run, lot: int, groups: Collection[Group], after: int, limit: int
) -> tuple[Mapping[Group, int], list[LotSerial]]:
    """Return how many serials each group has, and those of the wanted groups behind ``after``."""
    counts: Counter[Group] = Counter(dict.fromkeys(GROUPS, 0))
    found: list[LotSerial] = []
    for life, serial, state, place, kind, number in run(_SERIALS, (lot,)):
        group = _group(State(state), kind is not None)
        counts[group] += 1
        if life > after and group in groups and len(found) < limit:
            # What an order had to do with a piece that is free again is over.
            order = (kind, number) if group == "allocated" else (None, None)
            found.append(LotSerial(life, serial, state, place, group, *order))
    return counts, found


def _group(state: State, ordered: bool) -> Group:
    if state in (State.COMMITTED, State.PICKED, State.SHIPPED):
        return "allocated"
    if state is State.CONSUMED and ordered:
        return "allocated"
    if state is State.PLANNED:
        return "planned"
    return "remaining" if state in CUSTODY else "gone"
