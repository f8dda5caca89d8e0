"""``POST /v1/editor/begin``: the label a new one begins with, laid out for the stock there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject
from gateway.api.job_body import check_words
from gateway.api.parts import Parts
from gateway.api.printer_body import LARGEST, SMALLEST
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import answer
from gateway.errors import InputRefused
from gateway.store.names import check_name
from gateway.units import Density, parse_density

if TYPE_CHECKING:
    from gateway.templates.beginning import Purpose

KEYS = ("purpose", "width", "height", "printer", "density", "name", "title")


def beginning_routes(parts: Parts) -> APIRouter:
    """Return the route of a new label's first layout."""
    router = APIRouter(prefix="/v1/editor", tags=["templates"])

    @router.post("/begin", dependencies=[needs("read")], summary="Lay out a new label")
    async def begin_label(body: JsonObject) -> Response:
        """A document for a `purpose` (`serial`, `item`, `location`, `lot`, `shipping`, `blank`) and
        stock of `width` × `height` micrometres, laid out for the head of a `printer` or a
        `density` (8). Nothing is stored: save it as a draft, or as a version."""
        refuse_unknown(body, KEYS, "A new label")
        purpose = _purpose(body)
        width, height = _side(body, "width"), _side(body, "height")
        name = body.get("name") or ""
        if name:
            check_name(str(name), "template")
        title = check_words(body.get("title") or "", "title")
        density = _density(parts, body)

        def lay_out() -> dict[str, Any]:
            from gateway.templates.beginning import begin

            return begin(purpose, width, height, density, str(name), title)

        return answer({"document": await parts.away(lay_out)})

    return router


def _purpose(body: Mapping[str, Any]) -> Purpose:
    from gateway.templates.beginning import PURPOSES

    for purpose in PURPOSES:
        if body.get("purpose") == purpose:
            return purpose
    raise InputRefused(
        f"'purpose' must be one of {', '.join(PURPOSES)}, got {say(body.get('purpose'))}.",
        key="purpose",
    )


def _side(body: Mapping[str, Any], key: str) -> int:
    value = body.get(key)
    if type(value) is int and SMALLEST <= value <= LARGEST:
        return value
    raise InputRefused(
        f"{key!r} must be {SMALLEST} to {LARGEST} micrometres of stock, got {say(value)}.", key=key
    )


def _density(parts: Parts, body: Mapping[str, Any]) -> Density:
    name = body.get("printer")
    if name is None:
        return parse_density(body.get("density", 8))
    if "density" in body:
        raise InputRefused("'density' is the printer's own; leave it out.", key="density")
    return parts.printers.find(str(name)).density
