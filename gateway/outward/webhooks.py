"""Webhooks: entries of the feed become signed messages, until each is taken or a person is asked.

    commit ─► the sender ─► rows of what is wanted ─► a batch for each receiver ─► taken: row gone
                                   ▲                                          └──► missed: later
                                   └──────────── its time has come ◄──────────────────┘

At least once: a message is forgotten when the receiver has said 2xx and not before, so a gateway
that dies between is sent again, with the same ``webhook-id``. One message at a time and in the
order of the feed for each receiver; a message that was missed comes later than those behind it, and
its event's ``id`` says where it belongs. No receiver holds up another.

Standard Webhooks 1.0 says how a message looks, what signs it and when it is tried again.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from gateway import __version__
from gateway.errors import GatewayError
from gateway.outward.addresses import parse_receiver
from gateway.outward.posting import ANSWERS_WITHIN, Answer, Line, NotDelivered
from gateway.outward.signing import sign
from gateway.store.engine import Database, now
from gateway.store.feed import Entry, entries_after, station_of, wanted
from gateway.store.webhooks import MOST_WEBHOOKS, Due, Webhook, WebhookStore

log = logging.getLogger(__name__)

SCHEDULE: tuple[float, ...] = (0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)
"""Seconds before each try: three days (Standard Webhooks 1.0, "Deliverability and reliability")."""

JITTER = 0.2
"""The part of a delay by which it may be longer, so that what failed together does not again."""

LONGEST_DELAY = 24 * 3600
"""Seconds a receiver may ask for with ``Retry-After``."""

RESTS = (5.0, 10.0, 20.0, 40.0, 60.0)
"""Seconds for which a receiver that is away or busy is left alone, the longer the more often."""

BUSY = frozenset({429, 502, 503, 504})
"""What a receiver answers that has too much to do ("Delivery success and failure")."""

GONE = 410
"""What a receiver answers that wants no more (the same)."""

MOST_WAITING = 10_000
"""Rows of one webhook; what comes behind them waits in the feed."""

PAGE = 500
"""Entries read at once."""

BATCH = 50
"""Messages a thread sends before others' turn is looked at."""

FINISHES_WITHIN = 1.0
"""Seconds in which what is under way at the end may still be answered."""

SOON = 0.01
"""Seconds until the next look, at least."""

LATE = 1000
"""Entries nobody wanted that a cursor may be behind before that is written down."""

HELD_FOR = 120_000_000
"""Microseconds for which a daemon has the webhooks of a shared database, unless it renews that:
longer than a message may take, its name server included."""

RENEWED_EVERY = 30.0
"""Seconds."""

OWN = "webhook"
"""Entries of webhooks are not told by webhooks: two that fail would tell of each other for ever."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a message."""

    taken: bool
    status: int | None
    """None: no answer came."""
    sentence: str
    retry_after: int | None = None


def message_of(hook: Webhook, entry: Entry, body: bytes, at: int) -> dict[str, str]:
    """Return the headers of a message; ``at`` in microseconds."""
    number, seconds = f"msg_{hook.uid}_{entry.seq}", at // 1_000_000
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": f"label-gateway/{__version__}",
        "webhook-id": number,
        "webhook-timestamp": str(seconds),
        "webhook-signature": sign(hook.signs_with(at), number, seconds, body),
    }


def send(line: Line, hook: Webhook, entry: Entry, body: bytes) -> Outcome:
    """Send one entry once; return what came of it. Blocks for at most ``ANSWERS_WITHIN`` twice."""
    try:
        answer = line.post(message_of(hook, entry, body, now()), body)
    except NotDelivered as failure:
        return Outcome(False, None, str(failure))
    return Outcome(200 <= answer.status < 300, answer.status, _say(answer), answer.retry_after)


def _say(answer: Answer) -> str:
    if 200 <= answer.status < 300:
        return f"The receiver took it ({answer.status})."
    if 300 <= answer.status < 400:
        return (
            f"The receiver answered {answer.status}, which sends to another place; give the "
            "webhook that URL if it is right: redirects are not followed."
        )
    if answer.status == GONE:
        return "The receiver answered 410: it wants no more messages."
    return f"The receiver answered {answer.status}."


def try_out(hook: Webhook, entry: Entry, body: bytes) -> Outcome:
    """Send one entry once, on a connection of its own; return what came of it. Blocks."""
    line = Line(parse_receiver(hook.url), private=hook.private)
    try:
        return send(line, hook, entry, body)
    finally:
        line.close()


