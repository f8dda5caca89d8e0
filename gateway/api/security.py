"""The gate in front of every route, pages and files included.

    request ─► Host ─► Origin ─► size ─► who ─► route ─► headers ─► answer

A page in a browser on this computer can reach a local daemon: by a name rebound to 127.0.0.1 (so
``Host`` is checked), by a form or a script of a foreign site (so ``Origin`` and ``Sec-Fetch-Site``
are), by embedding (so the answers forbid it). None of it depends on the route.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from gateway.api.access import ACTOR, LOCAL, NOBODY, Actor, Failures, is_loopback
from gateway.api.problems import answer
from gateway.errors import (
    GatewayError,
    Moved,
    NotAuthenticated,
    NotPermitted,
    TooLarge,
    Unreadable,
    WrongHost,
)
from gateway.store.engine import now
from gateway.store.keys import KeyStore
from gateway.store.settings import SettingStore

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LARGEST_BODY = 10 * 1024 * 1024
LARGEST_DOCUMENT = 20 * 1024 * 1024
"""Bytes of a PDF, picture or file of printer commands."""

LARGEST_JOB = LARGEST_DOCUMENT * 4 // 3 + 64 * 1024
"""Bytes of a job that carries such a document: base 64 makes four of three."""

LARGEST_TABLE = 40 * 1024 * 1024
"""Bytes of a table that is brought in: 100,000 rows of twenty columns are some 20 MB."""

COOKIE = "gw_station"
"""The cookie of a paired browser; it holds a key, as a program's header does."""

LARGEST_FILE = 1 << 40
"""Bytes of a gateway's file that moves in; how much there is room for says its route."""

LARGEST: Mapping[str, int] = {
    "/v1/jobs": LARGEST_JOB,
    "/v1/moving/in": LARGEST_FILE,
    "/moving/in": LARGEST_FILE,
    "/v1/tables": LARGEST_TABLE,
    "/import": LARGEST_TABLE,
}
"""Path -> the bytes of its body, where they are others than ``LARGEST_BODY``."""

