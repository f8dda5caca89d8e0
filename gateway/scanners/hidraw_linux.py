"""HID devices as Linux has them: which are there, their descriptors, and the reports of one.

Sources: Documentation/hid/hidraw.rst; everything about devices that are not open is read from
``/sys``.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from gateway.errors import DeviceLost
from gateway.scanners.hid_reports import LONGEST_REPORT, read_descriptor
from gateway.scanners.plugged import Plugged, tidy_serial, usb_port
from gateway.scanners.waking import Waker

HIDRAW = Path("/sys/class/hidraw")
NODES = Path("/dev")


def plugged_scanners() -> list[Plugged]:
    """Return the devices that say of themselves that they are barcode scanners."""
    found = []
    for entry in sorted(HIDRAW.glob("hidraw*")):
        device = entry / "device"
        with suppress(OSError, ValueError):  # just unplugged
            if not read_descriptor((device / "report_descriptor").read_bytes()).is_scanner:
                continue
            told = _told((device / "uevent").read_text("utf-8", "replace"))
            _, vendor, product = told["HID_ID"].split(":")
            port, interface = usb_port(device.resolve())
            found.append(
                Plugged(
                    node=str(NODES / entry.name),
                    vendor=int(vendor, 16) & 0xFFFF,
                    product=int(product, 16) & 0xFFFF,
                    serial=tidy_serial(told.get("HID_UNIQ", "")),
                    port=port,
                    name=told.get("HID_NAME", ""),
                    interface=interface,
                )
            )
    return found


def _told(uevent: str) -> dict[str, str]:
    told = {name: value for name, _, value in (line.partition("=") for line in uevent.splitlines())}
    if "HID_ID" not in told:
        raise ValueError(uevent)
    return told


class HidrawLine:
    """The reports of an open device, both ways."""

    def __init__(self, device: Plugged, url: str) -> None:
        """Open it.

        Raises:
            OSError: it is not there, or this user may not.
        """
        self._url = url
        entry = HIDRAW / Path(device.node).name
        self.descriptor = (entry / "device" / "report_descriptor").read_bytes()
        self._file = os.open(device.node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._waker = Waker(self._file)

    def read(self, timeout: float) -> bytes:
        """Return the next report; ``b""`` when none within ``timeout`` seconds or after ``wake``.

        Raises:
            DeviceLost: it was unplugged.
        """
        if not self._waker.wait(timeout):
            return b""
        try:
            return os.read(self._file, LONGEST_REPORT)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise DeviceLost(
                f"The scanner {self._url} was unplugged; it is used again when it is back.",
                url=self._url,
            ) from error

    def write(self, report: bytes) -> None:
        """Send a report, with its number first. Raises nothing: a loss is noticed by ``read``."""
        with suppress(OSError):
            os.write(self._file, report)

    def wake(self) -> None:
        """Have ``read`` return; from any thread."""
        self._waker.ring()

    def close(self) -> None:
        """Let it go; again does nothing."""
        if self._file >= 0:
            self._waker.close()
            file, self._file = self._file, -1
            with suppress(OSError):
                os.close(file)
