r"""What a CPCL printer can prove: a label counter where it has one, else that a label is done.

    ESC h                                     state; answered when the label before it is done
    ! U1 getvar "odometer.total_label_count"  labels ever printed (Link-OS; SGD reference)
    ESC N                                     acknowledges that it was switched on

The marker is a flag that the printer keeps itself: ESC h tells that it was switched on, until ESC N
acknowledges it. Without power it is raised again, so a cleared flag shows that the power never
went. Whoever else sends ESC N hides a power loss; the gateway is the only one on its line.

Printers without Link-OS answer ESC h alone, and it is a fence: it is answered once the label before
it is finished (CPCL manual, section 11, get printer status). The counter is asked when ESC h is
answered: a printer that says it is ready has counted all it printed. Only a printer that answers
ESC h is asked for a variable: what it does not know, a printer in line mode might print.
"""

from __future__ import annotations

from gateway.drivers.evidence.asking import Asker, Enquiry, read_count
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status.cpcl import AnswerReader, State, Wanted, read_states, troubles
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof

STATE = b"\x1bh"
WORDS = b"\x1bv"
ACKNOWLEDGE = b"\x1bN"
COUNTER = b'! U1 getvar "odometer.total_label_count"\r\n'

BREAK = b"! UTILITIES\r\nABORT\r\n"
"""In a label that was begun, it ends that without printing (CPCL manual, ABORT); outside one it
begins a session that only sets something, and says nothing in it. It does not begin with a new
line, which a printer outside a session would feed."""
END = b"\r\nPRINT\r\n"
"""Ends that session, behind whatever stands half in its line."""

PATIENCE = 5.0
"""Seconds a healthy printer is given to answer: ESC h waits for the label before it."""

NEXT_PATIENCE = 1.0
"""Seconds more for what older printers may not know."""

LONGEST_PICTURE = 4_096
"""Bytes a picture of ours may lack when a connection broke inside it: 2,048 in hexadecimal."""


class CpclConversation:
    """Questions to one CPCL printer. Implements ``Conversation``."""

    def __init__(
        self, wire: Wire, patience: float = PATIENCE, next_patience: float = NEXT_PATIENCE
    ) -> None:
        self._asker, self._patience, self._next = Asker(wire), patience, next_patience
        self._state = Enquiry(self._asker, STATE, read_states)
        self._counts = True
        """It has an odometer, as far as is known."""
        self._waiting = 0
        """Sealed labels that no ESC h was answered behind."""
        self._reported = 0
        self._lost = False
        """It was switched on anew since a label was sealed: what was sealed may be gone."""

    def greet(self) -> Greeting | None:
        if self._state.ask(self._patience) is None:
            return None
        words = self._ask(WORDS, "words", self._next)
        self._counts = read_count(self._ask(COUNTER, "value", self._next)) is not None
        identity = {"model": words} if words else {}
        return Greeting(Proof.COUNTER if self._counts else Proof.FENCE, identity)

    def clear(self) -> None:
        # ESC h is understood outside sessions only (CPCL manual, section 11): answered, nothing is
        # half received.
        if self._state.ask(self._next) is not None:
            return
        self._asker.send(BREAK)
        if self._state.ask(self._next) is None:
            # It lacks the rest of a picture, or answers nothing, or knows no ABORT: there a half
            # label comes out, and the next one is whole again.
            self._asker.send(BREAK * (LONGEST_PICTURE // len(BREAK) + 2) + END)

    def flush(self) -> bool:
        # CPCL has no word that drops whole labels.
        return False

    def seal(self, body: bytes) -> bytes:
        # ESC h behind each label is asked by ``look``: it is answered in turn.
        self._waiting += 1
        return body

    def plant(self, marker: str) -> None:
        self._asker.send(ACKNOWLEDGE)

    def look(self, marker: str | None) -> Report:
        state = self._state.ask(self._patience)
        if state is None:
            return Report(False)
        problems = troubles(state)
        ready = not state.busy and not any(problem.stops for problem in problems)
        if self._counts:
            counter = read_count(self._ask(COUNTER, "value", self._next))
        else:
            self._take(state, ready)
            counter = self._reported
        return Report(
            True,
            counter,
            quiet=ready,
            empty=not state.busy,
            marker=None if marker is None else not state.reset,
            problems=problems,
        )

    def _take(self, state: State, ready: bool) -> None:
        """Count what a ready printer has worked through, unless it forgot it."""
        self._lost |= state.reset and self._waiting > 0
        if ready and not self._lost:
            self._reported += self._waiting
            self._waiting = 0

    # ------------------------------------------------------------ the wire

    def _ask(self, question: bytes, wanted: Wanted, patience: float) -> str | None:
        """Ask for words; None when they did not come in time."""
        if not self._asker.put(question, self._state.late):
            return None
        reader = AnswerReader(wanted)
        for heard in self._asker.said(patience):
            if (answer := reader.feed(heard)) is not None:
                return answer
        return None


def converse(wire: Wire) -> CpclConversation:
    """Return a conversation on an open wire."""
    return CpclConversation(wire)
