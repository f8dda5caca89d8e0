"""Serials as people see them: a life with the names of all it points to.

    numbers of lives ──serials_by_id──► SerialRow: SKU, codes of places and parties, its document

Which lives a list shows says ``searching``; what happened to one, ``history``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from gateway.registry.guards import (
    is_held,
    not_held,
    not_held_unless_recall,
    qc_or_rma_enabled,
    rma_enabled,
    work_orders_enabled,
)
from gateway.registry.lifecycle import TABLE, allowed
from gateway.registry.lives import Rules, State
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.lives import Run, chunks


class SerialRow(NamedTuple):
    """One life of a serial, with names."""

    id: int
    item: int
    sku: str
    item_name: str
    gtin: str | None
    serial: str
    key: str
    number: int
    state: str
    held: str | None
    label: str
    location: str | None
    lot: str | None
    customer: str | None
    supplier: str | None
    parent: int | None
    parent_serial: str | None
    cost: int | None
    currency: str | None
    price: int | None
    price_currency: str | None
    warranty_in: str | None
    warranty_out: str | None
    service_due: str | None
    memo: str
    fields: str
    """JSON."""
    document_type: str | None
    document_number: str | None
    role: str | None
    received_at: int | None
    shipped_at: int | None
    seen_at: int | None
    seen_place: str | None
    event: int
    version: int


_ROW = (
    "SELECT u.id, u.item, i.sku, i.name, i.gtin, u.serial, u.serial_key, u.number, u.state, "
    "u.held, u.label_state, p.code, o.code, c.code, s.code, u.parent, a.serial, u.cost, "
    "u.currency, u.price, u.price_currency, u.warranty_in, u.warranty_out, u.service_due, u.memo, "
    "u.attrs, d.type, d.number, r.role, u.received_at, u.shipped_at, u.seen_at, w.code, u.event, "
    "u.version FROM life u JOIN item i ON i.id = u.item "
    "LEFT JOIN place p ON p.id = u.place LEFT JOIN place w ON w.id = u.seen_place "
    "LEFT JOIN lot o ON o.id = u.lot LEFT JOIN life a ON a.id = u.parent "
    "LEFT JOIN party c ON c.id = u.customer LEFT JOIN party s ON s.id = u.supplier "
    "LEFT JOIN line_life r ON r.life = u.id AND r.role IN ('planned', 'committed', 'picked') "
    "LEFT JOIN document_line l ON l.id = r.line LEFT JOIN document d ON d.id = l.document "
)


def serials_by_id(run: Run, ids: Sequence[int]) -> list[SerialRow]:
    """Return serials by the numbers of their lives, in that order; those there are not are left
    out."""
    found: dict[int, SerialRow] = {}
    for part in [ids] if len(ids) == 1 else chunks(ids, min(len(ids), 400) or 1):
        marks = ", ".join("?" * len(part))
        for row in run(f"{_ROW} WHERE u.id IN ({marks})", part):
            found[row[0]] = SerialRow._make(row)
    return [found[life] for life in ids if life in found]


def serial_by_id(run: Run, life: int, asked: str) -> SerialRow:
    """Return one serial.

    Raises:
        RegistryRefused: there is none.
    """
    for row in serials_by_id(run, [life]):
        return row
    raise RegistryRefused("serial_unknown", f"There is no serial {asked!r}.", serial=asked)


class OtherLife(NamedTuple):
    """Another life of the same serial of the same item."""

    id: int
    number: int
    state: str


def other_lives(run: Run, row: SerialRow) -> list[OtherLife]:
    """Return the other lives of a serial, oldest first."""
    return [
        OtherLife(*one)
        for one in run(
            "SELECT id, number, state FROM life WHERE serial_key = ? AND item = ? ORDER BY number",
            (row.key, row.item),
        )
        if one[0] != row.id
    ]


def aliases_of(run: Run, life: int) -> list[str]:
    """Return what a serial was called before, and its second numbers."""
    rows = run("SELECT serial FROM serial_alias WHERE life = ? ORDER BY serial_key", (life,))
    return [row[0] for row in rows]


_FEATURES: Mapping[object, frozenset[str]] = {
    rma_enabled: frozenset({"rma"}),
    qc_or_rma_enabled: frozenset({"qc", "rma"}),
    work_orders_enabled: frozenset({"work_orders"}),
}
"""Guards that ask for one of some features."""


@cache
def possible(
    state: str, held: Literal["", "held", "recall"], uncertain: bool, features: frozenset[str]
) -> tuple[str, ...]:
    """Return the actions that a serial's buttons are drawn from.

    >>> possible("rejected", "held", False, frozenset({"qc"}))
    ('accept', 'write_off', 'transfer', 'untrack', 'count', 'hold', 'unhold', 'rename', \
'annotate', 'print_label')
    """
    found: list[str] = []
    for action in allowed(State(state)):
        guards = TABLE[action].guards
        stands = uncertain or held != ""
        if not_held_unless_recall in guards:
            stands = uncertain or held == "held"
        elif not_held not in guards:
            stands = False
        if stands or (is_held in guards and not held):
            continue
        if all(
            features & _FEATURES[guard] for guard in guards if guard in _FEATURES
        ):  # fmt: skip
            found.append(action.value)
    return tuple(found)


def actions_of(row: SerialRow, rules: Rules) -> tuple[str, ...]:
    """Return what may be done with a serial now, as far as it alone can tell."""
    held: Literal["", "held", "recall"] = "held" if row.held else ""
    if row.held == "recall":
        held = "recall"
    return possible(row.state, held, row.label == "uncertain", rules.features)


def fields_of_row(row: SerialRow) -> dict[str, Any]:
    """Return the values of a serial's custom fields."""
    values: dict[str, Any] = json.loads(row.fields)
    return values
