"""Gates: what a document still lacks before it may be shipped, invoiced, received, built."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.registry.documents import DocumentType, Need, Step
from gateway.store.registry.acting import Target
from gateway.store.registry.document_lines import lives_on, lots_on
from gateway.store.registry.documents import DocumentRow, LineRow
from gateway.store.registry.line_given import Doing
from gateway.store.registry.posting import Posting, StepGiven


def needs_of(
    posting: Posting, *, roles: Sequence[str] = ("wanted", "planned", "committed", "picked")
) -> list[Need]:
    """Return every line of a document that lacks serials or quantities for a whole step."""
    found: list[Need] = []
    for line in posting.leaves():
        if not line.moves:
            continue
        expected = line.quantity - line.done
        if line.serialised:
            have = len(chosen_for_shipping(posting, line, roles))
        elif line.tracking == "lot":
            have = sum(
                one[3] for one in lots_on(posting.t.execute, line.id, *roles)
            )  # fmt: skip
        else:
            continue
        if have != expected:
            found.append(Need(line.rank, line.sku, expected, have, line.serialised))
    return found


def chosen_for_shipping(posting: Posting, line: LineRow, roles: Sequence[str]) -> list[Target]:
    """Return a line's own serials; a shipment that names none takes what its order has ready."""
    own = posting.chosen(line, *roles)
    if own or line.source_line is None or posting.row.type is not DocumentType.SHIPMENT:
        return own
    run = posting.t.execute
    named = {
        row[0]
        for row in run(
            "SELECT r.life FROM line_life r JOIN document_line l ON l.id = r.line "
            "WHERE l.source_line = ? AND l.open = 1 AND r.role = 'wanted'",
            (line.source_line,),
        )
    }
    ready = [
        *lives_on(run, line.source_line, "picked"), *lives_on(run, line.source_line, "committed")
    ]  # fmt: skip
    free = [life for life in ready if life not in named]
    return [Target("", life, line.item) for life in free[: line.quantity - line.done]]


def invoice_needs(posting: Posting) -> list[Need]:
    """Return the lines whose serials are not known yet: own, or those its order has shipped."""
    found: list[Need] = []
    for line in posting.leaves():
        if not line.serialised:
            continue
        have = set(lives_on(posting.t.execute, line.id, "wanted", "committed", "picked", "done"))
        if posting.row.type is DocumentType.INVOICE and not have:
            have = set(invoiced(posting, line))
        if len(have) != line.quantity:
            found.append(Need(line.rank, line.sku, line.quantity, len(have)))
    return found


def invoiced(posting: Posting, line: LineRow) -> list[int]:
    """Return the serials that an invoice's source has for the line, and no other invoice names."""
    if line.source_line is None:
        return []
    run = posting.t.execute
    rows = run(
        "SELECT DISTINCT r.life FROM line_life r JOIN document_line l ON l.id = r.line "
        "JOIN document d ON d.id = l.document WHERE (l.id = ? OR l.source_line = ?) "
        "AND d.type IN ('sales_order', 'shipment') AND r.role IN ('done', 'picked', 'committed') "
        "AND NOT EXISTS (SELECT 1 FROM line_life o JOIN document_line ol ON ol.id = o.line "
        "JOIN document od ON od.id = ol.document WHERE o.life = r.life AND o.role = 'done' "
        "AND od.type = 'invoice') ORDER BY r.life",
        (line.source_line, line.source_line),
    )
    return [int(row[0]) for row in rows][: line.quantity]


def check(doing: Doing, row: DocumentRow, what: str) -> list[Need]:
    """Return what a document lacks before a step; empty when the step may be taken.

    ``what`` is ship, invoice, receive, start or finish.
    """
    step = Step((), "", None, True, "")
    posting = Posting(doing, row, step, StepGiven())
    if row.type is DocumentType.WORK_ORDER:
        from gateway.store.registry.work_orders import lacking

        return lacking(posting, what)
    if what == "invoice":
        return invoice_needs(posting)
    return needs_of(posting)
