"""The feed: one entry for each job, window or action, written in the transaction that changes it.

``seq`` is the order of commits and the ``Last-Event-ID`` of whoever listens.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from gateway.store.engine import Database, Transaction

_INSERT = "INSERT INTO feed (at, kind, subject, actor, body) VALUES (?, ?, ?, ?, ?)"
_AFTER = "SELECT seq, at, kind, subject, actor, body FROM feed WHERE seq > ? ORDER BY seq LIMIT ?"


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
