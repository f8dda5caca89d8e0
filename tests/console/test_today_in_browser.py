"""The first page, plots and the feed: what needs somebody, what was done, what happened; and a word
on every screen when stock runs low."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.console.screen import open_screen
from tests.console.station import needs_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.conftest import Daemon
    from tests.console.screen import Screen

pytestmark = needs_chromium


@pytest.fixture
def web(daemon: Daemon) -> Iterator[httpx.Client]:
    """A program beside the browser: the witness of what the pages say."""
    with httpx.Client(base_url=daemon.url, trust_env=False, timeout=60) as client:
        yield client


def put(web: httpx.Client, path: str, **body: Any) -> None:
    answer = web.put(path, json=body)
    assert answer.is_success, answer.text


def act(web: httpx.Client, action: str, serials: str, **more: str) -> None:
    """Do something to serials of the drill."""
    body = {"action": action, "item": "DRILL", "serials": serials, **more}
    answer = web.post("/v1/serials/actions", json=body)
    assert answer.is_success, answer.text


@pytest.mark.seed("T20")
def test_a_word_is_said_on_every_screen_when_stock_comes_down_to_its_reorder_point(
    daemon: Daemon, screen: Screen, web: httpx.Client
) -> None:
    put(web, "/v1/locations/A-01", kind="bin")
    put(web, "/v1/items/DRILL", name="Bench drill", tracking="serial", reorder_point=2)
    act(web, "receive", "S1, S2, S3", location="A-01")
    screen.go("/jobs").does_not_see("is to be reordered")
    act(web, "write_off", "S1", reason="lost")
    # Somebody looks at jobs, and hears of it there: once, until it was seen.
    screen.sees("DRILL is to be reordered").sees("2 are left; the reorder point is 2.")
    screen.is_accessible()
    screen.go("/").sees("DRILL is to be reordered", inside="#alerts").sees("Bench drill")
    screen.click("Seen").does_not_see("DRILL is to be reordered", inside="#alerts")
    screen.sees("DRILL is to be reordered", inside="#waiting")  # it is so still
    low = web.get("/v1/stock/alerts").json()["items"]
    assert [(one["item"], one["on_hand"]) for one in low] == [("DRILL", 2)]
    # Another crossing is another word, and who wants none in this browser hears none.
    act(web, "receive", "S4", location="A-01")
    screen.go("/").sees("Nothing. Everything runs by itself.")
    act(web, "write_off", "S2, S3", reason="lost")
    screen.sees("1 is left; the reorder point is 2.", inside="#alerts")
    screen.locator("select[name=alerts]").select_option("off")
    screen.click("Apply")
    screen.does_not_see("DRILL is to be reordered", inside="#alerts")
    screen.go("/feed?kind=stock").sees("DRILL is to be reordered: 1 left, reorder point 2.")
    assert screen.locator("select[name=alerts]").input_value() == "off"
    screen.click("DRILL is to be reordered: 1 left, reorder point 2.").at("/items/DRILL")


def test_the_first_page_says_what_needs_somebody_and_how_everything_is(
    daemon: Daemon, screen: Screen, web: httpx.Client, chromium: Browser
) -> None:
    screen.go("/").sees("Nothing. Everything runs by itself.").sees("The first hour")
    screen.sees("0 labels printed today", inside="#figures").is_accessible()
    body = {"printer": "zebra", "template": "serial-label", "labels": [{"serial": "SN-1"}]}
    job = web.post("/v1/jobs", json=body | {"hold": True}).json()["id"]
    screen.sees(f"Job {job} is on hold with 1 label").does_not_see("Everything runs by itself.")
    web.post(f"/v1/jobs/{job}/release")
    screen.sees("Nothing. Everything runs by itself.")
    assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
    put(web, "/v1/stations/desk", printer="zebra")
    web.post("/v1/scans", json={"code": "NO-SUCH-CODE", "station": "desk"})
    screen.go("/").sees("1 label printed today").sees("1 scan today").sees("Prints on zebra.")
    put(web, "/v1/webhooks/erp", url="http://127.0.0.1:9/hook", kinds=["job"])
    parts = daemon.gateway.parts
    hook = parts.webhooks.find("erp").id
    seq = int(web.get("/v1/feed?kind=job.done").json()["items"][0]["id"])
    parts.database.run(
        lambda t: t.execute(
            "INSERT INTO webhook_delivery (webhook, entry, state, attempts, error, at) "
            "VALUES (?, ?, 'dead', 9, 'refused', 1)", (hook, seq),
        ).rowcount
    )  # fmt: skip
    screen.go("/").sees("Webhook erp did not take 1 message").is_accessible()
    screen.locator("#waiting a.button").first.click()
    screen.at("/webhooks/erp")
    with open_screen(chromium, daemon.url, width=320, height=700, color_scheme="dark") as small:
        for path in ("/", "/jobs", f"/jobs/{job}", "/labels/L1", "/plots", "/feed", "/questions"):
            small.go(path).is_accessible()


def test_plots_show_the_figures_of_the_api_and_the_feed_tells_in_words(
    daemon: Daemon, screen: Screen, web: httpx.Client
) -> None:
    put(web, "/v1/stations/desk", printer="zebra")
    put(web, "/v1/stations/dock", printer="zebra")
    for station, codes in (("desk", 3), ("dock", 1)):
        for n in range(codes):
            web.post("/v1/scans", json={"code": f"NO-{n}", "station": station})
    job = web.post("/v1/jobs", json={
        "printer": "zebra", "template": "serial-label",
        "labels": [{"serial": "SN-1"}, {"serial": "SN-2"}],
    }).json()["id"]  # fmt: skip
    assert web.get(f"/v1/jobs/{job}?wait=30").json()["state"] == "done"
    screen.go("/plots").sees("Labels printed, by printer").sees("zebra: 2").is_accessible()
    for period, query in (
        ("24 hours", {"hours": 24, "step": "hour"}), ("7 days", {"hours": 168, "step": "day"}),
    ):  # fmt: skip
        screen.click(period)
        for what in ("labels", "scans", "refused"):
            asked: dict[str, Any] = {"what": what, **query}
            figures = web.get("/v1/figures", params=asked).json()
            part = f"#plot-{what}"
            screen.locator(f"{part} summary").click()
            rows = screen.locator(f"{part} tbody tr").all()
            shown = [row.locator("td").all_inner_texts() for row in rows]
            wanted = [
                [*map(str, one["values"]), str(one["total"])] for one in figures["series"]
            ]  # fmt: skip
            assert shown == wanted, (period, what)
            # As much ink as figures: each bar is as high as its value says.
            heights = screen.page.eval_on_selector_all(
                f"{part} svg.plot rect", "all => all.map(one => one.height.baseVal.value)"
            )
            values = [value for one in figures["series"] for value in one["values"] if value]
            assert len(heights) == len(values)
            unit = sum(heights) / sum(values)
            assert sorted(round(h / unit) for h in heights) == sorted(values)
    screen.go("/feed").sees(f"Job {job} is done.").is_accessible()
    screen.sees("desk: NO-0 – refused: Nothing here is called NO-0.")
    web.post("/v1/printers/zebra/pause")
    screen.sees("Printer zebra is paused.")  # it came by itself
    screen.fill("Of", "job").click("Show").does_not_see("Printer zebra is paused.")
    screen.sees(f"Job {job} is done.").click(f"Job {job} is done.").at(f"/jobs/{job}")
