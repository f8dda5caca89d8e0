"""What happened to each job, on one clock, in memory that all processes of a run share.

    load generator ──sent, answered──► Tally ◄──first byte, last byte, copies, order── sink

Times are nanoseconds of the monotonic clock, which is the same for every process of a machine;
0 means: never. Nothing is exchanged while the clock runs, so that measuring disturbs little.

>>> import tempfile, pathlib
>>> folder = tempfile.TemporaryDirectory()
>>> with Tally.make(pathlib.Path(folder.name) / "tally", 2) as tally:
...     tally.sent[0] = 5
...     tally.arrive(0, 9)
...     list(tally.sent), list(tally.first), list(tally.order)
([5, 0], [9, 0], [1, 0, 0, 0])
>>> folder.cleanup()
"""

from __future__ import annotations

import mmap
from pathlib import Path
from types import TracebackType
from typing import Final

_WORD: Final = 8
_COLUMNS: Final = 5


class Tally:
    """Five numbers for each of ``size`` jobs, and the order in which they reached the sink."""

    def __init__(self, path: Path) -> None:
        """Open a tally that ``make`` has made."""
        self.path = path
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self._words = memoryview(self._map).cast("q")
        size = self.size = int(self._words[0])
        columns = [self._words[2 + n * size : 2 + (n + 1) * size] for n in range(_COLUMNS)]
        self.sent, self.answered, self.first, self.last, self.copies = columns
        self.order = self._words[2 + _COLUMNS * size : 2 + (_COLUMNS + 2) * size]
        """Job number + 1 of each arrival; twice as long as there are jobs, for duplicates."""

    @classmethod
    def make(cls, path: Path, size: int) -> Tally:
        """Make an empty tally for ``size`` jobs in a new file."""
        words = 2 + (_COLUMNS + 2) * size
        with path.open("xb") as file:
            file.write(size.to_bytes(_WORD, "little"))
            file.truncate(words * _WORD)
        return cls(path)

    @property
    def arrived(self) -> int:
        """How many whole jobs reached the sink, duplicates counted."""
        return int(self._words[1])

    def begin(self, job: int, at: int) -> None:
        """Note that the first byte of a job was seen; of a duplicate, the first time counts."""
        if 0 <= job < self.size and not self.first[job]:
            self.first[job] = at

    def end(self, job: int, at: int) -> None:
        """Note that the last byte of a job was seen."""
        if 0 <= job < self.size:
            self.last[job] = at
            self.copies[job] += 1
            place = self._words[1]
            if place < 2 * self.size:
                self.order[place] = job + 1
            self._words[1] = place + 1

    def arrive(self, job: int, at: int) -> None:
        """Note a job that came in one piece."""
        self.begin(job, at)
        self.end(job, at)

    def close(self) -> None:
        """Let go of the file."""
        for view in (
            self.sent, self.answered, self.first, self.last, self.copies, self.order, self._words,
        ):  # fmt: skip
            view.release()
        self._map.close()

    def __enter__(self) -> Tally:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
