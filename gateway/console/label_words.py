"""What is said of jobs and labels on the screens: their states, and how one knows.

a label of the API ──known──► one sentence: where it is, and by what evidence
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JOB_STATE_WORDS: Mapping[str, str] = {
    "needs_attention": "Needs an answer",
    "printing": "Printing",
    "held": "On hold",
    "queued": "Waiting",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
}

JOB_TONES: Mapping[str, str] = {
    "needs_attention": "asked",
    "printing": "done",
    "held": "look",
    "queued": "quiet",
    "done": "done",
    "failed": "refused",
    "cancelled": "quiet",
}

LABEL_STATE_WORDS: Mapping[str, str] = {
    "queued": "Waiting",
    "held": "On hold",
    "sending": "Being sent",
    "sent": "At the printer",
    "printed": "On paper",
    "uncertain": "In doubt",
    "cancelled": "Cancelled",
    "expired": "Expired",
    "failed": "Failed",
    "dropped": "Given up",
}

LABEL_TONES: Mapping[str, str] = {
    "queued": "quiet",
    "held": "look",
    "sending": "quiet",
    "sent": "quiet",
    "printed": "done",
    "uncertain": "asked",
    "cancelled": "quiet",
    "expired": "look",
    "failed": "refused",
    "dropped": "quiet",
}

KNOWN_WORDS: Mapping[str, str] = {
    "queued": "No byte of it has left; it waits its turn.",
    "held": "It waits until somebody releases it.",
    "sending": "It is being sent to the printer now.",
    "sent": "The printer has it; whether it is on paper is found out now.",
    "sent none": "It was handed over whole. This printer cannot say whether it is on paper.",
    "printed odometer": "It is on paper: the printer's own counter of labels says so.",
    "printed print_end": "It is on paper: the printer reported this very label.",
    "printed fence": "It is on paper: the printer reported that it had worked through it.",
    "printed idle": "It is on paper: the printer finished all it had, without losing its power.",
    "printed operator": "It is on paper: a person saw it.",
    "uncertain": "It may be on paper. Only somebody who looks at the paper can tell.",
    "cancelled": "It was called off before any of it could print.",
    "expired": "It waited for longer than it was good for, and was not printed.",
    "failed": "It cannot be drawn for this printer, so nothing of it was sent.",
    "dropped": "A person gave it up, or had it printed anew.",
}
"""State, and evidence where that makes a difference -> how one knows where a label is."""


def known(label: Mapping[str, Any]) -> str:
    """Return in an English sentence how one knows where a label is.

    >>> known({"state": "printed", "evidence": "operator"})
    'It is on paper: a person saw it.'
    >>> known({"state": "dropped", "evidence": "odometer"})
    'A person gave it up, or had it printed anew.'
    """
    state, evidence = label["state"], label["evidence"]
    return KNOWN_WORDS.get(f"{state} {evidence}") or KNOWN_WORDS.get(state, "")


def content(label: Mapping[str, Any]) -> str:
    """Return what stands on a label, as short as it tells it from the next.

    >>> content({"id": "L7", "data": {"serial": "SN-1", "item": "DRILL"}}), content(
    ...     {"id": "L8", "data": None})
    ('SN-1 · DRILL', 'L8')
    """
    data = label["data"] or {}
    return " · ".join(str(value) for value in data.values() if value not in (None, "")) or str(
        label["id"]
    )
