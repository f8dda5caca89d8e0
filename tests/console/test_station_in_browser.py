"""The page of a station in a browser: scanned at, touched, left alone by its gateway, and back."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from gateway.codes.commands import write_command
from tests.campaign.processes import DaemonProcess, running
from tests.console.station import WITHIN, needs_chromium, open_browser, open_station

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

    from tests.conftest import Daemon
    from tests.console.station import StationPage

pytestmark = needs_chromium

HOSTILE = Path(__file__).parent.parent / "corpus" / "hostile_scans.json"

LONE = re.compile("[\ud800-\udfff]")
"""Halves of characters: no JSON carries them over HTTP."""

PIN = re.compile(r"\b4711\b")
"""Alone: the digits of a time may hold these, too."""

ELEMENTS = """[...document.querySelectorAll("*")].map(
    (one) => one.tagName + " " + [...one.attributes].map((each) => each.name).sort().join(" "))"""
"""Each element as its kind and the names of its attributes."""

RECEIVE = write_command("MODE", "RECEIVE")
LOOKUP = write_command("MODE", "LOOKUP")
DONE = write_command("DONE")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


class Floor:
    """A warehouse with one item, one location and a dock, and what a program sees of it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.web = httpx.Client(base_url=url, trust_env=False, timeout=60)
        # With a mask, so that nobody is asked for one in the middle of a burst.
        wrench = {"name": "Hand torque wrench 9 Nm", "tracking": "serial", "mask": r"SN-\d+"}
        self._make("items/HT-9000", wrench)
        self._make("locations/RECV-01", {})
        self._make("stations/dock", {"title": "Dock 1", "location": "RECV-01"})

    def _make(self, path: str, body: dict[str, Any]) -> None:
        answer = self.web.put(f"/v1/{path}", json=body)
        assert answer.status_code in (200, 201), answer.text

    def serials(self) -> list[str]:
        """Return the serials that are on hand, as they were received."""
        items = self.web.get("/v1/serials?limit=500").json()["items"]
        return sorted(one["serial"] for one in items)

    def scans(self) -> list[tuple[str, str]]:
        """Return code and outcome of every scan that was taken, oldest first."""
        items = self.web.get("/v1/scans?station=dock&limit=500").json()["items"]
        return [(one["code"], one["outcome"]) for one in reversed(items)]

    def scan(self, code: str) -> dict[str, Any]:
        """Scan at the dock as a program does."""
        answer = self.web.post("/v1/scans", json={"code": code, "station": "dock"})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@contextmanager
def a_floor(url: str) -> Iterator[Floor]:
    floor = Floor(url)
    try:
        yield floor
    finally:
        floor.web.close()


@pytest.fixture
def floor(daemon: Daemon) -> Iterator[Floor]:
    with a_floor(daemon.url) as floor:
        yield floor


@pytest.fixture
def dock(floor: Floor, browser: Browser) -> Iterator[StationPage]:
    with open_station(browser, floor.url, "dock") as page:
        yield page


def receiving(page: StationPage) -> None:
    """Begin to receive pieces of the item."""
    assert page.scanned(RECEIVE) == "Done"
    assert page.scanned("HT-9000") == "Done"


# ---------------------------------------------------------------- scanned at


