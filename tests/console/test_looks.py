"""What is live is drawn once for all who look at the same, and each gets an answer of its own."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from gateway.api.access import ACTOR, LOCAL, Actor
from gateway.console.looks import Looks
from tests.api.conftest import connect

if TYPE_CHECKING:
    from tests.conftest import Daemon

READER = Actor("key:reader", frozenset({"read"}))


def request(path: str = "/printers", actor: Actor = LOCAL, **headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope: dict[str, Any] = {
        "type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": b"",
        "headers": [(b"host", b"localhost"), *named], ACTOR: actor,
    }  # fmt: skip
    return Request(scope)


class Drawing:
    """Counts how often it was drawn."""

    def __init__(self, looks: Looks) -> None:
        self.times = 0
        self._looks = looks

    async def __call__(self) -> Response:
        self.times += 1
        n = self.times
        await asyncio.sleep(0)
        return HTMLResponse(f"{n} {self._looks.mark} {self._looks.mark}", headers={"vary": "x"})


def bodies(answers: list[Response]) -> list[list[str]]:
    return [bytes(answer.body).decode().split(" ") for answer in answers]


def test_twenty_who_look_at_the_same_are_drawn_it_once_and_have_tokens_of_their_own() -> None:
    async def look() -> None:
        looks = Looks()
        draw = Drawing(looks)
        answers = await asyncio.gather(*(looks.share(request(), 7, draw) for _ in range(20)))
        assert draw.times == 1
        assert {words[0] for words in bodies(list(answers))} == {"1"}
        tokens = [token for words in bodies(list(answers)) for token in words[1:]]
        assert len(set(tokens)) == 40
        assert looks.mark not in tokens
        assert {(one.headers["vary"], one.status_code) for one in answers} == {("x", 200)}
        assert int(answers[0].headers["content-length"]) == len(answers[0].body)

    asyncio.run(look())


def test_whatever_may_look_different_is_drawn_anew() -> None:
    async def look() -> None:
        looks = Looks()
        draw = Drawing(looks)
        for other, entry in (
            (request(), 7), (request("/jobs"), 7), (request(actor=READER), 7), (request(), 8),
            (request(cookie="gw_lang=de"), 7), (request(accept_language="es"), 7),
        ):  # fmt: skip
            await looks.share(other, entry, draw)
        assert draw.times == 6
        await looks.share(request(), 7, draw)
        assert draw.times == 6

    asyncio.run(look())


def test_what_was_drawn_a_while_ago_is_drawn_anew() -> None:
    async def look() -> None:
        looks = Looks(seconds=-1)
        draw = Drawing(looks)
        for _ in range(3):
            await looks.share(request(), 7, draw)
        assert draw.times == 3

    asyncio.run(look())


def test_a_drawing_that_failed_is_told_to_all_and_kept_for_nobody() -> None:
    async def look() -> None:
        looks = Looks()

        async def fail() -> Response:
            await asyncio.sleep(0)
            raise ValueError

        done = await asyncio.gather(
            *(looks.share(request(), 7, fail) for _ in range(3)), return_exceptions=True
        )
        assert [type(one) for one in done] == [ValueError] * 3
        draw = Drawing(looks)
        await looks.share(request(), 7, draw)
        assert draw.times == 1

    asyncio.run(look())


def test_who_leaves_does_not_take_it_from_the_others() -> None:
    async def look() -> None:
        looks = Looks()
        draw = Drawing(looks)
        leaving = asyncio.ensure_future(looks.share(request(), 7, draw))
        staying = asyncio.ensure_future(looks.share(request(), 7, draw))
        await asyncio.sleep(0)
        leaving.cancel()
        answer = await staying
        with pytest.raises(asyncio.CancelledError):
            await leaving
        assert bytes(answer.body).startswith(b"1 ")

    asyncio.run(look())


def test_a_screen_sees_every_change_at_once_and_its_buttons_act_for_it_alone(
    shared_daemon: Daemon,
) -> None:
    def looked(web: httpx.Client) -> tuple[str, list[str]]:
        answer = web.get("/printers", headers={"x-part": "1"})
        assert answer.status_code == 200
        return answer.text, re.findall(r'name="_once" value="([^"]+)"', answer.text)

    with connect(shared_daemon) as web:
        (page, mine), (same, others) = looked(web), looked(web)
        assert len(mine) == len(others) > 0
        assert not set(mine) & set(others)
        assert page.count("/pause") == same.count("/pause") == 1
        for verb, button in (("pause", "/resume"), ("resume", "/pause")):
            web.post(f"/v1/printers/zebra/{verb}").raise_for_status()
            assert button in looked(web)[0]
        assert (
            "/printers/add"
            not in web.get(
                "/printers", headers={"x-part": "1", "authorization": "Bearer gw_no"}
            ).text
        )
