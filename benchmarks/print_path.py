"""P1, P3, P4, P5 and P10: from a caller's label of 1 kB to the printer's first byte.

Every round starts each system anew on an empty folder and gives all of them the same: first one
caller who waits until each job is at the printer, then one caller as fast as answers come, then
sixteen (ours thirty-two as well). ``evidence`` is off: the sink answers no questions.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import disk
from benchmarks.load import NUMBER
from benchmarks.measuring import Line, Plan, faster, percentile, ratio
from benchmarks.payload import raw_label
from benchmarks.processes import CannotRun
from benchmarks.runs import pause_until_quiet, see, send, sink
from benchmarks.systems import System, cups, label_gateway, lprint

Start = Callable[[Path, int], contextlib.AbstractContextManager[System]]

OURS: Final = "label-gateway"
LP: Final = "lp -o raw"


@dataclass(frozen=True, slots=True)
class Share:
    """How many jobs a system is given in one round."""

    settled: int
    """From one caller who waits until each is at the printer."""
    alone: int
    """From one caller at full speed."""
    crowd: int
    """From sixteen at full speed."""


@dataclass(slots=True)
class Figures:
    """What the rounds told, by system and then by what was measured; one number a round."""

    rounds: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    missing: dict[str, str] = field(default_factory=dict)
    """Why a system could not be measured."""

    def add(self, system: str, **figures: float) -> None:
        """Add a round's figures."""
        for name, value in figures.items():
            self.rounds[system][name].append(value)

    def of(self, system: str, name: str) -> list[float]:
        """Return the rounds' figures."""
        return self.rounds[system][name]


@contextlib.contextmanager
def gateway_for(folder: Path, port: int) -> Iterator[System]:
    """Run ours with one printer."""
    with label_gateway(folder, {"sink": port}) as system:
        yield system


def run_system(plan: Plan, figures: Figures, name: str, start: Start, share: Share) -> None:
    """Give a system its jobs of one round."""
    size = share.settled + share.alone + 3 * share.crowd
    with (
        sink(plan.place("tally") / "tally", size) as paper,
        start(plan.place(name), paper.ports[0]) as system,
    ):
        tally = paper.tally
        send(system, tally, 0, share.settled, settle=True)
        settled = see(tally, 0, share.settled)
        first = share.settled
        send(system, tally, first, share.alone)
        paper.wait_for(first + share.alone, 120)
        alone = see(tally, first, share.alone)
        first += share.alone
        before = system.child.processor_seconds()
        send(system, tally, first, share.crowd, connections=16)
        spent = system.child.processor_seconds() - before
        pause_until_quiet(tally, 0.2)
        paper.wait_for(first + share.crowd, 120)
        crowd = see(tally, first, share.crowd)
        whole = system.child.processor_seconds() - before
        figures.add(
            name,
            first_byte_p50=percentile(settled.to_first_byte, 50),
            first_byte_p99=percentile(settled.to_first_byte, 99),
            alone_accepted=alone.accepted_rate,
            alone_printed=alone.printed_rate,
            crowd_accepted=crowd.accepted_rate,
            crowd_printed=crowd.printed_rate,
            cpu_accepting=spent * 1000 / share.crowd,
            cpu=whole * 1000 / share.crowd,
            resident=system.child.resident(most=True),
        )
        first += share.crowd
        if name == OURS:
            send(system, tally, first, share.crowd, connections=32)
            busy = see(tally, first, share.crowd)
            figures.add(
                name,
                answer_p50=percentile(busy.to_answer, 50),
                answer_p99=percentile(busy.to_answer, 99),
            )
            first += share.crowd
            send(with_keys(system), tally, first, share.crowd, connections=16)
            figures.add(name, keyed_accepted=see(tally, first, share.crowd).accepted_rate)
            first += share.crowd
            paper.wait_for(first, 120)
        pause_until_quiet(tally, 0.3)
        jobs = range(first)
        figures.add(
            name,
            twice=sum(tally.copies[job] > 1 for job in jobs),
            lost=sum(tally.copies[job] == 0 for job in jobs),
            jobs=len(jobs),
        )


def with_keys(system: System) -> System:
    """Return the system with an Idempotency-Key of its own in each request."""
    header = f"\r\nIdempotency-Key: label-{NUMBER.decode()}\r\n\r\n"
    return replace(system, requests=[one.replace("\r\n\r\n", header, 1) for one in system.requests])


