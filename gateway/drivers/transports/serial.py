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
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import parse_qsl

from gateway.drivers.transports.holders import who_holds
from gateway.drivers.transports.serial_ports import (
    PortName,
    SerialPort,
    find_device,
    list_ports,
)
from gateway.drivers.transports.wire import Manners
from gateway.errors import (
    DeliveryUncertain,
    DeviceBusy,
    DeviceError,
    DeviceUnreachable,
    PrinterRefused,
)

if TYPE_CHECKING:
    from serial import Serial

__all__ = ["SerialPort", "SerialWire", "check_payload", "check_url", "list_serial_ports"]

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

Parity = Literal["none", "even", "odd", "mark", "space"]
Flow = Literal["none", "rtscts", "dsrdtr", "xonxoff"]


@dataclass(frozen=True, slots=True)
class Line:
    """How a line is set: as printed on the printer's own configuration label."""

    baud: int = 9600
    bits: int = 8
    parity: Parity = "none"
    stop: int = 1
    flow: Flow = "rtscts"
    """How the printer says that its buffer is full: lines RTS/CTS, lines DTR/DSR, characters."""

    def __str__(self) -> str:
        return (
            f"?baud={self.baud}&bits={self.bits}&parity={self.parity}&stop={self.stop}"
            f"&flow={self.flow}"
        )

    @property
    def bytes_a_second(self) -> float:
        """How fast the line is: a start bit, data, parity and stop bits make a byte."""
        return self.baud / (1 + self.bits + (self.parity != "none") + self.stop)

    @property
    def ahead(self) -> int:
        """How many bytes may lie between this program and the line."""
        if self.flow == "dsrdtr":
            return AFTER_DTR
        return max(LEAST_AHEAD, round(AHEAD * self.bytes_a_second))


_URL = re.compile(r"serial://(?P<name>[^?#]*)(?:\?(?P<line>[^#]*))?", re.IGNORECASE)
_EXAMPLE = "serial:///dev/ttyUSB0?baud=9600&flow=rtscts"
_KEYS: dict[str, Callable[[str], bool]] = {
    "baud": lambda value: _number(value) in range(110, 4_000_001),
    "bits": lambda value: value in ("7", "8"),
    "parity": lambda value: value in get_args(Parity),
    "stop": lambda value: value in ("1", "2"),
    "flow": lambda value: value in get_args(Flow),
}
_TAKES = {
    "baud": "a whole number from 110 to 4000000",
    "bits": "7 or 8",
    "parity": "none, even, odd, mark or space",
    "stop": "1 or 2",
    "flow": "none, rtscts, dsrdtr or xonxoff",
}


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1


def check_url(url: str) -> str:
    """Return the URL with every setting of the line, as ``serial:///dev/ttyUSB0?baud=9600…``.

    Raises:
        PrinterRefused: it names no port, or a setting that there is not.
    """
    name, line = _parse(url)
    return f"serial://{name}{line}"


def _parse(url: str) -> tuple[PortName, Line]:
    match = _URL.fullmatch(url)
    name = PortName.parse(match["name"]) if match else None
    if match is None or name is None:
        raise PrinterRefused(
            f"{url[:200]!r} does not name a serial port; write it as {_EXAMPLE}, with COM3 for "
            "/dev/ttyUSB0 on Windows.",
            url=url,
        )
    return name, _parse_line(match["line"] or "", url)


def _parse_line(query: str, url: str) -> Line:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise PrinterRefused(
            f"{query[:100]!r} are not settings of a serial line; write them as in {_EXAMPLE}.",
            url=url,
        ) from error
    told = dict(pairs)
    if len(told) < len(pairs):
        raise PrinterRefused(
            f"A setting of the serial line stands twice in {query[:100]!r}; name each once.",
            url=url,
        )
    for key, value in told.items():
        if key not in _KEYS:
            raise PrinterRefused(
                f"A serial line has no setting {key[:40]!r}; it has {', '.join(_KEYS)}.",
                url=url,
                key=key,
            )
        if not _KEYS[key](value):
            raise PrinterRefused(
                f"A serial line's {key} is {_TAKES[key]}, not {value[:40]!r}.",
                url=url,
                key=key,
            )
    was = Line()
    return Line(
        baud=int(told.get("baud", was.baud)),
        bits=int(told.get("bits", was.bits)),
        parity=told.get("parity", was.parity),  # type: ignore[arg-type]
        stop=int(told.get("stop", was.stop)),
        flow=told.get("flow", was.flow),  # type: ignore[arg-type]
    )


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
    _refuse_garbled(_parse(url)[1], payload)


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