STILL_THERE = frozenset({"/do", "/look", "/sign-in", "/sign-out"})
STILL_THERE_UNDER = ("/moving/", "/v1/moving/", "/v1/works/")
"""What a gateway that was moved away still takes: paths, and their beginnings. ``/do`` calls
others, which are looked at again."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)

_CORS_HEADERS = (
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id",
    ),
    (b"access-control-max-age", b"600"),
)
_FORWARDED = frozenset({b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"})
"""Signs of a proxy: what comes through one is not from this computer, whatever its address."""


class ClientGone(Exception):
    """The caller closed the connection before its request was whole: nobody to answer."""


class Gate:
    """Pure ASGI: checks each request before any route sees it, and dresses each answer."""

    def __init__(
        self,
        app: App,
        *,
        keys: KeyStore,
        settings: SettingStore,
        hosts: Iterable[str] = (),
        origins: Iterable[str] = (),
        failures: Failures | None = None,
        direct: Mapping[tuple[str, str], App] | None = None,
        moved: Callable[[], str | None] = lambda: None,
    ) -> None:
        """``direct``: (method, path) of hot routes that are called from here, without the layers
        between: they are a sixth of what such a request costs. ``moved``: why nothing is taken
        any more, None while all is as ever."""
        self._moved = moved
        self._app, self._keys, self._settings = app, keys, settings
        self._direct = direct or {}
        names = {"localhost", "127.0.0.1", "[::1]", *(host.lower() for host in hosts)}
        self._names = frozenset(name.encode() for name in names)
        self._origins = frozenset(origin.encode() for origin in origins)
        self._known_hosts: set[bytes] = set()
        self._failures = failures or Failures()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await self._open_socket(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        origin = headers.get(b"origin")
        started = False

        async def dressed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message.get("headers", ()), *SECURITY_HEADERS]
                if origin is not None:
                    message["headers"] += self._cors(origin)
            await send(message)

        try:
            self._check_host(scope, headers)
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
                await self._preflight(origin, dressed)
                return
            if scope["method"] not in SAFE_METHODS:
                self._check_origin(headers, origin)
                self._check_here(scope["path"])
            receive = self._check_size(scope, headers, receive)
            scope[ACTOR] = self._find_actor(scope, headers)
            route = self._direct.get((scope["method"], scope["path"]), self._app)
            await route(scope, receive, dressed)
        except GatewayError as error:
            if started:
                raise
            await send_problem(error, dressed)
        except ClientGone:
            log.debug("a caller left in the middle of its request")
        except Exception:  # a request's edge
            log.exception("a request failed", extra={"path": scope["path"]})
            if started:
                raise
            await send_problem(our_fault(), dressed)

    async def _open_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a WebSocket through as a change would be: a browser asks nobody before it opens one.

        A refused handshake is answered as any request, which the server calls its denial.
        """
        headers: dict[bytes, bytes] = dict(scope["headers"])
        opened = False

        async def watched(message: Message) -> None:
            nonlocal opened
            opened = opened or message["type"] == "websocket.accept"
            if message["type"] == "websocket.http.response.start":
                message["headers"] = [*message["headers"], *SECURITY_HEADERS]
            await send(message)

        async def denied(message: Message) -> None:
            await watched({**message, "type": f"websocket.{message['type']}"})

        try:
            self._check_host(scope, headers)
            self._check_origin(headers, headers.get(b"origin"))
            scope[ACTOR] = self._find_actor(scope, headers)
            await self._app(scope, receive, watched)
        except GatewayError as error:
            if opened:
                raise
            await send_problem(error, denied)
        except Exception:  # a request's edge
            log.exception("a socket failed", extra={"path": scope["path"]})
            if opened:
                raise
            await send_problem(our_fault(), denied)

    # ------------------------------------------------------------ the checks

    def _check_host(self, scope: Scope, headers: dict[bytes, bytes]) -> None:
        host = headers.get(b"host", b"")
        if len(headers) != len(scope["headers"]):
            _check_single(scope)
        if host in self._known_hosts:
            return
        name, colon, port = host.rpartition(b":")
        if not colon or host.endswith(b"]"):
            name, port = host, b""
        if name.lower() in self._names and (not port or port.isdigit()):
            if len(self._known_hosts) < 64:
                self._known_hosts.add(host)
            return
        shown = host[:80].decode("latin-1")
        raise WrongHost(
            f"{shown!r} is not a name of this gateway; use http://localhost, or add the name to "
            "allowed_hosts in the settings.",
            host=shown,
        )

    def _check_origin(self, headers: dict[bytes, bytes], origin: bytes | None) -> None:
        if origin is not None:
            if origin in self._origins:
                return
            scheme, _, rest = origin.partition(b"://")
            if rest and rest == headers.get(b"host") and scheme in (b"http", b"https"):
                return  # a page of our own: Host was found to be ours before
        elif headers.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin"):
            return  # no browser, or a page of our own
        shown = (origin or b"another site")[:200].decode("latin-1")
        raise NotPermitted(
            f"A web page of {shown} may not change or hear anything here; add its exact origin to "
            "allowed_origins in the settings if it shall.",
            origin=shown,
        )

    def _check_here(self, path: str) -> None:
        if path in STILL_THERE or path.startswith(STILL_THERE_UNDER):
            return
        if (why := self._moved()) is not None:
            raise Moved(why)

    def _check_size(self, scope: Scope, headers: dict[bytes, bytes], receive: Receive) -> Receive:
        limit = LARGEST.get(scope["path"], LARGEST_BODY)
        length = headers.get(b"content-length")
        if length is not None:
            # The server holds the body to this length.
            if not length.isdigit():
                raise Unreadable("Content-Length is not a number.")
            if int(length) > limit:
                raise _too_large(limit)
            return receive
        if b"transfer-encoding" not in headers:
            return receive
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _too_large(limit)
            return message

        return counted

    def _find_actor(self, scope: Scope, headers: dict[bytes, bytes]) -> Actor:
        client = scope.get("client")
        address = client[0] if client else ""
        given = headers.get(b"authorization")
        if given is None:
            local = self._settings.local_open and is_loopback(address)
            local = local and _FORWARDED.isdisjoint(headers)
            return self._find_station(headers, address, local) or (LOCAL if local else NOBODY)
        scheme, _, presented = given.partition(b" ")
        try:
            # Another scheme than Bearer holds no key of ours, so the check refuses it.
            text = presented.strip().decode("latin-1") if scheme.lower() == b"bearer" else ""
            key = self._keys.check(text, now())
        except NotAuthenticated:
            self._failures.add(address)
            raise
        return Actor(key.holder, key.scopes)

    def _find_station(self, headers: dict[bytes, bytes], address: str, local: bool) -> Actor | None:
        """Return whom the cookie of a paired browser names, None without one that counts."""
        text = _cookie(headers)
        if text is None or not self._is_own_page(headers):
            return None  # what a page of another site sends along is not its own to use
        try:
            key = self._keys.check(text, now())
        except NotAuthenticated as error:
            if local:  # the cookie of a station that is no more locks nobody out at home
                return None
            if "key" not in error.facts:  # it never was ours: somebody guesses
                self._failures.add(address)
            # Not raised here: the page on which the browser is paired again is open to all.
            return Actor("", frozenset(), error)
        return Actor(key.holder, key.scopes)

    def _is_own_page(self, headers: dict[bytes, bytes]) -> bool:
        origin = headers.get(b"origin")
        scheme, _, rest = (origin or b"").partition(b"://")
        own = rest == headers.get(b"host") and scheme in (b"http", b"https")
        site = headers.get(b"sec-fetch-site", b"none")
        return (origin is None or own) and site in (b"none", b"same-origin")

    # ------------------------------------------------------------ foreign pages that are allowed

    def _cors(self, origin: bytes) -> list[tuple[bytes, bytes]]:
        if origin not in self._origins:
            return [(b"vary", b"Origin")]
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", b"location, etag, retry-after"),
            (b"vary", b"Origin"),
        ]

    async def _preflight(self, origin: bytes | None, send: Send) -> None:
        if origin not in self._origins:
            shown = (origin or b"")[:200].decode("latin-1")
            raise NotPermitted(
                f"A web page of {shown} may not call this gateway; add its exact origin to "
                "allowed_origins in the settings if it shall.",
                origin=shown,
            )
        start = {"type": "http.response.start", "status": 204, "headers": list(_CORS_HEADERS)}
        await send(start)
        await send({"type": "http.response.body", "body": b""})


