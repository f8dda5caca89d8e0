"""The life of a label, as a table; what evidence says of it; and what a job is then.

A label is one physical piece. Its state changes only by a row of ``TRANSITIONS``; a job's state
follows from its labels. Nothing here performs I/O: the store writes what these functions say, and
a printer's thread asks ``settle`` what a look at the printer proves.

>>> advance(State.QUEUED, Event.CLAIM)
<State.SENDING: 'sending'>
>>> settle(Window(outstanding=3, counter=100), Look(answered=True, counter=101), Proof.COUNTER)
Verdict(printed=1, rest=<Rest.WAIT: 'wait'>, evidence='odometer', because='')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from gateway.errors import TransitionRefused


class State(Enum):
    """Where one label is."""

    QUEUED = "queued"  # accepted and durable; no byte of it has left
    HELD = "held"  # accepted; waits for a person's or a program's release
    SENDING = "sending"  # written down before its first byte leaves
    SENT = "sent"  # all bytes handed over; final for printers that answer nothing
    PRINTED = "printed"  # on paper, by evidence
    UNCERTAIN = "uncertain"  # may be on paper; only a person can tell
    CANCELLED = "cancelled"  # withdrawn before any byte of it could print
    EXPIRED = "expired"  # its time to live ended while it waited
    FAILED = "failed"  # cannot be drawn for that printer; says why
    DROPPED = "dropped"  # an uncertain label a person gave up, or had printed anew


class Event(Enum):
    """What can happen to one label."""

    HOLD = "hold"
    RELEASE = "release"
    CLAIM = "claim"  # a printer takes it; durable before the first byte
    HAND_OVER = "hand over"  # the last byte was taken by the transport
    PROVE = "prove"  # evidence: it is on paper
    RETURN = "return"  # evidence: it is not on paper and cannot come
    WITHDRAW = "withdraw"  # RETURN of a label whose job was cancelled meanwhile
    DOUBT = "doubt"  # evidence is missing or contradicts itself
    CANCEL = "cancel"
    EXPIRE = "expire"
    FAIL = "fail"  # cannot be drawn: no byte of it has left
    RETRY = "retry"  # a person tries a failed label again
    CONFIRM = "confirm"  # a person saw it on paper
    DROP = "drop"  # a person gives it up


TRANSITIONS: Mapping[tuple[State, Event], State] = {
    (State.QUEUED, Event.HOLD): State.HELD,
    (State.QUEUED, Event.CLAIM): State.SENDING,
    (State.QUEUED, Event.CANCEL): State.CANCELLED,
    (State.QUEUED, Event.EXPIRE): State.EXPIRED,
    (State.QUEUED, Event.FAIL): State.FAILED,
    (State.HELD, Event.RELEASE): State.QUEUED,
    (State.HELD, Event.CANCEL): State.CANCELLED,
    (State.HELD, Event.EXPIRE): State.EXPIRED,
    (State.SENDING, Event.HAND_OVER): State.SENT,
    (State.SENDING, Event.PROVE): State.PRINTED,
    (State.SENDING, Event.RETURN): State.QUEUED,
    (State.SENDING, Event.WITHDRAW): State.CANCELLED,
    (State.SENDING, Event.DOUBT): State.UNCERTAIN,
    (State.SENDING, Event.FAIL): State.FAILED,
    (State.SENT, Event.PROVE): State.PRINTED,
    (State.SENT, Event.RETURN): State.QUEUED,
    (State.SENT, Event.WITHDRAW): State.CANCELLED,
    (State.SENT, Event.DOUBT): State.UNCERTAIN,
    (State.UNCERTAIN, Event.CONFIRM): State.PRINTED,
    (State.UNCERTAIN, Event.DROP): State.DROPPED,
    (State.FAILED, Event.RETRY): State.QUEUED,
    (State.FAILED, Event.DROP): State.DROPPED,
}
"""Every step a label can take. What is not here cannot happen."""

BYTES_MAY_HAVE_LEFT = frozenset({State.SENDING, State.SENT})
"""The states a restart settles before it sends anything new."""

FINAL = frozenset(
    {State.PRINTED, State.CANCELLED, State.EXPIRED, State.FAILED, State.DROPPED}
)  # fmt: skip
"""States nothing waits for. ``sent`` joins them when its evidence is ``none``."""


def advance(state: State, event: Event) -> State:
    """Return the label's next state.

    Raises:
        TransitionRefused: the table has no such step.
    """
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        possible = ", ".join(e.value for s, e in TRANSITIONS if s is state)
        raise TransitionRefused(
            f"The step {event.value!r} is not possible for a {state.value} label; "
            + (f"possible are {possible}." if possible else "nothing more can happen to it."),
            state=state.value,
            event=event.value,
        ) from None


def sources(event: Event) -> tuple[State, ...]:
    """Return the states from which an event is possible."""
    return tuple(state for state, e in TRANSITIONS if e is event)


# ---------------------------------------------------------------- jobs


class JobState(Enum):
    NEEDS_ATTENTION = "needs_attention"  # a label is uncertain: a person is asked
    PRINTING = "printing"
    HELD = "held"
    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Counts(NamedTuple):
    """How many labels of a job are in which state."""

    queued: int = 0
    held: int = 0
    sending: int = 0
    sent: int = 0
    printed: int = 0
    uncertain: int = 0
    cancelled: int = 0
    expired: int = 0
    failed: int = 0
    dropped: int = 0
    silent: int = 0
    """Of ``sent``, how many are final because their printer answers nothing."""


def job_state(counts: Counts) -> JobState:
    """Return the job's state: the first that applies, from the most pressing down.

    >>> job_state(Counts(queued=3, printed=2)), job_state(Counts(printed=5, cancelled=1))
    (<JobState.PRINTING: 'printing'>, <JobState.DONE: 'done'>)
    """
    on_the_way = counts.sending + counts.sent - counts.silent
    arrived = counts.printed + counts.silent
    if counts.uncertain:
        return JobState.NEEDS_ATTENTION
    if on_the_way or (counts.queued and arrived):
        return JobState.PRINTING
    if counts.held:
        return JobState.HELD
    if counts.queued:
        return JobState.QUEUED
    if counts.failed:
        return JobState.FAILED
    if arrived or counts.dropped:
        return JobState.DONE
    return JobState.CANCELLED


ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


# ---------------------------------------------------------------- evidence


class Proof(Enum):
    """What a printer can prove about its labels."""

    COUNTER = "counter"  # counts labels, exactly while it has power
    PRINT_END = "print_end"  # reports each of our labels when it is printed, on this connection
    FENCE = "fence"  # reports, in order, what it has worked through; one label at a time
    IDLE = "idle"  # says only whether it still works; one label at a time
    NOTHING = "nothing"  # answers no question: labels end at ``sent``


@dataclass(frozen=True, slots=True)
class Window:
    """The labels handed to a printer and not yet settled, oldest first."""

    outstanding: int
    counter: int | None
    """The printer's counter just before the oldest of them, if it has one."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a printer."""

    answered: bool
    counter: int | None = None
    """Labels it ever printed, or reports that came on this connection."""
    quiet: bool = False
    """Nothing waits in it, nothing is half received, no trouble stops it, its counter rests; and
    all that for longer than a label takes."""
    marker: bool | None = None
    """Our marker is still in its memory: it has not lost power. None: not asked."""
    unbroken: bool = True
    """The connection is the one the window was written to."""
    outlives_power: bool = False
    """Labels may have come to the printer behind others that a power loss swallowed: a serial line
    carries on. Then a count over a power loss says how many came out, and not which."""


