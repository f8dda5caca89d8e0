"""Kills in the middle of telling others: what happened is told, and told as it happened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.campaign.webhooks import run

FULL = "GATEWAY_FULL_CAMPAIGN" in os.environ
"""The size of the promise: 1,000 entries and 50 kills, some minutes."""


@pytest.mark.campaign
def test_no_message_is_missing_however_often_the_gateway_is_killed(tmp_path: Path) -> None:
    entries, kills = (1000, 50) if FULL else (120, 5)
    tally = run(tmp_path, seed=20261122, entries=entries, kills=kills)
    assert tally.missing == 0, tally
    assert (tally.forged, tally.dead) == (0, 0), tally
    assert tally.kills == kills
    assert tally.entries >= entries
    assert tally.failures >= tally.entries * 0.2, tally
