"""Printers on USB, by pyusb and libusb: found by interface class 7, claimed once and kept.

    usb://0a5f:0164/D2J184500123 ──► UsbWire ──► bulk OUT, bulk IN, GET_PORT_STATUS

The interface is taken from the kernel's usblp driver and not given back: printers lose what they
hold when drivers come and go (CUPS knows dozens that do, by the name ``no-reattach``). The next
plugging in brings usblp back. For the same reason nothing here resets a device or sets a
configuration that is set already.

Requests: USB Printer Class 1.1, 4.2; USB 2.0, 9.4.

>>> check_url("USB://A5F:164/D2J184500123")
'usb://0a5f:0164/D2J184500123'
"""

from __future__ import annotations

import errno
import logging
import math
import os
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from gateway.devices.holders import Holder, holder_of
from gateway.drivers.ieee1284 import (
    DeviceId,
    PortStatus,
    clean_words,
    parse_device_id,
    read_device_id,
    read_port_status,
)
from gateway.drivers.transports import usb_linux
from gateway.drivers.transports.usb_address import (
    UsbAddress,
    is_serial,
    parse_usb_address,
    tidy_serial,
)
from gateway.drivers.transports.wire import Manners
from gateway.errors import DeliveryUncertain, DeviceBusy, DeviceError, DeviceUnreachable

log = logging.getLogger(__name__)

MANNERS = Manners(plugged=True)

MOST_AT_ONCE = 16_384
"""Bytes in one transfer: what Linux takes in one piece (MAX_USBFS_BUFFER_SIZE)."""

READ_AT_ONCE = 4_096
"""Bytes: whole packets of every speed, so that a longer answer is never cut off as babble."""

ANSWERS_WITHIN = 1.0
"""Seconds a control request may take. Every one has an end: 0 would mean for ever."""

MOST_HALTS = 3
"""Halts of an endpoint that are cleared with nothing moving in between."""

NOTHING_TO_SAY = 0.01
"""Seconds before a printer is asked again that answered with an empty packet at once."""

PRINTER_CLASS, VENDOR_CLASS = 0x07, 0xFF
IPP_OVER_USB = 4
_PREFERENCE = {2: 0, 1: 1, 3: 3, IPP_OVER_USB: 4}
"""Protocols of class 7, best first: 2 answers, 1 only listens; 3 and 4 carry other protocols."""

Backend = Any
"""pyusb's ``usb.backend.IBackend``: pyusb carries no types."""


@dataclass(frozen=True, slots=True)
class UsbPrinter:
    """A printer that is plugged in. Its words are its own, cleaned, and not to be trusted."""

    vendor: int
    product: int
    serial: str
    """Empty when it has none that can be written."""
    port: str
    """``1-2.4``: bus, then the port of each hub on the way."""
    manufacturer_name: str
    product_name: str
    device_id: DeviceId | None
    """IEEE 1284; None when it could not be asked."""
    url: str
    """By serial number where that is its own, else by port."""
    problem: str = ""
    """One sentence with its cure when it cannot be used as it is."""


@dataclass(frozen=True, slots=True)
class _Interface:
    """One alternate setting of one interface that can print."""

    configuration: int
    """bConfigurationValue."""
    index: int
    """Of the configuration, counted from 0."""
    number: int
    alternate: int
    usb_class: int
    protocol: int
    out: int
    """Endpoint address of bulk OUT."""
    into: int | None
    """Endpoint address of bulk IN; a printer that only listens has none."""
    packet: int
    """wMaxPacketSize of bulk OUT."""
    alternates: int = 1
    """Alternate settings this interface has."""

    @property
    def rank(self) -> int:
        return 9 if self.usb_class != PRINTER_CLASS else _PREFERENCE.get(self.protocol, 2)


@dataclass(frozen=True, slots=True)
class _Device:
    """A USB device as its descriptors show it; nothing was opened for it."""

    handle: Any
    vendor: int
    product: int
    strings: tuple[int, int, int]
    """Descriptor indexes of manufacturer, product and serial number; 0: there is none."""
    bus: int
    address: int
    port: str
    interfaces: tuple[_Interface, ...]

    @property
    def prints(self) -> bool:
        return any(found.usb_class == PRINTER_CLASS for found in self.interfaces)

    def __str__(self) -> str:
        return f"the USB printer {self.vendor:04x}:{self.product:04x} in port {self.port}"


