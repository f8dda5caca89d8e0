"""Copies of the database: make one while the daemon runs, put one back, and prove one whole.

A backup is one SQLite file, also of a database on a server, and can be put back into either: so a
site moves from a file to a server, or back. What is put back is the past: labels that waited then
may have been printed since, so they come back on hold, and a person decides. Nothing prints twice
by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.errors import InUse, StoreError
from gateway.store.dialect import Place, Server, folder_of
from gateway.store.engine import HEAD, Database
from gateway.store.jobs import JobStore
from gateway.store.lock import FileLock

PAGES_AT_ONCE = 256
"""1 MB a step: often enough for a progress bar."""

_COUNTS = ("queued", "held", "sending", "sent", "printed", "uncertain", "cancelled", "expired",
           "failed", "dropped")  # fmt: skip

_MISCOUNTED = (
    "SELECT j.seq, j.labels, count(l.seq), "
    + ", ".join(f"j.{s}, count(*) FILTER (WHERE l.state = '{s}')" for s in _COUNTS)
    + " FROM job j LEFT JOIN label l ON l.job = j.seq GROUP BY j.seq"
    + " HAVING j.labels <> count(l.seq)"
    + "".join(f" OR j.{s} <> count(*) FILTER (WHERE l.state = '{s}')" for s in _COUNTS)
    + " ORDER BY j.seq LIMIT 20"
)
"""Jobs whose counts are not those of their labels. There must be none, ever."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What putting a backup back did."""

    aside: Path | None
    """Where the database is that was there before."""
    jobs: int
    labels_on_hold: int
    """Labels that waited when the backup was made."""
    labels_unsettled: int
    """Labels that were on their way then; their printers are asked first."""


def daemon_runs(folder: Path) -> bool:
    """Return whether a daemon has this data directory now."""
    if not folder.is_dir():
        return False
    lock = FileLock(folder / "gateway.lock")
    if not lock.acquire():
        return True
    lock.release()
    return False


Progress = Callable[[int, int], None]
"""Told how much is done, and how much there is in all."""


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


