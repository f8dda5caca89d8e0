"""Moving, transfers, orders and returns at a station's page: from empty to posted, by scanner and
touch, with what the registry says over HTTP as the witness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from gateway.codes.commands import write_command
from tests.api.conftest import connect
from tests.api.registry.conftest import Warehouse, furnish
from tests.api.registry.paperwork import Desk
from tests.console.station import needs_chromium, open_browser, open_station

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon
    from tests.console.station import StationPage

    Open = Callable[[str, str], StationPage]

pytestmark = needs_chromium

DONE = write_command("DONE")
UNDO = write_command("UNDO")
SMITH = {"party": "SMITH"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def warehouse(shared_daemon: Daemon) -> Iterator[Warehouse]:
    """The warehouse that all of them share: each test has serials and a station of its own."""
    shared_daemon.gateway.parts.database.run(furnish)
    with connect(shared_daemon) as client:
        yield Warehouse(shared_daemon, client)


@pytest.fixture
def desk(warehouse: Warehouse) -> Iterator[Desk]:
    """Whatever a test has done, the record proves it and the counters agree."""
    desk = Desk(warehouse)
    yield desk
    desk.verify()


@pytest.fixture
def at(desk: Desk, browser: Browser) -> Iterator[Open]:
    """The way to begin a mode at a station of the test's own."""
    with ExitStack() as stack:

        def begin(station: str, mode: str) -> StationPage:
            answer = desk.web.put(
                f"/v1/stations/{station}", json={"title": station.title(), "location": "HALL"}
            )
            assert answer.status_code in (200, 201), answer.text
            page = stack.enter_context(open_station(browser, desk.warehouse.daemon.url, station))
            assert page.scanned(write_command("MODE", mode)) == "Done"
            return page

        yield begin


def where(desk: Desk, serial: str) -> tuple[str, str | None]:
    """Return a drill's state and location as the registry says them over HTTP."""
    one = desk.warehouse.one(serial)
    return one["state"], one["location"]


def test_pieces_and_quantities_are_put_away(desk: Desk, at: Open) -> None:
    desk.warehouse.receive("M1-M2", location="HALL")
    desk.fill("SCREW", 40, "HALL")
    page = at("forklift", "MOVE")
    assert page.asks() == "Scan the location where it goes."
    assert page.scanned("A-02") == "Done"
    assert page.scanned("M1") == "Done"
    assert page.sentence() == "DRILL M1 moved from HALL to A-02."
    assert page.scanned("M1") == "Look"
    assert page.scanned("M2") == "Done"
    page.scanned(write_command("QTY", "30"))
    assert page.scanned("SCREW") == "Done"
    page.counted(32)
    page.tap("Undo")
    page.says("Taken back: 30 × SCREW moved from HALL to A-02.")
    page.counted(2)
    page.scanned(write_command("QTY", "25"))
    assert page.scanned("SCREW") == "Done"
    page.tap("Done")
    page.says("Done: 27 pieces.")
    assert (where(desk, "M1"), where(desk, "M2")) == (("received", "A-02"), ("received", "A-02"))
    assert desk.stock("SCREW", location="A-02") == {"received": 25}


def test_a_transfer_is_loaded_and_sent_without_what_is_missing(desk: Desk, at: Open) -> None:
    desk.warehouse.receive("D1-D3")
    desk.put("transfer/TR-D", [{"item": "DRILL", "quantity": 2}], **{"from": "HALL", "to": "YARD"})
    desk.choose("transfer/TR-D", "D1 D2")
    page = at("gate", "DISPATCH")
    assert page.scanned("TR-D") == "Done"
    assert page.counts() == (0, 2)
    assert page.scanned("D3") == "Refused"
    assert page.sentence() == "DRILL D3 is not the one: TR-D names D1, D2."
    assert page.scanned("D1") == "Done"
    page.counted(1, 2)
    assert page.scanned(DONE) == "Question"
    assert page.sentence() == "1 piece of TR-D was not scanned (D2). Send it without?"
    page.tap("1 · Yes")
    page.says("TR-D is on its way to YARD: 1 piece.")
    assert desk.get("transfer/TR-D")["status"] == "in_progress"
    assert [desk.state(one) for one in ("D1", "D2", "D3")] == ["in_transit", "received", "received"]


def test_a_transfer_arrives_and_what_is_lost_is_written_off(desk: Desk, at: Open) -> None:
    desk.warehouse.receive("V1-V3")
    desk.put("transfer/TR-V", [{"item": "DRILL", "quantity": 3}], **{"from": "HALL", "to": "YARD"})
    desk.choose("transfer/TR-V", "V1-V3")
    desk.do("transfer/TR-V", "dispatch")
    page = at("yard", "ARRIVE")
    assert page.asks() == "Scan the transfer, or a piece that came."
    assert page.scanned("V2") == "Done"
    assert page.sentence() == "DRILL V2 is at YARD. 2 still on the way."
    page.counted(1, 3)
    assert page.scanned("V2") == "Look"
    assert page.scanned("V1") == "Done"
    page.tap("Done")
    page.says("1 piece of TR-V did not come (V3). What became of it?")
    page.tap("2 · Lost")
    page.says("TR-V is closed: 1 written off.")
    assert (where(desk, "V1"), where(desk, "V3")) == (("received", "YARD"), ("written_off", None))
    assert desk.get("transfer/TR-V")["status"] == "done"


