"""USB scanners that are programs, plugged into ``dummy_hcd``. They run in the guest of ``lab.py``.

    host side of the kernel ══USB══ dummy_udc.N ── f_hid, f_acm ── Wedge, HidPos, Cdc ── the test

The functions are the kernel's own, made by configfs: Documentation/usb/gadget_configfs.rst,
Documentation/usb/gadget_hid.rst, Documentation/ABI/testing/configfs-usb-gadget-hid and -acm.
"""

from __future__ import annotations

import os
import select
import termios
import tty
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from gateway.scanners.keys import DOWN, KEY_ENTER, UP, type_text
from gateway.scanners.layouts import layout_of
from tests.hardware.gadgets import CONFIGFS, controllers
from tests.scanners.hid_descriptors import HONEYWELL, KEYBOARD

PATIENCE = 10_000
"""ms for what takes a few: the guest is emulated."""


class UsbScanner:
    """A device with one function of the kernel's. ``plug()`` it in; the cable can be pulled."""

    def __init__(
        self,
        function: str,
        *,
        vendor: int = 0x0C2E,
        product: int = 0x0B61,
        serial: str = "17018B0B25",
        name: str = "Barcode Scanner",
        settings: dict[str, bytes] | None = None,
    ) -> None:
        """Make a scanner that lies beside its socket."""
        self.controller = controllers()[0]
        tag = self.controller.replace(".", "_")
        self._gadget = CONFIGFS / tag
        self._plugged = False
        self._gadget.mkdir()
        (self._gadget / "idVendor").write_text(f"{vendor:#06x}")
        (self._gadget / "idProduct").write_text(f"{product:#06x}")
        strings = self._gadget / "strings" / "0x409"
        strings.mkdir()
        (strings / "manufacturer").write_text("Honeywell")
        (strings / "product").write_text(name)
        if serial:
            (strings / "serialnumber").write_text(serial)
        (self._gadget / "configs" / "c.1").mkdir()
        self.function = self._gadget / "functions" / f"{function}.{tag}"
        self.function.mkdir()
        for setting, value in (settings or {}).items():
            (self.function / setting).write_bytes(value)
        (self._gadget / "configs" / "c.1" / self.function.name).symlink_to(self.function)

    def plug(self) -> None:
        """Plug it in."""
        if not self._plugged:
            (self._gadget / "UDC").write_text(self.controller)
            self._plugged = True

    def unplug(self) -> None:
        """Pull the cable."""
        if self._plugged:
            (self._gadget / "UDC").write_text("\n")
            self._plugged = False

    @property
    def host_port(self) -> str:
        """The port it is seen in by the host side, as ``1-1``; empty while it is not."""
        bus = Path(f"/sys/devices/platform/dummy_hcd.{self.controller.rpartition('.')[2]}")
        try:
            return next((found.parent.name for found in bus.glob("usb*/*-1/*:1.0")), "")
        except FileNotFoundError:  # it went while it was looked for
            return ""

    def close(self) -> None:
        """Unplug it and leave nothing behind."""
        self.unplug()
        with suppress(OSError):
            (self._gadget / "configs" / "c.1" / self.function.name).unlink()
        for folder in ("configs/c.1", f"functions/{self.function.name}", "strings/0x409", "."):
            with suppress(OSError):
                (self._gadget / folder).rmdir()

    def __enter__(self) -> UsbScanner:
        self.plug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Hid(UsbScanner):
    """A scanner that sends HID reports."""

    descriptor = b""
    length = 8

    def __init__(self, *, protocol: int = 0, **how: object) -> None:
        settings = {
            "protocol": str(protocol).encode(),
            "subclass": b"1" if protocol else b"0",
            "report_length": str(self.length).encode(),
            "report_desc": self.descriptor,
        }
        super().__init__("hid", settings=settings, **how)  # type: ignore[arg-type]

    @property
    def _node(self) -> Path:
        number = int((self.function / "dev").read_text().split(":")[1])
        return Path(f"/dev/hidg{number}")

    def send(self, reports: Iterable[bytes]) -> None:
        """Send reports, each when the host has taken the one before."""
        device = os.open(self._node, os.O_RDWR | os.O_NONBLOCK)
        try:
            waiting = select.poll()
            waiting.register(device, select.POLLOUT)
            for report in reports:
                assert waiting.poll(PATIENCE), "the host takes no report"
                os.write(device, report)
            assert waiting.poll(PATIENCE), "the host does not take the last report"
        finally:
            os.close(device)

    def told(self) -> bytes:
        """Return the next report that the host sent."""
        device = os.open(self._node, os.O_RDWR | os.O_NONBLOCK)
        try:
            waiting = select.poll()
            waiting.register(device, select.POLLIN)
            assert waiting.poll(PATIENCE), "the host says nothing"
            return os.read(device, 64)
        finally:
            os.close(device)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_KEYS_OF_LETTERS = dict(
    zip("qwertyuiopasdfghjklzxcvbnm", (*range(16, 26), *range(30, 39), *range(44, 51)), strict=True)
)
_OF_LINUX = (
    {_KEYS_OF_LETTERS[letter]: 0x04 + place for place, letter in enumerate(_LETTERS)}
    | {2 + place: 0x1E + place for place in range(10)}
    | {28: 0x28, 15: 0x2B, 57: 0x2C, 12: 0x2D, 13: 0x2E, 26: 0x2F, 27: 0x30, 43: 0x31, 39: 0x33}
    | {40: 0x34, 41: 0x35, 51: 0x36, 52: 0x37, 53: 0x38, 66: 0x41, 86: 0x64, 89: 0x87, 124: 0x89}
)
"""Key codes of Linux to usages of page 7 (HID Usage Tables, chapter 10)."""

