"""A serial line to a virtual printer: a pseudo terminal in front of its port (POSIX only).

    serial:///dev/pts/7 ──► pseudo terminal ──baud──► 127.0.0.1:PORT, the virtual printer

It carries what it is given at the speed of its line and knows nothing of connections: what is sent
to a printer without power is lost, and what is still on the line when the power comes back arrives.
An adapter that is pulled hangs up; it comes back as another device, and the link follows it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

_BITS_A_BYTE = 10
"""A start bit, eight of data, a stop bit."""

_TICK = 0.01
"""Seconds of line time that are carried at once."""

_AT_ONCE = 4096
"""Bytes that are carried at once where nothing limits the speed."""

_CONNECT_AGAIN = 0.05
"""Seconds between tries to reach a printer that has no power."""


class _Direction:
    """One of a line's two directions: at most one chunk is on its way at a time."""

    def __init__(self, bytes_a_second: float | None) -> None:
        self._rate = bytes_a_second
        self._chunk = b""
        self._arrives = 0.0
        self.carried = 0
        """Bytes that have come to the end of the line."""

    @property
    def room(self) -> int:
        """How many bytes the line takes now."""
        if self._chunk:
            return 0
        return _AT_ONCE if self._rate is None else max(1, round(self._rate * _TICK))

    def take(self, chunk: bytes) -> None:
        """Put bytes on the line."""
        now = time.monotonic()
        # A line that was never idle does not lose the moments in which this thread slept.
        start = self._arrives if now - self._arrives < 5 * _TICK else now
        self._chunk = chunk
        self._arrives = now if self._rate is None else start + len(chunk) / self._rate

    def wait(self) -> float | None:
        """Return the seconds until the chunk arrives; None when the line is empty."""
        return max(0.0, self._arrives - time.monotonic()) if self._chunk else None

    def deliver(self, put: Callable[[bytes], int]) -> bool:
        """Hand over what has arrived; return whether the other side has no room for all of it."""
        if not self._chunk or self._arrives > time.monotonic():
            return False
        taken = put(self._chunk)
        self.carried += taken
        self._chunk = self._chunk[taken:]
        return bool(self._chunk)

    def lose(self) -> None:
        """Forget what is on the line."""
        self._chunk = b""


