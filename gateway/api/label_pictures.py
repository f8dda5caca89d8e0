"""Pictures of stored labels: as a version, a draft or what waits prints, and two over each other.

    name, version ──drawn for a head, with example values──► picture.png
    from, to ──both with the same values, for the same head──► compare.png, and its counts

They are drawn by what draws the print. A version's picture shows the moment at which the version
was first saved, so it stays the same, and a page with a hundred of them asks once a day. Not for
ever: the next version of the gateway may draw better.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import APIRouter, Header, Query, Response

from gateway import __version__
from gateway.api.access import needs
from gateway.api.etags import etag
from gateway.api.parts import Parts
from gateway.api.reading import parse_object
from gateway.api.showing import Json, answer
from gateway.drawing import model_of, moment
from gateway.errors import InputRefused, UnknownTemplate
from gateway.label import Tile, draw, overlay
from gateway.store.engine import now
from gateway.units import format_density, parse_density

if TYPE_CHECKING:
    from gateway.templates.drafting import Sketch
    from gateway.templates.layout import Head

T = TypeVar("T")

A_DAY = "private, max-age=86400"

DRAFT = "draft"
"""In the place of a version: the draft."""

Version = Annotated[
    str | None, Query(max_length=80, description="A number or a hash; the current one if none.")
]
Density_ = Annotated[str | None, Query(max_length=10, description="Dots/mm, or `180dpi`.")]
NoneMatch = Annotated[str | None, Header(alias="If-None-Match")]


@dataclass(frozen=True, slots=True)
class _Look:
    """A label's document at one state of it."""

    key: str
    """Equal keys mean equal documents."""
    document: Mapping[str, Any]
    at: int
    """The moment that its picture shows."""
    said: Json
    """What an answer says of it."""


