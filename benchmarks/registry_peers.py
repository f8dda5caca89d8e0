"""The serials of one delivery, received by us and by Tryton: the same work, one call each.

Tryton comes from the package index into an environment of its own, in the run's folder. The other
peers' times in the documents are theirs, as people reported them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.measuring import Line, Plan, faster
from benchmarks.processes import CannotRun
from benchmarks.registry_fill import CALL, Filled, fill, opened, receipt

PACKAGES: Final = ("trytond", "trytond-stock-lot")
INSTALLS_WITHIN: Final = 300.0
RECEIVES_WITHIN: Final = 600.0
MOST_ROUNDS: Final = 2
"""Minutes of theirs for seconds of ours: more rounds say nothing new."""


REPORTED: Final = (
    "what others' developers and users reported: ERPNext 10,000 in 60 s (frappe/erpnext#42522, "
    "2024); Odoo 5,000 in 17 minutes, 4 after a change (odoo/odoo#22476, 2018); InvenTree 500 in "
    "14 s, 0.9 after a change (inventree/InvenTree#8246, 2024), and one beside 67,000 in 3 s "
    "(#6013, 2023)"
)
"""Times of systems that are not run here: other computers, and more work around each serial."""

WARM: Final = 10
"""Serials of a first call that is not counted: what is read once is then read."""


def measure(plan: Plan) -> list[Line]:
    """Receive deliveries of each size in both, the registries new in each round."""
    counts = [5] if plan.size == "quick" else [100, 1_000]
    counts += [5_000] * (plan.size == "full")
    python = environment(plan.place("tryton"))
    ours: dict[int, list[float]] = {count: [] for count in counts}
    theirs: dict[int, list[float]] = {count: [] for count in counts}
    for _ in range(min(plan.rounds, MOST_ROUNDS)):
        folder = plan.place("ours")
        fill(folder, 0)
        with opened(folder) as filled:
            _receive(filled, 0, WARM)
            for turn, count in enumerate(counts, 1):
                ours[count].append(_receive(filled, turn * CALL, count))
        found = tryton(python, plan.place("theirs"), [WARM, *counts])
        for count, seconds in zip(counts, found[1:], strict=True):
            theirs[count].append(seconds)
    return [
        faster(
            "", f"{count:,} serials received in one call", "s", ours[count], "Tryton",
            theirs[count], note=REPORTED if count == counts[-1] else "",
        )
        for count in counts
    ]  # fmt: skip


def _receive(filled: Filled, first: int, count: int) -> float:
    act = receipt(range(first, first + count), item=1)
    began = time.perf_counter()
    filled.perform(act)
    return time.perf_counter() - began


def environment(folder: Path) -> Path:
    """Return the Python of a new environment that has Tryton.

    Raises:
        CannotRun: it cannot be installed here.
    """
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
    ):
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALLS_WITHIN
        )
        if done.returncode:
            raise CannotRun("Tryton could not be installed from the package index.")
    return python


def tryton(python: Path, folder: Path, counts: list[int]) -> list[float]:
    """Return the seconds of each call of Tryton's, its database new in the folder.

    Raises:
        CannotRun: it failed.
    """
    script = Path(__file__).with_name("tryton_serials.py")
    done = subprocess.run(
        [str(python), str(script), *map(str, counts)],
        capture_output=True,
        text=True,
        check=False,
        timeout=RECEIVES_WITHIN,
        env={**os.environ, "DB_NAME": "serials", "TRYTOND_DATABASE__URI": "sqlite://",
             "TRYTOND_DATABASE__PATH": str(folder)},
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:]
        raise CannotRun(f"Tryton failed: {said}.")
    return [
        float(json.loads(line)["seconds"])
        for line in done.stdout.splitlines()
        if line.startswith("{")
    ]
