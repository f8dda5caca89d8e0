"""Lines as a table for people, in docs/performance.md, and as JSON for programs.

>>> print(table([Line("P1", "submit → first byte, p50", 0.71, "ms", "CUPS", 7.62, 10.73, "12 ×",
...     False)]))
| Goal | What | label-gateway | Beside it | Better by | Wanted | Reached |
|---|---|--:|--:|--:|--:|---|
| P1 | submit → first byte, p50 | 0.710 ms | CUPS: 7.62 ms | 10.7 × | 12 × | no |
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from benchmarks.measuring import Line

BEGIN: Final = "<!-- measured: written by python -m benchmarks -->"
END: Final = "<!-- end of what was measured -->"

_HEAD: Final = (
    "| Goal | What | label-gateway | Beside it | Better by | Wanted | Reached |\n"
    "|---|---|--:|--:|--:|--:|---|"
)


def number(value: float) -> str:
    """Return a number as people read it: three digits that count, thousands set apart.

    >>> number(0.0123456), number(7.617), number(69.5), number(12345.6), number(0), number(3.0)
    ('0.0123', '7.62', '69.5', '12,346', '0', '3.00')
    """
    size = abs(value)
    if size >= 100 or value == 0:
        return f"{value:,.0f}"
    digits = 1 if size >= 10 else 2 if size >= 1 else 3 if size >= 0.1 else 4
    return f"{value:.{digits}f}"


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    counted = value == int(value) and not unit
    text = f"{int(value):,}" if counted else number(value)
    return f"{text}{'' if unit.startswith('/') else ' '}{unit}".strip()


def row(line: Line) -> str:
    """Return a line as one row of the table."""
    beside = ""
    if line.peer:
        beside = f"{line.peer}: {_figure(line.theirs, line.unit)}"
    cells = (
        line.goal,
        line.what + (f" ({line.note})" if line.note else ""),
        _figure(line.ours, line.unit),
        beside,
        "" if line.ratio is None else f"{number(line.ratio)} ×",
        line.wanted,
        {True: "yes", False: "no", None: ""}[line.reached],
    )
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"


def table(lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table."""
    return "\n".join((_HEAD, *map(row, lines)))


def machine() -> str:
    """Return what the figures were measured on, in general terms."""
    try:
        system = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        system = platform.system()
    cores = os.cpu_count() or 1
    return (
        f"{cores} core{'' if cores == 1 else 's'} ({platform.machine()}), {system}, "
        f"Python {platform.python_version()}"
    )


def page(sections: Mapping[str, Sequence[Line]], rounds: int, taken: Mapping[str, float]) -> str:
    """Return what a run measured as Markdown; ``sections`` are the lines by title."""
    judged = [line for lines in sections.values() for line in lines if line.reached is not None]
    reached = sum(bool(line.reached) for line in judged)
    parts = [
        f"Measured on {machine()}; {rounds} round{'' if rounds == 1 else 's'}, "
        f"{sum(taken.values()) / 60:.0f} minutes. {reached} of {len(judged)} wanted figures were "
        "reached."
    ]
    parts += [f"### {title}\n\n{table(lines)}" for title, lines in sections.items()]
    return "\n\n".join(parts)


def put(document: str, measured: str) -> str:
    """Return a document with what was measured between its marks.

    Raises:
        ValueError: it does not have both marks.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The document needs the lines {BEGIN!r} and {END!r}.")
    return f"{before}{BEGIN}\n\n{measured}\n\n{END}{after}"


def save(
    path: Path,
    sections: Mapping[str, Sequence[Line]],
    rounds: int,
    size: str,
    taken: Mapping[str, float],
) -> None:
    """Write a run as JSON, with each round's own figures."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "machine": machine(),
        "rounds": rounds,
        "size": size,
        "seconds": dict(taken),
        "sections": {title: list(map(asdict, lines)) for title, lines in sections.items()},
    }
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
