"""Looking up, receiving, inspecting, counting, writing off, building, reprinting and holding, each
at a station's page from empty to posted, by scanner bursts and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from gateway.codes.commands import write_command
from tests.console.station import needs_chromium, open_browser, open_station

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon
    from tests.console.station import StationPage

pytestmark = needs_chromium

DONE, UNDO = write_command("DONE"), write_command("UNDO")
YES, NO = write_command("YES"), write_command("NO")
GTIN = "0109501101530010"
"""Of the paint, as an element string begins."""


def mode(name: str) -> str:
    return write_command("MODE", name)


def quantity(count: int) -> str:
    return write_command("QTY", str(count))


class Floor:
    """A warehouse, what is prepared in it over HTTP, and what is true in it afterwards."""

    def __init__(self, web: httpx.Client) -> None:
        self.web = web
        media = {"width": 100_000, "height": 50_000}
        self.put("printers/zebra", {"url": "virtual:", "media": media})
        for code, kind in (("DOCK", "staging"), ("A-01", "bin"), ("B-01", "bin"),
                           ("Q", "quarantine")):  # fmt: skip
            self.put(f"locations/{code}", {"kind": kind})
        self.put("items/DRILL", {"tracking": "serial", "gtin": "09501101530003"})
        self.put("items/SCREW", {"tracking": "none"})
        self.put("items/PAINT", {"tracking": "lot", "gtin": "09501101530010"})
        self.put("items/LASER", {"kind": "assembly", "tracking": "serial"})
        self.put("parties/ACME", {"kind": "supplier"})
        self.put("parties/Smith", {"kind": "customer"})

    def put(self, path: str, body: dict[str, Any]) -> None:
        answer = self.web.put(f"/v1/{path}", json=body)
        assert answer.is_success, answer.text

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.web.post(f"/v1/{path}", json=body or {})
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def get(self, path: str) -> Any:
        answer = self.web.get(f"/v1/{path}")
        assert answer.is_success, answer.text
        return answer.json()

    def status(self, document: str) -> str:
        return str(self.get(f"documents/{document}")["status"])

    def serial(self, serial: str, item: str = "DRILL") -> dict[str, Any]:
        """Return the newest life of a serial."""
        found = self.get(f"serials?item={item}&serial={serial}")["items"]
        return dict(found[-1])

    def order(self, kind: str, number: str, *lines: dict[str, Any], **head: Any) -> None:
        self.put(f"documents/{kind}/{number}", {**head, "lines": list(lines)})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def floor(shared_daemon: Daemon) -> Iterator[Floor]:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=60) as web:
        yield Floor(web)


@pytest.fixture
def desk(request: pytest.FixtureRequest, floor: Floor, browser: Browser) -> Iterator[StationPage]:
    """A page of a station of the test's own, at the dock, with a printer."""
    name = request.function.__name__.removeprefix("test_")[:40].strip("_")
    floor.put(f"stations/{name}", {"location": "DOCK", "printer": "zebra"})
    with open_station(browser, str(floor.web.base_url).rstrip("/"), name) as page:
        yield page


def act(floor: Floor, action: str, *serials: str, **more: Any) -> None:
    floor.post("serials/actions", {"action": action, "item": "DRILL", "serials": list(serials),
                                   **more})  # fmt: skip


def burst(desk: StationPage, *codes: str) -> None:
    """Scan some codes, one right behind the other."""
    for code in codes:
        desk.scan(code, delay=0)


def test_looking_up_shows_what_it_is_and_prints_its_label(desk: StationPage, floor: Floor) -> None:
    act(floor, "receive", "LK1", location="A-01")
    assert desk.scanned("lk1") == "Done"
    assert desk.sentence() == "DRILL LK1 is received at A-01."
    expect(desk.page.locator("#part-cards .card h3")).to_have_text("LK1")
    act(floor, "ship", "LK1", party="Smith")
    assert desk.scanned("(01)09501101530003(21)LK1") == "Look"
    assert desk.sentence() == "DRILL LK1 is shipped, with Smith."
    desk.tap("Print label")
    desk.says("LK1: Its label prints.")
    assert printed(floor, "LK1") == 1


