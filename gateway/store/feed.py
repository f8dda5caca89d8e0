"""The feed: one entry for each job, window or action, written in the transaction that changes it.

``seq`` is the order of commits and the ``Last-Event-ID`` of whoever listens.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.store.engine import Database, Transaction

_INSERT = "INSERT INTO feed (at, kind, subject, actor, body) VALUES (?, ?, ?, ?, ?)"
_AFTER = "SELECT seq, at, kind, subject, actor, body FROM feed WHERE seq > ? ORDER BY seq LIMIT ?"
_BEFORE = "SELECT seq, at, kind, subject, actor, body FROM feed WHERE seq < ? AND seq > ? "
_NEWEST = "ORDER BY seq DESC LIMIT ?"

FREQUENT = (
    "job.accepted", "job.done", "job.printing", "job.queued", "label.printed", "label.sent",
    "scan.asked", "scan.done", "scan.look", "scan.refused",
)  # fmt: skip
"""Kinds that come with each label or scan: they are found by walking back; all others by the index
``feed_kind``, whose condition says the same."""
_RARE = f"kind NOT IN ({', '.join(map(repr, FREQUENT))})"
_OF_KIND = f"{_BEFORE}AND kind = ? AND {_RARE} {_NEWEST}"
_NEXT_KIND = f"SELECT kind FROM feed WHERE kind > ? AND {_RARE} ORDER BY kind LIMIT 1"

WALK = 5_000
"""Entries that one look walks back through, at most."""

NEWEST = 1 << 62
"""Above every entry's number."""


@dataclass(frozen=True, slots=True)
class Entry:
    seq: int
    at: int
    """Microseconds UTC."""
    kind: str
    """Dotted noun and past participle: ``job.accepted``."""
    subject: str
    """What it is about: ``jobs/J12``, ``printers/zebra``."""
    actor: str
    body: str
    """A JSON object."""


def tell(
    t: Transaction, at: int, kind: str, subject: str, actor: str, body: Mapping[str, object]
) -> None:
    """Write one entry; whoever listens hears of it after the commit."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    t.execute(_INSERT, (at, kind, subject, actor, text))
    t.touched = True


def station_of(entry: Entry) -> str:
    """Return the name of the station an entry is of, empty when it is of none.

    >>> station_of(Entry(7, 0, "scan.done", "scanners/hand-1", "", '{"station":"dock"}'))
    'dock'
    >>> station_of(Entry(8, 0, "station.changed", "stations/dock", "", "{}"))
    'dock'
    """
    noun, _, name = entry.subject.partition("/")
    if noun == "stations":
        return name
    if '"station"' not in entry.body:  # nearly all; reading each would cost the feed its pace
        return ""
    station = json.loads(entry.body).get("station")
    return station if isinstance(station, str) else ""


def wanted(
    kind: str, station: str, kinds: Collection[str] = (), stations: Collection[str] = ()
) -> bool:
    """Return whether an entry is for who chose kinds and stations; none of either: all.

    ``kinds`` are whole kinds, or their beginnings; ``stations`` are in lower case.

    >>> wanted("job.done", "", ["job"]), wanted("jobs.done", "", ["job"])
    (True, False)
    >>> wanted("scan.done", "dock", (), ["dock"]), wanted("job.done", "", (), ["dock"])
    (True, False)
    """
    if stations and station.lower() not in stations:
        return False
    return not kinds or any(kind == one or kind.startswith(f"{one}.") for one in kinds)


def entries_after(database: Database, seq: int, limit: int = 500) -> list[Entry]:
    """Return the entries after ``seq``, oldest first."""
    return [Entry(*row) for row in database.read(_AFTER, (seq, limit))]


def last_entry(database: Database) -> int:
    """Return the newest entry's number, 0 for an empty feed."""
    return int(database.read("SELECT coalesce(max(seq), 0) FROM feed")[0][0])


def newest(
    database: Database, kinds: Collection[str] = (), before: int = NEWEST, limit: int = 50
) -> tuple[list[Entry], int | None]:
    """Return entries, newest first, and the number before which to go on looking; None at the end.

    ``kinds`` are whole kinds, or their beginnings. Fewer than ``limit`` may come although there
    are older ones: a look walks back through so many entries and no more.
    """
    if not kinds:
        found = _entries(database, _BEFORE + _NEWEST, (before, 0, limit + 1))
        return _cut(found, limit, None)
    common = [kind for kind in FREQUENT if wanted(kind, "", kinds)]
    rare = sorted({kind for one in kinds for kind in _rare(database, one)})
    found, down_to = [], 0
    if common:
        marks = ", ".join("?" * len(common))
        steps = database.read(
            "SELECT seq FROM feed WHERE seq < ? AND seq > 0 ORDER BY seq DESC LIMIT 1 OFFSET ?",
            (before, WALK - 1),
        )
        down_to = steps[0][0] - 1 if steps else 0
        found += _entries(
            database, f"{_BEFORE}AND kind IN ({marks}) {_NEWEST}",
            (before, down_to, *common, limit + 1),
        )  # fmt: skip
    for kind in rare:
        found += _entries(database, _OF_KIND, (before, down_to, kind, limit + 1))
    found.sort(key=lambda entry: -entry.seq)
    return _cut(found, limit, down_to + 1 if down_to else None)


def _rare(database: Database, beginning: str) -> Iterator[str]:
    """Yield the kinds there are, but for the frequent ones, that are this one or begin so.

    One step of the index for each kind, however many entries it has.
    """
    if beginning not in FREQUENT:
        yield beginning
    last = f"{beginning}."
    while (rows := database.read(_NEXT_KIND, (last,))) and rows[0][0].startswith(f"{beginning}."):
        last = rows[0][0]
        yield last


def latest(database: Database, kind: str, limit: int) -> list[Entry]:
    """Return the newest entries of one kind that is not ``FREQUENT``, newest first."""
    return _entries(database, _OF_KIND, (NEWEST, 0, kind, limit))


def _entries(database: Database, query: str, values: Iterable[object]) -> list[Entry]:
    return [Entry(*row) for row in database.read(query, tuple(values))]


def _cut(found: list[Entry], limit: int, rest: int | None) -> tuple[list[Entry], int | None]:
    return (found[:limit], found[limit - 1].seq) if len(found) > limit else (found, rest)
