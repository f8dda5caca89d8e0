"""The whole gateway before a print queue: one document for each label, and an honest "sent"."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.client import Gateway
from gateway.drivers.virtual.printer import VirtualPrinter
from tests.drivers.transports.print_server import PrintServer, Queue

if TYPE_CHECKING:
    from tests.conftest import Daemon

SETTINGS = {
    "language": "zpl", "model": "virtual", "density": 8, "mode": "native",
    "media": {"width": 100_000, "height": 50_000},
}  # fmt: skip


def rows(*serials: str) -> list[dict[str, str]]:
    return [{"serial": serial} for serial in serials]


def states(gateway: Gateway, job: str) -> list[tuple[str, str | None]]:
    return [(label.state, label.evidence) for label in gateway.labels(job)]


def test_labels_end_at_sent_and_those_before_a_stopped_queue_wait_undoubted(
    tmp_path: Path, start_daemon: Callable[[Path], AbstractContextManager[Daemon]]
) -> None:
    with (
        PrintServer({"zebra": Queue()}, prints=True) as server,
        start_daemon(tmp_path / "data") as daemon,
        Gateway(daemon.url) as gateway,
    ):
        url = f"spool://127.0.0.1:{server.port}/zebra"
        gateway.call("PUT", "/v1/printers/queue", SETTINGS | {"url": url})
        first = gateway.print("queue", "serial-label", rows("SN-1", "SN-2", "SN-3"))
        assert gateway.wait(first.id, timeout=60).state == "done"
        assert states(gateway, first.id) == [("sent", "none")] * 3

        server.queues["zebra"].state = 5
        second = gateway.print("queue", "serial-label", rows("SN-4", "SN-5"))
        assert gateway.wait(second.id, timeout=1).state != "done"
        status = gateway.printer_status("queue")
        assert "is stopped; let it go on with 'cupsenable zebra'." in status["sentence"]

        server.queues["zebra"].state = 3
        assert gateway.wait(second.id, timeout=60).state == "done"
        assert states(gateway, second.id) == [("sent", "none")] * 2
    assert [printed(document) for document in server.documents] == [
        ["SN-1"], ["SN-2"], ["SN-3"], ["SN-4"], ["SN-5"]
    ]  # fmt: skip


def printed(document: bytes) -> list[str]:
    """Return what a printer's labels say that gets this document and nothing else."""
    with (
        VirtualPrinter("judge", speed_mm_s=0) as printer,
        socket.create_connection(("127.0.0.1", printer.port)) as line,
    ):
        line.sendall(document)
        assert printer.wait_printed(1, timeout=10)
        assert printer.wait_idle(timeout=10)
        return [code.text for piece in printer.labels() for code in printer.codes(piece.number)]
