"""Who holds a device file, where the system tells: Linux shows the open files of each process.

>>> who_holds("/dev/there-is-none")
''
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a device open."""

    pid: int
    name: str
    """The program, with whose it is where that says more: ``CUPS (usb)``."""

    @property
    def is_ours(self) -> bool:
        return self.pid == os.getpid()

    def __str__(self) -> str:
        if self.is_ours:
            return "this gateway, for another device"
        return f"{self.name} (process {self.pid})"


def who_holds(device: str) -> str:
    """Return the process that has the device open, as ``minicom (process 4711)``, or ``""``.

    Only processes of the same user can be looked into, unless this one is root.
    """
    holder = holder_of(device)
    return "" if holder is None else str(holder)


def holder_of(device: str | Path) -> Holder | None:
    """Return the process that has the device open; this one only when no other has."""
    wanted = os.path.realpath(device)
    own = str(os.getpid())
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda found: found.name == own):
        if _has_open(process, wanted):
            return Holder(int(process.name), _name(process))
    return None


def _has_open(process: Path, wanted: str) -> bool:
    try:
        return any(_leads_to(entry, wanted) for entry in (process / "fd").iterdir())
    except OSError:
        return False  # it has ended, or belongs to somebody else


def _leads_to(entry: Path, wanted: str) -> bool:
    try:
        return str(entry.readlink()) == wanted
    except OSError:
        return False  # closed meanwhile


def _name(process: Path) -> str:
    try:
        name = (process / "comm").read_text(errors="replace").strip()
    except OSError:
        return "a program"
    name = "".join(c for c in name if c.isprintable())[:40] or "a program"
    try:
        # CUPS's backend for USB is called ``usb``: its folder says whose it is.
        return f"CUPS ({name})" if "cups" in (process / "exe").readlink().parts else name
    except OSError:
        return name