def next_try(attempts: int, schedule: Sequence[float], retry_after: int | None) -> float | None:
    """Return the seconds until the next try after so many; None: there is none.

    >>> next_try(10, SCHEDULE, None) is None
    True
    >>> 5 <= next_try(1, SCHEDULE, None) <= 6
    True
    >>> next_try(1, SCHEDULE, 3600)
    3600
    """
    if attempts >= len(schedule):
        return None
    delay = schedule[attempts] * random.uniform(1.0, 1.0 + JITTER)
    return max(delay, min(retry_after or 0, LONGEST_DELAY))


class Sender(threading.Thread):
    """Moves each webhook's cursor, and has what is due sent by a thread of its receiver's own."""

    def __init__(
        self,
        database: Database,
        webhooks: WebhookStore,
        encode: Callable[[Entry], bytes],
        daemon: int | None = None,
        schedule: Sequence[float] | None = None,
    ) -> None:
        """``daemon``: this one's number in a shared database; None: there is no other."""
        super().__init__(name="webhooks", daemon=True)
        self._database, self._webhooks, self._encode = database, webhooks, encode
        self._daemon, self._schedule = daemon, SCHEDULE if schedule is None else schedule
        self._news = threading.Event()
        self._stopping = threading.Event()
        self._pool = ThreadPoolExecutor(MOST_WEBHOOKS, "webhook")
        self._batches: set[Future[None]] = set()
        self._guard = threading.Lock()
        """Over what the threads of receivers change: the four below."""
        self._busy: set[int] = set()
        self._lines: set[Line] = set()
        self._rests: dict[int, float] = {}
        """By webhook, when it may be tried again (monotonic)."""
        self._rested: dict[int, int] = {}
        """By webhook, how many times in a row it was left alone."""
        self._kept: dict[int, int] = {}
        """By webhook of ours, its place as the database has it."""
        self._seen: dict[int, int] = {}
        """The same, with what was passed since and is not worth a write."""
        self._held_until = 0.0
        self._renew_at = 0.0
        self._changes = -1

    # ------------------------------------------------------------ life

    def start(self) -> None:
        self._database.listen(self._news.set)
        super().start()

    def stop(self) -> None:
        """End it: what is under way after a moment is cut off, and sent again by who comes next."""
        if not self.is_alive():
            self._pool.shutdown()
            return
        self._stopping.set()
        self._database.unlisten(self._news.set)
        self._news.set()
        self.join()
        futures.wait(self._batches, FINISHES_WITHIN)  # an answer may be on its way
        with self._guard:
            lines = tuple(self._lines)
        for line in lines:
            line.cut()
        self._pool.shutdown()
        if self._daemon is not None:
            with contextlib.suppress(GatewayError):
                self._database.run(lambda t: self._webhooks.let_go(t, self._daemon))

    def run(self) -> None:
        while not self._stopping.is_set():
            self._news.clear()
            try:
                wait = self._round()
            except GatewayError as error:  # the database is away: it says so itself
                log.debug("webhooks rest", extra={"reason": error.detail})
                wait = 1.0
            except Exception:  # a thread's edge: the next round may do better
                log.exception("the webhooks' sender failed")
                wait = 5.0
            self._news.wait(wait)

    # ------------------------------------------------------------ one round

    def _round(self) -> float:
        """Do what can be done now; return the seconds until there is more by itself."""
        hooks = {hook.id: hook for hook in self._webhooks.all() if hook.active}
        if not hooks:
            self._changes = -1
            return RENEWED_EVERY
        if self._changes != self._webhooks.changes:
            self._rests.clear()  # a person has done something about it
            self._hold()
        elif time.monotonic() >= self._renew_at:
            self._hold()
        ours = [hook for hook in hooks.values() if hook.id in self._seen]
        self._pass_by(ours)
        return min([self._renew_at - time.monotonic(), *map(self._have_sent, ours)])

    def _hold(self) -> None:
        self._changes = self._webhooks.changes
        began = time.monotonic()
        until = now() + HELD_FOR
        self._kept = self._database.run(lambda t: self._webhooks.hold(t, self._daemon, until))
        self._seen = dict(self._kept)
        self._held_until = began + HELD_FOR / 1_000_000
        self._renew_at = began + RENEWED_EVERY

    def _pass_by(self, hooks: Sequence[Webhook]) -> None:
        """Move the cursors to the feed's end, and write rows for what is wanted."""
        moving = [hook for hook in hooks if self._webhooks.waiting(hook.id) < MOST_WAITING]
        while moving and not self._stopping.is_set():
            place = min(self._seen[hook.id] for hook in moving)
            page = entries_after(self._database, place, PAGE)
            if not page:
                return
            told = [(entry.seq, entry.kind, station_of(entry)) for entry in page]
            for hook in moving:
                places = {station.lower() for station in hook.stations}
                chosen = [
                    seq
                    for seq, kind, station in told
                    if seq > self._seen[hook.id]
                    and not wanted(kind, "", (OWN,))
                    and wanted(kind, station, hook.kinds, places)
                ]
                self._move(hook.id, page[-1].seq, chosen)
            if len(page) < PAGE:
                return
            moving = [hook for hook in moving if self._webhooks.waiting(hook.id) < MOST_WAITING]

    def _move(self, hook: int, to: int, chosen: Sequence[int]) -> None:
        kept = self._kept[hook]
        if to <= self._seen[hook]:
            return
        if chosen or to - kept > LATE:
            moved = self._database.run(
                lambda t: self._webhooks.pass_by(t, hook, self._daemon, kept, to, chosen)
            )
            if not moved:  # a person moved it, or another daemon has it: it is looked at anew
                self._changes = -1
                self._news.set()
                return
            self._kept[hook] = to
        self._seen[hook] = to

    def _have_sent(self, hook: Webhook) -> float:
        """Have a webhook's due messages sent; return the seconds until others are due."""
        resting = self._rests.get(hook.id, 0.0) - time.monotonic()
        if hook.id in self._busy:
            return RENEWED_EVERY  # its thread says when it is done
        if resting > 0:
            return resting
        due = self._webhooks.due(hook.id, now(), BATCH)
        if due:
            with self._guard:
                self._busy.add(hook.id)
            self._batches = {batch for batch in self._batches if not batch.done()}
            self._batches.add(self._pool.submit(self._batch, hook, due))
            return RENEWED_EVERY
        at = self._webhooks.next_due(hook.id)
        return RENEWED_EVERY if at is None else max(SOON, (at - now()) / 1_000_000)

    # ------------------------------------------------------------ a receiver's thread

    def _batch(self, hook: Webhook, due: Sequence[Due]) -> None:
        line = Line(parse_receiver(hook.url), private=hook.private)
        with self._guard:
            self._lines.add(line)
        writing: list[Future[None]] = []
        try:
            for one in due:
                if not self._may_send(hook):
                    break
                outcome = send(line, hook, one.entry, self._encode(one.entry))
                if self._stopping.is_set() and not outcome.taken:
                    break  # cut off by us
                writing.append(self._settle(hook, one, outcome))
                if not self._goes_on(hook, outcome):
                    break
            for written in writing:
                written.result()
        except GatewayError as error:  # the database is away; the messages are sent again
            log.debug("what came of messages was not kept", extra={"reason": error.detail})
            self._rest(hook, None)
        except Exception:  # a thread's edge
            log.exception("a webhook's messages failed", extra={"webhook": hook.name})
            self._rest(hook, None)
        finally:
            line.close()
            with self._guard:
                self._lines.discard(line)
                self._busy.discard(hook.id)
            self._news.set()

    def _may_send(self, hook: Webhook) -> bool:
        """Whether the next message is still ours to send, to this receiver."""
        known = self._webhooks.by_id(hook.id)
        return (
            not self._stopping.is_set()
            and known is not None
            and known.active
            and known.version == hook.version
            and time.monotonic() < self._held_until - 2 * ANSWERS_WITHIN
        )

    def _settle(self, hook: Webhook, due: Due, outcome: Outcome) -> Future[None]:
        """Have it written down what came of a message; the next one need not wait for that."""
        if outcome.taken:
            return self._database.submit(lambda t: self._webhooks.taken(t, hook, due.id))
        delay = next_try(due.attempts + 1, self._schedule, outcome.retry_after)
        at = None if delay is None else now() + int(delay * 1_000_000)
        known = self._webhooks.by_id(hook.id)
        log.log(
            logging.DEBUG if known is None or known.trouble else logging.WARNING,
            "a webhook's message was not taken",
            extra={"webhook": hook.name, "entry": due.entry.seq, "reason": outcome.sentence},
        )
        return self._database.submit(
            lambda t: self._webhooks.missed(t, hook, due, at, outcome.status, outcome.sentence)
        )

    def _goes_on(self, hook: Webhook, outcome: Outcome) -> bool:
        """Whether the next message may follow at once."""
        if outcome.taken:
            self._rested.pop(hook.id, None)
            return True
        if outcome.status == GONE:
            self._database.run(lambda t: self._webhooks.end(t, hook, outcome.sentence))
            return False
        if outcome.status is None or outcome.status in BUSY:
            self._rest(hook, outcome.retry_after)
            return False
        return True

    def _rest(self, hook: Webhook, seconds: int | None) -> None:
        with self._guard:
            times = self._rested.get(hook.id, 0)
            self._rested[hook.id] = times + 1
            asked = min(seconds or 0, LONGEST_DELAY)
            pause = max(RESTS[min(times, len(RESTS) - 1)], asked)
            self._rests[hook.id] = time.monotonic() + pause
