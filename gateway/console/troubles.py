"""How a printer is, in words for people: what is the matter, and the one thing to do about it.

    a printer of the API ──seen──► Seen(badge, sentence, cure, …)      in the person's language

Printers tell troubles by their kinds, which have the same words whatever language a printer speaks.
What has no words here is shown in the sentence that the API gives.

>>> paper_out = {"kind": "paper_out", "sentence": "Paper is out.", "cure": "Load.", "stops": True}
>>> status = {"condition": "stopped", "sentence": "Paper is out. Load.", "problems": [paper_out]}
>>> media = {"width": 100_000, "height": 50_000, "stock": ""}
>>> one = {"status": status, "media": media, "setup": {"tracking": None}, "paused": False}
>>> seen(one, "en").sentence, seen(one, "en").cure
('Paper is out.', 'Load 100 × 50 mm labels, close the lid, press Feed.')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.console.filters import millimetres
from gateway.console.words import translate
from gateway.drivers.status.problems import PROBLEMS

CONDITIONS: Mapping[str, tuple[str, str]] = {
    "ready": ("Ready", "done"),
    "printing": ("Printing", "asked"),
    "stopped": ("Stopped", "refused"),
    "unreachable": ("Not reached", "refused"),
    "starting": ("Starting", "quiet"),
    "paused": ("Paused", "look"),
}
"""Condition -> the word of its badge, and the badge's tone."""

_OWN: Mapping[str, tuple[str, str]] = {
    "paper_out": ("Paper is out.", "Load %(labels)s, close the lid, press Feed."),
    "unreachable": ("It cannot be reached.", "Check its power and cable."),
    "not_answering": (
        "The printer does not answer.",
        "Look for a message on it: paper, ribbon, open head, pause.",
    ),
    "offline": (
        "The printer is off line.",
        "Look at what it shows, and press its Feed button.",
    ),
    "paper_fault": (
        "Paper is out, stuck, or the lid is open.",
        "Look at the printer: load %(labels)s, close the lid, press Feed.",
    ),
    "ribbon_low": ("The ribbon is nearly out.", "Have a new ribbon ready."),
    "rewinder_fault": ("The rewinder is full or stuck.", "Empty the rewinder."),
    "wrong_roll": (
        "Another roll is loaded than the label is made for.",
        "Load %(labels)s, or set the printer's stock to the one in it.",
    ),
    "in_use": ("Another computer is printing.", "Wait until it has finished."),
    "fan_fault": ("The fan does not turn.", "Have the printer repaired."),
    "buffer_full": ("The printer's buffer is full.", "Switch the printer off and on."),
    "communication": (
        "The printer did not understand what it received.",
        "Check the cable, and switch the printer off and on.",
    ),
    "cancelled": (
        "Printing was cancelled at the printer.",
        "Look at the last label, and say in the gateway what became of it.",
    ),
    "system_error": ("The printer has a fault inside.", "Switch it off and on."),
    "mark_not_found": (
        "The black mark or gap is not found.",
        "Check that %(labels)s are loaded, and calibrate the printer.",
    ),
}

TROUBLES: Mapping[str, tuple[str, str]] = {
    **{kind: (problem.sentence, problem.cure) for kind, problem in PROBLEMS.items()},
    **_OWN,
}
"""Kind of a trouble -> what is the matter, and what to do; ``%(labels)s``: "100 × 50 mm labels"."""

SENTENCES = (
    "Not asked yet.",
    "Paused. Resume it to print.",
    "Printing.",
    "Ready.",
    "Ready. It answers no questions: labels end at 'sent'.",
    "Ready. It does not say what it has printed: labels end at 'sent'.",
    "Ready. It is not asked anything: labels end at 'sent'.",
    "Sending.",
    "The printer takes no more data; look whether it is stopped.",
)
"""What a printer without a trouble is said to do, word for word as its thread says it."""

_LABELS = "%(width)s × %(height)s mm labels"
_NAMED = "%(stock)s (%(width)s × %(height)s mm)"
_ENDLESS = "paper that is %(width)s mm wide"
_NAMED_ENDLESS = "%(stock)s (%(width)s mm wide)"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is the matter, and what to do."""

    sentence: str
    cure: str
    stops: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """A printer as a person sees it."""

    word: str
    """Of the badge."""
    tone: str
    sentence: str
    cure: str = ""
    detail: str = ""
    """What the API says beyond that, in English."""
    more: tuple[Trouble, ...] = ()
    """What else is the matter."""
    moves: bool = False
    """It may be in another condition soon, of which the feed does not tell."""


def texts() -> Iterator[str]:
    """Yield every English text of this module, for the table of words."""
    yield from (word for word, _ in CONDITIONS.values())
    for sentence, cure in TROUBLES.values():
        yield from filter(None, (sentence, cure))
    yield from SENTENCES
    yield from (_LABELS, _NAMED, _ENDLESS, _NAMED_ENDLESS)


def labels_of(printer: Mapping[str, Any], language: str) -> str:
    """Return the stock that belongs into a printer: "100 × 50 mm labels"."""
    media = printer["media"]
    endless = printer["setup"]["tracking"] == "continuous"
    if media["stock"]:
        text = _NAMED_ENDLESS if endless else _NAMED
    else:
        text = _ENDLESS if endless else _LABELS
    return translate(text, language) % {
        "stock": media["stock"],
        "width": millimetres(media["width"]),
        "height": millimetres(media["height"]),
    }


def seen(printer: Mapping[str, Any], language: str) -> Seen:
    """Return a printer of ``GET /v1/printers`` as a person sees it."""
    status = printer["status"]
    condition = status["condition"]
    word, tone = CONDITIONS.get(condition, (condition, "quiet"))
    word = translate(word, language)
    labels = labels_of(printer, language)
    troubles = [_trouble(problem, labels, language) for problem in status["problems"]]
    troubles.sort(key=lambda one: not one.stops)
    moves = condition in ("printing", "starting")
    if condition not in ("stopped", "unreachable") or not troubles:
        sentence = translate(status["sentence"], language)
        if condition == "ready" and any(not one.stops for one in troubles):
            tone = "look"
        return Seen(word, tone, sentence, more=tuple(troubles), moves=moves)
    first, *others = troubles
    said = status["sentence"]
    detail = said if condition == "unreachable" and said != first.sentence else ""
    return Seen(word, tone, first.sentence, first.cure, detail, tuple(others), moves)


def _trouble(problem: Mapping[str, Any], labels: str, language: str) -> Trouble:
    known = TROUBLES.get(problem["kind"])
    if known is None:
        sentence, cure = (translate(problem[key], language) for key in ("sentence", "cure"))
        return Trouble(sentence, cure, problem["stops"])
    sentence, cure = (translate(text, language) for text in known)
    return Trouble(sentence, cure % {"labels": labels}, problem["stops"])
