"""Serial lines: how they are set, and how a port is opened so that nobody else is on it.

>>> from gateway.devices.kinds import PRINTER
>>> str(parse_line("baud=19200&flow=none", "", Line(), PRINTER))
'?baud=19200&bits=8&parity=none&stop=1&flow=none'
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import parse_qsl

from gateway.devices.holders import who_holds
from gateway.devices.kinds import Kind
from gateway.devices.ports import PortName
from gateway.errors import DeviceBusy, DeviceError, DeviceUnreachable

if TYPE_CHECKING:
    from serial import Serial

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
    """How a device says that its buffer is full: lines RTS/CTS, lines DTR/DSR, characters."""

    def __str__(self) -> str:
        return (
            f"?baud={self.baud}&bits={self.bits}&parity={self.parity}&stop={self.stop}"
            f"&flow={self.flow}"
        )

    @property
    def bytes_a_second(self) -> float:
        """How fast the line is: a start bit, data, parity and stop bits make a byte."""
        return self.baud / (1 + self.bits + (self.parity != "none") + self.stop)


_URL = re.compile(r"serial://(?P<name>[^?#]*)(?:\?(?P<line>[^#]*))?", re.IGNORECASE)
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


def parse_url(url: str, usual: Line, kind: Kind) -> tuple[PortName, Line]:
    """Return the port that a ``serial://`` URL names, and how its line is set.

    Raises:
        PrinterRefused, ScannerRefused: it names no port, or a setting that there is not.
    """
    match = _URL.fullmatch(url)
    name = PortName.parse(match["name"]) if match else None
    if match is None or name is None:
        example = kind.line.removeprefix("serial://").partition("?")[0]
        raise kind.refused(
            f"{url[:200]!r} does not name a serial port; write it as {kind.line}, with COM3 for "
            f"{example} on Windows.",
            url=url,
        )
    return name, parse_line(match["line"] or "", url, usual, kind)


def parse_line(query: str, url: str, usual: Line, kind: Kind) -> Line:
    """Return the line that the settings of a URL make of a usual one.

    Raises:
        PrinterRefused, ScannerRefused: it has no such setting, or not that value.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError as error:
        raise kind.refused(
            f"{query[:100]!r} are not settings of a serial line; write them as in {kind.line}.",
            url=url,
        ) from error
    told = dict(pairs)
    if len(told) < len(pairs):
        raise kind.refused(
            f"A setting of the serial line stands twice in {query[:100]!r}; name each once.",
            url=url,
        )
    for key, value in told.items():
        if key not in _KEYS:
            raise kind.refused(
                f"A serial line has no setting {key[:40]!r}; it has {', '.join(_KEYS)}.",
                url=url,
                key=key,
            )
        if not _KEYS[key](value):
            raise kind.refused(
                f"A serial line's {key} is {_TAKES[key]}, not {value[:40]!r}.",
                url=url,
                key=key,
            )
    return Line(
        baud=int(told.get("baud", usual.baud)),
        bits=int(told.get("bits", usual.bits)),
        parity=told.get("parity", usual.parity),  # type: ignore[arg-type]
        stop=int(told.get("stop", usual.stop)),
        flow=told.get("flow", usual.flow),  # type: ignore[arg-type]
    )


# ---------------------------------------------------------------------- opening

_PORT_PATHS = re.compile(r"/dev/(tty[A-Za-z.]|pts/|cu|rfcomm)")
"""Where systems keep serial ports. Opening some other device can be harmful by itself."""


def open_port(device: str, line: Line, url: str, kind: Kind) -> Serial:
    """Return the open port, which no program that locks what it uses can open beside us.

    Raises:
        DeviceUnreachable: it is not there, is no serial port, cannot be set so, or this user may
            not open it.
        DeviceBusy: another program has it.
    """
    import serial

    if not device.startswith("COM"):
        _refuse_other_files(device, url, kind)

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
        raise _not_opened(device, line, url, kind, error) from error
    return port


def _refuse_other_files(device: str, url: str, kind: Kind) -> None:
    try:
        mode = Path(device).stat().st_mode
    except OSError as error:
        raise DeviceUnreachable(
            f"There is no serial port {device} ({error.strerror}); plug it in, and name it best "
            f"as '{kind.finder}' does.",
            url=url,
            device=device,
        ) from error
    if not stat.S_ISCHR(mode) or _PORT_PATHS.match(os.path.realpath(device)) is None:
        raise DeviceUnreachable(
            f"{device} is no serial port; '{kind.finder}' shows those there are.",
            url=url,
            device=device,
        )


def _keep_lines_up(descriptor: int) -> None:
    """Leave DTR and RTS raised when the port is closed: lowering them resets some devices."""
    if sys.platform != "win32":
        import termios

        settings = termios.tcgetattr(descriptor)
        settings[2] &= ~termios.HUPCL
        termios.tcsetattr(descriptor, termios.TCSANOW, settings)


def _not_opened(device: str, line: Line, url: str, kind: Kind, error: Exception) -> DeviceError:
    import errno

    number, words = getattr(error, "errno", None), str(error)
    facts: dict[str, object] = {"url": url, "device": device}
    if isinstance(error, (ValueError, OverflowError)):
        return DeviceUnreachable(
            f"{device} cannot be set to {line.baud} baud, {line.bits} bits, parity {line.parity}, "
            f"{line.stop} stop bits ({words[:100]}); choose what both it and the {kind.noun} can.",
            **facts,
        )
    locked = number in (errno.EAGAIN, errno.EBUSY)
    # On Windows a port that is open elsewhere is "access denied"; pyserial gives only its text.
    if locked or (sys.platform == "win32" and "PermissionError" in words):
        holder = who_holds(device) if locked else ""
        return DeviceBusy(
            f"{device} is in use by {holder or 'another program'}; close that, or let it "
            f"{kind.works} through this gateway.",
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
