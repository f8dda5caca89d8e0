r"""What a TSPL printer can prove: its count of labels, a file in its memory, the order of answers.

    <ESC>!S            is it printing, what stops it? answered at any time, also in an error
    OUT @LABEL         labels printed so far; answered in its turn, behind what was sent before
    DOWNLOAD "GW….TXT" a file in DRAM, which forgets without power
    ~!F                is it still there? answered when the printer is ready

(TSC, TSPL/TSPL2 Programming Manual: <ESC>!S, OUT, @LABEL, DOWNLOAD, ~!F.) Three kinds of printer
come of it, told apart by what they answer:

- It says @LABEL and lists its files: its labels are counted. The manual says that @LABEL counts the
  labels that have been printed, and not at which moment of a label; so while the printer says that
  it prints, the newest label is not believed yet. A counter that restarts, or that somebody sets,
  shows as one that went back.
- It says what OUT tells it to: each label is followed by an OUT, which comes back when the label
  has been worked through, and the status then says that nothing prints any more.
- It answers the status at most, as many likes of these printers do. That it does nothing is no
  proof that it has worked through what it was sent: its labels end at ``sent``.

Nothing here prints: FILES and SELFTEST would, and are not used.
"""

from __future__ import annotations

import time

from gateway.drivers.evidence.asking import Asker, raise_what_stops
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status.tspl import (
    Answer,
    Files,
    Said,
    Status,
    StatusReader,
    read_short,
    troubles,
)
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof

STATUS = b"\x1b!S\r\n"
SHORT_STATUS = b"\x1b!?\r\n"
FILES = b"~!F\r\n"
"""Questions that end by themselves, each on a line of its own: whoever does not know one skips it
and nothing else."""
CANCEL = b"\x1b!."
"""Cancels all that is to be printed (TSPL/TSPL2 Programming Manual, <ESC>!.)."""

CLEARS = b"\r\n" * 1_100
"""More than the 2,048 bytes and the name of any picture: a printer that lost the end of one takes
these for it, and then, like every other printer, for empty lines."""

PATIENCE = 3.0
"""Seconds a healthy printer is given to answer."""

SHORT_PATIENCE = 1.0
"""Seconds for one byte from a printer that has just had time for eight."""

RESTS_FOR = 0.5
"""Seconds a fenced printer must have rested: OUT may come back before its label begins to move, and
nothing says that the status tells of that label at once."""

AT_REST = 1.0
"""Seconds more, behind the status, for what a printer that rests answers in its turn."""

IN_TURN = 0.25
"""Seconds more for what is answered in its turn, when labels are before it."""

CLEARING = 3.0
"""Seconds more for the first answer behind that, at 9,600 baud."""