def test_an_order_is_picked_where_the_screen_sends_one(desk: Desk, at: Open) -> None:
    desk.warehouse.receive("P1", location="A-02")
    desk.warehouse.receive("P2-P3")
    desk.put("sales_order/SO-P", [{"item": "DRILL", "quantity": 2}], **SMITH)
    desk.choose("sales_order/SO-P", "P1 P2")
    desk.do("sales_order/SO-P", "confirm")
    page = at("trolley", "PICK")
    assert page.scanned("SO-P") == "Done"
    assert page.asks() == "Go to A-01: 1 × DRILL."
    assert page.scanned("P3") == "Question"
    page.tap("2 · No")
    page.says("DRILL P3 was not picked. Put it back.")
    assert page.scanned("P2") == "Done"
    assert page.sentence() == "DRILL P2 picked for SO-P. Next: A-02, 1 × DRILL."
    page.counted(1, 2)
    assert page.scanned("P1") == "Done"
    page.tap("Done")
    page.says("2 pieces picked. SO-P is picked.")
    assert [desk.state(one) for one in ("P1", "P2", "P3")] == ["picked", "picked", "received"]
    assert desk.line("sales_order/SO-P")["picked"] == 2


def test_a_parcel_is_packed_and_shipped_once_it_is_whole(desk: Desk, at: Open) -> None:
    desk.warehouse.receive("S1-S3")
    desk.put("sales_order/SO-S", [{"item": "DRILL", "quantity": 2}], **SMITH)
    desk.choose("sales_order/SO-S", "S1 S2")
    desk.do("sales_order/SO-S", "confirm")
    desk.do("sales_order/SO-S", "pick")
    page = at("packing", "SHIP")
    assert page.scanned("SO-S") == "Done"
    assert page.scanned("S3") == "Refused"
    assert page.sentence() == "DRILL S3 is not the one: SO-S has S1, S2."
    assert page.scanned("S1") == "Done"
    assert page.scanned(DONE) == "Question"
    page.tap("2 · No")
    page.says("Not shipped.")
    assert desk.state("S1") == "picked"
    assert page.scanned("S2") == "Done"
    page.counted(2, 2)
    page.tap("Done")
    page.says("SO-S is shipped to SMITH: 2 pieces.")
    assert [desk.state(one) for one in ("S1", "S2", "S3")] == ["shipped", "shipped", "received"]
    assert desk.get("sales_order/SO-S")["status"] == "done"


def test_a_return_says_whose_it_is_and_asks_its_condition_once(desk: Desk, at: Open) -> None:
    desk.warehouse.receive("R1-R2")
    desk.warehouse.act("ship", "R1-R2", party="SMITH")
    desk.put("customer_return/RMA-R", [{"item": "DRILL", "quantity": 2}], **SMITH)
    desk.choose("customer_return/RMA-R", "R1 R2")
    page = at("returns", "RETURN")
    assert page.scanned("R1") == "Question"
    assert page.sentence() == "DRILL R1: in what condition?"
    page.tap("3 · damaged")
    page.says("DRILL R1 is back from SMITH by RMA-R, damaged. It lies at HALL.")
    assert page.scanned("R1") == "Look"
    page.scan("Q")
    page.says("Q. Scan each piece that came back")
    assert page.scanned("R2") == "Done"
    page.counted(2)
    page.tap("Done")
    page.says("Done: 2 pieces.")
    assert (where(desk, "R1"), where(desk, "R2")) == (("returned", "HALL"), ("returned", "Q"))
    assert desk.get("customer_return/RMA-R")["status"] == "done"


def test_a_scan_that_was_wrong_is_taken_back_by_its_barcode(desk: Desk, at: Open) -> None:
    desk.warehouse.receive("U1")
    desk.put("sales_order/SO-U", [{"item": "DRILL", "quantity": 1}], **SMITH)
    desk.choose("sales_order/SO-U", "U1")
    desk.do("sales_order/SO-U", "confirm")
    page = at("undoing", "SHIP")
    page.scanned("SO-U")
    assert page.scanned("U1") == "Done"
    assert page.scanned(DONE) == "Done"
    assert desk.state("U1") == "shipped"
    assert page.scanned(UNDO) == "Done"
    assert page.sentence().startswith("Taken back: SO-U is shipped to SMITH: 1 piece.")
    assert desk.state("U1") == "picked"
    assert page.scanned(UNDO) == "Done"
    assert desk.state("U1") == "committed"
