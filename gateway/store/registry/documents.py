"""Documents and their lines: saved as drafts, changed by rule, read, listed, deleted.

    Draft ──save──► document, document_line        (rules: ``gateway.registry.documents``)

What happens by them is in ``posting``; what is chosen for a line in ``document_lines``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from gateway.errors import Stale
from gateway.registry.documents import (
    KINDS,
    UNFINISHED,
    DocumentType,
    base_quantity,
    type_of,
)
from gateway.registry.fields import check_fields
from gateway.registry.lifecycle import Rules
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import fields_of
from gateway.store.registry.demand import available, kept_for
from gateway.store.registry.lives import Run
from gateway.store.registry.names import document_id, item_id, party_id, place_id

WIDTH = 5
"""Digits of a number that is drawn: ``SO-00001``."""


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A line as it is asked for; names, not numbers."""

    item: str
    quantity: Fraction
    line: int | None = None
    """Which line of the document it is; None: by ``external_id``, or a new one."""
    external_id: str | None = None
    uom: str = ""
    price: int | None = None
    """Minor units for one base unit."""
    cost: int | None = None
    currency: str = ""
    location: str | None = None
    memo: str | None = None
    fields: Mapping[str, object] | None = None
    source_line: int | None = None
    components: Sequence[tuple[str, int]] | None = None
    """Of a work order's line: what goes in, in base units; None: its bill of material."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as it is asked for. What ``head`` does not name stays as it is."""

    type: DocumentType
    number: str = ""
    """Empty: one is drawn."""
    head: Mapping[str, Any] = field(default_factory=dict)
    """Of ``HEAD``."""
    lines: Sequence[DraftLine] | None = None
    """None leaves the lines; a new document with a source then gets what its source still waits
    for."""


HEAD = (
    "party", "from", "to", "source", "external_ref", "external_id", "currency", "due_on",
    "reason", "memo", "fields",
)  # fmt: skip
ALWAYS = frozenset({"external_ref", "external_id", "memo", "fields"})
"""What may change on a finished document, too."""


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
    before: int | None = None,
    limit: int = 100,
) -> list[DocumentRow]:
    """Return documents, newest first, one more than ``limit`` when there are more."""
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
    if before is not None:
        must("d.id < ?", before)
    condition = f"WHERE {' AND '.join(where)} " if where else ""
    query = f"{_DOCUMENT}{condition}ORDER BY d.id DESC LIMIT ?"
    return [_document(row) for row in run(query, (*values, limit + 1))]


# ---------------------------------------------------------------------- saving


def save(
    t: Transaction,
    draft: Draft,
    rules: Rules,
    actor: str,
    *,
    version: int | str | None = None,
) -> tuple[DocumentRow, bool]:
    """Make a document, or change the one of that number; return it, and whether it is new.

    ``version`` is the one its editor has seen; ``"new"`` for none.

    Raises:
        RegistryRefused: a rule forbids it; nothing was changed.
        Stale: it was changed since.
    """
    kind = KINDS[draft.type]
    if kind.feature and kind.feature not in rules.features:
        raise RegistryRefused(
            "feature_disabled",
            f"A {draft.type.replace('_', ' ')} needs the feature {kind.feature}, which is off.",
            feature=kind.feature,
        )  # fmt: skip
    at = now()
    number = draft.number.strip()
    found = _find(t, draft, number)
    if version == "new" and found is not None:
        raise Stale(f"{found.named.capitalize()} is there already.")
    if isinstance(version, int) and (found is None or found.version != version):
        has = "is not there" if found is None else f"has the version {found.version} now"
        raise Stale(f"{draft.type.replace('_', ' ').capitalize()} {number} {has}.")
    if found is None:
        number = number or draw_number(t, draft.type)
        _check_number(number)
        document = t.allot("document", 1)[0]
        t.execute(
            "INSERT INTO document (id, type, number, created_at, changed_at) "
            "VALUES (?, ?, ?, ?, ?)",
            (document, draft.type.value, number, at, at),
        )
        row = document_by_id(t.execute, document)
    else:
        row = found
    _save_head(t, row, draft, found is None)
    row = document_by_id(t.execute, row.id)
    lines = draft.lines
    if lines is None and found is None and row.source is not None:
        lines = _outstanding(t, row)
    if lines is not None:
        _Lines(t, row, rules).save(lines)
    t.execute(
        "UPDATE document SET version = version + ?, changed_at = ? WHERE id = ?",
        (int(found is not None), at, row.id),
    )
    if found is not None:
        refresh(t, row.id)
    row = document_by_id(t.execute, row.id)
    tell(
        t, at, "document.changed" if found else "document.made",
        f"documents/{row.type}/{row.number}", actor,
        {"type": row.type, "number": row.number, "status": row.status},
    )  # fmt: skip
    return row, found is None


