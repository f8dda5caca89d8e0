r"""What a SATO printer can prove: that it has worked through the one label it was given.

    ENQ      job, what it does, labels left (and, in Status 4, the job's name); answered at once
    CAN      drops all items and what is half received

Each label carries a job number and name of its own (ESC ID, ESC WK). It is done when an ENQ behind
it is answered by "on-line, waiting, 0 left" (CL4NX reference, return status of Status 3 and 4:
spaces and zeros once the job is completed or no data are there), and

- no question since the label was sent stayed without an answer, or our job was seen after it: a
  printer that was switched off meanwhile answers nothing for longer than a label takes;
- the last thing seen before was not a printer taken off line: there a person may cancel a job.
  Paper end cancels nothing: the label is printed when it is over (S84-ex reference, return sequence
  of Status 4);
- our job was seen, or the printer waits for ``UNSEEN`` seconds: small labels are out before the
  first question, and a label that is still being received must not pass for one that is out.

Else nobody can tell, and a person is asked. The printer needs the return status Status 3 or 4
(ENQ); with another it answers nothing, and its labels end at "sent". SATO's counters are lengths of
paper, so there is no label counter, and nothing we could put into its memory would tell of a power
loss.
"""

from __future__ import annotations

import random
import re
import time
from dataclasses import dataclass

from gateway.drivers.evidence.asking import Asker, Enquiry
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status.sbpl import Status, StatusReader, troubles
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof

ENQUIRE = b"\x05"
CANCEL = b"\x18"

PATIENCE = 3.0
"""Seconds a healthy printer is given to answer: older ones finish the label under the head first
(GL4xxe reference, enquire and response)."""

CLEAR_PATIENCE = 1.0
"""Seconds for an answer from a printer that may be inside a half item."""

LONGEST_PICTURE = 4_096
"""Bytes a picture of ours may lack when a connection broke inside it: 2,048 in hexadecimal."""

UNSEEN = 0.5
"""Seconds a printer must wait without a job before a label that was never seen counts as done."""

WATCH, WATCH_EVERY = 1.0, 0.05
"""Seconds a printer off line is watched, and how often: whether it prints afterwards shows that the
label was not cancelled."""

_PRINTING_ITEM = re.compile(rb"(?:\x02\x1bA(?:\x1b(?!Z|G|DN)[^\x1b]*)*\x1bZ\x03)*\x02\x1bA")
"""Up to the beginning of the item that prints: items before it only set something."""


@dataclass(slots=True)
class _Followed:
    """The label on its way, as the printer's answers show it."""

    job: str
    name: str
    seen: bool = False
    stood: bool = False
    """The last thing seen was a printer off line."""
    silent: bool = False
    """A question was not answered since the job was last seen."""
    waits_since: float | None = None

    def take(self, status: Status, now: float) -> bool:
        """Take in an answer; return whether it shows, with what came before, that it is done."""
        if not status.idle:
            ours = status.job == self.job and status.name in (None, self.name)
            self.seen |= ours
            self.silent &= not ours
            self.stood = status.doing == "offline"
            self.waits_since = None
            return False
        if self.waits_since is None:
            self.waits_since = now
        if self.silent or self.stood:
            return False
        return self.seen or now - self.waits_since >= UNSEEN

    @property
    def hopeless(self) -> bool:
        """Return whether it waits, and nothing that could still come would show the label done."""
        return self.waits_since is not None and (self.silent or self.stood)


class SbplConversation:
    """Questions to one SATO printer. Implements ``Conversation``."""

    def __init__(
        self, wire: Wire, patience: float = PATIENCE, clear_patience: float = CLEAR_PATIENCE
    ) -> None:
        self._asker, self._patience, self._clear = Asker(wire), patience, clear_patience
        self._reader = StatusReader()
        self._status = Enquiry(self._asker, ENQUIRE, self._read)
        # Another computer's numbers begin elsewhere, most likely.
        self._number = random.randrange(100)
        self._reported = 0
        self._way: _Followed | None = None

    def greet(self) -> Greeting | None:
        status = self._status.ask(self._patience)
        if status is None:
            return None
        protocol = "Status 3" if status.name is None else "Status 4"
        return Greeting(Proof.FENCE, {"protocol": protocol})

    def clear(self) -> None:
        status = self._status.ask(self._clear)
        if status is not None and not status.idle:
            return  # it has a whole label: with one at a time, there is no half one behind it
        self._asker.send(CANCEL)
        if status is None and self._status.ask(self._clear) is None:
            # Inside a picture CAN is a dot like others: so much fills one that lacks its rest.
            self._asker.send(b"0" * LONGEST_PICTURE + CANCEL)

    def flush(self) -> bool:
        if self._way is not None:
            self._way.silent, self._way.seen = True, False
        self._asker.send(CANCEL)
        return True

    def seal(self, body: bytes) -> bytes:
        self._number = (self._number + 1) % 100
        job, name = f"{self._number:02d}", f"GW{random.randrange(1 << 40):010X}"
        self._way = _Followed(job, name)
        head = _PRINTING_ITEM.match(body)
        at = head.end() if head else 0
        return body[:at] + f"\x1bID{job}\x1bWK{name}".encode() * bool(head) + body[at:]

    def plant(self, marker: str) -> None:
        # A fence needs none: what a broken connection left unproved is in doubt anyway.
        pass

    def look(self, marker: str | None) -> Report:
        status = self._status.ask(self._patience)
        end = time.monotonic() + WATCH
        while status is not None and self._stands(status) and time.monotonic() < end:
            self._pause()
            status = self._status.ask(self._patience)
        if status is None:
            if self._way is not None:
                self._way.silent = True
            return Report(False)
        if self._way is not None and self._way.take(status, time.monotonic()):
            self._reported += 1
            self._way = None
        problems = troubles(status)
        open_question = self._way is not None and not self._way.hopeless
        return Report(
            True,
            self._reported,
            quiet=status.idle and not open_question,
            empty=not status.remaining and status.doing not in ("printing", "editing"),
            problems=problems,
        )

    def _stands(self, status: Status) -> bool:
        """Take in an answer of a printer off line that has our label; return whether it is."""
        if self._way is None or status.doing != "offline":
            return False
        self._way.take(status, time.monotonic())
        return True

    def _pause(self) -> None:
        self._asker.hear(self._read, WATCH_EVERY)

    def _read(self, heard: bytes) -> list[Status]:
        """Return the statuses among what came."""
        return [answer for answer in self._reader.feed(heard) if isinstance(answer, Status)]


def converse(wire: Wire) -> SbplConversation:
    """Return a conversation on an open wire."""
    return SbplConversation(wire)
