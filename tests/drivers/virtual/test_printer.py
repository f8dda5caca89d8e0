"""The whole printer, on real sockets: what is sent comes out, and each fault does what it says."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.drivers.virtual.printer import FAULTS, VirtualPrinter
from gateway.errors import InputRefused

FAR = 30.0
"""Seconds a test waits at most for what should come at once."""

LABEL = b"^XA^FO40,40^BY2^BCN,80,N,N,N,A^FDSN-%06d^FS^XZ"
IDLE_LENGTH = 82
"""Bytes of the three frames of ~HS."""


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter(speed_mm_s=0) as made:
        yield made


def connect(printer: VirtualPrinter) -> socket.socket:
    return socket.create_connection(("127.0.0.1", printer.port), timeout=FAR)


def connect_again(printer: VirtualPrinter) -> socket.socket:
    """Connect to a printer that is just starting again."""
    deadline = time.monotonic() + FAR
    while True:
        try:
            return connect(printer)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise


def send_until_it_blocks(host: socket.socket, repeated: bytes) -> int:
    """Send the same bytes again and again; return how many went out before nothing more did."""
    sent = 0
    while sent < 64 * 1024 * 1024:
        try:
            sent += host.send(repeated[sent % len(repeated) :])
        except TimeoutError:
            return sent
    raise AssertionError("a printer whose buffer is full took 64 MB")


def receive(host: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        more = host.recv(count - len(received))
        if not more:
            break
        received += more
    return received


def receive_listing(host: socket.socket) -> bytes:
    received = b""
    while not received.endswith(b"\x03"):
        received += receive(host, 1)
    return received


def ask_status(host: socket.socket) -> bytes:
    host.sendall(b"~HS")
    return receive(host, IDLE_LENGTH)


def test_a_label_sent_over_tcp_comes_out_and_decodes_to_the_serial_sent(
    printer: VirtualPrinter,
) -> None:
    with connect(printer) as host:
        host.sendall(LABEL % 123)
        assert printer.wait_printed(1, timeout=FAR)
    assert [(c.format, c.text) for c in printer.codes(1)] == [("Code 128", "SN-000123")]
    assert (printer.odometer, len(printer.labels())) == (1, 1)


def test_it_answers_on_the_connection_that_asked(printer: VirtualPrinter) -> None:
    with connect(printer) as host:
        host.sendall(b'~HI! U1 getvar "odometer.total_label_count"\r\n')
        assert receive(host, 34) == b'\x02GW-VIRTUAL,V1.0.0Z,8,8192KB,X\x03\r\n"'[:34]
        assert receive(host, 2) == b'0"'


def test_a_second_host_waits_until_the_first_is_read_to_its_end(printer: VirtualPrinter) -> None:
    with connect(printer) as first, connect(printer) as second:
        second.sendall(LABEL % 2)
        ask_status(first)
        first.sendall(LABEL % 1)
        first.shutdown(socket.SHUT_WR)
        assert printer.wait_printed(2, timeout=FAR)
    assert [[c.text for c in printer.codes(n)] for n in (1, 2)] == [["SN-000001"], ["SN-000002"]]


def test_a_half_format_stays_when_its_connection_goes(printer: VirtualPrinter) -> None:
    with connect(printer) as host:
        host.sendall(b"^XA^FO40,40^A0N,30,30^FDhalf")
        ask_status(host)
    with connect(printer) as host:
        assert ask_status(host)[22:23] == b"1"
        host.sendall(b"~JX")
        assert ask_status(host)[22:23] == b"0"


def test_power_off_resets_the_connection_refuses_others_and_empties_ram(
    printer: VirtualPrinter,
) -> None:
    with connect(printer) as host:
        host.sendall(b"^XA^DFR:GW000001.ZPL^FS^XZ^XA^FO1,1^FDopen")
        ask_status(host)
        printer.power_off()
        with pytest.raises(ConnectionResetError):
            host.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(printer)
    port = printer.port
    printer.power_on()
    assert printer.port == port
    with connect(printer) as host:
        assert ask_status(host)[22:23] == b"0"
        host.sendall(b"^XA^HWR:*.*^XZ")
        assert b"GW000001" not in receive_listing(host)


def test_power_off_in_the_middle_of_a_label_leaves_a_partial_piece() -> None:
    with VirtualPrinter(speed_mm_s=0) as printer, connect(printer) as host:
        printer.trip("power_off", labels=1, at=0.5)
        host.sendall(LABEL % 1 + LABEL % 2 + LABEL % 3)
        with pytest.raises(ConnectionResetError):
            host.recv(1)
        assert printer.wait_idle(timeout=FAR)
        assert [(p.partial, p.height) for p in printer.pieces()] == [(False, 400), (True, 200)]
        assert printer.odometer == 1


def test_a_stalled_printer_reads_nothing_until_it_goes_on(printer: VirtualPrinter) -> None:
    with connect(printer) as host:
        ask_status(host)
        printer.stall()
        before = printer.received
        host.sendall(LABEL % 1)
        assert not printer.wait_printed(1, timeout=0.1)
        assert printer.received == before
        printer.stall(False)
        assert printer.wait_printed(1, timeout=FAR)


def test_a_mute_printer_prints_and_answers_nothing(printer: VirtualPrinter) -> None:
    with connect(printer) as host:
        printer.mute()
        host.sendall(b"~HS~HI" + LABEL % 1)
        assert printer.wait_printed(1, timeout=FAR)
        printer.mute(False)
        assert ask_status(host)[:4] == b"\x02030"


@pytest.mark.parametrize("count", [1, 7, 43])
def test_a_connection_is_reset_after_exactly_so_many_bytes(
    printer: VirtualPrinter, count: int
) -> None:
    sent = LABEL % 1
    assert len(sent) > count
    printer.reset_connection_at(count)
    with connect(printer) as host:
        host.sendall(sent)
        with pytest.raises(ConnectionResetError):
            host.recv(1)
    assert printer.received == count
    with connect(printer) as host:
        # The half format is still there; the rest completes it, so no byte was lost or read twice.
        host.sendall(sent[count:])
        assert printer.wait_printed(1, timeout=FAR)
    assert [c.text for c in printer.codes(1)] == ["SN-000001"]


def test_bytes_that_come_in_parts_are_counted_together(printer: VirtualPrinter) -> None:
    printer.reset_connection_at(10)
    with connect(printer) as host:
        for part in (b"^XA", b"~HS"):
            host.sendall(part)
        receive(host, IDLE_LENGTH)
        host.sendall(b"^FX~HS")
        with pytest.raises(ConnectionResetError):
            receive(host, IDLE_LENGTH)
    assert printer.received == 10


def test_a_dropped_connection_is_reset_at_once(printer: VirtualPrinter) -> None:
    with connect(printer) as host:
        ask_status(host)
        printer.drop_connection()
        with pytest.raises(ConnectionResetError):
            host.recv(1)
    with connect(printer) as host:
        assert len(ask_status(host)) == IDLE_LENGTH


def test_a_printer_that_refuses_connections_still_prints_what_it_has() -> None:
    with VirtualPrinter(speed_mm_s=0) as printer:
        printer.pause()
        with connect(printer) as host:
            host.sendall(LABEL % 1)
            ask_status(host)
        printer.refuse_connections()
        with pytest.raises(ConnectionRefusedError):
            connect(printer)
        printer.resume()
        assert printer.wait_printed(1, timeout=FAR)
        printer.refuse_connections(False)
        with connect(printer) as host:
            assert len(ask_status(host)) == IDLE_LENGTH


def test_refusing_outlasts_a_power_cycle(printer: VirtualPrinter) -> None:
    printer.refuse_connections()
    printer.power_off()
    printer.power_on()
    with pytest.raises(ConnectionRefusedError):
        connect(printer)


def test_a_full_buffer_makes_the_sender_wait_and_loses_nothing() -> None:
    with VirtualPrinter(speed_mm_s=0, buffer_octets=2000) as printer:
        printer.pause()
        with connect(printer) as host:
            # More than the receive buffer and both socket buffers hold.
            host.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
            host.settimeout(0.3)
            padded = b"^XA^FX%s^FO8,8^GB8,8,8^FS^XZ" % (b"x" * 60000)
            sent = send_until_it_blocks(host, padded)
            assert printer.status().buffer_full or printer.received < sent
            printer.resume()
            host.settimeout(FAR)
            rest = -sent % len(padded)
            host.sendall(padded[len(padded) - rest :] if rest else b"")
            labels = (sent + rest) // len(padded)
            assert printer.wait_printed(labels, timeout=FAR)
        assert printer.wait_idle(timeout=FAR)
        assert len(printer.labels()) == labels


def test_a_reset_from_the_host_cancels_the_power_session(printer: VirtualPrinter) -> None:
    with connect(printer) as host:
        host.sendall(b"^XA^DFR:A.ZPL^FS^XZ~JR")
        with pytest.raises(ConnectionResetError):
            host.recv(1)
    with connect_again(printer) as host:
        assert len(ask_status(host)) == IDLE_LENGTH
    assert [event.what for event in printer.admin_events()] == ["~JR"]


def test_a_value_is_given_back_once_for_each_label(printer: VirtualPrinter) -> None:
    with connect(printer) as host:
        host.sendall(b"^XA^FN1^FDjob-7^FS^FH_^HV1,16,DONE:,_0D_0A,L^FS^FO9,9^GB9,9,9^FS^PQ2^XZ")
        assert receive(host, 24) == b"DONE:job-7\r\n" * 2


def test_flash_paper_and_odometer_outlive_the_process_and_ram_does_not(tmp_path: Path) -> None:
    with VirtualPrinter(speed_mm_s=0, state_dir=tmp_path) as printer, connect(printer) as host:
        host.sendall(b"^XA^DFE:KEPT.ZPL^FO9,9^GB9,9,9^FS^XZ^XA^DFR:LOST.ZPL^FS^XZ" + LABEL % 1)
        assert printer.wait_printed(1, timeout=FAR)
    with VirtualPrinter(speed_mm_s=0, state_dir=tmp_path) as printer, connect(printer) as host:
        assert printer.odometer == 1
        assert [c.text for c in printer.codes(1)] == ["SN-000001"]
        host.sendall(b"^XA^XFE:KEPT.ZPL^FS^XZ^XA^XFR:LOST.ZPL^FS^FO1,1^GB1,1,1^FS^XZ")
        assert printer.wait_printed(3, timeout=FAR)
        assert [piece.unknown for piece in printer.pieces()] == [
            (),
            (),
            ("^XFR:LOST.ZPL is not stored",),
        ]


def test_it_stops_in_any_state(tmp_path: Path) -> None:
    for prepare in ("paper_out", "power_off", "pause", "stall", "refuse_connections"):
        printer = VirtualPrinter(state_dir=tmp_path / prepare)
        printer.start()
        with connect(printer) as host:
            host.sendall(LABEL % 1 + b"^XA^FD")
            printer.do(prepare)
        printer.stop()


def test_faults_are_switched_by_name(printer: VirtualPrinter) -> None:
    printer.do("paper_out")
    assert printer.status().paper_out
    printer.do("load_paper")
    printer.do("trip", fault="pause", labels=1, at=1.0)
    assert not printer.status().paper_out


@pytest.mark.parametrize(
    ("what", "arguments", "sentence"),
    [
        ("fire", {}, f"There is no fault 'fire'; there are {', '.join(sorted(FAULTS))}."),
        ("pause", {"hard": 1}, "The fault 'pause' has no 'hard'; it takes nothing."),
        ("stall", {"on": 1}, "The fault 'stall' has no 'on'; it takes stalled."),
        ("stall", {"stalled": 1}, "'stalled' of the fault 'stall' must be true or false, got 1."),
        (
            "lose",
            {"labels": True},
            "'labels' of the fault 'lose' must be a whole number, got True.",
        ),
        (
            "trip",
            {"at": "x", "fault": "pause"},
            "'at' of the fault 'trip' must be a number, got 'x'.",
        ),
        ("trip", {}, "The fault 'trip' needs 'fault'."),
        ("trip", {"fault": "fire"}, "'fire' cannot be told to happen later; "),
    ],
)
def test_a_fault_that_is_not_known_is_refused(
    printer: VirtualPrinter, what: str, arguments: dict[str, object], sentence: str
) -> None:
    with pytest.raises(InputRefused) as refused:
        printer.do(what, **arguments)
    assert str(refused.value).startswith(sentence)


def test_an_unknown_language_is_refused_by_name() -> None:
    with pytest.raises(InputRefused, match=r"Virtual printers speak zpl, .*, not 'klingon'"):
        VirtualPrinter(language="klingon")
