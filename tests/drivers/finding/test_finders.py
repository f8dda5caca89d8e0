"""Each finder's devices become values; hostile words become harmless ones."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from gateway.devices.ports import SerialPort
from gateway.drivers.finding import Find, Found, Trouble, find_printers
from gateway.drivers.finding.address import candidates
from gateway.drivers.finding.found import describe_found
from gateway.drivers.finding.network import IPP, LPD, RAW, Service, describe_services
from gateway.drivers.finding.queues import describe_queue
from gateway.drivers.finding.serial import describe_port
from gateway.drivers.finding.usb import describe_usb
from gateway.drivers.ieee1284 import parse_device_id
from gateway.drivers.transports.spool import Queue
from gateway.drivers.transports.usb import UsbPrinter
from gateway.errors import DeviceUnreachable, PrinterRefused

# ---------------------------------------------------------------- words


@pytest.mark.threat("T6")
def test_a_devices_words_lose_what_could_move_a_cursor_or_turn_text_around() -> None:
    found = describe_found(
        "tcp://10.0.0.7:9100",
        "network",
        manufacturer="Ze\x1b[2Jbra\r\nSet-Cookie: a=b",
        model="\u202eZTC\u2066 ZD421-203dpi\u200b ZPL\0" + "A" * 500,
        serial="<script>alert(1)</script>\x7f",
    )
    assert found.manufacturer == "Ze [2Jbra Set-Cookie: a=b"
    assert found.model == "ZTC ZD421-203dpi ZPL " + "A" * 59
    # Markup is text, shown as text: nothing of it is taken away, and nothing is believed.
    assert found.serial == "<script>alert(1)</script>"
    assert len(found.what) == 80
    assert all(c.isprintable() for c in found.what)


# ---------------------------------------------------------------- one finder each


def test_a_usb_printer_is_described_by_what_it_says_over_usb() -> None:
    told = parse_device_id("MFG:Zebra Technologies ;CMD:ZPL;MDL:ZTC ZD421-203dpi ZPL;SN:D6J1;")
    printer = UsbPrinter(
        0x0A5F, 0x0187, "D6J1", "1-2", "Zebra", "ZD421", told, "usb://0a5f:0187/D6J1"
    )
    assert describe_usb(printer) == Found(
        url="usb://0a5f:0187/D6J1",
        via="usb",
        what="Zebra Technologies ZTC ZD421-203dpi ZPL",
        manufacturer="Zebra Technologies",
        model="ZTC ZD421-203dpi ZPL",
        serial="D6J1",
        language="zpl",
        row="zd421-203",
    )


def test_a_usb_printer_that_cannot_be_opened_is_offered_with_what_helps() -> None:
    problem = "This computer's user may not open it; run label-gateway doctor --fix."
    printer = UsbPrinter(0x0A5F, 0x0164, "", "1-2", "", "", None, "usb://0a5f:0164@1-2", problem)
    found = describe_usb(printer)
    assert (found.what, found.row, found.language, found.problem) == (
        "USB device 0a5f:0164",
        "zd220-203",
        "zpl",
        problem,
    )


def test_a_serial_port_says_where_it_is_and_promises_nothing() -> None:
    port = SerialPort(
        "/dev/ttyUSB0", "serial://usb/0403:6001/A1?baud=9600", 0x0403, 0x6001, "A1", "1-2", "FT232R"
    )
    found = describe_port(port)
    assert (found.url, found.via, found.what, found.serial, found.language, found.row) == (
        "serial://usb/0403:6001/A1?baud=9600",
        "serial",
        "/dev/ttyUSB0 FT232R",
        "A1",
        "",
        "",
    )


def test_a_print_queue_is_known_by_its_name_and_model() -> None:
    queue = Queue("Packing", "spool://Packing", "Zebra ZPL Label Printer")
    found = describe_queue(queue)
    assert (found.url, found.via, found.what, found.language) == (
        "spool://Packing",
        "queues",
        "Packing Zebra ZPL Label Printer",
        "zpl",
    )
    driver = describe_queue(Queue("ZDesigner ZD421-203dpi ZPL", "spool://ZDesigner"))
    assert (driver.row, driver.language) == ("zd421-203", "zpl")


ZEBRA = Service(
    RAW,
    "zebra-1.local",
    ("192.0.2.7", "fe80::1"),
    9100,
    {"ty": "Zebra ZD421", "usb_mfg": "Zebra", "usb_mdl": "ZTC ZD421-203dpi ZPL", "usb_cmd": "ZPL"},
    "ZD421 in packing",
)


def test_a_printer_that_announces_raw_printing_is_offered_by_its_address() -> None:
    assert describe_services([ZEBRA]) == [
        Found(
            url="tcp://192.0.2.7:9100",
            via="network",
            what="Zebra ZTC ZD421-203dpi ZPL",
            manufacturer="Zebra",
            model="ZTC ZD421-203dpi ZPL",
            language="zpl",
            row="zd421-203",
            others=("tcp://zebra-1.local:9100",),
        )
    ]


def test_a_printer_with_several_services_is_one_printer() -> None:
    ipp = Service(IPP, "zebra-1.local", ("192.0.2.7",), 631, {"note": "packing"}, ZEBRA.label)
    lpd = Service(LPD, "zebra-1.local", ("192.0.2.7",), 515, {}, ZEBRA.label)
    assert [found.url for found in describe_services([ipp, lpd, ZEBRA])] == ["tcp://192.0.2.7:9100"]


def test_a_server_with_several_queues_is_as_many_printers() -> None:
    services = [
        Service(IPP, "server.local", ("192.0.2.8",), 631, {"rp": f"printers/{name}"}, name)
        for name in ("office", "zebra")
    ]
    assert [found.url for found in describe_services(services)] == [
        "spool://192.0.2.8:631/office",
        "spool://192.0.2.8:631/zebra",
    ]


def test_a_printer_that_speaks_only_ipp_is_shown_with_what_to_do() -> None:
    (found,) = describe_services([Service(IPP, "hp.local", ("192.0.2.8",), 631, {"ty": "HP 4"})])
    assert (found.url, found.what, found.problem) == (
        "",
        "HP 4",
        "It announces IPP and no raw port; print to a queue of it, or try label-gateway printers "
        "find --address 192.0.2.8.",
    )


def test_a_queue_that_a_server_shares_is_offered_as_a_queue() -> None:
    texts = {"ty": "Zebra raw", "rp": "printers/Zebra_Raw", "usb_cmd": ""}
    (found,) = describe_services([Service(IPP, "server.local", ("192.0.2.8",), 631, texts)])
    assert (found.url, found.problem) == ("spool://192.0.2.8:631/Zebra_Raw", "")
    evil = texts | {"rp": "printers/../../admin?x=y"}
    (found,) = describe_services([Service(IPP, "server.local", ("192.0.2.8",), 631, evil)])
    assert found.url == ""


def test_an_office_printer_is_offered_with_a_warning() -> None:
    texts = {"ty": "HP 4", "usb_cmd": "PJL,PCL,POSTSCRIPT"}
    (found,) = describe_services([Service(RAW, "hp.local", ("192.0.2.8",), 9100, texts)])
    assert (found.language, found.problem) == (
        "",
        "It says it is an office printer, which prints a label's commands as text.",
    )


def test_a_printer_that_announces_lpd_is_offered_at_the_raw_port() -> None:
    (found,) = describe_services([Service(LPD, "old.local", ("192.0.2.9",), 515, {"ty": "Old"})])
    assert found.url == "tcp://192.0.2.9:9100"
    assert found.problem == ("It announces LPD only; whether it takes raw bytes shows by asking.")


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    ("address", "port", "problem"),
    [
        ("127.0.0.1", 631, "It announces 127.0.0.1, which is this computer itself; nothing is "
         "there."),
        ("::ffff:127.0.0.1", 22, "It announces ::ffff:127.0.0.1, which is this computer itself; "
         "nothing is there."),
        ("169.254.169.254", 9100, "169.254.169.254 is a link-local address, and no printer can be "
         "there; give the printer a fixed address in your network and use that."),
        ("224.0.0.1", 9100, "224.0.0.1 is a group of hosts, and no printer can be there; give the "
         "printer a fixed address in your network and use that."),
        ("192.0.2.7", 22, "Port 22 is not one where printers listen; use 9100 to 9109, 515 or "
         "6101."),
    ],
)  # fmt: skip
def test_an_announcement_cannot_lead_the_gateway_astray(
    address: str, port: int, problem: str
) -> None:
    (found,) = describe_services([Service(RAW, "evil.local", (address,), port, {})])
    assert (found.url, found.others, found.problem) == ("", (), problem)


@pytest.mark.threat("T6")
def test_a_hosts_name_is_no_url_when_it_is_none() -> None:
    evil = Service(RAW, "a/../b?c=d\n", ("192.0.2.7",), 9100, {}, "x\x1b]0;evil\x07")
    (found,) = describe_services([evil])
    assert (found.url, found.others, found.what) == ("tcp://192.0.2.7:9100", (), "x ]0;evil")


# ---------------------------------------------------------------- an address


@pytest.fixture
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port that takes connections, and every byte it was sent."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    while part := connection.recv(1000):
                        heard.append(part)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_an_address_that_takes_connections_is_found_and_sent_nothing(
    listening: tuple[int, list[bytes]],
) -> None:
    port, heard = listening
    search = find_printers(3.0, f"127.0.0.1:{port}", {})
    assert [found.url for found in search.found] == [f"tcp://127.0.0.1:{port}"]
    assert search.troubles == ()
    assert heard == []


def test_an_address_where_nothing_listens_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    search = find_printers(3.0, f"127.0.0.1:{port}", {})
    assert search.found == ()
    assert search.troubles == (
        Trouble(
            "address",
            f"127.0.0.1:{port} refuses the connection; switch the printer on, check the port, and "
            "whether another computer is printing there.",
        ),
    )


def test_a_printer_that_is_set_up_is_shown_without_a_second_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        search = find_printers(3.0, url, {}, frozenset({url}))
        assert [found.url for found in search.found] == [url]
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "2130706433", "224.0.0.1", "10.0.0.7:22", "usb://0a5f:0164", "", "a b"],
)
def test_an_address_where_no_printer_can_be_is_refused(address: str) -> None:
    with pytest.raises(PrinterRefused):
        candidates(address)


# ---------------------------------------------------------------- all together


def one(name: str) -> Find:
    return lambda timeout: [describe_found(f"memory://{name}", name, model=name)]


def test_a_finder_that_fails_is_told_and_stops_no_other() -> None:
    def broken(timeout: float) -> list[Found]:
        raise DeviceUnreachable("There is no libusb; install it.")

    def bare(timeout: float) -> list[Found]:
        raise ModuleNotFoundError("No module named 'zeroconf'", name="zeroconf")

    def buggy(timeout: float) -> list[Found]:
        raise KeyError("x")

    search = find_printers(
        5.0, finders={"a": one("a"), "usb": broken, "net": bare, "odd": buggy, "z": one("z")}
    )
    assert [found.url for found in search.found] == ["memory://a", "memory://z"]
    assert search.troubles == (
        Trouble("usb", "There is no libusb; install it."),
        Trouble(
            "net",
            "The search by net needs the Python package zeroconf; install it, or look for "
            "printers in another way.",
        ),
        Trouble("odd", "The search by odd failed (KeyError: 'x'); see the log."),
    )


def test_a_finder_that_does_not_end_is_left_behind() -> None:
    go = threading.Event()

    def slow(timeout: float) -> list[Found]:
        go.wait()
        return []

    search = find_printers(0.1, finders={"slow": slow, "a": one("a")})
    go.set()
    assert [found.url for found in search.found] == ["memory://a"]
    assert search.troubles == (
        Trouble(
            "slow",
            "The search by slow did not end within 0.1 s; give it longer with --timeout.",
        ),
    )


def test_finders_look_at_the_same_time() -> None:
    together = threading.Barrier(2)

    def meet(timeout: float) -> list[Found]:
        together.wait(10)
        return []

    assert find_printers(10.0, finders={"a": meet, "b": meet}).troubles == ()


def test_what_two_finders_found_is_shown_once() -> None:
    def same(via: str) -> Find:
        return lambda timeout: [describe_found("memory://x", via)]

    search = find_printers(5.0, finders={"a": same("a"), "b": same("b")})
    assert [(found.url, found.via) for found in search.found] == [("memory://x", "a")]


def test_a_flood_of_announcements_is_cut() -> None:
    def flood(timeout: float) -> list[Found]:
        return [describe_found(f"memory://{n}", "net") for n in range(5_000)]

    assert len(find_printers(30.0, finders={"net": flood}).found) == 200
