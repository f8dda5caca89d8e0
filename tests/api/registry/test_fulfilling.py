"""What an order counts as done: what was delivered for it, and nothing else."""

from __future__ import annotations

import pytest

from tests.api.registry.conftest import Warehouse
from tests.api.registry.paperwork import Desk

pytestmark = pytest.mark.both_databases


@pytest.mark.seed("M22")
@pytest.mark.seed("E35")
def test_what_comes_back_is_not_one_more_piece_shipped(warehouse: Warehouse) -> None:
    desk = Desk(warehouse)
    warehouse.receive("S1-S3")
    order, back = "sales_order/SO-1", "customer_return/RMA-1"
    desk.put(order, [{"item": "DRILL", "quantity": 2}], party="SMITH")
    desk.choose(order, "S1")
    desk.do(order, "confirm")
    desk.do(order, "ship", lines=[{"line": 1, "serials": "S1"}])
    assert (desk.get(order)["status"], desk.line(order)["done"]) == ("in_progress", 1)
    desk.put(back, party="SMITH", to="Q", source={"type": "sales_order", "number": "SO-1"})
    desk.do(back, "receive", lines=[{"line": 1, "serials": "S1"}], reason="not wanted")
    assert (desk.get(order)["status"], desk.line(order)["done"]) == ("in_progress", 1)
    assert desk.line(back)["done"] == 1
    assert desk.web.post("/v1/registry/verify").json()["troubles"] == []
