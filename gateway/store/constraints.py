"""Constraints by name: what the database refuses, said as the gateway's own refusal.

A rule that must hold is a constraint (or a trigger) with a name, and both databases repeat the
name when they refuse. A refused statement ends its transaction: work that catches ``RuleBroken``
raises something else in its place, and never goes on.

>>> import sqlite3
>>> constraint_name(sqlite3.IntegrityError("CHECK constraint failed: printer_media"))
'printer_media'
>>> constraint_name(sqlite3.IntegrityError("UNIQUE constraint failed: index 'printer_name_taken'"))
'printer_name_taken'
>>> constraint_name(sqlite3.IntegrityError("serial_moved_illegally"))  # RAISE(ABORT, …)
'serial_moved_illegally'
>>> constraint_name(sqlite3.IntegrityError("FOREIGN KEY constraint failed")) is None
True
"""

from __future__ import annotations

import re
import sqlite3

_NAMED = re.compile(
    r"(?:(?:CHECK|UNIQUE) constraint failed: (?:index ')?)?([a-z0-9_]+)'?", re.ASCII
)


class RuleBroken(Exception):
    """A statement would have broken a rule that the database holds; nothing of it is kept."""

    def __init__(self, rule: str | None, said: str) -> None:
        super().__init__(said)
        self.rule = rule
        """The constraint's or trigger's name; None for one that has none (a primary key)."""


def constraint_name(error: sqlite3.IntegrityError) -> str | None:
    """Return the name of the constraint or trigger that refused, None when it has none."""
    match = _NAMED.fullmatch(str(error))
    return match[1] if match else None
