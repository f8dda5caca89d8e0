"""P9: from the start of the daemon to the first byte at the printer, with 10,000 jobs waiting.

The jobs are accepted while nothing listens at their printer's address; then the daemon is stopped,
the printer is switched on, and the clock runs from the start of the new process.
"""

from __future__ import annotations

import shutil
import time
from statistics import median

from benchmarks.measuring import Line, Plan
from benchmarks.processes import free_port
from benchmarks.runs import send, sink
from benchmarks.systems import label_gateway
from benchmarks.tally import Tally

SETTLES = 1.0
"""Seconds after the first byte when memory is read: the queue is then being printed."""


def measure(plan: Plan) -> list[Line]:
    """Measure the start and the memory."""
    waiting = plan.count(10_000, quick=50)
    starts: list[float] = []
    resident: list[float] = []
    most: list[float] = []
    port = free_port()
    kept = plan.place("kept")
    with (
        Tally.make(plan.place("tally") / "tally", waiting) as tally,
        label_gateway(kept, {"sink": port}) as system,
    ):
        send(system, tally, 0, waiting, connections=16)
    for _ in range(plan.rounds):
        folder = plan.place("again")
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        with sink(plan.place("tally") / "tally", waiting, port=port) as paper:
            began = time.monotonic_ns()
            with label_gateway(folder, {"sink": port}) as system:
                paper.wait_for(1, 30)
                starts.append((min(at for at in paper.tally.first if at) - began) / 1e9)
                time.sleep(SETTLES)
                resident.append(system.child.resident())
                most.append(system.child.resident(most=True))
    start, held, peak = median(starts), median(resident), median(most)
    return [
        Line(
            "P9", f"start → first byte, {waiting:,} jobs waiting", start, "s",
            wanted="0.5 s", reached=start <= 0.5, rounds={"ours": starts},
        ),
        Line(
            "P9", "memory one second later", held, "MB", wanted="80 MB", reached=held <= 80,
            rounds={"ours": resident}, note=f"at most {peak:.0f} MB until then",
        ),
    ]  # fmt: skip
