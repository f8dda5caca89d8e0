"""What is on a document's line: serials and quantities, in which role."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.store.engine import Transaction
from gateway.store.registry.lives import Run


def lives_on(run: Run, line: int, *roles: str) -> list[int]:
    """Return the lives on a line in some roles, in the order of their numbers.

    One that was named and has moved on the line since is named no longer.
    """
    marks = ", ".join("?" * len(roles))
    rows = list(
        run(f"SELECT life, role FROM line_life WHERE line = ? AND role IN ({marks})",
            (line, *roles))
    )  # fmt: skip
    if "wanted" in roles:
        moved = {
            row[0]
            for row in run(
                "SELECT life FROM line_life WHERE line = ? AND role IN ('done', 'rejected')",
                (line,),
            )
        }
        rows = [row for row in rows if row[1] != "wanted" or row[0] not in moved]
    return sorted({int(row[0]) for row in rows})


def lots_on(run: Run, line: int, *roles: str) -> list[tuple[int, int, str, int]]:
    """Return the quantities on a line in some roles: lot, place, role, how much."""
    marks = ", ".join("?" * len(roles))
    return [
        (row[0], row[1], row[2], int(row[3]))
        for row in run(
            f"SELECT lot, place, role, quantity FROM line_lot WHERE line = ? "
            f"AND role IN ({marks}) ORDER BY lot, place",
            (line, *roles),
        )
    ]


def want(t: Transaction, line: int, lives: Iterable[int]) -> None:
    """Name serials for a line; nothing moves."""
    t.executemany(
        "INSERT INTO line_life (line, life, role) VALUES (?, ?, 'wanted') "
        "ON CONFLICT (line, life, role) DO NOTHING",
        [(line, life) for life in lives],
    )


def unwant(t: Transaction, line: int, lives: Iterable[int]) -> int:
    """Name serials for a line no longer; return how many were."""
    return sum(
        t.execute(
            "DELETE FROM line_life WHERE line = ? AND life = ? AND role = 'wanted'", (line, life)
        ).rowcount
        for life in lives
    )
