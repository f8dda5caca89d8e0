"""Jobs and labels in the database: acceptance, the printers' ledger, and what people ask.

A label's state changes in one place (``_move``), by ``gateway.jobs.TRANSITIONS``; its job's counts
and state change in the same transaction, and a CHECK holds that the counts add up. The labels of a
job have consecutive numbers, so a job finds them without an index of its own.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Literal, Protocol

from gateway.errors import NotNow, TransitionRefused, UnknownJob, UnknownLabel
from gateway.jobs import (
    BYTES_MAY_HAVE_LEFT,
    ENDED,
    MAX_SWALLOWED,
    TRANSITIONS,
    Counts,
    Event,
    JobState,
    State,
    advance,
    job_state,
    sources,
)
from gateway.ledger import ANY_PRINTER, Accepted, Opening, Order, Piece, Step, Ticket
from gateway.printers import Needs, Printer, unfit
from gateway.store.daemons import ALONE, Membership
from gateway.store.engine import Database, Transaction, now
from gateway.store.feed import tell
from gateway.store.figures import What, count
from gateway.units import format_density, parse_density

_COUNTS = ", ".join(Counts._fields)
_INSERT_JOB = (
    "INSERT INTO job (seq, target, kind, template, version, mode, priority, strict, counted, "
    "accepted_at, expires_at, actor, title, reason, counters, options, state, labels, "
    "first_label, queued, held, sending, needs, problem, proof) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_NEW_LABEL = ("seq", "job", "target", "rank", "number", "copy", "state", "fields", "reprint_of",
              "subject")  # fmt: skip
_INSERT_LABEL = f"INSERT INTO label ({', '.join(_NEW_LABEL)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_CLAIMED = (
    "INSERT INTO label (seq, job, target, rank, number, copy, state, fields, reprint_of, subject, "
    "printer, marker, counter_before, claim, sent_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PIECE = (
    "SELECT l.seq, l.number, l.copy, l.state, l.fields, l.marker, l.counter_before, l.returns, "
    "j.seq, j.kind, j.template, j.version, j.mode, j.strict, j.counted, j.accepted_at, "
    "j.counters, j.options, j.needs, j.proof FROM label l JOIN job j ON j.seq = l.job "
)
_PIECE_RANKED = _PIECE.replace(" FROM label l", ", l.rank FROM label l")
_WAITING_RANKED = _PIECE_RANKED + (
    "WHERE l.target = ? AND l.state = 'queued' ORDER BY l.rank, l.seq LIMIT ?"
)  # fmt: skip
_MOST_VALUES = 500
"""Values in one statement; SQLite takes 999 at least."""
_WAITING = _PIECE + (
    "WHERE l.target = ? AND l.state = 'queued' ORDER BY l.rank, l.seq LIMIT ?"
)  # fmt: skip
_WAITING_IN_POOL = (
    "SELECT seq, needs FROM job WHERE target = ? AND ended_at IS NULL AND queued > 0 ORDER BY seq"
)
_UNSETTLED = _PIECE + (
    "WHERE l.printer = ? AND l.state IN ('sending', 'sent') AND l.evidence IS NULL "
    "ORDER BY l.claim, l.seq"
)
_ONE = (
    "SELECT job, number, state, evidence, returns, target, printer, subject FROM label "
    "WHERE seq = ?"
)
_JOB_COUNTS = f"SELECT {_COUNTS}, state, ended_at, actor, withdrawn FROM job WHERE seq = ?"
_SET_COUNTS = (
    "UPDATE job SET "
    + ", ".join(f"{name} = ?" for name in Counts._fields)
    + ", state = ?, ended_at = ? WHERE seq = ?"
)
_TOLD = {
    Event.PROVE: "label.printed",
    Event.CONFIRM: "label.printed",
    Event.DOUBT: "label.uncertain",
    Event.FAIL: "label.failed",
    Event.EXPIRE: "label.expired",
    Event.DROP: "label.dropped",
}
"""What the feed says of a step; the other steps show in the job's own entries."""

_COUNTED: Mapping[Event, What] = {
    Event.PROVE: "label",
    Event.CONFIRM: "label",
    Event.DOUBT: "uncertain",
    Event.FAIL: "failed",
}
"""What the figures say of a step."""

JOB_TOLD: Mapping[JobState, str] = {
    JobState.NEEDS_ATTENTION: "job.needs_attention",
    JobState.PRINTING: "job.printing",
    JobState.HELD: "job.held",
    JobState.QUEUED: "job.queued",
    JobState.DONE: "job.done",
    JobState.FAILED: "job.failed",
    JobState.CANCELLED: "job.cancelled",
}


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as the API shows it."""

    seq: int
    target: int
    kind: str
    template: str | None
    version: str | None
    mode: str
    priority: int
    strict: bool
    counted: bool
    accepted_at: int
    expires_at: int | None
    ended_at: int | None
    actor: str
    title: str
    reason: str
    state: str
    withdrawn: bool
    labels: int
    first_label: int
    problem: str | None
    """Why it is held, when it waits for stock or for a printer."""
    proof: str | None
    """The fingerprint of the first label's dots, where somebody has seen them before."""
    counts: Counts

    @property
    def id(self) -> str:
        return f"J{self.seq}"


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label as the API shows it."""

    seq: int
    job: int
    number: int
    copy: int
    state: str
    evidence: str | None
    fields: str | None
    printer: int | None
    problem: str | None
    reprint_of: int | None
    returns: int
    sent_at: int | None
    settled_at: int | None
    subject: str | None = None
    """What it is of: ``serial:17``."""

    @property
    def id(self) -> str:
        return f"L{self.seq}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What a watcher wants to know, at a cost that does not grow with what is kept."""

    jobs: int
    """Accepted, ever."""
    labels: int
    open_jobs: Mapping[str, int]
    """State -> jobs that have not ended."""
    open_labels: Counts


