"""ZPL: ~HI says the model and the head, ~HS and Set/Get/Do variables the stock.

~HI, ~HS: ZPL II Programming Guide. Variables: Zebra, "SGD Printer Commands" (Link-OS): head.
resolution.in_dpi, ezpl.print_width and zpl.label_length in dots, ezpl.media_type is "continuous",
"gap/notch" or "mark". Printers before Link-OS answer ``?`` or nothing. ^HH and ~WC print, and are
never used.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from gateway.drivers.identifying.asking import Talk, Traits, named, show
from gateway.drivers.status.zpl import HostIdentity, HostStatus, StatusReader, Variable
from gateway.printers import Tracking
from gateway.units import Density, Um, to_um

A = TypeVar("A", HostIdentity, HostStatus, Variable)

QUESTION = b"~HI"

PATIENCE = 1.5
"""Seconds for an answer now that the language is known; a sleeping printer takes one to wake."""

_DENSITIES = {152: 6, 203: 8, 300: 12, 600: 24}
"""dpi as Zebra names it to whole dots per mm (ZPL II guide, ^JM and ~HI)."""

_TRACKING: dict[str, Tracking] = {
    "continuous": "continuous",
    "gap/notch": "gap",
    "mark": "mark",
}


def recognise(heard: bytes) -> bool:
    """Return whether a host identification is in it."""
    return any(isinstance(answer, HostIdentity) for answer in StatusReader().feed(heard))


def learn(talk: Talk, heard: bytes) -> Traits:
    """Ask for the stock, and on Link-OS printers for everything else."""
    who = _one(heard, HostIdentity)
    assert who is not None, "it was recognised by this"
    status = _one(talk.ask(b"~HS", _holds(HostStatus), PATIENCE), HostStatus)
    product = ask_variable(talk, "device.product_name")
    told: dict[str, str] = {}
    if product is not None:  # it knows variables at all
        told = {name: ask_variable(talk, name) or "" for name in _VARIABLES}
    density = _density(who.dots_per_mm, told.get("head.resolution.in_dpi", ""))
    length = told.get("zpl.label_length", "")
    if not length and status is not None and status.label_length:
        length = str(status.label_length)
    media = told.get("ezpl.media_type", "")
    return Traits(
        "zpl",
        manufacturer="Zebra" if who.model.startswith("ZTC ") else "",
        model=who.model,
        density=density,
        width=_dots(told.get("ezpl.print_width", ""), density),
        height=_dots(length, density),
        tracking=_TRACKING.get(media),
        said=named(
            model=who.model,
            product=product or "",
            firmware=who.firmware,
            serial=told.get("device.unique_id", ""),
            languages=told.get("device.languages", ""),
            dots_per_mm=str(who.dots_per_mm),
            print_width=told.get("ezpl.print_width", ""),
            label_length=length,
            media=media,
        ),
    )


_VARIABLES = (
    "device.unique_id",
    "device.languages",
    "head.resolution.in_dpi",
    "ezpl.print_width",
    "zpl.label_length",
    "ezpl.media_type",
)


def ask_variable(talk: Talk, name: str) -> str | None:
    """Return a variable's value, "" when it is unknown; None when nothing answers."""
    answer = _one(
        talk.ask(f'! U1 getvar "{name}"\r\n'.encode(), _holds(Variable), PATIENCE), Variable
    )
    if answer is None:
        return None
    return "" if answer.value == "?" else show(answer.value.encode("latin-1", "replace"))


def _holds(kind: type[A]) -> Callable[[bytes], bool]:
    return lambda heard: _one(heard, kind) is not None


def _one(heard: bytes, kind: type[A]) -> A | None:
    return next((answer for answer in StatusReader().feed(heard) if isinstance(answer, kind)), None)


def _density(dots_per_mm: int, dpi: str) -> Density | None:
    if dots_per_mm in _DENSITIES.values():
        return Density(Fraction(dots_per_mm))
    known = _DENSITIES.get(int(dpi)) if dpi.isascii() and dpi.isdecimal() else None
    return None if known is None else Density(Fraction(known))


def _dots(words: str, density: Density | None) -> Um | None:
    if density is None or not (words.isascii() and words.isdecimal() and len(words) < 6):
        return None
    return to_um(int(words), density)
