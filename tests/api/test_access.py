"""Who may do what: every route, with every kind of wrong key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount, Route

from gateway.api.access import (
    MOST_FAILURES,
    NOBODY,
    OPEN,
    Actor,
    every_route,
    needs,
    scope_of,
    undeclared,
)
from gateway.api.application import routes_of
from gateway.errors import NotAuthenticated, NotPermitted
from gateway.store.engine import now
from gateway.store.keys import SCOPES
from tests.api.conftest import connect, make_key, order

if TYPE_CHECKING:
    from tests.conftest import Daemon


def _routes(daemon: Daemon) -> Iterator[tuple[str, str, str]]:
    for route in every_route(routes_of(daemon.gateway.app)):
        path = getattr(route, "path", "")
        for method in sorted(getattr(route, "methods", None) or ()):
            if method != "HEAD":
                yield method, path, str(scope_of(route))


def _call(client: httpx.Client, method: str, path: str) -> int:
    path = path.replace("{number}.png", "1.png").replace("{label}", "L1").replace("{job}", "J1")
    for name in ("name", "version", "number", "digest"):
        path = path.replace(f"{{{name}}}", "zebra")
    with client.stream(method, path) as answer:  # the feed never ends
        return answer.status_code


@pytest.mark.threat("T7")
def test_every_route_declares_a_scope_that_there_is(shared_daemon: Daemon) -> None:
    routes = list(_routes(shared_daemon))
    assert len(routes) >= 45
    scopes = {scope for _, _, scope in routes}
    assert {scope for scope in scopes if not scope.startswith("registry:")} <= {*SCOPES, OPEN}
    assert undeclared(routes_of(shared_daemon.gateway.app)) == []


def test_a_route_without_a_scope_is_found_wherever_it_hides() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/bare")
    async def bare() -> None: ...

    @app.get("/fine", dependencies=[needs("read")])
    async def fine() -> None: ...

    app.router.routes += [Route("/raw", FastAPI()), Mount("/files", FastAPI())]
    assert undeclared(app.routes) == ["GET /bare", "GET,HEAD /raw", " /files"] or undeclared(
        app.routes
    ) == ["GET /bare", " /raw", " /files"]


@pytest.mark.threat("T7")
def test_only_what_holds_no_data_is_open(shared_daemon: Daemon) -> None:
    assert {path for _, path, scope in _routes(shared_daemon) if scope == OPEN} == {
        "/do", "/editor/files/{name}", "/favicon.ico", "/healthz", "/look", "/openapi.json",
        "/pair", "/{path:path}", "/problems/{name}", "/readyz", "/sign-in", "/sign-out",
        "/static/{name}", "/v1/pair", "/viewer",
    }  # fmt: skip


@pytest.mark.threat("T7")
def test_every_route_refuses_every_kind_of_wrong_key(daemon: Daemon) -> None:
    parts = daemon.gateway.parts
    expired = make_key(daemon, "expired", *SCOPES, expires_at=now() - 1)
    revoked = make_key(daemon, "revoked", *SCOPES)
    parts.database.run(lambda t: parts.keys.revoke(t, "revoked", "test"))
    parts.database.run(lambda t: parts.settings.put(t, "local_access", "closed", "test"))
    wrong = {
        scope: make_key(daemon, f"not-{scope}", *(s for s in SCOPES if s != scope))
        for scope in SCOPES
    }
    others = make_key(daemon, "no-registry", *(s for s in SCOPES if not s.startswith("registry")))
    with (
        connect(daemon) as nobody,
        connect(daemon, expired) as late,
        connect(daemon, revoked) as gone,
    ):
        for method, path, scope in _routes(daemon):
            if scope == OPEN:
                assert _call(nobody, method, path) not in (401, 403), path
                continue
            # A screen leads to where one signs in, and a form back to where it was.
            screen = [] if path.startswith("/v1/") else [303]
            assert _call(nobody, method, path) in [401, *screen], path
            assert _call(late, method, path) in (401, 429), path
            assert _call(gone, method, path) in (401, 429), path
            with connect(daemon, wrong.get(scope, others)) as unfit:
                assert _call(unfit, method, path) in [403, *(screen if method != "GET" else [])]


@pytest.mark.threat("T7")
def test_raw_commands_need_a_scope_of_their_own(shared_daemon: Daemon, web: httpx.Client) -> None:
    zpl = {"printer": "dock", "raw": "^XA^FO9,9^A0N,30^FDBox^FS^XZ"}
    key = make_key(shared_daemon, "prints-only", "read", "print")
    with connect(shared_daemon, key) as client:
        answer = client.post("/v1/jobs", json=zpl)
        assert (answer.status_code, answer.json()["detail"]) == (
            403,
            "key:prints-only does not have the scope 'raw'; use a key that has it.",
        )
        document = {"content": "XlhBXlha", "type": "application/zpl"}
        carried = {"printer": "dock", "document": document}
        assert client.post("/v1/jobs", json=carried).status_code == 403
        assert client.post("/v1/jobs", json=order()).status_code == 201
    assert web.post("/v1/jobs", json=zpl).status_code == 201


def test_what_a_key_does_carries_its_name(shared_daemon: Daemon, web: httpx.Client) -> None:
    with connect(shared_daemon, make_key(shared_daemon, "erp", "print")) as client:
        job = client.post("/v1/jobs", json=order()).json()["id"]
    assert web.get(f"/v1/jobs/{job}").json()["actor"] == "key:erp"


@pytest.mark.threat("T7")
def test_wrong_keys_are_limited_and_a_right_one_is_not_locked_out(daemon: Daemon) -> None:
    right = make_key(daemon, "right", "read")
    with connect(daemon, "gw_00000000_" + "x" * 43) as guesser, connect(daemon, right) as client:
        codes = [guesser.get("/v1/jobs").status_code for _ in range(MOST_FAILURES + 2)]
        assert codes == [401] * MOST_FAILURES + [429] * 2
        answer = guesser.get("/v1/jobs")
        assert 0 < int(answer.headers["retry-after"]) <= 60
        assert client.get("/v1/jobs").status_code == 200


def test_another_scheme_than_bearer_is_a_wrong_key(web: httpx.Client) -> None:
    assert web.get("/v1/jobs", headers={"Authorization": "Basic YTpi"}).status_code == 401


def test_nobody_and_a_key_without_the_scope_are_told_apart() -> None:
    with pytest.raises(NotAuthenticated, match="This needs a key"):
        NOBODY.must("read")
    with pytest.raises(NotPermitted, match="key:x does not have the scope 'admin'"):
        Actor("key:x", frozenset({"read"})).must("admin")
    Actor("key:x", frozenset({"registry:*"})).must("registry:goods_in")
