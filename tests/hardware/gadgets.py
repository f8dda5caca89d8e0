"""USB printers that are programs, plugged into ``dummy_hcd``. They run in the guest of ``lab.py``.

    host side of the kernel ══USB══ dummy_udc.N ── FunctionFS ── UsbPrinter ── TCP ── VirtualPrinter

FunctionFS gives a program every endpoint of a device, so everything a device can do wrong can be
done here: halt, hang, stay mute, take half and go. What is printed is the business of whatever the
bytes are handed to: a virtual printer that counts its paper, or the test.

FunctionFS: Documentation/usb/functionfs.rst and include/uapi/linux/usb/functionfs.h of Linux.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

CONFIGFS = Path("/sys/kernel/config/usb_gadget")
CONTROLLERS = Path("/sys/class/udc")

# functionfs.h
_DESCRIPTORS, _STRINGS = 3, 2
_FULL_SPEED, _HIGH_SPEED = 1, 2
_ENABLE, _SETUP = 2, 4
_EVENT = struct.Struct("<BBHHHB3x")

PACKET = 512
"""wMaxPacketSize of bulk endpoints at high speed (USB 2.0, 5.8.3)."""

READY, PAPER_OUT = 0x18, 0x30
"""GET_PORT_STATUS: selected, no error; and paper empty, selected, error."""

_libc = ctypes.CDLL(None, use_errno=True)


def _call(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def controllers() -> list[str]:
    """Return the sockets that no printer here was made for."""
    return [
        found.name
        for found in sorted(CONTROLLERS.iterdir())
        if not (CONFIGFS / found.name.replace(".", "_")).exists()
    ]


class UsbPrinter:
    """A printer of class 7. ``plug()`` it in, look at ``received``; safe from any thread."""

    def __init__(
        self,
        *,
        vendor: int = 0x0A5F,
        product: int = 0x0164,
        manufacturer: str = "Zebra Technologies",
        name: str = "ZTC ZD421-203dpi",
        serial: str = "D2J184500123",
        device_id: bytes = b"MANUFACTURER:Zebra Technologies ;COMMAND SET:ZPL;MODEL:ZD421;",
        usb_class: int = 7,
        protocol: int = 2,
        answer: Callable[[bytes], bytes] | None = None,
        port: int | None = None,
        controller: str | None = None,
    ) -> None:
        """Make a printer that lies beside its socket.

        Bytes go to ``answer``, which returns what the printer says to them, or to a TCP ``port``.
        """
        self.controller = controller or controllers()[0]
        self.device_id = device_id
        self.port_status = READY
        self.received = bytearray()
        self.packets: list[int] = []
        """How long each piece was that arrived; 0 is an empty packet."""
        self.halt_after: int | None = None
        """Halt bulk OUT when so many bytes have come in all."""
        self.unplug_after: int | None = None
        """Unplug when so many bytes have come in all; what else was in that packet is lost."""
        self.hang_control = threading.Event()
        self.refuse_control = False
        self._moved = threading.Condition()
        self._deaf = False
        self._answer = answer
        self._line: socket.socket | None = None
        self._port = port
        self._closed = False
        self._plugged = False
        self._hands_on = threading.RLock()
        self._bidirectional = protocol != 1

        tag = self.controller.replace(".", "_")
        self._gadget = CONFIGFS / tag
        self._mount = Path("/run") / tag
        self._make(vendor, product, manufacturer, name, serial)
        self._ep0 = os.open(self._mount / "ep0", os.O_RDWR)
        os.write(self._ep0, _descriptors(usb_class, protocol))
        os.write(self._ep0, _strings())
        self._out = os.open(self._mount / "ep1", os.O_RDWR)
        self._in = os.open(self._mount / "ep2", os.O_RDWR) if self._bidirectional else -1
        work = [self._serve_control, self._take]
        if port is not None:
            work.append(self._say)
            self.connect()
        for each in work:
            threading.Thread(target=each, daemon=True).start()

    def _make(self, vendor: int, product: int, manufacturer: str, name: str, serial: str) -> None:
        gadget = self._gadget
        gadget.mkdir()
        (gadget / "idVendor").write_text(f"{vendor:#06x}")
        (gadget / "idProduct").write_text(f"{product:#06x}")
        strings = gadget / "strings" / "0x409"
        strings.mkdir()
        (strings / "manufacturer").write_text(manufacturer)
        (strings / "product").write_text(name)
        if serial:
            (strings / "serialnumber").write_text(serial)
        (gadget / "configs" / "c.1").mkdir()
        function = gadget / "functions" / f"ffs.{gadget.name}"
        function.mkdir()
        (gadget / "configs" / "c.1" / function.name).symlink_to(function)
        self._mount.mkdir(exist_ok=True)
        target, kind = str(self._mount).encode(), b"functionfs"
        _call(_libc.mount(gadget.name.encode(), target, kind, 0, None))

    # ------------------------------------------------------------ hands

    def plug(self) -> None:
        """Plug it in; the kernel gives it a new address each time."""
        with self._hands_on:
            if not self._plugged:
                (self._gadget / "UDC").write_text(self.controller)
                self._plugged = True

    def unplug(self) -> None:
        """Pull the cable. The printer keeps its power and what it has received."""
        with self._hands_on:
            if self._plugged:
                (self._gadget / "UDC").write_text("\n")
                self._plugged = False
        with self._moved:
            self._moved.notify_all()

    @property
    def host_port(self) -> str:
        """The port it is seen in by the host side, as ``1-1``; empty while it is not."""
        bus = Path(f"/sys/devices/platform/dummy_hcd.{self.controller.rpartition('.')[2]}")
        try:
            return next((found.parent.name for found in bus.glob("usb*/*-1/*:1.0")), "")
        except FileNotFoundError:  # it went while it was looked for
            return ""

    def stay_deaf(self, deaf: bool = True) -> None:
        """Take no more bytes, as a printer without paper whose buffer is full."""
        with self._moved:
            self._deaf = deaf
            self._moved.notify_all()

    def connect(self) -> None:
        """Hand the bytes to the TCP port, from now on."""
        if self._port is not None:
            old, self._line = self._line, socket.create_connection(("127.0.0.1", self._port))
            if old is not None:
                old.close()

    def wait_for(self, holds: Callable[[], bool], timeout: float = 10.0) -> bool:
        """Wait until something holds that bytes or a cable can change."""
        with self._moved:
            return self._moved.wait_for(holds, timeout)

    def close(self) -> None:
        """Unplug it and leave nothing behind."""
        self._closed = True
        self.hang_control.clear()
        self.stay_deaf(False)
        self.unplug()
        (link,) = (self._gadget / "configs" / "c.1").glob("ffs.*")
        link.unlink()
        for descriptor in (self._ep0, self._out, self._in):
            if descriptor >= 0:
                os.close(descriptor)
        if self._line is not None:
            self._line.close()
        # MNT_DETACH (2): a thread may still wait for an endpoint that never comes back.
        _libc.umount2(str(self._mount).encode(), 2)
        for folder in ("configs/c.1", f"functions/{link.name}", "strings/0x409", "."):
            with suppress(OSError):
                (self._gadget / folder).rmdir()

    def __enter__(self) -> UsbPrinter:
        self.plug()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ------------------------------------------------------------ the firmware

    def _serve_control(self) -> None:
        """Answer requests of the printer class (USB Printer Class 1.1, 4.2)."""
        waiting = select.poll()
        waiting.register(self._ep0, select.POLLIN)
        while not self._closed:
            if not waiting.poll(100):
                continue
            with suppress(OSError):  # the cable was pulled between question and answer
                events = os.read(self._ep0, 4 * _EVENT.size)
                for kind, request, _, _, length, event in _EVENT.iter_unpack(events):
                    if event == _SETUP:
                        self._answer_control(kind, request, length)

    def _answer_control(self, kind: int, request: int, length: int) -> None:
        while self.hang_control.is_set() and not self._closed:
            threading.Event().wait(0.02)
        if not self.refuse_control:
            if (kind, request) == (0xA1, 0):
                told = struct.pack(">H", len(self.device_id) + 2) + self.device_id
                os.write(self._ep0, told[:length])
                return
            if (kind, request) == (0xA1, 1):
                os.write(self._ep0, bytes([self.port_status]))
                return
        # The wrong direction is how FunctionFS is told to stall.
        if kind & 0x80:
            os.read(self._ep0, 0)
        else:
            os.write(self._ep0, b"")

    def _take(self) -> None:
        """Take what comes by bulk OUT, a packet at a time."""
        while not self._closed:
            with self._moved:
                self._moved.wait_for(lambda: not self._deaf or self._closed)
            try:
                packet = os.read(self._out, PACKET)
            except OSError as error:
                if error.errno == errno.EBADF:
                    return
                threading.Event().wait(0.02)  # unplugged, or told to halt
                continue
            self._receive(packet)

    def _receive(self, packet: bytes) -> None:
        came = len(self.received)
        ends = self.unplug_after is not None and came + len(packet) >= self.unplug_after
        if ends and self.unplug_after is not None:
            packet = packet[: self.unplug_after - came]
            self.unplug_after = None
        with self._moved:
            self.received += packet
            self.packets.append(len(packet))
            self._moved.notify_all()
        if self._line is not None and packet:
            with suppress(OSError):
                self._line.sendall(packet)
        if ends:
            self.unplug()
            return
        if self.halt_after is not None and len(self.received) >= self.halt_after:
            self.halt_after = None
            with suppress(OSError):
                os.write(self._out, b"")  # the wrong direction halts the endpoint
        if self._answer is not None and (said := self._answer(packet)):
            self.say(said)

    def say(self, words: bytes) -> None:
        """Say something by bulk IN; it is lost when the cable is pulled before it was heard."""
        with suppress(OSError):
            os.write(self._in, words)

    def _say(self) -> None:
        while not self._closed:
            line = self._line
            if line is None:
                return
            try:
                said = line.recv(4096)
            except OSError:
                said = b""
            if said:
                self.say(said)
            elif line is self._line:
                threading.Event().wait(0.02)  # its power is off


def _descriptors(usb_class: int, protocol: int) -> bytes:
    """One interface, bulk OUT first; a printer of protocol 1 has no bulk IN."""
    ends = [0x01] if protocol == 1 else [0x01, 0x82]
    speeds = []
    for packet in (64, PACKET):
        # USB 2.0, 9.6.5 and 9.6.6
        made = struct.pack("<9B", 9, 4, 0, 0, len(ends), usb_class, 1, protocol, 1)
        for address in ends:
            made += struct.pack("<BBBBHB", 7, 5, address, 2, packet, 0)
        speeds.append(made)
    counts = struct.pack("<II", 1 + len(ends), 1 + len(ends))
    body = counts + b"".join(speeds)
    return struct.pack("<III", _DESCRIPTORS, 12 + len(body), _FULL_SPEED | _HIGH_SPEED) + body


def _strings() -> bytes:
    body = struct.pack("<H", 0x409) + b"printer\0"
    return struct.pack("<IIII", _STRINGS, 16 + len(body), 1, 1) + body
