r"""What an ESC/POS printer can prove: its report of each label, or its answer behind each label.

    DLE EOT 1 to 4     what stops it? answered in real time, also when it is off line
    GS ( H, function 48  "say this process ID when what came before is printed"
    GS r 1             answered in its turn, when what came before is worked through
    GS I 66 to 68      who is it?

(Epson ESC/POS Command Reference, DLE EOT, GS ( H, GS r, GS I.) Three kinds of printer come of it,
told apart by what they answer to the greeting:

- It repeats the process ID: each label ends with one of its own, and Epson says that the answer
  "is transmitted when the printing is completed". A printer that could not speak for a while may
  send the latest only; the manual lets a later label's answer stand for the earlier ones. That is
  print end.
- It answers GS r: the same question stands behind each label, one label at a time. Its answer says
  that the label was worked through; only a printer that then is on line and has answered once more
  is believed, and after a look that it left unanswered nothing is, since it may have been switched
  off. That is a fence.
- It answers DLE EOT at most, or nothing: its labels end at ``sent``.

A picture at which a connection broke is filled up before the greeting. The questions end with
ESC @, so that a printer that takes one of them for text forgets it before it prints a line.
"""

from __future__ import annotations

import secrets
import time
from collections import deque

from gateway.drivers.evidence.asking import Asker, raise_what_stops
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status.escpos import (
    Answer,
    Cleared,
    Identity,
    InTurn,
    ProcessId,
    RealTime,
    StatusReader,
    troubles,
)
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof

STATUS = b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
QUESTIONS = 4
IN_TURN = b"\x1dr\x01"
WHO = b"\x1dIB\x1dIC\x1dID"
"""GS I 66, 67, 68: maker, model, serial number."""
INITIALIZE = b"\x1b@"

CLEARS = b"\x18" * 4_200 + INITIALIZE
"""CAN is ignored in standard mode; inside a picture that was cut off it is dots, and the longest
of ours has 4,096 bytes."""