def run_lp(plan: Plan, figures: Figures, jobs: int) -> None:
    """Give CUPS one process of ``lp`` for each job, as programs without a library do."""
    program = shutil.which("lp")
    if program is None:
        raise CannotRun("lp is not installed (Debian package cups-client).")
    with (
        sink(plan.place("tally") / "tally", jobs) as paper,
        cups(plan.place(LP), paper.ports[0]) as system,
    ):
        command = [program, "-h", f"127.0.0.1:{system.port}", "-d", "raw", "-o", "raw", "-s"]
        for job in range(jobs):
            paper.tally.sent[job] = time.monotonic_ns()
            subprocess.run(command, input=raw_label(job), check=True, env={**os.environ})
            paper.wait_for(job + 1, 30)
            paper.tally.answered[job] = time.monotonic_ns()
        seen = see(paper.tally, 0, jobs)
        figures.add(
            LP,
            first_byte_p50=percentile(seen.to_first_byte, 50),
            first_byte_p99=percentile(seen.to_first_byte, 99),
        )


def run_disk(plan: Plan, figures: Figures, times: int) -> None:
    """Ask the disk how many commits it makes, one at a time."""
    figures.add(
        "disk",
        appended=disk.appended(plan.place("disk"), times),
        inserted=disk.inserted(plan.place("disk"), times),
    )


def gather(plan: Plan) -> Figures:
    """Run the rounds."""
    figures = Figures()
    shares = {
        OURS: Share(*(plan.count(n, quick=q) for n, q in ((1000, 30), (1500, 30), (4000, 100)))),
        "CUPS": Share(*(plan.count(n, quick=q) for n, q in ((100, 5), (80, 5), (120, 16)))),
        "LPrint": Share(*(plan.count(n, quick=q) for n, q in ((300, 10), (600, 10), (400, 16)))),
    }
    starts: dict[str, Start] = {OURS: gateway_for, "CUPS": cups, "LPrint": lprint}

    def competitor(name: str) -> Callable[[], None]:
        return lambda: run_system(plan, figures, name, starts[name], shares[name])

    runs: dict[str, Callable[[], None]] = {name: competitor(name) for name in starts}
    runs[LP] = lambda: run_lp(plan, figures, plan.count(30, quick=3))
    runs["disk"] = lambda: run_disk(plan, figures, plan.count(1500, quick=20))
    names = list(runs)
    for turn in range(plan.rounds):
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            if name in figures.missing:
                continue
            try:
                runs[name]()
            except (CannotRun, OSError, subprocess.SubprocessError) as why:
                figures.missing[name] = str(why)
    return figures


def measure(plan: Plan) -> list[Line]:
    """Measure the print path against CUPS and LPrint."""
    return tell(gather(plan))


def tell(figures: Figures) -> list[Line]:
    """Return the table's lines."""
    if OURS in figures.missing:
        return [Line(goal, OURS, note=figures.missing[OURS]) for goal in ("P1", "P3")]
    return [
        *_first_bytes(figures),
        *_rates(figures),
        *_disk(figures),
        *_processor(figures),
        *_answers(figures),
    ]


def _against(
    figures: Figures,
    goal: str,
    what: str,
    unit: str,
    ours: str,
    peer: str,
    theirs: str,
    *,
    wanted: float | None = None,
    more_is_better: bool = False,
    note: str = "",
) -> Line:
    if peer in figures.missing:
        return Line(goal, what, median(figures.of(OURS, ours)), unit, peer,
                    note=f"not measured: {figures.missing[peer]}")  # fmt: skip
    return faster(
        goal, what, unit, figures.of(OURS, ours), peer, figures.of(peer, theirs),
        wanted=wanted, more_is_better=more_is_better, note=note,
    )  # fmt: skip


def _first_bytes(figures: Figures) -> list[Line]:
    what = "submit → first byte, p50"
    p50, p99 = "first_byte_p50", "first_byte_p99"
    typical = median(figures.of(OURS, p50))
    worst = median(figures.of(OURS, p99))
    return [
        Line("P1", what, typical, "ms", wanted="0.7 ms", reached=typical <= 0.7),
        Line("P1", "submit → first byte, p99", worst, "ms", wanted="3 ms", reached=worst <= 3),
        _against(figures, "P1", what, "ms", p50, "CUPS", p50, wanted=12),
        _against(figures, "P1", what, "ms", p50, LP, p50),
        _against(figures, "P2", what, "ms", p50, "LPrint", p50,
                 note="LPrint never syncs; the goal of 1.5 × its time is for later"),
        _against(figures, "P1", "submit → first byte, p99", "ms", p99, "CUPS", p99),
        _against(figures, "P1", "submit → first byte, p99", "ms", p99, "LPrint", p99),
    ]  # fmt: skip


