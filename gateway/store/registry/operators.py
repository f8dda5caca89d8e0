"""The people who work here, in the database: each known by a badge, with an optional PIN."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gateway.registry.given import Given
from gateway.registry.parties import Operator, read_operator
from gateway.registry.refusals import RegistryRefused, refuse_all
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.lives import Run
from gateway.store.registry.records import Saved, Status, Table, Version, check_version, find, taken

OPERATORS = Table("operator", "badge", "operator", "operator_unknown", "code_taken", ("name",))

_SELECT = (
    "SELECT id, badge, name, pin_hash, roles, active, version, created_at, changed_at FROM operator"
)

HashPin = Callable[[str, str], bytes]
"""Returns what is kept of a badge's PIN."""


def _operator(row: Sequence[Any]) -> Operator:
    return Operator(
        row[0], row[1], row[2], row[3] is not None, tuple(json.loads(row[4])), bool(row[5]),
        row[6], row[7], row[8],
    )  # fmt: skip


class OperatorStore:
    """All SQL about operators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, badge: str, run: Run | None = None) -> Operator:
        """Return an operator by the badge.

        Raises:
            RegistryRefused: there is none.
        """
        run = run or self._database.read
        for row in run(f"{_SELECT} WHERE lower(badge) = lower(?)", (badge,)):
            return _operator(row)
        raise RegistryRefused(
            "operator_unknown", f"There is no operator with the badge {badge[:80]!r}.",
            badge=badge[:80],
        )  # fmt: skip

    def page(self, after: str | None, limit: int, active: bool | None = None) -> list[Operator]:
        """Return a page of operators and one more, by their badges."""
        where = ["lower(badge) > lower(?)"]
        values: list[object] = [after or ""]
        if active is not None:
            where.append("active = ?")
            values.append(int(active))
        query = f"{_SELECT} WHERE {' AND '.join(where)} ORDER BY lower(badge) LIMIT ?"
        return [_operator(row) for row in self._database.read(query, (*values, limit + 1))]

    def save(
        self,
        t: Transaction,
        badge: str,
        values: Mapping[str, object],
        actor: str,
        hash_pin: HashPin,
        version: Version = None,
    ) -> Saved[Operator]:
        """Make an operator, or change one; what is not given stays as it was.

        Raises:
            RegistryRefused: with everything that is wrong.
        """
        number = find(t.execute, OPERATORS, badge)
        was = None if number is None else self.get(badge, t.execute)
        check_version(OPERATORS, badge, version, was.version if was else None)
        given = Given(values, badge)
        # A badge in the path is checked as one in the body is.
        base = was or Operator(0, Given({"badge": badge}, badge).code("badge", "", 80))
        operator, pin = read_operator(base, given)
        if not operator.badge:
            given.refuse("value_wrong", f"{badge[:80]!r} cannot be a badge.", key="badge")
        other = find(t.execute, OPERATORS, operator.badge)
        if other not in (None, operator.id):
            given.refuse("code_taken", f"The badge {operator.badge!r} is somebody else's.",
                         badge=operator.badge)  # fmt: skip
        if given.offences:
            raise refuse_all(given.offences, len(given.offences), "values")
        status: Status = "new" if was is None else "changed"
        if was == operator and pin is None:
            return Saved(operator, "same")
        at = now()
        kept = None
        if pin is None and was is not None:
            row = t.execute("SELECT pin_hash FROM operator WHERE id = ?", (was.id,)).fetchone()
            kept = row[0]
        elif pin:
            kept = hash_pin(operator.badge, pin)
        values_now = (
            operator.name, operator.badge, kept, json.dumps(list(operator.roles)),
            int(operator.active), at,
        )  # fmt: skip
        try:
            if was is None:
                t.execute(
                    "INSERT INTO operator (name, badge, pin_hash, roles, active, changed_at, "
                    "created_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (*values_now, at),
                )
            else:
                t.execute(
                    "UPDATE operator SET name = ?, badge = ?, pin_hash = ?, roles = ?, active = ?, "
                    "changed_at = ?, version = version + 1 WHERE id = ?",
                    (*values_now, was.id),
                )
        except RuleBroken as broken:
            raise taken(broken, "operator") from broken
        body = {"operator": operator.name, "badge": operator.badge, "roles": list(operator.roles),
                "active": operator.active}  # fmt: skip
        tell(t, at, "operator.saved", f"operators/{operator.badge}", actor, body)
        return Saved(self.get(operator.badge, t.execute), status)

    def delete(self, t: Transaction, badge: str, actor: str) -> None:
        """Remove an operator; the record keeps the name beside what was done.

        Raises:
            RegistryRefused: there is none.
        """
        operator = self.get(badge, t.execute)
        t.execute("DELETE FROM barcode WHERE kind = 'operator' AND target = ?", (operator.id,))
        t.execute("DELETE FROM operator WHERE id = ?", (operator.id,))
        tell(t, now(), "operator.deleted", f"operators/{operator.badge}", actor,
             {"operator": operator.name, "badge": operator.badge})  # fmt: skip
