"""A serial line to a virtual printer: its speed, its faults, and the name that stays."""

from __future__ import annotations

import json
import os
import select
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo terminals", allow_module_level=True)

from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.drivers.virtual.process import run_virtual_printer
from gateway.drivers.virtual.pty import SerialLine

LABEL = b"^XA^FO20,20^BY2^BCN,60,N,N,N,A^FDSN-000123^FS^XZ"


@pytest.fixture
def printer() -> Iterator[VirtualPrinter]:
    with VirtualPrinter("judge", speed_mm_s=0, width_mm=50, height_mm=25) as running:
        yield running


def say(device: str, words: bytes) -> int:
    """Open the line as a program does that knows nothing of it, and write."""
    descriptor = os.open(device, os.O_RDWR | os.O_NOCTTY)
    assert os.write(descriptor, words) == len(words)
    return descriptor


def hear(descriptor: int, enough: int, timeout: float = 10) -> bytes:
    heard, ends = b"", time.monotonic() + timeout
    while len(heard) < enough and select.select([descriptor], [], [], ends - time.monotonic())[0]:
        heard += os.read(descriptor, 4096)
    return heard


def test_labels_and_answers_cross_the_line_unchanged(
    printer: VirtualPrinter, tmp_path: Path
) -> None:
    with SerialLine(printer.port, baud=None, link=tmp_path / "line") as line:
        descriptor = say(str(tmp_path / "line"), LABEL + b"~HI")
        assert hear(descriptor, 10).startswith(b"\x02GW-VIRTUAL,")
        os.close(descriptor)
        assert printer.wait_printed(1, timeout=10)
        assert line.carried == len(LABEL) + 3
    assert [code.text for code in printer.codes(1)] == ["SN-000123"]


def test_a_line_is_as_slow_as_its_speed(printer: VirtualPrinter) -> None:
    """A lower bound only: a busy machine may be slower, a line is never faster."""
    words = b"^FX" + b"x" * 477
    began = time.monotonic()
    with SerialLine(printer.port, baud=9600) as line:
        descriptor = say(line.device, words + b"~HI")
        assert hear(descriptor, 5)
        took = time.monotonic() - began
        os.close(descriptor)
    assert took >= len(words) * 10 / 9600


def test_who_has_the_line_open_is_hung_up_and_the_link_leads_to_the_next_one(
    printer: VirtualPrinter, tmp_path: Path
) -> None:
    link = tmp_path / "by-id"
    with SerialLine(printer.port, baud=None, link=link) as line:
        first = line.device
        descriptor = say(str(link), b"")
        line.hang_up()
        assert not os.path.lexists(link)
        with pytest.raises(OSError, match="Input/output error"):
            os.write(descriptor, b"x")
        os.close(descriptor)
        second = line.come_back()
        assert (str(link.readlink()), second == first) == (second, False)
        descriptor = say(str(link), LABEL)
        assert printer.wait_printed(1, timeout=10)
        os.close(descriptor)
    assert not os.path.lexists(link)


def test_what_is_sent_without_power_is_lost_and_what_follows_is_printed(
    printer: VirtualPrinter,
) -> None:
    with SerialLine(printer.port, baud=None) as line:
        printer.power_off()
        descriptor = say(line.device, LABEL)
        while line.carried < len(LABEL):
            assert not threading.Event().wait(0.005)
        printer.power_on()
        while not hear(descriptor, 1, 0.1):
            os.write(descriptor, b"~HI")
        os.write(descriptor, LABEL)
        assert printer.wait_printed(1, timeout=10)
        os.close(descriptor)
    assert len(printer.labels()) == 1


def test_a_held_line_carries_nothing_until_it_is_let_go(printer: VirtualPrinter) -> None:
    with SerialLine(printer.port, baud=None) as line:
        line.hold()
        descriptor = say(line.device, LABEL)
        assert not printer.wait_printed(1, timeout=0.1)
        assert line.carried == 0
        line.hold(False)
        assert printer.wait_printed(1, timeout=10)
        os.close(descriptor)


def test_a_file_in_the_place_of_the_link_is_left_alone(
    printer: VirtualPrinter, tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("mine")
    with (
        pytest.raises(FileExistsError, match="no link to a line"),
        SerialLine(printer.port, link=tmp_path / "kept"),
    ):
        pass
    assert (tmp_path / "kept").read_text() == "mine"


def test_a_printer_of_its_own_process_says_where_its_line_is(tmp_path: Path) -> None:
    said: list[str] = []
    ready, over = threading.Event(), threading.Event()

    def take(line: str) -> None:
        said.append(line)
        ready.set()

    thread = threading.Thread(
        target=run_virtual_printer,
        kwargs={"serial_link": tmp_path / "line", "baud": 19200, "until": over, "say": take},
    )
    thread.start()
    try:
        assert ready.wait(10)
        descriptor = say(str(tmp_path / "line"), b"~HI")
        assert hear(descriptor, 10).startswith(b"\x02GW-VIRTUAL,")
        os.close(descriptor)
    finally:
        over.set()
        thread.join()
    assert json.loads(said[0])["serial"] == (
        f"serial://{tmp_path}/line?baud=19200&bits=8&parity=none&stop=1&flow=rtscts"
    )
