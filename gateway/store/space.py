"""Room on the disk: what is promised must be writable."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from gateway.errors import DiskFull
from gateway.store.engine import FREE_FLOOR

LOOKED_EVERY = 2.0
"""Seconds between two looks: cheap enough for every request, soon enough for a filling disk."""


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class DiskSpace:
    """Refuses new promises when the disk runs full; what was promised goes on.

    >>> free = iter([300 << 20, 100 << 20]).__next__
    >>> space = DiskSpace(Path("/srv"), look=lambda _: free(), clock=iter([0.0, 5.0]).__next__)
    >>> space.check(); space.check()
    Traceback (most recent call last):
        ...
    gateway.errors.DiskFull: The disk of /srv has 100 MB left and 200 MB are kept free; free some space and send the request again.
    """  # noqa: E501 - a message whole

    def __init__(
        self,
        folder: Path,
        *,
        floor: int = FREE_FLOOR,
        look: Callable[[Path], int] = _free,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._floor, self._look, self._clock = folder, floor, look, clock
        self._next = 0.0
        self._left = floor

    def check(self) -> None:
        """Check that there is room.

        Raises:
            DiskFull: less than the floor is free.
        """
        at = self._clock()
        if at >= self._next:
            self._next = at + LOOKED_EVERY
            self._left = self._look(self._folder)
        if self._left < self._floor:
            raise DiskFull(
                f"The disk of {self._folder.as_posix()} has {self._left >> 20} MB left and "
                f"{self._floor >> 20} MB are kept free; free some space and send the request "
                "again.",
                free=self._left,
                floor=self._floor,
            )
