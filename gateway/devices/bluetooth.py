"""Bluetooth devices with a serial port profile, where Python itself can connect to them.

Pairing is the system's matter. Where Python has no Bluetooth sockets (macOS, and some builds on
Linux) the system offers the paired device as a serial port, which ``serial://`` opens.
"""

from __future__ import annotations

import errno
import re
import socket
import sys

from gateway.devices.kinds import Kind
from gateway.errors import DeviceBusy, DeviceError, DeviceUnreachable

CONNECT_WITHIN = 8.0
"""Seconds. Paging a device that listens now and then takes up to 5.12 s by default (Bluetooth Core
Specification, Vol 4 Part E, "Page Timeout"); after that the serial port is connected."""

_URL = re.compile(
    r"rfcomm://((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?:/([1-9]|[12][0-9]|30)?)?", re.IGNORECASE
)


def parse_url(url: str, kind: Kind) -> tuple[str, int]:
    """Return the address and the channel of a ``rfcomm://`` URL, 1 when none is named.

    Raises:
        PrinterRefused, ScannerRefused: it is no Bluetooth address, or the channel is not 1 to 30.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise kind.refused(
            f"{url[:100]!r} is not a Bluetooth {kind.noun}'s URL; write its address and channel "
            "(1 to 30, nearly always 1), as in rfcomm://AC:3F:A4:00:11:22/1.",
            url=url,
        )
    return match[1].upper(), int(match[2] or 1)


def connect(address: str, channel: int, url: str, kind: Kind) -> socket.socket:
    """Return a connection to the device.

    Raises:
        DeviceUnreachable: it is off, out of reach or not paired, or this Python has no Bluetooth.
        DeviceBusy: another computer, or another program of this one, is connected to it.
    """
    family = getattr(socket, "AF_BLUETOOTH", None)
    protocol = getattr(socket, "BTPROTO_RFCOMM", None)
    if family is None or protocol is None:
        raise DeviceUnreachable(
            _without_bluetooth(address, channel, kind), url=url, reason="platform"
        )
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
        raise _not_connected(address, channel, url, kind, error) from error
    return connection


def _without_bluetooth(address: str, channel: int, kind: Kind) -> str:
    if sys.platform == "linux":
        return (
            f"This Python was built without Bluetooth; bind the {kind.noun} with 'sudo rfcomm "
            f"bind 0 {address} {channel}' and use serial:///dev/rfcomm0."
        )
    return (
        f"Python has no Bluetooth on this system; pair the {kind.noun} and use the serial port "
        f"that the system makes of it, as '{kind.finder}' shows it."
    )


def _not_connected(address: str, channel: int, url: str, kind: Kind, error: OSError) -> DeviceError:
    if error.errno in (errno.EBUSY, errno.EADDRINUSE):
        return DeviceBusy(
            f"The Bluetooth {kind.noun} {address} is connected to another computer or program; "
            "disconnect it there.",
            url=url,
        )
    if error.errno in (errno.ECONNREFUSED, errno.EACCES, errno.EPERM):
        return DeviceUnreachable(
            f"The Bluetooth {kind.noun} {address} refuses channel {channel}; pair it with this "
            "computer, and see which channel its serial port has (nearly always 1).",
            url=url,
            reason="refused",
        )
    return DeviceUnreachable(
        f"The Bluetooth {kind.noun} {address} does not answer ({error.strerror or error}); switch "
        "it on, bring it near, and see that no other computer is connected to it.",
        url=url,
        reason="timeout" if isinstance(error, TimeoutError) else "no route",
    )