def check_url(url: str) -> str:
    """Return the URL as ``usb://vid:pid/SERIAL``, ``usb://vid:pid@port`` or ``usb://vid:pid``.

    Raises:
        PrinterRefused: it does not name a USB printer.
    """
    return str(parse_usb_address(url))


def open_wire(url: str) -> UsbWire:
    """Return the printer, its interface claimed.

    Raises:
        PrinterRefused: the URL does not name a USB printer.
        DeviceUnreachable: it is not plugged in, is not the only one, or may not be used.
        DeviceBusy: another program has it.
    """
    address = parse_usb_address(url)
    backend = _backend()
    device = _pick(address, backend)
    try:
        handle = backend.open_device(device.handle)
    except (OSError, NotImplementedError) as error:
        raise _cannot(device, error) from error
    try:
        interface = _claim(backend, handle, device)
    except (OSError, NotImplementedError) as error:
        backend.close_device(handle)
        raise _cannot(device, error) from error
    except DeviceError:
        backend.close_device(handle)
        raise
    return UsbWire(backend, handle, interface, device, zero_packets=address.zero_packets)


def list_usb_printers() -> list[UsbPrinter]:
    """Return the printers that are plugged in, by port. Asks each who it is, and claims none.

    Raises:
        DeviceUnreachable: there is no libusb.
    """
    backend = _backend()
    found = [_look_at(backend, device) for device in _devices(backend) if device.prints]
    named = [(printer.vendor, printer.product, printer.serial) for printer in found]
    printers = []
    for printer, name in zip(found, named, strict=True):
        address = UsbAddress("usb", printer.vendor, printer.product, printer.serial)
        if not printer.serial or named.count(name) > 1:
            address = replace(address, serial="", port=printer.port)
        printers.append(replace(printer, url=str(address)))
    return sorted(printers, key=lambda printer: _in_order(printer.port))


def _in_order(port: str) -> list[int]:
    return [int(number) for number in port.replace("-", ".").split(".")]


# ---------------------------------------------------------------- finding


@cache
def _backend() -> Backend:
    """Return pyusb's way to libusb: the system's, else the one that came as a package."""
    from ctypes.util import find_library

    import usb.backend.libusb1

    load: Callable[..., Backend] = usb.backend.libusb1.get_backend
    backend = None
    # pyusb logs an error when it looks in vain: look first.
    if find_library("usb-1.0") is not None:
        backend = load()
    else:
        with suppress(ImportError):  # there is none for this processor
            import libusb_package

            backend = load(find_library=libusb_package.find_library)
    if backend is None:
        raise DeviceUnreachable(
            "USB printers need libusb, and it does not load; install it with: apt install "
            "libusb-1.0-0, or pip install --force-reinstall libusb-package.",
            reason="no libusb",
        )
    return backend


def _devices(backend: Backend, vendor: int = 0, product: int = 0) -> Iterator[_Device]:
    """Return what is plugged in and has an interface that could print, all types or one."""
    for handle in backend.enumerate_devices():
        # OSError: it was unplugged meanwhile, or its descriptors are broken.
        with suppress(OSError):
            seen = backend.get_device_descriptor(handle)
            if vendor and (seen.idVendor, seen.idProduct) != (vendor, product):
                continue
            interfaces = tuple(
                found
                for index in range(seen.bNumConfigurations)
                for found in _interfaces(backend, handle, index)
            )
            if not interfaces:
                continue
            port = f"{seen.bus}-{'.'.join(str(n) for n in seen.port_numbers or (0,))}"
            if usb_linux.is_gone(port):
                continue
            yield _Device(
                handle,
                seen.idVendor,
                seen.idProduct,
                (seen.iManufacturer, seen.iProduct, seen.iSerialNumber),
                seen.bus,
                seen.address,
                port,
                interfaces,
            )


