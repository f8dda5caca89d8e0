"""A wire over a connected stream socket: what goes through, what breaks, and what that means."""

from __future__ import annotations

import selectors
import socket
from contextlib import suppress

from gateway.errors import (
    DeliveryUncertain,
    DeviceBusy,
    DeviceError,
    DeviceUnreachable,
)


class SocketWire:
    """A connection to a printer that is a stream of bytes."""

    def __init__(self, connection: socket.socket, place: str) -> None:
        # Never blocking: bytes the network takes at once, nearly all, cost one system call.
        connection.settimeout(0)
        self._connection = connection
        self._place = place
        self._sent = 0
        self._heard = False

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many of the bytes the network took; 0 when none within ``timeout`` seconds."""
        if not payload:
            return 0
        try:
            taken = self._connection.send(payload)
        except BlockingIOError:
            if self._wait(selectors.EVENT_WRITE, timeout):
                return self.write(payload, 0)
            self._refuse_lost()
            return 0
        except OSError as error:
            raise self._broken(error) from error
        self._sent += taken
        return taken

    def read(self, timeout: float) -> bytes:
        """Return what the printer has said; ``b""`` when nothing within ``timeout`` seconds."""
        try:
            heard = self._connection.recv(65536)
        except BlockingIOError:
            if self._wait(selectors.EVENT_READ, timeout):
                return self.read(0)
            self._refuse_lost()
            return b""
        except OSError as error:
            raise self._broken(error) from error
        if not heard:
            raise self._broken(None)
        self._heard = True
        return heard

    def close(self) -> None:
        """Let the printer go."""
        with suppress(OSError):
            # Orderly: what was handed over still arrives. Closing with answers unread would be a
            # reset, which lets the printer throw away what it has not read.
            self._connection.shutdown(socket.SHUT_WR)
            for _ in range(16):
                if not self._connection.recv(65536):
                    break
        self._connection.close()

    def _wait(self, event: int, timeout: float) -> bool:
        """Wait until the connection can be used; False when it cannot within ``timeout``."""
        if timeout <= 0:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, event)
            return bool(selector.select(timeout))

    def _refuse_lost(self) -> None:
        try:
            lost = self._is_lost(self._connection)
        except OSError as error:
            raise self._broken(error) from error
        if lost:
            raise self._broken(TimeoutError("no answer"))

    def _is_lost(self, connection: socket.socket) -> bool:
        """Return whether the other end has gone without a word, where that can be seen."""
        return False

    def _broken(self, error: OSError | None) -> DeviceError:
        if error is None:
            what = f"{self._place} closed the connection"
        else:
            what = f"The connection to {self._place} broke ({error.strerror or error})"
        if self._sent:
            return DeliveryUncertain(
                f"{what} after {self._sent} bytes; look which labels came out.",
                place=self._place,
                sent=self._sent,
                in_flight=0,  # a call of send that fails has taken nothing
            )
        if error is None and not self._heard:
            return DeviceBusy(
                f"{what} at once; if another computer is printing there, wait until it is done, "
                "else switch the printer off and on.",
                place=self._place,
            )
        return DeviceUnreachable(
            f"{what} before anything was sent; check the cable and the printer's power.",
            place=self._place,
        )