CANCEL = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8 clears what was received and not printed; its process IDs are not sent."""

PATIENCE = 3.0
"""Seconds a healthy printer is given to answer."""

SLOW_LINE = 2.5
"""Times as long, when bytes of ours are before the question: 4 kB take 4.3 s at 9600 baud."""

SOON = 0.25
"""Seconds more for what is answered in its turn, when nothing is before it."""

AGAIN = 10.0
"""Seconds after which a question that is not answered in its turn is put once more."""

_LETTERS = 94
"""Process IDs are four characters from ! to ~."""


class EscposConversation:
    """Questions to one ESC/POS printer. Implements ``Conversation``."""

    def __init__(self, wire: Wire, patience: float = PATIENCE, salt: int | None = None) -> None:
        self._asker, self._patience = Asker(wire), patience
        self._salt = secrets.randbelow(_LETTERS**4) if salt is None else salt
        self._reader = StatusReader()
        self._proof = Proof.PRINT_END
        self._number = 0
        """Process IDs given out: each is the next number behind the salt."""
        self._numbers: dict[str, int] = {}
        """The labels whose report is outstanding: process ID to ordinal."""
        self._probe = ""
        """The process ID of the question behind the last label; empty when it was answered."""
        self._queue: deque[int] = deque()
        """What GS r was asked for and not answered: a label's ordinal, or 0."""
        self._sealed = self._reported = 0
        self._settled = -1
        """Labels that were sealed when the last question that was answered was put."""
        self._asked_at = -AGAIN
        self._asked_behind = 0
        self._cleared = False
        self._fills = False
        """What fills up a broken picture is before the next question."""

    # ------------------------------------------------------------ Conversation

    def greet(self) -> Greeting | None:
        status, _ = self._ask(STATUS, QUESTIONS)
        if len(status) < QUESTIONS:
            return None
        # What it answers in its turn can only be learned when it works again.
        raise_what_stops(troubles(status))
        probe = self._next_id()
        # GS r goes last: its answer says that there was no answer to the others.
        question = WHO + _process_id(probe) + IN_TURN + INITIALIZE
        _, others = self._ask(question, 0, until=InTurn)
        names = [one.text for one in others if isinstance(one, Identity)]
        self._proof = Proof.NOTHING
        if ProcessId(probe) in others:
            self._proof = Proof.PRINT_END
        elif any(isinstance(one, InTurn) for one in others):
            self._proof = Proof.FENCE
        keys = ("maker", "model", "serial")
        return Greeting(self._proof, dict(zip(keys, names, strict=False)))

    def clear(self) -> None:
        self._fills = True
        self._asker.send(CLEARS)

    def flush(self) -> bool:
        if self._proof is not Proof.PRINT_END:
            return False
        self._asker.send(CANCEL)
        return True

    def seal(self, body: bytes) -> bytes:
        self._cleared = False
        if self._proof is Proof.NOTHING:
            return body
        self._sealed += 1
        if self._proof is Proof.FENCE:
            self._queue.append(self._sealed)
            return body + IN_TURN
        own = self._next_id()
        self._numbers[own] = self._sealed
        return body + _process_id(own)

    def plant(self, marker: str) -> None:
        """It has no memory that a question could show."""

    def look(self, marker: str | None) -> Report:
        before = self._reported
        self._asker.hear(self._hear)
        status, _ = self._ask(STATUS + self._question_in_turn(), QUESTIONS)
        if len(status) < QUESTIONS:
            # It may have been switched off: an answer without a name could be to anything.
            self._queue.clear()
            return Report(False)
        if self._proof is not Proof.NOTHING and self._reported == before:
            self._listen(SOON)
        problems = troubles(status)
        stopped = any(problem.stops for problem in problems)
        nothing = self._settled == self._sealed
        self._settled = -1  # each look needs an answer of its own
        return Report(
            True,
            None if self._proof is Proof.NOTHING else self._reported,
            quiet=nothing and not stopped,
            empty=nothing or self._cleared,
            problems=problems,
        )

    # ------------------------------------------------------------ in turn

    def _question_in_turn(self) -> bytes:
        """Return a question that is answered when all sealed labels are worked through.

        One is outstanding at a time, unless it was not answered for long.
        """
        if self._proof is Proof.NOTHING or self._settled == self._sealed:
            return b""
        waits = bool(self._probe) if self._proof is Proof.PRINT_END else 0 in self._queue
        now = time.monotonic()
        if waits and now - self._asked_at < AGAIN:
            return b""
        self._asked_at, self._asked_behind = now, self._sealed
        if self._proof is Proof.FENCE:
            self._queue.append(0)
            return IN_TURN
        self._probe = self._next_id()
        return _process_id(self._probe)

    def _hear(self, heard: bytes) -> list[Answer]:
        """Read what came; note what is answered in its turn."""
        answers = self._reader.feed(heard)
        for answer in answers:
            self._take(answer)
        return answers

    def _take(self, answer: Answer) -> None:
        match answer:
            case ProcessId(text) if text == self._probe:
                self._probe, self._settled = "", self._asked_behind
            case ProcessId(text) if (ordinal := self._numbers.get(text)) is not None:
                self._reported = ordinal
                self._numbers = {k: n for k, n in self._numbers.items() if n > ordinal}
            case InTurn() if self._queue:
                ordinal = self._queue.popleft()
                if ordinal:
                    self._reported = max(self._reported, ordinal)
                else:
                    self._settled = self._asked_behind
            case Cleared():
                self._cleared = True
            case _:
                pass

    def _next_id(self) -> str:
        self._number += 1
        value = (self._salt + self._number) % _LETTERS**4
        signs = []
        for _ in range(4):
            value, sign = divmod(value, _LETTERS)
            signs.append(chr(0x21 + sign))
        return "".join(reversed(signs))

    # ------------------------------------------------------------ the wire

    def _ask(
        self, question: bytes, count: int, until: type[Answer] | None = None
    ) -> tuple[list[RealTime], list[Answer]]:
        """Send a question; return so many answers in real time, and all others that came.

        Ends when they are complete, when an answer of the kind ``until`` came, or after a while.
        """
        status: list[RealTime] = []
        others: list[Answer] = []
        if not self._asker.put(question, self._hear):
            return status, others
        behind = self._fills or self._reported < self._sealed
        self._fills = False
        for heard in self._asker.said(self._patience * (SLOW_LINE if behind else 1)):
            for answer in self._hear(heard):
                if isinstance(answer, RealTime):
                    status.append(answer)
                else:
                    others.append(answer)
            if count and len(status) >= count:
                break
            if until is not None and any(isinstance(one, until) for one in others):
                break
        return status[:QUESTIONS], others

    def _listen(self, wait: float) -> None:
        """Wait for a report or an answer given in its turn."""
        before = self._reported
        for heard in self._asker.said(wait):
            self._hear(heard)
            if self._settled == self._sealed or self._reported > before:
                return


def _process_id(text: str) -> bytes:
    """Return GS ( H function 48: say the text when what came before is printed."""
    return b"\x1d(H\x06\x0000" + text.encode("ascii")


def converse(wire: Wire) -> EscposConversation:
    """Return a conversation on an open wire."""
    return EscposConversation(wire)
