"""60 kills mixed with 60 printer faults: nothing lost, nothing twice, nothing called printed.

Each test has processes of its own and mostly waits, so they can run at the same time.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.jobs import WIDEST_WINDOW
from tests.campaign.campaign import WAYS, Tally, run_campaign

if TYPE_CHECKING:
    from tests.postgres import PostgresServer

SEED = 20261122

CUT_EVERY = 0.7
"""Seconds between two moments in which the server ends all sessions of the daemon."""


@pytest.mark.campaign
@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
@pytest.mark.parametrize("seed", [SEED, SEED + 1, SEED + 2])
def test_twenty_kills_and_twenty_faults_lose_nothing_and_print_nothing_twice(
    tmp_path: Path, seed: int
) -> None:
    tally = run_campaign(tmp_path, seed=seed, kills=20, faults=20)
    check(tally, "zpl-tcp", 20, 20)
    assert tally.accepted > 70
    assert tally.uncertain <= WIDEST_WINDOW * tally.power_losses


@pytest.mark.campaign
@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
def test_receipt_printers_report_their_labels_or_a_person_is_asked(tmp_path: Path) -> None:
    tally = run_campaign(tmp_path, seed=SEED, kills=8, faults=10, way=WAYS["escpos-tcp"])
    check(tally, "escpos-tcp", 8, 10)
    assert tally.accepted > 40
    # What it reported went to a connection that broke: it keeps no counter to ask for later.
    assert tally.uncertain <= WIDEST_WINDOW * (tally.kills + tally.faults)


@pytest.mark.campaign
@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals on Windows")
@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
def test_a_serial_line_may_hang_up_and_come_back_under_another_name(tmp_path: Path) -> None:
    tally = run_campaign(tmp_path, seed=SEED, kills=5, faults=9, way=WAYS["zpl-serial"])
    check(tally, "zpl-serial", 5, 9)
    assert tally.accepted > 40
    assert tally.uncertain <= WIDEST_WINDOW * (tally.power_losses + tally.faults)


@pytest.mark.campaign
@pytest.mark.promise("R1")
@pytest.mark.promise("R2")
@pytest.mark.promise("R3")
def test_a_server_that_drops_its_connections_changes_nothing(
    tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, enough, cut = postgres.borrow(), threading.Event(), 0
    name = place.url.partition("?")[0].rpartition("/")[2]
    monkeypatch.setenv("GATEWAY_DATABASE", place.url)

    def cut_connections() -> None:
        nonlocal cut
        with postgres.connect() as beside:
            while not enough.wait(CUT_EVERY):
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                cut += beside.execute(ended, (name,)).rowcount

    cutter = threading.Thread(target=cut_connections)
    cutter.start()
    try:
        tally = run_campaign(tmp_path, seed=SEED, kills=4, faults=6)
    finally:
        enough.set()
        cutter.join()
    postgres.give_back(place)
    check(tally, "zpl-tcp", 4, 6)
    assert tally.accepted > 20
    assert cut > 20


def check(tally: Tally, way: str, kills: int, faults: int) -> None:
    replay = (
        f"python -m tests.campaign.campaign --way {way} --seed {tally.seed} --kills {kills} "
        f"--faults {faults}"
    )
    assert tally.broken_promises() == [], f"{tally}\nreplay: {replay}"
    assert (tally.kills, tally.faults) == (kills, faults)
    assert tally.printed + tally.uncertain == tally.accepted
