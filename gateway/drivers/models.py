"""Printer models: rows of ``models.toml``, and what is assumed of a printer without a row.

>>> from gateway.units import parse_density
>>> find_model("zd421-203", "zpl", parse_density(8)).head_dots
832
>>> find_model("", "zpl", parse_density(12)).graphics
'rle'
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

from gateway.drivers.languages.page import Model
from gateway.errors import PrinterRefused
from gateway.units import Density, format_density, parse_density

_ANY_ZPL = ["generic-zpl-203", "generic-zpl-300"]
"""Models to name when none has a name like the one that was given."""

_KEYS = {"name", "title", "language", "density", "print_width", "graphics", "keeps", "source"}


@cache
def load_models() -> dict[str, Model]:
    """Return all models by name."""
    rows = tomllib.loads((files("gateway.drivers") / "models.toml").read_text("utf-8"))["model"]
    models: dict[str, Model] = {}
    for row in rows:
        density = parse_density(row["density"])
        model = Model(
            name=row["name"],
            title=row["title"],
            language=row["language"],
            density=density,
            # Down to whole dots: ink beyond the head would be lost.
            head_dots=int(row["print_width"] * density / 1000),
            graphics=row["graphics"],
            keeps=row.get("keeps", True),
            source=row["source"],
        )
        if model.name in models or row.keys() - _KEYS:
            raise ValueError(f"models.toml: {model.name} comes twice, or has a key of no meaning")
        models[model.name] = model
    return models


def find_model(name: str, language: str, density: Density) -> Model:
    """Return the model of that name, or for no name what any printer of the language can do.

    Raises:
        PrinterRefused: no model has that name, or it speaks or prints otherwise.
    """
    if not name:
        return Model("", f"Any {language} printer", language, density)
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
