"""Print queues: a server of the test's own, Debian's CUPS where it is, a Windows spooler faked."""

# ruff: noqa: N802 - the names of win32print

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from gateway.drivers.transports import check_url, manners_of, open_wire
from gateway.drivers.transports.ipp import read_answer
from gateway.drivers.transports.spool import Queue as Queued
from gateway.drivers.transports.spool import list_queues
from gateway.errors import DeliveryUncertain, DeviceBusy, DeviceUnreachable, PrinterRefused
from tests.drivers.transports.print_server import (
    GET_JOB,
    GET_PRINTER,
    PRINT_JOB,
    RAW,
    PrintServer,
    Queue,
)

LABEL = bytes(range(256)) * 40 + b"^XA^FDSN-000123^FS^XZ"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("spool://zebra", "spool://zebra"),
        ("SPOOL://zebra/", "spool://zebra"),
        ("spool://Zebra%20ZD421%20(copy)", "spool://Zebra%20ZD421%20%28copy%29"),
        ("spool://%5C%5Cserver%5Czebra", "spool://%5C%5Cserver%5Czebra"),
        ("spool://Server/zebra", "spool://server:631/zebra"),
        ("spool://10.0.0.9:631/Zebra_1", "spool://10.0.0.9:631/Zebra_1"),
        ("spool://[fd00::9]/z", "spool://[fd00::9]:631/z"),
        ("spool://localhost:1631/z", "spool://localhost:1631/z"),
    ],
)
def test_a_url_is_kept_in_one_form(given: str, kept: str) -> None:
    assert check_url(given) == kept
    assert check_url(kept) == kept


@pytest.mark.threat("T16")
@pytest.mark.parametrize(
    "url",
    [
        "spool://", "spool:///z", "spool://a/b/c", "spool://z?x=1", "spool://z%00", "spool://z%2Fy",
        "spool://user@server/z", "spool://169.254.169.254/z", "spool://server:22/z",
        "spool://127.0.0.1:0/z", "spool://127.0.0.1:99999/z", "spool://0x7f000001/z",
        "spool://" + "z" * 300,
    ],
)  # fmt: skip
def test_what_is_no_queue_or_no_server_is_refused(url: str) -> None:
    with pytest.raises(PrinterRefused) as caught:
        check_url(url)
    assert caught.value.detail.endswith(".")


def test_nothing_is_asked_of_a_printer_behind_a_queue() -> None:
    assert not manners_of("spool://zebra").answers
    assert manners_of("tcp://10.0.0.7:9100").answers


# ---------------------------------------------------------------------- IPP


@pytest.fixture
def server() -> Iterator[PrintServer]:
    with PrintServer({"zebra": Queue(), "office": Queue()}) as running:
        yield running


def url_of(server: PrintServer, queue: str = "zebra") -> str:
    return f"spool://127.0.0.1:{server.port}/{queue}"


def test_a_write_is_one_raw_document_taken_whole(server: PrintServer) -> None:
    with closing(open_wire(url_of(server))) as wire:
        assert wire.write(memoryview(LABEL), 1) == len(LABEL)
        assert wire.write(b"", 1) == 0
        assert wire.read(0) == b""
    assert server.documents == [LABEL]
    (asked,) = (asked for asked in server.asked if asked.operation == PRINT_JOB)
    assert asked.path == "/printers/zebra"
    assert asked.operation_group == {
        "attributes-charset": ["utf-8"],
        "attributes-natural-language": ["en"],
        "printer-uri": ["ipp://localhost/printers/zebra"],
        "requesting-user-name": ["label-gateway"],
        "job-name": ["label"],
        "document-format": [RAW],
    }
    assert asked.job_group == {"job-sheets": ["none"]}


def test_a_name_with_a_space_reaches_its_queue(server: PrintServer) -> None:
    server.queues["Zebra%20ZD421"] = Queue()
    with closing(open_wire(url_of(server, "Zebra%20ZD421"))) as wire:
        assert wire.write(b"^XA^XZ", 1) == 6
    assert server.documents == [b"^XA^XZ"]


