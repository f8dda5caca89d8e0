"""Keyboards as Linux has them: which are there, and the keys of one, for the gateway alone.

Sources: linux/input.h and linux/input-event-codes.h; Documentation/input/event-codes.rst for
SYN_DROPPED. Everything about devices that are not open is read from ``/sys``.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from gateway.scanners.keys import Key, Lost
from gateway.scanners.plugged import Plugged, tidy_serial, usb_port

INPUT = Path("/sys/class/input")
NODES = Path("/dev/input")

BUS_VIRTUAL = 0x06
"""What programs plug in by uinput, such as ourselves."""

EV_SYN, EV_KEY, EV_MSC = 0, 1, 4
SYN_REPORT, SYN_DROPPED = 0, 3

KEY_MAX = 0x2FF
TYPING = frozenset(range(2, 12)) | frozenset(range(16, 26)) | {28}
"""Digits, the upper row of letters and Enter: what no remote control or power button has."""

EVIOCGRAB = 0x40044590
_EVIOCGKEY = 0x80004518 | (KEY_MAX // 8 + 1) << 16

_EVIOCSMASK = 0x40104593
_MASK = struct.Struct("=IIQ")
"""struct input_mask: type, bytes of codes, where they are."""

_EVENT = struct.Struct("@LLHHi")
"""struct input_event: seconds, microseconds, type, code, value."""

EVENTS_AT_ONCE = 256


def ask(descriptor: int, request: int, argument: int | bytes | bytearray = 0) -> None:
    """Have the system do something about a device, by ioctl(2).

    Raises:
        OSError: it does not.
    """
    import fcntl  # late: only Linux has it

    fcntl.ioctl(descriptor, request, argument)


def plugged_keyboards() -> list[Plugged]:
    """Return the devices that type, wedges among them, in the order of their names."""
    found = []
    for entry in INPUT.glob("event*"):
        device = entry / "device"
        if _number(device / "id" / "bustype") == BUS_VIRTUAL or not _types(device):
            continue
        port, interface = usb_port(_resolved(device))
        found.append(
            Plugged(
                node=str(NODES / entry.name),
                vendor=_number(device / "id" / "vendor"),
                product=_number(device / "id" / "product"),
                serial=tidy_serial(_text(device / "uniq")),
                port=port,
                name=_text(device / "name"),
                interface=interface,
            )
        )
    return sorted(found, key=lambda device: (len(device.node), device.node))


def open_keyboard(node: str) -> int:
    """Return the descriptor of a keyboard, open for reading, with room for keys only.

    Raises:
        OSError: it is not there, or this user may not.
    """
    descriptor = os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    none = ctypes.create_string_buffer(1)
    with suppress(OSError):  # before Linux 4.4: scan codes come too, and are passed over
        ask(descriptor, _EVIOCSMASK, _MASK.pack(EV_MSC, len(none), ctypes.addressof(none)))
    return descriptor


def grab(descriptor: int) -> None:
    """Have the keys come to this descriptor and to nobody else.

    Raises:
        OSError: EBUSY, another program has grabbed it.
    """
    ask(descriptor, EVIOCGRAB, 1)


def keys_down(descriptor: int) -> frozenset[int]:
    """Return the keys that are down now; those that wait to be read are dropped.

    Raises:
        OSError: the device has gone.
    """
    bits = bytearray(KEY_MAX // 8 + 1)
    ask(descriptor, _EVIOCGKEY, bits)
    return frozenset(code for code in range(KEY_MAX + 1) if bits[code // 8] >> code % 8 & 1)


class Keys:
    """The events of one descriptor, as keys."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._dropping = False

    def take(self) -> list[Key | Lost]:
        """Return what has come; without waiting.

        Raises:
            OSError: the device has gone.
        """
        try:
            came = os.read(self._descriptor, EVENTS_AT_ONCE * _EVENT.size)
        except BlockingIOError:
            return []
        return list(self._keys(came))

    def _keys(self, came: bytes) -> Iterator[Key | Lost]:
        whole = len(came) // _EVENT.size * _EVENT.size
        for _, _, kind, code, value in _EVENT.iter_unpack(came[:whole]):
            if kind == EV_SYN and code == SYN_DROPPED:
                self._dropping = True
            elif self._dropping:
                # Up to the next report events belong to what was dropped.
                if kind == EV_SYN and code == SYN_REPORT:
                    self._dropping = False
                    yield Lost(keys_down(self._descriptor))
            elif kind == EV_KEY:
                yield Key(code, value)


def _types(device: Path) -> bool:
    """Return whether a device has the keys of a keyboard that writes."""
    words = _text(device / "capabilities" / "key").split()
    bits = 0
    with suppress(ValueError):
        for word in words:  # of the machine's own width, the highest first
            bits = bits << 8 * struct.calcsize("@L") | int(word, 16)
    return all(bits >> code & 1 for code in TYPING)


def _number(file: Path) -> int:
    try:
        return int(_text(file), 16)
    except ValueError:
        return 0


def _resolved(place: Path) -> Path:
    try:
        return place.resolve()
    except OSError:
        return place


def _text(file: Path) -> str:
    """Return a file's text without the newline; empty when it cannot be read."""
    try:
        return file.read_bytes().decode("utf-8", "replace").removesuffix("\n")
    except OSError:
        return ""
