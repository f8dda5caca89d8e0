"""``GET /v1/events``: the feed as server-sent events (WHATWG HTML, 9.2), each a CloudEvent.

Plain ASGI: a stream ends when its reader leaves, when the reader stalls, or when the gateway stops;
nothing of it is left behind. The same path takes WebSockets: ``gateway.api.socket``.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass
from typing import Self
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a listener asked for in its query."""

    after: int
    """The entry to go on after."""
    kinds: tuple[str, ...]
    stations: tuple[str, ...]

    @classmethod
    def read(cls, scope: Scope, live: Live) -> Self:
        """Return what the query and ``Last-Event-ID`` ask for; with neither, what comes from now.

        Raises:
            InputRefused: the place is no number, or the query has a word the feed does not know.
        """
        query = parse_qs(scope["query_string"].decode("latin-1"))
        refuse_unknown(dict.fromkeys(query), ("after", "kind", "station"), "The feed")
        given = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
        after = _place(given or query.get("after", [""])[-1], live)
        return cls(after, tuple(query.get("kind", ())), tuple(query.get("station", ())))


def _place(given: str, live: Live) -> int:
    if not given:
        return live.last
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise InputRefused(
            f"Last-Event-ID (or ?after) must be the number of an entry, got {say(given)}.",
            value=given[:80],
        )
    return int(given)


class Events:
    """``GET /v1/events``."""

    scope_needed = "read"

    def __init__(self, live: Live) -> None:
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor: Actor = scope[ACTOR]
        actor.must("read")
        stream = asyncio.ensure_future(self._stream(Wanted.read(scope, self._live), send))
        gone = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            stream.cancel()
            results = await asyncio.gather(stream, gone, return_exceptions=True)
        if isinstance(results[0], Exception) and not isinstance(results[0], TimeoutError):
            raise results[0]

    async def _stream(self, wanted: Wanted, send: Send) -> None:
        started = False
        feed = self._live.entries(wanted.after, wanted.kinds, wanted.stations)
        try:
            async with aclosing(feed) as entries:
                async for seq, event in entries:
                    chunk = COMMENT if event is None else b"id: %d\ndata: %b\n\n" % (seq, event)
                    if not started:
                        started = True
                        await send(
                            {"type": "http.response.start", "status": 200, "headers": HEADERS}
                        )
                        # An id without data tells no event and sets the place (WHATWG HTML 9.2.6):
                        # who loses the connection before the first event goes on without a gap.
                        chunk = b"id: %d\n\n" % seq
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
