"""``python -m benchmarks``: measure what the documents claim, and write it into them.

A whole run writes docs/performance.md; a run of some rows, or a quick one, only says what it found.
Every run leaves its figures, round by round, in benchmarks/results.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import report
from benchmarks.measuring import Line, Plan, Size
from benchmarks.processes import CannotRun

HERE: Final = Path(__file__).resolve().parent
DOCUMENT: Final = HERE.parent / "docs" / "performance.md"


@dataclass(frozen=True, slots=True)
class Row:
    """One module's measurements."""

    name: str
    title: str
    goals: tuple[str, ...]
    alone: bool = False
    """It needs no other process: nothing but Python and the disk."""

    @property
    def measure(self) -> Callable[[Plan], list[Line]]:
        """What runs it; imported only when it is wanted."""
        module = importlib.import_module(f"benchmarks.{self.name}")
        measure: Callable[[Plan], list[Line]] = module.measure
        return measure


ROWS: Final = (
    Row("print_path", "From the caller to the printer", ("P1", "P2", "P3", "P4", "P5", "P10")),
    Row("order", "Many jobs, in order, once each", ("P6", "P7")),
    Row("dead_printer", "One dead printer in ten", ("P8",)),
    Row("restart", "Start with a full queue", ("P9",)),
    Row("serial_labels", "Serial labels", ()),
    Row("print_head", "The print head never waits", ()),
    Row("fleet", "Many printers, one that stalls, one that returns", ()),
    Row("serial_line", "Over a serial line", ()),
    Row("usb", "A USB cable is pulled", ()),
    Row("drawing", "Drawing", ("R1", "R3"), alone=True),
    Row("graphics", "Pictures for printers", ("R2",), alone=True),
    Row("native", "Commands, and bytes on the wire", ("T1", "W1"), alone=True),
    Row("registry", "The serial registry", ("S1", "S2", "S3", "S4", "S5", "S6"), alone=True),
    Row("registry_peers", "Serials beside other systems", ()),
    Row("console", "The screens", ("U1", "U2", "U3", "U4")),
    Row("editor", "The label editor", ("L1", "L2", "L3", "L4", "L5")),
    Row("scanning", "From a beep to the card on the screen", ("C1", "C2", "C3", "C4", "C5", "C6")),
)


def choose(wanted: Sequence[str]) -> list[Row]:
    """Return the rows of those names or goals, all of them for none.

    Raises:
        SystemExit: there is no such row.
    """
    for name in wanted:
        if not any(name == row.name or name.upper() in row.goals for row in ROWS):
            names = ", ".join(row.name for row in ROWS)
            raise SystemExit(f"There is no row {name!r}; name one of {names}, or a goal as P1.")
    return [
        row
        for row in ROWS
        if not wanted or any(name == row.name or name.upper() in row.goals for name in wanted)
    ]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Return the options of a run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", help="names of rows or goals (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    parser.add_argument("--quick", action="store_true", help="tiny counts: does it run at all?")
    parser.add_argument("--full", action="store_true", help="100,000 jobs where 20,000 are usual")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    parser.add_argument("--folder", type=Path, help="make files here (default: the usual place)")
    return parser.parse_args(arguments)


def run(rows: Sequence[Row], plan: Plan) -> tuple[dict[str, list[Line]], dict[str, float]]:
    """Measure the rows in turn; return the lines and the seconds each row took."""
    sections: dict[str, list[Line]] = {}
    taken: dict[str, float] = {}
    for row in rows:
        print(f"{row.title} ...", flush=True)
        began = time.monotonic()
        try:
            sections[row.title] = row.measure(plan)
        except (CannotRun, OSError, subprocess.SubprocessError) as why:
            goals = row.goals or ("",)
            sections[row.title] = [Line(goal, f"not measured: {why}") for goal in goals]
        taken[row.name] = time.monotonic() - began
        print(report.table(sections[row.title]), flush=True)
        print(f"{taken[row.name]:.0f} s\n", flush=True)
    return sections, taken


def main(arguments: Sequence[str]) -> int:
    """Run the benchmarks; return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # × and → on a console of cp1252
    options = parse(arguments)
    size: Size = "quick" if options.quick else "full" if options.full else "normal"
    rows = choose(options.rows)
    with tempfile.TemporaryDirectory(prefix="benchmarks-", dir=options.folder) as folder:
        # The peers' own users must reach their folders in it.
        Path(folder).chmod(0o755)
        plan = Plan(Path(folder), 1 if options.quick else max(1, options.rounds), size)
        sections, taken = run(rows, plan)
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    saved = HERE / "results" / f"{stamp}.json"
    report.save(saved, sections, plan.rounds, size, taken)
    print(f"Every round's figures are in {saved}.")
    if len(rows) == len(ROWS) and not options.quick and not options.no_write:
        text = report.put(DOCUMENT.read_text("utf-8"), report.page(sections, plan.rounds, taken))
        DOCUMENT.write_text(text, "utf-8")
        print(f"{DOCUMENT} has the new tables.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