def _interfaces(backend: Backend, handle: Any, index: int) -> Iterator[_Interface]:
    """Return the interfaces with a bulk OUT endpoint in one configuration."""
    configuration = backend.get_configuration_descriptor(handle, index)
    for number in range(configuration.bNumInterfaces):
        settings: list[Any] = []
        with suppress(IndexError):  # how pyusb says that there is no further one
            while True:
                settings.append(
                    backend.get_interface_descriptor(handle, number, len(settings), index)
                )
        for alternate, setting in enumerate(settings):
            if setting.bInterfaceClass not in (PRINTER_CLASS, VENDOR_CLASS):
                continue
            out, into = None, None
            for n in range(setting.bNumEndpoints):
                end = backend.get_endpoint_descriptor(handle, n, number, alternate, index)
                if end.bmAttributes & 0x03 != 0x02:  # bulk (USB 2.0, table 9-13)
                    continue
                if end.bEndpointAddress & 0x80:
                    into = into or end
                else:
                    out = out or end
            if out is not None:
                yield _Interface(
                    configuration.bConfigurationValue,
                    index,
                    setting.bInterfaceNumber,
                    setting.bAlternateSetting,
                    setting.bInterfaceClass,
                    setting.bInterfaceProtocol,
                    out.bEndpointAddress,
                    None if into is None else into.bEndpointAddress,
                    out.wMaxPacketSize & 0x7FF,  # USB 2.0, table 9-13: bits 10..0
                    len(settings),
                )


def _pick(address: UsbAddress, backend: Backend) -> _Device:
    """Return the one device that is meant."""
    kin = sorted(
        _devices(backend, address.vendor, address.product),
        key=lambda device: _in_order(device.port),
    )
    if address.serial:
        meant = [device for device in kin if _serial(backend, device) == address.serial]
    elif address.port:
        meant = [device for device in kin if device.port == address.port]
    else:
        meant = kin
    if len(meant) == 1:
        return meant[0]
    where = f" in port {address.port}" if address.port else ""
    who = f" with the serial number {address.serial}" if address.serial else ""
    name = f"{address.vendor:04x}:{address.product:04x}{who}{where}"
    if meant:
        urls = " or ".join(
            str(replace(address, serial="", port=device.port)) for device in meant[:8]
        )
        raise DeviceUnreachable(
            f"{len(meant)} USB printers {name} are plugged in; say by its port which one is meant: "
            f"{urls}.",
            url=str(address),
            reason="ambiguous",
        )
    others = f" ({len(kin)} of that type, but not this one)" if kin else ""
    raise DeviceUnreachable(
        f"No USB printer {name} is plugged in{others}; check its cable and its power, and see what "
        "is there with: label-gateway printers find.",
        url=str(address),
        reason="not plugged in",
    )


def _serial(backend: Backend, device: _Device) -> str:
    """Return a device's serial number; without opening it where the system shows it."""
    return tidy_serial(_string(backend, device, 2, "serial"))


def _string(backend: Backend, device: _Device, which: int, name: str) -> str:
    shown = usb_linux.device_string(device.port, name)
    if shown is not None:
        return shown
    try:
        handle = backend.open_device(device.handle)
    except (OSError, NotImplementedError):
        return ""
    try:
        return _read_string(backend, handle, device.strings[which])
    finally:
        backend.close_device(handle)


def _read_string(backend: Backend, handle: Any, index: int) -> str:
    """Return a string descriptor in the device's first language (USB 2.0, 9.6.7)."""
    if not index:
        return ""
    try:
        languages = _ask(backend, handle, 0x80, 6, 0x0300, 0, 255)
        language = int.from_bytes(languages[2:4], "little")
        text = _ask(backend, handle, 0x80, 6, 0x0300 | index, language, 255)
    except OSError:
        return ""
    return text[2 : text[0] if text else 0].decode("utf-16-le", "replace")


def _ask(
    backend: Backend, handle: Any, kind: int, request: int, value: int, index: int, most: int
) -> bytes:
    """Return the answer to a control request. Raises OSError, also when it takes too long."""
    buffer = array("B", bytes(most))
    got = backend.ctrl_transfer(
        handle, kind, request, value, index, buffer, _milliseconds(ANSWERS_WITHIN)
    )
    return bytes(buffer[:got])


