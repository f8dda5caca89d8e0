"""Looks at what is live: screens that look at the same thing at the same time are drawn it once.

    20 screens hear the feed ──same page, same person, same entry──► one drawing, 20 answers

Whoever looks is known by then: only who may do the same, in the same language, shares a drawing.
What makes a form act once is nobody's but the one who got it: each answer has its own.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Hashable
from time import monotonic
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from gateway.api.access import ACTOR

LASTS = 0.9
"""Seconds: less than between two looks of one screen (console.js), so it never sees one twice."""

SAME = ("cookie", "accept-language", "host")
"""Headers by which two looks of the same person differ."""


class Looks:
    """What was drawn for a look lately, or is being drawn now."""

    def __init__(self, seconds: float = LASTS) -> None:
        self._seconds = seconds
        self._lately: dict[Hashable, tuple[float, asyncio.Task[Response]]] = {}
        self.mark = secrets.token_urlsafe(12)
        """Stands where each answer has a token of its own; nobody outside can know it."""

    async def share(
        self, request: Request, entry: int, draw: Callable[[], Coroutine[Any, Any, Response]]
    ) -> Response:
        """Return what ``draw`` draws, or has drawn for the same look; ``entry``: the feed's last.

        Raises:
            Exception: whatever ``draw`` raises, to everybody who looks.
        """
        key = (
            request.url.path, request.url.query, request.url.scheme, request.scope[ACTOR], entry,
            *(request.headers.get(name) for name in SAME),
        )  # fmt: skip
        now = monotonic()
        for old, (until, one) in list(self._lately.items()):
            if until < now and one.done():
                del self._lately[old]
        until, task = self._lately.get(key, (0.0, None))
        mine = task is None or until < now
        if task is None or mine:
            task = asyncio.ensure_future(draw())
            self._lately[key] = now + self._seconds, task
        try:
            # Whoever leaves does not take it from the others.
            drawn = await asyncio.shield(task)
        except BaseException:
            self._lately.pop(key, None)
            raise
        if isinstance(drawn, HTMLResponse):
            return self.own(drawn)
        return drawn if mine else await draw()

    def own(self, drawn: HTMLResponse) -> HTMLResponse:
        """Return the answer of one who looks, with tokens that nobody else has."""
        first, *rest = bytes(drawn.body).split(self.mark.encode())
        body = first + b"".join(secrets.token_urlsafe(12).encode() + part for part in rest)
        answer = HTMLResponse(body, drawn.status_code)
        for name, value in drawn.headers.items():
            if name != "content-length":
                answer.headers[name] = value
        return answer
