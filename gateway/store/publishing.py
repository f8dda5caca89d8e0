"""Where a publisher of the feed is: one place for all daemons of a database, and who has it."""

from __future__ import annotations

from gateway.store.engine import Transaction, now


def take_place(t: Transaction, name: str, daemon: int | None, until: int) -> int | None:
    """Return the entry after which a publisher goes on; None while another daemon publishes.

    It is this daemon's until then. The first time it begins with what happens from now on.
    """
    t.execute(
        "INSERT INTO publisher (name, seen) "
        "VALUES (?, (SELECT coalesce(max(seq), 0) FROM feed)) ON CONFLICT DO NOTHING",
        (name,),
    )
    row = t.execute(
        "UPDATE publisher SET sender = ?, sending_until = ? "
        "WHERE name = ? AND (sender IS NULL OR sender = ? OR sending_until < ?) RETURNING seen",
        (daemon or 0, until, name, daemon or 0, now()),
    ).fetchone()
    return None if row is None else int(row[0])


def move_place(t: Transaction, name: str, daemon: int | None, seen: int) -> None:
    """Note what was published, unless another daemon has taken over."""
    t.execute(
        "UPDATE publisher SET seen = ? WHERE name = ? AND sender = ?", (seen, name, daemon or 0)
    )


def leave_place(t: Transaction, name: str, daemon: int | None) -> None:
    """Leave publishing to the other daemons."""
    t.execute(
        "UPDATE publisher SET sending_until = 0 WHERE name = ? AND sender = ?", (name, daemon or 0)
    )


def forget_place(t: Transaction, name: str) -> None:
    """Publish no more: what happens meanwhile is not told later."""
    t.execute("DELETE FROM publisher WHERE name = ?", (name,))