def _look_at(backend: Backend, device: _Device) -> UsbPrinter:
    """Return who a device says it is, and what keeps it from being used."""
    best = min(device.interfaces, key=lambda found: found.rank)
    device_id, problem = None, ""
    if node := usb_linux.lp_node_of(device.port, best.number):
        device_id = parse_device_id(node.device_id) if node.device_id else None
    try:
        handle = backend.open_device(device.handle)
    except (OSError, NotImplementedError) as error:
        problem = _cannot(device, error).detail
    else:
        if device_id is None:
            # Linux allows this request without a claim, whoever has the interface.
            device_id = _ask_device_id(backend, handle, best)
        backend.close_device(handle)
        try:
            _choose(device, best.configuration)
        except DeviceError as error:
            problem = error.detail
        else:
            user = holder_of(usb_linux.usbfs_node(device.bus, device.address))
            if user is not None and not user.is_ours:
                problem = _busy(device, user).detail
    serial = _serial(backend, device)
    return UsbPrinter(
        device.vendor,
        device.product,
        serial if is_serial(serial) else "",
        device.port,
        clean_words(_string(backend, device, 0, "manufacturer")),
        clean_words(_string(backend, device, 1, "product")),
        device_id,
        "",
        problem,
    )


def _ask_device_id(backend: Backend, handle: Any, interface: _Interface) -> DeviceId | None:
    """Ask by GET_DEVICE_ID (USB Printer Class 1.1, 4.2.1)."""
    if interface.usb_class != PRINTER_CLASS:
        return None
    place = interface.number << 8 | interface.alternate
    try:
        answer = _ask(backend, handle, 0xA1, 0, interface.index, place, 1023)
    except (OSError, NotImplementedError):
        return None
    return read_device_id(answer) if len(answer) > 2 else None


# ---------------------------------------------------------------- claiming


def _claim(backend: Backend, handle: Any, device: _Device) -> _Interface:
    """Take the best interface of the active configuration, away from the kernel's driver."""
    active = backend.get_configuration(handle)
    interface = _choose(device, active)
    if not active:
        backend.set_configuration(handle, interface.configuration)
    _take_from_kernel(backend, handle, device, interface.number)
    backend.claim_interface(handle, interface.number)
    if interface.alternates > 1:
        backend.set_interface_altsetting(handle, interface.number, interface.alternate)
    for endpoint in (interface.out, interface.into):
        # A halt left over from before is cleared now, while nothing can be lost by it. Firmware
        # that does not know the question (USB 2.0, 9.4.5) is taken to be well.
        with suppress(OSError):
            if endpoint is not None and _ask(backend, handle, 0x82, 0, 0, endpoint, 2)[:1] == b"\1":
                log.info("an endpoint was halted", extra={"device": str(device)})
                backend.clear_halt(handle, endpoint)
    return interface


def _choose(device: _Device, active: int) -> _Interface:
    """Return the interface to print through; 0: no configuration is active yet."""
    there = [found for found in device.interfaces if active in (0, found.configuration)]
    if not there:
        raise DeviceUnreachable(
            f"{_begin(device)} shows its printer only in another USB configuration than the one "
            f"that is set ({active}); set it as root: echo {device.interfaces[0].configuration} > "
            f"/sys/bus/usb/devices/{device.port}/bConfigurationValue.",
            reason="configuration",
        )
    best = min(there, key=lambda found: found.rank)
    if best.usb_class == PRINTER_CLASS and best.protocol == IPP_OVER_USB:
        raise DeviceUnreachable(
            f"{_begin(device)} only speaks IPP over USB; add it to the print system of this "
            "computer, and use it as spool://.",
            reason="ipp",
        )
    return best


def _take_from_kernel(backend: Backend, handle: Any, device: _Device, number: int) -> None:
    try:
        if not backend.is_kernel_driver_active(handle, number):
            return
    except NotImplementedError:  # Windows has no such thing to ask for
        return
    if node := usb_linux.lp_node_of(device.port, number):
        user = holder_of(node.node)
        if user is not None:  # taking it away would cut off what it prints
            raise _busy(device, user)
    try:
        backend.detach_kernel_driver(handle, number)
    except OSError as error:
        if error.errno != errno.ENOENT:  # nothing is bound any more
            raise


def _begin(device: _Device) -> str:
    return f"T{str(device)[1:]}"


