"""Proof that the registry is what happened: everything is derived from the movements once more.

    events ──hashes, links──► the chain      movements ──digests──► their events
    movements of a life, in order ──► its state, place, lot, last event
    lives and quantities moved ──► the counters of stock      links ──► the counters of lines

``verify`` reads and tells the first row of each kind that disagrees. It goes through the tables in
stretches, so ten million serials need no more memory than ten; and each statement compares what one
moment saw, so it may run while people work. What nobody can derive (a cost, a memo) is proved by
the movement that changed it from then on.

Who can rewrite every row can also make a chain that is whole. Against that, keep its head somewhere
else (``head_of``: seq and hash, on paper or in another system) and give it as ``anchor``.

``counting.rebuild`` writes the counters anew; the record itself nothing can rewrite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from gateway.store.registry.counting import check_lines, check_stock
from gateway.store.registry.events import CHAIN, FIRST, digest_of, hash_of
from gateway.store.registry.lives import Run
from gateway.store.registry.proving import STRETCH, Reading, Trouble

VERIFIED = "registry.verified"
"""The row of the table of settings with what the last proof found."""

MOST_TOLD = 5
"""Troubles of one kind that are told; the first is the one that matters."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """The head of the chain as it was: its event's number and hash."""

    seq: int
    hash: bytes
    at: int = 0
    """Microseconds UTC."""


@dataclass(slots=True)
class Verdict:
    """What was looked at, and the first rows of each kind that disagree."""

    events: int = 0
    movements: int = 0
    serials: int = 0
    head: Anchor | None = None
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.troubles

    @property
    def record_whole(self) -> bool:
        """Whether only counters disagree, which ``rebuild`` cures."""
        return all(trouble.kind in ("stock", "lines") for trouble in self.troubles)


def head_of(run: Run, chain: str = CHAIN) -> Anchor | None:
    """Return the last event of the chain; None where nothing has happened yet."""
    for seq, own, at in run(_HEAD, (chain,)):
        return Anchor(seq, bytes(own), at)
    return None


def verify(
    run: Run, *, anchor: Anchor | None = None, going: Callable[[], bool] = lambda: True
) -> Verdict:
    """Return whether everything is as it happened, and the rows that are not.

    ``going`` is asked between two stretches.

    Raises:
        Stopped: it is no longer going.
    """
    verdict = Verdict()
    reading = Reading(run, going)
    for check in (
        _check_chain(reading, verdict, anchor), _check_serials(reading, verdict),
        check_stock(reading), check_lines(reading),
    ):  # fmt: skip
        verdict.troubles += islice(check, MOST_TOLD)
    return verdict


def rows_of(run: Run) -> int:
    """Return about how many rows a proof reads: for who wants to know how far it is."""
    return sum(int(next(iter(run(query, ())))[0]) for query in _SIZES)


_SIZES = (
    "SELECT coalesce(max(seq), 0) FROM event",
    "SELECT count(*) FROM movement",
    "SELECT coalesce(max(id), 0) FROM life",
)

# ------------------------------------------------------------------------------- the chain

_HEAD = "SELECT seq, hash, at FROM event WHERE chain = ? ORDER BY seq DESC LIMIT 1"
_LAST = (
    "SELECT coalesce(max(seq), 0) FROM (SELECT max(seq) AS seq FROM event "
    "UNION ALL SELECT max(event) FROM movement) ends"
)
_EVENTS = (
    "SELECT seq, uid, chain, at, recorded_at, action, document, line, party, actor, station, "
    "operator, reason, body, movements, corrects, digest, prev_hash, hash FROM event "
    "WHERE seq > ? AND seq <= {last} ORDER BY seq LIMIT ?"
)
_MOVEMENTS = (
    "SELECT event, n, life, item, lot, quantity, from_state, to_state, from_place, to_place, was "
    "FROM movement WHERE (event, n) > (?, ?) AND event <= {last} ORDER BY event, n LIMIT ?"
)


def _check_chain(reading: Reading, verdict: Verdict, anchor: Anchor | None) -> Iterator[Trouble]:
    # What happens meanwhile is left for the next time: its parts would be seen at two moments.
    upto = next(iter(reading.run(_LAST, ())))[0]
    last: dict[str, bytes] = {}
    movements = _Movements(
        reading.rows(_MOVEMENTS.format(last=upto), (-1, -1), lambda row: row[:2])
    )
    seen_anchor = False
    for row in reading.rows(_EVENTS.format(last=upto), (-1,), lambda row: row[:1]):
        verdict.events += 1
        said, (digest, previous, own) = row[:16], (bytes(value) for value in row[16:])
        seq, chain, count = said[0], said[2], said[14]
        if previous != last.get(chain, FIRST):
            yield Trouble(
                "chain", f"event {seq}",
                f"Event {seq} does not follow the event before it: one was removed, put between "
                "or changed.",
                {"event": seq},
            )  # fmt: skip
        if own != hash_of(previous, said, digest):
            yield Trouble(
                "chain", f"event {seq}",
                f"Event {seq} does not say what it said when it was written.", {"event": seq},
            )  # fmt: skip
        last[chain] = own
        if chain == CHAIN:
            verdict.head = Anchor(seq, own, said[3])
        if anchor is not None and seq == anchor.seq:
            seen_anchor = True
            if own != anchor.hash:
                yield _lost(anchor)
        yield from movements.without_event(seq)
        own_movements = movements.of(seq)
        found = digest_of(own_movements)
        verdict.movements += own_movements.count
        if own_movements.count != count:
            yield Trouble(
                "chain", f"event {seq}",
                f"Event {seq} had {count} movements and has {own_movements.count}.",
                {"event": seq, "expected": count, "found": own_movements.count},
            )  # fmt: skip
        elif found != digest:
            yield Trouble(
                "chain", f"event {seq}", f"A movement of event {seq} was changed.", {"event": seq}
            )
    yield from movements.without_event(None)
    if anchor is not None and not seen_anchor:
        yield _lost(anchor)


