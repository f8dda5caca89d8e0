"""Many labels from a table and from the registry: columns named, looked at, printed, mended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium

TABLE = """Seriennummer;Bezeichnung;Menge
A1;Wrench;2
A2;A drill with a name that is longer than the other;1
;Nobody;1
"""


@pytest.mark.seed("M23")
def test_a_table_and_serials_of_an_item_become_labels_that_were_seen_first(
    daemon: Daemon, screen: Screen, tmp_path: Path
) -> None:
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as web:
        file = tmp_path / "monday.csv"
        file.write_text(TABLE, "utf-8")
        screen.go("/templates/serial/batch").is_accessible().upload("File", file)
        screen.click("Go on to the columns").sees("Which column goes where?").is_accessible()
        chosen = screen.page.get_by_label("Serial number needed")
        assert chosen.input_value() == "Seriennummer"
        assert screen.locator("[name=copies_from]").input_value() == "Menge"
        screen.click("Look at the labels").sees("This is what would be printed")
        screen.sees("The first: A1").sees("The longest: A2").sees("Nobody").is_accessible()
        pictures = screen.locator("img.picture")
        assert [one.evaluate("image => image.naturalWidth") for one in pictures.all()] == [800, 800]
        assert web.get("/v1/jobs").json()["items"] == []
        with screen.page.expect_download() as saved:
            screen.click("Refused rows as CSV")
        lines = saved.value.path().read_text("utf-8-sig").splitlines()
        assert lines[0] == "row,cause,Seriennummer,Bezeichnung,Menge"
        assert len(lines) == 2

        screen.click("Change it").sees("Which column goes where?")
        assert chosen.input_value() == "Seriennummer"
        screen.page.get_by_label("Lot", exact=True).select_option("Menge")
        screen.click("Look at the labels").click("Change it")
        assert screen.page.get_by_label("Lot", exact=True).input_value() == "Menge"
        screen.page.get_by_label("Lot", exact=True).select_option("")
        screen.click("Look at the labels").sees("This is what would be printed")
        looked_at = screen.page.url.removeprefix(daemon.url)
        screen.click("Print 3 labels, leave out the refused rows").sees("3 labels are accepted")
        (job,) = web.get("/v1/jobs").json()["items"]
        assert (job["labels"], job["title"]) == (3, "Serial of the registry: monday.csv")
        web.get(f"/v1/jobs/{job['id']}?wait=30")
        sheets = web.get("/v1/printers/zebra/paper").json()["items"]
        assert [one["codes"][0]["text"] for one in reversed(sheets)] == ["A1", "A1", "A2"]
        screen.go(looked_at).click("Print 3 labels, leave out the refused rows").sees(
            "3 labels are accepted"
        )
        assert len(web.get("/v1/jobs").json()["items"]) == 1  # the same button prints once

        web.put("/v1/locations/MAIN", json={"kind": "site"})
        web.put("/v1/items/DRILL", json={"name": "Bench drill", "tracking": "serial"})
        web.post("/v1/serials/actions", json={"action": "receive", "item": "DRILL",
                                              "serials": "S1..S5", "location": "MAIN"})  # fmt: skip
        screen.go("/templates/serial/batch").click("Serials", inside="main")
        screen.fill("Item number", "DRILL").is_accessible()
        screen.click("Look at the labels").sees("The first: S1")
        screen.click("Print 5 labels").sees("5 labels are accepted")
        states = {one["label"] for one in web.get("/v1/serials?item=DRILL").json()["items"]}
        assert "none" not in states


def test_a_table_or_a_filter_that_is_none_says_why(
    shared_daemon: Daemon,
) -> None:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=60) as web:
        lost = web.post("/templates/serial/batch", data={"text": "a,b\n1,2,3\n"}, files={"x": b""})
        assert lost.status_code == 422
        assert "the row has 3 cells and the heading 2" in lost.text
        assert "a,b\n1,2,3" in lost.text
        nothing = web.get("/templates/nothing/batch")
        assert nothing.status_code == 404
        form = {"about": "serial", "printer": "zebra", "f.item": "NOBODY"}
        asked = web.post("/templates/serial/batch/check", data=form, follow_redirects=True)
        assert "There is no item" in asked.text
