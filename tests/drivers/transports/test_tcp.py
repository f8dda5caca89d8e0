"""TCP on real sockets: what arrives, what breaks, and which sentence is said."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import closing

import pytest

from gateway.drivers.transports import TRANSPORTS, check_url, open_wire
from gateway.drivers.transports.tcp import TcpWire
from gateway.drivers.transports.tcp import open_wire as open_tcp
from gateway.errors import (
    DeliveryUncertain,
    DeviceBusy,
    DeviceUnreachable,
    PrinterRefused,
)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        yield server


def url_of(listener: socket.socket) -> str:
    return f"tcp://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def ends(listener: socket.socket) -> Iterator[tuple[TcpWire, socket.socket]]:
    wire = open_tcp(url_of(listener))
    printer, _ = listener.accept()
    printer.settimeout(5)
    with closing(wire), printer:
        yield wire, printer


Ends = tuple[TcpWire, socket.socket]


def reset(connection: socket.socket) -> None:
    """Close with a reset, as a printer does that loses its power and comes back."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def test_bytes_go_both_ways(ends: Ends) -> None:
    wire, printer = ends
    assert wire.write(b"~HI", 1) == 3
    assert printer.recv(10) == b"~HI"
    printer.sendall(b"\x02ZD421\x03")
    assert wire.read(5) == b"\x02ZD421\x03"


def test_silence_reads_as_nothing(ends: Ends) -> None:
    assert ends[0].read(0) == b""
    assert ends[0].read(0.01) == b""


def test_writing_nothing_takes_nothing(ends: Ends) -> None:
    assert ends[0].write(b"", 1) == 0


@pytest.mark.promise("R9")
def test_a_printer_that_stops_reading_takes_less_and_then_nothing_and_then_the_rest(
    ends: Ends,
) -> None:
    wire, printer = ends
    payload = bytes(range(256)) * 65_536
    view = memoryview(payload)
    taken = 0
    while (step := wire.write(view[taken:], 0.05)) > 0:
        taken += step
    assert 0 < taken < len(payload)
    got = bytearray()
    while len(got) < len(payload):
        got += printer.recv(1 << 20)
        if taken < len(payload):
            taken += wire.write(view[taken:], 0)
    assert bytes(got) == payload


@pytest.mark.promise("R9")
def test_a_stalled_printer_keeps_its_connection(ends: Ends) -> None:
    """No timer of the platform may end a connection whose printer waits for paper."""
    wire, _ = ends
    connection = wire._connection
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 0
    assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0
    assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_connection_closed_after_bytes_left_is_uncertain(
    listener: socket.socket, ends: Ends
) -> None:
    wire, printer = ends
    wire.write(b"^XA^XZ", 1)
    printer.recv(10)
    printer.close()
    port = listener.getsockname()[1]
    with pytest.raises(DeliveryUncertain) as caught:
        wire.read(5)
    assert caught.value.detail == (
        f"127.0.0.1:{port} closed the connection after 6 bytes; look which labels came out."
    )
    assert caught.value.facts == {"place": f"127.0.0.1:{port}", "sent": 6, "in_flight": 0}


def test_a_reset_after_bytes_left_is_uncertain_for_reader_and_writer(ends: Ends) -> None:
    wire, printer = ends
    wire.write(b"^XA^XZ", 1)
    printer.recv(10)
    reset(printer)
    with pytest.raises(DeliveryUncertain):
        wire.read(5)
    with pytest.raises(DeliveryUncertain):
        wire.write(b"^XA^XZ", 1)


def test_a_connection_closed_at_once_means_somebody_else_prints(
    listener: socket.socket, ends: Ends
) -> None:
    wire, printer = ends
    printer.close()
    with pytest.raises(DeviceBusy) as caught:
        wire.read(5)
    assert caught.value.detail == (
        f"127.0.0.1:{listener.getsockname()[1]} closed the connection at once; if another "
        "computer is printing there, wait until it is done, else switch the printer off and on."
    )


def test_a_reset_before_anything_was_sent_is_safe_to_retry(ends: Ends) -> None:
    wire, printer = ends
    reset(printer)
    with pytest.raises(DeviceUnreachable):
        wire.read(5)


def test_a_refused_connection_names_the_place_and_the_cure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(f"tcp://127.0.0.1:{port}")
    assert caught.value.detail == (
        f"127.0.0.1:{port} refuses the connection; switch the printer on, check the port, and "
        "whether another computer is printing there."
    )


