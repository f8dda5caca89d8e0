"""Each test of ``guest/`` runs in a computer with real USB devices; here it says how it went.

One guest runs them all. Where it cannot be had, they are skipped and say why. By hand:

    python -m tests.hardware.lab 'python -m pytest tests/hardware/guest -k stall'
"""

from __future__ import annotations

import ast
import os
import shlex
import sys
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.hardware import lab

GUEST = Path(__file__).parent / "guest"
ROOT = Path(__file__).parents[2]

LIMIT = 480.0
"""Seconds for the whole guest; two to three minutes are usual without KVM."""


@dataclass(frozen=True, slots=True)
class Case:
    """One test as the guest ran it."""

    name: str
    trouble: str
    """What failed, or empty."""
    skipped: str
    measured: dict[str, str]


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
    out = tmp_path_factory.mktemp("guest")
    quoted = " ".join(
        shlex.quote(part)
        for part in (
            sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest",
            "--basetemp=/run/pytest", "-o", "junit_family=xunit1", "--junitxml=/run/out/report.xml",
            str(GUEST.relative_to(ROOT)),
        )
    )  # fmt: skip
    try:
        ran = lab.run(f"cd {shlex.quote(str(ROOT))} && {quoted}", out, limit=LIMIT)
    except lab.Missing as missing:
        pytest.skip(str(missing))
    report = out / "report.xml"
    assert report.exists(), f"{ran.console[-3000:]}\n{ran.output[-6000:]}"
    return [_case(found) for found in ET.parse(report).getroot().iter("testcase")]


def _case(found: ET.Element) -> Case:
    trouble = [
        f"{part.get('message', '')}\n{part.text or ''}"
        for kind in ("failure", "error")
        for part in found.findall(kind)
    ]
    skipped = [part.get("message", "") for part in found.findall("skipped")]
    module = found.get("classname", "").rpartition(".")[2]
    measured = {part.get("name", ""): part.get("value", "") for part in found.iter("property")}
    return Case(
        f"{module}::{found.get('name', '')}", "\n".join(trouble), "\n".join(skipped), measured
    )


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
