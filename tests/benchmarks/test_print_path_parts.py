"""The parts that time the print path: what they note must be what happened."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import ipp
from benchmarks.load import NUMBER, Order, generate
from benchmarks.order import inversions, printed_order
from benchmarks.payload import SIZE, raw_label
from benchmarks.print_path import OURS, Figures, tell
from benchmarks.processes import ROOT
from benchmarks.relay import relay
from benchmarks.runs import see, sink
from benchmarks.sink import Marks, Pages
from benchmarks.systems import http_request, numbered_label
from benchmarks.tally import Tally
from gateway.drivers.languages.zpl_raw import split_raw


def tally_of(folder: Path, size: int) -> Tally:
    return Tally.make(folder / "tally", size)


def test_a_label_is_one_piece_of_paper_to_the_gateway_and_passes_unchanged() -> None:
    label = raw_label(123)
    assert len(label) == SIZE
    assert [piece.payload for piece in split_raw(label)] == [label]
    assert numbered_label().replace(NUMBER, b"0000123") == label


@pytest.mark.parametrize("cut", range(1, SIZE, 37))
def test_a_mark_is_found_once_wherever_the_stream_is_cut(tmp_path: Path, cut: int) -> None:
    stream = raw_label(0) + raw_label(1)
    with tally_of(tmp_path, 2) as tally:
        marks = Marks(tally)
        for at, start in enumerate(range(0, len(stream), cut), 1):
            marks.take(stream[start : start + cut], at)
        assert list(tally.copies) == [1, 1]
        assert list(tally.order) == [1, 2, 0, 0]
        assert 1 <= tally.first[0] <= tally.last[0] <= tally.first[1] <= tally.last[1]


def test_pages_without_marks_are_counted_in_order(tmp_path: Path) -> None:
    page = b"^XA^CI28^PW800^LL400^FO1,1^GFA,1,1,1,81^FS^XZ"
    with tally_of(tmp_path, 2) as tally:
        pages = Pages(tally)
        for at, byte in enumerate(page + page, 1):
            pages.take(bytes([byte]), at)
        assert list(tally.first) == [17, 17 + len(page)]
        assert list(tally.copies) == [1, 1]


def test_a_duplicate_is_counted_and_does_not_move_the_first_time(tmp_path: Path) -> None:
    with tally_of(tmp_path, 2) as tally:
        for at in (5, 6):
            tally.arrive(1, at)
        assert (tally.arrived, list(tally.copies), tally.first[1]) == (2, [0, 2], 5)
        assert printed_order(tally) == [1, 1]


def test_jobs_that_were_together_may_change_places_and_others_may_not() -> None:
    sent, answered = [0, 1, 20], [10, 11, 30]
    assert inversions([1, 0, 2], sent, answered) == 0
    assert inversions([2, 1, 0], sent, answered) == 2


def test_the_sink_is_a_process_that_notes_what_comes(tmp_path: Path) -> None:
    with sink(tmp_path / "tally", 3, ports=2) as paper:
        for came, (job, port) in enumerate(zip((2, 0), paper.ports, strict=True), 1):
            with socket.create_connection(("127.0.0.1", port)) as host:
                host.sendall(raw_label(job))
            paper.wait_for(came, 10)
        assert printed_order(paper.tally) == [2, 0]
        assert paper.tally.first[2] < paper.tally.first[0]


class Server:
    """Answers each request with the next of the answers it was given."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.answer = answer
        self.bodies: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            heard = b""
            while chunk := connection.recv(65536):
                heard += chunk
                head, blank, body = heard.partition(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                if blank and len(body) >= length:
                    self.bodies.append(body)
                    connection.sendall(self.answer(body))
                    heard = b""

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()


def order_for(tally: Tally, port: int, *, connections: int = 1, speaks: str = "http") -> Order:
    request = http_request("/jobs", port, "text/plain", b"job " + NUMBER)
    return Order(str(tally.path), port, [request], 0, tally.size, connections, speaks=speaks)


def test_callers_send_every_job_once_and_note_when_it_was_answered(tmp_path: Path) -> None:
    created = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"
    with tally_of(tmp_path, 20) as tally, Server(lambda _: created) as server:
        outcome = generate(order_for(tally, server.port, connections=4), tally)
        assert (outcome.answered, outcome.refused, outcome.reconnected) == (20, 0, 0)
        assert sorted(server.bodies) == [b"job %07d" % job for job in range(20)]
        assert all(0 < a < b for a, b in zip(tally.sent, tally.answered, strict=True))
        assert len(see(tally, 0, 20).to_answer) == 20


def test_a_refusal_is_told_and_is_no_answer(tmp_path: Path) -> None:
    def answer(body: bytes) -> bytes:
        status = b"422 No" if body.endswith(b"1") else b"200 OK"
        return b"HTTP/1.1 " + status + b"\r\nContent-Length: 3\r\n\r\nwhy"

    with tally_of(tmp_path, 3) as tally, Server(answer) as server:
        outcome = generate(order_for(tally, server.port), tally)
        assert (outcome.answered, outcome.refused, outcome.refusal) == (2, 1, "422 b'why'")
        assert tally.answered[1] == 0


def test_an_ipp_answer_succeeds_by_its_own_status(tmp_path: Path) -> None:
    def answer(body: bytes) -> bytes:
        status = 0x0001 if body.endswith(b"0") else 0x0406
        said = b"\x02\x00" + status.to_bytes(2) + (1).to_bytes(4) + b"\x03"
        return (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n" + said + b"\r\n0\r\n\r\n"
        )

    with tally_of(tmp_path, 2) as tally, Server(answer) as server:
        outcome = generate(order_for(tally, server.port, speaks="ipp"), tally)
        assert (outcome.answered, outcome.refused) == (1, 1)


def test_a_print_job_is_what_ipptool_would_send() -> None:
    request = ipp.print_job("ipp://localhost/printers/raw", "application/vnd.cups-raw", b"^XA")
    assert request == (
        b"\x02\x00\x00\x02\x00\x00\x00\x01\x01"
        b"\x47\x00\x12attributes-charset\x00\x05utf-8"
        b"\x48\x00\x1battributes-natural-language\x00\x02en"
        b"\x45\x00\x0bprinter-uri\x00\x1cipp://localhost/printers/raw"
        b"\x42\x00\x14requesting-user-name\x00\x09benchmark"
        b"\x42\x00\x08job-name\x00\x05label"
        b"\x49\x00\x0fdocument-format\x00\x18application/vnd.cups-raw"
        b"\x03^XA"
    )


def test_the_load_generator_runs_as_a_process(tmp_path: Path) -> None:
    created = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
    with tally_of(tmp_path, 2) as tally, Server(lambda _: created) as server:
        order = order_for(tally, server.port)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"],
            input=json.dumps({name: getattr(order, name) for name in Order.__slots__}),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            cwd=ROOT,
        )
        assert json.loads(done.stdout)["answered"] == 2
        assert all(tally.answered)


