"""Printers that this gateway runs itself: what a body must say to get one, to change it, to end it.

``{"url": "virtual:"}`` asks for one. What is stored is an address on this computer, where it is a
printer like any other, and the option ``virtual``, which says whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from gateway.errors import PrinterRefused
from gateway.printers import Printer
from gateway.units import format_density, parse_density

URL = "virtual:"
"""What stands for the address of a printer that is still to be made."""

OPTION = "virtual"
"""The printer's option that says: this gateway runs it."""


def is_virtual(printer: Printer | None) -> bool:
    """Return whether this gateway runs the printer."""
    return printer is not None and printer.options.get(OPTION) is True


def fill_virtual(
    body: Mapping[str, Any], was: Printer | None, free_url: Callable[[], str]
) -> dict[str, Any]:
    """Return a printer's body with all that a virtual printer needs; of others as it came.

    ``free_url()`` is an address at which none listens. A virtual printer that is given another
    address is none any more.

    Raises:
        PrinterRefused: the body says both that it is virtual and where another device is.
        InputRefused: virtual printers do not speak the language.
    """
    wanted, url, options = dict(body), body.get("url"), body.get("options")
    ours = was is not None and is_virtual(was)
    asked = isinstance(options, dict) and options.get(OPTION) is True
    kept = options if options is not None else (was.options if was else {})
    if url == URL or (asked and url is None):
        asked, url = True, was.url if was is not None and ours else free_url()
        wanted["url"] = url
    if not isinstance(kept, Mapping):
        return wanted  # refused where all bodies are
    if asked and not _is_here(url):
        from gateway.api.reading import say  # late: it brings the HTTP framework along

        raise PrinterRefused(
            f"The option 'virtual' says that the gateway runs this printer, and its url is "
            f'{say(url)}; leave the option out, or give the url "{URL}".',
            key="options.virtual",
        )
    if not asked and not (was is not None and ours and url in (None, was.url)):
        if ours:
            wanted["options"] = {key: value for key, value in kept.items() if key != OPTION}
        return wanted
    wanted["options"] = {**kept, OPTION: True}
    _fill_make(wanted, was)
    return wanted


def _is_here(url: object) -> bool:
    return isinstance(url, str) and url.startswith("tcp://127.0.0.1:")


def _fill_make(wanted: dict[str, Any], was: Printer | None) -> None:
    """Fill in what nobody says: of the model, of what it was, or what is usual."""
    from gateway.drivers.models import load_models
    from gateway.drivers.virtual.usual import has_heads_of, usual_make

    model = wanted.get("model")
    row = load_models().get(model) if isinstance(model, str) else None
    if row is not None:  # a model says what it speaks
        wanted.setdefault("language", row.language)
    language = wanted.get("language", was.language if was else "zpl")
    if not isinstance(language, str):
        return  # refused where all bodies are
    named = row.name if row is not None and row.language == language else ""
    usual = usual_make(language, named)
    if row is not None:
        wanted.setdefault("density", format_density(row.density))
    elif was is not None and was.language != language and not has_heads_of(language, was.density):
        wanted.setdefault("density", format_density(usual.density))
        wanted.setdefault("media", _sides(usual.media.width, usual.media.height))
    if was is None:
        wanted.setdefault("language", language)
        wanted.setdefault("density", format_density(usual.density))
        wanted.setdefault("media", _sides(usual.media.width, usual.media.height))
    elif was.model and (
        language != was.language
        or ("density" in wanted and parse_density(wanted["density"]) != was.density)
    ):
        wanted.setdefault("model", "")  # the old model is not the new machine's


def _sides(width: int, height: int) -> dict[str, int]:
    return {"width": width, "height": height}


def port_of(url: str) -> int:
    """Return the port of a virtual printer's address, 0 where it has none."""
    return urlsplit(url).port or 0
