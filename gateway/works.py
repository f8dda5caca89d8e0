"""Long works: what takes longer than a page waits, with progress and a way to stop it.

    start(title, actor, do) ──► id      do(progress) runs on a thread of its own
         progress.tell(done, of, sentence) ──► the feed, at most once a second ──► screens
         stop(id) ──► the next ``tell`` raises ``Stopped``, and ``do`` leaves things as they were

They are kept in memory only: what a work changes is durable by itself, and after a restart of the
gateway nobody waits for one.

>>> works = Works()
>>> number = works.start("Count", "local", lambda progress: "There are 3.")
>>> works.wait(number).sentence, works.get(number).state
('There are 3.', 'done')
>>> works.close()
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

from gateway.errors import GatewayError, StoreError, TooMany, TransitionRefused, Unknown

log = logging.getLogger(__name__)

State = Literal["waiting", "running", "done", "refused", "stopped"]

AT_ONCE = 3
"""Works that run at the same time: they share one writer and a few processors with the printers."""

MOST_WAITING = 20
"""Works that wait for their turn."""

MOST_KEPT = 200
"""Works that have ended and are still shown; the oldest is forgotten first."""

KEPT_FOR = 24 * 3600.0
"""Seconds for which one that has ended is shown."""

TOLD_EVERY = 1.0
"""Seconds between two entries in the feed about one work, but for its last."""


class Stopped(Exception):
    """Somebody stopped the work; ``kept`` says what stays of it, empty when nothing does."""

    def __init__(self, kept: str = "") -> None:
        super().__init__(kept)
        self.kept = kept


@dataclass(frozen=True, slots=True)
class Work:
    """A work as it stands."""

    id: int
    title: str
    actor: str
    """Who started it."""
    state: State = "waiting"
    done: int = 0
    of: int = 0
    """Steps in all; 0 while that is not known."""
    sentence: str = ""
    """What it is doing, then what came of it."""
    to: str = ""
    """The page of its result; empty when it has none."""
    stopping: bool = False
    """Somebody has asked it to stop, and it has not yet."""
    accepted_at: int = 0
    """Microseconds UTC, as the others."""
    ended_at: int | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ("done", "refused", "stopped")


class Progress:
    """How a work says how far it is. Any thread of its own may use it, one at a time."""

    def __init__(self, change: Callable[..., None], stop: threading.Event) -> None:
        self._change, self._stop = change, stop

    def tell(self, done: int, of: int = 0, sentence: str = "") -> None:
        """Say how many steps are done, of how many (0: not known), and what is going on now.

        Cheap: call it for each row.

        Raises:
            Stopped: somebody wants the work to stop.
        """
        if self._stop.is_set():
            raise Stopped
        self._change(done, of, sentence)

    def lead(self, to: str) -> None:
        """Say on which page the result is."""
        self._change(None, None, "", to=to)


@dataclass(slots=True)
class _Entry:
    """A work and its thread's hold on it. Only its thread changes ``now`` once it runs."""

    now: Work
    do: Callable[[Progress], str]
    stop: threading.Event
    running: Future[None] | None = None
    told_at: float = 0.0
    ended_at: float = 0.0