_MODIFIERS = {29: 0, 42: 1, 56: 2, 125: 3, 97: 4, 54: 5, 100: 6, 126: 7}
"""To bits of the report's first byte (HID 1.11, appendix B.1)."""


def boot_reports(keys: Iterable[tuple[int, int]]) -> list[bytes]:
    """Return the reports of a boot keyboard whose keys go down and up."""
    held: list[int] = []
    modifiers = 0
    reports = []
    for code, value in keys:
        if code in _MODIFIERS:
            bit = 1 << _MODIFIERS[code]
            modifiers = modifiers | bit if value == DOWN else modifiers & ~bit
        elif value == DOWN:
            held.append(_OF_LINUX[code])
        else:
            held.remove(_OF_LINUX[code])
        reports.append(bytes([modifiers, 0, *held]).ljust(8, b"\0"))
    return reports


class Wedge(_Hid):
    """A scanner that is a keyboard."""

    descriptor = KEYBOARD

    def __init__(self, *, layout: str = "us", **how: object) -> None:
        """Make one that is set to a country's keyboard."""
        super().__init__(protocol=1, **how)
        self.layout = layout

    def press(self, keys: Iterable[tuple[int, int]]) -> None:
        """Press keys and let go of them."""
        self.send(boot_reports(keys))

    def type(self, text: str, *, enter: bool = True) -> None:
        """Type a code, and Enter behind it."""
        keys = type_text(text, layout_of(self.layout))
        self.press([*keys, (KEY_ENTER, DOWN), (KEY_ENTER, UP)] if enter else keys)


class HidPos(_Hid):
    """A scanner in HID POS mode, of the usual reports."""

    descriptor = HONEYWELL
    length = 64

    def scan(self, aim: bytes, code: bytes, *, reports: int | None = None) -> None:
        """Send a code, in as many reports as it takes or only in the first of them."""
        parts = [code[start : start + 56] for start in range(0, len(code), 56)]
        sent = [bytes([2, len(part)]) + aim + part.ljust(56, b"\0") + b"\0\0\x01" for part in parts]
        sent[-1] = sent[-1][:-1] + b"\0"
        self.send(sent[:reports])


class Cdc(UsbScanner):
    """A scanner that is a serial port."""

    def __init__(self, **how: object) -> None:
        super().__init__("acm", **how)  # type: ignore[arg-type]

    def send(self, code: bytes) -> None:
        """Send bytes, endings included."""
        number = int((self.function / "port_num").read_text())
        device = os.open(f"/dev/ttyGS{number}", os.O_RDWR | os.O_NOCTTY)
        try:
            tty.setraw(device)
            os.write(device, code)
            termios.tcdrain(device)
        finally:
            os.close(device)
