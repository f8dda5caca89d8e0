"""The seam between the pipe and a language's questions: what is asked, what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from gateway.jobs import Proof
from gateway.printers import Problem


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who answers, and how far it can be followed."""

    proof: Proof
    identity: Mapping[str, str] = field(default_factory=dict)
    """model, firmware, memory …: the device's own words, cleaned; not to be trusted."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one question round brought back."""

    answered: bool
    counter: int | None = None
    """Labels it ever printed; for ``PRINT_END`` and ``FENCE`` the sealed labels it reported since
    this connection was opened."""
    quiet: bool = False
    """Nothing waits in the printer, nothing is half received, no trouble stops it."""
    empty: bool = False
    """Nothing waits in it and nothing is half received, whatever else is wrong."""
    marker: bool | None = None
    problems: tuple[Problem, ...] = ()


class Conversation(Protocol):
    """One printer on one open wire, asked by one thread."""

    def greet(self) -> Greeting | None:
        """Ask who is there; None when nothing answers within a few seconds."""
        ...

    def clear(self) -> None:
        """Drop what a broken connection left half received. Never touches a whole label."""
        ...

    def flush(self) -> bool:
        """Drop the whole labels that wait in the printer, because all of them are withdrawn.

        Return whether it was told to: some printers have no command for it.
        """
        ...

    def seal(self, body: bytes) -> bytes:
        """Return a label's bytes with the question that makes the printer report it.

        Called once for each label, in the order they are sent. Printers that count by themselves
        need no question.
        """
        ...

    def plant(self, marker: str) -> None:
        """Put a marker into memory that forgets it without power."""
        ...

    def look(self, marker: str | None) -> Report:
        """Ask for state and counter, and for the marker when one is named."""
        ...
