"""Labels from the built-in serial label: ten thousand in one call, and one at a time to the wire.

The second is exact mode, drawn at the claim: from the caller's POST to the page's first byte at
the printer, with evidence off and with a virtual printer that prints at once and is asked.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from statistics import median

from benchmarks.drawing import serial
from benchmarks.load import NUMBER
from benchmarks.measuring import Line, Plan, percentile
from benchmarks.native import ITEM, NAME
from benchmarks.processes import free_port
from benchmarks.relay import relay
from benchmarks.runs import see, send, sink
from benchmarks.systems import System, http_request, label_gateway
from benchmarks.tally import Tally
from gateway.drivers.virtual.printer import VirtualPrinter

MODEL = "zd421-203"
"""A printer of 8 dots/mm that takes Z64."""


def measure(plan: Plan) -> list[Line]:
    """Measure one large call, and small ones."""
    return [*_one_call(plan), *_one_at_a_time(plan)]


def _one_call(plan: Plan) -> list[Line]:
    many = plan.count(10_000, quick=50)
    seconds: list[float] = []
    with label_gateway(plan.place("batch"), {"sink": free_port()}) as system:
        for turn in range(plan.rounds):
            labels = [{"serial": serial(turn * many + n)} for n in range(many)]
            body = {"printer": "sink", "template": "serial-label", "labels": labels}
            request = json.loads(json.dumps(body))
            began = time.perf_counter()
            job = system.ask("POST", "/v1/jobs", request)
            seconds.append(time.perf_counter() - began)
            if job["labels"] != many:
                raise AssertionError(f"{job['labels']} labels were accepted, not {many}")
    taken = median(seconds)
    return [
        Line(
            "", f"{many:,} serial labels checked and durable, one call", taken, "s",
            wanted="0.5 s", reached=taken <= 0.5, rounds={"ours": seconds},
        )
    ]  # fmt: skip


def label_request(system: System) -> System:
    """Return the system with the request of a serial label instead of raw commands."""
    row = {"serial": f"SN-{NUMBER.decode()}", "item": ITEM, "name": NAME}
    body = {"printer": "sink", "template": "serial-label", "labels": [row]}
    request = http_request("/v1/jobs", system.port, "application/json", json.dumps(body).encode())
    return replace(system, requests=[request])


@contextlib.contextmanager
def _unasked(plan: Plan, jobs: int) -> Iterator[tuple[Tally, System]]:
    with (
        sink(plan.place("tally") / "tally", jobs, count_pages=True) as paper,
        label_gateway(plan.place("unasked"), {"sink": paper.ports[0]}, model=MODEL) as system,
    ):
        yield paper.tally, label_request(system)


@contextlib.contextmanager
def _asked(plan: Plan, jobs: int) -> Iterator[tuple[Tally, System]]:
    with (
        Tally.make(plan.place("tally") / "tally", jobs) as tally,
        VirtualPrinter(speed_mm_s=0, keep_pictures=5) as printer,
        relay(tally, printer.port) as port,
        label_gateway(plan.place("asked"), {"sink": port}, evidence="auto", model=MODEL) as system,
    ):
        yield tally, label_request(system)


def _one_at_a_time(plan: Plan) -> list[Line]:
    jobs, warm = plan.count(100, quick=3), plan.count(10, quick=1)
    lines = []
    for what, ways in (("evidence off", _unasked), ("evidence on", _asked)):
        halves: list[float] = []
        tails: list[float] = []
        with ways(plan, warm + plan.rounds * jobs) as (tally, system):
            send(system, tally, 0, warm, settle=True)
            for turn in range(plan.rounds):
                first = warm + turn * jobs
                send(system, tally, first, jobs, settle=True)
                times = see(tally, first, jobs).to_first_byte
                halves.append(percentile(times, 50))
                tails.append(percentile(times, 99))
        lines += [
            Line("", f"serial label, exact, {what}: POST → first byte, p50", median(halves), "ms",
                 rounds={"ours": halves}),
            Line("", f"serial label, exact, {what}: POST → first byte, p99", median(tails), "ms",
                 rounds={"ours": tails}),
        ]  # fmt: skip
    return lines
