"""Constraints by name: what the database refuses, said as the gateway's own refusal.

A rule that must hold is a constraint with a name, and SQLite repeats the name when it refuses.

>>> import sqlite3
>>> constraint_name(sqlite3.IntegrityError("CHECK constraint failed: printer_media"))
'printer_media'
>>> constraint_name(sqlite3.IntegrityError("UNIQUE constraint failed: index 'printer_name_taken'"))
'printer_name_taken'
"""

from __future__ import annotations

import re
import sqlite3

_NAMED = re.compile(r"(?:CHECK|UNIQUE) constraint failed: (?:index ')?([a-z0-9_]+)'?", re.ASCII)


def constraint_name(error: sqlite3.IntegrityError) -> str | None:
    """Return the name of the constraint that refused, None when it has none."""
    match = _NAMED.fullmatch(str(error))
    return match[1] if match else None
