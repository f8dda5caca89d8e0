"""A ZPL document's labels: which commands belong to the first, and what else is said.

>>> commands, outside, labels = first_label(b"~SD15^XA^FO9,9^FDx^FS^XZ^XA^FO9,9^FDy^FS^XZ")
>>> [command.name for command, _ in commands], [how for _, how in outside], labels
(['^FO', '^FD', '^FS'], [b'~SD15'], 2)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from gateway.errors import RawRefused, TemplateRefused
from gateway.templates.bringing.zpl_state import number
from gateway.zpl.commands import Command, read_commands

MOST_COMMANDS: Final = 10_000
"""Commands of a document: a label of as many fields as a template holds has some four thousand."""

Written = Sequence[tuple[Command, bytes]]
"""Commands, each with how it was written."""

DESCRIBES: Final = frozenset(
    {"^FO", "^FT", "^A", "^A@", "^FB", "^TB", "^FR", "^FH", "^FN", "^FD", "^FV", "^SN", "^SF",
     "^FC", "^GB", "^GC", "^GD", "^GE", "^GF", "^GS", "^XG", "^IM", "^IL", "^FP", "^FM"}
)  # fmt: skip
"""Commands of a field."""


def _split(zpl: bytes) -> Iterator[tuple[Command, bytes]]:
    """Yield the commands with how each was written."""
    waiting: tuple[Command, bytes] | None = None
    for command in read_commands(zpl):
        written = zpl[command.start : command.end]
        if waiting is not None and command.name[0] == "~" and not command.name[1:].isalpha():
            # A tilde begins a command only before two letters; elsewhere it is data.
            before, text = waiting
            waiting = (
                replace(before, end=command.end, value=before.value + written),
                text + written,
            )
            continue
        if waiting is not None:
            yield waiting
        waiting = command, written
    if waiting is not None:
        yield waiting


def first_label(
    zpl: bytes,
) -> tuple[list[tuple[Command, bytes]], list[tuple[Command, bytes]], int]:
    """Return the commands of the first label, what else is of it, and how many labels there are.

    Raises:
        RawRefused: there is none, or the signs that begin commands change.
        TemplateRefused: it has more than ``MOST_COMMANDS``.
    """
    formats: list[list[tuple[Command, bytes]]] = []
    outside: list[tuple[Command, bytes]] = []
    current: list[tuple[Command, bytes]] | None = None
    for count, (command, written) in enumerate(_split(zpl)):
        if count >= MOST_COMMANDS:
            raise TemplateRefused(
                f"The ZPL has more than {MOST_COMMANDS} commands; send one label of it."
            )
        signs = {"CC": b"^", "CT": b"~", "CD": b","}
        if command.name[1:] in signs:
            if command.value != signs[command.name[1:]]:
                raise RawRefused(
                    f"Command {command.name} at byte {command.start} changes the sign that begins "
                    "commands; write the label with ^, ~ and comma.",
                    command=command.name,
                    position=command.start,
                )
            continue
        if command.name == "^XA":
            current = []
        elif command.name == "^XZ":
            if current is not None:
                formats.append(current)
            current = None
        elif command.name[0] == "~" or current is None:
            outside.append((command, written))
        else:
            current.append((command, written))
    if current:
        formats.append(current)
    stored: dict[str, list[tuple[Command, bytes]]] = {}
    labels: list[list[tuple[Command, bytes]]] = []
    for one in formats:
        names = {command.name: command for command, _ in one}
        if (keeps := names.get("^DF")) is not None:
            stored[object_name(keeps)] = [c for c in one if c[0].name != "^DF"]
            continue
        recalls = names.get("^XF")
        if recalls is not None and object_name(recalls) in stored:
            rest = [c for c in one if c[0].name != "^XF"]
            one = stored.pop(object_name(recalls)) + rest  # noqa: PLW2901 - the label is both
        if _draws(one):
            labels.append(one)
        else:
            outside += one
    labels += [one for one in stored.values() if _draws(one)]
    if not labels:
        raise RawRefused(
            "There is no label in it: expected ZPL from ^XA to ^XZ with a field that draws."
        )
    return labels[0], outside, len(labels)


def object_name(command: Command) -> str:
    """Return the name of a stored object, without its place and kind."""
    name = command.value.decode("latin-1").strip().upper().partition(",")[0]
    return name.partition(":")[2].partition(".")[0] or name.partition(".")[0]


def _draws(commands: Sequence[tuple[Command, bytes]]) -> bool:
    return any(command.name in DESCRIBES for command, _ in commands)


def said_size(commands: Written) -> tuple[int, int]:
    """Return ^PW and ^LL in dots, 0 where they are not said."""
    said = {"^PW": 0, "^LL": 0}
    for command, _ in commands:
        if command.name in said:
            said[command.name] = max(0, number(command.parts(), 0) or 0)
    return said["^PW"], said["^LL"]