class Rest(Enum):
    """What becomes of the labels that a look does not prove printed."""

    WAIT = "wait"
    RETURN = "return"
    DOUBT = "doubt"


class Verdict(NamedTuple):
    printed: int
    """How many of the oldest labels are on paper."""
    rest: Rest
    evidence: str = ""
    because: str = ""
    """Why the rest is in doubt; one sentence for people."""


def settle(window: Window, look: Look, proof: Proof) -> Verdict:
    """Return what one look proves about a window.

    No amount of waiting ever turns into a resend: without evidence the answer is WAIT, and when
    none can come any more it is DOUBT.
    """
    if not look.answered:
        return Verdict(0, Rest.WAIT)
    if proof is Proof.COUNTER:
        return _settle_by_counter(window, look)
    if proof in (Proof.PRINT_END, Proof.FENCE):
        return _settle_by_reports(window, look, proof)
    if not look.quiet:
        return Verdict(0, Rest.WAIT)
    if look.marker and look.unbroken:
        return Verdict(window.outstanding, Rest.WAIT, "idle")
    return Verdict(
        0,
        Rest.DOUBT,
        because="The printer lost its memory on the way and keeps no label counter."
        if look.marker is False
        else "The connection broke on the way and the printer keeps no label counter.",
    )


def _settle_by_reports(window: Window, look: Look, proof: Proof) -> Verdict:
    """Judge by what the printer reported of our own labels: ``counter`` counts its reports.

    A report is never another computer's label, but it goes to the connection it was asked on: what
    was not reported when that broke is in doubt, and so is a label that a printer with nothing
    left to do has not reported. Neither says that the label is not on paper.
    """
    if not look.unbroken:
        because = "The connection broke before the printer reported it, and it keeps no counter."
        return Verdict(0, Rest.DOUBT, because=because) if look.quiet else Verdict(0, Rest.WAIT)
    reported = (look.counter or 0) - (window.counter or 0)
    if not 0 <= reported <= window.outstanding:
        return Verdict(
            0,
            Rest.DOUBT,
            because=f"The printer reported {reported} labels where {window.outstanding} were sent.",
        )
    if proof is Proof.FENCE and not look.quiet:
        return Verdict(0, Rest.WAIT)  # worked through is not printed yet
    if reported < window.outstanding and look.quiet:
        because = "The printer has nothing left to do and never reported it."
        return Verdict(reported, Rest.DOUBT, proof.value, because)
    return Verdict(reported, Rest.WAIT, proof.value)


