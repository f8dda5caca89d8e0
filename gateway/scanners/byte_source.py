"""Scanners that are a stream of bytes: cut into reads, given an end by silence, made to beep.

serial, TCP, Bluetooth, virtual ══bytes══► Stream (framing and silence) ──Read──► whoever reads
"""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from gateway.errors import DeviceLost
from gateway.scanners.feedback import signal
from gateway.scanners.framing import Framer, Framing
from gateway.scanners.outcomes import Outcome
from gateway.scanners.reads import Read
from gateway.scanners.scanner import Profile
from gateway.scanners.ssi import SsiFramer
from gateway.scanners.waking import Waker

RESUMES_WITHIN = 1.0
"""Seconds in which the rest of a code may follow that was given up as incomplete; a person does not
scan the next one so soon, and a rest must never be taken for a code."""


class Wire(Protocol):
    """A device's bytes, both ways."""

    def read(self, timeout: float) -> bytes:
        """Return what has come; ``b""`` when nothing within ``timeout`` seconds or after ``wake``.

        Raises:
            DeviceLost: the device has gone.
        """
        ...

    def write(self, payload: bytes) -> None:
        """Send what the device takes at once. Raises nothing: a loss is noticed by ``read``."""
        ...

    def wake(self) -> None:
        """Have ``read`` return; from any thread."""
        ...

    def close(self) -> None: ...


class Stream:
    """The reads of one connection, by its bytes and by its silences."""

    def __init__(self, profile: Profile) -> None:
        self._framer: Framing = SsiFramer(profile) if profile.feedback == "ssi" else Framer(profile)
        self._idle = profile.idle_ms / 1000
        self._fed_at = float("-inf")
        self.due: float | None = None
        """When the silence will mean something; None: it means nothing."""

    def take(self, chunk: bytes, now: float) -> list[Read]:
        """Return the reads that these bytes complete."""
        if self.due is None and now - self._fed_at > RESUMES_WITHIN:
            self._framer.restart()
        reads = self._framer.feed(chunk)
        self._fed_at = now
        self.due = now + self._idle if self._framer.pending else None
        return reads

    def expire(self, now: float) -> list[Read]:
        """Return what the silence up to now makes of what is there."""
        if self.due is None or now < self.due:
            return []
        self.due = None
        return self._framer.flush()

    def end(self) -> list[Read]:
        """Return what is left of a device that has gone."""
        self.due = None
        return self._framer.flush(lost=True)

    def answer(self) -> bytes:
        """Return what the protocol wants said back."""
        return self._framer.answer()


class ByteSource:
    """A source over a wire."""

    grabbed = False

    def __init__(
        self, wire: Wire, profile: Profile, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._wire, self._profile, self._clock = wire, profile, clock
        self._stream = Stream(profile)
        self._ready: deque[Read] = deque()
        self._lost: DeviceLost | None = None

    def read(self, timeout: float) -> Read | None:
        """Return the next read; None when there is none within ``timeout`` seconds or woken.

        Raises:
            DeviceLost: the device has gone.
        """
        ends = self._clock() + timeout
        while not self._ready:
            if self._lost is not None:
                raise self._lost
            now = self._clock()
            until = ends if self._stream.due is None else min(ends, self._stream.due)
            try:
                chunk = self._wire.read(max(0.0, until - now))
            except DeviceLost as error:
                self._lost = error
                self._ready += self._stream.end()
                continue
            now = self._clock()
            if chunk:
                self._ready += self._stream.take(chunk, now)
                if answer := self._stream.answer():
                    self._wire.write(answer)
            elif expired := self._stream.expire(now):
                self._ready += expired
            elif until == ends or now < until:  # the time is over, or somebody woke us
                return None
        return self._ready.popleft()

    def tell(self, outcome: Outcome) -> None:
        """Make the scanner say how its scan ended."""
        if payload := signal(self._profile.feedback, outcome):
            self._wire.write(payload)

    def wake(self) -> None:
        """Have ``read`` return at once."""
        self._wire.wake()

    def close(self) -> None:
        """Let the device go."""
        self._wire.close()


class SocketWire:
    """A scanner at the other end of a connected stream socket."""

    def __init__(self, connection: socket.socket, place: str) -> None:
        connection.setblocking(False)
        self._connection, self._place = connection, place
        self._waker = Waker(connection)
        self._closed = False

    def read(self, timeout: float) -> bytes:
        """Return what has come; ``b""`` when nothing within ``timeout`` seconds or after ``wake``.

        Raises:
            DeviceLost: the scanner has ended the connection, or it broke.
        """
        if not self._waker.wait(timeout):
            return b""
        return receive(self._connection, self._place)

    def write(self, payload: bytes) -> None:
        """Send what the network takes at once; a beep that comes late is worse than none."""
        with suppress(OSError):
            self._connection.send(payload)

    def wake(self) -> None:
        """Have ``read`` return at once."""
        self._waker.ring()

    def close(self) -> None:
        """End the connection."""
        if not self._closed:
            self._closed = True
            self._waker.close()
            self._connection.close()


def receive(connection: socket.socket, place: str) -> bytes:
    """Return what has come on a connection that has something to say.

    Raises:
        DeviceLost: it has said that it is over.
    """
    try:
        chunk = connection.recv(65536)
    except BlockingIOError:
        return b""
    except OSError as error:
        raise DeviceLost(
            f"The connection to the scanner at {place} broke ({error.strerror or error}); it is "
            "tried again until it is back.",
            place=place,
        ) from error
    if not chunk:
        raise DeviceLost(
            f"The scanner at {place} ended the connection; it is tried again until it is back.",
            place=place,
        )
    return chunk