def test_no_more_than_two_documents_wait_in_the_queue(server: PrintServer) -> None:
    with closing(open_wire(url_of(server))) as wire:
        assert [wire.write(b"^XA^XZ", 0.01) for _ in range(4)] == [6, 6, 0, 0]
        server.job_states[1] = 9
        assert [wire.write(b"^XA^XZ", 0.01) for _ in range(2)] == [6, 0]
        del server.job_states[2]  # its history was forgotten
        server.job_states[3] = 8
        assert [wire.write(b"^XA^XZ", 0.01) for _ in range(3)] == [6, 6, 0]
    assert len(server.documents) == 5


def test_a_write_that_waits_for_room_takes_the_document_when_there_is(server: PrintServer) -> None:
    with closing(open_wire(url_of(server))) as wire:
        assert [wire.write(b"1", 1), wire.write(b"2", 1)] == [1, 1]
        printed = threading.Timer(0.05, lambda: server.job_states.update({1: 9}))
        printed.start()
        assert wire.write(b"3", 30) == 1
        printed.join()
    assert server.documents == [b"1", b"2", b"3"]


def test_a_server_that_ends_each_connection_is_asked_anew(server: PrintServer) -> None:
    server.keeps_open = False
    with closing(open_wire(url_of(server))) as wire:
        assert wire.read(0) == b""
        assert wire.write(LABEL, 1) == len(LABEL)
        assert wire.read(0) == b""
    assert server.documents == [LABEL]


def test_a_queue_that_is_missing_names_those_there_are(server: PrintServer) -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(url_of(server, "zebras"))
    assert caught.value.detail == (
        "There is no print queue 'zebras' on the print server 127.0.0.1; there are office, zebra."
    )
    server.queues.clear()
    with pytest.raises(DeviceUnreachable, match=r"; there is none\.$"):
        open_wire(url_of(server, "zebras"))


@pytest.mark.parametrize(
    ("queue", "sentence"),
    [
        (
            Queue(formats=("application/pdf", "application/octet-stream")),
            "The print queue 'zebra' on the print server 127.0.0.1 takes no raw data and would "
            "print the commands as text; make one that does, for CUPS with 'lpadmin -p zebra -m "
            "raw'.",
        ),
        (
            Queue(accepting=False),
            "The print queue 'zebra' on the print server 127.0.0.1 takes no jobs; let it take "
            "them again with 'cupsaccept zebra'.",
        ),
        (
            Queue(state=5, message="Paused\n by \x1bAda."),
            "The print queue 'zebra' on the print server 127.0.0.1 is stopped (Paused by Ada); "
            "let it go on with 'cupsenable zebra'.",
        ),
    ],
)
def test_a_queue_that_would_not_print_is_unreachable_with_the_cure(
    server: PrintServer, queue: Queue, sentence: str
) -> None:
    wire = open_wire(url_of(server))
    server.queues["zebra"] = queue
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(url_of(server))
    assert caught.value.detail == sentence
    with pytest.raises(DeviceUnreachable) as caught:
        wire.read(0)  # what the press does before it hands a label over: no label is in doubt
    assert caught.value.detail == sentence
    wire.close()
    assert server.documents == []


def test_a_refused_document_is_known_not_to_be_printed(server: PrintServer) -> None:
    with closing(open_wire(url_of(server))) as wire:
        server.queues["zebra"].refuses = 0x0507
        server.queues["zebra"].words = "Too many active\x07 jobs."
        with pytest.raises(DeviceBusy) as caught:
            wire.write(LABEL, 1)
    assert caught.value.detail == (
        "The print queue 'zebra' on the print server 127.0.0.1 did not take the label (IPP status "
        "0507: Too many active jobs.); nothing of it was printed."
    )


def test_a_server_that_does_not_answer_for_a_document_leaves_it_uncertain(
    server: PrintServer,
) -> None:
    with closing(open_wire(url_of(server))) as wire:
        server.falls_silent_at = PRINT_JOB
        with pytest.raises(DeliveryUncertain) as caught:
            wire.write(LABEL, 1)
    assert caught.value.detail == (
        "The print server 127.0.0.1 did not say whether it took the label for the queue 'zebra' "
        "(Remote end closed connection without response); look whether it came out."
    )


def test_a_server_that_has_gone_before_the_document_leaves_nothing_in_doubt() -> None:
    with PrintServer({"zebra": Queue()}) as server:
        wire = open_wire(url_of(server))
    with closing(wire), pytest.raises(DeviceUnreachable):
        wire.write(LABEL, 1)


