"""What is proposed of a printer that was asked, and the sentence that says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gateway.drivers.finding.matching import guess_model
from gateway.drivers.identifying.asking import Traits
from gateway.drivers.ieee1284 import DeviceId
from gateway.drivers.languages.page import Model
from gateway.drivers.models import load_models
from gateway.printers import Media, Printer, Tracking
from gateway.units import Density, format_density, parse_density, say_length, to_um

Sureness = Literal["sure", "likely", "unknown"]
"""sure: it answered in its language. likely: only its name tells. unknown: nothing tells."""

NAMES: Mapping[str, str] = {
    "zpl": "ZPL",
    "escpos": "ESC/POS",
    "tspl": "TSPL",
    "epl": "EPL2",
    "cpcl": "CPCL",
    "sbpl": "SBPL",
    "dpl": "DPL",
    "brother-ql": "Brother's raster commands",
}
"""What people call the languages."""

SMALLEST, LARGEST = 2_000, 2_000_000
"""µm of stock that can be: what is beyond was never measured."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a printer would be set up. Nothing is set up by it."""

    url: str
    sentence: str
    """For people: what it is, and what is still to be said."""
    sure: Sureness = "unknown"
    language: str = ""
    """Empty when it is not known."""
    density: Density | None = None
    model: Model | None = None
    media: Media | None = None
    tracking: Tracking | None = None
    said: Mapping[str, str] = field(default_factory=dict)
    """The device's own words, cleaned. Not to be trusted."""
    printer: str = ""
    """The printer's name when the device is set up already."""


def propose(url: str, traits: Traits, told: DeviceId, usb_id: str, sure: Sureness) -> Proposal:
    """Return the proposal that follows from what a printer said in its language and beside it."""
    maker = traits.manufacturer or told.manufacturer
    kind = traits.model or told.model
    model = guess_model(maker, kind, (traits.language,), usb_id, traits.density) or guess_model(
        told.manufacturer, told.model, (traits.language,), "", traits.density
    )
    if model is not None and model.language != traits.language:
        # It answered in another language than its kind usually speaks: the answer is true.
        model = None
    density = traits.density or (model.density if model else None)
    media = None
    if traits.width is not None and traits.height is not None:
        sides = traits.width, traits.height
        if all(SMALLEST <= side <= LARGEST for side in sides):
            media = Media(*sides)
    said = dict(traits.said)
    for name, words in (
        ("manufacturer", told.manufacturer),
        ("model", told.model),
        ("serial", told.serial),
    ):
        if words and name not in said:
            said[name] = words
    return Proposal(
        url,
        _sentence(traits.language, model, kind, density, media, sure, traits),
        sure,
        traits.language,
        density,
        model,
        media,
        traits.tracking,
        said,
    )


def recall(printer: Printer, told: Mapping[str, str]) -> Proposal:
    """Return what a printer that is set up has said to its own thread; nothing is asked.

    A device has one owner: a second connection would come between its labels.
    """
    dots = told.get("dots_per_mm", "")
    density = printer.density
    if dots.isascii() and dots.isdecimal() and 0 < int(dots) < 48:
        density = parse_density(int(dots))
    kind = told.get("model", "")
    maker = told.get("manufacturer", "")
    model = guess_model(maker, kind, (printer.language,), "", density)
    if model is None or model.language != printer.language:
        model = load_models().get(printer.model)
    what = _what(model, kind)
    heard = f"It said it is {what}" if what and told else "It has said nothing of itself yet"
    return Proposal(
        printer.url,
        f"This is printer {printer.name!r}, which is set up and has an owner, so it was not asked "
        f"again. {heard}.",
        "sure" if told else "likely",
        printer.language,
        density,
        model,
        printer.media,
        printer.setup.tracking,
        dict(told),
        printer.name,
    )


def _what(model: Model | None, kind: str) -> str:
    if model is not None:
        title = model.title
        return f"the {title[4:]}" if title.startswith("The ") else f"a {title}"
    return f"a printer that calls itself {kind}" if kind else ""


def _sentence(
    language: str,
    model: Model | None,
    kind: str,
    density: Density | None,
    media: Media | None,
    sure: Sureness,
    traits: Traits,
) -> str:
    name = NAMES.get(language, language)
    what = _what(model, kind)
    does = "speaks" if sure == "sure" else "most likely speaks"
    sentence = f"It is {what}, and {does} {name}" if what else f"It {does} {name}"
    if density is not None:
        dots = format_density(density)
        sentence += f" at {dots} dots per mm" if isinstance(dots, int) else f" at {dots}"
    if sure == "likely":
        sentence += ", though it did not answer"
    if media is not None:
        size = f"{say_length(media.width)} x {say_length(media.height)}"
        sentence += f", with labels of {size} as it measures them"
        head = to_um(model.head_dots, model.density) if model and model.head_dots else 0
        if abs(head - media.width) < 1000:
            sentence += "; that is as wide as its head, so measure the label"
    elif traits.width is not None:
        sentence += f", with stock {say_length(traits.width)} wide"
    missing = [
        words
        for words, unknown in (
            ("its density", density is None),
            ("its label's size", media is None),
        )
        if unknown
    ]
    if missing:
        sentence += f"; say {' and '.join(missing)} yourself"
    return sentence + "."
