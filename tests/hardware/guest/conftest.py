"""What the guest's tests share."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.hardware.gadgets import UsbPrinter


def settle(printer: UsbPrinter | None = None) -> None:
    """Wait until the kernel sees the printer, and udev has done its part."""
    if printer is not None:
        _wait(lambda: printer.host_port != "")
    subprocess.run(["udevadm", "settle", "--timeout=20"], check=True)


def wait_gone(printer: UsbPrinter) -> None:
    """Wait until the kernel sees the printer no more."""
    _wait(lambda: printer.host_port == "")


def _wait(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < ends, "the kernel does not notice the cable"
        threading.Event().wait(0.01)


Plug = Callable[..., UsbPrinter]


@pytest.fixture
def plug() -> Iterator[Plug]:
    """The way to plug printers in; they are gone after the test."""
    printers: list[UsbPrinter] = []
    with ExitStack() as plugged:

        def plug_in(**how: Any) -> UsbPrinter:
            printer = plugged.enter_context(UsbPrinter(**how))
            printers.append(printer)
            settle(printer)
            return printer

        yield plug_in
    for printer in printers:
        wait_gone(printer)
