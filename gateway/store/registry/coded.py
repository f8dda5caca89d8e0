"""Things that people call by a code and change as a whole: locations and parties.

    values ──meant──► the one there is, or a new one ──read, check──► everything that is wrong, or
        ──write──► the thing under its next version, and one feed entry

A kind of such things says which table it is in, how a row is read and written, what uses it, and
which rules of its own it has.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.registry.fields import Scope
from gateway.registry.given import Given
from gateway.registry.parties import Party
from gateway.registry.places import Location
from gateway.registry.refusals import refuse_all
from gateway.store.engine import Database, Transaction
from gateway.store.registry.acting import fields_of
from gateway.store.registry.custom import set_fields
from gateway.store.registry.lives import Run
from gateway.store.registry.records import (
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
    save_all,
    tell_saved,
)

T = TypeVar("T", Location, Party)


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of things with codes."""

    table: Table
    scope: Scope
    """Whose custom fields it has."""
    plural: str
    blank: T
    """One that says nothing yet."""
    used: Mapping[str, str] = field(default_factory=dict)
    """What may use one -> the query that counts it; each ``?`` is its number."""


class CodedStore(ABC, Generic[T]):
    """All SQL about one kind of things with codes."""

    kind: Kind[T]

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------ what a kind says

    @abstractmethod
    def things(self, run: Run, numbers: Sequence[int]) -> list[T]:
        """Return things by their numbers, in that order; those there are not are left out."""

    @abstractmethod
    def read_given(self, base: T, given: Given) -> T:
        """Return the thing with what is given set in; ``given`` collects what is wrong."""

    @abstractmethod
    def write(self, t: Transaction, was: T | None, thing: T) -> T:
        """Write it, and return it as it is now.

        Raises:
            RegistryRefused: somebody else was faster with its code.
        """

    @abstractmethod
    def delete(self, t: Transaction, code: str, actor: str) -> None:
        """Remove a thing that nothing uses.

        Raises:
            RegistryRefused: there is none, or it is in use.
        """

    def check(self, t: Transaction, was: T | None, thing: T, given: Given) -> None:
        """Let ``given`` collect what is against the kind's own rules."""

    # ------------------------------------------------------------ reading

    def get(self, code: str, run: Run | None = None) -> T:
        """Return a thing by its code.

        Raises:
            RegistryRefused: there is none.
        """
        run = run or self._database.read
        return self.things(run, [known(run, self.kind.table, code)])[0]

    def get_external(self, external_id: str) -> T:
        """Return a thing by another system's id.

        Raises:
            RegistryRefused: there is none.
        """
        run = self._database.read
        return self.things(run, [known_external(run, self.kind.table, external_id)])[0]

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
    ) -> Saved[T]:
        """Make a thing, or change the one that is meant; what is not given stays as it was.

        ``text`` is a row of a table; a ``quiet`` one is not told in the feed.

        Raises:
            RegistryRefused: with everything that is wrong.
        """
        table = self.kind.table
        number = meant(t.execute, table, values, code, external_id)
        values = named(values, table, number is None, code, external_id)
        was = self.things(t.execute, [number])[0] if number else None
        called = code or (was.code if was else str(values.get("code", "")).strip())
        check_version(table, called, version, was.version if was else None)
        given = Given(values, called or table.noun, text=text)
        if not called:
            given.refuse("value_wrong", f"A {table.noun} needs its 'code'.", key="code")
        thing = self.read_given(was or self.kind.blank, given)
        thing = set_fields(thing, given, fields_of(t, self.kind.scope))
        given.offences += clashes(t.execute, table, thing.id, thing.code, thing.external_id,
                                  given.subject)  # fmt: skip
        self.check(t, was, thing, given)
        if given.offences:
            raise refuse_all(given.offences, len(given.offences), "values")
        status: Status = "new" if was is None else ("same" if thing == was else "changed")
        if status != "same":
            thing = self.write(t, was, thing)
        saved = Saved(thing, status)
        if not quiet:
            self.tell(t, [saved], actor)
        return saved

    def save_all(
        self, t: Transaction, rows: Sequence[Mapping[str, object]], actor: str
    ) -> list[Saved[T]]:
        """Save many things, or none; one may be inside another of the list.

        Raises:
            RegistryRefused: every offender is named.
        """
        saved = save_all(
            rows, lambda row: self.save(t, row, actor, quiet=True), self.kind.table,
            self.kind.plural, _parent,
        )  # fmt: skip
        self.tell(t, saved, actor)
        return saved

    def tell(self, t: Transaction, saved: Sequence[Saved[T]], actor: str) -> None:
        """Write one feed entry for all things that were saved, if any changed."""
        called = [(one.thing.code, one.status) for one in saved]
        tell_saved(t, self.kind.table.noun, called, actor)

    def uses(self, t: Transaction, thing: T) -> tuple[dict[str, int], str]:
        """Return how many records of each sort use a thing, and those in words; '' for none."""
        used = {
            what: int(t.execute(query, (thing.id,) * query.count("?")).fetchone()[0])
            for what, query in self.kind.used.items()
        }
        return used, ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in used.items() if n)


def _parent(row: Mapping[str, object]) -> set[str]:
    parent = row.get("parent")
    return {parent} if isinstance(parent, str) else set()
