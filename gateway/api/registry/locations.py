"""Locations over HTTP: a tree of sites, zones and bins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.api.access import needs
from gateway.api.parts import Parts
from gateway.api.registry.coded import Noun, add_coded_routes
from gateway.api.registry.saving import (
    After,
    Begins,
    Limit,
)
from gateway.api.showing import Json, answer, page_of, rfc3339
from gateway.errors import InputRefused
from gateway.registry.places import KINDS, Location

RIGHT = "registry:location"


def location_routes(parts: Parts) -> APIRouter:
    """Return the routes of locations."""
    router = APIRouter(prefix="/v1/locations", tags=["locations"])
    store = parts.registry.places

    def show_whole(location: Location) -> Json:
        # The codes from the site down to it.
        return show_location(location) | {"path": store.path(location.code)}

    @router.get("", dependencies=[needs("read")], summary="List locations")
    async def list_locations(
        q: Begins = None,
        kind: str | None = None,
        parent: Annotated[
            str | None, Query(description="What is right inside it; empty: inside nothing.")
        ] = None,
        active: bool | None = None,
        after: After = None,
        limit: Limit = 100,
    ) -> Response:
        if kind is not None and kind not in KINDS:
            raise InputRefused(
                f"'kind' must be one of {', '.join(KINDS)}, got {kind[:40]!r}.", key="kind"
            )
        found = store.page(after, limit, q=q, kind=kind, parent=parent, active=active)
        return answer(page_of(found, limit, show_location, lambda one: one.code))

    add_coded_routes(
        router, parts, store,
        Noun(
            "location", "locations", RIGHT, show_location, show_whole,
            "What is left out stays as it was. One that holds goods, or active locations, cannot "
            "be made inactive; one that is inactive receives nothing.",
        ),
    )  # fmt: skip
    return router


def show_location(location: Location) -> Json:
    """Return a location as ``PUT`` takes it, with what else is known of it."""
    return {
        "code": location.code,
        "name": location.name,
        "kind": location.kind,
        "parent": location.parent,
        "active": location.active,
        "gln": location.gln,
        "barcode": location.barcode,
        "external_id": location.external_id,
        "fields": dict(location.fields),
        "version": location.version,
        "created_at": rfc3339(location.created_at),
        "changed_at": rfc3339(location.changed_at),
        "links": {
            "self": f"/v1/locations/{location.code}",
            "inside": f"/v1/locations?parent={location.code}",
            "serials": f"/v1/locations/{location.code}/serials",
        },
    }
