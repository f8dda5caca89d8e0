"""Customers, suppliers and carriers, and the people who work here.

>>> given = Given({"name": "Acme", "kind": "both"}, "ACME")
>>> party = read_party(Party(0, "ACME"), given)
>>> party.name, party.kind, given.offences
('Acme', 'both', [])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

from gateway.registry.fields import Value
from gateway.registry.given import Given
from gateway.registry.places import read_gln

Kind = Literal["customer", "supplier", "both", "carrier"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody goods come from, go to, or go with."""

    id: int
    code: str
    name: str = ""
    kind: Kind = "customer"
    active: bool = True
    gln: str = ""
    external_id: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    version: int = 0
    created_at: int = 0
    changed_at: int = 0


KEYS = ("code", "name", "kind", "active", "gln", "external_id", "fields")
"""What a request can say of a party."""


def read_party(was: Party, given: Given) -> Party:
    """Return a party with what was given set in; ``given.offences`` are what cannot be."""
    given.only(KEYS, "A party")
    if was.id == 0 and not given.has("kind"):
        given.refuse("value_wrong", f"A party needs its 'kind', one of {', '.join(KINDS)}.",
                     key="kind")  # fmt: skip
    return replace(
        was,
        code=given.code("code", was.code),
        name=given.text("name", was.name),
        kind=given.one_of("kind", was.kind, KINDS),
        active=given.yes_no("active", was.active),
        gln=read_gln(given, was.gln),
        external_id=given.optional("external_id", was.external_id),
    )


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who works here, known by a badge."""

    id: int
    badge: str
    name: str = ""
    has_pin: bool = False
    roles: tuple[str, ...] = ()
    """Rights; without any, the person may what the key or station may."""
    active: bool = True
    version: int = 0
    created_at: int = 0
    changed_at: int = 0


OPERATOR_KEYS = ("badge", "name", "pin", "roles", "active")
"""What a request can say of an operator."""

RIGHTS = (
    *(f"registry:{noun}" for noun in (
        "serial", "item", "location", "party", "lot", "purchase_order", "receipt", "sales_order",
        "shipment", "invoice", "customer_return", "supplier_return", "work_order", "transfer",
        "write_off", "stocktake", "adjustment", "case", "inspect", "hold", "rename", "undo", "*",
    )),
    "read", "print", "raw", "scan", "templates", "admin",
)  # fmt: skip
"""What an operator's roles can name."""

SHORTEST_PIN, LONGEST_PIN = 4, 12


def read_operator(was: Operator, given: Given) -> tuple[Operator, str | None]:
    """Return an operator with what was given set in, and a new PIN: empty to have none."""
    given.only(OPERATOR_KEYS, "An operator")
    roles = given.list_of_text("roles", was.roles)
    for role in roles:
        if role not in RIGHTS:
            given.refuse("value_wrong", f"There is no right {role[:40]!r}; choose from "
                         f"{', '.join(RIGHTS)}.", key="roles", role=role[:40])  # fmt: skip
    pin: str | None = None
    if given.has("pin"):
        value = given.values["pin"]
        if value is None or value == "":
            pin = ""
        elif (
            isinstance(value, str) and value.isascii() and value.isdecimal()
            and SHORTEST_PIN <= len(value) <= LONGEST_PIN
        ):  # fmt: skip
            pin = value
        else:  # what was given is not repeated: it may be nearly right
            given.refuse("value_wrong", f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits.",
                         key="pin")  # fmt: skip
    badge = given.code("badge", was.badge, 80)
    name = given.text("name", was.name, most=80)
    if not name:
        given.refuse("value_wrong", "An operator needs a 'name'.", key="name")
    if badge != was.badge and was.has_pin and pin is None:
        given.refuse("value_wrong", "A new badge needs the 'pin' again: it is kept with the badge.",
                     key="pin")  # fmt: skip
    operator = replace(
        was, badge=badge, name=name, roles=tuple(sorted(roles)),
        active=given.yes_no("active", was.active),
        has_pin=was.has_pin if pin is None else pin != "",
    )  # fmt: skip
    return operator, pin
