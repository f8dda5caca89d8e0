"""``GET /v1/feed``: what happened, newest first; ``/v1/events`` tells it as it happens."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.showing import answer, listed, show_entry
from gateway.store.feed import NEWEST, newest

LONGEST_KIND = 80


def feed_routes(parts: Parts) -> APIRouter:
    """Return the route of the feed as a list."""
    router = APIRouter(tags=["feed"])

    @router.get("/v1/feed", dependencies=[needs("read")], summary="List what happened")
    async def list_feed(
        kind: Annotated[list[str] | None, Query(max_length=50)] = None,
        after: Annotated[int | None, Query(ge=1)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> Response:
        """Newest first, each entry as `/v1/events` tells it. `kind` is a whole kind or its
        beginning: `job` for all of jobs. With `kind` a page may be short, or empty, although there
        is a next one: a look goes back through so many entries and no more."""
        kinds = [one[:LONGEST_KIND] for one in kind or () if one]
        entries, rest = newest(parts.database, kinds, NEWEST if after is None else after, limit)
        return answer(listed([json.loads(show_entry(entry)) for entry in entries], rest))

    return router
