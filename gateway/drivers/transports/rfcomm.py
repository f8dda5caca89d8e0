"""Bluetooth printers with a serial port profile, where Python itself can connect to them.

>>> check_url("rfcomm://ac:3f:a4:00:11:22")
'rfcomm://AC:3F:A4:00:11:22/1'
"""

from __future__ import annotations

from gateway.devices.bluetooth import connect, parse_url
from gateway.devices.kinds import PRINTER
from gateway.drivers.transports.socket_wire import SocketWire


def check_url(url: str) -> str:
    """Return the URL as ``rfcomm://address/channel``, the channel being 1 when none is named.

    Raises:
        PrinterRefused: it is not a Bluetooth address, or the channel is not 1 to 30.
    """
    address, channel = parse_url(url, PRINTER)
    return f"rfcomm://{address}/{channel}"


def open_wire(url: str) -> SocketWire:
    """Return a connection to the printer.

    Raises:
        DeviceUnreachable: it is off, out of reach or not paired, or this Python has no Bluetooth.
        DeviceBusy: another computer, or another program of this one, is connected to it.
    """
    address, channel = parse_url(url, PRINTER)
    return SocketWire(connect(address, channel, url, PRINTER), address)
