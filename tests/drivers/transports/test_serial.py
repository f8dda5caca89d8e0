"""Serial lines: their URLs, real pseudo terminals, and the handshake lines of a port that is told.

A pseudo terminal carries bytes, fills up and hangs up as a port does, but has no CTS and DSR and
tells nothing of its queue; what hangs on those is tested with a port that is scripted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from serial import SerialException
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from gateway.drivers.transports import check_payload, check_url, open_wire
from gateway.drivers.transports.serial import (
    AFTER_DTR,
    LEAST_AHEAD,
    Flow,
    Line,
    SerialWire,
    list_serial_ports,
)
from gateway.drivers.transports.wire import Wire
from gateway.errors import (
    DeliveryUncertain,
    DeviceBusy,
    DeviceUnreachable,
    PrinterRefused,
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals")

USUAL = "?baud=9600&bits=8&parity=none&stop=1&flow=rtscts"
EVERY_BYTE = bytes(range(256)) * 256


# ---------------------------------------------------------------------- URLs


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("serial:///dev/ttyUSB0", f"serial:///dev/ttyUSB0{USUAL}"),
        (
            "SERIAL:///dev/serial/by-id/usb-FTDI_A%20B-if00?stop=2&baud=115200&flow=none",
            "serial:///dev/serial/by-id/usb-FTDI_A%20B-if00"
            "?baud=115200&bits=8&parity=none&stop=2&flow=none",
        ),
        (
            "serial://com12?parity=even&bits=7&flow=xonxoff",
            "serial://COM12?baud=9600&bits=7&parity=even&stop=1&flow=xonxoff",
        ),
        ("serial://USB/0403:6001/A5%2F02", f"serial://usb/0403:6001/A5%2F02{USUAL}"),
        ("serial://usb/067B:2303@1-2.3:1.0", f"serial://usb/067b:2303@1-2.3:1.0{USUAL}"),
        ("serial://usb/067b:2303", f"serial://usb/067b:2303{USUAL}"),
    ],
)
def test_a_url_is_kept_with_every_setting_of_its_line(url: str, kept: str) -> None:
    assert check_url(url) == kept
    assert check_url(kept) == kept


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            "serial://",
            "'serial://' does not name a serial port; write it as "
            "serial:///dev/ttyUSB0?baud=9600&flow=rtscts, with COM3 for /dev/ttyUSB0 on Windows.",
        ),
        (
            "serial:///dev/ttyS0?speed=9600",
            "A serial line has no setting 'speed'; it has baud, bits, parity, stop, flow.",
        ),
        (
            "serial:///dev/ttyS0?baud=fast",
            "A serial line's baud is a whole number from 110 to 4000000, not 'fast'.",
        ),
        (
            "serial:///dev/ttyS0?flow=dtr",
            "A serial line's flow is none, rtscts, dsrdtr or xonxoff, not 'dtr'.",
        ),
        (
            "serial:///dev/ttyS0?baud=9600&baud=19200",
            "A setting of the serial line stands twice in 'baud=9600&baud=19200'; name each once.",
        ),
        (
            "serial:///dev/ttyS0?baud",
            "'baud' are not settings of a serial line; write them as in "
            "serial:///dev/ttyUSB0?baud=9600&flow=rtscts.",
        ),
    ],
)
def test_a_url_that_names_no_port_or_setting_is_refused(url: str, sentence: str) -> None:
    with pytest.raises(PrinterRefused) as caught:
        check_url(url)
    assert caught.value.detail == sentence


@pytest.mark.parametrize(
    "url",
    [
        "serial://COM0", "serial://COM1234", "serial://ttyS0", "serial:///dev/ttyS0/",
        "serial:///dev/tty%00S0", "serial://usb/403:6001", "serial://usb/0403:6001/",
        "serial://usb/0403:6001/a/b", "serial:///dev/ttyS0#x", "serial:///dev/ttyS0?bits=9",
        "serial:///dev/ttyS0?baud=-9600", "serial:///dev/ttyS0?baud=99999999999",
        "serial:///dev/ttyS0?stop=1.5", "serial:///dev/ttyS0?parity=N",
    ],
)  # fmt: skip
def test_nothing_else_is_a_serial_url(url: str) -> None:
    with pytest.raises(PrinterRefused):
        check_url(url)


# ---------------------------------------------------------------------- ports


def adapter(device: str, vendor: int, product: int, serial: str | None, place: str) -> ListPortInfo:
    info = ListPortInfo(device)
    info.vid, info.pid, info.serial_number, info.location = vendor, product, serial, place
    info.description = "FT232R\x1b[2J \u202eUART" + "x" * 200
    return info


FTDI = adapter("/dev/ttyUSB10", 0x0403, 0x6001, "A50285BI", "1-1")
NAMELESS = [adapter(f"/dev/ttyUSB{n}", 0x067B, 0x2303, None, f"1-2.{n}") for n in (2, 1)]
TWINS = [adapter(f"COM{n}", 0x1A86, 0x7523, "0001", f"1-3.{n}") for n in (3, 4)]


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> list[ListPortInfo]:
    found: list[ListPortInfo] = []
    monkeypatch.setattr(list_ports, "comports", lambda: found)
    return found


def test_each_port_is_listed_with_the_name_that_stays_true_longest(
    ports: list[ListPortInfo],
) -> None:
    ports += [ListPortInfo("/dev/ttyAMA0"), FTDI, *NAMELESS, *TWINS]
    assert [(port.device, port.url.removesuffix(USUAL)) for port in list_serial_ports()] == [
        ("/dev/ttyAMA0", "serial:///dev/ttyAMA0"),
        ("/dev/ttyUSB1", "serial://usb/067b:2303@1-2.1"),
        ("/dev/ttyUSB2", "serial://usb/067b:2303@1-2.2"),
        ("/dev/ttyUSB10", "serial://usb/0403:6001/A50285BI"),
        ("COM3", "serial://usb/1a86:7523@1-3.3"),
        ("COM4", "serial://usb/1a86:7523@1-3.4"),
    ]
    for port in list_serial_ports():
        assert check_url(port.url) == port.url


def test_a_devices_own_words_are_cleaned_and_shortened(ports: list[ListPortInfo]) -> None:
    ports += [FTDI, ListPortInfo("COM1")]
    assert [port.description for port in list_serial_ports()] == [
        "FT232R [2J UART" + "x" * 65,
        "",
    ]
    assert (list_serial_ports()[0].vendor, list_serial_ports()[0].product) == (0x0403, 0x6001)


def test_a_port_list_that_cannot_be_read_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def unplugged() -> list[ListPortInfo]:
        raise TypeError("int() can't convert non-string")

    monkeypatch.setattr(list_ports, "comports", unplugged)
    with pytest.raises(DeviceUnreachable, match=r"^The serial ports of this computer cannot be"):
        list_serial_ports()


def test_an_adapter_that_is_not_plugged_in_or_not_the_only_one_is_unreachable(
    ports: list[ListPortInfo],
) -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire("serial://usb/0403:6001/A50285BI")
    assert caught.value.detail == (
        "The serial adapter serial://usb/0403:6001/A50285BI is not plugged in; plug it in, or see "
        "with 'label-gateway printers find' which ones are there."
    )
    ports += NAMELESS
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire("serial://usb/067b:2303")
    assert caught.value.detail == (
        "2 serial ports fit serial://usb/067b:2303 (/dev/ttyUSB2, /dev/ttyUSB1); name one of them "
        "by its serial number or port, as 'label-gateway printers find' shows it."
    )


# ---------------------------------------------------------------------- pseudo terminals


class Far:
    """The printer's end of a pseudo terminal."""

    def __init__(self) -> None:
        self.descriptor, self._near = os.openpty()
        self.device = os.ttyname(self._near)
        os.set_blocking(self.descriptor, False)

    def hear(self) -> bytes:
        heard = b""
        with contextlib.suppress(BlockingIOError):
            while True:
                heard += os.read(self.descriptor, 65536)
        return heard

    def say(self, words: bytes) -> None:
        os.write(self.descriptor, words)

    def hang_up(self) -> None:
        for end in (self.descriptor, self._near):
            with contextlib.suppress(OSError):
                os.close(end)
        self.descriptor = self._near = -1


