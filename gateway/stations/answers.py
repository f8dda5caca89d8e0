"""What a person at a station is told: an outcome, one sentence, and cards to look at.

    scan ──engine──► Answer ──► the screen (JSON), the scanner's beeper (its outcome), the feed

>>> Answer(Outcome.DONE, "A1 is received at A-01.").shown()["outcome"]
'done'
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from gateway.scanners.outcomes import Outcome

Tone = Literal["ok", "warn", "stop"]

Json = dict[str, Any]


def capital(text: str) -> str:
    """Return a text with its first letter as a capital, the others as they are.

    >>> capital("purchase order PO-1")
    'Purchase order PO-1'
    """
    return text[:1].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Button:
    """Something to touch: it sends a code, as if that had been scanned."""

    title: str
    code: str
    tone: Tone = "ok"

    def shown(self) -> Json:
        return {"title": self.title, "code": self.code, "tone": self.tone}


@dataclass(frozen=True, slots=True)
class Card:
    """A thing as a person sees it."""

    kind: str
    """``serial``, ``item``, ``location``, ``lot``, ``document``, ``party``, ``operator``, ``new``
    or ``hint``: one that is shown and cannot be chosen."""
    title: str
    subtitle: str = ""
    rows: Sequence[tuple[str, str]] = ()
    tone: Tone = "ok"
    choose: str = ""
    """The command that picks it while the station asks which."""
    buttons: Sequence[Button] = ()

    def shown(self) -> Json:
        return {
            "kind": self.kind,
            "title": self.title,
            "subtitle": self.subtitle,
            "rows": [list(row) for row in self.rows],
            "tone": self.tone,
            "choose": self.choose,
            "buttons": [button.shown() for button in self.buttons],
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a scan."""

    outcome: Outcome
    sentence: str
    code: str = ""
    """A refusal's code, as the API has it; empty when nothing was refused."""
    cure: str = ""
    cards: Sequence[Card] = ()
    subject: str = ""
    """What it was about, as the feed names it: ``serials/S…``."""
    event: int | None = None
    """The registry's event it made; the last of several."""
    job: str | None = None
    """The print job it made."""

    def but(self, outcome: Outcome, more: str) -> Answer:
        """Return the answer with another outcome and one more sentence."""
        return replace(self, outcome=outcome, sentence=f"{self.sentence} {more}")

    def shown(self) -> Json:
        """Return it as JSON."""
        return {
            "outcome": self.outcome.value,
            "code": self.code,
            "sentence": self.sentence,
            "cure": self.cure,
            "cards": [card.shown() for card in self.cards],
            "subject": self.subject,
            "event": self.event,
            "job": self.job,
        }


@dataclass(frozen=True, slots=True)
class Tally:
    """One row of what is expected here: a line of a document, a bin of a count."""

    title: str
    detail: str
    expected: int | None
    scanned: int

    def shown(self) -> Json:
        return {
            "title": self.title, "detail": self.detail, "expected": self.expected,
            "scanned": self.scanned,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is."""

    expected: int | None
    """None where nobody knows how many will come."""
    scanned: int
    rows: Sequence[Tally] = ()
    missing: Sequence[str] = ()
    """Named pieces that are still to come."""
    next: tuple[str, str] | None = None
    """Where to go next, and for what."""
    ticks: Sequence[Button] = ()
    """Pieces still to come that may be ticked by touch: their labels cannot be read."""

    def shown(self) -> Json:
        following = None
        if self.next is not None:
            following = {"title": self.next[0], "detail": self.next[1]}
        return {
            "expected": self.expected,
            "scanned": self.scanned,
            "rows": [row.shown() for row in self.rows],
            "missing": list(self.missing),
            "next": following,
            "ticks": [button.shown() for button in self.ticks],
        }


CURES: Mapping[str, str] = {
    "serial_on_hand": "Check the piece; scan its own serial, or put it aside.",
    "serial_in_custody": "It is here already; look it up to see where.",
    "serial_not_in_custody": "Look it up to see where it went.",
    "serial_held": "Put it aside; somebody who may release it decides.",
    "serial_committed_elsewhere": "Put it back, and take one that is free.",
    "serial_planned_elsewhere": "Open the document it is announced on.",
    "serial_wrong_item": "Check the piece and the line.",
    "serial_not_on_manifest": "Put it aside and ask whoever ordered it.",
    "serial_already_on_line": "Nothing to do; go on with the next.",
    "serial_already_counted": "Nothing to do; go on with the next.",
    "serial_count_mismatch": "Put it aside: there are more than were ordered.",
    "serial_mask_mismatch": "Look for another code on the box.",
    "document_done": "Scan another document.",
    "code_unknown": "Scan it again; look at what the label says.",
    "permission_denied": "Somebody with that right can do it: scan their badge.",
    "location_inactive": "Scan another location.",
    "registry_busy": "Scan it again.",
}
"""Refusal -> what the person with the scanner can do about it."""
