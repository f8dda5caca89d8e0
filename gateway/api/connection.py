"""A caller's connection: uvicorn's, whose answers leave in one write, and which may be a socket.

    head ─► held ─┐
    body ─────────┴─► one write to the socket

uvicorn writes an answer's head and its body apart. Each write is a system call that keeps the
interpreter's lock and wakes the caller, to whom the head alone is of no use: one write was measured
to save a tenth of the processor time of an accepted job.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Gathered:
    """A transport that holds a write until the next one, or until the loop has turned."""

    __slots__ = ("_held", "_later", "_transport", "_write", "is_closing")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._later = transport, loop.call_soon
        self._write, self.is_closing = transport.write, transport.is_closing
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, piece: bytes) -> None:
        """Send a piece together with the one before it, if that has not left yet."""
        if self._held:
            held, self._held = self._held, b""
            self._write(held + piece)
        elif piece:
            self._held = bytes(piece)
            self._later(self.flush)  # a stream's head has no body yet

    def flush(self) -> None:
        """Send what is held, unless the caller has left."""
        held, self._held = self._held, b""
        if held and not self.is_closing():
            self._write(held)

    def close(self) -> None:
        """Close the connection once everything written has left."""
        self.flush()
        self._transport.close()


class Connection(HttpToolsProtocol):
    """uvicorn's connection, on such a transport; a WebSocket is handed over to one of its own."""

    def __init__(self, config: uvicorn.Config, *rest: Any, **more: Any) -> None:
        super().__init__(config, *rest, **more)
        # What it is made by, in place of its class: a library that nobody may ever need is not
        # loaded at the start.
        self.ws_protocol_class = make_socket  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to serve a caller."""
        gathered = Gathered(transport, asyncio.get_running_loop())
        super().connection_made(cast(asyncio.Transport, gathered))


CLOSED_WITHIN = 5.0
"""Seconds in which what a socket was still to be sent must have left once its listener is done."""


STOPPED_WITHIN = 1.0
"""The same when the gateway stops, and waits for it."""


@cache
def _socket() -> type[asyncio.Protocol]:
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    class Socket(WebSocketsSansIOProtocol):
        """uvicorn's socket, that ends: one who never reads would keep a closed one for ever."""

        def on_task_complete(self, task: asyncio.Task[None]) -> None:
            super().on_task_complete(task)
            self.loop.call_later(CLOSED_WITHIN, self.transport.abort)

        def shutdown(self) -> None:
            super().shutdown()
            self.loop.call_later(STOPPED_WITHIN, self.transport.abort)

    return Socket


def make_socket(**given: Any) -> asyncio.Protocol:
    """Return the protocol of an upgraded connection."""
    return _socket()(**given)
