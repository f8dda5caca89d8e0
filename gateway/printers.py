"""What a printer is to the gateway, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.units import Density, Um


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
