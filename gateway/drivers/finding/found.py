"""What a finder brings home: a device that may be a printer, and what it says of itself.

A device's own words are written by whoever made it, or by whoever imitates one on the network.
They become values here and nowhere else: without control characters and direction marks, on one
line, cut. They are shown to people and compared with names; nothing else is ever done with them.

>>> found = describe_found("tcp://10.0.0.7:9100", "network", manufacturer="Zebra Technologies",
...     model="ZTC ZD421-203dpi ZPL\\n\\u202eevil")
>>> found.what, found.language, found.row
('Zebra Technologies ZTC ZD421-203dpi ZPL evil', 'zpl', 'zd421-203')
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from gateway.drivers.finding.matching import guess_language, guess_model, is_office_printer
from gateway.drivers.ieee1284 import DeviceId, clean_words

MOST_SHOWN = 80
"""Characters that are kept of a device's own words."""


@dataclass(frozen=True, slots=True)
class Found:
    """A device that may be a printer. It is offered to a person, never added by itself."""

    url: str
    """How the gateway would reach it; empty when it cannot, and ``problem`` says why."""
    via: str
    """The finder's name: ``usb``, ``serial``, ``network``, ``queues``, ``address``."""
    what: str
    """One line for people: its own words. Not to be trusted."""
    manufacturer: str = ""
    model: str = ""
    serial: str = ""
    language: str = ""
    """What it probably understands; empty when nothing tells."""
    row: str = ""
    """The row of models.toml it probably is."""
    problem: str = ""
    """Why it cannot be used yet, and what helps: one sentence."""
    others: tuple[str, ...] = field(default=())
    """Other URLs that lead to the same device."""


class Finder(Protocol):
    """What a finder's module offers."""

    def find(self, timeout: float) -> list[Found]:
        """Return what is there, within ``timeout`` seconds.

        Raises:
            DeviceError, PrinterRefused: it could not look; the sentence says what helps.
        """
        ...


def describe_found(
    url: str,
    via: str,
    *,
    manufacturer: str = "",
    model: str = "",
    serial: str = "",
    command_set: tuple[str, ...] = (),
    usb_id: str = "",
    name: str = "",
    problem: str = "",
    others: tuple[str, ...] = (),
) -> Found:
    """Return a found device with its words cleaned, and with what they let one guess.

    ``name`` is what to call it when it says neither maker nor model; ``command_set`` are the
    languages it claims, ``usb_id`` is ``vendor:product`` in hexadecimal.
    """
    maker, kind, number = (clean_words(w, MOST_SHOWN) for w in (manufacturer, model, serial))
    row = guess_model(maker, kind, command_set, usb_id)
    if is_office_printer(command_set) and not problem:
        problem = "It says it is an office printer, which prints a label's commands as text."
    # Many a model's name begins with its maker's already.
    named = kind if kind.lower().startswith(maker.lower()) else f"{maker} {kind}"
    return Found(
        url=url,
        via=via,
        what=clean_words(named, MOST_SHOWN) or clean_words(name, MOST_SHOWN) or "a device",
        manufacturer=maker,
        model=kind,
        serial=number,
        language=guess_language(maker, kind, command_set, usb_id),
        row="" if row is None else row.name,
        problem=problem,
        others=others,
    )


def describe_id(url: str, via: str, told: DeviceId, **more: str) -> Found:
    """Return a found device that gave its IEEE 1284 device id; ``more`` is what it left out."""
    return describe_found(
        url,
        via,
        manufacturer=told.manufacturer or more.get("manufacturer", ""),
        model=told.model or more.get("model", ""),
        serial=told.serial or more.get("serial", ""),
        command_set=told.command_set,
        usb_id=more.get("usb_id", ""),
        name=told.description or more.get("name", ""),
        problem=more.get("problem", ""),
    )
