"""A print server for tests: IPP read by another hand than the product's, from RFC 8010."""

from __future__ import annotations

import struct
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

PRINT_JOB, GET_JOB, GET_PRINTER, GET_PRINTERS = 0x0002, 0x0009, 0x000B, 0x4002
RAW = "application/vnd.cups-raw"


@dataclass
class Asked:
    """One request, taken apart."""

    path: str
    operation: int
    operation_group: dict[str, list[Any]]
    job_group: dict[str, list[Any]]
    document: bytes


def take_apart(path: str, message: bytes) -> Asked:
    version, operation, number = struct.unpack_from(">HHI", message)
    assert (version, number) == (0x0200, 1)
    groups: dict[int, dict[str, list[Any]]] = {1: {}, 2: {}}
    place, at, last = 0, 8, ""
    while message[at] != 3:
        tag = message[at]
        at += 1
        if tag < 0x10:
            place = tag
            continue
        (length,) = struct.unpack_from(">H", message, at)
        name = message[at + 2 : at + 2 + length].decode() or last
        at += 2 + length
        (length,) = struct.unpack_from(">H", message, at)
        value: Any = message[at + 2 : at + 2 + length]
        at += 2 + length
        if tag in (0x21, 0x23):
            assert length == 4
            (value,) = struct.unpack(">i", value)
        else:
            value = value.decode()
        groups[place].setdefault(name, []).append(value)
        last = name
    return Asked(path, operation, groups[1], groups[2], message[at + 1 :])


def put_together(status: int, *groups: tuple[int, list[tuple[int, str, Any]]]) -> bytes:
    out = struct.pack(">HHI", 0x0200, status, 1)
    for tag, members in groups:
        out += bytes([tag])
        for kind, name, value in members:
            if kind in (0x21, 0x23):
                written = struct.pack(">i", value)
            elif kind == 0x22:
                written = bytes([value])
            else:
                written = value.encode()
            out += struct.pack(">BH", kind, len(name)) + name.encode()
            out += struct.pack(">H", len(written)) + written
    return out + b"\x03"


HEAD = (1, [(0x47, "attributes-charset", "utf-8"), (0x48, "attributes-natural-language", "en")])


@dataclass
class Queue:
    state: int = 3
    message: str = ""
    accepting: bool = True
    formats: tuple[str, ...] = ("application/octet-stream", RAW)
    refuses: int = 0
    """Status with which documents are refused; 0: they are taken."""
    words: str = ""


@dataclass
class PrintServer:
    """Queues by name, the documents that came, and the states of their jobs."""

    queues: dict[str, Queue] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    job_states: dict[int, int] = field(default_factory=dict)
    http_status: int = 200
    keeps_open: bool = True
    prints: bool = False
    """Each document is printed at once; else its job is processed until somebody says otherwise."""
    falls_silent_at: int | None = None
    """The operation at which the connection is closed unanswered."""

    @property
    def documents(self) -> list[bytes]:
        return [asked.document for asked in self.asked if asked.operation == PRINT_JOB]

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def __enter__(self) -> PrintServer:
        told = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/ipp"
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = take_apart(self.path, body)
                if asked.operation == told.falls_silent_at:
                    self.close_connection = True
                    return
                told.asked.append(asked)
                answer = told.answer(asked)
                self.send_response(told.http_status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                self.close_connection = not told.keeps_open

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked) -> bytes:
        assert asked.operation_group["attributes-charset"] == ["utf-8"]
        if asked.operation == GET_PRINTERS:
            return put_together(0, HEAD, *((4, [(0x42, "printer-name", q)]) for q in self.queues))
        (uri,) = asked.operation_group["printer-uri"]
        assert uri == f"ipp://localhost{asked.path}"
        queue = self.queues.get(asked.path.removeprefix("/printers/"))
        if queue is None:
            return put_together(0x0406, HEAD)
        if asked.operation == GET_PRINTER:
            members: list[tuple[int, str, Any]] = [
                (0x23, "printer-state", queue.state),
                (0x41, "printer-state-message", queue.message),
                (0x22, "printer-is-accepting-jobs", queue.accepting),
                (0x49, "document-format-supported", queue.formats[0]),
                *((0x49, "", name) for name in queue.formats[1:]),
            ]
            return put_together(0, HEAD, (4, members))
        if asked.operation == PRINT_JOB:
            if queue.refuses:
                words = (0x41, "status-message", queue.words)
                return put_together(queue.refuses, (1, [*HEAD[1], words]))
            number = len(self.documents)
            self.job_states[number] = state = 9 if self.prints else 5
            members = [(0x21, "job-id", number), (0x23, "job-state", state)]
            return put_together(0, HEAD, (2, members))
        assert asked.operation == GET_JOB
        (number,) = asked.operation_group["job-id"]
        if number not in self.job_states:
            return put_together(0x0406, HEAD)
        return put_together(0, HEAD, (2, [(0x23, "job-state", self.job_states[number])]))
