"""A thread for each scanner: opened, read, told how each scan ended, opened again.

    Source ──Read──► ScannerThread ──(Scanner, Read)──► heard ──Outcome──► the scanner's beeper
                          └── ScannerStatus ──► report

A scanner that cannot be opened is tried again ever more seldom, and at once when a cable moves. The
same code again within a moment is the same scan: nobody hears of it twice. While a scanner is
tried, its reads are kept to be looked at, and nobody hears of them at all.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from gateway.errors import GatewayError, StillRunning
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import (
    STARTING,
    Profile,
    Scanner,
    ScannerStatus,
    same_device,
)
from gateway.scanners.source import PassesOn, Source, is_plugged, open_source

log = logging.getLogger(__name__)

FIRST_RETRY, LAST_RETRY = 0.2, 1.5
"""Seconds until a scanner that cannot be opened is tried again: doubled each time, up to the last,
so that one that is switched on again is heard within two whatever it is connected by.
One that stays no longer than the last begins with the first no more often than that."""

LONGEST_READ = 60.0
"""Seconds in which a thread that hears nothing comes by; whoever wants it sooner wakes it."""

MOST_TRIED = 20
"""Reads of a trial that are kept."""

Heard = Callable[[Scanner, Read], Outcome]
"""Takes a read and returns how the scan ended; called by the scanner's thread."""

Report = Callable[[Scanner, ScannerStatus], None]
"""Hears what a scanner's condition has become; a read changes none."""


def utc_now() -> int:
    """Return the time in µs UTC."""
    return time.time_ns() // 1000


class Repeats:
    """Tells a scan from the same one read again.

    A scanner that keeps its beam on a code reads it many times; a person who wants the same code
    twice takes longer. Time counts from the newest read, so a code that stays in view is one scan.

    >>> repeats = Repeats(0.4)
    >>> [repeats.is_one(Read(b"", text), at) for text, at in
    ...     [("A", 0.0), ("A", 0.3), ("A", 0.6), ("B", 0.7), ("A", 0.8), ("A", 1.3)]]
    [False, True, True, False, False, False]
    """

    def __init__(self, within: float) -> None:
        self._within = within
        self._last: tuple[str, str, str] | None = None
        self._at = 0.0

    def is_one(self, read: Read, now: float) -> bool:
        """Return whether the read is the newest one again."""
        code = (read.text, read.aim, read.fault)
        again = code == self._last and now - self._at < self._within
        self._last, self._at = code, now
        return again


class ScannerThread(threading.Thread):
    """The only code that touches this scanner."""

    def __init__(self, room: ScanRoom, scanner: Scanner) -> None:
        super().__init__(name=f"scanner-{scanner.name}", daemon=True)
        self.scanner = scanner
        """Replaced when something changes that the device does not feel: its name, its station."""
        self._room = room
        self._wake = threading.Event()
        self._stopping = False
        self._source: Source | None = None
        self._reads = 0
        self._heard_at: int | None = None

    def wake(self) -> None:
        """Have it tried again at once, when it is waiting to be."""
        self._wake.set()

    def stop(self) -> None:
        """End it; what is being done with a read is finished first."""
        self._stopping = True
        self._wake.set()
        source = self._source
        if source is not None:
            source.wake()

    def run(self) -> None:
        if self.scanner.paused:
            self._tell(
                ScannerStatus(
                    "paused", "It is let go of: what it reads goes where it would without us."
                )
            )
            return
        pause = FIRST_RETRY
        while not self._stopping:
            began = self._room.clock()
            try:
                self._listen()
            except GatewayError as error:
                self._tell(ScannerStatus("unreachable", error.detail))
            except Exception:
                log.exception("a scanner's thread failed", extra={"scanner": self.scanner.name})
                self._tell(ScannerStatus("unreachable", "It failed here; the log has the details."))
            if self._stopping:
                return
            if self._room.clock() - began > LAST_RETRY:
                pause = FIRST_RETRY
            if self._wake.wait(pause):  # a cable moved: it may be there in a moment
                self._wake.clear()
                pause = FIRST_RETRY
            else:
                pause = min(2 * pause, LAST_RETRY)

    def _listen(self) -> None:
        """Read the scanner until it is lost, or nobody wants to hear it any more."""
        source = self._room.open(self.scanner.url, self.scanner.profile)
        self._source = source
        try:
            if self._stopping:
                return
            self._tell(
                ScannerStatus("listening", "It is there, and listened to.", grabbed=source.grabbed)
            )
            repeats = Repeats(self.scanner.profile.repeat_ms / 1000)
            while not self._stopping:
                read = source.read(LONGEST_READ)
                self._room.note(self.scanner.id, grabbed=source.grabbed)
                if read is None or repeats.is_one(read, self._room.clock()):
                    continue
                self._take(source, read)
        finally:
            self._source = None
            source.close()

    def _take(self, source: Source, read: Read) -> None:
        self._reads += 1
        self._heard_at = self._room.now()
        scanner = self.scanner
        self._room.note(scanner.id, reads=self._reads, heard_at=self._heard_at)
        trial = self._room.trial(scanner.id)
        if trial is not None:
            trial.take(read, self._heard_at)
            source.tell(Outcome.REFUSED if read.fault else Outcome.DONE)
            return
        try:
            outcome = self._room.heard(scanner, read)
        except Exception:
            log.exception("a scan was not taken", extra={"scanner": scanner.name})
            outcome = Outcome.REFUSED  # nothing was done, and the person must hear that
        source.tell(outcome)

    def pass_on(self) -> None:
        """Give the newest read to the window it was taken from; called while it is taken."""
        if isinstance(self._source, PassesOn):
            self._source.pass_on()

    def _tell(self, status: ScannerStatus) -> None:
        self._room.tell(self.scanner, replace(status, heard_at=self._heard_at, reads=self._reads))


