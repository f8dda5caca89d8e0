r"""What an EPL2 printer can prove: it acknowledges each label, in order, on this connection.

    US     from now on, ACK after each label and NAK with a code when something is wrong
    ^ee    is it at work (50), what stops it? answered at any time, also in an error
    UQ     its settings, US among them: whether it acknowledges at all

(Zebra, EPL Programming Guide 14245L-003: US, ^ee, UQ.) The guide says that ACK comes after each P
command when there was no error, and of the like mode UT that it comes with the last line of the
label. That is order, and near to the moment of printing; whether the label has left the head it
does not say. So the acknowledgement is taken for a fence: one label at a time, and printed when it
came and ^ee reports that the printer is at nothing more.

An EPL2 printer keeps no label counter that can be asked, and what it stores (forms, graphics) is in
flash: nothing there shows whether the power went. A printer that does not say US in its settings
is not waited for: its labels end at ``sent``. Many connections of these printers only send.
"""

from __future__ import annotations

from gateway.drivers.evidence.asking import Asker, raise_what_stops
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status import epl as status
from gateway.drivers.status.epl import Answer, Configuration, Printed, StatusReader, troubles
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof

ACKNOWLEDGE = b"\r\nUS\r\n"
STATUS = b"\r\n^ee\r\n"
SETTINGS = b"UQ\r\n"

CLEARS = b"\r\n" * 1_100
"""More than the 2,048 bytes of any picture: a printer that lost the end of one takes these for it,
and then, like every other printer, for empty lines."""

PATIENCE = 3.0
"""Seconds a healthy printer is given to answer."""

CLEARING = 3.0
"""Seconds more for the first answer behind that, at 9,600 baud."""


class EplConversation:
    """Questions to one EPL2 printer. Implements ``Conversation``."""

    def __init__(self, wire: Wire, patience: float = PATIENCE) -> None:
        self._asker, self._patience = Asker(wire), patience
        self._reader = StatusReader()
        self._behind = 0.0
        """Seconds that what was sent to clear the printer may take to get there."""
        self._acknowledged = 0

    def greet(self) -> Greeting | None:
        found = self._ask(ACKNOWLEDGE + STATUS + SETTINGS, (status.Report, Configuration))
        report, settings = found.get(status.Report), found.get(Configuration)
        if not isinstance(settings, Configuration):
            if not isinstance(report, status.Report):
                return None
            # Its settings can only be asked for when it works again.
            raise_what_stops(troubles(report.codes))
            return Greeting(Proof.NOTHING)
        # US itself may have been acknowledged, before the settings: labels are counted from here.
        self._acknowledged = 0
        named = {"model": settings.model, "firmware": settings.firmware, "serial": settings.serial}
        can_tell = settings.acknowledges and report is not None
        return Greeting(
            Proof.FENCE if can_tell else Proof.NOTHING,
            {key: text for key, text in named.items() if text},
        )

    def clear(self) -> None:
        self._asker.send(CLEARS)
        self._behind = CLEARING

    def flush(self) -> bool:
        # Nothing but a reset (^@) drops a label, and that would end US as well: it stays.
        return False

    def seal(self, body: bytes) -> bytes:
        return body  # it ends with a P, which is acknowledged

    def plant(self, marker: str) -> None:
        """There is no memory that forgets without power and can be looked into."""

    def look(self, marker: str | None) -> Report:
        report = self._ask(STATUS, (status.Report,)).get(status.Report)
        if not isinstance(report, status.Report):
            return Report(False)
        problems = troubles(report.codes)
        rests = status.BUSY not in report.codes and not any(one.stops for one in problems)
        return Report(True, self._acknowledged, quiet=rests, empty=rests, problems=problems)

    # ------------------------------------------------------------ the wire

    def _ask(self, question: bytes, wanted: tuple[type[Answer], ...]) -> dict[type[Answer], Answer]:
        """Send a question and return the answers of the wanted kinds that came in time."""
        if not self._asker.put(question, self._hear):
            return {}
        seconds, self._behind = self._patience + self._behind, 0.0
        return self._asker.collect(wanted, self._hear, seconds)

    def _hear(self, heard: bytes) -> list[Answer]:
        """Read what came; count the labels that are acknowledged."""
        answers = self._reader.feed(heard)
        self._acknowledged += sum(isinstance(answer, Printed) for answer in answers)
        return answers


def converse(wire: Wire) -> EplConversation:
    """Return a conversation on an open wire."""
    return EplConversation(wire)
