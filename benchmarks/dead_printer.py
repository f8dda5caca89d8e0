"""P8: one dead printer in ten, and what the others' callers feel of it.

The dead one is switched off: nothing answers at its address, and jobs wait for it. Two daemons
run the same ten printers, one with all of them alive, and take turns.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from statistics import median

from benchmarks.measuring import Line, Plan, percentile, ratio
from benchmarks.runs import see, send, sink
from benchmarks.systems import System, label_gateway

PRINTERS = 10


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """Give a port at which connecting never ends, as with a printer that is off.

    Linux drops the packets that would open a connection once a listener's backlog is full.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            caller = stack.enter_context(socket.socket())
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def measure(plan: Plan) -> list[Line]:
    """Measure the healthy printers' p99 beside a dead one."""
    jobs = plan.count(2000, quick=27)
    waiting = plan.count(500, quick=5)
    size = waiting + plan.rounds * jobs
    figures: dict[str, dict[str, list[float]]] = {
        name: {"p50": [], "p99": []} for name in ("alive", "dead")
    }
    with contextlib.ExitStack() as stack:
        off = stack.enter_context(silent_port())
        daemons: dict[str, System] = {}
        tallies = {}
        for name in figures:
            paper = stack.enter_context(sink(plan.place("tally") / "tally", size, ports=PRINTERS))
            ports = paper.ports if name == "alive" else [*paper.ports[:-1], off]
            printers = {f"printer-{n}": port for n, port in enumerate(ports)}
            system = stack.enter_context(label_gateway(plan.place(name), printers))
            last = System(
                system.name, system.port, system.requests[-1:], system.speaks, system.child
            )
            send(last, paper.tally, 0, waiting)
            if name == "alive":
                paper.wait_for(waiting, 60)
            daemons[name] = System(
                system.name, system.port, system.requests[:-1], system.speaks, system.child
            )
            tallies[name] = paper.tally
        for turn in range(plan.rounds):
            first = waiting + turn * jobs
            for name in ("alive", "dead") if turn % 2 else ("dead", "alive"):
                send(daemons[name], tallies[name], first, jobs, settle=True)
                seen = see(tallies[name], first, jobs)
                for percent in (50, 99):
                    figures[name][f"p{percent}"].append(percentile(seen.to_first_byte, percent))
    lines = []
    for key in ("p50", "p99"):
        times = ratio(figures["dead"][key], figures["alive"][key])
        lines.append(
            Line(
                "P8", f"submit → first byte, {key}, one printer of ten dead",
                median(figures["dead"][key]), "ms", "all ten alive",
                median(figures["alive"][key]), 1 / times,
                "0.91 ×" if key == "p99" else "", times <= 1.1 if key == "p99" else None,
                note=f"{times:.2f} × the time",
                rounds={name: figures[name][key] for name in figures},
            )
        )  # fmt: skip
    return lines
