"""The fence round a gateway that was moved to another computer: a file in its data directory.

    moved out ──► fence.json ──► whoever opens this data directory prints and changes nothing
    "the move did not happen" ──► fence.json is gone, and is remembered as withdrawn

It is a file beside the database and not a row in it: an old backup that is put back brings no old
freedom, and the copy that moved brings no fence. A fence that cannot be read is a fence.

>>> import tempfile
>>> folder = Path(tempfile.mkdtemp())
>>> read_fence(folder)
>>> raise_fence(folder, Fence("0a1b", 1_800_000_000_000_000, "local"))
>>> read_fence(folder).token, read_fence(folder).sentence("UTC")[:69]
('0a1b', 'This gateway was moved to another computer on 2027-01-15 at 08:00 (UT')
>>> lift_fence(folder)
>>> read_fence(folder)
>>> import shutil; shutil.rmtree(folder)
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.errors import StoreError

FILE = "fence.json"


@dataclass(frozen=True, slots=True)
class Fence:
    """That a gateway was moved, when, and by whom."""

    token: str
    """The move's own, also in its file; empty when the fence could not be read."""
    at: int
    """Microseconds UTC."""
    by: str

    def sentence(self, zone: str) -> str:
        """Return what is said to whoever wants something of the gateway."""
        moment = datetime.fromtimestamp(self.at // 1_000_000, UTC).astimezone(ZoneInfo(zone))
        return (
            f"This gateway was moved to another computer on {moment:%Y-%m-%d} at "
            f"{moment:%H:%M} ({zone}); it prints nothing and takes nothing any more, so go on with "
            "the new one."
        )


def read_fence(folder: Path) -> Fence | None:
    """Return the fence of a data directory; None without one."""
    file = folder / FILE
    try:
        found = json.loads(file.read_text("utf-8"))
        return Fence(str(found["token"]), int(found["at"]), str(found["by"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Fence("", int(file.stat().st_mtime * 1_000_000), "")


def raise_fence(folder: Path, fence: Fence) -> None:
    """Fence a data directory off, durably.

    Raises:
        StoreError: it cannot be written.
    """
    part = folder / f"{FILE}.part"
    try:
        with part.open("w", encoding="utf-8") as out:
            json.dump(asdict(fence), out)
            out.flush()
            os.fsync(out.fileno())
        part.replace(folder / FILE)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(
            f"The fence could not be written to {folder} ({error.strerror or error}); nothing was "
            "moved. See that the disk has room, and try again.",
            folder=str(folder),
        ) from error


def lift_fence(folder: Path) -> None:
    """Take the fence away, durably."""
    (folder / FILE).unlink(missing_ok=True)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make what was renamed or removed in a folder durable; Windows does so by itself."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
