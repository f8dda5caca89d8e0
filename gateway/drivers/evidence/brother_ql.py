r"""What a Brother QL printer can prove: it reports each label by itself when it is printed.

    ESC i S          who is there, which roll, what is wrong; never while it prints
    ◄── phase change: printing, printing completed, phase change: waiting to receive

The reference allows nothing to be sent between the end of a page and the report that it is printed
(1. Printing Using Raster Commands, note to step 3), and its flow chart says that a page may still
move when it is reported (5.1). So it is followed as a fence: one label at a time, printed when it
is reported and the printer waits again, without trouble. Over USB it reports; on TCP port 9100 it
answers nothing (5.9), and labels end at ``sent``.
"""

from __future__ import annotations

import time

from gateway.drivers.evidence.asking import Asker
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status.brother_ql import Status, StatusReader, troubles
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof
from gateway.printers import Problem

STATUS = b"\x1biS"
INVALIDATE = bytes(400)
"""Fills up and ends whatever line is half received: it is more than a line of the widest head."""

PATIENCE = 1.5
"""Seconds a printer is given to answer: it does so within milliseconds, or never."""

LISTEN = 0.05
"""Seconds a look waits for a report while a label prints."""

ASK_AGAIN = 30.0
"""Seconds without any report after which a printer cannot be printing any more: a metre of paper
takes ten."""

SETTLED = 10.0
"""Seconds that a printer must wait without trouble, its label unreported, before it is believed to
have nothing left: after a trouble it prints the label again (ESC i z, recovery)."""


class BrotherConversation:
    """Questions to one QL printer. Implements ``Conversation``."""

    def __init__(self, wire: Wire, patience: float = PATIENCE) -> None:
        self._asker, self._patience = Asker(wire), patience
        self._reader = StatusReader()
        self._sealed = self._printed = 0
        self._receiving = True
        """It waits for data, as far as it has said."""
        self._problems: tuple[Problem, ...] = ()
        self._heard_at = time.monotonic()
        self._idle_since: float | None = None

    def greet(self) -> Greeting | None:
        self._asker.hear(self._hear)
        if self._sealed > self._printed and time.monotonic() - self._heard_at < ASK_AGAIN:
            return None  # it has not answered so far, and a label may be under its head
        status = self._ask()
        if status is None:
            return None
        self._sealed = self._printed = 0
        roll = f"{status.media_width} mm"
        if status.media_length:
            roll = f"{status.media_width} × {status.media_length} mm"
        return Greeting(Proof.FENCE, {"model": status.model, "roll": roll})

    def clear(self) -> None:
        # No ESC @: it would also drop a whole label. The next label begins with one.
        self._asker.send(INVALIDATE)

    def flush(self) -> bool:
        # One label at a time is on its way, and nothing tells whether it is being printed already.
        return False

    def seal(self, body: bytes) -> bytes:
        self._sealed += 1
        self._receiving = False
        self._idle_since = None
        self._heard_at = time.monotonic()
        return body

    def plant(self, marker: str) -> None:
        # There is no memory to keep one in.
        pass

    def look(self, marker: str | None) -> Report:
        now = time.monotonic()
        outstanding = self._sealed - self._printed
        self._asker.hear(self._hear, LISTEN if outstanding else 0.0)
        outstanding = self._sealed - self._printed
        if self._may_ask(now, outstanding) and self._ask() is None:
            return Report(False, self._printed)
        idle = self._receiving and not any(problem.stops for problem in self._problems)
        if outstanding and idle:
            if self._idle_since is None:
                self._idle_since = now
            idle = now - self._idle_since >= SETTLED
        elif outstanding:
            self._idle_since = None
        return Report(
            True,
            self._printed,
            quiet=idle,
            empty=idle,
            problems=self._problems,
        )

    def _may_ask(self, now: float, outstanding: int) -> bool:
        """Return whether a question cannot disturb a label that is being printed."""
        if not outstanding and self._receiving:
            return True
        # What has stopped, or been silent for longer than any label takes, prints nothing now.
        return bool(self._problems) or self._receiving or now - self._heard_at >= ASK_AGAIN

    # ------------------------------------------------------------ the wire

    def _ask(self) -> Status | None:
        """Return the answer to ESC i S, None when none comes."""
        if not self._asker.put(STATUS, self._hear):
            return None
        for heard in self._asker.said(self._patience):
            for status in self._hear(heard):
                if status.kind == "reply":
                    return status
        return None

    def _hear(self, heard: bytes) -> list[Status]:
        """Read what the printer has said, and note it."""
        statuses = self._reader.feed(heard)
        for status in statuses:
            self._take(status)
        return statuses

    def _take(self, status: Status) -> None:
        self._heard_at = time.monotonic()
        match status.kind:
            case "completed":
                self._printed = min(self._printed + 1, self._sealed)
            case "phase" | "reply":
                self._receiving = not status.printing
            case _:
                pass
        if status.kind != "notification" or status.cooling is not None:
            self._problems = troubles(status)


def converse(wire: Wire) -> BrotherConversation:
    """Return a conversation on an open wire."""
    return BrotherConversation(wire)