def test_a_printer_that_never_accepts_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.drivers.transports.tcp.CONNECT_WITHIN", 0.05)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        port = server.getsockname()[1]
        # A full backlog lets further connections hang, as a printer does that serves another.
        fillers = [socket.socket() for _ in range(3)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            with pytest.raises(DeviceUnreachable) as caught:
                open_wire(f"tcp://127.0.0.1:{port}")
        finally:
            for filler in fillers:
                filler.close()
    assert caught.value.facts["reason"] == "timeout"
    assert caught.value.detail == (
        f"Nothing answers at 127.0.0.1:{port} within 0.05 s; check that the printer is on and on "
        "the network, and that no other computer holds it."
    )


def test_an_unknown_name_is_unreachable() -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire("tcp://printer.invalid")
    assert caught.value.detail == (
        "No computer here knows the printer's name 'printer.invalid'; check the name, or use the "
        "printer's address."
    )


@pytest.mark.threat("T16")
def test_a_name_that_leads_to_a_forbidden_address_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 9100))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    with pytest.raises(PrinterRefused, match=r"169\.254\.169\.254 is a link-local address"):
        open_wire("tcp://metadata.example")


def test_closing_twice_is_fine_and_what_was_written_arrives(ends: Ends) -> None:
    wire, printer = ends
    printer.sendall(b"unread")
    wire.write(b"^XA^XZ" * 1000, 1)
    wire.close()
    wire.close()
    got = bytearray()
    while part := printer.recv(65536):
        got += part
    assert bytes(got) == b"^XA^XZ" * 1000
    # A reset, which lets a printer throw away what it has not read, would be noted here.
    assert printer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("tcp://10.0.0.7", "tcp://10.0.0.7:9100"),
        ("TCP://Zebra-1.Local:9101/", "tcp://zebra-1.local:9101"),
        ("tcp://[fd00::7]:6101", "tcp://[fd00::7]:6101"),
        ("tcp://127.0.0.1:40123", "tcp://127.0.0.1:40123"),
        ("tcp://localhost:1", "tcp://localhost:1"),
        ("tcp://10.0.0.7:515", "tcp://10.0.0.7:515"),
    ],
)
def test_a_url_is_kept_in_one_form(given: str, kept: str) -> None:
    assert check_url(given) == kept
    assert check_url(kept) == kept


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    "url",
    [
        "tcp://169.254.169.254:9100",
        "tcp://[::ffff:169.254.169.254]:9100",
        "tcp://[fe80::1]:9100",
        "tcp://224.0.0.1:9100",
        "tcp://255.255.255.255:9100",
        "tcp://0.0.0.0:9100",
        "tcp://[::]:9100",
        "tcp://2130706433:9100",
        "tcp://0x7f000001:9100",
        "tcp://127.1:40000",
        "tcp://10.0.0.7:22",
        "tcp://10.0.0.7:9110",
        "tcp://10.0.0.7:0",
        "tcp://127.0.0.1:0",
        "tcp://10.0.0.7:99999",
        "tcp://user:word@10.0.0.7:9100",
        "tcp://10.0.0.7:9100/print",
        "tcp://10.0.0.7:9100?x=1",
        "tcp://:9100",
        "tcp://",
        "tcp://a b:9100",
        "tcp://-a:9100",
        "tcp://[::1",
        "http://10.0.0.7:9100",
        "10.0.0.7:9100",
        "",
    ],
)
def test_a_place_where_no_printer_can_be_is_refused(url: str) -> None:
    with pytest.raises(PrinterRefused) as caught:
        check_url(url)
    assert caught.value.detail.endswith(".")
    assert "Error" not in caught.value.detail


def test_refusals_name_the_value_and_the_cure() -> None:
    with pytest.raises(PrinterRefused) as caught:
        check_url("tcp://10.0.0.7:22")
    assert caught.value.detail == (
        "Port 22 is not one where printers listen; use 9100 to 9109, 515 or 6101."
    )
    with pytest.raises(PrinterRefused) as caught:
        check_url("ftp://10.0.0.7")
    assert caught.value.detail == (
        "A printer's URL cannot begin with 'ftp'; it begins with one of "
        + ", ".join(f"{name}://" for name in TRANSPORTS)
        + "."
    )
