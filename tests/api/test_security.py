"""The gate: which requests reach a route at all. A hostile page is a client like any other."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.api.security import LARGEST_BODY, LARGEST_JOB, SECURITY_HEADERS
from tests.api.conftest import order

if TYPE_CHECKING:
    from tests.conftest import Daemon

PATHS = (
    "/",
    "/static/console.js",
    "/openapi.json",
    "/healthz",
    "/v1/jobs",
    "/v1/events",
    "/nothing",
)


def speak(daemon: Daemon, request: bytes) -> bytes:
    """Send bytes and return the answer's head: a library would mend the hostile headers."""
    address = urlsplit(daemon.url)
    assert address.hostname is not None
    with socket.create_connection((address.hostname, address.port or 0), timeout=10) as wire:
        wire.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer and (chunk := wire.recv(65536)):
            answer += chunk
    return answer


@pytest.mark.threat("T1")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example:8730",
        "evil@localhost",
        "0.0.0.0",
        "localhost:8730:80",
    ],
)
def test_a_host_that_is_not_ours_is_misdirected(web: httpx.Client, path: str, host: str) -> None:
    answer = web.get(path, headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (421, "/problems/wrong-host")


@pytest.mark.threat("T1")
@pytest.mark.parametrize("lines", [b"", b"Host:\r\n", b"Host: localhost\r\nHost: evil.example\r\n"])
def test_no_host_and_two_hosts_are_refused(shared_daemon: Daemon, lines: bytes) -> None:
    answer = speak(shared_daemon, b"GET /healthz HTTP/1.1\r\n" + lines + b"\r\n")
    assert answer.split(b" ", 2)[1] in (b"400", b"421")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8730", "[::1]", "[::1]:9"])
def test_our_own_names_are_answered(web: httpx.Client, host: str) -> None:
    assert web.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.threat("T2")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
@pytest.mark.parametrize(
    "kind",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/json",
    ],
)
def test_a_foreign_page_changes_nothing_whatever_it_calls_its_body(
    web: httpx.Client, origin: str, kind: str | None
) -> None:
    before = web.get("/v1/jobs").json()
    headers = {"Origin": origin} | ({} if kind is None else {"Content-Type": kind})
    body = httpx.Request("POST", "http://x", json=order("STOLEN")).content
    answer = web.post("/v1/jobs", content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-permitted")
    assert "access-control-allow-origin" not in answer.headers
    assert web.get("/v1/jobs").json() == before


@pytest.mark.threat("T2")
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_browser_that_names_no_origin_and_comes_from_elsewhere_is_refused(
    web: httpx.Client, site: str
) -> None:
    answer = web.post("/v1/jobs", json=order(), headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 403


@pytest.mark.threat("T2")
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_must_say_that_it_is_json(web: httpx.Client, kind: str) -> None:
    answer = web.post("/v1/jobs", content=b"{}", headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "The body must be JSON and say so: send it with 'Content-Type: application/json', not "
        f"{kind or 'without one'}."
    )


def test_our_own_page_may_change_things(web: httpx.Client, shared_daemon: Daemon) -> None:
    headers = {"Origin": shared_daemon.url, "Sec-Fetch-Site": "same-origin"}
    assert web.post("/v1/jobs", json=order(), headers=headers).status_code == 201


@pytest.mark.threat("T3")
def test_a_preflight_of_a_foreign_page_gets_nothing_to_go_by(web: httpx.Client) -> None:
    answer = web.options(
        "/v1/jobs",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert answer.status_code == 403
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_wears_the_security_headers(web: httpx.Client, path: str) -> None:
    if path == "/v1/events":
        with web.stream("GET", path) as answer:
            headers = answer.headers
    else:
        headers = web.get(path).headers
    for name, value in SECURITY_HEADERS:
        assert headers[name.decode()] == value.decode()
    assert "server" not in headers


@pytest.mark.threat("T17")
def test_a_body_over_the_limit_is_refused_before_it_is_read(shared_daemon: Daemon) -> None:
    for path, limit in (("/v1/preview", LARGEST_BODY), ("/v1/jobs", LARGEST_JOB)):
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {limit + 1}\r\n\r\n"
        assert speak(shared_daemon, head.encode()).split(b" ", 2)[1] == b"413"


@pytest.mark.threat("T17")
def test_a_body_that_does_not_say_its_length_is_counted(web: httpx.Client) -> None:
    chunks = (b" " * 65536 for _ in range(LARGEST_BODY // 65536 + 2))
    answer = web.post("/v1/preview", content=chunks, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.threat("T6")
@pytest.mark.parametrize("sign", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_comes_through_a_proxy_is_not_from_this_computer(web: httpx.Client, sign: str) -> None:
    answer = web.get("/v1/jobs", headers={sign: "127.0.0.1"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (
        401,
        'Bearer realm="label-gateway"',
    )


@pytest.mark.threat("T17")
def test_a_deeply_nested_body_is_refused(web: httpx.Client) -> None:
    body = b'{"printer":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    answer = web.post("/v1/jobs", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "The body is nested too deeply; no request needs ten levels.",
    )
