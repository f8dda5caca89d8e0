"""Callers: send jobs over kept HTTP/1.1 connections, as fast as they are answered.

    python -m benchmarks.load < order.json > outcome.json

A process of its own on raw sockets, so that neither a client library nor the measured program's
processor time is in the figures. Each connection sends its next job when the last is answered;
with ``settle`` only when the sink has all of it, so that nothing ever waits in a queue.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks import ipp
from benchmarks.tally import Tally

NUMBER: Final = b"@@@@@@@"
"""Stands for the job's seven digits in a request."""

_LENGTH = re.compile(rb"(?i)\r\ncontent-length:[ \t]*(\d+)")
_CHUNKED = re.compile(rb"(?i)\r\ntransfer-encoding:[ \t]*chunked")
_PAUSE: Final = 0.0001
"""Seconds between looks at the tally while a job settles."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a load generator shall do."""

    tally: str
    port: int
    requests: list[str]
    """Whole HTTP requests in latin-1 with ``NUMBER`` where the job's digits go; job n uses the
    n-th, going round."""
    first: int
    """The first job's number."""
    count: int
    connections: int = 1
    settle: bool = False
    speaks: str = "http"
    """``http``: a status of 2xx is a success; ``ipp``: that, and a successful IPP answer."""
    within: float = 60.0
    """Seconds after which no further job is sent."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    answered: int
    refused: int
    refusal: str
    """The first answer that was no success, shortened."""
    reconnected: int


class Caller:
    """One kept connection and the job it waits for."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.reconnected = -1
        self.job = -1
        self._heard = b""
        self.connect()

    def connect(self) -> None:
        """Open the connection, or open it again."""
        self.socket = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reconnected += 1
        self._heard = b""

    def hear(self) -> tuple[int, bytes] | None:
        """Read once; return (status, body) when the answer is whole.

        Raises:
            ConnectionError: the server ended the connection.
        """
        chunk = self.socket.recv(65536)
        if not chunk:
            raise ConnectionResetError("the server closed the connection")
        self._heard += chunk
        while self._heard.startswith(b"HTTP/1.1 100"):
            head, blank, rest = self._heard.partition(b"\r\n\r\n")
            if not blank:
                return None
            self._heard = rest
        head, blank, body = self._heard.partition(b"\r\n\r\n")
        if not blank:
            return None
        if length := _LENGTH.search(head):
            if len(body) < int(length[1]):
                return None
        elif _CHUNKED.search(head):
            if not body.endswith(b"0\r\n\r\n"):
                return None
            body = body.partition(b"\r\n")[2]
        self._heard = b""
        return int(head[9:12]), body


def generate(order: Order, tally: Tally) -> Outcome:
    """Send the jobs of an order; note in the tally when each was sent and answered."""
    requests = [request.encode("latin-1") for request in order.requests]
    numbers = iter(range(order.first, order.first + order.count))
    ends = time.monotonic() + order.within
    answered = refused = 0
    refusal = ""
    callers = [Caller(order.port) for _ in range(min(order.connections, order.count))]

    def send(caller: Caller, numbers: Iterator[int]) -> bool:
        """Send the caller's next job; False when there is none."""
        job = next(numbers, None) if time.monotonic() < ends else None
        if job is None:
            return False
        caller.job = job
        request = requests[job % len(requests)].replace(NUMBER, b"%07d" % job)
        tally.sent[job] = time.monotonic_ns()
        caller.socket.sendall(request)
        return True

    with selectors.DefaultSelector() as selector:
        for caller in callers:
            selector.register(caller.socket, selectors.EVENT_READ, caller)
        waiting = sum(send(caller, numbers) for caller in callers)
        while waiting:
            ready = selector.select(30)
            if not ready:
                refusal = refusal or "no answer within 30 s"
                break
            for key, _ in ready:
                caller = key.data
                try:
                    answer = caller.hear()
                except ConnectionError as error:
                    selector.unregister(caller.socket)
                    caller.socket.close()
                    refused += 1
                    refusal = refusal or str(error)
                    caller.connect()
                    selector.register(caller.socket, selectors.EVENT_READ, caller)
                else:
                    if answer is None:
                        continue
                    at = time.monotonic_ns()
                    status, body = answer
                    if 200 <= status < 300 and (order.speaks == "http" or ipp.succeeded(body)):
                        tally.answered[caller.job] = at
                        answered += 1
                        if order.settle:
                            _settle(tally, caller.job, ends)
                    else:
                        refused += 1
                        refusal = refusal or f"{status} {body[:300]!r}"
                waiting -= not send(caller, numbers)
    for caller in callers:
        caller.socket.close()
    return Outcome(answered, refused, refusal, sum(caller.reconnected for caller in callers))


def _settle(tally: Tally, job: int, ends: float) -> None:
    while not tally.last[job] and time.monotonic() < ends:
        time.sleep(_PAUSE)


def main() -> None:
    """Run one order from standard input."""
    order = Order(**json.load(sys.stdin))
    with Tally(Path(order.tally)) as tally:
        json.dump(asdict(generate(order, tally)), sys.stdout)


if __name__ == "__main__":
    main()