def _find(t: Transaction, draft: Draft, number: str) -> DocumentRow | None:
    if number:
        rows = list_documents(t.execute, draft.type, number=number, limit=1)
    elif draft.head.get("external_id"):
        rows = list_documents(t.execute, draft.type, external_id=draft.head["external_id"], limit=1)
    else:
        return None
    return rows[0] if rows else None


def draw_number(t: Transaction, kind: DocumentType) -> str:
    """Return the next number of a type that no document has."""
    name = f"registry.number.{kind}"
    while True:
        t.execute(
            "INSERT INTO setting (name, value) VALUES (?, '1') ON CONFLICT (name) DO UPDATE "
            "SET value = CAST(CAST(setting.value AS BIGINT) + 1 AS TEXT)",
            (name,),
        )
        row = t.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        number = f"{KINDS[kind].prefix}-{int(row[0]):0{WIDTH}d}"
        taken = t.execute(
            "SELECT 1 FROM document WHERE type = ? AND lower(number) = lower(?)",
            (kind.value, number),
        ).fetchone()
        if taken is None:
            return number


def _check_number(number: str) -> None:
    if not 1 <= len(number) <= 64 or not number.isprintable() or "/" in number:
        raise RegistryRefused(
            "value_wrong",
            f"A document's number must be 1 to 64 printable characters without '/', got "
            f"{number[:80]!r}.",
            key="number",
        )  # fmt: skip


def _save_head(t: Transaction, row: DocumentRow, draft: Draft, new: bool) -> None:
    head = draft.head
    finished = row.status not in UNFINISHED
    sets: dict[str, object] = {}
    columns = {"party": "party", "from": "from_place", "to": "to_place"}
    had = {"party": row.party_code, "from": row.from_code, "to": row.to_code}
    run = t.execute
    for key in ("party", "from", "to"):
        if key in head and _folded(head[key]) != _folded(had[key]):
            find = party_id if key == "party" else place_id
            sets[columns[key]] = None if head[key] is None else find(run, head[key])
    if isinstance(sets.get("party"), int):
        _check_party(t, row, sets["party"])
    if "source" in head:
        source = head["source"]
        found = None if source is None else document_id(run, source[0], source[1])
        if source is not None and type_of(source[0]) not in KINDS[row.type].sources:
            raise RegistryRefused(
                "document_wrong_type",
                f"A {row.type.replace('_', ' ')} cannot fulfil a {source[0].replace('_', ' ')}.",
                type=source[0], expected=list(KINDS[row.type].sources),
            )  # fmt: skip
        if found != row.source:
            sets["source"] = found
            if found is not None and new:
                _take_over(t, found, row, head, sets)
    for key in ("external_ref", "external_id", "currency", "due_on", "reason", "memo"):
        if key in head and head[key] != getattr(row, key):
            sets[key] = head[key]
    if head.get("fields"):
        values, wrong = check_fields(
            fields_of(t, "document"), json.loads(row.attrs), head["fields"], "", row.number
        )
        if wrong:
            raise refuse_all(wrong, len(head["fields"]), "fields")
        sets["attrs"] = json.dumps(values, ensure_ascii=False, sort_keys=True)
    if finished and not sets.keys() <= {*ALWAYS, "attrs"}:
        _refuse_finished(row)
    if not sets:
        return
    if (
        {"party", "source"} & sets.keys()
        and not new
        and any(line.done or line.picked for line in lines_of(run, row.id))
    ):
        raise RegistryRefused(
            "document_not_editable",
            f"Something of {row.number} has moved already; its party and source stay.",
            document=row.number,
        )
    t.execute(
        f"UPDATE document SET {', '.join(f'{name} = ?' for name in sets)} WHERE id = ?",
        (*sets.values(), row.id),
    )


