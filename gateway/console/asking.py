"""How a page asks the gateway: by the API, as every program does, in the same process.

    page ──get, ask──► gate ─► route ─► JSON        (who asks is whoever asked for the page)
                                  └─► Declined      a refusal's problem document, as a value

So a screen shows what the API says and can do what the API can, no more and no less: rights,
refusals, idempotency and the feed are those of the route.

>>> at("/v1/parties/{}/serials", "A/B & Co")
'/v1/parties/A%2FB%20%26%20Co/serials'
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote, unquote, urlencode

from fastapi import Depends, Request

from gateway.api.access import ACTOR, Actor
from gateway.api.security import App, Message
from gateway.api.showing import dumps
from gateway.console import words

_NOT_PASSED_ON = frozenset(
    (
        b"accept-encoding", b"connection", b"content-length", b"content-type", b"expect",
        b"idempotency-key", b"if-match", b"if-modified-since", b"if-none-match", b"range",
        b"transfer-encoding", b"upgrade",
    )
)  # fmt: skip
"""Headers that speak of the page's own request and not of who asks."""

Query = Mapping[str, object] | Sequence[tuple[str, object]]


def at(path: str, /, *names: object) -> str:
    """Return a path with names in it, whatever stands in them."""
    return path.format(*(quote(str(name), safe="") for name in names))


class Declined(Exception):
    """The API refused: its problem document."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("detail", ""))
        self.problem = problem

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.problem.get("status", 500))

    @property
    def code(self) -> str:
        """The registry's code of the refusal, or the slug of the problem's type."""
        kind = str(self.problem.get("type", "")).rpartition("/")[2]
        return str(self.problem.get("code") or kind.replace("-", "_"))

    @property
    def sentence(self) -> str:
        """What is the matter, in a sentence."""
        return str(self.problem.get("detail", ""))

    @property
    def items(self) -> list[dict[str, Any]]:
        """Every offender with its own cause; empty when there is but one."""
        return list(self.problem.get("items", ()))

    @property
    def facts(self) -> dict[str, Any]:
        """What the sentence says, for programs."""
        return dict(self.problem.get("facts", {}))


@dataclass(frozen=True, slots=True)
class Said:
    """An answer that is no refusal."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The value that was answered; None for an empty answer."""
        return json.loads(self.body) if self.body else None

    @property
    def etag(self) -> str:
        """The version of the thing, as ``If-Match`` takes it; empty without one."""
        return self.headers.get("etag", "")


class Api:
    """The API, as whoever asked for a page may use it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._app: App = request.app
        self._headers = [
            (name, value)
            for name, value in request.scope["headers"]
            if name not in _NOT_PASSED_ON
        ]  # fmt: skip

    def may(self, scope: str) -> bool:
        """Return whether whoever looks at the page has a right."""
        actor: Actor = self._request.scope[ACTOR]
        return actor.may(scope)

    @property
    def language(self) -> str:
        """The language of whoever looks at the page."""
        headers = self._request.headers
        chosen = self._request.cookies.get(words.COOKIE, "")
        return words.choose(chosen, headers.get("accept-language", ""))

    async def get(self, path: str, query: Query = (), /, **more: object) -> Any:
        """Return the JSON at a path; ``more`` is added to the query, what is None or empty not.

        Raises:
            Declined: the API refused.
        """
        pairs = [*(query.items() if isinstance(query, Mapping) else query), *more.items()]
        return (await self.ask("GET", path, query=pairs)).json

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Query = (),
        kind: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Said:
        """Return the answer to a request.

        Args:
            method: GET, POST, PUT, PATCH or DELETE.
            path: With names already quoted, as ``at`` returns it; it may hold a query.
            body: A value that becomes JSON, or bytes of the ``kind``.
            query: What is None or empty is left out.
            kind: The body's content type.
            headers: Such as ``If-Match``.

        Raises:
            Declined: the API refused.
        """
        path, _, asked = path.partition("?")
        pairs = query.items() if isinstance(query, Mapping) else query
        more = urlencode([(key, value) for key, value in pairs if value not in (None, "")], True)
        sent = body if isinstance(body, bytes) else b"" if body is None else dumps(body)
        own = {name.lower().encode(): value.encode() for name, value in (headers or {}).items()}
        own[b"content-length"] = str(len(sent)).encode()
        if body is not None:
            own[b"content-type"] = kind.encode()
        outer = self._request.scope
        scope: dict[str, Any] = {
            name: outer[name]
            for name in ("type", "asgi", "http_version", "scheme", "client", "server", "root_path")
            if name in outer
        }
        scope |= {
            "method": method,
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": "&".join(part for part in (asked, more) if part).encode(),
            "headers": [*self._headers, *own.items()],
            "state": {},
        }
        waiting = [sent]
        started: list[Message] = []
        pieces: list[bytes] = []

        async def receive() -> Message:
            if waiting:
                return {"type": "http.request", "body": waiting.pop(), "more_body": False}
            return await self._request.receive()  # says when the person has left

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            else:
                pieces.append(message.get("body", b""))

        await self._app(scope, receive, send)
        status = int(started[0]["status"])
        found = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in started[0]["headers"]
        }  # fmt: skip
        content = b"".join(pieces)
        if status >= 400:
            raise Declined(_problem(status, found, content))
        return Said(status, found, content)


def _problem(status: int, headers: Mapping[str, str], content: bytes) -> Mapping[str, Any]:
    if headers.get("content-type", "").startswith("application/problem+json"):
        problem: dict[str, Any] = json.loads(content)
        return problem
    text = content.decode("utf-8", "replace")[:200]
    return {"status": status, "detail": text or f"The gateway answered with status {status}."}


async def _api(request: Request) -> Api:
    return Api(request)


Asked = Annotated[Api, Depends(_api)]
"""A page's parameter: the API, with the rights of whoever looks at the page."""
