"""Scans and sessions: each scan written once, with what it came to, and where a station is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from gateway.store.engine import Database, Transaction
from gateway.store.figures import NOBODY, count

if TYPE_CHECKING:
    from gateway.stations.answers import Answer
    from gateway.stations.heard import Heard
    from gateway.stations.sessions import Session
    from gateway.store.registry.lives import Run

_DAY = 24 * 3600 * 1_000_000

KEPT_ANSWERS = 7 * _DAY
"""Microseconds for which the same scan gets the same answer, as other requests do."""

LONGEST_SENTENCE = 300
"""Characters of what was said that are kept with a scan."""


class ScanRow(NamedTuple):
    """One scan, as it is listed."""

    id: int
    at: int
    station: str | None
    scanner: str | None
    source: str
    sequence: int | None
    code: str
    aim: str
    outcome: str
    refusal: str
    subject: str
    event: int | None
    operator: str
    actor: str
    sentence: str


class Wanted(NamedTuple):
    """Which scans: of a station, a scanner, … None and the empty text: of any."""

    station: int | None = None
    scanner: int | None = None
    outcome: str = ""
    operator: str = ""
    since: int | None = None
    until: int | None = None
    """µs UTC; scans of that moment are no longer among them."""


_LIST = (
    "SELECT c.id, c.at, s.name, n.name, c.source, c.sequence, c.code, c.aim, c.outcome, "
    "c.refusal, c.subject, c.event, c.operator, c.actor, c.sentence FROM scan c "
    "LEFT JOIN station s ON s.id = c.station LEFT JOIN scanner n ON n.id = c.scanner "
)


def answered(
    t: Transaction, station: int | None, source: str, sequence: int | None
) -> tuple[int, dict[str, Any]] | None:
    """Return the number and answer of a scan that was taken before, None for a new one."""
    if sequence is None:
        return None
    row = t.execute(
        "SELECT id, outcome, answer FROM scan WHERE coalesce(station, 0) = ? AND source = ? "
        "AND sequence = ?",
        (station or 0, source, sequence),
    ).fetchone()
    if row is None:
        return None
    if row[2]:
        return row[0], json.loads(row[2])
    return row[0], {
        "id": row[0], "outcome": row[1], "code": "", "sentence": "This was scanned long ago.",
        "cure": "", "cards": [], "subject": "", "event": None, "job": None,
    }  # fmt: skip


def write(
    t: Transaction, number: int, at: int, heard: Heard, code: str, raw: bytes, answer: Answer,
    session: Session, shown: dict[str, Any],
) -> None:  # fmt: skip
    """Write a scan down."""
    t.execute(
        "INSERT INTO scan (id, at, station, scanner, source, sequence, code, raw, aim, outcome, "
        "refusal, subject, event, operator, actor, answer, sentence) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (number, at, heard.station, heard.scanner, heard.source, heard.sequence, code[:1024],
         raw[:1024], heard.aim, answer.outcome.value, answer.code, answer.subject, answer.event,
         session.operator, heard.actor,
         "" if heard.sequence is None else json.dumps(shown, ensure_ascii=False),
         answer.sentence[:LONGEST_SENTENCE]),
    )  # fmt: skip
    cause = (answer.code or "refused") if answer.outcome.value == "refused" else ""
    count(t, "scan", at, heard.station or NOBODY, cause)


def session_of(run: Run, station: int) -> str:
    """Return what a station is in the middle of, as it was written; empty before its first scan."""
    rows = run("SELECT value FROM station_session WHERE station = ?", (station,))
    return next((str(row[0]) for row in rows), "")


def keep_session(t: Transaction, station: int, text: str, at: int) -> None:
    """Write down what a station is in the middle of."""
    t.execute(
        "INSERT INTO station_session (station, value, changed_at) VALUES (?, ?, ?) "
        "ON CONFLICT (station) DO UPDATE SET value = ?, changed_at = ?",
        (station, text, at, text, at),
    )


def list_scans(database: Database, wanted: Wanted, before: int | None, limit: int) -> list[ScanRow]:
    """Return scans, newest first, older than the number ``before``."""
    asked: list[tuple[str, str, object]] = [
        ("at", "at >= ?", wanted.since),
        ("at", "at < ?", wanted.until),
        ("scanner", "{} = ?", wanted.scanner),
        ("operator", "{} = ?", wanted.operator or None),
        ("station", "{} = ?", wanted.station),
        ("outcome", "{} = ?", wanted.outcome or None),
    ]
    given = [(name, condition, value) for name, condition, value in asked if value is not None]
    # The index of the first that is given is used: it leaves the fewest. The others are hidden from
    # the planner, and so is the number where a day's scans are found by their time and then sorted.
    first = given[0][0] if given else ""
    where = ["+id < ?" if first == "at" else "id < ?"]
    values: list[object] = [before if before is not None else 1 << 62]
    for name, condition, value in given:
        hidden = f"({name} || '')" if name in ("operator", "outcome") else f"+{name}"
        where.append(condition.format(name if name == first else hidden))
        values.append(value)
    chosen = f"SELECT id FROM scan WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT ?"
    query = f"{_LIST} WHERE c.id IN ({chosen}) ORDER BY c.id DESC"
    return [ScanRow(*row) for row in database.read(query, (*values, limit))]


def get_scan(database: Database, number: int) -> tuple[ScanRow, bytes] | None:
    """Return a scan with the bytes that came; None: there is no such scan (any more)."""
    rows = database.read(_LIST.replace(" FROM scan c ", ", c.raw FROM scan c ") + "WHERE c.id = ?",
                         (number,))  # fmt: skip
    return next(((ScanRow(*row[:-1]), bytes(row[-1])) for row in rows), None)


def forget(database: Database, at: int, days: int, limit: int = 1000) -> bool:
    """Empty answers that nobody can ask for again, and delete scans older than so many days (0:
    none), at most ``limit`` of each; return whether there are more. Blocks."""
    answers = database.read(
        "SELECT id FROM scan WHERE at < ? AND answer <> '' ORDER BY at LIMIT ?",
        (at - KEPT_ANSWERS, limit),
    )
    old = database.read(
        "SELECT id FROM scan WHERE at < ? ORDER BY at LIMIT ?", (at - days * _DAY, limit)
    ) if days else []  # fmt: skip

    def work(t: Transaction) -> None:
        t.executemany("UPDATE scan SET answer = '' WHERE id = ?", answers)
        t.executemany("DELETE FROM scan WHERE id = ?", old)

    if answers or old:
        database.run(work)
    return limit in (len(answers), len(old))
