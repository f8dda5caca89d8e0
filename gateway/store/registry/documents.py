"""Documents and their lines, read: one of them, or a list, with what is chosen and done of each.

How they are saved is in ``drafts``, what follows from what happened in ``document_status``, what
is chosen for a line in ``choosing``, and what is done by them in ``steps``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gateway.registry.documents import UNFINISHED, DocumentType, type_of
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.lives import Run
from gateway.store.registry.names import document_id


class DocumentRow(NamedTuple):
    """A document."""

    id: int
    type: DocumentType
    number: str
    status: str
    party: int | None
    party_code: str | None
    from_place: int | None
    from_code: str | None
    to_place: int | None
    to_code: str | None
    source: int | None
    source_type: str | None
    source_number: str | None
    external_ref: str
    external_id: str | None
    currency: str
    due_on: str | None
    reason: str
    memo: str
    attrs: str
    done_at: int | None
    version: int
    created_at: int
    changed_at: int

    @property
    def named(self) -> str:
        return f"{self.type.replace('_', ' ')} {self.number}"


class LineRow(NamedTuple):
    """A document's line."""

    id: int
    rank: int
    item: int
    sku: str
    kind: str
    tracking: str
    stock_tracked: int
    uom: str
    uom_quantity: int
    quantity: int
    reserved: int
    committed: int
    picked: int
    done: int
    price: int | None
    cost: int | None
    currency: str
    place: int | None
    place_code: str | None
    kit_line: int | None
    source_line: int | None
    open: int
    memo: str
    attrs: str
    external_id: str | None
    planned: int = 0
    """Serials and quantities announced for it."""
    wanted: int = 0
    counted: int = 0
    rejected: int = 0

    @property
    def serialised(self) -> bool:
        return self.tracking == "serial"

    @property
    def moves(self) -> bool:
        """Whether anything of it is in stock: kits and services are not."""
        return self.kind in ("stock", "assembly") and bool(self.stock_tracked)

    @property
    def room(self) -> int:
        return self.quantity - self.done - self.picked - self.committed

    @property
    def chosen(self) -> int:
        """How much was chosen for it, or done already."""
        return self.done + self.picked + self.committed + self.planned + self.wanted


_DOCUMENT = (
    "SELECT d.id, d.type, d.number, d.status, d.party, p.code, d.from_place, f.code, d.to_place, "
    "g.code, d.source, s.type, s.number, d.external_ref, d.external_id, d.currency, d.due_on, "
    "d.reason, d.memo, d.attrs, d.done_at, d.version, d.created_at, d.changed_at "
    "FROM document d LEFT JOIN party p ON p.id = d.party LEFT JOIN place f ON f.id = d.from_place "
    "LEFT JOIN place g ON g.id = d.to_place LEFT JOIN document s ON s.id = d.source "
)


_LINES = (
    "SELECT l.id, l.rank, l.item, i.sku, i.kind, i.tracking, i.stock_tracked, l.uom, "
    "l.uom_quantity, l.quantity, l.reserved, l.committed, l.picked, l.done, l.price, l.cost, "
    "l.currency, l.place, p.code, l.kit_line, l.source_line, l.open, l.memo, l.attrs, "
    "l.external_id FROM document_line l JOIN item i ON i.id = l.item "
    "LEFT JOIN place p ON p.id = l.place WHERE l.document = ? ORDER BY l.rank"
)


_ROLES = ("planned", "wanted", "counted", "rejected")


_CHOSEN = (
    "SELECT r.line, r.role, count(*) FROM document_line l JOIN line_life r ON r.line = l.id "
    "WHERE l.document = ? AND (r.role <> 'wanted' OR NOT EXISTS (SELECT 1 FROM line_life o "
    "WHERE o.line = r.line AND o.life = r.life AND o.role <> 'wanted')) GROUP BY r.line, r.role"
)


# What was named for a line and has moved on it since is named no longer.
_CHOSEN_LOTS = (
    "SELECT q.line, q.lot, q.role, sum(q.quantity) FROM document_line l "
    "JOIN line_lot q ON q.line = l.id WHERE l.document = ? GROUP BY q.line, q.lot, q.role"
)


def read_document(run: Run, kind: str, number: str) -> DocumentRow:
    """Return a document.

    Raises:
        RegistryRefused: there is none.
    """
    return document_by_id(run, document_id(run, type_of(kind), number))


def document_by_id(run: Run, document: int) -> DocumentRow:
    """Return a document that is known to be there."""
    row = next(iter(run(f"{_DOCUMENT}WHERE d.id = ?", (document,))))
    return _document(row)


def _document(row: Sequence[Any]) -> DocumentRow:
    return DocumentRow(row[0], DocumentType(row[1]), *row[2:])


def lines_of(run: Run, document: int) -> list[LineRow]:
    """Return a document's lines, with what was chosen for each."""
    counts: dict[int, Counter[str]] = {}
    for line, role, count in run(_CHOSEN, (document,)):
        counts.setdefault(line, Counter())[role] += count
    lots: dict[tuple[int, int], Counter[str]] = {}
    for line, lot, role, count in run(_CHOSEN_LOTS, (document,)):
        lots.setdefault((line, lot), Counter())[role] += int(count)
    for (line, _), roles in lots.items():
        moved = sum(count for role, count in roles.items() if role != "wanted")
        roles["wanted"] = max(roles["wanted"] - moved, 0)
        counts.setdefault(line, Counter()).update(roles)
    return [
        LineRow(*row, *(counts.get(row[0], Counter())[role] for role in _ROLES))
        for row in run(_LINES, (document,))
    ]


def line_at(lines: Iterable[LineRow], rank: int, number: str) -> LineRow:
    """Return the line of a number.

    Raises:
        RegistryRefused: there is none.
    """
    for line in lines:
        if line.rank == rank:
            return line
    raise RegistryRefused(
        "line_unknown", f"{number} has no line {rank}.", document=number, line=rank
    )


def list_documents(
    run: Run,
    kind: str | None = None,
    *,
    statuses: Sequence[str] = (),
    party: int | None = None,
    item: int | None = None,
    source: int | None = None,
    number: str | None = None,
    external_id: str | None = None,
    after: int | None = None,
    limit: int = 100,
    oldest: bool = False,
) -> list[DocumentRow]:
    """Return documents, newest or oldest first, one more than ``limit`` when there are more."""
    where: list[str] = []
    values: list[object] = []

    def must(condition: str, *given: object) -> None:
        where.append(condition)
        values.extend(given)

    if kind is not None:
        must("d.type = ?", type_of(kind).value)
    if statuses:
        must(f"d.status IN ({', '.join('?' * len(statuses))})", *statuses)
        if set(statuses) <= set(UNFINISHED):
            must("d.status IN ('draft', 'open', 'in_progress')")  # so that the index is used
    if party is not None:
        must("d.party = ?", party)
    if source is not None:
        must("d.source = ?", source)
    if number is not None:
        must("lower(d.number) = lower(?)", number)
    if external_id is not None:
        must("lower(d.external_id) = lower(?)", external_id)
    if item is not None:
        must("d.id IN (SELECT document FROM document_line WHERE item = ?)", item)
    if after is not None:
        must("d.id > ?" if oldest else "d.id < ?", after)
    condition = f"WHERE {' AND '.join(where)} " if where else ""
    query = f"{_DOCUMENT}{condition}ORDER BY d.id {'ASC' if oldest else 'DESC'} LIMIT ?"
    return [_document(row) for row in run(query, (*values, limit + 1))]
