"""Virtual printers for a test, stopped when it ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.drivers.virtual.machine import Machine, Make, Pace
from gateway.drivers.virtual.paper import Paper
from tests.drivers.languages.judging import Judge, MakeJudge


@pytest.fixture
def new_judge() -> Iterator[MakeJudge]:
    machines: list[Machine] = []

    def build(density: int = 8, head: int = 4000) -> Judge:
        make = Make(density=density, head_width=head, stock_width=head)
        machine = Machine(Paper(), make, pace=Pace(speed_mm_s=0))
        machine.start()
        machines.append(machine)
        return Judge(machine)

    yield build
    for machine in machines:
        machine.stop()


@pytest.fixture
def judge(new_judge: MakeJudge) -> Judge:
    return new_judge()
