"""Write the pages of docs/ that follow from the code: ``python -m docs.generate [--check]``.

Each page is a function of the code alone, so a test can say that a page is true.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable
from enum import Enum
from functools import partial
from pathlib import Path

from docs.codes import codes
from docs.documents import documents
from docs.registry import registry
from docs.scanning import scanning
from docs.templates import templates
from docs.virtual_printer import virtual_printer
from gateway.api.problems import pages as problem_pages
from gateway.jobs import (
    BYTES_MAY_HAVE_LEFT,
    FINAL,
    TRANSITIONS,
    Event,
    JobState,
    State,
)

FOLDER = Path(__file__).parent
COMMON = ("url", "key_file", "json", "config", "data_dir")
"""Options of most commands, told once."""

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


def cli() -> str:
    """Return docs/cli.md, from the command line's own parser."""
    from gateway.cli.program import make_parser

    parser = make_parser()
    sections = [_command(child, level=2) for child in _children(parser)]
    (printing,) = (child for child in _children(parser) if child.prog.endswith(" print"))
    common = "\n".join(_row(action) for action in _arguments(printing) if action.dest in COMMON)
    return f"""# The command line

{GENERATED}
{parser.description} `label-gateway COMMAND --help` says the same as this page.

The commands talk to the daemon over HTTP: at `GATEWAY_URL`, or where this computer's
[settings](settings.md) say, with the key in `GATEWAY_KEY`, if it needs one. Only `doctor`,
`backup`, `restore` and `verify` open the database themselves.

Exit codes: 0 done, 1 refused or failed, 2 wrong usage or settings, 3 no daemon answers.

Commands that call the daemon also take:

| argument | |
|---|---|
{common}

{chr(10).join(sections)}"""


def _children(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    return [
        child
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for child in action.choices.values()
    ]


def _command(parser: argparse.ArgumentParser, level: int) -> str:
    """Return a command's part of the page. argparse's own help differs between Pythons."""
    name = parser.prog.partition(" ")[2]
    children = _children(parser)
    text = f"{'#' * level} {name}\n\n{parser.description}\n"
    rows = [_row(action) for action in _arguments(parser) if action.dest not in COMMON]
    if rows:
        text += "\n| argument | |\n|---|---|\n" + "\n".join(rows) + "\n"
    if parser.epilog:
        lines = [line.strip() for line in parser.epilog.splitlines()]
        examples = [line for line in lines if line.startswith(("label-gateway ", "curl "))]
        rest = " ".join(line for line in lines[1:] if line and line not in examples)
        text += "\n```sh\n" + "\n".join(examples) + "\n```\n" + (f"\n{rest}\n" if rest else "")
    return "\n".join([text, *(_command(child, level + 1) for child in children)])


def _arguments(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    not_shown = (argparse._SubParsersAction, argparse._HelpAction, argparse._VersionAction)
    return [action for action in parser._actions if not isinstance(action, not_shown)]


def _row(action: argparse.Action) -> str:
    return f"| {_shown(action)} | {_escaped(action.help or '')} |"


def _shown(action: argparse.Action) -> str:
    metavar = action.metavar or (
        "{" + ",".join(map(str, action.choices)) + "}" if action.choices else None
    )
    if not action.option_strings:
        many = {"+": " ...", "*": " ..."}.get(str(action.nargs), "")
        return f"`{metavar or action.dest}{many}`"
    value = "" if action.nargs == 0 else f" {metavar or action.dest.upper()}"
    required = " (needed)" if action.required else ""
    return f"`{', '.join(action.option_strings)}{value}`{required}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("%%", "%")


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "codes.md": codes,
    "documents.md": documents,
    "label-states.md": label_states,
    "registry.md": partial(registry, GENERATED),
    "scanning.md": scanning,
    "templates.md": templates,
    "virtual-printer.md": virtual_printer,
    **{f"problems/{name}.md": partial(str, text) for name, text in problem_pages().items()},
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
    (FOLDER / "problems").mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
