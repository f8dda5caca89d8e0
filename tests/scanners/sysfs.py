"""A ``/sys`` of files: keyboards and HID devices as Linux shows them."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import pytest

from gateway.scanners import evdev_linux, hidraw_linux
from gateway.scanners.evdev_linux import TYPING


@dataclass
class Sysfs:
    """What is plugged in; each device has a file in ``dev`` that may be opened."""

    root: Path
    count: int = 0

    def keyboard(
        self,
        port: str = "1-1",
        *,
        vendor: int = 0x0C2E,
        product: int = 0x0B61,
        serial: str = "",
        name: str = "Honeywell Barcode Scanner",
        keys: frozenset[int] = TYPING,
        bus: int = 3,
        interface: str = "1.0",
    ) -> Path:
        """Plug a keyboard in; return its file in ``/dev``."""
        number = self._next()
        place = self.root / "devices" / (f"usb1/{port}/{port}:{interface}" if port else "platform")
        device = place / f"input/input{number}"
        (device / "id").mkdir(parents=True)
        (device / "capabilities").mkdir()
        for file, value in (
            ("id/bustype", f"{bus:04x}"), ("id/vendor", f"{vendor:04x}"),
            ("id/product", f"{product:04x}"), ("uniq", serial), ("name", name),
            ("capabilities/key", _words(keys)),
        ):  # fmt: skip
            (device / file).write_text(f"{value}\n")
        entry = self.root / "class/input" / f"event{number}"
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(device)
        return self._node("input", entry.name)

    def hid(
        self, descriptor: bytes, port: str = "1-2", *, serial: str = "", name: str = "Scanner"
    ) -> Path:
        """Plug a HID device in; return its file in ``/dev``."""
        number = self._next()
        device = self.root / f"devices/usb1/{port}/{port}:1.0/0003:0C2E:0B61.{number:04}"
        device.mkdir(parents=True)
        (device / "report_descriptor").write_bytes(descriptor)
        (device / "uevent").write_text(
            f"DRIVER=hid-generic\nHID_ID=0003:00000C2E:00000B61\nHID_NAME={name}\n"
            f"HID_UNIQ={serial}\n"
        )
        entry = self.root / "class/hidraw" / f"hidraw{number}"
        entry.mkdir(parents=True)
        (entry / "device").symlink_to(device)
        return self._node("", entry.name)

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _node(self, folder: str, name: str) -> Path:
        node = self.root / "dev" / folder / name
        node.parent.mkdir(parents=True, exist_ok=True)
        node.touch()
        return node


def _words(keys: frozenset[int]) -> str:
    """The kernel's way to write a bitmap: words of its own width, the highest first."""
    width = 8 * struct.calcsize("@L")
    bits = sum(1 << key for key in keys)
    words = []
    while bits:
        words.append(f"{bits & ((1 << width) - 1):x}")
        bits >>= width
    return " ".join(reversed(words)) or "0"


def make(root: Path, monkeypatch: pytest.MonkeyPatch) -> Sysfs:
    """Return an empty one that the scanners' modules look at from now on."""
    monkeypatch.setattr(evdev_linux, "INPUT", root / "class/input")
    monkeypatch.setattr(evdev_linux, "NODES", root / "dev/input")
    monkeypatch.setattr(hidraw_linux, "HIDRAW", root / "class/hidraw")
    monkeypatch.setattr(hidraw_linux, "NODES", root / "dev")
    return Sysfs(root)