def printed(floor: Floor, serial: str) -> int:
    """Wait for the newest job; return how many labels of a serial are on the virtual paper."""
    jobs = floor.get("jobs?limit=5")["items"]
    assert floor.get(f"jobs/{jobs[0]['id']}?wait=30")["state"] == "done"
    sheets = floor.get("printers/zebra/paper")["items"]
    return sum(any(serial in code["text"] for code in sheet["codes"]) for sheet in sheets)


def test_a_mixed_delivery_is_received_by_its_order(desk: StationPage, floor: Floor) -> None:
    floor.order(
        "purchase_order", "PO-B1", {"item": "DRILL", "quantity": 2},
        {"item": "SCREW", "quantity": 20}, {"item": "PAINT", "quantity": 6}, party="ACME",
    )  # fmt: skip
    floor.post("documents/purchase_order/PO-B1/confirm")
    desk.tap("Receive")
    desk.says("Receive.")
    assert desk.scanned("PO-B1") == "Done"
    burst(desk, "DRILL", "PO1", "PO2", quantity(20), "SCREW")
    desk.says("20 × SCREW received.")
    assert desk.scanned(quantity(6)) == "Done"
    assert desk.scanned("PAINT") == "Question"
    assert desk.sentence() == "Scan the lot of PAINT."
    assert desk.scanned("LOT-B1") == "Done"
    desk.counted(28, 28)
    desk.tap("Done")
    desk.says("PO-B1 is complete.")
    assert floor.status("purchase_order/PO-B1") == "done"
    assert [floor.serial(one)["location"] for one in ("PO1", "PO2")] == ["DOCK", "DOCK"]
    assert printed(floor, "PO2") == 1


def test_a_mixed_delivery_is_ticked_by_its_receipt(desk: StationPage, floor: Floor) -> None:
    floor.order(
        "receipt", "GR-B1", {"item": "DRILL", "quantity": 3}, {"item": "SCREW", "quantity": 4},
        party="ACME", to="DOCK",
    )  # fmt: skip
    floor.post("documents/receipt/GR-B1/lines/1/serials", {"serials": "GR1, GR2, GR3"})
    burst(desk, mode("RECEIVE"), "GR-B1", "DRILL", "GR1", "GR2", "GR1", quantity(4), "SCREW")
    desk.says("4 × SCREW received.")
    desk.counted(6, 7)
    expect(desk.page.locator("#part-progress .missing")).to_have_text("GR3")
    assert desk.scanned(DONE) == "Question"
    assert desk.sentence() == "1 did not come (GR3). Post what is here?"
    assert floor.status("receipt/GR-B1") != "done"
    desk.tap("1 · Yes")
    desk.says("GR-B1 is posted: 6 received.")
    assert floor.status("receipt/GR-B1") == "done"
    assert [floor.serial(one)["state"] for one in ("GR1", "GR2", "GR3")] == [
        "received", "received", "cancelled",
    ]  # fmt: skip


def test_what_came_back_is_inspected(desk: StationPage, floor: Floor) -> None:
    act(floor, "receive", "IN1", "IN2", location="A-01")
    act(floor, "ship", "IN1", "IN2", party="Smith")
    act(floor, "return", "IN1", "IN2", location="DOCK", reason="noisy")
    burst(desk, mode("INSPECT"), "Q")
    desk.says("What is bad goes to Q.")
    assert desk.scanned("IN1") == "Question"
    assert desk.sentence() == "DRILL IN1 came back from Smith. Is it good?"
    desk.tap("1 · Yes")
    desk.says("DRILL IN1 is good.")
    burst(desk, NO, "IN2")
    desk.says("Why is DRILL IN2 rejected?")
    desk.tap("1 · damaged")
    desk.says("DRILL IN2 is rejected, damaged. It lies at Q.")
    assert desk.scanned(DONE) == "Done"
    assert [(floor.serial(one)["state"], floor.serial(one)["location"]) for one in ("IN1", "IN2")] \
        == [("received", "DOCK"), ("rejected", "Q")]  # fmt: skip