@pytest.fixture
def far() -> Iterator[Far]:
    end = Far()
    yield end
    end.hang_up()


@posix
def test_bytes_go_both_ways(far: Far) -> None:
    with closing(open_wire(f"serial://{far.device}")) as wire:
        assert wire.write(b"~HI\r\n", 1) == 5
        assert far.hear() == b"~HI\r\n"
        far.say(b"\x02ZD421\r\x03")
        assert wire.read(5) == b"\x02ZD421\r\x03"
        assert wire.read(0) == b""
        assert wire.read(0.01) == b""
        assert wire.write(b"", 1) == 0


@posix
@pytest.mark.promise("R9")
def test_a_printer_that_stops_reading_takes_less_and_then_nothing_and_then_the_rest(
    far: Far,
) -> None:
    with closing(open_wire(f"serial://{far.device}?baud=115200")) as wire:
        view, taken, heard = memoryview(EVERY_BYTE), 0, b""
        while step := wire.write(view[taken:], 0.02):
            taken += step
        assert 0 < taken < len(EVERY_BYTE)
        while len(heard) < len(EVERY_BYTE):
            heard += far.hear()
            taken += wire.write(view[taken:], 0)
        assert heard == EVERY_BYTE
        assert taken == len(EVERY_BYTE)


@posix
def test_no_write_takes_more_than_half_a_second_of_the_line(far: Far) -> None:
    with closing(open_wire(f"serial://{far.device}?baud=9600")) as wire:
        assert wire.write(b"x" * 4096, 1) == 480
    with closing(open_wire(f"serial://{far.device}?baud=300&flow=none&parity=even")) as wire:
        assert wire.write(b"x" * 4096, 1) == LEAST_AHEAD