@dataclass(frozen=True, slots=True)
class Tried:
    """A read of a scanner that is being tried: it was shown, and nothing was done with it."""

    number: int
    at: int
    """µs UTC."""
    read: Read


class Trial:
    """A scanner that is being tried for a while.

    >>> trial = Trial(ends=60.0)
    >>> trial.take(Read(b"A1\\r", "A1"), at=0); [one.read.text for one in trial.reads()]
    ['A1']
    """

    def __init__(self, ends: float) -> None:
        self.ends = ends
        """By the room's clock."""
        self._reads: deque[Tried] = deque(maxlen=MOST_TRIED)
        self._count = 0
        self._changed = threading.Condition()

    def take(self, read: Read, at: int) -> None:
        """Take a read; those of the scanner's thread."""
        with self._changed:
            self._count += 1
            self._reads.append(Tried(self._count, at, read))
            self._changed.notify_all()

    def reads(self) -> list[Tried]:
        """Return the reads, the newest first."""
        with self._changed:
            return list(reversed(self._reads))

    def wait_for_more(self, than: int, timeout: float) -> None:
        """Return when there are more reads than so many, or time is over. Blocks."""
        with self._changed:
            self._changed.wait_for(lambda: self._count > than, timeout)

    @property
    def count(self) -> int:
        """How many reads there were."""
        return self._count


@dataclass(frozen=True, slots=True)
class Taught:
    """What came of waiting for the scanner that somebody holds."""

    url: str
    """The scanner that read first; empty: none did in time."""
    read: Read | None
    unheard: Mapping[str, str]
    """Those that could not be listened to, each with the reason and its cure."""