_PORT_PATHS = re.compile(r"/dev/(tty[A-Za-z.]|pts/|cu|rfcomm)")
"""Where systems keep serial ports. Opening some other device can be harmful by itself."""


def open_wire(url: str) -> SerialWire:
    """Return the open line. Nobody else can open it by a program that locks what it uses.

    Raises:
        DeviceUnreachable: it is not there, is no serial port, or the printer is not ready on it.
        DeviceBusy: another program has it.
    """
    name, line = _parse(url)
    device = find_device(name)
    if not device.startswith("COM"):
        _refuse_other_files(device, url)
    wire = SerialWire(_open(device, line, url), device, line)
    try:
        wire.wait_ready(READY_WITHIN)
    except DeviceError:
        wire.close()
        raise
    return wire


def _refuse_other_files(device: str, url: str) -> None:
    try:
        kind = Path(device).stat().st_mode
    except OSError as error:
        raise DeviceUnreachable(
            f"There is no serial port {device} ({error.strerror}); plug it in, and name it best "
            "as 'label-gateway printers find' does.",
            url=url,
            device=device,
        ) from error
    if not stat.S_ISCHR(kind) or _PORT_PATHS.match(os.path.realpath(device)) is None:
        raise DeviceUnreachable(
            f"{device} is no serial port; 'label-gateway printers find' shows those there are.",
            url=url,
            device=device,
        )


def _open(device: str, line: Line, url: str) -> Serial:
    import serial

    posix = sys.platform != "win32"
    port = serial.Serial()
    port.port = device
    port.baudrate = line.baud
    port.bytesize, port.stopbits = line.bits, line.stop
    port.parity = line.parity[0].upper()  # pyserial's constants are N, E, O, M and S
    port.rtscts = line.flow == "rtscts"
    port.xonxoff = line.flow == "xonxoff"
    # On POSIX no driver follows DSR: it is looked at before each chunk. On Windows the driver does.
    port.dsrdtr = line.flow == "dsrdtr" and not posix
    port.timeout = port.write_timeout = 0
    if posix:
        port.exclusive = True
    try:
        port.open()
        if posix:
            _keep_lines_up(port.fileno())
    except (OSError, ValueError, OverflowError) as error:
        port.close()
        raise _not_opened(device, line, url, error) from error
    return port


def _keep_lines_up(descriptor: int) -> None:
    """Leave DTR and RTS raised when the port is closed: lowering them resets some printers."""
    if sys.platform != "win32":
        import termios

        settings = termios.tcgetattr(descriptor)
        settings[2] &= ~termios.HUPCL
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)


def _not_opened(device: str, line: Line, url: str, error: Exception) -> DeviceError:
    import errno

    number, words = getattr(error, "errno", None), str(error)
    facts: dict[str, object] = {"url": url, "device": device}
    if isinstance(error, (ValueError, OverflowError)):
        return DeviceUnreachable(
            f"{device} cannot be set to {line.baud} baud, {line.bits} bits, parity {line.parity}, "
            f"{line.stop} stop bits ({words[:100]}); choose what both it and the printer can.",
            **facts,
        )
    locked = number in (errno.EAGAIN, errno.EBUSY)
    # On Windows a port that is open elsewhere is "access denied"; pyserial gives only its text.
    if locked or (sys.platform == "win32" and "PermissionError" in words):
        holder = who_holds(device) if locked else ""
        return DeviceBusy(
            f"{device} is in use by {holder or 'another program'}; close that, or let it print "
            "through this gateway.",
            **facts,
            holder=holder,
        )
    if number in (errno.EACCES, errno.EPERM):
        return DeviceUnreachable(
            f"The gateway may not open {device}; put its user into the group that owns it (sudo "
            f"usermod -aG {_group_of(device)} USER), and start the gateway again.",
            **facts,
            reason="permission",
        )
    return DeviceUnreachable(
        f"The serial port {device} cannot be opened ({words[:200]}); check that it is plugged in.",
        **facts,
    )


def _group_of(device: str) -> str:
    if sys.platform == "win32":
        return "dialout"
    import grp

    try:
        return grp.getgrgid(Path(device).stat().st_gid).gr_name
    except (OSError, KeyError):
        return "dialout"


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
        room = self._line.ahead - waiting
        # Some at a time: single bytes into a nearly full queue would keep the processor busy.
        if room < min(len(payload), self._line.ahead // 2):
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
