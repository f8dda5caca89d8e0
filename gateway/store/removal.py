"""A gateway's removal to another computer: one file out, and that file in.

    old: sealed, fenced ──pack──► label-gateway-….db    a backup with the move's own mark in it
    new: fresh ──check──► moving/arrived.db ──next start──► the database; nothing goes on hold

Nothing can have printed since the file was made, for the gateway it was made of was fenced off
before: so labels that waited go on. An ordinary backup has no mark; what waited then comes back on
hold, as after every restore. The mark does not stay in the new database: a backup of that is a
backup.
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError, InUse, StoreError
from gateway.store.copies import Restored, back_up, check_whole, restore, schema_of
from gateway.store.dialect import Place
from gateway.store.engine import HEAD, Database, now
from gateway.store.fence import Fence, sync_folder

log = logging.getLogger(__name__)

FOLDER = "moving"
"""In the data directory: the file that goes out, and the one that came in."""

ARRIVED = "arrived.db"
"""A file that was checked and becomes the database at the next start."""

PREFIX = "label-gateway-"

MARK = "move.mark"
"""The row of the table of settings that makes a backup the file of a move."""

CAME = "move.came"
"""The row that says where this gateway came from, and what came with it."""

WITHDRAWN = "move.withdrawn"
"""The row with the moves that did not happen."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a move's file says of itself."""

    token: str
    at: int
    """Microseconds UTC."""
    by: str
    host: str
    """The computer it was made on."""


# ---------------------------------------------------------------- out


def pack(place: Place, folder: Path, fence: Fence, progress: Callable[[int, int], None]) -> Path:
    """Write everything a gateway knows into one file with the move's mark; return the file.

    The database must be sealed. It may be done again: the file is the same.

    Raises:
        StoreError: it cannot be written.
    """
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40] or "gateway"
    moment = datetime.fromtimestamp(fence.at // 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
    away = folder / FOLDER
    target = away / f"{PREFIX}{host}-{moment}.db"
    whole = away / "packing.db"
    try:
        back_up(place, whole, progress)
        mark = Mark(fence.token, fence.at, fence.by, host)
        with closing(sqlite3.connect(whole)) as copy, copy:
            copy.execute("INSERT INTO setting VALUES (?, ?)", (MARK, json.dumps(asdict(mark))))
        for old in away.glob(f"{PREFIX}*.db"):
            old.unlink()
        with whole.open("rb+") as opened:
            os.fsync(opened.fileno())
        whole.replace(target)
        sync_folder(away)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"The file could not be written to {away} ({error}); make room and make it again. The "
            "gateway stays fenced off meanwhile.",
            folder=str(away),
        ) from error
    finally:
        whole.unlink(missing_ok=True)
    return target


def packed(folder: Path) -> Path | None:
    """Return the file of a move out, if there is one."""
    return next(iter(sorted((folder / FOLDER).glob(f"{PREFIX}*.db"), reverse=True)), None)


def unpack(folder: Path) -> None:
    """Remove this gateway's copies of the file of a move."""
    for file in (folder / FOLDER).glob(f"{PREFIX}*.db"):
        file.unlink(missing_ok=True)


# ---------------------------------------------------------------- in


def check_arrived(file: Path) -> Mark | None:
    """Check a file that came in; return its mark, None when it is an ordinary backup.

    Raises:
        StoreError: it is damaged, no database of ours, or from a newer program.
    """
    check_whole(file)
    schema = schema_of(file)
    if schema > HEAD:
        raise StoreError(
            f"The file was made by a newer label-gateway (schema {schema}, this one knows {HEAD}); "
            "install that version here first.",
            schema=schema,
        )
    return mark_of(file)


def mark_of(file: Path) -> Mark | None:
    """Return the mark of a move's file; None when it has none.

    Raises:
        StoreError: it cannot be read.
    """
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            row = opened.execute("SELECT value FROM setting WHERE name = ?", (MARK,)).fetchone()
        if row is None:
            return None
        said = json.loads(row[0])
        return Mark(str(said["token"]), int(said["at"]), str(said["by"]), str(said["host"]))
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"The file cannot be read: {error}.") from error


def bring_in(place: Place, folder: Path) -> Restored | None:
    """Let the file that arrived become the database; None when none did.

    What was there is kept beside it. A file that cannot be put in is set aside, and the gateway
    starts as it was.
    """
    file = folder / FOLDER / ARRIVED
    if not file.is_file():
        return None
    try:
        mark = mark_of(file)
        restored = restore(file, place, folder, hold=mark is None)
    except GatewayError as error:
        aside = file.with_name("refused.db")
        file.replace(aside)
        log.error(  # noqa: TRY400 - the sentence says why
            "the file that was taken in could not be put in",
            extra={"reason": error.detail, "file": str(aside)},
        )
        return None
    _settle_in(place, folder, mark, restored)
    file.unlink(missing_ok=True)
    return restored


def _settle_in(place: Place, folder: Path, mark: Mark | None, restored: Restored) -> None:
    """Turn the mark into where this gateway came from; paper of virtual printers is nobody's."""
    virtual = folder / "virtual"
    if virtual.is_dir():
        # The machines are other ones now: what these have printed would be taken for proof.
        aside = folder / f"virtual.before-{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}"
        virtual.replace(aside)
    came: dict[str, object] = {
        "moved": mark is not None, "jobs": restored.jobs, "held": restored.labels_on_hold,
        "unsettled": restored.labels_unsettled, "host": "", "at": 0, "token": "",
        "arrived_at": now(),
    }  # fmt: skip
    if mark is not None:
        came |= {"host": mark.host, "at": mark.at, "token": mark.token}
    with Database.open(place, folder) as opened:
        opened.run(lambda t: t.execute("DELETE FROM setting WHERE name = ?", (MARK,)))
        opened.run(lambda t: note(t, CAME, came))


# ---------------------------------------------------------------- what is remembered


def note(t: Any, name: str, value: object) -> None:
    """Keep something about moves in the table of settings."""
    text = json.dumps(value)
    t.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?",
        (name, text, text),
    )


def noted(database: Database, name: str) -> Any:
    """Return what was kept; None when nothing was."""
    rows = database.read("SELECT value FROM setting WHERE name = ?", (name,))
    return json.loads(rows[0][0]) if rows else None


_THINGS = (
    ("item", "items"), ("document", "documents"), ("event", "recorded events"),
    ("station", "stations"), ("scanner", "scanners"), ("webhook", "webhooks"),
)  # fmt: skip


def check_fresh(database: Database) -> None:
    """Check that nothing is here that a file from elsewhere would bury.

    A virtual printer and what it printed are nothing; neither are keys.

    Raises:
        InUse: the gateway is in use.
    """
    found = [
        words
        for table, words in _THINGS
        if database.read(f"SELECT 1 FROM {table} LIMIT 1")
    ]  # fmt: skip
    printers = database.read("SELECT name, options, members FROM printer WHERE deleted_at IS NULL")
    real = [name for name, options, _ in printers if not json.loads(options).get("virtual")]
    if real:
        found.append(f"the printer {real[0]}")
    if found:
        raise InUse(
            f"This gateway is in use (it has {', '.join(found)}), and what is here would be "
            "buried; take the file in on a new gateway, with a data directory of its own.",
            has=found,
        )
