"""The feed for everybody who listens: read once, encoded once, however many there are.

    a commit ─► the store's thread ─► one wake-up of the event loop ─► ring of encoded entries
                                                                          ├─► each listener's place
                                                                          └─► who waits for a job

A listener has a place in the feed and no queue: one that reads slowly falls behind the ring, is
served from the database, and costs no memory. While nobody listens a commit costs nothing here.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import suppress
from typing import NamedTuple

from gateway.errors import TooMany
from gateway.store.engine import Database
from gateway.store.feed import Entry, entries_after, last_entry, station_of, wanted

KEPT = 2000
"""Entries in the ring."""

PAGE = 500
"""Entries read at once."""

MOST_LISTENERS = 500
MOST_WAITING = 2000
HEARTBEAT = 15.0
"""Seconds of silence after which a sign of life is sent; proxies cut at 30 to 60."""


class Told(NamedTuple):
    """An entry as it is sent, with what listeners choose by."""

    seq: int
    kind: str
    station: str
    """In lower case; empty when it is of none."""
    event: bytes


class Live:
    """Wakes listeners and waiters on the event loop, by what commits wrote to the feed."""

    def __init__(self, database: Database, encode: Callable[[Entry], bytes]) -> None:
        self._database, self._encode = database, encode
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ring: deque[Told] = deque(maxlen=KEPT)
        self._last = 0
        self._news = asyncio.Event()
        self._armed = False
        self._waiting: dict[str, set[asyncio.Future[None]]] = {}
        self.listeners = 0
        self.closed = False

    # ------------------------------------------------------------ life

    def open(self) -> None:
        """Start to listen; call it on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._last = last_entry(self._database)
        self._database.listen(self._committed)

    def close(self) -> None:
        """End every stream and every wait: nobody may hold up the end."""
        if self._loop is not None:
            self._database.unlisten(self._committed)
            self._loop = None
        self.closed = True
        self._tell()
        for futures in self._waiting.values():
            for future in futures:
                if not future.done():
                    future.set_result(None)

    def _committed(self) -> None:
        # On the store's thread. A wake-up that is under way will see this commit too: it clears
        # the flag before it reads.
        if self._armed or not (self.listeners or self._waiting):
            return
        self._armed = True
        loop = self._loop
        try:
            if loop is not None:
                loop.call_soon_threadsafe(self._read)
        except RuntimeError:  # the loop has ended
            self._armed = False

    def _read(self) -> None:
        self._armed = False
        if self.closed:
            return
        while True:
            entries = entries_after(self._database, self._last, PAGE)
            for entry in entries:
                self._ring.append(self._told(entry))
                for future in self._waiting.get(entry.subject, ()):
                    if not future.done():
                        future.set_result(None)
            if entries:
                self._last = entries[-1].seq
            if len(entries) < PAGE:
                break
        self._tell()

    def _tell(self) -> None:
        # Everybody who waits holds the old event; the next wait gets a new one.
        self._news.set()
        self._news = asyncio.Event()

    def _catch_up(self) -> None:
        """Go on from the feed's end after a time in which nobody listened."""
        if not self.listeners and not self._waiting:
            last = last_entry(self._database)
            if last != self._last:
                self._ring.clear()
                self._last = last

    # ------------------------------------------------------------ listening

    @property
    def last(self) -> int:
        """The newest entry's number."""
        return last_entry(self._database)

    async def entries(
        self,
        after: int,
        kinds: Collection[str] = (),
        stations: Collection[str] = (),
        heartbeat: float = HEARTBEAT,
    ) -> AsyncGenerator[tuple[int, bytes | None], None]:
        """Yield (number, CloudEvent) after an entry, until the end; None for one: a sign of life.

        The first is a sign of life at once: the listener has its place. A sign of life has the
        number of the newest entry that was looked at, so that what was passed over for not being
        wanted need not be looked at again.

        ``kinds`` are whole kinds, or their beginnings: ``job`` takes all of ``job.done``.
        ``stations`` are names: only what happened at one of them.

        Raises:
            TooMany: too many listen already.
        """
        if self.listeners >= MOST_LISTENERS:
            raise TooMany(
                f"{MOST_LISTENERS} programs listen to the feed already; close one.",
                limit=MOST_LISTENERS,
            )
        places = {name.lower() for name in stations}
        clock = asyncio.get_running_loop().time
        self._catch_up()
        self.listeners += 1
        try:
            yield after, None
            quiet_until = clock() + heartbeat
            while not self.closed:
                news = self._news  # before looking, so that nothing slips between
                some = self._after(after)
                for told in some:
                    after = told.seq
                    if wanted(told.kind, told.station, kinds, places):
                        yield told.seq, told.event
                        quiet_until = clock() + heartbeat
                if some or self.closed:
                    if clock() < quiet_until:
                        continue
                else:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(news.wait(), quiet_until - clock())
                        continue
                # Nothing came, or much that nobody here wanted.
                yield after, None
                quiet_until = clock() + heartbeat
        finally:
            self.listeners -= 1

    def _after(self, seq: int) -> list[Told]:
        if seq >= self._last:
            return []
        if self._ring and self._ring[0].seq <= seq + 1:
            return [told for told in self._ring if told.seq > seq][:PAGE]
        return [self._told(entry) for entry in entries_after(self._database, seq, PAGE)]

    def _told(self, entry: Entry) -> Told:
        return Told(entry.seq, entry.kind, station_of(entry).lower(), self._encode(entry))

    # ------------------------------------------------------------ waiting for one thing

    async def wait_for(self, subject: str, ready: Callable[[], bool], seconds: float) -> None:
        """Return when ``ready()``, asked after each entry about the subject, or the time is up.

        Raises:
            TooMany: too many wait already.
        """
        if sum(map(len, self._waiting.values())) >= MOST_WAITING:
            raise TooMany(
                f"{MOST_WAITING} requests wait already; ask again without ?wait.",
                limit=MOST_WAITING,
            )
        self._catch_up()
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not self.closed:
            future: asyncio.Future[None] = loop.create_future()
            self._waiting.setdefault(subject, set()).add(future)
            try:
                # Asked after the place is taken, so that nothing slips between.
                if ready() or (left := until - loop.time()) <= 0:
                    return
                async with asyncio.timeout(left):
                    await future
            except TimeoutError:
                return
            finally:
                futures = self._waiting[subject]
                futures.discard(future)
                if not futures:
                    del self._waiting[subject]