def back_up(place: Place, target: Path, progress: Progress = _silent) -> int:
    """Copy the database as it is at this moment into one file; return its bytes.

    The daemon may run: it is read beside it, and not held up.

    Raises:
        StoreError: there is no database, the copy cannot be written, or it is not whole.
    """
    if isinstance(place, Path) and not place.is_file():
        raise StoreError(f"There is no database at {place} yet; nothing to back up.")
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part.unlink(missing_ok=True)
        # Keys and labels are nobody else's, also in a copy.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if isinstance(place, Path):
            _copy_file(place, part, progress)
        else:
            from gateway.store.moving import copy_out  # late: a driver that few need

            copy_out(place, part, progress)
        check_whole(part)
        _sync(part)
        part.replace(target)
    except sqlite3.Error as error:
        raise StoreError(f"The backup {target} could not be made: {error}.") from error
    except OSError as error:
        raise StoreError(
            f"The backup {target} could not be written: {error.strerror or error}."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _copy_file(file: Path, target: Path, progress: Progress) -> None:
    with (
        closing(_open_to_read(file)) as source,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        # One moment for the whole copy: without it each step would see a newer database, and
        # start again under a busy daemon.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(
            copy,
            pages=PAGES_AT_ONCE,
            progress=lambda _, left, total: progress(total - left, total),
        )
        copy.execute("PRAGMA journal_mode = DELETE").fetchone()


def restore(
    backup: Path,
    place: Place,
    folder: Path | None = None,
    at: datetime | None = None,
    *,
    hold: bool = True,
) -> Restored:
    """Put a backup in the place of the database; the old one is kept in the data directory.

    ``hold``: what waited may have been printed since, and waits for a person.

    Raises:
        InUse: a daemon runs on it.
        StoreError: the backup is damaged, no database of ours, or from a newer program.
    """
    if not backup.is_file():
        raise StoreError(f"There is no backup {backup}.")
    check_whole(backup)
    schema = schema_of(backup)
    if schema > HEAD:
        raise StoreError(
            f"The backup {backup} was made by a newer label-gateway (schema {schema}, this one "
            f"knows {HEAD}); restore it with that version.",
            schema=schema,
        )
    folder = folder_of(place, folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(folder / "gateway.lock")
    if not lock.acquire():
        raise InUse(
            f"A label-gateway runs on {folder}; stop it first. Nothing was changed.",
            folder=str(folder),
        )
    moment = (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    if isinstance(place, Server):
        try:
            return _restore_to_server(backup, place, folder, moment, hold=hold)
        finally:
            lock.release()
    try:
        part = place.with_name(f"{place.name}.part")
        try:
            shutil.copyfile(backup, part)
            part.chmod(0o600)
            _sync(part)
            aside = _set_aside(place, moment)
            part.replace(place)
        except OSError as error:
            raise StoreError(
                f"{place} could not be replaced: {error.strerror or error}."
            ) from error
        finally:
            part.unlink(missing_ok=True)
    finally:
        lock.release()
    jobs, held, unsettled = hold_what_waits(place, hold=hold)
    return Restored(aside, jobs, held, unsettled)


def _restore_to_server(
    backup: Path, place: Server, folder: Path, moment: str, *, hold: bool
) -> Restored:
    """Make a copy of the backup what it shall be, and put that on the server in one transaction."""
    from gateway.store.moving import copy_in, is_empty  # late: a driver that few need

    with TemporaryDirectory(dir=folder, prefix="restore-") as work:
        copy = Path(work) / "gateway.db"
        shutil.copyfile(backup, copy)
        copy.chmod(0o600)
        jobs, held, unsettled = hold_what_waits(copy, hold=hold)
        aside = None
        if not is_empty(place):
            aside = folder / f"gateway.before-restore-{moment}.db"
            back_up(place, aside)
        copy_in(copy, place)
    return Restored(aside, jobs, held, unsettled)


def _set_aside(database: Path, moment: str) -> Path | None:
    """Move the database with its log out of the way; return where to."""
    if not database.exists():
        return None
    aside = database.with_name(f"{database.stem}.before-restore-{moment}{database.suffix}")
    for suffix in ("-wal", "-shm", ""):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.replace(aside.with_name(aside.name + suffix))
    return aside


def hold_what_waits(database: Path, *, hold: bool = True) -> tuple[int, int, int]:
    """Put what waited in the backup on hold; return jobs, labels on hold, labels on their way."""
    with Database.open(database) as opened:
        jobs = JobStore(opened)
        waiting = opened.read("SELECT seq FROM job WHERE queued > 0 AND ended_at IS NULL")
        held = 0
        if hold:
            held = opened.run(lambda t: sum(jobs.hold(t, job, "restore") for (job,) in waiting))
        total = int(opened.read("SELECT count(*) FROM job")[0][0])
        unsettled = int(
            opened.read(
                "SELECT count(*) FROM label WHERE state IN ('sending', 'sent') AND evidence IS NULL"
            )[0][0]
        )
    return total, held, unsettled


# ---------------------------------------------------------------- proving


def troubles(place: Place, *, thorough: bool = False) -> list[str]:
    """Return what is wrong with a database, a sentence each; nothing, when it is whole.

    Raises:
        StoreError: it cannot be read at all.
    """
    if isinstance(place, Server):
        from gateway.store.moving import troubles_on_server  # late: a driver that few need

        found, miscounted = troubles_on_server(place, _MISCOUNTED, thorough=thorough)
    else:
        found, miscounted = _troubles_in_file(place, thorough=thorough)
    return found + [
        f"Job J{job} counts {labels} labels by state and has {rows} that differ."
        for job, labels, rows, *_ in miscounted
    ]


def _troubles_in_file(file: Path, *, thorough: bool) -> tuple[list[str], list[tuple[int, ...]]]:
    found: list[str] = []
    pragma = "integrity_check" if thorough else "quick_check"
    try:
        with closing(_open_to_read(file)) as connection:
            for (report,) in connection.execute(f"PRAGMA {pragma}(10)"):
                if report != "ok":
                    found.append(f"SQLite says of the file: {report}.")
            for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
                found.append(f"Row {row} of {table} names a row of {parent} that is not there.")
            return found, connection.execute(_MISCOUNTED).fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"The database {file} cannot be read: {error}.") from error


def _open_to_read(database: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{database.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None
    )
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA busy_timeout = 5000")
    return connection


def check_whole(file: Path) -> None:
    """Check that a file is a database of ours, every page and every label of it.

    Raises:
        StoreError: it is not, or damaged.
    """
    try:
        found = troubles(file, thorough=True)
    except StoreError as error:
        if "no such table" in error.detail:
            raise StoreError(f"{file} is no database of label-gateway.") from error
        raise
    if found:
        raise StoreError(f"{file} is damaged: {found[0]} Nothing was changed.")


def schema_of(file: Path) -> str:
    """Return which schema a file has."""
    with closing(_open_to_read(file)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return "" if row is None else str(row[0])


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


_ADDRESSES = (
    "SELECT name, url, options FROM printer WHERE deleted_at IS NULL AND members IS NULL "
    "ORDER BY name"
)


def printer_addresses(place: Place) -> list[tuple[str, str]]:
    """Return name and URL of each printer outside this computer's daemon, which does not run.

    Raises:
        StoreError: the database cannot be read.
    """
    if isinstance(place, Server):
        from gateway.store.moving import rows_on_server  # late: a driver that few need

        rows = rows_on_server(place, _ADDRESSES)
    else:
        try:
            with closing(_open_to_read(place)) as connection:
                rows = connection.execute(_ADDRESSES).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"The database {place} cannot be read: {error}.") from error
    return [
        (str(name), str(url))
        for name, url, options in rows
        if not json.loads(options).get("virtual")
    ]
