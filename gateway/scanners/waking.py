"""Waiting for a device's bytes in a way that another thread can end."""

from __future__ import annotations

import selectors
import socket
from contextlib import suppress


class Waker:
    """A bell that is rung from any thread, and heard by the one that waits for a device.

    It stays rung until it is heard, so nobody who rings just before the waiting is missed.
    """

    def __init__(self, *devices: int | socket.socket) -> None:
        self._heard, self._rung = socket.socketpair()
        self._heard.setblocking(False)
        self._rung.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._heard, selectors.EVENT_READ)
        for device in devices:
            self.watch(device)

    def watch(self, device: int | socket.socket) -> None:
        """Wait for this one too."""
        self._selector.register(device, selectors.EVENT_READ)

    def forget(self, device: int | socket.socket) -> None:
        """Wait for this one no longer; to be called before it is closed."""
        self._selector.unregister(device)

    def ring(self) -> None:
        """End the present wait or the next one. Raises nothing, also after ``close``."""
        with suppress(OSError):  # full: it is ringing; closed: nobody waits any more
            self._rung.send(b"\0")

    def wait(self, timeout: float) -> list[int | socket.socket]:
        """Return the devices that have something to say; none after ``timeout`` seconds, or at
        once when the bell was rung: what devices have to say is still there the next time.
        """
        ready: list[int | socket.socket] = []
        for key, _ in self._selector.select(timeout):
            if key.fileobj is self._heard:
                with suppress(BlockingIOError):
                    while self._heard.recv(4096):
                        pass
                return []
            if isinstance(key.fileobj, int | socket.socket):
                ready.append(key.fileobj)
        return ready

    def close(self) -> None:
        """Stop listening for the bell; to be called before the devices are closed."""
        self._selector.close()
        self._heard.close()
        self._rung.close()
