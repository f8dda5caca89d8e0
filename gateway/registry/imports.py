"""Rows of a table become values of things: what each column means, and what came of each row.

>>> heading("Reorder point"), heading("fields.qc_grade")
('reorder_point', 'fields.qc_grade')
>>> outcome = Outcome(7, "DRILL", "refused", "There is no location 'X'.", "location_unknown")
>>> Report((outcome,)).counts
{'new': 0, 'changed': 0, 'same': 0, 'refused': 1}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.errors import InputRefused
from gateway.registry.tables import Row, Table

What = Literal["items", "locations", "parties", "stock", "orders"]

Step = Callable[[int], None]
"""Told how many more rows are dealt with; what it raises ends the import, which changes nothing."""

COLUMNS: Mapping[What, tuple[str, ...]] = {
    "items": (
        "sku", "name", "kind", "tracking", "active", "gtin", "barcodes", "unit", "units",
        "next_serial", "mask", "case", "split_space", "reorder_point", "reorder_points",
        "warranty_in", "warranty_out", "service_every", "account_codes", "tax_code", "variant_of",
        "external_id", "members",
    ),
    "locations": (
        "code", "name", "kind", "parent", "active", "gln", "barcode", "external_id",
    ),
    "parties": ("code", "name", "kind", "active", "gln", "external_id"),
    "stock": (
        "item", "location", "serial", "lot", "quantity", "unit", "cost", "currency", "expires_on",
        "memo",
    ),
    "orders": (
        "type", "number", "party", "item", "quantity", "unit", "price", "cost", "currency",
        "due_on", "location", "line", "line_id", "external_id", "external_ref", "memo",
    ),
}  # fmt: skip
"""What a table of each kind can have; ``fields.…`` are custom fields besides."""

NEEDED: Mapping[What, tuple[tuple[str, ...], ...]] = {
    "items": (("sku", "external_id"),),
    "locations": (("code", "external_id"),),
    "parties": (("code", "external_id"),),
    "stock": (("item",), ("location",), ("serial", "quantity")),
    "orders": (("type",), ("number", "external_id"), ("item",)),
}
"""Columns of which it must have one each."""

CUSTOM: Mapping[What, str] = {
    "items": "item", "locations": "location", "parties": "party", "stock": "serial",
    "orders": "document",
}  # fmt: skip
"""The scope of its custom fields."""

MOST_ROWS: Mapping[What, int] = {
    "items": 20_000, "locations": 20_000, "parties": 20_000, "stock": 100_000, "orders": 20_000,
}  # fmt: skip
"""Rows of one file: it is taken in one transaction, and nothing else is written meanwhile."""


def no_step(rows: int) -> None:
    """Deal with rows that nobody counts."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a row."""

    row: int
    """As a person finds it in the file."""
    subject: str
    status: Literal["new", "changed", "same", "refused"]
    detail: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a table."""

    outcomes: Sequence[Outcome]

    @property
    def counts(self) -> dict[str, int]:
        """Return how many rows came to what."""
        counts = {"new": 0, "changed": 0, "same": 0, "refused": 0}
        for one in self.outcomes:
            counts[one.status] += 1
        return counts

    @property
    def refused(self) -> list[Outcome]:
        """Return the rows that were refused."""
        return [one for one in self.outcomes if one.status == "refused"]


def heading(text: str) -> str:
    """Return a column's name as it is known here, however a person wrote it."""
    return text if text.startswith("fields.") else "_".join(text.strip().lower().split())


def check_columns(what: What, names: Sequence[str]) -> None:
    """Check that a table of a kind can have these columns, and has those that it needs.

    Raises:
        InputRefused: a column is unknown, stands twice, or one that is needed is missing.
    """
    known = COLUMNS[what]
    for name in names:
        if name not in known and not name.startswith("fields."):
            from difflib import get_close_matches  # late: only a mistake needs it

            near = get_close_matches(name, known, 1)
            raise InputRefused(
                f"A table of {what} has no column {name[:80]!r}; "
                + (f"did you mean {near[0]!r}?" if near else f"it can have {', '.join(known)}."),
                column=name[:80],
            )
        if names.count(name) > 1:
            raise InputRefused(f"The column {name!r} stands twice.", column=name)
    for choice in NEEDED[what]:
        if not any(name in names for name in choice):
            raise InputRefused(
                f"A table of {what} needs a column {' or '.join(map(repr, choice))}.",
                columns=list(choice),
            )


def read_rows(what: What, table: Table) -> list[Row]:
    """Return the rows of a table with the columns' names as they are known here.

    Raises:
        InputRefused: a column is unknown, stands twice, or one that is needed is missing.
    """
    names = [heading(one) for one in table.header]
    check_columns(what, names)
    renamed = dict(zip(table.header, names, strict=True))
    return [
        Row(row.number, {renamed[name]: cell for name, cell in row.values.items()})
        for row in table.rows
    ]
