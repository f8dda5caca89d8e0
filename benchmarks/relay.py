"""A wire tap between the daemon and a virtual printer: notes when each page begins.

Bytes go both ways unchanged, so the printer's answers are evidence as ever.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

from benchmarks.sink import Pages
from benchmarks.tally import Tally


def _pump(source: socket.socket, target: socket.socket, see: Callable[[bytes, int], None]) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            see(chunk, time.monotonic_ns())
            target.sendall(chunk)
    for one in (source, target):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _nothing(chunk: bytes, at: int) -> None:
    """The printer's answers are not looked at."""


@contextlib.contextmanager
def relay(tally: Tally, printer: int) -> Iterator[int]:
    """Give a port that leads to the printer's; the n-th page that passes is job n."""
    listener = socket.create_server(("127.0.0.1", 0))
    ends: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                host, _ = listener.accept()
                device = socket.create_connection(("127.0.0.1", printer))
                for end in (host, device):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                ends.extend((host, device))
                for route in ((host, device, Pages(tally).take), (device, host, _nothing)):
                    thread = threading.Thread(target=_pump, args=route, daemon=True)
                    thread.start()
                    threads.append(thread)

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        accepting.join()
        for thread in threads:
            thread.join()
        for end in ends:
            end.close()
