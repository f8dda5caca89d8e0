"""Answers kept for requests that come again: the same ``Idempotency-Key`` never acts twice.

The answer is written in the transaction that acts, so there is no moment in which the one exists
without the other, and of a hundred equal requests the one writer lets exactly one act.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import ReplayDiffers
from gateway.store.engine import Database, Transaction

KEPT_FOR = 7 * 24 * 3600 * 1_000_000
"""Microseconds an answer is kept."""

_FIND = "SELECT digest, status, answer FROM request WHERE actor = ? AND key = ?"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that shall act once: who sent it, its key, and a hash of what it asks."""

    actor: str
    key: str
    digest: bytes


class RequestStore:
    """All SQL about kept answers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def answered(self, request: Request) -> tuple[int, bytes] | None:
        """Return the status and body the request was answered with, None when it is new.

        Raises:
            ReplayDiffers: the key was used for other content.
        """
        rows = self._database.read(_FIND, (request.actor, request.key))
        return _same(request, rows[0]) if rows else None

    @staticmethod
    def replay(t: Transaction, request: Request) -> tuple[int, bytes] | None:
        """The same, asked again in the transaction that is about to act.

        Raises:
            ReplayDiffers: the key was used for other content.
        """
        row = t.execute(_FIND, (request.actor, request.key)).fetchone()
        return None if row is None else _same(request, row)

    @staticmethod
    def remember(t: Transaction, request: Request, status: int, answer: bytes, at: int) -> None:
        """Keep an answer for the same request coming again."""
        t.execute(
            "INSERT INTO request VALUES (?, ?, ?, ?, ?, ?)",
            (request.actor, request.key, request.digest, status, answer, at),
        )

    @staticmethod
    def say_instead(t: Transaction, request: Request, status: int, answer: bytes) -> None:
        """Change the answer that is kept: what it tells of has gone on since."""
        t.execute(
            "UPDATE request SET status = ?, answer = ? WHERE actor = ? AND key = ?",
            (status, answer, request.actor, request.key),
        )

    def forget(self, at: int, limit: int = 2000) -> int:
        """Drop answers older than seven days, at most ``limit``; return how many. Blocks."""
        query = "SELECT actor, key FROM request WHERE at < ? ORDER BY at LIMIT ?"
        old = self._database.read(query, (at - KEPT_FOR, limit))
        if old:
            drop = "DELETE FROM request WHERE actor = ? AND key = ?"
            self._database.run(lambda t: t.executemany(drop, old))
        return len(old)


def _same(request: Request, row: tuple[bytes, int, bytes]) -> tuple[int, bytes]:
    if row[0] != request.digest:
        raise ReplayDiffers(
            f"The Idempotency-Key {request.key!r} was used before for a different request; use a "
            "new key for new content.",
            key=request.key,
        )
    return int(row[1]), bytes(row[2])
