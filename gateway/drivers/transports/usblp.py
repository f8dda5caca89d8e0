"""USB printers through Linux's own driver: ``/dev/usb/lp0``, for where libusb may not be used.

    usblp://0a5f:0164/D2J184500123    by serial number, whichever number the node has today
    usblp://0a5f:0164@1-2.4           by the port it is plugged into
    usblp:///dev/usb/lp0              by the node: the first one plugged in

The driver takes 8 KiB at a time and says that it took them before the printer has: what was counted
as sent may still lie in it, as it does in a network's buffers. So ``close`` waits for it a moment.

>>> check_url("usblp:///dev/usb/lp0")
'usblp:///dev/usb/lp0'
"""

from __future__ import annotations

import errno
import os
import re
import select
import sys
import time
from contextlib import suppress
from pathlib import Path

from gateway.devices.holders import holder_of
from gateway.drivers.ieee1284 import DeviceId, PortStatus, parse_device_id, read_port_status
from gateway.drivers.transports.usb_address import UsbAddress, parse_usb_address
from gateway.drivers.transports.usb_linux import LpNode, lp_nodes
from gateway.drivers.transports.wire import Manners
from gateway.errors import (
    DeliveryUncertain,
    DeviceBusy,
    DeviceError,
    DeviceUnreachable,
    PrinterRefused,
)

_NODE = re.compile(r"usblp://(/dev/(?:usb/)?lp[0-9]{1,2})", re.IGNORECASE)

LPGETSTATUS = 0x060B
"""The request of lp(4) that usblp answers from GET_PORT_STATUS (linux/lp.h)."""

MANNERS = Manners(plugged=True)

READ_AT_ONCE = 8_192
"""Bytes: the driver's own buffer (USBLP_BUF_SIZE in drivers/usb/class/usblp.c)."""

LAST_BYTES = 1.0
"""Seconds that ``close`` gives the printer to take what the driver holds."""

NOTHING_TO_SAY = 0.01
"""Seconds before a printer is asked again that answered with an empty packet at once."""


def check_url(url: str) -> str:
    """Return the URL as ``usblp:///dev/usb/lp0``, ``usblp://vid:pid/SERIAL`` or with a port.

    Raises:
        PrinterRefused: it names neither a node of the driver nor a USB printer.
    """
    if match := _NODE.fullmatch(url):
        return f"usblp://{match[1]}"
    if url.lower().startswith("usblp:///"):
        raise PrinterRefused(
            f"{url[:200]!r} is not a node of a USB printer; write it as usblp:///dev/usb/lp0, or "
            "name the printer as in usblp://0a5f:0164/D2J184500123.",
            url=url,
        )
    return str(parse_usb_address(url))


def open_wire(url: str) -> UsblpWire:
    """Return the printer's node, open.

    Raises:
        PrinterRefused: the URL names no USB printer.
        DeviceUnreachable: it is not plugged in, the driver has not got it, or it may not be used.
        DeviceBusy: another program has it.
    """
    if sys.platform != "linux":
        raise PrinterRefused(
            "usblp:// is Linux's own driver, and this is another system; use usb:// or spool://.",
            url=url,
        )
    match = _NODE.fullmatch(url)
    node = Path(match[1]) if match else _pick(parse_usb_address(url)).node
    try:
        descriptor = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot(node, error) from error
    return UsblpWire(descriptor, node)


def _pick(address: UsbAddress) -> LpNode:
    """Return the one node that is meant."""
    meant = [
        found
        for found in lp_nodes()
        if (found.vendor, found.product) == (address.vendor, address.product)
        and address.serial in ("", found.serial)
        and address.port in ("", found.port)
    ]
    if len(meant) == 1:
        return meant[0]
    name = str(address).partition("://")[2]
    if meant:
        ports = " or ".join(found.port for found in meant[:8])
        raise DeviceUnreachable(
            f"{len(meant)} USB printers {name} are plugged in; say by its port which one is meant, "
            f"as usblp://{address.vendor:04x}:{address.product:04x}@PORT with {ports}.",
            url=str(address),
            reason="ambiguous",
        )
    raise DeviceUnreachable(
        f"Linux's driver for USB printers has no printer {name}; check its cable and its power, or "
        f"use it without the driver, as usb://{name}.",
        url=str(address),
        reason="not plugged in",
    )