def _settle_by_counter(window: Window, look: Look) -> Verdict:
    if look.counter is None:
        return Verdict(0, Rest.WAIT)
    if window.counter is None:
        because = "The printer's counter was not known when these labels were sent."
        return Verdict(0, Rest.DOUBT, because=because) if look.quiet else Verdict(0, Rest.WAIT)
    printed = look.counter - window.counter
    if not 0 <= printed <= window.outstanding:
        return Verdict(
            0,
            Rest.DOUBT,
            because=f"The printer counted {printed} labels where {window.outstanding} were sent: "
            "somebody else printed on it, or its counter was changed.",
        )
    if look.outlives_power and look.marker is False:
        because = "The printer lost power on the way, and the line carried on meanwhile."
        return Verdict(0, Rest.DOUBT, because=because)
    if look.marker is False:
        # What the counter shows is proved. It may have forgotten its last labels with the power,
        # so what it does not show is in doubt and never returned.
        return Verdict(
            printed,
            Rest.DOUBT,
            "odometer",
            "The printer lost power on the way; its counter may have forgotten the last labels.",
        )
    if not look.quiet or printed == window.outstanding:
        return Verdict(printed, Rest.WAIT, "odometer")
    if look.marker or (look.unbroken and not look.outlives_power):
        return Verdict(printed, Rest.RETURN, "odometer")
    return Verdict(
        printed,
        Rest.DOUBT,
        "odometer",
        "The connection broke on the way and the printer cannot show whether it lost power.",
    )


MAX_SWALLOWED = 2
"""Times a printer may swallow a label over an unbroken connection before a person is asked: it
would otherwise be fed the same one for ever. Labels lost with a connection come back unlimited."""

WIDEST_WINDOW = 8
"""Labels on the way at once, at most: what a power loss may leave in doubt (measured: the number
of uncertain labels grows with it, and wider gains no speed)."""
