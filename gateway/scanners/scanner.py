"""What a scanner is to the gateway, how it writes what it reads, and how it is.

    JSON ``options`` ──read_profile──► Profile ──profile_options──► JSON

>>> read_profile({"suffix": "tab", "gs": "|"}).gs
'|'
>>> profile_options(read_profile({"suffix": "enter", "aim": True}))
{'aim': True}
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from typing import Literal, NamedTuple, get_args

from gateway.errors import ScannerRefused
from gateway.scanners.layouts import load_layouts

Ending = Literal["enter", "cr", "lf", "crlf", "tab", "etx", "none"]
"""Endings with a name. ``enter`` is CR, LF or both, whichever the scanner was set to."""

Separator = Literal["gs", "ctrl]", "alt029", "f8", "lost"]
"""How GS (FNC1) comes from a scanner, where it is not a substitute such as ``|``."""

FeedbackName = Literal["none", "bel", "honeywell_esc", "ssi", "datalogic"]
"""By which commands a scanner is made to beep: rows of ``gateway.scanners.feedback``."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How a scanner writes what it reads, and how it can be made to beep."""

    prefix: str = ""
    """What it puts before each code, as STX; a code without it began before we listened."""
    suffix: str = "enter"
    """What it puts behind each code: an ``Ending`` or those characters themselves."""
    length: int = 0
    """Bytes of each code where all are equally long; 0: they are not."""
    idle_ms: int = 100
    """ms of silence after which a code without its end is not going to get one."""
    repeat_ms: int = 400
    """ms within which the same code again is the same scan."""
    longest: int = 512
    """Characters; more are no code, but a scanner, a line or a barcode gone wrong."""
    encoding: str = "utf-8"
    """Of the bytes of a serial line or the network."""
    aim: bool = False
    """It sends the symbology identifier (ISO/IEC 15424) before each code."""
    layout: str = "us"
    """The keyboard that a wedge was set to imitate."""
    gs: str = "gs"
    """A ``Separator``, or the characters that stand for GS."""
    identifiers: bool = False
    """Its codes are bare data identifiers (ANSI MH10.8.2), as on boxes of electronics."""
    feedback: FeedbackName = "none"
    """How it is told to beep: see below."""
    grab: bool = True
    """A wedge types for the gateway only, and no longer into other windows."""
    pass_through: bool = False
    """What nobody here knows is typed into the window that has the focus."""


USUAL = Profile()
"""A scanner as it comes out of its box."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """A scanner's settings, as a person or a program gave them."""

    id: int
    """Permanent; the name may change."""
    name: str
    url: str
    profile: Profile = USUAL
    station: int | None = None
    """The station that its scans are for; None: they are only looked up."""
    paused: bool = False
    """It is let go of: a wedge types into other windows meanwhile."""
    version: int = 1
    created_at: int = 0
    changed_at: int = 0
    daemon: int | None = None
    """The number of the gateway that listens to it, where several share a database."""


def same_device(one: Scanner, other: Scanner) -> bool:
    """Return whether what is open for the one serves the other: all else is read anew."""
    rests = ("url", "profile", "paused")
    return all(getattr(one, name) == getattr(other, name) for name in rests)


Condition = Literal["starting", "listening", "unreachable", "paused"]


@dataclass(frozen=True, slots=True)
class ScannerStatus:
    """How a scanner is, as last seen."""

    condition: Condition
    sentence: str
    """What that means, and the cure where one is needed."""
    heard_at: int | None = None
    """µs UTC of the newest read since the gateway started."""
    reads: int = 0
    """Reads since the gateway started, without repeats."""
    grabbed: bool = False
    """It types for the gateway only."""


STARTING = ScannerStatus("starting", "Not opened yet.")


# ---------------------------------------------------------------------- options


class _Option(NamedTuple):
    takes: str | Callable[[], str]
    fits: Callable[[object], bool]


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _one_of(names: tuple[str, ...]) -> Callable[[object], bool]:
    return lambda value: value in names


def _framing(value: object) -> bool:
    """Return whether these characters can be told from those of a code by any scanner."""
    return isinstance(value, str) and len(value) <= 8 and value.isascii()


def _ending(value: object) -> bool:
    return value in get_args(Ending) or (value != "" and _framing(value))


