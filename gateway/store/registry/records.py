"""What items, locations and parties have in common in the database.

Each is found by its own code or by another system's id, is changed under a version, and is listed
in the order of the codes. A request for many is taken whole or not at all, every offender named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from gateway.registry.refusals import CAUSES, Offence, RegistryRefused, refuse_all
from gateway.store.constraints import RuleBroken
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.lives import CHUNK, Run, chunks

T = TypeVar("T")

MOST_TOLD = 20
"""Things that one feed entry names."""

Status = Literal["new", "changed", "same"]
Version = int | Literal["new"] | None
"""What the caller has seen: a version, nothing at all, or None when it does not say."""


@dataclass(frozen=True, slots=True)
class Saved(Generic[T]):
    """A thing as it is now, and what saving it came to."""

    thing: T
    status: Status


@dataclass(frozen=True, slots=True)
class Table:
    """Where a kind of thing is kept, and what people call it."""

    name: str
    code: str
    """The column with what it is called."""
    noun: str
    unknown: str
    """Codes of refusals: there is none, and what it is called is taken."""
    taken: str
    found_by: tuple[str, ...]
    """Columns whose beginning a search may name; the code is always one."""


MARKS = "{marks}"
"""Stands in a query for the numbers of what it is about."""

_MANY = ", ".join("?" * CHUNK)


def rows_of(run: Run, query: str, numbers: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a query about some things; one thing is asked for by one value."""
    if len(numbers) == 1:
        yield from run(query.replace(MARKS, "?"), numbers)
        return
    many = query.replace(MARKS, _MANY)
    for part in chunks(numbers):
        yield from run(many, part)


def find(run: Run, table: Table, code: str) -> int | None:
    """Return the number of the thing that is called so."""
    query = f"SELECT id FROM {table.name} WHERE lower({table.code}) = lower(?)"
    return next((int(row[0]) for row in run(query, (code,))), None)


def find_external(run: Run, table: Table, external_id: str) -> int | None:
    """Return the number of the thing that another system calls so."""
    query = f"SELECT id FROM {table.name} WHERE lower(external_id) = lower(?)"
    return next((int(row[0]) for row in run(query, (external_id,))), None)


def known(run: Run, table: Table, code: str) -> int:
    """Return the number of the thing that is called so.

    Raises:
        RegistryRefused: there is none.
    """
    number = find(run, table, code)
    if number is None:
        refusal = RegistryRefused(table.unknown, f"There is no {table.noun} {code[:80]!r}.")
        refusal.facts[table.noun] = code[:80]
        raise refusal
    return number


def known_external(run: Run, table: Table, external_id: str) -> int:
    """Return the number of the thing that another system calls so.

    Raises:
        RegistryRefused: there is none.
    """
    number = find_external(run, table, external_id)
    if number is None:
        raise RegistryRefused(
            table.unknown, f"There is no {table.noun} with the external id {external_id[:80]!r}.",
            external_id=external_id[:80],
        )  # fmt: skip
    return number


def meant(
    run: Run, table: Table, values: Mapping[str, object], code: str | None, external: str | None
) -> int | None:
    """Return the number of the thing that a request means, None when it is a new one.

    A code in the path is the thing's own. Otherwise another system's id decides, because it stays
    when the thing is called something else there; then the code in the body.

    Raises:
        RegistryRefused: the code in the body belongs to a thing with another such id.
    """
    if code is not None:
        return find(run, table, code)
    told = external or values.get("external_id")
    named = values.get(table.code)
    if isinstance(told, str) and told.strip():
        number = find_external(run, table, told.strip())
        if number is not None:
            return number
    if not isinstance(named, str) or not named.strip():
        return None
    number = find(run, table, named.strip())
    if number is not None and isinstance(told, str) and told.strip():
        row = next(iter(run(f"SELECT external_id FROM {table.name} WHERE id = ?", (number,))))
        if row[0] is not None:
            raise RegistryRefused(
                table.taken,
                f"The {table.noun} {named[:80]!r} has the external id {row[0]!r}, not "
                f"{told[:80]!r}.",
                external_id=row[0],
            )  # fmt: skip
    return number


def named(
    values: Mapping[str, object], table: Table, new: bool, code: str | None, external: str | None
) -> Mapping[str, object]:
    """Return what is given with what the path says of it, so that both are checked alike."""
    path: dict[str, object] = {}
    if new and code is not None:
        path[table.code] = code
    if external is not None:
        path["external_id"] = external
    return {**path, **values}


def check_version(table: Table, code: str, version: Version, now: int | None) -> None:
    """Check that the caller has seen the present version; ``now`` is None when there is none.

    Raises:
        RegistryRefused: ``stale_version``.
    """
    if version is None:
        return
    if version == "new":
        if now is not None:
            raise RegistryRefused(
                "stale_version", f"There is a {table.noun} {code[:80]!r} already.", version=now
            )
    elif version != now:
        raise RegistryRefused(
            "stale_version",
            f"The {table.noun} {code[:80]!r} was changed or removed meanwhile.",
            version=now, seen=version,
        )  # fmt: skip


def clashes(
    run: Run, table: Table, number: int, code: str, external_id: str | None, subject: str
) -> list[Offence]:
    """Return what is taken already by another thing of the kind."""
    offences: list[Offence] = []
    other = find(run, table, code)
    if other not in (None, number):
        offences.append(
            Offence(subject, table.taken, f"There is another {table.noun} {code!r}.",
                    {"key": table.code, "value": code})
        )  # fmt: skip
    if external_id is not None:
        other = find_external(run, table, external_id)
        if other not in (None, number):
            offences.append(
                Offence(subject, table.taken,
                        f"Another {table.noun} has the external id {external_id!r}.",
                        {"external_id": external_id})
            )  # fmt: skip
    return offences


