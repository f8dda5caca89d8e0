"""Each test of ``guest/`` runs in a computer with real USB devices; here it says how it went.

One guest runs them all. Where it cannot be had, they are skipped and say why. By hand:

    python -m tests.hardware.lab 'python -m pytest tests/hardware/guest -k halt'
"""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from tests.hardware import lab
from tests.hardware.lab import Case

GUEST = Path(__file__).parent / "guest"

LIMIT = 900.0
"""Seconds for the whole guest; three to four minutes are usual without KVM, and seven on a computer
that has three other things to do."""


def guest_tests() -> list[str]:
    """Return the names of the guest's tests, read and not imported."""
    return [
        f"{file.stem}::{found.name}"
        for file in sorted(GUEST.glob("test_*.py"))
        for found in ast.parse(file.read_text("utf-8")).body
        if isinstance(found, ast.FunctionDef) and found.name.startswith("test_")
    ]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    """What the guest says of its tests."""
    try:
        return lab.run_tests(tmp_path_factory.mktemp("guest"), str(GUEST), limit=LIMIT)
    except lab.Missing as missing:
        pytest.skip(str(missing))


@pytest.mark.hardware
@pytest.mark.parametrize("name", guest_tests())
def test_on_real_usb(name: str, cases: list[Case]) -> None:
    mine = [case for case in cases if case.name.partition("[")[0] == name]
    assert mine, "the guest did not run it"
    for case in mine:
        for what, value in case.measured.items():
            sys.stdout.write(f"{what}: {value}{os.linesep}")
    troubles = [f"{case.name}\n{case.trouble}" for case in mine if case.trouble]
    assert not troubles, "\n\n".join(troubles)
    if all(case.skipped for case in mine):
        pytest.skip(mine[0].skipped)
