"""Scanners on the network: those we call and those that call us, over real sockets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from gateway.errors import DeviceBusy, DeviceLost, DeviceUnreachable
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile, read_profile
from gateway.scanners.source import Source, open_source
from gateway.scanners.tcp_listen import MOST_CALLERS, Address, CalledSource, parse_url


@pytest.fixture
def reader() -> Iterator[socket.socket]:
    """A scanner that waits to be called."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30.0)
        yield listening


def url_of(reader: socket.socket) -> str:
    return f"tcp://127.0.0.1:{reader.getsockname()[1]}"


def call(reader: socket.socket, profile: Profile | None = None) -> tuple[Source, socket.socket]:
    source = open_source(url_of(reader), profile or Profile())
    return source, reader.accept()[0]


def test_a_scanner_that_is_called_is_read_and_beeps(reader: socket.socket) -> None:
    source, gun = call(reader, read_profile({"feedback": "datalogic", "prefix": "\x02"}))
    with closing(source), gun:
        gun.sendall(b"\x02A1\r\n\x02A")
        assert source.read(5.0) == Read(b"\x02A1", "A1")
        gun.sendall(b"2\r\n")
        assert source.read(5.0) == Read(b"\x02A2", "A2")
        source.tell(Outcome.REFUSED)
        assert gun.recv(100) == b"FE"


def test_a_silent_death_is_noticed_by_the_system(reader: socket.socket) -> None:
    source, gun = call(reader)
    with closing(source), gun:
        connection = source._wire._connection  # type: ignore[attr-defined]
        assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0


def until_lost(source: Source) -> tuple[list[Read | None], DeviceLost]:
    reads: list[Read | None] = []
    try:
        while True:
            reads.append(source.read(5.0))
    except DeviceLost as error:
        return reads, error


def test_a_scanner_that_hangs_up_in_the_middle_of_a_code_is_lost(reader: socket.socket) -> None:
    source, gun = call(reader, read_profile({"idle_ms": 5000}))
    gun.sendall(b"A1\rB2")
    gun.close()
    reads, lost = until_lost(source)
    source.close()
    assert reads == [Read(b"A1", "A1"), Read(b"B2", "B2", fault="incomplete")]
    assert lost.detail == (
        f"The scanner at {url_of(reader)[6:]} ended the connection; it is tried again until it is "
        "back."
    )


def test_a_connection_that_breaks_is_lost_too(reader: socket.socket) -> None:
    source, gun = call(reader)
    gun.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gun.close()  # with a reset
    reads, lost = until_lost(source)
    source.close()
    assert reads == []
    assert lost.detail.startswith(f"The connection to the scanner at {url_of(reader)[6:]} broke (")


