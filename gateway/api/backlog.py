"""How many labels may wait for one printer, checked without counting them each time."""

from __future__ import annotations

from collections.abc import Callable

from gateway.errors import TooMany

MOST_WAITING = 1_000_000
"""Labels that wait for one printer: a week of printing at two a second."""


class Backlog:
    """Counts a printer's queue, then only what is added, until that could fill it.

    >>> waiting = iter([3, 5, 5]).__next__
    >>> backlog = Backlog(lambda target: waiting(), most=5)
    >>> backlog.take(1, 2, "zebra"); backlog.take(1, 1, "zebra")
    Traceback (most recent call last):
        ...
    gateway.errors.TooMany: 5 labels wait for printer 'zebra' and 5 are the most; send this job again when some are printed.
    """  # noqa: E501 - a message whole

    def __init__(self, count: Callable[[int], int], most: int = MOST_WAITING) -> None:
        self._count, self._most = count, most
        self._room: dict[int, int] = {}

    def take(self, target: int, labels: int, name: str) -> None:
        """Take room for so many labels.

        Raises:
            TooMany: the printer's queue is full.
        """
        room = self._room.get(target, 0)
        if labels > room:
            waiting = self._count(target)
            room = self._most - waiting
            if labels > room:
                self._room[target] = room
                raise TooMany(
                    f"{waiting} labels wait for printer {name!r} and {self._most} are the most; "
                    "send this job again when some are printed.",
                    printer=name,
                    waiting=waiting,
                    limit=self._most,
                    retry_after=30,
                )
        self._room[target] = room - labels