class SerialLine:
    """A pseudo terminal that leads to a virtual printer. All methods are safe from any thread."""

    def __init__(
        self, port: int, *, baud: int | None = 9600, link: Path | None = None, name: str = "virtual"
    ) -> None:
        """Make a line to the printer at ``127.0.0.1:port``; ``baud=None`` carries at once.

        ``link`` is the name that stays, as ``/dev/serial/by-id`` has for a real adapter.
        """
        rate = None if baud is None else baud / _BITS_A_BYTE
        self._port, self._baud = port, baud
        self._link = None if link is None else link.absolute()
        self._down, self._up = _Direction(rate), _Direction(rate)
        self._master: int | None = None
        self._slave: int | None = None
        self._printer: socket.socket | None = None
        self._connect_at = 0.0
        self._held = False
        self._orders: deque[tuple[Callable[[], None], Future[None]]] = deque()
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_out.setblocking(False)
        self._stopping = False
        self._thread = threading.Thread(target=self._carry, name=f"line of {name}", daemon=True)
        self.device = ""
        """The pseudo terminal it is at the moment."""

    # Life ---------------------------------------------------------------------------------------

    def start(self) -> str:
        """Begin to carry, and return the URL.

        Raises:
            OSError: the system has no pseudo terminal left, or the link cannot be made.
        """
        try:
            self._plug_in()
        except OSError:
            self.stop()
            raise
        self._thread.start()
        return self.url

    def stop(self) -> None:
        """Hang up and end."""
        if self._thread.is_alive():
            self._order(self._end)
            self._thread.join()
        else:
            self._close_ends()
        self._wake_in.close()
        self._wake_out.close()

    def __enter__(self) -> SerialLine:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The line as a printer's URL: by its link, else by the device it is at the moment."""
        place = quote(str(self._link or self.device))
        return f"serial://{place}?baud={self._baud or 115200}&bits=8&parity=none&stop=1&flow=rtscts"

    @property
    def carried(self) -> int:
        """Bytes that have come to the printer's end of the line."""
        return self._down.carried

    # Faults -------------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """Pull the adapter: whoever has it open is hung up, and what was on the line is lost."""
        self._order(self._pull_out)

    def come_back(self) -> str:
        """Plug the adapter in again; return the name of the device it is now."""
        self._order(self._plug_in)
        return self.device

    def hold(self, held: bool = True) -> None:
        """Stop carrying towards the printer, as one does that lowers CTS; or go on."""

        def change() -> None:
            self._held = held

        self._order(change)

    def _order(self, what: Callable[[], None]) -> None:
        """Have the thread do something between two looks, and wait until it has."""
        done = Future[None]()
        self._orders.append((what, done))
        self._wake_in.send(b"\0")
        done.result()

    # The thread ---------------------------------------------------------------------------------

    def _plug_in(self) -> None:
        import tty

        if self._master is not None:
            return
        link = self._link
        if link is not None and link.exists() and not link.is_symlink():
            raise FileExistsError(errno.EEXIST, "it is there, and no link to a line", str(link))
        self._master, self._slave = os.openpty()
        if os.ttyname(self._slave) == self.device:  # it shall come back under another name
            same = (self._master, self._slave)
            self._master, self._slave = os.openpty()
            for end in same:
                os.close(end)
        # Raw before anybody opens it: a terminal echoes. Kept open here too, since only a pulled
        # adapter may look like one that was hung up.
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)
        if link is not None:
            fresh = link.with_name(link.name + ".new")
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(self.device)
            fresh.replace(link)

    def _close_ends(self) -> None:
        for end in (self._master, self._slave):
            if end is not None:
                os.close(end)
        self._master = self._slave = None

    def _pull_out(self) -> None:
        if self._master is None:
            return
        self._close_ends()
        self._down.lose()
        self._up.lose()
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def _end(self) -> None:
        self._pull_out()
        self._disconnect()
        self._stopping = True

    def _carry(self) -> None:
        while not self._stopping:
            self._connect()
            down_full = self._down.deliver(self._to_printer)
            up_full = self._up.deliver(self._to_host)
            self._look(down_full, up_full)
            while self._orders:
                what, done = self._orders.popleft()
                try:
                    done.set_result(what())
                except OSError as error:
                    done.set_exception(error)  # raised where it was asked for

    def _look(self, down_full: bool, up_full: bool) -> None:
        """Wait for what may happen next, and take what can be taken."""
        watched: dict[int, int] = {}
        if self._master is not None:
            if self._down.room and not self._held:
                watched[self._master] = selectors.EVENT_READ
            if up_full:
                watched[self._master] = watched.get(self._master, 0) | selectors.EVENT_WRITE
        printer = self._printer
        if printer is not None:
            events = (selectors.EVENT_READ if self._up.room else 0) | (
                selectors.EVENT_WRITE if down_full else 0
            )
            if events:
                watched[printer.fileno()] = events
        waits = [
            wait
            for direction, full in ((self._down, down_full), (self._up, up_full))
            if not full and (wait := direction.wait()) is not None
        ]
        if printer is None:
            waits.append(_CONNECT_AGAIN)
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_out, selectors.EVENT_READ)
            for descriptor, events in watched.items():
                selector.register(descriptor, events)
            ready = {key.fd for key, mask in selector.select(min(waits, default=None))}
        if self._wake_out.fileno() in ready:
            with contextlib.suppress(BlockingIOError):
                self._wake_out.recv(4096)
        if self._master in ready and self._down.room and not self._held:
            self._take_from_host()
        if printer is not None and printer.fileno() in ready and self._up.room:
            self._take_from_printer(printer)

    def _take_from_host(self) -> None:
        assert self._master is not None
        with contextlib.suppress(BlockingIOError):
            self._down.take(os.read(self._master, self._down.room))

    def _take_from_printer(self, printer: socket.socket) -> None:
        try:
            said = printer.recv(self._up.room)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if said:
            self._up.take(said)
        else:
            self._disconnect()

    def _to_printer(self, chunk: bytes) -> int:
        if self._printer is None:
            return len(chunk)  # nobody listens at the other end
        try:
            return self._printer.send(chunk)
        except BlockingIOError:
            return 0
        except OSError:
            self._disconnect()
            return len(chunk)

    def _to_host(self, chunk: bytes) -> int:
        if self._master is None:
            return len(chunk)
        try:
            return os.write(self._master, chunk)
        except BlockingIOError:
            return 0

    def _connect(self) -> None:
        if self._printer is not None or time.monotonic() < self._connect_at:
            return
        try:
            self._printer = socket.create_connection(("127.0.0.1", self._port), 1.0)
        except OSError:
            self._connect_at = time.monotonic() + _CONNECT_AGAIN
            return
        if self._printer.getsockname() == self._printer.getpeername():
            self._disconnect()  # nobody listens, and the system has led our own call back to us
            return
        self._printer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A line holds nothing: what lies in the kernel here is what a printer has not taken.
        self._printer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _AT_ONCE)
        self._printer.setblocking(False)

    def _disconnect(self) -> None:
        if self._printer is not None:
            self._printer.close()
            self._printer = None
            self._connect_at = time.monotonic() + _CONNECT_AGAIN
