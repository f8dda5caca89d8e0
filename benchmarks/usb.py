"""A USB cable that is pulled and plugged in again: how soon the gateway knows, and prints.

A test of the project is run in a throw-away computer with real USB devices (tests/hardware), whose
kernel, udev and libusb have their part in every figure. Without KVM it is emulated, and a few times
slower than the slowest computer somebody would print with.
"""

from __future__ import annotations

import json
from statistics import median

from benchmarks.measuring import Line, Plan
from benchmarks.processes import CannotRun
from tests.hardware import lab

LIMIT = 300.0
"""Seconds for the guest."""

GONE, BACK = 1000, 2000
"""ms: unplugged to "gone", plugged in to printing."""

FIGURES = (
    ("unplugged_to_gone_ms", "cable pulled inside a label, to the printer's status", GONE),
    ("plugged_to_printing_ms", "plugged in again, to the next label in the tray", BACK),
    ("idle_unplugged_to_gone_ms", "cable of an idle printer pulled, to its status", GONE),
    ("idle_plugged_to_ready_ms", "an idle printer plugged in again, to ready", BACK),
)


def measure(plan: Plan) -> list[Line]:
    """Measure pulls of a ZPL printer's cable.

    Raises:
        CannotRun: there is no such computer here, or a test in it fails.
    """
    tests = str(lab.HERE / "guest" / "test_cable.py")
    try:
        cases = lab.run_tests(plan.place("guest"), tests, "-k", "zpl or nothing", limit=LIMIT)
    except lab.Missing as missing:
        raise CannotRun(str(missing)) from missing
    if failed := [case.name for case in cases if case.trouble]:
        raise CannotRun(f"{failed[0]} fails.")
    measured = {name: value for case in cases for name, value in case.measured.items()}
    return [_line(what, json.loads(measured[name]), wanted) for name, what, wanted in FIGURES]


def _line(what: str, found: int | list[int], wanted: int) -> Line:
    figures = found if isinstance(found, list) else [found]
    return Line(
        "", f"USB: {what}", median(figures), "ms", wanted=f"{wanted} ms",
        reached=median(figures) <= wanted, note="in an emulated computer, USB and all",
        rounds={"ours": figures},
    )  # fmt: skip
