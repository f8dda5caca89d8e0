"""Pools in the database, and the snapshot of them that acceptance and claims read without SQL.

A pool is a row of the table ``printer`` that has members: one name space, one kind of target.
"""

from __future__ import annotations

import json
from typing import Any, Literal

from gateway.errors import InUse, NameTaken, PrinterRefused, Stale, UnknownPrinter
from gateway.printers import Pool, Printer
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.names import check_name, similar
from gateway.store.printers import PrinterStore

_LIVING = (
    "SELECT id, name, members, version, created_at, changed_at FROM printer "
    "WHERE deleted_at IS NULL AND members IS NOT NULL"
)
_OWED = (
    "SELECT coalesce(sum(queued + held + sending + sent - silent + uncertain), 0) "
    "FROM job WHERE target = ? AND ended_at IS NULL"
)


def _pool(row: tuple[Any, ...]) -> Pool:
    return Pool(row[0], row[1], tuple(json.loads(row[2])), row[3], row[4], row[5])


class PoolStore:
    """All SQL about pools."""

    def __init__(self, database: Database, printers: PrinterStore) -> None:
        self._database, self._printers = database, printers
        self._show_all([_pool(row) for row in database.read(f"{_LIVING} ORDER BY id")])

    def reload(self, t: Transaction) -> None:
        """Show what is there now: another daemon has written."""
        self._show_all([_pool(row) for row in t.execute(f"{_LIVING} ORDER BY id")])

    # ------------------------------------------------------------ reading, without SQL

    def all(self) -> list[Pool]:
        """Return every pool, by name."""
        return [pool for _, pool in sorted(self._by_name.items())]

    def find(self, name: str) -> Pool:
        """Return the pool of that name.

        Raises:
            UnknownPrinter: there is none.
        """
        pool = self._by_name.get(name.lower())
        if pool is None:
            names = [pool.name for pool in self.all()]
            raise UnknownPrinter(
                f"There is no pool {name[:80]!r}{similar(name[:80], names)}", pool=name[:80]
            )
        return pool

    def target(self, name: str) -> Printer | Pool:
        """Return the printer or pool of that name.

        Raises:
            UnknownPrinter: there is neither.
        """
        return self._by_name.get(name.lower()) or self._printers.find(name)

    def name_of(self, target: int | None) -> str:
        """Return the name of a printer or pool; empty for none, and for one that is no more."""
        if target is None:
            return ""
        found = self._by_id.get(target) or self._printers.by_id(target)
        return "" if found is None else found.name

    def members(self, target: int) -> tuple[Printer, ...]:
        """Return the printers that may print what is sent to a target: its own, or a pool's."""
        pool = self._by_id.get(target)
        found = (self._printers.by_id(n) for n in ((target,) if pool is None else pool.members))
        return tuple(printer for printer in found if printer is not None)

    def of(self, printer: int) -> tuple[int, ...]:
        """Return the ids of the pools a printer is in."""
        return self._of.get(printer, ())

    # ------------------------------------------------------------ writing

    def put(
        self,
        t: Transaction,
        name: str,
        members: list[str],
        actor: str,
        *,
        version: int | Literal["new"] | None = None,
        rename: str | None = None,
    ) -> tuple[Pool, bool]:
        """Make the pool, or change it; return it and whether it is new.

        Raises:
            UnknownPrinter: a member is no printer.
            PrinterRefused: there is no member, or one comes twice.
            Stale, NameTaken, InputRefused: as for printers.
        """
        at = now()
        row = t.execute(f"{_LIVING} AND lower(name) = ?", (name.lower(),)).fetchone()
        was = None if row is None else _pool(row)
        if version == "new" and was is not None:
            raise Stale(f"There is a pool {was.name!r} already.", pool=was.name)
        if isinstance(version, int) and (was is None or was.version != version):
            raise Stale(
                f"Pool {name!r} was changed or deleted meanwhile; read it again and repeat the "
                "change.",
                pool=name,
            )
        ids = [self._printers.find(member).id for member in members]
        if not ids or len(set(ids)) < len(ids):
            raise PrinterRefused(
                "A pool needs its 'members': the names of one or more printers, each once, got "
                f"{', '.join(members) or 'none'}.",
                key="members",
            )
        shown = check_name(rename or (was.name if was else name), "pool")
        try:
            if was is None:
                number = t.execute(
                    "INSERT INTO printer (name, url, language, model, density, media_width, "
                    "media_height, members, created_at, changed_at) "
                    "VALUES (?, 'pool:', '', '', '8', 1, 1, ?, ?, ?) RETURNING id",
                    (shown, json.dumps(ids), at, at),
                ).fetchone()[0]
            else:
                number = was.id
                t.execute(
                    "UPDATE printer SET name = ?, members = ?, changed_at = ?, "
                    "version = version + 1 WHERE id = ?",
                    (shown, json.dumps(ids), at, number),
                )
        except RuleBroken as error:
            if error.rule == "printer_name_taken":
                raise NameTaken(
                    f"Another printer or pool is called {shown!r}; choose another name.",
                    name=shown,
                ) from error
            raise
        pool = _pool(t.execute(f"{_LIVING} AND id = ?", (number,)).fetchone())
        body: dict[str, object] = {"pool": pool.name, "members": members, "version": pool.version}
        tell(t, at, "pool.saved", f"pools/{pool.name}", actor, body)
        t.after(lambda: self._show(pool))
        return pool, was is None

    def delete(self, t: Transaction, name: str, actor: str) -> Pool:
        """Delete a pool; its printers stay, and its jobs are kept. Return what it was.

        Raises:
            UnknownPrinter: there is none of that name.
            InUse: labels still wait for it.
        """
        pool = self.find(name)
        owed = int(t.execute(_OWED, (pool.id,)).fetchone()[0])
        if owed:
            raise InUse(
                f"Pool {pool.name!r} still has {owed} label{'' if owed == 1 else 's'} to end; "
                "cancel them or answer for them first.",
                pool=pool.name,
                labels=owed,
            )
        at = now()
        t.execute("UPDATE printer SET deleted_at = ? WHERE id = ?", (at, pool.id))
        tell(t, at, "pool.deleted", f"pools/{pool.name}", actor, {"pool": pool.name})
        t.after(lambda: self._forget(pool))
        return pool

    # ------------------------------------------------------------ the snapshot

    def _show(self, pool: Pool) -> None:
        self._show_all([*(p for p in self._by_id.values() if p.id != pool.id), pool])

    def _forget(self, pool: Pool) -> None:
        self._show_all([p for p in self._by_id.values() if p.id != pool.id])

    def _show_all(self, pools: list[Pool]) -> None:
        # Replaced whole, never changed: readers on any thread need no lock.
        of: dict[int, tuple[int, ...]] = {}
        for pool in pools:
            for member in pool.members:
                of[member] = (*of.get(member, ()), pool.id)
        self._by_id = {pool.id: pool for pool in pools}
        self._by_name = {pool.name.lower(): pool for pool in pools}
        self._of = of