class TsplConversation:
    """Questions to one TSPL printer. Implements ``Conversation``."""

    def __init__(
        self, wire: Wire, patience: float = PATIENCE, rests_for: float = RESTS_FOR
    ) -> None:
        self._asker, self._patience, self._rests_for = Asker(wire), patience, rests_for
        self._reader = StatusReader()
        self._behind = 0.0
        """Seconds that what was sent to clear the printer may take to get there."""
        self._long = True
        """It answers <ESC>!S, as far as is known."""
        self._proof = Proof.COUNTER
        self._asked = 0
        self._sealed = 0
        self._reported: set[int] = set()
        self._counter: int | None = None
        """The highest count that may be believed."""
        self._heard_count = ""
        """@LABEL as it was last said."""
        self._answered = self._asked_before_label = 0
        """Numbers of questions: the last that came back, the last that went before a label."""
        self._rests_since: float | None = None
        self._cancelled = False
        """Nothing was sent since all was cancelled."""

    def greet(self) -> Greeting | None:
        self._asked += 1
        tag = f"GWL{self._asked}"
        found = self._ask(
            STATUS + _out(tag, "@LABEL") + _out("GWM", "_MODEL$") + _out("GWN", "_SERIAL$"),
            (tag, "GWM", "GWN", "status"),
        )
        status = found.get("status")
        if status is None:
            self._long = False
            status = self._ask_short()
        said = {key: one.text for key, one in found.items() if isinstance(one, Said)}
        if isinstance(status, Status) and not said:
            # What it answers in its turn can only be learned when it works again.
            raise_what_stops(troubles(status))
        if status is None and not said:
            return None
        self._proof = Proof.NOTHING
        if tag in said:
            self._proof = Proof.FENCE
            if said[tag].isdecimal() and isinstance(status, Status):
                listed = self._ask(FILES, ("files",)).get("files")
                self._proof = Proof.FENCE if listed is None else Proof.COUNTER
        if self._proof is not Proof.NOTHING and status is None:
            self._proof = Proof.NOTHING  # nobody would know whether it still prints
        named = {"model": said.get("GWM", ""), "serial": said.get("GWN", "")}
        return Greeting(self._proof, {key: text for key, text in named.items() if text})

    def clear(self) -> None:
        self._asker.send(CLEARS)
        self._behind = CLEARING

    def flush(self) -> bool:
        self._cancelled = True
        self._asker.send(CANCEL)
        return True

    def seal(self, body: bytes) -> bytes:
        self._cancelled, self._rests_since = False, None
        self._asked_before_label = self._asked
        if self._proof is not Proof.FENCE:
            return body
        self._sealed += 1
        return body + _out(f"GWS{self._sealed}")

    def plant(self, marker: str) -> None:
        self._asker.send(b'DOWNLOAD "%b.TXT",2,GW\r\n' % marker.encode())

    def look(self, marker: str | None) -> Report:
        self._asked += 1
        tag = f"GWL{self._asked}"
        # All that was sent was worked through when an OUT behind it has come back.
        in_order = self._answered > self._asked_before_label
        question = _out(tag, "@LABEL" if self._proof is Proof.COUNTER else "")
        wanted = [tag, "status"]
        if marker is not None:
            question += FILES
            wanted.append("files")
        if self._long:
            found = self._ask(STATUS + question, tuple(wanted))
            status = found.get("status")
        else:
            status = self._ask_short()
            found = self._ask(question, tuple(wanted)) if status is not None else {}
        if not isinstance(status, Status):
            return Report(False)
        problems = troubles(status)
        answered = tag in found
        listed = found.get("files")
        # Its state was asked first and its count last: a printer that rests has counted all.
        quiet = status.rests and in_order and answered
        if not quiet:
            self._rests_since = None
        elif self._proof is Proof.FENCE:
            now = time.monotonic()
            self._rests_since = now if self._rests_since is None else self._rests_since
            quiet = now - self._rests_since >= self._rests_for
        return Report(
            True,
            self._count(exactly=status.rests and in_order),
            quiet=quiet,
            empty=quiet or (self._cancelled and not status.busy),
            marker=f"{marker}.TXT" in listed.names if isinstance(listed, Files) else None,
            problems=problems,
        )

    def _count(self, *, exactly: bool) -> int | None:
        """Return how many labels are proved: counted by the printer, or reported on this wire."""
        if self._proof is Proof.FENCE:
            prefix = 0
            while prefix + 1 in self._reported:
                prefix += 1
            return prefix
        said = self._heard_count
        if said.isdecimal() and len(said) < 10:
            counted = int(said)
            if exactly or (self._counter is not None and counted < self._counter):
                self._counter = counted
            elif self._counter is not None:
                self._counter = max(self._counter, counted - 1)
        return self._counter

    # ------------------------------------------------------------ the wire

    def _ask(self, question: bytes, wanted: tuple[str, ...]) -> dict[str, Answer]:
        """Send a question and return the answers that came in time, by what they answer."""
        found: dict[str, Answer] = {}
        if not self._asker.put(question, self._hear):
            return found
        end = time.monotonic() + self._patience + self._behind
        self._behind = 0.0
        hurried = False
        while not found.keys() >= set(wanted):
            left = end - time.monotonic()
            if left <= 0:
                break
            for key, answer in self._hear(self._asker.listen(left)):
                found[key] = answer
            status = found.get("status")
            if isinstance(status, Status) and not hurried:
                # What is answered in its turn may have to wait for labels, or for a person; a
                # printer that rests is soon there.
                left = AT_REST if status.rests else IN_TURN
                hurried, end = True, min(end, time.monotonic() + left)
        return found

    def _hear(self, heard: bytes) -> list[tuple[str, Answer]]:
        """Read what came; note the labels that the printer reports."""
        out: list[tuple[str, Answer]] = []
        for answer in self._reader.feed(heard):
            if isinstance(answer, Said):
                kind, number = answer.tag[:3], answer.tag[3:]
                if kind == "GWS" and number:
                    self._reported.add(int(number))
                elif kind == "GWL" and number and self._answered < int(number) <= self._asked:
                    self._answered, self._heard_count = int(number), answer.text
                out.append((answer.tag, answer))
            elif isinstance(answer, Status):
                out.append(("status", answer))
            elif isinstance(answer, Files):
                out.append(("files", answer))
        return out

    def _ask_short(self) -> Status | None:
        """Ask <ESC>!?, whose answer is one byte without a frame."""
        if not self._asker.put(SHORT_STATUS, self._hear):
            return None
        heard = self._asker.listen(min(self._patience, SHORT_PATIENCE))
        return read_short(heard[-1]) if heard else None


def _out(tag: str, variable: str = "") -> bytes:
    """Return commands by which the printer says the tag, and in brackets what a variable holds.

    One expression a line: printers differ in how they join several.
    """
    middle = f"OUT {variable}\r\n" if variable else ""
    return f'OUT "{tag}["\r\n{middle}OUT "]"\r\n'.encode()


def converse(wire: Wire) -> TsplConversation:
    """Return a conversation on an open wire."""
    return TsplConversation(wire)
