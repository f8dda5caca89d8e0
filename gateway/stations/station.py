"""A station: a screen, its scanners and its printer, in one place.

>>> dock = Station(1, "dock", modes=("receive", "lookup"))
>>> dock.allows("receive"), dock.allows("count"), Station(2, "anywhere").allows("count")
(True, False, True)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields

from gateway.errors import InputRefused

LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Options:
    """How a station behaves."""

    sound: bool = True
    """Its page makes the four sounds."""
    require_operator: bool = False
    """Nothing is done before somebody's badge was scanned."""
    print_on_receive: bool = True
    """What is received or built here gets its label at once, at the station's printer."""


STANDARD = Options()


@dataclass(frozen=True, slots=True)
class Station:
    """A station as the database has it."""

    id: int
    """Permanent; the name may change."""
    name: str
    title: str = ""
    place: int | None = None
    """Where it stands: the row of a location."""
    place_code: str = ""
    printer: int | None = None
    """The printer or pool of its labels."""
    template: str = ""
    """Of the labels of serials; empty: the usual one."""
    modes: tuple[str, ...] = ()
    """What may be done here; empty: everything."""
    options: Options = STANDARD
    access_key: str | None = None
    """The id of the key in its paired browser."""
    version: int = 1
    created_at: int = 0
    changed_at: int = 0

    def allows(self, mode: str) -> bool:
        """Return whether a mode may be used here."""
        return not self.modes or mode in self.modes


@dataclass(frozen=True, slots=True)
class StationSettings:
    """What a person sets of a station, checked."""

    title: str = ""
    location: str | None = None
    """A location's code."""
    printer: int | None = None
    template: str = ""
    modes: tuple[str, ...] = ()
    options: Options = STANDARD


def written(options: Options) -> dict[str, bool]:
    """Return what of the options somebody has chosen.

    >>> written(Options(sound=False))
    {'sound': False}
    """
    usual = asdict(STANDARD)
    return {name: value for name, value in asdict(options).items() if value != usual[name]}


OPTIONS = tuple(field.name for field in fields(Options))


def read_modes(value: object, known: Collection[str]) -> tuple[str, ...]:
    """Return the modes of a list, each once; none stands for all.

    >>> read_modes(["receive", "lookup", "receive"], ("lookup", "receive", "pick"))
    ('receive', 'lookup')

    Raises:
        InputRefused: it is no list, or one of them is no mode.
    """
    if not isinstance(value, list) or not all(isinstance(mode, str) for mode in value):
        raise InputRefused(
            '\'modes\' must be a list such as ["receive", "lookup"], or [] for all of them.',
            key="modes",
        )
    for mode in value:
        if mode not in known:
            raise InputRefused(
                f"{mode[:40]!r} is no mode of a station; choose from {', '.join(known)}.",
                key="modes",
                mode=mode[:40],
            )
    return tuple(dict.fromkeys(value))


def read_options(values: Mapping[str, object], was: Options = STANDARD) -> Options:
    """Return the options with those that are given; other keys are left alone.

    Raises:
        InputRefused: one is neither true nor false.
    """
    chosen = asdict(was)
    for name in OPTIONS:
        if name in values:
            value = values[name]
            if not isinstance(value, bool):
                raise InputRefused(f"A station's {name!r} must be true or false.", key=name)
            chosen[name] = value
    return Options(**chosen)
