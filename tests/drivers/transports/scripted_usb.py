"""A USB bus that is a script: what libusb would do, at pyusb's own seam for it."""

from __future__ import annotations

import errno
import os
import time
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import usb.core


def fault(number: int) -> usb.core.USBError:
    """Return the error pyusb raises for it."""
    kind: Any = usb.core.USBTimeoutError if number == errno.ETIMEDOUT else usb.core.USBError
    made: usb.core.USBError = kind(os.strerror(number), None, number)
    return made


@dataclass
class End:
    bEndpointAddress: int  # noqa: N815 - pyusb's names, which are those of USB 2.0
    bmAttributes: int = 2  # noqa: N815
    wMaxPacketSize: int = 512  # noqa: N815


@dataclass
class Setting:
    bInterfaceNumber: int = 0  # noqa: N815
    bAlternateSetting: int = 0  # noqa: N815
    bInterfaceClass: int = 7  # noqa: N815
    bInterfaceProtocol: int = 2  # noqa: N815
    ends: list[End] = field(default_factory=lambda: [End(0x81), End(0x02)])

    @property
    def bNumEndpoints(self) -> int:  # noqa: N802
        return len(self.ends)


@dataclass
class Device:
    """One device; its interfaces are lists of alternate settings."""

    interfaces: list[list[Setting]] = field(default_factory=lambda: [[Setting()]])
    idVendor: int = 0x0A5F  # noqa: N815
    idProduct: int = 0x0164  # noqa: N815
    serial: str = "SN1"
    configuration: int = 1
    bus: int = 250
    address: int = 7
    port_numbers: tuple[int, ...] | None = (1, 4)
    bNumConfigurations: int = 1  # noqa: N815
    iManufacturer: int = 1  # noqa: N815
    iProduct: int = 2  # noqa: N815
    iSerialNumber: int = 3  # noqa: N815
    bConfigurationValue: int = 1  # noqa: N815
    raises: dict[str, BaseException] = field(default_factory=dict)
    """What a call of that name raises."""
    kernel_driver: bool = False
    takes: list[int | BaseException] = field(default_factory=list)
    """What the next writes do: take so many bytes at most, or raise. Then all is taken."""
    says: list[bytes | BaseException] = field(default_factory=list)
    """What the next reads bring; then nothing."""
    wrote: list[bytes] = field(default_factory=list)
    did: list[tuple[object, ...]] = field(default_factory=list)
    """Calls that change something, in order."""

    @property
    def bNumInterfaces(self) -> int:  # noqa: N802
        return len(self.interfaces)


class ScriptedUsb:
    """pyusb's ``IBackend`` over devices that are scripts."""

    def __init__(self, *devices: Device) -> None:
        self.devices = devices
        self.open = 0

    def _do(self, device: Device, *what: object) -> None:
        if (error := device.raises.get(str(what[0]))) is not None:
            raise error
        device.did.append(what)

    # ------------------------------------------------------------ descriptors

    def enumerate_devices(self) -> list[Device]:
        return list(self.devices)

    def get_device_descriptor(self, device: Device) -> Device:
        if (error := device.raises.get("descriptor")) is not None:
            raise error
        return device

    def get_configuration_descriptor(self, device: Device, index: int) -> Device:
        return device

    def get_interface_descriptor(
        self, device: Device, interface: int, alternate: int, index: int
    ) -> Setting:
        return device.interfaces[interface][alternate]

    def get_endpoint_descriptor(
        self, device: Device, end: int, interface: int, alternate: int, index: int
    ) -> End:
        return device.interfaces[interface][alternate].ends[end]

    # ------------------------------------------------------------ an open device

    def open_device(self, device: Device) -> Device:
        if (error := device.raises.get("open")) is not None:
            raise error
        self.open += 1
        return device

    def close_device(self, device: Device) -> None:
        self.open -= 1

    def get_configuration(self, device: Device) -> int:
        return device.configuration

    def set_configuration(self, device: Device, value: int) -> None:
        self._do(device, "configuration", value)

    def is_kernel_driver_active(self, device: Device, interface: int) -> bool:
        if (error := device.raises.get("active")) is not None:
            raise error
        return device.kernel_driver

    def detach_kernel_driver(self, device: Device, interface: int) -> None:
        self._do(device, "detach", interface)

    def claim_interface(self, device: Device, interface: int) -> None:
        self._do(device, "claim", interface)

    def release_interface(self, device: Device, interface: int) -> None:
        self._do(device, "release", interface)

    def set_interface_altsetting(self, device: Device, interface: int, alternate: int) -> None:
        self._do(device, "alternate", interface, alternate)

    def clear_halt(self, device: Device, end: int) -> None:
        self._do(device, "clear halt", end)

    def ctrl_transfer(
        self,
        device: Device,
        kind: int,
        request: int,
        value: int,
        index: int,
        buffer: array[int],
        timeout: int,
    ) -> int:
        assert timeout > 0, "a request without an end"
        if (error := device.raises.get("control")) is not None:
            raise error
        answer = b"\0\0"
        if (kind, request) == (0x80, 6):
            texts = {1: "Zebra", 2: "ZD421", 3: device.serial}
            told = b"\x09\x04" if value & 0xFF == 0 else texts[value & 0xFF].encode("utf-16-le")
            answer = bytes([len(told) + 2, 3]) + told
        elif (kind, request) == (0xA1, 0):
            answer = b"\0\x0cMDL:ZD421;"
        elif (kind, request) == (0xA1, 1):
            answer = b"\x18"
        got = answer[: len(buffer)]
        buffer[: len(got)] = array("B", got)
        return len(got)

    def bulk_write(
        self, device: Device, end: int, interface: int, sent: array[int], timeout: int
    ) -> int:
        assert timeout > 0, "a transfer without an end"
        step: Any = device.takes.pop(0) if device.takes else len(sent)
        if isinstance(step, BaseException):
            raise step
        taken = sent.tobytes()[:step]
        device.wrote.append(taken)
        return len(taken)

    def bulk_read(
        self, device: Device, end: int, interface: int, buffer: array[int], timeout: int
    ) -> int:
        assert timeout > 0, "a transfer without an end"
        if not device.says:
            time.sleep(timeout / 1000)
            raise fault(errno.ETIMEDOUT)
        said = device.says.pop(0)
        if isinstance(said, BaseException):
            raise said
        buffer[: len(said)] = array("B", said)
        return len(said)


Plugged = Callable[..., ScriptedUsb]
