"""Bluetooth scanners with a serial port profile, where Python itself can connect to them.

>>> check_url("rfcomm://00:19:01:3c:aa:0b")
'rfcomm://00:19:01:3C:AA:0B/1'
"""

from __future__ import annotations

from gateway.devices.bluetooth import connect, parse_url
from gateway.devices.kinds import SCANNER
from gateway.scanners.byte_source import ByteSource, SocketWire
from gateway.scanners.scanner import Profile


def check_url(url: str) -> str:
    """Return the URL as ``rfcomm://address/channel``, the channel being 1 when none is named.

    Raises:
        ScannerRefused: it is no Bluetooth address, or the channel is not 1 to 30.
    """
    address, channel = parse_url(url, SCANNER)
    return f"rfcomm://{address}/{channel}"


def open(url: str, profile: Profile) -> ByteSource:
    """Return the connected scanner.

    Raises:
        DeviceUnreachable: it is off, out of reach or not paired, or this Python has no Bluetooth.
        DeviceBusy: another computer, or another program of this one, is connected to it.
    """
    address, channel = parse_url(url, SCANNER)
    return ByteSource(SocketWire(connect(address, channel, url, SCANNER), address), profile)
