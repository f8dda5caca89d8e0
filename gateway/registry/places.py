"""Locations: a tree of sites, zones and bins, and the rules that hold for each by itself.

    body of a request, row of a table ──read_location──► Location, and everything that is wrong

>>> given = Given({"code": "A-01", "kind": "bin", "parent": "MAIN"}, "A-01")
>>> read_location(Location(0, ""), given, frozenset({"bins"})).kind, given.offences
('bin', [])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from gateway.codes.checkdigits import GLN, verify
from gateway.errors import InputRefused
from gateway.registry.fields import Value
from gateway.registry.given import Given

Kind = Literal["site", "zone", "bin", "quarantine", "staging", "in_transit"]
KINDS: tuple[Kind, ...] = get_args(Kind)

HOLDS: Mapping[Kind, frozenset[Kind]] = {
    "site": frozenset(KINDS),
    "zone": frozenset({"zone", "bin", "quarantine", "staging"}),
}
"""What may be inside what: bins and the like hold goods, and no locations."""

DEEPEST = 20
"""Locations inside one another: a building has site, hall, aisle, rack, level and bin."""


@dataclass(frozen=True, slots=True)
class Location:
    """A place where goods are."""

    id: int
    code: str
    name: str = ""
    kind: Kind = "site"
    parent: str | None = None
    """The code of the location it is inside."""
    active: bool = True
    gln: str = ""
    """Its Global Location Number (GS1 AI 414, 254)."""
    barcode: str = ""
    external_id: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    version: int = 0
    created_at: int = 0
    changed_at: int = 0


KEYS = ("code", "name", "kind", "parent", "active", "gln", "barcode", "external_id", "fields")
"""What a request can say of a location."""


def read_location(was: Location, given: Given, features: frozenset[str]) -> Location:
    """Return a location with what was given set in; ``given.offences`` are what cannot be."""
    given.only(KEYS, "A location")
    location = replace(
        was,
        code=given.code("code", was.code),
        name=given.text("name", was.name),
        kind=given.one_of("kind", was.kind, KINDS),
        parent=given.optional("parent", was.parent, 64),
        active=given.yes_no("active", was.active),
        gln=read_gln(given, was.gln),
        barcode=given.text("barcode", was.barcode),
        external_id=given.optional("external_id", was.external_id),
    )
    if location.kind in ("zone", "bin") and location.kind != was.kind and "bins" not in features:
        given.refuse(
            "feature_disabled",
            f"Location {location.code} is a {location.kind}, and the feature 'bins' is off.",
            feature="bins",
        )  # fmt: skip
    return location


def read_gln(given: Given, was: str) -> str:
    """Return a Global Location Number, empty for none."""
    text = given.text("gln", was, most=GLN)
    return text if text in ("", was) else given.attempt(lambda: check_gln(text), was)


def check_gln(text: str) -> str:
    """Return a Global Location Number: 13 digits, the last one right.

    >>> check_gln("4012345000009")
    '4012345000009'

    Raises:
        InputRefused: it has another number of digits, or its check digit is wrong.
    """
    if not (text.isascii() and text.isdecimal() and len(text) == GLN):
        raise InputRefused(
            f"{text!r} is no GLN: expected {GLN} digits, got {len(text)} characters.", key="gln"
        )
    return verify(text, "GLN")