@posix
def test_the_line_is_set_as_the_url_says_and_stays_up_when_it_is_closed(far: Far) -> None:
    import termios

    before = termios.tcgetattr(far._near)
    before[2] |= termios.HUPCL
    termios.tcsetattr(far._near, termios.TCSANOW, before)
    wire = open_wire(f"serial://{far.device}?baud=19200&bits=7&parity=odd&stop=2&flow=rtscts")
    settings = termios.tcgetattr(far._near)
    flags, echo, speed = settings[2], settings[3], settings[4]
    wire.close()
    assert speed == termios.B19200
    assert flags & termios.CSTOPB
    assert flags & termios.PARODD
    assert flags & termios.CRTSCTS
    assert not flags & termios.HUPCL
    assert not echo & (termios.ECHO | termios.ICANON | termios.ISIG)


@posix
def test_a_line_that_hangs_up_is_safe_to_retry_until_something_was_sent(far: Far) -> None:
    wire = open_wire(f"serial://{far.device}")
    far.hang_up()
    with pytest.raises(DeviceUnreachable) as caught:
        wire.read(5)
    assert caught.value.detail == (
        f"The serial line {far.device} broke (it hung up) before anything was sent; check the "
        "adapter and its cable."
    )
    with pytest.raises(DeviceUnreachable):
        wire.write(b"^XA", 1)
    wire.close()
    wire.close()


@posix
def test_a_line_that_hangs_up_later_is_uncertain_for_reader_and_writer(far: Far) -> None:
    wire = open_wire(f"serial://{far.device}")
    assert wire.write(b"^XA^XZ", 1) == 6
    far.hang_up()
    with pytest.raises(DeliveryUncertain) as caught:
        wire.write(b"^XA^XZ", 1)
    assert caught.value.detail == (
        f"The serial line {far.device} broke (Input/output error) after 6 bytes; look which "
        "labels came out."
    )
    assert caught.value.facts == {"device": far.device, "sent": 6, "in_flight": 0}
    with pytest.raises(DeliveryUncertain):
        wire.read(5)
    wire.close()


@posix
def test_a_writer_that_waits_is_told_at_once_that_the_line_hung_up(far: Far) -> None:
    with closing(open_wire(f"serial://{far.device}")) as wire:
        assert wire.write(b"x", 1) == 1
        pulled = threading.Timer(0.2, far.hang_up)
        pulled.start()
        # Nobody reads: the line fills, some of it only after a while, and then the writer waits.
        with pytest.raises(DeliveryUncertain):
            write_on(wire)
        pulled.join()


def write_on(wire: Wire) -> None:
    """Write until the wire takes no more."""
    while wire.write(b"x" * 480, 30):
        pass


@posix
def test_a_line_is_found_again_under_another_name_by_its_link(tmp_path: Path) -> None:
    link = tmp_path / "usb-FTDI-A50285BI"
    for words in (b"first", b"second"):
        far = Far()
        link.symlink_to(far.device)
        with closing(open_wire(f"serial://{link}")) as wire:
            assert wire.write(words, 1) == len(words)
            assert far.hear() == words
        far.hang_up()
        link.unlink()
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(f"serial://{link}")
    assert caught.value.detail == (
        f"There is no serial port {link} (No such file or directory); plug it in, and name it "
        "best as 'label-gateway printers find' does."
    )


@posix
def test_an_adapter_is_found_again_under_another_name_by_its_serial_number(
    ports: list[ListPortInfo],
) -> None:
    for words in (b"first", b"second"):
        far = Far()
        ports[:] = [adapter(far.device, 0x0403, 0x6001, "A50285BI", "1-1"), *NAMELESS]
        with closing(open_wire("serial://usb/0403:6001/A50285BI")) as wire:
            assert wire.write(words, 1) == len(words)
            assert far.hear() == words
        far.hang_up()


