"""60 kills mixed with 60 printer faults: nothing lost, nothing twice, nothing called printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.jobs import WIDEST_WINDOW
from tests.campaign.campaign import run_campaign

SEED = 20261122


@pytest.mark.campaign
@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
def test_sixty_kills_and_sixty_faults_lose_nothing_and_print_nothing_twice(tmp_path: Path) -> None:
    tally = run_campaign(tmp_path, seed=SEED, kills=60, faults=60)
    replay = f"python -m tests.campaign.campaign --seed {SEED} --kills 60 --faults 60"
    assert tally.broken_promises() == [], f"{tally}\nreplay: {replay}"
    assert (tally.kills, tally.faults) == (60, 60)
    assert tally.printed + tally.uncertain == tally.accepted > 200
    assert tally.uncertain <= WIDEST_WINDOW * tally.power_losses
