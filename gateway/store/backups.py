"""The backups there are: listed, made by hand, tried, removed.

    backups/ ──all──► name, size, moment, whether it was tried
    one of them ──try_out──► opened elsewhere, brought up to date, proved ──► what was found

A backup that was never put back is a hope. To try one is to do all of it but the last step: it is
copied, migrated, every page and every event of it is proved, and what it would bring is counted.
Names come from outside; only those that the folder lists reach the disk.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.errors import DiskFull, GatewayError, StoreError, Unknown
from gateway.store.copies import back_up, check_whole, hold_what_waits
from gateway.store.dialect import Place
from gateway.store.engine import FREE_FLOOR, Database, now
from gateway.store.feed import tell

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}\.db", re.ASCII)

BY_ITSELF = "auto-"
"""How the names of those begin that the gateway makes by itself."""

BY_HAND = "gateway-"

TRIED = "tried.json"
"""What came of trying, beside the backups: it is true of the files, whatever the database is."""

STEPS = 4
"""Of trying one: copied, brought up to date, pages read, record proved."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying a backup."""

    at: int
    """Microseconds UTC."""
    whole: bool
    sentence: str
    jobs: int = 0
    labels: int = 0
    """That would come back on hold."""
    serials: int = 0
    events: int = 0


@dataclass(frozen=True, slots=True)
class Backup:
    """A file in the folder of backups."""

    name: str
    bytes: int
    made_at: int
    """Microseconds UTC."""
    by_itself: bool
    tried: Tried | None = None
    """None: nobody has, or it was written anew since."""


Tell = Callable[[int, int, str], None]
"""Steps done, steps in all, and what is going on."""


class Backups:
    """The folder of backups."""

    def __init__(self, database: Database, place: Place, folder: Path) -> None:
        self._database, self._place, self.folder = database, place, folder

    def all(self) -> list[Backup]:
        """Return the backups, newest first."""
        if not self.folder.is_dir():
            return []
        tried = self._tried()
        found = []
        for file in self.folder.iterdir():
            if not NAME.fullmatch(file.name) or not file.is_file():
                continue
            status = file.stat()
            made = status.st_mtime_ns // 1000
            known = tried.get(file.name)
            found.append(
                Backup(
                    file.name, status.st_size, made, file.name.startswith(BY_ITSELF),
                    known if known is not None and known.at >= made else None,
                )
            )  # fmt: skip
        return sorted(found, key=lambda one: (-one.made_at, one.name))

    def find(self, name: str) -> Backup:
        """Return the backup of that name.

        Raises:
            Unknown: there is none.
        """
        for backup in self.all():
            if backup.name == name:
                return backup
        raise Unknown(f"There is no backup {name[:80]!r}.", backup=name[:80])

    def file(self, name: str) -> Path:
        """Return where a backup is.

        Raises:
            Unknown: there is none of that name.
        """
        return self.folder / self.find(name).name

    def make(self, actor: str, told: Tell) -> Backup:
        """Make one now; what ``told`` raises ends it.

        Raises:
            StoreError, DiskFull: it could not be written.
        """
        size = self._place.stat().st_size if isinstance(self._place, Path) else 0
        self._must_have_room(size)
        moment = datetime.fromtimestamp(now() // 1_000_000, UTC).strftime("%Y%m%dT%H%M%SZ")
        target = self.folder / f"{BY_HAND}{moment}.db"
        size = back_up(self._place, target, lambda done, of: told(done, of, "It is being copied."))
        body: dict[str, object] = {"file": target.name, "bytes": size}
        self._database.run(lambda t: tell(t, now(), "backup.made", "backups", actor, body))
        return self.find(target.name)

    def remove(self, name: str, actor: str) -> None:
        """Remove one.

        Raises:
            Unknown: there is none of that name.
        """
        file = self.file(name)
        body: dict[str, object] = {"file": name}
        self._database.run(lambda t: tell(t, now(), "backup.removed", "backups", actor, body))
        file.unlink(missing_ok=True)

    # ------------------------------------------------------------ trying

    def try_out(self, name: str, actor: str, told: Tell) -> Tried:
        """Put a backup back in a place of its own, and return what came of it; also for the list.

        What ``told`` raises ends it, and nothing is noted.

        Raises:
            Unknown: there is none of that name.
            DiskFull: there is no room.
        """
        file = self.file(name)
        self._must_have_room(file.stat().st_size)
        with TemporaryDirectory(dir=self.folder, prefix="trying-") as work:
            copy = Path(work) / "gateway.db"
            told(0, STEPS, "It is being copied.")
            shutil.copyfile(file, copy)
            copy.chmod(0o600)
            try:
                tried = self._try(copy, told)
            except GatewayError as error:
                tried = _cannot(error.detail.replace(str(copy), name))
        self._note(name, tried)
        body: dict[str, object] = {"file": name, "whole": tried.whole, "why": tried.sentence}
        self._database.run(lambda t: tell(t, now(), "backup.tried", "backups", actor, body))
        return tried

    def _try(self, copy: Path, told: Tell) -> Tried:
        from gateway.store.registry.verifying import verify  # late: seldom

        told(1, STEPS, "Every page of it is being read.")
        check_whole(copy)
        told(2, STEPS, "It is being brought up to date.")
        jobs, held, _ = hold_what_waits(copy)

        def going() -> bool:
            told(3, STEPS, "Its record is being proved.")
            return True

        with Database.open(copy) as opened:
            verdict = verify(opened.reader().execute, going=going)
        if not verdict.whole:
            return _cannot(verdict.troubles[0].detail)
        return Tried(
            now(), True,
            f"It can be put back: {jobs} jobs, {verdict.serials} serials and "
            f"{verdict.events} events are there and proved.",
            jobs, held, verdict.serials, verdict.events,
        )  # fmt: skip

    def _tried(self) -> dict[str, Tried]:
        try:
            found = json.loads((self.folder / TRIED).read_text("utf-8"))
            return {name: Tried(**one) for name, one in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):
            return {}

    def _note(self, name: str, tried: Tried) -> None:
        there = {one.name for one in self.all()}
        known = {key: asdict(one) for key, one in self._tried().items() if key in there}
        part = self.folder / f"{TRIED}.part"
        try:
            part.write_text(json.dumps({**known, name: asdict(tried)}), "utf-8")
            part.replace(self.folder / TRIED)
        except OSError as error:
            raise StoreError(
                f"What came of trying {name} could not be written to {self.folder} "
                f"({error.strerror or error}): {tried.sentence}"
            ) from error

    def _must_have_room(self, size: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free = shutil.disk_usage(self.folder).free
        if free < 2 * size + FREE_FLOOR:
            raise DiskFull(
                f"The disk of {self.folder} has {free >> 20} MB left, and {2 * size >> 20} MB are "
                f"needed beside the {FREE_FLOOR >> 20} MB that are kept free; free some space "
                "first.",
                free=free,
            )


def _cannot(why: str) -> Tried:
    return Tried(now(), False, f"It cannot be put back: {why}")
