"""Bluetooth: its URLs, what each failure means, and the wire over a pair of sockets."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from contextlib import closing

import pytest

from gateway.drivers.transports import check_url, open_wire
from gateway.errors import DeliveryUncertain, DeviceBusy, DeviceUnreachable, PrinterRefused

ADDRESS = "AC:3F:A4:00:11:22"
URL = f"rfcomm://{ADDRESS}/1"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("rfcomm://ac:3f:a4:00:11:22", URL),
        ("RFCOMM://ac:3f:a4:00:11:22/", URL),
        ("rfcomm://AC:3F:A4:00:11:22/30", f"rfcomm://{ADDRESS}/30"),
    ],
)
def test_a_url_is_kept_in_one_form(given: str, kept: str) -> None:
    assert check_url(given) == kept
    assert check_url(kept) == kept


@pytest.mark.parametrize(
    "url",
    [
        "rfcomm://", "rfcomm://AC:3F:A4:00:11", "rfcomm://AC:3F:A4:00:11:22/0",
        "rfcomm://AC:3F:A4:00:11:22/31", "rfcomm://AC-3F-A4-00-11-22",
        "rfcomm://AC:3F:A4:00:11:GG/1", "rfcomm://AC:3F:A4:00:11:22/1?x",
    ],
)  # fmt: skip
def test_what_is_no_bluetooth_address_is_refused(url: str) -> None:
    with pytest.raises(PrinterRefused) as caught:
        check_url(url)
    assert caught.value.detail == (
        f"{url!r} is not a Bluetooth printer's URL; write its address and channel (1 to 30, "
        "nearly always 1), as in rfcomm://AC:3F:A4:00:11:22/1."
    )


Pair = Callable[[OSError | None], socket.socket]


@pytest.fixture
def bluetooth(monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Let Python have Bluetooth: a call to the address arrives at a socket that is returned."""
    ours, printer = socket.socketpair()

    class Calling(socket.socket):
        def __init__(self, family: int, kind: int, protocol: int) -> None:
            assert (family, kind, protocol) == (31, socket.SOCK_STREAM, 3)
            super().__init__(fileno=ours.detach())

        def connect(self, address: object) -> None:
            assert address == (ADDRESS, 1)
            if failure is not None:
                raise failure

    failure: OSError | None = None

    def have(failing: OSError | None) -> socket.socket:
        nonlocal failure
        failure = failing
        return printer

    monkeypatch.setattr(socket, "AF_BLUETOOTH", 31, raising=False)
    monkeypatch.setattr(socket, "BTPROTO_RFCOMM", 3, raising=False)
    monkeypatch.setattr("gateway.devices.bluetooth.socket.socket", Calling)
    return have


def test_bytes_go_both_ways_until_the_printer_goes_away(bluetooth: Pair) -> None:
    with bluetooth(None) as printer, closing(open_wire(URL)) as wire:
        assert wire.write(b"^XA^XZ", 1) == 6
        assert printer.recv(10) == b"^XA^XZ"
        printer.sendall(b"\x02ok\x03")
        assert wire.read(5) == b"\x02ok\x03"
        assert wire.read(0) == b""
        while taken := wire.write(b"x" * 65536, 0.01):
            assert taken <= 65536
        printer.close()
        with pytest.raises(DeliveryUncertain, match=rf"^The connection to {ADDRESS} broke \("):
            wire.write(b"x", 5)


@pytest.mark.parametrize(
    ("failure", "kind", "sentence"),
    [
        (
            OSError(errno.EHOSTDOWN, "Host is down"),
            DeviceUnreachable,
            f"The Bluetooth printer {ADDRESS} does not answer (Host is down); switch it on, bring "
            "it near, and see that no other computer is connected to it.",
        ),
        (
            TimeoutError("timed out"),
            DeviceUnreachable,
            f"The Bluetooth printer {ADDRESS} does not answer (timed out); switch it on, bring it "
            "near, and see that no other computer is connected to it.",
        ),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"),
            DeviceUnreachable,
            f"The Bluetooth printer {ADDRESS} refuses channel 1; pair it with this computer, and "
            "see which channel its serial port has (nearly always 1).",
        ),
        (
            OSError(errno.EBUSY, "Device or resource busy"),
            DeviceBusy,
            f"The Bluetooth printer {ADDRESS} is connected to another computer or program; "
            "disconnect it there.",
        ),
    ],
)
def test_a_call_that_fails_says_why_and_what_to_do(
    bluetooth: Pair, failure: OSError, kind: type[Exception], sentence: str
) -> None:
    with bluetooth(failure), pytest.raises(kind) as caught:
        open_wire(URL)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("platform", "sentence"),
    [
        (
            "linux",
            "This Python was built without Bluetooth; bind the printer with 'sudo rfcomm bind 0 "
            f"{ADDRESS} 1' and use serial:///dev/rfcomm0.",
        ),
        (
            "darwin",
            "Python has no Bluetooth on this system; pair the printer and use the serial port "
            "that the system makes of it, as 'label-gateway printers find' shows it.",
        ),
    ],
)
def test_a_python_without_bluetooth_names_the_way_round(
    platform: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("AF_BLUETOOTH", "BTPROTO_RFCOMM"):
        monkeypatch.delattr(socket, name, raising=False)
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(URL)
    assert caught.value.detail == sentence
