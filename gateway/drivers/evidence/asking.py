"""Asking a printer on a wire: one question at a time, and answers that are waited for to an end.

    question ──put──► wire        behind what an earlier one left over, and never behind one that
                                  waits; first what is still said about earlier ones is heard
    answers  ◄─collect, said── wire   until they are whole or the seconds are over

What a device says has an end here, too: one that talks without a pause has answered nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Generic, TypeVar

from gateway.drivers.transports.wire import Wire
from gateway.errors import DeviceUnreachable
from gateway.printers import Problem

A = TypeVar("A")

SENDING = 2.0
"""Seconds a question may wait for the wire to take some of it: a slow line is no stuck one."""

MOST_SENDING = 60.0
"""Seconds for all of it, however it trickles: 4 kB take 34 s at 1200 baud."""

MOST_LATE = 262_144
"""Bytes about earlier questions: as much as the longest answer that is read."""


class Asker:
    """Questions and answers on one open wire, used by one thread."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._unsent = b""

    def send(self, words: bytes) -> bool:
        """Hand words to the wire behind what is left over; return whether all of them are gone."""
        self._unsent += words
        now = time.monotonic()
        last, stuck = now + MOST_SENDING, now + SENDING
        while self._unsent and (left := min(last, stuck) - time.monotonic()) > 0:
            if taken := self._wire.write(self._unsent, left):
                self._unsent = self._unsent[taken:]
                stuck = time.monotonic() + SENDING
        return not self._unsent

    def put(self, question: bytes, late: Callable[[bytes], object] | None = None) -> bool:
        """Hear what is said about earlier questions, and put this one; return whether it is put.

        It is not when the wire is full, and not to a device that does not stop talking. Without
        ``late``, what is said about earlier questions is dropped.
        """
        if not self.hear(late or (lambda heard: None)):
            return False
        return (not self._unsent or self.send(b"")) and self.send(question)

    def hear(self, take: Callable[[bytes], object], wait: float = 0.0) -> bool:
        """Take in what was said, waiting so many seconds for the first of it.

        Return whether that has an end.
        """
        heard, most = self._wire.read(wait), MOST_LATE
        while heard:
            take(heard)
            most -= len(heard)
            if most <= 0:
                return False
            heard = self._wire.read(0)
        return True

    def falls_silent(self, pause: float, seconds: float) -> bool:
        """Drop what is said; return whether a pause so long comes within so many seconds."""
        end = time.monotonic() + seconds
        while self._wire.read(pause):
            if time.monotonic() >= end:
                return False
        return True

    def listen(self, seconds: float) -> bytes:
        """Return what is said next; nothing when that is not within so many seconds."""
        return self._wire.read(seconds)

    def said(self, seconds: float) -> Iterator[bytes]:
        """Yield what is said until the seconds are over."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            yield self._wire.read(left)

    def collect(
        self, kinds: Collection[type[A]], read: Callable[[bytes], Iterable[A]], seconds: float
    ) -> dict[type[A], A]:
        """Return the answers of these kinds that came in time, the last one of each."""
        found: dict[type[A], A] = {}
        for heard in self.said(seconds):
            for answer in read(heard):
                if type(answer) in kinds:
                    found[type(answer)] = answer
            if len(found) >= len(kinds):
                break
        return found


class Enquiry(Generic[A]):
    """One question that is put again and again, whose answers have no name but come in order.

    Late answers say nothing of a label that was sent meanwhile, so only the last one counts.
    """

    def __init__(self, asker: Asker, question: bytes, read: Callable[[bytes], list[A]]) -> None:
        self._asker, self._question, self._read = asker, question, read
        self._owed = 0
        """Questions that are not answered yet."""

    def ask(self, seconds: float) -> A | None:
        """Return the answer; None when it did not come in time."""
        if not self._asker.put(self._question, self.late):
            return None
        self._owed += 1
        last: A | None = None
        for heard in self._asker.said(seconds):
            for answer in self._read(heard):
                last, self._owed = answer, max(0, self._owed - 1)
            if not self._owed:
                break
        if last is not None:
            self._owed = 0  # whatever else it owed, it has had the time to say
        return last

    def late(self, heard: bytes) -> None:
        """Take in what is said about earlier questions."""
        self._owed = max(0, self._owed - len(self._read(heard)))


def raise_what_stops(problems: Iterable[Problem]) -> None:
    """Say what stops a printer that cannot answer in its turn until it works again.

    Raises:
        DeviceUnreachable: one of the problems stops it.
    """
    for problem in problems:
        if problem.stops:
            raise DeviceUnreachable(f"{problem.sentence} {problem.cure}", trouble=problem.kind)


def read_count(words: str | None) -> int | None:
    """Return the number a counter's answer holds; None when it is none.

    >>> read_count("1234 "), read_count("?"), read_count(None)
    (1234, None, None)
    """
    digits = (words or "").strip()
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else None