def _cannot(device: _Device, error: OSError | NotImplementedError) -> DeviceError:
    """Return why a device could not be opened or claimed, with the cure."""
    if isinstance(error, NotImplementedError):
        return DeviceUnreachable(
            f"{_begin(device)} belongs to the print system of this computer; add it there, and use "
            "it as spool:// with the name it has there.",
            reason="driver",
        )
    if error.errno == errno.EBUSY:
        node = usb_linux.usbfs_node(device.bus, device.address)
        return _busy(device, holder_of(node))
    if error.errno == errno.EACCES:
        if sys.platform == "darwin":
            return DeviceUnreachable(
                f"macOS keeps {device} for its own print system; add it there, and use it as "
                "spool:// with the name it has there.",
                reason="driver",
            )
        return DeviceUnreachable(
            f"This user may not use {device}; run once as root: label-gateway doctor --fix.",
            reason="permission",
        )
    if error.errno in (errno.ENODEV, errno.EIO):
        return DeviceUnreachable(
            f"{_begin(device)} was unplugged; plug it in again.", reason="not plugged in"
        )
    return DeviceUnreachable(
        f"{_begin(device)} cannot be used ({error.strerror or error}); unplug it, and plug it in "
        "again.",
        reason="usb",
    )


def _busy(device: _Device, user: Holder | None) -> DeviceBusy:
    """Return who has a device, and how it lets go of it."""
    if user is None:
        who, cure = "another program", "stop it"
    elif user.is_ours:
        who, cure = str(user), "remove one of the two"
    elif user.name.startswith("CUPS"):
        who, cure = str(user), "remove its queue, which lpstat -v shows: lpadmin -x QUEUE"
    elif user.name == "ipp-usb":
        who, cure = str(user), "stop it: systemctl disable --now ipp-usb"
    else:
        who, cure = str(user), f"stop it: kill {user.pid}"
    return DeviceBusy(
        f"{_begin(device)} is in use by {who}; {cure}.",
        holder=None if user is None else user.name,
        pid=None if user is None else user.pid,
    )


# ---------------------------------------------------------------- the wire


def _milliseconds(seconds: float) -> int:
    """Return at least 1: to libusb 0 means for ever."""
    return max(1, math.ceil(seconds * 1000))


