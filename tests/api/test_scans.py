"""Scans over HTTP: acted on once, explained, listed, and the label of what was received printed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from gateway.codes.commands import write_command
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon


class Floor:
    """A gateway with a station, a virtual printer and a few things."""

    def __init__(self, web: httpx.Client) -> None:
        self.web = web

    def scan(self, code: str, status: int = 200, **more: Any) -> Any:
        answer = self.web.post("/v1/scans", json={"code": code, "station": "desk", **more})
        assert answer.status_code == status, answer.text
        return answer.json()

    def command(self, verb: str, arg: str = "") -> Any:
        return self.scan(write_command(verb, arg))


@pytest.fixture
def floor(daemon: Daemon) -> Iterator[Floor]:
    with connect(daemon) as web:
        for path, body in (
            ("/v1/printers/zebra", {"url": "virtual:", "media": {"width": 100_000,
                                                                 "height": 50_000}}),
            ("/v1/locations/A-01", {"kind": "bin"}),
            ("/v1/items/DRILL", {"tracking": "serial", "gtin": "09501101530003"}),
            ("/v1/stations/desk", {"location": "A-01", "printer": "zebra"}),
        ):  # fmt: skip
            assert web.put(path, json=body).is_success, path
        yield Floor(web)


@pytest.mark.both_databases
def test_a_piece_is_received_and_its_label_is_on_paper_in_one_hop(floor: Floor) -> None:
    assert floor.command("MODE", "RECEIVE")["outcome"] == "done"
    assert floor.scan("DRILL")["view"]["mode"]["asks"].startswith("Scan the serial")
    said = floor.scan("SN-1", source="page", sequence=1)
    assert (said["outcome"], said["sentence"]) == (
        "done", "DRILL SN-1 received at A-01. Its label prints.",
    )  # fmt: skip
    job = floor.web.get(f"/v1/jobs/{said['job']}?wait=30").json()
    assert job["state"] == "done"
    (sheet,) = floor.web.get("/v1/printers/zebra/paper").json()["items"]
    assert [code["text"] for code in sheet["codes"]] == ["(01)09501101530003(21)SN-1"]
    again = floor.scan("SN-1", source="page", sequence=1)
    assert again["replayed"] is True
    assert {**again, "replayed": False} == said
    assert len(floor.web.get("/v1/printers/zebra/paper").json()["items"]) == 1
    (row,) = floor.web.get("/v1/scans?limit=1").json()["items"]
    assert (row["code"], row["outcome"], row["station"]) == ("SN-1", "done", "desk")


def test_a_piece_is_received_where_the_stations_printer_was_deleted(floor: Floor) -> None:
    floor.web.delete("/v1/printers/zebra").raise_for_status()
    floor.command("MODE", "RECEIVE")
    floor.scan("DRILL")
    said = floor.scan("SN-1")
    assert (said["outcome"], said["sentence"], said["job"]) == (
        "look",
        "DRILL SN-1 received at A-01. No label: The printer of station desk was deleted; give the "
        "station another.",
        None,
    )


def test_a_code_is_explained_step_by_step(floor: Floor) -> None:
    body = {"code": "]C1010950110153000321SN-9"}
    said = floor.web.post("/v1/scans/resolve", json=body).json()
    assert said["reading"]["form"] == "gs1"
    assert [step["step"] for step in said["steps"]] == ["form", "item", "serial", "choose"]
    assert said["candidates"] == [
        {"kind": "new", "name": "SN-9", "by": "gs1", "item": "DRILL", "id": None, "state": None,
         "location": None},
    ]  # fmt: skip
    assert floor.web.get("/v1/scans").json()["items"] == []


def test_a_scan_without_a_station_is_looked_up(floor: Floor) -> None:
    answer = floor.web.post("/v1/scans", json={"code": "DRILL"}).json()
    assert (answer["outcome"], answer["cards"][0]["title"], answer["view"]) == (
        "done", "DRILL", None,
    )  # fmt: skip


def test_a_scan_that_is_no_text_is_a_wrong_request(floor: Floor) -> None:
    assert floor.scan("A", 422, sequence=1)["detail"].startswith("A 'sequence' needs a 'source'")
    assert floor.web.post("/v1/scans", json={"code": 7}).status_code == 422
    assert floor.scan("A", 422, stations="desk")["detail"].startswith("A scan")
    assert floor.scan("A", 404, station="nowhere")


def test_a_key_with_the_scope_scan_may_look_up_and_not_receive(
    floor: Floor, daemon: Daemon
) -> None:
    with connect(daemon, make_key(daemon, "phone", "scan")) as phone:
        phone.post("/v1/scans", json={"code": write_command("MODE", "RECEIVE"), "station": "desk"})
        phone.post("/v1/scans", json={"code": "DRILL", "station": "desk"})
        said = phone.post("/v1/scans", json={"code": "SN-1", "station": "desk"}).json()
    assert (said["outcome"], said["code"]) == ("refused", "permission_denied")
    with connect(daemon, make_key(daemon, "reader", "read")) as reader:
        assert reader.post("/v1/scans", json={"code": "DRILL"}).status_code == 403


def test_a_scan_is_in_the_feed_with_what_it_came_to(floor: Floor, daemon: Daemon) -> None:
    said = floor.scan("NOBODY")
    entry = daemon.gateway.parts.database.read(
        "SELECT kind, subject, body FROM feed ORDER BY seq DESC LIMIT 1"
    )[0]
    assert entry[:2] == ("scan.refused", "stations/desk")
    assert f'"id":{said["id"]}' in entry[2]


def test_a_badge_is_explained_as_what_a_station_does_with_it(floor: Floor) -> None:
    assert floor.web.put("/v1/operators/B-7", json={"name": "Ann"}).is_success
    said = floor.web.post("/v1/scans/resolve", json={"code": "B-7"}).json()
    assert (said["outcome"], said["sentence"]) == (
        "done", "A station takes it for the badge of Ann, and signs them in.",
    )  # fmt: skip


@pytest.mark.both_databases
def test_scans_are_found_by_how_they_ended_who_scanned_where_and_when(
    floor: Floor, daemon: Daemon
) -> None:
    web = floor.web
    web.put("/v1/operators/B-1", json={"name": "Ann"}).raise_for_status()
    web.put("/v1/stations/other", json={}).raise_for_status()
    floor.scan("B-1")
    floor.scan("UNKNOWN-1")
    floor.scan("UNKNOWN-2", station="other")

    def codes(query: str) -> list[str]:
        found = web.get(f"/v1/scans?{query}")
        assert found.status_code == 200, found.text
        return [one["code"] for one in found.json()["items"]]

    assert codes("outcome=refused") == ["UNKNOWN-2", "UNKNOWN-1"]
    assert codes("outcome=refused&limit=1") == ["UNKNOWN-2"]
    assert codes("operator=Ann") == ["UNKNOWN-1", "B-1"]
    assert codes("operator=Ann&station=other") == []
    assert codes("station=other") == ["UNKNOWN-2"]
    newest = web.get("/v1/scans?limit=1").json()["items"][0]
    zone = ZoneInfo(daemon.gateway.parts.zone())
    today = datetime.fromisoformat(newest["at"]).astimezone(zone).date()
    assert codes(f"day={today}") == ["UNKNOWN-2", "UNKNOWN-1", "B-1"]
    assert codes(f"day={today}&outcome=refused&operator=Ann&station=desk") == ["UNKNOWN-1"]
    assert codes(f"day={today - timedelta(days=3)}") == []
    assert codes("scanner=") == codes("")
    for query, sentence in (
        ("outcome=well", "A scan ends done, look, refused, asked, never 'well'."),
        ("day=yesterday", "'day' must be a day such as 2026-03-31, got 'yesterday'."),
    ):
        refused = web.get(f"/v1/scans?{query}")
        assert (refused.status_code, refused.json()["detail"]) == (422, sentence)


def test_a_scan_is_looked_at_with_its_bytes_and_what_was_said(floor: Floor) -> None:
    floor.web.put("/v1/scanners/ring", json={"url": "virtual:", "station": "desk"})
    floor.web.post("/v1/scanners/ring/scan", json={"code": "A\x1dB"}).raise_for_status()
    (row,) = floor.web.get("/v1/scans?scanner=ring").json()["items"]
    said = floor.web.get(f"/v1/scans/{row['id']}").json()
    assert (said["bytes"], said["keys"]) == (b"A\x1dB\r".hex(), False)
    assert {name: said[name] for name in row} == row
    assert said["sentence"] == "Nothing here is called A\x1dB."
    gone = floor.web.get("/v1/scans/999999")
    assert (gone.status_code, gone.json()["detail"]) == (
        404, "There is no scan 999999; old ones are deleted in time.",
    )  # fmt: skip


def test_the_bytes_of_a_pin_are_kept_nowhere(floor: Floor) -> None:
    floor.web.put("/v1/operators/B-1", json={"name": "Ann", "pin": "4711"}).raise_for_status()
    floor.scan("B-1")
    said = floor.scan("4711")
    kept = floor.web.get(f"/v1/scans/{said['id']}").json()
    assert (kept["code"], kept["bytes"]) == ("••••", "")
    assert "4711" not in str(kept)
