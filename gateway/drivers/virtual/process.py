"""A virtual printer as a process of its own, so that its paper outlives whoever prints on it.

It writes one line of JSON with its ports when it is ready, then serves until it is interrupted.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from gateway.drivers.virtual.control import ControlServer
from gateway.drivers.virtual.printer import VirtualPrinter


def run_virtual_printer(
    *,
    name: str = "virtual",
    port: int = 0,
    control_port: int | None = None,
    directory: Path | None = None,
    language: str = "zpl",
    density: Fraction | int = 8,
    width_mm: float = 100,
    height_mm: float = 50,
    head_dots: int = 0,
    speed_mm_s: float = 152.4,
    odometer_lag: int = 0,
    silent_on_error: bool = False,
    keep_pictures: int = 500,
    serial_link: Path | None = None,
    baud: int = 9600,
    until: threading.Event | None = None,
    say: Callable[[str], None] | None = None,
) -> None:
    """Serve one virtual printer until ``until`` is set or Ctrl-C is pressed.

    ``head_dots`` is how wide the head is; 0: as wide as the labels, and four inches at least.
    ``directory`` keeps paper, odometer and flash; without it they end with the process.
    ``control_port`` opens the control page (0 = any free port). ``serial_link`` is where a serial
    line to it appears (POSIX only); it then takes nothing over the network beside it.

    Raises:
        OSError: a port is taken, or the directory cannot be written.
        InputRefused: the language is not one that virtual printers speak.
    """
    printer = VirtualPrinter(
        name,
        language=language,
        density=density,
        width_mm=width_mm,
        height_mm=height_mm,
        head_dots=head_dots,
        speed_mm_s=speed_mm_s,
        state_dir=directory,
        odometer_lag=odometer_lag,
        silent_on_error=silent_on_error,
        keep_pictures=keep_pictures,
    )
    control = ControlServer(printer)
    ends = contextlib.ExitStack()
    try:
        printer.start(port)
        ready: dict[str, object] = {"name": name, "port": printer.port, "url": printer.url}
        if control_port is not None:
            ready["control"] = control.start(control_port)
        if serial_link is not None:
            from gateway.drivers.virtual.pty import SerialLine  # there is none on Windows

            line = SerialLine(printer.port, baud=baud, link=serial_link, name=name)
            ready["serial"] = ends.enter_context(line).url
        if directory is not None:
            ready["paper"] = str(directory / "paper")
        (say or _say)(json.dumps(ready))
        wait_for(until or threading.Event())
    except KeyboardInterrupt:
        pass  # Ctrl-C is how a person ends it
    finally:
        ends.close()
        control.stop()
        printer.stop()


def wait_for(ended: threading.Event) -> None:
    """Wait for the event in slices: on Windows an endless wait would not notice Ctrl-C."""
    while not ended.wait(1.0):
        continue


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
