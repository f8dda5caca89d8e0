r"""What a ZPL printer can prove: its label counter, its buffer, and a marker in its memory.

    ~HS                                     is anything waiting, what stops it?
    ! U1 getvar "odometer.total_label_count"  labels ever printed (Link-OS; SGD reference)
    ^XA^DFR:GWxxxxxx.ZPL^FS^XZ              an empty format in RAM, which forgets without power
    ^XA^HWR:GWxxxxxx.ZPL^XZ                 is it still there?

~HS goes first and the counter second: a printer that is quiet at ~HS has already counted all it
printed, so a quiet look never carries a counter that is too low. Zebra documents that ~HS is not
answered with media or ribbon out, head open, rewinder full or head over temperature; ~HQES is.
Printing is never used as a question (~WC, ^HH).
"""

from __future__ import annotations

from gateway.drivers.evidence.asking import Asker, read_count
from gateway.drivers.evidence.conversation import Greeting, Report
from gateway.drivers.status.zpl import (
    Answer,
    HostErrors,
    HostIdentity,
    HostStatus,
    Listing,
    StatusReader,
    Variable,
    troubles,
)
from gateway.drivers.transports.wire import Wire
from gateway.jobs import Proof

STATUS = b"~HS"
COUNTER = b'! U1 getvar "odometer.total_label_count"\r\n'
IDENTITY = b"~HI"
ERRORS = b"~HQES"

PATIENCE = 3.0
"""Seconds a healthy printer is given to answer."""

LAST_PATIENCE = 1.5
"""Seconds more for ~HQES, which answers when ~HS does not."""


class ZplConversation:
    """Questions to one ZPL printer. Implements ``Conversation``."""

    def __init__(self, wire: Wire, patience: float = PATIENCE) -> None:
        self._asker, self._patience = Asker(wire), patience
        self._counts = True
        """It has an odometer, as far as is known."""

    def greet(self) -> Greeting | None:
        found = self._ask(IDENTITY + STATUS + COUNTER, (HostIdentity, HostStatus, Variable))
        counter, status = found.get(Variable), found.get(HostStatus)
        self._counts = isinstance(counter, Variable) and read_count(counter.value) is not None
        if not self._counts and status is None:
            return None
        who = found.get(HostIdentity)
        identity = {}
        if isinstance(who, HostIdentity):
            identity = {
                "model": who.model,
                "firmware": who.firmware,
                "dots_per_mm": str(who.dots_per_mm),
                "memory": f"{who.memory_kb} kB",
            }
        return Greeting(Proof.COUNTER if self._counts else Proof.IDLE, identity)

    def clear(self) -> None:
        # ~DN ends a graphic half received, ~JX drops a format half received; neither touches what
        # is whole (ZPL II Programming Guide, ~DN and ~JX).
        self._asker.send(b"~DN~JX")

    def flush(self) -> bool:
        # ~JA cancels every format in the buffer (ZPL II Programming Guide, ~JA).
        self._asker.send(b"~JA")
        return True

    def seal(self, body: bytes) -> bytes:
        return body

    def plant(self, marker: str) -> None:
        self._asker.send(f"^XA^DFR:{marker}.ZPL^FS^XZ".encode())

    def look(self, marker: str | None) -> Report:
        wanted: tuple[type[Answer], ...] = (HostStatus,)
        question = STATUS
        if self._counts:
            wanted, question = (*wanted, Variable), question + COUNTER
        if marker is not None:
            question += f"^XA^HWR:{marker}.ZPL^XZ".encode()
            wanted = (*wanted, Listing)
        found = self._ask(question, wanted)
        status, counter, listing = (
            found.get(HostStatus),
            found.get(Variable),
            found.get(Listing),
        )
        if not isinstance(status, HostStatus):
            errors = self._ask(ERRORS, (HostErrors,), LAST_PATIENCE).get(HostErrors)
            # Its flags say what stops it, but not what waits in it: nothing is settled by them.
            return Report(
                False, problems=troubles(errors) if isinstance(errors, HostErrors) else ()
            )
        problems = troubles(status)
        return Report(
            True,
            read_count(counter.value) if isinstance(counter, Variable) else None,
            quiet=status.empty and not any(problem.stops for problem in problems),
            empty=status.empty,
            marker=f"R:{marker}.ZPL" in listing.names if isinstance(listing, Listing) else None,
            problems=problems,
        )

    # ------------------------------------------------------------ the wire

    def _ask(
        self,
        question: bytes,
        wanted: tuple[type[Answer], ...],
        patience: float | None = None,
    ) -> dict[type[Answer], Answer]:
        """Send a question and return the answers of the wanted kinds that came in time."""
        if not self._asker.put(question, len):
            return {}
        seconds = self._patience if patience is None else patience
        return self._asker.collect(wanted, StatusReader().feed, seconds)


def converse(wire: Wire) -> ZplConversation:
    """Return a conversation on an open wire."""
    return ZplConversation(wire)
