"""Printing labels again: the same dots, a reason, and a new job for each old one."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.api.access import Actor
from gateway.api.job_body import check_words
from gateway.api.parts import Parts
from gateway.ledger import Order, Piece
from gateway.printers import Pool, Printer
from gateway.store.engine import Transaction, now
from gateway.store.jobs import JobRow


def reprint_orders(
    parts: Parts, labels: Sequence[int], reason: str, printer: Printer | Pool
) -> list[Order]:
    """Return an order for each job the labels are of, in the order of the labels. Takes long.

    Raises:
        UnknownLabel: there is no label of that number.
        FieldRefused: there is no reason, or no label.
        DiskFull, TooMany: there is no room for more.
    """
    parts.space.check()
    words = check_words(reason, "reason")
    by_job: dict[int, list[Piece]] = {}
    for label in labels:
        piece = parts.jobs.piece(label)
        by_job.setdefault(piece.ticket.job, []).append(piece)
    orders = [
        parts.desk.reprint(pieces, printer, words, parts.jobs.payload)
        for pieces in by_job.values() or ([],)
    ]
    parts.backlog.take(printer.id, sum(len(order.rows) for order in orders), printer.name)
    return orders


def accept_again(
    t: Transaction, parts: Parts, orders: Sequence[Order], printer: Printer | Pool, who: Actor
) -> list[JobRow]:
    """Accept the orders in a transaction; return their jobs."""
    parts.printers.must_exist(t, printer.id, printer.name)
    at = now()
    rows = [parts.jobs.job(parts.jobs.accept(t, order, who.name, at).job, t) for order in orders]
    t.after(lambda: parts.room.wake(printer.id))
    return rows