def test_a_question_without_an_answer_puts_no_label_in_doubt(server: PrintServer) -> None:
    with closing(open_wire(url_of(server))) as wire:
        assert [wire.write(b"1", 1), wire.write(b"2", 1)] == [1, 1]
        server.falls_silent_at = GET_JOB
        with pytest.raises(DeviceUnreachable, match=r"^No print spooler answers on the print"):
            wire.write(b"3", 1)
        server.falls_silent_at = GET_PRINTER
        with pytest.raises(DeviceUnreachable):
            wire.read(0)
        server.falls_silent_at = None
        assert wire.read(0) == b""
    assert server.documents == [b"1", b"2"]


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(f"spool://127.0.0.1:{port}/zebra")
    assert caught.value.detail == (
        "No print spooler answers on the print server 127.0.0.1 (Connection refused); start CUPS "
        "there, and let it listen to this computer."
    )


def test_a_server_that_wants_a_password_says_how_to_let_the_gateway_in(server: PrintServer) -> None:
    server.http_status = 401
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(url_of(server))
    assert caught.value.detail == (
        "The print server 127.0.0.1 does not let the gateway print (HTTP 401); allow it without a "
        "password and without encryption, for CUPS in cupsd.conf."
    )


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets in files here")
def test_the_spooler_of_this_computer_is_reached_by_its_socket(
    server: PrintServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relay stands in for the socket: it hands each connection on to the server."""
    path = tmp_path / "cups.sock"
    monkeypatch.setattr("gateway.drivers.transports.spool.SOCKETS", (str(path),))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        relay = threading.Thread(target=hand_on, args=(listener, server.port))
        relay.start()
        with closing(open_wire("spool://zebra")) as wire:
            assert wire.write(LABEL, 1) == len(LABEL)
        relay.join()
    assert server.documents == [LABEL]


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets in files here")
def test_the_queues_of_this_computer_are_listed_with_their_urls(
    server: PrintServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cups.sock"
    monkeypatch.setattr("gateway.drivers.transports.spool.SOCKETS", (str(path),))
    server.queues["Zebra ZD421"] = server.queues["evil\x1b[2J"] = server.queues["zebra"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        relay = threading.Thread(target=hand_on, args=(listener, server.port, 1))
        relay.start()
        queues = list_queues()
        relay.join()
    assert [(queue.name, queue.url) for queue in queues] == [
        ("Zebra ZD421", "spool://Zebra%20ZD421"),
        ("evil[2J", "spool://evil%1B%5B2J"),
        ("office", "spool://office"),
        ("zebra", "spool://zebra"),
    ]


def test_where_no_spooler_runs_there_are_no_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setattr("gateway.drivers.transports.spool.SOCKETS", ())
    monkeypatch.setattr("gateway.drivers.transports.spool.IPP_PORT", port)
    assert list_queues() == []


def hand_on(listener: socket.socket, port: int, connections: int = 2) -> None:
    for _ in range(connections):  # one connection for questions, one for the document
        near, _ = listener.accept()
        with near, socket.create_connection(("127.0.0.1", port)) as far:
            back = threading.Thread(target=copy, args=(far, near))
            back.start()
            copy(near, far)
            back.join()


def copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)


@pytest.mark.parametrize(
    "octets",
    [
        b"", b"HTTP/1.1 200 OK", bytes.fromhex("0200 0000 0000 0001"),
        bytes.fromhex("0200 0000 0000 0001 04 21 0003 61"),
        bytes.fromhex("0200 0000 0000 0001 21 0001 61 0004 00000001 03"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_noticed(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"no answer of IPP|in the middle|before the first group"):
        read_answer(octets)


# ---------------------------------------------------------------------- Debian's CUPS

CUPSD = shutil.which("cupsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
has_cups = pytest.mark.skipif(
    CUPSD is None or sys.platform == "win32" or os.geteuid() != 0,
    reason="needs CUPS (Debian package cups) and root",
)

CUPSD_CONF = """\
Listen 127.0.0.1:{port}
Browsing No
WebInterface No
DefaultAuthType None
<Location />
  Order allow,deny
  Allow all
</Location>
<Policy default>
  JobPrivateAccess default
  JobPrivateValues default
  SubscriptionPrivateAccess default
  SubscriptionPrivateValues default
  <Limit All>
    Order allow,deny
    Allow all
  </Limit>
</Policy>
"""

CUPS_FILES = """\
ServerRoot {folder}
RequestRoot {folder}/spool
CacheDir {folder}/cache
StateDir {folder}/state
TempDir {folder}/spool/tmp
ServerKeychain {folder}/ssl
AccessLog {folder}/access
ErrorLog {folder}/error
PageLog {folder}/page
User lp
Group lp
SystemGroup root
"""

PRINTER = """\
<Printer {name}>
DeviceURI socket://127.0.0.1:{printer}/?waiteof=false&snmp=false
State {state}
Accepting {accepting}
Shared No
JobSheets standard none
OpPolicy default
ErrorPolicy retry-job
</Printer>
"""

PPD = """\
*PPD-Adobe: "4.3"
*FormatVersion: "4.3"
*FileVersion: "1.0"
*LanguageVersion: English
*LanguageEncoding: ISOLatin1
*PCFileName: "DRIVEN.PPD"
*Manufacturer: "Test"
*Product: "(Test)"
*ModelName: "Test"
*ShortNickName: "Test"
*NickName: "A driver"
*PSVersion: "(3010.000) 0"
*cupsFilter: "application/vnd.cups-raster 0 rastertolabel"
*OpenUI *PageSize/Media Size: PickOne
*DefaultPageSize: w288h432
*PageSize w288h432/4x6: "<</PageSize[288 432]>>setpagedevice"
*CloseUI: *PageSize
*OpenUI *PageRegion: PickOne
*DefaultPageRegion: w288h432
*PageRegion w288h432/4x6: "<</PageSize[288 432]>>setpagedevice"
*CloseUI: *PageRegion
*DefaultImageableArea: w288h432
*ImageableArea w288h432/4x6: "0 0 288 432"
*DefaultPaperDimension: w288h432
*PaperDimension w288h432/4x6: "288 432"
*DefaultFont: Courier
*Font Courier: Standard "(1.05)" Standard ROM
"""


@pytest.fixture
def device() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)
        yield listener


@pytest.fixture
def cups_folder() -> Iterator[Path]:
    """A folder that everybody may look into, with all above it: CUPS's backends run as lp."""
    with tempfile.TemporaryDirectory(prefix="cups-") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.fixture
def cups(device: socket.socket, cups_folder: Path) -> Iterator[int]:
    """Debian's scheduler with a raw queue, a driven one and two that do not print; its port."""
    assert CUPSD is not None
    folder = cups_folder
    for part in ("spool/tmp", "cache", "state", "ssl", "ppd"):
        (folder / part).mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    (folder / "cupsd.conf").write_text(CUPSD_CONF.format(port=port))
    (folder / "cups-files.conf").write_text(CUPS_FILES.format(folder=folder))
    (folder / "ppd" / "driven.ppd").write_text(PPD)
    (folder / "printers.conf").write_text(
        "".join(
            PRINTER.format(
                name=name, printer=device.getsockname()[1], state=state, accepting=accepting
            )
            for name, state, accepting in (
                ("raw", "Idle", "Yes"),
                ("driven", "Idle", "Yes"),
                ("paused", "Stopped", "Yes"),
                ("closed", "Idle", "No"),
            )
        )
    )
    command = [CUPSD, "-f", "-c", f"{folder}/cupsd.conf", "-s", f"{folder}/cups-files.conf"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            ends = time.monotonic() + 30
            while True:
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                assert time.monotonic() < ends, "CUPS did not start"
                assert running.poll() is None, "CUPS ended"
                threading.Event().wait(0.05)
            yield port
        finally:
            running.terminate()
            running.wait(10)


def arrives(device: socket.socket) -> bytes:
    connection, _ = device.accept()
    heard = b""
    with connection:
        connection.settimeout(30)
        while part := connection.recv(65536):
            heard += part
    return heard


@has_cups
def test_real_cups_hands_every_byte_on_with_a_driver_and_without(
    cups: int, device: socket.socket
) -> None:
    for queue in ("raw", "driven"):
        with closing(open_wire(f"spool://127.0.0.1:{cups}/{queue}")) as wire:
            assert wire.write(LABEL, 1) == len(LABEL)
            assert arrives(device) == LABEL
            assert wire.write(b"^XA^XZ", 1) == 6
            assert arrives(device) == b"^XA^XZ"


@has_cups
def test_real_cups_says_why_it_would_not_print(cups: int) -> None:
    told = {}
    for queue in ("paused", "closed", "none"):
        with pytest.raises(DeviceUnreachable) as caught:
            open_wire(f"spool://127.0.0.1:{cups}/{queue}")
        told[queue] = caught.value.detail
    server = "on the print server 127.0.0.1"
    assert told == {
        "paused": f"The print queue 'paused' {server} is stopped; let it go on with 'cupsenable "
        "paused'.",
        "closed": f"The print queue 'closed' {server} takes no jobs; let it take them again with "
        "'cupsaccept closed'.",
        "none": f"There is no print queue 'none' {server}; there are closed, driven, paused, raw.",
    }


@has_cups
def test_a_queue_whose_printer_does_not_take_anything_swallows_two_labels_only(
    cups: int, device: socket.socket
) -> None:
    device.close()
    with closing(open_wire(f"spool://127.0.0.1:{cups}/raw")) as wire:
        assert [wire.write(LABEL, 0.05) for _ in range(4)] == [len(LABEL), len(LABEL), 0, 0]


# ---------------------------------------------------------------------- the Windows spooler


class SpoolerFault(Exception):
    """pywintypes.error as Windows raises it."""

    def __init__(self, number: int, function: str, words: str) -> None:
        super().__init__(number, function, words)
        self.winerror, self.funcname, self.strerror = number, function, words


class Spooler(ModuleType):
    """win32print with two queues; numbers are those of winspool.h."""

    PRINTER_ATTRIBUTE_WORK_OFFLINE = 0x400
    PRINTER_STATUS_PAUSED, PRINTER_STATUS_OFFLINE = 0x1, 0x80
    JOB_STATUS_PRINTED, JOB_STATUS_DELETED, JOB_STATUS_COMPLETE = 0x80, 0x100, 0x1000
    PRINTER_ENUM_LOCAL, PRINTER_ENUM_CONNECTIONS = 0x2, 0x4

    def __init__(self) -> None:
        super().__init__("win32print")
        self.calls: list[str] = []
        self.documents: list[tuple[str, bytes]] = []
        self.jobs: dict[int, int] = {}
        self.status = self.attributes = 0
        self.version = 3
        self.fails_in = ""
        self.takes = 1000

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name == self.fails_in:
            raise SpoolerFault(5, name, "Access is denied. ")

    def OpenPrinter(self, name: str) -> str:
        self._called("OpenPrinter")
        if name != "Zebra ZD421":
            raise SpoolerFault(1801, "OpenPrinter", "The printer name is invalid.")
        return name

    def EnumPrinters(self, flags: int, name: None, level: int) -> tuple[dict[str, str], ...]:
        assert (flags, name, level) == (6, None, 4)
        return ({"pPrinterName": "Office"}, {"pPrinterName": "Zebra ZD421"})

    def GetPrinter(self, handle: str, level: int) -> dict[str, object]:
        assert (handle, level) == ("Zebra ZD421", 2)
        self._called("GetPrinter")
        return {"pDriverName": "ZDesigner", "Status": self.status, "Attributes": self.attributes}

    def EnumPrinterDrivers(self, *arguments: object) -> tuple[dict[str, object], ...]:
        assert arguments == (None, None, 2)
        return ({"Name": "Other", "Version": 4}, {"Name": "ZDesigner", "Version": self.version})

    def StartDocPrinter(self, handle: str, level: int, document: tuple[Any, ...]) -> int:
        assert (level, document[:2]) == (1, ("label", None))
        self._called("StartDocPrinter")
        self.documents.append((document[2], b""))
        self.jobs[len(self.documents)] = 0
        return len(self.documents)

    def StartPagePrinter(self, handle: str) -> None:
        self._called("StartPagePrinter")

    def WritePrinter(self, handle: str, octets: bytes) -> int:
        self._called("WritePrinter")
        kind, held = self.documents[-1]
        self.documents[-1] = (kind, held + octets[: self.takes])
        return min(self.takes, len(octets))

    def EndPagePrinter(self, handle: str) -> None:
        self._called("EndPagePrinter")

    def EndDocPrinter(self, handle: str) -> None:
        self._called("EndDocPrinter")

    def AbortPrinter(self, handle: str) -> None:
        self._called("AbortPrinter")

    def GetJob(self, handle: str, number: int, level: int) -> dict[str, int]:
        if number not in self.jobs:
            raise SpoolerFault(87, "GetJob", "The parameter is incorrect.")
        return {"Status": self.jobs[number]}

    def ClosePrinter(self, handle: str) -> None:
        self._called("ClosePrinter")


@pytest.fixture
def spooler(monkeypatch: pytest.MonkeyPatch) -> Spooler:
    faked, types = Spooler(), ModuleType("pywintypes")
    vars(types)["error"] = SpoolerFault
    monkeypatch.setitem(sys.modules, "win32print", faked)
    monkeypatch.setitem(sys.modules, "pywintypes", types)
    monkeypatch.setattr(sys, "platform", "win32")
    return faked


URL = "spool://Zebra%20ZD421"


def test_on_windows_the_queues_are_listed(spooler: Spooler) -> None:
    assert list_queues() == [
        Queued("Office", "spool://Office"),
        Queued("Zebra ZD421", "spool://Zebra%20ZD421"),
    ]


def test_on_windows_a_write_is_one_raw_document(spooler: Spooler) -> None:
    wire = open_wire(URL)
    assert wire.write(memoryview(LABEL), 1) == len(LABEL)
    assert wire.read(0) == b""
    wire.close()
    wire.close()
    assert spooler.documents == [("RAW", LABEL)]
    writes = -(-len(LABEL) // 1000)
    assert [call for call in spooler.calls if call != "GetPrinter"] == [
        "OpenPrinter", "StartDocPrinter", "StartPagePrinter", *["WritePrinter"] * writes,
        "EndPagePrinter", "EndDocPrinter", "ClosePrinter",
    ]  # fmt: skip


def test_on_windows_an_xps_driver_is_passed_by_its_own_name_for_raw(spooler: Spooler) -> None:
    spooler.version = 4
    with closing(open_wire(URL)) as wire:
        assert wire.write(b"^XA^XZ", 1) == 6
    assert spooler.documents == [("XPS_PASS", b"^XA^XZ")]


def test_on_windows_no_more_than_two_documents_wait(spooler: Spooler) -> None:
    with closing(open_wire(URL)) as wire:
        assert [wire.write(b"1", 0.01) for _ in range(3)] == [1, 1, 0]
        spooler.jobs[1] = 0x80
        assert [wire.write(b"1", 0.01) for _ in range(2)] == [1, 0]
        del spooler.jobs[2]
        assert [wire.write(b"1", 0.01) for _ in range(2)] == [1, 0]


def test_on_windows_a_queue_that_is_missing_names_those_there_are(spooler: Spooler) -> None:
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire("spool://Zebra")
    assert caught.value.detail == (
        "There is no print queue 'Zebra' on this computer; there are Office, Zebra ZD421."
    )


@pytest.mark.parametrize(
    ("status", "attributes", "words"),
    [
        (0x1, 0, "paused; resume it"),
        (0x80, 0, "offline; switch the printer on"),
        (0, 0x400, "set to work offline; clear 'Use Printer Offline'"),
    ],
)
def test_on_windows_a_queue_that_stands_still_says_so(
    spooler: Spooler, status: int, attributes: int, words: str
) -> None:
    spooler.status, spooler.attributes = status, attributes
    with pytest.raises(DeviceUnreachable) as caught:
        open_wire(URL)
    assert caught.value.detail == (
        f"The print queue 'Zebra ZD421' is {words} in the window of its queue in Windows."
    )
    assert spooler.calls[-1] == "ClosePrinter"


def test_on_windows_a_document_not_begun_is_safe_and_one_broken_off_is_uncertain(
    spooler: Spooler,
) -> None:
    with closing(open_wire(URL)) as wire:
        spooler.fails_in = "StartDocPrinter"
        with pytest.raises(DeviceUnreachable) as unreachable:
            wire.write(LABEL, 1)
        spooler.fails_in = "WritePrinter"
        with pytest.raises(DeliveryUncertain) as uncertain:
            wire.write(LABEL, 1)
        assert spooler.calls[-1] == "AbortPrinter"
        spooler.fails_in, spooler.takes = "", 0
        with pytest.raises(DeliveryUncertain, match="it takes no more"):
            wire.write(LABEL, 1)
    assert unreachable.value.detail == (
        "The Windows spooler does not take labels for the queue 'Zebra ZD421' (Access is denied); "
        "see that the service 'Print Spooler' runs, and that the gateway's user may print."
    )
    assert uncertain.value.detail == (
        "The Windows spooler broke off a label for the queue 'Zebra ZD421' (Access is denied); "
        "look whether it came out."
    )
