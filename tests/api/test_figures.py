"""Figures, the feed as a list, printers that wait for an answer: what screens ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from gateway.jobs import Event
from gateway.ledger import Step
from tests.api.conftest import DOCK, connect, order

if TYPE_CHECKING:
    from tests.conftest import Daemon

pytestmark = pytest.mark.both_databases

LOST = "The printer lost power on the way."


def print_on_dock(web: httpx.Client, daemon: Daemon, labels: int, *steps: Event) -> dict[str, Any]:
    """Send labels to the paused printer, and write down what its thread would of each."""
    parts = daemon.gateway.parts
    serials = [f"S{n}" for n in range(labels)]
    job: dict[str, Any] = web.post("/v1/jobs", json=order(*serials)).json()
    dock = parts.printers.find("dock").id
    rows = web.get(f"/v1/jobs/{job['id']}/labels").json()["items"]
    for row, event in zip(rows, steps, strict=True):
        key = int(row["id"][1:])
        parts.jobs.record(dock, [Step(key, Event.CLAIM, marker="M", counter_before=7)])
        evidence = "odometer" if event is Event.PROVE else None
        because = f"Label {key} of 'dock' is in doubt." if event is Event.DOUBT else None
        parts.jobs.record(dock, [Step(key, event, evidence, because)])
    return job


def figures(web: httpx.Client, **query: Any) -> Any:
    answer = web.get("/v1/figures", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def series(figures: dict[str, Any]) -> dict[str, int]:
    return {one["name"]: one["total"] for one in figures["series"]}


def test_labels_are_counted_by_printer_and_trouble_by_its_cause(daemon: Daemon) -> None:
    with connect(daemon) as web:
        web.put("/v1/printers/dock", json=DOCK)
        web.post("/v1/printers/dock/pause")
        print_on_dock(web, daemon, 4, Event.PROVE, Event.PROVE, Event.DOUBT, Event.DOUBT)
        assert series(figures(web, what="labels")) == {"dock": 2}
        # Two labels, two sentences with numbers and names of their own, one cause.
        assert series(figures(web, what="uncertain")) == {"Label … of … is in doubt.": 2}
        (asked,) = web.get("/v1/questions").json()["items"]
        assert (asked["printer"], asked["labels"]) == ("dock", 2)
        assert asked["question"] == (
            "Look at the paper of dock: which of these 2 labels is the last on it?"
        )
        last = web.get("/v1/printers/dock/question").json()["labels"][-1]["id"]
        web.post("/v1/printers/dock/answer", json={"last_printed": last, "rest": "drop"})
        # What a person saw on paper is on paper.
        assert series(figures(web, what="labels")) == {"dock": 4}
        assert web.get("/v1/questions").json()["items"] == []
        for station, code in (("desk", "X1"), ("desk", "X2"), (None, "X3")):
            if station:
                web.put(f"/v1/stations/{station}", json={})
            web.post("/v1/scans", json={"code": code, **({"station": station} if station else {})})
        assert series(figures(web, what="scans")) == {"desk": 2, "": 1}
        refused = web.get("/v1/scans").json()["items"]
        causes = [scan["refusal"] for scan in refused if scan["outcome"] == "refused"]
        assert causes
        assert series(figures(web, what="refused")) == {c: causes.count(c) for c in set(causes)}


def test_figures_stand_in_the_hours_and_days_of_the_sites_clock(daemon: Daemon) -> None:
    def fill(*moments: str) -> None:
        def work(t: Any) -> None:
            for moment in moments:
                at = round(datetime.fromisoformat(moment).timestamp()) * 1_000_000
                t.execute("INSERT INTO figure VALUES ('scan', ?, 0, '', 1)", (at,))

        daemon.gateway.parts.database.run(work)

    with connect(daemon) as web:
        web.put("/v1/settings/time_zone", json={"value": "Asia/Kolkata"}).raise_for_status()
        # Midnight in India is half past six in the evening before, UTC.
        fill("2026-03-09T18:15:00Z", "2026-03-09T18:30:00Z", "2026-03-10T18:15:00Z")
        days = figures(web, what="scans", hours=48, step="day", **{"from": "2026-03-09T20:00:00Z"})
        assert days["points"] == ["2026-03-09T18:30:00.000000Z", "2026-03-10T18:30:00.000000Z"]
        assert [(one["name"], one["values"]) for one in days["series"]] == [("", [2, 0])]
        hours = figures(web, what="scans", hours=2, **{"from": "2026-03-09T18:29:00Z"})
        assert hours["points"] == ["2026-03-09T17:30:00.000000Z", "2026-03-09T18:30:00.000000Z"]
        assert (hours["series"][0]["values"], hours["total"]) == ([1, 1], 2)
        now = figures(web, what="scans", hours=24)
        assert len(now["points"]) == 24
        until = datetime.fromisoformat(now["until"])
        assert timedelta(0) < until - datetime.now(UTC) <= timedelta(hours=1)


@pytest.mark.parametrize(
    "query",
    [
        {"what": "labels", "from": "yesterday"},
        {"what": "labels", "from": "2026-03-09T18:29:00"},
        {"what": "labels", "hours": 24 * 60},
        {"what": "money"},
    ],
)
def test_figures_that_are_not_kept_so_are_refused(
    shared_daemon: Daemon, query: dict[str, Any]
) -> None:
    with connect(shared_daemon) as web:
        assert web.get("/v1/figures", params=query).status_code == 422


def test_the_feed_is_listed_by_kind_newest_first_and_page_by_page(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect(daemon) as web:

        def kinds(**query: Any) -> tuple[list[str], str | None]:
            found = web.get("/v1/feed", params=query).json()
            return [one["type"] for one in found["items"]], found["next"]

        for n in range(3):
            web.put(f"/v1/locations/L{n}", json={"kind": "bin"})
            web.post("/v1/scans", json={"code": f"X{n}"})
        everything = web.get("/v1/feed", params={"limit": 500}).json()
        numbers = [int(one["id"]) for one in everything["items"]]
        assert numbers == sorted(numbers, reverse=True)
        assert everything["next"] is None
        newest = everything["items"][0]
        assert (newest["specversion"], newest["source"]) == ("1.0", "/v1/events")
        saved = [one["type"] for one in everything["items"] if one["type"].startswith("location.")]
        assert kinds(kind="location") == (saved, None)
        # Page by page the same as at once, for what is rare, what is frequent, and both.
        for wanted in (["location"], ["scan"], ["location", "scan"], []):
            whole = [
                one["id"] for one in everything["items"]
                if not wanted or one["type"].split(".")[0] in wanted
            ]  # fmt: skip
            for walk in (5_000, 2):
                monkeypatch.setattr("gateway.store.feed.WALK", walk)
                seen: list[str] = []
                after: str | None = ""
                while after is not None:
                    query: dict[str, Any] = {"kind": wanted, "limit": 2}
                    page = web.get("/v1/feed", params=query | ({"after": after} if after else {}))
                    seen += [one["id"] for one in page.json()["items"]]
                    after = page.json()["next"]
                assert seen == whole, (wanted, walk)
        assert kinds(kind="nothing") == ([], None)


def test_what_has_come_down_to_its_reorder_point_is_listed_while_it_is_so(daemon: Daemon) -> None:
    with connect(daemon) as web:
        web.put("/v1/locations/A-01", json={"kind": "bin"})
        web.put("/v1/items/SCREW", json={"tracking": "none", "reorder_point": 5})
        web.put("/v1/items/NUT", json={"tracking": "none"})
        low = web.get("/v1/stock/alerts").json()["items"]
        assert [(one["item"], one["on_hand"], one["reorder_point"]) for one in low] == [
            ("SCREW", 0, 5)
        ]
        web.put("/v1/items/SCREW", json={"reorder_point": None})
        assert web.get("/v1/stock/alerts").json()["items"] == []