def _cannot(node: Path, error: OSError) -> DeviceError:
    match error.errno:
        case errno.EACCES:
            return DeviceUnreachable(
                f"This user may not use {node}; run once as root: label-gateway doctor --fix.",
                reason="permission",
            )
        case errno.EBUSY:
            user = holder_of(node)
            who = "another program" if user is None else str(user)
            return DeviceBusy(
                f"{node} is in use by {who}; stop that first.",
                holder=None if user is None else user.name,
                pid=None if user is None else user.pid,
            )
        case errno.ENOENT | errno.ENODEV | errno.ENXIO:
            return DeviceUnreachable(
                f"There is no printer at {node}; check its cable and its power, and name it by its "
                "serial number: the numbers of nodes change.",
                reason="not plugged in",
            )
        case _:
            return DeviceUnreachable(
                f"{node} cannot be opened ({error.strerror or error}); unplug the printer, and "
                "plug it in again.",
                reason="usblp",
            )


class UsblpWire:
    """An open node of the driver, which only one program may have open."""

    def __init__(self, descriptor: int, node: Path) -> None:
        self._descriptor = descriptor
        self._node = node
        self._sent = 0
        self._tried = False

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many of the bytes the driver took; 0 when none within ``timeout`` seconds."""
        if not payload or not self._wait(select.POLLOUT, timeout):
            return 0
        self._tried = True
        try:
            taken = os.write(self._descriptor, payload)
        except BlockingIOError:
            time.sleep(min(NOTHING_TO_SAY, timeout))  # it may say that it is ready, and not be
            return 0
        except OSError as error:
            raise self._broken(error) from error
        self._sent += taken
        return taken

    def read(self, timeout: float) -> bytes:
        """Return what the printer has said; ``b""`` when nothing within ``timeout`` seconds."""
        ends = time.monotonic() + timeout
        while self._wait(select.POLLIN, max(0.0, ends - time.monotonic())):
            try:
                said = os.read(self._descriptor, READ_AT_ONCE)
            except BlockingIOError:
                said = b""
            except OSError as error:
                raise self._broken(error) from error
            left = ends - time.monotonic()
            if said or left <= 0:
                return said
            time.sleep(min(NOTHING_TO_SAY, left))
        return b""

    def check(self) -> None:
        """See whether the printer is still plugged in, without asking it anything.

        Raises:
            DeviceError: it is gone.
        """
        self._wait(0, 0.0)

    def port_status(self) -> PortStatus | None:
        """Return paper, on line and error as the printer's port says; None when it does not.

        Raises:
            DeviceError: the printer is gone.
        """
        import fcntl

        answer = bytearray(4)
        try:
            fcntl.ioctl(self._descriptor, LPGETSTATUS, answer)
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise self._broken(error) from error
            return None
        return read_port_status(int.from_bytes(answer, sys.byteorder) & 0xFF)

    def device_id(self) -> DeviceId | None:
        """Return what the printer says it is (IEEE 1284); None when it does not."""
        for found in lp_nodes():
            if found.node == self._node and found.device_id:
                return parse_device_id(found.device_id)
        return None

    def close(self) -> None:
        """Let the printer go, when it has taken what the driver holds or a second is over."""
        if self._descriptor < 0:
            return
        if self._tried:
            with suppress(DeviceError):
                self._wait(select.POLLOUT, LAST_BYTES)
        descriptor, self._descriptor = self._descriptor, -1
        with suppress(OSError):
            os.close(descriptor)

    def _wait(self, event: int, timeout: float) -> bool:
        """Wait until the driver takes or has bytes; False when it does not within ``timeout``."""
        poll = select.poll()
        poll.register(self._descriptor, event)
        for _, seen in poll.poll(timeout * 1000):
            if seen & (select.POLLHUP | select.POLLERR | select.POLLNVAL):
                raise self._broken(OSError(errno.ENODEV, os.strerror(errno.ENODEV)))
            return bool(seen & event)
        return False

    def _broken(self, error: OSError) -> DeviceError:
        if error.errno == errno.ENODEV:
            happened = f"The USB printer at {self._node} was unplugged or switched off"
        else:
            happened = f"The USB printer at {self._node} broke off ({error.strerror or error})"
        if self._tried:
            return DeliveryUncertain(
                f"{happened} after {self._sent} bytes or a few less; look which labels came out.",
                node=str(self._node),
                sent=self._sent,
            )
        return DeviceUnreachable(
            f"{happened} before anything was sent; check its cable and its power.",
            node=str(self._node),
        )
