from __future__ import annotations

import pytest

from tests.api.registry.conftest import Warehouse
from tests.api.registry.paperwork import Desk

pytestmark = pytest.mark.both_databases


@pytest.fixture
def desk(shared: Warehouse) -> Desk:
    return Desk(shared)


@pytest.mark.seed("E17")
@pytest.mark.seed("A12")
@pytest.mark.seed("A18")
@pytest.mark.seed("N13")
@pytest.mark.seed("N19")
@pytest.mark.seed("N20")
def test_a_receipt_waits_until_each_piece_has_its_serial(desk: Desk) -> None:
    desk.put("receipt/GR-1", [{"item": "DRILL", "quantity": 3}], party="ACME", to="A-01")
    assert desk.line("receipt/GR-1")["serial_status"] == "needed"
    problem = desk.refused("receipt/GR-1/post")
    assert (problem["code"], problem["status"]) == ("serials_missing", 409)
    assert problem["detail"] == "Line 1 (DRILL) needs 3 serials and has none."
    desk.choose("receipt/GR-1", "R1, R2")
    line = desk.line("receipt/GR-1")
    assert (line["serial_status"], line["needed"], line["planned"]) == ("partial", True, 2)
    problem = desk.refused("receipt/GR-1/post")
    assert problem["facts"] == {"document": "GR-1", "lines": [1], "expected": 3, "given": 2}
    desk.choose("receipt/GR-1", "R3")
    line = desk.line("receipt/GR-1")
    assert (line["serial_status"], line["needed"]) == ("complete", False)
    done = desk.do("receipt/GR-1", "post")
    assert done["document"]["status"] == "done"
    assert [desk.state(one) for one in ("R1", "R2", "R3")] == ["received"] * 3
    assert desk.line("receipt/GR-1")["done"] == 3