class UsbWire:
    """A claimed USB printer."""

    def __init__(
        self,
        backend: Backend,
        handle: Any,
        interface: _Interface,
        device: _Device,
        *,
        zero_packets: bool = False,
    ) -> None:
        self._backend, self._handle, self._interface = backend, handle, interface
        self._place = str(device)
        self._port, self._node = device.port, usb_linux.usbfs_node(device.bus, device.address)
        self._zero_packets = zero_packets
        self._sent = 0
        self._tried = False
        """A transfer out was begun: some of its bytes may have left, whatever became of it."""
        self._halts_in_a_row = 0
        self.halts = 0
        """Halts of an endpoint that were cleared on this wire."""

    def write(self, payload: bytes | memoryview, timeout: float) -> int:
        """Return how many of the bytes the printer took; 0 when none within ``timeout`` seconds.

        Nothing is sent for no bytes: an empty transfer wedges printers that do not expect it. Where
        firmware waits for one behind whole packets, the URL says so (``?zlp=1``).
        """
        if not payload:
            return 0
        chunk = array("B", bytes(payload[:MOST_AT_ONCE]))
        while True:
            self._tried = True
            try:
                taken = self._write(chunk, timeout)
            except _timeout():
                return 0
            except OSError as error:
                if error.errno != errno.EPIPE:
                    raise self._broken(error) from error
                self._clear_halt(self._interface.out, error)
                if len(chunk) > self._interface.packet:
                    # A halted endpoint took whole packets before, and nobody says how many.
                    raise self._broken(error) from error
                continue
            self._sent += taken
            if taken:
                self._halts_in_a_row = 0
            whole = taken == len(payload) and taken % self._interface.packet == 0
            if self._zero_packets and whole and taken:
                self._end_transfer(timeout)
            return taken

    def _write(self, chunk: array[int], timeout: float) -> int:
        """pyusb returns a short count when time ran out with some bytes taken."""
        taken: int = self._backend.bulk_write(
            self._handle, self._interface.out, self._interface.number, chunk, _milliseconds(timeout)
        )
        return taken

    def _end_transfer(self, timeout: float) -> None:
        try:
            self._write(array("B"), timeout)
        except _timeout():
            log.info("an empty packet was not taken", extra={"device": self._place})
        except OSError as error:
            raise self._broken(error) from error

    def read(self, timeout: float) -> bytes:
        """Return what the printer has said; ``b""`` when nothing within ``timeout`` seconds."""
        ends = time.monotonic() + timeout
        while True:
            left = max(0.0, ends - time.monotonic())
            said = self._read(left) if self._interface.into is not None else self._listen(left)
            if said or time.monotonic() >= ends:
                return said
            time.sleep(min(NOTHING_TO_SAY, max(0.0, ends - time.monotonic())))

    def _read(self, timeout: float) -> bytes:
        buffer = array("B", bytes(READ_AT_ONCE))
        try:
            got = self._backend.bulk_read(
                self._handle,
                self._interface.into,
                self._interface.number,
                buffer,
                _milliseconds(timeout),
            )
        except _timeout():
            return b""
        except OSError as error:
            if error.errno != errno.EPIPE:
                raise self._broken(error) from error
            self._clear_halt(self._interface.into, error)
            return b""
        self._halts_in_a_row = 0
        return bytes(buffer[:got])

    def _listen(self, timeout: float) -> bytes:
        """Wait beside a printer that only listens, and see whether it is still there."""
        time.sleep(timeout)
        try:
            _ask(self._backend, self._handle, 0x80, 0, 0, 0, 2)  # GET_STATUS, USB 2.0, 9.4.5
        except OSError as error:
            if error.errno in (errno.ENODEV, errno.EIO):
                raise self._broken(error) from error
        return b""

    def check(self) -> None:
        """See whether the printer is still plugged in, without asking it anything.

        Raises:
            DeviceError: it is gone.
        """
        if usb_linux.is_gone(self._port) or not usb_linux.is_there(self._node):
            raise self._broken(OSError(errno.ENODEV, os.strerror(errno.ENODEV)))

    def port_status(self) -> PortStatus | None:
        """Return paper, on line and error as the printer's port says; None when it does not.

        Raises:
            DeviceError: the printer is gone.
        """
        if self._interface.usb_class != PRINTER_CLASS:
            return None
        try:
            answer = _ask(self._backend, self._handle, 0xA1, 1, 0, self._interface.number, 1)
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise self._broken(error) from error
            return None
        return read_port_status(answer[0]) if answer else None

    def device_id(self) -> DeviceId | None:
        """Return what the printer says it is (IEEE 1284); None when it does not."""
        return _ask_device_id(self._backend, self._handle, self._interface)

    def close(self) -> None:
        """Let the printer go."""
        if self._handle is None:
            return
        handle, self._handle = self._handle, None
        with suppress(OSError):
            self._backend.release_interface(handle, self._interface.number)
        self._backend.close_device(handle)

    def _clear_halt(self, endpoint: int | None, error: OSError) -> None:
        """Set an endpoint going again that the printer has halted (USB 2.0, 9.4.5)."""
        self.halts += 1
        self._halts_in_a_row += 1
        log.warning("an endpoint was halted", extra={"device": self._place, "halts": self.halts})
        if self._halts_in_a_row > MOST_HALTS:
            raise self._broken(error) from error
        try:
            self._backend.clear_halt(self._handle, endpoint)
        except OSError as gone:
            raise self._broken(gone) from gone

    def _broken(self, error: OSError) -> DeviceError:
        what = f"T{self._place[1:]}"
        if error.errno in (errno.ENODEV, errno.EIO):
            happened = f"{what} was unplugged or switched off"
        elif error.errno == errno.EPIPE:
            happened = f"{what} stopped taking data"
        else:
            happened = f"{what} broke off ({error.strerror or error})"
        if self._tried:
            return DeliveryUncertain(
                f"{happened} after {self._sent} bytes or a few more; look which labels came out.",
                place=self._place,
                sent=self._sent,
                in_flight=MOST_AT_ONCE,  # a transfer that fails does not say what it took
            )
        return DeviceUnreachable(
            f"{happened} before anything was sent; check its cable and its power.",
            place=self._place,
        )


@cache
def _timeout() -> type[OSError]:
    """Return pyusb's error for time that ran out with nothing moved."""
    import usb.core

    timeout: type[OSError] = usb.core.USBTimeoutError
    return timeout
