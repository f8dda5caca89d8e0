from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.registry.lives import Action
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.events import By
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon


def receive(daemon: Daemon, *serials: str) -> None:
    registry = daemon.gateway.parts.registry
    act = Act(Action.RECEIVE, [Target(serial) for serial in serials], 1, place=1)
    registry.database.run(lambda t: registry.perform(t, act, By("local"), lambda _: True))


@pytest.mark.both_databases
def test_the_record_is_proved_and_its_counters_are_made_anew(daemon: Daemon) -> None:
    parts = daemon.gateway.parts
    with connect(daemon) as web:
        assert web.get("/v1/registry/chain").json() == {"seq": 0, "hash": "", "at": None}
        parts.database.run(
            lambda t: (
                t.execute(
                    "INSERT INTO item (id, sku, tracking, created_at, changed_at) "
                    "VALUES (1, 'DRILL', 'serial', 0, 0)"
                ),
                t.execute("INSERT INTO place (id, code, created_at, changed_at) "
                          "VALUES (1, 'A', 0, 0)"),
            )
        )  # fmt: skip
        receive(daemon, "1", "2")
        head = web.get("/v1/registry/chain").json()
        receive(daemon, "3")
        anchor = {"seq": head["seq"], "hash": head["hash"]}
        verdict = web.post("/v1/registry/verify", params=anchor).json()
        assert verdict == {
            "whole": True, "events": 2, "movements": 3, "serials": 3,
            "head": web.get("/v1/registry/chain").json(), "troubles": [],
        }  # fmt: skip
        wrong = web.post("/v1/registry/verify", params={**anchor, "hash": "0" * 64}).json()
        assert [trouble["row"] for trouble in wrong["troubles"]] == [f"event {head['seq']}"]
        half = web.post("/v1/registry/verify", params={"hash": "0" * 64})
        assert half.status_code == 422

        assert web.post("/v1/registry/rebuild").json()["rebuilt"] is False
        parts.database.run(lambda t: t.execute("UPDATE stock SET quantity = 9"))
        asked = web.post("/v1/registry/rebuild")
        assert (asked.status_code, asked.json()["code"]) == (428, "confirmation_required")
        sentence = "The counter of DRILL at A (received) says 9, and by the movements it is 3."
        assert asked.json()["facts"]["consequences"] == [sentence]
        confirmed = {"confirm": asked.json()["facts"]["token"]}
        done = web.post("/v1/registry/rebuild", params=confirmed).json()
        assert (done["rebuilt"], done["whole"]) == (True, True)
        with connect(daemon, make_key(daemon, "reads", "read")) as reading:
            assert reading.post("/v1/registry/verify").status_code == 403
            assert reading.get("/v1/registry/chain").status_code == 200
