"""What leaves a connection, seen by the transport under it."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.server import ServerState

from gateway.api.connection import Connection, Gathered


class Wire:
    """A transport that notes what it is asked for."""

    def __init__(self) -> None:
        self.seen: list[object] = []
        self.gone = False
        self.answered = asyncio.Event()
        """Set at the second write."""

    def write(self, piece: bytes) -> None:
        self.seen.append(piece)
        if len(self.written()) == 2:
            self.answered.set()

    def is_closing(self) -> bool:
        return self.gone

    def close(self) -> None:
        self.gone = True
        self.seen.append("closed")

    def pause_reading(self) -> None:
        self.seen.append("paused")

    def resume_reading(self) -> None:
        self.seen.append("resumed")

    def get_extra_info(self, _name: str, default: object = None) -> object:
        return default

    def written(self) -> list[object]:
        return [one for one in self.seen if isinstance(one, bytes)]


class Turn:
    """A loop of which only ``call_soon`` is asked; ``end`` makes the calls."""

    def __init__(self) -> None:
        self._calls: list[object] = []

    def call_soon(self, call: object) -> None:
        self._calls.append(call)

    def end(self) -> None:
        calls, self._calls = self._calls, []
        for call in calls:
            assert callable(call)
            call()


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def turn() -> Turn:
    return Turn()


@pytest.fixture
def gathered(wire: Wire, turn: Turn) -> Gathered:
    return Gathered(cast(asyncio.Transport, wire), cast(asyncio.AbstractEventLoop, turn))


def test_a_head_and_its_body_leave_in_one_write(gathered: Gathered, wire: Wire, turn: Turn) -> None:
    gathered.write(b"head;")
    assert wire.seen == []
    gathered.write(b"body")
    assert wire.seen == [b"head;body"]
    turn.end()
    assert wire.seen == [b"head;body"]


def test_an_empty_body_still_lets_its_head_go(gathered: Gathered, wire: Wire) -> None:
    gathered.write(b"head;")
    gathered.write(b"")
    assert wire.seen == [b"head;"]


def test_a_streams_head_leaves_when_the_loop_has_turned(
    gathered: Gathered, wire: Wire, turn: Turn
) -> None:
    gathered.write(b"head;")
    turn.end()
    assert wire.seen == [b"head;"]
    gathered.write(b"event;")
    turn.end()
    assert wire.seen == [b"head;", b"event;"]


def test_what_is_written_leaves_in_its_order(gathered: Gathered, wire: Wire, turn: Turn) -> None:
    for piece in (b"a", b"b", b"c", b"", b"d", b"e"):
        gathered.write(piece)
    turn.end()
    assert wire.seen == [b"ab", b"c", b"de"]


def test_a_buffer_that_changes_after_it_was_written_does_not_change_what_leaves(
    gathered: Gathered, wire: Wire, turn: Turn
) -> None:
    buffer = bytearray(b"one")
    gathered.write(cast(bytes, buffer))
    buffer[:] = b"two"
    turn.end()
    assert wire.seen == [b"one"]


def test_closing_lets_what_is_held_go_first(gathered: Gathered, wire: Wire, turn: Turn) -> None:
    gathered.write(b"last words")
    gathered.close()
    turn.end()
    assert wire.seen == [b"last words", "closed"]


def test_nothing_is_written_to_a_caller_who_has_left(
    gathered: Gathered, wire: Wire, turn: Turn
) -> None:
    gathered.write(b"head;")
    wire.gone = True
    turn.end()
    assert wire.seen == []


def test_whatever_else_is_asked_of_it_reaches_the_transport(gathered: Gathered, wire: Wire) -> None:
    gathered.pause_reading()
    assert wire.seen == ["paused"]
    with pytest.raises(AttributeError, match="no attribute 'sing'"):
        gathered.sing()


async def greet(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the path that was asked for."""
    body = scope["path"].encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def test_each_of_two_pipelined_requests_is_answered_by_one_write_in_their_order() -> None:
    async def ask() -> list[object]:
        config = uvicorn.Config(greet, http=Connection, log_config=None, server_header=False)
        config.load()
        wire = Wire()
        connection = Connection(config=config, server_state=ServerState(), app_state={})
        connection.connection_made(cast(asyncio.Transport, wire))
        request = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.data_received(request % b"/one" + request % b"/two")
        await wire.answered.wait()
        connection.connection_lost(None)
        return wire.written()

    head = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n"
    assert asyncio.run(ask()) == [head + b"/one", head + b"/two"]
