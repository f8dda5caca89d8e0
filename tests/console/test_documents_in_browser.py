"""Documents: bought, sold, moved, built and returned on the screen; the API says what became."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.screen import Screen, open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium


class Books:
    """The witness: what the API says of the same documents."""

    def __init__(self, web: httpx.Client) -> None:
        self.web = web

    def put(self, path: str, **body: Any) -> Any:
        answer = self.web.put(f"/v1/{path}", json=body)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def post(self, path: str, **body: Any) -> Any:
        answer = self.web.post(f"/v1/{path}", json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.web.get(f"/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def line(self, path: str, number: int = 1) -> Any:
        lines = self.get(f"documents/{path}")["lines"]
        return next(line for line in lines if line["line"] == number)

    def chosen(self, path: str, number: int = 1) -> list[str]:
        page = self.get(f"documents/{path}/lines/{number}/serials?limit=500")
        return [one["serial"] for one in page["items"]]

    def states(self, item: str, **query: str) -> dict[str, str]:
        asked = httpx.QueryParams({"show": "all", "limit": "500", **query})
        page = self.get(f"items/{item}/serials?{asked}")
        return {one["serial"]: one["state"] for one in page["items"]}

    def receive(self, item: str, serials: str, location: str = "A-01") -> None:
        self.post("serials/actions", action="receive", serials=serials, item=item,
                  location=location)  # fmt: skip


@pytest.fixture
def books(shared_daemon: Daemon) -> Iterator[Books]:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False) as web:
        books = Books(web)
        books.put("locations/HALL", kind="site")
        for code in ("A-01", "A-02"):
            books.put(f"locations/{code}", kind="bin", parent="HALL")
        books.put("locations/Q", kind="quarantine")
        books.put("parties/ACME", kind="supplier")
        books.put("parties/SMITH", kind="customer")
        books.put("items/SEAL", name="Seal")
        books.put("items/PAINT", tracking="lot")
        yield books


@pytest.fixture
def window(chromium: Browser, shared_daemon: Daemon) -> Iterator[Screen]:
    with open_screen(chromium, shared_daemon.url) as screen:
        yield screen


@pytest.mark.seed("M9")
@pytest.mark.seed("N18")
@pytest.mark.seed("N19")
@pytest.mark.seed("N20")
@pytest.mark.seed("A12")
@pytest.mark.seed("A13")
@pytest.mark.seed("A14")
@pytest.mark.seed("A17")
@pytest.mark.seed("A18")
@pytest.mark.seed("E17")
@pytest.mark.seed("E18")
@pytest.mark.seed("E19")
@pytest.mark.seed("E21")
@pytest.mark.seed("T12")
def test_an_order_is_placed_received_with_two_wrong_serials_completed_and_looked_at(
    books: Books, window: Screen
) -> None:
    books.put("items/DRILL", tracking="serial", pattern={"prefix": "SN", "width": 5})
    books.receive("DRILL", "SN00900, SN00901")
    window.go("/documents").is_accessible().click("New document").click("Purchase order")
    window.fill("Supplier", "ACME").fill("To location", "A-01").fill("Reference", "B-77")
    window.fill("Item", "DRILL").fill("Quantity", "6").is_accessible()
    window.page.get_by_label("Item", exact=True).nth(1).fill("SEAL")
    window.page.get_by_label("Quantity", exact=True).nth(1).fill("20")
    window.click("Save").said("is saved as a draft")
    number = window.page.url.rpartition("/")[2]
    path = f"purchase_order/{number}"
    assert [(one["item"], one["pieces"]) for one in books.get(f"documents/{path}")["lines"]] == [
        ("DRILL", 6), ("SEAL", 20),
    ]  # fmt: skip
    window.sees("needed", inside="#line-1").does_not_see("needed", inside="#line-2")
    window.click("Confirm").said("Confirm is done.").sees("Open").is_accessible()

    # A list of six, two of which are here already: the four others stay.
    window.click("Serials of line 1").fill("Serials", "SN00001;SN00002,SN00900\nSN00003\tSN00901")
    window.click("Look at it first").sees("The list names 5 serials.", inside="#preview")
    window.sees("Serial SN00900 of DRILL is on hand")
    assert books.chosen(path) == []
    window.click("Add to the line").sees("3 chosen, 2 refused.").sees(
        "Free is, for instance, SN00902"
    )
    assert books.chosen(path) == ["SN00001", "SN00002", "SN00003"]
    field = window.page.get_by_label("Serials", exact=True)
    assert field.input_value().split() == ["SN00900", "SN00901"]
    window.is_accessible().sees("partial", inside="#line-head")
    # By scan: a burst of three, one of them twice.
    window.page.get_by_label("Scan a serial", exact=True).focus()
    for code in ("SN00004", "SN00005", "SN00004", "SN00006"):
        window.scan(code)
    window.sees("SN00006", inside="#chosen").sees("complete", inside="#line-head")
    window.sees("SN00004 is on this line", inside=".scanned")
    assert books.chosen(path) == [f"SN0000{n}" for n in range(1, 7)]
    # N18: the line asks for one more, and one is taken off.
    window.fill("The line asks for", "7").click("Change").said("Line 1 asks for 7 now.")
    window.tick("Tick chosen SN00006").click("Take the ticked off").said("1 taken off")
    assert (books.line(path)["quantity"], len(books.chosen(path))) == (7, 5)
    window.fill("The line asks for", "5").click("Change").sees("complete", inside="#line-head")

    # The delivery: not before every serial of it is known (A18, E17).
    window.go(f"/documents/{path}").click("Make: Receipt").said(f"is made for {number}.")
    receipt = f"receipt/{window.page.url.rpartition('/')[2]}"
    window.sees("needs 5 serials and has none").click("Post").said("needs 5 serials and has none")
    assert books.get(f"documents/{receipt}")["status"] == "draft"
    window.click("Serials of line 1").fill("Serials", "SN00001-SN00004, SN00900")
    window.click("Add to the line").sees("4 chosen, 1 refused.").sees("Free is, for instance, SN")
    assert len(books.chosen(receipt)) == 4
    window.fill("Serials", "SN00005").click("Add to the line").said("1 chosen")
    window.click(f"Back to {receipt[8:]}").sees("complete", inside="#line-1")
    window.does_not_see("needs 5 serials").click("Post").said("Post is done.").sees("Done")
    assert books.states("DRILL", prefix="SN0000") == {
        **{f"SN0000{n}": "received" for n in range(1, 6)}, "SN00006": "cancelled",
    }  # fmt: skip
    assert books.get(f"documents/{path}")["status"] == "done"
    # Read mode: what is chosen stays, its badge too; a memo may still be written (N23).
    window.sees("complete", inside="#line-1").click("Serials of line 1")
    window.sees("is finished: what is chosen stays").sees("SN00003", inside="#chosen")
    assert window.locator("form[action$='/add']").count() == 0
    window.is_accessible()


@pytest.mark.seed("N23")
@pytest.mark.seed("A9")
@pytest.mark.seed("A10")
@pytest.mark.seed("A11")
@pytest.mark.seed("A15")
@pytest.mark.seed("A16")
@pytest.mark.seed("E20")
@pytest.mark.seed("E22")
def test_serials_come_by_series_by_range_and_one_by_one_each_with_what_is_said_of_it(
    books: Books, window: Screen
) -> None:
    books.put("items/LASER", tracking="serial", pattern={"prefix": "LS", "width": 5})
    books.put("fields/serial/grade", type="choice", choices=["A", "B"], label="Grade")
    lines = [{"item": "LASER", "quantity": 12}]
    books.put("documents/receipt/GR-L1", party="ACME", to="A-01", lines=lines)
    path = "receipt/GR-L1"
    window.go(f"/documents/{path}/lines/1")
    field = window.page.get_by_label("Serials", exact=True)
    assert field.input_value().split() == [f"LS{n:05d}" for n in range(1, 13)]
    window.fill("Next numbers", "3").click("Generate").said("3 chosen, from LS00001 to LS00003.")
    window.fill("Serials", "LS01000-LS01003").click("Add to the line").said("4 chosen")
    window.fill("Serials", 'LS02000\t"LS02001"\r\n\r\nLS02002').click("Add to the line")
    window.said("3 chosen")
    window.click("One with its own memo, cost, place").fill("Serial", "LS03000")
    window.fill("Quantity", "2", inside="#one").fill("Memo", "box torn", inside="#one")
    window.fill("Grade", "B", inside="#one").fill("Cost", "249.50", inside="#one")
    window.fill("Currency", "EUR", inside="#one").click("Add this one")
    window.said("Serial LS03000 is one piece; its quantity cannot be 2.")
    window.fill("Quantity", "1", inside="#one").click("Add this one").said("LS03000 is chosen.")
    window.sees("box torn", inside="#chosen").is_accessible()
    one = books.get("items/LASER/serials?show=all&serial=LS03000")["items"][0]
    assert (one["memo"], one["fields"], one["cost"]) == (
        "box torn", {"grade": "B"}, {"amount": 24950, "currency": "EUR"},
    )  # fmt: skip
    # E19: somebody posts it meanwhile; what is typed into the drawer then is refused, not lost.
    books.post(f"documents/{path}/lines/1/serials", serials={"generate": 1})
    books.post(f"documents/{path}/post")
    window.fill("Serials", "LS09999").click("Add to the line")
    window.sees("GR-L1 is done", inside="#refused").sees("LS09999", inside="#refused")
    window.go(f"/documents/{path}/lines/1").does_not_see("Add to the line")
    window.locator("[aria-label='Memo and fields of LS00002']").click()
    window.fill("Grade", "A", inside="#chosen details[open]")
    window.click("Save", inside="#chosen details[open]").said("LS00002 is saved.")
    assert books.get("items/LASER/serials?serial=LS00002")["items"][0]["fields"] == {"grade": "A"}


@pytest.mark.seed("N14")
@pytest.mark.seed("A21")
@pytest.mark.seed("E16")
@pytest.mark.seed("E23")
@pytest.mark.seed("E24")
@pytest.mark.seed("E25")
@pytest.mark.seed("E26")
def test_an_order_is_picked_from_what_is_there_changed_shipped_and_invoiced(
    books: Books, window: Screen
) -> None:
    books.put("items/MOTOR", tracking="serial")
    books.receive("MOTOR", "M1..M9")
    books.receive("MOTOR", "N1", "A-02")
    window.go("/documents/new/sales_order").fill("Customer", "SMITH").fill("Item", "MOTOR")
    window.fill("Quantity", "3").click("Save").said("is saved as a draft").click("Confirm")
    window.said("Confirm is done.")
    order = f"sales_order/{window.page.url.rpartition('/')[2]}"
    window.sees("Before it can be invoiced:").sees("needs 3 serials and has none")
    window.click("Make: Shipment").said("is made for")
    shipment = f"shipment/{window.page.url.rpartition('/')[2]}"
    # Saved at will, but not shipped before its serials are there.
    window.click("Edit").fill("Reference", "R-1").click("Save").said("is saved.")
    window.click("Ship").said("needs 3 serials and has none")
    assert books.get(f"documents/{shipment}")["status"] == "draft"
    window.click("Serials of line 1").sees("N1", inside="#left")
    window.fill("At location", "A-01").fill("Available serials that begin with", "M")
    window.click("Search").does_not_see("N1", inside="#left").is_accessible()
    window.tick("Tick M2").tick("Tick M5").click("Done: choose the ticked")
    window.said("2 chosen, the last is M5.").sees("M5", inside="#chosen")
    window.page.get_by_label("Scan a serial", exact=True).focus()
    window.scan("M7").sees("complete", inside="#line-head")
    assert sorted(books.chosen(shipment)) == ["M2", "M5", "M7"]
    # E26: another one goes instead, until it is shipped.
    window.tick("Tick chosen M5").click("Take the ticked off").said("1 taken off")
    window.tick("Tick M9").click("Done: choose the ticked").said("1 chosen")
    window.go(f"/documents/{shipment}").does_not_see("needs 3").click("Ship").said("Ship is done.")
    assert books.states("MOTOR", state="shipped") == {
        "M2": "shipped", "M7": "shipped", "M9": "shipped",
    }  # fmt: skip
    window.go(f"/documents/{order}").sees("Done").click("Make: Invoice").said("is made for")
    invoice = f"invoice/{window.page.url.rpartition('/')[2]}"
    window.click("Serials of line 1").tick("Tick M2").tick("Tick M7").tick("Tick M9")
    window.click("Done: choose the ticked").said("3 chosen").go(f"/documents/{invoice}")
    window.click("Post").said("Post is done.").is_accessible()
    assert books.get(f"documents/{invoice}")["status"] == "done"


@pytest.mark.seed("M22")
@pytest.mark.seed("A22")
@pytest.mark.seed("N8")
def test_what_comes_back_is_taken_in_with_a_reason_and_found_good_or_bad(
    books: Books, window: Screen
) -> None:
    books.put("items/SAW", tracking="serial")
    books.receive("SAW", "S1..S3")
    books.post("serials/actions", action="ship", serials="S1..S3", item="SAW", party="SMITH")
    window.go("/documents/new/customer_return").fill("Customer", "SMITH").fill("Item", "SAW")
    window.fill("Quantity", "2").fill("To location", "A-01").click("Save").said("saved as a draft")
    path = f"customer_return/{window.page.url.rpartition('/')[2]}"
    window.click("Serials of line 1").tick("Tick S1").tick("Tick S2")
    window.click("Done: choose the ticked").said("2 chosen").go(f"/documents/{path}")
    window.click("Receive…").click("Receive").said("give a reason").is_accessible()
    window.fill("Reason", "damaged").fill("Condition", "used").click("Receive")
    window.said("Receive is done.")
    assert books.states("SAW")["S1"] == "returned"
    window.click("Inspect…").fill("S1", "accept").fill("S2", "reject").fill("Reason", "cracked")
    window.fill("To which location", "Q").is_accessible()
    window.fill("S1", "").click("Inspect").said("Inspect is done.")
    window.click("Inspect…").fill("S1", "accept").click("Inspect").said("Inspect is done.")
    assert books.states("SAW") == {"S1": "received", "S2": "rejected", "S3": "shipped"}
    # A case names a serial, and forgets it again; the serial stays as it is (N8).
    books.put("documents/case/CASE-1", party="SMITH", lines=[{"item": "SAW", "quantity": 1}])
    window.go("/documents/case/CASE-1/lines/1").tick("Tick S3").click("Done: choose the ticked")
    window.said("1 chosen").tick("Tick chosen S3").click("Take the ticked off").said("1 taken off")
    assert (books.chosen("case/CASE-1"), books.states("SAW")["S3"]) == ([], "shipped")


@pytest.mark.seed("M20")
def test_a_transfer_is_sent_arrives_in_part_and_the_shortage_is_decided(
    books: Books, window: Screen
) -> None:
    books.put("items/LAMP", tracking="serial")
    books.receive("LAMP", "L1..L3")
    window.go("/documents/new/transfer").fill("From location", "A-01").fill("To location", "A-02")
    window.fill("Item", "LAMP").fill("Quantity", "3").click("Save").said("saved as a draft")
    path = f"transfer/{window.page.url.rpartition('/')[2]}"
    window.sees("needs 3 serials and has none").click("Serials of line 1")
    window.click("Take the oldest 3").said("3 chosen").go(f"/documents/{path}")
    window.click("Dispatch").said("Dispatch is done.")
    window.click("Arrive: choose which").tick("L2", on=False).is_accessible().click("Arrive")
    window.said("Arrive is done.").click("Close…").click("Close").said("have not arrived")
    window.fill("What did not arrive", "lost").fill("Reason", "fell off").click("Close").said(
        "Close is done."
    )
    assert books.states("LAMP") == {"L1": "received", "L2": "written_off", "L3": "received"}
    assert books.get("items/LAMP/serials?serial=L1")["items"][0]["location"] == "A-02"


@pytest.mark.seed("E27")
@pytest.mark.seed("M10")
@pytest.mark.seed("M23")
def test_a_work_order_waits_for_its_components_is_built_and_prints_its_labels(
    books: Books, window: Screen
) -> None:
    books.put("items/ROTOR", tracking="serial")
    books.put("items/PUMP", kind="assembly", tracking="serial",
              pattern={"prefix": "P", "width": 4},
              members=[{"item": "ROTOR", "quantity": 1}])  # fmt: skip
    books.receive("ROTOR", "R1..R4")
    media = {"width": 100_000, "height": 50_000}
    books.put("printers/wo", url="virtual:", media=media)
    window.go("/documents/new/work_order").fill("To location", "A-01").fill("Item", "PUMP")
    window.fill("Quantity", "2").click("Save").said("saved as a draft")
    path = f"work_order/{window.page.url.rpartition('/')[2]}"
    window.sees("Line 2 (ROTOR) needs 2 serials and has none.").click("Start")
    window.said("needs 2 serials and has none")
    window.click("Serials of line 2").tick("Tick R1").tick("Tick R3")
    window.click("Done: choose the ticked").said("2 chosen").go(f"/documents/{path}/lines/1")
    window.click("Generate").said("2 chosen, from P0001 to P0002.").go(f"/documents/{path}")
    window.click("Start").said("Start is done.").click("Consume").said("Consume is done.")
    window.click("Produce").said("Produce is done.").click("Finish").said("Finish is done.")
    assert books.states("PUMP") == {"P0001": "received", "P0002": "received"}
    assert books.states("ROTOR")["R3"] == "consumed"
    window.fill("Printer", "wo").click("Print labels of its serials").said("are being printed")
    pump = books.get("items/PUMP/serials?serial=P0001")["items"][0]
    assert len(books.get(f"serials/{pump['id']}/labels")["items"]) == 1


def test_two_people_edit_a_document_at_once_and_neither_loses_anything(
    books: Books, window: Screen
) -> None:
    books.put("items/DRUM", tracking="serial")
    lines = [{"item": "DRUM", "quantity": 2}]
    books.put("documents/purchase_order/PO-2P", party="ACME", memo="call first", lines=lines)
    window.go("/documents/purchase_order/PO-2P/edit").fill("Memo", "mine", inside="main")
    window.fill("Quantity", "4")
    books.put(
        "documents/purchase_order/PO-2P",
        memo="theirs",
        external_ref="X-9",
        lines=[{"line": 1, "item": "DRUM", "quantity": 2}, {"item": "SEAL", "quantity": 5}],
    )
    window.click("Save").sees("What the other changed").sees("theirs", inside="#theirs")
    window.sees("X-9", inside="#theirs").is_accessible()
    before = books.get("documents/purchase_order/PO-2P")
    assert (before["memo"], len(before["lines"])) == ("theirs", 2)
    window.click("Save").said("PO-2P is saved.")
    after = books.get("documents/purchase_order/PO-2P")
    assert (after["memo"], after["external_ref"]) == ("mine", "X-9")
    assert [(one["item"], one["quantity"]) for one in after["lines"]] == [("DRUM", 4), ("SEAL", 5)]
    # Serials that two people add at once are both there, and each sees the other's come.
    window.click("Serials of line 1").sees("Nothing is chosen yet.", inside="#chosen")
    books.post("documents/purchase_order/PO-2P/lines/1/serials", serials="THEIRS")
    window.sees("THEIRS", inside="#chosen").scan("MINE")
    window.sees("MINE", inside="#chosen").sees("2 chosen and 0 done of 4.")
    assert books.chosen("purchase_order/PO-2P") == ["THEIRS", "MINE"]


def test_lots_and_plain_quantities_are_chosen_by_what_expires_first(
    books: Books, window: Screen
) -> None:
    for lot, day in (("B-late", "2031-01-01"), ("B-soon", "2030-01-01")):
        books.put(f"documents/receipt/GR-{lot}", party="ACME", to="A-01",
                  lines=[{"item": "PAINT", "quantity": 5}])  # fmt: skip
        window.go(f"/documents/receipt/GR-{lot}/lines/1").fill("Lot", lot).fill("Quantity", "5")
        window.fill("Expires", day).click("Add").said("5 chosen").is_accessible()
        books.post(f"documents/receipt/GR-{lot}/post")
    books.put("documents/sales_order/SO-P", party="SMITH", lines=[{"item": "PAINT", "quantity": 6}])
    books.post("documents/sales_order/SO-P/confirm")
    window.go("/documents/sales_order/SO-P").click("Lots of line 1").click("Choose these")
    window.said("6 chosen").sees("B-soon", inside="#chosen").sees("B-late", inside="#chosen")
    lots = books.get("documents/sales_order/SO-P/lines/1/serials")["lots"]
    assert sorted((one["lot"], one["quantity"]) for one in lots) == [("B-late", 1), ("B-soon", 5)]
    window.click("Give all free again").said("are free again").sees("Nothing is chosen yet.")


def test_the_list_is_filtered_by_type_and_its_drafts_are_cancelled_and_deleted(
    books: Books, chromium: Browser, shared_daemon: Daemon
) -> None:
    for n in (1, 2, 3):
        books.put(f"documents/write_off/WX-{n}", lines=[{"item": "SEAL", "quantity": n}])
    with open_screen(chromium, shared_daemon.url, width=320, color_scheme="dark") as window:
        window.go("/documents/write_off").sees("WX-3").does_not_see("PO-2P").is_accessible()
        window.tick("Tick WX-1").tick("Tick WX-2").click("Cancel them").click("Yes")
        window.said("2 documents are cancelled.")
        assert books.get("documents/write_off/WX-2")["status"] == "cancelled"
        window.go("/documents/write_off/WX-3").is_accessible().click("Delete").click("Yes")
        window.said("WX-3 is deleted.").does_not_see("WX-3", inside="table")
        window.go("/documents/new/work_order").is_accessible()
        window.go("/documents/write_off/WX-1/lines/1").is_accessible()


def test_every_page_of_a_document_works_without_a_script(
    books: Books, chromium: Browser, shared_daemon: Daemon
) -> None:
    books.put("items/FAN", tracking="serial")
    books.put("documents/receipt/GR-N", to="A-01", lines=[{"item": "FAN", "quantity": 2}])
    with open_screen(chromium, shared_daemon.url, java_script_enabled=False) as window:
        window.go("/documents/receipt/GR-N/lines/1").fill("Scan a serial", "F1")
        window.page.keyboard.press("Enter")
        window.said("1 chosen, the last is F1.").fill("Scan a serial", "F2").click("Add")
        window.said("1 chosen, the last is F2.").go("/documents/receipt/GR-N").click("Post")
        window.said("Post is done.")
    assert books.states("FAN") == {"F1": "received", "F2": "received"}
