"""``GET /v1/events``: the feed as server-sent events (WHATWG HTML, 9.2), each a CloudEvent.

Plain ASGI: a stream ends when its reader leaves, when the reader stalls, or when the gateway stops;
nothing of it is left behind.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from urllib.parse import parse_qs

from starlette.routing import Route

from gateway.api.access import ACTOR, Actor
from gateway.api.live import Live
from gateway.api.reading import refuse_unknown, say
from gateway.api.security import Receive, Scope, Send
from gateway.errors import InputRefused

log = logging.getLogger(__name__)

STALLED_AFTER = 30.0
"""Seconds one event may wait for its reader before the stream is given up."""

COMMENT = b": still here\n\n"

HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)


class Events:
    """``GET /v1/events``."""

    scope_needed = "read"

    def __init__(self, live: Live) -> None:
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor: Actor = scope[ACTOR]
        actor.must("read")
        headers: dict[bytes, bytes] = dict(scope["headers"])
        query = parse_qs(scope["query_string"].decode("latin-1"))
        refuse_unknown(dict.fromkeys(query), ("after", "kind"), "The feed")
        after = self._place(headers, query)
        stream = asyncio.ensure_future(self._stream(after, query.get("kind", []), send))
        gone = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            stream.cancel()
            results = await asyncio.gather(stream, gone, return_exceptions=True)
        if isinstance(results[0], Exception) and not isinstance(results[0], TimeoutError):
            raise results[0]

    def _place(self, headers: dict[bytes, bytes], query: dict[str, list[str]]) -> int:
        """Return the entry to go on after: the header's, the query's, or now."""
        given = headers.get(b"last-event-id", b"").decode("latin-1") or query.get("after", [""])[-1]
        if not given:
            return self._live.last
        if not (given.isascii() and given.isdecimal() and len(given) < 19):
            raise InputRefused(
                f"Last-Event-ID (or ?after) must be the number of an entry, got {say(given)}.",
                value=given[:80],
            )
        return int(given)

    async def _stream(self, after: int, kinds: list[str], send: Send) -> None:
        started = False
        try:
            async with aclosing(self._live.entries(after, kinds)) as entries:
                async for entry in entries:
                    chunk = COMMENT if entry is None else b"id: %d\ndata: %b\n\n" % entry
                    if not started:
                        started = True
                        await send(
                            {"type": "http.response.start", "status": 200, "headers": HEADERS}
                        )
                        # An id without data tells no event and sets the place (WHATWG HTML 9.2.6):
                        # who loses the connection before the first event goes on without a gap.
                        chunk = b"id: %d\n\n" % after + (b"" if entry is None else chunk)
                    async with asyncio.timeout(STALLED_AFTER):
                        await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            log.info("a listener of the feed stalled and was dropped")
            raise


async def _left(receive: Receive) -> None:
    """Return when the reader has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


def events_route(live: Live) -> Route:
    """Return the route of the feed."""
    return Route("/v1/events", Events(live), methods=["GET"], name="events")
