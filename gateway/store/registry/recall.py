"""Where a piece went: what is in it, what it is in, and everything that a bad lot ended up in.

life ──parts_of──► what went into it, and into that
life ──assemblies_of──► what it went into, up to the product that left
lot, lives ──recall──► every serial that is or holds one of them, and who has it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gateway.store.registry.lives import Run, chunks

DEEPEST = 50
"""Assemblies in one another: more is a loop, which guards do not let come about."""

MOST_PIECES = 10_000
"""Pieces of one product that are listed."""


class Piece(NamedTuple):
    """A serial in a tree of assemblies."""

    life: int
    depth: int
    """0 is what was asked about."""
    parent: int | None


_DOWN = (
    "WITH RECURSIVE tree(id, depth, parent) AS ("
    "SELECT u.id, 0, u.parent FROM life u WHERE u.id = ? "
    "UNION ALL SELECT u.id, t.depth + 1, u.parent FROM life u JOIN tree t ON u.parent = t.id "
    "WHERE t.depth < ?) SELECT id, depth, parent FROM tree WHERE depth > 0 "
    "ORDER BY depth, id LIMIT ?"
)
_UP = (
    "WITH RECURSIVE tree(id, depth, parent) AS ("
    "SELECT u.id, 0, u.parent FROM life u WHERE u.id IN ({marks}) "
    "UNION SELECT u.id, t.depth + 1, u.parent FROM life u JOIN tree t ON u.id = t.parent "
    "WHERE t.depth < ?) SELECT id, depth, parent FROM tree ORDER BY depth, id"
)


def parts_of(run: Run, life: int) -> list[Piece]:
    """Return what went into a serial, and into that: nearest first, at most ``MOST_PIECES``."""
    return [Piece._make(row) for row in run(_DOWN, (life, DEEPEST, MOST_PIECES))]


def assemblies_of(run: Run, life: int) -> list[Piece]:
    """Return what a serial went into, and what that went into: nearest first."""
    rows = run(_UP.format(marks="?"), (life, DEEPEST))
    return [Piece._make(row) for row in rows if row[1] > 0]


def recall(run: Run, lives: Sequence[int]) -> list[int]:
    """Return the lives given and all assemblies that hold one of them, without repeats."""
    found: dict[int, None] = {}
    for part in chunks(list(lives)):
        for row in run(_UP.format(marks=", ".join("?" * len(part))), (*part, DEEPEST)):
            found[row[0]] = None
    return list(found)