def taken(broken: RuleBroken, noun: str) -> RegistryRefused:
    """Say what the database refused as the check before it would have, a moment later."""
    code = str(broken.rule) if broken.rule in CAUSES else "code_taken"
    return RegistryRefused(
        code, f"Somebody else saved the same {noun} at the same moment; read it again."
    )


# ---------------------------------------------------------------------- many at once


def save_all(
    rows: Sequence[Mapping[str, object]],
    save: Callable[[Mapping[str, object]], Saved[T]],
    table: Table,
    what: str,
    refers: Callable[[Mapping[str, object]], set[str]] = lambda _: set(),
) -> list[Saved[T]]:
    """Save every row, or none; return what came of each, in their order.

    ``refers`` says to which codes a row refers: those of the list are saved before it.

    Raises:
        RegistryRefused: every offender is named.
    """
    saved: dict[int, Saved[T]] = {}
    offences: list[Offence] = []
    refused = 0
    for number in in_order(rows, table.code, refers):
        row = rows[number]
        subject = str(row.get(table.code) or row.get("external_id") or f"number {number}")
        try:
            saved[number] = save(row)
        except RegistryRefused as error:
            refused += 1
            offences += _of_row(error, subject, number)
    if offences:
        offences.sort(key=lambda one: int(str(one.facts["index"])))
        refusal = refuse_all(offences, len(rows), what)
        refusal.facts["refused"] = refused
        raise refusal
    return [saved[number] for number in range(len(rows))]


def _of_row(error: RegistryRefused, subject: str, number: int) -> Iterable[Offence]:
    for one in error.items or (Offence(subject, error.code, error.detail, error.facts),):
        yield Offence(subject, one.code, one.detail, {**one.facts, "index": number})


def in_order(
    rows: Sequence[Mapping[str, object]],
    code: str,
    refers: Callable[[Mapping[str, object]], set[str]],
) -> list[int]:
    """Return the places of rows so that each comes behind those of the list that it refers to.

    >>> rows = [{"code": "A-1", "parent": "A"}, {"code": "A"}]
    >>> in_order(rows, "code", lambda row: {str(row.get("parent"))})
    [1, 0]
    """
    by_code = {str(row.get(code)).lower(): number for number, row in enumerate(rows)}
    ordered: list[int] = []
    seen: set[int] = set()
    for number in range(len(rows)):
        # Without recursion: a tree of places may be deeper than Python's stack.
        stack = [(number, False)]
        while stack:
            one, ready = stack.pop()
            if ready:
                ordered.append(one)
                continue
            if one in seen:
                continue
            seen.add(one)
            stack.append((one, True))
            for other in refers(rows[one]):
                before = by_code.get(other.lower())
                if before is not None and before not in seen:
                    stack.append((before, False))
    return ordered


def tell_saved(t: Transaction, noun: str, saved: Sequence[tuple[str, Status]], actor: str) -> None:
    """Write one feed entry for all things of a kind that were saved, if any changed."""
    changed = [(code, status) for code, status in saved if status != "same"]
    if not changed:
        return
    plural = {"party": "parties"}.get(noun, f"{noun}s")
    body: dict[str, object] = {
        "count": len(changed), "new": sum(status == "new" for _, status in changed),
        plural: [code for code, _ in changed[:MOST_TOLD]],
    }  # fmt: skip
    subject = f"{plural}/{changed[0][0]}" if len(changed) == 1 else plural
    tell(t, now(), f"{noun}.saved", subject, actor, body)


# ---------------------------------------------------------------------- lists


def page(
    run: Run,
    table: Table,
    *,
    after: str | None,
    limit: int,
    q: str | None = None,
    conditions: Sequence[str] = (),
    values: Sequence[object] = (),
    backwards: bool = False,
) -> list[int]:
    """Return the numbers of the things of a page and of one more, in the order of their codes.

    ``q`` is what a code, a name or another of ``found_by`` begins with; ``backwards``: Z to A.
    """
    where, given = list(conditions), list(values)
    if q:
        columns = (table.code, *table.found_by)
        where.append(
            "(" + " OR ".join(f"lower({one}) LIKE lower(?) ESCAPE '!'" for one in columns) + ")"
        )
        begins = q.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%"
        given += [begins] * len(columns)
    if after is not None:
        where.append(f"lower({table.code}) {'<' if backwards else '>'} lower(?)")
        given.append(after)
    clause = f" WHERE {' AND '.join(where)}" if where else ""
    way = " DESC" if backwards else ""
    query = f"SELECT id FROM {table.name}{clause} ORDER BY lower({table.code}){way} LIMIT ?"
    return [int(row[0]) for row in run(query, (*given, limit + 1))]


class Previewed(Exception):
    """Carries what a change would answer out of its transaction, which is given up."""

    def __init__(self, answer: Any) -> None:
        super().__init__("Nothing was changed: that was a preview.")
        self.answer = answer


def preview(work: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
    """Return work that does everything, and gives it all up at the end.

    The transaction raises Previewed, with what the work returned.
    """

    def whole(t: Transaction) -> T:
        raise Previewed(work(t))

    return whole
