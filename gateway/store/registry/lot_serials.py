"""The serials of a lot, in groups: allocated to orders, remaining, still to come, gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple, get_args

from gateway.registry.lives import CUSTODY, State
from gateway.store.registry.lives import Run

Group = Literal["allocated", "remaining", "planned", "gone"]
GROUPS: tuple[Group, ...] = get_args(Group)

_ALLOCATED = (State.COMMITTED, State.PICKED, State.SHIPPED)

_STATES: Mapping[Group, frozenset[State]] = {
    # What an order consumed is the order's; what was consumed without one is gone.
    "allocated": frozenset({*_ALLOCATED, State.CONSUMED}),
    "remaining": CUSTODY - {*_ALLOCATED},
    "planned": frozenset({State.PLANNED}),
    "gone": frozenset(State) - CUSTODY - {*_ALLOCATED, State.PLANNED},
}
"""States of which a serial of the group may be."""

BATCH = 500
"""Serials read at once: most calls ask for a screenful."""


class LotSerial(NamedTuple):
    """A serial of a lot, and the order it is for."""

    life: int
    serial: str
    state: str
    location: str | None
    group: Group
    document_type: str | None
    document_number: str | None


_COUNTS = "SELECT state, count(*) FROM life WHERE lot = ? GROUP BY state"

_ORDERS = (
    "SELECT max(x.line) FROM line_life x JOIN document_line y ON y.id = x.line "
    "JOIN document z ON z.id = y.document WHERE x.life = u.id "
    "AND x.role IN ('committed', 'picked', 'done') "
    "AND z.type IN ('sales_order', 'shipment', 'work_order')"
)
_CONSUMED_BY_ORDERS = (
    "SELECT count(*) FROM life u WHERE u.lot = ? AND u.state = 'consumed' "
    f"AND ({_ORDERS}) IS NOT NULL"
)

# A shipment's line names the order's line that it fulfils: people ask for the order.
_SERIALS = (
    "SELECT u.id, u.serial, u.state, p.code, coalesce(o.type, d.type), "
    "coalesce(o.number, d.number) FROM life u "
    f"LEFT JOIN place p ON p.id = u.place LEFT JOIN document_line l ON l.id = ({_ORDERS}) "
    "LEFT JOIN document d ON d.id = l.document "
    "LEFT JOIN document_line s ON s.id = l.source_line LEFT JOIN document o ON o.id = s.document "
    "WHERE u.id IN (SELECT id FROM life WHERE lot = ? AND id > ? AND state IN ({states}) "
    "ORDER BY id LIMIT ?) ORDER BY u.id"
)


def serials_of_lot(
    run: Run, lot: int, groups: Collection[Group], after: int, limit: int
) -> tuple[Mapping[Group, int], list[LotSerial]]:
    """Return how many serials each group has, and those of the wanted groups behind ``after``."""
    states = sorted({state.value for group in groups for state in _STATES[group]})
    query = _SERIALS.replace("{states}", ", ".join("?" * len(states)))
    found: list[LotSerial] = []
    while len(found) < limit:
        batch = min(limit - len(found), BATCH)
        rows = list(run(query, (lot, after, *states, batch)))
        for life, serial, state, place, kind, number in rows:
            group = _group(State(state), kind is not None)
            if group in groups:
                # What an order had to do with a piece that is free again is over.
                order = (kind, number) if group == "allocated" else (None, None)
                found.append(LotSerial(life, serial, state, place, group, *order))
        if len(rows) < batch:
            break
        after = rows[-1][0]
    return _counts(run, lot), found


def _counts(run: Run, lot: int) -> Mapping[Group, int]:
    counts: Counter[Group] = Counter(dict.fromkeys(GROUPS, 0))
    for text, count in run(_COUNTS, (lot,)):
        state = State(text)
        if state is State.CONSUMED:
            ordered = int(next(iter(run(_CONSUMED_BY_ORDERS, (lot,))))[0])
            counts["allocated"] += ordered
            counts["gone"] += count - ordered
        else:
            counts[_group(state, False)] += count
    return counts


def _group(state: State, ordered: bool) -> Group:
    if state in _ALLOCATED:
        return "allocated"
    if state is State.CONSUMED and ordered:
        return "allocated"
    if state is State.PLANNED:
        return "planned"
    return "remaining" if state in CUSTODY else "gone"
