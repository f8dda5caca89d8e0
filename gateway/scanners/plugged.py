"""Which plugged in scanner is meant: by serial number, by the socket it is in, or the only one.

    wedge:0c2e:0b61/17018B0B25    the scanner with that serial number, wherever it is plugged in
    hid:0c2e:0b61@1-1.2           whatever scanner of that type is in port 2 of the hub in port 1
    wedge:0c2e:0b61               the only one of that type

Vendor and product are hexadecimal, as ``lsusb`` shows them. The second form is for scanners that
have no serial number, or the same one twice, as cheap ones do. What is paired by Bluetooth has its
address as serial number.

>>> str(parse_address("WEDGE://C2E:B61/17018B0B25"))
'wedge:0c2e:0b61/17018B0B25'
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote

from gateway.devices.holders import who_holds
from gateway.errors import DeviceBusy, DeviceError, DeviceUnreachable, ScannerRefused

LONGEST_SERIAL = 126
"""Characters in a USB string descriptor: 255 bytes, two of them head, in UTF-16."""

_ADDRESS = re.compile(
    r"(?P<scheme>[a-z]+):(?://)?(?P<vendor>[0-9a-f]{1,4}):(?P<product>[0-9a-f]{1,4})"
    r"(?:/(?P<serial>[^/?#@]+)|@(?P<port>[0-9]{1,3}-[0-9]{1,3}(?:\.[0-9]{1,3}){0,6}))?/?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """A plugged in scanner's address. Either serial or port is empty, or both are."""

    scheme: str
    """``wedge`` or ``hid``."""
    vendor: int
    product: int
    serial: str = ""
    port: str = ""

    def __str__(self) -> str:
        place = f"/{quote(self.serial, safe='')}" if self.serial else ""
        if self.port:
            place = f"@{self.port}"
        return f"{self.scheme}:{self.vendor:04x}:{self.product:04x}{place}"


@dataclass(frozen=True, slots=True)
class Plugged:
    """A device that is there, whether this user may open it or not."""

    node: str
    """How it is opened now: ``/dev/input/event7``; it changes with each plugging in."""
    vendor: int
    product: int
    serial: str
    port: str
    """USB port path such as ``1-1.2``; empty: it is no USB device."""
    name: str
    """Its own words; not to be trusted."""
    interface: str = ""
    """Where in the port: a device may have several of a kind."""


def parse_address(url: str) -> Address:
    """Return the address in a URL.

    Raises:
        ScannerRefused: the URL does not name a plugged in scanner.
    """
    match = _ADDRESS.fullmatch(url)
    serial = "" if match is None else tidy_serial(unquote(match["serial"] or ""))
    if match is None or (match["serial"] and not is_serial(serial)):
        scheme = url.partition(":")[0].lower()
        raise ScannerRefused(
            f"{url[:200]!r} is not a scanner's URL; write vendor, product and serial number as in "
            f"{scheme}:0c2e:0b61/17018B0B25, or its port as in {scheme}:0c2e:0b61@1-1.2.",
            url=url,
        )
    return Address(
        match["scheme"].lower(),
        int(match["vendor"], 16),
        int(match["product"], 16),
        serial,
        match["port"] or "",
    )


def is_serial(text: str) -> bool:
    """Return whether a device's serial number can name it: printable, and no longer than one."""
    return bool(text) and text.isprintable() and len(text) <= LONGEST_SERIAL


def tidy_serial(text: str) -> str:
    """Return a serial number as it is compared: up to the first NUL, without spaces around it."""
    return text.partition("\0")[0].strip()


def address_of(scheme: str, device: Plugged, all_there: Sequence[Plugged]) -> Address:
    """Return the address of a device that stays true longest: serial number, else port."""
    plain = Address(scheme, device.vendor, device.product)
    if is_serial(device.serial):
        named = replace(plain, serial=device.serial)
        if len(_places(named, all_there)) == 1:
            return named
    return replace(plain, port=device.port)


def pick(address: Address, all_there: Sequence[Plugged]) -> Plugged:
    """Return the one device that is meant.

    Raises:
        DeviceUnreachable: it is not plugged in, or several fit.
    """
    places = _places(address, all_there)
    if len(places) == 1:
        return min(_meant(address, all_there), key=lambda device: device.interface)
    if places:
        ports = " or ".join(sorted(port for port in places if port)[:8])
        raise DeviceUnreachable(
            f"{len(places)} scanners {address} are plugged in; say by its port which one is meant: "
            f"{address.scheme}:{address.vendor:04x}:{address.product:04x}@PORT with {ports}.",
            url=str(address),
            reason="ambiguous",
        )
    raise DeviceUnreachable(
        f"The scanner {address} is not plugged in; check its cable or its radio, and that it is in "
        f"the mode that {address.scheme}: stands for.",
        url=str(address),
        reason="not plugged in",
    )


def cannot_open(url: str, node: str, error: OSError) -> DeviceError:
    """Return why a device's file cannot be opened."""
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return DeviceUnreachable(
                f"This user may not use the scanner {url} ({node}); {cure_of_permission(url)}.",
                url=url,
                reason="permission",
            )
        case errno.EBUSY:
            return DeviceBusy(
                f"The scanner {url} is used by {who_holds(node) or 'another program'}; stop that "
                "first.",
                url=url,
            )
        case errno.ENOENT | errno.ENODEV | errno.ENXIO:
            return DeviceUnreachable(
                f"The scanner {url} has just gone; plug it in again.",
                url=url,
                reason="not plugged in",
            )
        case _:
            return DeviceUnreachable(
                f"The scanner {url} cannot be opened ({error.strerror or error}); unplug it, and "
                "plug it in again.",
                url=url,
            )


def cure_of_permission(url: str) -> str:
    """Return what lets this user open a scanner."""
    return f"run once as root: label-gateway doctor --fix --scanner {url}"


def usb_port(place: Path) -> tuple[str, str]:
    """Return port and interface of a device by its place in ``/sys``; empty where it is no USB.

    >>> usb_port(Path("/sys/devices/pci0/usb1/1-1/1-1.2/1-1.2:1.0/0003:0C2E:0B61.0007/input/i9"))
    ('1-1.2', '1.0')
    """
    for part in reversed(place.parts):
        if match := re.fullmatch(r"([0-9]+-[0-9.]+):([0-9.]+)", part):
            return match[1], match[2]
    return "", ""


def _meant(address: Address, all_there: Iterable[Plugged]) -> list[Plugged]:
    return [
        device
        for device in all_there
        if (device.vendor, device.product) == (address.vendor, address.product)
        and address.serial in ("", device.serial)
        and address.port in ("", device.port)
    ]


def _places(address: Address, all_there: Iterable[Plugged]) -> set[str]:
    """Return where the devices are that fit: one device may show itself several times."""
    return {device.port or device.serial or device.node for device in _meant(address, all_there)}
