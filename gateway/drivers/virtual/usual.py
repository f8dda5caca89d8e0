"""What a virtual printer is made as where nobody says: the head and the labels usual for it.

>>> usual_make("escpos")
Usual(density=Fraction(8, 1), media=Media(width=72000, height=50000, stock=''), head_dots=0)
>>> usual_make("tspl", "generic-tspl-300").head_dots
1200
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.drivers.models import load_models
from gateway.drivers.virtual.printer import speaker_of
from gateway.errors import InputRefused
from gateway.printers import Media
from gateway.units import Density, Um, parse_density

_SHEET: tuple[int | str, int, int] = (8, 100_000, 50_000)
"""203 dpi and 100 × 50 mm: the stock of the built-in serial label."""

_USUAL: Mapping[str, tuple[int | str, int, int]] = {
    # What prints on 80 mm of receipt paper: 576 dots (python-escpos' capabilities, TM-T88).
    "escpos": (8, 72_000, 50_000),
    # A belt printer of three inches: 576 dots (CPCL manual, appendix of print widths).
    "cpcl": (8, 72_000, 50_000),
    # DK-11202 on the one head density there is (QL raster reference, 2.3.2 Page size).
    "brother-ql": ("300dpi", 62_000, 100_000),
}


@dataclass(frozen=True, slots=True)
class Usual:
    """A head, and the labels under it."""

    density: Density
    media: Media
    head_dots: int
    """Of the model; 0 without one."""


def usual_make(language: str, model: str = "") -> Usual:
    """Return the usual printer of a language, or of one of its models.

    Raises:
        InputRefused: virtual printers do not speak it, or no such model does.
    """
    speaker_of(language)
    density, width, height = _USUAL.get(language, _SHEET)
    if not model:
        return Usual(parse_density(density), Media(Um(width), Um(height)), 0)
    row = load_models().get(model)
    if row is None or row.language != language:
        raise InputRefused(
            f"{model[:80]!r} is no printer model that speaks {language}; leave the model out, or "
            "give a row of models.toml.",
            model=model[:80],
        )
    head = row.head_dots or 0
    if head:  # whole millimetres that the head prints across
        width = min(width, int(head / row.density) * 1000)
    return Usual(row.density, Media(Um(width), Um(height)), head)


def has_heads_of(language: str, density: Density) -> bool:
    """Return whether printers of a language are sold with heads of that density."""
    return any(
        row.language == language and row.density == density for row in load_models().values()
    )