def test_a_relay_notes_pages_and_lets_bytes_through_both_ways(tmp_path: Path) -> None:
    page = b"^XA^PW8^LL8^XZ"
    with (
        tally_of(tmp_path, 1) as tally,
        socket.create_server(("127.0.0.1", 0)) as printer,
        relay(tally, printer.getsockname()[1]) as port,
        socket.create_connection(("127.0.0.1", port), timeout=10) as host,
    ):
        device, _ = printer.accept()
        with device:
            device.settimeout(10)
            host.sendall(page)
            assert device.recv(100) == page
            device.sendall(b"OK")
            assert host.recv(100) == b"OK"
        assert tally.copies[0] == 1


def test_a_peer_that_is_not_there_has_a_line_that_says_so() -> None:
    figures = Figures(missing={"CUPS": "CUPS is not installed.", "lp -o raw": "No lp."})
    for name in (OURS, "LPrint"):
        figures.add(
            name, first_byte_p50=2.0, first_byte_p99=4.0, alone_accepted=500.0,
            alone_printed=500.0, crowd_accepted=800.0, crowd_printed=700.0, cpu=0.5,
            cpu_accepting=0.25, keyed_accepted=700.0, resident=60.0,
            answer_p50=4.0, answer_p99=12.0, twice=0, lost=0, jobs=10,
        )  # fmt: skip
    figures.add("disk", appended=400.0, inserted=200.0)
    lines = tell(figures)
    silent = [line for line in lines if line.peer in ("CUPS", "lp -o raw")]
    assert silent
    assert {(line.theirs, line.ratio, line.reached) for line in silent} == {(None, None, None)}
    assert {line.note for line in silent} == {
        "not measured: CUPS is not installed.",
        "not measured: No lp.",
    }
    p4 = next(line for line in lines if line.goal == "P4")
    assert (p4.ours, p4.theirs, p4.ratio, p4.reached) == (800.0, 400.0, 2.0, False)