def _refuse_finished(row: DocumentRow) -> None:
    raise RegistryRefused(
        "document_done",
        f"{row.number} is {row.status}; only its memo, custom fields and foreign references "
        "can change.",
        document=row.number, status=row.status,
    )  # fmt: skip


def _folded(code: str | None) -> str | None:
    return None if code is None else code.lower()


def _check_party(t: Transaction, row: DocumentRow, party: object) -> None:
    wants = KINDS[row.type].party
    code, kind = t.execute("SELECT code, kind FROM party WHERE id = ?", (party,)).fetchone()
    if wants and kind not in (wants, "both"):
        raise RegistryRefused(
            "party_wrong_kind",
            f"{code} is a {kind}; a {row.type.replace('_', ' ')} is for a {wants}.",
            party=code, kind=kind, expected=wants,
        )  # fmt: skip


def _take_over(
    t: Transaction, source: int, row: DocumentRow, head: Mapping[str, Any], sets: dict[str, object]
) -> None:
    """Let a new document say what its source says: for whom, from and to where, in what money."""
    of = document_by_id(t.execute, source)
    same = KINDS[of.type].party == KINDS[row.type].party
    for key, column, value in (
        ("party", "party", of.party if same else None),
        ("from", "from_place", of.from_place),
        ("to", "to_place", of.to_place),
        ("currency", "currency", of.currency),
    ):
        if key not in head and value:
            sets[column] = value


def _outstanding(t: Transaction, row: DocumentRow) -> list[DraftLine]:
    assert row.source is not None
    backwards = row.type in (DocumentType.CUSTOMER_RETURN, DocumentType.SUPPLIER_RETURN)
    lines = lines_of(t.execute, row.source)
    if row.type is DocumentType.INVOICE:
        return [_copied(line, line.quantity) for line in lines if line.kit_line is None]
    kits = {line.kit_line for line in lines if line.kit_line is not None}
    return [
        _copied(line, left)
        for line in lines
        if line.id not in kits
        and (left := line.done if backwards else line.quantity - line.done) > 0
    ]


def _copied(line: LineRow, quantity: int) -> DraftLine:
    return DraftLine(
        line.sku, Fraction(quantity), price=line.price, cost=line.cost, currency=line.currency,
        location=line.place_code, source_line=line.rank,
    )  # fmt: skip