def _separator(value: object) -> bool:
    return value in get_args(Separator) or (
        isinstance(value, str) and re.fullmatch(r"[!-~]{1,8}", value) is not None
        and re.fullmatch(r"[A-Za-z0-9]+", value) is None
    )  # fmt: skip


ENCODINGS = frozenset(
    {
        "ascii", "utf-8", "iso8859-1", "iso8859-2", "iso8859-5", "iso8859-7", "iso8859-9",
        "iso8859-15", "cp437", "cp850", "cp852", "cp866", "cp1250", "cp1251", "cp1252", "cp1253",
        "cp1254", "cp1257", "koi8-r", "shift_jis", "cp932", "euc_jp", "gbk", "gb18030", "big5",
        "euc_kr", "cp949",
    }
)  # fmt: skip
"""Encodings that scanners can be set to, as Python calls them. All keep ASCII as it is, and none
has a byte below 30 hex inside a character: there a code's framing is looked for."""


def _encoding(value: object) -> bool:
    try:
        return isinstance(value, str) and codecs.lookup(value).name in ENCODINGS
    except (LookupError, ValueError):
        return False


def _layout(value: object) -> bool:
    return isinstance(value, str) and value in load_layouts()


def _layouts() -> str:
    """Return the names of the layouts: read when one is named wrongly, and not at every start."""
    return f"one of {', '.join(load_layouts())}"


_TRUTH = "true or false"
_OPTIONS: dict[str, _Option] = {
    "prefix": _Option("at most 8 ASCII characters", _framing),
    "suffix": _Option(f"{', '.join(get_args(Ending))} or 1 to 8 ASCII characters", _ending),
    "length": _Option("a whole number of bytes up to 4096, 0 for any", _whole(0, 4096)),
    "idle_ms": _Option("a whole number of milliseconds from 20 to 5000", _whole(20, 5000)),
    "repeat_ms": _Option("a whole number of milliseconds up to 10000", _whole(0, 10_000)),
    "longest": _Option("a whole number of characters from 1 to 4096", _whole(1, 4096)),
    "encoding": _Option("an encoding of scanners, such as utf-8, cp1252 or gb18030", _encoding),
    "aim": _Option(_TRUTH, _flag),
    "layout": _Option(_layouts, _layout),
    "gs": _Option(
        f"{', '.join(get_args(Separator))} or the characters that stand for it, such as |",
        _separator,
    ),
    "identifiers": _Option(_TRUTH, _flag),
    "feedback": _Option(", ".join(get_args(FeedbackName)), _one_of(get_args(FeedbackName))),
    "grab": _Option(_TRUTH, _flag),
    "pass_through": _Option(_TRUTH, _flag),
}
"""What ``options`` may say: a row for each field of ``Profile``."""


def read_profile(options: Mapping[str, object], usual: Profile = USUAL) -> Profile:
    """Return the profile that the options make of a usual one.

    Raises:
        ScannerRefused: there is no such option, or it cannot have that value.
    """
    for key, value in options.items():
        if key not in _OPTIONS:
            near = get_close_matches(key, _OPTIONS, 1)
            cure = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(_OPTIONS)}."
            raise ScannerRefused(f"A scanner has no option {key[:40]!r}; {cure}", option=key)
        takes, fits = _OPTIONS[key]
        if not fits(value):
            takes = takes if isinstance(takes, str) else takes()
            raise ScannerRefused(f"A scanner's {key} is {takes}, not {_shown(value)}.", option=key)
    told = {**{name: getattr(usual, name) for name in _OPTIONS}, **options}
    profile = Profile(**told)
    if profile.length > profile.longest:
        raise ScannerRefused(
            f"Codes of {profile.length} bytes are longer than the longest that are taken "
            f"({profile.longest} characters); set longest to {profile.length} or more.",
            option="length",
        )
    return profile


def _shown(value: object) -> str:
    return repr(value)[:60]


def profile_options(profile: Profile) -> dict[str, object]:
    """Return what of a profile somebody has chosen, as JSON keeps it."""
    return {
        field.name: getattr(profile, field.name)
        for field in fields(Profile)
        if getattr(profile, field.name) != getattr(USUAL, field.name)
    }
