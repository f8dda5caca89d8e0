"""Bluetooth printers with a serial port profile, where Python itself can connect to them.

>>> check_url("rfcomm://ac:3f:a4:00:11:22")
'rfcomm://AC:3F:A4:00:11:22/1'

Pairing is the system's matter. Where Python has no Bluetooth sockets (macOS, and some builds on
Linux) the system offers the paired printer as a serial port, which ``serial://`` opens.
"""

from __future__ import annotations

import errno
import re
import socket
import sys

from gateway.drivers.transports.socket_wire import SocketWire
from gateway.errors import DeviceBusy, DeviceError, DeviceUnreachable, PrinterRefused

CONNECT_WITHIN = 8.0
"""Seconds. Paging a device that listens now and then takes up to 5.12 s by default (Bluetooth Core
Specification, Vol 4 Part E, "Page Timeout"); after that the serial port is connected."""

_URL = re.compile(
    r"rfcomm://((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?:/([1-9]|[12][0-9]|30)?)?", re.IGNORECASE
)


def check_url(url: str) -> str:
    """Return the URL as ``rfcomm://address/channel``, the channel being 1 when none is named.

    Raises:
        PrinterRefused: it is not a Bluetooth address, or the channel is not 1 to 30.
    """
    address, channel = _parse(url)
    return f"rfcomm://{address}/{channel}"


def _parse(url: str) -> tuple[str, int]:
    match = _URL.fullmatch(url)
    if match is None:
        raise PrinterRefused(
            f"{url[:100]!r} is not a Bluetooth printer's URL; write its address and channel (1 to "
            "30, nearly always 1), as in rfcomm://AC:3F:A4:00:11:22/1.",
            url=url,
        )
    return match[1].upper(), int(match[2] or 1)


def open_wire(url: str) -> SocketWire:
    """Return a connection to the printer.

    Raises:
        DeviceUnreachable: it is off, out of reach or not paired, or this Python has no Bluetooth.
        DeviceBusy: another computer, or another program of this one, is connected to it.
    """
    address, channel = _parse(url)
    family = getattr(socket, "AF_BLUETOOTH", None)
    protocol = getattr(socket, "BTPROTO_RFCOMM", None)
    if family is None or protocol is None:
        raise DeviceUnreachable(_without_bluetooth(address, channel), url=url, reason="platform")
    try:
        connection = socket.socket(family, socket.SOCK_STREAM, protocol)
    except OSError as error:
        raise DeviceUnreachable(
            f"This computer has no Bluetooth that can be used ({error.strerror or error}); plug "
            "in or switch on its adapter.",
            url=url,
            reason="no adapter",
        ) from error
    try:
        connection.settimeout(CONNECT_WITHIN)
        connection.connect((address, channel))
    except OSError as error:
        connection.close()
        raise _not_connected(address, channel, url, error) from error
    return SocketWire(connection, address)


def _without_bluetooth(address: str, channel: int) -> str:
    if sys.platform == "linux":
        return (
            f"This Python was built without Bluetooth; bind the printer with 'sudo rfcomm bind 0 "
            f"{address} {channel}' and use serial:///dev/rfcomm0."
        )
    return (
        "Python has no Bluetooth on this system; pair the printer and use the serial port that "
        "the system makes of it, as 'label-gateway printers find' shows it."
    )


def _not_connected(address: str, channel: int, url: str, error: OSError) -> DeviceError:
    if error.errno in (errno.EBUSY, errno.EADDRINUSE):
        return DeviceBusy(
            f"The Bluetooth printer {address} is connected to another computer or program; "
            "disconnect it there.",
            url=url,
        )
    if error.errno in (errno.ECONNREFUSED, errno.EACCES, errno.EPERM):
        return DeviceUnreachable(
            f"The Bluetooth printer {address} refuses channel {channel}; pair it with this "
            "computer, and see which channel its serial port has (nearly always 1).",
            url=url,
            reason="refused",
        )
    return DeviceUnreachable(
        f"The Bluetooth printer {address} does not answer ({error.strerror or error}); switch it "
        "on, bring it near, and see that no other computer is connected to it.",
        url=url,
        reason="timeout" if isinstance(error, TimeoutError) else "no route",
    )
