"""The feed over HTTP: without a gap, for many, and never in the way of the end."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.api import live
from tests.api.conftest import connect, order

if TYPE_CHECKING:
    from tests.conftest import Daemon


def read(answer: httpx.Response, count: int) -> list[dict[str, Any]]:
    """Return the next events of a stream, each with the id of its frame."""
    found: list[dict[str, Any]] = []
    number = ""
    for line in answer.iter_lines():
        assert not line.startswith(":"), "an event was late: a sign of life came before it"
        if line.startswith("id: "):
            number = line[4:]
        if line.startswith("data: "):
            found.append({"frame": number} | json.loads(line[6:]))
        if len(found) == count:
            break
    return found


@contextmanager
def listen(web: httpx.Client, **options: Any) -> Iterator[httpx.Response]:
    with web.stream("GET", "/v1/events", **options) as answer:
        assert answer.status_code == 200
        yield answer


def test_an_entry_is_a_cloud_event(web: httpx.Client, shared_daemon: Daemon) -> None:
    with listen(web, params={"kind": "job.accepted"}) as answer:
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        with connect(shared_daemon) as other:
            job = other.post("/v1/jobs", json=order()).json()["id"]
        (event,) = read(answer, 1)
    assert event.pop("time").endswith("Z")
    number = event.pop("frame")
    assert event == {
        "specversion": "1.0",
        "id": number,
        "source": "/v1/events",
        "type": "job.accepted",
        "subject": f"jobs/{job}",
        "actor": "local",
        "datacontenttype": "application/json",
        "data": {"job": job, "printer": "dock", "labels": 1, "state": "queued"},
    }


def test_a_stream_goes_on_where_it_was_without_a_gap(web: httpx.Client) -> None:
    last = web.get("/metrics").text.split("\ngateway_feed_sequence ")[1].split()[0]
    jobs = [web.post("/v1/jobs", json=order()).json()["id"] for _ in range(5)]
    with listen(web, headers={"Last-Event-ID": last}) as answer:
        first = read(answer, 2)
    with listen(web, params={"after": first[-1]["frame"]}) as answer:
        rest = read(answer, 3)
    assert [event["data"]["job"] for event in first + rest] == jobs
    numbers = [int(event["frame"]) for event in first + rest]
    assert numbers == list(range(int(last) + 1, int(last) + 6))


def test_a_listener_that_is_far_behind_is_served_from_the_database(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PAGE", 3)
    for _ in range(10):
        web.post("/v1/jobs", json=order())
    with listen(web, params={"after": "0"}) as answer:
        numbers = [int(event["frame"]) for event in read(answer, 20)]
    assert numbers == list(range(1, 21))


def test_only_the_kinds_that_are_asked_for_come(web: httpx.Client, shared_daemon: Daemon) -> None:
    with listen(web, params={"kind": ["job.cancelled", "setting"]}) as answer:
        with connect(shared_daemon) as other:
            job = other.post("/v1/jobs", json=order()).json()["id"]
            other.post(f"/v1/jobs/{job}/cancel")
            other.put("/v1/settings/time_zone", json={"value": "Europe/Athens"})
        assert [event["type"] for event in read(answer, 2)] == ["job.cancelled", "setting.changed"]


@pytest.mark.parametrize("place", ["x", "-1", "1.5", "9" * 30])
def test_a_place_that_is_no_number_is_refused(web: httpx.Client, place: str) -> None:
    answer = web.get("/v1/events", headers={"Last-Event-ID": place})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/input-refused")


@pytest.mark.threat("T17")
def test_too_many_listeners_are_refused(
    web: httpx.Client, shared_daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_LISTENERS", shared_daemon.gateway.parts.live.listeners)
    assert web.get("/v1/events").status_code == 429


def test_a_listener_that_leaves_is_forgotten(web: httpx.Client, shared_daemon: Daemon) -> None:
    tap = shared_daemon.gateway.parts.live
    with listen(web) as answer:
        lines = answer.iter_lines()
        assert next(lines) == f"id: {tap.last}"  # its place, before anything has come
        assert tap.listeners >= 1
    deadline = time.monotonic() + 10
    while tap.listeners and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    assert tap.listeners == 0


@pytest.mark.threat("T4")
def test_readers_that_never_read_do_not_hold_up_the_end(start_daemon: Any, tmp_path: Any) -> None:
    wires: list[socket.socket] = []
    with start_daemon(tmp_path) as running:
        address = urlsplit(running.url)
        for path in ("/v1/events?after=0", "/v1/jobs/J1?wait=60") * 20:
            wire = socket.create_connection((address.hostname, address.port), timeout=10)
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            wires.append(wire)
        with connect(running) as web:
            web.post("/v1/printers/zebra/pause")
            web.post("/v1/jobs", json=order() | {"printer": "zebra"})
        stops = time.monotonic()
    took = time.monotonic() - stops
    for wire in wires:
        wire.close()
    assert took < 20  # and not the minute that some of them wait
