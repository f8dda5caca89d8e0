from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.registry.lives import Action
from gateway.store.registry.acting import Act, Target
from gateway.store.registry.events import By
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

BY = By("local")


@pytest.fixture(scope="module")
def stocked(shared_daemon: Daemon) -> Daemon:
    """A gateway with two drills in a bin, one of them held."""
    registry = shared_daemon.gateway.parts.registry

    def fill(t: object) -> None:
        execute = t.execute  # type: ignore[attr-defined]
        for item, sku, tracking in ((1, "DRILL", "serial"), (2, "SCREW", "none")):
            execute(
                "INSERT INTO item (id, sku, name, tracking, reorder_point, created_at, "
                "changed_at) VALUES (?, ?, 'A thing', ?, 2, 0, 0)",
                (item, sku, tracking),
            )
        execute("INSERT INTO place (id, code, created_at, changed_at) VALUES (1, 'A', 0, 0)")

    registry.database.run(fill)
    for act in (
        Act(Action.RECEIVE, [Target("1"), Target("2")], 1, place=1),
        Act(Action.HOLD, [Target("2")], 1, reason="recall"),
    ):
        work = partial(registry.perform, act=act, by=BY, may=lambda _: True)
        registry.database.run(work)
    return shared_daemon


@pytest.fixture
def web(stocked: Daemon) -> Iterator[httpx.Client]:
    with connect(stocked) as client:
        yield client


@pytest.mark.seed("T19")
def test_stock_lists_the_quantities_of_each_item(web: httpx.Client) -> None:
    page = web.get("/v1/stock", params={"limit": 1}).json()
    assert page == {
        "items": [
            {
                "item": "DRILL", "name": "A thing", "tracking": "serial", "unit": "pc",
                "on_hand": 2, "on_order": 0, "committed": 0, "available": 1, "held": 1,
                "picked": 0, "in_transit": 0, "returned": 0, "rejected": 0, "without_serial": 0,
                "reorder_point": 2, "below": True, "links": {"item": "/v1/items/DRILL"},
            }
        ],
        "next": "DRILL",
    }  # fmt: skip
    page = web.get("/v1/stock", params={"limit": 1, "after": "DRILL"}).json()
    assert ([item["item"] for item in page["items"]], page["next"]) == (["SCREW"], None)


@pytest.mark.seed("T19")
def test_stock_tells_where_it_is(web: httpx.Client) -> None:
    (drill,) = web.get("/v1/stock", params={"location": "a", "by": "location"}).json()["items"]
    assert drill["locations"] == [
        {
            "location": "A", "on_hand": 2, "committed": 0, "available": 1, "held": 1, "picked": 0,
            "in_transit": 0, "returned": 0, "rejected": 0, "reorder_point": None, "below": False,
        }
    ]  # fmt: skip
    assert drill["on_order"] is None
    refused = web.get("/v1/stock", params={"location": "B"})
    assert (refused.status_code, refused.json()["code"]) == (404, "location_unknown")


@pytest.mark.seed("N4")
def test_a_registry_that_is_switched_off_answers_so(stocked: Daemon, web: httpx.Client) -> None:
    web.put("/v1/settings/registry.enabled", json={"value": False})
    try:
        refused = web.get("/v1/stock")
    finally:
        web.put("/v1/settings/registry.enabled", json={"value": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "feature_disabled")
    key = make_key(stocked, "prints", "print")
    with connect(stocked, key) as printing:
        assert printing.get("/v1/stock").status_code == 403
    assert web.get("/v1/stock").status_code == 200


def test_stock_is_asked_for_by_what_a_sku_or_a_name_begins_with(web: httpx.Client) -> None:
    def skus(q: str) -> list[str]:
        return [one["item"] for one in web.get("/v1/stock", params={"q": q}).json()["items"]]

    assert (skus("dr"), skus("a thi"), skus("thing"), skus("%")) == (
        ["DRILL"], ["DRILL", "SCREW"], [], [],
    )  # fmt: skip
