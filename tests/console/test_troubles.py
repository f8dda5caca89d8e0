"""Troubles in words: every one that a printer can tell has its sentence and its cure."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest

from gateway.console import troubles, words
from gateway.console.troubles import SENTENCES, TROUBLES, Seen, Trouble, labels_of, seen, texts
from gateway.drivers import status
from gateway.printers import Problem


def printer(condition: str, sentence: str, *problems: Problem, **more: Any) -> dict[str, Any]:
    """Return what the API says of a printer."""
    told = [
        {"kind": one.kind, "sentence": one.sentence, "cure": one.cure, "stops": one.stops}
        for one in problems
    ]
    return {
        "name": "dock",
        "paused": False,
        "media": {"width": 60_000, "height": 25_400, "stock": ""},
        "setup": {"tracking": None},
        "status": {"condition": condition, "sentence": sentence, "problems": told},
    } | more


def test_every_trouble_that_a_printer_tells_has_words_for_people() -> None:
    told: dict[str, Problem] = {}
    for module in iter_modules(status.__path__):
        for value in vars(import_module(f"{status.__name__}.{module.name}")).values():
            found = value.values() if isinstance(value, dict) else [value]
            told |= {one.kind: one for one in found if isinstance(one, Problem)}
    assert {"paper_out", "offline", "wrong_roll", "paper_fault"} <= told.keys()
    assert told.keys() - TROUBLES.keys() == set()
    # What is said otherwise than the printer's thread says it names the labels that belong in.
    for kind, problem in told.items():
        sentence, cure = TROUBLES[kind]
        if "%(labels)s" not in cure and kind != "battery_low":
            assert (sentence, cure) == (problem.sentence, problem.cure), kind


@pytest.mark.parametrize(
    ("media", "tracking", "expected"),
    [
        ({"width": 60_000, "height": 25_400, "stock": ""}, None, "60 × 25.4 mm labels"),
        ({"width": 60_000, "height": 25_400, "stock": "A-7"}, "gap", "A-7 (60 × 25.4 mm)"),
        ({"width": 62_000, "height": 100_000, "stock": ""}, "continuous",
         "paper that is 62 mm wide"),
        ({"width": 62_000, "height": 100_000, "stock": "DK-1"}, "continuous", "DK-1 (62 mm wide)"),
    ],
)  # fmt: skip
def test_the_cure_names_the_labels_that_belong_into_the_printer(
    media: dict[str, Any], tracking: str | None, expected: str
) -> None:
    out = Problem("paper_out", "Paper is out.", "Load labels, close the lid, press Feed.")
    one = printer("stopped", "Paper is out.", out, media=media, setup={"tracking": tracking})
    assert labels_of(one, "en") == expected
    assert seen(one, "en") == Seen(
        "Stopped", "refused", "Paper is out.", f"Load {expected}, close the lid, press Feed."
    )


def test_what_stops_it_comes_first_and_what_only_worries_is_said_beside() -> None:
    worn = Problem("replace_head", "The print head is worn.", "Order a print head.", stops=False)
    lid = Problem("head_open", "The lid is open.", "Close the lid until it clicks.")
    said = (Trouble(worn.sentence, worn.cure, stops=False),)
    assert seen(printer("stopped", "The lid is open. Close.", worn, lid), "en") == Seen(
        "Stopped", "refused", lid.sentence, lid.cure, more=said
    )
    assert seen(printer("ready", "Ready.", worn), "en") == Seen(
        "Ready", "look", "Ready.", more=said
    )
    assert seen(printer("printing", "Printing."), "en").moves is True


def test_what_has_no_words_here_is_said_as_the_api_says_it() -> None:
    wrong = Problem("wrong_density", "It prints 12 dots per mm; correct its density.", "")
    assert seen(printer("stopped", wrong.sentence, wrong), "en") == Seen(
        "Stopped", "refused", wrong.sentence
    )
    gone = Problem("unreachable", "10.0.0.7:9100 does not answer.", "Check its power and cable.")
    assert seen(printer("unreachable", gone.sentence, gone), "en") == Seen(
        "Not reached", "refused", "It cannot be reached.", "Check its power and cable.",
        detail=gone.sentence,
    )  # fmt: skip
    assert seen(printer("stopped", "The printer takes no more data; look."), "en").sentence == (
        "The printer takes no more data; look."
    )


def test_each_text_is_translated_before_it_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {text: f"<{text}>" for text in texts()}
    monkeypatch.setattr(words, "_words", lambda language: table)
    out = Problem("paper_out", "Paper is out.", "Load labels, close the lid, press Feed.")
    assert seen(printer("stopped", "Paper is out.", out), "de") == Seen(
        "<Stopped>", "refused", "<Paper is out.>",
        "<Load <60 × 25.4 mm labels>, close the lid, press Feed.>",
    )  # fmt: skip
    for sentence in SENTENCES:
        assert seen(printer("ready", sentence), "de").sentence == f"<{sentence}>"
    assert set(troubles.CONDITIONS) == {
        "ready", "printing", "stopped", "unreachable", "starting", "paused",
    }  # fmt: skip
