"""Tables of items, locations and parties, taken row by row: what came of each is told.

rows ──take_rows──► Report        in one transaction; who calls it decides whether it is kept
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.registry.imports import CUSTOM, Outcome, Report, Step, What, no_step
from gateway.registry.refusals import Offence, RegistryRefused
from gateway.registry.tables import Row
from gateway.store.engine import Transaction
from gateway.store.registry.acting import fields_of
from gateway.store.registry.custom import from_cells
from gateway.store.registry.item_rows import ITEMS
from gateway.store.registry.items import ItemStore, Retrack, tell_items
from gateway.store.registry.parties import PARTIES, PartyStore
from gateway.store.registry.places import PLACES, PlaceStore
from gateway.store.registry.records import Saved, Table, in_order

_REFERS = {"items": ("variant_of",), "locations": ("parent",), "parties": ()}
_TABLES = {"items": ITEMS, "locations": PLACES, "parties": PARTIES}

Save = Callable[[Mapping[str, object]], Saved[Any]]


def take_rows(
    t: Transaction,
    what: What,
    rows: Sequence[Row],
    actor: str,
    *,
    items: ItemStore,
    places: PlaceStore,
    parties: PartyStore,
    retrack: Retrack,
    step: Step = no_step,
) -> Report:
    """Save each row, and tell what came of it. A row that is refused has changed nothing that
    another row of a good table would see; still, a table with one is not to be kept as it is."""
    tell: Callable[[list[Saved[Any]]], None]
    save: Save
    if what == "items":

        def save(row: Mapping[str, object]) -> Saved[Any]:
            return items.save(t, row, actor, text=True, quiet=True, retrack=retrack)

        def tell(saved: list[Saved[Any]]) -> None:
            tell_items(t, saved, actor)
    elif what == "locations":

        def save(row: Mapping[str, object]) -> Saved[Any]:
            return places.save(t, row, actor, text=True, quiet=True)

        def tell(saved: list[Saved[Any]]) -> None:
            places.tell(t, saved, actor)
    else:

        def save(row: Mapping[str, object]) -> Saved[Any]:
            return parties.save(t, row, actor, text=True, quiet=True)

        def tell(saved: list[Saved[Any]]) -> None:
            parties.tell(t, saved, actor)

    table = _TABLES[what]
    fields = fields_of(t, CUSTOM[what])
    values = [from_cells(row.values, fields) for row in rows]
    outcomes: list[Outcome] = []
    saved: list[Saved[Any]] = []
    for place in in_order(values, table.code, lambda row: _refers(row, _REFERS[what])):
        subject = subject_of(rows[place], table)
        step(1)
        try:
            done = save(values[place])
        except RegistryRefused as refused:
            outcomes.append(refusal(rows[place].number, subject, refused))
            continue
        saved.append(done)
        outcomes.append(Outcome(rows[place].number, subject, done.status))
    tell(saved)
    return Report(sorted(outcomes, key=lambda one: one.row))


def _refers(row: Mapping[str, object], columns: Sequence[str]) -> set[str]:
    return {cell for name in columns if isinstance(cell := row.get(name), str) and cell}


def subject_of(row: Row, table: Table) -> str:
    """Return what a row is about, for people."""
    return row.values.get(table.code) or row.values.get("external_id") or f"row {row.number}"


def refusal(row: int, subject: str, refused: RegistryRefused) -> Outcome:
    """Return a row that was refused, with everything that is wrong in it."""
    detail = " ".join(one.detail for one in refused.items) or refused.detail
    return Outcome(row, subject, "refused", detail, refused.code)


def refuse_rows(report: Report) -> RegistryRefused:
    """Return the refusal of a table of which some rows were refused."""
    refused = report.refused
    first = refused[0]
    more = f" ({len(refused)} of {len(report.outcomes)} rows)" if len(refused) > 1 else ""
    return RegistryRefused(
        "rows_refused",
        f"Row {first.row} was refused{more}: {first.detail}",
        [Offence(one.subject, one.code, one.detail, {"row": one.row}) for one in refused],
        counts=report.counts, refused=len(refused), of=len(report.outcomes),
    )  # fmt: skip