class ScanRoom:
    """All scanners' threads: started, woken, replaced and stopped together."""

    def __init__(
        self,
        heard: Heard,
        report: Report,
        ours: Callable[[Scanner], bool] = lambda scanner: True,
        open_source: Callable[[str, Profile], Source] = open_source,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], int] = utc_now,
    ) -> None:
        """A scanner that is not ``ours`` has no thread here: another gateway listens to it."""
        self.heard, self.open, self.clock, self.now = heard, open_source, clock, now
        self._report, self._ours = report, ours
        self._threads: dict[int, ScannerThread] = {}
        self._statuses: dict[int, ScannerStatus] = {}
        self._trials: dict[int, Trial] = {}
        self._teaching = threading.Lock()
        self._lesson: Lesson | None = None
        self._stopped = False

    def start(self, scanners: Iterable[Scanner]) -> None:
        for scanner in scanners:
            self.put(scanner)

    def put(self, scanner: Scanner) -> None:
        """Start a scanner's thread, or replace it because its settings changed.

        Another name or station changes nothing about the device: the thread keeps it.
        """
        if not self._ours(scanner):
            return
        thread = self._threads.get(scanner.id)
        if thread is not None and same_device(thread.scanner, scanner):
            thread.scanner = scanner
            return
        self._end(scanner.id)
        self._threads[scanner.id] = ScannerThread(self, scanner)
        self._threads[scanner.id].start()

    def remove(self, scanner: int) -> None:
        """Stop a scanner's thread and let go of the device."""
        self._end(scanner)
        self._statuses.pop(scanner, None)
        self._trials.pop(scanner, None)

    def cable_moved(self) -> None:
        """Have each scanner that is plugged in tried now, not when its time comes."""
        for thread in list(self._threads.values()):
            if is_plugged(thread.scanner.url):
                thread.wake()

    def status(self, scanner: int) -> ScannerStatus:
        """Return the scanner's status as last seen."""
        return self._statuses.get(scanner, STARTING)

    def stop(self) -> None:
        """Stop all threads; a scan that is being done is finished."""
        self._stopped = True
        lesson = self._lesson
        if lesson is not None:
            lesson.stop()
        threads = list(self._threads.values())
        for thread in threads:
            thread.stop()
        for thread in threads:
            thread.join()
        self._threads.clear()

    def try_out(self, scanner: int, seconds: float) -> Trial:
        """Have a scanner's reads shown and nothing done with them, for ``seconds`` from now on."""
        trial = self.trial(scanner)
        if trial is None:
            self._trials[scanner] = trial = Trial(0.0)
        trial.ends = self.clock() + seconds
        return trial

    def end_trial(self, scanner: int) -> None:
        """Let a scanner's reads be scans again, before its trial's time is over."""
        trial = self._trials.get(scanner)
        if trial is not None:
            trial.ends = self.clock()

    def trial(self, scanner: int) -> Trial | None:
        """Return a scanner's trial; None when it is not tried now."""
        trial = self._trials.get(scanner)
        return trial if trial is not None and self.clock() < trial.ends else None

    def last_trial(self, scanner: int) -> Trial | None:
        """Return a scanner's trial, also one that is over; None when there was none."""
        return self._trials.get(scanner)

    def teach(self, scanners: Mapping[str, Profile], seconds: float) -> Taught:
        """Return which of these scanners, by URL, reads first, after ``seconds`` at most.

        None of them may have been added: they are opened, and a wedge is grabbed, only so long.

        Raises:
            StillRunning: somebody else is holding a scanner to be found right now.
        """
        if not self._teaching.acquire(blocking=False):
            raise StillRunning(
                "Somebody else is being shown which scanner is which right now; wait until that "
                "is over, and try again."
            )
        try:
            self._lesson = lesson = Lesson(self.open, scanners)
            if self._stopped:
                lesson.stop()
            return lesson.wait(seconds)
        finally:
            self._lesson = None
            self._teaching.release()

    # ------------------------------------------------------------ for the threads

    def tell(self, scanner: Scanner, status: ScannerStatus) -> None:
        """Take what a scanner's thread, or another gateway, says of it."""
        before = self._statuses.get(scanner.id)
        self._statuses[scanner.id] = status
        if before is not None and (before.condition, before.sentence) == (
            status.condition,
            status.sentence,
        ):
            return
        try:
            self._report(scanner, status)
        except Exception:
            log.exception("a scanner's status was not told", extra={"scanner": scanner.name})

    def note(
        self,
        scanner: int,
        *,
        reads: int | None = None,
        heard_at: int | None = None,
        grabbed: bool | None = None,
    ) -> None:
        """Take what a thread has seen that changes no condition, and that nobody is told of."""
        was = self._statuses.get(scanner, STARTING)
        self._statuses[scanner] = replace(
            was,
            reads=was.reads if reads is None else reads,
            heard_at=was.heard_at if heard_at is None else heard_at,
            grabbed=was.grabbed if grabbed is None else grabbed,
        )

    def pass_on(self, scanner: int) -> None:
        """Give what a wedge read to the window it was taken from: nobody here knows it.

        Called by who takes the read, before it is answered for.
        """
        if (thread := self._threads.get(scanner)) is not None:
            thread.pass_on()

    def _end(self, scanner: int) -> None:
        thread = self._threads.pop(scanner, None)
        if thread is not None:
            thread.stop()
            if thread is not threading.current_thread():  # a scan can change its own scanner
                thread.join()


class Lesson:
    """Scanners that are listened to until one of them reads: the one that somebody holds."""

    def __init__(
        self, open_source: Callable[[str, Profile], Source], scanners: Mapping[str, Profile]
    ) -> None:
        self._open = open_source
        self._said: SimpleQueue[tuple[str, Read] | None] = SimpleQueue()
        """What was read, and None for each scanner that cannot be heard."""
        self._over = threading.Event()
        self._sources: dict[str, Source] = {}
        self._unheard: dict[str, str] = {}
        self._threads = [
            threading.Thread(
                target=self._run, args=(url, profile), name=f"teach-{url[:40]}", daemon=True
            )
            for url, profile in scanners.items()
        ]

    def wait(self, seconds: float) -> Taught:
        """Return what read first, after ``seconds`` at most, with every scanner closed again."""
        for thread in self._threads:
            thread.start()
        first, ends = None, time.monotonic() + seconds
        left = len(self._threads)
        while first is None and left and not self._over.is_set():
            try:
                first = self._said.get(timeout=max(0.0, ends - time.monotonic()))
            except Empty:
                break
            left -= 1
        self._over.set()
        for source in list(self._sources.values()):
            source.wake()
        for thread in self._threads:
            thread.join()
        url, read = first or ("", None)
        return Taught(url, read, dict(self._unheard))

    def stop(self) -> None:
        """End it without an answer; from any thread."""
        self._over.set()
        self._said.put(None)

    def _run(self, url: str, profile: Profile) -> None:
        try:
            self._listen(url, profile)
        except GatewayError as error:
            self._unheard[url] = error.detail
            self._said.put(None)
        except Exception:
            log.exception("a scanner could not be listened to", extra={"scanner": url})
            self._unheard[url] = "It failed here; the log has the details."
            self._said.put(None)

    def _listen(self, url: str, profile: Profile) -> None:
        source = self._open(url, profile)
        self._sources[url] = source
        try:
            while not self._over.is_set():
                read = source.read(LONGEST_READ)
                if read is not None:
                    self._said.put((url, read))
                    source.tell(Outcome.DONE)
                    return
        finally:
            source.close()
