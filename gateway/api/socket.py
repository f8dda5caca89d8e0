"""``GET /v1/events``, upgraded: the feed over a WebSocket (RFC 6455), for pages and stations.

    {"after": 41}                  at once, and in silence: a sign of life, and the listener's place
    {"specversion": "1.0", "id": "42", "type": "scan.done", …}            every other text message

It takes the query of the stream of server-sent events: ``after``, ``kind``, ``station``. Who comes
back with ``?after=`` and the last number it saw, of an event or of a sign of life, goes on without
a gap and sees nothing twice. A socket only tells: what a person does is a ``POST``, and whoever
sends something is told so and hung up on.

A page of another site can open sockets to this computer, and no preflight asks before: the gate
checks ``Host``, ``Origin`` and who it is as for a change, and answers a refused handshake with a
problem document.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing

from starlette.routing import WebSocketRoute

from gateway.api.access import ACTOR, Actor
from gateway.api.events import STALLED_AFTER, Wanted
from gateway.api.live import Live
from gateway.api.security import Receive, Scope, Send

log = logging.getLogger(__name__)

GOING_AWAY, POLICY = 1001, 1008
"""Close codes (RFC 6455, 7.4.1): the gateway stops; the listener did what it may not."""


class EventSocket:
    """``GET /v1/events`` with ``Upgrade: websocket``."""

    scope_needed = "read"

    def __init__(self, live: Live) -> None:
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        actor: Actor = scope[ACTOR]
        actor.must("read")
        wanted = Wanted.read(scope, self._live)
        await receive()  # that it wants to connect
        telling = asyncio.ensure_future(self._tell(wanted, send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({telling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            telling.cancel()
            told, left = await asyncio.gather(telling, leaving, return_exceptions=True)
        if isinstance(told, TimeoutError):
            log.info("a listener's socket stalled and was dropped")
        elif isinstance(told, Exception) and not isinstance(told, OSError):  # one who has gone
            raise told
        elif isinstance(left, str):
            await send({"type": "websocket.close", "code": POLICY, "reason": left})

    async def _tell(self, wanted: Wanted, send: Send) -> None:
        started = False
        feed = self._live.entries(wanted.after, wanted.kinds, wanted.stations)
        async with aclosing(feed) as entries:
            async for seq, event in entries:
                if not started:
                    started = True
                    await send({"type": "websocket.accept"})
                text = f'{{"after":{seq}}}' if event is None else event.decode()
                async with asyncio.timeout(STALLED_AFTER):
                    await send({"type": "websocket.send", "text": text})
        await send({"type": "websocket.close", "code": GOING_AWAY})


async def _left(receive: Receive) -> str | None:
    """Return when the listener hangs up, or why it must be hung up on."""
    message = await receive()
    if message["type"] == "websocket.receive":
        return "This socket only tells; send what you have to say to POST /v1/scans."
    return None


def socket_route(live: Live) -> WebSocketRoute:
    """Return the route of the feed's sockets."""
    return WebSocketRoute("/v1/events", EventSocket(live), name="socket")
