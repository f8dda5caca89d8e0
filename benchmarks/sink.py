"""A printer that takes everything at once: a TCP server that only notes which job came when.

    python -m benchmarks.sink TALLY [--ports 10] [--port 9100] [--count-pages]

It runs as a process of its own, says its ports in one line of JSON, and serves until its standard
input ends. ``--count-pages`` is for labels drawn by the gateway, which carry no mark: the n-th
page is job n.
"""

from __future__ import annotations

import argparse
import json
import re
import selectors
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.payload import LONGEST_MARK, MARK
from benchmarks.tally import Tally

CHUNK: Final = 1 << 18
PAGE: Final = re.compile(rb"\^PW\d+\^LL")
"""Once in each label the gateway draws, and in nothing else it sends in exact mode."""


class Marks:
    """Finds marked jobs in one connection's stream."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._kept = b""

    def take(self, chunk: bytes, at: int) -> None:
        """Note the marks in the next chunk of the stream, which came at ``at`` ns."""
        text = self._kept + chunk
        end = 0
        for mark in MARK.finditer(text):
            end = mark.end()
            note = self._tally.begin if mark[1] == b"B" else self._tally.end
            note(int(mark[2]), at)
        self._kept = text[max(end, len(text) - LONGEST_MARK + 1) :]


class Pages:
    """Counts pages without marks: the n-th is job n."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._kept = b""

    def take(self, chunk: bytes, at: int) -> None:
        """Note the pages that begin in the next chunk of the stream."""
        text = self._kept + chunk
        end = 0
        for page in PAGE.finditer(text):
            end = page.end()
            self._tally.arrive(self._tally.arrived, at)
        self._kept = text[max(end, len(text) - 12) :]


def serve(
    listeners: list[socket.socket], stream: Callable[[], Marks | Pages], ended: socket.socket
) -> None:
    """Take what comes on all listeners until ``ended`` can be read."""
    buffer = bytearray(CHUNK)
    view = memoryview(buffer)
    with selectors.DefaultSelector() as selector:
        selector.register(ended, selectors.EVENT_READ)
        for listener in listeners:
            selector.register(listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                source = key.fileobj
                if source is ended:
                    for one in list(selector.get_map().values()):
                        if isinstance(one.fileobj, socket.socket):
                            one.fileobj.close()
                    return
                if key.data is None:
                    assert isinstance(source, socket.socket)
                    connection, _ = source.accept()
                    selector.register(connection, selectors.EVENT_READ, stream())
                else:
                    assert isinstance(source, socket.socket)
                    try:
                        size = source.recv_into(buffer)
                    except ConnectionError:
                        size = 0
                    at = time.monotonic_ns()
                    if size:
                        key.data.take(bytes(view[:size]), at)
                    else:
                        selector.unregister(source)
                        source.close()


def end_of_input() -> socket.socket:
    """Return a socket that can be read once standard input has ended: Windows selects no pipes."""
    reading, writing = socket.socketpair()

    def wait() -> None:
        sys.stdin.buffer.read()
        writing.close()

    threading.Thread(target=wait, daemon=True).start()
    return reading


def main() -> None:
    """Run the sink as a process."""
    parser = argparse.ArgumentParser(prog="benchmarks.sink")
    parser.add_argument("tally", type=Path)
    parser.add_argument("--ports", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--count-pages", action="store_true")
    options = parser.parse_args()
    listeners = []
    for _ in range(options.ports):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", options.port))
        listener.listen(64)
        listeners.append(listener)
    print(json.dumps({"ports": [one.getsockname()[1] for one in listeners]}), flush=True)
    with Tally(options.tally) as tally:
        kind = Pages if options.count_pages else Marks
        serve(listeners, lambda: kind(tally), end_of_input())


if __name__ == "__main__":
    main()
