"""Tells at once when something is plugged in or out, where the system says so: Linux.

    kernel and udev ══netlink══► PlugWatch ──► those whose kind of device it may be

A device whose cable was pulled is otherwise missed when it is next asked, and one that is back
when it is next tried, which is seconds later. What was plugged, and whether it concerns anybody,
is found out by those who are woken: a message says only that it is time to look. It comes twice
where udev runs: from the kernel, when a device goes or comes, and from udev, when it may be used.

Sources: netlink(7), NETLINK_KOBJECT_UEVENT; group 1 is the kernel's, group 2 what udev passes on
when it has set permissions.
"""

from __future__ import annotations

import logging
import selectors
import socket
import sys
import threading
from collections.abc import Callable, Mapping

log = logging.getLogger(__name__)

_UEVENTS = 15
"""NETLINK_KOBJECT_UEVENT, linux/netlink.h."""

_KERNEL, _UDEV = 1, 2

PRINTERS = (b"SUBSYSTEM=usb", b"SUBSYSTEM=tty")
"""usb, usbmisc (usblp) and serial ports."""

SCANNERS = (b"SUBSYSTEM=input", b"SUBSYSTEM=hidraw", b"SUBSYSTEM=tty")
"""Keyboards, HID POS and serial ports."""

LONGEST_MESSAGE = 16_384
"""Bytes; the kernel's are at most 2 KiB (UEVENT_BUFFER_SIZE), udev adds its own to them."""


class PlugWatch:
    """A thread that calls who waits for a kind of device when one comes or goes.

    ``waiting`` has whom to call for marks of a message, such as ``PRINTERS``.
    """

    def __init__(self, waiting: Mapping[tuple[bytes, ...], Callable[[], None]]) -> None:
        self._waiting = waiting
        self._thread: threading.Thread | None = None
        self._stop, self._stopped = socket.socketpair()

    def start(self) -> bool:
        """Begin to watch; return False where the system does not tell."""
        messages = _listen()
        if messages is None:
            return False
        self._thread = threading.Thread(
            target=self._watch, args=(messages,), name="plug-watch", daemon=True
        )
        self._thread.start()
        return True

    def stop(self) -> None:
        """End, and wait for a call that is under way."""
        self._stop.close()
        if self._thread is not None:
            self._thread.join()
        self._stopped.close()

    def _watch(self, messages: socket.socket) -> None:
        with messages, selectors.DefaultSelector() as selector:
            selector.register(messages, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while True:
                if any(key.fileobj is self._stopped for key, _ in selector.select()):
                    return
                try:
                    message = messages.recv(LONGEST_MESSAGE)
                except BlockingIOError:
                    continue
                except OSError as error:  # so many came that some were dropped
                    log.debug("messages of the kernel were lost", extra={"error": str(error)})
                    message = b" ".join(mark for marks in self._waiting for mark in marks)
                for marks, changed in self._waiting.items():
                    if any(mark in message for mark in marks):
                        changed()


def _listen() -> socket.socket | None:
    if sys.platform != "linux":
        return None
    try:
        messages = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _UEVENTS)
    except OSError:  # a sandbox that forbids it
        return None
    try:
        messages.bind((0, _KERNEL | _UDEV))
        messages.setblocking(False)
    except OSError:
        messages.close()
        return None
    return messages
