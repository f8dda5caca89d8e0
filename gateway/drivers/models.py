"""Printer models: rows of data, and what is assumed of a printer without a row.

>>> from gateway.units import parse_density
>>> find_model("zd421-203", "zpl", parse_density(8)).head_dots
832
>>> find_model("", "zpl", parse_density(12)).graphics
'rle'
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from gateway.drivers.languages.page import Model
from gateway.errors import PrinterRefused
from gateway.units import Density, format_density, parse_density

_FILES = ("models.toml", "receipt_printers.toml")
"""Rows written by hand, and rows made of a public database (docs/receipt_printers.py)."""

_ANY = {"escpos": frozenset({"legacy-raster", "no-qr"})}
"""Quirks of a printer without a row: only what all printers of a language can."""

UNNAMED_HEAD = 108_000
"""µm that the head of a printer without a row is taken to print: what most label printers' do, the
4 inch ones. Ink beyond a head is lost, and the printer counts the label all the same; so whoever
has a wider one names its model."""

_WITH_A_HEAD = frozenset({"zpl", "escpos", "tspl", "epl", "cpcl", "sbpl", "dpl"})
"""Languages of printers with a head of their own width; pictures have none, and what a Brother QL
prints follows from the roll that is declared to it."""

_ANY_ZPL = ["generic-zpl-203", "generic-zpl-300"]
"""Models to name when none has a name like the one that was given."""

_KEYS = {
    "name", "title", "language", "density", "print_width", "graphics", "keeps", "source", "quirks",
    "code_pages", "usb", "ids",
}  # fmt: skip

QUIRKS: Mapping[str, str] = {
    "no-reattach": "Loses data when its kernel driver is attached again (CUPS: no-reattach).",
    "zero-length-packets": "Needs an empty packet behind a transfer of whole packets.",
    "silent-on-error": "Answers no status question while paper, ribbon or head stop it.",
    "binary-graphics": "Takes pictures as bytes, half as many as hexadecimal digits (CPCL, SBPL).",
    "sized-by-label": "Is told size and origin with each label (SBPL A1 and A3 with V and H).",
    "no-cutter": "Has no cutter: labels are torn off.",
    "no-process-id": "Does not report when a label is printed (ESC/POS GS ( H, function 48).",
    "legacy-raster": "Takes raster pictures by GS v 0 only, not by GS ( L (ESC/POS).",
    "black-mark": "Finds the next label by a black mark (ESC/POS GS FF or FS ( L).",
    "no-qr": "Draws no QR codes by itself (ESC/POS GS ( k).",
    "no-code128": "Draws no Code 128 by itself (ESC/POS GS k 73).",
    "memory-a": "Has its RAM as memory module A, not D (DPL).",
    "no-short-labels": "Cuts continuous rolls no shorter than 25.4 mm (Brother QL).",
    "no-scalable-font": "Has no scalable font of its own (DPL, S00).",
    "no-packbits": "Takes raster lines only as they are, not packed (Brother QL, M).",
    "no-mode-switch": "Knows no other mode than raster (Brother QL, ESC i a).",
}
"""What ``quirks`` of a row may say, and what each means to people. Some are how every printer is
treated, and are told for those who look for the reason: nothing is ever attached again, and a
printer that is silent is asked what stops it."""


@cache
def load_models() -> dict[str, Model]:
    """Return all models by name."""
    models: dict[str, Model] = {}
    for row in (row for name in _FILES for row in _read(name)):
        density = parse_density(row["density"])
        model = Model(
            name=row["name"],
            title=row["title"],
            language=row["language"],
            density=density,
            # Down to whole dots: ink beyond the head would be lost.
            head_dots=int(row["print_width"] * density / 1000),
            graphics=row.get("graphics", "rle"),
            keeps=row.get("keeps", True),
            source=row["source"],
            quirks=frozenset(row.get("quirks", ())),
            code_pages=row.get("code_pages", {}),
            usb=tuple(row.get("usb", ())),
            ids=tuple(row.get("ids", ())),
        )
        if model.name in models or row.keys() - _KEYS or model.quirks - QUIRKS.keys():
            raise ValueError(
                f"models: {model.name} comes twice, or has a key or quirk of no meaning"
            )
        models[model.name] = model
    return models


def _read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(
        (files("gateway.drivers") / name).read_text("utf-8")
    )["model"]
    return rows


def find_model(name: str, language: str, density: Density) -> Model:
    """Return the model of that name, or for no name what any printer of the language can do.

    Raises:
        PrinterRefused: no model has that name, or it speaks or prints otherwise.
    """
    if not name:
        return Model(
            "",
            f"Any {language} printer",
            language,
            density,
            head_dots=int(UNNAMED_HEAD * density / 1000) if language in _WITH_A_HEAD else None,
            quirks=_ANY.get(language, frozenset()),
        )
    model = load_models().get(name)
    if model is None:
        near = get_close_matches(name[:80].lower(), load_models(), cutoff=0.5) or _ANY_ZPL
        raise PrinterRefused(
            f"{name[:80]!r} is not a known printer model; leave the model out, or give one such as "
            f"{' or '.join(sorted(near))}.",
            model=name,
        )
    if (model.language, model.density) != (language, density):
        raise PrinterRefused(
            f"A {model.title} speaks {model.language} at {format_density(model.density)} dots per "
            f"mm, and the printer is set to {language} at {format_density(density)}; correct the "
            "model, or language and density.",
            model=name,
        )
    return model
