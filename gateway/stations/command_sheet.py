"""The sheet of command barcodes: everything a person does at a station without touching it.

>>> [group.title for group in command_sheet([("receive", "Receive")])]
['Finish, take back, drop', 'Answers', 'Quantities', 'Work', 'Choose', 'People']
>>> command_sheet([("receive", "Receive")])[3].rows
(('Receive', 'GWC-MODE-RECEIVE-S'),)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gateway.codes.commands import Sign, as_argument, write_command
from gateway.stations.modes import MODES
from gateway.stations.station import Station

QUANTITIES = (*range(1, 11), 12, 20, 25, 50, 100)
CHOICES = range(1, 10)


class Group(NamedTuple):
    """Commands that stand together on the sheet."""

    title: str
    rows: tuple[tuple[str, str], ...]
    """Title and code of each."""


def mode_code(name: str) -> str:
    """Return the command that begins a mode."""
    return write_command("MODE", as_argument(name))


def modes_of(station: Station) -> list[tuple[str, str, str]]:
    """Return name, title and command of each mode that a station may do."""
    return [
        (mode.name, mode.title, mode_code(mode.name))
        for mode in MODES.values()
        if station.allows(mode.name)
    ]


def sheet_of(station: Station, sign: Sign) -> tuple[Group, ...]:
    """Return the command barcodes of a station; the last gives it the scanner that reads it."""
    known = command_sheet((name, title) for name, title, _ in modes_of(station))
    mine = (f"My scanner: {station.title or station.name}",
            write_command("STATION", str(station.id), sign))  # fmt: skip
    return (*known, Group("This scanner belongs here", (mine,)))


def command_sheet(modes: Iterable[tuple[str, str]]) -> tuple[Group, ...]:
    """Return all groups of a station; ``modes``: the name and title of each it may do."""
    return (
        Group(
            "Finish, take back, drop",
            (
                ("Done", write_command("DONE")),
                ("Undo", write_command("UNDO")),
                ("Cancel", write_command("CANCEL")),
                ("Print its label", write_command("PRINT")),
            ),
        ),
        Group("Answers", (("Yes", write_command("YES")), ("No", write_command("NO")))),
        Group(
            "Quantities",
            tuple((f"{n} of the next", write_command("QTY", str(n))) for n in QUANTITIES),
        ),
        Group("Work", tuple((title, mode_code(name)) for name, title in modes)),
        Group("Choose", tuple((f"Number {n}", write_command("CHOOSE", str(n))) for n in CHOICES)),
        Group("People", (("Sign out", write_command("OUT")),)),
    )