class _Lines:
    """Saves the lines of one document."""

    def __init__(self, t: Transaction, row: DocumentRow, rules: Rules) -> None:
        self._t, self._row, self._rules = t, row, rules
        self._had = lines_of(t.execute, row.id)
        self._sources = [] if row.source is None else lines_of(t.execute, row.source)
        self._rank = max((line.rank for line in self._had), default=0)
        self._offences: list[Offence] = []

    def save(self, lines: Sequence[DraftLine]) -> None:
        top = [line for line in self._had if line.kit_line is None]
        kept: set[int] = set()
        if self._row.status not in UNFINISHED and len(lines) != len(top):
            _refuse_finished(self._row)
        for draft in lines:
            line = self._matching(draft, top, kept)
            if line is not None:
                kept.add(line.id)
            self._save(draft, line)
        for line in top:
            if line.id not in kept:
                self._remove(line)
        if self._offences:
            raise refuse_all(self._offences, max(len(lines), len(top)), "lines")

    def _matching(self, draft: DraftLine, top: Sequence[LineRow], kept: set[int]) -> LineRow | None:
        if draft.line is not None:
            found = next((line for line in top if line.rank == draft.line), None)
            if found is not None:
                return found
            self._rank = max(self._rank, draft.line - 1)
            return None
        if draft.external_id:
            return next(
                (line for line in top if _folded(line.external_id) == draft.external_id.lower()),
                None,
            )
        return next(
            (
                line
                for line in top
                if line.sku.lower() == draft.item.lower()
                and line.id not in kept
                and not line.external_id
            ),
            None,
        )

    def _save(self, draft: DraftLine, line: LineRow | None) -> None:
        t, row = self._t, self._row
        item = item_id(t.execute, draft.item)
        sku, kind, tracking = t.execute(
            "SELECT sku, kind, tracking FROM item WHERE id = ?", (item,)
        ).fetchone()
        if kind == "kit" and "kits" not in self._rules.features:
            raise RegistryRefused(
                "feature_disabled", f"{sku} is a kit, and the feature kits is off.", feature="kits"
            )
        factor = self._factor(item, sku, draft.uom)
        negative = row.type is DocumentType.ADJUSTMENT and draft.quantity < 0
        quantity = base_quantity(
            abs(draft.quantity) if negative else draft.quantity, factor, sku,
            tracking == "serial", str(draft.line or len(self._had) + 1),
        )  # fmt: skip
        whole = draft.quantity.denominator == 1
        uom, shown = (draft.uom, int(draft.quantity)) if whole else ("", quantity)
        source = self._source_of(draft, item)
        place = None if draft.location is None else place_id(t.execute, draft.location)
        attrs = line.attrs if line else "{}"
        if draft.fields:
            values, wrong = check_fields(
                fields_of(t, "document"), json.loads(attrs), draft.fields, "", f"line {draft.line}"
            )
            self._offences += wrong
            attrs = json.dumps(values, ensure_ascii=False, sort_keys=True)
        memo = draft.memo if draft.memo is not None else (line.memo if line else "")
        if line is None:
            self._rank += 1
            number = self._insert(
                self._rank, item, uom, shown, quantity, draft, place, None, source, memo, attrs
            )
        else:
            number = line.id
            if not self._may_change(line, item, quantity):
                return
            if row.status not in UNFINISHED:
                t.execute(
                    "UPDATE document_line SET memo = ?, attrs = ? WHERE id = ?",
                    (memo, attrs, line.id),
                )
                return
            t.execute(
                "UPDATE document_line SET item = ?, uom = ?, uom_quantity = ?, quantity = ?, "
                "reserved = CASE WHEN reserved > ? THEN ? ELSE reserved END, price = ?, cost = ?, "
                "currency = ?, place = ?, source_line = ?, memo = ?, attrs = ?, external_id = ? "
                "WHERE id = ?",
                (item, uom, shown, quantity, quantity, quantity,
                 line.price if draft.price is None else draft.price,
                 line.cost if draft.cost is None else draft.cost,
                 draft.currency or line.currency, place if place is not None else line.place,
                 line.source_line if source is None else source, memo, attrs,
                 draft.external_id or line.external_id, line.id),
            )  # fmt: skip
        if kind == "kit" or row.type is DocumentType.WORK_ORDER:
            self._explode(number, item, quantity, draft)
        if row.status in ("open", "in_progress"):
            reserve_line(t, row, number)

    def _insert(
        self, rank: int, item: int, uom: str, shown: int, quantity: int, draft: DraftLine | None,
        place: int | None, kit_line: int | None, source: int | None, memo: str = "",
        attrs: str = "{}",
    ) -> int:  # fmt: skip
        number = self._t.allot("document_line", 1)[0]
        self._t.execute(
            "INSERT INTO document_line (id, document, rank, item, uom, uom_quantity, quantity, "
            "price, cost, currency, place, kit_line, source_line, memo, attrs, external_id) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, self._row.id, rank, item, uom, shown, quantity,
             draft.price if draft else None, draft.cost if draft else None,
             (draft.currency if draft else "") or self._row.currency, place, kit_line, source,
             memo, attrs, draft.external_id if draft else None),
        )  # fmt: skip
        return number

    def _factor(self, item: int, sku: str, uom: str) -> int:
        if not uom:
            return 1
        row = self._t.execute(
            "SELECT factor FROM item_uom WHERE item = ? AND lower(code) = lower(?)", (item, uom)
        ).fetchone()
        if row is not None:
            return int(row[0])
        base = self._t.execute("SELECT base_uom FROM item WHERE id = ?", (item,)).fetchone()[0]
        if base.lower() == uom.lower():
            return 1
        known = self._t.execute(
            "SELECT code FROM item_uom WHERE item = ? ORDER BY code", (item,)
        ).fetchall()
        raise RegistryRefused(
            "uom_unknown",
            f"{sku} is not counted in {uom[:40]!r}; its units are "
            f"{', '.join([base, *(one[0] for one in known)])}.",
            item=sku, uom=uom[:40],
        )  # fmt: skip

    def _source_of(self, draft: DraftLine, item: int) -> int | None:
        if draft.source_line is not None:
            line = line_at(self._sources, draft.source_line, self._row.source_number or "it")
            if line.item != item:
                raise RegistryRefused(
                    "line_item_mismatch",
                    f"Line {draft.source_line} of {self._row.source_number} is for {line.sku}.",
                    line=draft.source_line, item=line.sku,
                )  # fmt: skip
            return line.id
        return next((line.id for line in self._sources if line.item == item), None)

    def _may_change(self, line: LineRow, item: int, quantity: int) -> bool:
        """Judge a change by what has happened on the line; a refusal is noted."""
        number = self._row.number
        if self._row.status not in UNFINISHED:
            if (item, quantity) != (line.item, line.quantity):
                _refuse_finished(self._row)
            return True
        if item != line.item and line.chosen:
            self._offences.append(
                Offence(f"line {line.rank}", "document_not_editable",
                        f"Line {line.rank} of {number} has {line.chosen} of {line.sku} on it; its "
                        "item stays.", {"line": line.rank, "document": number})
            )  # fmt: skip
            return False
        if quantity < line.chosen:
            self._offences.append(
                Offence(f"line {line.rank}", "line_below_done",
                        f"Line {line.rank} of {number} has {line.chosen} chosen or done already; "
                        f"it cannot ask for {quantity}.",
                        {"line": line.rank, "document": number, "done": line.chosen,
                         "asked": quantity})
            )  # fmt: skip
            return False
        return True

    def _remove(self, line: LineRow) -> None:
        children = [one for one in self._had if one.kit_line == line.id]
        for one in (*children, line):
            if one.chosen or one.counted:
                self._offences.append(
                    Offence(f"line {one.rank}", "line_below_done",
                            f"Line {one.rank} of {self._row.number} has {one.chosen} chosen or "
                            "done already; it cannot be left out.",
                            {"line": one.rank, "document": self._row.number, "done": one.chosen})
                )  # fmt: skip
                return
        if self._row.status not in UNFINISHED:
            _refuse_finished(self._row)
        for one in (*children, line):
            self._t.execute("DELETE FROM document_line WHERE id = ?", (one.id,))

    def _explode(self, parent: int, item: int, quantity: int, draft: DraftLine) -> None:
        """Let a kit, or an assembly to be built, ask for its members."""
        t = self._t
        wanted: dict[int, int] = {}
        if draft.components is not None:
            for sku, count in draft.components:
                wanted[item_id(t.execute, sku)] = count
        else:
            for member, each in t.execute(
                "SELECT member, quantity FROM item_member WHERE item = ? ORDER BY member", (item,)
            ).fetchall():
                wanted[member] = each * quantity
        had = {line.item: line for line in self._had if line.kit_line == parent}
        for member, count in wanted.items():
            line = had.get(member)
            if line is None:
                self._rank += 1
                child = self._insert(self._rank, member, "", count, count, None, None, parent, None)
            elif self._may_change(line, member, count):
                child = line.id
                t.execute(
                    "UPDATE document_line SET quantity = ?, uom_quantity = ? WHERE id = ?",
                    (count, count, line.id),
                )
            else:
                continue
            if self._row.status in ("open", "in_progress"):
                reserve_line(t, self._row, child)


