"""``/v1/label-stocks``: the rolls that people buy, by maker and part number, and one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from gateway.api.access import Who, needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.printer_body import LARGEST, SMALLEST
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, answer, listed
from gateway.errors import InputRefused
from gateway.store.label_stocks import delete_stock, find_stock, keep_stock, own_stocks
from gateway.templates.stocks import (
    MATERIALS,
    MOST_ACROSS,
    SHAPES,
    TRACKINGS,
    Stock,
    load_stocks,
)
from gateway.units import Um

KEYS = (
    "title", "maker", "part", "width", "height", "tracking", "material", "shape", "across", "core",
)  # fmt: skip

LONGEST_TEXT = 80

LARGEST_CORE = 200_000
"""µm: cores are 12.7 to 76.2 mm."""


def label_stock_routes(parts: Parts) -> APIRouter:
    """Return the routes of label stocks."""
    router = APIRouter(prefix="/v1/label-stocks", tags=["templates"])

    @router.get("", dependencies=[needs("read")], summary="Label stocks: packaged ones and own")
    async def list_stocks() -> Response:
        """Own ones first, then sizes without a maker, then makers' rolls. Lengths are
        micrometres; `height` 0 is a roll that is cut where the label ends. `source` says where a
        part number and its size are documented."""
        own = own_stocks(parts.database.reader().execute)
        shown = [show_stock(one, own=True) for one in own]
        shown += [show_stock(one) for one in load_stocks().values()]
        return answer(listed(shown))

    @router.get("/{name}", dependencies=[needs("read")], summary="One label stock")
    async def get_stock(name: str) -> Response:
        stock, own = find_stock(parts.database.reader().execute, name)
        return answer(show_stock(stock, own=own))

    @router.put("/{name}", dependencies=[needs("templates")], summary="Keep a stock of your own")
    async def put_stock(name: str, body: JsonObject, who: Who) -> Response:
        """`width` and `height` in micrometres are needed (`height` not for `continuous` stock);
        `tracking` (`gap`), `material`, `shape`, `across`, `core`, `maker`, `part` and `title` may
        say more."""
        stock = read_stock(name, body)
        new = await parts.database.write(lambda t: keep_stock(t, stock, who.name))
        headers = {"location": f"/v1/label-stocks/{name}"} if new else {}
        return answer(show_stock(stock, own=True), 201 if new else 200, headers)

    @router.delete(
        "/{name}", dependencies=[needs("templates")], summary="Delete a stock of your own"
    )
    async def remove_stock(name: str) -> Response:
        await parts.database.write(lambda t: delete_stock(t, name))
        return Response(status_code=204)

    return router


def show_stock(stock: Stock, *, own: bool = False) -> Json:
    """Return a stock as JSON: what it is, what it is called, and its size as it is sold."""
    return {
        "name": stock.name,
        "label": stock.label,
        "size": stock.size,
        "own": own,
        **{key: getattr(stock, key) for key in KEYS},
        "source": stock.source or None,
        "links": {"self": f"/v1/label-stocks/{stock.name}"},
    }


def read_stock(name: str, body: Mapping[str, Any]) -> Stock:
    """Return the stock a body describes.

    Raises:
        InputRefused: a value is missing or cannot be right.
    """
    refuse_unknown(body, KEYS, "A label stock")
    tracking = _one_of(body, "tracking", TRACKINGS, "gap")
    endless = tracking == "continuous"
    return Stock(
        name=name,
        width=_length(body, "width", SMALLEST, LARGEST, None),
        height=_length(body, "height", 0 if endless else SMALLEST, LARGEST, 0 if endless else None),
        maker=_text(body, "maker"),
        part=_text(body, "part"),
        title=_text(body, "title"),
        tracking=tracking,  # type: ignore[arg-type]
        material=_one_of(body, "material", MATERIALS, ""),  # type: ignore[arg-type]
        shape=_one_of(body, "shape", SHAPES, "rectangle"),  # type: ignore[arg-type]
        across=int(_length(body, "across", 1, MOST_ACROSS, 1)),
        core=_length(body, "core", 0, LARGEST_CORE, 0),
    )


def _length(body: Mapping[str, Any], key: str, least: int, most: int, standard: int | None) -> Um:
    value = body.get(key, standard)
    if type(value) is int and least <= value <= most:
        return Um(value)
    unit = "" if key == "across" else " micrometres"
    raise InputRefused(
        f"A label stock's {key!r} must be {least} to {most}{unit}, got {say(value)}.", key=key
    )


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key, "")
    if isinstance(value, str) and len(value) <= LONGEST_TEXT and value.isprintable():
        return value.strip()
    raise InputRefused(
        f"A label stock's {key!r} must be a text of up to {LONGEST_TEXT} characters, got "
        f"{say(value)}.",
        key=key,
    )


def _one_of(body: Mapping[str, Any], key: str, choices: tuple[str, ...], standard: str) -> str:
    value = body.get(key, standard)
    if isinstance(value, str) and value in choices:
        return value
    said = ", ".join(repr(one) for one in choices)
    raise InputRefused(f"A label stock's {key!r} must be one of {said}; got {say(value)}.", key=key)
