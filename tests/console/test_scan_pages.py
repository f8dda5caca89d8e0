"""The pages of scanners, stations, people and scans as the server writes them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import TYPE_CHECKING, get_args

import httpx
import pytest

from gateway.console.people import LETTERS, RIGHT_WORDS, new_badge
from gateway.console.scanners import ENDING_WORDS, SEPARATOR_WORDS, TONES
from gateway.console.scans import OUTCOMES
from gateway.console.stations import CONDITIONS
from gateway.registry.parties import RIGHTS
from gateway.scanners.outcomes import Outcome
from gateway.scanners.scanner import Condition, Ending, Separator
from tests.api.conftest import connect, make_key

if TYPE_CHECKING:
    from tests.conftest import Daemon

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "</code></main><body>",
    "&lt;already&gt;",
)


class Form(HTMLParser):
    """What a browser would send of the form with an action, its fields left as they are."""

    def __init__(self, text: str, action: str, call: str = "") -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self._action, self._call = action, call
        self._inside, self._select, self._done = False, "", False
        self._options: list[tuple[str, bool]] = []
        self.feed(text)
        assert self.fields, f"there is no form {action} {call}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and found.get("action") == self._action and not self._done:
            self._inside, self.fields = True, []
        elif not self._inside:
            return
        elif tag == "input" and found.get("name"):
            box = found.get("type") in ("checkbox", "radio")
            if not box or "checked" in found:
                self.fields.append((found["name"], found.get("value", "on" if box else "")))
        elif tag == "select":
            self._select, self._options = found["name"], []
        elif tag == "option" and self._select:
            self._options.append((found.get("value", ""), "selected" in found))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._inside:
            chosen = [value for value, on in self._options if on] or [self._options[0][0]]
            self.fields.append((self._select, chosen[0]))
            self._select = ""
        elif tag == "form" and self._inside:
            self._inside = False
            self._done = not self._call or ("_call", self._call) in self.fields

    @property
    def sent(self) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for name, value in self.fields:
            values.setdefault(name, []).append(value)
        return values


@pytest.fixture
def web(shared_daemon: Daemon) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shared_daemon.url, trust_env=False, timeout=60) as web:
        web.put("/v1/stations/dock", json={"title": "Dock 1"}).raise_for_status()
        web.put("/v1/scanners/gun", json={"url": "virtual:", "station": "dock"}).raise_for_status()
        yield web


def test_every_state_and_right_has_its_word() -> None:
    assert set(RIGHT_WORDS) == set(RIGHTS)
    assert set(CONDITIONS) == set(get_args(Condition))
    assert set(OUTCOMES) == set(TONES) == set(Outcome)
    assert set(ENDING_WORDS) == set(get_args(Ending))
    assert set(SEPARATOR_WORDS) == set(get_args(Separator))


def test_a_new_badge_is_read_aloud_without_mistakes_and_guessed_by_nobody() -> None:
    made = {new_badge() for _ in range(200)}
    assert len(made) == 200
    assert all(one[:2] == "B-" and set(one[2:]) <= set(LETTERS) for one in made)
    assert not set("01IO") & set(LETTERS)


@pytest.mark.threat("T11")
def test_a_hostile_code_is_text_on_every_page_that_shows_it(web: httpx.Client) -> None:
    web.post("/v1/scanners/gun/trial", json={}).raise_for_status()
    for code in HOSTILE:
        web.post("/v1/scanners/gun/scan", json={"code": code}).raise_for_status()
    trial = web.get("/scanners/gun/test").text
    web.delete("/v1/scanners/gun/trial").raise_for_status()
    for code in HOSTILE:
        said = web.post("/v1/scans", json={"code": code, "station": "dock"}).json()
        in_browser = web.post("/scanners/test", data={"seen": code}).text
        pages = (web.get("/scans").text, web.get(f"/scans/{said['id']}").text, trial, in_browser)
        for page in pages:
            assert code not in page.replace("{{ 7 * 7 }}{% raw %}", "")
            assert html.escape(code, quote=True).replace("&quot;", "&#34;") in page
    assert "{{ 7 * 7 }}{% raw %}" in web.get("/scans").text, "nothing in it was worked out"


def test_saving_what_was_not_changed_changes_nothing(web: httpx.Client) -> None:
    options = {
        "prefix": "\x02", "suffix": "\x1d#", "gs": "|", "aim": True, "layout": "de", "length": 7,
        "longest": 80, "idle_ms": 200, "repeat_ms": 0, "encoding": "cp1252", "identifiers": True,
        "feedback": "bel", "grab": False, "pass_through": True,
    }  # fmt: skip
    web.put("/v1/scanners/gun", json={"options": options}).raise_for_status()
    before = web.get("/v1/scanners/gun").json()
    assert before["options"] == options
    page = web.get("/scanners/gun")
    answer = web.post("/scanners/gun", data=Form(page.text, "/scanners/gun").sent)
    assert (answer.status_code, answer.headers["location"]) == (303, "/scanners/gun")
    after = web.get("/v1/scanners/gun").json()
    settings: tuple[str, ...] = ("name", "url", "options", "station", "paused")
    assert {key: after[key] for key in settings} == {key: before[key] for key in settings}

    body = {"modes": ["receive", "pick"], "sound": False, "require_operator": True}
    web.put("/v1/stations/dock", json=body).raise_for_status()
    before = web.get("/v1/stations/dock").json()
    form = Form(web.get("/stations/dock").text, "/do", "PUT /v1/stations/dock")
    assert web.post("/do", data=form.sent).status_code == 303
    after = web.get("/v1/stations/dock").json()
    settings = ("name", "title", "location", "printer", "template", "modes", "sound",
                "require_operator", "print_on_receive")  # fmt: skip
    assert {key: after[key] for key in settings} == {key: before[key] for key in settings}

    person = {"name": "Ann", "pin": "4711", "roles": ["registry:receipt", "print"]}
    web.put("/v1/operators/B-1", json=person).raise_for_status()
    form = Form(web.get("/people/B-1").text, "/do", "PUT /v1/operators/B-1")
    assert web.post("/do", data=form.sent).status_code == 303
    after = web.get("/v1/operators/B-1").json()
    assert (after["name"], after["has_pin"], after["roles"], after["active"]) == (
        "Ann", True, ["print", "registry:receipt"], True,
    )  # fmt: skip


def test_who_may_only_look_sees_scanners_and_scans_and_sets_nothing_up(
    shared_daemon: Daemon, web: httpx.Client
) -> None:
    with connect(shared_daemon, make_key(shared_daemon, "looks", "read")) as client:
        for path, status in (
            ("/scanners", 200), ("/scanners/gun", 200), ("/scanners/test", 200), ("/scans", 200),
            ("/scanners/sheet", 200), ("/scanners/gun/test", 403), ("/scanners/add", 403),
            ("/stations", 403), ("/stations/dock", 403), ("/people", 403), ("/people/sheet", 403),
        ):  # fmt: skip
            assert client.get(path).status_code == status, path
        assert "Delete the scanner" not in client.get("/scanners/gun").text
        for path in ("/scanners", "/scanners/teach", "/stations", "/people"):
            answer = client.post(path, data={"_name": "x", "url": "virtual:"})
            assert answer.status_code in (303, 403), path
    assert [one["name"] for one in web.get("/v1/scanners").json()["items"]] == ["gun"]
    assert [one["name"] for one in web.get("/v1/stations").json()["items"]] == ["dock"]


def test_what_is_not_there_is_told_on_a_page(web: httpx.Client) -> None:
    for path in ("/scanners/nowhere", "/scanners/nowhere/test", "/stations/nowhere",
                 "/stations/nowhere/pair", "/people/nobody", "/scans/999999"):  # fmt: skip
        answer = web.get(path)
        assert answer.status_code == 404, path
        assert "<h1>" in answer.text
    assert web.get("/scans/x").status_code == 422
    wrong = web.post("/scanners/test", data={"keys": "<b>+", "typed": "x"})
    assert wrong.status_code == 303, "back to the form, with a sentence"
