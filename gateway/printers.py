"""What a printer is to the gateway, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gateway.units import Density, Um, format_density, say_length


@dataclass(frozen=True, slots=True)
class Media:
    """The stock that is loaded, in µm."""

    width: Um
    height: Um
    stock: str = ""
    """What people call it: a part number, "freezer labels". A job can ask for it."""


Tracking = Literal["gap", "mark", "continuous"]
"""How a printer finds the next label: the gap between two, a black mark, or not at all."""

Finish = Literal["tear_off", "peel", "cut", "rewind"]
"""What a printer does with a label that is out."""


_GAP, _NONE = Um(3_000), Um(0)


@dataclass(frozen=True, slots=True)
class Setup:
    """How a printer is set for its stock. None: as it is set itself, which nobody changes.

    It belongs to the printer, never to a template: the same label prints on all of them.
    """

    tracking: Tracking | None = None
    gap: Um = _GAP
    """µm of the gap between labels, or of the black mark."""
    darkness: int | None = None
    """Percent of what the printer can, as IPP's printer-darkness-configured."""
    speed: int | None = None
    """µm a second."""
    finish: Finish | None = None
    offset_x: Um = _NONE
    """µm that all ink moves to the right, so that it lies where the paper is."""
    offset_y: Um = _NONE
    """µm that all ink moves down, away from the edge that leaves the printer first."""


AS_IT_IS = Setup()
"""A printer whose settings nobody changes."""


@dataclass(frozen=True, slots=True)
class Printer:
    """A printer's settings, as a person or a program gave them."""

    id: int
    """Permanent; the name may change."""
    name: str
    url: str
    language: str
    density: Density
    media: Media
    model: str = ""
    """A row of models.toml; empty: what the language's plain model can."""
    evidence: Literal["auto", "none"] = "auto"
    """``none``: ask nothing; labels end at ``sent``."""
    mode: Literal["exact", "native"] = "exact"
    paused: bool = False
    setup: Setup = AS_IT_IS
    options: Mapping[str, object] = field(default_factory=dict)
    version: int = 1
    created_at: int = 0
    changed_at: int = 0
    daemon: int | None = None
    """The number of the gateway that drives it, where several share a database."""


def same_device(one: Printer, other: Printer) -> bool:
    """Return whether an open connection to the one serves the other: all else is read anew."""
    rests = ("url", "language", "evidence")
    return all(getattr(one, field) == getattr(other, field) for field in rests)


@dataclass(frozen=True, slots=True)
class Pool:
    """A name for several printers: the first that is ready and can takes the next labels."""

    id: int
    """From the same numbers as printers."""
    name: str
    members: tuple[int, ...]
    version: int = 1
    created_at: int = 0
    changed_at: int = 0


@dataclass(frozen=True, slots=True)
class Needs:
    """What a job asks of the printer that prints it."""

    width: Um = _NONE
    """µm; 0 when the label is made for whatever stock there is."""
    height: Um = _NONE
    stock: str = ""
    language: str = ""
    """Commands are written in one language."""
    densities: tuple[Density, ...] = ()
    """Heads it was checked for; empty: any that is asked for it."""


def unfit(printer: Printer, needs: Needs) -> str:
    """Return why a printer cannot print what a job needs, with the cure; empty when it can.

    >>> from gateway.units import parse_density
    >>> small = Printer(1, "line-1", "", "zpl", parse_density(8), Media(Um(50_000), Um(25_000)))
    >>> unfit(small, Needs(Um(100_000), Um(50_000)))[:64]
    "The label is 100 mm by 50 mm, and the stock in printer 'line-1' "
    >>> unfit(small, Needs(Um(50_000), Um(25_000)))
    ''
    """
    media, name = printer.media, printer.name
    endless = printer.setup.tracking == "continuous"
    if needs.language and needs.language != printer.language:
        return (
            f"The job carries {needs.language} commands, and printer {name!r} speaks "
            f"{printer.language}; send the job to a printer of that language."
        )
    if needs.densities and printer.density not in needs.densities:
        return (
            f"The label was checked for heads of {_densities(needs.densities)} dots per mm, and "
            f"printer {name!r} has {format_density(printer.density)}."
        )
    if needs.width > media.width or (needs.height > media.height and not endless):
        length = "endless" if endless else say_length(media.height)
        return (
            f"The label is {say_length(needs.width)} by {say_length(needs.height)}, and the stock "
            f"in printer {name!r} is {say_length(media.width)} by {length}; load larger labels "
            "and change the printer's media."
        )
    if needs.stock and needs.stock.lower() != media.stock.lower():
        has = f"{media.stock!r}" if media.stock else "stock without a name"
        return (
            f"The job asks for stock {needs.stock!r}, and printer {name!r} has {has}; load that "
            "stock and change the printer's media."
        )
    return ""


def why_none(printers: Sequence[Printer], needs: Needs, pool: str = "") -> str:
    """Return why none of a pool's printers, or this one printer, can; empty when one can."""
    reasons = [unfit(printer, needs) for printer in printers]
    if not all(reasons):
        return ""
    return f"No printer of pool {pool!r} can: {reasons[0]}" if pool else reasons[0]


def _densities(densities: tuple[Density, ...]) -> str:
    return " or ".join(str(format_density(density)) for density in densities)


Condition = Literal["ready", "printing", "stopped", "unreachable", "starting", "paused"]
"""ready: waits for work. stopped: needs a hand at the printer. starting: not asked yet."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stops or worries a printer, in words a person can act on."""

    kind: str
    """``paper_out``, ``head_open``, ``not_answering`` …"""
    sentence: str
    cure: str
    stops: bool = True


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """A printer as its thread last saw it."""

    condition: Condition
    sentence: str
    """One sentence for people: "Paper is out. Load labels, close the lid, press Feed."."""
    problems: tuple[Problem, ...] = ()
    proof: Literal["odometer", "print_end", "fence", "idle", "sent", "unknown"] = "unknown"
    """How far the printer's labels can be followed; ``sent``: it answers nothing."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """What the device says of itself: model, firmware, serial. Not to be trusted."""
    counter: int | None = None
    on_the_way: int = 0
    """Labels handed over and not yet settled."""
    since: int = 0
    """Microseconds UTC of the last change of condition."""