def _lost(anchor: Anchor) -> Trouble:
    return Trouble(
        "chain", f"event {anchor.seq}",
        f"Event {anchor.seq} is not the one whose hash was kept: the record was written anew or "
        "cut off.",
        {"event": anchor.seq},
    )  # fmt: skip


class _Own:
    """The movements of one event as they come, counted."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows, self.count = rows, 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._rows:
            self.count += 1
            yield row[2:]


class _Movements:
    """All movements in order, beside the events they belong to."""

    def __init__(self, rows: Iterator[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def _while(self, wanted: Callable[[int], bool]) -> Iterator[tuple[Any, ...]]:
        while self._next is not None and wanted(self._next[0]):
            row, self._next = self._next, next(self._rows, None)
            yield row

    def of(self, event: int) -> _Own:
        return _Own(self._while(lambda seq: seq == event))

    def without_event(self, before: int | None) -> Iterator[Trouble]:
        """Yield what belongs to no event, up to the next one that there is."""
        told: int | None = None
        for row in self._while(lambda seq: before is None or seq < before):
            if row[0] != told:
                told = row[0]
                yield Trouble(
                    "chain", f"event {told}",
                    f"Event {told} is gone, and its movements are still there.", {"event": told},
                )  # fmt: skip


# ------------------------------------------------------------------------------- serials

_LIVES = "SELECT id FROM life WHERE id > ? ORDER BY id LIMIT ?"
_HISTORIES = (
    "SELECT u.id, u.serial, u.state, u.place, u.lot, u.event, m.event, m.from_state, m.to_state, "
    "m.from_place, m.to_place, m.lot FROM life u LEFT JOIN movement m ON m.life = u.id "
    "WHERE u.id > ? AND u.id <= ? ORDER BY u.id, m.event, m.n"
)
_NOBODYS = (
    "SELECT m.life, m.event FROM movement m LEFT JOIN life u ON u.id = m.life "
    "WHERE m.life IS NOT NULL AND u.id IS NULL ORDER BY m.life, m.event LIMIT 1"
)


def _check_serials(reading: Reading, verdict: Verdict) -> Iterator[Trouble]:
    below = 0
    ids = reading.rows(_LIVES, (0,), lambda row: row)
    while stretch := list(islice(ids, STRETCH)):
        upto = stretch[-1][0]
        history: list[tuple[Any, ...]] = []
        for row in reading.run(_HISTORIES, (below, upto)):
            if history and history[0][0] != row[0]:
                yield from _check_life(history)
                history = []
            history.append(row)
        if history:
            yield from _check_life(history)
        verdict.serials += len(stretch)
        below = upto
    for life, event in reading.run(_NOBODYS, ()):
        yield Trouble(
            "serials", f"serial {life}",
            f"Event {event} moved a serial that is gone (its number was {life}).",
            {"life": life, "event": event},
        )  # fmt: skip


def _check_life(history: Sequence[tuple[Any, ...]]) -> Iterator[Trouble]:
    number, serial, state, place, lot, event = history[0][:6]

    def trouble(detail: str, **facts: object) -> Trouble:
        return Trouble(
            "serials", f"serial {serial}", f"Serial {serial} {detail}.",
            {"serial": serial, "life": number, **facts},
        )  # fmt: skip

    if history[0][6] is None:
        yield trouble("is there, and no event brought it")
        return
    at: tuple[Any, Any] = (None, None)
    for _, _, _, _, _, _, seq, from_state, to_state, from_place, to_place, _ in history:
        if (from_state, from_place) != at:
            yield trouble(
                f"was {at[0] or 'not there'} before event {seq}, which found it "
                f"{from_state or 'not there'} or elsewhere: an event is missing", event=seq,
            )  # fmt: skip
            return
        at = (to_state, to_place)
    last = history[-1]
    for what, found, expected in (
        ("state", state, last[8]), ("location", place, last[10]), ("lot", lot, last[11]),
        ("last event", event, last[6]),
    ):  # fmt: skip
        if found != expected:
            yield trouble(
                f"has the {what} {found}, and by its last event ({last[6]}) it is {expected}",
                event=last[6], expected=expected, found=found,
            )  # fmt: skip
            return
