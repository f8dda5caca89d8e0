"""Eight programs at once receive, commit and ship the same serials: exactly one wins each.

A daemon is killed in the middle of it. In full size, with and without the kills:

    GATEWAY_RACE_SERIALS=500 GATEWAY_RACE_KILLS=6 python -m pytest tests/races
    GATEWAY_RACE_SERIALS=500 GATEWAY_RACE_KILLS=0 python -m pytest tests/races
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.store.dialect import Place, Server
from tests.races.conftest import SERIALS, Race, race

KILLS = int(os.environ.get("GATEWAY_RACE_KILLS", "1"))


@pytest.mark.seed("T5")
@pytest.mark.seed("E15")
@pytest.mark.promise("R2")
def test_of_eight_programs_exactly_one_wins_each_serial_though_a_daemon_is_killed(
    place: Place, tmp_path: Path
) -> None:
    # A file has one daemon; over a server there are two, each with half of the programs.
    with race(place, tmp_path, daemons=2 if isinstance(place, Server) else 1) as running:
        told = running.run(lambda: kill_again_and_again(running))
        running.check(told)
        assert (sum(one["repeated"] for one in told) > 0) == (KILLS > 0)


def kill_again_and_again(running: Race) -> None:
    """Kill the last daemon whenever some more has happened, and start it again."""
    daemon = running.daemons[-1]
    for n in range(1, KILLS + 1):
        running.wait_for_events(SERIALS * n // (KILLS + 1))
        daemon.kill()
        daemon.start()
