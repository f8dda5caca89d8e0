"""What forms offer to choose from: printers, templates, locations."""

from __future__ import annotations

from typing import NamedTuple

from gateway.console.asking import Api, Declined
from gateway.console.listing import Choices

MOST_PLACES = 200
"""Locations that a field offers while one types; any other can be typed."""


class Templates(NamedTuple):
    """Templates of labels, by what they can show."""

    serials: Choices
    items: Choices


async def printers(api: Api) -> Choices:
    """Return all printers and pools; none to those who may not see them."""
    found: list[tuple[str, str]] = []
    for path in ("/v1/printers", "/v1/pools"):
        try:
            found += [(one["name"], one["name"]) for one in (await api.get(path))["items"]]
        except Declined:
            continue
    return found


async def templates(api: Api) -> Templates:
    """Return the templates that show a serial, and those that show an item and need no serial.

    The built-in one that is meant for it stands first.
    """
    serials: list[tuple[str, str]] = []
    items: list[tuple[str, str]] = []
    for one in (await api.get("/v1/templates", limit=500))["items"]:
        needed = {field["name"]: field["required"] for field in one["fields"]}
        choice = (one["name"], one["title"] or one["name"])
        if "serial" in needed:
            serials.append(choice)
        elif "item" in needed and not {name for name in needed if needed[name]} - {"item", "name"}:
            items.append(choice)
    serials.sort(key=lambda choice: choice[0] != "serial")
    items.sort(key=lambda choice: choice[0] != "item-label")
    return Templates(serials, items)


async def serial_templates(api: Api) -> Choices:
    """Return the templates that show a serial."""
    return (await templates(api)).serials


async def item_templates(api: Api) -> Choices:
    """Return the templates that show an item and need no serial."""
    return (await templates(api)).items


async def places(api: Api) -> list[str]:
    """Return the codes of active locations, the first of them where there are very many."""
    found = await api.get("/v1/locations", active=1, limit=MOST_PLACES)
    return [one["code"] for one in found["items"]]


def or_first(chosen: str, choices: Choices) -> str:
    """Return what was chosen if it can be, else the first choice; empty where there is none.

    >>> or_first("b", [("a", "A"), ("b", "B")]), or_first("x", [("a", "A")]), or_first("x", [])
    ('b', 'a', '')
    """
    names = [name for name, _ in choices]
    return chosen if chosen in names else next(iter(names), "")
