"""What the command line writes: sentences and tables for people, JSON for programs.

Standard output carries the answer, standard error everything else (progress, refusals), so that
an answer can be piped. Any console will do: a character it cannot show is written out, and text
from outside can neither move its cursor nor forge a line.
"""

from __future__ import annotations

import dataclasses
import json
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TextIO

from gateway.logs import escape

REDRAW_EVERY = 0.1
"""Seconds between two drawings of a progress bar; the eye needs no more."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where answers and remarks go."""

    out: TextIO
    err: TextIO
    as_json: bool = False

    def say(self, text: str = "") -> None:
        """Write one line of the answer for people; nothing where programs read."""
        if not self.as_json:
            _write(self.out, escape(text) + "\n")

    def answer(self, document: object) -> None:
        """Write the answer for programs; nothing where people read."""
        if self.as_json:
            # ASCII: a pipe has whatever encoding the system gives it.
            _write(self.out, json.dumps(document, indent=2, default=str) + "\n")

    def remark(self, text: str) -> None:
        """Write one line that is not part of the answer."""
        _write(self.err, escape(text) + "\n")

    def refuse(self, text: str, /, **more: object) -> None:
        """Write why the command failed: a sentence, or a JSON object."""
        if self.as_json:
            _write(self.err, json.dumps({"detail": text, **more}, default=str) + "\n")
        else:
            self.remark(text)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Write rows under headings, each column as wide as its widest cell."""
        if not self.as_json:
            for line in lay_out_table(columns, rows):
                _write(self.out, line + "\n")

    def pairs(self, rows: Iterable[tuple[str, object]]) -> None:
        """Write names with their values, those without a value left out."""
        known = [(name, say_value(value)) for name, value in rows if value not in (None, "")]
        wide = max((width_of(name) for name, _ in known), default=0)
        for name, value in known:
            self.say(f"{name}{' ' * (wide - width_of(name))}  {value}")

    def progress(self, total: int, verb: str) -> Progress:
        """Return a bar for ``total`` steps; it shows only where a person watches."""
        watched = not self.as_json and self.err.isatty()
        return Progress(self.err if watched else None, total, verb)


def _write(stream: TextIO, text: str) -> None:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()


def say_value(value: object) -> str:
    """Return a cell's text.

    >>> [say_value(v) for v in (None, True, 1200, "a\\nb", {"serial": "SN-1", "item": "HT"})]
    ['', 'yes', '1200', 'a\\\\nb', 'serial=SN-1 item=HT']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return escape(" ".join(f"{name}={value[name]}" for name in value))
    if isinstance(value, list | tuple):
        return escape(", ".join(map(str, value)))
    return escape(str(value))


def lay_out_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table; numbers stand to the right.

    >>> for line in lay_out_table(["printer", "waiting"], [["zebra", 12], ["line-2", 0]]):
    ...     print(line)
    printer  waiting
    -------  -------
    zebra         12
    line-2         0
    """
    table = list(rows)
    numeric = [
        bool(table) and all(isinstance(row[i], int) for row in table) for i in range(len(columns))
    ]
    cells = [[say_value(value) for value in row] for row in table]
    widths = [max(map(width_of, column)) for column in zip(columns, *cells, strict=True)]
    lines = [columns, ["-" * width for width in widths], *cells]
    return ["  ".join(map(_fill, line, widths, numeric)).rstrip() for line in lines]


def _fill(text: str, width: int, to_the_right: bool) -> str:
    blank = " " * (width - width_of(text))
    return blank + text if to_the_right else text + blank


def width_of(text: str) -> int:
    """Return the columns a text takes on a terminal.

    >>> width_of("abc"), width_of("漢字"), width_of("é")
    (3, 4, 1)
    """
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


class Progress:
    """A bar on one line, drawn again as work goes on.

    >>> import io
    >>> stream = io.StringIO()
    >>> with Progress(stream, 4, "printed") as progress:
    ...     progress.reach(3)
    >>> stream.getvalue().split("\\r")[-1].rstrip()
    '[##################......] 3 of 4 printed'
    """

    WIDTH = 24

    def __init__(self, stream: TextIO | None, total: int, verb: str) -> None:
        self._stream = stream
        self._total = total
        self._verb = verb
        self._done = 0
        self._drawn_at = 0.0
        self._started = time.monotonic()

    def __enter__(self) -> Progress:
        self._draw()
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._draw()
            self._stream.write("\n")
            self._stream.flush()

    def reach(self, done: int, note: str = "") -> None:
        """Show that ``done`` steps are done."""
        self._done = done
        if time.monotonic() - self._drawn_at >= REDRAW_EVERY:
            self._draw(note)

    def _draw(self, note: str = "") -> None:
        if self._stream is None:
            return
        self._drawn_at = time.monotonic()
        filled = self.WIDTH * self._done // max(1, self._total)
        bar = "#" * filled + "." * (self.WIDTH - filled)
        text = f"[{bar}] {self._done} of {self._total} {self._verb}{self._left()}"
        text += f" - {escape(note)}" if note else ""
        # Written over the last one, whatever its length.
        self._stream.write("\r" + text.ljust(78)[:78])
        self._stream.flush()

    def _left(self) -> str:
        spent = time.monotonic() - self._started
        if not 0 < self._done < self._total or spent < 2:
            return ""
        seconds = round(spent / self._done * (self._total - self._done))
        return f", {seconds // 60}:{seconds % 60:02d} left"


def local_time(at: datetime | str | None) -> str:
    """Return a moment as the clock on this computer's wall shows it.

    >>> local_time(None)
    ''
    """
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return "" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def as_plain(value: Any) -> Any:
    """Return a frozen value of the client as JSON's own types."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: as_plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {name: as_plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(member) for member in value]
    return value
