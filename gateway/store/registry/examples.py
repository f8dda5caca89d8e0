"""Examples to try: found by their external ids, and removed with all that was tried with them.

What happened to examples alone is a chain of events of its own (``events.EXAMPLES``), so it can be
deleted without a gap in any other. What has to do with anything real is not: then nothing is
removed, and each thing that stands in the way is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.registry.refusals import Offence, RegistryRefused
from gateway.store.engine import Transaction, now
from gateway.store.feed import tell
from gateway.store.registry.events import EXAMPLE_ITEMS, EXAMPLES
from gateway.store.registry.lives import Run

PLACES = ("example:site", "example:shelf")
PARTIES = ("example:customer", "example:supplier")
DOCUMENTS = ("example:purchase", "example:sale")
"""External ids of the locations, the parties and the orders among the examples."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples that there are: their numbers, and what they are called."""

    items: dict[int, str]
    places: dict[int, str]
    parties: dict[int, str]
    documents: dict[int, str]
    """Those that were made as examples, and those that people made of example items alone."""

    @property
    def any(self) -> bool:
        """Whether there are any."""
        return bool(self.items or self.places or self.parties or self.documents)


def examples_of(run: Run) -> Examples:
    """Return the examples that there are."""
    items = _found(run, "item", "sku", EXAMPLE_ITEMS)
    documents = _found(run, "document", "number", DOCUMENTS)
    if items:
        documents |= {
            int(number): str(name)
            for number, name in run(
                "SELECT DISTINCT d.id, d.number FROM document_line l "
                f"JOIN document d ON d.id = l.document WHERE l.item IN {_marks(items)} "
                "AND NOT EXISTS (SELECT 1 FROM document_line o WHERE o.document = d.id "
                f"AND o.item NOT IN {_marks(items)})",
                (*items, *items),
            )
        }
    return Examples(
        items, _found(run, "place", "code", PLACES), _found(run, "party", "code", PARTIES),
        documents,
    )  # fmt: skip


def _found(run: Run, table: str, name: str, ids: Sequence[str]) -> dict[int, str]:
    query = f"SELECT id, {name} FROM {table} WHERE lower(external_id) IN {_marks(ids)}"
    return {int(number): str(called) for number, called in run(query, tuple(ids))}


def _marks(values: Collection[object]) -> str:
    """Return a list of marks, one for each value; of none a list that nothing is in."""
    return f"({', '.join('?' * len(values))})" if values else "(NULL)"


def _others(values: Collection[object]) -> str:
    """Return the same for ``NOT IN``: nothing is the number 0."""
    return _marks(values) if values else "(0)"


# ---------------------------------------------------------------- what stands in the way


def mixed_in(run: Run, found: Examples) -> list[Offence]:
    """Return every real thing that examples have been mixed into."""
    offences: dict[tuple[str, str], Offence] = {}
    for subject, detail in _mixed(run, found):
        offences.setdefault((subject, detail), Offence(subject, "item_in_use", detail))
    return list(offences.values())


def _mixed(run: Run, found: Examples) -> Iterator[tuple[str, str]]:
    items, places = tuple(found.items), tuple(found.places)
    parties, documents = tuple(found.parties), tuple(found.documents)
    for sku, seq, action in run(
        "SELECT i.sku, e.seq, e.action FROM event_item x JOIN event e ON e.seq = x.event "
        f"JOIN item i ON i.id = x.item WHERE x.item IN {_marks(items)} AND e.chain <> ? "
        "ORDER BY e.seq LIMIT 20",
        (*items, EXAMPLES),
    ):
        yield sku, f"Event {seq} ({action}) touched it together with items that are no examples."
    for kind, number in run(
        "SELECT DISTINCT d.type, d.number FROM document_line l "
        f"JOIN document d ON d.id = l.document WHERE l.item IN {_marks(items)} "
        f"AND d.id NOT IN {_others(documents)} LIMIT 20",
        (*items, *documents),
    ):
        yield number, f"This {_words(kind)} holds examples beside items that are none."
    for kind, number in run(
        "SELECT DISTINCT d.type, d.number FROM document_line l "
        f"JOIN document d ON d.id = l.document WHERE l.document IN {_marks(documents)} "
        f"AND l.item NOT IN {_others(items)} LIMIT 20",
        (*documents, *items),
    ):
        yield number, f"This {_words(kind)} is an example, and holds items that are none."
    for kind, number in run(
        "SELECT type, number FROM document "
        f"WHERE (party IN {_marks(parties)} OR from_place IN {_marks(places)} "
        f"OR to_place IN {_marks(places)} OR source IN {_marks(documents)}) "
        f"AND id NOT IN {_others(documents)} LIMIT 20",
        (*parties, *places, *places, *documents, *documents),
    ):
        yield number, f"This {_words(kind)} names an example: a party, a location or an order."
    not_ours = f"NOT IN {_others(items)}"
    for code, sku in run(
        "SELECT DISTINCT p.code, i.sku FROM stock s JOIN place p ON p.id = s.place "
        f"JOIN item i ON i.id = s.item WHERE s.place IN {_marks(places)} AND s.item {not_ours} "
        "AND s.quantity <> 0 LIMIT 20",
        (*places, *items),
    ):
        yield code, f"{sku}, which is no example, is at this location."
    for code, seq in run(
        "SELECT DISTINCT p.code, m.event FROM movement m JOIN event e ON e.seq = m.event "
        "JOIN place p ON p.id = m.from_place OR p.id = m.to_place "
        f"WHERE (m.from_place IN {_marks(places)} OR m.to_place IN {_marks(places)}) "
        f"AND p.id IN {_marks(places)} AND e.chain <> ? LIMIT 20",
        (*places, *places, *places, EXAMPLES),
    ):
        yield code, f"Event {seq} moved something real to or from this location."
    for code, inner in run(
        "SELECT p.code, c.code FROM place c JOIN place p ON p.id = c.parent "
        f"WHERE c.parent IN {_marks(places)} AND c.id NOT IN {_others(places)} "
        "LIMIT 20",
        (*places, *places),
    ):
        yield code, f"{inner} is inside this location."
    for code, station in run(
        "SELECT p.code, s.name FROM station s JOIN place p ON p.id = s.place "
        f"WHERE s.place IN {_marks(places)} AND s.deleted_at IS NULL LIMIT 20",
        places,
    ):
        yield code, f"Station {station} is at this location."
    for code, seq in run(
        "SELECT p.code, e.seq FROM event e JOIN party p ON p.id = e.party "
        f"WHERE e.party IN {_marks(parties)} AND e.chain <> ? LIMIT 20",
        (*parties, EXAMPLES),
    ):
        yield code, f"Event {seq} of something real names them."
    for sku, kit in run(
        "SELECT i.sku, k.sku FROM item_member m JOIN item i ON i.id = m.member "
        f"JOIN item k ON k.id = m.item WHERE m.member IN {_marks(items)} AND m.item {not_ours} "
        "LIMIT 20",
        (*items, *items),
    ):
        yield sku, f"It is a member of {kit}, which is no example."
    for sku, other in run(
        "SELECT i.sku, v.sku FROM item v JOIN item i ON i.id = v.variant_of "
        f"WHERE v.variant_of IN {_marks(items)} AND v.id {not_ours} LIMIT 20",
        (*items, *items),
    ):
        yield sku, f"{other}, which is no example, is a variant of it."