_ILL = frozenset({JobState.FAILED.value, JobState.CANCELLED.value})
"""The states of the index ``job_not_done``."""

_JOB_ROW = (
    "SELECT seq, target, kind, template, version, mode, priority, strict, counted, accepted_at, "
    "expires_at, ended_at, actor, title, reason, state, withdrawn, labels, first_label, problem, "
    f"proof, {_COUNTS} FROM job "
)
ENDLESS = (1 << 63) - 1
"""Above every job's number."""

LOOKED_BACK = 500
"""Jobs, and labels of a job, among which a printer's last ones are looked for."""

STILL_UNDER_WAY = 20
"""Jobs of which labels have left and none may be out."""

_LABEL_ROW = (
    "SELECT seq, job, number, copy, state, evidence, fields, printer, problem, reprint_of, "
    "returns, sent_at, settled_at, subject FROM label "
)


@lru_cache(maxsize=256)
def _write_needs(needs: Needs) -> str:
    if needs == ANY_PRINTER:
        return ""
    densities = [format_density(density) for density in needs.densities]
    return json.dumps([needs.width, needs.height, needs.stock, needs.language, densities])


@lru_cache(maxsize=256)
def _read_needs(text: str) -> Needs:
    if not text:
        return ANY_PRINTER
    width, height, stock, language, densities = json.loads(text)
    return Needs(width, height, stock, language, tuple(map(parse_density, densities)))


def _job_row(row: Sequence[Any]) -> JobRow:
    values: list[Any] = [*row[:21], Counts(*row[21:])]
    for flag in (7, 8, 16):  # strict, counted, withdrawn
        values[flag] = bool(values[flag])
    return JobRow(*values)


def _piece(row: Sequence[Any], tickets: dict[int, Ticket]) -> Piece:
    ticket = tickets.get(row[8])
    if ticket is None:
        ticket = tickets[row[8]] = Ticket(
            row[8], row[9], row[10], row[11], row[12], bool(row[13]), bool(row[14]), row[15],
            json.loads(row[16]), json.loads(row[17]), _read_needs(row[18]), row[19],
        )  # fmt: skip
    return Piece(row[0], ticket, row[1], row[2], State(row[3]), row[4], row[5], row[6], row[7])


def parse_number(text: str, letter: Literal["J", "L"]) -> int:
    """Return the number in ``J12`` or ``L12``.

    Raises:
        UnknownJob, UnknownLabel: it is not one.
    """
    digits = text[1:]
    if text[:1] == letter and digits.isascii() and digits.isdecimal() and len(digits) < 19:
        return int(digits)
    kind, what, example = (
        (UnknownJob, "job", "J12") if letter == "J" else (UnknownLabel, "label", "L12")
    )
    raise kind(f"{text!r} is no {what}; a {what}'s id looks like {example}.", id=text)


class Pools(Protocol):
    """Which printer may print what."""

    def of(self, printer: int) -> tuple[int, ...]:
        """Return the ids of the pools a printer is in."""
        ...

    def members(self, target: int) -> tuple[Printer, ...]:
        """Return the printers that may print what is sent to a printer or a pool."""
        ...


class Following(Protocol):
    """Whoever keeps what a label is of: a serial's state follows its label's."""

    def __call__(self, t: Transaction, subjects: Collection[str], actor: str) -> object:
        """Look at the labels of these subjects again, in the transaction that changed them."""
        ...


