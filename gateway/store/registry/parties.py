"""Customers, suppliers and carriers in the database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from gateway.registry.given import Given
from gateway.registry.parties import Party, read_party
from gateway.registry.refusals import RegistryRefused
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.coded import CodedStore, Kind
from gateway.store.registry.lives import Run
from gateway.store.registry.records import (
    MARKS,
    Table,
    page,
    rows_of,
    taken,
)

PARTIES = Table(
    "party", "code", "party", "party_unknown", "code_taken",
    ("name", "coalesce(external_id, '')"),
)  # fmt: skip

_COLUMNS = "code, name, kind, active, gln, external_id, attrs"
_SELECT = f"SELECT id, {_COLUMNS}, version, created_at, changed_at FROM party WHERE id IN ({MARKS})"
_INSERT = (
    f"INSERT INTO party ({_COLUMNS}, created_at, changed_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)
_UPDATE = (
    "UPDATE party SET code = ?, name = ?, kind = ?, active = ?, gln = ?, external_id = ?, "
    "attrs = ?, changed_at = ?, version = version + 1 WHERE id = ?"
)
_USED = {
    "documents": "SELECT count(*) FROM document WHERE party = ?",
    "serials": "SELECT count(*) FROM life WHERE customer = ? OR supplier = ?",
    "events": "SELECT count(*) FROM event WHERE party = ?",
}


def parties_of(run: Run, numbers: Sequence[int]) -> list[Party]:
    """Return parties by their numbers, in that order; those that there are not are left out."""
    rows = {row[0]: row for row in rows_of(run, _SELECT, numbers)}
    return [_party(rows[number]) for number in numbers if number in rows]


def _party(row: Sequence[Any]) -> Party:
    return Party(
        row[0], row[1], row[2], row[3], bool(row[4]), row[5], row[6], json.loads(row[7]), row[8],
        row[9], row[10],
    )  # fmt: skip


class PartyStore(CodedStore[Party]):
    """All SQL about parties."""

    kind = Kind(PARTIES, "party", "parties", Party(0, ""), _USED)

    def things(self, run: Run, numbers: Sequence[int]) -> list[Party]:
        return parties_of(run, numbers)

    def read_given(self, base: Party, given: Given) -> Party:
        return read_party(base, given)

    def write(self, t: Transaction, was: Party | None, party: Party) -> Party:
        at = now()
        values = (
            party.code, party.name, party.kind, int(party.active), party.gln, party.external_id,
            json.dumps(party.fields, ensure_ascii=False, sort_keys=True),
        )  # fmt: skip
        try:
            if was is None:
                number = int(t.execute(_INSERT, (*values, at, at)).fetchone()[0])
            else:
                number = was.id
                t.execute(_UPDATE, (*values, at, number))
        except RuleBroken as broken:
            raise taken(broken, "party") from broken
        return parties_of(t.execute, [number])[0]

    def page(
        self,
        after: str | None,
        limit: int,
        *,
        q: str | None = None,
        kind: str | None = None,
        active: bool | None = None,
    ) -> list[Party]:
        """Return a page of parties and one more, by their codes.

        Whoever is both is among the customers and among the suppliers.
        """
        conditions: list[str] = []
        values: list[object] = []
        if kind in ("customer", "supplier"):
            conditions.append("kind IN (?, 'both')")
            values.append(kind)
        elif kind is not None:
            conditions.append("kind = ?")
            values.append(kind)
        if active is not None:
            conditions.append("active = ?")
            values.append(int(active))
        numbers = page(
            self._database.read, PARTIES, after=after, limit=limit, q=q,
            conditions=conditions, values=values,
        )  # fmt: skip
        return parties_of(self._database.read, numbers)

    def delete(self, t: Transaction, code: str, actor: str) -> None:
        """Remove a party that nothing names.

        Raises:
            RegistryRefused: there is none, or ``party_in_use``.
        """
        party = self.get(code, t.execute)
        used, counted = self.uses(t, party)
        if counted:
            raise RegistryRefused(
                "party_in_use",
                f"{party.name or party.code} is in use ({counted}); set it inactive instead.",
                party=party.code, used=used,
            )  # fmt: skip
        t.execute("DELETE FROM barcode WHERE kind = 'party' AND target = ?", (party.id,))
        t.execute("DELETE FROM party WHERE id = ?", (party.id,))
        tell(t, now(), "party.deleted", f"parties/{party.code}", actor, {"party": party.code})
