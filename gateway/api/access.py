"""Who is asking, and what a route asks for.

    Authorization ─┐
    peer address ──┴─find_actor──► Actor ──needs("print")──► the route

Every route declares a scope, also those that anybody may read (``OPEN``); ``check_scopes`` walks
them all and ends the start when one does not.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Mount

from gateway.errors import NotAuthenticated, NotPermitted, TooMany
from gateway.store.keys import SCOPES, STATION

OPEN = "open"
"""Anybody may call it: health, the pages' files, the words of a problem. Never data."""

ANYTHING = frozenset({*SCOPES, "registry:*"})

ACTOR = "gateway.actor"
"""Where the actor is in the ASGI scope."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever calls: its name stands in the feed beside everything it does."""

    name: str
    """``local``, ``key:erp``, ``station:dock``; empty for nobody in particular."""
    scopes: frozenset[str]
    refused: NotAuthenticated | None = field(default=None, compare=False)
    """Why somebody is nobody in particular: the key of their cookie opens nothing any more."""

    def may(self, scope: str) -> bool:
        """Return whether the actor has the scope."""
        return (
            scope == OPEN
            or scope in self.scopes
            or (scope.startswith("registry:") and "registry:*" in self.scopes)
        )

    def is_station(self, name: str) -> bool:
        """Return whether the actor is the paired browser of that station.

        >>> Actor("station:dock", frozenset()).is_station("Dock"), LOCAL.is_station("dock")
        (True, False)
        """
        return self.name.lower() == f"{STATION}{name}".lower()

    def must_be_at(self, station: str) -> None:
        """Check that the actor may do what is done at a station: a paired browser at its own only.

        Raises:
            NotPermitted: it is the browser of another station.
        """
        if self.name.startswith(STATION) and not self.is_station(station):
            raise NotPermitted(
                f"This browser is paired with station {self.name.removeprefix(STATION)!r}, not "
                f"with {station!r}; pair it anew to work there.",
                actor=self.name,
                station=station,
            )

    def must(self, scope: str) -> None:
        """Check the scope.

        Raises:
            NotAuthenticated: nobody in particular is asking.
            NotPermitted: the key does not have the scope.
        """
        if self.may(scope):
            return
        if self.refused is not None:
            raise self.refused
        if not self.name:
            raise NotAuthenticated(
                "This needs a key; send it as 'Authorization: Bearer gw_…'.", scope=scope
            )
        raise NotPermitted(
            f"{self.name} does not have the scope {scope!r}; use a key that has it.",
            actor=self.name,
            scope=scope,
        )


LOCAL = Actor("local", ANYTHING)
"""A program on this computer, without a key."""

NOBODY = Actor("", frozenset())


@lru_cache(maxsize=256)
def is_loopback(address: str) -> bool:
    """Return whether a peer's address is this computer's own.

    >>> is_loopback("127.0.0.1"), is_loopback("::ffff:127.0.0.1"), is_loopback("10.0.0.7")
    (True, True, False)
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


# ---------------------------------------------------------------- routes and their scopes


class _Needs:
    """A FastAPI dependency that checks a scope; ``scope`` is read by ``scope_of``."""

    def __init__(self, scope: str) -> None:
        self.scope = scope

    async def __call__(self, request: Request) -> Actor:
        actor = cast(Actor, request.scope[ACTOR])
        actor.must(self.scope)
        return actor


def needs(scope: str) -> Any:
    """Return what a route lists in ``dependencies``: it may be called with this scope only."""
    return Depends(_Needs(scope))


async def _actor(request: Request) -> Actor:
    return cast(Actor, request.scope[ACTOR])


Who = Annotated[Actor, Depends(_actor)]
"""A route's parameter: the actor."""


def scope_of(route: BaseRoute) -> str | None:
    """Return the scope a route declares, None when it declares none."""
    if isinstance(route, APIRoute):
        for dependency in route.dependant.dependencies:
            if isinstance(dependency.call, _Needs):
                return dependency.call.scope
        return None
    target = route.app if isinstance(route, Mount) else getattr(route, "endpoint", None)
    declared = getattr(target, "scope_needed", None)
    return declared if isinstance(declared, str) else None


def every_route(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the routes, those of included routers too."""
    for route in routes:
        included = getattr(route, "original_router", None)  # how FastAPI 0.16 keeps a router
        if included is None:
            yield route
        else:
            yield from every_route(included.routes)


def undeclared(routes: Iterable[BaseRoute]) -> list[str]:
    """Return the routes that declare no scope."""
    return [
        f"{','.join(sorted(getattr(route, 'methods', None) or ()))} {getattr(route, 'path', route)}"
        for route in every_route(routes)
        if scope_of(route) is None
    ]


# ---------------------------------------------------------------- wrong keys


MOST_FAILURES = 20
"""Wrong keys from one address in ``FORGIVEN_AFTER`` seconds before the answer is 429."""

FORGIVEN_AFTER = 60.0
MOST_ADDRESSES = 4096


class Failures:
    """Counts wrong keys by address. A right key is never locked out by somebody else's wrong ones.

    >>> failures = Failures(most=2, clock=lambda: 0.0)
    >>> failures.add("10.0.0.7"); failures.add("10.0.0.7"); failures.add("10.0.0.7")
    Traceback (most recent call last):
        ...
    gateway.errors.TooMany: Too many wrong keys came from 10.0.0.7; try again in 60 seconds.
    """

    def __init__(
        self,
        most: int = MOST_FAILURES,
        clock: Callable[[], float] = time.monotonic,
        what: str = "keys",
    ) -> None:
        self._most, self._clock, self._what = most, clock, what
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def add(self, address: str) -> None:
        """Count one wrong key.

        Raises:
            TooMany: the address has sent too many.
        """
        since, count = self._count(address)
        self._seen.pop(address, None)
        self._seen[address] = (since, count + 1)
        while len(self._seen) > MOST_ADDRESSES:
            self._seen.popitem(last=False)
        self._check(address, since, count)

    def refuse(self, address: str) -> None:
        """Check that an address may try at all: for what is short enough to be guessed.

        Raises:
            TooMany: it has sent too many wrong ones.
        """
        self._check(address, *self._count(address))

    def _count(self, address: str) -> tuple[float, int]:
        at = self._clock()
        since, count = self._seen.get(address, (at, 0))
        return (at, 0) if at - since >= FORGIVEN_AFTER else (since, count)

    def _check(self, address: str, since: float, count: int) -> None:
        if count < self._most:
            return
        wait = max(1, round(since + FORGIVEN_AFTER - self._clock()))
        raise TooMany(
            f"Too many wrong {self._what} came from {address}; try again in {wait} seconds.",
            retry_after=wait,
        )
