"""Bodies that come late, in parts, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest

from gateway.api import reading
from gateway.api.reading import read_body
from gateway.api.security import ClientGone
from gateway.errors import Unreadable

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


def parts(*messages: dict[str, Any]) -> Receive:
    """Return what hands the messages out, and then waits for ever."""
    left = list(messages)

    async def receive() -> MutableMapping[str, Any]:
        if not left:
            await asyncio.Event().wait()
        return left.pop(0)

    return receive


def part(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_in_three_parts_is_read_whole() -> None:
    came = parts(part(b"one ", more=True), part(b"two ", more=True), part(b"three", more=False))
    assert asyncio.run(read_body(came)) == b"one two three"


def test_a_body_that_never_ends_is_given_up_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.0)

    async def read() -> int:
        late = r"^The body did not arrive within 0 seconds; send it again\.$"
        with pytest.raises(Unreadable, match=late):
            await read_body(parts(part(b"half", more=True)))
        task = asyncio.current_task()
        assert task is not None
        await asyncio.sleep(0)  # the task can wait for other things again
        return task.cancelling()

    assert asyncio.run(read()) == 0


def test_a_task_that_is_ended_by_somebody_else_is_no_late_body() -> None:
    async def end() -> bool:
        reader = asyncio.create_task(read_body(parts()))
        await asyncio.sleep(0)
        reader.cancel()
        await asyncio.wait([reader])
        return reader.cancelled()

    assert asyncio.run(end())


def test_a_task_that_is_ended_while_its_body_is_given_up_stays_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.0)

    async def receive() -> MutableMapping[str, Any]:
        try:
            return await parts()()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()  # a second reason, beside the body's
            raise

    async def end() -> bool:
        reader = asyncio.create_task(read_body(receive))
        await asyncio.wait([reader])
        return reader.cancelled()

    assert asyncio.run(end())


def test_the_wait_for_a_body_leaves_no_timer_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.0)

    async def read() -> bytes:
        body = await read_body(parts(part(b"whole", more=False)))
        for _ in range(3):  # a timer that still ran would end this task
            await asyncio.sleep(0)
        return body

    assert asyncio.run(read()) == b"whole"


def test_a_caller_who_leaves_in_the_middle_is_gone() -> None:
    came = parts(part(b"half", more=True), {"type": "http.disconnect"})
    with pytest.raises(ClientGone):
        asyncio.run(read_body(came))