def label_picture_routes(parts: Parts) -> APIRouter:
    """Return the routes of the pictures of stored labels."""
    router = APIRouter(prefix="/v1/templates/{name}", tags=["templates"])
    templates, drafts = parts.templates, parts.drafts

    @router.get(
        "/picture.png", dependencies=[needs("read")], summary="The picture of a stored label"
    )
    async def picture(
        name: str,
        version: Version = None,
        draft: Annotated[bool, Query(description="The draft instead of a version.")] = False,
        printer: Annotated[str | None, Query(description="For its head.")] = None,
        density: Density_ = None,
        fields: Annotated[
            str | None, Query(max_length=8000, description="A JSON object; examples if none.")
        ] = None,
        if_none_match: NoneMatch = None,
    ) -> Response:
        """Dot for dot as it prints, 1 bit a dot. What of a draft cannot be drawn is left out. With
        `version` as a hash, and nothing else but `density`, it may be kept for a day."""
        if draft and version is not None:
            raise InputRefused("Give either 'version' or 'draft', not both.", key="version")
        look = find(name, DRAFT if draft else version)
        head, key = head_of(printer, density)
        given = None if fields is None else parse_object(fields.encode())
        headers = {
            "cache-control": "no-cache",
            "etag": etag(f"{look.key[:32]}-{key}-{__version__}"),
        }
        if given is not None:
            headers = {"cache-control": "no-store"}
        elif version == look.key and printer is None:
            headers["cache-control"] = A_DAY
        if "etag" in headers and if_none_match is not None and headers["etag"] in if_none_match:
            return Response(status_code=304, headers=headers)
        at = look.at if given is None else now()

        def drawn() -> bytes:
            from gateway.drivers.languages.png import png

            return png(tile_of(look, head, given or {}, at), density=head.density)

        return Response(await parts.away(drawn), media_type="image/png", headers=headers)

    @router.get(
        "/compare.png",
        dependencies=[needs("read")],
        summary="Two versions over each other, as a picture",
    )
    async def compare_picture(
        name: str,
        before: Annotated[str, Query(alias="from", max_length=80)],
        after: Annotated[str, Query(alias="to", max_length=80)],
        printer: str | None = None,
        density: Density_ = None,
    ) -> Response:
        """Numbers, hashes, or `draft`. Two pixels a dot each way. Black: both print it. Dark red,
        solid: only `to` does. Light red, hatched: only `from` does. Grey: only one of the labels
        has paper there. Both are drawn for the same head, with the same values."""
        from gateway.templates.comparing import over_each_other  # late: few ask for it

        drawn, _ = await both(over_each_other, name, before, after, printer, density)
        return Response(drawn, media_type="image/png", headers={"cache-control": "no-cache"})

    @router.get(
        "/compare", dependencies=[needs("read")], summary="What differs between two versions"
    )
    async def compare_counts(
        name: str,
        before: Annotated[str, Query(alias="from", max_length=80)],
        after: Annotated[str, Query(alias="to", max_length=80)],
        printer: str | None = None,
        density: Density_ = None,
    ) -> Response:
        """How many dots only `from` prints (`gone`), how many only `to` does (`new`), and the
        smallest `rectangle` round them, in dots; null when they print the same."""
        from gateway.templates.comparing import compare  # late: few ask for it

        compared, shown = await both(compare, name, before, after, printer, density)
        box = compared.rectangle
        sides = ("x", "y", "width", "height")
        return answer(
            {
                **shown,
                "width": compared.width,
                "height": compared.height,
                "same_size": compared.same_size,
                "gone": compared.gone,
                "new": compared.new,
                "differing": compared.gone + compared.new,
                "rectangle": None if box is None else dict(zip(sides, box, strict=True)),
            }
        )

    # ------------------------------------------------------------ what is drawn

    def find(name: str, version: str | None) -> _Look:
        if version == DRAFT:
            draft, text = drafts.find(name)
            document = {"name": draft.name} | json.loads(text)
            said: Json = {"version": None, "number": None, "draft": True}
            return _Look(f"draft-{draft.tag}", document, draft.at, said)
        try:
            saved = templates.current(name) if version is None else templates.saved(name, version)
        except UnknownTemplate:
            # What waits for a second person has no number yet.
            waits = next((p for p in drafts.waiting() if p.name.lower() == name.lower()), None)
            if waits is None or version != waits.version:
                raise
            key, number = waits.version, None
        else:
            key, number = saved.version, saved.number
        document = json.loads(templates.document(key))
        said = {"version": key, "number": number, "draft": False}
        return _Look(key, document, templates.made_at(key), said)

    def head_of(printer: str | None, density: str | None) -> tuple[Head, str]:
        from gateway.templates.layout import Head

        if printer is None:
            head = Head(parse_density(8 if density is None else density))
            return head, str(format_density(head.density))
        if density is not None:
            raise InputRefused("'density' is the printer's own; leave it out.", key="density")
        found = parts.printers.find(printer)
        head = Head(found.density, model_of(found).head_dots or None)
        return head, f"{format_density(found.density)}-{head.width or ''}"

    def tile_of(look: _Look, head: Head, values: Mapping[str, object], at: int) -> Tile:
        from gateway.templates.binding import Moment

        shown = moment(at, parts.zone(), Moment)
        return _tile(parts.drawing.sketch(look.document, head, values, shown, {}))

    async def both(
        work: Callable[[Tile, Tile], T],
        name: str,
        before: str,
        after: str,
        printer: str | None,
        density: str | None,
    ) -> tuple[T, Json]:
        """Return what comes of two drawings, and what an answer says of them."""
        old, new = find(name, before), find(name, after)
        head, _ = head_of(printer, density)
        values = _examples(old.document) | _examples(new.document)

        def drawn() -> T:
            return work(*(tile_of(look, head, values, new.at) for look in (old, new)))

        return await parts.away(drawn), {
            "from": old.said, "to": new.said, "density": format_density(head.density),
        }  # fmt: skip

    return router


def _tile(sketch: Sketch) -> Tile:
    """Return a sketch's ink: the label's own, or as much of it as can be drawn."""
    if sketch.label is not None:
        return draw(sketch.label)
    placed = [
        replace(part.element, x=one.x + part.dx, y=one.y + part.dy)
        for one in sketch.elements
        for part in one.parts
    ]
    return overlay(sketch.width, sketch.height, placed)


def _examples(document: Mapping[str, Any]) -> dict[str, object]:
    """Return the example of each field that has one, however unfinished the document is."""
    fields = document.get("fields")
    return {
        field["name"]: field["example"]
        for field in (fields if isinstance(fields, list) else ())
        if isinstance(field, dict) and isinstance(field.get("name"), str) and field.get("example")
    }
