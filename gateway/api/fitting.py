"""What waits follows what printers can: held while none has the stock, let go when one has."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.api.parts import Parts
from gateway.printers import Needs, Pool, Printer, why_none
from gateway.store.engine import Transaction


def refit_printer(t: Transaction, parts: Parts, printer: Printer, actor: str) -> None:
    """Look again at what waits for a printer, and for its pools, with its settings as they are now.

    To be called in the transaction that changes them.
    """
    _refit(t, parts, printer.id, "", (printer,), actor)
    for pool in parts.pools.all():
        if printer.id in pool.members:
            members = parts.pools.members(pool.id)
            now = tuple(printer if member.id == printer.id else member for member in members)
            _refit(t, parts, pool.id, pool.name, now, actor)


def refit_pool(t: Transaction, parts: Parts, pool: Pool, actor: str) -> None:
    """Look again at what waits for a pool, with the members it has now."""
    found = (parts.printers.by_id(member) for member in pool.members)
    _refit(t, parts, pool.id, pool.name, (p for p in found if p is not None), actor)


def _refit(
    t: Transaction, parts: Parts, target: int, pool: str, members: Iterable[Printer], actor: str
) -> None:
    printers = tuple(members)

    def fits(needs: Needs) -> str:
        return why_none(printers, needs, pool)

    if parts.jobs.refit(t, target, fits, actor):
        t.after(lambda: parts.room.wake(target))
