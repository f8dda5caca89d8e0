"""Backups that nobody has to think of: one a day, beside the database, the newest few kept.

    time, settings ──due──► copies.back_up ──► backups/auto-….db; the record's head in the feed

Only files that were made here are ever removed. A disk without room for one more copy gets none,
and the feed says so: labels go before copies.
"""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.errors import DiskFull, GatewayError
from gateway.store.dialect import Place
from gateway.store.engine import FREE_FLOOR, Database, Transaction, now
from gateway.store.feed import tell

log = logging.getLogger(__name__)

LAST = "backup.last"
"""The row of the table of settings with when the last one was made, or first could have been."""

HOUR = 3_600_000_000
"""Microseconds."""

PREFIX = "auto-"


class Safekeeping(threading.Thread):
    """Makes the backups. ``look`` is one look at the time; the thread looks every minute."""

    EVERY = 60.0
    """Seconds between two looks."""

    def __init__(
        self,
        database: Database,
        place: Place,
        settings: Callable[[], dict[str, Any]],
        folder: Path,
        *,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        super().__init__(name="safekeeping", daemon=True)
        self._database, self._place, self._settings = database, place, settings
        self._folder, self._free = folder, free
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(self.EVERY):
            try:
                self.look(now())
            except Exception:  # a thread's edge: the next look may do better
                log.exception("the backups could not be looked at")

    def stop(self) -> None:
        """End it; a copy that is being made is finished first."""
        self._stopping.set()
        if self.is_alive():
            self.join()

    def look(self, at: int) -> Path | None:
        """Make a backup if one is due at that moment; return its file."""
        from gateway.store.copies import back_up  # late: once a day
        from gateway.store.registry.verifying import head_of

        chosen = self._settings()
        hours, kept = chosen["backup_hours"], chosen["backups_kept"]
        last = self._last(at)
        if hours == 0 or at - last < hours * HOUR:
            return None
        moment = datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
        target = self._folder / f"{PREFIX}{moment}.db"
        try:
            self._must_have_room()
            size = back_up(self._place, target)
        except GatewayError as error:
            why = error.detail
            log.warning("no backup was made", extra={"reason": why})
            self._database.run(lambda t: self._tell(t, "backup.failed", at, {"why": why}))
            return None
        for old in sorted(self._folder.glob(f"{PREFIX}*.db"))[:-kept]:
            old.unlink(missing_ok=True)
        head = head_of(self._database.reader().execute)
        body: dict[str, object] = {"file": target.name, "bytes": size}
        if head is not None:
            # Written down elsewhere, it proves that no event before it was changed since.
            body["chain"] = {"seq": head.seq, "hash": head.hash.hex()}
        self._database.run(lambda t: self._tell(t, "backup.made", at, body))
        return target

    def _last(self, at: int) -> int:
        rows = self._database.read("SELECT value FROM setting WHERE name = ?", (LAST,))
        if rows:
            return int(json.loads(rows[0][0]))
        self._database.run(lambda t: _note(t, at))
        return at

    def _must_have_room(self) -> None:
        size = self._place.stat().st_size if isinstance(self._place, Path) else 0
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = self._free(self._folder)
        if free < 2 * size + FREE_FLOOR:
            raise DiskFull(
                f"The disk of {self._folder} has {free >> 20} MB left; a backup of {size >> 20} MB "
                "is not made there. Free some space, or set backup_hours to 0 and make backups "
                "elsewhere.",
                free=free,
            )

    @staticmethod
    def _tell(t: Transaction, kind: str, at: int, body: dict[str, object]) -> None:
        _note(t, at)
        tell(t, at, kind, "backups", "gateway", body)


def _note(t: Transaction, at: int) -> None:
    t.execute(
        "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = ?",
        (LAST, json.dumps(at), json.dumps(at)),
    )
