"""What all lists do, without a browser: export of any length."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from gateway.console import lists
from tests.api.conftest import connect, make_key
from tests.api.registry.conftest import Warehouse, furnish

if TYPE_CHECKING:
    from tests.conftest import Daemon


def test_a_long_list_is_exported_whole_as_it_is_filtered_and_sorted(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.gateway.parts.database.run(furnish)
    with connect(daemon) as web:
        hall = Warehouse(daemon, web)
        hall.receive("E0001..E1203")
        hall.receive("=1+1", "LASER")
        hall.act("ship", "E0002", party="SMITH")
        answer = web.get("/lists/serials.csv?item=DRILL&state=received&sort=oldest")
        assert answer.headers["content-disposition"] == 'attachment; filename="serials.csv"'
        assert answer.content.startswith(b"\xef\xbb\xbfSerial,Item,State,")
        lines = answer.content.decode("utf-8-sig").split("\r\n")
        assert "\ufeff" not in "".join(lines)
        assert [line.split(",")[0] for line in lines] == [
            "Serial", "E0001", *(f"E{n:04}" for n in range(3, 1204)), "",
        ]  # fmt: skip
        newest = web.get("/lists/serials.csv").content.decode("utf-8-sig").split("\r\n")
        assert [line.split(",")[:3] for line in newest[1:3]] == [
            ["'=1+1", "LASER", "In stock"], ["E1203", "DRILL", "In stock"],
        ]  # fmt: skip
        sheet = load_workbook(io.BytesIO(web.get("/lists/serials.xlsx?state=shipped").content))
        assert [row[:3] for row in sheet["Table"].iter_rows(values_only=True)] == [
            ("Serial", "Item", "State"), ("E0002", "DRILL", "Shipped"),
        ]  # fmt: skip
        monkeypatch.setattr(lists, "MOST_KEPT", 1000)
        refused = web.get("/lists/serials.xlsx")
        assert refused.status_code == 422
        assert "export it as CSV, or set filters" in refused.text
        assert web.get("/lists/serials.csv?item=NOPE").status_code == 404


def test_who_may_only_read_is_offered_nothing_else(daemon: Daemon) -> None:
    daemon.gateway.parts.database.run(furnish)
    with connect(daemon) as web:
        hall = Warehouse(daemon, web)
        hall.receive("R1")
        card = f"/serials/{hall.one('R1')['id']}"
        assert "Write off" in web.get("/serials").text
        assert "Write off" in web.get(card).text
    with connect(daemon, make_key(daemon, "reader", "read")) as reader:
        for page in ("/serials", card, "/recall?serial=R1"):
            seen = reader.get(page)
            assert (page, seen.status_code, "R1" in seen.text) == (page, 200, True)
            for act in ("Write off", "Hold", "Keep the notes", "Undo this step", "Correct the"):
                assert (page, act, act + "…" in seen.text, act + "</button>" in seen.text) == (
                    page, act, False, False,
                )  # fmt: skip
        body = "_bulk=hold&hold.reason=x&_ids=" + card.rpartition("/")[2]
        refused = reader.post(
            "/lists/serials/bulk", content=body,
            headers={"content-type": "application/x-www-form-urlencoded", "origin": daemon.url},
        )  # fmt: skip
        assert refused.status_code == 303
    with connect(daemon) as web:
        assert web.get(f"/v1{card}").json()["held"] is None
