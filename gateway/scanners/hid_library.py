"""HID devices where the system has no files for them: Windows and macOS, through hidapi.

https://github.com/libusb/hidapi: ``hid_enumerate``, ``hid_read_timeout``,
``hid_get_report_descriptor``.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from gateway.errors import DeviceLost
from gateway.scanners.hid_reports import LONGEST_REPORT, SCANNERS
from gateway.scanners.plugged import Plugged, tidy_serial

if TYPE_CHECKING:
    from types import ModuleType

SLICE = 0.1
"""Seconds: the library cannot be woken, so it waits no longer at a time."""


def _library() -> ModuleType:
    """Return the package, which is loaded when somebody first asks for a scanner."""
    import hid

    found: ModuleType = hid
    return found


def plugged_scanners() -> list[Plugged]:
    """Return the devices that say of themselves that they are barcode scanners.

    Raises:
        OSError: the library cannot look.
    """
    found = []
    for told in _library().enumerate():
        usage = (told.get("usage_page") or 0) << 16 | (told.get("usage") or 0)
        if usage not in SCANNERS:
            continue
        found.append(
            Plugged(
                node=_text(told["path"]),
                vendor=told["vendor_id"],
                product=told["product_id"],
                serial=tidy_serial(told.get("serial_number") or ""),
                port="",
                name=f"{told.get('manufacturer_string') or ''} {told.get('product_string') or ''}",
                interface=str(told.get("interface_number", "")),
            )
        )
    return found


def _text(path: bytes | str) -> str:
    return path if isinstance(path, str) else path.decode("utf-8", "surrogateescape")


class LibraryLine:
    """The reports of an open device, both ways."""

    def __init__(self, device: Plugged, url: str) -> None:
        """Open it.

        Raises:
            OSError: it is not there, another program has it, or this user may not.
        """
        self._url = url
        self._device: Any = _library().device()
        self._device.open_path(device.node.encode("utf-8", "surrogateescape"))
        self._woken = threading.Event()
        self.descriptor = b""
        with suppress(OSError, AttributeError):  # older than hidapi 0.14
            self.descriptor = bytes(self._device.get_report_descriptor())

    def read(self, timeout: float) -> bytes:
        """Return the next report; ``b""`` when none within ``timeout`` seconds or after ``wake``.

        Raises:
            DeviceLost: it was unplugged.
        """
        ends = time.monotonic() + timeout
        while True:
            left = ends - time.monotonic()
            try:
                came = self._device.read(
                    LONGEST_REPORT, timeout_ms=max(1, round(1000 * min(left, SLICE)))
                )
            except (OSError, ValueError) as error:
                raise DeviceLost(
                    f"The scanner {self._url} was unplugged; it is used again when it is back.",
                    url=self._url,
                ) from error
            if came:
                return bytes(came)
            if self._woken.is_set() or left <= SLICE:
                self._woken.clear()
                return b""

    def write(self, report: bytes) -> None:
        """Send a report, with its number first. Raises nothing: a loss is noticed by ``read``."""
        with suppress(OSError, ValueError):
            self._device.write(report)

    def wake(self) -> None:
        """Have ``read`` return, within a tenth of a second; from any thread."""
        self._woken.set()

    def close(self) -> None:
        """Let it go; again does nothing."""
        self._device.close()
