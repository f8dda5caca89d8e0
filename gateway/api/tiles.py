"""``POST /v1/editor/tiles``: a label that somebody works on, as tiles of ink in whole dots.

    document, printer or density, fields ──drafting.sketch──► places, tiles, problems, fixes

An editor shows the tiles where they are said to be and has the print, dot for dot; it moves them
without asking. It names the tiles it ``have``s, so that an answer brings only the ink that is new.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from gateway.api.access import needs
from gateway.api.changes import JsonObject
from gateway.api.parts import Parts
from gateway.api.problems import slug
from gateway.api.reading import refuse_unknown, say
from gateway.api.showing import Json, answer
from gateway.drawing import model_of, moment
from gateway.drivers.languages import load_language
from gateway.errors import InputRefused
from gateway.label import Commands, Tile
from gateway.store.engine import now
from gateway.units import format_density, parse_density

if TYPE_CHECKING:
    from gateway.templates.drafting import Problem, Sketch

KEYS = ("document", "printer", "density", "fields", "have")

NOT_SHOWN = "not_shown"
"""The code of what is no refusal: an element without a picture."""

MOST_HAVE = 4000
"""Tiles an editor may name: eight labels of the most elements there can be."""


def tile_routes(parts: Parts) -> APIRouter:
    """Return the route of the editor's tiles."""
    router = APIRouter(prefix="/v1/editor", tags=["editor"])

    @router.post("/tiles", dependencies=[needs("read")], summary="Draw a label element by element")
    async def tiles(body: JsonObject) -> Response:
        """A `document` that need not be finished, drawn for a `printer`'s head or a `density` (8)
        with the values of `fields` (a field that is left out has its example). The answer has each
        element's place in dots (`x`, `y`, `width`, `height`) and its `parts`: tiles at `dx`, `dy`
        from the place. `tiles` has the ink of each as a PNG with clear paper, but for those that
        the caller names in `have`. `problems` says what would be refused at printing and the
        `fixes` that mend it: keys of elements to `set`. Nothing is stored and no counter moves."""
        refuse_unknown(body, KEYS, "A drawing of tiles")
        have = body.get("have", [])
        if not isinstance(have, list) or len(have) > MOST_HAVE:
            raise InputRefused(
                f"'have' must be a list of at most {MOST_HAVE} names of tiles, got {say(have)}.",
                key="have",
            )
        return answer(await parts.away(lambda: show_sketch(draw(body), frozenset(map(str, have)))))

    def draw(body: Mapping[str, Any]) -> Sketch:
        from gateway.templates.binding import Moment
        from gateway.templates.layout import Head

        document, fields = body.get("document"), body.get("fields")
        if not isinstance(document, dict):
            raise InputRefused(
                f"'document' must be a template's document, got {say(document)}.", key="document"
            )
        if fields is not None and not isinstance(fields, dict):
            raise InputRefused(f"'fields' must be an object, got {say(fields)}.", key="fields")
        if (name := body.get("printer")) is not None:
            printer = parts.printers.find(str(name))
            head = Head(printer.density, model_of(printer).head_dots or None)
        else:
            head = Head(parse_density(body.get("density", 8)))
        counters = parts.jobs.counters(str(document.get("name", "")))
        at = moment(now(), parts.zone(), Moment)
        return parts.drawing.sketch(document, head, fields or {}, at, counters)

    return router


def show_sketch(sketch: Sketch, have: frozenset[str]) -> Json:
    """Return a sketch as the editor reads it."""
    tiles: dict[str, str] = {}
    elements: list[Json] = []
    unseen: list[Json] = []
    for one in sketch.elements:
        shown: list[Json] = []
        for part in one.parts:
            if isinstance(part.element, Commands):
                unseen.append(_not_shown(one.id, part.element))
                continue
            tile = part.element.tile
            name = tile_name(tile)
            if name not in have and name not in tiles:
                tiles[name] = _ink(tile)
            shown.append(
                {
                    "dx": part.dx, "dy": part.dy, "width": tile.width, "height": tile.height,
                    "tile": name,
                }
            )  # fmt: skip
        elements.append(
            {
                "id": one.id, "x": one.x, "y": one.y, "width": one.width, "height": one.height,
                "parts": shown, "says": one.says, "module": one.module, "size": one.size,
            }
        )  # fmt: skip
    return {
        "width": sketch.width,
        "height": sketch.height,
        "density": format_density(sketch.density),
        "elements": elements,
        "tiles": tiles,
        "problems": [*(show_problem(one) for one in sketch.problems), *unseen],
        "values": dict(sketch.values),
        "prints": sketch.label is not None,
    }


def _not_shown(name: str, element: Commands) -> Json:
    """Return what is said of an element that only a printer can draw; it stops no print."""
    return {
        "element": name,
        "code": NOT_SHOWN,
        "sentence": f"{name!r} holds printer commands, which no picture shows: only a printer that "
        f"speaks {load_language(element.language).title} prints them.",
        "facts": {"language": element.language},
        "fixes": [],
    }


def show_problem(problem: Problem) -> Json:
    """Return what is the matter with a label: a sentence, and what would mend it."""
    return {
        "element": problem.element,
        "code": slug(type(problem.refusal)),
        "sentence": problem.refusal.detail,
        "facts": {k: v for k, v in problem.refusal.facts.items() if isinstance(v, str | int)},
        "fixes": [
            {"kind": fix.kind, "value": fix.value, "set": {k: dict(v) for k, v in fix.set.items()}}
            for fix in problem.fixes
        ],
    }


def tile_name(tile: Tile) -> str:
    """Return what names a tile's ink: equal names mean equal dots."""
    size = f"{tile.width}x{tile.height}:".encode()
    return hashlib.sha256(size + tile.ink).hexdigest()[:24]


def _ink(tile: Tile) -> str:
    from gateway.drivers.languages.png import png

    return base64.b64encode(png(tile, clear=True)).decode()
