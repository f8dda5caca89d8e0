"""A scan as it comes in, and what it came to: what is between the engine and everybody else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from gateway.scanners.outcomes import Outcome

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """A scan as it comes in."""

    text: str
    aim: str = ""
    raw: bytes = b""
    fault: str = ""
    """``Read.fault``."""
    station: int | None = None
    scanner: int | None = None
    source: str = ""
    """Which page, program or device it comes from, for ``sequence``."""
    sequence: int | None = None
    actor: str = "local"
    may: Callable[[str], bool] = field(default=lambda _: True, repr=False)
    typed: bool = False
    at: int | None = None
    """When it was scanned, if that was not just now; microseconds UTC."""
    identifiers: bool = False
    """Whether the scanner's codes are bare data identifiers (MH10.8.2)."""
    separators: bool = False
    """Whether the scanner is known to send GS between GS1 elements."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a scan came to."""

    id: int
    answer: dict[str, Any]
    """As JSON."""
    outcome: Outcome
    code: str = ""
    """As it was written down."""
    station: str = ""
    replayed: bool = False

    def log(self, actor: str) -> None:
        """Leave one line in the log, unless there is one already. What was scanned is not in it:
        it is in the list of scans, for those who may read that."""
        if not self.replayed:
            log.info(
                "a scan was answered",
                extra={"scan": self.id, "actor": actor, "station": self.station,
                       "outcome": self.outcome.value, "refusal": self.answer["code"],
                       "characters": len(self.code)},
            )  # fmt: skip


FAULTS = {
    "incomplete": "Only a part of the code came. Scan it again.",
    "too_long": "That is longer than any code here. Scan the right label.",
    "characters": "The code holds characters that no label has. Nothing was done.",
    "encoding": "The scanner sent bytes that are no text. Check the scanner's settings.",
    "keys_lost": "Some characters were lost on the way. Scan it again.",
    "empty": "The scan was empty. Scan it again.",
}
"""Why a read cannot be believed -> what a person is told."""