@posix
def test_a_line_held_by_another_program_names_it(far: Far) -> None:
    code = (
        "import fcntl, os, sys; fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY);"
        "fcntl.flock(fd, fcntl.LOCK_EX); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, far.device], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(DeviceBusy) as caught:
            open_wire(f"serial://{far.device}")
        other.stdin.close()
    holder = str(caught.value.facts["holder"])
    if sys.platform == "linux":
        assert holder.startswith("python")
        assert holder.endswith(f" (process {other.pid})")
    assert caught.value.detail == (
        f"{far.device} is in use by {holder or 'another program'}; close that, or let it print "
        "through this gateway."
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows open files of processes")
def test_two_printers_on_one_line_are_told_so(far: Far) -> None:
    with (
        closing(open_wire(f"serial://{far.device}")),
        pytest.raises(DeviceBusy, match="is in use by this gateway, for another device;"),
    ):
        open_wire(f"serial://{far.device}")


@posix
@pytest.mark.parametrize("path", ["/dev/null", "/dev/tty1", __file__])
def test_what_is_no_serial_port_is_never_opened(path: str) -> None:
    with pytest.raises(DeviceUnreachable, match=r"is no serial port; |There is no serial port"):
        open_wire(f"serial://{path}")


@posix
@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            SerialException(errno.EACCES, "could not open port"),
            "The gateway may not open {device}; put its user into the group that owns it (sudo "
            "usermod -aG {group} USER), and start the gateway again.",
        ),
        (
            ValueError("Failed to set custom baud rate (9601)"),
            "{device} cannot be set to 9600 baud, 8 bits, parity none, 1 stop bits (Failed to set "
            "custom baud rate (9601)); choose what both it and the printer can.",
        ),
        (
            SerialException("Could not configure port: (5, 'Input/output error')"),
            "The serial port {device} cannot be opened (Could not configure port: (5, "
            "'Input/output error')); check that it is plugged in.",
        ),
    ],
)
def test_what_the_system_says_on_opening_becomes_a_sentence_with_the_cure(
    far: Far, error: Exception, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(port: object) -> None:
        raise error

    monkeypatch.setattr("serial.Serial.open", refuse)
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(f"serial://{far.device}")
    group = Path(far.device).group()
    assert caught.value.detail == sentence.format(device=far.device, group=group)


# ---------------------------------------------------------------------- what a line cannot carry


def test_xon_and_xoff_in_a_payload_are_refused_and_nothing_of_it_is_sent() -> None:
    url = check_url("serial:///dev/ttyS0?flow=xonxoff")
    for byte in (b"\x11", b"\x13"):
        with pytest.raises(PrinterRefused) as caught:
            check_payload(url, memoryview(b"^XA" + byte + b"^XZ"))
        assert caught.value.detail == (
            f"This label holds the byte {byte.hex()} hex, which XON/XOFF flow control takes for "
            "its own; set printer and URL to flow=rtscts, or let a printer that can do so take "
            "its pictures as text (hexadecimal or base 64)."
        )
        assert caught.value.facts == {"offset": 3}
    check_payload(url, EVERY_BYTE.translate(None, b"\x11\x13"))
    check_payload(check_url("serial:///dev/ttyS0"), EVERY_BYTE)
    check_payload("tcp://10.0.0.7:9100", EVERY_BYTE)


def test_seven_bits_do_not_carry_the_eighth() -> None:
    url = check_url("serial:///dev/ttyS0?bits=7")
    with pytest.raises(PrinterRefused) as caught:
        check_payload(url, "Größe".encode())
    assert caught.value.detail == (
        "This label holds the byte C3 hex, and a line of seven bits cannot carry it; set printer "
        "and URL to bits=8."
    )
    check_payload(url, bytes(range(128)))


@posix
def test_the_wire_itself_sends_nothing_of_what_it_would_garble(far: Far) -> None:
    with closing(open_wire(f"serial://{far.device}?flow=xonxoff")) as wire:
        with pytest.raises(PrinterRefused):
            wire.write(b"^XA\x13^XZ", 1)
        assert far.hear() == b""
        assert wire.write(b"^XA^XZ", 1) == 6


# ---------------------------------------------------------------------- handshake lines, scripted


@dataclass
class Port:
    """A port whose lines and queue are told, in the form that pyserial gives it."""

    descriptor: int = -1
    cts: bool = True
    dsr: bool = True
    out_waiting: int = 0
    written: list[bytes] = field(default_factory=list)
    heard: bytes = b""
    timeout: float = 0.0
    closed: bool = False

    def fileno(self) -> int:
        return self.descriptor

    @property
    def in_waiting(self) -> int:
        return len(self.heard)

    def read(self, count: int) -> bytes:
        taken, self.heard = self.heard[:count], self.heard[count:]
        return taken

    def write(self, payload: bytes) -> int:
        self.written.append(payload)
        return len(payload)

    def close(self) -> None:
        self.closed = True


def wire_on(port: Any, flow: Flow = "rtscts", baud: int = 9600) -> SerialWire:
    return SerialWire(port, "/dev/ttyS9", Line(baud=baud, flow=flow))


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    os.set_blocking(ends[0], False)
    yield ends
    for end in ends:
        os.close(end)


@posix
def test_what_waits_in_the_system_leaves_that_much_less_room(pipe: tuple[int, int]) -> None:
    port = Port(pipe[1], out_waiting=200)
    wire = wire_on(port)
    assert wire.write(b"x" * 1000, 1) == 480 - 200
    port.out_waiting = 480
    assert wire.write(b"x" * 1000, 0.01) == 0
    port.out_waiting = 470  # ten bytes of room are not worth a call, unless no more are wanted
    assert wire.write(b"x" * 1000, 0.01) == 0
    assert wire.write(b"x" * 10, 0.01) == 10


@posix
def test_a_printer_that_lowers_dtr_gets_no_byte_more(pipe: tuple[int, int]) -> None:
    port = Port(pipe[1], dsr=False)
    wire = wire_on(port, "dsrdtr", baud=1_000_000)
    assert wire.write(b"x" * 200, 0.01) == 0
    port.dsr = True
    assert wire.write(b"x" * 200, 5) == AFTER_DTR
    port.out_waiting = 1  # until these have gone nobody knows whether the next are welcome
    assert wire.write(b"x" * 200, 0.01) == 0
    port.out_waiting = 0
    assert wire.write(b"x" * 10, 5) == 10
    assert os.read(pipe[0], 1000) == b"x" * (AFTER_DTR + 10)


@posix
def test_with_dtr_a_chunk_follows_when_the_one_before_has_left_the_chip(
    pipe: tuple[int, int],
) -> None:
    wire = wire_on(Port(pipe[1]), "dsrdtr", baud=110)
    assert wire.write(b"x" * 200, 5) == AFTER_DTR
    assert wire.write(b"x" * 200, 0.01) == 0  # 16 bytes take 1.5 s, though no queue shows them


@pytest.mark.parametrize(("flow", "line"), [("rtscts", "CTS"), ("dsrdtr", "DSR")])
def test_a_printer_that_is_off_is_unreachable_with_the_two_cures(flow: Flow, line: str) -> None:
    wire = wire_on(Port(cts=False, dsr=False), flow)
    with pytest.raises(DeviceUnreachable) as caught:
        wire.wait_ready(0.01)
    assert caught.value.detail == (
        f"The printer on /dev/ttyS9 is off or holds the line ({line} is low); switch it on and "
        "look for a message on it, or, if its cable has no such wire, set flow=none or "
        "flow=xonxoff as the printer is set."
    )
    wire_on(Port(cts=False, dsr=False), "none").wait_ready(0.01)


def test_a_printer_that_becomes_ready_is_waited_for() -> None:
    port = Port(cts=False)
    raising = threading.Timer(0.05, lambda: setattr(port, "cts", True))
    raising.start()
    wire_on(port).wait_ready(30)
    raising.join()


@posix
def test_a_port_that_is_not_ready_is_not_kept_open(
    far: Far, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.drivers.transports.serial.READY_WITHIN", 0.0)
    monkeypatch.setattr("serial.Serial.cts", False)
    for _ in range(2):  # a port left open would be locked, and the second try busy
        with pytest.raises(DeviceUnreachable, match="CTS is low"):
            open_wire(f"serial://{far.device}")


def test_on_windows_one_write_is_under_way_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """There a write returns before its bytes have gone; the queue tells how many have."""
    monkeypatch.setattr(sys, "platform", "win32")
    port = Port()
    wire = wire_on(port)
    payload = memoryview(bytes(range(250)) * 4)
    assert wire.write(payload, 0.01) == 480
    port.out_waiting = 1
    assert wire.write(payload[480:], 0.01) == 0
    port.out_waiting = 0
    assert wire.write(payload[480:], 0.01) == 480
    assert port.written == [bytes(payload[:480]), bytes(payload[480:960])]
    assert (wire.read(0.25), port.timeout) == (b"", 0.25)
    port.heard = b"\x02ZD421\x03"
    assert (wire.read(0), port.timeout) == (b"\x02ZD421\x03", 0)
    wire.close()
    assert port.closed
