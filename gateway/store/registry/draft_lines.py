"""Lines of documents, saved: by the rules of ``gateway.registry.documents``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from gateway.registry.documents import UNFINISHED, DocumentType, base_quantity
from gateway.registry.fields import check_fields
from gateway.registry.lives import Rules
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.engine import Transaction
from gateway.store.registry.acting import fields_of
from gateway.store.registry.document_status import reserve_line
from gateway.store.registry.documents import DocumentRow, LineRow, line_at, lines_of
from gateway.store.registry.names import item_id, place_id


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


def refuse_finished(row: DocumentRow) -> None:
    raise RegistryRefused(
        "document_done",
        f"{row.number} is {row.status}; only its memo, custom fields and foreign references "
        "can change.",
        document=row.number, status=row.status,
    )  # fmt: skip


def folded(code: str | None) -> str | None:
    return None if code is None else code.lower()


class LineSaving:
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
            refuse_finished(self._row)
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
                (line for line in top if folded(line.external_id) == draft.external_id.lower()),
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
                refuse_finished(self._row)
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
            refuse_finished(self._row)
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
