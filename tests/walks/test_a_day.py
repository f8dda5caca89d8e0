"""A day: ordered, received with two wrong scans, picked, shipped, one comes back and is bad; a bin
is counted and differs; a pump is built. By screens and a station, with the API as the witness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.codes.commands import write_command
from tests.console.station import needs_chromium, open_station
from tests.installed import keep_picture

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Browser

    from tests.console.screen import Screen
    from tests.installed import Running

pytestmark = needs_chromium


def furnish(web: httpx.Client) -> None:
    """Make what a warehouse has on its hundredth day."""
    for path, body in (
        ("locations/HALL", {"kind": "site"}),
        ("locations/A-01", {"kind": "bin", "parent": "HALL"}),
        ("locations/A-02", {"kind": "bin", "parent": "HALL"}),
        ("locations/Q-01", {"kind": "quarantine", "parent": "HALL"}),
        ("parties/ACME", {"kind": "supplier", "name": "Acme Tools"}),
        ("parties/SMITH", {"kind": "customer", "name": "Smith & Sons"}),
        ("items/DRILL", {"name": "Cordless drill", "tracking": "serial"}),
        ("items/ROTOR", {"name": "Rotor", "tracking": "serial"}),
        ("items/PUMP", {"kind": "assembly", "name": "Pump", "tracking": "serial",
                        "pattern": {"prefix": "P", "width": 4},
                        "members": [{"item": "ROTOR", "quantity": 1}]}),
        ("stations/dock", {"title": "Goods in", "location": "A-01"}),
    ):  # fmt: skip
        web.put(f"/v1/{path}", json=body).raise_for_status()
    rotors = {"action": "receive", "item": "ROTOR", "serials": "R1..R4", "location": "A-02"}
    web.post("/v1/serials/actions", json=rotors).raise_for_status()


def test_a_day_from_the_order_to_the_pump(
    running: Running,
    person: Screen,
    chromium: Browser,
) -> None:
    web = running.web
    furnish(web)

    def states(item: str) -> dict[str, str]:
        found: list[dict[str, Any]] = web.get(f"/v1/items/{item}/serials?show=all").json()["items"]
        return {one["serial"]: one["state"] for one in found}

    # Five drills are ordered, and the supplier says which.
    person.go("/documents/new/purchase_order").fill("Supplier", "ACME")
    person.fill("To location", "A-01").fill("Item", "DRILL").fill("Quantity", "5").click("Save")
    person.said("is saved as a draft")
    order = person.page.url.rpartition("/")[2]
    person.click("Serials of line 1").fill("Serials", "D1..D5").click("Add to the line")
    person.said("5 chosen")
    keep_picture(person, "day-1-order-line")
    person.click(f"Back to {order}").click("Confirm").said("Confirm is done.").sees("Open")
    keep_picture(person, "day-2-order")
    assert set(states("DRILL").values()) == {"planned"}

    # They come in at the dock. Two scans are wrong: nothing is done with them.
    with open_station(chromium, running.url, "dock") as dock:
        assert dock.scanned(write_command("MODE", "RECEIVE")) == "Done"
        assert dock.scanned(order) == "Done"
        for serial in ("D1", "D2"):
            assert dock.scanned(serial) == "Done"
        assert dock.scanned("R1") == "Look"
        assert dock.sentence() == "DRILL R1 received at A-01. Serial R1 was not announced."
        keep_picture(dock, "day-3-wrong-scan")
        dock.tap("Undo")
        dock.counted(2, 5)
        assert dock.scanned("SMITH") == "Refused"
        dock.counted(2, 5)
        for serial in ("D3", "D4", "D5"):
            assert dock.scanned(serial) == "Done"
        dock.counted(5, 5)
        dock.tap("Done")
        dock.says("received")
    came = {serial: state for serial, state in states("DRILL").items() if state == "received"}
    assert sorted(came) == ["D1", "D2", "D3", "D4", "D5"]
    assert states("ROTOR")["R1"] == "received"

    # A customer wants two; they are picked by scanning and shipped.
    person.go("/documents/new/sales_order").fill("Customer", "SMITH").fill("Item", "DRILL")
    person.fill("Quantity", "2").click("Save").said("is saved as a draft").click("Confirm")
    person.said("Confirm is done.")
    sold = person.page.url.rpartition("/")[2]
    with open_station(chromium, running.url, "dock") as dock:
        assert dock.scanned(write_command("MODE", "PICK")) == "Done"
        assert dock.scanned(sold) == "Done"
        for serial in ("D1", "D4"):
            assert dock.scanned(serial) == "Done"
        dock.counted(2, 2)
        dock.tap("Done")
        dock.says("picked")
    person.go(f"/documents/sales_order/{sold}").click("Make: Shipment").said("is made for")
    shipment = person.page.url.rpartition("/")[2]
    person.click("Serials of line 1").tick("Tick D1").tick("Tick D4")  # what was picked comes first
    person.click("Done: choose the ticked").said("2 chosen")
    person.click(f"Back to {shipment}").sees("complete", inside="#line-1")
    person.click("Ship").said("Ship is done.")
    assert (states("DRILL")["D1"], states("DRILL")["D4"]) == ("shipped", "shipped")

    # On the hundredth day somebody asks where D4 went: half a minute, most of it typing.
    person.go("/").scan("D4")
    person.sees("SMITH").sees("Shipped").is_accessible()
    keep_picture(person, "day-4-where-it-went")

    # One comes back, and it is bad.
    person.go("/documents/new/customer_return").fill("Customer", "SMITH").fill("Item", "DRILL")
    person.fill("Quantity", "1").fill("To location", "Q-01").click("Save").said("saved as a draft")
    back = person.page.url.rpartition("/")[2]
    person.click("Serials of line 1").tick("Tick D4").click("Done: choose the ticked")
    person.said("1 chosen").go(f"/documents/customer_return/{back}").click("Receive…")
    person.fill("Reason", "damaged").fill("Condition", "damaged").click("Receive")
    person.said("Receive is done.").click("Inspect…").fill("D4", "reject")
    person.fill("Reason", "housing cracked").fill("To which location", "Q-01").click("Inspect")
    person.said("Inspect is done.")
    assert states("DRILL")["D4"] == "rejected"

    # The bin is counted: D3 is not there, D9 is, and nobody knew it.
    person.go("/stocktakes/new").fill("Location", "A-01").fill("Items", "DRILL")
    person.click("Begin to count").said("has begun: count.")
    person.page.get_by_label("Scan a serial", exact=True).focus()
    for serial in ("D2", "D5", "D9"):
        person.scan(serial)
    person.sees("D9 is not known yet.", inside=".scanned")
    person.click("A list, or a quantity").fill("Item", "DRILL", inside="#by-list")
    person.fill("Serials", "D9", inside="#by-list").click("Count these").said("is not known yet")
    person.click("Differences").sees("2 differences")
    keep_picture(person, "day-5-differences")
    person.fill("What becomes of DRILL/D3", "write_off")
    person.fill("What becomes of DRILL/D9", "add").click("Decide").said("It is decided.")
    person.click("Post the count").click("Yes").said("is posted")
    assert (states("DRILL")["D3"], states("DRILL")["D9"]) == ("written_off", "received")

    # A pump is built, with a rotor in it.
    person.go("/documents/new/work_order").fill("To location", "A-01").fill("Item", "PUMP")
    person.fill("Quantity", "1").click("Save").said("saved as a draft")
    built = f"work_order/{person.page.url.rpartition('/')[2]}"
    person.click("Start").said("needs 1 serial")
    person.click("Serials of line 2").tick("Tick R2").click("Done: choose the ticked")
    person.said("1 chosen").go(f"/documents/{built}/lines/1").click("Generate").said("1 chosen")
    person.go(f"/documents/{built}").click("Start").said("Start is done.").click("Consume")
    person.said("Consume is done.").click("Produce").said("Produce is done.").click("Finish")
    person.said("Finish is done.")
    keep_picture(person, "day-6-work-order")
    assert (states("PUMP"), states("ROTOR")["R2"]) == ({"P0001": "received"}, "consumed")
    assert web.post("/v1/registry/verify").json()["whole"] is True
