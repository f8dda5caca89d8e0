"""Bringing in data: columns named, rows checked before anything changes, taken, stopped, mended."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import httpx
import pytest

from gateway.registry.tables import write_xlsx
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium

SOON = 20.0

ITEMS = """Artikel-Nr.;Bezeichnung;EAN;Farbe
BIT;Bit set;4006381333931;red
BAD;Wrong;4006381333932;
CASE;Case;;blue
"""


@pytest.mark.seed("E34")
def test_a_table_of_another_system_comes_in_with_its_columns_named(
    daemon: Daemon, screen: Screen, tmp_path: Path
) -> None:
    web = httpx.Client(base_url=daemon.url, trust_env=False, timeout=60)
    with web:
        web.put("/v1/locations/MAIN", json={"kind": "site"})
        file = tmp_path / "artikel.csv"
        file.write_text(ITEMS, "utf-8")
        screen.go("/import").is_accessible().upload("File", file)
        screen.click("Go on to the columns").sees("Bring in artikel.csv").sees("not used")
        screen.is_accessible()
        chosen = screen.page.get_by_label("Name", exact=True)
        assert chosen.input_value() == "Bezeichnung"
        screen.locator("[name='v.tracking']").select_option("serial")
        screen.click("Check the rows").sees("This is what would come of it").sees("2 New")
        screen.sees("1 Refused").sees("BAD").is_accessible()
        assert web.get("/v1/items").json()["items"] == []

        with screen.page.expect_download() as saved:
            screen.click("Refused rows as CSV")
        lines = saved.value.path().read_text("utf-8-sig").splitlines()
        assert lines[0] == "row,cause,Artikel-Nr.,Bezeichnung,EAN,Farbe"
        assert len(lines) == 2

        screen.click("Bring in 2 good rows, leave out the refused").said("2 rows were new")
        screen.sees("It is in").is_accessible()
        items = web.get("/v1/items").json()["items"]
        assert [(one["sku"], one["name"], one["tracking"]) for one in items] == [
            ("BIT", "Bit set", "serial"), ("CASE", "Case", "serial"),
        ]  # fmt: skip

        # The same heading again: the columns, and what was said for all rows, are remembered.
        screen.go("/import").fill(
            "Or paste rows here", "Artikel-Nr.\tBezeichnung\tEAN\tFarbe\nNEW\tN\t\t"
        )
        screen.click("Go on to the columns").sees("What was pasted")
        assert screen.locator("[name='v.tracking']").input_value() == "serial"
        screen.click("Check the rows").click("Bring in 1 row").said("1 rows were new or changed")
        assert web.get("/v1/items/NEW").json()["tracking"] == "serial"

        # Opening serials, from a workbook, by the guess alone.
        book = tmp_path / "bestand.xlsx"
        rows = [["BIT", f"SN-{n:03}", "MAIN"] for n in range(40)]
        book.write_bytes(b"".join(write_xlsx(("Artikel", "Seriennummer", "Lagerort"), rows)))
        screen.go("/import").page.get_by_role("radio", name="Serials and stock on hand").check()
        screen.upload("File", book).click("Go on to the columns").click("Check the rows")
        screen.sees("40 New").click("Bring in 40 rows").said("40 rows were new")
        assert len(web.get("/v1/items/BIT/serials?limit=500").json()["items"]) == 40


def test_a_file_that_is_no_table_says_so_and_templates_are_ones(
    shared_daemon: Daemon,
) -> None:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=60) as web:
        web.put("/v1/locations/A-01", json={"kind": "site"})
        refused = web.post(
            "/import",
            data={"what": "stock"},
            files={"file": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
        )
        assert refused.status_code == 400
        assert "save it without one as .xlsx or CSV" in refused.text
        lost = web.post("/import", data={"what": "stock", "text": "a,b\n1,2,3\n"}, files={"x": b""})
        assert "the row has 3 cells and the heading 2" in lost.text
        assert "a,b\n1,2,3" in lost.text
        for what in ("locations", "items", "parties", "stock", "orders"):
            template = web.get(f"/import/template/{what}.csv").content
            done = web.post(f"/v1/imports/{what}", content=template).json()
            assert done.get("counts", {}).get("refused") == 0, done
        # What is taken out on this page comes in again as the same.
        page = web.get("/import").text
        for link in ("/v1/exports/items?format=csv", "/v1/exports/locations?format=xlsx"):
            assert link in page
            what = link.split("/")[3].partition("?")[0]
            counts = web.post(f"/v1/imports/{what}", content=web.get(link).content).json()["counts"]
            assert (counts["new"], counts["changed"], counts["refused"]) == (0, 0, 0)


def test_a_long_import_is_watched_and_stopped(
    daemon: Daemon, screen: Screen, tmp_path: Path
) -> None:
    parts = daemon.gateway.parts
    screen.go("/import?what=items")
    rows = "".join(f"SKU-{n:04},Item {n}\n" for n in range(3000))
    file = tmp_path / "items.csv"
    file.write_text(f"sku,name\n{rows}", "utf-8")
    screen.upload("File", file).click("Go on to the columns")
    screen.click("Check the rows").click("Bring in 3,000 rows").sees("It is in").sees("3,000 New")
    go = threading.Event()
    screen.go("/import?what=items")
    file.write_text(f"sku,name\n{rows}".replace("Item", "Thing"), "utf-8")
    screen.upload("File", file).click("Go on to the columns")
    screen.click("Check the rows").sees("3,000 Would change")
    held = parts.database.submit(lambda t: go.wait(SOON))  # whoever writes has to wait
    screen.click("Bring in 3,000 rows").sees("The rows are being taken").click("Stop")
    screen.sees("Is being stopped")
    go.set()
    held.result(SOON)
    screen.sees("It was stopped; nothing was changed.")
    name = httpx.get(f"{daemon.url}/v1/items/SKU-0007", trust_env=False).json()["name"]
    assert name == "Item 7"


@pytest.mark.seed("M27")
def test_examples_are_taken_from_an_empty_page_and_removed_in_one_touch(
    daemon: Daemon, screen: Screen
) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as web:
        screen.go("/start").sees("Take examples to try").is_accessible()
        screen.go("/items").sees("There is no item yet.").is_accessible()
        screen.click("Take examples to try").said("The examples are here").is_accessible()
        screen.go("/items").sees("Example: cordless drill").does_not_see("Take examples to try")
        screen.click("EX-DRILL").sees("EX-0003").click("Example", inside="main").at("/examples")

        # Real work was mixed in: nothing is removed, and it is named.
        web.put("/v1/items/SAW", json={}).raise_for_status()
        lines = [{"item": sku, "quantity": 1} for sku in ("SAW", "EX-SCREW")]
        web.put("/v1/documents/sales_order/SO-9", json={"lines": lines}).raise_for_status()
        screen.click("Remove the examples").click("Yes").said("SO-9")
        assert web.get("/v1/examples").json()["there"] is True

        del lines[1]
        web.put("/v1/documents/sales_order/SO-9", json={"lines": lines}).raise_for_status()
        screen.click("Remove the examples").click("Yes").said("The examples are gone")
        screen.sees("Make the examples").is_accessible()
        assert [one["sku"] for one in web.get("/v1/items").json()["items"]] == ["SAW"]
        assert web.get("/v1/serials").json()["items"] == []
