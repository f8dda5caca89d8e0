"""Printers on serial lines: RS-232, USB adapters, and Bluetooth ports that a system shows as one.

>>> check_url("serial:///dev/ttyUSB0?baud=19200&flow=none")
'serial:///dev/ttyUSB0?baud=19200&bits=8&parity=none&stop=1&flow=none'
>>> check_url("serial://com3").partition("?")[0]
'serial://COM3'
>>> check_url("serial://usb/0403:6001/A50285BI").partition("?")[0]
'serial://usb/0403:6001/A50285BI'

A port is named by its path (best one of ``/dev/serial/by-id``), by ``COM3``, or by the ids and the
serial number (``/SERIAL``) or place (``@1-2.3``) of its USB adapter, which is then found again
under whatever name it comes back.

**What a count means.** Bytes that ``write`` has taken are with the operating system or the adapter,
on their way down the line. There are never more than ``AHEAD`` seconds of them, as far as the
system tells, so what is told of labels on their way is no older than that.
"""

from __future__ import annotations

import os
import re
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from gateway.devices.kinds import PRINTER
from gateway.devices.lines import Flow, Line, open_port, parse_url
from gateway.devices.ports import SerialPort, find_device, list_ports
from gateway.drivers.transports.wire import Manners
from gateway.errors import DeliveryUncertain, DeviceError, DeviceUnreachable, PrinterRefused

if TYPE_CHECKING:
    from serial import Serial

__all__ = [
    "Flow",
    "Line",
    "SerialPort",
    "SerialWire",
    "check_payload",
    "check_url",
    "list_serial_ports",
]

MANNERS = Manners(plugged=True, outlives_power=True)
"""What was on the line when the printer lost its power is lost; what comes behind it arrives."""

AHEAD = 0.5
"""Seconds of line time that may lie between this program and the line."""

LEAST_AHEAD = 64
"""Bytes that may lie there however slow the line is."""

AFTER_DTR = 16
"""Bytes that may still come after a printer has lowered DTR: Epson's lower it with 16 bytes of room
left and ignore what comes when there are none (TM-T88 Series Technical Manual, Rev. A, 1-15)."""

READY_WITHIN = 2.0
"""Seconds a printer is given after opening to say that it is ready; Bluetooth connects then."""

SHORTEST_NAP, LONGEST_NAP = 0.001, 0.02
"""Seconds between looks at a line that takes nothing at the moment."""


def _ahead(line: Line) -> int:
    """Return how many bytes may lie between this program and the line."""
    if line.flow == "dsrdtr":
        return AFTER_DTR
    return max(LEAST_AHEAD, round(AHEAD * line.bytes_a_second))


def check_url(url: str) -> str:
    """Return the URL with every setting of the line, as ``serial:///dev/ttyUSB0?baud=9600…``.

    Raises:
        PrinterRefused: it names no port, or a setting that there is not.
    """
    name, line = parse_url(url, Line(), PRINTER)
    return f"serial://{name}{line}"


def list_serial_ports() -> list[SerialPort]:
    """Return the serial ports of this computer, each with a URL that stays true.

    Raises:
        DeviceUnreachable: the system does not tell.
    """
    return list_ports(str(Line()))


_FLOW_CHARACTERS = re.compile(rb"[\x11\x13]")
_EIGHTH_BIT = re.compile(rb"[\x80-\xff]")


def manners(url: str) -> Manners:
    """Return what can be relied on at a checked URL.

    Without flow control a printer that is full drops bytes.
    """
    return replace(MANNERS, may_lose="flow=none" in url)


def check_payload(url: str, payload: bytes | memoryview) -> None:
    """Refuse what the line at a checked URL would garble, before any of it is sent.

    Raises:
        PrinterRefused: bytes 11 or 13 hex on a line with XON/XOFF, or 80 hex and more on one of
            seven bits.
    """
    _refuse_garbled(parse_url(url, Line(), PRINTER)[1], payload)


def _refuse_garbled(line: Line, payload: bytes | memoryview) -> None:
    if line.flow == "xonxoff" and (found := _FLOW_CHARACTERS.search(payload)):
        raise PrinterRefused(
            f"This label holds the byte {found[0].hex().upper()} hex, which XON/XOFF flow control "
            "takes for its own; set printer and URL to flow=rtscts, or let a printer that can do "
            "so take its pictures as text (hexadecimal or base 64).",
            offset=found.start(),
        )
    if line.bits == 7 and (found := _EIGHTH_BIT.search(payload)):
        raise PrinterRefused(
            f"This label holds the byte {found[0].hex().upper()} hex, and a line of seven bits "
            "cannot carry it; set printer and URL to bits=8.",
            offset=found.start(),
        )


# ---------------------------------------------------------------------- opening


def open_wire(url: str) -> SerialWire:
    """Return the open line. Nobody else can open it by a program that locks what it uses.

    Raises:
        DeviceUnreachable: it is not there, is no serial port, or the printer is not ready on it.
        DeviceBusy: another program has it.
    """
    name, line = parse_url(url, Line(), PRINTER)
    device = find_device(name)
    wire = SerialWire(open_port(device, line, url, PRINTER), device, line)
    try:
        wire.wait_ready(READY_WITHIN)
    except DeviceError:
        wire.close()
        raise
    return wire


