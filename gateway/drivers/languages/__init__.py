"""Printer languages: an open set, found by name and imported when first asked for.

A new language is one module with a :class:`Language` and one line here, or an entry point in the
group ``gateway.languages`` of another package.

>>> load_language("zpl").media_type
'application/zpl'
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from gateway.drivers.languages.page import (
    Graphics,
    Language,
    Mode,
    Model,
    Page,
    RawPiece,
    Stored,
)
from gateway.errors import PrinterRefused

__all__ = [
    "LANGUAGES", "Graphics", "Language", "Mode", "Model", "Page", "RawPiece", "Stored",
    "language_names", "load_language",
]  # fmt: skip

LANGUAGES: dict[str, str] = {
    "zpl": "gateway.drivers.languages.zpl:ZPL",
    "escpos": "gateway.drivers.languages.escpos:ESCPOS",
    "tspl": "gateway.drivers.languages.tspl:TSPL",
    "epl": "gateway.drivers.languages.epl:EPL",
    "brother-ql": "gateway.drivers.languages.brother_ql:BROTHER_QL",
    "dpl": "gateway.drivers.languages.dpl:DPL",
    "cpcl": "gateway.drivers.languages.cpcl:CPCL",
    "sbpl": "gateway.drivers.languages.sbpl:SBPL",
    "png": "gateway.drivers.languages.png:PNG",
    "svg": "gateway.drivers.languages.svg:SVG",
    "pdf": "gateway.drivers.languages.pdf:PDF",
}
"""Name to ``module:attribute``."""


def language_names() -> tuple[str, ...]:
    """Return the names of all languages, the project's own first."""
    return (
        *LANGUAGES,
        *sorted({found.name for found in entry_points(group="gateway.languages")} - set(LANGUAGES)),
    )


@cache
def load_language(name: str) -> Language:
    """Return the language of that name.

    Raises:
        PrinterRefused: no language has that name.
    """
    if path := LANGUAGES.get(name):
        module, _, attribute = path.partition(":")
        language = getattr(import_module(module), attribute)
    else:
        for found in entry_points(group="gateway.languages", name=name):
            language = found.load()
            break
        else:
            known = ", ".join(language_names())
            raise PrinterRefused(
                f"{name!r} is not a printer language; choose one of {known}.", language=name
            )
    assert isinstance(language, Language)
    return language
