"""Devices that answer what they are told to, and remember every byte they were sent."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class Device:
    """A printer's port: ``answers`` are what follows each question, ``first`` what follows once."""

    def __init__(
        self,
        answers: Mapping[bytes, bytes],
        first: Mapping[bytes, bytes],
        hangs_up_after: int | None,
    ) -> None:
        self._answers, self._first = dict(answers), dict(first)
        self._hangs_up_after = hangs_up_after
        self.received = bytearray()
        self.connections = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"tcp://127.0.0.1:{self._server.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                self.connections += 1
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        unread = b""
        while part := connection.recv(4096):
            self.received += part
            unread += part
            if self._hangs_up_after is not None and len(self.received) >= self._hangs_up_after:
                return
            while found := [q for q in {**self._answers, **self._first} if q in unread]:
                question = min(found, key=unread.index)
                unread = unread[unread.index(question) + len(question) :]
                answer = self._first.pop(question, None)
                connection.sendall(self._answers.get(question, b"") if answer is None else answer)

    def __enter__(self) -> Device:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join()


@contextmanager
def device(
    answers: Mapping[bytes, bytes],
    first: Mapping[bytes, bytes] | None = None,
    hangs_up_after: int | None = None,
) -> Iterator[Device]:
    """Run a device until the end of the block."""
    with Device(answers, first or {}, hangs_up_after) as running:
        yield running


class Receipt:
    """What a receipt printer would do with bytes, as far as questions go: it prints lines.

    Text waits in the line until LF, CR, FF or a full line prints it; ESC @ empties the line
    (Epson, ESC/POS Command Reference, "ESC @"). Lengths of commands are Epson's.
    """

    def __init__(self) -> None:
        self.line = ""
        self.printed = ""
        self.cuts = 0

    def feed(self, sent: bytes) -> None:
        at = 0
        while at < len(sent):
            byte = sent[at : at + 1]
            if byte in (b"\x10", b"\x1d"):  # DLE EOT n, DLE ENQ n, GS I n
                at += 3
            elif byte == b"\x1b":
                at += self._escape(sent[at + 1 : at + 2])
            else:
                at += 1
                if byte in (b"\n", b"\r", b"\f"):
                    self.printed += self.line
                    self.line = ""
                elif b" " <= byte <= b"~":
                    self.line += byte.decode()

    def _escape(self, command: bytes) -> int:
        if command == b"@":
            self.line = ""
            return 2
        if command in (b"i", b"m"):
            self.cuts += 1
            return 2
        if command == b"!":
            return 3
        return 1  # unknown: the letter is text
