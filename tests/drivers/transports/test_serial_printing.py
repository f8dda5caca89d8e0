"""The whole gateway on a serial line: what is pulled and plugged in again prints nothing twice."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo terminals", allow_module_level=True)

from gateway.client import Gateway
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.drivers.virtual.pty import SerialLine

if TYPE_CHECKING:
    from tests.conftest import Daemon

SETTINGS = {
    "language": "zpl", "model": "virtual", "density": 8, "mode": "native",
    "media": {"width": 100_000, "height": 50_000},
}  # fmt: skip
SERIALS = [f"SN-{number:06}" for number in range(1, 31)]


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter("judge", speed_mm_s=1000, rest_s=0.02) as running:
        yield running


def on_paper(printer: VirtualPrinter) -> Counter[str]:
    return Counter(code.text for piece in printer.labels() for code in printer.codes(piece.number))


@pytest.mark.promise("R5")
def test_a_line_that_is_pulled_and_comes_back_under_another_name_prints_each_label_once(
    printer: VirtualPrinter,
    tmp_path: Path,
    start_daemon: Callable[[Path], AbstractContextManager[Daemon]],
) -> None:
    with (
        SerialLine(printer.port, baud=115200, link=tmp_path / "by-id") as line,
        start_daemon(tmp_path / "data") as daemon,
        Gateway(daemon.url) as gateway,
    ):
        gateway.call("PUT", "/v1/printers/line", SETTINGS | {"url": line.url})
        job = gateway.print("line", "serial-label", [{"serial": serial} for serial in SERIALS])
        for labels in (3, 12, 20):
            assert printer.wait_printed(labels, timeout=60)
            line.hang_up()
            line.come_back()
        job = gateway.wait(job.id, timeout=120)
        assert job.state == "done"
        assert on_paper(printer) == Counter(SERIALS)
        assert {label.evidence for label in gateway.labels(job.id)} == {"odometer"}


def test_a_printer_that_holds_the_line_is_waited_for_and_prints_each_label_once(
    printer: VirtualPrinter,
    tmp_path: Path,
    start_daemon: Callable[[Path], AbstractContextManager[Daemon]],
) -> None:
    with (
        SerialLine(printer.port, baud=115200, link=tmp_path / "by-id") as line,
        start_daemon(tmp_path / "data") as daemon,
        Gateway(daemon.url) as gateway,
    ):
        gateway.call("PUT", "/v1/printers/line", SETTINGS | {"url": line.url})
        job = gateway.print("line", "serial-label", [{"serial": serial} for serial in SERIALS])
        assert printer.wait_printed(5, timeout=60)
        line.hold()
        stopped = next(gateway.events(after=0, kinds=["printer.stopped"]))
        assert stopped.body["sentence"].startswith("The printer does not answer.")
        assert gateway.wait(job.id, timeout=0).state == "printing"
        line.hold(False)
        assert gateway.wait(job.id, timeout=120).state == "done"
        assert on_paper(printer) == Counter(SERIALS)
