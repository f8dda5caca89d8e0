"""A sink, a load and a tally around a running system: what one run of jobs needs.

>>> import tempfile, pathlib
>>> folder = tempfile.TemporaryDirectory()
>>> with sink(pathlib.Path(folder.name) / "tally", 3) as paper:
...     len(paper.ports), paper.tally.arrived
(1, 0)
>>> folder.cleanup()
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.load import Order, Outcome
from benchmarks.processes import ROOT, CannotRun, Child, first_line, start, wait_until
from benchmarks.systems import System
from benchmarks.tally import Tally


@dataclass(slots=True)
class Sink:
    """A running sink and what it has seen."""

    tally: Tally
    ports: list[int]
    child: Child

    def wait_for(self, jobs: int, within: float) -> None:
        """Wait until so many whole jobs have come.

        Raises:
            CannotRun: they did not.
        """
        wait_until(
            lambda: self.tally.arrived >= jobs, within, f"{jobs} jobs did not reach the sink"
        )


@contextlib.contextmanager
def sink(
    path: Path, size: int, *, ports: int = 1, port: int = 0, count_pages: bool = False
) -> Iterator[Sink]:
    """Run a sink for ``size`` jobs, its tally at ``path``, until the block ends.

    It listens at ``ports`` free ports, or at the one that is given.
    """
    command = [sys.executable, "-m", "benchmarks.sink", str(path), "--ports", str(ports)]
    command += ["--port", str(port)] + ["--count-pages"] * count_pages
    with Tally.make(path, size) as tally, start(command) as child:
        yield Sink(tally, json.loads(first_line(child))["ports"], child)


def send(
    system: System,
    tally: Tally,
    first: int,
    count: int,
    *,
    connections: int = 1,
    settle: bool = False,
    within: float = 60.0,
) -> Outcome:
    """Send the jobs ``first`` to ``first + count - 1`` from a process of its own.

    Raises:
        CannotRun: one was not accepted.
    """
    order = Order(
        str(tally.path), system.port, system.requests, first, count,
        connections, settle, system.speaks, within,
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        check=False,
        timeout=within + 60,
        cwd=ROOT,
    )
    if done.returncode:
        raise CannotRun(f"The load generator failed: {done.stderr.strip().splitlines()[-1:]}.")
    outcome = Outcome(**json.loads(done.stdout))
    if outcome.answered < count:
        raise CannotRun(
            f"{system.name} accepted {outcome.answered} of {count} jobs"
            + (f"; the first refusal was {outcome.refusal}." if outcome.refusal else " in time.")
        )
    return outcome


@dataclass(frozen=True, slots=True)
class Seen:
    """What a tally says of some jobs, in milliseconds and jobs a second."""

    to_answer: list[float]
    to_first_byte: list[float]
    accepted_rate: float
    printed_rate: float


def see(tally: Tally, first: int, count: int) -> Seen:
    """Return what a tally says of the jobs ``first`` to ``first + count - 1``."""
    jobs = range(first, first + count)
    began = min(tally.sent[job] for job in jobs)
    answered = max(tally.answered[job] for job in jobs)
    printed = max(tally.last[job] for job in jobs)
    return Seen(
        [(tally.answered[job] - tally.sent[job]) / 1e6 for job in jobs],
        [(tally.first[job] - tally.sent[job]) / 1e6 for job in jobs if tally.first[job]],
        count * 1e9 / (answered - began),
        count * 1e9 / (printed - began) if printed else 0.0,
    )


def pause_until_quiet(tally: Tally, for_: float = 0.05, within: float = 30.0) -> None:
    """Wait until nothing more has reached the sink for a while."""
    ends = time.monotonic() + within
    seen, since = tally.arrived, time.monotonic()
    while time.monotonic() < ends and time.monotonic() - since < for_:
        time.sleep(0.005)
        if tally.arrived != seen:
            seen, since = tally.arrived, time.monotonic()
