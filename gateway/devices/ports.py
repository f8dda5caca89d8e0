"""The serial ports of this computer, each with a URL that stays true when it is plugged in again.

    USB adapter, serial number A50285BI  ──►  serial://usb/0403:6001/A50285BI?baud=9600…
    USB adapter without one, in port 1-2 ──►  serial://usb/067b:2303@1-2?baud=9600…
    built in                             ──►  serial:///dev/ttyS0?baud=9600…

>>> PortName.parse("usb/0403:6001/A50285BI")
PortName(device='', vendor=1027, product=24577, serial_number='A50285BI', location='')
>>> str(PortName("com3"))
'COM3'
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from gateway.devices.kinds import PRINTER, Kind
from gateway.errors import DeviceUnreachable

LONGEST = 80
"""Characters of a device's own words that are shown."""

_USB = re.compile(
    r"usb/(?P<vendor>[0-9a-f]{4}):(?P<product>[0-9a-f]{4})"
    r"(?:/(?P<serial>[^/@]{1,400})|@(?P<location>[0-9a-z.:_-]{1,60}))?",
    re.IGNORECASE,
)
_COM = re.compile(r"COM[1-9][0-9]{0,2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PortName:
    """Which port is meant: a device's path or name, or a USB adapter wherever it is now."""

    device: str = ""
    vendor: int = 0
    product: int = 0
    serial_number: str = ""
    location: str = ""

    @classmethod
    def parse(cls, name: str) -> PortName | None:
        """Return what stands between ``serial://`` and ``?``; None when it names no port."""
        if match := _USB.fullmatch(name):
            return cls(
                "",
                int(match["vendor"], 16),
                int(match["product"], 16),
                unquote(match["serial"] or ""),
                (match["location"] or "").lower(),
            )
        if _COM.fullmatch(name):
            return cls(name.upper())
        path = unquote(name)
        if path.startswith("/") and not path.endswith("/") and "\0" not in path:
            return cls(path)
        return None

    def __str__(self) -> str:
        if not self.vendor:
            return self.device.upper() if _COM.fullmatch(self.device) else quote(self.device)
        adapter = f"usb/{self.vendor:04x}:{self.product:04x}"
        if self.serial_number:
            return f"{adapter}/{quote(self.serial_number, safe='')}"
        return f"{adapter}@{self.location}" if self.location else adapter


@dataclass(frozen=True, slots=True)
class SerialPort:
    """A port that is there now."""

    device: str
    """Where it is at the moment: ``/dev/ttyUSB0``, ``COM3``."""
    url: str
    """Its URL with the usual settings of a line; it stays true at another socket and name where
    the adapter can be told from others."""
    vendor: int | None = None
    product: int | None = None
    """USB ids; None for a port that is no USB adapter."""
    serial_number: str = ""
    location: str = ""
    """USB port path such as ``1-2.3``."""
    description: str = ""
    """The device's own words, cleaned and shortened; not to be trusted."""


def list_ports(settings: str) -> list[SerialPort]:
    """Return the ports that are there, each URL ending with ``settings``.

    Raises:
        DeviceUnreachable: the system does not tell.
    """
    found = sorted(_ports(), key=lambda port: _by_number(port.device))
    names = Counter(_with_serial_number(port) for port in found)
    return [
        replace(port, url=f"serial://{_name_of(port, names)}{settings}") for port in found
    ]  # fmt: skip


def find_device(name: PortName, kind: Kind = PRINTER) -> str:
    """Return where the named port is now.

    Raises:
        DeviceUnreachable: the USB adapter is not plugged in, or several fit.
    """
    if name.device:
        return name.device
    fit = [port.device for port in _ports() if _fits(port, name)]
    if len(fit) == 1:
        return fit[0]
    if fit:
        raise DeviceUnreachable(
            f"{len(fit)} serial ports fit serial://{name} ({', '.join(fit[:4])}); name one of "
            f"them by its serial number or port, as '{kind.finder}' shows it.",
            name=str(name),
            found=fit,
        )
    raise DeviceUnreachable(
        f"The serial adapter serial://{name} is not plugged in; plug it in, or see with "
        f"'{kind.finder}' which ones are there.",
        name=str(name),
    )


def _fits(port: SerialPort, name: PortName) -> bool:
    return (
        (port.vendor, port.product) == (name.vendor, name.product)
        and (not name.serial_number or port.serial_number == name.serial_number)
        and (not name.location or port.location.lower() == name.location)
    )


def _with_serial_number(port: SerialPort) -> PortName:
    if port.vendor is None or port.product is None:
        return PortName(port.device)
    return PortName("", port.vendor, port.product, port.serial_number)


def _name_of(port: SerialPort, names: Counter[PortName]) -> PortName:
    """Return the name that stays true longest: serial number, else place, else device."""
    name = _with_serial_number(port)
    if name.device or (name.serial_number and names[name] == 1):
        return name
    return replace(name, serial_number="", location=port.location.lower())


def _ports() -> Iterable[SerialPort]:
    from serial.tools import list_ports as pyserial

    try:
        found = list(pyserial.comports())
    except (OSError, ValueError, TypeError) as error:  # TypeError: unplugged while it was read
        raise DeviceUnreachable(
            f"The serial ports of this computer cannot be listed ({error}); try again.",
        ) from error
    for port in found:
        if not (port.vid is None and _is_empty_socket(port.device)):
            yield SerialPort(
                device=port.device,
                url="",
                vendor=port.vid,
                product=port.pid,
                serial_number=port.serial_number or "",
                location=port.location or "",
                description=_clean(port.description),
            )


def _is_empty_socket(device: str) -> bool:
    """Return whether Linux offers the name with no chip behind it, as it does for ttyS1 to 31."""
    from pathlib import Path

    kind = Path("/sys/class/tty", Path(device).name, "type")
    try:
        return kind.read_text().strip() == "0"  # PORT_UNKNOWN, <linux/serial_core.h>
    except OSError:
        return False


def _clean(words: str | None) -> str:
    printable = "".join(c if c.isprintable() else " " for c in words or "")
    short = " ".join(printable.split())[:LONGEST]
    return "" if short == "n/a" else short


def _by_number(device: str) -> list[str | int]:
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", device)]
