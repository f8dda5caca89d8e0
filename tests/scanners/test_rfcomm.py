"""Bluetooth scanners: the sockets of the system's, played by a pair of ours."""

from __future__ import annotations

import errno
import socket
from contextlib import closing

import pytest

from gateway.errors import DeviceBusy, DeviceUnreachable, ScannerRefused
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, read_profile
from gateway.scanners.source import check_url, open_source

URL = "rfcomm://00:19:01:3C:AA:0B/1"


def answer_with(
    monkeypatch: pytest.MonkeyPatch, failure: OSError | None = None
) -> tuple[socket.socket, list[tuple[str, int]]]:
    """Let connecting succeed, or fail so; return the scanner's end and who was called."""
    ours, theirs = socket.socketpair()
    called: list[tuple[str, int]] = []

    class Calling:
        def __init__(self, *_: object) -> None: ...

        def settimeout(self, seconds: float) -> None: ...

        def connect(self, address: tuple[str, int]) -> None:
            called.append(address)
            if failure is not None:
                raise failure

        def close(self) -> None:
            ours.close()

    monkeypatch.setattr(socket, "AF_BLUETOOTH", 31, raising=False)
    monkeypatch.setattr(socket, "BTPROTO_RFCOMM", 3, raising=False)
    monkeypatch.setattr("gateway.devices.bluetooth.socket.socket", Calling)
    monkeypatch.setattr("gateway.scanners.rfcomm.SocketWire", lambda calling, place: wire(ours))
    return theirs, called


def wire(connection: socket.socket) -> object:
    from gateway.scanners.byte_source import SocketWire

    return SocketWire(connection, "00:19:01:3C:AA:0B")


def test_a_bluetooth_scanner_is_read_and_beeps(monkeypatch: pytest.MonkeyPatch) -> None:
    gun, called = answer_with(monkeypatch)
    with gun, closing(open_source(URL, read_profile({"feedback": "bel"}))) as source:
        monkeypatch.undo()
        gun.sendall(b"A1\r")
        assert source.read(5.0) == Read(b"A1", "A1")
        source.tell(Outcome.LOOK)
        assert gun.recv(10) == b"\x07\x07"
    assert called == [("00:19:01:3C:AA:0B", 1)]


@pytest.mark.parametrize(
    ("failure", "kind", "sentence"),
    [
        (
            OSError(errno.EBUSY, "busy"),
            DeviceBusy,
            "The Bluetooth scanner 00:19:01:3C:AA:0B is connected to another computer or program; "
            "disconnect it there.",
        ),
        (
            OSError(errno.ECONNREFUSED, "refused"),
            DeviceUnreachable,
            "The Bluetooth scanner 00:19:01:3C:AA:0B refuses channel 1; pair it with this "
            "computer, and see which channel its serial port has (nearly always 1).",
        ),
        (
            OSError(errno.EHOSTDOWN, "Host is down"),
            DeviceUnreachable,
            "The Bluetooth scanner 00:19:01:3C:AA:0B does not answer (Host is down); switch it on, "
            "bring it near, and see that no other computer is connected to it.",
        ),
    ],
)
def test_what_the_radio_says_becomes_a_sentence_with_the_cure(
    failure: OSError, kind: type[Exception], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gun, _ = answer_with(monkeypatch, failure)
    with gun, pytest.raises(kind) as caught:
        open_source(URL, Profile())
    assert str(caught.value) == sentence


def test_what_is_no_bluetooth_address_is_refused() -> None:
    for url in ("rfcomm://desk", "rfcomm://00:19:01:3C:AA:0B/31", "rfcomm:0"):
        with pytest.raises(ScannerRefused) as caught:
            check_url(url)
        assert caught.value.detail == (
            f"{url!r} is not a Bluetooth scanner's URL; write its address and channel (1 to 30, "
            "nearly always 1), as in rfcomm://AC:3F:A4:00:11:22/1."
        )
