"""What a code means: all that is called exactly that, found by indexes, and never by a part of it.

    "A1234" ──resolve_exact──► serials, items, locations, documents, parties of that name

A code of ours (``GW-…``) says itself what it means. Everything else is looked for everywhere, so
that nothing hides another; who asks decides between them. Of one serial of one item the life that
is here counts, else the newest.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from gateway.registry.lives import CUSTODY
from gateway.registry.public_ids import PublicIds
from gateway.store.registry.lives import Run
from gateway.store.registry.searching import keys_of

Kind = Literal["serial", "item", "location", "lot", "document", "party"]


class Candidate(NamedTuple):
    """One thing that a code may mean."""

    kind: Kind
    number: int
    """Of its row."""
    name: str
    """What people call it: the serial, SKU, code; a document's ``type number``."""
    by: str
    """What of it the code is: ``serial``, ``alias``, ``sku``, ``gtin``, ``barcode``, …"""
    sku: str | None = None
    state: str | None = None
    location: str | None = None
    customer: str | None = None
    life: int | None = None
    """First, second … life of a serial."""


_LIFE = (
    "SELECT u.id, u.serial, i.sku, u.state, p.code, c.code, u.number FROM {source} "
    "JOIN item i ON i.id = u.item LEFT JOIN place p ON p.id = u.place "
    "LEFT JOIN party c ON c.id = u.customer WHERE {where} "
)
_SERIAL = _LIFE.format(source="life u", where="u.serial_key = ?")
_ALIAS = _LIFE.format(
    source="serial_alias a JOIN life u ON u.id = a.life", where="a.serial_key = ?"
)
_BY_NUMBER = _LIFE.format(source="life u", where="u.id = ?")

_OTHERS: tuple[tuple[Kind, str, str], ...] = (
    ("item", "sku", "SELECT id, sku FROM item WHERE lower(sku) = lower(?)"),
    ("location", "code", "SELECT id, code FROM place WHERE lower(code) = lower(?)"),
    ("party", "code", "SELECT id, code FROM party WHERE lower(code) = lower(?)"),
    (
        "document", "number",
        "SELECT id, type || ' ' || number FROM document WHERE lower(number) = lower(?)",
    ),
    (
        "item", "barcode",
        "SELECT i.id, i.sku FROM barcode b JOIN item i ON i.id = b.target "
        "WHERE b.value = ? AND b.kind IN ('item', 'package')",
    ),
    (
        "location", "barcode",
        "SELECT p.id, p.code FROM barcode b JOIN place p ON p.id = b.target "
        "WHERE b.value = ? AND b.kind = 'location'",
    ),
    (
        "party", "barcode",
        "SELECT p.id, p.code FROM barcode b JOIN party p ON p.id = b.target "
        "WHERE b.value = ? AND b.kind = 'party'",
    ),
    (
        "document", "barcode",
        "SELECT d.id, d.type || ' ' || d.number FROM barcode b JOIN document d "
        "ON d.id = b.target WHERE b.value = ? AND b.kind = 'document'",
    ),
)  # fmt: skip
_GTIN = "SELECT id, sku FROM item WHERE lower(gtin) = ?"
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_OURS: dict[str, tuple[Kind, str]] = {
    "lot": ("lot", "SELECT id, code FROM lot WHERE id = ?"),
    "location": ("location", "SELECT id, code FROM place WHERE id = ?"),
    "document": ("document", "SELECT id, type || ' ' || number FROM document WHERE id = ?"),
}


def resolve_exact(run: Run, names: PublicIds, code: str) -> list[Candidate]:
    """Return everything that is called exactly ``code``, serials first."""
    code = code.strip()
    ours = names.read(code)
    if ours is not None:
        found = _of_ours(run, *ours)
        if found or code[:3].upper() == "GW-":
            return found
    if "\0" in code:
        return []
    serials: dict[str | None, Candidate] = {}
    for key in keys_of(code):
        for query, by in ((_SERIAL, "serial"), (_ALIAS, "alias")):
            for row in run(query, (key,)):
                one = _serial(row, by)
                other = serials.get(one.sku)
                if other is None or _weight(one) > _weight(other):
                    serials[one.sku] = one
    rest: dict[tuple[Kind, int], Candidate] = {}
    for kind, by, query in _OTHERS:
        for number, name in run(query, (code,)):
            rest.setdefault((kind, number), Candidate(kind, number, name, by))
    if code.isascii() and code.isdecimal() and len(code) in _GTIN_LENGTHS:
        for number, name in run(_GTIN, (code.zfill(14),)):
            rest.setdefault(("item", number), Candidate("item", number, name, "gtin"))
    return [*serials.values(), *rest.values()]


def _of_ours(run: Run, kind: str, number: int) -> list[Candidate]:
    if kind == "serial":
        return [_serial(row, "id") for row in run(_BY_NUMBER, (number,))]
    if kind not in _OURS:
        return []
    called, query = _OURS[kind]
    return [Candidate(called, row[0], row[1], "id") for row in run(query, (number,))]


def _serial(row: tuple[object, ...], by: str) -> Candidate:
    life, serial, sku, state, place, customer, number = row
    return Candidate("serial", life, serial, by, sku, state, place, customer, number)  # type: ignore[arg-type]


def _weight(one: Candidate) -> tuple[bool, bool, int]:
    return one.state in CUSTODY, one.by == "serial", one.life or 0