def _cookie(headers: dict[bytes, bytes]) -> str | None:
    """Return the key in a paired browser's cookie, None without one.

    >>> _cookie({b"cookie": b"theme=dark; gw_station=gw_0a1b2c3d_x"}), _cookie({})
    ('gw_0a1b2c3d_x', None)
    """
    for pair in headers.get(b"cookie", b"").split(b";"):
        name, equals, value = pair.strip().partition(b"=")
        if equals and name == COOKIE.encode():
            return value.decode("latin-1")
    return None


def _check_single(scope: Scope) -> None:
    """Check that no header comes twice of which the first and the last could be read differently.

    Raises:
        WrongHost, Unreadable: one does.
    """
    names = [name for name, _ in scope["headers"]]
    if names.count(b"host") > 1:
        raise WrongHost("The request names two hosts; send one Host header.")
    for name in (b"origin", b"authorization", b"cookie", b"content-length", b"idempotency-key"):
        if names.count(name) > 1:
            raise Unreadable(f"The request has two {name.decode()} headers; send one.")


def our_fault() -> GatewayError:
    """Return what is said when the gateway itself went wrong."""
    return GatewayError("Something went wrong on the gateway's side; its log has the details.")


def _too_large(limit: int) -> TooLarge:
    return TooLarge(
        f"The request's body is larger than {limit:,} bytes; send less at once.", limit=limit
    )


async def send_problem(error: GatewayError, send: Send) -> None:
    """Answer with an error, whatever the route is."""
    problem = answer(error)
    headers = [(name.encode(), value.encode()) for name, value in problem.headers.items()]
    headers.append((b"content-length", str(len(problem.body)).encode()))
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": problem.body})
