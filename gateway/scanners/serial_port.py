"""Scanners on serial lines: USB in COM port mode (CDC-ACM), RS-232, and Bluetooth ports.

>>> check_url("serial:///dev/serial/by-id/usb-Datalogic_GD4430-if00").partition("?")[0]
'serial:///dev/serial/by-id/usb-Datalogic_GD4430-if00'
>>> check_url("serial://usb/0c2e:0720/17018B0B25?baud=115200")
'serial://usb/0c2e:0720/17018B0B25?baud=115200&bits=8&parity=none&stop=1&flow=none'

A port is named as a printer's is: by its path (best one of ``/dev/serial/by-id``), by ``COM3``, or
by the ids and the serial number or place of its USB adapter, which is then found again under
whatever name it comes back. A scanner on USB does not care how the line is set; one on RS-232 was
set by a barcode of its manual, 9600 8N1 when nobody did.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gateway.devices.kinds import SCANNER
from gateway.devices.lines import Line, open_port, parse_url
from gateway.devices.ports import SerialPort, find_device, list_ports
from gateway.errors import DeviceLost
from gateway.scanners.byte_source import ByteSource, Wire
from gateway.scanners.scanner import Profile
from gateway.scanners.waking import Waker

if TYPE_CHECKING:
    from serial import Serial

USUAL = Line(flow="none")
"""A cable to a scanner seldom has more than three wires."""

LONGEST_LOOK = 0.25
"""Seconds that a read on Windows is not looked after by those who want it to end."""


def check_url(url: str) -> str:
    """Return the URL with every setting of the line, as ``serial:///dev/ttyACM0?baud=9600…``.

    Raises:
        ScannerRefused: it names no port, or a setting that there is not.
    """
    name, line = parse_url(url, USUAL, SCANNER)
    return f"serial://{name}{line}"


def list_serial_ports() -> list[SerialPort]:
    """Return the serial ports of this computer, each with a scanner's URL that stays true.

    Raises:
        DeviceUnreachable: the system does not tell.
    """
    return list_ports(str(USUAL))


def open(url: str, profile: Profile) -> ByteSource:
    """Return the open line. Nobody else can open it by a program that locks what it uses.

    Raises:
        DeviceUnreachable: it is not there, is no serial port, or this user may not open it.
        DeviceBusy: another program has it.
    """
    name, line = parse_url(url, USUAL, SCANNER)
    device = find_device(name, SCANNER)
    port = open_port(device, line, url, SCANNER)
    wire: Wire = PolledPort(port, device) if sys.platform == "win32" else PortWire(port, device)
    return ByteSource(wire, profile)


def _lost(device: str, why: object) -> DeviceLost:
    return DeviceLost(
        f"The scanner on {device} has gone ({why}); plug it in again, and it goes on by itself.",
        device=device,
    )


class PortWire:
    """An open port whose bytes the system announces: all but Windows."""

    def __init__(self, port: Serial, device: str) -> None:
        self._port, self._device = port, device
        self._descriptor = port.fileno()
        self._waker = Waker(self._descriptor)
        self._closed = False

    def read(self, timeout: float) -> bytes:
        """Return what has come; ``b""`` when nothing within ``timeout`` seconds or after ``wake``.

        Raises:
            DeviceLost: it was unplugged.
        """
        if not self._waker.wait(timeout):
            return b""
        try:
            chunk = os.read(self._descriptor, 65536)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise _lost(self._device, error.strerror or error) from error
        if not chunk:
            raise _lost(self._device, "it hung up")
        return chunk

    def write(self, payload: bytes) -> None:
        """Send what the line takes at once."""
        with suppress(OSError):
            os.write(self._descriptor, payload)

    def wake(self) -> None:
        """Have ``read`` return at once."""
        self._waker.ring()

    def close(self) -> None:
        """Let the line go."""
        if not self._closed:
            self._closed = True
            self._waker.close()
            with suppress(OSError):  # unplugged: there is nothing to let go of
                self._port.close()


class PolledPort:
    """An open port on Windows, where nothing waits for a port and for something else."""

    def __init__(self, port: Serial, device: str) -> None:
        self._port, self._device = port, device
        self._woken = threading.Event()

    def read(self, timeout: float) -> bytes:
        """Return what has come; ``b""`` when nothing within ``timeout`` seconds or after ``wake``.

        Raises:
            DeviceLost: it was unplugged.
        """
        ends = time.monotonic() + timeout
        try:
            while True:
                left = max(0.0, ends - time.monotonic())
                self._port.timeout = min(LONGEST_LOOK, left)
                if first := self._port.read(1):
                    return bytes(first + self._port.read(self._port.in_waiting))
                if self._woken.is_set() or left <= LONGEST_LOOK:
                    self._woken.clear()
                    return b""
        except OSError as error:
            raise _lost(self._device, error.strerror or error) from error

    def write(self, payload: bytes) -> None:
        """Send what the line takes at once."""
        with suppress(OSError):
            self._port.write(payload)

    def wake(self) -> None:
        """Have ``read`` return soon."""
        self._woken.set()

    def close(self) -> None:
        """Let the line go."""
        with suppress(OSError):
            self._port.close()
