"""Changes that act once: a transaction and its answer, kept together under an Idempotency-Key."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response

from gateway.api.access import ACTOR
from gateway.api.parts import Parts
from gateway.api.reading import check_json_type, parse_object, read_request
from gateway.api.showing import Json, dumps
from gateway.store import requests
from gateway.store.engine import Transaction, now


@dataclass(frozen=True, slots=True)
class Reply:
    """What a change answers."""

    status: int
    body: bytes
    made: str | None = None
    """Where the created thing is, when that is known without reading the body."""

    def location(self) -> str | None:
        """Return where the created thing is: its own link."""
        if self.made is not None or self.status != 201:
            return self.made
        link: str = json.loads(self.body)["links"]["self"]
        return link

    def response(self) -> Response:
        """Return it as an answer."""
        location = self.location()
        headers = {} if location is None else {"location": location}
        return Response(self.body, self.status, headers=headers, media_type="application/json")


async def _request(request: Request) -> requests.Request | None:
    target = request.url.path
    if request.url.query:
        target += f"?{request.url.query}"
    headers = dict(request.scope["headers"])
    actor = request.scope[ACTOR].name
    return read_request(actor, headers, request.method, target.encode(), await request.body())


Once = Annotated[requests.Request | None, Depends(_request)]
"""A route's parameter: what makes the request act once, None without an Idempotency-Key."""


def acts_once(route: object) -> bool:
    """Return whether a route takes an Idempotency-Key."""
    needed = getattr(getattr(route, "dependant", None), "dependencies", ())
    return any(one.call is _request for one in needed)


async def _object(request: Request) -> dict[str, Any]:
    body = await request.body()
    check_json_type(dict(request.scope["headers"]).get(b"content-type"))
    return parse_object(body)


JsonObject = Annotated[dict[str, Any], Depends(_object)]
"""A route's parameter: the body, a JSON object. ``gateway.api.schemas`` describes it."""


async def act(
    parts: Parts,
    once: requests.Request | None,
    work: Callable[[Transaction], Json],
    status: int = 200,
) -> Response:
    """Do the work in one durable transaction, once, and answer what it returns.

    Raises:
        ReplayDiffers: the Idempotency-Key was used for something else.
    """
    return (await parts.database.write(acting_once(parts, once, work, status))).response()


def acting_once(
    parts: Parts,
    once: requests.Request | None,
    work: Callable[[Transaction], Json],
    status: int = 200,
) -> Callable[[Transaction], Reply]:
    """Return the work as a transaction that does it only if the request is new.

    The transaction raises ReplayDiffers when the Idempotency-Key was used for something else.
    """

    def whole(t: Transaction) -> Reply:
        if once is not None:
            known = parts.requests.replay(t, once)
            if known is not None:
                return Reply(*known)
        reply = Reply(status, dumps(work(t)))
        if once is not None:
            parts.requests.remember(t, once, reply.status, reply.body, now())
        return reply

    return whole


def answered(parts: Parts, once: requests.Request | None) -> Response | None:
    """Return the answer a request had before, None when it is new.

    Asked before anything is checked, so that a repeated request is not refused for what changed
    since.

    Raises:
        ReplayDiffers: the Idempotency-Key was used for something else.
    """
    known = None if once is None else parts.requests.answered(once)
    return None if known is None else Reply(*known).response()
