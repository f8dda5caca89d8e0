"""What follows for a document from what happened: what is reserved, and its status."""

from __future__ import annotations

from gateway.registry.documents import UNFINISHED, DocumentType
from gateway.store.engine import Transaction, now
from gateway.store.registry.demand import available, kept_for
from gateway.store.registry.documents import DocumentRow, lines_of

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
    lines = lines_of(t.execute, document)
    left = any(line.moves and line.done < line.quantity for line in lines)
    if kind == DocumentType.WORK_ORDER and status == "done" and left:  # a step was undone
        set_status(t, document, "in_progress")
        return "in_progress"
    if DocumentType(kind) not in DERIVED or status in ("draft", "cancelled"):
        return str(status)
    kits = {line.kit_line for line in lines if line.kit_line is not None}
    leaves = [line for line in lines if line.id not in kits]
    # What is never in stock delays nothing, unless there is nothing else.
    leaves = [line for line in leaves if line.moves] or leaves
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
