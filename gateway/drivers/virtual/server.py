"""The printer's network port: one connection at a time, read to its end, answered in order.

As on port 9100 of a real printer, whoever comes second waits in the backlog until the first has
gone and everything it sent was read. When the receive buffer is full the server stops reading, so
the sender's writes block. Faults of the wire (reset at the n-th byte, stall, mute, refuse) are
switched here.
"""

from __future__ import annotations

import contextlib
import logging
import selectors
import socket
import struct
import sys
import threading
from collections.abc import Callable

_log = logging.getLogger(__name__)

_CHUNK = 8192
# struct linger {on, seconds}: two ints on POSIX, two shorts in Winsock. Zero seconds resets.
_LINGER_NOT = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
_ANSWER_TIMEOUT_S = 5.0
"""A host that asks and does not read must not stop the printer for ever."""


class PortServer:
    """Serves one TCP port on loopback. All methods are safe from any thread."""

    def __init__(
        self,
        feed: Callable[[bytes, int], None],
        *,
        has_room: Callable[[], bool],
        session: Callable[[], int],
        host: str = "127.0.0.1",
        name: str = "virtual",
    ) -> None:
        self._feed = feed
        self._has_room = has_room
        self._session = session
        self._session_of_connection = 0
        self._host = host
        self._name = name
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self._port = 0
        self._listener: socket.socket | None = None
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._refusals: set[str] = set()
        self._stalled = False
        self._muted = False
        self._reset_after: int | None = None
        self._received = 0
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)

    @property
    def port(self) -> int:
        """The TCP port, 0 before the start."""
        return self._port

    @property
    def received(self) -> int:
        """Bytes read since the start."""
        return self._received

    @property
    def connected(self) -> bool:
        """Whether a host holds the connection."""
        with self._lock:
            return self._connection is not None

    def start(self, port: int = 0) -> int:
        """Listen on the port (0 = any free one) and return it.

        Raises:
            OSError: the port is taken.
        """
        with self._lock:
            self._port = port
            self._listen()
        self._thread = threading.Thread(
            target=self._serve, name=f"port of {self._name}", daemon=True
        )
        self._thread.start()
        return self._port

    def stop(self) -> None:
        """Close every socket and end the thread."""
        with self._lock:
            self._stopping = True
            self._abort()
        self.wake()
        if self._thread is not None:
            self._thread.join()
        with self._lock:
            self._close_listener()
            self._wake_in.close()
            self._wake_out.close()

    def wake(self) -> None:
        """Let the thread look again at what it may read."""
        # A full pipe means that it is awake already; a closed one that it has stopped.
        with contextlib.suppress(OSError):
            self._wake_in.send(b"\0")

    def answer(self, reply: bytes) -> None:
        """Send bytes to the host that is connected, unless mute."""
        with self._lock:
            connection = self._connection
            if connection is None or self._muted:
                return
        # A host that has gone or does not read loses the answer; the reading thread sees the end.
        with self._sending, contextlib.suppress(OSError):
            connection.sendall(reply)

    # Faults -------------------------------------------------------------------------------------

    def refuse(self, why: str, refused: bool) -> None:
        """Refuse new connections and drop the one there is; listen again when no reason is left."""
        with self._lock:
            (self._refusals.add if refused else self._refusals.discard)(why)
            if refused:
                # The listener first: nobody whose connection is reset may get into its backlog.
                self._close_listener()
                self._abort()
            elif self._listener is None and not self._refusals and not self._stopping:
                self._listen()
        self.wake()

    def stall(self, stalled: bool) -> None:
        """Stop reading from the wire, or go on."""
        with self._lock:
            self._stalled = stalled
        self.wake()

    def mute(self, muted: bool) -> None:
        """Read and print but answer nothing, or answer again."""
        with self._lock:
            self._muted = muted

    def reset_at(self, count: int | None) -> None:
        """Reset the connection after so many more bytes were read; None = do not."""
        with self._lock:
            self._reset_after = count
        self.wake()

    def drop(self) -> None:
        """Reset the connection now."""
        with self._lock:
            self._abort()
        self.wake()

    # The thread ---------------------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            with self._lock:
                if self._stopping:
                    return
                connection, listener = self._connection, self._listener
                stalled = self._stalled
            if connection is not None:
                ready = self._wait(connection if not stalled and self._has_room() else None)
                if ready:
                    self._read(connection)
            elif self._wait(listener) and listener is not None:
                self._accept(listener)

    def _wait(self, source: socket.socket | None) -> bool:
        """Wait for the source or for a change; return whether the source is ready."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_out, selectors.EVENT_READ)
            # Another thread may have closed the source a moment ago: then there is only the change.
            if source is not None and source.fileno() >= 0:
                with contextlib.suppress(OSError, ValueError, KeyError):
                    selector.register(source, selectors.EVENT_READ)
            ready = {key.fileobj for key, _ in selector.select()}
        if self._wake_out in ready:
            with contextlib.suppress(OSError):
                self._wake_out.recv(4096)
        # What woke the thread may have been an order not to read.
        return source in ready and self._wake_out not in ready

    def _accept(self, listener: socket.socket) -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # closed by another thread, or the host gave up in the backlog
        connection.settimeout(_ANSWER_TIMEOUT_S)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            if self._stopping or self._refusals:
                connection.close()
            else:
                self._connection = connection
                self._session_of_connection = self._session()

    def _read(self, connection: socket.socket) -> None:
        with self._lock:
            limit = _CHUNK if self._reset_after is None else min(_CHUNK, self._reset_after)
            session = self._session_of_connection
        received = b""
        if limit > 0:
            try:
                received = connection.recv(limit)
            except OSError:
                received = b""
            if not received:
                self._close_connection(connection)
                return
            self._received += len(received)
            self._take(received, session)
        with self._lock:
            if self._reset_after is not None:
                self._reset_after -= len(received)
                if self._reset_after <= 0:
                    self._reset_after = None
                    self._abort()

    def _take(self, received: bytes, session: int) -> None:
        try:
            self._feed(received, session)
        except Exception:  # noqa: BLE001 - the thread's edge: the port stays open
            _log.exception("virtual printer %s could not take %d bytes", self._name, len(received))

    def _close_connection(self, connection: socket.socket) -> None:
        with self._lock:
            connection.close()
            if self._connection is connection:
                self._connection = None

    def _abort(self) -> None:
        """Close the connection with a reset, as a printer does that loses its power."""
        if (connection := self._connection) is None:
            return
        self._connection = None
        with contextlib.suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        connection.close()

    def _listen(self) -> None:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            if sys.platform == "win32":
                # SO_REUSEADDR forgives TIME_WAIT elsewhere; on Windows it would share the port.
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            else:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._port))
            listener.listen(8)
        except OSError:
            listener.close()
            raise
        self._listener = listener
        self._port = listener.getsockname()[1]

    def _close_listener(self) -> None:
        if self._listener is not None:
            self._listener.close()
            self._listener = None
