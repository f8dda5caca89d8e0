r"""What a DPL printer can prove: that it has worked a label through, and stands idle.

    SOH A           eight flags, answered at once: is anything drawn or printed, what stops it?
    SOH a           the same with causes, on newer models
    STX v           the firmware's name, answered in turn: everything before it has been read
    STX a ◄── RS    it has printed a label

STX v behind a label is a fence: when it is answered, the label has been read; when the flags say
that nothing is drawn or printed any more, it has left. RS, the feedback character for a printed
label, is documented for serial lines only and says nothing of whose label it was, so it is no proof
of its own. But a printer that sends it must send it for our label, too: without it a label that was
cancelled at the printer would pass for printed. There is no label counter to ask for, and no marker
is kept. Commands: Class Series II Programmer's Manual, chapters 3 and 4.
"""

from __future__ import annotations

from gateway.drivers.evidence.asking import Asker
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status.dpl import (
    Answer,
    Causes,
    Flags,
    LabelPrinted,
    StatusReader,
    Version,
    troubles,
)
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof

FLAGS = b"\x01A"
CAUSES = b"\x01a"
FENCE = b"\x02v"
FEEDBACK = b"\x02a"

PATIENCE = 3.0
"""Seconds a healthy printer is given to answer."""

CAUSES_PATIENCE = 0.5
"""Seconds for SOH a, which older models do not know."""

STALE = 0.3
"""Seconds of silence after which no answer to an old question comes any more."""


class DplConversation:
    """Questions to one DPL printer. Implements ``Conversation``."""

    def __init__(self, wire: Wire, patience: float = PATIENCE) -> None:
        self._asker, self._patience = Asker(wire), patience
        self._reader = StatusReader()
        self._owed: list[bool] = []
        """Fences not answered yet, oldest first; True for those behind a label."""
        self._sealed = self._passed = 0
        self._feedback = False
        """It has sent RS on this connection."""
        self._reported = False
        """RS has come since the last label was sealed."""
        self._tells_causes = True

    def greet(self) -> Greeting | None:
        unanswered = any(self._owed)
        self._owed.append(False)
        found = self._ask(FLAGS + FENCE, (Flags, Version))
        version = found.get(Version)
        if Flags not in found or not isinstance(version, Version):
            return None
        # Fences of labels that were sent while nothing answered may be answered only now.
        if unanswered and not self._asker.falls_silent(STALE, self._patience):
            return None
        self._owed.clear()
        self._sealed = self._passed = 0
        self._asker.send(FEEDBACK)
        return Greeting(Proof.FENCE, {"firmware": version.text})

    def clear(self) -> None:
        # FFFF ends a picture half received, X a format, without printing it; CR before each ends a
        # half line. Where nothing is half received they mean nothing (manual, Image Loading; X).
        self._asker.send(b"\rFFFF\rX\r")

    def flush(self) -> bool:
        # SOH C would cancel what is being printed, too, and leave the printer paused.
        return False

    def seal(self, body: bytes) -> bytes:
        self._sealed += 1
        self._reported = False
        self._owed.append(True)
        return body + FENCE

    def plant(self, marker: str) -> None:
        # A fence needs none: what a broken connection left unproved is in doubt anyway.
        pass

    def look(self, marker: str | None) -> Report:
        flags = self._ask(FLAGS, (Flags,)).get(Flags)
        if not isinstance(flags, Flags):
            return Report(False)
        causes = None
        if flags.paper_fault and self._tells_causes:
            answer = self._ask(CAUSES, (Causes,), CAUSES_PATIENCE).get(Causes)
            causes = answer if isinstance(answer, Causes) else None
            self._tells_causes = causes is not None
        problems = troubles(flags, causes)
        passed = self._passed
        if passed == self._sealed and passed and self._feedback and not self._reported:
            passed -= 1
        # Nothing is dropped here (flush), so nothing is empty before it has come out: a printer
        # that is stopped may say that it prints nothing, with a label still in it.
        quiet = flags.empty and not any(problem.stops for problem in problems)
        return Report(True, passed, quiet=quiet, empty=quiet, problems=problems)

    # ------------------------------------------------------------ the wire

    def _ask(
        self, question: bytes, wanted: tuple[type[Answer], ...], patience: float | None = None
    ) -> dict[type[Answer], Answer]:
        """Send a question and return the answers of the wanted kinds that came in time."""
        if not self._asker.put(question, self._hear):
            return {}
        seconds = self._patience if patience is None else patience
        return self._asker.collect(wanted, self._hear, seconds)

    def _hear(self, heard: bytes) -> list[Answer]:
        """Read what came; note the fences that are passed and the labels that are reported."""
        answers = self._reader.feed(heard)
        for answer in answers:
            if isinstance(answer, Version) and self._owed:
                self._passed += self._owed.pop(0)
            elif isinstance(answer, LabelPrinted):
                self._feedback = self._reported = True
        return answers


def converse(wire: Wire) -> DplConversation:
    """Return a conversation on an open wire."""
    return DplConversation(wire)
