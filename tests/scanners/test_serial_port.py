"""Scanners on serial lines, over real pseudo terminals; Windows' way over a port that is told."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from serial import SerialException

from gateway.errors import DeviceBusy, DeviceLost, DeviceUnreachable
from gateway.scanners.byte_source import ByteSource
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, read_profile
from gateway.scanners.serial_port import PolledPort
from gateway.scanners.source import Source, open_source

OPEN = Path("/proc/self/fd")

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo terminals")


@dataclass
class Gun:
    """The far end of a pseudo terminal: the scanner."""

    descriptor: int
    device: str

    def write(self, payload: bytes) -> None:
        while payload:
            payload = payload[os.write(self.descriptor, payload) :]

    def heard(self, size: int) -> bytes:
        heard = b""
        while len(heard) < size:
            heard += os.read(self.descriptor, size - len(heard))
        return heard

    def unplug(self) -> None:
        os.close(self.descriptor)
        self.descriptor = -1


@pytest.fixture
def gun() -> Iterator[Gun]:
    descriptor, far = os.openpty()
    device = os.ttyname(far)
    os.close(far)
    found = Gun(descriptor, device)
    yield found
    if found.descriptor >= 0:
        os.close(found.descriptor)


def until_lost(source: Source) -> tuple[list[Read | None], DeviceLost]:
    """Return what a source still reads, and how it says that the device has gone."""
    reads: list[Read | None] = []
    try:
        while True:
            reads.append(source.read(5.0))
    except DeviceLost as error:
        return reads, error


@posix
def test_bytes_on_the_line_become_reads(gun: Gun) -> None:
    with closing(open_source(f"serial://{gun.device}", read_profile({"aim": True}))) as source:
        gun.write(b"]C00001\r\n]d2010950\x1d21A\r\n")
        assert source.read(5.0) == Read(b"]C00001", "0001", "]C0")
        assert source.read(5.0) == Read(b"]d2010950\x1d21A", "010950\x1d21A", "]d2")
        assert not source.grabbed


@posix
def test_every_byte_comes_as_it_was_sent(gun: Gun) -> None:
    profile = read_profile({"encoding": "iso8859-1", "suffix": "\r\n##", "longest": 4096})
    with closing(open_source(f"serial://{gun.device}", profile)) as source:
        gun.write(bytes(range(256)) + b"\r\n##")
        read = source.read(5.0)
    assert read is not None
    assert (read.raw, read.fault) == (bytes(range(256)), "characters")


@posix
@pytest.mark.parametrize("outcome", Outcome)
def test_the_scanner_hears_how_its_scan_ended(gun: Gun, outcome: Outcome) -> None:
    profile = read_profile({"feedback": "honeywell_esc"})
    said = {
        Outcome.DONE: b"\x1b7,",
        Outcome.LOOK: b"\x1b6,\x1b6,",
        Outcome.REFUSED: b"\x1b8,\x1b8,",
        Outcome.ASKED: b"\x1b4,\x1b5,\x1b6,",
    }[outcome]
    with closing(open_source(f"serial://{gun.device}", profile)) as source:
        source.tell(outcome)
        assert gun.heard(len(said)) == said


@posix
def test_unplugged_in_the_middle_of_a_code_the_code_is_incomplete_and_the_device_lost(
    gun: Gun,
) -> None:
    source = open_source(f"serial://{gun.device}", read_profile({"idle_ms": 5000}))
    gun.write(b"A1\rB22")
    assert source.read(5.0) == Read(b"A1", "A1")
    gun.unplug()
    left, lost = until_lost(source)
    assert left == [Read(b"B22", "B22", fault="incomplete")]
    assert lost.detail.startswith(f"The scanner on {gun.device} has gone (")
    source.tell(Outcome.DONE)
    source.wake()
    source.close()
    source.close()


@posix
def test_a_bell_from_another_thread_ends_a_long_read(gun: Gun) -> None:
    with closing(open_source(f"serial://{gun.device}", Profile())) as source:
        done = threading.Event()
        reads: list[Read | None] = []

        def listen() -> None:
            reads.append(source.read(600.0))
            done.set()

        thread = threading.Thread(target=listen)
        thread.start()
        source.wake()
        assert done.wait(30.0)
        thread.join()
        assert reads == [None]


@posix
def test_two_programs_do_not_share_a_scanner(gun: Gun) -> None:
    with (
        closing(open_source(f"serial://{gun.device}", Profile())),
        pytest.raises(DeviceBusy) as caught,
    ):
        open_source(f"serial://{gun.device}", Profile())
    assert caught.value.detail == (
        f"{gun.device} is in use by this gateway, for another device; close that, or let it scan "
        "through this gateway."
    )


@posix
@pytest.mark.parametrize("path", ["/dev/null", "/dev/tty1", "/dev/ttyNone"])
def test_what_is_no_serial_port_is_never_opened(path: str) -> None:
    with pytest.raises(DeviceUnreachable, match=r"is no serial port; |There is no serial port"):
        open_source(f"serial://{path}", Profile())


def test_an_adapter_that_is_not_there_is_missed_with_the_command_that_shows_them() -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        open_source("serial://usb/0c2e:0720/NONE", Profile())
    assert caught.value.detail == (
        "The serial adapter serial://usb/0c2e:0720/NONE is not plugged in; plug it in, or see with "
        "'label-gateway scanner find' which ones are there."
    )


@posix
def test_no_descriptor_is_left_open(gun: Gun) -> None:
    def count() -> int:
        return len(list(OPEN.iterdir()))

    if not OPEN.is_dir():
        pytest.skip("only Linux shows a process's descriptors")
    before = count()
    for _ in range(3):
        open_source(f"serial://{gun.device}", Profile()).close()
    assert count() == before


# ---------------------------------------------------------------------- Windows


class ToldPort:
    """What pyserial's port does on Windows, as a list of what comes."""

    def __init__(self, *said: bytes) -> None:
        self._said = list(said)
        self._held = b""
        self.timeout = 0.0
        self.timeouts: list[float] = []
        self.sent = b""
        self.lost = False

    @property
    def in_waiting(self) -> int:
        return len(self._held)

    def read(self, size: int) -> bytes:
        self.timeouts.append(self.timeout)
        if self.lost:
            raise SerialException("ClearCommError failed (PermissionError(13, 'no such device'))")
        if not self._held and self._said:
            self._held = self._said.pop(0)
        chunk, self._held = self._held[:size], self._held[size:]
        return chunk

    def write(self, payload: bytes) -> int:
        self.sent += payload
        return len(payload)

    def close(self) -> None:
        self.sent += b"<closed>"


def polled(port: Any) -> ByteSource:
    return ByteSource(PolledPort(port, "COM7"), read_profile({"feedback": "bel"}))


def test_on_windows_a_port_is_read_in_looks_of_a_quarter_second() -> None:
    port = ToldPort(b"A1", b"23\r\nB1\r\n")
    source = polled(port)
    assert [read and read.text for read in (source.read(5.0), source.read(5.0))] == ["A123", "B1"]
    assert max(port.timeouts) <= 0.25
    source.tell(Outcome.LOOK)
    source.close()
    assert port.sent == b"\x07\x07<closed>"


def test_on_windows_a_bell_ends_a_read_at_the_next_look() -> None:
    port = ToldPort()
    source = polled(port)
    source.wake()
    assert source.read(600.0) is None
    assert len(port.timeouts) == 1


def test_on_windows_a_port_that_is_gone_is_lost() -> None:
    port = ToldPort()
    port.lost = True
    source = polled(port)
    with pytest.raises(DeviceLost, match=r"^The scanner on COM7 has gone \(ClearCommError failed"):
        source.read(5.0)
    with contextlib.closing(source):
        pass
