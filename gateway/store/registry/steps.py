"""Steps of documents: which verb of which type does what.

    (document, verb, what is given) ──STEPS──► gate ──► actions on serials and quantities
        ──► lines counted, status derived: one transaction, or nothing

Each line's action is an event of its own, so each can be undone. Without ``lines`` a step takes
all that was chosen for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.registry.documents import DocumentType, Verb, step_of
from gateway.store.engine import now
from gateway.store.feed import tell
from gateway.store.registry.document_status import refresh, set_status
from gateway.store.registry.documents import DocumentRow, document_by_id
from gateway.store.registry.invoicing import post_invoice, share_landed_cost
from gateway.store.registry.line_given import Doing
from gateway.store.registry.moving import adjust, arrive, inspect, send_back, transfer, write_off
from gateway.store.registry.ordering import cancel, close, confirm
from gateway.store.registry.posting import Posted, Posting, StepGiven
from gateway.store.registry.receiving import drop_ship, receive, receive_or_return
from gateway.store.registry.shipping import pick, ship, unpick
from gateway.store.registry.stocktakes import STOCKTAKE_STEPS
from gateway.store.registry.work_orders import WORK_STEPS


def post(doing: Doing, row: DocumentRow, verb: str, given: StepGiven) -> Posted:
    """Take a step of a document, whole.

    Raises:
        RegistryRefused: the gate or an action refuses; nothing was done.
    """
    step = step_of(row.type, row.status, verb, row.number)
    posting = Posting(doing, row, step, given)
    kind, what = row.type, Verb(verb)
    special = WORK_STEPS if kind is DocumentType.WORK_ORDER else STOCKTAKE_STEPS
    do = special.get(what) if kind in (DocumentType.WORK_ORDER, DocumentType.STOCKTAKE) else None
    if do is None:
        do = _STEPS[what]
    do(posting)
    t = doing.t
    if step.to == "derived":
        if row.status == "draft":
            set_status(t, row.id, "open")
        refresh(t, row.id)
    elif step.to and step.to != row.status:
        set_status(t, row.id, step.to)
    if row.source is not None:
        refresh(t, row.source)
    for other in sorted(posting.touched):
        refresh(t, other)
    after = document_by_id(t.execute, row.id)
    past = _PAST.get(what, f"{what}ed")
    tell(
        t, now(), f"document.{past}", f"documents/{row.type}/{row.number}", doing.by.actor,
        {"type": row.type, "number": row.number, "status": after.status, "events": doing.events},
    )  # fmt: skip
    return Posted(after, doing.events, doing.warnings, posting.results)


_PAST: Mapping[Verb, str] = {
    Verb.RECEIVE: "received", Verb.DROP_SHIP: "drop_shipped", Verb.UNPICK: "unpicked",
    Verb.SHIP: "shipped", Verb.CONSUME: "consumed", Verb.PRODUCE: "produced",
    Verb.FINISH: "finished", Verb.UNBUILD: "unbuilt", Verb.ARRIVE: "arrived",
    Verb.DISPATCH: "dispatched", Verb.CLOSE: "closed", Verb.CANCEL: "cancelled",
    Verb.DECIDE: "decided", Verb.COUNT: "counted", Verb.LANDED_COST: "costed",
}  # fmt: skip


def _post_by_type(posting: Posting) -> None:
    {
        DocumentType.RECEIPT: receive,
        DocumentType.INVOICE: post_invoice,
        DocumentType.TRANSFER: transfer,
        DocumentType.WRITE_OFF: write_off,
        DocumentType.ADJUSTMENT: adjust,
    }[posting.row.type](posting)


def _ship_by_type(posting: Posting) -> None:
    (send_back if posting.row.type is DocumentType.SUPPLIER_RETURN else ship)(posting)


_STEPS: Mapping[Verb, Callable[[Posting], None]] = {
    Verb.CONFIRM: confirm,
    Verb.POST: _post_by_type,
    Verb.RECEIVE: receive_or_return,
    Verb.DROP_SHIP: drop_ship,
    Verb.PICK: pick,
    Verb.UNPICK: unpick,
    Verb.SHIP: _ship_by_type,
    Verb.INSPECT: inspect,
    Verb.DISPATCH: transfer,
    Verb.ARRIVE: arrive,
    Verb.LANDED_COST: share_landed_cost,
    Verb.CLOSE: close,
    Verb.CANCEL: cancel,
}