def test_a_scanner_that_types_receives_whatever_has_the_focus(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    dock.button("Undo").focus()
    assert dock.scanned("SN-1001") == "Done"
    assert dock.sentence() == "HT-9000 SN-1001 received at RECV-01."
    dock.tap("Key pad")
    assert dock.scanned("SN-1002") == "Done"
    dock.page.locator("#part-modes button").first.focus()
    dock.scan("SN-1003", end="Tab")
    dock.says("SN-1003 received")
    assert dock.recent()[:3] == [("done", "SN-1003"), ("done", "SN-1002"), ("done", "SN-1001")]
    assert floor.serials() == ["SN-1001", "SN-1002", "SN-1003"]
    assert dock.mode() == "Receive"


def test_of_twenty_codes_in_one_burst_none_is_lost_and_each_is_done_once(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    names = [f"SN-{n:04}" for n in range(20)]
    for name in names:
        dock.scan(name, delay=0)
    dock.says("SN-0019 received")
    assert floor.serials() == names
    assert [code for code, _ in floor.scans()] == [RECEIVE, "HT-9000", *names]


def test_what_is_refused_says_so_by_colour_symbol_word_and_sentence(dock: StationPage) -> None:
    assert dock.scanned("NOBODY-KNOWS-THIS") == "Refused"
    assert dock.sentence() == "Nothing here is called NOBODY-KNOWS-THIS."
    shown = dock.page.evaluate(
        """() => {
            const box = document.getElementById("part-outcome");
            const signs = [...box.querySelectorAll("svg")];
            return [
                getComputedStyle(box).backgroundColor,
                signs.filter((one) => getComputedStyle(one).display !== "none")
                    .map((one) => one.getAttribute("class")),
                parseFloat(getComputedStyle(box.querySelector(".sentence")).fontSize) >= 40,
            ];
        }"""
    )
    assert shown == ["rgb(163, 0, 27)", ["sign sign-refused"], True]


def test_what_another_scanner_or_program_scans_there_is_seen_at_once_on_every_screen(
    dock: StationPage, floor: Floor, browser: Browser
) -> None:
    with open_station(browser, floor.url, "dock") as other:
        receiving(dock)
        other.says("HT-9000")
        floor.scan("SN-7")
        for page in (dock, other):
            page.says("SN-7 received")
            expect(page.page.locator("#part-recent li").first).to_contain_text("SN-7")
            assert page.mode() == "Receive"


@pytest.mark.threat("T11")
def test_hostile_codes_stay_text_and_make_no_element(dock: StationPage, floor: Floor) -> None:
    dock.scanned("HARMLESS")
    before = dock.page.evaluate("document.getElementsByTagName('*').length")
    hostile = [
        "<img src=x onerror=alert(1)>",
        "<script>document.title='owned'</script>",
        '"><svg/onload=alert(1)>',
        "{{7*7}}${7*7}",
        "javascript:alert(1)",
        "'; DROP TABLE scan;--",
    ]
    for code in hostile:
        assert dock.scanned(code) == "Refused"
    # One row of the last ten each, of the same elements as the harmless one's.
    row = dock.page.evaluate(
        "document.querySelector('#part-recent li').getElementsByTagName('*').length + 1"
    )
    after = dock.page.evaluate("document.getElementsByTagName('*').length")
    assert after - before == row * len(hostile)
    assert [code for _, code in dock.recent()][:6] == hostile[::-1]
    assert dock.page.title() == "Dock 1 · label-gateway"
    assert [code for code, _ in floor.scans()][1:] == hostile


@pytest.mark.threat("T11")
def test_a_hundred_hostile_barcodes_make_no_element_and_do_nothing(
    dock: StationPage, floor: Floor
) -> None:
    corpus = json.loads(HOSTILE.read_text("utf-8"))
    codes = [text for one in corpus if (text := one.get("text", "")) and not LONE.search(text)]
    assert len(codes) > 80
    for _ in range(10):
        floor.scan("HARMLESS")
    dock.scanned("HARMLESS")
    before = dock.page.evaluate(ELEMENTS)
    for code in codes:
        floor.scan(code)
    dock.scanned("HARMLESS")
    assert set(dock.page.evaluate(ELEMENTS)) <= set(before)
    assert dock.trouble == []
    assert dock.mode() == "Look up"
    assert [outcome for _, outcome in floor.scans()].count("done") == 0


@pytest.mark.parametrize("without", ["", "WebSocket", "WebSocket,EventSource"])
def test_without_sockets_and_streams_the_page_asks(
    floor: Floor, browser: Browser, without: str
) -> None:
    with open_station(browser, floor.url, "dock") as dock:
        for name in filter(None, without.split(",")):
            dock.page.add_init_script(f"window.{name} = undefined;")
        dock.open()
        floor.scan("FROM-ELSEWHERE")
        dock.says("Nothing here is called FROM-ELSEWHERE.")
        expect(dock.page.locator("#part-recent .code").first).to_have_text("FROM-ELSEWHERE")


# ---------------------------------------------------------------- touched


def test_everything_is_done_by_touch_with_gloves(dock: StationPage, floor: Floor) -> None:
    small = dock.page.evaluate(
        """() => [...document.querySelectorAll("button, a")]
            .filter((one) => one.offsetParent && one.closest(".unseen") === null)
            .filter((one) => one.offsetWidth < 64 || one.offsetHeight < 64)
            .map((one) => one.textContent)"""
    )
    assert small == []
    dock.tap("Receive")
    dock.says("Receive.")
    dock.tap("Key pad")
    dock.tap("ABC")
    for key in "HT-9000":
        dock.page.locator(f"[data-key='{key}']").tap()
    dock.tap("Send")
    dock.says("HT-9000")
    dock.tap("Key pad")
    for key in "3":
        dock.page.locator(f"[data-key='{key}']").tap()
    dock.tap("As quantity")
    dock.says("3 of the next item")
    expect(dock.page.locator(".quantity b")).to_have_text("3")
    dock.tap("Cancel")
    dock.says("No quantity.")
    assert [code for code, _ in floor.scans()] == [
        RECEIVE, "HT-9000", write_command("QTY", "3"), write_command("CANCEL"),
    ]  # fmt: skip


def test_one_of_the_last_ten_is_taken_back_by_touch(dock: StationPage, floor: Floor) -> None:
    receiving(dock)
    for name in ("SN-1", "SN-2"):
        assert dock.scanned(name) == "Done"
    dock.page.locator("#part-recent li", has_text="SN-1").get_by_role("button").tap()
    dock.says("Taken back")
    expect(dock.page.locator("#part-recent li.undone .code")).to_have_text("SN-1")
    dock.tap("Undo")
    dock.says("SN-2")
    states = {one["serial"]: one["state"] for one in floor.web.get("/v1/serials").json()["items"]}
    assert "on_hand" not in states.values()


def test_what_a_person_types_is_shown_and_sent_as_typed(dock: StationPage, floor: Floor) -> None:
    dock.page.keyboard.type("HT-9001", delay=150)
    expect(dock.page.locator("#pad-text")).to_have_text("HT-9001")
    dock.page.keyboard.press("Backspace")
    dock.tap("Send")
    dock.says("Nothing here is called HT-900.")
    expect(dock.page.locator("#pad")).to_be_hidden()


def test_sound_is_switched_on_by_one_touch_and_all_four_are_heard(
    floor: Floor, browser: Browser
) -> None:
    listening = """
        window.tones = [];
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (when) {
            window.tones.push([this.type, this.frequency.value]);
            return start.call(this, when);
        };
    """
    with open_station(browser, floor.url, "dock") as dock:
        dock.page.add_init_script(listening)
        dock.open()
        dock.tap("Touch to switch sound on")
        expect(dock.page.locator("#sound")).to_be_hidden()
        four = [
            ["sine", 1760], ["triangle", 1175], ["triangle", 1175], ["square", 160],
            ["triangle", 784], ["triangle", 988], ["triangle", 1319],
        ]  # fmt: skip
        dock.page.wait_for_function("window.tones.length === 7")
        assert dock.page.evaluate("tones.map(([t, f]) => [t, Math.round(f)])") == four
        dock.scanned("UNKNOWN")
        assert dock.page.evaluate("tones.slice(7)") == [["square", 160]]


def test_which_of_two_is_answered_by_a_key_or_by_touch(dock: StationPage, floor: Floor) -> None:
    floor.web.put("/v1/items/DRILL", json={"name": "Bench drill", "tracking": "serial"})
    floor.scan(RECEIVE)
    for item in ("HT-9000", "DRILL"):
        floor.scan(item)
        floor.scan("SN-7")
    floor.scan(LOOKUP)
    for by in ("key", "touch"):
        assert dock.scanned("SN-7") == "Question"
        assert dock.page.locator("#part-question .card .subtitle").all_inner_texts() == [
            "HT-9000 · Hand torque wrench 9 Nm", "DRILL · Bench drill",
        ]  # fmt: skip
        if by == "key":
            dock.page.keyboard.press("2")
        else:
            dock.page.locator("#part-question button").nth(1).tap()
        dock.says("DRILL SN-7 is received at RECV-01.")
        expect(dock.page.locator("#part-question")).to_be_hidden()


def test_an_operator_signs_in_by_a_badge_and_a_pin_that_nothing_keeps(
    dock: StationPage, floor: Floor
) -> None:
    operator = {"name": "Kim Olsen", "pin": "4711"}
    assert floor.web.put("/v1/operators/BADGE-7", json=operator).status_code in (200, 201)
    assert dock.scanned("BADGE-7") == "Question"
    expect(dock.page.locator("#pad")).to_be_visible()
    for key in "4711":
        dock.page.locator(f"[data-key='{key}']").tap()
    expect(dock.page.locator("#pad-text")).to_have_text("••••")
    kept = dock.page.evaluate("JSON.stringify(localStorage)")
    dock.tap("Send")
    expect(dock.page.locator("#part-top .who")).to_have_text("Kim Olsen")
    assert dock.outcome() == "Done"
    everything = dock.page.content() + kept + dock.page.evaluate("JSON.stringify(localStorage)")
    assert not PIN.search(everything)
    assert "4711" not in str(floor.scans())
    dock.tap("Sign out")
    expect(dock.page.locator("#part-top .who")).to_contain_text("Nobody signed in")


# ---------------------------------------------------------------- left alone, and back


def hold(page: StationPage, pattern: str = "**/v1/scans") -> Callable[[], Route]:
    """Let the next request of the page wait; return what waits for it and returns it."""
    held: list[Route] = []

    def keep(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    def first() -> Route:
        while not held:
            page.page.wait_for_timeout(5)  # meanwhile requests come in
        return held[0]

    page.page.route(pattern, keep)
    return first


def test_an_answer_that_was_lost_is_asked_for_again_and_nothing_is_done_twice(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())  # the gateway has done it, and nobody hears of it
        route.abort()

    dock.page.route("**/v1/scans", lose)
    dock.scan("SN-1")
    dock.says("SN-1 received")
    expect(dock.page.locator("body[data-idle]")).to_have_count(1)
    assert '"outcome":"done"' in lost[0]
    assert floor.scans() == [(RECEIVE, "done"), ("HT-9000", "done"), ("SN-1", "done")]
    assert dock.kept() == []


def test_what_waits_behind_a_scan_that_got_no_answer_is_asked_about(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    held: list[Route] = []

    def hold(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    dock.page.route("**/v1/scans", hold)
    for name in ("SN-1", "SN-2", "SN-3"):
        dock.scan(name)
    held[0].abort()  # it never came to the gateway, but the page cannot know
    dock.says("SN-1 received")
    expect(dock.page.locator("#kept-title")).to_have_text("2 scans are not yet checked")
    assert dock.kept() == ["SN-2", "SN-3"]
    assert floor.serials() == ["SN-1"]
    dock.tap("Send these 2")
    dock.says("SN-3 received")
    assert floor.serials() == ["SN-1", "SN-2", "SN-3"]


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[DaemonProcess]:
    with running(tmp_path) as daemon:
        yield daemon


def test_while_the_gateway_is_away_scans_are_kept_and_a_person_decides(
    killable: DaemonProcess, browser: Browser
) -> None:
    with (
        a_floor(killable.url) as floor,
        open_station(browser, killable.url, "dock") as dock,
    ):
        receiving(dock)
        killable.kill()
        expect(dock.page.locator("#away")).to_be_visible()
        expect(dock.page.locator("#away")).to_contain_text("nothing is booked")
        for n in range(1, 5):
            dock.scan(f"SN-{n}")
        dock.says("Not yet checked: SN-4")
        assert dock.kept() == ["SN-1", "SN-2", "SN-3", "SN-4"]
        assert dock.outcome() == "Not checked"
        dock.page.get_by_role("button", name="Throw away SN-3").tap()
        killable.start()
        expect(dock.page.locator("#away")).to_be_hidden()
        dock.says("Decide about the scans")
        assert floor.serials() == []  # nothing posts by itself
        assert dock.kept() == ["SN-1", "SN-2", "SN-4"]
        dock.scan("SN-5")  # joins them, or it would come before what was scanned earlier
        dock.tap("Send these 4")
        dock.says("SN-5 received")
        expect(dock.page.locator("#kept")).to_be_hidden()
        assert floor.serials() == ["SN-1", "SN-2", "SN-4", "SN-5"]
        assert [code for code, _ in floor.scans()][2:] == ["SN-1", "SN-2", "SN-4", "SN-5"]


def test_scans_that_are_kept_survive_a_page_loaded_anew(
    killable: DaemonProcess, browser: Browser
) -> None:
    with (
        a_floor(killable.url) as floor,
        open_station(browser, killable.url, "dock") as dock,
    ):
        receiving(dock)
        killable.kill()
        expect(dock.page.locator("#away")).to_be_visible()
        dock.scan("SN-1")
        dock.says("Not yet checked: SN-1")
        killable.start()
        dock.open()
        assert dock.kept() == ["SN-1"]
        dock.tap("Throw them all away")
        expect(dock.page.locator("#kept")).to_be_hidden()
        dock.open()
        assert dock.kept() == []
        assert dock.scanned("SN-2") == "Done"
        assert floor.serials() == ["SN-2"]


def test_what_was_to_be_looked_up_meanwhile_is_looked_up_by_itself(
    killable: DaemonProcess, browser: Browser
) -> None:
    with (
        a_floor(killable.url),
        open_station(browser, killable.url, "dock") as dock,
    ):
        killable.kill()
        expect(dock.page.locator("#away")).to_be_visible()
        dock.scan("HT-9000")
        dock.says("Not yet checked")
        killable.start()
        dock.says("Item HT-9000.")
        assert dock.kept() == []


def test_a_page_that_is_loaded_anew_in_the_middle_loses_and_doubles_nothing(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    names = [f"SN-{n:02}" for n in range(20)]
    for name in names[:10]:
        dock.scan(name, delay=0)
    dock.open()
    for name in names[10:]:
        dock.scan(name, delay=0)
    dock.says("SN-19 received")
    expect(dock.page.locator("body[data-idle]")).to_have_count(1)
    assert floor.serials() == names
    assert sorted(floor.scans()[2:]) == [(name, "done") for name in names]


def leave_unanswered(page: StationPage, *names: str) -> None:
    """Scan, and let the first come to nothing: the others are kept."""
    held = hold(page)
    for name in names:
        page.scan(name)
    held().abort()
    expect(page.page.locator("#kept-list .code")).to_have_text(list(names[1:]), timeout=WITHIN)


def test_while_the_gateway_is_away_what_was_sent_last_is_listed_as_what_it_is(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    held = hold(dock)
    for name in ("SN-1", "SN-2"):
        dock.scan(name)
    dock.page.route("**/session", lambda route: route.abort())
    held().abort()
    expect(dock.page.locator("#away")).to_be_visible()
    assert dock.kept() == ["SN-1", "SN-2"]
    expect(dock.page.locator("#kept-list .state").first).to_contain_text("may be booked")
    expect(dock.page.locator("#kept-words")).to_contain_text("those that were not sent")
    dock.page.unroute_all()
    dock.says("SN-1 received")
    assert dock.kept() == ["SN-2"]
    assert floor.serials() == ["SN-1"]


def test_what_is_scanned_behind_kept_scans_never_overtakes_them(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    leave_unanswered(dock, "SN-1", "NO-SERIAL", "SN-3")
    held = hold(dock)
    dock.tap("Send these 2")
    dock.page.wait_for_function("document.getElementById('kept').hidden")
    dock.scan("SN-4")
    held().continue_()
    expect(dock.page.locator("#kept-list .code")).to_have_text(["SN-3", "SN-4"], timeout=WITHIN)
    dock.tap("Throw them all away")
    expect(dock.page.locator("#kept")).to_be_hidden()
    assert dock.scanned("SN-5") == "Done"
    assert floor.serials() == ["SN-1", "SN-5"]


def test_a_pin_is_neither_kept_nor_shown_while_scans_are_kept(
    dock: StationPage, floor: Floor
) -> None:
    operator = {"name": "Kim Olsen", "pin": "4711"}
    assert floor.web.put("/v1/operators/BADGE-7", json=operator).status_code in (200, 201)
    receiving(dock)
    leave_unanswered(dock, "SN-1", "SN-2")
    dock.says("SN-1 received")
    floor.scan("BADGE-7")
    expect(dock.page.locator("#pad")).to_be_visible()
    for key in "4711":
        dock.page.locator(f"[data-key='{key}']").tap()
    dock.page.locator("#pad-send").tap()
    dock.says("First decide about the scans")
    everything = dock.page.content() + dock.page.evaluate("JSON.stringify(localStorage)")
    assert not PIN.search(everything)
    assert dock.kept() == ["SN-2"]


def test_a_scan_is_kept_when_the_screen_may_not_scan_for_now(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    dock.page.route(
        "**/v1/scans", lambda route: route.fulfill(status=403, json={"detail": "Not from there."})
    )
    dock.scan("SN-1")
    dock.says("Not from there.")
    assert dock.kept() == ["SN-1"]
    dock.page.unroute_all()
    dock.tap("Send this one")
    dock.says("SN-1 received")
    assert floor.serials() == ["SN-1"]


def test_what_the_gateway_cannot_take_for_long_waits_for_a_person(
    dock: StationPage, floor: Floor
) -> None:
    dock.page.clock.install()
    dock.open()
    receiving(dock)
    dock.page.route(
        "**/v1/scans", lambda route: route.fulfill(status=507, json={"detail": "The disk is full."})
    )
    dock.scan("SN-1")
    dock.says("The disk is full.")
    expect(dock.page.locator("#part-outcome .cure")).to_have_text("It is sent again by itself.")
    assert dock.kept() == []
    dock.page.clock.fast_forward(31_000)
    dock.says("Decide about the scans")
    assert dock.kept() == ["SN-1"]
    dock.page.unroute_all()
    dock.page.clock.fast_forward(31_000)
    assert floor.serials() == []
    dock.tap("Send this one")
    dock.says("SN-1 received")


def test_what_a_page_that_died_had_not_sent_waits_for_a_person(
    dock: StationPage, floor: Floor
) -> None:
    receiving(dock)
    dock.page.evaluate(
        """() => {
            const one = {source: "page-dead", sequence: 1, code: "SN-9", at: Date.now() - 9};
            localStorage.setItem("gateway-scans:dock:page-dead", JSON.stringify([one]));
            localStorage.setItem("gateway-alive:page-dead", Date.now());
        }"""
    )
    dock.page.clock.install()
    dock.open()
    assert dock.scanned("SN-1") == "Done"
    dock.page.clock.fast_forward(8_000)
    expect(dock.page.locator("#kept-list .code")).to_have_text(["SN-9"])
    dock.scan("SN-9")
    dock.says("First decide about the scans")
    assert dock.kept() == ["SN-9", "SN-9"]
    assert floor.serials() == ["SN-1"]


def test_an_answer_that_comes_late_is_heard_like_any_other(floor: Floor, browser: Browser) -> None:
    with open_station(browser, floor.url, "dock") as dock:
        dock.page.add_init_script("window.WebSocket = window.EventSource = undefined;")
        dock.open()
        lost: list[str] = []

        def lose(route: Route) -> None:
            if lost:
                route.continue_()
                return
            lost.append(route.fetch().text())
            route.abort()

        dock.page.route("**/v1/scans", lose)
        dock.scan("NOBODY")
        said = dock.page.locator("#live")
        expect(said).to_contain_text("Refused. Nothing here is called NOBODY.", timeout=WITHIN)
    assert [code for code, _ in floor.scans()] == ["NOBODY"]


def test_a_browser_that_keeps_nothing_says_so(floor: Floor, browser: Browser) -> None:
    with open_station(browser, floor.url, "dock") as dock:
        dock.page.add_init_script(
            "Storage.prototype.setItem = function () { throw new Error('full'); };"
        )
        dock.open()
        dock.page.route("**/v1/**", lambda route: route.abort())
        dock.scan("SN-1")
        expect(dock.page.locator("#away")).to_be_visible()
        dock.scan("SN-2")
        cure = dock.page.locator("#part-outcome .cure")
        expect(cure).to_contain_text("lost when this page is closed")
        expect(dock.page.locator("#kept-words")).to_contain_text("This browser keeps nothing")


def test_nothing_is_sent_before_it_is_known_what_the_station_is_doing_now(
    dock: StationPage, floor: Floor
) -> None:
    dock.page.route("**/view", lambda route: route.fulfill(status=503))
    dock.page.route("**/v1/**", lambda route: route.abort())
    dock.scan("HT-9000")
    expect(dock.page.locator("#away")).to_be_visible()
    dock.scan("SN-1")
    for code in (RECEIVE, "HT-9000"):  # it looked things up before
        assert floor.scan(code)["outcome"] == "done"
    dock.page.unroute("**/v1/**")
    expect(dock.page.locator("#away")).to_be_hidden(timeout=WITHIN)
    for _ in range(3):
        with dock.page.expect_response("**/view"):
            pass
    dock.page.unroute("**/view")
    dock.says("That is the barcode of HT-9000")  # what was sent before is sent again
    assert dock.kept() == ["SN-1"]
    assert floor.serials() == []


def test_a_proxy_whose_gateway_is_away_is_as_good_as_silence(
    dock: StationPage, floor: Floor
) -> None:
    for pattern in ("**/view", "**/v1/**"):
        dock.page.route(pattern, lambda route: route.fulfill(status=502))
    floor.scan("HT-9000")
    expect(dock.page.locator("#away")).to_be_visible(timeout=WITHIN)


def test_a_code_that_began_before_the_script_was_there_is_whole(
    floor: Floor, browser: Browser
) -> None:
    with open_station(browser, floor.url, "dock") as dock:
        held = hold(dock, "**/static/station.js")
        dock.page.goto(f"{floor.url}/station/dock", wait_until="commit")
        dock.page.locator("#typed input").focus()
        dock.page.keyboard.type("SN-10")
        held().continue_()
        expect(dock.page.locator("#typed")).to_have_count(0)
        dock.page.keyboard.type("01")
        dock.page.keyboard.press("Enter")
        dock.says("SN-1001")
    assert [code for code, _ in floor.scans()] == ["SN-1001"]


def test_a_gateway_restored_from_a_backup_is_shown_as_it_is(
    killable: DaemonProcess, browser: Browser, tmp_path: Path
) -> None:
    data, backup = tmp_path / "data", tmp_path / "backup"
    with (
        a_floor(killable.url) as floor,
        open_station(browser, killable.url, "dock") as dock,
    ):
        away = dock.page.locator("#away")
        receiving(dock)
        killable.kill()
        shutil.copytree(data, backup)
        killable.start()
        expect(away).to_be_hidden()
        for name in ("SN-1", "SN-2"):
            assert dock.scanned(name) == "Done"
        assert dock.scanned(LOOKUP) == "Done"
        killable.kill()
        expect(away).to_be_visible()
        shutil.rmtree(data)
        shutil.copytree(backup, data)
        killable.start()
        expect(away).to_be_hidden()
        expect(dock.page.locator("#part-top .doing")).to_have_text("Receive")
        dock.scan("SN-3")
        dock.says("SN-3 received")
        expect(dock.page.locator("#part-recent .code").first).to_have_text("SN-3")
        assert floor.serials() == ["SN-3"]


# ---------------------------------------------------------------- pairing, setting up


def test_a_screen_is_paired_by_the_digits_that_the_gateways_page_shows(
    daemon: Daemon, floor: Floor, browser: Browser
) -> None:
    with browser.new_context() as office:
        page = office.new_page()
        page.goto(f"{floor.url}/stations")
        page.get_by_role("button", name="Pair a screen").click()
        expect(page.locator("#pair-code")).to_have_text(re.compile(r"\d{4} \d{4}"))
        digits = page.locator("#pair-code").inner_text()
        assert page.locator("#pair-qr").evaluate("one => one.decode().then(() => one.naturalWidth)")
    # From now on this computer needs a key, too: nobody but the paired screen may scan.
    key = daemon.gateway.settings.key_file
    closed = floor.web.put("/v1/settings/local_access", json={"value": "closed"})
    assert closed.status_code == 200, closed.text
    with browser.new_context() as dock:
        page = dock.new_page()
        assert page.goto(f"{floor.url}/station/dock").status == 401  # type: ignore[union-attr]
        expect(page.locator("h1")).to_have_text("This screen is not paired with the gateway")
        page.get_by_role("link", name="Pair this screen").click()
        page.wait_for_url("**/pair")
        for wrong in "00000000":
            page.keyboard.press(wrong)
        expect(page.locator("#problem")).to_contain_text("No station waits for that code")
        for digit in digits.replace(" ", ""):
            page.locator(f"[data-key='{digit}']").click()
        expect(page.locator("#part-top h1")).to_contain_text("Dock 1")
        page.wait_for_selector("body[data-live]")
        page.keyboard.type("WHO-AM-I")
        page.keyboard.press("Enter")
        expect(page.locator("#part-outcome .sentence")).to_contain_text("WHO-AM-I")
        # Locked out, it is told so, and finds the way back.
        bearer = {"Authorization": f"Bearer {key.read_text().strip()}"}
        assert floor.web.post("/v1/stations/dock/unpair", headers=bearer).status_code == 204
        page.keyboard.type("WHO-AM-I")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("This screen is not paired with the gateway")
        page.get_by_role("link", name="Pair this screen").click()
        expect(page.locator("h1")).to_have_text("Pair this screen")


def test_a_station_is_added_and_a_scanner_released_and_grabbed_by_touch(
    floor: Floor, browser: Browser
) -> None:
    floor.web.put("/v1/scanners/ring", json={"url": "virtual:", "station": "dock"})
    with browser.new_context() as office:
        page = office.new_page()
        page.goto(f"{floor.url}/stations")
        page.get_by_role("button", name="Release ring").click()
        expect(page.locator("#said")).to_contain_text("Scanner ring is released.")
        assert floor.web.get("/v1/scanners/ring").json()["paused"] is True
        page.get_by_role("button", name="Listen to ring again").click()
        expect(page.locator("#said")).to_contain_text("Scanner ring is listened to again.")
        expect(page.get_by_role("button", name="Release ring")).to_be_visible()
        page.get_by_label("Name").fill("packing")
        page.get_by_label("Title on its screen").fill("Packing table")
        page.get_by_label("Printer of its labels").select_option("zebra")
        page.get_by_role("button", name="Make the station").click()
        expect(page.get_by_role("heading", name="Packing table")).to_be_visible()
        page.goto(f"{floor.url}/stations")
        page.get_by_label("Name").fill("packing")
        page.get_by_role("button", name="Make the station").click()
        expect(page.locator("#said")).to_contain_text("packing")
        expect(page.get_by_label("Name")).to_have_value("packing")
    made = floor.web.get("/v1/stations/packing").json()
    assert (made["title"], made["printer"], made["modes"]) == ("Packing table", "zebra", [])


def test_what_a_scanner_of_the_gateway_reads_is_seen_on_the_page(
    dock: StationPage, floor: Floor
) -> None:
    floor.web.put("/v1/scanners/ring", json={"url": "virtual:", "station": "dock"})
    floor.web.post("/v1/scanners/ring/scan", json={"code": "FROM-THE-RING"})
    dock.says("Nothing here is called FROM-THE-RING.")
    expect(dock.page.locator("#part-recent .code").first).to_have_text("FROM-THE-RING")


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize("size", [(1024, 768), (320, 568)], ids=["tablet", "handheld"])
def test_axe_finds_nothing_serious(floor: Floor, browser: Browser, size: tuple[int, int]) -> None:
    with open_station(browser, floor.url, "dock", width=size[0], height=size[1]) as dock:
        assert dock.serious() == []
        dock.scanned("UNKNOWN")
        assert dock.serious() == []
        receiving(dock)
        dock.scanned("SN-1")
        dock.tap("Key pad")
        dock.tap("ABC")
        assert dock.serious() == []
        wide = dock.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0]
        for path in ("/stations", "/pair", "/station/dock/sheet", "/station/nowhere"):
            dock.page.goto(f"{floor.url}{path}")
            assert dock.serious() == [], path
            wide = dock.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= size[0] or path.endswith("sheet"), path


def test_the_page_works_without_any_script(floor: Floor, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    try:
        page.goto(f"{floor.url}/station/dock")
        page.get_by_role("button", name="Receive").click()
        for code in ("HT-9000", "SN-1"):
            page.get_by_label("Code").fill(code)
            page.get_by_role("button", name="Send").click()
        expect(page.locator("#part-outcome .sentence")).to_have_text(
            "HT-9000 SN-1 received at RECV-01."
        )
        page.reload()
    finally:
        context.close()
    assert floor.scans() == [(RECEIVE, "done"), ("HT-9000", "done"), ("SN-1", "done")]
