"""Money beside the pieces: invoices that name serials, and costs that come later."""

from __future__ import annotations

from gateway.registry.documents import refuse_needs
from gateway.registry.refusals import RegistryRefused
from gateway.store.registry.costing import add_landed_cost
from gateway.store.registry.document_lines import lives_on
from gateway.store.registry.gates import invoice_needs, invoiced
from gateway.store.registry.posting import Posting


def post_invoice(posting: Posting) -> None:
    needs = invoice_needs(posting)
    if needs:
        raise refuse_needs(needs, posting.row.number)
    t = posting.t
    for line in posting.leaves():
        lives = lives_on(t.execute, line.id, "wanted") or invoiced(posting, line)
        if line.serialised:
            t.executemany(
                "INSERT INTO line_life (line, life, role) VALUES (?, ?, 'done') "
                "ON CONFLICT (line, life, role) DO NOTHING",
                [(line.id, life) for life in lives],
            )
        # On the invoice alone: invoicing ships nothing, so its order is not counted on.
        t.execute("UPDATE document_line SET done = quantity WHERE id = ?", (line.id,))


def share_landed_cost(posting: Posting) -> None:
    given = posting.given
    if given.amount is None or not given.currency:
        raise RegistryRefused(
            "value_wrong", "Say how much in which money: give 'amount' (minor units) and "
            "'currency'.", key="amount",
        )  # fmt: skip
    lives = [
        life
        for line in posting.leaves()
        for life in lives_on(posting.t.execute, line.id, "done")
    ]  # fmt: skip
    event = add_landed_cost(
        posting.t, lives, given.amount, given.currency, posting.doing.by, document=posting.row.id,
        reason=posting.reason, at=posting.doing.at,
    )  # fmt: skip
    posting.doing.events.append(event)
