"""What the disk allows: durable commits one at a time, each waited for.

Three ways to make one label of 1 kB durable. SQLite in WAL mode appends a page of 4 kB and calls
fdatasync, so the first is the floor of the second; the third spares the file system the work of
making the file longer, which a database never can.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from benchmarks.payload import raw_label

PAGE: Final = 4096
sync = getattr(os, "fdatasync", os.fsync)


def appended(folder: Path, times: int) -> float:
    """Return commits a second: a page appended to a file and fdatasync."""
    return _rate(folder / "appended", times, 0)


def overwritten(folder: Path, times: int) -> float:
    """Return commits a second: a page written over in a file that is there, and fdatasync."""
    return _rate(folder / "overwritten", times, times)


def _rate(path: Path, times: int, pages: int) -> float:
    page = raw_label(0).ljust(PAGE, b"\0")
    with path.open("wb", buffering=0) as file:
        file.write(page * pages)
        os.fsync(file.fileno())
        file.seek(0)

        def commit(_: int) -> None:
            file.write(page)
            sync(file.fileno())

        return _per_second(commit, times)


def inserted(folder: Path, times: int) -> float:
    """Return commits a second: one row of 1 kB in SQLite, WAL, ``synchronous=FULL``."""
    with closing(sqlite3.connect(folder / "rows.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("CREATE TABLE label (id INTEGER PRIMARY KEY, body BLOB) STRICT")
        body = raw_label(0)

        def commit(_: int) -> None:
            database.execute("INSERT INTO label (body) VALUES (?)", (body,))

        return _per_second(commit, times)


def _per_second(commit: Callable[[int], None], times: int) -> float:
    began = time.perf_counter()
    for n in range(times):
        commit(n)
    return times / (time.perf_counter() - began)
