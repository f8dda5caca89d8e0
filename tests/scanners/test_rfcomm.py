"""Bluetooth scanners: the sockets of the system's, played by a pair of ours."""

from __future__ import annotations

import errno
import socket
from contextlib import closing

import pytest

from gateway.devices.kinds import SCANNER, Kind
from gateway.errors import DeviceBusy, DeviceUnreachable, ScannerRefused
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, read_profile
from gateway.scanners.source import check_url, open_source

URL = "rfcomm://00:19:01:3C:AA:0B/1"


def test_a_bluetooth_scanner_is_read_and_beeps(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, gun = socket.socketpair()
    called: list[tuple[str, int]] = []

    def connect(address: str, channel: int, url: str, kind: Kind) -> socket.socket:
        assert (url, kind) == (URL, SCANNER)
        called.append((address, channel))
        return ours

    monkeypatch.setattr("gateway.scanners.rfcomm.connect", connect)
    with gun, closing(open_source(URL, read_profile({"feedback": "bel"}))) as source:
        gun.sendall(b"A1\r")
        assert source.read(5.0) == Read(b"A1", "A1")
        source.tell(Outcome.LOOK)
        assert gun.recv(10) == b"\x07\x07"
    assert called == [("00:19:01:3C:AA:0B", 1)]


class Calling:
    """A Bluetooth socket whose calls fail."""

    failure: OSError

    def __init__(self, *_: object) -> None: ...

    def settimeout(self, seconds: float) -> None: ...

    def connect(self, address: tuple[str, int]) -> None:
        raise self.failure

    def close(self) -> None: ...


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
    monkeypatch.setattr(socket, "AF_BLUETOOTH", 31, raising=False)
    monkeypatch.setattr(socket, "BTPROTO_RFCOMM", 3, raising=False)
    monkeypatch.setattr(Calling, "failure", failure, raising=False)
    monkeypatch.setattr("gateway.devices.bluetooth.socket.socket", Calling)
    with pytest.raises(kind) as caught:
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
