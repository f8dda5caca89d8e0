"""Stock, lots and reports on screen: what there is, whose it is, and what can be told of it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import connect
from tests.console.screen import Screen, open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium


def done(answer: httpx.Response) -> Any:
    assert answer.status_code < 400, answer.text
    return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    """The API of a gateway with ten drills in two lots, three promised and one shipped."""
    with connect(shared_daemon) as client:
        for code in ("A-01", "A-02"):
            done(client.put(f"/v1/locations/{code}", json={"kind": "bin"}))
        done(client.put("/v1/parties/SMITH", json={"kind": "customer", "name": "Smith"}))
        drill = {"name": "Bench drill", "tracking": "serial", "reorder_point": 9,
                 "reorder_points": {"A-01": 4}}  # fmt: skip
        done(client.put("/v1/items/DRILL", json=drill))
        done(client.put("/v1/items/SCREW", json={"name": "Screw"}))
        printer = {"url": "tcp://127.0.0.1:9100", "media": {"width": 100_000, "height": 50_000}}
        done(client.put("/v1/printers/dock", json=printer))
        done(client.post("/v1/printers/dock/pause"))
        for serials, lot, place in (("A1..A5", "L-1", "A-01"), ("B1..B5", "L-2", "A-02")):
            act = {"action": "receive", "item": "DRILL", "serials": serials, "lot": lot,
                   "location": place}  # fmt: skip
            done(client.post("/v1/serials/actions", json=act))
        path = "/v1/documents/sales_order/SO-17"
        lines = [{"item": "DRILL", "quantity": 3}]
        done(client.put(path, json={"party": "SMITH", "lines": lines}))
        done(client.post(f"{path}/confirm", json={}))
        done(client.post(f"{path}/lines/1/serials", json={"serials": "A2 A3"}))
        yield client


@pytest.fixture
def screen(chromium: Browser, shared_daemon: Daemon, web: httpx.Client) -> Iterator[Screen]:
    with open_screen(chromium, shared_daemon.url) as opened:
        yield opened


def cells(screen: Screen, row: str) -> list[str]:
    """Return the texts of the row of a list that begins with a text."""
    found = screen.page.locator("tbody tr").filter(has_text=row).first
    return [text.strip() for text in found.locator("td").all_inner_texts()]


@pytest.mark.seed("T18")
@pytest.mark.seed("T19")
def test_stock_shows_the_four_quantities_and_what_runs_low(
    screen: Screen, web: httpx.Client
) -> None:
    screen.go("/stock").is_accessible()
    assert cells(screen, "DRILL") == ["DRILL\nBench drill", "10", "0", "3", "7", "", "pc", "9"]
    screen.does_not_see("reached.").does_not_see("A-01")
    screen.fill("Tell apart by", "location").click("Show")
    screen.sees("A-01: 5 · A-02: 5", inside="tbody")

    # Two are lost: the list and the item's page say so by themselves.
    screen.go("/stock")
    lost = {"action": "write_off", "item": "DRILL", "serials": "A1", "reason": "lost"}
    done(web.post("/v1/serials/actions", json=lost))
    screen.sees("2 reorder points are reached.", inside="#stock-low")
    screen.sees("Reorder", inside="tbody").is_accessible()
    screen.click("See what is to be reordered").does_not_see("SCREW", inside="tbody")
    screen.click("DRILL", inside="tbody").sees("9 pc", inside="#stock-on_hand")
    screen.sees("3 pc", inside="#stock-committed").sees("6 pc", inside="#stock-available")
    screen.sees("0 pc", inside="#stock-on_order")
    screen.sees("Reorder: 9 on hand, the reorder point is 9.").is_accessible()
    assert cells(screen, "A-01")[:4] == ["A-01", "4", "2", "2"]
    exported = web.get("/lists/stock.csv").content.decode("utf-8-sig").splitlines()
    assert exported[:2] == [
        "Item,On hand,On order,Committed,Available,Held,Unit,Reorder point",
        "DRILL,9,0,3,6,,pc,Reorder",
    ]


@pytest.mark.seed("A19")
@pytest.mark.seed("A20")
@pytest.mark.seed("M11")
@pytest.mark.seed("M23")
def test_a_lot_is_found_by_a_serial_edited_and_its_labels_printed(
    screen: Screen, web: httpx.Client
) -> None:
    screen.go("/lots").is_accessible().sees("B1 – B5")
    screen.fill("Serial in the lot", "a4").click("Show").does_not_see("B1 – B5")
    screen.sees("A1 – A5").click("L-1", inside="tbody")
    screen.sees("A2", inside="#allocated").sees("SO-17", inside="#allocated")
    screen.does_not_see("A4", inside="#allocated").sees("A4", inside="#remaining")
    screen.does_not_see("A3", inside="#remaining").is_accessible()

    # By hand: three that are to come, one of them taken off again, another called right.
    edit = "#editor"
    screen.fill("Add serials", "P1..P3", inside=edit).click("Save the serials")
    screen.said("Added: 3, renamed: 0, removed: 0.").sees("P3", inside="#planned")
    screen.fill("Planned serials that do not come", "P3", inside=edit)
    screen.fill("Rename the serial", "P2", inside=edit).fill("to", "P22", inside=edit)
    screen.fill("Reason", "mistyped", inside=edit).click("Save the serials")
    screen.said("Added: 0, renamed: 1, removed: 1.").sees("P22", inside="#planned")
    lot = next(one for one in web.get("/v1/lots").json()["items"] if one["code"] == "L-1")
    planned = web.get(lot["links"]["serials"], params={"group": "planned"}).json()["items"]
    assert [one["serial"] for one in planned] == ["P1", "P22"]
    # One wrong among several: nothing of it is done, and the words stay in their fields.
    screen.fill("Add serials", "P9", inside=edit).fill("Rename the serial", "NO-1", inside=edit)
    screen.fill("to", "NO-2", inside=edit).fill("Reason", "x", inside=edit)
    screen.click("Save the serials").said("NO-1")
    typed = screen.page.locator(edit).get_by_label("Add serials", exact=True)
    assert typed.input_value() == "P9"
    assert "P9" not in [one["serial"] for one in planned]

    screen.click("Print a label for each serial").said("Labels on their way: ")
    listed = web.get("/v1/serials", params={"lot": lot["id"]}).json()["items"]
    printed = {one["serial"] for one in listed if one["label"] == "pending"}
    assert printed >= {"A2", "A4", "P1", "P22"}
    assert "P3" not in printed  # it does not come

    screen.fill("Reason", "recall", inside="#hold").click("Hold the lot", inside="#hold form")
    screen.said("The lot is held.").sees("None of its pieces moves, because of: recall")
    assert web.get(lot["links"]["self"]).json()["held"] == "recall"
    # Two people at once: what I wrote stays in its field, the other's value stands in the other.
    screen.fill("Memo", "keep dry", inside="#fields")
    done(web.put(lot["links"]["self"], json={"expires_on": "2027-12-31"}))
    screen.click("Save", inside="#fields").said("L-1")
    assert screen.page.get_by_label("Expires", exact=True).input_value() == "2027-12-31"
    screen.click("Save", inside="#fields").said("The lot is saved.")
    saved = web.get(lot["links"]["self"]).json()
    assert (saved["memo"], saved["expires_on"]) == ("keep dry", "2027-12-31")

    before = len(web.get("/v1/jobs").json()["items"])
    screen.go("/lots").tick("Tick L-2").click("Print labels…").click("Print labels")
    screen.said("Labels on their way: 5.")
    assert len(web.get("/v1/jobs").json()["items"]) == before + 1
    screen.go("/lots?held=1").sees("Held", inside="tbody").click("L-1", inside="tbody")
    screen.click("Let the lot go").said("The lot may move again.")
    screen.click("All serials of the lot").fill("What", "allocated").click("Show")
    screen.does_not_see("A4", inside="tbody").sees("SO-17", inside="tbody").is_accessible()


@pytest.mark.seed("E29")
@pytest.mark.seed("E30")
def test_a_report_is_found_by_its_name_looked_at_searched_and_fetched(
    screen: Screen, web: httpx.Client
) -> None:
    screen.go("/reports").sees("Items to reorder").is_accessible()
    screen.fill("Name", "serial").click("Show").does_not_see("Items to reorder")
    screen.click("Serials by status").sees("Fill in what has a star")
    screen.fill("State *", "committed").click("Preview").sees("A2", inside=".report")
    screen.does_not_see("A4", inside=".report").is_accessible()

    screen.go("/reports").fill("Name", "prior items").click("Show").sees("Prior items invoiced")
    screen.click("Prior items sold").sees("SO-17", inside=".report")
    column = "Search in Serial or batch"
    screen.fill(column, "A9").click("Search in the columns").sees("The report has no row for this.")
    screen.fill(column, "A2").click("Search in the columns").sees("SO-17", inside=".report")
    with screen.page.expect_download() as fetched:
        screen.click("CSV")
    rows = list(csv.DictReader(io.StringIO(fetched.value.path().read_text("utf-8-sig"))))
    assert [(row["document"], row["customer"], row["item"]) for row in rows] == [
        ("SO-17", "SMITH", "DRILL")
    ]
    with screen.page.expect_download() as fetched:
        screen.click("XLSX")
    assert zipfile.is_zipfile(fetched.value.path())
