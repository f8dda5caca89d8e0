"""Customers, suppliers and carriers in the database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.registry.given import Given
from gateway.registry.parties import Party, read_party
from gateway.registry.refusals import RegistryRefused, refuse_all
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.acting import fields_of
from gateway.store.registry.custom import set_fields
from gateway.store.registry.lives import Run
from gateway.store.registry.records import (
    MARKS,
    Saved,
    Status,
    Table,
    Version,
    check_version,
    clashes,
    known,
    known_external,
    meant,
    named,
    page,
    rows_of,
    save_all,
    taken,
    tell_saved,
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


class PartyStore:
    """All SQL about parties."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ reading

    def get(self, code: str, run: Run | None = None) -> Party:
        """Return a party by its code.

        Raises:
            RegistryRefused: there is none.
        """
        run = run or self._database.read
        return parties_of(run, [known(run, PARTIES, code)])[0]

    def get_external(self, external_id: str) -> Party:
        """Return a party by another system's id.

        Raises:
            RegistryRefused: there is none.
        """
        run = self._database.read
        return parties_of(run, [known_external(run, PARTIES, external_id)])[0]

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

    # ------------------------------------------------------------ writing

    def save(
        self,
        t: Transaction,
        values: Mapping[str, object],
        actor: str,
        *,
        code: str | None = None,
        external_id: str | None = None,
        version: Version = None,
        text: bool = False,
        quiet: bool = False,
    ) -> Saved[Party]:
        """Make a party, or change the one that is meant; what is not given stays as it was.

        Raises:
            RegistryRefused: with everything that is wrong.
        """
        number = meant(t.execute, PARTIES, values, code, external_id)
        values = named(values, PARTIES, number is None, code, external_id)
        was = parties_of(t.execute, [number])[0] if number else None
        called = code or (was.code if was else str(values.get("code", "")).strip())
        check_version(PARTIES, called, version, was.version if was else None)
        given = Given(values, called or "party", text=text)
        if not called:
            given.refuse("value_wrong", "A party needs its 'code'.", key="code")
        base = was or Party(0, "")
        party = read_party(base, given)
        party = set_fields(party, given, fields_of(t, "party"))
        given.offences += clashes(t.execute, PARTIES, party.id, party.code, party.external_id,
                                  given.subject)  # fmt: skip
        if given.offences:
            raise refuse_all(given.offences, len(given.offences), "values")
        status: Status = "new" if was is None else ("same" if party == was else "changed")
        if status != "same":
            party = _write(t, was, party)
        saved = Saved(party, status)
        if not quiet:
            tell_parties(t, [saved], actor)
        return saved

    def save_all(
        self, t: Transaction, rows: Sequence[Mapping[str, object]], actor: str
    ) -> list[Saved[Party]]:
        """Save many parties, or none.

        Raises:
            RegistryRefused: every offender is named.
        """
        saved = save_all(
            rows, lambda row: self.save(t, row, actor, quiet=True), PARTIES, "parties",
        )  # fmt: skip
        tell_parties(t, saved, actor)
        return saved

    def delete(self, t: Transaction, code: str, actor: str) -> None:
        """Remove a party that nothing names.

        Raises:
            RegistryRefused: there is none, or ``party_in_use``.
        """
        party = self.get(code, t.execute)
        used = {
            what: int(t.execute(query, (party.id,) * query.count("?")).fetchone()[0])
            for what, query in _USED.items()
        }
        if any(used.values()):
            counted = ", ".join(f"{n} {what}" for what, n in used.items() if n)
            raise RegistryRefused(
                "party_in_use",
                f"{party.name or party.code} is in use ({counted}); set it inactive instead.",
                party=party.code, used=used,
            )  # fmt: skip
        t.execute("DELETE FROM barcode WHERE kind = 'party' AND target = ?", (party.id,))
        t.execute("DELETE FROM party WHERE id = ?", (party.id,))
        tell(t, now(), "party.deleted", f"parties/{party.code}", actor, {"party": party.code})


def _write(t: Transaction, was: Party | None, party: Party) -> Party:
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


def tell_parties(t: Transaction, saved: Sequence[Saved[Party]], actor: str) -> None:
    """Write one feed entry for all parties that were saved, if any changed."""
    tell_saved(t, "party", [(one.thing.code, one.status) for one in saved], actor)
