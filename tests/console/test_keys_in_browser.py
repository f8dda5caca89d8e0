"""Keys become codes: whoever typed them, however the scanner writes what no key has."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest

from tests.console.station import needs_chromium, open_browser

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = needs_chromium

SCRIPT = (files("gateway.console") / "static" / "keys.js").read_text("utf-8")

PLAY = """(events) => {
    const said = window.said = [];
    document.body.innerHTML = '<button id="b">x</button><textarea id="c"></textarea>';
    const keys = new gatewayKeys.Keys({
        catcher: document.getElementById("c"),
        finished: (text, typed) => said.push([text, typed]),
        changed: () => {},
        unnamed: () => said.push(["unnamed", true]),
    });
    const kept = [];
    for (const [type, at, fields] of events) {
        const event = new KeyboardEvent(type, {bubbles: true, cancelable: true, ...fields});
        Object.defineProperty(event, "timeStamp", {value: at});
        for (const name of ["keyCode", "charCode"])
            if (fields[name]) Object.defineProperty(event, name, {value: fields[name]});
        if (fields.key === null) Object.defineProperty(event, "key", {value: undefined});
        document.body.dispatchEvent(event);
        kept.push(event.defaultPrevented);
    }
    return {said, left: keys.text(), kept};
}"""
"""Plays keys with times of our own, so that no test depends on how busy this computer is."""

CODES = {"Enter": 13, "Tab": 9, "Backspace": 8, "Escape": 27, "F8": 119, "F5": 116, "Alt": 18}

Event = tuple[str, float, dict[str, Any]]


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with open_browser() as browser:
        yield browser.new_page()


def key(name: str, at: float, **more: Any) -> Event:
    code = CODES.get(name, ord(name.upper()[0]) if len(name) == 1 else 0)
    return ("keydown", at, {"key": name, "keyCode": code, **more})


def burst(text: str, at: float, every: float = 1) -> list[Event]:
    return [key(letter, at + n * every) for n, letter in enumerate(text)]


def play(page: Page, *events: Event | list[Event]) -> dict[str, Any]:
    page.goto("about:blank")
    page.evaluate(SCRIPT)
    flat = [one for some in events for one in (some if isinstance(some, list) else [some])]
    return dict(page.evaluate(PLAY, [list(one) for one in flat]))


def said(page: Page, *events: Event | list[Event]) -> list[list[Any]]:
    return list(play(page, *events)["said"])


def test_a_burst_with_enter_is_a_scan(page: Page) -> None:
    assert said(page, burst("SN-0001", 5000), key("Enter", 5008)) == [["SN-0001", False]]


def test_tab_ends_a_scan_too_and_does_not_move_the_focus(page: Page) -> None:
    played = play(page, burst("SN-0001", 5000), key("Tab", 5008))
    assert (played["said"], played["kept"][-1]) == ([["SN-0001", False]], True)


def test_slow_keys_are_a_persons_and_go_together_however_long_they_take(page: Page) -> None:
    assert said(page, burst("SN-1", 5000, every=400), key("Enter", 9000)) == [["SN-1", True]]


def test_a_scan_does_not_take_along_what_a_person_began_to_type(page: Page) -> None:
    played = play(page, burst("12", 5000, every=300), burst("SN-0001", 7000), key("Enter", 7008))
    assert (played["said"], played["left"]) == ([["SN-0001", False]], "12")


def test_a_scanner_that_falters_in_the_middle_sends_no_half_of_a_code(page: Page) -> None:
    halves = burst("SN-", 5000), burst("0001", 5600), key("Enter", 6200)
    assert said(page, *halves) == [["SN-0001", False]]


def test_a_page_that_was_busy_in_the_middle_of_a_burst_still_has_it_whole(page: Page) -> None:
    # The times are those at which the keys were pressed, not those at which the page saw them.
    assert said(page, burst("A" * 400, 5000), key("Enter", 5401)) == [["A" * 400, False]]


def test_two_scans_one_behind_the_other_are_two(page: Page) -> None:
    played = said(
        page, burst("SN-0001", 5000), key("Enter", 5008), burst("SN-0002", 5009), key("Enter", 5017)
    )
    assert played == [["SN-0001", False], ["SN-0002", False]]


def test_carriage_return_and_line_feed_end_one_scan(page: Page) -> None:
    line_feed = key("j", 5009, ctrlKey=True)
    played = play(page, burst("SN-0001", 5000), key("Enter", 5008), line_feed)
    assert (played["said"], played["kept"][-1]) == ([["SN-0001", False]], True)


@pytest.mark.parametrize(
    "separator",
    [
        [key("]", 5003, ctrlKey=True, keyCode=221)],
        [key("F8", 5003)],
        [
            key("Alt", 5003),
            *(
                ("keydown", 5003.0, {"key": d, "keyCode": 96 + int(d), "altKey": True})
                for d in "029"
            ),
            ("keyup", 5003.0, {"key": "Alt", "keyCode": 18}),
        ],
    ],
    ids=["Ctrl+]", "F8", "Alt+029"],
)
def test_a_group_separator_comes_as_each_scanner_writes_it(
    page: Page, separator: list[Event]
) -> None:
    played = said(page, burst("21A", 5000), separator, burst("10B", 5004), key("Enter", 5007))
    assert played == [["21A\x1d10B", False]]


def test_a_separator_before_the_first_character_is_kept(page: Page) -> None:
    first = key("]", 4999, ctrlKey=True, keyCode=221)
    assert said(page, first, burst("0104", 5000), key("Enter", 5005)) == [["\x1d0104", False]]


def test_characters_of_the_third_level_are_characters(page: Page) -> None:
    at_sign = key("@", 5001, ctrlKey=True, altKey=True)
    assert said(page, burst("A", 5000), at_sign, burst("B", 5002), key("Enter", 5003)) == [
        ["A@B", False]
    ]


@pytest.mark.threat("T11")
@pytest.mark.parametrize(
    "shortcut",
    [
        key("p", 5001, ctrlKey=True),
        key("s", 5001, ctrlKey=True),
        key("F5", 5001),
        key("ArrowLeft", 5001),
    ],
    ids=["print", "save", "reload", "arrow"],
)
def test_nothing_in_a_scan_is_a_shortcut_of_the_browser(page: Page, shortcut: Event) -> None:
    played = play(page, burst("A", 5000), shortcut, burst("BC", 5002), key("Enter", 5004))
    assert played["kept"] == [True] * 5


@pytest.mark.threat("T11")
def test_a_shortcut_as_the_first_character_of_a_scan_does_nothing(page: Page) -> None:
    played = play(page, key("p", 5000, ctrlKey=True), burst("ABC", 5001), key("Enter", 5004))
    assert (played["said"], played["kept"][0]) == ([["\ufffdABC", False]], True)


@pytest.mark.parametrize(
    "unknowable",
    [key("Dead", 5002, keyCode=219), key("q", 5002, ctrlKey=True)],
    ids=["dead key", "control"],
)
def test_a_key_that_cannot_be_known_leaves_a_mark_in_the_code(
    page: Page, unknowable: Event
) -> None:
    played = said(page, burst("AB", 5000), unknowable, burst("CD", 5003), key("Enter", 5005))
    assert played == [["AB\ufffdCD", False]]


def test_keys_of_a_person_that_nobody_scans_stay_the_browsers(page: Page) -> None:
    copy, reload = key("c", 5000, ctrlKey=True), key("F5", 7000)
    assert play(page, copy, reload, key("Tab", 8000), key("Enter", 9000)) == {
        "said": [],
        "left": "",
        "kept": [False] * 4,
    }


def test_a_person_takes_back_a_key_and_all_of_them(page: Page) -> None:
    played = play(
        page,
        burst("12", 5000, every=300), key("Backspace", 6000), burst("3", 6300), key("Enter", 6600),
        burst("99", 7000, every=300), key("Escape", 8000),
    )  # fmt: skip
    assert (played["said"], played["left"]) == ([["13", True]], "")


def test_a_key_that_hangs_counts_once(page: Page) -> None:
    held = [key("A", 5001 + n, repeat=True) for n in range(3)]
    assert said(page, key("A", 5000), held, key("Enter", 5010)) == [["A", True]]


def test_a_browser_that_does_not_name_keys_is_believed_about_characters(page: Page) -> None:
    old: list[Event] = []
    for n, letter in enumerate("Ab1"):
        old += [
            ("keydown", 5000.0 + n, {"key": None, "keyCode": ord(letter.upper())}),
            ("keypress", 5000.0 + n, {"key": None, "charCode": ord(letter)}),
        ]
    end: Event = ("keydown", 5004, {"key": None, "keyCode": 13})
    assert said(page, old, end) == [["Ab1", False]]


def test_an_input_method_is_noticed_and_its_text_is_a_code(page: Page) -> None:
    nameless: Event = ("keydown", 5000, {"key": "Unidentified", "keyCode": 229})
    assert said(page, nameless) == [["unnamed", True]]
    page.evaluate(
        """() => {
            const field = document.getElementById("c");
            field.value = "SN-0001\\n";
            field.dispatchEvent(new InputEvent("input", {bubbles: true}));
        }"""
    )
    assert page.evaluate("[said.pop(), document.getElementById('c').value]") == [
        ["SN-0001", False],
        "",
    ]
