"""Who acts on the registry: a key or station, and the person where one is known.

    Authorization ─► Actor ─┐
    X-Station ──────────────┼─► Doer ─► the event's ``By``
    X-Operator, X-Operator-Pin ─► operator ─┘

A person's roles never widen what the key may do; they narrow it, where the operator has any.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, Request

from gateway.api.access import ACTOR, Actor
from gateway.api.parts import Parts
from gateway.errors import InputRefused
from gateway.registry.refusals import RegistryRefused
from gateway.stations.operators import hash_pin
from gateway.store.registry.events import By

LONGEST = 80
"""Characters of a station's name or a badge."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of who asks."""

    actor: Actor
    station: str
    badge: str
    pin: str


@dataclass(frozen=True, slots=True)
class Doer:
    """Who acts, and what they may."""

    by: By
    actor: Actor
    roles: frozenset[str] | None = None
    """An operator's rights; None where there is no operator, or one without limits."""

    def may(self, scope: str) -> bool:
        """Return whether they have a right, as ``registry:write_off``."""
        if not self.actor.may(scope):
            return False
        return self.roles is None or scope in self.roles or "registry:*" in self.roles

    def must(self, scope: str) -> None:
        """Check a right.

        Raises:
            NotPermitted: the key does not have it.
            RegistryRefused: the operator does not.
        """
        self.actor.must(scope)
        if not self.may(scope):
            raise RegistryRefused(
                "permission_denied",
                f"{self.by.operator} may not do that; it needs the right {scope!r}.",
                needs=scope, operator=self.by.operator,
            )  # fmt: skip


async def _asked(request: Request) -> Asked:
    actor: Actor = request.scope[ACTOR]
    headers = request.headers
    said = [headers.get(name, "") for name in ("x-station", "x-operator", "x-operator-pin")]
    for name, value in zip(("X-Station", "X-Operator", "X-Operator-Pin"), said, strict=True):
        if len(value) > LONGEST or not value.isprintable():
            raise InputRefused(f"{name} must be at most {LONGEST} printable characters.", key=name)
    return Asked(actor, *said)


Asking = Annotated[Asked, Depends(_asked)]
"""A route's parameter: who asks."""


def doer(parts: Parts, asked: Asked) -> Doer:
    """Return who acts.

    Raises:
        RegistryRefused: there is no such operator, or the PIN is wrong.
    """
    if not asked.badge:
        return Doer(By(asked.actor.name, asked.station), asked.actor)
    rows = parts.database.read(
        "SELECT name, pin_hash, roles FROM operator WHERE lower(badge) = lower(?) AND active = 1",
        (asked.badge,),
    )
    if not rows:
        raise RegistryRefused(
            "operator_unknown", f"There is no operator with the badge {asked.badge!r}.",
            badge=asked.badge,
        )  # fmt: skip
    name, pin_hash, roles = rows[0]
    if pin_hash is not None and not compare_digest(
        bytes(pin_hash), hash_pin(asked.badge, asked.pin)
    ):
        raise RegistryRefused("operator_refused", f"The PIN of {name} is wrong.", operator=name)
    rights = frozenset(json.loads(roles)) or None
    return Doer(By(asked.actor.name, asked.station, name), asked.actor, rights)
