"""A program outside that takes messages, as an ERP would: it answers what the test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

PATIENCE = 30.0
"""Seconds for what must happen soon."""


@dataclass(frozen=True, slots=True)
class Message:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def number(self) -> str:
        return self.headers["webhook-id"]

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


Says = Callable[[Message], int | tuple[int, Mapping[str, str]]]


class Receiver:
    """Listens on a loopback port of its own; ``says`` gives the status of each answer."""

    def __init__(self, says: Says = lambda _: 204) -> None:
        self.says = says
        self.got: list[Message] = []
        self._news = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # an answer leaves whole

            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", "0"))
                headers = {name.lower(): value for name, value in self.headers.items()}
                message = Message(self.path, headers, self.rfile.read(length))
                with receiver._news:
                    receiver.got.append(message)
                    receiver._news.notify_all()
                said = receiver.says(message)
                status, more = said if isinstance(said, tuple) else (said, {})
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

            def handle_error(self, request: object, client_address: object) -> None:
                """The gateway may be killed in the middle of its message."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hooks"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def wait(self, enough: Callable[[list[Message]], bool], seconds: float = PATIENCE) -> bool:
        """Return whether, in that time, enough has come."""
        with self._news:
            return self._news.wait_for(lambda: enough(self.got), seconds)

    def take(self, count: int) -> list[Message]:
        """Return the messages, once there are so many."""
        assert self.wait(lambda got: len(got) >= count), f"{len(self.got)} of {count} came"
        return self.got[:]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
