"""Many ZPL printers in one cheap process: they answer, count and take their time, and draw nothing.

    python -m benchmarks.fleet_printers --ports 50 --rate 6

It says its ports in one line of JSON, then obeys lines on its standard input: ``stall N``,
``go N``, ``close N`` and ``open N`` for the N-th printer, ``count`` for one line of JSON with the
labels each has printed and the seconds (monotonic) at which its last one came out. A label is what
carries ``^PW``: each one that the gateway draws does, once.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import selectors
import socket
import sys
import threading
import time
from typing import Final

ASKED: Final = re.compile(
    rb"~HS|~HI|! U1 getvar \"odometer\.total_label_count\"\r\n|\^XA\^HWR:(\w+\.\w+)\^XZ"
    rb"|\^XA\^DFR:(GW\w+\.ZPL)|\^PW"
)
LONGEST: Final = 64
"""Bytes of the longest question."""


class FleetPrinter:
    """One printer at a port of its own."""

    def __init__(self, port: int, rate: float) -> None:
        self._a_label = 1 / rate
        self.listener = self._listen(port)
        self.port = self.listener.getsockname()[1]
        self.connection: socket.socket | None = None
        self.stalled = False
        self.printed = 0
        self.last_at = 0.0
        self._due: list[float] = []
        self._kept = b""
        self._memory: set[bytes] = set()

    @staticmethod
    def _listen(port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(8)
        return listener

    def open(self) -> None:
        """Listen again."""
        self.listener = self._listen(self.port)

    def print_due(self, now: float) -> None:
        """Bring out the labels whose time has come."""
        while self._due and self._due[0] <= now:
            self.last_at = self._due.pop(0)
            self.printed += 1

    def take(self, received: bytes, now: float) -> bytes:
        """Take bytes; return the answers."""
        self.print_due(now)
        text, out, end = self._kept + received, [], 0
        for asked in ASKED.finditer(text):
            end = asked.end()
            what = asked[0]
            if what == b"^PW":
                self._due.append(max(now, self._due[-1] if self._due else now) + self._a_label)
            elif what == b"~HS":
                waiting = max(0, len(self._due) - 1)
                out.append(
                    b"\x02030,0,0,0400,%03d,0,0,0,000,0,0,0\x03\r\n"
                    b"\x02000,0,0,0,0,2,4,0,%08d,1,000\x03\r\n\x021234,0\x03\r\n"
                    % (waiting, min(1, len(self._due)))
                )
            elif what == b"~HI":
                out.append(b"\x02FLEET,V1.0,8,8192KB,X\x03\r\n")
            elif asked[1] is not None:
                found = b"* R:%b 0001024\r\n" % asked[1] if asked[1] in self._memory else b""
                out.append(b"\x02- DIR R: \r\n%b- 8388608 bytes free R:\r\n\x03" % found)
            elif asked[2] is not None:
                self._memory.add(asked[2])
            else:
                out.append(b'"%d"' % self.printed)
        self._kept = text[max(end, len(text) - LONGEST) :]
        return b"".join(out)


def serve(printers: list[FleetPrinter], orders: socket.socket, spoken: list[str]) -> None:
    """Serve until standard input ends; ``orders`` can be read when a line was spoken."""
    with selectors.DefaultSelector() as selector:
        selector.register(orders, selectors.EVENT_READ)
        for printer in printers:
            selector.register(printer.listener, selectors.EVENT_READ, printer)
        while True:
            for key, _ in selector.select():
                if key.fileobj is orders:
                    if not orders.recv(1):
                        return
                    _obey(printers, selector, spoken.pop(0))
                    continue
                printer: FleetPrinter = key.data
                if key.fileobj is printer.listener:
                    connection, _ = printer.listener.accept()
                    if printer.connection is not None:
                        selector.unregister(printer.connection)
                        printer.connection.close()
                    printer.connection = connection
                    selector.register(connection, selectors.EVENT_READ, printer)
                    continue
                connection = printer.connection
                assert connection is not None
                try:
                    received = connection.recv(65536)
                except ConnectionError:
                    received = b""
                if not received:
                    selector.unregister(connection)
                    connection.close()
                    printer.connection = None
                elif answers := printer.take(received, time.monotonic()):
                    connection.sendall(answers)


def _obey(printers: list[FleetPrinter], selector: selectors.BaseSelector, line: str) -> None:
    what, _, number = line.partition(" ")
    if what == "count":
        now = time.monotonic()
        for printer in printers:
            printer.print_due(now)
        told = {
            "printed": [printer.printed for printer in printers],
            "last": [printer.last_at for printer in printers],
        }
        print(json.dumps(told), flush=True)
        return
    printer = printers[int(number)]
    connection = printer.connection
    match what:
        case "stall" if connection is not None:
            selector.unregister(connection)
        case "go" if connection is not None:
            selector.register(connection, selectors.EVENT_READ, printer)
        case "close":
            selector.unregister(printer.listener)
            printer.listener.close()
            if connection is not None:
                selector.unregister(connection)
                connection.close()
                printer.connection = None
        case "open":
            printer.open()
            selector.register(printer.listener, selectors.EVENT_READ, printer)
    print("done", flush=True)


def main() -> None:
    """Run the fleet as a process."""
    parser = argparse.ArgumentParser(prog="benchmarks.fleet_printers")
    parser.add_argument("--ports", type=int, default=50)
    parser.add_argument("--rate", type=float, default=6.0, help="labels a second")
    options = parser.parse_args()
    printers = [FleetPrinter(0, options.rate) for _ in range(options.ports)]
    print(json.dumps({"ports": [printer.port for printer in printers]}), flush=True)
    reading, writing = socket.socketpair()
    spoken: list[str] = []

    def listen() -> None:
        for line in sys.stdin:
            spoken.append(line.strip())
            writing.send(b".")
        writing.close()

    threading.Thread(target=listen, daemon=True).start()
    serve(printers, reading, spoken)
    sys.stdout.flush()
    os._exit(0)  # the reader of standard input may still wait in it


if __name__ == "__main__":
    main()
