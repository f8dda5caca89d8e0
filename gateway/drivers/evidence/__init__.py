"""What a printer can prove, language by language: questions on a wire, answers as a ``Report``.

A language joins with one module that has ``converse(wire) -> Conversation`` and one line here, or
an entry point in the group ``gateway.evidence``. A language without one ends its labels at
``sent``.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points

from gateway.drivers.evidence.conversation import Conversation
from gateway.drivers.transports.wire import Wire

CONVERSATIONS: dict[str, str] = {
    "zpl": "gateway.drivers.evidence.zpl",
    "escpos": "gateway.drivers.evidence.escpos",
    "brother-ql": "gateway.drivers.evidence.brother_ql",
    "cpcl": "gateway.drivers.evidence.cpcl",
    "sbpl": "gateway.drivers.evidence.sbpl",
    "dpl": "gateway.drivers.evidence.dpl",
    "tspl": "gateway.drivers.evidence.tspl",
    "epl": "gateway.drivers.evidence.epl",
}
"""Language to module."""


def conversation_for(language: str) -> Callable[[Wire], Conversation] | None:
    """Return how a language's printers are asked; None when they answer nothing."""
    if module := CONVERSATIONS.get(language):
        found: Callable[[Wire], Conversation] = import_module(module).converse
        return found
    for entry in entry_points(group="gateway.evidence", name=language):
        foreign: Callable[[Wire], Conversation] = entry.load().converse
        return foreign
    return None
