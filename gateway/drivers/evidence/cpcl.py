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

import time

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

SENDING = 2.0
"""Seconds a question may wait to be taken by the wire."""


class CpclConversation:
    """Questions to one CPCL printer. Implements ``Conversation``."""

    def __init__(self, wire: Wire, patience: float = PATIENCE) -> None:
        self._wire, self._patience = wire, patience
        self._unsent = b""
        self._owed = 0
        """ESC h that are not answered yet. Their answers come in order, and late ones say nothing
        of a label that was sent meanwhile."""
        self._counts = True
        """It has an odometer, as far as is known."""
        self._waiting = 0
        """Sealed labels that no ESC h was answered behind."""
        self._reported = 0
        self._lost = False
        """It was switched on anew since a label was sealed: what was sealed may be gone."""

    def greet(self) -> Greeting | None:
        if self._state(self._patience) is None:
            return None
        words = self._ask(WORDS, "words", NEXT_PATIENCE)
        self._counts = _number(self._ask(COUNTER, "value", NEXT_PATIENCE)) is not None
        identity = {"model": words} if words else {}
        return Greeting(Proof.COUNTER if self._counts else Proof.FENCE, identity)

    def clear(self) -> None:
        # ESC h is understood outside sessions only (CPCL manual, section 11): answered, nothing is
        # half received.
        if self._state(NEXT_PATIENCE) is not None:
            return
        self._send(BREAK)
        if self._state(NEXT_PATIENCE) is None:
            # It lacks the rest of a picture, or answers nothing, or knows no ABORT: there a half
            # label comes out, and the next one is whole again.
            self._send(BREAK * (LONGEST_PICTURE // len(BREAK) + 2) + END)

    def flush(self) -> bool:
        # CPCL has no word that drops whole labels.
        return False

    def seal(self, body: bytes) -> bytes:
        # ESC h behind each label is asked by ``look``: it is answered in turn.
        self._waiting += 1
        return body

    def plant(self, marker: str) -> None:
        self._send(ACKNOWLEDGE)

    def look(self, marker: str | None) -> Report:
        state = self._state(self._patience)
        if state is None:
            return Report(False)
        problems = troubles(state)
        ready = not state.busy and not any(problem.stops for problem in problems)
        if self._counts:
            counter = _number(self._ask(COUNTER, "value", NEXT_PATIENCE))
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

    def _state(self, patience: float) -> State | None:
        """Ask for the state; None when it did not come in time."""
        self._hear_late()
        if (self._unsent and not self._send(b"")) or not self._send(STATE):
            return None  # the wire is full: no question is put behind the one that waits
        self._owed += 1
        last: State | None = None
        end = time.monotonic() + patience
        while self._owed and (left := end - time.monotonic()) > 0:
            for state in read_states(self._wire.read(left)):
                last, self._owed = state, max(0, self._owed - 1)
        if last is not None:
            self._owed = 0  # whatever else it owed, it has had the time to say
        return last

    def _ask(self, question: bytes, wanted: Wanted, patience: float) -> str | None:
        """Ask for words; None when they did not come in time."""
        self._hear_late()
        if not self._send(question):
            return None
        reader = AnswerReader(wanted)
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            if (answer := reader.feed(self._wire.read(left))) is not None:
                return answer
        return None

    def _hear_late(self) -> None:
        while heard := self._wire.read(0):
            self._owed = max(0, self._owed - len(read_states(heard)))

    def _send(self, words: bytes) -> bool:
        """Hand a question to the wire, behind what an earlier one left over."""
        self._unsent += words
        end = time.monotonic() + SENDING
        while self._unsent and (left := end - time.monotonic()) > 0:
            self._unsent = self._unsent[self._wire.write(self._unsent, left) :]
        return not self._unsent


def _number(answer: str | None) -> int | None:
    digits = (answer or "").strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None


def converse(wire: Wire) -> CpclConversation:
    """Return a conversation on an open wire."""
    return CpclConversation(wire)
