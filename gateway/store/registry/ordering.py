"""Orders as such: placed and reserved, closed short, cancelled."""

from __future__ import annotations

from gateway.registry.documents import DocumentType
from gateway.registry.refusals import Offence, RegistryRefused, refuse_all
from gateway.store.registry.choosing import unchoose, unchoose_lots
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.document_status import reserve_line
from gateway.store.registry.moving import decide_shortages
from gateway.store.registry.posting import Posting


def confirm(posting: Posting) -> None:
    row, t = posting.row, posting.t
    short: list[Offence] = []
    for line in posting.leaves():
        if row.type not in (DocumentType.SALES_ORDER, DocumentType.WORK_ORDER) or not line.moves:
            continue
        kept = reserve_line(t, row, line.id)
        if kept < line.quantity and not (
            row.type is DocumentType.WORK_ORDER and line.kit_line is None
        ):
            short.append(
                Offence(f"line {line.rank}", "quantity_unavailable",
                        f"{kept} of {line.quantity} of {line.sku} are available for line "
                        f"{line.rank} of {row.number}.",
                        {"line": line.rank, "item": line.sku, "available": kept,
                         "asked": line.quantity, "backorder": line.quantity - kept})
            )  # fmt: skip
    if short and not posting.given.backorder:
        raise refuse_all(short, len(posting.leaves()), "lines")
    posting.doing.warnings += short


def cancel(posting: Posting) -> None:
    moved = [line for line in posting.leaves() if line.done or line.picked]
    if moved:
        line = moved[0]
        raise RegistryRefused(
            "document_not_editable",
            f"Line {line.rank} of {posting.row.number} has {line.done} done and {line.picked} "
            "picked; unpick them, and close the document instead of cancelling it.",
            document=posting.row.number, line=line.rank, done=line.done, picked=line.picked,
        )  # fmt: skip
    _let_go(posting)


def _let_go(posting: Posting) -> None:
    """Give free, or cancel, all that was chosen for a document's lines."""
    t = posting.t
    for line in posting.leaves():
        lives = lives_on(t.execute, line.id, "planned", "committed", "wanted")
        if lives and posting.row.type is not DocumentType.CASE:
            unchoose(posting.doing, posting.row, line, lives)
        unchoose_lots(posting.doing, posting.row, line)
    t.execute("UPDATE document_line SET reserved = done WHERE document = ?", (posting.row.id,))


def close(posting: Posting) -> None:
    row = posting.row
    if row.type is DocumentType.TRANSFER:
        decide_shortages(posting)
        return
    picked = [line for line in posting.leaves() if line.picked]
    if picked:
        raise RegistryRefused(
            "document_not_editable",
            f"{picked[0].picked} of line {picked[0].rank} of {row.number} are picked; ship or "
            "unpick them first.",
            document=row.number, line=picked[0].rank, picked=picked[0].picked,
        )  # fmt: skip
    if row.type is not DocumentType.CASE:
        _let_go(posting)