class Works:
    """All long works of one gateway."""

    def __init__(
        self,
        told: Callable[[Work], None] = lambda work: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``told`` is called with what has changed, from any thread; it must not block."""
        self._told, self._clock = told, clock
        # Numbers go on behind those from before a restart: an old address shows no other work.
        self._numbers = itertools.count(int(time.time()))
        self._entries: dict[int, _Entry] = {}
        self._pool = ThreadPoolExecutor(AT_ONCE, "work")
        self._closed = False

    # ------------------------------------------------------------ starting and stopping

    def start(self, title: str, actor: str, do: Callable[[Progress], str], *, to: str = "") -> int:
        """Put a work in line and return its number. ``do`` returns what came of it, in a sentence.

        What ``do`` refuses (``GatewayError``) is its end, and its sentence is shown. Where it
        changes several things in a row it catches ``Stopped`` and raises it again with what stays.

        Args:
            title: What is done, for people: ``Import of 10,000 items``.
            actor: Who wants it.
            do: Runs on a thread of its own.
            to: The page of the result.

        Raises:
            TooMany: too many are waiting.
            StoreError: the gateway is stopping.
        """
        if self._closed:
            raise StoreError("The gateway is stopping; start the work again on the next one.")
        self._forget()
        waiting = sum(one.now.state == "waiting" for one in list(self._entries.values()))
        if waiting >= MOST_WAITING:
            raise TooMany(
                f"{waiting} works are waiting for their turn; start this one when some have ended.",
                retry_after=10,
            )
        number = next(self._numbers)
        work = Work(number, title, actor, to=to, accepted_at=time.time_ns() // 1000)
        entry = _Entry(work, do, threading.Event())
        self._entries[number] = entry
        self._told(work)
        entry.running = self._pool.submit(self._run, entry)
        return number

    def stop(self, number: int) -> Work:
        """Ask a work to stop, and return it.

        Raises:
            Unknown: there is no such work.
            TransitionRefused: it has ended already.
        """
        entry = self._entry(number)
        if entry.now.ended:
            raise TransitionRefused(
                f"{entry.now.title} has ended already ({entry.now.state}).", state=entry.now.state
            )
        entry.stop.set()
        if entry.running is not None and entry.running.cancel():
            self._end(entry, "stopped", "It was stopped before it began.")
        return self.get(number)

    def close(self) -> None:
        """Stop all of them and wait until they have."""
        self._closed = True
        for entry in list(self._entries.values()):
            entry.stop.set()
            if entry.running is not None and entry.running.cancel():
                self._end(entry, "stopped", "The gateway was stopped before it began.")
        self._pool.shutdown()

    # ------------------------------------------------------------ looking

    def get(self, number: int) -> Work:
        """Return a work as it stands.

        Raises:
            Unknown: there is no such work.
        """
        entry = self._entry(number)
        return replace(entry.now, stopping=entry.stop.is_set() and not entry.now.ended)

    def all(self) -> list[Work]:
        """Return those that run, wait or have ended within a day, newest first."""
        self._forget()
        return [self.get(number) for number in sorted(self._entries, reverse=True)]

    def wait(self, number: int, seconds: float | None = None) -> Work:
        """Return a work once it has ended; or as it stands after some seconds.

        Raises:
            Unknown: there is no such work.
        """
        running = self._entry(number).running
        if running is not None and not running.cancelled():
            try:
                running.result(seconds)
            except TimeoutError:
                return self.get(number)
        return self.get(number)

    def _entry(self, number: int) -> _Entry:
        entry = self._entries.get(number)
        if entry is None:
            raise Unknown(
                f"There is no work {number}; one is shown for a day, until the gateway starts anew."
            )
        return entry

    def _forget(self) -> None:
        ended = sorted(number for number, one in list(self._entries.items()) if one.now.ended)
        before = self._clock() - KEPT_FOR
        for place, number in enumerate(ended):
            if place < len(ended) - MOST_KEPT or self._entries[number].ended_at < before:
                self._entries.pop(number, None)

    # ------------------------------------------------------------ a work's own thread

    def _run(self, entry: _Entry) -> None:
        progress = Progress(lambda *how, **more: self._change(entry, *how, **more), entry.stop)
        entry.now = replace(entry.now, state="running")
        self._tell(entry)
        try:
            sentence = entry.do(progress)
        except Stopped as stopped:
            self._end(entry, "stopped", stopped.kept or "It was stopped; nothing was changed.")
        except GatewayError as refused:
            self._end(entry, "refused", refused.detail)
        except Exception:  # a thread's edge: whoever waits must hear that it is over
            log.exception("a work failed", extra={"work": entry.now.title})
            self._end(
                entry,
                "refused",
                "Something went wrong on the gateway's side; its log has the details.",
            )
        else:
            self._end(entry, "done", sentence)

    def _change(
        self, entry: _Entry, done: int | None, of: int | None, sentence: str, to: str = ""
    ) -> None:
        was = entry.now
        entry.now = replace(
            was,
            done=was.done if done is None else done,
            of=was.of if of is None else of,
            sentence=sentence or was.sentence,
            to=to or was.to,
        )
        if self._clock() - entry.told_at >= TOLD_EVERY:
            self._tell(entry)

    def _end(self, entry: _Entry, state: State, sentence: str) -> None:
        entry.now = replace(
            entry.now, state=state, sentence=sentence, ended_at=time.time_ns() // 1000
        )
        entry.ended_at = self._clock()
        self._tell(entry)

    def _tell(self, entry: _Entry) -> None:
        entry.told_at = self._clock()
        self._told(entry.now)
