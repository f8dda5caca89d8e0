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


def settle(printer: UsbPrinter | None = None, *, there: bool = True) -> None:
    """Wait until the kernel sees a printer, or sees it no more, and udev has done its part."""
    ends = time.monotonic() + 20
    while printer is not None and bool(printer.host_port) is not there:
        assert time.monotonic() < ends, "the kernel does not notice the cable"
        threading.Event().wait(0.01)
    subprocess.run(["udevadm", "settle", "--timeout=20"], check=True)


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
        settle(printer, there=False)
