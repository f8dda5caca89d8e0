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
    proof: Literal["odometer", "idle", "sent", "unknown"] = "unknown"
    """How far the printer's labels can be followed; ``sent``: it answers nothing."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """What the device says of itself: model, firmware, serial. Not to be trusted."""
    counter: int | None = None
    on_the_way: int = 0
    """Labels handed over and not yet settled."""
    since: int = 0
    """Microseconds UTC of the last change of condition."""
