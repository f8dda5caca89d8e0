"""What Linux knows of USB devices without opening them: their strings, and usblp's nodes.

Everything here reads ``/sys`` and is empty where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gateway.drivers.transports.usb_address import tidy_serial

SYSFS = Path("/sys/bus/usb/devices")
USBLP = Path("/sys/class/usbmisc")


@dataclass(frozen=True, slots=True)
class LpNode:
    """A printer that the kernel's usblp driver has."""

    node: Path
    """``/dev/usb/lp0``: numbers are given in the order of plugging in."""
    vendor: int
    product: int
    serial: str
    port: str
    """``1-2.4``: bus, then the port of each hub on the way."""
    device_id: str
    """IEEE 1284, without its length."""


@dataclass(frozen=True, slots=True)
class Plugged:
    """A device with a printer's interface, whether it may be opened or not."""

    port: str
    vendor: int
    product: int
    node: Path
    """``/dev/bus/usb/001/004``: who may write it may print."""


def is_gone(port: str) -> bool:
    """Return whether nothing is in that port any more: libusb hears of it a moment later."""
    return SYSFS.is_dir() and not (SYSFS / port).exists()


def is_there(node: Path) -> bool:
    """Return whether the file of a device is there still; True where there are no such files."""
    return node.exists() or not node.parent.parent.exists()


def plugged_printers() -> list[Plugged]:
    """Return the devices with an interface of class 7."""
    found = {}
    for entry in sorted(SYSFS.glob("*:*")):
        if _text(entry / "bInterfaceClass") != "07":
            continue
        device = entry.resolve().parent
        try:
            found[device.name] = Plugged(
                device.name,
                int(_text(device / "idVendor"), 16),
                int(_text(device / "idProduct"), 16),
                usbfs_node(int(_text(device / "busnum")), int(_text(device / "devnum"))),
            )
        except ValueError:  # just unplugged
            continue
    return list(found.values())


def device_string(port: str, name: str) -> str | None:
    """Return a device's ``serial``, ``product`` or ``manufacturer``; None: sysfs is not there."""
    folder = SYSFS / port
    if not folder.is_dir():
        return None
    return _text(folder / name)


def usbfs_node(bus: int, address: int) -> Path:
    """Return the file through which programs reach a device."""
    return Path(f"/dev/bus/usb/{bus:03d}/{address:03d}")


def lp_nodes() -> list[LpNode]:
    """Return the printers that usblp has, in the order of their names."""
    found = []
    for entry in sorted(USBLP.glob("lp*")):
        interface = (entry / "device").resolve()
        device = interface.parent
        try:
            vendor = int(_text(device / "idVendor"), 16)
            product = int(_text(device / "idProduct"), 16)
        except ValueError:  # just unplugged
            continue
        found.append(
            LpNode(
                Path("/dev/usb") / entry.name,
                vendor,
                product,
                tidy_serial(_text(device / "serial")),
                device.name,
                _text(interface / "ieee1284_id"),
            )
        )
    return found


def lp_node_of(port: str, interface: int) -> LpNode | None:
    """Return the usblp node of a device's interface, or None when usblp does not have it."""
    driver = SYSFS / f"{port}:1.{interface}" / "usbmisc"
    names = {entry.name for entry in driver.glob("lp*")}
    return next((node for node in lp_nodes() if node.node.name in names), None)


def _text(file: Path) -> str:
    """Return a file's text without the newline; empty when it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8", "replace").removesuffix("\n")
    except OSError:
        return ""