def _words(kind: Any) -> str:
    return str(kind).replace("_", " ")


# ---------------------------------------------------------------- removing


def remove_examples(t: Transaction, actor: str) -> Examples:
    """Remove the examples and all that was tried with them, and return what they were.

    Raises:
        RegistryRefused: ``item_in_use``, naming each real thing that has to do with them.
    """
    found = examples_of(t.execute)
    if not found.any:
        return found
    offences = mixed_in(t.execute, found)
    if offences:
        first = offences[0]
        more = f" ({len(offences)} things stand in the way)" if len(offences) > 1 else ""
        raise RegistryRefused(
            "item_in_use",
            f"The examples cannot be removed, for real work was mixed in{more}: {first.subject}: "
            f"{first.detail}",
            offences,
        )
    _delete(t, found)
    names = [*found.items.values(), *found.places.values(), *found.parties.values()]
    tell(
        t, now(), "item.examples_removed", "items", actor,
        {"removed": [*names, *found.documents.values()]},
    )  # fmt: skip
    return found


def _delete(t: Transaction, found: Examples) -> None:
    items, places = tuple(found.items), tuple(found.places)
    parties, documents = tuple(found.parties), tuple(found.documents)
    of_items, of_documents = _marks(items), _marks(documents)
    lives = f"(SELECT id FROM life WHERE item IN {of_items})"
    lines = f"(SELECT id FROM document_line WHERE document IN {of_documents})"
    events = "(SELECT seq FROM event WHERE chain = ?)"
    for query, values in (
        (f"DELETE FROM line_life WHERE line IN {lines}", documents),
        (f"DELETE FROM line_life WHERE life IN {lives}", items),
        (f"DELETE FROM line_lot WHERE line IN {lines}", documents),
        (f"DELETE FROM life_value WHERE life IN {lives}", items),
        (f"DELETE FROM serial_alias WHERE life IN {lives}", items),
        (f"UPDATE life SET parent = NULL WHERE item IN {of_items}", items),
        (f"DELETE FROM life WHERE item IN {of_items}", items),
        (f"DELETE FROM movement WHERE event IN {events}", (EXAMPLES,)),
        (f"DELETE FROM event_item WHERE event IN {events}", (EXAMPLES,)),
        ("DELETE FROM event WHERE chain = ?", (EXAMPLES,)),
        (f"DELETE FROM stock WHERE item IN {of_items}", items),
        (f"DELETE FROM stock WHERE place IN {_marks(places)}", places),
        (f"DELETE FROM lot WHERE item IN {of_items}", items),
        (f"UPDATE document_line SET kit_line = NULL, source_line = NULL "
         f"WHERE document IN {of_documents}", documents),
        (f"DELETE FROM document_line WHERE document IN {of_documents}", documents),
        (f"UPDATE document SET source = NULL WHERE id IN {of_documents}", documents),
        (f"DELETE FROM document WHERE id IN {of_documents}", documents),
        (f"UPDATE place SET parent = NULL WHERE id IN {_marks(places)}", places),
        (f"DELETE FROM reorder WHERE place IN {_marks(places)}", places),
        (f"DELETE FROM place WHERE id IN {_marks(places)}", places),
        (f"DELETE FROM party WHERE id IN {_marks(parties)}", parties),
        *((f"DELETE FROM {table} WHERE item IN {of_items}", items)
          for table in ("item_uom", "item_member", "sync_mark", "reorder")),
        (f"UPDATE item SET variant_of = NULL WHERE id IN {of_items}", items),
        (f"DELETE FROM item WHERE id IN {of_items}", items),
    ):  # fmt: skip
        t.execute(query, values)
    for kind, numbers in (
        ("item", items), ("location", places), ("party", parties), ("document", documents),
    ):  # fmt: skip
        t.execute(
            f"DELETE FROM barcode WHERE kind = ? AND target IN {_marks(numbers)}", (kind, *numbers)
        )