def test_a_shelf_is_counted_and_its_differences_are_decided(
    desk: StationPage, floor: Floor
) -> None:
    floor.put("locations/C-01", {"kind": "bin"})
    act(floor, "receive", "CT1", "CT2", "CT3", location="C-01")
    act(floor, "receive", "CT4", location="B-01")
    floor.order("stocktake", "ST-B1", **{"from": "C-01"})
    burst(desk, mode("COUNT"), "ST-B1", "CT1", "CT1", "CT4")
    desk.says("DRILL CT4 should be at B-01; it is counted here.")
    # The label of the second cannot be read: it is touched.
    desk.tap("DRILL CT2")
    desk.says("DRILL CT2 is counted.")
    desk.counted(2, 3)
    assert desk.scanned(DONE) == "Question"
    assert desk.sentence() == "DRILL CT3 is missing at C-01. What becomes of it?"
    desk.tap("1 · Write off")
    desk.says("DRILL CT4 lies at C-01 and is booked elsewhere.")
    desk.tap("1 · Book it")
    desk.says("Post ST-B1? 1 missing, written off; 1 not where it should be, moved.")
    assert floor.status("stocktake/ST-B1") == "in_progress"
    assert desk.scanned(YES) == "Done"
    assert floor.status("stocktake/ST-B1") == "done"
    assert [floor.serial(one)["state"] for one in ("CT1", "CT2", "CT3")] == [
        "received", "received", "written_off",
    ]  # fmt: skip
    assert floor.serial("CT4")["location"] == "C-01"


def test_pieces_are_written_off_for_a_reason(desk: StationPage, floor: Floor) -> None:
    act(floor, "receive", "WO1", "WO2", location="A-01")
    desk.tap("Write off")
    desk.says("Write off.")
    assert desk.scanned("WO1") == "Question"
    desk.tap("2 · lost")
    desk.says("lost. DONE writes it off.")
    burst(desk, "WO2", "WO2")
    desk.says("DRILL WO2 was scanned already.")
    desk.tap("Undo")
    desk.says("Taken back: DRILL WO2")
    desk.tap("Done")
    desk.says("1 piece written off, lost.")
    assert [floor.serial(one)["state"] for one in ("WO1", "WO2")] == ["written_off", "received"]
    number = desk.sentence().split()[0]
    assert floor.status(f"write_off/{number}") == "done"


def test_a_product_is_built_and_its_label_printed(desk: StationPage, floor: Floor) -> None:
    act(floor, "receive", "BD1", "BD2", location="A-01")
    floor.order(
        "work_order",
        "WO-B1",
        {"item": "LASER", "quantity": 2, "components": [{"item": "DRILL", "quantity": 2}]},
    )
    floor.post("documents/work_order/WO-B1/confirm")
    burst(desk, mode("BUILD"), "WO-B1", "BD1", "BD2")
    desk.says("WO-B1 has begun")
    burst(desk, "BL1", "BL2")
    desk.says("LASER BL2 made at DOCK. Its label prints.")
    desk.counted(4, 4)
    desk.tap("Done")
    desk.says("WO-B1 is finished: 2 × LASER made.")
    assert floor.status("work_order/WO-B1") == "done"
    assert floor.serial("BL1", "LASER")["state"] == "received"
    assert floor.serial("BD2")["state"] == "consumed"
    assert printed(floor, "BL2") == 1


def test_labels_are_printed_again(desk: StationPage, floor: Floor) -> None:
    act(floor, "receive", "RP1", location="A-01")
    burst(desk, mode("REPRINT"), quantity(2), "RP1")
    desk.says("DRILL RP1: 2 labels print.")
    assert printed(floor, "RP1") == 2
    assert desk.scanned("RP-UNKNOWN") == "Refused"


def test_a_piece_is_held_and_let_go(desk: StationPage, floor: Floor) -> None:
    act(floor, "receive", "HD1", location="A-01")
    burst(desk, mode("HOLD"), "HD1")
    desk.says("Why is DRILL HD1 held?")
    desk.tap("1 · damaged")
    desk.says("DRILL HD1 is held at A-01: damaged.")
    assert floor.serial("HD1")["held"] == "damaged"
    assert desk.scanned("HD1") == "Question"
    assert desk.scanned(YES) == "Done"
    assert floor.serial("HD1")["held"] is None
    assert desk.scanned(UNDO) == "Done"
    assert floor.serial("HD1")["held"] == "damaged"
