"""What the pipe asks of the store: the values that cross, and the Protocol.

The store implements ``Ledger``; a printer's thread only sees this. Every call of ``record`` is one
durable transaction: when it returns, its steps survive a power cut.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from gateway.jobs import Event, State
from gateway.printers import Needs

ANY_PRINTER = Needs()

Kind = Literal["template", "raw", "document"]
"""What a job carries: data for a template, printer commands, or a PDF or picture."""


@dataclass(frozen=True, slots=True)
class Order:
    """A checked job, ready to be accepted. Everything in it is durable before the answer."""

    target: int
    """The printer's id (or a pool's)."""
    target_name: str
    kind: Kind
    rows: tuple[str | None, ...]
    """One JSON object of fields a label, in order; None where the payload says it all."""
    copies: int = 1
    template: str | None = None
    version: str | None = None
    """The template's content address, fixed here for the job's life."""
    mode: str = "exact"
    priority: int = 0
    strict: bool = False
    held: bool = False
    counted: bool = True
    """False: raw commands whose labels cannot be counted; they end at ``sent``."""
    expires_at: int | None = None
    """Microseconds UTC; labels still waiting then expire."""
    title: str = ""
    reason: str = ""
    reprint_of: tuple[int, ...] = ()
    """For a reprint: the labels printed anew, one for each row."""
    subjects: tuple[str | None, ...] = ()
    """What each row's labels are of, such as ``serial:17``; empty when they are of nothing."""
    counters: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Counter name -> (first value, value after the last label): moved on only if unchanged."""
    options: Mapping[str, object] = field(default_factory=dict)
    needs: Needs = ANY_PRINTER
    problem: str = ""
    """Why no printer can take it now, in a sentence: it is held until one can."""
    payload: bytes | None = None
    body: bytes | None = None
    """A single raw label's bytes, ready for the wire: not kept, the payload says it all."""
    proof: str | None = None
    """The fingerprint of the first label's dots, where somebody has seen them before."""


class Accepted(NamedTuple):
    """What the caller is told."""

    job: int
    state: str
    """``queued``, ``held``, or ``printing`` when a ready printer took it at once."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What all labels of a job share, as the pipe sees it."""

    job: int
    kind: Kind
    template: str | None
    version: str | None
    mode: str
    strict: bool
    counted: bool
    accepted_at: int
    counters: Mapping[str, int]
    """Counter name -> value of the first label."""
    options: Mapping[str, object]
    needs: Needs = ANY_PRINTER
    proof: str | None = None
    """The fingerprint of the first label's dots, where somebody has seen them before."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One label on its way to paper."""

    key: int
    """Its place in the order of acceptance, unique for ever."""
    ticket: Ticket
    number: int
    """1-based label of the job; copies share it."""
    copy: int
    state: State
    fields: str | None
    """JSON object of the fields as accepted."""
    marker: str | None = None
    counter_before: int | None = None
    returns: int = 0
    body: bytes | None = None
    """The bytes to send, where acceptance already made them."""


@dataclass(frozen=True, slots=True)
class Step:
    """One label's next step."""

    key: int
    event: Event
    evidence: str | None = None
    because: str | None = None
    marker: str | None = None
    counter_before: int | None = None
    swallowed: bool = False
    """For a RETURN: the connection held and the printer still did not print it."""


class Opening:
    """A place that a ready printer keeps open for the next label.

    A job of one label that finds it is accepted straight as ``sending``: one commit before the
    answer and before the first byte. The store takes it inside the transaction and gives the label
    after the commit; the printer's thread closes it before it does anything else.
    """

    __slots__ = ("_done", "_lock", "_piece", "_state", "counter_before", "marker", "steps")

    def __init__(
        self, marker: str | None, counter_before: int | None, steps: Sequence[Step] = ()
    ) -> None:
        self.marker, self.counter_before = marker, counter_before
        self.steps = steps
        """What the printer's thread has to record of the label before: it rides along."""
        self._lock, self._done = threading.Lock(), threading.Event()
        self._state: Literal["open", "taken", "closed"] = "open"
        self._piece: Piece | None = None

    def take(self) -> bool:
        """Take the place for a label of an uncommitted job; False when it is not open."""
        with self._lock:
            if self._state != "open":
                return False
            self._state = "taken"
            return True

    def give(self, piece: Piece) -> None:
        """The job is durable: hand its label over."""
        self._piece = piece
        self._done.set()

    def put_back(self) -> None:
        """The job's transaction was rolled back."""
        self._done.set()

    def close(self) -> Piece | None:
        """Close the place; return the label that came, after its commit if need be."""
        with self._lock:
            if self._state == "open":
                self._state = "closed"
                return None
        self._done.wait()
        return self._piece


class Ledger(Protocol):
    """The durable record of labels, as one printer's thread uses it."""

    def unsettled(self, printer: int) -> list[Piece]:
        """Return the labels of which bytes may have left, in the order they were claimed."""
        ...

    def waiting(self, printer: int, limit: int) -> list[Piece]:
        """Return the next labels this printer may claim, most urgent first."""
        ...

    def record(self, printer: int, steps: Sequence[Step]) -> frozenset[int]:
        """Write the steps in one durable transaction; return the keys that did not move.

        A label that was cancelled, or claimed by another printer, meanwhile does not move.
        """
        ...

    def hold_back(self, job: int, because: str) -> None:
        """Hold a job's waiting labels until its printer can print them; say why it cannot."""
        ...

    def learn(self, printer: int, told: Mapping[str, str]) -> None:
        """Keep what the printer says of itself: one that has answered once can answer."""
        ...

    def learned(self, printer: int) -> Mapping[str, str]:
        """Return what the printer last said of itself; empty if it never answered."""
        ...

    def keep_open(self, printer: int, opening: Opening) -> None:
        """Offer a ready printer's place to the next job of one label."""
        ...

    def withdrawn(self, keys: Sequence[int]) -> bool:
        """Return whether every one of these labels belongs to a job that was cancelled."""
        ...
