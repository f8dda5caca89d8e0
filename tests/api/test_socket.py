"""The feed over a WebSocket, heard with a client that is not ours."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from gateway.api import live
from gateway.api.live import Live
from gateway.api.security import SECURITY_HEADERS
from gateway.api.showing import show_entry
from gateway.store.engine import Database, now
from gateway.store.feed import tell
from tests.api.conftest import make_key, order

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Daemon


def hear(daemon: Daemon, query: str = "", **options: Any) -> ClientConnection:
    """Open a socket of the feed."""
    address = daemon.url.replace("http", "ws", 1)
    wire: ClientConnection = connect(f"{address}/v1/events{query}", proxy=None, **options)
    return wire


def message(wire: ClientConnection) -> dict[str, Any]:
    """Return the next message."""
    found: dict[str, Any] = json.loads(wire.recv(timeout=30))
    return found


def report(daemon: Daemon, kind: str, subject: str, **body: object) -> int:
    """Write an entry into the feed, and return its number."""
    database = daemon.gateway.parts.database
    database.run(lambda t: tell(t, now(), kind, subject, "test", body))
    return daemon.gateway.parts.live.last


def refusal(daemon: Daemon, query: str = "", **options: Any) -> tuple[int, dict[str, Any]]:
    """Return what a handshake that is refused answers."""
    with pytest.raises(InvalidStatus) as refused:
        hear(daemon, query, **options)
    answer = refused.value.response
    assert answer.headers["content-type"] == "application/problem+json"
    for name, value in SECURITY_HEADERS:
        assert answer.headers[name.decode()] == value.decode()
    problem: dict[str, Any] = json.loads(answer.body)
    assert problem["status"] == answer.status_code
    return answer.status_code, problem


def test_a_socket_begins_with_its_place_and_tells_cloud_events(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    live = shared_daemon.gateway.parts.live
    before = live.last
    with hear(shared_daemon, "?kind=job.accepted") as wire:
        place = message(wire)
        assert list(place) == ["after"]
        assert before <= place["after"] <= live.last  # a printer may have told of itself meanwhile
        job = web.post("/v1/jobs", json=order()).json()["id"]
        event = message(wire)
    assert event.pop("time").endswith("Z")
    assert event == {
        "specversion": "1.0",
        "id": str(place["after"] + 1),
        "source": "/v1/events",
        "type": "job.accepted",
        "subject": f"jobs/{job}",
        "actor": "local",
        "datacontenttype": "application/json",
        "data": {"job": job, "printer": "dock", "labels": 1, "state": "queued"},
    }


def test_who_comes_back_misses_nothing_and_hears_nothing_twice(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    place = shared_daemon.gateway.parts.live.last
    heard: list[dict[str, Any]] = []
    jobs: list[str] = []
    for _ in range(4):
        with hear(shared_daemon, f"?after={place}") as wire:
            assert message(wire) == {"after": place}
            jobs += [web.post("/v1/jobs", json=order()).json()["id"] for _ in range(3)]
            heard += [message(wire) for _ in range(2)]  # and leaves with one on its way
        place = int(heard[-1]["id"])
    with hear(shared_daemon, f"?after={place}") as wire:
        message(wire)
        heard += [message(wire) for _ in range(4)]
    assert [event["data"]["job"] for event in heard] == jobs
    numbers = [int(event["id"]) for event in heard]
    assert numbers == list(range(numbers[0], numbers[0] + 12))


def test_a_station_hears_what_happens_at_it_and_nothing_else(shared_daemon: Daemon) -> None:
    with hear(shared_daemon, "?station=Dock&kind=scan&kind=station") as wire:
        message(wire)
        report(shared_daemon, "scan.done", "stations/packing", station="packing")
        at_dock = report(shared_daemon, "scan.done", "scanners/hand-1", station="dock")
        report(shared_daemon, "job.accepted", "jobs/J1", station="dock")
        report(shared_daemon, "scan.look", "scanners/hand-2", station=None, code='"station"')
        moved = report(shared_daemon, "station.changed", "stations/dock")
        assert [int(message(wire)["id"]) for _ in range(2)] == [at_dock, moved]


def test_the_stream_of_a_station_is_chosen_in_the_same_way(
    web: httpx.Client, shared_daemon: Daemon
) -> None:
    place = report(shared_daemon, "scan.done", "stations/packing", station="packing")
    for station in ("packing", "dock", "packing"):
        report(shared_daemon, "scan.done", "scanners/hand-1", station=station)
    with web.stream("GET", f"/v1/events?after={place}&station=dock") as answer:
        lines = (line for line in answer.iter_lines() if line)
        assert [next(lines) for _ in range(2)] == [f"id: {place}", f"id: {place + 2}"]


@pytest.mark.threat("T2")
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_a_page_of_another_site_hears_nothing(shared_daemon: Daemon, origin: str) -> None:
    status, problem = refusal(shared_daemon, origin=origin)
    assert (status, problem["type"]) == (403, "/problems/not-permitted")


def test_our_own_page_hears(web: httpx.Client, shared_daemon: Daemon) -> None:
    with hear(shared_daemon, origin=shared_daemon.url) as wire:
        assert set(message(wire)) == {"after"}


@pytest.mark.threat("T1")
def test_a_socket_to_a_name_that_is_not_ours_is_misdirected(shared_daemon: Daemon) -> None:
    address = urlsplit(shared_daemon.url)
    with (
        socket.create_connection((address.hostname, address.port)) as wire,
        pytest.raises(InvalidStatus) as refused,
    ):
        connect("ws://evil.example/v1/events", sock=wire, proxy=None)
    assert refused.value.response.status_code == 421


@pytest.mark.threat("T7")
def test_a_socket_needs_a_key_with_the_scope_as_the_stream_does(daemon: Daemon) -> None:
    parts = daemon.gateway.parts
    right, other = make_key(daemon, "pages", "read"), make_key(daemon, "shop", "print")
    parts.database.run(lambda t: parts.settings.put(t, "local_access", "closed", "test"))

    def bearer(key: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {key}"}

    for headers, status, slug in (
        ({}, 401, "not-authenticated"),
        (bearer(right[:-1] + ("A" if right[-1] != "A" else "B")), 401, "not-authenticated"),
        (bearer(other), 403, "not-permitted"),
    ):
        refused = refusal(daemon, additional_headers=headers)
        assert (refused[0], refused[1]["type"]) == (status, f"/problems/{slug}")
    with hear(daemon, additional_headers=bearer(right)) as wire:
        assert set(message(wire)) == {"after"}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?after=x", "Last-Event-ID (or ?after) must be the number of an entry, got 'x'."),
        ("?stations=a", "The feed has no 'stations'; did you mean 'station'?"),
    ],
)
def test_a_query_that_is_not_right_is_refused_in_a_sentence(
    shared_daemon: Daemon, query: str, sentence: str
) -> None:
    status, problem = refusal(shared_daemon, query)
    assert (status, problem["detail"]) == (422, sentence)


def test_there_are_no_sockets_elsewhere(shared_daemon: Daemon) -> None:
    address = shared_daemon.url.replace("http", "ws", 1)
    with pytest.raises(InvalidStatus) as refused:
        connect(f"{address}/v1/jobs", proxy=None)
    assert refused.value.response.status_code == 403


@pytest.mark.threat("T17")
def test_too_many_sockets_are_refused(
    shared_daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_LISTENERS", shared_daemon.gateway.parts.live.listeners)
    assert refusal(shared_daemon)[0] == 429


def test_who_says_something_is_told_where_to_say_it(shared_daemon: Daemon) -> None:
    with hear(shared_daemon) as wire:
        message(wire)
        wire.send("SN-1")
        with pytest.raises(ConnectionClosed) as closed:
            message(wire)
    assert closed.value.rcvd is not None
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (
        1008, "This socket only tells; send what you have to say to POST /v1/scans.",
    )  # fmt: skip


def test_a_listener_that_hangs_up_is_forgotten(shared_daemon: Daemon) -> None:
    tap = shared_daemon.gateway.parts.live
    with hear(shared_daemon) as wire:
        message(wire)
        assert tap.listeners >= 1
    deadline = time.monotonic() + 10
    while tap.listeners and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert tap.listeners == 0


UPGRADE = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


@pytest.mark.threat("T4")
def test_listeners_do_not_hold_up_the_end_and_are_told_of_it(
    start_daemon: Any, tmp_path: Path
) -> None:
    with ExitStack() as open_wires:
        with start_daemon(tmp_path) as running:
            for _ in range(50):
                report(running, "test.told", "tests/1", long="x" * 100_000)
            address = urlsplit(running.url)
            for how in (UPGRADE, b"") * 5:  # who never reads what fills every buffer between
                wire = socket.create_connection((address.hostname, address.port), timeout=10)
                open_wires.enter_context(wire)
                wire.sendall(
                    b"GET /v1/events?after=0 HTTP/1.1\r\nHost: localhost\r\n" + how + b"\r\n"
                )
            listener = open_wires.enter_context(hear(running))
            message(listener)
            stops = time.monotonic()
        took = time.monotonic() - stops
        with pytest.raises(ConnectionClosed) as closed:
            message(listener)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code in (1001, 1012)
    assert took < 15


def test_who_wants_little_of_much_is_still_given_a_sign_of_life(tmp_path: Path) -> None:
    """A busy feed is no sign of life for a listener that none of it is for."""

    async def listen(database: Database) -> None:
        tap = Live(database, show_entry)
        tap.open()
        feed = tap.entries(0, ("scan",), heartbeat=0.05)
        assert await anext(feed) == (0, None)
        until = time.monotonic() + 20
        following: asyncio.Future[Any] = asyncio.ensure_future(anext(feed))
        while not following.done() and time.monotonic() < until:  # never silent for so long
            await database.write(lambda t: tell(t, now(), "job.done", "jobs/J1", "test", {}))
        place, event = await following
        assert event is None
        assert place > 0  # what was passed over is not looked at again
        await feed.aclose()
        tap.close()

    with Database.open(tmp_path / "gateway.db") as database:
        asyncio.run(listen(database))
