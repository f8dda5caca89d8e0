"""Serials on screens: found, listed, looked at, worked with, and told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from gateway.jobs import Event
from gateway.ledger import Step
from tests.api.conftest import connect
from tests.api.registry.conftest import Warehouse, furnish
from tests.console.screen import Screen, open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def hall(shared_daemon: Daemon) -> Iterator[Warehouse]:
    """A warehouse that all tests of the module share: each uses serials of its own."""
    shared_daemon.gateway.parts.database.run(furnish)
    with connect(shared_daemon) as client:
        media = {"width": 100_000, "height": 50_000}
        client.put(
            "/v1/printers/zebra", json={"url": "virtual:", "media": media}
        ).raise_for_status()
        yield Warehouse(shared_daemon, client)


@pytest.fixture
def shop(chromium: Browser, hall: Warehouse) -> Iterator[Screen]:
    """A window on that warehouse."""
    with open_screen(chromium, hall.daemon.url) as opened:
        yield opened


def serials_on(screen: Screen) -> list[str]:
    """Return the serials of the list, from above."""
    return screen.locator("table.list tbody td:nth-child(2)").all_inner_texts()


def path_of(serial: Any) -> str:
    return f"/serials/{serial['id']}"


@pytest.mark.seed("M27")
def test_an_empty_list_says_what_to_do_next(screen: Screen) -> None:
    screen.go("/serials").sees("No serial is known yet.").sees("Bring in serials").is_accessible()
    screen.go("/find").sees("Scan a label, or type what stands on it").is_accessible()


@pytest.mark.seed("M1")
@pytest.mark.seed("M2")
@pytest.mark.seed("M5")
@pytest.mark.seed("M6")
@pytest.mark.seed("M16")
@pytest.mark.seed("N24")
@pytest.mark.seed("N25")
def test_all_serials_are_listed_filtered_kept_as_a_view_and_exported(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive([{"serial": f"L{n}", "fields": {"grade": "AB"[n % 2]}} for n in range(1, 5)])
    hall.receive("L5", "LASER", location="YARD")
    hall.act("ship", "L2 L3", party="SMITH")
    hall.act("hold", "L4", reason="recall")
    shop.go("/serials?prefix=L").sees("In stock").sees("Shipped").sees("recall").is_accessible()
    assert serials_on(shop) == ["L1", "L2", "L3", "L4", "L5"]
    shop.fill("State", "shipped").click("Show").does_not_see("L1")
    assert serials_on(shop) == ["L2", "L3"]
    assert "state=shipped" in shop.page.url
    shop.click("More filters").fill("grade", "B").click("Show").does_not_see("L2")
    assert serials_on(shop) == ["L3"]
    shop.click("Show all").sees("L5").fill("Customer", "smith").click("Show").does_not_see("L1")
    assert serials_on(shop) == ["L3", "L2"]
    shop.click("Keep or export").fill("Keep these filters as a view called", "Smith's").click(
        "Keep"
    )
    shop.said("The view is kept.").go("/serials").sees("L5").click("Smith's").does_not_see("L1")
    assert serials_on(shop) == ["L3", "L2"]
    exported = hall.web.get("/lists/serials.csv?field.grade=B&sort=oldest").content.decode(
        "utf-8-sig"
    )
    assert [line.split(",")[:3] for line in exported.splitlines()[:3]] == [
        ["Serial", "Item", "State"], ["L1", "DRILL", "In stock"], ["L3", "DRILL", "Shipped"],
    ]  # fmt: skip
    shop.go("/serials?location=HALL&inside=1&prefix=L").sees("L1").does_not_see("L5")
    assert serials_on(shop) == ["L1", "L4"]
    shop.go("/serials?prefix=L&limit=2").click("Next page").sees("L3").does_not_see("L1")
    assert serials_on(shop) == ["L3", "L4"]
    # What was typed into a filter that names nothing stays, with the sentence that says so.
    shop.go("/serials").fill("Item", "DRIL").click("Show").sees("There is no item 'DRIL'.")
    assert shop.page.get_by_label("Item", exact=True).input_value() == "DRIL"


@pytest.mark.seed("M8")
def test_labels_of_ticked_serials_are_printed_and_others_are_moved_held_and_written_off(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive("T1 T2 T3")
    shop.go("/serials?prefix=T").tick("Tick T1").tick("Tick T3").click("Print labels…")
    shop.fill("Printer", "zebra").is_accessible()
    shop.locator("#bulk-serials-print").get_by_role("button", name="Print labels").click()
    shop.said("2 labels go to zebra.").sees("Job J", inside="#said")
    job = shop.locator("#said a").inner_text().removeprefix("Job ")
    hall.web.get(f"/v1/jobs/{job}?wait=30").raise_for_status()
    paper = hall.web.get("/v1/printers/zebra/paper").json()["items"]
    read = sorted(code["text"] for sheet in paper for code in sheet["codes"])
    assert [text for text in read if "T" in text] == [
        "(01)04012345678901(21)T1", "(01)04012345678901(21)T3",
    ]  # fmt: skip

    shop.tick("Tick T1").tick("Tick T2").click("Move…").fill("To which location", "A-02")
    shop.locator("#bulk-serials-transfer").get_by_role("button", name="Move").click()
    shop.said("2 serials were moved.")
    assert [hall.one(serial)["location"] for serial in ("T1", "T2", "T3")] == [
        "A-02", "A-02", "A-01",
    ]  # fmt: skip
    shop.tick("Tick T3").click("Hold…")
    shop.locator("#bulk-serials-hold").get_by_role("button", name="Hold").click()
    shop.said("needs a reason")
    # What was ticked still is, and the form is open: only the reason is missing.
    shop.fill("Why", "recall", inside="#bulk-serials-hold")
    shop.locator("#bulk-serials-hold").get_by_role("button", name="Hold").click()
    shop.said("1 serial is held.").sees("recall")
    # All or none: T1 is not held, so that neither is let go, and it says which.
    shop.tick("Tick T1").tick("Tick T3").click("Let go").said("Serial T1 is not held.")
    assert hall.one("T3")["held"] == "recall"
    shop.tick("Tick T1", on=False).tick("Tick T3", on=False)
    shop.tick("Tick T2").click("Write off…").fill("Why", "lost", inside="#bulk-serials-write_off")
    shop.locator("#bulk-serials-write_off").get_by_role("button", name="Write off").click()
    shop.click("Yes").said("1 serial is written off.").sees("Written off", inside="table")
    assert hall.one("T2")["state"] == "written_off"


def test_what_the_filters_let_through_on_all_pages_is_worked_with_at_once(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive("X1..X7", "LASER")
    hall.receive("X1", "DRILL")
    shop.go("/serials?prefix=X&item=LASER&limit=3").tick("and all on the other pages")
    shop.click("Move…").fill("To which location", "A-02")
    shop.locator("#bulk-serials-transfer").get_by_role("button", name="Move").click()
    shop.sees("Move: this is done to all 7 rows, on all pages.").is_accessible()
    shop.click("No, leave it as it is").sees("Next page")
    assert hall.names(prefix="X", location="A-02") == []
    shop.tick("and all on the other pages").click("Move…").fill("To which location", "NOWHERE")
    shop.locator("#bulk-serials-transfer").get_by_role("button", name="Move").click()
    shop.click("Yes, do it").said("There is no location 'NOWHERE'.").sees("Next page")
    shop.fill("To which location", "A-02")
    shop.locator("#bulk-serials-transfer").get_by_role("button", name="Move").click()
    shop.click("Yes, do it").said("7 serials were moved.").sees("Next page")
    assert hall.names(prefix="X", location="A-02") == [f"X{n}" for n in range(1, 8)]
    assert hall.one("X1")["location"] == "A-01"


@pytest.mark.seed("M3")
@pytest.mark.seed("M4")
@pytest.mark.seed("N3")
@pytest.mark.seed("N5")
@pytest.mark.seed("A4")
def test_a_serials_card_and_its_whole_history(hall: Warehouse, shop: Screen) -> None:
    hall.receive("H1", party="ACME", lot="LOT-7", cost={"amount": 1250, "currency": "EUR"})
    hall.act("ship", "H1", party="SMITH", price={"amount": 4990, "currency": "EUR"})
    shop.go(path_of(hall.one("H1"))).sees("It is with a customer.").is_accessible()
    for fact in ("DRILL", "SMITH", "ACME", "LOT-7", "12.50 EUR", "49.90 EUR", "days left"):
        shop.sees(fact, inside="#serial-card")
    steps = shop.locator(".timeline > li").all_inner_texts()
    assert [step.split()[0] for step in steps] == ["Shipped", "Received"]
    assert "A-01 → away" in steps[0]
    assert "Price: 49.90 EUR" in steps[0]
    assert "Cost: 12.50 EUR" in steps[1]
    # Somebody else takes it back meanwhile: the page that is open shows it by itself.
    hall.act("return", "H1", location="Q", reason="damaged")
    shop.sees("It is back from a customer", inside="#serial-card").sees("Why: damaged")
    assert "registry:" not in shop.locator("main").inner_text()


def test_what_may_be_done_is_a_button_and_the_last_step_is_taken_back(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive("D1 D2")
    card = path_of(hall.one("D1"))
    shop.go(card).click("Move…").fill("To which location", "A-0")
    offered = shop.locator("#act-transfer datalist option")
    expect(offered).to_have_count(2)  # what begins so; no page has all of a thousand bins in it
    assert [one.get_attribute("value") for one in offered.all()] == ["A-01", "A-02"]
    shop.fill("To which location", "NOWHERE")
    shop.locator("#act-transfer button").click()
    shop.said("There is no location 'NOWHERE'.")
    assert shop.page.get_by_label("To which location").input_value() == "NOWHERE"
    shop.fill("To which location", "A-02").locator("#act-transfer button").click()
    shop.said("D1 was moved.").sees("A-01 → A-02").is_accessible()
    shop.click("Undo this step").sees("stays in the record", inside="#sure").click("Cancel")
    assert hall.one("D1")["location"] == "A-02"
    shop.click("Undo this step").click("Yes").said("The step is undone.")
    assert hall.one("D1")["location"] == "A-01"
    # Now the step before it can be undone, and the question says that another serial came with it.
    shop.click("Undo this step").sees("for 1 other serial, too", inside="#sure").click("Cancel")
    shop.click("Reject…").fill("Why", "bent", inside="#act-reject").fill(
        "Location", "Q", inside="#act-reject"
    ).locator("#act-reject button").click()
    shop.said("D1 is rejected.").sees("It is here and was found bad.")
    shop.click("Correct the serial…").fill("The right serial", "D9").fill(
        "Why", "misread", inside="#act-rename"
    ).locator("#act-rename button").click()
    shop.said("The serial is corrected.").sees("Also called").at(card)
    assert shop.locator("h1").inner_text() == "D9"
    shop.click("Accept…").locator("#act-accept button").click()
    shop.said("D9 was found good.")
    assert (hall.one("D9")["state"], hall.one("D9")["location"]) == ("received", "Q")


@pytest.mark.seed("M7")
@pytest.mark.seed("N22")
@pytest.mark.seed("N23")
def test_custom_fields_are_edited_in_place_and_nobody_overwrites_what_another_wrote(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive("N1")
    one = hall.one("N1")
    shop.go(path_of(one)).fill("grade", "B").fill("Memo", "dented").click("Keep the notes")
    shop.said("The notes of N1 are kept.").sees("grade: B").sees("Memo: dented")
    again = hall.one("N1")
    assert (again["fields"], again["memo"]) == ({"grade": "B"}, "dented")
    # A colleague changes it while the form is being filled in.
    changed = hall.web.patch(f"/v1/serials/{one['id']}", json={"fields": {"grade": "A"}})
    assert changed.is_success
    shop.fill("Memo", "dented and repaired").click("Keep the notes").said(
        "local changed serial N1 meanwhile"
    )
    assert shop.page.get_by_label("Memo", exact=True).input_value() == "dented and repaired"
    assert hall.one("N1")["memo"] == "dented"
    shop.fill("grade", "A").click("Keep the notes").said("The notes of N1 are kept.")
    kept = hall.one("N1")
    assert (kept["fields"], kept["memo"]) == ({"grade": "A"}, "dented and repaired")
    shop.fill("grade", "").click("Keep the notes").sees("grade: A → nothing")
    assert hall.one("N1")["fields"] == {}


@pytest.mark.seed("A5")
@pytest.mark.seed("M26")
def test_a_code_leads_where_it_means_and_a_mistyped_one_to_what_looks_like_it(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive("F10021 F10022")
    hall.receive("F10021", "LASER")
    drill = hall.one("F10022")
    shop.go("/serials").page.locator("h1").click()
    shop.scan("f10022").at(path_of(drill)).sees("F10022")
    shop.go("/serials").page.locator("h1").click()
    shop.scan(f"GW-{drill['id']}").at(path_of(drill))
    shop.scan("SMITH", end="Tab")  # typed without a field: it lands in the box, and waits there
    assert shop.page.locator("#find").input_value() == "SMITH"
    # Two items have the serial: it says so, and which is which.
    shop.go("/find?q=F10021").sees("2 things are called so.").is_accessible()
    shop.sees("LASER", inside=".cards").sees("DRILL", inside=".cards")
    shop.page.locator(".cards .card", has_text="LASER").get_by_role("link", name="Open").click()
    shop.sees("Other items have a serial F10021, too:").sees("F10021 of DRILL")
    # Two digits swapped, and a letter for a digit: shown, and not taken for it.
    shop.go("/find?q=F10202").sees("Nothing here is called exactly “F10202”.")
    shop.sees("F10022", inside="#similar").is_accessible()
    shop.click("F10022", inside="#similar").at(path_of(drill))
    shop.go("/find?q=F100").sees("Serials that begin so").sees("LASER", inside="#beginnings")
    shop.go("/find?q=zzz9").sees("Look at the label again")
    made = hall.web.post("/v1/serials/print", json={"printer": "zebra", "ids": [drill["id"]]})
    job = made.json()["id"]
    answer = httpx.get(f"{hall.daemon.url}/find?q={job.lower()}", trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/jobs/{job}")


def test_two_lives_and_what_is_built_into_what_are_told_apart(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive("W1")
    first = hall.one("W1")
    hall.act("ship", "W1", party="JONES")
    hall.receive("W1")
    second = hall.one("W1")
    shop.go(path_of(second)).sees("This is life 2 of W1").is_accessible()
    shop.click("Life 1").at(path_of(first)).sees("It is with a customer.").sees("JONES")
    hall.receive("RB1", "ROBOT")
    hall.receive("ARM1", "LASER")
    hall.act("consume", "W1", parent=hall.one("ARM1", "LASER")["id"])
    hall.act("consume", "ARM1", "LASER", parent=hall.one("RB1", "ROBOT")["id"])
    shop.go(path_of(hall.one("RB1", "ROBOT"))).click("Parts and assembly").is_accessible()
    assert shop.locator(".tree > li > .tree > li").inner_text().split()[:3] == ["W1", "·", "DRILL"]
    shop.click("W1", inside=".tree .tree").sees("Built in").click("Where it is built in")
    shop.sees("ARM1").sees("RB1")


def test_a_label_in_doubt_holds_its_serial_until_somebody_has_looked_at_the_paper(
    hall: Warehouse, shop: Screen
) -> None:
    paused = {"url": "tcp://127.0.0.1:9100", "media": {"width": 100_000, "height": 50_000}}
    hall.web.put("/v1/printers/dock", json=paused).raise_for_status()
    hall.web.post("/v1/printers/dock/pause").raise_for_status()
    hall.receive("U1")
    one = hall.one("U1")
    body = {"printer": "dock", "ids": [one["id"]]}
    made = hall.web.post("/v1/serials/print", json=body).json()
    parts = hall.daemon.gateway.parts
    dock = parts.printers.find("dock").id
    (label,) = hall.web.get(made["links"]["labels"]).json()["items"]
    key = int(label["id"][1:])
    parts.jobs.record(dock, [Step(key, Event.CLAIM, marker="M", counter_before=7)])
    parts.jobs.record(dock, [Step(key, Event.HAND_OVER)])
    parts.jobs.record(dock, [Step(key, Event.DOUBT, because="no power")])
    shop.go("/serials?label=uncertain").sees("Label in doubt").click("U1")
    shop.sees("Nobody has said yet whether its label was printed.").does_not_see("Ship…")
    shop.click("Answer for the label").sees(f"Is label {label['id']} on paper?").is_accessible()
    shop.click("Yes, it is printed").said("The label is on paper.").sees("Ship…")
    assert hall.one("U1")["label"] == "printed"


@pytest.mark.seed("N22")
def test_a_bad_lot_is_followed_to_where_it_is_and_what_is_here_is_held(
    hall: Warehouse, shop: Screen
) -> None:
    hall.receive("B1 B2 B3", "LASER", lot="BAD")
    hall.receive("BOT", "ROBOT")
    hall.act("consume", "B1", "LASER", parent=hall.one("BOT", "ROBOT")["id"])
    hall.act("ship", "BOT", "ROBOT", party="SMITH")
    hall.act("ship", "B2", "LASER", party="JONES")
    shop.go("/recall").sees("Which pieces are bad?").is_accessible()
    shop.fill("Item", "LASER").fill("Lot", "BAD").click("Show").sees("4 serials are or hold one")
    assert serials_on(shop) == ["B1", "B2", "B3", "BOT"]
    shop.sees("holds one of them").sees("JONES 1").sees("SMITH 1").is_accessible()
    shop.click("Hold all that are here").click("Yes").said("Held: 1.")
    assert [hall.one(serial, "LASER")["held"] for serial in ("B1", "B2", "B3")] == [
        None, None, "recall",
    ]  # fmt: skip
    shop.fill("Lot", "GOOD").click("Show").sees("The item has no lot 'GOOD'.")


def test_serials_are_worked_with_on_a_handheld_in_the_dark(
    chromium: Browser, hall: Warehouse
) -> None:
    hall.receive("P1 P2")
    with open_screen(chromium, hall.daemon.url, width=320, height=640, color_scheme="dark") as hand:
        hand.go("/serials?prefix=P").sees("P1").is_accessible()
        hand.click("P1", inside="table").sees("What to do with it").is_accessible()
        hand.click("Move…").fill("To which location", "A-02").is_accessible()
        hand.locator("#act-transfer button").click()
        hand.said("P1 was moved.").click("Labels").sees("No label was printed for it yet.")
        hand.fill("Printer", "zebra").click("Show it").sees("Copies")
        hand.page.wait_for_url("**printer=zebra**")
        width = "one => one.decode().then(() => one.naturalWidth)"
        assert hand.locator("img.picture").evaluate(width) > 100
        hand.is_accessible().fill("Copies", "2").click("Print", inside="main")
        hand.said("The label goes to zebra.").sees("printed", inside="#serial-labels")
        hand.go("/find?q=P").sees("Serials that begin so").is_accessible()