class JobStore:
    """Everything SQL about jobs and labels. Implements ``gateway.ledger.Ledger``."""

    def __init__(
        self, database: Database, pools: Pools | None = None, here: Membership = ALONE
    ) -> None:
        self._database, self._pools, self._here = database, pools, here
        self.returned: Callable[[int], object] = lambda target: None
        """Called with a pool's id when labels that one of its printers gave back wait again."""
        self.followed: Following = lambda t, subjects, actor: None
        """Called in every transaction that changed the state of labels that have a subject."""
        self._openings: dict[int, Opening] = {}
        # The order of claims goes on over restarts, whatever the clock did meanwhile.
        claimed = database.read(
            "SELECT coalesce(max(claim), 0) FROM label "
            "WHERE seq > (SELECT coalesce(max(seq), 0) FROM label) - 100000"
        )
        self._next_claim = max(int(claimed[0][0]), now()) + 1

    # ------------------------------------------------------------ acceptance

    def accept(self, t: Transaction, order: Order, actor: str, at: int) -> Accepted:
        """Write the job and its labels; return its number and state.

        Raises:
            Stale: a counter moved on meanwhile; bind the labels anew and try again.
        """
        total = len(order.rows) * order.copies
        # A job's labels are consecutive, and known before the first row is written.
        job, first = t.allot("job", 1).start, t.allot("label", total).start
        opening = self._openings.pop(order.target, None)  # whoever comes first closes it
        direct = (
            opening is not None and total == 1 and not order.held
            and self._drives(t, order.target) and opening.take()
        )  # fmt: skip
        if direct and opening is not None:
            state = State.SENDING
            t.instead(opening.put_back)
            if opening.steps:
                self._record(t, order.target, opening.steps)
        else:
            state = State.HELD if order.held else State.QUEUED
        counters = {name: start for name, (start, _) in order.counters.items()}
        told = "printing" if direct else state.value
        t.execute(
            _INSERT_JOB,
            (
                job, order.target, order.kind, order.template, order.version, order.mode,
                order.priority, int(order.strict), int(order.counted), at, order.expires_at,
                actor, order.title, order.reason,
                json.dumps(counters) if counters else "{}",
                json.dumps(order.options) if order.options else "{}",
                told, total, first,
                total if state is State.QUEUED else 0, total if order.held else 0, int(direct),
                _write_needs(order.needs), order.problem or None, order.proof,
            ),
        )  # fmt: skip
        if order.payload is not None:
            t.execute("INSERT INTO job_payload VALUES (?, ?)", (job, order.payload))
        name, target, rank, copies = state.value, order.target, -order.priority, order.copies
        subjects = order.subjects
        if order.reprint_of and not subjects:
            subjects = self._subjects_of(t, order.reprint_of)
        if total == 1:
            again = order.reprint_of[0] if order.reprint_of else None
            of = subjects[0] if subjects else None
            row = (first, job, target, rank, 1, 1, name, order.rows[0], again, of)
            if direct and opening is not None:
                self._hand_to(t, opening, order, row, counters, at)
            else:
                t.execute(_INSERT_LABEL, row)
        else:
            nothing = (None,) * len(order.rows)
            given = zip(order.rows, order.reprint_of or nothing, subjects or nothing, strict=True)
            rows = (
                (first + n * copies + c, job, target, rank, n + 1, c + 1, name, row, again, of)
                for n, (row, again, of) in enumerate(given)
                for c in range(copies)
            )
            t.bulk("label", _NEW_LABEL, rows)
        if order.problem:
            t.execute(
                "UPDATE label SET problem = ? WHERE seq BETWEEN ? AND ?",
                (order.problem, first, first + total - 1),
            )
        if any(subjects):
            self.followed(t, {of for of in subjects if of is not None}, actor)
        for counter, (start, after) in order.counters.items():
            self._take_counter(t, order.template or "", counter, start, after)
        tell(
            t, at, "job.accepted", f"jobs/J{job}", actor,
            {"job": f"J{job}", "printer": order.target_name, "labels": total,
             "state": told},
        )  # fmt: skip
        return Accepted(job, told)

    @staticmethod
    def _subjects_of(t: Transaction, labels: Sequence[int]) -> tuple[str | None, ...]:
        """Return what labels are of: their reprints are of the same."""
        found: dict[int, str | None] = {}
        for start in range(0, len(labels), _MOST_VALUES):
            some = labels[start : start + _MOST_VALUES]
            marks = ", ".join("?" * len(some))
            found |= dict(t.execute(f"SELECT seq, subject FROM label WHERE seq IN ({marks})", some))
        return tuple(found[label] for label in labels)

    def _drives(self, t: Transaction, printer: int) -> bool:
        """Return whether this daemon still drives a printer: another may have taken it over."""
        if self._here.number is None:
            return True
        row = t.execute("SELECT daemon FROM printer WHERE id = ?", (printer,)).fetchone()
        return row is None or self._here.drives(row[0])

    def _hand_to(
        self, t: Transaction, opening: Opening, order: Order, row: tuple[Any, ...],
        counters: Mapping[str, int], at: int,
    ) -> None:  # fmt: skip
        """Write a new label as claimed by the printer that kept a place open."""
        key, job = row[0], row[1]
        claim, self._next_claim = self._next_claim, self._next_claim + 1
        marker, before = opening.marker, opening.counter_before
        t.execute(_INSERT_CLAIMED, (*row, order.target, marker, before, claim, at))
        ticket = Ticket(
            job, order.kind, order.template, order.version, order.mode, order.strict,
            order.counted, at, counters, order.options, order.needs, order.proof,
        )  # fmt: skip
        piece = Piece(
            key, ticket, 1, 1, State.SENDING, order.rows[0], marker, before, body=order.body
        )
        t.after(lambda: opening.give(piece))

    @staticmethod
    def _take_counter(t: Transaction, template: str, name: str, start: int, after: int) -> None:
        moved = t.execute(
            "UPDATE counter SET next = ? WHERE template = ? AND name = ? AND next = ?",
            (after, template, name, start),
        ).rowcount
        if moved:
            return
        exists = t.execute(
            "SELECT next FROM counter WHERE template = ? AND name = ?", (template, name)
        ).fetchone()
        if exists is None:
            t.execute("INSERT INTO counter VALUES (?, ?, ?)", (template, name, after))
            return
        raise CounterMoved(template, name)

    def counters(self, template: str) -> dict[str, int]:
        """Return the next value of each counter of a template that was used before."""
        return dict(
            self._database.read("SELECT name, next FROM counter WHERE template = ?", (template,))
        )

    # ------------------------------------------------------------ the ledger

    def unsettled(self, printer: int) -> list[Piece]:
        tickets: dict[int, Ticket] = {}
        return [_piece(row, tickets) for row in self._database.read(_UNSETTLED, (printer,))]

    def waiting(self, printer: int, limit: int) -> list[Piece]:
        tickets: dict[int, Ticket] = {}
        pools = () if self._pools is None else self._pools.of(printer)
        if not pools:
            return [_piece(row, tickets) for row in self._database.read(_WAITING, (printer, limit))]
        found = [*self._database.read(_WAITING_RANKED, (printer, limit))]
        for pool in pools:
            found += self._waiting_in_pool(pool, printer, limit)
        found.sort(key=lambda row: (row[-1], row[0]))  # by rank, then by acceptance
        return [_piece(row, tickets) for row in found[:limit]]

    def _waiting_in_pool(self, pool: int, printer: int, limit: int) -> list[tuple[Any, ...]]:
        """Return a pool's next labels among those that this printer can print."""
        assert self._pools is not None
        (this,) = self._pools.members(printer) or (None,)
        if this is None:
            return []
        jobs = [
            job
            for job, needs in self._database.read(_WAITING_IN_POOL, (pool,))
            if not unfit(this, _read_needs(needs))
        ]
        found: list[tuple[Any, ...]] = []
        for start in range(0, len(jobs), _MOST_VALUES):
            some = jobs[start : start + _MOST_VALUES]
            marks = ", ".join("?" * len(some))
            found += self._database.read(
                f"{_PIECE_RANKED}WHERE l.target = ? AND l.state = 'queued' "
                f"AND l.job IN ({marks}) ORDER BY l.rank, l.seq LIMIT ?",
                (pool, *some, limit),
            )
        return found

    def record(self, printer: int, steps: Sequence[Step]) -> frozenset[int]:
        if not steps:
            return frozenset()
        return self._database.run(lambda t: self._record(t, printer, steps))

    def keep_open(self, printer: int, opening: Opening) -> None:
        self._openings[printer] = opening

    def withdrawn(self, keys: Sequence[int]) -> bool:
        marks = ", ".join("?" * len(keys))
        rows = self._database.read(
            f"SELECT min(j.withdrawn) FROM label l JOIN job j ON j.seq = l.job "
            f"WHERE l.seq IN ({marks})",
            tuple(keys),
        )
        return bool(rows[0][0])

    def hold_for(self, t: Transaction, job: int, because: str, actor: str) -> None:
        """Hold what waits of a job until a printer can print it; ``because`` is told to people."""
        row = self.job(job, t)
        if not row.counts.queued:
            return
        t.execute("UPDATE job SET problem = ? WHERE seq = ?", (because, job))
        self._move_waiting(t, job, Event.HOLD, actor, because=because)

    def hold_back(self, job: int, because: str) -> None:
        def work(t: Transaction) -> None:
            if self._pools is not None:
                row = t.execute("SELECT target, needs FROM job WHERE seq = ?", (job,)).fetchone()
                needs = _read_needs(row[1])
                if any(not unfit(printer, needs) for printer in self._pools.members(row[0])):
                    return  # by now one can
            self.hold_for(t, job, because, "gateway")

        self._database.run(work)

    def refit(self, t: Transaction, target: int, fits: Callable[[Needs], str], actor: str) -> bool:
        """Hold the target's jobs that cannot be printed now, and let go those that can again.

        ``fits`` says why not, empty when it can. Jobs that a person holds stay held. Return
        whether one was let go.
        """
        let_go = False
        for job, needs, problem, queued, held in t.execute(
            "SELECT seq, needs, problem, queued, held FROM job "
            "WHERE target = ? AND ended_at IS NULL AND queued + held > 0 ORDER BY seq",
            (target,),
        ).fetchall():
            because = fits(_read_needs(needs))
            if because and queued:
                self.hold_for(t, job, because, actor)
            elif because and problem:
                t.execute("UPDATE job SET problem = ? WHERE seq = ?", (because, job))
            elif held and problem and not because:
                self.release(t, job, actor)
                let_go = True
        return let_go

    def doubt(self, t: Transaction, printer: int, because: str, actor: str) -> int:
        """Leave what is on its way to a printer to a person; return how many labels."""
        keys = [row[0] for row in t.execute(_UNSETTLED, (printer,)).fetchall()]
        self._record(t, printer, [Step(key, Event.DOUBT, because=because) for key in keys], actor)
        return len(keys)

    def forget_learned(self, t: Transaction, printer: int) -> None:
        """Forget what a printer said of itself: another device has its name now."""
        t.execute("UPDATE printer SET told = '{}' WHERE id = ?", (printer,))

    def learn(self, printer: int, told: Mapping[str, str]) -> None:
        text = json.dumps(dict(told), ensure_ascii=False)
        self._database.run(
            lambda t: (
                t.execute("UPDATE printer SET told = ? WHERE id = ?", (text, printer)).rowcount
            )
        )

    def learned(self, printer: int) -> Mapping[str, str]:
        rows = self._database.read("SELECT told FROM printer WHERE id = ?", (printer,))
        told: Mapping[str, str] = json.loads(rows[0][0]) if rows else {}
        return told

    def payload(self, job: int) -> bytes:
        """Return what a raw or document job carries."""
        rows = self._database.read("SELECT content FROM job_payload WHERE job = ?", (job,))
        if not rows:
            raise UnknownJob(f"Job J{job} carries no document.", id=f"J{job}")
        return bytes(rows[0][0])

    def _record(
        self, t: Transaction, printer: int, steps: Sequence[Step], actor: str = ""
    ) -> frozenset[int]:
        at = now()
        refused, back, of = set[int](), set[int](), set[str]()
        claims = any(step.event is Event.CLAIM for step in steps)
        lost = claims and not self._drives(t, printer)
        skipped = 0  # claims refused: the labels behind them move up one place in the counter
        changes: dict[int, Counter[str]] = {}
        told: dict[tuple[int, str, str | None], list[int]] = {}
        figures: Counter[tuple[What, str]] = Counter()
        for step in steps:
            row = t.execute(_ONE, (step.key,)).fetchone()
            if row is None:
                refused.add(step.key)
                continue
            job, number, was, evidence, returns, target, holder, subject = row
            event, because = step.event, step.because
            if event is Event.RETURN:
                if t.execute("SELECT withdrawn FROM job WHERE seq = ?", (job,)).fetchone()[0]:
                    event = Event.WITHDRAW
                elif step.swallowed and returns >= MAX_SWALLOWED:
                    event = Event.DOUBT
                    because = (
                        f"The printer took this label {returns + 1} times and never counted it."
                    )
            becomes = TRANSITIONS.get((State(was), event))
            elsewhere = State(was) in BYTES_MAY_HAVE_LEFT and holder != printer
            taken = lost and event is Event.CLAIM
            if becomes is None or elsewhere or taken or (evidence is not None and was == "sent"):
                refused.add(step.key)
                skipped += event is Event.CLAIM
                continue
            if event is Event.CLAIM and skipped and step.counter_before is not None:
                moved_up = replace(step, counter_before=step.counter_before - skipped)
                self._write_step(t, printer, moved_up, event, becomes, because, at)
            else:
                self._write_step(t, printer, step, event, becomes, because, at)
            if subject is not None:
                of.add(subject)
            change = changes.setdefault(job, Counter())
            change[was] -= 1
            change[becomes.value] += 1
            if becomes is State.QUEUED and target != printer:
                back.add(target)
            if event is Event.HAND_OVER and step.evidence == "none":
                change["silent"] += 1
                told.setdefault((job, "label.sent", None), []).append(number)
                figures["label", ""] += 1
            if event in _COUNTED:
                figures[_COUNTED[event], because or ""] += 1
            if event in _TOLD:
                told.setdefault((job, _TOLD[event], because), []).append(number)
        for (job, kind, because), numbers in told.items():
            body: dict[str, object] = {"job": f"J{job}", "labels": numbers}
            if because:
                body["because"] = because
            tell(t, at, kind, f"jobs/J{job}", actor or f"printer:{printer}", body)
        for job, change in changes.items():
            self._count(t, job, change, at, actor or f"printer:{printer}")
        for (what, cause), n in figures.items():
            count(t, what, at, printer, cause, n)
        if of:
            self.followed(t, of, actor or f"printer:{printer}")
        t.touched |= bool(back)  # printers of other daemons may print them now
        for target in back:
            t.after(partial(self._tell_returned, target))
        return frozenset(refused)

    def _tell_returned(self, target: int) -> None:
        self.returned(target)

    def _write_step(
        self, t: Transaction, printer: int, step: Step, event: Event, becomes: State,
        because: str | None, at: int,
    ) -> None:  # fmt: skip
        key = step.key
        match event:
            case Event.CLAIM:
                claim, self._next_claim = self._next_claim, self._next_claim + 1
                t.execute(
                    "UPDATE label SET state = 'sending', printer = ?, marker = ?, "
                    "counter_before = ?, claim = ?, sent_at = ?, problem = NULL WHERE seq = ?",
                    (printer, step.marker, step.counter_before, claim, at, key),
                )
            case Event.HAND_OVER:
                t.execute(
                    "UPDATE label SET state = 'sent', evidence = ?, settled_at = ? WHERE seq = ?",
                    (step.evidence, at if step.evidence else None, key),
                )
            case Event.RETURN:
                t.execute(
                    "UPDATE label SET state = 'queued', printer = NULL, marker = NULL, "
                    "counter_before = NULL, claim = NULL, returns = returns + ? WHERE seq = ?",
                    (int(step.swallowed), key),
                )
            case _:
                t.execute(
                    "UPDATE label SET state = ?, evidence = coalesce(?, evidence), problem = ?, "
                    "settled_at = ? WHERE seq = ?",
                    (becomes.value, step.evidence, because, at, key),
                )

    def _count(
        self,
        t: Transaction,
        job: int,
        change: Mapping[str, int],
        at: int,
        actor: str,
        because: str | None = None,
    ) -> None:
        """Bring a job's counts and state up to date, and tell the feed when the state changed."""
        row = t.execute(_JOB_COUNTS, (job,)).fetchone()
        size = len(Counts._fields)
        counts = Counts(
            *(have + change.get(name, 0)
              for name, have in zip(Counts._fields, row[:size], strict=True))
        )  # fmt: skip
        state, was, ended = job_state(counts), row[size], row[size + 1]
        ended = (ended or at) if state in ENDED else None
        t.execute(_SET_COUNTS, (*counts, state.value, ended, job))
        if state.value != was:
            body = {"job": f"J{job}", "state": state.value}
            body |= {name: n for name, n in counts._asdict().items() if n}
            if because:
                body["because"] = because
            tell(t, at, JOB_TOLD[state], f"jobs/J{job}", actor, body)

    # ------------------------------------------------------------ what people do

    def hold(self, t: Transaction, job: int, actor: str) -> int:
        """Hold the labels that still wait until somebody releases them; return how many."""
        t.execute("UPDATE job SET problem = NULL WHERE seq = ?", (job,))
        return self._move_waiting(t, job, Event.HOLD, actor)

    def release(self, t: Transaction, job: int, actor: str) -> int:
        """Let the held labels go; return how many."""
        t.execute("UPDATE job SET problem = NULL WHERE seq = ?", (job,))
        return self._move_waiting(t, job, Event.RELEASE, actor)

    def cancel(self, t: Transaction, job: int, actor: str) -> int:
        """Cancel what has not left; labels on their way settle first. Return how many went."""
        row = self.job(job, t)
        if JobState(row.state) in ENDED:
            raise NotNow(
                f"Job {row.id} is {row.state}; there is nothing left to cancel.",
                id=row.id, state=row.state,
            )  # fmt: skip
        t.execute("UPDATE job SET withdrawn = 1 WHERE seq = ?", (job,))
        return self._move_waiting(t, job, Event.CANCEL, actor, refuse=False)

    def _move_waiting(
        self,
        t: Transaction,
        job: int,
        event: Event,
        actor: str,
        *,
        refuse: bool = True,
        because: str | None = None,
    ) -> int:
        row, at, change = self.job(job, t), now(), Counter[str]()
        self._openings.pop(row.target, None)  # released labels go before whatever comes next
        for state in sources(event):
            becomes = TRANSITIONS[state, event]
            settled = at if becomes is State.CANCELLED or becomes is State.EXPIRED else None
            moved = t.execute(
                "UPDATE label SET state = ?, settled_at = ?, problem = ? "
                "WHERE seq BETWEEN ? AND ? AND state = ?",
                (becomes.value, settled, because, row.first_label, row.first_label + row.labels - 1,
                 state.value),
            ).rowcount  # fmt: skip
            change[state.value] -= moved
            change[becomes.value] += moved
        total = sum(n for n in change.values() if n > 0)
        if not total and refuse:
            possible = " or ".join(state.value for state in sources(event))
            raise NotNow(
                f"Job {row.id} is {row.state} and has no {possible} label to {event.value}.",
                id=row.id, state=row.state,
            )  # fmt: skip
        if event is Event.EXPIRE and total:
            tell(t, at, "label.expired", f"jobs/J{job}", actor,
                 {"job": f"J{job}", "count": total})  # fmt: skip
        if total and event in (Event.CANCEL, Event.EXPIRE):
            self._follow_all(t, row, actor)
        self._count(t, job, change, at, actor, because)
        return total

    def _follow_all(self, t: Transaction, row: JobRow, actor: str) -> None:
        """Tell of all labels of a job that have a subject."""
        of = t.execute(
            "SELECT DISTINCT subject FROM label WHERE seq BETWEEN ? AND ? AND subject IS NOT NULL",
            (row.first_label, row.first_label + row.labels - 1),
        ).fetchall()
        if of:
            self.followed(t, [subject for (subject,) in of], actor)

    def set_priority(self, t: Transaction, job: int, priority: int, actor: str) -> None:
        """Move a job's waiting labels to another priority."""
        row = self.job(job, t)
        if not row.counts.queued + row.counts.held:
            raise NotNow(
                f"Job {row.id} is {row.state} and has no waiting label to move.",
                id=row.id, state=row.state,
            )  # fmt: skip
        t.execute("UPDATE job SET priority = ? WHERE seq = ?", (priority, job))
        t.execute(
            "UPDATE label SET rank = ? WHERE seq BETWEEN ? AND ? AND state IN ('queued', 'held')",
            (-priority, row.first_label, row.first_label + row.labels - 1),
        )
        tell(t, now(), "job.changed", f"jobs/J{job}", actor,
             {"job": f"J{job}", "priority": priority})  # fmt: skip

    def expire(self, at: int) -> int:
        """Expire what has waited past its time; return how many jobs were touched."""
        due = self._database.read(
            "SELECT seq FROM job WHERE expires_at IS NOT NULL AND ended_at IS NULL "
            "AND expires_at <= ? AND queued + held > 0",
            (at,),
        )
        if not due:
            return 0

        def work(t: Transaction) -> int:
            for (job,) in due:
                self._move_waiting(t, job, Event.EXPIRE, "gateway", refuse=False)
            return len(due)

        return self._database.run(work)

    def answer(
        self, t: Transaction, label: int, event: Event, actor: str, because: str = ""
    ) -> None:
        """Write what a person says of one label: CONFIRM, DROP or RETRY.

        Raises:
            UnknownLabel: there is no such label.
            TransitionRefused: the label is not in a state to answer for.
        """
        row = t.execute("SELECT printer, state FROM label WHERE seq = ?", (label,)).fetchone()
        if row is None:
            raise UnknownLabel(f"There is no label L{label}.", id=f"L{label}")
        try:
            advance(State(row[1]), event)
        except TransitionRefused as refused:
            raise TransitionRefused(f"Label L{label}: {refused.detail}", **refused.facts) from None
        evidence = "operator" if event is Event.CONFIRM else None
        t.touched = True  # a printer's daemon hears of it, also where the feed has nothing new
        self._record(t, row[0] or 0, [Step(label, event, evidence, because or None)], actor)

    def uncertain(self, printer: int | None = None, job: int | None = None) -> list[LabelRow]:
        """Return the labels a person is asked about, in the order they were sent."""
        where, values = "state = 'uncertain'", []
        if printer is not None:
            where += " AND printer = ?"
            values.append(printer)
        if job is not None:
            where += " AND job = ?"
            values.append(job)
        rows = self._database.read(f"{_LABEL_ROW} WHERE {where} ORDER BY claim, seq", values)
        return [LabelRow(*row) for row in rows]

    def questions(self) -> list[tuple[int, int]]:
        """Return each printer that a person is asked about, and of how many labels."""
        rows = self._database.read(
            "SELECT printer, count(*) FROM label WHERE state = 'uncertain' "
            "GROUP BY printer ORDER BY printer"
        )
        return [(printer, labels) for printer, labels in rows]

    def last_printed_before(self, label: int) -> LabelRow | None:
        """Return the last label known to be on the same printer's paper before this one."""
        rows = self._database.read(
            f"{_LABEL_ROW} WHERE printer = (SELECT printer FROM label WHERE seq = ?) "
            "AND state = 'printed' AND claim < (SELECT claim FROM label WHERE seq = ?) "
            "ORDER BY seq DESC LIMIT 1",
            (label, label),
        )
        return LabelRow(*rows[0]) if rows else None

    def came_out(self, printer: int, limit: int) -> list[LabelRow]:
        """Return the labels that came out of a printer last, newest first.

        They are known to be on paper, or were sent to a printer that says nothing. Looked at are
        the newest jobs for it and for the pools it is in, so that the answer takes no longer with
        a million labels.
        """
        pools = () if self._pools is None else self._pools.of(printer)
        jobs: list[tuple[int, int]] = []
        for target in (printer, *pools):
            # What still waits, or was called off before it left, is at a job's end.
            jobs += self._database.read(
                "SELECT first_label, gone FROM (SELECT seq, first_label, "
                "labels - queued - held - cancelled - expired AS gone FROM job WHERE target = ? "
                "ORDER BY seq DESC LIMIT ?) AS newest WHERE gone > 0 ORDER BY seq DESC LIMIT ?",
                (target, LOOKED_BACK, limit + STILL_UNDER_WAY),
            )
        found: list[LabelRow] = []
        for first, gone in sorted(jobs, reverse=True):
            last = first + gone - 1
            rows = self._database.read(
                f"{_LABEL_ROW} WHERE seq BETWEEN ? AND ? AND printer = ? "
                "AND (state = 'printed' OR state = 'sent' AND evidence IS NOT NULL) "
                "ORDER BY seq DESC LIMIT ?",
                (max(first, last - LOOKED_BACK), last, printer, limit - len(found)),
            )
            found += (LabelRow(*row) for row in rows)
            if len(found) == limit:
                break
        return found

    # ------------------------------------------------------------ what people ask

    def job(self, job: int, t: Transaction | None = None) -> JobRow:
        """Return one job; in a transaction as it is there.

        Raises:
            UnknownJob: there is none of that number.
        """
        query = f"{_JOB_ROW} WHERE seq = ?"
        rows = t.execute(query, (job,)).fetchall() if t else self._database.read(query, (job,))
        if not rows:
            raise UnknownJob(f"There is no job J{job}.", id=f"J{job}")
        return _job_row(rows[0])

    def jobs(
        self,
        *,
        after: int | None = None,
        limit: int = 50,
        states: Iterable[JobState] = (),
        target: int | None = None,
        template: str | None = None,
    ) -> list[JobRow]:
        """Return jobs, newest first, below the key ``after``; ``template`` by its own spelling."""
        # With both bounds SQLite walks the numbers down, whatever it once learned of the table's
        # size; without, a database that grew is read whole and sorted.
        where = ["seq BETWEEN 1 AND ?"]
        values: list[object] = [ENDLESS if after is None else after - 1]
        wanted = [state.value for state in states]
        of_target = "target = ?"
        if wanted:
            where.append(f"state IN ({', '.join('?' * len(wanted))})")
            values += wanted
            if not any(JobState(state) in ENDED for state in wanted):
                where.append("ended_at IS NULL")  # so that the index of open jobs serves
                of_target = "+target = ?"  # and not that of all of a printer's jobs
            elif _ILL.issuperset(wanted):
                where.append("state IN ('failed', 'cancelled')")  # and here that of these
                of_target = "+target = ?"
        if template is not None:
            where.append("template = ?")
            values.append(template)
            of_target = "+target = ?"  # a label's jobs are fewer than a printer's
        if target is not None:
            where.append(of_target)
            values.append(target)
        rows = self._database.read(
            f"{_JOB_ROW} WHERE {' AND '.join(where)} ORDER BY seq DESC LIMIT ?", (*values, limit)
        )
        return [_job_row(row) for row in rows]

    def labels(
        self, job: int, *, after: int = 0, limit: int = 100, state: State | None = None
    ) -> list[LabelRow]:
        """Return a job's labels in order, after the label number ``after``."""
        row = self.job(job)
        low = max(row.first_label, after + 1)
        where, values = "", list[object]()
        if state is not None:
            where, values = "AND state = ?", [state.value]
        rows = self._database.read(
            f"{_LABEL_ROW} WHERE seq BETWEEN ? AND ? {where} ORDER BY seq LIMIT ?",
            (low, row.first_label + row.labels - 1, *values, limit),
        )
        return [LabelRow(*r) for r in rows]

    def labels_of(self, subject: str, limit: int = 100) -> list[LabelRow]:
        """Return the labels that are of something, newest first."""
        query = f"{_LABEL_ROW} WHERE subject = ? ORDER BY seq DESC LIMIT ?"
        return [LabelRow(*row) for row in self._database.read(query, (subject, limit))]

    def label(self, label: int, t: Transaction | None = None) -> LabelRow:
        """Return one label; in a transaction as it is there.

        Raises:
            UnknownLabel: there is none of that number.
        """
        query = f"{_LABEL_ROW} WHERE seq = ?"
        rows = t.execute(query, (label,)).fetchall() if t else self._database.read(query, (label,))
        if not rows:
            raise UnknownLabel(f"There is no label L{label}.", id=f"L{label}")
        return LabelRow(*rows[0])

    def piece(self, label: int) -> Piece:
        """Return a label as the pipe sees it: to draw it again, or to reprint it."""
        rows = self._database.read(f"{_PIECE} WHERE l.seq = ?", (label,))
        if not rows:
            raise UnknownLabel(f"There is no label L{label}.", id=f"L{label}")
        return _piece(rows[0], {})

    def backlog(self, target: int) -> int:
        """Return how many labels wait for a printer."""
        rows = self._database.read(
            "SELECT count(*) FROM label WHERE target = ? AND state = 'queued'", (target,)
        )
        return int(rows[0][0])

    def figures(self) -> Figures:
        """Return how many jobs and labels there were, and are."""
        ((jobs, labels),) = self._database.read(
            "SELECT coalesce((SELECT max(seq) FROM job), 0), "
            "coalesce((SELECT max(seq) FROM label), 0)"
        )
        sums = ", ".join(f"coalesce(sum({name}), 0)" for name in Counts._fields)
        states = self._database.read(
            "SELECT state, count(*) FROM job WHERE ended_at IS NULL GROUP BY state"
        )
        totals = self._database.read(f"SELECT {sums} FROM job WHERE ended_at IS NULL")
        return Figures(jobs, labels, dict(states), Counts(*totals[0]))

    def unfinished(self, target: int) -> int:
        """Return how many labels a printer still owes an end to: waiting, held, under way."""
        rows = self._database.read(
            "SELECT coalesce(sum(queued + held + sending + sent - silent + uncertain), 0) "
            "FROM job WHERE target = ? AND ended_at IS NULL",
            (target,),
        )
        return int(rows[0][0])


class CounterMoved(NotNow):
    """Another job took the counter's values first; bind and try again."""

    title = "A counter moved on meanwhile"

    def __init__(self, template: str, counter: str) -> None:
        super().__init__(
            f"Counter {counter!r} of template {template!r} moved on meanwhile; send it again.",
            template=template, counter=counter,
        )  # fmt: skip
