"""A printer's settings from a body: every value checked, one sentence for each wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, cast, get_args

from gateway.api.reading import refuse_unknown, say
from gateway.errors import PrinterRefused
from gateway.printers import AS_IT_IS, Finish, Media, Printer, Setup, Tracking
from gateway.store.printers import PrinterSettings
from gateway.units import Um, parse_density, say_length

KEYS = (
    "url",
    "language",
    "density",
    "media",
    "model",
    "evidence",
    "mode",
    "options",
    "setup",
    "name",
)

SMALLEST, LARGEST = 2_000, 2_000_000
"""µm of stock: jewellery tags are 6 mm, a banner is 2 m."""

LONGEST_STOCK = 80

FARTHEST_OFFSET = 20_000
"""µm: more than 20 mm is no alignment but another label."""

LARGEST_OPTIONS = 10_000
"""Characters of options as JSON."""


def parse_printer(body: Mapping[str, Any], was: Printer | None) -> PrinterSettings:
    """Return a printer's settings from a body; what it leaves out stays as it was.

    Raises:
        PrinterRefused, UnitRefused: a value is missing or cannot be right.
    """
    from gateway.drivers.languages import load_language
    from gateway.drivers.models import find_model
    from gateway.drivers.transports import check_url

    refuse_unknown(body, KEYS, "A printer")
    url = body.get("url", was.url if was else None)
    if not isinstance(url, str):
        raise PrinterRefused(
            "A printer needs a 'url' such as tcp://10.0.0.7:9100"
            + ("." if url is None else f", got {say(url)}."),
            key="url",
        )
    language = _text(body, "language", was.language if was else "zpl")
    if load_language(language).split is None:
        raise PrinterRefused(
            f"{language!r} is for previews; a printer's language is one it understands, such as "
            "zpl.",
            language=language,
        )
    density = (
        parse_density(body["density"])
        if "density" in body
        else (was.density if was else parse_density(8))
    )
    model = _text(body, "model", was.model if was else "")
    find_model(model, language, density)
    return PrinterSettings(
        url=check_url(url),
        language=language,
        density=density,
        media=_media(body.get("media"), was),
        model=model,
        evidence=cast(
            Literal["auto", "none"],
            _choice(body, "evidence", ("auto", "none"), was.evidence if was else "auto"),
        ),
        mode=cast(
            Literal["exact", "native"],
            _choice(body, "mode", ("exact", "native"), was.mode if was else "exact"),
        ),
        options=_options(body.get("options"), was),
        setup=_setup(body.get("setup"), was.setup if was else AS_IT_IS),
    )  # fmt: skip


def _text(body: Mapping[str, Any], key: str, standard: str) -> str:
    value = body.get(key, standard)
    if isinstance(value, str) and len(value) <= 200 and value.isprintable():
        return value
    raise PrinterRefused(f"A printer's {key!r} must be a short text, got {say(value)}.", key=key)


def _choice(body: Mapping[str, Any], key: str, choices: Sequence[str], standard: str) -> str:
    value = body.get(key, standard)
    if isinstance(value, str) and value in choices:
        return value
    raise PrinterRefused(
        f"A printer's {key!r} must be {_either(choices)}, got {say(value)}.", key=key
    )


def _media(media: object, was: Printer | None) -> Media:
    if media is None:
        if was is None:
            raise PrinterRefused(
                'A printer needs its \'media\': {"width": 100000, "height": 50000} is 100 × 50 mm.',
                key="media",
            )
        return was.media
    if not isinstance(media, dict):
        raise PrinterRefused(
            f"A printer's 'media' must be an object with width and height, got {say(media)}.",
            key="media",
        )
    refuse_unknown(media, ("width", "height", "stock"), "The media")
    for side in ("width", "height"):
        value = media.get(side)
        if type(value) is not int or not SMALLEST <= value <= LARGEST:
            raise PrinterRefused(
                f"The media's {side} must be whole micrometres from {SMALLEST} "
                f"({say_length(SMALLEST)}) to {LARGEST} ({say_length(LARGEST)}), got {say(value)}.",
                key=f"media.{side}",
            )
    stock = media.get("stock", was.media.stock if was else "")
    if not isinstance(stock, str) or len(stock) > LONGEST_STOCK or not stock.isprintable():
        raise PrinterRefused(
            f"The media's 'stock' must be a name of at most {LONGEST_STOCK} characters on one "
            f"line, such as a part number, got {say(stock)}.",
            key="media.stock",
        )
    return Media(Um(media["width"]), Um(media["height"]), stock)


def _setup(value: object, was: Setup) -> Setup:
    """Return how a printer is set: what is left out stays, null is as the printer itself is."""
    if value is None:
        return was
    if not isinstance(value, dict):
        raise PrinterRefused(
            "A printer's 'setup' must be an object such as {\"darkness\": 60}, got "
            f"{say(value)}.",
            key="setup",
        )
    refuse_unknown(
        value, ("tracking", "gap", "darkness", "speed", "finish", "offset"), "A printer's setup"
    )
    chosen: dict[str, Any] = {}
    for key, choices in (("tracking", get_args(Tracking)), ("finish", get_args(Finish))):
        if key in value:
            chosen[key] = None if value[key] is None else _choice(value, key, choices, "")
    for key, least, most, unit in (
        ("gap", 0, 50_000, "µm"),
        ("darkness", 0, 100, "percent of what the printer can"),
        ("speed", 10_000, 600_000, "µm a second"),
    ):
        if key in value:
            optional = key != "gap" and value[key] is None
            chosen[key] = None if optional else _whole(value[key], key, least, most, unit)
    offset = value.get("offset")
    if offset is not None:
        if not isinstance(offset, dict):
            raise PrinterRefused(
                f"A printer's offset must be an object with x and y, got {say(offset)}.",
                key="setup.offset",
            )
        refuse_unknown(offset, ("x", "y"), "A printer's offset")
        for side, amount in offset.items():
            chosen[f"offset_{side}"] = _whole(
                amount, f"offset.{side}", -FARTHEST_OFFSET, FARTHEST_OFFSET, "µm"
            )
    return replace(was, **chosen)


def _whole(value: object, key: str, least: int, most: int, unit: str) -> int:
    if type(value) is int and least <= value <= most:
        return value
    raise PrinterRefused(
        f"A printer's {key} must be a whole number from {least} to {most} ({unit}), got "
        f"{say(value)}.",
        key=f"setup.{key}",
    )


def _either(choices: Sequence[str]) -> str:
    *some, last = map(repr, choices)
    return f"{', '.join(some)} or {last}"


def _options(options: object, was: Printer | None) -> Mapping[str, object]:
    if options is None:
        return was.options if was else {}
    import json

    if not isinstance(options, dict) or len(json.dumps(options)) > LARGEST_OPTIONS:
        raise PrinterRefused(
            f"A printer's 'options' must be a small object, got {say(options)}.", key="options"
        )
    return options