def test_where_nobody_listens_the_scanner_is_unreachable() -> None:
    with socket.socket() as deaf:  # it keeps the port, so that nobody else listens there
        deaf.bind(("127.0.0.1", 0))
        url = url_of(deaf)
        with pytest.raises(DeviceUnreachable) as caught:
            open_source(url, Profile())
    assert caught.value.detail == (
        f"{url[6:]} refuses the connection; switch the scanner on, check the port, and whether "
        "another program is connected to it."
    )


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (
            socket.gaierror(socket.EAI_NONAME, "no such name"),
            "No computer here knows the scanner's name 'gun.example'; check the name, or use the "
            "scanner's address.",
        ),
        (
            TimeoutError(),
            "Nothing answers at gun.example:2001 within 2 s; check that the scanner is on and on "
            "the network.",
        ),
        (
            OSError(101, "Network is unreachable"),
            "There is no way to gun.example:2001 (Network is unreachable); check the network and "
            "the scanner's address.",
        ),
    ],
)
def test_what_the_network_says_becomes_a_sentence_with_the_cure(
    failure: OSError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(*_: object, **__: object) -> list[object]:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(DeviceUnreachable) as caught:
        open_source("tcp://gun.example:2001", Profile())
    assert caught.value.detail == sentence


# ---------------------------------------------------------------------- scanners that call


Listen = Callable[..., CalledSource]


@pytest.fixture
def listen() -> Iterator[Listen]:
    opened: list[CalledSource] = []

    def listen(callers: str = "", **options: object) -> CalledSource:
        callers = f"?from={callers}" if callers else ""
        address = parse_url(f"tcp-listen://127.0.0.1:9009{callers}")
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(CalledSource(listening, address, read_profile(options)))
        return opened[-1]

    yield listen
    for source in opened:
        source.close()


def ring(source: CalledSource) -> socket.socket:
    gun = socket.create_connection(("127.0.0.1", source.port))
    gun.settimeout(30.0)
    return gun


def hung_up(gun: socket.socket) -> bool:
    try:
        return gun.recv(10) == b""
    except ConnectionError:
        return True


def test_each_caller_is_read_by_itself_and_the_one_that_read_hears_the_beep(
    listen: Listen,
) -> None:
    source = listen(feedback="bel", idle_ms=5000)
    with ring(source) as one, ring(source) as other:
        one.sendall(b"A")
        other.sendall(b"B1\r")
        assert source.read(5.0) == Read(b"B1", "B1")
        source.tell(Outcome.DONE)
        one.sendall(b"1\r")
        assert source.read(5.0) == Read(b"A1", "A1")
        source.tell(Outcome.LOOK)
        assert (other.recv(10), one.recv(10)) == (b"\x07", b"\x07\x07")


def test_a_caller_that_hangs_up_is_no_lost_device(listen: Listen) -> None:
    source = listen(idle_ms=5000)
    with ring(source) as gun:
        gun.sendall(b"A1\rB2")
    assert source.read(5.0) == Read(b"A1", "A1")
    assert source.read(5.0) == Read(b"B2", "B2", fault="incomplete")
    source.tell(Outcome.REFUSED)
    with ring(source) as gun:
        gun.sendall(b"B2\r")
        assert source.read(5.0) == Read(b"B2", "B2")


def test_a_callers_silence_makes_its_code_incomplete(listen: Listen) -> None:
    source = listen(idle_ms=20)
    with ring(source) as gun:
        gun.sendall(b"A1")
        assert source.read(5.0) == Read(b"A1", "A1", fault="incomplete")


@pytest.mark.threat("T11")
def test_who_calls_from_elsewhere_is_hung_up_on_unheard(listen: Listen) -> None:
    source = listen("10.0.0.9,192.0.2.0/24")
    with ring(source) as stranger:
        stranger.sendall(b"A1\r")
        assert source.read(0.2) is None
        assert hung_up(stranger)


def test_who_may_call_is_heard(listen: Listen) -> None:
    source = listen("10.0.0.9,127.0.0.0/8")
    with ring(source) as gun:
        gun.sendall(b"A1\r")
        assert source.read(5.0) == Read(b"A1", "A1")


def test_only_so_many_call_at_a_time(listen: Listen) -> None:
    source = listen()
    guns = [ring(source) for _ in range(MOST_CALLERS + 1)]
    try:
        guns[-2].sendall(b"A1\r")
        assert source.read(30.0) == Read(b"A1", "A1")
        source.read(0.2)
        assert hung_up(guns[-1])
    finally:
        for gun in guns:
            gun.close()


def test_packets_of_callers_are_acknowledged(listen: Listen) -> None:
    source = listen(feedback="ssi")
    with ring(source) as gun:
        gun.sendall(bytes.fromhex("07 F3 00 00 03 41 31 FE 91"))
        read = source.read(5.0)
        assert read is not None
        assert (read.text, gun.recv(6)) == ("A1", bytes.fromhex("04 D0 04 00 FF 28"))


def test_a_bell_ends_the_waiting_for_a_call(listen: Listen) -> None:
    source = listen()
    done = threading.Event()

    def wait() -> None:
        assert source.read(600.0) is None
        done.set()

    thread = threading.Thread(target=wait)
    thread.start()
    source.wake()
    assert done.wait(30.0)
    thread.join()


def test_a_port_that_another_program_has_is_busy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with pytest.raises(DeviceBusy) as caught:
            open_source(f"tcp-listen://127.0.0.1:{port}", Profile())
    assert caught.value.detail == (
        f"Another program listens on port {port} of this computer; end that, or set the scanner "
        "and the URL to another port."
    )


def test_an_address_of_another_computer_cannot_be_called() -> None:
    with pytest.raises(DeviceUnreachable, match=r"^Scanners cannot call 192\.0\.2\.1 at port 9009"):
        open_source("tcp-listen://192.0.2.1:9009?from=192.0.2.9", Profile())


def test_scanners_call_a_real_port_of_all_addresses() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    source = open_source(f"tcp-listen://:{port}?from=127.0.0.1", Profile())
    assert isinstance(source, CalledSource)
    with closing(source), ring(source) as gun:
        gun.sendall(b"A1\r")
        assert source.read(5.0) == Read(b"A1", "A1")


def test_an_address_says_itself_as_it_was_written() -> None:
    assert str(Address("", 9009, ())) == "tcp-listen://:9009"
    assert str(parse_url("tcp-listen://[::1]:9009?from=::1")) == "tcp-listen://[::1]:9009?from=::1"