# ---------------------------------------------------------------------- the open line


class SerialWire:
    """An open serial line."""

    def __init__(self, port: Serial, device: str, line: Line) -> None:
        self._port, self._device, self._line = port, device, line
        self._sent = 0
        self._clear_at = 0.0
        """When what was handed over last has left the adapter, too, by the clock."""
        self._in_flight = b""
        """What Windows reads from while it sends: it must live so long."""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many of the bytes were taken; 0 when none within ``timeout`` seconds.

        Raises:
            PrinterRefused: the line would garble the payload; nothing of it was sent.
        """
        if not payload:
            return 0
        _refuse_garbled(self._line, payload)
        ends, nap = time.monotonic() + timeout, SHORTEST_NAP
        while True:
            try:
                taken = self._hand_over(payload)
            except OSError as error:
                raise self._broken(error) from error
            if taken:
                self._sent += taken
                self._clear_at = time.monotonic() + taken / self._line.bytes_a_second
                return taken
            left = ends - time.monotonic()
            if left <= 0:
                return 0
            time.sleep(min(nap, left))
            nap = min(2 * nap, LONGEST_NAP)

    def read(self, timeout: float) -> bytes:
        """Return what the printer has said; ``b""`` when nothing within ``timeout`` seconds."""
        try:
            return self._hear(max(0.0, timeout))
        except OSError as error:
            raise self._broken(error) from error

    def close(self) -> None:
        """Let the line go. What it has taken still goes out, as far as the system does so."""
        try:
            self._port.close()
        except OSError:
            return  # unplugged: there is nothing to let go of

    def wait_ready(self, timeout: float) -> None:
        """Wait until the printer says by its handshake line that it takes bytes.

        Raises:
            DeviceUnreachable: it does not within ``timeout`` seconds.
        """
        ends = time.monotonic() + timeout
        while not self._ready():
            if time.monotonic() >= ends:
                wire = "CTS" if self._line.flow == "rtscts" else "DSR"
                raise DeviceUnreachable(
                    f"The printer on {self._device} is off or holds the line ({wire} is low); "
                    "switch it on and look for a message on it, or, if its cable has no such "
                    "wire, set flow=none or flow=xonxoff as the printer is set.",
                    device=self._device,
                    reason="not ready",
                )
            time.sleep(LONGEST_NAP)

    def _ready(self) -> bool:
        """Return whether the printer's handshake line is up; True where there is none to see."""
        try:
            match self._line.flow:
                case "rtscts":
                    return bool(self._port.cts)
                case "dsrdtr":
                    return bool(self._port.dsr)
                case _:
                    return True
        except OSError as error:
            if _has_no_such_lines(error):
                return True
            raise self._broken(error) from error

    def _hand_over(self, payload: bytes | memoryview) -> int:
        """Return how many bytes the system took at once: as many as may lie ahead of the line."""
        waiting = self._port.out_waiting
        room = _ahead(self._line) - waiting
        # Some at a time: single bytes into a nearly full queue would keep the processor busy.
        if room < min(len(payload), _ahead(self._line) // 2):
            return 0
        if self._line.flow == "dsrdtr":
            # What no queue shows any more may still lie in a chip: it has room for some bytes.
            under_way = waiting or time.monotonic() < self._clear_at
            if under_way or not self._ready():
                return 0
        if sys.platform == "win32":
            return self._hand_to_windows(payload, room, waiting)
        try:
            return os.write(self._port.fileno(), payload[:room])
        except BlockingIOError:
            return 0

    def _hand_to_windows(self, payload: bytes | memoryview, room: int, waiting: int) -> int:
        """Start one write, and none beside it: how much of one went out only its queue tells."""
        if waiting:
            return 0
        self._in_flight = bytes(payload[:room])
        return int(self._port.write(self._in_flight) or 0)

    def _hear(self, timeout: float) -> bytes:
        if sys.platform == "win32":
            self._port.timeout = timeout
            first = self._port.read(1)
            return bytes(first + self._port.read(self._port.in_waiting)) if first else b""
        import selectors

        with selectors.DefaultSelector() as selector:
            selector.register(self._port.fileno(), selectors.EVENT_READ)
            if not selector.select(timeout):
                return b""
        try:
            heard = os.read(self._port.fileno(), 65536)
        except BlockingIOError:
            return b""
        if not heard:
            raise OSError("it hung up")
        return heard

    def _broken(self, error: OSError) -> DeviceError:
        what = f"The serial line {self._device} broke ({error.strerror or error})"
        if self._sent:
            return DeliveryUncertain(
                f"{what} after {self._sent} bytes; look which labels came out.",
                device=self._device,
                sent=self._sent,
                in_flight=0,  # a write that fails has taken nothing
            )
        return DeviceUnreachable(
            f"{what} before anything was sent; check the adapter and its cable.",
            device=self._device,
        )


def _has_no_such_lines(error: OSError) -> bool:
    """Return whether the port is one without handshake lines, as a pseudo terminal."""
    import errno

    return error.errno in (errno.ENOTTY, errno.EINVAL)
