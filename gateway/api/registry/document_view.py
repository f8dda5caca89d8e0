"""Documents become JSON: head, lines with their badges, what may be done next."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from gateway.api.registry.showing import money, time_of
from gateway.api.showing import Json
from gateway.registry.documents import KINDS, DocumentType, serial_status, verbs
from gateway.registry.public_ids import PublicIds
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.stocktakes import DECISIONS, NOTES, Difference


def show_document(
    row: DocumentRow, names: PublicIds, lines: Sequence[LineRow] | None = None
) -> Json:
    """Return a document; without ``lines`` as lists show it."""
    link = f"/v1/documents/{row.type}/{row.number}"
    values = json.loads(row.attrs)
    values.pop(NOTES, None)
    shown: Json = {
        "id": names.write("document", row.id),
        "type": row.type,
        "number": row.number,
        "status": row.status,
        "party": row.party_code,
        "from": row.from_code,
        "to": row.to_code,
        "source": None
        if row.source_type is None
        else {"type": row.source_type, "number": row.source_number},
        "external_ref": row.external_ref,
        "external_id": row.external_id,
        "currency": row.currency,
        "due_on": row.due_on,
        "reason": row.reason,
        "memo": row.memo,
        "fields": values,
        "version": row.version,
        "created_at": time_of(row.created_at),
        "changed_at": time_of(row.changed_at),
        "done_at": time_of(row.done_at),
        "allowed": [str(verb) for verb in verbs(row.type, row.status)],
        "links": {"self": link},
    }
    if lines is not None:
        ranks = {line.id: line.rank for line in lines}
        shown["lines"] = [show_line(row, line, ranks, link) for line in lines]
    return shown


def show_line(row: DocumentRow, line: LineRow, ranks: dict[int, int], link: str) -> Json:
    """Return a line with how far it is."""
    chosen = line.chosen
    is_order = row.type in (DocumentType.SALES_ORDER, DocumentType.WORK_ORDER)
    backorder = 0
    if is_order and line.open and line.moves and row.status != "draft":
        backorder = max(line.quantity - max(line.reserved, chosen), 0)
    badge = serial_status(line.serialised, line.quantity, chosen)
    return {
        "line": line.rank,
        "item": line.sku,
        "quantity": line.uom_quantity,
        "uom": line.uom,
        "pieces": line.quantity,
        "tracking": line.tracking,
        "reserved": line.reserved,
        "planned": line.planned,
        "wanted": line.wanted,
        "committed": line.committed,
        "picked": line.picked,
        "done": line.done,
        "backorder": backorder,
        "serial_status": badge,
        "needed": badge in ("needed", "partial") and row.status not in ("done", "cancelled"),
        "chosen_as": KINDS[row.type].chosen,
        "price": money(line.price, line.currency),
        "cost": money(line.cost, line.currency),
        "location": line.place_code,
        "part_of": None if line.kit_line is None else ranks.get(line.kit_line),
        "memo": line.memo,
        "fields": json.loads(line.attrs),
        "external_id": line.external_id,
        "links": {"serials": f"{link}/lines/{line.rank}/serials"},
    }


def show_differences(found: Iterable[Difference], names: PublicIds) -> list[Json]:
    """Return a stocktake's differences."""
    return [
        {
            "difference": one.subject,
            "kind": one.kind,
            "item": one.sku,
            "serial": one.serial or None,
            "id": None if one.life is None else names.write("serial", one.life),
            "state": one.state,
            "location": one.location,
            "expected": one.expected,
            "counted": one.counted,
            "decision": one.decision,
            "may": list(DECISIONS[one.kind]),
        }
        for one in found
    ]
