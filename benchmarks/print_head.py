"""The window: whether the head of a printer ever waits while each label is proved.

A virtual printer prints 100 labels of 100 × 50 mm at six inches a second. Once they come from the
daemon, which asks for evidence; at the same time a second one is handed the same bytes at once,
which is as fast as it can go.
"""

from __future__ import annotations

import socket
import threading
import time

from benchmarks.drawing import serial
from benchmarks.measuring import Line, Plan
from benchmarks.native import KEEPS, batch, design, lay_out
from benchmarks.processes import CannotRun
from benchmarks.serial_labels import MODEL
from benchmarks.systems import label_gateway
from gateway.drivers.virtual.printer import VirtualPrinter

SPEED = 152.4
"""mm/s, six inches a second: a usual setting."""


def time_paper(printer: VirtualPrinter, labels: int) -> float:
    """Return the seconds from the first label out of a printer to the last.

    Raises:
        CannotRun: it stopped on the way.
    """
    if not printer.wait_printed(1, timeout=30):
        raise CannotRun("The virtual printer did not begin.")
    began = time.monotonic()
    if not printer.wait_printed(labels, timeout=10 * labels):
        raise CannotRun("The virtual printer stopped.")
    return time.monotonic() - began


def measure(plan: Plan) -> list[Line]:
    """Measure a batch once: it takes as long as the paper needs."""
    labels = plan.count(100, quick=6)
    bytes_at_once = batch((lay_out(design(), n) for n in range(labels)), "exact", KEEPS)
    alone: list[float] = []

    def print_at_once(printer: VirtualPrinter) -> None:
        with socket.create_connection(("127.0.0.1", printer.port)) as host:
            host.sendall(bytes_at_once)
            alone.append(time_paper(printer, labels))

    with (
        VirtualPrinter("asked", speed_mm_s=SPEED, keep_pictures=5) as asked,
        VirtualPrinter("alone", speed_mm_s=SPEED, keep_pictures=5) as unasked,
        label_gateway(
            plan.place("head"), {"zebra": asked.port}, evidence="auto", model=MODEL
        ) as system,
    ):
        beside = threading.Thread(target=print_at_once, args=(unasked,))
        beside.start()
        rows = [{"serial": serial(n), "item": "HT-9000", "name": "Hand torque wrench 9 Nm"}
                for n in range(labels)]  # fmt: skip
        job = system.ask(
            "POST", "/v1/jobs", {"printer": "zebra", "template": "serial-label", "labels": rows}
        )
        ours = time_paper(asked, labels)
        beside.join()
        ended = system.ask("GET", f"/v1/jobs/{job['id']}?wait=30")
        if ended["state"] != "done":
            raise CannotRun(f"The job is {ended['state']}, not done.")
        printed = len(asked.labels())
    share = alone[0] / ours
    return [
        Line(
            "", f"print head busy over {labels} labels, each with evidence", share * 100, "%",
            "the same bytes at once", 100.0, share, "95 %", share >= 0.95 and printed == labels,
            note=f"{ours / (labels - 1):.3f} s a label against {alone[0] / (labels - 1):.3f} s",
        )
    ]  # fmt: skip
