"""Write the pages of docs/ that follow from the code: ``python -m docs.generate [--check]``.

Each page is a function of the code alone, so a test can say that a page is true.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path

from docs.virtual_printer import virtual_printer
from gateway.jobs import (
    BYTES_MAY_HAVE_LEFT,
    FINAL,
    TRANSITIONS,
    Event,
    JobState,
    State,
)

FOLDER = Path(__file__).parent
GENERATED = "<!-- Written by `make docs`; change the code, not this page. -->\n"


def comments_of(members: type[Enum]) -> dict[str, str]:
    """Return the comment that stands beside each member in the source.

    >>> comments_of(State)["HELD"]
    "accepted; waits for a person's or a program's release"
    """
    found = re.findall(r"^    (\w+) = [^#\n]+?(?:  # (.*))?$", inspect.getsource(members), re.M)
    return dict(found)


def label_states() -> str:
    """Return docs/label-states.md, from the tables of gateway.jobs."""
    meaning = comments_of(State)
    states = "\n".join(
        f"| `{s.value}` | {meaning[s.name]} | {'yes' if s in FINAL else ''} |" for s in State
    )
    events = comments_of(Event)
    steps = "\n".join(
        f"| `{source.value}` | {event.value} | `{target.value}` | {events[event.name]} |"
        for (source, event), target in TRANSITIONS.items()
    )
    arrows = "\n".join(
        f"    {source.value} --> {target.value}: {event.value}"
        for (source, event), target in TRANSITIONS.items()
    )
    jobs = comments_of(JobState)
    job_states = "\n".join(f"| `{s.value}` | {jobs[s.name] or '–'} |" for s in JobState)
    unsettled = " or ".join(f"`{s.value}`" for s in State if s in BYTES_MAY_HAVE_LEFT)
    return f"""# The life of a label

{GENERATED}
A label is one physical piece of paper. Its state changes only by a row of the second table; what
is not in the table cannot happen.

## States

| state | meaning | final |
|---|---|---|
{states}

`sent` is final for printers that answer nothing. After a restart, labels in {unsettled}
are settled with the printer before anything new is sent to it.

## Steps

| from | event | to | |
|---|---|---|---|
{steps}

```mermaid
stateDiagram-v2
    [*] --> queued
    [*] --> held
{arrows}
```

## States of a job

A job's state follows from its labels: the first that applies, from the top.

| state | |
|---|---|
{job_states}
"""


PAGES: dict[str, Callable[[], str]] = {
    "label-states.md": label_states,
    "virtual-printer.md": virtual_printer,
}
"""File in docs/ -> what must be in it."""


def stale() -> list[str]:
    """Return the pages that are not what the code says."""
    return [
        name
        for name, page in PAGES.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != page()
    ]


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` only say which are stale (exit 1)."""
    if arguments == ["--check"]:
        if pages := stale():
            sys.stderr.write(f"Not up to date: {', '.join(pages)}; run make docs.\n")
            return 1
        return 0
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
