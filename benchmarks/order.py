"""P6 and P7: many jobs through one daemon, in order and once each; and whether it ages.

Sixteen callers post; a job that was answered before another was sent must be printed before it.
The daemon that then keeps all these jobs is compared, in turns, with one that keeps none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measuring import Line, Plan, percentile, ratio
from benchmarks.runs import Sink, pause_until_quiet, see, send, sink
from benchmarks.systems import System, label_gateway
from benchmarks.tally import Tally

PART = 10_000
"""Jobs of one load generator: its process is then at most some seconds old."""

CHUNK = 2000
"""Jobs whose rate and p99 are compared."""


def inversions(order: Sequence[int], sent: Sequence[int], answered: Sequence[int]) -> int:
    """Return how many jobs were printed after one that was sent when they were already answered.

    ``order`` are the jobs as printed.

    >>> inversions([0, 1, 2], sent=[1, 2, 9], answered=[5, 6, 12])
    0
    >>> inversions([2, 0, 1], sent=[1, 2, 9], answered=[5, 6, 12])
    2
    """
    latest = found = 0
    for job in order:
        found += latest > answered[job]
        latest = max(latest, sent[job])
    return found


def printed_order(tally: Tally) -> list[int]:
    """Return the jobs in the order of their last byte."""
    return [number - 1 for number in tally.order[: min(tally.arrived, 2 * tally.size)]]


@dataclass(slots=True)
class Daemon:
    """A running daemon, its sink, and the next job's number."""

    system: System
    paper: Sink
    next: int = 0

    def give(self, jobs: int) -> tuple[float, float]:
        """Send jobs from sixteen callers; return jobs a second and p99 of the answer in ms."""
        first, self.next = self.next, self.next + jobs
        send(self.system, self.paper.tally, first, jobs, connections=16)
        seen = see(self.paper.tally, first, jobs)
        pause_until_quiet(self.paper.tally, 0.3)
        self.paper.wait_for(self.next, 120)
        return seen.accepted_rate, percentile(seen.to_answer, 99)


def measure(plan: Plan) -> list[Line]:
    """Print many jobs, judge the paper, then compare the old daemon with a young one."""
    many = plan.count(20_000, quick=300, full=100_000)
    chunk = plan.count(CHUNK, quick=50)
    room = many + (plan.rounds + 1) * chunk
    with (
        sink(plan.place("old-tally") / "tally", room) as old_paper,
        label_gateway(plan.place("old"), {"sink": old_paper.ports[0]}) as old_system,
    ):
        old = Daemon(old_system, old_paper)
        for first in range(0, many, PART):
            count = min(PART, many - first)
            send(old_system, old_paper.tally, first, count, connections=16, within=120)
        old.next = many
        old_paper.wait_for(many, 300)
        pause_until_quiet(old_paper.tally, 0.5)
        lines = [_judge(old_paper.tally, many)]
        return lines + _age(plan, old, chunk, many)


def _judge(tally: Tally, many: int) -> Line:
    twice = sum(tally.copies[job] > 1 for job in range(many))
    lost = sum(tally.copies[job] == 0 for job in range(many))
    order = printed_order(tally)
    wrong = inversions(order, tally.sent, tally.answered)
    bad = twice + lost + wrong
    return Line(
        "P6", f"jobs printed twice, lost or out of order, of {many:,}", bad,
        wanted="0", reached=not bad, note=f"{twice} twice, {lost} lost, {wrong} out of order",
    )  # fmt: skip


def _age(plan: Plan, old: Daemon, chunk: int, many: int) -> list[Line]:
    rates: dict[str, list[float]] = {"old": [], "young": []}
    tails: dict[str, list[float]] = {"old": [], "young": []}
    warm = plan.count(100, quick=5)
    for turn in range(plan.rounds):
        with (
            sink(plan.place("young-tally") / "tally", chunk + warm) as paper,
            label_gateway(plan.place("young"), {"sink": paper.ports[0]}) as system,
        ):
            young = Daemon(system, paper)
            young.give(warm)  # what every daemon imports with its first job
            pair = [("old", old), ("young", young)]
            for name, daemon in pair if turn % 2 else reversed(pair):
                rate, tail = daemon.give(chunk)
                rates[name].append(rate)
                tails[name].append(tail)
    kept = f"after {many:,} kept jobs"
    rate, tail = ratio(rates["old"], rates["young"]), ratio(tails["old"], tails["young"])
    return [
        Line(
            "P7", f"durable jobs, 16 callers, {kept}", median(rates["old"]), "/s",
            "a new daemon's first", median(rates["young"]), rate, "0.95 ×", rate >= 0.95,
            rounds=rates,
        ),
        Line(
            "P7", f"accepted answer, p99, {kept}", median(tails["old"]), "ms",
            "a new daemon's first", median(tails["young"]), 1 / tail, "0.95 ×", tail <= 1.05,
            rounds=tails,
        ),
    ]  # fmt: skip
