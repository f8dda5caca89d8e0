"""Serial labels over a slow serial line: bytes on the line, and seconds a label.

The built-in serial label with item and name goes from the daemon over a pseudo terminal that is as
slow as its baud rate to a virtual printer that prints at once, so that the line is the limit. The
printer is asked for evidence over the same line. POSIX only.
"""

from __future__ import annotations

import os
import time

from benchmarks.drawing import serial
from benchmarks.measuring import Line, Plan
from benchmarks.native import FORGETS, ITEM, KEEPS, NAME, batch, design, lay_out
from benchmarks.processes import CannotRun
from benchmarks.serial_labels import MODEL
from benchmarks.systems import label_gateway
from gateway.drivers.languages.page import Mode
from gateway.drivers.virtual.printer import VirtualPrinter
from gateway.drivers.virtual.pty import SerialLine

BITS_A_BYTE = 10
"""A start bit, eight of data, a stop bit."""


def measure(plan: Plan) -> list[Line]:
    """Measure bytes without a line, then labels on two lines.

    Raises:
        CannotRun: there are no pseudo terminals here.
    """
    if not hasattr(os, "openpty"):
        raise CannotRun("This system has no pseudo terminals.")
    made = design()
    whole = len(batch([lay_out(made, 900_000)], "native", FORGETS))
    lines = [
        Line(
            "", "a serial label with item and name, native, whole and alone", whole, "B",
            wanted="260 B", reached=whole <= 260,
        )
    ]  # fmt: skip
    for baud, mode, labels in ((9600, "native", 30), (9600, "exact", 8), (115200, "native", 100)):
        lines += _print_over(plan, baud, mode, plan.count(labels, quick=2))
    return lines


def _print_over(plan: Plan, baud: int, mode: str, labels: int) -> list[Line]:
    """Print a job over a line; the time is from the first label out to the last.

    Raises:
        CannotRun: it was not printed.
    """
    chosen: Mode = "native" if mode == "native" else "exact"
    made = design()
    rows = [{"serial": serial(n), "item": ITEM, "name": NAME} for n in range(labels)]
    pages = [
        batch([lay_out(made, n) for n in range(count)], chosen, KEEPS) for count in (1, labels)
    ]
    least = (len(pages[1]) - len(pages[0])) / (labels - 1)
    folder = plan.place("line")
    with (
        VirtualPrinter("slow", speed_mm_s=0, keep_pictures=5) as printer,
        SerialLine(printer.port, baud=baud, link=folder / "port") as line,
        label_gateway(folder, {}) as system,
    ):
        settings = {
            "url": line.url, "language": "zpl", "model": MODEL, "density": 8, "mode": mode,
            "media": {"width": 100_000, "height": 50_000},
        }  # fmt: skip
        system.ask("PUT", "/v1/printers/slow", settings)
        job = system.ask(
            "POST", "/v1/jobs", {"printer": "slow", "template": "serial-label", "labels": rows}
        )
        if not printer.wait_printed(1, timeout=60):
            raise CannotRun("The printer on the serial line did not begin.")
        began, carried = time.monotonic(), line.carried
        if not printer.wait_printed(labels, timeout=600):
            raise CannotRun("The printer on the serial line stopped.")
        took, carried = time.monotonic() - began, line.carried - carried
        ended = system.ask("GET", f"/v1/jobs/{job['id']}?wait=30")
        if ended["state"] != "done":
            raise CannotRun(f"The job is {ended['state']}, not done.")
    each = took / (labels - 1)
    fastest = least * BITS_A_BYTE / baud
    return [
        Line(
            "", f"a serial label, {mode}, {baud} baud, with all that is asked",
            carried / (labels - 1), "B", note=f"{least:.0f} B without questions",
        ),
        Line(
            "", f"seconds a serial label, {mode}, {baud} baud", each, "s",
            "its bytes on the line", fastest, fastest / each,
        ),
    ]  # fmt: skip