# ---------------------------------------------------------------------- reserving and status

RESERVING_TYPES = (DocumentType.SALES_ORDER, DocumentType.WORK_ORDER)


def reserve_line(t: Transaction, row: DocumentRow, line: int) -> int:
    """Keep for a line what it asks for, as far as nobody else was promised it; return how much."""
    if row.type not in RESERVING_TYPES:
        return 0
    item, quantity, reserved, kit_line, kind, tracked = t.execute(
        "SELECT l.item, l.quantity, l.reserved, l.kit_line, i.kind, i.stock_tracked "
        "FROM document_line l JOIN item i ON i.id = l.item WHERE l.id = ?",
        (line,),
    ).fetchone()
    if kind not in ("stock", "assembly") or not tracked:
        return 0
    if row.type is DocumentType.WORK_ORDER and kit_line is None:
        return 0  # it is made, not taken
    kept = kept_for(t.execute, line)
    free = available(t.execute, item)
    moved = t.execute(
        "SELECT picked + done, committed FROM document_line WHERE id = ?", (line,)
    ).fetchone()
    # What is kept for it already is promised to it, and so is not in what is free.
    most = moved[0] + kept + free
    now_ = max(min(quantity, most), min(reserved, quantity))
    if now_ != reserved:
        t.execute("UPDATE document_line SET reserved = ? WHERE id = ?", (now_, line))
    return int(now_)


