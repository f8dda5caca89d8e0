"""Many printers at once: what fifty of them cost, and what a stalled or lost one does to others.

The printers are one process that answers status and counter questions, counts labels and takes a
sixth of a second for each, but draws nothing: the daemon is what is measured. Each label is drawn
by the gateway in exact mode and proved by the printer's counter.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks.drawing import serial
from benchmarks.measuring import Line, Plan
from benchmarks.processes import CannotRun, Child, first_line, start, wait_until
from benchmarks.serial_labels import MODEL
from benchmarks.systems import System, label_gateway

PRINTERS = 50
RATE = 6.0
"""Labels a second: 50 mm at 12 inches a second."""


class Fleet:
    """The printers' process."""

    def __init__(self, child: Child) -> None:
        self._child = child
        self.ports: list[int] = json.loads(first_line(child))["ports"]

    def tell(self, order: str) -> str:
        """Give an order and return the answer."""
        self._child.say(order)
        return first_line(self._child)

    def printed(self) -> list[int]:
        """Return how many labels each has printed."""
        counts: list[int] = json.loads(self.tell("count"))["printed"]
        return counts


@contextlib.contextmanager
def fleet(printers: int, rate: float = RATE) -> Iterator[Fleet]:
    """Run so many printers until the block ends."""
    command = [
        sys.executable, "-m", "benchmarks.fleet_printers", "--ports", str(printers),
        "--rate", str(rate),
    ]  # fmt: skip
    with start(command) as child:
        yield Fleet(child)


def send_labels(system: System, printer: str, labels: int) -> str:
    """Send a job of serial labels; return its id."""
    rows = [{"serial": serial(n), "item": "HT-9000", "name": printer} for n in range(labels)]
    job = system.ask(
        "POST", "/v1/jobs", {"printer": printer, "template": "serial-label", "labels": rows}
    )
    return str(job["id"])


def measure(plan: Plan) -> list[Line]:
    """Measure the fleet, the neighbour of a stalled printer, and a printer's return."""
    return [*_fifty(plan), _beside_a_stalled_one(plan), _return(plan)]


def _fifty(plan: Plan) -> list[Line]:
    count, labels = plan.count(PRINTERS, quick=3), plan.count(60, quick=3)
    with fleet(count) as printers:
        named = {f"printer-{n}": port for n, port in enumerate(printers.ports)}
        with label_gateway(plan.place("fleet"), named, evidence="auto", model=MODEL) as system:
            jobs = [send_labels(system, name, labels) for name in named]
            wait_until(lambda: min(printers.printed()) > 0, 60, "Not all printers began", 0.05)
            began, before = time.monotonic(), system.child.processor_seconds()
            wait_until(
                lambda: sum(printers.printed()) >= count * (labels - 1), 120,
                "The printers were not done", 0.1,
            )  # fmt: skip
            took = time.monotonic() - began
            cores = (system.child.processor_seconds() - before) / took
            rate = (sum(printers.printed()) - count) / took / count
            for job in jobs:
                _must_be_done(system, job)
            resident = system.child.resident()
    return [
        Line(
            "", f"{count} printers at {RATE:g} labels a second each, proved one by one: processor",
            cores, "cores", wanted="1 core", reached=cores < 1 and rate > 0.9 * RATE,
            note=f"{rate:.1f} labels a second each",
        ),
        Line("", f"the same: memory with {count} printers", resident, "MB"),
    ]  # fmt: skip


def _must_be_done(system: System, job: str) -> None:
    ended = system.ask("GET", f"/v1/jobs/{job}?wait=60")
    if ended["state"] != "done":
        raise CannotRun(f"Job {job} is {ended['state']}, not done.")


def _beside_a_stalled_one(plan: Plan) -> Line:
    """Measure one printer's rate alone, and while another takes no more bytes."""
    labels = plan.count(60, quick=4)
    rates: dict[str, list[float]] = {"alone": [], "beside": []}
    with fleet(2, 30.0) as printers:
        named = {"good": printers.ports[0], "bad": printers.ports[1]}
        with label_gateway(plan.place("stalled"), named, evidence="auto", model=MODEL) as system:
            _must_be_done(system, send_labels(system, "bad", 1))
            for turn in range(plan.rounds):
                for kind in ("alone", "beside") if turn % 2 else ("beside", "alone"):
                    stuck = ""
                    if kind == "beside":
                        printers.tell("stall 1")
                        stuck = send_labels(system, "bad", 40)
                        time.sleep(0.5)
                    base = printers.printed()[0]
                    job = send_labels(system, "good", labels)
                    began = time.monotonic()
                    wait_until(
                        lambda base=base: printers.printed()[0] >= base + labels, 60,  # type: ignore[misc]
                        "The good printer was not done", 0.005,
                    )  # fmt: skip
                    rates[kind].append(labels / (time.monotonic() - began))
                    _must_be_done(system, job)
                    if stuck:
                        printers.tell("go 1")
                        _must_be_done(system, stuck)
    alone, beside = median(rates["alone"]), median(rates["beside"])
    share = beside / alone
    return Line(
        "", "labels a second of a printer while another one stalls", beside, "/s",
        "no other stalls", alone, share, "0.8 ×", share >= 0.8, rounds=rates,
    )  # fmt: skip


def _return(plan: Plan) -> Line:
    """Measure from a lost printer's return to its next label out."""
    times: list[float] = []
    with (
        fleet(1, 30.0) as printers,
        label_gateway(
            plan.place("return"), {"lost": printers.ports[0]}, evidence="auto", model=MODEL
        ) as system,
    ):
        _must_be_done(system, send_labels(system, "lost", 1))
        for turn in range(plan.rounds):
            printers.tell("close 0")
            job = send_labels(system, "lost", 2)
            # Long enough for the longest pause between tries, and never in step with them.
            time.sleep(plan.count(1, quick=0) * (7 + 0.7 * turn))
            base = printers.printed()[0]
            printers.tell("open 0")
            began = time.monotonic()
            wait_until(
                lambda base=base: printers.printed()[0] > base, 60,  # type: ignore[misc]
                "The printer did not go on", 0.005,
            )  # fmt: skip
            times.append(time.monotonic() - began)
            _must_be_done(system, job)
    worst = max(times)
    return Line(
        "", "a printer's return to the network → its next label out, slowest", worst, "s",
        wanted="5 s", reached=worst <= 5, rounds={"ours": times},
    )  # fmt: skip