_SAFE: Final = "the peer's rate is of jobs printed: what it accepted is not on disk"


def _rates(figures: Figures) -> list[Line]:
    alone = median(figures.of(OURS, "alone_accepted"))
    crowd = median(figures.of(OURS, "crowd_accepted"))
    lines = [
        Line("P3", "durable jobs, 1 caller", alone, "/s", wanted="1,200/s", reached=alone >= 1200),
        Line("P3", "durable jobs, 16 callers", crowd, "/s", wanted="7,000/s",
             reached=crowd >= 7000),
        _against(figures, "P3", "durable jobs, 16 callers", "/s", "crowd_accepted", "CUPS",
                 "crowd_printed", wanted=60, more_is_better=True, note=_SAFE),
    ]  # fmt: skip
    keyed = median(figures.of(OURS, "keyed_accepted"))
    lines.append(Line("", "durable jobs, 16 callers, each with an Idempotency-Key", keyed, "/s"))
    if "LPrint" in figures.missing:
        lines.append(_against(figures, "P3", "durable jobs, 16 callers", "/s", "crowd_accepted",
                              "LPrint", ""))  # fmt: skip
    else:
        best = [
            max(pair)
            for pair in zip(
                figures.of("LPrint", "alone_printed"),
                figures.of("LPrint", "crowd_printed"),
                strict=True,
            )
        ]
        lines.append(
            faster(
                "P3", "durable jobs, 16 callers", "/s", figures.of(OURS, "crowd_accepted"),
                "LPrint's best, 1 or 16", best, wanted=3, more_is_better=True, note=_SAFE,
            )
        )  # fmt: skip
    for peer in ("CUPS", "LPrint"):
        lines += [
            _against(figures, "", "jobs printed, 16 callers", "/s", "crowd_printed", peer,
                     "crowd_printed", more_is_better=True),
            _against(figures, "", "jobs accepted, 16 callers", "/s", "crowd_accepted", peer,
                     "crowd_accepted", more_is_better=True, note="the peer's are not durable"),
        ]  # fmt: skip
    return lines


def _disk(figures: Figures) -> list[Line]:
    ours = figures.of(OURS, "crowd_accepted")
    return [
        faster(
            "P4", "durable jobs, 16 callers", "/s", ours, "append and fdatasync, one at a time",
            figures.of("disk", "appended"), wanted=3, more_is_better=True,
        ),
        faster(
            "P4", "durable jobs, 16 callers", "/s", ours, "SQLite, one row a commit, FULL",
            figures.of("disk", "inserted"), more_is_better=True,
        ),
    ]  # fmt: skip


def _processor(figures: Figures) -> list[Line]:
    spent = median(figures.of(OURS, "cpu"))
    accepting = median(figures.of(OURS, "cpu_accepting"))
    what = "processor time a job, 16 callers"
    return [
        Line("P5", what, spent, "ms", wanted="0.10 ms", reached=spent <= 0.10,
             note=f"{accepting:.2f} ms until the last answer, the rest printing"),
        _against(figures, "P5", what, "ms", "cpu", "CUPS", "cpu", wanted=80),
        _against(figures, "P5", what, "ms", "cpu", "LPrint", "cpu", wanted=3),
        _against(figures, "", "memory at most", "MB", "resident", "CUPS", "resident"),
        _against(figures, "", "memory at most", "MB", "resident", "LPrint", "resident"),
    ]  # fmt: skip


def _answers(figures: Figures) -> list[Line]:
    p50, p99 = figures.of(OURS, "answer_p50"), figures.of(OURS, "answer_p99")
    spread = ratio(p99, p50)
    lines = [
        Line("P10", "accepted answer at 32 callers, p50", median(p50), "ms"),
        Line("P10", "accepted answer at 32 callers, p99", median(p99), "ms",
             wanted="5 × its p50", reached=spread <= 5, note=f"{spread:.1f} × its p50"),
    ]  # fmt: skip
    for name in (OURS, "CUPS", "LPrint"):
        if name in figures.missing:
            continue
        jobs, twice, lost = (int(sum(figures.of(name, key))) for key in ("jobs", "twice", "lost"))
        bad = twice + lost
        note = f"{name}: {twice} twice, {lost} lost"
        if name == OURS:
            lines.append(Line("P6", f"jobs printed twice or lost, of {jobs:,} of these", bad,
                              wanted="0", reached=not bad, note=note))  # fmt: skip
        else:
            lines.append(Line("", f"{name}'s jobs printed twice or lost, of {jobs:,}", peer=name,
                              theirs=bad, note=note))  # fmt: skip
    return lines