DERIVED = frozenset(
    {DocumentType.PURCHASE_ORDER, DocumentType.RECEIPT, DocumentType.SALES_ORDER,
     DocumentType.SHIPMENT, DocumentType.CUSTOMER_RETURN, DocumentType.SUPPLIER_RETURN,
     DocumentType.TRANSFER, DocumentType.WRITE_OFF, DocumentType.ADJUSTMENT}
)  # fmt: skip
"""Documents whose status follows from what is done of their lines."""


def refresh(t: Transaction, document: int) -> str:
    """Bring a document's status in line with what is done of its lines; return it.

    Called after each step and after each undo. A draft and a cancelled one stay as they are.
    """
    kind, status, done_at = t.execute(
        "SELECT type, status, done_at FROM document WHERE id = ?", (document,)
    ).fetchone()
    _count_kits(t, document)
    if DocumentType(kind) not in DERIVED or status in ("draft", "cancelled"):
        return str(status)
    lines = lines_of(t.execute, document)
    kits = {line.kit_line for line in lines if line.kit_line is not None}
    leaves = [line for line in lines if line.id not in kits and line.moves]
    if not leaves:
        return str(status)
    touched = any(line.done or line.picked for line in leaves)
    complete = all(line.done >= line.quantity for line in leaves)
    to = "done" if complete else "in_progress" if touched else "open"
    if to != status:
        set_status(t, document, to, done_at)
    return to


def set_status(t: Transaction, document: int, status: str, done_at: int | None = None) -> None:
    """Set a document's status, and whether its lines are open."""
    finished = status not in UNFINISHED
    t.execute(
        "UPDATE document SET status = ?, done_at = ?, changed_at = ?, version = version + 1 "
        "WHERE id = ?",
        (status, (done_at or now()) if status == "done" else None, now(), document),
    )
    t.execute(
        "UPDATE document_line SET open = ? WHERE document = ? AND open <> ?",
        (int(not finished), document, int(not finished)),
    )


def _count_kits(t: Transaction, document: int) -> None:
    """A kit is done as often as all its members are."""
    lines = list(t.execute(
        "SELECT id, kit_line, quantity, done FROM document_line WHERE document = ?", (document,)
    ).fetchall())  # fmt: skip
    kits = {row[1] for row in lines if row[1] is not None}
    is_work = t.execute("SELECT type FROM document WHERE id = ?", (document,)).fetchone()[0]
    if is_work == DocumentType.WORK_ORDER:
        return
    for number, _, quantity, done in lines:
        if number not in kits:
            continue
        whole = min(
            (row[3] * quantity // row[2] for row in lines if row[1] == number and row[2]),
            default=0,
        )
        if whole != done:
            t.execute("UPDATE document_line SET done = ? WHERE id = ?", (whole, number))


def delete(t: Transaction, row: DocumentRow, actor: str) -> None:
    """Delete a draft on which nothing was chosen.

    Raises:
        RegistryRefused: it is no draft any more, or something is on it.
    """
    lines = lines_of(t.execute, row.id)
    if row.status != "draft" or any(line.chosen or line.counted for line in lines):
        raise RegistryRefused(
            "document_not_editable",
            f"{row.number} is {row.status}"
            + (" and has serials on it" if row.status == "draft" else "")
            + "; cancel it instead.",
            document=row.number, status=row.status,
        )  # fmt: skip
    t.execute("DELETE FROM document_line WHERE document = ?", (row.id,))
    t.execute("DELETE FROM document WHERE id = ?", (row.id,))
    body = {"type": row.type, "number": row.number}
    tell(t, now(), "document.deleted", f"documents/{row.type}/{row.number}", actor, body)
