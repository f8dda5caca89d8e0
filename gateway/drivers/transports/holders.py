"""Who holds a device file, where the system tells: Linux shows the open files of each process.

>>> who_holds("/dev/there-is-none")
''
"""

from __future__ import annotations

import os
from pathlib import Path


def who_holds(device: str) -> str:
    """Return the process that has the device open, as ``minicom (process 4711)``, or ``""``.

    Only processes of the same user can be looked into, unless this one is root.
    """
    wanted = os.path.realpath(device)
    holder = ""
    for process in Path("/proc").glob("[0-9]*"):
        if _has_open(process, wanted):
            if int(process.name) != os.getpid():
                return f"{_name(process)} (process {process.name})"
            holder = "this gateway, for another printer"
    return holder


def _has_open(process: Path, wanted: str) -> bool:
    try:
        return any(str(entry.readlink()) == wanted for entry in (process / "fd").iterdir())
    except OSError:
        return False  # it has ended, or belongs to somebody else


def _name(process: Path) -> str:
    try:
        name = (process / "comm").read_text(errors="replace").strip()
    except OSError:
        return "a program"
    return "".join(c for c in name if c.isprintable())[:40] or "a program"
